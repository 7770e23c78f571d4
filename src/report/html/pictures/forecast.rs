//! What months cost: those of the period, and those to come in each scenario.

use crate::money::Money;
use crate::plan::Plan;
use crate::plan::ahead::{Ahead, MonthAhead};
use crate::plan::months::MonthKind;
use crate::report::document::{Block, Cell, Row, is_nothing};
use crate::report::html::canvas::{Anchor, Canvas, Scale, Shape, WIDTH, compact, ticks};
use crate::report::html::components::{Key, Markup, Picture, Table};
use crate::report::plan::document::last_month;
use crate::report::plan::months::months;
use crate::report::words::{difference, month_words, short_date, whole_dollars};

/// Where the plot begins, behind the scale.
const LEFT: i64 = 1_200;
const TOP: i64 = 18;
const BOTTOM: i64 = 250;
const HEIGHT: i64 = 276;
/// Months named below the plot.
const MOST_NAMED: usize = 4;

/// A course of months: lowest, base, highest.
struct Curve {
    line: &'static str,
    band: &'static str,
    costs: Vec<[Money; 3]>,
}

pub fn picture(plan: &Plan) -> Option<Picture> {
    plan.months.last().filter(|last| !last.today.high.is_zero())?;
    let seen: Vec<(String, Money)> = plan.seen.iter().map(|month| (month_words(month.month), month.full)).collect();
    let has_routes = !plan.routes.is_empty();
    let mut curves = vec![
        Curve {
            line: "line-nothing",
            band: "band-nothing",
            costs: plan.months.iter().map(|month| [month.today.low, month.today.base, month.today.high]).collect(),
        },
        curve(plan, "line-batch", "band-batch", |month| &month.batch_only),
    ];
    if has_routes {
        curves.push(curve(plan, "line-both", "band-both", |month| &month.combined));
    }
    let all = || curves.iter().flat_map(|curve| curve.costs.iter().flatten().copied());
    let budgets = || plan.months.iter().filter_map(|month| month.budget);
    let highest = all().chain(seen.iter().map(|(_, cost)| *cost)).chain(budgets()).fold(Money::ZERO, Money::max);
    let lowest = all().fold(Money::ZERO, Money::min);
    let marks = ticks(highest);
    let top = marks.last().copied().unwrap_or(highest).max(highest);
    let down = Scale::new((lowest, top), (BOTTOM, TOP));

    let count = seen.len() + plan.months.len();
    let step = (WIDTH - LEFT) / i64::try_from(count).unwrap_or(1).max(1);
    let place = |index: usize| LEFT + step / 2 + step * i64::try_from(index).unwrap_or(0);
    let mut canvas = Canvas::default();
    for mark in &marks {
        let level = down.at(*mark);
        canvas.line((0, level), (WIDTH, level), if mark.is_zero() { "axis" } else { "grid" });
        canvas.text((0, level - 4), Anchor::Start, "tick", &compact(*mark));
    }
    for (index, (month, cost)) in seen.iter().enumerate() {
        let half = step * 3 / 10;
        let bar = (place(index) - half, place(index) + half);
        canvas.titled_bar(
            bar,
            (down.at(Money::ZERO), down.at(*cost)),
            "fill-seen",
            &format!("{month}: {}", whole_dollars(*cost)),
        );
    }
    let points = |curve: &Curve, case: usize| -> Vec<(i64, i64)> {
        let costs = curve.costs.iter().enumerate();
        costs.map(|(index, cost)| (place(seen.len() + index), down.at(cost[case]))).collect()
    };
    for curve in &curves {
        let (low, high) = (points(curve, 0), points(curve, 2));
        if low != high {
            let around: Vec<(i64, i64)> = high.into_iter().chain(low.into_iter().rev()).collect();
            canvas.shape(Shape::Area, &around, HEIGHT, curve.band);
        }
    }
    for (index, budget) in plan.months.iter().enumerate().filter_map(|(index, month)| Some((index, month.budget?))) {
        let (level, middle) = (down.at(budget), place(seen.len() + index));
        canvas.line((middle - step / 2, level), (middle + step / 2, level), "line-budget");
    }
    for curve in &curves {
        let base = points(curve, 1);
        canvas.shape(Shape::Line, &base, HEIGHT, curve.line);
        for place in base {
            canvas.dot(place, 3, curve.line);
        }
    }
    let mut is_open = false;
    for (index, month) in plan.months.iter().enumerate() {
        let Ahead { cost, saving } = &month.combined;
        let undecided = difference(month.batch_only.saving.high, month.batch_only.saving.base).max(Money::ZERO);
        // What batch takes over from routes is saved already.
        let added = undecided.min(difference(saving.high, saving.base).max(Money::ZERO));
        if !is_nothing(added) {
            let (middle, half) = (place(seen.len() + index), step / 10);
            let down = (down.at(cost.base), down.at(difference(cost.base, added)));
            canvas.bar((middle - half, middle + half), down, "fill-open");
            is_open = true;
        }
    }
    let every = count.div_ceil(MOST_NAMED).max(1);
    let names = plan
        .seen
        .iter()
        .map(|month| month.month)
        .chain(plan.months.iter().map(|month| month.month))
        .map(|month| short_date(&month.to_string()));
    for (index, name) in names.enumerate().filter(|(index, _)| index % every == 0) {
        canvas.text((place(index), HEIGHT - 6), Anchor::Middle, "tick", &name);
    }

    let budget = plan.months.last().and_then(|last| last.budget);
    let budget =
        budget.map(|budget| format!(" The budget of that month is {}.", whole_dollars(budget))).unwrap_or_default();
    let part = plan.seen.iter().any(|month| month.kind == MonthKind::Partial);
    let part =
        if part { " Of a month that was read in part the other days cost what their weekday costs." } else { "" };
    let words = format!(
        "{}{budget}{part} Shaded: low to high, meant to hold about 8 in 10 months; no statistical confidence interval.",
        last_month(plan)?
    );
    let mut keys = vec![
        Key { class: "fill-seen", words: "months of the period".into() },
        Key { class: "line-nothing", words: "nothing is done".into() },
        Key { class: "line-batch", words: "batch only".into() },
    ];
    keys.extend(has_routes.then(|| Key { class: "line-both", words: "batch and routing".into() }));
    keys.extend(plan.has_budget().then(|| Key { class: "line-budget", words: "budget".into() }));
    keys.extend(is_open.then(|| Key { class: "fill-open", words: "saved too if all undecided can wait".into() }));
    let heading = "Months ahead".to_owned();
    Some(Picture {
        svg: Markup(canvas.picture("forecast", HEIGHT, &heading, &words)),
        words,
        keys,
        figures: figures(plan, &heading),
        heading,
        is_wide: false,
        is_tall: false,
    })
}

/// The months ahead, behind those of the period.
fn figures(plan: &Plan, heading: &str) -> Option<Table> {
    let mut table = months(plan).blocks.iter().find_map(Block::table)?.clone();
    let seen = plan.seen.iter().map(|month| {
        let cells = [Cell::Date(month.month.to_string()), Cell::text("of the period"), Cell::whole(month.full)];
        let empty = std::iter::repeat_n(Cell::Empty, table.columns.len() - cells.len());
        Row::new(cells.into_iter().chain(empty))
    });
    table.rows = seen.chain(table.rows.iter().cloned()).collect();
    Some(Table::of(&table.leveled(), &heading.to_owned().into()))
}

/// A scenario's months, from the low to the high end of the forecast.
fn curve(plan: &Plan, line: &'static str, band: &'static str, of: fn(&MonthAhead) -> &Ahead) -> Curve {
    let range = |month: &MonthAhead| {
        let cost = &of(month).cost;
        [cost.low, cost.base, cost.high]
    };
    Curve { line, band, costs: plan.months.iter().map(range).collect() }
}
