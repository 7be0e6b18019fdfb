//! Rotation in a `.env` file: what every store promises, who else writes, and what is refused.

#![cfg(unix)]
#![expect(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    reason = "writes as an editor does, and ends where it cannot go on"
)]

use std::fs;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, symlink};
use std::path::{Path, PathBuf};
use std::time::Duration;

use mcp_launch_core::{Deadline, Locator, Secret, Source as _};
use mcp_launch_rotation::{
    Bundle, Entries, Journalled, Opening, Owner, RotatingStore as _, Stage, StoreError, Successor,
};
use mcp_launch_source_dotenv::{Dialect, Document, DotenvCredential, DotenvSource};
use mcp_launch_testkit::{Canary, Scratch, rotation_conformance};

fn secret(text: &str) -> Secret {
    Secret::new(text.as_bytes().to_vec())
}

fn soon() -> Deadline {
    Deadline::after(Duration::from_secs(20))
}

fn file(scratch: &Scratch, text: &str) -> PathBuf {
    let path = scratch.write("app/.env", text);
    fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
    path
}

fn credential(scratch: &Scratch, path: &Path, entries: Entries) -> Journalled<DotenvCredential> {
    DotenvCredential::new(path.to_owned(), entries, &scratch.home().join("state")).rotating()
}

fn successor(value: &str) -> Successor {
    Successor {
        bundle: Bundle::bare(secret(value)),
        handle: None,
        expires_at: None,
    }
}

/// The text without what no spelling has that all readers take alike: such a value is refused before anything is written.
fn spelled(text: &str) -> String {
    text.replace(['"', '\'', '`', '\\', '$', '%'], "_")
}

/// Begins a rotation to `value`.
fn stage(store: &Journalled<DotenvCredential>, value: &str) -> Result<(), StoreError> {
    let seen = store.read(soon())?;
    let owner = Owner::new("test").unwrap();
    let new = successor(value);
    store.begin(&seen.revision, Opening::Value(&new), &owner, soon())
}

#[test]
fn it_keeps_every_promise_of_a_store() {
    let scratch = Scratch::new();
    let text = "# mine\r\nexport A='one'\r\n\r\nTOKEN=\"first\"  # kept\r\nB=two";
    let path = file(&scratch, text);
    rotation_conformance(
        || credential(&scratch, &path, Entries::bare("TOKEN").unwrap()),
        |text| Bundle::bare(secret(&spelled(text))),
    );
    let after = fs::read_to_string(&path).unwrap();
    let (before, rest) = after.split_once("#:mcp-launch").unwrap();
    assert_eq!(before, "# mine\r\nexport A='one'\r\n\r\n");
    assert!(
        rest.ends_with("\r\nB=two") && rest.contains("  # kept\r\n"),
        "{rest}"
    );
    assert_eq!(fs::metadata(&path).unwrap().mode() & 0o7777, 0o600);
}

#[test]
fn a_value_that_readers_would_take_differently_is_refused_and_nothing_is_begun() {
    let scratch = Scratch::new();
    let path = file(&scratch, "TOKEN=old\n");
    let store = credential(&scratch, &path, Entries::bare("TOKEN").unwrap());
    assert_eq!(stage(&store, "a'b\"c`d$e\\f"), Err(StoreError::Unfit));
    assert_eq!(fs::read_to_string(&path).unwrap(), "TOKEN=old\n");
}

#[test]
fn fields_that_stand_apart_come_into_force_together() {
    let scratch = Scratch::new();
    let path = file(&scratch, "ID=a\nOTHER=o\nKEY=b\n");
    let entries =
        || Entries::new([("id".into(), "ID".into()), ("key".into(), "KEY".into())]).unwrap();
    rotation_conformance(
        || credential(&scratch, &path, entries()),
        |text| {
            let fields = [
                ("id".to_owned(), secret("fixed")),
                ("key".to_owned(), secret(&spelled(text))),
            ];
            Bundle::new(fields).unwrap()
        },
    );
    let document = Document::parse(&fs::read(&path).unwrap());
    let node = Dialect::parse("node");
    assert_eq!(
        document.values(node).value("ID").map(|value| value.len()),
        Ok(5)
    );
    assert_eq!(
        document
            .values(node)
            .value("OTHER")
            .map(|value| value.len()),
        Ok(1)
    );
}

#[test]
fn a_pending_value_is_given_to_nobody_and_is_told_to_a_launch() {
    let (scratch, canary) = (Scratch::new(), Canary::new());
    let path = file(&scratch, "TOKEN=old\n");
    let store = credential(&scratch, &path, Entries::bare("TOKEN").unwrap());
    stage(&store, canary.value()).unwrap();
    let text = fs::read(&path).unwrap();
    let document = Document::parse(&text);
    assert!(document.pending("TOKEN") && !document.pending("OTHER"));
    assert_eq!(document.all_pending(), ["TOKEN"]);
    let source = DotenvSource::new(path, None);
    let given = source.fetch(&[Locator::new("TOKEN")], soon());
    assert!(
        given[0]
            .as_ref()
            .is_ok_and(|value| value.is_same(&secret("old")))
    );
}

#[test]
fn another_line_is_no_conflict_and_the_own_one_is() {
    let scratch = Scratch::new();
    let path = file(&scratch, "TOKEN=old\nB=1\n");
    let store = credential(&scratch, &path, Entries::bare("TOKEN").unwrap());
    let seen = store.read(soon()).unwrap();
    fs::write(&path, "TOKEN=old\nB=2\nC=3\n").unwrap();
    let owner = Owner::new("test").unwrap();
    let new = successor("new");
    store
        .begin(&seen.revision, Opening::Value(&new), &owner, soon())
        .unwrap();
    let text = fs::read_to_string(&path).unwrap();
    assert!(text.contains("B=2\nC=3\n"), "{text}");
    let seen = store.read(soon()).unwrap();
    fs::write(&path, text.replace("TOKEN=old", "TOKEN=mine")).unwrap();
    let Stage::Staged(staged) = &seen.stage else {
        panic!("not staged")
    };
    let dropped = store.discard(&seen.revision, &staged.id, soon());
    assert_eq!(dropped, Err(StoreError::Conflict));
    assert!(fs::read_to_string(&path).unwrap().contains("TOKEN=mine"));
}

#[test]
fn what_others_could_read_or_would_miss_is_refused_and_stays() {
    for (name, prepare, told) in [
        (
            "others read it",
            (|path: &Path| {
                fs::set_permissions(path, fs::Permissions::from_mode(0o644)).unwrap();
            }) as fn(&Path),
            "chmod",
        ),
        (
            "two names",
            |path| fs::hard_link(path, path.with_file_name("other")).unwrap(),
            "name",
        ),
        (
            "the key twice",
            |path| fs::write(path, "TOKEN=old\nTOKEN=older\n").unwrap(),
            "TOKEN",
        ),
    ] {
        let scratch = Scratch::new();
        let path = file(&scratch, "TOKEN=old\n");
        prepare(&path);
        let before = fs::read(&path).unwrap();
        let store = credential(&scratch, &path, Entries::bare("TOKEN").unwrap());
        let begun = stage(&store, "new");
        assert_eq!(begun, Err(StoreError::Unfit), "{name}");
        let remedy = store.remedy(StoreError::Unfit).unwrap();
        assert!(remedy.contains(told), "{name}: {remedy}");
        assert_eq!(fs::read(&path).unwrap(), before, "{name}");
    }
}

#[test]
fn a_link_stays_and_what_it_leads_to_is_rotated() {
    let scratch = Scratch::new();
    let path = file(&scratch, "TOKEN=old\n");
    let link = scratch.home().join(".env");
    symlink("app/.env", &link).unwrap();
    let store = credential(&scratch, &link, Entries::bare("TOKEN").unwrap());
    stage(&store, "new").unwrap();
    assert!(link.is_symlink());
    assert!(
        fs::read_to_string(&path)
            .unwrap()
            .starts_with("#:mcp-launch")
    );
}

#[test]
fn what_is_not_there_is_told() {
    let scratch = Scratch::new();
    let path = file(&scratch, "OTHER=x\n");
    let absent = scratch.home().join("none/.env");
    for path in [path, absent] {
        let store = credential(&scratch, &path, Entries::bare("TOKEN").unwrap());
        assert_eq!(store.read(soon()).err(), Some(StoreError::Missing));
    }
}
