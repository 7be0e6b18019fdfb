//! A socket on which another user listens is no session bus of ours, whatever the address says.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Stdio;

use mcp_launch_core::{Environment, Locator, Secret, Source, SourceErrorKind, Store};
use mcp_launch_source_keychain::{Keychain, Standing};

use crate::ordinary_user::{NOBODY, copy, is_root, is_second_run};
use mcp_launch_testkit::example;

use crate::session::{Session, fetch, seconds};

/// `www-data` where there is one; no user of the tests.
const OTHER: &str = "33";

/// A folder of the other user, with sockets on which it listens.
struct Foreign {
    session: Session,
    runtime: String,
    abstract_name: String,
}

impl Foreign {
    fn listening() -> Self {
        assert!(
            is_root(),
            "this test acts as two users: `tests/run` runs it as root"
        );
        let mut session = Session::without_bus();
        let runtime = session.path("theirs");
        std::fs::create_dir(&runtime).unwrap();
        std::fs::set_permissions(session.path(""), PermissionsExt::from_mode(0o755)).unwrap();
        let owner = OTHER.parse().unwrap();
        std::os::unix::fs::chown(&runtime, Some(owner), None).unwrap();
        let abstract_name = format!("mcp-launch{}", runtime.display());
        let mut command = session.command("setpriv");
        command
            .args(["--reuid", OTHER, "--regid", OTHER, "--clear-groups"])
            // `env` looks for the Python that the other user may run, where root's own is closed.
            .args(["env", "python3", "-c", include_str!("listener.py")])
            .arg(runtime.join("received"))
            .arg(runtime.join("bus"))
            .arg(format!("@{abstract_name}"));
        session.start(command);
        session.until("the other user's listener", |_| {
            runtime.join("received").exists()
        });
        Self {
            runtime: runtime.display().to_string(),
            session,
            abstract_name,
        }
    }

    /// The environments that lead to it.
    fn environments(&self) -> [(&'static str, String); 4] {
        let (runtime, name) = (&self.runtime, &self.abstract_name);
        let address = "DBUS_SESSION_BUS_ADDRESS";
        [
            ("XDG_RUNTIME_DIR", runtime.clone()),
            (address, format!("unix:path={runtime}/bus")),
            (address, format!("unix:abstract={name}")),
            // What comes after it in the list is not there, and does not make it absent.
            (
                address,
                format!("unix:abstract={name};unix:path={runtime}/no"),
            ),
        ]
    }

    /// Everything that the other user was sent.
    fn received(&self) -> Vec<u8> {
        std::fs::read(Path::new(&self.runtime).join("received")).unwrap()
    }
}

#[test]
fn another_users_bus_is_sent_nothing_and_supplies_nothing() {
    if is_second_run() {
        return;
    }
    let foreign = Foreign::listening();
    for pair in foreign.environments() {
        let keychain = Keychain::new(&Environment::from_pairs([pair.clone()]));
        let soon = || seconds(2);
        let value = Secret::new(b"hunter2".to_vec());
        let health = keychain.health(soon());
        let remedy = health.remedy().unwrap();
        assert!(remedy.contains("DBUS_SESSION_BUS_ADDRESS"), "{remedy}");
        let Standing::Failed(unwell) = health.standing else {
            panic!("{health}");
        };
        let errors = [
            fetch(&keychain, &["A"], soon()).remove(0).unwrap_err(),
            keychain
                .look(&[Locator::new("A")], soon())
                .remove(0)
                .unwrap_err(),
            keychain.put("A", &value, soon()).unwrap_err(),
            keychain.names("", soon()).unwrap_err(),
            keychain.remove("A", soon()).unwrap_err(),
            unwell,
        ];
        for error in errors {
            assert_eq!(error.kind(), SourceErrorKind::Denied, "{pair:?}: {error}");
            let note = error.explanation().unwrap();
            assert!(note.contains("another user"), "{note}");
        }
    }
    assert_eq!(foreign.received(), b"");
}

/// The same where neither of the two is root.
#[test]
fn an_ordinary_user_is_not_served_by_another() {
    if is_second_run() {
        return;
    }
    let foreign = Foreign::listening();
    let program = foreign.session.path("keychain_get");
    copy(&example("keychain_get"), &program);
    for (name, value) in foreign.environments() {
        let output = foreign
            .session
            .command("setpriv")
            .args(["--reuid", NOBODY, "--regid", NOBODY, "--clear-groups"])
            .arg(&program)
            .args(["--within", "2000", "A"])
            .env_remove("DBUS_SESSION_BUS_ADDRESS")
            .env(name, &value)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .output()
            .unwrap();
        let error = String::from_utf8_lossy(&output.stderr);
        assert!(error.starts_with("A: denied"), "{name}={value}: {error}");
        assert!(output.stdout.is_empty());
    }
    assert_eq!(foreign.received(), b"");
}
