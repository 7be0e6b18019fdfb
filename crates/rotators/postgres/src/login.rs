//! How a password is shown: by SCRAM, by MD5 where the server is old, and itself only where nobody else hears it.

use bytes::BytesMut;
use fallible_iterator::FallibleIterator as _;
use mcp_launch_rotation::Account;
use postgres_protocol::authentication::md5_hash;
use postgres_protocol::authentication::sasl::{
    ChannelBinding, SCRAM_SHA_256, SCRAM_SHA_256_PLUS, ScramSha256,
};
use postgres_protocol::message::backend::{AuthenticationSaslBody, Message};
use postgres_protocol::message::frontend;
use zeroize::Zeroizing;

use crate::fault::{Fault, Point};
use crate::session::{Wire, said_by};
use crate::stream::{Secured, unreachable};

/// More rounds than any server asks for (4096), and less than would keep a processor busy past the deadline.
const MOST_ROUNDS: u32 = 1_000_000;

/// Answers what the server asks until it lets the account in. Gives whether it has asked for the password.
#[expect(
    clippy::disallowed_methods,
    reason = "the login itself: the password is proven to its server"
)]
pub(crate) fn authenticate(
    wire: &mut Wire,
    account: &Account,
    secured: &Secured,
) -> Result<bool, Fault> {
    let password = account.password.expose();
    let shown = match wire.receive()? {
        Message::ErrorResponse(body) => return Err(Fault::Said(said_by(&body, Point::Login))),
        Message::AuthenticationSasl(body) => {
            return scram(wire, password, &body, secured).and_then(|()| accepted(wire));
        }
        Message::AuthenticationOk
        | Message::AuthenticationMd5Password(_)
        | Message::AuthenticationCleartextPassword
            if secured.must_be_bound =>
        {
            return Err(Fault::Unbound);
        }
        Message::AuthenticationOk => return Ok(false),
        Message::AuthenticationMd5Password(body) => {
            let digest = md5_hash(account.username.as_bytes(), password, body.salt());
            Zeroizing::new(digest.into_bytes())
        }
        Message::AuthenticationCleartextPassword if secured.is_private => {
            Zeroizing::new(password.to_vec())
        }
        Message::AuthenticationCleartextPassword => return Err(Fault::Cleartext),
        Message::AuthenticationGss
        | Message::AuthenticationKerberosV5
        | Message::AuthenticationScmCredential
        | Message::AuthenticationSspi => return Err(Fault::Method),
        _ => return Err(Fault::Malformed),
    };
    let mut answer = BytesMut::new();
    frontend::password_message(&shown, &mut answer).map_err(|_| Fault::Malformed)?;
    wire.send(&answer).map_err(|error| unreachable(&error))?;
    accepted(wire)
}

fn accepted(wire: &mut Wire) -> Result<bool, Fault> {
    match wire.receive()? {
        Message::AuthenticationOk => Ok(true),
        Message::ErrorResponse(body) => Err(Fault::Said(said_by(&body, Point::Login))),
        _ => Err(Fault::Malformed),
    }
}

/// SCRAM-SHA-256, bound to the certificate where server and certificate can. At its end the server has shown that it
/// knows the password too.
fn scram(
    wire: &mut Wire,
    password: &[u8],
    offer: &AuthenticationSaslBody,
    secured: &Secured,
) -> Result<(), Fault> {
    let mut offers = offer.mechanisms();
    let (mut plain, mut plus) = (false, false);
    while let Some(mechanism) = offers.next().map_err(|_| Fault::Malformed)? {
        plain |= mechanism == SCRAM_SHA_256;
        plus |= mechanism == SCRAM_SHA_256_PLUS;
    }
    let (mechanism, binding) = match &secured.end_point {
        Some(digest) if plus => (
            SCRAM_SHA_256_PLUS,
            ChannelBinding::tls_server_end_point(digest.clone()),
        ),
        _ if secured.must_be_bound => return Err(Fault::Unbound),
        // Tells a server that can do it, and was made to look as if it could not.
        Some(_) if plain => (SCRAM_SHA_256, ChannelBinding::unrequested()),
        None if plain => (SCRAM_SHA_256, ChannelBinding::unsupported()),
        _ => return Err(Fault::Method),
    };
    let mut scram = ScramSha256::new(password, binding);
    let mut message = BytesMut::new();
    frontend::sasl_initial_response(mechanism, scram.message(), &mut message)
        .map_err(|_| Fault::Malformed)?;
    wire.send(&message).map_err(|error| unreachable(&error))?;
    match wire.receive()? {
        Message::AuthenticationSaslContinue(body) if is_payable(body.data()) => {
            scram.update(body.data()).map_err(|_| Fault::Malformed)?
        }
        Message::ErrorResponse(body) => return Err(Fault::Said(said_by(&body, Point::Login))),
        _ => return Err(Fault::Malformed),
    }
    let mut message = BytesMut::new();
    frontend::sasl_response(scram.message(), &mut message).map_err(|_| Fault::Malformed)?;
    wire.send(&message).map_err(|error| unreachable(&error))?;
    match wire.receive()? {
        Message::AuthenticationSaslFinal(body) => {
            scram.finish(body.data()).map_err(|_| Fault::Malformed)
        }
        Message::ErrorResponse(body) => Err(Fault::Said(said_by(&body, Point::Login))),
        _ => Err(Fault::Malformed),
    }
}

/// Whether the rounds that the server's first message (`r=…,s=…,i=ROUNDS`) asks for can be done.
fn is_payable(message: &[u8]) -> bool {
    let text = std::str::from_utf8(message).unwrap_or_default();
    let rounds = text.split(',').find_map(|part| part.strip_prefix("i="));
    rounds
        .and_then(|rounds| rounds.parse::<u32>().ok())
        .is_some_and(|rounds| rounds <= MOST_ROUNDS)
}

#[cfg(test)]
mod tests {
    use super::is_payable;

    #[test]
    fn rounds_that_would_take_for_ever_are_refused() {
        assert!(is_payable(b"r=a,s=b,i=4096"));
        for message in [&b"r=a,s=b,i=4294967295"[..], b"r=a,s=b", b"i=x", b"\xff"] {
            assert!(!is_payable(message));
        }
    }
}
