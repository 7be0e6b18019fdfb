//! One placeholder: what it names, how it is delivered, and its two notations.

use std::fmt;

use crate::source::Locator;

/// A bare name, `GITHUB_TOKEN`: letters, digits, `_`, `.`, `-`, starting with a letter or `_`.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Name(String);

impl Name {
    /// The name, if `text` is one.
    #[must_use]
    pub fn new(text: &str) -> Option<Self> {
        let mut bytes = text.bytes();
        let first = bytes.next()?;
        let well_formed = (first.is_ascii_alphabetic() || first == b'_')
            && bytes.all(|byte| byte.is_ascii_alphanumeric() || b"_.-".contains(&byte));
        well_formed.then(|| Self(text.to_owned()))
    }

    /// The name, if `text` is what a shell calls one: letters, digits and `_`.
    #[must_use]
    pub fn of_variable(text: &str) -> Option<Self> {
        Self::new(text).filter(|name| !name.0.contains(['.', '-']))
    }

    /// The name as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A value's full address: a scheme and the store's own locator, `vault:secret/github#token`.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Address {
    /// The source, or the name of a store in the settings.
    pub scheme: String,
    /// What that source calls the value.
    pub locator: Locator,
}

impl Address {
    /// The address `scheme:locator`.
    pub fn new(scheme: impl Into<String>, locator: impl Into<String>) -> Self {
        Self {
            scheme: scheme.into(),
            locator: Locator::new(locator),
        }
    }

    /// Reads `scheme:locator`. A locator cannot hold `:-`, which begins a default.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (scheme, locator) = text.split_once(':')?;
        let known_form = scheme.starts_with(|first: char| first.is_ascii_alphabetic())
            && scheme
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b"_-".contains(&byte));
        (known_form && !locator.is_empty() && !text.contains(":-"))
            .then(|| Self::new(scheme, locator))
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.scheme, self.locator)
    }
}

/// What a placeholder names.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub enum Reference {
    /// `scheme:locator`.
    Address(Address),
    /// A bare name: bound in the settings, else looked up in the default order.
    Name(Name),
}

impl Reference {
    /// Reads a name or an address.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        if text.contains(':') {
            Address::parse(text).map(Self::Address)
        } else {
            Name::new(text).map(Self::Name)
        }
    }
}

impl fmt::Display for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Address(address) => address.fmt(f),
            Self::Name(name) => name.fmt(f),
        }
    }
}

/// How the server gets the value.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Delivery {
    /// `$<fd:NAME>`: the text becomes the path of a sealed, inherited descriptor that holds the value.
    Descriptor,
    /// The value stands in the text.
    Text,
}

/// Which of the two notations a placeholder was written in.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Notation {
    /// `$<NAME>`: no MCP client expands it, so it always arrives.
    Angle,
    /// `${NAME}`: accepted in environment values, where a client has left it.
    Brace,
}

/// A placeholder as written in a config.
///
/// Its parts are names and defaults that stand in the config in plain text, so it can be printed;
/// a default is shown as its length only, because people put passwords there.
#[derive(Clone, Eq, Hash, PartialEq)]
pub struct Placeholder {
    pub(crate) reference: Reference,
    pub(crate) delivery: Delivery,
    pub(crate) notation: Notation,
    pub(crate) default: Option<String>,
}

impl Placeholder {
    /// What it names.
    #[must_use]
    pub fn reference(&self) -> &Reference {
        &self.reference
    }

    /// How the server gets the value.
    #[must_use]
    pub fn delivery(&self) -> Delivery {
        self.delivery
    }

    /// Which notation it was written in.
    #[must_use]
    pub fn notation(&self) -> Notation {
        self.notation
    }

    /// The text after `:-`, used when no store has the value.
    #[must_use]
    pub fn default(&self) -> Option<&str> {
        self.default.as_deref()
    }

    /// The reference that a value is, where it stands in place of the value itself: `$<…>` and nothing around it. `None`
    /// for any other value, one with `$<…>` among other text too.
    ///
    /// # Errors
    /// When it has that form, and what stands inside names nothing, or asks for a descriptor, which only the text of a
    /// launch can hold.
    pub fn standing_alone(value: &[u8]) -> Option<Result<Self, ReferenceError>> {
        let inside = value.strip_prefix(b"$<")?.strip_suffix(b">")?;
        if inside.contains(&b'>') {
            return None;
        }
        let placeholder = std::str::from_utf8(inside).ok().and_then(Self::parse_angle);
        Some(match placeholder {
            None => Err(ReferenceError::Form),
            Some(placeholder) if placeholder.delivery == Delivery::Descriptor => {
                Err(ReferenceError::Descriptor)
            }
            Some(placeholder) => Ok(placeholder),
        })
    }

    /// Reads what stands between `$<` and `>`.
    pub(crate) fn parse_angle(inside: &str) -> Option<Self> {
        let (target, default) = split_default(inside);
        let (delivery, target) = match target.strip_prefix("fd:") {
            Some(rest) => (Delivery::Descriptor, rest),
            None => (Delivery::Text, target),
        };
        if inside.chars().any(char::is_control) {
            return None;
        }
        Some(Self {
            reference: Reference::parse(target)?,
            delivery,
            notation: Notation::Angle,
            default: default.map(str::to_owned),
        })
    }

    /// Reads what stands between `${` and `}`.
    pub(crate) fn parse_brace(inside: &str) -> Option<Self> {
        let (target, default) = split_default(inside);
        Some(Self {
            reference: Reference::Name(Name::of_variable(target)?),
            delivery: Delivery::Text,
            notation: Notation::Brace,
            default: default.map(str::to_owned),
        })
    }

    /// Writes it as it stands in a config, default included.
    pub(crate) fn print(&self, out: &mut Vec<u8>) {
        let (open, close) = match self.notation {
            Notation::Angle => ("$<", b'>'),
            Notation::Brace => ("${", b'}'),
        };
        out.extend_from_slice(open.as_bytes());
        if self.delivery == Delivery::Descriptor {
            out.extend_from_slice(b"fd:");
        }
        out.extend_from_slice(self.reference.to_string().as_bytes());
        if let Some(default) = &self.default {
            out.extend_from_slice(b":-");
            out.extend_from_slice(default.as_bytes());
        }
        out.push(close);
    }
}

/// Why a value that has the form of a reference is none.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum ReferenceError {
    /// It asks for a descriptor.
    #[error("a reference cannot ask for a descriptor; `$<fd:…>` stands in the client's config")]
    Descriptor,
    /// It names nothing.
    #[error("a reference is `$<NAME>` or `$<source:locator>`, and this is neither")]
    Form,
}

/// The default begins at the first `:-`; a locator cannot hold one.
fn split_default(inside: &str) -> (&str, Option<&str>) {
    match inside.split_once(":-") {
        Some((target, default)) => (target, Some(default)),
        None => (inside, None),
    }
}

impl fmt::Display for Placeholder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (open, close) = match self.notation {
            Notation::Angle => ("$<", '>'),
            Notation::Brace => ("${", '}'),
        };
        f.write_str(open)?;
        if self.delivery == Delivery::Descriptor {
            f.write_str("fd:")?;
        }
        write!(f, "{}", self.reference)?;
        if self.default.is_some() {
            f.write_str(":-…")?;
        }
        write!(f, "{close}")
    }
}

impl fmt::Debug for Placeholder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reference_stands_alone() {
        let read = |text: &str| match Placeholder::standing_alone(text.as_bytes()) {
            None => "a value".to_owned(),
            Some(Ok(placeholder)) => placeholder.to_string(),
            Some(Err(error)) => format!("{error:?}"),
        };
        for (text, expected) in [
            ("$<A>", "$<A>"),
            ("$<vault:secret/app#DB>", "$<vault:secret/app#DB>"),
            ("$<A:-x>", "$<A:-…>"),
            ("$<fd:A>", "Descriptor"),
            ("$<>", "Form"),
            ("$<a b>", "Form"),
            ("$$<A>", "a value"),
            ("x$<A>", "a value"),
            ("$<A> ", "a value"),
            ("$<A>$<B>", "a value"),
            ("$<A", "a value"),
            ("${A}", "a value"),
            ("", "a value"),
        ] {
            assert_eq!(read(text), expected, "{text}");
        }
    }
}
