//! A credential with its store, its roles and its rotator.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use mcp_launch_core::{Deadline, Environment, Secret};
use mcp_launch_rotation::{
    Account, AccountForm, Bundle, End, Liveness, Observer, Outcome, Owner, Previous, Recipe,
    RotatingStore as _, Rotation, Rotator as _, Snapshot, Stage, SystemClock, Terms, Unobserved,
    Wish,
};
use mcp_launch_rotator_postgres::{Place, Postgres, Server, Settings, Way};
use mcp_launch_testkit::{MemoryStore, Postgres as Real};

/// The password of every role before its first rotation.
pub(crate) const FIRST: &str = "first-password-of-the-role";

/// Names that no other world has.
static COUNT: AtomicUsize = AtomicUsize::new(0);

pub(crate) struct World {
    pub(crate) store: MemoryStore,
    pub(crate) rotator: Postgres,
    pub(crate) form: AccountForm,
    /// The two roles, or the one.
    pub(crate) roles: Vec<String>,
}

pub(crate) fn ample() -> Deadline {
    Deadline::after(Duration::from_secs(60))
}

pub(crate) fn secret(text: &str) -> Secret {
    Secret::new(text.as_bytes().to_vec())
}

#[expect(clippy::disallowed_methods, reason = "values of these tests alone")]
pub(crate) fn shown(value: &Secret) -> String {
    String::from_utf8(value.expose().to_vec()).unwrap()
}

pub(crate) fn account(username: &str, password: &str) -> Account {
    Account {
        username: username.to_owned(),
        password: secret(password),
    }
}

pub(crate) fn fields() -> AccountForm {
    AccountForm::Fields {
        username: "username".to_owned(),
        password: "password".to_owned(),
    }
}

pub(crate) fn url() -> AccountForm {
    AccountForm::Url {
        field: String::new(),
    }
}

pub(crate) fn server(port: u16) -> Server {
    Server::new("127.0.0.1").unwrap().port(port)
}

/// A name of a role that has to be quoted, and that no other world has.
pub(crate) fn name(real: &Real, is_login: bool) -> String {
    let number = COUNT.fetch_add(1, Ordering::SeqCst);
    let role = format!("It's \"role\" {number}; \\ x");
    let quoted = role.replace('"', "\"\"");
    let what = match is_login {
        true => format!("LOGIN PASSWORD '{FIRST}'"),
        false => "NOLOGIN".to_owned(),
    };
    real.psql(&format!("CREATE ROLE \"{quoted}\" {what}"));
    role
}

pub(crate) fn quoted(role: &str) -> String {
    format!("\"{}\"", role.replace('"', "\"\""))
}

/// An administrator without more than it needs.
pub(crate) fn administrator(real: &Real) -> Account {
    let number = COUNT.fetch_add(1, Ordering::SeqCst);
    let role = format!("rotator_{number}");
    real.psql(&format!(
        "CREATE ROLE {role} LOGIN CREATEROLE PASSWORD 'the-administrator'"
    ));
    real.psql(&format!("GRANT pg_signal_backend TO {role}"));
    account(&role, "the-administrator")
}

pub(crate) fn settings(port: u16, form: AccountForm, way: Way) -> Settings {
    let place = match &form {
        AccountForm::Url { .. } => Place::InUrl,
        _ => Place::At(server(port)),
    };
    Settings {
        form,
        place,
        way,
        recipe: Recipe::default(),
        lifetime: None,
        allow_privileged: false,
    }
}

pub(crate) fn rotator(settings: Settings) -> Postgres {
    Postgres::new(settings, Environment::from_pairs::<&str, &str>([])).unwrap()
}

/// The first value of a credential.
pub(crate) fn first(port: u16, form: &AccountForm, role: &str) -> Bundle {
    let bundle = match form {
        AccountForm::Fields { .. } => Bundle::new([
            ("username".to_owned(), secret("x")),
            ("password".to_owned(), secret("x")),
            ("note".to_owned(), secret("stays")),
        ])
        .unwrap(),
        AccountForm::Password { .. } => Bundle::bare(secret("x")),
        AccountForm::Url { .. } => Bundle::bare(secret(&format!(
            "postgres://x:x@127.0.0.1:{port}/postgres?application_name=stays"
        ))),
    };
    form.with(&bundle, &account(role, FIRST)).unwrap()
}

impl World {
    /// Two roles of a group, by an administrator. `port` is that of the server, or of a relay to it.
    pub(crate) fn alternate(real: &Real, port: u16, form: AccountForm) -> Self {
        let group = name(real, false);
        let roles = [name(real, true), name(real, false)];
        for role in &roles {
            real.psql(&format!("GRANT {} TO {}", quoted(&group), quoted(role)));
        }
        let way = Way::Alternate {
            roles: roles.clone(),
            group,
            administrator: administrator(real),
        };
        Self::of(port, form, way, roles.to_vec())
    }

    /// One role, by itself or by an administrator.
    pub(crate) fn single(
        real: &Real,
        port: u16,
        form: impl FnOnce(&str) -> AccountForm,
        administrator: Option<Account>,
    ) -> Self {
        let role = name(real, true);
        let form = form(&role);
        Self::of(port, form, Way::Single { administrator }, vec![role])
    }

    fn of(port: u16, form: AccountForm, way: Way, roles: Vec<String>) -> Self {
        Self {
            store: MemoryStore::new(&first(port, &form, &roles[0])),
            rotator: rotator(settings(port, form.clone(), way)),
            form,
            roles,
        }
    }

    /// A forced run.
    pub(crate) fn run(&self, terms: Terms, is_held: bool, observer: &dyn Observer) -> Outcome {
        self.wish(Wish::Forced, terms, is_held, observer)
    }

    pub(crate) fn wish(
        &self,
        wish: Wish<'_>,
        terms: Terms,
        is_held: bool,
        observer: &dyn Observer,
    ) -> Outcome {
        let number = COUNT.fetch_add(1, Ordering::SeqCst);
        let rotation = Rotation {
            name: "database",
            store: &self.store.rotating(),
            rotator: &self.rotator,
            clock: &SystemClock,
            observer,
            owner: &Owner::new(format!("test {number}")).unwrap(),
            held: &|_: &Previous| is_held,
            terms,
        };
        rotation.run(wish, ample())
    }

    /// A run that rotates and retires at once.
    pub(crate) fn rotates(&self) {
        let outcome = self.run(Terms::default(), false, &Unobserved);
        assert_eq!(
            outcome.end,
            End::Done,
            "{:?}",
            self.rotator
                .remedy(mcp_launch_rotation::RotatorError::Failed)
        );
        assert!(outcome.progress.promoted);
    }

    pub(crate) fn seen(&self) -> Snapshot {
        self.store.rotating().read(ample()).unwrap()
    }

    pub(crate) fn is_idle(&self) -> bool {
        matches!(self.seen().stage, Stage::Idle)
    }

    /// The account that a launch gets.
    pub(crate) fn current(&self) -> Account {
        self.form.account(&self.store.current()).unwrap()
    }

    pub(crate) fn is_live(&self, bundle: &Bundle) -> bool {
        self.rotator.probe(bundle, ample()) == Liveness::Live
    }

    pub(crate) fn current_is_live(&self) -> bool {
        self.is_live(&self.store.current())
    }
}
