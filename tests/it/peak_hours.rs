//! Prices that go by the hour of the day.

use serde_json::Value;

use crate::support::{Folder, report_json, run};

const HEADER: &str = "timestamp,bucket_end,requests,provider,model,workload_tag,input_tokens,output_tokens\n";
/// In peak hours, after them, and at both times on a public holiday.
const HOURS: [(&str, &str); 4] = [
    ("2026-10-14T02:00:00Z", "1.716"),
    ("2026-10-14T12:00:00Z", "0.858"),
    ("2026-10-07T02:00:00Z", "0.858"),
    ("2026-10-07T12:00:00Z", "0.858"),
];

fn row(start: &str, end: &str) -> String {
    let requests = if end.is_empty() { "" } else { "1" };
    format!("{start},{end},{requests},deepseek,deepseek-v4-pro,x,1000000,100000\n")
}

fn log(folder: &Folder, name: &str, rows: &[(&str, &str)]) -> std::path::PathBuf {
    let rows: String = rows.iter().map(|(start, end)| row(start, end)).collect();
    folder.write(name, format!("{HEADER}{rows}"))
}

/// The costs of rows, and how many may lie on either side.
fn costs(folder: &Folder, rows: &[(&str, &str)]) -> (Vec<String>, Option<u64>) {
    let log = log(folder, "usage.csv", rows);
    let lines = run(["classify", "--format", "jsonl", &log.display().to_string()]).stdout;
    let lines = lines.lines().map(|line| serde_json::from_str::<Value>(line).expect("JSON"));
    let costs = lines.map(|line| line["cost"].as_str().expect("a cost").to_owned()).collect();
    (costs, unsure(&report_json(&[log], &[]).json()))
}

fn unsure(report: &Value) -> Option<u64> {
    let warnings = report["warnings"].as_array().expect("warnings").iter();
    warnings.clone().find(|warning| warning["code"] == "off-peak-unknown").and_then(|warning| warning["count"].as_u64())
}

#[test]
fn a_call_costs_what_its_hour_does() {
    let rows = HOURS.map(|(start, _)| (start, ""));
    let (found, unsure) = costs(&Folder::new(), &rows);
    assert_eq!(found, HOURS.map(|(_, cost)| cost));
    assert_eq!(unsure, None);
}

#[test]
fn the_edges_of_peak_hours_and_days() {
    let dear_and_cheap = [
        ("2026-10-14T00:59:59Z", "0.858"),
        ("2026-10-14T01:00:00Z", "1.716"),
        ("2026-10-14T03:59:59.999Z", "1.716"),
        ("2026-10-14T04:00:00Z", "0.858"),
        ("2026-10-14T09:59:59Z", "1.716"),
        ("2026-10-14T10:00:00Z", "0.858"),
        // A Saturday that is worked in place of a holiday is no weekday.
        ("2026-10-10T02:00:00Z", "0.858"),
        ("2026-10-11T02:00:00Z", "0.858"),
        // Before there were such hours.
        ("2026-08-16T12:00:00Z", "0.522"),
    ];
    let (found, _) = costs(&Folder::new(), &dear_and_cheap.map(|(start, _)| (start, "")));
    assert_eq!(found, dear_and_cheap.map(|(_, cost)| cost));
}

#[test]
fn what_may_lie_on_either_side_is_priced_at_peak_and_told() {
    let rows = [
        ("2026-10-14T03:00:00Z", "2026-10-14T05:00:00Z", "1.716"),
        ("2026-10-14T03:00:00Z", "2026-10-14T04:00:00Z", "1.716"),
        ("2026-10-14T04:00:00Z", "2026-10-14T06:00:00Z", "0.858"),
        ("2026-10-14T00:00:00Z", "2026-10-15T00:00:00Z", "1.716"),
        ("2026-10-03T00:00:00Z", "2026-10-05T00:00:00Z", "0.858"),
        // No holiday of 2027 is known yet: what lies outside of the hours is sure all the same.
        ("2027-03-02T02:00:00Z", "2027-03-02T03:00:00Z", "1.716"),
        ("2027-03-02T12:00:00Z", "2027-03-02T13:00:00Z", "0.858"),
        ("2027-03-06T02:00:00Z", "2027-03-06T03:00:00Z", "0.858"),
    ];
    let (found, unsure) = costs(&Folder::new(), &rows.map(|(start, end, _)| (start, end)));
    assert_eq!(found, rows.map(|(_, _, cost)| cost));
    assert_eq!(unsure, Some(3));
}

#[test]
fn a_rollup_file_has_the_hours_or_says_so() {
    let folder = Folder::new();
    let usage = log(&folder, "usage.csv", &HOURS.map(|(start, _)| (start, "")));
    let report = |words: &[&str]| {
        let part = folder.path("part.csv");
        let path = part.display().to_string();
        run(["rollup", &usage.display().to_string(), "-o", &path, "--force"].iter().chain(words));
        let report = report_json(&[part], &[]).json();
        (report["cost"]["computed"].as_str().expect("a cost").to_owned(), unsure(&report))
    };
    assert_eq!(report(&["--hours"]), ("4.29".to_owned(), None));
    // On the holiday all hours are cheap; the other day has both kinds.
    assert_eq!(report(&[]), ("5.148".to_owned(), Some(2)));
}

#[test]
fn an_explanation_adds_up_by_hour() {
    let folder = Folder::new();
    let usage = log(&folder, "usage.csv", &HOURS.map(|(start, _)| (start, ""))).display().to_string();
    let page = run(["explain", &usage, "--workload", "x"]).stdout;
    for text in ["in peak hours\n", "outside of peak hours\n", "now: $1.716\n", "now: $2.574\n"] {
        assert!(page.contains(text), "{text}: {page}");
    }
}

#[test]
fn hours_that_make_no_sense_are_refused() {
    let folder = Folder::new();
    let table = |hours: &str, entry: &str| {
        let page = "source: \"https://acme.example/prices\", checked: 2026-10-01";
        let text = format!(
            "extends: built-in\nproviders:\n  acme:\n    peak_hours: {{days: {{{hours}, {page}}}}}\n    models:\n      swift:\n        prices: [{{{page}, standard: {{input: 2}}{entry}}}]\n"
        );
        let path = folder.write("prices.yaml", text).display().to_string();
        run(["prices", "list", "--provider", "acme", "--prices", &path])
    };
    let entry = ", off_peak: {input: 1}, peak_hours: days";
    assert_eq!(table("utc: [08:00-20:00]", entry).code, 0);
    for (hours, entry, wanted) in [
        ("utc: [20:00-08:00]", entry, "`20:00-08:00` is no span of a day"),
        ("utc: [8:00-20:00]", entry, "`8:00-20:00` is no span of a day"),
        ("utc: [08:00-24:01]", entry, "`08:00-24:01` is no span of a day"),
        ("utc: []", entry, "peak hours without a span of `utc`"),
        ("utc: [08:00-12:00, 11:00-14:00]", entry, "11:00-14:00 does not lie behind 08:00-12:00"),
        ("utc: [08:00-20:00], holidays: [2026-10-07..2026-10-01]", entry, "`2026-10-07..2026-10-01` is no day"),
        ("utc: [08:00-20:00], weekdays: [mon]", entry, "unknown value `mon`"),
        ("utc: [08:00-20:00]", ", off_peak: {input: 1}", "`off_peak` and `peak_hours` stand together"),
        ("utc: [08:00-20:00]", ", peak_hours: days", "`off_peak` and `peak_hours` stand together"),
        ("utc: [08:00-20:00]", ", off_peak: {input: 1}, peak_hours: nights", "`nights` under `swift` is not among"),
    ] {
        let refused = table(hours, entry);
        assert_eq!(refused.code, 2, "{hours}");
        assert!(refused.stderr.contains(wanted), "{hours}: {}", refused.stderr);
    }
}
