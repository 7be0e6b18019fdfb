//! Names under which a secret could be stored.

use crate::format::Format;

/// The name of a variable made from `name`: `tavilyApiKey` and `tavily-api-key` give `TAVILY_API_KEY`.
pub(crate) fn from_name(name: &str) -> Option<String> {
    let is_one = name.starts_with(|first: char| first.is_ascii_uppercase() || first == '_')
        && name
            .bytes()
            .all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_');
    if is_one && name.bytes().any(|byte| byte.is_ascii_alphanumeric()) {
        return Some(name.to_owned());
    }
    let bytes = name.as_bytes();
    let mut made = String::new();
    for (at, &byte) in bytes.iter().enumerate() {
        if !byte.is_ascii_alphanumeric() {
            if !made.is_empty() && !made.ends_with('_') {
                made.push('_');
            }
            continue;
        }
        let before = at.checked_sub(1).map(|before| bytes[before]);
        let next_is_small = bytes.get(at + 1).is_some_and(u8::is_ascii_lowercase);
        let begins = byte.is_ascii_uppercase()
            && before.is_some_and(|before| {
                before.is_ascii_lowercase() || (before.is_ascii_uppercase() && next_is_small)
            });
        if begins && !made.ends_with('_') {
            made.push('_');
        }
        made.push(char::from(byte.to_ascii_uppercase()));
    }
    while made.ends_with('_') {
        made.pop();
    }
    if made.starts_with(|first: char| first.is_ascii_digit()) {
        made.insert_str(0, "KEY_");
    }
    (!made.is_empty()).then_some(made)
}

/// The name for a part of what stands under `name`, or under `otherwise` if that is none: `DATABASE_URL_PASSWORD`.
pub(crate) fn of_part(name: &str, otherwise: &str, part: &str) -> Option<String> {
    let base = from_name(name).or_else(|| from_name(otherwise))?;
    Some(if base.ends_with(part) {
        base
    } else {
        format!("{base}_{part}")
    })
}

/// The name for a key of this format: `GITHUB_TOKEN`, `OPENAI_API_KEY`.
pub(crate) fn of_format(format: &Format) -> Option<String> {
    let noun = match format.id.rsplit('-').next() {
        Some("key") => "API_KEY",
        Some("password") => "PASSWORD",
        Some("secret") => "SECRET",
        _ => "TOKEN",
    };
    let issuer: String = format
        .issuer
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .collect();
    from_name(&issuer.to_ascii_uppercase()).map(|issuer| format!("{issuer}_{noun}"))
}

/// The name for the value of a header: `X-API-Key` gives `API_KEY`.
pub(crate) fn from_header(name: &str) -> Option<String> {
    let bare = name
        .strip_prefix("X-")
        .or_else(|| name.strip_prefix("x-"))
        .unwrap_or(name);
    from_name(bare)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::formats::FORMATS;

    #[test]
    fn a_suggestion_is_the_name_of_a_variable() {
        for (name, expected) in [
            ("api-key", Some("API_KEY")),
            ("tavilyApiKey", Some("TAVILY_API_KEY")),
            ("OPENAI_API_KEY2", Some("OPENAI_API_KEY2")),
            ("APIKey", Some("API_KEY")),
            ("--token", Some("TOKEN")),
            ("2fa", Some("KEY_2FA")),
            ("ключ", None),
            ("", None),
        ] {
            assert_eq!(from_name(name).as_deref(), expected, "{name}");
        }
        assert_eq!(from_header("X-API-Key").as_deref(), Some("API_KEY"));
        assert_eq!(
            of_part("DATABASE_URL", "", "PASSWORD").as_deref(),
            Some("DATABASE_URL_PASSWORD")
        );
        assert_eq!(
            of_part("", "postgres", "PASSWORD").as_deref(),
            Some("POSTGRES_PASSWORD")
        );
        assert_eq!(of_part("", "", "PASSWORD"), None);
    }

    #[test]
    fn every_format_suggests_the_name_of_a_variable() {
        for format in FORMATS {
            let name = of_format(format).unwrap();
            assert!(
                !name.starts_with(|first: char| first.is_ascii_digit()),
                "{name}"
            );
            assert!(
                name.bytes()
                    .all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_'),
                "{name}"
            );
        }
    }
}
