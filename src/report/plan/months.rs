//! Months and quarters, past and to come.

use num_traits::Zero;

use crate::calendar::Month;
use crate::money::{Exact, Money};
use crate::plan::Plan;
use crate::plan::ahead::{MonthAhead, QuarterAhead, whole_budget};
use crate::plan::budgets::{BudgetMonth, BudgetPart};
use crate::plan::excluded_months::Exclusion;
use crate::plan::forecast::{Base, Growth, Horizon, Method};
use crate::plan::months::{MonthKind, MonthSpend};
use crate::plan::words::percent;
use crate::policy::Cases;
use crate::report::document::ColumnType::{Rate, Saving, Text as Words};
use crate::report::document::{
    Bar, CASES, Cell, LONGEST_NAME, Precision, Row, Section, Table, Text, UNKNOWN, is_nothing, name,
};
use crate::report::words::{and_n_more, day_words, difference, month_words, plural, quarter_words, sum, whole_dollars};

/// Months named in a sentence.
const MOST_NAMED: usize = 6;

/// The months that a forecast starts from, in words.
pub(super) fn base_words(base: &Base) -> String {
    match base {
        Base::Complete(months) if months.len() == 1 => format!("{}, adjusted for weekdays", named(months.iter())),
        Base::Complete(months) => format!("the median of {}, adjusted for weekdays", named(months.iter())),
        Base::Partial(month) => format!("the weekdays that were read of {}", month_words(*month)),
        Base::Period => "the mean day of the period".to_owned(),
    }
}

/// What the plan leaves of doing nothing, beside what doing nothing costs.
fn left(today: &Cases<Money>, combined: &Cases<Money>) -> Bar {
    Bar::Left(combined.base, today.base)
}

fn longest(costs: impl Iterator<Item = (Money, Money)>) -> Money {
    costs.map(|(today, combined)| today.max(combined)).max().unwrap_or_default()
}

/// What is known of a saving, or stands on one.
fn known(plan: &Plan, cell: Cell) -> Cell {
    if plan.projected.is_unknown() { Cell::text(UNKNOWN) } else { cell }
}

/// What the months of the logs cost; nothing where the log is one whole month, which the headline has.
pub(super) fn history(plan: &Plan) -> Option<Section> {
    let is_told = plan.seen.len() > 1 || plan.seen.iter().any(|month| month.kind == MonthKind::Partial);
    let row = |month: &MonthSpend| {
        let is_whole = month.kind == MonthKind::Complete;
        let days = format!("{} of {}", month.days_seen, month.month.days());
        let about = if is_whole { "" } else { "about " };
        let least = if month.unpriced.is_none() { "" } else { "at least " };
        let whole = if is_whole && month.unpriced.is_none() {
            Cell::whole(month.full)
        } else {
            Cell::text(format!("{least}{about}{}", whole_dollars(month.full)))
        };
        Row::new([Cell::Date(month.month.to_string()), Cell::text(days), Cell::whole(month.spend), whole])
            .bar(Bar::Left(month.spend, month.full))
    };
    let partial = plan.seen.iter().any(|month| month.kind == MonthKind::Partial).then(|| {
        let is_base = plan.forecast.as_ref().is_some_and(|forecast| matches!(forecast.base, Base::Partial(_)));
        let starts = if is_base {
            "the forecast starts from the latest of them, and no growth is fitted to such a month"
        } else {
            "nothing is fitted to such a month"
        };
        Text::from(format!("Days that were not read are taken to cost what their weekday costs; {starts}."))
    });
    let unpriced = plan.seen.iter().any(|month| !month.unpriced.is_none()).then(|| {
        "At least: something in that month has no price. Where that is 1 % of its tokens or more, no growth is fitted to it or tried on it.".into()
    });
    let mut table = Table::new([("Month", Words), ("Days read", Rate), ("Spend", Rate), ("Whole month", Rate)]);
    table.rows = plan.seen.iter().map(row).collect();
    table.longest_bar = plan.seen.iter().map(|month| month.full).max().unwrap_or_default();
    is_told.then(|| Section::new("history", "Months so far").table(table).list(partial.into_iter().chain(unpriced)))
}

/// The months of a list, the first ones where there are many.
pub(super) fn named<'m>(months: impl Iterator<Item = &'m Month>) -> String {
    let months: Vec<String> = months.map(|month| month_words(*month)).collect();
    let (first, rest) = months.split_at(months.len().min(MOST_NAMED));
    match (first, rest.len()) {
        ([], _) => String::new(),
        ([only], 0) => only.clone(),
        ([init @ .., last], 0) => format!("{} and {last}", init.join(", ")),
        (first, _) => format!("{}{}", first.join(", "), and_n_more(months.len(), MOST_NAMED)),
    }
}

/// Whole months that growth is neither fitted to nor tried on, and why; nothing if there is none. That a month was partly
/// read stands beside it.
pub fn excluded_months(growth: &Growth) -> Option<String> {
    if growth.method == Method::Given && growth.backtest.is_none() {
        return None;
    }
    let of = |reason: Exclusion, words: &str| {
        let months = growth.excluded_months.iter().filter(|(_, why)| *why == reason).map(|(month, _)| month);
        let months = named(months);
        (!months.is_empty()).then(|| format!("{months} ({words})"))
    };
    let parts: Vec<String> = [
        of(Exclusion::Unpriced, "1 % or more of its tokens have no price"),
        of(Exclusion::NoSpend, "no spend"),
        of(Exclusion::BeforeGap, "before such a month"),
    ]
    .into_iter()
    .flatten()
    .collect();
    (!parts.is_empty()).then(|| format!("Left out of that: {}.", parts.join("; ")))
}

/// From low to high.
fn range(amounts: &Cases<Money>) -> String {
    format!("{} to {}", whole_dollars(amounts.low), whole_dollars(amounts.high))
}

/// How far under or over a budget a cost is.
fn variance(budget: Money, cost: Money) -> Cell {
    let under = difference(budget, cost);
    let word = if under.is_negative() { "unfavourable" } else { "favourable" };
    Cell::Worded(under, Precision::Whole, word.into())
}

/// A quarter by its months to come, where they are not all of it.
pub fn quarter_name(quarter: &QuarterAhead) -> String {
    in_part(quarter, quarter.months)
}

/// A quarter by its months that were read or are to come, where they are not all of it.
pub fn reviewed_name(quarter: &QuarterAhead) -> String {
    in_part(quarter, quarter.months + quarter.months_read)
}

fn in_part(quarter: &QuarterAhead, months: u32) -> String {
    match months {
        3 => quarter_words(quarter.quarter),
        part => format!("{} ({})", quarter_words(quarter.quarter), plural(part.into(), "month")),
    }
}

/// The quarters as a review asks for them: what they may cost, what they have, and what is to come with the plan. Nothing
/// where there is no budget, and nothing was spent in them yet.
pub(super) fn review(plan: &Plan) -> Option<Section> {
    let budgets: Vec<Option<Money>> = plan.quarters.iter().map(|quarter| budget_of(plan, quarter)).collect();
    let has_budgets = budgets.iter().any(Option::is_some);
    let has_actuals = plan.quarters.iter().any(|quarter| !quarter.actual_to_date.is_zero());
    let mut columns = vec![("Quarter", Words)];
    columns.extend(has_budgets.then_some(("Budget", Rate)));
    columns.extend([("Actual to date", Rate), ("Forecast to go", Rate), ("Outlook", Rate)]);
    columns.extend(has_budgets.then_some(("Variance", Saving)));
    let row = |(quarter, budget): (&QuarterAhead, &Option<Money>)| {
        let mut cells = vec![Cell::text(reviewed_name(quarter))];
        cells.extend(has_budgets.then(|| budget.map_or(Cell::Empty, Cell::whole)));
        cells.push(Cell::whole(quarter.actual_to_date));
        cells.extend([quarter.forecast_to_go.base, quarter.outlook.base].map(|cost| known(plan, Cell::whole(cost))));
        let variance = || budget.map_or(Cell::Empty, |budget| known(plan, variance(budget, quarter.outlook.base)));
        cells.extend(has_budgets.then(variance));
        Row::new(cells)
    };
    let mut table = Table { optional_columns: if has_budgets { &[2, 3] } else { &[] }, ..Table::new(columns) };
    table.rows = plan.quarters.iter().zip(&budgets).map(row).collect();
    let over = plan.quarters.iter().zip(&budgets).filter_map(|(quarter, budget)| {
        let nothing = quarter.outlook.base.sub(quarter.combined.cost.base).ok()?.add(quarter.today.base).ok()?;
        let budget = budget.filter(|budget| *budget < nothing)?;
        let missing = whole_dollars(difference(nothing, budget));
        Some(format!("{}: doing nothing costs {missing} more than the budget.", quarter_words(quarter.quarter)))
    });
    let said = "Outlook: what was spent on the days read, and what is to come with the plan.";
    let section = Section::new("review", "Quarterly review").paragraph(said).table(table).list(over.map(Text::from));
    (has_budgets || has_actuals).then_some(section)
}

/// The budget of a quarter: of all spend, or of all owners or teams together where nobody else spends anything to be seen.
pub fn budget_of(plan: &Plan, quarter: &QuarterAhead) -> Option<Money> {
    let spends = |part: &BudgetPart| !is_nothing(sum(months_in(plan, part, quarter).map(|month| month.amount)));
    let own = |part: &BudgetPart| whole_budget(months_in(plan, part, quarter).map(|month| month.budget)).ok()?;
    let all = || {
        let parts = plan.budgets.as_ref()?.parts.iter().filter(|part| part.name.is_some() || spends(part));
        parts.map(own).collect::<Option<Vec<Money>>>().map(sum)
    };
    quarter.budget.or_else(all)
}

/// The months of an owner or team that are in a quarter.
fn months_in<'p>(plan: &Plan, part: &'p BudgetPart, quarter: &QuarterAhead) -> impl Iterator<Item = &'p BudgetMonth> {
    part.months.iter().filter(|month| plan.quarter_of(month.month) == quarter.quarter.to_string())
}

/// The next quarters under each scenario. Where there are no routes, batch is all there is.
pub fn quarters(plan: &Plan) -> Section {
    let has_routes = !plan.routes.is_empty();
    let mut columns = vec![("Quarter", Words), ("Do nothing", Rate), ("Batch only", Rate)];
    columns.extend(has_routes.then_some(("Batch + routing", Rate)));
    let row = |quarter: &QuarterAhead| {
        let cost = |amount: Money| known(plan, Cell::whole(amount));
        let mut cells = vec![
            Cell::text(quarter_name(quarter)),
            Cell::whole(quarter.today.base),
            cost(quarter.batch_only.cost.base),
        ];
        cells.extend(has_routes.then(|| cost(quarter.combined.cost.base)));
        Row::new(cells).bar(left(&quarter.today, &quarter.combined.cost))
    };
    let optional_columns: &[usize] = if has_routes { &[2] } else { &[] };
    let mut table = Table { optional_columns, ..Table::new(columns) };
    table.rows = plan.quarters.iter().map(row).collect();
    table.longest_bar = longest(plan.quarters.iter().map(|quarter| (quarter.today.base, quarter.combined.cost.base)));
    let ranges = plan.quarters.iter().filter(|quarter| quarter.today.low != quarter.today.high).map(|quarter| {
        let name = quarter_words(quarter.quarter);
        let nothing = range(&quarter.today);
        if plan.projected.is_unknown() {
            return format!("{name}, about 8 in 10: do nothing {nothing}.");
        }
        let routing =
            if has_routes { format!(", batch + routing {}", range(&quarter.combined.cost)) } else { String::new() };
        format!("{name}, about 8 in 10: do nothing {nothing}, batch only {}{routing}.", range(&quarter.batch_only.cost))
    });
    let said = growth(&plan.growth).into_iter().chain(excluded_months(&plan.growth)).chain(fiscal_year(plan));
    let points = ranges.chain(open_months(plan));
    Section::new("quarters", "The next quarters")
        .paragraphs(said.map(Text::from))
        .table(table)
        .list(points.map(Text::from))
}

/// How quarters are called, where the fiscal year is not that of the calendar.
fn fiscal_year(plan: &Plan) -> Option<String> {
    let start = plan.given.fiscal_year_start;
    (start != 1).then(|| {
        format!(
            "Quarters are those of the fiscal year that begins in month {start}; it is called by the calendar year in which it ends."
        )
    })
}

/// Months that were read in part, and which days would close them.
fn open_months(plan: &Plan) -> Option<String> {
    let (first, last) = (plan.seen.first()?, plan.seen.last()?);
    let open: Vec<Month> =
        plan.seen.iter().filter(|month| month.kind == MonthKind::Partial).map(|month| month.month).collect();
    let (from, to) = (first.month.first(), last.month.last());
    (!open.is_empty()).then(|| {
        format!(
            "{} {} read in part: usage from {} to {} would close {}, with `--from {from} --to {to}` where its first or last days had none.",
            named(open.iter()),
            if open.len() == 1 { "was" } else { "were" },
            day_words(from),
            day_words(to),
            if open.len() == 1 { "it" } else { "them" },
        )
    })
}

/// What each quarter saves in the low, base and high case; nothing where that is nothing.
pub(super) fn savings(plan: &Plan) -> Option<Section> {
    let has_routes = !plan.routes.is_empty();
    let row = |quarter: &QuarterAhead| {
        let (batch, both) = (&quarter.batch_only.saving, &quarter.combined.saving);
        let both = has_routes.then_some([both.low, both.base, both.high]);
        let amounts = [batch.low, batch.base, batch.high].into_iter().chain(both.into_iter().flatten());
        Row::new(std::iter::once(Cell::text(quarter_name(quarter))).chain(amounts.map(Cell::whole)))
    };
    let mut columns = vec![("Quarter", Words), ("Batch: low", Rate), ("Batch: base", Saving), ("Batch: high", Rate)];
    if has_routes {
        columns.extend([("Both: low", Rate), ("Both: base", Saving), ("Both: high", Rate)]);
    }
    let saves = |quarter: &QuarterAhead| {
        let (batch, both) = (&quarter.batch_only.saving, &quarter.combined.saving);
        [batch.low, batch.high, both.low, both.high].iter().any(|saving| !saving.is_zero())
    };
    let optional_columns: &[usize] = if has_routes { &[1, 3, 2] } else { &[] };
    let mut table = Table { optional_columns, ..Table::new(columns) };
    table.rows = plan.quarters.iter().map(row).collect();
    // Without routes there is nothing to say of routing.
    let cases = CASES.split(" Routing:").next().filter(|_| !has_routes).unwrap_or(CASES);
    plan.quarters.iter().any(saves).then(|| Section::new("savings", "What that saves").paragraph(cases).table(table))
}

/// Growth in words, with the error it would have made and how wide the forecast is.
fn growth(growth: &Growth) -> Vec<String> {
    let Cases { low, base, high } = growth.monthly.by_ref().map(percent);
    let span = if low == high { String::new() } else { format!(" (between {low} and {high})") };
    let how = match growth.method {
        Method::Given if growth.monthly == Cases::all(Exact::zero()) => {
            "No growth is assumed (`planning.growth_monthly` is 0 %).".to_owned()
        }
        Method::Given => format!("Growth is given: {base} a month{span}."),
        Method::Fitted => {
            format!("Growth is fitted to complete months: {base} a month, of which 80 % is left each month after.")
        }
        Method::Naive => format!(
            "No growth: what was fitted to complete months, {} a month, foretold them no better than the month before did (method `naive`).",
            growth.unused_fit.as_ref().map(percent).unwrap_or_default()
        ),
        Method::NotEnoughData { complete_months, needed } => format!(
            "Not enough data for growth: {} complete, {needed} needed; volume stays as it is.",
            plural(complete_months as u64, "month")
        ),
    };
    let tried = growth.backtest.as_ref().map(|test| {
        let horizon = |horizon: &Horizon| {
            let months = plural(horizon.months_ahead.into(), "month");
            let word = match horizon.tolerance.name() {
                "outside" => "outside".to_owned(),
                name => format!("`{name}`"),
            };
            format!("{months} {} ({word}; as the month before: {})", percent(&horizon.error), percent(&horizon.naive))
        };
        let ahead: Vec<String> = test.horizons.iter().filter(|one| one.months_ahead % 2 == 1).map(horizon).collect();
        format!(
            "Tried on months it had not seen, by how far ahead it was off: {}. FinOps tolerances: run 12 %, walk 15 %, crawl 20 %.",
            ahead.join(", ")
        )
    });
    std::iter::once(how).chain(tried).chain([band(growth)]).collect()
}

/// What the low and the high end of a forecast are: what they span, and how they are made.
pub fn band(growth: &Growth) -> String {
    let error = percent(&growth.band.error);
    let (of, how) = match growth.band.errors {
        Some(errors) => ("its error", format!("tried on {} that it had not seen", plural(errors as u64, "month"))),
        None => ("an assumed error", "fewer than four months could be tried".to_owned()),
    };
    format!(
        "Low and high: the forecast less and more {of} of {error} one month ahead ({how}), wider with each month. They are meant to hold about 8 in 10 months, and are no statistical confidence interval. Growth and saving are those of the base case."
    )
}

/// Each month under each scenario.
pub fn months(plan: &Plan) -> Section {
    let has_routes = !plan.routes.is_empty();
    let mut columns = vec![("Month", Words), ("Rollout", Rate), ("Do nothing", Rate)];
    columns.extend(has_routes.then_some(("Batch only", Rate)));
    columns.extend([("With the plan", Rate), ("Saves", Saving)]);
    columns.extend(plan.has_budget().then_some(("Under the budget", Saving)));
    let row = |month: &MonthAhead| {
        let cost = |amount: Money| known(plan, Cell::whole(amount));
        let mut cells =
            vec![Cell::Date(month.month.to_string()), Cell::text(percent(&month.live)), Cell::whole(month.today.base)];
        cells.extend(has_routes.then(|| cost(month.batch_only.cost.base)));
        cells.extend([month.combined.cost.base, month.combined.saving.base].map(cost));
        if plan.has_budget() {
            let variance = month.budget.map(|budget| known(plan, variance(budget, month.combined.cost.base)));
            cells.push(variance.unwrap_or_default());
        }
        Row::new(cells).bar(left(&month.today, &month.combined.cost))
    };
    let mut table = Table { optional_columns: if has_routes { &[3] } else { &[] }, ..Table::new(columns) };
    table.rows = plan.months.iter().map(row).collect();
    table.longest_bar = longest(plan.months.iter().map(|month| (month.today.base, month.combined.cost.base)));
    Section::new("months", "Month by month").table(table)
}

/// What owners or teams spend beside their budgets, by quarter; nothing where the policy has no such budgets.
pub(super) fn budgets(plan: &Plan) -> Option<Section> {
    let found = plan.budgets.as_ref()?;
    let mut table = Table::new([
        ("Quarter", Words),
        (found.whose, Words),
        ("Spent", Rate),
        ("To come", Rate),
        ("Outlook", Rate),
        ("Budget", Rate),
        ("Variance", Saving),
    ]);
    table.optional_columns = &[2, 3];
    for quarter in &plan.quarters {
        for part in &found.parts {
            let own = || months_in(plan, part, quarter);
            let amount =
                |is_actual: bool| sum(own().filter(|month| month.is_actual == is_actual).map(|month| month.amount));
            let (actual, ahead) = (amount(true), amount(false));
            let outlook = sum([actual, ahead]);
            if part.name.is_none() && is_nothing(outlook) {
                continue;
            }
            let budget = whole_budget(own().map(|month| month.budget)).unwrap_or_default();
            let whose =
                part.name.as_deref().map_or_else(|| "All others".into(), |text| name(text, LONGEST_NAME).into());
            let cells = [Cell::text(quarter_words(quarter.quarter)), Cell::Text(whose)];
            let budget = match budget {
                Some(budget) => [Cell::whole(budget), variance(budget, outlook)],
                None => [Cell::Empty, Cell::Empty],
            };
            table.rows.push(Row::new(cells.into_iter().chain([actual, ahead, outlook].map(Cell::whole)).chain(budget)));
        }
    }
    let said = "What is spent, and what is to come if nothing is done: savings are told by step.";
    Some(Section::new("budgets", format!("Budgets by {}", found.whose)).paragraph(said).table(table))
}
