//! What a person does about each failure.

use mcp_launch_core::{Locator, Name, SourceErrorKind};

use crate::locator::Entry;

/// Whether the keychain is reached by a session bus.
pub(crate) const HAS_BUS: bool = cfg!(all(unix, not(target_os = "macos")));

/// The remedy for `kind` at `locator`; none where the kind says it all.
pub(crate) fn of(locator: &Locator, kind: SourceErrorKind) -> Option<String> {
    let entry = Entry::parse(locator.as_str()).ok()?;
    // `secrets set` takes only what is a name of ours.
    let settable = Name::new(entry.account).filter(|_| entry.is_own());
    let sealed = match &settable {
        Some(name) => format!("mcp-launch secrets set {name} --store sealed"),
        None => "mcp-launch secrets set NAME --store sealed".to_owned(),
    };
    let text = match kind {
        SourceErrorKind::Absent => {
            format!("there is no keychain here; keep the value in a sealed file: `{sealed}`")
        }
        SourceErrorKind::Ambiguous => several(entry),
        SourceErrorKind::Denied if HAS_BUS => denied(&sealed),
        SourceErrorKind::Locked => unlock(&sealed),
        SourceErrorKind::Missing if entry.is_own() => match settable {
            Some(name) => format!("mcp-launch secrets set {name} --store keychain"),
            None => "choose a name of letters, digits, `_`, `.` and `-`: \
                     mcp-launch secrets set NAME --store keychain"
                .to_owned(),
        },
        SourceErrorKind::Missing => format!(
            "the keychain has no entry of {entry}; that program may name it otherwise or not have stored it yet"
        ),
        SourceErrorKind::TimedOut | SourceErrorKind::Unavailable => silent(&sealed),
        _ => return None,
    };
    Some(text)
}

/// What to do about a locked keychain, with the command that stores a value elsewhere.
pub(crate) fn unlock(otherwise: &str) -> String {
    format!(
        "run `mcp-launch secrets list --store keychain` in your desktop session and answer its prompt; \
         where there is no desktop: `{otherwise}`"
    )
}

/// What to do about a bus that is not this user's.
pub(crate) fn denied(otherwise: &str) -> String {
    format!(
        "the session bus of this environment is not yours: log in again, or correct DBUS_SESSION_BUS_ADDRESS \
         and XDG_RUNTIME_DIR; until then: `{otherwise}`"
    )
}

/// What to do about a keychain that does not answer.
pub(crate) fn silent(otherwise: &str) -> String {
    format!(
        "the keychain did not answer: log in again, or restart its daemon; until then: `{otherwise}`"
    )
}

fn several(entry: Entry<'_>) -> String {
    let Entry { service, account } = entry;
    if !HAS_BUS {
        return format!("remove all but one of the entries of {entry}");
    }
    format!(
        "see them with `secret-tool search --all service {} username {}` and remove all but one",
        quoted(service),
        quoted(account)
    )
}

/// `text` as one word of a POSIX shell.
fn quoted(text: &str) -> String {
    let plain = !text.is_empty()
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"_-./:@%+=,".contains(&byte));
    if plain {
        text.to_owned()
    } else {
        format!("'{}'", text.replace('\'', r"'\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_can_be_pasted() {
        let missing = |locator: &str| of(&Locator::new(locator), SourceErrorKind::Missing).unwrap();
        assert_eq!(
            missing("GITHUB_TOKEN"),
            "mcp-launch secrets set GITHUB_TOKEN --store keychain"
        );
        assert_eq!(missing("mcp-launch/GITHUB_TOKEN"), missing("GITHUB_TOKEN"));
        assert_eq!(
            several(Entry::parse("it's/me").unwrap()).contains(r"'it'\''s'"),
            HAS_BUS
        );
        assert!(!missing("other/entry").contains("secrets set"));
    }

    #[test]
    fn a_name_that_cannot_be_set_is_not_advised() {
        for locator in ["two words", "mcp-launch/a/b"] {
            for kind in [SourceErrorKind::Missing, SourceErrorKind::Absent] {
                let told = of(&Locator::new(locator), kind).unwrap();
                assert!(told.contains("secrets set NAME"), "{told}");
            }
        }
    }

    #[test]
    fn every_failure_a_person_can_mend_has_a_remedy() {
        for kind in [
            SourceErrorKind::Absent,
            SourceErrorKind::Ambiguous,
            SourceErrorKind::Locked,
            SourceErrorKind::Missing,
            SourceErrorKind::TimedOut,
            SourceErrorKind::Unavailable,
        ] {
            for locator in ["NAME", "service/account", "service/"] {
                assert!(of(&Locator::new(locator), kind).is_some(), "{kind:?}");
            }
        }
    }
}
