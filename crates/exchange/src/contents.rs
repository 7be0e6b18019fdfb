//! What was read: names, values, and what a person should know of the rest.

use std::fmt;

use mcp_launch_core::{Position, Secret, SourceError, SourceErrorKind, Syntax, Template, shown};

/// What another tool's file holds.
///
/// Its `Debug` shows names and lines, no value.
#[derive(Debug, Default)]
pub struct Contents {
    /// The entries in the order of the file; no two of one name.
    pub entries: Vec<Entry>,
    /// What was left out, and why.
    pub notes: Vec<Note>,
}

/// One name and what stands for it.
#[derive(Debug)]
pub struct Entry {
    /// The name: as it is written where the format has names of variables, else made from the tool's own words.
    pub name: String,
    /// What stands for it.
    pub value: Taken,
    /// The line on which it stands, from 1.
    pub line: usize,
}

/// What stands for a name.
pub enum Taken {
    /// The empty text, or nothing where the format has a word for it.
    Empty,
    /// The file only says that there is such a secret: its value is to be asked for.
    NameOnly,
    /// The value is elsewhere, or encrypted for another tool: `$<…>`, `op://…`, `ENC[…]`. It is no secret to be moved.
    Reference,
    /// There is a value, but not one that can be told.
    Unreadable(Unreadable),
    /// The value.
    Value(Secret),
}

/// Why a value cannot be told. No text of the file.
#[derive(Clone, Debug)]
pub struct Unreadable {
    /// What is wrong.
    pub error: SourceError,
    /// What a person does about it.
    pub remedy: Option<String>,
}

impl Taken {
    /// A value, or what it turns out to be instead.
    #[expect(
        clippy::disallowed_methods,
        reason = "looks at how the value begins and ends; nothing of it is kept"
    )]
    pub(crate) fn of(value: Secret) -> Self {
        if value.is_empty() {
            Self::Empty
        } else if is_elsewhere(value.expose()) {
            Self::Reference
        } else {
            Self::Value(value)
        }
    }

    pub(crate) fn of_text(text: &str) -> Self {
        Self::of(Secret::new(text.as_bytes().to_vec()))
    }

    /// A value in a form that this format does not take.
    pub(crate) fn malformed(line: usize, note: &'static str) -> Self {
        Self::Unreadable(Unreadable {
            error: SourceError::new(SourceErrorKind::Malformed)
                .at(Position::Line(line))
                .note(note),
            remedy: None,
        })
    }
}

/// Says which it is, and no more.
impl fmt::Debug for Taken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("Empty"),
            Self::NameOnly => f.write_str("NameOnly"),
            Self::Reference => f.write_str("Reference"),
            Self::Unreadable(unreadable) => unreadable.fmt(f),
            Self::Value(_) => f.write_str("Value(…)"),
        }
    }
}

/// Whether `value` says where a value is, or is one that another tool has encrypted in its place.
fn is_elsewhere(value: &[u8]) -> bool {
    // A variable; 1Password; vals and helmfile; secret-init and ECS; sops; dotenvx.
    const SPELLINGS: [(&[u8], &[u8]); 6] = [
        (b"${", b"}"),
        (b"op://", b""),
        (b"ref+", b""),
        (b"arn:aws:secretsmanager:", b""),
        (b"ENC[", b"]"),
        (b"encrypted:", b""),
    ];
    has_placeholder(value)
        || SPELLINGS
            .iter()
            .any(|(start, end)| value.starts_with(start) && value.ends_with(end))
}

/// Whether a placeholder of ours stands in `value`, alone or with text around it.
pub(crate) fn has_placeholder(value: &[u8]) -> bool {
    value.windows(2).any(|pair| pair == b"$<")
        && Template::parse(value, Syntax::Angle)
            .is_ok_and(|template| template.placeholders().next().is_some())
}

/// Something that a person should know of what was read. Names and lines only.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Note {
    /// What it is.
    pub kind: NoteKind,
    /// The name that it is about: of a variable or an item. Empty for [`NoteKind::NoName`].
    pub name: String,
    /// The line, from 1.
    pub line: usize,
}

impl Note {
    pub(crate) fn new(kind: NoteKind, name: &str, line: usize) -> Self {
        Self {
            kind,
            name: name.to_owned(),
            line,
        }
    }
}

/// The kinds of notes.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum NoteKind {
    /// Profiles give the name different default values, so none was taken.
    DefaultsDiffer,
    /// An item of a kind that holds no secret for a server, or one in the bin.
    ItemLeftOut,
    /// What stands where a name should be is none, and may be a piece of a value; so it is not told.
    NoName,
    /// Doppler's own entry, which says where the others came from.
    OwnEntry,
    /// A profile's own value of the name.
    ProfileLeftOut,
    /// Only the tool itself can read the value, through this provider.
    ProviderNotReadable,
    /// The quotes around the value are a part of it, as Docker reads it.
    QuotesKept,
    /// The tool did not give the value out.
    Withheld,
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = shown(&self.name);
        write!(f, "line {}: ", self.line)?;
        match self.kind {
            NoteKind::DefaultsDiffer => {
                write!(
                    f,
                    "{name} has different defaults in different profiles; none was taken"
                )
            }
            NoteKind::ItemLeftOut => write!(f, "the item {name} was left out"),
            NoteKind::NoName => {
                f.write_str("what stands where a name should be is none; the line was left out")
            }
            NoteKind::OwnEntry => write!(f, "{name} is Doppler's own and was left out"),
            NoteKind::ProfileLeftOut => {
                write!(f, "the value of {name} in a profile was left out")
            }
            NoteKind::ProviderNotReadable => write!(
                f,
                "{name} is kept by a provider that fnox alone can read; `fnox export` writes the values themselves"
            ),
            NoteKind::QuotesKept => {
                write!(
                    f,
                    "the quotes of {name} are part of its value, as Docker reads it"
                )
            }
            NoteKind::Withheld => write!(f, "{name} came without its value"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tells_a_value_from_where_one_is() {
        for text in [
            "$<NAME>",
            "$<vault:a/b#c>",
            "postgres://u:$<PASSWORD>@h/db",
            "${NAME}",
            "op://vault/item/field",
            "ref+vault://a#/b",
            "arn:aws:secretsmanager:eu-west-1:000000000000:secret:x",
            "ENC[AES256_GCM,data:x,type:str]",
            "encrypted:BAAA",
        ] {
            assert!(matches!(Taken::of_text(text), Taken::Reference), "{text}");
        }
        for text in ["pa$<word", "$<!>", "op", "$5", "a${b}c"] {
            assert!(matches!(Taken::of_text(text), Taken::Value(_)), "{text}");
        }
        assert!(matches!(Taken::of_text(""), Taken::Empty));
    }

    #[test]
    fn shows_no_value() {
        let entry = Entry {
            name: "TOKEN".to_owned(),
            value: Taken::of_text("hunter2"),
            line: 1,
        };
        assert_eq!(
            format!("{entry:?}"),
            r#"Entry { name: "TOKEN", value: Value(…), line: 1 }"#
        );
    }
}
