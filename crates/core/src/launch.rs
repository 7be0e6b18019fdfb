//! A launch with its values. Nothing here can be printed, copied or compared.

use std::ffi::OsString;

use crate::placeholder::Address;
use crate::plan::Program;
use crate::secret::Secret;

/// A launch with its values, ready to be hardened and executed.
///
/// ```compile_fail
/// fn show(launch: &mcp_launch_core::ResolvedLaunch) -> String { format!("{launch:?}") }
/// ```
/// ```compile_fail
/// fn copy(launch: &mcp_launch_core::ResolvedLaunch) -> mcp_launch_core::ResolvedLaunch { launch.clone() }
/// ```
pub struct ResolvedLaunch {
    /// What is executed.
    pub program: Program,
    /// The arguments after the program's own name.
    pub arguments: Vec<ResolvedText>,
    /// The server's whole environment.
    pub environment: Vec<(OsString, ResolvedText)>,
    /// Where references led that stand in a store in place of values. The plan does not know of these.
    pub followed: Vec<Address>,
    /// What a person should know of these values, one line each.
    pub notices: Vec<String>,
    /// What must go on while the server lives, one letter to a keeper for each store that lent something.
    pub upkeep: Vec<Secret>,
}

/// A text whose placeholders have their values.
pub struct ResolvedText(pub Vec<Piece>);

/// One piece of such a text. No piece has a NUL byte, which neither an argument nor a variable can hold.
pub enum Piece {
    /// The bytes themselves.
    Bytes(Secret),
    /// The path of a sealed descriptor that holds the value takes this place.
    Descriptor(Secret),
}
