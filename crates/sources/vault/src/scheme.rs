//! What a placeholder may say to a Vault.

use mcp_launch_core::{Environment, LocatorError, Scheme};

use crate::reference::Reference;

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
    let others = places(other);
    places(one).iter().any(|place| others.contains(place))
}

/// A secret with versions is read at `MOUNT/data/PATH`, and people write either; where the mount ends, only the Vault
/// knows. Versions are one place: what holds for a secret holds for its older values.
fn places(locator: &str) -> Vec<String> {
    let Ok(Reference { secret, field }) = Reference::parse(locator) else {
        return vec![locator.to_owned()];
    };
    let segments = secret.segments();
    let without = |index: usize| {
        let mut fewer = segments.clone();
        fewer.remove(index);
        fewer
    };
    let data = (1..segments.len().saturating_sub(1)).filter(|&index| segments[index] == "data");
    let field = field.unwrap_or_default();
    std::iter::once(segments.clone())
        .chain(data.map(without))
        .map(|segments| format!("{}#{field}", segments.join("/").replace('#', "%23")))
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
        ] {
            assert!(share_a_place("secret/mcp/pg#password", other), "{other}");
        }
        assert!(share_a_place("team/kv/data/pg#p", "team/kv/pg#p"));
    }

    #[test]
    fn another_value_has_not() {
        for other in [
            "secret/mcp/pg#user",
            "secret/mcp/pg2#password",
            "kv/mcp/pg#password",
            "secret/mcp/pg",
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
