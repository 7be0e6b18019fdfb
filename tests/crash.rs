//! `secrets import`, `adopt`, `add` and `restore`, killed at each of their system calls that change something: never a
//! half file, never a secret that is neither in the file nor in the store, and the next run finishes the work.
#![cfg(target_os = "linux")]

mod faults;
mod keychain;
#[cfg(feature = "vault")]
mod openbao;
mod person;
mod points;
mod rivals;
mod stage;

use std::process::Command;

use points::points;
use stage::{ADD, ADD_SECRET, ADOPT, IMPORT, RESTORE, RESTORE_ALL, Stage, Work};

use crate::support::Finished;

/// Runs `work` once for each of its points, killed there; `check` then sees what is left.
fn killed_everywhere(work: &Work, check: &dyn Fn(&Stage, &str)) {
    let points = points(&Stage::before(work), work);
    for call in ["openat", "write", "fsync", "rename", "flock"] {
        assert!(
            points.iter().any(|point| point.call.starts_with(call)),
            "{call} was never made"
        );
    }
    for point in &points {
        let stage = Stage::before(work);
        let killed = stage.end(work, point.inject(&stage, work, "signal=KILL"));
        let place = format!("{} killed at {point}", work.name);
        assert_ne!(killed.code, Some(0), "{place}");
        check(&stage, &place);
    }
}

/// What holds at every moment.
fn is_whole(stage: &Stage, place: &str) {
    stage.assert_no_half_file(place);
    stage.assert_no_value_is_lost(place);
}

/// Killed, and run again; then taken back.
fn is_finished_by_the_next(work: &Work) {
    killed_everywhere(work, &|stage, place| {
        is_whole(stage, place);
        let again = stage.end(work, stage.run(work));
        // Who adds a server that is there by now is told so.
        let is_there = work.name.starts_with("add")
            && [&again.stdout, &again.stderr]
                .iter()
                .any(|said| said.contains("already"));
        assert!(again.code == Some(0) || is_there, "{place}: {again:?}");
        stage.assert_finished(work, place);
        stage.assert_no_value_is_lost(place);
        stage.assert_nothing_left_beside(place);
        for (file, _) in stage.files {
            let back = Finished::of(&mut stage.launch(&["restore", file, "--yes"]));
            assert_eq!(back.code, Some(0), "{place}: {back:?}");
        }
        stage.assert_original(place);
        stage.assert_nothing_left_beside(place);
    });
}

/// Killed, and taken back at once, without a trace.
fn is_taken_back_without_a_trace(work: &Work) {
    killed_everywhere(work, &|stage, place| {
        is_whole(stage, place);
        let back = Finished::of(&mut stage.run(&RESTORE_ALL));
        let nothing = back.code == Some(1) && back.stderr.contains("on record");
        assert!(back.code == Some(0) || nothing, "{place}: {back:?}");
        stage.assert_original(place);
        stage.assert_no_trace(place);
    });
}

#[test]
fn a_killed_import_is_finished_by_the_next() {
    is_finished_by_the_next(&IMPORT);
}

#[test]
fn a_killed_adoption_is_finished_by_the_next() {
    is_finished_by_the_next(&ADOPT);
}

#[test]
fn a_killed_adoption_is_taken_back_without_a_trace() {
    is_taken_back_without_a_trace(&ADOPT);
}

#[test]
fn a_killed_addition_is_finished_by_the_next() {
    is_finished_by_the_next(&ADD);
}

#[test]
fn a_killed_addition_with_a_secret_is_finished_by_the_next() {
    is_finished_by_the_next(&ADD_SECRET);
}

#[test]
fn a_killed_addition_is_taken_back_without_a_trace() {
    is_taken_back_without_a_trace(&ADD);
}

#[test]
fn a_killed_restore_is_finished_by_the_next_and_leaves_the_store_alone() {
    killed_everywhere(&RESTORE, &|stage, place| {
        is_whole(stage, place);
        let again = Finished::of(&mut stage.run(&RESTORE));
        let nothing = again.code == Some(1) && again.stderr.contains("on record");
        assert!(again.code == Some(0) || nothing, "{place}: {again:?}");
        assert_eq!(stage.records(), 0, "{place}");
        stage.assert_original(place);
        stage.assert_stored(place);
        stage.assert_nothing_left_beside(place);
    });
}

#[test]
fn a_killed_restore_of_all_is_finished_by_the_next_without_a_trace() {
    is_taken_back_without_a_trace(&RESTORE_ALL);
}
