//! Changes of YAML's maps and lists by indentation, and of its scalars.

use std::ops::Range;

use crate::change::ChangeErrorKind;
use crate::collection::{self, Edits};
use crate::document::Document;
use crate::edit::Edit;
use crate::layout::{Comments, gap, indent_before, is_space, line_start};
use crate::lines::{behind_line, deletions, is_behind_block_text, next_line};
use crate::tree::{Form, Id, Kind, ROOT};
use crate::value::Value;
use crate::yaml_scalar::keeps_lines;
use crate::yaml_text;

/// Puts a value in the place of another.
pub(crate) fn set(document: &Document, id: Id, to: &Value) -> Edits {
    let slot = document.tree.slot(id);
    let span = slot.span.range();
    let before = &document.text()[..span.start];
    let text = match to {
        Value::Text(text) => yaml_text::like(slot.form, text),
        Value::List(items) if slot.form == Form::Block && !items.is_empty() => {
            let lines = Writer::new(document, id).items(items, &column(document, span.start));
            lines
                .join(document.newline())
                .trim_start_matches(' ')
                .to_owned()
        }
        Value::Map(entries) if slot.form == Form::Block && !entries.is_empty() => {
            let lines = Writer::new(document, id).entries(entries, &column(document, span.start));
            lines
                .join(document.newline())
                .trim_start_matches(' ')
                .to_owned()
        }
        _ => collection::replacement(document, id, to),
    };
    let keeps_dashes = matches!(to, Value::List(items) if !items.is_empty());
    if is_flush(document, id) && !keeps_dashes {
        return Err(ChangeErrorKind::Layout);
    }
    if span.is_empty() && id != ROOT {
        // What was null by being nothing needs a blank behind its colon or dash.
        if !before.ends_with([':', '-']) {
            return Err(ChangeErrorKind::Layout);
        }
        return Ok(vec![Edit::insert(span.start, format!(" {text}"))]);
    }
    Ok(vec![Edit::replace(span, text)])
}

/// Puts a key into a map behind its child number `at - 1`.
pub(crate) fn insert(document: &Document, map: Id, at: usize, key: &str, value: &Value) -> Edits {
    let (tree, text) = (&document.tree, document.text());
    let siblings = &tree.slot(map).children;
    let before = at.checked_sub(1).and_then(|before| siblings.get(before));
    let &before = before.ok_or(ChangeErrorKind::Layout)?;
    let first = siblings.first().map_or(0, |&first| tree.entry(first).start);
    let lines = Writer::new(document, map).entry(key, value, &column(document, first));
    let end = tree.entry(before).end;
    refuse_unless_line_ends(document, end)?;
    if !text[end..].contains('\n') && is_behind_block_text(document, end) {
        return Err(ChangeErrorKind::Layout);
    }
    Ok(vec![behind_line(document, end, &lines)])
}

/// Puts items into a list before its child number `at`.
pub(crate) fn insert_items(document: &Document, list: Id, at: usize, items: &[Value]) -> Edits {
    let (tree, text) = (&document.tree, document.text());
    let siblings = &tree.slot(list).children;
    let first = siblings.first().map_or(0, |&first| tree.entry(first).start);
    let column = column(document, first);
    let lines = Writer::new(document, list).items(items, &column);
    let Some(before) = at.checked_sub(1) else {
        let newline = document.newline();
        let lines: String = lines
            .iter()
            .map(|line| format!("{line}{newline}"))
            .collect();
        if indent_before(text, first).is_some() {
            return Ok(vec![Edit::insert(line_start(text, first), lines)]);
        }
        // Behind another dash: the line begins with what was there.
        let lines = lines.strip_prefix(&column).unwrap_or(&lines);
        return Ok(vec![Edit::insert(first, format!("{lines}{column}"))]);
    };
    let end = siblings
        .get(before)
        .map_or(0, |&before| tree.entry(before).end);
    refuse_unless_line_ends(document, end)?;
    if !text[end..].contains('\n') && is_behind_block_text(document, end) {
        return Err(ChangeErrorKind::Layout);
    }
    Ok(vec![behind_line(document, end, &lines)])
}

/// Takes children out of a map or list.
pub(crate) fn remove(document: &Document, id: Id, which: Range<usize>) -> Edits {
    let (tree, text) = (&document.tree, document.text());
    let children = &tree.slot(id).children;
    if which.len() == children.len() {
        return remove_all(document, id);
    }
    let first = tree.entry(children[which.start]).start;
    if indent_before(text, first).is_none() {
        return remove_behind_dash(document, id, which);
    }
    remove_lines(document, &children[which])
}

/// Entries with their lines; a comment behind one stays.
fn remove_lines(document: &Document, entries: &[Id]) -> Edits {
    let text = document.text();
    let mut gone = Vec::new();
    for &entry in entries {
        let Range { start, end } = document.tree.entry(entry);
        refuse_unless_line_ends(document, end)?;
        if indent_before(text, start).is_none() {
            return Err(ChangeErrorKind::Layout);
        }
        let next = next_line(text, end);
        if next < text.len()
            && text[next..next_line(text, next)].trim_end().is_empty()
            && is_behind_kept_lines(document, start)
        {
            // The empty lines behind the entry would become part of the text before it.
            return Err(ChangeErrorKind::Layout);
        }
        let rest = gap(text, end..next, Comments::Hash).ok_or(ChangeErrorKind::Layout)?;
        gone.push(match rest.comments.first() {
            Some(comment) => start..comment.start,
            None => line_start(text, start)..next,
        });
    }
    Ok(deletions(document, gone))
}

/// Whether a block text to which all empty lines belong ends in the line before that of `start`.
fn is_behind_kept_lines(document: &Document, start: usize) -> bool {
    let text = document.text();
    let before = &text[..line_start(text, start)];
    let before = before.strip_suffix('\n').unwrap_or(before);
    let end = before.strip_suffix('\r').unwrap_or(before).len();
    document.tree.slots.iter().any(|slot| {
        slot.form == Form::BlockText
            && slot.span.end() == end
            && keeps_lines(text, slot.span.start())
    })
}

/// The first entries of a map or list that begins behind a dash: the next entry takes their place.
fn remove_behind_dash(document: &Document, id: Id, which: Range<usize>) -> Edits {
    let (tree, text) = (&document.tree, document.text());
    let children = &tree.slot(id).children;
    let start = tree.entry(children[which.start]).start;
    let end = tree.entry(children[which.end - 1]).end;
    let next = children.get(which.end).map(|&next| tree.entry(next).start);
    let next = next.ok_or(ChangeErrorKind::Layout)?;
    let behind = gap(text, end..next, Comments::Hash).ok_or(ChangeErrorKind::Layout)?;
    let is_free = children[which].windows(2).all(|pair| {
        let between = tree.entry(pair[0]).end..tree.entry(pair[1]).start;
        is_space(&text[between])
    });
    if !is_free {
        return Err(ChangeErrorKind::Layout);
    }
    let end = if behind.comments.is_empty() {
        next
    } else {
        end
    };
    Ok(vec![Edit::delete(start..end)])
}

/// All entries: what stays is `{}` or `[]`, behind the key.
fn remove_all(document: &Document, id: Id) -> Edits {
    let (tree, text) = (&document.tree, document.text());
    let slot = tree.slot(id);
    let empty = match slot.kind {
        Kind::List => "[]",
        _ => "{}",
    };
    if let Some(key) = &slot.key {
        let between = &text[key.span.end()..slot.span.start()];
        let blanks = between.len() - between.trim_start_matches([' ', '\t']).len();
        let colon = key.span.end() + blanks;
        if !text[colon..].starts_with(':') {
            return Err(ChangeErrorKind::Layout);
        }
        let mut edits = remove_lines(document, &slot.children)?;
        edits.push(Edit::insert(colon + 1, format!(" {empty}")));
        return Ok(edits);
    }
    let is_free = slot.children.windows(2).all(|pair| {
        let between = tree.entry(pair[0]).end..tree.entry(pair[1]).start;
        is_space(&text[between])
    });
    if !is_free {
        return Err(ChangeErrorKind::Layout);
    }
    Ok(vec![Edit::replace(slot.span.range(), empty)])
}

/// Whether the dashes of a list stand right under the key that it belongs to.
fn is_flush(document: &Document, id: Id) -> bool {
    let slot = document.tree.slot(id);
    let Some(key) = slot.key.as_ref().filter(|_| slot.form == Form::Block) else {
        return false;
    };
    column(document, key.span.start()).len() >= column(document, slot.span.start()).len()
}

fn refuse_unless_line_ends(document: &Document, end: usize) -> Result<(), ChangeErrorKind> {
    let text = document.text();
    gap(text, end..next_line(text, end), Comments::Hash)
        .filter(|gap| gap.comma.is_none())
        .map(|_| ())
        .ok_or(ChangeErrorKind::Layout)
}

/// As many blanks as there are characters before `at` on its line: the indentation of what stands there.
fn column(document: &Document, at: usize) -> String {
    let text = document.text();
    " ".repeat(text[line_start(text, at)..at].chars().count())
}

/// Writes maps and lists by indentation.
struct Writer<'a> {
    document: &'a Document,
    /// What the entries of a map are indented by within another.
    unit: &'a str,
    /// What the dashes of a list are indented by under their key.
    dash: String,
}

impl<'a> Writer<'a> {
    fn new(document: &'a Document, id: Id) -> Self {
        let unit = collection::unit(document, id);
        let is_blank = !unit.is_empty() && unit.bytes().all(|byte| byte == b' ');
        let tree = &document.tree;
        let dash = tree.slots.iter().find_map(|slot| {
            let key = slot.key.as_ref()?;
            let &first = slot.children.first()?;
            let dash = tree.slot(first).dash? as usize;
            let (key, dash) = (column(document, key.span.start()), column(document, dash));
            dash.strip_prefix(&key).map(str::to_owned)
        });
        Self {
            document,
            unit: if is_blank { unit } else { "  " },
            dash: dash.unwrap_or_else(|| "  ".to_owned()),
        }
    }

    fn entries(&self, entries: &[(String, Value)], indent: &str) -> Vec<String> {
        entries
            .iter()
            .flat_map(|(key, value)| self.entry(key, value, indent))
            .collect()
    }

    fn entry(&self, key: &str, value: &Value, indent: &str) -> Vec<String> {
        let pen = collection::pen(self.document, ROOT);
        let key = pen.key(key);
        let mut lines = vec![format!("{indent}{key}:")];
        match value {
            Value::Map(entries) if !entries.is_empty() => {
                lines.extend(self.entries(entries, &format!("{indent}{}", self.unit)));
            }
            Value::List(items) if !items.is_empty() => {
                lines.extend(self.items(items, &format!("{indent}{}", self.dash)));
            }
            _ => return vec![format!("{indent}{key}: {}", pen.value(value, None))],
        }
        lines
    }

    fn items(&self, items: &[Value], indent: &str) -> Vec<String> {
        let pen = collection::pen(self.document, ROOT);
        let mut lines = Vec::new();
        for item in items {
            match item {
                Value::Map(entries) if !entries.is_empty() => {
                    let inner = self.entries(entries, &format!("{indent}  "));
                    let mut inner = inner.into_iter();
                    if let Some(first) = inner.next() {
                        lines.push(format!("{indent}- {}", first.trim_start_matches(' ')));
                    }
                    lines.extend(inner);
                }
                _ => lines.push(format!("{indent}- {}", pen.value(item, None))),
            }
        }
        lines
    }
}
