//! `Bearer X`, `Basic X`: what stands before a credential in a header.

use std::ops::Range;

/// Schemes that stand before a credential and hardly before anything else.
const ANYWHERE: &[&str] = &["Bearer", "Basic", "Token"];

/// Schemes that are believed where a credential is expected.
#[rustfmt::skip]
const IN_HEADERS: &[&str] = &[
    "ApiKey", "Api-Key", "X-API-Key", "Key", "Bot", "SSWS", "GenieKey", "Splunk", "Discogs", "OAuth", "Digest",
    "Apikey-v1", "JWT", "Client-ID", "PRIVATE-TOKEN", "pat",
];

/// How many characters a credential has at least, for its scheme to be believed.
const SHORTEST: usize = 8;

/// Which bytes of `text` follow a scheme. `expected`: a credential is expected here.
pub(crate) fn after_scheme(text: &str, expected: bool) -> Option<Range<usize>> {
    let start = text.len() - text.trim_start().len();
    let end = text.trim_end().len();
    let body = text.get(start..end)?;
    let scheme_end = body.find([' ', '%', '\t'])?;
    let scheme = &body[..scheme_end];
    let known = |list: &[&str]| list.iter().any(|each| each.eq_ignore_ascii_case(scheme));
    if !(known(ANYWHERE) || (expected && known(IN_HEADERS))) {
        return None;
    }
    let gap = &body[scheme_end..];
    let rest = gap.trim_start_matches("%20").trim_start();
    let at = start + scheme_end + (gap.len() - rest.len());
    if rest.len() == gap.len() || rest.contains(char::is_whitespace) {
        return None;
    }
    let word = rest.bytes().all(|byte| byte.is_ascii_lowercase());
    (expected || (rest.len() >= SHORTEST && !word)).then_some(at..end)
}

/// The name and the value of a header in `text`: `Authorization: Bearer X`, `X-API-Key:X`, and which bytes the value has.
pub(crate) fn header(text: &str) -> Option<(&str, Range<usize>)> {
    let (name, rest) = text.split_once(':')?;
    let name = name.trim_start();
    let well_formed = name.starts_with(|first: char| first.is_ascii_alphabetic())
        && name.len() <= 64
        && name
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte));
    let value = rest.trim_start_matches([' ', '\t']);
    if !well_formed || value.is_empty() || value.starts_with("//") {
        return None;
    }
    Some((name, text.len() - value.len()..text.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_follows_a_scheme_is_the_credential() {
        for (text, expected, part) in [
            ("Bearer abc123def456", false, Some("abc123def456")),
            ("bearer  abc123def456 ", false, Some("abc123def456")),
            ("Bearer%20abc123def456", false, Some("abc123def456")),
            ("Basic dXNlcjpwYXNz", false, Some("dXNlcjpwYXNz")),
            ("Token based authentication", false, None),
            ("Basic authentication", false, None),
            ("Bearer abc", false, None),
            ("Bearer abc", true, Some("abc")),
            ("Bot abc123def456", false, None),
            ("Bot abc123def456", true, Some("abc123def456")),
            ("Bearer", true, None),
            ("", true, None),
        ] {
            let found = after_scheme(text, expected).map(|range| &text[range]);
            assert_eq!(found, part, "{text}");
        }
    }

    #[test]
    fn a_header_is_told_from_an_address() {
        assert_eq!(
            header("Authorization: Bearer x"),
            Some(("Authorization", 15..23))
        );
        assert_eq!(header("X-API-Key:x"), Some(("X-API-Key", 10..11)));
        for text in ["https://example.org", "a b: c", "12:30", "C:", "", "Name:"] {
            assert_eq!(header(text), None, "{text}");
        }
    }
}
