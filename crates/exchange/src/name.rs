//! Names of variables, made from what people call their secrets.

use std::collections::{HashMap, HashSet};

/// Whether `name` is a name of a shell's variable (POSIX.1-2024, XBD 3.216).
pub(crate) fn is_variable(name: &str) -> bool {
    let letter = |byte: &u8| byte.is_ascii_alphabetic() || *byte == b'_';
    name.as_bytes().first().is_some_and(letter)
        && name
            .bytes()
            .all(|byte| letter(&byte) || byte.is_ascii_digit())
}

/// A name of a variable: upper case, one `_` for all else, no digit first. Empty where `text` has no letter or digit of
/// ASCII.
pub(crate) fn variable(text: &str) -> String {
    let mut name = String::with_capacity(text.len());
    for character in text.chars() {
        if character.is_ascii_alphanumeric() {
            name.push(character.to_ascii_uppercase());
        } else if !name.is_empty() && !name.ends_with('_') {
            name.push('_');
        }
    }
    name.truncate(name.trim_end_matches('_').len());
    if name.starts_with(|first: char| first.is_ascii_digit()) {
        name.insert(0, '_');
    }
    name
}

/// One name of the pieces, which are names already; the empty ones are left out, and what a piece repeats of those
/// before it is said once.
pub(crate) fn joined(pieces: &[&str]) -> String {
    let mut name = String::new();
    for piece in pieces {
        if name.is_empty() {
            name.push_str(piece);
        } else if let Some(rest) = piece.strip_prefix(&name)
            && (rest.is_empty() || rest.starts_with('_'))
        {
            name.push_str(rest);
        } else if !piece.is_empty() {
            name.push('_');
            name.push_str(piece.trim_start_matches('_'));
        }
    }
    name
}

/// One name each, no two alike. Each has a choice of names, from the shortest on: where two would have the same, both take
/// their next one, and where there is none left, a number.
pub(crate) fn apart(choices: &[Vec<String>]) -> Vec<String> {
    let mut at = vec![0_usize; choices.len()];
    let chosen = |at: &[usize]| -> Vec<String> {
        choices
            .iter()
            .zip(at)
            .map(|(own, &at)| own.get(at).cloned().unwrap_or_default())
            .collect()
    };
    loop {
        let names = chosen(&at);
        let mut counts: HashMap<&str, usize> = HashMap::new();
        for name in &names {
            *counts.entry(name).or_default() += 1;
        }
        let mut moved = false;
        for ((own, at), name) in choices.iter().zip(&mut at).zip(&names) {
            if counts[name.as_str()] > 1 && *at + 1 < own.len() {
                *at += 1;
                moved = true;
            }
        }
        if !moved {
            break;
        }
    }
    numbered(chosen(&at))
}

fn numbered(names: Vec<String>) -> Vec<String> {
    let wished: HashSet<String> = names.iter().cloned().collect();
    let mut taken = HashSet::new();
    names
        .into_iter()
        .map(|name| {
            let base = if name.is_empty() { "SECRET" } else { &name };
            let free = |own: &String, taken: &HashSet<String>| !taken.contains(own);
            let mut own = base.to_owned();
            let mut number = 2;
            while !free(&own, &taken) || (own != name && wished.contains(&own)) {
                own = format!("{base}_{number}");
                number += 1;
            }
            taken.insert(own.clone());
            own
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_name_is_made_of_what_people_write() {
        for (text, name) in [
            ("GitHub", "GITHUB"),
            ("api key", "API_KEY"),
            ("  one-time password ", "ONE_TIME_PASSWORD"),
            ("2nd factor", "_2ND_FACTOR"),
            ("tls.crt", "TLS_CRT"),
            ("Schlüssel", "SCHL_SSEL"),
            ("鍵", ""),
            ("", ""),
        ] {
            assert_eq!(variable(text), name, "{text}");
        }
    }

    #[test]
    fn pieces_are_joined_without_saying_a_thing_twice() {
        assert_eq!(joined(&["GITHUB", "PASSWORD"]), "GITHUB_PASSWORD");
        assert_eq!(joined(&["GITHUB", "", "GITHUB_TOKEN"]), "GITHUB_TOKEN");
        assert_eq!(joined(&["GIT", "GITHUB"]), "GIT_GITHUB");
        assert_eq!(joined(&["", "TOKEN"]), "TOKEN");
        assert_eq!(joined(&["A", "_2ND"]), "A_2ND");
    }

    #[test]
    fn what_would_be_alike_is_told_apart() {
        let choices = |rows: &[&[&str]]| -> Vec<Vec<String>> {
            let row = |row: &&[&str]| row.iter().map(|name| (*name).to_owned()).collect();
            rows.iter().map(row).collect()
        };
        assert_eq!(
            apart(&choices(&[&["T", "A_T"], &["T", "B_T"], &["U", "C_U"]])),
            ["A_T", "B_T", "U"]
        );
        assert_eq!(
            apart(&choices(&[&["T"], &["T"], &["T_2"]])),
            ["T", "T_3", "T_2"]
        );
        assert_eq!(apart(&choices(&[&[""], &[""]])), ["SECRET", "SECRET_2"]);
    }

    proptest! {
        #[test]
        fn names_are_variables_and_no_two_are_alike(
            texts in proptest::collection::vec(proptest::collection::vec("[aA_ 2é]{0,3}", 1..3), 0..8)
        ) {
            let choices: Vec<Vec<String>> = texts
                .iter()
                .map(|row| row.iter().map(|text| variable(text)).collect())
                .collect();
            let names = apart(&choices);
            for name in &names {
                prop_assert!(is_variable(name), "{}", name);
            }
            let unlike: HashSet<&String> = names.iter().collect();
            prop_assert_eq!(unlike.len(), names.len());
        }
    }
}
