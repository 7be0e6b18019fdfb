//! `secrets copy`: between every two stores, read back and compared.

use mcp_launch_testkit::{Canary, Scratch};
use serde_json::Value;

use crate::import::{said, sealed, secrets};
use crate::support::{at_terminal, with_input};

fn set(scratch: &Scratch, name: &str, value: &str) {
    let mut set = secrets(scratch, &["set", name, "--store", "sealed", "--raw"]);
    assert_eq!(with_input(&mut set, value).code, Some(0));
}

#[test]
fn a_copy_is_planned_asked_about_and_leaves_the_first_as_it_is() {
    let (scratch, canary) = (Scratch::new(), Canary::shaped_like("aaaaAAAA0000aaaaAAAA"));
    set(&scratch, "A", canary.value());
    set(&scratch, "B", "b");
    let copy = ["copy", "sealed", "dotenv:out.env"];
    let file = scratch.home().join("out.env");
    let alone = said(&scratch, &copy);
    assert_eq!(alone.code, Some(1));
    assert!(
        alone.stderr.contains("nothing was done"),
        "{}",
        alone.stderr
    );
    let dry = said(&scratch, &[&copy[..], &["--dry-run"]].concat());
    canary.assert_absent("the plan", dry.stdout.clone() + &dry.stderr);
    for part in [
        "from the sealed store to ",
        "A        20 bytes  new",
        "B   under 8 bytes  new",
    ] {
        let lined: String = dry.stdout.split_whitespace().collect::<Vec<_>>().join(" ");
        let part: String = part.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(lined.contains(&part), "no {part} in {lined}");
    }
    dry.success();
    let refused = at_terminal(
        &scratch,
        &["secrets", "copy", "sealed", "dotenv:out.env"],
        "n\n",
    );
    assert!(
        refused
            .stdout
            .contains("Write 2 of them into out.env? [y/N] "),
        "{}",
        refused.stdout
    );
    assert!(!file.exists());
    let done = said(&scratch, &[&copy[..], &["--yes"]].concat());
    assert!(
        done.stderr.contains("each read back and compared"),
        "{}",
        done.stderr
    );
    done.success();
    assert_eq!(
        std::fs::read_to_string(&file).unwrap(),
        format!("A={}\nB=b\n", canary.value())
    );
    assert_eq!(sealed(&scratch, "A").success(), canary.value());
    // Nothing is left to do, so nobody need be asked.
    said(&scratch, &copy).success();

    set(&scratch, "B", "newer");
    let conflict = said(&scratch, &[&copy[..], &["--yes"]].concat());
    assert_eq!(conflict.code, Some(1));
    assert!(
        conflict.stderr.contains("B: fingerprint "),
        "{}",
        conflict.stderr
    );
    let prefixed = said(
        &scratch,
        &[&copy[..], &["--yes", "--only", "B", "--prefix", "NEW_"]].concat(),
    );
    prefixed.success();
    said(&scratch, &[&copy[..], &["--yes", "--overwrite"]].concat()).success();
    assert_eq!(
        std::fs::read_to_string(&file).unwrap(),
        format!("A={}\nB=newer\nNEW_B=newer\n", canary.value())
    );
    let json = said(&scratch, &[&copy[..], &["--json", "--dry-run"]].concat()).success();
    canary.assert_absent("the JSON", &json);
    let json: Value = serde_json::from_str(&json).unwrap();
    assert_eq!(json["from"], "sealed");
    assert_eq!(json["values"][0]["there"], "same");
    assert_eq!(json["written"], Value::Null);
}

#[test]
fn what_is_no_copy_is_refused() {
    let scratch = Scratch::new();
    set(&scratch, "A", "a");
    scratch.write("moved.env", "A='$<A>'\n");
    for (arguments, part) in [
        (&["sealed", "sealed"][..], "the same place"),
        (&["sealed", "env"], "takes no values by name"),
        (&["sealed", "dotenv:x", "--only", "B"], "there is no `B`"),
        (&["dotenv:gone", "sealed"], "gone"),
        (
            &["dotenv:moved.env", "sealed"],
            "take it from the store that it refers to",
        ),
    ] {
        let refused = said(&scratch, &[&["copy", "--yes"], arguments].concat());
        assert_eq!(refused.code, Some(1), "{arguments:?}");
        assert!(
            refused.stderr.contains(part),
            "{arguments:?}: {}",
            refused.stderr
        );
    }
    // A value that a .env cannot hold goes nowhere, and no other either.
    set(&scratch, "B", "it's $x\n");
    let refused = said(&scratch, &["copy", "sealed", "dotenv:out.env", "--yes"]);
    assert_eq!(refused.code, Some(1));
    assert!(
        refused.stderr.contains("B: not written: "),
        "{}",
        refused.stderr
    );
    assert_eq!(sealed(&scratch, "B").success(), "it's $x\n");
}
