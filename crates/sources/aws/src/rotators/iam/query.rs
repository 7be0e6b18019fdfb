//! The calls: forms to IAM and STS, signed, each sent once; answers in XML.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::SystemTime;

use aws_credential_types::Credentials;
use aws_sigv4::http_request::{SignableBody, SignableRequest, SigningSettings, sign};
use aws_sigv4::sign::v4;
use jiff::Timestamp;
use mcp_launch_core::{Environment, Secret};
use mcp_launch_network::{ClientSettings, Endpoint, EndpointError, Tls, http_client};
use mcp_launch_rotation::Bundle;
use url::form_urlencoded;
use zeroize::Zeroizing;

use super::IamSettings;
use crate::profile::variable;

/// The largest answer, in bytes.
const LARGEST: usize = 1 << 20;

/// What came in place of an answer. None holds text of one but for ids and dates of keys.
#[derive(Debug)]
pub(super) enum Said {
    Denied,
    Failed,
    /// No room for one more key; those there are, and when each was last used.
    Full(Vec<(AccessKey, Option<Timestamp>)>),
    /// The key that signed is not known, or not with this secret half.
    KeyDead,
    Limited,
    /// It was sent, and not answered.
    Lost,
    NotThere,
    /// It was not sent.
    Unreachable,
}

/// An access key that logs in.
pub(super) struct Key {
    pub(super) id: String,
    credentials: Credentials,
}

impl Key {
    #[expect(
        clippy::disallowed_methods,
        reason = "the gate through which an access key goes to the signer, which wipes its own copy"
    )]
    pub(super) fn of(bundle: &Bundle, settings: &IamSettings) -> Option<Self> {
        let text = |field: &str| std::str::from_utf8(bundle.get(field)?.expose()).ok();
        let id = text(&settings.access_key_id)?;
        let secret = text(&settings.secret_access_key)?;
        Some(Self {
            id: id.to_owned(),
            credentials: Credentials::new(id, secret, None, None, "rotation"),
        })
    }
}

/// A key as IAM lists it.
#[derive(Clone, Debug)]
pub(super) struct AccessKey {
    pub(super) id: String,
    pub(super) is_active: bool,
    pub(super) created_at: Option<Timestamp>,
}

/// A key that was made.
pub(super) struct NewKey {
    pub(super) id: String,
    pub(super) secret: Secret,
}

/// One of the two services.
struct Service {
    name: &'static str,
    region: String,
    endpoint: Endpoint,
}

/// Both, as one account has them.
pub(super) struct Iam {
    environment: Arc<Environment>,
    iam: Service,
    sts: Service,
}

/// An answer.
struct Answer {
    xml: Zeroizing<String>,
    /// When, by the clock of who gave it.
    date: i64,
}

impl Iam {
    pub(super) fn new(
        settings: &IamSettings,
        environment: &Arc<Environment>,
    ) -> Result<Self, EndpointError> {
        let set = |name| variable(environment, name);
        let region = settings
            .region
            .clone()
            .or_else(|| set("AWS_REGION"))
            .or_else(|| set("AWS_DEFAULT_REGION"))
            .unwrap_or_else(|| "us-east-1".to_owned());
        // IAM is one for each partition, and signed for the region that it is in.
        let (of_iam, host, domain) = if region.starts_with("cn-") {
            (
                "cn-north-1",
                "iam.cn-north-1.amazonaws.com.cn",
                "amazonaws.com.cn",
            )
        } else if region.starts_with("us-gov-") {
            ("us-gov-west-1", "iam.us-gov.amazonaws.com", "amazonaws.com")
        } else {
            ("us-east-1", "iam.amazonaws.com", "amazonaws.com")
        };
        let service = |name, region: &str, own: &Option<String>, of_service, host: String| {
            let url = own
                .clone()
                .or_else(|| set(of_service))
                .or_else(|| set("AWS_ENDPOINT_URL"))
                .unwrap_or_else(|| format!("https://{host}"));
            Ok(Service {
                name,
                region: region.to_owned(),
                endpoint: Endpoint::parse(&url, settings.allow_http)?,
            })
        };
        Ok(Self {
            environment: Arc::clone(environment),
            iam: service(
                "iam",
                of_iam,
                &settings.iam_endpoint_url,
                "AWS_ENDPOINT_URL_IAM",
                host.to_owned(),
            )?,
            sts: service(
                "sts",
                &region,
                &settings.sts_endpoint_url,
                "AWS_ENDPOINT_URL_STS",
                format!("sts.{region}.{domain}"),
            )?,
        })
    }

    /// The ARN of who the key is of.
    pub(super) async fn identity(&self, key: &Key) -> Result<String, Said> {
        let asked = [("Action", "GetCallerIdentity"), ("Version", "2011-06-15")];
        let answer = self.call(&self.sts, key, &asked).await?;
        Ok(text(&answer.xml, "Arn").ok_or(Said::Lost)?.to_owned())
    }

    /// The name of the user that the key is of.
    pub(super) async fn user(&self, key: &Key) -> Result<String, Said> {
        let arn = self.identity(key).await.map_err(unsent)?;
        let (_, path) = arn.split_once(":user/").ok_or(Said::Failed)?;
        Ok(path.rsplit('/').next().unwrap_or(path).to_owned())
    }

    /// The keys of the user, and when they were listed.
    pub(super) async fn keys(&self, key: &Key, user: &str) -> Result<(Vec<AccessKey>, i64), Said> {
        let listed = self.iam(key, "ListAccessKeys", user, &[]).await;
        let answer = listed.map_err(unsent)?;
        let keys = texts(&answer.xml, "member").map(|member| {
            Some(AccessKey {
                id: text(member, "AccessKeyId")?.to_owned(),
                is_active: text(member, "Status") != Some("Inactive"),
                created_at: text(member, "CreateDate").and_then(|date| date.parse().ok()),
            })
        });
        let keys: Option<Vec<AccessKey>> = keys.collect();
        Ok((keys.ok_or(Said::Failed)?, answer.date))
    }

    /// When a key was last used; none if never.
    pub(super) async fn last_used(&self, key: &Key, id: &str) -> Result<Option<Timestamp>, Said> {
        let fields = [
            ("Action", "GetAccessKeyLastUsed"),
            ("Version", IAM_VERSION),
            ("AccessKeyId", id),
        ];
        let answer = self.call(&self.iam, key, &fields).await.map_err(unsent)?;
        match text(&answer.xml, "LastUsedDate") {
            None | Some("" | "N/A") => Ok(None),
            Some(date) => date.parse().map(Some).map_err(|_| Said::Failed),
        }
    }

    /// The tags of the user: keys and values.
    pub(super) async fn tags(&self, key: &Key, user: &str) -> Result<Vec<(String, String)>, Said> {
        // A user has fifty at most, and a page a hundred.
        let listed = self.iam(key, "ListUserTags", user, &[]).await;
        let answer = listed.map_err(unsent)?;
        let tags = texts(&answer.xml, "member").map(|member| {
            let name = text(member, "Key")?.to_owned();
            Some((name, text(member, "Value").unwrap_or_default().to_owned()))
        });
        tags.collect::<Option<_>>().ok_or(Said::Failed)
    }

    pub(super) async fn tag(
        &self,
        key: &Key,
        user: &str,
        name: &str,
        value: &str,
    ) -> Result<(), Said> {
        let fields = [("Tags.member.1.Key", name), ("Tags.member.1.Value", value)];
        self.iam(key, "TagUser", user, &fields).await.map(drop)
    }

    pub(super) async fn create(&self, key: &Key, user: &str) -> Result<NewKey, Said> {
        let answer = self.iam(key, "CreateAccessKey", user, &[]).await?;
        let (Some(id), Some(secret)) = (
            text(&answer.xml, "AccessKeyId"),
            text(&answer.xml, "SecretAccessKey"),
        ) else {
            return Err(Said::Lost);
        };
        Ok(NewKey {
            id: id.to_owned(),
            secret: Secret::new(secret.as_bytes().to_vec()),
        })
    }

    /// Deactivates or deletes a key.
    pub(super) async fn end(
        &self,
        action: &str,
        key: &Key,
        user: &str,
        id: &str,
    ) -> Result<(), Said> {
        let mut fields = vec![("AccessKeyId", id)];
        if action == "UpdateAccessKey" {
            fields.push(("Status", "Inactive"));
        }
        self.iam(key, action, user, &fields).await.map(drop)
    }

    async fn iam(
        &self,
        key: &Key,
        action: &str,
        user: &str,
        more: &[(&str, &str)],
    ) -> Result<Answer, Said> {
        let mut fields = vec![
            ("Action", action),
            ("Version", IAM_VERSION),
            ("UserName", user),
        ];
        fields.extend(more);
        self.call(&self.iam, key, &fields).await
    }

    async fn call(
        &self,
        service: &Service,
        key: &Key,
        fields: &[(&str, &str)],
    ) -> Result<Answer, Said> {
        let mut form = form_urlencoded::Serializer::new(String::new());
        form.extend_pairs(fields);
        let body = form.finish();
        let tls = Tls {
            ca: self
                .environment
                .get_non_empty("AWS_CA_BUNDLE")
                .map(PathBuf::from),
            ..Tls::default()
        };
        let settings = ClientSettings::new(service.endpoint.clone(), tls);
        let client = http_client(&settings, &self.environment).map_err(|_| Said::Unreachable)?;
        let url = service.endpoint.url();
        let mut request = client.post(url.clone()).header("content-type", FORM);
        for (name, value) in signed(service, key, url.as_str(), &body).ok_or(Said::Failed)? {
            request = request.header(name, value);
        }
        let answer = request.body(body).send().await.map_err(|error| {
            if error.is_connect() || error.is_builder() {
                Said::Unreachable
            } else {
                Said::Lost
            }
        })?;
        let status = answer.status().as_u16();
        let date = answer.headers().get("date");
        let date = date.and_then(|date| crate::transport::seconds(date.to_str().ok()?));
        let date = date.unwrap_or_else(|| Timestamp::now().as_second());
        let bytes = Zeroizing::new(answer.bytes().await.map_err(|_| Said::Lost)?.to_vec());
        if bytes.len() > LARGEST {
            return Err(Said::Lost);
        }
        let xml = std::str::from_utf8(&bytes).map_err(|_| Said::Lost)?;
        if status == 200 {
            let xml = Zeroizing::new(xml.to_owned());
            return Ok(Answer { xml, date });
        }
        Err(of_code(status, text(xml, "Code")))
    }
}

const IAM_VERSION: &str = "2010-05-08";
const FORM: &str = "application/x-www-form-urlencoded; charset=utf-8";

/// The headers that sign the request.
fn signed(service: &Service, key: &Key, url: &str, body: &str) -> Option<Vec<(String, String)>> {
    let identity = key.credentials.clone().into();
    let params = v4::SigningParams::builder()
        .identity(&identity)
        .region(&service.region)
        .name(service.name)
        .time(SystemTime::now())
        .settings(SigningSettings::default())
        .build()
        .ok()?
        .into();
    let headers = [("content-type", FORM)].into_iter();
    let body = SignableBody::Bytes(body.as_bytes());
    let request = SignableRequest::new("POST", url, headers, body).ok()?;
    let (instructions, _) = sign(request, &params).ok()?.into_parts();
    let headers = instructions.headers();
    Some(
        headers
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect(),
    )
}

/// A question that was not answered has changed nothing.
fn unsent(said: Said) -> Said {
    match said {
        Said::Lost => Said::Unreachable,
        said => said,
    }
}

fn of_code(status: u16, code: Option<&str>) -> Said {
    match code.unwrap_or_default() {
        "AccessDenied" | "AccessDeniedException" | "UnauthorizedOperation" => Said::Denied,
        "InvalidClientTokenId"
        | "InvalidAccessKeyId"
        | "SignatureDoesNotMatch"
        | "UnrecognizedClientException" => Said::KeyDead,
        "LimitExceeded" | "LimitExceededException" => Said::Full(Vec::new()),
        "NoSuchEntity" | "NoSuchEntityException" => Said::NotThere,
        "Throttling"
        | "ThrottlingException"
        | "RequestLimitExceeded"
        | "TooManyRequestsException" => Said::Limited,
        _ => match status {
            429 => Said::Limited,
            // A proxy says so of a request that it did not pass on, or of one that it lost.
            200..=399 | 500..=599 => Said::Lost,
            _ => Said::Failed,
        },
    }
}

/// What stands in the first element of this name. AWS writes none of those that are read here with attributes or entities.
fn text<'xml>(xml: &'xml str, name: &str) -> Option<&'xml str> {
    texts(xml, name).next()
}

fn texts<'xml>(xml: &'xml str, name: &str) -> impl Iterator<Item = &'xml str> {
    let (open, close) = (format!("<{name}>"), format!("</{name}>"));
    let mut rest = xml;
    std::iter::from_fn(move || {
        let (_, inside) = rest.split_once(&open)?;
        let (inside, after) = inside.split_once(&close)?;
        rest = after;
        Some(inside.trim())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn elements_are_found_in_their_order() {
        let xml = "<a><member><K>1</K></member><member><K> 2 </K></member><member/></a>";
        let keys: Vec<_> = texts(xml, "member")
            .map(|member| text(member, "K"))
            .collect();
        assert_eq!(keys, [Some("1"), Some("2")]);
        assert_eq!(text("<K>1", "K"), None);
    }

    #[test]
    fn only_a_refused_key_is_dead() {
        let said = |status, code| of_code(status, Some(code));
        assert!(matches!(said(403, "InvalidClientTokenId"), Said::KeyDead));
        assert!(matches!(said(403, "SignatureDoesNotMatch"), Said::KeyDead));
        assert!(matches!(said(403, "AccessDenied"), Said::Denied));
        assert!(matches!(said(403, "RequestExpired"), Said::Failed));
        assert!(matches!(said(503, "ServiceUnavailable"), Said::Lost));
        assert!(matches!(of_code(403, None), Said::Failed));
    }

    #[test]
    fn each_partition_has_its_iam() {
        let environment = Arc::new(Environment::from_pairs([("", ""); 0]));
        for (region, iam, sts) in [
            (
                "eu-west-1",
                "iam.amazonaws.com",
                "sts.eu-west-1.amazonaws.com",
            ),
            (
                "cn-northwest-1",
                "iam.cn-north-1.amazonaws.com.cn",
                "sts.cn-northwest-1.amazonaws.com.cn",
            ),
            (
                "us-gov-east-1",
                "iam.us-gov.amazonaws.com",
                "sts.us-gov-east-1.amazonaws.com",
            ),
        ] {
            let settings = IamSettings {
                region: Some(region.to_owned()),
                ..IamSettings::default()
            };
            let own = Iam::new(&settings, &environment).unwrap();
            assert_eq!(
                (own.iam.endpoint.host(), own.sts.endpoint.host()),
                (iam.to_owned(), sts.to_owned())
            );
        }
    }
}
