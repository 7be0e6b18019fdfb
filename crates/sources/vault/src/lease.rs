//! What a Vault lends, and for how long.

use std::time::{Duration, SystemTime};

use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

/// A credential that was made for this launch.
#[derive(Deserialize, Serialize)]
pub struct Lease {
    /// What it is called by. Not a secret of the server's, and yet shown nowhere.
    pub id: Zeroizing<String>,
    /// The path that was read, for a person: `database/creds/app`.
    pub path: String,
    /// How long it holds, and since when.
    pub term: Term,
}

/// How long something holds.
#[derive(Clone, Copy, Deserialize, Serialize)]
pub struct Term {
    /// When the store's answer arrived.
    pub since: SystemTime,
    /// For how long from then, in whole seconds as the store tells it. Zero: without an end.
    pub span: Duration,
    /// Whether the store prolongs it.
    pub renewable: bool,
}

impl Term {
    /// What the store tells with an answer that has just arrived.
    #[must_use]
    pub fn told(seconds: u64, renewable: bool) -> Self {
        Self {
            since: SystemTime::now(),
            span: Duration::from_secs(seconds),
            renewable,
        }
    }
}
