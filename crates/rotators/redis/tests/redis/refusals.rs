//! What is not changed, and why.

use mcp_launch_rotation::{
    Bundle, Handle, Method, Predecessor, RotationId, Rotator as _, RotatorError,
};
use mcp_launch_rotator_redis::{Persistence, RedisRotator, Topology};
use mcp_launch_testkit::{Redis, RedisAccounts};

use crate::stage::{FIRST, World, rotator, secret, settings, soon, url};

/// What becomes of an attempt to set a new value, and what a person is told.
fn attempt(rotator: &RedisRotator, current: &Bundle) -> (Option<RotatorError>, String) {
    let Method::Set(set) = rotator.method() else {
        panic!("another method")
    };
    let successor = set.create(current).unwrap();
    let id = RotationId::new("1").unwrap();
    match set.set(&successor.bundle, &id, current, soon()) {
        Ok(()) => (None, String::new()),
        Err(error) => (Some(error), rotator.remedy(error).unwrap_or_default()),
    }
}

fn root(redis: &Redis) -> mcp_launch_rotator_redis::Settings {
    settings(Some(("root", redis.password())))
}

#[test]
fn a_server_that_would_forget_is_not_changed_unless_a_person_says_so() {
    let world = World::new(RedisAccounts::Nowhere);
    let current = world.store.current();
    let (error, remedy) = attempt(&world.rotator, &current);
    assert_eq!(error, Some(RotatorError::Denied));
    assert!(remedy.contains("aclfile"), "{remedy}");
    assert!(world.rotator.preflight(&current, soon()).is_err());
    let mut elsewhere = root(&world.redis);
    elsewhere.persistence = Persistence::Elsewhere;
    let elsewhere = rotator(elsewhere);
    assert_eq!(attempt(&elsewhere, &current).0, None);
    assert_eq!(world.digests().len(), 2);
}

#[test]
fn a_server_that_cannot_write_its_file_is_left_as_it_was() {
    let world = World::new(RedisAccounts::AclFile);
    // Redis writes a new file beside it: a folder in its place cannot be replaced.
    let file = world.redis.scratch().home().join("data/users.acl");
    std::fs::remove_file(&file).unwrap();
    std::fs::create_dir_all(file.join("in-the-way")).unwrap();
    let (error, remedy) = attempt(&world.rotator, &world.store.current());
    assert_eq!(error, Some(RotatorError::Failed), "{remedy}");
    assert!(remedy.contains("ACL SAVE"), "{remedy}");
    assert_eq!(world.digests().len(), 1);
    assert!(world.redis.lets_in("app", FIRST));
}

#[test]
fn accounts_that_cannot_be_rotated_are_refused_with_a_reason() {
    let world = World::new(RedisAccounts::Configuration);
    let port = world.redis.port();
    let current = world.store.current();
    let refused = |current: &Bundle, words: &str| {
        let (error, remedy) = attempt(&world.rotator, current);
        assert_eq!(error, Some(RotatorError::Denied), "{words}: {remedy}");
        assert!(remedy.contains(words), "{words}: {remedy}");
    };
    let of = |name: &str| Bundle::bare(secret(&format!("redis://{name}:x@127.0.0.1:{port}")));
    refused(&of("nobody"), "no account nobody");
    assert_eq!(world.redis.cli(&["ACL", "GETUSER", "nobody"]), "");
    refused(&of("root"), "the administrator is the account root");
    world.redis.cli(&["ACL", "SETUSER", "default", "on", ">x"]);
    refused(&of(""), "requirepass");
    world.redis.cli(&["ACL", "SETUSER", "app", "off"]);
    refused(&current, "ACL SETUSER app on");
    world.redis.cli(&["ACL", "SETUSER", "app", "on", "nopass"]);
    refused(&current, "nopass");
}

#[test]
fn the_default_account_is_rotated_where_its_passwords_are_in_a_file() {
    let redis = Redis::start(RedisAccounts::AclFile);
    redis.cli(&["ACL", "SETUSER", "default", "on", ">x", "~*", "+ping"]);
    let current = Bundle::bare(secret(&format!("redis://:x@127.0.0.1:{}", redis.port())));
    let rotator = rotator(root(&redis));
    assert_eq!(attempt(&rotator, &current).0, None);
}

#[test]
fn nodes_that_would_not_get_a_change_are_a_reason_not_to_make_it() {
    let primary = World::new(RedisAccounts::AclFile);
    let cluster = World::of(Redis::start_with(
        RedisAccounts::AclFile,
        &["cluster-enabled yes"],
    ));
    let address = format!("replicaof 127.0.0.1 {}", primary.redis.port());
    let user = "masteruser root".to_owned();
    let password = format!("masterauth {}", primary.redis.password());
    let replica = World::of(Redis::start_with(
        RedisAccounts::AclFile,
        &[&address, &user, &password],
    ));
    let until = std::time::Instant::now() + std::time::Duration::from_secs(20);
    while !primary
        .redis
        .cli(&["INFO", "replication"])
        .contains("connected_slaves:1")
    {
        assert!(std::time::Instant::now() < until, "no replica");
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
    for world in [&primary, &cluster, &replica] {
        let (error, remedy) = attempt(&world.rotator, &world.store.current());
        assert_eq!(error, Some(RotatorError::Denied), "{remedy}");
        assert!(remedy.contains("one-of-many"), "{remedy}");
        assert_eq!(world.digests().len(), 1);
    }
    let mut one = root(&primary.redis);
    one.topology = Topology::OneOfMany;
    assert_eq!(attempt(&rotator(one), &primary.store.current()).0, None);
}

#[test]
fn only_a_password_that_was_recorded_is_removed_and_never_the_last() {
    let world = World::new(RedisAccounts::AclFile);
    let Predecessor::Lives(retire) = world.rotator.predecessor() else {
        panic!("it dies")
    };
    let current = world.store.current();
    let own = world.rotator.identify(&current, soon()).unwrap().unwrap();
    assert_eq!(
        retire.retire(&own, &current, soon()),
        Err(RotatorError::Failed)
    );
    // The value at hand is no password of the account: somebody else has been at it.
    let stranger = url(world.redis.port(), "stranger");
    assert_eq!(
        retire.retire(&own, &stranger, soon()),
        Err(RotatorError::Failed)
    );
    let remedy = world.rotator.remedy(RotatorError::Failed).unwrap();
    assert!(remedy.contains("somebody"), "{remedy}");
    for other in ["AKIA", &"0".repeat(64)] {
        let _answer = retire.retire(&Handle::new(other).unwrap(), &current, soon());
    }
    assert_eq!(world.digests().len(), 1);
    assert!(world.redis.lets_in("app", FIRST));
}

#[test]
fn an_administrator_that_is_refused_is_said_to_be() {
    let world = World::new(RedisAccounts::AclFile);
    let rotator = rotator(settings(Some(("root", "wrong"))));
    let (error, remedy) = attempt(&rotator, &world.store.current());
    assert_eq!(error, Some(RotatorError::Denied));
    assert!(remedy.contains("let root in"), "{remedy}");
}
