//! Another spelling of a line. It is tried out before it is proposed.

use zeroize::Zeroizing;

use crate::dialect::Dialect;
use crate::document::{Document, Entry, Quote};
use crate::spelling::Form;
use crate::spill::Among;

/// What a person changes on a line.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Proposal {
    /// The quote that was forgotten.
    Close,
    /// The whole line, in this form.
    Write(Form),
}

impl Proposal {
    /// The change of the line of `entry` with which its name has a value in this file, among the `readings` or as it stands.
    pub(crate) fn for_file(
        document: &Document,
        entry: &Entry,
        readings: &[&[u8]],
        dialect: Option<Dialect>,
    ) -> Option<Self> {
        let key = document.key(entry);
        candidates(document, entry, readings).find_map(|candidate| {
            let edited =
                Document::from(document.with(std::slice::from_ref(&entry.whole), &candidate.line));
            let given = edited.values(dialect).gives(key, &candidate.value);
            given.then_some(candidate.proposal)
        })
    }

    /// The change of the line of `entry` with which it ends where it ends. Nothing before it may reach into it.
    pub(crate) fn for_line(
        document: &Document,
        entry: &Entry,
        dialect: Option<Dialect>,
    ) -> Option<Self> {
        let key = document.key(entry).as_bytes();
        let text = &document.print()[entry.whole.clone()];
        let readings = Among::new(text).readings(key, dialect);
        let readings: Vec<&[u8]> = readings.iter().map(|value| value.as_slice()).collect();
        candidates(document, entry, &readings).find_map(|candidate| {
            let given = Among::new(&candidate.line).gives(key, &candidate.value, dialect);
            given.then_some(candidate.proposal)
        })
    }
}

struct Candidate {
    proposal: Proposal,
    line: Zeroizing<Vec<u8>>,
    value: Zeroizing<Vec<u8>>,
}

/// The lines that may be meant, the likeliest first.
fn candidates<'d>(
    document: &'d Document,
    entry: &'d Entry,
    readings: &'d [&[u8]],
) -> impl Iterator<Item = Candidate> {
    let bytes = document.print();
    let written = &bytes[entry.value.clone()];
    let text = Written::new(written, entry.quote);
    let end = match &bytes[entry.whole.clone()] {
        [.., b'\r', b'\n'] => b"\r\n".as_slice(),
        [.., b'\n'] => b"\n",
        _ => b"",
    };
    let line = move |value: &[u8]| {
        let key = &bytes[entry.key.clone()];
        let parts = [key, b"=", value, end];
        let length = parts.iter().map(|part| part.len()).sum();
        let mut line = Zeroizing::new(Vec::with_capacity(length));
        for part in parts {
            line.extend_from_slice(part);
        }
        line
    };
    let close = text.open.map(|mark| {
        let mut value = Zeroizing::new(Vec::with_capacity(written.len() + 1));
        value.extend_from_slice(written);
        value.push(mark);
        Candidate {
            proposal: Proposal::Close,
            line: line(&value),
            value: Zeroizing::new(text.literal.to_vec()),
        }
    });
    let unescapes = is_escaped_text(written, entry.quote);
    let readings = readings.iter().copied().filter(move |_| unescapes);
    let forms = std::iter::once(text.literal).chain(readings);
    let rewritten = forms.filter_map(move |value| {
        let form = Form::of(value)?;
        Some(Candidate {
            proposal: Proposal::Write(form),
            line: line(&form.write(value)),
            value: Zeroizing::new(value.to_vec()),
        })
    });
    close.into_iter().chain(rewritten)
}

/// Whether what a reader makes of a value differs from it only by escapes that it takes for what they stand for.
fn is_escaped_text(written: &[u8], quote: Quote) -> bool {
    let single = match written {
        [b'\'', inside @ .., b'\''] => {
            let bare = |pair: &[u8]| pair[0] != b'\\' && pair[1] == b'\'';
            !inside.starts_with(b"'") && !inside.windows(2).any(bare)
        }
        _ => false,
    };
    (quote == Quote::Double || single)
        && written.contains(&b'\\')
        && !written.iter().any(|byte| b"$`".contains(byte))
}

/// A value as it stands in the file.
struct Written<'d> {
    /// Without the quotes around it.
    literal: &'d [u8],
    /// The quote that opens it, where it stands nowhere else in it.
    open: Option<u8>,
}

impl<'d> Written<'d> {
    fn new(written: &'d [u8], quote: Quote) -> Self {
        match (quote, written) {
            (Quote::None, [mark @ (b'"' | b'\''), inside @ .., last]) if mark == last => Self {
                literal: inside,
                open: None,
            },
            (Quote::None, [mark @ (b'"' | b'\''), rest @ ..]) if !rest.contains(mark) => Self {
                literal: rest,
                open: Some(*mark),
            },
            (Quote::None, _) => Self {
                literal: written,
                open: None,
            },
            (_, [_, inside @ .., _]) => Self {
                literal: inside,
                open: None,
            },
            (_, _) => Self {
                literal: written,
                open: None,
            },
        }
    }
}
