//! What is known of an MCP client, as data.

use std::fmt;
use std::time::Duration;

use crate::Location;

/// An MCP client.
///
/// `$<NAME>` needs no field: none of them expands it, so it arrives at the launcher as it is written.
pub struct Client {
    /// The word for it on the command line: `claude-code`.
    pub id: &'static str,
    /// Its name: `Claude Code`.
    pub name: &'static str,
    /// Where its configs are, in the order in which it is told to write them.
    pub files: &'static [Location],
    /// How where its files are came to be known.
    pub known_from: Evidence,
    /// What it does to `${NAME}` in an argument.
    pub braces_in_arguments: Braces,
    /// What it does to `${NAME}` in a value of the entry's environment.
    pub braces_in_variables: Braces,
    /// What a server inherits besides the variables of its entry.
    pub inherited: Inherited,
    /// On Windows it starts servers through a shell, to which the `<` and `>` of a placeholder in
    /// an argument are redirections.
    pub shell_on_windows: bool,
    /// How long a server may take to answer first; `None` where that is not known.
    pub start_budget: Option<Duration>,
    /// While it runs it writes its file anew, over what another has changed meanwhile.
    pub rewrites_its_file: bool,
    /// What the person does for a change to take effect, as one short line.
    pub to_take_effect: &'static str,
    /// The key that turns an entry off.
    pub switch: Switch,
    /// How it writes a server.
    pub style: Style,
    /// What else a person should know, as one sentence; may be empty.
    pub note: &'static str,
}

impl Client {
    /// What holds for most of them; a client's own file says what differs.
    pub(crate) const USUAL: Self = Self {
        id: "",
        name: "",
        files: &[],
        known_from: Evidence::Unverified,
        braces_in_arguments: Braces::Unknown,
        braces_in_variables: Braces::Unknown,
        inherited: Inherited::Unknown,
        shell_on_windows: false,
        start_budget: None,
        rewrites_its_file: false,
        to_take_effect: "",
        switch: Switch::Disabled,
        style: Style::USUAL,
        note: "",
    };
}

/// Two of them are equal if they are the same client.
impl PartialEq for Client {
    fn eq(&self, other: &Self) -> bool {
        self.id == other.id
    }
}

impl Eq for Client {}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.id)
    }
}

/// How a fact came to be known.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Evidence {
    /// The client's own source, or one that writes its files.
    Source,
    /// Its maker's documentation.
    Documentation,
    /// Reports of its users.
    Reports,
    /// Second hand, and not checked.
    Unverified,
}

impl Evidence {
    /// Its name in the table.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Source => "source",
            Self::Documentation => "documentation",
            Self::Reports => "reports",
            Self::Unverified => "unverified",
        }
    }
}

/// What a client does to `${NAME}`.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Braces {
    /// Nothing: it arrives as written.
    Kept,
    /// It is expanded where the client's own environment has NAME, and kept where not.
    ExpandedIfSet,
    /// It never arrives: an unset NAME becomes nothing, or something else.
    Replaced,
    /// Nobody has looked.
    Unknown,
}

impl Braces {
    /// Its name in the table.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Kept => "kept",
            Self::ExpandedIfSet => "expanded if set",
            Self::Replaced => "replaced",
            Self::Unknown => "not known",
        }
    }
}

/// What a server inherits from its client.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Inherited {
    /// The client's whole environment.
    All,
    /// The whole, without what looks like a secret.
    WithoutSecrets,
    /// These variables on Linux and macOS, and on Windows those that correspond to them.
    Only(&'static [&'static str]),
    /// Nobody has looked.
    Unknown,
}

impl Inherited {
    /// What the MCP SDKs pass on.
    pub(crate) const SDK: Self = Self::Only(&["HOME", "LOGNAME", "PATH", "SHELL", "TERM", "USER"]);
}

/// The key that turns an entry off.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Switch {
    /// `disabled = true`.
    Disabled,
    /// `enabled = false`.
    Enabled,
    /// There is none in the file.
    Absent,
}

impl Switch {
    /// Its name in the table.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Disabled => "disabled",
            Self::Enabled => "enabled",
            Self::Absent => "",
        }
    }
}

/// How a client writes a server that it starts itself.
#[derive(Clone, Copy, Debug)]
pub struct Style {
    /// What stands before the command.
    pub before: &'static [(&'static str, Constant)],
    /// The program and its arguments.
    pub command: Command,
    /// The key of its environment.
    pub variables: &'static str,
    /// What stands after the environment.
    pub after: &'static [(&'static str, Constant)],
}

impl Style {
    /// `command`, `args`, `env`.
    pub(crate) const USUAL: Self = Self {
        before: &[],
        command: Command::Text {
            program: "command",
            arguments: "args",
        },
        variables: "env",
        after: &[],
    };

    /// The same, with `type: "stdio"` before it.
    pub(crate) const STDIO: Self = Self {
        before: &[("type", Constant::Text("stdio"))],
        ..Self::USUAL
    };
}

/// How a client writes the program and its arguments.
#[derive(Clone, Copy, Debug)]
pub enum Command {
    /// A text and a list.
    Text {
        /// The key of the program.
        program: &'static str,
        /// The key of the list.
        arguments: &'static str,
    },
    /// One list of both, under this key.
    List(&'static str),
}

/// A value that stands in every new entry.
#[derive(Clone, Copy, Debug)]
pub enum Constant {
    /// This text.
    Text(&'static str),
    /// `true`.
    True,
    /// A list of one `*`: every tool.
    Everything,
    /// The server's name.
    Name,
}
