//! A small front end of the `.env` file as a store: what its tests run as processes of their own.

#![expect(
    clippy::print_stderr,
    reason = "a program of its own, which prints what went wrong"
)]

use std::io::Read;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use mcp_launch_core::{Deadline, Over, Secret, SourceError, SourceErrorKind, Store, Write};
use mcp_launch_source_dotenv::DotenvSource;

const USAGE: &str = "usage: dotenv_file FILE COMMAND
  put NAME...     stores the lines of standard input, one for each name, in one change
  remove NAME";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let [file, command @ ..] = arguments.as_slice() else {
        eprintln!("{USAGE}");
        return ExitCode::from(2);
    };
    let store = DotenvSource::new(PathBuf::from(file), None);
    match run(&store, command) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error} [{}]", error.kind().code());
            ExitCode::FAILURE
        }
    }
}

fn run(store: &DotenvSource, command: &[&str]) -> Result<(), SourceError> {
    let deadline = Deadline::after(Duration::from_secs(30));
    match command {
        ["put", names @ ..] => {
            let mut input = String::new();
            std::io::stdin()
                .read_to_string(&mut input)
                .map_err(|error| SourceError::from_io(&error))?;
            let values: Vec<Secret> = input
                .lines()
                .map(|line| Secret::new(line.as_bytes().to_vec()))
                .collect();
            let writes: Vec<Write<'_>> = names
                .iter()
                .zip(&values)
                .map(|(name, value)| Write {
                    name,
                    value,
                    over: Over::Anything,
                })
                .collect();
            store.write(&writes, deadline).into_iter().collect()
        }
        ["remove", name] => store.remove(name, deadline),
        _ => {
            eprintln!("{USAGE}");
            Err(SourceError::new(SourceErrorKind::Unavailable).note("no such command"))
        }
    }
}
