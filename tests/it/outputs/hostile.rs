//! Names that others typed: what moves a terminal, runs in a spreadsheet, or must not travel.

use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::support::{Folder, Run, finish, program};

/// Keys in the shapes of real ones, of every vendor of the price table that marks its own and of what else stands in
/// logs: marks and bodies apart, so that nobody takes them for real.
const SECRETS: [(&str, &str); 35] = [
    ("sk-ant-", "api03-Zq7Lm2Xw9Rt4Yb6Nc1Vd8Kf3Hj5Ps0Ga"),
    ("sk-proj-", "T4kR8wQ2zX6vB1nM9cL5jH3gF7dS0aPo"),
    ("sk-", "Jh2Gf9Ds4Qw7Er1Ty6Ui3Op8"),
    ("AKIA", "4T7QW2ER9YU3IO5P"),
    ("AIza", "SyB8x2K5q9W1e4R7t0Y3u6I9o2P5a8S1d4F"),
    ("eyJ", "hbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0"),
    ("xai-", "4Rt7Yb2Nc9Vd1Kf8Hj3Ps6Ga5Zq0Lm7Xw2Bn4"),
    ("gsk_", "9Wq3Er7Ty1Ui5Op8As2Df6Gh4Jk0Lz7Xc3Vb9"),
    ("tgp_v1_", "5Tg8Yh2Uj6Ik0Ol4Pa7Zs1Xd9Cf3Vg5Bh8Nj"),
    ("fw_", "3ZKq8Wn5Rt2Yb7Vc9Xd4Lm6P"),
    ("pa-", "8Hn4Jm1Kl7Po3Iu9Yt5Re2Wq6Az0Sx8Dc4Fv7Gb1Hn"),
    ("ABSK", "QmVkcm9ja0FQSUtleS1mNjJ4OmE5YzE3ZDM0ZjI4YjY1ZTkxYTA3ZDRjOGIzZjY="),
    ("7Gh2Jk9Lz4Xc1Vb8Nm5Qw3Er6Ty0Ui7Op2As9Df4Gh1Jk8Lz5Xc3V", "JQQJ99BKACYeBjFXJ3w3AAABACOGx7Qm"),
    ("ya29.", "a0Af9Kj2Lm5Np8Qr1St4Uv7Wx0Yz3Bc6De9Fg"),
    ("GOCSPX-", "7Yh3Uj9Ik2Ol5Pz8Xs1Dc4Fv6Gb0"),
    ("nvapi-", "2Sx6Dc9Fv3Gb7Hn1Jm5Kl8Po4Iu0Yt2Re6Wq"),
    ("pplx-", "6Fv1Gb8Hn3Jm7Kl2Po9Iu4Yt5Re0Wq6Az3Sx8Dc1Fv7Gb2Hn"),
    ("r8_", "1Qa5Ws9Ed3Rf7Tg2Yh6Uj0Ik4Ol8Pz1Xs5Dc9"),
    ("hf_", "KjHgFdSaPoIuYtReWqMnBvCxZ7Lk2Jh9Gf"),
    ("dapi", "0f4e2d6c8b1a3957e0d4c2b6a8f19375"),
    ("github_pat_", "11ABCDEFG0x7Kq2Lm9Np4Rs_8Tu1Vw6Xy3Za5Bc0De7Fg2Hi9Jk4"),
    ("gho_", "3Ed7Rf1Tg5Yh9Uj2Ik6Ol0Pz4Xs8Dc1Fv5Gb"),
    ("ghp_", "8Ik2Ol6Pz0Xs4Dc9Fv3Gb7Hn1Jm5Kl8Qa2Ws"),
    ("glpat-", "5Yh9Uj3Ik7Ol1Pz6Xs"),
    ("npm_", "2Dc6Fv0Gb4Hn8Jm1Kl5Qa9Ws3Ed7Rf2Tg6Yh"),
    ("pypi-", "AgEIcHlwaS5vcmcCJDNlNmY3YTA5LWI4YzEtNGQyZi05"),
    ("xoxb-", "2048163264-4096128256512-Gb7Hn1Jm5Kl8Qa2Ws9Ed"),
    ("SG.", "7Rf2Tg6Yh0Uj4Ik8Ol1Pz5.Xs9Dc3Fv7Gb1Hn5Jm9Kl3Qa7Ws1Ed5Rf9Tg3Yh7Uj1I"),
    ("hvs.", "CAESIJ4Rf8Tg2Yh6Uj0Ik4Ol8Pz2Xs6Dc"),
    ("Bearer ", "q8Wn2Rt6.Yb4Vc9-Xd1Lm7_Zp5Ka3"),
    ("Basic ", "YXBwOmRmOUtqMkxtNU5wOFFyMVN0NFV2"),
    ("postgres://app:", "Tg2Yh6Uj0Ik4Ol8Pz2Xs@db.example/x"),
    ("https://octocat:", "Dc3Fv7Gb1Hn5Jm9Kl3Qa@git.example/x"),
    ("lsv2_pt_", "4a8b1c5d9e2f6a0b3c7d_1e5f9a2b6c"),
    ("whsec_", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"),
];

/// A key as it stands in a log.
fn secret(index: usize) -> String {
    let (mark, body) = SECRETS[index % SECRETS.len()];
    format!("{mark}{body}")
}

/// What nobody may read of a key: behind its mark, and before the host of an address.
fn hidden(body: &str) -> &str {
    body.split('@').next().unwrap_or(body)
}

/// Every row names nine things; these are put in their places.
struct Names(Vec<String>);

impl Names {
    fn plain() -> Self {
        Self((0..ROWS * 9).map(|index| format!("name {index}")).collect())
    }

    /// As many names, all different, none of them harmless.
    fn hostile() -> Self {
        let kinds = [
            "\u{1b}[31mred\u{1b}[0m",
            "\u{1b}]8;;https://evil.example\u{7}link\u{1b}]8;;\u{7}",
            "right\u{202e}left",
            "zero\u{200b}width\u{feff}",
            "line\nbreak\r\nand\ttab",
            "=cmd|' /C calc'!A0",
            "+1+1",
            "-2+3",
            "@SUM(A1)",
            " \u{200b}=1+1",
            "\u{9b}31mC1\u{85}\u{7f}",
            "\",\"quote\"\"d",
            "`back`ticks` & <b>tags</b> | pipes",
            "\u{2066}isolate\u{2069}",
            "# heading | a \\| b \\\\| c",
            "- @octocat closes #12, GH-12 and octocat/hello#12",
            "https://evil.example www.evil.example me@evil.example",
            "[link](javascript:alert(1)) ![image](x) [x]: y",
            "</details> <!-- open <script>",
            "$x$ &amp; ~~gone~~ **bold** __bold__ `code",
            "1. one\n\n---\n## two\n> three",
        ];
        let between = [" ", "=", "://", "\u{1b}[1;31m", "\"", "Bearer ", "\u{202e}"];
        let names = (0..ROWS * 9).map(|index| {
            let kind = kinds[index % kinds.len()];
            // A secret in every third name, glued to what stands before it in all ways that keys are.
            if index % 3 == 0 {
                format!("{kind}{}{} n{index}", between[index / 3 % between.len()], secret(index / 3))
            } else {
                format!("{kind} n{index}")
            }
        });
        Self(names.collect())
    }

    /// A name as ids, models and residencies may be: quotes, separators, control characters and those that nobody sees would
    /// reject the row.
    fn whole(&self, index: usize) -> String {
        let refused = "\"'`,;|\u{200b}\u{feff}\u{202e}\u{2066}\u{2069}";
        self.0[index].replace(|character: char| character.is_control() || refused.contains(character), "")
    }

    fn quoted(&self, index: usize) -> String {
        format!("\"{}\"", self.0[index].replace('"', "\"\""))
    }
}

const ROWS: usize = 14;

/// A log of calls under these names: each row in a workload of its own, at a cost of its own; then rows that are rejected.
fn log(folder: &Folder, file: &str, names: &Names) -> PathBuf {
    let header = "timestamp,input_tokens,output_tokens,model,provider,workload_tag,project,api_key_name,team,user,end_user,app,request_id,geo,tag.lane";
    let mut lines = vec![header.to_owned()];
    for row in 0..ROWS {
        let name = |place: usize| names.quoted(row * 9 + place);
        let (id, geo) = (names.whole(row * 9 + 7), names.whole(row * 9 + 8));
        let model = if row == 3 { &geo } else { "gpt-5.4" };
        let cells: Vec<String> = (0..7).map(name).collect();
        lines.push(format!(
            "2026-10-05T10:00:00Z,{},100,{model},openai,{},{id},{geo},{}",
            1_000_000 - row * 1000,
            cells.join(","),
            name(0)
        ));
    }
    // Rejected: a hostile count, a hostile time, a hostile id, a row too wide.
    lines.push(format!("2026-10-05T10:00:00Z,{},100,gpt-5.4,openai,,,,,,,,,,", names.quoted(0)));
    lines.push(format!("{},1000,100,gpt-5.4,openai,,,,,,,,,,", names.quoted(3)));
    lines.push(format!("2026-10-05T10:00:00Z,1000,100,gpt-5.4,openai,,,,,,,,{}\u{7f},,", names.whole(6)));
    lines.push(format!(
        "2026-10-05T10:00:00Z,1000,100,gpt-5.4,{},{},{},{},,,,,,,,,",
        names.quoted(4),
        names.quoted(6),
        names.quoted(9),
        names.quoted(12)
    ));
    let path = folder.path(file);
    std::fs::write(&path, lines.join("\n") + "\n").expect("a file of any name");
    path
}

/// Everything the program writes about a log: standard output, standard error and files, each under its command.
fn everything(folder: &Folder, log: &Path, names: &Names) -> Vec<(String, String)> {
    let out = |name: &str| folder.path(name).display().to_string();
    let (rejects, json, page) = (out("rejects.csv"), out("report.json"), out("report.txt"));
    let (comment, sheet, web) = (out("report.md"), out("report.csv"), out("report.html"));
    let (workload, id) = (names.0[0].as_str(), names.whole(7));
    let plans = ["plan.txt", "plan.json", "plan.md", "plan.csv", "plan.html"].map(out);
    let all = all_moves(folder);
    let mut written = Vec::new();
    let commands: [&[&str]; 15] = [
        &["report"],
        &["report", "--format", "json", "--by", "team"],
        &["report", "--by", "tag.lane", "-o", &json, "-o", &page, "--rejects", &rejects, "--force"],
        &["report", "--by", "tag.lane", "-o", &comment, "-o", &sheet, "-o", &web, "--fingerprint", "--force"],
        &["classify"],
        &["classify", "--format", "jsonl"],
        &["inspect"],
        &["explain", "--workload", workload],
        &["explain", "--workload", "nobody"],
        &["explain", "--call", &id],
        &["init"],
        &["init", "--policy", "fixtures/policy/no-least-requests.yaml"],
        &["plan", "--policy", &all],
        &["plan", "--policy", &all, "-o", &plans[0], "-o", &plans[1], "-o", &plans[2], "-o", &plans[3], "--force"],
        &["plan", "--policy", &all, "-o", &plans[4], "--force"],
    ];
    for words in commands {
        let Run { stdout, stderr, .. } = finish(program().args(&words[..1]).arg(log).args(&words[1..]));
        written.push((format!("{words:?} on standard output"), stdout));
        written.push((format!("{words:?} on standard error"), stderr));
    }
    for file in [rejects, json, page, comment, sheet, web].into_iter().chain(plans) {
        let content = std::fs::read_to_string(&file).expect("a written file");
        written.push((file, content));
    }
    written
}

/// A policy under which every call moves.
fn all_moves(folder: &Folder) -> String {
    let rule = "{id: all, when: {}, then: batch, because: they may}";
    let limits = "{min_requests: 0, min_monthly_saving: 0}";
    folder.write("all.yaml", format!("schema: 1\nrules: [{rule}]\nlimits: {limits}\n")).display().to_string()
}

fn moves_a_terminal(character: char) -> bool {
    (character.is_control() && character != '\n')
        || matches!(character, '\u{ad}' | '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

#[test]
fn nothing_written_moves_a_terminal_or_tells_a_secret() {
    let folder = Folder::new();
    let names = Names::hostile();
    let log = log(&folder, &format!("=cmd \u{1b}[31m\u{202e}\n{}.csv", secret(0)), &names);
    for (place, text) in everything(&folder, &log, &names) {
        // The page and CSV end lines with \n; nothing else may.
        if let Some(character) = text.chars().find(|&character| moves_a_terminal(character)) {
            let at = text.find(character).expect("found");
            let near: String = text[..at].chars().rev().take(60).collect::<Vec<_>>().into_iter().rev().collect();
            panic!("{place}: {character:?} after {near:?}");
        }
        for (mark, body) in SECRETS {
            for window in hidden(body).as_bytes().windows(12) {
                let window = std::str::from_utf8(window).expect("ASCII");
                assert!(!text.contains(window), "{place}: {window} of {mark}");
            }
        }
    }
}

#[test]
fn no_cell_of_a_written_table_runs_as_a_formula() {
    let folder = Folder::new();
    let names = Names::hostile();
    let log = log(&folder, "=calls.csv", &names);
    let written = everything(&folder, &log, &names);
    let tables: Vec<&String> = written
        .iter()
        .filter(|(place, _)| {
            place.ends_with("rejects.csv")
                || place.ends_with("report.csv")
                || place.ends_with("plan.csv")
                || place.starts_with("[\"classify\"] on standard output")
        })
        .map(|(_, text)| text)
        .collect();
    assert_eq!(tables.len(), 4);
    let mut guarded = 0;
    for table in tables {
        for record in csv::Reader::from_reader(table.as_bytes()).records() {
            for cell in &record.expect("a whole table") {
                guarded += usize::from(cell.starts_with('\''));
                let is_number = cell.parse::<f64>().is_ok();
                assert!(
                    is_number
                        || !cell.trim_start_matches([' ', '\u{200b}']).starts_with(['=', '+', '-', '@', '\t', '\r']),
                    "{cell:?}"
                );
            }
        }
    }
    assert!(guarded > 10, "only {guarded} cells were in need of it");
}

/// A report without its names.
fn numbers(report: &Value) -> Value {
    let mut report = report.clone();
    let hide = |rows: &mut Value, keys: &[&str]| {
        for row in rows.as_array_mut().expect("rows") {
            for key in keys {
                if row.get(*key).is_some() {
                    row[*key] = Value::Null;
                }
            }
        }
    };
    hide(&mut report["inputs"], &["file", "bytes"]);
    hide(&mut report["workloads"], &["workload", "detail", "model"]);
    hide(&mut report["questions"], &["workload", "models", "question", "answer"]);
    hide(&mut report["warnings"], &["message"]);
    hide(&mut report["incomplete"], &["message"]);
    hide(&mut report["by"]["rows"], &["value"]);
    hide(&mut report["by"]["workloads"], &["value", "workload", "model"]);
    hide(&mut report["by"]["months"], &["value"]);
    report["usage"]["unpriced"]["models"] = Value::Null;
    report
}

#[test]
fn names_change_no_number() {
    let folder = Folder::new();
    let report = |file: &str, names: &Names| {
        let log = log(&folder, file, names);
        let run = finish(program().arg("report").arg(log).args(["--format", "json", "--by", "project"]));
        assert_eq!(run.code, 3, "rows are rejected and a model has no price");
        run.json()
    };
    let (plain, hostile) = (report("plain.csv", &Names::plain()), report("hostile.csv", &Names::hostile()));
    assert_eq!(plain["workloads"].as_array().expect("rows").len(), ROWS, "names that differ stay apart");
    assert_eq!(numbers(&hostile), numbers(&plain));
}

/// What Markdown makes of a page's lines: headings, items and quotes by their beginning, tables by their cells.
fn structure(page: &str) -> Vec<(String, usize)> {
    let kind = |line: &str| {
        let start: String = line.chars().take_while(|character| "#->| *<".contains(*character)).collect();
        // A pipe parts cells unless it is escaped. An even number of backslashes would escape only themselves.
        let mut cells = 0;
        let mut backslashes = 0;
        for character in line.chars() {
            assert!(character != '|' || backslashes == 0 || backslashes % 2 == 1, "parsers differ about {line:?}");
            cells += usize::from(character == '|' && backslashes == 0);
            backslashes = if character == '\\' { backslashes + 1 } else { 0 };
        }
        (start, cells)
    };
    page.lines().map(kind).collect()
}

/// A line without code and escaped characters, in which nothing is left of what somebody else typed but words.
fn bare(line: &str) -> String {
    let mut bare = String::new();
    let (mut rest, mut in_code) = (line, false);
    while let Some(character) = rest.chars().next() {
        let width = character.len_utf8();
        match character {
            '`' => in_code = !in_code,
            '\\' if !in_code => {
                let escaped = rest[1..].chars().next().filter(char::is_ascii_punctuation);
                assert!(escaped.is_some(), "nothing is escaped in {line:?}");
                rest = &rest[2..];
                continue;
            }
            _ if !in_code => bare.push(character),
            _ => {}
        }
        rest = &rest[width..];
    }
    assert!(!in_code, "code does not end in {line:?}");
    bare
}

#[test]
fn names_change_no_line_of_a_comment_and_no_row_of_a_sheet() {
    let folder = Folder::new();
    let report = |file: &str, names: &Names, form: &str| {
        let log = log(&folder, file, names);
        finish(program().arg("report").arg(log).args(["--format", form, "--by", "project", "--fingerprint"])).stdout
    };
    let (plain, hostile) = (Names::plain(), Names::hostile());
    let hostile_file = "# a|b `c` <d> @octocat #1 \\.csv";
    let (harmless, page) = (report("calls.csv", &plain, "markdown"), report(hostile_file, &hostile, "markdown"));
    assert_eq!(structure(&page), structure(&harmless), "{page}");
    let ours = ["<sub>", "</sub>", "<details>", "</details>", "<summary>", "</summary>", "[!CAUTION]"];
    for line in page.lines() {
        let mut bare = bare(line);
        // What keeps GitHub from looking up a mention, a reference or a link stands behind the sign.
        for sign in ["@", "#", ":", "."] {
            bare = bare.replace(&format!("{sign}<!-- -->"), "");
        }
        for tag in ours {
            bare = bare.replace(tag, "");
        }
        let start = bare.trim_start_matches(['#', '>', ' ']);
        for sign in ["<", "[", "]", "@", "#", "~", "&", "_", "://", "www."] {
            assert!(!start.contains(sign), "{sign} in {line:?}");
        }
    }

    let records = |text: &str| -> Vec<Vec<String>> {
        let mut reader = csv::Reader::from_reader(text.as_bytes());
        let records = reader.records().map(|record| record.expect("a whole row"));
        records.map(|record| record.iter().map(str::to_owned).collect()).collect()
    };
    let (harmless, sheet) = (report("calls.csv", &plain, "csv"), report(hostile_file, &hostile, "csv"));
    assert_eq!(sheet.lines().count(), harmless.lines().count(), "no cell breaks a line");
    let (harmless, sheet) = (records(&harmless), records(&sheet));
    assert_eq!(sheet.len(), harmless.len());
    for (sheet, harmless) in sheet.iter().zip(&harmless) {
        let is_name = |column: usize| [2, 3, 4].contains(&column) || (column == 11 && harmless[10] == "text");
        for column in (0..12).filter(|column| !is_name(*column)) {
            let is_size = harmless[7] == "bytes";
            assert!(is_size || sheet[column] == harmless[column], "{sheet:?} instead of {harmless:?}");
        }
    }
}

#[test]
fn names_change_no_line_of_a_plan() {
    let folder = Folder::new();
    let policy = all_moves(&folder);
    let plan = |file: &str, names: &Names| {
        let log = log(&folder, file, names);
        finish(program().arg("plan").arg(log).args(["--policy", &policy, "--format", "markdown"])).stdout
    };
    let (harmless, page) = (plan("calls.csv", &Names::plain()), plan("# a|b `c`.csv", &Names::hostile()));
    assert!(page.contains("### What to move"), "{page}");
    assert_eq!(structure(&page), structure(&harmless), "{page}");
}

#[test]
fn what_a_report_shows_can_be_explained() {
    let folder = Folder::new();
    let names = Names::hostile();
    let log = log(&folder, "calls.csv", &names);
    let report = finish(program().arg("report").arg(&log).args(["--format", "json"])).json();
    for row in report["workloads"].as_array().expect("rows").iter().step_by(3) {
        let shown = row["workload"].as_str().expect("a name");
        let run = finish(program().arg("explain").arg(&log).args(["--workload", shown]));
        // Some rows are rejected.
        assert_eq!(run.code, 3, "{shown:?}: {}", run.stderr);
    }
    let lines = finish(program().arg("classify").arg(&log)).stdout;
    for record in csv::Reader::from_reader(lines.as_bytes()).records().step_by(3) {
        // What a spreadsheet shows of the id: without the apostrophe that keeps it from running.
        let id = record.expect("a line")[2].trim_start_matches('\'').to_owned();
        let run = finish(program().arg("explain").arg(&log).args(["--call", &id]));
        assert_eq!(run.code, 3, "{id:?}: {}", run.stderr);
    }
}
