//! What is told of a placeholder without a value: every place that was asked, and the one thing to do.

use mcp_launch_core::{Attempt, Failure, Reference, SourceErrorKind};

use crate::report::Detail;

/// What is told of one placeholder of a launch.
pub(crate) fn detail(failure: &Failure) -> Detail {
    let telling = telling(&failure.attempts);
    Detail {
        site: failure.site.to_string(),
        placeholder: failure.placeholder.to_string(),
        reason: telling.map_or("missing", |attempt| attempt.error.kind().code()),
        text: text(&failure.attempts),
        remedy: remedy(failure.placeholder.reference(), &failure.attempts),
    }
}

/// What the places said, those that had nothing summed up.
pub(crate) fn text(attempts: &[Attempt]) -> String {
    match attempts {
        [] => return "the settings ask no store".to_owned(),
        [only] => return said(only),
        _ => {}
    }
    let of_kind = |kind| {
        attempts
            .iter()
            .filter(move |attempt| attempt.error.kind() == kind)
    };
    let mut parts = Vec::new();
    let missing: Vec<_> = of_kind(SourceErrorKind::Missing).map(full_name).collect();
    if !missing.is_empty() {
        parts.push(format!("not in {}", listed(&missing)));
    }
    let absent: Vec<_> = of_kind(SourceErrorKind::Absent)
        .filter(|attempt| !is_passed_over(attempt))
        .map(short_name)
        .collect();
    if !absent.is_empty() {
        parts.push(format!("no {} here", listed(&absent)));
    }
    let others = attempts
        .iter()
        .filter(|attempt| !attempt.error.lets_next_answer() || is_passed_over(attempt));
    parts.extend(others.map(said));
    parts.join("; ")
}

/// What makes the value be found by the very places that were asked.
pub(crate) fn remedy(reference: &Reference, attempts: &[Attempt]) -> Option<String> {
    let Some(telling) = telling(attempts) else {
        return Some(
            "name a store in `order`, or say where the value is: $<sealed:NAME>".to_owned(),
        );
    };
    let locator = &telling.address.locator;
    let is_absent = telling.error.kind() == SourceErrorKind::Absent;
    match telling.address.scheme.as_str() {
        "dotenv" if is_passed_over(telling) => None,
        "dotenv" if is_absent => Some(format!(
            "write a .env here with a line {locator}=…, or name one with --env-file"
        )),
        "dotenv" => telling
            .remedy
            .clone()
            .or_else(|| is_missing(telling).then(|| format!("write it into {}", telling.place))),
        // The advice of the keychain itself is another store, which nobody would ask.
        "keychain" if is_absent && !locator.as_str().contains('/') => {
            let say_so = match reference {
                Reference::Address(_) => format!("$<sealed:{locator}>"),
                Reference::Name(name) => {
                    format!("from = \"sealed:{locator}\" for {name} in the settings")
                }
            };
            Some(format!(
                "there is no keychain here: mcp-launch secrets set {locator} --store sealed, and write {say_so}"
            ))
        }
        "keychain" if is_absent => {
            Some("there is no keychain here: keep the value in another store".to_owned())
        }
        _ => telling.remedy.clone(),
    }
}

/// The attempt that a person does something about: the store in trouble, which is the last because nothing is
/// asked after it; else the best of the stores that had nothing.
fn telling(attempts: &[Attempt]) -> Option<&Attempt> {
    match attempts.last() {
        Some(last) if !last.error.lets_next_answer() => return Some(last),
        _ => {}
    }
    let of = |scheme: &str| {
        attempts
            .iter()
            .find(|attempt| attempt.address.scheme == scheme)
    };
    of("keychain")
        .filter(|attempt| is_missing(attempt))
        .or_else(|| of("sealed"))
        .or_else(|| of("dotenv"))
        .or(attempts.first())
}

fn is_missing(attempt: &Attempt) -> bool {
    attempt.error.kind() == SourceErrorKind::Missing
}

/// Whether there is a `.env` that is not read, and the error says why.
fn is_passed_over(attempt: &Attempt) -> bool {
    attempt.address.scheme == "dotenv"
        && attempt
            .error
            .explanation()
            .is_some_and(|note| note.starts_with("not read"))
}

/// What one place said, with all that is known of it.
pub(crate) fn said(attempt: &Attempt) -> String {
    format!("{}: {}", place(attempt), attempt.error)
}

/// A store, and where in it was looked.
pub(crate) fn place(attempt: &Attempt) -> String {
    let scheme = &attempt.address.scheme;
    match attempt.place.as_str() {
        "" => scheme.clone(),
        place => format!("{scheme} ({place})"),
    }
}

fn full_name(attempt: &Attempt) -> String {
    match attempt.address.scheme.as_str() {
        "dotenv" if !attempt.place.is_empty() => attempt.place.clone(),
        "dotenv" => ".env".to_owned(),
        "env" | "keychain" | "sealed" => format!("the {}", short_name(attempt)),
        store => store.to_owned(),
    }
}

fn short_name(attempt: &Attempt) -> String {
    match attempt.address.scheme.as_str() {
        "dotenv" => ".env".to_owned(),
        "env" => "environment".to_owned(),
        "sealed" => "sealed store".to_owned(),
        scheme => scheme.to_owned(),
    }
}

/// `a, b or c`.
fn listed(words: &[String]) -> String {
    match words {
        [first @ .., last] if !first.is_empty() => format!("{} or {last}", first.join(", ")),
        _ => words.concat(),
    }
}

#[cfg(test)]
mod tests {
    use mcp_launch_core::{Address, Name, SourceError};

    use super::*;

    fn attempt(scheme: &str, kind: SourceErrorKind) -> Attempt {
        Attempt {
            address: Address::new(scheme, "A"),
            place: if kind == SourceErrorKind::Absent {
                String::new()
            } else {
                format!("/{scheme}")
            },
            error: SourceError::new(kind),
            remedy: (scheme != "dotenv").then(|| format!("mend {scheme}")),
        }
    }

    fn told(attempts: &[(&str, SourceErrorKind)]) -> (String, Option<String>) {
        let attempts: Vec<_> = attempts
            .iter()
            .map(|(scheme, kind)| attempt(scheme, *kind))
            .collect();
        let reference = Reference::Name(Name::new("A").unwrap());
        (text(&attempts), remedy(&reference, &attempts))
    }

    #[test]
    fn stores_that_have_nothing_are_summed_up() {
        use SourceErrorKind::{Absent, Locked, Missing};
        let (text, remedy) = told(&[
            ("keychain", Absent),
            ("sealed", Missing),
            ("dotenv", Missing),
        ]);
        assert_eq!(text, "not in the sealed store or /dotenv; no keychain here");
        assert_eq!(remedy.as_deref(), Some("mend sealed"));
        let (text, remedy) = told(&[("dotenv", Missing), ("keychain", Locked)]);
        assert_eq!(text, "not in /dotenv; keychain (/keychain): locked");
        assert_eq!(remedy.as_deref(), Some("mend keychain"));
        let (text, _) = told(&[("keychain", Absent), ("sealed", Absent), ("dotenv", Absent)]);
        assert_eq!(text, "no keychain, sealed store or .env here");
    }

    #[test]
    fn a_remedy_is_about_a_store_that_was_asked() {
        use SourceErrorKind::{Absent, Missing};
        for (asked, remedy) in [
            (&[("dotenv", Missing)][..], "write it into /dotenv"),
            (
                &[("dotenv", Absent)],
                "write a .env here with a line A=…, or name one with --env-file",
            ),
            (
                &[("keychain", Missing), ("sealed", Missing)],
                "mend keychain",
            ),
            (
                &[("keychain", Absent), ("dotenv", Missing)],
                "write it into /dotenv",
            ),
            (&[("env", Missing)], "mend env"),
            (
                &[("keychain", Absent)],
                "there is no keychain here: mcp-launch secrets set A --store sealed, and write from = \"sealed:A\" for A in the settings",
            ),
        ] {
            assert_eq!(told(asked).1.as_deref(), Some(remedy), "{asked:?}");
        }
    }
}
