//! Texts with placeholders in the places of their secrets.

use std::ops::Range;

use mcp_launch_core::{Part, Syntax, Template};
use zeroize::Zeroizing;

/// How the launcher is to take what stands around the secrets of a text.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Around {
    /// As itself, where the launcher reads the text in this syntax.
    Literal(Syntax),
    /// As before: it reads the text already.
    Template,
}

/// `text` with each of `parts` replaced by its placeholder. The parts do not overlap.
///
/// What stands around them is for the launcher to read from now on, so what it would take for a placeholder is escaped,
/// unless it was meant for one. None if what should be a placeholder is none.
pub(crate) fn with_placeholders(
    text: &str,
    parts: &[(Range<usize>, &str)],
    around: Around,
) -> Option<Zeroizing<String>> {
    let mut parts: Vec<_> = parts.to_vec();
    parts.sort_by_key(|(part, _)| part.start);
    let mut pieces = Vec::with_capacity(2 * parts.len() + 1);
    let mut from = 0;
    for (part, placeholder) in parts {
        pieces.extend(pieces_of(text.get(from..part.start)?, around)?);
        let template = Template::parse(placeholder.as_bytes(), Syntax::Angle).ok()?;
        template.is_one_placeholder().then_some(())?;
        pieces.extend(template.into_parts());
        from = part.end;
    }
    pieces.extend(pieces_of(text.get(from..)?, around)?);
    let syntax = match around {
        Around::Literal(syntax) => syntax,
        // Braces are among the literals of what was read.
        Around::Template => Syntax::Angle,
    };
    let printed = Template::of_parts(pieces).print(syntax);
    String::from_utf8(printed).ok().map(Zeroizing::new)
}

/// Whether the launcher would read `text` as it stands as something else than it is meant.
pub(crate) fn needs_escape(text: &str, around: Around) -> bool {
    match around {
        Around::Literal(syntax) => {
            let printed = Zeroizing::new(Template::literal(text.as_bytes()).print(syntax));
            *printed != text.as_bytes()
        }
        Around::Template => false,
    }
}

fn pieces_of(text: &str, around: Around) -> Option<Vec<Part>> {
    match around {
        Around::Literal(_) => Some(Template::literal(text.as_bytes()).into_parts()),
        Around::Template => {
            let template = Template::parse(text.as_bytes(), Syntax::Angle).ok()?;
            Some(template.into_parts())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LITERAL: Around = Around::Literal(Syntax::Angle);

    fn replaced(text: &str, parts: &[(Range<usize>, &str)], around: Around) -> String {
        with_placeholders(text, parts, around).unwrap().to_string()
    }

    #[test]
    fn only_the_parts_go_and_the_rest_is_literal() {
        let text = "postgres://u:pw@h/d?key=k2";
        let parts = [(24..26, "$<KEY>"), (13..15, "$<PW>")];
        assert_eq!(
            replaced(text, &parts, LITERAL),
            "postgres://u:$<PW>@h/d?key=$<KEY>"
        );
        assert_eq!(replaced("a$<b", &[], LITERAL), "a$$<b");
        assert_eq!(replaced("a$<b>", &[], Around::Template), "a$<b>");
        assert_eq!(replaced("$pw", &[(1..3, "$<PW>")], LITERAL), "$$$<PW>");
        assert!(with_placeholders("pw", &[(0..2, "PW")], LITERAL).is_none());
    }

    #[test]
    fn braces_are_escaped_where_the_launcher_reads_them_and_the_server_did() {
        let kept = Around::Literal(Syntax::AngleAndBrace);
        let text = "${A}/${B:-x} pw ${1}";
        let parts = [(13..15, "$<PW>")];
        let escaped = replaced(text, &parts, kept);
        assert_eq!(escaped, "$${A}/$${B:-x} $<PW> ${1}");
        let read = Template::parse(escaped.as_bytes(), Syntax::AngleAndBrace).unwrap();
        assert_eq!(read.placeholders().count(), 1);
        assert_eq!(replaced(text, &parts, LITERAL), "${A}/${B:-x} $<PW> ${1}");
        assert_eq!(
            replaced("$${A} pw", &[(6..8, "$<PW>")], Around::Template),
            "$${A} $<PW>"
        );
        assert!(needs_escape("x ${A}", kept) && !needs_escape("x ${A}", LITERAL));
    }
}
