//! `mcp-launch trust`: lets a project's settings file decide things, as it is now.

use mcp_launch_config::{Trust, TrustStore};

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
    if args.remove {
        let was_trusted = store.untrust(&file).map_err(|error| Report::from(&error))?;
        ui::line(&if was_trusted {
            format!("{} is not trusted any more", file.display())
        } else {
            format!("{} was not trusted", file.display())
        });
        return Ok(());
    }
    let (record, gated) = store.trust(&file).map_err(|error| Report::from(&error))?;
    if gated.is_empty() {
        ui::line(&format!(
            "{} is trusted; it decides nothing that needs trust",
            record.path.display()
        ));
    } else {
        ui::line(&format!(
            "{} is trusted, as it is now, to decide:",
            record.path.display()
        ));
    }
    for gated in gated {
        ui::line(&format!("  line {}: {}", gated.origin.line, gated.key));
    }
    Ok(())
}

fn list(store: &TrustStore) -> Result<(), Report> {
    let mut text = String::new();
    for record in store.list().map_err(|error| Report::from(&error))? {
        let standing = match record.trust {
            Trust::Trusted => "trusted",
            Trust::Changed => "changed since",
            Trust::Never => "gone",
        };
        text.push_str(&format!("{}\t{standing}\n", record.path.display()));
    }
    ui::text(&text)
}
