//! What every store that holds rotations does alike.

use std::sync::Barrier;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use mcp_launch_core::Deadline;
use mcp_launch_rotation::{
    Bundle, Handle, Opening, Owner, Promotion, Record, RotatingStore, RotationId, Snapshot, Stage,
    StoreError, Successor,
};

/// Time enough for any store on this machine.
const AMPLE: Duration = Duration::from_secs(20);

/// Runs that begin at the same moment.
const RACERS: usize = 6;

/// Holds a store to what [`RotatingStore`] promises.
///
/// `connect` gives the same credential each time, as another process would see it: one that was never rotated. `successor`
/// makes a value that the store can hold from a text; it is called with texts that no reader of a format likes. The
/// credential is left rotated and idle.
///
/// # Panics
/// With the promise that is broken.
pub fn rotation_conformance<S: RotatingStore>(
    connect: impl Fn() -> S + Sync,
    successor: impl Fn(&str) -> Bundle,
) {
    let held = Held {
        connect: &connect,
        successor: &successor,
        owner: Owner::new("conformance").expect("a name"),
    };
    held.a_value_is_staged_and_promoted();
    held.an_overlap_ends();
    held.a_claim_gets_its_value();
    held.what_is_pending_can_be_given_up();
    held.what_was_decided_on_an_old_read_is_refused();
    held.whoever_begins_anew_keeps_the_first_out();
    held.notes_stay_until_a_success();
    held.every_value_stays_what_it_is();
    held.of_many_that_begin_one_does();
}

struct Held<'a, C, M> {
    connect: &'a C,
    successor: &'a M,
    owner: Owner,
}

impl<S: RotatingStore, C: Fn() -> S + Sync, M: Fn(&str) -> Bundle> Held<'_, C, M> {
    fn a_value_is_staged_and_promoted(&self) {
        let first = self.read();
        assert!(
            matches!(first.stage, Stage::Idle),
            "it is not idle at first"
        );
        assert!(first.current.rotated_at.is_none(), "it was never rotated");
        let off = first.read_at.duration_since(Timestamp::now()).abs();
        assert!(off < SignedDuration::from_mins(2), "the store's clock");
        let id = self.stage("one");
        let seen = self.read();
        assert!(
            seen.current.bundle.is_same(&first.current.bundle),
            "staging changed the current value"
        );
        assert!(
            seen.revision != first.revision,
            "a write changes the revision"
        );
        let Stage::Staged(staged) = &seen.stage else {
            panic!("it is not staged")
        };
        assert!(
            staged.bundle.is_same(&(self.successor)("one")),
            "another value is staged"
        );
        assert_eq!(staged.owner, self.owner);
        assert_eq!(staged.handle, Some(handle("one")));
        assert!(staged.expires_at.is_some(), "its end is kept");
        self.promote(&seen, &id);
        let seen = self.read();
        assert!(
            seen.current.bundle.is_same(&(self.successor)("one")),
            "another value is current"
        );
        assert_eq!(seen.current.id, Some(id));
        assert_eq!(seen.current.handle, Some(handle("one")));
        assert_eq!(seen.current.expires_at, Some(end()), "its end is kept");
        let rotated_at = seen.current.rotated_at.expect("a date of the rotation");
        assert!(seen.read_at.duration_since(rotated_at).abs() < SignedDuration::from_mins(1));
        let Stage::Overlap(previous) = &seen.stage else {
            panic!("no overlap")
        };
        assert_eq!(previous.handle, Some(handle("before")));
        let off = previous.retire_after.duration_since(seen.read_at).abs();
        assert!(off < SignedDuration::from_mins(1), "the grace is another");
    }

    fn an_overlap_ends(&self) {
        let seen = self.read();
        let opening = Opening::Claim;
        let begun = self
            .store()
            .begin(&seen.revision, opening, &self.owner, ample());
        assert_eq!(begun, Err(StoreError::Conflict), "a third generation");
        self.store()
            .scrub(&seen.revision, ample())
            .expect("scrubbed");
        let after = self.read();
        assert!(
            matches!(after.stage, Stage::Idle),
            "the overlap is not over"
        );
        assert_eq!(after.current.id, seen.current.id);
        assert_eq!(after.current.rotated_at, seen.current.rotated_at);
        assert!(after.current.bundle.is_same(&seen.current.bundle));
    }

    fn a_claim_gets_its_value(&self) {
        let id = self.claim();
        let seen = self.read();
        let Stage::Claimed(claim) = &seen.stage else {
            panic!("not claimed")
        };
        assert_eq!(claim.owner, self.owner);
        assert!(seen.read_at.duration_since(claim.begun_at).abs() < SignedDuration::from_mins(1));
        let successor = self.made("two");
        let other = RotationId::new("another").expect("a name");
        let recorded = self
            .store()
            .record(&seen.revision, &other, &successor, ample());
        assert_eq!(
            recorded,
            Err(StoreError::Conflict),
            "recorded under another claim"
        );
        self.store()
            .record(&seen.revision, &id, &successor, ample())
            .expect("recorded");
        let seen = self.read();
        let Stage::Staged(staged) = &seen.stage else {
            panic!("not staged")
        };
        assert_eq!(staged.id, id, "its id stays");
        assert!(staged.bundle.is_same(&successor.bundle));
        self.promote(&seen, &id);
        self.end();
    }

    fn what_is_pending_can_be_given_up(&self) {
        let before = self.read();
        for is_claim in [true, false] {
            let id = if is_claim {
                self.claim()
            } else {
                self.stage("dropped")
            };
            let seen = self.read();
            let other = RotationId::new("another").expect("a name");
            let dropped = self.store().discard(&seen.revision, &other, ample());
            assert_eq!(dropped, Err(StoreError::Conflict), "another was dropped");
            self.store()
                .discard(&seen.revision, &id, ample())
                .expect("dropped");
            let after = self.read();
            assert!(matches!(after.stage, Stage::Idle));
            assert!(after.current.bundle.is_same(&before.current.bundle));
            assert_eq!(after.current.id, before.current.id);
            assert_eq!(after.current.rotated_at, before.current.rotated_at);
        }
    }

    fn what_was_decided_on_an_old_read_is_refused(&self) {
        let old = self.read();
        let id = self.stage("kept");
        let conflict = Err(StoreError::Conflict);
        let (store, at) = (self.store(), &old.revision);
        assert_eq!(
            store.begin(at, Opening::Claim, &self.owner, ample()),
            conflict
        );
        assert_eq!(store.promote(at, &id, &promotion(&old), ample()), conflict);
        assert_eq!(store.discard(at, &id, ample()), conflict);
        assert_eq!(store.note(at, &Record::default(), ample()), conflict);
        assert_eq!(store.scrub(at, ample()).map(drop), conflict);
        let seen = self.read();
        assert!(matches!(&seen.stage, Stage::Staged(staged) if staged.id == id));
        self.promote(&seen, &id);
        self.end();
    }

    fn whoever_begins_anew_keeps_the_first_out(&self) {
        let first = self.claim();
        let seen = self.read();
        let second = self.claim();
        assert_ne!(first, second, "an id is used again");
        let (store, made) = (self.store(), self.made("late"));
        let recorded = store.record(&seen.revision, &first, &made, ample());
        assert_eq!(recorded, Err(StoreError::Conflict));
        let recorded = store.record(&self.read().revision, &first, &made, ample());
        assert_eq!(recorded, Err(StoreError::Conflict), "by its id");
        store
            .record(&self.read().revision, &second, &made, ample())
            .expect("recorded");
        let third = self.claim();
        assert!(third != first && third != second, "an id is used again");
        let seen = self.read();
        assert!(matches!(&seen.stage, Stage::Claimed(claim) if claim.id == third));
        store
            .discard(&seen.revision, &third, ample())
            .expect("dropped");
    }

    fn notes_stay_until_a_success(&self) {
        let at = Timestamp::from_second(1_900_000_000).expect("a date");
        let record = Record {
            first_seen: Some(at),
            failures: 4,
            retry_at: Some(at),
        };
        let before = self.read();
        self.store()
            .note(&before.revision, &record, ample())
            .expect("noted");
        let seen = self.read();
        assert_eq!(seen.record, record);
        assert!(seen.current.bundle.is_same(&before.current.bundle));
        let id = self.stage("three");
        let seen = self.read();
        assert_eq!(seen.record.failures, 4, "a beginning is no success");
        self.promote(&seen, &id);
        assert_eq!(self.read().record.failures, 0, "a success ends them");
        assert_eq!(self.read().record.retry_at, None);
        self.end();
    }

    fn every_value_stays_what_it_is(&self) {
        for text in [
            " leading and trailing ",
            "\"quoted\" 'twice' `thrice`",
            "$HOME ${HOME} $<NAME> $(id) %41 \\n \\",
            "#comment=no;{\"json\":true}",
            "umlaut: \u{e4}\u{1f511}",
        ] {
            let id = self.stage(text);
            let seen = self.read();
            let Stage::Staged(staged) = &seen.stage else {
                panic!("not staged")
            };
            assert!(
                staged.bundle.is_same(&(self.successor)(text)),
                "{text:?} is staged as another"
            );
            self.promote(&seen, &id);
            let seen = self.read();
            assert!(
                seen.current.bundle.is_same(&(self.successor)(text)),
                "{text:?} is another"
            );
            assert_eq!(seen.current.id, Some(id));
            self.end();
        }
    }

    fn of_many_that_begin_one_does(&self) {
        let revision = self.read().revision;
        let (start, connect) = (Barrier::new(RACERS), self.connect);
        let winners: Vec<_> = std::thread::scope(|scope| {
            let racers: Vec<_> = (0..RACERS)
                .map(|racer| {
                    let (start, revision) = (&start, &revision);
                    let value = self.made(&format!("racer {racer}"));
                    scope.spawn(move || {
                        let store = connect();
                        let owner = Owner::new(format!("racer {racer}")).expect("a name");
                        start.wait();
                        store.begin(revision, Opening::Value(&value), &owner, ample())
                    })
                })
                .collect();
            racers
                .into_iter()
                .map(|racer| racer.join().expect("no panic"))
                .collect()
        });
        let begun = winners.iter().filter(|begun| begun.is_ok()).count();
        assert_eq!(begun, 1, "{winners:?}");
        let lost = |begun: &&Result<(), StoreError>| **begun == Err(StoreError::Conflict);
        assert_eq!(
            winners.iter().filter(lost).count(),
            RACERS - 1,
            "{winners:?}"
        );
        let seen = self.read();
        let Stage::Staged(staged) = &seen.stage else {
            panic!("not staged")
        };
        let winner = winners.iter().position(Result::is_ok).expect("one");
        assert_eq!(staged.owner.as_str(), format!("racer {winner}"));
        assert!(
            staged
                .bundle
                .is_same(&(self.successor)(&format!("racer {winner}")))
        );
        self.promote(&seen, &staged.id);
        self.end();
    }

    fn store(&self) -> S {
        (self.connect)()
    }

    fn read(&self) -> Snapshot {
        self.store().read(ample()).expect("it can be read")
    }

    fn made(&self, text: &str) -> Successor {
        Successor {
            bundle: (self.successor)(text),
            handle: Some(handle(text)),
            expires_at: Some(end()),
        }
    }

    fn stage(&self, text: &str) -> RotationId {
        let value = self.made(text);
        self.begin(Opening::Value(&value))
    }

    fn claim(&self) -> RotationId {
        self.begin(Opening::Claim)
    }

    fn begin(&self, opening: Opening<'_>) -> RotationId {
        let revision = self.read().revision;
        self.store()
            .begin(&revision, opening, &self.owner, ample())
            .expect("begun");
        match self.read().stage {
            Stage::Claimed(claim) => claim.id,
            Stage::Staged(staged) => staged.id,
            Stage::Idle | Stage::Overlap(_) => panic!("nothing is pending"),
        }
    }

    fn promote(&self, seen: &Snapshot, id: &RotationId) {
        self.store()
            .promote(&seen.revision, id, &promotion(seen), ample())
            .expect("promoted");
    }

    fn end(&self) {
        let revision = self.read().revision;
        self.store().scrub(&revision, ample()).expect("scrubbed");
    }
}

fn ample() -> Deadline {
    Deadline::after(AMPLE)
}

/// A name at the vendor that says nothing of the text.
fn handle(text: &str) -> Handle {
    Handle::new(format!("handle-{}", text.len())).expect("a name")
}

fn end() -> Timestamp {
    Timestamp::from_second(2_000_000_000).expect("a date")
}

fn promotion(seen: &Snapshot) -> Promotion {
    Promotion {
        previous: Some(handle("before")),
        retire_after: seen.read_at,
    }
}
