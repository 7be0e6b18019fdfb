//! the operating system's keychain
