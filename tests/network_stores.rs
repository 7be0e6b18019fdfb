//! Values of Vault and AWS, from the settings to the server.

use std::process::{Child, Command, Stdio};
use std::time::Duration;

use mcp_launch_testkit::{AwsRequest, Canary, Moto, OpenBao, Scratch, VaultRequest};
use serde_json::json;

use crate::support::{Entry, Finished, launch, node_server};

const SETTINGS: &str = ".config/mcp-launch/config.toml";

/// What a launch of a server that prints `$A` needs.
const PRINT_A: [&str; 4] = ["--", "/bin/sh", "-c", "printf %s \"$A\""];

/// A role that may read what is below `secret/mcp`: its id and its secret.
fn app_role(bao: &OpenBao) -> (String, String) {
    let policy = r#"path "secret/data/mcp/*" { capabilities = ["read"] }"#;
    bao.api(
        "PUT",
        "sys/policies/acl/mcp",
        Some(json!({ "policy": policy })),
    );
    bao.bao(&["auth", "enable", "approle"]);
    bao.bao(&["write", "auth/approle/role/mcp", "token_policies=mcp"]);
    (
        bao.bao(&["read", "-field=role_id", "auth/approle/role/mcp/role-id"]),
        bao.bao(&[
            "write",
            "-f",
            "-field=secret_id",
            "auth/approle/role/mcp/secret-id",
        ]),
    )
}

/// A home whose settings log in with a role, whose secret stands in the `.env`.
fn settings_of(scratch: &Scratch, bao: &OpenBao) {
    settings_with(scratch, bao, "");
}

/// The same, with `more` settings of the store.
fn settings_with(scratch: &Scratch, bao: &OpenBao, more: &str) {
    let (role, secret) = app_role(bao);
    scratch.write(".env", format!("VAULT_SECRET_ID={secret}\n"));
    let text = format!(
        "[stores.vault]\naddress = \"{}\"\nauth = {{ method = \"approle\", role_id = \"{role}\", secret_id = \"$<dotenv:VAULT_SECRET_ID>\" }}\n{more}",
        bao.address()
    );
    scratch.write(SETTINGS, text);
}

fn paths(requests: &[VaultRequest]) -> Vec<&str> {
    requests
        .iter()
        .map(|request| request.path.as_str())
        .collect()
}

fn actions(requests: &[AwsRequest]) -> Vec<&str> {
    requests
        .iter()
        .map(|request| request.action.as_str())
        .collect()
}

/// A launch that is told of this account.
fn of_aws<'a>(command: &'a mut Command, moto: &Moto) -> &'a mut Command {
    command
        .env("AWS_ENDPOINT_URL", moto.endpoint())
        .env("AWS_REGION", "us-east-1")
        .env("AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE")
        .env("AWS_SECRET_ACCESS_KEY", "a-key-of-the-launcher-alone")
        .env("AWS_EC2_METADATA_DISABLED", "true")
}

#[test]
fn a_real_server_gets_fields_of_one_secret_by_one_login_and_one_read() {
    let bao = OpenBao::start();
    let scratch = Scratch::new();
    let canary = Canary::shaped_like("aaaaAAAA0000aaaaAAAA");
    bao.put(
        "mcp/pg",
        json!({ "username": "mcp_ro", "password": canary.value() }),
    );
    settings_of(&scratch, &bao);
    let before = bao.mark();
    let url = "postgresql://$<vault:secret/mcp/pg#username>:$<vault:secret/mcp/pg#password>@db/app";
    let seen = Entry::new(&["node", &node_server("everything")])
        .variable("DATABASE_URL", url)
        .seen_by_python(&scratch, &["--tool", "get-env"]);
    let resolved = format!("postgresql://mcp_ro:{}@db/app", canary.value());
    assert!(seen.result().contains(&resolved), "{seen:?}");
    canary.assert_absent("the server's standard error", &seen.stderr);
    assert_eq!(
        paths(&bao.requests_since(before)),
        ["auth/approle/login", "secret/data/mcp/pg"]
    );
}

/// As many launches at once as `count`, each of which gets the value. Gives the paths that were asked for.
fn launched_at_once(scratch: &Scratch, bao: &OpenBao, count: usize) -> Vec<String> {
    let before = bao.mark();
    let children: Vec<Child> = (0..count)
        .map(|_| {
            let mut command = launch(scratch, PRINT_A);
            command
                .env("A", "$<vault:secret/mcp/pg#password>")
                .stdin(Stdio::null())
                .stdout(Stdio::piped())
                .stderr(Stdio::piped());
            command.spawn().expect("the launcher")
        })
        .collect();
    for child in children {
        let output = child.wait_with_output().expect("it ends");
        assert_eq!(
            String::from_utf8_lossy(&output.stdout),
            "shared",
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
    }
    let requests = bao.requests_since(before);
    requests.into_iter().map(|request| request.path).collect()
}

#[test]
fn twenty_launches_at_once_share_one_login_and_one_read() {
    let bao = OpenBao::start();
    let scratch = Scratch::ordinary();
    bao.put("mcp/pg", json!({ "password": "shared" }));
    // Where a machine is slow, the last of twenty comes when what launches share by themselves is over.
    settings_with(&scratch, &bao, "cache = \"60s\"\n");
    assert_eq!(
        launched_at_once(&scratch, &bao, 20),
        ["auth/approle/login", "secret/data/mcp/pg"]
    );
}

#[test]
fn launches_at_once_share_without_a_word_in_the_settings() {
    let bao = OpenBao::start();
    let scratch = Scratch::ordinary();
    bao.put("mcp/pg", json!({ "password": "shared" }));
    settings_of(&scratch, &bao);
    assert_eq!(
        launched_at_once(&scratch, &bao, 4),
        ["auth/approle/login", "secret/data/mcp/pg"]
    );
}

#[test]
fn an_answer_may_be_kept_for_when_the_store_is_away() {
    let bao = OpenBao::start();
    let scratch = Scratch::ordinary();
    bao.put("mcp/pg", json!({ "password": "kept" }));
    let text = format!(
        "[stores.vault]\naddress = \"{}\"\ncache = \"1s\"\nstale = \"1h\"\n",
        bao.address()
    );
    scratch.write(SETTINGS, text);
    let token = bao.root_token().to_owned();
    let asked = || {
        let mut command = launch(&scratch, PRINT_A);
        command
            .env("A", "$<vault:secret/mcp/pg#password>")
            .env("VAULT_TOKEN", &token);
        Finished::of(&mut command)
    };
    assert_eq!(asked().success(), "kept");
    drop(bao);
    // What launches share by themselves lasts longer than the cache.
    std::thread::sleep(mcp_launch_sharing::WINDOW + Duration::from_secs(1));
    let stale = asked();
    assert!(
        stale.stderr.contains(" seconds ago"),
        "nothing is said of its age: {}",
        stale.stderr
    );
    assert_eq!(stale.success(), "kept");
}

#[test]
fn twenty_secrets_of_aws_cost_one_request_and_one_secret_costs_one() {
    let moto = Moto::start();
    let scratch = Scratch::new();
    for number in 0..20 {
        moto.create(&format!("mcp/{number}"), &format!("value-{number}"));
    }
    let before = moto.requests().len();
    let mut command = launch(
        &scratch,
        ["--", "/bin/sh", "-c", "printf %s-%s \"$S0\" \"$S19\""],
    );
    of_aws(&mut command, &moto);
    for number in 0..20 {
        command.env(format!("S{number}"), format!("$<aws:mcp/{number}>"));
    }
    assert_eq!(Finished::of(&mut command).success(), "value-0-value-19");
    assert_eq!(actions(&moto.requests()[before..]), ["BatchGetSecretValue"]);

    moto.create("mcp/json", r#"{"user":"mcp_ro","password":"of json"}"#);
    let before = moto.requests().len();
    let mut command = launch(&scratch, PRINT_A);
    command.env("A", "$<aws:mcp/json#user> $<aws:mcp/json#password>");
    let answer = Finished::of(of_aws(&mut command, &moto)).success();
    assert_eq!(answer, "mcp_ro of json");
    assert_eq!(actions(&moto.requests()[before..]), ["GetSecretValue"]);
}

#[test]
fn twenty_launches_at_once_share_one_request_of_aws() {
    let moto = Moto::start();
    let scratch = Scratch::ordinary();
    moto.create("mcp/pg", r#"{"password":"shared"}"#);
    // Where a machine is slow, the last of twenty comes when what launches share by themselves is over.
    scratch.write(SETTINGS, "[stores.aws]\ncache = \"60s\"\n");
    let before = moto.requests().len();
    let children: Vec<Child> = (0..20)
        .map(|_| {
            let mut command = launch(&scratch, PRINT_A);
            of_aws(&mut command, &moto)
                .env("A", "$<aws:mcp/pg#password>")
                .stdin(Stdio::null())
                .stdout(Stdio::piped())
                .stderr(Stdio::piped());
            command.spawn().expect("the launcher")
        })
        .collect();
    for child in children {
        let output = child.wait_with_output().expect("it ends");
        assert_eq!(
            String::from_utf8_lossy(&output.stdout),
            "shared",
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
    }
    assert_eq!(actions(&moto.requests()[before..]), ["GetSecretValue"]);
}

/// Of one name and in one launch, each with its own key and region.
#[test]
fn two_accounts_of_aws_are_asked_side_by_side() {
    let moto = Moto::start();
    let scratch = Scratch::new();
    let mut settings = String::new();
    for (store, region) in [("staging", "eu-west-1"), ("live", "ap-south-1")] {
        let secret = json!({ "Name": "db", "SecretString": format!("of {store}") });
        moto.call_in(region, "CreateSecret", secret);
        settings += &format!(
            "[stores.{store}]\nkind = \"aws\"\nregion = \"{region}\"\nendpoint_url = \"{}\"\n\
             access_key_id = \"AKIA{store}\"\nsecret_access_key = \"$<dotenv:{store}>\"\n",
            moto.endpoint()
        );
    }
    scratch.write(".env", "staging=one\nlive=two\n");
    scratch.write(SETTINGS, settings);
    let before = moto.requests().len();
    let mut command = launch(&scratch, PRINT_A);
    command
        .env("A", "$<staging:db>, $<live:db>")
        .env("AWS_EC2_METADATA_DISABLED", "true");
    assert_eq!(Finished::of(&mut command).success(), "of staging, of live");
    let mut asked: Vec<(String, String)> = moto.requests()[before..]
        .iter()
        .map(|request| (request.access_key.clone(), request.region.clone()))
        .collect();
    asked.sort();
    let pair = |key: &str, region: &str| (key.to_owned(), region.to_owned());
    assert_eq!(
        asked,
        [
            pair("AKIAlive", "ap-south-1"),
            pair("AKIAstaging", "eu-west-1")
        ]
    );
}

/// A server that has values of AWS does not get the keys that fetched them, one that has none keeps its own.
#[test]
fn the_keys_of_the_launcher_are_not_the_servers() {
    let moto = Moto::start();
    let scratch = Scratch::new();
    moto.create("mcp/token", "value");
    let print = [
        "--",
        "/bin/sh",
        "-c",
        "printf '%s|%s' \"$A\" \"$AWS_SECRET_ACCESS_KEY\"",
    ];
    for (placeholder, answer) in [
        ("$<aws:mcp/token>", "value|"),
        ("plain", "plain|a-key-of-the-launcher-alone"),
    ] {
        let mut command = launch(&scratch, print);
        command.env("A", placeholder);
        let seen = Finished::of(of_aws(&mut command, &moto)).success();
        assert_eq!(seen, answer);
    }
}

#[test]
fn stores_have_names_of_their_own_and_bare_names_their_place() {
    let (one, other) = (OpenBao::start(), OpenBao::start());
    let moto = Moto::start();
    let scratch = Scratch::new();
    one.put("mcp", json!({ "API_KEY": "of one" }));
    other.put("mcp", json!({ "API_KEY": "of other" }));
    moto.create("mcp/DB_PASSWORD", "of aws");
    let keys = [
        ("ONE", one.root_token()),
        ("OTHER", other.root_token()),
        ("AWS_ID", "id"),
        ("AWS_KEY", "key"),
    ];
    let keys: Vec<String> = keys.map(|(name, key)| format!("{name}={key}\n")).into();
    scratch.write(".env", keys.concat());
    scratch.write(
        SETTINGS,
        format!(
            r#"
order = ["one", "prod"]

[stores.one]
kind = "vault"
address = "{}"
names = "secret/mcp#{{name}}"
auth = {{ method = "token", token = "$<dotenv:ONE>" }}

[stores.other]
kind = "vault"
address = "{}"
auth = {{ method = "token", token = "$<dotenv:OTHER>" }}

[stores.prod]
kind = "aws"
region = "eu-central-1"
endpoint_url = "{}"
names = "mcp/{{name}}"
access_key_id = "$<dotenv:AWS_ID>"
secret_access_key = "$<dotenv:AWS_KEY>"
"#,
            one.address(),
            other.address(),
            moto.endpoint()
        ),
    );
    moto.call_in(
        "eu-central-1",
        "CreateSecret",
        json!({ "Name": "mcp/DB_PASSWORD", "SecretString": "of the other region" }),
    );
    let mut command = launch(&scratch, PRINT_A);
    command
        .env(
            "A",
            "$<API_KEY>, $<other:secret/mcp#API_KEY>, $<DB_PASSWORD>",
        )
        .env("AWS_EC2_METADATA_DISABLED", "true");
    assert_eq!(
        Finished::of(&mut command).success(),
        "of one, of other, of the other region"
    );

    let mut unknown = launch(&scratch, PRINT_A);
    let report = Finished::of(unknown.env("A", "$<othre:secret/mcp#API_KEY>")).not_started();
    assert!(report.contains("did you mean `$<other:"), "{report}");
}

/// A value that is granted to one server is withheld from others under another store's name, too.
#[test]
fn another_name_of_a_store_is_no_way_around_a_grant() {
    let bao = OpenBao::start();
    let scratch = Scratch::new();
    bao.put("mcp/pg", json!({ "password": "granted" }));
    bao.put("creds/pg", json!({ "password": "granted" }));
    scratch.write(".env", format!("TOKEN={}\n", bao.root_token()));
    let store = format!(
        "address = \"{}\"\nauth = {{ method = \"token\", token = \"$<dotenv:TOKEN>\" }}\n",
        bao.address()
    );
    scratch.write(
        SETTINGS,
        format!(
            "[stores.vault]\n{store}[stores.twin]\nkind = \"vault\"\n{store}[secrets.DB]\nfrom = \"vault:secret/mcp/pg#password\"\ngrant = [\"postgres\"]\n[secrets.PG]\nfrom = \"vault:secret/creds/pg#password\"\ngrant = [\"postgres\"]\n"
        ),
    );
    for placeholder in [
        "$<DB>",
        "$<vault:secret/mcp/pg#password>",
        "$<vault:/secret//mcp/pg#password>",
        "$<vault:secret/data/mcp/pg#password>",
        "$<vault:secret/mcp/pg?version=1#password>",
        "$<vault:secret/mcp/pg>",
        "$<vault:secret/mcp/pg#password.part>",
        "$<vault:secret/mcp/pg#password[0]>",
        "$<twin:secret/mcp/pg#password>",
        "$<vault:secret/creds/pg#password>",
        "$<vault:secret/data/creds/pg#password>",
    ] {
        let mut command = launch(&scratch, PRINT_A);
        let report = Finished::of(command.env("A", placeholder)).not_started();
        assert!(report.contains("granted"), "{placeholder}: {report}");
    }
    // What the API has around the fields is no way to them.
    let mut command = launch(&scratch, PRINT_A);
    let report = Finished::of(command.env("A", "$<vault:secret/data/creds/pg#data.password>"));
    let report = report.not_started();
    assert!(report.contains("no such field"), "{report}");
    let mut command = launch(&scratch, ["--server", "postgres"]);
    command
        .args(PRINT_A)
        .env("A", "$<twin:secret/mcp/pg#password>");
    assert_eq!(Finished::of(&mut command).success(), "granted");
}

/// The same of AWS, under its ARN, in another version, and as a part of what holds it or is held by it.
#[test]
fn no_spelling_of_a_field_of_aws_is_a_way_around_a_grant() {
    let moto = Moto::start();
    let scratch = Scratch::new();
    let arn = moto.create("mcp/db", r#"{"hosts":[{"key":"granted"}],"user":"mcp_ro"}"#);
    let (short, _) = arn.rsplit_once('-').expect("what AWS adds");
    scratch.write(
        SETTINGS,
        "[secrets.DB]\nfrom = \"aws:mcp/db#hosts[0]\"\ngrant = [\"postgres\"]\n",
    );
    let of = |name: &str, field: &str| format!("$<aws:{name}{field}>");
    for placeholder in [
        "$<DB>".to_owned(),
        of("mcp/db", "#hosts[0]"),
        of("mcp/db", "#hosts[0].key"),
        of("mcp/db", "#hosts"),
        of("mcp/db", ""),
        of("mcp/db@AWSCURRENT", ""),
        of("mcp/db@=AWSCURRENT", "#hosts"),
        of(&arn, "#hosts[0]"),
        of(short, ""),
    ] {
        let mut command = launch(&scratch, PRINT_A);
        command.env("A", &placeholder);
        let report = Finished::of(of_aws(&mut command, &moto)).not_started();
        assert!(report.contains("granted"), "{placeholder}: {report}");
    }
    // No other spelling leads there.
    for field in ["#hosts[00]", "#hosts[+0]", "#hosts.[0]"] {
        let mut command = launch(&scratch, PRINT_A);
        command.env("A", of("mcp/db", field));
        let report = Finished::of(of_aws(&mut command, &moto)).not_started();
        assert!(report.contains("no such field"), "{field}: {report}");
    }
    for (server, placeholder, value) in [
        ("postgres", "$<aws:mcp/db#hosts[0].key>", "granted"),
        ("other", "$<aws:mcp/db#user>", "mcp_ro"),
    ] {
        let mut command = launch(&scratch, ["--server", server]);
        command.args(PRINT_A).env("A", placeholder);
        let answer = Finished::of(of_aws(&mut command, &moto)).success();
        assert_eq!(answer, value);
    }
}

#[test]
fn a_dry_run_asks_each_store_once_and_makes_no_credential() {
    let bao = OpenBao::start();
    let scratch = Scratch::new();
    bao.put("mcp/pg", json!({ "user": "u", "password": "p" }));
    settings_of(&scratch, &bao);
    let before = bao.mark();
    let mut command = launch(&scratch, ["--dry-run"]);
    command
        .args(PRINT_A)
        .env("A", "$<vault:secret/mcp/pg#user>")
        .env("B", "$<vault:secret/mcp/pg#password>")
        .env("C", "$<vault:secret/mcp/pg#pasword>");
    let finished = Finished::of(&mut command);
    assert_eq!(finished.code, Some(125));
    assert!(
        finished.stdout.contains("password, user"),
        "the fields are not named: {}",
        finished.stdout
    );
    assert_eq!(
        paths(&bao.requests_since(before)),
        ["auth/approle/login", "secret/data/mcp/pg"]
    );
}
