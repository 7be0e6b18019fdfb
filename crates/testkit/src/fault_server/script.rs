//! Which answer is whose.

use std::sync::Mutex;

use super::answer::{Answer, Conduct};
use super::lock;
use super::request::HttpRequest;

/// What a [`super::FaultServer`] does, one answer after the other.
pub struct Script(Kind);

enum Kind {
    /// In this order; the last stays.
    List {
        answers: Vec<Answer>,
        next: Mutex<usize>,
    },
    Function(Box<dyn Fn(&HttpRequest) -> Answer + Send + Sync>),
}

impl Script {
    /// Each request is answered by `function`, which cannot decide over a connection before its request.
    pub fn from_fn(function: impl Fn(&HttpRequest) -> Answer + Send + Sync + 'static) -> Self {
        Self(Kind::Function(Box::new(function)))
    }

    /// What happens to a connection that was just accepted, if its turn is to end before a request.
    pub(super) fn on_connection(&self) -> Option<Conduct> {
        let Kind::List { answers, next } = &self.0 else {
            return None;
        };
        let mut next = lock(next);
        let conduct = &answers[*next].0;
        if !conduct.is_of_a_connection() {
            return None;
        }
        *next = (*next + 1).min(answers.len() - 1);
        Some(conduct.clone())
    }

    /// What happens to a request. The fate of a connection, where it is next, meets one that has had answers too.
    pub(super) fn on_request(&self, request: &HttpRequest) -> Conduct {
        match &self.0 {
            Kind::Function(function) => function(request).0,
            Kind::List { answers, next } => {
                let mut next = lock(next);
                let conduct = answers[*next].0.clone();
                *next = (*next + 1).min(answers.len() - 1);
                conduct
            }
        }
    }
}

impl From<Answer> for Script {
    fn from(answer: Answer) -> Self {
        vec![answer].into()
    }
}

impl From<Vec<Answer>> for Script {
    fn from(answers: Vec<Answer>) -> Self {
        assert!(!answers.is_empty(), "a script has an answer");
        Self(Kind::List {
            answers,
            next: Mutex::new(0),
        })
    }
}

impl<const N: usize> From<[Answer; N]> for Script {
    fn from(answers: [Answer; N]) -> Self {
        Vec::from(answers).into()
    }
}
