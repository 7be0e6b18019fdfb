//! Signed tokens (JWT), as an identity provider gives them out.

use std::time::{Duration, SystemTime};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rcgen::KeyPair;
use ring::rand::SystemRandom;
use ring::signature::{
    ECDSA_P256_SHA256_FIXED, ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _,
    UnparsedPublicKey,
};
use serde_json::{Value, json};

/// Signs tokens with a key of its own, by ES256: the Kubernetes login of OpenBao takes no Ed25519.
pub struct TokenIssuer {
    key: EcdsaKeyPair,
    public_key: String,
}

impl TokenIssuer {
    /// A new key.
    ///
    /// # Panics
    /// When the system has no random bytes.
    #[must_use]
    pub fn new() -> Self {
        let generated = KeyPair::generate().expect("a key");
        let key = EcdsaKeyPair::from_pkcs8(
            &ECDSA_P256_SHA256_FIXED_SIGNING,
            generated.serialized_der(),
            &SystemRandom::new(),
        );
        Self {
            key: key.expect("a key of the curve P-256"),
            public_key: generated.public_key_pem(),
        }
    }

    /// For `jwt_validation_pubkeys`, PEM.
    #[must_use]
    pub fn public_key(&self) -> &str {
        &self.public_key
    }

    /// A token with these claims, and with `iat`, `nbf` and `exp` for `validity` from now on.
    ///
    /// # Panics
    /// When `claims` is no object.
    #[must_use]
    pub fn sign(&self, mut claims: Value, validity: Duration) -> String {
        let now = SystemTime::now()
            .duration_since(SystemTime::UNIX_EPOCH)
            .expect("a time after 1970");
        claims["iat"] = now.as_secs().into();
        claims["nbf"] = now.as_secs().into();
        claims["exp"] = (now + validity).as_secs().into();
        let header = json!({ "alg": "ES256", "typ": "JWT" });
        let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let signed = format!("{}.{}", part(&header), part(&claims));
        let signature = self
            .key
            .sign(&SystemRandom::new(), signed.as_bytes())
            .expect("a signature");
        format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature))
    }

    /// The claims of a token, if it was signed here.
    pub(crate) fn verified(&self, token: &str) -> Option<Value> {
        let (signed, signature) = token.rsplit_once('.')?;
        let (_, claims) = signed.split_once('.')?;
        let signature = URL_SAFE_NO_PAD.decode(signature).ok()?;
        UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, self.key.public_key())
            .verify(signed.as_bytes(), &signature)
            .ok()?;
        serde_json::from_slice(&URL_SAFE_NO_PAD.decode(claims).ok()?).ok()
    }
}

impl Default for TokenIssuer {
    fn default() -> Self {
        Self::new()
    }
}
