//! `[stores.vault]`, `[stores.aws]` and `[stores.NAME]`: the stores that are reached over a network.

mod aws;
mod login;
mod named;
#[cfg(feature = "schema")]
mod schema;
mod texts;
mod vault;
mod vault_auth;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use mcp_launch_core::Template;

pub(crate) use named::{NetworkStores, none_here};
pub(crate) use texts::NAME_PLACE;

/// A store that is reached over a network, as the person's own file describes it. What a file does not say
/// is not set here: the store's own variables and files may say it.
#[derive(Clone, Copy, Debug)]
pub enum NetworkStore<'a> {
    /// AWS Secrets Manager.
    Aws(&'a AwsStore),
    /// HashiCorp Vault or OpenBao.
    Vault(&'a VaultStore),
}

impl<'a> NetworkStore<'a> {
    /// Where its bare names stand: a locator in which `{name}` stands for the name.
    #[must_use]
    pub fn names(self) -> Option<&'a str> {
        match self {
            Self::Aws(store) => store.names.as_deref(),
            Self::Vault(store) => store.names.as_deref(),
        }
    }

    /// What `names` can be.
    pub(crate) fn names_example(self) -> &'static str {
        match self {
            Self::Aws(_) => "mcp/{name}",
            Self::Vault(_) => "secret/mcp#{name}",
        }
    }
}

/// One account and region of AWS Secrets Manager.
#[derive(Clone, Debug, Default)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(
    feature = "schema",
    schemars(
        default,
        deny_unknown_fields,
        transform = schema::aws_kind
    )
)]
pub struct AwsStore {
    /// A fixed key in place of the credential chain.
    #[cfg_attr(feature = "schema", schemars(flatten))]
    pub access_key: Option<AwsAccessKey>,
    /// Whether an endpoint on another machine may be reached over plain http.
    #[cfg_attr(feature = "schema", schemars(default))]
    pub allow_http: bool,
    /// How long an answer may be used again without asking: `10m`, from `1s` to `24h`. Without it, not at all.
    #[cfg_attr(feature = "schema", schemars(default, with = "crate::schema::AgeText"))]
    pub cache: Option<Duration>,
    /// Where Secrets Manager is, if not where AWS has it.
    #[cfg_attr(feature = "schema", schemars(default, with = "crate::schema::UrlText"))]
    pub endpoint_url: Option<String>,
    /// Where bare names stand, so that `order` can have this store: `mcp/{name}` or `mcp#{name}`.
    #[cfg_attr(
        feature = "schema",
        schemars(default, with = "crate::schema::NamesText")
    )]
    pub names: Option<String>,
    /// A profile of `~/.aws/config`. Without it, what the variables say.
    #[cfg_attr(feature = "schema", schemars(default, with = "String"))]
    pub profile: Option<String>,
    /// The region. Without it, what the variables, the profile or the machine say.
    #[cfg_attr(feature = "schema", schemars(default, with = "String"))]
    pub region: Option<String>,
    /// How old an answer may be that is used when AWS cannot be reached: `24h`, at most `30d`. Without it,
    /// none is used.
    #[cfg_attr(feature = "schema", schemars(default, with = "crate::schema::AgeText"))]
    pub stale: Option<Duration>,
}

/// An access key, each part a text with placeholders of local stores.
#[derive(Clone, Debug)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct AwsAccessKey {
    /// The key's identifier, `AKIA…`; it may be a placeholder of a local store.
    #[cfg_attr(
        feature = "schema",
        schemars(rename = "access_key_id", with = "String")
    )]
    pub id: Template,
    /// The secret half of the key, as a placeholder of a local store.
    #[cfg_attr(
        feature = "schema",
        schemars(rename = "secret_access_key", with = "crate::schema::PlaceholderText")
    )]
    pub secret: Template,
    /// The session token of a temporary key, as a placeholder of a local store.
    #[cfg_attr(
        feature = "schema",
        schemars(default, with = "crate::schema::PlaceholderText")
    )]
    pub session_token: Option<Template>,
}

/// One Vault or OpenBao.
#[derive(Clone, Debug, Default)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(
    feature = "schema",
    schemars(
        default,
        deny_unknown_fields,
        transform = schema::vault_kind
    )
)]
pub struct VaultStore {
    /// Where the Vault is: `https://vault.example:8200`. Needed beside `auth`. Without it, `VAULT_ADDR`.
    #[cfg_attr(feature = "schema", schemars(default, with = "crate::schema::UrlText"))]
    pub address: Option<String>,
    /// Whether the token and values may go to another machine over plain http.
    #[cfg_attr(feature = "schema", schemars(default))]
    pub allow_http: bool,
    /// How to log in. Without it, `VAULT_TOKEN`, the token helper or `~/.vault-token`.
    #[cfg_attr(feature = "schema", schemars(default, with = "VaultAuth"))]
    pub auth: Option<VaultAuth>,
    /// A file or folder of CA certificates to trust in place of the system's.
    #[cfg_attr(feature = "schema", schemars(default, with = "PathBuf"))]
    pub ca_cert: Option<PathBuf>,
    /// How long an answer may be used again without asking: `10m`, from `1s` to `24h`. Without it, not at all.
    #[cfg_attr(feature = "schema", schemars(default, with = "crate::schema::AgeText"))]
    pub cache: Option<Duration>,
    /// The certificate that the launcher shows, in PEM.
    #[cfg_attr(feature = "schema", schemars(default, with = "PathBuf"))]
    pub client_cert: Option<PathBuf>,
    /// Its private key, in PEM.
    #[cfg_attr(feature = "schema", schemars(default, with = "PathBuf"))]
    pub client_key: Option<PathBuf>,
    /// What each mount is, for those that shall not be found out by asking: `"team/kv" = "kv-v2"`.
    #[cfg_attr(feature = "schema", schemars(default))]
    pub mounts: BTreeMap<String, VaultEngine>,
    /// Where bare names stand, so that `order` can have this store: `secret/mcp#{name}`.
    #[cfg_attr(
        feature = "schema",
        schemars(default, with = "crate::schema::NamesText")
    )]
    pub names: Option<String>,
    /// The namespace, `team/project`.
    #[cfg_attr(feature = "schema", schemars(default, with = "String"))]
    pub namespace: Option<String>,
    /// Paths that give a value only when something is written to them, with what is written.
    #[cfg_attr(feature = "schema", schemars(default))]
    pub requests: BTreeMap<String, BTreeMap<String, String>>,
    /// How old an answer may be that is used when the Vault cannot be reached: `24h`, at most `30d`. Without
    /// it, none is used.
    #[cfg_attr(feature = "schema", schemars(default, with = "crate::schema::AgeText"))]
    pub stale: Option<Duration>,
    /// The name that the server's certificate must have, if it is not the address's.
    #[cfg_attr(feature = "schema", schemars(default, with = "String"))]
    pub tls_server_name: Option<String>,
}

/// How to log in to a Vault. Texts may hold placeholders of local stores.
#[derive(Clone, Debug)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(
    feature = "schema",
    schemars(
        tag = "method",
        rename_all = "lowercase",
        deny_unknown_fields,
        transform = schema::methods
    )
)]
pub enum VaultAuth {
    /// `approle`: a role and its secret.
    AppRole {
        /// Where the method is mounted, without `auth/`.
        mount: String,
        /// The role; it may be a placeholder of a local store.
        #[cfg_attr(feature = "schema", schemars(with = "String"))]
        role_id: Template,
        /// Its secret, as a placeholder of a local store. Some roles need none.
        #[cfg_attr(
            feature = "schema",
            schemars(default, with = "crate::schema::PlaceholderText")
        )]
        secret_id: Option<Template>,
        /// Whether the secret is the token of a wrapped response that holds it.
        wrapped: bool,
    },
    /// `cert`: the client certificate, which is `client_cert` of the store.
    Cert {
        /// Where the method is mounted, without `auth/`.
        mount: String,
        /// The role to log in to.
        #[cfg_attr(feature = "schema", schemars(default, with = "String"))]
        role: Option<String>,
    },
    /// `jwt`: a signed token of another system.
    Jwt {
        /// Where the method is mounted, without `auth/`.
        mount: String,
        /// The role to log in to.
        #[cfg_attr(feature = "schema", schemars(default, with = "String"))]
        role: Option<String>,
        /// The token, as a placeholder of a local store.
        #[cfg_attr(feature = "schema", schemars(with = "crate::schema::PlaceholderText"))]
        jwt: Template,
    },
    /// `kubernetes`: the token of a Kubernetes service account.
    Kubernetes {
        /// Where the method is mounted, without `auth/`.
        mount: String,
        /// The role to log in to.
        role: String,
        /// Where the token is; where Kubernetes puts it, if not said.
        #[cfg_attr(feature = "schema", schemars(default, with = "PathBuf"))]
        token_file: Option<PathBuf>,
    },
    /// `token`: a token.
    Token {
        /// The token, as a placeholder of a local store. Without it, `VAULT_TOKEN`, the token helper or
        /// `~/.vault-token`.
        #[cfg_attr(
            feature = "schema",
            schemars(default, with = "crate::schema::PlaceholderText")
        )]
        token: Option<Template>,
    },
    /// `userpass`: a name and a password.
    Userpass {
        /// Where the method is mounted, without `auth/`.
        mount: String,
        /// The name.
        username: String,
        /// The password, as a placeholder of a local store.
        #[cfg_attr(feature = "schema", schemars(with = "crate::schema::PlaceholderText"))]
        password: Template,
    },
}

/// What stands at a mount of a Vault.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum VaultEngine {
    /// `kv-v1`: key and value, without versions.
    #[cfg_attr(feature = "schema", schemars(rename = "kv-v1"))]
    KvV1,
    /// `kv-v2`: key and value, with versions.
    #[cfg_attr(feature = "schema", schemars(rename = "kv-v2"))]
    KvV2,
    /// `other`: its paths are read as they are.
    #[cfg_attr(feature = "schema", schemars(rename = "other"))]
    Other,
}
