//! One role.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use mcp_launch_rotation::{AccountForm, Liveness, Rotator as _, RotatorError, Set as _};
use mcp_launch_rotator_postgres::{SettingsError, Way};
use mcp_launch_testkit::Postgres as Real;

use crate::world::{
    FIRST, World, administrator, ample, fields, name, quoted, rotator, settings, shown, url,
};

#[test]
fn a_role_changes_its_own_password_and_the_server_logs_none() {
    let real = Real::builder().setting("log_statement=all").start();
    let bare = |role: &str| AccountForm::Password {
        username: role.to_owned(),
        password: String::new(),
    };
    let worlds = [
        World::single(&real, real.port(), |_| fields(), None),
        World::single(&real, real.port(), |_| url(), None),
        World::single(&real, real.port(), bare, None),
        World::single(&real, real.port(), bare, Some(administrator(&real))),
    ];
    for world in worlds {
        for _ in 0..2 {
            let old = world.store.current();
            world.rotates();
            assert!(world.is_idle() && world.current_is_live());
            assert_eq!(world.rotator.probe(&old, ample()), Liveness::Dead);
            let current = world.current();
            assert_eq!(current.username, world.roles[0]);
            assert!(!real.log().contains(&shown(&current.password)));
        }
        assert!(!real.lets_in(&world.roles[0], FIRST));
    }
}

#[test]
fn a_role_that_only_reads_by_default_changes_its_password() {
    let real = Real::start();
    let world = World::single(&real, real.port(), |_| fields(), None);
    let role = quoted(&world.roles[0]);
    real.psql(&format!(
        "ALTER ROLE {role} SET default_transaction_read_only TO on"
    ));
    world.rotates();
}

#[test]
fn nobody_hides_the_catalog_from_an_administrator() {
    let real = Real::start();
    let who = administrator(&real);
    let user = who.username.clone();
    let world = World::single(&real, real.port(), |_| fields(), Some(who));
    // Everybody is a harmless role here, were it asked.
    real.psql("CREATE SCHEMA trap");
    real.psql("CREATE VIEW trap.pg_roles AS SELECT 1 AS oid, 'nobody'::name AS rolname, false AS rolsuper");
    real.psql(&format!(
        "GRANT USAGE ON SCHEMA trap TO {user}; GRANT SELECT ON trap.pg_roles TO {user}"
    ));
    real.psql(&format!(
        "ALTER ROLE {user} SET search_path TO trap, pg_catalog"
    ));
    world.rotates();
}

#[test]
fn a_password_lasts_as_long_as_it_is_said_to() {
    let real = Real::start();
    let role = name(&real, true);
    let way = Way::Single {
        administrator: Some(administrator(&real)),
    };
    let mut limited = settings(real.port(), fields(), way);
    limited.lifetime = Some(Duration::from_secs(7 * 86_400));
    let limited = rotator(limited);
    let current = crate::world::first(real.port(), &fields(), &role);
    let new = limited.create(&current).unwrap();
    let id = mcp_launch_rotation::RotationId::new("x").unwrap();
    // An end that has passed is no obstacle, since it is set anew.
    real.psql(&format!(
        "ALTER ROLE {} VALID UNTIL '2001-01-01'",
        quoted(&role)
    ));
    assert_eq!(
        limited.probe(&current, ample()),
        Liveness::Dead,
        "an expired password"
    );
    assert_eq!(limited.set(&new.bundle, &id, &current, ample()), Ok(()));
    assert_eq!(limited.probe(&new.bundle, ample()), Liveness::Live);
    let until = real.psql(&format!(
        "SELECT extract(epoch FROM rolvaliduntil)::bigint FROM pg_roles WHERE oid = '{}'::regrole",
        quoted(&role).replace('\'', "''")
    ));
    let until = Timestamp::from_second(until.parse().unwrap()).unwrap();
    let told = new.expires_at.unwrap();
    assert!(
        until.duration_since(told).abs() < SignedDuration::from_secs(30),
        "{until} {told}"
    );

    let mut by_itself = settings(
        real.port(),
        fields(),
        Way::Single {
            administrator: None,
        },
    );
    by_itself.lifetime = Some(Duration::from_secs(86_400));
    let refused = mcp_launch_rotator_postgres::Postgres::new(
        by_itself,
        mcp_launch_core::Environment::from_pairs::<&str, &str>([]),
    );
    assert_eq!(refused.err(), Some(SettingsError::LifetimeByItself));
}

#[test]
fn a_superuser_is_rotated_only_when_that_is_allowed() {
    let real = Real::start();
    let world = World::single(&real, real.port(), |_| fields(), None);
    real.psql(&format!("ALTER ROLE {} SUPERUSER", quoted(&world.roles[0])));
    let current = world.store.current();
    let new = world.rotator.create(&current).unwrap().bundle;
    let id = mcp_launch_rotation::RotationId::new("x").unwrap();
    let answer = world.rotator.set(&new, &id, &current, ample());
    assert_eq!(answer, Err(RotatorError::Denied));
    let remedy = world.rotator.remedy(RotatorError::Denied).unwrap();
    assert!(remedy.contains("superuser"), "{remedy}");
    assert!(world.current_is_live());
    let mut allowed = settings(
        real.port(),
        fields(),
        Way::Single {
            administrator: None,
        },
    );
    allowed.allow_privileged = true;
    assert_eq!(rotator(allowed).set(&new, &id, &current, ample()), Ok(()));
    assert!(world.is_live(&new));
}
