//! Entries and items within brackets, with commas: all of JSON, TOML's arrays and inline tables, YAML's flow style.
//!
//! Putting in and taking out are each other's inverse: what stands on a line of its own is put in and taken out with
//! that line, anything else with the comma and the white space before it.

use std::ops::Range;

use crate::edit::Edit;
use crate::layout::{
    Comments, gap, indent_before, is_line_comment, is_space, line_indent, line_rest, line_start,
};

/// A map or list in brackets.
pub(crate) struct Brackets<'a> {
    pub(crate) text: &'a str,
    /// What stands between the brackets.
    pub(crate) inner: Range<usize>,
    /// Each entry from its key to the end of its value, each item.
    pub(crate) items: Vec<Range<usize>>,
    pub(crate) comments: Comments,
    pub(crate) newline: &'a str,
    /// One step of indentation.
    pub(crate) unit: &'a str,
    /// Whether the first entry may be put on a line of its own.
    pub(crate) may_open: bool,
    /// What a comma is followed by if no sibling shows it.
    pub(crate) blank: &'a str,
}

/// Writes new entries, given the indentation of their line or nothing if they are to stay on one line.
pub(crate) type Render<'r> = &'r dyn Fn(Option<&str>) -> Vec<String>;

impl Brackets<'_> {
    /// Puts new items before the item `at`, or at the end.
    pub(crate) fn insert(&self, at: usize, render: Render<'_>) -> Option<Vec<Edit>> {
        if self.items.is_empty() {
            return self.insert_only(render);
        }
        match at.checked_sub(1) {
            None => self.insert_first(render),
            Some(before) => self.insert_after(before, render),
        }
    }

    fn insert_only(&self, render: Render<'_>) -> Option<Vec<Edit>> {
        let Range { start, end } = self.inner;
        let inner = &self.text[self.inner.clone()];
        let between = gap(self.text, self.inner.clone(), self.comments)?;
        if let Some(comment) = between.comments.first() {
            if indent_before(self.text, end).is_none() {
                return Some(vec![Edit::insert(end, self.inline(&render(None)))]);
            }
            let indent = match indent_before(self.text, comment.start) {
                Some(indent) => indent.to_owned(),
                None => format!("{}{}", line_indent(self.text, end), self.unit),
            };
            let lines = self.lines(&render(Some(&indent)), &indent, false);
            return Some(vec![Edit::insert(line_start(self.text, end), lines)]);
        }
        if inner.is_empty() && self.may_open {
            let outer = line_indent(self.text, start);
            let indent = format!("{outer}{}", self.unit);
            let lines = self.lines(&render(Some(&indent)), &indent, false);
            return Some(vec![Edit::insert(
                start,
                format!("{}{lines}{outer}", self.newline),
            )]);
        }
        let new = self.inline(&render(None));
        if inner.contains('\n') {
            return Some(vec![Edit::insert(start, new)]);
        }
        Some(vec![Edit::insert(end, format!("{new}{inner}"))])
    }

    fn insert_first(&self, render: Render<'_>) -> Option<Vec<Edit>> {
        let first = self.items[0].start;
        let indent = indent_before(self.text, first);
        if let Some(indent) = indent
            && let Some(rest) = line_rest(self.text, self.inner.start, self.comments)
            && rest.next <= first
        {
            let lines = self.lines(&render(Some(indent)), indent, true);
            return Some(vec![Edit::insert(rest.next, lines)]);
        }
        let mut lead = self.lead(1).to_owned();
        if let Some(indent) = indent
            && lead.contains('\n')
        {
            lead = format!("{}{indent}", self.newline);
        }
        let new: String = render(None)
            .iter()
            .map(|item| format!("{item},{lead}"))
            .collect();
        Some(vec![Edit::insert(first, new)])
    }

    fn insert_after(&self, before: usize, render: Render<'_>) -> Option<Vec<Edit>> {
        let sibling = &self.items[before];
        let between = gap(
            self.text,
            sibling.end..self.start_after(before),
            self.comments,
        )?;
        let is_last = before + 1 == self.items.len();
        let next = self.items.get(before + 1);
        let indent = indent_before(self.text, sibling.start)
            .or_else(|| indent_before(self.text, next?.start));
        if let Some(indent) = indent
            && let Some(rest) = line_rest(self.text, sibling.end, self.comments)
            && (rest.comma.is_some() || (is_last && between.comma.is_none()))
        {
            let trailing = rest.comma.is_some();
            let lines = self.lines(&render(Some(indent)), indent, trailing);
            let comma = if trailing { "" } else { "," };
            return Some(vec![
                Edit::insert(sibling.end, comma),
                Edit::insert(rest.next, lines),
            ]);
        }
        let mut lead = self.lead(before + 1);
        if indent.is_none() && lead.contains('\n') {
            lead = self.blank;
        }
        let indent = lead.rfind('\n').map(|newline| &lead[newline + 1..]);
        let new: String = render(indent)
            .iter()
            .map(|item| format!(",{lead}{item}"))
            .collect();
        Some(vec![Edit::insert(sibling.end, new)])
    }

    /// Takes out the items `which`, which must not have comments between them.
    pub(crate) fn remove(&self, which: Range<usize>) -> Option<Vec<Edit>> {
        let first = self.items.get(which.start)?.start;
        let last = self.items.get(which.end.checked_sub(1)?)?.end;
        let has_next = which.end < self.items.len();
        let after = gap(
            self.text,
            last..self.start_after(which.end - 1),
            self.comments,
        )?;
        let comma_before = match which.start.checked_sub(1) {
            Some(before) => {
                let between = gap(self.text, self.items[before].end..first, self.comments)?;
                Some((between.comma?, between.comments))
            }
            None => None,
        };
        if indent_before(self.text, first).is_some()
            && let Some(rest) = line_rest(self.text, last, self.comments)
            && match rest.comma {
                Some(comma) => is_space(&self.text[last..comma]),
                None => !has_next && after.comma.is_none(),
            }
        {
            let mut edits = Vec::new();
            if rest.has_comment {
                // The comment stays, alone on the line.
                let end = rest.comma.map_or(last, |comma| comma + 1);
                edits.push(Edit::delete(first..self.skip_blanks(end)));
            } else {
                edits.push(Edit::delete(line_start(self.text, first)..rest.next));
            }
            if let Some((comma, _)) = comma_before {
                if !has_next && rest.comma.is_none() {
                    edits.push(Edit::delete(comma..comma + 1));
                }
            } else if !has_next
                && !rest.has_comment
                && is_space(&self.text[self.inner.start..first])
                && is_space(&self.text[rest.next..self.inner.end])
            {
                return Some(vec![Edit::delete(self.inner.clone())]);
            }
            return Some(edits);
        }
        if let Some((comma, comments)) = comma_before {
            return Some(self.remove_with_comma_before(comma, &comments, first..last));
        }
        Some(self.remove_at_start(first..last, after.comma, &after.comments, has_next))
    }

    fn remove_with_comma_before(
        &self,
        comma: usize,
        comments: &[Range<usize>],
        removed: Range<usize>,
    ) -> Vec<Edit> {
        let last_comment = comments.last().filter(|comment| comment.start > comma);
        let from = match last_comment {
            None => return vec![Edit::delete(comma..removed.end)],
            Some(comment) if is_line_comment(self.text, comment) => removed.start,
            Some(comment) => comment.end,
        };
        vec![
            Edit::delete(comma..comma + 1),
            Edit::delete(from..removed.end),
        ]
    }

    fn remove_at_start(
        &self,
        removed: Range<usize>,
        comma: Option<usize>,
        comments: &[Range<usize>],
        has_next: bool,
    ) -> Vec<Edit> {
        let before = &self.text[self.inner.start..removed.start];
        let Some(comma) = comma else {
            // The only one: the white space that was put behind it goes with it.
            let behind = &self.text[removed.end..self.inner.end];
            let is_padding = before == behind && is_space(behind) && !behind.contains('\n');
            let end = if is_padding {
                self.inner.end
            } else {
                removed.end
            };
            return vec![Edit::delete(removed.start..end)];
        };
        let space_end = if has_next {
            let rest = &self.text[comma + 1..self.inner.end];
            let space = rest.len() - rest.trim_start_matches([' ', '\t', '\r', '\n']).len();
            comma + 1 + space
        } else {
            comma + 1
        };
        if comments.iter().any(|comment| comment.start < comma) {
            return vec![Edit::delete(removed), Edit::delete(comma..comma + 1)];
        }
        vec![Edit::delete(removed.start..space_end)]
    }

    /// Whether comments stand between the items `which`.
    pub(crate) fn has_comments_within(&self, which: Range<usize>) -> bool {
        self.items[which].windows(2).any(|pair| {
            gap(self.text, pair[0].end..pair[1].start, self.comments)
                .is_none_or(|gap| !gap.comments.is_empty())
        })
    }

    /// Where the item behind `index` begins, or the closing bracket stands.
    fn start_after(&self, index: usize) -> usize {
        self.items
            .get(index + 1)
            .map_or(self.inner.end, |next| next.start)
    }

    /// The white space behind the comma before the item `at`, or before one of its neighbours.
    fn lead(&self, at: usize) -> &str {
        let behind_comma = |index: usize| {
            let start = self.items.get(index.checked_sub(1)?)?.end;
            let end = self.items.get(index)?.start;
            let comma = gap(self.text, start..end, self.comments)?.comma?;
            Some(&self.text[comma + 1..end]).filter(|space| is_space(space))
        };
        let behind_bracket = || {
            let space = &self.text[self.inner.start..self.items.first()?.start];
            (is_space(space) && space.contains('\n')).then_some(space)
        };
        behind_comma(at)
            .or_else(|| behind_comma(at.checked_sub(1)?))
            .or_else(behind_bracket)
            .unwrap_or(self.blank)
    }

    fn skip_blanks(&self, from: usize) -> usize {
        let rest = &self.text[from..];
        from + rest.len() - rest.trim_start_matches([' ', '\t']).len()
    }

    fn inline(&self, items: &[String]) -> String {
        items.join(&format!(",{}", self.blank))
    }

    /// Lines of their own, with a comma behind each, or behind all but the last.
    fn lines(&self, items: &[String], indent: &str, trailing: bool) -> String {
        let mut out = String::new();
        for (number, item) in items.iter().enumerate() {
            let comma = if trailing || number + 1 < items.len() {
                ","
            } else {
                ""
            };
            out.push_str(&format!("{indent}{item}{comma}{}", self.newline));
        }
        out
    }
}
