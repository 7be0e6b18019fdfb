//! The Model Context Protocol, as far as a server with one tool needs it.
//!
//! Two eras are spoken: up to 2025-11-25 a client begins with `initialize`; since 2026-07-28 each
//! request says its version in `_meta`, and `server/discover` tells what the server can do.
//! Source: <https://modelcontextprotocol.io/specification>.

use serde_json::{Value, json};

use crate::credential::{Credential, VARIABLE};

const HANDSHAKE_VERSIONS: [&str; 4] = ["2025-11-25", "2025-06-18", "2025-03-26", "2024-11-05"];
const STATELESS_VERSIONS: [&str; 1] = ["2026-07-28"];
const VERSION_KEY: &str = "io.modelcontextprotocol/protocolVersion";

const PARSE_ERROR: i64 = -32700;
const INVALID_REQUEST: i64 = -32600;
const METHOD_NOT_FOUND: i64 = -32601;
const INVALID_PARAMS: i64 = -32602;
const UNSUPPORTED_VERSION: i64 = -32022;

/// The answer to one line; none to a notification, an answer, or an empty line.
pub(crate) fn answer(line: &str, credential: &Credential) -> Option<Value> {
    if line.trim().is_empty() {
        return None;
    }
    let Ok(message) = serde_json::from_str::<Value>(line) else {
        let error = Failure::new(PARSE_ERROR, "not JSON");
        return Some(error.to_message(&Value::Null));
    };
    let Some(method) = message["method"].as_str() else {
        let is_answer = message.get("result").or(message.get("error")).is_some();
        let error = Failure::new(INVALID_REQUEST, "not a JSON-RPC request");
        return (!is_answer).then(|| error.to_message(&message["id"]));
    };
    let id = message.get("id")?;
    Some(match result(method, &message["params"], credential) {
        Ok(result) => json!({ "jsonrpc": "2.0", "id": id, "result": result }),
        Err(failure) => failure.to_message(id),
    })
}

fn result(method: &str, params: &Value, credential: &Credential) -> Result<Value, Failure> {
    let stateless = is_stateless(params)?;
    let mut result = match (method, stateless) {
        ("initialize", false) => initialize(params),
        ("ping", false) => json!({}),
        ("server/discover", true) => cacheable(discover()),
        ("tools/call", _) => call(params, credential)?,
        ("tools/list", true) => cacheable(tools()),
        ("tools/list", false) => tools(),
        _ => return Err(Failure::new(METHOD_NOT_FOUND, "no such method")),
    };
    if stateless {
        result["resultType"] = "complete".into();
    }
    Ok(result)
}

/// Whether the request is of the era in which each request names its version.
fn is_stateless(params: &Value) -> Result<bool, Failure> {
    match &params["_meta"][VERSION_KEY] {
        Value::Null => Ok(false),
        Value::String(version) if STATELESS_VERSIONS.contains(&version.as_str()) => Ok(true),
        requested => Err(Failure {
            code: UNSUPPORTED_VERSION,
            message: "unsupported protocol version",
            data: json!({ "supported": STATELESS_VERSIONS, "requested": requested }),
        }),
    }
}

fn initialize(params: &Value) -> Value {
    let requested = params["protocolVersion"].as_str().unwrap_or_default();
    let version = if HANDSHAKE_VERSIONS.contains(&requested) {
        requested
    } else {
        HANDSHAKE_VERSIONS[0]
    };
    json!({
        "protocolVersion": version,
        "capabilities": { "tools": {} },
        "serverInfo": identity(),
    })
}

fn discover() -> Value {
    json!({
        "supportedVersions": STATELESS_VERSIONS,
        "capabilities": { "tools": {} },
        "_meta": { "io.modelcontextprotocol/serverInfo": identity() },
    })
}

fn identity() -> Value {
    json!({ "name": "mcp-example-server", "version": env!("CARGO_PKG_VERSION") })
}

fn tools() -> Value {
    json!({ "tools": [{
        "name": "whoami",
        "title": "Who am I?",
        "description": format!("Tells whether {VARIABLE} reached the server, masked."),
        "inputSchema": { "type": "object", "additionalProperties": false },
    }]})
}

fn call(params: &Value, credential: &Credential) -> Result<Value, Failure> {
    if params["name"] != "whoami" {
        return Err(Failure::new(INVALID_PARAMS, "no such tool"));
    }
    Ok(json!({
        "content": [{ "type": "text", "text": credential.description() }],
        "isError": !credential.is_usable(),
    }))
}

/// What this server is does not change while it runs, nor from one user to the next.
fn cacheable(mut result: Value) -> Value {
    result["ttlMs"] = 3_600_000.into();
    result["cacheScope"] = "public".into();
    result
}

/// A JSON-RPC error.
struct Failure {
    code: i64,
    message: &'static str,
    data: Value,
}

impl Failure {
    fn new(code: i64, message: &'static str) -> Self {
        Self {
            code,
            message,
            data: Value::Null,
        }
    }

    fn to_message(&self, id: &Value) -> Value {
        let mut error = json!({ "code": self.code, "message": self.message });
        if !self.data.is_null() {
            error["data"] = self.data.clone();
        }
        json!({ "jsonrpc": "2.0", "id": id, "error": error })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(message: &Value) -> Value {
        answer(
            &message.to_string(),
            &Credential::given("sk-example-0123456789abcdef"),
        )
        .unwrap_or_default()
    }

    fn stateless(method: &str, version: &str) -> Value {
        asked(&json!({ "jsonrpc": "2.0", "id": "a", "method": method,
            "params": { "name": "whoami", "_meta": { VERSION_KEY: version } } }))
    }

    #[test]
    fn agrees_on_a_version_it_knows() {
        for (requested, agreed) in [
            ("2024-11-05", "2024-11-05"),
            ("2025-11-25", "2025-11-25"),
            ("2031-01-01", "2025-11-25"),
        ] {
            let answer = asked(&json!({ "jsonrpc": "2.0", "id": 1, "method": "initialize",
                "params": { "protocolVersion": requested } }));
            assert_eq!(answer["result"]["protocolVersion"], agreed);
            assert_eq!(answer["id"], 1);
        }
    }

    #[test]
    fn speaks_without_a_handshake() {
        let discovered = &stateless("server/discover", "2026-07-28");
        assert_eq!(discovered["id"], "a");
        assert_eq!(
            discovered["result"]["supportedVersions"],
            json!(["2026-07-28"])
        );
        for method in ["server/discover", "tools/list", "tools/call"] {
            assert_eq!(
                stateless(method, "2026-07-28")["result"]["resultType"],
                "complete"
            );
        }
        let refused = &stateless("server/discover", "2031-01-01")["error"];
        assert_eq!(refused["code"], UNSUPPORTED_VERSION);
        assert_eq!(refused["data"]["requested"], "2031-01-01");
    }

    #[test]
    fn the_tool_shows_the_secret_masked() {
        let answer = asked(&json!({ "jsonrpc": "2.0", "id": 2, "method": "tools/call",
            "params": { "name": "whoami", "arguments": {} } }));
        assert_eq!(
            answer["result"]["content"][0]["text"],
            "EXAMPLE_API_TOKEN is set: 27 characters, ending in …cdef"
        );
        assert!(!answer.to_string().contains("0123456789"));
    }

    #[test]
    fn refuses_what_it_does_not_know() {
        let code = |message: &Value| asked(message)["error"]["code"].clone();
        let unknown = json!({ "jsonrpc": "2.0", "id": 3, "method": "resources/list" });
        assert_eq!(code(&unknown), METHOD_NOT_FOUND);
        let no_tool = json!({ "id": 4, "method": "tools/call", "params": { "name": "rm" } });
        assert_eq!(code(&no_tool), INVALID_PARAMS);
        assert_eq!(code(&json!({ "id": 5 })), INVALID_REQUEST);
        let broken = answer("{", &Credential::given("x")).unwrap();
        assert_eq!(broken["error"]["code"], PARSE_ERROR);
    }

    #[test]
    fn is_silent_where_nothing_is_asked() {
        for message in [
            json!({ "jsonrpc": "2.0", "method": "notifications/initialized" }),
            json!({ "jsonrpc": "2.0", "id": 1, "result": {} }),
        ] {
            assert_eq!(asked(&message), Value::Null);
        }
        assert!(answer("  ", &Credential::given("x")).is_none());
    }
}
