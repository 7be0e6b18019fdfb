//! `mcp-launch generate`: what packages and editors need, from the types themselves.

use clap::CommandFactory as _;

use crate::args::{CommandLine, GenerateArgs, Generated};
use crate::reference;
use crate::report::Report;
use crate::ui;

/// Generated from the types of the settings crate, and compared with them by its tests.
const PROJECT_SCHEMA: &str = include_str!("../../../docs/reference/project.schema.json");
const USER_SCHEMA: &str = include_str!("../../../docs/reference/config.schema.json");

/// Writes the chosen text to standard output.
///
/// # Errors
/// When it cannot be written.
pub(crate) fn generate(args: &GenerateArgs) -> Result<(), Report> {
    let mut out = Vec::new();
    let mut command = CommandLine::command();
    match args.what {
        Generated::Completions => {
            if let Some(shell) = args.shell {
                clap_complete::generate(shell, &mut command, "mcp-launch", &mut out);
            }
        }
        Generated::Man => clap_mangen::Man::new(command)
            .render(&mut out)
            .map_err(|error| Report::failure(error.to_string()))?,
        Generated::ProjectSchema => {
            out = PROJECT_SCHEMA.as_bytes().to_vec();
        }
        Generated::Reference => out = reference::markdown(&mut command).into_bytes(),
        Generated::Schema => {
            out = USER_SCHEMA.as_bytes().to_vec();
        }
    }
    ui::data(&out)
        .map_err(|error| Report::failure(format!("cannot write to standard output: {error}")))
}
