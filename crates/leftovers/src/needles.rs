//! The values that are looked for.

use std::collections::BTreeSet;

use mcp_launch_core::Secret;
use memchr::memmem;
use zeroize::Zeroizing;

use crate::forms::forms;

/// The least bytes of a value that is looked for. A shorter one stands in any file by chance.
pub const SHORTEST: usize = 6;

/// The values that are looked for, with their names, in every form in which files hold them.
///
/// The forms are wiped when dropped, and cannot be printed.
///
/// ```
/// let key = mcp_launch_core::Secret::new(b"hunter2".to_vec());
/// let needles = mcp_launch_leftovers::Needles::new([("KEY", &key)]);
/// assert_eq!(needles.names_in(b"http://me:hunter2@host"), ["KEY"]);
/// ```
/// ```compile_fail
/// println!("{:?}", mcp_launch_leftovers::Needles::new([]));
/// ```
pub struct Needles {
    sought: Vec<Sought>,
    skipped: Vec<String>,
}

struct Sought {
    name: String,
    forms: Vec<Zeroizing<Vec<u8>>>,
}

impl Needles {
    /// Takes the forms of each value, with the name that is told when it is found. Values of less than
    /// [`SHORTEST`] bytes are left out.
    #[must_use]
    pub fn new<'a>(values: impl IntoIterator<Item = (&'a str, &'a Secret)>) -> Self {
        let mut needles = Self {
            sought: Vec::new(),
            skipped: Vec::new(),
        };
        for (name, value) in values {
            if value.len() < SHORTEST {
                needles.skipped.push(name.to_owned());
                continue;
            }
            #[expect(
                clippy::disallowed_methods,
                reason = "compared with files; the copies are wiped"
            )]
            let forms = forms(value.expose());
            needles.sought.push(Sought {
                name: name.to_owned(),
                forms,
            });
        }
        needles
    }

    /// The names of the values that are too short to be looked for.
    #[must_use]
    pub fn skipped(&self) -> &[String] {
        &self.skipped
    }

    /// Whether nothing is looked for.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.sought.is_empty()
    }

    /// The names of the values that `bytes` hold, in any form.
    #[must_use]
    pub fn names_in(&self, bytes: &[u8]) -> Vec<String> {
        self.names(&self.places_in(bytes))
    }

    /// The same by number, so that what several versions hold can be put together.
    pub(crate) fn places_in(&self, bytes: &[u8]) -> BTreeSet<usize> {
        let holds =
            |sought: &Sought| (sought.forms.iter()).any(|form| memmem::find(bytes, form).is_some());
        (self.sought.iter().enumerate())
            .filter(|(_, sought)| holds(sought))
            .map(|(place, _)| place)
            .collect()
    }

    pub(crate) fn names(&self, places: &BTreeSet<usize>) -> Vec<String> {
        (places.iter())
            .filter_map(|&place| self.sought.get(place))
            .map(|sought| sought.name.clone())
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_short_value_is_told_and_not_looked_for() {
        let (short, long) = (Secret::new(b"12345".into()), Secret::new(b"123456".into()));
        let needles = Needles::new([("SHORT", &short), ("LONG", &long)]);
        assert_eq!(needles.skipped(), ["SHORT"]);
        assert!(!needles.is_empty());
        assert_eq!(needles.names_in(b"x=12345"), [""; 0]);
        assert_eq!(needles.names_in(b"x=123456"), ["LONG"]);
    }

    #[test]
    fn one_value_of_two_names_is_told_by_both() {
        let value = Secret::new(b"the same".into());
        let needles = Needles::new([("B", &value), ("A", &value)]);
        assert_eq!(needles.names_in(b"is the same"), ["B", "A"]);
    }
}
