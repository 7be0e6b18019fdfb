//! What this launch was lent: told to the keeper, or given back.

use zeroize::Zeroizing;

use crate::keeper::{KeptToken, Letter};
use crate::lease::Lease;
use crate::reach::Reach;
use crate::session::Session;

/// What this launch has of the Vault, until it starts the server or gives up.
#[derive(Default)]
pub(crate) struct Holdings {
    /// The session that what was lent belongs to. It is this launch's alone.
    pub(crate) own: Option<Session>,
    /// What was lent.
    pub(crate) leases: Vec<Lease>,
    /// What a person should know of the answers.
    pub(crate) notices: Vec<String>,
}

impl Holdings {
    /// What is to be kept or given back, as the keeper is told. None where this launch has no session of its own.
    /// `reach` is how it reaches the Vault.
    pub(crate) fn letter(&self, reach: Reach) -> Option<Letter> {
        let session = self.own.as_ref()?;
        let token = KeptToken {
            value: Zeroizing::new(session.token.as_str().to_owned()),
            ours: session.logged_in,
            term: session.term,
        };
        let leases = self.leases.iter().map(copy).collect();
        Some(Letter::new(reach, token, leases))
    }

    /// Whether something was lent that has an end of its own.
    pub(crate) fn is_lent(&self) -> bool {
        !self.leases.is_empty()
    }

    /// Whether there is something to give back.
    pub(crate) fn is_owing(&self) -> bool {
        let logged_in = self.own.as_ref().is_some_and(|session| session.logged_in);
        logged_in || !self.leases.is_empty()
    }
}

fn copy(lease: &Lease) -> Lease {
    Lease {
        id: lease.id.clone(),
        path: lease.path.clone(),
        term: lease.term,
    }
}
