//! Every line of the table of formats, with random keys.

mod random;

use mcp_launch_shapes::{Alphabet, Confidence, FORMATS, Format, Kind, Piece, Standing, judge};
use random::Dice;

/// The characters of an alphabet that a test draws from.
fn characters(alphabet: Alphabet) -> Vec<char> {
    (b'!'..=b'~')
        .filter(|&byte| alphabet.has(byte))
        .map(char::from)
        .collect()
}

/// A key of `format` whose runs are as short, or as long, as may be.
fn key(format: &Format, dice: &mut Dice, longest: bool) -> String {
    let mut key = format.prefix.to_owned();
    for (index, piece) in format.rest.iter().enumerate() {
        match *piece {
            Piece::Text(text) => key.push_str(text),
            Piece::Run(alphabet, least, most) => {
                // What a run takes must not be what the next piece begins with.
                let last = index + 1 == format.rest.len();
                let fixed = least == most || last;
                let length = if longest && fixed { most } else { least };
                let of_letters: Vec<char> = characters(alphabet)
                    .into_iter()
                    .filter(|each| each.is_ascii_alphanumeric())
                    .collect();
                key.push_str(&dice.text(length, &of_letters));
            }
        }
    }
    key
}

/// What `judge` finds in `text` under a name that promises nothing.
fn found(text: &str) -> Vec<(&'static str, String)> {
    judge("SETTING", text)
        .findings
        .into_iter()
        .filter_map(|finding| match finding.kind {
            Kind::Format(format) => Some((format.id, text[finding.part].to_owned())),
            _ => None,
        })
        .collect()
}

/// The first format that `key` has: a line that no key reaches is an error.
#[test]
fn a_key_of_every_format_is_found_whatever_its_name() {
    let mut dice = Dice::new();
    for format in FORMATS {
        for longest in [false, true] {
            for _ in 0..5 {
                let key = key(format, &mut dice, longest);
                assert_eq!(found(&key), [(format.id, key.clone())]);
                let within = format!("see \"{key}\", and more");
                assert_eq!(found(&within), [(format.id, key.clone())], "{within}");
            }
        }
    }
}

#[test]
fn what_is_too_short_too_long_or_begins_otherwise_is_no_key_of_that_format() {
    let mut dice = Dice::new();
    for format in FORMATS {
        let shortest = key(format, &mut dice, false);
        let longest = key(format, &mut dice, true);
        let cut = &shortest[..shortest.len() - 1];
        let Some(Piece::Run(alphabet, ..)) = format.rest.last() else {
            panic!("{} does not end in a run", format.id);
        };
        let more = format!(
            "{longest}{}",
            characters(*alphabet)
                .into_iter()
                .find(char::is_ascii_digit)
                .unwrap()
        );
        let joined = format!("x{shortest}");
        for near in [cut, &more] {
            let all = format.length_in(near) == Some(near.len());
            assert!(!all, "{}: {near}", format.id);
        }
        for near in [cut, &more, &joined] {
            let same = found(near)
                .into_iter()
                .any(|(id, part)| id == format.id && part == shortest);
            assert!(!same, "{}: {near}", format.id);
        }
    }
}

#[test]
fn a_key_that_was_to_be_replaced_is_none() {
    for format in FORMATS.iter().filter(|format| !format.prefix.is_empty()) {
        for filler in [
            "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
            "your-key-here",
            "...",
            "<token>",
            "1234567890abcdef",
        ] {
            let text = format!("{}{filler}", format.prefix);
            assert!(found(&text).is_empty(), "{text}");
        }
    }
    assert!(found("AKIAIOSFODNN7EXAMPLE").is_empty());
}

#[test]
fn a_key_for_tests_is_asked_about_unless_its_name_promises_a_secret() {
    let mut dice = Dice::new();
    for format in FORMATS
        .iter()
        .filter(|format| format.confidence == Confidence::Low)
    {
        let key = key(format, &mut dice, false);
        assert_eq!(
            judge("SETTING", &key).standing,
            Standing::Unsure,
            "{}",
            format.id
        );
        assert_eq!(
            judge("API_KEY", &key).standing,
            Standing::Secret,
            "{}",
            format.id
        );
    }
}

#[test]
fn the_checksum_of_github_tells_how_sure_it_is() {
    let mut dice = Dice::new();
    let letters: Vec<char> = ('a'..='z').chain('A'..='Z').chain('0'..='9').collect();
    let invented = format!("ghp_{}", dice.text(36, &letters));
    assert_eq!(
        judge("X", &invented).findings[0].confidence,
        Confidence::Medium
    );
    // CRC-32 of 30 bytes in base 62, worked out with Python's zlib.
    assert_eq!(
        judge("X", "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").findings[0].confidence,
        Confidence::High
    );
}

#[test]
fn identifiers_are_unique_and_in_kebab_case() {
    for (at, format) in FORMATS.iter().enumerate() {
        let kebab = format
            .id
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-');
        assert!(kebab, "{}", format.id);
        assert!(
            FORMATS[at + 1..].iter().all(|other| other.id != format.id),
            "{}",
            format.id
        );
    }
}
