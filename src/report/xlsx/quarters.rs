//! The sheet of quarters and months to come: growth, ramp and budget over the scenarios.

use rust_xlsxwriter::{Chart, ChartFont, ChartLine, ChartType, Worksheet, XlsxError};

use super::assumptions::Assumed;
use super::cells::{Drawn, NOTHING, Page, cell_of, letters};
use super::number;
use super::scenarios::{Block, Scenarios, in_order, together};
use super::style::{SERIES, Style, grid_lines};
use crate::money::{Exact, Money};
use crate::plan::ahead::{Ahead, MonthAhead, QuarterAhead};
use crate::plan::forecast::factor;
use crate::plan::workings::AtPrices;
use crate::policy::Cases;
use crate::report::plan::Draft;
use crate::report::words::difference;

pub const SHEET: &str = "Quarters";
const HEAD: u32 = 4;
const LIVE: u32 = 5;
const TODAY: u32 = 7;
const BATCH_COST: u32 = 11;
const BATCH_SAVING: u32 = 15;
const BOTH_COST: u32 = 19;
const BOTH_SAVING: u32 = 23;
const BUDGET: u32 = 27;
const HEADROOM: u32 = 28;
const VARIANCE: u32 = 29;
const CHART: u32 = 31;
const WORKINGS: u32 = 49;
const AHEAD: u32 = 50;
const FACTOR: u32 = 51;
const LEVEL_TODAY: u32 = 54;
const LEVEL_BATCH: u32 = 55;
const LEVEL_BOTH: u32 = 58;
const DAYS: u32 = 61;
/// The column of the first quarter.
const FIRST: u16 = 2;
const CASES: [&str; 3] = ["low", "base", "high"];

/// Where quarters and months stand.
#[derive(Debug)]
pub struct Quarters {
    /// Quarters, from left to right.
    pub quarters: u16,
    /// The column of the last month; nothing if no month is foretold.
    pub last_month: Option<u16>,
}

impl Quarters {
    fn cell(row: u32, column: u16) -> String {
        cell_of(SHEET, row, column)
    }

    /// The column of a quarter's amounts.
    pub fn column(quarter: u16) -> u16 {
        FIRST + quarter
    }

    /// Cost if nothing is done.
    pub fn today(column: u16) -> String {
        Self::cell(TODAY + 1, column)
    }

    /// Cost with batch only.
    pub fn batch_cost(column: u16) -> String {
        Self::cell(BATCH_COST + 1, column)
    }

    /// Cost with batch and routing.
    pub fn both_cost(column: u16) -> String {
        Self::cell(BOTH_COST + 1, column)
    }

    /// What batch and routing save.
    pub fn both_saving(column: u16) -> String {
        Self::cell(BOTH_SAVING + 1, column)
    }

    /// The budget.
    pub fn budget(column: u16) -> String {
        Self::cell(BUDGET, column)
    }

    /// What is left of it.
    pub fn headroom(column: u16) -> String {
        Self::cell(HEADROOM, column)
    }
}

/// Writes the sheet.
pub fn write(
    sheet: &mut Worksheet,
    style: &Style,
    draft: &Draft<'_>,
    assumed: &Assumed,
    scenarios: &Scenarios,
) -> Result<Quarters, XlsxError> {
    let plan = draft.plan;
    let mut page = Page::new(
        sheet,
        style,
        SHEET,
        &[
            "Quarters, and right of them their months, in USD: growth, ramp and budget of Assumptions over Scenarios, once it runs.",
            "Cost by growth, in the base case of saving; saving by case, at base growth. Headroom is the budget less the cost with batch and routing, base.",
        ],
    )?;
    let count = |length: usize| u16::try_from(length).unwrap_or(u16::MAX);
    let quarters = count(plan.quarters.len());
    let first_month = FIRST + quarters + 1;
    page.widths(&[34, 7])?;
    if plan.months.is_empty() {
        page.text(HEAD, 0, "Nothing is foretold: no row of the files has a day.", &style.alarm)?;
        page.finish(HEAD, 1, 0, (HEAD, 1))?;
        return Ok(Quarters { quarters: 0, last_month: None });
    }
    let last = first_month + count(plan.months.len()) - 1;
    page.sheet.set_column_range_width(FIRST, last, 13)?;
    page.sheet.set_column_width(first_month - 1, 2)?;
    labels(&mut page, plan.at_prices.as_slice())?;
    for (column, month) in (first_month..).zip(&plan.months) {
        page.head(HEAD, column, &[(&month.month.to_string(), true)])?;
    }
    for (index, month) in plan.months.iter().enumerate() {
        let place = MonthPlace { column: first_month + count(index), index, ramp: &assumed.ramp[index] };
        month_column(&mut page, &place, month, draft, &scenarios.running)?;
    }
    let mut from = first_month;
    for (column, quarter) in (FIRST..).zip(&plan.quarters) {
        page.head(HEAD, column, &[(&quarter.quarter, true)])?;
        let to = from + u16::try_from(quarter.months).unwrap_or(1) - 1;
        let months = crate::report::words::plural(u64::from(quarter.months), "month");
        page.text(LIVE, column, &months, &style.right)?;
        quarter_column(&mut page, column, (from, to), quarter)?;
        from = to + 1;
    }
    let chart = chart(first_month, last, plan.budget.is_some());
    page.sheet.insert_chart_with_offset(CHART, 0, &chart, 4, 4)?;
    page.finish(HEAD, last, FIRST, (WORKINGS - 1, last))?;
    Ok(Quarters { quarters, last_month: Some(last) })
}

fn labels(page: &mut Page<'_>, levels: &[AtPrices]) -> Drawn {
    let style = page.style;
    page.head(HEAD, 0, &[("", false), ("Case", false)])?;
    page.text(LIVE, 0, "What runs of the plan, by month", &style.text)?;
    for (row, title) in [
        (TODAY, "Cost if nothing is done, by growth"),
        (BATCH_COST, "Batch only: cost, by growth"),
        (BATCH_SAVING, "Batch only: saving"),
        (BOTH_COST, "Batch and routing: cost, by growth"),
        (BOTH_SAVING, "Batch and routing: saving"),
        (FACTOR, "Volume, by growth"),
        (LEVEL_BATCH, "Batch only saves, before growth"),
        (LEVEL_BOTH, "Batch and routing save, before growth"),
    ] {
        for (row, case) in (row..).zip(CASES) {
            page.text(row, 0, title, &style.text)?;
            page.text(row, 1, case, &style.faint)?;
        }
    }
    page.text(BUDGET, 0, "Budget", &style.text)?;
    page.text(HEADROOM, 0, "Headroom", &style.text)?;
    page.text(VARIANCE, 0, "Variance", &style.text)?;
    page.text(WORKINGS, 0, "How it is worked out", &style.heading)?;
    page.text(AHEAD, 0, "Months ahead", &style.text)?;
    page.text(LEVEL_TODAY, 0, "A month today, at its prices", &style.text)?;
    if levels.len() > 1 {
        for (row, level) in (DAYS..).zip(levels) {
            let from = level.from.map_or_else(|| "of the period".to_owned(), |day| format!("from {day} on"));
            page.text(row, 0, &format!("Days at the prices {from}"), &style.text)?;
        }
    }
    Ok(())
}

/// A month's column, and what is its own.
struct MonthPlace<'p> {
    column: u16,
    index: usize,
    ramp: &'p str,
}

fn month_column(
    page: &mut Page<'_>,
    place: &MonthPlace<'_>,
    month: &MonthAhead,
    draft: &Draft<'_>,
    blocks: &[Block],
) -> Drawn {
    let (style, plan, column) = (page.style, draft.plan, place.column);
    let x = letters(column);
    // From the month that growth goes on from.
    let ahead = u32::try_from(place.index + 1).unwrap_or(u32::MAX).saturating_add(plan.given.start.lead);
    page.formula(LIVE, column, format!("={}", place.ramp), number::text(&month.live.exact()), &style.share)?;
    page.count(AHEAD, column, u64::from(ahead))?;
    if plan.at_prices.len() > 1 {
        for (row, days) in (DAYS..).zip(&month.days_at) {
            page.count(row, column, u64::from(*days))?;
        }
    }
    let level = Level { levels: &plan.at_prices, days: &month.days_at, x: &x };
    let mut mixed = |row: u32, cells: &dyn Fn(Block) -> String, amount: &dyn Fn(&AtPrices) -> Money| {
        let formula = level.formula(&blocks.iter().map(|block| cells(*block)).collect::<Vec<_>>());
        page.formula(row, column, formula, number::text(&level.mixed(amount)), &style.money)
    };
    mixed(LEVEL_TODAY, &Block::today, &|at| at.today)?;
    for case in 0..3_u16 {
        let index = usize::from(case);
        let row = u32::from(case);
        mixed(LEVEL_BATCH + row, &|block| block.batch_saving(case), &|at| in_order(at.batch_only)[index])?;
        mixed(LEVEL_BOTH + row, &|block| block.both_saving(case), &|at| {
            in_order(together(at.batch, at.routing))[index]
        })?;
    }
    let growth = in_order(plan.growth.monthly.by_ref());
    for (index, name) in CASES.into_iter().enumerate() {
        let row = u32::try_from(index).unwrap_or(0);
        let volume = &plan.given.start.volume * factor(growth[index], ahead);
        page.formula(
            FACTOR + row,
            column,
            format!("=Start*(1+Growth_{name})^{x}{}", AHEAD + 1),
            number::text(&volume),
            &style.factor,
        )?;
        page.formula(
            TODAY + row,
            column,
            format!("={x}{}*{x}{}", LEVEL_TODAY + 1, FACTOR + row + 1),
            in_order(month.today)[index].to_string(),
            &style.money,
        )?;
        let scenarios: [(u32, u32, u32, &Ahead); 2] = [
            (BATCH_COST, BATCH_SAVING, LEVEL_BATCH, &month.batch_only),
            (BOTH_COST, BOTH_SAVING, LEVEL_BOTH, &month.combined),
        ];
        for (cost, saving, level, amounts) in scenarios {
            page.formula(
                cost + row,
                column,
                format!("={x}{}-{x}{}*{x}{}*{x}{}", TODAY + row + 1, level + 2, FACTOR + row + 1, LIVE + 1),
                in_order(amounts.cost)[index].to_string(),
                &style.money,
            )?;
            page.formula(
                saving + row,
                column,
                format!("={x}{}*{x}{}*{x}{}", level + row + 1, FACTOR + 2, LIVE + 1),
                in_order(amounts.saving)[index].to_string(),
                &style.money,
            )?;
        }
    }
    let budget = format!("=IF(ISNUMBER(Budget_monthly),Budget_monthly,\"{NOTHING}\")");
    against(page, column, budget, plan.budget, month.combined.cost.base)
}

/// A month at the prices of its days.
struct Level<'l> {
    levels: &'l [AtPrices],
    days: &'l [u32],
    x: &'l str,
}

impl Level<'_> {
    fn formula(&self, cells: &[String]) -> String {
        let [only] = cells else {
            let parts: Vec<String> =
                (DAYS + 1..).zip(cells).map(|(row, cell)| format!("{}{row}*{cell}", self.x)).collect();
            let last = DAYS + u32::try_from(cells.len()).unwrap_or(0);
            return format!("=({})/SUM({}{}:{}{last})", parts.join("+"), self.x, DAYS + 1, self.x);
        };
        format!("={only}")
    }

    fn mixed(&self, amount: &dyn Fn(&AtPrices) -> Money) -> Exact {
        let all: u32 = self.days.iter().sum();
        let parts = self.levels.iter().zip(self.days);
        parts.map(|(level, days)| amount(level).exact() * Exact::new((*days).into(), all.max(1).into())).sum()
    }
}

/// The budget, what is left of it, and what that is called.
fn against(page: &mut Page<'_>, column: u16, formula: String, budget: Option<Money>, cost: Money) -> Drawn {
    let style = page.style;
    let x = letters(column);
    let text = |amount: Option<Money>| amount.map_or_else(|| NOTHING.to_owned(), |amount| amount.to_string());
    page.formula(BUDGET, column, formula, text(budget), &style.money)?;
    let headroom = budget.map(|budget| difference(budget, cost));
    let (b, h) = (BUDGET + 1, HEADROOM + 1);
    let left = format!("=IF(ISNUMBER({x}{b}),{x}{b}-{x}{},\"{NOTHING}\")", BOTH_COST + 2);
    page.formula(HEADROOM, column, left, text(headroom), &style.money)?;
    let words = match headroom {
        None => NOTHING,
        Some(headroom) if headroom.is_negative() => "unfavourable",
        Some(_) => "favourable",
    };
    let variance = format!("=IF(ISNUMBER({x}{h}),IF(ROUND({x}{h},6)<0,\"unfavourable\",\"favourable\"),\"{NOTHING}\")");
    page.formula(VARIANCE, column, variance, words.to_owned(), &style.right)
}

fn quarter_column(page: &mut Page<'_>, column: u16, (from, to): (u16, u16), quarter: &QuarterAhead) -> Drawn {
    let style = page.style;
    let months = |row: u32| format!("{}{}:{}{}", letters(from), row + 1, letters(to), row + 1);
    let lines: [(u32, Cases<Money>); 5] = [
        (TODAY, quarter.today),
        (BATCH_COST, quarter.batch_only.cost),
        (BATCH_SAVING, quarter.batch_only.saving),
        (BOTH_COST, quarter.combined.cost),
        (BOTH_SAVING, quarter.combined.saving),
    ];
    for (row, amounts) in lines {
        for (row, amount) in (row..).zip(in_order(amounts)) {
            page.formula(row, column, format!("=SUM({})", months(row)), amount.to_string(), &style.quarter)?;
        }
    }
    let budget = format!("=IF(ISNUMBER(Budget_monthly),SUM({}),\"{NOTHING}\")", months(BUDGET));
    against(page, column, budget, quarter.budget, quarter.combined.cost.base)
}

/// Months of the base case, and the budget as a line where the policy has one.
fn chart(first: u16, last: u16, has_budget: bool) -> Chart {
    let mut chart = Chart::new(ChartType::Line);
    chart.title().set_name("Months to come, base case, USD").set_font(ChartFont::new().set_size(12));
    let lines = [
        (TODAY + 1, "Nothing is done"),
        (BATCH_COST + 1, "Batch only"),
        (BOTH_COST + 1, "Batch and routing"),
        (BUDGET, "Budget"),
    ];
    let shown = if has_budget { 4 } else { 3 };
    for ((row, name), color) in lines.into_iter().zip(SERIES).take(shown) {
        let mut line = ChartLine::new().set_color(color).set_width(2.25).clone();
        if row == BUDGET {
            line.set_dash_type(rust_xlsxwriter::ChartLineDashType::Dash);
        }
        chart
            .add_series()
            .set_name(name)
            .set_categories((SHEET, HEAD, first, HEAD, last))
            .set_values((SHEET, row, first, row, last))
            .set_format(&mut rust_xlsxwriter::ChartFormat::new().set_line(&line).clone());
    }
    chart.y_axis().set_num_format("#,##0").set_min(0).set_major_gridlines_line(&grid_lines());
    chart.legend().set_position(rust_xlsxwriter::ChartLegendPosition::Bottom);
    chart.set_width(900).set_height(320);
    chart
}
