//! Changes of maps and lists in brackets, in every format.

use std::ops::Range;

use crate::brackets::Brackets;
use crate::change::ChangeErrorKind;
use crate::document::{Document, Format};
use crate::edit::Edit;
use crate::layout::{Comments, indent_before, is_blank, line_indent};
use crate::pen::Pen;
use crate::tree::{Form, Id, Kind, ROOT};
use crate::value::Value;

/// The edits of a change, or why there are none.
pub(crate) type Edits = Result<Vec<Edit>, ChangeErrorKind>;

/// Puts a key into a map in brackets, before the entry `at`.
pub(crate) fn insert(document: &Document, map: Id, at: usize, key: &str, value: &Value) -> Edits {
    let pen = pen(document, map);
    let render = |indent: Option<&str>| vec![pen.entry(key, value, opened(document, indent))];
    brackets(document, map, pen)?
        .insert(at, &render)
        .ok_or(ChangeErrorKind::Layout)
}

/// Puts items into a list in brackets, before the item `at`.
pub(crate) fn insert_items(document: &Document, list: Id, at: usize, items: &[Value]) -> Edits {
    let pen = pen(document, list);
    let render = |indent: Option<&str>| {
        let indent = opened(document, indent);
        items.iter().map(|item| pen.value(item, indent)).collect()
    };
    brackets(document, list, pen)?
        .insert(at, &render)
        .ok_or(ChangeErrorKind::Layout)
}

/// Takes entries or items out of a map or list in brackets.
pub(crate) fn remove(document: &Document, id: Id, which: Range<usize>) -> Edits {
    brackets(document, id, pen(document, id))?
        .remove(which)
        .ok_or(ChangeErrorKind::Layout)
}

/// Whether comments stand between the items `which`, which then have to go one by one.
pub(crate) fn has_comments_within(document: &Document, id: Id, which: Range<usize>) -> bool {
    brackets(document, id, pen(document, id))
        .is_ok_and(|brackets| brackets.has_comments_within(which))
}

/// The text of a value that takes the place of another.
pub(crate) fn replacement(document: &Document, id: Id, value: &Value) -> String {
    let pen = pen(document, document.tree.slot(id).parent);
    let start = document.tree.entry(id).start;
    let indent = indent_before(document.text(), start).or((id == ROOT).then_some(""));
    pen.value(value, opened(document, indent))
}

/// Only JSON has maps over several lines: TOML 1.0 has none, and in YAML they would be strange.
fn opened<'i>(document: &Document, indent: Option<&'i str>) -> Option<&'i str> {
    indent.filter(|_| document.format() == Format::Json)
}

fn brackets<'a>(
    document: &'a Document,
    id: Id,
    pen: Pen<'a>,
) -> Result<Brackets<'a>, ChangeErrorKind> {
    let tree = &document.tree;
    let slot = tree.slot(id);
    // `{ a.b = 1 }`: the entry is not that of its map.
    let is_dotted = |&child: &Id| tree.slot(child).form == Form::Implicit;
    if slot.form != Form::Brackets || slot.children.iter().any(is_dotted) {
        return Err(ChangeErrorKind::Layout);
    }
    let text = document.text();
    let lines = text[tree.slot(ROOT).span.range()].contains('\n') || id == ROOT;
    Ok(Brackets {
        text,
        inner: slot.span.start() + 1..slot.span.end().saturating_sub(1),
        items: slot
            .children
            .iter()
            .map(|&child| tree.entry(child))
            .collect(),
        comments: match document.format() {
            Format::Json => Comments::Slashes,
            Format::Toml | Format::Yaml => Comments::Hash,
        },
        newline: pen.newline,
        unit: pen.unit,
        may_open: lines && slot.kind == Kind::Map && document.format() == Format::Json,
        blank: pen.blank,
    })
}

/// The pen for what is written into a map or list: it takes after what stands there.
pub(crate) fn pen(document: &Document, id: Id) -> Pen<'_> {
    let text = document.text();
    let format = document.format();
    let usual = match format {
        Format::Json | Format::Yaml => ": ",
        Format::Toml => " = ",
    };
    let colon = colon(document, id).unwrap_or(usual);
    let is_compact = format == Format::Json
        && colon == ":"
        && !text[document.tree.slot(ROOT).span.range()].contains('\n');
    Pen {
        format,
        unit: unit(document, id),
        newline: document.newline(),
        colon,
        blank: if is_compact { "" } else { " " },
    }
}

/// What stands between a key and its value in this map, or in the nearest one around it that has keys.
fn colon(document: &Document, id: Id) -> Option<&str> {
    let tree = &document.tree;
    let mut id = id;
    loop {
        for &child in tree.slot(id).children.iter().rev() {
            let slot = tree.slot(child);
            let Some(key) = &slot.key else { break };
            let between = document.text().get(key.span.end()..slot.span.start());
            if let Some(between) = between
                && is_colon(between, document.format())
            {
                return Some(between);
            }
        }
        if id == ROOT {
            return None;
        }
        id = tree.slot(id).parent;
    }
}

fn is_colon(between: &str, format: Format) -> bool {
    let sign = match format {
        Format::Json => ":",
        Format::Toml => "=",
        // Only with its one blank: `"a":1` is no map outside of brackets.
        Format::Yaml => return between == ": ",
    };
    between
        .split_once(sign)
        .is_some_and(|(before, after)| is_blank(before) && is_blank(after))
}

/// One step of indentation: what a child on a line of its own has more than its parent, here or nearby.
pub(crate) fn unit(document: &Document, id: Id) -> &str {
    let (tree, text) = (&document.tree, document.text());
    let mut id = id;
    loop {
        let slot = tree.slot(id);
        let outer = line_indent(text, tree.entry(id).start);
        for &child in &slot.children {
            if let Some(inner) = indent_before(text, tree.entry(child).start)
                && let Some(more) = inner.strip_prefix(outer)
                && !more.is_empty()
            {
                return more;
            }
        }
        if id == ROOT {
            return "  ";
        }
        id = slot.parent;
    }
}
