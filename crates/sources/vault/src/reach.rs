//! How a Vault is reached: the settings, and where they are silent the variables of `bao` and `vault`.

use std::ffi::OsString;
use std::path::PathBuf;

use mcp_launch_core::{Environment, shown};
use mcp_launch_network::{Endpoint, PROXY_VARIABLES, ROOT_VARIABLES};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::fault::{Failure, Fault};
use crate::settings::Settings;

/// How the Vault is reached: the settings and variables of the launch, decided.
#[derive(Deserialize, Serialize)]
pub struct Reach {
    /// `https://vault.example:8200`.
    pub address: String,
    /// Whether the token may go to another machine over plain http.
    pub allow_http: bool,
    /// Whether the server's certificate is not checked, which is for loopback only.
    pub skip_verify: bool,
    /// `team/project`.
    pub namespace: Option<String>,
    /// A file or folder of CA certificates.
    #[serde(with = "any_path")]
    pub ca_cert: Option<PathBuf>,
    /// The certificate that is shown to the server.
    #[serde(with = "any_path")]
    pub client_cert: Option<PathBuf>,
    /// Its private key.
    #[serde(with = "any_path")]
    pub client_key: Option<PathBuf>,
    /// The name that the server's certificate must have, if it is not the address's.
    pub tls_server_name: Option<String>,
    /// The variables of the environment that matter for the network: proxies and where the CA certificates are.
    /// The address of a proxy may have a password.
    pub environment: Vec<(String, Zeroizing<String>)>,
}

/// A variable that `bao` reads under the name `BAO_…`, and `vault` as `VAULT_…`.
fn variable<'a>(environment: &'a Environment, bao: &str, vault: &str) -> Option<&'a str> {
    let value = environment
        .get_non_empty(bao)
        .or_else(|| environment.get_non_empty(vault))?;
    value.to_str()
}

/// How the Vault of `settings` is reached in `environment`. Touches nothing.
pub(crate) fn decide(settings: &Settings, environment: &Environment) -> Result<Reach, Failure> {
    let path = |own: &Option<PathBuf>, names: &[(&str, &str)]| {
        own.clone().or_else(|| {
            names
                .iter()
                .find_map(|(bao, vault)| variable(environment, bao, vault))
                .map(PathBuf::from)
        })
    };
    let text = |own: &Option<String>, bao, vault| {
        own.clone()
            .or_else(|| variable(environment, bao, vault).map(ToOwned::to_owned))
    };
    let address = text(&settings.address, "BAO_ADDR", "VAULT_ADDR").ok_or_else(|| {
        let file = settings.file.as_deref();
        let place = file.map_or_else(|| "the settings".to_owned(), |path| shown(path).to_string());
        Failure::with(
            Fault::AddressMissing,
            format!(
                "in {place}: [stores.vault], and below it address = \"https://vault.example:8200\"; or set VAULT_ADDR"
            ),
        )
    })?;
    let trimmed = address.trim_end_matches('/');
    if let Some(end) = ["/v1", "/ui"]
        .into_iter()
        .find(|end| trimmed.ends_with(end))
    {
        return Err(Failure::with(
            Fault::AddressWithApi,
            format!("leave out {end} at the end of the address"),
        ));
    }
    let namespace = text(&settings.namespace, "BAO_NAMESPACE", "VAULT_NAMESPACE");
    let printable = |namespace: &str| {
        namespace
            .bytes()
            .all(|byte| byte.is_ascii_graphic() || byte == b' ')
    };
    if !namespace.as_deref().is_none_or(printable) {
        return Err(Fault::NamespaceUnusable.into());
    }
    let reach = Reach {
        skip_verify: skip_verify(environment, &address)?,
        address,
        allow_http: settings.allow_http,
        namespace,
        ca_cert: path(
            &settings.ca_cert,
            &[
                ("BAO_CACERT", "VAULT_CACERT"),
                ("BAO_CAPATH", "VAULT_CAPATH"),
            ],
        ),
        client_cert: path(
            &settings.client_cert,
            &[("BAO_CLIENT_CERT", "VAULT_CLIENT_CERT")],
        ),
        client_key: path(
            &settings.client_key,
            &[("BAO_CLIENT_KEY", "VAULT_CLIENT_KEY")],
        ),
        tls_server_name: text(
            &settings.tls_server_name,
            "BAO_TLS_SERVER_NAME",
            "VAULT_TLS_SERVER_NAME",
        ),
        // All that the keeper of leases is told of the environment, because it has none of its own.
        environment: PROXY_VARIABLES
            .into_iter()
            .chain(ROOT_VARIABLES)
            .filter_map(|name| {
                let value = environment.get_non_empty(name)?.to_str()?;
                Some((name.to_owned(), value.to_owned().into()))
            })
            .collect(),
    };
    Ok(reach)
}

/// Whether the certificate of the server at `address` is not checked. As Go reads a truth value; one that is neither
/// is no reason to check nothing.
fn skip_verify(environment: &Environment, address: &str) -> Result<bool, Failure> {
    let said = ["BAO_SKIP_VERIFY", "VAULT_SKIP_VERIFY"]
        .into_iter()
        .find_map(|name| environment.get_non_empty(name));
    let skip = match said.map(|said| said.to_str().unwrap_or_default()) {
        None | Some("0" | "f" | "F" | "FALSE" | "false" | "False") => false,
        Some("1" | "t" | "T" | "TRUE" | "true" | "True") => true,
        Some(_) => {
            return Err(Failure::with(
                Fault::SkipVerifyUnclear,
                "unset VAULT_SKIP_VERIFY",
            ));
        }
    };
    let loopback = Endpoint::parse(address, true).is_ok_and(|endpoint| endpoint.is_loopback());
    if skip && !loopback {
        return Err(Failure::with(
            Fault::SkipVerifyElsewhere,
            "unset it, and set `ca_cert` of the store to the file of the CA that signed the server's certificate",
        ));
    }
    Ok(skip)
}

/// Where the Vault is, for a person, before anything has been asked.
pub(crate) fn place(settings: &Settings, environment: &Environment) -> String {
    let address = settings
        .address
        .as_deref()
        .or_else(|| variable(environment, "BAO_ADDR", "VAULT_ADDR"));
    match address.map(|address| Endpoint::parse(address, true)) {
        Some(Ok(endpoint)) => endpoint.to_string(),
        // Whatever it is, it may hold a password before an `@`.
        Some(Err(_)) => "a malformed address".to_owned(),
        None => "no address".to_owned(),
    }
}

/// A path as the system has it: not every path is text.
mod any_path {
    use serde::{Deserializer, Serializer};

    use super::{Deserialize, OsString, PathBuf, Serialize};

    pub(super) fn serialize<S: Serializer>(
        path: &Option<PathBuf>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        path.as_ref()
            .map(|path| path.as_os_str())
            .serialize(serializer)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<PathBuf>, D::Error> {
        let path = Option::<OsString>::deserialize(deserializer)?;
        Ok(path.map(PathBuf::from))
    }
}
