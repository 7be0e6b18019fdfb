//! `{{placeholders}}` in paths and bodies.

use serde_json::Value;

use crate::template::TemplateError;

/// What placeholders stand for: names and what is put in their place.
pub(crate) struct Names<'a>(pub(crate) Vec<(&'a str, Value)>);

impl Names<'_> {
    fn get(&self, name: &str) -> Option<&Value> {
        self.0
            .iter()
            .find(|(own, _)| *own == name)
            .map(|(_, value)| value)
    }

    /// `template` as a path: what is put in is percent-encoded, so that it stays within its segment.
    pub(crate) fn path(&self, template: &str) -> Result<String, TemplateError> {
        self.text(template, encode)
    }

    /// `template` with each of its texts filled in. A text that is one placeholder and nothing else becomes what it stands
    /// for, be it a number or a list; within a longer text there can be texts and numbers only.
    pub(crate) fn json(&self, template: &Value) -> Result<Value, TemplateError> {
        Ok(match template {
            Value::String(text) => match whole(text) {
                Some(name) => self.get(name).ok_or_else(|| unknown(name))?.clone(),
                None => Value::String(self.text(text, |text, whole| whole.push_str(text))?),
            },
            Value::Array(list) => Value::Array(
                list.iter()
                    .map(|item| self.json(item))
                    .collect::<Result<_, _>>()?,
            ),
            Value::Object(object) => Value::Object(
                object
                    .iter()
                    .map(|(key, value)| Ok((key.clone(), self.json(value)?)))
                    .collect::<Result<_, TemplateError>>()?,
            ),
            other => other.clone(),
        })
    }

    fn text(&self, template: &str, put: fn(&str, &mut String)) -> Result<String, TemplateError> {
        let mut filled = String::with_capacity(template.len());
        let mut rest = template;
        while let Some(start) = rest.find("{{") {
            filled.push_str(&rest[..start]);
            let (name, behind) = rest[start + 2..]
                .split_once("}}")
                .ok_or(TemplateError::Unclosed)?;
            match self.get(name).ok_or_else(|| unknown(name))? {
                Value::String(text) => put(text, &mut filled),
                Value::Number(number) => put(&number.to_string(), &mut filled),
                _ => return Err(TemplateError::NoText(name.to_owned())),
            }
            rest = behind;
        }
        filled.push_str(rest);
        Ok(filled)
    }
}

fn unknown(name: &str) -> TemplateError {
    TemplateError::Unknown(name.to_owned())
}

/// The placeholder that is all of `text`.
fn whole(text: &str) -> Option<&str> {
    let name = text.strip_prefix("{{")?.strip_suffix("}}")?;
    (!name.contains("{{") && !name.contains("}}")).then_some(name)
}

/// The placeholders of `template`.
pub(crate) fn names_in(template: &str) -> Vec<&str> {
    let pieces = template.split("{{").skip(1);
    pieces
        .filter_map(|piece| piece.split_once("}}"))
        .map(|(name, _)| name)
        .collect()
}

/// The placeholders of all texts of `template`.
pub(crate) fn names_in_json(template: &Value) -> Vec<&str> {
    match template {
        Value::String(text) => names_in(text),
        Value::Array(list) => list.iter().flat_map(names_in_json).collect(),
        Value::Object(object) => object.values().flat_map(names_in_json).collect(),
        _ => Vec::new(),
    }
}

fn encode(text: &str, path: &mut String) {
    const DIGITS: &[u8; 16] = b"0123456789ABCDEF";
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            path.push(char::from(byte));
        } else {
            path.push('%');
            path.push(char::from(DIGITS[usize::from(byte >> 4)]));
            path.push(char::from(DIGITS[usize::from(byte & 15)]));
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    #[test]
    fn what_is_put_in_stays_where_it_is_put() {
        let names = Names(vec![
            ("a", json!("x/../y?z=1&q#\"")),
            ("ttl", json!(60)),
            ("list", json!([1, { "b": null }])),
        ]);
        assert_eq!(
            names.path("/t/{{a}}/{{ttl}}?k={{a}}").unwrap(),
            "/t/x%2F..%2Fy%3Fz%3D1%26q%23%22/60?k=x%2F..%2Fy%3Fz%3D1%26q%23%22"
        );
        let body =
            json!({ "n": "{{a}}", "t": "{{ttl}}", "s": "in {{ttl}} s", "l": ["{{list}}", true] });
        assert_eq!(
            names.json(&body).unwrap(),
            json!({ "n": "x/../y?z=1&q#\"", "t": 60, "s": "in 60 s", "l": [[1, { "b": null }], true] })
        );
    }

    #[test]
    fn what_nobody_knows_is_refused() {
        let names = Names(vec![("list", json!([]))]);
        assert_eq!(
            names.path("/{{b}}"),
            Err(TemplateError::Unknown("b".to_owned()))
        );
        assert_eq!(names.path("/{{b"), Err(TemplateError::Unclosed));
        assert_eq!(
            names.path("/{{list}}"),
            Err(TemplateError::NoText("list".to_owned()))
        );
        assert_eq!(
            names.json(&json!(["{{}}"])),
            Err(TemplateError::Unknown(String::new()))
        );
        // What was put in is not read again.
        let names = Names(vec![("a", json!("{{b}}"))]);
        assert_eq!(names.json(&json!("-{{a}}")).unwrap(), json!("-{{b}}"));
    }

    proptest! {
        #[test]
        fn any_text_is_one_segment_of_a_path(text in "\\PC{0,20}") {
            let names = Names(vec![("a", Value::String(text))]);
            let path = names.path("/{{a}}").unwrap();
            let is_plain = path[1..].bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._~%".contains(&byte));
            prop_assert!(is_plain);
        }
    }
}
