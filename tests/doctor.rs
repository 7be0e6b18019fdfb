//! `doctor` tells what works here, in the environment that MCP clients give.

use mcp_launch_testkit::Scratch;

use crate::support::{Finished, launch};

#[test]
fn doctor_names_every_store_and_how_to_mend_what_is_wrong() {
    let scratch = Scratch::new();
    let finished = Finished::of(&mut launch(&scratch, ["doctor"]));
    let said = finished.stdout + &finished.stderr;
    for part in ["keychain", "sealed", ".env"] {
        assert!(said.contains(part), "no {part} in:\n{said}");
    }
}

#[test]
fn doctor_answers_programs_in_json() {
    let scratch = Scratch::new();
    let finished = Finished::of(&mut launch(&scratch, ["doctor", "--json"]));
    let report: serde_json::Value = serde_json::from_str(&finished.stdout)
        .unwrap_or_else(|error| panic!("{error}:\n{}{}", finished.stdout, finished.stderr));
    assert!(report.is_object(), "{report}");
}

/// What doctor says with these settings.
fn told(scratch: &Scratch, settings: &str) -> Finished {
    scratch.write(".config/mcp-launch/config.toml", settings);
    Finished::of(&mut launch(scratch, ["doctor"]))
}

#[test]
fn the_fix_for_a_required_value_is_about_the_store_that_is_asked() {
    let scratch = Scratch::new();
    let said = told(
        &scratch,
        "[secrets.TOKEN]\nfrom = \"sealed:github\"\nrequired = true\ndescription = \"for GitHub\"\n",
    );
    assert_eq!(said.code, Some(1));
    for part in [
        "TOKEN (for GitHub): sealed (",
        "fix: mcp-launch secrets set github --store sealed",
    ] {
        assert!(said.stdout.contains(part), "no {part} in {}", said.stdout);
    }
    let env_file = scratch.write(".env", "OTHER=1\n");
    let said = told(
        &scratch,
        "order = [\"dotenv\"]\n[secrets]\nTOKEN = { required = true }\n",
    );
    let fix = format!("fix: write it into {}", env_file.display());
    assert!(said.stdout.contains(&fix), "{}", said.stdout);
}

#[test]
fn a_required_value_is_looked_up_as_its_servers_would() {
    let scratch = Scratch::new();
    scratch.write("a.env", "TOKEN=1\n");
    let settings =
        "[secrets.TOKEN]\nrequired = true\ngrant = [\"a\"]\n[servers.a]\nenv_file = \"~/a.env\"\n";
    let said = told(&scratch, settings);
    assert_eq!(said.code, Some(0), "{}{}", said.stdout, said.stderr);
    assert!(
        said.stdout
            .contains("a: the client's config gives the command"),
        "{}",
        said.stdout
    );
    let said = told(&scratch, &settings.replace("[\"a\"]", "[\"a\", \"b\"]"));
    assert!(said.stdout.contains("for the server b:"), "{}", said.stdout);
}

#[test]
fn doctor_names_the_settings_and_what_they_choose() {
    let scratch = Scratch::new();
    let said = Finished::of(&mut launch(&scratch, ["doctor"])).stdout;
    let file = scratch.home().join(".config/mcp-launch/config.toml");
    assert!(
        said.contains(&format!("no {} yet", file.display())),
        "{said}"
    );
    let said = told(
        &scratch,
        "deadline = \"500ms\"\norder = [\"sealed\", \"env\"]\n",
    )
    .stdout;
    for part in [
        format!("order: sealed, env ({}:2)", file.display()),
        "deadline: stores have 500ms".to_owned(),
        "the same with the variables that MCP clients pass on".to_owned(),
    ] {
        assert!(said.contains(&part), "no {part} in {said}");
    }
}

#[test]
fn a_dry_run_says_what_the_launch_would() {
    let scratch = Scratch::new();
    let launched = |options: &[&str]| {
        let mut command = launch(&scratch, options);
        Finished::of(command.args(["--", "/bin/true"]).env("A", "$<NOWHERE>"))
    };
    let fix = "fix: mcp-launch secrets set NOWHERE --store sealed";
    assert!(launched(&[]).stderr.contains(fix));
    let dry = launched(&["--dry-run"]);
    assert!(dry.stdout.contains(fix), "{}", dry.stdout);
    let json: serde_json::Value =
        serde_json::from_str(&launched(&["--dry-run", "--json"]).stdout).unwrap();
    assert_eq!(json["placeholders"][0]["remedy"], fix["fix: ".len()..]);
}
