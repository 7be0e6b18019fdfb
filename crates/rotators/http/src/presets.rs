//! Templates of known vendors, as data. Each names the page of the vendor's documentation that it is made from. None was
//! run against its vendor: the tests run them against a server that answers as that page says.

mod cloudflare;
mod datadog;
mod gitlab;
mod grafana;
mod neon;
mod openai;
mod openrouter;
mod sendgrid;

use std::time::Duration;

use crate::{Field, Template, TemplateError, Variables};

/// A vendor whose template is known.
pub struct Preset {
    /// Its name in the settings.
    pub name: &'static str,
    /// What it rotates, for a person.
    pub about: &'static str,
    /// The page of the vendor's documentation that it is made from.
    pub source: &'static str,
    /// The vendor's address; `None` where each has its own.
    pub base: Option<&'static str>,
    /// What the user has to say, or may.
    pub settings: &'static [Setting],
    /// The fields of the administrator's credential; a single empty name is that of a bare value. Empty where the credential
    /// rotates itself.
    pub administrator: &'static [&'static str],
    /// Whether it was run against the vendor itself, and not only against a server that answers as its documentation says.
    pub run_against_vendor: bool,
    build: fn(&Options) -> Template,
}

/// A setting of a preset, which is a variable of its template.
pub struct Setting {
    /// Its name.
    pub name: &'static str,
    /// What it is, for a person.
    pub about: &'static str,
    /// Whether it can be left out.
    pub optional: bool,
}

/// What the user says of one credential.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// The preset's [`Setting`]s.
    pub settings: Variables,
    /// The field of the credential that is the token; empty for a value without fields.
    pub field: String,
    /// How long a new token shall live, where the vendor lets it end.
    pub lifetime: Option<Duration>,
    /// For a vendor that rolls: whether it is accepted that a lost answer loses the credential.
    pub accepts_loss: bool,
}

impl Options {
    /// The token, which is at `pointer` in an answer.
    fn fields(&self, pointer: &str) -> Vec<Field> {
        vec![Field {
            name: self.field.clone(),
            pointer: pointer.to_owned(),
        }]
    }
}

/// All of them, sorted by name.
pub const ALL: &[Preset] = &[
    cloudflare::PRESET,
    datadog::PRESET,
    gitlab::GROUP,
    gitlab::PROJECT,
    gitlab::ITSELF,
    grafana::PRESET,
    neon::PRESET,
    openai::PRESET,
    openrouter::PRESET,
    sendgrid::PRESET,
];

/// The preset of this name.
#[must_use]
pub fn named(name: &str) -> Option<&'static Preset> {
    ALL.iter().find(|preset| preset.name == name)
}

impl Preset {
    /// Its template, with what the user says put in.
    ///
    /// # Errors
    /// [`TemplateError::MissingSetting`], and [`TemplateError::Unknown`] for a setting that it has not.
    pub fn template(&self, options: &Options) -> Result<Template, TemplateError> {
        let missing = self
            .settings
            .iter()
            .find(|setting| !setting.optional && !options.settings.contains_key(setting.name));
        if let Some(setting) = missing {
            return Err(TemplateError::MissingSetting(setting.name.to_owned()));
        }
        let odd = options
            .settings
            .keys()
            .find(|name| !self.settings.iter().any(|setting| setting.name == **name));
        match odd {
            Some(name) => Err(TemplateError::Unknown(name.clone())),
            None => Ok((self.build)(options)),
        }
    }
}
