//! Who may read what: modes, owners, links, and files that are none.

use std::fs::{self, Permissions};
use std::os::unix::fs::{PermissionsExt, chown, symlink};
use std::path::Path;
use std::time::{Duration, Instant};

use mcp_launch_testkit::ORDINARY_UID;

use crate::stage::{PASSPHRASE, Stage, done, need_root};

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o7777
}

fn set_mode(path: &Path, mode: u32) {
    fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
}

#[test]
fn everything_is_the_owners_alone_whatever_the_umask() {
    for stage in Stage::both() {
        for (words, input) in [
            (["put", "A"].as_slice(), "x"),
            (&["protect"], PASSPHRASE),
            (&["unprotect"], PASSPHRASE),
            (&["put", "B"], "y"),
            (&["protect"], PASSPHRASE),
        ] {
            let mut command = stage.under(&["sh", "-c", "umask 0; exec \"$@\"", "sh"], words);
            done(&mut command, input.as_bytes()).text();
        }
        assert_eq!(mode(&stage.directory()), 0o700);
        let mut names: Vec<_> = fs::read_dir(stage.directory())
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        assert_eq!(names, ["sealed.age", "sealed.age.lock", "sealed.key.age"]);
        for name in names {
            assert_eq!(mode(&stage.file(&name)), 0o600, "{name}");
        }
    }
}

#[test]
fn a_key_that_others_may_read_is_refused_with_the_command_that_mends_it() {
    for stage in Stage::both() {
        stage.run(&["put", "A"], "x").text();
        for open in [0o640, 0o604, 0o620, 0o666] {
            set_mode(&stage.file("sealed.key"), open);
            for words in [["get", "A"].as_slice(), &["put", "A"], &["protect"]] {
                let refused = stage.run(words, "y");
                assert!(refused.error().contains("[denied]"), "{refused:?}");
            }
            let refused = stage.run(&["get", "A"], "");
            let (_, remedy) = refused.error().trim_end().split_once("hint: ").unwrap();
            assert!(remedy.starts_with("chmod 600 "), "{remedy}");
            done(stage.scratch.command("sh").args(["-c", remedy]), b"").text();
            assert_eq!(stage.run(&["get", "A"], "").text(), "x");
        }
    }
}

#[test]
fn a_directory_that_others_may_write_is_refused() {
    for stage in Stage::both() {
        stage.run(&["put", "A"], "x").text();
        set_mode(&stage.directory(), 0o770);
        for words in [["get", "A"], ["put", "B"]] {
            let refused = stage.run(&words, "y");
            assert!(refused.error().contains("[denied]"), "{refused:?}");
            assert!(refused.error().contains("chmod 700"), "{refused:?}");
        }
        assert!(stage.run(&["status"], "").text().contains("chmod 700"));
        set_mode(&stage.directory(), 0o755);
        assert_eq!(stage.run(&["get", "A"], "").text(), "x");
    }
}

#[test]
fn a_key_of_another_user_is_refused() {
    need_root();
    let stage = Stage::new();
    stage.run(&["put", "A"], "x").text();
    chown(stage.file("sealed.key"), Some(ORDINARY_UID), None).unwrap();
    let refused = stage.run(&["get", "A"], "");
    assert!(refused.error().contains("another user"), "{refused:?}");
    chown(stage.file("sealed.key"), Some(0), None).unwrap();
    chown(stage.directory(), Some(ORDINARY_UID), None).unwrap();
    let refused = stage.run(&["get", "A"], "");
    assert!(refused.error().contains("another user"), "{refused:?}");
}

#[test]
fn a_link_stays_and_the_file_it_leads_to_is_replaced() {
    for stage in Stage::both() {
        stage.run(&["put", "A"], "x").text();
        let real = stage.scratch.write("dotfiles/secrets.age", "");
        fs::rename(stage.file("sealed.age"), &real).unwrap();
        symlink(&real, stage.file("sealed.age")).unwrap();

        assert_eq!(stage.run(&["get", "A"], "").text(), "x");
        stage.run(&["put", "B"], "y").text();
        assert!(stage.file("sealed.age").is_symlink());
        assert_eq!(stage.run(&["names"], "").text(), "A\nB");
        assert!(real.with_file_name("secrets.age.lock").exists());

        fs::remove_file(&real).unwrap();
        for words in [["get", "A"], ["put", "C"]] {
            let refused = stage.run(&words, "y");
            assert!(refused.error().contains("not there"), "{refused:?}");
        }
    }
}

#[test]
fn a_linked_key_is_read_and_never_replaced() {
    let stage = Stage::new();
    stage.run(&["put", "A"], "x").text();
    let real = stage.scratch.write("vault/key", "");
    fs::rename(stage.file("sealed.key"), &real).unwrap();
    symlink(&real, stage.file("sealed.key")).unwrap();
    assert_eq!(stage.run(&["get", "A"], "").text(), "x");
    let refused = stage.run(&["protect"], PASSPHRASE);
    assert!(refused.error().contains("link"), "{refused:?}");
    set_mode(&real, 0o644);
    let refused = stage.run(&["get", "A"], "");
    assert!(refused.error().contains("[denied]"), "{refused:?}");

    // An empty store whose key is on a volume that is not mounted gets no new one.
    fs::remove_file(&real).unwrap();
    fs::remove_file(stage.file("sealed.age")).unwrap();
    for words in [["put", "A"].as_slice(), &["protect"]] {
        let refused = stage.run(words, PASSPHRASE);
        assert!(refused.error().contains("missing"), "{refused:?}");
    }
    assert!(stage.file("sealed.key").is_symlink());
}

#[test]
fn what_is_no_file_is_refused_at_once() {
    let stage = Stage::new();
    stage.run(&["put", "A"], "x").text();
    for name in ["sealed.age", "sealed.key"] {
        let kept = fs::read(stage.file(name)).unwrap();
        fs::remove_file(stage.file(name)).unwrap();
        done(stage.scratch.command("mkfifo").arg(stage.file(name)), b"").text();
        set_mode(&stage.file(name), 0o600);
        let started = Instant::now();
        let refused = stage.run(&["get", "A"], "");
        assert!(refused.error().contains("[malformed]"), "{refused:?}");
        assert!(started.elapsed() < Duration::from_secs(5));
        fs::remove_file(stage.file(name)).unwrap();
        stage.write(name, &kept);
    }
    assert_eq!(stage.run(&["get", "A"], "").text(), "x");
}
