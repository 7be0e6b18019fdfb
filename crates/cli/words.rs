//! Which words of a command may be shown. Any that nobody knows may be a secret, so what is shown is told by its form and
//! its place, and the rest is not.

use mcp_launch_clients::Stdio;
use mcp_launch_shapes::judge_arguments;

/// What tells a program how to start something, and is not it.
const VERBS: [&str; 7] = ["run", "exec", "dlx", "x", "tool", "/c", "/C"];

/// Flags of those who start packages and containers that have no value behind them.
#[rustfmt::skip]
const SWITCHES: [&str; 14] = [
    "-y", "--yes", "-q", "--quiet", "-i", "-t", "-it", "-d", "--rm", "--init", "--interactive", "--tty", "--privileged",
    "--read-only",
];

/// Flags of `docker run` that have a value behind them.
#[rustfmt::skip]
const VALUED: [&str; 20] = [
    "-e", "--env", "--env-file", "-v", "--volume", "--mount", "-p", "--publish", "--name", "--network", "--net", "-u",
    "--user", "-w", "--workdir", "--platform", "--entrypoint", "--pull", "--add-host", "--label",
];

/// How the name of a script ends.
const SCRIPTS: [&str; 12] = [
    ".js", ".mjs", ".cjs", ".ts", ".mts", ".py", ".rb", ".sh", ".ps1", ".jar", ".dll", ".php",
];

/// Longer words are no names: npm takes 214 characters, PyPI and containers less than a path.
const LONGEST: usize = 256;

/// How much of a word may be shown.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Sight {
    /// All of it.
    Whole,
    /// So many bytes from its beginning: the name of a flag or a variable, and its `=`.
    Name(usize),
    /// Nothing.
    Hidden,
}

/// How much of each of the `arguments` of `program` may be shown.
pub(crate) fn sights(program: &str, arguments: &[&str]) -> Vec<Sight> {
    let subject = subject(program, arguments);
    let mut sights = Vec::with_capacity(arguments.len());
    for (index, &word) in arguments.iter().enumerate() {
        let before = index.checked_sub(1).map_or("", |before| arguments[before]);
        let is_early = subject.is_some_and(|subject| index < subject);
        let sight = if Some(index) == subject || word == "--" {
            Sight::Whole
        } else if word.starts_with('-') {
            of_flag(word)
        } else if is_early && VERBS.contains(&word) && !takes_value(before) {
            Sight::Whole
        } else if is_container(program) && is_early && ["-e", "--env"].contains(&before) {
            of_variable(word)
        } else {
            Sight::Hidden
        };
        sights.push(sight);
    }
    sights
}

/// The same for a server that starts through the launcher: what stands behind its `--` is a command of its own.
pub(crate) fn sights_launched(arguments: &[&str]) -> Vec<Sight> {
    let command = arguments.iter().position(|word| *word == "--");
    let Some(command) = command.filter(|at| at + 1 < arguments.len()) else {
        return sights("", arguments);
    };
    let (own, rest) = arguments.split_at(command + 1);
    let mut all: Vec<Sight> = own
        .iter()
        .map(|word| match *word {
            "--" | "run" => Sight::Whole,
            word if word.starts_with('-') => of_flag(word),
            _ => Sight::Hidden,
        })
        .collect();
    all.push(of_program(rest[0]));
    all.extend(sights(rest[0], &rest[1..]));
    all
}

/// The package, image or script that a program is given, as a number among its arguments.
pub(crate) fn subject(program: &str, arguments: &[&str]) -> Option<usize> {
    let is_container = is_container(program);
    // Behind a flag of which nobody knows whether it takes a value, a plain word may be the program's own.
    let mut is_sure = true;
    let mut index = 0;
    while let Some(&word) = arguments.get(index) {
        if word.starts_with('-') {
            let next = arguments.get(index + 1).copied().unwrap_or_default();
            if word == "-m" && is_python(program) {
                return is_name(next).then_some(index + 1);
            }
            if takes_value(word) {
                is_sure &= is_container && VALUED.contains(&word);
                index += 1;
            }
        } else if !VERBS.contains(&word) {
            let named = if is_sure {
                is_name(word)
            } else {
                is_path_like(word)
            };
            return (named && !is_opaque(word)).then_some(index);
        }
        index += 1;
    }
    None
}

/// The arguments of a server, as texts.
pub(crate) fn texts(stdio: &Stdio) -> Vec<&str> {
    let arguments = stdio.arguments.iter();
    arguments.map(|argument| argument.text.as_str()).collect()
}

/// How much of a word that stands where a program does may be shown.
pub(crate) fn of_program(word: &str) -> Sight {
    match word.len() <= LONGEST && !word.contains(['=', '@']) && !is_opaque(word) {
        true => Sight::Whole,
        false => Sight::Hidden,
    }
}

/// Whether a flag may have its value behind it.
fn takes_value(word: &str) -> bool {
    word.starts_with('-') && word != "--" && !word.contains('=') && !SWITCHES.contains(&word)
}

/// Of a flag the name. One dash has a letter, and values may follow it without a space.
fn of_flag(word: &str) -> Sight {
    let (name, value) = match word.split_once('=') {
        Some((name, _)) => (name, true),
        None => (word, false),
    };
    let letters = name.trim_start_matches('-');
    let is_name = letters.starts_with(|first: char| first.is_ascii_alphabetic())
        && letters
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte))
        && name.len() <= 64
        && (name.starts_with("--") || name.len() <= 3)
        && !is_opaque(letters);
    match (is_name, value) {
        (false, _) => Sight::Hidden,
        (true, false) => Sight::Whole,
        (true, true) => Sight::Name(name.len() + 1),
    }
}

/// Of `NAME` and `NAME=VALUE` the name.
fn of_variable(word: &str) -> Sight {
    let (name, value) = match word.split_once('=') {
        Some((name, _)) => (name, true),
        None => (word, false),
    };
    if mcp_launch_core::Name::new(name).is_none() || is_opaque(name) {
        return Sight::Hidden;
    }
    match value {
        true => Sight::Name(name.len() + 1),
        false => Sight::Whole,
    }
}

fn is_container(program: &str) -> bool {
    ["docker", "podman"].contains(&base_name(program))
}

fn is_python(program: &str) -> bool {
    base_name(program).starts_with("python")
}

fn base_name(program: &str) -> &str {
    let name = program.rsplit(['/', '\\']).next().unwrap_or(program);
    name.strip_suffix(".exe").unwrap_or(name)
}

/// Whether a word has the form of a package of npm or PyPI, of a container's image or of a script's path.
fn is_name(word: &str) -> bool {
    let (name, version) = split_version(word);
    let is_bare = name.starts_with(|first: char| first.is_ascii_lowercase())
        && name.bytes().all(is_of_name)
        && is_version(version);
    word.len() <= LONGEST && (is_bare || is_path_like(word))
}

/// Whether a word is a name in parts, which no value is by chance: `@scope/package`, `registry/image:tag`, `a/script.js`.
fn is_path_like(word: &str) -> bool {
    if word.len() > LONGEST
        || word.contains(|each: char| each.is_control() || "=?#<>\"'".contains(each))
    {
        return false;
    }
    let ends = SCRIPTS
        .iter()
        .any(|end| word.len() > end.len() && word.ends_with(end));
    if ends && !word.contains("://") {
        return true;
    }
    let (scoped, version) = split_version(word);
    if let Some((scope, name)) = scoped
        .strip_prefix('@')
        .and_then(|rest| rest.split_once('/'))
    {
        return [scope, name]
            .iter()
            .all(|part| !part.is_empty() && part.bytes().all(is_of_name))
            && is_version(version);
    }
    // docker.io/library/name:tag@sha256:…
    let (image, digest) = match word.split_once("@sha256:") {
        Some((image, digest)) => (
            image,
            digest.len() == 64 && digest.bytes().all(|byte| byte.is_ascii_hexdigit()),
        ),
        None => (word, true),
    };
    let (path, tag) = match image.rsplit_once(':') {
        Some((path, tag)) if !tag.contains('/') => (path, Some(tag)),
        _ => (image, None),
    };
    let is_part =
        |part: &str| !part.is_empty() && part.bytes().all(|byte| is_of_name(byte) || byte == b':');
    digest
        && path.contains('/')
        && path.starts_with(|first: char| first.is_ascii_lowercase() || first.is_ascii_digit())
        && path.split('/').all(is_part)
        && tag.is_none_or(|tag| is_version(Some(tag)))
}

/// A package, and the version behind its `@`.
fn split_version(word: &str) -> (&str, Option<&str>) {
    match word.rsplit_once('@') {
        Some((name, version)) if !name.is_empty() => (name, Some(version)),
        _ => (word, None),
    }
}

fn is_of_name(byte: u8) -> bool {
    byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"-_.~".contains(&byte)
}

/// Whether it is a version: a number with its parts, or a word such as `latest`.
fn is_version(version: Option<&str>) -> bool {
    let Some(version) = version else {
        return true;
    };
    let is_word = version.len() <= 10 && version.bytes().all(|byte| byte.is_ascii_lowercase());
    let is_number = version.len() <= 32
        && version
            .trim_start_matches(['v', '^', '~'])
            .starts_with(|first: char| first.is_ascii_digit())
        && version.split(['.', '-', '+']).all(|part| part.len() <= 12)
        && version
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b".-+^~".contains(&byte));
    is_word || is_number
}

/// Whether a word, or a part of it, is what shapes takes for a secret, or is made by a machine: many digits among letters.
fn is_opaque(word: &str) -> bool {
    let is_judged = |text: &str| !judge_arguments("", &[text]).is_empty();
    let has_many_digits = |part: &str| {
        let digits = part.bytes().filter(u8::is_ascii_digit).count();
        part.len() >= 8 && digits * 4 >= part.len() && digits < part.len()
    };
    let (name, digest) = match word.split_once("@sha256:") {
        Some((name, _)) => (name, true),
        None => (word, false),
    };
    let parts = || name.split(['/', '\\', '@', ':', '.', '-', '_']);
    (!digest && is_judged(word)) || parts().any(|part| is_judged(part) || has_many_digits(part))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(program: &str, arguments: &[&str]) -> Vec<String> {
        sights(program, arguments)
            .into_iter()
            .zip(arguments)
            .map(|(sight, word)| match sight {
                Sight::Whole => (*word).to_owned(),
                Sight::Name(end) => format!("{}?", &word[..end]),
                Sight::Hidden => "?".to_owned(),
            })
            .collect()
    }

    #[test]
    fn packages_images_and_scripts_are_shown() {
        for (program, arguments, found) in [
            ("npx", &["-y", "@scope/package@1.2.3", "x"][..], Some(1)),
            (
                "npx",
                &["-y", "mcp-remote@latest", "https://host/x"],
                Some(1),
            ),
            ("uvx", &["mcp-server-time"], Some(0)),
            ("python3", &["-m", "mcp_server_time"], Some(1)),
            ("node", &["--inspect", "/home/me/build/index.js"], None),
            ("node", &["/home/me/build/index.js", "x"], Some(0)),
            (
                "uv",
                &["--directory", "/srv/x", "run", "server.py"],
                Some(3),
            ),
            (
                "docker",
                &[
                    "run",
                    "-i",
                    "--rm",
                    "-e",
                    "TOKEN",
                    "ghcr.io/github/github-mcp-server:v0.1",
                ],
                Some(5),
            ),
            ("docker", &["run", "--name", "hunter2", "image"], Some(3)),
        ] {
            assert_eq!(
                subject(program, arguments),
                found,
                "{program} {arguments:?}"
            );
        }
    }

    #[test]
    fn no_word_behind_a_flag_and_none_that_is_opaque_is_shown() {
        for (program, arguments) in [
            ("server", &["--password", "hunter2"][..]),
            ("server", &["--verbose", "--password", "hunter2", "hunter3"]),
            ("npx", &["--silent", "package", "hunter2"]),
            ("docker", &["run", "--what", "image", "hunter2"]),
            ("server", &["4f9d8c7b6a5e"]),
            ("server", &["aB3dE6gH9kL2nP5rT8wZ"]),
            ("server", &["user:hunter2@host"]),
            ("server", &["https://host/hunter2.js"]),
            ("python", &["-c", "hunter2"]),
            ("env", &["KEY=hunter2", "npx"]),
        ] {
            assert_eq!(subject(program, arguments), None, "{program} {arguments:?}");
        }
    }

    #[test]
    fn of_flags_and_variables_only_the_names_are_shown() {
        let arguments = [
            "run",
            "-i",
            "-e",
            "A=hunter2",
            "-e",
            "B",
            "ghcr.io/x/y",
            "--port=80",
            "--pin",
            "1234",
            "-phunter2",
            "serve",
        ];
        assert_eq!(
            shown("/usr/bin/docker", &arguments),
            [
                "run",
                "-i",
                "-e",
                "A=?",
                "-e",
                "B",
                "ghcr.io/x/y",
                "--port=?",
                "--pin",
                "?",
                "?",
                "?"
            ]
        );
        let launched = ["--server", "x", "--", "npx", "-y", "package", "hunter2"];
        let hidden: Vec<bool> = sights_launched(&launched)
            .into_iter()
            .map(|sight| sight == Sight::Hidden)
            .collect();
        assert_eq!(hidden, [false, true, false, false, false, false, true]);
    }
}
