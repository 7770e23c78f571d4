//! Rollup files: their columns are those of the page about them, the report of each fixture's rollup is its own, and what is
//! not whole, too coarse or given twice is refused by name.

use std::fs;
use std::path::{Path, PathBuf};

use batchwise::formats::rollup::COLUMNS;

use crate::exports::exports;
use crate::support::{Folder, Run, finish, fixture, gzip, program, report_json, root, run};

/// It has calls whose price goes by the hour, so that its rollup says the same only with `--hours`.
const OCTOBER: &str = "fixtures/verdicts/october.csv";

fn october() -> PathBuf {
    root().join(OCTOBER)
}

/// Makes a rollup file.
fn rollup(folder: &Folder, name: &str, inputs: &[PathBuf], words: &[&str]) -> PathBuf {
    let part = folder.path(name);
    let made = finish(program().arg("rollup").args(inputs).args(words).arg("-o").arg(&part));
    assert_eq!(made.code, if made.stderr.contains("INCOMPLETE[") { 3 } else { 0 }, "{}", made.transcript());
    assert!(made.stdout.is_empty() && made.stderr.starts_with("note: "), "{}", made.transcript());
    part
}

/// Runs a command of a hint where the logs are.
fn run_as_typed(command: &str) {
    let command = command.trim_matches('`').replacen("batchwise", "\"$BATCHWISE\"", 1);
    let shell = std::process::Command::new("sh")
        .args(["-c", &command])
        .env("BATCHWISE", program().get_program())
        .current_dir(october().parent().expect("a folder"))
        .output()
        .expect("a shell");
    assert!(shell.status.success(), "{}", String::from_utf8_lossy(&shell.stderr));
}

/// An error by its code, with a hint, and an exit code.
fn refused(run: &Run, exit: i32, code: &str, holds: &str) {
    assert_eq!(run.code, exit, "{}", run.transcript());
    assert!(run.stderr.starts_with(&format!("error[{code}]: ")), "{}", run.transcript());
    assert!(run.stderr.contains(holds) && run.stderr.contains("hint: "), "{holds}: {}", run.transcript());
    assert_eq!(run.stdout, "", "nothing is printed");
}

#[test]
fn the_page_names_every_column() {
    let page = fs::read_to_string(root().join("docs/rollup-file.md")).expect("a page");
    for column in COLUMNS {
        assert!(page.contains(&format!("`{column}`")), "`{column}` is not in docs/rollup-file.md");
    }
}

#[test]
fn the_report_of_every_fixture_is_that_of_its_rollup() {
    let mut compared = 0;
    for export in exports() {
        let (file, options) = (export.path(), export.options.iter().map(String::as_str).collect::<Vec<_>>());
        let folder = Folder::new();
        // As JSON, and of the same run as Markdown.
        let report = |file: &Path, page: &str| {
            let page = folder.path(page);
            let words = ["-o", page.to_str().expect("UTF-8"), "--format", "json"];
            let run = finish(program().arg("report").arg(file).args(&options).args(words));
            let page = fs::read_to_string(page).unwrap_or_default();
            (run.code, [run.stdout, run.stderr, page])
        };
        let raw = report(&file, "raw.md");
        if raw.0 == 4 {
            continue;
        }
        let part = rollup(&folder, "part.csv", std::slice::from_ref(&file), &options);
        assert!(raw.1[0].starts_with('{') && raw.1[2].len() > 200, "{}", file.display());
        // What is known before anything is judged is said of the file, too.
        let again = finish(program().arg("rollup").arg(&file).args(&options).arg("-o").arg(folder.path("again.csv")));
        let said: Vec<&str> = again.stderr.lines().filter(|line| line.starts_with("INCOMPLETE[")).collect();
        assert!(said.iter().all(|line| raw.1[1].contains(line)), "{}", again.transcript());
        assert_eq!(said.is_empty(), again.code == 0, "{}", again.transcript());
        let are_rejected = raw.1[1].contains("INCOMPLETE[rejected-rows]");
        assert_eq!(again.stderr.contains("INCOMPLETE[rejected-rows]"), are_rejected, "{}", again.transcript());
        assert_eq!(report(&part, "read.md"), raw, "{}", file.display());
        compared += 1;
    }
    assert!(compared > 60, "{compared} files were compared");
}

#[test]
fn the_report_of_every_invoice_is_that_of_its_rollup() {
    let mut compared = 0;
    for case in fs::read_dir(fixture("invoices")).expect("a folder") {
        let case = case.expect("a folder").path();
        let files = fs::read_dir(&case).expect("a folder").map(|file| file.expect("a file").path());
        let (tables, mut logs): (Vec<_>, Vec<_>) =
            files.partition(|file| file.extension().is_some_and(|ending| ending == "yaml"));
        logs.sort();
        let options = [("prices.yaml", "--prices"), ("policy.yaml", "--policy")].into_iter();
        let words: Vec<String> = options
            .filter_map(|(name, option)| Some((tables.iter().find(|table| table.ends_with(name))?, option)))
            .flat_map(|(table, option)| [option.to_owned(), table.display().to_string()])
            .collect();
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        let raw = report_json(&logs, &words);
        if matches!(raw.code, 2 | 4) {
            continue;
        }
        let folder = Folder::new();
        let part = rollup(&folder, "part.csv", &logs, &words);
        assert_eq!(report_json(&[part], &words).transcript(), raw.transcript(), "{}", case.display());
        compared += 1;
    }
    assert!(compared > 50, "{compared} cases were compared");
}

#[test]
fn usage_and_bill_of_one_vendor_come_as_parts() {
    for [usage, bill] in [["openai-usage-csv", "openai-cost-csv"], ["anthropic-tokens-csv", "anthropic-cost-csv"]] {
        let folder = Folder::new();
        let [usage, bill] = [usage, bill].map(|format| fixture("formats").join(format).join("good.csv"));
        let raw = report_json(&[usage.clone(), bill.clone()], &[]);
        let parts = [
            rollup(&folder, "usage.csv", std::slice::from_ref(&usage), &[]),
            rollup(&folder, "bill.csv", std::slice::from_ref(&bill), &[]),
        ];
        assert_eq!(report_json(&parts, &[]).transcript(), raw.transcript());
        let whole = rollup(&folder, "whole.csv", &[usage, bill], &[]);
        assert_eq!(report_json(&[whole], &[]).transcript(), raw.transcript());
    }
}

#[test]
fn logs_that_are_years_apart_make_one_rollup() {
    let folder = Folder::new();
    let old = folder.write(
        "old.csv",
        "request_id,timestamp,model,input_tokens,output_tokens\nx,2024-10-04T10:00:00Z,gpt-4o,1000,10\n",
    );
    let logs = [old, october()];
    let raw = report_json(&logs, &[]);
    assert!(raw.stdout.contains("period-gap"), "{}", raw.transcript());
    let part = rollup(&folder, "part.csv", &logs, &["--hours"]);
    assert_eq!(report_json(&[part], &[]).transcript(), raw.transcript());
}

#[test]
fn files_of_one_name_keep_their_numbers() {
    let folder = Folder::new();
    let log = fs::read_to_string(october()).expect("a log");
    let (header, rows) = log.split_once('\n').expect("a header");
    let rows: Vec<&str> = rows.lines().collect();
    let logs: Vec<PathBuf> = (0..4)
        .map(|part| {
            let own: Vec<&str> = rows.iter().copied().skip(part * 20).take(20).collect();
            fs::create_dir_all(folder.path(&part.to_string())).expect("a folder");
            folder.write(&format!("{part}/log.csv"), format!("{header}\n{}\n", own.join("\n")))
        })
        .collect();
    let raw = report_json(&logs, &[]);
    assert_eq!(raw.json()["inputs"][3]["file"], "log.csv#4");
    let parts = [rollup(&folder, "a.csv", &logs[..2], &[]), rollup(&folder, "b.csv", &logs[2..], &[])];
    assert_eq!(report_json(&parts, &[]).transcript(), raw.transcript());
}

/// The October log by its rollup, and lines of it.
fn lines(folder: &Folder) -> Vec<String> {
    let part = rollup(folder, "october.csv", &[october()], &["--force"]);
    fs::read_to_string(part).expect("a file").lines().map(ToOwned::to_owned).collect()
}

fn report_of(folder: &Folder, lines: &[String]) -> Run {
    let file = folder.write("mutant.csv", lines.join("\n") + "\n");
    report_json(&[file], &[])
}

#[test]
fn a_file_that_is_not_whole_is_refused() {
    let folder = Folder::new();
    let whole = lines(&folder);
    assert_eq!(report_of(&folder, &whole).code, report_json(&[october()], &[]).code);
    // The lines in another order are the same file.
    let mut shuffled = whole.clone();
    shuffled[1..].reverse();
    assert_eq!(report_of(&folder, &shuffled).stdout, report_of(&folder, &whole).stdout);
    for at in (1..whole.len()).step_by(7).chain(1..6) {
        let mut lost = whole.clone();
        lost.remove(at);
        refused(&report_of(&folder, &lost), 4, "rollup-incomplete", "make the file again");
        let mut doubled = whole.clone();
        doubled.insert(at, whole[at].clone());
        refused(&report_of(&folder, &doubled), 4, "rollup-incomplete", "has");
    }
    for kept in [1, 2, 3, 100, whole.len() - 1] {
        refused(&report_of(&folder, &whole[..kept]), 4, "rollup-incomplete", "mutant.csv");
    }
    // Two files one behind the other have two rows of the file.
    refused(
        &report_of(&folder, &[whole.clone(), whole].concat()),
        4,
        "rollup-incomplete",
        "each rollup file by itself",
    );
}

#[test]
fn a_file_that_lacks_a_column_is_refused_by_its_name() {
    let folder = Folder::new();
    let rows: Vec<Vec<String>> = lines(&folder)
        .iter()
        .map(|line| {
            let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(line.as_bytes());
            let row = reader.records().next().expect("a line").expect("CSV");
            row.iter().map(ToOwned::to_owned).collect()
        })
        .collect();
    let without = |lost: usize| {
        let mut writer = csv::Writer::from_writer(Vec::new());
        for row in &rows {
            let cells = row.iter().enumerate().filter(|(at, _)| *at != lost).map(|(_, cell)| cell);
            writer.write_record(cells).expect("CSV");
        }
        let text = String::from_utf8(writer.into_inner().expect("CSV")).expect("UTF-8");
        report_json(&[folder.write("lacks.csv", text)], &[])
    };
    assert!(rows[0].contains(&"tag.workload".to_owned()), "{:?}", rows[0]);
    for (at, name) in rows[0].iter().enumerate() {
        match name.as_str() {
            // By these the file is known.
            "fate" | "input" | "about" => assert_eq!(without(at).code, 4, "{name}"),
            _ => refused(&without(at), 4, "rollup-incomplete", &format!("lacks `{name}`")),
        }
    }
}

/// A rollup file as rows of cells, the header first.
fn cells(folder: &Folder, inputs: &[PathBuf]) -> Vec<Vec<String>> {
    let text = fs::read(rollup(folder, "cells.csv", inputs, &["--force"])).expect("a file");
    let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(&text[..]);
    reader.records().map(|row| row.expect("CSV").iter().map(ToOwned::to_owned).collect()).collect()
}

fn report_of_cells(folder: &Folder, rows: &[Vec<String>]) -> Run {
    let mut writer = csv::Writer::from_writer(Vec::new());
    for row in rows {
        writer.write_record(row).expect("CSV");
    }
    let text = String::from_utf8(writer.into_inner().expect("CSV")).expect("UTF-8");
    report_json(&[folder.write("changed.csv", text)], &[])
}

#[test]
fn a_column_that_was_emptied_or_exchanged_is_refused() {
    let folder = Folder::new();
    let logs = ["good.csv", "bad.csv"].map(|file| fixture("formats/batchwise-csv").join(file));
    for rows in [cells(&folder, &[october()]), cells(&folder, &logs)] {
        assert_ne!(report_of_cells(&folder, &rows).code, 4);
        let is_filled = |at: usize| rows[1..].iter().any(|row| row[0] != "name" && !row[at].is_empty());
        let filled: Vec<usize> = (0..rows[0].len()).filter(|at| is_filled(*at)).collect();
        assert!(filled.len() > 20, "{} columns are filled", filled.len());
        for (place, &at) in filled.iter().enumerate() {
            let mut emptied = rows.clone();
            emptied[1..].iter_mut().for_each(|row| row[at].clear());
            assert_eq!(report_of_cells(&folder, &emptied).code, 4, "`{}` was emptied", rows[0][at]);
            let other = filled[(place + 1) % filled.len()];
            // Of single calls there are as many requests as rows.
            if !rows[1..].iter().any(|row| !row[1].is_empty() && row[at] != row[other]) {
                continue;
            }
            let mut exchanged = rows.clone();
            exchanged[0].swap(at, other);
            let run = report_of_cells(&folder, &exchanged);
            assert_eq!(run.code, 4, "`{}` and `{}` were exchanged", rows[0][at], rows[0][other]);
        }
        // One cell is enough.
        let changed = |name: &str, text: &str| {
            let at = rows[0].iter().position(|known| known == name).expect("a column");
            let mut changed = rows.clone();
            let row = changed.iter_mut().rfind(|row| row[0] == "accepted").expect("a line");
            assert_ne!(row[at], text);
            text.clone_into(&mut row[at]);
            report_of_cells(&folder, &changed)
        };
        for (name, text) in [("project", "another"), ("model", "gpt-5.4-nano"), ("end_users", "0123456789abcdef")] {
            refused(&changed(name, text), 4, "rollup-changed", "batchwise rollup -o");
        }
    }
    // In the `control` row the two are exchanged as well.
    let mut rows = cells(&folder, &[october()]);
    let place = |name: &str| COLUMNS.iter().position(|column| *column == name).expect("a column");
    rows[0].swap(place("cache_read_tokens"), place("cache_write_5m_tokens"));
    refused(&report_of_cells(&folder, &rows), 4, "rollup-changed", "the cells of input 1");
    // Who writes a file by another query need not say it.
    rows[0].swap(place("cache_read_tokens"), place("cache_write_5m_tokens"));
    for row in &mut rows {
        let about = &mut row[place("about")];
        let Some(from) = about.find(",\"checksum\":") else { continue };
        let to = about[from + 1..].find(',').map_or(about.len() - 1, |more| from + 1 + more);
        about.replace_range(from..to, "");
    }
    let whole = cells(&folder, &[october()]);
    assert_eq!(report_of_cells(&folder, &rows).stdout, report_of_cells(&folder, &whole).stdout);
}

#[test]
fn zeros_behind_gzip_data_are_noted_of_a_rollup_too() {
    let folder = Folder::new();
    let log = folder.write("log.csv.gz", [gzip(&fs::read(october()).expect("a log")), vec![0; 512]].concat());
    let raw = report_json(std::slice::from_ref(&log), &[]);
    assert!(raw.stdout.contains("trailing-zeros"), "{}", raw.transcript());
    let mut part = vec![log];
    for depth in 0..2 {
        part = vec![rollup(&folder, &format!("{depth}.csv"), &part, &["--hours"])];
        assert_eq!(report_json(&part, &[]).transcript(), raw.transcript());
    }
}

#[test]
fn a_line_that_cannot_be_read_is_named() {
    let folder = Folder::new();
    let whole = lines(&folder);
    let last = whole.iter().rposition(|line| line.starts_with("accepted,1,")).expect("a line of usage");
    let wrong = [
        ("accepted,1,2026-", "accepted,1,2O26-", "`day` is `2O26-"),
        ("accepted,1,", "accepted,0,", "`input` is `0`"),
        ("accepted,1,", "taken,1,", "`fate` is `taken`"),
        (",call,1,", ",calls,1,", "`grain` is `calls`"),
        (",call,1,", ",call,yes,", "`one_request` is `yes`"),
        (",tokens,", ",token,", "`kind` is `token`"),
    ];
    for (from, to, holds) in wrong {
        let mut lines = whole.clone();
        assert!(lines[last].contains(from), "{from}");
        lines[last] = lines[last].replacen(from, to, 1);
        let run = report_of(&folder, &lines);
        refused(&run, 4, "rollup-line", holds);
        assert!(run.stderr.contains(&format!("mutant.csv:{}", last + 1)), "{}", run.transcript());
    }
    let mut lines = whole.clone();
    lines[last].push(',');
    refused(&report_of(&folder, &lines), 4, "rollup-line", "another number of cells");
    let mut lines = whole.clone();
    lines[1] = lines[1].replace("batchwise.rollup/1", "batchwise.rollup/2");
    refused(&report_of(&folder, &lines), 4, "rollup-version", "batchwise.rollup/2");
    let mut lines = whole;
    lines[1] = lines[1].replace("{\"\"schema", "{\"\"schema\"\":1,\"\"schema");
    refused(&report_of(&folder, &lines), 4, "rollup-line", "`about` cannot be read");
}

#[test]
fn what_the_file_cannot_tell_is_refused_by_name() {
    let folder = Folder::new();
    let part = rollup(&folder, "october.csv", &[october()], &[]);
    let ask = |words: &[&str]| finish(program().arg("report").arg(&part).args(words));
    let policy = |name: &str, text: &str| folder.write(name, format!("schema: 1\n{text}\n")).display().to_string();
    let rule = |when: &str| format!("rules: [{{id: a, when: {{{when}}}, then: ask}}]");
    let other = folder.path("october-again.csv");
    let again = |words: &str| format!("`batchwise rollup {words} -o {} october.csv`", other.display());
    for (text, holds) in [
        ("workload: [team]".to_owned(), "`team`"),
        ("workload: [tag.feature]".to_owned(), "`tag.feature`"),
        (rule("user: ada"), "`user`"),
        (rule("latency_ms: {above: 1000}"), "`latency_ms` of 1001"),
        (rule("input_tokens: {below: 500}"), "`input_tokens` of 500"),
        (rule("hour: {from: 1, to: 5}"), "`hour` of 1"),
        (rule("status: \"5*\""), "`status` of 5 from"),
    ] {
        let file = policy("policy.yaml", &text);
        let run = ask(&["--policy", &file]);
        refused(&run, 2, "rollup-too-coarse", holds);
        assert!(run.stderr.contains(&again(&format!("--policy {file}"))), "{}", run.transcript());
    }
    // No file keeps digits, so that making one is refused too.
    let digits = policy("digits.yaml", &rule("status: \"*04\""));
    refused(&ask(&["--policy", &digits]), 2, "rollup-digits", "rule `a` looks at the digits of `status`");
    let made = finish(program().args(["rollup", OCTOBER, "--policy", &digits, "-o"]).arg(folder.path("none.csv")));
    refused(&made, 2, "rollup-digits", "\"4??\"");
    let statement = run(["sql", "--dialect", "duckdb", "--table", "calls", "--policy", &digits]);
    refused(&statement, 2, "rollup-digits", "`status`");
    refused(&ask(&["--by", "team"]), 2, "rollup-too-coarse", "`team`");
    refused(&ask(&["--by", "team"]), 2, "rollup-too-coarse", &again("--by team"));
    // What was asked of the file before is asked of it again.
    let days = ["--from", "2026-10-01", "--to", "2026-10-31", "--hours", "--source", "the gateway", "--shard", "1/2"];
    let finer = rollup(&folder, "finer.csv", &[october()], &days);
    let run = report_json(std::slice::from_ref(&finer), &["--by", "team"]);
    let words = "--by team --hours --from 2026-10-01 --to 2026-10-31 --source 'the gateway' --shard 1/2";
    let another = folder.path("finer-again.csv");
    let mend = format!("`batchwise rollup {words} -o {} october.csv`", another.display());
    refused(&run, 2, "rollup-too-coarse", &mend);
    // The command does mend it.
    run_as_typed(&mend);
    assert_ne!(report_json(&[another], &["--by", "team"]).code, 2);
    // So is how its inputs were read.
    let as_read = rollup(&folder, "as-read.csv", &[october()], &["--no-dedupe", "--provider", "openai"]);
    refused(
        &report_json(&[as_read], &["--by", "team"]),
        2,
        "rollup-too-coarse",
        "rollup --by team --no-dedupe --provider openai -o",
    );
    refused(&ask(&["--by", "tag.feature"]), 2, "rollup-too-coarse", "`tag.feature`");
    let prices = fs::read_to_string(root().join("pricing.yaml")).expect("prices").replacen("272000:", "271000:", 1);
    let prices = folder.write("prices.yaml", prices);
    let run = ask(&["--prices", prices.to_str().expect("a name")]);
    refused(&run, 2, "rollup-too-coarse", "`input_tokens` of 271001");
    // What the file was made for it can tell, and so all that is coarser.
    let rules =
        policy("policy.yaml", &rule("latency_ms: {above: 1000}, hour: {from: 1, to: 5}, status: [\"2*\", \"4??\"]"));
    let words = ["--policy", &*rules, "--by", "team"];
    let fine = rollup(&folder, "fine.csv", &[october()], &[&words[..], &["--hours"]].concat());
    assert_eq!(
        report_json(std::slice::from_ref(&fine), &words).transcript(),
        report_json(&[october()], &words).transcript()
    );
    assert_eq!(report_json(&[fine], &[]).transcript(), report_json(&[october()], &[]).transcript());
}

#[test]
fn other_words_and_other_rates_are_refused() {
    let folder = Folder::new();
    let words = "words: {real-time: [pelican], batch: [nightly], interactive-apps: [cursor]}";
    let words = folder.write("words.yaml", format!("schema: 1\n{words}\n"));
    let words = ["--policy", words.to_str().expect("a name")];
    let part = rollup(&folder, "october.csv", &[october()], &[]);
    refused(&report_json(std::slice::from_ref(&part), &words), 2, "rollup-too-coarse", "the word `pelican`");
    let case = fixture("invoices/20-currency-with-rate");
    let (logs, policy) = (["usage.csv", "cost.csv"].map(|log| case.join(log)), case.join("policy.yaml"));
    let policy = ["--policy", policy.to_str().expect("a name")];
    let part = [rollup(&folder, "euro.csv", &logs, &policy)];
    assert_eq!(report_json(&part, &policy).transcript(), report_json(&logs, &policy).transcript());
    refused(&report_json(&part, &[]), 2, "rollup-too-coarse", "amounts in EUR at another rate than the policy's");
}

#[test]
fn end_users_of_parts_are_counted_together() {
    let folder = Folder::new();
    let log = |name: &str, users: std::ops::Range<u32>| {
        let row = |user| format!("{name}-{user},2026-10-04T10:00:00Z,gpt-5.4,1000,10,desk,user-{user}\n");
        let header = "request_id,timestamp,model,input_tokens,output_tokens,project,end_user\n";
        folder.write(&format!("{name}.csv"), header.to_owned() + &users.map(row).collect::<String>())
    };
    // The third user stands in both parts.
    for (users, are_many) in [(4, false), (5, true), (6, true)] {
        let logs = [log("first", 0..3), log("second", 2..users)];
        let parts = [
            rollup(&folder, "first.part.csv", &logs[..1], &["--force"]),
            rollup(&folder, "second.part.csv", &logs[1..], &["--force"]),
        ];
        let raw = report_json(&logs, &[]);
        assert_eq!(report_json(&parts, &[]).transcript(), raw.transcript(), "{users} users");
        assert_eq!(raw.stdout.contains("many-end-users"), are_many, "{users} users");
    }
}

#[test]
fn days_that_the_file_was_not_made_of_are_refused() {
    let folder = Folder::new();
    let days = ["--from", "2026-10-05", "--to", "2026-10-20"];
    let part = rollup(&folder, "some-days.csv", &[october()], &days);
    let more = report_json(std::slice::from_ref(&part), &["--to", "2026-10-25"]);
    refused(&more, 2, "rollup-too-coarse", "--from 2026-10-05 --to 2026-10-20 hold no other days");
    assert!(more.stderr.contains("covers the days from 2026-10-21 to 2026-10-25 too"), "{}", more.transcript());
    // The command makes a file with which the run goes on.
    let missing = folder.path("some-days-again.csv");
    let mend = format!("`batchwise rollup --from 2026-10-21 --to 2026-10-25 -o {} october.csv`", missing.display());
    refused(&more, 2, "rollup-too-coarse", &mend);
    run_as_typed(&mend);
    assert_eq!(report_json(&[part.clone(), missing], &["--to", "2026-10-25"]).code, 0);
    refused(&report_json(&[part.clone(), october()], &[]), 2, "rollup-too-coarse", "hold no other days");
    // Its own days need not be typed again.
    let part = rollup(&folder, "with-hours.csv", &[october()], &[&days[..], &["--hours"]].concat());
    let direct = report_json(&[october()], &days);
    for typed in [&[][..], &days] {
        assert_eq!(report_json(std::slice::from_ref(&part), typed).transcript(), direct.transcript());
    }
    // Parts by day are one report, unless a day lies between them.
    let parts = [("2026-10-05", "2026-10-12"), ("2026-10-13", "2026-10-20"), ("2026-10-14", "2026-10-20")];
    let parts =
        parts.map(|(from, to)| rollup(&folder, &format!("{from}.csv"), &[october()], &["--from", from, "--to", to]));
    let (halves, apart) =
        (report_json(&parts[..2], &[]).json(), report_json(&[parts[0].clone(), parts[2].clone()], &[]));
    for key in ["period", "usage", "cost", "scenarios", "workloads", "reconciliation"] {
        assert_eq!(halves[key], direct.json()[key], "{key}");
    }
    refused(&apart, 2, "rollup-too-coarse", "but this run covers 2026-10-13 too");
    // A file of all days tells of some.
    let all = rollup(&folder, "october.csv", &[october()], &["--hours"]);
    assert_eq!(report_json(&[all], &days).transcript(), report_json(&[october()], &days).transcript());
}

#[test]
fn what_is_given_twice_is_refused() {
    let folder = Folder::new();
    let part = rollup(&folder, "a.csv", &[october()], &[]);
    let zipped = rollup(&folder, "b.csv.gz", &[october()], &[]);
    for twice in [[part.clone(), part.clone()], [part.clone(), zipped], [part, october()]] {
        refused(&report_json(&twice, &[]), 4, "overlap", "holds `october.csv`, which another input holds too");
    }
    // The same log under another name, or packed, is one log; another log of one name, size and days is not.
    let text = fs::read_to_string(october()).expect("a log");
    let named = folder.write("named.csv", &text);
    let packed = folder.write("packed.csv.gz", gzip(text.as_bytes()));
    let part = rollup(&folder, "d.csv", &[october()], &[]);
    for log in [&named, &packed] {
        let own = rollup(&folder, "own.csv", std::slice::from_ref(log), &["--force"]);
        for twice in [[part.clone(), own.clone()], [part.clone(), log.clone()], [own, october()]] {
            refused(&report_json(&twice, &[]), 4, "overlap", "which has the contents of `");
        }
    }
    // With its rows in another order it is other bytes, and comes to the same.
    let (header, rows) = text.split_once('\n').expect("a header");
    let mut rows: Vec<&str> = rows.lines().collect();
    rows.reverse();
    let reordered = folder.write("reordered.csv", format!("{header}\n{}\n", rows.join("\n")));
    let reordered = |options: &[&str]| {
        rollup(&folder, "own.csv", std::slice::from_ref(&reordered), &[&["--force"], options].concat())
    };
    for options in [&[][..], &["--hours"]] {
        let twice = [part.clone(), reordered(options)];
        refused(&report_json(&twice, &[]), 4, "overlap", "which has the days, rows and sums of `october.csv`");
    }
    // Two sources may.
    let parts = [rollup(&folder, "east.csv", &[october()], &["--source", "east"]), reordered(&["--source", "west"])];
    assert_eq!(report_json(&parts, &[]).code, 0);
    let run = report_json(&[part.clone(), named], &[]);
    assert!(run.stderr.contains("leave out one of `d.csv` and `named.csv`"), "{}", run.transcript());
    fs::create_dir(folder.path("other")).expect("a folder");
    let other = folder.write("other/october.csv", text.replace("2026-10-0", "2026-10-1"));
    assert_eq!(fs::metadata(&other).expect("a file").len(), fs::metadata(october()).expect("a file").len());
    let other = rollup(&folder, "e.csv", &[other], &[]);
    assert_ne!(report_json(&[part, other], &[]).code, 4);
    // Where every row is to count, it does.
    let part = rollup(&folder, "c.csv", &[october()], &["--no-dedupe"]);
    assert_eq!(report_json(&[part, october()], &["--no-dedupe"]).code, 0);
}

#[test]
fn commands_that_show_calls_refuse_the_file() {
    let folder = Folder::new();
    let part = rollup(&folder, "october.csv", &[october()], &[]);
    let ask = |command: &str, words: &[&str]| finish(program().arg(command).arg(&part).args(words));
    refused(&ask("classify", &[]), 2, "rollup-no-calls", "`classify`");
    refused(&ask("explain", &["--call", "x"]), 2, "rollup-no-calls", "--workload NAME");
    let raw = |command: &str, words: &[&str]| finish(program().arg(command).arg(october()).args(words));
    assert_eq!(ask("init", &[]).transcript(), raw("init", &[]).transcript());
    let workload = ask("explain", &["--workload", "support-chat"]);
    assert_eq!(workload.code, 0, "{}", workload.transcript());
    let about = raw("explain", &["--workload", "support-chat"]).stdout;
    let (sums, _) = about.split_once("rule by rule").expect("examples");
    let sums = sums.rsplit_once('\n').map_or(sums, |(sums, _)| sums);
    assert_eq!(workload.stdout.trim_end(), sums.trim_end());
    let inspected = ask("inspect", &[]);
    assert!(inspected.stdout.contains("batchwise-csv"), "{}", inspected.transcript());
}

#[test]
fn a_file_that_saves_nothing_says_why() {
    let folder = Folder::new();
    let made = |name: &str, projects: usize| {
        let row = |at: usize| format!("call-{at},2026-10-04T10:00:00Z,gpt-5.4,1000,10,desk-{}\n", at % projects);
        let header = "request_id,timestamp,model,input_tokens,output_tokens,project\n";
        let log = folder.write(name, header.to_owned() + &(0..24_000).map(row).collect::<String>());
        finish(program().arg("rollup").arg(log).arg("-o").arg(folder.path(&format!("{name}.csv")))).stderr
    };
    assert_eq!(made("few", 11_999), "note: 11,999 lines for 24,000 rows that count\n");
    let many = made("many", 12_001);
    assert!(many.starts_with("note: 12,001 lines for 24,000 rows that count; few rows agree"), "{many}");
    assert!(many.contains(" hint: its lines differ most in `project` (12,001 values); leave out"), "{many}");
}

#[test]
fn a_rollup_is_written_whole_or_not_at_all() {
    let folder = Folder::new();
    let words = |name: &str| [OCTOBER.to_owned(), "-o".to_owned(), folder.path(name).display().to_string()];
    let made = |name: &str, more: &[&str]| finish(program().arg("rollup").args(words(name)).args(more));
    refused(&made("part.json", &[]), 2, "usage", ".csv, .csv.gz or .csv.zst");
    refused(&made("part.csv", &["--keep-partial"]), 2, "usage", "--keep-partial");
    assert_eq!(made("part.csv", &[]).code, 0);
    refused(&made("part.csv", &[]), 5, "unwritable", "--force");
    let before = fs::read(folder.path("part.csv")).expect("a file");
    assert_eq!(made("part.csv", &["--force", "--threads", "2"]).code, 0);
    assert_eq!(fs::read(folder.path("part.csv")).expect("a file"), before);
    assert!(!Path::new(&folder.path("part.json")).exists());
    assert_eq!(run(["rollup", OCTOBER]).code, 2);
}

/// What a query writes: few columns, one line for each fate, and no ledger.
#[test]
fn a_file_that_a_query_wrote_is_its_own_input() {
    let folder = Folder::new();
    let log = folder.write(
        "log.csv",
        "request_id,timestamp,model,workload_tag,input_tokens,output_tokens,end_user\n\
         a,2026-10-04T09:00:00Z,gpt-5.4,crm,1000,50,ada\n\
         a,2026-10-04T09:00:00Z,gpt-5.4,crm,1000,50,ada\n\
         b,2026-10-05T09:00:00Z,gpt-5.4,crm,300000,60,bob\n\
         c,2026-10-05T09:00:00Z,gpt-5.4,crm,-1,60,bob\n\
         d,2026-10-05T10:00:00Z,text-embedding-3-small,index,700,,\n",
    );
    let made = rollup(&folder, "made.csv", std::slice::from_ref(&log), &[]);
    let made = fs::read_to_string(made).expect("a file");
    let about = made.lines().nth(1).expect("a row").rsplit_once(",\"{").expect("JSON").1;
    let about = about.split_once("}\"").expect("JSON").0;
    // A query may write few columns, and says which.
    let (before, columns) = about.split_once("\"\"columns\"\":[").expect("columns");
    let after = columns.split_once("],").expect("columns").1;
    let columns = ["fate", "rows", "tag.workload"].map(|column| format!("\"\"{column}\"\"")).join(",");
    let about = format!("{before}\"\"columns\"\":[{columns}],{after}");
    let whole = format!(
        "fate,input,day,grain,one_request,model,kind,classes,at_prompt,end_users,rows,requests,input_tokens,output_tokens,about,tag.workload\n\
         accepted,1,2026-10-04,call,1,gpt-5.4,tokens,17,0,6a37d9ce0c8ba9f0,1,1,1000,50,,crm\n\
         accepted,1,2026-10-05,call,1,gpt-5.4,tokens,17,272001,,1,1,300000,60,,crm\n\
         no-output,1,2026-10-05,call,1,text-embedding-3-small,tokens,1,0,,1,1,700,,,index\n\
         no-output,1,2026-10-05,call,1,gpt-5.4,tokens,1,0,,3,3,700,,,crm\n\
         duplicate,1,2026-10-04,,,,,,,,1,,,,,\n\
         duplicate-no-output,1,2026-10-04,,,gpt-5.4,,,,,2,,,,,\n\
         outside,1,2026-09-30,,,,,,,,5,,,,,\n\
         rejected:negative,1,2026-10-05,,,,,,,,1,,,,,\n\
         control,1,,,,,,,,,15,6,302400,110,\"{{\"\"lines\"\":8}}\",\n\
         control,,,,,,,,,,0,,,,\"{{{}}}\",\n",
        about.replace("\"\"lines\"\":0,", "\"\"lines\"\":0,\"\"source\"\":\"\"calls\"\",")
    );
    let part = folder.write("query.csv", &whole);
    let days = ["--from", "2026-10-04", "--to", "2026-10-05"];
    let read = report_json(std::slice::from_ref(&part), &days);
    let (read_json, raw) = (read.json(), report_json(&[log], &days).json());
    assert_eq!(read.code, 3, "{}", read.transcript());
    for key in ["usage", "cost", "eligibility", "workloads"] {
        assert_eq!(read_json[key], raw[key], "{key}");
    }
    let input = &read_json["inputs"][0];
    assert_eq!((&input["file"], &input["format"]), (&"query.csv".into(), &"batchwise-rollup".into()));
    let rows = serde_json::json!({"read": 15, "header": 0, "preamble": 0, "blank": 0, "totals": 0, "not_usage": 0,
        "outside": 5, "accepted": 3, "duplicate": 1, "rejected": 6});
    assert_eq!(input["rows"], rows);
    // Another part of the same source and days holds the same calls, most likely.
    let other = folder.write("other.csv", whole.replace("crm", "chat"));
    refused(&report_json(&[part, other], &[]), 4, "overlap", "is made from the source of `query.csv`");
}

#[test]
fn any_number_of_threads_and_any_order_of_rows_write_the_same_lines() {
    let folder = Folder::new();
    let log = fs::read_to_string(october()).expect("a log");
    let (header, rows) = log.split_once('\n').expect("a header");
    // Enough for several threads; an id that no other row has.
    let copies = (0..6).flat_map(|copy| rows.lines().map(move |row| format!("{copy}{row}")));
    let mut rows: Vec<String> = copies.collect();
    let write = |rows: &[String]| folder.write("log.csv", format!("{header}\n{}\n", rows.join("\n")));
    let made = |name: &str, log: PathBuf, threads: &str| {
        let part = rollup(&folder, name, &[log], &["--hours", "--threads", threads]);
        fs::read_to_string(part).expect("a file")
    };
    let one = made("one.csv", write(&rows), "1");
    for threads in ["2", "5"] {
        assert_eq!(made(&format!("{threads}.csv"), write(&rows), threads), one, "{threads} threads");
    }
    rows.reverse();
    // All but the hash of the contents, which are others.
    let lines = |text: &str| -> Vec<String> {
        let other = |line: &&str| !line.contains("\"\"content\"\"");
        text.lines().filter(other).map(ToOwned::to_owned).collect()
    };
    assert_eq!(lines(&made("reversed.csv", write(&rows), "3")), lines(&one));
}

#[test]
fn duplicates_leave_no_trace_in_the_lines() {
    let folder = Folder::new();
    let log = fs::read_to_string(october()).expect("a log");
    let (header, rows) = log.split_once('\n').expect("a header");
    let rows: Vec<String> = (0..6).flat_map(|copy| rows.lines().map(move |row| format!("{copy}{row}"))).collect();
    let (early, late) = rows.split_at(rows.len() / 2);
    let write =
        |name: &str, rows: &[&[String]]| folder.write(name, format!("{header}\n{}\n", rows.concat().join("\n")));
    // What counts of an input, without what its ledger says of it.
    let lines = |name: &str, inputs: &[PathBuf], threads: &str| {
        let text =
            fs::read_to_string(rollup(&folder, name, inputs, &["--hours", "--threads", threads])).expect("a file");
        let (control, lines): (Vec<&str>, Vec<&str>) = text.lines().partition(|line| line.contains("control"));
        assert!(control.len() > inputs.len() && lines.len() > 100, "{text}");
        lines.join("\n")
    };
    let once = [write("a.csv", &[early]), write("b.csv", &[late])];
    let once = lines("once.csv", &once, "1");
    // Half of a file again in itself, a third of the first in the second, and a row of it.
    let own = write("a.csv", &[&early[500..], early]);
    let (few, one) = (write("few.csv", &[late, &early[..early.len() / 3]]), write("one.csv", &[late, &early[7..8]]));
    for (name, second) in [("few", few), ("one", one), ("none", folder.path("b.csv"))] {
        for threads in ["1", "4"] {
            let part = format!("{name}-on-{threads}.csv");
            assert_eq!(lines(&part, &[own.clone(), second.clone()], threads), once, "{part}");
        }
    }
}

#[test]
fn hours_are_those_of_all_rows_or_of_none() {
    let folder = Folder::new();
    let plan = |inputs: &[&Path]| finish(program().arg("plan").args(inputs).args(["--format", "json"])).json();
    let more = folder.write(
        "more.csv",
        "request_id,timestamp,model,input_tokens,output_tokens\nx,2026-11-02T09:00:00Z,gpt-5.4,1000,50\n",
    );
    let (with, without) =
        (rollup(&folder, "with.csv", &[october()], &["--hours"]), rollup(&folder, "without.csv", &[october()], &[]));
    let raw = plan(&[&october(), &more]);
    assert!(find(&raw, "hours").is_array());
    assert_eq!(plan(&[&with, &more]), raw);
    assert!(find(&plan(&[&without, &more]), "hours").is_null());
}

/// The value of a key, wherever it stands.
fn find(value: &serde_json::Value, key: &str) -> serde_json::Value {
    match value {
        serde_json::Value::Object(map) => map
            .get(key)
            .cloned()
            .or_else(|| map.values().map(|value| find(value, key)).find(|found| *found != NOTHING))
            .unwrap_or(NOTHING),
        _ => NOTHING,
    }
}

/// Stands for a key that is nowhere.
const NOTHING: serde_json::Value = serde_json::Value::Bool(false);

#[test]
fn calls_of_different_sources_may_be_the_same() {
    let folder = Folder::new();
    let log = |name: &str, day: u32| {
        let row = format!("{name},2026-10-0{day}T10:00:00Z,gpt-5.4,1000,10");
        folder.write(&format!("{name}.csv"), format!("request_id,timestamp,model,input_tokens,output_tokens\n{row}\n"))
    };
    let part = |name: &str, words: &[&str]| rollup(&folder, &format!("{name}.part.csv"), &[log(name, 4)], words);
    let [one, two] = [part("one", &["--source", "gateway"]), part("two", &["--source", "billing"])];
    let [unnamed, other] = ["unnamed", "other"].map(|name| part(name, &[]));
    let (same_day, next_day) = (log("same-day", 4), log("next-day", 5));
    for (inputs, words, unchecked) in [
        ([&one, &two], &[][..], 2),
        ([&one, &unnamed], &[], 2),
        ([&unnamed, &same_day], &[], 2),
        ([&unnamed, &same_day], &["--no-dedupe"], 0),
        ([&unnamed, &next_day], &[], 0),
        ([&unnamed, &other], &[], 0),
    ] {
        let report = report_json(&inputs.map(Clone::clone), words).json();
        let notes = report["warnings"].as_array().expect("notes").iter();
        let found: Vec<_> = notes.filter(|note| note["code"] == "duplicates-unchecked").collect();
        let counted = found.first().map_or(0, |note| note["count"].as_u64().expect("a count"));
        assert_eq!((counted, found.len()), (unchecked, usize::from(unchecked > 0)), "{inputs:?} {words:?}");
    }
}

#[test]
fn parts_of_parts_keep_their_sources() {
    let folder = Folder::new();
    let log = |name: &str| {
        let row = format!("{name},2026-10-04T10:00:00Z,gpt-5.4,1000,10");
        folder.write(&format!("{name}.csv"), format!("request_id,timestamp,model,input_tokens,output_tokens\n{row}\n"))
    };
    let part = |name: &str, words: &[&str]| rollup(&folder, &format!("{name}.part.csv"), &[log(name)], words);
    let parts = [
        part("one", &["--source", "gateway", "--shard", "1/2"]),
        part("two", &["--source", "gateway", "--shard", "2/2"]),
        part("three", &["--source", "billing"]),
        part("four", &[]),
        log("five"),
    ];
    for (name, inputs) in
        [("all", &parts[..]), ("shards", &parts[..2]), ("sources", &parts[1..3]), ("mixed", &parts[3..])]
    {
        let direct = report_json(inputs, &[]);
        let mut merged = inputs.to_vec();
        for depth in 0..3 {
            merged = vec![rollup(&folder, &format!("{name}-{depth}.csv"), &merged, &[])];
            assert_eq!(report_json(&merged, &[]).transcript(), direct.transcript(), "{name}, {depth}");
        }
    }
    // What is refused of the parts is refused of what they were put into.
    let again = part("six", &["--source", "gateway", "--shard", "2/2"]);
    let merged = folder.path("shards-2.csv");
    refused(&report_json(&[merged.clone(), again.clone()], &[]), 4, "overlap", "the source of `shards-2.csv`");
    let made = finish(program().arg("rollup").args([merged, again, PathBuf::from("-o"), folder.path("none.csv")]));
    refused(&made, 4, "overlap", "shares days");
}

#[test]
fn shards_of_a_source_share_days() {
    let folder = Folder::new();
    let part = |name: &str, log: &str, words: &[&str]| {
        rollup(&folder, name, &[folder.write(&format!("{name}.log.csv"), log)], words)
    };
    let log = |id: &str| {
        format!("request_id,timestamp,model,input_tokens,output_tokens\n{id},2026-10-04T10:00:00Z,gpt-5.4,1000,10\n")
    };
    let [one, two] = [log("call-of-one-shard"), log("call-of-another-shard")];
    let first = part("first.csv", &one, &["--source", "gateway", "--shard", "1/2"]);
    let second = part("second.csv", &two, &["--source", "gateway", "--shard", "2/2"]);
    let report = report_json(&[first.clone(), second], &[]);
    assert_eq!(report.code, 0, "{}", report.transcript());
    // The same shard again, one of another number of shards, none at all.
    for (name, words) in [("a.csv", &["--shard", "1/2"][..]), ("b.csv", &["--shard", "2/3"]), ("c.csv", &[])] {
        let again = part(name, &two, &[&["--source", "gateway"], words].concat());
        refused(&report_json(&[first.clone(), again], &[]), 4, "overlap", "--shard 1/4");
    }
    let other = part("d.csv", &two, &["--source", "billing", "--shard", "1/2"]);
    assert_eq!(report_json(&[first, other], &[]).code, 0);
    for wrong in ["0/2", "3/2", "2", "a/b"] {
        let made = finish(
            program().args(["rollup", OCTOBER, "--source", "x", "--shard", wrong, "-o"]).arg(folder.path("e.csv")),
        );
        assert_eq!(made.code, 2, "{}", made.transcript());
        assert!(made.stderr.contains("is no shard such as 2/4"), "{}", made.transcript());
    }
}
