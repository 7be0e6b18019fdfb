//! `secrets copy`: between every two stores, read back and compared.

use std::process::Command;

use mcp_launch_testkit::{Canary, Scratch};
use serde_json::Value;

use crate::import::{said, sealed, secrets};
use crate::support::{Finished, at_terminal, with_input};

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

/// Every ordered pair, through a circle and across it.
#[cfg(all(target_os = "linux", feature = "aws", feature = "vault"))]
#[test]
fn values_pass_between_every_two_stores() {
    use crate::import_stores::{of_aws, of_vault};
    use mcp_launch_testkit::{Moto, OpenBao};

    let (bao, moto) = (OpenBao::start(), Moto::start());
    let (scratch, canary) = (Scratch::new(), Canary::new());
    scratch.write(
        ".env",
        format!("A='{}'\nB='two\nlines'\nC=\"it's\"\n", canary.value()),
    );
    let stores = [
        "keychain",
        "sealed",
        "vault:secret/S",
        "vault:secret/S/each/",
        "aws:S",
        "aws:S/each/",
    ];
    let mut script = String::from("set -e\n");
    // Each pair has places of its own, so that each copy is one.
    for (number, from) in stores.iter().enumerate() {
        for (other, to) in stores
            .iter()
            .enumerate()
            .filter(|(other, _)| *other != number)
        {
            let (from, to) = (
                from.replace('S', &format!("f{number}{other}")),
                to.replace('S', &format!("t{number}{other}")),
            );
            script += &format!(
                "\"$LAUNCH\" secrets import --yes --to {from} >/dev/null 2>&1 || echo 'import {from}'\n\
                 \"$LAUNCH\" secrets copy {from} {to} --yes >out 2>&1 || {{ echo 'copy {from} {to}'; cat out; }}\n\
                 \"$LAUNCH\" secrets export --from {to} --format env --yes | cmp - expected || echo 'differs {from} {to}'\n"
            );
            for flat in ["keychain", "sealed"] {
                script += &format!(
                    "for name in A B C; do \"$LAUNCH\" secrets rm $name --store {flat} >/dev/null 2>&1 || true; done\n"
                );
            }
        }
    }
    script += "echo done\n";
    scratch.write(
        "expected",
        format!("A='{}'\nB='two\nlines'\nC=\"it's\"\n", canary.value()),
    );
    scratch.write("all.sh", script);
    let mut session: Command = crate::keychain::in_session(&scratch, &["/bin/sh", "all.sh"]);
    session.env("LAUNCH", crate::support::installed(&scratch));
    of_aws(of_vault(&mut session, &bao), &moto);
    assert_eq!(Finished::of(&mut session).success(), "done\n");
}

/// A value that is no text passes between stores that hold bytes, and is refused by those that do not.
#[cfg(feature = "aws")]
#[test]
fn bytes_that_are_no_text_pass_where_they_can_be() {
    use crate::import_stores::of_aws;
    use mcp_launch_testkit::Moto;

    let moto = Moto::start();
    let scratch = Scratch::new();
    let secret = scratch.write(
        "secret.yaml",
        "apiVersion: v1\nkind: Secret\nmetadata:\n  name: x\ndata:\n  BIN: /wD+gIE=\n",
    );
    let run = |arguments: &[&str]| Finished::of(of_aws(&mut secrets(&scratch, arguments), &moto));
    let done = run(&[
        "import",
        secret.to_str().unwrap(),
        "--to",
        "sealed",
        "--yes",
    ]);
    assert_eq!(done.code, Some(0), "{}", done.stderr);
    for (from, to) in [
        ("sealed", "aws:bin/"),
        ("aws:bin/", "dotenv:out.env"),
        ("sealed", "aws:one"),
    ] {
        let done = run(&["copy", from, to, "--yes"]);
        if to == "aws:bin/" {
            assert_eq!(done.code, Some(0), "{to}: {}", done.stderr);
        } else {
            assert_eq!(done.code, Some(1), "{to}: {}", done.stderr);
            assert!(
                done.stderr.contains("BIN: not written: "),
                "{to}: {}",
                done.stderr
            );
        }
    }
    run(&["rm", "BIN", "--store", "sealed"]).success();
    let back = run(&["copy", "aws:bin/", "sealed", "--yes"]);
    assert_eq!(back.code, Some(0), "{}", back.stderr);
    let exported = run(&[
        "export",
        "--from",
        "sealed",
        "--format",
        "k8s-secret",
        "--yes",
    ])
    .success();
    assert!(exported.contains("/wD+gIE="), "{exported}");
}

/// Names of a network store that no placeholder could have, and secrets of several fields.
#[cfg(all(feature = "aws", feature = "vault"))]
#[test]
fn names_come_from_secrets_and_fields_and_odd_ones_are_told_before_anything_is_written() {
    use crate::import_stores::{of_aws, of_vault};
    use mcp_launch_testkit::{Moto, OpenBao};
    use serde_json::json;

    let (bao, moto) = (OpenBao::start(), Moto::start());
    let scratch = Scratch::new();
    bao.put("each/ONE", json!({ "value": "1" }));
    bao.put("each/PG", json!({ "user": "u", "password": "p" }));
    bao.put("each/deep/TWO", json!({ "value": "2" }));
    bao.put("odd", json!({ "GOOD": "g", "two words": "w", "a#b": "h" }));
    moto.create("prod/A", "a");
    moto.create("prod/db/password", "p");
    let run = |arguments: &[&str]| {
        let mut command = secrets(&scratch, arguments);
        of_aws(of_vault(&mut command, &bao), &moto);
        Finished::of(&mut command)
    };
    run(&["copy", "vault:secret/each/", "sealed", "--yes"]).success();
    assert_eq!(
        crate::import::names(&scratch),
        ["ONE", "PG_password", "PG_user"]
    );
    assert_eq!(sealed(&scratch, "PG_user").success(), "u");
    for (from, odd) in [
        ("vault:secret/odd", "two words"),
        ("aws:prod/", "db/password"),
    ] {
        let refused = run(&["copy", from, "sealed", "--yes"]);
        assert_eq!(refused.code, Some(1), "{from}");
        for part in [odd, "--except"] {
            assert!(refused.stderr.contains(part), "{from}: {}", refused.stderr);
        }
        assert_eq!(
            crate::import::names(&scratch).len(),
            3,
            "{from}: nothing was written"
        );
    }
    run(&["copy", "aws:prod/", "sealed", "--yes", "--except", "*/*"]).success();
    assert_eq!(sealed(&scratch, "A").success(), "a");
    // Where names may be odd, they pass.
    let done = run(&["copy", "vault:secret/odd", "aws:odd", "--yes"]);
    assert_eq!(done.code, Some(0), "{}", done.stderr);
    let back = run(&["copy", "aws:odd", "vault:secret/back", "--yes"]);
    assert_eq!(back.code, Some(0), "{}", back.stderr);
    let fields = &bao.api("GET", "secret/data/back", None)["data"]["data"];
    assert_eq!(
        fields,
        &json!({ "GOOD": "g", "two words": "w", "a#b": "h" })
    );
    let env = run(&[
        "export",
        "--from",
        "vault:secret/odd",
        "--format",
        "env",
        "--yes",
    ]);
    assert_eq!((env.code, env.stdout.as_str()), (Some(1), ""));
}
