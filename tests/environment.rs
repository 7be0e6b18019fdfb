//! What of the client's environment and arguments the server gets, and in which form.

use mcp_launch_testkit::Scratch;

use crate::support::{Finished, launch, launch_with};

#[test]
fn placeholders_are_filled_in_variables_and_arguments() {
    let scratch = Scratch::new();
    let env_file = scratch.write(".env", "USER_NAME=ada\nPASSWORD='p@ss w0rd'\n");
    let script = r#"printf '%s\n' "$URL" "$1""#;
    let server = ["/bin/sh", "-c", script, "sh", "--token=$<PASSWORD>;"];
    let mut command = launch_with(&scratch, &env_file, &server);
    command.env("URL", "db://$<USER_NAME>:$<PASSWORD>@host/$$<USER_NAME>");
    assert_eq!(
        Finished::of(&mut command).success(),
        "db://ada:p@ss w0rd@host/$<USER_NAME>\n--token=p@ss w0rd;\n"
    );
}

#[test]
fn braces_are_ours_in_variables_and_the_servers_in_arguments() {
    let scratch = Scratch::new();
    let env_file = scratch.write(".env", "AUTH=value\n");
    let server = [
        "/bin/sh",
        "-c",
        r#"printf '%s\n' "$A" "$B" "$1""#,
        "sh",
        "x:${AUTH}",
    ];
    let mut command = launch_with(&scratch, &env_file, &server);
    command
        .env("A", "${AUTH}")
        .env("B", "Bearer ${AUTH} ${UNKNOWN_HERE}");
    assert_eq!(
        Finished::of(&mut command).success(),
        "value\nBearer value ${UNKNOWN_HERE}\nx:${AUTH}\n"
    );
}

#[test]
fn a_default_is_used_when_no_store_knows_the_name() {
    let scratch = Scratch::new();
    let env_file = scratch.write(".env", "KNOWN=value\n");
    let server = ["/bin/sh", "-c", r#"printf '%s\n' "$A" "$B""#];
    let mut command = launch_with(&scratch, &env_file, &server);
    command
        .env("A", "$<KNOWN:-other>")
        .env("B", "$<UNKNOWN:-a default>");
    assert_eq!(Finished::of(&mut command).success(), "value\na default\n");
}

#[test]
fn a_descriptor_holds_the_value_for_servers_that_read_a_file() {
    let scratch = Scratch::new();
    let env_file = scratch.write(".env", "KEY='line one\nline two'\n");
    let server = [
        "/bin/sh",
        "-c",
        r#"cat "$KEY_FILE"; echo; echo new 2>/dev/null >"$KEY_FILE" || echo sealed"#,
    ];
    let mut command = launch_with(&scratch, &env_file, &server);
    command.env("KEY_FILE", "$<fd:KEY>");
    assert_eq!(
        Finished::of(&mut command).success(),
        "line one\nline two\nsealed\n"
    );
}

#[test]
fn the_launchers_own_variables_stay_with_it() {
    let scratch = Scratch::new();
    let server = [
        "--",
        "/bin/sh",
        "-c",
        r#"printf '%s' "${MCP_LAUNCH_ANYTHING-unset} $OTHER""#,
    ];
    let mut command = launch(&scratch, server);
    command.env("MCP_LAUNCH_ANYTHING", "x").env("OTHER", "kept");
    assert_eq!(Finished::of(&mut command).success(), "unset kept");
}

#[test]
fn a_value_comes_from_a_file_as_it_is() {
    let scratch = Scratch::new();
    let file = scratch.write("secret", "two words\nand a line\n");
    let server = ["--", "/bin/sh", "-c", r#"printf '[%s]' "$A""#];
    let mut command = launch(&scratch, server);
    command.env("A", format!("$<file:{}>", file.display()));
    assert_eq!(
        Finished::of(&mut command).success(),
        "[two words\nand a line\n]"
    );
}

#[test]
fn a_program_of_the_persons_own_folder_is_found_without_the_shells_path() {
    let scratch = Scratch::new();
    scratch.script(".local/bin/own-tool", "#!/bin/sh\necho found\n");
    let mut command = launch(&scratch, ["--", "own-tool"]);
    command.env("PATH", "/usr/bin:/bin");
    assert_eq!(Finished::of(&mut command).success(), "found\n");
}
