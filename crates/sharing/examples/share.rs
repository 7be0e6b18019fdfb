//! A small front end of the sharing of answers: what its tests run as processes of their own, and a way
//! to see what is lent.
//!
//! Values are read from standard input.

#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a program of its own, which prints what it was asked for"
)]

use std::io::{Read as _, Write as _};
use std::process::ExitCode;
use std::thread;
use std::time::Duration;

use mcp_launch_core::{Deadline, Environment, Secret};
use mcp_launch_sharing::{Proof, Sharing};

const USAGE: &str = "usage: share STORE LOGIN CACHE STALE COMMAND      (CACHE and STALE in seconds; 0 is none)
  lend WHAT            lends the value on standard input
  lend-many COUNT SIZE lends COUNT values of SIZE bytes: what 0, 1, 2 …
  fresh WHAT           prints the value
  fresh-many COUNT     prints how many of the whats 0, 1, 2 … have a fresh answer
  stale WHAT           prints the value, and its age in seconds
  forget WHAT
  hold WHAT DEADLINE   takes the turn, says so, and keeps it until standard input ends
  get WHAT LOG DEADLINE WORK
                       as a source does: prints the value; asking the store takes WORK milliseconds and
                       adds a byte to LOG
  clear                prints how many were removed
DEADLINE in milliseconds";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let [store, login, cache, stale, command @ ..] = arguments.as_slice() else {
        eprintln!("{USAGE}");
        return ExitCode::from(2);
    };
    let seconds = |text: &str| match text.parse() {
        Ok(0) | Err(_) => None,
        Ok(seconds) => Some(Duration::from_secs(seconds)),
    };
    let environment = Environment::capture();
    let sharing = Sharing::new(
        &environment,
        store,
        Some(&Proof::of([login.as_bytes()])),
        seconds(cache),
        seconds(stale),
    );
    match run(&sharing, command) {
        Some(code) => code,
        None => {
            eprintln!("{USAGE}");
            ExitCode::from(2)
        }
    }
}

/// Does what the words say. None when they cannot be understood.
fn run(sharing: &Sharing, command: &[&str]) -> Option<ExitCode> {
    match command {
        ["lend", what] => {
            let mut value = Vec::new();
            std::io::stdin().read_to_end(&mut value).ok()?;
            sharing.lend(what, &Secret::new(value));
        }
        ["lend-many", count, size] => {
            let size = size.parse().ok()?;
            for what in 0..count.parse::<usize>().ok()? {
                sharing.lend(&what.to_string(), &Secret::new(vec![b'x'; size]));
            }
        }
        ["fresh", what] => match sharing.fresh(what) {
            Some(value) => print_value(&value),
            None => return Some(nothing()),
        },
        ["fresh-many", count] => {
            let count = count.parse::<usize>().ok()?;
            let fresh = (0..count).filter(|what| sharing.fresh(&what.to_string()).is_some());
            println!("{}", fresh.count());
        }
        ["stale", what] => match sharing.stale(what) {
            Some((value, age)) => {
                print_value(&value);
                println!("{}", age.as_secs());
            }
            None => return Some(nothing()),
        },
        ["forget", what] => sharing.forget(what),
        ["hold", what, deadline] => {
            let turn = sharing.turn(what, after(deadline)?);
            println!("{}", if turn.is_some() { "mine" } else { "alone" });
            std::io::stdin().read_to_end(&mut Vec::new()).ok()?;
        }
        ["get", what, log, deadline, work] => {
            let work = Duration::from_millis(work.parse().ok()?);
            let value = get(sharing, what, after(deadline)?, || {
                ask(log, work).expect("the log can be written");
            });
            print_value(&value);
        }
        ["clear"] => match mcp_launch_sharing::clear() {
            Ok(removed) => println!("{removed}"),
            Err(error) => {
                eprintln!("error: {error}");
                return Some(ExitCode::FAILURE);
            }
        },
        _ => return None,
    }
    Some(ExitCode::SUCCESS)
}

fn get(sharing: &Sharing, what: &str, deadline: Deadline, ask: impl FnOnce()) -> Secret {
    if let Some(value) = sharing.fresh(what) {
        return value;
    }
    let _turn = sharing.turn(what, deadline);
    if let Some(value) = sharing.fresh(what) {
        return value;
    }
    ask();
    let value = Secret::new(b"from the store".to_vec());
    sharing.lend(what, &value);
    value
}

/// The store: slow, and with a log of its own.
fn ask(log: &str, work: Duration) -> std::io::Result<()> {
    let mut log = std::fs::OpenOptions::new()
        .create(true)
        .append(true)
        .open(log)?;
    log.write_all(b".")?;
    thread::sleep(work);
    Ok(())
}

fn after(milliseconds: &str) -> Option<Deadline> {
    milliseconds
        .parse()
        .ok()
        .map(|milliseconds| Deadline::after(Duration::from_millis(milliseconds)))
}

fn nothing() -> ExitCode {
    eprintln!("nothing");
    ExitCode::FAILURE
}

#[expect(clippy::disallowed_methods, reason = "it prints what it was asked for")]
fn print_value(value: &Secret) {
    let mut line = value.expose().to_vec();
    line.push(b'\n');
    std::io::stdout().write_all(&line).ok();
}
