//! The crate `dotenvy` 0.15: asked itself, one logical line at a time.
//!
//! Only the splitting into logical lines is done here (`iter.rs`, `QuotedLines`), so that an error can be laid to the
//! name it belongs to. Its errors quote the line; they are dropped unseen. A value that refers to a variable is never
//! handed to it, because it would look into the process environment.

use std::ops::Range;

use super::text::Text;
use crate::reading::{Cause, End, Outcome, Reading};

pub(super) fn read(text: &Text) -> Reading {
    let bytes = text.bytes();
    let mut reading = Reading::new();
    let mut at = 0;
    while at < bytes.len() {
        let line = logical_line(bytes, at);
        let whole = at..line.end;
        if let Some(key) = key(bytes, whole.clone()) {
            let outcome = match line.fault {
                Some(cause) => Outcome::Refused(cause),
                None => ask(bytes, whole, &key),
            };
            reading.bind(key, at, outcome);
        }
        if line.fault == Some(Cause::Unclosed) {
            reading.end = End::Stopped(at);
        }
        at = line.end;
    }
    reading
}

struct LogicalLine {
    end: usize,
    fault: Option<Cause>,
}

#[derive(Clone, Copy, Eq, PartialEq)]
enum State {
    Complete,
    Escape,
    StrongOpen,
    StrongOpenEscape,
    WeakOpen,
    WeakOpenEscape,
    WhiteSpace,
}

/// The lines from `start` on that the crate takes for one.
fn logical_line(bytes: &[u8], start: usize) -> LogicalLine {
    let mut state = State::Complete;
    let mut at = start;
    loop {
        let end = bytes[at..]
            .iter()
            .position(|&byte| byte == b'\n')
            .map_or(bytes.len(), |offset| at + offset + 1);
        if at == end {
            // White space or a backslash at the very end of the file is an error to it too.
            let fault = match state {
                State::Escape | State::WhiteSpace => Cause::Form,
                _ => Cause::Unclosed,
            };
            return LogicalLine {
                end,
                fault: Some(fault),
            };
        }
        let Ok(line) = std::str::from_utf8(&bytes[at..end]) else {
            return LogicalLine {
                end,
                fault: Some(Cause::NotUtf8),
            };
        };
        let comment = at == start && line.trim_start().starts_with('#');
        let state_after = if comment {
            None
        } else {
            line.chars().try_fold(state, next_state)
        };
        match state_after {
            None | Some(State::Complete) => return LogicalLine { end, fault: None },
            Some(open) => state = open,
        }
        at = end;
    }
}

/// `eval_end_state`; nothing where a comment begins.
fn next_state(state: State, character: char) -> Option<State> {
    Some(match (state, character) {
        (State::WhiteSpace, '#') => return None,
        (State::Complete, _)
            if character.is_whitespace() && character != '\n' && character != '\r' =>
        {
            State::WhiteSpace
        }
        (State::Complete | State::WhiteSpace, '\\') => State::Escape,
        (State::Complete | State::WhiteSpace, '"') => State::WeakOpen,
        (State::Complete | State::WhiteSpace, '\'') => State::StrongOpen,
        (State::Complete | State::WhiteSpace | State::Escape, _) => State::Complete,
        (State::WeakOpen, '\\') => State::WeakOpenEscape,
        (State::WeakOpen, '"') | (State::StrongOpen, '\'') => State::Complete,
        (State::WeakOpen | State::WeakOpenEscape, _) => State::WeakOpen,
        (State::StrongOpen, '\\') => State::StrongOpenEscape,
        (State::StrongOpen | State::StrongOpenEscape, _) => State::StrongOpen,
    })
}

/// `LineParser::parse_key`: where the name stands, if the line has one.
fn key(bytes: &[u8], line: Range<usize>) -> Option<Range<usize>> {
    let first = name(bytes, blanks_end(bytes, line.start, line.end), line.end)?;
    if &bytes[first.clone()] != b"export" {
        return Some(first);
    }
    let next = blanks_end(bytes, first.end, line.end);
    if bytes.get(next) == Some(&b'=') {
        return Some(first);
    }
    name(bytes, next, line.end)
}

fn name(bytes: &[u8], at: usize, end: usize) -> Option<Range<usize>> {
    let length = bytes[at..end]
        .iter()
        .take_while(|&&byte| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'.')
        .count();
    let starts_well = bytes[at..end]
        .first()
        .is_some_and(|&first| first.is_ascii_alphabetic() || first == b'_');
    starts_well.then_some(at..at + length)
}

fn blanks_end(bytes: &[u8], at: usize, end: usize) -> usize {
    // A line that is not text is refused before its name matters.
    std::str::from_utf8(&bytes[at..end])
        .map_or(at, |rest| at + rest.len() - rest.trim_start().len())
}

fn ask(bytes: &[u8], line: Range<usize>, key: &Range<usize>) -> Outcome {
    if substitutes(&bytes[key.end..line.end]) {
        return Outcome::Refused(Cause::Expansion);
    }
    let mut pairs = ::dotenvy::from_read_iter(&bytes[line]);
    match pairs.next() {
        Some(Ok((own, value))) if own.as_bytes() == &bytes[key.clone()] => {
            Outcome::value(value.into_bytes())
        }
        Some(Err(_)) => Outcome::Refused(Cause::Form),
        Some(Ok(_)) | None => Outcome::Refused(Cause::Form),
    }
}

/// Whether the crate would look a variable up in this value: `parse_value`'s quotes and escapes.
fn substitutes(value: &[u8]) -> bool {
    let mut strong = false;
    let mut weak = false;
    let mut escaped = false;
    let mut blank = false;
    for &byte in value {
        let after_blank = std::mem::replace(&mut blank, byte == b' ' || byte == b'\t');
        match byte {
            _ if escaped => escaped = false,
            b'\'' if strong => strong = false,
            _ if strong => {}
            b'$' => return true,
            b'#' if after_blank && !weak => return false,
            b'"' => weak = !weak,
            b'\\' => escaped = true,
            b'\'' if !weak => strong = true,
            _ => {}
        }
    }
    false
}
