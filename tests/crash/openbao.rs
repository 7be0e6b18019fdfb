//! An import into OpenBao, killed as it sends.

use std::collections::HashMap;
use std::fs;

use mcp_launch_testkit::{OpenBao, Scratch};
use serde_json::Value;

use super::{Command, Finished};
use crate::support::installed;

/// What sends a request.
const SEND: &str = "writev";

/// A home that knows the server, with a `.env` of so many values.
fn home(bao: &OpenBao, values: usize) -> Scratch {
    let scratch = Scratch::new();
    let settings = format!("[stores.vault]\naddress = \"{}\"\n", bao.address());
    scratch.write(".config/mcp-launch/config.toml", settings);
    scratch.write(".env", dotenv(values));
    scratch
}

fn dotenv(values: usize) -> String {
    let lines = (0..values).map(|number| format!("NAME_{number}=\"the value {number}\"\n"));
    lines.collect()
}

fn content(scratch: &Scratch) -> String {
    fs::read_to_string(scratch.home().join(".env")).expect("the file is there")
}

/// The import, under `strace` where it has words.
fn import(scratch: &Scratch, bao: &OpenBao, to: &str, strace: &[&str]) -> Command {
    let mut words: Vec<&str> = strace.to_vec();
    let launcher = installed(scratch);
    words.push(launcher.to_str().expect("a path that is text"));
    words.extend(["secrets", "import", ".env", "--to", to]);
    words.extend(["--delete-source", "--yes"]);
    let mut command = scratch.command(words[0]);
    command
        .args(&words[1..])
        .env("VAULT_TOKEN", bao.root_token());
    command
}

/// The import, killed at the nth call of this name.
fn killed(scratch: &Scratch, bao: &OpenBao, to: &str, call: &str, nth: usize) -> Finished {
    let trace = format!("trace={call}");
    let inject = format!("inject={call}:signal=KILL:when={nth}");
    let strace = ["strace", "-f", "-qq", "-o", "/dev/null"];
    let strace = [&strace[..], &["-e", &trace, "-e", &inject]].concat();
    Finished::of(&mut import(scratch, bao, to, &strace))
}

#[test]
fn an_import_killed_at_any_request_is_finished_by_the_next() {
    const VALUES: usize = 3;
    let bao = OpenBao::start();
    let read = || bao.ask("GET", "secret/data/app", None, Some(bao.root_token()));
    let mut kills = 0;
    for call in [SEND, "fsync", "renameat"] {
        for nth in 1.. {
            assert!(nth < 100, "no end of {call}");
            bao.api("DELETE", "secret/metadata/app", None);
            let scratch = home(&bao, VALUES);
            let ended = killed(&scratch, &bao, "vault:secret/app", call, nth);
            if ended.code == Some(0) {
                assert!(nth > 1, "{call} was never made");
                break;
            }
            kills += 1;
            let place = format!("killed at {call} number {nth}");
            let now = content(&scratch);
            if now != dotenv(VALUES) {
                let (_, there) = read();
                for number in 0..VALUES {
                    let name = format!("NAME_{number}");
                    assert!(
                        now.contains(&format!("$<vault:secret/app#{name}>")),
                        "{place}: {now}"
                    );
                    assert_eq!(
                        there["data"]["data"][&name],
                        Value::from(format!("the value {number}")),
                        "{place}"
                    );
                }
            }
            let again = import(&scratch, &bao, "vault:secret/app", &[]);
            let _said = Finished::of(&mut { again }).success();
            assert!(!content(&scratch).contains("the value"), "{place}");
            let (_, there) = read();
            assert_eq!(there["data"]["metadata"]["version"], 1, "{place}: {there}");
            let mut restore = scratch.command(installed(&scratch));
            let _said = Finished::of(restore.args(["restore", ".env", "--yes"])).success();
            assert_eq!(content(&scratch), dotenv(VALUES), "{place}");
        }
    }
    assert!(kills > 5, "only {kills}");
}

/// What launches were told lately, or may be told from a cache, is not what the store has.
#[test]
fn a_value_that_is_gone_since_a_launch_has_had_it_is_written_again() {
    let bao = OpenBao::start();
    let scratch = home(&bao, 1);
    let settings = format!(
        "[stores.vault]\naddress = \"{}\"\ncache = \"1h\"\nstale = \"1h\"\n",
        bao.address()
    );
    scratch.write(".config/mcp-launch/config.toml", settings);
    bao.put("app", serde_json::json!({ "NAME_0": "the value 0" }));
    let mut launch = scratch.command(installed(&scratch));
    launch
        .args(["--", "/bin/sh", "-c", "printf %s \"$A\""])
        .env("A", "$<vault:secret/app#NAME_0>")
        .env("VAULT_TOKEN", bao.root_token());
    assert_eq!(Finished::of(&mut launch).success(), "the value 0");
    bao.api("DELETE", "secret/metadata/app", None);
    let mut import = import(&scratch, &bao, "vault:secret/app", &[]);
    let _said = Finished::of(&mut import).success();
    let there = bao.api("GET", "secret/data/app", None);
    assert_eq!(there["data"]["data"]["NAME_0"], "the value 0", "{there}");
}

#[test]
fn three_hundred_values_of_an_import_that_is_killed_again_and_again_are_written_once() {
    const VALUES: usize = 300;
    let bao = OpenBao::start();
    let scratch = home(&bao, VALUES);
    let start = bao.mark();
    let written = || {
        let mut writes: HashMap<String, usize> = HashMap::new();
        for request in bao.requests_since(start) {
            let is_write = ["create", "update"].contains(&request.operation.as_str());
            if is_write && request.path.starts_with("secret/data/x/") {
                *writes.entry(request.path).or_default() += 1;
            }
        }
        writes
    };
    let mut parts = 0;
    let last = (100..).step_by(150).find_map(|nth| {
        let ended = killed(&scratch, &bao, "vault:secret/x/", SEND, nth);
        if ended.code.is_some() {
            return Some(ended);
        }
        assert_eq!(content(&scratch), dotenv(VALUES), "killed at request {nth}");
        parts += usize::from((1..VALUES).contains(&written().len()));
        None
    });
    let last = last.expect("a run that comes to its end");
    assert_eq!(last.code, Some(0), "{}", last.stderr);
    assert!(parts > 0, "it was never killed between two writes");
    assert!(last.stderr.contains("had been there already"));
    assert!(!content(&scratch).contains("the value"));

    let writes = written();
    assert_eq!(writes.len(), VALUES);
    for (path, count) in writes {
        // One that was on its way when its sender was killed may have been sent again, and refused.
        if count > 1 {
            let there = bao.api("GET", &path, None);
            assert_eq!(there["data"]["metadata"]["version"], 1, "{path}: {there}");
        }
    }
}
