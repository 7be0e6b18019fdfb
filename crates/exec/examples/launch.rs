//! Runs a program the way `mcp-launch` does, from options instead of a config: what the tests of this
//! crate start.
//!
//! `launch [OPTION...] -- PROGRAM ARG...`, where PROGRAM is absolute and
//!
//! * `--isolate if-possible|off|required` chooses the isolation;
//! * `--argv0 NAME` is what the program is called;
//! * `--clear` starts from no environment instead of ours;
//! * `--env NAME=VALUE` adds a variable, before ours;
//! * `--fd NAME=VALUE` adds one whose value is behind a descriptor;
//! * `--backwards NAME=VALUE` adds one whose value is written backwards, so that it stands nowhere else in
//!   our memory, and counts its copies before and after a start that fails;
//! * `--repeat NAME=COUNT` adds one of so many bytes;
//! * `--unprotected` leaves out what hides the launcher itself;
//! * `--pause` waits, when all is ready, for a byte on its input;
//! * `--time` prints how many microseconds each step took.
#![cfg_attr(
    target_os = "linux",
    expect(unsafe_code, reason = "counts copies in its own memory")
)]
#![expect(clippy::print_stderr, reason = "an example that reports to a person")]

use std::ffi::{OsStr, OsString};
use std::io::Read;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Instant;

use mcp_launch_core::{Environment, FoundIn, Piece, Program, ResolvedLaunch, ResolvedText, Secret};
use mcp_launch_exec::{Isolation, Policy, harden, protect_self};

fn main() -> ExitCode {
    let started = Instant::now();
    if !std::env::args_os().any(|word| word == "--unprotected") {
        protect_self();
    }
    let protected = started.elapsed();

    let options = Options::parse(std::env::args_os().skip(1));
    let policy = Policy::new(options.isolate);
    let started = Instant::now();
    let hardened = match harden(options.launch, &policy) {
        Ok(hardened) => hardened,
        Err(error) => {
            eprintln!("error: {error}");
            return ExitCode::from(error.exit_code());
        }
    };
    if options.time {
        let (harden, protect) = (started.elapsed().as_micros(), protected.as_micros());
        eprintln!("protect={protect} harden={harden}");
    }
    if let Some(notice) = hardened.notice() {
        eprintln!("notice: {notice}");
    }
    if let Some(original) = &options.watched {
        eprintln!("before={}", copies_backwards(original));
    }
    if options.pause {
        eprintln!("paused");
        let _ended = std::io::stdin().read(&mut [0]);
    }
    let error = hardened.exec();
    if let Some(original) = &options.watched {
        eprintln!("after={}", copies_backwards(original));
    }
    eprintln!("error: {error}");
    ExitCode::from(error.exit_code())
}

struct Options {
    launch: ResolvedLaunch,
    isolate: Isolation,
    watched: Option<Vec<u8>>,
    pause: bool,
    time: bool,
}

impl Options {
    fn parse(mut words: impl Iterator<Item = OsString>) -> Self {
        let mut isolate = Isolation::default();
        let mut argv0 = None;
        let mut inherited = Environment::capture();
        let mut environment = Vec::new();
        let mut watched = None;
        let (mut pause, mut time) = (false, false);
        loop {
            let word = words.next().expect("`--` before the program");
            if word == "--" {
                break;
            }
            let mut value = || words.next().expect("a value after the option");
            match word.to_str().expect("an option in UTF-8") {
                "--argv0" => argv0 = Some(value()),
                "--backwards" => {
                    let (name, original) = pair(&value());
                    let backwards: Vec<u8> = original.iter().rev().copied().collect();
                    environment.push((name, text(Piece::Bytes(Secret::new(backwards)))));
                    watched = Some(original);
                }
                "--clear" => inherited = Environment::from_pairs::<OsString, OsString>([]),
                "--env" => {
                    let (name, value) = pair(&value());
                    environment.push((name, text(Piece::Bytes(Secret::new(value)))));
                }
                "--fd" => {
                    let (name, value) = pair(&value());
                    environment.push((name, text(Piece::Descriptor(Secret::new(value)))));
                }
                "--isolate" => {
                    isolate = match value().to_str() {
                        Some("if-possible") => Isolation::IfPossible,
                        Some("off") => Isolation::Off,
                        Some("required") => Isolation::Required,
                        _ => panic!("--isolate if-possible|off|required"),
                    }
                }
                "--pause" => pause = true,
                "--repeat" => {
                    let (name, count) = pair(&value());
                    let count = str::from_utf8(&count).expect("a number").parse();
                    let value = vec![b'x'; count.expect("a number")];
                    environment.push((name, text(Piece::Bytes(Secret::new(value)))));
                }
                "--time" => time = true,
                "--unprotected" => {}
                other => panic!("no such option: {other}"),
            }
        }
        environment.extend(inherited.iter().map(|(name, value)| {
            let value = Secret::new(value.as_encoded_bytes().to_vec());
            (name.to_owned(), text(Piece::Bytes(value)))
        }));
        let path = words.next().expect("a program");
        let arguments = words
            .map(|word| text(Piece::Bytes(Secret::new(word.into_encoded_bytes()))))
            .collect();
        let program = Program {
            typed: argv0.unwrap_or_else(|| path.clone()),
            path: PathBuf::from(path),
            found_in: FoundIn::Named,
        };
        Self {
            launch: ResolvedLaunch {
                program,
                arguments,
                environment,
                followed: Vec::new(),
                notices: Vec::new(),
                upkeep: Vec::new(),
            },
            isolate,
            watched,
            pause,
            time,
        }
    }
}

fn text(piece: Piece) -> ResolvedText {
    ResolvedText(vec![piece])
}

/// Splits `NAME=VALUE` at the first `=`.
fn pair(word: &OsStr) -> (OsString, Vec<u8>) {
    let bytes = word.as_encoded_bytes();
    let equals = bytes.iter().position(|&byte| byte == b'=');
    let (name, value) = bytes.split_at(equals.expect("NAME=VALUE"));
    let name = str::from_utf8(name).expect("a name in UTF-8");
    (name.into(), value[1..].to_vec())
}

/// How often `original`, read backwards, stands in our writable memory.
#[cfg(target_os = "linux")]
fn copies_backwards(original: &[u8]) -> usize {
    let maps = std::fs::read_to_string("/proc/self/maps").expect("our own maps");
    let mut copies = 0;
    for line in maps.lines() {
        let mut fields = line.split_whitespace();
        let range = fields.next().expect("a range");
        if !fields.next().is_some_and(|mode| mode.starts_with("rw")) {
            continue;
        }
        let (start, end) = range.split_once('-').expect("start-end");
        let start = usize::from_str_radix(start, 16).expect("hexadecimal");
        let end = usize::from_str_radix(end, 16).expect("hexadecimal");
        for address in start..=end - original.len() {
            let stands_here = original.iter().rev().enumerate().all(|(offset, &byte)| {
                // SAFETY: mapped and readable, as maps says; nothing is unmapped meanwhile. Volatile,
                // since most of it is no object of ours.
                byte == unsafe { ((address + offset) as *const u8).read_volatile() }
            });
            copies += usize::from(stands_here);
        }
    }
    copies
}

#[cfg(not(target_os = "linux"))]
fn copies_backwards(_original: &[u8]) -> usize {
    panic!("--backwards needs /proc/self/maps");
}
