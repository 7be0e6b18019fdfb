//! Which placeholder finds a value that is in one of the stores.

use mcp_launch_config::Settings;
use mcp_launch_core::Address;

use crate::args::StoreName;

/// Whether and why the bare name finds the value that `which` has under it.
pub(super) enum Way {
    /// `$<NAME>` finds it.
    Name,
    /// Only its address finds it; this is why.
    Address(String),
}

/// How the value under `name` in `which` is found with these settings.
pub(super) fn way(settings: &Settings, name: &str, which: StoreName) -> Way {
    let scheme = which.scheme();
    let from = match settings.binding(name) {
        Ok(binding) => binding.and_then(|binding| binding.from),
        Err(error) => return Way::Address(error.to_string()),
    };
    if let Some(from) = from {
        if from.value == Address::new(scheme, name) {
            return Way::Name;
        }
        return Way::Address(format!("$<{name}> is {} ({})", from.value, from.origin));
    }
    match settings.order() {
        Ok(order) if order.contains(&scheme) => Way::Name,
        Ok(_) => Way::Address(match settings.order_origin() {
            Ok(Some(origin)) => format!("`{scheme}` is not in `order` ({origin})"),
            _ => format!("`{scheme}` is not in `order`"),
        }),
        Err(error) => Way::Address(error.to_string()),
    }
}

/// What to write into a client's config.
pub(super) fn usage(settings: &Settings, name: &str, which: StoreName) -> String {
    match way(settings, name, which) {
        Way::Name => format!("use it as $<{name}>"),
        Way::Address(why) => format!("use it as $<{}:{name}>; {why}", which.scheme()),
    }
}

/// What a value of the same name in `other` means for one that was put into `which`.
pub(super) fn effect(
    settings: &Settings,
    name: &str,
    which: StoreName,
    other: StoreName,
) -> &'static str {
    let place = |store: StoreName| match (way(settings, name, store), settings.order()) {
        (Way::Name, Ok(order)) => order.iter().position(|scheme| *scheme == store.scheme()),
        _ => None,
    };
    match (place(other), place(which)) {
        (Some(other), Some(which)) if other < which => ", which is asked first",
        _ => "",
    }
}
