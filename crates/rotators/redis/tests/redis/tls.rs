//! TLS.

use mcp_launch_core::Environment;
use mcp_launch_network::Tls;
use mcp_launch_rotation::{Bundle, Liveness, Rotator as _, RotatorError};
use mcp_launch_rotator_redis::{Encryption, Mode, RedisRotator};
use mcp_launch_testkit::{Certificates, Redis};

use crate::stage::{FIRST, make_account, secret, settings, soon};

#[test]
fn a_server_is_believed_only_with_a_certificate_for_its_name() {
    let certificates = Certificates::new();
    let redis = Redis::start_tls(&certificates.server_for(&["redis.test"]));
    make_account(&redis);
    let value = Bundle::bare(secret(&format!(
        "rediss://app:{FIRST}@127.0.0.1:{}",
        redis.port()
    )));
    let rotator = |encryption: Encryption| {
        let mut settings = settings(Some(("root", redis.password())));
        settings.encryption = encryption;
        RedisRotator::new(settings, &Environment::capture()).unwrap()
    };
    let tls = Tls {
        ca: Some(certificates.ca().to_owned()),
        ..Tls::default()
    };
    let named = Encryption {
        mode: Mode::Auto,
        tls: tls.clone(),
        server_name: Some("redis.test".to_owned()),
    };
    assert_eq!(rotator(named).probe(&value, soon()), Liveness::Live);
    let by_address = Encryption {
        tls,
        ..Encryption::default()
    };
    // What is missing, and what is off against the word of the URL.
    let unknown = Encryption::default();
    let off = Encryption {
        mode: Mode::Off,
        ..Encryption::default()
    };
    for encryption in [by_address, unknown, off] {
        let rotator = rotator(encryption);
        assert_eq!(rotator.probe(&value, soon()), Liveness::Unknown);
        assert!(
            rotator
                .remedy(RotatorError::Unavailable)
                .unwrap()
                .contains("certificate")
        );
    }
}
