//! Sees the end of a process that is not our child.

use std::os::windows::io::{AsRawHandle as _, FromRawHandle as _, OwnedHandle};

use windows_sys::Win32::System::Threading::{
    INFINITE, OpenProcess, PROCESS_SYNCHRONIZE, WaitForSingleObject,
};

/// What tells of the launcher's end: called, it comes back then.
pub struct Watch(OwnedHandle);

impl Watch {
    /// Of `process`; none when there is no such process.
    pub(super) fn open(process: u32) -> Option<Self> {
        // SAFETY: takes numbers; the handle is checked before it is owned.
        unsafe {
            let handle = OpenProcess(PROCESS_SYNCHRONIZE, 0, process);
            (!handle.is_null()).then(|| Self(OwnedHandle::from_raw_handle(handle)))
        }
    }
}

impl From<Watch> for Box<dyn FnOnce() + Send> {
    fn from(watch: Watch) -> Self {
        Box::new(move || {
            // SAFETY: the handle is open, and was opened for this.
            unsafe { WaitForSingleObject(watch.0.as_raw_handle(), INFINITE) };
        })
    }
}
