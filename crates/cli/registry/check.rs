//! Whether an address is one that this build can ask.

use mcp_launch_config::Settings;
use mcp_launch_core::Address;

use crate::registry::{SCHEMES, kind_name, scheme};

/// Why an address cannot be used.
pub(crate) struct AddressError {
    pub(crate) text: String,
    pub(crate) remedy: Option<String>,
}

/// Whether an address is one of a known source, well formed.
pub(crate) fn check(settings: &Settings, address: &Address) -> Result<(), AddressError> {
    let Some(scheme) = scheme(settings, &address.scheme) else {
        return Err(no_source(settings, address));
    };
    (scheme.check)(address.locator.as_str()).map_err(|error| AddressError {
        text: error.to_string(),
        remedy: Some(format!("for example {}", scheme.example)),
    })
}

/// Of an address whose kind is not in [`SCHEMES`].
fn no_source(settings: &Settings, address: &Address) -> AddressError {
    if settings.network_store(&address.scheme).is_some() {
        let kind = kind_name(settings, &address.scheme);
        return AddressError {
            text: format!("this build of mcp-launch has no `{kind}`"),
            remedy: Some(format!("use one that was built with `--features {kind}`")),
        };
    }
    let own = settings.network_stores();
    let mut known: Vec<&str> = SCHEMES.iter().map(|scheme| scheme.name).collect();
    known.extend(own.iter().map(|(name, _)| *name));
    known.sort_unstable();
    known.dedup();
    let near = known
        .iter()
        .find(|name| strsim::osa_distance(name, &address.scheme) <= 2);
    AddressError {
        text: format!("there is no source `{}`", address.scheme),
        remedy: Some(match near {
            Some(name) => format!("did you mean `$<{name}:{}>`?", address.locator),
            None => format!("use one of: {}", known.join(", ")),
        }),
    }
}

#[cfg(test)]
mod tests {
    use mcp_launch_core::Environment;
    use mcp_launch_testkit::Scratch;

    use super::*;

    fn settings(text: &str) -> Settings {
        let scratch = Scratch::new();
        scratch.write(".config/mcp-launch/config.toml", text);
        let home = scratch.home();
        let environment = Environment::from_pairs([("HOME", &home)]);
        Settings::load(&environment, &home).unwrap()
    }

    fn address(text: &str) -> Address {
        let (scheme, locator) = text.split_once(':').unwrap();
        Address::new(scheme, locator)
    }

    #[test]
    fn a_store_that_the_build_lacks_is_no_misspelled_one() {
        let prod = settings("[stores.prod]\nkind = \"aws\"\n");
        for (written, kind) in [
            ("vault:a/b#c", "vault"),
            ("aws:a", "aws"),
            ("prod:a", "aws"),
        ] {
            let error = no_source(&prod, &address(written));
            assert_eq!(
                error.text,
                format!("this build of mcp-launch has no `{kind}`")
            );
            let remedy = error.remedy.unwrap();
            assert!(remedy.contains(&format!("--features {kind}")), "{remedy}");
        }
        for (kind, written) in [("aws", "prod:a"), ("vault", "vault:a/b#c")] {
            let is_built = SCHEMES.iter().any(|scheme| scheme.name == kind);
            assert_eq!(check(&prod, &address(written)).is_ok(), is_built, "{kind}");
        }
    }

    #[test]
    fn a_misspelled_store_is_told_the_nearest() {
        let settings = settings("[stores.prod]\nkind = \"aws\"\n");
        let remedy = |written| no_source(&settings, &address(written)).remedy.unwrap();
        assert_eq!(remedy("prd:a"), "did you mean `$<prod:a>`?");
        assert!(remedy("nowhere:a").starts_with("use one of: "));
    }
}
