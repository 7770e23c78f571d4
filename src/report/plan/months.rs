//! Months and quarters, past and to come.
//!
//! Role: figures by time → tables in which costs and savings add up to what doing nothing costs.

use num_traits::Zero;

use super::content::Holds::{Figure, Saving, Text};
use super::content::{Bar, Bars, Grid, Section, Show, name, percent};
use crate::calendar::Month;
use crate::money::{Exact, Money};
use crate::plan::Plan;
use crate::plan::ahead::{MonthAhead, QuarterAhead, whole_budget};
use crate::plan::forecast::{Base, Growth, Horizon, Method};
use crate::plan::left_out::LeftOut;
use crate::plan::months::{MonthKind, MonthSpend};
use crate::policy::Cases;
use crate::report::content::CASES;
use crate::report::content::UNKNOWN;
use crate::report::words::{cost_and_saving, difference, dollars, plural, sum, to_the_cent};

/// Months named in a sentence.
const MOST_NAMED: usize = 6;

/// A month or a quarter to the cent, in the base case.
#[derive(Clone, Copy, Debug)]
pub(super) struct Shown {
    /// Cost if nothing is done.
    pub today: Money,
    /// Cost with batch only.
    pub batch_only: Money,
    /// Cost with batch and routing.
    pub combined: Money,
    /// What both save.
    pub saving: Money,
}

impl Shown {
    /// Costs are what savings leave, so that a row adds up.
    fn of(today: Money, batch_saving: Money, saving: Money) -> Self {
        let [batch_only, _] = cost_and_saving(batch_saving, today);
        let [combined, saving] = cost_and_saving(saving, today);
        Self { today: to_the_cent(today), batch_only, combined, saving }
    }
}

/// Quarters and months as they are shown: each a total with its own rounding, so that equal months read alike.
pub(super) fn shown(plan: &Plan) -> (Vec<Shown>, Vec<Shown>) {
    let quarter =
        |ahead: &QuarterAhead| Shown::of(ahead.today.base, ahead.batch_only.saving.base, ahead.combined.saving.base);
    let month =
        |ahead: &MonthAhead| Shown::of(ahead.today.base, ahead.batch_only.saving.base, ahead.combined.saving.base);
    (plan.quarters.iter().map(quarter).collect(), plan.months.iter().map(month).collect())
}

/// What both leave of doing nothing.
fn left(shown: &[Shown]) -> Option<Bars> {
    let most = |shown: &Shown| shown.today.max(shown.combined);
    let rows = shown.iter().map(|shown| Bar::Left(shown.combined, shown.today)).collect();
    shown.iter().map(most).max().map(|whole| Bars { whole, rows })
}

/// What the months of the logs cost; nothing where the log is one whole month, which the headline has.
pub(super) fn history(plan: &Plan) -> Option<Section> {
    let is_told = plan.seen.len() > 1 || plan.seen.iter().any(|month| month.kind == MonthKind::Partial);
    let row = |month: &MonthSpend| {
        let is_whole = month.kind == MonthKind::Complete;
        let days = format!("{} of {}", month.days_seen, month.month.days());
        let about = if is_whole { "" } else { "about " };
        let least = if month.unpriced.is_none() { "" } else { "at least " };
        let whole = format!("{least}{about}{}", dollars(month.full));
        vec![month.month.to_string(), days, dollars(month.spend), whole]
    };
    let partial = plan.seen.iter().any(|month| month.kind == MonthKind::Partial).then(|| {
        let is_base = plan.forecast.as_ref().is_some_and(|forecast| matches!(forecast.base, Base::Partial(_)));
        let starts = if is_base {
            "the plan starts from the latest of them, and no growth is fitted to such a month"
        } else {
            "nothing is fitted to such a month"
        };
        format!("Days that were not read are taken to cost what their weekday costs; {starts}.")
    });
    let unpriced = plan.seen.iter().any(|month| !month.unpriced.is_none()).then(|| {
        "At least: something in that month has no price. Where that is 1 % of its tokens or more, no growth is fitted to it or tried on it.".to_owned()
    });
    is_told.then(|| Section {
        heading: "Months so far".to_owned(),
        table: Some(Grid {
            head: vec![("", Text), ("days read", Figure), ("spend", Figure), ("whole month", Figure)],
            rows: plan.seen.iter().map(row).collect(),
            bars: Some(Bars {
                whole: plan.seen.iter().map(|month| month.full).max().unwrap_or_default(),
                rows: plan.seen.iter().map(|month| Bar::Left(month.spend, month.full)).collect(),
            }),
            ..Grid::default()
        }),
        points: partial.into_iter().chain(unpriced).collect(),
        ..Section::default()
    })
}

/// The months of a list, the first ones where there are many.
pub(super) fn named<'m>(months: impl Iterator<Item = &'m Month>) -> String {
    let months: Vec<String> = months.map(ToString::to_string).collect();
    let (first, rest) = months.split_at(months.len().min(MOST_NAMED));
    match (first, rest.len()) {
        ([], _) => String::new(),
        ([only], 0) => only.clone(),
        ([init @ .., last], 0) => format!("{} and {last}", init.join(", ")),
        (first, more) => format!("{} and {more} more", first.join(", ")),
    }
}

/// Whole months that growth is neither fitted to nor tried on, and why; nothing if there is none. That a month was partly
/// read stands beside it.
pub fn left_out(growth: &Growth) -> Option<String> {
    if growth.method == Method::Given && growth.backtest.is_none() {
        return None;
    }
    let of = |reason: LeftOut, words: &str| {
        let months = growth.left_out.iter().filter(|(_, why)| *why == reason).map(|(month, _)| month);
        let months = named(months);
        (!months.is_empty()).then(|| format!("{months} ({words})"))
    };
    let parts: Vec<String> = [
        of(LeftOut::Unpriced, "1 % or more of its tokens have no price"),
        of(LeftOut::NoSpend, "no spend"),
        of(LeftOut::BeforeGap, "before such a month"),
    ]
    .into_iter()
    .flatten()
    .collect();
    (!parts.is_empty()).then(|| format!("Left out of that: {}.", parts.join("; ")))
}

/// From low to high.
fn range(amounts: &Cases<Money>) -> String {
    format!("{} to {}", dollars(amounts.low), dollars(amounts.high))
}

/// How far under or over a budget a cost is.
fn variance(budget: Money, cost: Money) -> String {
    let under = difference(budget, cost);
    let word = if under.is_negative() { "unfavourable" } else { "favourable" };
    format!("{} {word}", dollars(under))
}

fn quarter_name(quarter: &QuarterAhead) -> String {
    match quarter.months {
        3 => quarter.quarter.to_string(),
        part => format!("{} ({})", quarter.quarter, plural(part.into(), "month")),
    }
}

/// The next quarters under each scenario, against the budget. Where there are no routes, batch is all there is.
pub fn quarters(plan: &Plan) -> Section {
    let (shown, _) = shown(plan);
    let has_routes = !plan.routes.is_empty();
    let mut head = vec![("quarter", Text), ("do nothing", Figure), ("batch only", Figure)];
    if has_routes {
        head.push(("batch + routing", Figure));
    }
    if plan.has_budget() {
        head.extend([("outlook", Figure), ("budget", Figure), ("variance", Saving)]);
    }
    let saved = |text: String| if plan.projected.is_unknown() { UNKNOWN.to_owned() } else { text };
    let row = |(quarter, shown): (&QuarterAhead, &Shown)| {
        let mut row = vec![quarter_name(quarter), dollars(shown.today), saved(dollars(shown.batch_only))];
        if has_routes {
            row.push(saved(dollars(shown.combined)));
        }
        if plan.has_budget() {
            // What is spent and what is left of the last month beside the plan as it is shown.
            let rest = difference(quarter.forecast_to_go.base, quarter.combined.cost.base);
            let outlook = sum([shown.combined, to_the_cent(rest), to_the_cent(quarter.actual_to_date)]);
            row.push(saved(dollars(outlook)));
            row.extend(match quarter.budget {
                Some(budget) => [dollars(budget), saved(variance(budget, outlook))],
                None => [String::new(), String::new()],
            });
        }
        row
    };
    let over = plan.quarters.iter().filter_map(|quarter| {
        let nothing = quarter.outlook.base.sub(quarter.combined.cost.base).ok()?.add(quarter.today.base).ok()?;
        let budget = quarter.budget.filter(|budget| *budget < nothing)?;
        let missing = dollars(difference(nothing, budget));
        Some(format!("{}: doing nothing costs {missing} more than the budget.", quarter.quarter))
    });
    let to_date = plan.quarters.iter().zip(&shown).filter(|(quarter, _)| !quarter.actual_to_date.is_zero());
    let to_date = to_date.map(|(quarter, shown)| {
        // Beside the plan as it is shown.
        let rest = difference(quarter.forecast_to_go.base, quarter.combined.cost.base);
        let to_go = sum([shown.combined, to_the_cent(rest)]);
        let actual = to_the_cent(quarter.actual_to_date);
        format!(
            "{}: {} spent on the days read, {} to come with the plan: an outlook of {}.",
            quarter.quarter,
            dollars(actual),
            dollars(to_go),
            dollars(sum([actual, to_go]))
        )
    });
    let ranges = plan.quarters.iter().filter(|quarter| quarter.today.low != quarter.today.high).map(|quarter| {
        if plan.projected.is_unknown() {
            return format!("{}, about 8 in 10: do nothing {}.", quarter.quarter, range(&quarter.today));
        }
        let routing =
            if has_routes { format!(", batch + routing {}", range(&quarter.combined.cost)) } else { String::new() };
        format!(
            "{}, about 8 in 10: do nothing {}, batch only {}{routing}.",
            quarter.quarter,
            range(&quarter.today),
            range(&quarter.batch_only.cost),
        )
    });
    let spare: &[usize] = match (plan.has_budget(), has_routes) {
        (true, true) => &[5, 2, 4],
        (true, false) => &[4],
        (false, true) => &[2],
        (false, false) => &[],
    };
    Section {
        heading: "The next quarters".to_owned(),
        before: growth(&plan.growth).into_iter().chain(left_out(&plan.growth)).chain(fiscal_year(plan)).collect(),
        table: Some(Grid {
            head,
            rows: plan.quarters.iter().zip(&shown).map(row).collect(),
            spare,
            bars: left(&shown),
            ..Grid::default()
        }),
        points: over.chain(to_date).chain(ranges).chain(open_months(plan)).collect(),
    }
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
    (!open.is_empty()).then(|| {
        format!(
            "{} {} read in part: usage from {} to {} would close {}, with `--from {} --to {}` where its first or last days had none.",
            named(open.iter()),
            if open.len() == 1 { "was" } else { "were" },
            first.month.first(),
            last.month.last(),
            if open.len() == 1 { "it" } else { "them" },
            first.month.first(),
            last.month.last()
        )
    })
}

/// What each quarter saves in the careful, the likely and the bold case; nothing where that is nothing.
pub(super) fn savings(plan: &Plan) -> Option<Section> {
    let has_routes = !plan.routes.is_empty();
    let row = |quarter: &QuarterAhead| {
        let (batch, both) = (&quarter.batch_only.saving, &quarter.combined.saving);
        let mut row = vec![quarter_name(quarter)];
        row.extend([batch.low, batch.base, batch.high].map(dollars));
        if has_routes {
            row.extend([both.low, both.base, both.high].map(dollars));
        }
        row
    };
    let mut head = vec![("", Text), ("batch: low", Figure), ("batch: base", Saving), ("batch: high", Figure)];
    if has_routes {
        head.extend([("both: low", Figure), ("both: base", Saving), ("both: high", Figure)]);
    }
    let saves = |quarter: &QuarterAhead| {
        let (batch, both) = (&quarter.batch_only.saving, &quarter.combined.saving);
        [batch.low, batch.high, both.low, both.high].iter().any(|saving| !saving.is_zero())
    };
    plan.quarters.iter().any(saves).then(|| Section {
        heading: "What that saves".to_owned(),
        // Without routes there is nothing to say of routing.
        before: vec![CASES.split(" Routing:").next().filter(|_| !has_routes).unwrap_or(CASES).to_owned()],
        table: Some(Grid {
            head,
            spare: if has_routes { &[1, 3, 2] } else { &[] },
            rows: plan.quarters.iter().map(row).collect(),
            ..Grid::default()
        }),
        points: Vec::new(),
    })
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
    let band = match growth.band.errors {
        Some(errors) => format!(
            "Low and high hold about 8 in 10 months: {} off on average one month ahead, over {}, and wider with the months.",
            percent(&growth.band.error),
            plural(errors as u64, "month")
        ),
        None => format!(
            "Low and high hold about 8 in 10 months, if one month ahead is {} off on average: that is assumed, since fewer than four months could be tried.",
            percent(&growth.band.error)
        ),
    };
    std::iter::once(how).chain(tried).chain([band]).collect()
}

/// Each month under each scenario.
pub fn months(plan: &Plan) -> Section {
    let (_, shown) = shown(plan);
    let mut head = vec![("month", Text), ("runs", Figure), ("do nothing", Figure)];
    let has_routes = !plan.routes.is_empty();
    if has_routes {
        head.push(("batch only", Figure));
    }
    head.extend([("with the plan", Figure), ("saves", Saving)]);
    if plan.has_budget() {
        head.push(("under the budget", Saving));
    }
    let saved = |text: String| if plan.projected.is_unknown() { UNKNOWN.to_owned() } else { text };
    let row = |(month, shown): (&MonthAhead, &Shown)| {
        let mut row = vec![month.month.to_string(), percent(&month.live)];
        row.push(dollars(shown.today));
        if has_routes {
            row.push(saved(dollars(shown.batch_only)));
        }
        row.extend([shown.combined, shown.saving].map(|amount| saved(dollars(amount))));
        if plan.has_budget() {
            row.push(month.budget.map_or_else(String::new, |budget| saved(variance(budget, shown.combined))));
        }
        row
    };
    Section {
        heading: "Month by month".to_owned(),
        table: Some(Grid {
            head,
            rows: plan.months.iter().zip(&shown).map(row).collect(),
            spare: if has_routes { &[3] } else { &[] },
            bars: left(&shown),
            ..Grid::default()
        }),
        ..Section::default()
    }
}

/// What owners or teams spend beside their budgets, by quarter; nothing where the policy has no such budgets.
pub fn budgets(plan: &Plan, show: Show) -> Option<Section> {
    let table = plan.budgets.as_ref()?;
    let mut rows = Vec::new();
    for quarter in &plan.quarters {
        for part in &table.parts {
            let own = || part.months.iter().filter(|month| plan.quarter_of(month.month) == quarter.quarter.to_string());
            let amount =
                |is_actual: bool| sum(own().filter(|month| month.is_actual == is_actual).map(|month| month.amount));
            let [actual, ahead] = [true, false].map(|is_actual| to_the_cent(amount(is_actual)));
            let outlook = sum([actual, ahead]);
            let budget = whole_budget(own().map(|month| month.budget)).unwrap_or_default();
            let mut row = vec![
                quarter.quarter.to_string(),
                part.name.as_deref().map_or_else(|| "all others".to_owned(), |text| name(text, show)),
                dollars(actual),
                dollars(ahead),
                dollars(outlook),
            ];
            row.extend(match budget {
                Some(budget) => [dollars(budget), variance(budget, outlook)],
                None => [String::new(), String::new()],
            });
            rows.push(row);
        }
    }
    Some(Section {
        heading: format!("Budgets by {}", table.whose),
        before: vec!["What is spent, and what is to come if nothing is done: savings are told by step.".to_owned()],
        table: Some(Grid {
            head: vec![
                ("quarter", Text),
                (table.whose, Text),
                ("spent", Figure),
                ("to come", Figure),
                ("outlook", Figure),
                ("budget", Figure),
                ("variance", Saving),
            ],
            rows,
            spare: &[2, 3],
            ..Grid::default()
        }),
        ..Section::default()
    })
}
