//! The roles, made once, and the look before a rotation.

use mcp_launch_core::Environment;
use mcp_launch_rotation::{Account, AccountForm, Recipe, RotatorError, Terms, Unobserved};
use mcp_launch_rotator_postgres::{Access, Bootstrap, Finding, SettingsError, Way};
use mcp_launch_testkit::{MemoryStore, Postgres as Real};

use crate::world::{
    World, account, administrator, ample, fields, quoted, rotator, secret, server, settings, shown,
    url,
};

const GROUP: &str = "the $mcp_launch$ \"group\"";
const ROLES: [&str; 2] = ["it's_a", "it's \\b"];

fn bootstrap() -> Bootstrap {
    Bootstrap::new(GROUP, ROLES, "postgres")
        .unwrap()
        .schema("public", Access::Read)
        .unwrap()
        .schema("Notes", Access::Write)
        .unwrap()
        .connections(3)
}

fn run(real: &Real, form: &AccountForm) -> Result<MemoryStore, (RotatorError, Option<String>)> {
    let who = account("postgres", real.password());
    let environment = Environment::from_pairs::<&str, &str>([]);
    let server = server(real.port());
    let recipe = Recipe::default();
    let bundle = bootstrap().first(&server, form, &recipe).unwrap();
    for _ in 0..2 {
        bootstrap().run(&server, &who, form, &bundle, &environment, ample())?;
    }
    Ok(MemoryStore::new(&bundle))
}

/// A credential that was made by bootstrap.
fn world(real: &Real, form: AccountForm, who: Account) -> World {
    let store = run(real, &form).unwrap();
    let way = Way::Alternate {
        roles: ROLES.map(str::to_owned),
        group: GROUP.to_owned(),
        administrator: who,
    };
    World {
        store,
        rotator: rotator(settings(real.port(), form.clone(), way)),
        form,
        roles: ROLES.map(str::to_owned).to_vec(),
    }
}

#[test]
fn the_roles_may_what_they_were_granted_and_take_turns() {
    let real = Real::builder().setting("log_statement=all").start();
    real.psql("CREATE SCHEMA \"Notes\"");
    real.psql("CREATE TABLE before (x int)");
    for form in [url(), fields()] {
        let world = world(&real, form.clone(), administrator(&real));
        assert!(world.current_is_live());
        for role in ROLES {
            let current = world.current();
            assert_eq!(current.username, role);
            assert!(
                !real.log().contains(&shown(&current.password)),
                "a password is logged"
            );
            world.rotates();
        }
        // What is made later is granted too.
        real.psql("CREATE TABLE IF NOT EXISTS \"Notes\".later (x int)");
        let may = |role: &str, table: &str, what: &str| {
            let role = role.replace('\'', "''");
            real.psql(&format!(
                "SET standard_conforming_strings TO on; SELECT has_table_privilege('{role}', '{table}', '{what}')"
            ))
            .ends_with('t')
        };
        for role in ROLES {
            assert!(may(role, "before", "SELECT") && !may(role, "before", "INSERT"));
            assert!(may(role, "\"Notes\".later", "INSERT"));
        }
        let limits = "SELECT count(*) FROM pg_roles WHERE rolname LIKE 'it''s%' AND rolconnlimit = 3 AND NOT rolcreaterole";
        assert_eq!(real.psql(limits), "2");
        // To do it again is refused, and its statements change no password.
        let (error, remedy) = run(&real, &form).err().unwrap();
        assert_eq!(error, RotatorError::Occupied);
        assert!(remedy.unwrap().contains("in use"));
        let statements = bootstrap().sql(&secret("another-password"));
        assert!(!statements.contains("another-password") && statements.contains("SCRAM-SHA-256$"));
        real.psql(&statements);
        assert!(world.current_is_live());
        real.psql(&format!("DROP OWNED BY {}", quoted(GROUP)));
        for role in [GROUP, ROLES[0], ROLES[1]] {
            real.psql(&format!("DROP ROLE {}", quoted(role)));
        }
    }
}

#[test]
fn who_may_not_make_roles_makes_none() {
    let real = Real::start();
    real.psql("CREATE ROLE ordinary LOGIN PASSWORD 'ordinary'");
    real.psql("CREATE SCHEMA \"Notes\"");
    let environment = Environment::from_pairs::<&str, &str>([]);
    let server = server(real.port());
    let by = |who: &Account, roles: &Bootstrap| {
        let first = roles.first(&server, &fields(), &Recipe::default()).unwrap();
        roles
            .run(&server, who, &fields(), &first, &environment, ample())
            .err()
            .unwrap()
    };
    let all = bootstrap();
    let (error, remedy) = by(&account("ordinary", "ordinary"), &all);
    assert_eq!(error, RotatorError::Denied);
    assert!(remedy.unwrap().contains("CREATEROLE"));
    // One that may make roles, but grants nothing: all of it is undone.
    // One that may make roles, but grants nothing: an error in one case, a mere warning in the other.
    let warned = Bootstrap::new(GROUP, ROLES, "postgres").unwrap();
    for roles in [&all, &warned] {
        let (error, remedy) = by(&administrator(&real), roles);
        assert_eq!(error, RotatorError::Denied);
        assert!(remedy.unwrap().contains("owner of the database"));
        let made = "SELECT count(*) FROM pg_roles WHERE rolname LIKE 'it''s%'";
        assert_eq!(real.psql(made), "0", "it is not undone");
    }
    let bare = AccountForm::Password {
        username: "x".to_owned(),
        password: String::new(),
    };
    let refused = all.first(&server, &bare, &Recipe::default());
    assert_eq!(refused.err(), Some(SettingsError::FixedName));
    assert_eq!(
        Bootstrap::new("a", ["b", "b"], "d").err(),
        Some(SettingsError::SameRole)
    );
    assert_eq!(
        Bootstrap::new("a", ["b", ""], "d").err(),
        Some(SettingsError::Name)
    );
}

#[test]
fn a_look_beforehand_tells_what_would_fail_and_changes_nothing() {
    let real = Real::start();
    real.psql("CREATE SCHEMA \"Notes\"");
    let who = administrator(&real);
    let name = who.username.clone();
    let world = world(&real, fields(), who);
    let state = || real.psql("SELECT md5(string_agg(a::text, ',' ORDER BY oid)) FROM pg_authid a");
    let look = || {
        let before = state();
        let findings = world.rotator.preflight(&world.store.current(), ample());
        assert_eq!(before, state(), "something was changed");
        let problems = findings.into_iter().filter(Finding::is_problem);
        problems
            .map(|finding| format!("{finding}: {}", finding.remedy().unwrap()))
            .collect::<Vec<_>>()
    };
    assert_eq!(look(), Vec::<String>::new());
    let other = quoted(ROLES[1]);
    let broken = [
        (
            format!("ALTER ROLE {name} NOCREATEROLE"),
            format!("ALTER ROLE {name} CREATEROLE"),
            "CREATEROLE",
        ),
        (
            format!("REVOKE pg_signal_backend FROM {name}"),
            format!("GRANT pg_signal_backend TO {name}"),
            "pg_signal_backend",
        ),
        (
            format!("ALTER ROLE {other} REPLICATION"),
            format!("ALTER ROLE {other} NOREPLICATION"),
            "replicate",
        ),
        (
            format!("ALTER ROLE {other} NOINHERIT"),
            format!("ALTER ROLE {other} INHERIT"),
            "GRANT",
        ),
        (
            format!("ALTER ROLE {name} PASSWORD 'x'"),
            format!("ALTER ROLE {name} PASSWORD 'the-administrator'"),
            "cannot log in",
        ),
        (
            format!("ALTER ROLE {} NOLOGIN", quoted(ROLES[0])),
            format!("ALTER ROLE {} LOGIN", quoted(ROLES[0])),
            "refused",
        ),
    ];
    for (fault, mended, word) in broken {
        real.psql(&fault);
        let problems = look();
        assert!(
            problems.iter().any(|problem| problem.contains(word)),
            "{fault}: {problems:?}"
        );
        real.psql(&mended);
        assert_eq!(look(), Vec::<String>::new(), "{mended}");
    }
    let outcome = world.run(Terms::default(), false, &Unobserved);
    assert!(outcome.progress.retired);
    assert_eq!(look(), Vec::<String>::new());
    real.psql(&format!(
        "DROP OWNED BY {0}; DROP ROLE {0}",
        quoted(ROLES[0])
    ));
    assert!(look().iter().any(|problem| problem.contains("bootstrap")));
    let strange = world
        .form
        .with(&world.store.current(), &account("postgres", "x"))
        .unwrap();
    let findings = world.rotator.preflight(&strange, ample());
    assert!(
        findings
            .iter()
            .any(|finding| matches!(finding, Finding::Strange { .. }))
    );
}
