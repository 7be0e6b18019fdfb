//! `mcp-launch trust`: lets a project's settings file decide things, as it is now.

use mcp_launch_config::{Settings, Trust, TrustStore};
use mcp_launch_core::{Syntax, Template, shown};

use crate::args::TrustArgs;
use crate::context::Context;
use crate::report::Report;
use crate::ui;

/// Trusts, untrusts or lists.
///
/// # Errors
/// When there is no such file, it cannot be understood, or the record cannot be written.
pub(crate) fn trust(context: &Context, args: &TrustArgs) -> Result<(), Report> {
    let settings = context.settings()?;
    let store = TrustStore::of(settings.directories()).map_err(|error| Report::from(&error))?;
    if args.list {
        return list(&store);
    }
    let file = match &args.file {
        Some(file) => context.directory.join(file),
        None => settings
            .project()
            .map(|project| project.path.clone())
            .ok_or_else(|| {
                Report::failure("there is no mcp-launch.toml here or in a folder above")
                    .hint("name the file: mcp-launch trust path/to/mcp-launch.toml")
            })?,
    };
    if !file.exists() && !args.remove {
        return Err(Report::failure(format!("there is no {}", shown(&file))));
    }
    if args.remove {
        let was_trusted = store.untrust(&file).map_err(|error| Report::from(&error))?;
        ui::line(&if was_trusted {
            format!("{} is not trusted any more", shown(&file))
        } else {
            format!("{} was not trusted", shown(&file))
        });
        return Ok(());
    }
    let (record, gated) = store.trust(&file).map_err(|error| Report::from(&error))?;
    let path = shown(&record.path);
    if gated.is_empty() {
        ui::line(&format!(
            "{path} is trusted; it decides nothing that needs trust"
        ));
        return Ok(());
    }
    let mut lines = vec![format!("{path} is trusted, as it is now, to decide:")];
    let folder = record.path.parent().unwrap_or(&record.path);
    let trusted =
        Settings::load(&context.environment, folder).map_err(|error| Report::from(&error))?;
    for gated in &gated {
        lines.push(format!("  line {}: {}", gated.origin.line, gated.key));
        if let Some(name) = gated.key.strip_prefix("servers.") {
            lines.extend(server(&trusted, name));
        }
    }
    lines.push(match &args.file {
        Some(_) => format!("take it back: mcp-launch trust --remove {path}"),
        None => "take it back: mcp-launch trust --remove".to_owned(),
    });
    ui::line(&lines.join("\n"));
    Ok(())
}

/// What a server of the project starts, and which values it gets.
fn server(settings: &Settings, name: &str) -> Vec<String> {
    let Ok(Some(server)) = settings.server(name) else {
        return Vec::new();
    };
    let mut lines = Vec::new();
    let mut templates: Vec<&Template> = server.env.iter().map(|(_, text)| &text.value).collect();
    if let Some(command) = &server.command {
        let arguments = &command.value.arguments;
        let words: Vec<_> = arguments
            .iter()
            .map(|text| String::from_utf8_lossy(&text.print(Syntax::Angle)).into_owned())
            .collect();
        lines.push(format!(
            "    starts {} {}",
            command.value.program,
            words.join(" ")
        ));
        templates.extend(arguments);
    }
    let mut values: Vec<_> = templates
        .into_iter()
        .flat_map(Template::placeholders)
        .map(ToString::to_string)
        .collect();
    values.sort();
    values.dedup();
    if !values.is_empty() {
        lines.push(format!("    gets {}", values.join(", ")));
    }
    lines
}

fn list(store: &TrustStore) -> Result<(), Report> {
    let records = store.list().map_err(|error| Report::from(&error))?;
    if records.is_empty() {
        ui::line("no file is trusted");
    }
    let mut text = String::new();
    for record in records {
        let standing = match record.trust {
            Trust::Trusted => "trusted",
            Trust::Changed => "changed since",
            Trust::Never => "gone",
        };
        text.push_str(&format!("{}\t{standing}\n", shown(&record.path)));
    }
    ui::text(&text)
}
