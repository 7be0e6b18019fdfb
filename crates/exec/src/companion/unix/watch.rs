//! Sees the end of a process that is not our child.

use std::os::fd::OwnedFd;

use rustix::io::Errno;
use rustix::process::Pid;

/// What tells of the end of the launcher, or of the server that it became: a descriptor that can be read from then.
pub struct Watch(OwnedFd);

impl Watch {
    /// Of `process`.
    pub(super) fn open(process: Pid) -> Result<Self, Errno> {
        open(process).map(Self)
    }

    /// The same `process`'s, for a child that a fork has just made.
    #[cfg(target_os = "linux")]
    pub(super) fn inherited(&self, _: Pid) -> Result<Self, Errno> {
        rustix::io::fcntl_dupfd_cloexec(&self.0, 0).map(Self)
    }

    /// The same `process`'s, for a child that a fork has just made: it has the number of the queue, not the queue.
    ///
    /// The launcher waits for our answer, so its number still means it: had it been killed, the answer would have nobody
    /// to read it, which `Detached::ready` tells.
    #[cfg(not(target_os = "linux"))]
    pub(super) fn inherited(&self, process: Pid) -> Result<Self, Errno> {
        Self::open(process)
    }
}

impl From<Watch> for OwnedFd {
    fn from(watch: Watch) -> Self {
        watch.0
    }
}

/// A descriptor that can be read from once `process` has ended.
///
/// It means that very process: a number that is used again does not deceive it.
#[cfg(target_os = "linux")]
fn open(process: Pid) -> Result<OwnedFd, Errno> {
    rustix::process::pidfd_open(process, rustix::process::PidfdFlags::empty())
}

/// A queue that can be read from once `process` has ended. A child does not inherit it.
#[cfg(not(target_os = "linux"))]
fn open(process: Pid) -> Result<OwnedFd, Errno> {
    use rustix::event::kqueue::{Event, EventFilter, EventFlags, ProcessEvents, kevent, kqueue};

    let queue = kqueue()?;
    rustix::io::fcntl_setfd(&queue, rustix::io::FdFlags::CLOEXEC)?;
    let filter = EventFilter::Proc {
        pid: process,
        flags: ProcessEvents::EXIT,
    };
    let change = Event::new(filter, EventFlags::ADD, std::ptr::null_mut());
    let mut none = Vec::<Event>::new();
    // SAFETY: the queue has no filter that stands for a descriptor, so none can be closed while it is watched.
    unsafe { kevent(&queue, &[change], &mut none, None) }?;
    Ok(queue)
}
