//! A repository of a test's own, made with the real git.

use std::path::{Path, PathBuf};
use std::time::Duration;

use mcp_launch_core::{Deadline, Environment, Secret};
use mcp_launch_leftovers::{GitTrouble, Needles, Place, Search, in_git};
use mcp_launch_testkit::{Canary, Scratch};

/// A home with a repository `project`, and a value that is looked for.
pub(crate) struct Stage {
    pub(crate) scratch: Scratch,
    pub(crate) canary: Canary,
    /// So that each commit is a minute later than the one before.
    minutes: std::cell::Cell<u32>,
}

impl Stage {
    pub(crate) fn new() -> Self {
        let stage = Self {
            scratch: Scratch::new(),
            canary: Canary::new(),
            minutes: std::cell::Cell::new(0),
        };
        let config =
            "[user]\n\tname = N\n\temail = n@example.com\n[init]\n\tdefaultBranch = main\n";
        stage.scratch.write(".gitconfig", config);
        stage.scratch.write("project/README", "nothing");
        stage.git(&["init", "--quiet"]);
        stage.commit();
        stage
    }

    pub(crate) fn project(&self) -> PathBuf {
        self.scratch.home().join("project")
    }

    pub(crate) fn file(&self) -> PathBuf {
        self.project().join(".env")
    }

    /// Writes `.env` with the value in it.
    pub(crate) fn write_value(&self) {
        let line = format!("KEY='{}'\n", self.canary.value());
        self.scratch.write("project/.env", line);
    }

    /// Writes `.env` without it.
    pub(crate) fn write_placeholder(&self) {
        self.scratch.write("project/.env", "KEY=$<KEY>\n");
    }

    /// Commits all there is, and says which commit that is.
    pub(crate) fn commit(&self) -> String {
        self.git(&["add", "--all", "--force"]);
        self.git(&["commit", "--quiet", "--allow-empty", "--message", "m"]);
        self.head()
    }

    /// The value, and then no value any more.
    pub(crate) fn commit_value_and_remove_it(&self) -> String {
        self.write_value();
        let commit = self.commit();
        self.write_placeholder();
        self.commit();
        commit
    }

    pub(crate) fn head(&self) -> String {
        self.git(&["rev-parse", "--short=12", "HEAD"])
            .trim()
            .to_owned()
    }

    pub(crate) fn git(&self, arguments: &[&str]) -> String {
        self.git_in(&self.project(), arguments)
    }

    /// git as a person runs it, with nothing held back.
    pub(crate) fn git_in(&self, folder: &Path, arguments: &[&str]) -> String {
        self.minutes.set(self.minutes.get() + 1);
        let minutes = self.minutes.get();
        let date = format!("2026-01-01T{:02}:{:02}:00Z", minutes / 60, minutes % 60);
        let output = (self.scratch.command("git").current_dir(folder))
            .env("GIT_COMMITTER_DATE", &date)
            .env("GIT_AUTHOR_DATE", date)
            .args(arguments)
            .output()
            .expect("git is installed");
        let complaint = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "git {arguments:?}: {complaint}");
        String::from_utf8(output.stdout).expect("git answers in text")
    }

    pub(crate) fn environment(&self) -> Environment {
        Environment::from_pairs(self.scratch.variables())
    }

    pub(crate) fn search(&self) -> Result<Search, GitTrouble> {
        self.search_for(&self.file())
    }

    pub(crate) fn search_for(&self, file: &Path) -> Result<Search, GitTrouble> {
        let value = Secret::new(self.canary.value().into());
        let needles = Needles::new([("KEY", &value)]);
        let found = in_git(file, &needles, &self.environment(), in_time());
        self.canary
            .assert_absent("what is told", format!("{found:?}"));
        found
    }

    /// The one place that is found, and nothing was left out.
    pub(crate) fn only_place(&self) -> Place {
        let found = self.search().expect("git can be asked");
        assert_eq!(found.unsearched, []);
        assert_eq!(found.leftovers.len(), 1, "{found:?}");
        assert_eq!(found.leftovers[0].names, ["KEY"]);
        found.leftovers[0].place.clone()
    }

    /// What is told of a history in which these commits, oldest and newest, have the value.
    pub(crate) fn history(
        &self,
        commits: usize,
        oldest: &str,
        newest: &str,
        pushed: bool,
    ) -> Place {
        Place::GitHistory {
            path: ".env".into(),
            repository: self.project().canonicalize().expect("it is there"),
            commits,
            oldest: oldest.into(),
            newest: newest.into(),
            pushed,
        }
    }
}

/// More than git needs on a busy machine.
pub(crate) fn in_time() -> Deadline {
    Deadline::after(Duration::from_secs(60))
}
