//! Standard input and output are the client's and the server's alone: every byte arrives as it was sent.

use std::io::{Read, Write};
use std::process::Stdio;

use mcp_launch_testkit::Scratch;

use crate::support::launch_with;

/// The size of the largest message that the SDKs accept.
const MUCH: usize = 10_000_000;

#[test]
fn ten_megabytes_go_each_way_unchanged() {
    assert_unchanged("$<A>");
}

/// A store makes the launcher become its second executable first.
#[test]
fn ten_megabytes_go_each_way_unchanged_through_the_second_executable() {
    assert_unchanged("$<sealed:Q:-d>");
}

#[track_caller]
fn assert_unchanged(placeholder: &str) {
    let scratch = Scratch::new();
    let env_file = scratch.write(".env", "A=value\n");
    let mut command = launch_with(&scratch, &env_file, &["/bin/cat"]);
    let mut child = command
        .env("A", placeholder)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let sent = noise(MUCH);
    let mut input = child.stdin.take().unwrap();
    let copy = sent.clone();
    let writer = std::thread::spawn(move || input.write_all(&copy));
    let mut received = Vec::new();
    child
        .stdout
        .take()
        .unwrap()
        .read_to_end(&mut received)
        .unwrap();
    writer.join().unwrap().unwrap();
    assert_eq!(received.len(), sent.len());
    assert!(received == sent, "a byte differs");
    assert!(child.wait().unwrap().success());
}

/// Every byte value, line ends and NUL among them; xorshift, so that each run sends the same.
fn noise(length: usize) -> Vec<u8> {
    let mut state: u64 = 0x2545_f491_4f6c_dd1d;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state.to_le_bytes()[3]
    };
    (0..length).map(|_| next()).collect()
}
