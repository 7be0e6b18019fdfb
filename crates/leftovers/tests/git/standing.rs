//! What git makes of a file, and when it cannot be asked.

use std::os::unix::fs::{chown, symlink};

use mcp_launch_core::{Environment, Secret};
use mcp_launch_leftovers::{GitTrouble, Needles, Search, Standing, in_git, is_ignored, standing};
use mcp_launch_testkit::ORDINARY_UID;

use crate::stage::{Stage, in_time};

#[test]
fn a_file_is_untracked_then_ignored_then_tracked() {
    let stage = Stage::new();
    stage.write_value();
    let asked = || {
        let environment = stage.environment();
        let standing = standing(&stage.file(), &environment, in_time()).unwrap();
        (standing, is_ignored(&stage.file(), &environment, in_time()))
    };
    assert_eq!(asked(), (Standing::Untracked, Some(false)));
    stage.scratch.write("project/.gitignore", ".env\n");
    assert_eq!(asked(), (Standing::Ignored, Some(true)));
    stage.git(&["add", "--force", ".env"]);
    assert_eq!(asked(), (Standing::Tracked, Some(false)));
}

#[test]
fn the_persons_own_ignore_file_counts() {
    let stage = Stage::new();
    stage.scratch.write(".config/git/ignore", ".env\n");
    assert_eq!(
        is_ignored(&stage.file(), &stage.environment(), in_time()),
        Some(true)
    );
}

#[test]
fn a_name_that_looks_like_a_pattern_is_a_name() {
    let stage = Stage::new();
    stage.scratch.write("project/.gitignore", "secret*\n");
    stage.write_value();
    stage.commit();
    let environment = stage.environment();
    for (name, expected) in [
        (":(top).env", Standing::Untracked),
        (":!x", Standing::Untracked),
        ("*", Standing::Untracked),
        ("-z", Standing::Untracked),
        (".en?", Standing::Untracked),
        ("secret*", Standing::Ignored),
    ] {
        let file = stage.scratch.write(format!("project/{name}"), "");
        let found = standing(&file, &environment, in_time());
        assert_eq!(found, Ok(expected), "{name}");
        assert_eq!(stage.search_for(&file), Ok(Search::default()), "{name}");
    }
}

#[test]
fn outside_a_repository_there_is_nothing_and_no_trouble() {
    let stage = Stage::new();
    let file = stage.scratch.write(".env", stage.canary.value());
    assert_eq!(stage.search_for(&file), Ok(Search::default()));
    let environment = stage.environment();
    assert_eq!(
        standing(&file, &environment, in_time()),
        Ok(Standing::OutsideGit)
    );
    assert_eq!(is_ignored(&file, &environment, in_time()), None);
    // Within `.git` there is no work tree.
    let config = stage.project().join(".git/config");
    assert_eq!(stage.search_for(&config), Ok(Search::default()));
    let nowhere = stage.project().join("no/such/file");
    assert_eq!(stage.search_for(&nowhere), Err(GitTrouble::Unreadable));
}

#[test]
fn without_git_only_a_repository_is_trouble() {
    let stage = Stage::new();
    let outside = stage.scratch.write(".env", stage.canary.value());
    let value = Secret::new(stage.canary.value().into());
    let needles = Needles::new([("KEY", &value)]);
    // A relative folder of PATH would be looked for where the person stands: in the project itself.
    for path in ["/nonexistent", "", ".:bin"] {
        let environment = Environment::from_pairs([("PATH", path)]);
        let search = |file| in_git(file, &needles, &environment, in_time());
        assert_eq!(search(&outside), Ok(Search::default()));
        assert_eq!(search(&stage.file()), Err(GitTrouble::NotInstalled));
    }
}

#[test]
fn a_repository_of_another_user_is_not_read() {
    let stage = Stage::new();
    stage.commit_value_and_remove_it();
    assert_eq!(stage.search().unwrap().leftovers.len(), 1);
    for path in [stage.project(), stage.project().join(".git")] {
        chown(path, Some(ORDINARY_UID), None).expect("the tests run as root");
    }
    assert_eq!(stage.search(), Err(GitTrouble::OtherOwner));
    // What the person said is kept to.
    let project = stage.project().canonicalize().unwrap();
    let config = format!("[safe]\n\tdirectory = {}\n", project.display());
    stage.scratch.write(".gitconfig", config);
    assert_eq!(stage.search().unwrap().leftovers.len(), 1);
}

#[test]
fn a_damaged_repository_is_trouble_and_not_an_empty_answer() {
    let stage = Stage::new();
    stage.commit_value_and_remove_it();
    let objects = stage.project().join(".git/objects");
    std::fs::rename(&objects, stage.scratch.home().join("objects")).unwrap();
    std::fs::create_dir(&objects).unwrap();
    assert!(matches!(stage.search(), Err(GitTrouble::Failed { .. })));
    let index = stage.project().join(".git/index");
    std::fs::remove_file(&index).unwrap();
    symlink("/dev/null", &index).unwrap();
    assert!(matches!(stage.search(), Err(GitTrouble::Failed { .. })));
}
