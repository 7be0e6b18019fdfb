//! Which of many names are meant: `--only` and `--except`.

use crate::args::SelectionArgs;
use crate::report::Report;

/// Patterns over names.
pub(crate) struct Selection<'a> {
    only: &'a [String],
    except: &'a [String],
}

impl<'a> Selection<'a> {
    pub(crate) fn of(args: &'a SelectionArgs) -> Self {
        Self {
            only: &args.only,
            except: &args.except,
        }
    }

    /// Whether `name` is meant.
    pub(crate) fn has(&self, name: &str) -> bool {
        let is_in = |patterns: &[String]| patterns.iter().any(|pattern| fits(pattern, name));
        (self.only.is_empty() || is_in(self.only)) && !is_in(self.except)
    }

    /// Refuses a pattern that fits none of `names`: whoever wrote it meant something.
    ///
    /// # Errors
    /// With that pattern.
    pub(crate) fn must_fit<'n>(
        &self,
        names: impl Iterator<Item = &'n str> + Clone,
    ) -> Result<(), Report> {
        let idle = self
            .only
            .iter()
            .chain(self.except)
            .find(|pattern| !names.clone().any(|name| fits(pattern, name)));
        match idle {
            Some(pattern) => Err(Report::failure(format!(
                "there is no `{pattern}` among the names"
            ))),
            None => Ok(()),
        }
    }
}

/// Whether `pattern`, in which `*` stands for any text, is the whole of `name`.
fn fits(pattern: &str, name: &str) -> bool {
    let mut pieces = pattern.split('*');
    let first = pieces.next().unwrap_or_default();
    let Some(mut rest) = name.strip_prefix(first) else {
        return false;
    };
    let mut pieces = pieces.peekable();
    if pieces.peek().is_none() {
        return rest.is_empty();
    }
    while let Some(piece) = pieces.next() {
        if pieces.peek().is_none() {
            return rest.ends_with(piece);
        }
        match rest.find(piece) {
            Some(at) => rest = &rest[at + piece.len()..],
            None => return false,
        }
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_stands_for_any_text() {
        for (pattern, name, expected) in [
            ("A", "A", true),
            ("A", "AB", false),
            ("*", "", true),
            ("DB_*", "DB_URL", true),
            ("DB_*", "MY_DB_URL", false),
            ("*_KEY", "API_KEY", true),
            ("*_KEY", "API_KEYS", false),
            ("A*B*C", "A1B2C", true),
            ("A*B*C", "AC", false),
            ("A*A", "A", false),
            ("*ab", "aab", true),
        ] {
            assert_eq!(fits(pattern, name), expected, "{pattern} {name}");
        }
    }
}
