//! What is spent, by what is known of it.

use std::borrow::Cow;
use std::collections::HashMap;

use super::{Lane, across};
use crate::diagnostic::shown_short;
use crate::money::Money;
use crate::report::content::{self, Kind, LONGEST_NAME};
use crate::report::html::canvas::{Canvas, Scale, WIDTH};
use crate::report::html::parts::{Key, Picture, Row, Table, Weight, amount, text};
use crate::report::words::{dollars, more, parts_of_shown, sum};
use crate::report::{Report, WorkloadLine};

/// Workloads with a bar of their own.
const MOST: usize = 10;
/// With more the picture is as high as two others.
const HIGH: usize = 6;

/// What is known, in the order of bars.
const KEYS: [Key; 5] = [
    Key { class: "fill-confirmed", words: Cow::Borrowed("can wait, confirmed") },
    Key { class: "fill-likely", words: Cow::Borrowed("can wait, likely") },
    Key { class: "fill-batch", words: Cow::Borrowed("in batch already") },
    Key { class: "fill-stays", words: Cow::Borrowed("cannot wait") },
    Key { class: "fill-open", words: Cow::Borrowed("nobody knows") },
];

type Parts = [Money; KEYS.len()];

fn part_of(line: &WorkloadLine) -> usize {
    match Kind::of(line) {
        Kind::CanWait if line.band == Some("confirmed") => 0,
        Kind::CanWait => 1,
        Kind::InBatch => 2,
        Kind::Stays => 3,
        Kind::Open => 4,
    }
}

fn add(parts: &mut Parts, line: &WorkloadLine, cost: Money) {
    let part = &mut parts[part_of(line)];
    *part = sum([*part, cost]);
}

fn added(one: &Parts, other: &Parts) -> Parts {
    std::array::from_fn(|index| sum([one[index], other[index]]))
}

/// What a workload costs a month, by what is known of it.
#[derive(Clone, Copy, Default)]
struct Cost {
    exact: Parts,
    /// To the cent, as in the lists of workloads.
    shown: Parts,
}

impl Cost {
    fn total(parts: &Parts) -> Money {
        sum(parts.iter().copied())
    }

    fn and(&self, other: &Self) -> Self {
        Self { exact: added(&self.exact, &other.exact), shown: added(&self.shown, &other.shown) }
    }
}

/// What a month costs by what is known of it: the key, the amount to the cent, and exactly.
pub fn shares(report: &Report) -> Vec<(Key, Money, Money)> {
    let mut parts = Parts::default();
    report.workloads.iter().for_each(|line| add(&mut parts, line, line.monthly_cost.unwrap_or_default()));
    let waits = sum([parts[0], parts[1]]);
    let by_kind = |kind: Kind| content::shown_cost(report, kind);
    let shown =
        if waits.is_zero() { vec![Money::ZERO; 2] } else { parts_of_shown(&parts[..2], by_kind(Kind::CanWait)) };
    let shown = [shown[0], shown[1], by_kind(Kind::InBatch), by_kind(Kind::Stays), by_kind(Kind::Open)];
    let all = KEYS.into_iter().zip(shown).zip(parts).map(|((key, shown), exact)| (key, shown, exact));
    all.filter(|(_, _, exact)| !exact.is_zero()).collect()
}

/// One bar of all spend.
pub fn strip(shares: &[(Key, Money, Money)]) -> String {
    let mut canvas = Canvas::default();
    stack(&mut canvas, shares.iter().map(|(key, _, exact)| (key.class, *exact)), (0, 14), |total| {
        Scale::new((Money::ZERO, total), (0, WIDTH))
    });
    let words: Vec<String> =
        shares.iter().map(|(key, shown, _)| format!("{}: {}", key.words, dollars(*shown))).collect();
    canvas.picture("strip", 14, "A month's spend by what is known of it", &words.join("; "))
}

/// Parts beside one another. Amounts below zero, which credits leave, have no length.
fn stack<'p>(
    canvas: &mut Canvas,
    parts: impl Iterator<Item = (&'p str, Money)> + Clone,
    down: (i64, i64),
    scale: impl FnOnce(Money) -> Scale,
) {
    let positive = parts.filter(|(_, part)| *part > Money::ZERO);
    let scale = scale(sum(positive.clone().map(|(_, part)| part)));
    let mut from = Money::ZERO;
    for (class, part) in positive {
        let to = sum([from, part]);
        canvas.bar((scale.at(from), scale.at(to)), down, class);
        from = to;
    }
}

pub fn picture(report: &Report) -> Option<Picture> {
    let mut by_name: HashMap<&str, Cost> = HashMap::new();
    for shown in content::sections(report, usize::MAX).iter().flat_map(|section| &section.lines) {
        let cost = by_name.entry(&shown.line.workload).or_default();
        add(&mut cost.exact, shown.line, shown.line.monthly_cost.unwrap_or_default());
        add(&mut cost.shown, shown.line, shown.cost);
    }
    let mut rows: Vec<(&str, Cost, Money)> = by_name
        .into_iter()
        .map(|(name, cost)| (name, cost, Cost::total(&cost.exact)))
        .filter(|(_, _, total)| !total.is_zero())
        .collect();
    rows.sort_by(|a, b| b.2.cmp(&a.2).then_with(|| a.0.cmp(b.0)));
    let total = sum(rows.iter().map(|(_, _, cost)| *cost));
    let others = rows.split_off(rows.len().min(MOST));
    let mut named: Vec<(String, Cost, Money)> =
        rows.into_iter().map(|(name, cost, total)| (shown_short(name, LONGEST_NAME), cost, total)).collect();
    if !others.is_empty() {
        let rest = others.iter().fold(Cost::default(), |all, (_, cost, _)| all.and(cost));
        named.push((more(others.len()), rest, Cost::total(&rest.exact)));
    }
    if named.is_empty() {
        return None;
    }
    let costs: Vec<Money> = named.iter().map(|(_, _, cost)| *cost).collect();
    let (largest, others) = costs.split_at(costs.len().min(MOST));
    let scale = across(largest.iter().copied(), WIDTH);
    // A bar of all the others may be so long that nothing could be seen of the largest.
    let is_off_scale = others.iter().any(|cost| largest.iter().all(|largest| cost > largest));
    let mut canvas = Canvas::default();
    let heading = "Spend by workload".to_owned();
    let columns: Vec<String> =
        std::iter::once("Workload".to_owned()).chain(KEYS.iter().map(|key| format!(">{}", key.words))).collect();
    let columns: Vec<&str> = columns.iter().map(String::as_str).chain([">a month"]).collect();
    let mut figures = Table::new(heading.clone(), &columns);
    for (index, (name, Cost { exact: parts, shown }, cost)) in named.iter().enumerate() {
        let all = Cost::total(shown);
        let lane = Lane::of(index);
        lane.words(&mut canvas, name, &dollars(all));
        let is_rest = index == MOST;
        let classes = KEYS.iter().map(|key| key.class).zip(*parts);
        if is_rest && is_off_scale {
            // All of the width stands for its own amount, and it looks like no other.
            let slim = (lane.bar.0 + 3, lane.bar.1 - 3);
            stack(&mut canvas, classes, slim, |own| Scale::new((Money::ZERO, own), (0, WIDTH)));
        } else {
            stack(&mut canvas, classes, lane.bar, |_| scale);
        }
        let cells = std::iter::once(text(name.as_str()));
        let cells = cells.chain(shown.iter().zip(parts).map(|(shown, exact)| amount(*shown, *exact)));
        let weight = if is_rest { Weight::Rest } else { Weight::Plain };
        figures.rows.push(Row { cells: cells.chain([amount(all, *cost)]).collect(), weight });
    }
    let used = |index: usize| named.iter().any(|(_, cost, _)| !cost.exact[index].is_zero());
    let off_scale = if is_off_scale { " The slim bar of the others is on a scale of its own." } else { "" };
    let words =
        format!("A month of each of the largest, split by what is known of it; {} in all.{off_scale}", dollars(total));
    Some(Picture {
        svg: canvas.picture("workloads", Lane::height(named.len()), &heading, &words),
        words,
        keys: KEYS.into_iter().enumerate().filter(|(index, _)| used(*index)).map(|(_, key)| key).collect(),
        figures: Some(figures),
        heading,
        is_wide: false,
        is_tall: named.len() > HIGH,
    })
}
