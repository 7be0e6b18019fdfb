//! One writer at a time.

use std::fs::{File, OpenOptions, TryLockError};
use std::time::Duration;

use mcp_launch_core::{Deadline, SourceError};

use crate::disk;
use crate::fault::Fault;
use crate::layout::Layout;

/// How long a writer sleeps before it asks for the lock again.
const PAUSE: Duration = Duration::from_millis(3);

/// The writers' lock. The kernel gives it back when the holder ends, however it ends.
pub(crate) struct WriteLock {
    _file: File,
}

impl WriteLock {
    /// Waits for the lock until `deadline`.
    pub(crate) fn take(layout: &Layout, deadline: Deadline) -> Result<Self, SourceError> {
        let mut options = OpenOptions::new();
        options.write(true).create(true).truncate(false);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let file = options
            .open(layout.lock_file()?)
            .map_err(|error| disk::failure(&error))?;
        loop {
            match file.try_lock() {
                Ok(()) => return Ok(Self { _file: file }),
                Err(TryLockError::WouldBlock) if deadline.passed() => {
                    return Err(Fault::WriterWaited.error());
                }
                Err(TryLockError::WouldBlock) => {
                    std::thread::sleep(PAUSE.min(deadline.remaining()));
                }
                Err(TryLockError::Error(error)) => return Err(disk::failure(&error)),
            }
        }
    }
}
