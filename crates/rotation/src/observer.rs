//! Who is told of each outside action: the audit log, and the tests that crash at each point.

/// What is done to a store or to a vendor.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Action {
    /// Store: a claim or a value becomes pending.
    Begin,
    /// Store: what is pending is given up.
    Discard,
    /// Vendor: the handle of a value is asked for.
    Identify,
    /// Vendor: a new value is made.
    Issue,
    /// Vendor: what was made for this credential is listed.
    List,
    /// Store: failures and the next attempt are noted.
    Note,
    /// Vendor: a login is tried.
    Probe,
    /// Store: what is pending becomes current.
    Promote,
    /// Store: all is read.
    Read,
    /// Store: a claim gets the value that was made for it.
    Record,
    /// Vendor: a handle is revoked.
    Retire,
    /// Vendor: the current value is replaced by one that the vendor makes.
    Roll,
    /// Store: what is left of the previous generation is removed.
    Scrub,
    /// Vendor: a value that was chosen here is put in force.
    Set,
    /// Vendor or store: told to rotate by itself.
    Trigger,
}

impl Action {
    /// Each action, in the order of their names.
    pub const ALL: [Self; 15] = [
        Self::Begin,
        Self::Discard,
        Self::Identify,
        Self::Issue,
        Self::List,
        Self::Note,
        Self::Probe,
        Self::Promote,
        Self::Read,
        Self::Record,
        Self::Retire,
        Self::Roll,
        Self::Scrub,
        Self::Set,
        Self::Trigger,
    ];

    /// A stable token for logs and crash points.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Begin => "begin",
            Self::Discard => "discard",
            Self::Identify => "identify",
            Self::Issue => "issue",
            Self::List => "list",
            Self::Note => "note",
            Self::Probe => "probe",
            Self::Promote => "promote",
            Self::Read => "read",
            Self::Record => "record",
            Self::Retire => "retire",
            Self::Roll => "roll",
            Self::Scrub => "scrub",
            Self::Set => "set",
            Self::Trigger => "trigger",
        }
    }
}

/// Is told of each outside action before it is begun and after its answer is known. What it does not return from is a
/// crash at that point.
pub trait Observer {
    /// The action is about to be done.
    fn before(&self, _action: Action) {}

    /// The action has been answered, by a success or an error.
    fn after(&self, _action: Action) {}
}

/// Nobody looks.
#[derive(Clone, Copy, Debug, Default)]
pub struct Unobserved;

impl Observer for Unobserved {}
