//! How a Vault is reached and logged in to, as the settings say it.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use mcp_launch_core::Credential;

/// One Vault or OpenBao. What is not set here is taken from the variables that the `vault` and `bao` commands use.
#[derive(Default)]
pub struct Settings {
    /// `https://vault.example:8200`; else `VAULT_ADDR`.
    pub address: Option<String>,
    /// Whether the token and values may go to another machine over plain http.
    pub allow_http: bool,
    /// How to log in; else `VAULT_TOKEN`, the token helper, `~/.vault-token`.
    pub auth: Option<Auth>,
    /// A file or folder of CA certificates to trust in place of the system's; else `VAULT_CACERT`, `VAULT_CAPATH`.
    pub ca_cert: Option<PathBuf>,
    /// How long an answer may be used again without asking. None: not at all.
    pub cache: Option<Duration>,
    /// The certificate that this client shows, in PEM; else `VAULT_CLIENT_CERT`.
    pub client_cert: Option<PathBuf>,
    /// Its private key, in PEM; else `VAULT_CLIENT_KEY`.
    pub client_key: Option<PathBuf>,
    /// The file in which a person writes these settings, for messages.
    pub file: Option<PathBuf>,
    /// What each mount is, for those that shall not be found out by asking.
    pub mounts: BTreeMap<String, Engine>,
    /// Whether every answer is asked for anew, whatever others were told lately: for who writes, and clears the place that
    /// values came from.
    pub fresh: bool,
    /// `team/project`; else `VAULT_NAMESPACE`.
    pub namespace: Option<String>,
    /// Paths that give a value only when something is written to them, such as `pki/issue/web`, with what is written.
    pub requests: BTreeMap<String, BTreeMap<String, String>>,
    /// How old an answer may be that is used when the Vault cannot be reached. None: such an answer is not used.
    pub stale: Option<Duration>,
    /// The name that the server's certificate must have, if it is not the address's; else `VAULT_TLS_SERVER_NAME`.
    pub tls_server_name: Option<String>,
}

impl Settings {
    /// Whether the login is a wrapped secret_id, which can be used once.
    pub(crate) fn is_wrapped(&self) -> bool {
        matches!(
            self.auth,
            Some(Auth::AppRole {
                secret_id: Some(_),
                wrapped: true,
                ..
            })
        )
    }
}

/// How to log in. `mount` is where the method is mounted, without `auth/`.
pub enum Auth {
    /// A role and its secret.
    AppRole {
        /// `approle`, if not mounted elsewhere.
        mount: String,
        /// The role.
        role_id: Credential,
        /// Its secret. Some roles need none.
        secret_id: Option<Credential>,
        /// Whether `secret_id` is the token of a wrapped response that holds it.
        wrapped: bool,
    },
    /// The client certificate.
    Cert {
        /// `cert`, if not mounted elsewhere.
        mount: String,
        /// The role to log in to; else the one that fits.
        role: Option<String>,
    },
    /// A signed token of another system.
    Jwt {
        /// `jwt`, if not mounted elsewhere.
        mount: String,
        /// The role to log in to; else the method's default.
        role: Option<String>,
        /// The token.
        jwt: Credential,
    },
    /// The token of a Kubernetes service account.
    Kubernetes {
        /// `kubernetes`, if not mounted elsewhere.
        mount: String,
        /// The role to log in to.
        role: String,
        /// Where the token is; else where Kubernetes puts it.
        token_file: Option<PathBuf>,
    },
    /// A token.
    Token {
        /// The token; else `VAULT_TOKEN`, the token helper, `~/.vault-token`.
        token: Option<Credential>,
    },
    /// A name and a password.
    Userpass {
        /// `userpass`, if not mounted elsewhere.
        mount: String,
        /// The name.
        username: String,
        /// The password.
        password: Credential,
    },
}

/// What stands at a mount.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Engine {
    /// Key and value, without versions.
    KvV1,
    /// Key and value, with versions.
    KvV2,
    /// Anything else: its paths are read as they are, and each reading may make a new credential.
    Other,
}
