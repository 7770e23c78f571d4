//! Every way to buy a call: what a plan and an explanation show, and what the plan takes.

use std::fmt::Write as _;

use serde_json::Value;

use crate::support::{Folder, finish, program};

const POLICY: &str = "schema: 1
batch: {turnaround: conservative}
rules:
  - {id: drafts, when: {workload: drafts}, then: batch, max_wait: 2h}
  - {id: letters, when: {workload: letters}, then: batch}
";

/// Ten calls an hour in the last two weeks of November: 20,000 tokens in and 2,000 out.
fn log() -> String {
    let mut log = "request_id,timestamp,provider,model,workload_tag,input_tokens,output_tokens\n".to_owned();
    for (workload, provider, model) in [
        ("drafts", "openai", "gpt-6.2-sol"),
        ("letters", "openai", "gpt-6.2-sol"),
        ("labels", "deepseek", "deepseek-v4-pro"),
    ] {
        for (day, hour, call) in
            (17..=30).flat_map(|day| (0..24).flat_map(move |hour| (0..10).map(move |call| (day, hour, call))))
        {
            let row = format!("{workload}-{day}-{hour}-{call},2026-11-{day}T{hour:02}:00:00Z");
            writeln!(log, "{row},{provider},{model},{workload},20000,2000").expect("room");
        }
    }
    log
}

fn plan(folder: &Folder) -> Value {
    let (log, policy) = (folder.write("log.csv", log()), folder.write("policy.yaml", POLICY));
    finish(program().arg("plan").arg(log).arg("--policy").arg(policy).args(["--format", "json"])).json()
}

fn of<'p>(plan: &'p Value, workload: &str) -> &'p Value {
    let mut rows = plan["ladders"].as_array().expect("a list").iter();
    rows.find(|row| row["workload"] == workload).unwrap_or_else(|| panic!("no {workload}"))
}

/// Its rungs, each with what a month costs and within which it answers.
fn rungs(row: &Value) -> Vec<(String, String, Option<String>)> {
    let text = |value: &Value| value.as_str().map(ToOwned::to_owned);
    let rung = |rung: &Value| {
        (text(&rung["rung"]).expect("a name"), text(&rung["monthly_cost"]).expect("a cost"), text(&rung["max_wait"]))
    };
    row["ladder"].as_array().expect("a list").iter().map(rung).collect()
}

#[test]
fn a_workload_that_may_wait_two_hours_takes_a_window() {
    let folder = Folder::new();
    let plan = plan(&folder);
    let drafts = of(&plan, "drafts");
    // 3,360 calls × (20,000 × 2 + 2,000 × 10) ÷ 1,000,000 = 201.6, × 365 ÷ (12 × 14) = 438
    let expected = [
        ("priority", "876", Some("0h")),
        ("standard", "438", Some("0h")),
        ("window-2h", "306.6", Some("2h")),
        ("window-8h", "262.8", Some("8h")),
        ("batch", "219", Some("24h")),
    ];
    let expected: Vec<_> =
        expected.map(|(rung, cost, wait)| (rung.to_owned(), cost.to_owned(), wait.map(ToOwned::to_owned))).into();
    assert_eq!(rungs(drafts), expected);
    assert_eq!((&drafts["max_wait"], &drafts["takes"]), (&"2h".into(), &"window-2h".into()));
    // 0.99 of the 131.4 that the window is cheaper
    assert_eq!(drafts["monthly_saving"], "130.086");
    // Who may wait a day takes batch, which the plan counts already.
    let letters = of(&plan, "letters");
    assert_eq!((&letters["takes"], &letters["beyond_batch"]), (&"batch".into(), &"0".into()));
    // What the ladder adds is in no other figure.
    assert_eq!(plan["now"]["ladder_beyond_batch"], drafts["beyond_batch"]);
    let step =
        plan["steps"].as_array().expect("steps").iter().find(|step| step["workload"] == "drafts").expect("a step");
    let money = |value: &Value| value.as_str().expect("an amount").parse::<f64>().expect("a number");
    let both = money(&step["monthly_saving"]) + money(&drafts["beyond_batch"]);
    assert!((both - 130.086).abs() < 1e-9, "{both}");
}

#[test]
fn work_that_nobody_lets_wait_has_its_rungs_and_takes_none() {
    let folder = Folder::new();
    let plan = plan(&folder);
    let labels = of(&plan, "labels");
    // 20,000 × 0.66 + 2,000 × 1.98 = 0.01716 a call, × 3,360 × 365 ÷ 168
    assert_eq!(rungs(labels)[1], ("off-peak".to_owned(), "125.268".to_owned(), Some("4h".to_owned())));
    assert_eq!((&labels["max_wait"], &labels["takes"]), (&Value::Null, &Value::Null));
}

#[test]
fn pages_and_explanations_show_the_ways() {
    let folder = Folder::new();
    let (log, policy) = (folder.write("log.csv", log()), folder.write("policy.yaml", POLICY));
    let page = finish(program().arg("plan").arg(&log).arg("--policy").arg(&policy).env("COLUMNS", "120")).stdout;
    let section = page.split("Every way to buy a call").nth(1).expect("the section");
    assert!(section.contains("window") && section.contains("saves most"), "{section}");
    let words = ["--workload", "drafts"];
    let page = finish(program().arg("explain").arg(&log).arg("--policy").arg(&policy).args(words)).stdout;
    let ways =
        "on each way to buy it: priority $403.2, standard $201.6, window-2h $141.12, window-8h $120.96, batch $100.8";
    assert!(page.contains(ways), "{page}");
}
