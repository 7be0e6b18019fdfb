//! An environment of a test's own: nothing of the person who runs it, nothing left behind.

use std::ffi::{OsStr, OsString};
use std::fs;
use std::os::unix::fs::{DirBuilderExt, PermissionsExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use mcp_launch_core::Environment;
use tempfile::TempDir;

/// The variables that the MCP SDKs hand to a server whose entry lists no others.
pub const CLIENT_VARIABLES: [&str; 6] = ["HOME", "LOGNAME", "PATH", "SHELL", "TERM", "USER"];

/// `nobody`: a user without privileges on every Unix.
pub const ORDINARY_UID: u32 = 65534;

/// A home, a folder for temporary files and a runtime folder, removed when dropped.
pub struct Scratch {
    root: TempDir,
    owner: Option<u32>,
}

impl Scratch {
    /// A scratch of the user who runs the test.
    ///
    /// # Panics
    /// When no folder can be made.
    #[must_use]
    pub fn new() -> Self {
        Self::owned_by(None)
    }

    /// A scratch whose commands run as [`ORDINARY_UID`] when the test itself runs as root.
    ///
    /// # Panics
    /// When no folder can be made.
    #[must_use]
    pub fn ordinary() -> Self {
        let probe = tempfile::tempfile().expect("a temporary file");
        let uid = std::os::unix::fs::MetadataExt::uid(&probe.metadata().expect("its owner"));
        Self::owned_by((uid == 0).then_some(ORDINARY_UID))
    }

    fn owned_by(owner: Option<u32>) -> Self {
        let root = tempfile::Builder::new()
            .prefix("mcp-launch-test-")
            .permissions(fs::Permissions::from_mode(0o755))
            .tempdir()
            .expect("a temporary folder");
        let scratch = Self { root, owner };
        for folder in [scratch.home(), scratch.temp(), scratch.runtime()] {
            scratch.make_folder(&folder);
        }
        scratch
    }

    /// The home of its commands, empty at first.
    #[must_use]
    pub fn home(&self) -> PathBuf {
        self.root.path().join("home")
    }

    /// Where its commands are told to put temporary files.
    #[must_use]
    pub fn temp(&self) -> PathBuf {
        self.root.path().join("tmp")
    }

    /// The runtime folder. No command is told of it: MCP clients pass no `XDG_RUNTIME_DIR`.
    #[must_use]
    pub fn runtime(&self) -> PathBuf {
        self.root.path().join("run")
    }

    /// All of it.
    #[must_use]
    pub fn root(&self) -> &Path {
        self.root.path()
    }

    /// Writes a file under the home, mode 0600, its folders too.
    ///
    /// # Panics
    /// When it cannot.
    pub fn write(&self, relative: impl AsRef<Path>, text: impl AsRef<[u8]>) -> PathBuf {
        let path = self.home().join(relative);
        self.make_folder(path.parent().expect("a file is in a folder"));
        #[expect(clippy::disallowed_methods, reason = "a test's own file")]
        fs::write(&path, text).expect("a file in the scratch");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).expect("its mode");
        self.hand_over(&path);
        path
    }

    /// Writes a script under the home, mode 0755.
    ///
    /// # Panics
    /// When it cannot.
    pub fn script(&self, relative: impl AsRef<Path>, text: &str) -> PathBuf {
        let draft = self.write(relative.as_ref().with_extension("draft"), text);
        let path = self.home().join(relative);
        copy_program(&draft, &path);
        fs::remove_file(draft).expect("the draft of a script");
        self.hand_over(&path);
        path
    }

    /// The program, where the scratch's own user can execute it: a copy where that is another user.
    ///
    /// # Panics
    /// When it cannot be copied.
    #[must_use]
    pub fn install(&self, program: &Path) -> PathBuf {
        if self.owner.is_none() {
            return program.to_owned();
        }
        let folder = self.root.path().join("bin");
        fs::create_dir_all(&folder).expect("a folder in the scratch");
        let path = folder.join(program.file_name().expect("a program has a name"));
        if !path.exists() {
            copy_program(program, &path);
        }
        path
    }

    /// A command in the home, with the six variables of an MCP client and `TMPDIR`, no others.
    pub fn command(&self, program: impl AsRef<OsStr>) -> Command {
        #[expect(clippy::disallowed_methods, reason = "its environment is cleared")]
        let mut command = Command::new(program);
        command
            .env_clear()
            .envs(self.variables())
            .env("TMPDIR", self.temp())
            .current_dir(self.home());
        if let Some(uid) = self.owner {
            command.uid(uid).gid(uid);
        }
        command
    }

    /// The six variables, as [`Scratch::command`] gives them.
    #[must_use]
    pub fn variables(&self) -> Vec<(&'static str, OsString)> {
        let path = Environment::capture().get("PATH").map(OsStr::to_owned);
        let value = |name: &str| match name {
            "HOME" => self.home().into_os_string(),
            "PATH" => path.clone().unwrap_or_else(|| "/usr/bin:/bin".into()),
            "SHELL" => "/bin/sh".into(),
            "TERM" => "dumb".into(),
            _ => "scratch".into(),
        };
        CLIENT_VARIABLES.map(|name| (name, value(name))).into()
    }

    fn make_folder(&self, folder: &Path) {
        if folder.is_dir() {
            return;
        }
        if let Some(parent) = folder.parent() {
            self.make_folder(parent);
        }
        fs::DirBuilder::new()
            .mode(0o700)
            .create(folder)
            .expect("a folder in the scratch");
        self.hand_over(folder);
    }

    fn hand_over(&self, path: &Path) {
        if let Some(uid) = self.owner {
            chown(path, Some(uid), Some(uid)).expect("root gives files away");
        }
    }
}

/// Copies by a process of its own: while this one has a program open for writing, a child that another test forks
/// has it too, and the kernel refuses to execute it ("Text file busy").
#[expect(
    clippy::disallowed_methods,
    reason = "cp and chmod, with no value near them"
)]
fn copy_program(from: &Path, to: &Path) {
    let copied = Command::new("/bin/sh")
        .args(["-c", "cp \"$0\" \"$1\" && chmod 755 \"$1\""])
        .args([from, to])
        .status()
        .expect("a shell");
    assert!(copied.success(), "cannot copy {}", from.display());
}

impl Default for Scratch {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn output(command: &mut Command) -> String {
        String::from_utf8(command.output().unwrap().stdout).unwrap()
    }

    #[test]
    fn a_command_gets_six_variables_and_tmpdir() {
        let scratch = Scratch::new();
        let names = output(
            scratch
                .command("/bin/sh")
                .args(["-c", "env | cut -d= -f1 | sort"]),
        );
        let names: Vec<&str> = names
            .lines()
            .filter(|name| !["PWD", "SHLVL", "_", "OLDPWD"].contains(name))
            .collect();
        assert_eq!(
            names,
            ["HOME", "LOGNAME", "PATH", "SHELL", "TERM", "TMPDIR", "USER"]
        );
    }

    #[test]
    fn an_ordinary_command_is_not_root_and_can_write_its_home() {
        let scratch = Scratch::ordinary();
        let path = scratch.write("deep/file", "x");
        let script = "id -u; cat deep/file && : >made && : >\"$TMPDIR/made\" && echo done";
        let said = output(scratch.command("/bin/sh").args(["-c", script]));
        assert!(!said.starts_with("0\n"), "{said}");
        assert!(said.ends_with("xdone\n"), "{said}");
        assert!(path.starts_with(scratch.home()));
    }

    #[test]
    fn nothing_is_left_behind() {
        let scratch = Scratch::new();
        let root = scratch.root().to_owned();
        scratch.write("file", "x");
        drop(scratch);
        assert!(!root.exists());
    }
}
