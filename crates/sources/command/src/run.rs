//! One command: started, read with a bound and a deadline, ended with what it started.

use std::io::Read as _;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread::JoinHandle;
use std::time::Duration;

use mcp_launch_core::{Deadline, LineEnd, Position, Secret, SourceError, SourceErrorKind};
use zeroize::Zeroizing;

use crate::Withhold;

/// The most a command may print. One variable has at most 128 KiB on Linux.
const LARGEST: u64 = 1 << 20;

/// How long a command that has closed its output may take to end.
const LINGER: Duration = Duration::from_millis(5);

/// A command that has been started.
pub(crate) struct Running {
    child: Child,
    reader: JoinHandle<()>,
    output: Receiver<Result<Zeroizing<Vec<u8>>, SourceError>>,
}

/// Starts `program` in a group of its own, reading from nothing and complaining to nobody.
pub(crate) fn start(
    program: &Path,
    arguments: &[String],
    withhold: Withhold,
) -> Result<Running, SourceError> {
    #[expect(
        clippy::disallowed_methods,
        reason = "the user's own command; its environment is the client's, which holds placeholders"
    )]
    let mut command = Command::new(program);
    command
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null());
    #[cfg(unix)]
    std::os::unix::process::CommandExt::process_group(&mut command, 0);
    withhold(&mut command);
    let mut child = command
        .spawn()
        .map_err(|error| match SourceError::from_io(&error) {
            error if error.kind() == SourceErrorKind::Missing => {
                SourceError::new(SourceErrorKind::Unavailable).at(error.position())
            }
            error => error,
        })?;
    let (sender, output) = channel();
    let stdout = child.stdout.take();
    let reader = std::thread::spawn(move || {
        // The receiver is gone when the deadline has passed; then nobody wants the answer.
        drop(sender.send(read(stdout)));
    });
    Ok(Running {
        child,
        reader,
        output,
    })
}

impl Running {
    /// The output, once the command has ended well.
    pub(crate) fn finish(
        mut self,
        deadline: Deadline,
        line_end: LineEnd,
    ) -> Result<Secret, SourceError> {
        let output = self.output.recv_timeout(deadline.remaining());
        let status = match output {
            Ok(Ok(_)) => self.wait(deadline),
            _ => None,
        };
        let Some(status) = status else {
            self.end();
            return Err(match output {
                Ok(Err(error)) => error,
                _ => SourceError::new(SourceErrorKind::TimedOut),
            });
        };
        drop(self.reader.join());
        let mut bytes = match output {
            Ok(answer) => answer?,
            Err(_) => return Err(SourceError::new(SourceErrorKind::TimedOut)),
        };
        if !status.success() {
            return Err(SourceError::new(SourceErrorKind::Unavailable).at(position(status)));
        }
        line_end.apply(&mut bytes);
        if bytes.is_empty() {
            return Err(
                SourceError::new(SourceErrorKind::Missing).note("the command printed nothing")
            );
        }
        Ok(Secret::from(bytes))
    }

    fn wait(&mut self, deadline: Deadline) -> Option<ExitStatus> {
        loop {
            match self.child.try_wait() {
                Ok(Some(status)) => return Some(status),
                Ok(None) if !deadline.passed() => std::thread::sleep(LINGER),
                _ => return None,
            }
        }
    }

    /// Ends the command and what it started, and collects it, so that the server inherits no zombie.
    fn end(&mut self) {
        #[cfg(unix)]
        if let Some(group) = i32::try_from(self.child.id())
            .ok()
            .and_then(rustix::process::Pid::from_raw)
        {
            // An error means that the group is gone already.
            let _gone = rustix::process::kill_process_group(group, rustix::process::Signal::KILL);
        }
        // An error means that it has ended already.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

fn read(stdout: Option<impl std::io::Read>) -> Result<Zeroizing<Vec<u8>>, SourceError> {
    // Full size from the start, so that no copy is left behind when it grows.
    let mut bytes = Zeroizing::new(Vec::with_capacity(LARGEST as usize + 1));
    if let Some(stdout) = stdout {
        stdout
            .take(LARGEST + 1)
            .read_to_end(&mut bytes)
            .map_err(|error| SourceError::from_io(&error))?;
    }
    if bytes.len() as u64 > LARGEST {
        return Err(SourceError::new(SourceErrorKind::Malformed)
            .note("the command printed more than 1 MiB, so it is hardly a secret"));
    }
    Ok(bytes)
}

fn position(status: ExitStatus) -> Position {
    #[cfg(unix)]
    if let Some(signal) = std::os::unix::process::ExitStatusExt::signal(&status) {
        return Position::Signal(signal);
    }
    status.code().map_or(Position::Whole, Position::ExitStatus)
}
