//! The lending half: what was lent to this launch, told to its keeper or given back.

use std::time::Duration;

use mcp_launch_core::{Lender, Secret, SourceError};

use crate::fault::{Failure, Fault};
use crate::keeper;
use crate::reach;
use crate::source::VaultSource;

/// How long giving back may take when nothing starts: a person waits for the error.
const GIVING_BACK: Duration = Duration::from_secs(2);

impl Lender for VaultSource {
    fn letter(&self) -> Result<Option<Secret>, SourceError> {
        if !self.state().holdings.is_lent() {
            // A session of this launch alone, and nothing hangs on it: a certificate, the password of a static role.
            self.give_back();
            return Ok(None);
        }
        let reach =
            reach::decide(&self.settings, &self.environment).map_err(|failure| failure.error())?;
        let letter = self.state().holdings.letter(reach);
        match letter.and_then(|letter| letter.seal()) {
            Some(letter) => Ok(Some(letter)),
            None => Err(Failure::from(Fault::Unkeepable).error()),
        }
    }

    fn give_back(&self) {
        let holdings = {
            let mut state = self.state();
            if !state.holdings.is_owing() {
                return;
            }
            let notices = std::mem::take(&mut state.holdings.notices);
            let taken = std::mem::take(&mut state.holdings);
            state.holdings.notices = notices;
            taken
        };
        let letter = reach::decide(&self.settings, &self.environment)
            .ok()
            .and_then(|reach| holdings.letter(reach));
        let left = letter.and_then(|letter| keeper::give_back(&letter, GIVING_BACK).err());
        self.state().holdings.notices.extend(left);
    }
}
