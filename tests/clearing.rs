//! `secrets import --delete-source`: what becomes of the `.env`, what a launch makes of it, and how it comes back.

use mcp_launch_testkit::{Canary, Scratch};
use serde_json::Value;

use crate::import::{names, said, sealed};
use crate::support::{Finished, launch};

const IMPORT: [&str; 4] = ["import", "--to", "sealed", "--yes"];
const PRINT: [&str; 4] = ["--", "/bin/sh", "-c", "printf %s \"$X\""];

fn read(scratch: &Scratch) -> String {
    std::fs::read_to_string(scratch.home().join(".env")).unwrap()
}

#[track_caller]
fn cleared(scratch: &Scratch, how: &str) -> String {
    let done = said(scratch, &[&IMPORT[..], &[how]].concat());
    assert_eq!(done.code, Some(0), "{}", done.stderr);
    done.stderr
}

fn restore(scratch: &Scratch, arguments: &[&str]) -> Finished {
    let mut command = launch(scratch, ["restore", "--yes"]);
    Finished::of(command.args(arguments))
}

/// What a server gets for `placeholder`.
fn launched(scratch: &Scratch, options: &[&str], placeholder: &str) -> String {
    let mut command = launch(scratch, options);
    command.args(PRINT).env("X", placeholder);
    Finished::of(&mut command).success()
}

const FILES: [(&str, &str, &str); 4] = [
    (
        "# head\n\nexport A=one # first\n  B='two words'\n# between\nA=\"last\"\nPORT=1\n",
        "# head\n\nexport A='$<A>' # first\n  B='$<B>'\n# between\nA='$<A>'\nPORT='$<PORT>'\n",
        "# head\n\n# between\n",
    ),
    (
        "\u{FEFF}A=one\r\n# c\r\nB=two\r\n",
        "\u{FEFF}A='$<A>'\r\n# c\r\nB='$<B>'\r\n",
        "\u{FEFF}# c\r\n",
    ),
    ("A=one\n# c\nB=two", "A='$<A>'\n# c\nB='$<B>'", "# c\n"),
    (
        "A='three\nlines\nhere'\nB=x\nE=\n",
        "A='$<A>'\nB='$<B>'\nE=\n",
        "E=\n",
    ),
];

#[test]
fn references_or_nothing_stand_in_the_places_of_the_values_and_all_else_stays() {
    for (text, referring, removed) in FILES {
        for (how, expected) in [
            ("--delete-source", referring),
            ("--delete-source=refer", referring),
            ("--delete-source=remove", removed),
        ] {
            let scratch = Scratch::new();
            let file = scratch.write(".env", text);
            let told = cleared(&scratch, how);
            assert_eq!(read(&scratch), expected);
            let back = format!("back again: mcp-launch restore {}", file.display());
            assert!(told.contains(&back), "{told}");
            let put_back = restore(&scratch, &[file.to_str().unwrap()]);
            put_back.success();
            assert_eq!(read(&scratch), text);
            assert_ne!(names(&scratch), [""; 0], "the store keeps the values");
        }
    }
}

/// Names and `.env` as they are after the import, in the words that the import says.
#[test]
fn a_launch_resolves_what_was_written_with_the_file_named_or_not() {
    let scratch = Scratch::new();
    scratch.write(".env", "API_KEY='a key'\nURL=https://h/p\nPORT=80\n");
    cleared(&scratch, "--delete-source");
    for options in [&[][..], &["--env-file", ".env"]] {
        for (placeholder, value) in [
            ("$<API_KEY>", "a key"),
            ("$<dotenv:API_KEY>", "a key"),
            ("$<URL> $<PORT>", "https://h/p 80"),
        ] {
            assert_eq!(launched(&scratch, options, placeholder), value);
        }
    }
}

#[test]
fn a_prefix_needs_the_file_to_be_named_and_that_is_said() {
    let scratch = Scratch::new();
    let file = scratch.write(".env", "KEY=value\n");
    let done = said(
        &scratch,
        &[&IMPORT[..], &["--prefix", "MY_", "--delete-source"]].concat(),
    );
    assert_eq!(read(&scratch), "KEY='$<MY_KEY>'\n");
    for part in [
        "write $<MY_KEY> where the value of MY_KEY goes".to_owned(),
        format!(
            "only where the file is named: mcp-launch --env-file {}",
            file.display()
        ),
    ] {
        assert!(done.stderr.contains(&part), "no {part} in {}", done.stderr);
    }
    assert_eq!(launched(&scratch, &[], "$<MY_KEY>"), "value");
    assert_eq!(
        launched(&scratch, &["--env-file", ".env"], "$<KEY>"),
        "value"
    );
    let mut unnamed = launch(&scratch, PRINT);
    let told = Finished::of(unnamed.env("X", "$<KEY>")).not_started();
    assert!(told.contains("nobody named"), "{told}");
}

#[test]
fn only_our_lines_go_back_once_a_person_has_written_the_file() {
    let scratch = Scratch::new();
    let file = scratch.write(".env", "# head\nexport A=one # c\nB='two'\nC=three\nA=last");
    cleared(&scratch, "--delete-source");
    let edited = read(&scratch).replace("B='$<B>'", "B=mine") + "\nNEW=1\n";
    scratch.write(".env", edited);
    let partly = restore(&scratch, &[file.to_str().unwrap()]);
    for part in [
        "only the edits of mcp-launch are reversed",
        "written since: B\n",
    ] {
        assert!(partly.stdout.contains(part), "{}", partly.stdout);
    }
    assert_eq!(partly.code, Some(1));
    assert_eq!(
        read(&scratch),
        "# head\nexport A=one # c\nB=mine\nC=three\nA=last\nNEW=1\n"
    );

    let scratch = Scratch::new();
    let file = scratch.write(".env", "A=one\n# c\nB=two\nC=three\n");
    cleared(&scratch, "--delete-source=remove");
    scratch.write(".env", read(&scratch) + "B=mine");
    let partly = restore(&scratch, &[file.to_str().unwrap()]);
    assert!(
        partly.stdout.contains("written since: B\n"),
        "{}",
        partly.stdout
    );
    assert_eq!(partly.code, Some(1));
    assert_eq!(read(&scratch), "# c\nB=mine\nA=one\nC=three\n");
}

#[test]
fn what_a_person_has_written_over_stays_in_the_store() {
    let scratch = Scratch::new();
    scratch.write(".env", "A=one\nB=two\n");
    cleared(&scratch, "--delete-source");
    scratch.write(".env", read(&scratch).replace("B='$<B>'", "B=mine"));
    let partly = restore(&scratch, &["--all"]);
    assert_eq!(partly.code, Some(1));
    assert!(
        partly.stderr.contains("put back in part"),
        "{}",
        partly.stderr
    );
    assert_eq!(read(&scratch), "A=one\nB=mine\n");
    assert_eq!(names(&scratch), ["A", "B"]);
    restore(&scratch, &["--all", "--forget"]).success();
    assert_eq!(read(&scratch), "A=one\nB=mine\n");
    assert_eq!(names(&scratch), ["A", "B"]);
}

#[test]
fn two_imports_of_a_file_go_back_together() {
    let scratch = Scratch::new();
    let text = "A=one # c\nB=two\nC=three";
    let file = scratch.write(".env", text);
    for name in ["A", "C"] {
        let import = [&IMPORT[..], &["--delete-source", "--only", name]].concat();
        said(&scratch, &import).success();
    }
    assert_eq!(read(&scratch), "A='$<A>' # c\nB=two\nC='$<C>'");
    restore(&scratch, &[file.to_str().unwrap()]).success();
    assert_eq!(read(&scratch), text);

    for name in ["A", "C"] {
        let import = [&IMPORT[..], &["--delete-source", "--only", name]].concat();
        said(&scratch, &import).success();
    }
    scratch.write(".env", read(&scratch) + "\nNEW=1\n");
    restore(&scratch, &["--all"]).success();
    assert_eq!(read(&scratch), format!("{text}\nNEW=1\n"));
    // The first import was not part of what was taken back the second time.
    assert_eq!(names(&scratch), ["A", "C"]);
}

#[test]
fn restoring_all_leaves_no_trace_of_an_import() {
    let scratch = Scratch::new();
    let text = "A=one\nB=two\n";
    scratch.write(".env", text);
    cleared(&scratch, "--delete-source");
    assert_eq!(names(&scratch), ["A", "B"]);
    // What is another value by now is not ours to remove.
    let mut set = crate::import::secrets(&scratch, &["set", "B", "--store", "sealed"]);
    assert_eq!(crate::support::with_input(&mut set, "newer").code, Some(0));
    restore(&scratch, &["--all"]).success();
    assert_eq!(read(&scratch), text);
    assert_eq!(names(&scratch), ["B"]);

    let scratch = Scratch::new();
    scratch.write(".env", text);
    cleared(&scratch, "--delete-source");
    restore(&scratch, &["--all"]).success();
    assert_eq!(read(&scratch), text);
    assert_eq!(names(&scratch), [""; 0]);
}

#[test]
fn a_value_that_was_there_before_stays_when_all_is_restored() {
    let scratch = Scratch::new();
    scratch.write(".env", "A=one\nB=two\n");
    said(&scratch, &[&IMPORT[..], &["--only", "A"]].concat()).success();
    cleared(&scratch, "--delete-source");
    restore(&scratch, &["--all"]).success();
    assert_eq!(names(&scratch), ["A"]);
    assert_eq!(sealed(&scratch, "A").success(), "one");
}

#[test]
fn a_file_that_cannot_be_cleared_moves_nothing() {
    let scratch = Scratch::new();
    scratch.write("app.json", "{\"A\": \"one\"}");
    let json = said(
        &scratch,
        &[
            "import",
            "app.json",
            "--to",
            "sealed",
            "--yes",
            "--delete-source",
        ],
    );
    assert_eq!(json.code, Some(1));
    assert!(
        json.stderr.contains("clears a .env file"),
        "{}",
        json.stderr
    );
    // The quote that is not closed holds what follows for some readers.
    let text = "A=one\nB=it's\nC=two\n";
    scratch.write(".env", text);
    let tangled = said(
        &scratch,
        &[&IMPORT[..], &["--only", "A", "--delete-source"]].concat(),
    );
    if tangled.code == Some(0) {
        assert_eq!(read(&scratch), "A='$<A>'\nB=it's\nC=two\n");
    } else {
        assert_eq!(read(&scratch), text);
        assert_eq!(names(&scratch), [""; 0], "{}", tangled.stderr);
    }
}

fn git(scratch: &Scratch, arguments: &[&str]) {
    let mut command = scratch.command("git");
    command.args(["-c", "user.name=a", "-c", "user.email=a@example"]);
    Finished::of(command.args(arguments)).success();
}

#[test]
fn copies_that_are_left_over_are_told_by_name() {
    let (scratch, canary, other) = (Scratch::new(), Canary::new(), Canary::new());
    let text = format!("KEY='{}'\nOTHER='{}'\n", canary.value(), other.value());
    for file in [".env", ".env.bak", ".env~"] {
        scratch.write(file, &text);
    }
    scratch.write(".env.local", format!("MINE='{}'\n", canary.value()));
    scratch.write("innocent.txt", "nothing");
    git(&scratch, &["init", "--quiet"]);
    git(&scratch, &["add", ".env"]);
    git(&scratch, &["commit", "--quiet", "-m", "one"]);
    let told = cleared(&scratch, "--delete-source");
    canary.assert_absent("what was said", &told);
    for part in [
        ".env.bak (a copy) has KEY, OTHER\n",
        ".env~ (an editor's backup) has KEY, OTHER\n",
        ".env.local (another file of this sort) has KEY\n",
        "git's index, for the next commit, has KEY, OTHER\n",
        "git's history has KEY, OTHER",
        "rotate these secrets",
    ] {
        assert!(told.contains(part), "no {part} in {told}");
    }
    assert!(!told.contains("innocent"), "{told}");

    scratch.write(".env", &text);
    let json = said(&scratch, &[&IMPORT[..], &["--json"]].concat()).success();
    canary.assert_absent("the JSON", &json);
    let json: Value = serde_json::from_str(&json).unwrap();
    let mut kinds: Vec<&str> = json["done"]["leftovers"]
        .as_array()
        .unwrap()
        .iter()
        .map(|left| left["kind"].as_str().unwrap())
        .collect();
    kinds.sort_unstable();
    assert_eq!(kinds, ["file", "file", "file", "git-history", "git-index"]);
}

#[test]
fn a_file_that_git_would_take_is_mentioned() {
    let scratch = Scratch::new();
    scratch.write(".env", "A=a-value-of-some-length\n");
    git(&scratch, &["init", "--quiet"]);
    let told = said(&scratch, &IMPORT).stderr;
    assert!(told.contains("write .env into .gitignore"), "{told}");
    scratch.write(".gitignore", ".env\n");
    let told = said(&scratch, &IMPORT).stderr;
    assert!(!told.contains("gitignore"), "{told}");
    scratch.write(".gitignore", "");
    let told = cleared(&scratch, "--delete-source");
    assert!(!told.contains("gitignore"), "{told}");
}
