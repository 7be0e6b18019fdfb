//! A vendor in memory behind a real server: tokens with names and ids, an administrator, a limit, and faults.

use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use mcp_launch_core::{Deadline, Environment, Secret};
use mcp_launch_network::{Endpoint, Tls};
use mcp_launch_rotation::{
    Bundle, Observer, Outcome, Owner, Rotation, Rotator, SystemClock, Terms, Wish,
};
use mcp_launch_rotator_http::presets::{self, Options};
use mcp_launch_rotator_http::{Connection, HttpRotator, Mark, Template};
use mcp_launch_testkit::{Answer, Canary, FaultServer, HttpRequest, MemoryStore, Script};
use serde_json::{Value, json};

/// One token there.
#[derive(Clone, Debug)]
pub(crate) struct Token {
    pub(crate) id: u64,
    pub(crate) name: String,
    pub(crate) value: String,
}

/// What goes wrong with the next request of a method.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Fault {
    /// It is done, and the answer is lost.
    LostAfter,
    /// It is done, and answered with 500.
    ErrorAfter,
    /// It is done, and the answer is no JSON.
    Garbled,
    /// It is not done; this is the answer.
    Instead(u16),
}

pub(crate) struct State {
    pub(crate) tokens: Vec<Token>,
    pub(crate) administrator: String,
    pub(crate) limit: usize,
    /// The next request of this method.
    pub(crate) fault: Option<(&'static str, Fault)>,
    next: u64,
}

impl State {
    pub(crate) fn make(&mut self, name: &str) -> Token {
        self.next += 1;
        let token = Token {
            id: self.next,
            name: name.to_owned(),
            value: Canary::shaped_like("glsa_aaaaAAAA0000aaaaAAAA0000aaaa")
                .value()
                .to_owned(),
        };
        self.tokens.push(token.clone());
        token
    }

    pub(crate) fn has(&self, value: &str) -> bool {
        self.tokens.iter().any(|token| token.value == value)
    }
}

/// Speaks as Grafana does about tokens of a service account; what a token is, `/api/org` tells too.
pub(crate) struct Vendor {
    state: Arc<Mutex<State>>,
    pub(crate) server: FaultServer,
}

impl Vendor {
    /// With one token that a person made.
    pub(crate) fn start() -> Self {
        let mut state = State {
            tokens: Vec::new(),
            administrator: Canary::shaped_like("glsa_bbbbBBBB0000bbbbBBBB0000bbbb")
                .value()
                .to_owned(),
            limit: 10,
            fault: None,
            next: 0,
        };
        state.make("by hand");
        let state = Arc::new(Mutex::new(state));
        let shared = Arc::clone(&state);
        let script = Script::from_fn(move |request| answer(&mut shared.lock().unwrap(), request));
        Self {
            state,
            server: FaultServer::start(script),
        }
    }

    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }

    pub(crate) fn fail(&self, method: &'static str, fault: Fault) {
        self.state().fault = Some((method, fault));
    }

    pub(crate) fn connection(&self) -> Connection {
        connection(&self.server.address())
    }

    pub(crate) fn administrator(&self) -> Bundle {
        bare(&self.state().administrator)
    }

    /// A store that holds the token that a person made.
    pub(crate) fn store(&self) -> MemoryStore {
        MemoryStore::new(&bare(&self.state().tokens[0].value))
    }

    pub(crate) fn rotator(&self, template: Template) -> HttpRotator {
        let mark = Mark::new("grafana", "memory");
        HttpRotator::new(
            template,
            self.connection(),
            Some(self.administrator()),
            mark,
        )
        .unwrap()
    }
}

fn answer(state: &mut State, request: &HttpRequest) -> Answer {
    let fault = match state.fault {
        Some((method, fault)) if method == request.method => {
            state.fault = None;
            Some(fault)
        }
        _ => None,
    };
    if let Some(Fault::Instead(status)) = fault {
        return Answer::status(status).header("Retry-After", "30");
    }
    let done = done(state, request);
    match fault {
        Some(Fault::LostAfter) => done.body("lost").cut_body(0),
        Some(Fault::ErrorAfter) => Answer::json(500, &json!({ "message": "internal" })),
        Some(Fault::Garbled) => done.body("<html>"),
        _ => done,
    }
}

fn done(state: &mut State, request: &HttpRequest) -> Answer {
    let bearer = request
        .header("authorization")
        .and_then(|text| text.strip_prefix("Bearer "));
    let bearer = bearer.unwrap_or_default();
    let path = request.path.as_str();
    if path == "/api/org" {
        return match state.tokens.iter().find(|token| token.value == bearer) {
            Some(token) => Answer::json(200, &json!({ "id": token.id })),
            None => Answer::status(401),
        };
    }
    if bearer != state.administrator {
        return Answer::status(401);
    }
    match (
        request.method.as_str(),
        path.strip_prefix("/api/serviceaccounts/7/tokens"),
    ) {
        ("GET", Some("")) => {
            let listed = state
                .tokens
                .iter()
                .map(|token| json!({ "id": token.id, "name": token.name, "hasExpired": false }));
            Answer::json(200, &listed.collect())
        }
        ("POST", Some("")) => {
            let body: Value = serde_json::from_slice(&request.body).unwrap();
            if state.tokens.len() >= state.limit {
                return Answer::status(409);
            }
            let made = state.make(body["name"].as_str().unwrap());
            Answer::json(
                200,
                &json!({ "id": made.id, "name": made.name, "key": made.value }),
            )
        }
        ("DELETE", Some(id)) => {
            let there = state.tokens.len();
            state.tokens.retain(|token| format!("/{}", token.id) != id);
            Answer::status(if state.tokens.len() < there { 200 } else { 404 })
        }
        _ => Answer::status(404),
    }
}

pub(crate) fn connection(address: &str) -> Connection {
    let endpoint = Endpoint::parse(address, false).unwrap();
    Connection::new(
        endpoint,
        Tls::default(),
        &Environment::from_pairs::<&str, &str>([]),
    )
}

pub(crate) fn bare(value: &str) -> Bundle {
    Bundle::bare(Secret::new(value.as_bytes().to_vec()))
}

/// The value of a bundle without fields.
pub(crate) fn text(bundle: &Bundle) -> String {
    String::from_utf8(bundle.whole().unwrap().expose().to_vec()).unwrap()
}

/// Grafana's template, where the probe tells the token's id.
pub(crate) fn template() -> Template {
    let mut options = Options::default();
    options.settings.insert("sa".to_owned(), json!(7));
    let mut template = presets::named("grafana")
        .unwrap()
        .template(&options)
        .unwrap();
    template.probing.handle = Some("/id".to_owned());
    template
}

pub(crate) fn deadline() -> Deadline {
    Deadline::after(Duration::from_secs(20))
}

/// One run of another process, which retires at once.
pub(crate) fn run(
    store: &MemoryStore,
    rotator: &dyn Rotator,
    observer: &dyn Observer,
    wish: Wish<'_>,
) -> Outcome {
    use std::sync::atomic::{AtomicU32, Ordering};
    static RUNS: AtomicU32 = AtomicU32::new(0);
    let owner = format!("run {}", RUNS.fetch_add(1, Ordering::Relaxed));
    let rotation = Rotation {
        name: "grafana",
        store: &store.rotating(),
        rotator,
        clock: &SystemClock,
        observer,
        owner: &Owner::new(owner).unwrap(),
        held: &|_| false,
        terms: Terms {
            grace: Duration::ZERO,
            lease: Duration::from_secs(2),
        },
    };
    rotation.run(wish, deadline())
}
