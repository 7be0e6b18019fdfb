//! Two roles that take turns.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use mcp_launch_core::{Environment, Secret};
use mcp_launch_rotation::{
    End, Handle, Liveness, Reason, Retire as _, Rotator as _, RotatorError, Set as _, Stage, Terms,
    Unobserved, Wish,
};
use mcp_launch_testkit::Postgres as Real;

use crate::world::{FIRST, World, ample, fields, quoted, shown, url};

#[test]
fn the_roles_take_turns_and_the_server_logs_no_password() {
    let real = Real::builder().setting("log_statement=all").start();
    for form in [fields(), url()] {
        let world = World::alternate(&real, real.port(), form);
        let mut passwords = vec![FIRST.to_owned()];
        for turn in 1..=3 {
            let old = world.store.current();
            world.rotates();
            assert!(world.is_idle());
            let current = world.current();
            assert_eq!(current.username, world.roles[turn % 2]);
            assert!(real.lets_in(&current.username, &shown(&current.password)));
            assert_eq!(
                world.rotator.probe(&old, ample()),
                Liveness::Dead,
                "turn {turn}"
            );
            passwords.push(shown(&current.password));
        }
        // What is not the account stays.
        let bundle = world.store.current();
        match bundle.whole() {
            Some(url) => assert!(shown(url).ends_with("/postgres?application_name=stays")),
            None => assert_eq!(shown(bundle.get("note").unwrap()), "stays"),
        }
        let log = real.log();
        assert!(log.contains("SCRAM-SHA-256$4096:"), "nothing is logged");
        for password in &passwords[1..] {
            assert!(!log.contains(password.as_str()), "a password is logged");
        }
        // Its first password was set by the test itself, in plain text: so the log does show what it is given.
        assert!(log.contains(passwords[0].as_str()));
    }
}

#[test]
fn at_the_end_of_the_grace_only_the_sessions_of_the_old_role_end() {
    let real = Real::start();
    let world = World::alternate(&real, real.port(), fields());
    let first = world.store.current();
    let sleepers: Vec<_> = [
        (&world.roles[0], FIRST),
        (&"postgres".to_owned(), real.password()),
    ]
    .into_iter()
    .map(|(user, password)| session(&real, user, password))
    .collect();
    let sessions = |user: &str| {
        let user = user.replace('\'', "''");
        real.psql(&format!("SELECT count(*) FROM pg_stat_activity WHERE usename = E'{}' AND query LIKE '%pg_sleep(600)%' AND pid <> pg_backend_pid()", user.replace('\\', "\\\\")))
    };
    let until = Instant::now() + Duration::from_secs(20);
    while sessions(&world.roles[0]) != "1" || sessions("postgres") != "1" {
        assert!(Instant::now() < until, "the sessions do not begin");
    }
    // A server may hold it, and the grace is long: nothing ends, and both log in.
    let outcome = world.run(Terms::default(), true, &Unobserved);
    assert_eq!(outcome.end, End::Done);
    assert!(world.current_is_live() && world.is_live(&first));
    assert_eq!(sessions(&world.roles[0]), "1");
    assert_eq!(
        world.run(Terms::default(), true, &Unobserved).end,
        End::Later(Reason::Grace)
    );
    let outcome = world.wish(Wish::Resume, Terms::default(), false, &Unobserved);
    assert_eq!(outcome.end, End::Done);
    assert!(outcome.progress.retired);
    assert_eq!(
        sessions(&world.roles[0]),
        "0",
        "a session outlived its role"
    );
    assert_eq!(
        sessions("postgres"),
        "1",
        "somebody else's session was ended"
    );
    assert_eq!(world.rotator.probe(&first, ample()), Liveness::Dead);
    let row = format!(
        "SELECT rolcanlogin, (SELECT rolpassword IS NULL FROM pg_authid a WHERE a.oid = r.oid) FROM pg_roles r \
         WHERE oid = '{}'::regrole",
        quoted(&world.roles[0]).replace('\'', "''")
    );
    assert_eq!(real.psql(&row), "f|t");
    for mut sleeper in sleepers {
        let _ended = sleeper.kill();
        let _gone = sleeper.wait();
    }
}

#[test]
fn servers_that_run_notice_nothing_of_a_rotation_with_grace() {
    let real = Real::start();
    let world = World::alternate(&real, real.port(), fields());
    let (done, answered) = (AtomicBool::new(false), AtomicUsize::new(0));
    // As a server does: it has what it was launched with, and logs in with it anew for each question.
    let launched = world.current();
    let serve = |user: &str, password: &Secret| {
        while !done.load(Ordering::SeqCst) {
            assert!(real.lets_in(user, &shown(password)), "a server is shut out");
            answered.fetch_add(1, Ordering::SeqCst);
        }
    };
    std::thread::scope(|scope| {
        let server = scope.spawn(|| serve(&launched.username, &launched.password));
        let outcome = world.run(Terms::default(), true, &Unobserved);
        assert_eq!(outcome.end, End::Done);
        // Launched since, while the other still runs.
        let next = world.current();
        assert_ne!(next.username, launched.username);
        let other = scope.spawn(move || serve(&next.username, &next.password));
        let until = Instant::now() + Duration::from_secs(2);
        while Instant::now() < until && !server.is_finished() && !other.is_finished() {
            std::thread::sleep(Duration::from_millis(20));
        }
        done.store(true, Ordering::SeqCst);
        server.join().unwrap();
        other.join().unwrap();
    });
    assert!(answered.load(Ordering::SeqCst) > 10);
    let outcome = world.wish(Wish::Resume, Terms::default(), false, &Unobserved);
    assert!(outcome.progress.retired && world.current_is_live());
    assert!(!real.lets_in(&launched.username, FIRST));
}

#[test]
fn what_is_missing_is_named() {
    let real = Real::start();
    let refused = |change: &dyn Fn(&World), reason: RotatorError, words: &[&str]| {
        let world = World::alternate(&real, real.port(), fields());
        change(&world);
        let before = real.psql("SELECT md5(string_agg(rolname || coalesce(rolpassword, ''), ',' ORDER BY oid)) FROM pg_authid");
        let current = world.store.current();
        let successor = world.rotator.create(&current).unwrap();
        let id = mcp_launch_rotation::RotationId::new("x").unwrap();
        let answer = world.rotator.set(&successor.bundle, &id, &current, ample());
        assert_eq!(answer, Err(reason));
        let remedy = world.rotator.remedy(reason).unwrap();
        for word in words {
            assert!(remedy.contains(word), "{remedy}");
        }
        let after = real.psql("SELECT md5(string_agg(rolname || coalesce(rolpassword, ''), ',' ORDER BY oid)) FROM pg_authid");
        assert_eq!(before, after, "something was changed");
    };
    let alter = |role: &str, what: &str| real.psql(&format!("ALTER ROLE {} {what}", quoted(role)));
    let administrator = |world: &World| {
        let group = real.psql(
            "SELECT rolname FROM pg_roles WHERE rolname LIKE 'rotator%' ORDER BY oid DESC LIMIT 1",
        );
        assert!(!world.roles.contains(&group));
        group
    };
    refused(
        &|world| drop(alter(&world.roles[1], "SUPERUSER")),
        RotatorError::Denied,
        &["superuser"],
    );
    refused(
        &|world| drop(alter(&world.roles[1], "REPLICATION")),
        RotatorError::Denied,
        &["replicate"],
    );
    refused(
        &|world| drop(alter(&administrator(world), "NOCREATEROLE")),
        RotatorError::Denied,
        &["CREATEROLE", "ADMIN OPTION"],
    );
    refused(
        &|world| drop(alter(&administrator(world), "PASSWORD 'other'")),
        RotatorError::Denied,
        &["rotator_"],
    );
    refused(
        &|world| drop(alter(&world.roles[1], "VALID UNTIL '2001-01-01'")),
        RotatorError::Failed,
        &["VALID UNTIL 'infinity'"],
    );
    refused(
        &|world| drop(alter(&world.roles[1], "NOINHERIT")),
        RotatorError::Failed,
        &["GRANT"],
    );
    refused(
        &|world| drop(real.psql(&format!("DROP ROLE {}", quoted(&world.roles[1])))),
        RotatorError::Failed,
        &["no role", "bootstrap"],
    );
}

#[test]
fn sessions_that_may_not_be_ended_are_told_of_and_the_role_is_locked_out() {
    let real = Real::start();
    let world = World::alternate(&real, real.port(), fields());
    let who = real.psql("SELECT rolname FROM pg_roles WHERE rolname LIKE 'rotator%'");
    real.psql(&format!("REVOKE pg_signal_backend FROM {who}"));
    let mut sleeper = session(&real, &world.roles[0], FIRST);
    let until = Instant::now() + Duration::from_secs(20);
    while real
        .psql("SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'SELECT pg_sleep(600)%'")
        != "1"
    {
        assert!(Instant::now() < until, "the session does not begin");
    }
    let outcome = world.run(Terms::default(), false, &Unobserved);
    assert!(matches!(outcome.end, End::Denied(_)), "{:?}", outcome.end);
    let remedy = world.rotator.remedy(RotatorError::Denied).unwrap();
    assert!(remedy.contains("GRANT pg_signal_backend TO"), "{remedy}");
    assert!(matches!(world.seen().stage, Stage::Overlap(_)));
    assert!(world.current_is_live() && !real.lets_in(&world.roles[0], FIRST));
    real.psql(&format!("GRANT pg_signal_backend TO {who}"));
    let outcome = world.wish(Wish::Forced, Terms::default(), false, &Unobserved);
    assert!(outcome.progress.retired);
    let _ended = sleeper.kill();
    let _gone = sleeper.wait();
}

#[test]
fn only_the_other_role_is_ever_locked_out() {
    let real = Real::start();
    let world = World::alternate(&real, real.port(), fields());
    let current = world.store.current();
    for role in [world.roles[0].as_str(), "postgres"] {
        let handle = Handle::new(role).unwrap();
        let retired = world.rotator.retire(&handle, &current, ample());
        assert_eq!(retired, Err(RotatorError::Failed), "{role}");
    }
    assert!(world.current_is_live());
    assert!(real.lets_in("postgres", real.password()));
    let handle = Handle::new(world.roles[1].as_str()).unwrap();
    assert_eq!(world.rotator.retire(&handle, &current, ample()), Ok(()));
    real.psql(&format!("DROP ROLE {}", quoted(&world.roles[1])));
    assert_eq!(
        world.rotator.retire(&handle, &current, ample()),
        Ok(()),
        "what is not there"
    );
}

#[test]
fn what_a_person_changed_meanwhile_is_not_overwritten() {
    let real = Real::start();
    let world = World::alternate(&real, real.port(), fields());
    let current = world.store.current();
    let successor = world.rotator.create(&current).unwrap().bundle;
    let id = mcp_launch_rotation::RotationId::new("x").unwrap();
    // The other role is current now, under another password.
    let swapped = world
        .form
        .with(&current, &crate::world::account(&world.roles[1], "by hand"))
        .unwrap();
    assert_eq!(
        world.rotator.set(&successor, &id, &swapped, ample()),
        Err(RotatorError::Rejected)
    );
    // Another field is another.
    let other = mcp_launch_rotation::Bundle::new(current.iter().map(|(name, value)| {
        let value = if name == "note" {
            crate::world::secret("moved")
        } else {
            value.again()
        };
        (name.to_owned(), value)
    }));
    assert_eq!(
        world.rotator.set(&successor, &id, &other.unwrap(), ample()),
        Err(RotatorError::Rejected)
    );
    let row = format!(
        "SELECT rolcanlogin FROM pg_roles WHERE oid = '{}'::regrole",
        quoted(&world.roles[1]).replace('\'', "''")
    );
    assert_eq!(real.psql(&row), "f", "it was set");
    // Neither is a stranger rotated.
    let strange = world
        .form
        .with(&current, &crate::world::account("postgres", "x"))
        .unwrap();
    assert_eq!(
        world.rotator.create(&strange).err(),
        Some(RotatorError::Failed)
    );
    assert_eq!(world.rotator.identify(&strange, ample()), Ok(None));
}

/// A session of somebody that lasts.
fn session(real: &Real, user: &str, password: &str) -> std::process::Child {
    let environment = Environment::capture();
    let path = environment.get("PATH").unwrap();
    #[expect(clippy::disallowed_methods, reason = "a client of the test")]
    let mut command = std::process::Command::new("psql");
    command
        .env_clear()
        .env("PATH", path)
        .env("PGPASSWORD", password)
        .args([
            "--no-psqlrc",
            "-h",
            "127.0.0.1",
            "-d",
            "postgres",
            "-c",
            "SELECT pg_sleep(600)",
        ])
        .args(["-p", &real.port().to_string(), "-U", user])
        .stdout(std::process::Stdio::null())
        .stderr(std::process::Stdio::null())
        .spawn()
        .unwrap()
}
