//! From a month of the period to the last month of the plan, step by step.

use super::{Lane, across};
use crate::money::Money;
use crate::plan::Plan;
use crate::report::html::canvas::Canvas;
use crate::report::html::parts::{Key, Picture, table_of};
use crate::report::plan::content::{bar_words, shown_waterfall, waterfall};
use crate::report::words::{dollars, sum};

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
    let (found, shown) = shown_waterfall(plan).filter(|(found, _)| !found.baseline.is_zero())?;
    let section = waterfall(plan)?;
    let steps: Vec<(&'static str, Money, Money)> = found
        .bars
        .iter()
        .zip(&shown.steps)
        .filter(|(_, shown)| !shown.is_zero())
        .map(|(bar, shown)| (bar.id, bar.amount, *shown))
        .collect();
    let mut level = found.baseline;
    let levels: Vec<Money> = steps
        .iter()
        .map(|(_, amount, _)| {
            level = sum([level, *amount]);
            level
        })
        .collect();
    let scale = across([found.baseline, found.target].into_iter().chain(levels.iter().copied()), RIGHT);
    let (zero, rows) = (scale.at(Money::ZERO), steps.len() + 2);
    let mut canvas = Canvas::default();

    let first = Lane::of(0);
    first.words(&mut canvas, "a month of the period", &dollars(shown.baseline));
    canvas.bar((zero, scale.at(found.baseline)), first.bar, "fill-total");
    let (mut before, mut from) = (scale.at(found.baseline), first.bar.1);
    for (index, ((id, amount, shown), level)) in steps.iter().zip(&levels).enumerate() {
        let lane = Lane::of(index + 1);
        canvas.line((before, from), (before, lane.bar.1), "rule");
        let sign = if amount.is_negative() { "" } else { "+" };
        lane.words(&mut canvas, bar_words(id), &format!("{sign}{}", dollars(*shown)));
        let after = scale.at(*level);
        canvas.bar((before, after), lane.bar, fill(id, *amount));
        (before, from) = (after, lane.bar.1);
    }
    let last = Lane::of(rows - 1);
    canvas.line((before, from), (before, last.bar.1), "rule");
    last.words(&mut canvas, &format!("{} with the plan", found.month), &dollars(shown.target));
    canvas.bar((zero, scale.at(found.target)), last.bar, "fill-total");

    let words = format!(
        "A month costs {} today and {} in {} with the plan, everything counted.",
        dollars(shown.baseline),
        dollars(shown.target),
        found.month
    );
    let heading = section.heading.clone();
    let keys = [
        Key { class: "fill-less", words: "the plan saves".into() },
        Key { class: "fill-more", words: "the plan costs".into() },
        Key { class: "fill-stays", words: "volume, calendar, prices".into() },
    ];
    Some(Picture {
        svg: canvas.picture("waterfall", Lane::height(rows), &heading, &words),
        words,
        keys: std::iter::once(Key { class: "fill-total", words: "cost of a month".into() })
            .chain(keys.into_iter().filter(|key| steps.iter().any(|(id, amount, _)| fill(id, *amount) == key.class)))
            .collect(),
        figures: section.table.map(|grid| table_of(&grid, &heading)),
        heading,
        is_wide: false,
        is_tall: false,
    })
}
