//! `mcp-launch add`: a new server in a client's config, started through the launcher.

mod input;
mod server_json;

use std::path::{Path, PathBuf};

use mcp_launch_clients::{
    Client, ConfigFile, Scope, destination, insertion, new_entry, new_file, of_path, servers,
};
use mcp_launch_core::{Deadline, Name, Secret, SourceErrorKind, Syntax, Template, shown};
use mcp_launch_lossless::Document;
use mcp_launch_shapes::{Confidence, Finding, judge, judge_arguments};
use serde_json::json;

use crate::account::{Account, Stored, Used};
use crate::args::{AddArgs, AddScope};
use crate::changes::{Changes, must_be_writable};
use crate::cmd::add::input::{Inputs, Wanted};
use crate::cmd::add::server_json::Recipe;
use crate::cmd::adopt::told::to_take_effect;
use crate::cmd::secrets::stores;
use crate::configs;
use crate::context::Context;
use crate::registry::Reach;
use crate::report::Report;
use crate::shelf::Shelf;
use crate::shell_word::shell_word;
use crate::transfer::{Transfer, patience};
use crate::{launcher, terminal, ui};

/// A server that is to be added.
struct Addition {
    name: String,
    words: Vec<String>,
    variables: Vec<(String, String)>,
    /// Values that go into the store, by name.
    secrets: Vec<(String, Secret)>,
    /// Values of the store that a description asks for, and the person has not named.
    handed_over: Vec<String>,
    /// Such values that the server does without.
    withheld: Vec<String>,
    /// Flags by which its container is less apart from the machine.
    openings: Vec<String>,
}

impl Addition {
    /// What a person is told of it before they are asked.
    fn lines(&self) -> Vec<String> {
        let mut lines = vec![format!("  {}: {}", self.name, self.words.join(" "))];
        for (name, text) in &self.variables {
            lines.push(format!("    {name}={text}"));
        }
        lines.extend(self.openings.iter().map(|flag| {
            format!(
                "    warning: {} opens the container to this machine",
                shown(flag.as_str())
            )
        }));
        lines.extend(
            self.handed_over
                .iter()
                .map(|name| format!("    the value that you have as {name} goes to this server")),
        );
        lines.extend(self.withheld.iter().map(|name| {
            format!("    the value that you have as {name} does not go to this server; --secret {name} gives it")
        }));
        lines
    }
}

/// `add`.
///
/// # Errors
/// When the server is there already, a value is missing, or the file cannot be written. It is then as it was.
pub(crate) fn add(context: &Context, args: &AddArgs) -> Result<(), Report> {
    let client = configs::client(&args.client).ok_or_else(|| configs::no_client(&args.client))?;
    let file = file(context, client, args)?;
    let settings = context.settings()?;
    let reach = context.reach(&settings, None);
    let recipe = recipe(context, args)?;
    let shelf = match recipe.needs_store() || !args.secret.is_empty() {
        true => stores::shelf(&reach, args.to.as_deref())?,
        false => Shelf::flat("keychain"),
    };
    let mut addition = fill(&reach, &shelf, recipe, args)?;
    let launcher = launcher::path(&context.environment)?;
    let (before, after) = written(&file, &addition, &launcher)?;

    let secrets = std::mem::take(&mut addition.secrets);
    let transfer = Transfer::plan(&reach, &shelf, secrets)?;
    if !args.consent.json {
        let mut lines = vec![format!("{} {}", client.name, shown(&file.path))];
        lines.extend(addition.lines());
        lines.extend(transfer.lines());
        ui::text(&format!("{}\n", lines.join("\n")))?;
    }
    transfer.refuse_conflicts(false)?;
    let told = |done: bool| {
        json!({
            "client": client.id,
            "path": file.path.to_string_lossy(),
            "name": addition.name,
            "command": addition.words,
            "env": addition.variables.iter().cloned().collect::<std::collections::BTreeMap<_, _>>(),
            "done": done,
        })
    };
    if args.consent.dry_run {
        return match args.consent.json {
            true => ui::text(&format!("{:#}\n", told(false))),
            false => {
                ui::line("a dry run: nothing was changed");
                Ok(())
            }
        };
    }
    // --yes is for what the person has typed, and this a stranger has written.
    for name in &addition.handed_over {
        if !terminal::confirm(&format!(
            "Give this server the value that you have as {name}?"
        ))? {
            return Err(Report::failure("nothing was done"));
        }
    }
    if before.is_some() {
        must_be_writable(&file.path)?;
    }
    let question = match before {
        Some(_) => format!("Add it to {}?", shown(&file.path)),
        None => format!("Make {}?", shown(&file.path)),
    };
    if !args.consent.yes && !terminal::confirm(&question)? {
        return Err(Report::failure("nothing was done"));
    }
    let stored = transfer
        .new_values()
        .into_iter()
        .map(|(name, value)| Stored::new(shelf.spelling(), name, value))
        .collect();
    let used: Vec<&str> = transfer
        .placeholders()
        .iter()
        .map(|(name, _)| *name)
        .collect();
    let account = Account {
        entries: edits(&file, &addition.name, before.as_ref(), &after),
        stored,
        used: Used::all(&shelf.spelling(), &used),
        folders: missing_folders(&file.path),
        ..Account::default()
    };
    let changes = Changes::of(context)?;
    let _lock = changes.lock()?;
    if let Some(folder) = file.path.parent() {
        mcp_launch_atomic::create_private_dir(folder)
            .map_err(|error| Report::failure(format!("cannot make {}: {error}", shown(folder))))?;
    }
    let before = before.as_ref().map(Document::bytes);
    let begun = changes.begin("add", &file.path, before, after.bytes(), &account)?;
    if transfer.len() > 0 {
        transfer.carry()?;
    }
    changes.make(begun)?;
    if args.consent.json {
        return ui::text(&format!("{:#}\n", told(true)));
    }
    let path = shown(&file.path);
    ui::line(&format!(
        "{} is in {path}; out again: mcp-launch restore {}",
        addition.name,
        shell_word(&path.to_string())
    ));
    if let Some(line) = to_take_effect(client) {
        ui::line(&line);
    }
    Ok(())
}

fn file(context: &Context, client: &'static Client, args: &AddArgs) -> Result<ConfigFile, Report> {
    let machine = configs::machine(context);
    if let Some(file) = &args.file {
        let mut file = of_path(&context.directory.join(file), &machine);
        file.client = client;
        return Ok(file);
    }
    let scope = match args.scope {
        AddScope::Project => Scope::Project,
        AddScope::User => Scope::User,
    };
    destination(client, &machine, scope).ok_or_else(|| {
        Report::failure(format!(
            "{} has no config for {} here",
            client.name,
            match args.scope {
                AddScope::Project => "a project",
                AddScope::User => "the person",
            }
        ))
        .hint("name the file: --file PATH")
    })
}

/// What is to be started, and what it needs to be told.
fn recipe(context: &Context, args: &AddArgs) -> Result<Recipe, Report> {
    let mut recipe = match &args.from {
        Some(file) => server_json::read(&context.directory.join(file))?,
        None if args.command.is_empty() => {
            return Err(Report::failure("there is no command to start")
                .hint("mcp-launch add NAME --client CLIENT -- COMMAND [ARGUMENT]..., or --from server.json"));
        }
        None => Recipe::of_command(&args.command),
    };
    if let Some(name) = &args.name {
        recipe.name = Some(name.clone());
    }
    Ok(recipe)
}

/// Asks for what the recipe needs.
fn fill(reach: &Reach, shelf: &Shelf, recipe: Recipe, args: &AddArgs) -> Result<Addition, Report> {
    let name = recipe
        .name
        .clone()
        .filter(|name| !name.is_empty())
        .ok_or_else(|| Report::failure("the server has no name").hint("mcp-launch add NAME …"))?;
    let mut given = Vec::new();
    for assignment in &args.env {
        let (name, text) = assignment
            .split_once('=')
            .filter(|(name, _)| Name::new(name).is_some())
            .ok_or_else(|| Report::failure("--env takes NAME=VALUE"))?;
        Template::parse(text.as_bytes(), Syntax::AngleAndBrace)
            .map_err(|error| Report::failure(format!("--env {name}: {error}")))?;
        if is_secret(&judge(name, text).findings) {
            return Err(Report::failure(format!(
                "the value of --env {name} is a secret: it would stand in the config, and it stands in the history of your shell"
            ))
            .hint(format!("--secret {name} asks for it and puts it into the store")));
        }
        given.push((name.to_owned(), text.to_owned()));
    }
    for name in &args.secret {
        if Name::new(name).is_none() {
            return Err(Report::failure(
                "--secret takes the name of a variable: its value is asked for",
            ));
        }
    }
    let command: Vec<&str> = args.command.iter().map(String::as_str).collect();
    if let Some((program, arguments)) = command.split_first() {
        let found = judge_arguments(program, arguments);
        if let Some(found) = found
            .into_iter()
            .find(|found| is_secret(std::slice::from_ref(&found.finding)))
        {
            return Err(Report::failure(format!(
                "the argument {} of the command holds a secret, which would stand in the config",
                found.index + 1
            ))
            .hint("mcp-launch secrets set NAME, and $<NAME> in its place"));
        }
    }
    let mut inputs = Inputs::new(reach, shelf, given, &args.secret, recipe.is_described);
    let words = inputs.fill_words(&recipe)?;
    let openings = recipe.openings.clone();
    let named = args.secret.iter().filter(|name| !recipe.wants(name));
    let named: Vec<Wanted> = named.map(|name| Wanted::secret(name)).collect();
    let mut wanted = recipe.variables;
    wanted.extend(named);
    let variables = inputs.fill_variables(wanted)?;
    Ok(Addition {
        name,
        words,
        variables,
        secrets: inputs.secrets,
        handed_over: inputs.handed_over,
        withheld: inputs.withheld,
        openings,
    })
}

/// The file before and after.
fn written(
    file: &ConfigFile,
    addition: &Addition,
    launcher: &str,
) -> Result<(Option<Document>, Document), Report> {
    let path = shown(&file.path).to_string();
    let mut words = vec!["--".to_owned()];
    words.extend(addition.words.iter().cloned());
    let entry = new_entry(
        file.client,
        &addition.name,
        launcher,
        &words,
        &addition.variables,
    );
    let flawed = |flaw: mcp_launch_lossless::Flaw| Report::failure(format!("{path}: {flaw}"));
    if !file.path.exists() {
        let text = new_file(file, &addition.name, entry)
            .ok_or_else(|| Report::failure(format!("no server can be added to {path}")))?;
        let after = Document::parse(text.as_bytes(), file.format).map_err(flawed)?;
        return Ok((None, after));
    }
    let before = configs::read(file.clone())?.document;
    if servers(&before, file.client)
        .iter()
        .any(|entry| entry.name == addition.name && entry.project.is_none())
    {
        return Err(
            Report::failure(format!("{path} has a server `{}` already", addition.name))
                .hint("give this one another name, or `mcp-launch adopt` the one that is there"),
        );
    }
    let change = insertion(file, &before, &addition.name, entry)
        .ok_or_else(|| Report::failure(format!("no server can be added to {path}")))?;
    let after = before
        .change(&change)
        .map_err(|error| Report::failure(format!("{path}: {error}")))?;
    Ok((Some(before), after))
}

/// What was put into the file, so that it can be taken out of one that has changed since.
fn edits(
    file: &ConfigFile,
    name: &str,
    before: Option<&Document>,
    after: &Document,
) -> Vec<mcp_launch_adopt::Edits> {
    let Some(before) = before else {
        return Vec::new();
    };
    let added = servers(after, file.client)
        .into_iter()
        .find(|entry| entry.name == name && entry.project.is_none());
    let Some(added) = added else {
        return Vec::new();
    };
    // The outermost of what is new: the entry, or the map that was made for it.
    let mut at = added.place;
    while let Some(parent) = at.parent().filter(|parent| before.at(parent).is_none()) {
        at = parent;
    }
    vec![mcp_launch_adopt::Edits {
        server: name.to_owned(),
        project: None,
        variables: None,
        edits: vec![mcp_launch_adopt::Edit {
            now: mcp_launch_adopt::Snapshot::at(after, &at),
            at,
            was: None,
            table: None,
            after: None,
            items: None,
        }],
    }]
}

/// The folders of `path` that are not there yet, the outermost first.
fn missing_folders(path: &Path) -> Vec<PathBuf> {
    let mut missing: Vec<PathBuf> = path
        .ancestors()
        .skip(1)
        .take_while(|folder| !folder.exists())
        .map(Path::to_owned)
        .collect();
    missing.reverse();
    missing
}

/// Whether one of these is surely a secret.
fn is_secret(findings: &[Finding]) -> bool {
    findings
        .iter()
        .any(|finding| finding.confidence > Confidence::Low)
}

/// Whether the shelf has a value of this name.
fn has(reach: &Reach, shelf: &Shelf, name: &str) -> Result<bool, Report> {
    let source = shelf.connect(reach)?;
    let locator = shelf.address(&reach.settings, name).locator;
    let answer = source
        .look(std::slice::from_ref(&locator), Deadline::after(patience(1)))
        .pop();
    match answer {
        Some(Ok(())) => Ok(true),
        Some(Err(error))
            if matches!(
                error.kind(),
                SourceErrorKind::Absent | SourceErrorKind::Missing
            ) =>
        {
            Ok(false)
        }
        Some(Err(error)) => Err(Report::failure(format!("{}: {error}", shelf.in_words()))),
        None => Ok(false),
    }
}
