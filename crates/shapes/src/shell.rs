//! Command lines within one argument: `bash -lc "API_KEY=… npx server"`.

use std::ops::Range;

use crate::assignment::unquoted;
use crate::container::base_name;
use crate::words::one_of;

/// Programs that take a command line as an argument.
#[rustfmt::skip]
const SHELLS: &[&str] = &[
    "ash", "bash", "bash.exe", "cmd", "cmd.exe", "dash", "fish", "ksh", "powershell", "powershell.exe", "pwsh",
    "pwsh.exe", "sh", "wsl", "wsl.exe", "zsh",
];

/// Whether the argument before `argument` says that it is a command line.
pub(crate) fn is_command_line(program: &str, before: &[&str], argument: &str) -> bool {
    let shell = one_of(base_name(program), SHELLS)
        || before
            .iter()
            .any(|argument| one_of(base_name(argument), SHELLS));
    let flag = before.last().is_some_and(|flag| {
        one_of(flag, &["-c", "/c", "/k", "-command"])
            || (flag.starts_with('-') && !flag.starts_with("--") && flag.ends_with('c'))
    });
    shell && flag && argument.trim().contains([' ', '\n'])
}

/// Where the words of a command line stand. Quotes around a whole word do not belong to it.
pub(crate) fn words(line: &str) -> Vec<Range<usize>> {
    let mut words = Vec::new();
    let mut start = None;
    let mut quote: Option<char> = None;
    for (at, each) in line.char_indices() {
        match quote {
            Some(open) if each == open => quote = None,
            Some(_) => {}
            None if each.is_whitespace() || matches!(each, ';' | '&' | '|') => {
                if let Some(start) = start.take() {
                    words.push(unquoted(line, start..at));
                }
            }
            None => {
                start.get_or_insert(at);
                if matches!(each, '"' | '\'') {
                    quote = Some(each);
                }
            }
        }
    }
    if let Some(start) = start {
        words.push(unquoted(line, start..line.len()));
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_line_is_taken_apart_as_a_shell_would() {
        let line = "cd \"/a b\" && A='x y' npx -y pkg --header 'N: v';";
        let words: Vec<&str> = words(line).into_iter().map(|word| &line[word]).collect();
        assert_eq!(
            words,
            [
                "cd", "/a b", "A='x y'", "npx", "-y", "pkg", "--header", "N: v"
            ]
        );
        assert!(is_command_line("/bin/bash", &["-l", "-c"], line));
        assert!(is_command_line("cmd", &["/c"], "npx -y pkg"));
        assert!(!is_command_line("npx", &["-c"], line));
        assert!(!is_command_line("bash", &["-c"], "script.sh"));
    }
}
