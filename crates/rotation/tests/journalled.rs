//! A store that keeps a journal beside its value does what every store that holds rotations does.

use mcp_launch_core::Secret;
use mcp_launch_rotation::Bundle;
use mcp_launch_testkit::{MemoryStore, rotation_conformance};

#[test]
fn it_does_what_every_store_does() {
    let bare = |text: &str| Bundle::bare(Secret::new(text.as_bytes().to_vec()));
    let memory = MemoryStore::new(&bare("first"));
    rotation_conformance(|| memory.rotating(), bare);
    assert!(!memory.current().is_same(&bare("first")));
}
