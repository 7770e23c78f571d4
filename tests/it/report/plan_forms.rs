//! Every form of the plan walked, and every number that two of them share compared.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use serde_json::Value;

use super::forms::{Numbers, is_whole, note, text};
use super::{half_a_digit, sample, tables};
use crate::html::tags;
use crate::plan::{COMPANIES, Company};
use crate::support::{Folder, finish, fixture, program};
use crate::xlsx::book::Book;

/// A form of the plan.
struct Form {
    /// The ending of its file.
    ending: &'static str,
    /// Whether amounts are rounded to the cent.
    is_page: bool,
    /// What it must show, if the plan has it.
    kinds: &'static [&'static str],
    read: fn(&Path) -> Numbers,
}

const ALL: &[&str] =
    &["today", "batch-only", "both", "quarter", "month", "step", "fate", "move", "aside", "driver", "part", "slice"];
const PAGE: &[&str] = &["today", "quarter", "month", "step", "fate", "move", "aside", "driver", "part"];
const HTML: &[&str] = &["today", "batch-only", "both", "quarter", "month", "step", "move", "aside", "driver", "part"];
const BOOK: &[&str] = &["today", "batch-only", "both", "quarter", "month", "driver", "slice"];

/// A company whose owners have budgets.
const OWNERS: Company =
    Company { name: "owners", log: "plan/agents.csv", words: &["--policy", "fixtures/plan/owners-policy.yaml"] };

const FORMS: [Form; 6] = [
    Form { ending: "json", is_page: false, kinds: ALL, read: |file| of_leaves(&leaves_of_json(&text(file))) },
    Form { ending: "csv", is_page: false, kinds: ALL, read: |file| of_leaves(&leaves_of_csv(&text(file))) },
    Form { ending: "md", is_page: true, kinds: PAGE, read: |file| of_markdown(&text(file)) },
    Form { ending: "txt", is_page: true, kinds: PAGE, read: |file| of_table(&text(file)) },
    Form { ending: "html", is_page: true, kinds: HTML, read: |file| of_html(&text(file)) },
    Form { ending: "xlsx", is_page: false, kinds: BOOK, read: of_xlsx },
];

/// What the JSON says, by address from 1: `months.1.today.base`.
type Leaves = BTreeMap<String, String>;

fn leaves_of_json(text: &str) -> Leaves {
    fn walk(at: &str, value: &Value, leaves: &mut Leaves) {
        let inner = |key: &str| if at.is_empty() { key.to_owned() } else { format!("{at}.{key}") };
        match value {
            Value::Object(entries) => entries.iter().for_each(|(key, value)| walk(&inner(key), value, leaves)),
            Value::Array(items) => {
                (1..).zip(items).for_each(|(place, value): (u32, _)| walk(&inner(&place.to_string()), value, leaves));
            }
            Value::Null => {}
            Value::String(text) => drop(leaves.insert(at.to_owned(), text.clone())),
            other => drop(leaves.insert(at.to_owned(), other.to_string())),
        }
    }
    let mut leaves = Leaves::new();
    walk("", &serde_json::from_str(text).expect("JSON"), &mut leaves);
    leaves
}

fn leaves_of_csv(text: &str) -> Leaves {
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let rows = reader.records().map(|row| row.expect("a whole row"));
    rows.filter(|row| !row[3].is_empty())
        .map(|row| {
            let parts = [&row[0], &row[1], if row[2] == row[0] { "" } else { &row[2] }];
            (parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("."), row[3].to_owned())
        })
        .collect()
}

/// Words of pages for ids of the JSON.
const STEPS: [(&str, &str); 11] = [
    ("calendar", "Days and weekdays of the month"),
    ("base-months", "Base months versus period"),
    ("volume", "Volume"),
    ("prices-changed", "Prices that changed in the period"),
    ("prices-ahead", "Known price changes ahead"),
    ("retirement", "Successors of retired models"),
    ("batch-confirmed", "Batch, confirmed"),
    ("batch-likely", "Batch, likely"),
    ("lost-cache", "Cache hits lost in batch"),
    ("failures-and-fallback", "Failures and late results"),
    ("routing", "Routing on the rest"),
];
const FATES: [(&str, &str); 5] = [
    ("moves", "Moves to batch"),
    ("not_worth_it", "Batch-eligible, not worth the effort"),
    ("cannot", "Real-time"),
    ("undecided", "Undecided"),
    ("in_batch", "Already batch"),
];
const DRIVERS: [(&str, &str); 7] = [
    ("eligible-share", "Batch-eligible share"),
    ("cache-hits", "Cache hits kept in batch"),
    ("routing-share", "Share that routing moves"),
    ("failures", "Failures in batch"),
    ("turnaround", "How long batches take"),
    ("min-monthly-saving", "Smallest saving worth a step"),
    ("growth", "Growth"),
];

/// The id that a page has words for.
fn id_of(known: &[(&'static str, &str)], words: &str) -> Option<&'static str> {
    known.iter().find(|(_, known)| *known == words).map(|(id, _)| *id)
}

fn of_leaves(leaves: &Leaves) -> Numbers {
    let mut numbers = Numbers::new();
    for (address, value) in leaves {
        let of =
            |list: &str, row: &str, key: &str| leaves.get(&format!("{list}.{row}.{key}")).cloned().unwrap_or_default();
        let about = |list: &str, row: &str| {
            let model = [of(list, row, "provider"), of(list, row, "model")].join("/");
            format!("{} {}", of(list, row, "workload"), model.trim_start_matches('/'))
        };
        let span = |list: &str, row: &str| {
            let kind = list.trim_end_matches('s');
            format!("{kind} {}", of(list, row, kind))
        };
        let name = match address.split('.').collect::<Vec<_>>()[..] {
            ["now", "monthly_cost"] => "today".to_owned(),
            ["now", "batch_only", case] => format!("batch-only {case}"),
            ["now", "batch_plus_routing", case] => format!("both {case}"),
            // A part of the spend that is nothing is on no page.
            ["now", "monthly_cost_by_fate", fate] if value != "0" => format!("fate {fate}"),
            [list @ ("quarters" | "months"), row, "today", case] => format!("{} today {case}", span(list, row)),
            [list @ ("quarters" | "months"), row, way @ ("batch_only" | "batch_plus_routing"), what, case] => {
                format!("{} {way} {what} {case}", span(list, row))
            }
            ["quarters", row, "outlook", "base"] => format!("{} outlook", span("quarters", row)),
            [list @ ("quarters" | "months"), row, "budget", what @ ("budget" | "headroom")] => {
                format!("{} {what}", span(list, row))
            }
            ["waterfall", end @ ("baseline" | "target")] => format!("step {end}"),
            ["waterfall", "bars", row, "amount"] => format!("step {}", of("waterfall.bars", row, "id")),
            ["steps", row, "monthly_saving_first"] => format!("move {} first", about("steps", row)),
            ["steps", row, "monthly_saving"] => format!("move {} saving", about("steps", row)),
            ["steps", row, "cumulative_monthly_saving"] => format!("move {} so far", about("steps", row)),
            [list @ ("not_worth_it" | "cannot"), row, "monthly_cost"] => format!("aside {} cost", about(list, row)),
            [list @ ("not_worth_it" | "cannot"), row, "monthly_saving"] => format!("aside {} saving", about(list, row)),
            // What makes no difference is on no page.
            ["sensitivity", "drivers", row, end @ ("saving_at_low" | "saving_at_high")]
                if of("sensitivity.drivers", row, "saving_at_low")
                    != of("sensitivity.drivers", row, "saving_at_high") =>
            {
                format!("driver {} {}", of("sensitivity.drivers", row, "id"), end.trim_start_matches("saving_at_"))
            }
            _ => continue,
        };
        note(&mut numbers, &name, value);
    }
    parts(leaves, &mut numbers);
    numbers
}

/// What each owner or team spends and may spend in a quarter of the plan: sums of its months.
fn parts(leaves: &Leaves, numbers: &mut Numbers) {
    let text = |at: &str, key: &str| leaves.get(&format!("{at}.{key}")).cloned();
    let list = |path: &str| -> Vec<String> {
        let places = (1..).map(|place| format!("{path}.{place}"));
        places.take_while(|at| text(at, "month").is_some()).collect()
    };
    // Years begin in January in all of these.
    let quarter_of = |month: &str| {
        let (year, number) = month.split_once('-').expect("a month");
        format!("{year}-Q{}", number.parse::<u32>().expect("a month").div_ceil(3))
    };
    let shown: BTreeSet<String> = list("months").iter().filter_map(|at| text(at, "quarter")).collect();
    for place in 1.. {
        let months = list(&format!("budgets.parts.{place}.months"));
        if months.is_empty() {
            return;
        }
        let part = text(&format!("budgets.parts.{place}"), "name").unwrap_or_else(|| "All others".to_owned());
        let mut sums: BTreeMap<String, i64> = BTreeMap::new();
        // A quarter has a budget where each of its months has one.
        let open: BTreeSet<String> = months
            .iter()
            .filter(|at| text(at, "budget.budget").is_none())
            .map(|at| quarter_of(&text(at, "month").expect("a month")))
            .collect();
        for at in months {
            let month = text(&at, "month").expect("a month");
            let when = if text(&at, "actual").as_deref() == Some("true") { "actual" } else { "ahead" };
            for (key, totals) in
                [("amount", &[when, "outlook"][..]), ("budget.budget", &["budget"]), ("budget.headroom", &["headroom"])]
            {
                let Some(amount) = text(&at, key) else { continue };
                let name = format!("slice {month} {part} {}", key.trim_start_matches("budget."));
                note(numbers, &name, &amount);
                let quarter = quarter_of(&month);
                // A page says also that nothing is spent yet.
                let said = totals.iter().map(|total| (*total, numbers[&name][0])).chain([("actual", 0), ("ahead", 0)]);
                let is_shown = |total: &str| {
                    shown.contains(&quarter) && (!["budget", "headroom"].contains(&total) || !open.contains(&quarter))
                };
                for (total, amount) in said.filter(|(total, _)| is_shown(total)) {
                    *sums.entry(format!("part {quarter} {part} {total}")).or_default() += amount;
                }
            }
        }
        for (name, sum) in sums {
            numbers.entry(name).or_default().push(sum);
        }
    }
}

/// The amount in a cell such as `$28.06`, `−$3.00 unfavourable` or `$50 a month: $112.52`.
fn shown(cell: &str) -> Option<String> {
    let (before, after) = cell.rsplit_once('$')?;
    let sign = if before.ends_with('−') { "-" } else { "" };
    Some(format!("{sign}{}", after.split(' ').next()?))
}

/// `Q4 2026 (2 months)` as `2026-Q4`, and `Nov 2026` as `2026-11`.
fn span_of(words: &str) -> String {
    const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let mut parts = words.split(' ');
    let (span, year) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
    match (1..).zip(MONTHS).find(|(_, month)| *month == span) {
        Some((number, _)) => format!("{year}-{number:02}"),
        None => format!("{year}-{span}"),
    }
}

/// What a row of a page's table says, by the heading of the table. Empty cells are left out, since a terminal shows none.
fn of_row(numbers: &mut Numbers, heading: &str, has_routes: bool, cells: &[String]) {
    let cells: Vec<&str> =
        cells.iter().map(|cell| cell.trim_matches(['`', '*'])).filter(|cell| !cell.is_empty()).collect();
    let amounts: Vec<String> = cells.iter().filter_map(|cell| shown(cell)).collect();
    let Some(first) = cells.first().filter(|_| !amounts.is_empty()) else { return };
    let mut put = |names: &[String]| names.iter().zip(&amounts).for_each(|(name, amount)| note(numbers, name, amount));
    let names = |start: String, names: &[&str]| names.iter().map(|name| format!("{start} {name}")).collect::<Vec<_>>();
    let span = &span_of(first);
    // Without routes batch is all there is.
    let ways: &[&str] = if has_routes {
        &["today base", "batch_only cost base", "batch_plus_routing cost base"]
    } else {
        &["today base", "batch_only cost base"]
    };
    let workload = |place: usize| match cells.get(place..place + 2) {
        Some([name, model]) if is_whole(name) && is_whole(model) && !model.contains('$') => {
            Some(format!("{name} {model}"))
        }
        _ => None,
    };
    match heading {
        "The next quarters" => {
            put(&names(format!("quarter {span}"), &[ways, &["outlook", "budget", "headroom"]].concat()));
        }
        "What that saves" => {
            let ways = ["batch_only", "batch_plus_routing"]
                .map(|way| names(format!("quarter {span} {way} saving"), &["low", "base", "high"]));
            put(&ways.concat());
        }
        "Month by month" => {
            let all = [ways, &["batch_plus_routing saving base", "headroom"]].concat();
            put(&names(format!("month {span}"), &all));
        }
        "What becomes of today's spend" if *first == "All" => put(&["today".to_owned()]),
        "What becomes of today's spend" => {
            let id = id_of(&FATES, first).unwrap_or_else(|| panic!("no fate `{first}`"));
            put(&[format!("fate {id}")]);
        }
        "What to move, in this order" => {
            if let Some(workload) = workload(1) {
                put(&names(format!("move {workload}"), &["first", "saving", "so far"]));
            }
        }
        "Not worth the effort" | "Real-time: stays where it is" => {
            if let Some(workload) = workload(0) {
                put(&names(format!("aside {workload}"), &["cost", "saving"]));
            }
        }
        "What moves the result" => {
            let id = id_of(&DRIVERS, first).unwrap_or_else(|| panic!("no driver `{first}`"));
            put(&names(format!("driver {id}"), &["low", "high"]));
        }
        budgets if budgets.starts_with("Budgets by ") => {
            if let Some(part) = cells.get(1) {
                let names = ["actual", "ahead", "outlook", "budget", "headroom"];
                put(&names.map(|what| format!("part {span} {part} {what}")));
            }
        }
        waterfall if waterfall.starts_with("From today to ") => {
            let end = if *first == "A month of the period" { "baseline" } else { "target" };
            // What is assumed is no step.
            if !first.starts_with("Assumed: ") {
                put(&[format!("step {}", id_of(&STEPS, first).unwrap_or(end))]);
            }
        }
        _ => {}
    }
}

/// Whether a page has a column of batch and routing.
fn has_routes(page: &str) -> bool {
    page.to_lowercase().contains("batch + routing")
}

fn of_markdown(page: &str) -> Numbers {
    let mut numbers = Numbers::new();
    let has_routes = has_routes(page);
    for (heading, rows) in tables(page) {
        for cells in &rows {
            of_row(&mut numbers, &heading, has_routes, cells);
        }
    }
    numbers
}

fn of_table(page: &str) -> Numbers {
    let mut numbers = Numbers::new();
    let mut heading = String::new();
    for line in page.lines() {
        let cells: Vec<String> =
            line.split("  ").map(|cell| cell.trim().to_owned()).filter(|cell| !cell.is_empty()).collect();
        match &cells[..] {
            [] => heading.clear(),
            [words] if heading.is_empty() => heading.clone_from(words),
            // A sentence has one cell.
            [_] => {}
            row => of_row(&mut numbers, &heading, has_routes(page), row),
        }
    }
    numbers
}

fn of_html(page: &str) -> Numbers {
    let mut numbers = Numbers::new();
    let (mut caption, mut cells) = (String::new(), Vec::new());
    for tag in tags(page) {
        if let (Some(key), Some(value)) = (tag.get("data-key"), tag.get("value")) {
            let name = match key.split('.').collect::<Vec<_>>()[..] {
                ["today"] => "today".to_owned(),
                ["now", "batch_only", case] => format!("batch-only {case}"),
                ["now", "combined", case] => format!("both {case}"),
                ["last", "combined"] => "step target".to_owned(),
                _ => panic!("{key} is new"),
            };
            note(&mut numbers, &name, value);
        }
        match tag.name.as_str() {
            "caption" => caption.clone_from(&tag.text),
            "td" => cells.push(tag.text),
            "th" if tag.get("scope") == Some("row") => cells.push(tag.text),
            "/tr" => of_row(&mut numbers, &caption, has_routes(page), &std::mem::take(&mut cells)),
            _ => {}
        }
    }
    numbers
}

fn of_xlsx(file: &Path) -> Numbers {
    let book = Book::read(std::fs::read(file).expect("a file"));
    let mut numbers = Numbers::new();
    let mut put = |name: String, sheet: &str, row: u32, column: u32| {
        numbers.entry(name).or_default().push(book.scaled(sheet, row, column));
    };
    let at = |label: &str| book.row_of("Scenarios", label, book.row_of("Scenarios", "Net", 0));
    put("today".to_owned(), "Scenarios", at("Today"), 2);
    for (column, case) in (1..).zip(["low", "base", "high"]) {
        put(format!("batch-only {case}"), "Scenarios", at("Batch only: saving"), column);
        put(format!("both {case}"), "Scenarios", at("Batch and routing: saving"), column);
    }
    let spans = (2..100).map(|column| (column, book.text("Quarters", 4, column))).filter(|(_, name)| !name.is_empty());
    for (column, span) in spans {
        let kind = if span.contains('Q') { "quarter" } else { "month" };
        for (label, key) in [
            ("Cost if nothing is done", "today"),
            ("Batch only: cost", "batch_only cost"),
            ("Batch only: saving", "batch_only saving"),
            ("Batch and routing: cost", "batch_plus_routing cost"),
            ("Batch and routing: saving", "batch_plus_routing saving"),
        ] {
            for (row, case) in (book.row_of("Quarters", label, 0)..).zip(["low", "base", "high"]) {
                put(format!("{kind} {span} {key} {case}"), "Quarters", row, column);
            }
        }
        if kind == "quarter" {
            put(format!("quarter {span} outlook"), "Quarters", book.row_of("Quarters", "Both: outlook", 0), column);
        }
        for (label, key) in [("Budget", "budget"), ("Headroom", "headroom")] {
            let row = book.row_of("Quarters", label, 0);
            if book.text("Quarters", row, column) != "–" {
                put(format!("{kind} {span} {key}"), "Quarters", row, column);
            }
        }
    }
    let has_budgets = book.sheets.iter().any(|sheet| sheet == "Budgets");
    for row in if has_budgets { 5..book.height("Budgets") } else { 0..0 } {
        let part = book.text("Budgets", row, 0);
        let month = book.text("Budgets", row, 2);
        for (column, key) in (4..).zip(["amount", "budget", "headroom"]) {
            let column =
                (column..12).find(|column| book.text("Budgets", 4, *column).to_lowercase() == key).expect("a column");
            if !book.text("Budgets", row, column).is_empty() {
                put(format!("slice {month} {part} {key}"), "Budgets", row, column);
            }
        }
    }
    let has_drivers = book.sheets.iter().any(|sheet| sheet == "Sensitivity");
    for row in if has_drivers { 4..book.height("Sensitivity") } else { 0..0 } {
        let id = id_of(&DRIVERS, &book.text("Sensitivity", row, 0)).expect("an assumption");
        for (column, end) in [(2, "low"), (4, "high")] {
            put(format!("driver {id} {end}"), "Sensitivity", row, column);
        }
    }
    numbers
}

/// What a form shows that the JSON does not.
fn differences(exact: &Numbers, shown: &Numbers, is_page: bool) -> Vec<String> {
    let mut found = Vec::new();
    for (name, amounts) in shown {
        let known = exact.get(name).cloned().unwrap_or_default();
        let is_known = |amount: &&i64| {
            let tolerance = if is_page { half_a_digit(**amount) } else { 1 };
            known.iter().any(|known| (known - **amount).abs() <= tolerance)
        };
        let wrong = amounts.iter().filter(|amount| !is_known(amount));
        found.extend(wrong.map(|amount| format!("{name} is {amount}, elsewhere {known:?}")));
    }
    found
}

#[test]
fn forms_of_the_plan_share_every_number() {
    for company in COMPANIES.into_iter().chain([OWNERS]) {
        let folder = Folder::new();
        let place = |ending: &str| folder.path(&format!("made.{ending}"));
        let command = || {
            let mut command = program();
            command.env("COLUMNS", "200").arg("plan").arg(fixture(company.log)).args(company.words);
            command
        };
        // A page of a terminal is as wide as that; one in a file is not.
        std::fs::write(place("txt"), finish(&mut command()).stdout).expect("written");
        let mut command = command();
        command.arg("--quiet");
        for form in FORMS.iter().filter(|form| form.ending != "txt") {
            command.arg("-o").arg(place(form.ending));
        }
        let run = finish(&mut command);
        assert!([0, 3].contains(&run.code), "{}", run.transcript());
        let exact = of_leaves(&leaves_of_json(&text(&place("json"))));
        for Form { ending, is_page, kinds, read } in FORMS {
            let who = format!("{}, {ending}", company.name);
            let shown = read(&place(ending));
            let wrong = differences(&exact, &shown, is_page);
            assert!(wrong.is_empty(), "{who}: {wrong:#?}");
            let has_parts = shown.keys().any(|name| name.starts_with("part ") || name.starts_with("slice "));
            assert_eq!(has_parts, company.name == OWNERS.name, "{who}");
            let of_kind = |numbers: &Numbers, kind: &str| -> BTreeSet<String> {
                numbers.keys().filter(|name| name.split(' ').next() == Some(kind)).cloned().collect()
            };
            for kind in ALL {
                let (known, found) = (of_kind(&exact, kind), of_kind(&shown, kind));
                // Without routes what batch and routing save is what batch saves, which a page says once.
                let is_told = *kind != "both" || !is_page || exact.keys().any(|name| name.contains("driver routing"));
                let least = if kinds.contains(kind) && is_told { known.len().min(3) } else { 0 };
                assert!(found.len() >= least, "{who}: of `{kind}` only {found:?} of {known:?}");
            }
            if !is_page {
                let least = exact.keys().filter(|name| kinds.iter().any(|kind| name.split(' ').next() == Some(kind)));
                for name in least {
                    assert!(shown.contains_key(name), "{who}: {name} is missing");
                }
            }
        }
    }
}

/// The walk would see a figure that is wrong on one page.
#[test]
fn a_wrong_figure_is_found() {
    let run =
        |form: &str| finish(program().arg("plan").arg(sample()).args(["--format", form]).env("COLUMNS", "200")).stdout;
    let exact = of_leaves(&leaves_of_json(&run("json")));
    for (form, read) in [("markdown", of_markdown as fn(&str) -> Numbers), ("table", of_table), ("html", of_html)] {
        let page = run(form);
        // A quarter with batch only, what a workload saves, and a step of the waterfall.
        for (right, wrong) in [("$1,094", "$1,095"), ("$24.69", "$24.71"), ("−$28.66", "$28.66")] {
            assert_eq!(differences(&exact, &read(&page), true), Vec::<String>::new(), "{form}");
            let differs = differences(&exact, &read(&page.replace(right, wrong)), true);
            assert!(!differs.is_empty(), "{form}: {wrong} for {right} is not seen");
        }
    }
}
