//! From a month of the period to the last month of the plan, step by step.

use super::{Lane, across, figures};
use crate::money::Money;
use crate::plan::Plan;
use crate::report::document::{Block, PLAIN, is_nothing};
use crate::report::html::canvas::Canvas;
use crate::report::html::components::{Key, Markup, Picture};
use crate::report::plan::waterfall::{assumed, bar_words, waterfall};
use crate::report::words::{difference, month_words, sum, whole_dollars};

/// Where bars end and amounts begin, since the lines between bars cross what stands above them.
const RIGHT: i64 = 7_200;

/// What happens without a plan is none of its savings.
fn fill(id: &str, amount: Money) -> &'static str {
    match id {
        "calendar" | "base-months" | "volume" | "prices-changed" | "prices-ahead" | "retirement" => "fill-stays",
        _ if amount.is_negative() => "fill-less",
        _ => "fill-more",
    }
}

pub fn picture(plan: &Plan) -> Option<Picture> {
    let found = plan.waterfall.as_ref().filter(|found| !found.baseline.is_zero())?;
    let section = waterfall(plan)?;
    let steps: Vec<(&'static str, Money)> =
        found.bars.iter().filter(|bar| !is_nothing(bar.amount)).map(|bar| (bar.id, bar.amount)).collect();
    let mut level = found.baseline;
    let levels: Vec<Money> = steps
        .iter()
        .map(|(_, amount)| {
            level = sum([level, *amount]);
            level
        })
        .collect();
    let assumed: Vec<(&'static str, Money)> = assumed(plan).collect();
    let scale = across([found.baseline, found.target].into_iter().chain(levels.iter().copied()), RIGHT);
    let (zero, rows) = (scale.at(Money::ZERO), steps.len() + 2);
    // Amounts as the table below has them.
    let amounts = section
        .blocks
        .iter()
        .find_map(Block::table)
        .into_iter()
        .flat_map(|table| table.rows.iter().chain(&table.apart));
    let amounts: Vec<String> = amounts.map(|row| row.cells[1].drawn(&PLAIN)).collect();
    let mut canvas = Canvas::default();
    let month = month_words(found.month);

    let first = Lane::of(0);
    first.words(&mut canvas, "A month of the period", &whole_dollars(found.baseline));
    canvas.bar((zero, scale.at(found.baseline)), first.bar, "fill-total");
    let (mut before, mut from) = (scale.at(found.baseline), first.bar.1);
    for (index, (((id, amount), level), change)) in steps.iter().zip(&levels).zip(&amounts[1..]).enumerate() {
        let lane = Lane::of(index + 1);
        canvas.line((before, from), (before, lane.bar.1), "rule");
        lane.words(&mut canvas, bar_words(id), change);
        let after = scale.at(*level);
        canvas.bar((before, after), lane.bar, fill(id, *amount));
        (before, from) = (after, lane.bar.1);
    }
    let last = Lane::of(rows - 1);
    canvas.line((before, from), (before, last.bar.1), "rule");
    last.words(&mut canvas, &format!("{month} with the plan"), &whole_dollars(found.target));
    canvas.bar((zero, scale.at(found.target)), last.bar, "fill-total");
    for (index, (what, saving)) in assumed.iter().enumerate() {
        let lane = Lane::of(rows + index);
        lane.words(&mut canvas, what, &amounts[rows + index]);
        canvas.bar((scale.at(difference(found.target, *saving)), scale.at(found.target)), lane.bar, "fill-open");
    }

    let words = format!(
        "A month costs {} today and {} in {month} with the plan, everything counted.",
        whole_dollars(found.baseline),
        whole_dollars(found.target),
    );
    let heading = section.heading.drawn(&PLAIN);
    let keys = [
        Key { class: "fill-less", words: "the plan saves".into() },
        Key { class: "fill-more", words: "the plan costs".into() },
        Key { class: "fill-stays", words: "volume, calendar, prices".into() },
    ];
    Some(Picture {
        svg: Markup(canvas.picture("waterfall", Lane::height(rows + assumed.len()), &heading, &words)),
        words,
        keys: std::iter::once(Key { class: "fill-total", words: "cost of a month".into() })
            .chain(keys.into_iter().filter(|key| steps.iter().any(|(id, amount)| fill(id, *amount) == key.class)))
            .chain((!assumed.is_empty()).then(|| Key { class: "fill-open", words: "assumed, in no sum".into() }))
            .collect(),
        figures: figures(&section),
        heading,
        is_wide: false,
        is_tall: false,
    })
}
