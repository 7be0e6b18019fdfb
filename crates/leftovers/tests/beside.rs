//! Values in copies beside a file, and what is not looked at.

#![cfg(unix)]

use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::{Path, PathBuf};

use mcp_launch_core::Secret;
use mcp_launch_leftovers::{
    FILES, FileKind, LARGEST, Leftover, Needles, Place, Reason, Search, beside,
};
use mcp_launch_testkit::{Canary, Scratch};

struct Stage {
    scratch: Scratch,
    canary: Canary,
}

impl Stage {
    fn new() -> Self {
        Self {
            scratch: Scratch::new(),
            canary: Canary::new(),
        }
    }

    /// Writes a file that holds the value.
    fn leave(&self, name: &str) -> PathBuf {
        let text = format!("KEY='{}'\nOTHER=1\n", self.canary.value());
        self.scratch.write(name, text)
    }

    fn search(&self, file: &Path) -> Search {
        let value = Secret::new(self.canary.value().into());
        let found = beside(file, &Needles::new([("KEY", &value)]));
        self.canary
            .assert_absent("what is told", format!("{found:?}"));
        found
    }
}

fn at(path: PathBuf, kind: FileKind) -> Leftover {
    Leftover {
        place: Place::File { path, kind },
        names: vec!["KEY".into()],
    }
}

#[test]
fn copies_are_found_and_innocent_files_are_not() {
    let stage = Stage::new();
    let file = stage.leave(".env");
    let left = [
        ("#.env#", FileKind::EditorBackup),
        (".env (1)", FileKind::Twin),
        (".env.bak", FileKind::Backup),
        (".env.local", FileKind::Twin),
        (".env.swo", FileKind::Swap),
        (".env~", FileKind::EditorBackup),
        (".mcp.json", FileKind::ClientConfig),
        ("prod.env", FileKind::Twin),
        (".cursor/mcp.json", FileKind::ClientConfig),
    ];
    let expected = left.map(|(name, kind)| at(stage.leave(name), kind));
    stage.scratch.write(".env.example", "KEY=your-key\n");
    stage.leave("notes.txt");
    stage.leave("deeper/.env");
    let found = stage.search(&file);
    assert_eq!(found.leftovers, expected);
    assert_eq!(found.unsearched, []);
}

#[test]
fn the_file_itself_may_be_gone() {
    let stage = Stage::new();
    let left = stage.leave("config.json.1");
    let found = stage.search(&stage.scratch.home().join("config.json"));
    assert_eq!(found.leftovers, [at(left, FileKind::Backup)]);
}

#[test]
fn a_swap_file_of_vim_gives_a_line_away() {
    let stage = Stage::new();
    // Block 0 begins with the version; a data block has its lines at its end, the last one first, each with a NUL
    // (memline.c).
    let mut swap = vec![0; 4096];
    swap[..13].copy_from_slice(b"b0VIM 9.1\0\0\0\0");
    let mut data = vec![0; 4096];
    data[..2].copy_from_slice(b"ad");
    let lines = format!("OTHER=1\0KEY='{}'\0", stage.canary.value());
    data[4096 - lines.len()..].copy_from_slice(lines.as_bytes());
    swap.extend_from_slice(&data);
    let left = stage.scratch.write(".config.json.swp", swap);
    let found = stage.search(&stage.scratch.home().join("config.json"));
    assert_eq!(found.leftovers, [at(left, FileKind::Swap)]);
}

#[test]
fn escaped_forms_are_found() {
    let stage = Stage::new();
    let value = stage.canary.value();
    // What encodeURIComponent makes of the canary's three special characters.
    let url = (value.replace('/', "%2F").replace('+', "%2B")).replace('"', "%22");
    let json = value.replace('"', "\\\"");
    let left = [
        stage
            .scratch
            .write("a.env", format!("URL=postgres://me:{url}@host/db\n")),
        stage
            .scratch
            .write("b.env", format!("{{\"KEY\":\"{json}\"}}")),
    ];
    assert!(!json.contains(value) && !url.contains(value));
    let found = stage.search(&stage.scratch.home().join("c.env"));
    assert_eq!(found.leftovers, left.map(|path| at(path, FileKind::Twin)));
}

#[test]
fn a_large_file_is_told_and_the_largest_is_searched() {
    let stage = Stage::new();
    let value = stage.canary.value();
    let largest = "#".repeat(LARGEST - value.len()) + value;
    let left = stage.scratch.write(".env.1", &largest);
    let large = stage.scratch.write(".env.2", "#".to_owned() + &largest);
    let found = stage.search(&stage.scratch.home().join(".env"));
    assert_eq!(found.leftovers, [at(left, FileKind::Twin)]);
    assert_eq!(found.unsearched.len(), 1);
    assert_eq!(found.unsearched[0].path, large);
    assert_eq!(found.unsearched[0].reason, Reason::TooLarge);
}

#[test]
fn pipes_folders_and_links_are_passed_by() {
    let stage = Stage::new();
    let home = stage.scratch.home();
    let made = (stage.scratch.command("mkfifo").args([".env.bak", ".env~"]))
        .status()
        .unwrap();
    assert!(made.success());
    stage.leave("elsewhere/secret");
    stage.leave("elsewhere/mcp.json");
    symlink("elsewhere/secret", home.join(".env.old")).unwrap();
    symlink("/dev/zero", home.join(".env.orig")).unwrap();
    symlink("elsewhere", home.join(".vscode")).unwrap();
    std::fs::create_dir(home.join(".env.d")).unwrap();
    let left = stage.leave(".env.local");
    // Opening a pipe without a writer would never return.
    let found = stage.search(&home.join(".env"));
    assert_eq!(found.leftovers, [at(left, FileKind::Twin)]);
    assert_eq!(found.unsearched, []);
}

#[test]
fn beside_the_target_of_a_link_is_looked_too() {
    let stage = Stage::new();
    let near = stage.leave("project/.env.local");
    let target = stage.leave("dotfiles/env");
    let far = stage.leave("dotfiles/env~");
    let file = stage.scratch.home().join("project/.env");
    symlink(&target, &file).unwrap();
    let far = far.canonicalize().unwrap();
    assert_eq!(
        stage.search(&file).leftovers,
        [at(near, FileKind::Twin), at(far, FileKind::EditorBackup)]
    );
}

#[test]
fn what_is_too_much_or_not_ours_to_read_is_told() {
    let stage = Stage::new();
    let home = stage.scratch.home();
    for number in 0..=FILES {
        stage.scratch.write(format!(".env.{number:03}"), "");
    }
    let found = stage.search(&home.join(".env"));
    assert_eq!(found.unsearched.len(), 1);
    assert_eq!(found.unsearched[0].path, home);
    assert_eq!(found.unsearched[0].reason, Reason::TooMany);

    let nowhere = home.join("nowhere/.env");
    let found = stage.search(&nowhere);
    assert_eq!(found.unsearched[0].reason, Reason::Unreadable);
}

#[test]
fn nothing_is_changed() {
    let stage = Stage::new();
    let left = stage.leave(".env.bak");
    std::fs::set_permissions(&left, std::fs::Permissions::from_mode(0o444)).unwrap();
    let before = (
        std::fs::read(&left).unwrap(),
        left.metadata().unwrap().modified().unwrap(),
    );
    assert_eq!(
        stage
            .search(&stage.scratch.home().join(".env"))
            .leftovers
            .len(),
        1
    );
    let after = (
        std::fs::read(&left).unwrap(),
        left.metadata().unwrap().modified().unwrap(),
    );
    assert!(before == after);
    assert_eq!(stage.scratch.home().read_dir().unwrap().count(), 1);
}
