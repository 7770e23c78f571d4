//! `explain`: the same verdicts and figures, with every step that leads to them.

use std::path::PathBuf;

use batchwise::money::{DecimalStyle, Money};
use serde_json::Value;

use crate::support::{Folder, Run, finish, fixture, program, report_json};

fn explain(file: &PathBuf, words: &[&str]) -> Run {
    finish(program().arg("explain").arg(file).args(words))
}

/// Whole pages, one under the other.
fn page(runs: &[(PathBuf, &[&str])]) -> String {
    runs.iter()
        .map(|(file, words)| {
            let run = explain(file, words);
            assert_eq!(run.code, 0, "{words:?}: {}", run.stderr);
            let name = file.file_name().expect("a name").to_string_lossy();
            format!("\n===== explain {name} {}\n{}", words.join(" "), run.transcript())
        })
        .collect::<Vec<_>>()
        .concat()
}

fn sample() -> PathBuf {
    fixture("verdicts/october.csv")
}

/// The sample's calls of a few workloads.
fn part_of_the_sample(folder: &Folder, workloads: &[&str]) -> PathBuf {
    let text = std::fs::read_to_string(sample()).expect("the sample");
    let is_wanted = |line: &&str| line.starts_with("request_id") || workloads.iter().any(|name| line.contains(name));
    folder.write("part.csv", text.split_inclusive('\n').filter(is_wanted).collect::<String>())
}

#[test]
fn workloads_of_the_sample() {
    let folder = Folder::new();
    let part = part_of_the_sample(&folder, &["claims-backlog", "quote-builder"]);
    insta::assert_snapshot!(
        "workloads",
        page(&[
            (sample(), &["--workload", "svc-7"]),
            (sample(), &["--workload", "contract-review"]),
            (part.clone(), &["--workload", "claims-backlog"]),
            (part, &["--workload", "quote-builder"]),
        ])
    );
}

#[test]
fn calls_of_the_sample() {
    // A call that batch would make dearer, one with a word in its name, a failed one, one that is in batch already.
    let folder = Folder::new();
    let part = part_of_the_sample(&folder, &["nightly-evals", "weekly-digest"]);
    insta::assert_snapshot!(
        "calls",
        page(&[
            (sample(), &["--call", "req_7f0938a1c946e7e7"]),
            (part.clone(), &["--call", "req_39c15c6b0dbb94e2"]),
            (part.clone(), &["--call", "req_6466ba00b8b42c5e"]),
            (part, &["--call", "req_161dc905912a7ee2"]),
        ])
    );
}

#[test]
fn exports_of_buckets_and_bills() {
    let runs: [(PathBuf, &[&str]); 3] = [
        (fixture("formats/openai-usage-csv/good.csv"), &["--workload", "proj_invented_east"]),
        (fixture("formats/anthropic-tokens-csv/good.csv"), &["--workload", "Sales ops"]),
        (fixture("formats/openai-cost-csv/good.csv"), &["--workload", "East, old"]),
    ];
    insta::assert_snapshot!("buckets", page(&runs));
}

#[test]
fn rules_are_tried_one_by_one() {
    let folder = Folder::new();
    let policy = "
schema: 1
rules:
  - {id: at-night, when: {hour: {from: 22, to: 5}}, then: batch}
  - {id: large, when: {workload: [\"svc-*\"], input_tokens: {above: 1000000}}, then: batch}
  - {id: of-a-team, when: {team: research}, then: real-time}
  - {id: services, when: {workload: [\"svc-*\"], provider: openai}, then: batch, max_wait: 24h, owner: data-platform, because: results are read next morning}
";
    let policy = folder.write("policy.yaml", policy);
    let policy = policy.to_str().expect("a path of text");
    insta::assert_snapshot!(
        "rules",
        page(&[(sample(), &["--workload", "svc-7", "--policy", policy])]).replace(policy, "policy.yaml")
    );
}

fn money(text: &str) -> Money {
    Money::parse(text, DecimalStyle::Point).unwrap_or_else(|error| panic!("`{text}`: {error}")).0
}

/// All amounts that lines with this beginning show.
fn amounts<'p>(page: &'p str, label: &'p str) -> impl Iterator<Item = Money> + 'p {
    page.lines()
        .filter_map(move |line| line.strip_prefix(label)?.strip_prefix('$'))
        .map(|rest| money(rest.split(' ').next().unwrap_or(rest)))
}

fn sum(amounts: impl Iterator<Item = Money>) -> Money {
    Money::sum(amounts).expect("a bill")
}

/// Parts of a sum, each `tokens × rate = $amount`, must add up to the line above them.
fn parts_add_up(page: &str) {
    let lines: Vec<&str> = page.lines().collect();
    for (index, line) in lines.iter().enumerate() {
        let Some(total) = line.strip_prefix("  now: $").or_else(|| line.strip_prefix("  in batch: $")) else {
            continue;
        };
        let parts: Vec<&str> =
            lines[index + 1..].iter().take_while(|line| line.contains(" per 1M = $")).copied().collect();
        if parts.is_empty() {
            continue;
        }
        let of_parts = parts.iter().map(|part| money(part.rsplit_once('$').expect("an amount").1));
        assert_eq!(sum(of_parts), money(total), "{line}");
        for part in parts {
            let words: Vec<&str> = part.split_whitespace().collect();
            let (tokens, rate) = (words[1].replace(',', ""), words[3]);
            let units = money(rate).units() / 1_000_000 * tokens.parse::<i128>().expect("a count");
            assert_eq!(Money::from_units(units), money(words[7].trim_start_matches('$')), "{part}");
        }
    }
}

/// Every workload of a report, explained: what is said to be paid now adds up to what the report says.
fn every_workload_adds_up(file: &PathBuf) {
    let report = report_json(std::slice::from_ref(file), &["--quiet"]).json();
    let rows = report["workloads"].as_array().expect("rows");
    let mut names: Vec<&str> = rows.iter().filter_map(|row| row["workload"].as_str()).collect();
    names.sort_unstable();
    names.dedup();
    let mut all = Money::ZERO;
    for name in names {
        let run = explain(file, &["--workload", name]);
        assert_eq!(run.code, 0, "{name}: {}", run.stderr);
        let text = |value: &Value| value.as_str().map_or(Money::ZERO, money);
        let of_report = sum(rows.iter().filter(|row| row["workload"] == name).map(|row| text(&row["cost"])));
        let now = sum(amounts(&run.stdout, "  now: "));
        assert_eq!(now, of_report, "{}: {name}\n{}", file.display(), run.stdout);
        let known = rows
            .iter()
            .filter(|row| row["workload"] == name)
            .all(|row| row["batch_cost"].is_string() && row["verdict"] != "already-batch");
        if known {
            let batch = sum(rows.iter().filter(|row| row["workload"] == name).map(|row| text(&row["batch_cost"])));
            let nothing = run.stdout.lines().filter(|line| line.starts_with("  now: nothing")).count();
            assert!(
                nothing > 0 || sum(amounts(&run.stdout, "  in batch: ")) == batch,
                "{}: {name}\n{}",
                file.display(),
                run.stdout
            );
        }
        parts_add_up(&run.stdout);
        all = all.add(now).expect("a bill");
    }
    assert_eq!(all.to_string(), report["cost"]["computed"].as_str().unwrap_or_default(), "{}", file.display());
}

#[test]
fn explanations_add_up_to_the_report() {
    let folder = Folder::new();
    let some: String = std::fs::read_to_string(sample()).expect("the sample").split_inclusive('\n').take(600).collect();
    every_workload_adds_up(&folder.write("calls.csv", some));
    for file in [
        "batchwise-csv/good.csv",
        "litellm-jsonl/good.jsonl",
        "langfuse-jsonl/good.jsonl",
        "openai-usage-csv/good.csv",
        "anthropic-tokens-csv/good.csv",
        "anthropic-cost-csv/good.csv",
        "openai-cost-csv/good.csv",
        "openai-usage-api/good.json",
        "openai-costs-api/overlap.json",
        "anthropic-cost-api/good.json",
    ] {
        every_workload_adds_up(&fixture("formats").join(file));
    }
}

#[test]
fn names_that_are_not_there() {
    let near = explain(&sample(), &["--workload", "nightly-eval"]);
    assert_eq!((near.code, near.stdout.as_str()), (2, ""));
    assert!(near.stderr.contains("hint: the nearest name is `nightly-evals`"), "{}", near.stderr);
    let folder = Folder::new();
    let none = folder.write("calls.csv", "timestamp,model,input_tokens,output_tokens\n");
    let nobody = explain(&none, &["--workload", "svc-7"]);
    assert!(nobody.code == 2 && nobody.stderr.contains("hint: the files hold no workloads"), "{}", nobody.stderr);
    let duplicate = folder.write(
        "calls.csv",
        "request_id,timestamp,model,input_tokens,output_tokens\na,2026-10-05T10:00:00Z,gpt-5.4,1000,100\na,2026-10-05T10:00:00Z,gpt-5.4,1000,200\n",
    );
    let one = explain(&duplicate, &["--call", "a"]);
    assert_eq!(
        (one.code, one.stdout.matches("Call a (").count()),
        (0, 1),
        "only the telling that counts: {}",
        one.stdout
    );
}
