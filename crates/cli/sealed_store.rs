//! The sealed store, for the commands that handle its key.

use mcp_launch_core::SourceError;
use source_sealed::SealedSource;

use crate::context::Context;
use crate::registry;
use crate::report::Report;

/// The sealed store of the settings that hold here.
pub(crate) struct SealedStore {
    pub(crate) source: SealedSource,
}

impl SealedStore {
    /// Finds it; it need not be there yet.
    pub(crate) fn open(context: &Context) -> Result<Self, Report> {
        let settings = context.settings()?;
        let source = registry::sealed_source(&context.reach(&settings, None))
            .map_err(|error| Report::failure(format!("sealed store: {error}")))?;
        Ok(Self { source })
    }

    /// An outcome, or what a person is told of its error.
    pub(crate) fn told<T>(&self, outcome: Result<T, SourceError>) -> Result<T, Report> {
        outcome.map_err(|error| {
            let report = Report::failure(format!("sealed store: {error}"));
            match self.source.remedy_for(error) {
                Some(remedy) => report.hint(remedy),
                None => report,
            }
        })
    }
}
