//! The readers of `.env` files, as a table.

mod bash;
mod bash_command;
mod bash_word;
mod compose;
mod dotenvy;
mod node;
mod python;
mod text;

use std::fmt;

pub(crate) use text::{BYTE_ORDER_MARK, LineEnds, Text};

use crate::reading::Reading;

/// Whether bash takes `name` for a variable like any other.
pub(crate) fn is_variable_of_bash(name: &[u8]) -> bool {
    bash::special(name).is_none()
}

/// A reader of `.env` files whose rules the file may be written for.
#[derive(Clone, Copy)]
pub struct Dialect(&'static Row);

struct Row {
    name: &'static str,
    aliases: &'static [&'static str],
    read: fn(&Text) -> Reading,
    view: for<'a> fn(&'a Text) -> &'a [u8],
}

/// The readers, in the order of their names.
const ROWS: [Row; 5] = [
    // `set -a; . ./.env` in bash 5.
    Row {
        name: "bash",
        aliases: &["sh", "shell"],
        read: bash::read,
        view: |text| text.script(),
    },
    // Docker Compose: `.env` and `env_file`, by compose-go 2.
    Row {
        name: "compose",
        aliases: &["docker", "docker-compose"],
        read: compose::read,
        view: |text| text.decoded().as_bytes(),
    },
    // The Rust crate, 0.15.
    Row {
        name: "dotenvy",
        aliases: &["rust"],
        read: dotenvy::read,
        view: |text| text.bytes(),
    },
    // The npm package `dotenv`, 17 and 18.
    Row {
        name: "node",
        aliases: &["dotenv", "javascript", "js"],
        read: node::read,
        view: |text| text.unix().as_bytes(),
    },
    // The PyPI package `python-dotenv`, 1.
    Row {
        name: "python",
        aliases: &["python-dotenv"],
        read: python::read,
        view: |text| text.unix().as_bytes(),
    },
];

impl Dialect {
    /// Every reader.
    pub const ALL: [Self; 5] = [
        Self(&ROWS[0]),
        Self(&ROWS[1]),
        Self(&ROWS[2]),
        Self(&ROWS[3]),
        Self(&ROWS[4]),
    ];

    /// The reader of this name, as written in the settings.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|dialect| dialect.0.name == name || dialect.0.aliases.contains(&name))
    }

    /// Its name in the settings.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.0.name
    }

    pub(crate) fn read(self, text: &Text) -> Reading {
        (self.0.read)(text)
    }

    /// The form of the text in which this reader's positions count.
    pub(crate) fn view<'a>(self, text: &'a Text) -> &'a [u8] {
        (self.0.view)(text)
    }
}

impl fmt::Debug for Dialect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.name)
    }
}

impl Eq for Dialect {}

impl PartialEq for Dialect {
    fn eq(&self, other: &Self) -> bool {
        self.0.name == other.0.name
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_unique_and_found() {
        let mut names: Vec<&str> = ROWS
            .iter()
            .flat_map(|row| row.aliases.iter().copied().chain([row.name]))
            .collect();
        for name in &names {
            assert!(Dialect::parse(name).is_some(), "{name}");
        }
        names.sort_unstable();
        let all = names.len();
        names.dedup();
        assert_eq!(names.len(), all);
        assert!(Dialect::parse("ruby").is_none());
        assert!(Dialect::parse("").is_none());
    }
}
