//! Where a credential stands in a store of single values: an entry for each of its fields.

use mcp_launch_core::Secret;
use sha2::{Digest as _, Sha256};

use crate::{Bundle, Revision};

/// The fields of a credential, each with the name of the entry that holds it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Entries {
    /// Sorted by field, as in a [`Bundle`].
    all: Vec<(String, String)>,
}

impl Entries {
    /// These fields, each with the name of its entry. One entry with the empty field is a value without fields.
    ///
    /// # Errors
    /// See [`EntriesError`].
    pub fn new(all: impl IntoIterator<Item = (String, String)>) -> Result<Self, EntriesError> {
        let mut all: Vec<_> = all.into_iter().collect();
        all.sort_unstable();
        if all.is_empty() {
            return Err(EntriesError::Empty);
        }
        if all.len() > 1 && all[0].0.is_empty() {
            return Err(EntriesError::Nameless);
        }
        if all.windows(2).any(|pair| pair[0].0 == pair[1].0) {
            return Err(EntriesError::FieldTwice);
        }
        let mut entries: Vec<&str> = all.iter().map(|(_, entry)| entry.as_str()).collect();
        entries.sort_unstable();
        if entries.windows(2).any(|pair| pair[0] == pair[1]) {
            return Err(EntriesError::EntryTwice);
        }
        if entries[0].is_empty() {
            return Err(EntriesError::Unnamed);
        }
        Ok(Self { all })
    }

    /// A value without fields, in this entry.
    ///
    /// # Errors
    /// [`EntriesError::Unnamed`] when the name is empty.
    pub fn bare(entry: impl Into<String>) -> Result<Self, EntriesError> {
        Self::new([(String::new(), entry.into())])
    }

    /// The entry of the first field, which names the whole where a store has room for one name.
    #[must_use]
    pub fn first(&self) -> &str {
        // There is one: see `new`.
        self.all.first().map_or("", |(_, entry)| entry.as_str())
    }

    /// The names of the entries, in the order of their fields.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.all.iter().map(|(_, entry)| entry.as_str())
    }

    /// Whether `name` is one of the entries.
    #[must_use]
    pub fn contains(&self, name: &str) -> bool {
        self.names().any(|own| own == name)
    }

    /// The bundle of what `value` gives for each entry.
    ///
    /// # Errors
    /// The first of `value`.
    pub fn gather<E>(&self, mut value: impl FnMut(&str) -> Result<Secret, E>) -> Result<Bundle, E> {
        let fields: Result<Vec<_>, E> = self
            .all
            .iter()
            .map(|(field, entry)| Ok((field.clone(), value(entry)?)))
            .collect();
        // Sorted, and each once: see `new`.
        Ok(Bundle::of_sorted(fields?))
    }

    /// What each entry gets of `bundle`; `None` when it has not exactly these fields.
    #[must_use]
    pub fn spread<'a>(&'a self, bundle: &'a Bundle) -> Option<Vec<(&'a str, &'a Secret)>> {
        let spread: Vec<_> = self
            .all
            .iter()
            .map(|(field, entry)| Some((entry.as_str(), bundle.get(field)?)))
            .collect::<Option<_>>()?;
        (spread.len() == bundle.iter().count()).then_some(spread)
    }
}

/// Why entries are no credential's.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum EntriesError {
    /// There is none.
    #[error("a credential without an entry")]
    Empty,
    /// Two fields would stand in one entry.
    #[error("two fields in one entry")]
    EntryTwice,
    /// A field stands twice.
    #[error("a field stands twice")]
    FieldTwice,
    /// A field without a name beside others.
    #[error("of several fields, each has a name")]
    Nameless,
    /// An entry without a name.
    #[error("an entry has a name")]
    Unnamed,
}

impl Revision {
    /// For a store without versions: a digest of the value in force and of the journal beside it. A journal holds random
    /// names, so what was begun once never has an earlier revision again.
    #[must_use]
    #[expect(clippy::disallowed_methods, reason = "a digest is made of them")]
    pub fn of_contents(current: &Bundle, journal: Option<&Secret>) -> Self {
        let mut digest = Sha256::new();
        let mut part = |bytes: &[u8]| {
            digest.update((bytes.len() as u64).to_be_bytes());
            digest.update(bytes);
        };
        for (field, value) in current.iter() {
            part(field.as_bytes());
            part(value.expose());
        }
        if let Some(journal) = journal {
            part(journal.expose());
        }
        Self::of_digest(&digest.finalize())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entries(all: &[(&str, &str)]) -> Result<Entries, EntriesError> {
        let owned = |(field, entry): &(&str, &str)| ((*field).to_owned(), (*entry).to_owned());
        Entries::new(all.iter().map(owned))
    }

    fn secret(text: &str) -> Secret {
        Secret::new(text.as_bytes().to_vec())
    }

    #[test]
    fn a_bundle_is_gathered_and_spread_again() {
        let entries = entries(&[("user", "A_USER"), ("password", "Z_PASS")]).unwrap();
        assert_eq!(entries.first(), "Z_PASS");
        assert!(entries.contains("A_USER") && !entries.contains("user"));
        let bundle = entries
            .gather(|name| Ok::<_, ()>(secret(&format!("of {name}"))))
            .unwrap();
        assert!(bundle.get("user").unwrap().is_same(&secret("of A_USER")));
        let spread = entries.spread(&bundle).unwrap();
        let names: Vec<&str> = spread.iter().map(|(name, _)| *name).collect();
        assert_eq!(names, ["Z_PASS", "A_USER"]);
        assert!(spread[1].1.is_same(&secret("of A_USER")));
        assert_eq!(entries.gather(|_| Err::<Secret, _>(7)).err(), Some(7));
    }

    #[test]
    fn a_bundle_of_other_fields_has_no_place() {
        let entries = entries(&[("a", "A"), ("b", "B")]).unwrap();
        let of = |fields: &[&str]| {
            Bundle::new(
                fields
                    .iter()
                    .map(|field| ((*field).to_owned(), secret("x"))),
            )
            .unwrap()
        };
        assert!(entries.spread(&of(&["a", "b"])).is_some());
        for other in [&["a"][..], &["a", "c"], &["a", "b", "c"], &[""]] {
            assert!(entries.spread(&of(other)).is_none(), "{other:?}");
        }
    }

    #[test]
    fn what_is_no_credential_is_refused() {
        for (all, error) in [
            (&[][..], EntriesError::Empty),
            (&[("", "A"), ("b", "B")], EntriesError::Nameless),
            (&[("a", "A"), ("a", "B")], EntriesError::FieldTwice),
            (&[("a", "A"), ("b", "A")], EntriesError::EntryTwice),
            (&[("a", "")], EntriesError::Unnamed),
        ] {
            assert_eq!(entries(all), Err(error));
        }
        assert_eq!(Entries::bare("A").unwrap().first(), "A");
    }

    #[test]
    fn a_revision_tells_apart_what_is_written() {
        let bundle = |all: &[(&str, &str)]| {
            Bundle::new(
                all.iter()
                    .map(|(name, value)| ((*name).to_owned(), secret(value))),
            )
            .unwrap()
        };
        let (journal, other) = (secret("{}"), secret("{ }"));
        let all = [
            Revision::of_contents(&bundle(&[("a", "b")]), None),
            Revision::of_contents(&bundle(&[("ab", "")]), None),
            Revision::of_contents(&bundle(&[("", "ab")]), None),
            Revision::of_contents(&bundle(&[("a", "b")]), Some(&journal)),
            Revision::of_contents(&bundle(&[("a", "b")]), Some(&other)),
        ];
        for (at, one) in all.iter().enumerate() {
            assert_eq!(all.iter().position(|other| other == one), Some(at));
        }
        assert_eq!(all[0], Revision::of_contents(&bundle(&[("a", "b")]), None));
    }
}
