//! One thread, one runtime, for the length of one question.

use std::future::Future;

use mcp_launch_core::Deadline;
use tokio::runtime::Builder;
use tokio::time::{Instant, timeout_at};

use crate::Trouble;

/// Does `work` on this thread and is back by `deadline`, whatever has not ended by then: what the work started is
/// dropped, and a call of the system that cannot be broken off, such as a lookup of a name, is not waited for.
///
/// # Errors
/// [`Trouble::TimedOut`] at the deadline. [`Trouble::Other`] when the system gives nothing to wait with: no file
/// descriptor is left.
pub fn block_on<T>(deadline: Deadline, work: impl Future<Output = T>) -> Result<T, Trouble> {
    let runtime = Builder::new_current_thread()
        .enable_io()
        .enable_time()
        .build()
        .map_err(|_| Trouble::Other)?;
    let done = runtime.block_on(async {
        // Within the runtime, because a timer needs one.
        timeout_at(Instant::from_std(deadline.instant()), work).await
    });
    // Dropping it instead would wait for calls of the system that run on threads of their own.
    runtime.shutdown_background();
    done.map_err(|_| Trouble::TimedOut)
}

#[cfg(test)]
mod tests {
    use std::future::pending;
    use std::time::{Duration, Instant};

    use super::*;

    #[test]
    fn it_ends_at_the_deadline() {
        let begun = Instant::now();
        let deadline = Deadline::after(Duration::from_millis(50));
        assert_eq!(block_on(deadline, pending::<()>()), Err(Trouble::TimedOut));
        assert!(begun.elapsed() >= Duration::from_millis(50));
    }

    #[test]
    fn a_call_that_cannot_be_broken_off_is_not_waited_for() {
        let begun = Instant::now();
        let done = block_on(Deadline::after(Duration::from_millis(50)), async {
            tokio::task::spawn_blocking(|| std::thread::sleep(Duration::from_secs(30))).await
        });
        assert!(matches!(done, Err(Trouble::TimedOut)));
        assert!(begun.elapsed() < Duration::from_secs(10));
    }

    #[test]
    fn work_that_is_done_is_handed_back() {
        let deadline = Deadline::after(Duration::from_secs(10));
        assert_eq!(block_on(deadline, async { 7 }), Ok(7));
    }
}
