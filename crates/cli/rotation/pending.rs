//! Which credentials may have a rotation that was not finished: an empty file for each, written before the first step and
//! removed after the last. A hint for launches, and no more: the store is the journal, and without these files the next
//! `rotate --due` finishes the same.

use std::path::PathBuf;

use mcp_launch_config::Settings;

/// The credentials whose rotation was begun here.
pub(crate) struct Pending {
    folder: PathBuf,
}

impl Pending {
    /// Those of the person that these settings belong to; `None` without a home.
    pub(crate) fn of(settings: &Settings) -> Option<Self> {
        let state = settings.directories().state_dir().ok()?;
        Some(Self {
            folder: state.join("rotating"),
        })
    }

    /// Notes that a rotation of `name` begins. Nothing depends on it.
    pub(crate) fn begin(&self, name: &str) {
        if mcp_launch_atomic::create_private_dir(&self.folder).is_ok() {
            drop(mcp_launch_atomic::create_private(&self.folder.join(name)));
        }
    }

    /// Notes that nothing is pending any more.
    pub(crate) fn end(&self, name: &str) {
        drop(std::fs::remove_file(self.folder.join(name)));
    }

    /// Whether one of these was begun and not ended.
    pub(crate) fn any(&self, names: &[String]) -> bool {
        names.iter().any(|name| self.folder.join(name).exists())
    }
}
