//! Trust holds for the bytes that a person has seen, at the place where they saw them.

#![cfg(unix)]

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::path::Path;

use mcp_launch_config::{ConfigErrorKind, Settings, Trust, TrustStore};
use mcp_launch_core::Environment;
use mcp_launch_testkit::Scratch;

const FILE: &str = "work/mcp-launch.toml";
const CONTENT: &str = "order = [\"env\"]\n[servers.s]\ncommand = [\"a\"]\n";

fn load(scratch: &Scratch, folder: &str) -> Settings {
    let environment = Environment::from_pairs(scratch.variables());
    Settings::load(&environment, &scratch.home().join(folder)).expect("settings that can be read")
}

fn store(scratch: &Scratch) -> TrustStore {
    TrustStore::of(load(scratch, "").directories()).expect("a state folder")
}

fn trust_at(scratch: &Scratch, folder: &str) -> Trust {
    load(scratch, folder).project().expect("a project").trust
}

#[test]
fn a_trusted_file_counts_until_one_byte_changes() {
    let scratch = Scratch::new();
    let path = scratch.write(FILE, CONTENT);
    assert_eq!(trust_at(&scratch, "work"), Trust::Never);

    let (record, gated) = store(&scratch).trust(&path).unwrap();
    assert_eq!((record.path, record.trust), (path.clone(), Trust::Trusted));
    assert_eq!(record.sha256.len(), 64);
    let keys: Vec<&str> = gated.iter().map(|gated| gated.key.as_str()).collect();
    assert_eq!(keys, ["order", "servers.s"]);
    assert_eq!(trust_at(&scratch, "work"), Trust::Trusted);

    scratch.write(FILE, format!("{CONTENT} "));
    assert_eq!(trust_at(&scratch, "work"), Trust::Changed);
    let error = load(&scratch, "work").order().unwrap_err();
    assert_eq!(error.kind(), &ConfigErrorKind::ChangedSinceTrusted);
    assert!(
        error
            .to_string()
            .ends_with(":1: order: changed since it was trusted")
    );

    scratch.write(FILE, CONTENT);
    assert_eq!(trust_at(&scratch, "work"), Trust::Trusted);
}

#[test]
fn the_digest_is_the_one_that_sha256sum_prints() {
    let scratch = Scratch::new();
    let path = scratch.write(FILE, CONTENT);
    let (record, _) = store(&scratch).trust(&path).unwrap();
    let output = scratch.command("sha256sum").arg(&path).output().unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    assert_eq!(said.split_whitespace().next().unwrap(), record.sha256);
}

#[test]
fn the_same_bytes_elsewhere_are_not_trusted() {
    let scratch = Scratch::new();
    let path = scratch.write(FILE, CONTENT);
    store(&scratch).trust(&path).unwrap();
    scratch.write("other/mcp-launch.toml", CONTENT);
    assert_eq!(trust_at(&scratch, "other"), Trust::Never);
}

#[test]
fn a_link_to_the_folder_is_the_same_place() {
    let scratch = Scratch::new();
    let path = scratch.write(FILE, CONTENT);
    symlink(scratch.home().join("work"), scratch.home().join("link")).unwrap();
    store(&scratch)
        .trust(&scratch.home().join("link/mcp-launch.toml"))
        .unwrap();
    assert_eq!(trust_at(&scratch, "work"), Trust::Trusted);
    assert_eq!(trust_at(&scratch, "link"), Trust::Trusted);
    assert!(store(&scratch).untrust(&path).unwrap());
    assert_eq!(trust_at(&scratch, "link"), Trust::Never);
}

#[test]
fn a_link_to_a_trusted_file_borrows_nothing() {
    let scratch = Scratch::new();
    let path = scratch.write(FILE, CONTENT);
    store(&scratch).trust(&path).unwrap();
    scratch.write("hostile/start.sh", "");
    symlink(&path, scratch.home().join("hostile/mcp-launch.toml")).unwrap();
    assert_eq!(trust_at(&scratch, "hostile"), Trust::Never);
}

#[test]
fn untrust_forgets_also_what_is_gone() {
    let scratch = Scratch::new();
    let path = scratch.write(FILE, CONTENT);
    assert!(!store(&scratch).untrust(&path).unwrap());
    store(&scratch).trust(&path).unwrap();
    fs::remove_dir_all(path.parent().unwrap()).unwrap();
    assert_eq!(store(&scratch).list().unwrap()[0].trust, Trust::Changed);
    assert!(store(&scratch).untrust(&path).unwrap());
    assert!(store(&scratch).list().unwrap().is_empty());
}

#[test]
fn the_list_is_sorted_and_says_what_changed() {
    let scratch = Scratch::new();
    for folder in ["b", "a", "c"] {
        let path = scratch.write(format!("{folder}/mcp-launch.toml"), CONTENT);
        store(&scratch).trust(&path).unwrap();
    }
    scratch.write("b/mcp-launch.toml", "");
    let list = store(&scratch).list().unwrap();
    let shown: Vec<_> = list
        .iter()
        .map(|record| {
            let path = record.path.strip_prefix(scratch.home()).unwrap();
            (path.to_str().unwrap(), record.trust)
        })
        .collect();
    assert_eq!(
        shown,
        [
            ("a/mcp-launch.toml", Trust::Trusted),
            ("b/mcp-launch.toml", Trust::Changed),
            ("c/mcp-launch.toml", Trust::Trusted),
        ]
    );
}

#[test]
fn records_are_ours_alone_and_believed_only_then() {
    let scratch = Scratch::new();
    let path = scratch.write(FILE, CONTENT);
    store(&scratch).trust(&path).unwrap();
    let records = scratch.home().join(".local/state/mcp-launch/trust");
    let mode = |path: &Path| path.metadata().unwrap().mode() & 0o777;
    assert_eq!(mode(&records), 0o700);
    let record = records.read_dir().unwrap().next().unwrap().unwrap().path();
    assert_eq!(mode(&record), 0o600);

    fs::set_permissions(&record, fs::Permissions::from_mode(0o622)).unwrap();
    assert_eq!(trust_at(&scratch, "work"), Trust::Never);
}

#[test]
fn a_record_moved_to_another_name_means_nothing() {
    let scratch = Scratch::new();
    let path = scratch.write(FILE, CONTENT);
    scratch.write("other/mcp-launch.toml", CONTENT);
    store(&scratch).trust(&path).unwrap();
    let records = scratch.home().join(".local/state/mcp-launch/trust");
    let first = records.read_dir().unwrap().next().unwrap().unwrap().path();
    store(&scratch)
        .trust(&scratch.home().join("other/mcp-launch.toml"))
        .unwrap();
    let second = records
        .read_dir()
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .find(|place| *place != first)
        .unwrap();
    fs::rename(&first, &second).unwrap();
    assert_eq!(trust_at(&scratch, "work"), Trust::Never);
    assert_eq!(trust_at(&scratch, "other"), Trust::Never);
    assert!(store(&scratch).list().unwrap().is_empty());
}

#[test]
fn twenty_at_once_lose_nothing() {
    let scratch = Scratch::new();
    let paths: Vec<_> = (0..20)
        .map(|index| scratch.write(format!("p{index}/mcp-launch.toml"), CONTENT))
        .collect();
    let store = store(&scratch);
    std::thread::scope(|scope| {
        for path in &paths {
            scope.spawn(|| store.trust(path).unwrap());
        }
    });
    let list = store.list().unwrap();
    assert_eq!(list.len(), 20);
    assert!(list.iter().all(|record| record.trust == Trust::Trusted));
}
