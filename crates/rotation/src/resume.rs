//! What is done about a staged value: one table from what is known to what comes next, without any action.

use crate::{Liveness, Login, Reason};

/// Who chose the staged value.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Origin {
    /// A person brought it, or it was made by a roll: nobody can make it again.
    Brought,
    /// A vendor made it; another can be had.
    Issued,
    /// We did; it can be set again.
    Chosen,
}

/// What is known of a staged value.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Known {
    pub(crate) origin: Origin,
    pub(crate) login: Login,
    /// The vendor has said that it will never take it.
    pub(crate) rejected: bool,
    /// The vendor has had the time it needs.
    pub(crate) propagated: bool,
    /// Whether it logs in, once asked.
    pub(crate) pending: Option<Liveness>,
    /// Whether the current value logs in, once asked.
    pub(crate) current: Option<Liveness>,
    /// Whether it logs in, asked once more after the current value did not.
    pub(crate) again: Option<Liveness>,
}

/// What comes next.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Next {
    Discard,
    ProbeAgain,
    ProbeCurrent,
    ProbePending,
    Promote,
    /// A new claim over the staged value.
    Renew,
    Set,
    /// A person has to look; nothing is changed.
    Stop(Reason),
    Wait(Reason),
}

pub(crate) fn next(known: Known) -> Next {
    use Liveness::{Dead, Live, Unknown};
    match (known.pending, known.current, known.again) {
        (None, _, _) => Next::ProbePending,
        (Some(Live), _, _) | (_, _, Some(Live)) => Next::Promote,
        (Some(Unknown), _, _) | (_, Some(Unknown), _) | (_, _, Some(Unknown)) => {
            Next::Wait(Reason::Unseen)
        }
        (Some(Dead), None, _) => Next::ProbeCurrent,
        (Some(Dead), Some(Live), _) => replaceable(known),
        // Somebody may have put it in force between the two probes.
        (Some(Dead), Some(Dead), None) => Next::ProbeAgain,
        (Some(Dead), Some(Dead), Some(Dead)) => match (known.login, known.origin) {
            // Nothing works that could be broken.
            (Login::Administrator, Origin::Chosen) if !known.rejected => Next::Set,
            (Login::Administrator, Origin::Issued) if known.propagated => Next::Renew,
            _ => Next::Stop(Reason::NeitherLogsIn),
        },
    }
}

/// The current value logs in and the staged one does not.
fn replaceable(known: Known) -> Next {
    match known.origin {
        Origin::Chosen if known.rejected => Next::Discard,
        Origin::Chosen => Next::Set,
        _ if !known.propagated => Next::Wait(Reason::Propagating),
        Origin::Issued => Next::Renew,
        Origin::Brought => Next::Discard,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use Liveness::{Dead, Live, Unknown};

    fn known(
        origin: Origin,
        pending: Option<Liveness>,
        current: Option<Liveness>,
        again: Option<Liveness>,
    ) -> Known {
        Known {
            origin,
            login: Login::Itself,
            rejected: false,
            propagated: true,
            pending,
            current,
            again,
        }
    }

    const ORIGINS: [Origin; 3] = [Origin::Brought, Origin::Issued, Origin::Chosen];

    #[test]
    fn what_logs_in_is_promoted_whatever_else_is_true() {
        for origin in ORIGINS {
            for current in [None, Some(Live), Some(Dead), Some(Unknown)] {
                assert_eq!(
                    next(known(origin, Some(Live), current, None)),
                    Next::Promote
                );
            }
            let late = known(origin, Some(Dead), Some(Dead), Some(Live));
            assert_eq!(next(late), Next::Promote);
        }
    }

    #[test]
    fn nothing_is_changed_while_a_login_cannot_be_seen() {
        for origin in ORIGINS {
            for (pending, current, again) in [
                (Some(Unknown), None, None),
                (Some(Dead), Some(Unknown), None),
                (Some(Dead), Some(Dead), Some(Unknown)),
            ] {
                assert_eq!(
                    next(known(origin, pending, current, again)),
                    Next::Wait(Reason::Unseen)
                );
            }
        }
    }

    #[test]
    fn what_we_chose_is_set_again_and_given_up_only_when_it_was_rejected() {
        let mut chosen = known(Origin::Chosen, Some(Dead), Some(Live), None);
        assert_eq!(next(chosen), Next::Set);
        chosen.rejected = true;
        assert_eq!(next(chosen), Next::Discard);
    }

    #[test]
    fn what_a_vendor_made_is_given_its_time_before_another_is_asked_for() {
        let mut issued = known(Origin::Issued, Some(Dead), Some(Live), None);
        issued.propagated = false;
        assert_eq!(next(issued), Next::Wait(Reason::Propagating));
        issued.propagated = true;
        assert_eq!(next(issued), Next::Renew);
    }

    #[test]
    fn when_neither_logs_in_it_is_looked_again_and_then_only_an_administrator_goes_on() {
        for origin in ORIGINS {
            let mut both = known(origin, Some(Dead), Some(Dead), None);
            assert_eq!(next(both), Next::ProbeAgain);
            both.again = Some(Dead);
            assert_eq!(next(both), Next::Stop(Reason::NeitherLogsIn));
            both.login = Login::Administrator;
            let expected = match origin {
                Origin::Brought => Next::Stop(Reason::NeitherLogsIn),
                Origin::Issued => Next::Renew,
                Origin::Chosen => Next::Set,
            };
            assert_eq!(next(both), expected);
        }
    }

    #[test]
    fn a_value_is_dropped_only_while_the_current_one_logs_in() {
        for origin in ORIGINS {
            for pending in [None, Some(Live), Some(Dead), Some(Unknown)] {
                for current in [None, Some(Dead), Some(Unknown)] {
                    for again in [None, Some(Live), Some(Dead), Some(Unknown)] {
                        for rejected in [false, true] {
                            let mut row = known(origin, pending, current, again);
                            row.rejected = rejected;
                            assert!(!matches!(next(row), Next::Discard | Next::Renew));
                        }
                    }
                }
            }
        }
    }
}
