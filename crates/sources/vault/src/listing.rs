//! The names that are in a secret, or in a folder of secrets.

use serde::Deserialize;

use crate::endpoint::List;
use crate::exchange::Repeat;
use crate::fault::{Failure, Fault};
use crate::kept::{Home, Keeping};
use crate::reference::{SecretPath, piece};
use crate::reserved::JOURNAL;
use crate::secret::Mount;
use crate::settings::Engine;

impl Keeping<'_> {
    /// The fields of `secret`, sorted.
    #[expect(clippy::disallowed_methods, reason = "only the names are looked at")]
    pub(crate) async fn fields(&self, secret: &SecretPath) -> Result<Vec<String>, Failure> {
        let current = self.current(secret).await?;
        let data = current.data.ok_or(current.absent)?;
        let mut names =
            mcp_launch_json_field::names(data.expose()).map_err(|_| Fault::Unreadable)?;
        names.retain(|name| name != JOURNAL);
        Ok(pieces(names))
    }

    /// The secrets and folders in `folder`, whose path ends in `/`, sorted. A folder's name ends in `/` too.
    pub(crate) async fn secrets(&self, folder: &SecretPath) -> Result<Vec<String>, Failure> {
        let known = match self.known(folder)? {
            Some(known) => Some(known),
            None => self.mount_of(folder).await?,
        };
        let is_known = known.is_some();
        let first = folder.segments()[0].to_owned();
        let (mount, engine) = known.unwrap_or((first, Engine::KvV2));
        let rest = folder.below(&mount).ok_or(Fault::PathMissing)?;
        let (path, versioned) = match engine {
            Engine::Other => return Err(Fault::MakesCredentials.into()),
            Engine::KvV1 => (rest, false),
            // People write the path of the API too.
            Engine::KvV2 => {
                let without = |part| rest.strip_prefix(part);
                let path = without("data/").or_else(|| without("metadata/"));
                (path.unwrap_or(rest), true)
            }
        };
        let home = Home {
            path: path.trim_end_matches('/').to_owned(),
            mount,
            versioned,
        };
        let path = home.api("metadata").trim_end_matches('/').to_owned();
        let request = List { path: path.clone() };
        let asked = self
            .vault
            .ask(Some(self.token), request, Repeat::AfterFailure);
        let answer = asked.await?;
        if !answer.succeeded() {
            let mount = if is_known {
                Mount::Known
            } else {
                Mount::Unknown
            };
            let refusal = self
                .vault
                .refusal(self.token, &answer, &path, "list", mount);
            return Err(refusal.await);
        }
        #[derive(Deserialize)]
        struct Listed {
            keys: Vec<String>,
        }
        let data = answer.envelope()?.data.ok_or(Fault::Unreadable)?;
        let Listed { keys } = serde_json::from_str(data.get()).map_err(|_| Fault::Unreadable)?;
        Ok(pieces(keys))
    }
}

/// `names` as they stand in a locator. One that is empty has no locator.
fn pieces(names: Vec<String>) -> Vec<String> {
    let mut pieces: Vec<String> = names
        .iter()
        .filter(|name| !name.is_empty())
        .map(|name| piece(name))
        .collect();
    pieces.sort();
    pieces
}
