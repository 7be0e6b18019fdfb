//! The companion where the launcher stays as the server's parent: it is the launcher that is watched.
//!
//! A process here leaves its parent by being started so, detached from its console and, where that is allowed, outside
//! its job; there is nothing to do later.

mod watch;

use std::ffi::OsStr;
use std::fs::File;
use std::io::{self, Read as _, Write as _};
use std::os::windows::io::{FromRawHandle as _, RawHandle};
use std::os::windows::process::CommandExt as _;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::time::Duration;

use mcp_launch_core::Secret;
use windows_sys::Win32::Foundation::{
    ERROR_ACCESS_DENIED, ERROR_FILE_TOO_LARGE, GetHandleInformation, HANDLE_FLAG_INHERIT,
    SetHandleInformation,
};
use windows_sys::Win32::System::Console::{
    GetStdHandle, STD_ERROR_HANDLE, STD_INPUT_HANDLE, STD_OUTPUT_HANDLE,
};
use windows_sys::Win32::System::Threading::{
    CREATE_BREAKAWAY_FROM_JOB, CREATE_NEW_PROCESS_GROUP, DETACHED_PROCESS,
};
use zeroize::Zeroizing;

use super::{CompanionError, LONGEST_REASON, READY};

pub use watch::Watch;

/// Starts `program ARGUMENT` as this process's companion, and gives it `letter`. Comes back when it watches us.
///
/// It gets `variables` and no others, and `patience` to get ready.
///
/// # Errors
/// See [`CompanionError`]. There is no companion then, or one that sees that nobody waits for it and ends.
pub fn start_companion<N, V>(
    program: &Path,
    argument: &str,
    variables: impl IntoIterator<Item = (N, V)>,
    letter: &Secret,
    patience: Duration,
) -> Result<(), CompanionError>
where
    N: AsRef<OsStr>,
    V: AsRef<OsStr>,
{
    let variables: Vec<(N, V)> = variables.into_iter().collect();
    let mut child = spawn(program, argument, &variables)
        .map_err(|error| CompanionError::os("cannot start it", &error))?;
    let outcome = converse(&mut child, letter, patience);
    if outcome.is_err() {
        let _ended = child.kill();
    }
    outcome
}

#[expect(
    clippy::disallowed_methods,
    reason = "our own program; it inherits no variable and no handle, and is given what it may know"
)]
fn spawn<N, V>(program: &Path, argument: &str, variables: &[(N, V)]) -> io::Result<Child>
where
    N: AsRef<OsStr>,
    V: AsRef<OsStr>,
{
    let _own = OwnHandles::withheld();
    let start = |flags| {
        Command::new(program)
            .arg(argument)
            .env_clear()
            .envs(variables.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .creation_flags(DETACHED_PROCESS | CREATE_NEW_PROCESS_GROUP | flags)
            .spawn()
    };
    match start(CREATE_BREAKAWAY_FROM_JOB) {
        // The client's job lets nobody out: then the companion ends when that job does.
        Err(error) if error.raw_os_error() == Some(ERROR_ACCESS_DENIED.cast_signed()) => start(0),
        started => started,
    }
}

/// The three handles of the client, which a child would inherit beside its own three, and hold open.
struct OwnHandles(Vec<RawHandle>);

impl OwnHandles {
    fn withheld() -> Self {
        let mut withheld = Vec::new();
        for which in [STD_INPUT_HANDLE, STD_OUTPUT_HANDLE, STD_ERROR_HANDLE] {
            let mut flags = 0;
            // SAFETY: takes a number, and gives a handle of this process that is only asked and marked. One that is
            // missing or no handle makes the calls fail.
            unsafe {
                let handle = GetStdHandle(which);
                if GetHandleInformation(handle, &raw mut flags) != 0
                    && flags & HANDLE_FLAG_INHERIT != 0
                    && SetHandleInformation(handle, HANDLE_FLAG_INHERIT, 0) != 0
                {
                    withheld.push(handle);
                }
            }
        }
        Self(withheld)
    }
}

impl Drop for OwnHandles {
    fn drop(&mut self) {
        for &handle in &self.0 {
            // SAFETY: one of the three, which nobody has closed; it is only marked again.
            unsafe { SetHandleInformation(handle, HANDLE_FLAG_INHERIT, HANDLE_FLAG_INHERIT) };
        }
    }
}

/// Gives our process number and the letter, and takes the answer, in a thread that may stay behind.
#[expect(
    clippy::disallowed_methods,
    reason = "the gate to the companion's pipe"
)]
fn converse(child: &mut Child, letter: &Secret, patience: Duration) -> Result<(), CompanionError> {
    let (Some(mut input), Some(output)) = (child.stdin.take(), child.stdout.take()) else {
        return Err(CompanionError::Died);
    };
    let letter = Zeroizing::new(letter.expose().to_vec());
    let (sender, answered) = mpsc::channel();
    std::thread::spawn(move || {
        let own = std::process::id().to_le_bytes();
        // One that ends before it read everything may have said why.
        let _given = input
            .write_all(&own)
            .and_then(|()| input.write_all(&letter));
        drop(input);
        let mut answer = Vec::new();
        let limit = u64::try_from(LONGEST_REASON).unwrap_or(u64::MAX);
        let read = output.take(limit).read_to_end(&mut answer);
        // Nobody waits when it took too long.
        let _told = sender.send(read.map(|_| answer));
    });
    match answered.recv_timeout(patience) {
        Ok(Ok(answer)) => CompanionError::answered(&answer),
        Ok(Err(error)) => Err(CompanionError::os("cannot talk to it", &error)),
        Err(_) => Err(CompanionError::Silent),
    }
}

/// This process as the companion of the launcher that writes to its standard input.
pub struct Companion {
    launcher: u32,
    watch: Watch,
}

impl Companion {
    /// Watches the launcher, which tells its number first.
    ///
    /// # Errors
    /// When it is gone, or cannot be watched.
    pub fn begin() -> Result<Self, CompanionError> {
        let mut number = [0; 4];
        input()
            .and_then(|mut input| input.read_exact(&mut number))
            .map_err(|error| CompanionError::os("cannot read the letter", &error))?;
        let launcher = u32::from_le_bytes(number);
        let watch = Watch::open(launcher).ok_or(CompanionError::LauncherGone)?;
        // The launcher waits for our answer, so its number still means it: had it ended, the answer would have nobody to
        // read it, which `Detached::ready` tells.
        Ok(Self { launcher, watch })
    }

    /// The process that is watched.
    #[must_use]
    pub fn launcher(&self) -> u32 {
        self.launcher
    }

    /// The letter, of at most `longest` bytes: the rest of standard input.
    ///
    /// # Errors
    /// When it cannot be read, or is longer.
    pub fn letter(&self, longest: usize) -> Result<Secret, CompanionError> {
        // One byte more tells a letter that is too long from one that just fits.
        let limit = u64::try_from(longest).map_or(u64::MAX, |longest| longest.saturating_add(1));
        let mut letter = Zeroizing::new(Vec::with_capacity(16 << 10));
        input()
            .and_then(|input| input.take(limit).read_to_end(&mut letter))
            .map_err(|error| CompanionError::os("cannot read the letter", &error))?;
        if letter.len() > longest {
            let error = io::Error::from_raw_os_error(ERROR_FILE_TOO_LARGE.cast_signed());
            return Err(CompanionError::os("the letter is too long", &error));
        }
        Ok(letter.into())
    }

    /// Says why there will be no companion.
    pub fn refuse(self, reason: &str) {
        say(reason.as_bytes());
    }

    /// This process as it is: it was started detached.
    ///
    /// # Errors
    /// None here.
    pub fn detach(self) -> Result<Detached, (Self, CompanionError)> {
        Ok(Detached {
            launcher: self.launcher,
            watch: self.watch,
        })
    }
}

/// This process, detached from the launcher.
pub struct Detached {
    launcher: u32,
    watch: Watch,
}

impl Detached {
    /// Says that it watches, and closes the last handle of the launcher's. Gives the watch; none when the launcher does
    /// not listen any more.
    #[must_use]
    pub fn ready(self) -> Option<Watch> {
        say(READY).then_some(self.watch)
    }

    /// Says why it does not go on.
    pub fn refuse(self, reason: &str) {
        say(reason.as_bytes());
    }

    /// The process that is watched.
    #[must_use]
    pub fn launcher(&self) -> u32 {
        self.launcher
    }
}

/// Standard input without the standard library's buffer, which would keep the letter.
fn input() -> io::Result<File> {
    standard(STD_INPUT_HANDLE)?.try_clone()
}

/// Writes the answer and closes it. Whether somebody was there to read it.
fn say(answer: &[u8]) -> bool {
    let answer = &answer[..answer.len().min(LONGEST_REASON)];
    standard(STD_OUTPUT_HANDLE).is_ok_and(|output| {
        let said = (&*output).write_all(answer);
        // The pipe ends for the launcher when its last handle is closed, and this is the only one.
        drop(std::mem::ManuallyDrop::into_inner(output));
        said.is_ok()
    })
}

/// One of the three handles, not owned.
fn standard(which: u32) -> io::Result<std::mem::ManuallyDrop<File>> {
    // SAFETY: takes a number; the handle is checked, and belongs to the process, which outlives the file that is not
    // dropped.
    unsafe {
        let handle = GetStdHandle(which);
        if handle.is_null() || handle == windows_sys::Win32::Foundation::INVALID_HANDLE_VALUE {
            return Err(io::ErrorKind::NotFound.into());
        }
        Ok(std::mem::ManuallyDrop::new(File::from_raw_handle(handle)))
    }
}
