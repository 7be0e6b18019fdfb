//! A project's settings file is a stranger's until it is trusted.

use mcp_launch_testkit::Scratch;

use crate::support::{Finished, launch, with_input};

const FILE: &str = r#"
[servers.greeter]
command = ["/bin/sh", "-c", "printf 'hello %s' \"$WHOM\""]
env = { WHOM = "$<NAME>" }
"#;

/// A project with that file and a `.env` beside it.
fn project() -> Scratch {
    let scratch = Scratch::new();
    scratch.write("project/mcp-launch.toml", FILE);
    scratch.write("project/.env", "NAME=ada\n");
    scratch
}

fn in_project(scratch: &Scratch, arguments: &[&str]) -> Finished {
    Finished::of(launch(scratch, arguments).current_dir(scratch.home().join("project")))
}

const GREET: [&str; 2] = ["--server", "greeter"];

#[test]
fn nothing_it_says_is_done_before_it_is_trusted() {
    let scratch = project();
    let report = in_project(&scratch, &GREET).not_started();
    assert!(report.contains("mcp-launch trust"), "{report}");
}

#[test]
fn a_trusted_file_starts_its_server_until_it_changes() {
    let scratch = project();
    in_project(&scratch, &["trust"]).success();
    assert_eq!(in_project(&scratch, &GREET).success(), "hello ada");

    scratch.write("project/mcp-launch.toml", format!("{FILE}# changed\n"));
    let report = in_project(&scratch, &GREET).not_started();
    assert!(report.contains("mcp-launch trust"), "{report}");
}

#[test]
fn trust_says_what_it_allows() {
    let scratch = project();
    let said = in_project(&scratch, &["trust", "--list"]);
    assert_eq!((said.code, said.stdout.as_str()), (Some(0), ""));
    assert!(
        said.stderr.contains("no file is trusted"),
        "{}",
        said.stderr
    );
    let said = in_project(&scratch, &["trust"]).stderr;
    for part in [
        "line 2: servers.greeter",
        "starts /bin/sh -c printf",
        "gets $<NAME>",
        "take it back: mcp-launch trust --remove",
    ] {
        assert!(said.contains(part), "no {part} in {said}");
    }
    let said = in_project(&scratch, &["trust", "nope.toml"]);
    assert_eq!(said.code, Some(1));
    assert!(
        said.stderr.starts_with("error: there is no /"),
        "{}",
        said.stderr
    );
}

#[test]
fn trust_can_be_taken_back() {
    let scratch = project();
    in_project(&scratch, &["trust"]).success();
    in_project(&scratch, &["trust", "--remove"]).success();
    in_project(&scratch, &GREET).not_started();
}

#[test]
fn a_project_file_sets_no_loader_variable_trusted_or_not() {
    let scratch = project();
    let text = FILE.replace("WHOM = ", "LD_PRELOAD = \"/tmp/x.so\", WHOM = ");
    scratch.write("project/mcp-launch.toml", text);
    let refusal = "mcp-launch.toml:4: servers.greeter.env.LD_PRELOAD: \
                   a project file cannot set a variable that loads code into programs";
    let untrusted = in_project(&scratch, &GREET).not_started();
    assert!(untrusted.contains(refusal), "{untrusted}");

    let trusted = in_project(&scratch, &["trust"]);
    assert_eq!(trusted.code, Some(1), "{}", trusted.stdout);
    assert!(trusted.stderr.contains(refusal), "{}", trusted.stderr);
    let launched = in_project(&scratch, &GREET).not_started();
    assert!(launched.contains(refusal), "{launched}");
}

#[test]
fn an_untrusted_file_stops_no_launch_that_it_has_nothing_to_do_with() {
    for text in [
        "deadline = \"1s\"\nenv_file = \"x.env\"\norder = [\"env\"]\n[servers.greeter]",
        "deadlin = ",
        "[stores.exec]\nallow = [\"cat\"]",
    ] {
        let scratch = project();
        scratch.write("project/mcp-launch.toml", text);
        for arguments in [&[][..], &["--dry-run"]] {
            let arguments = [arguments, &["--", "/bin/echo", "started"]].concat();
            let said = in_project(&scratch, &arguments).success();
            assert!(
                said.contains("started") || said.contains("/bin/echo"),
                "{said}"
            );
        }
        for arguments in [&["--", "/bin/echo", "$<NAME>"][..], &GREET] {
            let report = in_project(&scratch, arguments).not_started();
            assert!(report.contains("mcp-launch.toml"), "{report}");
        }
    }
}

#[test]
fn the_dotenv_that_an_untrusted_file_names_stops_only_those_who_read_it() {
    let scratch = project();
    scratch.write("project/mcp-launch.toml", "env_file = \"x.env\"");
    let key = scratch.write("key", "value");
    let arguments = ["--", "/bin/echo", &format!("$<file:{}>", key.display())];
    assert_eq!(in_project(&scratch, &arguments).success(), "value\n");
    in_project(&scratch, &["--", "/bin/echo", "$<dotenv:NAME>"]).not_started();
}

#[test]
fn the_doctor_says_what_is_wrong_with_an_untrusted_file() {
    let scratch = project();
    scratch.write("project/mcp-launch.toml", "\ndeadlin = \"1s\"");
    let said = in_project(&scratch, &["doctor"]).stdout;
    assert!(said.contains("mcp-launch.toml:2: deadlin"), "{said}");
}

#[test]
fn the_env_file_of_a_parent_folder_is_not_read() {
    let scratch = project();
    scratch.write(".env", "NAME=other\nONLY_ABOVE=x\n");
    let mut command = launch(&scratch, ["--", "/bin/true"]);
    command.current_dir(scratch.home().join("project"));
    Finished::of(command.env("A", "$<ONLY_ABOVE>")).not_started();
}

#[test]
fn a_dotenv_that_leads_to_the_clients_pipe_leaves_it_to_the_server() {
    let scratch = Scratch::new();
    std::os::unix::fs::symlink("/dev/stdin", scratch.home().join(".env")).unwrap();
    let server = ["--", "/bin/sh", "-c", "printf '%s ' \"$A\"; cat"];
    let mut command = launch(&scratch, server);
    let finished = with_input(command.env("A", "$<NAME:-none>"), "NAME=theirs");
    assert_eq!(finished.success(), "none NAME=theirs");

    let mut command = launch(&scratch, ["--dry-run"].into_iter().chain(server));
    let finished = with_input(command.env("A", "$<NAME:-none>"), "NAME=theirs");
    let said = finished.success();
    assert!(said.contains("not a regular file"), "{said}");
}

#[test]
fn no_settings_make_a_launch_read_the_clients_pipe() {
    let scratch = Scratch::new();
    scratch.write(
        ".config/mcp-launch/config.toml",
        "env_file = \"/dev/stdin\"",
    );
    let mut command = launch(&scratch, ["--", "/bin/cat"]);
    let finished = with_input(command.env("A", "$<NAME>"), "NAME=theirs");
    let report = finished.not_started();
    assert!(report.contains("not a regular file"), "{report}");
}
