//! Whose files are believed.

#![cfg(unix)]

use std::fs::{self, Permissions};
use std::os::unix::fs::{PermissionsExt, chown, lchown, symlink};
use std::path::{Path, PathBuf};

use mcp_launch_config::{ConfigErrorKind, Settings, Unfit};
use mcp_launch_core::Environment;
use mcp_launch_testkit::{ORDINARY_UID, Scratch};

const USER: &str = ".config/mcp-launch/config.toml";

fn load(scratch: &Scratch, folder: &str) -> Result<Settings, mcp_launch_config::ConfigError> {
    let environment = Environment::from_pairs(scratch.variables());
    Settings::load(&environment, &scratch.home().join(folder))
}

/// Gives a file to somebody else, which only root may.
fn give_away(path: &Path) {
    chown(path, Some(ORDINARY_UID), None)
        .expect("this test gives a file to another user: run it as root, as `tests/run` does");
}

#[test]
fn a_user_file_that_others_may_write_is_refused_with_the_command_that_mends_it() {
    let scratch = Scratch::new();
    let path = scratch.write(USER, "");
    for mode in [0o620, 0o602, 0o666] {
        fs::set_permissions(&path, Permissions::from_mode(mode)).unwrap();
        let error = load(&scratch, "").unwrap_err();
        assert_eq!(error.kind(), &ConfigErrorKind::WritableByOthers, "{mode:o}");
        let hint = error.hint().unwrap();
        assert_eq!(hint, format!("run `chmod go-w {}`", path.display()));
    }
    for mode in [0o600, 0o644, 0o444] {
        fs::set_permissions(&path, Permissions::from_mode(mode)).unwrap();
        load(&scratch, "").unwrap();
    }
}

#[test]
fn a_user_file_of_somebody_else_is_refused() {
    let scratch = Scratch::new();
    let path = scratch.write(USER, "");
    give_away(&path);
    let error = load(&scratch, "").unwrap_err();
    assert_eq!(error.kind(), &ConfigErrorKind::ForeignOwner);
    assert!(error.hint().unwrap().contains("chown"));
}

#[test]
fn a_linked_user_file_is_judged_by_what_it_leads_to() {
    let scratch = Scratch::new();
    let real = scratch.write("dotfiles/launch.toml", "deadline = \"2s\"");
    let link = scratch.write(USER, "");
    fs::remove_file(&link).unwrap();
    symlink(&real, &link).unwrap();
    assert_eq!(load(&scratch, "").unwrap().deadline().unwrap().as_secs(), 2);
    fs::set_permissions(&real, Permissions::from_mode(0o666)).unwrap();
    assert_eq!(
        load(&scratch, "").unwrap_err().kind(),
        &ConfigErrorKind::WritableByOthers
    );
}

#[test]
fn a_project_file_that_somebody_else_put_there_is_not_read() {
    for foreign in ["work", "work/mcp-launch.toml"] {
        let scratch = Scratch::new();
        let path = scratch.write("work/mcp-launch.toml", "not even TOML");
        scratch.write("mcp-launch.toml", "deadline = \"3s\"");
        give_away(&scratch.home().join(foreign));
        let settings = load(&scratch, "work").unwrap();
        assert!(settings.project().is_none(), "{foreign}");
        assert_eq!(settings.skipped().unwrap().path, path);
    }
}

#[test]
fn what_somebody_else_put_there_stops_nothing_whatever_it_is() {
    let scratch = Scratch::new();
    let path = scratch.home().join("work/mcp-launch.toml");
    let own = scratch.write("work/own", "deadline = \"3s\"");
    let make: &[&dyn Fn()] = &[
        &|| fs::create_dir(&path).unwrap(),
        &|| drop(scratch.write("work/mcp-launch.toml", "#".repeat((1 << 20) + 1))),
        &|| symlink(&own, &path).unwrap(),
        &|| symlink("nowhere", &path).unwrap(),
    ];
    for (index, make) in make.iter().enumerate() {
        make();
        lchown(&path, Some(ORDINARY_UID), None)
            .expect("this test gives a file to another user: run it as root, as `tests/run` does");
        let settings = load(&scratch, "work").unwrap();
        assert_eq!(settings.skipped().unwrap().path, path, "{index}");
        if path.symlink_metadata().unwrap().is_dir() {
            fs::remove_dir(&path).unwrap();
        } else {
            fs::remove_file(&path).unwrap();
        }
    }
}

/// The `.env` of a launch in `work`, and why it is not read.
fn dotenv_of(scratch: &Scratch) -> Option<(PathBuf, Option<Unfit>)> {
    let settings = load(scratch, "work").expect("settings that can be read");
    let file = settings.dotenv_file(None, None).expect("no project file");
    file.map(|file| (file.path, file.unfit))
}

#[test]
fn a_dotenv_that_somebody_else_left_here_is_not_taken() {
    let scratch = Scratch::new();
    let path = scratch.write("work/.env", "A=1");
    assert_eq!(dotenv_of(&scratch), Some((path.clone(), None)));
    give_away(&path);
    let foreign = Some((path.clone(), Some(Unfit::Foreign)));
    assert_eq!(dotenv_of(&scratch), foreign);

    // A link of theirs to a file of ours, at once or by way of a link of ours.
    let own = scratch.write("own", "A=1");
    let theirs = scratch.home().join("theirs");
    for link in [&path, &theirs] {
        fs::remove_file(&path).unwrap();
        symlink(&own, link).unwrap();
        lchown(link, Some(ORDINARY_UID), None).unwrap();
        if *link == theirs {
            symlink("../theirs", &path).unwrap();
        }
        assert_eq!(dotenv_of(&scratch), foreign, "{}", link.display());
    }

    // Links of ours lead on.
    fs::remove_file(&path).unwrap();
    symlink("../own", &path).unwrap();
    assert_eq!(dotenv_of(&scratch), Some((path.clone(), None)));
    give_away(&scratch.home().join("work"));
    assert_eq!(dotenv_of(&scratch), foreign);
}

#[test]
fn a_dotenv_that_is_no_file_is_not_taken() {
    let scratch = Scratch::new();
    let path = scratch.home().join("work/.env");
    fs::create_dir_all(&path).unwrap();
    let unfit = Some((path.clone(), Some(Unfit::NotAFile)));
    assert_eq!(dotenv_of(&scratch), unfit);
    fs::remove_dir(&path).unwrap();

    symlink("/dev/null", &path).unwrap();
    assert_eq!(dotenv_of(&scratch), unfit);
    fs::remove_file(&path).unwrap();

    let made = scratch.command("mkfifo").arg(&path).status().unwrap();
    assert!(made.success());
    assert_eq!(dotenv_of(&scratch), unfit);
    fs::remove_file(&path).unwrap();

    // One that leads nowhere is told when it is read.
    symlink("nowhere", &path).unwrap();
    assert_eq!(dotenv_of(&scratch), Some((path, None)));
}

#[test]
fn what_is_not_a_file_never_holds_the_launch_up() {
    let scratch = Scratch::new();
    let path = scratch.write(USER, "");
    fs::remove_file(&path).unwrap();
    let made = scratch.command("mkfifo").arg(&path).status().unwrap();
    assert!(made.success());
    assert_eq!(
        load(&scratch, "").unwrap_err().kind(),
        &ConfigErrorKind::NotAFile
    );

    fs::remove_file(&path).unwrap();
    fs::create_dir(&path).unwrap();
    assert_eq!(
        load(&scratch, "").unwrap_err().kind(),
        &ConfigErrorKind::NotAFile
    );
    fs::remove_dir(&path).unwrap();

    symlink("/dev/zero", &path).unwrap();
    assert_eq!(
        load(&scratch, "").unwrap_err().kind(),
        &ConfigErrorKind::NotAFile
    );
}

#[test]
fn a_file_without_end_is_refused() {
    let scratch = Scratch::new();
    scratch.write(USER, "#".repeat((1 << 20) + 1));
    assert_eq!(
        load(&scratch, "").unwrap_err().kind(),
        &ConfigErrorKind::TooLarge
    );
    scratch.write(USER, "#".repeat(1 << 20));
    load(&scratch, "").unwrap();
}
