//! Text that names where a value is, for somebody else to fill in.

/// How much of a text a reference is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Reference {
    /// All of it.
    All,
    /// There is none.
    None,
    /// There is text around it.
    Part,
}

/// Beginnings of texts that are references as a whole: those of password managers and stores, and of encrypted files.
#[rustfmt::skip]
const WHOLE: &[&str] = &[
    "op://", "vault:", "keyring:", "keychain:", "file:", "env:", "se://", "sops:", "bws://", "bw://", "pass://",
    "akv://", "azkv://", "awssm://", "aws-sm://", "ssm://", "sm://", "gcpsm://", "gcp-sm://", "secret://",
    "secretref:", "doppler://", "infisical://", "keepass://", "kms://", "k8s://", "ref+", "cmd:", "exec:",
    "secretsmanager:", "ENC[", "$ANSIBLE_VAULT", "@Microsoft.KeyVault(", "!secret ", "!env ", "process.env.",
    "os.environ", "import.meta.env.", "{{resolve:",
];

/// What begins a reference, and what ends it, wherever they stand.
const ENCLOSED: &[(&str, &str)] = &[
    ("${{", "}}"),
    ("${", "}"),
    ("{{", "}}"),
    ("{env:", "}"),
    ("{file:", "}"),
    ("{input:", "}"),
    ("$(", ")"),
    ("<%", "%>"),
    ("#{", "}"),
    ("%(", ")s"),
];

/// How much of `text` a reference is.
pub(crate) fn reference(text: &str) -> Reference {
    let text = text.trim();
    if WHOLE.iter().any(|start| starts_with(text, start)) || is_age_recipient(text) {
        return Reference::All;
    }
    if let Some(how) = enclosed(text, "$<", ">").filter(|_| opens_placeholder(text)) {
        return how;
    }
    if let Some(how) = ENCLOSED
        .iter()
        .find_map(|(open, close)| enclosed(text, open, close))
    {
        return how;
    }
    if text.len() > 2 && text.starts_with('`') && text.ends_with('`') {
        return Reference::All;
    }
    variable(text)
        .or_else(|| percent(text))
        .unwrap_or(Reference::None)
}

/// Whether `text` begins with `start`, in whatever case; a scheme must be followed by something.
fn starts_with(text: &str, start: &str) -> bool {
    text.len() > start.len()
        && text
            .get(..start.len())
            .is_some_and(|begin| begin.eq_ignore_ascii_case(start))
        && !text[start.len()..].starts_with(' ')
}

/// Whether `text` is for whom age encrypts.
fn is_age_recipient(text: &str) -> bool {
    let small = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    text.starts_with("age1") && text.len() > 50 && text.bytes().all(small)
}

fn enclosed(text: &str, open: &str, close: &str) -> Option<Reference> {
    let (before, after) = text.split_once(open)?;
    let (inside, rest) = after.split_once(close)?;
    if inside.is_empty() {
        return None;
    }
    Some(if before.is_empty() && rest.is_empty() {
        Reference::All
    } else {
        Reference::Part
    })
}

/// Whether one of the `$<` in `text` is preceded by an even number of dollars: `$$<` is a literal `$<`.
fn opens_placeholder(text: &str) -> bool {
    text.match_indices("$<").any(|(at, _)| {
        let before = text.as_bytes()[..at]
            .iter()
            .rev()
            .take_while(|&&byte| byte == b'$')
            .count();
        before % 2 == 0
    })
}

/// `$NAME` and PowerShell's `$env:NAME`: alone, or where a word begins, in capitals.
fn variable(text: &str) -> Option<Reference> {
    if let Some(rest) = text.strip_prefix('$') {
        let name = rest.strip_prefix("env:").unwrap_or(rest);
        let of_name = name
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
        let begins = name.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_');
        // `$Summer2024` is a password.
        let chosen = name.bytes().any(|byte| byte.is_ascii_digit())
            && name.bytes().any(|byte| byte.is_ascii_lowercase());
        if begins && of_name && !chosen {
            return Some(Reference::All);
        }
    }
    let bytes = text.as_bytes();
    text.match_indices('$').find_map(|(at, _)| {
        let word_begins = at
            .checked_sub(1)
            .is_none_or(|before| b" \t:/=@\"',;".contains(&bytes[before]));
        let name = bytes[at + 1..]
            .iter()
            .take_while(|&&byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_')
            .count();
        let begins = bytes
            .get(at + 1)
            .is_some_and(|first| first.is_ascii_uppercase() || *first == b'_');
        let ends = bytes
            .get(at + 1 + name)
            .is_none_or(|after| b" \t\n:/@\"',;&".contains(after));
        (word_begins && begins && name >= 3 && ends).then_some(Reference::Part)
    })
}

/// `%NAME%`, as Windows writes it; what is percent-encoded, `%2Caccount%2C`, is none.
fn percent(text: &str) -> Option<Reference> {
    let mut pieces = text.split('%');
    pieces.next()?;
    let mut named = pieces.filter(|piece| {
        let bytes = piece.as_bytes();
        bytes.len() >= 2
            && bytes[0].is_ascii_alphabetic()
            && bytes
                .iter()
                .all(|byte| byte.is_ascii_alphanumeric() || b"_()".contains(byte))
            && !(bytes[0].is_ascii_hexdigit() && bytes[1].is_ascii_hexdigit())
    });
    let name = named.next()?;
    let alone = text.len() == name.len() + 2 && text.starts_with('%') && text.ends_with('%');
    let closed = text.split_once(name)?.1.starts_with('%');
    let in_capitals = !name
        .bytes()
        .any(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit());
    if alone {
        Some(Reference::All)
    } else {
        (closed && in_capitals && name.len() >= 3).then_some(Reference::Part)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_client_or_a_tool_fills_in_is_a_reference() {
        for text in [
            "$<TOKEN>",
            "$<vault:secret/pg#password>",
            "$<T:-text>",
            "${X}",
            "${env:X}",
            "${input:x}",
            "${X:-}",
            "$X",
            "$_x",
            "$env:TOKEN",
            "%APPDATA%",
            "{{x}}",
            "{env:X}",
            "{file:~/.token}",
            "${{ secrets.X }}",
            "op://vault/item/field",
            "vault://secret/x",
            "keyring:github",
            "ENC[AES256_GCM,data:x]",
            "$(pass show x)",
            "<%= x %>",
            "#{Token}",
            "process.env.TOKEN",
            "ref+vault://secret/x",
            "@Microsoft.KeyVault(SecretUri=https://x)",
            "$ANSIBLE_VAULT;1.1;AES256",
            "age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p",
        ] {
            assert_eq!(reference(text), Reference::All, "{text}");
        }
    }

    #[test]
    fn a_reference_within_text_is_seen() {
        for text in [
            "Bearer ${T}",
            "Bearer $TOKEN",
            "Bearer $<T>",
            "postgres://u:${P}@h/db",
            "C:/Scripts;%PATH%",
            "x-{{token}}",
            "TFE_TOKEN=${TFE_TOKEN}",
            "Authorization:${AUTH_HEADER}",
            "Token %(token)s",
            "$HOME/.config",
        ] {
            assert_eq!(reference(text), Reference::Part, "{text}");
        }
    }

    #[test]
    fn what_only_looks_like_one_is_none() {
        for text in [
            "",
            "$",
            "pa$$word",
            "p$WORD",
            "$Summer2024",
            "$$<X>",
            "100%",
            "docs%2Caccount%2Cdatabase",
            "%ABcd%20x",
            "{secret}",
            "$2b$12$abcdefghij",
            "age",
            "env",
            "a%b%c",
            "file: none",
        ] {
            assert_eq!(reference(text), Reference::None, "{text}");
        }
    }
}
