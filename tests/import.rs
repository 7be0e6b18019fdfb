//! `secrets import`: what is planned, asked, written, read back and refused.

use std::process::Command;

use mcp_launch_testkit::{Canary, Scratch};
use serde_json::{Value, json};

use crate::support::{Finished, at_terminal, installed, launch};

const SETTINGS: &str = ".config/mcp-launch/config.toml";
const SEALED: [&str; 2] = ["--to", "sealed"];

/// `mcp-launch secrets ARGUMENTS`, with nobody at a terminal.
pub(crate) fn secrets(scratch: &Scratch, arguments: &[&str]) -> Command {
    let mut command = scratch.command("setsid");
    command.arg("--wait").arg(installed(scratch));
    command.arg("secrets").args(arguments);
    command
}

/// How `secrets ARGUMENTS` ends.
pub(crate) fn said(scratch: &Scratch, arguments: &[&str]) -> Finished {
    Finished::of(&mut secrets(scratch, arguments))
}

/// The value called `name` in the sealed store, or what is said instead.
pub(crate) fn sealed(scratch: &Scratch, name: &str) -> Finished {
    said(scratch, &["get", name, "--store", "sealed"])
}

/// The names in the sealed store.
pub(crate) fn names(scratch: &Scratch) -> Vec<String> {
    let list = said(scratch, &["list", "--store", "sealed"]);
    let name = |line: &str| line.split('\t').next().unwrap_or_default().to_owned();
    list.stdout.lines().map(name).collect()
}

#[test]
fn the_values_of_an_env_file_are_in_the_store_and_still_in_the_file() {
    let scratch = Scratch::new();
    let text = "# app\nA=one\nexport B='two words'\nC=\"it's\"\nPORT=8080\n";
    let file = scratch.write(".env", text);
    let done = said(&scratch, &["import", "--to", "sealed", "--yes"]);
    for part in [
        "4 values are in the sealed store, each read back and compared\n",
        "in a client's config, write $<A> where the value of A goes, and so with the others\n",
        "still has the values; to clear it: mcp-launch secrets import .env --to sealed --delete-source\n",
    ] {
        assert!(done.stderr.contains(part), "no {part} in {}", done.stderr);
    }
    let plan = done.success();
    for part in [
        "to the sealed store:",
        "  A     under 8 bytes  new",
        "  B          9 bytes  new",
    ] {
        assert!(plan.contains(part), "no {part} in {plan}");
    }
    for (name, value) in [
        ("A", "one"),
        ("B", "two words"),
        ("C", "it's"),
        ("PORT", "8080"),
    ] {
        assert_eq!(sealed(&scratch, name).success(), value);
    }
    assert_eq!(std::fs::read_to_string(file).unwrap(), text);

    // A second run has nothing to do, and need not ask.
    let again = said(&scratch, &["import", "--to", "sealed"]);
    assert!(
        again.stderr.contains("(4 had been there already)"),
        "{}",
        again.stderr
    );
    assert!(
        again
            .success()
            .contains("A     under 8 bytes  there already")
    );
}

#[test]
fn nothing_is_done_without_a_yes() {
    let scratch = Scratch::new();
    scratch.write(".env", "A=one\n");
    let alone = said(&scratch, &["import", "--to", "sealed"]);
    assert_eq!(alone.code, Some(1));
    for part in [
        "there is no terminal to ask on, so nothing was done",
        "--yes",
    ] {
        assert!(alone.stderr.contains(part), "{}", alone.stderr);
    }
    let import = ["secrets", "import", "--to", "sealed"];
    for answer in ["n", "", "yess"] {
        let refused = at_terminal(&scratch, &import, &format!("{answer}\n"));
        assert_eq!(refused.code, Some(1), "{}", refused.stdout);
        for part in [
            "Write 1 value into the sealed store? [y/N] ",
            "nothing was done",
        ] {
            assert!(refused.stdout.contains(part), "{}", refused.stdout);
        }
    }
    let dry = said(&scratch, &["import", "--to", "sealed", "--dry-run"]).success();
    assert!(dry.ends_with("a dry run: nothing was written\n"), "{dry}");
    let dry = said(
        &scratch,
        &["import", "--to", "sealed", "--dry-run", "--delete-source"],
    );
    dry.success();
    assert!(
        !scratch.home().join(".local").exists(),
        "something was written"
    );
    assert_eq!(
        std::fs::read_to_string(scratch.home().join(".env")).unwrap(),
        "A=one\n"
    );

    let agreed = at_terminal(&scratch, &import, "y\n");
    assert_eq!(agreed.code, Some(0), "{}", agreed.stdout);
    assert_eq!(sealed(&scratch, "A").success(), "one");
}

#[test]
fn json_has_the_same_fields_whether_it_is_done_or_not() {
    let scratch = Scratch::new();
    let file = scratch.write(".env", "A=one\nB=a-longer-value\nE=\nR='$<R>'\n");
    let json = |more: &[&str]| -> Value {
        let arguments = [&["import", "--to", "sealed", "--json"], more].concat();
        serde_json::from_str(&said(&scratch, &arguments).success()).unwrap()
    };
    let mut expected = json!({
        "source": { "path": file, "format": "env" },
        "store": "sealed",
        "values": [
            { "name": "A", "placeholder": "$<A>", "bytes": null, "there": "nothing" },
            { "name": "B", "placeholder": "$<B>", "bytes": 14, "there": "nothing" },
        ],
        "skipped": [
            { "name": "E", "why": "empty" },
            { "name": "R", "why": "a reference already" },
        ],
        "done": null,
    });
    assert_eq!(json(&["--dry-run"]), expected);
    expected["done"] = json!({ "written": 2, "cleared": null, "leftovers": [] });
    assert_eq!(json(&["--yes"]), expected);
    expected["values"][0]["there"] = json!("same");
    expected["values"][1]["there"] = json!("same");
    expected["done"] = json!({
        "written": 0,
        "cleared": { "path": file, "how": "refer" },
        "leftovers": [],
    });
    assert_eq!(json(&["--yes", "--delete-source"]), expected);
    let nothing = json(&["--yes", "--delete-source"]);
    assert_eq!(nothing["values"], json!([]));
    assert_eq!(nothing["done"], Value::Null);
    assert_eq!(nothing["skipped"].as_array().unwrap().len(), 4);
}

#[test]
fn another_value_is_not_replaced_and_both_are_told_apart() {
    let (scratch, theirs, ours) = (Scratch::new(), Canary::new(), Canary::new());
    scratch.write(
        "theirs",
        format!("A='{0}'\nB='{0}'\nC=same\n", theirs.value()),
    );
    said(
        &scratch,
        &[
            "import", "theirs", "--from", "env", "--to", "sealed", "--yes",
        ],
    )
    .success();
    let before = scratch.write(
        ".env",
        format!("A='{0}'\nB='{0}'\nC=same\nD=new\n", ours.value()),
    );
    for more in [&[][..], &["--json"], &["--dry-run"], &["--delete-source"]] {
        let refused = said(
            &scratch,
            &[&["import", "--yes"], &SEALED[..], more].concat(),
        );
        assert_eq!(refused.code, Some(1), "{more:?}");
        let text = refused.stdout + &refused.stderr;
        theirs.assert_absent("what was said", &text);
        ours.assert_absent("what was said", &text);
        assert!(
            text.contains("other values under these names, so nothing was written"),
            "{text}"
        );
        for hint in ["--overwrite", "--except", "--prefix"] {
            assert!(text.contains(hint), "{text}");
        }
        let prints: Vec<(&str, &str)> = text
            .lines()
            .filter_map(|line| line.split_once(": fingerprint ")?.1.strip_suffix(" there"))
            .filter_map(|prints| prints.split_once(" here, "))
            .collect();
        let [(here, there), second] = prints[..] else {
            panic!("two names: {text}");
        };
        assert_eq!(
            (here, there),
            second,
            "equal values have equal fingerprints"
        );
        assert_ne!(here, there);
    }
    assert_eq!(names(&scratch), ["A", "B", "C"]);
    assert_eq!(sealed(&scratch, "A").success(), theirs.value());
    assert!(
        std::fs::read_to_string(before)
            .unwrap()
            .contains(ours.value())
    );

    let prefixed = said(
        &scratch,
        &["import", "--to", "sealed", "--yes", "--prefix", "MY_"],
    );
    prefixed.success();
    assert_eq!(sealed(&scratch, "MY_A").success(), ours.value());
    assert_eq!(sealed(&scratch, "A").success(), theirs.value());
    let replaced = said(
        &scratch,
        &["import", "--to", "sealed", "--yes", "--overwrite"],
    );
    assert!(replaced.success().contains("another value is there"));
    assert_eq!(sealed(&scratch, "A").success(), ours.value());
    assert_eq!(sealed(&scratch, "D").success(), "new");
}

#[test]
fn only_the_names_that_are_meant_move() {
    let text = "DB_URL=postgres://u:q7Rk2vXw9LmT@h.example/d\nDB_PORT=5432\nAPI_KEY=sk-proj-4fKq8ZpT1nLrYw2\nLOG_LEVEL=info\n";
    for (options, expected) in [
        (&["--only", "DB_*"][..], &["DB_PORT", "DB_URL"][..]),
        (
            &["--only", "DB_*,API_KEY"],
            &["API_KEY", "DB_PORT", "DB_URL"],
        ),
        (&["--only", "DB_*", "--except", "*_PORT"], &["DB_URL"]),
        (&["--except", "DB_*", "--except", "LOG*"], &["API_KEY"]),
        (&["--secrets-only"], &["API_KEY", "DB_URL"]),
        (&["--secrets-only", "--only", "*_PORT"], &[]),
        (&["--only", "API_KEY", "--prefix", "my."], &["my.API_KEY"]),
    ] {
        let scratch = Scratch::new();
        scratch.write(".env", text);
        let import = [&["import", "--yes"], &SEALED[..], options].concat();
        let done = said(&scratch, &import);
        assert_eq!(done.code, Some(0), "{options:?} {}", done.stderr);
        assert_eq!(names(&scratch), expected, "{options:?}");
        if let [option, patterns] = options {
            // What is proposed is about the same names.
            assert!(
                done.stderr.contains(option) && done.stderr.contains(patterns),
                "{options:?} {}",
                done.stderr
            );
        }
    }
    let scratch = Scratch::new();
    scratch.write(".env", text);
    for option in ["--only", "--except"] {
        let idle = said(
            &scratch,
            &["import", "--to", "sealed", "--yes", option, "DB_*,KEY"],
        );
        assert_eq!(idle.code, Some(1));
        assert!(
            idle.stderr.contains("there is no `KEY` among the names"),
            "{}",
            idle.stderr
        );
    }
    assert!(!scratch.home().join(".local").exists());
}

#[test]
fn what_cannot_be_told_stops_all_of_it_and_says_how_it_is_mended() {
    let (scratch, canary) = (Scratch::new(), Canary::shaped_like("aaaaAAAA0000aaaaAAAA"));
    let value = canary.value();
    scratch.write(
        ".env",
        format!("GOOD=good\nA=\"pa${value}\"\nB=two {value}\nE=\nR='$<R>'\nS='op://v/i/f'\n"),
    );
    let refused = said(&scratch, &["import", "--to", "sealed", "--yes"]);
    assert_eq!(refused.code, Some(1));
    canary.assert_absent("what was said", refused.stdout.clone() + &refused.stderr);
    for part in [
        "2 of the values cannot be told, so nothing was written",
        "A: ",
        "line 2",
        "as A='…' in single quotes",
        "B: ",
        "line 3",
        "--except NAME leaves one out",
    ] {
        assert!(
            refused.stderr.contains(part),
            "no {part} in {}",
            refused.stderr
        );
    }
    assert!(!scratch.home().join(".local").exists());
    let done = said(
        &scratch,
        &["import", "--to", "sealed", "--yes", "--except", "A,B"],
    );
    let plan = done.success();
    for part in [
        "E stays: empty",
        "R stays: a reference already",
        "S stays: a reference already",
    ] {
        assert!(plan.contains(part), "no {part} in {plan}");
    }
    assert_eq!(names(&scratch), ["GOOD"]);
}

#[test]
fn a_file_that_is_no_source_says_what_to_name() {
    let scratch = Scratch::new();
    let told = |arguments: &[&str], parts: &[&str]| {
        let refused = said(&scratch, &[&["import", "--yes"], arguments].concat());
        assert_eq!(refused.code, Some(1), "{arguments:?}");
        for part in parts {
            assert!(
                refused.stderr.contains(part),
                "{arguments:?}: {}",
                refused.stderr
            );
        }
    };
    told(&[], &["there is no ", ".env", "or - for standard input"]);
    scratch.write("prose", "hello world\n");
    told(&["prose"], &["the format cannot be told", "--from env"]);
    scratch.write(".env", "A-B=1\nok.name=2\n9=x\n");
    for to in ["env:A", "nowhere", "vault", "aws:x#y"] {
        told(&["--to", to], &["hint: "]);
    }
    for more in [&[][..], &["--delete-source=remove"]] {
        let same = [&["--to", "dotenv:./.env"], more].concat();
        told(&same, &["is the source and the target"]);
    }
    told(&["--to", "sealed:app"], &["has no parts", "sealed alone"]);
    assert!(!scratch.home().join(".local").exists());
}

/// Values go into another `.env`, where its readers agree on them.
#[test]
fn another_env_file_is_a_store_too() {
    let scratch = Scratch::new();
    scratch.write(".env", "A=one\nB='two words'\n");
    scratch.write("other.env", "# theirs\nC=3\n");
    let to = ["import", "--yes", "--to", "dotenv:other.env"];
    let done = said(&scratch, &[&to[..], &["--only", "A"]].concat());
    assert!(
        done.stderr.contains(" --only A --delete-source=remove\n"),
        "{}",
        done.stderr
    );
    let refused = said(&scratch, &[&to[..], &["--delete-source"]].concat());
    assert_eq!(refused.code, Some(1));
    assert!(
        refused.stderr.contains("--delete-source=remove"),
        "{}",
        refused.stderr
    );
    let done = said(&scratch, &[&to[..], &["--delete-source=remove"]].concat());
    let said = done.stderr.clone();
    done.success();
    let read = |name: &str| std::fs::read_to_string(scratch.home().join(name)).unwrap();
    assert_eq!(read("other.env"), "# theirs\nC=3\nA=one\nB='two words'\n");
    assert_eq!(read(".env"), "");
    let (_, named) = said
        .split_once("mcp-launch --env-file ")
        .expect("how it is used");
    let (file, _) = named.split_once(" -- COMMAND").expect("a command");
    let mut command = launch(&scratch, ["--env-file", file]);
    command.args(["--", "/bin/sh", "-c", "printf %s \"$X\""]);
    assert_eq!(
        Finished::of(command.env("X", "$<B>")).success(),
        "two words"
    );
}

/// A name that an earlier store has would find that one.
#[test]
fn a_name_that_an_earlier_store_has_is_not_used_alone() {
    let scratch = Scratch::new();
    scratch.write(SETTINGS, "order = [\"env\", \"sealed\"]\n");
    scratch.write(".env", "A=of-the-file\nB=other\n");
    let mut command = secrets(
        &scratch,
        &["import", "--to", "sealed", "--yes", "--delete-source"],
    );
    let done = Finished::of(command.env("A", "of the environment"));
    assert!(
        done.stderr.contains("write $<sealed:A> where"),
        "{}",
        done.stderr
    );
    done.success();
    let text = std::fs::read_to_string(scratch.home().join(".env")).unwrap();
    assert_eq!(text, "A='$<sealed:A>'\nB='$<B>'\n");
    let mut command = launch(&scratch, ["--", "/bin/sh", "-c", "printf %s \"$X\""]);
    command
        .env("A", "of the environment")
        .env("X", "$<dotenv:A>");
    assert_eq!(Finished::of(&mut command).success(), "of-the-file");
}

#[test]
fn a_pipe_in_the_place_of_the_file_is_refused_at_once() {
    let scratch = Scratch::new();
    let pipe = scratch.home().join(".env");
    let mut made = scratch.command("mkfifo");
    assert_eq!(Finished::of(made.arg(&pipe)).code, Some(0));
    let refused = said(&scratch, &["import", ".env", "--to", "sealed", "--yes"]);
    assert_eq!(refused.code, Some(1));
    assert!(
        refused.stderr.contains("is not a regular file"),
        "{}",
        refused.stderr
    );
}

#[test]
fn a_file_that_is_too_large_is_refused_and_not_cut() {
    let scratch = Scratch::new();
    let mut text = "A=1\n".repeat((16 << 20) / 4);
    text.push('#');
    scratch.write(".env", text);
    let refused = said(&scratch, &["import", ".env", "--to", "sealed", "--yes"]);
    assert_eq!(refused.code, Some(1));
    assert!(
        refused.stderr.contains("more than 16 MiB"),
        "{}",
        refused.stderr
    );
}
