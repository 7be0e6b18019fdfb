//! the output of a command the user allowed
