//! Whether a name promises a secret: `GITHUB_TOKEN` does, `GITHUB_TOKEN_FILE` and `MAX_TOKENS` do not.

use crate::words::{one_of, words};

/// What kind of credential a name promises.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Noun {
    /// `AUTH`: as often the name of a method as of a credential.
    Auth,
    /// The words that a wallet is made from.
    Mnemonic,
    /// What a person may have chosen.
    Password,
    /// What a machine has made.
    Token,
}

/// Nouns of what a machine makes.
#[rustfmt::skip]
const TOKENS: &[&str] = &[
    "APIKEY", "APIKEYS", "AUTHORIZATION", "BEARER", "COOKIE", "COOKIES", "CREDENTIAL", "CREDENTIALS", "CREDS", "DSN",
    "JWT", "KEY", "KEYS", "PAT", "SECRET", "SECRETS", "TOKEN", "TOKENS",
];

/// Nouns of what a person chooses.
#[rustfmt::skip]
const PASSWORDS: &[&str] = &[
    "PASS", "PASSPHRASE", "PASSWD", "PASSWORD", "PASSWORDS", "PASSCODE", "PW", "PWD",
];

/// Nouns that are written together with what stands before them: `PGPASSWORD`, `TAVILYAPIKEY`.
const GLUED: &[(&str, Noun)] = &[
    ("ACCESSKEY", Noun::Token),
    ("ACCOUNTKEY", Noun::Token),
    ("APIKEY", Noun::Token),
    ("AUTHKEY", Noun::Token),
    ("CREDENTIALS", Noun::Token),
    ("ENCRYPTIONKEY", Noun::Token),
    ("MASTERKEY", Noun::Token),
    ("MNEMONIC", Noun::Mnemonic),
    ("PASSPHRASE", Noun::Password),
    ("PASSWD", Noun::Password),
    ("PASSWORD", Noun::Password),
    ("PRIVATEKEY", Noun::Token),
    ("SECRET", Noun::Token),
    ("SECRETKEY", Noun::Token),
    ("SIGNINGKEY", Noun::Token),
    ("TOKEN", Noun::Token),
];

/// Words after the noun that make it the name of something about the credential.
#[rustfmt::skip]
const TAILS: &[&str] = &[
    "ADDRESS", "AGE", "ALG", "ALGO", "ALGORITHM", "ALIAS", "ARN", "ATTRIBUTE", "AUDIENCE", "AUTHENTICATION",
    "BACKEND", "BINDING", "BINDINGS", "BROWSER", "BUCKET", "BUDGET", "CACHE", "CHAIN", "CHECK", "CHECKSUM", "CLAIM",
    "CLAIMS", "CMD", "COLUMN", "COMMAND", "COMMENT", "CONTRACT", "COUNT", "COUNTER", "DAYS", "DECIMALS", "DELIMITER",
    "DERIVATION", "DESCRIPTION", "DIGEST", "DIR", "DIRECTORY", "DISABLED", "DOMAIN", "DURATION", "EMAIL", "ENABLED",
    "ENCODING", "ENDPOINT", "ENGINE", "ENV", "ESTIMATE", "ESTIMATOR", "EXP", "EXPIRATION", "EXPIRES", "EXPIRY",
    "FIELD", "FILE", "FILENAME", "FILES", "FINGERPRINT", "FOLDER", "FORMAT", "HASH", "HASHED", "HEADER", "HEADERS",
    "HELPER", "HINT", "HOST", "HOSTNAME", "HOURS", "ID", "IDS", "INTERVAL", "ISSUER", "LABEL", "LEN", "LENGTH",
    "LEVEL", "LIFETIME", "LIMIT", "LIMITS", "LOCATION", "MANAGER", "MAPPING", "MAX", "METHOD", "MIN", "MINT",
    "MINUTES", "MODE", "MODEL", "MS", "NAME", "NAMES", "NAMESPACE", "PARAM", "PATH", "PATHS", "PATTERN",
    "PLACEHOLDER", "POLICY", "POOL", "PORT", "PREFIX", "PROMPT", "PROVIDER", "REGION", "REQUIRED", "RING", "ROTATION",
    "SAMESITE", "SCOPE", "SCOPES", "SECONDS", "SECURE", "SEPARATOR", "SERIAL", "SERVER", "SERVICE", "SIZE", "SOURCE",
    "SPACE", "STATE", "STATUS", "STORAGE", "STORE", "STRATEGY", "SUFFIX", "SYMBOL", "TABLE", "TEMPLATE", "THRESHOLD",
    "THROUGH", "THUMBPRINT", "TIMEOUT", "TITLE", "TTL", "TYPE", "URI", "URIS", "URL", "URLS", "USAGE", "USER",
    "USERNAME", "VALIDATION", "VAR", "VARIABLE", "VAULT", "VERSION", "WINDOW",
];

/// Pairs at the end of a name that mean a credential without a noun: Telegram's `API_HASH` and `SESSION_STRING`.
const PAIRS: &[[&str; 2]] = &[["API", "HASH"], ["SESSION", "STRING"]];

/// Words before `KEY` that make it a name or a position, and what may be seen.
#[rustfmt::skip]
const NO_KEYS: &[&str] = &[
    "BOARD", "CACHE", "FOREIGN", "GROUP", "HOST", "HOT", "INDEX", "ISSUE", "OBJECT", "PARTITION", "PRIMARY",
    "PROJECT", "PUBLIC", "PUBLISHABLE", "RANGE", "ROW", "SHARD", "SHORTCUT", "SITE", "SORT", "SPACE", "TRANSLATION",
];

/// Words before `TOKEN` and `TOKENS` that make them pieces of text.
#[rustfmt::skip]
const NO_TOKENS: &[&str] = &[
    "BOS", "CHUNK", "COMPLETION", "CONTEXT", "EOS", "INPUT", "MAX", "MIN", "NUM", "OUTPUT", "PAD", "PROMPT", "PUBLIC",
    "STOP", "THINKING", "TOTAL",
];

/// Whether `name` promises a secret: the name of a variable, a header, a flag, a key in JSON, a parameter of an address.
#[must_use]
pub fn is_secret_name(name: &str) -> bool {
    credential(name).is_some()
}

/// What kind of credential `name` promises: the last noun in it decides, unless a word after it says that the name is about
/// something else.
pub(crate) fn credential(name: &str) -> Option<Noun> {
    let words = words(name);
    let last = words
        .iter()
        .rposition(|word| word.bytes().all(|byte| !byte.is_ascii_digit()))?;
    if let [.., before, word] = words[..]
        && PAIRS
            .iter()
            .any(|pair| one_of(before, &pair[..1]) && one_of(word, &pair[1..]))
    {
        return Some(Noun::Token);
    }
    let (at, noun) = (0..words.len())
        .rev()
        .find_map(|at| Some((at, noun(words[at], at == last)?)))?;
    let cancelled = words[at + 1..].iter().any(|word| one_of(word, TAILS));
    let before = at.checked_sub(1).map_or("", |before| words[before]);
    let word = words[at];
    let harmless = (one_of(word, &["KEY", "KEYS"]) && one_of(before, NO_KEYS))
        || (one_of(word, &["TOKEN", "TOKENS"]) && one_of(before, NO_TOKENS))
        || (one_of(word, &["PASS"]) && one_of(before, &["BY", "FIRST"]));
    // `MNEMONIC`, `SEED_PHRASE`, `RECOVERY_PHRASE`.
    let phrase =
        one_of(word, &["PHRASE"]) && !one_of(before, &["SEED", "RECOVERY", "SECRET", "PASS"]);
    (!cancelled && !harmless && !phrase).then_some(noun)
}

/// What `word` means by itself. `last`: no other word follows it.
fn noun(word: &str, last: bool) -> Option<Noun> {
    if one_of(word, TOKENS) {
        Some(Noun::Token)
    } else if one_of(word, PASSWORDS) {
        Some(Noun::Password)
    } else if one_of(word, &["MNEMONIC", "PHRASE"]) {
        Some(Noun::Mnemonic)
    } else if last && one_of(word, &["AUTH", "SIG", "SIGNATURE"]) {
        Some(Noun::Auth)
    } else {
        GLUED.iter().find_map(|&(end, noun)| {
            let at = word.len().checked_sub(end.len())?;
            word.get(at..)?.eq_ignore_ascii_case(end).then_some(noun)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_credentials_promise_a_secret() {
        for name in [
            "GITHUB_PERSONAL_ACCESS_TOKEN",
            "OPENAI_API_KEY",
            "API_KEY_2",
            "TOKEN1",
            "apiKey",
            "APIKey",
            "x-api-key",
            "X-Goog-Api-Key",
            "Authorization",
            "Proxy-Authorization",
            "Cookie",
            "MSSQL_PASSWORD",
            "PGPASSWORD",
            "MYSQL_PWD",
            "DB_PASS",
            "TAVILYAPIKEY",
            "tavilyApiKey",
            "exaApiKey",
            "AWS_SECRET_ACCESS_KEY",
            "CLIENT_SECRET",
            "clientsecret",
            "GOOGLE_APPLICATION_CREDENTIALS",
            "GITLAB_PAT",
            "WALLET_MNEMONIC",
            "SEED_PHRASE",
            "BASIC_AUTH",
            "SENTRY_DSN",
            "SECRET_KEY_BASE",
            "TELEGRAM_API_HASH",
            "SESSION_STRING",
            "KEYCLOAK_CLIENT_SECRET",
            "API_KEY_PRODUCTION",
            "PRIVATE_KEY",
            "access-token",
            "KEY",
            "authtoken",
            "X_SIGNATURE",
            "AccountKey",
            "DISCORD_BOT_TOKEN",
            "SECRET_KEY",
            "REDIS_PASSWORD",
            "GRAFANA_API_KEY",
            "api_keys",
        ] {
            assert!(is_secret_name(name), "{name}");
        }
    }

    #[test]
    fn names_of_something_about_a_credential_promise_none() {
        for name in [
            "AWS_ACCESS_KEY_ID",
            "TOKEN_FILE",
            "SECRET_NAME",
            "TOKEN_URL",
            "API_KEY_HEADER",
            "KEY_PATH",
            "TOKEN_TTL",
            "TOKEN_EXPIRY",
            "PASSWORD_MIN_LENGTH",
            "SECRET_ARN",
            "JOB_LOG_TOKEN_THRESHOLD",
            "TOKEN_ENDPOINT",
            "KEY_TYPE",
            "API_KEY_ENABLED",
            "TOKEN_SCOPES",
            "PASSWORD_HASH",
            "TOKEN_COUNTER",
            "API_KEY_HASH",
            "COOKIE_SECURE",
            "TOKEN_ISSUER",
            "KEY_ALIAS",
            "SECRETS_REGION",
            "AZURE_KEY_VAULT_URL",
            "PASS_THROUGH",
            "SharedAccessKeyName",
        ] {
            assert!(!is_secret_name(name), "{name}");
        }
    }

    #[test]
    fn pairs_of_words_that_mean_something_else_promise_none() {
        for name in [
            "PUBLIC_KEY",
            "PARTITION_KEY",
            "VERTEX_AI_MAX_OUTPUT_TOKENS",
            "MAX_TOKENS",
            "JIRA_PROJECT_KEY",
            "SITE_KEY",
            "primary-key",
            "STRIPE_PUBLISHABLE_KEY",
            "BY_PASS",
            "CATCH_PHRASE",
        ] {
            assert!(!is_secret_name(name), "{name}");
        }
    }

    #[test]
    fn other_names_promise_none() {
        for name in [
            "",
            "PATH",
            "HOME",
            "KEYCLOAK_URL",
            "MONKEY",
            "TOKENIZERS_PARALLELISM",
            "COMPASS_PORT",
            "AUTHOR",
            "AUTH_TYPE",
            "SIGNATURE_VERSION",
            "project-ref",
            "CLIENT_ID",
            "USERNAME",
            "MSSQL_DRIVER",
            "LOG_LEVEL",
            "BYPASS",
            "KEYBOARD",
            "42",
        ] {
            assert!(!is_secret_name(name), "{name}");
        }
    }
}
