//! The article's worked examples: `estimate` gives its figures to the cent.

use serde_json::{Value, json};

use crate::support::{Folder, Run, finish, fixture, program, run, workbook_cells};

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
        "batch_share": all("0.4"),
        "discount": {"share": "0.5", "origin": "default"},
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
fn a_range_of_the_batch_share() {
    let report = json("--monthly-spend 15000 --batch-share 30%..50%");
    assert_eq!(report["batch_share"], cases("0.3", "0.4", "0.5"));
    assert_eq!(report["scenarios"][1]["monthly_saving"], cases("2250", "3000", "3750"));
    assert_eq!(report["scenarios"][1]["saving_share"], cases("0.15", "0.2", "0.25"));

    // Routing saves less than batch of the same calls: low and high are the ends of both ranges.
    let report = json("--monthly-spend 1000 --batch-share 30%..50% --routing-saves 10%..20%");
    assert_eq!(report["scenarios"][2]["monthly_saving"], cases("220", "290", "350"));
    assert_eq!(
        report["scenarios"][2]["parts"],
        json!({
            "batch": cases("150", "200", "250"),
            "routing": cases("70", "90", "100"),
        })
    );

    // It saves more in the high case: the most is saved where the fewest calls are in batch.
    let report = json("--monthly-spend 1000 --batch-share 30%..50% --routing-saves 40%..70%");
    assert_eq!(report["scenarios"][2]["monthly_saving"], cases("430", "530", "640"));
    assert_eq!(report["scenarios"][2]["parts"]["batch"], cases("150", "200", "150"));
}

#[test]
fn where_the_discount_comes_from() {
    let discount = |words: &str| json(&format!("--monthly-spend 1000 --batch-share 50% {words}"))["discount"].clone();
    assert_eq!(discount("--batch-discount 20%"), json!({"share": "0.2", "origin": "given"}));
    let prices = fixture("article/pricing.yaml").display().to_string();
    let found = discount(&format!("--model gpt-5.4 --input-share 30% --prices {prices}"));
    assert_eq!(
        found,
        json!({
            "share": "0.5",
            "origin": "model",
            "provider": "openai",
            "model": "gpt-5.4",
            "prices": "pricing.yaml",
            "source": "https://example.com/article",
            "from": null,
            "checked": "2026-04-30",
            "input_share": "0.3",
        })
    );
}

/// The same figures in every form, written in one pass.
#[test]
fn every_form_for_readers_has_the_same_figures() {
    let folder = Folder::new();
    let paths = ["e.txt", "e.md", "e.html", "e.xlsx", "e.csv", "e.json"].map(|name| folder.path(name));
    let prices = fixture("article/pricing.yaml");
    let words = "estimate --monthly-spend 15000 --batch-share 30%..50% --model gpt-5.4 --routing-saves 40%..70%";
    let write = |more: &[&str]| {
        let outputs = paths.iter().flat_map(|path| ["-o".into(), path.display().to_string()]);
        finish(program().args(words.split(' ')).arg("--prices").arg(&prices).args(outputs).args(more))
    };
    let run = write(&[]);
    assert_eq!((run.code, run.stdout.as_str(), run.stderr.as_str()), (0, "", ""));
    let [text, markdown, html, workbook, csv, json] = &paths;
    let read = |path: &std::path::Path| std::fs::read_to_string(path).expect("a form that was written");
    let pages = [text, markdown, html].map(|path| read(path));
    let sheet = workbook_cells(workbook);
    for (exact, shown) in [("15000", "$15,000"), ("2250", "$2,250"), ("7950", "$7,950"), ("9600", "$9,600")] {
        assert!(pages.iter().all(|page| page.contains(shown)), "{shown}");
        assert!(sheet.lines().any(|cell| cell == exact), "{exact} in {sheet}");
        assert!(read(csv).contains(&format!(",{exact}\n")), "{exact}");
        assert!(read(json).contains(&format!("\"{exact}\"")), "{exact}");
    }
    for said in ["openai/gpt-5.4", "checked 30 Apr 2026", "example.com/article"] {
        assert!(pages.iter().all(|page| page.contains(said)), "{said}");
        assert!(sheet.contains(said), "{said} in {sheet}");
    }
    assert_eq!(write(&[]).code, 5, "files that are there are kept");
    assert_eq!(write(&["--force"]).code, 0);
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
    for words in [
        "--monthly-spend 15000 --batch-share 40%",
        "--monthly-spend 15000 --batch-share 40% --routing-saves 40%..70%",
        "--monthly-spend 15000 --batch-share 30%..50% --batch-discount 33%",
    ] {
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
        "--monthly-spend 15000 --batch-share 50%..30%",
        "--monthly-spend 15000 --batch-share 30%..",
        "--monthly-spend 15000 --batch-share 40% -o estimate.pdf",
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
