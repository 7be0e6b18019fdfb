//! What a login is bound to: the digest of the server's certificate, `tls-server-end-point` of RFC 5929.

use sha2::{Digest as _, Sha256, Sha384, Sha512};

/// The certificate's digest by the digest of its own signature, MD5 and SHA-1 replaced by SHA-256. `None` for a signature
/// without one, such as Ed25519, for which RFC 5929 says nothing.
pub(crate) fn end_point(certificate: &[u8]) -> Option<Vec<u8>> {
    // Certificate ::= SEQUENCE { tbsCertificate SEQUENCE, signatureAlgorithm SEQUENCE { OID, … }, … }
    let (certificate_body, _) = element(certificate, 0x30)?;
    let (_, after_content) = element(certificate_body, 0x30)?;
    let (algorithm, _) = element(after_content, 0x30)?;
    let (object, parameters) = element(algorithm, 0x06)?;
    match digest_of(object, parameters)? {
        Algorithm::Sha256 => Some(Sha256::digest(certificate).to_vec()),
        Algorithm::Sha384 => Some(Sha384::digest(certificate).to_vec()),
        Algorithm::Sha512 => Some(Sha512::digest(certificate).to_vec()),
    }
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Algorithm {
    Sha256,
    Sha384,
    Sha512,
}

/// The digest of a signature algorithm: RFC 8017 (RSA), RFC 5758 (ECDSA).
fn digest_of(object: &[u8], parameters: &[u8]) -> Option<Algorithm> {
    // 1.2.840.113549.1.1.N
    const RSA: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01];
    // 1.2.840.10045.4.1 and 1.2.840.10045.4.3.N
    const ECDSA_SHA1: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x01];
    const ECDSA: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03];
    if object == ECDSA_SHA1 {
        return Some(Algorithm::Sha256);
    }
    let (last, family) = object.split_last()?;
    match (family, last) {
        // MD5, SHA-1, SHA-256.
        (RSA, 4 | 5 | 11) | (ECDSA, 2) => Some(Algorithm::Sha256),
        (RSA, 12) | (ECDSA, 3) => Some(Algorithm::Sha384),
        (RSA, 13) | (ECDSA, 4) => Some(Algorithm::Sha512),
        (RSA, 10) => of_pss(parameters),
        _ => None,
    }
}

/// RSASSA-PSS names its digest in its parameters: `SEQUENCE { [0] SEQUENCE { OID, … }, … }`.
fn of_pss(parameters: &[u8]) -> Option<Algorithm> {
    // 2.16.840.1.101.3.4.2.N
    const SHA2: &[u8] = &[0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02];
    let (parameters, _) = element(parameters, 0x30)?;
    let (hash, _) = element(parameters, 0xa0)?;
    let (algorithm, _) = element(hash, 0x30)?;
    let (object, _) = element(algorithm, 0x06)?;
    match object.split_last()? {
        (1, SHA2) => Some(Algorithm::Sha256),
        (2, SHA2) => Some(Algorithm::Sha384),
        (3, SHA2) => Some(Algorithm::Sha512),
        _ => None,
    }
}

/// The content of the DER element with this tag that `bytes` begin with, and what follows it.
fn element(bytes: &[u8], tag: u8) -> Option<(&[u8], &[u8])> {
    let (&own, rest) = bytes.split_first()?;
    let (&first, rest) = rest.split_first()?;
    let (length, rest) = match first {
        0..=0x7f => (usize::from(first), rest),
        0x81..=0x84 => {
            let (length, rest) = rest.split_at_checked(usize::from(first & 0x7f))?;
            let length = length
                .iter()
                .fold(0_usize, |length, &byte| length << 8 | usize::from(byte));
            (length, rest)
        }
        _ => return None,
    };
    if own != tag {
        return None;
    }
    rest.split_at_checked(length)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A certificate of this signature algorithm, without anything else.
    fn certificate(algorithm: &[u8]) -> Vec<u8> {
        let short = |tag: u8, content: &[u8]| {
            let length = u8::try_from(content.len()).unwrap();
            [&[tag, length][..], content].concat()
        };
        let body = [short(0x30, &[]), short(0x30, algorithm)].concat();
        short(0x30, &body)
    }

    #[test]
    fn the_digest_is_that_of_the_signature() {
        let ecdsa = |last| vec![6, 8, 0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, last];
        let rsa = |last| vec![6, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 13, 1, 1, last, 5, 0];
        let pss = |last| {
            let mut algorithm = rsa(10);
            algorithm.truncate(11);
            algorithm.extend([0x30, 15, 0xa0, 13, 0x30, 11, 6, 9]);
            algorithm.extend([0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, last]);
            algorithm
        };
        for (algorithm, length) in [
            (rsa(4), 32),
            (rsa(5), 32),
            (rsa(11), 32),
            (rsa(12), 48),
            (rsa(13), 64),
            (ecdsa(2), 32),
            (ecdsa(3), 48),
            (ecdsa(4), 64),
            (pss(1), 32),
            (pss(2), 48),
            (pss(3), 64),
        ] {
            let digest = end_point(&certificate(&algorithm)).unwrap();
            assert_eq!(digest.len(), length, "{algorithm:?}");
        }
    }

    #[test]
    fn what_is_no_such_certificate_has_none() {
        // Ed25519: 1.3.101.112.
        assert_eq!(end_point(&certificate(&[6, 3, 0x2b, 0x65, 0x70])), None);
        for bytes in [
            &[][..],
            &[0x30],
            &[0x30, 0x85, 1],
            &[0x30, 0x84, 255, 255, 255, 255],
        ] {
            assert_eq!(end_point(bytes), None);
        }
    }
}
