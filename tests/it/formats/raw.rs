//! Answers of APIs and files of batches: what they cost, worked out by hand, when they were, and what counts once.

use serde_json::{Value, json};

use super::{figures, path, report};
use crate::errors::Catalogue;
use crate::support::{Folder, Run, fixture, report_json, run};

fn cost(report: &Value) -> &str {
    report["cost"]["computed"].as_str().unwrap_or_default()
}

/// Millionths of a dollar: tokens × dollars a million, row by row.
#[test]
fn amounts_worked_out_by_hand() {
    for (folder, file, amount) in [
        // gpt-5.4 (2.50, cached 0.25, out 15; priority 5, 30): 1000×2.5 + 200×0.25 + 300×15 = 7,050; 100×5 + 50×30 = 2,000;
        // 4000×2.5 + 6000×0.25 + 800×15 = 23,500; stream 400×2.5 + 60×15 = 1,900; 500×2.5 + 100×15 = 2,750.
        // gpt-5-mini (0.25, cached 0.025, out 2; flex half): 2976×0.25 + 1024×0.025 + 500×2 = 1,769.6;
        // flex 2000×0.125 + 100×1 = 350; 600×0.25 + 1000×2 = 2,150; 800×0.25 + 200×2 = 600; 1000×0.25 + 100×2 = 450.
        ("openai-bodies", "good.jsonl", "0.0425196"),
        // 200,000 × 0.02, in batch × 0.01
        ("openai-bodies", "embeddings.jsonl", "0.004"),
        ("openai-batch-output", "embeddings.jsonl", "0.002"),
        // Batch: gpt-5.4 1000×1.25 + 1000×0.13 + 100×7.5 = 2,130; gpt-5-mini 3000×0.125 + 200×1 = 575;
        // 2000×0.125 + 2000×0.0125 + 1000×1 = 1,275; 800×0.125 + 50×1 = 150; gpt-4o-mini 10000×0.075 + 1000×0.3 = 1,050.
        ("openai-batch-output", "good.jsonl", "0.00518"),
        // gpt-5-mini 800,000×0.125 + 200,000×0.0125 + 100,000×1 = 202,500; gpt-5.4 400,000×1.25 + 20,000×7.5 = 650,000;
        // embeddings 5,000,000×0.01 = 50,000; gpt-5-mini 8,000×0.125 + 400×1 = 1,400.
        ("openai-batches", "good.json", "0.9039"),
        ("openai-batches", "single.json", "0.2025"),
        // haiku (1, out 5) 1000 + 200×5 = 2,000; sonnet (3, read 0.3, written 3.75 and 6, out 15)
        // 500×3 + 10,000×0.3 + 2000×3.75 + 1000×6 + 400×15 = 24,000; 100×3 + 4000×3.75 + 100×15 = 16,800;
        // haiku in batch 3000×0.5 + 300×2.5 = 2,250; in the US (1000×1 + 100×5) × 1.1 = 1,650; opus 200×5 + 40×25 = 2,000;
        // haiku 400 + 80×5 = 800 and 600 + 20×5 = 700; sonnet above 200,000 tokens 210,000×6 + 1000×22.5 = 1,282,500.
        ("anthropic-bodies", "good.jsonl", "1.3327"),
        // Batch: haiku 10,000×0.5 + 1000×2.5 = 7,500; sonnet 200×1.5 + 5000×0.15 + 1000×1.875 + 500×3 + 300×7.5 = 6,675;
        // 11×1.5 + 36×7.5 = 286.5; haiku 2000×0.5 + 100×2.5 = 1,250.
        ("anthropic-batch-results", "good.jsonl", "0.0157115"),
    ] {
        let (_, report) = report(folder, &path(folder, file));
        assert_eq!(cost(&report), amount, "{folder}/{file}");
        assert_eq!(report["usage"]["unpriced"]["requests"], 0, "{folder}/{file}");
    }
}

/// Everything in files of batches ran in batch, although the bodies do not say so.
#[test]
fn batch_is_told_by_the_shape_of_the_file() {
    for (folder, file) in [
        ("openai-batch-output", "good.jsonl"),
        ("openai-batches", "good.json"),
        ("anthropic-batch-results", "good.jsonl"),
    ] {
        let (_, report) = report(folder, &path(folder, file));
        let line = &report["eligibility"][0];
        assert_eq!(
            (&line["verdict"], &line["cost"]),
            (&json!("already-batch"), &report["cost"]["computed"]),
            "{folder}"
        );
    }
    let (_, bodies) = report("anthropic-bodies", &path("anthropic-bodies", "good.jsonl"));
    assert_eq!(bodies["eligibility"][0]["cost"], "0.00225", "the one body with the service tier batch");
}

fn codes(list: &Value) -> Vec<&str> {
    list.as_array().into_iter().flatten().filter_map(|note| note["code"].as_str()).collect()
}

fn count(report: &Value, code: &str) -> u64 {
    let notes = report["warnings"].as_array().into_iter().flatten();
    notes.filter(|note| note["code"] == code).filter_map(|note| note["count"].as_u64()).sum()
}

fn refused(run: &Run, code: &str, hint: &str) {
    assert_eq!((run.code, run.stdout.as_str()), (4, ""), "{}", run.stderr);
    assert!(run.stderr.contains(&format!("error[{code}]")) && run.stderr.contains(hint), "{}", run.stderr);
}

#[test]
fn calls_without_a_time_need_their_days() {
    for (folder, file) in [
        ("anthropic-batch-results", "good.jsonl"),
        ("openai-bodies", "embeddings.jsonl"),
        ("openai-batch-output", "embeddings.jsonl"),
    ] {
        let file = path(folder, file);
        for words in [&[][..], &["--from", "2026-10-05"], &["--to", "2026-10-07"]] {
            refused(&report_json(std::slice::from_ref(&file), words), "no-times", "--from and --to");
        }
    }
    // Where some calls have a time and some have none, those without are missing and said to be.
    let run = report_json(&[path("anthropic-bodies", "good.jsonl")], &[]);
    assert_eq!((run.code, run.json()["inputs"][0]["rows"]["accepted"].as_u64()), (3, Some(2)), "{}", run.stderr);
    let (code, dated) = report("anthropic-bodies", &path("anthropic-bodies", "good.jsonl"));
    assert_eq!((code, count(&dated, "undated")), (0, 7));
    assert_eq!(
        dated["period"],
        json!({"from": "2026-10-05", "to": "2026-10-07", "days": 3, "month_basis": "run-rate"})
    );
    // A file in which nothing was billed needs no days.
    let errors = report_json(&[path("openai-batch-output", "empty.jsonl")], &[]).json();
    assert_eq!(codes(&errors["incomplete"]), ["no-usage"]);
}

/// An answer of Claude Opus 4.6, whose price above 200,000 tokens changed on 13 March 2026.
#[test]
fn a_price_that_changes_in_the_days_given_is_said() {
    let folder = Folder::new();
    let line = r#"{"id":"msg_1","type":"message","role":"assistant","model":"claude-opus-4-6","content":[],"usage":{"input_tokens":1000,"output_tokens":100}}"#;
    let file = [folder.write("bodies.jsonl", line)];
    for (from, to, changes) in
        [("2026-03-01", "2026-03-12", 0), ("2026-03-01", "2026-03-13", 1), ("2026-03-13", "2026-03-31", 0)]
    {
        let run = report_json(&file, &["--from", from, "--to", to]);
        assert_eq!((run.code, count(&run.json(), "undated-prices")), (0, changes), "{from} to {to}: {}", run.stderr);
    }
}

/// Rules by the hour hold for no call whose hour is not known, and volumes are those of all days.
#[test]
fn nothing_is_made_up_about_a_call_without_a_time() {
    let folder = Folder::new();
    let policy = folder.write(
        "policy.yaml",
        "schema: 1\nrules:\n  - {id: night, when: {hour: {from: 0, to: 5}}, then: batch, because: nobody waits}\n",
    );
    let line = |n: usize| {
        format!(
            "{{\"id\":\"msg_{n}\",\"type\":\"message\",\"role\":\"assistant\",\"model\":\"claude-haiku-4-5\",\"content\":[],\"usage\":{{\"input_tokens\":1000,\"output_tokens\":100}}}}\n"
        )
    };
    let file = [folder.write("bodies.jsonl", (0..150).map(line).collect::<String>())];
    let policy = policy.display().to_string();
    let by_hour = report_json(&file, &["--from", "2026-10-05", "--to", "2026-10-05", "--policy", &policy]).json();
    assert_eq!(by_hour["workloads"][0]["reasons"], json!(["undecided"]));
    let weekday = by_hour.to_string();
    assert!(!weekday.contains("rule:night"));
    // 150 on one day are enough for batch, 150 on two are not.
    for (to, reasons) in [("2026-10-05", "undecided"), ("2026-10-06", "small-volume")] {
        let run = report_json(&file, &["--from", "2026-10-05", "--to", to, "--policy", &policy]).json();
        assert_eq!(run["workloads"][0]["reasons"], json!([reasons]), "to {to}");
    }
}

/// One call in a gateway's log and as a body: counted once, told by the log, which knows that it was streamed.
#[test]
fn a_gateway_log_and_the_bodies_of_its_calls() {
    let folder = Folder::new();
    let log = folder.write(
        "spend.jsonl",
        r#"{"request_id":"chatcmpl-1","call_type":"acompletion","spend":0.0175,"prompt_tokens":1000,"completion_tokens":1000,"startTime":"2026-10-05 10:00:00.100","endTime":"2026-10-05 10:00:09.000","completionStartTime":"2026-10-05 10:00:01.000","model":"gpt-5.4","custom_llm_provider":"openai","end_user":"","status":"success"}
{"request_id":"chatcmpl-2","call_type":"acompletion","spend":0.0025,"prompt_tokens":1000,"completion_tokens":0,"startTime":"2026-10-05 11:00:00","endTime":"2026-10-05 11:00:00","completionStartTime":"2026-10-05 11:00:00","model":"gpt-5.4","custom_llm_provider":"openai","end_user":"","status":"success"}
"#,
    );
    let body = |id: &str, created: u64| {
        format!(
            "{{\"id\":\"{id}\",\"object\":\"chat.completion\",\"created\":{created},\"model\":\"gpt-5.4\",\"choices\":[],\"usage\":{{\"prompt_tokens\":1000,\"completion_tokens\":1000}}}}\n"
        )
    };
    // The body is later than the log by three seconds; 1791194400 is 10:00 on 5 October 2026.
    let bodies = folder.write("bodies.jsonl", body("chatcmpl-1", 1_791_194_403) + &body("chatcmpl-3", 1_791_194_500));
    for files in [[log.clone(), bodies.clone()], [bodies, log]] {
        let run = report_json(&files, &[]);
        assert_eq!(run.code, 0, "{}", run.stderr);
        let report = run.json();
        // 1000 × 2.5 + 1000 × 15 = 17,500 twice, and 2,500
        assert_eq!((cost(&report), &report["usage"]["requests"]), ("0.0375", &json!(3)));
        assert_eq!(count(&report, "told-twice"), 1);
        let duplicates: u64 = report["inputs"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(|input| input["rows"]["duplicate"].as_u64())
            .sum();
        assert_eq!(duplicates, 1);
        // Rows of small volume join the row of what was streamed.
        assert_eq!(report["workloads"][0]["reasons"], json!(["small-volume", "streaming"]));
    }
}

/// A batch and its output hold the same calls, and nothing tells them apart but the reader.
#[test]
fn a_log_with_ids_of_its_own_beside_another() {
    for other in ["litellm-csv/good.csv", "openai-bodies/good.jsonl"] {
        for files in [["langfuse-jsonl/good.jsonl", other], [other, "langfuse-jsonl/good.jsonl"]] {
            let run = report_json(&files.map(|file| fixture("formats").join(file)), &["--quiet"]);
            assert_eq!((run.code, codes(&run.json()["incomplete"]).contains(&"two-sources")), (3, true), "{other}");
        }
    }
    // Two parts of one tool's log know each other's ids.
    let run = report_json(&["good.jsonl", "list.json"].map(|file| path("langfuse-jsonl", file)), &["--quiet"]);
    assert_eq!((run.code, &run.json()["inputs"][1]["rows"]["accepted"]), (0, &0.into()));
}

#[test]
fn batches_beside_what_holds_the_same_calls() {
    let batches = path("openai-batches", "good.json");
    let both = report_json(&[batches.clone(), path("openai-batch-output", "good.jsonl")], &[]);
    assert_eq!((both.code, codes(&both.json()["incomplete"])), (3, vec!["two-sources"]), "{}", both.stderr);
    let usage = report_json(&[batches.clone(), path("openai-usage-csv", "good.csv")], &[]);
    refused(&usage, "overlap", "only one of them");
    // Batches saved one a file may begin and end on the same days.
    let folder = Folder::new();
    let lines = std::fs::read_to_string(path("openai-batches", "lines.jsonl")).expect("a fixture");
    let files: Vec<_> =
        lines.lines().enumerate().map(|(index, line)| folder.write(&format!("{index}.json"), line)).collect();
    let apart = report_json(&files, &[]);
    assert_eq!(apart.code, 0, "{}", apart.stderr);
    assert_eq!(figures(&apart.json()), figures(&report("openai-batches", &batches).1));
}

/// A stream that was cut off, or never asked for its usage, has used something that nobody knows; unless a log knows it.
#[test]
fn pieces_of_streams() {
    let folder = Folder::new();
    let piece = |id: &str, usage: &str| {
        format!(
            "{{\"id\":\"{id}\",\"object\":\"chat.completion.chunk\",\"created\":1791194400,\"model\":\"gpt-5.4\",\"choices\":[]{usage}}}\n"
        )
    };
    let whole = piece("chatcmpl-1", ",\"usage\":null")
        + &piece("chatcmpl-1", ",\"usage\":{\"prompt_tokens\":1000,\"completion_tokens\":0}");
    let torn = piece("chatcmpl-2", ",\"usage\":null") + &piece("chatcmpl-3", "") + &piece("chatcmpl-3", "");
    let whole = folder.write("whole.jsonl", whole);
    let run = report_json(std::slice::from_ref(&whole), &[]);
    assert_eq!((run.code, cost(&run.json())), (0, "0.0025"), "{}", run.stderr);
    let torn = folder.write("torn.jsonl", torn);
    let run = report_json(&[whole.clone(), torn.clone()], &[]);
    assert_eq!((run.code, codes(&run.json()["incomplete"])), (3, vec!["usage-missing"]), "{}", run.stderr);
    assert_eq!(run.json()["incomplete"][0]["count"], 2);
    let log = folder.write(
        "log.csv",
        "request_id,timestamp,provider,model,input_tokens,output_tokens\nchatcmpl-2,2026-10-05T10:00:00Z,openai,gpt-5.4,10,1\nchatcmpl-3,2026-10-05T10:00:00Z,openai,gpt-5.4,10,1\nchatcmpl-3,2026-10-05T10:00:00Z,openai,gpt-5.4,10,2\n",
    );
    let run = report_json(&[torn, whole, log], &[]);
    assert_eq!((run.code, run.json()["usage"]["requests"].as_u64()), (0, Some(3)), "{}", run.stderr);
}

/// A gateway's log of bodies may say that it answered by itself: no vendor bills that.
#[test]
fn answers_from_a_gateways_cache_cost_nothing() {
    let folder = Folder::new();
    let line = |id: u32, note: &str| {
        format!(
            "{{\"request\":{{}},{note}\"response\":{{\"id\":\"chatcmpl-{id}\",\"object\":\"chat.completion\",\"created\":1791194400,\"model\":\"gpt-5.4\",\"usage\":{{\"prompt_tokens\":1000,\"completion_tokens\":0}}}}}}\n"
        )
    };
    let notes = ["\"cache_status\":\"HIT\",", "\"cached\":true,", "\"cache_status\":\"MISS\",", ""];
    let lines: String = (0..).zip(notes).map(|(id, note)| line(id, note)).collect();
    let run = report_json(&[folder.write("log.jsonl", lines)], &[]);
    // 1000 × 2.5 = 2,500, twice
    assert_eq!((run.code, cost(&run.json()), run.json()["usage"]["requests"].as_u64()), (0, "0.005", Some(4)));
}

/// What cannot be read from the file is not taken for nothing.
#[test]
fn usage_that_is_missing_is_missed() {
    let folder = Folder::new();
    let answer =
        r#"{"id":"chatcmpl-1","object":"chat.completion","created":1791194400,"model":"gpt-5.4","choices":[]}"#;
    let running = r#"{"id":"batch_1","object":"batch","endpoint":"/v1/responses","model":"gpt-5.4","input_file_id":"file-1","status":"in_progress","created_at":1791194400,"in_progress_at":1791194401,"expires_at":1791280800,"completed_at":null,"request_counts":{"total":9,"completed":3,"failed":0},"usage":{"input_tokens":30,"output_tokens":3}}"#;
    let old =
        running.replace("in_progress\"", "completed\"").replace("null", "1791194500").replace("\"usage\"", "\"used\"");
    for (content, code) in [(answer, "missing"), (running, "unfinished"), (old.as_str(), "missing")] {
        let run = report_json(&[folder.write("x.json", content)], &[]);
        assert!(run.code == 3 && run.stderr.contains(code), "{content}: {}", run.stderr);
        assert_eq!(run.json()["inputs"][0]["rows"]["rejected"], 1);
    }
}

#[test]
fn what_belongs_to_apis_and_holds_no_usage() {
    let mut catalogue = Catalogue::new();
    for (title, content) in [
        (
            "input of a batch",
            r#"{"custom_id":"a","method":"POST","url":"/v1/responses","body":{"model":"gpt-5.4","input":"x"}}"#,
        ),
        (
            "input of a message batch",
            r#"{"requests":[{"custom_id":"a","params":{"model":"claude-haiku-4-5","max_tokens":9}}]}"#,
        ),
        ("requests of a message batch", r#"{"custom_id":"a","params":{"model":"claude-haiku-4-5","max_tokens":9}}"#),
        ("input of another batch", r#"{"custom_id":"a","body":{"max_tokens":9}}"#),
        (
            "a message batch",
            r#"{"id":"msgbatch_1","type":"message_batch","processing_status":"ended","request_counts":{"succeeded":1},"results_url":"x"}"#,
        ),
        (
            "message batches",
            r#"{"data":[{"id":"msgbatch_1","processing_status":"ended","request_counts":{"succeeded":1}}],"has_more":false}"#,
        ),
        (
            "an error with what a client noted of it",
            r#"{"error":{"message":"no","type":"invalid_request_error","param":null,"code":null},"status":401,"request_id":"x","headers":{}}"#,
        ),
        (
            "an error of Anthropic's",
            r#"{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"},"request_id":"r"}"#,
        ),
        (
            "results that do not say when",
            r#"{"custom_id":"a","result":{"type":"succeeded","message":{"id":"msg_1","model":"claude-haiku-4-5","usage":{"input_tokens":1,"output_tokens":1}}}}"#,
        ),
    ] {
        catalogue.refused(title, "x.jsonl", content);
    }
    catalogue.keep("batches-without-usage");
}

/// Every warning of these formats, as it is read.
#[test]
fn what_is_said_of_answers() {
    let mut catalogue = Catalogue::new();
    let body = r#"{"id":"msg_1","type":"message","role":"assistant","model":"claude-opus-4-6","content":[],"usage":{"input_tokens":1000,"output_tokens":100}}"#;
    let piece =
        r#"{"id":"chatcmpl-1","object":"chat.completion.chunk","created":1773100800,"model":"gpt-5.4","choices":[]}"#;
    let running = r#"{"id":"batch_1","object":"batch","endpoint":"/v1/responses","model":"gpt-5.4","input_file_id":"file-1","status":"in_progress","created_at":1773100800,"completed_at":null,"request_counts":{"total":9,"completed":3,"failed":0},"usage":{"input_tokens":30,"output_tokens":3}}"#;
    let files = [
        ("bodies.jsonl", body.to_owned()),
        ("again.jsonl", format!("{body}\n\n")),
        ("pieces.jsonl", piece.to_owned()),
        ("batch.json", running.to_owned()),
    ]
    .map(|(name, content)| catalogue.folder.write(name, content));
    let words = ["--format", "json", "--from", "2026-03-01", "--to", "2026-03-31"];
    let is_note = |line: &str| line.contains("\"code\"") || line.contains("\"message\"") || line.contains("\"count\"");
    let run = catalogue.reported("answers", &files, &words, is_note);
    assert_eq!(run.code, 3);
    catalogue.keep("answers");
}

/// Random calls as the tool's own CSV, as answers and as a batch's output: the same tokens and the same cost.
mod as_other_files {
    use std::fmt::Write as _;

    use proptest::prelude::*;
    use serde_json::{Value, json};

    use crate::laws::in_process::{How, Machine};
    use crate::support::Folder;

    type Call = (u32, u8, &'static str, u32, u32, u32);

    fn usage(&(_, _, _, input, cached, output): &Call, is_chat: bool) -> Value {
        let (input_name, output_name) = if is_chat { ("prompt", "completion") } else { ("input", "output") };
        json!({
            format!("{input_name}_tokens"): input,
            format!("{output_name}_tokens"): output,
            format!("{input_name}_tokens_details"): {"cached_tokens": cached.min(input)},
        })
    }

    fn body(call: &Call) -> Value {
        let &(id, day, model, ..) = call;
        let time = 1_790_812_800 + (u64::from(day) - 1) * 86_400;
        if id % 2 == 0 {
            json!({"id": format!("chatcmpl-{id}"), "object": "chat.completion", "created": time, "model": model, "choices": [],
                "usage": usage(call, true)})
        } else {
            json!({"id": format!("resp_{id}"), "object": "response", "created_at": time, "status": "completed", "model": model,
                "output": [], "usage": usage(call, false)})
        }
    }

    fn csv(calls: &[Call], tier: &str) -> String {
        let mut text =
            "request_id,timestamp,model,input_tokens,cached_input_tokens,output_tokens,service_tier\n".to_owned();
        for (id, day, model, input, cached, output) in calls {
            let kind = if id % 2 == 0 { "chatcmpl-" } else { "resp_" };
            let cached = cached.min(input);
            let _ = writeln!(text, "{kind}{id},2026-10-{day:02}T00:00:00Z,{model},{input},{cached},{output},{tier}");
        }
        text
    }

    fn lines(calls: &[Call], line: impl Fn(&Call) -> Value) -> String {
        calls.iter().map(|call| line(call).to_string() + "\n").collect()
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(24))]

        #[test]
        fn cost_the_same(calls in prop::collection::vec(
            (0_u32..40, 1_u8..29, prop::sample::select(vec!["gpt-5.4", "gpt-5-mini", "gpt-4o-mini"]), 0_u32..400_000,
                0_u32..300_000, 0_u32..9_000),
            1..40,
        )) {
            let (machine, folder) = (Machine::new(), Folder::new());
            let report = |files: &[std::path::PathBuf]| {
                let report = machine.report(files, How::default()).expect("readable").json();
                json!([report["usage"], report["cost"]["computed"], report["period"]])
            };
            let own = report(&[folder.write("own.csv", csv(&calls, ""))]);
            let bodies = folder.write("bodies.jsonl", lines(&calls, body));
            prop_assert_eq!(&own, &report(std::slice::from_ref(&bodies)));
            let asked = folder.write("asked.jsonl", lines(&calls, |call| json!({"request": {"stream": true}, "response": body(call)})));
            prop_assert_eq!(&own, &report(&[bodies, asked]), "told twice");
            let in_batch = report(&[folder.write("own.csv", csv(&calls, "batch"))]);
            let output = |call: &Call| json!({"custom_id": "x", "response": {"status_code": 200, "body": body(call)}, "error": null});
            prop_assert_eq!(&in_batch, &report(&[folder.write("output.jsonl", lines(&calls, output))]), "in batch");
        }
    }
}

/// A word of an error is the vendor's to invent; a number is a status of HTTP or damaged.
#[test]
fn a_status_that_is_a_number_is_no_word_of_an_error() {
    let folder = Folder::new();
    let outcome = |status: &str| {
        let body = r#"{"id":"msg_1","type":"message","role":"assistant","model":"claude-haiku-4-5","content":[],"usage":{"input_tokens":1000,"output_tokens":100}}"#;
        let line = format!(
            r#"{{"timestamp":"2026-10-05T09:00:00Z","request":{{}},"response":{{"status":{status},"body":{body}}}}}"#
        );
        let path = folder.write("bodies.jsonl", line + "\n");
        let json = run(["report", path.to_str().expect("UTF-8"), "--format", "json"]).json();
        (json["inputs"][0]["rows"]["rejected"].as_u64(), json["cost"]["computed"].as_str().map(str::to_owned))
    };
    let (whole, rejected) = ((Some(0), Some("0.0015".to_owned())), (Some(1), Some("0".to_owned())));
    for status in ["200", "201", "429", "\"overloaded_error\""] {
        assert_eq!(outcome(status), whole, "{status}");
    }
    for status in ["-200", "200000", "200000.0", "1000000000000", "\"\u{ff12}00\""] {
        assert_eq!(outcome(status), rejected, "{status}");
    }
}
