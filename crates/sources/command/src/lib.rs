//! `$<exec:…>`: what a command prints, for stores that have a command of their own (`op`, `pass`, `bw`).
//!
//! Only commands that the user's own settings allow are run: see [`Rules`]. A command line is split into
//! words and run without a shell; its standard error is not copied, because tools print values there.

mod rules;
mod run;

use std::path::PathBuf;
use std::process::Command;

use mcp_launch_core::{
    Deadline, Environment, LineEnd, Locator, LocatorError, Scheme, Secret, Source, SourceError,
    SourceErrorKind,
};

pub use rules::Rules;

/// The scheme `exec`.
pub const SCHEME: Scheme = Scheme {
    name: "exec",
    summary: "what a command prints, if the user's settings allow that command",
    example: "$<exec:op read op://vault/item/field>",
    check,
    overlap,
    logins: LOGINS,
};

/// 1Password's and Bitwarden's; `OP_SESSION_my` is 1Password's session of the account `my`.
const LOGINS: &[&str] = &[
    "BW_SESSION",
    "OP_CONNECT_TOKEN",
    "OP_SERVICE_ACCOUNT_TOKEN",
    "OP_SESSION_*",
];

fn check(locator: &str) -> Result<(), LocatorError> {
    match shlex::split(locator) {
        None => Err(LocatorError("a quote in the command is never closed")),
        Some(words) if words.is_empty() => Err(LocatorError("there is no command")),
        Some(_) => Ok(()),
    }
}

/// Word by word, however the words are quoted and spaced.
fn overlap(one: &str, other: &str, _: &Environment) -> bool {
    shlex::split(one) == shlex::split(other)
}

/// What allows a command, as lines to paste.
#[must_use]
pub fn allow_remedy(command: &Locator) -> String {
    format!(
        "if you trust it, add to your own config.toml:\n[stores.exec]\nallow = [\"{}\"]",
        Rules::suggestion(command.as_str())
    )
}

/// Finds a program by the name that a command line gives.
pub type Find = Box<dyn Fn(&str) -> Option<PathBuf> + Send + Sync>;

/// Takes from a command, before it runs, what it shall not inherit.
pub type Withhold = fn(&mut Command);

/// Runs allowed commands.
pub struct CommandSource {
    rules: Rules,
    find: Find,
    withhold: Withhold,
    line_end: LineEnd,
}

impl CommandSource {
    /// A source that runs what `rules` allow, with programs found by `find`, without what `withhold` takes.
    #[must_use]
    pub fn new(rules: Rules, find: Find, withhold: Withhold, line_end: LineEnd) -> Self {
        Self {
            rules,
            find,
            withhold,
            line_end,
        }
    }

    /// The absolute program and the arguments of an allowed command.
    fn command(&self, locator: &Locator) -> Result<(PathBuf, Vec<String>), SourceError> {
        let mut words = shlex::split(locator.as_str()).unwrap_or_default();
        if words.is_empty() || !self.rules.allow(locator.as_str()) {
            return Err(SourceError::new(SourceErrorKind::Denied)
                .note("the user's settings do not allow this command"));
        }
        let program = words.remove(0);
        let path = (self.find)(&program).ok_or(
            SourceError::new(SourceErrorKind::Unavailable)
                .note("there is no such program in PATH or the usual places"),
        )?;
        Ok((path, words))
    }

    /// The program of a command, if there is none.
    fn missing_program(&self, locator: &Locator) -> Option<String> {
        let program = shlex::split(locator.as_str())?.into_iter().next()?;
        (self.find)(&program).is_none().then_some(program)
    }
}

impl Source for CommandSource {
    fn place(&self, locator: &Locator) -> String {
        format!("the output of `{locator}`")
    }

    fn fetch(&self, locators: &[Locator], deadline: Deadline) -> Vec<Result<Secret, SourceError>> {
        // All are started before the first is waited for.
        let running: Vec<_> = locators
            .iter()
            .map(|locator| {
                let (program, arguments) = self.command(locator)?;
                run::start(&program, &arguments, self.withhold)
            })
            .collect();
        running
            .into_iter()
            .map(|running| running?.finish(deadline, self.line_end))
            .collect()
    }

    fn look(&self, locators: &[Locator], _: Deadline) -> Vec<Result<(), SourceError>> {
        locators
            .iter()
            .map(|locator| self.command(locator).map(|_| ()))
            .collect()
    }

    fn unseen(&self, _: &Locator) -> Option<&'static str> {
        Some("a dry run starts no command")
    }

    fn remedy(&self, locator: &Locator, error: SourceError) -> Option<String> {
        match error.kind() {
            SourceErrorKind::Denied => Some(allow_remedy(locator)),
            SourceErrorKind::Missing | SourceErrorKind::Unavailable => {
                Some(match self.missing_program(locator) {
                    Some(path) if path.contains('/') => {
                        format!("correct the path {path} in the placeholder and in `allow`")
                    }
                    Some(name) => format!(
                        "install {name}, or write its absolute path in the placeholder and in `allow`"
                    ),
                    None => format!("run `{locator}` in a terminal to see what it says"),
                })
            }
            // Most often it waits for a login that nobody here can answer.
            SourceErrorKind::TimedOut => Some(format!(
                "sign in first (run `{locator}` in a terminal), or raise `deadline`"
            )),
            _ => None,
        }
    }
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use std::time::{Duration, Instant};

    use super::*;

    fn source(allowed: &[&str], line_end: LineEnd) -> CommandSource {
        let rules = Rules::new(
            allowed
                .iter()
                .map(|line| shlex::split(line).unwrap())
                .collect(),
        );
        let find = Box::new(|name: &str| {
            ["/bin", "/usr/bin"]
                .iter()
                .map(|folder| PathBuf::from(folder).join(name))
                .find(|path| path.exists())
        });
        CommandSource::new(rules, find, |_| (), line_end)
    }

    #[expect(clippy::disallowed_methods, reason = "the values under test")]
    fn fetched(
        source: &CommandSource,
        locators: &[&str],
        span: Duration,
    ) -> Vec<Result<String, SourceErrorKind>> {
        let locators: Vec<Locator> = locators.iter().map(|&text| Locator::new(text)).collect();
        source
            .fetch(&locators, Deadline::after(span))
            .into_iter()
            .map(|answer| match answer {
                Ok(secret) => Ok(String::from_utf8_lossy(secret.expose()).into_owned()),
                Err(error) => Err(error.kind()),
            })
            .collect()
    }

    #[test]
    fn a_command_has_one_spelling() {
        let none = Environment::from_pairs([("A", "")]);
        for other in ["op  read x/y", " op read 'x/y' ", "\"op\" re\\ad x/y"] {
            assert!(overlap(other, "op read x/y", &none), "{other}");
        }
        for another in ["op read 'x /y'", "op readx/y", "op read x/z"] {
            assert!(!overlap(another, "op read x/y", &none), "{another}");
        }
    }

    #[test]
    fn runs_words_without_a_shell_and_strips_one_line_end() {
        let source = source(&["printf", "false", "echo"], LineEnd::Strip);
        assert_eq!(
            fetched(
                &source,
                &[
                    "printf '%s\\n\\n' 'a  b'",
                    "echo $HOME;id",
                    "false",
                    "id",
                    "printf-nowhere x",
                ],
                Duration::from_secs(10)
            ),
            [
                Ok("a  b\n".to_owned()),
                Ok("$HOME;id".to_owned()),
                Err(SourceErrorKind::Unavailable),
                Err(SourceErrorKind::Denied),
                Err(SourceErrorKind::Denied),
            ]
        );
    }

    #[test]
    fn keeps_the_line_end_when_told() {
        let source = source(&["echo"], LineEnd::Keep);
        assert_eq!(
            fetched(&source, &["echo x"], Duration::from_secs(10)),
            [Ok("x\n".to_owned())]
        );
    }

    #[test]
    fn ends_a_command_and_its_children_at_the_deadline() {
        let source = source(&["sh"], LineEnd::Strip);
        let started = Instant::now();
        let answers = fetched(
            &source,
            &["sh -c 'sleep 60 & sleep 60'"],
            Duration::from_millis(200),
        );
        assert_eq!(answers, [Err(SourceErrorKind::TimedOut)]);
        assert!(started.elapsed() < Duration::from_secs(30));
    }

    #[test]
    fn what_to_do_is_told_of_each_failure() {
        let source = source(&[], LineEnd::Strip);
        let told_of = |command: &str, kind| {
            source
                .remedy(&Locator::new(command), SourceError::new(kind))
                .unwrap_or_default()
        };
        let told = |kind| told_of("op read op://v/i/f", kind);
        assert!(told(SourceErrorKind::TimedOut).starts_with("sign in first (run `op read"));
        assert!(told(SourceErrorKind::Denied).ends_with("\n[stores.exec]\nallow = [\"op read\"]"));
        for kind in [SourceErrorKind::Missing, SourceErrorKind::Unavailable] {
            assert_eq!(
                told_of("false x", kind),
                "run `false x` in a terminal to see what it says"
            );
        }
        assert_eq!(
            told_of("op-nowhere read x", SourceErrorKind::Unavailable),
            "install op-nowhere, or write its absolute path in the placeholder and in `allow`"
        );
        assert!(
            told_of("/nowhere/op read x", SourceErrorKind::Unavailable)
                .starts_with("correct the path /nowhere/op")
        );
    }

    #[test]
    fn refuses_output_without_end() {
        let source = source(&["yes"], LineEnd::Strip);
        assert_eq!(
            fetched(&source, &["yes"], Duration::from_secs(20)),
            [Err(SourceErrorKind::Malformed)]
        );
    }

    #[test]
    fn an_empty_answer_is_no_value() {
        let source = source(&["true"], LineEnd::Strip);
        assert_eq!(
            fetched(&source, &["true"], Duration::from_secs(10)),
            [Err(SourceErrorKind::Missing)]
        );
    }
}
