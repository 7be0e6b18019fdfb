//! One point in time that all sources of a launch share.

use std::time::{Duration, Instant};

/// When a launch must have its values. Clients wait 3 to 60 seconds for a server.
#[derive(Clone, Copy, Debug)]
pub struct Deadline(Instant);

impl Deadline {
    /// The deadline `span` from now. A span too long for the clock means a year.
    #[must_use]
    pub fn after(span: Duration) -> Self {
        let now = Instant::now();
        Self(
            now.checked_add(span)
                .unwrap_or_else(|| now + Duration::from_secs(31_536_000)),
        )
    }

    /// The time left; zero once it has passed.
    #[must_use]
    pub fn remaining(&self) -> Duration {
        self.0.saturating_duration_since(Instant::now())
    }

    /// Whether it has passed.
    #[must_use]
    pub fn passed(&self) -> bool {
        self.remaining().is_zero()
    }

    /// The same point as an instant, for interfaces that wait until one.
    #[must_use]
    pub fn instant(&self) -> Instant {
        self.0
    }
}
