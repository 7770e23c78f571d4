//! Calls whose cost was got wrong once, each worked out by hand. Rates are in dollars for a million tokens, so that a count
//! times a rate is in millionths of a dollar.

use serde_json::{Value, json};

use crate::support::{Folder, run};

/// The costs of a file's rows, in order.
fn costs(name: &str, content: &str) -> Vec<String> {
    let folder = Folder::new();
    let file = folder.write(name, content).display().to_string();
    let run = run(["classify", &file, "--format", "jsonl"]);
    let cost = |line: &str| {
        let row: Value = serde_json::from_str(line).expect("a row");
        row["cost"].as_str().expect("a cost").to_owned()
    };
    run.stdout.lines().map(cost).collect()
}

fn generation(id: &str, model: &str, usage: &Value) -> String {
    json!({"id": id, "traceId": "t", "startTime": "2026-10-05T09:00:00Z", "type": "GENERATION", "name": "step",
        "model": model, "completionStartTime": null, "usageDetails": usage})
    .to_string()
}

fn answer(model: &str, usage: &Value) -> String {
    json!({"id": "chatcmpl-1", "object": "chat.completion", "created": 1_791_190_800, "model": model,
        "choices": [], "usage": usage})
    .to_string()
}

fn message(id: &str, stop_reason: &str, output: u64) -> String {
    json!({"timestamp": "2026-10-05T09:00:00Z", "request": {"model": "claude-sonnet-5"}, "response": {"id": id,
        "type": "message", "role": "assistant", "model": "claude-sonnet-5", "content": [], "stop_reason": stop_reason,
        "usage": {"input_tokens": 100_000, "output_tokens": output}}})
    .to_string()
}

/// A call that `LiteLLM` logged: its model and provider, its kind, its usage, and what is there besides.
fn spend(id: &str, (model, provider): (&str, &str), kind: &str, usage: &Value, more: &Value) -> String {
    let mut row = json!({"request_id": id, "call_type": kind, "spend": 0.0, "startTime": "2026-10-05 09:00:00",
        "endTime": "2026-10-05 09:00:01", "model": model, "custom_llm_provider": provider, "status": "success",
        "prompt_tokens": usage["prompt_tokens"], "completion_tokens": usage["completion_tokens"],
        "total_tokens": usage["prompt_tokens"].as_u64().expect("a count")
            + usage["completion_tokens"].as_u64().expect("a count"),
        "metadata": {"usage_object": usage}});
    for (key, value) in more.as_object().expect("an object") {
        match value {
            Value::Object(inner) if key == "metadata" => {
                row["metadata"].as_object_mut().expect("an object").extend(inner.clone());
            }
            _ => row[key] = value.clone(),
        }
    }
    row.to_string()
}

#[test]
fn observations_of_langfuse() {
    let rows = [
        // 2,000 × 1 + 100,000 × 0.1 + 10,000 × 1.25 + 500 × 5 = 27,000; the total is all four
        generation(
            "a",
            "claude-haiku-4-5",
            &json!({"input": 2000, "output": 500, "cache_read_input_tokens": 100_000,
                "cache_creation_input_tokens": 10_000, "total": 112_500}),
        ),
        // 1,000 × 0.25 + (200 + 800) × 2 = 2,250
        generation("b", "gpt-5-mini", &json!({"input": 1000, "output": 200, "output_reasoning": 800, "total": 2000})),
        // 2M × 1 + 0.5M × 5
        generation(
            "c",
            "claude-haiku-4-5",
            &json!({"input_tokens": 2_000_000, "output_tokens": 500_000, "total": 2_500_000}),
        ),
        // 2M × 0.25 + 0.5M × 2
        generation(
            "d",
            "gpt-5-mini",
            &json!({"prompt_tokens": 2_000_000, "completion_tokens": 500_000, "total_tokens": 2_500_000}),
        ),
    ];
    assert_eq!(costs("log.jsonl", &rows.join("\n")), ["0.027", "0.00225", "4.5", "1.5"]);
    // A page of the API holds rows: 1,000 × 0.25 + 200 × 2 = 650
    let row: Value =
        serde_json::from_str(&generation("e", "gpt-5-mini", &json!({"input": 1000, "output": 200, "total": 1200})))
            .expect("a row");
    let page = json!({"data": [row], "meta": {"page": 1, "limit": 50, "totalItems": 1, "totalPages": 1}});
    assert_eq!(costs("page.json", &page.to_string()), ["0.00065"]);
}

#[test]
fn answers_in_the_form_of_openai() {
    // xAI's reasoning is beside the completion: 9,992 × 1.25 + 128 × 0.2 + (1,499 + 2,809) × 2.5
    //   = 12,490 + 25.6 + 10,770 = 23,285.6, as the vendor's own 232,856,000 ticks say
    let grok = json!({"prompt_tokens": 10_120, "completion_tokens": 1499, "total_tokens": 14_428,
        "prompt_tokens_details": {"cached_tokens": 128}, "completion_tokens_details": {"reasoning_tokens": 2809}});
    assert_eq!(costs("log.jsonl", &answer("grok-4.3", &grok)), ["0.0232856"]);
    // Claude's cache writes: 10 × 1 + 66,360 × 0.1 + 32,435 × 1.25 + 5,120 × 5
    //   = 10 + 6,636 + 40,543.75 + 25,600 = 72,789.75
    let claude = json!({"prompt_tokens": 98_805, "completion_tokens": 5120, "total_tokens": 103_925,
        "prompt_tokens_details": {"cached_tokens": 66_360, "cache_creation_tokens": 32_435},
        "cache_read_input_tokens": 66_360, "cache_creation_input_tokens": 32_435});
    assert_eq!(costs("log.jsonl", &answer("claude-haiku-4-5", &claude)), ["0.07278975"]);
}

#[test]
fn calls_that_litellm_logged() {
    let rows = [
        // Asked for priority, served by default: 2,000 × 0.25 + 500 × 2 = 1,500
        spend(
            "a",
            ("gpt-5-mini", "openai"),
            "aresponses",
            &json!({"prompt_tokens": 2000, "completion_tokens": 500}),
            &json!({"response": {"service_tier": "default"}, "proxy_server_request": {"service_tier": "priority"}}),
        ),
        // 3 × 1 + 5,424 × 2 + 467 × 5 = 3 + 10,848 + 2,335 = 13,186: all of it is written for an hour
        spend(
            "b",
            ("claude-haiku-4-5", "anthropic"),
            "acompletion",
            &json!({"prompt_tokens": 5427, "completion_tokens": 467, "total_tokens": 5894,
                "prompt_tokens_details": {"cached_tokens": 0, "cache_creation_tokens": 5424,
                    "cache_creation_token_details": {"ephemeral_5m_input_tokens": 0, "ephemeral_1h_input_tokens": 5424}},
                "cache_creation_input_tokens": 5424, "cache_read_input_tokens": 0}),
            &json!({}),
        ),
        // (2,000 × 5 + 500 × 25) × 1.1 = 24,750
        spend(
            "c",
            ("claude-opus-4-6", "anthropic"),
            "acompletion",
            &json!({"prompt_tokens": 2000, "completion_tokens": 500, "total_tokens": 2500, "inference_geo": "us"}),
            &json!({}),
        ),
    ];
    assert_eq!(costs("log.jsonl", &rows.join("\n")), ["0.0015", "0.013186", "0.02475"]);
    // One batch, polled three times: 640,000 × 0.375 + 52,000 × 2.25 = 240,000 + 117,000, half of 0.75 and 4.5
    let poll = |id: &str| {
        spend(
            id,
            ("gpt-5.4-mini", "openai"),
            "aretrieve_batch",
            &json!({"prompt_tokens": 640_000, "completion_tokens": 52_000}),
            &json!({"response": {"id": "batch_1", "object": "batch"},
                "metadata": {"batch_models": ["gpt-5.4-mini"], "batch_successful_requests": 200}}),
        )
    };
    assert_eq!(costs("log.jsonl", &["x", "y", "z"].map(poll).join("\n")), ["0.357"]);
}

#[test]
fn a_refusal_before_the_answer_and_an_answer() {
    // A refusal is not billed before there is output; 100,000 × 2 + 100 × 10 = 201,000
    let rows = [message("msg_1", "refusal", 0), message("msg_2", "end_turn", 100)];
    assert_eq!(costs("log.jsonl", &rows.join("\n")), ["0", "0.201"]);
}

#[test]
fn a_name_costs_what_it_did_on_the_day_of_the_call() {
    let days = [
        // an alias has the history of what it means; above 272,000 tokens: 1M × 10 + 100,000 × 45, then 1M × 8 + 100,000 × 30
        ("2026-08-20,openai,gpt-5.6,1000000,100000", "14.5"),
        ("2026-08-22,openai,gpt-5.6,1000000,100000", "11"),
        // 1M × 0.3 + 1,000 × 2.5, at both of Google's platforms
        ("2026-10-05,vertex_ai,gemini-2.5-flash,1000000,1000", "0.3025"),
        ("2026-10-05,gemini,gemini-2.5-flash,1000000,1000", "0.3025"),
        // 1M × 1 + 100,000 × 5, then 1M × 0.8 + 100,000 × 4
        ("2024-12-02,anthropic,claude-3-5-haiku-20241022,1000000,100000", "1.5"),
        ("2024-12-03,anthropic,claude-3-5-haiku-20241022,1000000,100000", "1.2"),
        // 1M × 3 + 100,000 × 12, then 1M × 1.1 + 100,000 × 4.4
        ("2025-01-30,openai,o1-mini,1000000,100000", "4.2"),
        ("2025-01-31,openai,o1-mini,1000000,100000", "1.54"),
        // a name that moves: 1M × 2 + 100,000 × 6, then 1M × 0.5 + 100,000 × 1.5
        ("2025-12-01,mistral,mistral-large-latest,1000000,100000", "2.6"),
        ("2025-12-02,mistral,mistral-large-latest,1000000,100000", "0.65"),
        // a reseller two days behind the maker: 100,000 × 2.5 + 10,000 × 15, then 100,000 × 2 + 10,000 × 12
        ("2026-07-31,azure,gpt-5.6-terra,100000,10000", "0.4"),
        ("2026-07-31,openai,gpt-5.6-terra,100000,10000", "0.32"),
        ("2026-08-01,azure,gpt-5.6-terra,100000,10000", "0.32"),
        // a retired name that is sent on: 100,000 × 3 + 10,000 × 15, then grok-4.3's 100,000 × 1.25 + 10,000 × 2.5
        ("2026-05-14,xai,grok-3,100000,10000", "0.45"),
        ("2026-05-15,xai,grok-3,100000,10000", "0.15"),
        // 100,000 × 0.28 + 10,000 × 0.42, then deepseek-v4-flash's 100,000 × 0.14 + 10,000 × 0.28
        ("2026-04-23,deepseek,deepseek-chat,100000,10000", "0.0322"),
        ("2026-04-24,deepseek,deepseek-chat,100000,10000", "0.0168"),
    ];
    let (rows, right): (Vec<_>, Vec<_>) = days.into_iter().unzip();
    let head = "timestamp,provider,model,input_tokens,output_tokens";
    assert_eq!(costs("usage.csv", &format!("{head}\n{}\n", rows.join("\n"))), right);
}
