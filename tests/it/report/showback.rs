//! `--by`: who spent what, on exports as they are, and what moved between the halves of the period.

use std::path::PathBuf;

use serde_json::Value;

use super::{exact, report, sample};
use crate::support::{Folder, finish, fixture, program};
use crate::xlsx::book::Book;

const DIMENSIONS: [&str; 10] =
    ["workload", "provider", "model", "project", "api-key", "user", "team", "app", "endpoint", "tag.job"];

fn exports() -> Vec<PathBuf> {
    [
        "openai-usage-csv/good.csv",
        "openai-cost-csv/good.csv",
        "openai-activity-csv/good.csv",
        "anthropic-tokens-csv/good.csv",
        "anthropic-cost-csv/good.csv",
        "focus-csv/good.csv",
        "litellm-csv/good.csv",
        "batchwise-csv/good.csv",
    ]
    .map(|file| fixture("formats").join(file))
    .to_vec()
}

/// Units of 10⁻¹⁸, since sums have to agree to the last digit.
fn units(value: &Value) -> i128 {
    let text = value.as_str().unwrap_or_else(|| panic!("{value} is no amount"));
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    format!("{whole}{fraction:0<18}").parse().expect("an amount")
}

#[test]
fn sums_add_up_whatever_they_are_by() {
    let mut allocated = Vec::new();
    for file in exports() {
        for dimension in DIMENSIONS {
            let json = report(&file, &["--by", dimension], "json").json();
            let (by, about) = (&json["by"], format!("{file:?} by {dimension}"));
            assert_eq!(by["dimension"], dimension);
            let rows = by["rows"].as_array().expect("rows");
            for key in ["cost", "can_wait", "batch_saving"] {
                let sum: i128 = rows.iter().map(|row| units(&row[key])).sum();
                assert_eq!(sum, units(&by["total"][key]), "{about}: {key}");
            }
            assert_eq!(by["total"]["cost"], json["cost"]["computed"], "{about}");
            let named: i128 = rows.iter().filter(|row| row["value"].is_string()).map(|row| units(&row["cost"])).sum();
            if units(&by["total"]["cost"]) != 0 {
                let share = units(&by["allocated_share"]);
                let difference = share * units(&by["total"]["cost"]) / 1_000_000_000_000_000_000 - named;
                assert!(difference.abs() < units(&by["total"]["cost"]).abs() / 500_000, "{about}: {share}");
            }
            for (list, key) in [("workloads", "cost"), ("workloads", "batch_saving"), ("months", "cost")] {
                let parts = by[list].as_array().expect("a list");
                let sum: i128 = parts.iter().map(|part| units(&part[key])).sum();
                // Where a row spans days nobody knows its month.
                if list == "workloads" || !parts.is_empty() {
                    assert_eq!(sum, units(&by["total"][key]), "{about}: {list} {key}");
                }
            }
            if let Some((billed, steps)) = by["to_the_bill"].as_array().expect("a list").split_last() {
                assert_eq!(
                    (&billed["code"], &billed["amount"]),
                    (&"billed".into(), &json["cost"]["billed"]),
                    "{about}"
                );
                let sum: i128 = steps.iter().map(|step| units(&step["amount"])).sum();
                assert_eq!(sum, units(&billed["amount"]), "{about}");
            }
            if by["without"] != "" {
                assert_eq!(named, 0, "{about}: {}", by["without"]);
                let page = report(&file, &["--by", dimension], "table").stdout;
                let said = format!("has no {dimension}: its cost stays unallocated.");
                assert!(page.split_whitespace().collect::<Vec<_>>().join(" ").contains(&said), "{page}");
            }
            let short =
                file.parent().and_then(|folder| folder.file_name()).map(|name| name.to_string_lossy().into_owned());
            allocated.push(format!(
                "{} by {dimension}: {}{}\n",
                short.unwrap_or_default(),
                by["allocated_share"].as_str().unwrap_or("nothing to allocate"),
                if by["without"] == "" { "" } else { ", no place for it" }
            ));
        }
    }
    insta::assert_snapshot!("allocated", allocated.concat());
}

#[test]
fn what_has_no_value_is_unallocated_however_short_the_list() {
    let folder = Folder::new();
    let row = |team: &str, tokens: u32| format!("2026-10-05T10:00:00Z,gpt-5.4,{tokens},0,{team}\n");
    let rows = [row("search", 3_000_000), row("", 2_000_000), row("billing", 1_000_000), row("legal", 1_000_000)];
    let log = folder.write("log.csv", format!("timestamp,model,input_tokens,output_tokens,team\n{}", rows.concat()));
    let words = ["--by", "team", "--top", "1"];
    for form in ["table", "markdown"] {
        insta::assert_snapshot!(format!("showback-{form}"), section(&report(&log, &words, form).stdout, "By "));
    }
    let json = report(&log, &words, "json").json();
    assert_eq!(json["by"]["allocated_share"], "0.714286");
    assert_eq!(json["by"]["rows"].as_array().map(Vec::len), Some(4), "forms for machines are never cut");
}

/// The sample's bill is compared line by line elsewhere: what its lines differ by, and what they bill besides tokens, is
/// what stands between the teams and the bill.
#[test]
fn teams_add_up_to_the_bill_of_the_sample() {
    let sample = fixture("sample");
    let policy = sample.join("policy.yaml");
    let run = |form: &str| {
        let files = [sample.join("gateway.csv"), sample.join("bills")];
        let words = ["--recursive", "--by", "team", "--format", form];
        finish(program().arg("report").args(&files).arg("--policy").arg(&policy).args(words))
    };
    let json = run("json").json();
    let (by, compared) = (&json["by"], &json["reconciliation"]);
    let step = |code: &str| {
        let steps = by["to_the_bill"].as_array().expect("steps");
        steps.iter().find(|step| step["code"] == code).map_or(0, |step| units(&step["amount"]))
    };
    assert_eq!(step("allocated"), units(&json["cost"]["computed"]));
    assert_eq!(step("residual"), units(&compared["residual"]));
    let items: i128 = compared["items"].as_array().expect("items").iter().map(|item| units(&item["billed"])).sum();
    assert_eq!(step("credit") + step("tool"), items);
    assert_eq!(step("credit"), -120 * 10_i128.pow(18));
    for form in ["table", "markdown", "html"] {
        // Markdown escapes a dollar.
        let page = run(form).stdout.replace('\\', "");
        for said in ["data", "5.0 % more than in September 2026 ($4,227.66)", "can `atlas-sync` wait", "$44,655.03"] {
            let said = if form == "html" { said.replace("`atlas-sync`", "“atlas-sync”") } else { said.into() };
            assert!(page.contains(&said), "{form} lacks {said}: {page}");
        }
        assert_eq!(page.matches("· 28.5 %").count(), 1, "{form} does not say what a team costs: {page}");
    }
    let folder = Folder::new();
    let book = folder.path("report.xlsx");
    let files = [sample.join("gateway.csv"), sample.join("bills")];
    let words = ["--recursive", "--by", "team", "--output"];
    finish(program().arg("report").args(&files).arg("--policy").arg(&policy).args(words).arg(&book));
    let (book, sheet) = (Book::read(std::fs::read(&book).expect("a workbook")), "Showback pages");
    let data = book.row_of(sheet, "Team data  $12,753.85 · 28.5 %", 0);
    let (head, total) = (book.row_of(sheet, "Largest workloads", data), book.row_of(sheet, "All", data));
    let cost = book.column_of(sheet, head, "Cost");
    let sum: i64 = (head + 1..total).map(|row| book.scaled(sheet, row, cost)).sum();
    assert_eq!(book.scaled(sheet, total, cost), 127_538_503);
    assert!((sum - 127_538_503).abs() < i64::from(total - head), "{sum}: each is rounded by itself");
    let csv = run("csv").stdout;
    for row in ["by.to_the_bill,4,credit,,,,,amount,,period,USD,-120", "by.months,", "by.workloads,"] {
        assert!(csv.contains(row), "{row}");
    }
}

/// A part of a page, from its heading to the next.
fn section(page: &str, heading: &str) -> String {
    let is_start = |line: &&str| line.trim_start_matches(['#', ' ']).starts_with(heading);
    let mut lines = page.lines().skip_while(|line| !is_start(line));
    let first = lines.next().unwrap_or_else(|| panic!("no {heading} in {page}"));
    let is_end = |line: &&str| line.starts_with('#') || ["  Ledger", "  By "].iter().any(|end| line.starts_with(end));
    let rest: Vec<&str> = lines.take_while(|line| !is_end(line)).collect();
    [&[first], &rest[..]].concat().join("\n")
}

#[test]
fn what_moved_between_the_halves() {
    let words = ["--movers", "--by", "team", "--top", "4"];
    for form in ["table", "markdown"] {
        insta::assert_snapshot!(
            format!("movers-{form}"),
            section(&report(&sample(), &words, form).stdout, "What grew")
        );
    }
    let json = report(&sample(), &words, "json").json();
    let rows = json["movers"]["rows"].as_array().expect("rows");
    assert!(rows.len() > 4);
    for row in rows {
        assert!((exact(&row["second"]) - exact(&row["first"]) - exact(&row["change"])).abs() <= 1, "{row}");
    }
    let short = ["--movers", "--from", "2026-10-01", "--to", "2026-10-05"];
    for form in ["table", "markdown"] {
        let page = report(&sample(), &short, form).stdout;
        assert!(page.contains("Halves of the period are not compared: the period is shorter"), "{page}");
    }
    for form in ["table", "markdown", "csv", "json"] {
        let page = report(&sample(), &[], form).stdout;
        assert!(!page.contains("What grew") && !page.contains("movers"), "nobody asked: {form}");
    }
}
