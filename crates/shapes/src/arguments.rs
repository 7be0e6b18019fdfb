//! Secrets among the arguments of a command.

use std::ops::Range;

use crate::assignment::{assignment, unquoted};
use crate::container::{Setting, settings};
use crate::credential_name::is_secret_name;
use crate::entropy::bits_per_byte;
use crate::judge::{LONGEST, judge, judge_header};
use crate::judgement::{Confidence, Finding, Judgement, Kind, Plain, Standing};
use crate::scheme::header;
use crate::{shell, suggestion};

/// One secret among the arguments of a command.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct ArgumentFinding {
    /// Which argument holds it, counted from 0.
    pub index: usize,
    /// What it is; its part is a range of the bytes of that argument.
    pub finding: Finding,
    /// What it is a part of.
    pub role: Role,
}

/// What a secret among the arguments is a part of.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Role {
    /// `NAME=VALUE`, which is not Docker's.
    Assignment {
        /// The name in front of the `=`.
        name: String,
    },
    /// The password of an address or of a list such as `Server=…;Password=…`.
    ConnectionString,
    /// `docker run -e NAME=VALUE`.
    DockerEnvironment {
        /// The variable of the container.
        name: String,
    },
    /// The value of a flag: `--token X`, `--token=X`.
    Flag {
        /// The flag as it is written, with its dashes.
        name: String,
    },
    /// A header: `--header "Authorization: Bearer X"`.
    Header {
        /// The header's name.
        name: String,
    },
    /// An argument that nothing names.
    Positional,
    /// A parameter or the path of an address.
    Url,
}

/// The most arguments that are judged: no program is started with more by a client.
pub const ARGUMENTS: usize = 10_000;

/// The secrets among the `arguments` of `program`: among the first [`ARGUMENTS`] of them.
#[must_use]
pub fn judge_arguments(program: &str, arguments: &[&str]) -> Vec<ArgumentFinding> {
    let mut walk = Walk {
        program,
        arguments: &arguments[..arguments.len().min(ARGUMENTS)],
        found: Vec::new(),
    };
    walk.all(true);
    walk.found
}

/// A command whose arguments are judged one after the other.
struct Walk<'a> {
    program: &'a str,
    arguments: &'a [&'a str],
    found: Vec<ArgumentFinding>,
}

impl Walk<'_> {
    /// Judges every argument. `deep`: those that are command lines are taken apart.
    fn all(&mut self, deep: bool) {
        // In the order of the arguments.
        let settings = settings(self.program, self.arguments);
        let mut settings = settings.into_iter().peekable();
        let mut in_shell = shell::is_shell(self.program);
        let mut complete = false;
        for index in 0..self.arguments.len() {
            let argument = self.arguments[index];
            let flag = index
                .checked_sub(1)
                .filter(|_| !complete)
                .map_or("", |before| self.arguments[before]);
            // `-eNAME` is whole: what follows is the image, and no value of it.
            complete = false;
            in_shell |= shell::is_shell(flag);
            if argument.len() > LONGEST {
                settings.next_if(|setting| setting.index == index);
                continue;
            }
            if let Some(setting) = settings.next_if(|setting| setting.index == index) {
                complete = setting.at > 0;
                self.docker(setting);
            } else if deep && in_shell && shell::is_command_line(flag, argument) {
                self.command_line(index);
            } else if let Some((name, value)) = attached(argument) {
                self.flag(index, name, value);
            } else if is_flag(flag) && !flag.contains('=') && !is_switch(argument) {
                self.flag(index, flag, 0..argument.len());
            } else {
                self.positional(index);
            }
        }
    }

    fn docker(&mut self, setting: Setting) {
        let argument = self.arguments[setting.index];
        if let Some((name, part)) = assignment(&argument[setting.at..]) {
            let part = part.start + setting.at..part.end + setting.at;
            let judgement = judge(name, &argument[part.clone()]);
            let role = Role::DockerEnvironment {
                name: name.to_owned(),
            };
            self.add(setting.index, part, judgement, &role);
        }
    }

    /// The words of an argument that is a command line, as if they were arguments.
    fn command_line(&mut self, index: usize) {
        let argument = self.arguments[index];
        let words = shell::words(argument);
        let texts: Vec<&str> = words
            .iter()
            .take(ARGUMENTS)
            .map(|word| &argument[word.clone()])
            .collect();
        let mut inner = Walk {
            program: "",
            arguments: &texts,
            found: Vec::new(),
        };
        inner.all(false);
        for mut found in inner.found {
            let offset = words[found.index].start;
            found.finding.part = found.finding.part.start + offset..found.finding.part.end + offset;
            found.index = index;
            self.found.push(found);
        }
    }

    /// The value at `part` of the argument at `index`, which belongs to the flag `name`.
    fn flag(&mut self, index: usize, name: &str, part: Range<usize>) {
        let text = &self.arguments[index][part.clone()];
        if is_header_flag(name) && self.header(index, part.clone()) {
            return;
        }
        let secret = is_secret_name(name);
        if !secret && self.assigned(index, part.clone()) {
            return;
        }
        let role = Role::Flag {
            name: name.to_owned(),
        };
        let mut judgement = judge(name, text);
        // A flag of one letter says nothing: `-p`, `-k`.
        let is_short = name.len() == 2;
        if is_short
            && judgement.standing == Standing::Plain(Plain::NotSecretName)
            && is_opaque(text)
        {
            judgement = opaque(text);
        }
        self.add(index, part, judgement, &role);
    }

    /// An argument that no flag names.
    fn positional(&mut self, index: usize) {
        let argument = self.arguments[index];
        let all = 0..argument.len();
        if is_flag(argument) || self.header(index, all.clone()) || self.assigned(index, all.clone())
        {
            return;
        }
        let judgement = judge("", argument);
        let nothing = judgement.standing == Standing::Plain(Plain::NotSecretName);
        let judgement = if nothing && is_opaque(argument) {
            opaque(argument)
        } else {
            judgement
        };
        self.add(index, all, judgement, &Role::Positional);
    }

    /// Whether `part` of an argument is a header; its secrets are added.
    fn header(&mut self, index: usize, part: Range<usize>) -> bool {
        let text = &self.arguments[index][part.clone()];
        let named = header(text).or_else(|| {
            assignment(text).filter(|(name, _)| name.eq_ignore_ascii_case("authorization"))
        });
        let Some((name, value)) = named.filter(|(name, _)| is_secret_name(name)) else {
            return false;
        };
        let judgement = judge_header(name, &text[value.clone()]);
        let role = Role::Header {
            name: name.to_owned(),
        };
        self.add(
            index,
            value.start + part.start..value.end + part.start,
            judgement,
            &role,
        );
        true
    }

    /// Whether `part` of an argument is `NAME=VALUE`; its secrets are added.
    fn assigned(&mut self, index: usize, part: Range<usize>) -> bool {
        let text = &self.arguments[index][part.clone()];
        // A list of pairs is a connection string.
        let list = text.contains(';') || (text.contains(' ') && text.matches('=').count() > 1);
        let Some((name, value)) = assignment(text).filter(|_| !list) else {
            return false;
        };
        let judgement = judge(name, &text[value.clone()]);
        let role = Role::Assignment {
            name: name.to_owned(),
        };
        self.add(
            index,
            value.start + part.start..value.end + part.start,
            judgement,
            &role,
        );
        true
    }

    /// Adds what `judgement` says about `part` of the argument at `index`.
    fn add(&mut self, index: usize, part: Range<usize>, judgement: Judgement, role: &Role) {
        let named = !matches!(role, Role::Flag { .. } | Role::Positional);
        for mut finding in judgement.findings {
            let role = match finding.kind {
                _ if named => role.clone(),
                Kind::ConnectionString | Kind::UrlPassword => Role::ConnectionString,
                Kind::UrlPath | Kind::UrlQuery => Role::Url,
                _ => role.clone(),
            };
            finding.part = finding.part.start + part.start..finding.part.end + part.start;
            if let Role::Flag { name } = &role
                && finding.suggestion.is_none()
            {
                finding.suggestion = suggestion::from_name(name);
            }
            self.found.push(ArgumentFinding {
                index,
                finding,
                role,
            });
        }
    }
}

/// The flag that an argument such as `--token=X` begins with, and which bytes its value has.
fn attached(argument: &str) -> Option<(&str, Range<usize>)> {
    let (name, value) = argument.split_once('=')?;
    let well_formed = is_flag(name) && name.len() <= 64 && !name.contains(char::is_whitespace);
    let value = name.len() + 1..name.len() + 1 + value.len();
    (well_formed && !value.is_empty()).then(|| (name, unquoted(argument, value)))
}

/// What a machine has made, and nothing names.
fn opaque(text: &str) -> Judgement {
    let finding = Finding {
        part: 0..text.len(),
        confidence: Confidence::Low,
        kind: Kind::Opaque,
        suggestion: None,
    };
    Judgement::of(vec![finding], Plain::NotSecretName)
}

/// Whether `argument` is a flag: `--token`, `-t`.
fn is_flag(argument: &str) -> bool {
    argument
        .trim_start_matches('-')
        .starts_with(|first: char| first.is_ascii_alphabetic())
        && argument.starts_with('-')
}

/// Whether `argument` is a flag by itself, and so no value of the flag before it.
fn is_switch(argument: &str) -> bool {
    argument.starts_with("--") || (argument.starts_with('-') && argument.len() <= 3)
}

fn is_header_flag(name: &str) -> bool {
    [
        "-H",
        "--header",
        "--headers",
        "--http-header",
        "-header",
        "--request-header",
    ]
    .contains(&name)
}

/// Whether a machine has made `text`: a UUID, hexadecimal digits, or letters of both cases with digits, long and without any
/// other character.
fn is_opaque(text: &str) -> bool {
    let bytes = text.as_bytes();
    let uuid = text.len() == 36
        && bytes.iter().enumerate().all(|(at, byte)| match at {
            8 | 13 | 18 | 23 => *byte == b'-',
            _ => byte.is_ascii_hexdigit(),
        });
    let hex = text.len() >= 32 && bytes.iter().all(u8::is_ascii_hexdigit);
    let mixed = text.len() >= 20
        && bytes.iter().all(u8::is_ascii_alphanumeric)
        && bytes.iter().any(u8::is_ascii_digit)
        && bytes.iter().any(u8::is_ascii_uppercase)
        && bytes.iter().any(u8::is_ascii_lowercase);
    (uuid || hex || mixed) && bits_per_byte(text) >= 3.0
}
