//! Going on as another executable of the project: the same process, arguments, environment and descriptors.

use std::ffi::{CString, OsString};
use std::io;
use std::os::unix::ffi::{OsStrExt as _, OsStringExt as _};
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;

use crate::sigpipe;

unsafe extern "C" {
    /// The environment as the system handed it over, `environ(7)`.
    static environ: *const *const libc::c_char;
}

/// Becomes `program`, which belongs beside `own`, with everything as it came to this process. Comes back only with
/// the reason why not.
///
/// A `program` that others could have put there or may write is refused: in a folder that everybody writes, the
/// sticky bit guards the file that is there, not the one that is missing.
///
/// What the client said of SIGPIPE is handed on too, so that the next executable finds it as we did.
pub fn continue_as(own: &Path, program: &Path) -> io::Error {
    if let Err(error) = check_owner(own, program) {
        return error;
    }
    let program = match CString::new(program.as_os_str().as_bytes()) {
        Ok(program) => program,
        Err(_) => return io::ErrorKind::InvalidInput.into(),
    };
    // An argument that came from the system has no NUL, so none is lost here.
    let arguments: Vec<CString> = std::env::args_os()
        .map(OsString::into_vec)
        .filter_map(|argument| CString::new(argument).ok())
        .collect();
    let table: Vec<_> = arguments
        .iter()
        .map(|argument| argument.as_ptr())
        .chain([std::ptr::null()])
        .collect();
    sigpipe::give_back();
    // SAFETY: `program` and the texts of `table` are NUL-terminated and alive, `table` ends with a null pointer,
    // and `environ` is the system's own table, which nothing in this program changes.
    unsafe {
        libc::execve(program.as_ptr(), table.as_ptr(), environ);
    }
    let error = io::Error::last_os_error();
    sigpipe::ignore_again();
    error
}

fn check_owner(own: &Path, program: &Path) -> io::Result<()> {
    let found = std::fs::metadata(program)?;
    let trusted = [
        0,
        rustix::process::geteuid().as_raw(),
        std::fs::metadata(own)?.uid(),
    ];
    let others_may_write = found.mode() & 0o002 != 0;
    if others_may_write || !trusted.contains(&found.uid()) {
        return Err(io::Error::new(
            io::ErrorKind::PermissionDenied,
            "it belongs to somebody else, or everybody may write it",
        ));
    }
    Ok(())
}
