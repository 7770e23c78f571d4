//! Price tables, policies and mappings with one mistake each: refused before anything is read, with the place of the
//! mistake.

use std::path::Path;

use super::{Catalogue, files_in, one_call};
use crate::support::fixture;

/// A run with every file of a folder, each with the option that takes it.
fn catalogue(name: &str, option: &str, folder: &Path) {
    let mut catalogue = Catalogue::new();
    let calls = one_call(&catalogue.folder);
    let files = files_in(folder);
    assert!(files.len() > 10, "{}: only {} files", folder.display(), files.len());
    for file in files {
        let title = file.file_stem().expect("a name").to_string_lossy().into_owned();
        let path = file.strip_prefix(crate::support::root()).expect("a fixture");
        let run = catalogue.run(&title, ["report".as_ref(), calls.as_os_str(), option.as_ref(), path.as_os_str()]);
        assert_eq!((run.code, run.stdout.as_str()), (2, ""), "{title}: nothing may be read or written");
        assert!(run.stderr.contains(&format!(" --> {}", path.display())), "{title} names no file: {}", run.stderr);
    }
    catalogue.keep(name);
}

#[test]
fn price_tables() {
    catalogue("price-tables", "--prices", &fixture("pricing/bad"));
}

#[test]
fn policies() {
    catalogue("policies", "--policy", &fixture("policy/bad"));
}

#[test]
fn mappings() {
    catalogue("mappings", "--map", &fixture("maps/bad"));
}

#[test]
fn the_table_without_its_mistake_is_read() {
    let mut catalogue = Catalogue::new();
    let calls =
        catalogue.folder.write("calls.csv", "when,model,prompt,answer\n2026-10-05T10:00:00Z,gpt-5.4,1000,100\n");
    let map = fixture("maps/our-export.yaml");
    let run = catalogue.run("", ["report".as_ref(), calls.as_os_str(), "--map".as_ref(), map.as_os_str()]);
    assert_eq!(run.code, 0, "{}", run.transcript());
}

/// The price of one model, with everything around it.
fn table(standard: &str) -> String {
    format!(
        "schema: 1\ncurrency: USD\nproviders:\n  acme:\n    models:\n      swift:\n        prices:\n          \
         - source: \"https://acme.example/prices\"\n            checked: 2026-10-01\n            standard: {standard}\n"
    )
}

#[test]
fn files_that_are_no_tables() {
    let mut catalogue = Catalogue::new();
    let calls = one_call(&catalogue.folder);
    let mut refuse = |option: &str, name: &str, content: Option<Vec<u8>>| {
        let path = match content {
            Some(content) => catalogue.folder.write(name, content),
            None => catalogue.folder.path(name),
        };
        let run = catalogue.run(
            &format!("{option} {name}"),
            ["report".as_ref(), calls.as_os_str(), option.as_ref(), path.as_os_str()],
        );
        assert_eq!(run.code, 2, "{name}");
    };
    for option in ["--prices", "--policy", "--map"] {
        refuse(option, "nowhere.yaml", None);
    }
    refuse("--prices", "", None);
    refuse("--policy", "latin-1.yaml", Some(b"schema: 1 # gr\xfc\xdfe\n".to_vec()));
    refuse("--map", "large.yaml", Some(format!("schema: 1 #{}\n", "x".repeat(5 * 1024 * 1024)).into_bytes()));
    refuse("--prices", "brackets.yaml", Some("[".repeat(100).into_bytes()));
    refuse("--policy", "braces.yaml", Some("{a: ".repeat(100_000).into_bytes()));
    refuse("--map", "lists.yaml", Some("- ".repeat(100_000).into_bytes()));
    refuse("--prices", "deep.json", Some("{\"a\":".repeat(100_000).into_bytes()));
    let laugh = |level| format!("  - &a{level} [*a{0}, *a{0}, *a{0}, *a{0}, *a{0}, *a{0}, *a{0}, *a{0}]\n", level - 1);
    let laughs: String = (1..30).map(laugh).collect();
    refuse("--policy", "laughs.yaml", Some(format!("schema: 1\nworkload:\n  - &a0 app\n{laughs}").into_bytes()));
    refuse("--prices", "hostile.yaml", Some(b"schema: 1\n\"\\e[31mred\\u202e\": 1\n".to_vec()));
    catalogue.keep("files-that-are-no-tables");
}

#[test]
fn prices_in_all_forms_that_are_read() {
    let folder = crate::support::Folder::new();
    let calls =
        folder.write("calls.csv", "timestamp,model,input_tokens,output_tokens\n2026-10-05T10:00:00Z,swift,1000000,0\n");
    for (written, cost) in [
        ("2.50", "2.5"),
        ("\"2.50\"", "2.5"),
        ("1e-6", "0.000001"),
        ("0", "0"),
        ("1000", "1000"),
        ("0.000000000001", "0.000000000001"),
    ] {
        let prices = folder.write("prices.yaml", table(&format!("{{input: {written}, output: 10}}")));
        let run =
            crate::support::report_json(std::slice::from_ref(&calls), &["--prices", &prices.display().to_string()]);
        assert_eq!(run.json()["cost"]["computed"], cost, "{written}");
    }
}
