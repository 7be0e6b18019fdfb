//! Keeps the launcher's own memory from cores, debuggers and other processes of the same user.

/// Protects this process while it holds values. The first thing in `main`.
///
/// On Linux no core file is written, and `/proc/PID/environ`, `mem`, `ptrace` and their like are closed to
/// other processes of the user (root still reads). The core limit stays with the server; the rest ends with
/// `execve`. A system that refuses leaves the launcher as any other program, so nothing is reported.
pub fn protect_self() {
    limit_core();
    hide();
}

/// Sets the core limit to one byte, for good.
///
/// Not to zero: for a core handler behind a pipe, `core(5)` says, the kernel enforces no limit, except that
/// it reads 1 as a sign not to dump (`fs/coredump.c`).
#[cfg(unix)]
pub(crate) fn limit_core() {
    use rustix::process::{Resource, Rlimit, setrlimit};
    let to = |bytes| Rlimit {
        current: Some(bytes),
        maximum: Some(bytes),
    };
    let limited = setrlimit(Resource::Core, to(1));
    if limited.is_err() {
        // The hard limit is 0 already and cannot be raised.
        let _unprivileged = setrlimit(Resource::Core, to(0));
    }
}

#[cfg(target_os = "linux")]
fn hide() {
    let _refused =
        rustix::process::set_dumpable_behavior(rustix::process::DumpableBehavior::NotDumpable);
}

#[cfg(target_vendor = "apple")]
fn hide() {
    // SAFETY: PT_DENY_ATTACH takes no pointer: the other arguments are ignored.
    unsafe { libc::ptrace(libc::PT_DENY_ATTACH, 0, std::ptr::null_mut(), 0) };
}

#[cfg(all(unix, not(target_os = "linux"), not(target_vendor = "apple")))]
fn hide() {}

/// Keeps Windows Error Reporting from taking a picture of this process when it crashes.
#[cfg(windows)]
fn limit_core() {
    use windows_sys::Win32::System::Diagnostics::Debug::{
        SEM_FAILCRITICALERRORS, SEM_NOGPFAULTERRORBOX, SetErrorMode,
    };
    // SAFETY: takes flags only.
    unsafe { SetErrorMode(SEM_FAILCRITICALERRORS | SEM_NOGPFAULTERRORBOX) };
}

#[cfg(windows)]
fn hide() {}
