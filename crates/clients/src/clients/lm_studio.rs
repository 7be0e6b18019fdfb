//! LM Studio.

use mcp_launch_lossless::Format;

use crate::client::{Braces, Evidence, Switch};
use crate::{Base, Client, Location};

/// LM Studio, which follows Cursor's notation.
pub(crate) static LM_STUDIO: Client = Client {
    id: "lm-studio",
    name: "LM Studio",
    files: &[
        Location::user(Base::Home, ".lmstudio/mcp.json", Format::Json),
        Location::user(Base::Home, ".cache/lm-studio/mcp.json", Format::Json),
    ],
    known_from: Evidence::Documentation,
    braces_in_arguments: Braces::Kept,
    braces_in_variables: Braces::Kept,
    to_take_effect: "nothing: LM Studio loads its servers again when the file is saved",
    switch: Switch::Absent,
    ..Client::USUAL
};
