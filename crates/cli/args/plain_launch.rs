//! The command line as clients' configs have it, read without building the definition of all commands.
//!
//! A server's start is what a person waits for, and building the definition is a third of the launcher's own
//! time. Whatever is not plainly a launch is for the definition: help, mistakes, every other command.

use std::ffi::OsString;

use crate::args::RunArgs;

/// The launch that `[run] [--env-file FILE] [--server NAME] [--no-isolate] -- COMMAND…` asks for.
/// `None` for every other command line, also one that only the definition can tell is wrong.
pub(crate) fn plain_launch(typed: impl Iterator<Item = OsString>) -> Option<RunArgs> {
    let mut typed = typed.peekable();
    typed.next_if(|word| word == "run");
    let mut args = RunArgs::default();
    loop {
        match typed.next()?.to_str()? {
            "--" => break,
            "--env-file" if args.env_file.is_none() => {
                args.env_file = Some(value(typed.next()?)?.into());
            }
            "--no-isolate" if !args.no_isolate => args.no_isolate = true,
            "--server" if args.server.is_none() => {
                args.server = Some(value(typed.next()?)?.into_string().ok()?);
            }
            _ => return None,
        }
    }
    args.command = typed.collect();
    Some(args)
}

/// What follows an option, unless it is one itself.
fn value(word: OsString) -> Option<OsString> {
    (!word.is_empty() && !word.as_encoded_bytes().starts_with(b"-")).then_some(word)
}

#[cfg(test)]
mod tests {
    use clap::Parser as _;
    use proptest::prelude::*;

    use super::*;
    use crate::args::{Command, CommandLine};

    fn by_definition(words: &[&str]) -> Option<RunArgs> {
        let typed = ["mcp-launch"].iter().chain(words);
        match CommandLine::try_parse_from(typed) {
            Ok(CommandLine { command: None, run }) => Some(run),
            Ok(CommandLine {
                command: Some(Command::Run(run)),
                ..
            }) => Some(run),
            _ => None,
        }
    }

    fn read(words: &[&str]) -> Option<RunArgs> {
        plain_launch(words.iter().map(OsString::from))
    }

    #[test]
    fn reads_what_configs_have() {
        for words in [
            &["--", "npx", "-y", "pkg"][..],
            &["run", "--", "npx", "--server", "x"],
            &[
                "--env-file",
                ".env",
                "--server",
                "a b",
                "--no-isolate",
                "--",
                "x",
            ],
            &["--server", "x", "--"],
        ] {
            assert!(read(words).is_some(), "{words:?}");
            assert_eq!(read(words), by_definition(words), "{words:?}");
        }
    }

    #[test]
    fn leaves_the_rest_to_the_definition() {
        for words in [
            &[][..],
            &["--help"],
            &["secrets", "list"],
            &["--server"],
            &["--dry-run", "--", "x"],
            &["--server=x", "--", "x"],
            &["--server", "--", "x"],
            &["--no-isolate", "--no-isolate", "--", "x"],
        ] {
            assert_eq!(read(words), None, "{words:?}");
        }
    }

    proptest! {
        #[test]
        fn never_says_anything_but_the_definition(
            words in proptest::collection::vec(
                prop_oneof![
                    Just("run"), Just("--"), Just("--env-file"), Just("--server"), Just("--no-isolate"),
                    Just("--dry-run"), Just("--json"), Just("x"), Just("-"), Just("-y"), Just(""), Just("secrets"),
                ],
                0..7,
            )
        ) {
            if let Some(args) = read(&words) {
                prop_assert_eq!(Some(args), by_definition(&words));
            }
        }
    }
}
