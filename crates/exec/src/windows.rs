//! Windows: there is no `execve`, so the launcher stays as the server's parent and is like it from outside.
//!
//! The server inherits our three handles, gets the console's events itself (it is in our console and our
//! process group), and ends when we end: it is in a job that the system closes with us. Our exit
//! code is the server's.
//!
//! The values stay in this process's memory as long as the server runs, and `Command` does not wipe its copy:
//! another process of the same user can read either one's.

use std::ffi::OsString;
use std::io;
use std::marker::PhantomData;
use std::os::windows::io::{AsRawHandle, FromRawHandle, OwnedHandle};
use std::os::windows::process::CommandExt;
use std::path::PathBuf;
use std::process::{Child, Command};
use std::time::Duration;

use mcp_launch_core::{Piece, ResolvedLaunch, ResolvedText, Site};
use windows_sys::Win32::System::Console::{
    CTRL_CLOSE_EVENT, CTRL_LOGOFF_EVENT, CTRL_SHUTDOWN_EVENT, GetConsoleCP, SetConsoleCtrlHandler,
};
use windows_sys::Win32::System::JobObjects::{
    AssignProcessToJobObject, CreateJobObjectW, JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE,
    JOBOBJECT_EXTENDED_LIMIT_INFORMATION, JobObjectExtendedLimitInformation,
    SetInformationJobObject,
};
use windows_sys::Win32::System::Threading::CREATE_NO_WINDOW;
use windows_sys::core::BOOL;

use crate::error::{ExecError, ExecErrorKind, HardenError};
use crate::isolation;
use crate::policy::{Notice, Policy};

/// `ERROR_FILE_NOT_FOUND`, `ERROR_PATH_NOT_FOUND`, `ERROR_ACCESS_DENIED`, `ERROR_BAD_EXE_FORMAT` of winerror.h.
const FILE_NOT_FOUND: i32 = 2;
const PATH_NOT_FOUND: i32 = 3;
const ACCESS_DENIED: i32 = 5;
const BAD_EXE_FORMAT: i32 = 193;

/// A launch that is ready to start the server. Only [`harden`] makes one.
pub struct HardenedLaunch {
    program: PathBuf,
    arguments: Vec<OsString>,
    environment: Vec<(OsString, OsString)>,
    notice: Option<Notice>,
    on_this_thread: PhantomData<*const ()>,
}

/// Makes `launch` ready.
///
/// The program gets its own path as its name: Windows has no other.
///
/// # Errors
/// See [`HardenError`]; nothing may start then.
pub fn harden(launch: ResolvedLaunch, policy: &Policy) -> Result<HardenedLaunch, HardenError> {
    let mut arguments = Vec::with_capacity(launch.arguments.len());
    for (index, text) in launch.arguments.iter().enumerate() {
        arguments.push(unicode(text, || Site::Argument(index + 1))?);
    }
    let mut environment: Vec<(OsString, OsString)> = Vec::with_capacity(launch.environment.len());
    for (index, (name, text)) in launch.environment.iter().enumerate() {
        let shown = name.to_string_lossy();
        // Names of the system's own start with `=`: `=C:` is a drive's working directory.
        let (first, rest) = shown.split_at(shown.chars().next().map_or(0, char::len_utf8));
        if first.is_empty() || first == "\0" || rest.contains(['=', '\0']) {
            return Err(HardenError::VariableName {
                position: index + 1,
            });
        }
        // The first of two is kept, as elsewhere. Case makes no other name here.
        if !environment
            .iter()
            .any(|(earlier, _)| earlier.eq_ignore_ascii_case(name))
        {
            let value = unicode(text, || Site::Variable(name.clone()))?;
            environment.push((name.clone(), value));
        }
    }
    let notice = isolation::isolate(&launch.program.path, policy)?;
    Ok(HardenedLaunch {
        program: launch.program.path,
        arguments,
        environment,
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

    /// Runs the server to its end and exits with its code. Comes back only if it could not be started.
    #[must_use = "it came back, so the server did not start"]
    pub fn exec(self) -> ExecError {
        let Self {
            program,
            arguments,
            environment,
            notice: _,
            on_this_thread: _,
        } = self;
        match run(&program, arguments, environment) {
            Ok(code) => std::process::exit(code),
            Err(error) => {
                let kind = diagnose(&error);
                ExecError::new(program, kind)
            }
        }
    }
}

/// Starts the server and waits for its end.
#[expect(
    clippy::disallowed_methods,
    reason = "the server: there is no other way to start it here, and it quotes for .cmd files"
)]
fn run(
    program: &PathBuf,
    arguments: Vec<OsString>,
    environment: Vec<(OsString, OsString)>,
) -> io::Result<i32> {
    let job = job()?;
    leave_console_events_to_the_server()?;
    // SAFETY: takes nothing.
    let has_console = unsafe { GetConsoleCP() } != 0;
    let mut server = Command::new(program)
        .args(arguments)
        .env_clear()
        .envs(environment)
        // Without a console of ours to share, a server would open a window.
        .creation_flags(if has_console { 0 } else { CREATE_NO_WINDOW })
        .spawn()?;
    if let Err(error) = put_into(&job, &server) {
        // A server that would outlive us is not left behind.
        let _ended = server.kill();
        return Err(error);
    }
    // Every exit code is one that Windows has: a crash is its NTSTATUS.
    Ok(server.wait()?.code().unwrap_or(i32::MAX))
}

/// A job whose processes end when its last handle, ours, is closed: by the system, when we are ended.
fn job() -> io::Result<OwnedHandle> {
    // SAFETY: no attributes and no name; the handle is checked before it is owned.
    let job = unsafe {
        let job = CreateJobObjectW(std::ptr::null(), std::ptr::null());
        if job.is_null() {
            return Err(io::Error::last_os_error());
        }
        OwnedHandle::from_raw_handle(job)
    };
    let mut limits = JOBOBJECT_EXTENDED_LIMIT_INFORMATION::default();
    limits.BasicLimitInformation.LimitFlags = JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE;
    // SAFETY: the handle is open, and the structure is the one of this class, with its size.
    let set = unsafe {
        SetInformationJobObject(
            job.as_raw_handle(),
            JobObjectExtendedLimitInformation,
            (&raw const limits).cast(),
            u32::try_from(size_of_val(&limits)).expect("a small structure"),
        )
    };
    succeeded(set)?;
    Ok(job)
}

/// What the server has started before this is not in the job: the time between is some microseconds.
fn put_into(job: &OwnedHandle, server: &Child) -> io::Result<()> {
    // SAFETY: both handles are open.
    succeeded(unsafe { AssignProcessToJobObject(job.as_raw_handle(), server.as_raw_handle()) })
}

/// Every process of a console gets its events; the server decides what they mean, and we end after it.
fn leave_console_events_to_the_server() -> io::Result<()> {
    // SAFETY: the handler is a function that is there as long as the process.
    succeeded(unsafe { SetConsoleCtrlHandler(Some(stay), 1) })
}

unsafe extern "system" fn stay(event: u32) -> BOOL {
    if matches!(
        event,
        CTRL_CLOSE_EVENT | CTRL_LOGOFF_EVENT | CTRL_SHUTDOWN_EVENT
    ) {
        // These end us when we return, and the server with us. It has until the system loses patience; when
        // it ends sooner, so does this process.
        std::thread::sleep(Duration::from_secs(60));
    }
    1
}

fn succeeded(outcome: BOOL) -> io::Result<()> {
    if outcome == 0 {
        return Err(io::Error::last_os_error());
    }
    Ok(())
}

#[expect(
    clippy::disallowed_methods,
    reason = "the gate to the server's arguments and variables"
)]
fn unicode(text: &ResolvedText, site: impl Fn() -> Site) -> Result<OsString, HardenError> {
    let mut whole = String::new();
    for piece in &text.0 {
        match piece {
            Piece::Bytes(value) => {
                let bytes = value.expose();
                if bytes.contains(&0) {
                    return Err(HardenError::Nul { site: site() });
                }
                let text =
                    str::from_utf8(bytes).map_err(|_| HardenError::NotUnicode { site: site() })?;
                whole.push_str(text);
            }
            Piece::Descriptor(_) => return Err(HardenError::NoDescriptors { site: site() }),
        }
    }
    Ok(whole.into())
}

fn diagnose(error: &io::Error) -> ExecErrorKind {
    match error.raw_os_error() {
        Some(ACCESS_DENIED) => ExecErrorKind::Denied,
        Some(BAD_EXE_FORMAT) => ExecErrorKind::ForeignFormat,
        Some(FILE_NOT_FOUND | PATH_NOT_FOUND) => ExecErrorKind::NotFound,
        Some(errno) => ExecErrorKind::Other { errno },
        // std refuses arguments that a .cmd file cannot be given safely.
        None => ExecErrorKind::UnsafeArguments,
    }
}

/// A child gets only the handles that are named to it.
pub fn withhold_descriptors(_command: &mut std::process::Command) {}
