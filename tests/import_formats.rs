//! `secrets import` of what other tools write, from a file and from a pipe.

use std::process::Command;

use mcp_launch_testkit::{Canary, Scratch};

use crate::import::{names, said, sealed, secrets};
use crate::support::{Finished, at_terminal, installed, python, with_input};

/// A file of a tool, the option that names its format where it is piped, and values that are in it.
struct Example {
    file: &'static str,
    text: &'static str,
    piped: &'static [&'static str],
    values: &'static [(&'static str, &'static str)],
    except: &'static str,
}

macro_rules! example {
    ($file:literal, $piped:expr, $except:literal, $values:expr) => {
        Example {
            file: $file,
            text: include_str!(concat!("../crates/exchange/tests/examples/", $file)),
            piped: $piped,
            values: $values,
            except: $except,
        }
    };
}

const EXAMPLES: [Example; 8] = [
    example!(
        "doppler-download.json",
        &[],
        "",
        &[
            ("API_KEY", "example-api-key"),
            ("DATABASE_URL", "postgres://u:example@db.example/app"),
        ]
    ),
    example!(
        "onepassword-item.json",
        &[],
        "",
        &[("GITHUB_TOKEN", "ghp_example_production")]
    ),
    example!(
        "bitwarden-export.json",
        &[],
        "",
        &[
            ("GITHUB_TOKEN", "ghp_example"),
            (
                "DEPLOY_KEY",
                "-----BEGIN EXAMPLE-----\nexample\n-----END EXAMPLE-----\n"
            ),
        ]
    ),
    example!(
        "kubernetes-secret.yaml",
        &["--from", "k8s-secret"],
        "broken",
        &[
            ("password", "example password"),
            ("both", "new"),
            ("TLS_CRT", "example cert")
        ]
    ),
    example!(
        "fnox.toml",
        &["--from", "fnox"],
        "PART,TO_BE_SET",
        &[
            ("NODE_ENV", "development"),
            ("API_URL", "https://api.example"),
            ("LONG_FORM", "two\nlines"),
        ]
    ),
    example!(
        "docker.list",
        &["--from", "docker"],
        "FROM_OUTSIDE",
        &[
            ("TOKEN", "the last one counts"),
            ("QUOTED", "\"with quotes\"")
        ]
    ),
    example!("flat.json", &[], "lower-case name", &[]),
    example!("plain.env", &["--from", "env"], "AMBIGUOUS", &[]),
];

#[test]
fn each_tools_export_is_read_from_a_file_and_from_a_pipe() {
    for example in EXAMPLES {
        let mut read: Vec<Vec<String>> = Vec::new();
        for piped in [false, true] {
            let scratch = Scratch::new();
            scratch.write(example.file, example.text);
            let mut import = vec!["import", if piped { "-" } else { example.file }];
            import.extend(["--to", "sealed", "--yes"]);
            // Of Docker's format only the option tells.
            if piped || example.file == "docker.list" {
                import.extend(example.piped);
            }
            if !example.except.is_empty() {
                import.extend(["--except", example.except]);
            }
            let done = with_input(&mut secrets(&scratch, &import), example.text);
            assert_eq!(done.code, Some(0), "{}: {}", example.file, done.stderr);
            for (name, value) in example.values {
                assert_eq!(&sealed(&scratch, name).success(), value, "{}", example.file);
            }
            read.push(names(&scratch));
        }
        assert!(!read[0].is_empty(), "{}", example.file);
        assert_eq!(read[0], read[1], "{}", example.file);
        assert!(!read[0].iter().any(|name| name.starts_with("DOPPLER_")));
    }
}

#[test]
fn names_without_values_are_asked_for() {
    let (scratch, canary) = (Scratch::new(), Canary::shaped_like("aaaaAAAA0000aaaaAAAA"));
    let text = "[project]\nname = \"x\"\n[profiles.default]\nFIRST = { description = \"a\" }\nSECOND = { description = \"b\" }\n";
    scratch.write("secretspec.toml", text);
    let alone = said(
        &scratch,
        &["import", "secretspec.toml", "--to", "sealed", "--yes"],
    );
    assert_eq!(alone.code, Some(1));
    for part in ["the name FIRST only", "run it in a terminal", "--except"] {
        assert!(alone.stderr.contains(part), "{}", alone.stderr);
    }
    let typed = at_terminal(
        &scratch,
        &["secrets", "import", "secretspec.toml", "--to", "sealed"],
        &format!("{}\n\ny\n", canary.value()),
    );
    assert_eq!(typed.code, Some(0), "{}", typed.stdout);
    canary.assert_absent("the terminal", &typed.stdout);
    assert!(
        typed.stdout.contains("SECOND stays: nothing was typed"),
        "{}",
        typed.stdout
    );
    assert_eq!(names(&scratch), ["FIRST"]);
    assert_eq!(sealed(&scratch, "FIRST").success(), canary.value());
}

#[test]
fn what_is_piped_is_asked_about_on_the_terminal() {
    let scratch = Scratch::new();
    let script = scratch.write("terminal.py", include_str!("clients/terminal.py"));
    let piped = |answer: &str| {
        let mut command: Command = scratch.command(python());
        command.arg(&script);
        command.args([
            "/bin/sh",
            "-c",
            "echo '{\"A\": \"one\"}' | \"$LAUNCH\" secrets import - --to sealed",
        ]);
        with_input(command.env("LAUNCH", installed(&scratch)), answer)
    };
    let refused = piped("n\n");
    assert_eq!(refused.code, Some(1), "{}", refused.stdout);
    assert!(
        refused
            .stdout
            .contains("Write 1 value into the sealed store? [y/N] ")
    );
    let agreed = piped("y\n");
    assert_eq!(agreed.code, Some(0), "{}", agreed.stdout);
    assert_eq!(sealed(&scratch, "A").success(), "one");
}

#[test]
fn what_the_tools_cannot_have_written_is_refused_without_its_text() {
    let (scratch, canary) = (Scratch::new(), Canary::shaped_like("aaaaAAAA0000aaaaAAAA"));
    let value = canary.value();
    for (file, text, part) in [
        ("a.json", format!("{{\"A\": \"{value}\""), "not well formed"),
        ("a.json", format!("{{\"A\": {{\"B\": \"{value}\"}}}}"), ""),
        (
            "a.json",
            format!("{{\"A\": \"{value}\", \"A\": \"{value}\"}}"),
            "twice",
        ),
        ("a.yaml", format!("A: \"{value}\n"), ""),
        (
            "a.yaml",
            format!("A: &x {value}\nB: *x\n---\nC: {value}\n"),
            "",
        ),
        (
            "fnox.toml",
            format!("[secrets]\nA = {value}\n"),
            "not well formed",
        ),
        (
            "enc.json",
            include_str!("../crates/exchange/tests/examples/bitwarden-encrypted.json").to_owned(),
            "encrypted",
        ),
        ("prose.txt", format!("{value}\n"), "format"),
    ] {
        scratch.write(file, &text);
        for format in [
            &[][..],
            &["--from", "json"],
            &["--from", "docker"],
            &["--from", "1password"],
        ] {
            let import = [
                &["import", file, "--to", "sealed", "--yes", "--dry-run"],
                format,
            ]
            .concat();
            let refused: Finished = said(&scratch, &import);
            // To Docker, a word alone is a name.
            if file != "prose.txt" {
                canary.assert_absent(file, refused.stdout.clone() + &refused.stderr);
            }
            if format.is_empty() {
                assert_eq!(refused.code, Some(1), "{text}: {}", refused.stdout);
                assert!(refused.stderr.contains(part), "{text}: {}", refused.stderr);
                assert!(
                    refused.stderr.contains("hint: "),
                    "{text}: {}",
                    refused.stderr
                );
            }
        }
    }
}
