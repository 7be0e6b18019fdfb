//! What the launches of one user share of one store.

use std::time::{Duration, SystemTime};

use mcp_launch_core::{Deadline, Environment, Secret};

use crate::lock::Locks;
use crate::name::Name;
use crate::place;
use crate::record::Record;
use crate::turn::Turn;

/// For how long an answer is lent without any setting. Long enough for the servers that a client
/// starts together, also on a busy machine; so short that nobody who changes a value and starts a
/// server anew gets the old one.
pub const WINDOW: Duration = Duration::from_secs(5);

/// What the launches of one user share of one store.
///
/// ```text
/// fresh? → use it
/// turn, as long as it is granted
///   fresh? → use it: another launch asked meanwhile
///   ask the store → lend; if it cannot be reached: stale?
/// ```
pub struct Sharing {
    locks: Locks,
    store: Name,
    cache: Option<Duration>,
    stale: Option<Duration>,
}

impl Sharing {
    /// What is shared of `store`, which says which store it is and who is logged in: answers are lent to
    /// launches that say the same. It is hashed and never shown. Touches nothing.
    ///
    /// `cache` is how long an answer may be used again, `stale` how old it may be when the store cannot
    /// be reached.
    #[must_use]
    pub fn new(
        environment: &Environment,
        store: &str,
        cache: Option<Duration>,
        stale: Option<Duration>,
    ) -> Self {
        Self {
            locks: Locks::of(environment),
            store: Name::of_store(store),
            cache,
            stale,
        }
    }

    /// The answer to `what` that a launch of this user got within [`WINDOW`], or within `cache`.
    #[must_use]
    pub fn fresh(&self, what: &str) -> Option<Secret> {
        let (value, age) = self.lent(what)?;
        (age <= self.cache.unwrap_or_default().max(WINDOW)).then_some(value)
    }

    /// The answer to `what` that a launch of this user got within `stale`, and how old it is.
    #[must_use]
    pub fn stale(&self, what: &str) -> Option<(Secret, Duration)> {
        let longest = self.stale?;
        self.lent(what).filter(|(_, age)| *age <= longest)
    }

    /// Lends `value`, the answer to `what`, to the launches of this user. Where it cannot, nothing happens.
    pub fn lend(&self, what: &str, value: &Secret) {
        if self.lends() {
            let name = self.store.of_answer(what);
            let bytes = Record::write(&name, SystemTime::now(), value);
            place::put(&name, &bytes, self.longest());
        }
    }

    /// Takes back what was lent: the store did not accept it any more.
    pub fn forget(&self, what: &str) {
        if self.lends() {
            place::remove(&self.store.of_answer(what));
        }
    }

    /// This process's turn among those that want `what`: who waited for it looks for a
    /// [`fresh`](Self::fresh) answer once more.
    ///
    /// None where nothing can be shared, and when a third of the time until `deadline` has passed: the
    /// caller then goes alone. Blocks the thread.
    #[must_use]
    pub fn turn(&self, what: &str, deadline: Deadline) -> Option<Turn> {
        self.turn_for_all(&[what], deadline)
    }

    /// The turn among those that want any of `whats`. To take several turns one after the other
    /// instead would let two processes wait for each other.
    #[must_use]
    pub fn turn_for_all(&self, whats: &[&str], deadline: Deadline) -> Option<Turn> {
        if !self.lends() || !place::is_usable() {
            return None;
        }
        let names: Vec<Name> = whats
            .iter()
            .map(|what| self.store.of_answer(what))
            .collect();
        Turn::take(&self.locks, &names, deadline)
    }

    /// The answer that was lent last, and its age.
    fn lent(&self, what: &str) -> Option<(Secret, Duration)> {
        if !self.lends() {
            return None;
        }
        let record = place::find(&self.store.of_answer(what))?;
        let age = record.age(SystemTime::now())?;
        Some((record.value, age))
    }

    fn lends(&self) -> bool {
        place::LENDS_UNASKED || self.cache.is_some() || self.stale.is_some()
    }

    fn longest(&self) -> Duration {
        let asked = [self.cache, self.stale].into_iter().flatten();
        asked.fold(WINDOW, Duration::max)
    }
}
