//! Reads JSON, also with comments and trailing commas, from the tokens of `jsonc-parser`.

use std::borrow::Cow;

use jsonc_parser::errors::{ParseError, ParseErrorKind};
use jsonc_parser::tokens::Token;
use jsonc_parser::{Scanner, ScannerOptions};
use zeroize::Zeroizing;

use crate::flaw::{Fault, FlawKind};
use crate::tree::{DEPTH, Form, Id, Key, Kind, ROOT, Span, Tree, Words};

/// What may come next.
#[derive(Clone, Copy, Eq, PartialEq)]
enum Next {
    Value,
    /// After `[`: a value or the end.
    FirstItem,
    /// After a comma in a list: a value, or the end after a trailing comma.
    Item,
    FirstKey,
    /// After a comma in a map.
    AnotherKey,
    Colon,
    CommaOrEnd,
    Nothing,
}

/// Reads `text` from the byte `start`, which is behind a byte order mark.
pub(crate) fn read(text: &str, start: usize) -> Result<Tree, Fault> {
    let mut reader = Reader {
        text,
        tree: Tree::new(),
        open: Vec::new(),
        key: None,
        next: Next::Value,
    };
    reader.tree.strict = start == 0;
    let mut tokens = Tokens::new(text, start);
    while let Some((token, span)) = tokens.next()? {
        reader.take(token, span)?;
    }
    if reader.next != Next::Nothing {
        return Err(Fault::new(FlawKind::Syntax, text.len()));
    }
    Ok(reader.tree)
}

/// A token, or a text that has no decoded form because half of a surrogate pair is missing.
enum Piece<'a> {
    Token(Token<'a>),
    BrokenText,
}

struct Reader<'a> {
    text: &'a str,
    tree: Tree,
    open: Vec<Id>,
    key: Option<Key>,
    next: Next,
}

impl Reader<'_> {
    fn take(&mut self, piece: Piece<'_>, span: Span) -> Result<(), Fault> {
        let syntax = Fault::new(FlawKind::Syntax, span.start());
        let token = match piece {
            Piece::BrokenText => return self.text_or_key(None, span),
            Piece::Token(token) => token,
        };
        match token {
            Token::CommentLine(_) | Token::CommentBlock(_) => self.tree.strict = false,
            Token::OpenBrace => self.begin(Kind::Map, span)?,
            Token::OpenBracket => self.begin(Kind::List, span)?,
            Token::CloseBrace => self.end(Kind::Map, span)?,
            Token::CloseBracket => self.end(Kind::List, span)?,
            Token::Comma if self.next == Next::CommaOrEnd => {
                self.next = match self.open.last().map(|&id| self.tree.slot(id).kind) {
                    Some(Kind::Map) => Next::AnotherKey,
                    _ => Next::Item,
                };
            }
            Token::Colon if self.next == Next::Colon => self.next = Next::Value,
            Token::String(words) => self.text_or_key(Some(words), span)?,
            Token::Boolean(_) => self.scalar(Kind::Bool, Form::Plain, span)?,
            Token::Number(_) => self.scalar(Kind::Number, Form::Plain, span)?,
            Token::Null => self.scalar(Kind::Null, Form::Plain, span)?,
            _ => return Err(syntax),
        }
        Ok(())
    }

    fn value(&mut self, kind: Kind, form: Form, span: Span) -> Result<Id, Fault> {
        if !matches!(self.next, Next::Value | Next::FirstItem | Next::Item) {
            return Err(Fault::new(FlawKind::Syntax, span.start()));
        }
        let parent = self.open.last().copied().unwrap_or(ROOT);
        Ok(self.tree.add(parent, self.key.take(), kind, form, span))
    }

    fn scalar(&mut self, kind: Kind, form: Form, span: Span) -> Result<(), Fault> {
        self.value(kind, form, span)?;
        self.after_value();
        Ok(())
    }

    fn after_value(&mut self) {
        self.next = if self.open.is_empty() {
            Next::Nothing
        } else {
            Next::CommaOrEnd
        };
    }

    fn text_or_key(&mut self, words: Option<Cow<'_, str>>, span: Span) -> Result<(), Fault> {
        let inner = Span::new(span.start() + 1, span.end() - 1);
        let raw = &self.text[inner.range()];
        if let Some(at) = raw.bytes().position(|byte| byte < b' ') {
            return Err(Fault::new(FlawKind::Syntax, inner.start() + at));
        }
        let decoded = words.map(|words| match words {
            Cow::Borrowed(_) => Words::Source(inner),
            Cow::Owned(words) => Words::Owned(Zeroizing::new(words)),
        });
        if matches!(self.next, Next::FirstKey | Next::AnotherKey) {
            // A key that has no decoded form goes by what is written.
            let words = decoded.unwrap_or(Words::Source(inner));
            self.key = Some(Key { words, span });
            self.next = Next::Colon;
            return Ok(());
        }
        let kind = if decoded.is_some() {
            Kind::Text
        } else {
            Kind::Other
        };
        let id = self.value(kind, Form::Double, span)?;
        self.tree.slot_mut(id).words = decoded;
        self.after_value();
        Ok(())
    }

    fn begin(&mut self, kind: Kind, span: Span) -> Result<(), Fault> {
        if self.open.len() >= DEPTH {
            return Err(Fault::new(FlawKind::TooDeep, span.start()));
        }
        let id = self.value(kind, Form::Brackets, span)?;
        self.open.push(id);
        self.next = match kind {
            Kind::Map => Next::FirstKey,
            _ => Next::FirstItem,
        };
        Ok(())
    }

    fn end(&mut self, kind: Kind, span: Span) -> Result<(), Fault> {
        let syntax = Fault::new(FlawKind::Syntax, span.start());
        match self.next {
            Next::CommaOrEnd | Next::FirstItem | Next::FirstKey => {}
            Next::Item | Next::AnotherKey => self.tree.strict = false,
            Next::Value | Next::Colon | Next::Nothing => return Err(syntax),
        }
        let id = self.open.pop().ok_or(syntax)?;
        let slot = self.tree.slot_mut(id);
        if slot.kind != kind {
            return Err(syntax);
        }
        slot.span = Span::new(slot.span.start(), span.end());
        self.after_value();
        Ok(())
    }
}

/// The tokens of a text. Only what RFC 8259 knows counts as white space and as a number.
struct Tokens<'a> {
    text: &'a str,
    scanner: Scanner<'a>,
    /// Where the text of the scanner begins, and where its last token ended.
    base: usize,
    last: usize,
}

impl<'a> Tokens<'a> {
    fn new(text: &'a str, base: usize) -> Self {
        Self {
            text,
            scanner: scanner(&text[base..]),
            base,
            last: base,
        }
    }

    fn next(&mut self) -> Result<Option<(Piece<'a>, Span)>, Fault> {
        let scanned = self.scanner.scan();
        let start = self.base + self.scanner.token_start();
        let between = &self.text.as_bytes()[self.last..start];
        if let Some(at) = between
            .iter()
            .position(|byte| !matches!(byte, b' ' | b'\t' | b'\n' | b'\r'))
        {
            return Err(Fault::new(FlawKind::Syntax, self.last + at));
        }
        match scanned {
            Ok(Some(token)) => {
                let end = self.base + self.scanner.token_end();
                // A word or number must end where it ends: `1true` is none.
                self.last = end;
                Ok(Some((Piece::Token(token), Span::new(start, end))))
            }
            Ok(None) => Ok(None),
            Err(error) => {
                let end = self.broken_text(&error, start)?;
                self.scanner = scanner(&self.text[end..]);
                self.base = end;
                self.last = end;
                Ok(Some((Piece::BrokenText, Span::new(start, end))))
            }
        }
    }

    /// The end of a text whose only fault is a missing half of a surrogate pair: JavaScript writes such texts.
    fn broken_text(&self, error: &ParseError, start: usize) -> Result<usize, Fault> {
        let fault = Fault::new(
            FlawKind::Syntax,
            (self.base + error.range().start).min(self.text.len()),
        );
        let bytes = self.text.as_bytes();
        if !matches!(error.kind(), ParseErrorKind::String(_)) || bytes.get(start) != Some(&b'"') {
            return Err(fault);
        }
        let mut at = start + 1;
        loop {
            match bytes.get(at).ok_or(fault)? {
                b'"' => return Ok(at + 1),
                b'\\' => match bytes.get(at + 1).ok_or(fault)? {
                    b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't' => at += 2,
                    b'u' => {
                        let digits = bytes.get(at + 2..at + 6).ok_or(fault)?;
                        if !digits.iter().all(u8::is_ascii_hexdigit) {
                            return Err(fault);
                        }
                        at += 6;
                    }
                    _ => return Err(fault),
                },
                _ => at += 1,
            }
        }
    }
}

fn scanner(text: &str) -> Scanner<'_> {
    Scanner::new(
        text,
        &ScannerOptions {
            allow_single_quoted_strings: false,
            allow_hexadecimal_numbers: false,
            allow_unary_plus_numbers: false,
            allow_bare_decimal_point_numbers: false,
            allow_non_finite_numbers: false,
            allow_extended_string_escapes: false,
        },
    )
}
