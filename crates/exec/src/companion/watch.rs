//! Sees the end of a process that is not our child.

use std::os::fd::OwnedFd;

use rustix::io::Errno;
use rustix::process::Pid;

/// A descriptor that can be read from once `process` has ended.
///
/// It means that very process: a number that is used again does not deceive it.
#[cfg(target_os = "linux")]
pub(super) fn open(process: Pid) -> Result<OwnedFd, Errno> {
    rustix::process::pidfd_open(process, rustix::process::PidfdFlags::empty())
}

/// A queue that can be read from once `process` has ended. A child does not inherit it.
#[cfg(not(target_os = "linux"))]
pub(super) fn open(process: Pid) -> Result<OwnedFd, Errno> {
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
