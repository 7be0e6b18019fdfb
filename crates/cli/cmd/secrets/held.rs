//! The values that a shelf has, for copying and exporting.

use std::time::Duration;

use mcp_launch_core::{Deadline, Locator, Secret, SourceErrorKind};

use crate::args::SelectionArgs;
use crate::registry::Reach;
use crate::report::Report;
use crate::selection::Selection;
use crate::shelf::{Kept, Shelf};
use crate::transfer::patience;

/// The values of `shelf` that are meant, by name. All of them or none.
///
/// # Errors
/// When one cannot be read, or a name that was asked for is not there.
pub(super) fn held(
    reach: &Reach,
    shelf: &Shelf,
    selection: &SelectionArgs,
    deadline: fn(Duration) -> Deadline,
) -> Result<Vec<(String, Secret)>, Report> {
    let source = shelf.connect(reach)?;
    let told = |what: &str, locator: &Locator, error| {
        let report = Report::failure(format!("cannot read {what}: {error}"));
        match source.remedy(locator, error) {
            Some(remedy) => report.hint(remedy),
            None if error.kind() == SourceErrorKind::Elsewhere => report
                .hint("take it from the store that it refers to; --except NAME leaves it out here"),
            None => report,
        }
    };
    let contents = shelf
        .contents(&*source, &reach.settings, deadline(patience(0)))
        .map_err(|error| told(&shelf.in_words(), &Locator::new("NAME"), error))?;
    let selection = Selection::of(selection);
    selection.must_fit(contents.iter().map(|kept| kept.name.as_str()))?;
    let meant: Vec<Kept> = contents
        .into_iter()
        .filter(|kept| selection.has(&kept.name))
        .collect();
    let locators: Vec<Locator> = meant.iter().map(|kept| kept.locator.clone()).collect();
    let answers = source.fetch(&locators, deadline(patience(locators.len())));
    meant
        .into_iter()
        .zip(answers)
        .map(|(kept, answer)| {
            let value = answer.map_err(|error| told(&kept.name, &kept.locator, error))?;
            Ok((kept.name, value))
        })
        .collect()
}
