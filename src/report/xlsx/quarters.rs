//! The sheet of quarters and months to come: growth, ramp and budget over the scenarios.

use rust_xlsxwriter::{Chart, ChartFont, ChartLine, ChartType, Worksheet, XlsxError};

use super::assumptions::AssumptionCells;
use super::base::Base;
use super::cells::{Drawn, NOTHING, Page, cell_of, in_order, letters};
use super::number;
use super::style::{SERIES, Style, grid_lines};
use crate::money::{Exact, Money};
use crate::plan::Plan;
use crate::plan::ahead::{Ahead, MonthAhead, QuarterAhead};
use crate::plan::forecast::Forecast;
use crate::policy::Cases;
use crate::report::plan::Draft;
use crate::report::words::difference;

pub const SHEET: &str = "Quarters";
const HEAD: u32 = 4;
const LIVE: u32 = 5;
pub const TODAY: u32 = 7;
pub const BATCH_COST: u32 = 11;
pub const BATCH_SAVING: u32 = 15;
pub const BOTH_COST: u32 = 19;
pub const BOTH_SAVING: u32 = 23;
pub const ACTUAL: u32 = 27;
pub const TO_GO: u32 = 28;
pub const OUTLOOK: u32 = 29;
pub const BUDGET: u32 = 30;
const HEADROOM: u32 = 31;
const VARIANCE: u32 = 32;
const WORKINGS: u32 = 34;
const BASE_LEVELS: u32 = 35;
const BASE_BEHIND: u32 = 36;
const START: u32 = 37;
const AHEAD: u32 = 39;
const FACTOR: u32 = 40;
const LOW: u32 = 41;
const HIGH: u32 = 42;
const LEVEL_TODAY: u32 = 43;
const LEVEL_BATCH: u32 = 44;
const LEVEL_BOTH: u32 = 47;
const DAYS: u32 = 50;
/// The column of the first quarter.
const FIRST: u16 = 2;
const CASES: [&str; 3] = ["low", "base", "high"];

/// The columns of the first and the last month.
pub type Months = (u16, u16);

/// A quarter's cell in one of the rows that are named here; of a row with cases the one of its first.
pub fn cell(row: u32, quarter: u16) -> String {
    cell_of(SHEET, row, FIRST + quarter)
}

/// Writes the sheet; nothing comes back if no month is foretold.
pub fn write(
    sheet: &mut Worksheet,
    style: &Style,
    draft: &Draft<'_>,
    assumptions: &AssumptionCells,
    base: &Base,
) -> Result<Option<Months>, XlsxError> {
    let plan = draft.plan;
    let mut page = Page::new(
        sheet,
        style,
        SHEET,
        &[
            "Quarters, and right of them their months, in USD: the base months scaled to each month's volume, at the prices of its days; growth, ramp and budget of Assumptions.",
            "Cost from the low to the high end of the forecast (about 8 in 10), in the base case of saving; saving by case, in its middle. Headroom is the budget less the cost with batch and routing, base; of a quarter less what is spent and to come.",
        ],
    )?;
    let count = |length: usize| u16::try_from(length).unwrap_or(u16::MAX);
    let quarters = count(plan.quarters.len());
    let first_month = FIRST + quarters + 1;
    page.widths(&[40, 7])?;
    let Some(forecast) = plan.forecast.as_ref().filter(|_| !plan.months.is_empty()) else {
        page.text(HEAD, 0, "Nothing is foretold: no row of the files has a day.", &style.alarm)?;
        page.finish(HEAD, 1, 0, (HEAD, 1))?;
        return Ok(None);
    };
    let last = first_month + count(plan.months.len()) - 1;
    page.sheet.set_column_range_width(FIRST, last, 13)?;
    page.sheet.set_column_width(first_month - 1, 2)?;
    labels(&mut page, plan)?;
    start(&mut page, forecast)?;
    for (column, month) in (first_month..).zip(&plan.months) {
        page.head(HEAD, column, &[(&month.month.to_string(), true)])?;
    }
    for (index, month) in plan.months.iter().enumerate() {
        let place = Place { column: first_month + count(index), index, plan, assumptions, base };
        month_column(&mut page, &place, month, forecast)?;
    }
    let mut from = first_month;
    for (column, quarter) in (FIRST..).zip(&plan.quarters) {
        page.head(HEAD, column, &[(&quarter.quarter.to_string(), true)])?;
        let to = from + u16::try_from(quarter.months).unwrap_or(1) - 1;
        let months = crate::report::words::plural(u64::from(quarter.months), "month");
        page.text(LIVE, column, &months, &style.right)?;
        quarter_column(&mut page, column, (from, to), quarter, plan)?;
        from = to + 1;
    }
    page.finish(HEAD, last, FIRST, (WORKINGS - 1, last))?;
    Ok(Some((first_month, last)))
}

fn labels(page: &mut Page<'_>, plan: &Plan) -> Drawn {
    let style = page.style;
    page.head(HEAD, 0, &[("", false), ("Case", false)])?;
    page.text(LIVE, 0, "What runs of the steps, by month", &style.text)?;
    for (row, title) in [
        (TODAY, "Cost if nothing is done"),
        (BATCH_COST, "Batch only: cost"),
        (BATCH_SAVING, "Batch only: saving"),
        (BOTH_COST, "Batch and routing: cost"),
        (BOTH_SAVING, "Batch and routing: saving"),
        (LEVEL_BATCH, "Batch only saves, a dollar of an average day"),
        (LEVEL_BOTH, "Batch and routing save, a dollar of an average day"),
    ] {
        for (row, case) in (row..).zip(CASES) {
            page.text(row, 0, title, &style.text)?;
            page.text(row, 1, case, &style.faint)?;
        }
    }
    for (row, title) in [
        (ACTUAL, "Spent on the days read"),
        (TO_GO, "To come with the plan"),
        (OUTLOOK, "Both: outlook"),
        (BUDGET, "Budget"),
        (HEADROOM, "Headroom"),
        (VARIANCE, "Variance"),
        (BASE_LEVELS, "Volume of an average day of each base month"),
        (BASE_BEHIND, "Months from it to the last of them"),
        (START, "Volume of an average day where the forecast starts"),
        (AHEAD, "Months from the last base month"),
        (FACTOR, "Volume of an average day"),
        (LOW, "Low end of the forecast, of its middle"),
        (HIGH, "High end"),
        (LEVEL_TODAY, "Cost, a dollar of an average day"),
    ] {
        page.text(row, 0, title, &style.text)?;
    }
    page.text(WORKINGS, 0, "How it is worked out", &style.heading)?;
    for (row, level) in (DAYS..).zip(plan.at_prices.iter().skip(1)) {
        let day = level.from.map(|day| day.to_string()).unwrap_or_default();
        page.text(row, 0, &format!("Weighted days at the prices from {day} on"), &style.text)?;
    }
    Ok(())
}

/// What volume is multiplied by after so many months, as a formula.
fn growth(months: &str) -> String {
    format!(
        "IF(AND(Growth_damping>0,Growth_damping<1),MAX(0,1+Growth*Growth_damping*(1-Growth_damping^{months})/(1-Growth_damping)),(1+Growth)^{months})"
    )
}

fn start_cell() -> String {
    format!("${}${}", letters(FIRST), START + 1)
}

/// Where the forecast starts: the middle of the base months, each brought forward by growth.
fn start(page: &mut Page<'_>, forecast: &Forecast) -> Drawn {
    let style = page.style;
    let mut forward = Vec::new();
    for (column, base) in (FIRST..).zip(&forecast.levels) {
        page.ratio(BASE_LEVELS, column, &base.level, &style.fine)?;
        page.count(BASE_BEHIND, column, u64::from(base.behind))?;
        let x = letters(column);
        forward.push(format!("{x}{}*(1+Growth)^{x}{}", BASE_LEVELS + 1, BASE_BEHIND + 1));
    }
    let formula = if forward.is_empty() { "=0".to_owned() } else { format!("=MEDIAN({})", forward.join(",")) };
    page.formula(START, FIRST, formula, number::text(&forecast.start), &style.fine)
}

/// A month's column, and what is its own.
struct Place<'p> {
    column: u16,
    index: usize,
    plan: &'p Plan,
    assumptions: &'p AssumptionCells,
    base: &'p Base,
}

impl Place<'_> {
    /// The share of a step that runs in this month, as a cell; nothing where it has not begun.
    fn share(&self, start: i32) -> Option<&str> {
        let since = i32::try_from(self.index).ok()?.checked_sub(start)?;
        self.assumptions.ramp.get(usize::try_from(since).ok()?).map(String::as_str)
    }

    /// Something of the base months, by the days at each level's prices, of a dollar of all of them.
    fn mixed(&self, x: &str, of_level: &dyn Fn(usize) -> String) -> String {
        let parts = (0..self.base.levels()).map(|level| format!("{x}{}*({})", DAYS + 1 + row(level), of_level(level)));
        let whole = self.base.today(0);
        format!("=IF({whole}=0,0,({})/{whole})", parts.collect::<Vec<_>>().join("+"))
    }

    /// What batch alone saves.
    fn batch_only(&self, level: usize, case: u16) -> String {
        let starts = self.base.starts.iter().enumerate();
        let parts = starts.filter_map(|(index, start)| {
            Some(format!("{}*{}", self.share(*start)?, self.base.batch_only(level, index, case)))
        });
        or_nothing(&parts.collect::<Vec<_>>())
    }

    /// What batch and routing save.
    fn both(&self, level: usize, case: u16) -> String {
        let routed = self.share(0).unwrap_or("0");
        let starts = self.base.starts.iter().enumerate();
        let parts = starts.filter_map(|(index, start)| {
            let (batch, until) = (self.base.batch(level, index, case), self.base.until_then(level, index, case));
            Some(format!("{}*({batch}-{routed}*{until})", self.share(*start)?))
        });
        let routing = format!("{routed}*{}", self.base.routing(level, case));
        parts.chain([routing]).collect::<Vec<_>>().join("+")
    }

    /// What runs of the steps.
    fn live(&self) -> String {
        let starts = self.base.starts.iter().enumerate();
        let saved: Vec<String> = starts.clone().map(|(index, _)| self.base.saved_now(index)).collect();
        let running =
            starts.filter_map(|(index, start)| Some(format!("{}*{}", self.share(*start)?, self.base.saved_now(index))));
        let ramp = self.share(0).unwrap_or("0");
        if saved.is_empty() {
            return format!("={ramp}");
        }
        let all = saved.join("+");
        format!("=IF({all}=0,{ramp},({})/({all}))", or_nothing(&running.collect::<Vec<_>>()))
    }
}

fn or_nothing(parts: &[String]) -> String {
    if parts.is_empty() { "0".to_owned() } else { parts.join("+") }
}

fn row(index: usize) -> u32 {
    u32::try_from(index).unwrap_or(u32::MAX)
}

fn month_column(page: &mut Page<'_>, place: &Place<'_>, month: &MonthAhead, forecast: &Forecast) -> Drawn {
    let (style, column) = (page.style, place.column);
    let x = letters(column);
    let cell = |row: u32| format!("{x}{}", row + 1);
    page.formula(LIVE, column, place.live(), number::text(&month.live), &style.share)?;
    page.count(AHEAD, column, u64::from(month.ahead))?;
    for (row, days) in (DAYS..).zip(&month.weighted_days) {
        page.ratio(row, column, days, &style.factor)?;
    }
    let volume = &forecast.start * forecast.rate.factor(month.ahead);
    let formula = format!("={}*{}", start_cell(), growth(&cell(AHEAD)));
    page.formula(FACTOR, column, formula, number::text(&volume), &style.fine)?;
    let factors = place.plan.growth.band.factors(month.ahead);
    for ((row, sign), factor) in [(LOW, "-"), (HIGH, "")].into_iter().zip(&factors) {
        // A program's own e^x can lie a hair below the number whose sixth decimal is cut off.
        let formula = format!("=ROUNDDOWN(ROUND(EXP({sign}MIN(20,1.6*Band_error*SQRT({}))),12),6)", cell(AHEAD));
        page.formula(row, column, formula, number::text(factor), &style.factor)?;
    }
    let a_dollar = |amount: Money| {
        if volume == Exact::from_integer(0.into()) { "0".to_owned() } else { number::text(&(amount.exact() / &volume)) }
    };
    let today = place.mixed(&x, &|level| place.base.today(level));
    page.formula(LEVEL_TODAY, column, today, a_dollar(month.today.base), &style.factor)?;
    for case in 0..3_u16 {
        let index = usize::from(case);
        let line = u32::from(case);
        let batch = place.mixed(&x, &|level| place.batch_only(level, case));
        let saves = in_order(month.batch_only.saving)[index];
        page.formula(LEVEL_BATCH + line, column, batch, a_dollar(saves), &style.factor)?;
        let both = place.mixed(&x, &|level| place.both(level, case));
        let saves = in_order(month.combined.saving)[index];
        page.formula(LEVEL_BOTH + line, column, both, a_dollar(saves), &style.factor)?;
    }
    let spread =
        |middle: String| [format!("={middle}*{}", cell(LOW)), String::new(), format!("={middle}*{}", cell(HIGH))];
    let [low, _, high] = spread(cell(TODAY + 1));
    let base = format!("={}*{}", cell(LEVEL_TODAY), cell(FACTOR));
    for (line, (formula, amount)) in (TODAY..).zip([low, base, high].into_iter().zip(in_order(month.today))) {
        page.formula(line, column, formula, amount.to_string(), &style.money)?;
    }
    let scenarios: [(u32, u32, u32, &Ahead); 2] = [
        (BATCH_COST, BATCH_SAVING, LEVEL_BATCH, &month.batch_only),
        (BOTH_COST, BOTH_SAVING, LEVEL_BOTH, &month.combined),
    ];
    for (cost, saving, level, amounts) in scenarios {
        let [low, _, high] = spread(cell(cost + 1));
        let base = format!("={}-{}", cell(TODAY + 1), cell(saving + 1));
        for (line, (formula, amount)) in (cost..).zip([low, base, high].into_iter().zip(in_order(amounts.cost))) {
            page.formula(line, column, formula, amount.to_string(), &style.money)?;
        }
        for (line, amount) in (0..).zip(in_order(amounts.saving)) {
            let formula = format!("={}*{}", cell(level + line), cell(FACTOR));
            page.formula(saving + line, column, formula, amount.to_string(), &style.money)?;
        }
    }
    let own = &place.assumptions.budgets[place.index];
    let budget = format!("=IF(ISNUMBER({own}),{own},\"{NOTHING}\")");
    against(page, column, budget, month.budget, (BOTH_COST + 1, month.combined.cost.base))
}

/// The budget, what is left of it, and what that is called.
fn against(
    page: &mut Page<'_>,
    column: u16,
    formula: String,
    budget: Option<Money>,
    (cost_row, cost): (u32, Money),
) -> Drawn {
    let style = page.style;
    let x = letters(column);
    let text = |amount: Option<Money>| amount.map_or_else(|| NOTHING.to_owned(), |amount| amount.to_string());
    page.formula(BUDGET, column, formula, text(budget), &style.money)?;
    let headroom = budget.map(|budget| difference(budget, cost));
    let (b, h) = (BUDGET + 1, HEADROOM + 1);
    let left = format!("=IF(ISNUMBER({x}{b}),{x}{b}-{x}{},\"{NOTHING}\")", cost_row + 1);
    page.formula(HEADROOM, column, left, text(headroom), &style.money)?;
    let words = match headroom {
        None => NOTHING,
        Some(headroom) if headroom.is_negative() => "unfavourable",
        Some(_) => "favourable",
    };
    let variance = format!("=IF(ISNUMBER({x}{h}),IF(ROUND({x}{h},6)<0,\"unfavourable\",\"favourable\"),\"{NOTHING}\")");
    page.formula(VARIANCE, column, variance, words.to_owned(), &style.right)
}

fn quarter_column(
    page: &mut Page<'_>,
    column: u16,
    (from, to): (u16, u16),
    quarter: &QuarterAhead,
    plan: &Plan,
) -> Drawn {
    let style = page.style;
    let x = letters(column);
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
    page.money(ACTUAL, column, quarter.actual_to_date, &style.quarter)?;
    // Days of the month that was read last, as they are foretold; the months are formulas.
    let rest = difference(quarter.forecast_to_go.base, quarter.combined.cost.base);
    let to_go = format!("={x}{}+{rest}", BOTH_COST + 2);
    page.formula(TO_GO, column, to_go, quarter.forecast_to_go.base.to_string(), &style.quarter)?;
    let outlook = format!("={x}{}+{x}{}", ACTUAL + 1, TO_GO + 1);
    page.formula(OUTLOOK, column, outlook, quarter.outlook.base.to_string(), &style.quarter)?;
    let budget = if plan.given.has_flat_budget {
        let read = quarter.months_read;
        format!("=IF(ISNUMBER(Budget_monthly),SUM({})+{read}*Budget_monthly,\"{NOTHING}\")", months(BUDGET))
    } else {
        match quarter.budget_read {
            // Each month has to have one.
            Some(read) => {
                let (months, count) = (months(BUDGET), quarter.months);
                format!("=IF(COUNT({months})={count},SUM({months})+{read},\"{NOTHING}\")")
            }
            None => format!("=\"{NOTHING}\""),
        }
    };
    against(page, column, budget, quarter.budget, (OUTLOOK, quarter.outlook.base))
}

/// Months of the base case, and the budget as a line where the policy has one.
pub fn chart((first, last): Months, has_budget: bool) -> Chart {
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
    chart
}
