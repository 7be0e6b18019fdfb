//! The secret that this server needs, and what of it may be shown.

/// The variable in which the server expects its secret.
pub(crate) const VARIABLE: &str = "EXAMPLE_API_TOKEN";

/// What the server was given.
pub(crate) struct Credential(Option<String>);

impl Credential {
    #[expect(
        clippy::disallowed_methods,
        reason = "like most servers, this one takes its secret from its environment"
    )]
    pub(crate) fn from_environment() -> Self {
        Self(std::env::var(VARIABLE).ok())
    }

    /// A server that was given `value`.
    #[cfg(test)]
    pub(crate) fn given(value: &str) -> Self {
        Self(Some(value.to_owned()))
    }

    /// What was given, for a person. Of the value only its length and its end.
    pub(crate) fn description(&self) -> String {
        match self.0.as_deref() {
            None => format!("{VARIABLE} is not set"),
            Some("") => format!("{VARIABLE} is empty"),
            Some(value) if value.starts_with("$<") => {
                format!("{VARIABLE} is still a placeholder: start me through mcp-launch")
            }
            Some(value) => format!("{VARIABLE} is set: {}", masked(value)),
        }
    }

    /// Whether there is a value to work with.
    pub(crate) fn is_usable(&self) -> bool {
        matches!(self.0.as_deref(), Some(value) if !value.is_empty() && !value.starts_with("$<"))
    }
}

/// The end of a short value would give too much of it away, so the shorter, the less is shown.
fn masked(value: &str) -> String {
    let length = value.chars().count();
    let shown = match length {
        0..8 => 0,
        8..16 => 2,
        _ => 4,
    };
    let end: String = value.chars().skip(length - shown).collect();
    match shown {
        0 => format!("{length} characters"),
        _ => format!("{length} characters, ending in …{end}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shows_little_and_of_short_values_nothing() {
        let cases = [
            ("secret", "6 characters"),
            ("secret-12", "9 characters, ending in …12"),
            (
                "sk-example-0123456789abcdef",
                "27 characters, ending in …cdef",
            ),
            ("pässwörter", "10 characters, ending in …er"),
        ];
        for (value, shown) in cases {
            assert_eq!(
                Credential::given(value).description(),
                format!("EXAMPLE_API_TOKEN is set: {shown}")
            );
        }
    }

    #[test]
    fn tells_a_placeholder_from_a_value() {
        let credential = Credential::given("$<EXAMPLE_API_TOKEN>");
        assert!(credential.description().contains("still a placeholder"));
        assert!(!credential.is_usable());
        assert_eq!(
            Credential(None).description(),
            "EXAMPLE_API_TOKEN is not set"
        );
    }
}
