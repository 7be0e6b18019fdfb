//! Locks between the processes of one user. The kernel gives back what a killed process held.

use std::fs::{DirBuilder, File, OpenOptions, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

use mcp_launch_core::{Deadline, Environment};

/// How long a waiting process sleeps at most before it looks again whether its turn has come. A lock
/// that can be awaited until a deadline does not exist without a signal or a thread, and a launch has
/// neither.
const LONGEST_PAUSE: Duration = Duration::from_millis(5);

/// Where lock files may be: folders of this user that nobody else can write to.
pub struct Locks {
    folders: Vec<Folder>,
}

enum Folder {
    /// Created if it is not there.
    Own(PathBuf),
    /// Made by the system; ours is a folder in it, if it is there.
    #[cfg(unix)]
    Runtime(PathBuf),
}

impl Locks {
    /// The runtime folder, else the state folder, else one in `/tmp`. Touches nothing.
    #[must_use]
    pub fn of(environment: &Environment) -> Self {
        Self {
            folders: folders(environment),
        }
    }

    /// The lock of this name, not yet taken. None where no folder could hold it.
    #[must_use]
    pub fn open(&self, name: &str) -> Option<LockFile> {
        self.folders
            .iter()
            .filter_map(Folder::ready)
            .find_map(|folder| LockFile::open(folder.join(name)).ok())
    }
}

#[cfg(unix)]
fn folders(environment: &Environment) -> Vec<Folder> {
    let absolute = |name| {
        let path = environment.get_non_empty(name).map(PathBuf::from);
        path.filter(|path| path.is_absolute())
    };
    let usual = if cfg!(target_os = "macos") {
        "Library/Application Support"
    } else {
        ".local/state"
    };
    let state =
        absolute("XDG_STATE_HOME").or_else(|| absolute("HOME").map(|home| home.join(usual)));
    let uid = rustix::process::geteuid().as_raw();
    let mut folders = Vec::new();
    folders.extend(absolute("XDG_RUNTIME_DIR").map(Folder::Runtime));
    // Where systemd and elogind put it: MCP clients do not pass the variable on.
    folders.push(Folder::Runtime(format!("/run/user/{uid}").into()));
    folders.extend(state.map(|state| Folder::Own(state.join("mcp-launch"))));
    folders.push(Folder::Own(format!("/tmp/mcp-launch-{uid}").into()));
    folders
}

#[cfg(not(unix))]
fn folders(environment: &Environment) -> Vec<Folder> {
    let local = environment.get_non_empty("LOCALAPPDATA").map(PathBuf::from);
    let local = local.filter(|path| path.is_absolute());
    let own = local.map(|local| Folder::Own(local.join("mcp-launch")));
    own.into_iter().collect()
}

impl Folder {
    /// The folder, if it is there and nobody else can put a file into it.
    fn ready(&self) -> Option<PathBuf> {
        let own = match self {
            Self::Own(own) => own.clone(),
            #[cfg(unix)]
            Self::Runtime(given) if is_ours_alone(given) => given.join("mcp-launch"),
            #[cfg(unix)]
            Self::Runtime(_) => return None,
        };
        let mut builder = DirBuilder::new();
        builder.recursive(true);
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.create(&own).ok()?;
        is_ours_alone(&own).then_some(own)
    }
}

/// It is no link, ours, and writable by us only.
#[cfg(unix)]
fn is_ours_alone(folder: &Path) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    folder.symlink_metadata().is_ok_and(|metadata| {
        metadata.is_dir()
            && metadata.uid() == rustix::process::geteuid().as_raw()
            && metadata.mode() & 0o022 == 0
    })
}

/// The folder of local application data is closed to other users by the system.
#[cfg(not(unix))]
fn is_ours_alone(folder: &Path) -> bool {
    folder
        .symlink_metadata()
        .is_ok_and(|metadata| metadata.is_dir())
}

/// A lock, which is released when this is dropped or the process ends. Its file stays.
pub struct LockFile {
    file: File,
    path: PathBuf,
}

impl LockFile {
    fn open(path: PathBuf) -> io::Result<Self> {
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true).truncate(false);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let file = options.open(&path)?;
        Ok(Self { file, path })
    }

    /// Takes the lock if nobody has it; whether we have it now.
    ///
    /// # Errors
    /// When the file system knows no locks.
    pub fn try_take(&self) -> io::Result<bool> {
        match self.file.try_lock() {
            Ok(()) => Ok(true),
            Err(TryLockError::WouldBlock) => Ok(false),
            Err(TryLockError::Error(error)) => Err(error),
        }
    }

    /// Waits for the lock until `deadline`; whether we have it now. Blocks the thread.
    ///
    /// # Errors
    /// As [`LockFile::try_take`].
    pub fn take(&self, deadline: Deadline) -> io::Result<bool> {
        let taken = until(deadline, || Ok(self.try_take()?.then_some(())))?;
        Ok(taken.is_some())
    }

    /// How many bytes the file has: a number that survives its holders. Zero at first.
    #[must_use]
    pub fn number(&self) -> u64 {
        self.file.metadata().map_or(0, |metadata| metadata.len())
    }

    /// Makes the file `number` bytes long. The bytes are zero, and take no room.
    ///
    /// # Errors
    /// When the file system refuses.
    pub fn set_number(&self, number: u64) -> io::Result<()> {
        self.file.set_len(number)
    }

    /// Where the file is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }
}

/// Looks again and again, until there is something or `deadline` has passed. Blocks the thread.
pub(crate) fn until<T>(
    deadline: Deadline,
    mut look: impl FnMut() -> io::Result<Option<T>>,
) -> io::Result<Option<T>> {
    let mut pause = Duration::from_micros(500);
    loop {
        let found = look()?;
        let remaining = deadline.remaining();
        if found.is_some() || remaining.is_zero() {
            return Ok(found);
        }
        thread::sleep(pause.min(remaining));
        pause = (pause * 2).min(LONGEST_PAUSE);
    }
}

impl Drop for LockFile {
    /// A child that was forked meanwhile has the descriptor until it executes, and with it the lock.
    fn drop(&mut self) {
        self.file.unlock().ok();
    }
}

#[cfg(all(test, unix))]
mod tests {
    use std::fs::Permissions;
    use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, symlink};
    use std::time::Instant;

    use super::*;

    fn locks_in(runtime: &Path) -> Locks {
        Locks::of(&Environment::from_pairs([("XDG_RUNTIME_DIR", runtime)]))
    }

    fn soon() -> Deadline {
        Deadline::after(Duration::from_millis(100))
    }

    #[test]
    fn the_second_waits_until_its_deadline_and_no_longer() {
        let runtime = tempfile::tempdir().unwrap();
        let (first, second) = (locks_in(runtime.path()), locks_in(runtime.path()));
        let held = first.open("a.lock").unwrap();
        assert!(held.take(soon()).unwrap());
        let waiting = second.open("a.lock").unwrap();
        let start = Instant::now();
        assert!(!waiting.take(soon()).unwrap());
        assert!(start.elapsed() >= Duration::from_millis(100));
        assert!(second.open("b.lock").unwrap().take(soon()).unwrap());
        drop(held);
        assert!(waiting.take(soon()).unwrap());
    }

    #[test]
    fn a_waiting_one_gets_the_lock_when_it_is_free() {
        let runtime = tempfile::tempdir().unwrap();
        let held = locks_in(runtime.path()).open("a.lock").unwrap();
        assert!(held.try_take().unwrap());
        let waiting = locks_in(runtime.path()).open("a.lock").unwrap();
        let waiter =
            std::thread::spawn(move || waiting.take(Deadline::after(Duration::from_secs(30))));
        std::thread::sleep(Duration::from_millis(50));
        drop(held);
        assert!(waiter.join().unwrap().unwrap());
    }

    #[test]
    fn a_number_outlives_its_holder() {
        let runtime = tempfile::tempdir().unwrap();
        let lock = locks_in(runtime.path()).open("a.lock").unwrap();
        assert_eq!(lock.number(), 0);
        lock.set_number(7).unwrap();
        drop(lock);
        assert_eq!(locks_in(runtime.path()).open("a.lock").unwrap().number(), 7);
    }

    #[test]
    fn a_folder_that_others_can_write_is_passed_over() {
        let scratch = tempfile::tempdir().unwrap();
        let open = scratch.path().join("open");
        let link = scratch.path().join("link");
        let state = scratch.path().join("state");
        std::fs::create_dir(&open).unwrap();
        std::fs::set_permissions(&open, Permissions::from_mode(0o777)).unwrap();
        symlink(scratch.path(), &link).unwrap();
        for unsafe_one in [
            Folder::Runtime(open.clone()),
            Folder::Runtime(link),
            Folder::Own(open.clone()),
        ] {
            let locks = Locks {
                folders: vec![unsafe_one, Folder::Own(state.clone())],
            };
            let lock = locks.open("a.lock").unwrap();
            assert_eq!(lock.path(), state.join("a.lock"));
        }
        assert_eq!(open.read_dir().unwrap().count(), 0);
        assert!(!scratch.path().join("mcp-launch").exists());
        assert_eq!(state.metadata().unwrap().mode() & 0o777, 0o700);
        let file = state.join("a.lock").metadata().unwrap();
        assert_eq!(file.mode() & 0o777, 0o600);
    }
}
