//! Values that are no secrets, whatever their name says: numbers, paths, hosts, hashes, prose.

use crate::credential_name::Noun;
use crate::judgement::Plain;
use crate::words::one_of;

/// Beginnings of what a password is checked against, and of digests.
#[rustfmt::skip]
const HASHES: &[&str] = &[
    "$2a$", "$2b$", "$2y$", "$argon2", "$6$", "$5$", "$1$", "$apr1$", "$scrypt$", "$pbkdf2", "$y$", "$7$", "pbkdf2_",
    "pbkdf2:", "scrypt:", "{SSHA", "{SHA", "{CRYPT}", "{BCRYPT}", "sha256:", "sha512:", "sha1:", "md5:", "sha256-",
    "sha384-", "sha512-", "SCRAM-SHA-",
];

/// Beginnings of keys that their issuers mean to be seen.
#[rustfmt::skip]
const PUBLIC_KEYS: &[&str] = &[
    "pk_live_", "pk_test_", "sb_publishable_", "pk-lf-", "ssh-rsa ", "ssh-ed25519 ", "ecdsa-sha2-", "ssh-dss ",
    "pk.eyJ", "phc_",
];

/// Words that settings use.
#[rustfmt::skip]
const SETTINGS: &[&str] = &[
    "anonymous", "api", "auto", "automatic", "aws", "azure", "basic", "bearer", "cookie", "dev", "development",
    "digest", "env", "external", "file", "github", "google", "header", "iam", "inherit", "jwt", "keychain", "keyring",
    "local", "login", "manual", "oauth", "oauth2", "oidc", "password_auth", "pat", "prod", "production", "saml",
    "session", "staging", "vault",
];

#[rustfmt::skip]
const BOOLEANS: &[&str] = &[
    "true", "false", "yes", "no", "on", "off", "null", "nil", "none", "undefined", "enabled", "disabled", "enable",
    "disable", "default", "n/a", "na", "-",
];

/// Why `text` is no secret, if its shape says so.
pub(crate) fn plain(text: &str, noun: Noun) -> Option<Plain> {
    let text = text.trim();
    let of_machine = noun != Noun::Password;
    if one_of(text, BOOLEANS) {
        return Some(Plain::Boolean);
    }
    if of_machine && one_of(text, SETTINGS) {
        return Some(Plain::Word);
    }
    if is_version(text) {
        return Some(Plain::Version);
    }
    if is_number(text, noun) {
        return Some(Plain::Number);
    }
    if begins(text, HASHES) {
        return Some(Plain::Hash);
    }
    if begins(text, PUBLIC_KEYS) && !is_clickup(text) {
        return Some(Plain::PublicKey);
    }
    if is_resource(text) {
        return Some(Plain::Resource);
    }
    if text.contains("://") && !text.contains(char::is_whitespace) {
        return Some(Plain::Url);
    }
    if is_path(text, noun) {
        return Some(Plain::Path);
    }
    if is_email(text) {
        return Some(Plain::Email);
    }
    if is_host(text) {
        return Some(Plain::Host);
    }
    is_prose(text, noun).then_some(Plain::Prose)
}

fn begins(text: &str, list: &[&str]) -> bool {
    list.iter().any(|start| {
        text.get(..start.len())
            .is_some_and(|begin| begin.eq_ignore_ascii_case(start))
    })
}

/// ClickUp's tokens begin as Stripe's public keys do.
fn is_clickup(text: &str) -> bool {
    text.strip_prefix("pk_")
        .is_some_and(|rest| rest.starts_with(|first: char| first.is_ascii_digit()))
}

/// A number with a unit. A person's password may be digits only, and a machine's key if it is long.
fn is_number(text: &str, noun: Noun) -> bool {
    let sign = text.trim_start_matches(['-', '+']);
    let digits = sign.trim_end_matches(|each: char| each.is_ascii_alphabetic() || each == '%');
    let unit = &sign[digits.len()..];
    let of_digits = !digits.is_empty()
        && digits.starts_with(|first: char| first.is_ascii_digit())
        && digits
            .bytes()
            .all(|byte| byte.is_ascii_digit() || b".,_".contains(&byte));
    let one_point = digits.matches('.').count() <= 1;
    let units = [
        "", "s", "ms", "m", "h", "d", "w", "y", "min", "sec", "b", "k", "kb", "mb", "gb", "kib",
        "mib", "gib", "g", "%", "days", "hours", "minutes", "seconds",
    ];
    let longest = if noun == Noun::Password { 3 } else { 11 };
    of_digits && one_point && one_of(unit, &units) && digits.len() <= longest
}

/// `1.2.3`, `v2`, `2025-06-18`.
fn is_version(text: &str) -> bool {
    let rest = text.strip_prefix(['v', 'V']).unwrap_or(text);
    let date = rest.len() == 10
        && rest
            .bytes()
            .all(|byte| byte.is_ascii_digit() || byte == b'-')
        && rest.matches('-').count() == 2;
    let number = rest
        .split_once(['-', '+'])
        .map_or(rest, |(number, _)| number);
    let least = if rest.len() < text.len() { 2 } else { 3 };
    let dotted = number.split('.').count() >= least
        && number.split('.').all(|part| {
            (1..=4).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit())
        });
    date || (dotted && rest.len() <= 32 && text.parse::<std::net::IpAddr>().is_err())
}

/// `arn:aws:…`, `projects/p/secrets/s`, `/subscriptions/…`, the address of an account of Ethereum.
fn is_resource(text: &str) -> bool {
    let account = text
        .strip_prefix("0x")
        .is_some_and(|rest| rest.len() == 40 && rest.bytes().all(|byte| byte.is_ascii_hexdigit()));
    if account {
        return true;
    }
    begins(
        text,
        &[
            "arn:",
            "urn:",
            "projects/",
            "/subscriptions/",
            "spiffe://",
            "organizations/",
        ],
    )
}

/// A path of Unix or Windows, or a list of such.
fn is_path(text: &str, noun: Noun) -> bool {
    let drive =
        matches!(text.as_bytes(), [drive, b':', b'/' | b'\\', ..] if drive.is_ascii_alphabetic());
    let begun = [
        "id_rsa",
        "id_ed25519",
        "id_ecdsa",
        "./",
        "../",
        "~/",
        "\\\\",
        ".\\",
        "..\\",
        "~\\",
    ];
    if drive || begins(text, &begun) {
        return text
            .chars()
            .all(|each| each.is_alphanumeric() || "-_. @()+~/\\:;,'&#%".contains(each));
    }
    let parts: Vec<&str> = text.split(['/', '\\', ':', ';']).collect();
    let of_words = parts.iter().all(|part| {
        !is_opaque(part)
            && part
                .chars()
                .all(|each| each.is_alphanumeric() || "-_. @()".contains(each))
    });
    if text.starts_with('/') {
        // `/mptNRKJmc` may be somebody's password.
        return of_words && parts.len() >= if noun == Noun::Password { 3 } else { 2 };
    }
    let (stem, extension) = text.rsplit_once('.').unwrap_or((text, ""));
    let file = (1..=5).contains(&extension.len())
        && one_of(
            extension,
            &[
                "json", "pem", "key", "crt", "cer", "p12", "pfx", "txt", "env", "yaml", "yml",
                "toml", "ini", "conf", "cfg", "db", "sqlite", "js", "ts", "mjs", "cjs", "py", "sh",
                "exe", "p8", "pub", "jks", "kdbx", "asc", "gpg",
            ],
        );
    let relative = parts.len() >= 2
        && text.contains(['/', '\\'])
        && parts.iter().all(|part| {
            part.starts_with(|first: char| first.is_ascii_lowercase() || first == '.')
                && part.bytes().all(|byte| !byte.is_ascii_uppercase())
        });
    of_words && ((file && !stem.contains(' ')) || relative)
}

/// Whether a machine has made `part`: a long run with capitals, small letters and digits.
fn is_opaque(part: &str) -> bool {
    part.split(|each: char| !each.is_ascii_alphanumeric())
        .any(|run| {
            run.len() >= 16
                && run.bytes().any(|byte| byte.is_ascii_uppercase())
                && run.bytes().any(|byte| byte.is_ascii_lowercase())
                && run.bytes().any(|byte| byte.is_ascii_digit())
        })
}

/// `somebody@example.org`.
fn is_email(text: &str) -> bool {
    text.split_once('@').is_some_and(|(mailbox, host)| {
        !mailbox.is_empty()
            && mailbox
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b"._%+-".contains(&byte))
            && host.contains('.')
            && is_host(host)
    })
}

/// `localhost:8080`, `db.example.org`, `127.0.0.1`, `[::1]:80`.
fn is_host(text: &str) -> bool {
    if text.parse::<std::net::IpAddr>().is_ok() {
        return true;
    }
    let (host, port) = text.rsplit_once(':').unwrap_or((text, "0"));
    if port.is_empty() || port.len() > 5 || !port.bytes().all(|byte| byte.is_ascii_digit()) {
        return false;
    }
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    if host == "localhost" || bare.parse::<std::net::IpAddr>().is_ok() {
        return true;
    }
    let labels: Vec<&str> = host.split('.').collect();
    let top = labels.last().copied().unwrap_or_default();
    labels.len() >= 2
        && (2..=12).contains(&top.len())
        && top.bytes().all(|byte| byte.is_ascii_lowercase())
        && labels.iter().all(|label| {
            !label.is_empty()
                && label.len() <= 63
                && label
                    .bytes()
                    .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
        })
}

/// Words of a human language: spaces and no digit, more than three words, or letters that no issuer uses.
///
/// Somebody's password may hold such letters, so a word with one is taken for prose only where no person chose it.
fn is_prose(text: &str, noun: Noun) -> bool {
    let words = text.split_whitespace().count();
    let digits = text.bytes().any(|byte| byte.is_ascii_digit());
    let foreign = text
        .chars()
        .any(|each| !each.is_ascii() && each.is_alphabetic());
    if words > 1 {
        return foreign || !digits || words > 3;
    }
    foreign && !(noun == Noun::Password && digits)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ordinary_values_are_told_by_their_shape() {
        for (text, expected) in [
            ("TRUE", Plain::Boolean),
            ("none", Plain::Boolean),
            ("65535", Plain::Number),
            ("-0.5", Plain::Number),
            ("300s", Plain::Number),
            ("1_000", Plain::Number),
            ("1.2.3", Plain::Version),
            ("v2.0.0-beta.1", Plain::Version),
            ("2025-06-18", Plain::Version),
            ("/home/user/.ssh/id_ed25519", Plain::Path),
            ("C:/Users/user/key.pem", Plain::Path),
            (r"C:\keys\id", Plain::Path),
            ("~/.config/token", Plain::Path),
            ("secrets/service-account.json", Plain::Path),
            ("credentials.json", Plain::Path),
            ("/usr/local/bin:/usr/bin:/bin", Plain::Path),
            ("https://example.org/oauth", Plain::Url),
            ("somebody@example.org", Plain::Email),
            ("db.example.org:5432", Plain::Host),
            ("localhost:8080", Plain::Host),
            ("127.0.0.1", Plain::Host),
            ("::1", Plain::Host),
            ("$2b$12$abcdefghijklmnopqrstuv", Plain::Hash),
            ("{SSHA}abcdefgh", Plain::Hash),
            ("sha256:0123456789abcdef", Plain::Hash),
            (
                "arn:aws:secretsmanager:eu-west-1:123456789012:secret:x",
                Plain::Resource,
            ),
            (
                "0x52908400098527886E0F7030069857D2E4169EE7",
                Plain::Resource,
            ),
            ("pk_live_51Habcdefghijkl", Plain::PublicKey),
            ("ssh-ed25519 AAAAC3Nza somebody", Plain::PublicKey),
            ("oauth2", Plain::Word),
            ("the key of the team", Plain::Prose),
            ("see the vault entry 12 of last year", Plain::Prose),
            ("ключ", Plain::Prose),
            ("ここにキー", Plain::Prose),
        ] {
            assert_eq!(plain(text, Noun::Token), Some(expected), "{text}");
        }
    }

    #[test]
    fn what_may_be_a_secret_is_not_plain() {
        for text in [
            "hunter2&more13",
            "0123456789abcdef0123456789abcdef",
            "5d41402a-bc4b-4a76-b971-9d911017c592",
            "wJalr/XUtnFEMI/K7MDENG+bPx",
            "/XUtnFEMIK7MDENGbPx/wJalr",
            "Tr0ub4dor.3",
            "a.B3c",
            "123456789012345",
        ] {
            assert_eq!(plain(text, Noun::Token), None, "{text}");
        }
        assert_eq!(plain("19841203", Noun::Password), None);
        assert_eq!(plain("Müller2024", Noun::Password), None);
    }
}
