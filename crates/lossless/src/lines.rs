//! Whole lines, put in and taken out: for TOML's tables and YAML's blocks.

use std::ops::Range;

use crate::document::Document;
use crate::edit::Edit;
use crate::tree::Form;

/// Lines of their own behind the line in which `end` stands.
pub(crate) fn behind_line(document: &Document, end: usize, lines: &[String]) -> Edit {
    let newline = document.newline();
    match document.text()[end..].find('\n') {
        Some(at) => {
            let lines: String = lines
                .iter()
                .map(|line| format!("{line}{newline}"))
                .collect();
            Edit::insert(end + at + 1, lines)
        }
        None => {
            let lines: String = lines
                .iter()
                .map(|line| format!("{newline}{line}"))
                .collect();
            Edit::insert(document.text().len(), lines)
        }
    }
}

/// Deletes ranges of lines, those that touch as one. Where the last line of a file without a line end goes, the line
/// end before it goes too.
pub(crate) fn deletions(document: &Document, mut ranges: Vec<Range<usize>>) -> Vec<Edit> {
    let text = document.text();
    ranges.sort_by_key(|range| range.start);
    let mut joined: Vec<Range<usize>> = Vec::new();
    for range in ranges {
        match joined.last_mut() {
            Some(last) if last.end >= range.start => last.end = last.end.max(range.end),
            _ => joined.push(range),
        }
    }
    if let Some(last) = joined.last_mut()
        && last.end == text.len()
        && !text.ends_with('\n')
    {
        let before = &text[..last.start];
        let before = before.strip_suffix('\n').unwrap_or(before);
        let before = before.strip_suffix('\r').unwrap_or(before).len();
        // A YAML block text ends with the line end that follows it.
        if !is_behind_block_text(document, before) {
            last.start = before;
        }
    }
    joined.into_iter().map(Edit::delete).collect()
}

/// The start of the line behind the one in which `at` stands, or the end of the text.
pub(crate) fn next_line(text: &str, at: usize) -> usize {
    text[at..]
        .find('\n')
        .map_or(text.len(), |newline| at + newline + 1)
}

/// Whether a YAML block text ends here.
pub(crate) fn is_behind_block_text(document: &Document, at: usize) -> bool {
    let is_here = |slot: &crate::tree::Slot| slot.form == Form::BlockText && slot.span.end() == at;
    document.tree.slots.iter().any(is_here)
}
