//! The companion where processes fork.

mod watch;

use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use mcp_launch_core::Secret;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fs::{Mode, OFlags};
use rustix::io::Errno;
use rustix::process::{Pid, getppid};
use zeroize::Zeroizing;

use super::{CompanionError, LONGEST_REASON, READY};
use crate::inherited;

pub use watch::Watch;

/// Starts `program ARGUMENT` as this process's companion, and gives it `letter`. Comes back when it watches us.
///
/// It gets `variables` and no others. For as long as `patience` it may take; this process waits, with no thread of its
/// own, and has no child when it comes back.
///
/// # Errors
/// See [`CompanionError`]. There is no companion then, or one that sees that nobody waits for it and ends.
#[expect(
    clippy::disallowed_methods,
    reason = "our own program; it inherits no variable and no descriptor, and is given what it may know"
)]
pub fn start_companion<N, V>(
    program: &Path,
    argument: &str,
    variables: impl IntoIterator<Item = (N, V)>,
    letter: &Secret,
    patience: Duration,
) -> Result<(), CompanionError>
where
    N: AsRef<std::ffi::OsStr>,
    V: AsRef<std::ffi::OsStr>,
{
    let mut command = Command::new(program);
    command
        .arg(argument)
        .env_clear()
        .envs(variables)
        .current_dir("/")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null());
    crate::withhold_descriptors(&mut command);
    let mut child = command
        .spawn()
        .map_err(|error| CompanionError::os("cannot start it", &error))?;
    let outcome = converse(&mut child, letter, Instant::now() + patience);
    if outcome.is_err() {
        // It may have ended, and what it left behind ends when nobody reads its answer.
        let _ended = child.kill();
    }
    // A client that ignores SIGCHLD has it taken away by the system.
    let _status = child.wait();
    outcome
}

/// Gives the letter and takes the answer. Both pipes are closed when it comes back.
#[expect(
    clippy::disallowed_methods,
    reason = "the gate to the companion's pipe"
)]
fn converse(child: &mut Child, letter: &Secret, until: Instant) -> Result<(), CompanionError> {
    let failed = |error: Errno| CompanionError::os("cannot talk to it", &error.into());
    let (Some(input), Some(output)) = (child.stdin.take(), child.stdout.take()) else {
        return Err(CompanionError::Died);
    };
    rustix::fs::fcntl_setfl(&input, OFlags::NONBLOCK).map_err(failed)?;
    let mut rest = letter.expose();
    while !rest.is_empty() {
        match rustix::io::write(&input, rest) {
            Ok(written) => rest = &rest[written..],
            Err(Errno::AGAIN) => wait_until(&input, PollFlags::OUT, until)?,
            Err(Errno::INTR) => {}
            // It ended before it read everything, and may have said why.
            Err(Errno::PIPE) => break,
            Err(error) => return Err(failed(error)),
        }
    }
    drop(input);

    let mut answer = Vec::new();
    let mut buffer = [0; 256];
    loop {
        wait_until(&output, PollFlags::IN, until)?;
        match rustix::io::read(&output, &mut buffer) {
            Ok(0) => return CompanionError::answered(&answer),
            Ok(count) if answer.len() < LONGEST_REASON => {
                answer.extend_from_slice(&buffer[..count]);
            }
            Ok(_) | Err(Errno::INTR) => {}
            Err(error) => return Err(failed(error)),
        }
    }
}

fn wait_until(pipe: &impl AsFd, what: PollFlags, until: Instant) -> Result<(), CompanionError> {
    loop {
        let left = until.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Err(CompanionError::Silent);
        }
        // A span too long for the system is as good as none.
        let left = Timespec::try_from(left).ok();
        match poll(&mut [PollFd::new(pipe, what)], left.as_ref()) {
            Ok(0) => return Err(CompanionError::Silent),
            Ok(_) => return Ok(()),
            Err(Errno::INTR) => {}
            Err(error) => return Err(CompanionError::os("cannot wait for it", &error.into())),
        }
    }
}

/// This process as the companion of its parent.
pub struct Companion {
    launcher: Pid,
    watch: Watch,
}

impl Companion {
    /// Watches the parent, and closes every descriptor but the three. The first thing that the program does: what it
    /// has opened itself would be closed too.
    ///
    /// # Errors
    /// When the parent is gone, or cannot be watched.
    pub fn begin() -> Result<Self, CompanionError> {
        inherited::close_all()
            .map_err(|error| CompanionError::os("cannot close what it inherited", &error.into()))?;
        let launcher = getppid().ok_or(CompanionError::LauncherGone)?;
        let watch = open_watch(launcher)?;
        // As long as it is our parent, its number means it.
        if getppid() != Some(launcher) {
            return Err(CompanionError::LauncherGone);
        }
        Ok(Self { launcher, watch })
    }

    /// The process that is watched.
    #[must_use]
    pub fn launcher(&self) -> u32 {
        self.launcher.as_raw_nonzero().get().unsigned_abs()
    }

    /// The letter, of at most `longest` bytes: standard input to its end.
    ///
    /// # Errors
    /// When it cannot be read, or is longer.
    pub fn letter(&self, longest: usize) -> Result<Secret, CompanionError> {
        let mut letter = Zeroizing::new(Vec::with_capacity(16 << 10));
        let mut buffer = Zeroizing::new([0; 4096]);
        loop {
            match rustix::io::read(rustix::stdio::stdin(), &mut buffer[..]) {
                Ok(0) => return Ok(letter.into()),
                Ok(count) if letter.len() + count > longest => {
                    return Err(CompanionError::os(
                        "the letter is too long",
                        &Errno::FBIG.into(),
                    ));
                }
                Ok(count) => letter.extend_from_slice(&buffer[..count]),
                Err(Errno::INTR) => {}
                Err(error) => {
                    return Err(CompanionError::os("cannot read the letter", &error.into()));
                }
            }
        }
    }

    /// Says why there will be no companion, and so that it is not ready.
    pub fn refuse(self, reason: &str) {
        say(reason.as_bytes());
    }

    /// Leaves the launcher: the process that it started ends well, and another goes on here, with a session of its own,
    /// in `/`, with nothing but the watch and the answer still open.
    ///
    /// # Errors
    /// When the system refuses. Whoever goes on has to say so, by [`Companion::refuse`].
    pub fn detach(self) -> Result<Detached, (Self, CompanionError)> {
        let failed = |error: &io::Error| CompanionError::os("cannot detach", error);
        if !inherited::is_single_threaded() {
            return Err((self, failed(&Errno::BUSY.into())));
        }
        // SAFETY: this is the only thread, so the child has everything that the parent had, in order.
        match unsafe { libc::fork() } {
            -1 => return Err((self, failed(&io::Error::last_os_error()))),
            0 => {}
            // SAFETY: ends this process. Nothing of it is flushed or run a second time: the child does that.
            _ => unsafe { libc::_exit(0) },
        }
        match self.settle() {
            Ok(watch) => Ok(Detached {
                launcher: self.launcher,
                watch,
            }),
            Err(error) => Err((self, failed(&error.into()))),
        }
    }

    /// In the process that goes on. Gives its watch.
    fn settle(&self) -> Result<Watch, Errno> {
        rustix::process::setsid()?;
        rustix::process::umask(Mode::from_raw_mode(0o077));
        rustix::process::chdir("/")?;
        let nothing = nothing()?;
        rustix::stdio::dup2_stdin(&nothing)?;
        rustix::stdio::dup2_stderr(&nothing)?;
        self.watch.inherited(self.launcher)
    }
}

fn open_watch(launcher: Pid) -> Result<Watch, CompanionError> {
    Watch::open(launcher).map_err(|error| match error {
        Errno::SRCH => CompanionError::LauncherGone,
        error => CompanionError::os("cannot watch the server (Linux 5.3 can)", &error.into()),
    })
}

/// This process, detached from the launcher.
pub struct Detached {
    launcher: Pid,
    watch: Watch,
}

impl Detached {
    /// Says that it watches, and lets go of the launcher: what it waited for is here, the last descriptor is closed.
    /// Gives the watch; none when the launcher does not listen any more.
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
        self.launcher.as_raw_nonzero().get().unsigned_abs()
    }
}

/// Writes the answer and closes it. Whether somebody was there to read it.
fn say(answer: &[u8]) -> bool {
    let answer = &answer[..answer.len().min(LONGEST_REASON)];
    // One write: it is far below what a pipe takes at once.
    let said = rustix::io::retry_on_intr(|| rustix::io::write(rustix::stdio::stdout(), answer));
    let closed = nothing().and_then(rustix::stdio::dup2_stdout);
    said.is_ok() && closed.is_ok()
}

fn nothing() -> Result<OwnedFd, Errno> {
    rustix::fs::open("/dev/null", OFlags::RDWR | OFlags::CLOEXEC, Mode::empty())
}
