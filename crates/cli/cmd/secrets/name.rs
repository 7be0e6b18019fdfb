//! Which names `mcp-launch secrets` takes, and what is told of the others.
//!
//! A word that is not a name may be a value, so it is not repeated.

use mcp_launch_core::Name;

use crate::args::{StoreArgs, StoreName};
use crate::report::Report;

/// What is done with a name.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Action {
    Get,
    Rm,
    Set,
}

impl Action {
    const fn in_words(self) -> &'static str {
        match self {
            Self::Get => "get",
            Self::Rm => "rm",
            Self::Set => "set",
        }
    }
}

/// Takes what a bare placeholder can name, in every store.
///
/// # Errors
/// For anything else, with the command that was meant where that can be told.
pub(super) fn check_name(typed: &str, action: Action, args: &StoreArgs) -> Result<(), Report> {
    if Name::new(typed).is_some() {
        return Ok(());
    }
    if let Some((name, store)) = of_placeholder(typed) {
        let store = store.or(args.store).map_or(String::new(), |store| {
            format!(" --store {}", store.scheme())
        });
        return Err(Report::failure(
            "the name is written alone, without `$<…>` and without its store",
        )
        .hint(format!(
            "mcp-launch secrets {} {name}{store}",
            action.in_words()
        )));
    }
    if args.store != Some(StoreName::Sealed) && is_entry_of_another_program(typed) {
        return Err(of_another_program(action));
    }
    let hint = match action {
        Action::Get | Action::Rm => "mcp-launch secrets list shows the names",
        Action::Set => "the name is not the value: the value is asked for next",
    };
    Err(Report::failure(
        "a name has letters, digits, `_`, `.` and `-`, and starts with a letter or `_`",
    )
    .hint(hint))
}

/// The name and the store in `$<NAME>`, `$<sealed:NAME>` or `sealed:NAME`.
fn of_placeholder(typed: &str) -> Option<(Name, Option<StoreName>)> {
    let reference = typed
        .strip_prefix("$<")
        .and_then(|rest| rest.strip_suffix('>'))
        .unwrap_or(typed);
    let (store, name) = match reference.split_once(':') {
        Some(("keychain", name)) => (Some(StoreName::Keychain), name),
        Some(("sealed", name)) => (Some(StoreName::Sealed), name),
        _ => (None, reference),
    };
    Some((Name::new(name)?, store))
}

fn is_entry_of_another_program(typed: &str) -> bool {
    typed
        .split_once('/')
        .is_some_and(|(service, account)| !service.is_empty() && !account.is_empty())
}

fn of_another_program(action: Action) -> Report {
    if action != Action::Get {
        return Report::failure(
            "SERVICE/ACCOUNT is another program's entry: it is only read, as $<keychain:SERVICE/ACCOUNT>",
        );
    }
    let hint = if cfg!(windows) {
        "a launch reads another program's as $<keychain:SERVICE/ACCOUNT>; Credential Manager shows it"
    } else if cfg!(target_os = "macos") {
        "another program's: security find-generic-password -s SERVICE -a ACCOUNT -w"
    } else {
        "another program's: secret-tool lookup service SERVICE username ACCOUNT"
    };
    Report::failure("`secrets get` prints only entries of mcp-launch").hint(hint)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(typed: &str, action: Action, store: Option<StoreName>) -> String {
        check_name(typed, action, &StoreArgs { store })
            .unwrap_err()
            .text()
    }

    #[test]
    fn a_placeholder_is_answered_with_the_command_that_was_meant() {
        let keychain = Some(StoreName::Keychain);
        for (typed, store, command) in [
            ("sealed:FOO", None, "set FOO --store sealed"),
            ("$<sealed:FOO>", keychain, "set FOO --store sealed"),
            ("$<keychain:FOO>", None, "set FOO --store keychain"),
            ("$<FOO>", keychain, "set FOO --store keychain"),
            ("$<FOO>", None, "set FOO"),
        ] {
            let told = told(typed, Action::Set, store);
            let hint = format!("hint: mcp-launch secrets {command}");
            assert!(told.ends_with(&hint), "{typed}: {told}");
        }
    }

    #[test]
    fn only_the_keychain_has_entries_of_other_programs() {
        for store in [None, Some(StoreName::Keychain)] {
            for action in [Action::Rm, Action::Set] {
                assert!(told("jira/me", action, store).contains("is only read"));
            }
            assert!(told("jira/me", Action::Get, store).contains("only entries of mcp-launch"));
        }
        for action in [Action::Get, Action::Rm, Action::Set] {
            let told = told("jira/me", action, Some(StoreName::Sealed));
            assert!(told.contains("a name has letters"), "{told}");
        }
    }

    #[test]
    fn what_is_no_name_is_not_repeated() {
        for typed in ["hunter2 S3CRET", "S3CRET=", "$<vault:S3CRET>", "$<S3C RET>"] {
            let told = told(typed, Action::Set, None);
            assert!(!told.contains("S3C"), "{told}");
        }
    }
}
