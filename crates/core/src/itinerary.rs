//! The way of one value through what the sources have said: candidates in their order, and references from one store
//! into another.

use crate::inquiry::{Answers, Attempt, Refusal};
use crate::placeholder::Address;

/// Where one value's way has led so far.
pub(crate) struct Itinerary<'a, V> {
    /// What the sources said that had no value to give, in the order they were asked.
    refusals: Vec<(&'a Address, &'a Refusal)>,
    /// The references that led to where the way ends, of the refusals.
    through: Vec<(&'a Address, &'a Refusal)>,
    pub(crate) standing: Standing<'a, V>,
}

/// How a list of candidates stands against the answers.
pub(crate) enum Standing<'a, V> {
    /// This one is to be asked.
    Ask(&'a Address),
    /// Nobody has the value, and the reference at this address says what counts then.
    Default(&'a Address, &'a str),
    /// This one answered.
    Found(&'a Address, &'a V),
    /// Everyone was asked, and surely has no value.
    Nowhere,
    /// A store is in trouble, or a reference is not followed.
    Stopped,
}

impl<'a, V> Itinerary<'a, V> {
    /// The way of the value that may come from `candidates`.
    ///
    /// A reference takes the place of its address and of all behind it: it says where the value is, so no other place
    /// is asked than where it leads. No address is visited twice. So `A=$<A>` in a store that is asked first leads to
    /// the stores behind it, and a circle leads nowhere.
    pub(crate) fn of(answers: &'a Answers<V>, candidates: &'a [Address]) -> Self {
        let mut refusals: Vec<(&Address, &Refusal)> = Vec::new();
        let mut through: Vec<(&Address, &Refusal)> = Vec::new();
        let mut ahead = candidates.iter();
        let standing = loop {
            let Some(address) = ahead.next() else {
                // The innermost default counts: it was written nearest to the value.
                let default = through.iter().rev().find_map(|(address, refusal)| {
                    let referral = refusal.referral.as_ref()?;
                    Some(Standing::Default(address, referral.default()?))
                });
                break default.unwrap_or(Standing::Nowhere);
            };
            if refusals.iter().any(|(visited, _)| *visited == address) {
                continue;
            }
            let refusal = match answers.get(address) {
                None => break Standing::Ask(address),
                Some(Ok(value)) => break Standing::Found(address, value),
                Some(Err(refusal)) => refusal,
            };
            refusals.push((address, refusal));
            if let Some(onward) = &refusal.onward {
                through.push((address, refusal));
                ahead = onward.iter();
            } else if !refusal.error.lets_next_answer() {
                break Standing::Stopped;
            }
        };
        Self {
            refusals,
            through,
            standing,
        }
    }

    /// What the sources said before one had the value, or before nobody was left to ask.
    pub(crate) fn attempts(&self) -> Vec<Attempt> {
        attempts(&self.refusals)
    }

    /// The references through which the way leads to its end.
    pub(crate) fn references(&self) -> Vec<Attempt> {
        attempts(&self.through)
    }

    /// The addresses to which references led, and where somebody was asked.
    pub(crate) fn followed(&self) -> impl Iterator<Item = &'a Address> {
        let end = match self.standing {
            Standing::Found(address, _) => Some(address),
            _ => None,
        };
        let first = self.through.first().map(|(address, _)| *address);
        self.refusals
            .iter()
            .map(|(address, _)| *address)
            .skip_while(move |address| Some(*address) != first)
            .skip(1)
            .chain(end.filter(|_| first.is_some()))
    }
}

fn attempts(refusals: &[(&Address, &Refusal)]) -> Vec<Attempt> {
    refusals
        .iter()
        .map(|(address, refusal)| Attempt {
            address: (*address).clone(),
            place: refusal.place.clone(),
            error: refusal.error,
            referral: refusal.referral.clone(),
            remedy: refusal.remedy.clone(),
        })
        .collect()
}
