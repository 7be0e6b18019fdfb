//! What a new server needs to be told: asked for, or given on the command line.

use mcp_launch_core::{Secret, Syntax, Template};

use crate::cmd::add::has;
use crate::cmd::add::server_json::{Recipe, Word};
use crate::registry::Reach;
use crate::report::Report;
use crate::shelf::Shelf;
use crate::terminal;

/// A value that a server needs, as its publisher describes it. Deliberately without `Debug`: a default may be a password.
#[derive(Default)]
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
    /// The secrets that the person has named for the server.
    named: &'a [String],
    /// Whether somebody else says which secrets the server needs.
    is_described: bool,
    /// Values that go into the store.
    pub(super) secrets: Vec<(String, Secret)>,
    /// Values that are in the store already, go to the server, and that the person has not named.
    pub(super) handed_over: Vec<String>,
    /// Such values that the server can do without, and does, because nobody is there to ask.
    pub(super) withheld: Vec<String>,
}

impl<'a> Inputs<'a> {
    pub(super) fn new(
        reach: &'a Reach,
        shelf: &'a Shelf,
        given: Vec<(String, String)>,
        named: &'a [String],
        is_described: bool,
    ) -> Self {
        Self {
            reach,
            shelf,
            given,
            named,
            is_described,
            secrets: Vec::new(),
            handed_over: Vec::new(),
            withheld: Vec::new(),
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
        if wanted.is_secret || self.named.contains(name) {
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
        if known {
            return Ok(Some(placeholder));
        }
        // One that is there is used: whoever wants another says so by `secrets set`. But a stranger's description does not
        // choose among what the person has.
        if has(self.reach, self.shelf, name)? {
            if !self.is_described || self.named.contains(name) || self.handed_over.contains(name) {
                return Ok(Some(placeholder));
            }
            if terminal::stdin_is_terminal() {
                self.handed_over.push(name.clone());
                return Ok(Some(placeholder));
            }
            if !wanted.is_required {
                self.withheld.push(name.clone());
                return Ok(None);
            }
            return Err(Report::failure(format!(
                "the server asks for the value that you have as {name}, and nobody is there to say whether it may have it"
            ))
            .hint(format!("--secret {name} gives it to the server; --yes does not")));
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
