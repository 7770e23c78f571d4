//! The article's worked examples: `estimate` gives its figures to the cent.

use serde_json::{Value, json};

use crate::support::{Run, fixture, run};

/// `estimate` with these words.
fn estimate(words: &str) -> Run {
    run(format!("estimate {words}").split(' '))
}

fn json(words: &str) -> Value {
    let run = estimate(&format!("{words} --format json"));
    assert_eq!((run.code, run.stderr.as_str()), (0, ""), "{words}");
    run.json()
}

fn cases(low: &str, base: &str, high: &str) -> Value {
    json!({"low": low, "base": base, "high": high})
}

fn all(amount: &str) -> Value {
    cases(amount, amount, amount)
}

#[test]
fn batch_only() {
    let expected = json!({
        "schema": "batchwise.estimate/1",
        "currency": "USD",
        "monthly_spend": "15000",
        "scenarios": [
            {"id": "today", "monthly_cost": all("15000")},
            {"id": "batch-only", "monthly_cost": all("12000"), "monthly_saving": all("3000"), "saving_share": all("0.2")},
        ],
    });
    assert_eq!(json("--monthly-spend 15000 --batch-share 40%"), expected);
}

#[test]
fn batch_and_hybrid_routing() {
    let report = json("--monthly-spend 15000 --batch-share 40% --routing-saves 40%..70%");
    let expected = json!({
        "id": "batch-plus-routing",
        "monthly_cost": cases("8400", "7050", "5700"),
        "monthly_saving": cases("6600", "7950", "9300"),
        "saving_share": cases("0.44", "0.53", "0.62"),
        "parts": {"batch": all("3000"), "routing": cases("3600", "4950", "6300")},
        "routing": "assumed",
    });
    assert_eq!(report["scenarios"][2], expected);
    assert_eq!(report["scenarios"][1]["monthly_saving"], all("3000"), "routing changes nothing about batch alone");
}

#[test]
fn all_of_it_in_batch() {
    let report = json("--monthly-spend 5000 --batch-share 100%");
    assert_eq!(report["scenarios"][1]["monthly_cost"], all("2500"));
    assert_eq!(report["scenarios"][1]["saving_share"], all("0.5"));
}

#[test]
fn every_row_of_its_price_table_is_half_off() {
    let prices = fixture("article/pricing.yaml").display().to_string();
    for model in ["gpt-5.4", "gpt-5-nano", "claude-sonnet-3-5", "claude-haiku-4-5"] {
        for input_share in ["", " --input-share 0%", " --input-share 37%", " --input-share 100%"] {
            let report = json(&format!(
                "--monthly-spend 1000 --batch-share 100% --model {model} --prices {prices}{input_share}"
            ));
            assert_eq!(report["scenarios"][1]["monthly_saving"], all("500"), "{model}{input_share}");
        }
    }
}

#[test]
fn what_the_vendors_charge_today() {
    // The shipped table follows the vendors: output in batch is half off as well, so is input.
    for model in ["gpt-5.4", "claude-haiku-4-5"] {
        let report = json(&format!("--monthly-spend 1000 --batch-share 100% --model {model}"));
        assert_eq!(report["scenarios"][1]["monthly_saving"], all("500"), "{model}");
    }
}

#[test]
fn other_discounts() {
    for (words, saving) in [
        ("--monthly-spend 1000 --batch-share 50% --batch-discount 20%", "100"),
        ("--monthly-spend 1000 --batch-share 50% --batch-discount 0%", "0"),
        ("--monthly-spend 0 --batch-share 50%", "0"),
        ("--monthly-spend 1000 --batch-share 0%", "0"),
        ("--monthly-spend 0.01 --batch-share 33.3333333%", "0.001666666665"),
        ("--monthly-spend 1,234.56 --batch-share 100%", "617.28"),
    ] {
        assert_eq!(json(words)["scenarios"][1]["monthly_saving"], all(saving), "{words}");
    }
    assert_eq!(
        json("--monthly-spend 0 --batch-share 50%")["scenarios"][1]["saving_share"],
        json!({"low": null, "base": null, "high": null})
    );
}

#[test]
fn on_a_terminal() {
    let mut text: Vec<String> = Vec::new();
    for words in
        ["--monthly-spend 15000 --batch-share 40%", "--monthly-spend 15000 --batch-share 40% --routing-saves 40%..70%"]
    {
        text.push(format!("\n===== estimate {words}\n{}", estimate(words).transcript()));
    }
    insta::assert_snapshot!("estimate", text.concat());
}

#[test]
fn wrong_values_are_refused() {
    let mut text: Vec<String> = Vec::new();
    for words in [
        "--monthly-spend -15000 --batch-share 40%",
        "--monthly-spend lots --batch-share 40%",
        "--monthly-spend 1e40 --batch-share 40%",
        "--monthly-spend 15000 --batch-share 101%",
        "--monthly-spend 15000 --batch-share -1%",
        "--monthly-spend 15000 --batch-share 40",
        "--monthly-spend 15000 --batch-share 0.4",
        "--monthly-spend 15000 --batch-share 40% --batch-discount 150%",
        "--monthly-spend 15000 --batch-share 40% --batch-discount 50",
        "--monthly-spend 15000 --batch-share 40% --routing-saves 70%..40%",
        "--monthly-spend 15000 --batch-share 40% --routing-saves 40..70",
        "--monthly-spend 15000 --batch-share 40% --routing-saves 40%",
        "--monthly-spend 15000 --batch-share 40% --routing-saves 40%..170%",
        "--monthly-spend 15000 --batch-share 40% --model gpt-5.44",
        "--monthly-spend 15000 --batch-share 40% --model deepseek-v4-pro",
        "--monthly-spend 15000 --batch-share 40% --model gpt-5.4 --batch-discount 50%",
        "--monthly-spend 15000 --batch-share 40% --model gpt-5.4 --input-share 300%",
        "--monthly-spend 15000 --batch-share 40% --input-share 30%",
        "--monthly-spend 15000 --batch-share 40% --model gpt-5.4 --provider acme",
        "--monthly-spend 15000",
        "--batch-share 40%",
    ] {
        let run = estimate(words);
        assert_eq!((run.code, run.stdout.as_str()), (2, ""), "{words}");
        text.push(format!("\n===== estimate {words}\n{}", run.transcript()));
    }
    insta::assert_snapshot!("estimate-refused", text.concat());
}
