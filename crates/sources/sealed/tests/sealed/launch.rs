//! What opening the store costs a launch: no thread, no scrypt, no wait for randomness, no keyring when
//! there is a key file.

use std::fs;

use crate::stage::{PASSPHRASE, Stage, done, need};

fn calls(stage: &Stage, words: &[&str]) -> String {
    let log = stage.scratch.temp().join("log");
    let strace = ["strace", "-f", "-o", log.to_str().unwrap()];
    done(&mut stage.under(&strace, words), b"").text();
    fs::read_to_string(log).unwrap()
}

fn count(calls: &str, name: &str) -> usize {
    let call = format!(" {name}(");
    calls.lines().filter(|line| line.contains(&call)).count()
}

/// The largest mapping that was asked for, in bytes.
fn largest_mapping(calls: &str) -> usize {
    let sizes = calls.lines().filter_map(|line| {
        let (_, arguments) = line.split_once(" mmap(")?;
        arguments.split(", ").nth(1)?.parse().ok()
    });
    sizes.max().unwrap_or(0)
}

#[test]
fn opening_with_a_key_file_is_a_handful_of_calls() {
    need(&["strace"]);
    for stage in Stage::both() {
        stage.run(&["put", "A"], "x").text();
        let calls = calls(&stage, &["look", "A"]);
        for name in [
            "clone",
            "clone3",
            "fork",
            "vfork",
            "keyctl",
            "getrandom",
            "fsync",
            "flock",
        ] {
            // The C library asks once, without waiting, for its allocator.
            let own = usize::from(name == "getrandom" && calls.contains("GRND_NONBLOCK"));
            assert!(count(&calls, name) <= own, "{name}:\n{calls}");
        }
        assert!(largest_mapping(&calls) < 16 << 20, "{calls}");
        let opened = calls
            .lines()
            .filter(|line| line.contains("sealed."))
            .count();
        assert!(opened <= 6, "{opened} calls on the store's files:\n{calls}");
    }
}

#[test]
fn opening_with_an_unlocked_key_runs_no_scrypt() {
    need(&["strace"]);
    let stage = Stage::new();
    stage.run(&["put", "A"], "x").text();
    stage.run(&["protect"], PASSPHRASE).text();
    stage.run(&["unlock", "60"], PASSPHRASE).text();
    let opened = calls(&stage, &["look", "A"]);
    assert!(count(&opened, "keyctl") > 0);
    assert!(count(&opened, "clone3") + count(&opened, "clone") == 0);
    assert!(largest_mapping(&opened) < 16 << 20, "scrypt takes 256 MiB");
    assert!(!opened.contains("sealed.key.age\", O_RDONLY"), "{opened}");
    stage.run(&["lock"], "").text();
}
