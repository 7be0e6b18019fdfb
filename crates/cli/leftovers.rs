//! Copies of values that are left over after they moved, as a person is told of them.

use std::path::{Path, PathBuf};
use std::time::Duration;

use mcp_launch_core::{Deadline, Environment, Secret, shown};
use mcp_launch_leftovers::{
    FileKind, GitTrouble, Leftover, Needles, Place, Search, Standing, beside, in_git, standing,
};
use serde_json::{Value, json};

/// How long git may be asked.
const PATIENCE: Duration = Duration::from_secs(10);

/// What was found.
pub(crate) struct Left {
    search: Search,
    /// The file itself, and the names of the values that still stand in it.
    itself: Option<(PathBuf, Vec<String>)>,
    trouble: Option<GitTrouble>,
}

/// Looks for `values` beside `file` and in the git history of it.
pub(crate) fn search(environment: &Environment, file: &Path, values: &[(&str, &Secret)]) -> Left {
    let needles = Needles::new(values.iter().copied());
    let mut search = beside(file, &needles);
    let trouble = match in_git(file, &needles, environment, Deadline::after(PATIENCE)) {
        Ok(found) => {
            search.leftovers.extend(found.leftovers);
            search.unsearched.extend(found.unsearched);
            None
        }
        Err(trouble) => Some(trouble),
    };
    Left {
        search,
        itself: None,
        trouble,
    }
}

/// Whether `file` is in a work tree of git, not tracked, and no `.gitignore` keeps it out.
pub(crate) fn is_open_to_git(environment: &Environment, file: &Path) -> bool {
    standing(file, environment, Deadline::after(PATIENCE)) == Ok(Standing::Untracked)
}

impl Left {
    /// With what `file` itself still has, which holds `bytes` now: a comment that tells of an older value.
    pub(crate) fn with_itself(
        mut self,
        file: &Path,
        bytes: &[u8],
        values: &[(&str, &Secret)],
    ) -> Self {
        let names = Needles::new(values.iter().copied()).names_in(bytes);
        self.itself = (!names.is_empty()).then(|| (file.to_owned(), names));
        self
    }

    /// A line for each place, and what to do.
    pub(crate) fn lines(&self) -> Vec<String> {
        let itself = self.itself.iter().map(|(path, names)| {
            format!(
                "  {} itself, in a comment or where nothing is moved from, has {}",
                shown(path),
                names_in_words(names)
            )
        });
        let mut lines: Vec<String> = itself.collect();
        lines.extend(self.search.leftovers.iter().map(line));
        if self.is_in_git() {
            lines.push(
                "  git keeps old versions, and whoever has a clone has them too: rotate these secrets; rewriting the history is the second step"
                    .to_owned(),
            );
        }
        if !lines.is_empty() {
            lines.insert(0, "copies that are left over:".to_owned());
        }
        if let Some(trouble) = &self.trouble {
            lines.push(format!("git was not searched for copies: {trouble}"));
        }
        lines
    }

    /// The same for a machine.
    pub(crate) fn to_json(&self) -> Value {
        let itself = self.itself.iter().map(|(path, names)| {
            json!({ "kind": "itself", "path": path.to_string_lossy(), "names": names })
        });
        let others = self.search.leftovers.iter().filter_map(|leftover| {
            let (kind, path) = match &leftover.place {
                Place::File { path, .. } => ("file", path),
                Place::GitIndex { path, .. } => ("git-index", path),
                Place::GitHistory { path, .. } => ("git-history", path),
                _ => return None,
            };
            Some(json!({ "kind": kind, "path": path.to_string_lossy(), "names": leftover.names }))
        });
        Value::Array(itself.chain(others).collect())
    }

    fn is_in_git(&self) -> bool {
        let in_git = |leftover: &Leftover| !matches!(leftover.place, Place::File { .. });
        self.search.leftovers.iter().any(in_git)
    }
}

fn names_in_words(names: &[String]) -> String {
    shown(&names.join(", ")).to_string()
}

fn line(leftover: &Leftover) -> String {
    let names = names_in_words(&leftover.names);
    match &leftover.place {
        Place::File { path, kind } => {
            let kind = match kind {
                FileKind::Backup => "a copy",
                FileKind::ClientConfig => "a client's config: mcp-launch adopt",
                FileKind::EditorBackup => "an editor's backup",
                FileKind::Swap => "an editor's swap file",
                FileKind::Twin => "another file of this sort",
                _ => "a file",
            };
            format!("  {} ({kind}) has {names}", shown(path))
        }
        Place::GitIndex { path, .. } => {
            format!(
                "  {} in git's index, for the next commit, has {names}",
                shown(path)
            )
        }
        Place::GitHistory {
            path,
            commits,
            oldest,
            newest,
            pushed,
            ..
        } => {
            let span = match commits {
                1 => format!("1 commit ({oldest})"),
                _ => format!("{commits} commits ({oldest} to {newest})"),
            };
            let pushed = if *pushed { ", and it was pushed" } else { "" };
            format!(
                "  {} in {span} of git's history has {names}{pushed}",
                shown(path)
            )
        }
        _ => format!("  another place has {names}"),
    }
}
