//! Servers that run while their credential is rotated: two roles of a real PostgreSQL, in a `.env` of this machine.
#![cfg(target_os = "linux")]

use std::os::unix::process::ExitStatusExt as _;
use std::path::PathBuf;

use mcp_launch_testkit::{Postgres, Scratch};

use super::{prepared, rotate, value};
use crate::support::{ClientPipe, launch};

/// A database with two roles of a group, of which the first logs in; the URL is in the `.env`.
fn world(settings: &str) -> (Scratch, Postgres, PathBuf) {
    let (scratch, postgres) = (Scratch::new(), Postgres::start());
    postgres.psql(
        "CREATE ROLE mcp_ro NOLOGIN;
         CREATE ROLE mcp_ro_a LOGIN PASSWORD 'first-password-of-a' IN ROLE mcp_ro;
         CREATE ROLE mcp_ro_b NOLOGIN IN ROLE mcp_ro;
         CREATE ROLE mcp_rotator LOGIN CREATEROLE PASSWORD 'password-of-the-rotator';
         GRANT pg_signal_backend TO mcp_rotator;",
    );
    let admin = scratch.write("rotator", "password-of-the-rotator");
    let settings = format!(
        "[secrets.DB_URL]\nfrom = \"dotenv:DB_URL\"\nrotate = {{ using = \"pg\", every = \"30d\", grace = \"24h\" }}\n\
         [rotators.pg]\nkind = \"postgres\"\nroles = [\"mcp_ro_a\", \"mcp_ro_b\"]\ngroup = \"mcp_ro\"\n\
         admin = {{ username = \"mcp_rotator\", password = \"$<file:{}>\" }}\n{settings}",
        admin.display()
    );
    let port = postgres.port();
    let url = format!("postgres://mcp_ro_a:first-password-of-a@127.0.0.1:{port}/postgres");
    let file = prepared(&scratch, &settings, &format!("DB_URL={url}\n"));
    (scratch, postgres, file)
}

/// A server of this name that has the credential and runs until it is ended.
fn server(scratch: &Scratch, name: &str) -> ClientPipe {
    let script = "echo $DB_URL; exec sleep 600";
    let mut server = launch(scratch, ["--server", name, "--", "/bin/sh", "-c", script]);
    ClientPipe::open(server.env("DB_URL", "$<DB_URL>"))
}

#[test]
fn the_grace_ends_with_the_last_server_that_has_the_old_value() {
    let (scratch, postgres, file) = world("");
    let mut old = server(&scratch, "one");
    assert_eq!(old.line().trim_end(), value(&file, "DB_URL"));
    let done = rotate(&scratch, &["DB_URL"]);
    assert_eq!(done.code, Some(0), "{} {}", done.stdout, done.stderr);
    assert!(
        done.stdout.contains("1 server runs with it"),
        "{}",
        done.stdout
    );
    let mut new = server(&scratch, "two");
    assert!(new.line().starts_with("postgres://mcp_ro_b:"));
    // A day is not over, and somebody has it.
    assert_eq!(rotate(&scratch, &["--due"]).success(), "");
    assert!(postgres.lets_in("mcp_ro_a", "first-password-of-a"));
    old.child.kill().unwrap();
    old.child.wait().unwrap();
    let over = rotate(&scratch, &["--due"]);
    assert!(
        over.stdout.contains("revoked"),
        "{} {}",
        over.stdout,
        over.stderr
    );
    assert!(!postgres.lets_in("mcp_ro_a", "first-password-of-a"));
    assert_eq!(new.child.try_wait().unwrap(), None, "the new one was ended");
    new.child.kill().unwrap();
    new.child.wait().unwrap();
}

#[test]
fn a_server_is_ended_after_a_rotation_where_the_settings_say_so_and_no_other() {
    let (scratch, _postgres, file) = world("[servers.anew]\non_rotate = \"restart\"\n");
    let mut keeps = server(&scratch, "keeps");
    let mut anew = server(&scratch, "anew");
    for server in [&mut keeps, &mut anew] {
        assert_eq!(server.line().trim_end(), value(&file, "DB_URL"));
    }
    let done = rotate(&scratch, &["DB_URL"]);
    assert!(
        done.stdout
            .contains("1 server runs with it; 1 server was ended"),
        "{} {}",
        done.stdout,
        done.stderr
    );
    assert_eq!(anew.child.wait().unwrap().signal(), Some(15));
    assert_eq!(keeps.child.try_wait().unwrap(), None);
    keeps.child.kill().unwrap();
    keeps.child.wait().unwrap();
}
