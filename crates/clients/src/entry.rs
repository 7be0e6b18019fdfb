//! What stands in a config about one server.
//!
//! Texts may be secrets that a person pasted, so nothing here can be printed.

use mcp_launch_lossless::Place;
use zeroize::Zeroizing;

/// A server of a config.
///
/// ```compile_fail,E0277
/// fn shown(it: &mcp_launch_clients::Entry) -> String {
///     format!("{it:?}")
/// }
/// ```
pub struct Entry {
    /// Its name; the name of the list's item where servers stand in a list.
    pub name: String,
    /// The project that it is for, where the file has a map of projects: Claude Code's local scope.
    pub project: Option<String>,
    /// Where its object is.
    pub place: Place,
    /// The line in which that begins, counted from one.
    pub line: usize,
    /// The client leaves it out: `disabled` is true or `enabled` is false.
    pub disabled: bool,
    /// How the client reaches it.
    pub transport: Transport,
    /// Its command is the launcher already.
    pub launched: bool,
    /// The texts of its `settings`, which Zed hands to the extension that knows the command.
    pub settings: Vec<Variable>,
}

/// How a client reaches a server.
pub enum Transport {
    /// It starts a program.
    Stdio(Box<Stdio>),
    /// It asks an address.
    Remote(Box<Remote>),
    /// The entry says neither.
    Unknown,
}

/// A text of a config, and where it stands.
///
/// ```compile_fail,E0277
/// fn shown(it: &mcp_launch_clients::Text) -> String {
///     format!("{it:?}")
/// }
/// ```
pub struct Text {
    /// Where.
    pub place: Place,
    /// What.
    pub text: Zeroizing<String>,
}

/// A named text of a config: a variable of an environment, a header.
///
/// ```compile_fail,E0277
/// fn shown(it: &mcp_launch_clients::Variable) -> String {
///     format!("{it:?}")
/// }
/// ```
pub struct Variable {
    /// Its name.
    pub name: String,
    /// Where its value stands.
    pub place: Place,
    /// Its value.
    pub text: Zeroizing<String>,
}

/// How program and arguments are written.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Form {
    /// A text, and a list of arguments beside it.
    Text,
    /// A text that is a whole command line.
    Line,
    /// One list of program and arguments: opencode.
    List,
    /// An object with `path`, `args` and `env`: older Zed.
    Object,
}

/// A server that the client starts.
pub struct Stdio {
    /// How program and arguments are written.
    pub form: Form,
    /// Where the command is: a text, a list or an object, as `form` says.
    pub command: Place,
    /// The program.
    pub program: String,
    /// Where the program's own text stands; for [`Form::Line`] that of the whole line.
    pub program_place: Place,
    /// The texts among its arguments. For [`Form::Line`] they all stand at `command`.
    pub arguments: Vec<Text>,
    /// The list that they stand in: for [`Form::List`] the command itself, whose first item is the
    /// program; `None` where there is no list yet.
    pub argument_list: Option<Place>,
    /// The key of that list, there or not.
    pub argument_key: &'static str,
    /// The values of its environment that are texts.
    pub variables: Vec<Variable>,
    /// The map that they stand in; `None` where there is none yet.
    pub variable_map: Option<Place>,
    /// The line of variables that are not read: a list, an alias of YAML.
    pub unread_variables: Option<usize>,
    /// The key of that map, there or not: `env`, `envs` or `environment`.
    pub variable_key: &'static str,
    /// The object that a missing list or a missing map belongs in.
    pub parent: Place,
    /// A file of further variables that the client reads: `envFile`.
    pub env_file: Option<Text>,
    /// Names of variables whose values the client keeps in a store of its own: Goose's `env_keys`.
    pub kept_elsewhere: Vec<String>,
    /// Names of variables of its own environment that the client passes on: Codex's `env_vars`.
    pub passed_on: Vec<String>,
    /// The folder that it is started in.
    pub working_directory: Option<String>,
}

/// A server that the client asks at an address.
pub struct Remote {
    /// The address, whose query may hold a secret.
    pub url: Text,
    /// Its key: `url`, `serverUrl`, `httpUrl` or `uri`.
    pub url_key: &'static str,
    /// The headers that are texts.
    pub headers: Vec<Variable>,
    /// The map that they stand in.
    pub header_map: Option<Place>,
    /// Other places where secrets of such a server stand: tokens of OAuth, keys of an API. The name
    /// is the path of keys within the entry.
    pub others: Vec<Variable>,
}
