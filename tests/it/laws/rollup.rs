//! The report of a rollup file is the report of its logs, and that of parts the one of the whole: in every form, under any
//! policy, byte for byte.

use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash as _, Hasher as _};
use std::path::{Path, PathBuf};

use proptest::prelude::*;
use proptest::sample::select;

use super::memo::{BY, OTHERS, log, map_with_ids, policy};
use crate::support::{Folder, Run, draws, finish, fixture, program, root};

/// The forms that are compared.
const FORMS: [&str; 6] = ["json", "csv", "md", "txt", "html", "xlsx"];

/// What `report` and `plan` make of inputs, in every form, and what they print beside it.
fn outputs(folder: &Folder, options: &[String], by: &str, inputs: &[&Path]) -> Vec<(String, Vec<u8>)> {
    let mut outputs = Vec::new();
    for command in ["report", "plan"] {
        let files = FORMS.map(|form| folder.path(&format!("out.{form}")));
        let mut words = program();
        words.arg(command).args(inputs).args(options).arg("--force");
        if command == "report" {
            words.args(["--by", by, "--movers"]);
        }
        words.args(files.iter().flat_map(|file| [Path::new("-o"), file]));
        let Run { code, stderr, stdout } = finish(&mut words);
        outputs.push((format!("{command} as a run"), format!("{code} {stdout} {stderr}").into_bytes()));
        for (form, file) in FORMS.into_iter().zip(files) {
            outputs.push((format!("{command} {form}"), std::fs::read(file).unwrap_or_default()));
        }
    }
    outputs
}

fn rollup(folder: &Folder, name: &str, options: &[String], by: &str, threads: &str, inputs: &[&Path]) -> PathBuf {
    let part = folder.path(name);
    let mut words = program();
    words.arg("rollup").args(inputs).args(options).args(["--by", by, "--hours", "--force", "--threads", threads]);
    let made = finish(words.arg("-o").arg(&part));
    // Where rows are rejected it ends as a report of them does.
    assert!(matches!(made.code, 0 | 3), "{}", made.transcript());
    part
}

fn compare(what: &str, one: &[(String, Vec<u8>)], other: &[(String, Vec<u8>)]) {
    for ((name, one), (_, other)) in one.iter().zip(other) {
        if one != other {
            let [one, other] = [one, other].map(|bytes| String::from_utf8_lossy(bytes).into_owned());
            let line = one.lines().zip(other.lines()).position(|(one, other)| one != other).unwrap_or_default();
            let [one, other] = [&one, &other].map(|text| text.lines().nth(line).unwrap_or_default().to_owned());
            panic!("{what}: {name} differs in line {}:\n{one}\n{other}", line + 1);
        }
    }
}

/// The built-in prices with long-context prices that begin among the prompts of the log.
fn other_steps(folder: &Folder) -> PathBuf {
    let prices = std::fs::read_to_string(root().join("pricing.yaml")).expect("prices");
    assert!(prices.contains(" 272000:"), "prices of long prompts");
    folder.write("prices.yaml", prices.replace(" 272000:", " 990:"))
}

/// The rows of a log in two, so that no identity has rows in both.
fn parts(log: &str) -> [String; 2] {
    let (header, rows) = log.split_once('\n').expect("a header");
    let mut parts = [format!("{header}\n"), format!("{header}\n")];
    for row in rows.lines() {
        let cells: Vec<&str> = row.split(',').collect();
        let is_known_by_id = !cells[0].is_empty() && cells[2].is_empty();
        let mut hasher = DefaultHasher::new();
        if is_known_by_id { cells[0] } else { cells[1] }.hash(&mut hasher);
        let part = &mut parts[usize::from(hasher.finish().is_multiple_of(2))];
        part.push_str(row);
        part.push('\n');
    }
    parts
}

proptest! {
    #![proptest_config(ProptestConfig { cases: draws(10, 160), failure_persistence: None, rng_seed: proptest::test_runner::RngSeed::Fixed(22), ..ProptestConfig::default() })]

    #[test]
    fn the_report_of_a_rollup_is_that_of_its_logs(
        policy in policy(),
        by in select(BY.to_vec()),
        log in log(),
        other in prop::option::of(select(OTHERS.to_vec())),
        with_ids in any::<bool>(),
        dedupe in any::<bool>(),
        prices in select(vec!["built-in", "built-in", "other steps", "few"]),
    ) {
        let folder = Folder::new();
        let mut options = vec!["--policy".to_owned(), folder.write("policy.yaml", policy).display().to_string()];
        if with_ids {
            options.extend(["--map".to_owned(), map_with_ids(&folder).display().to_string()]);
        }
        match prices {
            "other steps" => options.extend(["--prices".to_owned(), other_steps(&folder).display().to_string()]),
            "few" => {
                options.extend(["--prices".to_owned(), fixture("pricing/ok/small.yaml").display().to_string()]);
            }
            _ => {}
        }
        if !dedupe {
            options.push("--no-dedupe".to_owned());
        }
        let [a, b] = parts(&log);
        let (a, b) = (folder.write("a.csv", a), folder.write("b.csv", b));
        let other = other.map(|name| fixture("formats").join(name));
        let logs: Vec<&Path> = [Some(&*a), Some(&*b), other.as_deref()].into_iter().flatten().collect();
        let raw = outputs(&folder, &options, by, &logs);

        let whole = rollup(&folder, "whole.csv", &options, by, "1", &logs);
        compare("one rollup", &outputs(&folder, &options, by, &[&whole]), &raw);
        let first = rollup(&folder, "first.csv.gz", &options, by, "2", &[&a]);
        let rest = rollup(&folder, "rest.csv.zst", &options, by, "1", &logs[1..]);
        compare("two rollups", &outputs(&folder, &options, by, &[&first, &rest]), &raw);
        // With a log beside it a note says that calls may be in both.
        if !dedupe {
            let mixed: Vec<&Path> = std::iter::once(&*first).chain(logs[1..].iter().copied()).collect();
            compare("a rollup and logs", &outputs(&folder, &options, by, &mixed), &raw);
        }
        let again = rollup(&folder, "again.csv", &options, by, "1", &[&first, &rest]);
        let [whole, again] = [whole, again].map(|file| std::fs::read_to_string(file).expect("a file"));
        prop_assert_eq!(again, whole, "a rollup of rollups");
    }
}
