//! How long an answer is lent, to whom, and that it is nowhere but in the kernel.

use std::path::Path;
use std::thread::sleep;
use std::time::Duration;

use mcp_launch_sharing::WINDOW;
use mcp_launch_testkit::Canary;

use crate::stage::{Stage, done, first_line, piped, run, run_with};

#[test]
fn without_a_setting_an_answer_is_lent_for_the_window() {
    let stage = Stage::of_user(64_111);
    let fresh = || run(&mut stage.command("s", &["fresh", "w"]));
    fresh().nothing();
    run_with(&mut stage.command("s", &["lend", "w"]), "one").text();
    assert_eq!(fresh().text(), "one");
    // The newest answer counts.
    run_with(&mut stage.command("s", &["lend", "w"]), "two").text();
    assert_eq!(fresh().text(), "two");
    run(&mut stage.command("s", &["stale", "w"])).nothing();
    sleep(WINDOW + Duration::from_millis(1500));
    fresh().nothing();
}

#[test]
fn a_cache_keeps_an_answer_and_a_launch_without_one_does_not_use_it() {
    let stage = Stage::of_user(64_112);
    run_with(&mut stage.cached("s", [60, 0], &["lend", "w"]), "kept").text();
    run_with(&mut stage.cached("s", [0, 60], &["lend", "v"]), "old").text();
    sleep(WINDOW + Duration::from_millis(1500));
    let cached = |spans, words: &[&str]| run(&mut stage.cached("s", spans, words));
    assert_eq!(cached([60, 0], &["fresh", "w"]).text(), "kept");
    cached([0, 0], &["fresh", "w"]).nothing();
    cached([6, 0], &["fresh", "w"]).nothing();
    cached([0, 60], &["fresh", "v"]).nothing();
    let told = cached([0, 60], &["stale", "v"]);
    let (value, age) = told.text().split_once('\n').unwrap();
    assert_eq!(value, "old");
    assert!((6..60).contains(&age.parse::<u32>().unwrap()), "{age}");
    cached([0, 6], &["stale", "v"]).nothing();
}

#[test]
fn what_is_taken_back_is_gone_for_everybody() {
    let stage = Stage::of_user(64_113);
    run_with(&mut stage.cached("s", [60, 0], &["lend", "w"]), "one").text();
    run_with(&mut stage.cached("s", [60, 0], &["lend", "v"]), "two").text();
    run(&mut stage.cached("s", [60, 0], &["forget", "w"])).text();
    run(&mut stage.cached("s", [60, 0], &["fresh", "w"])).nothing();
    assert_eq!(
        run(&mut stage.cached("s", [60, 0], &["fresh", "v"])).text(),
        "two"
    );
    run(&mut stage.cached("s", [60, 0], &["forget", "never lent"])).text();
}

#[test]
fn values_are_bytes_and_may_be_empty() {
    let stage = Stage::of_user(64_114);
    for value in ["", "a\0b\n\n", &"x".repeat(10_000)] {
        run_with(&mut stage.cached("s", [60, 0], &["lend", "w"]), value).text();
        assert_eq!(
            run(&mut stage.cached("s", [60, 0], &["fresh", "w"])).text(),
            value
        );
    }
    // More than a key holds: nothing is lent, and nothing fails. The value before is over with it.
    let long = "x".repeat(40_000);
    run_with(&mut stage.cached("s", [60, 0], &["lend", "w"]), &long).text();
    run(&mut stage.cached("s", [60, 0], &["fresh", "w"])).nothing();
}

#[test]
fn an_answer_from_a_session_of_its_own_is_found() {
    let stage = Stage::of_user(64_115);
    let apart = |words: &[&str]| {
        let mut command = stage.tool("keyctl", &["session", "-"]);
        command
            .arg(stage.program())
            .args([&stage.store("s"), "login", "60", "0"])
            .args(words);
        command
    };
    run_with(&mut apart(&["lend", "w"]), "one").text();
    assert_eq!(
        run(&mut stage.cached("s", [60, 0], &["fresh", "w"])).text(),
        "one"
    );
    run_with(&mut stage.cached("s", [60, 0], &["lend", "w"]), "two").text();
    let told = run(&mut apart(&["fresh", "w"]));
    assert_eq!(told.text(), "two");
    run(&mut apart(&["forget", "w"])).text();
    run(&mut stage.cached("s", [60, 0], &["fresh", "w"])).nothing();
}

#[test]
fn nothing_is_on_disk_and_nothing_is_told() {
    let canary = Canary::new();
    let stage = Stage::of_user(64_116);
    let spans = [60, 60];
    let lent = run_with(
        &mut stage.cached("s", spans, &["lend", "w"]),
        canary.value(),
    );
    assert_eq!(lent.text(), "");
    canary.assert_absent("standard error", &lent.err);
    let mut holder = piped(&mut stage.cached("s", spans, &["hold", "w", "60000"]));
    assert_eq!(first_line(&mut holder), "mine");
    assert_eq!(canary.find_under(stage.scratch.root()), []);
    assert!(done(holder).succeeded);
    assert_eq!(canary.find_under(stage.scratch.root()), []);
    // Names of keys can be seen by others.
    let names = std::fs::read(Path::new("/proc/keys")).unwrap();
    canary.assert_absent("/proc/keys", &names);
    assert_eq!(
        run(&mut stage.cached("s", spans, &["fresh", "w"])).text(),
        canary.value()
    );
    run(&mut stage.cached("s", spans, &["forget", "w"])).text();
}

#[test]
fn everything_of_a_user_can_be_cleared() {
    let stage = Stage::of_user(64_102);
    let clear = || run(&mut stage.command("s", &["clear"])).text().to_owned();
    assert_eq!(clear(), "0");
    for (store, what) in [("s", "a"), ("s", "b"), ("t", "a")] {
        run_with(&mut stage.cached(store, [60, 0], &["lend", what]), "x").text();
    }
    run(&mut stage.tool("keyctl", &["add", "user", "of-another-program", "x", "@u"])).text();
    assert_eq!(clear(), "3");
    for (store, what) in [("s", "a"), ("s", "b"), ("t", "a")] {
        run(&mut stage.cached(store, [60, 0], &["fresh", what])).nothing();
    }
    run(&mut stage.tool("keyctl", &["search", "@u", "user", "of-another-program"])).text();
    assert_eq!(clear(), "0");
}
