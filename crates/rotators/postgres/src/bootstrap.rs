//! The roles of a credential, made once: a group that owns the privileges, and two login roles that take turns.

use std::fmt::Write as _;

use mcp_launch_core::{Deadline, Environment, Secret};
use mcp_launch_rotation::{Account, AccountForm, Bundle, Liveness, Recipe, RotatorError};

use crate::fault::Fault;
use crate::rotator::within;
use crate::server::check_name;
use crate::session::{Session, liveness};
use crate::{Server, SettingsError, remedy, sql};

/// What may be done with the tables of a schema.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Access {
    /// `SELECT`.
    Read,
    /// `SELECT`, `INSERT`, `UPDATE`, `DELETE`, and the sequences.
    Write,
}

/// The roles of a credential, and what they may do.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Bootstrap {
    group: String,
    roles: [String; 2],
    database: String,
    schemas: Vec<(String, Access)>,
    creators: Vec<String>,
    connections: Option<u32>,
}

impl Bootstrap {
    /// A group, two login roles of it, and the database that they may connect to. So far they may do nothing there.
    ///
    /// # Errors
    /// [`SettingsError::Name`] for what is no name, [`SettingsError::SameRole`] when the roles are not three.
    pub fn new(group: &str, roles: [&str; 2], database: &str) -> Result<Self, SettingsError> {
        for name in [group, roles[0], roles[1], database] {
            check_name(name)?;
        }
        if roles[0] == roles[1] || roles.contains(&group) {
            return Err(SettingsError::SameRole);
        }
        Ok(Self {
            group: group.to_owned(),
            roles: roles.map(ToOwned::to_owned),
            database: database.to_owned(),
            schemas: Vec::new(),
            creators: Vec::new(),
            connections: None,
        })
    }

    /// The same with access to all tables of a schema, those of later too: see [`Bootstrap::creator`].
    ///
    /// # Errors
    /// [`SettingsError::Name`] for what is no name.
    pub fn schema(mut self, schema: &str, access: Access) -> Result<Self, SettingsError> {
        check_name(schema)?;
        self.schemas.push((schema.to_owned(), access));
        Ok(self)
    }

    /// The same for tables that this role will create, such as the one that migrates: default privileges belong to whoever
    /// creates. Without any creator they are those of the administrator who runs the statements.
    ///
    /// # Errors
    /// [`SettingsError::Name`] for what is no name.
    pub fn creator(mut self, role: &str) -> Result<Self, SettingsError> {
        check_name(role)?;
        self.creators.push(role.to_owned());
        Ok(self)
    }

    /// The same with so many connections at most for each of the two roles. A login to see whether a password is accepted
    /// needs none of them.
    #[must_use]
    pub fn connections(mut self, most: u32) -> Self {
        self.connections = Some(most);
        self
    }

    /// The statements, with the verifier of `password` and never itself. To run them again changes nothing, not even a
    /// password: that of the first role is set only while neither can log in.
    #[must_use]
    pub fn sql(&self, password: &Secret) -> String {
        format!("BEGIN;\n{}COMMIT;\n", self.statements(password))
    }

    fn statements(&self, password: &Secret) -> String {
        let group = sql::name(&self.group);
        let [first, second] = &self.roles;
        let mut text = String::new();
        let limit = self
            .connections
            .map_or_else(String::new, |most| format!(" CONNECTION LIMIT {most}"));
        let least = "NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION";
        self.create(&mut text, &self.group, &format!("NOLOGIN {least}"));
        for role in &self.roles {
            self.create(&mut text, role, &format!("NOLOGIN INHERIT {least}{limit}"));
        }
        let (one, other) = (sql::name(first), sql::name(second));
        let _infallible = writeln!(text, "GRANT {group} TO {one}, {other};");
        let _infallible = writeln!(
            text,
            "GRANT CONNECT ON DATABASE {} TO {group};",
            sql::name(&self.database)
        );
        for (schema, access) in &self.schemas {
            self.grant(&mut text, schema, *access);
        }
        let is_free = format!(
            "NOT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname IN ({}, {}) AND rolcanlogin)",
            sql::literal(first),
            sql::literal(second)
        );
        let set = sql::set_password(first, &sql::verifier(password), true, None);
        do_if(&mut text, &is_free, &set);
        text
    }

    fn create(&self, text: &mut String, role: &str, attributes: &str) {
        let is_missing = format!(
            "NOT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = {})",
            sql::literal(role)
        );
        let create = format!("CREATE ROLE {} {attributes}", sql::name(role));
        do_if(text, &is_missing, &create);
    }

    fn grant(&self, text: &mut String, schema: &str, access: Access) {
        let (group, schema) = (sql::name(&self.group), sql::name(schema));
        let tables = match access {
            Access::Read => "SELECT",
            Access::Write => "SELECT, INSERT, UPDATE, DELETE",
        };
        let mut kinds = vec![("TABLES", tables)];
        if access == Access::Write {
            kinds.push(("SEQUENCES", "USAGE"));
        }
        let _infallible = writeln!(text, "GRANT USAGE ON SCHEMA {schema} TO {group};");
        let creators: Vec<String> = match self.creators.is_empty() {
            true => vec![String::new()],
            false => {
                let names = self.creators.iter();
                names
                    .map(|name| format!("FOR ROLE {} ", sql::name(name)))
                    .collect()
            }
        };
        for (kind, privileges) in kinds {
            let _infallible = writeln!(
                text,
                "GRANT {privileges} ON ALL {kind} IN SCHEMA {schema} TO {group};"
            );
            for creator in &creators {
                let _infallible = writeln!(
                    text,
                    "ALTER DEFAULT PRIVILEGES {creator}IN SCHEMA {schema} GRANT {privileges} ON {kind} TO {group};"
                );
            }
        }
    }

    /// The first login: of the first role, with a new password, in this form. A URL is made of `server`. It has to be in
    /// its store before [`Bootstrap::run`] puts it in force, as at every rotation.
    ///
    /// # Errors
    /// [`SettingsError::FixedName`] for a bare password, which cannot name the role; [`SettingsError::NoRandom`].
    pub fn first(
        &self,
        server: &Server,
        form: &AccountForm,
        recipe: &Recipe,
    ) -> Result<Bundle, SettingsError> {
        let account = Account {
            username: self.roles[0].clone(),
            password: recipe.make().ok_or(SettingsError::NoRandom)?,
        };
        let server = server.clone().database(&self.database)?;
        new_bundle(form, &server, &account).ok_or(SettingsError::FixedName)
    }

    /// Makes the roles in one transaction, and puts `first` in force: what [`Bootstrap::first`] gave. To do it again changes
    /// nothing.
    ///
    /// # Errors
    /// [`RotatorError::Occupied`] when one of the two roles can log in already and `first` does not; else as for a rotation.
    /// The text is what a person does about it.
    pub fn run(
        &self,
        server: &Server,
        administrator: &Account,
        form: &AccountForm,
        first: &Bundle,
        environment: &Environment,
        deadline: Deadline,
    ) -> Result<(), (RotatorError, Option<String>)> {
        let account = form
            .account(first)
            .filter(|account| account.username == self.roles[0])
            .ok_or((RotatorError::Failed, Some(remedy::FORM.to_owned())))?;
        let server = server
            .clone()
            .database(&self.database)
            .map_err(|error| (RotatorError::Failed, Some(error.to_string())))?;
        let lacking = || Some(remedy::bootstrap(&administrator.username, &self.database));
        let told = |fault: Fault| {
            let remedy = match &fault {
                Fault::Said(said) if said.is("42501") => lacking(),
                fault => fault.remedy(&administrator.username, &server.to_string()),
            };
            (fault.error(), remedy)
        };
        let deadline = within(deadline);
        let mut session =
            Session::begin(&server, administrator, environment, deadline).map_err(told)?;
        session.prepare().map_err(told)?;
        let taken = session.ask(&format!(
            "SELECT 1 FROM pg_roles WHERE rolname IN ({}, {}) AND rolcanlogin",
            sql::literal(&self.roles[0]),
            sql::literal(&self.roles[1])
        ));
        if !taken.map_err(told)?.is_empty() {
            let login = Session::begin(&server, &account, environment, deadline);
            return match liveness(&login) {
                Liveness::Live => Ok(()),
                Liveness::Dead => Err((RotatorError::Occupied, Some(remedy::TAKEN.to_owned()))),
                Liveness::Unknown => Err((RotatorError::Unavailable, None)),
            };
        }
        let statements = self.statements(&account.password);
        // Nothing is done before the end of the transaction, so no answer means that nothing was.
        session
            .ask(&format!("BEGIN;\n{statements}"))
            .map_err(told)?;
        if session.was_not_granted() {
            return Err((RotatorError::Denied, lacking()));
        }
        session.change("COMMIT").map_err(told)
    }
}

/// A bundle of this form with this account.
fn new_bundle(form: &AccountForm, server: &Server, account: &Account) -> Option<Bundle> {
    let place_holder = |text: &str| Secret::new(text.as_bytes().to_vec());
    let template = match form {
        AccountForm::Fields { username, password } => Bundle::new([
            (username.clone(), place_holder("x")),
            (password.clone(), place_holder("x")),
        ])
        .ok()?,
        AccountForm::Url { field } => {
            Bundle::new([(field.clone(), place_holder(&server.url()))]).ok()?
        }
        AccountForm::Password { .. } => return None,
    };
    form.with(&template, account)
}

/// A statement that is run on a condition.
fn do_if(text: &mut String, condition: &str, statement: &str) {
    // A name may hold what would end the quotes.
    let mut tag = "$mcp_launch$".to_owned();
    while condition.contains(&tag) || statement.contains(&tag) {
        tag.insert(tag.len() - 1, '_');
    }
    let _infallible = writeln!(
        text,
        "DO {tag} BEGIN\n  IF {condition} THEN\n    {statement};\n  END IF;\nEND {tag};"
    );
}
