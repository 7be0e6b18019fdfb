//! What an import tells a person, or a machine.

use mcp_launch_core::{Name, shown};
use mcp_launch_exchange::Origin;
use serde_json::{Value, json};

use crate::args::{Clearing, ImportArgs};
use crate::cmd::secrets::import::clearing::Cleared;
use crate::cmd::secrets::import::reading::Source;
use crate::registry::Reach;
use crate::report::Report;
use crate::shelf::Shelf;
use crate::shell_word::shell_word;
use crate::transfer::{Carried, Transfer};
use crate::ui;

/// For how many names what to write is spelled out.
const SPELLED_OUT: usize = 5;

/// What goes where.
pub(super) fn plan(
    source: &Source,
    shelf: &Shelf,
    transfer: &Transfer<'_>,
    args: &ImportArgs,
) -> Result<(), Report> {
    let mut lines = vec![format!(
        "from {} to {}:",
        source.in_words(),
        shelf.in_words()
    )];
    lines.extend(transfer.lines());
    lines.extend(source.skipped_lines());
    if args.consent.dry_run {
        lines.push("a dry run: nothing was written".to_owned());
    }
    ui::text(&format!("{}\n", lines.join("\n")))
}

/// That there is nothing to move, and why.
pub(super) fn nothing(source: &Source, shelf: &Shelf, args: &ImportArgs) -> Result<(), Report> {
    if args.consent.json {
        return outcome(source, shelf, &[], None);
    }
    for line in source.skipped_lines() {
        ui::line(&line);
    }
    ui::line(&format!("{} has no value to move", source.in_words()));
    Ok(())
}

/// What is asked before anything is done.
pub(super) fn question(transfer: &Transfer<'_>, shelf: &Shelf, args: &ImportArgs) -> String {
    let clearing = match args.delete_source {
        Some(Clearing::Refer) => ", and put references in their places",
        Some(Clearing::Remove) => ", and remove their lines",
        None => "",
    };
    match transfer.due() {
        0 => format!(
            "All of them are in {} already. Clear the file?",
            shelf.in_words()
        ),
        1 => format!("Write 1 value into {}{clearing}?", shelf.in_words()),
        due => format!("Write {due} values into {}{clearing}?", shelf.in_words()),
    }
}

/// The same for a machine, with what was done.
pub(super) fn outcome(
    source: &Source,
    shelf: &Shelf,
    values: &[Value],
    done: Option<Value>,
) -> Result<(), Report> {
    let outcome = json!({
        "source": source.json_name(),
        "store": shelf.spelling(),
        "values": values,
        "skipped": source.skipped_json(),
        "done": done,
    });
    ui::text(&format!("{outcome:#}\n"))
}

/// A failure to clear the file, told by whoever has moved its values.
pub(super) fn uncleared(report: Report, shelf: &Shelf) -> Report {
    Report {
        message: format!(
            "the values are in {}, and {}",
            shelf.in_words(),
            report.message
        ),
        ..report
    }
}

/// What was done, how the values are used now, and what is left to do.
pub(super) fn done(
    reach: &Reach,
    source: &Source,
    shelf: &Shelf,
    carried: &Carried,
    cleared: Option<&Cleared>,
    args: &ImportArgs,
) {
    let count = carried.names().len();
    ui::line(&format!(
        "{} in {}, each read back and compared{}",
        if count == 1 {
            "1 value is".to_owned()
        } else {
            format!("{count} values are")
        },
        shelf.in_words(),
        match count - carried.written {
            0 => String::new(),
            there => format!(" ({there} had been there already)"),
        }
    ));
    if let Some(cleared) = cleared {
        ui::line(&cleared.line());
    }
    for line in usage(reach, source, shelf, carried, cleared, &args.to.prefix) {
        ui::line(&line);
    }
    match (cleared, &source.path) {
        (None, Some(path)) if source.origin == Origin::Env => ui::line(&format!(
            "{} still has the values; to clear it: {} --delete-source{}",
            shown(path),
            again(args),
            if shelf.file().is_some() {
                "=remove"
            } else {
                ""
            },
        )),
        (None, Some(path)) => ui::line(&format!(
            "{} still has the values; remove it when you need it no more",
            shown(path)
        )),
        _ => {}
    }
}

/// What to write where, so that a server gets the values.
fn usage(
    reach: &Reach,
    source: &Source,
    shelf: &Shelf,
    carried: &Carried,
    cleared: Option<&Cleared>,
    prefix: &str,
) -> Vec<String> {
    let found = carried.placeholders();
    let Some((name, placeholder)) = found.first() else {
        return Vec::new();
    };
    let others = match found.len() {
        1 => "",
        _ => ", and so with the others",
    };
    let mut lines = vec![format!(
        "in a client's config, write {placeholder} where the value of {name} goes{others}"
    )];
    if let Some(file) = shelf.file() {
        lines.push(format!(
            "and name the file there: mcp-launch --env-file {} -- COMMAND",
            shown(&reach.directory.join(file))
        ));
        return lines;
    }
    let refers = cleared.is_some_and(|cleared| cleared.how == Clearing::Refer);
    let is_bare = |name: &str, placeholder: &str| placeholder == format!("$<{name}>");
    if refers {
        let bound = |(name, _): &(&str, &str)| {
            let key = name.strip_prefix(prefix).unwrap_or(name);
            shelf.is_own(&reach.settings, key, name)
        };
        if let (false, Some(path)) = (found.iter().all(bound), &source.path) {
            lines.push(format!(
                "what {0} refers to is given only where the file is named: mcp-launch --env-file {0} -- COMMAND",
                shown(path)
            ));
        }
    }
    let bindable: Vec<(&str, &str)> = found
        .into_iter()
        .filter(|(name, placeholder)| !is_bare(name, placeholder) && can_be_bound(reach, name))
        .collect();
    if bindable.is_empty() {
        return lines;
    }
    let file = match reach.settings.directories().config_dir() {
        Ok(folder) => shown(&folder.join("config.toml")).to_string(),
        Err(_) => "your config.toml".to_owned(),
    };
    lines.push(format!(
        "for $<{}> instead{}, write into {file}:",
        bindable[0].0,
        match refers && prefix.is_empty() {
            true => ", and to have the references followed without --env-file",
            false => "",
        }
    ));
    for (name, placeholder) in bindable.iter().take(SPELLED_OUT) {
        let address = placeholder.trim_start_matches("$<").trim_end_matches('>');
        lines.push(format!("  [secrets.{}]", key(name)));
        lines.push(format!("  from = {}", json!(address)));
    }
    if bindable.len() > SPELLED_OUT {
        let more = bindable.len() - SPELLED_OUT;
        lines.push(format!("  and so for {more} more"));
    }
    lines
}

/// Whether the settings do not bind the name yet.
fn can_be_bound(reach: &Reach, name: &str) -> bool {
    let binding = reach.settings.binding(name);
    Name::new(name).is_some()
        && binding.is_ok_and(|binding| binding.is_none_or(|binding| binding.from.is_none()))
}

/// A name as a key of TOML.
fn key(name: &str) -> String {
    let is_bare = |byte: u8| byte.is_ascii_alphanumeric() || b"_-".contains(&byte);
    match name.bytes().all(is_bare) {
        true => name.to_owned(),
        false => json!(name).to_string(),
    }
}

/// The command of this import, to be typed again.
fn again(args: &ImportArgs) -> String {
    let mut command = vec![
        "mcp-launch secrets import".to_owned(),
        shell_word(&shown(&args.source).to_string()),
    ];
    let mut option = |name: &str, value: &str| {
        if !value.is_empty() {
            command.push(format!("--{name} {}", shell_word(value)));
        }
    };
    option("to", args.to.to.as_deref().unwrap_or_default());
    option("from", args.from.map_or("", Origin::as_str));
    option("only", &args.selection.only.join(","));
    option("except", &args.selection.except.join(","));
    option("prefix", &args.to.prefix);
    if args.secrets_only {
        command.push("--secrets-only".to_owned());
    }
    command.join(" ")
}
