//! One asks, the others wait; a holder that is killed or stopped holds nobody up.

use std::fs;
use std::process::Child;
use std::sync::Barrier;
use std::thread::{self, sleep};
use std::time::{Duration, Instant};

use mcp_launch_core::{Deadline, Environment};
use mcp_launch_sharing::{Proof, Sharing};

use crate::stage::{Stage, done, first_line, piped, run};

fn signal(child: &Child, signal: rustix::process::Signal) {
    let pid = rustix::process::Pid::from_child(child);
    rustix::process::kill_process(pid, signal).unwrap();
}

/// A process that has the turn, until its standard input is closed.
fn holder(stage: &Stage) -> Child {
    let mut child = piped(&mut stage.command("s", &["hold", "w", "60000"]));
    assert_eq!(first_line(&mut child), "mine");
    child
}

#[test]
fn twenty_launches_ask_the_store_once() {
    let stage = Stage::new();
    let log = stage.scratch.temp().join("asked");
    let words = ["get", "w", log.to_str().unwrap(), "60000", "300"];
    // With a cache, so that a slow machine starts them all in time.
    let all: Vec<Child> = (0..20)
        .map(|_| piped(&mut stage.cached("s", [60, 0], &words)))
        .collect();
    for child in all {
        assert_eq!(done(child).text(), "from the store");
    }
    assert_eq!(fs::read(&log).unwrap(), b".");
}

#[test]
fn who_is_logged_in_and_what_is_asked_keep_answers_apart() {
    let stage = Stage::new();
    let log = stage.scratch.temp().join("asked");
    let get = |store, what| {
        let words = ["get", what, log.to_str().unwrap(), "60000", "0"];
        let done = run(&mut stage.cached(store, [60, 0], &words));
        assert_eq!(done.text(), "from the store");
    };
    for (store, what) in [("s", "w"), ("other", "w"), ("s", "other"), ("s", "w")] {
        get(store, what);
    }
    assert_eq!(fs::read(&log).unwrap().len(), 3);
}

#[test]
fn a_killed_holder_frees_the_turn() {
    let stage = Stage::new();
    let mut first = holder(&stage);
    let mut second = piped(&mut stage.command("s", &["hold", "w", "600000"]));
    sleep(Duration::from_millis(100));
    assert!(second.try_wait().unwrap().is_none());
    first.kill().unwrap();
    first.wait().unwrap();
    // It would have waited for 200 seconds.
    let start = Instant::now();
    assert_eq!(first_line(&mut second), "mine");
    assert!(start.elapsed() < Duration::from_secs(60));
    assert!(done(second).succeeded);
}

#[test]
fn a_stopped_holder_costs_a_third_of_the_time_and_no_launch() {
    let stage = Stage::new();
    let mut first = holder(&stage);
    signal(&first, rustix::process::Signal::STOP);
    let start = Instant::now();
    let mut second = piped(&mut stage.command("s", &["hold", "w", "1500"]));
    assert_eq!(first_line(&mut second), "alone");
    assert!(start.elapsed() >= Duration::from_millis(500));
    assert!(done(second).succeeded);

    // Who goes alone lends what it got, and who comes later does not wait at all.
    let log = stage.scratch.temp().join("asked");
    let get = |deadline| {
        let words = ["get", "w", log.to_str().unwrap(), deadline, "0"];
        assert_eq!(
            run(&mut stage.cached("s", [60, 0], &words)).text(),
            "from the store"
        );
    };
    get("300");
    get("600000");
    assert_eq!(fs::read(&log).unwrap(), b".");
    signal(&first, rustix::process::Signal::CONT);
    first.kill().unwrap();
    first.wait().unwrap();
}

/// What the example shares for the store `s` of `stage`, in this process.
fn sharing(stage: &Stage) -> Sharing {
    let environment =
        Environment::from_pairs([("XDG_RUNTIME_DIR", stage.scratch.runtime().into_os_string())]);
    let proof = Proof::of([b"login".as_slice()]);
    Sharing::new(&environment, &stage.store("s"), Some(&proof), None, None)
}

#[test]
fn threads_that_wait_at_once_share_the_turn_that_one_of_them_gets() {
    let stage = Stage::new();
    let first = holder(&stage);
    let sharing = sharing(&stage);
    // Both threads keep their turn until both have one. Without a turn for the second it would wait for 200 seconds.
    let both = Barrier::new(2);
    let start = Instant::now();
    thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                let turn = sharing.turn("w", Deadline::after(Duration::from_secs(600)));
                both.wait();
                assert!(turn.is_some());
            });
        }
        sleep(Duration::from_millis(100));
        assert!(done(first).succeeded);
    });
    assert!(start.elapsed() < Duration::from_secs(60));
}

#[test]
fn a_process_does_not_wait_for_itself() {
    let stage = Stage::new();
    let sharing = sharing(&stage);
    let deadline = Deadline::after(Duration::from_secs(600));
    let names: Vec<String> = (0..200).map(|number| number.to_string()).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let all = sharing.turn_for_all(&names, deadline).unwrap();
    let again = sharing.turn("7", deadline).unwrap();
    drop(all);
    // The turn that is left is still held.
    let waiting = run(&mut stage.command("s", &["hold", "7", "30"]));
    assert_eq!(waiting.text(), "alone");
    drop(again);
    let free = run(&mut stage.command("s", &["hold", "7", "60000"]));
    assert_eq!(free.text(), "mine");
    // Many names take few files.
    let files = stage.scratch.runtime().join("mcp-launch");
    assert!((32..=64).contains(&files.read_dir().unwrap().count()));
}
