//! Connection strings that are no addresses: `user:password@tcp(host)/db` of Go's MySQL driver, `user/password@host:1521/db` of
//! Oracle.

use std::ops::Range;

use crate::findings::Findings;
use crate::judgement::Kind;
use crate::suggestion;
use crate::weight::weigh_password;

/// Adds the password of such a connection string, if `text`, which stands under `name`, is one.
pub(crate) fn collect(name: &str, text: &str, findings: &mut Findings) {
    let Some((issuer, user, password)) = mysql(text).or_else(|| oracle(text)) else {
        return;
    };
    if let Some(confidence) = weigh_password(user, &text[password.clone()]) {
        let suggestion = suggestion::of_part(name, issuer, "PASSWORD");
        findings.add(password, confidence, Kind::ConnectionString, suggestion);
    } else {
        findings.placeholder = true;
    }
}

type Credentials<'a> = (&'static str, &'a str, Range<usize>);

fn mysql(text: &str) -> Option<Credentials<'_>> {
    let at = ["@tcp(", "@unix(", "@tcp6("]
        .iter()
        .find_map(|host| text.rfind(host))?;
    let (user, password) = text[..at].split_once(':')?;
    is_user(user).then_some(("MYSQL", user, at - password.len()..at))
}

fn oracle(text: &str) -> Option<Credentials<'_>> {
    let body = text.find("thin:").map_or(0, |at| at + "thin:".len());
    let at = text.rfind('@').filter(|&at| at > body)?;
    let (user, password) = text[body..at].split_once('/')?;
    let host = text[at + 1..].trim_start_matches("//");
    let (_, after_port) = host.split_once(':')?;
    let port = after_port.bytes().take_while(u8::is_ascii_digit).count();
    let service = after_port[port..].starts_with(['/', ':']);
    (is_user(user) && port > 0 && service && !password.contains(char::is_whitespace)).then_some((
        "ORACLE",
        user,
        at - password.len()..at,
    ))
}

fn is_user(text: &str) -> bool {
    !text.is_empty()
        && text.len() <= 64
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"_.$#-".contains(&byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_password_is_the_secret() {
        for (text, expected) in [
            (
                "app:Xk9!f@Q2p@tcp(db:3306)/x?parseTime=true",
                Some("Xk9!f@Q2p"),
            ),
            ("scott/Xk9fQ2p!@db.example:1521/ORCL", Some("Xk9fQ2p!")),
            (
                "jdbc:oracle:thin:scott/Xk9fQ2p!@//db.example:1521/ORCL",
                Some("Xk9fQ2p!"),
            ),
            ("actions/checkout@v4", None),
            ("@scope/package@1.2.3", None),
            ("a@b", None),
            ("", None),
        ] {
            let mut findings = Findings::default();
            collect("", text, &mut findings);
            let part = findings.into_vec().pop().map(|finding| &text[finding.part]);
            assert_eq!(part, expected, "{text}");
        }
    }
}
