//! `[stores.vault]`, `[stores.aws]` and `[stores.NAME]`: the stores that are reached over a network.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::LazyLock;
use std::time::Duration;

use mcp_launch_core::Template;

/// AWS with no word in the file.
pub(crate) static PLAIN_AWS: LazyLock<AwsStore> = LazyLock::new(AwsStore::default);

/// A Vault with no word in the file.
pub(crate) static PLAIN_VAULT: LazyLock<VaultStore> = LazyLock::new(VaultStore::default);

/// A store that is reached over a network, as the person's own file describes it. What a file does not say
/// is not set here: the store's own variables and files may say it.
#[derive(Clone, Copy, Debug)]
pub enum NetworkStore<'a> {
    /// AWS Secrets Manager.
    Aws(&'a AwsStore),
    /// HashiCorp Vault or OpenBao.
    Vault(&'a VaultStore),
}

/// One account and region of AWS Secrets Manager.
#[derive(Clone, Debug, Default)]
pub struct AwsStore {
    /// Fixed keys in place of the credential chain.
    pub access_key: Option<AwsAccessKey>,
    /// Whether an endpoint on another machine may be reached over plain http.
    pub allow_http: bool,
    /// How long an answer may be used again without asking.
    pub cache: Option<Duration>,
    /// Where Secrets Manager is, if not where AWS has it.
    pub endpoint_url: Option<String>,
    /// Where bare names stand: a locator in which `{name}` stands for the name.
    pub names: Option<String>,
    /// A profile of `~/.aws/config`.
    pub profile: Option<String>,
    /// The region.
    pub region: Option<String>,
    /// How old an answer may be that is used when AWS cannot be reached.
    pub stale: Option<Duration>,
}

/// An access key, each part a text with placeholders of local stores.
#[derive(Clone, Debug)]
pub struct AwsAccessKey {
    /// `AKIA…`
    pub id: Template,
    /// The secret half.
    pub secret: Template,
    /// The session token of a temporary key.
    pub session_token: Option<Template>,
}

/// One Vault or OpenBao.
#[derive(Clone, Debug, Default)]
pub struct VaultStore {
    /// `https://vault.example:8200`.
    pub address: Option<String>,
    /// Whether the token and values may go to another machine over plain http.
    pub allow_http: bool,
    /// How to log in.
    pub auth: Option<VaultAuth>,
    /// A file or folder of CA certificates to trust in place of the system's.
    pub ca_cert: Option<PathBuf>,
    /// How long an answer may be used again without asking.
    pub cache: Option<Duration>,
    /// The certificate that the launcher shows, in PEM.
    pub client_cert: Option<PathBuf>,
    /// Its private key, in PEM.
    pub client_key: Option<PathBuf>,
    /// What each mount is, for those that shall not be found out by asking.
    pub mounts: BTreeMap<String, VaultEngine>,
    /// Where bare names stand: a locator in which `{name}` stands for the name.
    pub names: Option<String>,
    /// The namespace.
    pub namespace: Option<String>,
    /// Paths that give a value only when something is written to them, with what is written.
    pub requests: BTreeMap<String, BTreeMap<String, String>>,
    /// How old an answer may be that is used when the Vault cannot be reached.
    pub stale: Option<Duration>,
    /// The name that the server's certificate must have, if it is not the address's.
    pub tls_server_name: Option<String>,
}

/// How to log in to a Vault. Texts may hold placeholders of local stores.
#[derive(Clone, Debug)]
pub enum VaultAuth {
    /// A role and its secret.
    AppRole {
        /// Where the method is mounted, without `auth/`.
        mount: String,
        /// The role.
        role_id: Template,
        /// Its secret.
        secret_id: Option<Template>,
        /// Whether the secret is the token of a wrapped response that holds it.
        wrapped: bool,
    },
    /// The client certificate.
    Cert {
        /// Where the method is mounted, without `auth/`.
        mount: String,
        /// The role to log in to.
        role: Option<String>,
    },
    /// A signed token of another system.
    Jwt {
        /// Where the method is mounted, without `auth/`.
        mount: String,
        /// The role to log in to.
        role: Option<String>,
        /// The token.
        jwt: Template,
    },
    /// The token of a Kubernetes service account.
    Kubernetes {
        /// Where the method is mounted, without `auth/`.
        mount: String,
        /// The role to log in to.
        role: String,
        /// Where the token is.
        token_file: Option<PathBuf>,
    },
    /// A token.
    Token {
        /// The token.
        token: Option<Template>,
    },
    /// A name and a password.
    Userpass {
        /// Where the method is mounted, without `auth/`.
        mount: String,
        /// The name.
        username: String,
        /// The password.
        password: Template,
    },
}

/// What stands at a mount of a Vault.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum VaultEngine {
    /// `kv-v1`: key and value, without versions.
    KvV1,
    /// `kv-v2`: key and value, with versions.
    KvV2,
    /// `other`: its paths are read as they are.
    Other,
}
