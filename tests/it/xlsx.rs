//! The workbook: what is in it, and that its formulas work out what the JSON says.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use calamine::Data;
use serde_json::Value;

use crate::support::{Folder, finish, fixture, program};

pub mod book;
mod office;

use book::{Book, is_near, number};

/// Files, options, and what is special about them.
struct Case {
    name: &'static str,
    log: &'static [&'static str],
    words: &'static [&'static str],
}

const CASES: [Case; 7] = [
    Case { name: "sample", log: &["verdicts/october.csv"], words: &[] },
    // Routes, fitted growth, a budget.
    Case { name: "agents", log: &["plan/agents.csv"], words: &["--policy", "fixtures/plan/agents-policy.yaml"] },
    // Deadlines that are too short, and a price that changes within a month to come.
    Case {
        name: "deadlines",
        log: &["plan/deadlines.csv"],
        words: &["--prices", "fixtures/plan/deadlines-prices.yaml", "--policy", "fixtures/plan/deadlines-policy.yaml"],
    },
    Case { name: "one-export", log: &["formats/openai-usage-csv/good.csv"], words: &[] },
    // A model that is retired within a month to come, and has a successor.
    Case {
        name: "successors",
        log: &["plan/deadlines.csv"],
        words: &["--prices", "fixtures/plan/successor-prices.yaml", "--policy", "fixtures/plan/deadlines-policy.yaml"],
    },
    // Budgets of parts beside months.
    Case { name: "owners", log: &["plan/agents.csv"], words: &["--policy", "fixtures/plan/owners-policy.yaml"] },
    Case { name: "losing-routes", log: &["verdicts/october.csv"], words: &["--routing-saves", "50%..50%"] },
];

/// The workbook, the report and the plan of the same files.
struct Made {
    book: Book,
    report: Value,
    plan: Value,
}

fn make(folder: &Folder, log: &[PathBuf], words: &[&str]) -> Made {
    let (book, report, plan) = (folder.path("made.xlsx"), folder.path("made.json"), folder.path("plan.json"));
    let run = |command: &str, outputs: &[&PathBuf]| {
        let mut program = program();
        program.arg(command).args(log).args(words).args(["--quiet", "--force"]);
        for output in outputs {
            program.arg("-o").arg(output);
        }
        let run = finish(&mut program);
        assert!([0, 3].contains(&run.code), "{}", run.transcript());
    };
    run("report", &[&book, &report]);
    run("plan", &[&plan]);
    let json = |path: &Path| serde_json::from_slice(&std::fs::read(path).expect("written")).expect("JSON");
    Made { book: Book::read(std::fs::read(&book).expect("written")), report: json(&report), plan: json(&plan) }
}

fn made(case: &Case) -> Made {
    let log: Vec<PathBuf> = case.log.iter().map(|log| fixture(log)).collect();
    make(&Folder::new(), &log, case.words)
}

const SHEETS: [&str; 18] = [
    "Summary",
    "Plan",
    "Assumptions",
    "Scenarios",
    "Quarters",
    "Workloads",
    "Base months",
    "Workloads 2026-10-31",
    "Workloads 2026-12-01",
    "Workloads 2026-12-11",
    "Sensitivity",
    "Data",
    "Movers",
    "Ledger",
    "Reconciliation",
    "Bill by day",
    "Bill by line",
    "Prices",
];

#[test]
fn sheets_and_names_are_there() {
    let sample = made(&CASES[0]).book;
    assert_eq!(sample.sheets, SHEETS);
    let agents = made(&CASES[1]).book;
    let names = |book: &Book| book.names.iter().map(|(name, _)| name.clone()).collect::<Vec<_>>().join(" ");
    insta::assert_snapshot!(names(&sample));
    insta::assert_snapshot!(names(&agents));
    // A price that changes has its own rows.
    assert!(made(&CASES[2]).book.sheets.iter().any(|sheet| sheet == "Workloads 2026-11-16"));
    for book in [&sample, &agents] {
        assert!(book.names.iter().all(|(_, range)| !range.contains('[')), "no name of another file");
        assert!(book.formulas().count() > 200);
        for (sheet, cell, formula) in book.formulas() {
            assert!(!formula.contains('[') && !formula.contains("http"), "{sheet}!{cell}: {formula}");
        }
        for (sheet, cell, value) in book.values() {
            assert!(!matches!(value, Data::Error(_)), "{sheet}!{cell}: {value}");
        }
        assert!(book.parts().iter().all(|part| !part.contains("externalLink") && !part.contains("vba")));
    }
}

/// Amounts by case at a place of the JSON.
fn cases(json: &Value, path: &str) -> [Value; 3] {
    let found = json.pointer(path).unwrap_or_else(|| panic!("{path} in {json}"));
    ["low", "base", "high"].map(|case| found[case].clone())
}

/// Every result that a formula carries is the JSON's.
#[test]
fn formulas_carry_what_the_json_says() {
    for case in &CASES {
        let Made { book, report, plan } = made(case);
        let name = case.name;
        scenarios(
            &book,
            "Gross",
            name,
            &[
                ("Batch only: cost", cases(&report, "/scenarios/1/monthly_cost")),
                ("Batch only: saving", cases(&report, "/scenarios/1/monthly_saving")),
                ("Batch and routing: cost", cases(&report, "/scenarios/2/monthly_cost")),
                ("Batch and routing: saving", cases(&report, "/scenarios/2/monthly_saving")),
                ("of it by batch", cases(&report, "/scenarios/2/parts/batch")),
                ("of it by routing", cases(&report, "/scenarios/2/parts/routing")),
            ],
        );
        let today = ["low"; 3].map(|_| plan["now"]["monthly_cost"].clone());
        scenarios(
            &book,
            "Net",
            name,
            &[
                ("Today", today),
                ("Batch only: saving", cases(&plan, "/now/batch_only")),
                ("Batch and routing: saving", cases(&plan, "/now/batch_plus_routing")),
                ("of it by batch", cases(&plan, "/now/parts/batch")),
                ("of it by routing", cases(&plan, "/now/parts/routing")),
            ],
        );
        quarters(&book, &plan, name);
        workloads(&book, &report, name);
    }
}

fn scenarios(book: &Book, block: &str, name: &str, lines: &[(&str, [Value; 3])]) {
    let top = book.row_of("Scenarios", block, 0);
    for (label, amounts) in lines {
        let row = book.row_of("Scenarios", label, top);
        for (column, amount) in (1..).zip(amounts) {
            let cell = book.number("Scenarios", row, column);
            assert!(is_near(cell, number(amount)), "{name}, {block}, {label}: {cell} is not {amount}");
            assert!(book.formula("Scenarios", row, column).is_some(), "{name}, {block}, {label}: a formula");
        }
    }
}

/// Quarters and months of the plan.
fn quarters(book: &Book, plan: &Value, name: &str) {
    let lines = [
        ("Cost if nothing is done", "/today"),
        ("Batch only: cost", "/batch_only/cost"),
        ("Batch only: saving", "/batch_only/saving"),
        ("Batch and routing: cost", "/batch_plus_routing/cost"),
        ("Batch and routing: saving", "/batch_plus_routing/saving"),
    ];
    let spans = |list: &str, key: &'static str| {
        plan[list]
            .as_array()
            .expect("a list")
            .iter()
            .map(move |span| (span[key].as_str().expect("a name"), span))
            .collect::<Vec<_>>()
    };
    let all = [spans("quarters", "quarter"), spans("months", "month")].concat();
    assert!(all.len() >= 6, "{name}");
    for (span, json) in all {
        let column = book.column_of("Quarters", 4, span);
        for (label, path) in lines {
            let row = book.row_of("Quarters", label, 0);
            for (row, amount) in (row..).zip(cases(json, path)) {
                let cell = book.number("Quarters", row, column);
                assert!(is_near(cell, number(&amount)), "{name}, {span}, {label}: {cell} is not {amount}");
            }
        }
        for (label, key) in [("Budget", "budget"), ("Headroom", "headroom")] {
            let row = book.row_of("Quarters", label, 0);
            match json["budget"].get(key) {
                Some(amount) => {
                    assert!(is_near(book.number("Quarters", row, column), number(amount)), "{name}, {span}, {label}");
                }
                None => assert_eq!(book.text("Quarters", row, column), "–", "{name}, {span}, {label}"),
            }
        }
        let variance = json["budget"]["variance"].as_str().unwrap_or("–");
        assert_eq!(book.text("Quarters", book.row_of("Quarters", "Variance", 0), column), variance, "{name}, {span}");
    }
}

fn workloads(book: &Book, report: &Value, name: &str) {
    let rows = report["workloads"].as_array().expect("workloads");
    for (row, json) in (7..).zip(rows) {
        assert_eq!(book.text("Workloads", row, 0), json["workload"].as_str().expect("a name"));
        let saving = book.number("Workloads", row, 10);
        assert!(is_near(saving, number(&json["monthly_saving"])), "{name}: {json}");
        if let Some(cost) = json["monthly_cost"].as_str() {
            assert!(is_near(book.number("Workloads", row, 8), cost.parse().expect("a number")), "{name}: {json}");
        }
        let data = row - 2;
        for (title, key) in [
            ("Cost in the period", "cost"),
            ("Batch cost in the period", "batch_cost"),
            ("Cost a month", "monthly_cost"),
            ("Batch saves a month", "monthly_saving"),
        ] {
            let Some(exact) = json[key].as_str() else { continue };
            let column = book.column_of("Data", 4, title);
            assert!(is_near(book.number("Data", data, column), exact.parse().expect("a number")), "{name}: {key}");
            let digits = exact.chars().filter(char::is_ascii_digit).skip_while(|digit| *digit == '0').count();
            let has_texts = book.text("Data", 4, column + 1) == format!("{title}, exact");
            assert!(has_texts || digits <= 15, "{name}: {exact} has no text");
            if has_texts {
                let told = if digits > 15 { exact } else { "" };
                assert_eq!(book.text("Data", data, column + 1), told, "{name}: {key} of {json}");
            }
        }
    }
}

/// Another program makes of each formula what batchwise does.
#[test]
#[ignore = "needs LibreOffice: .ci/long"]
fn formulas_work_out_what_they_carry() {
    let made: Vec<Made> = CASES.iter().map(made).collect();
    let checks: Vec<office::Check<'_>> = CASES
        .iter()
        .zip(&made)
        .map(|(case, made)| office::Check {
            name: case.name,
            as_made: &made.book,
            edits: &[],
            expected: &made.book,
            sheets: &[],
        })
        .collect();
    office::check(&checks);
}

/// The cell of an assumption: a name, or a label with its column.
fn cell_of(book: &Book, name: &str) -> String {
    let (_, range) = book.names.iter().find(|(known, _)| known == name).unwrap_or_else(|| panic!("no name {name}"));
    let cell = range.rsplit('!').next().unwrap_or_default().replace('$', "");
    cell.split(':').next().unwrap_or_default().to_owned()
}

/// Cells of the ramp with its shares.
fn ramp(book: &Book, shares: &[&str]) -> Vec<(String, String)> {
    let first = (0..book.height("Assumptions"))
        .find(|row| book.text("Assumptions", *row, 0).starts_with("What runs of a step in its month"))
        .expect("a ramp");
    (first + 1..).zip(shares).map(|(row, share)| (format!("C{row}"), (*share).to_owned())).collect()
}

/// A case with another policy, and the same changes to the workbook that was made without it.
struct Change {
    name: &'static str,
    case: &'static Case,
    policy: &'static str,
    edits: &'static [(&'static str, &'static str)],
    ramp: &'static [&'static str],
}

const CHANGES: [Change; 2] = [
    Change {
        name: "sample-changed",
        case: &CASES[0],
        policy: "schema: 1\nlimits: {min_monthly_saving: 9.5}\nbatch: {cache: as-sent, cache_hit_share: 10%, failure_share: 3%}\nplanning: {growth_monthly: {low: -1%, base: 2.5%, high: 4%}, ramp: [10%, 40%, 85%], budget_monthly: 330.25, quarters: 2}\nrouting:\n  assumption: {low: 5%, base: 20%, high: 45%}\n",
        edits: &[
            ("Minimum_saving", "9.5"),
            ("Cache_way", "2"),
            ("Hit_share", "0.1"),
            ("Failure_share", "0.03"),
            ("Growth", "0.025"),
            ("Budget_monthly", "330.25"),
            ("Route_share_low", "0.05"),
            ("Route_share_base", "0.2"),
            ("Route_share_high", "0.45"),
        ],
        ramp: &["0.1", "0.4", "0.85", "0.85", "0.85", "0.85"],
    },
    Change {
        name: "agents-changed",
        case: &CASES[1],
        policy: "schema: 1\nrules:\n  - {id: evals, when: {workload: nightly-evals}, then: batch, owner: model-quality, because: results are read next morning}\nplanning: {growth_monthly: 1%, ramp: [100%], budget_monthly: 5000, quarters: 2}\nrouting:\n  routes:\n    - {from: \"anthropic/claude-sonnet-4-5\", to: anthropic/claude-haiku-4-5, share: {low: 40%, base: 60%, high: 90%}, escalation: 12%, overhead: 3%, evidence: \"400 reviews judged blind, October\"}\n",
        edits: &[
            ("Growth", "0.01"),
            ("Growth_damping", "0"),
            ("Budget_monthly", "5000"),
            ("Route_share_low", "0.4"),
            ("Route_share_base", "0.6"),
            ("Route_share_high", "0.9"),
            ("Route_escalation", "0.12"),
            ("Route_overhead", "0.03"),
        ],
        ramp: &["1", "1", "1", "1", "1", "1"],
    },
];

/// After a change of assumptions each formula makes what a second run makes with these values in the policy.
#[test]
#[ignore = "needs LibreOffice: .ci/long"]
fn changed_assumptions_make_what_a_second_run_makes() {
    let folder = Folder::new();
    let mut pairs = Vec::new();
    for change in &CHANGES {
        let log: Vec<PathBuf> = change.case.log.iter().map(|log| fixture(log)).collect();
        let policy = folder.write(&format!("{}.yaml", change.name), change.policy);
        let first = made(change.case).book;
        let second = make(&folder, &log, &["--policy", policy.to_str().expect("UTF-8")]).book;
        let mut edits: Vec<(String, String)> =
            change.edits.iter().map(|(name, value)| (cell_of(&first, name), (*value).to_owned())).collect();
        edits.extend(ramp(&first, change.ramp));
        // How wide the forecast is is measured, with the growth that is given.
        let place = cell_of(&second, "Band_error");
        let row: u32 = place.trim_start_matches('C').parse().expect("a row");
        edits.push((cell_of(&first, "Band_error"), second.number("Assumptions", row - 1, 2).to_string()));
        pairs.push((change.name, first, second, edits));
    }
    let checks: Vec<office::Check<'_>> = pairs
        .iter()
        .map(|(name, first, second, edits)| office::Check {
            name,
            as_made: first,
            edits,
            expected: second,
            // The second run has other steps, in another order.
            sheets: &["Summary", "Scenarios", "Quarters", "Workloads", "Base months", "Workloads 2026-10-31"],
        })
        .collect();
    let Some(found) = office::check(&checks) else { return };
    for book in found {
        // The steps of the first run and what else moves now are what the scenario says.
        let top = (5..book.height("Plan")).find(|row| book.text("Plan", *row, 1) == "All steps").expect("a total");
        let [steps, beside, all] = [0, 1, 2].map(|row| book.scaled("Plan", top + row, 6));
        assert!((steps + beside - all).abs() <= 2, "{steps} and {beside} are not {all}");
        let confidence = (0..book.height("Summary")).find(|row| book.text("Summary", *row, 7) == "Assumptions");
        assert_eq!(book.text("Summary", confidence.expect("a line"), 8), "changed");
    }
}

/// Shares of bands: nothing of what is likely is what a policy makes that lets none of it wait, and all of what nobody
/// knows is the high case.
#[test]
#[ignore = "needs LibreOffice: .ci/long"]
fn shares_of_bands_make_what_rules_make() {
    let folder = Folder::new();
    let sample = made(&CASES[0]);
    let likely: Vec<&str> = sample.report["workloads"]
        .as_array()
        .expect("workloads")
        .iter()
        .filter(|row| row["band"] == "likely")
        .filter_map(|row| row["workload"].as_str())
        .collect();
    assert!(likely.len() > 1, "{likely:?}");
    let policy = folder.write(
        "policy.yaml",
        format!(
            "schema: 1\nrules:\n  - {{id: none, when: {{workload: {likely:?}}}, then: real-time, because: a test}}\n"
        ),
    );
    let without =
        make(&folder, &[fixture("verdicts/october.csv")], &["--policy", policy.to_str().expect("UTF-8")]).book;
    let book = &sample.book;
    let edit = |name: &str, value: &str| (cell_of(book, name), value.to_owned());
    let none = [edit("Likely_base", "0"), edit("Likely_high", "0")];
    let all = [edit("Undecided_base", "1"), edit("Route_share_base", "0.6")];
    let half = [edit("Undecided_base", "0.5")];
    let check = |name: &'static str, edits, expected| office::Check {
        name,
        as_made: book,
        edits,
        expected,
        sheets: &["Scenarios"],
    };
    let Some(_) = office::check(&[check("none", &none[..], &without)]) else { return };
    let found = office::recalculated(&[
        ("all", office::changed(&book.bytes, &all)),
        ("half", office::changed(&book.bytes, &half)),
    ]);
    let [all, half] = found.expect("LibreOffice").try_into().unwrap_or_else(|_| panic!("two books"));
    for row in 6..all.height("Scenarios") {
        assert_eq!(all.value("Scenarios", row, 2), all.value("Scenarios", row, 3), "row {row}: base is high");
    }
    let row = book.row_of("Scenarios", "Batch only: saving", 0);
    let [low, high] = [2, 3].map(|column| book.scaled("Scenarios", row, column));
    let middle = half.scaled("Scenarios", row, 2);
    assert!((middle * 2 - low - high).abs() <= 4, "{middle} is half way from {low} to {high}");
}

#[test]
fn exact_texts_stand_beside_long_amounts() {
    let folder = Folder::new();
    let log = folder.write("log.csv", "timestamp,model,input_tokens,output_tokens,workload_tag\n2026-10-01T00:00:00Z,m,123456789,7,job\n2026-10-07T00:00:00Z,m,1,1,job\n");
    let prices = folder.write("prices.yaml", "schema: 1\ncurrency: USD\nproviders:\n  p:\n    models:\n      m:\n        prices:\n          - source: \"https://prices.example\"\n            checked: 2026-10-01\n            standard: {input: 0.123456789012, output: 1}\n");
    let made = make(&folder, &[log], &["--prices", prices.to_str().expect("UTF-8")]);
    let exact = made.report["workloads"][0]["cost"].as_str().expect("a cost").to_owned();
    assert!(exact.len() > 17, "{exact}");
    let column = made.book.column_of("Data", 4, "Cost in the period, exact");
    assert_eq!(made.book.text("Data", 5, column), exact);
}

/// A column for exact texts is there where an amount needs it, and only there.
#[test]
fn no_column_of_exact_texts_is_empty() {
    let folder = Folder::new();
    let by = folder.path("by.xlsx");
    let log = fixture(CASES[1].log[0]);
    finish(program().arg("report").arg(log).args(CASES[1].words).args(["--by", "workload", "-o"]).arg(&by));
    let books = [made(&CASES[0]).book, Book::read(std::fs::read(&by).expect("written")), billed(&Folder::new()).book];
    let mut seen = 0;
    for book in &books {
        for (sheet, place, value) in book.values() {
            if value.to_string().ends_with(", exact") {
                let below = (place.row + 1..book.height(sheet)).map(|row| book.text(sheet, row, place.column));
                assert!(below.filter(|text| !text.is_empty()).count() > 0, "{sheet}, {place} has nothing below it");
                seen += 1;
            }
        }
    }
    assert!(seen > 0, "amounts of halves as months are long");
}

fn billed(folder: &Folder) -> Made {
    let files = ["openai-usage-api", "openai-costs-api"].map(|name| fixture(&format!("formats/{name}/good.json")));
    make(folder, &files, &[])
}

/// The bill from the whole down to its lines: each level adds up to the one above it.
#[test]
fn a_bill_adds_up_over_its_sheets() {
    let Made { book, report, .. } = billed(&Folder::new());
    let found = &report["reconciliation"];
    let all = book.row_of("Reconciliation", "All", 0);
    let sides = [("Computed", "computed"), ("Billed", "billed"), ("Residual", "residual")];
    for (title, key) in sides {
        let column = book.column_of("Reconciliation", all - 2, title);
        assert!(is_near(book.number("Reconciliation", all, column), number(&found[key])), "{title}");
        let whole = book.scaled("Reconciliation", all, column);
        for sheet in ["Bill by day", "Bill by line"] {
            let column = book.column_of(sheet, 4, title);
            let sum: i64 = (5..book.height(sheet)).map(|row| book.scaled(sheet, row, column)).sum();
            // Each line is rounded to hundredths of cents.
            let apart = (sum - whole).abs();
            assert!(apart <= i64::from(book.height(sheet)), "{sheet}: {title} is {apart} off");
        }
    }
    let standing = book.column_of("Reconciliation", all - 2, "Standing");
    assert_eq!(found["standing"], "do not present");
    assert_eq!(book.text("Reconciliation", all, standing), "Not ready to present");
    let lines = found["lines"].as_array().map_or(0, Vec::len);
    assert_eq!(book.height("Bill by line"), 5 + u32::try_from(lines).expect("few"));
}

/// Names that a spreadsheet would run, that no XML holds, that are keys, or that are too long.
const HOSTILE: [&str; 12] = [
    "=1+1",
    "+cmd|' /C calc'!A0",
    "-2+3",
    "@SUM(A1:A9)",
    "\t=2+2",
    "=HYPERLINK(\"https://evil.example\",\"x\")",
    "{=1+1}",
    "</t></si><f>1+1</f>",
    "_x003D_1+1",
    "a\u{202e}b\u{1}c",
    concat!("sk-", "ant-api03-abcdefghijklmnopqrstuvwxyz"),
    "Hit_share",
];

#[test]
fn names_from_files_are_never_formulas() {
    let folder = Folder::new();
    let plain =
        log_of(&folder, "plain.csv", &(0..HOSTILE.len()).map(|index| format!("job {index}")).collect::<Vec<_>>());
    let hostile = log_of(&folder, "hostile.csv", &HOSTILE.map(ToOwned::to_owned));
    let [plain, hostile] = [plain, hostile].map(|log| make(&folder, &[log], &[]).book);
    let formulas = |book: &Book| {
        book.formulas().map(|(sheet, cell, formula)| format!("{sheet}!{cell} {formula}")).collect::<Vec<_>>()
    };
    let (plain, of_hostile) = (formulas(&plain), formulas(&hostile));
    let apart: Vec<_> = plain.iter().zip(&of_hostile).filter(|(a, b)| a != b).take(5).collect();
    assert!(apart.is_empty() && plain.len() == of_hostile.len(), "formulas go by what things are called: {apart:?}");
    let shown: Vec<String> = (7..).take(HOSTILE.len()).map(|row| hostile.text("Workloads", row, 0)).collect();
    for name in &HOSTILE[..9] {
        let name = name.replace('\t', "\\u{9}");
        assert!(shown.contains(&name), "{name} in {shown:?}");
    }
    for (sheet, cell, value) in hostile.values() {
        if let Data::String(text) = value {
            assert!(!text.chars().any(|c| c.is_control() || c == '\u{202e}'), "{sheet}!{cell}: {text:?}");
            assert!(!text.contains("abcdefghijklmnop"), "{sheet}!{cell}: {text:?}");
        }
    }
    assert!(hostile.parts().iter().all(|part| !part.contains("hyperlink")));
}

#[test]
fn a_cell_holds_no_more_than_it_can() {
    let folder = Folder::new();
    let log = log_of(&folder, "long.csv", &["x".repeat(40_000)]);
    let book = make(&folder, &[log], &[]).book;
    let name = book.text("Workloads", 7, 0);
    assert_eq!(name.chars().count(), 32_767);
    assert!(name.ends_with('…'));
}

#[test]
fn the_same_files_make_the_same_bytes() {
    for case in &CASES[..2] {
        let [first, second] = [made(case), made(case)].map(|made| made.book.bytes);
        assert!(first == second, "{}", case.name);
    }
}

/// A log with some calls a workload, of which half say that they can wait.
fn log_of(folder: &Folder, file: &str, workloads: &[String]) -> PathBuf {
    let mut log = "timestamp,provider,model,input_tokens,output_tokens,requests,workload_tag,tag.batch\n".to_owned();
    for (index, workload) in workloads.iter().enumerate() {
        let quoted = workload.replace('"', "\"\"");
        let (day, tokens) = (index % 28 + 1, 900_000 + index * 1_000);
        let batch = ["true", "", "false"][index % 3];
        let _ = writeln!(log, "2026-10-{day:02}T03:00:00Z,openai,gpt-5.4,{tokens},20000,500,\"{quoted}\",{batch}");
    }
    folder.write(file, log)
}

/// More workloads than a sheet shows.
fn of_many_workloads() -> Made {
    let folder = Folder::new();
    let names: Vec<String> = (0..2_400).map(|index| format!("job {index}")).collect();
    make(&folder, &[log_of(&folder, "many.csv", &names)], &[])
}

/// The largest, and sums from which formulas make the same totals.
#[test]
fn many_workloads_are_summed_and_totals_agree() {
    let made = of_many_workloads();
    let book = &made.book;
    assert!(book.text("Workloads", 3, 0).starts_with("Of 2,400 rows the largest 2,000 stand alone"));
    let rows = book.height("Workloads");
    assert!(rows < 2_020, "{rows}");
    let sum = |sheet: &str, from: u32, column: u32| -> i64 {
        // In hundredths of cents, so that nothing is added up as a float.
        (from..book.height(sheet)).map(|row| book.scaled(sheet, row, column)).sum()
    };
    let today = scaled(&made.report["scenarios"][0]["monthly_cost"]["base"]);
    let in_data = book.column_of("Data", 4, "Cost a month");
    for (sheet, from, column) in [("Workloads", 7, 8), ("Data", 5, in_data)] {
        let difference = sum(sheet, from, column) - today;
        assert!(difference.abs() < 2_400, "{sheet}: {difference} hundredths of cents beside {today}");
    }
    scenarios(book, "Net", "many", &[("Batch only: saving", cases(&made.plan, "/now/batch_only"))]);
}

#[test]
#[ignore = "needs LibreOffice: .ci/long"]
fn many_workloads_are_worked_out_alike() {
    let book = &of_many_workloads().book;
    office::check(&[office::Check { name: "many", as_made: book, edits: &[], expected: book, sheets: &[] }]);
}

/// Decisions have their dollars, and those that are not named are summed.
#[test]
fn decisions_are_summed() {
    let made = make(&Folder::new(), &[fixture("verdicts/october.csv")], &["--top", "1"]);
    let (book, questions) = (&made.book, made.report["questions"].as_array().expect("questions"));
    let first = book.row_of("Summary", "Decisions needed, in USD a month", 0) + 2;
    assert_eq!(book.text("Summary", first, 0), questions[0]["question"].as_str().expect("a question"));
    assert!(is_near(book.number("Summary", first, 4), number(&questions[0]["monthly_saving"])));
    assert_eq!(book.text("Summary", first, 7), "November 2026", "before the plan begins");
    // Below it the other questions, and what is to be settled before a step begins.
    let settled = made.plan["steps"].as_array().expect("steps").iter();
    let settled = settled.flat_map(|step| step["blockers"].as_array().expect("a list").iter().map(move |_| step));
    let stakes: Vec<i64> = questions[1..]
        .iter()
        .map(|question| scaled(&question["monthly_saving"]))
        .chain(settled.map(|step| scaled(&step["monthly_saving"])))
        .collect();
    let rest = book.text("Summary", first + 1, 0);
    assert_eq!(rest, format!("{} more, in the JSON and the page", stakes.len()));
    let others: i64 = stakes.iter().sum();
    assert!((book.scaled("Summary", first + 1, 4) - others).abs() <= 8, "{others} hundredths of cents");
}

/// The first sheet is a slide: one page, landscape, with everything on it.
#[test]
fn the_first_sheet_is_one_printed_page() {
    for case in &CASES {
        let book = made(case).book;
        let sheet = book.part("xl/worksheets/sheet1.xml");
        assert!(sheet.contains("<pageSetUpPr fitToPage=\"1\"/>"), "{}", case.name);
        let setup = sheet.split("<pageSetup").nth(1).and_then(|rest| rest.split("/>").next()).expect("a page");
        assert!(setup.contains("orientation=\"landscape\""), "{}: {setup}", case.name);
        assert!(
            !setup.contains("fitToHeight") && !setup.contains("fitToWidth"),
            "{}: 1 each is usual: {setup}",
            case.name
        );
        let workbook = book.part("xl/workbook.xml");
        let area = workbook.split("Summary!$A$1:$I$").nth(1).and_then(|rest| rest.split('<').next());
        let printed: u32 = area.expect("what is printed").parse().expect("a row");
        for (_, place, value) in book.values().filter(|(sheet, _, _)| *sheet == "Summary") {
            assert!(place.row < printed && place.column <= 8, "{}: {value} is not printed", case.name);
        }
    }
}

/// Each step of the plan with what rules say of it; what it saves is a formula, and the sums are the plan's.
#[test]
fn the_plan_has_a_sheet() {
    for case in &CASES {
        let Made { book, plan, .. } = made(case);
        let steps = plan["steps"].as_array().expect("steps");
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        for (row, step) in (5..).zip(steps) {
            let approved = &step["approved"];
            let approved = if approved.is_null() {
                String::new()
            } else {
                format!("{}, {}", text(&approved["by"]), text(&approved["on"]))
            };
            for (column, expected) in [
                (0, (row - 4).to_string()),
                (3, text(&step["owner"])),
                (4, text(&step["effort"])),
                (5, text(&step["start"])),
                (8, text(&step["status"])),
                (9, approved),
            ] {
                assert_eq!(book.text("Plan", row, column), expected, "{}: {step}", case.name);
            }
            assert!(book.text("Plan", row, 1).starts_with(&text(&step["workload"])), "{}: {step}", case.name);
            for (column, key) in [(6, "monthly_saving"), (7, "cumulative_monthly_saving")] {
                assert!(is_near(book.number("Plan", row, column), number(&step[key])), "{}: {step}", case.name);
                assert!(book.formula("Plan", row, column).is_some(), "{}: a formula", case.name);
            }
        }
        let end = 5 + u32::try_from(steps.len()).expect("few");
        let whole = number(&plan["now"]["batch_only"]["base"]);
        assert_eq!(book.text("Plan", end + 1, 1), "Moves only by changed assumptions");
        assert!(is_near(book.number("Plan", end + 1, 6), 0.0), "{}", case.name);
        assert!(is_near(book.number("Plan", end + 2, 6), whole), "{}", case.name);
    }
}

/// Programs leave an indent out unless it says from which side.
#[test]
fn texts_beside_numbers_stand_apart_from_them() {
    let made = make(&Folder::new(), &[fixture("verdicts/october.csv")], &[]);
    let styles = made.book.part("xl/styles.xml");
    let alignments: Vec<&str> = styles.split("<alignment").skip(1).filter(|one| one.contains("indent=")).collect();
    assert!(alignments.len() > 2, "{styles}");
    for alignment in alignments {
        assert!(alignment.starts_with(" horizontal=\"left\""), "{}", &alignment[..60]);
    }
}

fn scaled(amount: &Value) -> i64 {
    let text = amount.as_str().expect("an amount");
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    format!("{whole}{:0<4}", &fraction[..fraction.len().min(4)]).parse().expect("digits")
}
