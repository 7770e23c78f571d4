//! Links between documents lead somewhere: the file is there, and so is the heading.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use super::read;
use crate::support::root;

/// Folders that hold no documents of the project.
const APART: [&str; 3] = ["target", ".git", "snapshots"];

/// All documents in Markdown, by their path in the repository.
pub fn documents(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(root().join(folder)).expect("a folder").map(|entry| entry.expect("an entry"));
    let paths = entries.map(|entry| (folder.join(entry.file_name()), entry.path().is_dir()));
    let mut found: Vec<PathBuf> = paths
        .flat_map(|(path, is_folder)| {
            if is_folder && !APART.iter().any(|name| path.ends_with(name)) {
                documents(&path)
            } else if !is_folder && path.extension().is_some_and(|ending| ending == "md") {
                vec![path]
            } else {
                Vec::new()
            }
        })
        .collect();
    found.sort();
    found
}

/// The prose of a document, without blocks and without what stands as code.
fn prose(text: &str) -> String {
    let mut lines = String::new();
    read(text, |part| {
        if let Err(line) = part {
            lines.extend([line, "\n"]);
        }
    });
    lines.split('`').step_by(2).collect()
}

/// What links and pictures lead to.
fn targets(text: &str) -> Vec<String> {
    let prose = prose(text);
    let between = |before: &'static str, end: char| {
        prose.split(before).skip(1).map(move |rest| rest.split(end).next().unwrap_or_default().to_owned())
    };
    between("](", ')').chain(between("src=\"", '"')).chain(between("srcset=\"", '"')).collect()
}

/// The anchors of a document's headings, as GitHub names them: small letters, digits, `-` and `_`, blanks as `-`.
fn anchors(text: &str) -> BTreeSet<String> {
    let mut anchors = BTreeSet::new();
    read(text, |part| {
        let heading = part.err().filter(|line| line.starts_with('#')).map(|line| line.trim_start_matches('#').trim());
        if let Some(heading) = heading {
            let kept = heading.to_lowercase();
            let kept = kept.chars().filter(|c| c.is_alphanumeric() || " -_".contains(*c));
            let name: String = kept.map(|c| if c == ' ' { '-' } else { c }).collect();
            let again = (1..).map(|number| format!("{name}-{number}"));
            let free = std::iter::once(name.clone()).chain(again).find(|name| !anchors.contains(name));
            anchors.extend(free);
        }
    });
    anchors
}

#[test]
fn every_link_leads_somewhere() {
    let (mut found, mut links) = (Vec::new(), 0);
    for path in documents(Path::new("")) {
        let text = fs::read_to_string(root().join(&path)).expect("a document");
        let inside = targets(&text).into_iter().filter(|target| !target.contains("://"));
        for target in inside {
            links += 1;
            let (file, anchor) = target.split_once('#').unwrap_or((&target, ""));
            let place = if file.is_empty() { path.clone() } else { path.with_file_name(file) };
            let whole = root().join(&place);
            if !whole.exists() {
                found.push(format!("{}: `{target}`: there is no such file", path.display()));
            } else if !anchor.is_empty() && !anchors(&fs::read_to_string(whole).unwrap_or_default()).contains(anchor) {
                found.push(format!("{}: `{target}`: there is no such heading", path.display()));
            }
        }
    }
    assert!(found.is_empty(), "\n{}", found.join("\n"));
    assert!(links > 50, "only {links} links were found");
}

#[test]
fn every_page_is_in_the_list_of_pages() {
    let list = targets(&fs::read_to_string(root().join("docs/README.md")).expect("the list"));
    let pages = documents(Path::new("docs"));
    let names = pages.iter().filter_map(|page| page.strip_prefix("docs").ok()?.to_str());
    let missing: Vec<&str> =
        names.filter(|name| *name != "README.md" && !list.iter().any(|link| link == name)).collect();
    assert!(missing.is_empty(), "docs/README.md does not list {missing:?}");
}

#[test]
fn links_and_headings_are_found() {
    let text = "# A b-c: `d_e`!\n\n[x](y.md#z), `[no](code)` and [over\nlines](v)\n<source srcset=\"d.png\"><img src=\"l.png\">\n\n```sh\n# none\n[no](block)\n```\n## Twice\n## Twice\n";
    assert_eq!(targets(text), ["y.md#z", "v", "l.png", "d.png"]);
    assert_eq!(anchors(text).into_iter().collect::<Vec<_>>(), ["a-b-c-d_e", "twice", "twice-1"]);
}
