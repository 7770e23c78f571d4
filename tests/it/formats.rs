//! Every format on files in its documented shape: counts and amounts as `files.yaml` of its folder says, a bad file that
//! differs from the good one by its five rejected rows alone, and twins in other containers that say the same.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use batchwise::formats::registry;
use serde_json::{Value, json};

use crate::exports::{exports, options, path};
use crate::support::{Folder, fixture, gzip, report_json, run};

mod folders;
mod pages;
mod raw;

/// The report of one file.
fn report(folder: &str, file: &Path) -> (i32, Value) {
    let words = options(folder);
    let run = report_json(&[file.to_owned()], &words.iter().map(String::as_str).collect::<Vec<_>>());
    (run.code, run.json())
}

/// What must not depend on rejected rows or the container.
fn figures(report: &Value) -> Value {
    json!([report["usage"], report["cost"]["computed"], report["eligibility"], report["workloads"]])
}

#[test]
fn every_row_is_what_it_is() {
    for export in exports() {
        let (code, report) = report(&export.folder, &export.path());
        let input = &report["inputs"][0];
        for (fate, count) in input["rows"].as_object().expect("counts of rows") {
            assert_eq!(count.as_u64(), Some(export.rows(fate)), "{} {fate}: {}", export.name(), input["rows"]);
        }
        let is_complete = export.rows("rejected") == 0 && export.rows("accepted") > 0;
        assert_eq!(code, if is_complete { 0 } else { 3 }, "{}: {}", export.name(), report["incomplete"]);
        if export.map().is_none() {
            assert_eq!(input["format"], *export.told.read_as.as_ref().unwrap_or(&export.folder), "{}", export.name());
        }
        for (pointer, amount) in &export.told.amounts {
            assert_eq!(report.pointer(pointer).and_then(Value::as_str), Some(&**amount), "{} {pointer}", export.name());
        }
    }
}

#[test]
fn five_bad_rows_change_nothing_else() {
    for bad in exports().iter().filter(|export| export.stem() == "bad") {
        let good = path(&bad.folder, &bad.file.replace("bad", "good"));
        let [good, bad_rows] = [good, bad.path()].map(|file| figures(&report(&bad.folder, &file).1));
        assert_eq!((bad.rows("rejected"), good), (5, bad_rows), "{}", bad.folder);
    }
}

#[test]
fn twins_say_the_same() {
    let temporary = Folder::new();
    for export in exports() {
        let own = figures(&report(&export.folder, &export.path()).1);
        for twin in &export.told.same_as {
            let (folder, file) = twin.split_once('/').expect("folder/file");
            assert_eq!(own, figures(&report(folder, &path(folder, file)).1), "{} and {twin}", export.name());
        }
        let plain = fs::read(export.path()).expect("a fixture");
        let packed = temporary.write("packed", gzip(&plain));
        assert_eq!(figures(&report(&export.folder, &packed).1), own, "{} packed", export.name());
        let text = String::from_utf8(plain).expect("UTF-8");
        if export.file == "good.jsonl" {
            let lines: Vec<&str> = text.lines().filter(|line| !line.is_empty()).collect();
            let list = temporary.write("list.json", format!("[\n{}\n]\n", lines.join(",\n")));
            assert_eq!(figures(&report(&export.folder, &list).1), own, "{} as a list", export.name());
        }
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
