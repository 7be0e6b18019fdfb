//! No value that moves is in anything that is said, in an argument of a helper, in a temporary file or in a record.

use std::path::{Path, PathBuf};

use mcp_launch_testkit::{Canary, Scratch};

use crate::import::{said, secrets};
use crate::support::{Finished, launch, with_input};

/// Fails when the value is in what was said, or in a file that is none of `planted`.
#[track_caller]
fn assert_quiet(scratch: &Scratch, canary: &Canary, finished: &Finished, planted: &[&Path]) {
    canary.assert_absent("standard output", &finished.stdout);
    canary.assert_absent("standard error", &finished.stderr);
    assert!(!finished.stderr.contains("panicked"), "{}", finished.stderr);
    for folder in [scratch.home(), scratch.temp()] {
        for sighting in canary.find_under(&folder) {
            let file = sighting.file.as_deref().unwrap_or(Path::new(""));
            assert!(
                planted.contains(&file),
                "the value is in a file: {sighting}"
            );
        }
    }
}

/// A `git` before the real one that writes down how it was called and what it was given.
fn watched_git(scratch: &Scratch) -> (PathBuf, PathBuf) {
    let log = scratch.temp().join("git-calls");
    let script = format!(
        "#!/bin/sh\n{{ for word in \"$@\"; do printf '%s\\n' \"$word\"; done; env; }} >>'{0}'\n\
         PATH=${{PATH#*:}}\nexec git \"$@\"\n",
        log.display()
    );
    let program = scratch.script("watched/git", &script);
    (program.parent().unwrap().to_owned(), log)
}

#[test]
fn an_import_shows_its_values_to_nobody() {
    let (scratch, canary) = (Scratch::new(), Canary::new());
    let file = scratch.write(".env", format!("A='{0}'\nB='x {0} y'\n", canary.value()));
    let (folder, calls) = watched_git(&scratch);
    let path = format!("{}:/usr/bin:/bin", folder.display());
    Finished::of(scratch.command("git").args(["init", "--quiet"])).success();
    let import = ["import", "--to", "sealed", "--json"];
    for (more, code) in [
        (&["--dry-run"][..], 0),
        (&[], 1),
        (&["--yes"], 0),
        (&["--yes", "--prefix", "$"], 1),
        (&["--yes", "--only", canary.value()], 1),
    ] {
        let mut command = secrets(&scratch, &[&import, more].concat());
        let finished = Finished::of(command.env("PATH", &path));
        assert_eq!(finished.code, Some(code), "{more:?} {}", finished.stderr);
        // What a person types as a pattern is repeated.
        if !more.contains(&"--only") {
            assert_quiet(&scratch, &canary, &finished, &[&file]);
        }
    }
    assert!(calls.exists(), "git was asked");
    let mut command = secrets(
        &scratch,
        &["import", "--to", "sealed", "--yes", "--delete-source"],
    );
    let finished = Finished::of(command.env("PATH", &path));
    assert_quiet(&scratch, &canary, &finished, &[]);
    finished.success();
    let told = Finished::of(&mut launch(&scratch, ["restore", "--all", "--dry-run"]));
    assert_quiet(&scratch, &canary, &told, &[]);
    // Changed by somebody, the file goes back line by line.
    let edited = std::fs::read_to_string(&file).unwrap() + "C=1\n";
    scratch.write(".env", edited);
    let told = Finished::of(&mut launch(&scratch, ["restore", "--all", "--yes"]));
    assert_quiet(&scratch, &canary, &told, &[&file]);
    told.success();
}

#[test]
fn conflicts_and_broken_sources_are_told_without_their_values() {
    let (scratch, canary) = (Scratch::new(), Canary::shaped_like("aaaaAAAA0000aaaaAAAA"));
    let value = canary.value();
    let mut set = secrets(&scratch, &["set", "A", "--store", "sealed"]);
    assert_eq!(with_input(&mut set, "another").code, Some(0));
    for (name, text) in [
        (".env", format!("A={value}\n")),
        (".env", format!("A=\"{value}\n")),
        (".env", format!("A={value}$(x)\n")),
        (".env", format!("{value}\n={value}\n")),
        (".env", format!("{value}=1\nif x; then A={value}; fi\n")),
        ("x.json", format!("{{\"{value}\": [\"{value}\"]}}")),
        (
            "x.json",
            format!("{{\"A\": \"{value}\", \"A\": \"\\u{{1}}{value}\"}}"),
        ),
        ("x.yaml", format!("A: !!binary {value}\n  B: {value}\n")),
        (
            "fnox.toml",
            format!("[secrets]\nA = {{ value = \"{value}\", }}\n[[x]]\n\"{value}"),
        ),
        ("s.yaml", format!("kind: Secret\ndata:\n  A: {value}!\n")),
    ] {
        let file = scratch.write(name, &text);
        for more in [&[][..], &["--json"], &["--delete-source"]] {
            let import = ["import", name, "--to", "sealed", "--yes"];
            let finished = said(&scratch, &[&import, more].concat());
            // The name of a value may be told.
            if !text.starts_with(&format!("{value}=")) {
                assert_quiet(&scratch, &canary, &finished, &[&file]);
            }
            assert_ne!(finished.code, Some(101), "{text}: {}", finished.stderr);
        }
        std::fs::remove_file(file).unwrap();
    }
}

#[test]
fn copies_and_exports_say_nothing_beside_the_data() {
    let (scratch, canary) = (
        Scratch::new(),
        Canary::shaped_like("aaaaAAAA0000aaaaAAAA\naaaaAAAA0000aaaaAAAA"),
    );
    let mut set = secrets(&scratch, &["set", "A", "--store", "sealed", "--raw"]);
    assert_eq!(with_input(&mut set, canary.value()).code, Some(0));
    let out = scratch.home().join("out.env");
    for (arguments, planted) in [
        (
            &["export", "--from", "sealed", "--format", "docker", "--yes"][..],
            None,
        ),
        (&["export", "--from", "sealed", "--format", "env"], None),
        (&["copy", "sealed", "dotenv:no-folder/x", "--yes"], None),
        (
            &["copy", "sealed", "dotenv:out.env", "--yes", "--json"],
            Some(&out),
        ),
        (
            &[
                "copy",
                "dotenv:out.env",
                "sealed",
                "--yes",
                "--prefix",
                "B_",
            ],
            Some(&out),
        ),
        (
            &[
                "export", "--from", "sealed", "--format", "json", "--output", "out.env", "--yes",
            ],
            Some(&out),
        ),
    ] {
        let finished = said(&scratch, arguments);
        let planted: Vec<&Path> = planted.into_iter().map(PathBuf::as_path).collect();
        assert_quiet(&scratch, &canary, &finished, &planted);
    }
}
