//! What a person, a log and a program are told of one credential.

use std::time::Duration;

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use mcp_launch_rotation::{End, Notice, Outcome, Reason};
use serde_json::{Value, json};

use crate::report::Report;

/// What became of one credential in one run.
pub(crate) struct Told {
    pub(crate) name: String,
    /// Where it is kept.
    pub(crate) address: String,
    /// The kind of its rotator.
    pub(crate) rotator: &'static str,
    pub(crate) what: What,
    /// What to do about it.
    pub(crate) remedy: Option<String>,
    /// Until when the value before is valid, where one is in its grace.
    pub(crate) grace_until: Option<Timestamp>,
    /// How many servers of this machine run with the value before.
    pub(crate) holders: usize,
    /// How many of them were ended, so that their clients start them anew.
    pub(crate) restarted: usize,
}

/// What became of it.
pub(crate) enum What {
    /// Nothing was to be done.
    Nothing,
    /// A run, and where it stopped.
    Ran(Outcome),
    /// It could not even be looked at.
    Refused(Report),
}

impl Told {
    /// What is told of a credential whose settings cannot be used.
    pub(crate) fn refused(name: String, report: Report) -> Self {
        Self {
            name,
            address: String::new(),
            rotator: "",
            remedy: report.hint.clone(),
            what: What::Refused(report),
            grace_until: None,
            holders: 0,
            restarted: 0,
        }
    }

    /// The exit code that it alone would have.
    pub(crate) fn exit_code(&self) -> u8 {
        match &self.what {
            What::Nothing => 0,
            What::Ran(outcome) => outcome.end.exit_code(),
            What::Refused(report) => report.code,
        }
    }

    /// Whether there is anything to say where only what happened is said.
    pub(crate) fn is_silent(&self) -> bool {
        match &self.what {
            What::Nothing => true,
            What::Ran(outcome) => {
                // Waiting for a window or for the end of a grace is what a schedule is for.
                let waits = matches!(
                    outcome.end,
                    End::Done | End::Elsewhere | End::Later(Reason::Window | Reason::Grace)
                );
                let progress = outcome.progress;
                waits
                    && !progress.promoted
                    && !progress.retired
                    && progress.swept == 0
                    && outcome.notices.is_empty()
            }
            What::Refused(_) => false,
        }
    }

    /// One line for a person or a log.
    pub(crate) fn line(&self) -> String {
        let name = &self.name;
        let outcome = match &self.what {
            What::Nothing => return format!("{name}: nothing to do"),
            What::Refused(report) => return format!("{name}: {}", report.message),
            What::Ran(outcome) => outcome,
        };
        let mut parts = Vec::new();
        if outcome.progress.promoted {
            parts.push("rotated".to_owned());
        }
        if outcome.progress.retired {
            parts.push("the value before is revoked".to_owned());
        }
        if outcome.progress.swept > 0 {
            parts.push(format!(
                "{} that never came into force revoked",
                outcome.progress.swept
            ));
        }
        if let Some(until) = self.grace_until
            && outcome.progress.promoted
        {
            let mut grace = format!("the value before is valid until {}", date(until));
            match self.holders {
                0 => {}
                1 => grace.push_str(", 1 server runs with it"),
                holders => grace.push_str(&format!(", {holders} servers run with it")),
            }
            parts.push(grace);
        }
        match self.restarted {
            0 => {}
            1 => parts.push("1 server was ended, so that its client starts it anew".to_owned()),
            ended => parts.push(format!(
                "{ended} servers were ended, so that their clients start them anew"
            )),
        }
        match (outcome.end, outcome.end.reason()) {
            (End::Elsewhere, _) => parts.push("somebody else is at it".to_owned()),
            // After a success what is left is the end of the grace.
            (_, Some(Reason::Grace)) if outcome.progress.promoted => {}
            (End::NeedsPerson(_), Some(reason)) => {
                parts.push(format!("needs a person: {reason}"));
            }
            (End::Later(_), Some(reason)) => parts.push(format!("later: {reason}")),
            (_, Some(reason)) => parts.push(reason.to_string()),
            (_, None) if parts.is_empty() => parts.push("nothing to do".to_owned()),
            (_, None) => {}
        }
        parts.extend(
            outcome
                .notices
                .iter()
                .map(|notice| in_words(*notice).to_owned()),
        );
        format!("{name}: {}", parts.join("; "))
    }

    /// The same for a program.
    pub(crate) fn to_json(&self) -> Value {
        let mut told = json!({
            "name": self.name,
            "address": self.address,
            "rotator": self.rotator,
            "exit_code": self.exit_code(),
        });
        match &self.what {
            What::Nothing => told["outcome"] = json!("nothing"),
            What::Refused(report) => {
                told["outcome"] = json!("refused");
                told["reason"] = json!(report.message);
            }
            What::Ran(outcome) => {
                told["outcome"] = json!(outcome.end.code());
                told["reason"] = json!(outcome.end.reason().map(|reason| reason.to_string()));
                told["rotated"] = json!(outcome.progress.promoted);
                told["retired"] = json!(outcome.progress.retired);
                told["swept"] = json!(outcome.progress.swept);
                told["notices"] = outcome
                    .notices
                    .iter()
                    .map(|notice| in_words(*notice))
                    .collect();
            }
        }
        told["remedy"] = json!(self.remedy);
        told["grace_until"] = json!(self.grace_until.map(|until| until.to_string()));
        told["holders"] = json!(self.holders);
        told["restarted"] = json!(self.restarted);
        told
    }
}

fn in_words(notice: Notice) -> &'static str {
    match notice {
        Notice::ClockSkew => {
            "the clocks of this host and of the store differ, so nothing was taken away"
        }
        Notice::OldVersionsStay => "old versions with old values stay in the store",
        Notice::PredecessorStays => "the value before has to be revoked by a person",
        _ => "see the reference of `rotate`",
    }
}

/// A date as a person reads it, in the zone of this machine.
pub(crate) fn date(at: Timestamp) -> String {
    if at == Timestamp::MAX {
        return "never".to_owned();
    }
    at.to_zoned(TimeZone::system())
        .strftime("%Y-%m-%d %H:%M")
        .to_string()
}

/// A length of time as a person says it: `3 days`, `5 hours`.
pub(crate) fn span(span: SignedDuration) -> String {
    let seconds = Duration::try_from(span.abs()).unwrap_or_default().as_secs();
    let (number, unit) = match seconds {
        172_800.. => (seconds / 86_400, "days"),
        7_200.. => (seconds / 3_600, "hours"),
        120.. => (seconds / 60, "minutes"),
        _ => (seconds, "seconds"),
    };
    format!("{number} {unit}")
}
