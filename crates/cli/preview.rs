//! What a launch would do, shown without fetching a value.

use mcp_launch_core::{
    Address, Deadline, Delivery, Found, FoundIn, Inspection, LaunchPlan, Outlook, Request, Site,
    inspect, shown,
};
use mcp_launch_exec::{Isolation, Policy, isolation_support};
use serde_json::{Value, json};

use crate::plan::{Planned, logins_followed};
use crate::registry::Reach;
use crate::report::{Detail, Report, indented, lacking};
use crate::ui;

/// The verdict on a value that only a launch would show.
const NOT_ASKED: &str = "not asked";

/// The verdict on a value that stands in the placeholder, or in a reference to it.
const THE_DEFAULT: &str = "the default";

/// Where one placeholder's value would come from.
pub(crate) struct Prospect<'a> {
    pub(crate) request: &'a Request,
    outlook: Outlook,
}

impl Prospect<'_> {
    /// Whether the launch would go on.
    pub(crate) fn is_enough(&self) -> bool {
        self.outlook.found.is_some() || self.outlook.is_nowhere() && self.request.can_do_without()
    }

    /// What to do when it is not enough.
    pub(crate) fn remedy(&self) -> Option<String> {
        if self.is_enough() {
            return None;
        }
        lacking::remedy(self.request.placeholder.reference(), &self.outlook.attempts)
    }

    fn verdict(&self) -> &'static str {
        if let Some(found) = &self.outlook.found {
            if found.is_default {
                THE_DEFAULT
            } else if found.unseen.is_some() {
                NOT_ASKED
            } else {
                "found"
            }
        } else if !self.is_enough() {
            "no value"
        } else if self.request.placeholder.default().is_some() {
            THE_DEFAULT
        } else {
            "left as it is"
        }
    }
}

/// What stores say of all values of a plan.
pub(crate) struct Forecast<'a> {
    /// One for each placeholder.
    pub(crate) prospects: Vec<Prospect<'a>>,
    /// What a person should know of them.
    notices: Vec<String>,
    /// Where references led.
    followed: Vec<Address>,
}

/// What is shown beside plan and prospects.
struct Known<'a> {
    policy: &'a Policy,
    problems: &'a [Detail],
    notices: &'a [String],
    /// The variables that the server does not get.
    stripped: &'a [String],
}

/// Prints the plan: text for a person, or JSON.
///
/// # Errors
/// When a placeholder cannot be used, or a required one has no value; the plan is printed all the same.
pub(crate) fn show(
    planned: &Planned,
    policy: &Policy,
    reach: &Reach,
    deadline: Deadline,
    as_json: bool,
) -> Result<(), Report> {
    let Planned { plan, problems, .. } = planned;
    let Forecast {
        mut prospects,
        notices,
        followed,
    } = prospects(plan, reach, deadline);
    let mut stripped = plan.stripped.clone();
    stripped.extend(logins_followed(plan, &reach.settings, &followed));
    let stripped: Vec<String> = stripped
        .iter()
        .map(|name| name.to_string_lossy().into_owned())
        .collect();
    let known = Known {
        policy,
        problems,
        notices: &notices,
        stripped: &stripped,
    };
    prospects.retain(|prospect| {
        let Request {
            site, placeholder, ..
        } = prospect.request;
        !problems
            .iter()
            .any(|problem| problem.is_about(site, placeholder))
    });
    let text = if as_json {
        format!("{:#}\n", to_json(plan, &prospects, &known))
    } else {
        to_text(plan, &prospects, &known)
    };
    ui::text(&text)?;
    let lacking = prospects
        .iter()
        .filter(|prospect| !prospect.is_enough())
        .count()
        + problems.len();
    match (lacking, prospects.len() + problems.len()) {
        (0, _) => Ok(()),
        (1, 1) => Err(Report::not_started("the placeholder would have no value")),
        (lacking, total) => Err(Report::not_started(format!(
            "{lacking} of {total} placeholders would have no value"
        ))),
    }
}

/// Where each value of `plan` would come from, and what a person should know of it.
pub(crate) fn prospects<'a>(
    plan: &'a LaunchPlan,
    reach: &Reach,
    deadline: Deadline,
) -> Forecast<'a> {
    let requests: Vec<&Request> = plan.requests().collect();
    let candidates = requests.iter().map(|request| request.candidates.as_slice());
    let Inspection {
        outlooks,
        followed,
        notices,
    } = inspect(candidates, reach, deadline);
    let prospects = requests
        .into_iter()
        .zip(outlooks)
        .map(|(request, outlook)| Prospect { request, outlook })
        .collect();
    Forecast {
        prospects,
        notices,
        followed,
    }
}

/// The place that has a value, if one has.
pub(crate) fn found(outlook: &Outlook) -> Option<String> {
    let found = outlook.found.as_ref()?;
    let mut text = format!("{} ({})", found.address.scheme, found.place);
    for reference in &found.through {
        let is_own = found.is_default && reference.address == found.address;
        let way = if is_own {
            ", the default of"
        } else {
            ", through"
        };
        let line = lacking::line(reference);
        text.push_str(&format!("{way} {}{line}", reference.place));
    }
    Some(text)
}

fn to_text(plan: &LaunchPlan, prospects: &[Prospect], known: &Known<'_>) -> String {
    let Known {
        policy,
        problems,
        notices,
        stripped,
    } = known;
    let mut lines = Vec::new();
    if let Some(server) = &plan.server {
        lines.push(format!("server        {server}"));
    }
    lines.push(format!(
        "program       {} ({})",
        shown(&plan.program.path),
        found_in(plan)
    ));
    lines.push(format!("arguments     {}", plan.arguments.len()));
    lines.push(format!(
        "variables     {} passed on",
        plan.environment.len()
    ));
    if !stripped.is_empty() {
        lines.push(format!("stripped      {}", stripped.join(", ")));
    }
    lines.push(format!("isolation     {}", isolation(policy)));
    lines.push(match prospects.len() + problems.len() {
        0 => "placeholders  none".to_owned(),
        count => format!("placeholders  {count}"),
    });
    for problem in *problems {
        lines.push(format!(
            "  {} {}: cannot be used",
            problem.site, problem.placeholder
        ));
        lines.push(format!("    {}", problem.text));
        if let Some(remedy) = &problem.remedy {
            lines.push(format!("    fix: {}", indented(remedy, 9)));
        }
    }
    for prospect in prospects {
        lines.push(format!(
            "  {} {}: {}",
            prospect.request.site,
            prospect.request.placeholder,
            prospect.verdict()
        ));
        for attempt in &prospect.outlook.attempts {
            lines.push(format!("    {}", lacking::said(attempt)));
        }
        if let Some(place) = found(&prospect.outlook) {
            lines.push(format!("    {place}"));
        }
        if let Some(Found {
            unseen: Some(why), ..
        }) = &prospect.outlook.found
        {
            lines.push(format!("    note: {why}"));
        }
        if let Some(remedy) = prospect.remedy() {
            lines.push(format!("    fix: {}", indented(&remedy, 9)));
        }
        if in_argument(prospect) {
            lines.push(
                "    note: every user of this machine can read arguments in `ps`; an `env` entry or $<fd:…> is not shown there"
                    .to_owned(),
            );
        }
    }
    lines.extend(notices.iter().map(|notice| format!("note: {notice}")));
    lines.push(String::new());
    lines.join("\n")
}

fn to_json(plan: &LaunchPlan, prospects: &[Prospect], known: &Known<'_>) -> Value {
    let Known {
        policy,
        problems,
        notices,
        stripped,
    } = known;
    let placeholders: Vec<Value> = prospects
        .iter()
        .map(|prospect| {
            let refused = prospect.outlook.attempts.iter().map(|attempt| {
                json!({
                    "place": lacking::place(attempt),
                    "answer": attempt.error.kind().code(),
                    "reason": lacking::answer(attempt),
                })
            });
            let found = found(&prospect.outlook);
            let places: Vec<Value> = refused
                .chain(
                    found
                        .iter()
                        .map(|place| json!({ "place": place, "answer": prospect.verdict() })),
                )
                .collect();
            json!({
                "site": prospect.request.site.to_string(),
                "placeholder": prospect.request.placeholder.to_string(),
                "verdict": prospect.verdict(),
                "visibleInProcessList": in_argument(prospect),
                "asked": places,
                "remedy": prospect.remedy(),
            })
        })
        .collect();
    json!({
        "server": plan.server,
        "program": plan.program.path.to_string_lossy(),
        "foundIn": found_in(plan),
        "arguments": plan.arguments.len(),
        "variables": plan.environment.len(),
        "stripped": stripped,
        "isolation": isolation(policy),
        "placeholders": placeholders,
        "notices": notices,
        "problems": problems,
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
            shown(&folder)
        ),
    }
}

fn isolation(policy: &Policy) -> String {
    match policy.isolate {
        Isolation::Off => "off".to_owned(),
        Isolation::IfPossible | Isolation::Required => isolation_support().to_string(),
    }
}
