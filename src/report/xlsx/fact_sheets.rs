//! Which sheets of facts a workbook has: sections of the report's document, as long as a sheet can be.

use rust_xlsxwriter::{Worksheet, XlsxError};

use super::facts::{sheet, table_sheet};
use super::style::Style;
use crate::money::Money;
use crate::plan::workbook_model::lines::MOST_ROWS;
use crate::report::document::ColumnType::{Figure, Rate, Text as Words};
use crate::report::document::{self, Block, Cell, Precision, Row, Section, Table, Text, name, text};
use crate::report::plan::Draft;
use crate::report::plan::document::risks;
use crate::report::words::{date_words, grouped};
use crate::report::{Report, WorkloadLine};

/// Lines of the bill on a sheet; the others are summed.
const MOST_LINES: usize = 20_000;
/// Files of the ledger.
const MOST_FILES: usize = 20_000;
const DIGITS: &str =
    "A spreadsheet holds about fifteen digits; an amount with more stands beside it as text, with all of them.";

/// All of them, in order.
pub fn sheets(style: &Style, draft: &Draft<'_>) -> Result<Vec<Worksheet>, XlsxError> {
    let report = draft.report;
    let mut sheets = vec![data(style, report)?];
    sheets.extend(budgets(style, draft)?);
    for (name, section) in
        [("Showback", document::showback(report, MOST_ROWS)), ("Movers", document::movers(report, MOST_ROWS))]
    {
        if let Some(section) = section {
            sheets.push(single(style, name, section)?);
        }
    }
    sheets.extend(value_pages(style, report)?);
    sheets.push(ledger(style, report)?);
    sheets.push(reconciliation(style, report)?);
    if let Some(found) = &report.reconciliation {
        let lists = [
            ("Bill by day", "Each day of each provider, in USD.", document::days(found, MOST_LINES)),
            ("Bill by line", "As finely as the bill is written, in USD.", document::lines(found, MOST_LINES)),
        ];
        for (name, note, table) in lists.into_iter().filter(|(_, _, table)| !table.is_empty()) {
            let residual = "Residual is billed − computed.";
            sheets.push(table_sheet(style, name, &[text!(note, " ", residual), DIGITS.into()], &table)?);
        }
    }
    sheets.push(prices(style, draft)?);
    Ok(sheets)
}

/// A section of one table, whose sentences are the notes of its sheet.
fn single(style: &Style, name: &str, section: Section) -> Result<Worksheet, XlsxError> {
    if !section.blocks.iter().any(|block| block.table().is_some()) {
        return sheet(style, name, &[], &[section]);
    }
    let (mut notes, mut found) = (vec![text!(section.heading, ", in USD.")], Table::default());
    for block in section.blocks {
        match block {
            Block::Table(table) => found = *table,
            Block::Paragraph(said) => notes.push(said),
            Block::Note(_) | Block::List(_) | Block::Command(_) => {}
        }
    }
    let behind = notes.split_off(1);
    notes.extend((!behind.is_empty()).then(|| Text::joined(behind, " ")));
    table_sheet(style, name, &notes, &found)
}

/// How the sums of `--by` add up to the bill, and each value by itself.
fn value_pages(style: &Style, report: &Report) -> Result<Option<Worksheet>, XlsxError> {
    let sections: Vec<Section> =
        document::to_the_bill(report).into_iter().chain(document::value_pages(report)).collect();
    let note = "Cost of the days that were read, in USD at list prices; not a month's.";
    (!sections.is_empty()).then(|| sheet(style, "Showback pages", &[note.into()], &sections)).transpose()
}

/// The report's workloads as values, for pivots and look-ups.
fn data(style: &Style, report: &Report) -> Result<Worksheet, XlsxError> {
    let columns = [("Workload", Words), ("Provider", Words), ("Model", Words), ("Verdict", Words), ("Band", Words)];
    let amounts = ["Cost in the period", "Batch cost in the period", "Cost a month", "Batch saves a month"];
    let columns = columns.into_iter().chain([("Codes", Words), ("Requests", Figure)]);
    let fine = |amount: Option<Money>| amount.map_or(Cell::Empty, |amount| Cell::Money(amount, Precision::Exact));
    let long = |text: &str| Cell::text(name(text, usize::MAX));
    let row = |line: &WorkloadLine| {
        let words = [long(&line.workload), long(&line.provider), long(&line.model)];
        let verdict = [Cell::text(line.verdict), Cell::text(line.band.unwrap_or_default())];
        let amounts = [line.cost, line.batch_cost, line.monthly_cost, Some(line.monthly_saving)].map(fine);
        Row::new(
            words
                .into_iter()
                .chain(verdict)
                .chain([long(&line.reasons.join("; "))])
                .chain([line.requests.map_or(Cell::Empty, |requests| Cell::Count(requests.into()))])
                .chain(amounts),
        )
    };
    let table = Table::new(columns.chain(amounts.map(|title| (title, Figure))));
    let table = table.rows(report.workloads.iter().map(row), MOST_ROWS);
    let cut = table.rest.as_ref().map(|_| {
        Text::from(format!(
            "The {} largest of {} rows; the last row sums the others. ",
            grouped(table.rows.len() as u128),
            grouped(report.workloads.len() as u128)
        ))
    });
    let notes = [
        "The report's workloads as values, in USD, by cost. Nothing here follows the assumptions.".into(),
        DIGITS.into(),
        text!(cut, document::small_volume(report)),
    ];
    table_sheet(style, "Data", &notes, &table)
}

/// What owners or teams spend beside their budgets, month by month, where the policy has such: facts, since savings are
/// told by step.
fn budgets(style: &Style, draft: &Draft<'_>) -> Result<Option<Worksheet>, XlsxError> {
    let Some(found) = &draft.plan.budgets else { return Ok(None) };
    let columns = [(found.whose, Words), ("Quarter", Words), ("Month", Words), ("Kind", Words)];
    let mut table = Table::new(columns.into_iter().chain([("Amount", Figure), ("Budget", Figure), ("Headroom", Rate)]));
    for part in &found.parts {
        table.rows.extend(part.months.iter().map(|month| {
            let headroom = month.budget.and_then(|budget| budget.sub(month.amount).ok());
            Row::new([
                Cell::text(name(part.name.as_deref().unwrap_or("All others"), usize::MAX)),
                Cell::text(draft.plan.quarter_of(month.month)),
                Cell::Date(month.month.to_string()),
                Cell::text(if month.is_actual { "spent" } else { "to come" }),
                Cell::cents(month.amount),
                Cell::maybe(month.budget),
                Cell::maybe(headroom),
            ])
        }));
    }
    let notes = [
        "Spent on the days that were read, and to come if nothing is done, in USD: savings are told by step.".into(),
        "Headroom is the budget less the amount.".into(),
    ];
    table_sheet(style, "Budgets", &notes, &table).map(Some)
}

/// What was read: every row of every file by what became of it, and what is worth knowing.
fn ledger(style: &Style, report: &Report) -> Result<Worksheet, XlsxError> {
    let incomplete = Section::new("incomplete", "Why it is not complete").list(document::incomplete(report));
    let warnings = Section::new("warnings", "Warnings").list(document::notes(&report.warnings));
    let sections: Vec<Section> = [Some(document::ledger(report, MOST_FILES)), incomplete.if_any(), warnings.if_any()]
        .into_iter()
        .chain([document::rejected_rows(report)])
        .flatten()
        .collect();
    let notes = [
        "Each row of each file has one outcome; the outcomes add up to the rows read.".into(),
        "Counted rows make the figures; rejected ones are in no figure, and named below.".into(),
    ];
    sheet(style, "Ledger", &notes, &sections)
}

/// What the price table makes of the usage beside what the bill says.
fn reconciliation(style: &Style, report: &Report) -> Result<Worksheet, XlsxError> {
    let found = report.reconciliation.as_ref();
    let nothing = "No bill stands beside the usage, so nothing was compared.";
    let sections: Vec<Section> = match found {
        None => vec![Section::new("reconciliation", "Reconciliation with the bill").paragraph(nothing)],
        Some(found) => [
            document::bill_gap(report),
            Section::new("providers", "By provider").table(document::providers(found)).if_any(),
            Section::new("models", "By model, on the days that both sides have")
                .table(document::models(found))
                .if_any(),
            document::reconciliation(report, found),
        ]
        .into_iter()
        .flatten()
        .collect(),
    };
    let sections: Vec<Section> = sections.into_iter().chain(document::control_totals(report)).collect();
    let note = "What the price table makes of the usage beside what the bill says, in USD, in the period.";
    sheet(style, "Reconciliation", &[note.into(), text!("Residual is billed − computed. ", DIGITS)], &sections)
}

/// Where prices are from, what is special about them, and what is known ahead.
fn prices(style: &Style, draft: &Draft<'_>) -> Result<Worksheet, XlsxError> {
    let report = draft.report;
    let checked = report.prices.checked.as_deref().map_or_else(|| "no price used".to_owned(), date_words);
    let basis =
        if document::on_basis(report).is_empty() { "list prices" } else { "what the bill charges of list prices" };
    let source = Section::new("price-table", "Price table").list([
        text!("Source: ", document::price_table(&report.prices, usize::MAX)),
        format!("Oldest check of a price in use: {checked}").into(),
        format!("Monthly figures stand on {basis}").into(),
    ]);
    let sections: Vec<Section> =
        [Some(source), document::agreed_prices(report), document::exceptions(report), risks(draft.plan)]
            .into_iter()
            .flatten()
            .collect();
    let note = "What the figures are priced with. `batchwise prices show MODEL` has each rate with its source.";
    sheet(style, "Prices", &[note.into()], &sections)
}
