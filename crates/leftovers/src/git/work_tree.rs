//! The work tree that a file stands in, and what git says of the file there.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use mcp_launch_core::{Deadline, Environment};

use super::GitTrouble;
use super::process::{Git, Running};

/// The most bytes of an answer that lists commits or the index. A commit takes 41 or 65.
const ANSWER: usize = 4 << 20;

/// A file in a work tree. Both need not exist any more but for the folder.
pub(super) struct WorkTree<'a> {
    /// Absolute, without links.
    file: PathBuf,
    /// The top.
    pub(super) top: PathBuf,
    /// Where the file's folder is from the top: nothing, or a path with a slash at its end.
    prefix: Vec<u8>,
    /// Whether the beginning of the history is not here.
    pub(super) is_shallow: bool,
    environment: &'a Environment,
    deadline: Deadline,
}

impl<'a> WorkTree<'a> {
    /// The work tree that has `file`; `None` where there is none.
    pub(super) fn of(
        file: &Path,
        environment: &'a Environment,
        deadline: Deadline,
    ) -> Result<Option<Self>, GitTrouble> {
        let file = real(file)?;
        if file.as_os_str().as_encoded_bytes().contains(&b'\n') {
            return Err(GitTrouble::UnusualPath);
        }
        let folder = file.parent().ok_or(GitTrouble::Unreadable)?;
        let Some(git) = Git::find(folder, environment, deadline) else {
            // Where there is no repository, no git is missed.
            let has_repository = folder.ancestors().any(|above| above.join(".git").exists());
            return match has_repository {
                true => Err(GitTrouble::NotInstalled),
                false => Ok(None),
            };
        };
        let mut asked = git.listen(&arguments(&[
            "rev-parse",
            "--show-toplevel",
            "--is-shallow-repository",
            "--show-prefix",
        ]))?;
        let answer = asked.all(ANSWER)?;
        let complaint = asked.complaint();
        let status = asked.finish()?;
        if !status.success() {
            return match kind_of(&complaint) {
                Complaint::NoWorkTree => Ok(None),
                Complaint::OtherOwner => Err(GitTrouble::OtherOwner),
                Complaint::Unknown => Err(GitTrouble::Failed {
                    exit: status.code(),
                }),
            };
        }
        let lines: Vec<&[u8]> = answer.split(|&byte| byte == b'\n').collect();
        let [top, shallow, prefix, b""] = *lines else {
            return Err(GitTrouble::Failed { exit: None });
        };
        Ok(Some(Self {
            top: path(top).ok_or(GitTrouble::UnusualPath)?,
            prefix: prefix.to_vec(),
            is_shallow: shallow == b"true",
            file,
            environment,
            deadline,
        }))
    }

    /// The file, absolute.
    pub(super) fn path(&self) -> &Path {
        &self.file
    }

    /// The file from the top, as git writes it.
    pub(super) fn name(&self) -> Vec<u8> {
        [&self.prefix, self.file_name().as_encoded_bytes()].concat()
    }

    /// The file from the top.
    pub(super) fn path_from_top(&self) -> PathBuf {
        let folder = path(&self.prefix).unwrap_or_default();
        folder.join(self.file_name())
    }

    fn file_name(&self) -> &OsStr {
        self.file.file_name().unwrap_or_default()
    }

    /// The objects that the index has for the file: one, or up to three while a merge waits for a person.
    pub(super) fn staged(&self) -> Result<Vec<String>, GitTrouble> {
        let mut asked = self.about_file(&["ls-files", "--stage", "-z"])?;
        let mut objects = Vec::new();
        // Mode, object, stage, a tab, path; gitglossary(7) has the modes. 160000 is a submodule's commit.
        while let Some(entry) = asked.until(b'\0')? {
            let mut words = entry.split(|&byte| byte == b' ');
            match (words.next(), words.next().and_then(object)) {
                (Some(b"160000"), _) => {}
                (Some(_), Some(object)) => objects.push(object),
                _ => return Err(GitTrouble::Failed { exit: None }),
            }
        }
        succeeded(asked)?;
        Ok(objects)
    }

    /// Whether the file would be left out by `git add .`.
    pub(super) fn is_ignored(&self) -> Result<bool, GitTrouble> {
        // It knows no literal paths; with a folder in front, a name has nothing that it would take for a pattern.
        let name = Path::new(".").join(self.file_name());
        let mut arguments = arguments(&["check-ignore", "--quiet", "--"]);
        arguments.push(name.as_os_str());
        let status = self.git()?.list(&arguments)?.finish()?;
        // git-check-ignore(1), "EXIT STATUS".
        match status.code() {
            Some(0) => Ok(true),
            Some(1) => Ok(false),
            exit => Err(GitTrouble::Failed { exit }),
        }
    }

    /// The commits, newest first, in which the file is not as in each of its parents.
    pub(super) fn commits(&self, which: &[&str]) -> Result<Vec<String>, GitTrouble> {
        // The plain listing leaves out a branch whose end is like the other's when they are merged.
        let mut asked = self.about_file(&[&["rev-list", "--full-history"], which].concat())?;
        let mut commits = Vec::new();
        for line in asked.all(ANSWER)?.split(|&byte| byte == b'\n') {
            match object(line) {
                Some(commit) => commits.push(commit),
                None if line.is_empty() => {}
                None => return Err(GitTrouble::Failed { exit: None }),
            }
        }
        succeeded(asked)?;
        Ok(commits)
    }

    /// Whether objects may be at the remote only. gitrepository-layout(5) and git-config(1) have the names.
    pub(super) fn is_partial(&self) -> Result<bool, GitTrouble> {
        let names = r"^(extensions\.partialclone|remote\..*\.promisor)$";
        let git = self.git()?;
        let asked = git.list(&arguments(&[
            "config",
            "--name-only",
            "--get-regexp",
            names,
        ]))?;
        Ok(asked.finish()?.success())
    }

    /// `git cat-file` with `mode`, which answers line by line.
    pub(super) fn cat_file(&self, mode: &str) -> Result<Running, GitTrouble> {
        self.git()?.converse(&arguments(&["cat-file", mode]))
    }

    fn about_file(&self, command: &[&str]) -> Result<Running, GitTrouble> {
        // A name may hold what is a pattern elsewhere.
        let mut arguments = arguments(&["--literal-pathspecs"]);
        arguments.extend(command.iter().map(OsStr::new));
        arguments.extend([OsStr::new("--"), self.file_name()]);
        self.git()?.list(&arguments)
    }

    fn git(&self) -> Result<Git<'_>, GitTrouble> {
        let folder = self.file.parent().ok_or(GitTrouble::Unreadable)?;
        Git::find(folder, self.environment, self.deadline).ok_or(GitTrouble::NotInstalled)
    }
}

/// `file` without links: a repository has what a link leads to. A file that is gone is where it was.
fn real(file: &Path) -> Result<PathBuf, GitTrouble> {
    if let Ok(real) = file.canonicalize() {
        return Ok(real);
    }
    let folder = match file.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    let folder = folder.canonicalize().map_err(|_| GitTrouble::Unreadable)?;
    Ok(folder.join(file.file_name().ok_or(GitTrouble::Unreadable)?))
}

fn arguments<'a>(words: &[&'a str]) -> Vec<&'a OsStr> {
    words.iter().copied().map(OsStr::new).collect()
}

fn succeeded(asked: Running) -> Result<(), GitTrouble> {
    let status = asked.finish()?;
    match status.success() {
        true => Ok(()),
        false => Err(GitTrouble::Failed {
            exit: status.code(),
        }),
    }
}

/// The name of an object: 40 digits, or 64 in a repository of SHA-256.
pub(super) fn object(word: &[u8]) -> Option<String> {
    let is_name = matches!(word.len(), 40 | 64) && word.iter().all(u8::is_ascii_hexdigit);
    is_name.then(|| String::from_utf8_lossy(word).into_owned())
}

enum Complaint {
    NoWorkTree,
    OtherOwner,
    Unknown,
}

/// Which complaint it is: setup.c of git has these words. Within `.git`, and in a bare repository, there is no work tree.
fn kind_of(complaint: &[u8]) -> Complaint {
    let says = |words: &str| memchr::memmem::find(complaint, words.as_bytes()).is_some();
    if says("dubious ownership") || says("unsafe repository") {
        Complaint::OtherOwner
    } else if says("not a git repository")
        || says("must be run in a work tree")
        || says("cannot use bare repository")
    {
        Complaint::NoWorkTree
    } else {
        Complaint::Unknown
    }
}

#[cfg(unix)]
fn path(bytes: &[u8]) -> Option<PathBuf> {
    use std::os::unix::ffi::OsStrExt as _;
    Some(OsStr::from_bytes(bytes).into())
}

/// git writes UTF-8 on Windows.
#[cfg(not(unix))]
fn path(bytes: &[u8]) -> Option<PathBuf> {
    std::str::from_utf8(bytes).ok().map(PathBuf::from)
}
