//! Two at once on the same files.

use std::process::Stdio;

use super::{ADOPT, Finished, IMPORT, RESTORE_ALL, Stage, Work};

/// How often it is tried: whoever is first differs.
const ROUNDS: usize = 6;

/// Runs `first` and `second` at the same time; how they ended.
fn at_once(stage: &Stage, first: &Work, second: &Work) -> [Finished; 2] {
    let children = [first, second].map(|work| {
        stage
            .run(work)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the launcher")
    });
    children.map(|child| Finished::from(&child.wait_with_output().expect("it ends")))
}

#[test]
fn two_that_move_the_same_secrets_at_once_do_it_once() {
    for work in [&ADOPT, &IMPORT] {
        for _ in 0..ROUNDS {
            let stage = Stage::before(work);
            let ended = at_once(&stage, work, work);
            for ended in &ended {
                assert_eq!(ended.code, Some(0), "{}: {ended:?}", work.name);
            }
            stage.assert_finished(work, work.name);
            stage.assert_stored(work.name);
            for (file, _) in stage.files {
                let mut restore = stage.launch(&["restore", file, "--yes"]);
                let _said = Finished::of(&mut restore).success();
            }
            stage.assert_original(work.name);
            stage.assert_nothing_left_beside(work.name);
        }
    }
}

#[test]
fn an_adoption_while_all_is_restored_loses_no_value() {
    for _ in 0..ROUNDS {
        let stage = Stage::before(&RESTORE_ALL);
        let ended = at_once(&stage, &RESTORE_ALL, &ADOPT);
        let place = format!("{ended:?}");
        stage.assert_no_half_file(&place);
        stage.assert_no_value_is_lost(&place);
        let _said = Finished::of(&mut stage.run(&ADOPT)).success();
        let _said = Finished::of(&mut stage.run(&RESTORE_ALL)).success();
        stage.assert_original(&place);
        stage.assert_no_trace(&place);
    }
}
