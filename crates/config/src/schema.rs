//! JSON schemas of both settings files, for editors that complete and check them.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::marker::PhantomData;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde_json::Value;

use crate::project_file::ProjectFile;
use crate::user_file::UserFile;
use crate::vocabulary::ORDERABLE;

/// The schema of the person's own `config.toml`.
#[must_use]
pub fn user_schema() -> Value {
    schemars::schema_for!(UserFile).to_value()
}

/// The schema of a project's `mcp-launch.toml`.
#[must_use]
pub fn project_schema() -> Value {
    let mut schema = schemars::schema_for!(ProjectFile).to_value();
    // A project rotates nothing, and the reader says so.
    if let Some(definitions) = schema.get_mut("$defs").and_then(Value::as_object_mut) {
        definitions.remove("RotateEntry");
        if let Some(secret) = definitions
            .get_mut("SecretEntry")
            .and_then(|secret| secret.get_mut("properties"))
            .and_then(Value::as_object_mut)
        {
            secret.remove("rotate");
        }
    }
    schema
}

/// A table whose keys are the person's own names.
pub(crate) struct ByName<T>(PhantomData<T>);

impl<T: JsonSchema> JsonSchema for ByName<T> {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        format!("{}ByName", T::schema_name()).into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        BTreeMap::<String, T>::json_schema(generator)
    }
}

/// Declares the schema of a text or list whose type says less than its reader.
macro_rules! schema_of {
    ($name:ident, $schema:expr) => {
        pub(crate) struct $name;

        impl JsonSchema for $name {
            fn inline_schema() -> bool {
                true
            }

            fn schema_name() -> Cow<'static, str> {
                stringify!($name).into()
            }

            fn json_schema(_generator: &mut SchemaGenerator) -> Schema {
                $schema
            }
        }
    };
}

schema_of!(
    AddressText,
    json_schema!({
        "type": "string",
        "pattern": "^[A-Za-z][A-Za-z0-9_-]*:.+",
        "examples": ["keychain:github", "dotenv:DATABASE_URL", "vault:secret/mcp/github#token"],
    })
);
schema_of!(
    AgeText,
    json_schema!({
        "type": "string",
        "pattern": "^[0-9]+(s|m|h|d)$",
        "examples": ["10m", "24h"],
    })
);
schema_of!(
    Command,
    json_schema!({
        "anyOf": [
            { "type": "string", "pattern": "\\S" },
            { "type": "array", "items": { "type": "string" }, "minItems": 1 },
        ],
        "examples": ["op read", ["pass", "show"]],
    })
);
schema_of!(
    DateText,
    json_schema!({
        "type": "string",
        "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}",
        "examples": ["2027-03-01"],
    })
);
schema_of!(
    OneOrMoreTexts,
    json_schema!({
        "anyOf": [
            { "type": "string" },
            { "type": "array", "items": { "type": "string" }, "minItems": 1 },
        ],
    })
);
schema_of!(LineEndWord, json_schema!({ "enum": ["keep", "strip"] }));
schema_of!(
    NamesText,
    json_schema!({ "type": "string", "pattern": "^[^{}]*\\{name\\}[^{}]*$" })
);
schema_of!(
    PlaceholderText,
    json_schema!({
        "type": "string",
        "pattern": "^(\\$<[^<>]+>|\\$\\{[^{}]+\\})$",
        "examples": ["$<keychain:store-login>"],
    })
);
schema_of!(
    ServerCommandWords,
    json_schema!({
        "type": "array",
        "items": { "type": "string" },
        "minItems": 1,
        "examples": [["npx", "-y", "@modelcontextprotocol/server-everything"]],
    })
);
schema_of!(
    SpanText,
    json_schema!({
        "type": "string",
        "pattern": "^[0-9]+(ms|s|m)$",
        "examples": ["10s"],
    })
);
schema_of!(
    StoreName,
    json_schema!({
        "anyOf": [
            { "enum": ORDERABLE },
            {
                "type": "string",
                "pattern": "^[A-Za-z][A-Za-z0-9_-]*$",
                "description": "A network store that has `names`.",
            },
        ],
    })
);
schema_of!(
    UrlText,
    json_schema!({ "type": "string", "pattern": "^https?://[^/@?#\\s]+(/[^?#\\s]*)?$" })
);
