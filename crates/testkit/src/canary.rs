//! A value that looks like a secret and is looked for wherever it must not be.

use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};

use aho_corasick::AhoCorasick;

use crate::spelling::SPELLINGS;

/// So many bytes in a row count as an escape of the whole: an error that shows the middle of a line
/// is no better than one that shows all of it.
const PIECE: usize = 12;

/// How many bytes of a piece must be random, so that no innocent text holds it.
const RANDOM_IN_PIECE: usize = 8;

/// A random value in the shape of a given one, and the search for it in all its spellings.
///
/// The value is no secret, so it may be printed; a test that fails says which canary got away.
#[derive(Debug)]
pub struct Canary {
    value: String,
    searcher: AhoCorasick,
    names: Vec<&'static str>,
}

impl Canary {
    /// A canary with characters that each format must escape.
    #[must_use]
    pub fn new() -> Self {
        Self::shaped_like("aaaaAAAA0000aa/aaaaaa+AAAA0000aaaa\"aaaaAAAA0000")
    }

    /// A canary in which each letter and digit of `example` is another one, and all else is the same:
    /// `ghp_aaaaAAAA0000aaaa`.
    ///
    /// # Panics
    /// When the shape leaves too little to chance for a search to mean anything.
    #[must_use]
    pub fn shaped_like(example: &str) -> Self {
        Self::of(example.chars().map(another).collect(), example)
    }

    fn of(value: String, example: &str) -> Self {
        let (patterns, names) = patterns(value.as_bytes(), example.as_bytes());
        assert!(
            !patterns.is_empty(),
            "the shape needs {PIECE} bytes in a row with {RANDOM_IN_PIECE} letters or digits"
        );
        let searcher = AhoCorasick::new(patterns).expect("a few hundred short patterns");
        Self {
            value,
            searcher,
            names,
        }
    }

    /// A canary in the place of `fake`, of which what it begins with, `keep`, stays. Where the rest has no other
    /// letters than those of hexadecimal digits, the canary has no others.
    ///
    /// # Panics
    /// When `fake` does not begin with `keep`, and as [`Canary::shaped_like`].
    #[must_use]
    pub fn in_place_of(fake: &str, keep: &str) -> Self {
        let rest = fake.strip_prefix(keep).expect("it begins so");
        let is_hex = rest
            .bytes()
            .all(|byte| byte.is_ascii_hexdigit() || byte == b'-');
        let random = rest.chars().map(|like| match like {
            'a'..='z' if is_hex => one_of(b"0123456789abcdef"),
            like => another(like),
        });
        let value = keep.chars().chain(random).collect();
        // What stays is nothing to look for.
        let example = "-".repeat(keep.len()) + rest;
        Self::of(value, &example)
    }

    /// The value itself, to be put where a secret goes.
    #[must_use]
    pub fn value(&self) -> &str {
        &self.value
    }

    /// Where in `text` it stands, in whichever spelling.
    pub fn find_in(&self, text: impl AsRef<[u8]>) -> Option<Sighting> {
        let found = self.searcher.find(text.as_ref())?;
        Some(Sighting {
            spelling: self.names[found.pattern().as_usize()],
            byte: found.start(),
            file: None,
        })
    }

    /// Every file under `folder` whose content or name holds it. Links are not followed.
    ///
    /// # Panics
    /// When a file is there and cannot be read: a search that skips files proves nothing.
    #[must_use]
    pub fn find_under(&self, folder: &Path) -> Vec<Sighting> {
        let mut sightings = Vec::new();
        let mut folders = vec![folder.to_owned()];
        while let Some(folder) = folders.pop() {
            let entries = fs::read_dir(&folder)
                .unwrap_or_else(|error| panic!("cannot look into {}: {error}", folder.display()));
            for entry in entries {
                let entry = entry.expect("a folder that was opened can be listed");
                let path = entry.path();
                let kind = entry.file_type().expect("the kind of a listed file");
                let in_name = self.find_in(path.as_os_str().as_encoded_bytes());
                let in_text = if kind.is_file() {
                    let text = fs::read(&path)
                        .unwrap_or_else(|error| panic!("cannot read {}: {error}", path.display()));
                    self.find_in(text)
                } else {
                    None
                };
                if kind.is_dir() {
                    folders.push(path.clone());
                }
                sightings.extend(in_name.or(in_text).map(|sighting| Sighting {
                    file: Some(path),
                    ..sighting
                }));
            }
        }
        sightings
    }

    /// Fails the test when `text`, which is `what`, holds it.
    ///
    /// # Panics
    /// That is how it fails.
    #[track_caller]
    pub fn assert_absent(&self, what: &str, text: impl AsRef<[u8]>) {
        let text = text.as_ref();
        if let Some(sighting) = self.find_in(text) {
            panic!(
                "{what} holds the canary, {sighting}:\n{}",
                String::from_utf8_lossy(text)
            );
        }
    }
}

impl Default for Canary {
    fn default() -> Self {
        Self::new()
    }
}

/// Where a canary was seen.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Sighting {
    /// How it was written.
    pub spelling: &'static str,
    /// Where it begins, in bytes from 0.
    pub byte: usize,
    /// In which file, if in one.
    pub file: Option<PathBuf>,
}

impl fmt::Display for Sighting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} at byte {}", self.spelling, self.byte)?;
        match &self.file {
            Some(file) => write!(f, " of {}", file.display()),
            None => Ok(()),
        }
    }
}

/// Every spelling of every piece, with the spelling's name at the same place.
fn patterns(value: &[u8], example: &[u8]) -> (Vec<Vec<u8>>, Vec<&'static str>) {
    value
        .windows(PIECE)
        .zip(example.windows(PIECE))
        .filter(|(_, example)| random_bytes(example) >= RANDOM_IN_PIECE)
        .flat_map(|(piece, _)| {
            SPELLINGS.iter().flat_map(move |spelling| {
                let forms = (spelling.forms)(piece);
                forms.into_iter().map(|form| (form, spelling.name))
            })
        })
        .unzip()
}

fn random_bytes(example: &[u8]) -> usize {
    example
        .iter()
        .filter(|byte| byte.is_ascii_alphanumeric())
        .count()
}

fn another(like: char) -> char {
    let alphabet: &[u8] = match like {
        '0'..='9' => b"0123456789",
        'A'..='Z' => b"ABCDEFGHIJKLMNOPQRSTUVWXYZ",
        'a'..='z' => b"abcdefghijklmnopqrstuvwxyz",
        other => return other,
    };
    one_of(alphabet)
}

fn one_of(alphabet: &[u8]) -> char {
    let random = getrandom::u32().expect("the system's random source");
    char::from(alphabet[random as usize % alphabet.len()])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keeps_the_shape_and_never_the_value() {
        let canary = Canary::shaped_like("ghp_aaaaAAAA0000aaaa");
        let shape: String = canary
            .value()
            .chars()
            .map(|char| match char {
                '0'..='9' => '0',
                'A'..='Z' => 'A',
                'a'..='z' => 'a',
                other => other,
            })
            .collect();
        assert_eq!(shape, "aaa_aaaaAAAA0000aaaa");
        assert_ne!(
            canary.value(),
            Canary::shaped_like("ghp_aaaaAAAA0000aaaa").value()
        );
    }

    #[test]
    fn keeps_what_the_issuer_puts_before_it() {
        let canary = Canary::in_place_of("sbp_fa4efa4efa4efa4efa4e", "sbp_");
        let rest = canary.value().strip_prefix("sbp_").unwrap();
        assert_eq!(rest.len(), 20);
        assert!(rest.bytes().all(|byte| byte.is_ascii_hexdigit()), "{rest}");
        assert_eq!(canary.find_in("sbp_"), None);
        assert!(canary.find_in(rest).is_some());
    }

    #[test]
    fn is_found_in_every_spelling_and_in_part() {
        let canary = Canary::new();
        let value = canary.value();
        let middle = &value[5..25];
        let seen = [
            format!("token={value}."),
            format!("…{middle}…"),
            format!("{:?}", value.as_bytes()),
            format!("{value:?}"),
            value.bytes().map(|byte| format!("{byte:02X}")).collect(),
        ];
        for text in seen {
            assert!(canary.find_in(&text).is_some(), "{text}");
        }
    }

    #[test]
    fn is_not_found_where_it_is_not() {
        let canary = Canary::new();
        assert_eq!(canary.find_in(Canary::new().value()), None);
        assert_eq!(canary.find_in(&canary.value()[..PIECE - 1]), None);
    }

    #[test]
    #[expect(
        clippy::disallowed_methods,
        reason = "the leak that the search must find"
    )]
    fn is_found_in_files_and_their_names() {
        let canary = Canary::shaped_like("aaaaaaaaaaaaaaaaaaaa");
        let folder = tempfile::tempdir().unwrap();
        let deep = folder.path().join("a/b");
        fs::create_dir_all(&deep).unwrap();
        fs::write(deep.join("clean"), "nothing").unwrap();
        assert_eq!(canary.find_under(folder.path()), []);
        fs::write(deep.join("dirty"), format!("x{}", canary.value())).unwrap();
        fs::write(deep.join(canary.value()), "").unwrap();
        assert_eq!(canary.find_under(folder.path()).len(), 2);
    }
}
