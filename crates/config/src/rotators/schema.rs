//! The schema of rotators, where their types say less than their readers.

use schemars::Schema;
use serde_json::Value;

/// Takes out the nulls that TOML has not, and the need of what has a usual value.
pub(super) fn kinds(schema: &mut Schema) {
    crate::network_stores::without_nulls(schema);
    let Some(kinds) = schema.get_mut("oneOf").and_then(Value::as_array_mut) else {
        return;
    };
    for kind in kinds {
        if let Ok(kind) = <&mut Schema>::try_from(kind) {
            crate::network_stores::without_nulls(kind);
        }
    }
}
