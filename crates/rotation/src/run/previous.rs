//! From an overlap: the previous generation is retired when its time has come, and only while the current one logs in.

use std::ops::ControlFlow::{self, Break, Continue};

use super::Run;
use crate::{
    Action, End, Liveness, Notice, Predecessor, Previous, Reason, Retire, RotatorError, Scrubbed,
    Snapshot,
};

impl Run<'_> {
    pub(super) fn overlap(&mut self, seen: &Snapshot, previous: &Previous) -> ControlFlow<End> {
        if seen.read_at < previous.retire_after && (self.parts.held)(previous) {
            self.sweep()?;
            return self.in_grace(seen);
        }
        if self.is_skewed(seen) {
            return Break(End::Later(Reason::ClockSkew));
        }
        match self.probe(&seen.current.bundle)? {
            Liveness::Live => {}
            Liveness::Dead => return Break(End::NeedsPerson(Reason::CurrentDead)),
            Liveness::Unknown => return Break(End::Later(Reason::Unseen)),
        }
        match self.parts.rotator.predecessor() {
            Predecessor::Dies => {}
            Predecessor::Stays => self.tell(Notice::PredecessorStays),
            Predecessor::Lives(vendor) => {
                if !self.is_fresh() {
                    return Continue(());
                }
                self.retire(seen, previous, vendor)?;
            }
        }
        self.scrub(seen)
    }

    /// Nothing to do, unless another rotation is wished for: there is room for two generations, not for three.
    fn in_grace(&mut self, seen: &Snapshot) -> ControlFlow<End> {
        if !self.memory.progress.promoted {
            self.wished(seen)?;
            return Break(End::Later(Reason::Grace));
        }
        Break(End::Done)
    }

    fn retire(
        &mut self,
        seen: &Snapshot,
        previous: &Previous,
        vendor: &dyn Retire,
    ) -> ControlFlow<End> {
        let handle = previous
            .handle
            .as_ref()
            .filter(|handle| seen.current.handle.as_ref() != Some(handle));
        let Some(handle) = handle else {
            self.tell(Notice::PredecessorStays);
            return Continue(());
        };
        let retired = self.act(Action::Retire, || {
            vendor.retire(handle, &seen.current.bundle, self.deadline)
        });
        match retired {
            Ok(()) | Err(RotatorError::Ambiguous) => {}
            Err(error) => return Break(End::of_vendor(Action::Retire, error)),
        }
        let Some(old) = &previous.bundle else {
            // Without the value only the answer tells.
            return match retired {
                Ok(()) => self.is_retired(),
                Err(error) => Break(End::of_vendor(Action::Retire, error)),
            };
        };
        match self.act(Action::Probe, || {
            self.parts.rotator.probe(old, self.deadline)
        }) {
            Liveness::Dead => self.is_retired(),
            Liveness::Live => Break(End::Later(Reason::StillLive)),
            Liveness::Unknown => Break(End::Later(Reason::Unseen)),
        }
    }

    fn is_retired(&mut self) -> ControlFlow<End> {
        self.memory.progress.retired = true;
        Continue(())
    }

    fn scrub(&mut self, seen: &Snapshot) -> ControlFlow<End> {
        let scrubbed = self.act(Action::Scrub, || {
            self.parts.store.scrub(&seen.revision, self.deadline)
        });
        if scrubbed == Ok(Scrubbed::OldVersionsStay) {
            self.tell(Notice::OldVersionsStay);
        }
        self.written(Action::Scrub, scrubbed.map(drop))
    }
}
