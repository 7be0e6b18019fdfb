//! Answers and requests that are lost, and servers that are not there.

use mcp_launch_rotation::{
    Liveness, Method, Predecessor, RotationId, Rotator as _, RotatorError, Wish,
};
use mcp_launch_testkit::{LosingRelay, Lost, MemoryStore, RedisAccounts, RefusedAddress};

use crate::stage::{FIRST, World, assert_done, password, rotator, settings, soon, url};

#[test]
fn a_lost_answer_is_not_taken_for_a_no() {
    for (whose, was_done) in [(Lost::Answer, true), (Lost::Request, false)] {
        let world = World::new(RedisAccounts::AclFile);
        let relay = LosingRelay::to(world.redis.port());
        let current = url(relay.port(), FIRST);
        let Method::Set(set) = world.rotator.method() else {
            panic!("another method")
        };
        let successor = set.create(&current).unwrap();
        relay.lose(whose, "SETUSER");
        let id = RotationId::new("1").unwrap();
        let answer = set.set(&successor.bundle, &id, &current, soon());
        assert_eq!(answer, Err(RotatorError::Ambiguous), "{whose:?}");
        assert!(!relay.is_waiting());
        let new = password(&successor.bundle);
        assert_eq!(world.redis.lets_in("app", &new), was_done, "{whose:?}");
        assert_eq!(set.set(&successor.bundle, &id, &current, soon()), Ok(()));
        assert_eq!(set.set(&successor.bundle, &id, &current, soon()), Ok(()));
        assert!(world.redis.lets_in("app", &new));
        assert_eq!(world.digests().len(), 2);

        let Predecessor::Lives(retire) = world.rotator.predecessor() else {
            panic!("it dies")
        };
        let old = world.rotator.identify(&current, soon()).unwrap().unwrap();
        relay.lose(whose, "SETUSER");
        let answer = retire.retire(&old, &successor.bundle, soon());
        assert_eq!(answer, Err(RotatorError::Ambiguous), "{whose:?}");
        assert_eq!(retire.retire(&old, &successor.bundle, soon()), Ok(()));
        assert_eq!(retire.retire(&old, &successor.bundle, soon()), Ok(()));
        assert!(!world.redis.lets_in("app", FIRST));
        assert_eq!(world.digests().len(), 1);
    }
}

#[test]
fn a_question_that_is_lost_has_done_nothing() {
    let world = World::new(RedisAccounts::AclFile);
    let relay = LosingRelay::to(world.redis.port());
    let current = url(relay.port(), FIRST);
    let Method::Set(set) = world.rotator.method() else {
        panic!("another method")
    };
    let successor = set.create(&current).unwrap();
    let id = RotationId::new("1").unwrap();
    for words in ["AUTH", "GETUSER", "INFO"] {
        relay.lose(Lost::Answer, words);
        let answer = set.set(&successor.bundle, &id, &current, soon());
        assert_eq!(answer, Err(RotatorError::Unavailable), "{words}");
        assert!(!relay.is_waiting(), "{words}");
    }
    relay.lose(Lost::Answer, "AUTH");
    assert_eq!(world.rotator.probe(&current, soon()), Liveness::Unknown);
    assert_eq!(world.digests().len(), 1);
}

#[test]
fn a_whole_rotation_goes_through_a_wire_that_breaks() {
    for words in ["SETUSER", "AUTH", "GETUSER"] {
        for whose in [Lost::Answer, Lost::Request] {
            let mut world = World::new(RedisAccounts::AclFile);
            let relay = LosingRelay::to(world.redis.port());
            world.store = MemoryStore::new(&url(relay.port(), FIRST));
            relay.lose(whose, words);
            for _ in 0..4 {
                let current = password(&world.store.current());
                let wish = if current == FIRST {
                    Wish::Forced
                } else {
                    Wish::Resume
                };
                let _outcome = world.run(wish, 0, false);
                assert!(
                    world
                        .redis
                        .lets_in("app", &password(&world.store.current()))
                );
            }
            assert_done(&world.run(Wish::Resume, 0, false));
            assert_ne!(password(&world.store.current()), FIRST, "{words} {whose:?}");
            assert_eq!(world.digests().len(), 1, "{words} {whose:?}");
        }
    }
}

#[test]
fn a_server_that_is_not_there_says_nothing_of_a_value() {
    let refused = RefusedAddress::new();
    let port = refused.http().rsplit(':').next().unwrap().parse().unwrap();
    let rotator = rotator(settings(None));
    assert_eq!(rotator.probe(&url(port, "x"), soon()), Liveness::Unknown);
    let remedy = rotator.remedy(RotatorError::Unavailable).unwrap();
    assert!(remedy.contains(&format!("127.0.0.1:{port}")), "{remedy}");
}

#[test]
fn a_value_is_dead_only_when_it_is_refused() {
    let world = World::new(RedisAccounts::AclFile);
    let probe = |password: &str| {
        world
            .rotator
            .probe(&url(world.redis.port(), password), soon())
    };
    assert_eq!(probe(FIRST), Liveness::Live);
    assert_eq!(probe("wrong"), Liveness::Dead);
    // It may do nothing at all, but it is known.
    world.redis.cli(&["ACL", "SETUSER", "app", "-@all"]);
    assert_eq!(probe(FIRST), Liveness::Live);
    // Too many clients: nobody was asked.
    world.redis.cli(&["CONFIG", "SET", "maxclients", "1"]);
    let _one = std::net::TcpStream::connect(("127.0.0.1", world.redis.port())).unwrap();
    std::thread::sleep(std::time::Duration::from_millis(100));
    assert_eq!(probe("wrong"), Liveness::Unknown);
    // A value that is no URL is not sent anywhere.
    let none = mcp_launch_rotation::Bundle::bare(crate::stage::secret("x"));
    assert_eq!(world.rotator.probe(&none, soon()), Liveness::Unknown);
}
