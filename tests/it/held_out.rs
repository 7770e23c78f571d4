//! Inputs of an attacker who had not seen the others: each was a wrong number without a word, and is told now.

use std::fs;

use serde_json::{Value, json};

use super::support::{Folder, Run, finish, fixture, program, report_json};

fn codes(report: &Value) -> Vec<&str> {
    let of = |kind: &str| report[kind].as_array().map(Vec::as_slice).unwrap_or_default();
    of("incomplete").iter().chain(of("warnings")).map(|note| note["code"].as_str().expect("a code")).collect()
}

fn report(name: &str, content: &str) -> Run {
    let folder = Folder::new();
    report_json(&[folder.write(name, content)], &[])
}

fn rejected(run: &Run) -> (i32, Value) {
    (run.code, run.json()["inputs"][0]["rows"]["rejected"].clone())
}

/// A fixture with something replaced that stands in it.
fn changed(path: &str, from: &str, to: &str, times: usize) -> String {
    let text = fs::read_to_string(fixture("formats").join(path)).expect("a fixture");
    assert!(text.contains(from), "{path}: {from}");
    text.replacen(from, to, times)
}

/// A bucket of $0.0025 whose end lies four years ahead: 30 days of $300 are not a part of 1,507.
#[test]
fn an_end_that_is_years_away_fills_no_gap() {
    let run = report(
        "log.csv",
        "timestamp,bucket_end,model,input_tokens,output_tokens,requests\n\
         2026-09-01,2026-10-01,gpt-5.4,120000000,0,1000\n\
         2026-09-15,2030-10-16,gpt-5.4,1000,0,1\n",
    );
    let found = run.json();
    assert_eq!(run.code, 3);
    assert!(codes(&found).contains(&"period-gap"), "{found}");
    // Quarters alone are what they are.
    let run = report(
        "log.csv",
        "timestamp,bucket_end,model,input_tokens,output_tokens,requests\n\
         2026-04-01,2026-07-01,gpt-5.4,120000000,0,1000\n\
         2026-07-01,2026-10-01,gpt-5.4,120000000,0,1000\n",
    );
    let found = run.json();
    assert!(!codes(&found).iter().any(|code| code.starts_with("days-") || code.starts_with("period-")), "{found}");
}

/// One line of a bill by day that ends a year later.
#[test]
fn a_line_of_a_bill_that_ends_a_year_later_is_told() {
    let run = report("log.csv", &changed("focus-csv/good.csv", "2026-10-02", "2027-10-02", 1));
    let found = run.json();
    let told = codes(&found);
    assert!(told.contains(&"days-without-usage") || told.contains(&"period-gap"), "{told:?}");
}

/// A period whose end is not said is no call.
#[test]
fn a_period_without_an_end_is_rejected() {
    let text = changed("anthropic-usage-api/good.json", "\"ending_at\": \"", "\"ending_at\": null, \"_\": \"", 1);
    let (code, rows) = rejected(&report("pages.json", &text));
    assert_eq!(code, 3);
    assert!(rows.as_u64() > Some(0), "{rows}");
}

/// A period without usage says which day it is, or is told.
#[test]
fn a_period_without_usage_has_a_date() {
    let page = |starts: &str| {
        format!(
            "{{\"data\": [{{\"starting_at\": \"2026-10-01T00:00:00Z\", \"ending_at\": \"2026-10-02T00:00:00Z\", \"results\": [{{\"amount\": \"123\", \"currency\": \"USD\"}}]}}, \
             {{{starts}\"ending_at\": \"2026-10-03T00:00:00Z\", \"results\": []}}], \"has_more\": false, \"next_page\": null}}"
        )
    };
    assert_eq!(rejected(&report("pages.json", &page("\"starting_at\": \"2026-10-02T00:00:00Z\", "))), (0, json!(0)));
    for starts in ["", "\"starting_at\": null, "] {
        assert_eq!(rejected(&report("pages.json", &page(starts))), (3, json!(1)), "{starts}");
    }
}

/// Tokens in an object that nobody knows.
#[test]
fn tokens_in_an_unknown_object_of_a_page_are_unread_usage() {
    for object in
        ["\"cache_write_2h\": {\"tokens\": 1000000}", "\"cache_creation_v2\": {\"ephemeral_2h_input_tokens\": 7}"]
    {
        let to = format!("{object}, \"uncached_input_tokens\"");
        let run = report(
            "pages.json",
            &changed("anthropic-usage-api/good.json", "\"uncached_input_tokens\"", &to, usize::MAX),
        );
        assert_eq!(run.code, 3);
        assert!(codes(&run.json()).contains(&"unread-usage"), "{object}");
    }
}

/// Of five calls one does not say what came from the cache: it costs twice as much.
#[test]
fn one_row_of_five_that_does_not_say_what_was_cached_is_told() {
    let call = |id: usize, cached: &str| {
        format!(
            "{{\"request_id\": \"c{id}\", \"timestamp\": \"2026-09-0{id}T10:00:00Z\", \"model\": \"gpt-5.4\", \"input_tokens\": 10000, {cached}\"output_tokens\": 10}}\n"
        )
    };
    let cached = "\"cached_input_tokens\": 9000, ";
    let log = |last: &str| (1..5).map(|id| call(id, cached)).collect::<String>() + &call(5, last);
    let is_told = |last: &str| codes(&report("log.jsonl", &log(last)).json()).contains(&"missing-column");
    assert_eq!((is_told(cached), is_told("")), (false, true));
}

/// An amount that is left out is not nothing.
#[test]
fn an_empty_amount_is_no_blank_row() {
    let csv = changed("openai-cost-csv/ungrouped.csv", ",6.6926325000000000000000000000,usd,", ",,usd,", 1);
    assert_eq!(rejected(&report("cost.csv", &csv)), (3, json!(1)));
    let pages = changed("anthropic-cost-api/ungrouped.json", "\"amount\": \"174.423345\"", "\"amount\": null", 1);
    assert_eq!(rejected(&report("cost.json", &pages)), (3, json!(1)));
}

/// Each request has a token at least, and what has tokens or an amount is a request, of a call as of a sum of calls.
#[test]
fn requests_are_held_against_tokens() {
    let log = |end: &str, requests: &str, input: u64, cost: &str| {
        report(
            "log.csv",
            &format!(
                "timestamp,bucket_end,model,input_tokens,output_tokens,requests,cost_usd\n\
                 2026-09-01T10:00:00Z,{end},gpt-5.4,{input},0,{requests},{cost}\n"
            ),
        )
    };
    for end in ["", "2026-09-01T11:00:00Z"] {
        for (requests, input, cost) in [("2", 200_000, ""), ("200000", 200_000, ""), ("1", 0, ""), ("0", 0, "")] {
            assert_eq!(rejected(&log(end, requests, input, cost)), (0, json!(0)), "{end} {requests} {input}");
        }
        for (requests, input, cost) in [("1000000000000", 200_000, ""), ("0", 200_000, ""), ("0", 0, "1.5")] {
            assert_eq!(rejected(&log(end, requests, input, cost)), (3, json!(1)), "{end} {requests} {input} {cost}");
        }
    }
    // An hour of failed calls has no tokens, and is told.
    let hour = log("2026-09-01T11:00:00Z", "1000000000000", 0, "");
    assert_eq!(rejected(&hour), (0, json!(0)));
    assert!(codes(&hour.json()).contains(&"no-tokens"), "{}", hour.json());
}

/// Of a vendor's export as of the own format.
#[test]
fn requests_of_exports_are_held_against_tokens() {
    for (file, from, to) in [
        ("openai-usage-csv/good.csv", ",384.0,", ",0.0,"),
        ("openai-usage-csv/good.csv", ",384.0,", ",1000000000000.0,"),
        ("openai-usage-api/good.json", "\"num_model_requests\": 384", "\"num_model_requests\": 0"),
        ("openai-activity-csv/good.csv", ",1744588800,user-invented-1,7,", ",1744588800,user-invented-1,1000000000,"),
    ] {
        let run = report(file.rsplit('/').next().expect("a name"), &changed(file, from, to, 1));
        assert_eq!(rejected(&run), (3, json!(1)), "{file} {to}");
    }
}

/// Twelve, or twelve thousand.
#[test]
fn a_count_with_a_point_between_thousands_is_ambiguous() {
    let log = "timestamp;model;input_tokens;output_tokens\n2026-09-01T10:00:00Z;gpt-5.4;12.000;5\n";
    let run = report("log.csv", log);
    assert_eq!(rejected(&run), (3, json!(1)));
    assert!(
        run.json()["inputs"][0]["rejected"].to_string().contains("ambiguous-number")
            || run.stderr.contains("ambiguous-number"),
        "{}",
        run.stderr
    );
}

#[test]
fn a_second_header_in_another_letter_case_is_another_table() {
    let run = report(
        "log.csv",
        "timestamp,model,input_tokens,output_tokens\n2026-09-01T10:00:00Z,gpt-5.4,12000,5\n\
         Timestamp,Model,Output_Tokens,Input_Tokens\n2026-09-02T10:00:00Z,gpt-5.4,5,12000\n",
    );
    assert_eq!(run.code, 4);
    assert!(run.stderr.contains("two-tables"), "{}", run.stderr);
}

/// A call at midnight of another time zone.
#[test]
fn a_day_beyond_whole_months_is_told() {
    let run = report(
        "log.csv",
        "timestamp,model,input_tokens,output_tokens\n2026-09-01T10:00:00Z,gpt-5.4,12000000,5\n\
         2026-09-30T10:00:00Z,gpt-5.4,12000000,5\n2026-10-01T00:30:00Z,gpt-5.4,12000,5\n",
    );
    let found = run.json();
    let note = found["warnings"].as_array().expect("a list").iter().find(|note| note["code"] == "open-month");
    assert!(
        note.is_some_and(|note| note["message"].to_string().contains("--from 2026-09-01 --to 2026-09-30")),
        "{found}"
    );
}

/// A log named as the policy is not printed whole.
#[test]
fn a_policy_that_is_no_map_is_told_in_short() {
    let folder = Folder::new();
    let log = folder.write("log.csv", "timestamp,model,input_tokens,output_tokens\n".to_owned() + &"x".repeat(100_000));
    let run = program().args(["report", "--policy"]).arg(&log).arg(&log).output().expect("a run");
    assert_eq!(run.status.code(), Some(2));
    assert!(run.stderr.len() < 2_000, "{} bytes", run.stderr.len());
}

/// The quote that closes a name and the one that opens it in the next row are lost: both rows would be one, its name a
/// whole row long.
#[test]
fn two_lost_quotes_swallow_no_row() {
    let good = changed("anthropic-cost-csv/good.csv", "\"crm, nightly\",", "\"crm, nightly,", 1);
    let (lines, second) = good.split_at(good.find("\"crm, nightly\",").expect("the next row"));
    let run = report("bill.csv", &format!("{lines}{}", second.replacen('"', "", 1)));
    assert_eq!((run.code, codes(&run.json()).contains(&"rejected-rows")), (3, true), "{}", run.json());
}

/// A prompt over several lines with many commas and a day in its text is no row.
#[test]
fn prose_over_several_lines_is_no_row() {
    let run = report(
        "log.csv",
        "timestamp,prompt,model,input_tokens,output_tokens\n\
         2026-09-01T10:00:00Z,\"one, two, three,\nfour, five, six on 2026-09-01, and seven,\neight\",gpt-5.4,1000,10\n\
         2026-09-02T10:00:00Z,\"short\",gpt-5.4,1000,10\n",
    );
    assert_eq!((run.code, run.json()["inputs"][0]["rows"]["accepted"].clone()), (0, json!(2)), "{}", run.json());
}

/// A line of a bill without a currency, where the others state one, is not taken for dollars.
#[test]
fn an_amount_without_a_currency_is_no_dollars() {
    let good = fs::read_to_string(fixture("formats/openai-cost-csv/good.csv")).expect("a fixture");
    let run = report("bill.csv", &good.replacen(",usd,", ",,", 1));
    let found = run.json();
    assert_eq!((run.code, &found["cost"]["billed"]), (3, &Value::Null), "{found}");
    assert!(codes(&found).contains(&"unpriced"), "{found}");
}

/// Fifteen of thirty days state no cost: what is billed for the others does not speak for them.
#[test]
fn usage_that_lost_its_cost_is_told() {
    let row = |day: u32, cost: &str| format!("2026-09-{day:02}T10:00:00Z,gpt-5.4,10000,500{cost}\n");
    let log = |costs: u32| -> String {
        let rows = (1..=30).map(|day| row(day, if day <= costs { ",0.0325" } else { "," }));
        std::iter::once("timestamp,model,input_tokens,output_tokens,cost_usd\n".to_owned()).chain(rows).collect()
    };
    // 10,000 × $2.50 and 500 × $15 a million are $0.0325.
    let whole = report("log.csv", &log(30)).json();
    assert!(!codes(&whole).contains(&"usage-unbilled"), "{whole}");
    assert_eq!(whole["status"], json!({"code": "ready", "reasons": []}));
    let half = report("log.csv", &log(15)).json();
    assert!(codes(&half).contains(&"usage-unbilled"), "{half}");
    assert_eq!(half["status"], json!({"code": "ready-with-caveats", "reasons": ["usage-unbilled"]}));
}

/// `G,rounding` is no rounding of a bill: $0.14 of searches would be no spend.
#[test]
fn a_separator_in_a_word_makes_no_other_charge_of_it() {
    let whole = "Grounding with Google Search,";
    let cost = |text: &str| report("bill.csv", text).json()["cost"].clone();
    let right = cost(&changed("focus-csv/good.csv", whole, whole, 1));
    for damaged in
        ["\"G,rounding with Google Search\",", "\"G\rrounding with Google Search\",", "G.rounding with Google Search,"]
    {
        assert_eq!(cost(&changed("focus-csv/good.csv", whole, damaged, 1)), right, "{damaged}");
    }
    // A line that says what came out is usage, whatever else it says: $5,000 of it is no support.
    let usage = changed("focus-csv/good.csv", whole, "Support Bot gpt-5.4 output tokens,", 1);
    assert_eq!(cost(&usage), right);
}

/// A window that is stated as above a size, however that is spelled, is not one up to it.
#[test]
fn a_window_above_a_size_is_none_up_to_it() {
    let row = |window: &str| {
        let good = fs::read_to_string(fixture("formats/anthropic-tokens-csv/good.csv")).expect("a fixture");
        assert!(good.contains("> 200k"), "a row of long prompts");
        report("usage.csv", &good.replace("> 200k", window)).json()
    };
    let right = row("> 200k");
    for spelled in ["≥ 200k", "200k+", "over 200k", "â‰¥ 200k"] {
        assert_eq!(row(spelled)["cost"], right["cost"], "{spelled}");
    }
    assert!(codes(&row("200k")).contains(&"bucket-context-unknown"));
}

/// Calls of one id and one day whose prompts differ are calls of their own, though their times say nothing.
#[test]
fn one_id_for_all_calls_of_a_day_is_none() {
    let rows = (1..=9).map(|row| format!("x,2026-10-01,gpt-5.4,{},0,{}\n", row * 100_000, 900 + row));
    let log: String =
        std::iter::once("request_id,timestamp,model,input_tokens,cached_input_tokens,output_tokens\n".to_owned())
            .chain(rows)
            .collect();
    let run = report("log.csv", &log);
    assert_eq!((run.code, codes(&run.json()).contains(&"ids-repeat")), (3, true), "{}", run.json());
    // Without a time in the log it is the same.
    let line = |input: u32| {
        format!(
            "{{\"id\":\"x\",\"type\":\"message\",\"role\":\"assistant\",\"model\":\"claude-haiku-4-5\",\"content\":[],\"usage\":{{\"input_tokens\":{input},\"output_tokens\":9,\"cache_read_input_tokens\":0,\"cache_creation_input_tokens\":0}}}}\n"
        )
    };
    let folder = Folder::new();
    let lines: String = (1..=9).map(|row| line(row * 1_000)).collect();
    let run = report_json(&[folder.write("log.jsonl", lines)], &["--from", "2026-10-01", "--to", "2026-10-31"]);
    assert_eq!((run.code, codes(&run.json()).contains(&"ids-repeat")), (3, true), "{}", run.json());
}

/// A spreadsheet writes 1,234,567 as `1.23E+06`.
#[test]
fn a_number_that_lost_digits_is_ambiguous() {
    let log = |input: &str, cost: &str| {
        format!("timestamp,model,input_tokens,output_tokens,cost_usd\n2026-09-01T10:00:00Z,gpt-5.4,{input},5,{cost}\n")
    };
    for (input, cost, count) in
        [("1.23E+06", "", 1), ("1E+06", "", 1), ("9", "1.2E+03", 1), ("9", "9.18E-01", 1), ("1.0E7", "1.5E-05", 0)]
    {
        let run = report("log.csv", &log(input, cost));
        assert_eq!(rejected(&run), (if count > 0 { 3 } else { 0 }, json!(count)), "{input} {cost}");
    }
}

/// List prices are what a line costs at most, but for a tax; what bills a thousand times that was damaged.
#[test]
fn a_line_that_bills_more_than_list_prices_is_refused() {
    let good = fs::read_to_string(fixture("formats/focus-csv/good.csv")).expect("a fixture");
    assert!(good.contains("\n,0.918400,"), "the first line bills this");
    for (billed, count) in
        [("0.918400", 0), ("1.092896", 0), ("0.4", 0), ("918.4", 1), ("-0.918400", 1), ("9.18E-01", 1)]
    {
        let bill = good.replacen("\n,0.918400,", &format!("\n,{billed},"), 1);
        assert_eq!(rejected(&report("bill.csv", &bill)).1, json!(count), "{billed}");
    }
}

/// A line of $0.54 that counts tokens is no rounding, whatever it is called.
#[test]
fn a_line_of_tokens_that_says_rounding_is_not_understood() {
    let head =
        "start_time,end_time,amount_value,amount_currency,quantity,quantity_unit,line_item,project_id,organization_id";
    for (unit, code) in [("tokens", 3), ("", 0)] {
        let line = format!("1790812800,1790899200,0.54,usd,217799.0,{unit},gpt-5.4 Rounding,p,o");
        let run = report("cost.csv", &format!("{head}\n{line}\n"));
        assert_eq!((run.code, run.json()["cost"]["from_bill"] == "0.54"), (code, code == 3), "{}", run.transcript());
    }
}

/// What cannot be seen makes two ids, models or tiers of what looks like one; in a name it is shown.
#[test]
fn a_character_that_nobody_sees_is_damage() {
    let log = |id: &str, model: &str, project: &str| {
        let call =
            |id: &str, model: &str, project: &str| format!("{id},2026-09-01T10:00:00Z,{model},1000,5,{project}\n");
        let rows = call("req-1", "gpt-5.4", "nightly") + &call(id, model, project);
        format!("request_id,timestamp,model,input_tokens,output_tokens,project\n{rows}")
    };
    for hidden in ["\u{feff}", "\u{200b}", "\u{2060}", "\u{ad}", "\u{200e}"] {
        for (id, model) in
            [(format!("{hidden}req-1"), "gpt-5.4".to_owned()), ("req-2".to_owned(), format!("gpt-5{hidden}.4"))]
        {
            assert_eq!(rejected(&report("log.csv", &log(&id, &model, "nightly"))), (3, json!(1)), "{id:?} {model:?}");
        }
        let folder = Folder::new();
        let file = folder.write("log.csv", log("req-2", "gpt-5.4", &format!("nightly{hidden}")));
        let page = finish(program().arg("report").arg(file));
        assert!(page.code == 0 && page.stdout.contains("nightly\\u{"), "{}", page.transcript());
    }
}

/// Rows that differ in a column that is not known alone are sums of different calls, whatever their numbers are.
#[test]
fn a_new_grouping_column_tells_sums_apart() {
    let good = fs::read_to_string(fixture("formats/openai-usage-csv/good.csv")).expect("a fixture");
    let rows: Vec<&str> = good.lines().take(2).collect();
    let (header, row) = (rows[0], rows[1]);
    let smaller = row.replace(",52844.0", ",42844.0");
    let cost = |run: &Run| run.json()["cost"]["computed"].as_str().expect("an amount").to_owned();
    let one = cost(&report("usage.csv", &format!("{header}\n{row}\n")));
    for (second, is_equal) in [(row, true), (smaller.as_str(), false)] {
        let run = report("usage.csv", &format!("{header},service_account\n{row},a\n{second},b\n"));
        let found = run.json();
        assert_eq!(found["inputs"][0]["rows"]["accepted"], 2, "{second}");
        assert!(codes(&found).contains(&"unknown-columns"), "{found}");
        // Without it an equal row is the same one, and another sum of the same group is told.
        let run = report("usage.csv", &format!("{header}\n{row}\n{second}\n"));
        assert_eq!(
            (cost(&run), codes(&run.json()).contains(&"duplicates-differ")),
            (one.clone(), !is_equal),
            "{second}"
        );
    }
    // A count under a name that is not known changes while a day goes on, and tells nothing apart.
    let run = report("usage.csv", &format!("{header},num_searches\n{row},1\n{row},2\n"));
    assert_eq!(cost(&run), one);
    // The same days with the column and without it would count twice.
    let folder = Folder::new();
    let files = [
        folder.write("old.csv", format!("{header}\n{row}\n")),
        folder.write("new.csv", format!("{header},service_account\n{row},a\n")),
    ];
    let run = report_json(&files, &[]);
    assert!(run.code == 4 && run.stderr.contains("overlap"), "{}", run.transcript());
}

/// The same of a key in a page.
#[test]
fn a_new_key_in_pages_tells_sums_apart() {
    let result = |account: &str| {
        format!(
            "{{{account}\"model\": \"claude-sonnet-4-6\", \"service_tier\": \"standard\", \"context_window\": \"0-200k\", \"inference_geo\": \"global\", \"uncached_input_tokens\": 1000, \"cache_read_input_tokens\": 0, \"cache_creation\": {{\"ephemeral_1h_input_tokens\": 0, \"ephemeral_5m_input_tokens\": 0}}, \"output_tokens\": 10}}"
        )
    };
    let page = |results: &str| {
        format!(
            "{{\"data\": [{{\"starting_at\": \"2026-10-01T00:00:00Z\", \"ending_at\": \"2026-10-02T00:00:00Z\", \"results\": [{results}]}}], \"has_more\": false, \"next_page\": null}}"
        )
    };
    let of =
        |one: &str, other: &str| report("pages.json", &page(&format!("{}, {}", result(one), result(other)))).json();
    let found = of("\"region\": \"a\", ", "\"region\": \"b\", ");
    assert_eq!(found["inputs"][0]["rows"]["accepted"], 2);
    assert!(codes(&found).contains(&"unknown-columns"), "{found}");
    assert_eq!(of("", "")["inputs"][0]["rows"]["accepted"], 1);
}

/// Counts that stand in a row with all that makes them are held against it, of the output as of the prompt.
#[test]
fn a_count_that_its_parts_do_not_make_is_told() {
    let good = fs::read_to_string(fixture("formats/openai-usage-csv/good.csv")).expect("a fixture");
    let rename = |one: &str, other: &str| {
        let (header, rows) = good.split_once('\n').expect("a header");
        let header: Vec<&str> = header
            .split(',')
            .map(|name| {
                if name == one {
                    other
                } else if name == other {
                    one
                } else {
                    name
                }
            })
            .collect();
        format!("{}\n{rows}", header.join(","))
    };
    let is_loud = |text: &str| {
        let run = report("usage.csv", text);
        run.code != 0 || codes(&run.json()).contains(&"parts-apart")
    };
    assert!(!is_loud(&good));
    for (one, other) in [
        ("input_cached_tokens", "input_uncached_tokens"),
        ("input_tokens", "output_tokens"),
        ("output_tokens", "output_audio_tokens"),
        ("input_cached_tokens", "input_cached_audio_tokens"),
    ] {
        assert!(is_loud(&rename(one, other)), "{one} {other}");
    }
    assert!(is_loud(&good.replacen(",52844.0,", ",62844.0,", 1)));
}

/// A duration in the column of the status would make calls failed ones.
#[test]
fn a_status_has_three_digits() {
    for (status, is_rejected) in [("200", 0), ("999", 0), ("6975", 1), ("200000", 1)] {
        let log = format!(
            "timestamp,model,input_tokens,output_tokens,status\n2026-09-01T10:00:00Z,gpt-5.4,1000,5,{status}\n"
        );
        assert_eq!(rejected(&report("log.csv", &log)).1, json!(is_rejected), "{status}");
    }
}

/// A row that counts among several of one identity keeps what is odd about it.
#[test]
fn what_is_odd_about_the_best_record_is_told() {
    let good = fs::read_to_string(fixture("formats/openai-usage-csv/good.csv")).expect("a fixture");
    let rows: Vec<&str> = good.lines().take(2).collect();
    let odd = rows[1].replacen(",52844.0,", ",62844.0,", 1);
    let run = report("usage.csv", &format!("{}\n{}\n{odd}\n", rows[0], rows[1]));
    let found = run.json();
    assert!(codes(&found).contains(&"parts-apart") && codes(&found).contains(&"duplicates-differ"), "{found}");
}
