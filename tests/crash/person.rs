//! A person who interrupts: at the question, and while it writes.

use super::points::points;
use super::{ADOPT, Finished, IMPORT, RESTORE, Stage, Work, is_whole};
use crate::support::{installed, python, with_input};

/// What SIGINT leaves as the status of a shell's child.
const INTERRUPTED: i32 = 128 + 2;

/// `work` on a terminal, where its question is answered so.
fn answered(stage: &Stage, work: &Work, answer: &str) -> Finished {
    let script = include_str!("../clients/interrupted.py");
    let path = stage.scratch.temp().join("interrupted.py");
    #[expect(clippy::disallowed_methods, reason = "a script of the test's")]
    std::fs::write(&path, script).expect("a file in the scratch");
    let mut command = stage.scratch.command(python());
    command.arg(path).arg(installed(&stage.scratch));
    command.args(work.words.iter().filter(|word| **word != "--yes"));
    with_input(&mut command, &format!("{answer}\n"))
}

#[test]
fn ctrl_c_or_no_at_the_question_does_nothing_and_yes_does_all() {
    for work in [&IMPORT, &ADOPT, &RESTORE] {
        for (answer, code) in [("interrupt", INTERRUPTED), ("n", 1), ("", 1)] {
            let stage = Stage::before(work);
            let before = stage.everything();
            let said = answered(&stage, work, answer);
            let place = format!("{}, {answer:?}: {said:?}", work.name);
            assert_eq!(said.code, Some(code), "{place}");
            assert!(said.stdout.contains("[y/N] "), "{place}");
            assert!(stage.everything() == before, "{place}");
        }
        let stage = Stage::before(work);
        let said = answered(&stage, work, "y");
        assert_eq!(said.code, Some(0), "{said:?}");
        stage.assert_finished(work, work.name);
    }
}

#[test]
fn ctrl_c_while_it_writes_is_finished_by_the_next() {
    for work in [&IMPORT, &ADOPT, &RESTORE] {
        for point in points(&Stage::before(work), work) {
            if !point.call.starts_with("rename") && point.call != "fsync" {
                continue;
            }
            let stage = Stage::before(work);
            let ended = stage.end(work, point.inject(&stage, work, "signal=INT"));
            let place = format!("{} interrupted at {point}", work.name);
            assert_ne!(ended.code, Some(0), "{place}");
            is_whole(&stage, &place);
            let _said = stage.end(work, stage.run(work)).success();
            stage.assert_finished(work, &place);
            stage.assert_nothing_left_beside(&place);
        }
    }
}
