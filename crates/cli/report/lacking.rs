//! What is told of a placeholder without a value: every place that was asked, and the one thing to do.

use mcp_launch_core::{Attempt, Failure, Placeholder, Position, Reference, SourceErrorKind};

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
    let mut parts: Vec<String> = of_kind(SourceErrorKind::Elsewhere).map(said).collect();
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
        .filter(|attempt| !attempt.has_none() || is_passed_over(attempt));
    parts.extend(others.map(said));
    parts.join("; ")
}

/// What makes the value be found by the very places that were asked.
///
/// Where a reference leads to other places, it is those.
pub(crate) fn remedy(reference: &Reference, attempts: &[Attempt]) -> Option<String> {
    let last = attempts.iter().rposition(is_elsewhere);
    let (reference, attempts) = match last.map(|last| (&attempts[last], &attempts[last + 1..])) {
        Some((at, behind @ [_, ..])) => (target(at).unwrap_or(reference), behind),
        // A circle of references and nothing else, or one back to what was asked before.
        Some((at, [])) if attempts.iter().all(is_elsewhere) => return Some(circle(at)),
        _ => (reference, attempts),
    };
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
        Some(last) if !last.has_none() => return Some(last),
        _ => {}
    }
    let with_nothing = || attempts.iter().filter(|attempt| !is_elsewhere(attempt));
    let of = |scheme: &str| with_nothing().find(|attempt| attempt.address.scheme == scheme);
    of("keychain")
        .filter(|attempt| is_missing(attempt))
        .or_else(|| of("sealed"))
        .or_else(|| of("dotenv"))
        .or_else(|| with_nothing().next())
}

fn is_elsewhere(attempt: &Attempt) -> bool {
    attempt.error.kind() == SourceErrorKind::Elsewhere
}

fn target(attempt: &Attempt) -> Option<&Reference> {
    attempt.referral.as_ref().map(Placeholder::reference)
}

/// What ends a circle of references.
fn circle(last: &Attempt) -> String {
    let Attempt { address, place, .. } = last;
    let name = &address.locator;
    format!(
        "only references lead to it: mcp-launch secrets set {name}, and write $<{name}> into {place}{}",
        line(last)
    )
}

/// ` line 3`, if it is known where the reference stands.
pub(crate) fn line(reference: &Attempt) -> String {
    match reference.error.position() {
        Position::Line(line) => format!(" line {line}"),
        _ => String::new(),
    }
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
    format!("{}: {}", place(attempt), answer(attempt))
}

/// What one place said: its error, or the reference that it has.
pub(crate) fn answer(attempt: &Attempt) -> String {
    match &attempt.referral {
        Some(referral) if is_elsewhere(attempt) => {
            format!("{} refers to {referral}", line(attempt))
                .trim_start()
                .to_owned()
        }
        Some(referral) => format!("refers to {referral}: {}", attempt.error),
        None => attempt.error.to_string(),
    }
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
            referral: None,
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
    fn a_remedy_is_about_where_the_reference_leads() {
        use SourceErrorKind::{Absent, Denied, Elsewhere, Missing};
        let at = |scheme, kind, name: &str, refers_to: Option<&str>| Attempt {
            address: Address::new(scheme, name),
            error: SourceError::new(kind).at(Position::Line(3)),
            referral: refers_to.map(|to| {
                let to = Placeholder::standing_alone(to.as_bytes());
                to.unwrap().unwrap()
            }),
            remedy: (scheme != "dotenv").then(|| format!("set {name}")),
            ..attempt(scheme, Missing)
        };
        let told = |attempts: &[Attempt]| {
            let asked = Reference::Name(Name::new("A").unwrap());
            (text(attempts), remedy(&asked, attempts).unwrap_or_default())
        };
        let sealed = at("sealed", Missing, "A", None);
        let own = at("dotenv", Elsewhere, "A", Some("$<A>"));
        let other = at("dotenv", Elsewhere, "A", Some("$<B>"));
        let refers = |to: &str| format!("dotenv (/dotenv): line 3 refers to {to}");
        assert_eq!(
            told(&[sealed.clone(), own.clone()]),
            (
                format!("{}; not in the sealed store", refers("$<A>")),
                "set A".to_owned()
            )
        );
        let behind = at("sealed", Missing, "B", None);
        assert_eq!(told(&[sealed.clone(), other.clone(), behind]).1, "set B");
        let absent = at("keychain", Absent, "B", None);
        assert!(
            told(&[sealed, other, absent])
                .1
                .ends_with("for B in the settings")
        );
        let circle = told(std::slice::from_ref(&own));
        assert_eq!(circle.0, refers("$<A>"));
        assert!(circle.1.contains("secrets set A"), "{}", circle.1);
        let denied = at("dotenv", Denied, "A", Some("$<B>"));
        assert_eq!(
            told(&[denied]).0,
            "dotenv (/dotenv): refers to $<B>: access denied (line 3)"
        );
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
