//! What a launch does not do on its way.

#![cfg(target_os = "linux")]

use crate::stage::{Stage, apart, traced};

#[test]
fn keys_in_variables_and_plain_http_need_the_profile_files_and_no_certificates() {
    let stage = Stage::new();
    stage.moto.create("db", "1");
    let mut program = stage.command(&["db"]);
    let (told, trace) = traced(&stage.scratch, apart(&mut program), "%file");
    assert_eq!(told.values(), ["1"]);
    assert!(trace.contains(".aws/config"), "{trace}");
    for avoided in [
        "/etc/ssl",
        "/etc/pki",
        "certificates",
        "resolv.conf",
        ".aws/sso",
    ] {
        assert!(!trace.contains(avoided), "{avoided}:\n{trace}");
    }
}
