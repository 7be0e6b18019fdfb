//! Tests of the program `mcp-launch` with real clients, servers and stores. `tests/run` runs them.
#![expect(clippy::unwrap_used, reason = "a test fails by a panic")]

// What the server gets, and that the launcher is gone.
mod bytes;
mod environment;
mod executables;
mod homeless;
mod process;
mod syscalls;

// What happens when something is missing.
mod answer;
mod fail_closed;
mod grants;
mod references;

// Where values must not be.
mod isolation;
mod leaks;

// Real clients and servers.
mod clients;
mod keychain;
#[cfg(feature = "vault")]
mod leases;
#[cfg(all(feature = "aws", feature = "vault"))]
mod network_stores;

// The commands beside `run`.
mod add;
mod adopt;
mod adopt_arguments;
mod adopt_files;
mod cache;
mod corpus_adopted;
mod crash;
mod doctor;
#[cfg(feature = "vault")]
mod doctor_stores;
mod preview;
mod project;
mod restore;
mod rotate;
mod secrets;
mod strangers;

// Moving values in and out.
mod clearing;
mod copy;
#[cfg(all(feature = "aws", feature = "vault"))]
mod copy_stores;
mod export;
mod import;
mod import_formats;
#[cfg(all(feature = "aws", feature = "vault"))]
mod import_stores;
mod transfer_leaks;

// The project itself.
mod docs;
mod fuzzed;

mod support;

/// A file that no `mod` line names would never run.
#[test]
fn no_test_file_is_forgotten() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests");
    let own = include_str!("main.rs");
    for entry in folder.read_dir().expect("the sources of these tests") {
        let path = entry.expect("a folder that can be listed").path();
        let is_rust = path.extension().is_some_and(|end| end == "rs");
        let name = path
            .file_stem()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        if is_rust && name != "main" {
            assert!(own.contains(&format!("\nmod {name};\n")), "tests/{name}.rs");
        }
    }
}
