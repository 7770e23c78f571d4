//! A log of calls that holds something of everything a log can lead to, which many tests read.

use std::collections::BTreeSet;
use std::fs;

use serde_json::Value;

use crate::support::{fixture, report_json, run_with_input};

fn report() -> Value {
    let run = report_json(&[fixture("verdicts/october.csv")], &[]);
    assert_eq!(run.code, 0, "{}", run.transcript());
    assert_eq!(run.stderr, "");
    run.json()
}

#[test]
fn has_a_workload_for_every_verdict_and_reason() {
    let report = report();
    let workloads = report["workloads"].as_array().expect("workloads");
    let results: BTreeSet<(&str, &str)> = workloads
        .iter()
        .map(|line| (line["verdict"].as_str().unwrap_or_default(), line["band"].as_str().unwrap_or_default()))
        .collect();
    // `candidate` needs evidence from the shape of traffic, which nothing looks at yet.
    let wanted = [
        ("already-batch", ""),
        ("batch", "confirmed"),
        ("batch", "likely"),
        ("real-time", ""),
        ("real-time", "undecided"),
    ];
    assert_eq!(results, BTreeSet::from(wanted));

    let reasons: BTreeSet<&str> = workloads
        .iter()
        .flat_map(|line| line["reasons"].as_array().expect("reasons"))
        .filter_map(Value::as_str)
        .collect();
    for code in [
        "already-batch",
        "cache-loss",
        "failed-call",
        "first-token-logged",
        "interactive-app",
        "many-end-users",
        "no-batch-rate",
        "priority-tier",
        "small-volume",
        "streaming",
        "tag:batch",
        "tag:max_wait",
        "undecided",
    ] {
        assert!(reasons.contains(code), "no workload shows `{code}`");
    }
    assert!(reasons.iter().any(|code| code.starts_with("word:")), "no workload is decided by a word");
}

#[test]
fn is_billed_37_cents_too_much_and_otherwise_accounted_for() {
    let report = report();
    assert_eq!(report["cost"]["residual"], "0.37");
    assert_eq!(report["incomplete"], Value::Array(Vec::new()));
    assert_eq!(report["usage"]["unpriced"]["requests"], 0);
    let codes: Vec<&str> =
        report["warnings"].as_array().expect("warnings").iter().filter_map(|note| note["code"].as_str()).collect();
    assert_eq!(codes, ["residual"]);
    let rows = &report["inputs"][0]["rows"];
    assert_eq!((&rows["accepted"], &rows["duplicate"], &rows["rejected"]), (&5143.into(), &12.into(), &0.into()));
}

#[test]
fn says_the_same_on_standard_input() {
    let log = fs::read(fixture("verdicts/october.csv")).expect("the log");
    let piped = run_with_input(&["report", "-", "--format", "json"], &log);
    assert_eq!(piped.code, 0, "{}", piped.transcript());
    let mut piped = piped.json();
    piped["inputs"][0]["file"] = "october.csv".into();
    assert_eq!(piped, report());
}
