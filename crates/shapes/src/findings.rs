//! The findings of one value while it is judged.

use std::collections::BTreeMap;
use std::ops::Range;

use crate::judgement::{Confidence, Finding, Kind};

/// What has been found so far: parts that do not overlap, the first to be found wins.
#[derive(Default)]
pub(crate) struct Findings {
    found: Vec<Finding>,
    /// Where each of them begins and ends.
    taken: BTreeMap<usize, usize>,
    /// Whether a placeholder stood where a secret would.
    pub(crate) placeholder: bool,
}

impl Findings {
    /// Adds a finding, unless something in `part` is one already.
    pub(crate) fn add(
        &mut self,
        part: Range<usize>,
        confidence: Confidence,
        kind: Kind,
        suggestion: Option<String>,
    ) {
        // They do not overlap, so no other than the last that begins before the end reaches into it.
        let before = self.taken.range(..part.end).next_back();
        let taken = before.is_some_and(|(_, &end)| part.start < end);
        if !taken && !part.is_empty() {
            self.taken.insert(part.start, part.end);
            self.found.push(Finding {
                part,
                confidence,
                kind,
                suggestion,
            });
        }
    }

    /// Whether there are none.
    pub(crate) fn is_empty(&self) -> bool {
        self.found.is_empty()
    }

    /// The findings.
    pub(crate) fn into_vec(self) -> Vec<Finding> {
        self.found
    }
}
