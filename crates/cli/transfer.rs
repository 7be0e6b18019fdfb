//! Values on their way into a shelf, as a person sees it: what goes where, what is in the way, what arrived.

use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use mcp_launch_config::Settings;
use mcp_launch_core::{Deadline, Locator, Secret, SourceError};
use mcp_launch_transfer::{Arrival, FingerprintKey, Parcel, Standing, carry, survey};
use serde_json::{Value, json};

use crate::registry::Reach;
use crate::report::Report;
use crate::shelf::Shelf;

/// How long a store may take for a start, an unlock prompt included.
const PATIENCE: Duration = Duration::from_secs(60);

/// How much longer for each value: a keychain writes its whole file for each.
const PER_VALUE: Duration = Duration::from_millis(50);

/// How many secrets of their own are written between two steps of the progress.
const BATCH: usize = 100;

/// A value of fewer bytes is soon guessed by whoever knows how many.
const SHORT: usize = 8;

/// From how many values on a progress is shown.
const MANY: usize = 20;

/// Values that are to go into a shelf, and what it has in their places.
pub(crate) struct Transfer<'a> {
    reach: &'a Reach,
    shelf: &'a Shelf,
    entries: Vec<(Parcel, Standing)>,
    /// The placeholder that finds each.
    placeholders: Vec<String>,
    /// How long what is said of an entry may take.
    deadline: Duration,
}

/// How long a store may take with this many values.
pub(crate) fn patience(values: usize) -> Duration {
    let values = u32::try_from(values).unwrap_or(u32::MAX);
    PATIENCE.saturating_add(PER_VALUE.saturating_mul(values))
}

impl<'a> Transfer<'a> {
    /// Asks the shelf what it has under the names of `values`.
    ///
    /// # Errors
    /// When it cannot be asked.
    pub(crate) fn plan(
        reach: &'a Reach,
        shelf: &'a Shelf,
        values: Vec<(String, Secret)>,
    ) -> Result<Self, Report> {
        let deadline = patience(values.len());
        let parcels: Vec<Parcel> = values
            .into_iter()
            .map(|(name, value)| Parcel {
                locator: shelf.address(&reach.settings, &name).locator,
                name,
                value,
            })
            .collect();
        if parcels.is_empty() {
            return Ok(Self {
                reach,
                shelf,
                entries: Vec::new(),
                placeholders: Vec::new(),
                deadline,
            });
        }
        let source = shelf.connect(reach)?;
        if source.store().is_none() {
            return Err(Report::failure(format!(
                "{} cannot be written",
                shelf.in_words()
            )));
        }
        let surveyed = survey(&*source, &parcels, Deadline::after(deadline));
        let mut entries = Vec::with_capacity(parcels.len());
        for (parcel, standing) in parcels.into_iter().zip(surveyed) {
            let standing = standing.map_err(|error| {
                trouble(
                    shelf,
                    "read",
                    &parcel.name,
                    error,
                    &*source,
                    &parcel.locator,
                )
            })?;
            entries.push((parcel, standing));
        }
        let names: Vec<&str> = entries
            .iter()
            .map(|(parcel, _)| parcel.name.as_str())
            .collect();
        let placeholders = shelf.placeholders(reach, &names);
        Ok(Self {
            reach,
            shelf,
            entries,
            placeholders,
            deadline,
        })
    }

    /// How many values are in it.
    pub(crate) fn len(&self) -> usize {
        self.entries.len()
    }

    /// The name of each value, and the placeholder that will find it.
    pub(crate) fn placeholders(&self) -> Vec<(&str, &str)> {
        self.entries
            .iter()
            .map(|(parcel, _)| parcel.name.as_str())
            .zip(self.placeholders.iter().map(String::as_str))
            .collect()
    }

    /// Those that are not in the shelf yet.
    pub(crate) fn new_values(&self) -> Vec<(&str, &Secret)> {
        let entries = self.entries.iter();
        entries
            .filter(|(_, standing)| matches!(standing, Standing::New))
            .map(|(parcel, _)| (parcel.name.as_str(), &parcel.value))
            .collect()
    }

    /// How many of them are not in the shelf yet.
    pub(crate) fn due(&self) -> usize {
        let due = |entry: &&(Parcel, Standing)| !matches!(entry.1, Standing::Same);
        self.entries.iter().filter(due).count()
    }

    /// A line for each value: its name, how long it is, and what the shelf has in its place.
    pub(crate) fn lines(&self) -> Vec<String> {
        let width = self.entries.iter().map(|(parcel, _)| parcel.name.len());
        let width = width.max().unwrap_or_default();
        self.entries
            .iter()
            .map(|(parcel, standing)| {
                let length = length_in_words(parcel.value.len());
                let standing = match standing {
                    Standing::New => "new",
                    Standing::Same => "there already",
                    Standing::Different(_) => "another value is there",
                };
                format!("  {:width$}  {length:>12}  {standing}", parcel.name)
            })
            .collect()
    }

    /// The same for a machine.
    pub(crate) fn to_json(&self) -> Vec<Value> {
        self.entries
            .iter()
            .zip(&self.placeholders)
            .map(|((parcel, standing), placeholder)| {
                json!({
                    "name": parcel.name,
                    "placeholder": placeholder,
                    "bytes": length(parcel.value.len()),
                    "there": match standing {
                        Standing::New => "nothing",
                        Standing::Same => "same",
                        Standing::Different(_) => "different",
                    },
                })
            })
            .collect()
    }

    /// Refuses to replace other values, unless that was asked for. Both are shown by their fingerprints.
    ///
    /// # Errors
    /// When another value is in the way.
    pub(crate) fn refuse_conflicts(&self, overwrite: bool) -> Result<(), Report> {
        let conflicts: Vec<(&Parcel, &Secret)> = self
            .entries
            .iter()
            .filter_map(|(parcel, standing)| match standing {
                Standing::Different(there) => Some((parcel, there)),
                Standing::New | Standing::Same => None,
            })
            .collect();
        if overwrite || conflicts.is_empty() {
            return Ok(());
        }
        let key = fingerprint_key(&self.reach.settings);
        let mut message = format!(
            "{} has {} under {}, so nothing was written",
            self.shelf.in_words(),
            if conflicts.len() == 1 {
                "another value"
            } else {
                "other values"
            },
            if conflicts.len() == 1 {
                "this name"
            } else {
                "these names"
            },
        );
        for (parcel, there) in conflicts {
            let Ok(key) = &key else {
                message.push_str(&format!("\n  {}", parcel.name));
                continue;
            };
            message.push_str(&format!(
                "\n  {}: fingerprint {} here, {} there",
                parcel.name,
                key.of(&parcel.value),
                key.of(there)
            ));
        }
        Err(Report::failure(message)
            .hint("--overwrite replaces them; --except NAME leaves one out; --prefix gives the new ones other names"))
    }

    /// Writes the values and reads each back.
    ///
    /// # Errors
    /// When one of them is not certain to be there; what was written before stays, and a second run goes on from there.
    pub(crate) fn carry(self) -> Result<Carried, Report> {
        let due = self.due();
        let source = self.shelf.connect(self.reach)?;
        let store = source.store().ok_or_else(|| {
            Report::failure(format!("{} cannot be written", self.shelf.in_words()))
        })?;
        let again = self.shelf.connect(self.reach)?;
        let batch = if self.shelf.is_one_write() {
            usize::MAX
        } else {
            BATCH
        };
        let progress = progress(due);
        let arrivals = carry(
            store,
            &*again,
            &self.entries,
            batch,
            Deadline::after(self.deadline),
            &mut |written| progress.set_position(written as u64),
        );
        progress.finish_and_clear();
        let failed: Vec<(&Parcel, Arrival)> = self
            .entries
            .iter()
            .zip(&arrivals)
            .filter(|(_, arrival)| !arrival.is_certain())
            .map(|((parcel, _), arrival)| (parcel, *arrival))
            .collect();
        if !failed.is_empty() {
            return Err(self.not_arrived(&failed, &*source));
        }
        Ok(Carried {
            parcels: self.entries.into_iter().map(|(parcel, _)| parcel).collect(),
            placeholders: self.placeholders,
            written: arrivals
                .iter()
                .filter(|arrival| **arrival == Arrival::Written)
                .count(),
        })
    }

    fn not_arrived(
        &self,
        failed: &[(&Parcel, Arrival)],
        source: &dyn mcp_launch_core::Source,
    ) -> Report {
        let mut message = format!(
            "{} of {} values did not arrive in {}; nothing was removed from where they are",
            failed.len(),
            self.len(),
            self.shelf.in_words()
        );
        let mut remedy = None;
        for (parcel, arrival) in failed.iter().take(MANY) {
            let why = match arrival {
                Arrival::Refused(error) => format!("not written: {error}"),
                Arrival::Unread(error) => format!("not read back: {error}"),
                Arrival::Altered => "read back as another value".to_owned(),
                Arrival::Found | Arrival::Written => continue,
            };
            message.push_str(&format!("\n  {}: {why}", parcel.name));
            if let Arrival::Refused(error) | Arrival::Unread(error) = arrival {
                remedy = remedy.or_else(|| source.remedy(&parcel.locator, *error));
            }
        }
        if failed.len() > MANY {
            message.push_str(&format!("\n  and {} more", failed.len() - MANY));
        }
        Report::failure(message)
            .hint(remedy.unwrap_or_else(|| "run it again: it goes on where it stopped".to_owned()))
    }
}

/// Values that surely are in their shelf.
pub(crate) struct Carried {
    parcels: Vec<Parcel>,
    /// The placeholder that finds each.
    placeholders: Vec<String>,
    /// How many of them were written now.
    pub(crate) written: usize,
}

impl Carried {
    /// No values at all.
    pub(crate) const fn nothing() -> Self {
        Self {
            parcels: Vec::new(),
            placeholders: Vec::new(),
            written: 0,
        }
    }

    pub(crate) fn names(&self) -> Vec<&str> {
        let parcels = self.parcels.iter();
        parcels.map(|parcel| parcel.name.as_str()).collect()
    }

    /// The name of each, and the placeholder that finds it.
    pub(crate) fn placeholders(&self) -> Vec<(&str, &str)> {
        let placeholders = self.placeholders.iter().map(String::as_str);
        self.names().into_iter().zip(placeholders).collect()
    }

    pub(crate) fn values(&self) -> Vec<(&str, &Secret)> {
        let parcels = self.parcels.iter();
        parcels
            .map(|parcel| (parcel.name.as_str(), &parcel.value))
            .collect()
    }
}

/// How long a value is; None of a short one, of which not even that much is told.
pub(crate) fn length(bytes: usize) -> Option<usize> {
    (bytes >= SHORT).then_some(bytes)
}

/// The same for a person.
pub(crate) fn length_in_words(bytes: usize) -> String {
    match length(bytes) {
        None => format!("under {SHORT} bytes"),
        Some(bytes) => format!("{bytes} bytes"),
    }
}

/// What is told when a shelf fails for one value before anything was written.
fn trouble(
    shelf: &Shelf,
    action: &str,
    name: &str,
    error: SourceError,
    source: &dyn mcp_launch_core::Source,
    locator: &Locator,
) -> Report {
    let report = Report::failure(format!(
        "cannot {action} {name}: {}: {error}",
        shelf.in_words()
    ));
    match source.remedy(locator, error) {
        Some(remedy) => report.hint(remedy),
        None => report,
    }
}

/// The key of this machine's fingerprints, or one for this run where it cannot be kept.
fn fingerprint_key(settings: &Settings) -> std::io::Result<FingerprintKey> {
    match settings.directories().state_dir() {
        Ok(state) => FingerprintKey::kept_in(state).or_else(|_| FingerprintKey::passing()),
        Err(_) => FingerprintKey::passing(),
    }
}

/// A progress on standard error, for many values and a person only.
fn progress(values: usize) -> ProgressBar {
    if values < MANY {
        return ProgressBar::hidden();
    }
    let bar = ProgressBar::with_draw_target(Some(values as u64), ProgressDrawTarget::stderr());
    if let Ok(style) = ProgressStyle::with_template("{bar:30} {pos} of {len} values") {
        bar.set_style(style);
    }
    bar
}
