//! The ways, which are those of Linux.
#![expect(unsafe_code, reason = "system calls that no safe library has")]
#![expect(clippy::print_stdout, reason = "an example that reports to a test")]

use std::fs::File;
use std::io::{Error, Read};
use std::os::linux::net::SocketAddrExt;
use std::os::unix::net::{SocketAddr, UnixStream};

pub(crate) fn main() {
    let words: Vec<String> = std::env::args().skip(1).collect();
    match &words[..] {
        [option, name] if option == "--connect" => connect(name),
        [pid] => snoop(pid.parse().expect("a process id")),
        _ => panic!("snoop PID | snoop --connect NAME"),
    }
}

/// Connects to an abstract socket.
fn connect(name: &str) {
    let address = SocketAddr::from_abstract_name(name).expect("a name that fits");
    match UnixStream::connect_addr(&address) {
        Ok(_) => println!("connected"),
        Err(error) if error.raw_os_error() == Some(libc::EPERM) => println!("refused"),
        Err(error) => println!("{error}"),
    }
}

fn snoop(pid: libc::pid_t) {
    for file in ["environ", "maps", "mem"] {
        report(file, read_some(pid, file));
    }
    report("process_vm_readv", read_memory(pid));
    report("ptrace", trace(pid));
    report("pidfd_getfd", take_descriptor(pid));
    report(
        "fd/0",
        std::fs::read_link(format!("/proc/{pid}/fd/0")).map(drop),
    );
    report(
        "cwd",
        std::fs::read_link(format!("/proc/{pid}/cwd")).map(drop),
    );
    // SAFETY: signal 0 only asks.
    report("signal", outcome(unsafe { libc::kill(pid, 0) }.into()));
}

fn report(way: &str, result: Result<(), Error>) {
    match result {
        Ok(()) => println!("{way}=open"),
        Err(error) => println!("{way}={}", error.raw_os_error().unwrap_or(0)),
    }
}

fn outcome(returned: i64) -> Result<(), Error> {
    if returned < 0 {
        return Err(Error::last_os_error());
    }
    Ok(())
}

/// Reading `mem` at 0 is an I/O error even where it is allowed, so opening it counts.
fn read_some(pid: libc::pid_t, file: &str) -> Result<(), Error> {
    let mut opened = File::open(format!("/proc/{pid}/{file}"))?;
    if file != "mem" {
        opened.read_exact(&mut [0; 8])?;
    }
    Ok(())
}

fn read_memory(pid: libc::pid_t) -> Result<(), Error> {
    let mut byte = 0_u8;
    let local = libc::iovec {
        iov_base: (&raw mut byte).cast(),
        iov_len: 1,
    };
    let remote = libc::iovec {
        iov_base: std::ptr::without_provenance_mut(1),
        iov_len: 1,
    };
    // SAFETY: writes at most one byte, into `byte`.
    let read = unsafe { libc::process_vm_readv(pid, &raw const local, 1, &raw const remote, 1, 0) };
    match outcome(read as i64) {
        // Allowed; there is just nothing at that address.
        Err(error) if error.raw_os_error() == Some(libc::EFAULT) => Ok(()),
        result => result,
    }
}

fn trace(pid: libc::pid_t) -> Result<(), Error> {
    let nothing = std::ptr::null_mut::<libc::c_void>();
    // SAFETY: these requests take no memory of ours.
    unsafe {
        outcome(libc::ptrace(libc::PTRACE_SEIZE, pid, nothing, nothing))?;
        libc::ptrace(libc::PTRACE_DETACH, pid, nothing, nothing);
    }
    Ok(())
}

fn take_descriptor(pid: libc::pid_t) -> Result<(), Error> {
    // SAFETY: take and give numbers only.
    unsafe {
        let process = libc::syscall(libc::SYS_pidfd_open, pid, 0);
        outcome(process)?;
        outcome(libc::syscall(libc::SYS_pidfd_getfd, process, 0, 0))
    }
}
