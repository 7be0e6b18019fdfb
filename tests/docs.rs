//! The documentation names only what exists.

use std::path::{Path, PathBuf};

use mcp_launch_core::Environment;
use mcp_launch_testkit::Scratch;

use crate::support::{Finished, launch};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Every Markdown file that ships.
fn pages() -> Vec<PathBuf> {
    let mut pages = Vec::new();
    let mut folders = vec![root().to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in folder.read_dir().expect("a folder of the project") {
            let path = entry.expect("an entry of the project").path();
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            let built = name == "target" || name == "node_modules" || name.starts_with('.');
            if path.is_dir() && !built && !path.is_symlink() {
                folders.push(path);
            } else if path.extension().is_some_and(|end| end == "md") {
                pages.push(path);
            }
        }
    }
    pages
}

/// The targets of `[text](target)` in a page, code left out.
fn links(text: &str) -> Vec<String> {
    let mut in_code = false;
    let mut links = Vec::new();
    for line in text.lines() {
        if line.trim_start().starts_with("```") {
            in_code = !in_code;
        }
        if in_code {
            continue;
        }
        let without_code: String = line.split('`').step_by(2).collect();
        links.extend(
            without_code
                .split("](")
                .skip(1)
                .filter_map(|rest| rest.split_once(')'))
                .map(|(target, _)| target.to_owned()),
        );
    }
    links
}

#[test]
fn every_relative_link_leads_somewhere() {
    let mut broken = Vec::new();
    for page in pages() {
        let text = std::fs::read_to_string(&page).unwrap();
        for link in links(&text) {
            let path = link.split('#').next().unwrap_or_default();
            let elsewhere = link.contains("://") || link.starts_with("mailto:") || path.is_empty();
            if !elsewhere && !page.with_file_name(path).exists() {
                broken.push(format!("{}: {link}", page.display()));
            }
        }
    }
    assert!(broken.is_empty(), "{broken:#?}");
}

#[test]
fn every_page_is_in_the_summary() {
    let docs = root().join("docs");
    let summary = std::fs::read_to_string(docs.join("SUMMARY.md")).unwrap();
    let listed: Vec<PathBuf> = links(&summary).iter().map(|link| docs.join(link)).collect();
    let missing: Vec<PathBuf> = pages()
        .into_iter()
        .filter(|page| page.starts_with(&docs) && !page.ends_with("SUMMARY.md"))
        .filter(|page| !listed.contains(page))
        .collect();
    assert!(missing.is_empty(), "not in docs/SUMMARY.md: {missing:#?}");
}

#[test]
fn every_source_has_a_page_and_a_readme() {
    let summary = std::fs::read_to_string(root().join("docs/SUMMARY.md")).unwrap();
    let listed = links(&summary);
    let mut missing = Vec::new();
    for entry in root().join("crates/sources").read_dir().unwrap() {
        let folder = entry.unwrap().path();
        let page = format!("sources/{}.md", folder.file_name().unwrap().display());
        if !listed.contains(&page) {
            missing.push(format!("{page} in docs/SUMMARY.md"));
        }
        if !folder.join("README.md").exists() {
            missing.push(format!("{}/README.md", folder.display()));
        }
    }
    assert!(missing.is_empty(), "{missing:#?}");
}

/// The stores that a build may lack, and whether this one has them.
const MAY_LACK: &[(&str, bool)] = &[
    ("aws", cfg!(feature = "aws")),
    ("vault", cfg!(feature = "vault")),
];

#[test]
fn the_settings_know_the_sources_that_the_launcher_has() {
    let scratch = Scratch::new();
    let mut command = launch(&scratch, ["--", "/bin/true"]);
    let report = Finished::of(command.env("X", "$<nope:x>")).not_started();
    let built: Vec<&str> = mcp_launch_config::SCHEMES
        .iter()
        .copied()
        .filter(|scheme| !MAY_LACK.contains(&(scheme, false)))
        .collect();
    let fix = format!("fix: use one of: {}\n", built.join(", "));
    assert!(report.contains(&fix), "no {fix} in {report}");
    let folders = root().join("crates/sources").read_dir().unwrap().count();
    assert_eq!(mcp_launch_config::SCHEMES.len(), folders);
}

/// With `MCP_LAUNCH_BLESS=1` the page is written instead.
#[test]
#[cfg_attr(
    not(all(feature = "aws", feature = "vault")),
    ignore = "the page is about the build with every store"
)]
#[expect(clippy::disallowed_methods, reason = "a page of this project")]
fn the_command_line_reference_is_what_the_program_says() {
    let page = root().join("docs/reference/cli.md");
    let generated = Finished::of(&mut launch(&Scratch::new(), ["generate", "reference"])).success();
    if Environment::capture()
        .get_non_empty("MCP_LAUNCH_BLESS")
        .is_some()
    {
        std::fs::write(&page, &generated).unwrap();
    }
    let written = std::fs::read_to_string(&page).unwrap_or_default();
    assert!(
        written == generated,
        "docs/reference/cli.md is not current: test with MCP_LAUNCH_BLESS=1"
    );
}

#[test]
fn links_are_found_outside_code_only() {
    let text = "see [a](b.md), `[c](d)` and [e](f#g)\n```\n[h](i)\n```\n";
    assert_eq!(links(text), ["b.md", "f#g"]);
}
