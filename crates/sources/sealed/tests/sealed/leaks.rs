//! A value is in no file, no system call that writes, no error, and no memory once it has been used.

use std::fs::{self, File};
use std::io::{Read, Seek, SeekFrom};
use std::os::unix::fs::PermissionsExt;
use std::process::Stdio;
use std::thread::sleep;
use std::time::Duration;

use mcp_launch_testkit::Canary;

use crate::stage::{PASSPHRASE, Stage, done, need};

#[test]
fn no_file_ever_holds_a_value_or_the_passphrase() {
    need(&["strace"]);
    for stage in Stage::both() {
        let (canary, passphrase) = (Canary::new(), Canary::new());
        let log = stage.scratch.temp().join("log");
        let strace = [
            "strace",
            "-f",
            "-s",
            "1000000",
            "-e",
            "trace=execve,openat,write,writev,pwrite64,?rename,renameat,?unlink,mmap,sendto",
            "-o",
            log.to_str().unwrap(),
        ];
        for (words, input) in [
            (["put", "A"].as_slice(), canary.value()),
            (&["put", "B"], canary.value()),
            (&["remove", "B"], ""),
            (&["protect"], passphrase.value()),
            (&["unprotect"], passphrase.value()),
            (&["protect"], passphrase.value()),
            (&["unlock", "60"], passphrase.value()),
            (&["put", "B"], canary.value()),
            (&["status"], ""),
            (&["look", "A", "B", "C"], ""),
            (&["lock"], ""),
        ] {
            let done = done(&mut stage.under(&strace, words), input.as_bytes());
            let calls = fs::read(&log).unwrap();
            assert!(!calls.is_empty());
            for canary in [&canary, &passphrase] {
                canary.assert_absent("what it wrote", &calls);
                canary.assert_absent("what it said", done.text());
                canary.assert_absent("its errors", &done.err);
                assert_eq!(canary.find_under(&stage.scratch.home()), [], "{words:?}");
            }
        }
    }
}

#[test]
fn no_error_holds_a_value_or_the_passphrase() {
    let stage = Stage::new();
    let (canary, passphrase) = (Canary::new(), Canary::new());
    let check = |words: &[&str], input: &str| {
        let refused = stage.run(words, input);
        for canary in [&canary, &passphrase] {
            canary.assert_absent("the error", refused.error());
            canary.assert_absent("what was printed", &refused.out);
        }
    };
    stage.run(&["put", "A"], canary.value()).text();
    check(&["put", "bad\nname"], canary.value());
    check(&["get", "B"], "");
    check(&["unlock", "60"], passphrase.value());

    let sealed = fs::read(stage.file("sealed.age")).unwrap();
    stage.write("sealed.age", canary.value().as_bytes());
    check(&["get", "A"], "");
    check(&["put", "B"], canary.value());
    stage.write("sealed.age", &sealed);
    let key = fs::read(stage.file("sealed.key")).unwrap();
    stage.write("sealed.key", canary.value().as_bytes());
    check(&["get", "A"], "");
    check(&["protect"], passphrase.value());
    stage.write("sealed.key", &key);

    fs::set_permissions(stage.directory(), fs::Permissions::from_mode(0o777)).unwrap();
    check(&["put", "A"], canary.value());
    fs::set_permissions(stage.directory(), fs::Permissions::from_mode(0o700)).unwrap();
    stage.run(&["protect"], PASSPHRASE).text();
    check(&["unlock", "60"], passphrase.value());
    check(&["put", "A"], canary.value());
}

#[test]
fn a_value_is_gone_from_memory_after_use() {
    need(&["strace"]);
    let stage = Stage::new();
    // Escapes in JSON, which a parser would unescape into a buffer of its own.
    let canary = Canary::shaped_like("aaaaAAAA0000aaaa\"\\aaaaAAAA0000aaaa\t00AAAAaaaa");
    stage.run(&["put", "A"], canary.value()).text();
    stage.run(&["put", "B"], "other").text();

    let seen = canary.find_in(memory_at_exit(&stage, &["get", "A"]));
    assert!(seen.is_some(), "`get` prints it, so the search must see it");
    let seen = canary.find_in(memory_at_exit(&stage, &["look", "A", "B"]));
    assert_eq!(seen, None, "the memory of a reader holds the value");
}

/// The writable memory of the example with `words`, when it is about to end.
fn memory_at_exit(stage: &Stage, words: &[&str]) -> Vec<u8> {
    let strace = [
        "strace",
        "-f",
        "-qq",
        "-o",
        "/dev/null",
        "-e",
        "trace=exit_group",
        "-e",
        "inject=exit_group:delay_enter=2s",
    ];
    let mut strace = stage
        .under(&strace, words)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    let memory = (0..500).find_map(|_| {
        sleep(Duration::from_millis(10));
        ending_child(strace.id()).map(|process| writable_memory(&process))
    });
    strace.wait().unwrap();
    memory.expect("the example comes to its end")
}

/// The child of `parent`, once it waits at the entry of exit_group(2).
fn ending_child(parent: u32) -> Option<String> {
    let children = fs::read_to_string(format!("/proc/{parent}/task/{parent}/children")).ok()?;
    let child = children.split_whitespace().next()?.to_owned();
    let call = fs::read_to_string(format!("/proc/{child}/syscall")).ok()?;
    let number = call.split(' ').next()?.parse();
    (number == Ok(number_of_exit_group())).then_some(child)
}

/// The number of exit_group(2).
fn number_of_exit_group() -> u32 {
    if cfg!(target_arch = "x86_64") {
        231
    } else {
        94
    }
}

fn writable_memory(process: &str) -> Vec<u8> {
    let maps = fs::read_to_string(format!("/proc/{process}/maps")).unwrap();
    let mut memory = File::open(format!("/proc/{process}/mem")).unwrap();
    let mut bytes = Vec::new();
    for line in maps.lines() {
        let mut fields = line.split_whitespace();
        let (Some(range), Some(mode)) = (fields.next(), fields.next()) else {
            continue;
        };
        if !mode.starts_with("rw") {
            continue;
        }
        let (start, end) = range.split_once('-').unwrap();
        let start = u64::from_str_radix(start, 16).unwrap();
        let end = u64::from_str_radix(end, 16).unwrap();
        memory.seek(SeekFrom::Start(start)).unwrap();
        let mut region = Vec::new();
        // A region without pages behind it cannot be read, and holds nothing.
        drop((&mut memory).take(end - start).read_to_end(&mut region));
        bytes.extend(region);
    }
    assert!(bytes.len() > 100_000, "only {} bytes read", bytes.len());
    bytes
}
