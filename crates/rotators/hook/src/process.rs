//! One start of the program: fed, read with bounds and a deadline, ended together with what it started.

use std::io::{self, Read, Write as _};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use mcp_launch_core::Deadline;
use zeroize::Zeroizing;

use crate::HookSettings;
use crate::program::Checked;

/// The most that an answer may have.
const LARGEST_ANSWER: usize = 64 * 1024;
/// The most that is kept of what a program complains of.
const LARGEST_COMPLAINT: usize = 64 * 1024;
/// How often it is looked whether the program has ended.
const TICK: Duration = Duration::from_millis(3);
/// How long the rest of an output may take when the program has ended: it is in the pipe already.
const REST: Duration = Duration::from_secs(1);

/// What came of it.
pub(crate) struct Ended {
    pub(crate) how: How,
    /// Standard output.
    pub(crate) answer: Zeroizing<Vec<u8>>,
    /// Standard error.
    pub(crate) complaint: Zeroizing<Vec<u8>>,
}

/// How it ended.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum How {
    /// By itself, with this exit code.
    Exited(i32),
    /// By a signal.
    Killed,
    /// By us, at the deadline.
    TimedOut,
    /// By us, because its answer had no end.
    TooLong,
}

/// Starts the program with `input`, and waits for its end.
///
/// # Errors
/// When it could not be started.
pub(crate) fn run(
    checked: &Checked,
    settings: &HookSettings,
    input: Zeroizing<Vec<u8>>,
    deadline: Deadline,
) -> io::Result<Ended> {
    #[expect(
        clippy::disallowed_methods,
        reason = "the user's own program; it gets nothing of our environment but what is listed"
    )]
    let mut command = Command::new(&checked.executed);
    command
        .args(&settings.arguments)
        .env_clear()
        .envs(
            settings
                .environment
                .iter()
                .map(|(name, value)| (name, value)),
        )
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    #[cfg(unix)]
    {
        use std::os::unix::process::CommandExt;
        command
            .arg0(&checked.name)
            .process_group(0)
            .current_dir("/");
    }
    let mut child = command.spawn()?;
    if let Some(mut stdin) = child.stdin.take() {
        std::thread::spawn(move || {
            // A program that does not read its input has its reasons, or is dead.
            let _unread = stdin.write_all(&input);
        });
    }
    let answer = reader(child.stdout.take(), LARGEST_ANSWER, true);
    let complaint = reader(child.stderr.take(), LARGEST_COMPLAINT, false);
    let mut read = None;
    let how = loop {
        if has_ended(&mut child) {
            break None;
        }
        if read.is_none() {
            read = answer.try_recv().ok();
        }
        if matches!(read, Some(Output::TooLong)) {
            break Some(How::TooLong);
        }
        if deadline.passed() {
            break Some(How::TimedOut);
        }
        std::thread::sleep(TICK);
    };
    let status = end(&mut child)?;
    let read = read.or_else(|| answer.recv_timeout(REST).ok());
    let (answer, how) = match (read, how) {
        (Some(Output::Whole(bytes)), how) => (bytes, how.unwrap_or_else(|| exit(status))),
        (Some(Output::TooLong), _) => (Zeroizing::default(), How::TooLong),
        // Somebody who has left the group still holds its output.
        (None, how) => (Zeroizing::default(), how.unwrap_or(How::TimedOut)),
    };
    let complaint = match complaint.recv_timeout(REST) {
        Ok(Output::Whole(bytes)) => bytes,
        _ => Zeroizing::default(),
    };
    Ok(Ended {
        how,
        answer,
        complaint,
    })
}

fn exit(status: ExitStatus) -> How {
    status.code().map_or(How::Killed, How::Exited)
}

/// What a reader got.
enum Output {
    TooLong,
    Whole(Zeroizing<Vec<u8>>),
}

/// Reads to the end, keeping `most` bytes. What is longer is either an error at once, or read on and dropped, so that the
/// program is not held up.
fn reader(
    from: Option<impl Read + Send + 'static>,
    most: usize,
    is_bounded: bool,
) -> Receiver<Output> {
    let (sender, receiver) = channel();
    std::thread::spawn(move || {
        // Full size from the start, so that no copy is left behind when it grows.
        let mut kept = Zeroizing::new(Vec::with_capacity(most));
        let mut piece = Zeroizing::new([0_u8; 4096]);
        let Some(mut from) = from else { return };
        loop {
            match from.read(&mut *piece) {
                Ok(0) => break,
                Ok(read) => {
                    let room = most - kept.len();
                    if read > room && is_bounded {
                        let _nobody_waits = sender.send(Output::TooLong);
                        return;
                    }
                    kept.extend_from_slice(&piece[..read.min(room)]);
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(_) => break,
            }
        }
        let _nobody_waits = sender.send(Output::Whole(kept));
    });
    receiver
}

/// Whether the program has ended, without collecting it: as long as it is not collected, its group has no other owner.
#[cfg(unix)]
fn has_ended(child: &mut Child) -> bool {
    use rustix::process::{WaitId, WaitIdOptions, waitid};
    let options = WaitIdOptions::EXITED | WaitIdOptions::NOHANG | WaitIdOptions::NOWAIT;
    match group(child).map(|pid| waitid(WaitId::Pid(pid), options)) {
        Some(Ok(None)) => false,
        Some(Err(error)) => error != rustix::io::Errno::INTR,
        Some(Ok(Some(_))) | None => true,
    }
}

#[cfg(not(unix))]
fn has_ended(child: &mut Child) -> bool {
    !matches!(child.try_wait(), Ok(None))
}

/// Ends what is left of it and of what it started, and collects it.
fn end(child: &mut Child) -> io::Result<ExitStatus> {
    #[cfg(unix)]
    if let Some(group) = group(child) {
        // An error means that the group is gone already.
        let _gone = rustix::process::kill_process_group(group, rustix::process::Signal::KILL);
    }
    // An error means that it has ended already.
    drop(child.kill());
    child.wait()
}

#[cfg(unix)]
fn group(child: &Child) -> Option<rustix::process::Pid> {
    rustix::process::Pid::from_raw(i32::try_from(child.id()).ok()?)
}
