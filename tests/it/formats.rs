//! Every format on files in its documented shape: counts as in `fixtures/formats/README.md`, a bad file that differs from
//! the good one by its five rejected rows alone, and twins in other containers that say the same.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use batchwise::formats::registry;
use serde_json::{Value, json};

use crate::support::{Folder, fixture, gzip, report_json, run};

mod folders;
mod pages;
mod raw;

/// Folder, file, rows: read, header, blank, not usage, accepted, duplicate, rejected.
const FILES: &[(&str, &str, [u64; 7])] = &[
    ("batchwise-csv", "good.csv", [31, 1, 1, 0, 28, 1, 0]),
    ("batchwise-csv", "bad.csv", [36, 1, 1, 0, 28, 1, 5]),
    ("batchwise-csv", "empty.csv", [1, 1, 0, 0, 0, 0, 0]),
    ("batchwise-jsonl", "good.jsonl", [30, 0, 1, 0, 28, 1, 0]),
    ("batchwise-jsonl", "bad.jsonl", [35, 0, 1, 0, 28, 1, 5]),
    ("openai-usage-csv", "good.csv", [27, 1, 3, 0, 23, 0, 0]),
    ("openai-usage-csv", "good-minutes.csv", [31, 1, 18, 0, 12, 0, 0]),
    ("openai-usage-csv", "empty.csv", [1, 1, 0, 0, 0, 0, 0]),
    ("openai-usage-csv", "good-cache-writes.csv", [9, 1, 2, 0, 6, 0, 0]),
    ("openai-usage-csv", "embeddings.csv", [6, 1, 1, 0, 4, 0, 0]),
    ("openai-usage-csv", "overlap.csv", [28, 1, 3, 0, 23, 1, 0]),
    ("openai-usage-csv", "bad.csv", [32, 1, 3, 0, 23, 0, 5]),
    ("openai-cost-csv", "good.csv", [29, 1, 2, 0, 26, 0, 0]),
    ("openai-cost-csv", "good-2025.csv", [12, 1, 2, 0, 9, 0, 0]),
    ("openai-cost-csv", "ungrouped.csv", [17, 1, 4, 0, 12, 0, 0]),
    ("openai-cost-csv", "overlap.csv", [7, 1, 0, 0, 6, 0, 0]),
    ("openai-cost-csv", "empty.csv", [3, 1, 2, 0, 0, 0, 0]),
    ("openai-cost-csv", "bad.csv", [34, 1, 2, 0, 26, 0, 5]),
    ("openai-activity-csv", "good.csv", [17, 1, 0, 2, 14, 0, 0]),
    ("openai-activity-csv", "good-2024.csv", [11, 1, 0, 2, 8, 0, 0]),
    ("openai-activity-csv", "empty.csv", [1, 1, 0, 0, 0, 0, 0]),
    ("openai-activity-csv", "overlap.csv", [18, 1, 0, 2, 14, 1, 0]),
    ("openai-activity-csv", "bad.csv", [22, 1, 0, 2, 14, 0, 5]),
    ("anthropic-tokens-csv", "good.csv", [24, 1, 0, 0, 23, 0, 0]),
    ("anthropic-tokens-csv", "good-2025.csv", [18, 1, 0, 0, 17, 0, 0]),
    ("anthropic-tokens-csv", "good-hourly.csv", [20, 1, 0, 0, 19, 0, 0]),
    ("anthropic-tokens-csv", "overlap.csv", [25, 1, 0, 0, 23, 1, 0]),
    ("anthropic-tokens-csv", "empty.csv", [1, 1, 0, 0, 0, 0, 0]),
    ("anthropic-tokens-csv", "bad.csv", [29, 1, 0, 0, 23, 0, 5]),
    ("anthropic-cost-csv", "good.csv", [41, 1, 0, 0, 40, 0, 0]),
    ("anthropic-cost-csv", "v1.csv", [20, 1, 0, 0, 19, 0, 0]),
    ("anthropic-cost-csv", "v2.csv", [20, 1, 0, 0, 19, 0, 0]),
    ("anthropic-cost-csv", "v3.csv", [20, 1, 0, 0, 19, 0, 0]),
    ("anthropic-cost-csv", "v4.csv", [23, 1, 0, 0, 22, 0, 0]),
    ("anthropic-cost-csv", "overlap.csv", [10, 1, 0, 0, 9, 0, 0]),
    ("anthropic-cost-csv", "empty.csv", [1, 1, 0, 0, 0, 0, 0]),
    ("anthropic-cost-csv", "bad.csv", [46, 1, 0, 0, 40, 0, 5]),
    ("focus-csv", "good.csv", [42, 1, 0, 11, 30, 0, 0]),
    ("focus-csv", "later.csv", [54, 1, 0, 14, 39, 0, 0]),
    ("focus-csv", "v1-1.csv", [25, 1, 0, 6, 18, 0, 0]),
    ("focus-csv", "v1-0.csv", [25, 1, 0, 6, 18, 0, 0]),
    ("focus-csv", "empty.csv", [1, 1, 0, 0, 0, 0, 0]),
    ("focus-csv", "bad.csv", [47, 1, 0, 11, 30, 0, 5]),
    ("litellm-csv", "good.csv", [23, 1, 0, 1, 20, 1, 0]),
    ("litellm-csv", "bad.csv", [28, 1, 0, 1, 20, 1, 5]),
    ("litellm-csv", "empty.csv", [1, 1, 0, 0, 0, 0, 0]),
    ("litellm-jsonl", "good.jsonl", [22, 0, 0, 1, 20, 1, 0]),
    ("litellm-jsonl", "bad.jsonl", [27, 0, 0, 1, 20, 1, 5]),
    ("litellm-jsonl", "empty.jsonl", [1, 0, 0, 1, 0, 0, 0]),
    ("openai-usage-api", "good.json", [26, 0, 3, 0, 23, 0, 0]),
    ("openai-usage-api", "buckets.json", [26, 0, 3, 0, 23, 0, 0]),
    ("openai-usage-api", "by-model.json", [24, 0, 3, 0, 21, 0, 0]),
    ("openai-usage-api", "siblings.json", [8, 0, 0, 7, 1, 0, 0]),
    ("openai-usage-api", "overlap.json", [39, 0, 5, 0, 23, 11, 0]),
    ("openai-usage-api", "cut-off.json", [14, 0, 2, 0, 11, 0, 1]),
    ("openai-usage-api", "empty.json", [3, 0, 3, 0, 0, 0, 0]),
    ("openai-usage-api", "bad.json", [31, 0, 3, 0, 23, 0, 5]),
    ("openai-costs-api", "good.json", [28, 0, 2, 0, 26, 0, 0]),
    ("openai-costs-api", "buckets.json", [28, 0, 2, 0, 26, 0, 0]),
    ("openai-costs-api", "numbers.json", [28, 0, 2, 0, 26, 0, 0]),
    ("openai-costs-api", "overlap.json", [56, 0, 4, 0, 26, 26, 0]),
    ("openai-costs-api", "ungrouped.json", [7, 0, 2, 0, 5, 0, 0]),
    ("openai-costs-api", "bad.json", [33, 0, 2, 0, 26, 0, 5]),
    ("anthropic-usage-api", "good.json", [24, 0, 1, 0, 23, 0, 0]),
    ("anthropic-usage-api", "buckets.json", [24, 0, 1, 0, 23, 0, 0]),
    ("anthropic-usage-api", "by-model.json", [22, 0, 1, 0, 21, 0, 0]),
    ("anthropic-usage-api", "overlap.json", [34, 0, 1, 0, 23, 10, 0]),
    ("anthropic-usage-api", "cut-off.json", [11, 0, 0, 0, 10, 0, 1]),
    ("anthropic-usage-api", "empty.json", [3, 0, 3, 0, 0, 0, 0]),
    ("anthropic-usage-api", "bad.json", [29, 0, 1, 0, 23, 0, 5]),
    ("anthropic-cost-api", "good.json", [83, 0, 1, 0, 82, 0, 0]),
    ("anthropic-cost-api", "buckets.json", [83, 0, 1, 0, 82, 0, 0]),
    ("anthropic-cost-api", "overlap.json", [119, 0, 1, 0, 82, 36, 0]),
    ("anthropic-cost-api", "ungrouped.json", [11, 0, 1, 0, 10, 0, 0]),
    ("anthropic-cost-api", "bad.json", [88, 0, 1, 0, 82, 0, 5]),
    ("langfuse", "good.jsonl", [11, 0, 1, 0, 9, 1, 0]),
    ("langfuse", "list.json", [11, 0, 1, 0, 9, 1, 0]),
    ("langfuse", "empty.jsonl", [1, 0, 1, 0, 0, 0, 0]),
    ("langfuse", "bad.jsonl", [16, 0, 1, 0, 9, 1, 5]),
    ("openai-bodies", "good.jsonl", [15, 0, 0, 4, 10, 1, 0]),
    ("openai-bodies", "embeddings.jsonl", [2, 0, 0, 0, 2, 0, 0]),
    ("openai-bodies", "empty.jsonl", [3, 0, 0, 3, 0, 0, 0]),
    ("openai-bodies", "bad.jsonl", [20, 0, 0, 4, 10, 1, 5]),
    ("openai-batch-output", "good.jsonl", [10, 0, 0, 4, 5, 1, 0]),
    ("openai-batch-output", "embeddings.jsonl", [2, 0, 0, 0, 2, 0, 0]),
    ("openai-batch-output", "empty.jsonl", [3, 0, 0, 3, 0, 0, 0]),
    ("openai-batch-output", "bad.jsonl", [15, 0, 0, 4, 5, 1, 5]),
    ("openai-batches", "good.json", [6, 0, 0, 2, 4, 0, 0]),
    ("openai-batches", "lines.jsonl", [6, 0, 0, 2, 4, 0, 0]),
    ("openai-batches", "single.json", [1, 0, 0, 0, 1, 0, 0]),
    ("openai-batches", "overlap.json", [8, 0, 0, 2, 4, 2, 0]),
    ("openai-batches", "empty.json", [2, 0, 0, 2, 0, 0, 0]),
    ("openai-batches", "bad.json", [11, 0, 0, 2, 4, 0, 5]),
    ("anthropic-bodies", "good.jsonl", [11, 0, 0, 1, 9, 1, 0]),
    ("anthropic-bodies", "bad.jsonl", [16, 0, 0, 1, 9, 1, 5]),
    ("anthropic-batch-results", "good.jsonl", [8, 0, 0, 3, 4, 1, 0]),
    ("anthropic-batch-results", "empty.jsonl", [3, 0, 0, 3, 0, 0, 0]),
    ("anthropic-batch-results", "bad.jsonl", [13, 0, 0, 3, 4, 1, 5]),
    ("mapped-csv", "good.csv", [25, 1, 1, 0, 22, 1, 0]),
    ("mapped-csv", "empty.csv", [1, 1, 0, 0, 0, 0, 0]),
    ("mapped-jsonl", "good.jsonl", [24, 0, 1, 0, 22, 1, 0]),
];

fn path(folder: &str, file: &str) -> PathBuf {
    fixture("formats").join(folder).join(file)
}

/// The days of files that do not say theirs.
const DAYS: [&str; 4] = ["--from", "2026-10-05", "--to", "2026-10-07"];

/// What the files of a folder are read with: their own mapping, or the days that they do not say.
fn words(folder: &str) -> Vec<String> {
    match folder {
        "mapped-csv" | "mapped-jsonl" => vec!["--map".into(), path(folder, "map.yaml").display().to_string()],
        "openai-bodies" | "openai-batch-output" | "anthropic-bodies" | "anthropic-batch-results" => {
            DAYS.map(ToOwned::to_owned).to_vec()
        }
        _ => Vec::new(),
    }
}

/// The report of one file.
fn report(folder: &str, file: &Path) -> (i32, Value) {
    let words = words(folder);
    let run = report_json(&[file.to_owned()], &words.iter().map(String::as_str).collect::<Vec<_>>());
    (run.code, run.json())
}

/// What must not depend on rejected rows or the container.
fn figures(report: &Value) -> Value {
    json!([report["usage"], report["cost"]["computed"], report["eligibility"], report["workloads"]])
}

#[test]
fn every_row_is_what_it_is() {
    for &(folder, file, expected) in FILES {
        let (code, report) = report(folder, &path(folder, file));
        let rows = &report["inputs"][0]["rows"];
        let counts = ["read", "header", "blank", "not_usage", "accepted", "duplicate", "rejected"]
            .map(|fate| rows[fate].as_u64().unwrap_or(u64::MAX));
        assert_eq!(counts, expected, "{folder}/{file}: {rows}");
        let complete = expected[6] == 0 && expected[4] > 0;
        assert_eq!(code, if complete { 0 } else { 3 }, "{folder}/{file}: {}", report["incomplete"]);
        if !folder.starts_with("mapped") {
            assert_eq!(report["inputs"][0]["format"], folder, "{file}");
        }
    }
}

#[test]
fn five_bad_rows_change_nothing_else() {
    for (folder, file, _) in FILES.iter().filter(|(_, file, _)| file.starts_with("bad")) {
        let good = file.replace("bad", "good");
        let ((_, good), (_, bad)) = (report(folder, &path(folder, &good)), report(folder, &path(folder, file)));
        assert_eq!(figures(&good), figures(&bad), "{folder}");
    }
    for (folder, ending) in [("mapped-csv", "csv"), ("mapped-jsonl", "jsonl")] {
        let ((_, good), (code, bad)) = (
            report(folder, &path(folder, &format!("good.{ending}"))),
            report(folder, &path(folder, &format!("bad.{ending}"))),
        );
        assert_eq!((code, bad["inputs"][0]["rows"]["rejected"].as_u64()), (3, Some(5)), "{folder}");
        assert_eq!(figures(&good), figures(&bad), "{folder}");
    }
}

#[test]
fn twins_say_the_same() {
    let temporary = Folder::new();
    for (csv, json) in [("batchwise-csv", "batchwise-jsonl"), ("litellm-csv", "litellm-jsonl")] {
        let ((_, one), (_, other)) = (report(csv, &path(csv, "good.csv")), report(json, &path(json, "good.jsonl")));
        assert_eq!(figures(&one), figures(&other), "{csv} and {json}");
        let lines = fs::read_to_string(path(json, "good.jsonl")).expect("a fixture");
        let list = format!("[\n{}\n]\n", lines.lines().filter(|line| !line.is_empty()).collect::<Vec<_>>().join(",\n"));
        let (_, listed) = report(json, &temporary.write("list.json", list));
        assert_eq!(figures(&listed), figures(&other), "{json} as a list");
    }
    // Pages, a bare list of buckets and the CSV of the same days.
    for (one, other) in [
        (("openai-usage-api", "good.json"), ("openai-usage-csv", "good.csv")),
        (("openai-usage-csv", "good.csv"), ("openai-usage-csv", "overlap.csv")),
        (("anthropic-tokens-csv", "good.csv"), ("anthropic-tokens-csv", "overlap.csv")),
        (("openai-usage-api", "good.json"), ("openai-usage-api", "buckets.json")),
        (("openai-usage-api", "good.json"), ("openai-usage-api", "overlap.json")),
        (("openai-batches", "good.json"), ("openai-batches", "lines.jsonl")),
        (("openai-batches", "good.json"), ("openai-batches", "overlap.json")),
        (("openai-costs-api", "good.json"), ("openai-cost-csv", "good.csv")),
        (("openai-costs-api", "good.json"), ("openai-costs-api", "buckets.json")),
        (("openai-costs-api", "good.json"), ("openai-costs-api", "numbers.json")),
        (("openai-costs-api", "good.json"), ("openai-costs-api", "overlap.json")),
        (("anthropic-usage-api", "good.json"), ("anthropic-usage-api", "buckets.json")),
        (("anthropic-usage-api", "good.json"), ("anthropic-usage-api", "overlap.json")),
        (("anthropic-cost-api", "good.json"), ("anthropic-cost-api", "buckets.json")),
        (("anthropic-cost-api", "good.json"), ("anthropic-cost-api", "overlap.json")),
    ] {
        let [one, other] = [one, other].map(|(folder, file)| figures(&report(folder, &path(folder, file)).1));
        assert_eq!(one, other, "{one} and {other}");
    }
    for (folder, file, _) in FILES {
        let plain = fs::read(path(folder, file)).expect("a fixture");
        let packed = temporary.write("packed", gzip(&plain));
        assert_eq!(
            figures(&report(folder, &packed).1),
            figures(&report(folder, &path(folder, file)).1),
            "{folder}/{file} packed"
        );
    }
}

/// Pages saved one a file are one export, whatever their order; without the last one it is cut off.
#[test]
fn pages_in_files_of_their_own() {
    let temporary = Folder::new();
    for folder in ["openai-usage-api", "openai-costs-api", "anthropic-usage-api", "anthropic-cost-api"] {
        let good = fs::read_to_string(path(folder, "good.json")).expect("a fixture");
        let (first, last) = good.split_once("\n}\n").expect("two pages");
        let first = temporary.write("first.json", format!("{first}\n}}\n"));
        let last = temporary.write("last.json", last);
        let whole = report(folder, &path(folder, "good.json")).1;
        for files in [[first.clone(), last.clone()], [last, first.clone()]] {
            let run = report_json(&files, &[]);
            assert_eq!(run.code, 0, "{folder}: {}", run.stderr);
            assert_eq!(figures(&run.json()), figures(&whole), "{folder}");
        }
        let twice = report_json(&[first.clone(), first], &[]);
        assert!(twice.code == 3 && twice.stderr.contains("page-missing"), "{folder}: {}", twice.stderr);
    }
}

/// The page and the CSV of the same days: counted once where both name their groups alike, else refused.
#[test]
fn pages_and_tables_of_the_same_days() {
    for (page, table) in [("openai-usage-api", "openai-usage-csv"), ("openai-costs-api", "openai-cost-csv")] {
        let (page, table) = (path(page, "good.json"), path(table, "good.csv"));
        let alone = report_json(std::slice::from_ref(&page), &[]).json();
        for files in [[page.clone(), table.clone()], [table, page]] {
            let run = report_json(&files, &[]);
            assert_eq!(run.code, 0, "{}", run.stderr);
            let both = run.json();
            assert_eq!([&both["usage"], &both["cost"]["computed"]], [&alone["usage"], &alone["cost"]["computed"]]);
            assert_eq!(both["inputs"][1]["rows"]["accepted"], 0, "the second file has nothing new");
        }
    }
    for (page, table) in [("anthropic-usage-api", "anthropic-tokens-csv"), ("anthropic-cost-api", "anthropic-cost-csv")]
    {
        let run = report_json(&[path(page, "good.json"), path(table, "good.csv")], &[]);
        assert!(run.code == 4 && run.stderr.contains("error[overlap]"), "{page}: {}", run.stderr);
    }
    let siblings =
        report_json(&[path("openai-usage-api", "good.json"), path("openai-usage-api", "siblings.json")], &[]);
    assert_eq!(siblings.code, 0, "embeddings are not grouped by batch: {}", siblings.stderr);
    for (folder, file) in [
        ("openai-usage-api", "by-model.json"),
        ("anthropic-usage-api", "by-model.json"),
        ("openai-costs-api", "ungrouped.json"),
        ("anthropic-cost-api", "ungrouped.json"),
    ] {
        let run = report_json(&[path(folder, "good.json"), path(folder, file)], &[]);
        assert!(run.code == 4 && run.stderr.contains("error[overlap]"), "{folder}: {}", run.stderr);
    }
}

/// A month exported twice, the second time with more days and an amount that grew: each line counts once, as the bill of
/// the later export says.
#[test]
fn a_bill_of_a_cloud_exported_again() {
    let (good, later) = (path("focus-csv", "good.csv"), path("focus-csv", "later.csv"));
    for files in [[good.clone(), later.clone()], [later, good]] {
        let run = report_json(&files, &[]);
        assert_eq!(run.code, 0, "{}", run.stderr);
        assert_eq!(run.json()["cost"]["billed"], "34.502936");
    }
}

/// The lines of Anthropic's cost report, written as a converter to FOCUS writes them.
fn as_focus(pages: &str) -> String {
    let mut text = String::from(
        "ProviderName,ServiceName,ChargeCategory,ChargeDescription,SkuId,SkuPriceId,BilledCost,EffectiveCost,BillingCurrency,ChargePeriodStart,ChargePeriodEnd\n",
    );
    let buckets = serde_json::Deserializer::from_str(pages)
        .into_iter::<Value>()
        .flat_map(|page| page.expect("a page")["data"].as_array().cloned().unwrap_or_default());
    for bucket in buckets {
        for line in bucket["results"].as_array().into_iter().flatten() {
            let word = |key: &str| line[key].as_str().unwrap_or_default();
            let (start, end) = (&bucket["starting_at"], &bucket["ending_at"]);
            // Two places to the left, with no number in between that could lose a digit.
            let amount = format!("{}e-2", word("amount"));
            let sku = format!("anthropic/{}/{}/{}", word("model"), word("token_type"), word("context_window"));
            let (sku, price) = match word("token_type") {
                "" => (String::new(), String::new()),
                _ => (sku.clone(), format!("{sku}/{}", word("service_tier"))),
            };
            let kind = if amount.starts_with('-') { "Credit" } else { "Usage" };
            let description = word("description");
            writeln!(
                text,
                "Anthropic,Claude API,{kind},\"{description}\",{sku},{price},{amount},{amount},USD,{start},{end}"
            )
            .expect("memory");
        }
    }
    text
}

/// A bill as FOCUS is compared with usage by model, token class and day, as the vendor's own bill is.
#[test]
fn a_bill_of_a_cloud_is_compared_with_usage() {
    let folder = Folder::new();
    let usage = path("anthropic-usage-api", "good.json");
    let own = path("anthropic-cost-api", "good.json");
    let focus = folder.write("focus.csv", as_focus(&fs::read_to_string(&own).expect("a fixture")));
    let [own, focus] = [own, focus].map(|bill| {
        let run = report_json(&[usage.clone(), bill], &[]);
        assert_eq!(run.code, 0, "{}", run.stderr);
        run.json()
    });
    assert_eq!(own["cost"], focus["cost"]);
    assert_eq!(focus["reconciliation"]["standing"], "usable", "{}", focus["reconciliation"]);
    assert_eq!([&focus["reconciliation"]["coverage"], &focus["reconciliation"]["residual"]], ["1", "0"]);
    let items = focus["reconciliation"]["items"].as_array().expect("a list").len();
    assert_eq!(items, 2, "searches and a credit are lines of their own");
}

/// Dollars of rows that are no usage are dollars: 9.50 € at 1.10 are 10.45, and nothing without a rate.
#[test]
fn other_currencies_beside_the_usage() {
    let folder = Folder::new();
    let bill = folder.write(
        "focus.csv",
        "ProviderName,ServiceName,SkuId,BilledCost,EffectiveCost,BillingCurrency,ChargeCategory,ChargePeriodStart,ChargePeriodEnd\n\
         OpenAI,OpenAI API,\"openai/gpt-5.4, input\",1.5,1.5,EUR,Usage,2026-10-01T00:00:00Z,2026-10-02T00:00:00Z\n\
         AWS,Amazon Elastic Compute Cloud,,9.5,9.5,EUR,Usage,2026-10-01T00:00:00Z,2026-10-02T00:00:00Z\n",
    );
    let policy = folder.write(
        "policy.yaml",
        "schema: 1\ncurrency: {EUR: {usd: 1.1, date: 2026-10-01, source: \"https://rates.example\"}}\n",
    );
    let rated = report_json(std::slice::from_ref(&bill), &["--policy", &policy.display().to_string()]);
    let billed = &rated.json()["inputs"][0]["billed"];
    assert_eq!((rated.code, &billed["not_usage"], &billed["accepted"]), (0, &json!("10.45"), &json!("1.65")));
    let unrated = report_json(&[bill], &[]);
    assert_eq!((unrated.code, &unrated.json()["inputs"][0]["billed"]["not_usage"]), (3, &json!("0")));
}

#[test]
fn amounts_worked_out_by_hand() {
    // fixtures/formats/README.md says how: bills add up to these, and the own format's bill equals its usage.
    for (folder, file, pointer, amount) in [
        ("openai-cost-csv", "good.csv", "/cost/billed", "6.626081"),
        ("anthropic-cost-csv", "good.csv", "/cost/billed", "18.36"),
        ("openai-cost-csv", "good-2025.csv", "/cost/billed", "3.729292"),
        ("openai-usage-csv", "embeddings.csv", "/cost/computed", "0.02"),
        ("openai-activity-csv", "good.csv", "/cost/computed", "0.9981435"),
        ("focus-csv", "good.csv", "/cost/billed", "24.4195265"),
        ("focus-csv", "good.csv", "/inputs/0/billed/not_usage", "353.08"),
        ("focus-csv", "v1-0.csv", "/cost/billed", "15.949989"),
        ("focus-csv", "v1-1.csv", "/cost/billed", "15.949989"),
        ("focus-csv", "later.csv", "/cost/billed", "34.502936"),
        ("batchwise-csv", "good.csv", "/cost/computed", "1.45945075"),
        ("openai-costs-api", "good.json", "/cost/billed", "6.626081"),
        ("anthropic-usage-api", "good.json", "/cost/computed", "33.4074129"),
        ("anthropic-cost-api", "good.json", "/cost/billed", "31.3574129"),
        ("batchwise-csv", "good.csv", "/cost/residual", "0"),
        ("litellm-csv", "good.csv", "/cost/residual", "0"),
        ("langfuse", "good.jsonl", "/cost/computed", "0.0129092"),
        ("langfuse", "good.jsonl", "/cost/residual", "0"),
    ] {
        let (_, report) = report(folder, &path(folder, file));
        assert_eq!(report.pointer(pointer).and_then(Value::as_str), Some(amount), "{folder}/{file} {pointer}");
    }
}

#[test]
fn the_registry_is_whole() {
    let formats = registry().expect("built-in formats");
    let names: BTreeSet<&str> = formats.iter().map(|format| format.mapping.name.as_str()).collect();
    assert_eq!(names.len(), formats.len(), "names are unique");
    let listed = run(["formats"]).stdout;
    for format in &formats {
        let name = &format.mapping.name;
        assert!(listed.contains(name.as_str()), "`formats` lists {name}");
        let folders = [name.clone(), format!("{name}-csv"), format!("{name}-jsonl")];
        // Rollup files are made of the fixtures of all others.
        let has_fixtures = folders.iter().any(|folder| fixture("formats").join(folder).is_dir());
        assert!(has_fixtures || format.is_rollup(), "{name} has fixtures");
        let proof = format.recognised_by();
        let others = formats.iter().filter(|other| other.mapping.name != *name && other.recognises(&proof).is_some());
        assert_eq!(others.count(), 0, "what proves {name} proves no other");
    }
}
