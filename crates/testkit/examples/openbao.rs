//! Starts an OpenBao as the tests do, prints its address and its root token, and ends it when standard input ends:
//! `cargo run -p mcp-launch-testkit --features servers --example openbao`

#![expect(
    clippy::print_stdout,
    reason = "a program for a terminal, with a token of a test"
)]

use std::io::{self, Read};

use mcp_launch_testkit::OpenBao;

fn main() -> io::Result<()> {
    let bao = OpenBao::start();
    println!("{}\n{}", bao.address(), bao.root_token());
    io::stdin().read_to_end(&mut Vec::new())?;
    Ok(())
}
