//! JetBrains AI Assistant.

use crate::Client;
use crate::client::{Braces, Switch};

/// JetBrains AI Assistant, which keeps its servers in the settings of the IDE.
pub(crate) static AI_ASSISTANT: Client = Client {
    id: "ai-assistant",
    name: "JetBrains AI Assistant",
    files: &[],
    braces_in_arguments: Braces::Kept,
    braces_in_variables: Braces::Kept,
    to_take_effect: "apply the settings of the IDE",
    switch: Switch::Absent,
    note: "Its servers are pasted as JSON into the settings of the IDE: there is no file to read.",
    ..Client::USUAL
};
