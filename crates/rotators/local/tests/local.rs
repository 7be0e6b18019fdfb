//! Both rotators through the state machine.

#![expect(clippy::unwrap_used, reason = "a test ends where it cannot go on")]

use std::time::Duration;

use mcp_launch_core::{Deadline, Secret};
use mcp_launch_rotation::{
    Bundle, End, Observer, Outcome, Owner, Reason, Recipe, RotatingStore as _, Rotation, Rotator,
    Stage, Successor, SystemClock, Terms, Unobserved, Wish,
};
use mcp_launch_rotator_local::{Random, Track};
use mcp_launch_testkit::{MemoryStore, crash_everywhere};

fn secret(text: &str) -> Secret {
    Secret::new(text.as_bytes().to_vec())
}

fn ample() -> Deadline {
    Deadline::after(Duration::from_secs(20))
}

fn run(
    store: &MemoryStore,
    rotator: &dyn Rotator,
    wish: Wish<'_>,
    observer: &dyn Observer,
) -> Outcome {
    let owner = Owner::new("test").unwrap();
    let rotation = Rotation {
        name: "key",
        store: &store.rotating(),
        rotator,
        clock: &SystemClock,
        observer,
        owner: &owner,
        held: &|_| true,
        terms: Terms::default(),
    };
    rotation.run(wish, ample())
}

#[test]
fn a_random_value_is_new_and_the_old_one_is_gone_wherever_a_run_is_cut_off() {
    let first = Bundle::bare(secret("first"));
    let points = crash_everywhere(
        || MemoryStore::new(&first),
        |store, observer| {
            let rotator = Random::new(Recipe::default(), None);
            run(store, &rotator, Wish::Forced, observer)
        },
        |store, point, outcome| {
            if outcome.is_none() {
                return;
            }
            let seen = store.rotating().read(ample()).unwrap();
            assert!(matches!(seen.stage, Stage::Idle), "{point}");
            assert!(!seen.current.bundle.is_same(&first), "{point}");
            assert_eq!(seen.current.bundle.whole().unwrap().len(), 43, "{point}");
        },
    );
    assert!(points.len() > 8, "{points:?}");
}

#[test]
fn only_the_field_that_is_meant_is_random() {
    let pair = [
        ("kid".to_owned(), secret("1")),
        ("key".to_owned(), secret("old")),
    ];
    let store = MemoryStore::new(&Bundle::new(pair).unwrap());
    let unclear = Random::new(Recipe::default(), None);
    let outcome = run(&store, &unclear, Wish::Forced, &Unobserved);
    assert!(matches!(outcome.end, End::Failed(_)), "{outcome:?}");
    assert!(store.current().get("key").unwrap().is_same(&secret("old")));
    let clear = Random::new(Recipe::default(), Some("key".to_owned()));
    assert!(
        run(&store, &clear, Wish::Forced, &Unobserved)
            .progress
            .promoted
    );
    assert!(store.current().get("kid").unwrap().is_same(&secret("1")));
    assert!(!store.current().get("key").unwrap().is_same(&secret("old")));
}

#[test]
fn a_person_brings_what_no_program_can_make() {
    let store = MemoryStore::new(&Bundle::bare(secret("old")));
    let outcome = run(&store, &Track, Wish::Forced, &Unobserved);
    assert_eq!(outcome.end, End::NeedsPerson(Reason::Track));
    let brought = Successor {
        bundle: Bundle::bare(secret("new")),
        handle: None,
        expires_at: None,
    };
    let outcome = run(&store, &Track, Wish::Bring(&brought), &Unobserved);
    assert!(outcome.progress.promoted, "{outcome:?}");
    assert!(store.current().is_same(&brought.bundle));
}
