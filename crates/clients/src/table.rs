//! The table of clients, as a page of the reference.

use mcp_launch_lossless::Format;

use crate::{Base, CLIENTS, Client, Holder, Inherited, Location, Platform};

/// What stands before the tables.
const OPENING: &str = include_str!("table_opening.md");

/// The page `docs/reference/clients.md`: where the files of every client are, and what is known of it.
#[must_use]
pub fn table() -> String {
    let mut page = OPENING.to_owned();
    page.push_str("\n## Files\n\n");
    page.push_str("A path without a beginning is in the working directory, one that begins with `…` there or in a folder above. A `*` stands for any text, `**` for folders between. The first file of a client that is there, else its first, is where a new server goes.\n\n");
    row(&mut page, &["client", "scope", "file", "format", "servers"]);
    row(&mut page, &["---"; 5]);
    for client in CLIENTS {
        for location in client.files {
            let file = files(location);
            let holder = holder(location.holder);
            let scope = location.scope.name();
            row(
                &mut page,
                &[client.name, scope, &file, format(location.format), &holder],
            );
        }
    }
    page.push_str("\n## What they do\n\n");
    page.push_str("*Rewrites* means that a running client writes its file anew: close it before the file is changed. *First answer* is how long a server may take.\n\n");
    let head = [
        "client",
        "`--client`",
        "`${NAME}` in arguments",
        "in `env`",
        "server inherits",
        "first answer",
        "rewrites",
        "turned off by",
        "a change takes effect",
        "known from",
    ];
    row(&mut page, &head);
    row(&mut page, &["---"; 10]);
    for client in CLIENTS {
        behaviour(&mut page, client);
    }
    page.push_str("\n## Notes\n\n");
    for client in CLIENTS {
        if client.shell_on_windows {
            page.push_str("* ");
            page.push_str(client.name);
            page.push_str(": on Windows it starts servers through a shell, so a placeholder in an argument does not survive.\n");
        }
        if !client.note.is_empty() {
            page.push_str("* ");
            page.push_str(client.name);
            page.push_str(": ");
            page.push_str(client.note);
            page.push('\n');
        }
    }
    page
}

fn behaviour(page: &mut String, client: &Client) {
    let budget = client
        .start_budget
        .map_or_else(String::new, |time| format!("{} s", time.as_secs()));
    let switch = client.switch.name();
    let switch = if switch.is_empty() {
        String::new()
    } else {
        format!("`{switch}`")
    };
    let id = format!("`{}`", client.id);
    row(
        page,
        &[
            client.name,
            &id,
            client.braces_in_arguments.name(),
            client.braces_in_variables.name(),
            &inherited(client.inherited),
            &budget,
            if client.rewrites_its_file { "yes" } else { "" },
            &switch,
            client.to_take_effect,
            client.known_from.name(),
        ],
    );
}

fn row(page: &mut String, cells: &[&str]) {
    page.push_str("| ");
    page.push_str(&cells.join(" | "));
    page.push_str(" |\n");
}

/// The place as a person writes it: one path, or one for each platform.
fn files(location: &Location) -> String {
    let mut shown: Vec<(String, Vec<&str>)> = Vec::new();
    for &platform in location.platforms {
        let Some(path) = shown_path(location, platform) else {
            continue;
        };
        match shown.iter_mut().find(|(own, _)| *own == path) {
            Some((_, platforms)) => platforms.push(platform.name()),
            None => shown.push((path, vec![platform.name()])),
        }
    }
    let is_everywhere = shown
        .first()
        .is_some_and(|(_, platforms)| platforms.len() == Platform::ALL.len());
    let shown = shown.into_iter().map(|(path, platforms)| {
        if is_everywhere {
            format!("`{path}`")
        } else {
            format!("{}: `{path}`", platforms.join(", "))
        }
    });
    let moved = location
        .moved_by
        .iter()
        .map(|(name, rest)| format!("`{}`", joined(&format!("${name}"), rest, '/')));
    shown.chain(moved).collect::<Vec<_>>().join("<br>")
}

fn shown_path(location: &Location, platform: Platform) -> Option<String> {
    let windows = platform == Platform::Windows;
    let folder = match (location.base, platform) {
        (Base::Home, _) => "~",
        (Base::Application, Platform::MacOs) => "~/Library/Application Support",
        (Base::Application, Platform::Windows) => "%APPDATA%",
        (Base::Config, _) | (Base::Application, Platform::Linux) => "~/.config",
        (Base::LocalApplication, Platform::Windows) => "%LOCALAPPDATA%",
        (Base::Programs, Platform::Windows) => "%ProgramFiles%",
        (Base::LocalApplication | Base::Programs, _) => return None,
        (Base::Machine, Platform::Linux) => "/etc",
        (Base::Machine, Platform::MacOs) => "/Library/Application Support",
        (Base::Machine, Platform::Windows) => "%ProgramData%",
        (Base::Project, _) => "",
        (Base::Upward, _) => "…",
    };
    let separator = if windows && folder.starts_with('%') {
        '\\'
    } else {
        '/'
    };
    Some(joined(folder, location.path, separator))
}

fn joined(folder: &str, path: &str, separator: char) -> String {
    let names = path.split('/');
    std::iter::once(folder)
        .chain(names)
        .filter(|name| !name.is_empty())
        .collect::<Vec<_>>()
        .join(separator.encode_utf8(&mut [0; 4]))
}

fn format(format: Format) -> &'static str {
    match format {
        Format::Json => "JSON",
        Format::Toml => "TOML",
        Format::Yaml => "YAML",
    }
}

fn holder(holder: Holder) -> String {
    let keys = holder
        .keys()
        .iter()
        .map(|key| {
            if key.contains('.') {
                format!("\"{key}\"")
            } else {
                (*key).to_owned()
            }
        })
        .collect::<Vec<_>>()
        .join(".");
    match holder {
        Holder::Map(_) => format!("`{keys}`"),
        Holder::List(_) => format!("`{keys}`, a list"),
        Holder::Closed => "not added here".to_owned(),
    }
}

fn inherited(inherited: Inherited) -> String {
    match inherited {
        Inherited::All => "everything".to_owned(),
        Inherited::WithoutSecrets => "what is no secret by name or value".to_owned(),
        Inherited::Only(names) => {
            let names: Vec<_> = names.iter().map(|name| format!("`{name}`")).collect();
            names.join(" ")
        }
        Inherited::Unknown => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_client_has_its_lines() {
        let page = table();
        for client in CLIENTS {
            assert!(page.contains(&format!("| {} | `{}` |", client.name, client.id)));
            let files = page.matches(&format!("\n| {} | ", client.name)).count();
            assert_eq!(files, client.files.len() + 1, "{}", client.id);
        }
    }

    #[test]
    fn no_cell_breaks_the_table() {
        for client in CLIENTS {
            for text in [client.name, client.note, client.to_take_effect] {
                assert!(!text.contains(['|', '\n']), "{text}");
            }
            assert!(!client.to_take_effect.is_empty(), "{}", client.id);
        }
    }
}
