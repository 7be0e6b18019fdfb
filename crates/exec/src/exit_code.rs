//! The exit codes of a launch that did not become the server: those of `env`, `nohup` and `timeout`.
//!
//! Once the server runs, the code is its own.

/// The launcher itself failed: a placeholder, the isolation, a limit of the system.
pub const LAUNCHER_FAILED: u8 = 125;

/// The program was found and could not be executed.
pub const NOT_EXECUTABLE: u8 = 126;

/// The program, or the interpreter it asks for, was not found.
pub const NOT_FOUND: u8 = 127;
