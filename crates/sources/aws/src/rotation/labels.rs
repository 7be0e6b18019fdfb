//! All labels of a secret, as one answer of `DescribeSecret` had them, and what they say.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use mcp_launch_rotation::{Record, Revision, StoreError};
use sha2::{Digest as _, Sha256};

use super::label::{self, Displaced, Entry, Made, PREFIX};

pub(crate) const CURRENT: &str = "AWSCURRENT";
pub(crate) const PENDING: &str = "AWSPENDING";
pub(crate) const PREVIOUS: &str = "AWSPREVIOUS";

/// By the id of the version.
#[derive(Debug, Default)]
pub(crate) struct Labels(BTreeMap<String, BTreeSet<String>>);

impl Labels {
    pub(crate) fn of(answer: HashMap<String, Vec<String>>) -> Self {
        let sorted = answer.into_iter();
        Self(
            sorted
                .map(|(version, labels)| (version, labels.into_iter().collect()))
                .collect(),
        )
    }

    /// Another one after every write, ours and that of others: each makes a version or moves a label. What is given up
    /// leaves the label of its number behind, so that no earlier state comes back.
    pub(crate) fn revision(&self) -> Result<Revision, StoreError> {
        let mut digest = Sha256::new();
        for (version, labels) in &self.0 {
            for label in labels {
                digest.update(format!("{version} {label}\n"));
            }
        }
        let digest = digest.finalize();
        let hex: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
        Revision::new(hex).map_err(|_| StoreError::Malformed)
    }

    pub(crate) fn holder(&self, label: &str) -> Option<&str> {
        let held = |labels: &BTreeSet<String>| labels.contains(label);
        let (version, _) = self.0.iter().find(|(_, labels)| held(labels))?;
        Some(version)
    }

    /// The version that is pending. On the current one the label is parked: functions of AWS leave it there
    /// (aws-secrets-manager-rotation-lambdas#168), and so does a run that was killed after its promotion.
    pub(crate) fn pending(&self) -> Option<&str> {
        self.holder(PENDING)
            .filter(|pending| self.holder(CURRENT) != Some(pending))
    }

    /// What is known of a version that a rotation made.
    pub(crate) fn made(&self, version: &str) -> Option<Made> {
        self.entries(version)
            .into_iter()
            .find_map(|entry| match entry {
                Entry::Made(made) => Some(made),
                Entry::Displaced(_) | Entry::Note(..) => None,
            })
    }

    /// The overlap that is not over: the version whose promotion began it, and what it displaced. A promotion that did not
    /// come to its end has left the same label, but on a version that was never current.
    pub(crate) fn overlap(&self) -> Option<(&str, Displaced)> {
        let before = self.holder(PREVIOUS);
        [self.holder(CURRENT), before]
            .into_iter()
            .flatten()
            .find_map(|version| {
                let displaced = self
                    .entries(version)
                    .into_iter()
                    .filter_map(|entry| match entry {
                        Entry::Displaced(displaced) => Some(displaced),
                        Entry::Made(_) | Entry::Note(..) => None,
                    });
                // Several tried: what the label says that AWS moved by itself counts, and of those the longest grace.
                let best = displaced.max_by_key(|displaced| {
                    let is_before = before == Some(displaced.version.as_str());
                    (is_before, displaced.retire_after)
                })?;
                Some((version, best))
            })
    }

    /// What was noted of the current version, and the number for the next note.
    pub(crate) fn note(&self) -> (Record, u32) {
        let entries = self.holder(CURRENT).map(|current| self.entries(current));
        let notes = entries
            .into_iter()
            .flatten()
            .filter_map(|entry| match entry {
                Entry::Note(number, record) => Some((number, record)),
                Entry::Made(_) | Entry::Displaced(_) => None,
            });
        let last = notes.max_by_key(|(number, _)| *number);
        last.map_or((Record::default(), 0), |(number, record)| {
            (record, number.saturating_add(1))
        })
    }

    /// The number of the next rotation to begin: above all that a label tells of.
    pub(crate) fn next_number(&self) -> u32 {
        let numbers = self.0.keys().filter_map(|version| self.made(version));
        let last = numbers.map(|made| made.number).max();
        last.map_or(0, |last| last.saturating_add(1))
    }

    /// Our labels on versions that are neither current, before nor pending: what earlier rotations left.
    pub(crate) fn stale(&self) -> Vec<(&str, &str)> {
        let in_use = [CURRENT, PREVIOUS, PENDING].map(|label| self.holder(label));
        let stale = self
            .0
            .iter()
            .filter(|(version, _)| !in_use.contains(&Some(version.as_str())));
        stale
            .flat_map(|(version, labels)| {
                let own = labels.iter().filter(|label| label.starts_with(PREFIX));
                own.map(move |label| (version.as_str(), label.as_str()))
            })
            .collect()
    }

    /// Our labels of these kinds on `version`.
    pub(crate) fn of_kind<'a>(
        &'a self,
        version: &str,
        kinds: &'a [&str],
    ) -> impl Iterator<Item = &'a str> {
        let labels = self.0.get(version).into_iter().flatten();
        labels
            .map(String::as_str)
            .filter(move |label| label::kind(label).is_some_and(|kind| kinds.contains(&kind)))
    }

    fn entries(&self, version: &str) -> Vec<Entry> {
        let labels = self.0.get(version).into_iter().flatten();
        Entry::read(labels.map(String::as_str))
    }
}
