//! Calls or sums: what each input is, what is refused for sums, and what a better export would tell.

use serde_json::Value;

use crate::errors::Catalogue;
use crate::support::{finish, fixture, program, report_json};

/// Gap, formats and cost a month of each line.
fn improvements(report: &Value) -> Vec<[String; 3]> {
    let lines = report["improvements"].as_array().expect("a list");
    let text = |line: &Value, key: &str| line[key].as_str().unwrap_or_default().to_owned();
    lines.iter().map(|line| ["gap", "formats", "monthly_cost"].map(|key| text(line, key))).collect()
}

#[test]
fn what_an_export_leaves_open_has_its_dollars() {
    let october = ["--from", "2026-10-01", "--to", "2026-10-31", "--quiet"];
    let open = |file: &str| {
        let report = report_json(&[fixture("formats").join(file)], &october).json();
        let computed = report["cost"]["computed"].as_str().expect("an amount").to_owned();
        (improvements(&report), computed)
    };
    let line = |gap: &str, format: &str, cost: &str| [gap.to_owned(), format.to_owned(), cost.to_owned()];
    // Grouped by all that is offered only the size of prompts is open, and only for the models where it matters.
    let (lines, _) = open("openai-usage-api/good.json");
    assert_eq!(lines, [line("context", "openai-usage-api", "19.0339075")]);
    // Grouped by model alone everything may be batch, and nothing has a name.
    let (lines, all) = open("openai-usage-api/by-model.json");
    assert_eq!(lines[..2], [line("batch", "openai-usage-api", &all), line("workload", "openai-usage-api", &all)]);
    // A vendor that states the context window leaves only open what runs without a key in no workspace.
    let (lines, _) = open("anthropic-usage-api/good.json");
    assert_eq!(lines, [line("workload", "anthropic-usage-api", "0.4125")]);
    // A bill without line items names no model, alone and beside usage.
    let (lines, all) = open("openai-costs-api/ungrouped.json");
    assert_eq!(lines[0], line("model", "openai-costs-api", &all));
    let files = ["openai-usage-api/good.json", "openai-costs-api/ungrouped.json"];
    let report = report_json(&files.map(|file| fixture("formats").join(file)), &october).json();
    assert!(improvements(&report).contains(&line("model", "openai-costs-api", "6.626081")), "{report}");
    // A log of single calls with names leaves nothing open.
    assert_eq!(
        improvements(&report_json(&[fixture("verdicts/october.csv")], &["--quiet"]).json()),
        [] as [[String; 3]; 0]
    );
}

#[test]
fn sums_are_no_calls() {
    let mut catalogue = Catalogue::new();
    let sums = fixture("formats/openai-usage-api/by-model.json");
    let shown = |line: &str| ["Read as", "Export", "group_by", "sums of"].iter().any(|word| line.contains(word));
    let files = [sums.clone()];
    catalogue.reported("sums on the page", &files, &["--quiet"], shown);
    catalogue.reported("sums in Markdown", &files, &["--quiet", "--format", "markdown"], shown);
    let run = finish(program().args(["explain", "--call", "chatcmpl-1"]).arg(&sums));
    assert_eq!(run.code, 2);
    catalogue.enter("a single call among sums", &run);
    let run = finish(program().arg("classify").arg(&sums));
    assert!(run.stderr.contains("note[sums]"), "{}", run.stderr);
    assert!(!finish(program().arg("classify").arg(fixture("verdicts/october.csv"))).stderr.contains("note[sums]"));
    // In a log that has calls an unknown id is simply not there.
    let calls = fixture("formats/batchwise-csv/good.csv");
    catalogue.enter("no such call", &finish(program().args(["explain", "--call", "chatcmpl-1"]).arg(calls)));
    catalogue.keep("sums-are-no-calls");
}
