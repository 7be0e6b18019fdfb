//! `mcp-launch cache`: what launches share and cache.

use serde_json::json;

use crate::args::ClearArgs;
use crate::report::Report;
use crate::ui;

/// Forgets every shared and cached value of this user.
///
/// # Errors
/// When the place where they stand cannot be used.
pub(crate) fn clear(args: &ClearArgs) -> Result<(), Report> {
    let removed = mcp_launch_sharing::clear().map_err(|error| {
        Report::failure(format!("cannot clear the cache: {error}"))
            .hint("in a container whose filter forbids keyctl, clear it from outside")
    })?;
    if args.json {
        return ui::text(&format!("{:#}\n", json!({ "removed": removed })));
    }
    ui::line(&match removed {
        0 => "no value was shared or cached".to_owned(),
        1 => "one value was removed".to_owned(),
        removed => format!("{removed} values were removed"),
    });
    Ok(())
}
