//! Names over files and a name server of a test's own.

use std::fs;
use std::net::{IpAddr, Ipv4Addr, UdpSocket};
use std::thread;
use std::time::Duration;

use hickory_resolver::config::{ConnectionConfig, NameServerConfig};
use mcp_launch_core::Deadline;
use mcp_launch_testkit::Scratch;

use super::*;
use crate::{Endpoint, Names, block_on};

/// More than any answer here takes.
const ENOUGH: Duration = Duration::from_secs(20);

fn addresses(system: &System, name: &str) -> Result<Vec<String>, Trouble> {
    let deadline = Deadline::after(ENOUGH);
    let found = block_on(deadline, system.addresses(name))??;
    Ok(found.iter().map(ToString::to_string).collect())
}

/// A system whose `/etc/hosts` and `/etc/resolv.conf` have these texts; none where a file is missing.
fn system(hosts: Option<&str>, settings: Option<&str>) -> (Scratch, System) {
    let scratch = Scratch::ordinary();
    for (name, text) in [("hosts", hosts), ("resolv.conf", settings)] {
        if let Some(text) = text {
            scratch.write(name, text);
        }
    }
    let system = System {
        hosts: scratch.home().join("hosts"),
        settings: Settings::File(scratch.home().join("resolv.conf")),
        patience: ENOUGH,
        resolver: OnceLock::new(),
    };
    (scratch, system)
}

/// A system that asks the name server at `port` of 127.0.0.1, within `team.example`, which is given `patience`.
fn asking(port: u16, patience: Duration) -> System {
    let mut connection = ConnectionConfig::udp();
    connection.port = port;
    let server = NameServerConfig::new(IpAddr::V4(Ipv4Addr::LOCALHOST), true, vec![connection]);
    let search = vec![Name::from_str("team.example.").unwrap()];
    let config = ResolverConfig::from_parts(None, search, vec![server]);
    System {
        hosts: Scratch::ordinary().home().join("missing"),
        settings: Settings::Given(config),
        patience,
        resolver: OnceLock::new(),
    }
}

/// A name server that knows `vault.team.example` as 192.0.2.7 and nothing else. It ends with the test.
fn name_server(silent: bool) -> u16 {
    const KNOWN: &[u8] = b"\x05vault\x04team\x07example\x00\x00\x01\x00\x01";
    let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
    let port = socket.local_addr().expect("its address").port();
    thread::spawn(move || {
        let mut question = [0; 512];
        while let Ok((length, client)) = socket.recv_from(&mut question) {
            if silent {
                continue;
            }
            let end = 12
                + question[12..length]
                    .iter()
                    .position(|&byte| byte == 0)
                    .unwrap()
                + 5;
            let known = question[12..end].to_ascii_lowercase() == KNOWN;
            // The id; an answer, recursive; no error or no such name; one question, at most one answer.
            let mut answer = question[..2].to_vec();
            answer.extend([
                0x81,
                if known { 0x80 } else { 0x83 },
                0,
                1,
                0,
                u8::from(known),
            ]);
            answer.extend([0, 0, 0, 0]);
            answer.extend(&question[12..end]);
            if known {
                answer.extend([0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 192, 0, 2, 7]);
            }
            let _sent = socket.send_to(&answer, client);
        }
    });
    port
}

#[test]
fn hosts_come_first_and_need_no_name_server() {
    let text = "# comment\n127.0.0.9 Vault.example vault # more\n::9 vault.example\n";
    let (_scratch, system) = system(Some(text), None);
    for name in ["vault.example", "VAULT.example", "vault.example."] {
        assert_eq!(
            addresses(&system, name),
            Ok(vec!["127.0.0.9".to_owned(), "::9".to_owned()]),
            "{name}"
        );
    }
    assert_eq!(
        addresses(&system, "vault"),
        Ok(vec!["127.0.0.9".to_owned()])
    );
}

#[test]
fn a_system_that_names_no_name_server_is_told() {
    for settings in [
        None,
        Some(""),
        Some("search team.example\n"),
        Some("\0\u{1}nonsense"),
    ] {
        let (_scratch, system) = system(None, settings);
        assert_eq!(
            addresses(&system, "vault.example"),
            Err(Trouble::NameSettings),
            "{settings:?}"
        );
    }
}

#[test]
fn a_name_server_is_asked_with_the_search_domains() {
    let system = asking(name_server(false), ENOUGH);
    let found = Ok(vec!["192.0.2.7".to_owned()]);
    assert_eq!(addresses(&system, "vault.team.example"), found);
    let system = asking(name_server(false), ENOUGH);
    assert_eq!(addresses(&system, "vault"), found);
}

#[test]
fn a_name_that_nobody_knows_and_a_server_that_says_nothing_are_told_apart() {
    let system = asking(name_server(false), ENOUGH);
    assert_eq!(
        addresses(&system, "nobody.example"),
        Err(Trouble::NameUnknown)
    );
    let system = asking(name_server(true), Duration::from_millis(100));
    assert_eq!(
        addresses(&system, "vault.example"),
        Err(Trouble::NameServer)
    );
    assert_eq!(addresses(&system, "no name"), Err(Trouble::NameUnknown));
}

#[test]
fn localhost_is_this_machine_whatever_the_files_say() {
    let found = |name: &str| {
        let deadline = Deadline::after(ENOUGH);
        let names = Names::new();
        block_on(deadline, names.addresses(name)).unwrap().unwrap()
    };
    for name in ["localhost", "LOCALHOST.", "vault.localhost"] {
        let found = found(name);
        assert_eq!(found[0].to_string(), "127.0.0.1");
        assert!(found.iter().all(IpAddr::is_loopback));
    }
}

#[test]
fn the_name_of_a_certificate_means_the_host_of_the_address() {
    let endpoint = Endpoint::parse("https://127.0.0.5:8200", false).unwrap();
    let names = Names::of(&endpoint.presenting("store.example").unwrap());
    let deadline = Deadline::after(ENOUGH);
    let found = block_on(deadline, names.addresses("Store.example")).unwrap();
    assert_eq!(found.unwrap(), [IpAddr::from([127, 0, 0, 5])]);
}

#[test]
fn the_hosts_of_this_machine_are_read() {
    // Whatever names this machine has for itself, the real file gives them.
    let text = fs::read_to_string("/etc/hosts").unwrap_or_default();
    let own = text
        .lines()
        .filter_map(|line| line.split('#').next()?.strip_prefix("127.0.0.1"))
        .flat_map(str::split_whitespace);
    for name in own {
        let found = addresses(&System::default(), name).unwrap();
        assert!(found.contains(&"127.0.0.1".to_owned()), "{name}");
    }
}
