//! The versions of a file that its repository has, and the values in them.

use std::collections::{BTreeSet, HashMap};

use zeroize::Zeroizing;

use super::GitTrouble;
use super::process::Running;
use super::work_tree::{WorkTree, object};
use crate::beside::LARGEST;
use crate::leftover::{Leftover, Place, Reason, Search};
use crate::needles::Needles;

/// The most commits whose versions of a file are searched, the newest first.
pub const COMMITS: usize = 10_000;

/// How many digits of a commit are shown.
const SHORT: usize = 12;

/// Looks at the version that the next commit will have.
pub(super) fn index(
    tree: &WorkTree<'_>,
    needles: &Needles,
    search: &mut Search,
) -> Result<(), GitTrouble> {
    let staged = tree.staged()?;
    if staged.is_empty() {
        return Ok(());
    }
    let mut versions = Versions::new(tree, needles)?;
    let mut places = BTreeSet::new();
    for object in &staged {
        places.extend(versions.places(object, search)?);
    }
    if !places.is_empty() {
        search.leftovers.push(Leftover {
            place: Place::GitIndex {
                path: tree.path_from_top(),
                repository: tree.top.clone(),
            },
            names: needles.names(&places),
        });
    }
    Ok(())
}

/// Looks at every version that a commit has: of branches, tags, stashes and other work trees, and what only a reflog
/// still knows.
pub(super) fn history(
    tree: &WorkTree<'_>,
    needles: &Needles,
    search: &mut Search,
) -> Result<(), GitTrouble> {
    if tree.is_shallow {
        search.skip(tree.path(), Reason::NotHere);
    }
    let bound = format!("--max-count={}", COMMITS + 1);
    let mut commits = tree.commits(&["--all", "--reflog", &bound])?;
    if commits.len() > COMMITS {
        search.skip(tree.path(), Reason::TooMany);
        commits.truncate(COMMITS);
    }
    if commits.is_empty() {
        return Ok(());
    }
    let mut versions = Versions::new(tree, needles)?;
    let mut places = BTreeSet::new();
    let mut holders = Vec::new();
    for (commit, object) in objects(tree, commits, search)? {
        let found = versions.places(&object, search)?;
        if !found.is_empty() {
            places.extend(found);
            holders.push(commit);
        }
    }
    let (Some(newest), Some(oldest)) = (holders.first(), holders.last()) else {
        return Ok(());
    };
    // What a remote has of the newest is among its own newest.
    let at_remotes = tree.commits(&["--remotes", &bound])?;
    let at_remotes: BTreeSet<&String> = at_remotes.iter().collect();
    let short = |commit: &str| commit.chars().take(SHORT).collect();
    search.leftovers.push(Leftover {
        place: Place::GitHistory {
            path: tree.path_from_top(),
            repository: tree.top.clone(),
            commits: holders.len(),
            oldest: short(oldest),
            newest: short(newest),
            pushed: holders.iter().any(|commit| at_remotes.contains(commit)),
        },
        names: needles.names(&places),
    });
    Ok(())
}

/// The object that the file is in each of `commits`; those that removed it are left out.
fn objects(
    tree: &WorkTree<'_>,
    commits: Vec<String>,
    search: &mut Search,
) -> Result<Vec<(String, String)>, GitTrouble> {
    let mut asked = tree.cat_file("--batch-check=%(objectname)")?;
    let name = tree.name();
    let mut objects = Vec::new();
    let mut is_one_missing = false;
    for commit in commits {
        asked.ask(&[commit.as_bytes(), b":", &name].concat())?;
        match object(&asked.line()?) {
            Some(object) => objects.push((commit, object)),
            None => is_one_missing = true,
        }
    }
    drop(asked);
    // Removed and not fetched look the same.
    if is_one_missing && tree.is_partial()? {
        search.skip(tree.path(), Reason::NotHere);
    }
    Ok(objects)
}

/// Versions of a file by their objects, each read once.
struct Versions<'a> {
    sizes: Running,
    contents: Running,
    buffer: Zeroizing<Vec<u8>>,
    known: HashMap<String, BTreeSet<usize>>,
    tree: &'a WorkTree<'a>,
    needles: &'a Needles,
}

impl<'a> Versions<'a> {
    fn new(tree: &'a WorkTree<'a>, needles: &'a Needles) -> Result<Self, GitTrouble> {
        Ok(Self {
            sizes: tree.cat_file("--batch-check=%(objecttype) %(objectsize)")?,
            contents: tree.cat_file("--batch=%(objectsize)")?,
            // Full size from the start, so that no copy is left behind when it grows; one for the line break after it.
            buffer: Zeroizing::new(vec![0; LARGEST + 1]),
            known: HashMap::new(),
            tree,
            needles,
        })
    }

    /// Which values the object holds.
    fn places(&mut self, object: &str, search: &mut Search) -> Result<BTreeSet<usize>, GitTrouble> {
        if let Some(places) = self.known.get(object) {
            return Ok(places.clone());
        }
        let places = self.read(object, search)?;
        self.known.insert(object.to_owned(), places.clone());
        Ok(places)
    }

    fn read(&mut self, object: &str, search: &mut Search) -> Result<BTreeSet<usize>, GitTrouble> {
        self.sizes.ask(object.as_bytes())?;
        let line = self.sizes.line()?;
        let Some(size) = line.strip_prefix(b"blob ").and_then(number) else {
            // A folder of that name once holds no text; what is missing is told.
            if line.ends_with(b" missing") {
                search.skip(self.tree.path(), Reason::NotHere);
            }
            return Ok(BTreeSet::new());
        };
        if size > LARGEST {
            search.skip(self.tree.path(), Reason::TooLarge);
            return Ok(BTreeSet::new());
        }
        self.contents.ask(object.as_bytes())?;
        if number(&self.contents.line()?) != Some(size) {
            return Err(GitTrouble::Failed { exit: None });
        }
        self.contents.fill(&mut self.buffer[..=size])?;
        Ok(self.needles.places_in(&self.buffer[..size]))
    }
}

fn number(digits: &[u8]) -> Option<usize> {
    std::str::from_utf8(digits).ok()?.parse().ok()
}
