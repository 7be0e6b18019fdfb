//! `secrets import` into the stores of a network and the keychain, and what a launch makes of it afterwards.

use std::process::Command;

use mcp_launch_testkit::{AwsRequest, Canary, Moto, OpenBao, Scratch, VaultRequest};
use serde_json::json;

use crate::import::secrets;
use crate::support::{Finished, launch};

const SETTINGS: &str = ".config/mcp-launch/config.toml";
const PRINT: [&str; 4] = ["--", "/bin/sh", "-c", "printf %s \"$X\""];

/// Told of this server, with the right to everything.
pub(crate) fn of_vault<'a>(command: &'a mut Command, bao: &OpenBao) -> &'a mut Command {
    command
        .env("VAULT_ADDR", bao.address())
        .env("VAULT_TOKEN", bao.root_token())
}

/// Told of this account.
pub(crate) fn of_aws<'a>(command: &'a mut Command, moto: &Moto) -> &'a mut Command {
    command
        .env("AWS_ENDPOINT_URL", moto.endpoint())
        .env("AWS_REGION", "us-east-1")
        .env("AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE")
        .env("AWS_SECRET_ACCESS_KEY", "a-key-of-the-launcher-alone")
        .env("AWS_EC2_METADATA_DISABLED", "true")
}

fn writes(requests: &[VaultRequest]) -> usize {
    let writes = |request: &&VaultRequest| {
        ["create", "update", "patch"].contains(&request.operation.as_str())
            && request.path.starts_with("secret/data/")
    };
    requests.iter().filter(writes).count()
}

fn aws_writes(requests: &[AwsRequest]) -> usize {
    let writes = |request: &&AwsRequest| {
        ["CreateSecret", "PutSecretValue", "UpdateSecret"].contains(&request.action.as_str())
    };
    requests.iter().filter(writes).count()
}

/// What the lines after "write into" of what was said make of the settings.
fn proposed_settings(told: &str) -> String {
    let (_, lines) = told
        .split_once("/config.toml:\n")
        .expect("lines for the settings");
    let lines = lines.lines().take_while(|line| line.starts_with("  "));
    lines.map(|line| format!("{}\n", line.trim())).collect()
}

/// Imports to `to`, clears the `.env`, and follows what was said until a server has the values.
fn imported_and_launched(to: &str, with: &dyn Fn(&mut Command), address: &str) {
    let (scratch, canary) = (Scratch::new(), Canary::new());
    let text = format!("# app\nDB='{}'\nAPI_KEY=key # c\n", canary.value());
    let file = scratch.write(".env", &text);
    let import = ["import", "--to", to, "--yes", "--delete-source"];
    let mut command = secrets(&scratch, &import);
    with(&mut command);
    let done = Finished::of(&mut command);
    let told = done.stderr.clone();
    canary.assert_absent("what was said", done.stdout.clone() + &told);
    done.success();
    let referring = format!(
        "# app\nDB='$<{address}>'\nAPI_KEY='$<{}>' # c\n",
        address.replace("DB", "API_KEY")
    );
    assert_eq!(std::fs::read_to_string(&file).unwrap(), referring);

    let launched = |options: &[&str], placeholder: &str| {
        let mut command = launch(&scratch, options);
        command.args(PRINT).env("X", placeholder);
        with(&mut command);
        Finished::of(&mut command)
    };
    // As it is said for a client's config.
    let written = format!("write $<{address}> where the value of DB goes");
    assert!(told.contains(&written), "no {written} in {told}");
    assert_eq!(
        launched(&[], &format!("$<{address}>")).success(),
        canary.value()
    );
    // With the file named, as it is said.
    let named = format!("mcp-launch --env-file {} -- COMMAND", file.display());
    assert!(told.contains(&named), "no {named} in {told}");
    let options = ["--env-file", file.to_str().unwrap()];
    assert_eq!(
        launched(&options, "$<DB> $<API_KEY>").success(),
        format!("{} key", canary.value())
    );
    launched(&[], "$<dotenv:DB>").not_started();
    // With the names bound, as it is said.
    scratch.write(SETTINGS, proposed_settings(&told));
    for placeholder in ["$<DB>", "$<dotenv:DB>"] {
        assert_eq!(
            launched(&[], placeholder).success(),
            canary.value(),
            "{told}"
        );
    }

    // The names alone do from now on.
    scratch.write(".env", &text);
    let mut command = secrets(&scratch, &import);
    with(&mut command);
    let again = Finished::of(&mut command);
    assert!(
        again.stderr.contains("(2 had been there already)"),
        "{}",
        again.stderr
    );
    assert!(
        again.stderr.contains("write $<DB> where"),
        "{}",
        again.stderr
    );
    assert!(!again.stderr.contains("config.toml"), "{}", again.stderr);
    assert_eq!(
        std::fs::read_to_string(&file).unwrap(),
        "# app\nDB='$<DB>'\nAPI_KEY='$<API_KEY>' # c\n"
    );
    assert_eq!(launched(&[], "$<dotenv:DB>").success(), canary.value());
    let mut command = launch(&scratch, ["restore", "--yes", file.to_str().unwrap()]);
    with(&mut command);
    Finished::of(&mut command).success();
    assert_eq!(std::fs::read_to_string(&file).unwrap(), text);
    canary.assert_absent("the record", {
        let state = canary.find_under(&scratch.home().join(".local"));
        format!("{state:?}").replace(canary.value(), "")
    });
    assert_eq!(canary.find_under(&scratch.home().join(".local")), []);
}

#[test]
fn what_went_into_vault_is_used_as_the_import_says() {
    let bao = OpenBao::start();
    for (to, address) in [
        ("vault:secret/app", "vault:secret/app#DB"),
        ("vault:secret/each/", "vault:secret/each/DB#value"),
    ] {
        imported_and_launched(
            to,
            &|command| {
                of_vault(command, &bao);
            },
            address,
        );
    }
}

#[test]
fn what_went_into_aws_is_used_as_the_import_says() {
    let moto = Moto::start();
    for (to, address) in [("aws:prod", "aws:prod#DB"), ("aws:each/", "aws:each/DB")] {
        imported_and_launched(
            to,
            &|command| {
                of_aws(command, &moto);
            },
            address,
        );
    }
}

fn env_file(count: usize, changed: Option<usize>) -> String {
    (0..count)
        .map(|number| match changed {
            Some(changed) if changed == number => format!("N{number}=other-{number}\n"),
            _ => format!("N{number}=value-{number}\n"),
        })
        .collect()
}

#[test]
fn one_secret_of_vault_is_one_write_and_an_interrupted_import_goes_on() {
    let bao = OpenBao::start();
    let scratch = Scratch::new();
    scratch.write(".env", env_file(30, None));
    let import = |to: &str, more: &[&str]| {
        let mut command = secrets(&scratch, &[&["import", "--yes", "--to", to], more].concat());
        let before = bao.mark();
        let done = Finished::of(of_vault(&mut command, &bao));
        (done, writes(&bao.requests_since(before)))
    };
    let version = |path: &str| {
        let metadata = bao.api("GET", &format!("secret/metadata/{path}"), None);
        metadata["data"]["current_version"].as_u64().unwrap()
    };
    // Somebody else's field stays.
    bao.put("app", json!({ "THEIRS": "x", "N0": "value-0" }));
    let (done, written) = import("vault:secret/app", &[]);
    assert!(
        done.stderr.contains("(1 had been there already)"),
        "{}",
        done.stderr
    );
    done.success();
    assert_eq!((written, version("app")), (1, 2));
    let data = &bao.api("GET", "secret/data/app", None)["data"]["data"];
    assert_eq!(data.as_object().unwrap().len(), 31);
    assert_eq!(
        (&data["THEIRS"], &data["N29"]),
        (&json!("x"), &json!("value-29"))
    );
    let (done, written) = import("vault:secret/app", &[]);
    done.success();
    assert_eq!((written, version("app")), (0, 2));

    // Half of it is there, as after an interruption.
    for number in 0..15 {
        bao.put(
            &format!("each/N{number}"),
            json!({ "value": format!("value-{number}") }),
        );
    }
    let (done, written) = import("vault:secret/each/", &[]);
    assert!(
        done.stderr.contains("(15 had been there already)"),
        "{}",
        done.stderr
    );
    done.success();
    assert_eq!(written, 15);
    let (done, written) = import("vault:secret/each/", &[]);
    done.success();
    assert_eq!(written, 0);
    assert_eq!((version("each/N0"), version("each/N29")), (1, 1));

    // A conflict is found before anything is written.
    scratch.write(".env", env_file(31, Some(7)));
    for to in ["vault:secret/app", "vault:secret/each/"] {
        let (refused, written) = import(to, &[]);
        assert_eq!((refused.code, written), (Some(1), 0));
        assert!(
            refused.stderr.contains("N7: fingerprint "),
            "{}",
            refused.stderr
        );
        let (dry, written) = import(to, &["--overwrite", "--dry-run"]);
        dry.success();
        assert_eq!(written, 0);
    }
    let (done, written) = import("vault:secret/each/", &["--overwrite"]);
    done.success();
    assert_eq!(written, 2);
    assert_eq!((version("each/N7"), version("each/N8")), (2, 1));
}

#[test]
fn one_secret_of_aws_is_one_write_and_an_interrupted_import_goes_on() {
    let moto = Moto::start();
    let scratch = Scratch::new();
    scratch.write(".env", env_file(12, None));
    let import = |to: &str, more: &[&str]| {
        let mut command = secrets(&scratch, &[&["import", "--yes", "--to", to], more].concat());
        let before = moto.requests().len();
        let done = Finished::of(of_aws(&mut command, &moto));
        (done, aws_writes(&moto.requests()[before..]))
    };
    let versions = |name: &str| {
        let listed = moto.call(
            "ListSecretVersionIds",
            json!({ "SecretId": name, "IncludeDeprecated": true }),
        );
        listed["Versions"].as_array().unwrap().len()
    };
    moto.create("prod", "{\"THEIRS\":\"x\"}");
    for written in [1, 0] {
        let (done, wrote) = import("aws:prod", &[]);
        done.success();
        assert_eq!((wrote, versions("prod")), (written, 2));
    }
    let value = moto.call("GetSecretValue", json!({ "SecretId": "prod" }));
    assert!(
        value["SecretString"]
            .as_str()
            .unwrap()
            .contains("\"THEIRS\"")
    );
    for number in 0..5 {
        moto.create(&format!("prod/N{number}"), &format!("value-{number}"));
    }
    for written in [7, 0] {
        let (done, wrote) = import("aws:prod/", &[]);
        done.success();
        assert_eq!(wrote, written);
    }
    assert_eq!((versions("prod/N0"), versions("prod/N11")), (1, 1));
    scratch.write(".env", env_file(12, Some(7)));
    let (refused, wrote) = import("aws:prod/", &[]);
    assert_eq!((refused.code, wrote), (Some(1), 0));
    let (done, wrote) = import("aws:prod/", &["--overwrite"]);
    done.success();
    assert_eq!((wrote, versions("prod/N7"), versions("prod/N8")), (1, 2, 1));
}

/// Where the settings say where a store's names stand, they do alone.
#[test]
fn a_store_whose_names_the_settings_know_needs_no_path() {
    let (bao, moto) = (OpenBao::start(), Moto::start());
    let scratch = Scratch::new();
    scratch.write(
        SETTINGS,
        "order = [\"vault\", \"aws\"]\n[stores.vault]\nnames = \"secret/app#{name}\"\n\
         [stores.aws]\nnames = \"mcp/{name}\"\n",
    );
    for (store, name, text) in [
        ("vault", "A", "A='$<A>'\n"),
        ("aws", "B", "B='$<B>'\n"),
        // The first has it, so the name alone would be that one's.
        ("aws", "A", "A='$<aws:mcp/A>'\n"),
    ] {
        let file = scratch.write(".env", format!("{name}=of-{store}\n"));
        let with = |command: &mut Command| {
            of_aws(of_vault(command, &bao), &moto);
        };
        let mut command = secrets(
            &scratch,
            &["import", "--to", store, "--yes", "--delete-source"],
        );
        with(&mut command);
        let done = Finished::of(&mut command);
        assert_eq!(done.code, Some(0), "{}", done.stderr);
        assert_eq!(std::fs::read_to_string(file).unwrap(), text);
        for options in [&[][..], &["--env-file", ".env"]] {
            let mut command = launch(&scratch, options);
            command.args(PRINT).env("X", format!("$<dotenv:{name}>"));
            with(&mut command);
            assert_eq!(Finished::of(&mut command).success(), format!("of-{store}"));
        }
        let mut command = secrets(&scratch, &["copy", store, "sealed", "--yes"]);
        with(&mut command);
        let refused = Finished::of(&mut command);
        assert!(
            refused.stderr.contains("name the path, too"),
            "{}",
            refused.stderr
        );
    }
}

/// A store that is away in the middle leaves the file as it is.
#[test]
fn a_store_that_does_not_answer_leaves_the_file_alone() {
    let scratch = Scratch::new();
    let canary = Canary::new();
    let text = format!("A='{}'\n", canary.value());
    let file = scratch.write(".env", &text);
    let bao = OpenBao::start();
    bao.seal();
    let nobody = "http://127.0.0.1:9";
    for address in [bao.address(), nobody] {
        let mut command = secrets(
            &scratch,
            &[
                "import",
                "--to",
                "vault:secret/app",
                "--yes",
                "--delete-source",
            ],
        );
        command.env("VAULT_ADDR", address).env("VAULT_TOKEN", "x");
        let failed = Finished::of(&mut command);
        assert_eq!(failed.code, Some(1));
        canary.assert_absent("what was said", failed.stdout.clone() + &failed.stderr);
        assert!(failed.stderr.contains("hint: "), "{}", failed.stderr);
        assert_eq!(std::fs::read_to_string(&file).unwrap(), text);
    }
}

#[cfg(target_os = "linux")]
#[test]
fn many_values_are_in_the_keychain_with_one_connection() {
    let (scratch, canary) = (Scratch::new(), Canary::new());
    let mut text = env_file(40, None);
    text += &format!("SECRET='{}'\n", canary.value());
    scratch.write(".env", &text);
    let script = r#"
        dbus-monitor --session "interface='org.freedesktop.Secret.Service',member='OpenSession'" > "$TMPDIR/calls" &
        monitor=$!
        sleep 1
        "$LAUNCH" secrets import --yes --delete-source 2>&1
        sleep 1
        kill $monitor
        grep -c member=OpenSession "$TMPDIR/calls"
        cat .env
        for options in "" "--env-file .env"; do
            X='$<SECRET>' "$LAUNCH" $options -- /bin/sh -c '[ "$X" = "$VALUE" ] && echo "given"'
            X='$<dotenv:N39>' "$LAUNCH" $options -- /bin/sh -c 'echo "$X"'
        done
        "$LAUNCH" restore --all --yes >/dev/null 2>&1
        "$LAUNCH" secrets list --store keychain 2>&1
        grep -c value- .env
    "#;
    let said = crate::keychain::script_in_session(&scratch, &canary, script).success();
    canary.assert_absent("what was said", said.replace("given", ""));
    for part in [
        "41 values are in the keychain, each read back and compared\n",
        "write $<N0> where the value of N0 goes",
        "SECRET='$<SECRET>'\ngiven\nvalue-39\ngiven\nvalue-39\n",
    ] {
        assert!(said.contains(part), "no {part} in {said}");
    }
    assert!(said.ends_with("\n40\n"), "{said}");
    let sessions = said.lines().find_map(|line| line.parse::<u32>().ok());
    assert!(
        sessions.is_some_and(|sessions| (1..=4).contains(&sessions)),
        "{said}"
    );
}
