//! `prices impact`: what is announced costs what the same usage costs at the prices after it.

use serde_json::Value;

use crate::support::{Folder, Run, run};

/// One model for each thing that can be announced.
const TABLE: &str = r#"schema: 1
currency: USD
providers:
  acme:
    models:
      steady:
        prices:
          - {source: "https://example.com", checked: 2026-11-12, standard: {input: 2, output: 10}, batch: {input: 1, output: 5}}
      dearer:
        prices:
          - {source: "https://example.com", checked: 2026-11-12, standard: {input: 2, output: 10}}
          - {from: 2027-01-01, source: "https://example.com", checked: 2026-11-12, standard: {input: 3, output: 10}}
      promoted:
        prices:
          - {until: 2026-12-31, source: "https://example.com", checked: 2026-11-12, standard: {input: 1, output: 10}}
          - {from: 2027-01-01, source: "https://example.com", checked: 2026-11-12, standard: {input: 4, output: 10}}
      promoted-open:
        prices:
          - {until: 2026-12-15, source: "https://example.com", checked: 2026-11-12, standard: {input: 1, output: 10}}
      replaced:
        retires: 2026-12-20
        successor: dearer
        prices:
          - {source: "https://example.com", checked: 2026-11-12, standard: {input: 1, output: 10}}
      ends:
        retires: 2027-02-01
        prices:
          - {source: "https://example.com", checked: 2026-11-12, standard: {input: 1, output: 10}}
      ended:
        retires: 2026-11-15
        prices:
          - {source: "https://example.com", checked: 2026-11-12, standard: {input: 1, output: 10}}
      served:
        served_as: {model: steady, from: 2026-12-10, source: "https://example.com"}
        prices:
          - {source: "https://example.com", checked: 2026-11-12, standard: {input: 6, output: 10}}
      uncached:
        prices:
          - {source: "https://example.com", checked: 2026-11-12, standard: {input: 2, cache_read: 0.2, output: 10}}
          - {from: 2027-01-01, source: "https://example.com", checked: 2026-11-12, standard: {input: 1, output: 5}}
"#;

const MODELS: [&str; 9] =
    ["steady", "dearer", "promoted", "promoted-open", "replaced", "ends", "ended", "served", "uncached"];

/// The table, and a log of November: on each model a workload of its own with 2,000,000 tokens of input and 200,000 of output.
fn files(folder: &Folder) -> [String; 2] {
    let header = "timestamp,provider,model,workload_tag,input_tokens,cached_input_tokens,output_tokens\n";
    let row = |(day, model): (&str, &&str)| {
        let cached = if **model == *"uncached" { 100_000 } else { 0 };
        format!("{day}T10:00:00Z,acme,{model},on {model},1000000,{cached},100000\n")
    };
    let days = ["2026-11-01", "2026-11-30"];
    let rows = days.into_iter().flat_map(|day| MODELS.iter().map(move |model| row((day, model))));
    let log = header.to_owned() + &rows.collect::<String>();
    [("log.csv", &log[..]), ("table.yaml", TABLE)]
        .map(|(name, text)| folder.write(name, text).to_str().expect("UTF-8").to_owned())
}

fn impact(files: &[String; 2], words: &[&str]) -> Run {
    run([&["prices", "impact", &files[0], "--prices", &files[1]], words].concat())
}

/// Day, model, successor, and the change or why it is not known, of each event with a single workload.
fn events(json: &Value) -> Vec<String> {
    let text = |value: &Value| value.as_str().unwrap_or("–").to_owned();
    let of = |event: &Value, part: &Value| {
        let change = part["monthly_change"].as_str().or(part["unknown"].as_str()).expect("one of both").to_owned();
        let [day, kind, model, next] = ["day", "kind", "model", "successor"].map(|key| text(&event[key]));
        format!("{day} {kind} {model} > {next}: {} {change}", text(&part["workload"]))
    };
    let events = json["events"].as_array().expect("events").iter();
    events
        .flat_map(|event| event["workloads"].as_array().expect("a list").iter().map(move |part| of(event, part)))
        .collect()
}

#[test]
fn each_announcement_is_one_of_price_promotion_and_end() {
    let folder = Folder::new();
    let files = files(&folder);
    let run = impact(&files, &["--format", "json"]);
    assert_eq!(run.code, 0, "{}", run.transcript());
    let json = run.json();
    assert_eq!(
        events(&json),
        [
            "2026-11-15 retirement acme/ended > –: on ended no-successor",
            // 2M × (2 − 6)
            "2026-12-10 price-change acme/served > acme/steady: on served -8",
            "2026-12-16 promotion-ends acme/promoted-open > –: on promoted-open no-price-after",
            // 2M × (2 − 1)
            "2026-12-20 retirement acme/replaced > acme/dearer: on replaced 2",
            // 2M × (3 − 2), of the work that came with the successor too
            "2027-01-01 price-change acme/dearer > –: on dearer 2",
            "2027-01-01 price-change acme/dearer > –: on replaced 2",
            "2027-01-01 price-change acme/uncached > –: on uncached missing-rate",
            // 2M × (4 − 1)
            "2027-01-01 promotion-ends acme/promoted > –: on promoted 6",
            "2027-02-01 retirement acme/ends > –: on ends no-successor",
        ]
    );
    let amount = |key: &str| json[key].as_str().expect("an amount").parse::<f64>().expect("a number");
    let change = -8.0 + 2.0 + 2.0 + 2.0 + 6.0;
    assert!((amount("monthly_cost_after") - amount("monthly_cost") - change).abs() < 1e-9, "{json:#}");
    insta::assert_snapshot!("json", folder.anonymous(&run.stdout));
}

#[test]
fn pages_say_what_is_known_and_what_is_not() {
    let folder = Folder::new();
    let files = files(&folder);
    let mut program = crate::support::program();
    program.env("COLUMNS", "80").args(["prices", "impact", &files[0], "--prices", &files[1]]);
    let page = crate::support::finish(&mut program);
    assert!(page.stdout.lines().all(|line| line.chars().count() <= 80), "{}", page.stdout);
    insta::assert_snapshot!("table", folder.anonymous(&page.transcript()));
    insta::assert_snapshot!(
        "markdown",
        folder.anonymous(&impact(&files, &["--format", "markdown", "--top", "2"]).stdout)
    );
}

#[test]
fn what_is_announced_is_what_the_same_usage_costs_then() {
    let folder = Folder::new();
    let files = files(&folder);
    let json = impact(&files, &["--format", "json"]).json();
    // The same calls a year later, but for those of which nobody knows the price.
    let log = std::fs::read_to_string(&files[0]).expect("the log").replace("2026-11-", "2027-11-");
    let moved = ["replaced,", "ends,", "ended,", "uncached,", "promoted-open,"];
    let is_known = |line: &&str| !moved.iter().any(|model| line.contains(&format!("acme,{model}")));
    let later = folder.write("later.csv", log.lines().filter(is_known).collect::<Vec<_>>().join("\n"));
    let later = later.to_str().expect("UTF-8");
    let report = run(["report", later, "--prices", &files[1], "--format", "json"]).json();
    let cost = |report: &Value, workload: &str| {
        let rows = report["workloads"].as_array().expect("rows").iter();
        let row = rows.filter(|row| row["workload"] == workload).map(|row| row["monthly_cost"].clone()).next();
        row.expect("a row").as_str().expect("an amount").parse::<f64>().expect("a number")
    };
    let now = run(["report", &files[0], "--prices", &files[1], "--format", "json"]).json();
    for workload in ["on steady", "on dearer", "on promoted", "on served"] {
        let events = json["events"].as_array().expect("events").iter();
        let parts = events.flat_map(|event| event["workloads"].as_array().expect("a list"));
        let change: f64 = parts
            .filter(|part| part["workload"] == workload)
            .filter_map(|part| part["monthly_change"].as_str()?.parse::<f64>().ok())
            .sum();
        assert!((cost(&report, workload) - cost(&now, workload) - change).abs() < 1e-9, "{workload}: {json:#}");
    }
}

#[test]
fn nothing_announced_is_said() {
    let folder = Folder::new();
    let [log, table] = files(&folder);
    let text = std::fs::read_to_string(&log).expect("the log");
    let is_steady = |line: &&str| line.contains("timestamp") || line.contains("acme,steady");
    let log = folder.write("steady.csv", text.lines().filter(is_steady).collect::<Vec<_>>().join("\n"));
    let log = log.to_str().expect("UTF-8");
    insta::assert_snapshot!("nothing", run(["prices", "impact", log, "--prices", &table]).transcript());
}
