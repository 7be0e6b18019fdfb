//! What a placeholder may say to this store, and what a secret may be called in it.

use mcp_launch_core::{LocatorError, Scheme};

/// The sealed store, as data.
pub const SCHEME: Scheme = Scheme {
    name: "sealed",
    summary: "an encrypted file of mcp-launch's own (age format), with a key file or a passphrase",
    example: "$<sealed:GITHUB_TOKEN>",
    check: check_name,
    overlap: Scheme::same_text,
    logins: &[],
};

/// Longest name in bytes.
const LONGEST: usize = 256;

/// Wider than a bare name, so that `github/work token` is one; what no placeholder could hold or no
/// person could see is not.
pub(crate) fn check_name(name: &str) -> Result<(), LocatorError> {
    let refused = if name.is_empty() {
        "a name is missing"
    } else if name.len() > LONGEST {
        "a name is at most 256 bytes"
    } else if name.contains(char::is_control) || name.contains(is_invisible) {
        "a name holds printable characters only"
    } else if name.trim() != name {
        "a name neither begins nor ends with a space"
    } else if name.contains('>') || name.contains(":-") {
        "a name cannot hold `>` or `:-`, which end it in a placeholder"
    } else {
        return Ok(());
    };
    Err(LocatorError(refused))
}

/// Marks without a shape, which make two names look alike or a line read backwards.
fn is_invisible(character: char) -> bool {
    matches!(
        character,
        '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}'
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_what_a_person_would_call_a_secret() {
        for name in [
            "GITHUB_TOKEN",
            "github/work token",
            "db:prod#password",
            "schlüssel",
            "a-b.c",
            &"x".repeat(256),
        ] {
            assert!(check_name(name).is_ok(), "{name}");
        }
    }

    #[test]
    fn refuses_what_no_placeholder_or_person_could_hold() {
        for name in [
            "",
            " a",
            "a ",
            "a\0b",
            "a\nb",
            "a\u{7f}",
            "a\u{202e}b",
            "\u{200b}",
            "a>b",
            "a:-b",
            &"x".repeat(257),
        ] {
            assert!(check_name(name).is_err(), "{name:?}");
        }
    }
}
