//! `${NAME}` in the variables of an entry, which the launcher would take for a placeholder.

use mcp_launch_clients::{Braces, Client, Entry, Transport};
use mcp_launch_core::{Notation, Syntax, Template};

/// A variable that holds `${NAME}` for somebody else than the launcher, as far as is known.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct BracedVariable {
    /// The variable.
    pub variable: String,
    /// The first that it holds, without the text of a default: `${NAME}`.
    pub placeholder: String,
    /// Whether the server gets it as it got it before; the launcher fills it in otherwise, where the client has not.
    pub stays: bool,
}

/// The variables of `entry` whose `${NAME}` reach the launcher. None of an entry that the launcher starts already, or where the
/// client leaves nothing of them.
#[must_use]
pub fn braced_variables(client: &Client, entry: &Entry) -> Vec<BracedVariable> {
    let Transport::Stdio(stdio) = &entry.transport else {
        return Vec::new();
    };
    if entry.launched || client.braces_in_variables == Braces::Replaced {
        return Vec::new();
    }
    let braced = |text: &str| {
        // What stands in `$<…>` is text as well, so far.
        let literal = Template::literal(text.as_bytes()).print(Syntax::Angle);
        let template = Template::parse(&literal, Syntax::AngleAndBrace).ok()?;
        template
            .placeholders()
            .find(|placeholder| placeholder.notation() == Notation::Brace)
            .map(ToString::to_string)
    };
    stdio
        .variables
        .iter()
        .filter_map(|variable| {
            Some(BracedVariable {
                variable: variable.name.clone(),
                placeholder: braced(&variable.text)?,
                stays: client.braces_in_variables == Braces::Kept,
            })
        })
        .collect()
}
