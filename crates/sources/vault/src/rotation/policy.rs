//! What a token needs to rotate a secret, and what of it is missing.

use mcp_launch_core::shown;

use crate::denial::{self, May};
use crate::fault::{Failure, Fault};
use crate::kept::{Home, Keeping};
use crate::reference::SecretPath;
use crate::settings::Engine;

/// The paths of the API below a mount, and what is done there: the secret is read and written, its versions are counted,
/// old ones are destroyed.
const NEEDED: [(&str, &[&str]); 3] = [
    ("data", &["read", "update"]),
    ("metadata", &["read"]),
    ("destroy", &["update"]),
];

/// All lines of the policy.
pub(crate) fn lines(home: &Home) -> String {
    let lines = NEEDED.map(|(part, capabilities)| line(&home.api(part), capabilities));
    lines.join("\n")
}

fn line(path: &str, capabilities: &[&str]) -> String {
    let capabilities: Vec<String> = capabilities
        .iter()
        .map(|capability| format!("\"{capability}\""))
        .collect();
    format!(
        "path \"{}\" {{ capabilities = [{}] }}",
        shown(path),
        capabilities.join(", ")
    )
}

impl Keeping<'_> {
    /// `failure`, with every line that is missing where it is one of the policy: one after the other would be tried
    /// otherwise.
    pub(crate) async fn with_lines(&self, failure: Failure, secret: &SecretPath) -> Failure {
        if !failure.is(Fault::Denied) {
            return failure;
        }
        let home = self.probable_home(secret).await;
        let paths = NEEDED.map(|(part, _)| home.api(part));
        let asked = paths.each_ref().map(String::as_str);
        let Ok(may) = denial::may_at(self.vault, self.token, &asked).await else {
            return failure;
        };
        let lacking: Vec<String> = NEEDED
            .iter()
            .zip(&paths)
            .zip(may)
            .filter_map(|(((_, needed), path), may)| {
                let may = match may {
                    May::Do(has) => has,
                    May::Unknown => Vec::new(),
                };
                let is_lacking = |capability: &&&str| !denial::allow(&may, capability);
                let lacking: Vec<&str> = needed.iter().filter(is_lacking).copied().collect();
                (!lacking.is_empty()).then(|| line(path, &lacking))
            })
            .collect();
        if lacking.is_empty() {
            // Something else refuses, which the failure tells.
            return failure;
        }
        let lacking = lacking.join(" ");
        Failure::with(
            failure.cause,
            format!("whoever runs it adds to the policy: {lacking}"),
        )
    }

    /// Where `secret` is, or would most likely be.
    pub(crate) async fn probable_home(&self, secret: &SecretPath) -> Home {
        let known = match self.known(secret) {
            Ok(Some(known)) => Some(known),
            _ => self.mount_of(secret).await.ok().flatten(),
        };
        let mount = match known {
            Some((mount, Engine::KvV2)) => mount,
            _ => secret.segments()[0].to_owned(),
        };
        let path = secret.below(&mount).unwrap_or_default();
        Home {
            path: path.strip_prefix("data/").unwrap_or(path).to_owned(),
            mount,
            versioned: true,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_lines_are_told() {
        let home = Home {
            mount: "secret".to_owned(),
            path: "mcp/pg".to_owned(),
            versioned: true,
        };
        assert_eq!(
            lines(&home),
            "path \"secret/data/mcp/pg\" { capabilities = [\"read\", \"update\"] }\n\
             path \"secret/metadata/mcp/pg\" { capabilities = [\"read\"] }\n\
             path \"secret/destroy/mcp/pg\" { capabilities = [\"update\"] }"
        );
    }
}
