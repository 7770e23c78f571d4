//! The report's forms beside one another: whatever two of them say, they say alike.

mod forms;
mod plan_forms;
mod showback;
mod standing;

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::exports::exports;
use crate::support::{Folder, Run, finish, fixture, program};

fn sample() -> PathBuf {
    fixture("verdicts/october.csv")
}

fn report(file: &Path, words: &[&str], form: &str) -> Run {
    finish(program().arg("report").arg(file).args(words).args(["--format", form]))
}

/// Calls count however few they are.
const FEW: [&str; 2] = ["--policy", "fixtures/policy/no-least-requests.yaml"];

/// Calls that leave a report incomplete: many workloads, a model nobody sells, a row that cannot be read.
fn incomplete(folder: &Folder) -> PathBuf {
    calls(folder, 70)
}

fn calls(folder: &Folder, rows: usize) -> PathBuf {
    let mut log = String::from("timestamp,input_tokens,output_tokens,model,provider,workload_tag,team,tag.batch\n");
    for row in 0..rows {
        let (model, team) = (["gpt-5.4", "gpt-5.4-mini"][row % 2], ["search", "billing", ""][row % 3]);
        let tokens = 1_000_003 - row % 100 * 7_001;
        let tag = if row % 5 == 0 { "" } else { "true" };
        let _ =
            writeln!(log, "2026-10-{:02}T10:00:00Z,{tokens},{row},{model},openai,svc-{row},{team},{tag}", row % 28 + 1);
    }
    log.push_str("2026-10-30T10:00:00Z,5000,100,nobody-sells-this,openai,svc-1,search,\n");
    log.push_str("2026-10-31T10:00:00Z,many,100,gpt-5.4,openai,svc-1,search,\n");
    folder.write("calls.csv", log)
}

#[test]
fn pages_for_a_comment_and_a_spreadsheet() {
    let folder = Folder::new();
    let calls = incomplete(&folder);
    let snapshot = |name: &str, run: &Run, code: i32| {
        assert_eq!(run.code, code, "{}", run.transcript());
        insta::assert_snapshot!(name, run.stdout);
    };
    snapshot("sample-markdown", &report(&sample(), &[], "markdown"), 0);
    snapshot("by-team-markdown", &report(&sample(), &["--by", "team", "--strict"], "markdown"), 3);
    snapshot("incomplete-markdown", &report(&calls, &["--by", "team", FEW[0], FEW[1]], "markdown"), 3);
    snapshot("sample-csv", &report(&sample(), &["--by", "team"], "csv"), 0);
    let csv = report(&calls, &["--by", "team", FEW[0], FEW[1]], "csv");
    let kept = |line: &&str| !line.starts_with("workloads,") || line.starts_with("workloads,7");
    let few = Run { stdout: csv.stdout.lines().filter(kept).collect::<Vec<_>>().join("\n") + "\n", ..csv };
    snapshot("incomplete-csv", &few, 3);
    let estimate = |form: &str| {
        let figures = ["--monthly-spend", "15000", "--batch-share", "28%", "--routing-saves", "20%..40%"];
        finish(program().arg("estimate").args(figures).args(["--format", form]))
    };
    snapshot("estimate-markdown", &estimate("markdown"), 0);
    snapshot("estimate-csv", &estimate("csv"), 0);
}

#[test]
fn all_forms_in_one_pass() {
    let folder = Folder::new();
    let calls = incomplete(&folder);
    let forms = [("txt", "table"), ("json", "json"), ("md", "markdown"), ("csv", "csv")];
    let mut command = program();
    command.arg("report").arg(&calls);
    for (ending, _) in forms {
        command.arg("-o").arg(folder.path(&format!("report.{ending}")));
    }
    let run = finish(&mut command);
    assert_eq!((run.code, run.stdout.as_str()), (3, ""), "{}", run.transcript());
    for (ending, form) in forms {
        let written = fs::read_to_string(folder.path(&format!("report.{ending}"))).expect("written");
        assert_eq!(written, report(&calls, &[], form).stdout, "{form}");
    }
    let refused = finish(program().arg("report").arg(&calls).args(["-o", "report.pdf"]));
    assert_eq!(refused.code, 2, "{}", refused.transcript());
    assert!(refused.stderr.contains(".html or .xlsx"), "{}", refused.stderr);
}

#[test]
fn a_comment_holds_the_page_of_a_large_log() {
    let folder = Folder::new();
    let page = report(&calls(&folder, 900), &["--by", "workload", FEW[0], FEW[1]], "markdown").stdout;
    // More characters GitHub does not take.
    assert!(page.chars().count() < 65_536, "{} characters", page.chars().count());
    assert_eq!(page.matches("<details>").count(), 4, "{page}");
    assert_eq!(page.matches("in the JSON report").count(), 3, "{page}");
}

/// Values in order, each with its place in the JSON: `/workloads/0/cost`, `/scenarios/1/monthly_cost/low`.
type Facts = Vec<(String, String)>;

/// What each row of a section is about, in the columns of the CSV.
const NAMES: [(&str, &str); 13] = [
    ("cause", "subject"),
    ("day", "subject"),
    ("gap", "subject"),
    ("month", "subject"),
    ("item", "subject"),
    ("file", "subject"),
    ("id", "subject"),
    ("workload", "subject"),
    ("code", "subject"),
    ("value", "subject"),
    ("provider", "provider"),
    ("model", "model"),
    ("verdict", "verdict"),
];

/// Everything that a JSON value says, by address; names apart, since the CSV has columns for them.
fn facts_of_json(at: &str, value: &Value, facts: &mut Facts, names: &mut BTreeSet<(String, String)>) {
    match value {
        Value::Object(entries) => {
            for (key, value) in entries {
                let name = NAMES.iter().find(|(name, _)| name == key).map(|(_, column)| *column);
                // Lists of `by` are about its values.
                let is_of_a_value = at.starts_with("/by/") && matches!(key.as_str(), "workload" | "month");
                let name = name.or((key == "band").then_some("band")).filter(|_| !is_of_a_value);
                // Only rows of lists have names; `/usage/…/models` and the like are facts.
                match name.filter(|_| at.ends_with(|last: char| last.is_ascii_digit())) {
                    Some(column) => {
                        names.insert((format!("{at}/{column}"), value.as_str().unwrap_or_default().to_owned()));
                    }
                    None => facts_of_json(&format!("{at}/{key}"), value, facts, names),
                }
            }
        }
        // A list inside of an entry of a list is one text.
        Value::Array(values) if at.contains(|part: char| part.is_ascii_digit()) => {
            let texts: Vec<&str> = values.iter().filter_map(Value::as_str).collect();
            facts.push((at.to_owned(), texts.join("; ")));
        }
        Value::Array(values) => {
            for (index, value) in values.iter().enumerate() {
                facts_of_json(&format!("{at}/{index}"), value, facts, names);
            }
        }
        Value::Null => facts.push((at.to_owned(), String::new())),
        Value::String(text) => facts.push((at.to_owned(), text.clone())),
        other => facts.push((at.to_owned(), other.to_string())),
    }
}

/// Everything that the CSV says, by the same addresses.
fn facts_of_csv(text: &str) -> (Facts, BTreeSet<(String, String)>) {
    let (mut facts, mut names) = (Facts::new(), BTreeSet::new());
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let columns = reader.headers().expect("a header").clone();
    for record in reader.records() {
        let record = record.expect("a whole row");
        let cell = |name: &str| columns.iter().position(|column| column == name).map_or("", |index| &record[index]);
        let row = cell("row").parse::<usize>().ok().map(|row| format!("/{}", row - 1));
        let rows = if cell("section") == "by" && row.is_some() { "/rows" } else { "" };
        let section = match cell("section") {
            "report" => String::new(),
            section => format!("/{}{rows}", section.replace('.', "/")),
        };
        let metric = cell("metric").replace('.', "/");
        let case = if cell("case").is_empty() { String::new() } else { format!("/{}", cell("case")) };
        let address = match row {
            // A list inside of a section that is none.
            Some(row) if ["/usage", "/status"].contains(&section.as_str()) => format!("{section}/{metric}{row}"),
            row => {
                let place = format!("{section}{}", row.unwrap_or_default());
                for column in ["subject", "provider", "model", "verdict", "band"] {
                    names.insert((format!("{place}/{column}"), cell(column).to_owned()));
                }
                format!("{place}/{metric}{case}")
            }
        };
        let (unit, value) = (cell("unit"), cell("value"));
        let is_name = ["/id", "/workload_id"].iter().any(|key| address.ends_with(key)) || address.contains("/detail/");
        assert!(unit != "text" || is_name || value.parse::<f64>().is_err(), "{address} is a number without a unit");
        let is_known =
            ["USD", "requests", "tokens", "rows", "bytes", "days", "share", "ratio", "count", "date", "text"];
        assert!(is_known.contains(&unit), "{address} is in {unit:?}");
        let of_a_month = ["monthly", "saving_share", "saving_forgone", "/parts/", "/movers/rows/"];
        assert_eq!(cell("period") == "month", of_a_month.iter().any(|key| address.contains(key)), "{address}");
        facts.push((address, value.to_owned()));
    }
    names.retain(|(_, name)| !name.is_empty());
    (facts, names)
}

/// Reports to compare: every fixture of a format, the sample, and an incomplete one.
fn compared(folder: &Folder) -> Vec<(PathBuf, Vec<&'static str>)> {
    let mut files = vec![
        (sample(), vec!["--by", "team", "--fingerprint", "--movers"]),
        (sample(), vec!["--by", "workload", "--strict"]),
        (incomplete(folder), vec!["--by", "team", FEW[0], FEW[1]]),
        (sample(), vec!["--movers", "--to", "2026-10-05"]),
    ];
    // Words may name further files: they are looked for in the project's folder.
    let beside_a_bill =
        |name: &str, words: &[&'static str]| (fixture("invoices").join(name).join("usage.csv"), words.to_vec());
    files.push(beside_a_bill(
        "29a-agreed-price",
        &[
            "fixtures/invoices/29a-agreed-price/cost.csv",
            "--prices=fixtures/invoices/29a-agreed-price/prices.yaml",
            "--basis=billed",
        ],
    ));
    files.push(beside_a_bill(
        "30-control-totals",
        &[
            "fixtures/invoices/30-control-totals/cost.csv",
            "--prices=fixtures/invoices/30-control-totals/prices.yaml",
            "--policy=fixtures/invoices/30-control-totals/policy.yaml",
        ],
    ));
    files.push((fixture("formats/openai-usage-api/good.json"), vec!["fixtures/formats/openai-costs-api/good.json"]));
    let logs = exports().into_iter().filter(|export| export.ending() != "json");
    files.extend(logs.map(|export| (export.path(), Vec::new())));
    files
}

#[test]
fn csv_and_json_hold_the_same() {
    let folder = Folder::new();
    let (mut whole, mut negative) = (0, 0);
    for (file, words) in compared(&folder) {
        let (json, csv) = (report(&file, &words, "json"), report(&file, &words, "csv"));
        assert_eq!((json.code, &json.stderr), (csv.code, &csv.stderr), "{file:?}");
        if json.stdout.is_empty() {
            continue;
        }
        whole += 1;
        let (mut wanted, mut named) = (Facts::new(), BTreeSet::new());
        let mut json = json.json();
        json["schema"] = "batchwise.report.csv/1".into();
        facts_of_json("", &json, &mut wanted, &mut named);
        named.retain(|(_, name)| !name.is_empty());
        let (facts, names) = facts_of_csv(&csv.stdout);
        negative += facts.iter().filter(|(_, value)| value.starts_with('-')).count();
        assert_eq!(facts, wanted, "{file:?}");
        assert_eq!(names, named, "{file:?}");
    }
    assert!(whole >= 15, "only {whole} reports were compared");
    assert!(negative > 0, "a number below zero is no formula");
}

/// Amounts in units of a hundredth cent, which is finer than what pages show. Whole dollars begin with their sign.
fn amount(text: &str) -> Option<i64> {
    let text = text.trim_matches('*').replace(',', "").replace('−', "-");
    let (sign, text) = text.strip_prefix('-').map_or((1, text.as_str()), |text| (-1, text));
    let (is_dollars, text) = text.strip_prefix('$').map_or((false, text), |text| (true, text));
    let (whole, fraction) = text.split_once('.').or(is_dollars.then_some((text, "")))?;
    let fraction: String = fraction.chars().chain("0000".chars()).take(4).collect();
    Some(sign * (whole.parse::<i64>().ok()? * 10_000 + fraction.parse::<i64>().ok()?))
}

fn exact(value: &Value) -> i64 {
    let text = value.as_str().unwrap_or_else(|| panic!("{value} is no amount"));
    let text = if text.contains('.') { text.to_owned() } else { format!("{text}.0") };
    amount(&text).expect("an amount")
}

/// Half of the last digit of an amount on a page: of a cent, or of a dollar from $1,000 on. Digits that are cut from the
/// exact amount add one.
fn half_a_digit(shown: i64) -> i64 {
    if shown % 10_000 == 0 { 5_001 } else { 51 }
}

/// Each figure is rounded by itself.
fn assert_shows(shown: &str, value: &Value, about: &str) {
    let shown = amount(shown).unwrap_or_else(|| panic!("{about}: {shown:?} is no amount"));
    assert!((shown - exact(value)).abs() <= half_a_digit(shown), "{about}: {shown} for {value}");
}

/// Tables of a page in Markdown under their heading, with the cells of each row.
fn tables(page: &str) -> Vec<(String, Vec<Vec<String>>)> {
    let mut tables: Vec<(String, Vec<Vec<String>>)> = Vec::new();
    let (mut heading, mut inside) = (String::new(), false);
    for line in page.lines() {
        if let Some(text) = line.strip_prefix('#') {
            text.trim_start_matches('#').trim().clone_into(&mut heading);
        }
        if let Some(row) = line.strip_prefix("| ").and_then(|row| row.strip_suffix(" |")) {
            if !inside {
                tables.push((heading.clone(), Vec::new()));
            }
            let cells = row.split(" | ").map(|cell| cell.trim().to_owned()).collect();
            tables.last_mut().expect("a table").1.push(cells);
        }
        inside = line.starts_with('|');
    }
    for (_, rows) in &mut tables {
        rows.drain(..2);
    }
    tables
}

#[test]
fn markdown_shows_what_the_json_says() {
    let folder = Folder::new();
    let mut compared_rows = 0;
    for (file, words) in compared(&folder).into_iter().take(3) {
        let json = report(&file, &words, "json").json();
        let page = report(&file, &words, "markdown").stdout;
        let tables = tables(&page);

        let (_, scenarios) =
            tables.iter().find(|(heading, _)| heading.starts_with("Scenarios")).expect("the scenarios");
        assert_shows(&scenarios[0][1], &json["scenarios"][0]["monthly_cost"]["base"], "today");
        let cases = [(2, "base"), (3, "low"), (4, "high")];
        assert_shows(&scenarios[1][1], &json["scenarios"][1]["monthly_cost"]["base"], "cost");
        // Routing is assumed here: it stands apart, with what it would add, and in no sum.
        assert_eq!(scenarios[2][..2], ["+ assumed routing", ""]);
        for (column, case) in cases {
            let [batch, both] = [1, 2].map(|scenario| &json["scenarios"][scenario]["monthly_saving"][case]);
            assert_shows(&scenarios[1][column], batch, case);
            let added = amount(&scenarios[2][column]).expect("an amount");
            assert!((added - exact(both) + exact(batch)).abs() <= half_a_digit(added) + 1, "{case}: {added}");
        }

        // Rows are those of the JSON, and add up to their section but for what each is rounded by.
        let sections: Vec<_> =
            tables.iter().filter(|(_, rows)| rows[0].len() == 5 && rows[0][0].contains('`')).collect();
        let mut is_folded = false;
        for (heading, rows) in sections.iter().filter(|(heading, _)| heading.contains(" a month")) {
            let sum: i64 = rows.iter().map(|row| amount(&row[2]).expect("an amount")).sum();
            if !is_folded {
                let shown = heading.split(['$', ' ']).find_map(amount).expect("an amount");
                let halves = 51 * i64::try_from(rows.len() + 1).expect("few");
                assert!((sum - shown).abs() <= halves, "{heading}: {sum}");
            }
            is_folded = !is_folded && rows.last().is_some_and(|row| row[0].ends_with(" more"));
            for row in rows.iter().filter(|row| row[0].starts_with('`')) {
                let is_it = |line: &&Value| {
                    let shown = amount(&row[2]).expect("an amount");
                    row[0] == format!("`{}`", line["workload"].as_str().unwrap_or_default())
                        && line["monthly_cost"].is_string()
                        && (shown - exact(&line["monthly_cost"])).abs() <= half_a_digit(shown)
                };
                let lines = json["workloads"].as_array().expect("rows");
                assert!(lines.iter().any(|line| is_it(&line)), "{heading}: {row:?}");
                compared_rows += 1;
            }
        }

        let (_, by) = tables.iter().find(|(heading, _)| heading.starts_with("By ")).expect("a table");
        let lines = json["by"]["rows"].as_array().expect("rows");
        for row in by.iter().filter(|row| row[0].starts_with('`')) {
            let is_it = |line: &&Value| line["value"].as_str().is_some_and(|value| row[0] == format!("`{value}`"));
            let line = lines.iter().find(is_it).unwrap_or_else(|| panic!("{row:?}"));
            assert_eq!(row[1].replace(',', ""), line["requests"].to_string());
            for (column, key) in [(2, "cost"), (4, "can_wait"), (5, "batch_saving")] {
                assert_shows(&row[column], &line[key], key);
            }
        }
        let total = by.last().expect("a total");
        for (column, key) in [(2, "cost"), (4, "can_wait"), (5, "batch_saving")] {
            assert_shows(&total[column], &json["by"]["total"][key], key);
        }

        let (_, ledger) = tables.iter().find(|(heading, _)| heading == "Ledger").expect("a table");
        assert_eq!(ledger[0][2].replace(',', ""), json["inputs"][0]["rows"]["read"].to_string());
        let fates: u64 = ledger[0][3..].iter().map(|cell| cell.replace(',', "").parse::<u64>().expect("a count")).sum();
        assert_eq!(fates.to_string(), ledger[0][2].replace(',', ""), "every row has one fate");
    }
    assert!(compared_rows > 60, "only {compared_rows} rows");
}

/// How many rows are shown changes none of them.
#[test]
fn top_changes_no_amount() {
    let rows = |top: &str| -> Vec<String> {
        let page = report(&sample(), &["--by", "team", "--movers", "--top", top], "markdown").stdout;
        page.lines().filter(|line| line.starts_with("| `")).map(ToOwned::to_owned).collect()
    };
    let all = rows("99");
    for top in ["1", "2", "3", "5"] {
        let some = rows(top);
        assert!(!some.is_empty() && some.len() < all.len(), "--top {top}");
        for row in some {
            assert!(all.contains(&row), "--top {top}: {row}");
        }
    }
}

/// A reason that carries less than a twentieth of a row's dollars is a count; the JSON has all.
#[test]
fn a_page_tells_the_reasons_that_carry_dollars() {
    let folder = Folder::new();
    let why = |tokens: u32| {
        let log = folder.write(
            &format!("{tokens}.csv"),
            format!(
                "timestamp,model,provider,input_tokens,output_tokens,workload_tag,stream,ttft_ms\n\
                 2026-10-05T10:00:00Z,gpt-5.4,openai,1000000,0,chat,true,\n\
                 2026-10-06T10:00:00Z,gpt-5.4,openai,{tokens},0,chat,,200\n"
            ),
        );
        let reasons = report(&log, &[], "json").json()["workloads"][0]["reasons"].clone();
        assert_eq!(reasons, serde_json::json!(["first-token-logged", "streaming"]));
        let page = report(&log, &[], "markdown").stdout;
        let row = page.lines().find(|line| line.starts_with("| `chat`")).expect("a row").to_owned();
        row.trim_end_matches(" |").rsplit(" | ").next().expect("a reason").to_owned()
    };
    assert_eq!(why(40_000), "streamed: somebody reads along; 1 more");
    assert_eq!(why(200_000), "streamed: somebody reads along; time to first token is measured: somebody waits");
}
