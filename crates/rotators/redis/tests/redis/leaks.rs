//! No password anywhere but in logins.

use mcp_launch_rotation::{Rotator as _, RotatorError, Wish};
use mcp_launch_testkit::{Canary, LosingRelay, Lost, MemoryStore, RedisAccounts};

use crate::stage::{FIRST, World, assert_done, password, rotator, settings, url};

#[test]
fn a_change_sends_digests_alone() {
    let mut world = World::new(RedisAccounts::AclFile);
    let relay = LosingRelay::to(world.redis.port());
    world.store = MemoryStore::new(&url(relay.port(), FIRST));
    let mut monitor = world.redis.monitor();
    std::thread::sleep(std::time::Duration::from_millis(300));
    assert_done(&world.run(Wish::Forced, 0, false));
    assert_done(&world.run(Wish::Resume, 0, false));
    monitor.kill().unwrap();
    monitor.wait().unwrap();
    let new = password(&world.store.current());
    // On the wire each stands in logins alone.
    let said = String::from_utf8_lossy(&relay.said()).into_owned();
    assert!(said.contains("ACL\r\n$7\r\nSETUSER"));
    for password in [FIRST, &new] {
        let before: Vec<&str> = said.split(password).collect();
        assert!(before.len() > 1);
        for part in &before[..before.len() - 1] {
            let login = format!("AUTH\r\n$3\r\napp\r\n${}\r\n", password.len());
            assert!(part.ends_with(&login), "{part}");
        }
    }
    let folder = world.redis.scratch().home().join("data");
    let slow = world.redis.cli(&["SLOWLOG", "GET", "1000"]);
    assert!(slow.contains("SETUSER"), "{slow}");
    let seen = std::fs::read_to_string(folder.join("monitor")).unwrap();
    assert!(seen.contains("\"INFO\""), "{seen}");
    let mut texts = vec![("SLOWLOG", slow), ("MONITOR", seen)];
    for file in ["users.acl", "redis.log", "redis.conf"] {
        texts.push((file, std::fs::read_to_string(folder.join(file)).unwrap()));
    }
    for (what, text) in texts {
        assert!(
            !text.contains(&new) && !text.contains(FIRST),
            "{what}: {text}"
        );
    }
}

#[test]
fn no_value_is_in_what_a_person_is_told() {
    let canary = Canary::shaped_like("aaaaAAAA0000aaaaAAAA0000aaaaAAAA");
    let world = World::new(RedisAccounts::AclFile);
    let set = format!(">{}", canary.value());
    world
        .redis
        .cli(&["ACL", "SETUSER", "app", "resetpass", &set]);
    let relay = LosingRelay::to(world.redis.port());
    let told = |rotator: &mcp_launch_rotator_redis::RedisRotator, store: &MemoryStore| {
        let outcome = crate::stage::run(
            store,
            rotator,
            Wish::Forced,
            0,
            false,
            &mcp_launch_rotation::Unobserved,
        );
        let mut text = format!("{outcome:?}");
        for error in [
            RotatorError::Ambiguous,
            RotatorError::Denied,
            RotatorError::Failed,
            RotatorError::Unavailable,
        ] {
            text += &rotator.remedy(error).unwrap_or_default();
        }
        text
    };
    let store = || MemoryStore::new(&url(relay.port(), canary.value()));
    let itself = rotator(settings(None));
    let wrong = rotator(settings(Some(("root", canary.value()))));
    let mut texts = vec![told(&itself, &store()), told(&wrong, &store())];
    for words in ["AUTH", "GETUSER", "SETUSER"] {
        relay.lose(Lost::Answer, words);
        texts.push(told(&world.rotator, &store()));
    }
    // As a name, where a person has mixed them up.
    let swapped = format!("redis://{}:app@127.0.0.1:{}", "nobody", relay.port());
    let swapped = MemoryStore::new(&mcp_launch_rotation::Bundle::bare(crate::stage::secret(
        &swapped,
    )));
    texts.push(told(&world.rotator, &swapped));
    for text in texts {
        canary.assert_absent("what a person is told", text);
    }
}
