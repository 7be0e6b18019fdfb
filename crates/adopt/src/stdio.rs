//! Rewriting an entry whose server the client starts.

use mcp_launch_clients::{Braces, Client, Entry, Form, Stdio};
use mcp_launch_core::Syntax;
use mcp_launch_lossless::{Change, Kind, Node, Place, Value};
use mcp_launch_shapes::Role;

use crate::on_the_way::is_read_on_the_way;
use crate::rewrite::{Moved, Obstacle, Work, text};
use crate::sighting::Site;
use crate::template::{Around, needs_escape, with_placeholders};

/// What separates the launcher's own options from the command.
const END_OF_OPTIONS: &str = "--";

/// What an argument becomes: its own text, and a variable that it leans on.
struct Argument {
    text: String,
    variable: Option<(String, String)>,
}

pub(crate) fn rewrite(
    work: &mut Work<'_>,
    client: &Client,
    entry: &Entry,
    stdio: &Stdio,
    moved: &[Moved<'_>],
    launcher: &str,
) -> Result<(), Obstacle> {
    let mut added: Vec<(String, String)> = Vec::new();
    for variable in &stdio.variables {
        let site = Site::Variable(variable.name.clone());
        let parts = parts_at(moved, &site);
        let around = around_variables(client, entry);
        if parts.is_empty() && !needs_escape(&variable.text, around) {
            continue;
        }
        let new = with_placeholders(&variable.text, &parts, around).ok_or(Obstacle::Template)?;
        work.change(
            &variable.place,
            Change::Set {
                at: variable.place.clone(),
                to: text(&new),
            },
        )?;
    }
    let mut arguments: Vec<(usize, String)> = Vec::new();
    for index in 0..stdio.arguments.len() {
        if let Some(argument) = argument(client, entry, stdio, moved, index, &added)? {
            arguments.push((index, argument.text));
            added.extend(argument.variable);
        }
    }
    if stdio.form == Form::Line {
        in_place_of_line(work, entry, stdio, &arguments, launcher)?;
    } else {
        in_list(work, entry, stdio, &arguments, launcher)?;
    }
    add_variables(work, stdio, added)
}

/// How the launcher takes a variable's text. Where the client leaves braces alone the server had them as they stand, so it
/// gets them still; where the client fills them in, what it leaves is for the launcher.
fn around_variables(client: &Client, entry: &Entry) -> Around {
    match (entry.launched, client.braces_in_variables) {
        (true, _) => Around::Template,
        (false, Braces::Kept) => Around::Literal(Syntax::AngleAndBrace),
        (false, Braces::ExpandedIfSet | Braces::Replaced | Braces::Unknown) => {
            Around::Literal(Syntax::Angle)
        }
    }
}

/// The same of an argument, in which the launcher reads no braces.
fn around_arguments(entry: &Entry) -> Around {
    match entry.launched {
        true => Around::Template,
        false => Around::Literal(Syntax::Angle),
    }
}

/// The parts of the text at `site` that moved, with their placeholders.
fn parts_at<'m>(moved: &'m [Moved<'_>], site: &Site) -> Vec<(std::ops::Range<usize>, &'m str)> {
    moved
        .iter()
        .filter(|moved| moved.sighting.site == *site)
        .map(|moved| (moved.sighting.part.clone(), moved.placeholder.as_str()))
        .collect()
}

/// What the argument `index` becomes; None if it stays. A secret goes into a variable where the program reads it from there.
fn argument(
    client: &Client,
    entry: &Entry,
    stdio: &Stdio,
    moved: &[Moved<'_>],
    index: usize,
    added: &[(String, String)],
) -> Result<Option<Argument>, Obstacle> {
    let old = stdio.arguments[index].text.as_str();
    let site = Site::Argument(index);
    let parts = parts_at(moved, &site);
    let around = around_arguments(entry);
    if parts.is_empty() {
        if !needs_escape(old, around) {
            return Ok(None);
        }
        let escaped = with_placeholders(old, &[], around).ok_or(Obstacle::Template)?;
        return Ok(Some(Argument {
            text: escaped.to_string(),
            variable: None,
        }));
    }
    let whole = with_placeholders(old, &parts, around).ok_or(Obstacle::Template)?;
    let role = moved
        .iter()
        .filter(|moved| moved.sighting.site == site)
        .find_map(|moved| moved.sighting.role.as_ref());
    let has = |name: &str| {
        stdio.variables.iter().any(|variable| variable.name == name)
            || stdio.kept_elsewhere.iter().any(|other| other == name)
            || added.iter().any(|(other, _)| other == name)
    };
    // The launcher keeps its own variables from the server.
    let usable = |name: &str| !name.is_empty() && !has(name);
    match role {
        // In a variable the launcher would read the braces of an argument, too.
        Some(Role::DockerEnvironment { name })
            if usable(name) && !is_read_on_the_way(name) && !old.contains("${") =>
        {
            // `NAME=VALUE` and `--env=NAME=VALUE` alike: without the value, the container gets the variable.
            let assigned = format!("{name}=");
            let split = whole
                .find(&assigned)
                .filter(|at| whole[..*at].is_empty() || whole[..*at].starts_with('-'));
            if let Some(at) = split {
                let (before, value) = whole.split_at(at + assigned.len());
                return Ok(Some(Argument {
                    text: before.trim_end_matches('=').to_owned(),
                    variable: Some((name.clone(), value.to_owned())),
                }));
            }
        }
        Some(Role::Header { name }) if expands_braces(client, stdio) && !old.contains("${") => {
            let variable = variable_of_header(name);
            if let Some((before, value)) = whole.split_once(':').filter(|_| usable(&variable)) {
                return Ok(Some(Argument {
                    // Without a space, which some clients on Windows take for the end of the argument.
                    text: format!("{before}:${{{variable}}}"),
                    variable: Some((variable, value.trim_start().to_owned())),
                }));
            }
        }
        _ => {}
    }
    Ok(Some(Argument {
        text: whole.to_string(),
        variable: None,
    }))
}

/// Whether `${NAME}` in an argument reaches a program that expands it from its environment: `mcp-remote`.
fn expands_braces(client: &Client, stdio: &Stdio) -> bool {
    let is_mcp_remote = |text: &str| {
        text == "mcp-remote" || text.starts_with("mcp-remote@") || text.ends_with("/mcp-remote")
    };
    let kept = matches!(
        client.braces_in_arguments,
        Braces::Kept | Braces::ExpandedIfSet
    );
    kept && (is_mcp_remote(&stdio.program)
        || stdio
            .arguments
            .iter()
            .any(|argument| is_mcp_remote(&argument.text)))
}

/// The variable that holds a header's value.
pub(crate) fn variable_of_header(header: &str) -> String {
    let name: String = header
        .chars()
        .map(|character| match character {
            'a'..='z' | 'A'..='Z' | '0'..='9' => character.to_ascii_uppercase(),
            _ => '_',
        })
        .collect();
    format!("MCP_HEADER_{name}")
}

/// `cmd /c npx …`: what starts a script on Windows, which the launcher finds by itself. A secret that is put into a line for
/// `cmd` would be read by it.
fn is_shell_of_windows(stdio: &Stdio) -> bool {
    let program = stdio.program.rsplit(['/', '\\']).next().unwrap_or_default();
    let is_cmd = program.eq_ignore_ascii_case("cmd") || program.eq_ignore_ascii_case("cmd.exe");
    let mut arguments = stdio
        .arguments
        .iter()
        .map(|argument| argument.text.as_str());
    is_cmd
        && arguments
            .next()
            .is_some_and(|first| first.eq_ignore_ascii_case("/c"))
        && arguments.next().is_some_and(|second| {
            !second.is_empty() && !second.contains([' ', '&', '|', '<', '>', '^', '"'])
        })
        && !arguments.any(|word| {
            word.trim_start_matches(['1', '2'])
                .starts_with(['&', '|', '<', '>'])
        })
}

/// The launcher in front of a program with a list of arguments.
fn in_list(
    work: &mut Work<'_>,
    entry: &Entry,
    stdio: &Stdio,
    arguments: &[(usize, String)],
    launcher: &str,
) -> Result<(), Obstacle> {
    for (index, new) in arguments {
        let place = &stdio.arguments[*index].place;
        let unit = stdio.argument_list.as_ref().unwrap_or(place);
        work.change(
            unit,
            Change::Set {
                at: place.clone(),
                to: text(new),
            },
        )?;
    }
    if entry.launched {
        return Ok(());
    }
    if stdio.form == Form::List {
        let list = stdio.argument_list.as_ref().unwrap_or(&stdio.command);
        return work.change(
            list,
            Change::Splice {
                list: list.clone(),
                at: 0,
                remove: 0,
                with: vec![text(launcher), text(END_OF_OPTIONS)],
            },
        );
    }
    let unwrapped = is_shell_of_windows(stdio);
    let mut words = vec![text(END_OF_OPTIONS)];
    if !unwrapped {
        let program = text_at(work, &stdio.program_place);
        words.push(text(&escaped(
            program.as_deref().unwrap_or(&stdio.program),
        )?));
    }
    put_before(work, stdio, launcher, usize::from(unwrapped), words)
}

/// The launcher in front of a whole command line in one text.
fn in_place_of_line(
    work: &mut Work<'_>,
    entry: &Entry,
    stdio: &Stdio,
    arguments: &[(usize, String)],
    launcher: &str,
) -> Result<(), Obstacle> {
    let line = text_at(work, &stdio.command).unwrap_or_default();
    if line.contains(['\'', '"', '\\', '|', '&', ';', '`', '>', '(']) || entry.launched {
        return Err(Obstacle::ShellLine);
    }
    let mut words = vec![text(END_OF_OPTIONS), text(&escaped(&stdio.program)?)];
    for (index, argument) in stdio.arguments.iter().enumerate() {
        let new = arguments.iter().find(|(changed, _)| *changed == index);
        words.push(text(new.map_or(argument.text.as_str(), |(_, new)| new)));
    }
    put_before(work, stdio, launcher, 0, words)
}

/// The launcher in the program's place, and `words` before the arguments, of which the first `remove` go.
fn put_before(
    work: &mut Work<'_>,
    stdio: &Stdio,
    launcher: &str,
    remove: usize,
    words: Vec<Value>,
) -> Result<(), Obstacle> {
    let program = &stdio.program_place;
    work.change(
        program,
        Change::Set {
            at: program.clone(),
            to: text(launcher),
        },
    )?;
    match &stdio.argument_list {
        Some(list) => work.change(
            list,
            Change::Splice {
                list: list.clone(),
                at: 0,
                remove,
                with: words,
            },
        ),
        None => insert(
            work,
            &stdio.parent,
            stdio.argument_key,
            Value::List(words),
            key_of(program, &stdio.parent),
        ),
    }
}

/// The text at `place` as it is now.
fn text_at(work: &Work<'_>, place: &Place) -> Option<String> {
    let node = work.document().at(place)?;
    node.text().map(str::to_owned)
}

fn escaped(program: &str) -> Result<String, Obstacle> {
    let around = Around::Literal(Syntax::Angle);
    let escaped = with_placeholders(program, &[], around).ok_or(Obstacle::Template)?;
    Ok(escaped.to_string())
}

/// Variables that arguments lean on now.
fn add_variables(
    work: &mut Work<'_>,
    stdio: &Stdio,
    added: Vec<(String, String)>,
) -> Result<(), Obstacle> {
    if added.is_empty() {
        return Ok(());
    }
    let Some(map) = &stdio.variable_map else {
        let map = added
            .into_iter()
            .map(|(name, value)| (name, Value::Text(value)))
            .collect();
        let after = [stdio.argument_key]
            .into_iter()
            .find(|key| work.document().at(&stdio.parent.key(key)).is_some())
            .map(str::to_owned)
            .or_else(|| key_of(&stdio.command, &stdio.parent));
        return insert(
            work,
            &stdio.parent,
            stdio.variable_key,
            Value::Map(map),
            after,
        );
    };
    for (name, value) in added {
        insert(work, map, &name, Value::Text(value), None)?;
    }
    Ok(())
}

pub(crate) fn insert(
    work: &mut Work<'_>,
    into: &Place,
    key: &str,
    value: Value,
    after: Option<String>,
) -> Result<(), Obstacle> {
    let at = into.key(key);
    // `"args": null`, and `env:` with nothing behind it.
    let is_null = |node: Node<'_>| node.kind() == Kind::Null;
    if work.document().at(&at).is_some_and(is_null) {
        return work.change(
            &at,
            Change::Set {
                at: at.clone(),
                to: value,
            },
        );
    }
    work.change(
        &at,
        Change::Insert {
            into: into.clone(),
            key: key.to_owned(),
            value,
            after,
        },
    )
}

/// The key of `place`, if it stands in the map at `parent`.
fn key_of(place: &Place, parent: &Place) -> Option<String> {
    match (place.parent(), place.last()) {
        (Some(map), Some(mcp_launch_lossless::Step::Key(key))) if map == *parent => {
            Some(key.clone())
        }
        _ => None,
    }
}
