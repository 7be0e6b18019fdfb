//! Reads TOML: the events of `toml_parser` give the bytes, and `toml` says whether the whole is valid.

use std::borrow::Cow;
use std::collections::HashMap;

use ::toml::de::DeTable;
use toml_parser::decoder::{Encoding, ScalarKind};
use toml_parser::parser::{Event, EventKind, RecursionGuard, parse_document};
use toml_parser::{ParseError, Raw, Source};
use zeroize::Zeroizing;

use crate::flaw::{Fault, FlawKind};
use crate::tree::{DEPTH, Form, Id, Key, Kind, ROOT, Section, Setting, Span, Tree, Words};

/// Reads `text` from the byte `start`, which is behind a byte order mark.
pub(crate) fn read(text: &str, start: usize) -> Result<Tree, Fault> {
    let body = &text[start..];
    let events = events(body).map_err(|fault| Fault::new(fault.kind, fault.at + start))?;
    // Before a parser that makes tables in tables of what is only a key with many dots.
    check_depth(&events).map_err(|at| Fault::new(FlawKind::TooDeep, at + start))?;
    DeTable::parse(body).map_err(|error| {
        let kind = flaw_kind(error.message());
        Fault::new(kind, start + error.span().map_or(0, |span| span.start))
    })?;
    let mut reader = Reader::new(body, start);
    for event in &events {
        reader.take(event)?;
    }
    Ok(reader.tree)
}

fn events(text: &str) -> Result<Vec<Event>, Fault> {
    let tokens = Source::new(text).lex().into_vec();
    let mut events = Vec::with_capacity(tokens.len());
    let mut receiver = |event: Event| events.push(event);
    let mut guard = RecursionGuard::new(&mut receiver, u32::try_from(DEPTH).unwrap_or(u32::MAX));
    let mut error: Option<ParseError> = None;
    parse_document(&tokens, &mut guard, &mut error);
    match error {
        None => Ok(events),
        Some(error) => {
            let at = error.unexpected().or(error.context());
            Err(Fault::new(
                flaw_kind(error.description()),
                at.map_or(0, |span| span.start()),
            ))
        }
    }
}

/// The kind of a parser's message, which itself might quote.
fn flaw_kind(message: &str) -> FlawKind {
    let begins = |start: &str| message.starts_with(start);
    if begins("duplicate key") {
        FlawKind::DuplicateKey
    } else if begins("cannot recurse") || begins("recursion limit") {
        FlawKind::TooDeep
    } else {
        FlawKind::Syntax
    }
}

fn check_depth(events: &[Event]) -> Result<(), usize> {
    let (mut table, mut depth, mut parts) = (0, 0, 0);
    for event in events {
        match event.kind() {
            EventKind::SimpleKey => parts += 1,
            EventKind::StdTableClose | EventKind::ArrayTableClose => {
                (table, parts) = (parts, 0);
            }
            EventKind::KeyValSep => parts = 0,
            EventKind::ArrayOpen | EventKind::InlineTableOpen => depth += 1,
            EventKind::ArrayClose | EventKind::InlineTableClose => depth -= 1,
            _ => {}
        }
        if table + depth + parts > DEPTH {
            return Err(event.span().start());
        }
    }
    Ok(())
}

struct Reader<'a> {
    body: &'a str,
    start: usize,
    tree: Tree,
    /// The tables and values that have a key, by their table and it.
    known: HashMap<(Id, String), Id>,
    /// The inline tables and arrays that are open.
    open: Vec<Id>,
    /// The key that is being read.
    parts: Vec<Key>,
    header_start: usize,
    /// The setting whose value is being read.
    setting: Option<Setting>,
}

impl<'a> Reader<'a> {
    fn new(body: &'a str, start: usize) -> Self {
        let mut tree = Tree::new();
        let span = Span::new(start, start + body.len());
        let root = tree.add(ROOT, None, Kind::Map, Form::Table, span);
        tree.sections.push(Section {
            table: root,
            header: None,
            settings: Vec::new(),
        });
        Self {
            body,
            start,
            tree,
            known: HashMap::new(),
            open: Vec::new(),
            parts: Vec::new(),
            header_start: 0,
            setting: None,
        }
    }

    fn take(&mut self, event: &Event) -> Result<(), Fault> {
        let span = Span::new(
            event.span().start() + self.start,
            event.span().end() + self.start,
        );
        match event.kind() {
            EventKind::StdTableOpen | EventKind::ArrayTableOpen => {
                self.header_start = span.start();
            }
            EventKind::SimpleKey => self.part(event, span),
            EventKind::StdTableClose => self.header(span.end(), false)?,
            EventKind::ArrayTableClose => self.header(span.end(), true)?,
            EventKind::ArrayOpen => {
                let id = self.value(Kind::List, Form::Brackets, span)?;
                self.open.push(id);
            }
            EventKind::InlineTableOpen => {
                let id = self.value(Kind::Map, Form::Brackets, span)?;
                self.open.push(id);
            }
            EventKind::ArrayClose | EventKind::InlineTableClose => {
                if let Some(id) = self.open.pop() {
                    let slot = self.tree.slot_mut(id);
                    slot.span = Span::new(slot.span.start(), span.end());
                    self.end_setting(span.end());
                }
            }
            EventKind::Scalar => self.scalar(event, span)?,
            _ => {}
        }
        Ok(())
    }

    fn part(&mut self, event: &Event, span: Span) {
        let mut decoded = Cow::Borrowed("");
        self.raw(event).decode_key(&mut decoded, &mut ());
        let words = self.words(decoded);
        self.parts.push(Key { words, span });
    }

    fn scalar(&mut self, event: &Event, span: Span) -> Result<(), Fault> {
        let mut decoded = Cow::Borrowed("");
        let kind = match self.raw(event).decode_scalar(&mut decoded, &mut ()) {
            ScalarKind::String => Kind::Text,
            ScalarKind::Boolean(_) => Kind::Bool,
            ScalarKind::Float | ScalarKind::Integer(_) => Kind::Number,
            ScalarKind::DateTime => Kind::Other,
        };
        let form = match event.encoding() {
            None => Form::Plain,
            Some(Encoding::LiteralString) => Form::Single,
            Some(Encoding::BasicString) => Form::Double,
            Some(Encoding::MlLiteralString) => Form::MultiSingle,
            Some(Encoding::MlBasicString) => Form::MultiDouble,
        };
        let id = self.value(kind, form, span)?;
        if kind == Kind::Text {
            self.tree.slot_mut(id).words = Some(self.words(decoded));
        }
        self.end_setting(span.end());
        Ok(())
    }

    /// Adds a value where it belongs: to the array that is open, or under the key that was read.
    fn value(&mut self, kind: Kind, form: Form, span: Span) -> Result<Id, Fault> {
        let fault = Fault::new(FlawKind::Syntax, span.start());
        let table = self
            .tree
            .sections
            .last()
            .map_or(ROOT, |section| section.table);
        let container = self.open.last().copied().unwrap_or(table);
        if self.tree.slot(container).kind == Kind::List {
            return Ok(self.tree.add(container, None, kind, form, span));
        }
        let part_ends: Vec<usize> = self.parts.iter().map(|part| part.span.end()).collect();
        let key_start = self.parts.first().ok_or(fault)?.span.start();
        let last = self.parts.pop().ok_or(fault)?;
        let parent = self.walk(container);
        let id = self.add(parent, last, kind, form, span);
        if self.open.is_empty() {
            let span = Span::new(key_start, span.end());
            self.setting = Some(Setting {
                node: id,
                span,
                part_ends,
            });
        }
        Ok(id)
    }

    fn end_setting(&mut self, end: usize) {
        if self.open.is_empty()
            && let Some(mut setting) = self.setting.take()
            && let Some(section) = self.tree.sections.last_mut()
        {
            setting.span = Span::new(setting.span.start(), end);
            section.settings.push(setting);
        }
    }

    fn header(&mut self, end: usize, is_item: bool) -> Result<(), Fault> {
        let span = Span::new(self.header_start, end);
        let last = self
            .parts
            .pop()
            .ok_or(Fault::new(FlawKind::Syntax, span.start()))?;
        let parent = self.walk(ROOT);
        let text = self.tree_text(&last.words).to_owned();
        let known = self.find(parent, &text);
        let key_span = last.span;
        let table = match (known, is_item) {
            (Some(list), true) => self.tree.add(list, None, Kind::Map, Form::Table, span),
            (None, true) => {
                let list = self.add(parent, last, Kind::List, Form::Implicit, key_span);
                self.tree.add(list, None, Kind::Map, Form::Table, span)
            }
            (Some(table), false) => {
                let slot = self.tree.slot_mut(table);
                slot.form = Form::Table;
                slot.span = span;
                table
            }
            (None, false) => self.add(parent, last, Kind::Map, Form::Table, span),
        };
        self.tree.sections.push(Section {
            table,
            header: Some(span),
            settings: Vec::new(),
        });
        Ok(())
    }

    /// Goes the way of the parts that were read, through tables that are there and into new ones.
    fn walk(&mut self, from: Id) -> Id {
        let mut id = from;
        for part in std::mem::take(&mut self.parts) {
            let text = self.tree_text(&part.words).to_owned();
            id = match self.find(id, &text) {
                Some(known) => known,
                None => {
                    let span = part.span;
                    self.add(id, part, Kind::Map, Form::Implicit, span)
                }
            };
            // Of a list of tables, the last one is meant.
            if self.tree.slot(id).kind == Kind::List
                && let Some(&item) = self.tree.slot(id).children.last()
            {
                id = item;
            }
        }
        id
    }

    fn find(&self, id: Id, key: &str) -> Option<Id> {
        self.known.get(&(id, key.to_owned())).copied()
    }

    /// Adds a value with a key, to be found again.
    fn add(&mut self, parent: Id, key: Key, kind: Kind, form: Form, span: Span) -> Id {
        let text = self.tree_text(&key.words).to_owned();
        let id = self.tree.add(parent, Some(key), kind, form, span);
        self.known.insert((parent, text), id);
        id
    }

    /// The text of words whose spans count from before the byte order mark.
    fn tree_text<'w>(&'w self, words: &'w Words) -> &'w str {
        match words {
            Words::Source(span) => &self.body[span.start() - self.start..span.end() - self.start],
            Words::Owned(words) => words,
        }
    }

    fn raw(&self, event: &Event) -> Raw<'a> {
        let (start, end) = (event.span().start(), event.span().end());
        Raw::new_unchecked(&self.body[start..end], event.encoding(), event.span())
    }

    fn words(&self, decoded: Cow<'a, str>) -> Words {
        match decoded {
            Cow::Owned(words) => Words::Owned(Zeroizing::new(words)),
            Cow::Borrowed("") => Words::Source(Span::new(self.start, self.start)),
            Cow::Borrowed(words) => {
                let at = words.as_ptr().addr() - self.body.as_ptr().addr() + self.start;
                Words::Source(Span::new(at, at + words.len()))
            }
        }
    }
}
