//! `mcp-launch rotate`.

mod attended;
mod looked;

use std::path::Path;
use std::sync::Arc;

use mcp_launch_config::{NamedBy, Settings};
use mcp_launch_rotation::Owner;

use crate::args::RotateArgs;
use crate::context::Context;
use crate::registry::Reach;
use crate::report::Report;
use crate::rotation::{Chosen, Credential, Holders, Job, Pending, Stores, Told, Work, chosen};
use crate::ui;

/// The exit codes of runs, the gravest first: of several credentials one counts.
const GRAVITY: [u8; 5] = [3, 77, 1, 75, 0];

/// Rotates what is asked for.
///
/// # Errors
/// When one was not rotated that should have been; the report has the exit code. What became of each is told before.
pub(crate) fn rotate(context: &Context, args: &RotateArgs) -> Result<(), Report> {
    let settings = own_settings(context)?;
    let reach = reach(context, &settings, args.env_file.as_deref())?;
    if args.attended && args.names.len() != 1 {
        return Err(Report::failure("--attended takes one credential")
            .hint("mcp-launch rotate --attended NAME"));
    }
    let (credentials, refused) = split(chosen(&settings, &args.names)?);
    if credentials.is_empty() && refused.is_empty() {
        return nothing_to_rotate(args);
    }
    let work = work(&reach, &credentials)?;
    if args.status || args.check || args.dry_run {
        return looked::tell(&work, &credentials, refused, args);
    }
    let job = job(&credentials, args)?;
    let mut told = work.all(&credentials, &job);
    told.extend(refused);
    told.sort_by(|one, other| one.name.cmp(&other.name));
    print(&told, args)?;
    end(&told)
}

/// Finishes what is pending of these, as far as that is done within `patience`; for a launch that needs them.
pub(crate) fn resume(
    context: &Context,
    names: &[String],
    patience: std::time::Duration,
) -> Result<(), Report> {
    let settings = own_settings(context)?;
    let reach = reach(context, &settings, None)?;
    let (credentials, _) = split(chosen(&settings, names)?);
    let work = work(&reach, &credentials)?;
    let start = std::time::Instant::now();
    for credential in &credentials {
        let left = patience.saturating_sub(start.elapsed());
        let told = work.one(credential, &Job::Resume, left);
        if !told.is_silent() {
            ui::line(&format!("mcp-launch: {}", told.line()));
        }
    }
    Ok(())
}

/// The person's own settings: where a cron job stands says nothing.
fn own_settings(context: &Context) -> Result<Arc<Settings>, Report> {
    Ok(Arc::new(context.settings()?.own()))
}

/// What the stores are set up from, with a `.env` only if a person named it: the one of the working directory may be a
/// stranger's, and a journal in it would say which value comes into force.
fn reach(
    context: &Context,
    settings: &Arc<Settings>,
    env_file: Option<&Path>,
) -> Result<Reach, Report> {
    let dotenv = context.dotenv(settings, env_file, None)?;
    let named = dotenv.filter(|file| matches!(file.named_by, NamedBy::Flag | NamedBy::Settings(_)));
    Ok(context.reach(settings, named))
}

fn work<'a>(reach: &'a Reach, credentials: &[Credential]) -> Result<Work<'a>, Report> {
    let state = reach
        .settings
        .directories()
        .state_dir()
        .map_err(|error| Report::from(&error))?;
    Ok(Work {
        reach,
        stores: Stores::of(reach, credentials.iter())?,
        holders: Holders::of(&reach.settings),
        pending: Pending::of(&reach.settings),
        locks: state.join("locks"),
        owner: owner()?,
    })
}

/// This process of this boot of this host, for others to read in a store.
fn owner() -> Result<Owner, Report> {
    let host = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
    let boot = std::fs::read_to_string("/proc/sys/kernel/random/boot_id").unwrap_or_default();
    let host = match host.trim() {
        "" => "host",
        host => host,
    };
    // Process ids come back; a moment does not.
    let moment = jiff::Timestamp::now().as_nanosecond();
    Owner::new(format!(
        "{host}/{}/{}/{moment}",
        boot.trim(),
        std::process::id()
    ))
    .map_err(|error| Report::failure(format!("this host's name is of no use: {error}")))
}

fn split(chosen: Vec<Chosen>) -> (Vec<Credential>, Vec<Told>) {
    let mut credentials = Vec::new();
    let mut refused = Vec::new();
    for (name, credential) in chosen {
        match credential {
            Ok(credential) => credentials.push(credential),
            Err(report) => refused.push(Told::refused(name, report)),
        }
    }
    (credentials, refused)
}

fn nothing_to_rotate(args: &RotateArgs) -> Result<(), Report> {
    if args.json {
        return ui::text("[]\n");
    }
    if args.status || args.dry_run || args.check || args.all {
        ui::line("no secret of your config.toml has `rotate`");
    }
    Ok(())
}

fn job(credentials: &[Credential], args: &RotateArgs) -> Result<Job, Report> {
    if args.attended {
        return match credentials {
            [credential] => attended::ask(credential).map(Job::Bring),
            // It is told with the others what is wrong with it.
            _ => Ok(Job::Resume),
        };
    }
    let named = args.all || !args.names.is_empty() && !args.due;
    Ok(match (args.resume, args.force, named) {
        (true, ..) => Job::Resume,
        (_, true, _) => Job::Forced,
        (_, _, true) => Job::Now,
        _ => Job::Due,
    })
}

/// A line for each, of those that have something to say where only what is due was asked for.
fn print(told: &[Told], args: &RotateArgs) -> Result<(), Report> {
    if args.json {
        let all: serde_json::Value = told.iter().map(Told::to_json).collect();
        return ui::text(&format!("{all:#}\n"));
    }
    let says_all = args.all || !args.names.is_empty();
    let mut lines = String::new();
    for one in told {
        if says_all || !one.is_silent() {
            lines.push_str(&one.line());
            lines.push('\n');
        }
    }
    if lines.is_empty() {
        return Ok(());
    }
    ui::text(&lines)?;
    for one in told {
        if let Some(remedy) = &one.remedy
            && !one.is_silent()
        {
            ui::line(&format!("hint: {}: {remedy}", one.name));
        }
    }
    Ok(())
}

/// The gravest of the exit codes.
fn end(told: &[Told]) -> Result<(), Report> {
    let codes: Vec<u8> = told
        .iter()
        .filter(|one| !one.is_silent())
        .map(Told::exit_code)
        .collect();
    let gravest = GRAVITY.into_iter().find(|code| codes.contains(code));
    let failed = codes.iter().filter(|code| **code != 0).count();
    match gravest {
        None | Some(0) => Ok(()),
        Some(code) => Err(Report::with_code(
            code,
            match failed {
                1 => "1 credential was not rotated".to_owned(),
                failed => format!("{failed} credentials were not rotated"),
            },
        )),
    }
}
