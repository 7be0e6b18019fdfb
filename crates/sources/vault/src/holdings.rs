//! What this launch was lent: told to the keeper, or given back.

use mcp_launch_core::Secret;
use vaultrs::api::token::requests::RevokeTokenSelfRequest;
use zeroize::Zeroizing;

use crate::endpoint::RevokeLease;
use crate::exchange::{Repeat, Vault};
use crate::keeper::{Lease, Letter, Reach, Token};
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
    /// The letter to the keeper, if there is something to keep. `reach` is how it reaches the Vault.
    pub(crate) fn letter(&self, reach: Reach) -> Option<Secret> {
        let session = self.own.as_ref().filter(|_| !self.leases.is_empty())?;
        let token = Token {
            value: Zeroizing::new(session.token.as_str().to_owned()),
            ours: session.logged_in,
            term: session.term,
        };
        let leases = self.leases.iter().map(copy).collect();
        Letter::new(reach, token, leases).seal()
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

    /// Ends what was lent. The session's end is the end of all that was lent to it; a token of the person's stays.
    pub(crate) async fn give_back(&self, vault: &Vault) {
        let Some(session) = &self.own else { return };
        let token = Some(session.token.as_str());
        if session.logged_in {
            let request = RevokeTokenSelfRequest {};
            let answer = vault.ask(token, request, Repeat::AfterFailure).await;
            if answer.is_ok_and(|answer| answer.succeeded()) {
                return;
            }
        }
        for lease in &self.leases {
            let request = RevokeLease {
                lease_id: lease.id.to_string(),
                sync: true,
            };
            // A failure is told nowhere: the launch has failed for a reason of its own, and the lease has an end.
            drop(vault.ask(token, request, Repeat::AfterFailure).await);
        }
    }
}

fn copy(lease: &Lease) -> Lease {
    Lease {
        id: lease.id.clone(),
        path: lease.path.clone(),
        term: lease.term,
    }
}
