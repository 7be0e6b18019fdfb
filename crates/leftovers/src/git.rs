//! Copies of a file's values in the git repository that the file stands in.

mod history;
mod process;
mod work_tree;

use std::path::Path;

use mcp_launch_core::{Deadline, Environment};

use crate::leftover::{Reason, Search};
use crate::needles::Needles;
pub use history::COMMITS;
use work_tree::WorkTree;

/// Why git could not be asked. Carries no text of git's: it may quote what it read.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum GitTrouble {
    /// git stopped, or said what is not understood. A damaged repository does that.
    #[error("git failed{}", .exit.map(|code| format!(" with exit code {code}")).unwrap_or_default())]
    Failed {
        /// Its exit code, if it ended by itself.
        exit: Option<i32>,
    },
    /// The file stands in a repository, and no `git` is in the folders of `PATH`.
    #[error("git is not installed")]
    NotInstalled,
    /// The repository belongs to another user, and the user's own git config does not call it safe
    /// (`safe.directory`), so it was not read.
    #[error("the git repository belongs to another user")]
    OtherOwner,
    /// There was no answer in time.
    #[error("git took too long")]
    TimedOut,
    /// The file's folder cannot be found.
    #[error("the folder of the file cannot be found")]
    Unreadable,
    /// A line break in the path, which the protocol of `git cat-file` has no way to write.
    #[error("the path has a line break in it")]
    UnusualPath,
}

/// What git makes of a file.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Standing {
    /// Not tracked, and some `.gitignore` covers it.
    Ignored,
    /// In no work tree of a repository.
    OutsideGit,
    /// In the index: the next commit has it, whatever `.gitignore` says.
    Tracked,
    /// Neither: `git add .` would take it.
    Untracked,
}

/// Looks for the values in the index and in every version of `file` that a branch, a tag, a stash or a reflog of its
/// repository knows. Renames are not followed. A file in no work tree has no leftovers; `file` itself may be gone.
///
/// What the repository's config says is not trusted: git runs none of its programs and asks no remote.
/// When the time is over after the index was read, what was found is told, and the history is unsearched.
///
/// # Errors
/// When git cannot be asked.
pub fn in_git(
    file: &Path,
    needles: &Needles,
    environment: &Environment,
    deadline: Deadline,
) -> Result<Search, GitTrouble> {
    let mut search = Search::default();
    if needles.is_empty() {
        return Ok(search);
    }
    let Some(tree) = WorkTree::of(file, environment, deadline)? else {
        return Ok(search);
    };
    history::index(&tree, needles, &mut search)?;
    match history::history(&tree, needles, &mut search) {
        Err(GitTrouble::TimedOut) => search.skip(tree.path(), Reason::TimedOut),
        other => other?,
    }
    Ok(search)
}

/// What git makes of `file`.
///
/// # Errors
/// When git cannot be asked.
pub fn standing(
    file: &Path,
    environment: &Environment,
    deadline: Deadline,
) -> Result<Standing, GitTrouble> {
    let Some(tree) = WorkTree::of(file, environment, deadline)? else {
        return Ok(Standing::OutsideGit);
    };
    if !tree.staged()?.is_empty() {
        return Ok(Standing::Tracked);
    }
    match tree.is_ignored()? {
        true => Ok(Standing::Ignored),
        false => Ok(Standing::Untracked),
    }
}

/// Whether a `.gitignore` keeps `file` out of the next commit; `None` when it is in no work tree or git cannot be asked.
#[must_use]
pub fn is_ignored(file: &Path, environment: &Environment, deadline: Deadline) -> Option<bool> {
    match standing(file, environment, deadline).ok()? {
        Standing::Ignored => Some(true),
        Standing::OutsideGit => None,
        Standing::Tracked | Standing::Untracked => Some(false),
    }
}
