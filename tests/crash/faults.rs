//! A full or failing disk: one clear error, the file as it was, and the work is done once the disk is well.

use super::points::points;
use super::{ADD, ADOPT, IMPORT, RESTORE, RESTORE_ALL, Stage, Work, is_whole};

/// What each call fails with.
const FAULTS: [(&str, &str); 4] = [
    ("write", "ENOSPC"),
    ("fsync", "EIO"),
    ("rename", "EROFS"),
    ("openat", "EROFS"),
];

fn fails_whole(work: &Work) {
    for point in points(&Stage::before(work), work) {
        let Some((_, error)) = FAULTS.iter().find(|(call, _)| point.call.starts_with(call)) else {
            continue;
        };
        if !point.is_of_file() {
            continue;
        }
        let stage = Stage::before(work);
        let failed = stage.end(work, point.inject(&stage, work, &format!("error={error}")));
        let place = format!("{}, {error} at {point}", work.name);
        assert_eq!(failed.code, Some(1), "{place}: {failed:?}");
        let errors = failed.stderr.matches("error: ").count();
        assert_eq!(errors, 1, "{place}: {}", failed.stderr);
        is_whole(&stage, &place);
        stage.assert_nothing_left_beside(&place);
        let again = stage.end(work, stage.run(work));
        // It is done, and only not certain to last.
        let is_there = point.call == "fsync" && again.stderr.contains("already");
        assert!(again.code == Some(0) || is_there, "{place}: {again:?}");
        stage.assert_finished(work, &place);
        is_whole(&stage, &place);
    }
}

#[test]
fn an_import_on_a_failing_disk_leaves_the_file_as_it_was() {
    fails_whole(&IMPORT);
}

#[test]
fn an_adoption_on_a_failing_disk_leaves_the_files_as_they_were() {
    fails_whole(&ADOPT);
}

#[test]
fn an_addition_on_a_failing_disk_leaves_the_file_as_it_was() {
    fails_whole(&ADD);
}

#[test]
fn a_restore_on_a_failing_disk_can_be_run_again() {
    fails_whole(&RESTORE);
    fails_whole(&RESTORE_ALL);
}
