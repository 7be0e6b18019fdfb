//! What a person, a script and an MCP client are told when something failed.

use std::process::ExitCode;

use crate::exit_code;
use crate::ui;

/// One failure, told once: what happened, the details, what to do. Holds no value of a store.
#[derive(Debug)]
pub(crate) struct Report {
    /// The exit code.
    pub(crate) code: u8,
    /// One line, lower case, without a final stop.
    pub(crate) message: String,
    /// Further lines, each about one thing that failed.
    pub(crate) details: Vec<Detail>,
    /// What to do, if it is the same for all details.
    pub(crate) hint: Option<String>,
}

/// One thing that failed.
#[derive(Debug, serde::Serialize)]
pub(crate) struct Detail {
    /// Where: `env.API_TOKEN`, `args[2]`.
    pub(crate) site: String,
    /// What was asked for: `$<API_TOKEN>`.
    pub(crate) placeholder: String,
    /// A stable token: `missing`, `locked`.
    pub(crate) reason: &'static str,
    /// The same in words, with every place that was looked at.
    pub(crate) text: String,
    /// What to do.
    pub(crate) remedy: Option<String>,
}

impl Report {
    /// A failure of a command.
    pub(crate) fn failure(message: impl Into<String>) -> Self {
        Self::with_code(exit_code::FAILURE, message)
    }

    /// A failure before a server was started.
    pub(crate) fn not_started(message: impl Into<String>) -> Self {
        Self::with_code(exit_code::NOT_STARTED, message)
    }

    pub(crate) fn with_code(code: u8, message: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
            details: Vec::new(),
            hint: None,
        }
    }

    pub(crate) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    pub(crate) fn details(mut self, details: Vec<Detail>) -> Self {
        self.details = details;
        self
    }

    /// The whole report as text, without a final line end.
    pub(crate) fn text(&self) -> String {
        let mut lines = vec![format!("error: {}", self.message)];
        for detail in &self.details {
            lines.push(format!(
                "  {} {}: {}",
                detail.site, detail.placeholder, detail.text
            ));
            if let Some(remedy) = &detail.remedy {
                lines.push(format!("    fix: {remedy}"));
            }
        }
        if let Some(hint) = &self.hint {
            lines.push(format!("hint: {hint}"));
        }
        lines.join("\n")
    }

    /// Prints the report to standard error.
    pub(crate) fn print(&self) {
        ui::line(&self.text());
    }

    pub(crate) fn exit_code(&self) -> ExitCode {
        exit_code::of(self.code)
    }
}

impl From<&mcp_launch_config::ConfigError> for Report {
    fn from(error: &mcp_launch_config::ConfigError) -> Self {
        let report = Self::failure(error.to_string());
        match error.hint() {
            Some(hint) => report.hint(hint),
            None => report,
        }
    }
}
