//! A small MCP server over stdio, to try `mcp-launch` with: its one tool, `whoami`, tells which secret
//! reached it, masked.
//!
//! One JSON-RPC message per line comes in on stdin, one answer per line goes out on stdout. When the
//! client closes stdin, the server ends.

mod credential;
mod server;

use std::io::{self, BufRead, Write};

use crate::credential::Credential;

fn main() -> io::Result<()> {
    serve(&Credential::from_environment())
}

fn serve(credential: &Credential) -> io::Result<()> {
    let mut stdout = io::stdout().lock();
    for line in io::stdin().lock().lines() {
        if let Some(answer) = server::answer(&line?, credential) {
            writeln!(stdout, "{answer}")?;
            stdout.flush()?;
        }
    }
    Ok(())
}
