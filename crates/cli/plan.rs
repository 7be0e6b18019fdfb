//! From the command line and the settings to a plan. No store is touched.

mod addresses;
mod variables;

use std::ffi::OsString;
use std::path::Path;

use mcp_launch_config::{ConfigError, ProgramError, Server, Settings, find_program};
use mcp_launch_core::{
    Environment, LaunchPlan, Necessity, Notation, Program, Request, Site, Syntax, Template,
};

use crate::args::RunArgs;
use crate::exit_code;
use crate::report::{Detail, Report};

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
        if let Some(server) = &server {
            check_identity(args, server)?;
        }
        let (typed, arguments) = command(args, server.as_ref())?;
        let program = find_program(&typed, self.environment, self.directory)
            .map_err(|error| program_report(&error))?;

        let (variables, mut stripped) =
            variables::variables(self.environment, server.as_ref(), &program);
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
        variables::strip_logins(&requests, &mut environment, &mut stripped);
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
