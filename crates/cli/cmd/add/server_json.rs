//! What a `server.json` of the MCP registry says of starting a server.
//!
//! <https://github.com/modelcontextprotocol/registry/blob/main/docs/reference/server-json/server.schema.json>. Keys are in camel case since
//! 2025-09, and in snake case before; both are read.

use std::path::Path;

use mcp_launch_core::shown;
use serde_json::Value;

use crate::cmd::add::input::Wanted;
use crate::report::Report;

/// The programs that a description may name to start its package. Any other would be one of its own choice.
const RUNNERS: [&str; 12] = [
    "bunx", "dnx", "docker", "node", "npx", "pipx", "pnpm", "podman", "python", "python3", "uv",
    "uvx",
];

/// Flags of `docker run` and `podman run` by which a container is less apart from the machine.
const OPENINGS: [&str; 19] = [
    "-v",
    "--cap-add",
    "--cgroupns",
    "--device",
    "--device-cgroup-rule",
    "--env-host",
    "--gpus",
    "--group-add",
    "--ipc",
    "--mount",
    "--net",
    "--network",
    "--pid",
    "--privileged",
    "--security-opt",
    "--userns",
    "--uts",
    "--volume",
    "--volumes-from",
];

/// How a server is started, and what it needs to be told. Deliberately without `Debug`, as its parts: what was typed may hold
/// a secret.
#[derive(Default)]
pub(super) struct Recipe {
    pub(super) name: Option<String>,
    pub(super) words: Vec<Word>,
    pub(super) variables: Vec<Wanted>,
    /// Flags by which the container is less apart from the machine.
    pub(super) openings: Vec<String>,
    /// Whether somebody else has written it, and not the person typed it.
    pub(super) is_described: bool,
}

/// A word of the command line.
pub(super) enum Word {
    /// This text, as the registry has it.
    Fixed(String),
    /// This text, which the person typed and which may hold placeholders.
    Typed(String),
    /// A value that is asked for, behind this flag.
    Asked(Option<String>, Wanted),
}

impl Recipe {
    /// A command that was typed.
    pub(super) fn of_command(command: &[String]) -> Self {
        Self {
            words: command.iter().cloned().map(Word::Typed).collect(),
            ..Self::default()
        }
    }

    /// Whether it asks for a value of this name.
    pub(super) fn wants(&self, name: &str) -> bool {
        let asks = |word: &Word| matches!(word, Word::Asked(_, wanted) if wanted.name == name);
        self.variables.iter().any(|wanted| wanted.name == name) || self.words.iter().any(asks)
    }

    /// Whether it has a secret that goes into a store.
    pub(super) fn needs_store(&self) -> bool {
        let asks = |word: &Word| matches!(word, Word::Asked(_, wanted) if wanted.is_secret);
        self.variables.iter().any(|wanted| wanted.is_secret) || self.words.iter().any(asks)
    }
}

/// Why a description is refused.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Refusal {
    /// A variable has a name that none can have.
    Name,
    /// Nothing in it is started as a program.
    NoPackage,
    /// Its package is called like an option.
    Option,
    /// It is started by another program than those that are known.
    Runner,
}

impl Refusal {
    fn in_words(self) -> &'static str {
        match self {
            Self::Name => "a variable has a name that no variable can have",
            Self::NoPackage => {
                "it offers no package of npm, PyPI, NuGet or a container that is started as a program"
            }
            Self::Option => "its package is called like an option of the program that starts it",
            Self::Runner => "its runtimeHint is none of the known programs",
        }
    }
}

/// Reads the description of a server.
///
/// # Errors
/// When it is none, or offers no package that is started as a program.
pub(super) fn read(path: &Path) -> Result<Recipe, Report> {
    let failed = |why: String| Report::failure(format!("{}: {why}", shown(path)));
    let bytes = std::fs::read(path).map_err(|error| failed(error.to_string()))?;
    let server: Value = serde_json::from_slice(&bytes)
        .map_err(|error| failed(format!("line {}: this is no JSON", error.line())))?;
    // What the registry's API gives has the description inside.
    let server = match &server["server"] {
        Value::Object(_) => &server["server"],
        _ => &server,
    };
    recipe(server).map_err(|refusal| {
        failed(refusal.in_words().to_owned())
            .hint("add it by its command: mcp-launch add NAME --client CLIENT -- COMMAND")
    })
}

fn recipe(server: &Value) -> Result<Recipe, Refusal> {
    let name = server["name"]
        .as_str()
        .and_then(|name| name.rsplit('/').next())
        .ok_or(Refusal::NoPackage)?;
    let (package, words) = server["packages"]
        .as_array()
        .into_iter()
        .flatten()
        .find_map(|package| Some((package, words(package)?)))
        .ok_or(Refusal::NoPackage)?;
    let hint = text(package, "runtimeHint", "runtime_hint");
    if hint.is_some_and(|hint| !RUNNERS.contains(&hint)) {
        return Err(Refusal::Runner);
    }
    if text(package, "identifier", "name").is_none_or(|name| name.starts_with('-')) {
        return Err(Refusal::Option);
    }
    let variables = list(package, "environmentVariables", "environment_variables")
        .map(|variable| {
            text(variable, "name", "name")
                .and_then(|name| wanted(variable, name))
                .ok_or(Refusal::Name)
        })
        .collect::<Result<_, Refusal>>()?;
    Ok(Recipe {
        name: Some(name.to_owned()),
        openings: openings(package, &words),
        words,
        variables,
        is_described: true,
    })
}

/// The flags among the arguments of a container's program by which it is less apart from the machine.
fn openings(package: &Value, words: &[Word]) -> Vec<String> {
    let is_container = matches!(words.first(), Some(Word::Fixed(program)) if is_container(program));
    if !is_container {
        return Vec::new();
    }
    let own = arguments(package, "runtimeArguments", "runtime_arguments").unwrap_or_default();
    let flags = own.iter().filter_map(|word| match word {
        Word::Fixed(text) | Word::Typed(text) => Some(text.as_str()),
        Word::Asked(flag, _) => flag.as_deref(),
    });
    let mut openings: Vec<String> = flags
        .filter(|flag| {
            let name = flag.split('=').next().unwrap_or_default();
            // `-v/:/host`, and `-iv /:/host`.
            let is_short = flag.starts_with('-') && !flag.starts_with("--");
            OPENINGS.contains(&name) || (is_short && name.contains('v'))
        })
        .map(str::to_owned)
        .collect();
    openings.dedup();
    openings
}

fn is_container(program: &str) -> bool {
    matches!(program, "docker" | "podman")
}

/// The command line of a package that is started as a program.
fn words(package: &Value) -> Option<Vec<Word>> {
    let is_stdio = package["transport"]["type"]
        .as_str()
        .is_none_or(|transport| transport == "stdio");
    if !is_stdio {
        return None;
    }
    let identifier = text(package, "identifier", "name")?;
    let version = text(package, "version", "version");
    let hint = text(package, "runtimeHint", "runtime_hint");
    let at = |separator: &str| match version {
        Some(version) => format!("{identifier}{separator}{version}"),
        None => identifier.to_owned(),
    };
    let (program, usual, target): (&str, Vec<String>, String) =
        match text(package, "registryType", "registry_type")? {
            "npm" => (hint.unwrap_or("npx"), vec!["-y".to_owned()], at("@")),
            "pypi" => (hint.unwrap_or("uvx"), Vec::new(), at("@")),
            "nuget" => (hint.unwrap_or("dnx"), vec!["--yes".to_owned()], at("@")),
            "oci" => {
                let mut usual: Vec<String> = ["run", "-i", "--rm"].map(str::to_owned).into();
                let variables = list(package, "environmentVariables", "environment_variables");
                for name in variables.filter_map(|variable| text(variable, "name", "name")) {
                    usual.push("-e".to_owned());
                    usual.push(name.to_owned());
                }
                let tagged = identifier.rsplit('/').next()?.contains([':', '@']);
                let image = if tagged {
                    identifier.to_owned()
                } else {
                    at(":")
                };
                (hint.unwrap_or("docker"), usual, image)
            }
            _ => return None,
        };
    let mut words = vec![Word::Fixed(program.to_owned())];
    let mut own = arguments(package, "runtimeArguments", "runtime_arguments")?;
    if own.is_empty() || is_container(program) {
        words.extend(usual.into_iter().map(Word::Fixed));
    }
    words.append(&mut own);
    words.push(Word::Fixed(target));
    words.append(&mut arguments(
        package,
        "packageArguments",
        "package_arguments",
    )?);
    Some(words)
}

fn arguments(package: &Value, key: &str, older: &str) -> Option<Vec<Word>> {
    let mut words = Vec::new();
    for argument in list(package, key, older) {
        let flag = match argument["type"].as_str()? {
            "named" => Some(text(argument, "name", "name")?.to_owned()),
            "positional" => None,
            _ => return None,
        };
        let value = text(argument, "value", "value");
        match (value, flag) {
            (Some(value), flag) if !value.contains('{') => {
                words.extend(flag.map(Word::Fixed));
                words.push(Word::Fixed(value.to_owned()));
            }
            // A flag without a value.
            (None, Some(flag))
                if argument["valueHint"].is_null()
                    && argument["default"].is_null()
                    && argument["isSecret"].is_null() =>
            {
                words.push(Word::Fixed(flag));
            }
            (_, flag) => {
                let hint = text(argument, "valueHint", "value_hint").or(flag.as_deref())?;
                let name: String = hint
                    .trim_start_matches('-')
                    .chars()
                    .map(|character| match character {
                        'a'..='z' | 'A'..='Z' | '0'..='9' => character.to_ascii_uppercase(),
                        _ => '_',
                    })
                    .collect();
                words.push(Word::Asked(flag, wanted(argument, &name)?));
            }
        }
    }
    Some(words)
}

fn wanted(described: &Value, name: &str) -> Option<Wanted> {
    Some(Wanted {
        name: mcp_launch_core::Name::new(name)?.to_string(),
        description: text(described, "description", "description").map(str::to_owned),
        is_secret: flag(described, "isSecret", "is_secret"),
        is_required: flag(described, "isRequired", "is_required"),
        default: text(described, "default", "value").map(str::to_owned),
        choices: list(described, "choices", "choices")
            .filter_map(Value::as_str)
            .map(str::to_owned)
            .collect(),
    })
}

fn text<'v>(value: &'v Value, key: &str, older: &str) -> Option<&'v str> {
    value[key].as_str().or_else(|| value[older].as_str())
}

fn flag(value: &Value, key: &str, older: &str) -> bool {
    value[key]
        .as_bool()
        .or_else(|| value[older].as_bool())
        .unwrap_or(false)
}

fn list<'v>(value: &'v Value, key: &str, older: &str) -> impl Iterator<Item = &'v Value> {
    let list = value[key].as_array().or_else(|| value[older].as_array());
    list.into_iter().flatten()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn fixed(recipe: &Recipe) -> Vec<&str> {
        recipe
            .words
            .iter()
            .map(|word| match word {
                Word::Fixed(text) | Word::Typed(text) => text.as_str(),
                Word::Asked(_, wanted) => wanted.name.as_str(),
            })
            .collect()
    }

    #[test]
    fn reads_a_package_of_npm_with_its_variables() {
        let server = json!({
            "name": "io.github.example/brave",
            "packages": [{
                "registryType": "npm",
                "identifier": "@example/brave",
                "version": "1.2.3",
                "transport": { "type": "stdio" },
                "packageArguments": [
                    { "type": "named", "name": "--dir", "valueHint": "folder", "isRequired": true },
                    { "type": "positional", "value": "serve" }
                ],
                "environmentVariables": [
                    { "name": "BRAVE_API_KEY", "isRequired": true, "isSecret": true, "description": "The key" },
                    { "name": "LEVEL", "default": "info", "choices": ["info", "debug"] }
                ]
            }]
        });
        let recipe = recipe(&server).ok().unwrap();
        assert_eq!(recipe.name.as_deref(), Some("brave"));
        assert_eq!(
            fixed(&recipe),
            ["npx", "-y", "@example/brave@1.2.3", "FOLDER", "serve"]
        );
        assert!(recipe.needs_store());
        assert!(recipe.variables[0].is_secret && recipe.variables[0].is_required);
        assert_eq!(recipe.variables[1].default.as_deref(), Some("info"));
    }

    #[test]
    fn a_container_gets_its_variables_by_name_only() {
        let server = json!({
            "name": "x/y",
            "packages": [
                { "registry_type": "mcpb", "identifier": "https://example/x.mcpb" },
                { "registry_type": "oci", "identifier": "ghcr.io/x/y", "version": "2",
                  "environment_variables": [{ "name": "TOKEN", "is_secret": true }] }
            ]
        });
        let recipe = recipe(&server).ok().unwrap();
        assert_eq!(
            fixed(&recipe),
            [
                "docker",
                "run",
                "-i",
                "--rm",
                "-e",
                "TOKEN",
                "ghcr.io/x/y:2"
            ]
        );
    }

    #[test]
    fn a_server_that_no_program_is_has_no_recipe() {
        for server in [
            json!({ "name": "x/y", "remotes": [{ "type": "sse", "url": "https://example" }] }),
            json!({ "name": "x/y", "packages": [{ "registryType": "npm", "identifier": "z", "transport": { "type": "sse" } }] }),
            json!([]),
        ] {
            assert_eq!(recipe(&server).err(), Some(Refusal::NoPackage));
        }
    }

    fn of_package(package: Value) -> Result<Recipe, Refusal> {
        recipe(&json!({ "name": "x/y", "packages": [package] }))
    }

    #[test]
    fn a_description_that_oversteps_is_refused() {
        for (package, refusal) in [
            (
                json!({ "registryType": "npm", "identifier": "z", "runtimeHint": "/tmp/evil/npx" }),
                Refusal::Runner,
            ),
            (
                json!({ "registryType": "npm", "identifier": "z", "runtime_hint": "bash" }),
                Refusal::Runner,
            ),
            (
                json!({ "registryType": "oci", "identifier": "--privileged" }),
                Refusal::Option,
            ),
            (
                json!({ "registryType": "npm", "identifier": "z", "environmentVariables": [{ "name": "A=B" }] }),
                Refusal::Name,
            ),
            (
                json!({ "registryType": "oci", "identifier": "z", "environmentVariables": [{ "isSecret": true }] }),
                Refusal::Name,
            ),
        ] {
            assert_eq!(of_package(package).err(), Some(refusal));
        }
    }

    #[test]
    fn what_opens_a_container_is_found() {
        let flags = |runtime: Value| {
            let package = json!({ "registryType": "oci", "identifier": "z", "runtimeHint": "podman", "runtimeArguments": runtime });
            of_package(package).ok().unwrap().openings
        };
        let positional = |text: &str| json!({ "type": "positional", "value": text });
        let opened = json!([
            { "type": "named", "name": "--mount", "value": "type=bind,src=/,dst=/h" },
            { "type": "named", "name": "--volume", "valueHint": "folder" },
            positional("--network=host"),
            positional("-v/:/h"),
            positional("--privileged"),
        ]);
        assert_eq!(
            flags(opened),
            [
                "--mount",
                "--volume",
                "--network=host",
                "-v/:/h",
                "--privileged"
            ]
        );
        assert!(flags(json!([{ "type": "named", "name": "--init" }])).is_empty());
    }
}
