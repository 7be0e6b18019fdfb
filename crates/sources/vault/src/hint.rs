//! What a person looks at when a path gives nothing: the names that are there.

use mcp_launch_core::shown;

use crate::reference::SecretPath;

/// What to look at when the Vault does not take the request for `path`, which is the API's.
pub(crate) fn advice(path: &str) -> String {
    match roles(path) {
        Some(roles) => format!("check the role's name: bao list {}", shown(&roles)),
        None => format!("see what the path takes: bao path-help {}", shown(path)),
    }
}

/// Where the roles are listed that `path` names one of, as the engines that make credentials have it.
fn roles(path: &str) -> Option<String> {
    let segments: Vec<&str> = path.split('/').collect();
    // The mount comes before it, the role's name after it.
    let within = 1..segments.len().saturating_sub(1);
    let (index, list) = within.rev().find_map(|index| match segments[index] {
        "creds" | "issue" | "sign" | "sts" => Some((index, "roles")),
        "static-creds" => Some((index, "static-roles")),
        _ => None,
    })?;
    Some(format!("{}/{list}", segments[..index].join("/")))
}

/// What to look at when there is no secret at the path of a reference.
pub(crate) fn missing(secret: &SecretPath, field: Option<&str>) -> String {
    let mut segments = secret.segments();
    let last = segments.pop().unwrap_or_default();
    if field.is_none() && segments.len() > 1 {
        let version = secret
            .version
            .map(|version| format!("?version={version}"))
            .unwrap_or_default();
        let path = segments.join("/");
        let meant = format!("{path}{version}#{last}");
        return format!("name the field after #: did you mean `{}`?", shown(&meant));
    }
    // `bao kv` has the path without what the API puts into it.
    if segments.len() > 1 && segments[1] == "data" {
        segments.remove(1);
    }
    let folder = segments.join("/");
    let path = format!("{folder}/{last}");
    format!(
        "check the path: bao kv get {} reads it, bao kv list {} lists the names",
        shown(&path),
        shown(&folder)
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reference::Reference;

    #[test]
    fn the_roles_of_an_engine_are_listed_beside_what_it_makes() {
        for (path, told) in [
            ("database/creds/nope", "bao list database/roles"),
            ("team/db/static-creds/x", "bao list team/db/static-roles"),
            ("pki/issue/web", "bao list pki/roles"),
            ("aws/sts/deploy", "bao list aws/roles"),
            ("totp/code/x", "bao path-help totp/code/x"),
            ("creds/x", "bao path-help creds/x"),
        ] {
            assert!(advice(path).ends_with(told), "{}", advice(path));
        }
    }

    #[test]
    fn a_field_that_was_written_as_a_part_of_the_path_is_guessed() {
        let told = |locator: &str| {
            let Reference { secret, field } = Reference::parse(locator).unwrap();
            missing(&secret, field.as_deref())
        };
        for (locator, meant) in [
            ("secret/mcp/pg/password", "`secret/mcp/pg#password`?"),
            ("secret/pg/pw?version=2", "`secret/pg?version=2#pw`?"),
            (
                "secret/mcp/pgg#k",
                "kv get secret/mcp/pgg reads it, bao kv list secret/mcp ",
            ),
            (
                "secret/data/pgg#k",
                "kv get secret/pgg reads it, bao kv list secret ",
            ),
            ("secret/pgg", "bao kv list secret "),
        ] {
            assert!(told(locator).contains(meant), "{}", told(locator));
        }
    }
}
