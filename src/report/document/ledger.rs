//! Every row of every file, by what became of it.

use super::ColumnType::{Figure, Rate, Text as Words};
use super::{
    ALL_ACCOUNTED, Cell, Column, LONGEST_PATH, LONGEST_SENTENCE, Row, Section, Table, Text, bill, name, quote, text,
};
use crate::money::Money;
use crate::report::{InputLine, Report};

/// The ledger, with so many files.
pub fn ledger(report: &Report, most: usize) -> Section {
    let inputs = &report.inputs;
    let shown = inputs.len().min(most);
    let left_out = inputs.iter().filter_map(|input| {
        let why = input.left_out.as_ref()?;
        Some(text!(name(&input.file, LONGEST_PATH), " LEFT OUT: ", quote(&why.message, LONGEST_SENTENCE)))
    });
    let hashes = inputs[..shown].iter().filter_map(|input| {
        let hash = input.sha256.as_ref()?;
        Some(text!(name(&input.file, LONGEST_PATH), ": SHA-256 ", hash.clone()))
    });
    let codes: Vec<&str> = report.incomplete.iter().map(|note| note.code).collect();
    let complete = if codes.is_empty() {
        ALL_ACCOUNTED.to_owned()
    } else {
        format!("INCOMPLETE, for the reasons above: `{}`.", unique(codes).join("`, `"))
    };
    let points = left_out
        .chain(hashes)
        .chain([Text::from(bill::summary(report))])
        .chain(bill::only_billed(report))
        .chain(bill::billed_for_other(report))
        .chain([Text::from(complete)]);
    let section = Section::new("ledger", "Ledger").table(rows(inputs, most));
    let section = match dollars_by_outcome(report, most) {
        Some(table) => section.paragraph("Billed dollars, by what became of their rows:").table(table),
        None => section,
    };
    section.list(points)
}

fn unique(codes: Vec<&str>) -> Vec<&str> {
    let mut unique: Vec<&str> = Vec::new();
    for code in codes {
        if !unique.contains(&code) {
            unique.push(code);
        }
    }
    unique
}

/// What became of rows, in the words of a reader.
pub fn outcome_words(outcome: &str) -> String {
    match outcome {
        "accepted" => "Counted".to_owned(),
        other => crate::report::words::capitalised(&other.replace('_', " ")),
    }
}

/// The outcomes worth showing: those that some rows had, and the two that a reader looks for.
fn shown_outcomes(inputs: &[InputLine]) -> Vec<&'static str> {
    let is_shown = |outcome: &str| {
        let has = |input: &InputLine| input.rows.iter().any(|(name, count)| *name == outcome && *count > 0);
        matches!(outcome, "accepted" | "rejected") || inputs.iter().any(has)
    };
    let all = inputs.first().map_or(&[][..], |input| &input.rows[..]);
    all.iter().map(|(outcome, _)| *outcome).filter(|outcome| is_shown(outcome)).collect()
}

/// Rows of each file; those of all files where there are several.
fn rows(inputs: &[InputLine], most: usize) -> Table {
    let outcomes = shown_outcomes(inputs);
    let columns =
        [("File", Words), ("Read as", super::ColumnType::Reason), ("Rows read", Figure)].into_iter().map(Column::from);
    let columns = columns.chain(outcomes.iter().map(|outcome| Column::from((outcome_words(outcome), Figure))));
    let counts = |inputs: &[InputLine]| -> Vec<Cell> {
        let total =
            |of: &dyn Fn(&InputLine) -> u64| Cell::Count(inputs.iter().map(|input| u128::from(of(input))).sum());
        let count = |outcome: &str| {
            total(&|input| input.rows.iter().find(|(name, _)| *name == outcome).map_or(0, |(_, count)| *count))
        };
        std::iter::once(total(&|input| input.read)).chain(outcomes.iter().map(|outcome| count(outcome))).collect()
    };
    let row = |input: &InputLine| {
        let words = [
            Cell::text(name(&input.file, LONGEST_PATH)),
            Cell::text(quote(format!("{}: {}", input.format, grain(input)), LONGEST_SENTENCE)),
        ];
        Row::new(words.into_iter().chain(counts(std::slice::from_ref(input))))
    };
    let mut table = Table::new(columns).rows(inputs.iter().map(row), most);
    if inputs.len() > 1 {
        table.total = Some(Row::new([Cell::text("All"), Cell::Empty].into_iter().chain(counts(inputs))));
    }
    table
}

/// Billed dollars of each file that states some, by what became of their rows.
pub fn dollars_by_outcome(report: &Report, most: usize) -> Option<Table> {
    let stating: Vec<&InputLine> = report.inputs.iter().filter(|input| !input.dollars.is_empty()).collect();
    let amount = |input: &InputLine, outcome: &str| {
        let found = input.dollars.iter().find(|(name, _)| *name == outcome).map(|(_, dollars)| *dollars);
        found.filter(|dollars| !dollars.is_zero())
    };
    let all = stating.first()?.dollars.iter().map(|(outcome, _)| *outcome);
    let outcomes: Vec<&str> =
        all.filter(|outcome| stating.iter().any(|input| amount(input, outcome).is_some())).collect();
    // Where every dollar counts, the ledger's sentence on the bill says how many.
    if matches!(outcomes.as_slice(), [] | ["accepted"]) {
        return None;
    }
    let columns = std::iter::once(Column::from(("File", Words)));
    let columns = columns.chain(outcomes.iter().map(|outcome| Column::from((outcome_words(outcome), Figure))));
    let row = |input: &&InputLine| {
        let amounts = outcomes.iter().map(|outcome| Cell::cents(amount(input, outcome).unwrap_or(Money::ZERO)));
        Row::new(std::iter::once(Cell::text(name(&input.file, LONGEST_PATH))).chain(amounts))
    };
    Some(Table::new(columns).rows(stating.iter().map(row), most))
}

/// The first rejected rows of each file.
pub fn rejected_rows(report: &Report) -> Option<Section> {
    let mut table = Table::new([
        ("File", Words),
        ("Line", Rate),
        ("Column", Words),
        ("Its text", Words),
        ("Code", Words),
        ("Why", super::ColumnType::Reason),
    ]);
    for input in &report.inputs {
        table.rows.extend(input.rejects.iter().map(|reject| {
            Row::new([
                Cell::text(name(&input.file, usize::MAX)),
                Cell::Count(reject.line.into()),
                Cell::text(name(&reject.column, usize::MAX)),
                Cell::text(name(&reject.value, usize::MAX)),
                Cell::text(reject.code),
                Cell::text(quote(&reject.reason, usize::MAX)),
            ])
        }));
    }
    Section::new("rejected-rows", "The first rejected rows").table(table).if_any()
}

/// What the rows of a file are: calls, or sums of which nothing is known about a single call.
pub fn grain(input: &InputLine) -> String {
    let span = |seconds: i64| match seconds {
        1 => "one-second buckets".to_owned(),
        60 => "one-minute buckets".to_owned(),
        3_600 => "hourly buckets".to_owned(),
        86_400 => "daily buckets".to_owned(),
        other => format!("buckets of {other} seconds"),
    };
    let what = if input.is_bill { "billed amounts" } else { "aggregated" };
    let sums = input.bucket_seconds.map(|(least, most)| match (least, most) {
        _ if least == most => format!("{what} ({})", span(least)),
        _ => format!("{what} ({} to {})", span(least), span(most)),
    });
    match (input.grain, sums) {
        ("mixed", Some(sums)) => format!("single calls and {sums}"),
        ("call", _) if input.is_bill => "billed amounts of a moment".to_owned(),
        ("call", _) => "single calls".to_owned(),
        (_, Some(sums)) => sums,
        _ => "no usage".to_owned(),
    }
}
