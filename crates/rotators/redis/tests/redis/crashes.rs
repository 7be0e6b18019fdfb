//! Runs that end anywhere.

use mcp_launch_rotation::Wish;
use mcp_launch_testkit::{RedisAccounts, crash_everywhere};

use crate::stage::{FIRST, World, assert_done, make_account, password, url};

#[test]
fn wherever_a_run_ends_a_stored_value_logs_in_and_later_runs_leave_one() {
    // One server for all of them: the account is made anew.
    let world = World::new(RedisAccounts::AclFile);
    let points = crash_everywhere(
        || {
            world.redis.cli(&["ACL", "DELUSER", "app"]);
            make_account(&world.redis);
            world.store.put(&url(world.redis.port(), FIRST));
            let store = mcp_launch_testkit::MemoryStore::new(&url(world.redis.port(), FIRST));
            let rotator = crate::stage::rotator(crate::stage::settings(Some((
                "root",
                world.redis.password(),
            ))));
            (store, rotator)
        },
        |(store, rotator), observer| {
            let current = password(&store.current());
            // The wish was fulfilled by an earlier run.
            let wish = if current == FIRST {
                Wish::Forced
            } else {
                Wish::Resume
            };
            let first = crate::stage::run(store, rotator, wish, 0, false, observer);
            if first.end != mcp_launch_rotation::End::Done {
                return first;
            }
            crate::stage::run(store, rotator, Wish::Resume, 0, false, observer)
        },
        |(store, _), point, outcome| {
            let current = password(&store.current());
            assert!(world.redis.lets_in("app", &current), "{point}");
            let Some(outcome) = outcome else { return };
            assert_done(outcome);
            assert_ne!(current, FIRST, "{point}");
            assert!(!world.redis.lets_in("app", FIRST), "{point}");
            assert_eq!(world.digests().len(), 1, "{point}");
        },
    );
    for point in [
        "before set",
        "after set",
        "before retire",
        "after retire",
        "after promote",
    ] {
        assert!(
            points.iter().any(|name| name == point),
            "{point}: {points:?}"
        );
    }
}
