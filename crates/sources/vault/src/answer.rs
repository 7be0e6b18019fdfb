//! What a Vault answers: status, the outer object that every answer has, and which of its failures it tells.

use std::time::Duration;

use jiff::Timestamp;
use serde::Deserialize;
use serde::de::IgnoredAny;
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
    /// When it was given, by the Vault's clock.
    pub(crate) date: Option<Timestamp>,
    /// Whether it says that it is sealed because it was never set up.
    pub(crate) uninitialised: bool,
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
    /// Whatever it is: only a Vault's answer has one.
    #[serde(default)]
    request_id: Option<IgnoredAny>,
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
    pub(crate) created: String,
    pub(crate) destroyed: bool,
    #[serde(rename = "deletion_time")]
    _deleted: String,
    pub(crate) version: u64,
}

/// What an error of the Vault says, as far as this source tells errors apart by their text.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Said {
    /// A token of a kind that is neither renewed nor revoked.
    Batch,
    /// The lease has ended and waits to be taken back, or there is none of that name.
    LeaseEnded,
    NamespaceMissing,
    /// None of a cluster's servers is active.
    NoActive,
    /// A list of errors, with none in it: there is nothing at that path.
    Nothing,
    NoRoute,
    NotRenewable,
    /// What was to be replaced is not the newest version.
    Outdated,
    Sealed,
    /// More fields, or more in them, than it takes in one request.
    TooMuch,
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
        if errors.is_empty() {
            return Said::Nothing;
        }
        let says = |text: &str| errors.iter().any(|error| error.contains(text));
        // An error of whatever a lease is in is quoted behind other words.
        let is = |texts: &[&str]| errors.iter().any(|error| texts.contains(&error.as_str()));
        if is(&["invalid lease", "lease expired", "lease not found"]) {
            Said::LeaseEnded
        } else if is(&["lease is not renewable"]) {
            Said::NotRenewable
        } else if is(&[
            "batch tokens cannot be renewed",
            "batch tokens cannot be revoked",
        ]) {
            Said::Batch
        } else if says("active cluster node not found") || says("no active Vault instance found") {
            Said::NoActive
        } else if says("namespace not found") {
            Said::NamespaceMissing
        } else if says("no handler for route") {
            Said::NoRoute
        } else if says("check-and-set parameter did not match the current version") {
            Said::Outdated
        } else if says("refused JSON input due to high complexity")
            || says("request body too large")
        {
            Said::TooMuch
        } else if says("is sealed") {
            Said::Sealed
        } else if says("not initialized") {
            Said::Uninitialised
        } else {
            Said::Other
        }
    }

    /// Whether a Vault says that there is nothing.
    pub(crate) fn is_nothing(&self) -> bool {
        self.status == 404 && self.said() == Said::Nothing
    }

    /// Whether a Vault refused so. Whatever else stands at an address says that something is "not found", too.
    fn is_a_vaults(&self) -> bool {
        self.envelope().is_ok_and(|envelope| {
            // What was deleted is told with what is still known of it, and without errors.
            envelope.errors.is_some() || (self.status == 404 && envelope.request_id.is_some())
        })
    }

    /// Whether a server of TLS was asked without: so Go's, which a Vault's is, says it.
    fn wants_tls(&self) -> bool {
        self.body
            .starts_with(b"Client sent an HTTP request to an HTTPS server")
    }

    /// Whether it is worth asking again, because the Vault did nothing: it was busy or not yet up to date.
    pub(crate) fn was_put_off(&self) -> bool {
        match self.status {
            412 | 429 => true,
            500 => self.said() == Said::NoActive,
            503 => !matches!(self.said(), Said::Sealed | Said::Uninitialised),
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
            412 | 429 => told(Fault::Throttled, "try again in a moment"),
            500..=599 if self.uninitialised || self.said() == Said::Uninitialised => told(
                Fault::Uninitialised,
                "bao operator init, or vault operator init",
            ),
            500 | 503 if self.said() == Said::NoActive => told(
                Fault::Standby,
                "try again in a moment; if it stays, whoever runs it has to see to the cluster",
            ),
            503 if self.said() == Said::Sealed => told(
                Fault::Sealed,
                "whoever runs it has to unseal it: bao operator unseal, or vault operator unseal",
            ),
            500..=599 => told(
                Fault::ServerFailed,
                &format!("look into the log of the server at {host}"),
            ),
            400 if self.wants_tls() => told(Fault::PlainToTls, "write https:// in the address"),
            _ if !self.is_a_vaults() => told(
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
                _ => None,
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
            date: None,
            uninitialised: false,
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
            Some(failure.cause)
        };
        for (status, body, fault) in [
            (307, "", Fault::Redirected),
            (
                500,
                r#"{"errors":["local node not active but active cluster node not found"]}"#,
                Fault::Standby,
            ),
            (
                503,
                r#"{"errors":["no active Vault instance found"]}"#,
                Fault::Standby,
            ),
            (501, "{}", Fault::ServerFailed),
            (429, "{}", Fault::Throttled),
            (503, r#"{"errors":["Vault is sealed"]}"#, Fault::Sealed),
            (503, "<html>", Fault::ServerFailed),
            (500, r#"{"errors":["x"]}"#, Fault::ServerFailed),
            (404, "<html>", Fault::NotVault),
            (404, "{}", Fault::NotVault),
            (
                404,
                r#"{"message":"no Route matched with those values"}"#,
                Fault::NotVault,
            ),
            (403, r#"{"message":"Forbidden"}"#, Fault::NotVault),
            (400, r#"{"request_id":"x"}"#, Fault::NotVault),
            (
                400,
                "Client sent an HTTP request to an HTTPS server.\n",
                Fault::PlainToTls,
            ),
            (
                404,
                r#"{"errors":["namespace not found"]}"#,
                Fault::NamespaceMissing,
            ),
        ] {
            assert_eq!(
                told(status, body),
                Some(fault.at(status)),
                "{status} {body}"
            );
        }
        assert_eq!(told(404, r#"{"errors":[]}"#), None);
        assert_eq!(told(403, r#"{"errors":["permission denied"]}"#), None);
        // So a Vault tells of a deleted version.
        assert_eq!(told(404, r#"{"request_id":"x","data":{}}"#), None);
    }

    #[test]
    fn the_end_of_a_lease_is_not_read_out_of_anothers_words() {
        let said = |error: &str| {
            let body = serde_json::json!({ "errors": [error] }).to_string();
            answer(400, &body).said()
        };
        for text in ["invalid lease", "lease expired", "lease not found"] {
            assert_eq!(said(text), Said::LeaseEnded);
            let quoted = format!("failed to revoke entry: resp: nil err: {text}");
            assert_eq!(said(&quoted), Said::Other);
        }
    }

    #[test]
    fn asks_again_only_where_it_can_help() {
        assert!(answer(429, "").was_put_off());
        assert!(answer(503, "").was_put_off());
        assert!(!answer(503, r#"{"errors":["Vault is sealed"]}"#).failed());
        assert!(!answer(500, "{}").was_put_off());
        assert!(answer(502, "").failed());
        let passive = r#"{"errors":["local node not active but active cluster node not found"]}"#;
        assert!(answer(500, passive).was_put_off());
        let passive = r#"{"errors":["no active Vault instance found"]}"#;
        assert!(answer(503, passive).was_put_off());
        assert!(!answer(403, "{}").failed() && !answer(501, "{}").failed());
    }
}
