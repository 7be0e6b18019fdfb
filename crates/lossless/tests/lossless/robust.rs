//! Whatever bytes come: a document or a flaw, never a panic, and places that are within the text.

use mcp_launch_lossless::{Document, Format, Node};
use proptest::prelude::*;

const PIECES: &[&str] = &[
    "{", "}", "[", "]", ":", ": ", ",", "\"", "'", "\n", "\r\n", " ", "  ", "\t", "- ", "-", "? ",
    "#", " # c", "//", "/*", "*/", "&a ", "*a", "!t ", "|", ">-", "|+", "---", "...", "=", " = ",
    ".", "[[", "]]", "\"\"\"", "'''", "a", "b", "1", "1.5", "é", "😀", "\u{feff}", "\\", "\\u00",
    "\\ud83d", "null", "%", "<<", "~", "\u{85}", "\u{2028}",
];

fn check(node: Node<'_>, text: &str) {
    assert!(
        text.get(node.span()).is_some(),
        "{:?} in {text:?}",
        node.span()
    );
    if let Some(key) = node.key_span() {
        assert!(text.get(key).is_some());
    }
    assert!(
        node.line() > 0
            && node
                .text()
                .is_none_or(|decoded| decoded.len() <= text.len())
    );
    assert!(node.place().0.len() <= 128);
    for child in node.entries().map(|(_, child)| child).chain(node.items()) {
        check(child, text);
    }
}

fn read(text: &str) {
    for format in [Format::Json, Format::Toml, Format::Yaml] {
        if let Ok(document) = Document::parse(text.as_bytes(), format) {
            check(document.root(), text);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn pieces_of_syntax_in_any_order_do_no_harm(pieces in proptest::collection::vec(proptest::sample::select(PIECES), 0..24)) {
        read(&pieces.concat());
    }

    #[test]
    fn any_text_does_no_harm(text in any::<String>()) {
        read(&text);
    }
}
