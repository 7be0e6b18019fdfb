//! Why a Vault refused: a token that no longer holds, or a policy that lacks a line.

use std::collections::BTreeMap;
use std::time::Duration;

use vaultrs::api::token::requests::LookupTokenSelfRequest;

use crate::endpoint::{Capabilities, Mounts};
use crate::exchange::{Repeat, Vault};
use crate::fault::{Failure, Fault};

/// How long finding out why may take. Whoever waits has no value either way.
const PATIENCE: Duration = Duration::from_secs(2);

/// What a policy can allow. Nothing else that an answer says is told on.
const CAPABILITIES: [&str; 12] = [
    "create",
    "delete",
    "deny",
    "list",
    "patch",
    "read",
    "recover",
    "root",
    "scan",
    "subscribe",
    "sudo",
    "update",
];

/// What the token may do at a path.
#[derive(Debug, Eq, PartialEq)]
pub(crate) enum May {
    /// These.
    Do(Vec<&'static str>),
    /// The Vault does not say.
    Unknown,
}

/// Why `capability` on `path` was refused. Asks the Vault; where it does not say, so does this.
pub(crate) async fn explain(vault: &Vault, token: &str, path: &str, capability: &str) -> Failure {
    let finding_out = async {
        if let May::Do(capabilities) = may(vault, token, path).await? {
            return Ok::<_, Failure>(lacking(path, capability, &capabilities));
        }
        check_token(vault, token).await?;
        Ok(lacking(path, capability, &[]))
    };
    match tokio::time::timeout(PATIENCE, finding_out).await {
        Ok(Ok(failure)) => failure,
        Ok(Err(failure)) if failure.is_of_token() => failure,
        Ok(Err(_)) | Err(_) => lacking(path, capability, &[]),
    }
}

/// The failure of a token that may not do `capability` at `path`, before it is tried. None where it may, and where the Vault
/// does not say.
pub(crate) async fn foreseen(
    vault: &Vault,
    token: &str,
    path: &str,
    capability: &str,
) -> Option<Failure> {
    let asked = tokio::time::timeout(PATIENCE, may(vault, token, path)).await;
    match asked {
        Ok(Ok(May::Do(has))) if !allow(&has, capability) => Some(lacking(path, capability, &has)),
        _ => None,
    }
}

/// What the token may do at `path`.
pub(crate) async fn may(vault: &Vault, token: &str, path: &str) -> Result<May, Failure> {
    let may = may_at(vault, token, &[path]).await?;
    Ok(may.into_iter().next().unwrap_or(May::Unknown))
}

/// What the token may do at each of `paths`.
pub(crate) async fn may_at(
    vault: &Vault,
    token: &str,
    paths: &[&str],
) -> Result<Vec<May>, Failure> {
    let request = Capabilities {
        paths: paths.iter().map(|&path| path.to_owned()).collect(),
    };
    let answer = vault.ask(Some(token), request, Repeat::WhenPutOff).await?;
    if let Some(failure) = answer.failure(&vault.host) {
        return Err(failure);
    }
    let told = answer.succeeded().then(|| answer.envelope()).transpose()?;
    let data = told.and_then(|envelope| envelope.data);
    let by_path = data.and_then(|data| serde_json::from_str(data.get()).ok());
    let by_path: BTreeMap<String, Vec<String>> = by_path.unwrap_or_default();
    let may = |path: &&str| match by_path.get(*path) {
        Some(capabilities) => May::Do(known(capabilities)),
        None => May::Unknown,
    };
    Ok(paths.iter().map(may).collect())
}

/// What is known of `told`, each once.
fn known(told: &[String]) -> Vec<&'static str> {
    CAPABILITIES
        .into_iter()
        .filter(|known| told.iter().any(|told| told == known))
        .collect()
}

/// Whether `capability` is among what a token may do.
pub(crate) fn allow(has: &[&str], capability: &str) -> bool {
    has.iter().any(|&own| own == capability || own == "root")
}

/// Whether the token holds at all.
///
/// # Errors
/// That it does not, or that the Vault cannot be asked.
pub(crate) async fn check_token(vault: &Vault, token: &str) -> Result<(), Failure> {
    let lookup = LookupTokenSelfRequest {};
    let answer = vault.ask(Some(token), lookup, Repeat::WhenPutOff).await?;
    match answer.failure(&vault.host) {
        Some(failure) => Err(failure),
        None if answer.status == 403 => check_unread_token(vault, token).await,
        None => Ok(()),
    }
}

/// The same of a token that may not look itself up, or does not hold.
///
/// # Errors
/// As [`check_token`].
pub(crate) async fn check_unread_token(vault: &Vault, token: &str) -> Result<(), Failure> {
    let answer = vault
        .ask(Some(token), Mounts {}, Repeat::WhenPutOff)
        .await?;
    match answer.failure(&vault.host) {
        Some(failure) => Err(failure),
        None if answer.status == 403 => Err(Failure::with(
            Fault::TokenInvalid(vault.origin).at(403),
            vault.origin.renewal(),
        )),
        None => Ok(()),
    }
}

/// The failure of a token whose policies lack `capability` on `path`, with the lines that would give it.
pub(crate) fn lacking(path: &str, capability: &str, has: &[&str]) -> Failure {
    let shown = mcp_launch_core::shown(path);
    let more = match has {
        [] => String::new(),
        ["deny"] => String::new(),
        others if allow(others, capability) => {
            return Failure::with(
                Fault::Denied.at(403),
                format!(
                    "the policies allow {capability} on \"{shown}\", so something else refuses it: a bound address, a control group, an audit device that fails"
                ),
            );
        }
        others => format!(" (it has {})", others.join(", ")),
    };
    Failure::with(
        Fault::Denied.at(403),
        format!(
            "it needs {capability} on \"{shown}\"{more}; whoever runs it adds to the policy: path \"{shown}\" {{ capabilities = [\"{capability}\"] }}"
        ),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_a_policy_can_allow_is_told() {
        let long = "x".repeat(1 << 20);
        let told = ["update", "read", "read", "a\nb", &long].map(ToOwned::to_owned);
        assert_eq!(known(&told), ["read", "update"]);
        let failure = lacking("secret/data/x", "read", &known(&told)[1..]);
        let remedy = failure.remedy.unwrap();
        assert!(remedy.contains("(it has update)"), "{remedy}");
    }
}
