//! What a placeholder may say to a Vault.

use mcp_launch_core::{Environment, LocatorError, Scheme};
use mcp_launch_json_field::overlap as fields_overlap;

use crate::reference::{Reference, SecretPath};

/// The scheme `vault`.
pub const SCHEME: Scheme = Scheme {
    name: "vault",
    summary: "HashiCorp Vault or OpenBao: a field of a secret",
    example: "$<vault:secret/mcp/github#token>",
    check,
    overlap,
    logins: &["BAO_TOKEN", "VAULT_TOKEN"],
};

fn check(locator: &str) -> Result<(), LocatorError> {
    Reference::parse(locator).map(drop)
}

fn overlap(one: &str, other: &str, _: &Environment) -> bool {
    let (Ok(one), Ok(other)) = (Reference::parse(one), Reference::parse(other)) else {
        return one == other;
    };
    let others = paths(&other.secret);
    fields_overlap(one.field.as_deref(), other.field.as_deref())
        && paths(&one.secret).iter().any(|path| others.contains(path))
}

/// Where a secret may stand. One with versions is read at `MOUNT/data/PATH`, and people write either; where the mount
/// ends, only the Vault knows. Versions are one place: what holds for a secret holds for its older values.
fn paths(secret: &SecretPath) -> Vec<Vec<&str>> {
    let segments = secret.segments();
    let without = |index: usize| {
        let mut fewer = segments.clone();
        fewer.remove(index);
        fewer
    };
    let data = (1..segments.len().saturating_sub(1)).filter(|&index| segments[index] == "data");
    std::iter::once(segments.clone())
        .chain(data.map(without))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn share_a_place(one: &str, other: &str) -> bool {
        let nowhere = Environment::from_pairs::<&str, &str>([]);
        (SCHEME.overlap)(one, other, &nowhere)
    }

    #[test]
    fn every_spelling_of_one_value_has_a_place_in_common() {
        for other in [
            "secret/mcp/pg#password",
            "/secret//mcp/pg/#password",
            "secret/data/mcp/pg#password",
            "secret/mcp/pg?version=3#password",
            "secret/mcp/%70g#pass%77ord",
            // The whole, and a part.
            "secret/mcp/pg",
            "secret/mcp/pg?version=3",
            "secret/data/mcp/pg",
            "secret/mcp/pg#password.of.it",
            "secret/mcp/pg#password[0]",
        ] {
            assert!(share_a_place("secret/mcp/pg#password", other), "{other}");
        }
        assert!(share_a_place("team/kv/data/pg#p", "team/kv/pg#p"));
        assert!(share_a_place("secret/pg", "secret/pg#a.b"));
        assert!(share_a_place("secret/pg#a", "secret/pg#a.b"));
        assert!(share_a_place("not a path", "not a path"));
    }

    #[test]
    fn another_value_has_not() {
        for other in [
            "secret/mcp/pg#user",
            "secret/mcp/pg2#password",
            "kv/mcp/pg#password",
            "secret/mcp/pg#pass",
            "secret/mcp/pg#passwords",
            "secret/mcp/pg2",
            "secret/mcp%23pg#password",
        ] {
            assert!(!share_a_place("secret/mcp/pg#password", other), "{other}");
        }
        assert!(!share_a_place("secret/a%23b#c", "secret/a#b#c"));
    }

    #[test]
    fn the_example_is_one() {
        assert_eq!(check("secret/mcp/github#token"), Ok(()));
        assert!(check("token").is_err());
    }
}
