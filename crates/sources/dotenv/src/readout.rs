//! What one reader makes of each assignment, for listings and comparisons.

use mcp_launch_core::Secret;

use crate::dialect::{Dialect, LineEnds, Text};
use crate::document::Document;
use crate::reading::{Cause, Outcome};

/// What one reader makes of a file.
pub struct Readout {
    /// Its assignments in order. They go on behind a line on which the reader would give up.
    pub assignments: Vec<Assignment>,
    /// The line on which the reader gives the whole file up, or from which on it is not known what it does.
    pub gives_up_on: Option<usize>,
}

/// One assignment as a reader sees it.
pub struct Assignment {
    /// The name. Bytes, because some readers take almost anything for one, a part of a value too; so it is wiped as well.
    pub key: Secret,
    /// The line on which it begins, from 1.
    pub line: usize,
    /// The value, or why there is none.
    pub value: Result<Secret, Cause>,
}

impl Document {
    /// What one reader makes of this file.
    #[must_use]
    pub fn read_by(&self, dialect: Dialect) -> Readout {
        let text = Text::new(self.print(), LineEnds::Unix);
        let reading = dialect.read(&text);
        let view = dialect.view(&text);
        let line = |at: usize| 1 + view[..at].iter().filter(|&&byte| byte == b'\n').count();
        let assignments = reading
            .bindings
            .iter()
            .map(|binding| Assignment {
                key: Secret::new(view[binding.key.clone()].to_vec()),
                line: line(binding.at),
                value: match &binding.outcome {
                    Outcome::Refused(cause) => Err(*cause),
                    Outcome::Value(value) => Ok(Secret::new(value.to_vec())),
                },
            })
            .collect();
        Readout {
            assignments,
            gives_up_on: reading.broken_at.map(line),
        }
    }
}
