//! What is written down about the keys of a credential, in a tag of their user: 256 characters of those that tags take.

use mcp_launch_rotation::RotationId;

/// Of the value of a tag.
const LONGEST_VALUE: usize = 256;
/// Of its key.
const LONGEST_KEY: usize = 128;

/// The keys that were made for one credential.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(super) struct Ledger {
    /// An attempt whose answer was not written down.
    pub(super) intent: Option<Intent>,
    /// Ids of keys, and what they were made for.
    pub(super) made: Vec<(String, RotationId)>,
}

/// An attempt to make a key.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Intent {
    pub(super) id: RotationId,
    /// When it began, in seconds since 1970 by IAM's clock.
    pub(super) at: i64,
    /// The key that there was.
    pub(super) before: Option<String>,
}

/// The key of the tag, where the credential's name can stand in one.
pub(super) fn tag(credential: &str) -> Option<String> {
    let tag = format!("mcp-launch:{credential}");
    let takes = |c: char| c.is_alphanumeric() || " _.:/=+-@".contains(c);
    let good = !credential.is_empty()
        && tag.chars().all(takes)
        && tag.chars().count() <= LONGEST_KEY
        && tag.trim() == tag;
    good.then_some(tag)
}

impl Ledger {
    /// None for names that a tag does not take, or not all of them.
    pub(super) fn written(&self) -> Option<String> {
        let mut words = vec!["v1".to_owned()];
        if let Some(Intent { id, at, before }) = &self.intent {
            let before = before.as_deref().unwrap_or_default();
            words.push(format!("making={}:{at}:{before}", word(id.as_str())?));
        }
        for (key, id) in &self.made {
            words.push(format!("made={}:{}", word(key)?, word(id.as_str())?));
        }
        let text = words.join(" ");
        (text.len() <= LONGEST_VALUE).then_some(text)
    }

    /// What cannot be read says nothing, so that no key is taken for ours.
    pub(super) fn parse(text: &str) -> Self {
        Self::parsed(text).unwrap_or_default()
    }

    fn parsed(text: &str) -> Option<Self> {
        let mut ledger = Self::default();
        let mut words = text.split(' ');
        if words.next() != Some("v1") {
            return None;
        }
        for word in words {
            let (name, value) = word.split_once('=')?;
            let parts: Vec<&str> = value.split(':').collect();
            match (name, parts.as_slice()) {
                ("making", [id, at, before]) => {
                    ledger.intent = Some(Intent {
                        id: RotationId::new(*id).ok()?,
                        at: at.parse().ok()?,
                        before: (!before.is_empty()).then(|| (*before).to_owned()),
                    });
                }
                ("made", [key, id]) => {
                    let id = RotationId::new(*id).ok()?;
                    ledger.made.push(((*key).to_owned(), id));
                }
                _ => return None,
            }
        }
        Some(ledger)
    }
}

fn word(text: &str) -> Option<&str> {
    let takes = |byte: u8| byte.is_ascii_alphanumeric() || b"_.-".contains(&byte);
    text.bytes().all(takes).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(text: &str) -> RotationId {
        RotationId::new(text).unwrap()
    }

    #[test]
    fn what_is_written_is_read() {
        let uuid = "f81d4fae-7dec-81d0-a765-00a0c91e6bf6";
        let full = Ledger {
            intent: Some(Intent {
                id: id(uuid),
                at: 1_900_000_000,
                before: Some("AKIAIOSFODNN7EXAMPLE".to_owned()),
            }),
            made: vec![
                ("AKIAIOSFODNN7EXAMPL1".to_owned(), id(uuid)),
                ("AKIAIOSFODNN7EXAMPL2".to_owned(), id(uuid)),
            ],
        };
        let mut first = Ledger {
            intent: full.intent.clone(),
            made: Vec::new(),
        };
        first.intent.as_mut().unwrap().before = None;
        for ledger in [Ledger::default(), first, full] {
            assert_eq!(Ledger::parse(&ledger.written().unwrap()), ledger);
        }
    }

    #[test]
    fn what_no_tag_takes_is_not_written() {
        for bad in ["a b", "a:b", "a=b", &"x".repeat(128)] {
            let ledger = Ledger {
                intent: None,
                made: vec![("A".repeat(128), id(bad))],
            };
            assert_eq!(ledger.written(), None, "{bad}");
        }
        assert!(tag("my key_1").is_some() && tag(&"x".repeat(117)).is_some());
        for bad in ["", "a#b", "a\n", " a ", &"x".repeat(118)] {
            assert_eq!(tag(bad), None, "{bad}");
        }
    }

    #[test]
    fn what_somebody_else_wrote_makes_no_key_ours() {
        for text in [
            "",
            "v2 made=A:b",
            "v1 made=A",
            "v1 making=a:x:",
            "v1 other",
            "made=A:b",
        ] {
            assert_eq!(Ledger::parse(text), Ledger::default(), "{text}");
        }
    }
}
