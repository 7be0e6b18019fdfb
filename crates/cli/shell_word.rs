//! Words in the commands that a person is told to run.

/// A word as a shell takes it: as it is where that can be, else in single quotes.
pub(crate) fn shell_word(word: &str) -> String {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"_-./:,=@%+".contains(&byte);
    match !word.is_empty() && word.bytes().all(is_plain) {
        true => word.to_owned(),
        false => format!("'{}'", word.replace('\'', "'\\''")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_a_shell_reads_is_quoted() {
        assert_eq!(shell_word("/home/me/.env"), "/home/me/.env");
        assert_eq!(shell_word("a;touch x"), "'a;touch x'");
        assert_eq!(shell_word("it's"), "'it'\\''s'");
        assert_eq!(shell_word(""), "''");
    }
}
