//! Credentials that are made for a launch: one reading, a session of its own, and giving both back.

use std::collections::BTreeMap;
use std::time::Duration;

use mcp_launch_core::{Lender as _, Source as _, SourceErrorKind};
use mcp_launch_source_vault::keeper::{self, Letter};
use mcp_launch_source_vault::{Engine, Settings, VaultSource};
use mcp_launch_testkit::{OpenBao, Postgres, Scratch};
use serde_json::json;

use crate::stage::{
    approle, asked, counted, failure, locators, soon, source, text, token, value, variables,
    with_token,
};

const POLICY: &str = r#"path "secret/data/*" { capabilities = ["read"] }
    path "database/creds/app" { capabilities = ["read"] }
    path "sys/leases/revoke" { capabilities = ["update"] }"#;

fn lending(postgres: &Postgres) -> OpenBao {
    let bao = OpenBao::start();
    bao.enable_database(postgres, "1m", "5m");
    bao.put("app", json!({ "k": "v" }));
    bao.write_policy("app", POLICY);
    bao
}

fn users(postgres: &Postgres) -> String {
    postgres.psql("SELECT count(*) FROM pg_roles WHERE rolname LIKE 'v-%'")
}

#[test]
fn name_and_password_come_from_one_reading_of_a_session_of_its_own() {
    let postgres = Postgres::start();
    let bao = lending(&postgres);
    let (role_id, secret_id) = bao.enable_approle("app", "1m");
    let launch = || source(approle(bao.address(), &role_id, &secret_id));
    // A launch that shares its session, so that there is one to share.
    let shared = launch();
    assert!(shared.fetch(&locators(&["secret/app#k"]), soon())[0].is_ok());

    let mark = bao.mark();
    let source = launch();
    let wanted = [
        "database/creds/app#username",
        "secret/app#k",
        "database/creds/app#password",
    ];
    let answers = source.fetch(&locators(&wanted), soon());
    let values: Vec<String> = answers
        .iter()
        .map(|answer| text(answer.as_ref().unwrap()))
        .collect();
    assert!(values[0].starts_with("v-"), "{}", values[0]);
    let counts = counted(&bao, mark);
    assert_eq!(counts["update auth/approle/login"], 1, "{counts:?}");
    assert_eq!(counts["read database/creds/app"], 1, "{counts:?}");
    assert_eq!(users(&postgres), "1");

    let letter = Letter::open(&source.letter().unwrap().unwrap())
        .ok()
        .unwrap();
    assert!(letter.token.ours);
    assert_eq!(letter.leases.len(), 1);
    assert_eq!(letter.leases[0].path, "database/creds/app");
    assert!(letter.leases[0].term.renewable);
    assert_eq!(letter.leases[0].term.span.as_secs(), 60);
    assert_eq!(letter.reach.address, bao.address());

    let mark = bao.mark();
    source.give_back();
    let expected = ["update sys/leases/revoke", "update auth/token/revoke-self"];
    assert_eq!(asked(&bao, mark), expected);
    assert!(source.letter().unwrap().is_none());
    assert_eq!(users(&postgres), "0");
    // The session that launches share still holds.
    assert!(launch().fetch(&locators(&["secret/app#k"]), soon())[0].is_ok());
}

#[test]
fn a_token_of_the_persons_own_is_kept_and_the_lease_given_back() {
    let postgres = Postgres::start();
    let bao = lending(&postgres);
    let token = token(&bao, "app", POLICY);
    let source = source(with_token(bao.address(), &token));
    assert!(source.fetch(&locators(&["database/creds/app#password"]), soon())[0].is_ok());
    let letter = Letter::open(&source.letter().unwrap().unwrap())
        .ok()
        .unwrap();
    assert!(!letter.token.ours);
    assert_eq!(users(&postgres), "1");
    let mark = bao.mark();
    source.give_back();
    assert_eq!(asked(&bao, mark), ["update sys/leases/revoke"]);
    assert_eq!(users(&postgres), "0");
    let (status, _) = bao.ask("GET", "auth/token/lookup-self", None, Some(&token));
    assert_eq!(status, 200);
}

#[test]
fn every_launch_gets_a_credential_of_its_own() {
    let postgres = Postgres::start();
    let bao = lending(&postgres);
    let of_a_launch = || {
        let source = source(with_token(bao.address(), bao.root_token()));
        let answers = source.fetch(&locators(&["database/creds/app#password"]), soon());
        text(answers[0].as_ref().unwrap())
    };
    assert_ne!(of_a_launch(), of_a_launch());
    assert_eq!(users(&postgres), "2");
}

/// A static role has a password and no lease: nothing hangs on the session that read it.
#[test]
fn a_session_of_its_own_that_nothing_hangs_on_is_ended_before_the_server_starts() {
    let postgres = Postgres::start();
    let bao = lending(&postgres);
    postgres.psql("CREATE ROLE fixed LOGIN");
    let role = json!({ "db_name": "postgres", "username": "fixed", "rotation_period": "1h" });
    let allowed = json!({ "allowed_roles": "*" });
    bao.api("POST", "database/config/postgres", Some(allowed));
    bao.api("POST", "database/static-roles/fixed", Some(role));
    let policy = r#"path "database/static-creds/fixed" { capabilities = ["read"] }"#;
    bao.write_policy("app", policy);
    let (role_id, secret_id) = bao.enable_approle("app", "1h");
    let source = source(approle(bao.address(), &role_id, &secret_id));
    let mark = bao.mark();
    let answers = source.fetch(&locators(&["database/static-creds/fixed#password"]), soon());
    let password = text(answers[0].as_ref().unwrap());
    assert!(source.letter().unwrap().is_none());
    assert_eq!(
        asked(&bao, mark),
        [
            "update auth/approle/login",
            "read database/static-creds/fixed",
            "update auth/token/revoke-self"
        ]
    );
    assert!(postgres.lets_in("fixed", &password));
    assert_eq!(source.notices(), [] as [String; 0]);
}

#[test]
fn a_namespace_holds_for_the_login_the_lease_and_its_end() {
    let (bao, postgres) = (OpenBao::start(), Postgres::start());
    bao.bao(&["namespace", "create", "team"]);
    let of_team = |path: &str, body| bao.api("POST", &format!("team/{path}"), Some(body));
    of_team("sys/mounts/database", json!({ "type": "database" }));
    let port = postgres.port();
    of_team(
        "database/config/postgres",
        json!({
            "plugin_name": "postgresql-database-plugin",
            "allowed_roles": "app",
            "connection_url": format!(
                "postgresql://{{{{username}}}}:{{{{password}}}}@127.0.0.1:{port}/postgres?sslmode=disable"
            ),
            "username": "postgres",
            "password": postgres.password(),
        }),
    );
    let creation = r#"CREATE ROLE "{{name}}" WITH LOGIN PASSWORD '{{password}}'"#;
    let role = json!({ "db_name": "postgres", "creation_statements": creation });
    of_team("database/roles/app", role);
    of_team("sys/policies/acl/app", json!({ "policy": POLICY }));
    of_team("sys/auth/approle", json!({ "type": "approle" }));
    of_team("auth/approle/role/app", json!({ "token_policies": "app" }));
    let secret_id = of_team("auth/approle/role/app/secret-id", json!({}));
    let role_id = bao.api("GET", "team/auth/approle/role/app/role-id", None);
    let settings = approle(
        bao.address(),
        role_id["data"]["role_id"].as_str().unwrap(),
        secret_id["data"]["secret_id"].as_str().unwrap(),
    );
    let scratch = Scratch::new();
    let variables = variables(&scratch, &[("VAULT_NAMESPACE", "team")]);
    let source = VaultSource::new(settings, &variables);
    let answers = source.fetch(&locators(&["database/creds/app#username"]), soon());
    assert!(text(answers[0].as_ref().unwrap()).starts_with("v-"));
    assert_eq!(users(&postgres), "1");
    let letter = Letter::open(&source.letter().unwrap().unwrap())
        .ok()
        .unwrap();
    let mark = bao.mark();
    assert_eq!(keeper::give_back(&letter, Duration::from_secs(10)), Ok(()));
    assert_eq!(users(&postgres), "0");
    let given = bao.requests_since(mark);
    assert!(given.iter().all(|request| request.namespace == "team/"));
    assert_eq!(given.len(), 2, "{given:?}");
}

#[test]
fn what_cannot_be_given_back_is_told() {
    let postgres = Postgres::start();
    let bao = lending(&postgres);
    let policy = r#"path "database/creds/app" { capabilities = ["read"] }"#;
    let token = token(&bao, "app", policy);
    let source = source(with_token(bao.address(), &token));
    assert!(source.fetch(&locators(&["database/creds/app#password"]), soon())[0].is_ok());
    source.give_back();
    let notices = source.notices();
    assert_eq!(notices.len(), 1, "{notices:?}");
    assert!(notices[0].contains("sys/leases/revoke"), "{notices:?}");
}

/// Its path looks like one that makes credentials, and is the API's of a secret with versions.
#[test]
fn a_secret_with_versions_has_one_name_for_each_field() {
    let bao = OpenBao::start();
    bao.put("creds/pg", json!({ "password": "p" }));
    let source = source(with_token(bao.address(), bao.root_token()));
    for path in ["secret/creds/pg", "secret/data/creds/pg"] {
        assert_eq!(value(&source, &format!("{path}#password")), "p");
        for envelope in ["data.password", "data", "metadata.version"] {
            let (error, _) = failure(&source, &format!("{path}#{envelope}"));
            assert_eq!(error.kind(), SourceErrorKind::Missing, "{path}: {error}");
        }
    }
    for engine in [Engine::Other, Engine::KvV1] {
        let settings = Settings {
            mounts: BTreeMap::from([("secret".to_owned(), engine)]),
            ..with_token(bao.address(), bao.root_token())
        };
        let wrong = crate::stage::source(settings);
        let (error, _) = failure(&wrong, "secret/data/creds/pg#data.password");
        assert_eq!(error.kind(), SourceErrorKind::Missing, "{error}");
    }
}

#[test]
fn without_a_field_nothing_is_made() {
    let bao = OpenBao::start();
    let source = source(with_token(bao.address(), bao.root_token()));
    let mark = bao.mark();
    let (error, _) = failure(&source, "database/creds/app");
    assert_eq!(error.kind(), SourceErrorKind::Malformed);
    assert!(bao.requests_since(mark).is_empty());
}

#[test]
fn another_engine_is_recognised_by_asking_and_read_once() {
    let bao = OpenBao::start();
    bao.bao(&["secrets", "enable", "totp"]);
    bao.bao(&[
        "write",
        "totp/keys/me",
        "generate=true",
        "issuer=x",
        "account_name=me",
    ]);
    let source = source(with_token(bao.address(), bao.root_token()));
    // Neither a preview nor a reference without a field makes one.
    let mark = bao.mark();
    assert_eq!(
        source.look(&locators(&["totp/code/me#code"]), soon()),
        [Ok(())]
    );
    let (error, _) = failure(&source, "totp/code/me");
    assert_eq!(error.kind(), SourceErrorKind::Malformed);
    assert!(!counted(&bao, mark).contains_key("read totp/code/me"));

    let mark = bao.mark();
    let answers = source.fetch(&locators(&["totp/code/me#code"]), soon());
    assert_eq!(text(answers[0].as_ref().unwrap()).len(), 6);
    let counts = counted(&bao, mark);
    assert_eq!(counts["read totp/code/me"], 1, "{counts:?}");
    // A code has no lease, so there is nothing to keep.
    assert!(source.letter().unwrap().is_none());
}

#[test]
fn a_path_that_is_written_to_gives_its_answer() {
    let bao = OpenBao::start();
    bao.bao(&["secrets", "enable", "pki"]);
    bao.bao(&[
        "write",
        "pki/root/generate/internal",
        "common_name=root",
        "ttl=1h",
    ]);
    bao.bao(&[
        "write",
        "pki/roles/web",
        "allow_any_name=true",
        "max_ttl=30m",
    ]);
    let body = BTreeMap::from([("common_name".to_owned(), "app.example".to_owned())]);
    let source = source(Settings {
        requests: BTreeMap::from([("pki/issue/web".to_owned(), body)]),
        ..with_token(bao.address(), bao.root_token())
    });
    let mark = bao.mark();
    let wanted = ["pki/issue/web#certificate", "pki/issue/web#private_key"];
    let answers = source.fetch(&locators(&wanted), soon());
    for (answer, label) in answers.iter().zip(["CERTIFICATE", "PRIVATE KEY"]) {
        assert!(text(answer.as_ref().unwrap()).contains(label));
    }
    assert_eq!(asked(&bao, mark), ["update pki/issue/web"]);
}

#[test]
fn a_role_that_is_not_there_is_told_with_where_the_roles_are() {
    let postgres = Postgres::start();
    let bao = lending(&postgres);
    let source = source(with_token(bao.address(), bao.root_token()));
    let (error, remedy) = failure(&source, "database/creds/nope#password");
    assert_eq!(error.kind(), SourceErrorKind::Unavailable);
    assert_eq!(remedy, "check the role's name: bao list database/roles");
}
