//! Which files take no rotation: those whose replacement would not replace what everybody reads, or whose values are already
//! where they should not be.

use std::path::Path;

use mcp_launch_core::shown;
use mcp_launch_rotation::Entries;

use super::{file_system, git_index};
use crate::Document;
use crate::source::reference;

/// What a person does first before anything of `entries` in this file can be rotated; `None` when nothing stands in the way.
/// `path` is canonical.
pub(super) fn remedy(
    path: &Path,
    document: &Document,
    entries: &Entries,
    single_writer: bool,
) -> Option<String> {
    twice(path, document, entries)
        .or_else(|| standing(path))
        .or_else(|| {
            let shared = !single_writer && file_system::is_shared(path);
            shared.then(|| {
                format!(
                    "{} is on a file system that other machines may write to, and no lock of ours keeps them out: keep it \
                     on this machine's own disk, or say that nobody else writes it, by `single-writer`",
                    shown(path)
                )
            })
        })
        .or_else(|| {
            git_index::tracks(path).then(|| {
                format!(
                    "git tracks {}, so its values are in the history: `git rm --cached` it, add it to .gitignore, and \
                     rotate then",
                    shown(path)
                )
            })
        })
}

/// The readers do not agree on which of two entries counts.
fn twice(path: &Path, document: &Document, entries: &Entries) -> Option<String> {
    entries.names().find_map(|name| {
        let lines: Vec<String> = document
            .of(name)
            .map(|entry| entry.line.to_string())
            .collect();
        (lines.len() > 1).then(|| {
            format!(
                "{name} stands more than once in {}, in the lines {}: leave one of them",
                shown(path),
                lines.join(", ")
            )
        })
    })
}

#[cfg(unix)]
fn standing(path: &Path) -> Option<String> {
    use std::os::unix::fs::MetadataExt as _;
    let metadata = path.metadata().ok()?;
    if metadata.nlink() > 1 {
        return Some(format!(
            "{} has {} names, and a rename replaces one of them: remove the others, or make them symbolic links to it",
            shown(path),
            metadata.nlink()
        ));
    }
    if metadata.mode() & 0o077 != 0 {
        return Some(format!(
            "others may read or write it: chmod 600 {}",
            shown(path)
        ));
    }
    None
}

/// Windows keeps both in ways that a person does not meet by chance.
#[cfg(not(unix))]
fn standing(_path: &Path) -> Option<String> {
    None
}

/// What to do about a value of `entries` that is in truth in another store.
pub(super) fn elsewhere(
    path: &Path,
    name: &str,
    value: &mcp_launch_core::Secret,
) -> Option<String> {
    reference(value).is_some().then(|| {
        format!(
            "{name} in {} refers to another store: rotate it there",
            shown(path)
        )
    })
}
