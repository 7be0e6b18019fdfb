//! Tells an MCP client why its server did not start.
//!
//! A client that only sees its server end shows "server disconnected". So its requests, `initialize` or, since
//! protocol 2026-07-28, any other, are answered by a JSON-RPC error that says what is missing. The
//! framing is the client's own: a line, or the `Content-Length` header that some clients try second.

use std::io::{BufRead, Read as _, Write as _};
use std::sync::mpsc::channel;
use std::time::Duration;

use serde_json::{Value, json};

use crate::report::Report;
use crate::ui;

/// How long the client has for its requests. Clients send the first as soon as the process runs.
const PATIENCE: Duration = Duration::from_secs(3);

/// The most that is read: the SDKs' own limit for a message.
const LONGEST: u64 = 10 << 20;

/// JSON-RPC 2.0 "Internal error": the server could not do what every server must.
const INTERNAL_ERROR: i32 = -32603;

/// The longest `id` that is sent back. The SDKs count from 0; others use short words or UUIDs.
const LONGEST_ID: usize = 256;

/// Answers the client's requests with `report`, if a client is there.
///
/// More than one, because a client of protocol 2026-07-28 may ask `server/discover`, take an error for an older
/// server and ask `initialize` next. Ends when the client closes our input, or after [`PATIENCE`].
pub(crate) fn tell(report: Report) {
    if !stdin_is_client() {
        return;
    }
    let (sender, done) = channel();
    // The process ends soon, and the thread with it, also when the client never writes or never reads.
    std::thread::spawn(move || {
        let mut input = std::io::stdin().lock().take(LONGEST);
        while let Some(request) = next_request(&mut input) {
            if ui::data(&answer(&request, &report)).is_err() {
                break;
            }
        }
        let _nobody_waits = sender.send(());
    });
    let _over_time = done.recv_timeout(PATIENCE);
}

/// Whether standard input is what clients connect a server to: a pipe, or a socket pair (Node).
#[cfg(unix)]
fn stdin_is_client() -> bool {
    use std::os::fd::AsFd as _;
    use std::os::unix::fs::FileTypeExt as _;
    let Ok(descriptor) = std::io::stdin().as_fd().try_clone_to_owned() else {
        return false;
    };
    std::fs::File::from(descriptor)
        .metadata()
        .is_ok_and(|metadata| metadata.file_type().is_fifo() || metadata.file_type().is_socket())
}

/// Whether standard input is not a console; from a file or nothing no request comes, and that is told soon.
#[cfg(windows)]
fn stdin_is_client() -> bool {
    use std::io::IsTerminal as _;
    !std::io::stdin().is_terminal()
}

/// A request, and how it was framed.
struct Request {
    id: Value,
    with_header: bool,
}

/// The next message with an `id` and a `method`; notifications before it are passed over.
fn next_request(input: &mut impl BufRead) -> Option<Request> {
    loop {
        let mut line = Vec::new();
        if input.read_until(b'\n', &mut line).ok()? == 0 {
            return None;
        }
        let length = content_length(&line);
        if let Some(length) = length {
            line = body_after_headers(input, length)?;
        }
        let Ok(message) = serde_json::from_slice::<Value>(&line) else {
            continue;
        };
        // Batches existed in protocol 2025-03-26 only.
        let messages = match message {
            Value::Array(messages) => messages,
            message => vec![message],
        };
        for message in messages {
            if let (Some(id), true) = (message.get("id"), message.get("method").is_some())
                && is_id(id)
            {
                return Some(Request {
                    id: id.clone(),
                    with_header: length.is_some(),
                });
            }
        }
    }
}

/// Whether it is an id of MCP: a whole number or a string, here a short one.
fn is_id(id: &Value) -> bool {
    match id {
        Value::Number(number) => number.is_i64() || number.is_u64(),
        Value::String(text) => text.len() <= LONGEST_ID,
        _ => false,
    }
}

fn content_length(line: &[u8]) -> Option<u64> {
    let line = std::str::from_utf8(line).ok()?;
    let (name, value) = line.split_once(':')?;
    if !name.eq_ignore_ascii_case("content-length") {
        return None;
    }
    value
        .trim()
        .parse()
        .ok()
        .filter(|&length| length <= LONGEST)
}

fn body_after_headers(input: &mut impl BufRead, length: u64) -> Option<Vec<u8>> {
    let mut line = Vec::new();
    while input.read_until(b'\n', &mut line).ok()? > 0 {
        if line.trim_ascii().is_empty() {
            let mut body = Vec::new();
            input.take(length).read_to_end(&mut body).ok()?;
            return Some(body);
        }
        line.clear();
    }
    None
}

fn answer(request: &Request, report: &Report) -> Vec<u8> {
    let body = json!({
        "jsonrpc": "2.0",
        "id": request.id,
        "error": {
            "code": INTERNAL_ERROR,
            "message": message(report),
            "data": {
                "launcher": "mcp-launch",
                "exitCode": report.code,
                "failures": report.details,
                "hint": report.hint,
            },
        },
    })
    .to_string();
    let mut bytes = Vec::with_capacity(body.len() + 32);
    // Writing to memory does not fail.
    let _written = if request.with_header {
        write!(bytes, "Content-Length: {}\r\n\r\n{body}", body.len())
    } else {
        writeln!(bytes, "{body}")
    };
    bytes
}

/// One line, because clients show it in a notice; what to do goes first, because they cut it short.
fn message(report: &Report) -> String {
    let mut text = format!("mcp-launch: {}", report.message);
    let groups = report.groups();
    let mut remedies: Vec<_> = groups
        .iter()
        .filter_map(|group| group.detail.remedy.as_deref())
        .collect();
    remedies.dedup();
    for remedy in remedies {
        text.push_str(&format!("; fix: {remedy}"));
    }
    for group in groups {
        text.push_str(&format!("; {group}"));
    }
    if let Some(hint) = &report.hint {
        text.push_str(&format!(". Hint: {hint}"));
    }
    text.replace('\n', " ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::Detail;

    fn reply(input: &str) -> Option<String> {
        let report = Report::not_started("cannot start it").hint("do this");
        let request = next_request(&mut input.as_bytes())?;
        Some(String::from_utf8(answer(&request, &report)).unwrap())
    }

    #[test]
    fn answers_the_first_request_with_its_own_id() {
        for id in ["1", "\"discover-1\"", "0"] {
            let input = format!(
                "{{\"jsonrpc\":\"2.0\",\"method\":\"notifications/x\"}}\nnot json\n{{\"jsonrpc\":\"2.0\",\"id\":{id},\"method\":\"server/discover\"}}\n"
            );
            let reply: Value = serde_json::from_str(&reply(&input).unwrap()).unwrap();
            assert_eq!(reply["id"].to_string(), id);
            assert_eq!(
                reply["error"]["message"],
                "mcp-launch: cannot start it. Hint: do this"
            );
            assert_eq!(reply["error"]["data"]["exitCode"], 125);
        }
    }

    #[test]
    fn says_in_one_line_and_first_what_to_do() {
        let detail = Detail {
            site: "env.A".to_owned(),
            placeholder: "$<A>".to_owned(),
            reason: "missing",
            text: "not found".to_owned(),
            remedy: Some("do:\nthis".to_owned()),
        };
        let report = Report::not_started("cannot start it").details(vec![detail]);
        assert_eq!(
            message(&report),
            "mcp-launch: cannot start it; fix: do: this; $<A> (env.A): not found"
        );
    }

    #[test]
    fn keeps_the_framing_of_the_client() {
        let body = r#"{"jsonrpc":"2.0","id":7,"method":"initialize"}"#;
        let input = format!(
            "Content-Length: {}\r\nContent-Type: x\r\n\r\n{body}",
            body.len()
        );
        let reply = reply(&input).unwrap();
        let (header, body) = reply.split_once("\r\n\r\n").unwrap();
        assert_eq!(header, format!("Content-Length: {}", body.len()));
        assert!(body.contains(r#""id":7"#));
    }

    #[test]
    fn answers_a_client_that_asks_again() {
        let mut input =
            &b"{\"id\":1,\"method\":\"server/discover\"}\n{\"id\":2,\"method\":\"initialize\"}\n"[..];
        let mut ids = Vec::new();
        while let Some(request) = next_request(&mut input) {
            ids.push(request.id);
        }
        assert_eq!(ids, [1, 2]);
    }

    #[test]
    fn says_nothing_without_a_request() {
        assert!(reply("").is_none());
        assert!(reply("{\"jsonrpc\":\"2.0\",\"method\":\"notifications/x\"}\n").is_none());
        assert!(reply("Content-Length: 5\r\n").is_none());
        for id in ["null", "{}", "1.5", &format!("\"{}\"", "x".repeat(300))] {
            let input = format!("{{\"jsonrpc\":\"2.0\",\"id\":{id},\"method\":\"initialize\"}}\n");
            assert!(reply(&input).is_none(), "{id}");
        }
    }
}
