//! What a program complains of, without the values that it had.

use aho_corasick::{AhoCorasick, MatchKind};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use mcp_launch_core::Secret;
use zeroize::Zeroizing;

/// So many bytes in a row of a value, in any spelling, are taken out.
const PIECE: usize = 8;
/// Encoded values that are shorter are not looked for.
const SHORTEST: usize = 4;
/// What stands in their place.
const MARK: &str = "[redacted]";
/// The most that is shown.
const SHOWN: usize = 4096;

/// `text` without `values`, in any of their usual spellings, nor parts of them of eight bytes. Control characters become
/// spaces, so that nothing can be done to a terminal.
pub(crate) fn redacted(text: &[u8], values: &[&Secret]) -> String {
    let mut hidden = vec![false; text.len()];
    let patterns = patterns(values);
    let searcher = AhoCorasick::builder()
        .match_kind(MatchKind::Standard)
        .build(patterns.iter().map(|pattern| &**pattern));
    let Ok(searcher) = searcher else {
        // Too many patterns: nothing is shown.
        return MARK.to_owned();
    };
    for hit in searcher.find_overlapping_iter(text) {
        hidden[hit.range()].fill(true);
    }
    shown(text, &hidden)
}

fn shown(text: &[u8], hidden: &[bool]) -> String {
    let mut visible = Vec::with_capacity(text.len());
    let mut before = false;
    for (&byte, &hide) in text.iter().zip(hidden) {
        if !hide {
            visible.push(byte);
        } else if !before {
            visible.extend_from_slice(MARK.as_bytes());
        }
        before = hide;
    }
    let text: String = String::from_utf8_lossy(&visible)
        .chars()
        .map(|char| {
            if char.is_control() && char != '\n' {
                ' '
            } else {
                char
            }
        })
        .collect();
    let text = text.trim();
    // The end says why a program gave up.
    let start = text.len().saturating_sub(SHOWN);
    let start = (start..=text.len()).find(|&at| text.is_char_boundary(at));
    text[start.unwrap_or_default()..].to_owned()
}

fn patterns(values: &[&Secret]) -> Vec<Zeroizing<Vec<u8>>> {
    let mut patterns = Vec::new();
    for value in values {
        for spelling in spellings(value) {
            let piece = PIECE.min(spelling.len()).max(1);
            let pieces = spelling.windows(piece);
            patterns.extend(pieces.map(|piece| Zeroizing::new(piece.to_vec())));
        }
    }
    patterns
}

#[expect(
    clippy::disallowed_methods,
    reason = "a value is spelled in all ways to take it out of a text"
)]
fn spellings(value: &Secret) -> Vec<Zeroizing<Vec<u8>>> {
    let bytes = value.expose();
    let mut spellings = vec![bytes.to_vec()];
    spellings.push(escaped(bytes, false));
    spellings.push(escaped(bytes, true));
    for digits in [b"0123456789abcdef", b"0123456789ABCDEF"] {
        let hex = |byte: u8| {
            [
                digits[usize::from(byte >> 4)],
                digits[usize::from(byte & 15)],
            ]
        };
        spellings.push(bytes.iter().flat_map(|&byte| hex(byte)).collect());
        let percent = bytes.iter().flat_map(|&byte| {
            if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
                vec![byte]
            } else {
                [&b"%"[..], &hex(byte)].concat()
            }
        });
        spellings.push(percent.collect());
    }
    for engine in [&STANDARD_NO_PAD, &URL_SAFE_NO_PAD] {
        // At each alignment in a longer text: the digits that no neighbour decides.
        for before in 0..3 {
            let shifted = Zeroizing::new([&[0; 3][..before], bytes].concat());
            let digits = Zeroizing::new(engine.encode(&*shifted).into_bytes());
            let first = (before * 8).div_ceil(6);
            let last = (shifted.len() * 8 / 6).max(first);
            spellings.push(digits[first..last].to_vec());
        }
    }
    let spellings = spellings.into_iter().map(Zeroizing::new).enumerate();
    // What a short value comes to when it is encoded stands in every text.
    let is_telling = |(at, spelling): &(usize, Zeroizing<Vec<u8>>)| {
        !spelling.is_empty() && (*at == 0 || spelling.len() >= SHORTEST)
    };
    spellings
        .filter(is_telling)
        .map(|(_, spelling)| spelling)
        .collect()
}

/// As within quotes of JSON, with and without an escaped slash.
fn escaped(bytes: &[u8], slashes: bool) -> Vec<u8> {
    let escaped = bytes.iter().flat_map(|&byte| match byte {
        b'"' | b'\\' => vec![b'\\', byte],
        b'/' if slashes => vec![b'\\', byte],
        b'\n' => b"\\n".to_vec(),
        b'\t' => b"\\t".to_vec(),
        b'\r' => b"\\r".to_vec(),
        byte => vec![byte],
    });
    escaped.collect()
}

#[cfg(test)]
mod tests {
    use mcp_launch_testkit::Canary;

    use super::*;

    fn secret(text: &str) -> Secret {
        Secret::new(text.as_bytes().to_vec())
    }

    #[test]
    fn no_spelling_of_a_value_is_shown_nor_a_part_of_it() {
        for shape in [
            "aaaaAAAA0000aaaa",
            "aaaaAAAA0000aa/aaaaaa+AAAA0000aaaa\"aaaaAAAA0000",
        ] {
            let canary = Canary::shaped_like(shape);
            let value = canary.value();
            let hex: String = value.bytes().map(|byte| format!("{byte:02x}")).collect();
            let texts = [
                format!("curl: -H 'Authorization: Bearer {value}': 401\n"),
                format!("+ token={value}{value}"),
                format!("{value:?}"),
                serde_json::to_string(value).unwrap().replace('/', "\\/"),
                format!("part: {}", &value[3..15]),
                STANDARD_NO_PAD.encode(format!("x:{value}")),
                URL_SAFE_NO_PAD.encode(format!("{value}:")),
                hex.to_uppercase(),
                hex,
            ];
            for text in texts {
                let shown = redacted(text.as_bytes(), &[&secret("other"), &secret(value)]);
                canary.assert_absent("what is shown", &shown);
                assert!(shown.contains(MARK), "{shown}");
            }
        }
    }

    #[test]
    fn the_rest_is_shown_and_cannot_steer_a_terminal() {
        let shown = redacted(
            b"a\x1b[31m red\x07 token-abcdefgh.\n",
            &[&secret("abcdefgh"), &secret("pw")],
        );
        assert_eq!(shown, "a [31m red  token-[redacted].");
        let shown = redacted(b"pw pwd", &[&secret("pw"), &secret("")]);
        assert_eq!(shown, "[redacted] [redacted]d");
        let shown = redacted("é".repeat(5000).as_bytes(), &[]);
        assert!(shown.len() <= SHOWN);
    }
}
