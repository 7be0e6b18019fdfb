//! Engines and logins that take more than one call to set up.

use serde_json::json;

use super::OpenBao;
use crate::kubernetes::Kubernetes;
use crate::postgres::Postgres;
use crate::signed_token::TokenIssuer;

/// Makes a user that may read.
const CREATION: &str = r#"CREATE ROLE "{{name}}" WITH LOGIN PASSWORD '{{password}}' VALID UNTIL '{{expiration}}'; GRANT pg_read_all_data TO "{{name}}";"#;

impl OpenBao {
    /// A policy by its text in HCL.
    ///
    /// # Panics
    /// When OpenBao refuses it.
    pub fn write_policy(&self, name: &str, hcl: &str) {
        let path = format!("sys/policies/acl/{name}");
        self.api("PUT", &path, Some(json!({ "policy": hcl })));
    }

    /// The engine at `database/` with the role `app`: `database/creds/app` is a new user of `postgres` at each read,
    /// with a lease of these times (`3s`, `1m`).
    ///
    /// # Panics
    /// When OpenBao refuses it.
    pub fn enable_database(&self, postgres: &Postgres, default_ttl: &str, max_ttl: &str) {
        let port = postgres.port();
        let url = format!(
            "postgresql://{{{{username}}}}:{{{{password}}}}@127.0.0.1:{port}/postgres?sslmode=disable"
        );
        let config = json!({
            "plugin_name": "postgresql-database-plugin",
            "allowed_roles": "app",
            "connection_url": url,
            "username": "postgres",
            "password": postgres.password(),
        });
        let role = json!({
            "db_name": "postgres",
            "creation_statements": CREATION,
            "default_ttl": default_ttl,
            "max_ttl": max_ttl,
        });
        self.api(
            "POST",
            "sys/mounts/database",
            Some(json!({ "type": "database" })),
        );
        self.api("POST", "database/config/postgres", Some(config));
        self.api("POST", "database/roles/app", Some(role));
    }

    /// AppRole at `auth/approle` with the role `app`, whose tokens have `policy` and live as long as `ttl`: its role-id
    /// and a secret-id.
    ///
    /// # Panics
    /// When OpenBao refuses it.
    pub fn enable_approle(&self, policy: &str, ttl: &str) -> (String, String) {
        let role = json!({ "token_policies": policy, "token_ttl": ttl });
        self.api(
            "POST",
            "sys/auth/approle",
            Some(json!({ "type": "approle" })),
        );
        self.api("POST", "auth/approle/role/app", Some(role));
        let role_id = self.bao(&["read", "-field=role_id", "auth/approle/role/app/role-id"]);
        let secret_id = self.bao(&[
            "write",
            "-f",
            "-field=secret_id",
            "auth/approle/role/app/secret-id",
        ]);
        (role_id, secret_id)
    }

    /// JWT at `auth/jwt` with the role `app`: a token of `issuer` with the audience `openbao` and the claim `sub` gets
    /// `policy`.
    ///
    /// # Panics
    /// When OpenBao refuses it.
    pub fn enable_jwt(&self, issuer: &TokenIssuer, policy: &str) {
        let keys = json!({ "jwt_validation_pubkeys": [issuer.public_key()] });
        let role = json!({
            "role_type": "jwt",
            "user_claim": "sub",
            "bound_audiences": ["openbao"],
            "token_policies": policy,
        });
        self.api("POST", "sys/auth/jwt", Some(json!({ "type": "jwt" })));
        self.api("POST", "auth/jwt/config", Some(keys));
        self.api("POST", "auth/jwt/role/app", Some(role));
    }

    /// Kubernetes at `auth/kubernetes` with the role `app`: the service account `app` of the namespace `prod` gets
    /// `policy`.
    ///
    /// # Panics
    /// When OpenBao refuses it.
    pub fn enable_kubernetes(&self, kubernetes: &Kubernetes, policy: &str) {
        let config = json!({
            "kubernetes_host": kubernetes.address(),
            "kubernetes_ca_cert": kubernetes.ca(),
            "token_reviewer_jwt": kubernetes.service_account_token("kube-system", "reviewer"),
            "disable_local_ca_jwt": true,
        });
        let role = json!({
            "bound_service_account_names": "app",
            "bound_service_account_namespaces": "prod",
            "token_policies": policy,
        });
        self.api(
            "POST",
            "sys/auth/kubernetes",
            Some(json!({ "type": "kubernetes" })),
        );
        self.api("POST", "auth/kubernetes/config", Some(config));
        self.api("POST", "auth/kubernetes/role/app", Some(role));
    }

    /// Certificates at `auth/cert` with the role `app`: a certificate of this authority (PEM) with this common name
    /// gets `policy`. The server must have been started with TLS.
    ///
    /// # Panics
    /// When OpenBao refuses it.
    pub fn enable_cert(&self, authority: &str, common_name: &str, policy: &str) {
        let role = json!({
            "certificate": authority,
            "allowed_common_names": common_name,
            "token_policies": policy,
        });
        self.api("POST", "sys/auth/cert", Some(json!({ "type": "cert" })));
        self.api("POST", "auth/cert/certs/app", Some(role));
    }
}
