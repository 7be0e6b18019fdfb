//! A crash at each point of a rotation, and what later runs make of it.

use mcp_launch_rotation::{End, Observer, Outcome, Wish};
use mcp_launch_rotator_http::Template;
use mcp_launch_testkit::{MemoryStore, crash_everywhere};

use crate::vendor::{Vendor, run, template, text};

struct World {
    vendor: Vendor,
    store: MemoryStore,
}

fn crash_with(template: impl Fn() -> Template, by_hand_stays: bool) -> Vec<String> {
    let fresh = || {
        let vendor = Vendor::start();
        vendor.state().make("of somebody else");
        let store = vendor.store();
        World { vendor, store }
    };
    let rotate = |world: &World, observer: &dyn Observer| {
        run(
            &world.store,
            &world.vendor.rotator(template()),
            observer,
            Wish::Forced,
        )
    };
    let check = |world: &World, point: &str, outcome: Option<&Outcome>| {
        let current = text(&world.store.current());
        let state = world.vendor.state();
        assert!(
            state.has(&current),
            "{point}: the stored value does not log in"
        );
        assert!(
            state
                .tokens
                .iter()
                .any(|token| token.name == "of somebody else"),
            "{point}: another's token was revoked"
        );
        let Some(outcome) = outcome else { return };
        assert_eq!(outcome.end, End::Done, "{point}");
        let names: Vec<&str> = state
            .tokens
            .iter()
            .map(|token| token.name.as_str())
            .collect();
        let ours = state
            .tokens
            .iter()
            .filter(|token| token.name.starts_with("mcpl-grafana-"));
        assert_eq!(ours.count(), 1, "{point}: {names:?}");
        assert_eq!(names.contains(&"by hand"), by_hand_stays, "{point}");
        assert_eq!(
            names.len(),
            2 + usize::from(by_hand_stays),
            "{point}: {names:?}"
        );
    };
    crash_everywhere(fresh, rotate, check)
}

#[test]
fn no_crash_leaves_an_orphan_or_takes_the_working_value() {
    let points = crash_with(template, false);
    for point in [
        "after issue",
        "before record",
        "after promote",
        "before retire",
        "after scrub",
    ] {
        assert!(points.iter().any(|name| name == point), "{points:?}");
    }
}

/// Without a vendor that tells a value's public name, what a person made is never revoked.
#[test]
fn what_cannot_be_named_stays() {
    let nameless = || {
        let mut template = template();
        template.probing.handle = None;
        template
    };
    crash_with(nameless, true);
}
