//! Which commands a user allows.

use std::path::Path;

/// The commands that the user's own settings allow, each by its first words.
///
/// `["op", "read"]` allows `op read op://vault/item/field` and nothing else of `op`.
#[derive(Clone, Debug, Default)]
pub struct Rules(Vec<Vec<String>>);

impl Rules {
    /// Rules of these beginnings. An empty beginning allows nothing, nor does one whose program is found from
    /// the working directory (`./get`): that is the client's choice, not the user's.
    #[must_use]
    pub fn new(mut beginnings: Vec<Vec<String>>) -> Self {
        beginnings.retain(|beginning| {
            beginning
                .first()
                .is_some_and(|program| !program.contains('/') || Path::new(program).is_absolute())
        });
        Self(beginnings)
    }

    /// Whether a command line begins with the words of a rule.
    #[must_use]
    pub fn allow(&self, command_line: &str) -> bool {
        let Some(words) = shlex::split(command_line) else {
            return false;
        };
        self.0.iter().any(|beginning| words.starts_with(beginning))
    }

    /// The beginning that a person would allow for this command: the program and its subcommand.
    #[must_use]
    pub fn suggestion(command_line: &str) -> String {
        let words = shlex::split(command_line).unwrap_or_default();
        let subcommand = words.get(1).filter(|word| {
            word.bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
                && !word.starts_with('-')
        });
        words
            .first()
            .into_iter()
            .chain(subcommand)
            .map(String::as_str)
            .collect::<Vec<_>>()
            .join(" ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rule_is_a_beginning_of_whole_words() {
        let words = |line: &str| line.split(' ').map(str::to_owned).collect::<Vec<_>>();
        let rules = Rules::new(vec![
            words("op read"),
            vec![],
            words("./get"),
            words("/bin/get"),
        ]);
        for (line, allowed) in [
            ("op read op://v/i/f", true),
            ("op 'read' x", true),
            ("op reader x", false),
            ("op", false),
            ("op item delete x", false),
            ("opx read", false),
            ("op 'read", false),
            ("", false),
            ("./get x", false),
            ("/bin/get x", true),
        ] {
            assert_eq!(rules.allow(line), allowed, "{line}");
        }
    }

    #[test]
    fn suggests_the_program_and_its_subcommand() {
        assert_eq!(Rules::suggestion("op read op://v/i/f"), "op read");
        assert_eq!(Rules::suggestion("pass show a/b"), "pass show");
        assert_eq!(Rules::suggestion("cat /etc/x"), "cat");
        assert_eq!(Rules::suggestion("bw --raw get"), "bw");
    }
}
