//! Small volume: few requests a day and little to save; what is forgone, and how it is counted.

use std::fmt::Write as _;
use std::path::PathBuf;

use serde_json::{Value, json};

use crate::support::{Folder, finish, program, report_json};

/// Nine filings on each day of October 2026. One on claude-opus-5 costs 1,500,000 × $5 + 40,000 × $25 per 1M tokens =
/// $7.50 + $1 = $8.50; 279 cost $2,371.50, and half of it in batch: $1,185.75.
fn filings(folder: &Folder) -> PathBuf {
    let mut log = String::from(
        "request_id,timestamp,provider,model,workload_tag,input_tokens,output_tokens,cached_input_tokens\n",
    );
    for (day, number) in (1..=31).flat_map(|day| (0..9).map(move |number| (day, number))) {
        let _ = writeln!(
            log,
            "f-{day}-{number},2026-10-{day:02}T03:0{number}:00Z,anthropic,claude-opus-5,nightly-filings,1500000,40000,"
        );
    }
    folder.write("filings.csv", log)
}

fn report(folder: &Folder, log: &PathBuf, policy: &str) -> Value {
    let policy = folder.write("policy.yaml", format!("schema: 1\n{policy}\n")).display().to_string();
    report_json(std::slice::from_ref(log), &["--policy", &policy]).json()
}

/// Verdict, band, reasons and what is forgone of each row.
fn rows(report: &Value) -> Vec<Value> {
    let row = |row: &Value| json!([row["verdict"], row["band"], row["reasons"], row["saving_forgone"]]);
    report["workloads"].as_array().expect("rows").iter().map(row).collect()
}

#[test]
fn few_requests_that_save_much_are_counted() {
    let folder = Folder::new();
    let log = filings(&folder);
    let counted = report(&folder, &log, "limits: {}");
    assert_eq!(rows(&counted), [json!(["batch", "likely", ["word:nightly"], null])]);
    assert!(counted["workloads"][0].get("saving_forgone").is_none(), "the key is absent");
    assert_eq!(counted["scenarios"][1]["monthly_saving"], json!({"low": "0", "base": "1185.75", "high": "1185.75"}));
    // What batch saves has to be below the limit, not at it.
    assert_eq!(rows(&report(&folder, &log, "limits: {small_saving: 1185.75}")), rows(&counted));
    let small = report(&folder, &log, "limits: {small_saving: 1185.76}");
    assert_eq!(rows(&small), [json!(["real-time", null, ["small-volume"], "1185.75"])]);
    assert_eq!(small["scenarios"][1]["monthly_saving"], json!({"low": "0", "base": "0", "high": "0"}));
    // Nine a day are not fewer than nine.
    assert_eq!(rows(&report(&folder, &log, "limits: {min_requests: 9, small_saving: 2000}")), rows(&counted));
}

#[test]
fn pages_say_what_is_forgone_and_how_to_count_it() {
    let folder = Folder::new();
    let log = filings(&folder);
    let policy = folder.write("policy.yaml", "schema: 1\nlimits: {small_saving: 2000}\n").display().to_string();
    for words in [
        ["report", "table"],
        ["report", "markdown"],
        ["report", "html"],
        ["plan", "table"],
        ["plan", "markdown"],
        ["plan", "html"],
    ] {
        let run = finish(program().arg(words[0]).arg(&log).args(["--policy", &policy, "--format", words[1]]));
        let page = run.stdout.split_whitespace().collect::<Vec<_>>().join(" ").replace(['`', '\\'], "");
        assert!(page.contains("Batch would save $1,185.75 a month, which is in no case above"), "{words:?}: {page}");
        assert!(page.contains("limits: {small_saving: 0}") && page.contains("then: batch"), "{words:?}: {page}");
    }
    let explain =
        finish(program().arg("explain").arg(&log).args(["--policy", &policy, "--workload", "nightly-filings"]));
    assert!(
        explain.stdout.contains(
            "  but for its volume: batch, likely [word:nightly]; batch would save $1,185.75 of $2,371.5 a month\n    it counts from $2,000 a month on (`limits.small_saving`), or with a rule that says `then: batch`\n"
        ),
        "{}",
        explain.stdout
    );
}

#[test]
fn its_question_is_answered_by_its_rule() {
    let folder = Folder::new();
    let log = filings(&folder);
    let limits = "limits: {small_saving: 2000}";
    let asked = report(&folder, &log, limits)["questions"].clone();
    let [asked] = asked.as_array().expect("a list").as_slice() else { panic!("{asked}") };
    assert_eq!(
        json!([asked["kind"], asked["workload"], asked["monthly_cost"], asked["monthly_saving"]]),
        json!(["small-volume", "nightly-filings", "2371.5", "1185.75"])
    );
    let rule = asked["answer"].as_str().expect("a rule");
    let answered = report(&folder, &log, &format!("{limits}\nrules:\n  - {rule}"));
    assert_eq!(rows(&answered), [json!(["batch", "confirmed", ["rule:nightly-filings"], null])]);
    assert_eq!(answered["questions"], json!([]));
    // A confirmed workload stays confirmed, and the warning counts it; the other way of the page counts it as likely.
    insta::assert_snapshot!("kept", serde_json::to_string_pretty(&answered["warnings"]).expect("JSON"));
    let all = report(&folder, &log, "limits: {small_saving: 0}");
    assert_eq!((rows(&all), &all["warnings"]), (vec![json!(["batch", "likely", ["word:nightly"], null])], &json!([])));
    // A rule that asks has its owner asked, and is to be changed itself.
    let ask = "rules: [{id: whose, when: {}, then: ask, owner: records}]";
    let asked = report(&folder, &log, &format!("{limits}\n{ask}"))["questions"][0].clone();
    assert_eq!(
        json!([asked["kind"], asked["owner"], asked["answer"]]),
        json!(["small-volume", "records", "in rule `whose`, make `then: ask` `batch` or `real-time`"])
    );
}

/// Two parts of one group stay for their volume, beside calls that are streamed: one row, and the sum of both.
#[test]
fn what_stays_joins_the_rows_of_its_group() {
    let folder = Folder::new();
    // gpt-5.4, a prompt of more than 272,000: 1M × $5 = $5 a call, in batch $2.50. Two likely calls forgo 2 × $2.50, one
    // undecided call $2.50: $7.50. One that is streamed and one tagged as not batch stay whatever their number.
    let log = folder.write(
        "calls.csv",
        "request_id,timestamp,provider,model,project,app,tag.batch,stream,input_tokens,output_tokens\n\
         a,2026-10-01T10:00:00Z,openai,gpt-5.4,filings,nightly,,,1000000,0\n\
         b,2026-10-31T10:00:00Z,openai,gpt-5.4,filings,nightly,,,1000000,0\n\
         c,2026-10-02T10:00:00Z,openai,gpt-5.4,filings,desk,,,1000000,0\n\
         d,2026-10-03T10:00:00Z,openai,gpt-5.4,filings,desk,,true,1000000,0\n\
         e,2026-10-04T10:00:00Z,openai,gpt-5.4,filings,desk,false,,1000000,0\n",
    );
    let report = report(&folder, &log, "limits: {}");
    assert_eq!(rows(&report), [json!(["real-time", null, ["small-volume", "streaming", "tag:batch"], "7.5"])]);
    assert_eq!(report["workloads"][0]["monthly_cost"], json!("25"));
    // Less than a step of a plan is worth: said on the page, and no question.
    assert_eq!(report["questions"], json!([]));
}

/// What a provider's API refuses is a blocker of the plan, whoever confirmed it.
#[test]
fn a_providers_own_minimum_blocks_a_step() {
    let folder = Folder::new();
    let prices = folder.write(
        "prices.yaml",
        "schema: 1\ncurrency: USD\nproviders:\n  acme:\n    batch: {min_requests: 40, source: \"https://acme.example/batch\", checked: 2026-10-01}\n    models:\n      reader:\n        kind: chat\n        prices:\n          - {source: \"https://acme.example\", checked: 2026-10-01, standard: {input: 10, output: 10}, batch: {input: 5, output: 5}}\n",
    );
    let mut log = String::from("request_id,timestamp,provider,model,workload_tag,input_tokens,output_tokens\n");
    for (day, number) in (1..=31).flat_map(|day| (0..9).map(move |number| (day, number))) {
        let _ = writeln!(log, "{day}-{number},2026-10-{day:02}T03:00:00Z,acme,reader,filings,1000000,0");
    }
    let log = folder.write("calls.csv", log);
    let blockers = |limits: &str| {
        let policy = format!("schema: 1\nlimits: {limits}\nrules: [{{id: all, when: {{}}, then: batch}}]\n");
        let policy = folder.write("policy.yaml", policy);
        let run = finish(
            program()
                .arg("plan")
                .arg(&log)
                .arg("--prices")
                .arg(&prices)
                .arg("--policy")
                .arg(policy)
                .args(["--format", "json"]),
        );
        run.json()["steps"][0]["blockers"].clone()
    };
    // Nine a day; five days make 45 and four only 36. The policy's own limit is no business of the provider's.
    let refused = "the provider refuses a batch of fewer than 40 requests and this sends 9 a day: collect 5 days in one, or send it with other work on the model";
    assert_eq!(blockers("{}"), json!([refused]));
    assert_eq!(blockers("{min_requests: 0, small_saving: 0}"), json!([refused]));
}

/// Where an export does not count requests nobody knows that they are few.
#[test]
fn unknown_requests_are_not_few() {
    let folder = Folder::new();
    let row = |requests: &str| {
        format!("2026-10-01T00:00:00Z,2026-11-01T00:00:00Z,openai,gpt-5.4,nightly,{requests},1000000,0\n")
    };
    let header = "timestamp,bucket_end,provider,model,project,requests,input_tokens,output_tokens\n";
    for (requests, reasons) in [("", "word:nightly"), ("30", "small-volume")] {
        let log = folder.write("buckets.csv", format!("{header}{}", row(requests)));
        let found = report(&folder, &log, "limits: {}");
        assert_eq!(found["workloads"][0]["reasons"], json!([reasons]), "{requests:?} requests");
    }
}

/// A bucket of one request states its prompt. On gpt-5.6-luna a prompt of more than 272,000 tokens costs $0.40 and its
/// answer $1.80 per 1M: 300,083 × 0.4 + 8 × 1.8 = 120,033.2 + 14.4 millionths. Two requests may be short: 300,000 × 0.2 +
/// 2,000 × 1.2 = 60,000 + 2,400.
#[test]
fn a_bucket_of_one_request_states_its_prompt() {
    let folder = Folder::new();
    let log = folder.write(
        "buckets.csv",
        "timestamp,bucket_end,provider,model,project,requests,input_tokens,output_tokens\n\
         2026-10-05T09:00:00Z,2026-10-05T09:01:00Z,openai,gpt-5.6-luna,shelf,1,300083,8\n\
         2026-10-05T09:01:00Z,2026-10-05T09:02:00Z,openai,gpt-5.6-luna,shelf,2,300000,2000\n",
    );
    // To rules it is a bucket, which has no prompt.
    let policy = "schema: 1\nrules: [{id: long, when: {input_tokens: {above: 1}}, then: batch}]\n";
    let policy = folder.write("policy.yaml", policy);
    let lines = finish(program().arg("classify").arg(&log).arg("--policy").arg(&policy)).stdout;
    let cells: Vec<(&str, &str)> = lines
        .lines()
        .skip(1)
        .map(|line| line.split(',').collect::<Vec<_>>())
        .map(|cells| (cells[16], cells[17]))
        .collect();
    assert_eq!(cells, [("small-volume", "0.1200476"), ("small-volume", "0.0624")]);
    let report = report_json(&[log], &[]).json();
    assert_eq!(report["cost"]["computed"], json!("0.1824476"));
    let unsure = |warning: &&Value| warning["code"] == "bucket-context-unknown";
    let warning = report["warnings"].as_array().and_then(|all| all.iter().find(unsure)).expect("the second row");
    assert_eq!(warning["count"], json!(1));
}
