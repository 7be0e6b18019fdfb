//! The keychain source against a real GNOME Keyring on a bus of its own, and, for the prompts that
//! need a desktop, against a stand-in for the Secret Service.
//!
//! Needs `dbus-daemon`, `gdbus`, `gnome-keyring-daemon`, `secret-tool` and, in the folder that
//! `MCP_LAUNCH_TEST_TOOLS` names, a Python environment with jeepney. `tests/run` brings them all.

#![cfg(all(unix, not(target_os = "macos")))]
#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot go on fails where it stands"
)]

mod failures;
mod foreign_bus;
mod interop;
mod ordinary_user;
mod process;
mod prompts;
mod round_trip;
mod session;
