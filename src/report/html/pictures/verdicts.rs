//! What is spent, by what is known of it.

use std::borrow::Cow;
use std::collections::HashMap;

use super::{Lane, PLAIN, across};
use crate::money::Money;
use crate::report::document::ColumnType::{Figure, Text as Words};
use crate::report::document::{self, Cell, Column, Kind, Row, Text, name};
use crate::report::html::canvas::{Canvas, Scale, WIDTH};
use crate::report::html::components::{Key, Markup, Picture, Table};
use crate::report::words::{dollars, more, sum, whole_dollars};
use crate::report::{Report, WorkloadLine};

/// Workloads with a bar of their own.
const MOST: usize = 10;
/// Characters of a name above its bar, with its amount beside it on a phone.
const LONGEST_LABEL: usize = 22;
/// With more the picture is as high as two others.
const HIGH: usize = 6;

/// What is known, in the order of bars.
const KEYS: [Key; 5] = [
    Key { class: "fill-confirmed", words: Cow::Borrowed("Batch-eligible, confirmed") },
    Key { class: "fill-likely", words: Cow::Borrowed("Batch-eligible, likely") },
    Key { class: "fill-batch", words: Cow::Borrowed("Already batch") },
    Key { class: "fill-stays", words: Cow::Borrowed("Real-time") },
    Key { class: "fill-open", words: Cow::Borrowed("Undecided") },
];

type Parts = [Money; KEYS.len()];

fn part_of(line: &WorkloadLine) -> usize {
    match Kind::of(line) {
        Kind::BatchEligible if line.band == Some("confirmed") => 0,
        Kind::BatchEligible => 1,
        Kind::AlreadyBatch => 2,
        Kind::RealTime => 3,
        Kind::Undecided => 4,
    }
}

fn add(parts: &mut Parts, line: &WorkloadLine) {
    let part = &mut parts[part_of(line)];
    *part = sum(line.monthly_cost.into_iter().chain([*part]));
}

fn added(one: &Parts, other: &Parts) -> Parts {
    std::array::from_fn(|index| sum([one[index], other[index]]))
}

fn total(parts: &Parts) -> Money {
    sum(parts.iter().copied())
}

/// What a month costs by what is known of it.
pub fn shares(report: &Report) -> Vec<(Key, Money)> {
    let mut parts = Parts::default();
    report.workloads.iter().for_each(|line| add(&mut parts, line));
    KEYS.into_iter().zip(parts).filter(|(_, cost)| !cost.is_zero()).collect()
}

/// One bar of all spend.
pub fn strip(shares: &[(Key, Money)]) -> String {
    let mut canvas = Canvas::default();
    stack(&mut canvas, shares.iter().map(|(key, cost)| (key.class, *cost)), (0, 14), |total| {
        Scale::new((Money::ZERO, total), (0, WIDTH))
    });
    let words: Vec<String> =
        shares.iter().map(|(key, cost)| format!("{}: {}", key.words, whole_dollars(*cost))).collect();
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
    let mut by_name: HashMap<&str, Parts> = HashMap::new();
    for line in &report.workloads {
        add(by_name.entry(&line.workload).or_default(), line);
    }
    let mut rows: Vec<(&str, Parts)> = by_name.into_iter().filter(|(_, parts)| !total(parts).is_zero()).collect();
    rows.sort_by(|a, b| total(&b.1).cmp(&total(&a.1)).then_with(|| a.0.cmp(b.0)));
    let all = sum(rows.iter().map(|(_, parts)| total(parts)));
    let others = rows.split_off(rows.len().min(MOST));
    let mut named: Vec<(Text, Parts)> =
        rows.into_iter().map(|(workload, parts)| (name(workload, LONGEST_LABEL).into(), parts)).collect();
    if !others.is_empty() {
        let rest = others.iter().fold(Parts::default(), |all, (_, parts)| added(&all, parts));
        named.push((more(others.len()).into(), rest));
    }
    if named.is_empty() {
        return None;
    }
    let costs: Vec<Money> = named.iter().map(|(_, parts)| total(parts)).collect();
    let (largest, others) = costs.split_at(costs.len().min(MOST));
    let scale = across(largest.iter().copied(), WIDTH);
    // A bar of all the others may be so long that nothing could be seen of the largest.
    let is_off_scale = others.iter().any(|cost| largest.iter().all(|largest| cost > largest));
    let mut canvas = Canvas::default();
    let heading = "Spend by workload".to_owned();
    let columns = KEYS.iter().map(|key| Column::from((key.words.to_string(), Figure)));
    let columns = std::iter::once(Column::from(("Workload", Words))).chain(columns);
    let mut figures = document::Table::new(columns.chain([Column::from(("A month", Figure))]));
    for (index, (workload, parts)) in named.iter().enumerate() {
        let lane = Lane::of(index);
        lane.words(&mut canvas, &workload.drawn(&PLAIN), &dollars(total(parts)));
        let is_rest = index == MOST;
        let classes = KEYS.iter().map(|key| key.class).zip(*parts);
        if is_rest && is_off_scale {
            // All of the width stands for its own amount, and it looks like no other.
            let slim = (lane.bar.0 + 3, lane.bar.1 - 3);
            stack(&mut canvas, classes, slim, |own| Scale::new((Money::ZERO, own), (0, WIDTH)));
        } else {
            stack(&mut canvas, classes, lane.bar, |_| scale);
        }
        let amounts = parts.iter().copied().chain([total(parts)]).map(Cell::cents);
        let row = Row::new(std::iter::once(Cell::Text(workload.clone())).chain(amounts));
        if is_rest { figures.apart.push(row) } else { figures.rows.push(row) }
    }
    let used = |index: usize| named.iter().any(|(_, parts)| !parts[index].is_zero());
    let off_scale = if is_off_scale { " The slim bar of the others is on a scale of its own." } else { "" };
    let words =
        format!("A month of each of the largest, split by what is known of it; {} in all.{off_scale}", dollars(all));
    Some(Picture {
        svg: Markup(canvas.picture("workloads", Lane::height(named.len()), &heading, &words)),
        words,
        keys: KEYS.into_iter().enumerate().filter(|(index, _)| used(*index)).map(|(_, key)| key).collect(),
        figures: Some(Table::of(&figures, &heading.clone().into())),
        heading,
        is_wide: false,
        is_tall: named.len() > HIGH,
    })
}
