//! Real MCP clients and servers, as tests/run installs them, and a person at a terminal.

use std::io::Write;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use mcp_launch_testkit::{Scratch, tools};
use serde_json::{Value, json};

use super::{Finished, installed, with_input};

/// The Python that has the MCP SDK.
pub(crate) fn python() -> PathBuf {
    tools().join("venv/bin/python")
}

/// A server of npm, such as `everything`, as the file that Node runs.
pub(crate) fn node_server(name: &str) -> String {
    let package = format!("npm/node_modules/@modelcontextprotocol/server-{name}");
    let file = tools().join(package).join("dist/index.js");
    file.into_os_string()
        .into_string()
        .expect("a path that is text")
}

/// A server of PyPI, as the module that Python runs.
pub(crate) fn python_server(module: &str) -> [String; 3] {
    let python = python().into_os_string().into_string();
    [
        python.expect("a path that is text"),
        "-m".to_owned(),
        module.to_owned(),
    ]
}

/// A server's entry in a client's config, with the launcher in front of it.
pub(crate) struct Entry {
    arguments: Vec<String>,
    environment: Value,
}

impl Entry {
    /// An entry without secrets.
    pub(crate) fn new(server: &[&str]) -> Self {
        let mut arguments = vec!["--".to_owned()];
        arguments.extend(server.iter().map(ToString::to_string));
        Self {
            arguments,
            environment: json!({}),
        }
    }

    /// An entry whose arguments are these, as they stand in a config that names the launcher.
    pub(crate) fn as_written(arguments: &[&str]) -> Self {
        Self {
            arguments: arguments.iter().map(ToString::to_string).collect(),
            environment: json!({}),
        }
    }

    /// Adds options of the launcher, before the `--`.
    pub(crate) fn options(mut self, options: &[&str]) -> Self {
        let options = options.iter().map(ToString::to_string);
        self.arguments.splice(..0, options);
        self
    }

    /// Adds a variable of the entry's `env`.
    pub(crate) fn variable(mut self, name: &str, value: &str) -> Self {
        self.environment[name] = value.into();
        self
    }

    /// What the Python SDK's client sees. `options` are those of tests/clients/stdio_client.py.
    pub(crate) fn seen_by_python(&self, scratch: &Scratch, options: &[&str]) -> Seen {
        self.seen_by(scratch.command(python()), scratch, options)
    }

    /// The same, where `client` is the Python to run, with what stands before it.
    pub(crate) fn seen_by(&self, mut client: Command, scratch: &Scratch, options: &[&str]) -> Seen {
        let script = scratch.write(
            "stdio_client.py",
            include_str!("../clients/stdio_client.py"),
        );
        let entry = self.json(scratch);
        let mut child = client
            .arg(script)
            .args(options)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the Python of tests/run");
        let mut input = child.stdin.take().expect("stdin is piped");
        write!(input, "{entry}").expect("the client reads its config");
        drop(input);
        let output = child.wait_with_output().expect("the client ends");
        let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
        let answer = serde_json::from_slice(&output.stdout)
            .unwrap_or_else(|error| panic!("the client said nothing: {error}\n{stderr}"));
        Seen { answer, stderr }
    }

    /// What the inspector's command line says; `request` are its options.
    ///
    /// A `--` among its own arguments would end them, so the entry is in a config, as it would be in a client's.
    pub(crate) fn inspected(&self, scratch: &Scratch, request: &[&str]) -> Finished {
        let config = json!({ "mcpServers": { "tested": self.json(scratch) } });
        let config = scratch.write("mcp.json", config.to_string());
        let mut command = scratch.command(tools().join("npm/node_modules/.bin/mcp-inspector"));
        command.arg("--cli").arg("--config").arg(config);
        command.args(["--server", "tested"]).args(request);
        Finished::of(&mut command)
    }

    fn json(&self, scratch: &Scratch) -> Value {
        json!({
            "command": installed(scratch),
            "args": self.arguments,
            "env": self.environment,
        })
    }
}

/// What a client saw of a server.
#[derive(Debug)]
pub(crate) struct Seen {
    pub(crate) answer: Value,
    pub(crate) stderr: String,
}

impl Seen {
    /// The text that the tool answered with.
    #[track_caller]
    pub(crate) fn result(&self) -> &str {
        self.answer["result"][0]
            .as_str()
            .unwrap_or_else(|| panic!("no result: {self:?}"))
    }

    /// The error that the client shows.
    #[track_caller]
    pub(crate) fn error(&self) -> &str {
        self.answer["error"]
            .as_str()
            .unwrap_or_else(|| panic!("no error: {self:?}"))
    }
}

/// The launcher on a terminal of its own, where `answers` are typed, one line per prompt.
pub(crate) fn at_terminal(scratch: &Scratch, arguments: &[&str], answers: &str) -> Finished {
    let script = scratch.write("terminal.py", include_str!("../clients/terminal.py"));
    let mut command = scratch.command(python());
    command.arg(script).arg(installed(scratch)).args(arguments);
    with_input(&mut command, answers)
}
