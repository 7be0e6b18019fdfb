//! The checksum in GitHub's tokens.

/// CRC-32 of `bytes`, as in ISO 3309: reflected, polynomial 0xEDB88320.
pub(crate) fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(u32::MAX, |crc, &byte| {
        (0..8).fold(crc ^ u32::from(byte), |crc, _| {
            let carry = if crc & 1 == 1 { 0xEDB8_8320 } else { 0 };
            (crc >> 1) ^ carry
        })
    })
}

/// Whether the last six of `body`'s characters are the checksum of those before, in base 62: digits, capitals, small letters
/// (<https://github.blog/engineering/platform-security/behind-githubs-new-authentication-token-formats/>).
pub(crate) fn github_checksum_holds(body: &str) -> bool {
    let Some((entropy, written)) = body
        .len()
        .checked_sub(6)
        .and_then(|at| body.split_at_checked(at))
    else {
        return false;
    };
    let value = written.bytes().try_fold(0_u64, |value, byte| {
        let digit = match byte {
            b'0'..=b'9' => byte - b'0',
            b'A'..=b'Z' => byte - b'A' + 10,
            b'a'..=b'z' => byte - b'a' + 36,
            _ => return None,
        };
        Some(value * 62 + u64::from(digit))
    });
    value == Some(u64::from(crc32(entropy.as_bytes())))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Six digits to the base 62.
    fn base62(mut value: u32) -> String {
        const DIGITS: &[u8] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
        let mut digits = [b'0'; 6];
        for digit in digits.iter_mut().rev() {
            *digit = DIGITS[(value % 62) as usize];
            value /= 62;
        }
        String::from_utf8(digits.to_vec()).unwrap()
    }

    #[test]
    fn the_checksum_is_the_one_of_the_standard() {
        assert_eq!(crc32(b"123456789"), 0xCBF4_3926);
    }

    #[test]
    fn a_token_with_its_checksum_is_told_from_an_invented_one() {
        let body = "abcdefghijklmnopqrstuvwxyz0123";
        let token = format!("{body}{}", base62(crc32(body.as_bytes())));
        assert!(github_checksum_holds(&token));
        assert!(!github_checksum_holds(&token.replace('a', "b")));
        assert!(!github_checksum_holds("short"));
    }
}
