//! What the settings say of a server.

use mcp_launch_core::Template;

use crate::document::{Located, Origin};
use crate::entries::{ServerCommand, ServerEntry};
use crate::error::ConfigError;
use crate::scalars::{Inherit, Isolation, OnRotate};
use crate::settings::{Settings, value_of};
use crate::shown::shown_key;

/// What the settings say of one server.
#[derive(Clone, Debug)]
pub struct Server {
    /// Its name.
    pub name: String,
    /// What is started when the launch names no command.
    pub command: Option<Located<ServerCommand>>,
    /// What the name stands for: [`Self::command`], or where the project's entry has none, the
    /// command of the person's own. A launch of another command is not one of this server.
    pub identity: Option<Located<ServerCommand>>,
    /// Variables for it, by name.
    pub env: Vec<(String, Located<Template>)>,
    /// Which of the client's variables it gets.
    pub inherit: Inherit,
    /// How it is kept from other programs.
    pub isolate: Isolation,
    /// What becomes of it when a secret that it has is rotated.
    pub on_rotate: OnRotate,
    /// The entry it comes from.
    pub origin: Origin,
}

impl Settings {
    /// The names of all servers that a file names, sorted; those of a project that is not trusted too.
    #[must_use]
    pub fn server_names(&self) -> Vec<String> {
        let near = self.project.as_ref().map(|project| &project.file.servers);
        let far = self.user.as_ref().map(|user| &user.servers);
        let mut names: Vec<String> = [near, far]
            .into_iter()
            .flatten()
            .flat_map(|servers| servers.keys().cloned())
            .collect();
        names.sort();
        names.dedup();
        names
    }

    /// What the settings say of a server; `None` if neither file names it.
    ///
    /// The project's entry takes the place of the person's own as a whole, so that no variable of
    /// theirs reaches a command of the project. Only the stricter `inherit` and `isolate` remain.
    ///
    /// # Errors
    /// When the entry is that of a project file that is not trusted.
    pub fn server(&self, name: &str) -> Result<Option<Server>, ConfigError> {
        let Some(entry) = self.server_entry(name)? else {
            return Ok(None);
        };
        let own = self.user.as_ref().and_then(|user| user.servers.get(name));
        let mut inherit = value_of(&entry.value.inherit).unwrap_or_default();
        let mut isolate = value_of(&entry.value.isolate).unwrap_or_default();
        if let Some(own) = own {
            inherit = inherit.stricter(value_of(&own.value.inherit).unwrap_or(inherit));
            isolate = isolate.stricter(value_of(&own.value.isolate).unwrap_or(isolate));
        }
        Ok(Some(Server {
            name: name.to_owned(),
            command: entry.value.command.clone(),
            identity: entry
                .value
                .command
                .as_ref()
                .or(own.and_then(|own| own.value.command.as_ref()))
                .cloned(),
            env: entry.value.env.clone(),
            inherit,
            isolate,
            on_rotate: value_of(&entry.value.on_rotate).unwrap_or_default(),
            origin: entry.origin.clone(),
        }))
    }

    /// The entry that holds: the project's, else the person's own.
    pub(crate) fn server_entry(
        &self,
        name: &str,
    ) -> Result<Option<&Located<ServerEntry>>, ConfigError> {
        self.project_must_be_sound()?;
        if let Some(entry) = self.project.as_ref().and_then(|p| p.file.servers.get(name)) {
            self.must_be_trusted(&entry.origin, || format!("servers.{}", shown_key(name)))?;
            return Ok(Some(entry));
        }
        Ok(self.user.as_ref().and_then(|user| user.servers.get(name)))
    }
}
