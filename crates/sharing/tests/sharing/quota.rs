//! A keyring that is full: nothing is shared then, and nothing fails.

use std::thread::sleep;
use std::time::Duration;

use mcp_launch_sharing::WINDOW;

use crate::stage::{Stage, run, run_with};

/// Fills the quota of the stage's user with keys of another program.
fn fill(stage: &Stage) {
    let script =
        "n=0; while keyctl add user filling$n x @u >/dev/null 2>&1; do n=$((n+1)); done; echo $n";
    let filled = run(&mut stage.tool("/bin/sh", &["-c", script]));
    assert!(filled.text().parse::<u32>().unwrap() > 50, "{filled:?}");
}

fn free(stage: &Stage) {
    run(&mut stage.tool("keyctl", &["clear", "@u"])).text();
}

#[test]
fn others_may_fill_the_keyring() {
    let stage = Stage::of_user(64_103);
    fill(&stage);
    let log = stage.scratch.temp().join("asked");
    let words = ["get", "w", log.to_str().unwrap(), "60000", "0"];
    for asked in 1..=2 {
        let told = run(&mut stage.command("s", &words));
        assert_eq!(told.text(), "from the store");
        assert_eq!(told.err, "");
        assert_eq!(std::fs::read(&log).unwrap().len(), asked);
    }
    free(&stage);
}

#[test]
fn what_is_over_makes_room_for_what_is_new() {
    let stage = Stage::of_user(64_104);
    // An ordinary user has 20,000 bytes.
    run(&mut stage.command("s", &["lend-many", "100", "400"])).text();
    let lent = run(&mut stage.command("s", &["fresh-many", "100"]));
    let lent: usize = lent.text().parse().unwrap();
    assert!((20..60).contains(&lent), "{lent} of 100 were lent");
    sleep(WINDOW + Duration::from_millis(1500));
    let left = run(&mut stage.command("s", &["fresh-many", "100"]));
    assert_eq!(left.text(), "0");
    // The kernel would count them for five minutes more.
    run_with(&mut stage.command("s", &["lend", "new"]), "makes room").text();
    sleep(Duration::from_millis(200));
    run_with(&mut stage.command("s", &["lend", "new"]), "is lent").text();
    assert_eq!(
        run(&mut stage.command("s", &["fresh", "new"])).text(),
        "is lent"
    );
    run(&mut stage.command("s", &["clear"])).text();
}

#[test]
fn more_answers_than_slots_lose_the_oldest_and_take_no_more_room() {
    let stage = Stage::of_user(64_105);
    run(&mut stage.cached("s", [600, 0], &["lend-many", "400", "1"])).text();
    // The kernel needs some milliseconds to count what was displaced as free.
    sleep(Duration::from_millis(200));
    run_with(&mut stage.cached("s", [600, 0], &["lend", "last"]), "x").text();
    let keys = run(&mut stage.tool("keyctl", &["rlist", "@u"]));
    let keys = keys.text().split_whitespace().count();
    assert!((64..=128).contains(&keys), "{keys}");
    assert!(run(&mut stage.cached("s", [600, 0], &["fresh", "last"])).succeeded);
    let cleared = run(&mut stage.command("s", &["clear"]));
    assert_eq!(cleared.text(), keys.to_string());
}
