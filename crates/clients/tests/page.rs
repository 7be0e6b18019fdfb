//! The page about the clients is what the table says.

use std::path::Path;

use mcp_launch_core::Environment;

/// With `MCP_LAUNCH_BLESS=1` the page is written instead.
#[test]
fn the_page_of_the_reference_is_the_table() {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/reference/clients.md");
    let table = mcp_launch_clients::table();
    let environment = Environment::capture();
    if environment.get_non_empty("MCP_LAUNCH_BLESS").is_some() {
        mcp_launch_atomic::write(&page, table.as_bytes(), 0o644).expect("the page can be written");
    }
    let written = std::fs::read_to_string(&page).unwrap_or_default();
    assert!(
        written == table,
        "docs/reference/clients.md is not current: test with MCP_LAUNCH_BLESS=1"
    );
}

#[test]
fn every_file_of_a_client_is_in_the_list() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/clients");
    let files = folder.read_dir().unwrap().count();
    // One of them is for files of nobody.
    assert_eq!(files, mcp_launch_clients::CLIENTS.len() + 1);
}
