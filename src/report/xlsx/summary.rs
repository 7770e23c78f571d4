//! The first sheet: the answer, the scenarios, the quarters, and how sure it is.

use rust_xlsxwriter::{Chart, ChartFont, ChartType, Worksheet, XlsxError};

use super::assumptions::AssumptionCells;
use super::cells::{NOTHING, Page, in_order};
use super::quarters::Quarters;
use super::scenarios::{Scenarios, share_of, together};
use super::style::{SERIES, Style, grid_lines};
use super::workloads::{Column, Rows};
use crate::money::{Money, rounded_text};
use crate::plan::forecast::Method;
use crate::report::document::{self, PLAIN, Text, UNKNOWN};
use crate::report::plan::Draft;
use crate::report::words::{difference, dollars, grouped, plural};

mod open;

const SHEET: &str = "Summary";
const LAST: u16 = 6;
const BASE: u16 = 1;
const LABEL_WIDTH: u16 = 46;
const WIDTH: u16 = 15;

/// Where the other sheets have what this one shows.
pub struct Places<'p> {
    /// Assumptions.
    pub assumptions: &'p AssumptionCells,
    /// The workloads at the prices of the period.
    pub rows: &'p Rows,
    /// Scenarios.
    pub scenarios: &'p Scenarios,
    /// Months ahead.
    pub quarters: &'p Quarters,
}

/// Writes the sheet.
pub fn write(sheet: &mut Worksheet, style: &Style, draft: &Draft<'_>, places: &Places<'_>) -> Result<(), XlsxError> {
    let about = Text::joined(document::about(draft.report), " · ").drawn(&PLAIN);
    let mut page = Page::new(sheet, style, SHEET, &[&about])?;
    page.text(0, 0, "What batch APIs would save", &style.title)?;
    page.widths(&[LABEL_WIDTH, WIDTH, WIDTH, WIDTH, WIDTH, WIDTH, WIDTH])?;
    let mut row = 2;
    let status = document::status(draft.report);
    let look = if status.is_alarm { &style.alarm } else { &style.note };
    page.text(row, 0, &status.text.drawn(&PLAIN), look)?;
    row += 1;
    if let Some(said) = document::bill_sentences(draft.report) {
        page.text(row, 0, &Text::joined(said, " ").drawn(&PLAIN), &style.text)?;
        row += 1;
    }
    for note in &draft.report.incomplete {
        page.text(row, 0, &format!("INCOMPLETE: {}", note.message), &style.alarm)?;
        row += 1;
    }
    row = keys(&mut page, row + 1, draft, places)?;
    row = scenarios(&mut page, row + 1, draft, places)?;
    row = quarters(&mut page, row + 1, draft, places)?;
    let by_result = row + 1;
    row = results(&mut page, by_result, draft, places)?;
    let chart = chart(by_result + 2, row - 1);
    page.sheet.insert_chart_with_offset(by_result, 3, &chart, 10, 4)?;
    row = row.max(by_result + 13);
    row = certainty(&mut page, row + 1, draft, places)?;
    row = open::drivers(&mut page, row + 1, draft)?;
    row = open::questions(&mut page, row + 1, draft)?;
    page.sheet.set_print_area(0, 0, row, LAST)?;
    page.sheet.set_portrait();
    Ok(())
}

/// The figures to be seen first.
fn keys(page: &mut Page<'_>, mut row: u32, draft: &Draft<'_>, places: &Places<'_>) -> Result<u32, XlsxError> {
    let (report, plan) = (draft.report, draft.plan);
    let (paper, runs) = (places.scenarios.gross, places.scenarios.net);
    let both = together(plan.now.batch, plan.now.routing);
    let waits =
        format!("=SUMIFS({},{},\"batch\")", places.rows.column(Column::Cost), places.rows.column(Column::Verdict));
    let mut lines = vec![
        (
            format!("A month costs {}", document::bound(report)).trim().to_owned(),
            format!("={}", paper.today()),
            report.today,
            "USD, priced from the table",
        ),
        (
            "Of it batch-eligible".to_owned(),
            waits,
            report.can_wait(),
            "confirmed and likely; without what is undecided",
        ),
        (
            "Batch saves a month, gross".to_owned(),
            format!("={}", paper.batch_saving(BASE)),
            report.batch_only.saving.base,
            "base case; everything comes back and nothing fails",
        ),
        (
            "Batch saves a month, net".to_owned(),
            format!("={}", runs.batch_saving(BASE)),
            plan.now.batch_only.base,
            "net of failures, late results, and work not worth a step",
        ),
        (
            "Batch and routing save a month, net".to_owned(),
            format!("={}", runs.both_saving(BASE)),
            both.base,
            if plan.routes.is_empty() {
                "no routes are named, so it is batch alone"
            } else {
                "routing by the policy's routes"
            },
        ),
    ];
    if let (Some(column), Some(last)) = (places.quarters.last_month, plan.months.last()) {
        let month = |words: &str| format!("{} costs {words}", last.month);
        lines.push((
            month("if nothing is done"),
            format!("={}", Quarters::today(column)),
            last.today.base,
            "base growth",
        ));
        lines.push((
            month("with batch and routing"),
            format!("={}", Quarters::both_cost(column)),
            last.combined.cost.base,
            "base growth, base case",
        ));
    }
    let projected = report.batch_only.projected;
    for (label, formula, amount, note) in lines {
        let is_saving = label.contains(" save");
        let least = if is_saving && projected.is_a_part() { ", at least" } else { "" };
        page.text(row, 0, &format!("{label}{least}"), &page.style.key_label)?;
        if projected.is_unknown() && (is_saving || label.ends_with("with batch and routing")) {
            page.text(row, 1, UNKNOWN, &page.style.key)?;
        } else {
            page.formula(row, 1, formula, amount.to_string(), &page.style.key)?;
        }
        page.text(row, 2, note, &page.style.faint)?;
        row += 1;
    }
    Ok(row)
}

fn scenarios(page: &mut Page<'_>, row: u32, draft: &Draft<'_>, places: &Places<'_>) -> Result<u32, XlsxError> {
    let (report, plan, style) = (draft.report, draft.plan, page.style);
    page.text(row, 0, "Three scenarios, a month in USD", &style.heading)?;
    page.head(
        row + 1,
        0,
        &[
            ("", false),
            ("Gross: low", true),
            ("base", true),
            ("high", true),
            ("Net: low", true),
            ("base", true),
            ("high", true),
        ],
    )?;
    let labels = ["Today", "Batch only", "saves", "share", "Batch and routing", "saves", "share"];
    for (line, label) in (row + 2..).zip(labels) {
        let is_part = label.starts_with('s');
        page.text(line, 0, label, if is_part { &style.indented } else { &style.text })?;
    }
    let sides = [
        (
            places.scenarios.gross,
            report.batch_only.saving,
            together(report.combined.batch, report.combined.routing),
            report.today,
        ),
        (places.scenarios.net, plan.now.batch_only, together(plan.now.batch, plan.now.routing), plan.now.today),
    ];
    for (first, (block, batch, both, today)) in [1, 4].into_iter().zip(sides) {
        for case in 0..3_u16 {
            let (column, index) = (first + case, usize::from(case));
            let (batch, both) = (in_order(batch)[index], in_order(both)[index]);
            let lines = [
                (block.today(), today.to_string(), &style.money),
                (block.batch_cost(case), difference(today, batch).to_string(), &style.money),
                (block.batch_saving(case), batch.to_string(), &style.money),
                (block.batch_share(case), share_of(batch, today), &style.share),
                (block.both_cost(case), difference(today, both).to_string(), &style.money),
                (block.both_saving(case), both.to_string(), &style.money),
                (block.both_share(case), share_of(both, today), &style.share),
            ];
            for (line, (cell, result, look)) in (row + 2..).zip(lines) {
                // The first is today's cost; the others stand on savings.
                if line > row + 2 && report.batch_only.projected.is_unknown() {
                    page.text(line, column, UNKNOWN, &style.right)?;
                } else {
                    page.formula(line, column, format!("={cell}"), result, look)?;
                }
            }
        }
    }
    Ok(row + 9)
}

fn quarters(page: &mut Page<'_>, row: u32, draft: &Draft<'_>, places: &Places<'_>) -> Result<u32, XlsxError> {
    let (plan, style) = (draft.plan, page.style);
    page.text(row, 0, "Quarters to come, base case, in USD", &style.heading)?;
    if plan.quarters.is_empty() {
        page.text(row + 1, 0, "Nothing is foretold: no row of the files has a day.", &style.text)?;
        return Ok(row + 2);
    }
    page.head(row + 1, 0, &[("", false)])?;
    let labels = [
        "If nothing is done",
        "Batch only",
        "Batch and routing",
        "Saved by both",
        "Budget",
        "Headroom of the quarter, what is spent counted",
    ];
    for (line, label) in (row + 2..).zip(labels) {
        page.text(line, 0, label, &style.text)?;
    }
    // As many as fit beside one another; the sheet Quarters has them all.
    let fit = places.quarters.quarters.min(LAST);
    for (at, quarter) in (0..fit).zip(&plan.quarters) {
        let (column, from) = (at + 1, Quarters::column(at));
        let name = match quarter.months {
            3 => quarter.quarter.to_string(),
            months => format!("{} ({months} mo.)", quarter.quarter),
        };
        page.head(row + 1, column, &[(&name, true)])?;
        let text = |amount: Option<Money>| amount.map_or_else(|| NOTHING.to_owned(), |amount| amount.to_string());
        let cost = quarter.combined.cost.base;
        let known = |cell: String| format!("=IF(ISNUMBER({cell}),{cell},\"{NOTHING}\")");
        let lines = [
            (format!("={}", Quarters::today(from)), quarter.today.base.to_string()),
            (format!("={}", Quarters::batch_cost(from)), quarter.batch_only.cost.base.to_string()),
            (format!("={}", Quarters::both_cost(from)), cost.to_string()),
            (format!("={}", Quarters::both_saving(from)), quarter.combined.saving.base.to_string()),
            (known(Quarters::budget(from)), text(quarter.budget)),
            (
                known(Quarters::headroom(from)),
                text(quarter.budget.map(|budget| difference(budget, quarter.outlook.base))),
            ),
        ];
        for (line, (formula, result)) in (row + 2..).zip(lines) {
            // What is known without batch: today's cost, and the budget.
            let stands_on_saving = ![row + 2, row + 6].contains(&line);
            if stands_on_saving && draft.report.batch_only.projected.is_unknown() {
                page.text(line, column, UNKNOWN, &style.right)?;
            } else {
                page.formula(line, column, formula, result, &style.money)?;
            }
        }
    }
    if fit < places.quarters.quarters {
        page.text(row + 8, 0, "Later quarters stand on the sheet Quarters.", &style.faint)?;
    }
    Ok(row + 9)
}

/// What a result is called.
fn result_words(verdict: &str, band: Option<&str>) -> &'static str {
    match (verdict, band) {
        ("already-batch", _) => "Already batch",
        ("batch", Some("confirmed")) => "Batch-eligible: confirmed",
        ("batch", _) => "Batch-eligible: likely",
        (_, Some("candidate")) => "Candidates by their traffic",
        (_, Some(_)) => "Undecided",
        _ => "Real-time",
    }
}

fn results(page: &mut Page<'_>, row: u32, draft: &Draft<'_>, places: &Places<'_>) -> Result<u32, XlsxError> {
    let style = page.style;
    page.text(row, 0, "What a month costs, by verdict", &style.heading)?;
    page.head(row + 1, 0, &[("", false), ("USD a month", true), ("Share", true)])?;
    let mut line = row + 2;
    let all = &draft.report.eligibility;
    // A verdict that costs nothing is shown where all do.
    let is_free = all.iter().all(|result| result.monthly_cost.is_zero());
    for result in all.iter().filter(|result| is_free || !result.monthly_cost.is_zero()) {
        let column = |column: Column| places.rows.column(column);
        let band = result.band.unwrap_or("=");
        let formula = format!(
            "=SUMIFS({},{},\"{}\",{},\"{band}\")",
            column(Column::Cost),
            column(Column::Verdict),
            result.verdict,
            column(Column::Band)
        );
        page.text(line, 0, result_words(result.verdict, result.band), &style.text)?;
        page.formula(line, 1, formula, result.monthly_cost.to_string(), &style.money)?;
        let today = places.scenarios.gross.today();
        page.formula(
            line,
            2,
            format!("=IF({today}=0,\"{NOTHING}\",B{}/{today})", line + 1),
            share_of(result.monthly_cost, draft.report.today),
            &style.share,
        )?;
        line += 1;
    }
    Ok(line)
}

fn chart(first: u32, last: u32) -> Chart {
    let mut chart = Chart::new(ChartType::Bar);
    chart.title().set_name("Spend a month by verdict, USD").set_font(ChartFont::new().set_size(12));
    chart
        .add_series()
        .set_name("USD a month")
        .set_categories((SHEET, first, 0, last, 0))
        .set_values((SHEET, first, 1, last, 1))
        .set_gap(40)
        .set_format(rust_xlsxwriter::ChartSolidFill::new().set_color(SERIES[2]));
    // Of bars the first axis is the one of categories in the file, and the second one on the screen.
    chart.y_axis().set_reverse();
    chart.x_axis().set_num_format("#,##0").set_major_gridlines_line(&grid_lines());
    chart.legend().set_hidden();
    chart.set_width(424).set_height(250);
    chart
}

/// What is known of how good the figures are.
fn certainty(page: &mut Page<'_>, row: u32, draft: &Draft<'_>, places: &Places<'_>) -> Result<u32, XlsxError> {
    let style = page.style;
    page.text(row, 0, "How sure it is", &style.heading)?;
    let (now, before) = &places.assumptions.changed;
    let changed = format!("=IF(SUMPRODUCT(--({now}<>{before}))=0,\"as batchwise made them\",\"changed\")");
    page.text(row + 1, 0, "Assumptions", &style.text)?;
    page.formula(row + 1, 1, changed, "as batchwise made them".to_owned(), &style.text)?;
    let checks = format!(
        "=IF(COUNTIF({},\"changed\")=0,\"same to the cent\",\"other than batchwise's, by the changed assumptions\")",
        places.scenarios.checks
    );
    page.text(row + 2, 0, "Formulas beside batchwise's own figures", &style.text)?;
    page.formula(row + 2, 1, checks, "same to the cent".to_owned(), &style.text)?;
    let mut line = row + 3;
    for (label, words) in known(draft) {
        page.text(line, 0, label, &style.text)?;
        page.text(line, 1, &words, &style.text)?;
        line += 1;
    }
    Ok(line)
}

fn known(draft: &Draft<'_>) -> Vec<(&'static str, String)> {
    let (report, plan) = (draft.report, draft.plan);
    let mut said = Vec::new();
    if report.usage.unpriced_tokens > 0 {
        let tokens = grouped(u128::from(report.usage.unpriced_tokens));
        said.push(("Without a price", format!("{tokens} tokens, in no figure; the costs above are the least")));
    }
    said.extend(document::failed(report).map(|text| ("Failed calls", text.drawn(&PLAIN))));
    let open = &report.undecided;
    if open.groups > 0 {
        said.push((
            "Undecided",
            format!(
                "{} a month in {}; batch would save {} of it if all of it can wait",
                dollars(open.monthly_cost),
                plural(open.groups, "group"),
                dollars(open.all_saves)
            ),
        ));
    }
    said.push((
        "Against the bill",
        match &report.reconciliation {
            Some(found) => {
                let standing = document::standing(report, found);
                format!("{standing}: billed {}, computed {}", dollars(found.billed), dollars(found.computed))
            }
            None => "no bill beside the usage: nothing says that these prices are paid".to_owned(),
        },
    ));
    let growth = match (plan.growth.method, &plan.growth.backtest) {
        (_, Some(test)) => {
            let first = &test.horizons[0];
            format!(
                "one month ahead {} off on average over {} ({}); as the month before: {}",
                percent(&first.error),
                plural(first.trials as u64, "month"),
                first.tolerance.name(),
                percent(&first.naive)
            )
        }
        (Method::NotEnoughData { .. }, None) => "too few months to say anything of growth".to_owned(),
        (_, None) => "too few months to test it on the past".to_owned(),
    };
    said.push(("Growth", growth));
    if plan.turnaround.is_thin {
        said.push(("Turnaround", "from few finished batches".to_owned()));
    }
    if !report.warnings.is_empty() {
        said.push(("Warnings", format!("{}, on the sheet Ledger", plural(report.warnings.len() as u64, "warning"))));
    }
    said.push((
        "Cents",
        "each figure is rounded by itself: parts may differ from their sum by one in the last digit shown".to_owned(),
    ));
    said
}

fn percent(share: &crate::money::Exact) -> String {
    format!("{} %", rounded_text(&(share * crate::money::Exact::from_integer(100.into())), 1))
}
