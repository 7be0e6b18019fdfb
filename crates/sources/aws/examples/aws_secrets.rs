//! A small front end of the source: what its tests run as processes of their own, since the SDK reads the variables and
//! files of its process, and a way to measure how long a question takes.

#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a program of its own, which prints what it was asked for"
)]

use std::io::Write;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::{Duration, Instant};

use mcp_launch_core::{Deadline, Environment, Locator, Secret, Source, SourceError, StandingError};
use mcp_launch_source_aws::{AwsSource, Settings};

const USAGE: &str = "usage: aws_secrets [OPTION]... LOCATOR...
  --allow-http      plain http to any machine
  --cache SECONDS
  --deadline MS     10000, if not said
  --endpoint URL
  --profile NAME
  --region REGION
  --standing        ask for no value, tell how the account stands
  --stale SECONDS
Prints `value LENGTH` and the bytes of each, or `error KIND: TEXT` and `hint: TEXT`; or
`standing TEXT`; then notices and `time MS`.";

fn main() -> ExitCode {
    match run() {
        Some(code) => code,
        None => {
            eprintln!("{USAGE}");
            ExitCode::from(2)
        }
    }
}

fn run() -> Option<ExitCode> {
    let mut settings = Settings::default();
    let mut deadline = Duration::from_secs(10);
    let mut locators = Vec::new();
    let mut standing = false;
    let mut words = std::env::args().skip(1);
    while let Some(word) = words.next() {
        match word.as_str() {
            "--allow-http" => settings.allow_http = true,
            "--cache" => settings.cache = Some(Duration::from_secs(words.next()?.parse().ok()?)),
            "--deadline" => deadline = Duration::from_millis(words.next()?.parse().ok()?),
            "--endpoint" => settings.endpoint_url = Some(words.next()?),
            "--profile" => settings.profile = Some(words.next()?),
            "--region" => settings.region = Some(words.next()?),
            "--stale" => settings.stale = Some(Duration::from_secs(words.next()?.parse().ok()?)),
            "--standing" => standing = true,
            _ => locators.push(Locator::new(word)),
        }
    }
    let environment = Arc::new(Environment::capture());
    let source = AwsSource::new(settings, &environment);
    let begun = Instant::now();
    let deadline = Deadline::after(deadline);
    let mut code = ExitCode::SUCCESS;
    let mut fail = |error: SourceError, remedy: Option<String>| {
        code = ExitCode::FAILURE;
        println!("error {}: {error}", error.kind().code());
        if let Some(remedy) = remedy {
            println!("hint: {remedy}");
        }
    };
    if standing {
        match source.standing(deadline)? {
            Ok(text) => println!("standing {text}"),
            Err(StandingError { error, remedy }) => fail(error, remedy),
        }
    }
    let answers = source.fetch(&locators, deadline);
    let took = begun.elapsed();
    for (locator, answer) in locators.iter().zip(answers) {
        match answer {
            Ok(value) => print_value(&value),
            Err(error) => fail(error, source.remedy(locator, error)),
        }
    }
    for notice in source.notices() {
        println!("notice: {notice}");
    }
    println!("time {}", took.as_millis());
    Some(code)
}

#[expect(
    clippy::disallowed_methods,
    reason = "the program's purpose: the value goes to standard output"
)]
fn print_value(value: &Secret) {
    let mut out = std::io::stdout().lock();
    let written = writeln!(out, "value {}", value.len())
        .and_then(|()| out.write_all(value.expose()))
        .and_then(|()| writeln!(out));
    written.expect("standard output takes what is written");
}
