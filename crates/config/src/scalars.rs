//! The small settings: a word or a number each, and how they are read.

use std::time::Duration;

use mcp_launch_core::{Address, LineEnd, Name, Reference, Syntax, Template};

use crate::decode::Value;
use crate::document::Author;
use crate::error::{ConfigError, ConfigErrorKind};
use crate::network_stores::NetworkStores;

/// How long a launch waits for its values when no setting says so. Clients wait 3 to 60 seconds.
pub const DEFAULT_DEADLINE: Duration = Duration::from_secs(10);

/// What a deadline can be. Shorter, and a keychain cannot answer; longer, and every client has given up.
pub const DEADLINES: std::ops::RangeInclusive<Duration> =
    Duration::from_millis(100)..=Duration::from_secs(600);

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
        value.choice(
            Self::WORDS,
            "one of \"bash\", \"compose\", \"dotenvy\", \"node\", \"python\"",
        )
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
        value.choice(Self::WORDS, "\"all\" or \"minimal\"")
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
        value.choice(Self::WORDS, "one of \"if-possible\", \"off\", \"required\"")
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

/// What becomes of a line end at the end of a value.
pub(crate) fn line_end(value: &Value<'_>) -> Result<LineEnd, ConfigError> {
    value.choice(
        &[("keep", LineEnd::Keep), ("strip", LineEnd::Strip)],
        "\"keep\" or \"strip\"",
    )
}

/// A span of time: `500ms`, `10s`, `1m`.
pub(crate) fn deadline(value: &Value<'_>) -> Result<Duration, ConfigError> {
    const EXPECTED: &str = "a time such as \"10s\", from \"100ms\" to \"10m\"";
    let text = value.text(EXPECTED)?;
    span(text)
        .filter(|span| DEADLINES.contains(span))
        .ok_or_else(|| value.expected(EXPECTED))
}

/// How long an answer may be used again: at most as long as a person forgets that they changed it.
pub(crate) fn cache(value: &Value<'_>) -> Result<Duration, ConfigError> {
    const EXPECTED: &str = "a time such as \"10m\", from \"1s\" to \"24h\"";
    const DAY: Duration = Duration::from_secs(24 * 60 * 60);
    age(value, EXPECTED).and_then(|age| {
        if age > DAY {
            return Err(value.expected(EXPECTED));
        }
        Ok(age)
    })
}

/// How old an answer may be that stands in for a store that cannot be reached.
pub(crate) fn stale(value: &Value<'_>, cache: Option<Duration>) -> Result<Duration, ConfigError> {
    const EXPECTED: &str = "a time such as \"24h\", from \"1s\" to \"30d\"";
    const MONTH: Duration = Duration::from_secs(30 * 24 * 60 * 60);
    let age = age(value, EXPECTED)?;
    if age > MONTH {
        return Err(value.expected(EXPECTED));
    }
    if cache.is_some_and(|cache| age < cache) {
        return Err(value.expected("a time that is not shorter than `cache`"));
    }
    Ok(age)
}

fn age(value: &Value<'_>, expected: &'static str) -> Result<Duration, ConfigError> {
    span(value.text(expected)?)
        .filter(|age| *age >= Duration::from_secs(1))
        .ok_or_else(|| value.expected(expected))
}

fn span(text: &str) -> Option<Duration> {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let (number, unit) = text.split_at(digits);
    let number: u32 = number.parse().ok()?;
    let unit = match unit {
        "d" => Duration::from_secs(24 * 60 * 60),
        "h" => Duration::from_secs(60 * 60),
        "m" => Duration::from_secs(60),
        "ms" => Duration::from_millis(1),
        "s" => Duration::from_secs(1),
        _ => return None,
    };
    unit.checked_mul(number)
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
    if value.author() == Author::Project && crate::loader_variables::is_one(key) {
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
    fn reads_spans_and_nothing_else() {
        for (text, milliseconds) in [
            ("500ms", 500),
            ("10s", 10_000),
            ("2m", 120_000),
            ("0s", 0),
            ("24h", 86_400_000),
            ("7d", 604_800_000),
        ] {
            assert_eq!(
                span(text),
                Some(Duration::from_millis(milliseconds)),
                "{text}"
            );
        }
        for text in [
            "",
            "s",
            "10",
            "10 s",
            "1.5s",
            "-1s",
            "1w",
            "99999999999s",
            "10sx",
            "٣s",
        ] {
            assert_eq!(span(text), None, "{text}");
        }
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
