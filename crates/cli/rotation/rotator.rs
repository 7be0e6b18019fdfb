//! From the settings of a rotator to the one that rotates a credential.

#[cfg(feature = "postgres")]
use mcp_launch_config::PostgresRotator;
use mcp_launch_config::{RandomRotator, Rotator as Described};
use mcp_launch_core::Deadline;
#[cfg(feature = "postgres")]
use mcp_launch_core::{Credential as Placeholder, PlannedText, Secret, Site, Template};
#[cfg(feature = "postgres")]
use mcp_launch_rotation::{Account, AccountForm};
use mcp_launch_rotation::{Alphabet, Bundle, Recipe, Rotator};
use rotator_local::{Random, Track};

#[cfg(feature = "postgres")]
use crate::plan::Planner;
use crate::registry::Reach;
use crate::report::Report;
use crate::rotation::Credential;

/// What a rotator is made from.
pub(super) struct Maker<'a> {
    #[cfg_attr(
        not(feature = "postgres"),
        expect(dead_code, reason = "no rotator of this build asks anybody")
    )]
    pub(super) reach: &'a Reach,
    pub(super) credential: &'a Credential,
    /// The value in force, whose form tells where the parts of an account stand.
    pub(super) current: &'a Bundle,
    #[cfg_attr(
        not(feature = "postgres"),
        expect(dead_code, reason = "no rotator of this build asks anybody")
    )]
    pub(super) deadline: Deadline,
}

impl Maker<'_> {
    /// The rotator of this credential.
    ///
    /// # Errors
    /// When the settings do not fit the credential, or an administrator's secret has no value.
    pub(super) fn make(&self) -> Result<Box<dyn Rotator>, Report> {
        match &self.credential.rotator {
            Described::Random(random) => self.random(random),
            Described::Track(_) => Ok(Box::new(Track)),
            #[cfg(feature = "postgres")]
            Described::Postgres(postgres) => self.postgres(postgres),
            #[cfg(not(feature = "postgres"))]
            Described::Postgres(_) => Err(self
                .refused("this build of mcp-launch has no `postgres`".to_owned())
                .hint("use one that was built with `--features postgres`")),
        }
    }

    fn random(&self, random: &RandomRotator) -> Result<Box<dyn Rotator>, Report> {
        let alphabet = if random.hex {
            Alphabet::Hex
        } else {
            Alphabet::Base62
        };
        let recipe = match random.length {
            None if random.hex => Recipe::new(64, alphabet),
            None => Ok(Recipe::default()),
            Some(length) => Recipe::new(length, alphabet),
        };
        let recipe = recipe.map_err(|error| self.refused(error.to_string()))?;
        Ok(Box::new(Random::new(recipe, self.named_field())))
    }

    /// The field that the address of the secret names: after its `#`, or as the one that stands under this name.
    fn named_field(&self) -> Option<String> {
        let locator = self.credential.address.locator.as_str();
        let mut fields = self.credential.rotate.fields.iter();
        if let Some((field, _)) = fields.find(|(_, name)| *name == locator) {
            return Some(field.clone());
        }
        let (_, field) = locator.split_once('#')?;
        self.current.get(field).map(|_| field.to_owned())
    }

    #[cfg(feature = "postgres")]
    fn postgres(&self, postgres: &PostgresRotator) -> Result<Box<dyn Rotator>, Report> {
        use rotator_postgres::{Place, Postgres, Settings, Way};

        let administrator = match &postgres.admin {
            Some(admin) => Some(Account {
                username: admin.username.clone(),
                password: self.secret("admin.password", &admin.password)?,
            }),
            None => None,
        };
        let settings = Settings {
            form: self.account_form(postgres.server.username.as_deref())?,
            place: match &postgres.server.host {
                Some(host) => Place::At(self.postgres_server(host, &postgres.server)?),
                None => Place::InUrl,
            },
            way: match (&postgres.roles, administrator) {
                (Some(roles), Some(administrator)) => Way::Alternate {
                    roles: roles.clone(),
                    group: postgres.group.clone().ok_or_else(|| {
                        self.refused(
                            "two roles need `group`, the role that has the grants".to_owned(),
                        )
                    })?,
                    administrator,
                },
                (_, administrator) => Way::Single { administrator },
            },
            recipe: Recipe::default(),
            lifetime: None,
            allow_privileged: false,
        };
        let variables = self.reach.environment.iter();
        let environment = mcp_launch_core::Environment::from_pairs(
            variables.map(|(name, value)| (name.to_owned(), value.to_owned())),
        );
        Postgres::new(settings, environment)
            .map(|rotator| Box::new(rotator) as _)
            .map_err(|error| self.refused(error.to_string()))
    }

    #[cfg(feature = "postgres")]
    fn postgres_server(
        &self,
        host: &str,
        described: &mcp_launch_config::DatabaseServer,
    ) -> Result<rotator_postgres::Server, Report> {
        use mcp_launch_config::TlsMode as Named;
        use rotator_postgres::{Server, TlsMode};

        let refused = |error: rotator_postgres::SettingsError| self.refused(error.to_string());
        let mut server = Server::new(host).map_err(refused)?;
        if let Some(port) = described.port {
            server = server.port(port);
        }
        if let Some(database) = &described.database {
            server = server.database(database).map_err(refused)?;
        }
        if let Some(mode) = described.tls {
            server = server.tls(match mode {
                Named::Disable => TlsMode::Disable,
                Named::Require => TlsMode::Require,
                Named::VerifyCa => TlsMode::VerifyCa,
                Named::VerifyFull => TlsMode::VerifyFull,
            });
        }
        if let Some(file) = &described.ca_file {
            server = server.ca(file.clone());
        }
        Ok(server)
    }

    /// Where the name and the password stand in the value in force: in two fields, in a URL, or the password alone.
    #[cfg(feature = "postgres")]
    fn account_form(&self, username: Option<&str>) -> Result<AccountForm, Report> {
        let field = self.named_field().unwrap_or_default();
        let mut forms = vec![AccountForm::Url {
            field: field.clone(),
        }];
        if self.current.whole().is_none() {
            let fields = |username: &str, password: &str| AccountForm::Fields {
                username: username.to_owned(),
                password: password.to_owned(),
            };
            forms.push(fields("username", "password"));
            forms.push(fields("user", "password"));
        }
        if let Some(username) = username {
            forms.push(AccountForm::Password {
                username: username.to_owned(),
                password: field,
            });
        }
        let fits = |form: &AccountForm| form.account(self.current).is_some();
        forms.into_iter().find(fits).ok_or_else(|| {
            self.refused(
                "the value is neither a URL with a login, nor has it the fields `username` and `password`"
                    .to_owned(),
            )
            .hint("say `username` in the rotator's table where the value is a password alone")
        })
    }

    /// An administrator's secret, which nothing but this run gets.
    #[cfg(feature = "postgres")]
    fn secret(&self, key: &str, text: &Template) -> Result<Secret, Report> {
        let key = format!("rotators.{}.{key}", self.credential.rotate.using.value);
        let planner = Planner::of(self.reach);
        let mut unknown = None;
        let planned = PlannedText::new(&Site::Setting(key.clone()), text.clone(), |placeholder| {
            planner
                .addresses(placeholder.reference())
                .unwrap_or_else(|problem| {
                    unknown = Some(problem.text);
                    Vec::new()
                })
        });
        if let Some(unknown) = unknown {
            return Err(self.refused(format!("{key}: {unknown}")));
        }
        let reach = std::sync::Arc::new(self.reach.clone());
        Placeholder::new(planned, reach as _)
            .obtain(self.deadline)
            .map_err(|error| {
                let report = self.refused(error.to_string());
                match error.remedy() {
                    Some(remedy) => report.hint(remedy),
                    None => report,
                }
            })
    }

    fn refused(&self, text: String) -> Report {
        Report::failure(format!("{}: {text}", self.credential.rotate.using.origin))
    }
}
