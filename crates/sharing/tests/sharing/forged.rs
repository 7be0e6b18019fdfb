//! Other programs of the user, which can read and write everything that is shared.

use mcp_launch_testkit::Canary;

use crate::stage::{Stage, run, run_with};

const SPANS: [u32; 2] = [60, 60];

/// Gives every record in the keyring of the stage's user to `change`, which is Python and may assign to `record`, and
/// writes it back.
fn tamper(stage: &Stage, change: &str) {
    let script = r#"
import os, subprocess, sys
keys = subprocess.check_output(["keyctl", "rlist", "@u"], text=True).split()
records = [bytearray(subprocess.check_output(["keyctl", "pipe", key])) for key in keys]
assert records
for key, record in zip(keys, records):
    exec(sys.argv[1])
    subprocess.run(["keyctl", "pupdate", key], input=bytes(record), check=True)
"#;
    run(&mut stage.tool("python3", &["-c", script, change])).text();
}

#[test]
fn who_logs_in_otherwise_finds_nothing_and_leaves_it_alone() {
    let stage = Stage::of_user(64_108);
    let lend = |login, value| {
        let words = ["lend", "w"];
        run_with(&mut stage.with_login(login, "s", SPANS, &words), value).text();
    };
    let ask = |login, word| run(&mut stage.with_login(login, "s", SPANS, &[word, "w"]));
    lend("right password", "one");
    for word in ["fresh", "stale"] {
        ask("wrong password", word).nothing();
    }
    lend("wrong password", "two");
    ask("wrong password", "forget").text();
    assert_eq!(ask("right password", "fresh").text(), "one");
    ask("right password", "forget").text();
}

#[test]
fn what_another_program_writes_is_no_answer() {
    let changes = [
        // The time, the nonce, the sealed value, the tag; more, and less; something else altogether.
        "record[33] ^= 1",
        "record[41] ^= 1",
        "record[-20] ^= 1",
        "record[-1] ^= 1",
        "record.append(0)",
        "record.pop()",
        "record[:] = record[:41]",
        "record[:] = b'chosen'",
        // The form before this one, which was not sealed: the name, a time, a value of its choice.
        "record[0] = 1; record[41:] = b'chosen'",
        "record[41:] = b'chosen'",
    ];
    let stage = Stage::of_user(64_101);
    for change in changes {
        run_with(&mut stage.cached("s", SPANS, &["lend", "w"]), "kept").text();
        let fresh = || run(&mut stage.cached("s", SPANS, &["fresh", "w"]));
        assert_eq!(fresh().text(), "kept");
        tamper(&stage, change);
        fresh().nothing();
        run(&mut stage.cached("s", SPANS, &["stale", "w"])).nothing();
    }
    // It is not in the way of the next answer either.
    run_with(&mut stage.cached("s", SPANS, &["lend", "w"]), "new").text();
    assert_eq!(
        run(&mut stage.cached("s", SPANS, &["fresh", "w"])).text(),
        "new"
    );
    run(&mut stage.cached("s", SPANS, &["clear"])).text();
}

#[test]
fn the_answer_to_one_question_is_none_to_another() {
    let stage = Stage::of_user(64_106);
    for what in ["a", "b"] {
        run_with(&mut stage.cached("s", SPANS, &["lend", what]), what).text();
    }
    // Each takes the place and the name of the other.
    tamper(
        &stage,
        "record[:] = records[0] if record is records[1] else bytes(records[1])",
    );
    tamper(&stage, "record[1:33] = os.urandom(32)");
    for what in ["a", "b"] {
        run(&mut stage.cached("s", SPANS, &["fresh", what])).nothing();
    }
    run(&mut stage.cached("s", SPANS, &["clear"])).text();
}

#[test]
fn the_keyring_shows_neither_the_value_nor_the_login() {
    let [value, login] = [Canary::new(), Canary::new()];
    let stage = Stage::of_user(64_107);
    let lend = ["lend", "w"];
    let mut lending = stage.with_login(login.value(), "s", SPANS, &lend);
    run_with(&mut lending, value.value()).text();
    let script = "for key in $(keyctl rlist @u); do keyctl pipe $key | base64 --wrap=0; done";
    let shown = run(&mut stage.tool("/bin/sh", &["-c", script]));
    assert!(shown.text().len() > 100, "{shown:?}");
    for canary in [&value, &login] {
        canary.assert_absent("the keyring", shown.text());
    }
    let fresh = run(&mut stage.with_login(login.value(), "s", SPANS, &["fresh", "w"]));
    assert_eq!(fresh.text(), value.value());
    run(&mut stage.cached("s", SPANS, &["clear"])).text();
}
