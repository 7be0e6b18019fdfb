//! Text that a person was to replace by a value: `YOUR_API_KEY`, `<token>`, `REEMPLAZAR_POR_TU_CLAVE`, `xxxx`.

use crate::words::{one_of, words};

/// Words that stand in placeholders, and in a machine's text only by chance.
#[rustfmt::skip]
const WORDS: &[&str] = &[
    "changeme", "changeit", "clave", "coloque", "deine", "dummy", "empty", "enter", "ersetzen", "example", "fixme",
    "foobar", "hidden", "insert", "inserir", "insira", "inserisci", "masked", "needed", "optional", "paste",
    "placeholder", "redacted", "reemplazar", "remplacer", "remplacez", "removed", "replace", "replaceme", "required",
    "sample", "secrethere", "tokenhere", "unused", "vervang", "votre", "wstaw", "yourapikey", "yourkey",
    "yourpassword", "yoursecret", "yourtoken",
];

/// Shorter ones, which are believed between separators only.
const SHORT_WORDS: &[&str] = &[
    "aqui", "dein", "demo", "fake", "fill", "here", "hier", "ihre", "jouw", "mock", "none", "todo",
    "xxx",
];

/// Keys of a keyboard that lie side by side.
const ROWS: &[&[u8]] = &[
    b"qwertyuiop",
    b"asdfghjkl",
    b"zxcvbnm",
    b"qwertzuiop",
    b"azertyuiop",
];

/// Whether `text`, which stands under `name`, was to be replaced.
pub(crate) fn is_placeholder(name: &str, text: &str) -> bool {
    let text = text.trim();
    within_key(text)
        || is_enclosed(text)
        || is_constant(text)
        || is_words(text)
        || (!name.is_empty() && text.eq_ignore_ascii_case(name))
        || one_of(
            text,
            &[
                "token",
                "key",
                "apikey",
                "api_key",
                "api-key",
                "apitoken",
                "accesstoken",
                "ollama",
            ],
        )
}

/// Whether `text`, which may be a key of a known format without its prefix, was to be replaced.
pub(crate) fn within_key(text: &str) -> bool {
    text.contains("...")
        || text.contains('…')
        || text.contains("***")
        || text.contains("•••")
        || has_angles(text)
        || words(text).iter().any(|word| one_of(word, WORDS))
        || text
            .split(|each: char| !each.is_ascii_alphanumeric())
            .any(|part| one_of(part, SHORT_WORDS))
        || has_word_with(text, "your")
        || is_filler(text)
}

/// Whether a word of `text` begins with `start`, in whatever case.
fn has_word_with(text: &str, start: &str) -> bool {
    let bytes = text.as_bytes();
    bytes.windows(start.len()).enumerate().any(|(at, window)| {
        let begins = at
            .checked_sub(1)
            .is_none_or(|before| !bytes[before].is_ascii_alphanumeric());
        begins && window.eq_ignore_ascii_case(start.as_bytes())
    })
}

/// Whether something that people write between brackets stands between `<` and `>`: at least three letters, and no digit.
fn has_angles(text: &str) -> bool {
    text.split_once('<')
        .and_then(|(_, after)| after.split_once('>'))
        .is_some_and(|(inside, _)| {
            inside.chars().count() >= 3
                && is_label(inside)
                && !inside.contains(|each: char| each.is_ascii_digit())
        })
}

/// `<token>`, `[your key]`, `{secret}`, `__TOKEN__`, `@@KEY@@`.
fn is_enclosed(text: &str) -> bool {
    [
        ("<", ">"),
        ("[", "]"),
        ("{", "}"),
        ("__", "__"),
        ("@@", "@@"),
        ("%%", "%%"),
    ]
    .iter()
    .any(|(open, close)| {
        text.strip_prefix(open)
            .and_then(|text| text.strip_suffix(close))
            .is_some_and(is_label)
    })
}

/// Letters, few digits, spaces and separators: what people write between brackets.
fn is_label(text: &str) -> bool {
    let digits = text.chars().filter(char::is_ascii_digit).count();
    text.chars().any(char::is_alphabetic)
        && digits <= 2
        && text
            .chars()
            .all(|each| each.is_alphanumeric() || " _-.:/'|".contains(each))
}

/// `MY_TOKEN_1`: the name of a variable instead of its value.
fn is_constant(text: &str) -> bool {
    let names = text.contains('_')
        && text.starts_with(|first: char| first.is_ascii_uppercase())
        && text
            .bytes()
            .all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_');
    let credential = [
        "KEY",
        "TOKEN",
        "SECRET",
        "PASSWORD",
        "PASS",
        "API",
        "CREDENTIAL",
    ];
    names && words(text).iter().any(|word| one_of(word, &credential))
}

/// Letters with separators only, which catches every language: at least two words of even case. What an issuer makes has
/// digits, or letters of both cases side by side.
fn is_words(text: &str) -> bool {
    let mut count = 0;
    for word in text
        .split(['_', '-', ' ', '.', ',', ':', '/'])
        .filter(|word| !word.is_empty())
    {
        let letters = word.chars().all(char::is_alphabetic);
        let tail_is_small = word.chars().skip(1).all(|each| !each.is_uppercase());
        let all_capitals = word.chars().all(|each| !each.is_lowercase());
        if !letters || !(tail_is_small || all_capitals) || word.chars().count() > 20 {
            return false;
        }
        count += 1;
    }
    count >= 2
}

/// Repeated characters, counting and keyboard rows: `xxxx`, `1234567890abcdef`, `qwerty`.
fn is_filler(text: &str) -> bool {
    let mut total = 0;
    let mut covered = 0;
    let mut run = 0;
    let mut before: Option<u8> = None;
    for byte in text
        .bytes()
        .filter(u8::is_ascii_alphanumeric)
        .map(|byte| byte.to_ascii_lowercase())
    {
        total += 1;
        if before.is_some_and(|before| follows(before, byte)) {
            run += 1;
        } else {
            covered += if run >= 4 { run } else { 0 };
            run = 1;
        }
        before = Some(byte);
    }
    covered += if run >= 4 { run } else { 0 };
    total >= 4 && covered * 10 >= total * 7
}

/// Whether a person who fills a place types `byte` after `before`.
fn follows(before: u8, byte: u8) -> bool {
    before == byte
        || before.checked_add(1) == Some(byte)
        || byte.checked_add(1) == Some(before)
        || (before == b'9' && (byte == b'0' || byte == b'a'))
        || (before == b'0' && byte == b'a')
        || (before == b'f' && byte == b'0')
        || (before == b'z' && byte == b'0')
        || ROWS
            .iter()
            .any(|row| row.windows(2).any(|pair| pair == [before, byte]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_to_be_replaced_is_a_placeholder_in_every_language() {
        for text in [
            "YOUR_API_KEY",
            "your-api-key-here",
            "YOUR_KLING_ACCESS_KEY_HERE",
            "<token>",
            "<your key>",
            "[REDACTED]",
            "[REDACTED_API_KEY]",
            "{secret}",
            "REEMPLAZAR_POR_TU_CLAVE",
            "REMPLACEZ_PAR_VOTRE_TOKEN_VERCEL",
            "hier-eintragen",
            "ваш_токен",
            "在此输入 密钥",
            "xxx",
            "xxxxxxxx",
            "XXXX-XXXX-XXXX",
            "sk-xxxxxxxxxxxx",
            "********",
            "sk-...",
            "ghp_…",
            "changeme",
            "changeme123",
            "1234567890abcdef",
            "0123456789",
            "abcdefghijkl",
            "qwertyuiop",
            "__TOKEN__",
            "@@KEY@@",
            "MY_SECRET_1",
            "dummy",
            "sk-dummy",
            "EMPTY",
            "not-needed",
            "AKIAIOSFODNN7EXAMPLE",
            "token",
            "insert token",
            "TODO",
            "00000000-0000-0000-0000-000000000000",
            "sk-<your-key>",
            "lm-studio",
            "example_key_1",
        ] {
            assert!(is_placeholder("", text), "{text}");
        }
        assert!(is_placeholder("GITHUB_TOKEN", "github_token"));
    }

    #[test]
    fn what_may_be_a_secret_is_no_placeholder() {
        for text in [
            "hunter2&more13",
            "5d41402abc4b2a76b9719d911017c592",
            "5d41402a-bc4b-4a76-b971-9d911017c592",
            "Xk9_fQ2-pLm4",
            "postgres",
            "kjhGFDsaQwErtY",
            "aBcQxZ-kLmPqR_sTuVwZ",
            "p@ssw0rd!x",
            "{ab12}cd",
        ] {
            assert!(!is_placeholder("API_KEY", text), "{text}");
        }
    }
}
