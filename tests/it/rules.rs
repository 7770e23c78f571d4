//! How the rules of a policy stand to the data.

use std::fmt::Write as _;
use std::path::PathBuf;

use serde_json::Value;

use crate::support::{Folder, report_json, run};

/// Calls of four workloads, each with its own sum.
fn calls(folder: &Folder) -> PathBuf {
    let mut log = String::from(
        "request_id,timestamp,model,provider,input_tokens,output_tokens,workload_tag,team,service_tier,stream\n",
    );
    let workloads =
        [("support-chat", "care", ""), ("nightly-evals", "ml", ""), ("svc-7", "ml", ""), ("archive", "ops", "batch")];
    for (row, (workload, team, tier)) in (0..40).zip(workloads.into_iter().cycle()) {
        let stream = row % 8 == 0 || row % 8 == 2;
        let _ = writeln!(
            log,
            "id-{row},2026-10-{:02}T10:00:00Z,gpt-5.4,openai,{},100,{workload},{team},{tier},{stream}",
            row % 28 + 1,
            100_000 + row
        );
    }
    folder.write("calls.csv", log)
}

/// Warnings about rules, as `[code] message`.
fn warnings(folder: &Folder, rules: &str, words: &[&str]) -> Vec<String> {
    let policy = folder.write("policy.yaml", format!("schema: 1\nlimits: {{min_requests: 0}}\nrules:\n{rules}"));
    let policy = policy.display().to_string();
    let run = report_json(&[calls(folder)], &[&["--policy", &policy], words].concat());
    assert_eq!(run.code, 0, "{}", run.transcript());
    let warnings = run.json()["warnings"].as_array().expect("a list").clone();
    let text = |note: &Value, key: &str| note[key].as_str().unwrap_or_default().to_owned();
    warnings
        .iter()
        .map(|note| format!("[{}] {}", text(note, "code"), text(note, "message")))
        .filter(|line| line.starts_with("[rule-"))
        .collect()
}

#[test]
fn rules_that_do_nothing_or_contradict_are_named() {
    let folder = Folder::new();
    let rules = r#"  - {id: chat, when: {workload: "*chat"}, then: real-time}
  - {id: ml, when: {team: ml}, then: batch}
  - {id: chat-again, when: {workload: support-chat}, then: real-time}
  - {id: evals-live, when: {workload: [nightly-evals, archive]}, then: real-time}
  - {id: nobody, when: {workload: reports}, then: batch}
  - {id: slip, when: {workload: [suport-chat, nightly_evals]}, then: batch}
  - {id: old-model, when: {model: gpt-4.4}, then: batch}
  - {id: moved, when: {workload: archive}, then: batch}
"#;
    insta::assert_snapshot!("odd-rules", warnings(&folder, rules, &[]).join("\n"));
}

#[test]
fn exceptions_and_catch_alls_are_as_they_should_be() {
    let folder = Folder::new();
    let rules = r#"  - {id: streams, when: {workload: svc-7, stream: true}, then: real-time}
  - {id: svc, when: {workload: "svc-*"}, then: batch}
  - {id: evals, when: {workload: nightly-evals}, then: ask}
  - {id: ml, when: {team: ml}, then: batch}
  - {id: care, when: {team: care}, then: real-time}
  - {id: rest, when: {}, then: real-time}
"#;
    assert_eq!(
        warnings(&folder, rules, &[]),
        [
            "[rule-shadowed] rule `ml` decides nothing: all calls it matches are decided before it, by `streams`, `svc`, `evals`"
        ]
    );
}

/// Two rules that overlap in part: neither is an exception to the other.
#[test]
fn an_overlap_has_its_dollars() {
    let folder = Folder::new();
    let rules = r"  - {id: streams, when: {stream: true}, then: real-time}
  - {id: care, when: {team: care}, then: batch}
  - {id: ml, when: {team: ml}, then: batch}
";
    let found = warnings(&folder, rules, &[]);
    insta::assert_snapshot!("overlap", found.join("\n"));
    for threads in ["1", "2", "7"] {
        assert_eq!(warnings(&folder, rules, &["--threads", threads]), found, "{threads} threads");
    }
}

#[test]
fn proposals_that_nobody_read_are_named() {
    let folder = Folder::new();
    let rules = r#"  - {id: evals, when: {workload: nightly-evals}, then: batch, because: ""}
  - {id: svc, when: {workload: svc-7}, then: ask, because: ""}
  - {id: care, when: {team: care}, then: real-time, because: a person waits}
"#;
    insta::assert_snapshot!("unsigned", warnings(&folder, rules, &[]).join("\n"));
}

/// What a row's endpoint decides is remembered for endpoints that decide the same: each row of a log of many endpoints is
/// judged as it would be alone.
#[test]
fn each_endpoint_is_judged_as_if_alone() {
    let header = "request_id,timestamp,model,provider,endpoint,input_tokens,output_tokens\n";
    let endpoints = [
        "/v1/chat/completions",
        "/v1/messages",
        "/v1/responses",
        "/v1/audio/speech",
        "/v1/Realtime",
        "/v1/embeddings",
        "chat",
        "",
        "/v1/rerank",
    ];
    let row = |number: usize, provider: &str, model: &str| {
        let endpoint = endpoints[number];
        format!("id-{number}-{provider},2026-10-01T10:00:00Z,{model},{provider},{endpoint},1000,100\n")
    };
    let verdicts = |folder: &Folder, log: &str, policy: &str| -> Vec<String> {
        let files = [folder.write("calls.csv", log), folder.write("policy.yaml", policy)];
        let [log, policy] = files.map(|path| path.display().to_string());
        let run = run(["classify", &log, "--policy", &policy, "--quiet"]);
        assert!([0, 3].contains(&run.code), "{}", run.transcript());
        // All but the file and the number of the row.
        run.stdout.lines().skip(1).map(|line| line.splitn(3, ',').last().unwrap_or_default().to_owned()).collect()
    };
    let rules = "rules:\n  - {id: some, when: {endpoint: [/v1/messages, chat]}, then: batch}\n  - {id: more, when: {endpoint: '*embed*'}, then: ask}\n";
    for naming in ["", "workload: [endpoint]\n"] {
        let policy = format!("schema: 1\nlimits: {{min_requests: 0}}\n{naming}{rules}");
        let mut all = String::from(header);
        let mut alone = Vec::new();
        for number in 0..endpoints.len() {
            for (provider, model) in [("openai", "gpt-5.4"), ("anthropic", "claude-sonnet-4-5")] {
                let row = row(number, provider, model);
                alone.extend(verdicts(&Folder::new(), &format!("{header}{row}"), &policy));
                all.push_str(&row);
            }
        }
        let together = verdicts(&Folder::new(), &all, &policy);
        assert_eq!(together, alone);
        let distinct = |word: &str| together.iter().filter(|line| line.contains(word)).count();
        assert_eq!(distinct("rule:some"), 5, "{together:#?}");
        assert!(distinct("realtime-endpoint") > 0 && distinct("unsupported-endpoint") > 0, "{together:#?}");
    }
}
