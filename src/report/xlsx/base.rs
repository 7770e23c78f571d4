//! The sheet of the base months: what the months ahead are scaled from, summed over the workloads at each price list.

use std::collections::BTreeSet;

use rust_xlsxwriter::{Worksheet, XlsxError};

use super::cells::{Page, cell_of, in_order};
use super::style::Style;
use super::workloads::{Column, IN_BATCH_NET, MOVES, ROUTING, Rows};
use crate::money::Money;
use crate::plan::workbook_model::WorkbookRow;
use crate::plan::workbook_model::lines::Lines;
use crate::policy::Cases;
use crate::report::plan::Draft;
use crate::report::words::sum;

pub const SHEET: &str = "Base months";
const HEAD: u32 = 4;
/// Rows of a block that do not depend on when work begins, and of each beginning.
const FIXED: u32 = 3;
const EACH: u32 = 3;

/// Where sums of the base months stand.
#[derive(Debug)]
pub struct Base {
    /// The months in which work begins, from the plan's first.
    pub starts: Vec<i32>,
    now: u32,
    levels: Vec<u32>,
}

impl Base {
    /// What work that begins in one of these months saves now.
    pub fn saved_now(&self, start: usize) -> String {
        cell_of(SHEET, self.now + 1 + row(start), 2)
    }

    /// How many price lists there are.
    pub const fn levels(&self) -> usize {
        self.levels.len()
    }

    /// What all of it costs.
    pub fn today(&self, level: usize) -> String {
        cell_of(SHEET, self.levels[level] + 1, 2)
    }

    /// What routing saves of all that it covers.
    pub fn routing(&self, level: usize, case: u16) -> String {
        cell_of(SHEET, self.levels[level] + 2, case + 1)
    }

    fn of_start(&self, level: usize, start: usize, line: u32, case: u16) -> String {
        cell_of(SHEET, self.levels[level] + FIXED + EACH * row(start) + line, case + 1)
    }

    /// What batch alone saves.
    pub fn batch_only(&self, level: usize, start: usize, case: u16) -> String {
        self.of_start(level, start, 0, case)
    }

    /// What batch saves where routing is the other choice.
    pub fn batch(&self, level: usize, start: usize, case: u16) -> String {
        self.of_start(level, start, 1, case)
    }

    /// What routing saves on the same rows until then.
    pub fn until_then(&self, level: usize, start: usize, case: u16) -> String {
        self.of_start(level, start, 2, case)
    }
}

fn row(start: usize) -> u32 {
    u32::try_from(start).unwrap_or(u32::MAX)
}

/// What a row saves once it runs.
fn saving(row: &WorkbookRow) -> Money {
    if row.can.high { row.net_saving } else { Money::ZERO }
}

/// A sum over rows that begin in one month, by case.
fn by_case(
    at: &Lines,
    start: i32,
    counts: fn(&WorkbookRow) -> Cases<bool>,
    amounts: fn(&WorkbookRow) -> Cases<Money>,
) -> [Money; 3] {
    let rows = || at.lines.iter().filter(|line| line.begins == start).map(|line| &line.row);
    let of =
        |case: usize| sum(rows().filter(|row| in_order(counts(row))[case]).map(|row| in_order(amounts(row))[case]));
    [of(0), of(1), of(2)]
}

/// Writes the sheet.
pub fn write(sheet: &mut Worksheet, style: &Style, draft: &Draft<'_>, rows: &[Rows]) -> Result<Base, XlsxError> {
    let plan = draft.plan;
    let mut page = Page::new(
        sheet,
        style,
        SHEET,
        &[
            "What the months ahead are scaled from, in USD: all base months of the forecast together, at the prices of the last day read and of each later day on which a price changes.",
            "A step saves from the month in which it begins, by its ramp; until then routes save what they do on its calls.",
        ],
    )?;
    page.widths(&[58, 16, 16, 16])?;
    page.head(HEAD, 0, &[("", false), ("Low", true), ("Base", true), ("High", true)])?;
    let has_routes = !plan.routes.is_empty();
    let now = &plan.at_prices[0];
    let starts: BTreeSet<i32> = now.lines.iter().filter(|line| line.row.can.high).map(|line| line.begins).collect();
    let starts: Vec<i32> = starts.into_iter().collect();
    let begins = |start: i32| match start {
        0 => "begins in the plan's first month".to_owned(),
        start if start < 0 => format!("began {} months before the plan", -start),
        start => format!("begins {start} months after the plan's first"),
    };
    let mut base = Base { starts: starts.clone(), now: HEAD + 1, levels: Vec::new() };
    page.text(HEAD + 1, 0, "A month of the period: what steps save once they run", &style.heading)?;
    for (index, start) in starts.iter().enumerate() {
        let at = HEAD + 2 + row(index);
        page.text(at, 0, &begins(*start), &style.indented)?;
        let cells = |column: Column| rows[0].column(column);
        let formula = format!(
            "=SUMPRODUCT(({}={start})*{}*{})",
            cells(Column::Begins),
            cells(Column::MovesBase),
            cells(Column::Net)
        );
        let [_, amount, _] = by_case(now, *start, |row| row.can, |row| Cases::all(saving(row)));
        page.formula(at, 2, formula, amount.to_string(), &style.money)?;
    }
    let mut top = HEAD + 3 + row(starts.len());
    for (at, rows) in plan.at_prices.iter().zip(rows).skip(1) {
        let day = at.from.map(|day| day.to_string()).unwrap_or_default();
        page.text(top, 0, &format!("At the prices from {day} on"), &style.heading)?;
        page.text(top + 1, 0, "Cost if nothing is done", &style.text)?;
        page.formula(top + 1, 2, format!("=SUM({})", rows.column(Column::Cost)), at.today.to_string(), &style.money)?;
        page.text(top + 2, 0, "Routing saves of all that it covers", &style.text)?;
        for (case, column) in (0_u16..).zip(ROUTING) {
            let amount = sum(at.lines.iter().map(|line| in_order(line.row.routing)[usize::from(case)]));
            let formula = if has_routes { format!("=SUM({})", rows.column(column)) } else { "=0".to_owned() };
            page.formula(top + 2, case + 1, formula, amount.to_string(), &style.money)?;
        }
        for (index, start) in starts.iter().enumerate() {
            let first = top + FIXED + EACH * row(index);
            let what = ["batch alone saves", "batch saves beside routing", "routing saves until then"];
            for (line, what) in (first..).zip(what) {
                page.text(line, 0, &format!("What {}: {what}", begins(*start)), &style.indented)?;
            }
            let amounts = [
                by_case(at, *start, |row| row.can, |row| Cases::all(saving(row))),
                by_case(at, *start, |row| row.batched, |row| Cases::all(saving(row))),
                by_case(at, *start, |row| row.batched, |row| row.routing),
            ];
            let counted = [MOVES, IN_BATCH_NET, IN_BATCH_NET];
            for case in 0..3_u16 {
                let own = usize::from(case);
                let of = [[Column::Net; 3], [Column::Net; 3], ROUTING];
                for (line, ((amounts, counted), of)) in (first..).zip(amounts.iter().zip(counted).zip(of)) {
                    let [begins, counted, of] =
                        [Column::Begins, counted[own], of[own]].map(|column| rows.column(column));
                    let formula = format!("=SUMPRODUCT(({begins}={start})*{counted}*{of})");
                    page.formula(line, case + 1, formula, amounts[own].to_string(), &style.money)?;
                }
            }
        }
        base.levels.push(top);
        top += FIXED + EACH * row(starts.len()) + 1;
    }
    page.finish(HEAD, 3, 1, (top, 3))?;
    Ok(base)
}
