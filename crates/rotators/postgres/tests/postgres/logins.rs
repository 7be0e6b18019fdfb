//! What a login says about a password.

use mcp_launch_core::Environment;
use mcp_launch_rotation::{Liveness, RotationId, Rotator as _, RotatorError, Set as _};
use mcp_launch_rotator_postgres::{Place, Postgres, Server, TlsMode, Way};
use mcp_launch_testkit::{Certificates, Postgres as Real};

use crate::world::{
    FIRST, World, account, administrator, ample, fields, first, name, quoted, rotator, settings,
};

fn by_itself() -> Way {
    Way::Single {
        administrator: None,
    }
}

/// A rotator for a server that is not only a port.
fn at(server: Server) -> Postgres {
    let mut settings = settings(0, fields(), by_itself());
    settings.place = Place::At(server);
    rotator(settings)
}

#[test]
fn only_what_the_server_refuses_is_dead() {
    let real = Real::start();
    let world = World::single(&real, real.port(), |_| fields(), None);
    let (value, role) = (world.store.current(), quoted(&world.roles[0]));
    let live = || world.rotator.probe(&value, ample());
    let alter = |what: &str| real.psql(&format!("ALTER ROLE {role} {what}"));
    assert_eq!(live(), Liveness::Live);
    // The password is right, and nothing is allowed with it.
    alter("CONNECTION LIMIT 0");
    assert_eq!(live(), Liveness::Live, "no connection left");
    alter("CONNECTION LIMIT -1");
    real.psql("REVOKE CONNECT ON DATABASE postgres FROM PUBLIC");
    assert_eq!(live(), Liveness::Live, "no CONNECT");
    real.psql("GRANT CONNECT ON DATABASE postgres TO PUBLIC");
    let elsewhere = at(crate::world::server(real.port())
        .database("nowhere")
        .unwrap());
    assert_eq!(
        elsewhere.probe(&value, ample()),
        Liveness::Live,
        "no such database"
    );
    // Refused.
    let wrong = world
        .form
        .with(&value, &account(&world.roles[0], "wrong"))
        .unwrap();
    assert_eq!(world.rotator.probe(&wrong, ample()), Liveness::Dead);
    let nobody = world.form.with(&value, &account("nobody", FIRST)).unwrap();
    assert_eq!(world.rotator.probe(&nobody, ample()), Liveness::Dead);
    alter("NOLOGIN");
    assert_eq!(live(), Liveness::Dead, "NOLOGIN");
    alter("LOGIN VALID UNTIL '2001-01-01'");
    assert_eq!(live(), Liveness::Dead, "expired");
    alter("VALID UNTIL 'infinity'");
    assert_eq!(live(), Liveness::Live);
}

#[test]
fn a_server_that_asks_for_no_password_says_nothing_about_it() {
    let real = Real::start();
    let (trusted, barred, cleartext, old) = ("trusted", "barred", "cleartext", "md5_user");
    real.psql("SET password_encryption = md5; CREATE ROLE md5_user LOGIN PASSWORD 'first-password-of-the-role'");
    for role in [trusted, barred, cleartext] {
        real.psql(&format!("CREATE ROLE {role} LOGIN PASSWORD '{FIRST}'"));
    }
    real.let_in(
        "host all trusted 127.0.0.1/32 trust\nhost all barred 127.0.0.1/32 reject\n\
         host all cleartext 127.0.0.1/32 password\nhost all md5_user 127.0.0.1/32 md5",
    );
    let rotator = rotator(settings(real.port(), fields(), by_itself()));
    let probe = |role: &str, password: &str| {
        let value = fields().with(
            &first(real.port(), &fields(), role),
            &account(role, password),
        );
        rotator.probe(&value.unwrap(), ample())
    };
    for password in [FIRST, "wrong"] {
        assert_eq!(probe(trusted, password), Liveness::Unknown, "trust");
        assert_eq!(probe(barred, password), Liveness::Unknown, "no line for it");
        assert_eq!(
            probe(cleartext, password),
            Liveness::Unknown,
            "in clear text"
        );
    }
    // A password of the time before SCRAM, which is one of SCRAM after a rotation.
    assert_eq!(probe(old, FIRST), Liveness::Live);
    assert_eq!(probe(old, "wrong"), Liveness::Dead);
    let current = first(real.port(), &fields(), old);
    let new = rotator.create(&current).unwrap().bundle;
    let id = RotationId::new("x").unwrap();
    assert_eq!(rotator.set(&new, &id, &current, ample()), Ok(()));
    assert_eq!(rotator.probe(&new, ample()), Liveness::Live);
    let stored =
        real.psql("SELECT left(rolpassword, 14) FROM pg_authid WHERE rolname = 'md5_user'");
    assert_eq!(stored, "SCRAM-SHA-256$");
    // The refusal says what to do.
    let current = first(real.port(), &fields(), cleartext);
    let new = rotator.create(&current).unwrap().bundle;
    assert_eq!(
        rotator.set(&new, &id, &current, ample()),
        Err(RotatorError::Failed)
    );
    let remedy = rotator.remedy(RotatorError::Failed).unwrap();
    assert!(
        remedy.contains("in clear text") && !remedy.contains(FIRST),
        "{remedy}"
    );
}

#[test]
fn a_socket_is_a_place_too() {
    let real = Real::start();
    let role = name(&real, true);
    let folder = real.socket_folder();
    let rotator = at(Server::new(folder.to_str().unwrap())
        .unwrap()
        .port(real.port()));
    let value = first(real.port(), &fields(), &role);
    assert_eq!(rotator.probe(&value, ample()), Liveness::Live);
    let elsewhere = at(Server::new("/nowhere").unwrap());
    assert_eq!(elsewhere.probe(&value, ample()), Liveness::Unknown);
}

#[test]
fn tls_is_as_strict_as_it_is_asked_to_be() {
    let authority = Certificates::new();
    let real = Real::builder()
        .tls(&authority.server_for(&["localhost"]))
        .setting("log_connections=on")
        .start();
    let role = name(&real, true);
    let value = first(real.port(), &fields(), &role);
    let probe = |host: &str, mode, ca: Option<&Certificates>| {
        let mut server = Server::new(host).unwrap().port(real.port()).tls(mode);
        if let Some(ca) = ca {
            server = server.ca(ca.ca().to_owned());
        }
        at(server).probe(&value, ample())
    };
    let (known, stranger) = (Some(&authority), Certificates::new());
    assert_eq!(
        probe("localhost", TlsMode::VerifyFull, known),
        Liveness::Live
    );
    assert_eq!(
        probe("127.0.0.1", TlsMode::VerifyFull, known),
        Liveness::Unknown,
        "another name"
    );
    assert_eq!(probe("127.0.0.1", TlsMode::VerifyCa, known), Liveness::Live);
    assert_eq!(
        probe("127.0.0.1", TlsMode::VerifyCa, Some(&stranger)),
        Liveness::Unknown
    );
    assert_eq!(
        probe("127.0.0.1", TlsMode::Require, Some(&stranger)),
        Liveness::Unknown
    );
    assert_eq!(probe("127.0.0.1", TlsMode::Require, None), Liveness::Live);
    assert_eq!(probe("127.0.0.1", TlsMode::Disable, None), Liveness::Live);
    let wrong = fields().with(&value, &account(&role, "wrong")).unwrap();
    let server = Server::new("localhost").unwrap().port(real.port());
    let strict = at(server
        .tls(TlsMode::VerifyFull)
        .ca(authority.ca().to_owned()));
    assert_eq!(
        strict.probe(&wrong, ample()),
        Liveness::Dead,
        "bound, and wrong"
    );
    // A name that may be another machine's, and a certificate that nobody vouches for: only what is bound to it is safe.
    let far = Server::new("far.localhost").unwrap().port(real.port());
    let far = at(far.tls(TlsMode::Require));
    assert_eq!(far.probe(&value, ample()), Liveness::Live);
    assert_eq!(far.probe(&wrong, ample()), Liveness::Dead);
    for method in ["trust", "md5", "password"] {
        real.let_in(&format!("hostssl all all 127.0.0.1/32 {method}"));
        let expected = match method {
            // Its password is stored as SCRAM's, so that is what the server asks for.
            "md5" => Liveness::Live,
            _ => Liveness::Unknown,
        };
        assert_eq!(far.probe(&value, ample()), expected, "{method}");
    }
    let new = far.create(&value).unwrap().bundle;
    let id = RotationId::new("x").unwrap();
    assert_eq!(
        far.set(&new, &id, &value, ample()),
        Err(RotatorError::Failed)
    );
    assert!(
        far.remedy(RotatorError::Failed)
            .unwrap()
            .contains("cannot be bound")
    );
    // Over TLS that is checked even a password in clear text is safe.
    real.let_in("hostssl all all 127.0.0.1/32 password");
    assert_eq!(strict.probe(&value, ample()), Liveness::Live);
    // A server without TLS is not talked to without it.
    let plain = Real::start();
    let server = Server::new("localhost").unwrap().port(plain.port());
    let strict = at(server
        .tls(TlsMode::VerifyFull)
        .ca(authority.ca().to_owned()));
    assert_eq!(strict.probe(&value, ample()), Liveness::Unknown);
    let new = strict.create(&value).unwrap().bundle;
    assert_eq!(
        strict.set(&new, &id, &value, ample()),
        Err(RotatorError::Failed)
    );
    assert!(
        strict
            .remedy(RotatorError::Failed)
            .unwrap()
            .contains("no TLS")
    );
}

#[test]
fn an_administrator_is_no_part_of_what_it_rotates() {
    let real = Real::start();
    let who = administrator(&real);
    let value = first(real.port(), &fields(), &who.username);
    let rotator = rotator(settings(
        real.port(),
        fields(),
        Way::Single {
            administrator: Some(who),
        },
    ));
    let new = rotator.create(&value).unwrap().bundle;
    let id = RotationId::new("x").unwrap();
    assert_eq!(
        rotator.set(&new, &id, &value, ample()),
        Err(RotatorError::Denied)
    );
    let environment = Environment::from_pairs::<&str, &str>([]);
    let same = Way::Alternate {
        roles: ["a".to_owned(), "b".to_owned()],
        group: "g".to_owned(),
        administrator: account("a", "x"),
    };
    assert!(Postgres::new(settings(1, fields(), same), environment).is_err());
}
