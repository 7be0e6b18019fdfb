//! What was lent, while it is kept: when it is renewed, and how it is given back.

use std::time::Duration;

use tokio::time::{Instant, sleep};

use crate::exchange::Vault;

use super::clock::Clock;
use super::event::{Event, Reason, What};
use super::held::{Granted, Held};
use super::lender::{Item, Lender, Outcome};
use super::letter::Letter;

/// How long a keeper sleeps at most, so that it notices soon when the machine has slept.
const NAP: Duration = Duration::from_secs(60);

/// For how long giving back is tried while the Vault does not answer.
const PARTING: Duration = Duration::from_secs(60);

/// The pauses between two attempts to give back: the first, and the longest.
const PAUSES: (Duration, Duration) = (Duration::from_millis(250), Duration::from_secs(5));

/// The pause before the store is asked again about a token of the person's own.
const LOOKING: Duration = Duration::from_secs(30);

/// How long the store may take at last to note what it is to take back itself.
const LAST_WORD: Duration = Duration::from_secs(5);

/// What was lent, while it is kept.
pub(super) struct Keeping<'a> {
    lent: Vec<Lent<'a>>,
    /// When the store is asked how long the person's own token holds. None: it need not be asked.
    look_up: Option<Duration>,
    /// What the token is, by which the store is asked.
    token: What,
    /// Whether it was told that the token has ended.
    ended: bool,
    lender: Lender<'a>,
    clock: Clock,
    pub(super) parting: Duration,
    note: &'a mut dyn FnMut(&Event),
}

/// One thing that was lent.
struct Lent<'a> {
    what: What,
    item: Item<'a>,
    held: Held,
}

/// What never comes.
pub(super) enum Never {}

impl<'a> Keeping<'a> {
    pub(super) fn new(letter: &'a Letter, vault: Vault, note: &'a mut dyn FnMut(&Event)) -> Self {
        let mut clock = Clock::start();
        let now = clock.now();
        let leases = letter.leases.iter().map(|lease| Lent {
            what: What::Lease(lease.path.clone()),
            item: Item::Lease { id: &lease.id },
            held: Held::of(lease.term, now),
        });
        // Last, because its end is the end of every lease that was made with it. A person's own is not ours to end; how
        // long it holds, nobody has asked yet.
        let token = letter.token.ours.then(|| Lent {
            what: What::Token,
            item: Item::Token,
            held: Held::of(letter.token.term, now),
        });
        Self {
            lent: leases.chain(token).collect(),
            token: match letter.token.ours {
                true => What::Token,
                false => What::OwnToken,
            },
            ended: false,
            look_up: (!letter.token.ours).then_some(now),
            lender: Lender {
                vault,
                token: &letter.token.value,
            },
            clock,
            parting: PARTING,
            note,
        }
    }

    pub(super) fn began(&mut self) {
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
    pub(super) async fn renew(&mut self) -> Never {
        loop {
            let now = self.clock.now();
            let due = self.lent.iter().filter_map(|lent| lent.held.due);
            match due.chain(self.look_up).min() {
                Some(due) if due <= now => {
                    if self.look_up.is_some_and(|due| due <= now) {
                        self.look_up().await;
                    }
                    self.renew_due(now).await;
                }
                Some(due) => sleep((due - now).min(NAP)).await,
                None => std::future::pending().await,
            }
        }
    }

    /// Asks how long the person's own token holds, and keeps it from ending as long as something hangs on it.
    async fn look_up(&mut self) {
        let outcome = self.lender.look_up().await;
        let now = self.clock.now();
        self.look_up = None;
        let what = What::OwnToken;
        let event = match outcome {
            Outcome::Done(None) => return,
            Outcome::Done(Some(term)) => {
                let held = Held::of(term, now);
                let fixed = match (held.due, held.left(now)) {
                    (None, Some(holds)) => Some(Event::Fixed { holds }),
                    _ => None,
                };
                let item = Item::Token;
                self.lent.push(Lent { what, item, held });
                match fixed {
                    Some(event) => event,
                    None => return,
                }
            }
            Outcome::Gone => Event::Lapsed(what),
            Outcome::TokenGone => return self.token_ended(),
            Outcome::Refused(why) => Event::RenewalRefused { what, why },
            Outcome::Trouble(why) => {
                let after = LOOKING;
                self.look_up = Some(now + after);
                Event::Retries { what, why, after }
            }
        };
        (self.note)(&event);
    }

    async fn renew_due(&mut self, now: Duration) {
        for index in 0..self.lent.len() {
            let lent = &mut self.lent[index];
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
                        Granted::ForTheLastTime => {
                            let holds = lent.held.left(now).unwrap_or(holds);
                            Event::LastTime { what, holds }
                        }
                    }
                }
                Outcome::Gone => {
                    lent.held.refused();
                    Event::Lapsed(what)
                }
                Outcome::TokenGone => return self.token_ended(),
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

    /// Tells that the token has ended, and asks no more: nothing that hangs on it holds.
    fn token_ended(&mut self) {
        self.look_up = None;
        for lent in &mut self.lent {
            lent.held.refused();
        }
        if !std::mem::replace(&mut self.ended, true) {
            (self.note)(&Event::TokenEnded(self.token.clone()));
        }
    }

    /// Gives everything back, again and again until it is done or it took too long.
    pub(super) async fn give_back(&mut self, reason: Reason) {
        (self.note)(&Event::GivesBack(reason));
        // The person's own token stays.
        self.look_up = None;
        self.lent.retain(|lent| lent.what != What::OwnToken);
        let last_word = LAST_WORD.min(self.parting / 4);
        let until = Instant::now() + (self.parting - last_word);
        let (mut pause, longest) = PAUSES;
        loop {
            let trouble = self.give_back_once(until).await;
            let left = until.saturating_duration_since(Instant::now());
            let (what, why) = match trouble {
                None => break,
                Some(trouble) => trouble,
            };
            if left <= pause {
                self.leave(&why, last_word).await;
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
                Outcome::TokenGone => {
                    self.token_ended();
                    for lent in std::mem::take(&mut self.lent) {
                        if let What::Lease(_) = lent.what {
                            (self.note)(&Event::EndsWithToken(lent.what));
                        }
                    }
                    return None;
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
        if self.lent.is_empty() {
            return None;
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

    /// Leaves to the store what could not be given back. It tries on, as long as it has taken note.
    async fn leave(&mut self, why: &str, patience: Duration) {
        let until = Instant::now() + patience;
        let mut left = Vec::new();
        for lent in std::mem::take(&mut self.lent) {
            let patience = until.saturating_duration_since(Instant::now());
            let outcome = match lent.item {
                Item::Lease { id } => self.lender.revoke_later(id, patience).await,
                Item::Token => Outcome::Trouble(why.to_owned()),
            };
            let (holds, what) = (lent.held.left(self.clock.now()), lent.what.clone());
            let event = match outcome {
                Outcome::Done(()) => Event::Queued(what),
                Outcome::Gone => Event::Lapsed(what),
                Outcome::TokenGone => Event::EndsWithToken(what),
                Outcome::Refused(why) => {
                    left.push(lent);
                    Event::Left { what, holds, why }
                }
                Outcome::Trouble(_) => {
                    left.push(lent);
                    let why = why.to_owned();
                    Event::Left { what, holds, why }
                }
            };
            (self.note)(&event);
        }
        self.lent = left;
    }
}
