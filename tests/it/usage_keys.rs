//! Token conservation: each count of tokens in a row is read, declared or named in the report, and a stated total decides
//! what counts inside what. An impossible row is never accepted.

use std::fs;
use std::path::{Path, PathBuf};

use batchwise::formats::mapping::{Kind, Mapping, TargetField};
use batchwise::formats::registry;
use serde_json::{Map, Value, json};

use crate::exports::exports;
use crate::support::{Folder, Run, fixture, report_json, run};

const DAYS: [&str; 4] = ["--from", "2026-10-05", "--to", "2026-10-11"];

/// The costs of a file's rows, in order, and the run.
fn costs(file: &Path) -> (Vec<String>, Run) {
    let mut words: Vec<&str> = vec!["classify"];
    let name = file.display().to_string();
    words.extend([name.as_str(), "--format", "jsonl"]);
    words.extend(DAYS);
    let run = run(&words);
    let cost = |line: &str| {
        let row: Value = serde_json::from_str(line).expect("a row");
        row["cost"].as_str().unwrap_or_default().to_owned()
    };
    (run.stdout.lines().map(cost).collect(), run)
}

fn report(file: PathBuf) -> Run {
    report_json(&[file], &DAYS)
}

fn note(run: &Run, code: &str) -> Option<Value> {
    run.json()["incomplete"].as_array()?.iter().find(|note| note["code"] == code).cloned()
}

/// Rows with each key of the vendor's schema of 2026-08, in millionths of a dollar; rates in dollars for a million tokens.
#[test]
fn rows_with_every_key() {
    // gpt-5.6-luna 0.2, cached 0.02, written 0.25, out 1.2: 700 × 0.2 + 100 × 0.02 + 200 × 0.25 + 500 × 1.2 = 792
    let luna = "0.000792";
    // claude-haiku-4-5 1, 0.1, 1.25, 2, 5 with 1,000 + 400 + 100 + 200 and 100: 1,000 + 40 + 125 + 400 + 500 = 2,065
    let haiku = "0.002065";
    // The same, with 300 written for five minutes: 1,000 + 40 + 375 + 500 = 1,915
    let not_split = "0.001915";
    for (file, expected) in [
        (
            "openai-bodies.jsonl",
            vec![
                luna,
                luna,
                // grok-4.3 1.25, 0.2, 2.5, reasoning beside the completion: 900 × 1.25 + 100 × 0.2 + 400 × 2.5 = 2,145
                "0.002145",
                // deepseek-v4-pro on a holiday 0.66, 0.022, 1.98: 600 × 0.66 + 400 × 0.022 + 100 × 1.98 = 602.8
                "0.0006028",
                // claude-haiku-4-5: 300 × 1 + 400 × 0.1 + 100 × 1.25 + 200 × 2 + 100 × 5 = 1,365
                "0.001365",
                // 1,000 × 0.2 + 100 × 1.2 = 320; Groq's seconds are no tokens
                "0.00032",
            ],
        ),
        // Half of 792
        ("openai-batch-output.jsonl", vec!["0.000396"]),
        ("openai-batches.json", vec!["0.000396"]),
        // 2,065 × 1.1 for the residency
        ("anthropic-bodies.jsonl", vec!["0.0022715"]),
        ("claude-code.jsonl", vec!["0.0022715"]),
        // Half of these
        ("anthropic-batch-results.jsonl", vec!["0.00113575"]),
        ("anthropic-usage-api.json", vec![haiku]),
        ("anthropic-tokens-csv.csv", vec![haiku]),
        ("openai-usage-api.json", vec![luna]),
        ("openai-usage-csv.csv", vec![luna]),
        // 300 × 1 + 400 × 0.1 + 100 × 1.25 + 200 × 2 + 100 × 5: the prompt holds the cache
        ("litellm-jsonl.jsonl", vec!["0.001365"]),
        (
            "langfuse.jsonl",
            vec![
                luna, haiku, not_split, not_split, not_split, luna,
                // gemini-2.5-flash 0.3, 0.03, 2.5: 600 × 0.3 + 400 × 0.03 + 150 × 2.5 = 567
                "0.000567", // 1,000 × 0.2 + 500 × 1.2 = 800
                "0.0008",
            ],
        ),
        // 1,000 + 40 + 125 + 400 + 500; a limit asked for is no usage
        ("batchwise-csv.csv", vec![haiku]),
    ] {
        let (found, run) = costs(&fixture("usage-keys").join(file));
        assert_eq!(
            (found, run.code),
            (expected.into_iter().map(ToOwned::to_owned).collect(), 0),
            "{file}: {}",
            run.stderr
        );
    }
}

/// Places of a mapping's usage objects in a row, as JSON pointers.
fn places(mapping: &Mapping, row: &Value) -> Vec<String> {
    let pointer = |path: &String| format!("/{}", path.replace(" > ", "/"));
    let objects =
        mapping.usage_objects.iter().map(pointer).filter(|pointer| row.pointer(pointer).is_some_and(Value::is_object));
    objects.chain(std::iter::once(String::new())).collect()
}

/// All rows of a JSON value, at the lists of a mapping.
fn each_row(value: &mut Value, lists: &[&str], change: &mut impl FnMut(&mut Value)) {
    match value {
        Value::Array(rows) => rows.iter_mut().for_each(|row| each_row(row, lists, change)),
        Value::Object(object) => match lists.iter().position(|list| object.get(*list).is_some_and(Value::is_array)) {
            Some(step) => {
                let rows = object.get_mut(lists[step]).expect("a list");
                rows.as_array_mut()
                    .expect("a list")
                    .iter_mut()
                    .for_each(|row| each_row(row, &lists[step + 1..], change));
            }
            None => change(value),
        },
        _ => {}
    }
}

/// A file of each format of usage, with its mapping: that of `fixtures/usage-keys`, else a good one of its folder.
fn formats() -> Vec<(Mapping, PathBuf)> {
    let files: Vec<PathBuf> =
        fs::read_dir(fixture("usage-keys")).expect("a folder").map(|entry| entry.expect("a file").path()).collect();
    let mut found = Vec::new();
    for format in registry().expect("formats") {
        // A rollup file holds what became of usage keys, and none itself.
        if format.is_rollup() {
            continue;
        }
        let mapping = format.mapping;
        if mapping.kind != Kind::Usage || mapping.name == "openai-activity-csv" {
            continue;
        }
        let is_named = |name: &str| {
            name == mapping.name || name.strip_suffix("-csv").or(name.strip_suffix("-jsonl")) == Some(&mapping.name)
        };
        let file = files.iter().find(|file| is_named(&file.file_stem().expect("a name").to_string_lossy()));
        let good = exports().into_iter().find(|export| is_named(&export.folder) && export.stem() == "good");
        let file = file.cloned().or(good.map(|export| export.path()));
        found.push((mapping, file.expect("a file for each format of usage")));
    }
    assert!(found.len() >= 11, "{}", found.len());
    found
}

fn has_extension(file: &Path, extension: &str) -> bool {
    file.extension().is_some_and(|found| found == extension)
}

/// An unknown number in each usage object, and an unknown column, of every format.
#[test]
fn an_unknown_usage_key_is_loud_in_every_format() {
    let temporary = Folder::new();
    for (mapping, file) in formats() {
        let text = fs::read_to_string(&file).expect("a fixture");
        let name = file.file_name().expect("a name").to_string_lossy().into_owned();
        if has_extension(&file, "csv") {
            let mut lines = text.lines();
            let header = lines.next().expect("a header");
            for column in ["hidden_tokens", "Hidden Tokens", "hiddenTokens"] {
                let rows: Vec<_> = lines.clone().map(|line| format!("{line},7")).collect();
                let run = report(temporary.write(&name, format!("{header},{column}\n{}\n", rows.join("\n"))));
                let note = note(&run, "unread-usage").unwrap_or_else(|| panic!("{name}: {}", run.transcript()));
                let sum = 7 * rows.len();
                let expected = format!("`{column}` ({sum} in {} row", rows.len());
                assert!(run.code == 3 && note["message"].as_str().expect("text").contains(&expected), "{name}: {note}");
            }
            continue;
        }
        let lists: Vec<&str> = mapping.rows.iter().flat_map(|rows| rows.split(" > ")).collect();
        let values: Vec<Value> = if has_extension(&file, "json") {
            vec![serde_json::from_str(&text).expect("JSON")]
        } else {
            text.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect()
        };
        let mut all = Vec::new();
        for mut value in values.clone() {
            each_row(&mut value, &lists, &mut |row| all.extend(places(&mapping, row)));
        }
        all.sort_unstable();
        all.dedup();
        assert!(all.len() > usize::from(!mapping.usage_objects.is_empty()), "{name} shows no usage object");
        for place in all {
            let mut changed = values.clone();
            for value in &mut changed {
                each_row(value, &lists, &mut |row| {
                    if let Some(Value::Object(object)) = row.pointer_mut(&place) {
                        object.insert("hidden_tokens".to_owned(), json!(7));
                    }
                });
            }
            let lines: Vec<String> = changed.iter().map(Value::to_string).collect();
            let run = report(temporary.write(&name, lines.join("\n")));
            let note = note(&run, "unread-usage").unwrap_or_else(|| panic!("{name} {place}: {}", run.transcript()));
            assert_eq!(run.code, 3, "{name} {place}: {note}");
            assert!(note["message"].as_str().expect("text").contains("hidden_tokens` ("), "{name}: {note}");
        }
    }
}

/// A total that is off by one rejects the row in every format that states one.
#[test]
fn a_total_off_by_one_is_loud_in_every_format() {
    fn raise(value: &mut Value, keys: &[&str]) -> u64 {
        match value {
            Value::Array(values) => values.iter_mut().map(|value| raise(value, keys)).sum(),
            Value::Object(object) => {
                let mut raised = 0;
                for (key, value) in object.iter_mut() {
                    match value.as_u64().filter(|_| keys.contains(&key.as_str())) {
                        Some(total) => {
                            *value = json!(total + 1);
                            raised += 1;
                        }
                        None => raised += raise(value, keys),
                    }
                }
                raised
            }
            _ => 0,
        }
    }
    let temporary = Folder::new();
    let mut checked = 0;
    for (mapping, file) in formats() {
        let Some((_, spec)) = mapping.fields.0.iter().find(|(target, _)| *target == TargetField::Total) else {
            continue;
        };
        let keys: Vec<&str> = spec.from.iter().map(|path| path.rsplit(" > ").next().unwrap_or(path)).collect();
        let text = fs::read_to_string(&file).expect("a fixture");
        let name = file.file_name().expect("a name").to_string_lossy().into_owned();
        let (rows, changed) = if has_extension(&file, "csv") {
            (1, text.replace(",1800,", ",1801,"))
        } else {
            let parts: Vec<&str> = if has_extension(&file, "json") { vec![&text] } else { text.lines().collect() };
            let mut values: Vec<Value> = parts.iter().map(|part| serde_json::from_str(part).expect("JSON")).collect();
            let raised: u64 = values.iter_mut().map(|value| u64::from(raise(value, &keys) > 0)).sum();
            (raised, values.iter().map(Value::to_string).collect::<Vec<_>>().join("\n"))
        };
        let run = report(temporary.write(&name, changed));
        let counts = &run.json()["inputs"][0]["rows"];
        // Sums of calls, such as those of a chain in a trace, are none themselves.
        let refused = counts["rejected"].as_u64().zip(counts["not_usage"].as_u64()).map(|(one, other)| one + other);
        assert_eq!((run.code, refused), (3, Some(rows)), "{name}: {}", run.transcript());
        assert!(run.stderr.contains("usage-total-mismatch"), "{name}: {}", run.stderr);
        checked += 1;
    }
    assert!(checked >= 6, "{checked}");
}

/// An answer of `OpenAI`'s shape with this usage.
fn answer(model: &str, usage: &Value) -> String {
    json!({"id": "chatcmpl-1", "object": "chat.completion", "created": 1_791_190_800, "model": model, "choices": [],
        "usage": usage})
    .to_string()
}

/// Rows that no convention allows, each with the code that refuses it.
#[test]
fn impossible_rows_are_refused() {
    let temporary = Folder::new();
    let message = |usage: Value| {
        json!({"timestamp": "2026-10-05T09:00:00Z", "request": {}, "response": {"id": "msg_1", "type": "message",
            "role": "assistant", "model": "claude-haiku-4-5", "content": [], "usage": usage}})
        .to_string()
    };
    for (what, row, code) in [
        (
            "more reasoning than output, and no total",
            answer(
                "gpt-5-mini",
                &json!({"prompt_tokens": 10, "completion_tokens": 5, "completion_tokens_details": {"reasoning_tokens": 9}}),
            ),
            "tokens",
        ),
        (
            "more cached than the prompt",
            answer(
                "gpt-5-mini",
                &json!({"prompt_tokens": 10, "completion_tokens": 5, "prompt_tokens_details": {"cached_tokens": 11}}),
            ),
            "tokens",
        ),
        (
            "a total of nothing",
            answer("gpt-5-mini", &json!({"prompt_tokens": 10, "completion_tokens": 5, "total_tokens": 0})),
            "usage-total-mismatch",
        ),
        (
            "one count twice",
            answer(
                "deepseek-v4-pro",
                &json!({"prompt_tokens": 10, "completion_tokens": 5, "prompt_cache_hit_tokens": 4,
                "prompt_tokens_details": {"cached_tokens": 3}}),
            ),
            "usage-conflict",
        ),
        (
            "lifetimes that make 1,000 of 2,000",
            message(json!({"input_tokens": 1, "output_tokens": 1, "cache_creation_input_tokens": 2000,
                "cache_creation": {"ephemeral_5m_input_tokens": 500, "ephemeral_1h_input_tokens": 500}})),
            "usage-total-mismatch",
        ),
        (
            "a key twice below the top",
            answer("gpt-5-mini", &json!({"prompt_tokens": 10, "completion_tokens": 5}))
                .replace("\"completion_tokens\":5", "\"completion_tokens\":5,\"completion_tokens\":6"),
            "bad-json",
        ),
    ] {
        let run = report(temporary.write("log.jsonl", row));
        assert_eq!((run.code, run.json()["cost"]["computed"].as_str()), (3, Some("0")), "{what}: {}", run.transcript());
        assert!(run.stderr.contains(&format!("warning[{code}]")), "{what}: {}", run.stderr);
    }
}

/// Declared parts are never above their wholes, wherever a row states them.
#[test]
fn declared_parts_are_within_their_wholes() {
    let temporary = Folder::new();
    let message = |usage: &Value| {
        json!({"timestamp": "2026-10-05T09:00:00Z", "request": {}, "response": {"id": "msg_1", "type": "message",
            "role": "assistant", "model": "claude-haiku-4-5", "content": [], "usage": usage}})
        .to_string()
    };
    let gateway = |changes: &[(&str, Value)]| {
        let text = fs::read_to_string(fixture("usage-keys").join("litellm-jsonl.jsonl")).expect("a fixture");
        let mut row: Value = serde_json::from_str(&text).expect("a row");
        for (pointer, value) in changes {
            *row.pointer_mut(pointer).expect("a key") = value.clone();
        }
        row.to_string()
    };
    let usage = |thinking: u64, input: u64| {
        json!({"input_tokens": 100, "output_tokens": 50, "output_tokens_details": {"thinking_tokens": thinking},
            "iterations": [{"type": "message", "input_tokens": input, "output_tokens": 50}]})
    };
    let nothing = [("/prompt_tokens", json!(0)), ("/completion_tokens", json!(0)), ("/total_tokens", json!(0))];
    let nothing_read: Vec<_> = nothing
        .into_iter()
        .chain([("/metadata/usage_object", json!({"input_tokens": 5000, "output_tokens": 900}))])
        .collect();
    for (what, row, is_sound) in [
        ("all thinking", message(&usage(50, 100)), true),
        ("more thinking than output", message(&usage(51, 100)), false),
        ("steps above the answer", message(&usage(50, 101)), false),
        ("the vendor's own count above the gateway's", gateway(&nothing_read), false),
        (
            "another prompt in the answer",
            gateway(&[("/response", json!({"usage": {"prompt_tokens": 5000, "completion_tokens": 100}}))]),
            false,
        ),
    ] {
        let run = report(temporary.write("log.jsonl", row));
        assert_eq!(run.code, if is_sound { 0 } else { 3 }, "{what}: {}", run.transcript());
    }
    // 100 × 1 + 900 × 0.1 + 100 × 5 = 690 millionths: the cache stands in the answer alone.
    let answer = json!({"usage": {"prompt_tokens": 1000, "completion_tokens": 100, "total_tokens": 1100,
        "prompt_tokens_details": {"cached_tokens": 900}}});
    let row = gateway(&[("/metadata/usage_object", json!({})), ("/response", answer)]);
    let (found, run) = costs(&temporary.write("log.jsonl", row));
    assert_eq!((found, run.code), (vec!["0.00069".to_owned()], 0), "{}", run.stderr);
}

/// `OpenRouter` is no maker: list rate of the maker, no batch, its own amount like a bill.
#[test]
fn a_reseller_has_the_makers_list_rate_and_no_batch() {
    let temporary = Folder::new();
    let answer = json!({"id": "gen-1-abc", "provider": "Some Host", "object": "chat.completion", "created": 1_791_190_800,
        "model": "anthropic/claude-haiku-4.5", "choices": [],
        "usage": {"prompt_tokens": 1000, "completion_tokens": 100, "total_tokens": 1100, "cost": 0.002, "is_byok": false,
            "cost_details": {"upstream_inference_cost": 0.0019}}});
    let run = report(temporary.write("log.jsonl", answer.to_string()));
    let json = run.json();
    // 1,000 × 1 + 100 × 5 = 1,500 millionths, and 2,000 billed
    assert_eq!((run.code, &json["cost"]["computed"], &json["cost"]["billed"]), (0, &json!("0.0015"), &json!("0.002")));
    let row = &json["workloads"][0];
    assert_eq!((&row["provider"], &row["reasons"]), (&json!("openrouter"), &json!(["no-batch-rate"])), "{row}");
    assert!(json["warnings"].to_string().contains("reseller-at-list"), "{}", json["warnings"]);
    // A maker that it does not name is not guessed.
    let unknown = answer.to_string().replace("anthropic/claude-haiku-4.5", "nobody/claude-haiku-4.5");
    assert_eq!(report(temporary.write("log.jsonl", unknown)).code, 3);
}

/// Texts that begin like a number count as one, and a key that stands in a row several times is one row.
#[test]
fn unread_usage_is_counted_by_rows() {
    let temporary = Folder::new();
    let rows: Vec<String> = ["1_000", "1000 tokens", "'1000", "1000", "none", "0", ""]
        .iter()
        .map(|text| format!("2026-10-05T09:00:00Z,gpt-5-mini,10,5,{text}"))
        .collect();
    let log = format!("timestamp,model,input_tokens,output_tokens,thinking_tokens\n{}\n", rows.join("\n"));
    let run = report(temporary.write("log.csv", log));
    let found = note(&run, "unread-usage").expect("a note");
    assert_eq!(found["count"], json!(4), "{found}");
    let step = json!({"type": "advisor", "input_tokens": 10, "output_tokens": 0});
    let usage = json!({"input_tokens": 100, "output_tokens": 50, "iterations": [step, step, step]});
    let row = json!({"timestamp": "2026-10-05T09:00:00Z", "request": {}, "response": {"id": "msg_1", "type": "message",
        "role": "assistant", "model": "claude-haiku-4-5", "content": [], "usage": usage}});
    let run = report(temporary.write("log.jsonl", row.to_string()));
    let found = note(&run, "unread-usage").expect("a note");
    assert!(found["message"].as_str().is_some_and(|text| text.contains("(30 in 1 row)")), "{found}");
}

/// A zero stands beside the key that is filled.
#[test]
fn a_zero_beside_a_filled_key_counts_for_nothing() {
    let temporary = Folder::new();
    let hits = json!({"prompt_tokens": 1000, "completion_tokens": 100, "prompt_tokens_details": {"cached_tokens": 0},
        "prompt_cache_hit_tokens": 400, "prompt_cache_miss_tokens": 600});
    let (found, run) = costs(&temporary.write("log.jsonl", answer("deepseek-v4-pro", &hits)));
    assert_eq!((found, run.code), (vec!["0.0006028".to_owned()], 0), "{}", run.stderr);
    // Lifetimes of nothing beside 300 written: five minutes. 1,000 × 1 + 300 × 1.25 + 100 × 5 = 1,875 millionths
    let usage = json!({"input_tokens": 1000, "output_tokens": 100, "cache_creation_input_tokens": 300,
        "cache_creation": {"ephemeral_5m_input_tokens": 0, "ephemeral_1h_input_tokens": 0}});
    let row = json!({"timestamp": "2026-10-05T09:00:00Z", "request": {}, "response": {"id": "msg_1", "type": "message",
        "role": "assistant", "model": "claude-haiku-4-5", "content": [], "usage": usage}});
    let (found, run) = costs(&temporary.write("log.jsonl", row.to_string()));
    assert_eq!((found, run.code), (vec!["0.001875".to_owned()], 0), "{}", run.stderr);
}

/// What a call spent on shortening its own prompt is in no total of the answer, and is added: 203,000 × 1 + 2,000 × 5 =
/// 213,000 millionths. A step of another kind is named.
#[test]
fn compaction_is_added_and_other_steps_are_named() {
    let temporary = Folder::new();
    let step = |kind: &str, input: u64| json!({"type": kind, "input_tokens": input, "output_tokens": 1_000});
    let with = |kind: &str| {
        let usage = json!({"input_tokens": 23_000, "output_tokens": 1_000,
            "iterations": [step(kind, 180_000), step("message", 23_000)]});
        let row = json!({"timestamp": "2026-10-05T09:00:00Z", "request": {}, "response": {"id": "msg_1", "type": "message",
            "role": "assistant", "model": "claude-haiku-4-5", "content": [], "usage": usage}});
        temporary.write("log.jsonl", row.to_string())
    };
    let (found, run) = costs(&with("compaction"));
    assert_eq!((found, run.code), (vec!["0.213".to_owned()], 0), "{}", run.stderr);
    let run = report(with("advisor"));
    let note = note(&run, "unread-usage").expect("a note");
    let text = note["message"].as_str().expect("text");
    assert!(text.contains("iterations > advisor > input_tokens` (180,000 in 1 row)"), "{text}");
    assert!(!text.contains("message >"), "{text}");
}

/// Cache writes of a long prompt cost 1.25 or 2 times the long prompt's input rate, in batch half of that.
#[test]
fn cache_writes_of_a_long_prompt_have_its_rate() {
    let temporary = Folder::new();
    let rows = "timestamp,provider,model,request_id,input_tokens,cache_write_tokens,output_tokens,service_tier\n\
        2026-01-05T09:00:00Z,anthropic,claude-sonnet-4-5,long,250000,5000,100,\n\
        2026-01-05T09:00:00Z,anthropic,claude-sonnet-4-5,batch,250000,5000,100,batch\n\
        2026-01-05T09:00:00Z,anthropic,claude-sonnet-4-5,short,200000,5000,100,\n";
    let file = temporary.write("log.csv", rows).display().to_string();
    let run = run(["classify", &file, "--format", "jsonl"]);
    let rows = run.stdout.lines().map(|line| serde_json::from_str::<Value>(line).expect("a row"));
    // long: 245,000 × 6 + 5,000 × 7.5 + 100 × 22.5 = 1,470,000 + 37,500 + 2,250 millionths; batch: half of it;
    // short: 195,000 × 3 + 5,000 × 3.75 + 100 × 15 = 585,000 + 18,750 + 1,500
    let expected = ["1.50975", "0.754875", "0.60525"];
    assert_eq!(rows.map(|row| row["cost"].clone()).collect::<Vec<_>>(), expected, "{}", run.stderr);
}

/// A refusal is not billed before there is any output.
#[test]
fn a_refusal_before_any_output_costs_nothing() {
    let temporary = Folder::new();
    let row = |id: &str, output: u64| {
        let usage = json!({"input_tokens": 100_000, "output_tokens": output});
        json!({"timestamp": "2026-10-05T09:00:00Z", "request": {}, "response": {"id": id, "type": "message",
            "role": "assistant", "model": "claude-haiku-4-5", "content": [], "stop_reason": "refusal", "usage": usage}})
        .to_string()
    };
    // 100,000 × 1 + 100 × 5 millionths
    let (found, run) = costs(&temporary.write("log.jsonl", [row("msg_1", 0), row("msg_2", 100)].join("\n")));
    assert_eq!((found, run.code), (vec!["0".to_owned(), "0.1005".to_owned()], 0), "{}", run.stderr);
    assert!(run.stdout.lines().next().expect("a row").contains("failed-call"), "{}", run.stdout);
}

/// Generations are calls, whatever they lack; what is no call and has no usage is blank.
#[test]
fn a_generation_is_never_blank() {
    let temporary = Folder::new();
    let row = |id: &str, kind: &str, usage: Value| {
        json!({"id": id, "traceId": "t", "startTime": "2026-10-05T09:00:00Z", "type": kind, "model": "gpt-5-mini",
            "completionStartTime": null, "usageDetails": usage})
        .to_string()
    };
    let rows = [
        row("o1", "GENERATION", json!({"input": 1000, "output": 200, "total": 1200})),
        row("o2", "GENERATION", json!({"total": 5000})),
        row("o3", "GENERATION", json!({})),
        row("o4", "SPAN", json!({})),
        row("o5", "AGENT", json!({"hidden": 12})),
        row("o6", "GENERATION", json!({})).replace("\"id\"", "\"level\":\"ERROR\",\"id\""),
    ];
    let run = report(temporary.write("log.jsonl", rows.join("\n")));
    let counts = &run.json()["inputs"][0]["rows"];
    let found = ["accepted", "rejected", "blank", "not_usage"].map(|outcome| counts[outcome].as_u64());
    assert_eq!((run.code, found), (3, [Some(1), Some(3), Some(1), Some(1)]), "{}", run.transcript());
}

/// One batch, logged at each poll under another id.
#[test]
fn a_batch_counts_once_however_often_it_is_polled() {
    let temporary = Folder::new();
    let text = fs::read_to_string(fixture("usage-keys").join("litellm-jsonl.jsonl")).expect("a fixture");
    let poll = |number: u32, batch: &str| {
        let mut row: Map<String, Value> = serde_json::from_str(&text).expect("a row");
        for (key, value) in [
            ("request_id", json!(format!("poll-{number}"))),
            ("call_type", json!("aretrieve_batch")),
            ("startTime", json!(format!("2026-10-05 12:0{number}:00"))),
            ("endTime", json!(format!("2026-10-05 12:0{number}:01"))),
            ("response", json!({"id": batch, "object": "batch"})),
        ] {
            row.insert(key.to_owned(), value);
        }
        Value::Object(row).to_string()
    };
    let rows = [poll(1, "batch_a"), poll(2, "batch_a"), poll(3, "batch_b"), poll(4, "batch_a")];
    let (found, run) = costs(&temporary.write("spend.jsonl", rows.join("\n")));
    // Half of 1,365 millionths, for each of two batches
    assert_eq!((found, run.code), (vec!["0.0006825".to_owned(); 2], 0), "{}", run.stderr);
}

/// What is known is accepted by the policy, and still shown nowhere as a gap.
#[test]
fn unread_usage_can_be_accepted() {
    let temporary = Folder::new();
    let usage = json!({"prompt_tokens": 10, "completion_tokens": 5, "hidden_tokens": 7});
    let log = temporary.write("log.jsonl", answer("gpt-5-mini", &usage));
    let policy = temporary.write("policy.yaml", "schema: 1\naccept: {unread: [\"usage > hidden*\"]}\n");
    let words = ["--policy", &policy.display().to_string(), DAYS[0], DAYS[1], DAYS[2], DAYS[3]];
    let run = report_json(&[log], &words);
    assert_eq!((run.code, note(&run, "unread-usage")), (0, None), "{}", run.transcript());
    assert!(run.json()["warnings"].to_string().contains("unread-usage"), "{}", run.transcript());
}
