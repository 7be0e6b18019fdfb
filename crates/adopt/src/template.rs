//! Texts with placeholders in the places of their secrets.

use std::ops::Range;

use mcp_launch_core::{Part, Syntax, Template};
use zeroize::Zeroizing;

/// `text` with each of `parts` replaced by its placeholder. The parts do not overlap.
///
/// What stands around them is for the launcher to read from now on, so a `$<` in it is escaped, unless the text
/// `was_template` already. None if what should be a placeholder is none.
pub(crate) fn with_placeholders(
    text: &str,
    parts: &[(Range<usize>, &str)],
    was_template: bool,
) -> Option<Zeroizing<String>> {
    let mut parts: Vec<_> = parts.to_vec();
    parts.sort_by_key(|(part, _)| part.start);
    let mut pieces = Vec::with_capacity(2 * parts.len() + 1);
    let mut from = 0;
    for (part, placeholder) in parts {
        pieces.extend(around(text.get(from..part.start)?, was_template)?);
        let template = Template::parse(placeholder.as_bytes(), Syntax::Angle).ok()?;
        template.is_one_placeholder().then_some(())?;
        pieces.extend(template.into_parts());
        from = part.end;
    }
    pieces.extend(around(text.get(from..)?, was_template)?);
    let printed = Template::of_parts(pieces).print();
    String::from_utf8(printed).ok().map(Zeroizing::new)
}

/// Whether the launcher would read `text` as it stands as something else than itself.
pub(crate) fn needs_escape(text: &str) -> bool {
    text.contains("$<")
}

fn around(text: &str, was_template: bool) -> Option<Vec<Part>> {
    if was_template {
        return Some(
            Template::parse(text.as_bytes(), Syntax::Angle)
                .ok()?
                .into_parts(),
        );
    }
    Some(Template::literal(text.as_bytes()).into_parts())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn replaced(text: &str, parts: &[(Range<usize>, &str)], was_template: bool) -> String {
        with_placeholders(text, parts, was_template)
            .unwrap()
            .to_string()
    }

    #[test]
    fn only_the_parts_go_and_the_rest_is_literal() {
        let text = "postgres://u:pw@h/d?key=k2";
        let parts = [(24..26, "$<KEY>"), (13..15, "$<PW>")];
        assert_eq!(
            replaced(text, &parts, false),
            "postgres://u:$<PW>@h/d?key=$<KEY>"
        );
        assert_eq!(replaced("a$<b", &[], false), "a$$<b");
        assert_eq!(replaced("a$<b>", &[], true), "a$<b>");
        assert_eq!(replaced("$pw", &[(1..3, "$<PW>")], false), "$$$<PW>");
        assert!(with_placeholders("pw", &[(0..2, "PW")], false).is_none());
    }
}
