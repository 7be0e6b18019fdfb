//! From the command line and the settings to a plan. No store is touched.

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};

use mcp_launch_config::{
    Binding, ConfigError, Inherit, ProgramError, Server, Settings, find_program,
};
use mcp_launch_core::{
    Address, Environment, FoundIn, LaunchPlan, Name, Necessity, Notation, Program, Reference,
    Request, Site, Syntax, Template,
};

use crate::args::RunArgs;
use crate::exit_code;
use crate::registry;
use crate::report::{Detail, Report};

/// What MCP clients that use an allow-list hand on, and what text handling needs besides.
const MINIMAL: &[&str] = &[
    "HOME", "LANG", "LC_ALL", "LC_CTYPE", "LOGNAME", "PATH", "SHELL", "TERM", "TMPDIR", "TZ",
    "USER",
];

/// Belongs to a store's own login whatever the launch uses, so no server inherits it.
const STORE_LOGINS: &[&str] = &["VAULT_TOKEN"];

/// The launcher's own variables.
const OWN_PREFIX: &str = "MCP_LAUNCH_";

/// Shells expand `${…}` in their prompts themselves, so there it is never a placeholder.
const PROMPTS: &[&str] = &[
    "PROMPT",
    "PROMPT_COMMAND",
    "PS0",
    "PS1",
    "PS2",
    "PS3",
    "PS4",
    "RPROMPT",
];

/// What a launch is planned from.
pub(crate) struct Planner<'a> {
    pub(crate) environment: &'a Environment,
    /// The working directory, which relative programs are found from.
    pub(crate) directory: &'a Path,
    pub(crate) settings: &'a Settings,
    /// Whether bare names are looked up in the `.env` before all else, because the command line names one.
    pub(crate) dotenv_first: bool,
}

impl Planner<'_> {
    /// The plan of this launch.
    ///
    /// # Errors
    /// Everything that is wrong with the placeholders at once, or the first other thing that is wrong.
    pub(crate) fn plan(&self, args: &RunArgs) -> Result<LaunchPlan, Report> {
        let server = self.server(args)?;
        let (typed, arguments) = command(args, server.as_ref())?;
        let program = find_program(&typed, self.environment, self.directory)
            .map_err(|error| program_report(&error))?;

        let (variables, mut stripped) = self.variables(server.as_ref(), &program);
        let mut reader = Reader {
            planner: self,
            server: args.server.as_deref(),
            requests: Vec::new(),
            problems: Vec::new(),
        };
        let mut environment: Vec<(OsString, Template)> = variables
            .into_iter()
            .map(|(name, text)| {
                let syntax = if PROMPTS.iter().any(|prompt| name == *prompt) {
                    Syntax::Angle
                } else {
                    Syntax::AngleAndBrace
                };
                let template = reader.read(&Site::Variable(name.clone()), text, syntax);
                (name, template)
            })
            .collect();
        let arguments = arguments
            .into_iter()
            .enumerate()
            .map(|(index, text)| reader.read(&Site::Argument(index + 1), text, Syntax::Angle))
            .collect();
        let Reader {
            requests, problems, ..
        } = reader;
        if !problems.is_empty() {
            return Err(Report::not_started(format!(
                "cannot start {}: {} of its placeholders cannot be used",
                named(args, &program),
                problems.len()
            ))
            .details(problems));
        }
        strip_logins(&requests, &mut environment, &mut stripped);
        Ok(LaunchPlan {
            server: args.server.clone(),
            program,
            arguments,
            environment,
            stripped,
            requests,
        })
    }

    fn server(&self, args: &RunArgs) -> Result<Option<Server>, Report> {
        let Some(name) = &args.server else {
            return Ok(None);
        };
        let server = self
            .settings
            .server(name)
            .map_err(|error| settings_report(&error))?;
        if server.is_none() && args.command.is_empty() {
            return Err(Report::not_started(format!(
                "the settings have no server `{name}`"
            ))
            .hint(format!(
                "add [servers.{name}] with a command to config.toml, or give the command after `--`"
            )));
        }
        Ok(server)
    }

    /// The variables that the server gets, before their placeholders are read, and those it does not get.
    fn variables(
        &self,
        server: Option<&Server>,
        program: &Program,
    ) -> (Vec<(OsString, Text)>, Vec<OsString>) {
        let minimal = server.is_some_and(|server| server.inherit == Inherit::Minimal);
        let mut given = Vec::new();
        let mut stripped = Vec::new();
        for (name, value) in self.environment.iter() {
            if is_own(name)
                || (!holds_placeholder(value) && (is_login(name) || minimal && !is_minimal(name)))
            {
                stripped.push(name.to_owned());
            } else {
                given.push((name.to_owned(), Text::Raw(value.to_owned())));
            }
        }
        for (name, template) in server.iter().flat_map(|server| &server.env) {
            let name = OsStr::new(name);
            given.retain(|(own, _)| own != name);
            stripped.retain(|own| own != name);
            given.push((name.to_owned(), Text::Read(template.value.clone())));
        }
        if let FoundIn::UsualPlace(folder) = &program.found_in {
            append_to_path(&mut given, folder.clone());
        }
        (given, stripped)
    }

    /// Where a value may come from for this server, in the order to ask.
    fn candidates(
        &self,
        server: Option<&str>,
        reference: &Reference,
    ) -> Result<Vec<Address>, Problem> {
        let bindings = match reference {
            Reference::Name(name) => self.binding(name)?.into_iter().collect(),
            // Another way to a value is no way around its grant.
            Reference::Address(address) => self.settings.bindings_at(address),
        };
        for binding in bindings {
            if !binding.grants(server) {
                let granted = binding.grant.unwrap_or_default();
                return Err(Problem::not_granted(&binding.name, server, &granted));
            }
        }
        self.addresses(reference)
    }

    /// Where a value may come from, whoever asks, in the order to ask.
    pub(crate) fn addresses(&self, reference: &Reference) -> Result<Vec<Address>, Problem> {
        let bound = match reference {
            Reference::Address(address) => Some(address.clone()),
            Reference::Name(name) => self
                .binding(name)?
                .and_then(|binding| binding.from)
                .map(|from| from.value),
        };
        if let Some(address) = bound {
            registry::check(&address).map_err(Problem::address)?;
            self.check_command(&address)?;
            return Ok(vec![address]);
        }
        let order = self
            .settings
            .order()
            .map_err(|error| Problem::settings(&error))?;
        let first = self.dotenv_first.then_some("dotenv");
        let rest = order
            .iter()
            .copied()
            .filter(|&scheme| Some(scheme) != first);
        Ok(first
            .into_iter()
            .chain(rest)
            .map(|scheme| Address::new(scheme, reference.to_string()))
            .collect())
    }

    fn binding(&self, name: &Name) -> Result<Option<Binding>, Problem> {
        self.settings
            .binding(name.as_str())
            .map_err(|error| Problem::settings(&error))
    }

    /// A command is run only when the user's own settings allow it.
    fn check_command(&self, address: &Address) -> Result<(), Problem> {
        let rules = registry::command_rules(self.settings);
        if address.scheme != "exec" || rules.allow(address.locator.as_str()) {
            return Ok(());
        }
        let suggestion = source_command::Rules::suggestion(address.locator.as_str());
        Err(Problem {
            reason: "denied",
            text: "your settings do not allow this command".to_owned(),
            remedy: Some(format!(
                "if you trust it, add to your own config.toml: [stores.exec] allow = [\"{suggestion}\"]"
            )),
        })
    }
}

/// A text of the launch: as the client gave it, or as a settings file's reader has read it.
enum Text {
    Raw(OsString),
    Read(Template),
}

/// Reads the texts of a launch, and gathers their placeholders and what is wrong with them.
struct Reader<'a> {
    planner: &'a Planner<'a>,
    server: Option<&'a str>,
    requests: Vec<Request>,
    problems: Vec<Detail>,
}

impl Reader<'_> {
    fn read(&mut self, site: &Site, text: Text, syntax: Syntax) -> Template {
        let template = match text {
            Text::Read(template) => template,
            Text::Raw(text) => match Template::parse(text.as_encoded_bytes(), syntax) {
                Ok(template) => template,
                Err(error) => {
                    self.problems.push(Detail {
                        site: site.to_string(),
                        placeholder: "$<…>".to_owned(),
                        reason: "form",
                        text: error.to_string(),
                        remedy: Some("a literal `$<` is written `$$<`".to_owned()),
                    });
                    return Template::literal([]);
                }
            },
        };
        let one = template.is_one_placeholder();
        for placeholder in template.placeholders() {
            let optional = placeholder.notation() == Notation::Brace && !one;
            match self
                .planner
                .candidates(self.server, placeholder.reference())
            {
                Ok(candidates) => self.requests.push(Request {
                    site: site.clone(),
                    placeholder: placeholder.clone(),
                    candidates,
                    necessity: if optional {
                        Necessity::Optional
                    } else {
                        Necessity::Required
                    },
                }),
                Err(problem) => self.problems.push(Detail {
                    site: site.to_string(),
                    placeholder: placeholder.to_string(),
                    reason: problem.reason,
                    text: problem.text,
                    remedy: problem.remedy,
                }),
            }
        }
        template
    }
}

/// Why a placeholder cannot be used, before anything is asked.
pub(crate) struct Problem {
    pub(crate) reason: &'static str,
    pub(crate) text: String,
    pub(crate) remedy: Option<String>,
}

impl Problem {
    fn settings(error: &ConfigError) -> Self {
        Self {
            reason: "settings",
            text: error.to_string(),
            remedy: error.hint(),
        }
    }

    fn address(error: registry::AddressError) -> Self {
        Self {
            reason: "address",
            text: error.text,
            remedy: error.remedy,
        }
    }

    fn not_granted(name: &Name, server: Option<&str>, granted: &[String]) -> Self {
        let text = match server {
            Some(server) => format!("`{name}` is not granted to the server `{server}`"),
            None => format!("`{name}` is granted to named servers only"),
        };
        Self {
            reason: "not-granted",
            text,
            remedy: Some(format!(
                "start it with `--server` and one of: {}",
                granted.join(", ")
            )),
        }
    }
}

/// How a launch is called in messages.
pub(crate) fn named(args: &RunArgs, program: &Program) -> String {
    match &args.server {
        Some(server) => format!("`{server}`"),
        None => format!("`{}`", program.typed.to_string_lossy()),
    }
}

/// The program as typed, and its arguments: the command line's, else the settings'.
fn command(args: &RunArgs, server: Option<&Server>) -> Result<(OsString, Vec<Text>), Report> {
    if let Some((program, arguments)) = args.command.split_first() {
        let arguments = arguments.iter().cloned().map(Text::Raw).collect();
        return Ok((program.clone(), arguments));
    }
    let command = server
        .and_then(|server| server.command.as_ref())
        .ok_or_else(no_command)?;
    let arguments = command.value.arguments.iter().cloned().map(Text::Read);
    Ok((command.value.program.clone().into(), arguments.collect()))
}

fn settings_report(error: &ConfigError) -> Report {
    let mut report = Report::from(error);
    report.code = exit_code::NOT_STARTED;
    report
}

fn no_command() -> Report {
    Report::with_code(exit_code::USAGE, "there is no command to start")
        .hint("mcp-launch -- COMMAND [ARGUMENT]..., or see mcp-launch --help")
}

fn program_report(error: &ProgramError) -> Report {
    let report = Report::with_code(error.exit_code(), error.to_string());
    match error.hint() {
        Some(hint) => report.hint(hint),
        None => report,
    }
}

fn is_own(name: &OsStr) -> bool {
    name.as_encoded_bytes().starts_with(OWN_PREFIX.as_bytes())
}

fn is_login(name: &OsStr) -> bool {
    STORE_LOGINS.iter().any(|login| name == *login)
}

/// Takes the logins of the sources that this launch asks out of the server's environment.
fn strip_logins(
    requests: &[Request],
    environment: &mut Vec<(OsString, Template)>,
    stripped: &mut Vec<OsString>,
) {
    let logins = requests
        .iter()
        .flat_map(|request| &request.candidates)
        .flat_map(|address| registry::credentials(&address.scheme));
    for login in logins {
        environment.retain(|(name, template)| {
            let kept = name != login || template.placeholders().next().is_some();
            if !kept {
                stripped.push(name.clone());
            }
            kept
        });
    }
}

fn is_minimal(name: &OsStr) -> bool {
    MINIMAL.iter().any(|kept| name == *kept)
}

/// A variable that holds a placeholder was written for the server, so it is neither inherited nor stripped.
fn holds_placeholder(value: &OsStr) -> bool {
    value
        .as_encoded_bytes()
        .windows(2)
        .any(|pair| pair == b"$<")
}

fn append_to_path(variables: &mut Vec<(OsString, Text)>, folder: PathBuf) {
    let position = variables.iter().position(|(name, _)| name == "PATH");
    let before = match position.map(|position| &variables[position].1) {
        Some(Text::Raw(before)) => before.clone(),
        // A settings file says what PATH is.
        Some(Text::Read(_)) => return,
        None => OsString::new(),
    };
    let folders = std::env::split_paths(&before)
        .filter(|folder| !folder.as_os_str().is_empty())
        .chain([folder]);
    // Joining fails only for a folder with a separator in its name, which then cannot be in a PATH at all.
    let Ok(path) = std::env::join_paths(folders) else {
        return;
    };
    match position {
        Some(position) => variables[position].1 = Text::Raw(path),
        None => variables.push(("PATH".into(), Text::Raw(path))),
    }
}
