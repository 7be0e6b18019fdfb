//! JSON that is the value of a variable or an argument, such as the headers of a server.

/// The texts in `json` and the key that each stands under, an empty one in a list at the top. Texts are given as they are
/// written, with their escapes. `None`, if it is no object and no list.
pub(crate) fn texts(json: &str) -> Option<Vec<(&str, &str)>> {
    let json = json.trim();
    let closed = (json.starts_with('{') && json.ends_with('}'))
        || (json.starts_with('[') && json.ends_with(']'));
    if !closed {
        return None;
    }
    let mut texts = Vec::new();
    let mut key = "";
    let mut at = 0;
    while let Some(quote) = json[at..].find('"') {
        let start = at + quote + 1;
        let end = start + closing_quote(&json[start..])?;
        let text = &json[start..end];
        at = end + 1;
        if json[at..].trim_start().starts_with(':') {
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
        for none in ["", "{", "{}", "[1]", "x", r#"{"a": "b}"#, "{secret}"] {
            assert_eq!(texts(none), None, "{none}");
        }
    }
}
