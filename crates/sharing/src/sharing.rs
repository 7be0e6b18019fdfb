//! What the launches of one user share of one store.

use std::time::{Duration, SystemTime};

use mcp_launch_core::{Deadline, Environment, Secret};

use crate::keys::Keys;
use crate::lock::Locks;
use crate::name::Name;
use crate::place;
use crate::proof::Proof;
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
    keys: Option<Keys>,
    cache: Option<Duration>,
    stale: Option<Duration>,
}

impl Sharing {
    /// What is shared of `store`, which says which store it is and how it is reached, by those who log in
    /// with `proof`. Answers are lent to launches of which both are the same, and are closed to everybody
    /// else. Without a proof nothing is shared: anybody could have put it there. Touches nothing.
    ///
    /// `cache` is how long an answer may be used again, `stale` how old it may be when the store cannot
    /// be reached.
    #[must_use]
    pub fn new(
        environment: &Environment,
        store: &str,
        proof: Option<&Proof>,
        cache: Option<Duration>,
        stale: Option<Duration>,
    ) -> Self {
        let lends = place::LENDS_UNASKED || cache.is_some() || stale.is_some();
        let proof = proof.filter(|_| lends);
        Self {
            locks: Locks::of(environment),
            keys: proof.and_then(|proof| Keys::derive(proof, store)),
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
        let Some((keys, name)) = self.named(what) else {
            return;
        };
        if let Some(bytes) = Record::seal(keys, &name, SystemTime::now(), value) {
            place::put(&name, &bytes, self.longest());
        }
    }

    /// Takes back what was lent: the store did not accept it any more.
    pub fn forget(&self, what: &str) {
        if let Some((_, name)) = self.named(what) {
            place::remove(&name);
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
        let named = whats
            .iter()
            .map(|what| self.named(what).map(|(_, name)| name));
        let names: Vec<Name> = named.collect::<Option<_>>()?;
        if !place::is_usable() {
            return None;
        }
        Turn::take(&self.locks, &names, deadline)
    }

    /// The answer that was lent last, and its age.
    fn lent(&self, what: &str) -> Option<(Secret, Duration)> {
        let (keys, name) = self.named(what)?;
        let record = place::find(keys, &name)?;
        let age = record.age(SystemTime::now())?;
        Some((record.value, age))
    }

    /// What `what` is lent as. None where nothing is shared.
    fn named(&self, what: &str) -> Option<(&Keys, Name)> {
        let keys = self.keys.as_ref()?;
        Some((keys, keys.name(what)?))
    }

    fn longest(&self) -> Duration {
        let asked = [self.cache, self.stale].into_iter().flatten();
        asked.fold(WINDOW, Duration::max)
    }
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    /// Forgets what it lent when the test ends, however it ends.
    struct Lent(Sharing);

    impl Drop for Lent {
        fn drop(&mut self) {
            self.0.forget("what");
        }
    }

    fn sharing(proof: Option<&Proof>) -> Lent {
        let environment = Environment::from_pairs([("", ""); 0]);
        let minute = Some(Duration::from_secs(60));
        Lent(Sharing::new(&environment, "store", proof, minute, minute))
    }

    /// A proof that only this process has.
    fn own(test: &str) -> Proof {
        let unique = format!("{test} {} {:?}", std::process::id(), SystemTime::now());
        Proof::of([unique.as_bytes()])
    }

    #[test]
    #[expect(clippy::disallowed_methods, reason = "the value under test")]
    fn a_record_from_the_future_is_not_used_and_not_in_the_way() {
        let Lent(sharing) = &sharing(Some(&own("future")));
        let (keys, name) = sharing.named("what").unwrap();
        let in_an_hour = SystemTime::now() + Duration::from_secs(3600);
        let record = Record::seal(keys, &name, in_an_hour, &Secret::new(b"then".to_vec()));
        place::put(&name, &record.unwrap(), Duration::from_secs(60));
        assert!(place::find(keys, &name).is_some());
        assert!(sharing.fresh("what").is_none() && sharing.stale("what").is_none());
        sharing.lend("what", &Secret::new(b"now".to_vec()));
        assert_eq!(sharing.fresh("what").unwrap().expose(), b"now");
    }

    #[test]
    fn without_a_proof_nothing_is_shared() {
        let Lent(sharing) = &sharing(None);
        sharing.lend("what", &Secret::new(b"value".to_vec()));
        assert!(sharing.fresh("what").is_none() && sharing.stale("what").is_none());
        let deadline = Deadline::after(Duration::from_secs(60));
        assert!(sharing.turn("what", deadline).is_none());
        let Lent(other) = &super::tests::sharing(Some(&own("none")));
        other.lend("what", &Secret::new(b"value".to_vec()));
        assert!(other.fresh("what").is_some() && sharing.fresh("what").is_none());
    }
}
