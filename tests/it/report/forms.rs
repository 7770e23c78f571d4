//! Every form of the report walked, and every number that two of them share compared.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::{FEW, amount, half_a_digit, incomplete, sample, tables};
use crate::html::tags;
use crate::support::{Folder, finish, fixture, program};
use crate::xlsx::book::Book;

/// Amounts in hundredths of a cent by what they are of, such as `batch-only saving low` or `workload svc-7 gpt-5.4 cost`.
/// Names that have several rows have several amounts.
pub type Numbers = BTreeMap<String, Vec<i64>>;

/// A form of the report.
struct Form {
    /// The ending of its file.
    ending: &'static str,
    /// How far its amounts may be from the exact ones; nothing where they are rounded for readers.
    tolerance: Option<i64>,
    /// Whether it must show everything.
    is_whole: bool,
    read: fn(&Path) -> Numbers,
}

const FORMS: [Form; 6] = [
    Form { ending: "json", tolerance: Some(0), is_whole: true, read: |file| of_json(&text(file)) },
    Form { ending: "csv", tolerance: Some(0), is_whole: true, read: |file| of_csv(&text(file)) },
    Form { ending: "md", tolerance: None, is_whole: false, read: |file| of_markdown(&text(file)) },
    Form { ending: "txt", tolerance: None, is_whole: false, read: |file| of_table(&text(file)) },
    // Exact amounts stand beside the shown ones, for machines.
    Form { ending: "html", tolerance: Some(0), is_whole: false, read: |file| of_html(&text(file)) },
    // The nearest number that a spreadsheet has.
    Form { ending: "xlsx", tolerance: Some(1), is_whole: true, read: of_xlsx },
];

pub fn text(file: &Path) -> String {
    std::fs::read_to_string(file).expect("a text")
}

pub fn note(numbers: &mut Numbers, name: &str, shown: &str) {
    let whole = if shown.contains(['.', '$']) { shown.to_owned() } else { format!("{shown}.0") };
    let found = amount(&whole.replace('+', "")).unwrap_or_else(|| panic!("{name}: `{shown}` is no amount"));
    numbers.entry(name.to_owned()).or_default().push(found);
}

fn of_json(text: &str) -> Numbers {
    let json: Value = serde_json::from_str(text).expect("JSON");
    let mut numbers = Numbers::new();
    let mut put = |name: &str, value: &Value| {
        if let Some(text) = value.as_str() {
            note(&mut numbers, name, text);
        }
    };
    let rows = |value: &Value| value.as_array().cloned().unwrap_or_default();
    for scenario in rows(&json["scenarios"]) {
        let id = scenario["id"].as_str().expect("an id");
        put(&format!("{id} cost"), &scenario["monthly_cost"]["base"]);
        for case in ["low", "base", "high"] {
            put(&format!("{id} saving {case}"), &scenario["monthly_saving"][case]);
        }
    }
    for line in rows(&json["workloads"]) {
        let text = |key: &str| line[key].as_str().unwrap_or_default().to_owned();
        let model = [text("provider"), text("model")].join("/");
        put(&format!("workload {} {} cost", text("workload"), model.trim_start_matches('/')), &line["monthly_cost"]);
    }
    for row in rows(&json["by"]["rows"]) {
        let value = row["value"].as_str().unwrap_or("Unallocated");
        put(&format!("by {value} cost"), &row["cost"]);
        put(&format!("by {value} saving"), &row["batch_saving"]);
    }
    put("by All cost", &json["by"]["total"]["cost"]);
    put("by All saving", &json["by"]["total"]["batch_saving"]);
    for row in rows(&json["movers"]["rows"]) {
        let value = row["value"].as_str().unwrap_or("Unallocated");
        for key in ["first", "second", "change"] {
            put(&format!("mover {value} {key}"), &row[key]);
        }
    }
    numbers
}

fn of_csv(text: &str) -> Numbers {
    let mut numbers = Numbers::new();
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let columns = reader.headers().expect("a header").clone();
    for record in reader.records() {
        let record = record.expect("a whole row");
        let cell = |name: &str| columns.iter().position(|column| column == name).map_or("", |index| &record[index]);
        let subject = if cell("subject").is_empty() { "Unallocated" } else { cell("subject") };
        let model = [cell("provider"), cell("model")].join("/");
        let name = match (cell("section"), cell("metric"), cell("case")) {
            ("scenarios", "monthly_cost", "base") => format!("{subject} cost"),
            ("scenarios", "monthly_saving", case) => format!("{subject} saving {case}"),
            ("workloads", "monthly_cost", _) => {
                format!("workload {} {} cost", cell("subject"), model.trim_start_matches('/'))
            }
            ("by", "total.cost", _) => "by All cost".to_owned(),
            ("by", "total.batch_saving", _) => "by All saving".to_owned(),
            ("by", "cost", _) => format!("by {subject} cost"),
            ("by", "batch_saving", _) => format!("by {subject} saving"),
            ("movers.rows", key, _) if key != "id" => format!("mover {subject} {key}"),
            _ => continue,
        };
        if !cell("value").is_empty() {
            note(&mut numbers, &name, cell("value"));
        }
    }
    numbers
}

const SCENARIOS: [(&str, &str); 3] =
    [("Today", "today"), ("Batch only", "batch-only"), ("Batch + routing", "batch-plus-routing")];

/// Headings of workloads.
const KINDS: [&str; 4] = ["Batch-eligible", "Already batch", "Real-time", "Undecided"];

/// A name without what tells it apart from others like it.
fn untold(name: &str) -> &str {
    name.split(" › ").next().unwrap_or(name)
}

/// A row that stands for several, or whose name is cut.
pub fn is_whole(name: &str) -> bool {
    !name.ends_with(" more") && !name.contains('…')
}

fn of_markdown(text: &str) -> Numbers {
    let mut numbers = Numbers::new();
    let name = |cell: &str| untold(cell).trim_matches(['*', '`']).to_owned();
    for (heading, rows) in tables(text) {
        for row in rows.iter().filter(|row| is_whole(&name(&row[0]))) {
            let scenario = SCENARIOS.iter().find(|(title, _)| *title == row[0]).filter(|_| row.len() == 6);
            if let Some((_, id)) = scenario {
                note(&mut numbers, &format!("{id} cost"), &row[1]);
                for (column, case) in [(2, "base"), (3, "low"), (4, "high")].iter().filter(|_| *id != "today") {
                    note(&mut numbers, &format!("{id} saving {case}"), &row[*column]);
                }
            } else if heading.starts_with("By ") {
                note(&mut numbers, &format!("by {} cost", name(&row[0])), &row[2]);
                note(&mut numbers, &format!("by {} saving", name(&row[0])), &row[5]);
            } else if heading.starts_with("What grew") && name(&row[0]) != "All" {
                for (column, key) in [(1, "first"), (2, "second"), (3, "change")] {
                    note(&mut numbers, &format!("mover {} {key}", name(&row[0])), &row[column]);
                }
            } else if KINDS.iter().any(|kind| heading.starts_with(kind)) && row[2].contains('$') && is_whole(&row[1]) {
                note(&mut numbers, &format!("workload {} {} cost", name(&row[0]), name(&row[1])), &row[2]);
            }
        }
    }
    numbers
}

/// A table of the terminal has the titles of its first columns in its head.
fn of_table(text: &str) -> Numbers {
    let mut numbers = Numbers::new();
    let mut part = "";
    for line in text.lines() {
        let cells: Vec<&str> = line.split("  ").map(str::trim).filter(|cell| !cell.is_empty()).collect();
        let [first, others @ ..] = &cells[..] else {
            part = "";
            continue;
        };
        let amounts: Vec<&str> =
            others.iter().copied().filter(|cell| amount(&cell.replace('+', "")).is_some()).collect();
        match (part, *first) {
            (_, "Scenario") => part = "scenarios",
            // What cached prompts would save has names of its own.
            (_, "Workload") => part = if others.contains(&"Cached today") { "" } else { "workloads" },
            (_, heading) if heading.starts_with("By ") => part = "by",
            (_, heading) if heading.starts_with("What grew") => part = "movers",
            ("scenarios", title) => {
                let Some((_, id)) = SCENARIOS.iter().find(|(known, _)| *known == title) else { continue };
                note(&mut numbers, &format!("{id} cost"), amounts[0]);
                for (case, shown) in ["base", "low", "high"].iter().zip(&amounts[1..]) {
                    note(&mut numbers, &format!("{id} saving {case}"), shown);
                }
            }
            ("workloads", name) if !amounts.is_empty() && is_whole(name) && is_whole(others[0]) => {
                note(&mut numbers, &format!("workload {} {} cost", untold(name), others[0]), amounts[0]);
            }
            ("by", name) if amounts.len() == 3 && is_whole(name) => {
                note(&mut numbers, &format!("by {name} cost"), amounts[0]);
                note(&mut numbers, &format!("by {name} saving"), amounts[2]);
            }
            ("movers", name) if amounts.len() == 3 && is_whole(name) && name != "All" => {
                for (key, shown) in ["first", "second", "change"].iter().zip(amounts) {
                    note(&mut numbers, &format!("mover {name} {key}"), shown);
                }
            }
            _ => {}
        }
    }
    numbers
}

fn of_html(page: &str) -> Numbers {
    let mut numbers = Numbers::new();
    let (mut caption, mut name, mut model) = (String::new(), String::new(), String::new());
    for tag in tags(page) {
        if let (Some(key), Some(value)) = (tag.get("data-key"), tag.get("value")) {
            let key = match key.split('.').collect::<Vec<_>>()[..] {
                ["today"] => "today cost".to_owned(),
                ["batch_only", "saving", case] => format!("batch-only saving {case}"),
                ["combined", "saving", case] => format!("batch-plus-routing saving {case}"),
                _ => continue,
            };
            note(&mut numbers, &key, value);
        }
        match tag.name.as_str() {
            "caption" => caption.clone_from(&tag.text),
            "th" if tag.get("scope") == Some("row") => name.clone_from(&tag.text),
            "td" if tag.get("data-head") == Some("Model") => model.clone_from(&tag.text),
            _ => {}
        }
        let (Some(head), Some(usd)) = (tag.get("data-head"), tag.get("data-usd")) else { continue };
        if !is_whole(&name) || !is_whole(&model) {
            continue;
        }
        let key = match (caption.as_str(), head) {
            (kind, "A month") if KINDS.contains(&kind) => format!("workload {} {model} cost", untold(&name)),
            (by, "Cost") if by.starts_with("By ") => format!("by {name} cost"),
            (by, "Batch saves") if by.starts_with("By ") => format!("by {name} saving"),
            (grew, "First half") if grew.starts_with("What grew") && name != "All" => format!("mover {name} first"),
            (grew, "Second half") if grew.starts_with("What grew") && name != "All" => format!("mover {name} second"),
            (grew, "Change") if grew.starts_with("What grew") && name != "All" => format!("mover {name} change"),
            _ => continue,
        };
        note(&mut numbers, &key, usd);
    }
    numbers
}

fn of_xlsx(file: &Path) -> Numbers {
    let book = Book::read(std::fs::read(file).expect("a file"));
    let mut numbers = Numbers::new();
    let mut put = |name: String, sheet: &str, row: u32, column: u32| {
        numbers.entry(name).or_default().push(book.scaled(sheet, row, column));
    };
    let at = |label: &str, block: &str| book.row_of("Scenarios", label, book.row_of("Scenarios", block, 0));
    put("today cost".to_owned(), "Scenarios", at("Today", "Net"), 2);
    for (title, id) in [("Batch only", "batch-only"), ("Batch and routing", "batch-plus-routing")] {
        put(format!("{id} cost"), "Scenarios", at(&format!("{title}: cost"), "Gross"), 2);
        for (column, case) in (1..).zip(["low", "base", "high"]) {
            put(format!("{id} saving {case}"), "Scenarios", at(&format!("{title}: saving"), "Gross"), column);
        }
    }
    let (head, first) = (4, 5);
    let monthly = book.column_of("Data", head, "Cost a month");
    for row in first..book.height("Data") {
        let cell = |column| book.text("Data", row, column);
        let model = [cell(1), cell(2)].join("/");
        // An amount that is not known is no 0.
        if !cell(monthly).is_empty() {
            put(format!("workload {} {} cost", cell(0), model.trim_start_matches('/')), "Data", row, monthly);
        }
    }
    for (sheet, title, kind, key) in [
        ("Showback", "Cost", "by", "cost"),
        ("Showback", "Batch saves", "by", "saving"),
        ("Movers", "First half", "mover", "first"),
        ("Movers", "Second half", "mover", "second"),
        ("Movers", "Change", "mover", "change"),
    ] {
        // Without halves to compare there is a sentence and no table.
        if !book.sheets.iter().any(|known| known == sheet) || book.text(sheet, head, 1).is_empty() {
            continue;
        }
        let column = book.column_of(sheet, head, title);
        for row in first..book.height(sheet) {
            let name = book.text(sheet, row, 0);
            if (kind, name.as_str()) != ("mover", "All") {
                put(format!("{kind} {name} {key}"), sheet, row, column);
            }
        }
    }
    numbers
}

/// Inputs of every kind, and the words for them.
fn inputs(folder: &Folder) -> Vec<(PathBuf, Vec<&'static str>)> {
    let usage = |name: &str| fixture("invoices").join(name).join("usage.csv");
    vec![
        (sample(), vec!["--by", "team", "--movers"]),
        (sample(), vec!["--by", "tag.batch", "--top", "3", "--movers"]),
        (incomplete(folder), vec!["--by", "team", "--movers", FEW[0], FEW[1]]),
        (fixture("formats/openai-usage-csv/good.csv"), vec!["--by", "project", "--movers"]),
        (fixture("formats/litellm-jsonl/good.jsonl"), vec!["--by", "user", "--movers"]),
        (fixture("formats/focus-csv/good.csv"), vec!["--by", "provider", "--movers"]),
        (
            usage("29a-agreed-price"),
            vec![
                "fixtures/invoices/29a-agreed-price/cost.csv",
                "--prices=fixtures/invoices/29a-agreed-price/prices.yaml",
                "--basis=billed",
                "--by=model",
                "--movers",
            ],
        ),
    ]
}

#[test]
fn forms_share_every_number() {
    let folder = Folder::new();
    for (file, words) in inputs(&folder) {
        let place = |ending: &str| folder.path(&format!("made.{ending}"));
        let command = || {
            let mut command = program();
            command.env("COLUMNS", "200").arg("report").arg(&file).args(&words);
            command
        };
        // A page of a terminal is as wide as that; one in a file is not.
        std::fs::write(place("txt"), finish(&mut command()).stdout).expect("written");
        let mut command = command();
        command.args(["--quiet", "--force"]);
        for form in FORMS.iter().filter(|form| form.ending != "txt") {
            command.arg("-o").arg(place(form.ending));
        }
        let run = finish(&mut command);
        assert!([0, 3].contains(&run.code), "{}", run.transcript());
        let exact = of_json(&text(&place("json")));
        assert!(exact.contains_key("by All cost"), "{file:?}");
        for Form { ending, tolerance, is_whole, read } in FORMS {
            let shown = read(&place(ending));
            for (name, amounts) in &shown {
                // A row of nothing that is unallocated is shown, though nothing stands for it elsewhere.
                let nothing = vec![0];
                let known = exact.get(name).unwrap_or_else(|| {
                    assert!(name.starts_with("by Unallocated"), "{file:?} {ending}: {name} is nowhere else");
                    &nothing
                });
                for amount in amounts {
                    let tolerance = tolerance.unwrap_or_else(|| half_a_digit(*amount));
                    let is_near = |known: &i64| (known - amount).abs() <= tolerance;
                    assert!(known.iter().any(is_near), "{file:?} {ending}: {name} is {amount}, elsewhere {known:?}");
                }
            }
            let must = |name: &str| assert!(shown.contains_key(name), "{file:?} {ending} does not show {name}");
            must("today cost");
            // Routing is assumed in all of these: on pages it is in no sum.
            let is_page = ["md", "txt", "html"].contains(&ending);
            for (_, id) in SCENARIOS[1..].iter().filter(|(_, id)| !is_page || *id == "batch-only") {
                must(&format!("{id} saving base"));
                // The page's first screen and pictures say what is saved.
                if ending != "html" {
                    must(&format!("{id} cost"));
                }
            }
            must("by All cost");
            let count = |numbers: &Numbers, start: &str| numbers.keys().filter(|name| name.starts_with(start)).count();
            for start in ["workload ", "by ", "mover "] {
                let few = count(&exact, start).min(3);
                assert!(count(&shown, start) >= few, "{file:?} {ending} shows too few of `{start}`: {shown:?}");
            }
            if tolerance == Some(0) && is_whole {
                assert_eq!(shown, exact, "{file:?} {ending}");
            }
            for (name, amounts) in exact.iter().filter(|_| is_whole) {
                assert_eq!(shown.get(name).map(Vec::len), Some(amounts.len()), "{file:?} {ending}: {name}");
            }
        }
    }
}
