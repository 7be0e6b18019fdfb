//! Going on as another executable of the project: the same process, arguments, environment and descriptors.

use std::ffi::{CString, OsString};
use std::io;
use std::os::unix::ffi::{OsStrExt as _, OsStringExt as _};
use std::path::Path;

use crate::sigpipe;

unsafe extern "C" {
    /// The environment as the system handed it over, `environ(7)`.
    static environ: *const *const libc::c_char;
}

/// Becomes `program` with everything as it came to this process. Comes back only with the reason why not.
///
/// What the client said of SIGPIPE is handed on too, so that the next executable finds it as we did.
pub fn continue_as(program: &Path) -> io::Error {
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
