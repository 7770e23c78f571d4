//! Open questions: ranked by the dollars that hang on them, and as many dollars as are open.

use std::fmt::Write as _;
use std::path::PathBuf;

use batchwise::money::{DecimalStyle, Money};
use serde_json::Value;

use crate::support::{Folder, finish, fixture, program, report_json};

fn money(value: &Value) -> Money {
    Money::parse(value.as_str().unwrap_or("0"), DecimalStyle::Point).expect("an amount").0
}

/// A log in which everything is open that can be: nobody knows, an owner is asked, only the model names it, no price.
fn calls(folder: &Folder) -> PathBuf {
    let mut log = String::from("timestamp,model,provider,input_tokens,output_tokens,workload_tag,team\n");
    for (model, workload, team, tokens) in [
        ("gpt-5.4", "svc-7", "", 900_000),
        ("gpt-5.4-mini", "svc-7", "", 800_000),
        ("gpt-5.4", "reviews", "law", 700_000),
        ("gpt-5.4", "contracts", "law", 100_000),
        ("gpt-5.4", "", "", 300_000),
        ("nobody-sells-this", "svc-9", "", 500_000),
        ("gpt-5.4", "nightly-evals", "", 600_000),
        ("gpt-5.4", "sk-proj-T4kR8wQ2zX6vB1nM9cL5jH3gF7dS0aPo", "", 200_000),
    ] {
        let _ = writeln!(log, "2026-10-05T10:00:00Z,{model},openai,{tokens},100,{workload},{team}");
    }
    folder.write("calls.csv", log)
}

const POLICY: &str = "schema: 1
limits: {min_requests: 0}
rules:
  - {id: law, when: {team: law}, then: ask, owner: legal, because: are results read the same day}
";

#[test]
fn what_is_open_is_asked_with_its_dollars() {
    let folder = Folder::new();
    let calls = calls(&folder);
    let policy = folder.write("policy.yaml", POLICY).display().to_string();
    let json = report_json(std::slice::from_ref(&calls), &["--policy", &policy]).json();
    insta::assert_snapshot!("json", serde_json::to_string_pretty(&json["questions"]).expect("JSON"));
    let page = |form: &str| {
        let run = finish(program().arg("report").arg(&calls).args(["--policy", &policy, "--format", form]));
        let (from, to) = if form == "table" { ("  Questions", "  Your share") } else { ("### Open", "### Prices") };
        let text = &run.stdout[run.stdout.find(from).expect("a section")..];
        text[..text.find(to).unwrap_or(text.len())].to_owned()
    };
    insta::assert_snapshot!("table", page("table"));
    insta::assert_snapshot!("markdown", page("markdown"));
}

/// Every open dollar is in one question, and every row that batch could still save on.
#[test]
fn questions_add_up_to_what_is_open() {
    let folder = Folder::new();
    let policy = folder.write("policy.yaml", POLICY).display().to_string();
    let no_limit = fixture("policy/no-least-requests.yaml").display().to_string();
    let mut asked = 0;
    for (file, policy) in [
        (calls(&folder), &policy),
        (fixture("sample/october.csv"), &no_limit),
        (fixture("formats/openai-usage-csv/good.csv"), &no_limit),
        (fixture("formats/openai-cost-csv/good.csv"), &no_limit),
        (fixture("formats/litellm/good.csv"), &no_limit),
    ] {
        if !file.exists() {
            continue;
        }
        let json = report_json(std::slice::from_ref(&file), &["--policy", policy]).json();
        let questions = json["questions"].as_array().expect("a list");
        let savings: Vec<Money> = questions.iter().map(|question| money(&question["monthly_saving"])).collect();
        assert!(savings.is_sorted_by(|a, b| a >= b), "{file:?}: {savings:?}");
        let open = json["workloads"].as_array().expect("rows").iter().filter(|row| {
            let reasons = row["reasons"].as_array().expect("reasons");
            let needs_export = reasons.iter().any(|reason| reason == "batch-unknown" || reason == "not-projectable");
            row["band"] == "undecided" || needs_export
        });
        let cost = Money::sum(open.map(|row| money(&row["monthly_cost"]))).expect("a sum");
        let of_questions =
            Money::sum(questions.iter().map(|question| money(&question["monthly_cost"]))).expect("a sum");
        assert_eq!(of_questions, cost, "{file:?}");
        asked += questions.len();
    }
    assert!(asked > 8, "only {asked} questions");
}

/// A log with more open workloads than anybody asks about.
#[test]
fn a_long_list_ends_in_a_sum() {
    let folder = Folder::new();
    let mut log = String::from("timestamp,model,provider,input_tokens,output_tokens,workload_tag\n");
    for row in 0..620 {
        let _ = writeln!(log, "2026-10-05T10:00:00Z,gpt-5.4,openai,{},100,svc-{row}", 9_000 + row);
    }
    let calls = folder.write("calls.csv", log);
    let policy = fixture("policy/no-least-requests.yaml").display().to_string();
    let json = report_json(&[calls], &["--policy", &policy]).json();
    let questions = json["questions"].as_array().expect("a list");
    let last = questions.last().expect("a question");
    assert_eq!((questions.len(), last["kind"].as_str()), (501, Some("others")));
    assert_eq!(last["question"], "120 more questions are not listed");
    let sum = |key: &str| Money::sum(questions.iter().map(|question| money(&question[key]))).expect("a sum");
    assert_eq!(sum("monthly_saving"), money(&json["scenarios"][1]["monthly_saving"]["high"]));
    assert_eq!(sum("monthly_cost"), money(&json["scenarios"][0]["monthly_cost"]["base"]));
}

/// The rule that a question gives is one that the policy takes, and it settles the question.
#[test]
fn an_answer_settles_its_question() {
    let folder = Folder::new();
    let calls = calls(&folder);
    let limits = "schema: 1\nlimits: {min_requests: 0}\n";
    let before = folder.write("before.yaml", limits).display().to_string();
    let questions = report_json(std::slice::from_ref(&calls), &["--policy", &before]).json()["questions"].clone();
    let rules: Vec<String> = questions
        .as_array()
        .expect("a list")
        .iter()
        .filter_map(|question| question["answer"].as_str().filter(|answer| answer.starts_with('{')))
        .map(|rule| format!("  - {rule}\n"))
        .collect();
    assert_eq!(rules.len(), 4, "{questions}");
    let after = folder.write("after.yaml", format!("{limits}rules:\n{}", rules.concat())).display().to_string();
    let report = report_json(&[calls], &["--policy", &after]).json();
    let left: Vec<&Value> =
        report["questions"].as_array().expect("a list").iter().map(|question| &question["kind"]).collect();
    assert_eq!(left, ["undecided", "unknown-model"], "a key's name cannot stand in a rule: {report}");
}
