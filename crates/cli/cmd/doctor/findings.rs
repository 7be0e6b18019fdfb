//! One thing that the doctor found, and how it is shown.

use serde_json::{Value, json};

use crate::report::indented;

/// How something stands.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum State {
    /// It must be mended.
    Broken,
    /// It works.
    Good,
    /// It is as it may be, and worth knowing.
    Noted,
}

/// One thing that was found.
#[derive(Clone, Debug)]
pub(crate) struct Finding {
    pub(crate) area: &'static str,
    pub(crate) state: State,
    pub(crate) text: String,
    pub(crate) remedy: Option<String>,
}

impl Finding {
    pub(crate) fn broken(area: &'static str, text: String, remedy: Option<String>) -> Self {
        Self {
            area,
            state: State::Broken,
            text,
            remedy,
        }
    }

    pub(crate) fn good(area: &'static str, text: String) -> Self {
        Self {
            area,
            state: State::Good,
            text,
            remedy: None,
        }
    }

    pub(crate) fn noted(area: &'static str, text: String, remedy: Option<String>) -> Self {
        Self {
            area,
            state: State::Noted,
            text,
            remedy,
        }
    }

    pub(crate) fn to_json(&self) -> Value {
        json!({
            "area": self.area,
            "state": self.state.word(),
            "text": self.text,
            "remedy": self.remedy,
        })
    }
}

impl State {
    const fn word(self) -> &'static str {
        match self {
            Self::Broken => "broken",
            Self::Good => "ok",
            Self::Noted => "note",
        }
    }
}

/// All findings for a person, under the headings of their areas.
pub(crate) fn to_text(findings: &[Finding]) -> String {
    let mut text = String::new();
    let mut area = "";
    for finding in findings {
        if finding.area != area {
            area = finding.area;
            text.push_str(area);
            text.push('\n');
        }
        text.push_str(&format!("  {:<7} {}\n", finding.state.word(), finding.text));
        if let Some(remedy) = &finding.remedy {
            text.push_str(&format!("          fix: {}\n", indented(remedy, 15)));
        }
    }
    text
}
