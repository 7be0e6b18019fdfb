//! The settings files.

use mcp_launch_config::{DEFAULT_DEADLINE, Project, Settings, Trust, USER_FILE_NAME};
use mcp_launch_core::shown;

use crate::cmd::doctor::findings::Finding;

const AREA: &str = "settings";

/// Which files hold, and what a project may not decide yet.
pub(crate) fn examine(settings: &Settings, findings: &mut Vec<Finding>) {
    findings.push(match settings.user_file() {
        Some(path) => Finding::good(AREA, shown(&path).to_string()),
        None => Finding::noted(AREA, no_user_file(settings), None),
    });
    if let Some(project) = settings.project() {
        findings.push(examine_project(project));
    }
    if let Some(skipped) = settings.skipped() {
        findings.push(Finding::noted(
            AREA,
            format!(
                "{}: belongs to somebody else, so it is not read",
                shown(&skipped.path)
            ),
            None,
        ));
    }
    examine_choices(settings, findings);
}

fn no_user_file(settings: &Settings) -> String {
    match settings.directories().config_dir() {
        Ok(folder) => format!(
            "no {} yet: the defaults hold",
            folder.join(USER_FILE_NAME).display()
        ),
        Err(error) => error.to_string(),
    }
}

/// What differs from the defaults. What an untrusted project would decide has been told.
fn examine_choices(settings: &Settings, findings: &mut Vec<Finding>) {
    if let (Ok(order), Ok(Some(origin))) = (settings.order(), settings.order_origin()) {
        let text = format!("order: {} ({origin})", order.join(", "));
        findings.push(Finding::good(AREA, text));
    }
    let order = settings.order().unwrap_or_default();
    for (store, described) in settings.network_stores() {
        if described.names().is_some() && !order.contains(&store) {
            findings.push(Finding::noted(
                AREA,
                format!("stores.{store}: says where bare names stand, and no bare name is looked up there"),
                Some(format!("put \"{store}\" into `order`")),
            ));
        }
    }
    match settings.deadline() {
        Ok(deadline) if deadline != DEFAULT_DEADLINE => {
            let text = format!("deadline: stores have {deadline:?} for a launch");
            findings.push(Finding::good(AREA, text));
        }
        _ => {}
    }
}

fn examine_project(project: &Project) -> Finding {
    if let Some(fault) = &project.fault {
        return Finding::broken(
            AREA,
            format!("{fault}; launches here that ask this file are refused"),
            fault.hint(),
        );
    }
    let path = shown(&project.path);
    match project.trust {
        Trust::Trusted => Finding::good(AREA, format!("{path}: trusted")),
        Trust::Changed => Finding::broken(
            AREA,
            format!(
                "{path}: changed since it was trusted; launches here that it decides are refused"
            ),
            Some("read it, then: mcp-launch trust".to_owned()),
        ),
        Trust::Never if !project.gated().is_empty() => Finding::broken(
            AREA,
            format!("{path}: not trusted; launches here that it decides are refused"),
            Some("read it, then: mcp-launch trust".to_owned()),
        ),
        Trust::Never => Finding::good(AREA, format!("{path}: names only, which need no trust")),
    }
}
