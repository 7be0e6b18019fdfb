//! A container whose filter forbids the keyring, or a kernel that has none.

use crate::stage::{Stage, run, run_with};

/// Makes add_key, request_key and keyctl fail with the given error, then becomes the program.
const FILTER: &str = r#"
import ctypes, os, platform, struct, sys

NO_NEW_PRIVS, SET_SECCOMP, FILTER = 38, 22, 2
LOAD, JUMP_IF_EQUAL, RETURN = 0x20, 0x15, 0x06
ALLOW, ERRNO = 0x7FFF0000, 0x00050000

calls = {"x86_64": (248, 249, 250), "aarch64": (217, 218, 219)}[platform.machine()]
refuse = RETURN, 0, 0, ERRNO | int(sys.argv[1])
program = [(LOAD, 0, 0, 0)]
for call in calls:
    program += [(JUMP_IF_EQUAL, 0, 1, call), refuse]
program += [(RETURN, 0, 0, ALLOW)]
code = ctypes.create_string_buffer(b"".join(struct.pack("HBBI", *line) for line in program))

class Program(ctypes.Structure):
    _fields_ = [("length", ctypes.c_ushort), ("code", ctypes.c_void_p)]

libc = ctypes.CDLL(None, use_errno=True)
assert libc.prctl(NO_NEW_PRIVS, 1, 0, 0, 0) == 0
assert libc.prctl(SET_SECCOMP, FILTER, ctypes.byref(Program(len(program), ctypes.addressof(code))), 0, 0) == 0
os.execv(sys.argv[2], sys.argv[2:])
"#;

const EPERM: &str = "1";
const ENOSYS: &str = "38";

#[test]
fn nothing_is_shared_and_nothing_fails() {
    let stage = Stage::new();
    for errno in [EPERM, ENOSYS] {
        let filtered = |words: &[&str]| {
            let program = stage.program().to_str().unwrap();
            let mut command = stage.tool("python3", &["-c", FILTER, errno, program]);
            command
                .args([&stage.store("s"), "login", "60", "60"])
                .args(words);
            command
        };
        run_with(&mut filtered(&["lend", "w"]), "one").text();
        run(&mut filtered(&["fresh", "w"])).nothing();
        run(&mut filtered(&["stale", "w"])).nothing();
        run(&mut filtered(&["forget", "w"])).text();
        assert_eq!(run(&mut filtered(&["hold", "w", "600000"])).text(), "alone");
        let log = stage.scratch.temp().join("asked");
        let get = ["get", "w", log.to_str().unwrap(), "600000", "0"];
        assert_eq!(run(&mut filtered(&get)).text(), "from the store");
        let cleared = run(&mut filtered(&["clear"]));
        if errno == ENOSYS {
            assert_eq!(cleared.text(), "0");
        } else {
            assert!(!cleared.succeeded, "{cleared:?}");
            assert!(cleared.err.contains("cannot be used here"), "{cleared:?}");
        }
    }
}
