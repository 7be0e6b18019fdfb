//! What a search found, and what it did not look at.

use std::path::PathBuf;

use crate::kind::FileKind;

/// What a search found, and what it did not look at. Names and paths only.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Search {
    /// Where values still stand.
    pub leftovers: Vec<Leftover>,
    /// Where one may stand, and nobody looked.
    pub unsearched: Vec<Unsearched>,
}

/// One place where values still stand.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Leftover {
    /// The place.
    pub place: Place,
    /// The names of the values, in the order of the [`Needles`](crate::Needles).
    pub names: Vec<String>,
}

/// A place where values still stand.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Place {
    /// A file in the folder, or in one of the folders in which clients keep a project's config.
    File {
        /// Which.
        path: PathBuf,
        /// What its name says it is.
        kind: FileKind,
    },
    /// Older versions of the file. Removing the file does not remove them.
    GitHistory {
        /// The file, from the top of the work tree.
        path: PathBuf,
        /// The top of the work tree.
        repository: PathBuf,
        /// How many commits wrote a version that holds a value.
        commits: usize,
        /// The oldest of them, its first twelve digits.
        oldest: String,
        /// The newest of them, its first twelve digits.
        newest: String,
        /// Whether a remote-tracking branch has one of them: then others have the value for certain.
        /// `false` means only that this repository knows of none.
        pushed: bool,
    },
    /// The version that the next commit will hold.
    GitIndex {
        /// The file, from the top of the work tree.
        path: PathBuf,
        /// The top of the work tree.
        repository: PathBuf,
    },
}

/// Something that was not looked at.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Unsearched {
    /// The file or folder; of a version in git, the file.
    pub path: PathBuf,
    /// Why not.
    pub reason: Reason,
}

/// Why something was not looked at.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum Reason {
    /// A shallow or partial clone: the remote has versions that are not here.
    NotHere,
    /// The history takes longer to read than there was time.
    TimedOut,
    /// More than [`LARGEST`](crate::LARGEST) bytes.
    TooLarge,
    /// More than [`FILES`](crate::FILES) files, or [`COMMITS`](crate::COMMITS) commits; the rest was left out.
    TooMany,
    /// The system does not let us read it.
    Unreadable,
}

impl Search {
    pub(crate) fn skip(&mut self, path: impl Into<PathBuf>, reason: Reason) {
        let unsearched = Unsearched {
            path: path.into(),
            reason,
        };
        if !self.unsearched.contains(&unsearched) {
            self.unsearched.push(unsearched);
        }
    }
}
