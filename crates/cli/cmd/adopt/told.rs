//! What a person is told of an adoption, before and after.

use mcp_launch_adopt::{BracedVariable, braced_variables, is_read_on_the_way};
use mcp_launch_clients::{Client, Scope, Transport};
use mcp_launch_core::shown;
use mcp_launch_shapes::Role;

use crate::cmd::adopt::choice;
use crate::cmd::adopt::plan::{Adoption, MovedSecret, Outcome};
use crate::configs::Server;
use crate::difference::{self, Line};
use crate::leftovers::Left;
use crate::shelf::Shelf;
use crate::shell_word::shell_word;
use crate::transfer::{Carried, Transfer};
use crate::ui::Colour;

/// The plan: file by file what becomes of each server, and the lines that differ.
pub(super) fn plan(adoptions: &[Adoption], shelf: &Shelf) -> Vec<(Colour, String)> {
    let mut lines = Vec::new();
    let mut plain = |text: String| lines.push((Colour::None, text));
    let mut any = false;
    for adoption in adoptions {
        let told: Vec<String> = adoption
            .config
            .servers
            .iter()
            .zip(&adoption.outcomes)
            .flat_map(|(server, outcome)| {
                let mut lines = of_server(server, outcome, shelf);
                if matches!(outcome, Outcome::Rewritten(_)) {
                    lines.extend(braces(adoption.config.file.client, server));
                }
                lines
            })
            .collect();
        if told.is_empty() {
            continue;
        }
        any = true;
        let file = &adoption.config.file;
        plain(format!("{} {}", file.client.name, shown(&file.path)));
        told.into_iter().for_each(&mut plain);
        if adoption.changes() && adoption.config.has_other_names {
            plain(
                "  the file has another name, a hard link, under which the plain text stays"
                    .to_owned(),
            );
        }
    }
    if !any {
        plain("nothing to adopt: no secret was found in plain text".to_owned());
    }
    for adoption in adoptions.iter().filter(|adoption| adoption.changes()) {
        let config = &adoption.config;
        lines.push((Colour::None, String::new()));
        lines.push((Colour::None, format!("--- {}", shown(&config.file.path))));
        for line in difference::lines(&config.document, &adoption.after, config.file.client) {
            lines.push(match line {
                Line::Comes(text) => (Colour::Comes, format!("+{text}")),
                Line::Goes(text) => (Colour::Goes, format!("-{text}")),
                Line::Gap => (Colour::None, "…".to_owned()),
            });
        }
    }
    lines
}

fn of_server(server: &Server, outcome: &Outcome, shelf: &Shelf) -> Vec<String> {
    let name = server.name();
    let mut lines = fate(server, &name, outcome, shelf);
    if let Transport::Stdio(stdio) = &server.entry.transport
        && let Some(file) = &stdio.env_file
    {
        lines.push(format!(
            "  {name}: the client reads variables from {} too; mcp-launch secrets import moves them",
            shown(file.text.as_str())
        ));
    }
    lines
}

fn fate(server: &Server, name: &str, outcome: &Outcome, shelf: &Shelf) -> Vec<String> {
    match outcome {
        Outcome::Stays(None) => Vec::new(),
        Outcome::Stays(Some(why)) => vec![format!("  {name}: stays as it is: {why}")],
        Outcome::Cannot(why) => vec![format!("  {name}: cannot be adopted: {why}")],
        Outcome::Rewritten(moved) if moved.is_empty() => {
            vec![format!(
                "  {name}: starts through mcp-launch; no secret was found in it"
            )]
        }
        Outcome::Rewritten(moved) => {
            let mut lines = vec![format!("  {name}: starts through mcp-launch")];
            lines.extend(moved.iter().map(|moved| {
                format!(
                    "    {} goes to {} and becomes {}",
                    moved.in_words,
                    shelf.in_words(),
                    moved.placeholder
                )
            }));
            lines.extend(moved.iter().filter_map(|moved| on_the_way(server, moved)));
            let others = choice::others_in_words(server);
            lines.extend(others.map(|others| format!("    stays: {others}")));
            lines
        }
    }
}

/// Why the value of a container's variable stays in the arguments.
fn on_the_way(server: &Server, moved: &MovedSecret) -> Option<String> {
    let sighting = moved.sighting(server)?;
    match &sighting.role {
        Some(Role::DockerEnvironment { name }) if is_read_on_the_way(name) => Some(format!(
            "    {} stays in the arguments, where ps shows its value: mcp-launch or what starts the container reads a variable {} itself",
            sighting.site,
            shown(name.as_str())
        )),
        _ => None,
    }
}

/// What becomes of `${NAME}` in the variables, which the launcher takes for its own.
fn braces(client: &Client, server: &Server) -> Vec<String> {
    let told = |braced: BracedVariable| {
        let BracedVariable {
            variable,
            placeholder,
            stays,
        } = braced;
        let variable = shown(variable.as_str());
        if stays {
            return format!(
                "    env.{variable} holds {placeholder}, which stays for the server itself: it is written ${placeholder}, because mcp-launch fills the other from your stores"
            );
        }
        format!(
            "    env.{variable} holds {placeholder}, which mcp-launch fills from your stores where {} does not; if it is for the server itself, write ${placeholder}",
            client.name
        )
    };
    braced_variables(client, &server.entry)
        .into_iter()
        .map(told)
        .collect()
}

pub(super) fn question(changed: &[&Adoption], transfer: &Transfer<'_>, shelf: &Shelf) -> String {
    let files = match changed {
        [one] => shown(&one.config.file.path).to_string(),
        several => format!("{} files", several.len()),
    };
    match transfer.due() {
        0 => format!("Change {files}?"),
        1 => format!(
            "Write 1 secret into {} and change {files}?",
            shelf.in_words()
        ),
        due => format!(
            "Write {due} secrets into {} and change {files}?",
            shelf.in_words()
        ),
    }
}

/// What was done, and what is left to do.
pub(super) fn done(
    changed: &[&Adoption],
    carried: &Carried,
    shelf: &Shelf,
    left: &[Left],
) -> Vec<String> {
    let mut lines = Vec::new();
    match carried.names().len() {
        0 => {}
        1 => lines.push(format!(
            "1 secret is in {}, read back and compared",
            shelf.in_words()
        )),
        count => lines.push(format!(
            "{count} secrets are in {}, each read back and compared",
            shelf.in_words()
        )),
    }
    for adoption in changed {
        let file = &adoption.config.file;
        let path = shown(&file.path);
        lines.push(format!(
            "{path} is adopted; back again: mcp-launch restore {}",
            shell_word(&path.to_string())
        ));
        lines.extend(to_take_effect(file.client));
        if file.client.rewrites_its_file && file.scope == Scope::User {
            lines.push(format!(
                "  {} writes this file itself while it runs: if it is running now, look again after it has ended",
                file.client.name
            ));
        }
    }
    lines.extend(left.iter().flat_map(Left::lines));
    lines
}

/// What the person does for a change to take effect.
pub(crate) fn to_take_effect(client: &Client) -> Option<String> {
    let todo = client.to_take_effect;
    match todo.strip_prefix("nothing: ") {
        _ if todo.is_empty() => None,
        Some(why) => Some(format!("  nothing more to do: {why}")),
        None => Some(format!("  {}: {todo}", client.name)),
    }
}
