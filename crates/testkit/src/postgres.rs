//! PostgreSQL, the real server, one per test.

use std::process::Command;

use crate::Scratch;
use crate::server::{Readiness, Server};
use crate::tools::postgresql_program;

/// A PostgreSQL server of a test's own on 127.0.0.1, with passwords by SCRAM. It runs as an ordinary user, because it
/// refuses root, and ends when it is dropped.
pub struct Postgres {
    /// None while it is stopped.
    server: Option<Server>,
    scratch: Scratch,
    port: u16,
    password: String,
}

impl Postgres {
    /// A new cluster, with the database `postgres` and the administrator `postgres`.
    ///
    /// # Panics
    /// When PostgreSQL is not installed, or does not start.
    #[must_use]
    pub fn start() -> Self {
        let scratch = Scratch::ordinary();
        let random = getrandom::u64().expect("the system's random source");
        let password = format!("{random:016x}");
        let data = scratch.home().join("data");
        let initialised = scratch
            .command(postgresql_program("initdb"))
            .args(["--username=postgres", "--auth=scram-sha-256"])
            .args(["--encoding=UTF8", "--locale=C", "--no-sync"])
            .arg("--pwfile")
            .arg(scratch.write("password", &password))
            .arg(&data)
            .output()
            .expect("initdb can be started");
        let errors = String::from_utf8_lossy(&initialised.stderr);
        assert!(initialised.status.success(), "initdb: {errors}");
        let (server, port) = serve(&scratch, &password, None);
        Self {
            server: Some(server),
            scratch,
            port,
            password,
        }
    }

    /// Ends it, with its data kept.
    pub fn stop(&mut self) {
        self.server = None;
    }

    /// Starts it again, at the same port.
    ///
    /// # Panics
    /// When it does not start.
    pub fn resume(&mut self) {
        let (server, _) = serve(&self.scratch, &self.password, Some(self.port));
        self.server = Some(server);
    }

    /// Of 127.0.0.1.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }

    /// The password of the administrator `postgres`.
    #[must_use]
    pub fn password(&self) -> &str {
        &self.password
    }

    /// Runs one statement as the administrator: its rows as lines, its columns with `|` between them.
    ///
    /// # Panics
    /// With PostgreSQL's error, when it fails.
    pub fn psql(&self, sql: &str) -> String {
        let mut command = psql(&self.scratch, self.port, "postgres", &self.password, sql);
        let output = command.output().expect("psql can be started");
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{sql}: {errors}");
        let rows = String::from_utf8(output.stdout).expect("text of psql");
        rows.trim_end_matches('\n').to_owned()
    }

    /// Whether a user with this password is let in.
    ///
    /// # Panics
    /// When `psql` cannot be started.
    #[must_use]
    pub fn lets_in(&self, user: &str, password: &str) -> bool {
        let mut command = psql(&self.scratch, self.port, user, password, "SELECT 1");
        let output = command.output().expect("psql can be started");
        output.status.success()
    }
}

/// The server of the cluster in `scratch`, at a port of its own or at this one.
fn serve(scratch: &Scratch, password: &str, fixed: Option<u16>) -> (Server, u16) {
    Server::start(
        scratch,
        // Ends its children too, at once and without a check point.
        "QUIT",
        |port| {
            let port = fixed.unwrap_or(port).to_string();
            let sockets = format!("unix_socket_directories={}", scratch.runtime().display());
            let mut command = scratch.command(postgresql_program("postgres"));
            command.arg("-D").arg(scratch.home().join("data"));
            command.arg("-p").arg(port);
            command.args(["-c", "listen_addresses=127.0.0.1", "-c", "fsync=off"]);
            command.args(["-c", &sockets]);
            command
        },
        |port| {
            let port = fixed.unwrap_or(port);
            // Nobody else's server has this password.
            let mut ask = psql(scratch, port, "postgres", password, "SELECT 1");
            match ask.output().expect("psql can be started").status.success() {
                true => Readiness::Ready(port),
                false => Readiness::NotYet,
            }
        },
    )
}

fn psql(scratch: &Scratch, port: u16, user: &str, password: &str, sql: &str) -> Command {
    let mut command = scratch.command(postgresql_program("psql"));
    command
        .args([
            "--no-psqlrc",
            "--no-align",
            "--tuples-only",
            "--no-password",
        ])
        .args(["--host=127.0.0.1", "--dbname=postgres", "--username", user])
        .arg("--port")
        .arg(port.to_string())
        .args(["--command", sql])
        .env("PGPASSWORD", password);
    command
}
