//! Changes of TOML tables: settings on their lines, and sections under their headers.

use std::ops::Range;

use crate::change::ChangeErrorKind;
use crate::collection::{self, Edits};
use crate::document::{Document, MARK};
use crate::edit::Edit;
use crate::layout::{Comments, gap, line_indent, line_start};
use crate::lines::{behind_line, deletions, next_line};
use crate::node::Node;
use crate::place::Step;
use crate::tree::{Form, Id, Kind, ROOT, Section, Setting};
use crate::value::Value;

/// Puts a key into a table behind its child number `at - 1`: as a line among its own, or as a section of its own where
/// the table has no lines.
pub(crate) fn insert(document: &Document, table: Id, at: usize, key: &str, value: &Value) -> Edits {
    let slot = document.tree.slot(table);
    if slot.kind != Kind::Map {
        return Err(ChangeErrorKind::NotAMap);
    }
    refuse_within_brackets(document, table)?;
    if let (ROOT, Value::Map(entries)) = (table, value) {
        return Ok(new_section(document, table, key, entries));
    }
    let pen = collection::pen(document, table);
    let entry = pen.entry(key, value, None);
    let behind = at
        .checked_sub(1)
        .and_then(|before| slot.children.get(before).copied());
    let mut own = lines_of(document, table);
    let line = own
        .iter()
        .rposition(|(_, setting)| {
            behind.is_some_and(|behind| document.tree.is_within(setting.node, behind))
        })
        .or(own.len().checked_sub(1));
    if let Some(line) = line {
        let (section, setting) = own.swap_remove(line);
        let prefix = match document.tree.steps_up(table, section.table) {
            None | Some(0) => String::new(),
            Some(parts) => {
                let end = setting.part_ends.get(parts - 1).copied();
                let end = end.ok_or(ChangeErrorKind::Layout)?;
                format!("{}.", &document.text()[setting.span.start()..end])
            }
        };
        let indent = line_indent(document.text(), setting.span.start());
        let lines = [format!("{indent}{prefix}{entry}")];
        return Ok(vec![behind_line(document, setting.span.end(), &lines)]);
    }
    match (slot.form, value) {
        (Form::Table, _) if table == ROOT => Ok(vec![at_top(document, entry)]),
        (Form::Table, _) => {
            let indent = line_indent(document.text(), slot.span.start());
            let lines = [format!("{indent}{entry}")];
            Ok(vec![behind_line(document, slot.span.end(), &lines)])
        }
        (_, Value::Map(entries)) => Ok(new_section(document, table, key, entries)),
        _ => Err(ChangeErrorKind::NotInOnePiece),
    }
}

/// `{ a.b = 1 }`: the table `a` has no line of its own.
fn refuse_within_brackets(document: &Document, table: Id) -> Result<(), ChangeErrorKind> {
    let mut id = table;
    while id != ROOT {
        let slot = document.tree.slot(id);
        if slot.form == Form::Brackets {
            return Err(ChangeErrorKind::Layout);
        }
        id = slot.parent;
    }
    Ok(())
}

/// The settings that set a key of this very table, or, dotted, one below it: in its own section, or with a dotted key
/// in that of a table around it.
fn lines_of(document: &Document, table: Id) -> Vec<(&Section, &Setting)> {
    let tree = &document.tree;
    let sections = tree
        .sections
        .iter()
        .filter(|section| tree.is_within(table, section.table));
    sections
        .flat_map(|section| {
            section
                .settings
                .iter()
                .map(move |setting| (section, setting))
        })
        .filter(|(_, setting)| setting.node != table && tree.is_within(setting.node, table))
        .collect()
}

/// The first line of a file whose root has no settings: before all sections, or behind the comments if there are none.
fn at_top(document: &Document, entry: String) -> Edit {
    let text = document.text();
    if document.tree.sections.len() == 1 {
        // A file that ends without a line end ends without one again.
        let last = text.strip_suffix('\n').unwrap_or(text).len();
        return behind_line(document, last, &[entry]);
    }
    let start = if text.starts_with(MARK) {
        MARK.len()
    } else {
        0
    };
    Edit::insert(start, format!("{entry}{}", document.newline()))
}

/// `[table.key]`, behind the last section within the table; one for each of the entries if all of them are maps.
fn new_section(
    document: &Document,
    table: Id,
    key: &str,
    entries: &[(String, Value)],
) -> Vec<Edit> {
    let pen = collection::pen(document, table);
    let mut path: Vec<String> = Vec::new();
    for step in Node::new(document, table).place().0 {
        if let Step::Key(key) = step {
            path.push(pen.key(&key));
        }
    }
    path.push(pen.key(key));
    let path = path.join(".");
    let mut lines = Vec::new();
    let mut section = |path: String, entries: &[(String, Value)]| {
        lines.push(String::new());
        lines.push(format!("[{path}]"));
        lines.extend(
            entries
                .iter()
                .map(|(key, value)| pen.entry(key, value, None)),
        );
    };
    let is_map = |(_, value): &(String, Value)| matches!(value, Value::Map(_));
    if !entries.is_empty() && entries.iter().all(is_map) {
        for (key, value) in entries {
            if let Value::Map(entries) = value {
                section(format!("{path}.{}", pen.key(key)), entries);
            }
        }
    } else {
        section(path, entries);
    }
    let tree = &document.tree;
    let within = |section: &&Section| tree.is_within(section.table, table);
    let end = match tree.sections.iter().rfind(within) {
        Some(section) if table != ROOT => section_span(section).end,
        _ => {
            let text = document.text();
            text.strip_suffix('\n').unwrap_or(text).len()
        }
    };
    vec![behind_line(document, end, &lines)]
}

/// From a header to the end of the last setting under it.
fn section_span(section: &Section) -> Range<usize> {
    let header = section.header.map_or(0..0, |header| header.range());
    let end = section
        .settings
        .last()
        .map_or(header.end, |last| last.span.end());
    header.start..end
}

/// Takes children out of a table, or tables out of a list of tables: their lines and their sections.
pub(crate) fn remove(document: &Document, id: Id, which: Range<usize>) -> Edits {
    refuse_within_brackets(document, id)?;
    let tree = &document.tree;
    let mut gone = Vec::new();
    for &child in &tree.slot(id).children[which] {
        for section in &tree.sections {
            if section.header.is_some() && tree.is_within(section.table, child) {
                gone.push(whole_section(document, section));
                continue;
            }
            for setting in &section.settings {
                if tree.is_within(setting.node, child) {
                    gone.push(whole_line(document, setting)?);
                }
            }
        }
    }
    Ok(deletions(document, gone))
}

/// A section with its line end and one empty line before it.
fn whole_section(document: &Document, section: &Section) -> Range<usize> {
    let text = document.text();
    let span = section_span(section);
    let mut start = line_start(text, span.start);
    let before = &text[..start];
    let is_behind_empty_line = before.ends_with("\n\n") || before.ends_with("\n\r\n");
    if is_behind_empty_line || before == "\n" || before == "\r\n" {
        start -= if before.ends_with("\r\n") { 2 } else { 1 };
    }
    start..next_line(text, span.end)
}

/// A setting with its line; a comment behind it stays, alone.
fn whole_line(document: &Document, setting: &Setting) -> Result<Range<usize>, ChangeErrorKind> {
    let text = document.text();
    let (start, end) = (setting.span.start(), setting.span.end());
    let next = next_line(text, end);
    let rest = gap(text, end..next, Comments::Hash).ok_or(ChangeErrorKind::Layout)?;
    match rest.comments.first() {
        Some(comment) => Ok(start..comment.start),
        None => Ok(line_start(text, start)..next),
    }
}
