//! The company of the sample: its files are what the generator writes, its figures are what its rows add up to, and its
//! report can be presented.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::PathBuf;

use serde_json::Value;

use crate::support::{fixture, report_json};

#[path = "../../examples/sample.rs"]
#[expect(dead_code, reason = "`main` is for `cargo run --example sample`")]
mod generator;

/// First and last day of each month.
const MONTHS: [(&str, &str); 3] =
    [("2026-08-01", "2026-08-31"), ("2026-09-01", "2026-09-30"), ("2026-10-01", "2026-10-31")];
/// List prices in USD per 1M tokens × 10⁶: input, cache read, cache write, output. Batch takes half.
const RATES: [(&str, [i128; 4]); 7] = [
    ("gpt-5.2", [1_750_000, 175_000, 0, 14_000_000]),
    ("gpt-5.4-mini", [750_000, 75_000, 0, 4_500_000]),
    ("gpt-5-mini", [250_000, 25_000, 0, 2_000_000]),
    ("text-embedding-3-small", [20_000, 0, 0, 0]),
    ("claude-opus-5", [5_000_000, 500_000, 6_250_000, 25_000_000]),
    ("claude-sonnet-4-6", [3_000_000, 300_000, 3_750_000, 15_000_000]),
    ("claude-haiku-4-5", [1_000_000, 100_000, 1_250_000, 5_000_000]),
];
/// Units of 10⁻¹² USD, in which all sums of this file are.
const PICO: usize = 12;

/// The inputs of the report that the README shows.
fn company() -> Vec<PathBuf> {
    vec![
        fixture("sample/gateway.csv"),
        fixture("sample/bills/anthropic-cost.csv"),
        fixture("sample/bills/openai-cost.csv"),
    ]
}

/// The same calls as the vendors sum them up.
fn usage_exports() -> Vec<PathBuf> {
    vec![fixture("sample/usage/anthropic-usage.csv"), fixture("sample/usage/openai-usage.csv")]
}

fn report(inputs: &[PathBuf], options: &[&str]) -> Value {
    let policy = fixture("sample/policy.yaml").display().to_string();
    let run = report_json(inputs, &[&["--quiet", "--policy", &policy], options].concat());
    assert_eq!(run.code, 0, "{}", run.transcript());
    run.json()
}

/// A decimal in 10⁻¹² USD.
fn pico(text: &str) -> i128 {
    let (whole, part) = text.split_once('.').unwrap_or((text, ""));
    format!("{whole}{part:0<PICO$}").parse().unwrap_or_else(|_| panic!("no amount: {text}"))
}

/// The rows of a table, each by the names of its columns.
fn rows(path: &str) -> Vec<BTreeMap<String, String>> {
    let text = fs::read_to_string(fixture(path)).expect("a table");
    csv::Reader::from_reader(text.as_bytes()).deserialize().map(|row| row.expect("a row")).collect()
}

/// What the calls of the gateway's log cost, by month and a column: each row by itself, each id once.
fn costs(column: &str) -> BTreeMap<(String, String), i128> {
    let mut seen = BTreeSet::new();
    let mut sums = BTreeMap::new();
    for row in rows("sample/gateway.csv") {
        if !row["request_id"].is_empty() && !seen.insert(row["request_id"].clone()) {
            continue;
        }
        let [prompt, cached, written, output] =
            ["input_tokens", "cached_input_tokens", "cache_write_tokens", "output_tokens"]
                .map(|name| row[name].parse::<i128>().expect("a count"));
        let (_, rates) = RATES.iter().find(|(model, _)| *model == row["model"]).expect("a model of the table");
        let tokens = [prompt - cached - written, cached, written, output];
        let list: i128 = tokens.iter().zip(rates).map(|(tokens, rate)| tokens * rate).sum();
        let cost = if row["service_tier"] == "batch" { list / 2 } else { list };
        *sums.entry((row["timestamp"][..7].to_owned(), row[column].clone())).or_default() += cost;
    }
    sums
}

/// The same from the report, a month at a time.
fn reported(inputs: &[PathBuf], dimension: &str) -> BTreeMap<(String, String), i128> {
    let mut sums = BTreeMap::new();
    for (from, to) in MONTHS {
        let found = report(inputs, &["--by", dimension, "--from", from, "--to", to]);
        for row in found["by"]["rows"].as_array().expect("rows") {
            let value = row["value"].as_str().expect("a value").to_owned();
            sums.insert((from[..7].to_owned(), value), pico(row["cost"].as_str().expect("a cost")));
        }
    }
    sums
}

#[test]
fn is_what_its_generator_writes() {
    for (path, written) in generator::files() {
        let shipped = fs::read_to_string(fixture("sample").join(path)).expect("the sample");
        // Not `assert_eq!`, which would print both files.
        assert!(written == shipped, "{path}: make it again with `cargo run --example sample`");
    }
}

#[test]
fn each_team_and_vendor_costs_what_its_rows_add_up_to_in_every_month() {
    assert_eq!(reported(&company(), "team"), costs("team"));
    assert_eq!(reported(&usage_exports(), "provider"), costs("provider"), "as the vendors sum it up");
}

#[test]
fn a_month_costs_about_15_000_dollars_and_more_each_month() {
    let costs = costs("team");
    let month = |(from, _): (&str, &str)| {
        costs.iter().filter(|((month, _), _)| *month == from[..7]).map(|(_, cost)| cost).sum()
    };
    let months: [i128; 3] = MONTHS.map(month);
    assert!(months.is_sorted(), "{months:?}");
    let dollars = months.map(|cost| cost / pico("1"));
    assert!(dollars.iter().all(|dollars| (14_000..16_000).contains(dollars)), "{dollars:?}");
}

/// What the bills have and the calls do not is what the generator says, and half a cent a line where a bill is rounded.
#[test]
fn the_bills_differ_by_what_is_known() {
    let computed = costs("provider");
    for (month, past_the_gateway, credit) in
        [("2026-08", "0", "-120"), ("2026-09", "59.92875", "0"), ("2026-10", "0", "0")]
    {
        let of_month = |row: &&BTreeMap<String, String>, day: &str| row[day].starts_with(month);
        let openai = rows("sample/bills/openai-cost.csv");
        let billed: i128 =
            openai.iter().filter(|row| of_month(row, "start_time_iso")).map(|row| pico(&row["amount_value"])).sum();
        let known = pico(past_the_gateway) + pico(credit);
        assert_eq!(billed - computed[&(month.to_owned(), "openai".to_owned())], known, "{month}");

        let anthropic = rows("sample/bills/anthropic-cost.csv");
        let tokens = anthropic.iter().filter(|row| of_month(row, "usage_date_utc") && row["cost_type"] == "token");
        let billed: Vec<i128> = tokens.map(|row| pico(&row["cost_usd"])).collect();
        let rounded = pico("0.005") * i128::try_from(billed.len()).expect("a count");
        let differs = billed.iter().sum::<i128>() - computed[&(month.to_owned(), "anthropic".to_owned())];
        assert!(differs.abs() <= rounded, "{month}: {differs}");
    }
}

#[test]
fn can_be_presented() {
    let found = report(&company(), &[]);
    assert_eq!(found["status"]["code"], "ready", "{}", found["status"]);
    assert_eq!(found["reconciliation"]["residual"], "59.9255262");
    let rows = &found["inputs"][0]["rows"];
    assert_eq!((&rows["duplicate"], &rows["rejected"]), (&9.into(), &0.into()));
    let codes: Vec<&str> =
        found["warnings"].as_array().expect("warnings").iter().filter_map(|note| note["code"].as_str()).collect();
    assert_eq!(codes, ["residual"]);
    // Two questions are left open: one for its owner, and one that nobody owns.
    let open: Vec<(&str, &str)> = found["questions"]
        .as_array()
        .expect("questions")
        .iter()
        .map(|question| {
            (question["kind"].as_str().unwrap_or_default(), question["workload"].as_str().unwrap_or_default())
        })
        .collect();
    assert_eq!(open, [("ask", "call-notes"), ("undecided", "atlas-sync")]);
    let bands: BTreeSet<&str> = found["workloads"]
        .as_array()
        .expect("workloads")
        .iter()
        .filter_map(|workload| workload["band"].as_str())
        .collect();
    assert!(bands.is_superset(&["confirmed", "likely", "undecided"].into()), "{bands:?}");
}
