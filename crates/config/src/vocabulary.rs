//! The words of the settings: those this version knows, those of later ones, and the nearest to a typo.

use crate::error::ConfigErrorKind;

/// What can stand before the colon of an address.
pub const SCHEMES: &[&str] = &[
    "aws", "dotenv", "env", "exec", "file", "keychain", "sealed", "vault",
];

/// Stores of the design that this version does not have.
const FUTURE_SCHEMES: &[&str] = &["aws", "vault"];

/// Stores that know bare names. `exec` and `file` do not: a name is neither a command nor a path.
pub(crate) const ORDERABLE: &[&str] = &["dotenv", "env", "keychain", "sealed"];

/// Keys of the design that this version does not do yet.
const FUTURE: &[&str] = &[
    "alerts",
    "aws",
    "class",
    "egress",
    "expires",
    "harden",
    "on_rotate",
    "policy",
    "rotate",
    "sandbox",
    "vault",
    "watch",
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
fn nearest(text: &str, words: &[&'static str]) -> Option<&'static str> {
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

/// What is to be said of a scheme that is not in [`SCHEMES`].
pub(crate) fn unknown_store(scheme: &str) -> ConfigErrorKind {
    if FUTURE_SCHEMES.contains(&scheme) {
        return ConfigErrorKind::NotSupported;
    }
    ConfigErrorKind::UnknownStore {
        near: nearest(scheme, SCHEMES),
    }
}
