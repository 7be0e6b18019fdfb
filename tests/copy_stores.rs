//! `secrets copy` with stores on the network.

use std::process::Command;

use mcp_launch_testkit::{Canary, Moto, OpenBao, Scratch};
use serde_json::json;

use crate::import::{sealed, secrets};
use crate::import_stores::{of_aws, of_vault};
use crate::support::Finished;

/// Every ordered pair, through a circle and across it.
#[cfg(target_os = "linux")]
#[test]
fn values_pass_between_every_two_stores() {
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
#[test]
fn bytes_that_are_no_text_pass_where_they_can_be() {
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
#[test]
fn names_come_from_secrets_and_fields_and_odd_ones_are_told_before_anything_is_written() {
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
