//! Days that a row may have, days that a run is about, and what is said where they make no month. Contract, section 5.

use std::path::PathBuf;

use serde_json::{Value, json};

use super::errors::Catalogue;
use super::errors::notes::{codes, noted};
use super::support::{Folder, finish, gzip, program, report_json, workbook_cells};

/// gpt-5.4 costs 2.50 per million tokens of input, and is cheaper for prompts of up to 272,000.
const HEADER: &str = "request_id,timestamp,provider,model,input_tokens,output_tokens\n";
const BUCKETS: &str = "start_time,end_time,start_time_iso,end_time_iso,num_model_requests,model,batch,service_tier,input_tokens,output_tokens\n";
/// 1 October 2026, and the seconds of a day.
const OCTOBER: i64 = 1_790_812_800;
const DAY: i64 = 86_400;

/// Calls of 200,000 tokens, which cost $0.50 each, one on each of these days.
fn calls(days: &[&str]) -> String {
    let call = |(id, day): (usize, &&str)| format!("c{id},{day}T10:00:00Z,openai,gpt-5.4,200000,0\n");
    format!("{HEADER}{}", days.iter().enumerate().map(call).collect::<String>())
}

fn dates(report: &Value) -> (&Value, &Value) {
    (&report["period"]["from"], &report["period"]["to"])
}

fn rows<'r>(report: &'r Value, fate: &str) -> &'r Value {
    &report["inputs"][0]["rows"][fate]
}

fn today(report: &Value) -> &Value {
    &report["scenarios"][0]["monthly_cost"]["base"]
}

/// The built-in table was last checked on 2026-11-12, and 5 × 366 days later it is 2031-11-16.
#[test]
fn a_row_is_believed_from_2020_to_five_years_after_the_price_table() {
    let folder = Folder::new();
    let of = |days: &[&str], words: &[&str]| {
        let run = report_json(&[folder.write("log.csv", calls(days))], words);
        (run.code, run.json())
    };
    for (day, is_believed) in [
        ("2019-12-31", false),
        ("2020-01-01", true),
        ("2031-11-23", true),
        ("2031-11-24", false),
        ("2062-09-15", false),
    ] {
        let (code, report) = of(&["2026-09-01", "2026-09-30", day], &[]);
        let (rejected, spans) =
            (rows(&report, "rejected") == 0, dates(&report) != (&json!("2026-09-01"), &json!("2026-09-30")));
        assert_eq!((rejected, spans, code), (is_believed, is_believed, 3), "{day}");
        if !is_believed {
            // Two calls of 0.50 in one whole month.
            assert_eq!(today(&report), "1", "{day}");
        }
    }
    // Bounds lift a limit up to their own day.
    for (words, day, accepted) in [
        (["--from", "2019-12-31"], "2019-12-31", 1),
        (["--from", "2019-12-30"], "2019-12-31", 1),
        (["--from", "2020-01-01"], "2019-12-31", 0),
        (["--to", "2032-01-01"], "2031-12-31", 1),
        (["--to", "2032-01-01"], "2032-01-01", 1),
        (["--to", "2032-01-01"], "2032-01-02", 0),
        (["--to", "9999-12-31"], "9999-12-31", 1),
    ] {
        let (_, report) = of(&[day], &words);
        assert_eq!(rows(&report, "accepted"), accepted, "{words:?} {day}");
        assert_eq!(rows(&report, "rejected"), 1 - accepted, "{words:?} {day}");
    }
    // A row that only an end lets in which turns out to mean none is not believed.
    let (_, report) = of(&["2026-09-01", "2026-09-30", "2062-09-15"], &["--to", "9999-12-31"]);
    assert_eq!(
        (rows(&report, "rejected"), dates(&report).1, today(&report)),
        (&json!(1), &json!("2026-09-30"), &json!("1"))
    );
    // Within a year of the end it is the end that is meant.
    let (_, report) = of(&["2026-09-01", "2062-09-15"], &["--to", "2063-09-16"]);
    assert_eq!((rows(&report, "rejected"), dates(&report).1), (&json!(0), &json!("2063-09-16")), "366 days");
    let (_, report) = of(&["2026-09-01", "2062-09-15"], &["--to", "2063-09-17"]);
    assert_eq!((rows(&report, "rejected"), dates(&report).1), (&json!(1), &json!("2026-09-01")), "367 days");
}

/// What is read at once and what is read row by row, on one thread and several: the same rows are refused, and rows of
/// `classify` are those of the report.
#[test]
fn every_way_of_reading_believes_the_same_days() {
    let folder = Folder::new();
    let mut days = vec!["2026-09-01"; 600];
    days.extend(["2062-09-15", "2026-09-30", "2018-01-01"]);
    let plain = folder.write("log.csv", calls(&days));
    let line = |(id, day): (usize, &&str)| {
        let (at, names) = (format!("{day}T10:00:00Z"), ("openai", "gpt-5.4"));
        let call = json!({"request_id": format!("c{id}"), "timestamp": at, "provider": names.0, "model": names.1,
            "input_tokens": 200_000, "output_tokens": 0});
        format!("{call}\n")
    };
    let lines: String = days.iter().enumerate().map(line).collect();
    let lines = folder.write("log.jsonl", lines);
    let tabs = folder.write("log.tsv", calls(&days).replace(',', "\t"));
    for file in [plain, lines, tabs] {
        for threads in ["1", "4"] {
            let report = report_json(std::slice::from_ref(&file), &["--threads", threads]).json();
            // 601 × 0.50
            assert_eq!(
                (rows(&report, "rejected"), &report["cost"]["computed"]),
                (&json!(2), &json!("300.5")),
                "{file:?}"
            );
            assert_eq!(dates(&report), (&json!("2026-09-01"), &json!("2026-09-30")));
        }
        let lines = finish(program().args(["classify", "--quiet"]).arg(&file));
        assert_eq!((lines.code, lines.stdout.lines().count()), (3, 602), "a header and 601 calls");
    }
}

/// Vendors' buckets, also those without usage: far ones widen nothing, and one that says two times is refused.
#[test]
fn buckets_have_one_time() {
    let folder = Folder::new();
    let bucket = |start: i64, iso: &str, usage: &str| format!("{start},{},{iso},{usage}\n", start + DAY);
    let used = "4,gpt-5.4,False,default,1000000,0";
    let empty = ",,,,,";
    let far = 2_893_449_600;
    let of = |rows: &[String]| {
        let run = report_json(&[folder.write("usage.csv", format!("{BUCKETS}{}", rows.concat()))], &[]);
        (run.code, run.json())
    };
    let good = bucket(OCTOBER, "2026-10-01T00:00:00,2026-10-02T00:00:00+00:00", used);
    for (row, fates) in [
        (bucket(far, "2061-09-09T00:00:00,2061-09-10T00:00:00", empty), [1, 0]),
        (bucket(far, "2061-09-09T00:00:00,2061-09-10T00:00:00", used), [0, 1]),
        (bucket(far, ",", used), [0, 1]),
        (bucket(far, "2026-10-02T00:00:00,2026-10-03T00:00:00", used), [0, 1]),
        (bucket(OCTOBER + DAY, "2026-10-09T00:00:00,2026-10-10T00:00:00", empty), [0, 1]),
        (bucket(OCTOBER + DAY, "2026-10-02T00:00:00,2026-10-10T00:00:00", used), [0, 1]),
    ] {
        let (code, report) = of(&[good.clone(), row.clone()]);
        assert_eq!(
            [rows(&report, "blank"), rows(&report, "rejected")],
            fates.map(|rows| json!(rows)).each_ref(),
            "{row}"
        );
        assert_eq!((dates(&report).1, &report["cost"]["computed"]), (&json!("2026-10-01"), &json!("2.5")), "{row}");
        assert_eq!(code, if fates[1] == 0 { 0 } else { 3 }, "{row}");
    }
    // The same in pages of the API.
    let page = |start: i64, iso: &str, results: Value| json!({"object": "bucket", "start_time": start, "end_time": start + DAY, "start_time_iso": iso, "results": results});
    let result = json!([{"object": "organization.usage.completions.result", "input_tokens": 1_000_000, "output_tokens": 0,
        "num_model_requests": 1, "model": "gpt-5.4", "batch": false, "service_tier": "default"}]);
    let pages = json!({"object": "page", "has_more": false, "next_page": null, "data": [
        page(OCTOBER, "2026-10-01T00:00:00", result.clone()),
        page(OCTOBER + DAY, "2026-10-07T00:00:00", result),
        page(OCTOBER + 2 * DAY, "2026-10-09T00:00:00", json!([])),
        page(far, "2061-09-09T00:00:00", json!([])),
    ]});
    let report = report_json(&[folder.write("pages.json", pages.to_string())], &[]).json();
    assert_eq!([rows(&report, "accepted"), rows(&report, "rejected"), rows(&report, "blank")], [1, 2, 1]);
    assert_eq!(dates(&report).1, "2026-10-01");
}

#[test]
fn days_without_a_row_are_told() {
    let mut catalogue = Catalogue::new();
    // Sundays of September 2026, and the days between them: 4 of 22 days have a row. A blank bucket covers its days.
    let sundays =
        [catalogue.folder.write("sundays.csv", calls(&["2026-09-06", "2026-09-13", "2026-09-20", "2026-09-27"]))];
    let json = noted(&mut catalogue, "Sundays", &sundays, &[], 0);
    assert_eq!(json["warnings"][0]["count"], 18);
    let days = |used: std::ops::RangeInclusive<i64>| {
        (0..30).map(move |day| {
            let usage = if used.contains(&day) { "1,gpt-5.4,False,default,1000000,0" } else { ",,,,," };
            let start = OCTOBER + day * DAY;
            format!("{start},{},,,{usage}\n", start + DAY)
        })
    };
    let idle = [catalogue.folder.write("idle.csv", format!("{BUCKETS}{}", days(0..=0).collect::<String>()))];
    let json = noted(&mut catalogue, "empty buckets cover their days", &idle, &[], 0);
    assert!(!codes(&json["warnings"]).contains(&"days-without-usage"));
    // A tenth is not over a tenth: 27 of 30 days.
    for (rows, is_told) in [(27, false), (26, true)] {
        let kept: String = days(0..=29).take(rows - 1).chain(days(0..=29).skip(29)).collect();
        let file = [catalogue.folder.write("usage.csv", format!("{BUCKETS}{kept}"))];
        let json = report_json(&file, &[]).json();
        assert_eq!(codes(&json["warnings"]).contains(&"days-without-usage"), is_told, "{rows} days");
    }
    // 366 days without a row are bearable, 367 are not: 2 × 0.50 before them and 0.50 after.
    for (day, code) in [("2027-09-03", 0), ("2027-09-04", 3)] {
        let file = [catalogue.folder.write("years.csv", calls(&["2026-08-31", "2026-09-01", day]))];
        let json = noted(&mut catalogue, day, &file, &[], code);
        let gaps = if code == 0 { vec![] } else { vec!["period-gap"] };
        assert_eq!(codes(&json["incomplete"]), gaps, "{day}");
    }
    catalogue.keep("days-without-usage");
}

#[test]
fn a_month_left_open_says_what_closes_it() {
    let mut catalogue = Catalogue::new();
    let file =
        |catalogue: &Catalogue, first: &str, last: &str| [catalogue.folder.write("log.csv", calls(&[first, last]))];
    for (first, last, closed) in [
        ("2026-08-02", "2026-10-25", Some("--from 2026-08-01 --to 2026-10-31")),
        ("2026-09-01", "2026-09-29", Some("--from 2026-09-01 --to 2026-09-30")),
        ("2026-09-03", "2026-10-31", Some("--from 2026-09-01 --to 2026-10-31")),
        ("2026-09-01", "2026-09-30", None),
        // A few days of a month are no month that was left open.
        ("2026-09-10", "2026-09-20", None),
        ("2026-08-20", "2026-09-30", None),
    ] {
        let files = file(&catalogue, first, last);
        let json = noted(&mut catalogue, &format!("{first} to {last}"), &files, &[], 0);
        let told = json["warnings"].as_array().into_iter().flatten().find(|note| note["code"] == "open-month");
        let says = told.and_then(|note| note["message"].as_str()).map(ToOwned::to_owned);
        assert_eq!(says.is_some(), closed.is_some(), "{first} {last}");
        let Some(closed) = closed else { continue };
        assert!(says.is_some_and(|says| says.contains(closed)), "{closed}");
        let words: Vec<&str> = closed.split(' ').collect();
        let report = report_json(&files, &words).json();
        assert_eq!(report["period"]["month_basis"], "calendar", "{closed}");
        assert!(!codes(&report["warnings"]).contains(&"open-month"), "{closed}");
    }
    // Who sets an end has said what is meant.
    let json = report_json(&file(&catalogue, "2026-09-01", "2026-09-29"), &["--to", "2026-09-29"]).json();
    assert!(!codes(&json["warnings"]).contains(&"open-month"));
    catalogue.keep("open-month");
}

#[test]
fn an_end_far_from_all_rows_is_none() {
    let mut catalogue = Catalogue::new();
    let files = [catalogue.folder.write("log.csv", calls(&["2026-09-01", "2026-09-30"]))];
    for words in
        [&["--to", "9999-12-31"][..], &["--from", "0001-01-01"], &["--from", "1970-01-01", "--to", "9999-12-31"]]
    {
        let json = noted(&mut catalogue, &words.join(" "), &files, words, 0);
        assert_eq!((dates(&json), today(&json)), ((&json!("2026-09-01"), &json!("2026-09-30")), &json!("1")));
        assert_eq!(codes(&json["warnings"]).iter().filter(|code| **code == "period-open").count(), words.len() / 2);
    }
    // 366 days after the last row is an end, 367 are none; the same before the first.
    for (words, to) in [(["--to", "2027-10-01"], "2027-10-01"), (["--to", "2027-10-02"], "2026-09-30")] {
        assert_eq!(dates(&report_json(&files, &words).json()).1, to);
    }
    for (words, from) in [(["--from", "2025-08-31"], "2025-08-31"), (["--from", "2025-08-30"], "2026-09-01")] {
        assert_eq!(dates(&report_json(&files, &words).json()).0, from);
    }
    // Rows without a date have the days that were said, and no end says none.
    let output = r#"{"id":"batch_req_1","custom_id":"a","response":{"status_code":200,"request_id":"r1","body":{"id":"chatcmpl-1","object":"chat.completion","model":"gpt-5.4","choices":[],"usage":{"prompt_tokens":1000,"completion_tokens":0}}},"error":null}"#;
    let undated = [catalogue.folder.write("output.jsonl", format!("{output}\n"))];
    let run = report_json(&undated, &["--from", "2026-09-01", "--to", "9999-12-31"]);
    assert_eq!((run.code, run.stdout.as_str()), (4, ""), "{}", run.stderr);
    assert!(run.stderr.contains("no-times"), "{}", run.stderr);
    catalogue.keep("period-open");
}

/// The last day of four-digit years, in rows, bounds, prices and policy: every command and every output ends as it should.
#[test]
fn the_last_day_of_the_calendar_is_a_day() {
    let folder = Folder::new();
    let last = folder.write("last.csv", calls(&["9999-12-31"]));
    let log = folder.write("log.csv", calls(&["2026-09-01", "2026-09-30"]));
    let prices = folder.write(
        "prices.yaml",
        "schema: 1\ncurrency: USD\nproviders:\n  openai:\n    models:\n      gpt-5.4:\n        retires: 9999-12-31\n        prices:\n          - {source: \"https://a.example\", checked: 9999-12-31, standard: {input: 2.5, output: 15}}\n          - {from: 9999-12-31, source: \"https://a.example\", checked: 9999-12-31, standard: {input: 5, output: 15}}\n",
    );
    let policy = folder.write("policy.yaml", "schema: 1\nplanning: {quarters: 20, growth_monthly: 3%}\n");
    let (prices, policy) = (prices.display().to_string(), policy.display().to_string());
    let ends = ["--to", "9999-12-31"];
    let tables = ["--prices", &prices, "--policy", &policy];
    let words: [Vec<&str>; 4] = [vec![], ends.to_vec(), tables.to_vec(), [&ends[..], &tables[..]].concat()];
    let outputs: Vec<PathBuf> =
        ["json", "csv", "md", "txt", "html", "xlsx"].map(|form| folder.path(&format!("out.{form}"))).to_vec();
    for file in [&last, &log] {
        for words in &words {
            for command in ["report", "plan"] {
                let outputs = outputs.iter().flat_map(|output| ["-o".as_ref(), output.as_os_str()]);
                let run = finish(program().arg(command).arg(file).args(words).args(outputs).arg("--force"));
                assert!(matches!(run.code, 0 | 3), "{command} {words:?}: {}", run.transcript());
                assert!(outputs_are_whole(&folder), "{command} {words:?}");
            }
            for command in [
                &["report", "--movers", "--quiet"][..],
                &["classify"],
                &["inspect"],
                &["init"],
                &["explain", "--call", "c0"],
            ] {
                let run = finish(program().args(command).arg(file).args(words));
                assert!(matches!(run.code, 0 | 2 | 3), "{command:?} {words:?}: {}", run.transcript());
            }
        }
    }
    for command in [
        &["prices", "check", &prices][..],
        &["prices", "list", "--prices", &prices],
        &["prices", "show", "gpt-5.4", "--prices", &prices],
    ] {
        let run = finish(program().args(command));
        assert!((0..=2).contains(&run.code), "{command:?}: {}", run.transcript());
    }
}

fn outputs_are_whole(folder: &Folder) -> bool {
    ["json", "csv", "md", "txt", "html", "xlsx"]
        .iter()
        .all(|form| std::fs::metadata(folder.path(&format!("out.{form}"))).is_ok_and(|about| about.len() > 100))
}

/// 2 × 0.50 doubles each month for five years: 2⁶⁰ dollars are more than 10⁻¹⁸ of them can be counted in.
#[test]
fn a_plan_that_grows_too_far_blames_the_policy() {
    let folder = Folder::new();
    let log = folder.write("log.csv", calls(&["2026-09-01", "2026-09-30"]).replace("200000", "1000000000"));
    let policy = |growth: &str| {
        folder.write("policy.yaml", format!("schema: 1\nplanning: {{quarters: 20, growth_monthly: {growth}}}\n"))
    };
    let html = folder.path("out.html");
    for (command, more) in [("plan", None), ("report", Some(&html))] {
        let output = more.into_iter().flat_map(|path| ["-o".as_ref(), path.as_os_str()]);
        let run = finish(program().arg(command).arg(&log).arg("--policy").arg(policy("100%")).args(output));
        assert_eq!((run.code, run.stdout.as_str()), (2, ""), "{}", run.transcript());
        assert!(run.stderr.contains("error[policy]") && run.stderr.contains("growth_monthly"), "{}", run.stderr);
        assert!(run.stderr.contains("policy.yaml") && !run.stderr.contains("log.csv"), "{}", run.stderr);
        assert!(!html.exists());
    }
    assert_eq!(finish(program().arg("plan").arg(&log).arg("--policy").arg(policy("3%"))).code, 0);
}

#[test]
fn zero_bytes_behind_gzip_are_no_damage() {
    let mut catalogue = Catalogue::new();
    let text = calls(&["2026-09-01", "2026-09-30"]);
    let packed = gzip(text.as_bytes());
    let padded = [&packed[..], &[0; 512]].concat();
    let files = [catalogue.folder.write("padded.csv.gz", &padded)];
    let json = noted(&mut catalogue, "zero bytes behind gzip", &files, &[], 0);
    assert_eq!((rows(&json, "accepted"), &json["cost"]["computed"]), (&json!(2), &json!("1")));
    // The same calls without their filling, and unpacked: a copy.
    for other in [catalogue.folder.write("plain.csv", &text), catalogue.folder.write("packed.csv.gz", &packed)] {
        let report = report_json(&[files[0].clone(), other], &[]).json();
        assert_eq!(report["inputs"][1]["rows"]["duplicate"], 2);
    }
    for behind in [&b"\0\0\0\0x"[..], b"x", &[&[0; 9], &packed[..]].concat()] {
        let file = catalogue.folder.write("damaged.csv.gz", [&packed[..], behind].concat());
        assert_eq!(report_json(&[file], &[]).code, 4);
    }
    let two = catalogue
        .folder
        .write("two.csv.gz", [&packed[..], &gzip(b"c9,2026-09-15T10:00:00Z,openai,gpt-5.4,200000,0\n")].concat());
    assert_eq!(report_json(&[two], &[]).json()["cost"]["computed"], "1.5", "all members");
    catalogue.keep("trailing-zeros");
}

/// The name of a file is made of words, dates and numbers, and may begin as keys of some vendors do.
#[test]
fn a_file_is_called_by_its_name() {
    let folder = Folder::new();
    let key = "sk-proj-T4kR8wQ2zX6vB1nM9cL5jH3gF7dS0aPo.csv";
    for name in [
        "xai-usage-2026-09-01-to-2026-09-30.csv",
        "sk-export-october-2026-10-31.csv",
        "hf_calls_20261101T120000Z.csv",
        key,
    ] {
        let file = folder.write(name, calls(&["2026-09-01", "2026-09-30"]).replace("gpt-5.4", "nobody-sells-this"));
        for form in ["json", "table", "markdown", "csv"] {
            let run = finish(program().arg("report").arg(&file).args(["--format", form]));
            assert_eq!(run.stdout.contains(name), name != key, "{form} {name}: {}", run.stdout);
            assert_eq!(
                run.stdout.contains("[masked:") || run.stdout.contains("\\[masked:"),
                name == key,
                "{form} {name}"
            );
        }
    }
}

/// An export, and two logs of the same calls that know them by ids of their own: three pairs, and no total is the spend.
#[test]
fn every_pair_of_two_sources_is_named() {
    let mut catalogue = Catalogue::new();
    let usage = format!("{BUCKETS}{OCTOBER},{},,,1,gpt-5.4,False,default,1000000,0\n", OCTOBER + DAY);
    let usage = catalogue.folder.write("usage.csv", usage);
    let log = "timestamp,provider,model,input_tokens,output_tokens\n2026-10-01T10:00:00Z,openai,gpt-5.4,200000,0\n";
    let log = catalogue.folder.write("log.csv", log);
    let gateway = r#"{"request_id":"chatcmpl-1","call_type":"acompletion","spend":0.5,"prompt_tokens":200000,"completion_tokens":0,"startTime":"2026-10-01 10:00:00.100","endTime":"2026-10-01 10:00:09.000","completionStartTime":"2026-10-01 10:00:09.000","model":"gpt-5.4","custom_llm_provider":"openai","end_user":"","status":"success"}"#;
    let gateway = catalogue.folder.write("gateway.jsonl", format!("{gateway}\n"));
    let sums = "timestamp,bucket_end,requests,provider,model,input_tokens,output_tokens\n2026-10-01T00:00:00Z,2026-10-02T00:00:00Z,1,openai,gpt-5.4,200000,0\n";
    let sums = catalogue.folder.write("sums.csv", sums);
    let all = [usage.clone(), log.clone(), gateway];
    let json = noted(&mut catalogue, "three sources", &all, &[], 3);
    let said: Vec<&str> =
        json["incomplete"].as_array().into_iter().flatten().filter_map(|note| note["message"].as_str()).collect();
    for pair in [["usage.csv", "log.csv"], ["usage.csv", "gateway.jsonl"], ["log.csv", "gateway.jsonl"]] {
        assert!(said.iter().any(|message| pair.iter().all(|name| message.contains(name))), "{pair:?}: {said:?}");
    }
    assert_eq!(codes(&json["incomplete"]), ["two-sources"; 3]);
    // Sums beside sums of another tool, in either order.
    for files in [[usage.clone(), sums.clone()], [sums, usage.clone()]] {
        assert_eq!(codes(&noted(&mut catalogue, "sums of both", &files, &[], 3)["incomplete"]), ["two-sources"]);
    }
    // Other days, and days that are not asked for, are no doubt.
    let later = catalogue.folder.write(
        "later.csv",
        "timestamp,provider,model,input_tokens,output_tokens\n2026-10-02T10:00:00Z,openai,gpt-5.4,200000,0\n",
    );
    assert_eq!(report_json(&[usage.clone(), later], &[]).code, 0);
    let wide = "timestamp,provider,model,input_tokens,output_tokens\n2026-10-01T10:00:00Z,openai,gpt-5.4,200000,0\n2026-10-02T10:00:00Z,openai,gpt-5.4,200000,0\n";
    let wide = catalogue.folder.write("wide.csv", wide);
    assert_eq!(report_json(&[usage.clone(), wide], &["--from", "2026-10-02"]).code, 0);
    let pages = ["txt", "md", "html", "xlsx", "csv", "json"].map(|form| catalogue.folder.path(&format!("page.{form}")));
    for command in ["report", "plan"] {
        let outputs = pages.iter().flat_map(|page| ["-o".as_ref(), page.as_os_str()]);
        let run = finish(program().arg(command).args([&usage, &log]).args(outputs).args(["--force", "--quiet"]));
        assert_eq!(run.code, 3);
        for page in &pages {
            let bytes = std::fs::read(page).expect("a page");
            let text = if page.extension().is_some_and(|form| form == "xlsx") {
                workbook_cells(page)
            } else {
                String::from_utf8_lossy(&bytes).into_owned()
            };
            assert!(text.contains("at most"), "{command} {page:?}");
        }
    }
    catalogue.keep("two-sources-pairs");
}
