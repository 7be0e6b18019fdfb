//! How much of a change goes into one request.

use std::collections::BTreeMap;

use zeroize::Zeroizing;

use crate::change::{Change, To};

/// The largest document that is written, in bytes of JSON: what is larger could not be read again, in an answer of 8 MiB with
/// more around it. It is well below what a Vault takes in one request by default (`max_request_size`, 32 MiB).
pub(crate) const LARGEST: usize = 7 << 20;

/// How many fields are sent at once where a Vault does not take the whole. An OpenBao takes 1,000 strings by default
/// (`max_request_json_strings`); a field has two, its name and its value.
const FIELDS: usize = 400;

/// How many bytes of names and values are sent at once then. What stands before a Vault may take less than it: nginx takes
/// 1 MiB by default (`client_max_body_size`).
const BYTES: usize = 512 << 10;

/// The longest that one byte of a text can become in JSON: `\u0000`.
const LONGEST_ESCAPE: usize = 6;

/// What a field takes beside its name and its value: quotes, colon, comma, or `null`.
const AROUND: usize = 8;

/// How much one request carries.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Portion {
    /// The whole document, in one version.
    Whole,
    /// As many of the changes, or one that is larger than these bytes.
    Part { fields: usize, bytes: usize },
}

impl Portion {
    const USUAL: Self = Self::Part {
        fields: FIELDS,
        bytes: BYTES,
    };

    /// What to send where `sent` changes in this portion were too much, in a document that was not there if it `is_new`.
    /// None where it cannot be less.
    pub(crate) fn smaller(self, sent: usize, is_new: bool) -> Option<Self> {
        match self {
            Self::Whole if is_new && sent < 2 => None,
            Self::Whole => Some(Self::USUAL),
            Self::Part { .. } if sent < 2 => None,
            Self::Part { fields, bytes } => Some(Self::Part {
                fields: fields.min(sent) / 2,
                bytes: bytes / 2,
            }),
        }
    }

    /// The first of the `wanted` changes, as many as the portion has.
    pub(crate) fn of(self, changes: &[Change<'_>], wanted: &[bool]) -> Vec<bool> {
        let Self::Part { fields, bytes } = self else {
            return wanted.to_vec();
        };
        let (mut count, mut size) = (0, 0);
        let taken = changes.iter().zip(wanted).map(|(change, &is_wanted)| {
            if !is_wanted {
                return false;
            }
            count += 1;
            size += length(change);
            count == 1 || (count <= fields && size <= bytes)
        });
        taken.collect()
    }
}

/// Those of `changes` that are `made`, as a JSON merge patch (RFC 7396): `null` takes a field away. None where a system has
/// no memory for it.
pub(crate) fn merge_patch(changes: &[Change<'_>], made: &[bool]) -> Option<Zeroizing<Vec<u8>>> {
    let made = changes.iter().zip(made).filter(|(_, made)| **made);
    let fields: BTreeMap<&str, Option<&str>> = made
        .map(|(change, _)| match change.to {
            To::Written(text, _) => (change.field, Some(text)),
            To::Removed => (change.field, None),
        })
        .collect();
    let longest = fields.iter().map(|(name, text)| {
        (name.len() + text.unwrap_or_default().len()) * LONGEST_ESCAPE + AROUND
    });
    // Large enough from the start, so that no part of it stays behind where a buffer has grown.
    let mut json = Zeroizing::new(Vec::with_capacity(longest.sum::<usize>() + AROUND));
    serde_json::to_writer(&mut *json, &fields).ok()?;
    Some(json)
}

fn length(change: &Change<'_>) -> usize {
    change.field.len()
        + match change.to {
            To::Written(text, _) => text.len(),
            To::Removed => 0,
        }
}

#[cfg(test)]
mod tests {
    use mcp_launch_core::Over;

    use super::*;

    fn written<'a>(field: &'a str, text: &'a str) -> Change<'a> {
        let to = To::Written(text, Over::Anything);
        Change { field, to }
    }

    #[test]
    fn a_portion_ends_at_its_fields_and_at_its_bytes_and_has_one_at_least() {
        let long = "x".repeat(9);
        let changes = [
            written("a", "1"),
            written("b", &long),
            written("c", "3"),
            written("d", "4"),
        ];
        for (fields, bytes, taken) in [
            (2, 100, [true, false, true, false]),
            (9, 4, [true, false, true, false]),
            (9, 3, [true, false, false, false]),
            (1, 0, [true, false, false, false]),
        ] {
            let portion = Portion::Part { fields, bytes };
            let wanted = [true, false, true, true];
            assert_eq!(portion.of(&changes, &wanted), taken, "{fields} {bytes}");
        }
        let portion = Portion::Part {
            fields: 9,
            bytes: 5,
        };
        assert_eq!(
            portion.of(&changes[1..], &[true; 3]),
            [true, false, false],
            "one that is larger goes alone"
        );
        assert_eq!(Portion::Whole.of(&changes, &[true; 4]), [true; 4]);
    }

    #[test]
    fn what_is_too_much_is_halved_until_it_is_one() {
        let mut portion = Portion::Whole;
        let mut fields = Vec::new();
        let mut sent = 1000;
        while let Some(smaller) = portion.smaller(sent, true) {
            let Portion::Part { fields: most, .. } = smaller else {
                panic!("a part was to be sent");
            };
            (portion, sent) = (smaller, most);
            fields.push(most);
        }
        assert_eq!(fields, [400, 200, 100, 50, 25, 12, 6, 3, 1]);
        assert_eq!(Portion::Whole.smaller(1, true), None);
        // The others of a document that is there are not sent with it then.
        assert_eq!(Portion::Whole.smaller(1, false), Some(Portion::USUAL));
    }

    #[test]
    fn a_patch_has_the_changes_that_are_made_and_no_others() {
        let removed = Change {
            field: "r\"",
            to: To::Removed,
        };
        let changes = [written("b", "\u{0}\n"), written("x", "no"), removed];
        let json = merge_patch(&changes, &[true, false, true]).unwrap();
        assert_eq!(*json, br#"{"b":"\u0000\n","r\"":null}"#);
    }
}
