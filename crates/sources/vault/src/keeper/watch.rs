//! The server's end, and the signals to the keeper itself, as futures.

use std::io;

use super::event::Reason;

/// What tells of the server's end: a descriptor that can be read from then.
#[cfg(unix)]
pub type Watch = std::os::fd::OwnedFd;

/// What tells of the server's end: it comes back then.
#[cfg(not(unix))]
pub type Watch = Box<dyn FnOnce() + Send>;

/// The signals that tell a keeper to end.
#[cfg(unix)]
pub(super) struct Signals([tokio::signal::unix::Signal; 3]);

#[cfg(unix)]
impl Signals {
    /// Heeds them from now on. Within a runtime.
    pub(super) fn heed() -> io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Self([
            signal(SignalKind::hangup())?,
            signal(SignalKind::interrupt())?,
            signal(SignalKind::terminate())?,
        ]))
    }

    async fn come(&mut self) {
        let [hangup, interrupt, terminate] = &mut self.0;
        tokio::select! {
            _ = hangup.recv() => {}
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    }
}

/// Waits for the end of the server, or for a signal.
#[cfg(unix)]
pub(super) async fn over(watch: Watch, mut signals: Signals) -> Reason {
    #[expect(
        deprecated,
        reason = "its successor is unsafe, for types that may change their descriptor; this one owns its own"
    )]
    let watch = tokio::io::unix::AsyncFd::new(watch);
    let ended = async {
        let Ok(watch) = watch else {
            // It cannot be watched: rather give back what is still used than keep it for ever.
            return;
        };
        let _readable = watch.readable().await;
    };
    tokio::select! {
        () = ended => Reason::ServerEnded,
        () = signals.come() => Reason::KeeperSignalled,
    }
}

/// A process without a console gets no signals here.
#[cfg(not(unix))]
pub(super) struct Signals;

#[cfg(not(unix))]
impl Signals {
    pub(super) fn heed() -> io::Result<Self> {
        Ok(Self)
    }
}

/// Waits for the end of the server.
#[cfg(not(unix))]
pub(super) async fn over(watch: Watch, Signals: Signals) -> Reason {
    let waited = tokio::task::spawn_blocking(watch).await;
    drop(waited);
    Reason::ServerEnded
}
