//! The launch that is ready, and the step that makes it the server.

use std::marker::PhantomData;
use std::path::PathBuf;

use mcp_launch_core::ResolvedLaunch;
use rustix::io::Errno;

use crate::error::{ExecError, ExecErrorKind, HardenError};
use crate::image::Image;
use crate::policy::{Notice, Policy};
use crate::{diagnosis, inherited, isolation, protect, sigpipe};

/// A launch that is ready to become the server.
///
/// Only [`harden`] makes one. It stays on its thread, because a Landlock domain is a thread's.
///
/// ```compile_fail
/// fn show(launch: &mcp_launch_exec::HardenedLaunch) -> String { format!("{launch:?}") }
/// ```
/// ```compile_fail
/// fn print(launch: &mcp_launch_exec::HardenedLaunch) -> String { launch.to_string() }
/// ```
/// ```compile_fail
/// fn copy(launch: &mcp_launch_exec::HardenedLaunch) -> mcp_launch_exec::HardenedLaunch { launch.clone() }
/// ```
/// ```compile_fail
/// fn twice(launch: mcp_launch_exec::HardenedLaunch) { launch.exec(); launch.exec(); }
/// ```
/// ```compile_fail
/// fn elsewhere(launch: mcp_launch_exec::HardenedLaunch) { std::thread::spawn(|| launch.exec()); }
/// ```
pub struct HardenedLaunch {
    program: PathBuf,
    image: Image,
    notice: Option<Notice>,
    on_this_thread: PhantomData<*const ()>,
}

/// Makes `launch` ready, and this process fit for it. What it does to the process cannot be undone.
///
/// Call it when everything else is done: no other thread, no file still to open that the policy could forbid.
/// In this order: the core limit; the texts and the descriptors of values; `no_new_privs` and the
/// Landlock domain.
///
/// # Errors
/// See [`HardenError`]; nothing may start then.
pub fn harden(launch: ResolvedLaunch, policy: &Policy) -> Result<HardenedLaunch, HardenError> {
    protect::limit_core();
    let image = Image::of(&launch)?;
    let notice = isolation::isolate(&launch.program.path, policy)?;
    Ok(HardenedLaunch {
        program: launch.program.path,
        image,
        notice,
        on_this_thread: PhantomData,
    })
}

impl HardenedLaunch {
    /// What the launch does without, for the person to read before [`HardenedLaunch::exec`].
    #[must_use]
    pub const fn notice(&self) -> Option<Notice> {
        self.notice
    }

    /// Becomes the server. Comes back only if that failed; the values are wiped then.
    #[must_use = "it came back, so the server did not start"]
    pub fn exec(self) -> ExecError {
        debug_assert!(
            alone(),
            "a thread that still runs may open a descriptor that the server then gets"
        );
        let kind = match self.replace_process() {
            Err(kind) => kind,
            Ok(never) => match never {},
        };
        ExecError::new(self.program, kind)
    }

    fn replace_process(&self) -> Result<std::convert::Infallible, ExecErrorKind> {
        inherited::close_on_exec(&self.image).map_err(|error| ExecErrorKind::Descriptors {
            errno: error.raw_os_error(),
        })?;
        let arguments = self.image.arguments();
        let variables = self.image.variables();
        sigpipe::give_back();
        // SAFETY: the path and every entry of both tables are NUL-terminated texts of the image, which is
        // alive, and both tables end with a null pointer.
        unsafe {
            libc::execve(self.image.path(), arguments.as_ptr(), variables.as_ptr());
        }
        // Read first: what follows makes calls of its own.
        let errno = Errno::from_io_error(&std::io::Error::last_os_error()).unwrap_or(Errno::IO);
        sigpipe::ignore_again();
        Err(diagnosis::diagnose(&self.program, errno, &self.image))
    }
}

/// Whether this is the only thread. One that was joined may still be on its way out, so it waits a while.
#[cfg(target_os = "linux")]
fn alone() -> bool {
    let threads = || std::fs::read_dir("/proc/self/task").map_or(1, Iterator::count);
    (0..100).any(|_| {
        if threads() == 1 {
            return true;
        }
        std::thread::sleep(std::time::Duration::from_millis(1));
        false
    })
}

#[cfg(not(target_os = "linux"))]
fn alone() -> bool {
    true
}
