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

/// Whether `word`, a program or one of its arguments, is a shell.
pub(crate) fn is_shell(word: &str) -> bool {
    one_of(base_name(word), SHELLS)
}

/// Whether `flag`, the argument of a shell before `argument`, says that this is a command line.
pub(crate) fn is_command_line(flag: &str, argument: &str) -> bool {
    let says = one_of(flag, &["-c", "/c", "/k", "-command"])
        || (flag.starts_with('-') && !flag.starts_with("--") && flag.ends_with('c'));
    says && argument.trim().contains([' ', '\n'])
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
        assert!(is_command_line("-c", line));
        assert!(is_command_line("-lc", line));
        assert!(is_command_line("/c", "npx -y pkg"));
        assert!(!is_command_line("--exec", line));
        assert!(!is_command_line("-c", "script.sh"));
        assert!(is_shell("/bin/bash") && is_shell("cmd") && !is_shell("npx"));
    }
}
