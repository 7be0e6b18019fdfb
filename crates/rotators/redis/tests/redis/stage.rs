//! An account of a server, and the store that holds its password.

use std::time::Duration;

use mcp_launch_core::{Deadline, Environment, Secret};
use mcp_launch_rotation::{
    Account, AccountForm, Bundle, End, Observer, Outcome, Owner, Recipe, Rotation, SystemClock,
    Terms, Unobserved, Wish,
};
use mcp_launch_rotator_redis::{
    Address, Encryption, Persistence, RedisRotator, Settings, Topology,
};
use mcp_launch_testkit::{MemoryStore, Redis, RedisAccounts};

/// The password that the account has first.
pub(crate) const FIRST: &str = "first-0123456789abcdef";

/// A server with the account `app`, whose credential is a URL in memory.
pub(crate) struct World {
    pub(crate) redis: Redis,
    pub(crate) store: MemoryStore,
    pub(crate) rotator: RedisRotator,
}

pub(crate) fn soon() -> Deadline {
    Deadline::after(Duration::from_secs(20))
}

pub(crate) fn secret(text: &str) -> Secret {
    Secret::new(text.as_bytes().to_vec())
}

pub(crate) fn url(redis_port: u16, password: &str) -> Bundle {
    let url = format!("redis://app:{password}@127.0.0.1:{redis_port}/0");
    Bundle::bare(secret(&url))
}

/// The password within a URL of the account.
#[expect(clippy::disallowed_methods, reason = "the value of a test")]
pub(crate) fn password(bundle: &Bundle) -> String {
    let account = in_url().account(bundle).unwrap();
    String::from_utf8(account.password.expose().to_vec()).unwrap()
}

pub(crate) fn in_url() -> AccountForm {
    AccountForm::Url {
        field: String::new(),
    }
}

pub(crate) fn settings(administrator: Option<(&str, &str)>) -> Settings {
    Settings {
        account: in_url(),
        address: Address::InUrl {
            field: String::new(),
        },
        administrator: administrator.map(|(name, password)| Account {
            username: name.to_owned(),
            password: secret(password),
        }),
        encryption: Encryption::default(),
        persistence: Persistence::default(),
        topology: Topology::default(),
        recipe: Recipe::default(),
    }
}

pub(crate) fn rotator(settings: Settings) -> RedisRotator {
    RedisRotator::new(settings, &Environment::capture()).unwrap()
}

/// Makes the account `app`, which may do what an application does.
pub(crate) fn make_account(redis: &Redis) {
    let password = format!(">{FIRST}");
    let rules = ["on", &password, "~*", "+@all", "-@admin", "-@dangerous"];
    let command: Vec<&str> = ["ACL", "SETUSER", "app"].into_iter().chain(rules).collect();
    assert_eq!(redis.cli(&command), "OK");
}

impl World {
    pub(crate) fn new(accounts: RedisAccounts) -> Self {
        Self::of(Redis::start(accounts))
    }

    pub(crate) fn of(redis: Redis) -> Self {
        make_account(&redis);
        let store = MemoryStore::new(&url(redis.port(), FIRST));
        let rotator = rotator(settings(Some(("root", redis.password()))));
        Self {
            redis,
            store,
            rotator,
        }
    }

    pub(crate) fn run(&self, wish: Wish<'_>, grace: u64, held: bool) -> Outcome {
        self.run_seen(wish, grace, held, &Unobserved)
    }

    pub(crate) fn run_seen(
        &self,
        wish: Wish<'_>,
        grace: u64,
        held: bool,
        observer: &dyn Observer,
    ) -> Outcome {
        run(&self.store, &self.rotator, wish, grace, held, observer)
    }

    /// The digests of the account's passwords.
    pub(crate) fn digests(&self) -> Vec<String> {
        let shown = self.redis.cli(&["ACL", "GETUSER", "app"]);
        let lines = shown
            .lines()
            .skip_while(|line| *line != "passwords")
            .skip(1);
        lines
            .take_while(|line| line.len() == 64)
            .map(str::to_owned)
            .collect()
    }
}

pub(crate) fn run(
    store: &MemoryStore,
    rotator: &RedisRotator,
    wish: Wish<'_>,
    grace: u64,
    held: bool,
    observer: &dyn Observer,
) -> Outcome {
    let owner = Owner::new("test").unwrap();
    let rotating = store.rotating();
    let rotation = Rotation {
        name: "app",
        store: &rotating,
        rotator,
        clock: &SystemClock,
        observer,
        owner: &owner,
        held: &|_| held,
        terms: Terms {
            grace: Duration::from_secs(grace),
            lease: Duration::from_secs(1),
        },
    };
    rotation.run(wish, Deadline::after(Duration::from_secs(60)))
}

#[track_caller]
pub(crate) fn assert_done(outcome: &Outcome) {
    assert_eq!(outcome.end, End::Done, "{outcome:?}");
}
