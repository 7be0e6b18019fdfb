//! What a person, a script and an MCP client are told when something failed.

pub(crate) mod lacking;

use std::fmt;
use std::process::ExitCode;

use mcp_launch_core::{Placeholder, Site};

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

impl Detail {
    /// Whether it is about this placeholder at this place.
    pub(crate) fn is_about(&self, site: &Site, placeholder: &Placeholder) -> bool {
        self.site == site.to_string() && self.placeholder == placeholder.to_string()
    }
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

    /// The details, those that differ in their place only as one, with its places sorted.
    pub(crate) fn groups(&self) -> Vec<Group<'_>> {
        let mut groups: Vec<Group> = Vec::new();
        for detail in &self.details {
            let known = groups.iter_mut().find(|group| {
                let one = group.detail;
                one.placeholder == detail.placeholder
                    && one.text == detail.text
                    && one.remedy == detail.remedy
            });
            match known {
                Some(group) => group.sites.push(&detail.site),
                None => groups.push(Group {
                    detail,
                    sites: vec![&detail.site],
                }),
            }
        }
        for group in &mut groups {
            group.sites.sort_by_key(|site| in_order(site));
        }
        groups.sort_by_key(|group| group.sites.first().map(|site| in_order(site)));
        groups
    }

    /// The whole report as text, without a final line end.
    pub(crate) fn text(&self) -> String {
        let mut lines = vec![format!("error: {}", self.message)];
        for group in self.groups() {
            lines.push(format!("  {group}"));
            if let Some(remedy) = &group.detail.remedy {
                lines.push(format!("    fix: {}", indented(remedy, 9)));
            }
        }
        if let Some(hint) = &self.hint {
            lines.push(format!("hint: {}", indented(hint, 6)));
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

/// Details that differ in their place only.
pub(crate) struct Group<'a> {
    /// One of them.
    pub(crate) detail: &'a Detail,
    sites: Vec<&'a str>,
}

impl fmt::Display for Group<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Detail {
            placeholder, text, ..
        } = self.detail;
        write!(f, "{placeholder} ({}): {text}", self.sites.join(", "))
    }
}

/// A remedy may hold lines to paste: they stand below each other, `columns` to the right.
pub(crate) fn indented(remedy: &str, columns: usize) -> String {
    remedy.replace('\n', &format!("\n{:columns$}", ""))
}

/// Variables by name, then arguments by number.
fn in_order(site: &str) -> (bool, usize, &str) {
    let is_argument = site.starts_with("args[");
    (is_argument, if is_argument { site.len() } else { 0 }, site)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_of_several_places_is_told_once() {
        let detail = |site: &str, placeholder: &str| Detail {
            site: site.to_owned(),
            placeholder: placeholder.to_owned(),
            reason: "missing",
            text: "not found".to_owned(),
            remedy: Some("do this:\nand that".to_owned()),
        };
        let report = Report::not_started("no").details(vec![
            detail("env.Z", "$<B>"),
            detail("args[10]", "$<A>"),
            detail("args[2]", "$<A>"),
            detail("env.C", "$<A>"),
        ]);
        assert_eq!(
            report.text(),
            "error: no\n  $<A> (env.C, args[2], args[10]): not found\n    fix: do this:\n         and that\n  $<B> (env.Z): not found\n    fix: do this:\n         and that"
        );
    }
}
