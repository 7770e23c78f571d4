//! A law: one more row moves no monthly figure by more than it costs itself, or something new is said.

use std::io::Write as _;
use std::path::PathBuf;

use batchwise::money::{DecimalStyle, Money};
use serde_json::Value;

use super::support::{Folder, report_json};

fn money(value: &Value) -> Option<Money> {
    let text = value.as_str()?;
    let (units, _) = batchwise::money::decimal::parse_scaled(text, 18, DecimalStyle::Point).ok()?;
    Some(Money::from_units(units))
}

/// Every amount of a month, with where it stands.
fn monthly(report: &Value) -> Vec<(String, Option<Money>)> {
    let mut found = Vec::new();
    for scenario in report["scenarios"].as_array().expect("a list") {
        for what in ["monthly_cost", "monthly_saving"] {
            for case in ["low", "base", "high"] {
                found.push((format!("{} {what} {case}", scenario["id"]), money(&scenario[what][case])));
            }
        }
    }
    found
}

fn notes(report: &Value) -> Vec<String> {
    let of = |kind: &str| report[kind].as_array().cloned().unwrap_or_default();
    [of("warnings"), of("incomplete")].concat().iter().map(ToString::to_string).collect()
}

/// A log to which rows are added, and what they are.
struct Victim {
    name: &'static str,
    good: String,
    /// Each a row with what it costs by itself, in cents rounded up.
    poison: Vec<(String, i64)>,
}

/// What is wrong with a run that has one more row, if anything.
fn broken(before: &Value, run: &super::support::Run, cents: i64, loud: &mut usize) -> Option<String> {
    *loud += 1;
    if run.code == 4 {
        return None;
    }
    let after = run.json();
    let known = notes(before);
    if notes(&after).iter().any(|note| !known.contains(note)) {
        return None;
    }
    *loud -= 1;
    let own = i128::from(cents) * 10_i128.pow(16);
    let moved = monthly(before).into_iter().zip(monthly(&after)).find(|((_, one), (_, other))| match (one, other) {
        (Some(one), Some(other)) => (one.units() - other.units()).abs() > own,
        (one, other) => one != other,
    });
    moved.map(|((place, one), (_, other))| format!("{place}: {one:?} became {other:?} without a word"))
}

fn check(victim: &Victim) {
    let folder = Folder::new();
    // So that no figure hangs on how many requests a day has.
    let policy =
        folder.write("policy.yaml", "schema: 1\nlimits: {min_requests: 0, small_saving: 0}\n").display().to_string();
    let words = ["--policy", policy.as_str()];
    let write = |content: &str| -> [PathBuf; 1] { [folder.write(victim.name, content)] };
    let before = report_json(&write(&victim.good), &words).json();
    assert_eq!(before["period"]["month_basis"], "calendar", "so that a row's share of a month is what it costs");
    let (mut all, mut tried, mut loud) = (Vec::new(), 0, 0);
    for (row, cents) in &victim.poison {
        // At the end, and behind the first line.
        let (first, rest) = victim.good.split_once('\n').expect("lines");
        for content in [format!("{}{row}\n", victim.good), format!("{first}\n{row}\n{rest}")] {
            let run = report_json(&write(&content), &words);
            tried += 1;
            all.extend(broken(&before, &run, *cents, &mut loud).map(|wrong| format!("{row}: {wrong}")));
        }
    }
    let exact = tried - loud - all.len();
    let _ = writeln!(std::io::stderr(), "poison, {}: {tried} rows: {exact} exact, {loud} loud", victim.name);
    assert!(all.is_empty(), "{}: {all:#?}", victim.name);
}

/// Days that a damaged date may have, all at least a month from those of the log.
const FAR: [&str; 13] = [
    "0001-01-01",
    "1601-01-01",
    "1899-12-30",
    "1970-01-01",
    "2000-09-15",
    "2019-12-31",
    "2020-01-01",
    "2025-09-15",
    "2026-07-15",
    "2026-11-15",
    "2027-09-15",
    "2062-09-15",
    "9999-12-31",
];
const PLACEHOLDERS: [&str; 10] =
    ["None", "null", "0", "-", "N/A", "", "#REF!", "[]", "00000000-0000-0000-0000-000000000000", "1.23457E+15"];
const HEADER: &str = "request_id,timestamp,provider,model,workload_tag,end_user,input_tokens,output_tokens,cost_usd";

/// September 2026: calls of $0.50 (200,000 tokens at 2.50 a million) on each day in three workloads, of which one can wait, by
/// its name. With 210 rows one that repeats an id is less than one in a hundred.
fn good() -> String {
    let calls = |workload: &'static str, hours: u8| {
        (1..=30).flat_map(move |day| {
            (0..hours).map(move |hour| {
                format!(
                    "{workload}-{day}-{hour},2026-09-{day:02}T{hour:02}:00:00Z,openai,gpt-5.4,{workload},,200000,0,0.5"
                )
            })
        })
    };
    let rows: Vec<String> = calls("nightly-eval", 5).chain(calls("chat-web", 1)).chain(calls("svc-7", 1)).collect();
    format!("{HEADER}\n{}\n", rows.join("\n"))
}

/// Rows for [`good`], by its columns.
fn rows() -> Vec<([String; 9], i64)> {
    let row = |id: &str, day: &str, model: &str, workload: &str, tokens: [u64; 2], cost: &str| {
        let [input, output] = tokens.map(|count| count.to_string());
        [id, &format!("{day}T10:00:00Z"), "openai", model, workload, "", &input, &output, cost].map(ToOwned::to_owned)
    };
    let usual = |id: &str, day: &str| row(id, day, "gpt-5.4", "nightly-eval", [200_000, 0], "0.5");
    let mut rows: Vec<_> = FAR.map(|day| (usual("far", day), 50)).into_iter().collect();
    rows.extend(PLACEHOLDERS.map(|id| (usual(id, "2026-09-15"), 50)));
    // Repeated ids: the same row, one that loses, and ones that take its place with a smaller prompt.
    let taken = "nightly-eval-15-3";
    let same = [taken, "2026-09-15T03:00:00Z", "openai", "gpt-5.4", "nightly-eval", "", "200000", "0", "0.5"];
    rows.push((same.map(ToOwned::to_owned), 50));
    for (day, model, tokens, cents) in [
        ("2026-09-15", "gpt-5.4", [100, 0], 1),
        ("2026-09-15", "gpt-5.4", [100, 1], 1),
        ("2026-09-16", "gpt-5.4", [100, 1], 1),
        ("2026-09-16", "gpt-5.4", [200_000, 1], 51),
        ("2026-09-16", "gpt-5-mini", [200_000, 1], 6),
        ("2026-09-16", "no-such-model", [200_000, 1], 0),
        ("2062-09-16", "gpt-5.4", [100, 1], 1),
    ] {
        rows.push((row(taken, day, model, "nightly-eval", tokens, ""), cents));
    }
    // Other keys: of what they are added up by, and of what decides.
    for (model, workload, cents) in [
        ("gpt-5.4", "fresh", 50),
        ("gpt-5-mini", "nightly-eval", 5),
        ("no-such-model", "nightly-eval", 0),
        ("", "nightly-eval", 0),
    ] {
        rows.push((row("fresh", "2026-09-15", model, workload, [200_000, 0], ""), cents));
    }
    for (column, text, cents) in [
        (2, "anthropic", 0),
        (2, "azure", 50),
        (3, "gpt-5.4\"", 0),
        (4, "nightly\"-eval", 50),
        (5, "user-1", 50),
        (6, "1,234", 1),
        (6, "-5", 0),
        (6, "9007199254740991", 0),
        (6, "", 0),
        (7, "2e3", 3),
        (8, "1000000", 50),
        (8, "€5", 0),
    ] {
        let mut changed = usual("changed", "2026-09-15");
        text.clone_into(&mut changed[column]);
        rows.push((changed, cents));
    }
    rows
}

#[test]
fn no_row_of_a_table_poisons_a_month() {
    let quoted = |text: &String| if text.contains(',') { format!("\"{text}\"") } else { text.clone() };
    let mut poison: Vec<(String, i64)> =
        rows().iter().map(|(row, cents)| (row.iter().map(quoted).collect::<Vec<_>>().join(","), *cents)).collect();
    // Rows that are no rows: too short, too long, a quote that is never closed, a header.
    for row in ["x", "a,b,c,d,e,f,g,h,i,j", "\"a,2026-09-15T10:00:00Z", HEADER] {
        poison.push((row.to_owned(), 0));
    }
    check(&Victim { name: "log.csv", good: good(), poison });
}

#[test]
fn no_line_of_json_poisons_a_month() {
    let names: Vec<&str> = HEADER.split(',').collect();
    let line = |row: &[String]| -> String {
        let fields = names.iter().zip(row).filter(|(_, text)| !text.is_empty());
        let object: serde_json::Map<String, Value> =
            fields.map(|(name, text)| ((*name).to_owned(), Value::from(text.as_str()))).collect();
        Value::Object(object).to_string()
    };
    let good = good();
    let good: String = good
        .lines()
        .skip(1)
        .map(|row| line(&row.split(',').map(ToOwned::to_owned).collect::<Vec<_>>()) + "\n")
        .collect();
    let mut poison: Vec<(String, i64)> = rows().iter().map(|(row, cents)| (line(row), *cents)).collect();
    let usual = line(&rows()[2].0.clone().map(|text| text.replace("1899-12-30", "2026-09-15")));
    for (from, to) in [
        ("\"input_tokens\"", "\"input_token\""),
        ("\"model\"", "\"Model\""),
        ("\"timestamp\"", "\"when\""),
        ("\"output_tokens\":\"0\"", "\"output_tokens\":\"0\",\"output_tokens\":\"7\""),
        ("\"output_tokens\":\"0\"", "\"output_tokens\":\"0\",\"video_tokens\":9"),
        ("}", ""),
    ] {
        assert!(usual.contains(from), "{usual}");
        poison.push((usual.replace(from, to), 50));
    }
    check(&Victim { name: "log.jsonl", good, poison });
}

/// A bill of $10 a day; a line in another currency, on another day, or for something else.
#[test]
fn no_line_of_a_bill_poisons_a_month() {
    /// 1 September 2026, and the seconds of a day.
    const SEPTEMBER: i64 = 1_788_220_800;
    const DAY: i64 = 86_400;
    let line = |day: i64, amount: &str, currency: &str, item: &str| {
        let start = SEPTEMBER + day * DAY;
        format!("{start},{},{amount},{currency},\"{item}\",p1", start + DAY)
    };
    let usual = "gpt-5.4, input";
    let good: String = (0..30).map(|day| line(day, "10", "usd", usual) + "\n").collect();
    let mut poison: Vec<(String, i64)> = [-20_000, -9_000, -2_000, -60, 60, 400, 2_000, 13_000, 2_900_000]
        .map(|day| (line(day, "10", "usd", usual), 1000))
        .into_iter()
        .collect();
    for (amount, currency, item) in [
        ("1000", "eur", usual),
        ("1000", "jpy", usual),
        ("1000", "?", usual),
        ("-1000", "usd", usual),
        ("10", "usd", "gpt-5.4, inp"),
        ("1000", "usd", "some new thing"),
        ("1,234", "usd", usual),
        ("", "usd", usual),
    ] {
        // What a line bills is its own share.
        let own = if currency == "usd" { 100_000 } else { 0 };
        poison.push((line(14, amount, currency, item), own));
    }
    let header = "start_time,end_time,amount_value,amount_currency,line_item,project_id";
    check(&Victim { name: "cost.csv", good: format!("{header}\n{good}"), poison });
}
