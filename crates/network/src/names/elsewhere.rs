//! The system's own resolver.

use std::io::ErrorKind;
use std::net::IpAddr;

use crate::Trouble;

/// The system's resolver, which runs on a thread of its own.
#[derive(Default)]
pub(super) struct System;

impl System {
    pub(super) async fn addresses(&self, name: &str) -> Result<Vec<IpAddr>, Trouble> {
        let found = tokio::net::lookup_host((name, 0)).await.map_err(|error| {
            // What the C library calls "not known" has no kind of its own.
            match error.kind() {
                ErrorKind::TimedOut | ErrorKind::Interrupted => Trouble::NameServer,
                _ => Trouble::NameUnknown,
            }
        })?;
        Ok(found.map(|socket| socket.ip()).collect())
    }
}
