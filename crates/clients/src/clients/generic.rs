//! A config of no client that is known.

use crate::Client;
use crate::client::Switch;

/// Whose a file is that no client's name or place tells. What is in it says where the servers are.
pub static GENERIC: Client = Client {
    id: "generic",
    name: "an MCP client",
    to_take_effect: "restart the client",
    switch: Switch::Disabled,
    ..Client::USUAL
};
