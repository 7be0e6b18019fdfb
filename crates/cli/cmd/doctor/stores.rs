//! The stores, in the environment of this shell and in that of MCP clients.

use std::sync::Arc;
use std::time::Duration;

use mcp_launch_config::{DotenvFile, Settings, USER_FILE_NAME};
use mcp_launch_core::{
    Connect as _, Deadline, Locator, Position, SourceError, SourceErrorKind, StandingError, shown,
};
use source_keychain::{Keychain, Standing};
use source_sealed::KeyState;

use crate::cmd::doctor::findings::Finding;
use crate::cmd::unlock::in_words;
use crate::context::Context;
use crate::registry::{self, Reach};

/// How long one store may take to say how it stands.
const PATIENCE: Duration = Duration::from_secs(3);

/// Variables that name a store on the network, which is then used without a word in the settings.
const NAMED_BY_VARIABLE: &[(&str, &str)] = &[
    ("BAO_ADDR", "vault"),
    ("VAULT_ADDR", "vault"),
    ("AWS_PROFILE", "aws"),
    ("AWS_REGION", "aws"),
    ("AWS_DEFAULT_REGION", "aws"),
];

/// How each store stands. Gives whether the keychain answers.
pub(crate) fn examine(
    context: &Context,
    settings: &Arc<Settings>,
    area: &'static str,
    findings: &mut Vec<Finding>,
) -> bool {
    let mut of_sealed = Vec::new();
    let sealed_opens = sealed(context, settings, area, &mut of_sealed);
    let answers = keychain(context, area, sealed_opens, findings);
    findings.append(&mut of_sealed);
    dotenv(context, settings, area, findings);
    network(context, settings, area, findings);
    answers
}

/// The stores on the network that the settings describe, and those that a variable of the launch names.
fn network(
    context: &Context,
    settings: &Arc<Settings>,
    area: &'static str,
    findings: &mut Vec<Finding>,
) {
    let mut stores: Vec<(&str, Known)> = settings
        .network_stores()
        .into_iter()
        .map(|(name, _)| (name, Known::BySettings))
        .collect();
    let named = named_by_variables(context, settings);
    stores.extend(named.iter().map(|(store, _)| (*store, Known::ByVariable)));
    if stores.is_empty() {
        return;
    }
    // A login may stand there.
    let dotenv = context.dotenv(settings, None, None).ok().flatten();
    let reach = context.reach(settings, dotenv);
    // A store that is away takes all its time, and the others need not wait for it.
    let told = std::thread::scope(|scope| {
        let asked: Vec<_> = stores
            .iter()
            .map(|(store, known)| scope.spawn(|| network_store(&reach, store, *known, area)))
            .collect();
        asked
            .into_iter()
            .filter_map(|asked| asked.join().ok())
            .collect::<Vec<_>>()
    });
    findings.extend(told);
}

/// The stores on the network that only variables name, each with the first that does.
fn named_by_variables(context: &Context, settings: &Settings) -> Vec<(&'static str, &'static str)> {
    let mut named: Vec<(&str, &str)> = Vec::new();
    for (variable, store) in NAMED_BY_VARIABLE {
        let is_set = context.environment.get_non_empty(variable).is_some();
        let is_known = settings
            .network_stores()
            .iter()
            .any(|(name, _)| name == store)
            || named.iter().any(|(name, _)| name == store);
        if is_set && !is_known {
            named.push((store, variable));
        }
    }
    named
}

/// What is told of the stores that are named here by variables which MCP clients do not hand on.
pub(crate) fn not_handed_on(
    here: &Context,
    client: &Context,
    settings: &Settings,
    area: &'static str,
) -> Vec<Finding> {
    let of_client = named_by_variables(client, settings);
    let folder = settings.directories().config_dir();
    let file = folder.map_or_else(
        |_| USER_FILE_NAME.to_owned(),
        |folder| shown(&folder.join(USER_FILE_NAME)).to_string(),
    );
    named_by_variables(here, settings)
        .into_iter()
        .filter(|named| !of_client.contains(named))
        .map(|(store, variable)| {
            Finding::noted(
                area,
                format!("{store}: {variable} is set in this shell, and MCP clients do not hand it on"),
                Some(format!(
                    "for launches from a client, describe the store below [stores.{store}] in {file}"
                )),
            )
        })
        .collect()
}

/// By what a store on the network is known to be one that launches use.
#[derive(Clone, Copy, PartialEq)]
enum Known {
    BySettings,
    /// Another program's variable, which need not be meant for us: trouble is no fault then.
    ByVariable,
}

fn network_store(reach: &Reach, store: &str, known: Known, area: &'static str) -> Finding {
    let trouble = |error: SourceError, remedy| {
        let text = format!("{store}: {error}");
        match known {
            Known::BySettings => Finding::broken(area, text, remedy),
            Known::ByVariable => Finding::noted(area, text, remedy),
        }
    };
    let source = match reach.connect(store) {
        Ok(source) => source,
        Err(error) => return trouble(error, None),
    };
    match source.standing(Deadline::after(PATIENCE)) {
        Some(Ok(standing)) => Finding::good(area, format!("{store}: {standing}")),
        Some(Err(StandingError { error, remedy })) => trouble(error, remedy),
        None => Finding::noted(area, format!("{store}: not asked"), None),
    }
}

/// Gives whether the keychain answers. Where there is none, the sealed store is the remedy unless it is in use.
fn keychain(
    context: &Context,
    area: &'static str,
    sealed_opens: bool,
    findings: &mut Vec<Finding>,
) -> bool {
    let health = Keychain::new(&context.environment).health(Deadline::after(PATIENCE));
    let text = format!("keychain: {health}");
    let finding = match health.standing {
        Standing::Ready => Finding::good(area, text),
        Standing::NoCollection | Standing::Locked => Finding::noted(area, text, health.remedy()),
        Standing::Failed(error) if error.kind() == SourceErrorKind::Absent => {
            Finding::noted(area, text, health.remedy().filter(|_| !sealed_opens))
        }
        Standing::Failed(_) => Finding::broken(area, text, health.remedy()),
    };
    findings.push(finding);
    !matches!(health.standing, Standing::Failed(_))
}

/// Gives whether the sealed store opens.
fn sealed(
    context: &Context,
    settings: &Arc<Settings>,
    area: &'static str,
    findings: &mut Vec<Finding>,
) -> bool {
    let reach = context.reach(settings, None);
    let status = match registry::sealed_source(&reach) {
        Ok(sealed) => sealed.status(),
        Err(error) => {
            findings.push(Finding::broken(
                area,
                format!("sealed store: {error}"),
                None,
            ));
            return false;
        }
    };
    let store = shown(&status.store);
    for problem in &status.problems {
        findings.push(Finding::broken(
            area,
            format!("sealed store: {store}: {}", problem.error),
            problem.remedy.clone(),
        ));
    }
    if !status.problems.is_empty() {
        return false;
    }
    let names = match status.secrets {
        Ok(1) => "one value".to_owned(),
        Ok(count) => format!("{count} values"),
        Err(_) => "values".to_owned(),
    };
    findings.push(match status.key {
        KeyState::File(_) => Finding::good(
            area,
            format!("sealed store: {store}: {names}, opened by a key file"),
        ),
        KeyState::Unlocked { remaining, .. } => Finding::good(
            area,
            format!(
                "sealed store: {store}: {names}, unlocked{}",
                left(remaining)
            ),
        ),
        KeyState::Locked(_) => Finding::noted(
            area,
            format!("sealed store: {store}: locked"),
            Some("mcp-launch unlock".to_owned()),
        ),
        _ => Finding::noted(
            area,
            format!("sealed store: none yet; `secrets set` makes {store}"),
            None,
        ),
    });
    matches!(status.key, KeyState::File(_) | KeyState::Unlocked { .. })
}

fn left(remaining: Option<Duration>) -> String {
    remaining.map_or_else(String::new, |remaining| {
        format!(" for {}", in_words(remaining))
    })
}

fn dotenv(
    context: &Context,
    settings: &Arc<Settings>,
    area: &'static str,
    findings: &mut Vec<Finding>,
) {
    match context.dotenv(settings, None, None) {
        Ok(None) => findings.push(Finding::noted(area, ".env: none here".to_owned(), None)),
        Ok(Some(file)) => findings.push(examine_dotenv(context, settings, file, area)),
        Err(report) => findings.push(Finding::broken(area, report.message, report.hint)),
    }
}

/// Whether the file is read, and which of its lines are refused because their readers disagree.
fn examine_dotenv(
    context: &Context,
    settings: &Arc<Settings>,
    file: DotenvFile,
    area: &'static str,
) -> Finding {
    let path = shown(&file.path).to_string();
    if let Some(unfit) = file.unfit {
        return Finding::noted(area, format!(".env: {path}: {}", unfit.text()), None);
    }
    // A pipe would wait for its writer.
    if !file.path.is_file() {
        let remedy = format!("create {path}, or correct the setting that names it");
        let text = format!(".env: {path}: there is no such file");
        return Finding::broken(area, text, Some(remedy));
    }
    let deadline = Deadline::after(PATIENCE);
    let names = source_dotenv::names_in(&file.path, deadline);
    let source = context.reach(settings, Some(file)).connect("dotenv");
    let (names, source) = match (names, source) {
        (Ok(names), Ok(source)) => (names, source),
        (Err(error), _) | (_, Err(error)) => {
            return Finding::broken(area, format!(".env: {path}: {error}"), None);
        }
    };
    let locators: Vec<Locator> = names.iter().map(Locator::new).collect();
    let refused: Vec<SourceError> = source
        .look(&locators, deadline)
        .into_iter()
        .filter_map(Result::err)
        // What the name refers to is shown where it is asked for.
        .filter(|error| error.kind() != SourceErrorKind::Elsewhere)
        .collect();
    if refused.is_empty() {
        return Finding::good(area, format!(".env: {path}"));
    }
    let mut lines: Vec<usize> = refused
        .iter()
        .filter_map(|error| match error.position() {
            Position::Line(line) => Some(line),
            _ => None,
        })
        .collect();
    lines.sort_unstable();
    lines.dedup();
    let lines: Vec<String> = lines.iter().map(usize::to_string).collect();
    Finding::noted(
        area,
        format!(
            ".env: {path}: {} of {} names are refused, because programs read their lines differently (lines {})",
            refused.len(),
            names.len(),
            lines.join(", ")
        ),
        Some("a launch that uses one says how to write its line".to_owned()),
    )
}
