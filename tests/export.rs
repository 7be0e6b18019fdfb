//! `secrets export`: formats that come back as they were, and a question before plain text leaves.

use std::os::unix::fs::PermissionsExt as _;

use mcp_launch_testkit::{Canary, Scratch};

use crate::import::{names, said, sealed, secrets};
use crate::support::{Finished, at_terminal, with_input};

const VALUES: [(&str, &str); 7] = [
    ("BACKSLASH", "C:\\dir\\x"),
    ("DOLLAR", "pa$sw0rd-`id`"),
    ("JSON", "{\"k\": [1, \"two\"]}"),
    ("LINES", "-----BEGIN X-----\nabc\n-----END X-----\n"),
    ("PLAIN", "value"),
    ("QUOTES", "it's"),
    ("SPACES", " two words # no comment "),
];

fn filled(values: &[(&str, &str)]) -> Scratch {
    let scratch = Scratch::new();
    for (name, value) in values {
        let mut set = secrets(&scratch, &["set", name, "--store", "sealed", "--raw"]);
        assert_eq!(with_input(&mut set, value).code, Some(0));
    }
    scratch
}

fn export(scratch: &Scratch, format: &str, more: &[&str]) -> Finished {
    let export = ["export", "--from", "sealed", "--format", format, "--yes"];
    said(scratch, &[&export, more].concat())
}

#[test]
fn what_is_exported_is_imported_as_it_was() {
    for (format, file, from) in [
        ("env", "x.env", None),
        ("json", "x.json", None),
        ("yaml", "x.yaml", None),
        ("k8s-secret", "secret.yaml", None),
        ("docker", "docker.list", Some("docker")),
    ] {
        // Docker knows no line ends within a value.
        let values: Vec<(&str, &str)> = VALUES
            .into_iter()
            .filter(|(name, _)| format != "docker" || !["LINES", "SPACES"].contains(name))
            .collect();
        let scratch = filled(&values);
        let exported = export(&scratch, format, &[]);
        assert_eq!(exported.stderr, "", "{format}");
        let text = exported.success();
        let back = Scratch::new();
        back.write(file, text);
        let mut import = vec!["import", file, "--to", "sealed", "--yes"];
        import.extend(from.iter().flat_map(|from| ["--from", from]));
        let done = said(&back, &import);
        assert_eq!(done.code, Some(0), "{format}: {}", done.stderr);
        for (name, value) in &values {
            assert_eq!(&sealed(&back, name).success(), value, "{format} {name}");
        }
        assert_eq!(names(&back).len(), values.len());
    }
}

#[test]
fn a_shell_gets_what_it_evaluates() {
    let scratch = filled(&VALUES);
    let text = export(&scratch, "shell", &[]).success();
    scratch.write("values.sh", text);
    let script = ". ./values.sh; printf '%s|' \"$BACKSLASH\" \"$DOLLAR\" \"$JSON\" \"$LINES\" \"$PLAIN\" \"$QUOTES\" \"$SPACES\"; sh -c 'printf %s \"$PLAIN\"'";
    let printed = Finished::of(scratch.command("/bin/sh").args(["-c", script])).success();
    let expected: String = VALUES
        .iter()
        .map(|(_, value)| format!("{value}|"))
        .collect();
    assert_eq!(printed, expected + "value");
}

#[test]
fn nothing_leaves_in_plain_text_without_a_yes() {
    let (scratch, canary) = (Scratch::new(), Canary::shaped_like("aaaaAAAA0000aaaaAAAA"));
    let mut set = secrets(&scratch, &["set", "A", "--store", "sealed"]);
    assert_eq!(with_input(&mut set, canary.value()).code, Some(0));
    let alone = said(&scratch, &["export", "--from", "sealed", "--format", "env"]);
    assert_eq!((alone.code, alone.stdout.as_str()), (Some(1), ""));
    assert!(
        alone.stderr.contains("there is no terminal to ask on"),
        "{}",
        alone.stderr
    );
    canary.assert_absent("the error", &alone.stderr);

    let export = ["secrets", "export", "--from", "sealed", "--format", "env"];
    let refused = at_terminal(&scratch, &export, "n\n");
    assert_eq!(refused.code, Some(1), "{}", refused.stdout);
    canary.assert_absent("the terminal", &refused.stdout);
    for part in [
        "Write 1 value of the sealed store in plain text to standard output? [y/N] ",
        "nothing was written",
    ] {
        assert!(refused.stdout.contains(part), "{}", refused.stdout);
    }
    let agreed = at_terminal(&scratch, &export, "y\n");
    assert!(agreed.stdout.contains(canary.value()), "{}", agreed.stdout);

    let to_file = at_terminal(
        &scratch,
        &[&export[..], &["--output", "out.env"]].concat(),
        "y\n",
    );
    assert_eq!(to_file.code, Some(0), "{}", to_file.stdout);
    canary.assert_absent("the terminal", &to_file.stdout);
    assert!(
        to_file.stdout.contains("out.env? [y/N] "),
        "{}",
        to_file.stdout
    );
}

#[test]
fn a_file_is_readable_by_its_owner_alone_and_replaces_none() {
    let scratch = filled(&[("A", "one")]);
    let done = export(&scratch, "env", &["--output", "out.env"]);
    assert!(
        done.stderr.contains("readable by you alone"),
        "{}",
        done.stderr
    );
    assert_eq!(done.success(), "");
    let file = scratch.home().join("out.env");
    assert_eq!(std::fs::read_to_string(&file).unwrap(), "A=one\n");
    let mode = std::fs::metadata(&file).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    scratch.write("theirs", "theirs");
    std::os::unix::fs::symlink("nowhere", scratch.home().join("link")).unwrap();
    for output in ["out.env", "theirs", "link"] {
        let refused = export(&scratch, "json", &["--output", output]);
        assert_eq!(refused.code, Some(1), "{output}");
        assert!(
            refused.stderr.contains("is there already"),
            "{}",
            refused.stderr
        );
    }
    // Nobody is asked about what will not be done.
    let refused = said(
        &scratch,
        &[
            "export", "--from", "sealed", "--format", "env", "--output", "theirs",
        ],
    );
    assert!(
        refused.stderr.contains("is there already"),
        "{}",
        refused.stderr
    );
    assert_eq!(
        std::fs::read_to_string(scratch.home().join("theirs")).unwrap(),
        "theirs"
    );
    assert!(!scratch.home().join("nowhere").exists());
}

#[test]
fn what_a_format_cannot_hold_is_not_exported_in_part() {
    let scratch = filled(&[("A", "one"), ("BAD", "two\nlines"), ("C.D", "x")]);
    for (format, part) in [("docker", "BAD"), ("shell", "C.D")] {
        let refused = export(&scratch, format, &[]);
        assert_eq!(
            (refused.code, refused.stdout.as_str()),
            (Some(1), ""),
            "{format}"
        );
        for part in [part, "nothing was written", "--except"] {
            assert!(
                refused.stderr.contains(part),
                "{format}: {}",
                refused.stderr
            );
        }
    }
    let some = export(&scratch, "docker", &["--except", "BAD,C.*"]).success();
    assert_eq!(some, "A=one\n");
    let none = export(&scratch, "json", &["--only", "X*"]);
    assert!(
        none.stderr.contains("there is no `X*` among the names"),
        "{}",
        none.stderr
    );
    let named = export(&scratch, "k8s-secret", &["--only", "A", "--name", "mcp"]).success();
    assert!(
        named.contains("name: mcp\n") || named.contains("name: \"mcp\"\n"),
        "{named}"
    );
}

#[test]
fn a_shell_gets_no_variable_that_makes_it_run_something() {
    for name in ["PATH", "LD_PRELOAD", "BASH_ENV"] {
        let scratch = filled(&[("A", "one"), (name, "/tmp/x")]);
        for format in ["shell", "env"] {
            let refused = export(&scratch, format, &[]);
            assert_eq!(
                (refused.code, refused.stdout.as_str()),
                (Some(1), ""),
                "{format}"
            );
            assert!(refused.stderr.contains(name), "{}", refused.stderr);
        }
        export(&scratch, "json", &[]).success();
    }
}

#[test]
fn an_empty_store_has_nothing_to_export() {
    let scratch = Scratch::new();
    let empty = export(&scratch, "env", &[]);
    assert_eq!((empty.code, empty.stdout.as_str()), (Some(1), ""));
    assert!(empty.stderr.contains("sealed store"), "{}", empty.stderr);
}
