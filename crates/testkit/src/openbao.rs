//! OpenBao, the real server, one per test.

mod audit;
mod engines;

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Value, json};

use crate::Scratch;
use crate::certificates::Identity;
use crate::http::{Http, Reply};
use crate::server::{Readiness, Server, wait_until};
use crate::tools::tool;

pub use audit::{Mark, VaultRequest};

/// An OpenBao server of a test's own, with everything in memory: unsealed, KV version 2 at `secret/`.
///
/// It runs as an ordinary user and ends when it is dropped.
pub struct OpenBao {
    _server: Server,
    scratch: Scratch,
    program: PathBuf,
    address: String,
    ca: Option<PathBuf>,
    http: Http,
    unseal_key: String,
    root_token: String,
}

/// How an [`OpenBao`] is started.
#[derive(Debug, Default)]
pub struct OpenBaoBuilder {
    identity: Option<Identity>,
    sealed: bool,
    json_strings: Option<u32>,
}

impl OpenBaoBuilder {
    /// With TLS, and this certificate. Clients may show certificates too.
    #[must_use]
    pub fn tls(mut self, identity: &Identity) -> Self {
        self.identity = Some(identity.clone());
        self
    }

    /// Initialised, and not yet unsealed.
    #[must_use]
    pub fn sealed(mut self) -> Self {
        self.sealed = true;
        self
    }

    /// Takes requests with as many strings in their JSON, instead of 1,000: a field is two.
    #[must_use]
    pub fn json_strings(mut self, most: u32) -> Self {
        self.json_strings = Some(most);
        self
    }

    /// Starts it, and waits until it answers.
    ///
    /// # Panics
    /// When it is not installed, or does not start.
    #[must_use]
    pub fn start(self) -> OpenBao {
        let scratch = Scratch::ordinary();
        let program = reachable(&scratch, &tool("bin/bao"));
        let scheme = if self.identity.is_some() {
            "https"
        } else {
            "http"
        };
        let identity = self.identity.map(|identity| identity.copy_to(&scratch));
        let ca = identity.as_ref().map(|identity| identity.ca().to_owned());
        let http = Http::new(ca.as_deref(), None);
        let address = |port: u16| format!("{scheme}://127.0.0.1:{port}");
        let (server, (address, keys)) = Server::start(
            &scratch,
            "KILL",
            |port| {
                let settings = settings(
                    &scratch,
                    &address(port),
                    identity.as_ref(),
                    self.json_strings,
                );
                let path = scratch.write("openbao.json", settings.to_string());
                let mut command = scratch.command(&program);
                command.arg("server").arg("-config").arg(path);
                command
            },
            |port| match initialise(&http, &address(port)) {
                None => Readiness::NotYet,
                Some((200, keys)) => Readiness::Ready((address(port), parse(&keys))),
                Some(_) => Readiness::Foreign,
            },
        );
        let bao = OpenBao {
            _server: server,
            scratch,
            program,
            address,
            ca,
            http,
            unseal_key: text_of(&keys["keys"][0]),
            root_token: text_of(&keys["root_token"]),
        };
        if !self.sealed {
            bao.unseal();
            bao.enable_kv();
        }
        bao
    }
}

impl OpenBao {
    /// Over http, unsealed.
    ///
    /// # Panics
    /// When it is not installed, or does not start.
    #[must_use]
    pub fn start() -> Self {
        Self::builder().start()
    }

    /// With TLS, or sealed.
    #[must_use]
    pub fn builder() -> OpenBaoBuilder {
        OpenBaoBuilder::default()
    }

    /// As `VAULT_ADDR` has it: `http://127.0.0.1:PORT`.
    #[must_use]
    pub fn address(&self) -> &str {
        &self.address
    }

    /// A token that may do everything.
    #[must_use]
    pub fn root_token(&self) -> &str {
        &self.root_token
    }

    /// The authority of its certificate, PEM; `None` over http.
    #[must_use]
    pub fn ca(&self) -> Option<&Path> {
        self.ca.as_deref()
    }

    /// Runs `bao` as an administrator and gives what it printed, without the last line's end.
    ///
    /// # Panics
    /// With its error, when it fails.
    pub fn bao(&self, arguments: &[&str]) -> String {
        let output = self
            .scratch
            .command(&self.program)
            .args(arguments)
            .env("BAO_ADDR", &self.address)
            .env("BAO_TOKEN", &self.root_token)
            .envs(self.ca.as_ref().map(|ca| ("BAO_CACERT", ca)))
            .output()
            .expect("bao can be started");
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("text of bao");
        let errors = text(output.stderr);
        assert!(output.status.success(), "bao {arguments:?}: {errors}");
        text(output.stdout).trim_end_matches('\n').to_owned()
    }

    /// Asks the API at `path`, which follows `/v1/`, as an administrator. `Null` where the answer is empty.
    ///
    /// # Panics
    /// When it answers with an error.
    pub fn api(&self, method: &str, path: &str, body: Option<Value>) -> Value {
        let (status, answer) = self.ask(method, path, body, Some(&self.root_token));
        assert!(status < 400, "{method} {path}: {status} {answer}");
        answer
    }

    /// Asks the API at `path`, which follows `/v1/`, with any token or none: its status and what it says.
    ///
    /// # Panics
    /// When it does not answer.
    pub fn ask(
        &self,
        method: &str,
        path: &str,
        body: Option<Value>,
        token: Option<&str>,
    ) -> (u16, Value) {
        let headers = token.map(|token| ("X-Vault-Token", token));
        let body = body.map(|body| body.to_string()).unwrap_or_default();
        let (status, text) = self
            .http
            .send(
                method,
                &format!("{}/v1/{path}", self.address),
                headers.as_slice(),
                body.as_bytes(),
            )
            .expect("OpenBao answers");
        (status, parse(&text))
    }

    /// Writes a secret of KV version 2 below `secret/`.
    ///
    /// # Panics
    /// When it cannot.
    pub fn put(&self, path: &str, fields: Value) {
        let path = format!("secret/data/{path}");
        self.api("POST", &path, Some(json!({ "data": fields })));
    }

    /// Seals it: it answers everything with 503.
    ///
    /// # Panics
    /// When it cannot.
    pub fn seal(&self) {
        self.api("POST", "sys/seal", None);
    }

    /// Unseals it. One that was started sealed has no engine at `secret/`.
    ///
    /// # Panics
    /// When it cannot.
    pub fn unseal(&self) {
        let key = json!({ "key": self.unseal_key });
        self.api("POST", "sys/unseal", Some(key));
        // Unsealed is not yet active.
        wait_until("active", || {
            self.ask("GET", "sys/health", None, None).0 == 200
        });
    }

    fn enable_kv(&self) {
        let engine = json!({ "type": "kv", "options": { "version": "2" } });
        self.api("POST", "sys/mounts/secret", Some(engine));
        // A new engine of version 2 says for a moment that it is being upgraded.
        let config = || self.ask("GET", "secret/config", None, Some(&self.root_token));
        wait_until("version 2 of the engine", || config().0 == 200);
    }
}

/// One share, one key. It succeeds once, so that the answer is of a server that nobody else has.
fn initialise(http: &Http, address: &str) -> Reply {
    let shares = json!({ "secret_shares": 1, "secret_threshold": 1 }).to_string();
    http.send(
        "PUT",
        &format!("{address}/v1/sys/init"),
        &[],
        shares.as_bytes(),
    )
}

fn settings(
    scratch: &Scratch,
    address: &str,
    identity: Option<&Identity>,
    json_strings: Option<u32>,
) -> Value {
    let (_, authority) = address.split_once("://").expect("an address has a scheme");
    let mut listener = json!({
        "address": authority,
        "cluster_address": "127.0.0.1:0",
        "tls_disable": identity.is_none(),
    });
    if let Some(most) = json_strings {
        listener["max_request_json_strings"] = json!(most);
    }
    if let Some(identity) = identity {
        listener["tls_cert_file"] = json!(identity.certificate());
        listener["tls_key_file"] = json!(identity.key());
    }
    json!({
        "storage": { "inmem": {} },
        "listener": { "tcp": listener },
        "api_addr": address,
        "cluster_addr": "https://127.0.0.1:0",
        "disable_mlock": true,
        "audit": audit::settings(scratch),
    })
}

/// The program where the scratch's user can execute it: a copy, when that is another user who is kept out.
fn reachable(scratch: &Scratch, program: &Path) -> PathBuf {
    let script = ["-c", "test -x \"$0\""];
    let mut probe: Command = scratch.command("/bin/sh");
    let reached = probe.args(script).arg(program).status();
    if reached.expect("a shell").success() {
        program.to_owned()
    } else {
        scratch.install(program)
    }
}

fn parse(text: &str) -> Value {
    if text.is_empty() {
        return Value::Null;
    }
    serde_json::from_str(text).expect("OpenBao answers in JSON")
}

fn text_of(value: &Value) -> String {
    value.as_str().expect("a text").to_owned()
}
