//! PostgreSQL, the real server, one per test.

use std::fs;
use std::io::Write as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;
use std::process::Command;

use crate::server::{Readiness, Server, wait_until};
use crate::tools::postgresql_program;
use crate::{Identity, Scratch};

/// A PostgreSQL server of a test's own on 127.0.0.1, with passwords by SCRAM. It runs as an ordinary user, because it
/// refuses root, and ends when it is dropped.
pub struct Postgres {
    /// None while it is stopped.
    server: Option<Server>,
    scratch: Scratch,
    port: u16,
    password: String,
    settings: Vec<String>,
}

/// A PostgreSQL server that is not like others.
#[derive(Default)]
pub struct PostgresBuilder {
    settings: Vec<String>,
    identity: Option<Identity>,
}

impl PostgresBuilder {
    /// With a setting of `postgresql.conf`: `log_statement=all`.
    #[must_use]
    pub fn setting(mut self, setting: &str) -> Self {
        self.settings.push(setting.to_owned());
        self
    }

    /// With TLS, and this certificate.
    #[must_use]
    pub fn tls(mut self, identity: &Identity) -> Self {
        self.identity = Some(identity.clone());
        self
    }

    /// A new cluster, with the database `postgres` and the administrator `postgres`.
    ///
    /// # Panics
    /// When PostgreSQL is not installed, or does not start.
    #[must_use]
    pub fn start(mut self) -> Postgres {
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
        if let Some(identity) = &self.identity {
            let copy = identity.copy_to(&scratch);
            let only_owner = fs::Permissions::from_mode(0o600);
            fs::set_permissions(copy.key(), only_owner).expect("the key of the scratch");
            self.settings.extend([
                "ssl=on".to_owned(),
                format!("ssl_cert_file={}", copy.certificate().display()),
                format!("ssl_key_file={}", copy.key().display()),
            ]);
        }
        let (server, port) = serve(&scratch, &password, None, &self.settings);
        Postgres {
            server: Some(server),
            scratch,
            port,
            password,
            settings: self.settings,
        }
    }
}

impl Postgres {
    /// A new cluster, with the database `postgres` and the administrator `postgres`.
    ///
    /// # Panics
    /// When PostgreSQL is not installed, or does not start.
    #[must_use]
    pub fn start() -> Self {
        PostgresBuilder::default().start()
    }

    /// One that is not like others.
    #[must_use]
    pub fn builder() -> PostgresBuilder {
        PostgresBuilder::default()
    }

    /// What it has logged since it was started last.
    ///
    /// # Panics
    /// When it is stopped.
    #[must_use]
    pub fn log(&self) -> String {
        self.server.as_ref().expect("it runs").words()
    }

    /// The folder of its Unix socket.
    #[must_use]
    pub fn socket_folder(&self) -> PathBuf {
        self.scratch.runtime()
    }

    /// Puts lines before those of `pg_hba.conf`, such as `host all md5_user 127.0.0.1/32 md5`, in force at once. Those of an
    /// earlier call are gone.
    ///
    /// # Panics
    /// When the file cannot be written.
    pub fn let_in(&self, lines: &str) {
        let data = self.scratch.home().join("data");
        let all = "local all all scram-sha-256\nhost all all 127.0.0.1/32 scram-sha-256\n";
        let written = fs::OpenOptions::new()
            .write(true)
            .truncate(true)
            .open(data.join("pg_hba.conf"))
            .and_then(|mut file| file.write_all(format!("{lines}\n{all}").as_bytes()));
        written.expect("the file of the cluster");
        // The postmaster reads both files before it lets the next one in.
        let read = "SELECT pg_conf_load_time()";
        let before = self.psql(read);
        self.psql("SELECT pg_reload_conf()");
        wait_until("pg_hba.conf is read", || self.psql(read) != before);
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
        let (server, _) = serve(
            &self.scratch,
            &self.password,
            Some(self.port),
            &self.settings,
        );
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
fn serve(
    scratch: &Scratch,
    password: &str,
    fixed: Option<u16>,
    settings: &[String],
) -> (Server, u16) {
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
            for setting in settings {
                command.args(["-c", setting]);
            }
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
