//! Wherever a repository keeps an older version, it is found.

use std::time::Duration;

use mcp_launch_core::{Deadline, Secret};
use mcp_launch_leftovers::{GitTrouble, LARGEST, Needles, Place, Reason, Search, in_git};
use mcp_launch_testkit::Canary;

use crate::stage::Stage;

#[test]
fn the_index_has_what_was_added() {
    let stage = Stage::new();
    stage.write_value();
    assert_eq!(stage.search(), Ok(Search::default()));
    stage.git(&["add", "--force", ".env"]);
    stage.write_placeholder();
    let index = Place::GitIndex {
        path: ".env".into(),
        repository: stage.project().canonicalize().unwrap(),
    };
    assert_eq!(stage.only_place(), index);
}

#[test]
fn a_rewritten_file_stays_in_the_history() {
    let stage = Stage::new();
    let commit = stage.commit_value_and_remove_it();
    assert_eq!(
        stage.only_place(),
        stage.history(1, &commit, &commit, false)
    );
    // Also once the file is gone, and its folder's place is asked for.
    std::fs::remove_file(stage.file()).unwrap();
    stage.commit();
    assert_eq!(
        stage.only_place(),
        stage.history(1, &commit, &commit, false)
    );
}

#[test]
fn each_commit_that_wrote_it_counts_and_the_ends_are_named() {
    let stage = Stage::new();
    let oldest = stage.commit_value_and_remove_it();
    stage.commit_value_and_remove_it();
    stage.scratch.write("project/README", "of no interest");
    stage.commit();
    let newest = stage.commit_value_and_remove_it();
    assert_eq!(
        stage.only_place(),
        stage.history(3, &oldest, &newest, false)
    );
}

#[test]
fn a_file_in_a_folder_is_told_from_the_top() {
    let stage = Stage::new();
    let line = format!("KEY={:?}", stage.canary.value());
    let file = stage.scratch.write("project/deep/er/a:b *.json", line);
    stage.commit();
    let found = stage.search_for(&file).unwrap();
    let places: Vec<&Place> = found.leftovers.iter().map(|found| &found.place).collect();
    let [
        Place::GitIndex { path, .. },
        Place::GitHistory { path: past, .. },
    ] = *places
    else {
        panic!("{found:?}");
    };
    assert_eq!(path.to_str(), Some("deep/er/a:b *.json"));
    assert_eq!(past, path);
}

#[test]
fn a_link_leads_to_the_repository_of_its_target() {
    let stage = Stage::new();
    stage.commit_value_and_remove_it();
    let link = stage.scratch.home().join("link");
    std::os::unix::fs::symlink(stage.file(), &link).unwrap();
    assert_eq!(stage.search_for(&link).unwrap().leftovers.len(), 1);
}

#[test]
fn another_branch_is_searched_packed_or_not() {
    let stage = Stage::new();
    stage.git(&["switch", "--quiet", "--create", "other"]);
    stage.write_value();
    let commit = stage.commit();
    stage.git(&["switch", "--quiet", "main"]);
    assert_eq!(
        stage.only_place(),
        stage.history(1, &commit, &commit, false)
    );
    stage.git(&["gc", "--quiet"]);
    assert!(!stage.project().join(".git/refs/heads/other").exists());
    assert_eq!(
        stage.only_place(),
        stage.history(1, &commit, &commit, false)
    );
}

#[test]
fn a_tag_is_searched_though_no_branch_has_it() {
    let stage = Stage::new();
    stage.git(&["switch", "--quiet", "--create", "other"]);
    stage.write_value();
    let commit = stage.commit();
    stage.git(&["tag", "v1"]);
    stage.git(&["switch", "--quiet", "main"]);
    stage.git(&["branch", "--quiet", "-D", "other"]);
    stage.git(&["reflog", "expire", "--expire=now", "--all"]);
    assert_eq!(
        stage.only_place(),
        stage.history(1, &commit, &commit, false)
    );
}

#[test]
fn a_side_of_a_merge_that_left_no_trace_is_searched() {
    let stage = Stage::new();
    stage.write_placeholder();
    stage.commit();
    stage.git(&["switch", "--quiet", "--create", "side"]);
    let commit = stage.commit_value_and_remove_it();
    stage.git(&["switch", "--quiet", "main"]);
    stage.git(&["merge", "--quiet", "--no-ff", "--message", "m", "side"]);
    stage.git(&["branch", "--quiet", "-d", "side"]);
    stage.git(&["reflog", "expire", "--expire=now", "--all"]);
    // What a plain listing says: one commit, and not this one.
    let plain = stage.git(&["rev-list", "--all", "--", ".env"]);
    assert!(!plain.contains(&commit), "{plain}");
    assert_eq!(
        stage.only_place(),
        stage.history(1, &commit, &commit, false)
    );
}

#[test]
fn every_stash_is_searched_tracked_or_not() {
    let stage = Stage::new();
    stage.write_value();
    stage.git(&["stash", "push", "--quiet", "--include-untracked"]);
    assert!(!stage.file().exists());
    let Place::GitHistory { commits: 1, .. } = stage.only_place() else {
        panic!("the untracked file of the newest stash");
    };
    stage.write_placeholder();
    stage.commit();
    stage.write_value();
    stage.git(&["stash", "push", "--quiet"]);
    stage.scratch.write("project/README", "changed");
    stage.git(&["stash", "push", "--quiet"]);
    // The two that are not the newest are in the reflog of stashes only.
    let Place::GitHistory { commits: 2, .. } = stage.only_place() else {
        panic!("both stashes that have the value");
    };
}

#[test]
fn a_commit_that_was_amended_away_is_searched() {
    let stage = Stage::new();
    stage.write_value();
    let commit = stage.commit();
    stage.write_placeholder();
    stage.git(&["commit", "--quiet", "--all", "--amend", "--message", "m"]);
    assert_eq!(
        stage.only_place(),
        stage.history(1, &commit, &commit, false)
    );
}

#[test]
fn it_is_told_whether_a_remote_has_it() {
    let stage = Stage::new();
    let bare = stage.scratch.home().join("bare.git");
    let bare = bare.to_str().unwrap();
    stage.git(&["init", "--quiet", "--bare", bare]);
    stage.git(&["remote", "add", "origin", bare]);
    stage.git(&["push", "--quiet", "origin", "main"]);
    let commit = stage.commit_value_and_remove_it();
    assert_eq!(
        stage.only_place(),
        stage.history(1, &commit, &commit, false)
    );
    stage.git(&["push", "--quiet", "origin", "main:elsewhere"]);
    assert_eq!(stage.only_place(), stage.history(1, &commit, &commit, true));
    // Nobody looks into the bare repository itself as if it were a work tree.
    let inside = stage.scratch.home().join("bare.git/config");
    assert_eq!(stage.search_for(&inside), Ok(Search::default()));
}

#[test]
fn a_large_version_is_told_and_the_others_are_searched() {
    let stage = Stage::new();
    let commit = stage.commit_value_and_remove_it();
    let most = [b"#".repeat(LARGEST - 1), b"\n".to_vec()].concat();
    stage.scratch.write("project/.env", &most);
    stage.commit();
    assert_eq!(
        stage.only_place(),
        stage.history(1, &commit, &commit, false)
    );
    let more = [&most[..], stage.canary.value().as_bytes()].concat();
    stage.scratch.write("project/.env", more);
    stage.commit();
    let found = stage.search().unwrap();
    assert_eq!(found.leftovers.len(), 1);
    assert_eq!(found.unsearched.len(), 1);
    assert_eq!(found.unsearched[0].reason, Reason::TooLarge);
}

#[test]
fn a_value_at_the_very_end_of_the_largest_version_is_found() {
    let stage = Stage::new();
    let mut text = b"#".repeat(LARGEST - stage.canary.value().len());
    text.extend_from_slice(stage.canary.value().as_bytes());
    stage.scratch.write("project/.env", text);
    stage.commit();
    assert_eq!(stage.search().unwrap().leftovers.len(), 2);
}

#[test]
fn the_names_of_all_versions_are_put_together() {
    let stage = Stage::new();
    let (first, second) = (Canary::new(), Canary::new());
    for canary in [&second, &first] {
        stage.scratch.write("project/.env", canary.value());
        stage.commit();
    }
    let values = [&first, &second].map(|canary| Secret::new(canary.value().into()));
    let needles = Needles::new([("A", &values[0]), ("B", &values[1])]);
    let environment = stage.environment();
    let found = in_git(
        &stage.file(),
        &needles,
        &environment,
        crate::stage::in_time(),
    )
    .unwrap();
    let names: Vec<&[String]> = (found.leftovers.iter())
        .map(|found| &found.names[..])
        .collect();
    assert_eq!(names, [&["A"][..], &["A", "B"]]);
}

#[test]
fn a_shallow_clone_is_told() {
    let stage = Stage::new();
    stage.commit_value_and_remove_it();
    let from = format!("file://{}", stage.project().display());
    let home = stage.scratch.home();
    stage.git_in(&home, &["clone", "--quiet", "--depth=1", &from, "shallow"]);
    let found = stage.search_for(&home.join("shallow/.env")).unwrap();
    assert_eq!(found.leftovers, []);
    assert_eq!(found.unsearched.len(), 1);
    assert_eq!(found.unsearched[0].reason, Reason::NotHere);
}

#[test]
fn a_folder_that_was_a_file_once_and_a_name_with_a_line_break_do_no_harm() {
    let stage = Stage::new();
    stage
        .scratch
        .write("project/.env/inside", stage.canary.value());
    stage.commit();
    std::fs::remove_dir_all(stage.file()).unwrap();
    let commit = stage.commit_value_and_remove_it();
    assert_eq!(
        stage.only_place(),
        stage.history(1, &commit, &commit, false)
    );
    let broken = stage.project().join("a\nb");
    assert_eq!(stage.search_for(&broken), Err(GitTrouble::UnusualPath));
}

#[test]
fn no_time_is_no_answer() {
    let stage = Stage::new();
    stage.commit_value_and_remove_it();
    let value = Secret::new(stage.canary.value().into());
    let needles = Needles::new([("KEY", &value)]);
    let over = Deadline::after(Duration::ZERO);
    let found = in_git(&stage.file(), &needles, &stage.environment(), over);
    assert_eq!(found, Err(GitTrouble::TimedOut));
}
