//! `mcp-launch secrets export`: values in the format of another tool, in plain text.

use std::path::Path;

use mcp_launch_atomic::ReplaceError;
use mcp_launch_core::{Deadline, Secret, shown};
use mcp_launch_exchange::{WriteOptions, write};

use crate::args::ExportArgs;
use crate::cmd::secrets::held::held;
use crate::cmd::secrets::stores;
use crate::context::Context;
use crate::report::Report;
use crate::{terminal, ui};

/// The mode of a file of plain values.
const PRIVATE: u32 = 0o600;

/// `secrets export`.
///
/// # Errors
/// When a value cannot be read or written in that format. Nothing has left then.
pub(crate) fn export(context: &Context, args: &ExportArgs) -> Result<(), Report> {
    let settings = context.settings()?;
    let reach = context.reach(&settings, None);
    let file = args
        .output
        .as_ref()
        .map(|file| context.directory.join(file));
    if let Some(file) = &file {
        // A link that leads nowhere is there, too.
        match std::fs::symlink_metadata(file) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
            _ => return Err(in_the_way(file)),
        }
    }
    let from = stores::shelf(&reach, args.from.as_deref())?;
    let values = held(&reach, &from, &args.selection, Deadline::after)?;
    if values.is_empty() {
        return Err(Report::failure(format!("{} has no value", from.in_words())));
    }
    let pairs: Vec<(String, &Secret)> = values
        .iter()
        .map(|(name, value)| (name.clone(), value))
        .collect();
    let options = WriteOptions {
        object_name: &args.name,
    };
    let text = write(&pairs, args.format, &options).map_err(|error| {
        Report::failure(format!("{error}, so nothing was written"))
            .hint("--except NAME leaves one out; another --format may hold it")
    })?;
    let to = match &file {
        Some(file) => shown(file).to_string(),
        None => "standard output".to_owned(),
    };
    let question = format!(
        "Write {} of {} in plain text to {to}?",
        count(values.len()),
        from.in_words()
    );
    if !args.yes && !terminal::confirm(&question)? {
        return Err(Report::failure("nothing was written"));
    }
    let Some(file) = file else {
        return ui::data(&text)
            .map_err(|error| Report::failure(format!("cannot write to standard output: {error}")));
    };
    mcp_launch_atomic::create(&file, &text, PRIVATE).map_err(|error| match error {
        ReplaceError::Changed => in_the_way(&file),
        error => Report::failure(format!("cannot write {}: {error}", shown(&file))),
    })?;
    ui::line(&format!(
        "{} in plain text in {}, readable by you alone",
        count(values.len()),
        shown(&file)
    ));
    Ok(())
}

fn in_the_way(file: &Path) -> Report {
    Report::failure(format!(
        "{} is there already, and an export replaces no file",
        shown(file)
    ))
}

fn count(values: usize) -> String {
    match values {
        1 => "1 value".to_owned(),
        values => format!("{values} values"),
    }
}
