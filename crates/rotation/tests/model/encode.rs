//! The numbers of the model as the types of the crate, and back.

use jiff::Timestamp;
use mcp_launch_core::Secret;
use mcp_launch_rotation::{
    Bundle, Claim, Current, Handle, Mastery, Owner, Previous, Record, Revision, RotationId,
    Snapshot, Stage, Staged,
};

use crate::world::{self, Kept, World};

pub(crate) fn snapshot(world: &World, now: i64, kept: &Kept) -> Snapshot {
    Snapshot {
        revision: Revision::new(kept.rev.to_string()).unwrap(),
        read_at: timestamp(now),
        current: Current {
            id: Some(rotation_id(kept.id)),
            bundle: bundle(kept.value),
            handle: Some(handle(world.handle(kept.value))),
            rotated_at: Some(timestamp(kept.rotated_at)),
            expires_at: None,
        },
        stage: match kept.stage {
            world::Stage::Idle => Stage::Idle,
            world::Stage::Claimed { id, owner, at } => Stage::Claimed(Claim {
                id: rotation_id(id),
                owner: Owner::new(owner.to_string()).unwrap(),
                begun_at: timestamp(at),
            }),
            world::Stage::Staged {
                id,
                owner,
                at,
                value,
            } => Stage::Staged(Staged {
                id: rotation_id(id),
                owner: Owner::new(owner.to_string()).unwrap(),
                begun_at: timestamp(at),
                bundle: bundle(value),
                handle: Some(handle(world.handle(value))),
                expires_at: None,
            }),
            world::Stage::Overlap {
                id,
                value,
                handle: own,
                after,
            } => Stage::Overlap(Previous {
                id: Some(rotation_id(id)),
                handle: own.map(handle),
                retire_after: timestamp(after),
                bundle: Some(bundle(value)),
            }),
        },
        record: Record {
            first_seen: None,
            failures: kept.failures,
            retry_at: (kept.retry_at > 0).then(|| timestamp(kept.retry_at)),
        },
        mastery: Mastery::Ours,
    }
}

pub(crate) fn bundle(value: u8) -> Bundle {
    Bundle::bare(Secret::new(vec![value]))
}

#[expect(
    clippy::disallowed_methods,
    reason = "the values of the model are numbers"
)]
pub(crate) fn value(bundle: &Bundle) -> u8 {
    bundle.whole().unwrap().expose()[0]
}

pub(crate) fn handle(number: u8) -> Handle {
    Handle::new(number.to_string()).unwrap()
}

pub(crate) fn rotation_id(number: u16) -> RotationId {
    RotationId::new(number.to_string()).unwrap()
}

pub(crate) fn timestamp(second: i64) -> Timestamp {
    Timestamp::from_second(second).unwrap()
}

pub(crate) fn number<N: std::str::FromStr<Err: std::fmt::Debug>>(text: &str) -> N {
    text.parse().unwrap()
}
