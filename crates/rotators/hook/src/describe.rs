//! What a program says that it can do.

use std::time::Duration;

use mcp_launch_rotation::Login;

use crate::protocol::{Answer, Op, VERSION};

/// What a program says of itself, once for a run.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Description {
    /// Its class.
    pub class: Class,
    /// What becomes of the old value.
    pub predecessor: Fate,
    /// Who makes a change.
    pub login: Login,
    /// How long a new value may take to be accepted.
    pub propagation: Duration,
    /// Whether it tells the public name of a value that was there before.
    pub identifies: bool,
    /// Whether it can end sessions.
    pub kills_sessions: bool,
    /// Whether it can be asked what a rotation would need.
    pub has_preflight: bool,
}

/// The class of a hook.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Class {
    /// We choose the value: `apply`.
    Set,
    /// It makes values, several of which may live: `issue`, `ours`, `retire`.
    Issue,
    /// It replaces the value by one that it makes: `roll`.
    Roll,
    /// It tells somebody who rotates by himself: `trigger`.
    Delegate,
    /// It only looks: `probe`.
    Track,
}

/// What becomes of the old value.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Fate {
    /// It dies when the new one is in force.
    Dies,
    /// It lives until `retire`.
    Lives,
    /// It lives until a person ends it.
    Stays,
}

impl Description {
    /// What `answer` says.
    ///
    /// # Errors
    /// What is wrong with it, for whoever writes the program.
    pub(crate) fn of(answer: &Answer) -> Result<Self, &'static str> {
        if answer.protocol != Some(VERSION) {
            return Err("`protocol` is not 1");
        }
        let has = |op: Op| answer.ops.iter().any(|own| own == op.as_str());
        let (class, needed, usual): (_, &[Op], _) = match answer.class.as_deref() {
            Some("set") => (Class::Set, &[Op::Apply], Fate::Dies),
            Some("issue") => (
                Class::Issue,
                &[Op::Issue, Op::Ours, Op::Retire],
                Fate::Lives,
            ),
            Some("roll") => (Class::Roll, &[Op::Roll], Fate::Dies),
            Some("delegate") => (Class::Delegate, &[Op::Trigger], Fate::Stays),
            Some("track") => (Class::Track, &[], Fate::Stays),
            _ => return Err("`class` is not set, issue, roll, delegate or track"),
        };
        if !has(Op::Probe) || needed.iter().any(|op| !has(*op)) {
            return Err(
                "`ops` lacks one that its class needs: probe, and for set apply, for issue issue, ours and retire, \
                        for roll roll, for delegate trigger",
            );
        }
        let predecessor = match answer.predecessor.as_deref() {
            None => usual,
            Some("dies") => Fate::Dies,
            Some("lives") => Fate::Lives,
            Some("stays") => Fate::Stays,
            Some(_) => return Err("`predecessor` is not dies, lives or stays"),
        };
        if class == Class::Issue && predecessor != Fate::Lives {
            return Err("of the class issue, the predecessor lives until it is retired");
        }
        if predecessor == Fate::Lives && !has(Op::Retire) {
            return Err("`predecessor` is lives, and `ops` has no retire");
        }
        let login = match answer.login.as_deref() {
            Some("administrator") => Login::Administrator,
            Some("itself") | None => Login::Itself,
            Some(_) => return Err("`login` is not administrator or itself"),
        };
        Ok(Self {
            class,
            predecessor,
            login,
            propagation: Duration::from_secs(answer.propagation.unwrap_or_default()),
            identifies: has(Op::Identify),
            kills_sessions: has(Op::KillSessions),
            has_preflight: has(Op::Preflight),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> Result<Description, &'static str> {
        Description::of(&Answer::parse(text.as_bytes()).unwrap())
    }

    #[test]
    fn a_description_that_does_not_fit_its_class_is_refused() {
        let good = r#"{"ok":true,"protocol":1,"class":"issue","login":"administrator","propagation":5,
            "ops":["probe","issue","ours","retire","evidence"]}"#;
        let description = of(good).unwrap();
        assert_eq!(description.class, Class::Issue);
        assert_eq!(description.predecessor, Fate::Lives);
        assert_eq!(description.login, Login::Administrator);
        assert_eq!(description.propagation, Duration::from_secs(5));
        assert!(!description.identifies && !description.kills_sessions);
        for (from, to) in [
            ("\"protocol\":1", "\"protocol\":2"),
            ("\"protocol\":1,", ""),
            ("issue\",\"l", "mint\",\"l"),
            (",\"retire\"", ""),
            ("\"probe\",", ""),
            ("administrator", "root"),
            ("\"login\"", "\"predecessor\":\"dies\",\"login\""),
            ("\"login\"", "\"predecessor\":\"x\",\"login\""),
        ] {
            let text = good.replacen(from, to, 1);
            assert_ne!(text, good);
            assert!(of(&text).is_err(), "{text}");
        }
        let set = r#"{"ok":true,"protocol":1,"class":"set","predecessor":"lives","ops":["probe","apply"]}"#;
        assert!(of(set).is_err());
        assert_eq!(
            of(&set.replace("lives", "dies")).unwrap().login,
            Login::Itself
        );
    }
}
