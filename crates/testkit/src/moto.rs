//! Moto, an emulation of AWS, one per test.

use std::fs;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde_json::{Value, json};

use crate::Scratch;
use crate::certificates::Identity;
use crate::http::Http;
use crate::server::{Readiness, Server};
use crate::tools::tool;

/// With Secrets Manager as AWS has it where Moto's differs, and with a log of requests.
const PROGRAM: &str = include_str!("../../../tests/setup/moto_faithful.py");

const SECRETS_MANAGER: &str = "secretsmanager";

/// A Moto server of a test's own, with nothing in it. It ends when it is dropped.
pub struct Moto {
    _server: Server,
    _scratch: Scratch,
    requests: PathBuf,
    endpoint: String,
    ca: Option<PathBuf>,
    http: Http,
}

/// How a [`Moto`] is started.
#[derive(Debug, Default)]
pub struct MotoBuilder {
    identity: Option<Identity>,
    free_calls: Option<u32>,
}

/// One request that reached Moto.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct AwsRequest {
    /// `POST`.
    pub method: String,
    /// As the client named it, with the port.
    pub host: String,
    /// `/`.
    pub path: String,
    /// `GetSecretValue`, `BatchGetSecretValue`, `AssumeRole`, ...
    pub action: String,
    /// The id of the access key that signed it; empty where nobody did.
    pub access_key: String,
    /// The region that it was signed for; empty where nobody did.
    pub region: String,
    /// JSON or a form, as it came.
    pub body: String,
}

impl MotoBuilder {
    /// Over HTTPS, with this certificate.
    #[must_use]
    pub fn tls(mut self, identity: &Identity) -> Self {
        self.identity = Some(identity.clone());
        self
    }

    /// Signatures and policies are checked after the first `free` calls to AWS, which make the first user.
    #[must_use]
    pub fn enforcing_after(mut self, free: u32) -> Self {
        self.free_calls = Some(free);
        self
    }

    /// Starts it, and waits until it answers.
    ///
    /// # Panics
    /// When it is not installed, or does not start.
    #[must_use]
    pub fn start(self) -> Moto {
        let scratch = Scratch::new();
        let python = tool("venv/bin/python");
        let program = scratch.write("moto_faithful.py", PROGRAM);
        let requests = scratch.temp().join("requests");
        let identity = self.identity.as_ref();
        let scheme = if identity.is_some() { "https" } else { "http" };
        let ca = identity.map(|identity| identity.ca().to_owned());
        let http = Http::new(ca.as_deref(), None);
        let endpoint = |port: u16| format!("{scheme}://127.0.0.1:{port}");
        let (server, endpoint) = Server::start(
            &scratch,
            "KILL",
            |port| {
                let mut command = scratch.command(&python);
                command.arg(&program).args(["-H", "127.0.0.1", "-p"]);
                command.arg(port.to_string());
                command.env("MOTO_REQUESTS", &requests);
                if let Some(identity) = identity {
                    command.arg("-c").arg(identity.certificate());
                    command.arg("-k").arg(identity.key());
                }
                if let Some(calls) = self.free_calls {
                    command.env("INITIAL_NO_AUTH_ACTION_COUNT", calls.to_string());
                }
                command
            },
            |port| {
                let probe = format!("{}/moto-api/", endpoint(port));
                match http.send("GET", &probe, &[], b"") {
                    None => Readiness::NotYet,
                    // Another server would not have written this down.
                    Some(_) if requests.exists() => Readiness::Ready(endpoint(port)),
                    Some(_) => Readiness::Foreign,
                }
            },
        );
        fs::remove_file(&requests).expect("the log of Moto's requests");
        Moto {
            _server: server,
            _scratch: scratch,
            requests,
            endpoint,
            ca,
            http,
        }
    }
}

impl Moto {
    /// Over http; credentials are not checked.
    ///
    /// # Panics
    /// When it is not installed, or does not start.
    #[must_use]
    pub fn start() -> Self {
        Self::builder().start()
    }

    /// With TLS, or with signatures and policies checked.
    #[must_use]
    pub fn builder() -> MotoBuilder {
        MotoBuilder::default()
    }

    /// As `AWS_ENDPOINT_URL` has it: `http://127.0.0.1:PORT`.
    #[must_use]
    pub fn endpoint(&self) -> &str {
        &self.endpoint
    }

    /// The authority of its certificate, PEM; `None` over http.
    #[must_use]
    pub fn ca(&self) -> Option<&Path> {
        self.ca.as_deref()
    }

    /// Calls Secrets Manager of the region us-east-1, unsigned: `call("CreateSecret", json!({ … }))`.
    ///
    /// # Panics
    /// With its error, when it refuses.
    pub fn call(&self, action: &str, request: Value) -> Value {
        self.call_in("us-east-1", action, request)
    }

    /// As [`Moto::call`], in any region.
    ///
    /// # Panics
    /// With its error, when it refuses.
    pub fn call_in(&self, region: &str, action: &str, request: Value) -> Value {
        let target = format!("{SECRETS_MANAGER}.{action}");
        let headers = [
            ("Content-Type", "application/x-amz-json-1.1"),
            ("X-Amz-Target", &target),
        ];
        let text = self.send(SECRETS_MANAGER, region, &headers, &request.to_string());
        serde_json::from_str(&text).expect("Secrets Manager answers in JSON")
    }

    /// Calls IAM or STS, which take a form and answer in XML: `form("iam", &[("Action", "CreateUser"), …])`.
    ///
    /// # Panics
    /// With its error, when it refuses.
    pub fn form(&self, service: &str, fields: &[(&str, &str)]) -> String {
        let headers = [("Content-Type", "application/x-www-form-urlencoded")];
        let fields: Vec<String> = fields
            .iter()
            .map(|(name, value)| format!("{name}={}", percent_encoded(value)))
            .collect();
        self.send(service, "us-east-1", &headers, &fields.join("&"))
    }

    /// A user who may do what the policy says: the id of an access key, and the key. Takes three calls.
    ///
    /// # Panics
    /// With Moto's error, when it refuses.
    pub fn create_user(&self, name: &str, policy: &Value) -> (String, String) {
        let iam = |action, more: &[(&str, &str)]| {
            let fields = [
                ("Action", action),
                ("Version", "2010-05-08"),
                ("UserName", name),
            ];
            self.form("iam", &[&fields, more].concat())
        };
        iam("CreateUser", &[]);
        let document = policy.to_string();
        iam(
            "PutUserPolicy",
            &[("PolicyName", "policy"), ("PolicyDocument", &document)],
        );
        let key = iam("CreateAccessKey", &[]);
        (
            element(&key, "AccessKeyId").to_owned(),
            element(&key, "SecretAccessKey").to_owned(),
        )
    }

    /// Writes a secret and gives its ARN.
    ///
    /// # Panics
    /// When it exists.
    pub fn create(&self, name: &str, value: &str) -> String {
        let request = json!({ "Name": name, "SecretString": value });
        let created = self.call("CreateSecret", request);
        created["ARN"].as_str().expect("an ARN").to_owned()
    }

    /// Every request since the start, those of the set-up too, in order. A request is here before its answer is out.
    ///
    /// # Panics
    /// When the log is not what `moto_faithful.py` writes.
    #[must_use]
    pub fn requests(&self) -> Vec<AwsRequest> {
        let log = fs::read_to_string(&self.requests).unwrap_or_default();
        // A line that is being written is of a request that has no answer yet.
        let whole = log.rfind('\n').map_or("", |end| &log[..end]);
        whole
            .lines()
            .map(|line| serde_json::from_str(line).expect("a line of Moto's requests"))
            .collect()
    }

    /// Moto tells services and regions apart by what a request is signed for. The signature itself is not looked at,
    /// unless it was started so.
    fn send(&self, service: &str, region: &str, headers: &[(&str, &str)], body: &str) -> String {
        let signed =
            format!("AWS4-HMAC-SHA256 Credential=setup/20260101/{region}/{service}/aws4_request");
        let mut headers = headers.to_vec();
        headers.push(("Authorization", &signed));
        let url = format!("{}/", self.endpoint);
        let (status, text) = self
            .http
            .send("POST", &url, &headers, body.as_bytes())
            .expect("Moto answers");
        assert!(status < 400, "{headers:?}: {status} {text}");
        text
    }
}

/// The text of an element of an answer in XML.
fn element<'xml>(xml: &'xml str, name: &str) -> &'xml str {
    let inside = |rest: &'xml str| rest.split_once(&format!("</{name}>"));
    xml.split_once(&format!("<{name}>"))
        .and_then(|(_, rest)| inside(rest))
        .map(|(text, _)| text)
        .unwrap_or_else(|| panic!("no {name} in {xml}"))
}

fn percent_encoded(value: &str) -> String {
    value.bytes().map(|byte| format!("%{byte:02X}")).collect()
}
