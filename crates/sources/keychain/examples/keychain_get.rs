//! Reads entries of the keychain and prints their values, one per line, as `secret-tool lookup` does
//! for one. The tests and the benchmark start it where a process of its own is needed.
//!
//! ```text
//! keychain_get [--within MILLISECONDS] [--threads] NAME...
//! ```

use std::io::Write;
use std::process::ExitCode;
use std::time::Duration;

use mcp_launch_core::{Deadline, Environment, Locator, Source};
use mcp_launch_source_keychain::Keychain;

fn main() -> ExitCode {
    let mut within = Duration::from_secs(10);
    let mut threads = false;
    let mut locators = Vec::new();
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--threads" => threads = true,
            "--within" => {
                let milliseconds = arguments.next().and_then(|text| text.parse().ok());
                within = Duration::from_millis(milliseconds.expect("--within MILLISECONDS"));
            }
            _ => locators.push(Locator::new(argument)),
        }
    }

    let keychain = Keychain::new(&Environment::capture());
    let before = tasks();
    let answers = keychain.fetch(&locators, Deadline::after(within));
    let after = tasks();

    let mut out = std::io::stdout().lock();
    let mut err = std::io::stderr().lock();
    let mut status = ExitCode::SUCCESS;
    for (locator, answer) in locators.iter().zip(answers) {
        let written = match answer {
            Ok(secret) => {
                #[expect(
                    clippy::disallowed_methods,
                    reason = "printing it is what was asked for"
                )]
                let value = secret.expose();
                out.write_all(value).and_then(|()| out.write_all(b"\n"))
            }
            Err(error) => {
                status = ExitCode::FAILURE;
                writeln!(err, "{locator}: {} {error}", error.kind().code())
            }
        };
        written.expect("the output is open");
    }
    if threads {
        writeln!(err, "threads {before} {after}").expect("the output is open");
    }
    status
}

/// How many threads this process has; 0 where the system does not tell.
fn tasks() -> usize {
    std::fs::read_dir("/proc/self/task").map_or(0, Iterator::count)
}
