//! What a locator says: the path of a secret, its version, the field.

use mcp_launch_core::LocatorError;

use crate::reserved::is_reserved;

/// Longest locator in bytes. It becomes part of a URL, which has bounds of its own.
const LONGEST: usize = 2048;

/// `MOUNT/PATH?version=N#FIELD`, taken apart.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Reference {
    pub(crate) secret: SecretPath,
    /// The field; None for a locator that names the whole secret, which is answered with the names of its fields.
    pub(crate) field: Option<String>,
}

/// One secret, in one version: what one request reads.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub(crate) struct SecretPath {
    /// Mount and path, without slashes around them or twice in a row.
    pub(crate) path: String,
    /// The version asked for; None for the newest.
    pub(crate) version: Option<u64>,
}

impl Reference {
    /// Takes `locator` apart. `%XX` is a byte of the path or the field that a placeholder could not hold.
    pub(crate) fn parse(locator: &str) -> Result<Self, LocatorError> {
        if locator.len() > LONGEST {
            return Err(LocatorError("a path and its field are at most 2048 bytes"));
        }
        if locator.contains(char::is_control) {
            return Err(LocatorError(
                "a path and its field hold printable characters only",
            ));
        }
        // A mount of that name is written with its first letter as `%76`.
        if locator.trim_start_matches('/').starts_with("v1/") {
            return Err(LocatorError(
                "leave out v1/: the path begins with the mount, as in vault:secret/mcp/github#token",
            ));
        }
        let (secret, field) = match locator.split_once('#') {
            None => (locator, None),
            Some((_, "")) => {
                return Err(LocatorError(
                    "name the field: vault:secret/mcp/github#token",
                ));
            }
            Some((_, field)) if field.contains("?version=") => {
                return Err(LocatorError(
                    "the version stands before the field: vault:secret/mcp/github?version=2#token",
                ));
            }
            Some((secret, field)) => (secret, Some(decoded(field)?)),
        };
        let (path, version) = match secret.split_once('?') {
            None => (secret, None),
            Some((path, query)) => (path, Some(version(query)?)),
        };
        let path = normal(&decoded(path)?)?;
        if field.as_deref().is_some_and(is_reserved) {
            return Err(LocatorError(
                "_mcp_launch is the journal of a rotation, and no field",
            ));
        }
        Ok(Self {
            secret: SecretPath { path, version },
            field,
        })
    }
}

impl SecretPath {
    /// The path's segments.
    pub(crate) fn segments(&self) -> Vec<&str> {
        self.path.split('/').collect()
    }

    /// Whether reading it would make a credential, as far as a path can tell: the names that the engines give to such
    /// paths.
    pub(crate) fn looks_dynamic(&self) -> bool {
        self.path
            .split('/')
            .skip(1)
            .any(|segment| matches!(segment, "creds" | "issue" | "sign" | "static-creds" | "sts"))
    }

    /// The paths that may lead to the same secret: people write what the API has behind the mount, and where the mount ends,
    /// only the Vault knows.
    pub(crate) fn spellings(&self) -> Vec<String> {
        let segments = self.segments();
        let with = (1..segments.len()).map(|index| {
            let mut more = segments.clone();
            more.insert(index, "data");
            more.join("/")
        });
        let data = (1..segments.len()).filter(|&index| segments[index] == "data");
        let without = data.map(|index| {
            let mut fewer = segments.clone();
            fewer.remove(index);
            fewer.join("/")
        });
        std::iter::once(self.path.clone())
            .chain(with)
            .chain(without)
            .collect()
    }

    /// What follows `mount` in the path, if it is below that mount.
    pub(crate) fn below<'a>(&'a self, mount: &str) -> Option<&'a str> {
        self.path
            .strip_prefix(mount.trim_matches('/'))?
            .strip_prefix('/')
    }
}

/// A folder of secrets, `MOUNT/` or `MOUNT/PATH/`. Its path has a slash at its end, unlike a secret's.
pub(crate) fn folder(text: &str) -> Result<SecretPath, LocatorError> {
    // As if it were followed by a name.
    let Reference { secret, field } = Reference::parse(&format!("{text}/_"))?;
    if field.is_some() || secret.version.is_some() {
        return Err(LocatorError("a folder has no version and no field"));
    }
    let path = secret.path.strip_suffix('_').unwrap_or_default().to_owned();
    let version = None;
    Ok(SecretPath { path, version })
}

/// `name`, of a secret or a field, as a locator has it within a placeholder.
pub(crate) fn piece(name: &str) -> String {
    let mut piece = String::with_capacity(name.len());
    let mut characters = name.chars().peekable();
    while let Some(character) = characters.next() {
        let is_default = character == ':' && characters.peek() == Some(&'-');
        if is_default || matches!(character, '%' | '#' | '?' | '>') {
            piece.push_str(&format!("%{:02X}", u32::from(character)));
        } else {
            piece.push(character);
        }
    }
    piece
}

/// `version=N`.
fn version(query: &str) -> Result<u64, LocatorError> {
    query
        .strip_prefix("version=")
        .filter(|number| number.bytes().all(|byte| byte.is_ascii_digit()))
        .and_then(|number| number.parse().ok())
        .filter(|&number| number > 0)
        .ok_or(LocatorError(
            "after `?` stands a version, such as `?version=2`; a `?` of the path itself is written %3F",
        ))
}

/// One spelling for one path.
fn normal(path: &str) -> Result<String, LocatorError> {
    let segments: Vec<&str> = path
        .split('/')
        .filter(|segment| !segment.is_empty())
        .collect();
    if segments
        .iter()
        .any(|&segment| matches!(segment, "." | ".."))
    {
        return Err(LocatorError("a path has no `.` and no `..`"));
    }
    if segments.len() < 2 {
        return Err(LocatorError(
            "name the mount, the path and the field: vault:secret/mcp/github#token",
        ));
    }
    Ok(segments.join("/"))
}

/// The text with each `%XX` as the byte it stands for.
fn decoded(text: &str) -> Result<String, LocatorError> {
    const REFUSED: LocatorError = LocatorError(
        "a `%` begins a character in two hexadecimal digits, such as %3E for `>`; a `%` itself is written %25",
    );
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte != b'%' {
            bytes.push(byte);
            continue;
        }
        let mut digit = || {
            let digit = char::from(rest.next()?).to_digit(16)?;
            u8::try_from(digit).ok()
        };
        let (Some(high), Some(low)) = (digit(), digit()) else {
            return Err(REFUSED);
        };
        bytes.push(high << 4 | low);
    }
    let text = String::from_utf8(bytes).map_err(|_| REFUSED)?;
    if text.contains(char::is_control) {
        return Err(LocatorError(
            "a path and its field hold printable characters only",
        ));
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn parsed(locator: &str) -> (String, Option<u64>, Option<String>) {
        let Reference { secret, field } = Reference::parse(locator).unwrap();
        (secret.path, secret.version, field)
    }

    #[test]
    fn reads_path_version_and_field() {
        let plain = |path: &str, version, field: Option<&str>| {
            (path.to_owned(), version, field.map(ToOwned::to_owned))
        };
        for (locator, expected) in [
            ("secret/a#f", plain("secret/a", None, Some("f"))),
            (
                "secret/a?version=12#f",
                plain("secret/a", Some(12), Some("f")),
            ),
            ("%761/a#f", plain("v1/a", None, Some("f"))),
            ("/secret//a/b/#f", plain("secret/a/b", None, Some("f"))),
            ("secret/a", plain("secret/a", None, None)),
            ("secret/a?version=3", plain("secret/a", Some(3), None)),
            ("secret/a#x#y?z", plain("secret/a", None, Some("x#y?z"))),
            (
                "secret/a%3eb%3F%23c#d%3A-e",
                plain("secret/a>b?#c", None, Some("d:-e")),
            ),
            ("secret/ü b#%C3%BC", plain("secret/ü b", None, Some("ü"))),
        ] {
            assert_eq!(parsed(locator), expected, "{locator}");
        }
    }

    #[test]
    fn says_what_is_missing_or_wrong() {
        for (locator, told) in [
            ("secret#f", "name the mount"),
            ("v1/secret/data/a#f", "leave out v1/"),
            ("/v1/secret/a#f", "leave out v1/"),
            ("#f", "name the mount"),
            ("", "name the mount"),
            ("secret/#f", "name the mount"),
            ("secret/a#", "name the field"),
            ("secret/a#f?version=2", "before the field"),
            ("secret/a?version=#f", "after `?`"),
            ("secret/a?version=0#f", "after `?`"),
            ("secret/a?version=+1#f", "after `?`"),
            ("secret/a?v=1#f", "after `?`"),
            ("secret/../sys#f", "no `..`"),
            ("secret/%2e%2E/a#f", "no `..`"),
            ("secret/100%#f", "%25"),
            ("secret/%+1#f", "%25"),
            ("secret/%FF#f", "%25"),
            ("secret/a\n#f", "printable"),
            ("secret/a%0a#f", "printable"),
            ("secret/a#_mcp_launch", "no field"),
            ("secret/a?version=2#%5Fmcp_launch", "no field"),
            ("secret/a#_mcp_launch.pending.fields.password", "no field"),
        ] {
            let error = Reference::parse(locator).unwrap_err();
            assert!(error.0.contains(told), "{locator}: {error}");
        }
        assert!(Reference::parse(&format!("s/{}#f", "x".repeat(2048))).is_err());
    }

    #[test]
    fn knows_the_paths_that_make_credentials() {
        let dynamic = |path: &str| Reference::parse(path).unwrap().secret.looks_dynamic();
        for path in [
            "database/creds/app#password",
            "team/db/static-creds/app#password",
            "aws/sts/deploy#access_key",
            "pki/issue/web#private_key",
        ] {
            assert!(dynamic(path), "{path}");
        }
        for path in [
            "secret/app#creds",
            "creds/app#password",
            "secret/credsx/a#f",
        ] {
            assert!(!dynamic(path), "{path}");
        }
    }

    fn encoded(text: &str) -> String {
        text.bytes()
            .map(|byte| match byte {
                b'%' | b'#' | b'?' | b'>' | b':' | 128.. => format!("%{byte:02X}"),
                byte => char::from(byte).to_string(),
            })
            .collect()
    }

    #[test]
    fn a_folder_ends_in_a_slash() {
        let path = |text: &str| folder(text).map(|folder| folder.path);
        assert_eq!(path("secret/").unwrap(), "secret/");
        assert_eq!(path("/secret//a%23b/").unwrap(), "secret/a#b/");
        for wrong in ["/", "", "secret/?version=1/", "secret/a#b/", "secret/../"] {
            assert!(path(wrong).is_err(), "{wrong}");
        }
    }

    proptest! {
        #[test]
        fn every_text_is_an_answer_or_an_error(locator in any::<String>()) {
            drop(Reference::parse(&locator));
        }

        #[test]
        fn any_path_and_field_can_be_written(
            segments in proptest::collection::vec("[^/[:cntrl:]]{1,8}", 2..5),
            field in "[^[:cntrl:]]{1,12}",
            version in proptest::option::of(1_u64..),
        ) {
            prop_assume!(!segments.iter().any(|segment| segment == "." || segment == ".."));
            prop_assume!(!segments.iter().any(|segment| segment.contains(char::is_control)));
            prop_assume!(!field.contains(char::is_control));
            let path = segments.join("/");
            let query = version.map(|version| format!("?version={version}")).unwrap_or_default();
            let locator = format!("{}{query}#{}", encoded(&path), encoded(&field));
            prop_assert!(!locator.contains('>') && !locator.contains(":-"));
            prop_assert_eq!(parsed(&locator), (path, version, Some(field)));
        }

        #[test]
        fn a_name_is_a_piece_of_a_locator(name in "[^/[:cntrl:]]{1,12}") {
            prop_assume!(!matches!(name.as_str(), "." | "..") && !name.contains(char::is_control));
            let locator = format!("secret/{}#{}", piece(&name), piece(&name));
            prop_assert!(!locator.contains('>') && !locator.contains(":-"));
            prop_assert_eq!(parsed(&locator), (format!("secret/{name}"), None, Some(name)));
        }

        #[test]
        fn slashes_do_not_matter(before in "/{0,3}", between in "/{1,3}", after in "/{0,3}") {
            let locator = format!("{before}secret{between}a{after}#f");
            prop_assert_eq!(parsed(&locator).0, "secret/a");
        }
    }
}
