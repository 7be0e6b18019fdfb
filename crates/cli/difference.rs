//! What changes in a file, line by line, with every value masked that is not known to be none.

mod masked;

use mcp_launch_clients::Client;
use mcp_launch_core::shown;
use mcp_launch_lossless::Document;
use similar::{ChangeTag, TextDiff};

use masked::masked;

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

/// The beginning of a line, which is one line on a terminal too.
fn cut(line: &str) -> String {
    let line = match line.char_indices().nth(LONGEST) {
        Some((at, _)) => format!("{}…", &line[..at]),
        None => line.to_owned(),
    };
    shown(&line.replace('\t', "    ")).to_string()
}
