//! A small front end of the sealed store: what its tests run as processes of their own, and a way to
//! measure how long opening it takes.
//!
//! Values and passphrases are read from standard input, up to the first line end.

#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a program of its own, which prints what it was asked for"
)]

use std::io::{Read, Write};
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use mcp_launch_core::{Deadline, Locator, Secret, Source, SourceError, SourceErrorKind, Store};
use mcp_launch_source_sealed::SealedSource;

const USAGE: &str = "usage: sealed_store DIRECTORY COMMAND
  put NAME        stores the value on standard input
  get NAME...     prints the values, one a line
  look NAME...    prints whether each is there
  remove NAME
  names
  status
  protect         gives the key the passphrase on standard input
  unprotect       takes it away
  unlock SECONDS  lends the key to the kernel keyring
  lock";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let [directory, command @ ..] = arguments.as_slice() else {
        eprintln!("{USAGE}");
        return ExitCode::from(2);
    };
    let store = SealedSource::new(PathBuf::from(directory));
    match run(&store, command) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {} [{}]", error, error.kind().code());
            if let Some(remedy) = store.remedy_for(error) {
                eprintln!("hint: {remedy}");
            }
            ExitCode::FAILURE
        }
    }
}

fn run(store: &SealedSource, command: &[&str]) -> Result<(), SourceError> {
    let deadline = Deadline::after(Duration::from_secs(30));
    match command {
        ["put", name] => store.put(name, &standard_input(), deadline),
        ["get", names @ ..] => {
            for value in store.fetch(&locators(names), deadline) {
                print_value(&value?);
            }
            Ok(())
        }
        ["look", names @ ..] => {
            for found in store.look(&locators(names), deadline) {
                println!(
                    "{}",
                    found.map_or_else(|error| error.kind().code(), |()| "found")
                );
            }
            Ok(())
        }
        ["remove", name] => store.remove(name, deadline),
        ["names"] => {
            for name in store.names("", deadline)? {
                println!("{name}");
            }
            Ok(())
        }
        ["status"] => {
            println!("{:#?}", store.status());
            Ok(())
        }
        ["protect"] => store.protect(&standard_input()),
        ["unprotect"] => store.unprotect(&standard_input()),
        ["unlock", seconds] => {
            let seconds = seconds.parse().map_err(|_| {
                SourceError::new(SourceErrorKind::Malformed).note("SECONDS is a whole number")
            })?;
            store.unlock(&standard_input(), Duration::from_secs(seconds))
        }
        ["lock"] => {
            let was_there = store.lock()?;
            println!(
                "{}",
                if was_there {
                    "locked"
                } else {
                    "was not unlocked"
                }
            );
            Ok(())
        }
        _ => {
            eprintln!("{USAGE}");
            Err(SourceError::new(SourceErrorKind::Malformed).note("no such command"))
        }
    }
}

fn locators(names: &[&str]) -> Vec<Locator> {
    names.iter().copied().map(Locator::new).collect()
}

fn standard_input() -> Secret {
    let mut bytes = Vec::with_capacity(64 << 10);
    std::io::stdin()
        .read_to_end(&mut bytes)
        .expect("standard input can be read");
    let length = bytes.iter().position(|&byte| byte == b'\n');
    bytes.truncate(length.unwrap_or(bytes.len()));
    Secret::new(bytes)
}

#[expect(clippy::disallowed_methods, reason = "`get` prints the value")]
fn print_value(value: &Secret) {
    let mut out = std::io::stdout().lock();
    out.write_all(value.expose())
        .and_then(|()| out.write_all(b"\n"))
        .expect("standard output can be written");
}
