//! The small settings: a word, a name or a text each, and how they are read.

use mcp_launch_core::{Address, LineEnd, Name, Reference, Syntax, Template};

use crate::decode::Value;
use crate::document::Author;
use crate::error::{ConfigError, ConfigErrorKind};
use crate::network_stores::NetworkStores;

/// Whose reading of a `.env` counts where readers disagree.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(rename_all = "kebab-case"))]
pub enum Dialect {
    /// GNU bash: `set -a; . ./.env`.
    Bash,
    /// docker compose, `env_file`.
    Compose,
    /// The Rust crate dotenvy.
    Dotenvy,
    /// The npm package dotenv.
    Node,
    /// The PyPI package python-dotenv.
    Python,
}

impl Dialect {
    const WORDS: &[(&str, Self)] = &[
        ("bash", Self::Bash),
        ("compose", Self::Compose),
        ("dotenvy", Self::Dotenvy),
        ("node", Self::Node),
        ("python", Self::Python),
    ];

    /// The word that stands in a settings file.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        word(Self::WORDS, self)
    }

    pub(crate) fn decode(value: &Value<'_>) -> Result<Self, ConfigError> {
        value.choice(Self::WORDS)
    }
}

/// Which of the client's variables a server gets.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(rename_all = "kebab-case"))]
pub enum Inherit {
    /// All but the launcher's own.
    #[default]
    All,
    /// Those without which programs do not run, and what the entry names.
    Minimal,
}

impl Inherit {
    const WORDS: &[(&str, Self)] = &[("all", Self::All), ("minimal", Self::Minimal)];

    /// The word that stands in a settings file.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        word(Self::WORDS, self)
    }

    pub(crate) fn decode(value: &Value<'_>) -> Result<Self, ConfigError> {
        value.choice(Self::WORDS)
    }

    /// The one that passes less.
    pub(crate) fn stricter(self, other: Self) -> Self {
        if self == Self::Minimal { self } else { other }
    }
}

/// Whether a server is kept from the memory and environment of other programs.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(rename_all = "kebab-case"))]
pub enum Isolation {
    /// Where the kernel can; one line says so where it cannot.
    #[default]
    IfPossible,
    /// Not at all: for servers that need setuid programs.
    Off,
    /// Nothing starts where the kernel cannot.
    Required,
}

impl Isolation {
    const WORDS: &[(&str, Self)] = &[
        ("if-possible", Self::IfPossible),
        ("off", Self::Off),
        ("required", Self::Required),
    ];

    /// The word that stands in a settings file.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        word(Self::WORDS, self)
    }

    pub(crate) fn decode(value: &Value<'_>) -> Result<Self, ConfigError> {
        value.choice(Self::WORDS)
    }

    /// The one that allows less.
    pub(crate) fn stricter(self, other: Self) -> Self {
        match (self, other) {
            (Self::Required, _) | (_, Self::Required) => Self::Required,
            (Self::IfPossible, _) | (_, Self::IfPossible) => Self::IfPossible,
            (Self::Off, Self::Off) => Self::Off,
        }
    }
}

/// What becomes of a running server when a secret that it was started with is rotated.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(rename_all = "kebab-case"))]
pub enum OnRotate {
    /// It goes on with the old value as long as that is valid.
    #[default]
    Keep,
    /// It is ended, so that its client starts it anew.
    Restart,
}

impl OnRotate {
    pub(crate) fn decode(value: &Value<'_>) -> Result<Self, ConfigError> {
        value.choice(&[("keep", Self::Keep), ("restart", Self::Restart)])
    }
}

/// What becomes of a line end at the end of a value.
pub(crate) fn line_end(value: &Value<'_>) -> Result<LineEnd, ConfigError> {
    value.choice(&[("keep", LineEnd::Keep), ("strip", LineEnd::Strip)])
}

/// The name of a secret, as placeholders write it.
pub(crate) fn name(key: &str, value: &Value<'_>) -> Result<Name, ConfigError> {
    Name::new(key).ok_or_else(|| {
        value.expected(
            "a name of letters, digits, `_`, `.` and `-` that begins with a letter or `_`",
        )
    })
}

/// A variable's name and its text.
pub(crate) fn variable(
    key: &str,
    value: &Value<'_>,
    stores: &NetworkStores,
) -> Result<(String, Template), ConfigError> {
    if key.is_empty() || key.contains(['=', '\0']) {
        return Err(value.expected("a variable name without `=`"));
    }
    if value.author() == Author::Project && mcp_launch_core::is_loader_variable(key) {
        return Err(value.error(ConfigErrorKind::LoaderVariable));
    }
    let template = template(value, Syntax::AngleAndBrace, stores)?;
    Ok((key.to_owned(), template))
}

/// A text with placeholders, of the stores that are known and of those of the settings. A project file
/// cannot have a command run for one.
pub(crate) fn template(
    value: &Value<'_>,
    syntax: Syntax,
    stores: &NetworkStores,
) -> Result<Template, ConfigError> {
    let template = parsed_template(value, "text", syntax)?;
    for placeholder in template.placeholders() {
        if let Reference::Address(address) = placeholder.reference() {
            check_scheme(address, value, stores)?;
        }
    }
    Ok(template)
}

/// A text with placeholders of whatever store.
pub(crate) fn parsed_template(
    value: &Value<'_>,
    expected: &'static str,
    syntax: Syntax,
) -> Result<Template, ConfigError> {
    let text = value.text(expected)?;
    if text.contains('\0') {
        return Err(value.expected("text without a NUL"));
    }
    Template::parse(text.as_bytes(), syntax)
        .map_err(|error| value.error(ConfigErrorKind::Template(error)))
}

/// Where a secret comes from: `store:locator`.
pub(crate) fn address(value: &Value<'_>, stores: &NetworkStores) -> Result<Address, ConfigError> {
    const EXPECTED: &str = "an address such as \"keychain:github\"";
    let address = Address::parse(value.text(EXPECTED)?).ok_or_else(|| value.expected(EXPECTED))?;
    check_scheme(&address, value, stores)?;
    Ok(address)
}

fn check_scheme(
    address: &Address,
    value: &Value<'_>,
    stores: &NetworkStores,
) -> Result<(), ConfigError> {
    if address.scheme == "exec" {
        value.only_in_user_file()?;
    }
    stores
        .must_know(&address.scheme)
        .map_err(|kind| value.error(kind))
}

fn word<T: Copy + PartialEq>(words: &[(&'static str, T)], meaning: T) -> &'static str {
    words
        .iter()
        .find(|(_, own)| *own == meaning)
        .map(|(word, _)| *word)
        .expect("every variant stands in its table, as a test shows")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_variant_has_its_word() {
        for dialect in [
            Dialect::Bash,
            Dialect::Compose,
            Dialect::Dotenvy,
            Dialect::Node,
            Dialect::Python,
        ] {
            assert!(!dialect.as_str().is_empty());
        }
        for isolation in [Isolation::IfPossible, Isolation::Off, Isolation::Required] {
            assert!(!isolation.as_str().is_empty());
        }
        assert_eq!(
            (Inherit::All.as_str(), Inherit::Minimal.as_str()),
            ("all", "minimal")
        );
    }

    #[test]
    fn the_stricter_isolation_wins() {
        use Isolation::{IfPossible, Off, Required};
        for (one, other, expected) in [
            (Off, Off, Off),
            (Off, IfPossible, IfPossible),
            (IfPossible, Required, Required),
            (Required, Off, Required),
        ] {
            assert_eq!(one.stricter(other), expected);
            assert_eq!(other.stricter(one), expected);
        }
    }
}
