//! The plan: its forms, and the laws that its figures hold.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::PathBuf;

use serde_json::Value;

use crate::price_tables::{Model, acme, halved, price};
use crate::support::{Folder, Run, finish, fixture, program};

/// A company's files and options.
pub struct Company {
    pub name: &'static str,
    pub log: &'static str,
    pub words: &'static [&'static str],
}

pub const COMPANIES: [Company; 4] = [
    Company { name: "sample", log: "verdicts/october.csv", words: &[] },
    Company { name: "agents", log: "plan/agents.csv", words: &["--policy", "fixtures/plan/agents-policy.yaml"] },
    Company { name: "one-export", log: "formats/openai-usage-csv/good.csv", words: &[] },
    Company {
        name: "deadlines",
        log: "plan/deadlines.csv",
        words: &["--prices", "fixtures/plan/deadlines-prices.yaml", "--policy", "fixtures/plan/deadlines-policy.yaml"],
    },
];

/// Everything is in time, nothing fails, and nothing is too small.
const ON_PAPER: &str =
    "schema: 1\nbatch: {failure_share: 0%, turnaround: {p50: 1m, p100: 2m}}\nlimits: {min_monthly_saving: 0}\n";

pub fn plan(log: PathBuf, words: &[&str], form: &str) -> Run {
    finish(program().arg("plan").arg(log).args(words).args(["--quiet", "--format", form]).env("COLUMNS", "100"))
}

pub fn json(log: PathBuf, words: &[&str]) -> Value {
    plan(log, words, "json").json()
}

/// An amount in units of 10⁻¹⁸.
pub fn units(value: &Value) -> i128 {
    let text = value.as_str().unwrap_or_else(|| panic!("an amount, not {value}"));
    let (sign, digits) = text.strip_prefix('-').map_or((1, text), |digits| (-1, digits));
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    assert!(fraction.len() <= 18, "{text}");
    sign * format!("{whole}{fraction:0<18}").parse::<i128>().expect("digits")
}

pub fn cases(value: &Value) -> [i128; 3] {
    ["low", "base", "high"].map(|case| units(&value[case]))
}

pub fn list<'v>(value: &'v Value, key: &str) -> &'v [Value] {
    value[key].as_array().unwrap_or_else(|| panic!("a list of {key}"))
}

#[test]
fn pages_of_four_companies() {
    for company in COMPANIES {
        let page = plan(fixture(company.log), company.words, "table");
        insta::assert_snapshot!(format!("{}-page", company.name), page.transcript());
        assert!(page.stdout.lines().all(|line| line.chars().count() <= 100), "{}", page.stdout);
    }
    for form in ["markdown", "json", "csv"] {
        let deadlines = &COMPANIES[3];
        let run = plan(fixture(deadlines.log), deadlines.words, form);
        insta::assert_snapshot!(format!("deadlines-{form}"), run.transcript());
    }
}

#[test]
fn steps_of_the_waterfall_months_and_workloads_add_up() {
    for company in COMPANIES {
        let plan = json(fixture(company.log), company.words);
        let name = company.name;
        let waterfall = &plan["waterfall"];
        let bars: i128 = list(waterfall, "bars").iter().map(|bar| units(&bar["amount"])).sum();
        assert_eq!(units(&waterfall["baseline"]) + bars, units(&waterfall["target"]), "{name}");
        let months = list(&plan, "months");
        assert_eq!(waterfall["target"], months.last().expect("months")["batch_plus_routing"]["cost"]["base"], "{name}");
        for quarter in list(&plan, "quarters") {
            let own: Vec<&Value> = months.iter().filter(|month| month["quarter"] == quarter["quarter"]).collect();
            assert_eq!(quarter["months"], own.len());
            for path in [
                "/today",
                "/batch_only/cost",
                "/batch_only/saving",
                "/batch_plus_routing/cost",
                "/batch_plus_routing/saving",
            ] {
                let amounts = |value: &Value| cases(value.pointer(path).expect("amounts"));
                let sum = own.iter().fold([0; 3], |sum, month| {
                    let month = amounts(month);
                    std::array::from_fn(|case| sum[case] + month[case])
                });
                assert_eq!(amounts(quarter), sum, "{name} {path}");
            }
        }
        for month in months {
            let today = cases(&month["today"]);
            for scenario in ["batch_only", "batch_plus_routing"] {
                let (cost, saving) = (cases(&month[scenario]["cost"]), cases(&month[scenario]["saving"]));
                assert_eq!(today[1] - cost[1], saving[1], "{name}: the base of both is the same case");
                assert!(saving[0] <= saving[1] && saving[1] <= saving[2], "{name}: {saving:?}");
                assert!(cost[0] <= cost[1] && cost[1] <= cost[2], "{name}: {cost:?}");
                assert!(cost[0] >= 0, "{name}: {cost:?}");
            }
            assert!(today[0] <= today[1] && today[1] <= today[2], "{name}");
        }
        let mut sum = 0;
        for step in list(&plan, "steps") {
            sum += units(&step["monthly_saving"]);
            assert_eq!(units(&step["cumulative_monthly_saving"]), sum, "{name}");
            assert!(units(&step["monthly_saving"]) > 0, "{name}: a step saves");
        }
        assert_eq!(cases(&plan["now"]["batch_only"])[1], sum, "{name}: batch only is what the steps save");
        let parts = &plan["now"]["parts"];
        let both = cases(&plan["now"]["batch_plus_routing"]);
        let (batch, routing) = (cases(&parts["batch"]), cases(&parts["routing"]));
        assert_eq!(both, std::array::from_fn(|case| batch[case] + routing[case]), "{name}");
        assert_eq!(units(&plan["sensitivity"]["base_saving"]), both[1], "{name}");
    }
}

/// With nothing failing, late or too small, the plan saves what the report says.
#[test]
fn on_paper_it_is_the_report() {
    let folder = Folder::new();
    let policy = folder.write("policy.yaml", ON_PAPER);
    let words = ["--policy", policy.to_str().expect("a path")];
    for log in ["verdicts/october.csv", "plan/agents.csv", "formats/litellm-csv/good.csv"] {
        let plan = json(fixture(log), &words);
        let report =
            finish(program().arg("report").arg(fixture(log)).args(words).args(["--quiet", "--format", "json"]));
        let scenarios = &report.json()["scenarios"];
        assert_eq!(cases(&plan["now"]["batch_only"]), cases(&scenarios[1]["monthly_saving"]), "{log}");
        // Without routes a plan has no routing: the report's assumption stands alone.
        assert_eq!(plan["now"]["batch_plus_routing"], plan["now"]["batch_only"], "{log}");
        assert_eq!(scenarios[2]["routing"], "assumed");
        assert_eq!(plan["now"]["monthly_cost"], scenarios[0]["monthly_cost"]["base"], "{log}");
    }
}

/// The rows that move, sent to batch: nothing is left to move, with every saving worth it or with the built-in limit.
#[test]
fn a_plan_that_was_followed_leaves_nothing_to_move() {
    let folder = Folder::new();
    for (name, text) in [("paper.yaml", ON_PAPER), ("built-in.yaml", "schema: 1\n")] {
        let policy = folder.write(name, text);
        let words = ["--policy", policy.to_str().expect("a path")];
        let before = json(fixture("verdicts/october.csv"), &words);
        let steps: BTreeSet<&str> =
            list(&before, "steps").iter().filter_map(|step| step["workload"].as_str()).collect();
        assert!(!steps.is_empty() && cases(&before["now"]["batch_only"])[1] > 0);
        let after = folder.write("after.csv", followed(&words, &steps));
        let plan = json(after, &words);
        assert!(list(&plan, "steps").is_empty(), "{name}: {}", plan["steps"]);
        assert_eq!(cases(&plan["now"]["batch_only"])[..2], [0, 0], "{name}");
        let fate = |plan: &Value, fate: &str| units(&plan["now"]["monthly_cost_by_fate"][fate]);
        assert_eq!(fate(&plan, "moves"), 0, "{name}");
        assert!(fate(&plan, "in_batch") > fate(&before, "in_batch"), "{name}");
        for kept in ["not_worth_it", "cannot", "undecided"] {
            assert_eq!(fate(&plan, kept), fate(&before, kept), "{name}: {kept}");
        }
    }
}

/// The sample with the calls of these workloads that can wait on the batch tier.
fn followed(words: &[&str], steps: &BTreeSet<&str>) -> Vec<u8> {
    let sample = fixture("verdicts/october.csv");
    let lines = finish(program().arg("classify").arg(&sample).args(words).arg("--quiet"));
    let mut classified = csv::Reader::from_reader(lines.stdout.as_bytes());
    let place =
        |record: &csv::StringRecord, name: &str| record.iter().position(|field| field == name).expect("a column");
    let head = classified.headers().expect("a header").clone();
    let (row, verdict, workload) = (place(&head, "row"), place(&head, "verdict"), place(&head, "workload"));
    let moved: BTreeSet<u64> = classified
        .records()
        .map(|line| line.expect("a line"))
        .filter(|line| &line[verdict] == "batch" && steps.contains(&line[workload]))
        .map(|line| line[row].parse().expect("a line number"))
        .collect();
    assert!(!moved.is_empty());
    let mut reader = csv::Reader::from_path(sample).expect("the sample");
    let mut writer = csv::Writer::from_writer(Vec::new());
    let head = reader.headers().expect("a header").clone();
    let tier = place(&head, "service_tier");
    writer.write_record(&head).expect("memory");
    for record in reader.records() {
        let record = record.expect("a row");
        let is_moved = moved.contains(&record.position().expect("a place").line());
        let field = |(index, field)| if index == tier && is_moved { "batch" } else { field };
        writer.write_record(record.iter().enumerate().map(field)).expect("memory");
    }
    writer.into_inner().expect("memory")
}

#[test]
fn the_spreadsheet_holds_the_json() {
    let deadlines = &COMPANIES[3];
    let json = json(fixture(deadlines.log), deadlines.words);
    let csv = plan(fixture(deadlines.log), deadlines.words, "csv").stdout;
    let mut reader = csv::Reader::from_reader(csv.as_bytes());
    let mut leaves = 0;
    for line in reader.records().map(|line| line.expect("a line")) {
        let (section, row, metric, value) = (&line[0], &line[1], &line[2], &line[3]);
        let mut found = &json[section];
        if let Ok(row) = row.parse::<usize>() {
            found = &found[row - 1];
        }
        for step in metric.split('.').filter(|step| *step != section) {
            found = match step.parse::<usize>() {
                Ok(index) if found.is_array() => &found[index - 1],
                _ => &found[step],
            };
        }
        let text = match found {
            Value::String(text) => text.clone(),
            Value::Null => String::new(),
            other => other.to_string(),
        };
        let text = if section == "schema" { "batchwise.plan.csv/1".to_owned() } else { text };
        assert_eq!(value.trim_start_matches('\''), text.trim_start_matches('\''), "{line:?}");
        leaves += 1;
    }
    assert!(leaves > 300, "only {leaves}");
}

#[test]
fn the_same_whatever_the_threads_and_parts() {
    let folder = Folder::new();
    let log = std::fs::read_to_string(fixture("plan/agents.csv")).expect("a log");
    let (head, rows) = log.split_once('\n').expect("a header");
    let rows: Vec<&str> = rows.lines().collect();
    let part = |name: &str, rows: &[&str]| folder.write(name, format!("{head}\n{}\n", rows.join("\n")));
    let (one, two) = (part("one.csv", &rows[..500]), part("two.csv", &rows[500..]));
    let words = ["--policy", "fixtures/plan/agents-policy.yaml", "--quiet", "--format", "json"];
    let whole = json(fixture("plan/agents.csv"), &words[..2]);
    let parts = finish(program().arg("plan").args([&two, &one]).args(words).args(["--threads", "2"])).json();
    for key in ["now", "months", "quarters", "waterfall", "steps", "sensitivity", "routes", "growth", "history"] {
        assert_eq!(whole[key], parts[key], "{key}");
    }
}

#[test]
fn batches_of_your_own_and_what_is_none() {
    let folder = Folder::new();
    let words = |path: &PathBuf| vec!["--batches".to_owned(), path.to_str().expect("a path").to_owned()];
    let run = |path: &PathBuf| {
        finish(
            program()
                .arg("plan")
                .arg(fixture("verdicts/october.csv"))
                .args(words(path))
                .args(["--format", "json", "--quiet"]),
        )
    };
    let own = run(&fixture("batches/openai.json"));
    assert_eq!(own.code, 0, "{}", own.transcript());
    assert_ne!(own.json()["turnaround"], json(fixture("verdicts/october.csv"), &[])["turnaround"]);
    let none = folder.write("none.json", "[]");
    let text = folder.write("text.json", "not a batch");
    let missing = folder.path("missing.json");
    let told: Vec<String> =
        [&none, &text, &missing].into_iter().map(|path| folder.anonymous(&run(path).transcript())).collect();
    insta::assert_snapshot!("no-batches", told.join("\n"));
}

/// Cached prompts are plain input at a route's target, so a cheaper model can cost more.
#[test]
fn routes_that_lose_are_said_to() {
    let folder = Folder::new();
    let route = "{from: anthropic/claude-opus-4-5, to: anthropic/claude-sonnet-4-5, share: 20%}";
    let policy = folder.write("policy.yaml", format!("schema: 1\nrouting: {{routes: [{route}]}}\n"));
    let words = ["--policy", policy.to_str().expect("a path")];
    let page =
        plan(fixture("plan/agents.csv"), &words, "table").stdout.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(page.contains("a month more, so leave them out"), "{page}");
    assert!(page.contains("(`route-without-evidence`)"), "{page}");
    let plan = json(fixture("plan/agents.csv"), &words);
    assert!(units(&plan["routes"][0]["monthly_saving"]["base"]) < 0);
    assert_eq!(plan["routes"][0]["monthly_saving"], plan["now"]["parts"]["routing"]);
}

/// A dollar for a million tokens; half of it in batch; a dearer and a cheaper model beside it.
const ROUTE_MODELS: [Model<'_>; 3] = [
    Model { name: "known", keys: &[], prices: &[halved(None, "1", "0.5")] },
    Model { name: "dear", keys: &[], prices: &[price(None, "2")] },
    Model { name: "cheap", keys: &[], prices: &[price(None, "0.2")] },
];

/// $300 a month of evaluations, which are batched from the base case on, and $300 of what nobody has decided about, which
/// is batched in the high case. A route is told on what stays in real time in the base case, the second $300, at its three
/// shares of 10 %, 20 % and 50 %: a model of twice the price costs $30, $60 and $150 more, one of a fifth saves $24, $48
/// and $120. Low is the worst of them.
#[test]
fn what_a_route_saves_ascends_also_where_it_loses() {
    let folder = Folder::new();
    let mut log =
        "timestamp,bucket_end,requests,provider,model,endpoint,workload_tag,input_tokens,output_tokens\n".to_owned();
    for day in 1..=30 {
        for workload in ["nightly-evals", "svc-7"] {
            let (from, to) = (format!("2026-09-{day:02}T00:00:00Z"), format!("2026-09-{day:02}T23:59:59Z"));
            let _ = writeln!(log, "{from},{to},1000,acme,known,chat,{workload},10000000,0");
        }
    }
    let log = folder.write("log.csv", log);
    let prices = folder.write("prices.yaml", acme(&ROUTE_MODELS));
    for (to, target, savings) in [("dear", "600", ["-150", "-60", "-30"]), ("cheap", "60", ["24", "48", "120"])] {
        let share = "{low: 10%, base: 20%, high: 50%}";
        let route = format!("{{from: acme/known, to: acme/{to}, share: {share}, evidence: tried}}");
        let policy = folder.write("policy.yaml", format!("{ON_PAPER}routing: {{routes: [{route}]}}\n"));
        let path = |path: &PathBuf| path.to_str().expect("UTF-8").to_owned();
        let words = ["--prices".to_owned(), path(&prices), "--policy".to_owned(), path(&policy)];
        let plan = json(log.clone(), &words.each_ref().map(String::as_str));
        let route = &plan["routes"][0];
        let said = |key: &str| ["low", "base", "high"].map(|case| route[key][case].as_str().expect("an amount"));
        assert_eq!(said("monthly_cost"), ["300"; 3], "{to}");
        assert_eq!(said("monthly_cost_at_target"), [target; 3], "{to}");
        assert_eq!(said("monthly_saving"), savings, "{to}");
        // The assumption of 0 %, 30 % and 60 % of the same $300.
        assert_eq!(said("assumption_would_say"), ["0", "90", "180"], "{to}");
        assert_eq!(route["monthly_saving"]["base"], plan["now"]["parts"]["routing"]["base"], "{to}");
    }
}

#[test]
fn nothing_to_plan_is_an_answer() {
    let folder = Folder::new();
    let head = "timestamp,model,input_tokens,output_tokens,workload_tag\n";
    let empty = folder.write("empty.csv", head);
    let run = plan(empty, &[], "table");
    assert_eq!(run.code, 3, "no row at all is no answer: {}", run.transcript());
    let unpriced = folder.write("unpriced.csv", format!("{head}2026-10-01T00:00:00Z,nobody-sells-this,5,5,chat\n"));
    let run = plan(unpriced, &[], "json");
    assert_eq!((run.code, run.json()["incomplete"][0]["code"].as_str()), (3, Some("unpriced")));
}
