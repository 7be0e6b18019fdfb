//! Addresses whose path is the secret: whoever knows it, gets in.

use crate::findings::Findings;
use crate::judgement::{Confidence, Kind};
use crate::placeholder::within_key;
use crate::reference::{Reference, reference};
use crate::suggestion;
use crate::url::{Url, domain};

/// Ends of hosts, and what stands before the secret segments of their paths. `true`: all that follows is the secret, not one
/// segment only.
const SHARED: &[(&str, &str, bool)] = &[
    (".g.alchemy.com", "/v2/", false),
    (".infura.io", "/v3/", false),
    (".make.com", "/mcp/api/v1/u/", false),
    (".n8n.cloud", "/mcp/", false),
    (".quiknode.pro", "/", false),
    ("api.telegram.org", "/bot", false),
    ("discord.com", "/api/webhooks/", true),
    ("discordapp.com", "/api/webhooks/", true),
    ("hooks.slack.com", "/services/", true),
    ("hooks.slack.com", "/workflows/", true),
    ("hooks.zapier.com", "/hooks/catch/", true),
    ("mcp.pipedream.net", "/", false),
    ("mcp.zapier.com", "/api/mcp/s/", false),
    ("webhook.office.com", "/webhookb2/", true),
];

/// How many characters such a segment has at least.
const SHORTEST: usize = 16;

/// Adds the secret part of the path of `url` in `text`, which stands under `name`.
pub(crate) fn collect(name: &str, text: &str, url: &Url, findings: &mut Findings) {
    let host = text[url.host.clone()].split(':').next().unwrap_or_default();
    let path = &text[url.path.clone()];
    let shared = SHARED.iter().find_map(|&(end, before, all)| {
        let at = host.len().checked_sub(end.len())?;
        let ends = host.get(at..)?.eq_ignore_ascii_case(end);
        (ends
            && (at == 0 || end.starts_with('.') || host.as_bytes()[at - 1] == b'.')
            && path.starts_with(before))
        .then_some((before.len(), all))
    });
    let Some((before, all)) = shared else {
        return;
    };
    let rest = &path[before..];
    let length = if all {
        rest.trim_end_matches('/').len()
    } else {
        rest.find('/').unwrap_or(rest.len())
    };
    let secret = &rest[..length];
    if length < SHORTEST
        || reference(secret) != Reference::None
        || !secret.bytes().any(|byte| byte.is_ascii_digit())
    {
        return;
    }
    if within_key(secret) {
        findings.placeholder = true;
        return;
    }
    let start = url.path.start + before;
    let suggestion = suggestion::of_part(name, domain(host), "TOKEN");
    findings.add(
        start..start + length,
        Confidence::Medium,
        Kind::UrlPath,
        suggestion,
    );
}
