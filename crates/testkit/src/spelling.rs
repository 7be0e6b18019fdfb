//! The ways in which programs write a value down: each is how one was seen to leak.

use std::collections::BTreeSet;

use base64::Engine;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};

/// One way of writing bytes: its name, and every form that `bytes` take in it.
pub(crate) struct Spelling {
    pub(crate) name: &'static str,
    pub(crate) forms: fn(&[u8]) -> Vec<Vec<u8>>,
}

pub(crate) const SPELLINGS: &[Spelling] = &[
    Spelling {
        name: "base64",
        forms: base64_forms,
    },
    Spelling {
        name: "decimal bytes",
        forms: decimal_forms,
    },
    Spelling {
        name: "escaped",
        forms: escaped_forms,
    },
    Spelling {
        name: "hex",
        forms: hex_forms,
    },
    Spelling {
        name: "percent-encoded",
        forms: percent_forms,
    },
    Spelling {
        name: "raw",
        forms: |bytes| vec![bytes.to_vec()],
    },
    Spelling {
        name: "UTF-16",
        forms: utf16_forms,
    },
];

/// At any of its three alignments in a longer text: the digits that no neighbouring byte decides.
fn base64_forms(bytes: &[u8]) -> Vec<Vec<u8>> {
    let mut forms = BTreeSet::new();
    for engine in [&STANDARD_NO_PAD, &URL_SAFE_NO_PAD] {
        for before in 0..3 {
            let shifted = [vec![0; before], bytes.to_vec()].concat();
            let digits = engine.encode(&shifted);
            let first = (before * 8).div_ceil(6);
            let last = shifted.len() * 8 / 6;
            forms.insert(digits.as_bytes()[first..last].to_vec());
        }
    }
    forms.into_iter().collect()
}

/// As `{:?}` prints a byte string, and as JSON does.
fn decimal_forms(bytes: &[u8]) -> Vec<Vec<u8>> {
    let numbers: Vec<String> = bytes.iter().map(u8::to_string).collect();
    vec![
        numbers.join(", ").into_bytes(),
        numbers.join(",").into_bytes(),
    ]
}

/// In quotes: JSON with and without an escaped slash, and `{:?}` of Rust.
fn escaped_forms(bytes: &[u8]) -> Vec<Vec<u8>> {
    let quoted: Vec<u8> = bytes
        .iter()
        .flat_map(|&byte| match byte {
            b'"' | b'\\' => vec![b'\\', byte],
            byte => vec![byte],
        })
        .collect();
    let slashes = String::from_utf8_lossy(&quoted).replace('/', "\\/");
    let rust = bytes.escape_ascii().to_string();
    vec![quoted, slashes.into_bytes(), rust.into_bytes()]
}

fn hex_forms(bytes: &[u8]) -> Vec<Vec<u8>> {
    let lower: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    vec![lower.to_uppercase().into_bytes(), lower.into_bytes()]
}

/// Only what has to be encoded, and every byte.
fn percent_forms(bytes: &[u8]) -> Vec<Vec<u8>> {
    let encoded = |keep: fn(u8) -> bool| {
        bytes
            .iter()
            .map(|&byte| {
                if keep(byte) {
                    char::from(byte).to_string()
                } else {
                    format!("%{byte:02X}")
                }
            })
            .collect::<String>()
    };
    let some = encoded(|byte| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte));
    let all = encoded(|_| false);
    vec![some.into_bytes(), all.into_bytes()]
}

fn utf16_forms(bytes: &[u8]) -> Vec<Vec<u8>> {
    let little = bytes.iter().flat_map(|&byte| [byte, 0]).collect();
    vec![little]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_is_found_at_every_alignment() {
        for before in 0..9 {
            let text = [&b"prefixxxx"[..before], b"hunter2-S3CRET", b"suffix"].concat();
            let digits = STANDARD_NO_PAD.encode(text);
            assert!(
                base64_forms(b"hunter2-S3CRET")
                    .iter()
                    .any(|form| digits.contains(std::str::from_utf8(form).unwrap())),
                "{before} bytes before it: {digits}"
            );
        }
    }

    #[test]
    fn the_forms_are_those_that_programs_write() {
        let debug = format!("{:?}", b"hu");
        let inside = debug.trim_matches(['[', ']']);
        assert!(decimal_forms(b"hu").contains(&inside.into()));
        assert!(escaped_forms(b"a\"/b").contains(&b"a\\\"\\/b".to_vec()));
        assert!(hex_forms(b"\xAB").contains(&b"ab".to_vec()));
        assert!(percent_forms(b"a/").contains(&b"a%2F".to_vec()));
    }
}
