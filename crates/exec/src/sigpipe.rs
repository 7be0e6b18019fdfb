//! What the client told us to do about SIGPIPE, which the runtime forgets.
//!
//! Rust's runtime ignores SIGPIPE before `main`, and an ignored signal stays ignored through `execve`: a
//! server's `producer | head` would then never end. A server is to get what the client gave us, so that
//! is read before the runtime starts.

use std::sync::atomic::{AtomicU8, Ordering};

const UNKNOWN: u8 = 0;
const DEFAULT: u8 = 1;
const IGNORED: u8 = 2;

static AT_START: AtomicU8 = AtomicU8::new(UNKNOWN);

/// The C runtime calls what stands in this section before `main`, and so before Rust's runtime.
#[used]
#[cfg_attr(not(target_vendor = "apple"), unsafe(link_section = ".init_array"))]
#[cfg_attr(
    target_vendor = "apple",
    unsafe(link_section = "__DATA,__mod_init_func")
)]
static RECORD: extern "C" fn() = record;

extern "C" fn record() {
    let mut action = std::mem::MaybeUninit::<libc::sigaction>::zeroed();
    // SAFETY: only reads the disposition, into memory of the right type. Needs nothing of a runtime.
    let action = unsafe {
        if libc::sigaction(libc::SIGPIPE, std::ptr::null(), action.as_mut_ptr()) != 0 {
            return;
        }
        // Zeroed memory is a valid sigaction, whatever the call filled in.
        action.assume_init()
    };
    // No handler survives execve, so there are these two.
    let disposition = if action.sa_sigaction == libc::SIG_IGN {
        IGNORED
    } else {
        DEFAULT
    };
    AT_START.store(disposition, Ordering::Relaxed);
}

/// Gives SIGPIPE the disposition that the client gave us. Right before `execve`.
pub(crate) fn give_back() {
    set(match AT_START.load(Ordering::Relaxed) {
        IGNORED => libc::SIG_IGN,
        _ => libc::SIG_DFL,
    });
}

/// Ignores SIGPIPE as the runtime does, so that a report to a client that is gone does not end us.
pub(crate) fn ignore_again() {
    set(libc::SIG_IGN);
}

fn set(disposition: libc::sighandler_t) {
    // SAFETY: SIG_DFL and SIG_IGN run no code.
    unsafe { libc::signal(libc::SIGPIPE, disposition) };
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_recorded_before_the_runtime_starts() {
        assert_ne!(AT_START.load(Ordering::Relaxed), UNKNOWN);
    }
}
