//! Reads YAML from the events of `saphyr-parser`.
//!
//! The events say what is what; where a value begins and ends is read from the text between them, because the parser's
//! own places include anchors, tags, and the white space and comments behind quotes.

use saphyr_parser::{Event, Parser, ScalarStyle};
use zeroize::Zeroizing;

use crate::byte_of_char::ByteOfChar;
use crate::flaw::{Fault, FlawKind};
use crate::layout::{Comments, comment_end};
use crate::tree::{DEPTH, Form, Id, Key, Kind, ROOT, Span, Tree, Words};
use crate::yaml_scalar::{self, block_end};

/// Reads `text` from the byte `start`, which is behind a byte order mark.
pub(crate) fn read(text: &str, start: usize) -> Result<Tree, Fault> {
    let bytes = ByteOfChar::new(text, start);
    let mut reader = Reader {
        text,
        tree: Tree::new(),
        open: Vec::new(),
        cursor: start,
        documents: 0,
    };
    for event in Parser::new_from_str(&text[start..]) {
        let (event, span) = event
            .map_err(|error| Fault::new(FlawKind::Syntax, bytes.at(error.marker().index())))?;
        reader.take(
            event,
            bytes.at(span.start.index()),
            bytes.at(span.end.index()),
        )?;
    }
    if reader.tree.slots.is_empty() {
        // Only comments.
        let end = Span::new(text.len(), text.len());
        reader.tree.add(ROOT, None, Kind::Null, Form::Plain, end);
    }
    Ok(reader.tree)
}

/// A map or list that is open.
struct Open {
    id: Id,
    /// Of a map, the key whose value comes next.
    key: Option<Key>,
    /// An anchor or tag at that key, or a `?` before it.
    is_key_marked: bool,
}

struct Reader<'a> {
    text: &'a str,
    tree: Tree,
    open: Vec<Open>,
    /// The end of what was read: behind a value, a dash, or the colon behind a key.
    cursor: usize,
    documents: usize,
}

/// What a value is beyond its kind.
#[derive(Clone, Copy)]
struct Marks {
    anchor: bool,
    tag: bool,
}

impl Marks {
    fn any(self) -> bool {
        self.anchor || self.tag
    }
}

impl Reader<'_> {
    fn take(&mut self, event: Event<'_>, start: usize, end: usize) -> Result<(), Fault> {
        match event {
            Event::DocumentStart(explicit) => {
                self.documents += 1;
                if self.documents > 1 {
                    return Err(Fault::new(FlawKind::SeveralDocuments, start));
                }
                if explicit {
                    self.cursor = end;
                }
            }
            Event::Scalar(words, style, anchor, tag) => {
                let marks = Marks {
                    anchor: anchor > 0,
                    tag: tag.is_some(),
                };
                if self.expects_key() {
                    self.key(&words, style, marks, start, end);
                } else {
                    self.scalar(&words, style, marks, start, end);
                }
            }
            Event::Alias(_) => {
                if self.expects_key() {
                    return Err(Fault::new(FlawKind::KeyNotText, start));
                }
                self.dash();
                let id = self.value(Kind::Other, Form::Alias, Span::new(start, end));
                self.tree.slot_mut(id).marked = true;
                self.cursor = end;
            }
            Event::SequenceStart(anchor, tag) => {
                self.begin(
                    Kind::List,
                    Marks {
                        anchor: anchor > 0,
                        tag: tag.is_some(),
                    },
                    start,
                )?;
            }
            Event::MappingStart(anchor, tag) => {
                self.begin(
                    Kind::Map,
                    Marks {
                        anchor: anchor > 0,
                        tag: tag.is_some(),
                    },
                    start,
                )?;
            }
            Event::SequenceEnd | Event::MappingEnd => self.end(end),
            Event::Nothing | Event::StreamStart | Event::StreamEnd | Event::DocumentEnd => {}
        }
        Ok(())
    }

    fn expects_key(&self) -> bool {
        self.open
            .last()
            .is_some_and(|open| open.key.is_none() && self.tree.slot(open.id).kind == Kind::Map)
    }

    fn key(&mut self, words: &str, style: ScalarStyle, marks: Marks, start: usize, end: usize) {
        let is_explicit = self.text[self.cursor.min(start)..start]
            .trim_end()
            .ends_with('?');
        let start = self.skip_marks(start, marks);
        let end = self.scalar_end(style, start, end);
        let span = Span::new(start, end);
        let key = Key {
            words: self.words(words, style, span),
            span,
        };
        self.cursor = end;
        let colon = self.skip_space(end);
        if self.text[colon..].starts_with(':') {
            self.cursor = colon + 1;
        }
        if let Some(open) = self.open.last_mut() {
            open.key = Some(key);
            open.is_key_marked = marks.any() || is_explicit;
        }
    }

    fn scalar(&mut self, words: &str, style: ScalarStyle, marks: Marks, start: usize, end: usize) {
        self.dash();
        let is_block = matches!(style, ScalarStyle::Literal | ScalarStyle::Folded);
        let span = if is_block {
            let header = self.skip_marks(
                self.cursor,
                Marks {
                    anchor: true,
                    tag: true,
                },
            );
            Span::new(header, block_end(self.text, header, end))
        } else if words.is_empty() && style == ScalarStyle::Plain {
            // Nothing at all: null, right behind its colon or dash. The anchor or tag of nothing is its text.
            let end = if marks.any() {
                end.max(self.cursor)
            } else {
                self.cursor
            };
            Span::new(self.cursor, end)
        } else {
            let start = self.skip_marks(start, marks);
            Span::new(start, self.scalar_end(style, start, end))
        };
        let (kind, form) = match style {
            _ if marks.tag => (Kind::Other, Form::Plain),
            ScalarStyle::Plain => (yaml_scalar::kind(words), Form::Plain),
            ScalarStyle::SingleQuoted => (Kind::Text, Form::Single),
            ScalarStyle::DoubleQuoted => (Kind::Text, Form::Double),
            ScalarStyle::Literal | ScalarStyle::Folded => (Kind::Text, Form::BlockText),
        };
        let id = self.value(kind, form, span);
        let words = (kind == Kind::Text).then(|| self.words(words, style, span));
        let slot = self.tree.slot_mut(id);
        slot.words = words;
        slot.marked |= marks.any();
        self.cursor = span.end();
    }

    fn begin(&mut self, kind: Kind, marks: Marks, start: usize) -> Result<(), Fault> {
        if self.expects_key() {
            return Err(Fault::new(FlawKind::KeyNotText, start));
        }
        if self.open.len() >= DEPTH {
            return Err(Fault::new(FlawKind::TooDeep, start));
        }
        let is_in_brackets = self
            .open
            .last()
            .is_some_and(|open| self.tree.slot(open.id).form == Form::Brackets);
        self.dash();
        let from = if is_in_brackets { start } else { self.cursor };
        let start = self.skip_marks(
            from,
            Marks {
                anchor: true,
                tag: true,
            },
        );
        let opening = match kind {
            Kind::List => '[',
            _ => '{',
        };
        let (form, end) = if self.text[start..].starts_with(opening) {
            (Form::Brackets, start + 1)
        } else {
            (Form::Block, start)
        };
        let id = self.value(kind, form, Span::new(start, end));
        // `[a: b]` is a map without brackets within brackets: it can be read, and not changed.
        let is_bare_pair = is_in_brackets && form == Form::Block;
        self.tree.slot_mut(id).marked |= marks.any() || is_bare_pair;
        self.open.push(Open {
            id,
            key: None,
            is_key_marked: false,
        });
        self.cursor = end;
        Ok(())
    }

    fn end(&mut self, end: usize) {
        let Some(Open { id, .. }) = self.open.pop() else {
            return;
        };
        let tree = &self.tree;
        let end = match tree.slot(id).form {
            Form::Brackets => self.closing(end),
            _ => tree
                .slot(id)
                .children
                .last()
                .map_or(self.cursor, |&last| tree.slot(last).span.end()),
        };
        let slot = self.tree.slot_mut(id);
        slot.span = Span::new(slot.span.start(), end.max(slot.span.start()));
        self.cursor = end;
    }

    /// Behind the bracket that closes, which is the next thing but for a comma. The parser's own end may be behind the
    /// comment that follows.
    fn closing(&self, end: usize) -> usize {
        let mut at = self.skip_space(self.cursor);
        if self.text[at..].starts_with(',') {
            at = self.skip_space(at + 1);
        }
        if self.text[at..].starts_with([']', '}']) {
            at + 1
        } else {
            end
        }
    }

    /// Adds a value to the map or list that is open.
    fn value(&mut self, kind: Kind, form: Form, span: Span) -> Id {
        let Some(open) = self.open.last_mut() else {
            return self.tree.add(ROOT, None, kind, form, span);
        };
        let (parent, key, is_marked) = (open.id, open.key.take(), open.is_key_marked);
        let id = self.tree.add(parent, key, kind, form, span);
        let dash = self.dash_of(parent);
        let slot = self.tree.slot_mut(id);
        slot.marked = is_marked;
        slot.dash = dash;
        id
    }

    /// Goes behind the dash of the item that comes, in a list by indentation.
    fn dash(&mut self) {
        let is_block_list = self.open.last().is_some_and(|open| {
            let slot = self.tree.slot(open.id);
            slot.kind == Kind::List && slot.form == Form::Block
        });
        if is_block_list {
            let dash = self.skip_space(self.cursor);
            if self.text[dash..].starts_with('-') {
                self.cursor = dash + 1;
            }
        }
    }

    /// The dash that was just passed, of an item of this list.
    fn dash_of(&self, list: Id) -> Option<u32> {
        let slot = self.tree.slot(list);
        if slot.kind != Kind::List || slot.form != Form::Block {
            return None;
        }
        let dash = self.cursor.checked_sub(1)?;
        u32::try_from(dash)
            .ok()
            .filter(|_| self.text.as_bytes()[dash] == b'-')
    }

    fn words(&self, words: &str, style: ScalarStyle, span: Span) -> Words {
        let quotes = usize::from(matches!(
            style,
            ScalarStyle::SingleQuoted | ScalarStyle::DoubleQuoted
        ));
        let inner = Span::new(span.start() + quotes, span.end().saturating_sub(quotes));
        if self.text.get(inner.range()) == Some(words) {
            Words::Source(inner)
        } else {
            Words::Owned(Zeroizing::new(words.to_owned()))
        }
    }

    fn scalar_end(&self, style: ScalarStyle, start: usize, end: usize) -> usize {
        let quote = match style {
            ScalarStyle::SingleQuoted => b'\'',
            ScalarStyle::DoubleQuoted => b'"',
            _ => {
                let text = self.text[start..end.max(start)].trim_end();
                return start + text.len();
            }
        };
        yaml_scalar::quoted_end(self.text, start, quote)
    }

    /// Behind white space and comments.
    fn skip_space(&self, from: usize) -> usize {
        let mut at = from;
        while let Some(byte) = self.text.as_bytes().get(at) {
            match byte {
                b' ' | b'\t' | b'\r' | b'\n' => at += 1,
                b'#' => at = comment_end(self.text, at, Comments::Hash).unwrap_or(at + 1),
                _ => break,
            }
        }
        at
    }

    /// Behind white space, comments, and the anchor and tag that stand before a value.
    fn skip_marks(&self, from: usize, marks: Marks) -> usize {
        let mut at = self.skip_space(from);
        while marks.any() && self.text[at..].starts_with(['&', '!']) {
            let rest = &self.text[at..];
            // The name of an anchor ends before a bracket, and `!<…>` is what it is up to there.
            let ends: &[char] = if rest.starts_with("!<") {
                &[' ', '\t', '\r', '\n']
            } else {
                &[' ', '\t', '\r', '\n', ',', '[', ']', '{', '}']
            };
            let len = rest.find(ends).unwrap_or(rest.len());
            at = self.skip_space(at + len);
        }
        at
    }
}
