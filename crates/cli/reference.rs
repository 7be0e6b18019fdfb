//! The command line reference, from the definition that also makes `--help`.

use std::fmt::Write as _;

use clap::{Arg, Command};

/// The reference of `command` and all its subcommands, in Markdown.
pub(crate) fn markdown(command: &mut Command) -> String {
    command.build();
    let mut out = String::from(
        "# Command line\n\nThis page is generated from the program: `mcp-launch generate reference`.\n",
    );
    section(command, "mcp-launch", &mut out);
    out
}

fn section(command: &Command, path: &str, out: &mut String) {
    let about = command
        .get_long_about()
        .or(command.get_about())
        .map(ToString::to_string)
        .unwrap_or_default();
    // Writing to a string does not fail.
    let _written = write!(out, "\n## `{path}`\n\n{about}\n\n");
    let usage = command.clone().render_usage().to_string();
    let usage = usage.trim_start_matches("Usage: ");
    let _written = write!(out, "```text\n{usage}\n```\n");
    let arguments: Vec<&Arg> = command
        .get_arguments()
        .filter(|argument| !argument.is_hide_set() && argument.get_id() != "help")
        .collect();
    if !arguments.is_empty() {
        out.push_str("\n| argument | meaning |\n| --- | --- |\n");
        for argument in arguments {
            let _written = writeln!(
                out,
                "| `{}` | {} |",
                shown(argument).replace('|', "\\|"),
                meaning(argument).replace('|', "\\|")
            );
        }
    }
    if let Some(examples) = command.get_after_help() {
        let _written = write!(out, "\n```text\n{examples}\n```\n");
    }
    let subcommands = command.get_subcommands();
    for subcommand in subcommands.filter(|subcommand| subcommand.get_name() != "help") {
        section(
            subcommand,
            &format!("{path} {}", subcommand.get_name()),
            out,
        );
    }
}

fn shown(argument: &Arg) -> String {
    let value = argument
        .get_value_names()
        .and_then(|names| names.first())
        .filter(|_| argument.get_action().takes_values())
        .map(ToString::to_string);
    match (argument.get_long(), value) {
        (Some(long), Some(value)) => format!("--{long} <{value}>"),
        (Some(long), None) => format!("--{long}"),
        (None, Some(value)) => format!("<{value}>"),
        (None, None) => argument.get_id().to_string(),
    }
}

fn meaning(argument: &Arg) -> String {
    let mut text = argument
        .get_help()
        .map(ToString::to_string)
        .unwrap_or_default();
    let values: Vec<String> = argument
        .get_possible_values()
        .iter()
        .filter(|_| argument.get_action().takes_values())
        .map(|value| match value.get_help() {
            Some(help) => format!("`{}` ({help})", value.get_name()),
            None => format!("`{}`", value.get_name()),
        })
        .collect();
    if !values.is_empty() {
        let _written = write!(text, ": {}", values.join(", "));
    }
    text
}
