//! A `.env` is printed as it was read, and no bytes stop a reader.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| mcp_launch_fuzz::dotenv(bytes));
