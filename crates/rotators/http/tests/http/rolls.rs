//! Tokens that are replaced by a request that they make themselves.

use std::sync::{Arc, Mutex};

use mcp_launch_rotation::{End, Liveness, Reason, Rotator, Unobserved, Wish};
use mcp_launch_rotator_http::presets::{self, Options};
use mcp_launch_rotator_http::{HttpRotator, Mark};
use mcp_launch_testkit::{Answer, FaultServer, MemoryStore, Script};
use serde_json::json;

use crate::vendor::{bare, connection, deadline, run, text};

/// As GitLab does: the one token there is, and how often it was rolled.
fn gitlab() -> (FaultServer, Arc<Mutex<u32>>) {
    let rolls = Arc::new(Mutex::new(0));
    let shared = Arc::clone(&rolls);
    let script = Script::from_fn(move |request| {
        let mut rolls = shared.lock().unwrap();
        if request.header("private-token") != Some(&format!("glpat-{rolls}")) {
            return Answer::status(401);
        }
        match (request.method.as_str(), request.path.as_str()) {
            ("GET", "/api/v4/personal_access_tokens/self") => Answer::json(
                200,
                &json!({ "id": *rolls, "active": true, "revoked": false, "expires_at": "2027-01-31" }),
            ),
            ("POST", "/api/v4/personal_access_tokens/self/rotate") => {
                *rolls += 1;
                Answer::json(
                    200,
                    &json!({ "id": *rolls, "token": format!("glpat-{rolls}"), "expires_at": "2027-02-28" }),
                )
            }
            _ => Answer::status(404),
        }
    });
    (FaultServer::start(script), rolls)
}

fn rotator(server: &FaultServer, accepts_loss: bool) -> HttpRotator {
    let options = Options {
        accepts_loss,
        ..Options::default()
    };
    let template = presets::named("gitlab-self")
        .unwrap()
        .template(&options)
        .unwrap();
    HttpRotator::new(
        template,
        connection(&server.address()),
        None,
        Mark::new("gitlab", "m"),
    )
    .unwrap()
}

#[test]
fn a_token_that_rolls_itself_does_so_only_where_a_loss_was_accepted() {
    let (server, rolls) = gitlab();
    let store = MemoryStore::new(&bare("glpat-0"));
    let outcome = run(&store, &rotator(&server, false), &Unobserved, Wish::Forced);
    assert_eq!(outcome.end, End::NeedsPerson(Reason::LossWindow));
    assert_eq!(*rolls.lock().unwrap(), 0);

    let rotator = rotator(&server, true);
    for roll in 1..=2 {
        assert_eq!(
            run(&store, &rotator, &Unobserved, Wish::Forced).end,
            End::Done
        );
        assert_eq!(text(&store.current()), format!("glpat-{roll}"));
        let old = bare(&format!("glpat-{}", roll - 1));
        assert_eq!(rotator.probe(&old, deadline()), Liveness::Dead);
    }
}
