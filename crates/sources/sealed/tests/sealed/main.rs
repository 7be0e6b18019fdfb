//! The sealed store from outside: as processes of their own, beside the real `age`, under `strace`, as
//! root and as an ordinary user.

#![cfg(target_os = "linux")]
#![expect(clippy::unwrap_used, reason = "that is how a test fails")]

mod age;
mod crash;
mod damage;
mod keyring;
mod launch;
mod leaks;
mod modes;
mod stage;
mod writers;
