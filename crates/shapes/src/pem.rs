//! Keys in PEM (RFC 7468).

/// What a text in PEM holds.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Pem {
    /// A private key.
    PrivateKey,
    /// A certificate or a public key.
    Public,
    /// The first line of a private key, without a key.
    Stump,
}

/// How many characters the shortest private key has in base 64: 32 bytes.
const SHORTEST: usize = 40;

/// What `text` holds, if a PEM block begins in it. Line ends may be written as `\n`, as JSON and `.env` files have them.
pub(crate) fn pem(text: &str) -> Option<Pem> {
    let (_, after) = text.split_once("-----BEGIN ")?;
    let (label, body) = after.split_once("-----")?;
    if !label.ends_with("PRIVATE KEY") && !label.ends_with("PRIVATE KEY BLOCK") {
        return Some(Pem::Public);
    }
    let body = body.split_once("-----END").map_or(body, |(body, _)| body);
    let held = body.bytes().filter(u8::is_ascii_alphanumeric).count();
    let replaced = body.contains("...") || body.contains('<') || body.contains('…');
    Some(if held < SHORTEST || replaced {
        Pem::Stump
    } else {
        Pem::PrivateKey
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_private_key_is_told_from_a_certificate_and_from_a_stump() {
        let body = "MC4CAQAwBQYDK2VwBCIEIHx0fakefakefakefake0123456789abcdefghijkl";
        for (text, is) in [
            (
                format!("-----BEGIN PRIVATE KEY-----\n{body}\n-----END PRIVATE KEY-----\n"),
                Pem::PrivateKey,
            ),
            (
                format!(r"-----BEGIN OPENSSH PRIVATE KEY-----\n{body}\n-----END"),
                Pem::PrivateKey,
            ),
            (
                format!("-----BEGIN CERTIFICATE-----\n{body}\n-----END CERTIFICATE-----"),
                Pem::Public,
            ),
            (
                "-----BEGIN RSA PRIVATE KEY-----\n...\n-----END RSA PRIVATE KEY-----".to_owned(),
                Pem::Stump,
            ),
        ] {
            assert_eq!(pem(&text), Some(is), "{text}");
        }
        assert_eq!(pem("MIIEvQIBADANBg"), None);
    }
}
