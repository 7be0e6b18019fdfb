//! Answers that are lost, late, refusals, or nonsense.

use std::time::Duration;

use mcp_launch_core::Deadline;
use mcp_launch_rotation::{
    Action, End, Handle, Issue, Liveness, Reason, Retire, RotationId, Rotator, RotatorError,
    Unobserved, Wish,
};
use mcp_launch_rotator_http::{HttpRotator, Mark};
use mcp_launch_testkit::{Answer, Canary, FaultServer, RefusedAddress, Script};
use serde_json::json;

use crate::vendor::{Fault, Vendor, bare, connection, deadline, run, template, text};

fn id() -> RotationId {
    RotationId::new("0123abcd").unwrap()
}

#[test]
fn a_lost_answer_is_swept_and_another_token_is_made() {
    for fault in [Fault::LostAfter, Fault::ErrorAfter, Fault::Garbled] {
        let vendor = Vendor::start();
        let store = vendor.store();
        vendor.fail("POST", fault);
        let rotator = vendor.rotator(template());
        let outcome = run(&store, &rotator, &Unobserved, Wish::Forced);
        let lost = End::Later(Reason::Vendor(Action::Issue, RotatorError::Ambiguous));
        assert_eq!(outcome.end, lost, "{fault:?}");
        assert_eq!(vendor.state().tokens.len(), 2, "it was made");
        assert!(vendor.state().has(&text(&store.current())));

        std::thread::sleep(Duration::from_secs(2));
        let outcome = run(&store, &rotator, &Unobserved, Wish::Forced);
        assert_eq!(outcome.end, End::Done);
        let state = vendor.state();
        assert_eq!(state.tokens.len(), 1, "{fault:?}: {:?}", state.tokens);
        assert_eq!(state.tokens[0].value, text(&store.current()));
    }
}

#[test]
fn a_refusal_gives_the_claim_back() {
    for (status, error) in [
        (401, RotatorError::Denied),
        (403, RotatorError::Denied),
        (404, RotatorError::Failed),
        (409, RotatorError::Failed),
        (422, RotatorError::Failed),
        (429, RotatorError::Limited(Some(Duration::from_secs(30)))),
    ] {
        let vendor = Vendor::start();
        let store = vendor.store();
        let rotator = vendor.rotator(template());
        vendor.fail("POST", Fault::Instead(status));
        let outcome = run(&store, &rotator, &Unobserved, Wish::Forced);
        assert_eq!(
            outcome.end,
            End::of_vendor(Action::Issue, error),
            "{status}"
        );
        let remedy = rotator.remedy(error).unwrap();
        assert!(
            remedy.contains(&format!(
                "answered {status} to `POST /api/serviceaccounts/{{{{sa}}}}/tokens`"
            )),
            "{remedy}"
        );
        assert_eq!(
            remedy.contains("serviceaccounts:write"),
            error == RotatorError::Denied,
            "{remedy}"
        );
        // Nothing is waited for: the next run begins at once.
        assert_eq!(
            run(&store, &rotator, &Unobserved, Wish::Forced).end,
            End::Done
        );
    }
}

#[test]
fn a_limit_of_live_tokens_is_seen_before_anything_is_made() {
    let vendor = Vendor::start();
    let store = vendor.store();
    vendor.state().make("of somebody else");
    let mut template = template();
    if let mcp_launch_rotator_http::Making::Issue {
        max_live, occupied, ..
    } = &mut template.making
    {
        *max_live = Some(2);
        *occupied = vec![409];
    }
    let rotator = vendor.rotator(template.clone());
    let full = End::NeedsPerson(Reason::Vendor(Action::Issue, RotatorError::Occupied));
    assert_eq!(run(&store, &rotator, &Unobserved, Wish::Forced).end, full);
    let remedy = rotator.remedy(RotatorError::Occupied).unwrap();
    assert!(
        remedy.contains("has 2 live tokens where 2 may be"),
        "{remedy}"
    );
    assert!(
        vendor
            .server
            .requests()
            .iter()
            .all(|request| request.method != "POST")
    );

    if let mcp_launch_rotator_http::Making::Issue { max_live, .. } = &mut template.making {
        *max_live = None;
    }
    vendor.state().limit = 2;
    let rotator = vendor.rotator(template);
    assert_eq!(run(&store, &rotator, &Unobserved, Wish::Forced).end, full);
    assert_eq!(vendor.state().tokens.len(), 2);
}

#[test]
fn revoking_twice_and_what_was_never_there_is_done() {
    let vendor = Vendor::start();
    let rotator = vendor.rotator(template());
    let login = bare("x");
    let made = rotator.issue(&id(), &login, deadline()).unwrap();
    let handle = made.handle.unwrap();
    for _ in 0..2 {
        assert_eq!(rotator.retire(&handle, &login, deadline()), Ok(()));
    }
    vendor.fail("DELETE", Fault::LostAfter);
    assert_eq!(
        rotator.retire(&handle, &login, deadline()),
        Err(RotatorError::Ambiguous)
    );
    // A name that would lead to another path is not sent.
    let asked = vendor.server.requests().len();
    for odd in ["..", "."] {
        let odd = Handle::new(odd).unwrap();
        assert_eq!(
            rotator.retire(&odd, &login, deadline()),
            Err(RotatorError::Failed)
        );
    }
    assert_eq!(vendor.server.requests().len(), asked);
}

#[test]
fn a_vendor_that_is_not_there_has_done_nothing() {
    let refused = RefusedAddress::new();
    let rotator = rotator_at(&refused.http());
    let login = bare("x");
    let error = rotator.issue(&id(), &login, deadline()).err();
    assert_eq!(error, Some(RotatorError::Unavailable));
    assert_eq!(rotator.probe(&login, deadline()), Liveness::Unknown);
    assert!(rotator.identify(&login, deadline()).is_err());
    assert!(
        rotator
            .remedy(RotatorError::Unavailable)
            .unwrap()
            .contains("127.0.0.1")
    );
}

#[test]
fn no_answer_by_the_deadline_may_be_a_token() {
    let server = FaultServer::start(Answer::stall());
    let rotator = rotator_at(&server.address());
    let soon = || Deadline::after(Duration::from_millis(300));
    let error = rotator.issue(&id(), &bare("x"), soon()).err();
    assert_eq!(error, Some(RotatorError::Ambiguous));
    let error = rotator.list(&bare("x"), soon()).err();
    assert_eq!(error, Some(RotatorError::Unavailable));
    // After it, nothing is sent.
    let asked = server.requests().len();
    let error = rotator
        .issue(&id(), &bare("x"), Deadline::after(Duration::ZERO))
        .err();
    assert_eq!(error, Some(RotatorError::Unavailable));
    assert_eq!(server.requests().len(), asked);
}

#[test]
fn a_redirect_is_not_followed_and_an_endless_answer_not_read() {
    let elsewhere = FaultServer::start(Answer::json(200, &json!({ "id": 1, "key": "k" })));
    let server = FaultServer::start(Answer::redirect(&elsewhere.address()));
    let rotator = rotator_at(&server.address());
    let error = rotator.issue(&id(), &bare("x"), deadline()).err();
    assert_eq!(error, Some(RotatorError::Ambiguous));
    assert_eq!(rotator.probe(&bare("x"), deadline()), Liveness::Unknown);
    assert_eq!(elsewhere.connections(), 0);

    let long = "x".repeat(1024 * 1024 + 1);
    let server = FaultServer::start(Answer::json(200, &json!({ "id": 1, "key": long })));
    let error = rotator_at(&server.address())
        .issue(&id(), &bare("x"), deadline())
        .err();
    assert_eq!(error, Some(RotatorError::Ambiguous));
}

/// A vendor that repeats all it is sent: none of it comes out of an error or a remedy, and secrets are in headers only.
#[test]
fn no_value_is_in_an_address_a_body_or_an_error() {
    let administrator = Canary::shaped_like("aaaaAAAA0000aaaaAAAA0000");
    let token = Canary::shaped_like("aaaaAAAA0000aaaaAAAA0000");
    let told = Canary::shaped_like("aaaaAAAA0000aaaaAAAA0000");
    for status in [200, 301, 400, 401, 403, 404, 409, 422, 429, 500] {
        let body = json!({ "message": format!("{} {} {}", administrator.value(), token.value(), told.value()) });
        let server = FaultServer::start(Script::from_fn(move |_| Answer::json(status, &body)));
        let mark = Mark::new("grafana", "memory");
        let connection = connection(&server.address());
        let rotator = HttpRotator::new(
            template(),
            connection,
            Some(bare(administrator.value())),
            mark,
        )
        .unwrap();
        let login = bare(token.value());
        let mut shown = String::new();
        let mut show = |error: Option<RotatorError>| {
            let error = error.unwrap_or(RotatorError::Failed);
            shown += &format!("{error} {error:?} {:?}\n", rotator.remedy(error));
        };
        show(rotator.issue(&id(), &login, deadline()).err());
        show(rotator.list(&login, deadline()).err());
        show(
            rotator
                .retire(&Handle::new("7").unwrap(), &login, deadline())
                .err(),
        );
        show(rotator.identify(&login, deadline()).err());
        for canary in [&administrator, &token, &told] {
            canary.assert_absent("what is shown", &shown);
            for request in server.requests() {
                canary.assert_absent("an address", &request.path);
                canary.assert_absent("a body", &request.body);
            }
        }
        let shown_to_vendor = server.requests().iter().any(|request| {
            request
                .header("authorization")
                .is_some_and(|text| token.find_in(text).is_some())
        });
        assert!(shown_to_vendor, "the probe shows the token in its header");
    }
}

fn rotator_at(address: &str) -> HttpRotator {
    let mark = Mark::new("grafana", "memory");
    HttpRotator::new(template(), connection(address), Some(bare("admin")), mark).unwrap()
}
