//! What both files say together, and what a project file may not say.

#![cfg(unix)]

use std::path::{Path, PathBuf};
use std::time::Duration;

use mcp_launch_config::{
    ConfigError, ConfigErrorKind, Dialect, Inherit, Isolation, NamedBy, Settings, TrustStore,
};
use mcp_launch_core::{Environment, LineEnd};
use mcp_launch_testkit::Scratch;

const USER: &str = ".config/mcp-launch/config.toml";
const PROJECT: &str = "work/mcp-launch.toml";

fn load(scratch: &Scratch, folder: &str) -> Result<Settings, ConfigError> {
    let cwd = scratch.home().join(folder);
    std::fs::create_dir_all(&cwd).expect("a folder in the scratch");
    Settings::load(&Environment::from_pairs(scratch.variables()), &cwd)
}

/// Both files, in a scratch whose working directory is below the project's folder.
fn both(user: &str, project: &str, trusted: bool) -> (Scratch, Settings) {
    let scratch = Scratch::new();
    scratch.write(USER, user);
    let path = scratch.write(PROJECT, project);
    if trusted {
        let first = load(&scratch, "work/deep").expect("settings that can be read");
        TrustStore::of(first.directories())
            .expect("a state folder")
            .trust(&path)
            .expect("a file that can be trusted");
    }
    let settings = load(&scratch, "work/deep").expect("settings that can be read");
    (scratch, settings)
}

#[test]
fn nothing_set_means_the_documented_defaults() {
    let scratch = Scratch::new();
    let settings = load(&scratch, "empty").unwrap();
    assert_eq!(settings.order().unwrap(), ["keychain", "sealed", "dotenv"]);
    assert_eq!(settings.order_origin().unwrap(), None);
    assert_eq!(settings.deadline().unwrap(), Duration::from_secs(10));
    assert_eq!(settings.dotenv_dialect().unwrap(), None);
    assert_eq!(settings.dotenv_file(None, None).unwrap(), None);
    assert!(settings.exec_rules().allow.is_empty());
    assert_eq!(settings.exec_rules().line_end, LineEnd::Strip);
    assert_eq!(settings.file_line_end(), LineEnd::Keep);
    assert_eq!(
        settings.sealed_dir().unwrap(),
        scratch.home().join(".local/share/mcp-launch")
    );
    assert!(settings.binding("X").unwrap().is_none());
    assert!(settings.server("x").unwrap().is_none());
    assert!(settings.project().is_none() && settings.user_file().is_none());
}

#[test]
fn every_key_of_the_user_file_has_its_effect() {
    let scratch = Scratch::new();
    let path = scratch.write(
        USER,
        r#"
order = ["dotenv", "env"]
deadline = "1500ms"
env_file = "~/all.env"

[stores.dotenv]
dialect = "compose"

[stores.exec]
allow = ["op read", ["pass", "show", "a b"]]
line_end = "keep"

[stores.file]
line_end = "strip"

[stores.sealed]
path = "vault"

[secrets.GITHUB_TOKEN]
from = "keychain:github"
required = true
grant = ["github", "ci"]
description = "read-only"

[servers.github]
command = ["npx", "-y", "server", "--token=$<GITHUB_TOKEN>"]
env = { LD_LIBRARY_PATH = "/opt/lib", TOKEN = "x$<GITHUB_TOKEN>" }
inherit = "minimal"
isolate = "required"
env_file = "github.env"
"#,
    );
    let folder = path.parent().unwrap();
    let settings = load(&scratch, "").unwrap();
    assert_eq!(settings.user_file().as_deref(), Some(path.as_path()));
    assert_eq!(settings.order().unwrap(), ["dotenv", "env"]);
    assert_eq!(settings.order_origin().unwrap().unwrap().line, 2);
    assert_eq!(settings.deadline().unwrap(), Duration::from_millis(1500));
    assert_eq!(settings.dotenv_dialect().unwrap(), Some(Dialect::Compose));
    assert_eq!(
        settings.exec_rules().allow,
        [vec!["op", "read"], vec!["pass", "show", "a b"]]
    );
    assert_eq!(settings.exec_rules().line_end, LineEnd::Keep);
    assert_eq!(settings.file_line_end(), LineEnd::Strip);
    assert_eq!(settings.sealed_dir().unwrap(), folder.join("vault"));

    let binding = settings.binding("GITHUB_TOKEN").unwrap().unwrap();
    let from = binding.from.as_ref().unwrap();
    assert_eq!(
        (from.value.to_string(), from.origin.line),
        ("keychain:github".into(), 20)
    );
    assert_eq!(binding.description.as_deref(), Some("read-only"));
    assert!(binding.required);
    assert_eq!(settings.required_names(), [binding.name]);
    let grant = settings.grants().unwrap().remove(0);
    assert!(grant.allows(Some("ci")));
    assert!(!grant.allows(Some("other")));
    assert!(!grant.allows(None));
    assert_eq!(
        (grant.name.as_str(), grant.origin.line),
        ("GITHUB_TOKEN", 22)
    );

    let server = settings.server("github").unwrap().unwrap();
    let command = server.command.unwrap().value;
    assert_eq!(
        (command.program.as_str(), command.arguments.len()),
        ("npx", 3)
    );
    assert_eq!(server.env.len(), 2);
    assert_eq!(
        (server.inherit, server.isolate),
        (Inherit::Minimal, Isolation::Required)
    );
    let dotenv = |server| settings.dotenv_file(None, server).unwrap().unwrap();
    assert_eq!(dotenv(Some("github")).path, folder.join("github.env"));
    assert_eq!(dotenv(None).path, scratch.home().join("all.env"));
}

/// The addresses at which the only grant of `settings` holds.
fn granted_at(settings: &Settings) -> Vec<String> {
    let grants = settings.grants().expect("files that can be read");
    assert_eq!(grants.len(), 1);
    grants[0]
        .addresses
        .iter()
        .map(ToString::to_string)
        .collect()
}

#[test]
fn a_grant_holds_wherever_a_file_says_that_the_value_is() {
    let own_names = ["dotenv:A", "env:A", "keychain:A", "sealed:A"];
    let grant = "[secrets.A]\ngrant = [\"s\"]\n";
    let from = |locator: &str| format!("[secrets.A]\nfrom = \"keychain:{locator}\"\n");
    let granted_from = |locator: &str| format!("{}grant = [\"s\"]", from(locator));
    for (user, project, expected) in [
        (grant, "", own_names.to_vec()),
        ("", grant, own_names.to_vec()),
        (&granted_from("x"), "", vec!["keychain:x"]),
        (&from("x"), grant, vec!["keychain:x"]),
        ("", &granted_from("y"), vec!["keychain:y"]),
        // A project does not lift it by binding the name elsewhere.
        (
            &granted_from("x"),
            &from("y"),
            vec!["keychain:y", "keychain:x"],
        ),
        (
            grant,
            &from("y"),
            [&["keychain:y"], &own_names[..]].concat(),
        ),
    ] {
        for trusted in [false, true] {
            let (_scratch, settings) = both(user, project, trusted);
            assert_eq!(granted_at(&settings), expected, "{user} {project}");
        }
    }
}

#[test]
fn an_untrusted_address_is_known_for_grants_and_not_handed_out() {
    let (_scratch, settings) = both("", "[secrets.A]\nfrom = \"keychain:x\"\ngrant = []", false);
    assert_eq!(granted_at(&settings), ["keychain:x"]);
    assert!(settings.binding("A").is_err());
}

/// Each key of a project file that needs trust, and the question that it would answer.
type Question = fn(&Settings) -> Result<String, ConfigError>;
const GATED: &[(&str, &str, Question)] = &[
    ("order = [\"env\"]", "order", |settings| {
        Ok(settings.order()?.join(" "))
    }),
    ("deadline = \"1s\"", "deadline", |settings| {
        Ok(format!("{:?}", settings.deadline()?))
    }),
    ("env_file = \"p.env\"", "env_file", |settings| {
        Ok(format!("{:?}", settings.dotenv_file(None, None)?))
    }),
    (
        "[stores.dotenv]\npath = \"p.env\"",
        "stores.dotenv.path",
        |settings| Ok(format!("{:?}", settings.dotenv_file(None, None)?)),
    ),
    (
        "[stores.dotenv]\ndialect = \"bash\"",
        "stores.dotenv.dialect",
        |settings| Ok(format!("{:?}", settings.dotenv_dialect()?)),
    ),
    (
        "[secrets.A]\nfrom = \"env:B\"",
        "secrets.A.from",
        |settings| {
            Ok(format!(
                "{:?}",
                settings.binding("A")?.map(|binding| binding.from)
            ))
        },
    ),
    ("[servers.s]\nisolate = \"off\"", "servers.s", |settings| {
        Ok(format!(
            "{:?}",
            settings.server("s")?.map(|server| server.isolate)
        ))
    }),
    (
        "[servers.s]\nenv_file = \"p.env\"",
        "servers.s",
        |settings| Ok(format!("{:?}", settings.dotenv_file(None, Some("s"))?)),
    ),
];

#[test]
fn what_decides_is_an_error_until_it_is_trusted_and_counts_then() {
    let (_scratch, plain) = both("", "", false);
    for (project, key, question) in GATED {
        let (scratch, settings) = both("", project, false);
        let error = question(&settings).unwrap_err();
        assert_eq!(error.kind(), &ConfigErrorKind::NotTrusted, "{key}");
        assert_eq!(error.key(), *key);
        assert_eq!(error.path(), scratch.home().join(PROJECT));
        let hint = error.hint().unwrap();
        assert!(hint.contains("mcp-launch trust /"), "{hint}");
        let gated = settings.project().unwrap().gated();
        assert_eq!((gated.len(), gated[0].key.as_str()), (1, *key));

        let (_scratch, settings) = both("", project, true);
        assert_ne!(
            question(&settings).unwrap(),
            question(&plain).unwrap(),
            "{key}"
        );
    }
}

#[test]
fn an_untrusted_project_does_not_touch_what_it_does_not_decide() {
    let (_scratch, settings) = both(
        "[servers.mine]\ncommand = [\"a\"]\n[secrets.MINE]\nfrom = \"keychain:mine\"",
        "order = [\"env\"]\n[servers.theirs]\ncommand = [\"b\"]\n[secrets.THEIRS]\nfrom = \"env:X\"",
        false,
    );
    assert!(settings.server("mine").unwrap().is_some());
    assert!(settings.binding("MINE").unwrap().unwrap().from.is_some());
    assert!(settings.deadline().is_ok());
    assert!(settings.dotenv_file(None, Some("mine")).is_ok());
}

#[test]
fn a_project_file_that_cannot_be_understood_is_an_error_of_what_it_could_decide() {
    const QUESTIONS: &[Question] = &[
        |settings| Ok(format!("{:?}", settings.order()?)),
        |settings| Ok(format!("{:?}", settings.deadline()?)),
        |settings| Ok(format!("{:?}", settings.dotenv_file(None, None)?)),
        |settings| Ok(format!("{:?}", settings.dotenv_dialect()?)),
        |settings| Ok(format!("{:?}", settings.binding("A")?)),
        |settings| Ok(format!("{:?}", settings.grants()?)),
        |settings| Ok(format!("{:?}", settings.server("s")?)),
    ];
    let (_scratch, settings) = both("[servers.s]\ncommand = [\"a\"]", "grnt = [", false);
    let fault = settings.project().unwrap().fault.clone().unwrap();
    for question in QUESTIONS {
        assert_eq!(question(&settings).unwrap_err(), fault);
    }
    assert!(settings.dotenv_file(Some(Path::new("x")), None).is_ok());
}

#[test]
fn a_project_file_that_is_no_file_stops_nothing_by_itself() {
    let scratch = Scratch::new();
    std::fs::create_dir_all(scratch.home().join(PROJECT)).unwrap();
    let settings = load(&scratch, "work").unwrap();
    let fault = settings.project().unwrap().fault.as_ref().unwrap();
    assert_eq!(fault.kind(), &ConfigErrorKind::NotAFile);
}

#[test]
fn an_untrusted_project_names_secrets_and_narrows_grants() {
    let (_scratch, settings) = both(
        "[secrets.A]\nfrom = \"keychain:a\"\ngrant = [\"x\", \"y\"]",
        "[secrets.A]\nrequired = true\ngrant = [\"y\", \"z\"]\n[secrets.B]\ndescription = \"b\"",
        false,
    );
    let binding = settings.binding("A").unwrap().unwrap();
    assert_eq!(settings.grants().unwrap()[0].servers, ["y"]);
    assert_eq!(binding.from.unwrap().value.to_string(), "keychain:a");
    assert!(binding.required);
    assert_eq!(settings.secret_names().len(), 2);
    assert!(settings.project().unwrap().gated().is_empty());
}

#[test]
fn the_nearer_entry_wins_whole_and_the_stricter_restriction_stays() {
    let (_scratch, settings) = both(
        "order = [\"sealed\"]\n[servers.s]\ncommand = [\"mine\"]\nenv = { KEY = \"$<MY_KEY>\" }\n\
         isolate = \"required\"\ninherit = \"minimal\"",
        "order = [\"dotenv\"]\n[servers.s]\ncommand = [\"theirs\"]\nisolate = \"off\"",
        true,
    );
    assert_eq!(settings.order().unwrap(), ["dotenv"]);
    let server = settings.server("s").unwrap().unwrap();
    assert_eq!(server.command.unwrap().value.program, "theirs");
    assert_eq!(server.identity.unwrap().value.program, "theirs");
    assert!(
        server.env.is_empty(),
        "a value of mine must not reach their command"
    );
    assert_eq!(
        (server.inherit, server.isolate),
        (Inherit::Minimal, Isolation::Required)
    );
}

#[test]
fn what_a_name_stands_for_outlasts_a_project_that_does_not_say_it() {
    let (_scratch, settings) = both(
        "[servers.s]\ncommand = [\"mine\"]",
        "[servers.s]\ninherit = \"minimal\"",
        true,
    );
    let server = settings.server("s").unwrap().unwrap();
    assert!(server.command.is_none());
    assert_eq!(server.identity.unwrap().value.program, "mine");
}

#[test]
fn a_project_file_never_says_these_trusted_or_not() {
    use ConfigErrorKind::{LoaderVariable, OnlyInUserFile};
    for (project, kind, at) in [
        (
            "[stores.exec]\nallow = [\"cat\"]",
            OnlyInUserFile,
            "stores.exec",
        ),
        (
            "[stores.sealed]\npath = \"x\"",
            OnlyInUserFile,
            "stores.sealed",
        ),
        (
            "[stores.file]\nline_end = \"strip\"",
            OnlyInUserFile,
            "stores.file",
        ),
        (
            "[secrets.A]\nfrom = \"exec:op read x\"",
            OnlyInUserFile,
            "secrets.A.from",
        ),
        (
            "[servers.s]\nenv = { A = \"$<exec:op read x>\" }",
            OnlyInUserFile,
            "servers.s.env.A",
        ),
        (
            "[servers.s]\ncommand = [\"a\", \"$<exec:b>\"]",
            OnlyInUserFile,
            "servers.s.command[1]",
        ),
        (
            "[servers.s]\nenv = { LD_PRELOAD = \"x\" }",
            LoaderVariable,
            "servers.s.env.LD_PRELOAD",
        ),
        (
            "[servers.s.env]\nNODE_OPTIONS = \"x\"",
            LoaderVariable,
            "servers.s.env.NODE_OPTIONS",
        ),
        (
            "[servers.s.env]\nPATH = \"x\"",
            LoaderVariable,
            "servers.s.env.PATH",
        ),
    ] {
        let scratch = Scratch::new();
        let path = scratch.write(PROJECT, project);
        let error = load(&scratch, "work").unwrap().grants().unwrap_err();
        assert_eq!((error.kind(), error.key()), (&kind, at), "{project}");
        let store = TrustStore::of(load(&scratch, "").unwrap().directories()).unwrap();
        assert_eq!(store.trust(&path).unwrap_err().kind(), &kind, "{project}");
        assert!(store.list().unwrap().is_empty());
    }
}

#[test]
fn errors_name_the_line_and_the_key() {
    for (user, expected) in [
        (
            "order = [\"keychain\",\n \"vault\"]",
            "2: order[1]: say where bare names stand: names = \"secret/mcp#{name}\"",
        ),
        (
            "order = [\"keychan\"]",
            "1: order[0]: expected one of \"dotenv\", \"env\", \"keychain\", \"sealed\", or a network store",
        ),
        (
            "order = [\"env\", \"env\"]",
            "1: order[1]: expected each store once",
        ),
        (
            "deadline = 10",
            "1: deadline: expected a time such as \"10s\", from \"100ms\" to \"10m\"",
        ),
        (
            "deadline = \"1h\"",
            "1: deadline: expected a time such as \"10s\", from \"100ms\" to \"10m\"",
        ),
        (
            "\n[stores.exec]\nallow = \"op\"",
            "3: stores.exec.allow: expected a list of commands",
        ),
        (
            "[stores.exec]\nallow = [\" \"]",
            "2: stores.exec.allow[0]: expected a command such as \"op read\" or [\"pass\", \"show\"]",
        ),
        (
            "[secrets.A]\nrotate = { every = \"30d\" }",
            "2: secrets.A.rotate: lacks `using`, the name of a rotator",
        ),
        (
            "[secrets.A]\nexpires = 12:00:00",
            "2: secrets.A.expires: expected a date such as 2027-03-01",
        ),
        (
            "[secrets.A]\nrotate = { using = \"random\", every = \"1d\",\n schedule = \"0 3 * * *\" }",
            "3: secrets.A.rotate.schedule: says the same as `every`; keep one of the two",
        ),
        (
            "[rotators.a]\nkind = \"postgres\"\nroles = [\"a\", \"b\"]",
            "1: rotators.a: lacks `admin`: the role in use cannot change the other",
        ),
        (
            "[rotators.a]\nkind = \"postgres\"\nadmin = { username = \"a\", password = \"hunter2\" }",
            "3: rotators.a.admin.password: expected a placeholder such as \"$<keychain:admin>\", not the secret itself",
        ),
        (
            "[secrets.A]\nclass = \"public\"",
            "2: secrets.A.class: not supported by this version",
        ),
        (
            "[secrets.A]\nfrom = \"keychian:x\"",
            "2: secrets.A.from: no such store",
        ),
        ("[secrets.A]\nfrm = \"x\"", "2: secrets.A.frm: unknown key"),
        (
            "[secrets.A]\ngrant = \"x\"",
            "2: secrets.A.grant: expected a list of server names",
        ),
        (
            "[secrets.\"a b\"]",
            "1: secrets.\"…\": expected a name of letters, digits, `_`, `.` and `-` that begins with a letter or `_`",
        ),
        (
            "[servers.s]\nwatch = \"meta\"",
            "2: servers.s.watch: not supported by this version",
        ),
        (
            "[servers.s]\ncommand = []",
            "2: servers.s.command: expected a list of words such as [\"npx\", \"-y\", \"some-server\"]",
        ),
        (
            "[servers.s]\ncommand = [\"$<A>\"]",
            "2: servers.s.command[0]: expected a program, without placeholders",
        ),
        (
            "[servers.s.env]\nA = \"x$<\"",
            "2: servers.s.env.A: the `$<` at byte 1 is never closed by `>`",
        ),
        (
            "[servers.s.env]\nA = 1",
            "2: servers.s.env.A: expected text",
        ),
        (
            "env_file = \"a\"\n[stores.dotenv]\npath = \"b\"",
            "3: stores.dotenv.path: says the same as `env_file`; keep one of the two",
        ),
    ] {
        let scratch = Scratch::new();
        let path = scratch.write(USER, user);
        let shown = load(&scratch, "").unwrap_err().to_string();
        assert_eq!(shown, format!("{}:{expected}", path.display()), "{user}");
    }
}

#[test]
fn a_misspelled_key_is_met_with_the_right_one() {
    for (user, near) in [
        ("ordr = []", "order"),
        ("[secret.A]", "secrets"),
        ("[secrets.A]\nfrm = \"x\"", "from"),
        ("[secrets.A]\nfrom = \"keychian:x\"", "keychain"),
        ("[servers.s]\ncomand = []", "command"),
    ] {
        let scratch = Scratch::new();
        scratch.write(USER, user);
        let hint = load(&scratch, "").unwrap_err().hint();
        assert_eq!(hint, Some(format!("did you mean `{near}`?")), "{user}");
    }
}

#[test]
fn the_dotenv_is_the_nearest_that_was_named_and_never_a_parents() {
    let scratch = Scratch::new();
    let file = |settings: &Settings, flag: Option<&str>| -> Option<(PathBuf, NamedBy)> {
        let file = settings.dotenv_file(flag.map(Path::new), None).unwrap()?;
        let path = file.path.strip_prefix(scratch.home()).unwrap().to_owned();
        Some((path, file.named_by))
    };
    scratch.write(".env", "PARENT=1");
    assert_eq!(file(&load(&scratch, "work/deep").unwrap(), None), None);

    scratch.write("work/deep/.env", "A=1");
    let own = Some(("work/deep/.env".into(), NamedBy::WorkingDirectory));
    assert_eq!(file(&load(&scratch, "work/deep").unwrap(), None), own);

    scratch.write(PROJECT, "");
    assert_eq!(file(&load(&scratch, "work/deep").unwrap(), None), own);
    scratch.write("work/.env", "A=2");
    let beside = Some(("work/.env".into(), NamedBy::Project));
    assert_eq!(file(&load(&scratch, "work/deep").unwrap(), None), beside);

    scratch.write(USER, "env_file = \"~/user.env\"");
    let settings = load(&scratch, "work/deep").unwrap();
    assert_eq!(file(&settings, None).unwrap().0, Path::new("user.env"));
    for (flag, expected) in [("x.env", "work/deep/x.env"), ("~/y.env", "y.env")] {
        assert_eq!(
            file(&settings, Some(flag)),
            Some((expected.into(), NamedBy::Flag))
        );
    }
}

#[test]
fn a_program_with_a_slash_is_found_from_the_files_folder_and_not_the_clients() {
    let scratch = Scratch::new();
    scratch.write(
        USER,
        "[servers.a]\ncommand = [\"./srv\"]\n[servers.b]\ncommand = [\"~/srv\"]\n[servers.c]\ncommand = [\"srv\"]\n",
    );
    let settings = load(&scratch, "elsewhere").unwrap();
    let program = |name: &str| {
        let server = settings.server(name).unwrap().unwrap();
        server.command.unwrap().value.program
    };
    let home = scratch.home();
    let beside = home.join(".config/mcp-launch/./srv");
    assert_eq!(Path::new(&program("a")), beside);
    assert_eq!(Path::new(&program("b")), home.join("srv"));
    assert_eq!(program("c"), "srv");
}
