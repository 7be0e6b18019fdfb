//! What a disagreement is about, and the spelling that ends it. In words only: nothing of the value.

use crate::agreement::Said;
use crate::dialect::{Dialect, is_variable_of_bash};
use crate::document::{Document, Entry, Quote};
use crate::plain::is_plain_name;
use crate::proposal::Proposal;
use crate::reading::{Cause, Outcome};
use crate::spill::{Among, Spill, SpillKind};

/// An assignment without an agreed value.
pub(crate) struct Subject<'d> {
    pub(crate) line: usize,
    document: &'d Document,
    key: &'d str,
    entry: Option<&'d Entry>,
    dialect: Option<Dialect>,
    /// What the readers that see the assignment make of it.
    outcomes: Vec<&'d Outcome>,
}

/// The note where another line keeps a reader from seeing the name.
pub(crate) fn spilling(kind: SpillKind) -> &'static str {
    match kind {
        SpillKind::Backslash => {
            "a backslash stands before the closing quote, so some readers do not see the quote close"
        }
        SpillKind::Code => {
            "this line is shell code, and what bash makes of the rest of the file depends on it"
        }
        SpillKind::Open => {
            "a quote that opens on this line is never closed, and some readers take all that follows for its text"
        }
    }
}

/// What to do about it. Names no name but `key`: in a spilt text a part of a value could pass for one.
pub(crate) fn spilling_remedy(
    document: &Document,
    spill: &Spill,
    key: &str,
    dialect: Option<Dialect>,
) -> String {
    let line = spill.line;
    let or_reader = match dialect {
        None => format!(", or {NAME_THE_READER}"),
        Some(_) => String::new(),
    };
    let Some(entry) = spill.entry.filter(|_| spill.kind != SpillKind::Code) else {
        return match spill.kind {
            SpillKind::Code => format!(
                "move the code on line {line} out of the file, put {key} into a store \
                 (`mcp-launch secrets set {key}`){or_reader}"
            ),
            SpillKind::Backslash | SpillKind::Open => format!(
                "begin line {line} with `#` if it is a comment, else take it out of the file"
            ),
        };
    };
    match Proposal::for_line(document, entry, dialect) {
        Some(Proposal::Close) => format!("close the quote on line {line}"),
        Some(Proposal::Write(form)) => format!(
            "write line {line} as {}, with the value exactly as it should arrive",
            form.shown("NAME")
        ),
        None => format!(
            "put that value into a store (`mcp-launch secrets set`) and take line {line} out of the file{or_reader}"
        ),
    }
}

const NAME_THE_READER: &str = "set `stores.dotenv.dialect` if one program alone reads this file";

impl<'d> Subject<'d> {
    pub(crate) fn new(
        document: &'d Document,
        key: &'d str,
        entry: Option<&'d Entry>,
        dialect: Option<Dialect>,
        said: &[Said<'d>],
    ) -> Self {
        let bound = said.iter().filter_map(|said| match said {
            Said::Bound { outcome, line } => Some((*outcome, *line)),
            Said::Nothing | Said::Unknown => None,
        });
        let line = entry.map(|entry| entry.line);
        Self {
            line: line
                .or_else(|| bound.clone().next().map(|(_, line)| line))
                .unwrap_or(1),
            document,
            key,
            entry,
            dialect,
            outcomes: bound.map(|(outcome, _)| outcome).collect(),
        }
    }

    /// The change of its line that gives it a value.
    pub(crate) fn proposal(&self) -> Option<Proposal> {
        let entry = self.entry.filter(|_| !self.is_about_the_name())?;
        let readings: Vec<&[u8]> = self
            .outcomes
            .iter()
            .filter_map(|outcome| match outcome {
                Outcome::Value(value) => Some(value.as_slice()),
                Outcome::Refused(_) => None,
            })
            .collect();
        Proposal::for_file(self.document, entry, &readings, self.dialect)
    }

    /// Whether its own line is whole, or could be made so, were it not for another line.
    pub(crate) fn may_be_whole(&self) -> bool {
        let Some(entry) = self.entry else {
            return true;
        };
        let text = &self.document.print()[entry.whole.clone()];
        !self.is_about_the_name()
            && (Among::new(text).agrees(self.key.as_bytes(), self.dialect)
                || Proposal::for_line(self.document, entry, self.dialect).is_some())
    }

    /// What keeps it from having a value.
    pub(crate) fn note(&self) -> &'static str {
        match self.dialect {
            None => self.disagreement(),
            Some(_) => self.cause(),
        }
    }

    fn is_about_the_name(&self) -> bool {
        match self.dialect {
            None => !is_plain_name(self.key.as_bytes()),
            Some(_) => self.refused(Cause::Name),
        }
    }

    /// What the readers disagree about.
    fn disagreement(&self) -> &'static str {
        if self.is_about_the_name() {
            return "not every reader of .env files takes this name";
        }
        if self.refused(Cause::NotUtf8) {
            return "the value is not UTF-8, which not every reader of .env files takes";
        }
        let Some(entry) = self.entry else {
            return "the readers of .env files do not agree that this line is an assignment";
        };
        let written = &self.document.print()[entry.value.clone()];
        let quote = entry.quote;
        if matches!(written.first(), Some(b'"' | b'\'')) {
            let text = &self.document.print()[entry.whole.clone()];
            match Among::new(text).spill(None) {
                Some(SpillKind::Backslash) => return spilling(SpillKind::Backslash),
                Some(SpillKind::Open) if !written[1..].contains(&written[0]) => {
                    return spilling(SpillKind::Open);
                }
                _ => {}
            }
        }
        let has = |byte: u8| written.contains(&byte);
        if quote == Quote::None && matches!(written.first(), Some(b'{' | b'[')) && has(b'"') {
            return "the readers of .env files disagree about JSON without quotes around it";
        }
        if has(b'$') {
            return "the readers of .env files disagree about `$`";
        }
        if has(b'`') {
            return "the readers of .env files disagree about backticks";
        }
        if has(b'\\') {
            return "the readers of .env files disagree about backslashes";
        }
        if written.windows(2).any(|pair| pair == b"\r\n") {
            return "the readers of .env files disagree about CRLF within a value";
        }
        if quote == Quote::None && has(b'#') {
            return "the readers of .env files disagree about `#`";
        }
        if quote == Quote::None && (has(b'"') || has(b'\'')) {
            return "the readers of .env files disagree about these quotes";
        }
        if written
            .iter()
            .any(|byte| byte.is_ascii_control() && *byte != b'\n')
        {
            return "the readers of .env files disagree about control characters";
        }
        if quote == Quote::None && has(b' ') {
            return "the readers of .env files disagree about spaces without quotes";
        }
        if quote == Quote::None && written.iter().any(|byte| b"&;|<>()~{}".contains(byte)) {
            return "the value has characters that a shell acts on";
        }
        "the readers of .env files make different things of this line"
    }

    /// Why the one reader that was asked has no value.
    fn cause(&self) -> &'static str {
        let cause = self.outcomes.iter().find_map(|outcome| match outcome {
            Outcome::Refused(cause) => Some(*cause),
            Outcome::Value(_) => None,
        });
        match cause {
            Some(Cause::Backslash) => "the named reader does not know this escape",
            Some(Cause::Command) => "the named reader would run a command",
            Some(Cause::Control) => "the named reader cannot hold these bytes",
            Some(Cause::Expansion) => {
                "the value refers to another variable, and values are never expanded"
            }
            Some(Cause::Name) => "the named reader gives this name a meaning of its own",
            Some(Cause::NoValue) => "the line names a variable without a value",
            Some(Cause::NotUtf8) => "the named reader takes UTF-8 only",
            Some(Cause::Unclosed) => "a quote is never closed",
            Some(Cause::Form) | None => "the named reader cannot read this line",
        }
    }

    /// What a person does about it: `proposal`, or the other ways out.
    pub(crate) fn remedy(&self, proposal: Option<Proposal>) -> String {
        let Self { key, line, .. } = self;
        if !is_variable_of_bash(key.as_bytes()) && self.is_about_the_name() {
            return format!("bash keeps {key} for itself; rename it");
        }
        let way_out = self.way_out();
        if self.is_about_the_name() {
            return format!(
                "rename it: every reader takes letters, digits and `_`, no digit first; or {way_out}"
            );
        }
        match proposal {
            Some(Proposal::Close) => format!("close the quote on line {line}"),
            Some(Proposal::Write(form)) => format!(
                "write line {line} as {}, with the value exactly as it should arrive; or {way_out}",
                form.shown(key)
            ),
            None => format!("no spelling of this value is read alike by all readers: {way_out}"),
        }
    }

    /// A store; or a reader, where one has a value for it.
    fn way_out(&self) -> String {
        let store = format!(
            "put the value into a store (`mcp-launch secrets set {}`)",
            self.key
        );
        let given = |outcome: &&Outcome| matches!(outcome, Outcome::Value(_));
        if self.dialect.is_none() && self.outcomes.iter().any(given) {
            return format!("{store}, or {NAME_THE_READER}");
        }
        store
    }

    fn refused(&self, cause: Cause) -> bool {
        self.outcomes
            .iter()
            .any(|outcome| matches!(outcome, Outcome::Refused(own) if *own == cause))
    }
}
