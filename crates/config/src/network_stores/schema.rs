//! The schema of the network stores, where their types say less than their readers.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde_json::{Value, json};

use crate::network_stores::{AwsStore, NetworkStores, VaultStore};

impl JsonSchema for NetworkStores {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "NetworkStores".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let aws = generator.subschema_for::<AwsStore>();
        let vault = generator.subschema_for::<VaultStore>();
        let of_own_name = |store: &Schema| {
            let mut store = store.clone();
            store.insert("required".to_owned(), json!(["kind"]));
            store
        };
        json_schema!({
            "type": "object",
            "properties": { "aws": aws, "vault": vault },
            "patternProperties": {
                // The names with a meaning of their own are the other properties, or refused by the reader.
                "^(?!(aws|dotenv|env|exec|fd|file|keychain|sealed|vault)$)[A-Za-z][A-Za-z0-9_-]*$": {
                    "description": "A store under a name of your own: `$<NAME:…>` asks it.",
                    "oneOf": [of_own_name(&aws), of_own_name(&vault)],
                },
            },
        })
    }
}

/// Adds what an account is, and which of its keys need each other.
pub(super) fn aws_kind(schema: &mut Schema) {
    kind(schema, "aws");
    let needed = json!({
        "access_key_id": ["secret_access_key"],
        "secret_access_key": ["access_key_id"],
        "session_token": ["access_key_id", "secret_access_key"],
    });
    schema.insert("dependentRequired".to_owned(), needed);
}

/// Adds what a Vault is, and which of its keys need each other.
pub(super) fn vault_kind(schema: &mut Schema) {
    kind(schema, "vault");
    let needed = json!({
        "auth": ["address"],
        "client_cert": ["client_key"],
        "client_key": ["client_cert"],
    });
    schema.insert("dependentRequired".to_owned(), needed);
}

fn kind(schema: &mut Schema, word: &str) {
    without_null(schema);
    property(
        schema,
        "kind",
        json!({
            "const": word,
            "description": "What the store is. Needed under a name of your own.",
            "type": "string",
        }),
    );
}

/// Adds the keys that are another way to write one, and takes the need from what has a usual value.
pub(super) fn methods(schema: &mut Schema) {
    let Some(methods) = schema.get_mut("oneOf").and_then(Value::as_array_mut) else {
        return;
    };
    for method in methods {
        let word = method["properties"]["method"]["const"].clone();
        let Ok(method) = <&mut Schema>::try_from(method) else {
            continue;
        };
        without_null(method);
        if let Some(needed) = method.get_mut("required").and_then(Value::as_array_mut) {
            needed.retain(|key| !["jwt", "mount", "wrapped"].contains(&key.as_str().unwrap_or("")));
        }
        match word.as_str() {
            Some("jwt") => file_key(method, "jwt", "jwt_file"),
            Some("token") => file_key(method, "token", "token_file"),
            _ => {}
        }
    }
}

fn file_key(schema: &mut Schema, key: &str, name: &str) {
    let description = format!(
        "A file that holds it, in place of `{key}`: absolute, `~/…`, or relative to this file."
    );
    property(
        schema,
        name,
        json!({ "description": description, "type": "string" }),
    );
}

/// What is not set is absent in a file; TOML has no null.
pub(crate) fn without_null(schema: &mut Schema) {
    let properties = schema.get_mut("properties").and_then(Value::as_object_mut);
    for property in properties.into_iter().flat_map(|all| all.values_mut()) {
        if let Some(property) = property.as_object_mut()
            && property.get("default") == Some(&Value::Null)
        {
            property.remove("default");
        }
    }
}

fn property(schema: &mut Schema, name: &str, property: Value) {
    let properties = schema
        .ensure_object()
        .entry("properties")
        .or_insert_with(|| json!({}));
    if let Some(properties) = properties.as_object_mut() {
        properties.insert(name.to_owned(), property);
    }
}
