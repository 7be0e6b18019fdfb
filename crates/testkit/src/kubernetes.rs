//! What the Kubernetes login needs of a cluster: tokens of service accounts, and the API that reviews them.

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};

use crate::certificates::Certificates;
use crate::fault_server::{Answer, FaultServer, HttpRequest, Script};
use crate::signed_token::TokenIssuer;

/// Longer than any test.
const VALIDITY: Duration = Duration::from_secs(3600);

const REVIEWS: &str = "/apis/authentication.k8s.io/v1/tokenreviews";

/// An API server that only reviews tokens, over TLS. It knows the tokens that it gave out.
pub struct Kubernetes {
    certificates: Certificates,
    api: FaultServer,
    issuer: Arc<TokenIssuer>,
}

impl Kubernetes {
    /// A cluster without service accounts.
    ///
    /// # Panics
    /// When no port is free.
    #[must_use]
    pub fn start() -> Self {
        let certificates = Certificates::new();
        let issuer = Arc::new(TokenIssuer::new());
        let known = Arc::clone(&issuer);
        let script = Script::from_fn(move |request| review(&known, request));
        Self {
            api: FaultServer::start_tls(&certificates.server(), script),
            certificates,
            issuer,
        }
    }

    /// For `kubernetes_host`.
    #[must_use]
    pub fn address(&self) -> String {
        self.api.address()
    }

    /// For `kubernetes_ca_cert`, PEM.
    ///
    /// # Panics
    /// When the file of the authority is gone.
    #[must_use]
    pub fn ca(&self) -> String {
        std::fs::read_to_string(self.certificates.ca()).expect("the authority of a test")
    }

    /// The token of a service account, as it is mounted into a pod.
    #[must_use]
    pub fn service_account_token(&self, namespace: &str, name: &str) -> String {
        let claims = json!({
            "iss": "https://kubernetes.default.svc.cluster.local",
            "sub": format!("system:serviceaccount:{namespace}:{name}"),
            "aud": ["https://kubernetes.default.svc.cluster.local"],
            "kubernetes.io": {
                "namespace": namespace,
                "serviceaccount": { "name": name, "uid": uid(namespace, name) },
            },
        });
        self.issuer.sign(claims, VALIDITY)
    }

    /// What the API was asked.
    #[must_use]
    pub fn requests(&self) -> Vec<HttpRequest> {
        self.api.requests()
    }
}

fn review(issuer: &TokenIssuer, request: &HttpRequest) -> Answer {
    if (request.method.as_str(), request.path.as_str()) != ("POST", REVIEWS) {
        return Answer::json(404, &json!({ "kind": "Status", "code": 404 }));
    }
    let asked: Value = serde_json::from_slice(&request.body).unwrap_or_default();
    let token = asked["spec"]["token"].as_str().unwrap_or_default();
    let status = match issuer.verified(token) {
        None => json!({ "authenticated": false, "error": "unknown token" }),
        Some(claims) => {
            let account = &claims["kubernetes.io"]["serviceaccount"];
            json!({
                "authenticated": true,
                "user": {
                    "username": claims["sub"],
                    "uid": account["uid"],
                    "groups": ["system:serviceaccounts", "system:authenticated"],
                },
                "audiences": claims["aud"],
            })
        }
    };
    let review = json!({
        "apiVersion": "authentication.k8s.io/v1",
        "kind": "TokenReview",
        "status": status,
    });
    Answer::json(201, &review)
}

fn uid(namespace: &str, name: &str) -> String {
    format!("uid-of-{namespace}-{name}")
}
