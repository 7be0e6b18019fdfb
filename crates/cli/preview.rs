//! What a launch would do, shown without fetching a value.

use std::collections::HashMap;

use mcp_launch_core::{
    Address, Connect as _, Deadline, Delivery, FoundIn, LaunchPlan, Necessity, Request, Site,
    Source, SourceError, SourceErrorKind,
};
use mcp_launch_exec::{Isolation, Policy, isolation_support};
use serde_json::{Value, json};

use crate::registry::Reach;
use crate::report::Report;
use crate::ui;

/// Where one placeholder's value would come from.
pub(crate) struct Prospect<'a> {
    pub(crate) request: &'a Request,
    places: Places,
}

impl Prospect<'_> {
    fn is_found(&self) -> bool {
        self.places.last().is_some_and(|(_, answer)| answer.is_ok())
    }

    /// Whether the launch would go on.
    pub(crate) fn is_enough(&self) -> bool {
        self.is_found()
            || self
                .places
                .iter()
                .all(|(_, answer)| answer.as_ref().is_err_and(|error| error.lets_next_answer()))
                && (self.request.placeholder.default().is_some()
                    || self.request.necessity == Necessity::Optional)
    }

    fn verdict(&self) -> &'static str {
        if self.is_found() {
            "found"
        } else if !self.is_enough() {
            "no value"
        } else if self.request.placeholder.default().is_some() {
            "the default"
        } else {
            "left as it is"
        }
    }
}

/// Prints the plan: text for a person, or JSON.
///
/// # Errors
/// When a required placeholder has no value; the plan is printed all the same.
pub(crate) fn show(
    plan: &LaunchPlan,
    policy: &Policy,
    reach: &Reach,
    deadline: Deadline,
    as_json: bool,
) -> Result<(), Report> {
    let prospects = prospects(plan, reach, deadline);
    let text = if as_json {
        format!("{:#}\n", to_json(plan, policy, &prospects))
    } else {
        to_text(plan, policy, &prospects)
    };
    ui::text(&text)?;
    let lacking = prospects
        .iter()
        .filter(|prospect| !prospect.is_enough())
        .count();
    if lacking == 0 {
        return Ok(());
    }
    Err(Report::not_started(format!(
        "{lacking} of {} placeholders would have no value",
        prospects.len()
    )))
}

/// Where each value of `plan` would come from.
pub(crate) fn prospects<'a>(
    plan: &'a LaunchPlan,
    reach: &Reach,
    deadline: Deadline,
) -> Vec<Prospect<'a>> {
    let mut inquiry = Inquiry::new(reach, deadline);
    plan.requests
        .iter()
        .map(|request| Prospect {
            request,
            places: inquiry.places(&request.candidates),
        })
        .collect()
}

/// What places say of a value, in the order they were asked.
pub(crate) type Places = Vec<(String, Result<(), SourceError>)>;

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
        let mut places = Vec::new();
        for address in candidates {
            let (place, answer) = self.look(address);
            let goes_on = answer.as_ref().is_err_and(|error| error.lets_next_answer());
            places.push((place, answer));
            if !goes_on {
                break;
            }
        }
        places
    }

    fn look(&mut self, address: &Address) -> (String, Result<(), SourceError>) {
        let source = self
            .sources
            .entry(address.scheme.clone())
            .or_insert_with(|| self.reach.connect(&address.scheme));
        match source {
            Err(error) => (address.scheme.clone(), Err(*error)),
            Ok(source) => {
                let answer = source
                    .look(std::slice::from_ref(&address.locator), self.deadline)
                    .pop();
                (
                    format!("{} ({})", address.scheme, source.place(&address.locator)),
                    answer.unwrap_or(Err(SourceError::new(SourceErrorKind::Missing))),
                )
            }
        }
    }
}

fn to_text(plan: &LaunchPlan, policy: &Policy, prospects: &[Prospect]) -> String {
    let mut lines = Vec::new();
    if let Some(server) = &plan.server {
        lines.push(format!("server        {server}"));
    }
    lines.push(format!(
        "program       {} ({})",
        plan.program.path.display(),
        found_in(plan)
    ));
    lines.push(format!("arguments     {}", plan.arguments.len()));
    lines.push(format!(
        "variables     {} passed on",
        plan.environment.len()
    ));
    if !plan.stripped.is_empty() {
        lines.push(format!("stripped      {}", stripped(plan).join(", ")));
    }
    lines.push(format!("isolation     {}", isolation(policy)));
    if prospects.is_empty() {
        lines.push("placeholders  none".to_owned());
    } else {
        lines.push(format!("placeholders  {}", prospects.len()));
    }
    for prospect in prospects {
        lines.push(format!(
            "  {} {}: {}",
            prospect.request.site,
            prospect.request.placeholder,
            prospect.verdict()
        ));
        for (place, answer) in &prospect.places {
            match answer {
                Ok(()) => lines.push(format!("    {place}")),
                Err(error) => lines.push(format!("    {place}: {error}")),
            }
        }
        if in_argument(prospect) {
            lines.push(
                "    note: every user of this machine can read arguments in `ps`; an `env` entry or $<fd:…> is not shown there"
                    .to_owned(),
            );
        }
    }
    lines.push(String::new());
    lines.join("\n")
}

fn to_json(plan: &LaunchPlan, policy: &Policy, prospects: &[Prospect]) -> Value {
    let placeholders: Vec<Value> = prospects
        .iter()
        .map(|prospect| {
            let places: Vec<Value> = prospect
                .places
                .iter()
                .map(|(place, answer)| {
                    json!({
                        "place": place,
                        "answer": match answer {
                            Ok(()) => "found",
                            Err(error) => error.kind().code(),
                        },
                    })
                })
                .collect();
            json!({
                "site": prospect.request.site.to_string(),
                "placeholder": prospect.request.placeholder.to_string(),
                "verdict": prospect.verdict(),
                "visibleInProcessList": in_argument(prospect),
                "asked": places,
            })
        })
        .collect();
    json!({
        "server": plan.server,
        "program": plan.program.path.to_string_lossy(),
        "foundIn": found_in(plan),
        "arguments": plan.arguments.len(),
        "variables": plan.environment.len(),
        "stripped": stripped(plan),
        "isolation": isolation(policy),
        "placeholders": placeholders,
    })
}

fn in_argument(prospect: &Prospect) -> bool {
    matches!(prospect.request.site, Site::Argument(_))
        && prospect.request.placeholder.delivery() == Delivery::Text
}

fn found_in(plan: &LaunchPlan) -> String {
    match &plan.program.found_in {
        FoundIn::Named => "as named".to_owned(),
        FoundIn::SearchPath => "found in PATH".to_owned(),
        FoundIn::UsualPlace(folder) => format!(
            "not in PATH; found in {}, which is added to the server's PATH",
            folder.display()
        ),
    }
}

fn stripped(plan: &LaunchPlan) -> Vec<String> {
    plan.stripped
        .iter()
        .map(|name| name.to_string_lossy().into_owned())
        .collect()
}

fn isolation(policy: &Policy) -> String {
    match policy.isolate {
        Isolation::Off => "off".to_owned(),
        Isolation::IfPossible | Isolation::Required => isolation_support().to_string(),
    }
}
