//! Lost requests, lost answers, and a server that is not there.

use std::time::Duration;

use mcp_launch_core::Deadline;
use mcp_launch_rotation::{
    End, Liveness, Reason, RotationId, Rotator as _, RotatorError, Set as _, Stage, Terms,
    Unobserved, Wish,
};
use mcp_launch_testkit::{BrokenOff, Postgres as Real, TcpRelay};

use crate::world::{World, administrator, ample, fields, first, quoted, rotator, settings};

#[test]
fn an_answer_that_is_lost_after_the_commit_loses_nothing() {
    let real = Real::start();
    let relay = TcpRelay::to(real.port());
    for fault in [BrokenOff::AnswerLost, BrokenOff::RequestLost] {
        for by_itself in [true, false] {
            let before = relay.broken_off();
            let world = match by_itself {
                true => World::single(&real, relay.port(), |_| fields(), None),
                false => World::alternate(&real, relay.port(), fields()),
            };
            relay.break_off_at("ALTER ROLE", fault, 1);
            world.rotates();
            assert_eq!(
                relay.broken_off(),
                before + 1,
                "{fault:?}: nothing was lost"
            );
            assert!(world.current_is_live() && world.is_idle());
        }
    }
}

#[test]
fn whether_a_lost_request_may_have_happened_is_told() {
    let real = Real::start();
    let relay = TcpRelay::to(real.port());
    let world = World::single(&real, relay.port(), |_| fields(), None);
    let current = world.store.current();
    let id = RotationId::new("x").unwrap();
    let new = world.rotator.create(&current).unwrap().bundle;
    let set = |words: &str, fault| {
        relay.break_off_at(words, fault, 1);
        world.rotator.set(&new, &id, &current, ample())
    };
    // Before the statement that changes something nothing can have happened.
    for words in [
        "pg_has_role",
        "search_path",
        "SCRAM-SHA-256",
        "application_name",
    ] {
        for fault in [BrokenOff::RequestLost, BrokenOff::AnswerLost] {
            assert_eq!(set(words, fault), Err(RotatorError::Unavailable), "{words}");
            assert!(world.is_live(&current));
        }
    }
    assert_eq!(
        set("ALTER ROLE", BrokenOff::RequestLost),
        Err(RotatorError::Ambiguous)
    );
    assert!(world.is_live(&current), "it did not happen");
    assert_eq!(
        set("ALTER ROLE", BrokenOff::AnswerLost),
        Err(RotatorError::Ambiguous)
    );
    assert!(world.is_live(&new), "it did");
    // And a login whose answer is lost says nothing.
    relay.break_off_at("SCRAM-SHA-256", BrokenOff::AnswerLost, 1);
    assert_eq!(world.rotator.probe(&new, ample()), Liveness::Unknown);
}

#[test]
fn a_login_is_tried_once() {
    let real = Real::start();
    let relay = TcpRelay::to(real.port());
    let world = World::single(&real, relay.port(), |_| fields(), None);
    let wrong = world.form.with(
        &world.store.current(),
        &crate::world::account(&world.roles[0], "wrong"),
    );
    for value in [world.store.current(), wrong.unwrap()] {
        let before = relay.connections();
        let _live = world.rotator.probe(&value, ample());
        assert_eq!(relay.connections(), before + 1);
    }
}

#[test]
fn a_server_that_stops_half_way_is_taken_up_again_when_it_is_back() {
    let mut real = Real::start();
    for by_itself in [true, false] {
        let world = match by_itself {
            true => World::single(&real, real.port(), |_| fields(), None),
            false => World::alternate(&real, real.port(), fields()),
        };
        real.stop();
        let outcome = world.run(Terms::default(), false, &Unobserved);
        assert_eq!(outcome.end, End::Later(Reason::Unseen));
        assert_eq!(
            world.rotator.probe(&world.store.current(), ample()),
            Liveness::Unknown
        );
        real.resume();
        // It stops after the value was staged, before it is set.
        let staged = stage(&world);
        real.stop();
        let outcome = world.wish(Wish::Resume, Terms::default(), false, &Unobserved);
        assert_eq!(outcome.end, End::Later(Reason::Unseen));
        let current = world.store.current();
        let id = RotationId::new("x").unwrap();
        let answer = world.rotator.set(&staged, &id, &current, ample());
        assert_eq!(answer, Err(RotatorError::Unavailable));
        real.resume();
        let outcome = world.wish(Wish::Resume, Terms::default(), false, &Unobserved);
        assert_eq!(outcome.end, End::Done);
        assert!(outcome.progress.promoted && world.current_is_live());
        assert!(world.store.current().is_same(&staged));
    }
}

/// Has a value staged and the run ended.
fn stage(world: &World) -> mcp_launch_rotation::Bundle {
    use mcp_launch_rotation::{Opening, Owner, RotatingStore as _};
    let store = world.store.rotating();
    let seen = store.read(ample()).unwrap();
    let successor = world.rotator.create(&seen.current.bundle).unwrap();
    let owner = Owner::new("gone").unwrap();
    store
        .begin(&seen.revision, Opening::Value(&successor), &owner, ample())
        .unwrap();
    assert!(matches!(world.seen().stage, Stage::Staged(_)));
    successor.bundle
}

#[test]
fn what_waits_for_a_lock_ends_before_the_deadline_and_is_not_done_later() {
    let real = Real::start();
    let world = World::single(&real, real.port(), |_| fields(), Some(administrator(&real)));
    let role = quoted(&world.roles[0]);
    let current = world.store.current();
    let new = world.rotator.create(&current).unwrap().bundle;
    let id = RotationId::new("x").unwrap();
    std::thread::scope(|scope| {
        let holder = scope.spawn(|| {
            real.psql(&format!(
                "BEGIN; ALTER ROLE {role} CONNECTION LIMIT 7; SELECT pg_sleep(8); ROLLBACK"
            ))
        });
        while real.psql("SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'PgSleep'") != "1"
        {
        }
        let answer = world.rotator.set(
            &new,
            &id,
            &current,
            Deadline::after(Duration::from_millis(4000)),
        );
        assert_eq!(answer, Err(RotatorError::Unavailable));
        holder.join().unwrap();
    });
    assert!(world.is_live(&current) && !world.is_live(&new));
    assert_eq!(world.rotator.set(&new, &id, &current, ample()), Ok(()));
}

#[test]
fn runners_at_the_same_time_leave_one_value_that_logs_in() {
    let real = Real::start();
    let world = World::single(&real, real.port(), |_| fields(), Some(administrator(&real)));
    let current = world.store.current();
    let new = world.rotator.create(&current).unwrap().bundle;
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                // Each a process of its own, so a rotator of its own.
                let way = mcp_launch_rotator_postgres::Way::Single {
                    administrator: Some(crate::world::account("postgres", real.password())),
                };
                let rotator = rotator(settings(real.port(), fields(), way));
                let id = RotationId::new("x").unwrap();
                let answer = rotator.set(&new, &id, &current, ample());
                assert!(
                    matches!(answer, Ok(()) | Err(RotatorError::Ambiguous)),
                    "{answer:?}"
                );
            });
        }
    });
    assert!(world.is_live(&new));
}

#[test]
fn what_does_not_speak_the_protocol_says_nothing_about_a_value() {
    let http = mcp_launch_testkit::FaultServer::start(mcp_launch_testkit::Answer::status(200));
    let port = http.address().rsplit(':').next().unwrap().parse().unwrap();
    let way = mcp_launch_rotator_postgres::Way::Single {
        administrator: None,
    };
    let rotator = rotator(settings(port, fields(), way));
    let value = first(port, &fields(), "somebody");
    let deadline = || Deadline::after(Duration::from_secs(2));
    assert_eq!(rotator.probe(&value, deadline()), Liveness::Unknown);
    let new = rotator.create(&value).unwrap().bundle;
    let id = RotationId::new("x").unwrap();
    assert_eq!(
        rotator.set(&new, &id, &value, deadline()),
        Err(RotatorError::Unavailable)
    );
}
