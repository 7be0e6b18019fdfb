//! JSON that is the value of a variable or an argument, such as the headers of a server.

/// The texts in `json` and the key that each stands under, an empty one in a list at the top. Texts are given as they are
/// written, with their escapes. `None`, if it is no object and no list.
///
/// JSON that is quoted once more, `"{\"key\":\"x\"}"` as some write it for `cmd`, is read too.
pub(crate) fn texts(json: &str) -> Option<Vec<(&str, &str)>> {
    let json = json.trim();
    let inner = json
        .strip_prefix('"')
        .and_then(|inner| inner.strip_suffix('"'))
        .unwrap_or(json);
    let closed = (inner.starts_with('{') && inner.ends_with('}'))
        || (inner.starts_with('[') && inner.ends_with(']'));
    if !closed {
        return None;
    }
    let quoted = inner
        .find('"')
        .is_some_and(|at| inner[..at].ends_with('\\'));
    let quote = if quoted { "\\\"" } else { "\"" };
    let mut texts = Vec::new();
    let mut key = "";
    let mut at = 0;
    while let Some(open) = inner[at..].find(quote) {
        let start = at + open + quote.len();
        let rest = &inner[start..];
        let end = start
            + if quoted {
                rest.find(quote)
            } else {
                closing_quote(rest)
            }?;
        let text = &inner[start..end];
        at = end + quote.len();
        if inner[at..].trim_start().starts_with(':') {
            key = text;
        } else {
            texts.push((key, text));
        }
    }
    (!texts.is_empty()).then_some(texts)
}

/// Where the text ends that goes on with `rest`.
fn closing_quote(rest: &str) -> Option<usize> {
    let mut escaped = false;
    rest.bytes().position(|byte| {
        let closes = byte == b'"' && !escaped;
        escaped = byte == b'\\' && !escaped;
        closes
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_found_with_their_keys() {
        let json = r#" {"a": "x\"y", "b": {"c": ["1", "2"]}, "n": 3} "#;
        assert_eq!(
            texts(json),
            Some(vec![("a", r#"x\"y"#), ("c", "1"), ("c", "2")])
        );
        let quoted = r#""{\"a\":\"x\",\"b\":\"y\"}""#;
        assert_eq!(texts(quoted), Some(vec![("a", "x"), ("b", "y")]));
        for none in ["", "{", "{}", "[1]", "x", r#"{"a": "b}"#, "{secret}"] {
            assert_eq!(texts(none), None, "{none}");
        }
    }
}
