//! `mcp-launch doctor`: what works here, what does not, and what mends it.

mod findings;
mod required;
mod servers;
mod settings;
mod stores;

use std::sync::Arc;

use mcp_launch_config::Settings;
use serde_json::json;

use crate::args::DoctorArgs;
use crate::cmd::doctor::findings::{Finding, State};
use crate::context::Context;
use crate::report::Report;
use crate::ui;

/// What MCP clients that use an allow-list hand on; both official SDKs do.
const CLIENT_VARIABLES: &[&str] = &["HOME", "LOGNAME", "PATH", "SHELL", "TERM", "USER"];

/// Examines settings, stores, isolation and servers, and prints what was found.
///
/// # Errors
/// When something must be mended; everything was examined and printed all the same.
pub(crate) fn doctor(context: &Context, args: &DoctorArgs) -> Result<(), Report> {
    let findings = examine(context);
    let text = if args.json {
        let findings: Vec<_> = findings.iter().map(Finding::to_json).collect();
        let report = json!({ "version": env!("CARGO_PKG_VERSION"), "findings": findings });
        format!("{report:#}\n")
    } else {
        findings::to_text(&findings)
    };
    ui::text(&text)?;
    match findings
        .iter()
        .filter(|finding| finding.state == State::Broken)
        .count()
    {
        0 => Ok(()),
        1 => Err(Report::failure("one thing must be mended")),
        count => Err(Report::failure(format!("{count} things must be mended"))),
    }
}

fn examine(context: &Context) -> Vec<Finding> {
    let mut findings = Vec::new();
    let settings = match context.settings() {
        Ok(settings) => settings,
        Err(report) => {
            findings.push(Finding::broken("settings", report.message, report.hint));
            return findings;
        }
    };
    settings::examine(&settings, &mut findings);

    examine_stores(context, &settings, &mut findings);

    let support = mcp_launch_exec::isolation_support();
    findings.push(match support.domain() {
        Ok(_) => Finding::good("isolation", support.to_string()),
        Err(_) => Finding::noted(
            "isolation",
            support.to_string(),
            Some("servers of the same user can read each other's environment; on Linux 5.19 or newer with Landlock they cannot".to_owned()),
        ),
    });
    servers::examine_programs(context, &mut findings);
    servers::examine(context, &settings, &mut findings);
    required::examine(context, &settings, &mut findings);
    findings
}

/// The stores as they are here, and, where that is not the same, as MCP clients let servers see them.
fn examine_stores(context: &Context, settings: &Arc<Settings>, findings: &mut Vec<Finding>) {
    const AS_CLIENT: &str = "stores, as MCP clients start servers";
    let (mut here, mut there) = (Vec::new(), Vec::new());
    let as_given = "stores, as this shell is";
    let keychain = stores::examine(context, settings, as_given, &mut here);
    let restricted = context.restricted_to(CLIENT_VARIABLES);
    let seen_by_client = stores::examine(&restricted, settings, AS_CLIENT, &mut there);
    there.extend(stores::not_handed_on(
        context,
        &restricted,
        settings,
        AS_CLIENT,
    ));
    let is_same = here.len() == there.len()
        && here
            .iter()
            .zip(&there)
            .all(|(here, there)| here.state == there.state && here.text == there.text);
    findings.append(&mut here);
    if is_same {
        let text = "the same with the variables that MCP clients pass on";
        findings.push(Finding::good(as_given, text.to_owned()));
        return;
    }
    findings.append(&mut there);
    if keychain && !seen_by_client {
        findings.push(Finding::broken(
            AS_CLIENT,
            "the keychain answers here, and not with the variables that clients pass on".to_owned(),
            Some(
                "add DBUS_SESSION_BUS_ADDRESS to the `env` of the client's config, or use the sealed store"
                    .to_owned(),
            ),
        ));
    }
}
