//! Whole command lines in the place of a program.

/// The words of `text`, if it is a whole command line and not the name of one program.
///
/// A program's path may have spaces in it, `C:/Program Files/node.exe`, so a path is a line only if
/// an option follows. Quotes hold words together as in a shell; a backslash is only a part of a
/// path. A quote that is never closed makes no line.
pub(crate) fn words(text: &str) -> Option<Vec<String>> {
    let words = split(text)?;
    let (first, rest) = words.split_first()?;
    let is_path = first.contains(['/', '\\']);
    let has_option = rest.iter().any(|word| word.starts_with('-'));
    (!rest.is_empty() && (!is_path || has_option)).then_some(words)
}

fn split(text: &str) -> Option<Vec<String>> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut quote = None;
    for character in text.chars() {
        match quote {
            Some(end) if character == end => quote = None,
            Some(_) => word.get_or_insert_default().push(character),
            None if matches!(character, '"' | '\'') => {
                quote = Some(character);
                word.get_or_insert_default();
            }
            None if character.is_whitespace() => words.extend(word.take()),
            None => word.get_or_insert_default().push(character),
        }
    }
    words.extend(word);
    quote.is_none().then_some(words)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_split_at_spaces_outside_quotes() {
        let line = r#"docker run --name "my server" -e 'A=b c'  image"#;
        let expected = [
            "docker",
            "run",
            "--name",
            "my server",
            "-e",
            "A=b c",
            "image",
        ];
        assert_eq!(words(line).unwrap(), expected);
    }

    #[test]
    fn a_path_with_spaces_is_one_program() {
        for program in [
            "npx",
            "C:/Program Files/nodejs/node.exe",
            r"C:\Program Files\nodejs\node.exe",
            "/Applications/1Password 8.app/Contents/MacOS/onepassword-mcp",
            "",
            "it's not a line",
        ] {
            assert_eq!(words(program), None, "{program}");
        }
    }

    #[test]
    fn a_path_with_an_option_after_it_is_a_line() {
        assert_eq!(
            words("/usr/bin/npx -y x").unwrap(),
            ["/usr/bin/npx", "-y", "x"]
        );
    }
}
