//! Sums by time: the two halves of a period, and the hours of a week.

use std::fmt::Write as _;

use serde_json::Value;

use crate::support::{Folder, finish, fixture, program};

/// Units of 10⁻¹² of an amount.
fn units(value: &Value) -> i128 {
    let text = value.as_str().unwrap_or_else(|| panic!("an amount, not {value}"));
    let (sign, digits) = text.strip_prefix('-').map_or((1, text), |digits| (-1, digits));
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    assert!(fraction.len() <= 12, "{text}");
    sign * format!("{whole}{fraction:0<12}").parse::<i128>().expect("digits")
}

fn movers(files: &[std::path::PathBuf], words: &[&str]) -> (Value, Value) {
    let run = finish(program().arg("report").args(files).args(["--movers", "--quiet", "--format", "json"]).args(words));
    let report = run.json();
    (report["movers"].clone(), report["cost"]["computed"].clone())
}

/// Halves of whole weeks have each weekday equally often, so that the pace of a half is its spend × 365 ÷ (12 × days).
#[test]
fn halves_of_whole_weeks_add_up_to_the_whole() {
    for (file, words) in [
        ("verdicts/october.csv", &["--from", "2026-10-01", "--to", "2026-10-28"][..]),
        ("verdicts/october.csv", &["--from", "2026-10-01", "--to", "2026-10-28", "--by", "model"]),
        ("verdicts/october.csv", &["--from", "2026-10-04", "--to", "2026-10-31", "--by", "team", "--threads", "1"]),
    ] {
        let (movers, computed) = movers(&[fixture(file)], words);
        let halves = movers["halves"].as_array().expect("two halves");
        let days: Vec<i128> = halves.iter().map(|half| half["days"].as_i64().expect("days").into()).collect();
        assert_eq!(days, [14, 14]);
        let rows = movers["rows"].as_array().expect("rows");
        let sum = |key: &str| rows.iter().map(|row| units(&row[key])).sum::<i128>();
        let spend = sum("first") * 12 * days[0] + sum("second") * 12 * days[1];
        let apart = (spend - units(&computed) * 365).abs();
        assert!(apart <= 12 * 31 * rows.len() as i128, "{file} {words:?}: {apart}");
        let changes: Vec<i128> = rows.iter().map(|row| units(&row["change"]).abs()).collect();
        assert!(changes.is_sorted_by(|a, b| a >= b));
        for row in rows {
            assert_eq!(units(&row["second"]) - units(&row["first"]), units(&row["change"]), "{row}");
        }
    }
}

/// Five weeks of which each Sunday costs $84: the first 17 days have two Sundays and the other 18 three, and nothing moved.
/// A month has 365 ÷ 84 Sundays.
#[test]
fn a_sunday_more_is_no_growth() {
    let folder = Folder::new();
    let mut log = "timestamp,bucket_end,requests,provider,model,workload_tag,input_tokens,output_tokens\n".to_owned();
    for day in ["2026-08-02", "2026-08-09", "2026-08-16", "2026-08-23", "2026-08-30"] {
        let _ = writeln!(log, "{day}T00:00:00Z,{day}T23:59:59Z,400,openai,gpt-5.4,digest,33600000,0");
    }
    let log = folder.write("log.csv", log);
    let (movers, computed) = movers(&[log], &["--from", "2026-07-27", "--to", "2026-08-30"]);
    // 33.6 million tokens at $2.50.
    assert_eq!(units(&computed), 5 * 84 * 10_i128.pow(12));
    let days: Vec<i64> =
        movers["halves"].as_array().expect("halves").iter().filter_map(|half| half["days"].as_i64()).collect();
    assert_eq!(days, [17, 18]);
    let row = &movers["rows"][0];
    assert_eq!([&row["first"], &row["second"], &row["change"]], ["365", "365", "0"]);
}

#[test]
fn halves_that_cannot_be_compared_say_why() {
    let folder = Folder::new();
    let few = folder.write("few.csv", "timestamp,model,input_tokens,output_tokens\n2026-10-01T00:00:00Z,gpt-5.4,1,1\n2026-10-13T00:00:00Z,gpt-5.4,1,1\n");
    let spread = folder.write("spread.csv", "timestamp,bucket_end,model,input_tokens,output_tokens\n2026-10-01,2026-10-08,gpt-5.4,1,1\n2026-10-08,2026-10-22,gpt-5.4,1,1\n");
    for (file, reason) in [(few, "shorter than two weeks"), (spread, "span several days")] {
        let (movers, _) = movers(&[file], &[]);
        assert_eq!((&movers["halves"], movers["rows"].as_array().map(Vec::len)), (&Value::Null, Some(0)));
        assert!(movers["why_not"].as_str().expect("a reason").contains(reason), "{movers}");
    }
}

#[test]
fn hours_hold_every_call_and_its_cost() {
    let sample = fixture("verdicts/october.csv");
    let run = |command: &str| finish(program().args([command, "--quiet", "--format", "json"]).arg(&sample)).json();
    let (plan, report) = (run("plan"), run("report"));
    let hours = plan["hours"].as_array().expect("hours");
    let calls: u64 = hours.iter().map(|hour| hour["calls"].as_u64().expect("calls")).sum();
    assert_eq!(Some(calls), report["usage"]["requests"].as_u64());
    assert_eq!(hours.iter().map(|hour| units(&hour["cost"])).sum::<i128>(), units(&report["cost"]["computed"]));
    let of_days = finish(
        program().args(["plan", "--quiet", "--format", "json"]).arg(fixture("formats/openai-usage-csv/good.csv")),
    );
    assert_eq!(of_days.json()["hours"], Value::Null);
}
