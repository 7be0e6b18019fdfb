//! Runs that end before and after each outside action.

use std::time::Duration;

use mcp_launch_rotation::{AccountForm, Liveness, Observer, Outcome, Rotator as _, Terms};
use mcp_launch_testkit::{Postgres as Real, crash_everywhere};

use crate::world::{FIRST, World, account, administrator, ample, fields, url};

fn terms() -> Terms {
    Terms {
        grace: Duration::ZERO,
        lease: Duration::from_secs(1),
    }
}

/// Runs crash everywhere; gives how many points there were.
fn survives(fresh: impl Fn() -> World) -> usize {
    let run =
        |world: &World, observer: &dyn Observer| -> Outcome { world.run(terms(), false, observer) };
    let check = |world: &World, point: &str, outcome: Option<&Outcome>| {
        // Whatever happened: a value that the store holds logs in.
        let seen = world.seen();
        let staged = match &seen.stage {
            mcp_launch_rotation::Stage::Staged(staged) => Some(&staged.bundle),
            _ => None,
        };
        let lives =
            world.is_live(&seen.current.bundle) || staged.is_some_and(|value| world.is_live(value));
        assert!(lives, "{point}: no stored value logs in");
        let Some(outcome) = outcome else { return };
        assert!(world.is_idle(), "{point}: {outcome:?}");
        assert!(
            world.current_is_live(),
            "{point}: the current value is dead"
        );
        // Of all others none logs in: neither the first one, nor any other of the roles.
        let current = world.current();
        assert_ne!(crate::world::shown(&current.password), FIRST, "{point}");
        let first = world
            .form
            .with(&world.store.current(), &account(&world.roles[0], FIRST));
        let first = world.rotator.probe(&first.unwrap(), ample());
        assert_eq!(first, Liveness::Dead, "{point}: the first value lives");
        for role in world.roles.iter().filter(|role| **role != current.username) {
            let other = account(role, &crate::world::shown(&current.password));
            let other = world.form.with(&world.store.current(), &other).unwrap();
            assert_eq!(
                world.rotator.probe(&other, ample()),
                Liveness::Dead,
                "{point}"
            );
        }
    };
    crash_everywhere(fresh, run, check).len()
}

#[test]
fn two_roles_survive_a_crash_anywhere() {
    let real = Real::start();
    let points = survives(|| World::alternate(&real, real.port(), url()));
    assert!(points >= 16, "{points}");
    let locked_out = real.psql("SELECT count(*) FROM pg_authid WHERE rolname LIKE 'It%' AND NOT rolcanlogin AND rolpassword IS NOT NULL");
    assert_eq!(locked_out, "0", "a password was left behind");
}

#[test]
fn one_role_by_itself_survives_a_crash_anywhere() {
    let real = Real::start();
    let points = survives(|| World::single(&real, real.port(), |_| fields(), None));
    assert!(points >= 14, "{points}");
}

#[test]
fn one_role_by_an_administrator_survives_a_crash_anywhere() {
    let real = Real::start();
    let bare = |role: &str| AccountForm::Password {
        username: role.to_owned(),
        password: String::new(),
    };
    let points = survives(|| World::single(&real, real.port(), bare, Some(administrator(&real))));
    assert!(points >= 14, "{points}");
}
