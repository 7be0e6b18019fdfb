//! JSON without the spaces between its tokens.

/// Takes out what stands between the tokens of `json`, which is well formed.
pub(crate) fn without_spaces(json: &str) -> Vec<u8> {
    // No larger than the text, so that no part of it stays behind where a buffer has grown.
    let mut compact = Vec::with_capacity(json.len());
    let (mut in_text, mut escaped) = (false, false);
    for &byte in json.as_bytes() {
        if !in_text && byte.is_ascii_whitespace() {
            continue;
        }
        if byte == b'"' && !escaped {
            in_text = !in_text;
        }
        escaped = in_text && byte == b'\\' && !escaped;
        compact.push(byte);
    }
    compact
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_stands_in_a_text_stays() {
        let json = r#"{"b" : "x \" ,  y\\" , "c":[ 1 ] }"#;
        let compact = r#"{"b":"x \" ,  y\\","c":[1]}"#;
        assert_eq!(without_spaces(json), compact.as_bytes());
    }

    proptest! {
        #[test]
        fn leaving_out_spaces_changes_nothing(value in ".{0,50}", number in any::<i64>()) {
            let json = serde_json::json!({ "k": [value, number], "é \" \\": {} });
            let spaced = serde_json::to_string_pretty(&json).unwrap();
            let compact: serde_json::Value = serde_json::from_slice(&without_spaces(&spaced)).unwrap();
            prop_assert_eq!(compact, json);
        }
    }
}
