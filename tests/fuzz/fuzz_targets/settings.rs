//! No bytes in a settings file stop the launcher.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| mcp_launch_fuzz::settings(bytes));
