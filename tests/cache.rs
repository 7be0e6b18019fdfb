//! `mcp-launch cache clear`. What it clears is a user's, so it runs as one that no other test is.

use std::os::unix::process::CommandExt;
use std::process::Command;

use mcp_launch_testkit::Scratch;
use serde_json::{Value, json};

use crate::support::{Finished, launch};

/// The user.
const UID: u32 = 64_107;

fn as_user(command: &mut Command) -> Finished {
    Finished::of(command.uid(UID).gid(UID).current_dir("/"))
}

#[test]
fn what_launches_share_is_removed_and_counted() {
    let scratch = Scratch::ordinary();
    let clear = |words: &[&str]| {
        let mut command = launch(&scratch, ["cache", "clear"]);
        as_user(command.args(words))
    };
    let lend = |names: &[&str]| {
        for name in names {
            let mut keyctl = scratch.command("keyctl");
            as_user(keyctl.args(["add", "user", name, "x", "@u"])).success();
        }
    };
    lend(&["of another program"]);
    assert!(clear(&[]).stderr.contains("no value was shared"));
    lend(&["mcp-launch:shared:00:0"]);
    assert!(clear(&[]).stderr.contains("one value was removed"));
    lend(&["mcp-launch:shared:00:0", "mcp-launch:shared:15:7"]);
    assert!(clear(&[]).stderr.contains("2 values were removed"));
    lend(&["mcp-launch:shared:07:3"]);
    let told: Value = serde_json::from_str(&clear(&["--json"]).success()).unwrap();
    assert_eq!(told, json!({ "removed": 1 }));
    let mut keyctl = scratch.command("keyctl");
    as_user(keyctl.args(["search", "@u", "user", "of another program"])).success();
    let mut keyctl = scratch.command("keyctl");
    as_user(keyctl.args(["clear", "@u"])).success();
}
