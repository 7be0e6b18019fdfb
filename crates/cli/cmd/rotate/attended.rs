//! A new value from a person, for a credential that no program can make.

use mcp_launch_config::Rotator;
use mcp_launch_core::{LineEnd, Secret};
use mcp_launch_rotation::{Bundle, Successor};

use crate::report::Report;
use crate::rotation::Credential;
use crate::{terminal, ui};

/// Says where a new one is made, and asks for it: on the terminal without showing it, else on standard input.
pub(super) fn ask(credential: &Credential) -> Result<Successor, Report> {
    let Rotator::Track(track) = &credential.rotator else {
        return Err(Report::failure(format!(
            "{} is rotated by `{}`, which makes its values itself",
            credential.name(),
            credential.rotator.kind()
        ))
        .hint(format!("mcp-launch rotate {}", credential.name())));
    };
    if !credential.rotate.fields.is_empty() {
        return Err(Report::failure(format!(
            "{} has several fields, and one value can be typed",
            credential.name()
        )));
    }
    let value = if terminal::stdin_is_terminal() {
        if let Some(url) = &track.url {
            ui::line(&format!("make a new value at {url}"));
        }
        terminal::ask_hidden(&format!("New value of {}: ", credential.name()))?
    } else {
        let mut bytes = terminal::read_stdin()?;
        LineEnd::Strip.apply(&mut bytes);
        Secret::from(bytes)
    };
    if value.is_empty() {
        return Err(Report::failure(
            "the new value is empty, so nothing was done",
        ));
    }
    Ok(Successor {
        bundle: Bundle::bare(value),
        handle: None,
        // The date in the settings is of the value that it was written for, and a person writes the next.
        expires_at: None,
    })
}
