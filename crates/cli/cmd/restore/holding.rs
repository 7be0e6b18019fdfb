//! Whether a file, as it is to be, has a value again, or still refers to it.

use std::path::Path;

use mcp_launch_clients::{Machine, of_path};
use mcp_launch_core::{Environment, Secret};
use mcp_launch_lossless::{Document, Kind, Node};
use source_dotenv::Dialect;

/// A value of fewer bytes stands in many a text by chance, and must be the whole of one.
const SHORT: usize = 6;

/// The content of a file, for looking into it.
pub(super) struct Content<'a> {
    bytes: &'a [u8],
    /// None of what is no config, a `.env` or one that cannot be read.
    config: Option<Document>,
}

impl<'a> Content<'a> {
    pub(super) fn new(path: &Path, bytes: &'a [u8]) -> Self {
        let nobody = Environment::from_pairs::<&str, &str>([]);
        let machine = Machine::new(&nobody, path.parent().unwrap_or(path));
        let format = of_path(path, &machine).format;
        Self {
            bytes,
            config: Document::parse(bytes, format).ok(),
        }
    }

    /// Whether a placeholder stands in it that may mean what is called `name`: `$<NAME>` or `$<store:NAME>`.
    pub(super) fn refers_to(&self, name: &str) -> bool {
        let raw = String::from_utf8_lossy(self.bytes);
        has_placeholder(&raw, name)
            || self.any_text(&|text| {
                std::str::from_utf8(text).is_ok_and(|text| has_placeholder(text, name))
            })
    }

    /// Whether it has `value`: in a text of a config, or as the value of a line.
    #[expect(clippy::disallowed_methods, reason = "compared with a file")]
    pub(super) fn holds(&self, value: &Secret) -> bool {
        let sought = value.expose();
        if self.config.is_some() {
            return self.any_text(&|text| match sought.len() < SHORT {
                true => text == sought,
                false => text.windows(sought.len()).any(|part| part == sought),
            });
        }
        let lines = source_dotenv::Document::parse(self.bytes);
        Dialect::ALL.into_iter().any(|dialect| {
            let assignments = lines.read_by(dialect).assignments;
            assignments
                .iter()
                .any(|assignment| matches!(&assignment.value, Ok(there) if there.is_same(value)))
        })
    }

    fn any_text(&self, holds: &dyn Fn(&[u8]) -> bool) -> bool {
        let config = self.config.as_ref();
        config.is_some_and(|config| any(config, config.root(), holds))
    }
}

/// Whether one of the texts below `node` is such. What is no text is taken as it is written.
fn any(document: &Document, node: Node<'_>, holds: &dyn Fn(&[u8]) -> bool) -> bool {
    match node.kind() {
        Kind::Map => node
            .entries()
            .any(|(key, value)| holds(key.as_bytes()) || any(document, value, holds)),
        Kind::List => node.items().any(|item| any(document, item, holds)),
        Kind::Text => node.text().is_some_and(|text| holds(text.as_bytes())),
        _ => document.source(&node.place()).is_some_and(holds),
    }
}

/// Taken widely: whatever is within the brackets beside the name.
fn has_placeholder(text: &str, name: &str) -> bool {
    text.split("$<").skip(1).any(|rest| {
        let within = rest.split('>').next().unwrap_or_default();
        let is_of_name = |character: char| {
            character.is_ascii_alphanumeric() || matches!(character, '_' | '.' | '-')
        };
        let mut words = within.split(|character| !is_of_name(character));
        let (bare, _default) = within.split_once(":-").unwrap_or((within, ""));
        words.any(|word| word == name) || bare == name || bare.ends_with(&format!(":{name}"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_placeholder_is_seen_however_it_is_written() {
        for (path, text) in [
            ("/x/.env", "A='$<KEY>'"),
            ("/x/.env", "A=$<sealed:KEY>"),
            ("/x/a.json", r#"{"a": ["x$<KEY:-none>"]}"#),
            ("/x/a.json", r#"{"a": "$\u003cKEY\u003e"}"#),
        ] {
            let content = Content::new(Path::new(path), text.as_bytes());
            assert!(content.refers_to("KEY"), "{text}");
            assert!(!content.refers_to("KE"), "{text}");
        }
    }

    #[test]
    fn a_value_is_seen_in_the_escapes_of_its_file_and_nowhere_else() {
        let value = Secret::new(b"se\"cret".to_vec());
        for (path, text, holds) in [
            ("/x/a.json", r#"{"a": "Bearer se\"cret"}"#, true),
            ("/x/a.json", r#"{"a": "secret"}"#, false),
            ("/x/.env", "A='se\"cret' # x\n", true),
            ("/x/.env", "# A='se\"cret'\n", false),
        ] {
            let content = Content::new(Path::new(path), text.as_bytes());
            assert_eq!(content.holds(&value), holds, "{text}");
        }
        let short = Secret::new(b"ab".to_vec());
        let content = |text: &'static str| Content::new(Path::new("/x/a.json"), text.as_bytes());
        assert!(!content(r#"{"a": "cab"}"#).holds(&short));
        assert!(content(r#"{"a": "ab"}"#).holds(&short));
    }
}
