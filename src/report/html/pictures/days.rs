//! Bill and price table side by side, day by day.

use std::collections::BTreeMap;

use crate::money::Money;
use crate::report::document::ColumnType::{Figure, Text as Words};
use crate::report::document::{self, Cell, Row, bill_summary};
use crate::report::html::canvas::{Anchor, Canvas, Scale, WIDTH, compact, ticks};
use crate::report::html::components::{Key, Markup, Picture, Table};
use crate::report::words::{date_words, dollars, sum};
use crate::report::{Reconciliation, Report};

const LEFT: i64 = 800;
const TOP: i64 = 20;
const BOTTOM: i64 = 176;
const HEIGHT: i64 = 200;
/// Behind it a label around its day would not fit a phone.
const RIGHT: i64 = 9_500;
/// With more days, whole months are compared.
const MOST_DAYS: usize = 62;
/// Days named below the plot.
const MOST_NAMED: usize = 6;

/// Both sides of a day or a month.
#[derive(Default)]
struct Sides {
    billed: Money,
    computed: Money,
    agreement: Agreement,
}

/// How a day or a month of the bill agrees with the price table, the worst last.
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
enum Agreement {
    #[default]
    Equal,
    Rounding,
    Differs,
}

impl Agreement {
    fn of(verdict: &str) -> Self {
        match verdict {
            "equal" => Self::Equal,
            "rounding" => Self::Rounding,
            _ => Self::Differs,
        }
    }

    const fn mark(self) -> Option<&'static str> {
        match self {
            Self::Equal => None,
            Self::Rounding => Some("≈"),
            Self::Differs => Some("≠"),
        }
    }

    const fn words(self) -> &'static str {
        match self {
            Self::Equal => "equal",
            Self::Rounding => "equal but for rounding",
            Self::Differs => "differs",
        }
    }
}

pub fn picture(report: &Report, found: &Reconciliation) -> Option<Picture> {
    let by = |length: usize| {
        let mut sums: BTreeMap<&str, Sides> = BTreeMap::new();
        for line in &found.days {
            let sides = sums.entry(line.day.get(..length).unwrap_or(&line.day)).or_default();
            sides.billed = sum(line.billed.into_iter().chain([sides.billed]));
            sides.computed = sum(line.computed.into_iter().chain([sides.computed]));
            sides.agreement = sides.agreement.max(Agreement::of(line.verdict));
        }
        sums
    };
    let days = by("2026-10-01".len());
    let (unit, sums) = if days.len() > MOST_DAYS { ("Month", by("2026-10".len())) } else { ("Day", days) };
    if sums.is_empty() {
        return None;
    }
    let ends = || sums.values().flat_map(|sides| [sides.billed, sides.computed]);
    let highest = ends().fold(Money::ZERO, Money::max);
    let lowest = ends().fold(Money::ZERO, Money::min);
    let marks = ticks(highest);
    let down = Scale::new((lowest, marks.last().copied().unwrap_or(highest).max(highest)), (BOTTOM, TOP));
    let step = (WIDTH - LEFT) / i64::try_from(sums.len()).unwrap_or(1).max(1);
    let every = sums.len().div_ceil(MOST_NAMED).max(1);
    let mut canvas = Canvas::default();
    for mark in &marks {
        let level = down.at(*mark);
        canvas.line((0, level), (WIDTH, level), if mark.is_zero() { "axis" } else { "grid" });
        canvas.text((0, level - 4), Anchor::Start, "tick", &compact(*mark));
    }
    let columns = [(unit, Words), ("Billed", Figure), ("Computed", Figure), ("Verdict", Words)];
    let mut figures = document::Table::new(columns);
    let zero = down.at(Money::ZERO);
    for (index, (day, sides)) in sums.iter().enumerate() {
        let left = LEFT + step * i64::try_from(index).unwrap_or(0);
        let (gap, middle) = (step / 8, left + step / 2);
        let title =
            format!("{}: billed {}, computed {}", date_words(day), dollars(sides.billed), dollars(sides.computed));
        canvas.titled_bar((left + gap, middle), (zero, down.at(sides.billed)), "fill-billed", &title);
        canvas.titled_bar((middle, left + step - gap), (zero, down.at(sides.computed)), "fill-computed", &title);
        if let Some(mark) = sides.agreement.mark() {
            let top = down.at(sides.billed.max(sides.computed));
            canvas.text((middle, top - 6), Anchor::Middle, "mark", mark);
        }
        if index % every == 0 {
            let (at, anchor) = if middle > RIGHT { (WIDTH, Anchor::End) } else { (middle, Anchor::Middle) };
            canvas.text((at, HEIGHT - 6), anchor, "tick", day.get("2026-".len()..).unwrap_or(day));
        }
        let amounts = [sides.billed, sides.computed].map(Cell::cents);
        let date = Cell::Date((*day).to_owned());
        figures.rows.push(Row::new([date].into_iter().chain(amounts).chain([Cell::text(sides.agreement.words())])));
    }
    let heading = "Against the bill".to_owned();
    let words = bill_summary(report);
    Some(Picture {
        svg: Markup(canvas.picture("days", HEIGHT, &heading, &words)),
        words,
        keys: vec![
            Key { class: "fill-billed", words: "billed".into() },
            Key { class: "fill-computed", words: "computed from the price table".into() },
            Key { class: "text", words: "≈ equal but for rounding, ≠ differs".into() },
        ],
        figures: Some(Table::of(&figures, &format!("{unit}s of the bill").into())),
        heading,
        is_wide: true,
        is_tall: false,
    })
}
