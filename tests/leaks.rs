//! No value is in a process list, a file, a preview or an error, whichever way a launch fails.

use std::path::{Path, PathBuf};
use std::process::Command;

use mcp_launch_testkit::{Canary, Scratch};
use serde_json::json;

#[cfg(target_os = "linux")]
use crate::support::processes_with;
use crate::support::{ClientPipe, Finished, launch, launch_with, ready, with_input};

const TRUE: [&str; 2] = ["--", "/bin/true"];

/// Runs a launch that must fail, once without a client and once with one that asks, and looks for the value in
/// everything that was said and in every file but `planted`.
#[track_caller]
fn assert_fails_quietly(
    scratch: &Scratch,
    canary: &Canary,
    planted: &[&Path],
    build: impl Fn() -> Command,
) {
    let finished = Finished::of(&mut build());
    let said = finished.stdout + &finished.stderr;
    canary.assert_absent("the report", &said);
    assert!(
        matches!(finished.code, Some(1..=127)),
        "{:?}: {said}",
        finished.code
    );
    assert!(said.contains("error"), "{said}");

    let mut pipe = ClientPipe::open(&mut build());
    pipe.send(&json!({ "jsonrpc": "2.0", "id": 1, "method": "initialize", "params": {} }));
    canary.assert_absent("the answer to the client", pipe.line());

    assert_only_in(scratch, canary, planted);
}

#[track_caller]
fn assert_only_in(scratch: &Scratch, canary: &Canary, planted: &[&Path]) {
    for folder in [scratch.home(), scratch.temp()] {
        for sighting in canary.find_under(&folder) {
            let file = sighting.file.as_deref().unwrap_or(Path::new(""));
            assert!(
                planted.contains(&file),
                "the value is in a file: {sighting}"
            );
        }
    }
}

fn config(scratch: &Scratch, text: &str) -> PathBuf {
    scratch.write(".config/mcp-launch/config.toml", text)
}

#[test]
#[cfg(target_os = "linux")]
fn the_value_is_in_no_process_list_and_no_file_while_the_server_runs() {
    let scratch = Scratch::new();
    let canary = Canary::new();
    let env_file = scratch.write(".env", format!("A='{}'\n", canary.value()));
    let server = ["/bin/sh", "-c", "echo ready; read line"];
    let pipe = ready(launch_with(&scratch, &env_file, &server).env("A", "$<A>"));
    let environment = std::fs::read(format!("/proc/{}/environ", pipe.child.id())).unwrap();
    assert!(
        canary.find_in(environment).is_some(),
        "the server never had it"
    );
    for process in std::fs::read_dir("/proc").unwrap() {
        let command_line = process.unwrap().path().join("cmdline");
        // A process may have ended since it was listed.
        let command_line = std::fs::read(command_line).unwrap_or_default();
        canary.assert_absent("a command line", command_line);
    }
    assert_only_in(&scratch, &canary, &[&env_file]);
}

#[test]
fn a_preview_shows_no_value() {
    let scratch = Scratch::new();
    let canary = Canary::new();
    let pasted = Canary::new();
    let env_file = scratch.write(".env", format!("A='{}'\n", canary.value()));
    for options in [["--dry-run"].as_slice(), &["--dry-run", "--json"]] {
        let mut command = launch(&scratch, options);
        command
            .arg("--env-file")
            .arg(&env_file)
            .args(["--", "/bin/echo", "$<A>", pasted.value()]);
        command.env("B", "x$<A>y").env("C", pasted.value());
        let preview = Finished::of(&mut command).success();
        assert!(preview.contains("$<A>"), "{preview}");
        canary.assert_absent("the preview", &preview);
        pasted.assert_absent("the preview", &preview);
    }
}

#[test]
fn an_env_file_with_an_unclosed_quote() {
    let (scratch, canary) = (Scratch::new(), Canary::shaped_like("aaaaAAAA0000aaaaAAAA"));
    let text = format!("A=\"{0}\nB={0}\nC={0}'\n", canary.value());
    let env_file = scratch.write(".env", text);
    for name in ["$<A>", "$<B>", "$<C>"] {
        assert_fails_quietly(&scratch, &canary, &[&env_file], || {
            let mut command = launch_with(&scratch, &env_file, &["/bin/true"]);
            command.env("X", format!("{name} $<NOT_THERE>"));
            command
        });
    }
}

#[test]
fn an_env_file_whose_readers_disagree() {
    let (scratch, canary) = (Scratch::new(), Canary::shaped_like("aaaaAAAA0000aaaaAAAA"));
    let value = canary.value();
    for line in [
        format!("A=\"pa${value}\""),
        format!("A={value}$(id)"),
        format!("A=it's {value}"),
        format!("A=`{value}`"),
        format!("A={value}#x$HOME"),
    ] {
        let env_file = scratch.write(".env", format!("{line}\n"));
        assert_fails_quietly(&scratch, &canary, &[&env_file], || {
            let mut command = launch_with(&scratch, &env_file, &["/bin/true"]);
            command.env("X", "$<A>$<NOT_THERE>");
            command
        });
    }
}

#[test]
fn an_env_file_that_lacks_one_of_two_names() {
    let (scratch, canary) = (Scratch::new(), Canary::new());
    let env_file = scratch.write(".env", format!("A='{}'\n", canary.value()));
    assert_fails_quietly(&scratch, &canary, &[&env_file], || {
        let mut command = launch_with(&scratch, &env_file, &["/bin/true"]);
        command.env("X", "$<A> $<B>");
        command
    });
}

#[test]
fn a_value_with_a_nul_byte() {
    let (scratch, canary) = (Scratch::new(), Canary::new());
    let file = scratch.write("secret", format!("{0}\0{0}", canary.value()));
    assert_fails_quietly(&scratch, &canary, &[&file], || {
        let mut command = launch(&scratch, TRUE);
        command.env("X", format!("$<file:{}>", file.display()));
        command
    });
}

#[test]
fn a_program_that_cannot_be_executed() {
    let (scratch, canary) = (Scratch::new(), Canary::new());
    let env_file = scratch.write(".env", format!("A='{}'\n", canary.value()));
    let plain = scratch
        .write("plain", "x")
        .into_os_string()
        .into_string()
        .unwrap();
    let script = scratch.script("script", "#!/no/such/interpreter\n");
    let script = script.into_os_string().into_string().unwrap();
    for program in ["no-such-program", "/no/such/program", "/", &plain, &script] {
        assert_fails_quietly(&scratch, &canary, &[&env_file], || {
            let mut command = launch_with(&scratch, &env_file, &[program, "--key=$<A>"]);
            command.env("X", "$<A>");
            command
        });
    }
}

#[test]
fn an_environment_too_large_to_execute() {
    let (scratch, canary) = (Scratch::new(), Canary::new());
    let file = scratch.write("secret", canary.value().repeat(100_000));
    assert_fails_quietly(&scratch, &canary, &[&file], || {
        let mut command = launch(&scratch, TRUE);
        command.env("X", format!("$<file:{}>", file.display()));
        command
    });
}

#[test]
fn a_command_that_fails_and_prints_the_value() {
    let (scratch, canary) = (Scratch::new(), Canary::shaped_like("aaaaAAAA0000aaaaAAAA"));
    let value = canary.value();
    let text = format!("#!/bin/sh\necho {value}\necho {value} >&2\nexit 3\n");
    let tool = scratch.script("tool", &text);
    config(
        &scratch,
        &format!("[stores.exec]\nallow = [[\"{}\"]]\n", tool.display()),
    );
    assert_fails_quietly(&scratch, &canary, &[&tool], || {
        let mut command = launch(&scratch, TRUE);
        command.env("X", format!("$<exec:{} read>", tool.display()));
        command
    });
}

#[test]
fn a_broken_placeholder_beside_a_pasted_value() {
    let (scratch, canary) = (Scratch::new(), Canary::shaped_like("aaaaAAAA0000aaaaAAAA"));
    let value = canary.value();
    for text in [
        format!("{value}$<"),
        format!("{value}$<A"),
        format!("$<A:-{value}"),
        format!("$<two words {value}>"),
        format!("$<NOT_THERE>{value}"),
    ] {
        assert_fails_quietly(&scratch, &canary, &[], || {
            let mut command = launch(&scratch, [TRUE.as_slice(), &[&text]].concat());
            command.env("X", &text);
            command
        });
    }
}

#[test]
fn settings_that_cannot_be_read_around_a_pasted_value() {
    let (scratch, canary) = (Scratch::new(), Canary::shaped_like("aaaaAAAA0000aaaaAAAA"));
    let value = canary.value();
    for text in [
        format!("order = [\"{value}\n"),
        format!("order = \"{value}\"\n"),
        format!("deadline = \"{value}\"\n"),
        format!("[servers.x]\nenv = {{ A = \"{value}\", }}\ncommand = {value}\n"),
        format!("[servers.x]\nenv = {{ A = \"{value}\" }}\nenv = {{ A = \"{value}\" }}\n"),
        format!("[servers.x]\nunknown = \"{value}\"\n"),
        format!("[secrets.A]\nfrom = [\"{value}\"]\n"),
        format!("[stores.dotenv]\ndialect = \"{value}\"\n"),
    ] {
        let file = config(&scratch, &text);
        assert_fails_quietly(&scratch, &canary, &[&file], || {
            let mut command = launch(&scratch, TRUE);
            command.env("X", "$<A>");
            command
        });
    }
}

#[test]
fn a_project_file_that_is_not_trusted() {
    let (scratch, canary) = (Scratch::new(), Canary::shaped_like("aaaaAAAA0000aaaaAAAA"));
    let text = format!(
        "[servers.x]\ncommand = [\"true\", \"{0}\"]\nenv = {{ A = \"{0}\" }}\n",
        canary.value()
    );
    let file = scratch.write("mcp-launch.toml", text);
    assert_fails_quietly(&scratch, &canary, &[&file], || {
        launch(&scratch, ["--server", "x"])
    });
}

/// A sealed store that holds the canary as `A`.
fn sealed(scratch: &Scratch, canary: &Canary) {
    let mut set = launch(scratch, ["secrets", "set", "A", "--store", "sealed"]);
    assert_eq!(with_input(&mut set, canary.value()).code, Some(0));
    let mut command = launch(scratch, ["--", "/bin/sh", "-c", "printf %s \"$X\""]);
    let said = Finished::of(command.env("X", "$<sealed:A>")).success();
    assert_eq!(said, canary.value());
}

fn sealed_file(scratch: &Scratch, name: &str) -> PathBuf {
    scratch.home().join(".local/share/mcp-launch").join(name)
}

/// Neither who set the value nor the launcher is left, and nobody else was ever given it.
#[test]
#[cfg(target_os = "linux")]
fn the_value_is_in_the_memory_of_the_server_alone() {
    let (scratch, canary) = (
        Scratch::new(),
        Canary::shaped_like("aaaaAAAA0000aaaaAAAA0000aaaaAAAA0000"),
    );
    sealed(&scratch, &canary);
    // The end of it: the beginning of what was freed is overwritten first.
    let piece = &canary.value().as_bytes()[canary.value().len() - 16..];
    assert_eq!(
        processes_with(piece),
        [0_u32; 0],
        "before there is a server"
    );
    let server = ["--", "/bin/sh", "-c", "echo ready; read line"];
    let pipe = ready(launch(&scratch, server).env("A", "$<sealed:A>"));
    assert_eq!(processes_with(piece), [pipe.child.id()]);
}

#[test]
fn a_sealed_store_is_sealed() {
    let (scratch, canary) = (Scratch::new(), Canary::new());
    sealed(&scratch, &canary);
    assert_only_in(&scratch, &canary, &[]);
}

#[test]
fn a_sealed_store_whose_key_others_may_read() {
    let (scratch, canary) = (Scratch::new(), Canary::new());
    sealed(&scratch, &canary);
    let mode = std::os::unix::fs::PermissionsExt::from_mode(0o644);
    std::fs::set_permissions(sealed_file(&scratch, "sealed.key"), mode).unwrap();
    assert_sealed_fails_quietly(&scratch, &canary);
}

#[test]
fn a_sealed_store_without_its_key() {
    let (scratch, canary) = (Scratch::new(), Canary::new());
    sealed(&scratch, &canary);
    std::fs::remove_file(sealed_file(&scratch, "sealed.key")).unwrap();
    assert_sealed_fails_quietly(&scratch, &canary);
}

#[test]
fn a_sealed_store_that_was_damaged() {
    let (scratch, canary) = (Scratch::new(), Canary::new());
    sealed(&scratch, &canary);
    let file = sealed_file(&scratch, "sealed.age");
    let whole = std::fs::read(&file).unwrap();
    let mut flipped = whole.clone();
    let middle = flipped.len() - 20;
    flipped[middle] ^= 1;
    for damaged in [&flipped[..], &whole[..whole.len() / 2], b"", b"not age"] {
        scratch.write(file.strip_prefix(scratch.home()).unwrap(), damaged);
        assert_sealed_fails_quietly(&scratch, &canary);
    }
}

#[track_caller]
fn assert_sealed_fails_quietly(scratch: &Scratch, canary: &Canary) {
    assert_fails_quietly(scratch, canary, &[], || {
        let mut command = launch(scratch, TRUE);
        command.env("X", "$<sealed:A>");
        command
    });
}
