//! A login and the clients that it gives, for the length of one question.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use aws_config::imds::region::ImdsRegionProvider;
use aws_config::provider_config::ProviderConfig;
use aws_config::retry::RetryConfig;
use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_sdk_secretsmanager::Client;
use aws_sdk_secretsmanager::config::StalledStreamProtectionConfig;
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use aws_smithy_runtime_api::client::interceptors::context::InterceptorContext;
use aws_smithy_runtime_api::client::retries::classifiers::{ClassifyRetry, RetryAction};
use aws_types::service_config::ServiceConfigKey;
use mcp_launch_core::{Deadline, Environment};
use mcp_launch_sharing::Sharing;

use crate::diagnosis::Diagnosis;
use crate::fault::Fault;
use crate::login::Chain;
use crate::origin::Origin;
use crate::profile::{self, Profiles, variable};
use crate::remedy::Scene;
use crate::settings::Settings;
use crate::transport::Transport;
use crate::{flaw, looked};

/// The first attempt and three more, for what passes: throttling, errors of the server, a connection that broke.
const ATTEMPTS: u32 = 4;

/// Before the second attempt, at random up to this; twice as much before each further one.
const FIRST_PAUSE: Duration = Duration::from_millis(200);

/// What a login starts from.
pub(crate) struct Start<'a> {
    pub(crate) settings: &'a Settings,
    pub(crate) environment: &'a Arc<Environment>,
    /// The access key of the settings.
    pub(crate) fixed: Option<Credentials>,
    /// A region that one of the ARNs names, if all references are ARNs.
    pub(crate) arn_region: Option<String>,
    /// Where credentials are shared.
    pub(crate) sharing: &'a Sharing,
}

/// Logged in.
pub(crate) struct Session {
    sdk: SdkConfig,
    access_key_id: String,
    /// The one of the settings.
    endpoint_url: Option<String>,
    origin: Origin,
    region: String,
    credentials: Credentials,
    answered_at: Arc<AtomicI64>,
}

impl Session {
    /// Finds the region and the credentials. What is learned on the way is put into `scene`.
    pub(crate) async fn open(
        start: Start<'_>,
        scene: &mut Scene,
        deadline: Deadline,
    ) -> Result<Self, Diagnosis> {
        let Start {
            settings,
            environment,
            ..
        } = start;
        let name = profile::name(settings.profile.as_deref(), environment);
        let profiles = Profiles::read(name, environment).await?;
        scene.profiles = profiles.names().into_iter().map(str::to_owned).collect();
        scene.sso_profile = profiles.of_sso().map(str::to_owned);
        scene.process_profile = profiles.of_process().map(str::to_owned);
        // Without this check the chain would go on to the credentials of somebody else.
        if settings.profile.is_some() && start.fixed.is_none() && !profiles.has_selected() {
            return Err(Fault::ProfileUnknown.into());
        }

        let transport = Transport::new(settings.allow_http, environment);
        let instance = transport.instance();
        let answered_at = transport.answered_at();
        let http = SharedHttpClient::new(transport);
        let retries = RetryConfig::standard()
            .with_max_attempts(ATTEMPTS)
            .with_initial_backoff(FIRST_PAUSE);
        let provider_config = ProviderConfig::without_region()
            .with_http_client(http.clone())
            .with_retry_config(retries.clone());
        let in_settings = settings.profile.is_some();
        scene.flaw = flaw::of(&profiles);
        scene.missing_half = looked::missing_half(environment).filter(|_| !in_settings);
        let looked = || {
            let instance = instance.load(Ordering::Relaxed);
            looked::reasons(&profiles, environment, in_settings, instance)
        };
        let Some(region) = region(&start, &profiles, &provider_config).await else {
            // Nor would a machine that does not know its region have a role.
            if start.fixed.is_none() && profiles.leave_the_machine(environment, in_settings) {
                scene.looked = looked();
            }
            return Err(Fault::NoRegion.into());
        };
        scene.region = Some(region.clone());

        let region_of_sdk = Some(Region::new(region.clone()));
        let mut loader = aws_config::defaults(BehaviorVersion::latest())
            .http_client(http)
            .retry_config(retries)
            .region(Fixed(region_of_sdk.clone()))
            // Bodies are small and there is a deadline.
            .stalled_stream_protection(StalledStreamProtectionConfig::disabled());
        if let Some(profile) = &settings.profile {
            loader = loader.profile_name(profile);
        }
        if let Some(fixed) = &start.fixed {
            loader = loader.credentials_provider(fixed.clone());
        }
        let sdk = loader.load().await;

        let (credentials, origin) = match start.fixed {
            Some(fixed) => (fixed, Origin::Settings),
            None => {
                let provider_config = provider_config.with_region(region_of_sdk);
                let chain = Chain {
                    settings,
                    environment,
                    provider_config: &provider_config,
                    sdk: &sdk,
                    sharing: start.sharing,
                    ways: profiles.ways(environment),
                };
                let found = chain.credentials(deadline).await;
                if matches!(&found, Err(diagnosis) if *diagnosis == Fault::NoCredentials.into()) {
                    if variable(environment, "AWS_PROFILE").is_some() && !profiles.has_selected() {
                        return Err(Fault::ProfileUnknown.into());
                    }
                    // The SDK passes over a profile that names one which is not there.
                    if scene.flaw.is_some() && scene.missing_half.is_none() {
                        return Err(Fault::ProfileUnusable.into());
                    }
                    scene.looked = looked();
                }
                let origin = profiles.origin(environment, in_settings);
                (found?, origin)
            }
        };
        Ok(Self {
            access_key_id: credentials.access_key_id().to_owned(),
            origin,
            credentials: credentials.clone(),
            answered_at,
            sdk: sdk
                .into_builder()
                .credentials_provider(SharedCredentialsProvider::new(credentials))
                .build(),
            endpoint_url: settings.endpoint_url.clone(),
            region,
        })
    }

    /// The region of references that name none.
    pub(crate) fn region(&self) -> &str {
        &self.region
    }

    /// What it is logged in with, to open another one without asking for it again.
    pub(crate) fn credentials(&self) -> &Credentials {
        &self.credentials
    }

    /// The time of the last answer, by AWS's clock, in seconds since 1970.
    pub(crate) fn answered_at(&self) -> Option<i64> {
        let seconds = self.answered_at.load(Ordering::Relaxed);
        (seconds != 0).then_some(seconds)
    }

    /// Where the credentials came from.
    pub(crate) fn origin(&self) -> &Origin {
        &self.origin
    }

    /// The half of the access key that is no secret.
    pub(crate) fn access_key_id(&self) -> &str {
        &self.access_key_id
    }

    /// Where Secrets Manager is, where settings, variables or the profile put it elsewhere than AWS does.
    pub(crate) fn endpoint_url(&self) -> Option<String> {
        // What the SDK's own client looks up.
        let of_service = || {
            let key = ServiceConfigKey::builder()
                .service_id("Secrets Manager")
                .env("AWS_ENDPOINT_URL")
                .profile("endpoint_url")
                .build();
            self.sdk.service_config()?.load_config(key.ok()?)
        };
        self.endpoint_url
            .clone()
            .or_else(of_service)
            .or_else(|| self.sdk.endpoint_url().map(str::to_owned))
    }

    /// Secrets Manager in `region`, where nothing is tried twice: for who has to know whether a request was answered. The
    /// SDK tells only of its last attempt, and an attempt before that may have been heard.
    pub(crate) fn client_once(&self, region: &str) -> Client {
        let config = self.config(region).retry_config(RetryConfig::disabled());
        Client::from_conf(config.build())
    }

    /// Secrets Manager in `region`.
    pub(crate) fn client(&self, region: &str) -> Client {
        Client::from_conf(self.config(region).build())
    }

    fn config(&self, region: &str) -> aws_sdk_secretsmanager::config::Builder {
        let mut config = aws_sdk_secretsmanager::config::Builder::from(&self.sdk)
            .region(Region::new(region.to_owned()))
            .retry_classifier(TooMany);
        if let Some(url) = &self.endpoint_url {
            config = config.endpoint_url(url);
        }
        config
    }
}

/// Status 429 without a code, as gateways before AWS answer: the SDK knows throttling by code alone.
#[derive(Debug)]
struct TooMany;

impl ClassifyRetry for TooMany {
    fn classify_retry(&self, context: &InterceptorContext) -> RetryAction {
        match context.response().map(|answer| answer.status().as_u16()) {
            Some(429) => RetryAction::throttling_error(),
            _ => RetryAction::NoActionIndicated,
        }
    }

    fn name(&self) -> &'static str {
        "Status 429"
    }
}

/// The region of the settings, the variables, the profile, an ARN, the machine. The last is asked only when none of
/// the others says one.
async fn region(
    start: &Start<'_>,
    profiles: &Profiles,
    provider_config: &ProviderConfig,
) -> Option<String> {
    let said = start
        .settings
        .region
        .clone()
        .or_else(|| variable(start.environment, "AWS_REGION"))
        .or_else(|| variable(start.environment, "AWS_DEFAULT_REGION"))
        .or_else(|| profiles.region())
        .or_else(|| start.arn_region.clone());
    match said {
        Some(region) => Some(region),
        None => {
            let machine = ImdsRegionProvider::builder()
                .configure(provider_config)
                .build();
            machine.region().await.map(|region| region.to_string())
        }
    }
}

/// A region that is known, or known to be none: the SDK shall not look for it again.
#[derive(Debug)]
struct Fixed(Option<Region>);

impl aws_config::meta::region::ProvideRegion for Fixed {
    fn region(&self) -> aws_config::meta::region::future::ProvideRegion<'_> {
        aws_config::meta::region::future::ProvideRegion::ready(self.0.clone())
    }
}
