//! The sealed store keeps what every source promises, with either form of its key.

#![expect(clippy::unwrap_used, reason = "that is how a test fails")]

use std::time::Duration;

use mcp_launch_core::{Deadline, Secret, Source, Store};
use mcp_launch_source_sealed::SealedSource;
use mcp_launch_testkit::{Canary, Scratch, conformance, store_conformance};

fn filled(scratch: &Scratch, canary: &Canary) -> SealedSource {
    let source = SealedSource::new(scratch.home().join("store"));
    let value = Secret::new(canary.value().as_bytes().to_vec());
    let deadline = Deadline::after(Duration::from_secs(5));
    source.put("present", &value, deadline).unwrap();
    source
}

#[test]
fn conforms_with_a_key_file() {
    let (scratch, canary) = (Scratch::new(), Canary::new());
    let source = filled(&scratch, &canary);
    conformance(&source, "present", "missing", &canary);
    store_conformance(&source, "", str::to_owned);
}

#[cfg(target_os = "linux")]
#[test]
fn conforms_with_an_unlocked_passphrase() {
    let (scratch, canary) = (Scratch::new(), Canary::new());
    let source = filled(&scratch, &canary);
    let passphrase = Secret::new(b"correct horse".to_vec());
    source.protect(&passphrase).unwrap();
    source.unlock(&passphrase, Duration::from_secs(60)).unwrap();
    conformance(&source, "present", "missing", &canary);
    assert_eq!(source.lock(), Ok(true));
    assert!(source.store().is_some());
}
