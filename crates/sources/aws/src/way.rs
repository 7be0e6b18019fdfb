//! What a person does about the way to a host of AWS, where more is known than of any store.

use mcp_launch_network::Trouble;

use crate::transport::Troubled;

/// Where AWS has its own hosts; what stands before is `SERVICE.REGION`.
const DOMAINS: [&str; 4] = [
    ".amazonaws.com",
    ".amazonaws.com.cn",
    ".api.amazonwebservices.com.cn",
    ".api.aws",
];

/// What to do about the trouble of `way`.
pub(crate) fn remedy(way: &Troubled) -> Option<String> {
    let host = &way.host;
    match (way.trouble, region_of(host)) {
        (Trouble::NameUnknown, Some(region)) if way.proxy.is_none() => Some(format!(
            "check the region: is {region} one? There is no host {host}; \
             if the region is right, check the network and the VPN"
        )),
        (Trouble::TlsIssuer, _) => Some(format!(
            "name the CA that signed the certificate of {host} in AWS_CA_BUNDLE or SSL_CERT_FILE"
        )),
        (Trouble::TlsName, _) => Some(format!(
            "use a name that the certificate of {host} is for as address (`endpoint_url`)"
        )),
        (Trouble::TlsSetup, _) => way.certificates.clone(),
        (trouble, _) => trouble.remedy(host, way.proxy.as_deref()),
    }
}

/// The region in the name of a host of AWS's own.
fn region_of(host: &str) -> Option<&str> {
    let service_and_region = DOMAINS
        .iter()
        .find_map(|domain| host.strip_suffix(domain))?;
    let (_, region) = service_and_region.rsplit_once('.')?;
    Some(region)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(trouble: Trouble, host: &str, proxy: Option<&str>) -> String {
        remedy(&Troubled {
            certificates: None,
            trouble,
            host: host.to_owned(),
            proxy: proxy.map(str::to_owned),
        })
        .unwrap()
    }

    #[test]
    fn the_region_comes_first_where_a_host_of_aws_is_not_known() {
        let host = "secretsmanager.eu-wset-1.amazonaws.com";
        let of_region = told(Trouble::NameUnknown, host, None);
        assert!(
            of_region.starts_with("check the region: is eu-wset-1 one?"),
            "{of_region}"
        );
        assert!(!of_region.contains("mDNS"), "{of_region}");
        for (host, proxy) in [
            ("aws.example", None),
            ("secretsmanager.amazonaws.com.example", None),
            // It is the proxy that is not known.
            (host, Some("proxy.example:3128")),
        ] {
            let other = told(Trouble::NameUnknown, host, proxy);
            assert!(!other.contains("region"), "{other}");
        }
    }

    #[test]
    fn the_region_is_what_stands_before_the_domain() {
        for (host, region) in [
            (
                "secretsmanager-fips.us-gov-west-1.amazonaws.com",
                Some("us-gov-west-1"),
            ),
            ("portal.sso.eu-west-1.amazonaws.com", Some("eu-west-1")),
            (
                "secretsmanager.cn-north-1.amazonaws.com.cn",
                Some("cn-north-1"),
            ),
            ("secretsmanager.eu-west-1.api.aws", Some("eu-west-1")),
            ("sts.amazonaws.com", None),
            ("vault.example", None),
        ] {
            assert_eq!(region_of(host), region, "{host}");
        }
    }
}
