//! The keeper: renews what was lent while the server lives, and gives it back at the end.
//!
//! The launcher becomes the server, so nobody would be left to do it. A keeper is a process of its own, which has the
//! [`Letter`] of the launch and watches the server. What it does is told as [`Event`]s.

mod clock;
mod event;
mod held;
mod lender;
pub(crate) mod letter;
mod watch;

use std::time::Duration;

use tokio::runtime::Runtime;
use tokio::time::{Instant, sleep};

use clock::Clock;
pub use event::{Event, Reason, What};
use held::{Granted, Held};
use lender::{Item, Lender, Outcome, vault};
pub use letter::{LONGEST as LONGEST_LETTER, Lease, Letter, LetterError, Reach, Term, Token};
pub use watch::Watch;
use watch::{Signals, over};

/// How long a keeper sleeps at most, so that it notices soon when the machine has slept.
const NAP: Duration = Duration::from_secs(60);

/// For how long giving back is tried while the Vault does not answer.
const PARTING: Duration = Duration::from_secs(60);

/// The pauses between two attempts to give back: the first, and the longest.
const PAUSES: (Duration, Duration) = (Duration::from_millis(250), Duration::from_secs(5));

/// A keeper that is ready to keep.
pub struct Keeper {
    letter: Letter,
    vault: crate::exchange::Vault,
    runtime: Runtime,
    signals: Signals,
}

impl Keeper {
    /// A keeper of what `letter` tells of. Asks nobody yet. Opens descriptors, so the process must have detached.
    ///
    /// # Errors
    /// Why it could not keep it: a certificate that cannot be read, a system that refuses. In a person's words.
    pub fn new(letter: Letter) -> Result<Self, String> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(|error| error.to_string())?;
        let entered = runtime.enter();
        let signals = Signals::heed().map_err(|error| error.to_string())?;
        let vault = vault(&letter.reach)?;
        drop(entered);
        Ok(Self {
            letter,
            vault,
            runtime,
            signals,
        })
    }

    /// The store, for a person: its scheme, host and port.
    #[must_use]
    pub fn store(&self) -> &str {
        &self.vault.address
    }

    /// Keeps until the server ends or this process is told to, then gives everything back. Without a `watch` there is
    /// no server. Each event is told to `note` when it happens.
    pub fn keep(self, watch: Option<Watch>, note: &mut dyn FnMut(&Event)) {
        let Self {
            letter,
            vault,
            runtime,
            signals,
        } = self;
        runtime.block_on(async {
            let mut keeping = Keeping::new(&letter, vault, note);
            let reason = match watch {
                Some(watch) => {
                    keeping.began();
                    tokio::select! {
                        reason = over(watch, signals) => reason,
                        never = keeping.renew() => match never {},
                    }
                }
                None => Reason::NotStarted,
            };
            keeping.give_back(reason).await;
        });
    }
}

/// Gives back at once what `letter` tells of, because nothing will start. Comes back when `patience` is over.
///
/// # Errors
/// What could not be given back, and why, in a person's words.
pub fn give_back(letter: &Letter, patience: Duration) -> Result<(), String> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| error.to_string())?;
    let mut left = Vec::new();
    let mut note = |event: &Event| {
        if matches!(event, Event::Left { .. }) {
            left.push(event.to_string());
        }
    };
    runtime.block_on(async {
        let mut keeping = Keeping::new(letter, vault(&letter.reach)?, &mut note);
        keeping.parting = patience;
        keeping.give_back(Reason::NotStarted).await;
        Ok::<_, String>(())
    })?;
    // A lookup of a name that hangs is not waited for.
    runtime.shutdown_background();
    if left.is_empty() {
        return Ok(());
    }
    Err(left.join("; "))
}

/// What was lent, while it is kept.
struct Keeping<'a> {
    lent: Vec<Lent<'a>>,
    lender: Lender<'a>,
    clock: Clock,
    parting: Duration,
    note: &'a mut dyn FnMut(&Event),
}

/// One thing that was lent.
struct Lent<'a> {
    what: What,
    item: Item<'a>,
    held: Held,
}

enum Never {}

impl<'a> Keeping<'a> {
    fn new(
        letter: &'a Letter,
        vault: crate::exchange::Vault,
        note: &'a mut dyn FnMut(&Event),
    ) -> Self {
        let mut clock = Clock::start();
        let now = clock.now();
        let leases = letter.leases.iter().map(|lease| Lent {
            what: What::Lease(lease.path.clone()),
            item: Item::Lease { id: &lease.id },
            held: Held::of(lease.term, now),
        });
        // Last, because its end is the end of every lease that was made with it. A person's own is not ours to end.
        let token = letter.token.ours.then(|| Lent {
            what: What::Token,
            item: Item::Token,
            held: Held::of(letter.token.term, now),
        });
        Self {
            lent: leases.chain(token).collect(),
            lender: Lender {
                vault,
                token: &letter.token.value,
            },
            clock,
            parting: PARTING,
            note,
        }
    }

    fn began(&mut self) {
        let leases = self.lent.iter().filter(|lent| lent.what != What::Token);
        (self.note)(&Event::Began {
            leases: leases.count(),
        });
        let now = self.clock.now();
        for lent in &self.lent {
            if let (None, Some(holds)) = (lent.held.due, lent.held.left(now)) {
                let what = lent.what.clone();
                (self.note)(&Event::LastTime { what, holds });
            }
        }
    }

    /// Renews what is due, for ever.
    async fn renew(&mut self) -> Never {
        loop {
            let now = self.clock.now();
            let next = self.lent.iter().filter_map(|lent| lent.held.due).min();
            match next {
                Some(due) if due <= now => self.renew_due(now).await,
                Some(due) => sleep((due - now).min(NAP)).await,
                None => std::future::pending().await,
            }
        }
    }

    async fn renew_due(&mut self, now: Duration) {
        for lent in &mut self.lent {
            if !lent.held.is_due(now) {
                continue;
            }
            let outcome = self.lender.renew(lent.item, lent.held.span).await;
            let now = self.clock.now();
            let what = lent.what.clone();
            let event = match outcome {
                Outcome::Done(prolonged) => {
                    let holds = prolonged.span;
                    match lent.held.granted(holds, prolonged.renewable, now) {
                        Granted::Prolonged => Event::Renewed { what, holds },
                        Granted::ForTheLastTime => Event::LastTime { what, holds },
                    }
                }
                Outcome::Gone => {
                    lent.held.refused();
                    Event::Lapsed(what)
                }
                Outcome::Refused(why) => {
                    lent.held.refused();
                    Event::RenewalRefused { what, why }
                }
                Outcome::Trouble(why) => match lent.held.failed(now) {
                    Some(after) => Event::Retries { what, why, after },
                    None => Event::Lapsed(what),
                },
            };
            (self.note)(&event);
        }
    }

    /// Gives everything back, again and again until it is done or it took too long.
    async fn give_back(&mut self, reason: Reason) {
        (self.note)(&Event::GivesBack(reason));
        let until = Instant::now() + self.parting;
        let (mut pause, longest) = PAUSES;
        loop {
            let trouble = self.give_back_once(until).await;
            let left = until.saturating_duration_since(Instant::now());
            let (what, why) = match trouble {
                None => break,
                Some(trouble) => trouble,
            };
            if left <= pause {
                self.leave(&why);
                break;
            }
            (self.note)(&Event::Retries {
                what,
                why,
                after: pause,
            });
            sleep(pause).await;
            pause = (pause * 2).min(longest);
        }
        (self.note)(&Event::Ended {
            left: self.lent.len(),
        });
    }

    /// Asks for each once. Gives the trouble in which the Vault is, if it is in one.
    async fn give_back_once(&mut self, until: Instant) -> Option<(What, String)> {
        let mut denied = Vec::new();
        let mut trouble = None;
        let mut index = 0;
        while index < self.lent.len() {
            let patience = until.saturating_duration_since(Instant::now());
            let lent = &self.lent[index];
            match self.lender.revoke(lent.item, patience).await {
                Outcome::Done(()) => {
                    let lent = self.lent.remove(index);
                    let with_it = if lent.what == What::Token {
                        // Every lease that was made with it ends with it: the Vault sees to that, also where a database
                        // does not answer it yet.
                        denied.clear();
                        std::mem::take(&mut self.lent)
                    } else {
                        Vec::new()
                    };
                    (self.note)(&Event::Revoked(lent.what));
                    for lent in with_it {
                        (self.note)(&Event::EndsWithToken(lent.what));
                    }
                }
                Outcome::Gone => {
                    let lent = self.lent.remove(index);
                    (self.note)(&Event::Lapsed(lent.what));
                }
                Outcome::Refused(why) => {
                    denied.push((index, why));
                    index += 1;
                }
                Outcome::Trouble(why) => {
                    trouble = Some((lent.what.clone(), why));
                    index += 1;
                }
            }
        }
        // Told only when nothing else can be done.
        if trouble.is_none() {
            let now = self.clock.now();
            for (index, why) in denied {
                let lent = &self.lent[index];
                (self.note)(&Event::Left {
                    what: lent.what.clone(),
                    holds: lent.held.left(now),
                    why,
                });
            }
        }
        trouble
    }

    fn leave(&mut self, why: &str) {
        let now = self.clock.now();
        for lent in &self.lent {
            (self.note)(&Event::Left {
                what: lent.what.clone(),
                holds: lent.held.left(now),
                why: why.to_owned(),
            });
        }
    }
}
