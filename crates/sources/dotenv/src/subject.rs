//! What a disagreement is about, and the spelling that ends it. In words only: nothing of the value.

use crate::dialect::Dialect;
use crate::document::Quote;
use crate::plain::is_plain_name;
use crate::reading::{Cause, Outcome};
use crate::spelling::Form;

/// An assignment without an agreed value.
pub(crate) struct Subject<'d> {
    pub(crate) key: &'d str,
    pub(crate) line: usize,
    /// The value as it stands in the file, quotes included.
    pub(crate) written: Option<(&'d [u8], Quote)>,
    /// What the readers that see the assignment make of it.
    pub(crate) outcomes: Vec<&'d Outcome>,
}

/// The note where an earlier line keeps a reader from seeing the name.
pub(crate) fn swallowing(open: bool) -> &'static str {
    if open {
        "a quote that opens on this line is never closed, and some readers take all that follows for its text"
    } else {
        "this line is shell code, and what bash makes of the rest of the file depends on it"
    }
}

/// What to do about it.
pub(crate) fn swallowing_remedy(line: usize, open: bool, key: &str) -> String {
    if open {
        format!("close the quote on line {line}, or put that value in the other kind of quotes")
    } else {
        format!(
            "move the code on line {line} out of the file, put {key} into a store \
             (`mcp-launch secrets set {key}`), or {NAME_A_READER}"
        )
    }
}

const NAME_A_READER: &str = "name the one reader that the file is written for in your config.toml: \
                             `[stores.dotenv]`, `dialect = \"compose\"` (or bash, dotenvy, node, python)";

impl Subject<'_> {
    /// What the readers disagree about.
    pub(crate) fn note(&self) -> &'static str {
        if !is_plain_name(self.key.as_bytes()) {
            return "not every reader of .env files takes this name";
        }
        if self.refused(Cause::NotUtf8) {
            return "the value is not UTF-8, which not every reader of .env files takes";
        }
        let Some((written, quote)) = self.written else {
            return "the readers of .env files do not agree that this line is an assignment";
        };
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
    pub(crate) fn cause(&self) -> &'static str {
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

    /// The spelling that all readers read alike, or the other ways out.
    pub(crate) fn remedy(&self, dialect: Option<Dialect>) -> String {
        let Self { key, line, .. } = self;
        let store = format!("put the value into a store (`mcp-launch secrets set {key}`)");
        let way_out = match dialect {
            None => format!("{store}, or {NAME_A_READER}"),
            Some(_) => store,
        };
        if !is_plain_name(key.as_bytes()) {
            return format!(
                "rename it: every reader takes letters, digits and `_`, no digit first; or {way_out}"
            );
        }
        match self.form() {
            Some(form) => format!(
                "write line {line} as {}, with the value exactly as it should arrive; or {way_out}",
                form.shown(key)
            ),
            None => format!("no spelling of this value is read alike by all readers: {way_out}"),
        }
    }

    /// The form for the value that is probably meant: what stands there, literally; else what a reader makes of it.
    fn form(&self) -> Option<Form> {
        let literal = self.written.map(|(written, quote)| match quote {
            Quote::None => written,
            Quote::Backtick | Quote::Double | Quote::Single => &written[1..written.len() - 1],
        });
        let read = self.outcomes.iter().filter_map(|outcome| match outcome {
            Outcome::Value(value) => Some(value.as_slice()),
            Outcome::Refused(_) => None,
        });
        literal.into_iter().chain(read).find_map(Form::of)
    }

    fn refused(&self, cause: Cause) -> bool {
        self.outcomes
            .iter()
            .any(|outcome| matches!(outcome, Outcome::Refused(own) if *own == cause))
    }
}
