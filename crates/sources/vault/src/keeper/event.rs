//! What a keeper does, told to whoever writes it down: paths, times and kinds, never an id or a token.

use std::fmt;
use std::time::Duration;

/// Something that happened.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Event {
    /// It begins, for this many leases.
    Began {
        /// How many leases there are.
        leases: usize,
    },
    /// It ends, with this many things that could not be given back.
    Ended {
        /// How many of them there are.
        left: usize,
    },
    /// The server ended, or whatever else is the reason to give everything back.
    GivesBack(Reason),
    /// A token of the person's own cannot be renewed; what was lent ends with it.
    Fixed {
        /// How long it still holds.
        holds: Duration,
    },
    /// The store will not prolong it any further.
    LastTime {
        /// What it is.
        what: What,
        /// How long it still holds.
        holds: Duration,
    },
    /// The Vault ends it, because the token that it was made with has ended.
    EndsWithToken(What),
    /// It has ended, without having been given back.
    Lapsed(What),
    /// It could not be given back in time, and the store has taken note that it is to be.
    Queued(What),
    /// It could not be given back in time.
    Left {
        /// What it is.
        what: What,
        /// How long it may still hold.
        holds: Option<Duration>,
        /// Why.
        why: String,
    },
    /// It holds again.
    Renewed {
        /// What it is.
        what: What,
        /// For how long.
        holds: Duration,
    },
    /// The store does not renew it.
    RenewalRefused {
        /// What it is.
        what: What,
        /// Why, with what a policy lacks.
        why: String,
    },
    /// The store did not answer so, and is asked again.
    Retries {
        /// What it is about.
        what: What,
        /// Why.
        why: String,
        /// When it is asked again.
        after: Duration,
    },
    /// The token has ended, and every lease that was made with it.
    TokenEnded(What),
    /// It is given back, and what hangs on it is gone.
    Revoked(What),
}

/// What was lent.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum What {
    /// The credential that reading this path has made.
    Lease(String),
    /// The token of the person's own that the launch was made with. It is renewed, and stays.
    OwnToken,
    /// The token that the launch logged in for.
    Token,
}

/// Why everything is given back.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Reason {
    /// The keeper itself was told to end.
    KeeperSignalled,
    /// The launcher was gone before the keeper was ready.
    NotStarted,
    /// The server ended.
    ServerEnded,
}

impl fmt::Display for Event {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Began { leases: 1 } => f.write_str("keeps 1 lease"),
            Self::Began { leases } => write!(f, "keeps {leases} leases"),
            Self::Ended { left: 0 } => f.write_str("done"),
            Self::Ended { left } => {
                write!(
                    f,
                    "done, except for {left} that could not be given back: see above"
                )
            }
            Self::EndsWithToken(what) => write!(f, "{what} ends with the token"),
            Self::GivesBack(reason) => write!(f, "{reason}"),
            Self::Fixed { holds } => write!(
                f,
                "your own token cannot be renewed and ends in {}, and all leases with it; start the server again \
                 with a new one before that",
                seconds(*holds)
            ),
            Self::LastTime { what, holds } => {
                let with_it = match what {
                    What::Lease(_) => "",
                    What::OwnToken | What::Token => ", and all leases with it",
                };
                write!(
                    f,
                    "{what} is not renewed any further and ends in {}{with_it}: its max_ttl is reached; start the \
                     server again before that",
                    seconds(*holds)
                )
            }
            Self::Lapsed(what) => write!(f, "{what} has ended already"),
            Self::Left { what, holds, why } => {
                write!(f, "{what} is not given back: {why}")?;
                match holds {
                    Some(holds) => write!(f, "; it ends in {}", seconds(*holds)),
                    None => Ok(()),
                }
            }
            Self::Queued(what) => write!(
                f,
                "{what} could not be given back so far: the store takes it back as soon as it can"
            ),
            Self::Renewed { what, holds } => write!(f, "{what} is renewed for {}", seconds(*holds)),
            Self::RenewalRefused { what, why } => write!(f, "{what} is not renewed: {why}"),
            Self::Retries { what, why, after } => {
                write!(f, "{what}: {why}; again in {}", seconds(*after))
            }
            Self::TokenEnded(what) => write!(
                f,
                "{what} is expired or revoked, and all leases ended with it: start the server again"
            ),
            Self::Revoked(what) => write!(f, "{what} is given back"),
        }
    }
}

impl fmt::Display for What {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Lease(path) => write!(f, "the lease of {path}"),
            Self::OwnToken => f.write_str("your own token"),
            Self::Token => f.write_str("the token"),
        }
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::KeeperSignalled => "was told to end",
            Self::NotStarted => "the launcher is gone",
            Self::ServerEnded => "the server has ended",
        })
    }
}

/// In whole seconds, where there is one.
fn seconds(span: Duration) -> String {
    if span < Duration::from_secs(1) {
        return format!("{} ms", span.as_millis());
    }
    format!("{} s", span.as_secs())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_end_of_a_token_is_told_with_what_hangs_on_it() {
        let holds = Duration::from_secs(90);
        let last = |what| Event::LastTime { what, holds }.to_string();
        assert_eq!(
            last(What::Token),
            "the token is not renewed any further and ends in 90 s, and all leases with it: its max_ttl is reached; \
             start the server again before that"
        );
        assert!(!last(What::Lease("a/creds/b".to_owned())).contains("all leases"));
        assert_eq!(
            Event::TokenEnded(What::OwnToken).to_string(),
            "your own token is expired or revoked, and all leases ended with it: start the server again"
        );
        assert_eq!(
            Event::Ended { left: 1 }.to_string(),
            "done, except for 1 that could not be given back: see above"
        );
    }
}
