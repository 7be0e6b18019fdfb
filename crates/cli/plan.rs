//! From the command line and the settings to a plan. No store is touched.

mod addresses;
mod references;
mod variables;

use std::cell::OnceCell;
use std::ffi::{OsStr, OsString};
use std::path::Path;

use mcp_launch_config::{
    ConfigError, DotenvFile, Grant, Isolation, NamedBy, ProgramError, Server, Settings,
    find_program,
};
use mcp_launch_core::{
    Environment, LaunchPlan, PlannedText, Program, Site, Syntax, Template, TemplateErrorKind,
};

use crate::args::RunArgs;
use crate::context::Context;
use crate::exit_code;
use crate::plan::variables::Inheritance;
use crate::registry::Reach;
use crate::report::{Detail, Report};

pub(crate) use variables::{logins_followed, strip_followed};

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
    environment: &'a Environment,
    /// The working directory, which relative programs are found from.
    directory: &'a Path,
    settings: &'a Settings,
    /// Whether bare names are looked up in the `.env` before all else, because the command line names one.
    dotenv_first: bool,
    /// Read when the first placeholder asks for it.
    grants: OnceCell<Result<Vec<Grant>, ConfigError>>,
}

/// A plan, and what is wrong with it. With anything wrong it only serves to tell what else is.
pub(crate) struct Planned {
    pub(crate) plan: LaunchPlan,
    pub(crate) isolation: Isolation,
    pub(crate) problems: Vec<Detail>,
}

impl<'a> Planner<'a> {
    /// A planner over these settings; `dotenv_first` if the command line names a `.env`.
    pub(crate) fn new(context: &'a Context, settings: &'a Settings, dotenv_first: bool) -> Self {
        Self {
            environment: &context.environment,
            directory: &context.directory,
            settings,
            dotenv_first,
            grants: OnceCell::new(),
        }
    }

    /// A planner for the references of what these sources give.
    pub(crate) fn of(reach: &'a Reach) -> Self {
        let by_flag = |file: &DotenvFile| file.named_by == NamedBy::Flag;
        Self {
            environment: &reach.environment,
            directory: &reach.directory,
            settings: &reach.settings,
            dotenv_first: reach.dotenv.as_ref().is_some_and(by_flag),
            grants: OnceCell::new(),
        }
    }

    /// The plan of this launch.
    ///
    /// # Errors
    /// What keeps it from being planned at all: no program, a wrong server. What is wrong with a placeholder is
    /// one of the plan's problems.
    pub(crate) fn plan(&self, args: &RunArgs) -> Result<Planned, Report> {
        let server = self.server(args)?;
        if let Some(server) = &server {
            check_identity(args, server)?;
        }
        let (typed, arguments) = command(args, server.as_ref())?;
        let program = find_program(&typed, self.environment, self.directory)
            .map_err(|error| program_report(&error))?;

        let mut reader = Reader {
            planner: self,
            server: args.server.as_deref(),
            problems: Vec::new(),
        };
        let (environment, stripped) = self.environment(server.as_ref(), &program, &mut reader);
        let arguments = arguments
            .into_iter()
            .enumerate()
            .map(|(index, text)| reader.read(&Site::Argument(index + 1), text))
            .collect();
        let mut plan = LaunchPlan {
            server: args.server.clone(),
            program,
            arguments,
            environment,
            stripped,
        };
        variables::strip_logins(&mut plan, self.settings);
        Ok(Planned {
            plan,
            problems: reader.problems,
            isolation: server
                .map(|server| server.isolate)
                .unwrap_or(Isolation::IfPossible),
        })
    }

    /// The server's environment, and the client's variables that are not in it.
    fn environment(
        &self,
        server: Option<&Server>,
        program: &Program,
        reader: &mut Reader<'_>,
    ) -> (Vec<(OsString, PlannedText)>, Vec<OsString>) {
        let own: Vec<_> = server
            .iter()
            .flat_map(|server| &server.env)
            .map(|(name, template)| (OsString::from(name), template.value.clone()))
            .collect();
        let inheritance = Inheritance::of(server);
        let mut environment = Vec::new();
        let mut stripped = Vec::new();
        for (name, value) in variables::of_client(self.environment, program) {
            if own.iter().any(|(set, _)| *set == name) {
                continue;
            }
            let site = Site::Variable(name.clone());
            let template = if variables::is_own(&name) {
                Template::literal([])
            } else {
                reader.parse(&site, &value, syntax_of(&name))
            };
            let holds_placeholder = template.placeholders().next().is_some();
            if inheritance.passes(&name, holds_placeholder) {
                environment.push((name, reader.plan(&site, template)));
            } else {
                stripped.push(name);
            }
        }
        for (name, template) in own {
            let site = Site::Variable(name.clone());
            environment.push((name, reader.plan(&site, template)));
        }
        (environment, stripped)
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
}

/// A text of the launch: as the client gave it, or as a settings file's reader has read it.
enum Text {
    Raw(OsString),
    Read(Template),
}

/// Reads the texts of a launch, and gathers what is wrong with their placeholders.
struct Reader<'a> {
    planner: &'a Planner<'a>,
    server: Option<&'a str>,
    problems: Vec<Detail>,
}

impl Reader<'_> {
    /// Reads and plans an argument.
    fn read(&mut self, site: &Site, text: Text) -> PlannedText {
        let template = match text {
            Text::Read(template) => template,
            Text::Raw(text) => self.parse(site, &text, Syntax::Angle),
        };
        self.plan(site, template)
    }

    fn parse(&mut self, site: &Site, text: &OsStr, syntax: Syntax) -> Template {
        if syntax == Syntax::AngleAndBrace
            && let Some(address) = self.planner.address_in_braces(text)
        {
            self.problems.push(Detail {
                site: site.to_string(),
                placeholder: format!("${{{address}}}"),
                reason: "form",
                text: "an address stands in `$<…>`, not in `${…}`".to_owned(),
                remedy: Some(format!("write $<{address}>")),
            });
            return Template::literal([]);
        }
        Template::parse(text.as_encoded_bytes(), syntax).unwrap_or_else(|error| {
            let form = match error.kind {
                TemplateErrorKind::Form => {
                    "a name has letters, digits, `_`, `.` and `-`, and starts with a letter or `_`; \
                     `>` ends a placeholder, so none stands inside"
                }
                TemplateErrorKind::Unclosed => "close it with `>`",
            };
            self.problems.push(Detail {
                site: site.to_string(),
                placeholder: "$<…>".to_owned(),
                reason: "form",
                text: error.to_string(),
                remedy: Some(format!("{form}; a literal `$<` is written `$$<`")),
            });
            Template::literal([])
        })
    }

    fn plan(&mut self, site: &Site, template: Template) -> PlannedText {
        PlannedText::new(site, template, |placeholder| {
            let candidates = self
                .planner
                .candidates(self.server, placeholder.reference());
            candidates.unwrap_or_else(|problem| {
                self.problems.push(Detail {
                    site: site.to_string(),
                    placeholder: placeholder.to_string(),
                    reason: problem.reason,
                    text: problem.text,
                    remedy: problem.remedy,
                });
                Vec::new()
            })
        })
    }
}

fn syntax_of(variable: &OsStr) -> Syntax {
    if PROMPTS.iter().any(|prompt| variable == *prompt) {
        Syntax::Angle
    } else {
        Syntax::AngleAndBrace
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
        .ok_or_else(|| no_command(server))?;
    let arguments = command.value.arguments.iter().cloned().map(Text::Read);
    Ok((command.value.program.clone().into(), arguments.collect()))
}

/// Refuses a command on the command line that is not the one the settings know under that name: it would
/// get what is granted to the other. Whoever writes the client's config writes the command line.
fn check_identity(args: &RunArgs, server: &Server) -> Result<(), Report> {
    let (Some((program, arguments)), Some(identity)) =
        (args.command.split_first(), &server.identity)
    else {
        return Ok(());
    };
    let known = &identity.value;
    let is_known = program == known.program.as_str()
        && arguments.len() == known.arguments.len()
        && arguments
            .iter()
            .zip(&known.arguments)
            .all(|(given, known)| {
                Template::parse(given.as_encoded_bytes(), Syntax::Angle).as_ref() == Ok(known)
            });
    if is_known {
        return Ok(());
    }
    let name = &server.name;
    Err(Report::not_started(format!(
        "the settings say what `{name}` starts ({}), and this command is another",
        identity.origin
    ))
    .hint("leave the command out, or give this one another name after --server"))
}

fn settings_report(error: &ConfigError) -> Report {
    let mut report = Report::from(error);
    report.code = exit_code::NOT_STARTED;
    report
}

fn no_command(server: Option<&Server>) -> Report {
    match server {
        Some(server) => Report::not_started(format!(
            "the settings give no command for `{}` ({})",
            server.name, server.origin
        ))
        .hint(format!("mcp-launch --server {} -- COMMAND", server.name)),
        None => Report::with_code(exit_code::USAGE, "there is no command to start")
            .hint("mcp-launch -- COMMAND [ARGUMENT]..., or see mcp-launch --help"),
    }
}

fn program_report(error: &ProgramError) -> Report {
    let report = Report::with_code(error.exit_code(), error.to_string());
    match error.hint() {
        Some(hint) => report.hint(hint),
        None => report,
    }
}
