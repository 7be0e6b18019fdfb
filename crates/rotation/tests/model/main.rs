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

use explore::{Budget, explore};
use mcp_launch_core::Deadline;
use mcp_launch_rotation::{End, Memory, Rotation, Wish};
use world::{StoreFlaw, Vendor, World};

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
