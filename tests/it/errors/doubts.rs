//! Files that are readable and would mislead: each is loud, or counts as what it is.

use std::path::PathBuf;

use serde_json::Value;

use super::Catalogue;
use super::notes::{codes, noted};
use crate::support::{fixture, report_json};

const USAGE: &str = "start_time,end_time,start_time_iso,end_time_iso,project_id,num_model_requests,model,service_tier,batch,input_tokens,output_tokens,input_cached_tokens";
const COST: &str = "start_time,end_time,amount_value,amount_currency,line_item,project_id";
/// 2026-10-01T00:00:00Z.
const OCTOBER: i64 = 1_790_812_800;
const DAY: i64 = 86_400;

fn usage(catalogue: &Catalogue, name: &str, day: i64, row: &str) -> PathBuf {
    let start = OCTOBER + day * DAY;
    catalogue.folder.write(name, format!("{USAGE}\n{start},{},,,p1,{row}\n", start + DAY))
}

fn cost(catalogue: &Catalogue, name: &str, day: i64, dollars: &str) -> PathBuf {
    let start = OCTOBER + day * DAY;
    catalogue.folder.write(name, format!("{COST}\n{start},{},{dollars},usd,\"gpt-5.4, input\",p1\n", start + DAY))
}

fn text<'j>(json: &'j Value, pointer: &str) -> &'j str {
    json.pointer(pointer).and_then(Value::as_str).unwrap_or_default()
}

#[test]
fn a_bill_of_other_days_is_spend() {
    let catalogue = Catalogue::new();
    let bill = cost(&catalogue, "cost.csv", 0, "300");
    let later = usage(&catalogue, "usage.csv", 31, "10,gpt-5.4,default,False,1000000,0,0");
    let json = report_json(&[bill.clone(), later], &[]).json();
    assert_eq!((text(&json, "/cost/computed"), text(&json, "/cost/billed")), ("302.5", "300"), "300 billed + 2.5 used");
    let same_day = usage(&catalogue, "same.csv", 0, "10,gpt-5.4,default,False,1000000,0,0");
    let json = report_json(&[bill, same_day], &[]).json();
    assert_eq!((text(&json, "/cost/computed"), text(&json, "/cost/residual")), ("2.5", "297.5"), "compared, not added");
}

#[test]
fn dollars_stated_twice_are_billed_once() {
    let mut catalogue = Catalogue::new();
    let bill = cost(&catalogue, "cost.csv", 0, "0.25");
    let log = catalogue.folder.write(
        "log.csv",
        "timestamp,provider,model,input_tokens,output_tokens,cost_usd\n2026-10-01T10:00:00Z,openai,gpt-5.4-2026-03-05,100000,0,0.25\n",
    );
    let json = report_json(&[log.clone(), bill], &[]).json();
    assert_eq!((text(&json, "/cost/billed"), text(&json, "/cost/residual")), ("0.25", "0"), "100,000 × 2.5 per 1M");
    let export = usage(&catalogue, "usage.csv", 0, "10,gpt-5.4,default,False,100000,0,0");
    let json = noted(&mut catalogue, "a log and an export of one day", &[log, export], &[], 3);
    assert_eq!(codes(&json["incomplete"]), ["two-sources"]);
    catalogue.keep("two-sources");
}

/// 100,000 tokens of each of two sources cost $0.25: a bill of both makes them different calls, a bill of one the same.
#[test]
fn a_bill_settles_whether_two_sources_hold_the_same_calls() {
    let mut catalogue = Catalogue::new();
    let log = catalogue.folder.write(
        "gateway.csv",
        "timestamp,provider,model,input_tokens,output_tokens\n2026-10-01T10:00:00Z,openai,gpt-5.4-2026-03-05,100000,0\n",
    );
    let export = usage(&catalogue, "usage.csv", 0, "10,gpt-5.4,default,False,100000,0,0");
    let both = cost(&catalogue, "both.csv", 0, "0.50");
    let json = noted(&mut catalogue, "billed for both", &[log.clone(), export.clone(), both], &[], 0);
    assert_eq!(codes(&json["incomplete"]), [""; 0]);
    assert!(codes(&json["warnings"]).contains(&"two-sources-billed"), "{}", json["warnings"]);
    let one = cost(&catalogue, "one.csv", 0, "0.25");
    let json = noted(&mut catalogue, "billed for one", &[log, export, one], &[], 3);
    assert_eq!(codes(&json["incomplete"]), ["two-sources"]);
    let said = json["incomplete"][0]["message"].as_str().expect("a message");
    assert!(said.contains("the bill of these days is $0.25 where all of it comes to $0.50"), "{said}");
    catalogue.keep("two-sources-billed");
}

#[test]
fn exports_grouped_in_two_ways_are_refused() {
    let catalogue = Catalogue::new();
    let merged = usage(&catalogue, "merged.csv", 0, "100,gpt-5.4,,,1000000,1000,0");
    for row in ["60,gpt-5.4,,False,600000,600,0", "100,gpt-5.4,default,,1000000,1000,0"] {
        let other = usage(&catalogue, "other.csv", 0, row);
        assert_eq!(report_json(&[merged.clone(), other], &[]).code, 4, "{row}");
    }
}

#[test]
fn a_decimal_comma_is_no_thousand() {
    let mut catalogue = Catalogue::new();
    let rows =
        ["2026-10-05;gpt-5.4;1000;100;0,123", "2026-10-05;gpt-5.4;1000;100;1,234", "2026-10-11;gpt-5.4;1000;100;1.5"];
    let file = catalogue
        .folder
        .write("log.csv", format!("timestamp;model;input_tokens;output_tokens;cost_usd\n{}\n", rows.join("\n")));
    let log = std::fs::read_to_string(&file).expect("just written");
    let json = noted(&mut catalogue, "decimal commas", &[file], &[], 3);
    assert_eq!(text(&json, "/cost/billed"), "1.5");
    assert_eq!(json["inputs"][0]["rows"]["rejected"], 2);
    // A comma needs no quotes between tabs or bars either.
    for delimiter in ["\t", "|"] {
        let file = catalogue.folder.write("log.csv", log.replace(';', delimiter));
        let json = noted(&mut catalogue, &format!("the same, separated by {delimiter:?}"), &[file], &[], 3);
        assert_eq!((text(&json, "/cost/billed"), &json["inputs"][0]["rows"]["rejected"]), ("1.5", &2.into()));
    }
    catalogue.keep("decimal-commas");
}

#[test]
fn a_list_that_ends_early_is_truncated() {
    let catalogue = Catalogue::new();
    let row = r#"{"timestamp": "2026-10-05T10:00:00Z", "model": "gpt-5.4", "input_tokens": 1, "output_tokens": 1}"#;
    for (content, code) in [
        (format!("[{row},\n{row}]\n"), 0),
        (format!("[{row},\n{row},\n"), 4),
        (format!("[{row}\n{row}]"), 4),
        (format!("[{row}]\n{row}"), 4),
        (format!("{row}\n]"), 3),
    ] {
        let file = catalogue.folder.write("log.json", &content);
        assert_eq!(report_json(&[file], &[]).code, code, "{content}");
    }
}

#[test]
fn rows_that_mislead_are_named() {
    let mut catalogue = Catalogue::new();
    let good = "2026-10-05T10:00:00Z,gpt-5.4,1000,100,a\n2026-10-11T10:00:00Z,gpt-5.4,1000,100,b";
    let header = "timestamp,model,input_tokens,output_tokens,request_id";
    for (title, rows, code) in [
        ("a rejected row of another century", "2062-10-05T10:00:00Z,gpt-5.4,1000,many,c", "rejected-rows"),
        (
            "ids that a spreadsheet rounded",
            "2026-10-06T10:00:00Z,gpt-5.4,1000,100,1.23457E+15\n2026-10-07T10:00:00Z,gpt-5.4,2000,100,1.23457E+15",
            "mangled-ids",
        ),
        ("a line break in the model's name", "2026-10-06T10:00:00Z,\"gpt-\n5.4\",1000,100,c", "rejected-rows"),
    ] {
        let file = catalogue.folder.write("log.csv", format!("{header}\n{good}\n{rows}\n"));
        let json = noted(&mut catalogue, title, &[file], &[], 3);
        assert_eq!(codes(&json["incomplete"]), [code], "{title}");
        assert_eq!(json["inputs"][0]["rows"]["duplicate"], 0, "{title}");
    }
    catalogue.keep("misleading-rows");
}

#[test]
fn what_is_harmless_is_read() {
    let catalogue = Catalogue::new();
    let header = "timestamp,model,input_tokens,output_tokens,latency_ms,status";
    let file = catalogue.folder.write(
        "log.csv",
        format!("{header}\n2026-10-05,gpt-5.4,1000,100,1234.56,200 OK\n2026-10-11,gpt-5.4,1000,100,7,503 Busy\n"),
    );
    let json = report_json(&[file], &[]).json();
    assert_eq!(json["inputs"][0]["rows"]["accepted"], 2);
    assert!(json["workloads"].to_string().contains("failed-call"), "503 is a failure");
    let page = catalogue.folder.write("page.csv", "<!DOCTYPE html><html></html>");
    let run = report_json(&[fixture("verdicts/october.csv"), page], &["--keep-partial"]);
    assert_eq!(run.code, 3, "{}", run.stderr);
    assert!(text(&run.json(), "/inputs/1/left_out").contains("web page"));
}

#[test]
fn only_days_that_both_sides_reach_are_reconciled() {
    // Usage of three days and a bill of the second: the days around it are no usage that nobody billed. gpt-5.4 costs
    // 2.50 for 1M tokens of input.
    let catalogue = Catalogue::new();
    let row = "10,gpt-5.4,default,False,1000000,0,0";
    let mut files: Vec<PathBuf> = (0..3).map(|day| usage(&catalogue, &format!("{day}.csv"), day, row)).collect();
    files.push(cost(&catalogue, "cost.csv", 1, "2.5"));
    let found = report_json(&files, &[]).json()["reconciliation"].clone();
    assert_eq!((&found["standing"], &found["coverage"]), (&"usable".into(), &"1".into()), "{found}");
    assert_eq!(found["days"].as_array().map(Vec::len), Some(1), "{found}");
    // In a log in which one call of two states its cost the other one is compared with nothing.
    let log = "timestamp,provider,model,input_tokens,output_tokens,cost_usd\n\
        2026-10-05T10:00:00Z,openai,gpt-5.4,100000,0,0.25\n2026-10-05T11:00:00Z,openai,gpt-5.4,100000,0,\n";
    let log = catalogue.folder.write("calls.csv", log);
    let found = report_json(&[log], &[]).json()["reconciliation"].clone();
    assert_eq!((&found["computed"], &found["billed"]), (&"0.25".into(), &"0.25".into()), "{found}");
}

#[test]
fn what_a_bill_says_beside_tokens_and_list_prices() {
    // Three days at nine tenths of 2.50 look like an agreed price; a bill in whole cents is rounding; a tool is no token.
    let catalogue = Catalogue::new();
    let row = "10,gpt-5.4,default,False,1000000,0,0";
    let mut files: Vec<PathBuf> = (0..3).map(|day| usage(&catalogue, &format!("{day}.csv"), day, row)).collect();
    files.extend((0..3).map(|day| cost(&catalogue, &format!("cost-{day}.csv"), day, "2.25")));
    let found = report_json(&files, &[]).json()["reconciliation"].clone();
    assert_eq!(found["models"][0]["agreed_ratio"], "0.9", "{found}");
    assert_eq!(found["standing"], "do not present", "an agreed price is named, and nothing is put on it");
    let odd = usage(&catalogue, "odd.csv", 0, "10,gpt-5.4,default,False,1001,0,0");
    let rounded = cost(&catalogue, "rounded.csv", 0, "0.00");
    let start = OCTOBER;
    let tool = format!("{COST}\n{start},{},0.4,usd,web search tool calls,p1\n", start + DAY);
    let tool = catalogue.folder.write("tool.csv", tool);
    let found = report_json(&[odd, rounded, tool], &[]).json()["reconciliation"].clone();
    assert_eq!(found["lines"][0]["verdict"], "rounding", "{found}");
    assert_eq!(
        (&found["items"][0]["item"], &found["items"][0]["billed"]),
        (&"web search tool calls".into(), &"0.4".into())
    );
}

#[test]
fn a_line_that_nobody_understands_is_in_no_agreement() {
    // gpt-5.4 costs 2.50 for 1M tokens of input, and 50 are billed for something that no usage explains.
    let catalogue = Catalogue::new();
    let usage = usage(&catalogue, "usage.csv", 0, "10,gpt-5.4,default,False,1000000,0,0");
    let bill = cost(&catalogue, "cost.csv", 0, "2.50");
    for line in ["Scale tier units", "\"gpt-5.4, priority\"", "some new thing"] {
        let start = OCTOBER;
        let other = format!("{COST}\n{start},{},50,usd,{line},p1\n", start + DAY);
        let other = catalogue.folder.write("other.csv", other);
        let json = report_json(&[usage.clone(), bill.clone(), other], &[]).json();
        let found = &json["reconciliation"];
        assert_eq!(found["items"], Value::Array(Vec::new()), "{line}: {found}");
        assert_eq!(text(found, "/standing"), "do not present", "{line}: {found}");
        assert_eq!(text(found, "/coverage"), "0.047619", "2.50 of 52.50: {found}");
        assert_eq!(text(found, "/residual"), text(&json, "/cost/residual"), "{line}");
        let verdicts: Vec<&str> =
            found["lines"].as_array().expect("lines").iter().map(|line| text(line, "/verdict")).collect();
        assert_eq!(verdicts.iter().filter(|verdict| **verdict == "billed-without-usage").count(), 1, "{found}");
    }
}

#[test]
fn amounts_of_a_gateways_own_price_list_are_no_bill() {
    let mut catalogue = Catalogue::new();
    let folder = catalogue.folder.path("");
    let log = |spend: &str| {
        let log = format!(
            "request_id,call_type,startTime,endTime,spend,model,custom_llm_provider,prompt_tokens,completion_tokens\n\
             a-1,acompletion,2026-10-01 10:00:00,2026-10-01 10:00:01,{spend},gpt-5.4,openai,1000000,0\n"
        );
        let path = folder.join("spend.csv");
        std::fs::write(&path, log).expect("writable");
        path
    };
    let json = noted(&mut catalogue, "a gateway's own prices", &[log("2.5")], &[], 0);
    assert!(codes(&json["warnings"]).contains(&"own-prices"), "{json}");
    // The vendor's bill beside it is one.
    let json = report_json(&[log("2.4"), cost(&catalogue, "cost.csv", 0, "2.5")], &[]).json();
    assert_eq!(text(&json, "/reconciliation/billed"), "2.5", "{json}");
    assert!(!codes(&json["warnings"]).contains(&"own-prices"), "{json}");
    let json = report_json(&[log("")], &[]).json();
    assert!(!codes(&json["warnings"]).contains(&"own-prices"), "{json}");
    catalogue.keep("own-prices");
}
