//! Standard input, put aside while a `credential_process` runs.
//!
//! It carries the client's messages to the server. The SDK lets a `credential_process` inherit it; one that reads would
//! take the first message away, and the server would wait for it for ever.

#[cfg(unix)]
pub(crate) use unix::Aside;

#[cfg(unix)]
mod unix {
    use std::os::fd::OwnedFd;
    use std::sync::{Mutex, MutexGuard, PoisonError};

    use rustix::fs::{Mode, OFlags};
    use rustix::io::fcntl_dupfd_cloexec;
    use rustix::stdio::{dup2_stdin, stdin};

    /// Two stores may be asked side by side; they take turns.
    static ASIDE: Mutex<()> = Mutex::new(());

    /// Standard input is empty until this is dropped.
    pub(crate) struct Aside {
        own: OwnedFd,
        _only: MutexGuard<'static, ()>,
    }

    impl Aside {
        /// # Errors
        /// When there is nothing to stand in for it. A `credential_process` must not run then.
        pub(crate) fn put() -> rustix::io::Result<Self> {
            let only = ASIDE.lock().unwrap_or_else(PoisonError::into_inner);
            Ok(Self {
                own: replaced()?,
                _only: only,
            })
        }
    }

    /// Empties standard input, and gives another descriptor of what it was.
    fn replaced() -> rustix::io::Result<OwnedFd> {
        let empty = rustix::fs::open("/dev/null", OFlags::RDONLY | OFlags::CLOEXEC, Mode::empty())?;
        let own = fcntl_dupfd_cloexec(stdin(), 3)?;
        dup2_stdin(&empty)?;
        Ok(own)
    }

    impl Drop for Aside {
        fn drop(&mut self) {
            // It was standard input a moment ago; there is nothing to do about a failure.
            let _: rustix::io::Result<()> = dup2_stdin(&self.own);
        }
    }
}

#[cfg(not(unix))]
pub(crate) struct Aside;

#[cfg(not(unix))]
impl Aside {
    /// Elsewhere a console is no descriptor that could be put aside.
    pub(crate) fn put() -> Result<Self, std::convert::Infallible> {
        Ok(Self)
    }
}
