//! Two roles of a real PostgreSQL that take turns, with their credential in a real OpenBao.

use std::process::Command;
use std::time::Duration;

use mcp_launch_testkit::{OpenBao, Postgres, Scratch};
use serde_json::json;

use super::killed::killed_at;
use crate::support::{Finished, launch};

struct World {
    scratch: Scratch,
    bao: OpenBao,
    postgres: Postgres,
}

impl World {
    /// A database with two roles of a group, of which the first logs in, and an administrator; the URL is in a Vault.
    fn new(grace: &str) -> Self {
        let postgres = Postgres::start();
        postgres.psql(
            "CREATE ROLE mcp_ro NOLOGIN;
             CREATE ROLE mcp_ro_a LOGIN PASSWORD 'first-password-of-a' IN ROLE mcp_ro;
             CREATE ROLE mcp_ro_b NOLOGIN IN ROLE mcp_ro;
             CREATE ROLE mcp_rotator LOGIN CREATEROLE PASSWORD 'password-of-the-rotator';
             GRANT pg_signal_backend TO mcp_rotator;
             CREATE TABLE t (n int); INSERT INTO t VALUES (41);
             GRANT SELECT ON t TO mcp_ro;",
        );
        let bao = OpenBao::start();
        let world = Self {
            scratch: Scratch::new(),
            bao,
            postgres,
        };
        world.put_first();
        world.scratch.write("rotator", "password-of-the-rotator");
        let admin = world.scratch.home().join("rotator");
        world.scratch.write(
            ".config/mcp-launch/config.toml",
            format!(
                "[secrets.DB_URL]\nfrom = \"vault:secret/pg#url\"\n\
                 rotate = {{ using = \"pg\", every = \"30d\", grace = \"{grace}\" }}\n\
                 [rotators.pg]\nkind = \"postgres\"\nroles = [\"mcp_ro_a\", \"mcp_ro_b\"]\ngroup = \"mcp_ro\"\n\
                 admin = {{ username = \"mcp_rotator\", password = \"$<file:{}>\" }}\n",
                admin.display()
            ),
        );
        world
    }

    fn put_first(&self) {
        let port = self.postgres.port();
        let url = format!(
            "postgres://mcp_ro_a:first-password-of-a@127.0.0.1:{port}/postgres?sslmode=disable"
        );
        self.bao.put("pg", json!({ "url": url, "note": "kept" }));
    }

    fn of<'a>(&self, command: &'a mut Command) -> &'a mut Command {
        command
            .env("VAULT_ADDR", self.bao.address())
            .env("VAULT_TOKEN", self.bao.root_token())
    }

    fn rotate(&self, arguments: &[&str]) -> Finished {
        let mut command = launch(&self.scratch, [&["rotate"], arguments].concat());
        Finished::of(self.of(&mut command))
    }

    /// The name and the password that a launch is given now.
    fn login(&self) -> (String, String) {
        let mut server = launch(&self.scratch, ["--", "/bin/sh", "-c", "echo $DB_URL"]);
        let url = Finished::of(self.of(server.env("DB_URL", "$<DB_URL>"))).success();
        let login = url.strip_prefix("postgres://").unwrap();
        let (login, _) = login.split_once('@').unwrap();
        let (name, password) = login.split_once(':').unwrap();
        (name.to_owned(), password.to_owned())
    }

    fn lets_in(&self, login: &(String, String)) -> bool {
        self.postgres.lets_in(&login.0, &login.1)
    }
}

#[test]
fn two_roles_take_turns_and_servers_that_run_keep_working_through_the_grace() {
    let world = World::new("3s");
    let first = world.login();
    assert!(world.lets_in(&first));
    let done = world.rotate(&["DB_URL"]);
    assert_eq!(done.code, Some(0), "{} {}", done.stdout, done.stderr);
    assert!(
        done.stdout
            .starts_with("DB_URL: rotated; the value before is valid until")
    );
    let second = world.login();
    assert_eq!(
        (first.0.as_str(), second.0.as_str()),
        ("mcp_ro_a", "mcp_ro_b")
    );
    assert!(
        world.lets_in(&second) && world.lets_in(&first),
        "both, in the grace"
    );
    for said in [&done.stdout, &done.stderr] {
        assert!(!said.contains(&second.1) && !said.contains("password-of-the-rotator"));
    }
    std::thread::sleep(Duration::from_secs(4));
    let over = world.rotate(&["--due"]);
    assert!(
        over.stdout.contains("revoked"),
        "{} {}",
        over.stdout,
        over.stderr
    );
    assert!(world.lets_in(&second) && !world.lets_in(&first));
    assert_eq!(world.rotate(&["--due"]).success(), "");
    assert!(!world.postgres.log().contains(&second.1));

    // And back, with nothing of the journal in what a launch is given.
    world.rotate(&["DB_URL", "--force"]).success();
    assert_eq!(world.login().0, "mcp_ro_a");
    assert_ne!(world.login().1, first.1);
}

#[test]
fn killed_at_any_request_a_stored_value_logs_in_and_the_next_run_finishes() {
    let world = World::new("1s");
    let mut killed = 0;
    for call in ["sendto", "writev", "write"] {
        for at in 1..40 {
            let before = world.login();
            let token = world.bao.root_token().to_owned();
            let address = world.bao.address().to_owned();
            let is_killed = killed_at(&world.scratch, call, at, |command| {
                command
                    .env("VAULT_ADDR", &address)
                    .env("VAULT_TOKEN", &token);
            });
            let place = format!("{call} {at}");
            let now = world.login();
            assert!(world.lets_in(&now), "{place}");
            // What was begun is finished, and what is over is retired.
            std::thread::sleep(Duration::from_millis(1_200));
            let resumed = world.rotate(&["--resume"]);
            assert_eq!(
                resumed.code,
                Some(0),
                "{place}: {} {}",
                resumed.stdout,
                resumed.stderr
            );
            std::thread::sleep(Duration::from_millis(1_200));
            world.rotate(&["--resume"]).success();
            let after = world.login();
            assert!(world.lets_in(&after), "{place}");
            if after != before {
                assert!(
                    !world.lets_in(&before),
                    "{place}: the old role still logs in"
                );
            }
            if !is_killed {
                break;
            }
            killed += 1;
        }
    }
    assert!(killed > 10, "{killed}");
}
