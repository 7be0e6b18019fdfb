//! Which program a launch starts.

#![cfg(unix)]

use std::ffi::{OsStr, OsString};
use std::fs::{self, Permissions};
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};

use mcp_launch_config::{ProgramError, ProgramErrorKind, find_program};
use mcp_launch_core::{Environment, FoundIn, Program};
use mcp_launch_testkit::Scratch;

/// A name that no machine has in its own folders.
const NAME: &str = "mcp-launch-test-program";

fn program(scratch: &Scratch, relative: &str) -> PathBuf {
    let path = scratch.write(relative, "#!/bin/sh\n");
    fs::set_permissions(&path, Permissions::from_mode(0o755)).expect("its mode");
    path
}

fn find(scratch: &Scratch, typed: &str, path: &str) -> Result<Program, ProgramError> {
    find_with(scratch, typed, &[("PATH", path.into())])
}

fn find_with(
    scratch: &Scratch,
    typed: &str,
    more: &[(&str, OsString)],
) -> Result<Program, ProgramError> {
    let home = [("HOME", scratch.home().into_os_string())];
    let environment = Environment::from_pairs(home.iter().chain(more).cloned());
    find_program(
        OsStr::new(typed),
        &environment,
        &scratch.home().join("work"),
    )
}

fn search_path(folders: &[&Path]) -> String {
    std::env::join_paths(folders)
        .expect("folders without a colon")
        .into_string()
        .expect("folders in UTF-8")
}

#[test]
fn a_path_is_taken_from_the_working_directory_or_home() {
    let scratch = Scratch::new();
    let below = program(&scratch, "work/bin/x");
    let above = program(&scratch, "y");
    for (typed, expected) in [
        ("bin/x", &below),
        ("./bin/x", &below),
        ("../y", &above),
        ("~/y", &above),
        (above.to_str().unwrap(), &above),
    ] {
        let found = find(&scratch, typed, "").unwrap();
        assert_eq!(found.found_in, FoundIn::Named, "{typed}");
        assert_eq!(found.typed, typed);
        assert!(found.path.is_absolute());
        assert_eq!(
            found.path.canonicalize().unwrap(),
            expected.canonicalize().unwrap()
        );
    }
}

#[test]
fn the_first_in_the_path_that_can_be_executed_is_taken() {
    let scratch = Scratch::new();
    let refused = scratch.write(format!("a/{NAME}"), "");
    fs::create_dir_all(scratch.home().join("b").join(NAME)).unwrap();
    let third = program(&scratch, &format!("c/{NAME}"));
    program(&scratch, &format!("d/{NAME}"));
    let home = scratch.home();
    let folders = [
        home.join("a"),
        home.join("b"),
        home.join("c"),
        home.join("d"),
    ];
    let folders: Vec<&Path> = folders.iter().map(PathBuf::as_path).collect();

    let found = find(&scratch, NAME, &search_path(&folders)).unwrap();
    assert_eq!((found.path, found.found_in), (third, FoundIn::SearchPath));

    let error = find(&scratch, NAME, &search_path(&folders[..2])).unwrap_err();
    assert_eq!(error.kind(), &ProgramErrorKind::NotExecutable(refused));
    assert_eq!(error.exit_code(), 126);
    assert!(error.hint().unwrap().starts_with("run `chmod +x /"));
}

#[test]
fn a_relative_entry_of_the_path_is_passed_over() {
    let scratch = Scratch::new();
    let path = program(&scratch, &format!("work/{NAME}"));
    // A lookup that went astray would start at this process's own folder.
    let up = "../".repeat(std::env::current_dir().unwrap().components().count());
    let below_root = path.parent().unwrap().strip_prefix("/").unwrap();
    let astray = format!("{up}{}", below_root.display());
    assert!(Path::new(&astray).join(NAME).is_file());
    for path in ["", ".", ":", "bin:.", "./", &astray] {
        let error = find(&scratch, NAME, path).unwrap_err();
        assert_eq!(error.exit_code(), 127, "{path:?}");
    }
}

#[test]
fn a_program_outside_the_path_is_found_where_a_login_shell_has_it() {
    let nvm = format!(".nvm/versions/node/v20.1.0/bin/{NAME}");
    let fnm = format!(".local/share/fnm/node-versions/v20.1.0/installation/bin/{NAME}");
    for place in [
        &format!(".local/bin/{NAME}"),
        &format!(".local/share/mise/shims/{NAME}"),
        &format!(".asdf/shims/{NAME}"),
        &nvm,
        &fnm,
        &format!(".volta/bin/{NAME}"),
        &format!(".pyenv/shims/{NAME}"),
        &format!(".local/share/pnpm/{NAME}"),
        &format!("Library/pnpm/{NAME}"),
        &format!(".bun/bin/{NAME}"),
        &format!(".deno/bin/{NAME}"),
        &format!(".cargo/bin/{NAME}"),
        &format!(".nix-profile/bin/{NAME}"),
    ] {
        let scratch = Scratch::new();
        let path = program(&scratch, place);
        let found = find(&scratch, NAME, "/usr/bin:/bin").unwrap();
        let folder = path.parent().unwrap().to_owned();
        assert_eq!(
            (found.path, found.found_in),
            (path, FoundIn::UsualPlace(folder))
        );
        assert_eq!(found.typed, NAME);
    }
}

#[test]
fn nvms_default_version_is_taken_before_its_newest() {
    let scratch = Scratch::new();
    program(&scratch, &format!(".nvm/versions/node/v22.3.0/bin/{NAME}"));
    let older = program(&scratch, &format!(".nvm/versions/node/v9.11.2/bin/{NAME}"));
    scratch.write(".nvm/alias/default", "9\n");
    assert_eq!(find(&scratch, NAME, "").unwrap().path, older);
}

#[test]
fn the_clients_path_goes_before_the_usual_places() {
    let scratch = Scratch::new();
    program(&scratch, &format!(".local/bin/{NAME}"));
    let named = program(&scratch, &format!("first/{NAME}"));
    let folder = named.parent().unwrap().to_owned();
    let found = find(&scratch, NAME, &search_path(&[&folder])).unwrap();
    assert_eq!(found.path, named);
}

#[test]
fn a_usual_place_that_everybody_may_write_is_passed_over() {
    let scratch = Scratch::new();
    let path = program(&scratch, &format!(".local/bin/{NAME}"));
    let folder = path.parent().unwrap();
    fs::set_permissions(folder, Permissions::from_mode(0o777)).unwrap();
    assert_eq!(find(&scratch, NAME, "").unwrap_err().exit_code(), 127);
}

#[test]
fn a_linked_program_keeps_the_name_it_was_found_by() {
    let scratch = Scratch::new();
    let real = program(&scratch, "busybox");
    let link = scratch.write(format!("bin/{NAME}"), "");
    fs::remove_file(&link).unwrap();
    symlink(real, &link).unwrap();
    let folder = link.parent().unwrap().to_owned();
    assert_eq!(
        find(&scratch, NAME, &search_path(&[&folder])).unwrap().path,
        link
    );
}

#[test]
fn without_a_path_the_systems_folders_are_still_searched() {
    let scratch = Scratch::new();
    let found = find_with(&scratch, "sh", &[]).unwrap();
    assert!(matches!(found.found_in, FoundIn::UsualPlace(_)));
}

#[test]
fn what_cannot_be_started_says_why() {
    let scratch = Scratch::new();
    let folder = scratch.home();
    for (typed, code, said) in [
        (
            NAME,
            127,
            format!("`{NAME}` is neither in PATH nor in the usual places of a login shell"),
        ),
        ("./gone", 127, "there is no ./gone".into()),
        ("/nonexist/x", 127, "there is no /nonexist/x".into()),
        ("", 127, "no program to start".into()),
        (
            "npx -y some-server",
            127,
            "`npx …` is a command line in one word, not a program".into(),
        ),
        (
            "~/",
            126,
            format!("{}/ cannot be executed", folder.display()),
        ),
    ] {
        let error = find(&scratch, typed, "/usr/bin:/bin").unwrap_err();
        assert_eq!(
            (error.exit_code(), error.to_string()),
            (code, said),
            "{typed}"
        );
        assert!(error.hint().is_some(), "{typed}");
    }
    let error = find(&scratch, "npx -y some-server", "").unwrap_err();
    assert!(
        error
            .hint()
            .unwrap()
            .contains("\"args\": [\"--\", \"npx\", …]")
    );
    let hint = |typed| find(&scratch, typed, "").unwrap_err().hint().unwrap();
    assert_eq!(
        hint("./gone"),
        format!(
            "it is relative to the working directory, {}; write its absolute path",
            folder.join("work").display()
        )
    );
    for absolute in ["/nonexist/x", "~/nonexist"] {
        assert!(!hint(absolute).contains("absolute"), "{absolute}");
    }
}

#[test]
fn a_program_with_a_space_in_its_name_is_a_program() {
    let scratch = Scratch::new();
    let path = program(&scratch, "My Server/run me");
    let found = find(&scratch, path.to_str().unwrap(), "").unwrap();
    assert_eq!(found.path, path);
}
