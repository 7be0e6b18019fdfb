//! Asking the stores whether they have a value, in the order of a launch.

use std::collections::HashMap;

use mcp_launch_core::{
    Address, Attempt, Connect as _, Deadline, Source, SourceError, SourceErrorKind,
};

use crate::registry::Reach;

/// What places say of a value.
pub(crate) struct Places {
    /// Those without it, in the order they were asked.
    pub(crate) attempts: Vec<Attempt>,
    /// The one that has it.
    pub(crate) found: Option<String>,
    /// Whether that one was asked: a command is not run to see what it says.
    pub(super) is_asked: bool,
}

impl Places {
    /// Whether the value surely is in none of them.
    pub(super) fn is_nowhere(&self) -> bool {
        self.attempts
            .iter()
            .all(|attempt| attempt.error.lets_next_answer())
    }
}

/// Asks sources whether they have values, and keeps the sources.
pub(crate) struct Inquiry<'a> {
    reach: &'a Reach,
    deadline: Deadline,
    sources: HashMap<String, Result<Box<dyn Source>, SourceError>>,
}

impl<'a> Inquiry<'a> {
    pub(crate) fn new(reach: &'a Reach, deadline: Deadline) -> Self {
        Self {
            reach,
            deadline,
            sources: HashMap::new(),
        }
    }

    /// Asks in order, up to the first that has the value or stops the launch.
    pub(crate) fn places(&mut self, candidates: &[Address]) -> Places {
        let mut attempts = Vec::new();
        for address in candidates {
            match self.look(address) {
                Ok(place) => {
                    return Places {
                        attempts,
                        found: Some(place),
                        is_asked: address.scheme != source_command::SCHEME.name,
                    };
                }
                Err(attempt) => {
                    let goes_on = attempt.error.lets_next_answer();
                    attempts.push(*attempt);
                    if !goes_on {
                        break;
                    }
                }
            }
        }
        Places {
            attempts,
            found: None,
            is_asked: true,
        }
    }

    /// The place of the value.
    fn look(&mut self, address: &Address) -> Result<String, Box<Attempt>> {
        let source = self
            .sources
            .entry(address.scheme.clone())
            .or_insert_with(|| self.reach.connect(&address.scheme));
        let refused = |place, error, remedy| {
            Box::new(Attempt {
                address: address.clone(),
                place,
                error,
                remedy,
            })
        };
        let source = match source {
            Ok(source) => source,
            Err(error) => return Err(refused(String::new(), *error, None)),
        };
        let locator = &address.locator;
        let place = source.place(locator);
        let answer = source
            .look(std::slice::from_ref(locator), self.deadline)
            .pop()
            .unwrap_or(Err(SourceError::new(SourceErrorKind::Unavailable)));
        match answer {
            Ok(()) => Ok(format!("{} ({place})", address.scheme)),
            Err(error) => Err(refused(place, error, source.remedy(locator, error))),
        }
    }
}
