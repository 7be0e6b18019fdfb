//! What a Vault answers: status, the outer object that every answer has, and which of its failures it tells.

use std::time::Duration;

use serde::Deserialize;
use serde_json::value::RawValue;
use zeroize::Zeroizing;

use crate::fault::{Failure, Fault};

/// An answer as it came. The body may hold values, so it is wiped and cannot be printed.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) body: Zeroizing<Vec<u8>>,
    /// The host that a redirect leads to.
    pub(crate) leads_to: Option<String>,
    /// When the Vault wants to be asked again.
    pub(crate) retry_after: Option<Duration>,
}

/// The outer object of an answer. What it borrows are values.
#[derive(Deserialize)]
pub(crate) struct Envelope<'a> {
    #[serde(borrow, default)]
    pub(crate) data: Option<&'a RawValue>,
    #[serde(default)]
    pub(crate) auth: Option<Login>,
    #[serde(default)]
    pub(crate) lease_id: Zeroizing<String>,
    #[serde(default)]
    pub(crate) lease_duration: u64,
    #[serde(default)]
    pub(crate) renewable: bool,
    #[serde(default)]
    errors: Option<Vec<String>>,
}

/// What a login gives.
#[derive(Deserialize)]
pub(crate) struct Login {
    pub(crate) client_token: Zeroizing<String>,
    #[serde(default)]
    pub(crate) lease_duration: u64,
    #[serde(default)]
    pub(crate) renewable: bool,
}

/// A secret of a key-value engine with versions.
#[derive(Deserialize)]
pub(crate) struct Versioned<'a> {
    #[serde(borrow)]
    pub(crate) data: Option<&'a RawValue>,
    pub(crate) metadata: Metadata,
}

/// What such a secret says of its version. The fields that tell it from a secret of somebody's own making.
#[derive(Deserialize)]
pub(crate) struct Metadata {
    #[serde(rename = "created_time")]
    _created: String,
    pub(crate) destroyed: bool,
    #[serde(rename = "deletion_time")]
    _deleted: String,
    pub(crate) version: u64,
}

/// What an error of the Vault says, as far as this source tells errors apart by their text.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Said {
    NamespaceMissing,
    NoRoute,
    Sealed,
    Uninitialised,
    Other,
}

impl Answer {
    pub(crate) fn succeeded(&self) -> bool {
        (200..=299).contains(&self.status)
    }

    /// The outer object.
    pub(crate) fn envelope(&self) -> Result<Envelope<'_>, Failure> {
        serde_json::from_slice(&self.body).map_err(|_| Fault::Unreadable.at(self.status).into())
    }

    /// The secret with versions that this is, if it is one. A secret without versions that has a field `data` beside
    /// a field `metadata` is told from it by what a Vault puts into the latter, and by the time to live that a secret
    /// without versions has.
    pub(crate) fn versioned(&self) -> Option<Versioned<'_>> {
        let envelope = self.envelope().ok()?;
        if envelope.lease_duration > 0 {
            return None;
        }
        serde_json::from_str(envelope.data?.get()).ok()
    }

    /// What its error says.
    pub(crate) fn said(&self) -> Said {
        let Ok(Envelope {
            errors: Some(errors),
            ..
        }) = self.envelope()
        else {
            return Said::Other;
        };
        let says = |text: &str| errors.iter().any(|error| error.contains(text));
        if says("namespace not found") {
            Said::NamespaceMissing
        } else if says("no handler for route") {
            Said::NoRoute
        } else if says("is sealed") {
            Said::Sealed
        } else if says("not initialized") {
            Said::Uninitialised
        } else {
            Said::Other
        }
    }

    /// Whether it is worth asking again, because the Vault did nothing: it was busy or not yet up to date.
    pub(crate) fn was_put_off(&self) -> bool {
        match self.status {
            412 | 429 => true,
            503 => matches!(self.said(), Said::Other),
            _ => false,
        }
    }

    /// Whether it is worth asking again what may be asked twice: the Vault, or what stands in front of it, failed.
    pub(crate) fn failed(&self) -> bool {
        self.was_put_off() || matches!(self.status, 500 | 502 | 504)
    }

    /// The failure that this answer is, whatever was asked. None for one that means something else to each question.
    pub(crate) fn failure(&self, host: &str) -> Option<Failure> {
        let told = |fault: Fault, remedy: &str| Some(Failure::with(fault.at(self.status), remedy));
        match self.status {
            200..=299 => None,
            301..=399 => {
                let to = self.leads_to.as_deref().unwrap_or("another server");
                told(
                    Fault::Redirected,
                    &format!("{host} leads to {to}: if that is yours, set it as the address"),
                )
            }
            472 | 473 => told(Fault::Standby, "set the address of the active server"),
            501 => told(
                Fault::Uninitialised,
                "bao operator init, or vault operator init",
            ),
            412 | 429 => told(Fault::Throttled, "try again in a moment"),
            503 if self.said() == Said::Sealed => told(
                Fault::Sealed,
                "whoever runs it has to unseal it: bao operator unseal, or vault operator unseal",
            ),
            500..=599 => told(
                Fault::ServerFailed,
                &format!("look into the log of the server at {host}"),
            ),
            _ if self.envelope().is_err() => told(
                Fault::NotVault,
                &format!("see that {host} is the address of the Vault's API, with its port"),
            ),
            _ => match self.said() {
                Said::NamespaceMissing => {
                    told(Fault::NamespaceMissing, "check the namespace setting")
                }
                Said::Uninitialised => told(
                    Fault::Uninitialised,
                    "bao operator init, or vault operator init",
                ),
                Said::NoRoute | Said::Sealed | Said::Other => None,
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(status: u16, body: &str) -> Answer {
        Answer {
            status,
            body: body.as_bytes().to_vec().into(),
            leads_to: None,
            retry_after: None,
        }
    }

    #[test]
    fn a_secret_that_looks_like_one_with_versions_is_none() {
        let versioned = r#"{"lease_duration":0,"data":{"data":{"a":"b"},"metadata":
            {"created_time":"t","deletion_time":"","destroyed":false,"version":1}}}"#;
        assert!(answer(200, versioned).versioned().is_some());
        for own in [
            r#"{"lease_duration":2764800,"data":{"data":{"a":"b"},"metadata":
                {"created_time":"t","deletion_time":"","destroyed":false,"version":1}}}"#,
            r#"{"lease_duration":0,"data":{"data":{"a":"b"},"metadata":{"version":1}}}"#,
            r#"{"lease_duration":0,"data":{"data":{"a":"b"}}}"#,
            r#"{"lease_duration":0,"data":{"data":"x","metadata":"y"}}"#,
            r#"{"data":null}"#,
        ] {
            assert!(answer(200, own).versioned().is_none(), "{own}");
        }
    }

    #[test]
    fn tells_the_failures_of_a_vault_apart() {
        let told = |status, body| {
            let failure = answer(status, body).failure("vault.example")?;
            Some(failure.error.explanation().unwrap())
        };
        for (status, body, fault) in [
            (307, "", Fault::Redirected),
            (473, "{}", Fault::Standby),
            (501, "{}", Fault::Uninitialised),
            (429, "{}", Fault::Throttled),
            (503, r#"{"errors":["Vault is sealed"]}"#, Fault::Sealed),
            (503, "<html>", Fault::ServerFailed),
            (500, r#"{"errors":["x"]}"#, Fault::ServerFailed),
            (404, "<html>", Fault::NotVault),
            (
                404,
                r#"{"errors":["namespace not found"]}"#,
                Fault::NamespaceMissing,
            ),
        ] {
            assert_eq!(
                told(status, body),
                fault.error().explanation(),
                "{status} {body}"
            );
        }
        assert_eq!(told(404, r#"{"errors":[]}"#), None);
        assert_eq!(told(403, r#"{"errors":["permission denied"]}"#), None);
    }

    #[test]
    fn asks_again_only_where_it_can_help() {
        assert!(answer(429, "").was_put_off());
        assert!(answer(503, "").was_put_off());
        assert!(!answer(503, r#"{"errors":["Vault is sealed"]}"#).failed());
        assert!(!answer(500, "{}").was_put_off());
        assert!(answer(502, "").failed());
        assert!(!answer(403, "{}").failed() && !answer(501, "{}").failed());
    }
}
