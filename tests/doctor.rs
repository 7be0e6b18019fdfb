//! `doctor` tells what works here, in the environment that MCP clients give.

use mcp_launch_testkit::Scratch;

use crate::support::{Finished, launch};

#[test]
fn doctor_names_every_store_and_how_to_mend_what_is_wrong() {
    let scratch = Scratch::new();
    let finished = Finished::of(&mut launch(&scratch, ["doctor"]));
    let said = finished.stdout + &finished.stderr;
    for part in ["keychain", "sealed", ".env"] {
        assert!(said.contains(part), "no {part} in:\n{said}");
    }
}

#[test]
fn doctor_answers_programs_in_json() {
    let scratch = Scratch::new();
    let finished = Finished::of(&mut launch(&scratch, ["doctor", "--json"]));
    let report: serde_json::Value = serde_json::from_str(&finished.stdout)
        .unwrap_or_else(|error| panic!("{error}:\n{}{}", finished.stdout, finished.stderr));
    assert!(report.is_object(), "{report}");
}
