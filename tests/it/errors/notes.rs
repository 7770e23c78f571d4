//! What a report says beside its figures: warnings, and why it is INCOMPLETE.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use serde_json::Value;

use super::Catalogue;
use crate::support::{Run, fixture, program, report_json};

/// `report` of these files; of its JSON the notes, one a line.
pub fn noted(catalogue: &mut Catalogue, title: &str, files: &[PathBuf], words: &[&str], exit: i32) -> Value {
    let run = report_json(files, words);
    assert_eq!(run.code, exit, "{title}: {}", run.transcript());
    let json = run.json();
    let lines = |kind: &str, notes: &Value| {
        let notes = notes.as_array().expect("a list").iter();
        notes
            .map(|note| {
                format!(
                    "{kind}[{}] ({}): {}\n",
                    note["code"].as_str().unwrap_or_default(),
                    note["count"],
                    note["message"].as_str().unwrap_or_default()
                )
            })
            .collect::<Vec<_>>()
    };
    let stdout = [lines("warning", &json["warnings"]), lines("incomplete", &json["incomplete"])].concat().concat();
    catalogue.enter(title, &Run { stdout, stderr: run.stderr, code: run.code });
    json
}

/// Codes of the notes of a report.
pub fn codes(notes: &Value) -> Vec<&str> {
    notes.as_array().expect("a list").iter().filter_map(|note| note["code"].as_str()).collect()
}

const PRICES: &str = "
schema: 1
currency: USD
providers:
  acme:
    batch: {source: \"https://acme.example/batch\", checked: 2026-10-01}
    models:
      swift:
        prices:
          - from: 2026-10-03
            source: \"https://acme.example/prices\"
            checked: 2026-10-01
            standard: {input: 2, output: 10}
            batch: {input: 1, output: 5}
            priority: {input: 4, output: 20}
            geo: {us: 1.1}
            above: {200000: {standard: {input: 4, output: 15}}}
      owl: {prices: [{source: \"https://acme.example/prices\", checked: 2026-10-01, standard: {input: 1, output: 2}}]}
  broker: {at_list: true}
  apex:
    models:
      owl: {prices: [{source: \"https://apex.example/prices\", checked: 2026-10-01, standard: {input: 1, output: 2}}]}
";

const HEADER: &str =
    "timestamp,provider,model,input_tokens,cache_write_1h_tokens,output_tokens,service_tier,geo,cost_usd,bucket_end";

/// A log over a week, so that its length is not worth a note.
fn log(catalogue: &Catalogue, rows: &[&str]) -> [PathBuf; 1] {
    let week = "2026-10-05T10:00:00Z,acme,swift,10,0,1,,,,\n2026-10-11T10:00:00Z,acme,swift,10,0,1,,,,";
    [catalogue.folder.write("calls.csv", format!("{HEADER}\n{week}\n{}\n", rows.join("\n")))]
}

fn prices(catalogue: &Catalogue) -> String {
    catalogue.folder.write("prices.yaml", PRICES).display().to_string()
}

#[test]
fn usage_without_a_price() {
    let mut catalogue = Catalogue::new();
    let prices = prices(&catalogue);
    for (code, row) in [
        ("unknown-model", "2026-10-06T10:00:00Z,acme,swift-2,1000,0,100,,,,"),
        ("unknown-model", "2026-10-06T10:00:00Z,acme,quartz,1000,0,100,,,,"),
        ("ambiguous-provider", "2026-10-06T10:00:00Z,,owl,1000,0,100,,,,"),
        ("unknown-provider", "2026-10-06T10:00:00Z,acmee,swift,1000,0,100,,,,"),
        ("before-first-price", "2026-10-02T10:00:00Z,acme,swift,1000,0,100,,,,"),
        ("unknown-tier", "2026-10-06T10:00:00Z,acme,swift,1000,0,100,scale,,,"),
        ("no-tier-rate", "2026-10-06T10:00:00Z,acme,swift,1000,0,100,flex,,,"),
        ("no-tier-rate", "2026-10-06T10:00:00Z,acme,swift,200001,0,100,batch,,,"),
        ("no-class-rate", "2026-10-06T10:00:00Z,acme,swift,1000,10,100,,,,"),
    ] {
        let files = log(&catalogue, &[row]);
        let json = noted(&mut catalogue, row, &files, &["--prices", &prices], 3);
        let mut warnings = [code, "days-without-usage"];
        warnings.sort_unstable();
        assert_eq!(
            (codes(&json["warnings"]), codes(&json["incomplete"])),
            (warnings.to_vec(), vec!["unpriced"]),
            "{row}"
        );
        assert_eq!(json["usage"]["unpriced"]["requests"], 1, "{row}");
        assert_eq!(json["cost"]["computed"], "0.00006", "{row}: what has no price adds nothing");
    }
    let files = log(&catalogue, &["2026-10-06T10:00:00Z,acme,swift-2,1000,0,100,,,,"]);
    let policy =
        catalogue.folder.write("policy.yaml", "schema: 1\naccept: {unpriced: [\"swift-*\"]}\n").display().to_string();
    let json = noted(
        &mut catalogue,
        "accept: {unpriced: [\"swift-*\"]}",
        &files,
        &["--prices", &prices, "--policy", &policy],
        0,
    );
    assert_eq!(json["usage"]["unpriced"]["tokens"], 1100, "accepted is not hidden");
    catalogue.keep("unpriced");
}

#[test]
fn prices_with_a_doubt() {
    let mut catalogue = Catalogue::new();
    let prices = prices(&catalogue);
    let routes = "schema: 1\nrouting: {routes: [{from: \"acme/swift\", to: acme/owl, share: 50%}]}\n";
    let policy = catalogue.folder.write("policy.yaml", routes).display().to_string();
    for (expected, row, words) in [
        ("letter-case", "2026-10-06T10:00:00Z,acme,Swift,1000,0,100,,,,", &[][..]),
        ("reseller-at-list", "2026-10-06T10:00:00Z,broker,acme/swift,1000,0,100,,,,", &[]),
        ("geo-unknown", "2026-10-06T10:00:00Z,acme,swift,1000,0,100,,mars,,", &[][..]),
        ("bucket-context-unknown", "2026-10-06T10:00:00Z,acme,swift,300000,0,100,,,,2026-10-06T11:00:00Z", &[]),
        ("requests-unknown", "2026-10-06T10:00:00Z,acme,swift,1000,0,100,,,,2026-10-06T11:00:00Z", &[]),
        ("route-unpriced", "2026-10-06T10:00:00Z,acme,swift,1000,0,100,priority,,,", &["--policy", &policy]),
        ("amount-rounded", "2026-10-06T10:00:00Z,acme,swift,1000,0,100,,,0.0030000000000000000001,", &[]),
    ] {
        let files = log(&catalogue, &[row]);
        let mut all = vec!["--prices", &prices];
        all.extend(words);
        let run = report_json(&files, &all);
        let exit = run.code;
        let json = noted(&mut catalogue, row, &files, &all, exit);
        assert!(codes(&json["warnings"]).contains(&expected), "{row}: {}", json["warnings"]);
    }
    let files = log(&catalogue, &["2026-10-06T10:00:00Z,acme,swift,1000,0,100,,mars,,"]);
    noted(&mut catalogue, "--strict", &files, &["--prices", &prices, "--strict"], 3);
    catalogue.keep("doubtful-prices");
}

#[test]
fn columns_and_days() {
    let mut catalogue = Catalogue::new();
    let calls = "timestamp,model,input_tokens,output_tokens,mood,weather,note,colour\n2026-10-05T10:00:00Z,gpt-5.4,1000,100,good,fair,,red\n";
    let calls = [catalogue.folder.write("calls.csv", calls)];
    let json = noted(&mut catalogue, "columns of no use, and one day", &calls, &[], 0);
    assert_eq!(codes(&json["warnings"]), ["ignored-columns", "short-period"]);
    noted(&mut catalogue, "no day of the period", &calls, &["--from", "2026-11-01", "--to", "2026-11-30"], 3);

    let header = "timestamp,model,input_tokens,output_tokens\n";
    let empty = [catalogue.folder.write("calls.csv", header)];
    noted(&mut catalogue, "a header and no rows", &empty, &[], 3);
    let idle = [fixture("formats/openai-usage-csv/empty.csv")];
    noted(&mut catalogue, "the export of an idle account", &idle, &[], 3);

    // An export without the column for cached tokens: parts of what was cached are more than nothing.
    let good = fs::read_to_string(fixture("formats/openai-usage-csv/good.csv")).expect("a fixture");
    let narrow = [catalogue.folder.write("usage.csv", good.replacen("input_cached_tokens", "renamed", 1))];
    let json = noted(&mut catalogue, "no column for cached tokens", &narrow, &["--quiet"], 3);
    assert!(codes(&json["warnings"]).contains(&"missing-column"), "{}", json["warnings"]);
    // A key of one row is damaged, in pages whose rows have the same keys.
    let pages = fs::read_to_string(fixture("formats/anthropic-usage-api/good.json")).expect("a fixture");
    let damaged = pages.replacen("\"cache_creation\"", "\"cache_craetion\"", 1);
    let damaged = [catalogue.folder.write("pages.json", damaged)];
    let json = noted(&mut catalogue, "a damaged key in one row", &damaged, &["--quiet"], 3);
    assert_eq!(codes(&json["incomplete"]), ["unread-usage", "missing-key"]);
    // Without grouping by batch the export cannot say what ran there.
    let unknown: String =
        good.lines().map(|line| line.replace(",False,", ",,").replace(",True,", ",,") + "\n").collect();
    let ungrouped = [catalogue.folder.write("usage.csv", unknown)];
    let json = noted(&mut catalogue, "not grouped by batch", &ungrouped, &["--quiet"], 0);
    assert!(codes(&json["warnings"]).contains(&"batch-unknown"), "{}", json["warnings"]);
    catalogue.keep("columns-and-days");
}

#[test]
fn bills_and_control_totals() {
    let mut catalogue = Catalogue::new();
    let sample = [fixture("verdicts/october.csv")];
    let json = noted(&mut catalogue, "a bill that differs", &sample, &[], 0);
    assert_eq!(codes(&json["warnings"]), ["residual"]);
    // Billed 1.45300915.
    let calls = [fixture("formats/batchwise-csv/good.csv")];
    let mut expect = |title: &str, totals: &str, exit: i32| {
        let policy =
            catalogue.folder.write("policy.yaml", format!("schema: 1\nexpect: [{totals}]\n")).display().to_string();
        noted(&mut catalogue, title, &calls, &["--policy", &policy], exit)
    };
    expect("a total that is met", "{month: 2026-10, total: 1.45300915}", 0);
    expect("a total that is met within its tolerance", "{month: 2026-10, total: 1.45, tolerance: 0.01}", 0);
    expect("a total that is not met", "{month: 2026-10, total: 1.45, tolerance: 0.003}", 3);
    expect("a total of one provider", "{month: 2026-10, provider: anthropic, total: 12345.67}", 3);
    expect("a total of a month without usage", "{month: 2026-09, total: 100}", 3);
    expect("two totals that are not met", "{month: 2026-09, total: 100}, {month: 2026-10, total: 0}", 3);

    let usage = [fixture("formats/openai-usage-csv/good.csv")];
    let policy = catalogue
        .folder
        .write("policy.yaml", "schema: 1\nexpect: [{month: 2026-10, total: 1}]\n")
        .display()
        .to_string();
    noted(&mut catalogue, "a total without a bill", &usage, &["--policy", &policy], 3);
    catalogue.keep("control-totals");
}

#[test]
fn rows_of_totals() {
    let mut catalogue = Catalogue::new();
    let map = "schema: 1\nname: bill\ntitle: our bill\ncontainers: [csv]\nkind: bill\ntime: day\nfields: {billed: amount, provider: vendor, model: model}\ntotal_if: {column: vendor, values: [Total]}\n";
    let map = catalogue.folder.write("map.yaml", map).display().to_string();
    let rows = "day,vendor,model,amount\n2026-10-01,openai,gpt-5.4,1.25\n2026-10-07,openai,gpt-5.4,2.50\n";
    for (title, totals, exit) in [
        ("rows that add up to their total", "2026-10-07,Total,,3.75\n", 0),
        ("rows that do not", "2026-10-07,Total,,4.00\n", 3),
        ("subtotals", "2026-10-01,Total,,1.25\n2026-10-07,Total,,2.50\n", 0),
    ] {
        let bill = [catalogue.folder.write("bill.csv", format!("{rows}{totals}"))];
        let json = noted(&mut catalogue, title, &bill, &["--map", &map], exit);
        assert_eq!(json["cost"]["billed"], "3.75", "{title}: totals are no rows");
    }
    catalogue.keep("totals");
}

#[test]
fn currencies_and_free_tokens() {
    let mut catalogue = Catalogue::new();
    let good = fs::read_to_string(fixture("formats/openai-cost-csv/good.csv")).expect("a fixture");
    let euros = [catalogue.folder.write("cost.csv", good.replace(",usd,", ",eur,"))];
    let json = noted(&mut catalogue, "a bill in euros without a rate", &euros, &["--quiet"], 3);
    assert!(codes(&json["warnings"]).contains(&"currency"), "{}", json["warnings"]);
    assert_eq!(json["cost"]["billed"], Value::Null);
    let policy = "schema: 1\ncurrency: {EUR: {usd: 1.08, date: 2026-10-01, source: \"https://ecb.example\"}}\n";
    let policy = catalogue.folder.write("policy.yaml", policy).display().to_string();
    let json = noted(&mut catalogue, "a bill in euros with a rate", &euros, &["--quiet", "--policy", &policy], 0);
    assert_ne!(json["cost"]["billed"], Value::Null);
    let usage = [fixture("formats/openai-usage-csv/good.csv")];
    let json = noted(&mut catalogue, "free daily tokens", &usage, &[], 0);
    assert!(codes(&json["warnings"]).contains(&"free-tier"), "{}", json["warnings"]);
    catalogue.keep("currencies");
}

#[test]
fn parts_that_do_not_add_up() {
    let mut catalogue = Catalogue::new();
    let good = fs::read_to_string(fixture("formats/openai-usage-csv/good-cache-writes.csv")).expect("a fixture");
    let renamed =
        [catalogue.folder.write("usage.csv", good.replace("input_cache_write_tokens", "input_stored_tokens"))];
    let json = noted(&mut catalogue, "a class of tokens under a new name", &renamed, &[], 3);
    let note = json["warnings"].as_array().into_iter().flatten().find(|note| note["code"] == "parts-apart");
    assert_eq!(note.map(|note| &note["count"]), Some(&Value::from(3)), "{}", json["warnings"]);
    catalogue.keep("parts-apart");
}

#[test]
fn an_hour_without_a_token() {
    let mut catalogue = Catalogue::new();
    let log = "timestamp,bucket_end,model,input_tokens,output_tokens,requests\n\
               2026-09-01T10:00:00Z,2026-09-01T11:00:00Z,gpt-5.4,9000,300,12\n\
               2026-09-01T11:00:00Z,2026-09-01T12:00:00Z,gpt-5.4,0,0,4000\n";
    let log = [catalogue.folder.write("log.csv", log)];
    let json = noted(&mut catalogue, "requests and no token", &log, &[], 0);
    let note = json["warnings"].as_array().into_iter().flatten().find(|note| note["code"] == "no-tokens");
    assert_eq!(note.map(|note| &note["count"]), Some(&Value::from(1)), "{}", json["warnings"]);
    catalogue.keep("no-tokens");
}

#[test]
fn a_column_that_nobody_knows() {
    let mut catalogue = Catalogue::new();
    let good = fs::read_to_string(fixture("formats/anthropic-tokens-csv/good.csv")).expect("a fixture");
    let rows =
        good.lines().enumerate().map(|(row, line)| format!("{line},{}\n", if row == 0 { "region" } else { "west" }));
    let log = [catalogue.folder.write("tokens.csv", rows.collect::<String>())];
    let json = noted(&mut catalogue, "sums grouped by a column that is new", &log, &["--quiet"], 0);
    assert!(codes(&json["warnings"]).contains(&"unknown-columns"), "{}", json["warnings"]);
    catalogue.keep("unknown-columns");
}

#[test]
fn sums_that_no_bill_has() {
    let mut catalogue = Catalogue::new();
    let prices = prices(&catalogue);
    // Tokens that could be true, for so many requests.
    let many = format!("acme,swift,{},1,{}", u64::MAX, 20_000_000_000_u64);
    let buckets = format!(
        "timestamp,bucket_end,provider,model,input_tokens,output_tokens,requests\n2026-10-06T10:00:00Z,2026-10-06T11:00:00Z,{many}\n2026-10-07T10:00:00Z,2026-10-07T11:00:00Z,{many}\n"
    );
    let buckets = catalogue.folder.write("buckets.csv", buckets);
    let [dollars] = log(
        &catalogue,
        &["2026-10-06T10:00:00Z,acme,swift,1,0,1,,,1e20,\n2026-10-06T10:00:00Z,acme,swift,1,0,1,,,1e20,"],
    );
    for (title, file) in [("tokens", buckets), ("dollars", dollars)] {
        let run = catalogue.run(title, ["report".as_ref(), file.as_os_str(), "--prices".as_ref(), prices.as_ref()]);
        assert_eq!((run.code, run.stdout.as_str()), (4, ""));
    }
    catalogue.keep("overflow");
}

/// What is done to a file while it is read.
type Change = fn(&Path, &str);

/// Ways to change a file, some of which leave its size and its time as they were.
const CHANGES: [(&str, Change); 4] = [
    ("grown", |file, rows| {
        fs::write(file, format!("{rows}2026-10-06T10:00:00Z,gpt-5.4,1000,100\n")).expect("own file");
    }),
    ("cut", |file, rows| fs::write(file, &rows[..rows.len() - 1]).expect("own file")),
    ("edited, and its old time set back", |file, rows| {
        let old = fs::metadata(file).and_then(|about| about.modified()).expect("own file");
        fs::write(file, rows.replace("1000", "9000")).expect("own file");
        fs::File::options().write(true).open(file).and_then(|file| file.set_modified(old)).expect("own file");
    }),
    ("replaced by another of the same size and time", |file, rows| {
        let old = fs::metadata(file).and_then(|about| about.modified()).expect("own file");
        let other = file.with_extension("new");
        fs::write(&other, rows.replace("1000", "9000")).expect("own file");
        fs::File::options().write(true).open(&other).and_then(|file| file.set_modified(old)).expect("own file");
        fs::rename(&other, file).expect("own file");
    }),
];

#[test]
fn a_file_that_changes_while_it_is_read() {
    let mut catalogue = Catalogue::new();
    let rows = "timestamp,model,input_tokens,output_tokens\n2026-10-05T10:00:00Z,gpt-5.4,1000,100\n";
    for (title, change) in CHANGES {
        let file = catalogue.folder.write("calls.csv", rows);
        let mut child = program()
            .args([Path::new("report"), file.as_path(), Path::new("-")])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program starts");
        let mut stdin = child.stdin.take().expect("a pipe");
        // Inputs are opened in order. More than a pipe holds goes through only once standard input is being read, and by
        // then the file before it has been looked at.
        stdin.write_all(format!("{rows}{}", "\n".repeat(1 << 20)).as_bytes()).expect("the program reads");
        change(&file, rows);
        drop(stdin);
        let output = child.wait_with_output().expect("the program ends");
        let text = |bytes| String::from_utf8(bytes).expect("UTF-8");
        let run = Run {
            stdout: text(output.stdout),
            stderr: text(output.stderr),
            code: output.status.code().expect("an exit code"),
        };
        assert_eq!((run.code, run.stdout.as_str()), (4, ""), "{title}");
        catalogue.enter(title, &run);
    }
    catalogue.keep("changed");
}

#[test]
fn bills_that_bill_nothing() {
    let mut catalogue = Catalogue::new();
    let names = "ProviderName,ServiceName,SkuMeter,BilledCost,EffectiveCost,BillingCurrency,ChargeCategory,ChargePeriodStart,ChargePeriodEnd\n";
    let line = |billed: &str, effective: &str| {
        format!(
            "AWS,Claude Opus 4.8 (Amazon Bedrock Edition),USE1-MP:USE1_OutputTokenCount-Units,{billed},{effective},USD,Usage,2026-10-01T00:00:00Z,2026-10-02T00:00:00Z\n"
        )
    };
    // Two lines that somebody else bills; one that is free, one that is billed here, one bought ahead.
    let lines = [line("0", "12.50"), line("0.00", "1E-3"), line("0", "0"), line("3", "3"), line("5", "0")].concat();
    let file = [catalogue.folder.write("focus.csv", format!("{names}{lines}"))];
    let json = noted(&mut catalogue, "usage that another seller bills", &file, &[], 0);
    let note = json["warnings"].as_array().into_iter().flatten().find(|note| note["code"] == "paid-elsewhere");
    assert_eq!(note.map(|note| &note["count"]), Some(&Value::from(2)), "{}", json["warnings"]);
    assert_eq!(json["cost"]["billed"], "8");
    catalogue.keep("paid-elsewhere");
}

/// A line of a bill that may be LLM usage and is not understood.
#[test]
fn bills_that_are_not_understood() {
    let mut catalogue = Catalogue::new();
    let bill = "ProviderName,ServiceName,SkuMeter,BilledCost,EffectiveCost,BillingCurrency,ChargeCategory,ChargePeriodStart,ChargePeriodEnd\n\
         AWS,Amazon Bedrock,USE1-Palmyra-units,3,3,USD,Usage,2026-10-01T00:00:00Z,2026-10-02T00:00:00Z\n";
    let file = [catalogue.folder.write("focus.csv", bill)];
    let json = noted(&mut catalogue, "a bill in words that are not known", &file, &[], 3);
    assert_eq!(json["incomplete"][0]["code"], "not-understood");
    catalogue.keep("not-understood");
}

/// Sound is many times dearer than text, so that it must not pass for text in silence.
#[test]
fn tokens_of_sound() {
    let mut catalogue = Catalogue::new();
    let body = |audio: u32| {
        format!(
            r#"{{"id":"chatcmpl-{audio}","object":"chat.completion","created":1790000000,"model":"gpt-5.4","choices":[],"usage":{{"prompt_tokens":1000,"completion_tokens":10,"total_tokens":1010,"prompt_tokens_details":{{"cached_tokens":0,"audio_tokens":{audio}}}}}}}"#
        )
    };
    let file = [catalogue.folder.write("answers.jsonl", [body(900), body(0)].join("\n"))];
    let json = noted(&mut catalogue, "answers to sound", &file, &["--provider", "openai"], 0);
    let note = json["warnings"].as_array().into_iter().flatten().find(|note| note["code"] == "audio-as-text");
    assert_eq!(note.map(|note| &note["count"]), Some(&Value::from(1)), "{}", json["warnings"]);
    catalogue.keep("audio-as-text");
}
