//! A text with placeholders in it: how it is read and written.

use std::fmt;

use zeroize::Zeroizing;

use crate::placeholder::Placeholder;

/// One part of a template.
#[derive(Clone, Eq, PartialEq)]
pub enum Part {
    /// Text that reaches the server as it is.
    Literal(Vec<u8>),
    /// A value to fetch.
    Placeholder(Placeholder),
}

impl fmt::Debug for Part {
    /// A literal may be a secret that somebody pasted, so only its length is shown.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Literal(text) => write!(f, "‹{} bytes›", text.len()),
            Self::Placeholder(placeholder) => write!(f, "{placeholder}"),
        }
    }
}

/// Which notations are read in a text.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Syntax {
    /// `$<NAME>` only: arguments, where `${NAME}` is for the server itself to expand.
    Angle,
    /// `$<NAME>` and `${NAME}`: environment values.
    AngleAndBrace,
}

/// A text in which placeholders stand for values.
///
/// * `$<…>` is a placeholder; `$$<` is a literal `$<`.
/// * In a run of dollars before a `<`, each pair is one literal dollar; an odd one out opens a
///   placeholder. So every combination of text and placeholders can be written.
/// * `${NAME}` and `${NAME:-text}` are placeholders where the [`Syntax`] says so, and `$${NAME}` is a literal `${NAME}`: a
///   run of dollars is read as before a `<`. Any other `${` is text, and so are the dollars before it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Template(Vec<Part>);

impl Template {
    /// A template that is `text` and nothing else.
    #[must_use]
    pub fn literal(text: impl Into<Vec<u8>>) -> Self {
        Self(vec![Part::Literal(text.into())])
    }

    /// A template of these parts, one after the other.
    #[must_use]
    pub fn of_parts(parts: impl IntoIterator<Item = Part>) -> Self {
        let mut merged: Vec<Part> = Vec::new();
        for part in parts {
            match (merged.last_mut(), part) {
                (Some(Part::Literal(before)), Part::Literal(text)) => before.extend(text),
                (_, part) => merged.push(part),
            }
        }
        Self(merged)
    }

    /// Reads `text`.
    ///
    /// # Errors
    /// A `$<` that is never closed, or what stands inside is not a placeholder. The error gives the
    /// byte, never the text.
    pub fn parse(text: &[u8], syntax: Syntax) -> Result<Self, TemplateError> {
        let mut parts = Vec::new();
        let mut literal = Vec::new();
        let mut at = 0;
        while let Some(offset) = text[at..].iter().position(|&byte| byte == b'$') {
            let run_start = at + offset;
            literal.extend_from_slice(&text[at..run_start]);
            let dollars = text[run_start..]
                .iter()
                .take_while(|&&byte| byte == b'$')
                .count();
            at = run_start + dollars;
            match text.get(at) {
                Some(b'<') => {
                    literal.extend(std::iter::repeat_n(b'$', dollars / 2));
                    if dollars % 2 == 0 {
                        continue;
                    }
                    let opened = at - 1;
                    let inside = until(&text[at + 1..], b'>')
                        .ok_or(TemplateError::new(TemplateErrorKind::Unclosed, opened))?;
                    let placeholder = std::str::from_utf8(inside)
                        .ok()
                        .and_then(Placeholder::parse_angle)
                        .ok_or(TemplateError::new(TemplateErrorKind::Form, opened))?;
                    push(&mut parts, &mut literal, placeholder);
                    at += inside.len() + 2;
                }
                Some(b'{') if syntax == Syntax::AngleAndBrace => {
                    let Some((length, placeholder)) = brace(&text[at..]) else {
                        literal.extend(std::iter::repeat_n(b'$', dollars));
                        continue;
                    };
                    literal.extend(std::iter::repeat_n(b'$', dollars / 2));
                    if dollars % 2 == 1 {
                        push(&mut parts, &mut literal, placeholder);
                        at += length;
                    }
                }
                _ => literal.extend(std::iter::repeat_n(b'$', dollars)),
            }
        }
        literal.extend_from_slice(&text[at..]);
        if !literal.is_empty() || parts.is_empty() {
            parts.push(Part::Literal(literal));
        }
        Ok(Self(parts))
    }

    /// Writes the template as it would stand in a config; [`Template::parse`] reads it back in the same `syntax`.
    ///
    /// The result holds the literals, so it is as confidential as the config itself.
    #[must_use]
    pub fn print(&self, syntax: Syntax) -> Vec<u8> {
        // From its end to its beginning, reversed below: what a run of dollars means is told by what stands behind it.
        let mut out = Zeroizing::new(Vec::new());
        for part in self.0.iter().rev() {
            match part {
                Part::Placeholder(placeholder) => {
                    let start = out.len();
                    placeholder.print(&mut out);
                    out[start..].reverse();
                }
                Part::Literal(text) => print_literal(text, syntax, &mut out),
            }
        }
        out.reverse();
        std::mem::take(&mut *out)
    }

    /// The parts in their order. Two literals never follow each other.
    #[must_use]
    pub fn parts(&self) -> &[Part] {
        &self.0
    }

    /// The parts in their order, given up.
    #[must_use]
    pub fn into_parts(self) -> Vec<Part> {
        self.0
    }

    /// The placeholders in their order.
    pub fn placeholders(&self) -> impl Iterator<Item = &Placeholder> {
        self.0.iter().filter_map(|part| match part {
            Part::Placeholder(placeholder) => Some(placeholder),
            Part::Literal(_) => None,
        })
    }

    /// Whether the whole text is one placeholder.
    #[must_use]
    pub fn is_one_placeholder(&self) -> bool {
        matches!(self.0.as_slice(), [Part::Placeholder(_)])
    }
}

fn until(text: &[u8], end: u8) -> Option<&[u8]> {
    let length = text.iter().position(|&byte| byte == end)?;
    Some(&text[..length])
}

fn push(parts: &mut Vec<Part>, literal: &mut Vec<u8>, placeholder: Placeholder) {
    if !literal.is_empty() {
        parts.push(Part::Literal(std::mem::take(literal)));
    }
    parts.push(Part::Placeholder(placeholder));
}

/// The placeholder of a text that begins with the brace of one, and its length in bytes, braces included.
fn brace(text: &[u8]) -> Option<(usize, Placeholder)> {
    let inside = until(text.strip_prefix(b"{")?, b'}')?;
    let placeholder = Placeholder::parse_brace(std::str::from_utf8(inside).ok()?)?;
    Some((inside.len() + 2, placeholder))
}

/// Puts a literal before what `out` holds, both in reverse.
fn print_literal(text: &[u8], syntax: Syntax, out: &mut Vec<u8>) {
    let mut rest = text;
    while let Some((&last, before)) = rest.split_last() {
        if last != b'$' {
            out.push(last);
            rest = before;
            continue;
        }
        let others = rest.iter().rposition(|&byte| byte != b'$');
        let start = others.map_or(0, |index| index + 1);
        let dollars = rest.len() - start;
        let doubled = means_something(out, syntax);
        out.extend(std::iter::repeat_n(
            b'$',
            if doubled { 2 * dollars } else { dollars },
        ));
        rest = &rest[..start];
    }
}

/// Whether dollars before the text that `reversed` holds are read as more than themselves.
fn means_something(reversed: &[u8], syntax: Syntax) -> bool {
    // A placeholder follows: its own dollar would be one of the run.
    let (behind, own) = match reversed.split_last() {
        Some((b'$', behind)) => (behind, true),
        _ => (reversed, false),
    };
    match behind.last() {
        Some(b'<') => true,
        Some(b'{') if syntax == Syntax::AngleAndBrace => {
            let end = behind.iter().rposition(|&byte| byte == b'}');
            let mut text = Zeroizing::new(behind[end.unwrap_or(0)..].to_vec());
            text.reverse();
            own || brace(&text).is_some()
        }
        _ => false,
    }
}

/// Why a text is not a template.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum TemplateErrorKind {
    /// What stands between `$<` and `>` is neither a name nor `source:locator`.
    Form,
    /// A `$<` without a `>`.
    Unclosed,
}

/// A text that is not a template: a kind and a byte, no text.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct TemplateError {
    /// What is wrong.
    pub kind: TemplateErrorKind,
    /// Where the `$<` stands, in bytes from 0.
    pub byte: usize,
}

impl TemplateError {
    fn new(kind: TemplateErrorKind, byte: usize) -> Self {
        Self { kind, byte }
    }
}

impl fmt::Display for TemplateError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.kind {
            TemplateErrorKind::Form => write!(
                f,
                "the `$<…>` at byte {} is neither `$<NAME>` nor `$<source:locator>`",
                self.byte
            ),
            TemplateErrorKind::Unclosed => {
                write!(f, "the `$<` at byte {} is never closed by `>`", self.byte)
            }
        }
    }
}

impl std::error::Error for TemplateError {}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::{Delivery, Notation, Reference};

    fn shown(text: &str, syntax: Syntax) -> String {
        match Template::parse(text.as_bytes(), syntax) {
            Ok(template) => template
                .parts()
                .iter()
                .map(|part| match part {
                    Part::Literal(text) => format!("{:?}", String::from_utf8_lossy(text)),
                    Part::Placeholder(placeholder) => format!(
                        "[{placeholder} {:?}]",
                        placeholder.default().unwrap_or_default()
                    ),
                })
                .collect::<Vec<_>>()
                .join(" "),
            Err(error) => error.to_string(),
        }
    }

    #[test]
    fn reads_the_notations() {
        let cases = [
            ("", r#""""#),
            ("plain", r#""plain""#),
            ("$<A>", r#"[$<A> ""]"#),
            ("x$<A>y$<b-2.c>z", r#""x" [$<A> ""] "y" [$<b-2.c> ""] "z""#),
            ("$<A><B>", r#"[$<A> ""] "<B>""#),
            (
                "$<vault:secret/mcp/pg#password>",
                r#"[$<vault:secret/mcp/pg#password> ""]"#,
            ),
            ("$<A:-d:-e>", r#"[$<A:-…> "d:-e"]"#),
            ("$<A:->", r#"[$<A:-…> ""]"#),
            ("$<fd:A>", r#"[$<fd:A> ""]"#),
            ("$<fd:keychain:x>", r#"[$<fd:keychain:x> ""]"#),
            ("$$<A>", r#""$<A>""#),
            ("$$$<A>", r#""$" [$<A> ""]"#),
            ("$$$$<A>", r#""$$<A>""#),
            ("$A $$ $", r#""$A $$ $""#),
            ("${A}", r#"[${A} ""]"#),
            ("a${A:-b c}d", r#""a" [${A:-…} "b c"] "d""#),
            (
                "${debian_chroot:+x} ${1A} ${",
                r#""${debian_chroot:+x} ${1A} ${""#,
            ),
            ("$${A}", r#""${A}""#),
            ("$$${A}", r#""$" [${A} ""]"#),
            ("$${A:-$<B>}", r#""${A:-" [$<B> ""] "}""#),
            ("$${1A} $${", r#""$${1A} $${""#),
            ("$<", "the `$<` at byte 0 is never closed by `>`"),
            (
                "ab$<>",
                "the `$<…>` at byte 2 is neither `$<NAME>` nor `$<source:locator>`",
            ),
            (
                "$<a b>",
                "the `$<…>` at byte 0 is neither `$<NAME>` nor `$<source:locator>`",
            ),
            (
                "$<fd:>",
                "the `$<…>` at byte 0 is neither `$<NAME>` nor `$<source:locator>`",
            ),
        ];
        for (text, expected) in cases {
            assert_eq!(shown(text, Syntax::AngleAndBrace), expected, "{text}");
        }
    }

    #[test]
    fn leaves_braces_alone_in_arguments() {
        assert_eq!(
            shown("Authorization:${AUTH} $<B>", Syntax::Angle),
            r#""Authorization:${AUTH} " [$<B> ""]"#
        );
    }

    #[test]
    fn a_literal_is_not_in_the_debug_form() {
        let template = Template::parse(b"hunter2$<A:-hunter2>", Syntax::Angle).unwrap();
        assert_eq!(format!("{template:?}"), "Template([‹7 bytes›, $<A:-…>])");
    }

    fn name() -> impl Strategy<Value = Reference> {
        "[A-Za-z_][A-Za-z0-9_.-]{0,6}".prop_map(|text| Reference::parse(&text).unwrap())
    }

    fn address() -> impl Strategy<Value = Reference> {
        "[a-z][a-z0-9-]{0,4}:[ -;=?-~&&[^:-]][ -;=?-~&&[^:]]{0,7}"
            .prop_filter("fd is a delivery", |text| !text.starts_with("fd:"))
            .prop_map(|text| Reference::parse(&text).unwrap())
    }

    fn angle() -> impl Strategy<Value = Part> {
        (
            prop_oneof![name(), address()],
            any::<bool>(),
            proptest::option::of("[ -=?-~]{0,6}"),
        )
            .prop_map(|(reference, text, default)| {
                Part::Placeholder(Placeholder {
                    reference,
                    delivery: if text {
                        Delivery::Text
                    } else {
                        Delivery::Descriptor
                    },
                    notation: Notation::Angle,
                    default,
                })
            })
    }

    fn template() -> impl Strategy<Value = Template> {
        let literal = proptest::collection::vec(
            prop_oneof![
                Just(b'$'),
                Just(b'<'),
                Just(b'{'),
                Just(b'}'),
                Just(b'A'),
                any::<u8>()
            ],
            1..8,
        )
        .prop_map(Part::Literal);
        proptest::collection::vec(prop_oneof![literal, angle()], 1..6).prop_map(|parts| {
            let mut merged: Vec<Part> = Vec::new();
            for part in parts {
                match (merged.last_mut(), part) {
                    (Some(Part::Literal(before)), Part::Literal(more)) => before.extend(more),
                    (_, part) => merged.push(part),
                }
            }
            Template(merged)
        })
    }

    proptest! {
        #[test]
        fn print_then_parse_is_the_same(template in template()) {
            for syntax in [Syntax::Angle, Syntax::AngleAndBrace] {
                prop_assert_eq!(&Template::parse(&template.print(syntax), syntax).unwrap(), &template);
            }
        }

        #[test]
        fn parse_then_print_then_parse_is_the_same(text in "[$<>{}A:fd\\-x]{0,24}") {
            for syntax in [Syntax::Angle, Syntax::AngleAndBrace] {
                if let Ok(template) = Template::parse(text.as_bytes(), syntax) {
                    prop_assert_eq!(Template::parse(&template.print(syntax), syntax).unwrap(), template);
                }
            }
        }

        #[test]
        fn no_bytes_panic(text in proptest::collection::vec(any::<u8>(), 0..64)) {
            for syntax in [Syntax::Angle, Syntax::AngleAndBrace] {
                if let Ok(template) = Template::parse(&text, syntax) {
                    prop_assert!(template.parts().len() <= text.len().max(1));
                }
            }
        }
    }
}
