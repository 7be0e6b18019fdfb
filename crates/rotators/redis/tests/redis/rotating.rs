//! What a rotation does.

use mcp_launch_rotation::{End, Rotator as _, Wish};
use mcp_launch_rotator_redis::Finding;
use mcp_launch_testkit::RedisAccounts;

use crate::stage::{FIRST, World, assert_done, password, soon};

#[test]
fn both_passwords_are_in_force_until_the_old_one_is_retired() {
    for accounts in [RedisAccounts::AclFile, RedisAccounts::Configuration] {
        let mut world = World::new(accounts);
        let outcome = world.run(Wish::Forced, 3600, true);
        assert_done(&outcome);
        assert!(outcome.progress.promoted && !outcome.progress.retired);
        let new = password(&world.store.current());
        assert_ne!(new, FIRST);
        assert!(world.redis.lets_in("app", &new) && world.redis.lets_in("app", FIRST));
        assert_eq!(world.digests().len(), 2);

        // A server that restarts in the middle knows both.
        world.redis.stop();
        world.redis.resume();
        assert!(world.redis.lets_in("app", &new) && world.redis.lets_in("app", FIRST));

        let outcome = world.run(Wish::Resume, 3600, false);
        assert_done(&outcome);
        assert!(outcome.progress.retired);
        assert!(world.redis.lets_in("app", &new) && !world.redis.lets_in("app", FIRST));
        assert_eq!(world.digests().len(), 1);
        world.redis.stop();
        world.redis.resume();
        assert!(world.redis.lets_in("app", &new) && !world.redis.lets_in("app", FIRST));
    }
}

#[test]
fn one_rotation_follows_the_other_and_other_passwords_stay() {
    let world = World::new(RedisAccounts::AclFile);
    world
        .redis
        .cli(&["ACL", "SETUSER", "app", ">of-somebody-else"]);
    let mut last = FIRST.to_owned();
    for _ in 0..3 {
        assert_done(&world.run(Wish::Forced, 0, false));
        assert_done(&world.run(Wish::Resume, 0, false));
        let new = password(&world.store.current());
        assert!(world.redis.lets_in("app", &new) && !world.redis.lets_in("app", &last));
        assert!(world.redis.lets_in("app", "of-somebody-else"));
        assert_eq!(world.digests().len(), 2);
        last = new;
    }
    // What the account may do has not changed.
    let rules = world.redis.cli(&["ACL", "LIST"]);
    assert!(rules.contains("-@dangerous"), "{rules}");
}

#[test]
fn an_account_that_may_changes_itself() {
    let mut world = World::new(RedisAccounts::AclFile);
    world.rotator = crate::stage::rotator(crate::stage::settings(None));
    let outcome = world.run(Wish::Forced, 0, false);
    assert_eq!(outcome.end.code(), "denied", "{outcome:?}");
    let Some(mcp_launch_rotation::Reason::Vendor(_, error)) = outcome.end.reason() else {
        panic!("{outcome:?}")
    };
    let remedy = world.rotator.remedy(error).unwrap();
    assert!(remedy.contains("ACL SETUSER app +acl|getuser"), "{remedy}");
    let may = [
        "+acl|getuser",
        "+acl|setuser",
        "+acl|save",
        "+config|get",
        "+info",
    ];
    let command: Vec<&str> = ["ACL", "SETUSER", "app"].into_iter().chain(may).collect();
    assert_eq!(world.redis.cli(&command), "OK");
    assert_done(&world.run(Wish::Forced, 0, false));
    assert_done(&world.run(Wish::Resume, 0, false));
    let new = password(&world.store.current());
    assert!(world.redis.lets_in("app", &new) && !world.redis.lets_in("app", FIRST));
}

#[test]
fn a_look_ahead_says_what_it_would_meet_and_changes_nothing() {
    let world = World::new(RedisAccounts::AclFile);
    let current = world.store.current();
    let seen = world.rotator.preflight(&current, soon()).unwrap();
    assert_eq!((seen.account.as_str(), seen.encrypted), ("app", false));
    assert_eq!(seen.findings, []);
    world.redis.cli(&["ACL", "SETUSER", "app", ">another"]);
    let seen = world.rotator.preflight(&current, soon()).unwrap();
    assert_eq!(seen.findings, [Finding::MorePasswords(1)]);
    assert_eq!(world.digests().len(), 2);
    // Who may look and not change is told so before, where the server can tell.
    world.redis.cli(&["ACL", "SETUSER", "root", "-acl|setuser"]);
    assert!(world.rotator.preflight(&current, soon()).is_err());
}

#[test]
fn sessions_end_only_when_that_is_asked_for() {
    let world = World::new(RedisAccounts::AclFile);
    assert_done(&world.run(Wish::Forced, 0, false));
    assert_eq!(world.run(Wish::Resume, 0, false).end, End::Done);
    let current = world.store.current();
    assert_eq!(world.rotator.kill_sessions(&current, soon()), Ok(0));
    let mut session = std::net::TcpStream::connect(("127.0.0.1", world.redis.port())).unwrap();
    use std::io::{Read as _, Write as _};
    let login = format!("AUTH app {}\r\n", password(&current));
    session.write_all(login.as_bytes()).unwrap();
    let mut answer = [0; 5];
    session.read_exact(&mut answer).unwrap();
    assert_eq!(&answer, b"+OK\r\n");
    assert_eq!(world.rotator.kill_sessions(&current, soon()), Ok(1));
    assert_eq!(session.read(&mut answer).unwrap(), 0);
}
