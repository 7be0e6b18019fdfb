//! A `.env` whose values have moved into a store holds references, which only a launch resolves.

use mcp_launch_testkit::{Canary, Scratch};
use serde_json::Value;

use crate::support::{Finished, launch, with_input};

const SETTINGS: &str = ".config/mcp-launch/config.toml";
const PRINT: [&str; 4] = ["--", "/bin/sh", "-c", "printf %s \"$A\""];

fn set(scratch: &Scratch, name: &str, value: &str) {
    let mut command = launch(scratch, ["secrets", "set", name, "--store", "sealed"]);
    let said = with_input(&mut command, value);
    assert_eq!(said.code, Some(0), "{}", said.stderr);
}

/// A launch with `A=placeholder` of a server that prints it.
fn asked(scratch: &Scratch, placeholder: &str, arguments: &[&str]) -> Finished {
    let mut command = launch(scratch, arguments);
    Finished::of(command.args(PRINT).env("A", placeholder))
}

const NAMED: [&str; 2] = ["--env-file", ".env"];

#[test]
fn a_moved_value_reaches_the_server_from_the_store() {
    let scratch = Scratch::new();
    set(&scratch, "API_KEY", "from the store");
    scratch.write(
        ".env",
        "# c\nB=1\nAPI_KEY='$<API_KEY>'\nC='x$<B>'\nD='$$<B>'\n",
    );
    for arguments in [&[][..], &NAMED] {
        for placeholder in [
            "$<API_KEY>",
            "${API_KEY}",
            "$<dotenv:API_KEY>",
            "$<fd:API_KEY>",
        ] {
            let mut command = launch(&scratch, arguments);
            let show = "case $A in /*) cat \"$A\";; *) printf %s \"$A\";; esac";
            command.args(["--", "/bin/sh", "-c", show]);
            let got = Finished::of(command.env("A", placeholder)).success();
            assert_eq!(got, "from the store", "{placeholder} {arguments:?}");
        }
        // No value is expanded.
        assert_eq!(asked(&scratch, "$<C>", arguments).success(), "x$<B>");
        assert_eq!(asked(&scratch, "$<D>", arguments).success(), "$$<B>");
    }
    let unquoted = "API_KEY=$<API_KEY>\n";
    scratch.write(".env", unquoted);
    let told = asked(&scratch, "$<API_KEY>", &NAMED).not_started();
    assert!(told.contains("API_KEY='…'"), "{told}");
}

#[test]
fn what_a_reference_leads_to_is_asked_and_nothing_else() {
    let scratch = Scratch::new();
    set(&scratch, "KEY", "not meant");
    set(&scratch, "MEANT", "meant");
    scratch.write("key", "of the file");
    scratch.write(
        ".env",
        "KEY='$<sealed:MEANT>'\nGONE='$<sealed:GONE>'\nOTHER='$<sealed:KEY>'\nDEFAULT='$<NOWHERE:-by default>'\n\
         GONE_DEFAULT='$<sealed:GONE:-instead>'\nFD='$<fd:KEY>'\nODD='$<no name>'\nVAULT='$<vault:secret/app#DB>'\n\
         FILE='$<file:./key>'\nVARIABLE='$<env:HOME>'\n",
    );
    assert_eq!(asked(&scratch, "$<KEY>", &NAMED).success(), "meant");
    assert_eq!(asked(&scratch, "$<OTHER>", &NAMED).success(), "not meant");
    for (placeholder, value) in [
        ("$<DEFAULT>", "by default"),
        ("$<DEFAULT:-own>", "by default"),
        ("$<GONE_DEFAULT>", "instead"),
        ("$<GONE:-own>", "own"),
    ] {
        assert_eq!(
            asked(&scratch, placeholder, &NAMED).success(),
            value,
            "{placeholder}"
        );
    }
    for (placeholder, said) in [
        (
            "$<GONE>",
            &["line 2 refers to $<sealed:GONE>", "secrets set GONE"][..],
        ),
        ("$<FD>", &["line 6", "descriptor"]),
        ("$<FD:-x>", &["line 6", "descriptor"]),
        ("$<ODD>", &["line 7", "reference"]),
        (
            "$<VAULT>",
            &["line 8 refers to $<vault:secret/app#DB>", "; vault"],
        ),
        // Any file, and any variable of the client: these the person's own settings name.
        (
            "$<FILE>",
            &["leads to no file", "[secrets.FILE] from = \"file:./key\""],
        ),
        (
            "$<VARIABLE:-x>",
            &["leads to no file", "[secrets.VARIABLE] from = \"env:HOME\""],
        ),
    ] {
        let told = asked(&scratch, placeholder, &NAMED).not_started();
        for part in said {
            assert!(told.contains(part), "{placeholder}: no {part} in {told}");
        }
    }
}

#[test]
fn a_circle_ends_and_says_how_to_leave_it() {
    let scratch = Scratch::new();
    scratch.write(
        ".env",
        "A='$<dotenv:B>'\nB='$<dotenv:C>'\nC='$<dotenv:A>'\nOWN='$<OWN>'\n",
    );
    let told = asked(&scratch, "$<dotenv:A>", &NAMED).not_started();
    for part in [
        "line 1 refers to $<dotenv:B>",
        "line 2 refers to $<dotenv:C>",
        "line 3 refers to $<dotenv:A>",
        "mcp-launch secrets set",
    ] {
        assert!(told.contains(part), "no {part} in {told}");
    }
    for arguments in [&[][..], &NAMED] {
        let told = asked(&scratch, "$<OWN>", arguments).not_started();
        for part in ["line 4 refers to $<OWN>", "mcp-launch secrets set OWN"] {
            assert!(told.contains(part), "no {part} in {told}");
        }
    }
}

#[test]
fn a_reference_is_no_way_around_a_grant() {
    let scratch = Scratch::new();
    let canary = Canary::new();
    scratch.write("secret", canary.value());
    scratch.write(
        SETTINGS,
        "[secrets.S]\nfrom = \"file:~/secret\"\ngrant = [\"github\"]\n\
         [secrets.E]\nfrom = \"exec:cat secret\"\n",
    );
    scratch.write(
        ".env",
        "NAME='$<S>'\nTWICE='$<dotenv:NAME>'\nDEFAULT='$<S:-x>'\nE='$<E>'\nX='$<exec:cat secret>'\n",
    );
    for name in ["NAME", "TWICE", "DEFAULT"] {
        let placeholder = format!("$<{name}>");
        for server in [&[][..], &["--server", "other"]] {
            let arguments = [&NAMED, server].concat();
            let finished = asked(&scratch, &placeholder, &arguments);
            canary.assert_absent("the report", &finished.stderr);
            let told = finished.not_started();
            assert!(told.contains("granted"), "{name}: {told}");
        }
        let granted = [&NAMED[..], &["--server", "github"]].concat();
        assert_eq!(
            asked(&scratch, &placeholder, &granted).success(),
            canary.value()
        );
    }
    for name in ["$<E>", "$<X>"] {
        let told = asked(&scratch, name, &NAMED).not_started();
        assert!(told.contains("do not allow this command"), "{told}");
    }
}

#[test]
fn a_file_that_nobody_named_asks_for_no_other_value() {
    let scratch = Scratch::new();
    set(&scratch, "MINE", "mine");
    set(&scratch, "TOKEN", "token");
    let folder = scratch.home().join("project");
    let key = scratch.write("key", "key");
    scratch.write(
        "project/.env",
        format!(
            "TOKEN='$<sealed:TOKEN>'\nOTHER='$<MINE>'\nADDRESS='$<sealed:MINE>'\nKEY='$<file:{}>'\n",
            key.display()
        ),
    );
    let launched = |placeholder: &str, arguments: &[&str]| {
        let mut command = launch(&scratch, arguments);
        let command = command.args(PRINT).env("A", placeholder);
        Finished::of(command.current_dir(&folder))
    };
    for with_project in [false, true] {
        if with_project {
            scratch.write("project/mcp-launch.toml", "[secrets.X]\nrequired = false\n");
        }
        for (name, value) in [("OTHER", "mine"), ("ADDRESS", "mine")] {
            let placeholder = format!("$<{name}>");
            let told = launched(&placeholder, &[]).not_started();
            assert!(told.contains("nobody named"), "{name}: {told}");
            assert!(told.contains("--env-file"), "{name}: {told}");
            assert_eq!(launched(&placeholder, &NAMED).success(), value);
        }
        assert_eq!(launched("$<dotenv:TOKEN>", &[]).success(), "token");
    }
    // What the person's own settings say may be said there too.
    scratch.write(
        SETTINGS,
        format!("[secrets.KEY]\nfrom = \"file:{}\"\n", key.display()),
    );
    assert_eq!(launched("$<dotenv:KEY>", &[]).success(), "key");

    // A project file that is not trusted does not say where a value is, by way of a reference either.
    scratch.write(
        "project/mcp-launch.toml",
        "[secrets.ADDRESS]\nfrom = \"sealed:MINE\"\n",
    );
    let told = launched("$<dotenv:ADDRESS>", &[]).not_started();
    assert!(told.contains("nobody named"), "{told}");
}

#[test]
fn a_preview_shows_where_a_reference_leads() {
    let scratch = Scratch::new();
    set(&scratch, "KEY", "value");
    scratch.write(
        ".env",
        "KEY='$<KEY>'\nNONE='$<NONE>'\nD='$<D:-secret default>'\n",
    );
    let preview = |json: bool| {
        let mut command = launch(&scratch, NAMED);
        command.args(["--dry-run"]);
        if json {
            command.arg("--json");
        }
        command.args(["--", "sh"]);
        for (variable, placeholder) in [("A", "$<KEY>"), ("B", "$<NONE>"), ("C", "$<D>")] {
            command.env(variable, placeholder);
        }
        Finished::of(&mut command)
    };
    let text = preview(false).stdout;
    for part in [
        "env.A $<KEY>: found\n",
        "line 1 refers to $<KEY>\n",
        ".env line 1\n",
        "env.B $<NONE>: no value\n",
        "mcp-launch secrets set NONE",
        "env.C $<D>: the default\n",
        "the default of",
    ] {
        assert!(text.contains(part), "no {part} in {text}");
    }
    assert!(!text.contains("secret default"), "{text}");

    let preview: Value = serde_json::from_str(&preview(true).stdout).unwrap();
    let placeholders = preview["placeholders"].as_array().unwrap();
    let of = |site: &str| {
        let at = |placeholder: &&Value| placeholder["site"] == site;
        placeholders.iter().find(at).unwrap()
    };
    let asked = of("env.A")["asked"].as_array().unwrap();
    assert_eq!(asked[0]["answer"], "elsewhere");
    assert_eq!(asked[0]["reason"], "line 1 refers to $<KEY>");
    let found = asked.last().unwrap();
    assert_eq!(found["answer"], "found");
    let place = found["place"].as_str().unwrap();
    assert!(
        place.starts_with("sealed (") && place.ends_with(".env line 1"),
        "{place}"
    );
    assert_eq!(of("env.B")["verdict"], "no value");
    assert_eq!(of("env.C")["verdict"], "the default");
}

#[test]
fn logins_of_a_store_that_only_a_reference_led_to_stay_here() {
    let scratch = Scratch::new();
    scratch.write(
        ".config/mcp-launch/config.toml",
        "[stores.exec]\nallow = [\"cat\"]\n",
    );
    scratch.write("value", "value");
    scratch.write(".env", "A='$<exec:cat value>'\n");
    let server = "printf %s \"$A ${OP_SERVICE_ACCOUNT_TOKEN-gone} ${OP_CONNECT_TOKEN-gone}\"";
    let run = |placeholder: &str| {
        let mut command = launch(&scratch, NAMED);
        command.args(["--", "/bin/sh", "-c", server]);
        command
            .env("A", placeholder)
            .env("OP_SERVICE_ACCOUNT_TOKEN", "login")
            .env("OP_CONNECT_TOKEN", "${NONE:-meant}");
        Finished::of(&mut command).success()
    };
    assert_eq!(run("plain"), "plain login meant");
    assert_eq!(run("$<A>"), "value gone meant");
}

#[test]
fn required_values_and_servers_are_examined_through_references() {
    let scratch = Scratch::new();
    set(&scratch, "KEY", "value");
    scratch.write(
        SETTINGS,
        "order = [\"dotenv\", \"sealed\"]\nenv_file = \"~/.env\"\n[secrets.KEY]\nrequired = true\n\
         [servers.s]\ncommand = [\"/bin/true\"]\nenv = { A = \"$<KEY>\", B = \"$<LOST>\" }\n",
    );
    scratch.write(".env", "KEY='$<KEY>'\nLOST='$<sealed:LOST>'\n");
    let told = Finished::of(&mut launch(&scratch, ["doctor"])).stdout;
    for part in [
        "line 1",
        "through",
        "$<LOST>",
        "mcp-launch secrets set LOST",
    ] {
        assert!(told.contains(part), "no {part} in {told}");
    }
}

/// What stands in the `.env` as the login of a store is followed to the login's own name, and never sent as it stands.
#[cfg(feature = "vault")]
#[test]
fn a_login_is_followed_to_its_own_name_only() {
    let scratch = Scratch::new();
    set(&scratch, "LOGIN", "token");
    scratch.write("key", "another value");
    scratch.write(
        SETTINGS,
        // Nobody listens there.
        "[stores.vault]\naddress = \"http://127.0.0.1:9\"\nallow_http = true\n\
         auth = { method = \"token\", token = \"$<dotenv:LOGIN>\" }\n",
    );
    for (refers_to, arguments, said) in [
        ("$<LOGIN>", &[][..], "127.0.0.1:9"),
        ("$<sealed:LOGIN>", &[], "127.0.0.1:9"),
        ("$<LOGIN>", &NAMED, "127.0.0.1:9"),
        ("$<file:./key>", &[], "$<file:./key>"),
        ("$<file:./key>", &NAMED, "$<file:./key>"),
        (
            "$<vault:secret/login#token>",
            &NAMED,
            "$<vault:secret/login#token>",
        ),
    ] {
        scratch.write(".env", format!("LOGIN='{refers_to}'\n"));
        let told = asked(&scratch, "$<vault:secret/app#DB>", arguments).not_started();
        let is_sent = told.contains("nothing listens");
        assert_eq!(is_sent, said == "127.0.0.1:9", "{refers_to}: {told}");
        assert!(told.contains(said), "{refers_to}: {told}");
    }
}
