//! What a secret is called in the store.

use std::collections::HashMap;

use mcp_launch_core::{Name, Secret};

use crate::sighting::{Sighting, Site};

/// How many names with a number are tried.
const NUMBERED: usize = 20;

/// Names that say nothing without their server's.
const GENERIC: [&str; 17] = [
    "ACCESS_TOKEN",
    "API_KEY",
    "API_TOKEN",
    "AUTH",
    "AUTHORIZATION",
    "AUTH_TOKEN",
    "BEARER",
    "CLIENT_SECRET",
    "CONFIG",
    "COOKIE",
    "KEY",
    "PASSWORD",
    "SECRET",
    "TOKEN",
    "URL_PASSWORD",
    "X_API_KEY",
    "X_AUTH_TOKEN",
];

/// Gives names, so that equal values share one and different values do not.
#[derive(Default)]
pub struct Naming {
    given: HashMap<String, Secret>,
}

impl Naming {
    /// The first of [`candidates`] that stands for this value already, or for none: among the names given so far and in
    /// `there`, what the store has under a name. None when all of them stand for others.
    pub fn give(
        &mut self,
        server: &str,
        sighting: &Sighting,
        there: &dyn Fn(&str) -> Option<Secret>,
    ) -> Option<String> {
        let name = candidates(server, sighting).into_iter().find(|name| {
            let is_free_or_same =
                |other: Option<&Secret>| other.is_none_or(|other| other.is_same(&sighting.value));
            is_free_or_same(self.given.get(name)) && is_free_or_same(there(name).as_ref())
        })?;
        self.given.insert(name.clone(), sighting.value.again());
        Some(name)
    }
}

/// The names that a secret of `server` may get, the best first: its own, with the server's before it, numbered.
#[must_use]
pub fn candidates(server: &str, sighting: &Sighting) -> Vec<String> {
    let server = upper(server);
    let own = match (&sighting.site, &sighting.suggestion) {
        (Site::Variable(name), _) if sighting.whole && Name::new(name).is_some() => name.clone(),
        (_, Some(suggestion)) => upper(suggestion),
        (Site::Variable(name) | Site::Header(name) | Site::Other(name), None) => upper(name),
        (Site::Argument(_) | Site::Url, None) => format!("{server}_SECRET"),
    };
    let has_server = own
        .strip_prefix(&server)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('_'));
    let with_server = if has_server {
        own.clone()
    } else {
        format!("{server}_{own}")
    };
    let numbered = (2..NUMBERED).map(|number| format!("{with_server}_{number}"));
    // Every server has an `AUTHORIZATION`, so one that is called so would not be told from the next. A variable's name is the
    // one that the person knows.
    let is_variable = matches!(sighting.site, Site::Variable(_)) && sighting.whole;
    let mut names = match GENERIC.contains(&own.as_str()) && !is_variable {
        true => vec![with_server.clone()],
        false => vec![own, with_server.clone()],
    };
    names.dedup();
    names.extend(numbered);
    names.retain(|name| Name::new(name).is_some());
    names
}

/// A text as the name of a variable.
fn upper(text: &str) -> String {
    let mut name: String = text
        .chars()
        .map(|character| match character {
            'a'..='z' => character.to_ascii_uppercase(),
            'A'..='Z' | '0'..='9' | '_' => character,
            _ => '_',
        })
        .collect();
    if !name.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_') {
        name.insert(0, '_');
    }
    name
}

#[cfg(test)]
mod tests {
    use mcp_launch_lossless::Place;
    use mcp_launch_shapes::{Confidence, Kind};

    use super::*;

    fn sighting(site: Site, value: &str, suggestion: Option<&str>) -> Sighting {
        Sighting {
            site,
            place: Place::root(),
            part: 0..value.len(),
            whole: true,
            value: Secret::new(value.as_bytes().to_vec()),
            confidence: Confidence::High,
            kind: Kind::SecretName,
            role: None,
            suggestion: suggestion.map(str::to_owned),
        }
    }

    fn variable(name: &str, value: &str) -> Sighting {
        sighting(Site::Variable(name.to_owned()), value, None)
    }

    #[test]
    fn equal_values_share_a_name_and_different_ones_do_not() {
        let mut naming = Naming::default();
        let nothing = |_: &str| None;
        let mut give = |server: &str, name: &str, value: &str| {
            naming.give(server, &variable(name, value), &nothing)
        };
        assert_eq!(give("a", "API_KEY", "1").as_deref(), Some("API_KEY"));
        assert_eq!(give("b", "API_KEY", "1").as_deref(), Some("API_KEY"));
        assert_eq!(
            give("my b", "API_KEY", "2").as_deref(),
            Some("MY_B_API_KEY")
        );
        assert_eq!(
            give("my b", "API_KEY", "3").as_deref(),
            Some("MY_B_API_KEY_2")
        );
    }

    #[test]
    fn what_the_store_has_is_not_replaced() {
        let mut naming = Naming::default();
        let there = |name: &str| (name == "PAT").then(|| Secret::new(b"theirs".to_vec()));
        let given = naming.give("gh", &variable("PAT", "ours"), &there);
        assert_eq!(given.as_deref(), Some("GH_PAT"));
        let same = Naming::default().give("gh", &variable("PAT", "theirs"), &there);
        assert_eq!(same.as_deref(), Some("PAT"));
    }

    #[test]
    fn what_has_no_name_gets_that_of_its_server() {
        let names = candidates("7 seas", &sighting(Site::Argument(0), "x", None));
        assert_eq!(names[0], "_7_SEAS_SECRET");
        let names = candidates(
            "db",
            &sighting(Site::Argument(0), "x", Some("database_password")),
        );
        assert_eq!(names[..2], ["DATABASE_PASSWORD", "DB_DATABASE_PASSWORD"]);
        let header = sighting(
            Site::Header("Authorization".into()),
            "x",
            Some("AUTHORIZATION"),
        );
        assert_eq!(candidates("linear", &header)[0], "LINEAR_AUTHORIZATION");
        assert_eq!(candidates("a", &header)[0], "A_AUTHORIZATION");
        let part = Sighting {
            whole: false,
            ..sighting(Site::Variable("URL".into()), "x", Some("URL_PASSWORD"))
        };
        assert_eq!(candidates("URL", &part)[0], "URL_PASSWORD");
    }
}
