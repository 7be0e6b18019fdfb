//! From the settings of a Vault to the source that asks it.

use mcp_launch_config::{USER_FILE_NAME, VaultAuth, VaultEngine, VaultStore};
use source_vault::{Auth, Engine, Settings, VaultSource};

use crate::registry::login::Logins;
use crate::registry::{Connected, Reach};

/// The Vault that `store` describes.
pub(super) fn connect(
    reach: &Reach,
    store: &VaultStore,
    logins: &Logins,
    fresh: bool,
) -> Connected {
    Ok(Box::new(source(reach, store, logins, fresh)))
}

/// The same, for who does more with it than read.
pub(crate) fn source(
    reach: &Reach,
    store: &VaultStore,
    logins: &Logins,
    fresh: bool,
) -> VaultSource {
    let directory = reach.settings.directories().config_dir().ok();
    let settings = Settings {
        address: store.address.clone(),
        allow_http: store.allow_http,
        auth: store.auth.as_ref().map(|auth| auth_of(auth, logins)),
        ca_cert: store.ca_cert.clone(),
        cache: store.cache,
        client_cert: store.client_cert.clone(),
        client_key: store.client_key.clone(),
        fresh,
        file: directory.map(|directory| directory.join(USER_FILE_NAME)),
        mounts: store
            .mounts
            .iter()
            .map(|(mount, engine)| (mount.clone(), engine_of(*engine)))
            .collect(),
        namespace: store.namespace.clone(),
        requests: store.requests.clone(),
        stale: store.stale,
        tls_server_name: store.tls_server_name.clone(),
    };
    VaultSource::new(settings, &reach.environment)
}

fn auth_of(auth: &VaultAuth, logins: &Logins) -> Auth {
    match auth.clone() {
        VaultAuth::AppRole {
            mount,
            role_id,
            secret_id,
            wrapped,
        } => Auth::AppRole {
            mount,
            role_id: logins.credential("auth.role_id", role_id),
            secret_id: secret_id.map(|id| logins.credential("auth.secret_id", id)),
            wrapped,
        },
        VaultAuth::Cert { mount, role } => Auth::Cert { mount, role },
        VaultAuth::Jwt { mount, role, jwt } => Auth::Jwt {
            mount,
            role,
            jwt: logins.credential("auth.jwt", jwt),
        },
        VaultAuth::Kubernetes {
            mount,
            role,
            token_file,
        } => Auth::Kubernetes {
            mount,
            role,
            token_file,
        },
        VaultAuth::Token { token } => Auth::Token {
            token: token.map(|token| logins.credential("auth.token", token)),
        },
        VaultAuth::Userpass {
            mount,
            username,
            password,
        } => Auth::Userpass {
            mount,
            username,
            password: logins.credential("auth.password", password),
        },
    }
}

fn engine_of(engine: VaultEngine) -> Engine {
    match engine {
        VaultEngine::KvV1 => Engine::KvV1,
        VaultEngine::KvV2 => Engine::KvV2,
        VaultEngine::Other => Engine::Other,
    }
}
