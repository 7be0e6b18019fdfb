//! What a launch will do, before any store is asked. All of it can be printed.

use std::ffi::OsString;
use std::fmt;
use std::path::PathBuf;

use crate::placeholder::{Address, Notation, Placeholder};
use crate::template::Template;

/// What a launch will do: templates and an absolute program, no value.
#[derive(Clone, Debug)]
pub struct LaunchPlan {
    /// The server's name in the settings, if the launch named one.
    pub server: Option<String>,
    /// What is executed.
    pub program: Program,
    /// The arguments after the program's own name.
    pub arguments: Vec<PlannedText>,
    /// The server's whole environment.
    pub environment: Vec<(OsString, PlannedText)>,
    /// Variables of the client's environment that the server does not get.
    pub stripped: Vec<OsString>,
}

impl LaunchPlan {
    /// Every placeholder, in the order environment, then arguments.
    pub fn requests(&self) -> impl Iterator<Item = &Request> {
        self.environment
            .iter()
            .map(|(_, text)| text)
            .chain(&self.arguments)
            .flat_map(|text| &text.requests)
    }
}

/// A text of the launch, with a request for each of its placeholders.
#[derive(Clone, Debug)]
pub struct PlannedText {
    pub(crate) template: Template,
    /// One for each placeholder of the template, in its order.
    pub(crate) requests: Vec<Request>,
}

impl PlannedText {
    /// Plans `template`, which stands at `site`: `candidates` says where the value of a placeholder may come from.
    ///
    /// `${NAME}` inside longer text is optional; every other placeholder is required.
    pub fn new(
        site: &Site,
        template: Template,
        mut candidates: impl FnMut(&Placeholder) -> Vec<Address>,
    ) -> Self {
        let alone = template.is_one_placeholder();
        let requests = template
            .placeholders()
            .map(|placeholder| Request {
                site: site.clone(),
                placeholder: placeholder.clone(),
                candidates: candidates(placeholder),
                necessity: if placeholder.notation() == Notation::Brace && !alone {
                    Necessity::Optional
                } else {
                    Necessity::Required
                },
            })
            .collect();
        Self { template, requests }
    }

    /// Whether it has no placeholder.
    #[must_use]
    pub fn is_literal(&self) -> bool {
        self.requests.is_empty()
    }
}

/// The program of a launch.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Program {
    /// What the config says; becomes the server's `argv[0]`.
    pub typed: OsString,
    /// What is executed: absolute.
    pub path: PathBuf,
    /// Where it was found.
    pub found_in: FoundIn,
}

/// Where a program was found.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum FoundIn {
    /// The config names a path.
    Named,
    /// In the client's `PATH`.
    SearchPath,
    /// Not in the client's `PATH`, but in a folder that the person's shell usually has. The folder
    /// is put at the end of the server's `PATH`, so that `#!/usr/bin/env node` works too.
    UsualPlace(PathBuf),
}

/// Where in a launch a placeholder stands.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub enum Site {
    /// An argument after the program, from 1.
    Argument(usize),
    /// A setting, by its key: the login of a store.
    Setting(String),
    /// The value of a variable.
    Variable(OsString),
}

impl fmt::Display for Site {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Argument(index) => write!(f, "args[{index}]"),
            Self::Setting(key) => f.write_str(key),
            Self::Variable(name) => write!(f, "env.{}", name.to_string_lossy()),
        }
    }
}

/// Whether a launch can do without a value.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Necessity {
    /// `${NAME}` inside longer text: left as it is when no store knows the name.
    Optional,
    /// Nothing starts without it.
    Required,
}

/// One placeholder of a launch, and where its value may come from.
#[derive(Clone, Debug)]
pub struct Request {
    /// Where it stands.
    pub site: Site,
    /// What was written.
    pub placeholder: Placeholder,
    /// The addresses to ask, in their order. The first that has the value gives it.
    pub candidates: Vec<Address>,
    /// Whether the launch can do without it.
    pub necessity: Necessity,
}

impl Request {
    /// Whether the launch goes on when every candidate surely has no value.
    #[must_use]
    pub fn can_do_without(&self) -> bool {
        self.placeholder.default().is_some() || self.necessity == Necessity::Optional
    }
}
