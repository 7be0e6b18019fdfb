//! The credentials that the settings have rotated.

use mcp_launch_config::{Rotate, Rotator, Settings};
use mcp_launch_core::Address;

use crate::registry;
use crate::report::Report;
use crate::rotation::timetable::Timetable;

/// One credential that is rotated.
#[derive(Clone, Debug)]
pub(crate) struct Credential {
    /// Where its value is, one of its fields if it has several.
    pub(crate) address: Address,
    pub(crate) rotate: Rotate,
    /// Who rotates it.
    pub(crate) rotator: Rotator,
    pub(crate) timetable: Timetable,
}

impl Credential {
    fn of(settings: &Settings, rotate: Rotate) -> Result<Self, Report> {
        let name = &rotate.name;
        let Some(from) = &rotate.from else {
            return Err(Report::failure(format!(
                "{}: secrets.{name}: rotation has to know where the value is",
                rotate.origin
            ))
            .hint(format!(
                "add from = \"keychain:{name}\", or another address"
            )));
        };
        registry::check(settings, &from.value).map_err(|error| {
            let report = Report::failure(format!(
                "{}: secrets.{name}.from: {}",
                from.origin, error.text
            ));
            match error.remedy {
                Some(remedy) => report.hint(remedy),
                None => report,
            }
        })?;
        let rotator = settings
            .rotator(&rotate.using, &format!("secrets.{name}.rotate.using"))
            .map_err(|error| Report::from(&error))?;
        Ok(Self {
            address: from.value.clone(),
            rotator,
            timetable: Timetable::of(&rotate)?,
            rotate,
        })
    }

    /// What it is called.
    pub(crate) fn name(&self) -> &str {
        self.rotate.name.as_str()
    }
}

/// A name, and its credential or what is wrong with it.
pub(crate) type Chosen = (String, Result<Credential, Report>);

/// The credentials of these names, or all, sorted by name, each as the settings have it or with what is wrong with it.
///
/// # Errors
/// When a name is not that of a credential that is rotated.
pub(crate) fn chosen(settings: &Settings, names: &[String]) -> Result<Vec<Chosen>, Report> {
    let rotated = settings.rotated();
    for name in names {
        if !rotated.iter().any(|rotate| rotate.name.as_str() == name) {
            return Err(unknown(name, &rotated));
        }
    }
    Ok(rotated
        .into_iter()
        .filter(|rotate| names.is_empty() || names.iter().any(|name| rotate.name.as_str() == name))
        .map(|rotate| {
            let name = rotate.name.as_str().to_owned();
            (name, Credential::of(settings, rotate))
        })
        .collect())
}

fn unknown(name: &str, rotated: &[Rotate]) -> Report {
    let report = Report::failure(format!("the settings have no rotation of `{name}`"));
    let near = rotated
        .iter()
        .map(|rotate| rotate.name.as_str())
        .find(|known| strsim::osa_distance(known, name) <= 2);
    report.hint(match near {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!(
            "add to your config.toml: [secrets.{name}] with `from` and rotate = {{ using = \"random\", every = \"30d\" }}"
        ),
    })
}
