//! Templates: what was read is printed so that it is read back the same.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| mcp_launch_fuzz::template(bytes));
