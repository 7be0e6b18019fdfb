//! `--check`, `--status` and `--dry-run`: what the stores show, without a change.

use jiff::Timestamp;
use mcp_launch_rotation::schedule::{Dates, Standing};
use mcp_launch_rotation::{Snapshot, Stage};
use serde_json::{Value, json};

use crate::args::RotateArgs;
use crate::report::Report;
use crate::rotation::{Credential, Look, Told, Work, date, span};
use crate::ui;

/// The exit codes of `--check`.
const DUE: u8 = 1;
const OVERDUE: u8 = 2;

/// What the store shows of one credential.
struct Looked<'a> {
    credential: &'a Credential,
    seen: Result<Box<Snapshot>, String>,
    remedy: Option<String>,
}

/// Tells of each.
///
/// # Errors
/// With `--check`, that one is due or overdue; else, that one could not be looked at.
pub(super) fn tell(
    work: &Work<'_>,
    credentials: &[Credential],
    refused: Vec<Told>,
    args: &RotateArgs,
) -> Result<(), Report> {
    let looked: Vec<Looked<'_>> = credentials
        .iter()
        .map(|credential| look(work, credential))
        .collect();
    if args.json {
        let mut all: Vec<Value> = looked.iter().map(Looked::to_json).collect();
        all.extend(refused.iter().map(Told::to_json));
        ui::text(&format!("{:#}\n", Value::Array(all)))?;
    } else {
        let mut rows: Vec<[String; 5]> = Vec::new();
        for one in &looked {
            if !args.check || one.code() != 0 {
                rows.push(one.row());
            }
        }
        ui::text(&table(&rows))?;
        for told in &refused {
            ui::line(&told.line());
        }
        for one in &looked {
            if let Some(remedy) = &one.remedy {
                ui::line(&format!("hint: {}: {remedy}", one.credential.name()));
            }
        }
    }
    let unseen = looked.iter().filter(|one| one.seen.is_err()).count() + refused.len();
    let code = if args.check {
        looked.iter().map(Looked::code).max().unwrap_or(0)
    } else {
        0
    };
    match (code, unseen) {
        (0, 0) => Ok(()),
        (0, 1) => Err(Report::failure("1 credential could not be looked at")),
        (0, unseen) => Err(Report::failure(format!(
            "{unseen} credentials could not be looked at"
        ))),
        (code, _) => Err(Report::with_code(
            code,
            if code == DUE {
                "a rotation is due"
            } else {
                "a rotation is overdue"
            },
        )),
    }
}

fn look<'a>(work: &Work<'_>, credential: &'a Credential) -> Looked<'a> {
    let (seen, remedy) = match work.look(credential) {
        Ok(Look::Seen(seen)) => (Ok(seen), None),
        Ok(Look::Unseen(error, remedy)) => (Err(error.to_string()), remedy),
        Err(report) => (Err(report.message), report.hint),
    };
    Looked {
        credential,
        seen,
        remedy,
    }
}

impl Looked<'_> {
    fn standing(&self, seen: &Snapshot) -> Standing {
        let schedule = &self.credential.timetable.schedule;
        schedule.standing(self.credential.name(), &Dates::of(seen))
    }

    fn code(&self) -> u8 {
        let Ok(seen) = &self.seen else { return OVERDUE };
        match self.standing(seen) {
            Standing::Overdue => OVERDUE,
            Standing::Due | Standing::Deferred { .. } => DUE,
            Standing::Fresh { .. } | Standing::Skewed | Standing::Unseen => 0,
        }
    }

    /// Its name, where it is kept, when it was rotated, when it will be, how it stands.
    fn row(&self) -> [String; 5] {
        let name = self.credential.name().to_owned();
        let address = self.credential.address.to_string();
        let seen = match &self.seen {
            Ok(seen) => seen,
            Err(error) => return [name, address, String::new(), String::new(), error.clone()],
        };
        let rotated = seen.current.rotated_at.map_or("never".to_owned(), date);
        let due = self.due(seen).map_or("never".to_owned(), date);
        [name, address, rotated, due, self.state(seen)]
    }

    fn due(&self, seen: &Snapshot) -> Option<Timestamp> {
        let schedule = &self.credential.timetable.schedule;
        schedule.due(self.credential.name(), &Dates::of(seen))
    }

    fn state(&self, seen: &Snapshot) -> String {
        let now = seen.read_at;
        let mut state = match self.standing(seen) {
            Standing::Deferred { until } => format!("due, waits until {}", date(until)),
            Standing::Due => "due".to_owned(),
            Standing::Fresh { .. } => "fresh".to_owned(),
            Standing::Overdue => "overdue".to_owned(),
            Standing::Skewed => "rotated in the future: a clock is wrong".to_owned(),
            Standing::Unseen => "not seen before: the next run plans it".to_owned(),
        };
        match &seen.stage {
            Stage::Idle => {}
            Stage::Claimed(_) | Stage::Staged(_) => {
                state.push_str(", a rotation is pending");
            }
            Stage::Overlap(previous) => {
                state.push_str(&format!(
                    ", the value before is valid until {}",
                    date(previous.retire_after)
                ));
            }
        }
        let schedule = &self.credential.timetable.schedule;
        if let Some(end) = schedule.end(&Dates::of(seen)) {
            let left = end.duration_since(now);
            let warns = self
                .credential
                .timetable
                .warn_before
                .first()
                .is_some_and(|first| {
                    left.as_secs() < i64::try_from(first.as_secs()).unwrap_or(i64::MAX)
                });
            if left.is_negative() {
                state.push_str(&format!(", ended {} ago", span(left)));
            } else if warns {
                state.push_str(&format!(", ends in {}", span(left)));
            }
        }
        state
    }

    fn to_json(&self) -> Value {
        let mut told = json!({
            "name": self.credential.name(),
            "address": self.credential.address.to_string(),
            "rotator": self.credential.rotator.kind(),
            "code": self.code(),
        });
        match &self.seen {
            Err(error) => told["error"] = json!(error),
            Ok(seen) => {
                let text = |at: Option<Timestamp>| at.map(|at| at.to_string());
                told["rotated_at"] = json!(text(seen.current.rotated_at));
                told["due_at"] = json!(text(self.due(seen).filter(|at| *at != Timestamp::MAX)));
                told["expires_at"] = json!(text(
                    self.credential.timetable.schedule.end(&Dates::of(seen))
                ));
                told["state"] = json!(self.state(seen));
                told["failures"] = json!(seen.record.failures);
            }
        }
        told["remedy"] = json!(self.remedy);
        told
    }
}

/// Columns, each as wide as its widest cell.
fn table(rows: &[[String; 5]]) -> String {
    if rows.is_empty() {
        return String::new();
    }
    let head = ["NAME", "KEPT IN", "ROTATED", "DUE", "STATE"].map(str::to_owned);
    let all: Vec<&[String; 5]> = std::iter::once(&head).chain(rows).collect();
    let mut text = String::new();
    for row in &all {
        let mut line = String::new();
        for (column, cell) in row.iter().enumerate() {
            let width = all.iter().map(|row| row[column].chars().count()).max();
            let missing = width.unwrap_or(0) - cell.chars().count();
            line.push_str(cell);
            line.push_str(&" ".repeat(missing + 2));
        }
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}
