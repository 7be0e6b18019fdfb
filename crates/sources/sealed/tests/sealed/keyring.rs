//! Unlocking: wherever a client starts us, for as long as was said, and for no other user.

use std::fs;
use std::os::unix::process::CommandExt;
use std::process::Command;
use std::thread::sleep;
use std::time::Duration;

use mcp_launch_source_sealed::KeyState;
use mcp_launch_testkit::ORDINARY_UID;

use crate::stage::{Done, PASSPHRASE, Stage, done, need, need_root};

/// The example in a session of its own, whose keyring leads nowhere.
fn apart(stage: &Stage, words: &[&str], input: &str) -> Done {
    let mut command = stage.under(&["keyctl", "session", "-"], words);
    done(&mut command, input.as_bytes())
}

fn protected(stage: &Stage) {
    stage.run(&["put", "A"], "the value").text();
    stage.run(&["protect"], PASSPHRASE).text();
}

#[test]
fn an_unlocked_key_is_found_from_every_session() {
    need(&["keyctl"]);
    for stage in Stage::both() {
        protected(&stage);
        for unlocks_apart in [false, true] {
            for refused in [
                stage.run(&["get", "A"], ""),
                apart(&stage, &["get", "A"], ""),
            ] {
                assert!(refused.error().contains("[locked]"), "{refused:?}");
                assert!(refused.error().contains("mcp-launch unlock"), "{refused:?}");
            }
            if unlocks_apart {
                apart(&stage, &["unlock", "60"], PASSPHRASE).text();
            } else {
                stage.run(&["unlock", "60"], PASSPHRASE).text();
            }
            assert_eq!(stage.run(&["get", "A"], "").text(), "the value");
            assert_eq!(apart(&stage, &["get", "A"], "").text(), "the value");
            // Writing needs the key, too.
            apart(&stage, &["put", "A"], "the value").text();
            // The lock of one session holds in the other.
            if unlocks_apart {
                assert_eq!(stage.run(&["lock"], "").text(), "locked");
            } else {
                assert_eq!(apart(&stage, &["lock"], "").text(), "locked");
            }
            assert_eq!(stage.run(&["lock"], "").text(), "was not unlocked");
        }
    }
}

#[test]
fn the_kernel_ends_the_loan() {
    for stage in Stage::both() {
        protected(&stage);
        stage.run(&["unlock", "2"], PASSPHRASE).text();
        assert_eq!(stage.run(&["get", "A"], "").text(), "the value");
        sleep(Duration::from_millis(3200));
        let refused = stage.run(&["get", "A"], "");
        assert!(refused.error().contains("[locked]"), "{refused:?}");
        // What is over can begin again, and a later word replaces an earlier one.
        stage.run(&["unlock", "2"], PASSPHRASE).text();
        stage.run(&["unlock", "600"], PASSPHRASE).text();
        sleep(Duration::from_millis(3200));
        assert_eq!(stage.run(&["get", "A"], "").text(), "the value");
        stage.run(&["lock"], "").text();
    }
}

#[test]
fn status_tells_how_long_is_left() {
    let stage = Stage::new();
    protected(&stage);
    let source = stage.source();
    let path = stage.file("sealed.key.age");
    let status = source.status();
    assert_eq!(status.key, KeyState::Locked(path));
    assert!(status.secrets.is_err());
    assert_eq!(
        status.problems,
        [],
        "waiting for a passphrase is no problem"
    );

    stage.run(&["unlock", "100"], PASSPHRASE).text();
    let status = source.status();
    let KeyState::Unlocked {
        remaining: Some(remaining),
        ..
    } = status.key
    else {
        panic!("{status:?}");
    };
    assert!((90..=100).contains(&remaining.as_secs()), "{remaining:?}");
    assert_eq!(status.secrets, Ok(1));
    stage.run(&["lock"], "").text();
}

#[test]
fn a_wrong_passphrase_is_denied_and_nothing_changes() {
    let stage = Stage::new();
    protected(&stage);
    let before = fs::read(stage.file("sealed.key.age")).unwrap();
    for words in [["unlock", "60"].as_slice(), &["unprotect"]] {
        for wrong in ["wrong", "", "correct horse battery ", "\u{fffd}"] {
            let refused = stage.run(words, wrong);
            assert!(refused.error().contains("wrong passphrase"), "{refused:?}");
        }
    }
    let already = stage.run(&["protect"], "another");
    assert!(already.error().contains("already"), "{already:?}");
    assert_eq!(fs::read(stage.file("sealed.key.age")).unwrap(), before);
    assert!(!stage.file("sealed.key").exists());
    assert!(stage.run(&["get", "A"], "").error().contains("[locked]"));
}

#[test]
fn a_store_may_have_a_passphrase_before_its_first_secret() {
    let stage = Stage::new();
    let empty = stage.run(&["protect"], "");
    assert!(empty.error().contains("empty passphrase"), "{empty:?}");
    stage.run(&["protect"], PASSPHRASE).text();
    assert!(!stage.file("sealed.key").exists());
    let refused = stage.run(&["put", "A"], "x");
    assert!(refused.error().contains("[locked]"), "{refused:?}");
    stage.run(&["unlock", "60"], PASSPHRASE).text();
    stage.run(&["put", "A"], "x").text();
    assert_eq!(stage.run(&["get", "A"], "").text(), "x");
    assert!(!stage.file("sealed.key").exists());
    stage.run(&["lock"], "").text();
}

#[test]
fn a_passphrase_can_be_changed() {
    use mcp_launch_core::Secret;

    let stage = Stage::new();
    protected(&stage);
    let (old, new) = (PASSPHRASE, "a new one");
    let secret = |text: &str| Secret::new(text.as_bytes().to_vec());
    let source = stage.source();
    assert!(
        source
            .change_passphrase(&secret(new), &secret(new))
            .is_err()
    );
    source
        .change_passphrase(&secret(old), &secret(new))
        .unwrap();
    assert!(stage.run(&["unlock", "60"], old).error().contains("wrong"));
    stage.run(&["unprotect"], new).text();
    assert_eq!(stage.run(&["get", "A"], "").text(), "the value");
    assert!(
        source
            .change_passphrase(&secret(new), &secret(old))
            .is_err()
    );
}

#[test]
fn two_stores_of_a_user_are_unlocked_apart() {
    let (one, two) = (Stage::new(), Stage::new());
    protected(&one);
    protected(&two);
    one.run(&["unlock", "60"], PASSPHRASE).text();
    assert_eq!(one.run(&["get", "A"], "").text(), "the value");
    assert!(two.run(&["get", "A"], "").error().contains("[locked]"));
    one.run(&["lock"], "").text();
}

#[test]
fn another_user_cannot_read_an_unlocked_key() {
    need(&["keyctl"]);
    need_root();
    let stage = Stage::new();
    protected(&stage);
    stage.run(&["unlock", "60"], PASSPHRASE).text();
    let ours = keys_of(0);
    assert!(!ours.is_empty(), "the key is not in /proc/keys");
    let read = |id: &str, user: u32| {
        let mut keyctl: Command = stage.scratch.command("keyctl");
        keyctl.args(["pipe", &format!("0x{id}")]).current_dir("/");
        done(keyctl.uid(user).gid(user), b"")
    };
    // Other tests lend and end theirs meanwhile, so one that the owner reads is enough.
    assert!(ours.iter().any(|id| read(id, 0).succeeded));
    for id in ours {
        assert!(
            !read(&id, ORDINARY_UID).succeeded,
            "another user reads {id}"
        );
    }
    stage.run(&["lock"], "").text();
}

#[test]
fn an_unlocked_key_goes_before_what_launches_share_and_nothing_else() {
    need(&["keyctl"]);
    need_root();
    /// Whom no other test is: its keyring is filled.
    const FULL: u32 = 64_121;
    let [_, stage] = Stage::both();
    protected(&stage);
    let as_full = |command: &mut Command, input: &str| {
        done(
            command.uid(FULL).gid(FULL).current_dir("/"),
            input.as_bytes(),
        )
    };
    let mut chown: Command = stage.scratch.command("chown");
    chown
        .args(["-R", &format!("{FULL}:{FULL}")])
        .args([stage.scratch.home(), stage.scratch.temp()]);
    done(chown.uid(0).gid(0).current_dir("/"), b"").text();
    // What an earlier run that failed has left there would be in the way.
    let mut clear = stage.scratch.command("keyctl");
    as_full(clear.args(["clear", "@u"]), "").text();
    // An ordinary user has 20,000 bytes and 200 keys.
    let mut fill = stage.scratch.command("bash");
    let script = "value=$(printf %0300d 0); for set in 0{0,1,2,3,4,5,6,7}; do for number in {0,1,2,3,4,5,6,7}; do
            keyctl add user mcp-launch:shared:$set:$number $value @u >/dev/null 2>&1 || full=full
        done; done; echo $full";
    // What was removed still counts until the kernel has taken it away, a moment later: full is what stays so.
    let mut cram = stage.scratch.command("bash");
    let crammed = "full=0; for pass in {1..100}; do added=; for number in {1..200}; do
            keyctl add user another-program:$pass:$number x @u >/dev/null 2>&1 || break
            added=yes
        done; if [ -z \"$added\" ]; then full=$((full + 1)); else full=0; fi
        [ $full -lt 5 ] || { echo full; exit; }; sleep 0.2; done";
    assert_eq!(as_full(fill.args(["-c", script]), "").text(), "full");
    as_full(&mut stage.command(&["unlock", "60"]), PASSPHRASE).text();
    let told = as_full(&mut stage.command(&["get", "A"]), "");
    assert_eq!(told.text(), "the value");
    as_full(&mut stage.command(&["lock"]), "").text();

    assert_eq!(as_full(cram.args(["-c", crammed]), "").text(), "full");
    let refused = as_full(&mut stage.command(&["unlock", "60"]), PASSPHRASE);
    assert!(refused.error().contains("is full"), "{refused:?}");
    let mut clear = stage.scratch.command("keyctl");
    as_full(clear.args(["clear", "@u"]), "").text();
}

/// The ids of this project's keys of user `uid`, as `/proc/keys` lists them.
fn keys_of(uid: u32) -> Vec<String> {
    fs::read_to_string("/proc/keys")
        .unwrap()
        .lines()
        .filter(|line| line.contains("mcp-launch:sealed:"))
        .filter(|line| line.split_whitespace().nth(5) == Some(&uid.to_string()))
        .filter_map(|line| line.split_whitespace().next().map(str::to_owned))
        .collect()
}
