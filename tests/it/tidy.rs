//! What no compiler holds: which way modules depend, who may name which library, and how long a file may be.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use crate::support::root;

mod siblings;

/// Modules from the ground up. A module may name itself and those before it, never one behind it.
const ORDER: [&str; 24] = [
    // Ground: maps, exact numbers, dates, messages, strict YAML.
    "maps",
    "money",
    "calendar",
    "diagnostic",
    "yaml",
    // Core: pure. What a row says, what it costs, whether it can wait, and what that makes of a month.
    "usage",
    "pricing",
    "policy",
    "verdict",
    "rollup",
    "assess",
    "scenario",
    "plan",
    // Edges: bytes in, bytes out.
    "progress",
    "interrupt",
    "formats",
    "input",
    "sql",
    "output",
    "report",
    "prices",
    // Top: what was typed, resolved, and wired.
    "cli",
    "settings",
    "commands",
];

/// The modules that know no file, no clock, no library of formats, and print nothing.
const CORE: [&str; 10] =
    ["money", "calendar", "usage", "pricing", "policy", "verdict", "rollup", "assess", "scenario", "plan"];

/// What the core must not name.
const NOT_IN_CORE: [&str; 9] = [
    "std::fs",
    "std::io",
    "std::env",
    "std::process",
    "std::thread",
    "clap::",
    "csv::",
    "serde_json::",
    "comfy_table::",
];

/// What nobody may name: the program knows no clock and no network.
const NOWHERE: [&str; 5] = ["SystemTime::now", "Instant::now", "Timestamp::now", "Zoned::now", "std::net"];
/// But for the line that tells how fast reading is, from which no stage can learn the time: nothing public of it
/// returns more than a handle.
const MAY_ASK_A_CLOCK: (&str, &str) = ("progress.rs", "Instant::now");

/// Libraries that belong to one place, so that they can be exchanged there.
const AT_HOME: &[(&str, &[&str])] = &[
    ("serde_yaml::", &["yaml.rs"]),
    ("clap::", &["cli.rs", "cli/", "main.rs", "commands/completions.rs", "commands/man.rs"]),
    ("clap_complete::", &["cli.rs", "commands/completions.rs"]),
    ("clap_mangen::", &["commands/man.rs"]),
    ("askama::", &["report/html.rs", "report/html/"]),
    ("comfy_table::", &["report/", "prices/"]),
    ("encoding_rs::", &["input/encoding.rs"]),
    ("rust_xlsxwriter::", &["report/xlsx.rs", "report/xlsx/"]),
    // Rows are read by our own splitter; the library writes, and checks the splitter in a test.
    (
        "csv::",
        &[
            "commands.rs",
            "input/csv_rows.rs",
            "input/csv_index/tests.rs",
            "prices/",
            "report/csv.rs",
            "report/csv/",
            "report/plan/csv.rs",
            "sql/self_test.rs",
        ],
    ),
    (
        "serde_json::",
        &[
            "yaml.rs",
            "formats/",
            "input/sniff.rs",
            "input/file_signatures.rs",
            "input/json_keys.rs",
            "input/json_layout.rs",
            "input/parts.rs",
            "report/csv.rs",
            "report/csv/",
            "report/json.rs",
            "report/json/",
            "report/plan/",
            "report/estimate.rs",
            "commands/classify/",
            "prices/",
        ],
    ),
];

/// Everything in `report/` says or draws a report, but for what builds it. The report is a value by then: no prices, rules,
/// rows or files.
const BUILDS: &str = "report/build";
const RENDERERS_MAY_NAME: [&str; 6] = ["calendar", "diagnostic", "money", "policy", "report", "usage"];
/// What draws a plan knows it too.
const DRAWS_PLANS: [&str; 3] = ["report/html", "report/plan", "report/xlsx"];

/// What judges a row, or works out what it means: all of it sees what a row is reduced to, so that the verdict cannot hang on
/// which of several rows came first.
const JUDGES: [&str; 7] = [
    "rollup/fold/bill_line.rs",
    "rollup/fold/judge.rs",
    "rollup/fold/names.rs",
    "rollup/fold/resolve.rs",
    "rollup/fold/rules.rs",
    "rollup/shared.rs",
    "verdict.rs",
];

/// Lines of a source file before it should become two.
const LONGEST: usize = 500;
/// A source file: its path under `src`, and its lines without comments.
struct Source {
    path: String,
    lines: Vec<(usize, String)>,
    length: usize,
}

impl Source {
    /// The module at the top that the file belongs to.
    fn module(&self) -> &str {
        self.path.split(['/', '.']).next().unwrap_or_default()
    }

    fn is_nested(&self) -> bool {
        self.path.contains('/')
    }

    /// Places where the code names something, as `path:line`.
    fn naming<'s>(&'s self, name: &'s str) -> impl Iterator<Item = String> + 's {
        self.lines
            .iter()
            .filter(move |(_, line)| names(line, name))
            .map(|(number, _)| format!("src/{}:{number}", self.path))
    }
}

/// Whether a line names something, as a whole word in front.
fn names(line: &str, name: &str) -> bool {
    line.match_indices(name).any(|(at, _)| !line[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_' || c == ':'))
}

fn sources() -> Vec<Source> {
    let src = root().join("src");
    let mut paths = Vec::new();
    walk(&src, &mut paths);
    let sources = paths.into_iter().filter(|path| path.extension().is_some_and(|ending| ending == "rs")).map(|path| {
        let text = fs::read_to_string(&path).expect("UTF-8");
        let is_code = |line: &str| !line.trim_start().starts_with("//");
        Source {
            path: path.strip_prefix(&src).expect("under src").to_string_lossy().replace('\\', "/"),
            lines: (1..)
                .zip(text.lines())
                .filter(|(_, line)| is_code(line))
                .map(|(number, line)| (number, line.to_owned()))
                .collect(),
            length: text.lines().count(),
        }
    });
    sources.collect()
}

/// All files below a folder, but for what is built or kept by tools.
fn walk(folder: &Path, found: &mut Vec<PathBuf>) {
    let mut entries: Vec<PathBuf> =
        fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path()).collect();
    entries.sort();
    for path in entries {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if path.is_dir() {
            // What fuzzing makes and finds is other people's text too.
            if !["target", ".git", "__pycache__", "corpus", "artifacts"].contains(&name.as_str()) {
                walk(&path, found);
            }
        } else if name != ".git" {
            found.push(path);
        }
    }
}

/// Every text of the repository with its path, but for the fixtures, which are other people's texts.
fn texts() -> Vec<(String, String)> {
    let mut paths = Vec::new();
    walk(root(), &mut paths);
    let relative =
        |path: &Path| path.strip_prefix(root()).expect("under the root").to_string_lossy().replace('\\', "/");
    paths
        .iter()
        .map(|path| (relative(path), path))
        .filter(|(name, _)| !name.starts_with("fixtures/"))
        .filter_map(|(name, path)| Some((name, fs::read_to_string(path).ok()?)))
        .collect()
}

/// The modules a line names after `crate::`.
fn modules_named(line: &str) -> impl Iterator<Item = &str> {
    line.split("crate::")
        .skip(1)
        .map(|rest| rest.split(|c: char| !c.is_alphanumeric() && c != '_').next().unwrap_or_default())
}

fn report(found: &[String]) {
    assert!(found.is_empty(), "\n{}", found.join("\n"));
}

#[test]
fn modules_depend_one_way() {
    let position = |module: &str| ORDER.iter().position(|known| *known == module);
    let mut found = Vec::new();
    for source in sources().iter().filter(|source| !["lib", "main"].contains(&source.module())) {
        let Some(own) = position(source.module()) else {
            found.push(format!(
                "src/{}: give the module `{}` a place in the order of {}",
                source.path,
                source.module(),
                file!()
            ));
            continue;
        };
        for (number, line) in &source.lines {
            let place = format!("src/{}:{number}", source.path);
            for module in modules_named(line) {
                match position(module) {
                    None => found.push(format!(
                        "{place}: `crate::{module}` is no module of the order; import modules one by one"
                    )),
                    Some(other) if other > own => {
                        found.push(format!("{place}: `{}` may not know `{module}`", source.module()));
                    }
                    Some(_) => {}
                }
            }
            // `super::` must not be a way around.
            let leaves = if source.is_nested() {
                line.contains("super::super::")
            } else {
                line.contains("super::") && !line.contains("super::*")
            };
            if leaves {
                found.push(format!("{place}: name other modules by `crate::`"));
            }
        }
    }
    report(&found);
}

#[test]
fn the_core_is_pure() {
    let all = sources();
    let core = all.iter().filter(|source| CORE.contains(&source.module()));
    let in_core = core.flat_map(|source| {
        NOT_IN_CORE
            .iter()
            .flat_map(|name| source.naming(name).map(move |place| format!("{place}: the core does not know `{name}`")))
    });
    let anywhere = all.iter().flat_map(|source| {
        NOWHERE
            .iter()
            .filter(|name| (source.path.as_str(), **name) != MAY_ASK_A_CLOCK)
            .flat_map(|name| source.naming(name).map(move |place| format!("{place}: no clock and no network")))
    });
    let told = all.iter().filter(|source| source.path == MAY_ASK_A_CLOCK.0).flat_map(|source| {
        let answers = source.lines.iter().filter(|(_, line)| {
            line.trim_start().starts_with("pub fn") && line.contains("->") && !line.contains("-> Option<Shown>")
        });
        answers.map(|(number, _)| format!("src/{}:{number}: stages write here and read nothing", source.path))
    });
    report(&in_core.chain(anywhere).chain(told).collect::<Vec<_>>());
}

#[test]
fn libraries_stay_at_home() {
    let mut found = Vec::new();
    for source in sources() {
        for (library, homes) in AT_HOME {
            if !homes.iter().any(|home| source.path == *home || (home.ends_with('/') && source.path.starts_with(home)))
            {
                found.extend(
                    source.naming(library).map(|place| format!("{place}: `{library}` belongs to {}", homes.join(", "))),
                );
            }
        }
    }
    report(&found);
}

#[test]
fn renderers_only_draw() {
    let mut found = Vec::new();
    let all = sources();
    let renderers: Vec<_> =
        all.iter().filter(|source| source.path.starts_with("report/") && !source.path.starts_with(BUILDS)).collect();
    assert!(renderers.len() > 50, "only {} renderers", renderers.len());
    for source in renderers {
        let draws_plans = DRAWS_PLANS.iter().any(|start| source.path.starts_with(start));
        for (number, line) in &source.lines {
            let place = format!("src/{}:{number}", source.path);
            for module in modules_named(line) {
                let is_cases = module != "policy" || line.contains("crate::policy::Cases");
                let may_name = RENDERERS_MAY_NAME.contains(&module) || (draws_plans && module == "plan");
                if !may_name || !is_cases {
                    found.push(format!("{place}: a renderer does not know `{module}`"));
                }
            }
            if line.contains("build::") {
                found.push(format!("{place}: a renderer does not build"));
            }
        }
    }
    report(&found);
}

#[test]
fn who_judges_sees_no_row() {
    let all = sources();
    let judges = JUDGES.iter().map(|path| all.iter().find(|source| source.path == *path).expect("a file"));
    let found: Vec<_> = judges
        .flat_map(|source| source.naming("UsageRecord").map(|place| format!("{place}: judging sees `Reduced` alone")))
        .collect();
    report(&found);
}

#[test]
fn files_are_short() {
    let mut found = Vec::new();
    let all = sources();
    for source in &all {
        if source.length > LONGEST {
            found.push(format!("src/{} has {} lines, more than {LONGEST}: make it two", source.path, source.length));
        }
    }
    report(&found);
}

#[test]
fn nothing_is_left_to_do_and_nothing_points_home() {
    // Put together here, so that this file does not find itself.
    let words = [
        (concat!("TO", "DO"), "do it, or write it into the changelog as missing"),
        (concat!("FIX", "ME"), "mend it"),
        (concat!("../", "shared"), "write it here"),
        (concat!("crates", ".io"), "no host of a registry"),
        (concat!("pypi", ".org"), "no host of a registry"),
        (concat!("npmjs", ".org"), "no host of a registry"),
        (concat!("sparse", "+"), "no host of a registry"),
    ];
    let mut found = Vec::new();
    for (path, text) in texts() {
        assert!(!path.starts_with(".cargo/"), "{path}: settings of one machine");
        if path.ends_with("Cargo.lock") {
            // The package manager's own name for its usual index, and nothing else.
            let sources: BTreeSet<&str> = text.lines().filter(|line| line.starts_with("source = ")).collect();
            assert_eq!(sources.len(), 1, "{path}: packages from several places: {sources:?}");
            continue;
        }
        for (number, line) in (1..).zip(text.lines()) {
            for (word, advice) in words.iter().filter(|(word, _)| names(line, word)) {
                found.push(format!("{path}:{number}: `{word}`: {advice}"));
            }
        }
    }
    report(&found);
}

#[test]
fn every_test_file_is_run() {
    let main = fs::read_to_string(root().join("tests/it/main.rs")).expect("the tests");
    let files = fs::read_dir(root().join("tests/it")).expect("the tests").map(|entry| entry.expect("an entry").path());
    for file in files.filter(|file| file.extension().is_some_and(|ending| ending == "rs")) {
        let name = file.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        assert!(name == "main" || main.contains(&format!("mod {name};")), "{name}.rs is in no test");
    }
}

/// Documents that name files of the repository are wrong as soon as one moves.
#[test]
fn documents_name_files_that_exist() {
    let tops = ["src/", "tests/", "fixtures/", "examples/", "docs/", "benches/", "fuzz/", ".ci/"];
    let mut found = Vec::new();
    for (path, text) in
        texts().into_iter().filter(|(path, _)| Path::new(path).extension().is_some_and(|ending| ending == "md"))
    {
        for (number, line) in (1..).zip(text.lines()) {
            let quoted = line.split('`').skip(1).step_by(2).flat_map(str::split_whitespace);
            let named = quoted
                .filter(|word| tops.iter().any(|top| word.starts_with(top)) && !word.contains(['<', '*', '…', '{']));
            for name in
                named.map(|word| word.split(':').next().unwrap_or(word)).filter(|name| !root().join(name).exists())
            {
                found.push(format!("{path}:{number}: `{name}` does not exist"));
            }
        }
    }
    report(&found);
}
