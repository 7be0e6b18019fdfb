//! One store and one vendor, small enough to be compared: the ground on which the real runner is explored.

use mcp_launch_rotation::{Liveness, RotatorError, StoreError};

use crate::op::{Answer, Op};

/// A day, in seconds: how far the clock jumps.
pub(crate) const DAY: i64 = 86_400;
/// A value that somebody else made at the vendor, and that is none of our business.
pub(crate) const FOREIGN: u8 = 63;
/// The value that is current at the start.
pub(crate) const FIRST: u8 = 0;
/// The value that a person brings.
pub(crate) const BROUGHT: u8 = 62;

/// How the vendor behaves.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub(crate) enum Vendor {
    /// We choose; two roles take turns, named 0 and 1.
    Alternate,
    /// The store's service rotates by itself when told to.
    Delegate,
    /// They choose; three may live, one of which is foreign.
    Issue,
    /// We choose; one value at a time.
    OneSlot,
    /// They choose; the old dies at once. An administrator can always roll again.
    Roll,
    /// A person has brought a value that lives already.
    Track,
    /// We choose; a value stays until it is removed.
    TwoSlots,
}

/// What the store does wrong.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub(crate) enum StoreFlaw {
    None,
    /// Writes compare nothing.
    NoCompare,
}

#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub(crate) enum Stage {
    Idle,
    Claimed {
        id: u16,
        owner: u8,
        at: i64,
    },
    Staged {
        id: u16,
        owner: u8,
        at: i64,
        value: u8,
    },
    Overlap {
        id: u16,
        value: u8,
        handle: Option<u8>,
        after: i64,
    },
}

/// What the store holds.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub(crate) struct Kept {
    pub(crate) rev: u16,
    pub(crate) value: u8,
    pub(crate) id: u16,
    pub(crate) rotated_at: i64,
    pub(crate) stage: Stage,
    pub(crate) failures: u32,
    pub(crate) retry_at: i64,
}

#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub(crate) struct World {
    pub(crate) vendor: Vendor,
    pub(crate) flaw: StoreFlaw,
    /// An administrator makes the changes, not the credential itself.
    pub(crate) administered: bool,
    /// The vendor never takes this value.
    pub(crate) rejected: Option<u8>,
    pub(crate) now: i64,
    /// How far the clock of the runners is ahead of that, which is the store's.
    pub(crate) skew: i64,
    pub(crate) kept: Kept,
    /// The values that log in, as bits.
    pub(crate) live: u64,
    /// What was issued, with the id it was issued for.
    pub(crate) issued: Vec<(u8, u16)>,
    pub(crate) next: u8,
    /// A request that was sent and not answered, and that may still arrive.
    pub(crate) in_flight: Option<Op>,
    /// A rule that was broken.
    pub(crate) broken: Option<&'static str>,
}

impl World {
    pub(crate) fn new(vendor: Vendor) -> Self {
        let foreign = match vendor {
            Vendor::Issue => bit(FOREIGN),
            Vendor::Track => bit(BROUGHT),
            _ => 0,
        };
        Self {
            vendor,
            flaw: StoreFlaw::None,
            administered: vendor == Vendor::Roll,
            rejected: None,
            now: 31 * DAY,
            skew: 0,
            kept: Kept {
                rev: 0,
                value: FIRST,
                id: 0,
                rotated_at: 0,
                stage: Stage::Idle,
                failures: 0,
                retry_at: 0,
            },
            live: bit(FIRST) | foreign,
            issued: if vendor == Vendor::Issue {
                vec![(FIRST, 0)]
            } else {
                Vec::new()
            },
            next: 1,
            in_flight: None,
            broken: None,
        }
    }

    pub(crate) fn lives(&self, value: u8) -> bool {
        self.live & bit(value) != 0
    }

    /// Whether an old value stays beside a new one.
    pub(crate) fn overlaps(&self) -> bool {
        matches!(
            self.vendor,
            Vendor::Alternate | Vendor::Issue | Vendor::Track | Vendor::TwoSlots
        )
    }

    /// The values that the store holds.
    pub(crate) fn stored(&self) -> u64 {
        bit(self.kept.value)
            | match self.kept.stage {
                Stage::Idle | Stage::Claimed { .. } => 0,
                Stage::Staged { value, .. } | Stage::Overlap { value, .. } => bit(value),
            }
    }

    /// The public name of a value: its role where two roles take turns.
    pub(crate) fn handle(&self, value: u8) -> u8 {
        if self.vendor == Vendor::Alternate {
            value & 1
        } else {
            value
        }
    }

    /// A value that no other runner draws: of the role that is not current, where roles take turns.
    pub(crate) fn draw(&self, runner: u8) -> u8 {
        let role = u8::from(self.vendor == Vendor::Alternate && self.kept.value & 1 == 0);
        self.next * 4 + runner * 2 + role
    }

    pub(crate) fn apply(&mut self, op: &Op) -> Answer {
        match *op {
            Op::Read => Answer::Read(Ok((self.now, self.kept))),
            Op::Probe { value } if self.lives(value) => Answer::Live(Liveness::Live),
            Op::Probe { .. } => Answer::Live(Liveness::Dead),
            Op::List => Answer::Listed(Ok(self.issued.clone())),
            Op::Set { value, login } => Answer::Vendor(self.set(value, login)),
            Op::Issue { id, login } => Answer::Made(self.issue(id, login)),
            Op::Roll => Answer::Made(Ok(self.roll())),
            Op::Retire { handle, login } => Answer::Vendor(self.retire(handle, login)),
            Op::Trigger => {
                self.rotate_by_itself();
                Answer::Vendor(Ok(()))
            }
            Op::Begin { rev, .. }
            | Op::Discard { rev, .. }
            | Op::Note { rev, .. }
            | Op::Promote { rev, .. }
            | Op::Record { rev, .. }
            | Op::Scrub { rev } => Answer::Written(self.write(rev, op)),
        }
    }

    fn write(&mut self, rev: u16, op: &Op) -> Result<(), StoreError> {
        if rev != self.kept.rev && self.flaw != StoreFlaw::NoCompare {
            return Err(StoreError::Conflict);
        }
        let (kept, now) = (self.kept, self.now);
        let fresh = kept.rev + 1;
        self.kept = match (op, kept.stage) {
            (&Op::Begin { value, owner, .. }, stage) => {
                if matches!(stage, Stage::Overlap { .. }) {
                    return Err(StoreError::Conflict);
                }
                if let Some(value) = value {
                    self.next = self.next.max(value / 4 + 1);
                }
                let stage = match value {
                    None => Stage::Claimed {
                        id: fresh,
                        owner,
                        at: now,
                    },
                    Some(value) => Stage::Staged {
                        id: fresh,
                        owner,
                        at: now,
                        value,
                    },
                };
                Kept { stage, ..kept }
            }
            (&Op::Record { id, value, .. }, Stage::Claimed { id: own, owner, at }) if id == own => {
                Kept {
                    stage: Stage::Staged {
                        id,
                        owner,
                        at,
                        value,
                    },
                    ..kept
                }
            }
            (
                &Op::Promote {
                    id,
                    previous,
                    after,
                    ..
                },
                Stage::Staged { id: own, value, .. },
            ) if id == own => {
                let stage = Stage::Overlap {
                    id: kept.id,
                    value: kept.value,
                    handle: previous,
                    after,
                };
                Kept {
                    value,
                    id,
                    rotated_at: now,
                    stage,
                    failures: 0,
                    retry_at: 0,
                    ..kept
                }
            }
            (
                &Op::Discard { id, .. },
                Stage::Claimed { id: own, .. } | Stage::Staged { id: own, .. },
            ) if id == own => Kept {
                stage: Stage::Idle,
                ..kept
            },
            (Op::Scrub { .. }, Stage::Overlap { .. }) => Kept {
                stage: Stage::Idle,
                ..kept
            },
            (
                &Op::Note {
                    failures, retry_at, ..
                },
                _,
            ) => Kept {
                failures,
                retry_at,
                ..kept
            },
            _ => return Err(StoreError::Conflict),
        };
        self.kept.rev = fresh;
        Ok(())
    }

    fn set(&mut self, value: u8, login: u8) -> Result<(), RotatorError> {
        if !self.administered && !self.lives(login) {
            return Err(RotatorError::Denied);
        }
        if self.rejected == Some(value) {
            return Err(RotatorError::Rejected);
        }
        let replaced = match self.vendor {
            Vendor::OneSlot => u64::MAX,
            Vendor::Alternate => role(value),
            _ => 0,
        };
        self.live = self.live & !replaced | bit(value);
        Ok(())
    }

    fn issue(&mut self, id: u16, login: u8) -> Result<u8, RotatorError> {
        if !self.administered && !self.lives(login) {
            return Err(RotatorError::Denied);
        }
        if self.live.count_ones() >= 3 {
            return Err(RotatorError::Occupied);
        }
        let value = self.make();
        self.live |= bit(value);
        self.issued.push((value, id));
        Ok(value)
    }

    fn roll(&mut self) -> u8 {
        let value = self.make();
        self.live = bit(value);
        value
    }

    fn make(&mut self) -> u8 {
        let value = self.next * 4;
        self.next += 1;
        value
    }

    fn retire(&mut self, handle: u8, login: u8) -> Result<(), RotatorError> {
        if !self.administered && !self.lives(login) {
            return Err(RotatorError::Denied);
        }
        let gone = if self.vendor == Vendor::Alternate {
            role(handle)
        } else {
            bit(handle)
        };
        if gone & bit(self.kept.value) != 0 {
            self.broken = Some("R4: what is current was retired");
        }
        if gone & bit(FOREIGN) & self.live != 0 && self.vendor == Vendor::Issue {
            self.broken = Some("R4: what somebody else made was retired");
        }
        self.live &= !gone;
        self.issued.retain(|(value, _)| bit(*value) & gone == 0);
        Ok(())
    }

    fn rotate_by_itself(&mut self) {
        if self.kept.rotated_at == self.now {
            return;
        }
        let value = self.make();
        self.live = bit(value);
        let rev = self.kept.rev + 1;
        self.kept = Kept {
            rev,
            value,
            id: rev,
            rotated_at: self.now,
            ..self.kept
        };
    }
}

pub(crate) fn bit(value: u8) -> u64 {
    1 << value
}

/// All values of the role of this value.
fn role(value: u8) -> u64 {
    if value & 1 == 0 {
        0x5555_5555_5555_5555
    } else {
        0xAAAA_AAAA_AAAA_AAAA
    }
}
