//! What a credential's own tokens are called at a vendor.

use std::fmt::Write as _;

use mcp_launch_rotation::RotationId;
use sha2::{Digest, Sha256};

/// Readable characters of a credential's name within the names of its tokens.
const READABLE: usize = 24;
/// Bytes of the digest that tells two credentials apart.
const DIGEST: usize = 8;

/// The name of one credential at its vendor, and so the beginning of the name of each token that is made for it:
/// `mcpl-grafana-9f86d081884c7d65.` and the rotation.
///
/// Tokens are revoked by it (rule R4), so two credentials must not share one. It is made of the credential's name and of the
/// place where the credential is kept: two stores with a credential of the same name, such as those of two companies, or of
/// staging and production, have different marks at one vendor. Hosts that share a store have the same one.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Mark(String);

impl Mark {
    /// Of `credential`, which is kept at `place`: text that names the store and the entry, the same on each host.
    #[must_use]
    pub fn new(credential: &str, place: &str) -> Self {
        let mut digest = Sha256::new();
        digest.update(credential.as_bytes());
        digest.update([0]);
        digest.update(place.as_bytes());
        let readable: String = credential
            .chars()
            .map(|char| {
                if char.is_ascii_alphanumeric() {
                    char
                } else {
                    '-'
                }
            })
            .take(READABLE)
            .collect();
        let mut mark = format!("mcpl-{readable}-");
        for byte in &digest.finalize()[..DIGEST] {
            // Writing to a string does not fail.
            let _written = write!(mark, "{byte:02x}");
        }
        mark.push('.');
        Self(mark)
    }

    /// What the names of all its tokens begin with.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The name of the token of one rotation.
    #[must_use]
    pub fn name(&self, id: &RotationId) -> String {
        format!("{}{id}", self.0)
    }

    /// The rotation that a token of this name was made for; `None` for everybody else's token.
    #[must_use]
    pub fn id_in(&self, name: &str) -> Option<RotationId> {
        RotationId::new(name.strip_prefix(&self.0)?).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_leads_back_to_its_rotation_and_to_no_other_credential() {
        let mark = Mark::new("grafana", "vault:secret/mcp/grafana");
        let id = RotationId::new("0f.a-b").unwrap();
        assert_eq!(mark.id_in(&mark.name(&id)), Some(id.clone()));
        for (credential, place) in [
            ("grafana", "vault:secret/other/grafana"),
            ("grafana-2", "vault:secret/mcp/grafana"),
            ("grafan", "a\0vault:secret/mcp/grafana"),
            (
                "a credential whose name is longer than what is readable, 1",
                "",
            ),
        ] {
            let other = Mark::new(credential, place);
            assert_eq!(mark.id_in(&other.name(&id)), None);
            assert_eq!(other.id_in(&mark.name(&id)), None);
        }
        for name in ["", "grafana", "mcpl-grafana", mark.as_str()] {
            assert_eq!(mark.id_in(name), None, "{name}");
        }
    }

    #[test]
    fn it_is_short_enough_and_without_odd_signs_whatever_the_credential_is_called() {
        let mark = Mark::new("\u{e9}vault://secret/mcp/pg#password?x=1 and so on", "p");
        assert!(mark.as_str().len() <= 5 + READABLE + 1 + 2 * DIGEST + 1);
        assert!(
            mark.as_str()
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b"-.".contains(&byte))
        );
    }
}
