//! Qwen Code.

use mcp_launch_lossless::Format;

use crate::client::{Braces, Evidence, Inherited, Switch};
use crate::{Base, Client, Location};

/// Qwen Code, which comes from Gemini CLI.
pub(crate) static QWEN_CODE: Client = Client {
    id: "qwen-code",
    name: "Qwen Code",
    files: &[
        Location::user(Base::Home, ".qwen/settings.json", Format::Json),
        Location::project(".qwen/settings.json", Format::Json),
        Location::project(".mcp.json", Format::Json),
    ],
    known_from: Evidence::Reports,
    braces_in_arguments: Braces::Unknown,
    braces_in_variables: Braces::Unknown,
    inherited: Inherited::Unknown,
    to_take_effect: "start a new session",
    switch: Switch::Absent,
    ..Client::USUAL
};
