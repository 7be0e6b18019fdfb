//! The secrets that stand in an entry of a config.

use std::fmt;
use std::ops::Range;

use mcp_launch_clients::{Entry, Remote, Stdio, Transport, Variable};
use mcp_launch_core::Secret;
use mcp_launch_lossless::Place;
use mcp_launch_shapes::{
    Confidence, Finding, Kind, Role, judge, judge_arguments, judge_header, judge_url,
};

/// One secret in one place of an entry. Deliberately without `Debug`: it holds the value.
pub struct Sighting {
    /// Where it stands, in the words of the config.
    pub site: Site,
    /// The text that it stands in.
    pub place: Place,
    /// Which bytes of that text it is.
    pub part: Range<usize>,
    /// Whether it is the whole of that text.
    pub whole: bool,
    /// The secret itself.
    pub value: Secret,
    /// How sure it is that this is one.
    pub confidence: Confidence,
    /// What gave it away.
    pub kind: Kind,
    /// What an argument is.
    pub role: Option<Role>,
    /// A name for it.
    pub suggestion: Option<String>,
}

/// Where in an entry a secret stands.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Site {
    /// An argument, from 0.
    Argument(usize),
    /// A header of a remote server.
    Header(String),
    /// Elsewhere: a token of OAuth, a key of an API.
    Other(String),
    /// The address of a remote server.
    Url,
    /// A variable.
    Variable(String),
}

impl fmt::Display for Site {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Argument(index) => write!(f, "args[{index}]"),
            Self::Header(name) => write!(f, "headers.{name}"),
            Self::Other(name) => f.write_str(name),
            Self::Url => f.write_str("url"),
            Self::Variable(name) => write!(f, "env.{name}"),
        }
    }
}

impl Sighting {
    /// Where it stands and what it is, for a person: `args[4], after --api-key`.
    #[must_use]
    pub fn in_words(&self) -> String {
        let what = match (self.kind, &self.role) {
            (Kind::UrlPassword, _) => Some("the password of the address".to_owned()),
            (Kind::ConnectionString, _) => Some("the password of the connection".to_owned()),
            (Kind::UrlQuery, _) => Some("a parameter of the address".to_owned()),
            (Kind::UrlPath, _) => Some("a part of the address".to_owned()),
            (_, Some(Role::Flag { name })) => Some(format!("after {name}")),
            (_, Some(Role::Header { name })) => Some(format!("the header {name}")),
            (_, Some(Role::DockerEnvironment { name } | Role::Assignment { name })) => {
                Some(format!("the value of {name}"))
            }
            (Kind::Format(format), _) if self.role.is_some() => {
                Some(format!("a key of {}", format.issuer))
            }
            _ => None,
        };
        match what {
            Some(what) => format!("{}, {what}", self.site),
            None => self.site.to_string(),
        }
    }

    fn new(site: Site, place: &Place, text: &str, finding: Finding, role: Option<Role>) -> Self {
        let value = text.get(finding.part.clone()).unwrap_or_default();
        Self {
            site,
            place: place.clone(),
            whole: finding.part == (0..text.len()),
            value: Secret::new(value.as_bytes().to_vec()),
            part: finding.part,
            confidence: finding.confidence,
            kind: finding.kind,
            role,
            suggestion: finding.suggestion,
        }
    }
}

/// The secrets of `entry`, in the order variables, arguments; or address, headers, others.
#[must_use]
pub fn sightings(entry: &Entry) -> Vec<Sighting> {
    let mut sightings = match &entry.transport {
        Transport::Stdio(stdio) => {
            let mut sightings = of_stdio(stdio);
            if entry.launched {
                // Where the launcher reads `$<` already, a `$$<` is not what the server gets.
                let is_template = |place: &Place| {
                    let texts = stdio.arguments.iter().map(|text| (&text.place, &text.text));
                    let variables = stdio.variables.iter().map(|text| (&text.place, &text.text));
                    let mut texts = texts.chain(variables);
                    texts.any(|(at, text)| at == place && text.contains("$<"))
                };
                sightings.retain(|sighting| !is_template(&sighting.place));
            }
            sightings
        }
        Transport::Remote(remote) => of_remote(remote),
        Transport::Unknown => Vec::new(),
    };
    // An extension of the client reads these itself.
    for setting in &entry.settings {
        // The last key is what names it: `settings.database.password`.
        let name = setting.name.rsplit('.').next().unwrap_or_default();
        sightings.extend(of_variable(
            setting,
            Site::Other(format!("settings.{}", setting.name)),
            judge(name, &setting.text).findings,
        ));
    }
    sightings
}

fn of_stdio(stdio: &Stdio) -> Vec<Sighting> {
    let mut sightings = Vec::new();
    for variable in &stdio.variables {
        sightings.extend(of_variable(
            variable,
            Site::Variable(variable.name.clone()),
            judge(&variable.name, &variable.text).findings,
        ));
    }
    let texts: Vec<&str> = stdio
        .arguments
        .iter()
        .map(|argument| argument.text.as_str())
        .collect();
    for found in judge_arguments(&stdio.program, &texts) {
        let Some(argument) = stdio.arguments.get(found.index) else {
            continue;
        };
        sightings.push(Sighting::new(
            Site::Argument(found.index),
            &argument.place,
            &argument.text,
            found.finding,
            Some(found.role),
        ));
    }
    sightings
}

fn of_remote(remote: &Remote) -> Vec<Sighting> {
    let mut sightings: Vec<Sighting> = judge_url(&remote.url.text)
        .findings
        .into_iter()
        .map(|finding| {
            Sighting::new(
                Site::Url,
                &remote.url.place,
                &remote.url.text,
                finding,
                None,
            )
        })
        .collect();
    for header in &remote.headers {
        sightings.extend(of_variable(
            header,
            Site::Header(header.name.clone()),
            judge_header(&header.name, &header.text).findings,
        ));
    }
    for other in &remote.others {
        let name = other.name.rsplit('.').next().unwrap_or_default();
        sightings.extend(of_variable(
            other,
            Site::Other(other.name.clone()),
            judge(name, &other.text).findings,
        ));
    }
    sightings
}

fn of_variable(
    variable: &Variable,
    site: Site,
    findings: Vec<Finding>,
) -> impl Iterator<Item = Sighting> {
    findings.into_iter().map(move |finding| {
        Sighting::new(site.clone(), &variable.place, &variable.text, finding, None)
    })
}
