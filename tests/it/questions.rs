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
        let (from, to) = if form == "table" { ("  Open questions", "\n\n") } else { ("### Open", "\n### ") };
        let text = &run.stdout[run.stdout.find(from).expect("a section")..];
        text.split_once(to).map_or(text, |(section, _)| section).to_owned()
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
        (fixture("verdicts/october.csv"), &no_limit),
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

/// Sums by day of one workspace with these keys, 1M tokens each: 3.00 a day each at Sonnet's price.
fn keys(folder: &Folder, keys: &[&str]) -> PathBuf {
    let mut log = String::from(
        "usage_date_utc,model_version,api_key,workspace,usage_type,context_window,usage_input_tokens_no_cache,\
         usage_input_tokens_cache_write_5m,usage_input_tokens_cache_write_1h,usage_input_tokens_cache_read,\
         usage_output_tokens,web_search_count,inference_geo,speed\n",
    );
    for day in 1..=30 {
        for key in keys {
            let _ = writeln!(
                log,
                "2026-09-{day:02},claude-sonnet-4-6,{key},Default,standard,≤ 200k,1000000,0,0,0,0,0,global,"
            );
        }
    }
    folder.write("console.csv", log)
}

#[test]
fn no_answer_decides_what_is_decided() {
    let folder = Folder::new();
    let console = keys(&folder, &["nightly-evals", "support-bot", "k-77"]);
    let json = report_json(std::slice::from_ref(&console), &[]).json();
    // Each key is decided by itself, and the answer to the open one is a rule, whatever names the workload.
    assert_eq!(
        json["questions"][0]["answer"].as_str(),
        Some("{id: k-77, when: {workload: \"Default\", api_key: \"k-77\"}, then: batch} # or real-time")
    );
    let finer = "schema: 1\nworkload: [api_key, project, model]\nrules:\n";
    let policy = folder.write("finer.yaml", finer).display().to_string();
    let before = report_json(std::slice::from_ref(&console), &["--policy", &policy]).json();
    let question = &before["questions"][0];
    assert_eq!((&question["kind"], &question["workload"]), (&"undecided".into(), &"k-77".into()), "{question}");
    let answer = question["answer"].as_str().expect("a rule").to_owned();
    let policy = folder.write("answered.yaml", format!("{finer}  - {answer}\n")).display().to_string();
    let after = report_json(&[console], &["--policy", &policy]).json();
    // 30 days of 3.00: the evals save 45 in the base case, and what was open saves 45 for sure.
    let saving = |json: &Value, case: &str| money(&json["scenarios"][1]["monthly_saving"][case]).to_string();
    assert_eq!(["low", "base", "high"].map(|case| saving(&before, case)), ["0", "45", "90"]);
    assert_eq!(["low", "base", "high"].map(|case| saving(&after, case)), ["45", "90", "90"]);
}

#[test]
fn calls_that_no_field_tells_apart_get_no_rule() {
    let folder = Folder::new();
    let mut log =
        String::from("timestamp,bucket_end,requests,model,provider,input_tokens,output_tokens,project,tag.batch\n");
    for batch in ["false", ""] {
        let _ = writeln!(log, "2026-10-05T00:00:00Z,2026-10-06T00:00:00Z,5000,gpt-5.4,openai,9000000,0,crm,{batch}");
    }
    let calls = folder.write("calls.csv", log);
    let question = &report_json(std::slice::from_ref(&calls), &[]).json()["questions"][0];
    assert_eq!(question["kind"], "calls-differ", "{question}");
    assert!(question["answer"].as_str().expect("text").contains("workload: [api_key, project, model]"), "{question}");
    let page = finish(program().arg("report").arg(&calls));
    assert!(!page.stdout.contains("batchwise init"), "no rule can be written: {}", page.stdout);
    let starter = finish(program().arg("init").arg(&calls));
    assert!(starter.stderr.starts_with("no new rule: none can be written for `crm`"), "{}", starter.transcript());
}

#[test]
fn an_answer_leaves_streamed_calls_alone() {
    let folder = Folder::new();
    let mut log =
        String::from("timestamp,bucket_end,requests,model,provider,input_tokens,output_tokens,workload_tag,stream\n");
    for stream in ["true", "false"] {
        let _ =
            writeln!(log, "2026-10-05T00:00:00Z,2026-10-06T00:00:00Z,9000,gpt-5.4,openai,4000000,1000,svc-7,{stream}");
    }
    let calls = folder.write("calls.csv", log);
    let before = report_json(std::slice::from_ref(&calls), &[]).json();
    let answer = before["questions"][0]["answer"].as_str().expect("a rule");
    assert!(answer.contains("stream: false"), "{answer}");
    let policy = folder.write("policy.yaml", format!("schema: 1\nrules:\n  - {answer}\n")).display().to_string();
    let after = report_json(&[calls], &["--policy", &policy]).json();
    assert_eq!(after["questions"], Value::Array(Vec::new()), "{after}");
    let costs = |json: &Value, verdict: &str| {
        let rows = json["workloads"].as_array().expect("rows").iter();
        rows.filter(|row| row["verdict"] == verdict).map(|row| row["cost"].to_string()).collect::<Vec<_>>()
    };
    assert_eq!(costs(&after, "batch").len(), 1, "{after}");
    assert_eq!(costs(&after, "batch"), costs(&after, "real-time"), "half is streamed, and stays");
}

#[test]
fn usage_that_hides_batch_is_to_be_exported_again() {
    let folder = Folder::new();
    let mut usage = String::from(
        "start_time,end_time,start_time_iso,end_time_iso,project_id,num_model_requests,user_id,api_key_id,model,batch,\
         service_tier,input_tokens,output_tokens,input_cached_tokens,input_uncached_tokens\n",
    );
    for day in 0..31_i64 {
        let start = 1_790_812_800 + day * 86_400;
        let _ = writeln!(usage, "{start},{},,,,1000,,,gpt-5.4,,,4000000,0,0,4000000", start + 86_400);
    }
    let usage = folder.write("usage.csv", usage);
    let page = finish(program().arg("report").arg(&usage));
    assert!(page.stdout.contains("group it by batch as well"), "{}", page.stdout);
    assert!(page.stdout.contains("batchwise formats openai-usage-csv"), "{}", page.stdout);
    for wrong in ["A bill cannot say", "USAGE.csv", "batchwise init"] {
        assert!(!page.stdout.contains(wrong), "{wrong}: {}", page.stdout);
    }
    let plan = finish(program().arg("plan").arg(&usage).args(["--format", "json", "--quiet"])).json();
    // 31 days of 4M tokens at 2.50: nobody knows what of it can move.
    let spend = &plan["now"]["monthly_cost_by_fate"];
    assert_eq!(money(&spend["undecided"]).to_string(), "310", "{spend}");
    assert_eq!(money(&spend["cannot"]).to_string(), "0", "{spend}");
    let page = finish(program().arg("plan").arg(&usage).args(["--format", "markdown"]));
    assert!(!page.stdout.contains("Real-time: stays"), "{}", page.stdout);
    let words = page.stdout.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(words.contains("(an export grouped by batch tells)?"), "{}", page.stdout);
}
