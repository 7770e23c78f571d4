//! Words in names: every listed word, through the whole program.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

use crate::support::{Folder, report_json, root};

#[derive(Deserialize)]
struct Policy {
    words: Words,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
struct Words {
    real_time: Vec<String>,
    batch: Vec<String>,
    interactive_apps: Vec<String>,
}

/// The lists of the built-in policy.
fn lists() -> Words {
    let text = std::fs::read_to_string(root().join("policy.yaml")).expect("the built-in policy");
    serde_yaml::from_str::<Policy>(&text).expect("a policy").words
}

/// A name that holds a listed word: `categori*` gives `acme-categorixyz-7`.
fn name_with(entry: &str) -> String {
    let body = entry.strip_suffix('*').map_or_else(|| entry.to_owned(), |body| format!("{body}xyz"));
    format!("acme-{}-7", body.replace(' ', "-"))
}

const PRICES: &str = "
schema: 1
currency: USD
providers:
  acme:
    models:
      nightly-chat: {prices: [{source: \"https://acme.example\", checked: 2026-10-01, standard: {input: 2, output: 4}, batch: {input: 1, output: 2}}]}
";

/// Rows of the report by workload: verdict, band and codes. Each line of the log is one call.
fn judged(columns: &str, lines: &[String]) -> BTreeMap<String, (String, String)> {
    let folder = Folder::new();
    let rows: Vec<String> =
        lines.iter().map(|line| format!("2026-10-05T10:00:00Z,nightly-chat,1000,100,{line}")).collect();
    let calls = folder
        .write("calls.csv", format!("timestamp,model,input_tokens,output_tokens,{columns}\n{}\n", rows.join("\n")));
    let policy = folder.write("policy.yaml", "schema: 1\nlimits: {min_requests: 0}\n").display().to_string();
    let prices = folder.write("prices.yaml", PRICES).display().to_string();
    let run = report_json(&[calls], &["--policy", &policy, "--prices", &prices]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    let text = |value: &Value| value.as_str().unwrap_or("none").to_owned();
    run.json()["workloads"]
        .as_array()
        .expect("rows")
        .iter()
        .map(|row| {
            let codes: Vec<String> = row["reasons"].as_array().expect("codes").iter().map(text).collect();
            let verdict = format!("{} {}", text(&row["verdict"]), text(&row["band"]));
            (text(&row["workload"]), (verdict, codes.join(" ")))
        })
        .collect()
}

/// All entries of a list, each as the name in this column, must lead to a verdict and to its own code.
fn every_entry(list: &[String], column: &str, verdict: &str, code: impl Fn(&str) -> String) {
    assert!(list.len() >= 12, "only {} entries", list.len());
    let names: Vec<String> = list.iter().map(|entry| name_with(entry)).collect();
    let judged = judged(column, &names);
    assert_eq!(judged.len(), list.len(), "one row a name");
    for (entry, name) in list.iter().zip(&names) {
        assert_eq!(judged[name], (verdict.to_owned(), code(entry)), "`{entry}` as {column} `{name}`");
    }
}

#[test]
fn every_batch_word() {
    let list = lists().batch;
    every_entry(&list, "workload_tag", "batch likely", |entry| format!("word:{entry}"));
    every_entry(&list, "app", "batch likely", |entry| format!("word:{entry}"));
    every_entry(&list, "project", "batch likely", |entry| format!("word:{entry}"));
    every_entry(&list, "api_key_name", "batch likely", |entry| format!("word:{entry}"));
}

#[test]
fn every_real_time_word() {
    let Words { real_time, interactive_apps, .. } = lists();
    every_entry(&real_time, "workload_tag", "real-time none", |entry| format!("word:{entry}"));
    // As an app some of them are interactive apps before they are words.
    every_entry(&real_time, "app", "real-time none", |entry| {
        if interactive_apps.iter().any(|app| app == entry) {
            "interactive-app".to_owned()
        } else {
            format!("word:{entry}")
        }
    });
}

#[test]
fn every_interactive_app() {
    every_entry(&lists().interactive_apps, "app", "real-time none", |_| "interactive-app".to_owned());
}

#[test]
fn no_entry_is_listed_twice() {
    let Words { real_time, batch, interactive_apps } = lists();
    for list in [real_time.iter().chain(&batch).collect::<Vec<_>>(), interactive_apps.iter().collect()] {
        let mut sorted = list.clone();
        sorted.sort_unstable();
        sorted.dedup();
        assert_eq!(sorted.len(), list.len());
    }
}

#[test]
fn names_are_cut_into_words() {
    let cases = [
        ("crmEnrichment", "word:enrich*"),
        ("SEOReport_v2", "word:seo"),
        ("MODEL.EVALS", "word:evals"),
        ("leadScoring", "word:lead scoring"),
        ("lead/scoring", "word:lead scoring"),
        ("Ticket Tagging (EU)", "word:tagging"),
        ("évaluation-eval", "word:eval"),
        // Real-time words win within a name, the first of their list first.
        ("evaluate-me-live-chat", "word:chat"),
        ("nightly-chat", "word:chat"),
        ("batch-for-support", "word:support"),
        ("bulkNightly", "word:nightly"),
        // Parts of words are no words, and the order of a phrase matters.
        ("chatty", "undecided"),
        ("reevaluate", "undecided"),
        ("evaluate", "undecided"),
        ("nightlyish", "undecided"),
        ("scoring-lead", "undecided"),
        ("batch2", "undecided"),
        ("websites", "undecided"),
    ];
    let names: Vec<String> = cases.iter().map(|(name, _)| (*name).to_owned()).collect();
    let judged = judged("workload_tag", &names);
    for (name, code) in cases {
        assert_eq!(judged[name].1, code, "{name}");
    }
}

#[test]
fn the_most_specific_field_decides() {
    let cases = [
        ("ticket-tagging", ",,support,,", "word:tagging"),
        ("plain-1", ",,support,,", "word:support"),
        ("plain-2", "nightly-job,,support,,", "word:nightly"),
        ("plain-3", ",evals,support,,", "word:support"),
        ("plain-4", ",evals,acme,,", "word:evals"),
        ("plain-5", ",,acme,etl-key,Slack bot", "word:etl"),
        ("plain-6", ",,acme,,Slack bot", "word:slack"),
        ("plain-7", ",evals,acme,live-key,", "word:live"),
        ("plain-8", ",,acme,,", "undecided"),
    ];
    let lines: Vec<String> = cases.iter().map(|(name, rest, _)| format!("{name},{rest}")).collect();
    let judged = judged("workload_tag,tag.job,tag.purpose,project,api_key_name,app", &lines);
    for (name, _, code) in cases {
        assert_eq!(judged[name].1, code, "{name}");
    }
}

#[test]
fn models_endpoints_and_people_are_no_workloads() {
    // The model, too, is called nightly-chat.
    let judged = judged(
        "endpoint,user,end_user,team,session_id,request_id",
        &["/v1/chat/completions,nightly-bot,live-customer,support,evals-1,batch-1".to_owned()],
    );
    assert_eq!(judged["nightly-chat"], ("real-time undecided".to_owned(), "undecided".to_owned()));
}
