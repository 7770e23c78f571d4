//! The first sheet: one slide for a review, printed on one page. What is spent against the budget, what the next quarter
//! costs in each scenario, what has to be decided, and how sure it is.

use rust_xlsxwriter::{Worksheet, XlsxError};

use super::assumptions::AssumptionCells;
use super::cells::{Drawn, NOTHING, Page, in_order};
use super::quarters::{
    self, ACTUAL, BATCH_COST, BATCH_SAVING, BOTH_COST, BOTH_SAVING, BUDGET, Months, OUTLOOK, TO_GO, TODAY,
};
use super::scenarios::{Scenarios, together};
use super::style::Style;
use super::workloads::{Column, Rows};
use crate::money::Money;
use crate::plan::ahead::QuarterAhead;
use crate::policy::Cases;
use crate::report::document::{self, Block, PLAIN, Text, UNKNOWN};
use crate::report::plan::Draft;
use crate::report::plan::months::{band, budget_of, quarter_name, reviewed_name};
use crate::report::words::difference;

mod decisions;

const SHEET: &str = "Summary";
/// The last column, and the first of the right half.
const LAST: u16 = 8;
const RIGHT: u16 = 7;
const BASE: u16 = 1;
const LABEL_WIDTH: u16 = 38;
const WIDTH: u16 = 13;
/// Quarters that have a row.
const MOST_QUARTERS: usize = 5;
/// Rows that the chart covers.
const CHART_ROWS: u32 = 13;

/// Where the other sheets have what this one shows.
pub struct Places<'p> {
    /// Assumptions.
    pub assumptions: &'p AssumptionCells,
    /// The workloads at the prices of the period.
    pub rows: &'p Rows,
    /// Scenarios.
    pub scenarios: &'p Scenarios,
    /// Months ahead, if any is foretold.
    pub months: Option<Months>,
}

/// Writes the sheet.
pub fn write(sheet: &mut Worksheet, style: &Style, draft: &Draft<'_>, places: &Places<'_>) -> Result<(), XlsxError> {
    let about = Text::joined(document::about(draft.report), " · ").drawn(&PLAIN);
    let mut page = Page::new(sheet, style, SHEET, &[&about])?;
    page.text(0, 0, "What batch APIs would save", &style.title)?;
    page.widths(&[LABEL_WIDTH, WIDTH, WIDTH, WIDTH, WIDTH, WIDTH, 2, 22, 30])?;
    let status = document::status(draft.report);
    let look = if status.is_alarm { &style.alarm } else { &style.note };
    page.text(2, 0, &status.text.drawn(&PLAIN), look)?;
    let mut row = 3;
    if let Some(said) = document::bill_sentences(draft.report) {
        page.text(row, 0, &Text::joined(said, " ").drawn(&PLAIN), &style.text)?;
        row += 1;
    }
    for note in &draft.report.incomplete {
        page.text(row, 0, &format!("INCOMPLETE: {}", note.message), &style.alarm)?;
        row += 1;
    }
    let top = row + 1;
    let right = certainty(&mut page, top, draft, places)? + 1;
    row = keys(&mut page, top, draft, places)? + 1;
    row = review(&mut page, row, draft)? + 1;
    row = next_quarter(&mut page, row, draft)?;
    if let Some(months) = places.months {
        let mut chart = quarters::chart(months, draft.plan.has_budget());
        chart.set_width(364).set_height(CHART_ROWS * 19);
        page.sheet.insert_chart_with_offset(right, RIGHT, &chart, 0, 4)?;
        row = row.max(right + CHART_ROWS);
    }
    row = decisions::write(&mut page, row + 1, draft)?;
    page.sheet.set_print_fit_to_pages(1, 1);
    page.sheet.set_print_area(0, 0, row, LAST)?;
    Ok(())
}

/// A figure that stands on a saving, or that it is not known.
fn known(page: &mut Page<'_>, draft: &Draft<'_>, (row, column): (u32, u16), formula: String, amount: Money) -> Drawn {
    if draft.plan.projected.is_unknown() {
        page.text(row, column, UNKNOWN, &page.style.right)
    } else {
        page.formula(row, column, formula, amount.to_string(), &page.style.money)
    }
}

/// A month of the period.
fn keys(page: &mut Page<'_>, mut row: u32, draft: &Draft<'_>, places: &Places<'_>) -> Result<u32, XlsxError> {
    let (report, plan, style) = (draft.report, draft.plan, page.style);
    let (gross, net) = (places.scenarios.gross, places.scenarios.net);
    let waits =
        format!("=SUMIFS({},{},\"batch\")", places.rows.column(Column::Cost), places.rows.column(Column::Verdict));
    let least = if report.batch_only.projected.is_a_part() { ", at least" } else { "" };
    page.text(row, 0, "A month of the period, in USD", &style.heading)?;
    row += 1;
    let costs = [
        (
            document::bound(report).to_owned() + "Cost",
            format!("={}", gross.today()),
            report.today,
            "an average month of what was read",
        ),
        ("Of it batch-eligible".to_owned(), waits, report.can_wait(), "confirmed and likely; without the undecided"),
    ];
    for (label, formula, amount, note) in costs {
        page.text(row, 0, &label, &style.key_label)?;
        page.formula(row, 1, formula, amount.to_string(), &style.key)?;
        page.text(row, 2, note, &style.faint)?;
        row += 1;
    }
    let both = together(plan.now.batch, plan.now.routing).base;
    let mut savings = vec![(
        "Batch saves, net",
        net.batch_saving(BASE),
        plan.now.batch_only.base,
        "net of failures and late results",
    )];
    if !plan.routes.is_empty() {
        savings.push(("Batch and routing save, net", net.both_saving(BASE), both, "by the policy's routes"));
    }
    for (label, cell, amount, note) in savings {
        page.text(row, 0, &format!("{label}{least}"), &style.key_label)?;
        if report.batch_only.projected.is_unknown() {
            page.text(row, 1, UNKNOWN, &style.key)?;
        } else {
            page.formula(row, 1, format!("={cell}"), amount.to_string(), &style.key)?;
        }
        page.text(row, 2, note, &style.faint)?;
        row += 1;
    }
    Ok(row)
}

/// Each quarter against its budget.
fn review(page: &mut Page<'_>, row: u32, draft: &Draft<'_>) -> Result<u32, XlsxError> {
    let (plan, style) = (draft.plan, page.style);
    let is_known = !plan.projected.is_unknown();
    page.text(row, 0, "Spend against budget, in USD", &style.heading)?;
    if plan.quarters.is_empty() {
        page.text(row + 1, 0, "Nothing is foretold: no row of the files has a day.", &style.text)?;
        return Ok(row + 2);
    }
    let titles = ["Budget", "Actual to date", "To go", "Outlook", "Under budget"].map(|title| (title, true));
    page.head(row + 1, 0, &[&[("Quarter", false)], &titles[..]].concat())?;
    let mut line = row + 2;
    for (at, quarter) in (0..).zip(plan.quarters.iter().take(MOST_QUARTERS)) {
        let cell = |row: u32| quarters::cell(row, at);
        page.text(line, 0, &reviewed_name(quarter), &style.text)?;
        let budget = (cell(BUDGET), budget_of(plan, quarter));
        page.formula(line, 1, format!("={}", budget_formula(&budget)), or_nothing(budget.1), &style.money)?;
        under(page, line, &budget, (format!("E{}", line + 1), is_known.then_some(quarter.outlook.base)))?;
        page.formula(line, 2, format!("={}", cell(ACTUAL)), quarter.actual_to_date.to_string(), &style.money)?;
        known(page, draft, (line, 3), format!("={}", cell(TO_GO)), quarter.forecast_to_go.base)?;
        known(page, draft, (line, 4), format!("={}", cell(OUTLOOK)), quarter.outlook.base)?;
        line += 1;
    }
    if plan.quarters.len() > MOST_QUARTERS {
        page.text(line, 0, "Later quarters stand on the sheet Quarters.", &style.faint)?;
        line += 1;
    }
    Ok(line)
}

/// A budget: its cell on the sheet of quarters, and the amount. One of owners or teams together is not in that cell.
type Budget = (String, Option<Money>);

fn budget_formula((cell, budget): &Budget) -> String {
    let or_else = budget.map_or_else(|| format!("\"{NOTHING}\""), |budget| budget.to_string());
    format!("IF(ISNUMBER({cell}),{cell},{or_else})")
}

/// What a cost leaves of a budget.
fn under(page: &mut Page<'_>, row: u32, budget: &Budget, (cell, cost): (String, Option<Money>)) -> Drawn {
    let own = budget_formula(budget);
    let formula = format!("=IF(AND(ISNUMBER({own}),ISNUMBER({cell})),{own}-{cell},\"{NOTHING}\")");
    let left = budget.1.zip(cost).map(|(budget, cost)| difference(budget, cost));
    page.formula(row, 5, formula, or_nothing(left), &page.style.money)
}

fn or_nothing(amount: Option<Money>) -> String {
    amount.map_or_else(|| NOTHING.to_owned(), |amount| amount.to_string())
}

/// The first quarter that lies ahead as a whole, or the first of all: its cost in each scenario, and apart what an
/// assumption would add.
fn next_quarter(page: &mut Page<'_>, row: u32, draft: &Draft<'_>) -> Result<u32, XlsxError> {
    let (plan, style) = (draft.plan, page.style);
    let is_known = !plan.projected.is_unknown();
    let whole = plan.quarters.iter().position(|quarter| quarter.months == 3).unwrap_or_default();
    let Some(quarter) = plan.quarters.get(whole) else { return Ok(row) };
    let place = u16::try_from(whole).unwrap_or_default();
    page.text(row, 0, &format!("{}, in USD", quarter_name(quarter)), &style.heading)?;
    let titles = ["Low", "Base", "High", "Saves", "Under budget"].map(|title| (title, true));
    page.head(row + 1, 0, &[&[("", false)], &titles[..]].concat())?;
    let mut line = row + 2;
    for (label, at, costs, saving) in scenarios(quarter, !plan.routes.is_empty()) {
        page.text(line, 0, label, &style.text)?;
        for ((case, column_here), amount) in (0..).zip(1..).zip(in_order(costs)) {
            let formula = format!("={}", quarters::cell(at + case, place));
            match saving {
                None => page.formula(line, column_here, formula, amount.to_string(), &style.money)?,
                Some(_) => known(page, draft, (line, column_here), formula, amount)?,
            }
        }
        if let Some((at, saved)) = saving {
            known(page, draft, (line, 4), format!("={}", quarters::cell(at + 1, place)), saved)?;
        }
        let budget = (quarters::cell(BUDGET, place), budget_of(plan, quarter));
        under(page, line, &budget, (format!("C{}", line + 1), (saving.is_none() || is_known).then_some(costs.base)))?;
        line += 1;
    }
    line = assumed(page, line, draft, quarter, place)?;
    let said = band(&plan.growth);
    page.across(line, (0, 5), &said, &style.prose)?;
    page.high_enough(line, &[(&said, LABEL_WIDTH + 5 * WIDTH)])?;
    Ok(line + 1)
}

/// A scenario: its name, the row of its cost, its cost, and what it saves with its row.
type ScenarioLine = (&'static str, u32, Cases<Money>, Option<(u32, Money)>);

fn scenarios(quarter: &QuarterAhead, has_routes: bool) -> impl Iterator<Item = ScenarioLine> {
    let (batch, both) = (&quarter.batch_only, &quarter.combined);
    let nothing = ("If nothing is done", TODAY, quarter.today, None);
    let batch = ("Batch only", BATCH_COST, batch.cost, Some((BATCH_SAVING, batch.saving.base)));
    let both = ("Batch and routing", BOTH_COST, both.cost, Some((BOTH_SAVING, both.saving.base)));
    [nothing, batch].into_iter().chain(has_routes.then_some(both))
}

/// What an assumption would add, hatched: it is in no figure above.
fn assumed(
    page: &mut Page<'_>,
    mut row: u32,
    draft: &Draft<'_>,
    quarter: &QuarterAhead,
    place: u16,
) -> Result<u32, XlsxError> {
    let style = page.style;
    let hatched = |page: &mut Page<'_>, row: u32, label: &str| -> Drawn {
        for column in 0..=5 {
            page.sheet.write_blank(row, column, &style.assumed)?;
        }
        page.text(row, 0, label, &style.assumed_label)
    };
    if !draft.plan.projected.is_unknown() {
        let saving = quarter.batch_only.saving;
        let undecided = difference(saving.high, saving.base);
        hatched(page, row, "Assumed: all undecided can wait")?;
        let [base, high] = [1, 2].map(|case| quarters::cell(BATCH_SAVING + case, place));
        page.formula(row, 4, format!("={high}-{base}"), undecided.to_string(), &style.assumed)?;
        row += 1;
    }
    if let Some(routing) = draft.plan.routing_assumed {
        hatched(page, row, "Assumed: routing of the rest, a month")?;
        page.money(row, 4, routing.base, &style.assumed)?;
        row += 1;
    }
    Ok(row)
}

/// How far the figures can be relied on; gives the row behind it.
fn certainty(page: &mut Page<'_>, row: u32, draft: &Draft<'_>, places: &Places<'_>) -> Result<u32, XlsxError> {
    let style = page.style;
    page.text(row, RIGHT, "Data confidence", &style.heading)?;
    let mut line = row + 1;
    let checks = document::certainty(draft.report);
    let table = checks.as_ref().and_then(|section| section.blocks.iter().find_map(Block::table));
    for found in table.into_iter().flat_map(|table| &table.rows) {
        page.text(line, RIGHT, &found.cells[0].drawn(&PLAIN), &style.text)?;
        page.text(line, RIGHT + 1, &found.cells[1].drawn(&PLAIN), &style.text)?;
        line += 1;
    }
    let (now, before) = &places.assumptions.changed;
    let changed = format!("=IF(SUMPRODUCT(--({now}<>{before}))=0,\"as batchwise made them\",\"changed\")");
    page.text(line, RIGHT, "Assumptions", &style.text)?;
    page.formula(line, RIGHT + 1, changed, "as batchwise made them".to_owned(), &style.text)?;
    let checks = format!(
        "=IF(COUNTIF({},\"changed\")=0,\"same to the cent\",\"follow the changed assumptions\")",
        places.scenarios.checks
    );
    page.text(line + 1, RIGHT, "Formulas and batchwise", &style.text)?;
    page.formula(line + 1, RIGHT + 1, checks, "same to the cent".to_owned(), &style.text)?;
    Ok(line + 2)
}
