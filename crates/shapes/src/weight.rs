//! What a value is worth under a name that promises a secret.

use crate::credential_name::Noun;
use crate::entropy::bits_per_byte;
use crate::judgement::{Confidence, Plain};
use crate::placeholder::is_placeholder;
use crate::plain::plain;
use crate::reference::{Reference, reference};
use crate::words::{one_of, words};

/// What a value is worth.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Weight {
    /// It is no secret.
    Plain(Plain),
    /// It is one, as surely as this.
    Secret(Confidence),
}

/// How many characters a secret has, if it is not a weak one.
const SHORTEST: usize = 8;

/// Bits per byte below which a text is too uneven to be what a machine has made. Sixteen hexadecimal digits seldom reach what
/// is asked of other text.
fn least_entropy(text: &str) -> f64 {
    let hex = text.len() >= 16
        && text
            .bytes()
            .all(|byte| byte.is_ascii_hexdigit() || byte == b'-');
    if hex { 2.5 } else { 3.0 }
}

/// Passwords that everybody tries first.
#[rustfmt::skip]
const DEFAULTS: &[&str] = &[
    "admin", "administrator", "default", "dev", "elastic", "guest", "letmein", "master", "minioadmin", "mongo",
    "mysql", "neo4j", "oracle", "p@ssw0rd", "pass", "passw0rd", "password", "postgres", "postgresql", "qwerty",
    "rabbitmq", "redis", "root", "sa", "secret", "supersecret", "sysadmin", "test", "testing", "toor", "user",
    "username", "welcome",
];

/// What `text` is worth under `name`, which promises `noun`.
pub(crate) fn weigh(noun: Noun, name: &str, text: &str) -> Weight {
    let text = text.trim();
    if text.is_empty() {
        return Weight::Plain(Plain::Empty);
    }
    if reference(text) != Reference::None {
        return Weight::Plain(Plain::Reference);
    }
    if noun == Noun::Mnemonic && is_mnemonic(text) {
        return Weight::Secret(Confidence::Medium);
    }
    if is_in_groups(text)
        && !words(text)
            .iter()
            .any(|word| one_of(word, &["your", "here", "word", "pass", "code"]))
    {
        return Weight::Secret(Confidence::Medium);
    }
    if let Some(why) = plain(text, noun) {
        let replaced = why == Plain::Prose && is_placeholder(name, text);
        return Weight::Plain(if replaced { Plain::Placeholder } else { why });
    }
    let of_digits = text.bytes().all(|byte| byte.is_ascii_digit());
    if is_default(text) || (noun == Noun::Password && of_digits) {
        return Weight::Secret(Confidence::Low);
    }
    if is_placeholder(name, text) {
        return Weight::Plain(Plain::Placeholder);
    }
    let weak = text.chars().count() < SHORTEST
        || is_guessable(text)
        || bits_per_byte(text) < least_entropy(text);
    Weight::Secret(if weak {
        Confidence::Low
    } else {
        Confidence::Medium
    })
}

/// What `password` is worth where an address or a connection string has one, beside `user`. `None`: it is no secret.
pub(crate) fn weigh_password(user: &str, password: &str) -> Option<Confidence> {
    let template = one_of(user, &["user", "username", "dbuser", ""])
        && one_of(password, &["pass", "password", "pwd", "dbpass"])
        && !user.is_empty();
    let capitals = ["PASSWORD", "PASS", "PWD", "PW", "SECRET", "DBPASSWORD"].contains(&password);
    if password.is_empty() || reference(password) != Reference::None || template || capitals {
        return None;
    }
    let of_digits = password.bytes().all(|byte| byte.is_ascii_digit());
    if of_digits || is_default(password) {
        return Some(Confidence::Low);
    }
    if is_placeholder("", password) {
        return None;
    }
    let of_letters = password.bytes().all(|byte| byte.is_ascii_lowercase());
    let weak = (password.len() < SHORTEST && of_letters) || password.len() < 4;
    Some(
        if weak || is_guessable(password) || password.eq_ignore_ascii_case(user) {
            Confidence::Low
        } else {
            Confidence::High
        },
    )
}

/// Whether `text` is a default password with ornaments, or words and a number: `admin123`, `my-secret-token-12345`.
pub(crate) fn is_guessable(text: &str) -> bool {
    if is_default(text) {
        return true;
    }
    let parts: Vec<&str> = text.split(['-', '_', '.', ' ']).collect();
    let even = |part: &&str| {
        part.bytes().all(|byte| byte.is_ascii_lowercase())
            || part.bytes().all(|byte| byte.is_ascii_uppercase())
            || (part.len() <= 6 && part.bytes().all(|byte| byte.is_ascii_digit()))
    };
    let said = [
        "key", "token", "secret", "password", "pass", "test", "admin", "apikey",
    ];
    parts.len() >= 2 && parts.iter().all(even) && parts.iter().any(|part| one_of(part, &said))
}

/// Whether `text` is a password that everybody tries first, with ornaments after it or without.
fn is_default(text: &str) -> bool {
    let bare =
        text.trim_end_matches(|each: char| each.is_ascii_digit() || "!@#$%.*?".contains(each));
    one_of(bare, DEFAULTS) || one_of(text, DEFAULTS)
}

/// Whether `text` is what a wallet is made from (BIP 39): 12 to 24 words of three to eight small letters. Those of test
/// networks repeat a word.
fn is_mnemonic(text: &str) -> bool {
    let words: Vec<&str> = text.split(' ').collect();
    let of_list = words.iter().all(|word| {
        (3..=8).contains(&word.len()) && word.bytes().all(|byte| byte.is_ascii_lowercase())
    });
    let distinct = words
        .iter()
        .enumerate()
        .filter(|(at, word)| !words[..*at].contains(word))
        .count();
    [12, 15, 18, 21, 24].contains(&words.len()) && of_list && distinct * 2 > words.len()
}

/// Whether `text` is a password of an application as Google (`abcd efgh ijkl mnop`), Apple (`abcd-efgh-ijkl-mnop`) and
/// WordPress (six groups) show it.
fn is_in_groups(text: &str) -> bool {
    let separator = if text.contains(' ') { ' ' } else { '-' };
    let groups: Vec<&str> = text.split(separator).collect();
    let small = groups.len() == 4
        && groups
            .iter()
            .all(|group| group.bytes().all(|byte| byte.is_ascii_lowercase()));
    let mixed =
        groups.len() == 6 && separator == ' ' && text.bytes().any(|byte| byte.is_ascii_digit());
    (small || mixed)
        && groups
            .iter()
            .all(|group| group.len() == 4 && group.bytes().all(|byte| byte.is_ascii_alphanumeric()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use Confidence::{High, Low, Medium};

    #[test]
    fn a_value_under_a_secret_name_is_weighed() {
        for (noun, text, expected) in [
            (
                Noun::Token,
                "5d41402abc4b2a76b9719d911017c592",
                Weight::Secret(Medium),
            ),
            (
                Noun::Token,
                "5d41402a-bc4b-4a76-b971-9d911017c592",
                Weight::Secret(Medium),
            ),
            (Noun::Password, "hunter2&more13", Weight::Secret(Medium)),
            (
                Noun::Password,
                "abcd efgh ijkl mnop",
                Weight::Secret(Medium),
            ),
            (
                Noun::Password,
                "qk4X mN2p 7Tzw bV9r Lc3d Hs8f",
                Weight::Secret(Medium),
            ),
            (Noun::Password, "postgres", Weight::Secret(Low)),
            (Noun::Password, "admin123", Weight::Secret(Low)),
            (Noun::Password, "Password1!", Weight::Secret(Low)),
            (Noun::Password, "84120345", Weight::Secret(Low)),
            (Noun::Token, "my-secret-token-12345", Weight::Secret(Low)),
            (Noun::Token, "a9k9a9k9a9k9", Weight::Secret(Low)),
            (Noun::Token, "Xk9f", Weight::Secret(Low)),
            (Noun::Token, "your_key", Weight::Plain(Plain::Placeholder)),
            (
                Noun::Token,
                "put the token here",
                Weight::Plain(Plain::Placeholder),
            ),
            (Noun::Token, "65535", Weight::Plain(Plain::Number)),
            (
                Noun::Token,
                "/run/secrets/token",
                Weight::Plain(Plain::Path),
            ),
            (Noun::Token, "  ", Weight::Plain(Plain::Empty)),
            (Noun::Token, "${X}", Weight::Plain(Plain::Reference)),
        ] {
            assert_eq!(weigh(noun, "API_KEY", text), expected, "{text}");
        }
    }

    #[test]
    fn the_words_of_a_wallet_are_a_secret_and_those_of_a_test_network_are_not() {
        let words =
            "gravity machine north sort system female filter attitude volume fold club stay";
        assert_eq!(
            weigh(Noun::Mnemonic, "MNEMONIC", words),
            Weight::Secret(Medium)
        );
        let junk = "test test test test test test test test test test test junk";
        assert!(matches!(
            weigh(Noun::Mnemonic, "MNEMONIC", junk),
            Weight::Plain(_)
        ));
        assert!(matches!(
            weigh(Noun::Token, "TOKEN", words),
            Weight::Plain(_)
        ));
    }

    #[test]
    fn a_password_in_an_address_is_a_secret_unless_it_is_a_template() {
        for (user, password, expected) in [
            ("app", "S3cret&Long", Some(High)),
            ("app", "kjhgfdsx", Some(High)),
            ("postgres", "postgres", Some(Low)),
            ("app", "password", Some(Low)),
            ("app", "app", Some(Low)),
            ("app", "123456", Some(Low)),
            ("app", "x", Some(Low)),
            ("user", "password", None),
            ("USER", "PASSWORD", None),
            ("app", "PASSWORD", None),
            ("app", "<password>", None),
            ("app", "[YOUR-PASSWORD]", None),
            ("app", "${PASSWORD}", None),
            ("app", "***", None),
            ("app", "", None),
        ] {
            assert_eq!(
                weigh_password(user, password),
                expected,
                "{user}:{password}"
            );
        }
    }
}
