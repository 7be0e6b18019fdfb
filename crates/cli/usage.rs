//! What is told of a command line that could not be understood.
//!
//! What was typed may be a value that somebody put in the wrong place, and standard error is public. So a word is
//! shown only if it is an option's name, and the rest is said without it.

use std::error::Error as _;

use clap::CommandFactory as _;
use clap::error::{ContextKind, ContextValue, ErrorKind};

use crate::args::CommandLine;
use crate::exit_code;
use crate::report::Report;

/// The report of a mistake in the command line.
pub(crate) fn report(error: &clap::Error) -> Report {
    let word = text(error, ContextKind::InvalidArg);
    let message = match error.kind() {
        ErrorKind::UnknownArgument => match word.as_deref().and_then(option_name) {
            Some(option) => format!("there is no option `{option}`"),
            None => "there is an argument too many".to_owned(),
        },
        ErrorKind::InvalidSubcommand => "there is no such command".to_owned(),
        ErrorKind::InvalidValue if has_no_value(error) => {
            let word = word.unwrap_or_default();
            let (option, value) = word.split_once(' ').unwrap_or((&word, "value"));
            let value = value.trim_matches(['<', '>']).to_lowercase();
            format!("{option} needs a {value}{}", one_of(error))
        }
        // What a parser of ours expected; it has no text of the value.
        ErrorKind::ValueValidation => format!(
            "{}: expected {}",
            word.as_deref()
                .and_then(|word| word.split(' ').next())
                .unwrap_or_default(),
            error
                .source()
                .map_or_else(|| "another value".to_owned(), ToString::to_string)
        ),
        ErrorKind::InvalidValue => format!(
            "`{}` cannot have this value{}",
            word.unwrap_or_default(),
            one_of(error)
        ),
        ErrorKind::MissingRequiredArgument => {
            match texts(error, ContextKind::InvalidArg).join(", ").as_str() {
                // Nothing else asks for it.
                "--dry-run" => "--json goes with --dry-run only".to_owned(),
                missing => format!("this is missing: {missing}"),
            }
        }
        ErrorKind::ArgumentConflict => {
            let word = word.unwrap_or_default();
            let others = texts(error, ContextKind::PriorArg);
            if others.contains(&word) {
                format!("`{word}` stands twice")
            } else {
                format!("`{word}` does not go with {}", others.join(", "))
            }
        }
        ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand | ErrorKind::MissingSubcommand => {
            "a command is missing".to_owned()
        }
        kind => kind
            .as_str()
            .unwrap_or("the command line cannot be understood")
            .to_owned(),
    };
    let hint = hint(error);
    let report = Report::with_code(exit_code::USAGE, message);
    report.hint(hint)
}

fn hint(error: &clap::Error) -> String {
    let suggested = [ContextKind::SuggestedArg, ContextKind::SuggestedSubcommand]
        .into_iter()
        .flat_map(|kind| texts(error, kind))
        .next_back();
    if let Some(suggested) = suggested {
        return format!("did you mean `{suggested}`?");
    }
    let usage = error
        .get(ContextKind::Usage)
        .map_or_else(|| error.to_string(), ToString::to_string);
    if usage.contains("mcp-launch secrets set") && error.kind() == ErrorKind::UnknownArgument {
        return "a value is not taken from the command line, where others can see it: it is asked for, or read from standard input; one that was typed is in the shell's history now, so replace it".to_owned();
    }
    let is_word = text(error, ContextKind::InvalidArg)
        .or_else(|| text(error, ContextKind::InvalidSubcommand))
        .is_some_and(|word| !word.starts_with('-'));
    let is_launch = ["mcp-launch [OPTIONS]", "mcp-launch run"]
        .iter()
        .any(|launch| usage.contains(launch))
        && matches!(
            error.kind(),
            ErrorKind::UnknownArgument | ErrorKind::InvalidSubcommand
        );
    if is_word && is_launch {
        let typed = text(error, ContextKind::InvalidArg);
        if let Some(command) = typed.and_then(|typed| nearest_command(&typed)) {
            return format!("did you mean `mcp-launch {command}`?");
        }
        return "put `--` before the server's command: mcp-launch -- COMMAND; or see mcp-launch --help"
            .to_owned();
    }
    format!("see {} --help", command_of(&usage))
}

/// The command whose usage this is: `mcp-launch secrets set`.
fn command_of(usage: &str) -> String {
    let words: Vec<_> = usage
        .split_whitespace()
        .skip_while(|word| *word != "mcp-launch")
        .take_while(|word| {
            word.bytes()
                .all(|byte| byte.is_ascii_lowercase() || byte == b'-')
                && !word.starts_with("--")
        })
        .collect();
    if words.is_empty() {
        return "mcp-launch".to_owned();
    }
    words.join(" ")
}

fn has_no_value(error: &clap::Error) -> bool {
    text(error, ContextKind::InvalidValue).is_some_and(|value| value.is_empty())
}

/// The command that is spelled most like `typed`. With a launch as the default command clap takes the word for an
/// argument, so it is asked again as if there were none.
fn nearest_command(typed: &str) -> Option<String> {
    let commands = CommandLine::command();
    let error = clap::Command::new("mcp-launch")
        .subcommands(commands.get_subcommands().cloned())
        .try_get_matches_from(["mcp-launch", typed])
        .err()?;
    // clap gives the likeliest last.
    texts(&error, ContextKind::SuggestedSubcommand).pop()
}

/// The name of an option, without what may be a value behind it.
fn option_name(word: &str) -> Option<&str> {
    let long = word.strip_prefix("--")?;
    let name = long.split('=').next()?;
    let is_name = !name.is_empty()
        && name
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte == b'-');
    is_name.then(|| &word[..name.len() + 2])
}

fn one_of(error: &clap::Error) -> String {
    let values = texts(error, ContextKind::ValidValue);
    if values.is_empty() {
        return String::new();
    }
    format!("; it is one of: {}", values.join(", "))
}

fn text(error: &clap::Error, kind: ContextKind) -> Option<String> {
    match error.get(kind)? {
        ContextValue::String(text) => Some(text.clone()),
        _ => None,
    }
}

fn texts(error: &clap::Error, kind: ContextKind) -> Vec<String> {
    match error.get(kind) {
        Some(ContextValue::String(text)) => vec![text.clone()],
        Some(ContextValue::Strings(texts)) => texts.clone(),
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser as _;
    use clap::error::ErrorKind;

    use crate::args::CommandLine;

    fn told(words: &[&str]) -> String {
        let error = CommandLine::try_parse_from(["mcp-launch"].iter().chain(words)).unwrap_err();
        super::report(&error).text()
    }

    #[test]
    fn a_word_in_the_wrong_place_is_not_shown() {
        const VALUE: &str = "hunter2-S3CRET";
        for words in [
            &["secrets", "set", "TOKEN", VALUE][..],
            &[VALUE],
            &["TOKEN=hunter2-S3CRET", "npx"],
            &["--token=hunter2-S3CRET"],
            &["-hunter2-S3CRET"],
            &["--hunter2-S3CRET"],
            &["secrets", VALUE],
            &["secrets", "set", "TOKEN", "--store", VALUE],
            &["--deadline", VALUE, "--", "x"],
            &["generate", VALUE],
            &["unlock", "--for", VALUE],
            &["trust", "a", VALUE],
        ] {
            let told = told(words);
            assert!(!told.contains("S3CRET"), "{words:?}: {told}");
            assert!(told.starts_with("error: "), "{told}");
        }
    }

    #[test]
    fn help_is_a_command_too() {
        for words in [&["help"][..], &["help", "run"], &["help", "secrets", "set"]] {
            let error =
                CommandLine::try_parse_from(["mcp-launch"].iter().chain(words)).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::DisplayHelp, "{words:?}");
        }
    }

    #[test]
    fn says_what_to_write_instead() {
        for (words, part) in [
            (&["npx", "-y", "pkg"][..], "put `--` before"),
            (
                &["secrets", "set", "A", "x"],
                "not taken from the command line",
            ),
            (&["--sever", "x", "--", "y"], "did you mean `--server`?"),
            (&["secrets", "lst"], "did you mean `list`?"),
            (&["doctr"], "did you mean `mcp-launch doctor`?"),
            (&["doctor", "x"], "see mcp-launch doctor --help"),
            (&["secrets"], "a command is missing"),
            (&["secrets"], "see mcp-launch secrets --help"),
            (&["secrets", "set"], "see mcp-launch secrets set --help"),
            (&["generate", "completions"], "--shell <SHELL>"),
            (
                &["generate", "completions"],
                "see mcp-launch generate --help",
            ),
            (&["--json", "--", "x"], "--json goes with --dry-run only"),
            (
                &["--no-isolate", "--no-isolate", "--", "x"],
                "`--no-isolate` stands twice",
            ),
            (&["secrets", "set", "A", "x"], "shell's history"),
            (
                &["secrets", "set", "A", "--store", "vault"],
                "keychain, sealed",
            ),
            (
                &["--deadline", "1h", "--", "x"],
                "--deadline: expected a time such as 10s, from 100ms to 10m",
            ),
            (
                &["unlock", "--for", "8"],
                "--for: expected a time such as 30m, 8h, 2d",
            ),
            (&["--server", "--", "x"], "--server needs a name"),
            (&["--env-file"], "--env-file needs a file"),
            (&["unlock", "--for"], "--for needs a time"),
            (
                &["secrets", "list", "--store"],
                "--store needs a store; it is one of: keychain, sealed",
            ),
            (&["secrets", "set"], "<NAME>"),
            (&["trust", "--list", "--remove"], "does not go with"),
        ] {
            assert!(told(words).contains(part), "{words:?}: {}", told(words));
        }
    }
}
