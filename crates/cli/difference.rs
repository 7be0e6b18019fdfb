//! What changes in a file, line by line, with every secret masked.

use std::ops::Range;

use mcp_launch_clients::{Client, servers};
use mcp_launch_lossless::{Document, Node};
use mcp_launch_shapes::judge;
use similar::{ChangeTag, TextDiff};

use mcp_launch_adopt::sightings;

/// A line that goes or comes.
pub(crate) enum Line {
    Comes(String),
    Goes(String),
    /// Lines between were left out.
    Gap,
}

/// Longer lines are cut: a file that is one line shows nothing that a person could read.
const LONGEST: usize = 400;

/// The lines that differ. What is, or may be, a secret is masked on both sides.
pub(crate) fn lines(before: &Document, after: &Document, client: &Client) -> Vec<Line> {
    let (before, after) = (masked(before, client), masked(after, client));
    let diff = TextDiff::from_lines(&before, &after);
    let mut lines = Vec::new();
    for (number, group) in diff.grouped_ops(0).iter().enumerate() {
        if number > 0 {
            lines.push(Line::Gap);
        }
        for change in group.iter().flat_map(|op| diff.iter_changes(op)) {
            let text = cut(change.value().trim_end_matches(['\r', '\n']));
            match change.tag() {
                ChangeTag::Delete => lines.push(Line::Goes(text)),
                ChangeTag::Insert => lines.push(Line::Comes(text)),
                ChangeTag::Equal => {}
            }
        }
    }
    lines
}

/// The text of a document with a note of its length in the place of each text that holds a secret.
fn masked(document: &Document, client: &Client) -> String {
    let mut spans: Vec<_> = servers(document, client)
        .iter()
        .flat_map(sightings)
        .filter_map(|sighting| {
            let span = document.at(&sighting.place)?.span();
            Some((span, sighting.value.len()))
        })
        .collect();
    everywhere("", document.root(), &mut spans);
    spans.sort_by_key(|(span, _)| span.start);
    let bytes = document.bytes();
    let mut out = String::with_capacity(bytes.len());
    let mut from = 0;
    for (span, length) in spans {
        // Two secrets in one text.
        if span.start < from {
            continue;
        }
        out.push_str(&String::from_utf8_lossy(&bytes[from..span.start]));
        out.push_str(&format!("‹a secret of {length} bytes›"));
        from = span.end;
    }
    out.push_str(&String::from_utf8_lossy(&bytes[from..]));
    out
}

/// What looks like a secret outside of servers: a file that is one line shows all of it.
fn everywhere(key: &str, node: Node<'_>, spans: &mut Vec<(Range<usize>, usize)>) {
    if let Some(text) = node.text() {
        let found = judge(key, text).findings;
        spans.extend(found.first().map(|first| (node.span(), first.part.len())));
    }
    for (key, below) in node.entries() {
        everywhere(key, below, spans);
    }
    for below in node.items() {
        everywhere(key, below, spans);
    }
}

fn cut(line: &str) -> String {
    match line.char_indices().nth(LONGEST) {
        Some((at, _)) => format!("{}…", &line[..at]),
        None => line.to_owned(),
    }
}
