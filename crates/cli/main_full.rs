//! The binary with every source and command. `mcp-launch` becomes it when files and variables are not enough.

fn main() -> std::process::ExitCode {
    mcp_launch::full_main()
}
