//! How the Secret Service stands.

use mcp_launch_core::SourceError;

use crate::health::{Health, Standing};
use crate::secret_service::address::BusAddress;
use crate::secret_service::bus::Bus;
use crate::secret_service::calls;

/// What [`ask`] found: who answers, and how the default collection stands.
pub(crate) struct Answer {
    owner: Option<String>,
    standing: Standing,
}

/// Asks for the default collection, which starts the service if the bus can, and who answered.
pub(crate) async fn ask(bus: &Bus) -> Result<Answer, SourceError> {
    let collection = calls::object_in(&bus.ask(calls::default_collection()?).await?)?;
    let standing = match collection {
        None => Standing::NoCollection,
        Some(collection) => {
            let call = calls::is_locked(&collection, calls::COLLECTION)?;
            if calls::property_in(&bus.ask(call).await?)? {
                Standing::Locked
            } else {
                Standing::Ready
            }
        }
    };
    let owner = match bus.ask(calls::owner()?).await {
        Ok(answer) => answer.body().deserialize().ok().and_then(program_name),
        Err(_) => None,
    };
    Ok(Answer { owner, standing })
}

pub(crate) fn of(address: &BusAddress, answer: Result<Answer, SourceError>) -> Health {
    let (owner, standing) = match answer {
        Ok(Answer { owner, standing }) => (owner, standing),
        Err(error) => (None, Standing::Failed(error)),
    };
    Health {
        keychain: "Secret Service",
        address: address.shown(),
        owner,
        standing,
    }
}

/// The program's name as the kernel keeps it: its first 15 bytes.
fn program_name(process: u32) -> Option<String> {
    let name = std::fs::read_to_string(format!("/proc/{process}/comm")).ok()?;
    Some(name.trim_end().to_owned())
}
