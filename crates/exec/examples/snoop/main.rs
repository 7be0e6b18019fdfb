//! Tries each way by which a process can look into another of the same user, and prints what came of it:
//! `snoop PID` prints `WAY=open` or `WAY=` and the error number of the system.
//! `snoop --connect NAME` connects to an abstract socket.

#[cfg(target_os = "linux")]
mod linux;

fn main() {
    #[cfg(target_os = "linux")]
    linux::main();
}
