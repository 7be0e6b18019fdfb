//! A text with placeholders in it: how it is read and written.

use std::fmt;

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
/// * `${NAME}` and `${NAME:-text}` are placeholders where the [`Syntax`] says so; any other `${` is text.
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
                    literal.extend(std::iter::repeat_n(b'$', dollars - 1));
                    let placeholder = until(&text[at + 1..], b'}')
                        .and_then(|inside| Some((inside.len(), std::str::from_utf8(inside).ok()?)))
                        .and_then(|(length, inside)| {
                            Some((length, Placeholder::parse_brace(inside)?))
                        });
                    if let Some((length, placeholder)) = placeholder {
                        push(&mut parts, &mut literal, placeholder);
                        at += length + 2;
                    } else {
                        literal.push(b'$');
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

    /// Writes the template as it would stand in a config; [`Template::parse`] reads it back.
    ///
    /// The result holds the literals, so it is as confidential as the config itself.
    #[must_use]
    pub fn print(&self) -> Vec<u8> {
        let mut out = Vec::new();
        for (index, part) in self.0.iter().enumerate() {
            match part {
                Part::Placeholder(placeholder) => placeholder.print(&mut out),
                Part::Literal(text) => {
                    let before_angle = matches!(
                        self.0.get(index + 1),
                        Some(Part::Placeholder(next))
                            if next.notation() == crate::placeholder::Notation::Angle
                    );
                    print_literal(text, before_angle, &mut out);
                }
            }
        }
        out
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

fn print_literal(text: &[u8], before_angle: bool, out: &mut Vec<u8>) {
    let mut dollars = 0;
    for &byte in text {
        if byte == b'$' {
            dollars += 1;
            continue;
        }
        let doubled = byte == b'<';
        out.extend(std::iter::repeat_n(
            b'$',
            if doubled { 2 * dollars } else { dollars },
        ));
        dollars = 0;
        out.push(byte);
    }
    out.extend(std::iter::repeat_n(
        b'$',
        if before_angle { 2 * dollars } else { dollars },
    ));
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
            ("$${A}", r#""$" [${A} ""]"#),
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
        let literal =
            proptest::collection::vec(prop_oneof![Just(b'$'), Just(b'<'), any::<u8>()], 1..8)
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
            prop_assert_eq!(Template::parse(&template.print(), Syntax::Angle).unwrap(), template);
        }

        #[test]
        fn parse_then_print_then_parse_is_the_same(text in "[$<>{}A:fd\\-x]{0,24}") {
            for syntax in [Syntax::Angle, Syntax::AngleAndBrace] {
                if let Ok(template) = Template::parse(text.as_bytes(), syntax) {
                    prop_assert_eq!(Template::parse(&template.print(), syntax).unwrap(), template);
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
