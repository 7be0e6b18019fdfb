//! Redis, the real server, one per test.

use std::process::Command;

use crate::Scratch;
use crate::certificates::Identity;
use crate::server::{Readiness, Server};
use crate::tools::program;

/// Where a [`Redis`] keeps its accounts.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum RedisAccounts {
    /// In a file of their own.
    AclFile,
    /// In the server's configuration.
    Configuration,
    /// Nowhere: the server was started without a file.
    Nowhere,
}

/// A Redis server of a test's own on 127.0.0.1, with the administrator `root`; nobody is let in without a password. It
/// ends when it is dropped.
pub struct Redis {
    /// None while it is stopped.
    server: Option<Server>,
    scratch: Scratch,
    settings: Vec<String>,
    accounts: RedisAccounts,
    port: u16,
    password: String,
}

impl Redis {
    /// A new one.
    ///
    /// # Panics
    /// When Redis is not installed, or does not start.
    #[must_use]
    pub fn start(accounts: RedisAccounts) -> Self {
        Self::start_with(accounts, &[])
    }

    /// As [`Redis::start`], over TLS alone, with this certificate.
    ///
    /// # Panics
    /// When Redis is not installed, or does not start.
    #[must_use]
    pub fn start_tls(identity: &Identity) -> Self {
        let scratch = Scratch::ordinary();
        let own = identity.copy_to(&scratch);
        let settings = [
            format!("tls-cert-file {}", own.certificate().display()),
            format!("tls-key-file {}", own.key().display()),
            format!("tls-ca-cert-file {}", own.ca().display()),
            "tls-auth-clients no".to_owned(),
        ];
        Self::serve(scratch, RedisAccounts::AclFile, settings.to_vec())
    }

    /// As [`Redis::start`], with these lines in its configuration.
    ///
    /// # Panics
    /// When Redis is not installed, or does not start.
    #[must_use]
    pub fn start_with(accounts: RedisAccounts, settings: &[&str]) -> Self {
        let settings = settings.iter().map(|&line| line.to_owned()).collect();
        Self::serve(Scratch::ordinary(), accounts, settings)
    }

    fn serve(scratch: Scratch, accounts: RedisAccounts, settings: Vec<String>) -> Self {
        let random = getrandom::u64().expect("the system's random source");
        let mut new = Self {
            server: None,
            scratch,
            settings,
            accounts,
            port: 0,
            password: format!("{random:016x}"),
        };
        let users = [
            "user default off".to_owned(),
            format!("user root on >{} ~* &* +@all", new.password),
        ];
        match accounts {
            RedisAccounts::AclFile => {
                let file = new.scratch.write("data/users.acl", users.join("\n") + "\n");
                new.settings.push(format!("aclfile {}", file.display()));
            }
            RedisAccounts::Configuration | RedisAccounts::Nowhere => new.settings.extend(users),
        }
        new.run(None);
        new
    }

    /// Ends it.
    pub fn stop(&mut self) {
        self.server = None;
    }

    /// Starts it again, at the same port, with the accounts of its files.
    ///
    /// # Panics
    /// When it does not start.
    pub fn resume(&mut self) {
        self.run(Some(self.port));
    }

    fn run(&mut self, fixed: Option<u16>) {
        let data = self.scratch.write("data/redis.log", "");
        let folder = data.parent().expect("a folder").to_owned();
        let lines = [
            "bind 127.0.0.1".to_owned(),
            format!("dir {}", folder.display()),
            "logfile redis.log".to_owned(),
            "loglevel verbose".to_owned(),
            "save \"\"".to_owned(),
            "slowlog-log-slower-than 0".to_owned(),
        ];
        let text = lines.iter().chain(&self.settings).cloned();
        let text = text.collect::<Vec<_>>().join("\n") + "\n";
        let written = self.scratch.home().join("data/redis.conf");
        // What the server has rewritten is kept.
        let file = match (fixed, written.exists()) {
            (Some(_), true) => written,
            _ => self.scratch.write("data/redis.conf", text.clone()),
        };
        let (server, port) = Server::start(
            &self.scratch,
            "TERM",
            |port| {
                let port = fixed.unwrap_or(port).to_string();
                let mut command = self.scratch.command(program("redis-server"));
                match self.accounts {
                    RedisAccounts::Nowhere => {
                        for line in text.lines() {
                            let (name, value) = line.split_once(' ').expect("a setting");
                            command.arg(format!("--{name}"));
                            command.args(value.split(' ').map(|word| word.trim_matches('"')));
                        }
                    }
                    _ => {
                        command.arg(&file);
                    }
                }
                match self.has_tls() {
                    true => command.args(["--port", "0", "--tls-port", &port]),
                    false => command.args(["--port", &port]),
                };
                command
            },
            |port| {
                let port = fixed.unwrap_or(port);
                // Nobody else's server has this password.
                let mut ask = self.client(port, "root", &self.password, &["PING"]);
                let output = ask.output().expect("redis-cli can be started");
                match output.stdout.starts_with(b"PONG") {
                    true => Readiness::Ready(port),
                    false => Readiness::NotYet,
                }
            },
        );
        self.server = Some(server);
        self.port = port;
    }

    fn has_tls(&self) -> bool {
        self.settings.iter().any(|line| line.starts_with("tls-"))
    }

    /// Of 127.0.0.1.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }

    /// The password of the administrator `root`.
    #[must_use]
    pub fn password(&self) -> &str {
        &self.password
    }

    /// Its files: configuration, accounts, log.
    #[must_use]
    pub fn scratch(&self) -> &Scratch {
        &self.scratch
    }

    /// Runs one command as the administrator and gives what `redis-cli` shows of the answer.
    ///
    /// # Panics
    /// When `redis-cli` cannot be started.
    pub fn cli(&self, words: &[&str]) -> String {
        let mut command = self.client(self.port, "root", &self.password, words);
        let output = command.output().expect("redis-cli can be started");
        let shown = String::from_utf8(output.stdout).expect("text of redis-cli");
        shown.trim_end_matches('\n').to_owned()
    }

    /// Whether an account with this password is let in.
    ///
    /// # Panics
    /// When `redis-cli` cannot be started.
    #[must_use]
    pub fn lets_in(&self, user: &str, password: &str) -> bool {
        let mut command = self.client(self.port, user, password, &["ACL", "WHOAMI"]);
        let output = command.output().expect("redis-cli can be started");
        let shown = String::from_utf8_lossy(&output.stdout);
        shown.trim() == user || shown.starts_with("NOPERM")
    }

    /// A process that writes down what `MONITOR` shows, into the file `monitor` of the scratch.
    ///
    /// # Panics
    /// When `redis-cli` cannot be started.
    #[must_use]
    pub fn monitor(&self) -> std::process::Child {
        let file = self.scratch.write("data/monitor", "");
        let output = std::fs::OpenOptions::new().append(true).open(file);
        let mut command = self.client(self.port, "root", &self.password, &["MONITOR"]);
        command.stdout(output.expect("a file of the scratch"));
        command.spawn().expect("redis-cli can be started")
    }

    fn client(&self, port: u16, user: &str, password: &str, words: &[&str]) -> Command {
        let mut command = self.scratch.command(program("redis-cli"));
        command.args(["-h", "127.0.0.1", "--no-auth-warning", "--user", user, "-p"]);
        command.arg(port.to_string());
        if self.has_tls() {
            command.args(["--tls", "--insecure"]);
        }
        command.args(words).env("REDISCLI_AUTH", password);
        command
    }
}
