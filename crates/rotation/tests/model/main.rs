//! The real runner, explored exhaustively: two runners on one store and one vendor, killed before and after any outside
//! action, with answers lost, requests late and days passing at any point. What is checked in every state:
//!
//! * I1: a value that the store holds logs in.
//! * I2: what a launch is given logs in, where old and new overlap.
//! * I3: clean runs afterwards come to rest: rotated, current logs in, nothing pending.
//! * I4: no value lives that nobody holds, and none was revoked that somebody else made or that is current.
//!
//! Naive variants of the runner and of the store have to fail, which shows that the check can.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod encode;
mod explore;
mod naive;
mod op;
mod replay;
mod world;

use std::ops::ControlFlow;

use explore::{Budget, clean_run, explore};
use mcp_launch_core::Deadline;
use mcp_launch_rotation::{Action, End, Memory, Reason, Rotation, RotatorError, Wish};
use world::{DAY, FIRST, Stage, StoreFlaw, Vendor, World, bit};

/// What may go wrong on one way. All of it together would be hours.
const BUDGETS: [Budget; 4] = [
    Budget {
        kills: 2,
        losses: 0,
        days: 1,
    },
    Budget {
        kills: 1,
        losses: 1,
        days: 0,
    },
    Budget {
        kills: 0,
        losses: 1,
        days: 1,
    },
    Budget {
        kills: 0,
        losses: 2,
        days: 0,
    },
];

/// Little that goes wrong, growing: enough to catch who leaves a rule out.
const SMALL: [Budget; 6] = [
    Budget {
        kills: 0,
        losses: 0,
        days: 0,
    },
    Budget {
        kills: 0,
        losses: 0,
        days: 1,
    },
    Budget {
        kills: 1,
        losses: 0,
        days: 0,
    },
    Budget {
        kills: 0,
        losses: 1,
        days: 0,
    },
    Budget {
        kills: 1,
        losses: 0,
        days: 1,
    },
    Budget {
        kills: 0,
        losses: 1,
        days: 1,
    },
];

fn shipped(
    rotation: &Rotation<'_>,
    wish: Wish<'_>,
    memory: &mut Memory,
    deadline: Deadline,
) -> ControlFlow<End> {
    rotation.step(wish, memory, deadline)
}

/// The invariants hold, and the ways that were explored are many enough to mean something.
fn holds(world: &World) {
    holds_within(world, &BUDGETS);
}

fn holds_within(world: &World, budgets: &[Budget]) {
    let (mut states, mut gaps) = (0, 0);
    for budget in budgets {
        let explored = explore(shipped, world.clone(), *budget);
        states += explored.states;
        gaps += explored.gaps;
        assert!(
            explored.violation.is_none(),
            "{budget:?}: {:#?}",
            explored.violation
        );
    }
    assert!(states > 1_000, "only {states} states");
    // Where the old value dies with the new one's coming, the moment in between has to be among what was explored.
    let has_gap = matches!(world.vendor, Vendor::OneSlot | Vendor::Roll);
    assert_eq!(gaps > 0, has_gap, "{gaps} states with a dead current value");
}

/// This variant breaks one of these invariants.
fn is_caught(step: replay::Step, world: &World, broken: &[&str]) {
    let found = SMALL
        .iter()
        .find_map(|budget| explore(step, world.clone(), *budget).violation);
    let violation = found.expect("a naive variant was not caught");
    assert!(
        broken.iter().any(|rule| violation.what.starts_with(rule)),
        "{violation:#?}"
    );
}

#[test]
fn a_password_with_one_slot_is_never_lost() {
    holds(&World::new(Vendor::OneSlot));
}

#[test]
fn an_administrator_never_loses_a_password_either() {
    let mut world = World::new(Vendor::OneSlot);
    world.administered = true;
    holds(&world);
}

#[test]
fn two_passwords_overlap_without_a_gap() {
    holds(&World::new(Vendor::TwoSlots));
}

#[test]
fn two_roles_take_turns_without_a_gap() {
    holds(&World::new(Vendor::Alternate));
}

#[test]
fn an_issued_key_is_never_orphaned_and_a_foreign_one_never_touched() {
    holds(&World::new(Vendor::Issue));
}

#[test]
fn a_roll_with_an_administrator_comes_to_rest() {
    holds(&World::new(Vendor::Roll));
}

#[test]
fn what_a_person_brings_becomes_current() {
    holds(&World::new(Vendor::Track));
}

#[test]
fn a_delegated_rotation_comes_to_rest() {
    holds(&World::new(Vendor::Delegate));
}

#[test]
fn a_value_that_the_vendor_rejects_is_replaced_by_another() {
    for vendor in [Vendor::OneSlot, Vendor::TwoSlots] {
        let mut world = World::new(vendor);
        world.rejected = Some(world.draw(0));
        holds_within(&world, &SMALL);
    }
}

/// A world in which a rotation stands at `stage` and `value` is current.
fn standing_at(vendor: Vendor, value: u8, stage: Stage, live: u64) -> World {
    let mut world = World::new(vendor);
    world.kept.value = value;
    world.kept.stage = stage;
    world.live = live;
    world.next = 3;
    world
}

#[test]
fn the_old_value_is_not_retired_while_the_current_one_does_not_log_in() {
    for vendor in [Vendor::TwoSlots, Vendor::Alternate, Vendor::Issue] {
        let overlap = Stage::Overlap {
            id: 0,
            value: FIRST,
            handle: Some(FIRST),
            after: 0,
        };
        let mut world = standing_at(vendor, 5, overlap, bit(FIRST));
        let before = world.clone();
        let end = clean_run(shipped, &mut world, 0);
        assert_eq!(end, End::NeedsPerson(Reason::CurrentDead));
        assert_eq!(world, before);
    }
}

#[test]
fn nothing_is_changed_when_neither_value_logs_in_and_nobody_can_mend_it() {
    for vendor in [Vendor::OneSlot, Vendor::TwoSlots, Vendor::Issue] {
        let staged = Stage::Staged {
            id: 1,
            owner: 9,
            at: 0,
            value: 5,
        };
        let mut world = standing_at(vendor, FIRST, staged, 0);
        let before = world.clone();
        let end = clean_run(shipped, &mut world, 0);
        assert_eq!(end, End::NeedsPerson(Reason::NeitherLogsIn));
        assert_eq!(world, before);
    }
}

#[test]
fn nothing_is_taken_away_by_a_host_whose_clock_is_wrong() {
    let overlap = Stage::Overlap {
        id: 0,
        value: FIRST,
        handle: Some(FIRST),
        after: 0,
    };
    let claimed = Stage::Claimed {
        id: 1,
        owner: 9,
        at: 0,
    };
    for (value, stage) in [(4, overlap), (FIRST, claimed)] {
        for skew in [-301, 301] {
            let mut world = standing_at(Vendor::Issue, value, stage, bit(FIRST) | bit(4));
            world.skew = skew;
            let before = world.clone();
            let end = clean_run(shipped, &mut world, 0);
            assert_eq!(end, End::Later(Reason::ClockSkew));
            assert_eq!(world, before);
        }
    }
}

#[test]
fn another_s_claim_is_left_alone_until_its_lease_is_over() {
    let claimed = |at| Stage::Claimed {
        id: 1,
        owner: 9,
        at,
    };
    let start = World::new(Vendor::Issue);
    let fresh = claimed(start.now - 14 * 60);
    let mut world = standing_at(Vendor::Issue, FIRST, fresh, start.live);
    let before = world.clone();
    assert_eq!(clean_run(shipped, &mut world, 0), End::Elsewhere);
    assert_eq!(world, before);
    world.kept.rev = 1;
    world.kept.stage = claimed(start.now - 15 * 60);
    assert_eq!(clean_run(shipped, &mut world, 0), End::Done);
    assert!(world.kept.value != FIRST && world.lives(world.kept.value));
}

#[test]
fn after_a_failure_a_run_waits_and_after_five_a_person_looks() {
    let mut world = World::new(Vendor::OneSlot);
    world.rejected = Some(world.draw(0));
    let rejected = Reason::Vendor(Action::Set, RotatorError::Rejected);
    assert_eq!(clean_run(shipped, &mut world, 0), End::Failed(rejected));
    assert_eq!(world.kept.failures, 1);
    let waits = End::Later(Reason::BackOff);
    assert_eq!(clean_run(shipped, &mut world, 1), waits);
    world.kept.failures = 5;
    world.now += DAY;
    let stops = End::NeedsPerson(Reason::Breaker);
    assert_eq!(clean_run(shipped, &mut world, 2), stops);
    world.kept.failures = 4;
    assert_eq!(clean_run(shipped, &mut world, 3), End::Done);
    assert_eq!(world.kept.failures, 0);
}

#[test]
fn a_store_that_compares_nothing_is_caught() {
    for (vendor, broken) in [(Vendor::OneSlot, "I1"), (Vendor::TwoSlots, "I4")] {
        let mut world = World::new(vendor);
        world.flaw = StoreFlaw::NoCompare;
        is_caught(shipped, &world, &[broken]);
    }
}

#[test]
fn setting_before_recording_is_caught() {
    let world = World::new(Vendor::OneSlot);
    is_caught(naive::sets_before_it_records, &world, &["I1"]);
}

#[test]
fn retiring_before_promoting_is_caught() {
    let world = World::new(Vendor::TwoSlots);
    is_caught(naive::retires_before_it_promotes, &world, &["I2", "R4"]);
}

#[test]
fn taking_no_answer_for_failure_is_caught() {
    let world = World::new(Vendor::OneSlot);
    is_caught(naive::takes_no_answer_for_failure, &world, &["I1"]);
    let world = World::new(Vendor::TwoSlots);
    is_caught(naive::takes_no_answer_for_failure, &world, &["I4"]);
}

#[test]
fn taking_no_answer_for_success_is_caught() {
    let world = World::new(Vendor::OneSlot);
    is_caught(naive::takes_no_answer_for_success, &world, &["I1", "I3"]);
    let world = World::new(Vendor::Issue);
    is_caught(
        naive::takes_no_answer_for_success,
        &world,
        &["I2", "I3", "I4"],
    );
}

#[test]
fn promoting_what_was_not_seen_to_log_in_is_caught() {
    let world = World::new(Vendor::TwoSlots);
    is_caught(naive::promotes_what_it_never_saw, &world, &["I2", "I3"]);
}

#[test]
fn issuing_without_a_claim_is_caught() {
    let world = World::new(Vendor::Issue);
    is_caught(naive::issues_without_a_claim, &world, &["I3", "I4"]);
}

#[test]
fn never_sweeping_is_caught() {
    let world = World::new(Vendor::Issue);
    is_caught(naive::without_a_sweep, &world, &["I3", "I4"]);
}

#[test]
fn reaping_before_fencing_is_caught() {
    let world = World::new(Vendor::Issue);
    is_caught(naive::reaps_before_it_fences, &world, &["I2", "I3", "R4"]);
}
