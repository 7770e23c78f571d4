//! What a plan tells its readers, and that what it shows adds up.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::PathBuf;

use serde_json::Value;

use crate::plan::{COMPANIES, cases, json, list, plan, units};
use crate::support::{Folder, fixture, root};

/// Rows of the tables of a page in Markdown, by heading, cells without their spaces around.
fn tables(page: &str) -> BTreeMap<String, Vec<Vec<String>>> {
    let mut all: BTreeMap<String, Vec<Vec<String>>> = BTreeMap::new();
    let mut heading = String::new();
    for line in page.lines() {
        if let Some(text) = line.strip_prefix("### ") {
            text.clone_into(&mut heading);
        } else if let Some(row) = line.strip_prefix("| ").filter(|row| !row.starts_with("--")) {
            let cells = row.trim_end_matches(" |").split(" | ").map(|cell| cell.trim().trim_matches('*').to_owned());
            all.entry(heading.clone()).or_default().push(cells.collect());
        }
    }
    all
}

/// An amount as it is shown in 10⁻¹⁸ dollars, without the word behind it, and half of its last digit.
fn shown(cell: &str) -> (i128, i128) {
    let amount = cell.split(' ').next().unwrap_or_default().trim_matches('*');
    let digits: i128 = amount
        .chars()
        .filter(char::is_ascii_digit)
        .collect::<String>()
        .parse()
        .unwrap_or_else(|_| panic!("an amount, not {cell:?}"));
    let unit = if amount.contains('.') { 10_i128.pow(16) } else { 10_i128.pow(18) };
    (if amount.contains('−') { -digits * unit } else { digits * unit }, unit / 2)
}

/// A page as one line, so that it does not matter where lines break.
fn flat(log: PathBuf, words: &[&str]) -> String {
    plan(log, words, "table").stdout.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Daily sums of one workload, from a first day on.
fn daily(folder: &Folder, model: &str, workload: &str, first: &str, tokens: &[u64], cached: u64) -> PathBuf {
    let mut log = String::from(
        "timestamp,bucket_end,requests,model,workload_tag,input_tokens,cached_input_tokens,output_tokens\n",
    );
    let first = format!("{first}T00:00:00Z").parse::<jiff::Timestamp>().expect("a day");
    for (day, tokens) in (0..).zip(tokens) {
        let at = |more: i64| first + jiff::SignedDuration::from_hours(24 * (day + more));
        let cached = tokens * cached / 100;
        let _ = writeln!(log, "{},{},200,{model},{workload},{tokens},{cached},{}", at(0), at(1), tokens / 10);
    }
    folder.write("daily.csv", log)
}

fn policy(folder: &Folder, text: &str) -> String {
    folder.write("policy.yaml", format!("schema: 1\n{text}")).display().to_string()
}

#[test]
fn each_figure_of_a_page_is_the_json_s_rounded_by_itself() {
    for company in COMPANIES {
        let log = || fixture(company.log);
        let tables = tables(&plan(log(), company.words, "markdown").stdout);
        let json = json(log(), company.words);
        let rows = |heading: &str| tables.get(heading).map(|rows| &rows[1..]).unwrap_or_default();
        let is_own = |cell: &str, exact: i128| {
            let (amount, half) = shown(cell);
            assert!((amount - exact).abs() <= half, "{}: {cell} for {exact}", company.name);
        };
        // Without routes batch is all there is.
        let more = usize::from(!list(&json, "routes").is_empty());
        for (row, month) in rows("Month by month").iter().zip(list(&json, "months")) {
            is_own(&row[2], units(&month["today"]["base"]));
            is_own(&row[3 + more], units(&month["batch_plus_routing"]["cost"]["base"]));
            is_own(&row[4 + more], units(&month["batch_plus_routing"]["saving"]["base"]));
        }
        for (row, quarter) in rows("The next quarters").iter().zip(list(&json, "quarters")) {
            is_own(&row[1], units(&quarter["today"]["base"]));
            is_own(&row[2], units(&quarter["batch_only"]["cost"]["base"]));
        }
        let (_, steps) = tables.iter().find(|(heading, _)| heading.starts_with("From today")).expect("a waterfall");
        // What is assumed stands below it, in no sum.
        let assumed = steps.iter().position(|row| row[0].starts_with("Assumed: ")).unwrap_or(steps.len());
        let (target, steps) = steps[1..assumed].split_last().expect("steps");
        is_own(&target[1], units(&json["waterfall"]["target"]));
        // Steps lead to the target, but for what each of them is rounded by.
        let way: i128 = steps.iter().map(|row| shown(&row[1]).0).sum();
        let halves: i128 = steps.iter().chain([target]).map(|row| shown(&row[1]).1).sum();
        assert!((way - shown(&target[1]).0).abs() <= halves, "{}", company.name);
        let fates = &json["now"]["monthly_cost_by_fate"];
        let spend = rows("What becomes of today's spend");
        for (label, key) in [("Moves to batch", "moves"), ("Real-time", "cannot"), ("Undecided", "undecided")] {
            if let Some(row) = spend.iter().find(|row| row[0] == label) {
                is_own(&row[1], units(&fates[key]));
            }
        }
        let mut so_far = 0;
        for (row, step) in rows("What to move, in this order").iter().zip(list(&json, "steps")) {
            so_far += units(&step["monthly_saving"]);
            is_own(&row[4], units(&step["monthly_saving"]));
            is_own(&row[5], so_far);
        }
    }
}

/// Small savings add up: the page says to what, and which setting leaves them.
#[test]
fn what_is_left_for_being_small_is_said() {
    let folder = Folder::new();
    let sample = || fixture("verdicts/october.csv");
    let before = json(sample(), &[]);
    let left = &before["now"]["not_worth_it"];
    let of_list: i128 = list(&before, "not_worth_it").iter().map(|row| units(&row["monthly_saving"])).sum();
    assert_eq!((left["workloads"].as_u64(), units(&left["monthly_saving"])), (Some(5), of_list));
    let page = flat(sample(), &[]);
    assert!(page.contains("$62.59 is left out: 5 workloads, each under $25 a month net (`limits.min_monthly_saving` in the policy), stay in real time"), "{page}");
    let all = policy(&folder, "limits: {min_monthly_saving: 0}\n");
    let after = json(sample(), &["--policy", &all]);
    let saving = |plan: &Value| cases(&plan["now"]["batch_only"])[1];
    assert_eq!(saving(&after), saving(&before) + of_list, "the limit is all that keeps them");
    let driver = list(&before["sensitivity"], "drivers").iter().find(|driver| driver["id"] == "min-monthly-saving");
    assert_eq!(
        units(&driver.expect("the limit")["saving_at_high"]),
        units(&after["sensitivity"]["base_saving"]),
        "and what it does is among the assumptions"
    );
}

/// What nobody has decided about is held to the same limit: it is no saving that an answer would not bring.
#[test]
fn the_high_case_has_no_steps_that_are_too_small() {
    let folder = Folder::new();
    let log = daily(&folder, "gpt-5.4", "svc-7", "2026-10-01", &[300_000; 31], 0);
    let high = |least: u32| {
        let policy = policy(
            &folder,
            &format!(
                "limits: {{min_requests: 0, min_monthly_saving: {least}}}\nrouting: {{assumption: {{low: 0%, base: 0%, high: 0%}}}}\n"
            ),
        );
        cases(&json(log.clone(), &["--policy", &policy])["now"]["batch_only"])
    };
    let [low, base, most] = high(0);
    assert!(low == 0 && base == 0 && most > 10 * 10_i128.pow(18), "{most}");
    assert_eq!(high(15)[2], most);
    assert_eq!(high(1000), [0; 3]);
}

/// Little that is lost with cache hits is no effort; a tenth of the saving is.
#[test]
fn effort_follows_what_is_lost() {
    let folder = Folder::new();
    let rule = "rules:\n  - {id: all, when: {}, then: batch, because: read next week}\nlimits: {min_monthly_saving: 0, min_requests: 0}\n";
    let policy = policy(&folder, rule);
    let effort = |cached: u64| {
        let log = daily(&folder, "gpt-5.4", "reports", "2026-10-01", &[9_000_000; 31], cached);
        let plan = json(log, &["--policy", &policy]);
        let step = &list(&plan, "steps")[0];
        assert_eq!(units(&step["lost_cache"]) > 0, cached > 0);
        step["effort"].as_str().expect("a word").to_owned()
    };
    assert_eq!([0, 5, 40].map(effort), ["low", "low", "high"]);
}

/// What is needed soon is not collected, and a deadline that is too short says by how much.
#[test]
fn deadlines_are_in_the_words() {
    let company = &COMPANIES[3];
    let page = flat(fixture(company.log), company.words);
    for said in [
        "send at once. Results may take 2 hours, and 93.5 % are back by then",
        "what comes at one time is one batch, of at most 15 requests",
        "only 20 % of results would be back within 5 minutes; batch pays from 50.5 % on",
    ] {
        assert!(page.contains(said), "{said}: {page}");
    }
    assert!(!page.contains("collect several days where answers may take longer; of"), "{page}");
}

#[test]
fn a_budget_that_doing_nothing_breaks_is_named() {
    let folder = Folder::new();
    let run = |budget: u32| {
        let policy = policy(&folder, &format!("planning: {{budget_monthly: {budget}, quarters: 1}}\n"));
        let words = ["--policy", policy.as_str()];
        (json(fixture("verdicts/october.csv"), &words), flat(fixture("verdicts/october.csv"), &words))
    };
    // October is spent, and the quarter has three months of budget.
    let (plan, page) = run(390);
    let quarter = &plan["quarters"][0];
    let [nothing, budget] =
        [units(&quarter["actual_to_date"]) + units(&quarter["today"]["base"]), units(&Value::from("1170"))];
    assert!(nothing > budget, "{quarter}");
    let over = (nothing - budget + 5 * 10_i128.pow(15)) / 10_i128.pow(16);
    assert!(
        page.contains(&format!("Q4 2026: doing nothing costs ${}.{:02} more than the budget.", over / 100, over % 100)),
        "{page}"
    );
    assert!(run(500).1.contains("favourable") && !run(500).1.contains("unfavourable"));
    assert!(run(300).1.contains("unfavourable"));
}

/// A model that is not served to the end of the plan is nothing to move to; the JSON has it with its day.
#[test]
fn models_that_go_are_no_candidates_on_the_page() {
    let folder = Folder::new();
    let log = daily(&folder, "gpt-5.4", "svc-7", "2026-10-01", &[9_000_000; 31], 0);
    let plan = json(log.clone(), &[]);
    let cheaper = list(&list(&plan, "route_candidates")[0], "cheaper");
    let going: BTreeSet<&str> = cheaper
        .iter()
        .filter(|model| model["retires"].as_str().is_some_and(|day| day < "2027-05"))
        .filter_map(|model| model["model"].as_str())
        .collect();
    assert!(!going.is_empty(), "{cheaper:?}");
    let rows =
        tables(&crate::plan::plan(log, &[], "markdown").stdout)["Routing: what cheaper models would cost"].clone();
    assert!(rows.len() > 2);
    for row in &rows {
        assert!(!going.contains(row[2].trim_matches('`')), "{row:?}");
    }
}

#[test]
fn without_usage_there_is_no_table() {
    let folder = Folder::new();
    let log = folder.write("empty.csv", "timestamp,model,input_tokens,output_tokens,workload_tag\n");
    let page = plan(log, &[], "table");
    assert!(page.stdout.contains("There is no usage on known days to plan with."), "{}", page.stdout);
    assert!(!page.stdout.contains("do nothing"), "{}", page.stdout);
}

/// Paths of keys that hold a figure or a word, lists of objects as `[]`.
fn keys(value: &Value, path: &str, found: &mut BTreeSet<String>) {
    match value {
        // Cases are one figure.
        Value::Object(entries) if !entries.contains_key("base") => {
            for (key, value) in entries {
                keys(value, &if path.is_empty() { key.clone() } else { format!("{path}.{key}") }, found);
            }
        }
        Value::Array(items) if items.is_empty() => {}
        Value::Array(items) if items[0].is_object() => {
            for item in items {
                keys(item, &format!("{path}[]"), found);
            }
        }
        _ => {
            found.insert(path.to_owned());
        }
    }
}

/// Every key of the JSON stands in `docs/planning.md`, and none that there is not.
#[test]
fn every_key_is_documented() {
    let page = std::fs::read_to_string(root().join("docs/planning.md")).expect("the page");
    let (_, section) = page.split_once("## The JSON").expect("a section");
    let section = section.split_once("\n## ").map_or(section, |(section, _)| section);
    let mut documented = BTreeSet::new();
    for row in section.lines().filter_map(|line| line.strip_prefix("| `")) {
        let (key, _) = row.split_once('`').expect("a key");
        documented.insert(key.to_owned());
    }
    let mut there = BTreeSet::new();
    for company in COMPANIES {
        keys(&json(fixture(company.log), company.words), "", &mut there);
    }
    let folder = Folder::new();
    let steep = policy(
        &folder,
        "rules: [{id: all, when: {}, then: batch, approved: {by: ada, on: 2026-10-01}}]\nrouting: {routes: [{from: \"openai/gpt-5.4\", to: openai/gpt-4o-mini, share: 20%}]}\n",
    );
    let other = daily(&folder, "nobody-sells-this", "svc-7", "2026-10-01", &[5; 3], 0);
    keys(&json(other, &[]), "", &mut there);
    let head = "timestamp,bucket_end,model,workload_tag,input_tokens,output_tokens";
    let sums = format!("{head}\n2026-10-01T00:00:00Z,2026-10-02T00:00:00Z,gpt-5.4,nightly-evals,90000000,9000000\n");
    let sums = folder.write("sums.csv", sums);
    assert!(flat(sums.clone(), &[]).contains("Batch size unknown: this export has no request counts"));
    keys(&json(sums, &[]), "", &mut there);
    keys(&json(fixture("verdicts/october.csv"), &["--policy", &steep]), "", &mut there);
    let owners = policy(&folder, "planning: {budget_monthly: {team: {sales: 50}}}\n");
    keys(&json(fixture("verdicts/october.csv"), &["--policy", &owners]), "", &mut there);
    let missing: Vec<&String> = there.difference(&documented).collect();
    let gone: Vec<&String> = documented.difference(&there).collect();
    assert!(missing.is_empty() && gone.is_empty(), "missing {missing:#?}, gone {gone:#?}");
}
