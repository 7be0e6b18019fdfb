//! What a `server.json` of the MCP registry says of starting a server.
//!
//! <https://github.com/modelcontextprotocol/registry/blob/main/docs/reference/server-json/server.schema.json>. Keys are in camel case since
//! 2025-09, and in snake case before; both are read.

use std::path::Path;

use mcp_launch_core::shown;
use serde_json::Value;

use crate::cmd::add::input::Wanted;
use crate::report::Report;

/// How a server is started, and what it needs to be told.
#[derive(Debug, Default)]
pub(super) struct Recipe {
    pub(super) name: Option<String>,
    pub(super) words: Vec<Word>,
    pub(super) variables: Vec<Wanted>,
}

/// A word of the command line.
#[derive(Clone, Debug, Eq, PartialEq)]
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

    /// Whether it has a secret that goes into a store.
    pub(super) fn needs_store(&self) -> bool {
        let asks = |word: &Word| matches!(word, Word::Asked(_, wanted) if wanted.is_secret);
        self.variables.iter().any(|wanted| wanted.is_secret) || self.words.iter().any(asks)
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
    recipe(server).ok_or_else(|| {
        failed(
            "it offers no package of npm, PyPI, NuGet or a container that is started as a program"
                .to_owned(),
        )
        .hint("add it by its command: mcp-launch add NAME --client CLIENT -- COMMAND")
    })
}

fn recipe(server: &Value) -> Option<Recipe> {
    let name = server["name"].as_str()?.rsplit('/').next()?.to_owned();
    let packages = server["packages"].as_array()?;
    let (package, words) = packages
        .iter()
        .find_map(|package| Some((package, words(package)?)))?;
    let variables = list(package, "environmentVariables", "environment_variables")
        .filter_map(|variable| wanted(variable, text(variable, "name", "name")?))
        .collect();
    Some(Recipe {
        name: Some(name),
        words,
        variables,
    })
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
                for variable in list(package, "environmentVariables", "environment_variables") {
                    usual.push("-e".to_owned());
                    usual.push(text(variable, "name", "name")?.to_owned());
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
    if own.is_empty() || program == "docker" {
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
        let recipe = recipe(&server).unwrap();
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
        let recipe = recipe(&server).unwrap();
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
            assert!(recipe(&server).is_none());
        }
    }
}
