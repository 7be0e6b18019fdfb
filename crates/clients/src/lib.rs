//! The MCP clients: where their configs are, and which servers stand in them.
//!
//! [`CLIENTS`] is a table of data. [`find()`] says which of their files are there, [`servers()`] which
//! servers stand in one, by the shape of its content; [`new_entry()`] writes a server as its client
//! would. Nothing is changed here, and no value of a config can be printed.
#![forbid(unsafe_code)]

mod client;
mod clients;
mod command_line;
mod entry;
mod find;
mod holders;
mod location;
mod machine;
mod new_entry;
mod pattern;
mod remote;
mod servers;
mod stdio;
mod table;
mod written;

pub use client::{Braces, Client, Command, Constant, Evidence, Inherited, Style, Switch};
pub use clients::{CLIENTS, GENERIC, client};
pub use entry::{Entry, Form, Remote, Stdio, Text, Transport, Variable};
pub use find::{ConfigFile, destination, find, of_path};
pub use location::{Holder, Location, Scope};
pub use machine::{Base, Machine, Platform};
pub use new_entry::{insertion, new_entry, new_file};
pub use servers::servers;
pub use table::table;
