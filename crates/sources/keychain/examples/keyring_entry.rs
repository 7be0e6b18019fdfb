//! An ordinary `keyring` application: `keyring_entry get|set|delete SERVICE USER`, with the value on
//! stdin and stdout. The tests use it to show that each finds what the other wrote.

#[cfg(all(unix, not(target_os = "macos")))]
fn main() {
    use std::io::{Read, Write};

    use keyring_core::Entry;

    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [action, service, user] = arguments.as_slice() else {
        panic!("keyring_entry get|set|delete SERVICE USER");
    };
    let store = zbus_secret_service_keyring_store::Store::new();
    keyring_core::set_default_store(store.expect("there is a Secret Service"));
    let entry = Entry::new(service, user).expect("the entry is well formed");
    // A keyring error may carry the value: only whether there is one is looked at.
    match action.as_str() {
        "get" => {
            let Ok(value) = entry.get_secret() else {
                panic!("keyring found no such entry");
            };
            std::io::stdout()
                .write_all(&value)
                .expect("the output is open");
        }
        "set" => {
            let mut value = Vec::new();
            std::io::stdin()
                .read_to_end(&mut value)
                .expect("the input is open");
            assert!(entry.set_secret(&value).is_ok(), "keyring did not write");
        }
        "delete" => assert!(entry.delete_credential().is_ok(), "keyring did not delete"),
        _ => panic!("keyring_entry get|set|delete SERVICE USER"),
    }
}

#[cfg(not(all(unix, not(target_os = "macos"))))]
fn main() {}
