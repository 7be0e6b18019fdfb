//! The words of the settings: those this version knows, those of later ones, and the nearest to a typo.

use crate::error::ConfigErrorKind;

/// What can stand before the colon of an address.
pub const SCHEMES: &[&str] = &[
    "aws", "dotenv", "env", "exec", "file", "keychain", "sealed", "vault",
];

/// The stores that need no login, and so can hold one.
pub(crate) const LOCAL: &[&str] = &["dotenv", "env", "exec", "file", "keychain", "sealed"];

/// Stores that know bare names. `exec` and `file` do not: a name is neither a command nor a path. A network
/// store does once the settings say where its names stand.
pub(crate) const ORDERABLE: &[&str] = &["dotenv", "env", "keychain", "sealed"];

/// Keys of the design that this version does not do yet.
const FUTURE: &[&str] = &[
    "alerts", "class", "egress", "harden", "policy", "sandbox", "watch",
];

/// What is to be said of a key that was not asked for.
pub(crate) fn unknown_key(key: &str, known: &[&'static str]) -> ConfigErrorKind {
    if FUTURE.contains(&key) {
        return ConfigErrorKind::NotSupported;
    }
    ConfigErrorKind::UnknownKey {
        near: nearest(key, known),
    }
}

/// The word that is spelled most like `text`, if one is near enough.
pub(crate) fn nearest<'a>(text: &str, words: &[&'a str]) -> Option<&'a str> {
    // Longer than any key, and the measure takes quadratic time.
    if text.len() > 64 {
        return None;
    }
    words
        .iter()
        .map(|&word| (strsim::damerau_levenshtein(text, word), word))
        .filter(|&(distance, word)| distance <= 1 + word.len() / 4)
        .min()
        .map(|(_, word)| word)
}

/// What is to be said of a scheme that is neither in [`SCHEMES`] nor one of the `named` stores.
pub(crate) fn unknown_store<'a>(
    scheme: &str,
    named: impl Iterator<Item = &'a str>,
) -> ConfigErrorKind {
    let known: Vec<&str> = SCHEMES.iter().copied().chain(named).collect();
    ConfigErrorKind::UnknownStore {
        near: nearest(scheme, &known).map(str::to_owned),
    }
}
