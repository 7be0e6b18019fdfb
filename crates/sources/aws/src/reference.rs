//! What a locator means: `NAME-OR-ARN[@STAGE or @VERSION-ID][#FIELD]`.

use mcp_launch_core::{Environment, LocatorError};

use crate::arn::{Arn, is_name};

/// One secret in one version, and what of it is the value.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Reference<'a> {
    /// Which secret.
    pub(crate) secret: Name<'a>,
    /// Which version of it.
    pub(crate) version: Version<'a>,
    /// Which field of its JSON; none means the whole secret.
    pub(crate) field: Option<&'a str>,
}

/// A secret, as AWS takes it for `SecretId`.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Name<'a> {
    /// An ARN: any region and account.
    Arn(Arn<'a>, &'a str),
    /// A name in the region and account that the settings lead to.
    Plain(&'a str),
}

/// A version of a secret.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub(crate) enum Version<'a> {
    /// The one with the label `AWSCURRENT`.
    Current,
    /// By its id.
    Id(&'a str),
    /// By a label.
    Stage(&'a str),
}

const CURRENT: &str = "AWSCURRENT";

impl<'a> Reference<'a> {
    /// Reads a locator.
    ///
    /// A `#` cannot stand in a name, so the first one begins the field. An `@` can: what follows the last one is a
    /// version only if it looks like one, an upper-case label or a UUID.
    pub(crate) fn parse(locator: &'a str) -> Result<Self, LocatorError> {
        if locator.contains(char::is_control) {
            return Err(LocatorError(
                "a reference to a secret holds no control character",
            ));
        }
        let (secret, field) = match locator.split_once('#') {
            Some((_, "")) => {
                return Err(LocatorError(
                    "a field is missing after #; the whole secret is written without it",
                ));
            }
            Some((secret, field)) => (secret, Some(field)),
            None => (locator, None),
        };
        let (secret, version) = match secret.rsplit_once('@') {
            Some((secret, version)) if !secret.is_empty() => match Version::parse(version) {
                Some(version) => (secret, version),
                None => (secret_with(secret, version, locator), Version::Current),
            },
            _ => (secret, Version::Current),
        };
        Ok(Self {
            secret: Name::parse(secret)?,
            version,
            field,
        })
    }
}

/// The text that was split at an `@` which belongs to the name.
fn secret_with<'a>(before: &str, after: &str, whole: &'a str) -> &'a str {
    &whole[..before.len() + 1 + after.len()]
}

impl<'a> Version<'a> {
    fn parse(text: &'a str) -> Option<Self> {
        if text == CURRENT {
            Some(Self::Current)
        } else if is_label(text) {
            Some(Self::Stage(text))
        } else if is_uuid(text) {
            Some(Self::Id(text))
        } else {
            None
        }
    }
}

/// Upper case, as `AWSPREVIOUS` and `BLUE`. Labels may be anything in AWS, but so may the end of a name.
fn is_label(text: &str) -> bool {
    text.starts_with(|first: char| first.is_ascii_uppercase())
        && text
            .bytes()
            .all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || b"_-".contains(&byte))
}

/// Eight, four, four, four and twelve hexadecimal digits.
fn is_uuid(text: &str) -> bool {
    let groups: Vec<&str> = text.split('-').collect();
    groups.iter().map(|group| group.len()).eq([8, 4, 4, 4, 12])
        && groups
            .iter()
            .all(|group| group.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

impl<'a> Name<'a> {
    fn parse(text: &'a str) -> Result<Self, LocatorError> {
        if text.starts_with("arn:") {
            return Arn::parse(text).map(|arn| Self::Arn(arn, text));
        }
        if text.is_empty() {
            return Err(LocatorError("the name of a secret is missing"));
        }
        if !is_name(text) {
            return Err(LocatorError(
                "the name of a secret has letters, digits and /_+=.@- and at most 512 characters",
            ));
        }
        Ok(Self::Plain(text))
    }

    /// As AWS takes it.
    pub(crate) fn id(&self) -> &'a str {
        match self {
            Self::Arn(_, text) | Self::Plain(text) => text,
        }
    }

    /// The region, where the name says one.
    pub(crate) fn region(&self) -> Option<&'a str> {
        match self {
            Self::Arn(arn, _) => Some(arn.region),
            Self::Plain(_) => None,
        }
    }
}

/// A locator that AWS could take.
pub(crate) fn check(locator: &str) -> Result<(), LocatorError> {
    Reference::parse(locator).map(|_| ())
}

/// Whether two locators may lead to the same value.
pub(crate) fn overlap(one: &str, other: &str, _: &Environment) -> bool {
    let others = places(other);
    places(one).iter().any(|place| others.contains(place))
}

/// The name and the field, without region, account and version: which region a plain name means, only the settings
/// of its store say, and a version may be the current one under another name. What is bound to a secret therefore holds
/// for all of that name, rather than for none.
fn places(locator: &str) -> Vec<String> {
    let Ok(reference) = Reference::parse(locator) else {
        return vec![locator.to_owned()];
    };
    let field = reference
        .field
        .map_or_else(String::new, |field| format!("#{field}"));
    let names = match reference.secret {
        Name::Arn(arn, _) => [Some(arn.resource), arn.short_name()],
        Name::Plain(name) => [Some(name), None],
    };
    names
        .into_iter()
        .flatten()
        .map(|name| format!("{name}{field}"))
        .collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const UUID: &str = "a1b2c3d4-5678-90ab-cdef-EXAMPLE11111";
    const ID: &str = "a1b2c3d4-5678-90ab-cdef-0123456789ab";

    fn read(locator: &str) -> (&str, Version<'_>, Option<&str>) {
        let reference =
            Reference::parse(locator).unwrap_or_else(|error| panic!("{locator}: {error}"));
        (reference.secret.id(), reference.version, reference.field)
    }

    #[test]
    fn a_reference_has_a_name_a_version_and_a_field() {
        assert_eq!(read("prod/db"), ("prod/db", Version::Current, None));
        assert_eq!(
            read("prod/db#a.b"),
            ("prod/db", Version::Current, Some("a.b"))
        );
        assert_eq!(
            read("prod/db@AWSPREVIOUS#a"),
            ("prod/db", Version::Stage("AWSPREVIOUS"), Some("a"))
        );
        assert_eq!(read("db@AWSCURRENT"), ("db", Version::Current, None));
        assert_eq!(read(&format!("db@{ID}")), ("db", Version::Id(ID), None));
        assert_eq!(read("db#a#b@C"), ("db", Version::Current, Some("a#b@C")));
        let arn = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:a@b-AbCdEf";
        assert_eq!(
            read(&format!("{arn}@BLUE#x")),
            (arn, Version::Stage("BLUE"), Some("x"))
        );
    }

    #[test]
    fn an_at_sign_in_a_name_stays_in_it() {
        for name in ["me@example.com", "a@b@c", "@x", "a@", "a@Blue", UUID, "a@1"] {
            assert_eq!(read(name), (name, Version::Current, None));
        }
        assert_eq!(
            read("me@HOME@AWSCURRENT"),
            ("me@HOME", Version::Current, None)
        );
    }

    #[test]
    fn what_no_secret_can_be_called_is_refused() {
        for locator in ["", "#a", "a#", "a b", "a:b", "a\nb", "é", &"x".repeat(600)] {
            assert!(check(locator).is_err(), "{locator:?}");
        }
    }

    #[test]
    fn one_secret_has_a_place_in_common_under_all_its_names() {
        let plain = places("prod/db#a");
        for other in [
            "prod/db@AWSPREVIOUS#a",
            "arn:aws:secretsmanager:eu-west-1:1:secret:prod/db#a",
            "arn:aws:secretsmanager:eu-west-1:1:secret:prod/db-AbCdEf#a",
            "arn:aws:secretsmanager:eu-west-1:1:secret:prod/db-AbCdEf@BLUE#a",
        ] {
            assert!(
                places(other).iter().any(|place| plain.contains(place)),
                "{other}"
            );
        }
        for other in ["prod/db", "prod/db#b", "prod/other#a"] {
            assert!(
                places(other).iter().all(|place| !plain.contains(place)),
                "{other}"
            );
        }
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused(locator in ".{0,80}") {
            if let Ok(reference) = Reference::parse(&locator) {
                prop_assert!(locator.starts_with(reference.secret.id()));
                prop_assert!(reference.field.is_none_or(|field| locator.ends_with(field)));
            }
        }

        #[test]
        fn what_is_put_together_is_taken_apart(
            name in "[a-z0-9/_+=.-]{1,40}",
            version in prop_oneof![Just(None), "[A-Z][A-Z0-9_]{0,20}".prop_map(Some)],
            field in prop::option::of("[^\\x00-\\x1f\\x7f-\\x9f]{1,20}"),
        ) {
            let mut locator = name.clone();
            if let Some(version) = &version {
                locator = format!("{locator}@{version}");
            }
            if let Some(field) = &field {
                locator = format!("{locator}#{field}");
            }
            let reference = Reference::parse(&locator).unwrap();
            prop_assert_eq!(reference.secret.id(), name);
            prop_assert_eq!(reference.field, field.as_deref());
            match (version.as_deref(), reference.version) {
                (None | Some(CURRENT), Version::Current) => {}
                (Some(label), Version::Stage(stage)) => prop_assert_eq!(label, stage),
                other => prop_assert!(false, "{:?}", other),
            }
        }
    }
}
