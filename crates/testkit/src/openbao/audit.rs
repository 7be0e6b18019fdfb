//! What OpenBao was asked, by its own audit log.

use std::fs;
use std::path::PathBuf;

use serde_json::{Value, json};

use super::OpenBao;
use crate::Scratch;

/// A place in the audit log.
#[derive(Clone, Copy, Debug)]
pub struct Mark(usize);

/// One request that reached OpenBao, whether it was allowed or not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VaultRequest {
    /// `read`, `update`, `list`, `create`, `delete`, ...
    pub operation: String,
    /// Without `/v1/` and without the namespace: `secret/data/app`, `auth/approle/login`.
    pub path: String,
    /// `team/`; empty for the root namespace.
    pub namespace: String,
    /// `approle-...`, `token`, `root`; empty where the request had no valid token.
    pub display_name: String,
    /// The client's port: the same for the requests of one connection.
    pub port: u16,
}

impl OpenBao {
    /// Here and now, for [`OpenBao::requests_since`].
    #[must_use]
    pub fn mark(&self) -> Mark {
        Mark(self.log().len())
    }

    /// Every request since the start, those of the set-up and of [`OpenBao::api`] too, in order.
    ///
    /// A request is here before its answer is out, a login and one that is denied too. Not audited are
    /// `sys/health`, `sys/seal-status`, `sys/leader` and `sys/init`, and whatever is asked of a sealed server:
    /// a [`crate::FaultServer`] in front of it sees those.
    #[must_use]
    pub fn requests(&self) -> Vec<VaultRequest> {
        self.requests_since(Mark(0))
    }

    /// Every request since `mark`.
    ///
    /// # Panics
    /// When the audit log is not what OpenBao writes.
    #[must_use]
    pub fn requests_since(&self, mark: Mark) -> Vec<VaultRequest> {
        let log = self.log();
        log[mark.0..]
            .lines()
            .map(|line| serde_json::from_str(line).expect("a line of the audit log"))
            .filter_map(|line: Value| request(&line))
            .collect()
    }

    fn log(&self) -> String {
        let mut log = fs::read_to_string(path(&self.scratch)).unwrap_or_default();
        // A line that is being written is of a request that has no answer yet.
        log.truncate(log.rfind('\n').map_or(0, |end| end + 1));
        log
    }
}

/// A file device; its digests stand for every value.
pub(super) fn settings(scratch: &Scratch) -> Value {
    json!({ "type": "file", "path": "requests", "options": { "file_path": path(scratch) } })
}

fn path(scratch: &Scratch) -> PathBuf {
    scratch.temp().join("audit.log")
}

/// `None` for an answer, and for what OpenBao asks of itself.
fn request(line: &Value) -> Option<VaultRequest> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let request = &line["request"];
    if line["type"] != "request" {
        return None;
    }
    Some(VaultRequest {
        operation: text(&request["operation"]),
        path: text(&request["path"]),
        namespace: text(&request["namespace"]["path"]),
        display_name: text(&line["auth"]["display_name"]),
        port: request["remote_port"].as_u64()?.try_into().ok()?,
    })
}
