//! a variable of the client's environment
