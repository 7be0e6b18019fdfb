//! The calls of the Secret Service that we make, and how their answers are read.

use std::collections::HashMap;

use mcp_launch_core::{Secret, SourceError, SourceErrorKind};
use zbus::{Message, ObjectPath, OwnedObjectPath, OwnedVariant, Variant};

use crate::locator::{Entry, SERVICE};

pub(crate) const BUS_NAME: &str = "org.freedesktop.secrets";
pub(crate) const COLLECTION: &str = "org.freedesktop.Secret.Collection";
pub(crate) const ITEM: &str = "org.freedesktop.Secret.Item";
pub(crate) const PROMPT: &str = "org.freedesktop.Secret.Prompt";

const SERVICE_PATH: &str = "/org/freedesktop/secrets";
const SERVICE_INTERFACE: &str = "org.freedesktop.Secret.Service";

/// What stands for "no object" in answers.
const NO_OBJECT: &str = "/";

/// Asks for the collections.
pub(crate) fn collections() -> Result<Message, SourceError> {
    property(&service_object(), SERVICE_INTERFACE, "Collections")
}

/// A session whose values are not encrypted on the way.
///
/// The bus is a socket of this machine on which this user or root listens ([`super::socket`] takes
/// no other), and a program that could listen in on it, as this user, can as well ask the keychain
/// itself. Agreeing on a key would cost more than all the rest of a launch: a 1024-bit Diffie-Hellman
/// that protects only from a listener who has no need to listen.
pub(crate) fn open_session() -> Result<Message, SourceError> {
    service_call("OpenSession", &("plain", Variant::from("")))
}

pub(crate) fn session_of(answer: &Message) -> Result<OwnedObjectPath, SourceError> {
    let body = answer.body();
    let (_, session): (OwnedVariant, OwnedObjectPath) = decoded(body.deserialize())?;
    Ok(session)
}

/// Finds the items of `entry` in all collections. Items with further attributes match too.
///
/// `service` and `username` are the attributes that `keyring` has used in all its versions.
pub(crate) fn search(entry: Entry<'_>) -> Result<Message, SourceError> {
    service_call("SearchItems", &(attributes_of(entry),))
}

/// Finds all items of ours.
pub(crate) fn search_own() -> Result<Message, SourceError> {
    service_call("SearchItems", &(HashMap::from([("service", SERVICE)]),))
}

/// What a search found.
pub(crate) struct Found {
    pub(crate) unlocked: Vec<OwnedObjectPath>,
    pub(crate) locked: Vec<OwnedObjectPath>,
}

impl Found {
    pub(crate) fn is_empty(&self) -> bool {
        self.unlocked.is_empty() && self.locked.is_empty()
    }
}

pub(crate) fn found_in(answer: &Message) -> Result<Found, SourceError> {
    let body = answer.body();
    let (unlocked, locked) = decoded(body.deserialize())?;
    Ok(Found { unlocked, locked })
}

/// Asks for the values of all `items` at once.
pub(crate) fn secrets(
    items: &[OwnedObjectPath],
    session: &OwnedObjectPath,
) -> Result<Message, SourceError> {
    service_call("GetSecrets", &(items, session))
}

/// The values of an answer to [`secrets`], by item. They are borrowed from the message, so that
/// there is no further copy beside the one we hand out. The message's own buffer and the one that it
/// was received into are zbus's, which shares them out to read only: they are freed unwiped, and go with
/// the process image.
pub(crate) fn values_in(
    body: &zbus::message::Body,
) -> Result<HashMap<ObjectPath<'_>, &[u8]>, SourceError> {
    type Wire<'a> = HashMap<ObjectPath<'a>, (ObjectPath<'a>, &'a [u8], &'a [u8], &'a str)>;
    let values: Wire<'_> = decoded(body.deserialize())?;
    Ok(values
        .into_iter()
        .map(|(item, (_, _, value, _))| (item, value))
        .collect())
}

pub(crate) fn unlock(objects: &[OwnedObjectPath]) -> Result<Message, SourceError> {
    service_call("Unlock", &(objects,))
}

/// The prompt that an answer to [`unlock`] wants; none when nothing needs one.
pub(crate) fn prompt_of_unlock(answer: &Message) -> Result<Option<OwnedObjectPath>, SourceError> {
    let body = answer.body();
    let (_, prompt): (Vec<OwnedObjectPath>, OwnedObjectPath) = decoded(body.deserialize())?;
    Ok(object(prompt))
}

/// Asks which collection new items go to.
pub(crate) fn default_collection() -> Result<Message, SourceError> {
    service_call("ReadAlias", &("default",))
}

/// Creates the collection that new items go to, named as `libsecret` names it.
pub(crate) fn create_default_collection() -> Result<Message, SourceError> {
    let properties = HashMap::from([(
        "org.freedesktop.Secret.Collection.Label",
        Variant::from("Default keyring"),
    )]);
    service_call("CreateCollection", &(properties, "default"))
}

/// Whether `object`, a collection or an item, is locked.
pub(crate) fn is_locked(
    object: &OwnedObjectPath,
    interface: &'static str,
) -> Result<Message, SourceError> {
    property(object, interface, "Locked")
}

/// Asks for the items of `collection`.
pub(crate) fn items(collection: &OwnedObjectPath) -> Result<Message, SourceError> {
    property(collection, COLLECTION, "Items")
}

pub(crate) fn attributes(item: &OwnedObjectPath) -> Result<Message, SourceError> {
    property(item, ITEM, "Attributes")
}

/// The objects of the property that `answer` brings.
pub(crate) fn objects_in(answer: &Message) -> Result<Vec<OwnedObjectPath>, SourceError> {
    let objects: Vec<ObjectPath<'static>> = property_in(answer)?;
    Ok(objects.into_iter().map(Into::into).collect())
}

/// The value of the property that `answer` brings.
pub(crate) fn property_in<T>(answer: &Message) -> Result<T, SourceError>
where
    T: TryFrom<OwnedVariant>,
{
    let body = answer.body();
    let value: OwnedVariant = decoded(body.deserialize())?;
    T::try_from(value).map_err(|_| NOT_UNDERSTOOD)
}

/// Creates the item of `entry` in `collection`.
pub(crate) fn create_item(
    collection: &OwnedObjectPath,
    entry: Entry<'_>,
    value: &Secret,
    session: &OwnedObjectPath,
) -> Result<Message, SourceError> {
    let label = format!("mcp-launch {}", entry.account);
    let properties = HashMap::from([
        ("org.freedesktop.Secret.Item.Label", Variant::from(label)),
        (
            "org.freedesktop.Secret.Item.Attributes",
            Variant::from(attributes_of(entry)),
        ),
    ]);
    // Two processes may set the same name at once: the later one replaces, so that there is one.
    let replace = true;
    let secret = wire_secret(value, session);
    call(
        collection,
        COLLECTION,
        "CreateItem",
        &(properties, secret, replace),
    )
}

pub(crate) fn set_secret(
    item: &OwnedObjectPath,
    value: &Secret,
    session: &OwnedObjectPath,
) -> Result<Message, SourceError> {
    call(item, ITEM, "SetSecret", &(wire_secret(value, session),))
}

pub(crate) fn delete_item(item: &OwnedObjectPath) -> Result<Message, SourceError> {
    call(item, ITEM, "Delete", &())
}

/// The prompt that an answer wants which carries nothing else.
pub(crate) fn prompt_in(answer: &Message) -> Result<Option<OwnedObjectPath>, SourceError> {
    let body = answer.body();
    Ok(object(decoded(body.deserialize())?))
}

/// The object of an answer that brings a new object and, where there is none yet, a prompt.
pub(crate) fn object_or_prompt(
    answer: &Message,
) -> Result<(Option<OwnedObjectPath>, Option<OwnedObjectPath>), SourceError> {
    let body = answer.body();
    let (made, prompt): (OwnedObjectPath, OwnedObjectPath) = decoded(body.deserialize())?;
    Ok((object(made), object(prompt)))
}

/// The object of an answer that brings one path.
pub(crate) fn object_in(answer: &Message) -> Result<Option<OwnedObjectPath>, SourceError> {
    prompt_in(answer)
}

pub(crate) fn show_prompt(prompt: &OwnedObjectPath) -> Result<Message, SourceError> {
    // The window that the prompt belongs to: a launcher has none.
    call(prompt, PROMPT, "Prompt", &("",))
}

pub(crate) fn dismiss_prompt(prompt: &OwnedObjectPath) -> Result<Message, SourceError> {
    call(prompt, PROMPT, "Dismiss", &())
}

/// Asks the bus for the process that owns the name of the Secret Service.
pub(crate) fn owner() -> Result<Message, SourceError> {
    built(
        Message::method_call("/org/freedesktop/DBus", "GetConnectionUnixProcessID")
            .destination("org.freedesktop.DBus")
            .interface("org.freedesktop.DBus")
            .build(&(BUS_NAME,)),
    )
}

/// Reads an answer's body; what does not fit is an error without its text.
pub(crate) fn decoded<T>(read: zbus::Result<T>) -> Result<T, SourceError> {
    read.map_err(|_| NOT_UNDERSTOOD)
}

const NOT_UNDERSTOOD: SourceError = SourceError::new(SourceErrorKind::Malformed)
    .note("the keychain's answer is not of the Secret Service");

fn attributes_of(entry: Entry<'_>) -> HashMap<&str, &str> {
    HashMap::from([("service", entry.service), ("username", entry.account)])
}

/// A value as the Secret Service carries it: session, parameters of the cipher, bytes, content type.
#[expect(
    clippy::disallowed_methods,
    reason = "the gate through which a value goes into the Secret Service"
)]
fn wire_secret<'a>(
    value: &'a Secret,
    session: &'a OwnedObjectPath,
) -> (&'a OwnedObjectPath, &'a [u8], &'a [u8], &'static str) {
    let bytes = value.expose();
    // KeePassXC shows text as the password of an entry, and anything else as a file attached to it.
    let content_type = if std::str::from_utf8(bytes).is_ok() {
        "text/plain"
    } else {
        "application/octet-stream"
    };
    (session, &[], bytes, content_type)
}

fn object(path: OwnedObjectPath) -> Option<OwnedObjectPath> {
    (path.as_str() != NO_OBJECT).then_some(path)
}

fn property(
    object: &OwnedObjectPath,
    interface: &'static str,
    name: &'static str,
) -> Result<Message, SourceError> {
    call(
        object,
        "org.freedesktop.DBus.Properties",
        "Get",
        &(interface, name),
    )
}

fn service_call<B>(member: &'static str, body: &B) -> Result<Message, SourceError>
where
    B: serde::Serialize + zbus::DynamicType,
{
    call(&service_object(), SERVICE_INTERFACE, member, body)
}

fn service_object() -> OwnedObjectPath {
    ObjectPath::from_static_str(SERVICE_PATH)
        .expect("the specification's path is an object path")
        .into()
}

fn call<B>(
    object: &OwnedObjectPath,
    interface: &'static str,
    member: &'static str,
    body: &B,
) -> Result<Message, SourceError>
where
    B: serde::Serialize + zbus::DynamicType,
{
    built(
        Message::method_call(object.as_ref(), member)
            .destination(BUS_NAME)
            .interface(interface)
            .build(body),
    )
}

fn built(message: zbus::Result<Message>) -> Result<Message, SourceError> {
    message.map_err(|_| {
        SourceError::new(SourceErrorKind::Unavailable).note("too much for one message of the bus")
    })
}
