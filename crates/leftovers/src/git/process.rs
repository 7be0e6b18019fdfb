//! git as a child that runs nothing of the repository's, asks no remote, and ends with the deadline.

use std::ffi::OsStr;
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, ExitStatus, Stdio};
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use mcp_launch_core::{Deadline, Environment};

use super::GitTrouble;

/// Settings that outweigh those of the repository, which name programs and folders of programs.
/// A bare repository that came as part of another is not looked at.
const SETTINGS: [&str; 5] = [
    "core.fsmonitor=false",
    "core.hooksPath=/dev/null",
    "core.pager=cat",
    "protocol.allow=never",
    "safe.bareRepository=explicit",
];

/// What git gets besides `PATH` and a home. A repository may allow a protocol by its name, which outweighs
/// `protocol.allow`; nothing outweighs `GIT_ALLOW_PROTOCOL` (git(1)). Messages are in English, since two are read.
const VARIABLES: [(&str, &str); 8] = [
    ("GIT_ALLOW_PROTOCOL", "none"),
    ("GIT_ASKPASS", ""),
    ("GIT_NO_LAZY_FETCH", "1"),
    ("GIT_NO_REPLACE_OBJECTS", "1"),
    ("GIT_OPTIONAL_LOCKS", "0"),
    ("GIT_TERMINAL_PROMPT", "0"),
    ("LC_ALL", "C"),
    ("SSH_ASKPASS", ""),
];

/// What tells git where the user's own config is. Windows has several names for it, and starts no program without the first.
const HOME: &[&str] = if cfg!(windows) {
    &["SYSTEMROOT", "HOME", "HOMEDRIVE", "HOMEPATH", "USERPROFILE"]
} else {
    &["HOME"]
};

/// How often it is looked whether git has ended.
const LINGER: Duration = Duration::from_millis(2);

/// The longest line that git answers with: an object's name, or a path, and a few words.
const LINE: usize = 64 << 10;

/// How git is started in one folder.
pub(super) struct Git<'a> {
    program: PathBuf,
    environment: &'a Environment,
    folder: &'a Path,
    deadline: Deadline,
}

impl<'a> Git<'a> {
    /// The git that `PATH` names, for `folder`. Relative parts of `PATH` are left out: they would name a program in
    /// whatever folder we stand in.
    pub(super) fn find(
        folder: &'a Path,
        environment: &'a Environment,
        deadline: Deadline,
    ) -> Option<Self> {
        let name = format!("git{}", std::env::consts::EXE_SUFFIX);
        let program = std::env::split_paths(environment.get("PATH")?)
            .filter(|folder| folder.is_absolute())
            .map(|folder| folder.join(&name))
            .find(|program| is_program(program))?;
        Some(Self {
            program,
            environment,
            folder,
            deadline,
        })
    }

    /// Starts it with something to read from.
    pub(super) fn converse(&self, arguments: &[&OsStr]) -> Result<Running, GitTrouble> {
        self.start(arguments, Stdio::piped(), Stdio::null())
    }

    /// Starts it with nothing to read from.
    pub(super) fn list(&self, arguments: &[&OsStr]) -> Result<Running, GitTrouble> {
        self.start(arguments, Stdio::null(), Stdio::null())
    }

    /// Starts it so that its complaints can be read.
    pub(super) fn listen(&self, arguments: &[&OsStr]) -> Result<Running, GitTrouble> {
        self.start(arguments, Stdio::null(), Stdio::piped())
    }

    fn start(
        &self,
        arguments: &[&OsStr],
        stdin: Stdio,
        stderr: Stdio,
    ) -> Result<Running, GitTrouble> {
        if self.deadline.passed() {
            return Err(GitTrouble::TimedOut);
        }
        #[expect(
            clippy::disallowed_methods,
            reason = "the user's git; its environment is cleared, and no value is among its arguments"
        )]
        let mut command = Command::new(&self.program);
        command.env_clear().envs(VARIABLES);
        for name in HOME {
            command.envs(self.environment.get(name).map(|value| (name, value)));
        }
        let path = self.environment.get("PATH").unwrap_or_default();
        let absolute = std::env::split_paths(path).filter(|folder| folder.is_absolute());
        if let Ok(path) = std::env::join_paths(absolute) {
            command.env("PATH", path);
        }
        for setting in SETTINGS {
            command.args(["-c", setting]);
        }
        command.arg("--no-pager").arg("-C").arg(self.folder);
        command.args(arguments);
        command.stdin(stdin).stdout(Stdio::piped()).stderr(stderr);
        #[cfg(unix)]
        std::os::unix::process::CommandExt::process_group(&mut command, 0);
        Running::new(command, self.deadline).map_err(|_| GitTrouble::Failed { exit: None })
    }
}

fn is_program(path: &Path) -> bool {
    let Ok(metadata) = path.metadata() else {
        return false;
    };
    #[cfg(unix)]
    let may_run = std::os::unix::fs::PermissionsExt::mode(&metadata.permissions()) & 0o111 != 0;
    #[cfg(not(unix))]
    let may_run = true;
    metadata.is_file() && may_run
}

/// A git that was started. It is ended when the deadline passes, and when this is dropped.
pub(super) struct Running {
    child: Arc<Mutex<Child>>,
    /// Dropped to tell the watch that nobody needs it any more.
    over: Option<Sender<()>>,
    watch: Option<JoinHandle<()>>,
    stdin: Option<ChildStdin>,
    stdout: Option<ChildStdout>,
    deadline: Deadline,
}

impl Running {
    fn new(mut command: Command, deadline: Deadline) -> io::Result<Self> {
        let mut child = command.spawn()?;
        let (stdin, stdout) = (child.stdin.take(), child.stdout.take());
        let child = Arc::new(Mutex::new(child));
        let (over, is_over) = channel::<()>();
        let watched = Arc::clone(&child);
        let watch = std::thread::spawn(move || {
            if is_over.recv_timeout(deadline.remaining()) == Err(RecvTimeoutError::Timeout) {
                end(&mut locked(&watched));
            }
        });
        Ok(Self {
            child,
            over: Some(over),
            watch: Some(watch),
            stdin,
            stdout,
            deadline,
        })
    }

    /// Writes one line of a question.
    pub(super) fn ask(&mut self, line: &[u8]) -> Result<(), GitTrouble> {
        let written = match &mut self.stdin {
            Some(stdin) => stdin.write_all(line).and_then(|()| stdin.write_all(b"\n")),
            None => Err(io::ErrorKind::BrokenPipe.into()),
        };
        written.map_err(|_| self.trouble())
    }

    /// One line of the answer, without its end. Read byte by byte: what follows may be a file's content, and no
    /// buffer that is not wiped shall have it.
    pub(super) fn line(&mut self) -> Result<Vec<u8>, GitTrouble> {
        self.until(b'\n')?.ok_or_else(|| self.trouble())
    }

    /// What stands before the next `end`; `None` at the end of the answer.
    pub(super) fn until(&mut self, end: u8) -> Result<Option<Vec<u8>>, GitTrouble> {
        let mut line = Vec::new();
        let mut byte = [0];
        loop {
            match self.read(&mut byte)? {
                0 if line.is_empty() => return Ok(None),
                0 => return Err(self.trouble()),
                _ if byte[0] == end => return Ok(Some(line)),
                _ if line.len() == LINE => return Err(GitTrouble::Failed { exit: None }),
                _ => line.push(byte[0]),
            }
        }
    }

    /// Fills `bytes` with the answer.
    pub(super) fn fill(&mut self, mut bytes: &mut [u8]) -> Result<(), GitTrouble> {
        while !bytes.is_empty() {
            match self.read(bytes)? {
                0 => return Err(self.trouble()),
                count => bytes = &mut bytes[count..],
            }
        }
        Ok(())
    }

    /// All the answer; one of more than `most` bytes is none.
    pub(super) fn all(&mut self, most: usize) -> Result<Vec<u8>, GitTrouble> {
        let mut bytes = Vec::new();
        let mut part = [0; 8 << 10];
        loop {
            match self.read(&mut part)? {
                0 if self.deadline.passed() => return Err(GitTrouble::TimedOut),
                0 => return Ok(bytes),
                count if bytes.len() + count > most => {
                    return Err(GitTrouble::Failed { exit: None });
                }
                count => bytes.extend_from_slice(&part[..count]),
            }
        }
    }

    /// The beginning of what it complains of, once it has answered.
    pub(super) fn complaint(&mut self) -> Vec<u8> {
        let mut complaint = Vec::new();
        let stderr = locked(&self.child).stderr.take();
        if let Some(stderr) = stderr {
            // What cannot be read was no known complaint.
            drop(stderr.take(LINE as u64).read_to_end(&mut complaint));
        }
        complaint
    }

    /// Waits for its end.
    pub(super) fn finish(mut self) -> Result<ExitStatus, GitTrouble> {
        drop(self.stdin.take());
        loop {
            match locked(&self.child).try_wait() {
                Ok(Some(_)) if self.deadline.passed() => return Err(GitTrouble::TimedOut),
                Ok(Some(status)) => return Ok(status),
                Ok(None) if !self.deadline.passed() => {}
                _ => return Err(self.trouble()),
            }
            std::thread::sleep(LINGER);
        }
    }

    fn read(&mut self, bytes: &mut [u8]) -> Result<usize, GitTrouble> {
        let Some(stdout) = &mut self.stdout else {
            return Ok(0);
        };
        loop {
            match stdout.read(bytes) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(_) => return Err(self.trouble()),
                Ok(count) => return Ok(count),
            }
        }
    }

    /// Why the answer ends: the watch ended git, or git itself did.
    fn trouble(&self) -> GitTrouble {
        match self.deadline.passed() {
            true => GitTrouble::TimedOut,
            false => GitTrouble::Failed { exit: None },
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        drop(self.over.take());
        end(&mut locked(&self.child));
        if let Some(watch) = self.watch.take() {
            // It cannot panic, and if it did there would be nothing to do.
            drop(watch.join());
        }
    }
}

fn locked(child: &Mutex<Child>) -> MutexGuard<'_, Child> {
    child.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Ends git and what it may have started, and collects it. While it is not collected, its number is nobody else's.
fn end(child: &mut Child) {
    if matches!(child.try_wait(), Ok(Some(_))) {
        return;
    }
    #[cfg(unix)]
    if let Some(group) = i32::try_from(child.id())
        .ok()
        .and_then(rustix::process::Pid::from_raw)
    {
        // An error means that the group is gone already.
        let _gone = rustix::process::kill_process_group(group, rustix::process::Signal::KILL);
    }
    // An error means that it has ended already.
    drop(child.kill());
    drop(child.wait());
}
