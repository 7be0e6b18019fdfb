//! What a new server needs to be told: asked for, or given on the command line.

use mcp_launch_core::{Secret, Syntax, Template};

use crate::cmd::add::has;
use crate::cmd::add::server_json::{Recipe, Word};
use crate::registry::Reach;
use crate::report::Report;
use crate::shelf::Shelf;
use crate::terminal;

/// A value that a server needs, as its publisher describes it.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(super) struct Wanted {
    pub(super) name: String,
    pub(super) description: Option<String>,
    pub(super) is_secret: bool,
    pub(super) is_required: bool,
    pub(super) default: Option<String>,
    /// The values that it may have; none given, any.
    pub(super) choices: Vec<String>,
}

impl Wanted {
    pub(super) fn secret(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            is_secret: true,
            is_required: true,
            ..Self::default()
        }
    }
}

/// What was told so far.
pub(super) struct Inputs<'a> {
    reach: &'a Reach,
    shelf: &'a Shelf,
    given: Vec<(String, String)>,
    /// Values that go into the store.
    pub(super) secrets: Vec<(String, Secret)>,
}

impl<'a> Inputs<'a> {
    pub(super) fn new(reach: &'a Reach, shelf: &'a Shelf, given: Vec<(String, String)>) -> Self {
        Self {
            reach,
            shelf,
            given,
            secrets: Vec::new(),
        }
    }

    /// The command and its arguments.
    ///
    /// # Errors
    /// When one that is required is not told.
    pub(super) fn fill_words(&mut self, recipe: &Recipe) -> Result<Vec<String>, Report> {
        let mut words = Vec::new();
        for word in &recipe.words {
            match word {
                Word::Fixed(text) => words.push(escaped(text, Syntax::Angle)),
                Word::Typed(text) => words.push(text.clone()),
                Word::Asked(before, wanted) => {
                    if let Some(text) = self.one(wanted, Syntax::Angle)? {
                        words.extend(before.clone());
                        words.push(text);
                    }
                }
            }
        }
        Ok(words)
    }

    /// The variables: those that the recipe wants, then the others that were given.
    ///
    /// # Errors
    /// When one that is required is not told.
    pub(super) fn fill_variables(
        &mut self,
        wanted: Vec<Wanted>,
    ) -> Result<Vec<(String, String)>, Report> {
        let mut variables = Vec::new();
        for wanted in wanted {
            if let Some(text) = self.one(&wanted, Syntax::AngleAndBrace)? {
                variables.push((wanted.name, text));
            }
        }
        variables.append(&mut self.given);
        Ok(variables)
    }

    /// The text for one value, with a placeholder for a secret; None for one that is not needed and was not told.
    fn one(&mut self, wanted: &Wanted, syntax: Syntax) -> Result<Option<String>, Report> {
        let Wanted { name, .. } = wanted;
        if let Some(at) = self.given.iter().position(|(given, _)| given == name) {
            let (_, text) = self.given.remove(at);
            return self.checked(wanted, text).map(Some);
        }
        if wanted.is_secret {
            return self.secret(wanted);
        }
        let text = match terminal::stdin_is_terminal() {
            true => terminal::ask(&prompt(wanted))?,
            false => String::new(),
        };
        match (text.is_empty(), &wanted.default) {
            (false, _) => self.checked(wanted, escaped(&text, syntax)).map(Some),
            // The server itself knows its default.
            (true, Some(_)) => Ok(None),
            (true, None) if wanted.is_required => Err(missing(wanted)),
            (true, None) => Ok(None),
        }
    }

    fn secret(&mut self, wanted: &Wanted) -> Result<Option<String>, Report> {
        let Wanted { name, .. } = wanted;
        let placeholders = self.shelf.placeholders(self.reach, &[name]);
        let placeholder = placeholders.into_iter().next().unwrap_or_default();
        let known = self.secrets.iter().any(|(known, _)| known == name);
        // One that is there is used: whoever wants another says so by `secrets set`.
        if known || has(self.reach, self.shelf, name)? {
            return Ok(Some(placeholder));
        }
        if !terminal::stdin_is_terminal() {
            return match wanted.is_required {
                true => Err(missing(wanted)),
                false => Ok(None),
            };
        }
        let value = terminal::ask_hidden(&prompt(wanted))?;
        if value.is_empty() {
            return match wanted.is_required {
                true => Err(missing(wanted)),
                false => Ok(None),
            };
        }
        self.secrets.push((name.clone(), value));
        Ok(Some(placeholder))
    }

    fn checked(&self, wanted: &Wanted, text: String) -> Result<String, Report> {
        let is_placeholder = text.contains("$<");
        if is_placeholder || wanted.choices.is_empty() || wanted.choices.contains(&text) {
            return Ok(text);
        }
        Err(Report::failure(format!(
            "{} has another value than it can have",
            wanted.name
        ))
        .hint(format!("one of: {}", wanted.choices.join(", "))))
    }
}

fn prompt(wanted: &Wanted) -> String {
    let mut prompt = wanted.name.clone();
    if let Some(description) = &wanted.description {
        prompt.push_str(&format!(
            " ({})",
            mcp_launch_core::shown(description.as_str())
        ));
    }
    if !wanted.choices.is_empty() {
        prompt.push_str(&format!(", one of {}", wanted.choices.join(", ")));
    }
    match (&wanted.default, wanted.is_required) {
        (Some(default), _) => prompt.push_str(&format!(" [{default}]: ")),
        (None, true) => prompt.push_str(": "),
        (None, false) => prompt.push_str(" (may be left out): "),
    }
    prompt
}

fn missing(wanted: &Wanted) -> Report {
    let Wanted { name, .. } = wanted;
    Report::failure(format!("the server needs {name}")).hint(if wanted.is_secret {
        format!("mcp-launch secrets set {name}, then run this again; or run it in a terminal, which asks")
    } else {
        format!("--env {name}=VALUE, or run it in a terminal, which asks")
    })
}

/// A literal text, for the launcher to read.
fn escaped(text: &str, syntax: Syntax) -> String {
    let printed = Template::literal(text.as_bytes()).print(syntax);
    String::from_utf8(printed).unwrap_or_default()
}
