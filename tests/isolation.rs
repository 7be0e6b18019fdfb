//! A server started by mcp-launch cannot look into another one: first shown to be possible, then to be gone.
#![cfg(target_os = "linux")]

use mcp_launch_testkit::{Canary, Scratch};

use crate::support::{ClientPipe, Finished, launch, launch_with, ready};

/// A running server with a secret in its environment, of an ordinary user.
fn victim(scratch: &Scratch, canary: &Canary) -> ClientPipe {
    let env_file = scratch.write(".env", format!("A='{}'\n", canary.value()));
    let server = ["/bin/sh", "-c", "echo ready; read line"];
    ready(launch_with(scratch, &env_file, &server).env("A", "$<A>"))
}

/// What another server of the same user can read of the victim.
fn read_by_another(
    scratch: &Scratch,
    options: &[&str],
    victim: &ClientPipe,
    what: &str,
) -> Finished {
    let script = format!("cat /proc/{}/{what}", victim.child.id());
    let server = ["--", "/bin/sh", "-c", &script];
    Finished::of(&mut launch(scratch, options.iter().chain(&server)))
}

#[test]
fn a_siblings_environment_is_readable_without_isolation_and_not_with_it() {
    let scratch = Scratch::ordinary();
    let canary = Canary::new();
    let victim = victim(&scratch, &canary);

    let open = read_by_another(&scratch, &["--no-isolate"], &victim, "environ").success();
    assert!(
        canary.find_in(open).is_some(),
        "it was never readable: this test shows nothing"
    );

    let closed = read_by_another(&scratch, &[], &victim, "environ");
    assert_ne!(closed.code, Some(0));
    assert!(
        closed.stderr.contains("Permission denied"),
        "{}",
        closed.stderr
    );
    canary.assert_absent("what the other server read", closed.stdout);
}

#[test]
fn a_siblings_memory_cannot_be_opened() {
    let scratch = Scratch::ordinary();
    let victim = victim(&scratch, &Canary::new());
    let open = |options: &[&str]| {
        let script = format!("exec 3</proc/{}/mem && echo opened", victim.child.id());
        let server = ["--", "/bin/sh", "-c", &script];
        Finished::of(&mut launch(&scratch, options.iter().chain(&server))).stdout
    };
    assert_eq!(open(&["--no-isolate"]), "opened\n");
    assert_eq!(open(&[]), "");
}

#[test]
fn a_server_still_sees_and_ends_its_own_children() {
    let scratch = Scratch::ordinary();
    let script = "A=1 sleep 600 & cat /proc/$!/environ >/dev/null && kill $! && echo fine";
    let said = Finished::of(&mut launch(&scratch, ["--", "/bin/sh", "-c", script])).success();
    assert_eq!(said, "fine\n");
}
