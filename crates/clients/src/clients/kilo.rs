//! Kilo Code.

use mcp_launch_lossless::Format;

use crate::client::{Braces, Inherited, Switch};
use crate::{Base, Client, Location};

/// Kilo Code, which comes from Roo Code.
pub(crate) static KILO: Client = Client {
    id: "kilo",
    name: "Kilo Code",
    files: &[
        Location::user(
            Base::Application,
            "Code/User/globalStorage/kilocode.kilo-code/settings/mcp_settings.json",
            Format::Json,
        ),
        Location::user(
            Base::Application,
            "*/User/globalStorage/kilocode.kilo-code/settings/mcp_settings.json",
            Format::Json,
        ),
        Location::project(".kilocode/mcp.json", Format::Json),
    ],
    braces_in_arguments: Braces::Kept,
    braces_in_variables: Braces::Kept,
    inherited: Inherited::SDK,
    shell_on_windows: true,
    rewrites_its_file: true,
    to_take_effect: "nothing: Kilo Code watches its file",
    switch: Switch::Disabled,
    ..Client::USUAL
};
