//! The words that a name or a text consists of.

/// The runs of letters and the runs of digits in `text`, which end where the case changes too: `tavilyApiKey2` is `tavily`,
/// `Api`, `Key`, `2`; `APIKey` is `API`, `Key`.
pub(crate) fn words(text: &str) -> Vec<&str> {
    let bytes = text.as_bytes();
    let mut words = Vec::new();
    let mut start = 0;
    for at in 0..=bytes.len() {
        let Some(&byte) = bytes.get(at) else {
            push(&mut words, text, start, at);
            break;
        };
        if !byte.is_ascii_alphanumeric() {
            push(&mut words, text, start, at);
            start = at + 1;
        } else if at > start && changes(bytes, at) {
            push(&mut words, text, start, at);
            start = at;
        }
    }
    words
}

/// Whether a word begins at `at`, which follows another character of a word.
fn changes(bytes: &[u8], at: usize) -> bool {
    let (before, here) = (bytes[at - 1], bytes[at]);
    let next_is_small = bytes.get(at + 1).is_some_and(u8::is_ascii_lowercase);
    before.is_ascii_digit() != here.is_ascii_digit()
        || (before.is_ascii_lowercase() && here.is_ascii_uppercase())
        || (before.is_ascii_uppercase() && here.is_ascii_uppercase() && next_is_small)
}

fn push<'a>(words: &mut Vec<&'a str>, text: &'a str, start: usize, end: usize) {
    if let Some(word) = text.get(start..end).filter(|word| !word.is_empty()) {
        words.push(word);
    }
}

/// Whether `word` is one of `list`, in whatever case.
pub(crate) fn one_of(word: &str, list: &[&str]) -> bool {
    list.iter().any(|listed| listed.eq_ignore_ascii_case(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_end_at_separators_digits_and_changes_of_case() {
        for (text, expected) in [
            ("tavilyApiKey2", &["tavily", "Api", "Key", "2"][..]),
            ("APIKey", &["API", "Key"]),
            ("X-Goog-Api-Key", &["X", "Goog", "Api", "Key"]),
            ("E2B_API_KEY", &["E", "2", "B", "API", "KEY"]),
            ("ключ_API", &["API"]),
            ("", &[]),
        ] {
            assert_eq!(words(text), expected, "{text}");
        }
    }
}
