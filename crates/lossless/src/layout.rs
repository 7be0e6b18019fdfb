//! How a text is laid out around a byte: lines, indentation, comments and commas between values.

use std::ops::Range;

use crate::document::MARK;

/// The comments of a format.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Comments {
    /// `// …` and `/* … */`
    Slashes,
    /// `# …`
    Hash,
}

/// The first byte of the line in which `at` stands.
pub(crate) fn line_start(text: &str, at: usize) -> usize {
    let mark = if text.starts_with(MARK) {
        MARK.len()
    } else {
        0
    };
    text[..at]
        .rfind('\n')
        .map_or(mark, |newline| newline + 1)
        .min(at)
}

/// The white space before `at`, if there is nothing else in front of it on its line.
pub(crate) fn indent_before(text: &str, at: usize) -> Option<&str> {
    let indent = &text[line_start(text, at)..at];
    is_blank(indent).then_some(indent)
}

/// The white space at the start of the line in which `at` stands.
pub(crate) fn line_indent(text: &str, at: usize) -> &str {
    let line = &text[line_start(text, at)..at];
    &line[..line.len() - line.trim_start_matches([' ', '\t']).len()]
}

/// Only blanks and tabs, or nothing.
pub(crate) fn is_blank(text: &str) -> bool {
    text.bytes().all(|byte| matches!(byte, b' ' | b'\t'))
}

/// Only white space, with line ends, or nothing.
pub(crate) fn is_space(text: &str) -> bool {
    text.bytes()
        .all(|byte| matches!(byte, b' ' | b'\t' | b'\r' | b'\n'))
}

/// What stands between two values: white space, one comma at most, and comments.
#[derive(Debug, Default)]
pub(crate) struct Gap {
    pub(crate) comma: Option<usize>,
    pub(crate) comments: Vec<Range<usize>>,
}

/// Reads the gap `within` a text; `None` if anything else stands there.
pub(crate) fn gap(text: &str, within: Range<usize>, comments: Comments) -> Option<Gap> {
    let mut gap = Gap::default();
    let mut at = within.start;
    while at < within.end {
        match text.as_bytes()[at] {
            b' ' | b'\t' | b'\r' | b'\n' => at += 1,
            b',' if gap.comma.is_none() => {
                gap.comma = Some(at);
                at += 1;
            }
            _ => {
                let end = comment_end(text, at, comments)?.min(within.end);
                gap.comments.push(at..end);
                at = end;
            }
        }
    }
    Some(gap)
}

/// The end of the comment that begins at `at`, without its line end; `None` if none begins there.
pub(crate) fn comment_end(text: &str, at: usize, comments: Comments) -> Option<usize> {
    let rest = &text[at..];
    let opening = match comments {
        Comments::Slashes => "//",
        Comments::Hash => "#",
    };
    if rest.starts_with(opening) {
        let line = rest.split(['\n', '\r']).next().unwrap_or(rest);
        return Some(at + line.len());
    }
    if comments == Comments::Slashes && rest.starts_with("/*") {
        return rest.find("*/").map(|end| at + end + 2);
    }
    None
}

/// Whether a comment ends with its line, so that nothing may be put behind it.
pub(crate) fn is_line_comment(text: &str, comment: &Range<usize>) -> bool {
    !text[comment.clone()].starts_with("/*")
}

/// The rest of a line behind a value, if it holds nothing but a comma and comments and the line ends.
pub(crate) struct Rest {
    pub(crate) comma: Option<usize>,
    pub(crate) has_comment: bool,
    /// The start of the next line.
    pub(crate) next: usize,
}

/// Reads the rest of the line from `from`.
pub(crate) fn line_rest(text: &str, from: usize, comments: Comments) -> Option<Rest> {
    let newline = from + text[from..].find('\n')?;
    // A comment that goes on in the next line is cut here, and then it is none.
    let gap = gap(&text[..newline], from..newline, comments)?;
    Some(Rest {
        comma: gap.comma,
        has_comment: !gap.comments.is_empty(),
        next: newline + 1,
    })
}
