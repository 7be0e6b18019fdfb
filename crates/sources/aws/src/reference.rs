//! What a locator means: `NAME-OR-ARN[@LABEL, @=LABEL or @VERSION-ID][#FIELD]`.

use mcp_launch_core::{Environment, LocatorError};
use mcp_launch_json_field as json_field;

use crate::arn::{Arn, is_name};

/// One secret in one version, and what of it is the value.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Reference<'a> {
    /// Which secret.
    pub(crate) secret: Name<'a>,
    /// Which version of it.
    pub(crate) version: Version,
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
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub(crate) enum Version {
    /// The one with the label `AWSCURRENT`.
    Current,
    /// By its id.
    Id(String),
    /// By a label.
    Stage(String),
}

const CURRENT: &str = "AWSCURRENT";

impl<'a> Reference<'a> {
    /// Reads a locator.
    ///
    /// A `#` cannot stand in a name, so the first one begins the field. An `@` can: what follows the last one is a
    /// version only if it looks like one, an upper-case label or a UUID, or if `=` says that it is a label.
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

impl Version {
    fn parse(text: &str) -> Option<Self> {
        match text.strip_prefix('=') {
            Some("") => None,
            Some(CURRENT) => Some(Self::Current),
            Some(label) => Some(Self::Stage(label.to_owned())),
            None if text == CURRENT => Some(Self::Current),
            None if is_label(text) => Some(Self::Stage(text.to_owned())),
            None if is_uuid(text) => Some(Self::Id(text.to_owned())),
            None => None,
        }
    }
}

/// Upper case, as `AWSPREVIOUS` and `BLUE`. Labels may be anything in AWS, but so may the end of a name; another one is
/// written after `@=`.
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

    /// What the secret may be called: of an ARN, with and without what looks like added by AWS.
    fn all(&self) -> [Option<&'a str>; 2] {
        match self {
            Self::Arn(arn, _) => [Some(arn.resource), arn.short_name()],
            Self::Plain(name) => [Some(name), None],
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

/// Whether two locators may lead to the same value, or one to a part of the other's.
///
/// The name and the field decide, not region, account and version: which region a plain name means, only the settings
/// of its store say, and a version may be the current one under another name. What is bound to a secret therefore holds
/// for all of that name, rather than for none.
pub(crate) fn overlap(one: &str, other: &str, _: &Environment) -> bool {
    let (Ok(one), Ok(other)) = (Reference::parse(one), Reference::parse(other)) else {
        return one == other;
    };
    let others = other.secret.all();
    let same_name =
        (one.secret.all().into_iter().flatten()).any(|name| others.contains(&Some(name)));
    same_name && json_field::overlap(one.field, other.field)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const UUID: &str = "a1b2c3d4-5678-90ab-cdef-EXAMPLE11111";
    const ID: &str = "a1b2c3d4-5678-90ab-cdef-0123456789ab";

    fn stage(label: &str) -> Version {
        Version::Stage(label.to_owned())
    }

    fn read(locator: &str) -> (&str, Version, Option<&str>) {
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
            ("prod/db", stage("AWSPREVIOUS"), Some("a"))
        );
        assert_eq!(read("db@AWSCURRENT"), ("db", Version::Current, None));
        assert_eq!(
            read(&format!("db@{ID}")),
            ("db", Version::Id(ID.to_owned()), None)
        );
        assert_eq!(read("db@=blue#a"), ("db", stage("blue"), Some("a")));
        assert_eq!(read("db@=AWSCURRENT"), ("db", Version::Current, None));
        assert_eq!(read("db#a#b@C"), ("db", Version::Current, Some("a#b@C")));
        let arn = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:a@b-AbCdEf";
        assert_eq!(
            read(&format!("{arn}@BLUE#x")),
            (arn, stage("BLUE"), Some("x"))
        );
    }

    #[test]
    fn an_at_sign_in_a_name_stays_in_it() {
        for name in [
            "me@example.com",
            "a@b@c",
            "@x",
            "@=x",
            "a@",
            "a@=",
            "a@Blue",
            UUID,
            "a@1",
        ] {
            assert_eq!(read(name), (name, Version::Current, None));
        }
        assert_eq!(
            read("me@HOME@AWSCURRENT"),
            ("me@HOME", Version::Current, None)
        );
        assert_eq!(read("me@=x@AWSCURRENT"), ("me@=x", Version::Current, None));
    }

    #[test]
    fn what_no_secret_can_be_called_is_refused() {
        for locator in ["", "#a", "a#", "a b", "a:b", "a\nb", "é", &"x".repeat(600)] {
            assert!(check(locator).is_err(), "{locator:?}");
        }
    }

    fn overlap(one: &str, other: &str) -> bool {
        let nowhere = Environment::from_pairs::<&str, &str>([]);
        super::overlap(one, other, &nowhere)
    }

    #[test]
    fn one_value_overlaps_under_all_its_names_and_with_what_holds_it() {
        for other in [
            "prod/db@AWSPREVIOUS#a",
            "prod/db@=blue#a",
            "arn:aws:secretsmanager:eu-west-1:1:secret:prod/db#a",
            "arn:aws:secretsmanager:eu-west-1:1:secret:prod/db-AbCdEf#a",
            "arn:aws:secretsmanager:eu-west-1:1:secret:prod/db-AbCdEf@BLUE#a",
            "prod/db",
            "prod/db@AWSPREVIOUS",
            "arn:aws:secretsmanager:eu-west-1:1:secret:prod/db-AbCdEf",
            "prod/db#a.b",
            "prod/db#a[0]",
        ] {
            assert!(overlap("prod/db#a", other), "{other}");
            assert!(overlap(other, "prod/db#a"), "{other}");
            assert!(overlap("prod/db", other), "{other}");
        }
        for other in ["prod/db#b", "prod/db#ab", "prod/other#a", "prod/other"] {
            assert!(!overlap("prod/db#a", other), "{other}");
            assert!(!overlap(other, "prod/db#a"), "{other}");
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
            version in prop_oneof![Just(None), "(=[a-zA-Z0-9/_.]{1,20}|[A-Z][A-Z0-9_]{0,20})".prop_map(Some)],
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
                (None | Some(CURRENT | "=AWSCURRENT"), Version::Current) => {}
                (Some(label), Version::Stage(stage)) => {
                    prop_assert_eq!(label.strip_prefix('=').unwrap_or(label), stage);
                }
                other => prop_assert!(false, "{:?}", other),
            }
        }
    }
}
