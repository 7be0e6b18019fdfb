//! What the settings say of a secret: where it comes from, and whether it must be there.

use mcp_launch_core::{Address, Name};

use crate::document::{Located, Origin};
use crate::entries::{SecretEntry, Secrets};
use crate::error::ConfigError;
use crate::settings::{Settings, value_of};
use crate::trust::Trust;

/// What the settings say of one secret, both files together.
#[derive(Clone, Debug)]
pub struct Binding {
    /// The secret.
    pub name: Name,
    /// What it is for, for a person.
    pub description: Option<String>,
    /// Where it comes from; looked up in the order if nowhere in particular.
    pub from: Option<Located<Address>>,
    /// Whether a file says that it must be there.
    pub required: bool,
    /// The entry that counts most: the project's, else the person's own.
    pub origin: Origin,
}

impl Settings {
    /// What the settings say of a secret; `None` if neither file names it.
    ///
    /// # Errors
    /// When a project file that is not trusted would say where it comes from.
    pub fn binding(&self, name: &str) -> Result<Option<Binding>, ConfigError> {
        let Some(name) = Name::new(name) else {
            return Ok(None);
        };
        self.project_must_be_sound()?;
        let [near, _] = self.entries(&name);
        if let Some(from) = near.and_then(|near| near.value.from.as_ref()) {
            self.must_be_trusted(&from.origin, || format!("secrets.{name}.from"))?;
        }
        Ok(self.merged(&name))
    }

    /// Both files together; where a secret comes from, by the project only if it is trusted.
    fn merged(&self, name: &Name) -> Option<Binding> {
        let [near, far] = self.entries(name);
        let trusted = self
            .project
            .as_ref()
            .is_some_and(|project| project.trust == Trust::Trusted);
        let entries = || [near, far].into_iter().flatten().map(|entry| &entry.value);
        Some(Binding {
            name: name.clone(),
            description: entries().find_map(|entry| value_of(&entry.description)),
            from: near
                .filter(|_| trusted)
                .and_then(|near| near.value.from.clone())
                .or_else(|| far.and_then(|far| far.value.from.clone())),
            required: entries().any(|entry| value_of(&entry.required) == Some(true)),
            origin: near.or(far)?.origin.clone(),
        })
    }

    /// What the project's file says of it, and what the person's own.
    pub(crate) fn entries(&self, name: &Name) -> [Option<&Located<SecretEntry>>; 2] {
        [
            self.project
                .as_ref()
                .and_then(|project| project.file.secrets.get(name)),
            self.user.as_ref().and_then(|user| user.secrets.get(name)),
        ]
    }

    /// The names of the secrets that a file says must be there, sorted.
    #[must_use]
    pub fn required_names(&self) -> Vec<Name> {
        self.names(|secrets| {
            secrets
                .iter()
                .filter(|(_, entry)| value_of(&entry.value.required) == Some(true))
                .map(|(name, _)| name.clone())
                .collect()
        })
    }

    /// The names of all secrets that a file names, sorted.
    #[must_use]
    pub fn secret_names(&self) -> Vec<Name> {
        self.names(|secrets| secrets.keys().cloned().collect())
    }

    fn names(&self, of: impl Fn(&Secrets) -> Vec<Name>) -> Vec<Name> {
        let near = self.project.as_ref().map(|project| &project.file.secrets);
        let far = self.user.as_ref().map(|user| &user.secrets);
        let mut names: Vec<Name> = [near, far].into_iter().flatten().flat_map(of).collect();
        names.sort();
        names.dedup();
        names
    }
}
