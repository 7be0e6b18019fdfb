//! What a launch does not do on its way.

#![cfg(target_os = "linux")]

use std::fs;

use crate::stage::{Stage, apart};

#[test]
fn keys_in_variables_and_plain_http_need_the_profile_files_and_no_certificates() {
    let stage = Stage::new();
    stage.moto.create("db", "1");
    let mut program = stage.command(&["db"]);
    let mut traced = stage.scratch.command("strace");
    let log = stage.scratch.temp().join("trace");
    traced
        .args(["-f", "-e", "trace=%file", "-o"])
        .arg(&log)
        .arg(program.get_program())
        .args(program.get_args());
    for (name, value) in apart(&mut program).get_envs() {
        if let Some(value) = value {
            traced.env(name, value);
        }
    }
    let output = traced.output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.starts_with("value 1\n1\n"), "{text}");

    let trace = fs::read_to_string(&log).unwrap();
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
