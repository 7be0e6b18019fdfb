//! The PostgreSQL fixture, by itself and as what OpenBao makes users in.

use std::thread;
use std::time::{Duration, Instant};

use mcp_launch_testkit::{OpenBao, Postgres};
use serde_json::{Value, json};

#[test]
fn it_answers_and_knows_who_asks() {
    let postgres = Postgres::start();
    assert_eq!(postgres.psql("SELECT 1, 'a'"), "1|a");
    postgres.psql("CREATE ROLE app WITH LOGIN PASSWORD 'right'");
    assert!(postgres.lets_in("app", "right"));
    assert!(!postgres.lets_in("app", "wrong"));
    assert_eq!(postgres.psql("SHOW password_encryption"), "scram-sha-256");
}

#[test]
fn openbao_makes_users_and_takes_them_back() {
    let postgres = Postgres::start();
    let bao = OpenBao::start();
    bao.enable_database(&postgres, "2s", "1m");
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let lend = || {
        let lent = bao.api("GET", "database/creds/app", None);
        let user = text(&lent["data"]["username"]);
        let password = text(&lent["data"]["password"]);
        assert!(postgres.lets_in(&user, &password));
        (text(&lent["lease_id"]), user, password)
    };

    let (lease, user, password) = lend();
    bao.api(
        "POST",
        "sys/leases/revoke",
        Some(json!({ "lease_id": lease, "sync": true })),
    );
    assert!(!postgres.lets_in(&user, &password));

    // Without a renewal its end comes by itself.
    let (_, user, _) = lend();
    let exists = format!("SELECT count(*) FROM pg_roles WHERE rolname = '{user}'");
    let until = Instant::now() + Duration::from_secs(60);
    while postgres.psql(&exists) != "0" {
        assert!(Instant::now() < until, "the lease of {user} did not end");
        thread::sleep(Duration::from_millis(100));
    }
}
