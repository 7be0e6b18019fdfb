//! Tries each way by which a process can look into another of the same user, and prints what came of it:
//! `snoop PID` prints `WAY=open` or `WAY=` and the system's error number.

#[cfg(target_os = "linux")]
mod linux;

fn main() {
    #[cfg(target_os = "linux")]
    linux::main();
}
