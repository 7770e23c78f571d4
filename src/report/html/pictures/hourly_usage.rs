//! What the hours of a week cost, and the quiet ones among them, in which batches may be sent.

use crate::money::Money;
use crate::plan::QuietHours;
use crate::plan::hourly_usage::HourlyUsage;
use crate::report::document::ColumnType::{Figure, Text as Words};
use crate::report::document::{self, Cell, Row};
use crate::report::html::canvas::{Anchor, Canvas, WIDTH};
use crate::report::html::components::{Key, Markup, Picture, Table};
use crate::report::words::{dollars, grouped};

const DAYS: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
/// Shades, from the lightest; what costs nothing has none of them.
const SHADES: [&str; 5] = ["heat-1", "heat-2", "heat-3", "heat-4", "heat-5"];
/// Where the first hour begins, and how wide hours are.
const LEFT: i64 = 1_120;
const STEP: i64 = (WIDTH - LEFT) / 24;
/// The row of days, below the mark of the quiet hours.
const TOP: i64 = 30;
const PITCH: i64 = 22;
const BOTTOM: i64 = TOP + 7 * PITCH;

/// A picture of hours that cost something.
pub fn picture(hourly_usage: &HourlyUsage, quiet: Option<QuietHours>) -> Option<Picture> {
    let all = || hourly_usage.hours.iter().flatten();
    let highest = all().map(|hour| hour.cost).fold(Money::ZERO, Money::max);
    if highest.is_zero() {
        return None;
    }
    let shades = i128::try_from(SHADES.len()).unwrap_or(1);
    let ends: Vec<Money> = (1..=shades).map(|shade| Money::from_units(highest.units() / shades * shade)).collect();
    let shade = |cost: Money| match ends.iter().position(|end| cost <= *end) {
        _ if cost <= Money::ZERO => "fill-track",
        Some(index) => SHADES[index],
        None => SHADES[SHADES.len() - 1],
    };
    let place = |hour: usize| LEFT + STEP * i64::try_from(hour).unwrap_or(0);
    let mut canvas = Canvas::default();
    for (day, (name, hours)) in DAYS.iter().zip(&hourly_usage.hours).enumerate() {
        let top = TOP + PITCH * i64::try_from(day).unwrap_or(0);
        canvas.text((0, top + 15), Anchor::Start, "tick", name);
        for (hour, spend) in hours.iter().enumerate() {
            let title =
                format!("{name} {hour:02}:00: {}, {} calls", dollars(spend.cost), grouped(u128::from(spend.calls)));
            let across = (place(hour) + 15, place(hour + 1) - 15);
            canvas.titled_bar(across, (top + 1, top + PITCH - 1), shade(spend.cost), &title);
        }
    }
    for hour in [0, 6, 12, 18] {
        canvas.text((place(hour), BOTTOM + 16), Anchor::Start, "tick", &format!("{hour:02}:00"));
    }
    if let Some(quiet) = quiet {
        mark(&mut canvas, quiet, place);
    }
    let heading = "When it is spent".to_owned();
    let words = words(quiet);
    let mut keys = vec![Key { class: "fill-track", words: "nothing".into() }];
    keys.extend(
        SHADES.iter().zip(&ends).map(|(class, end)| Key { class, words: format!("to {}", dollars(*end)).into() }),
    );
    Some(Picture {
        svg: Markup(canvas.picture("heat", BOTTOM + 24, &heading, &words)),
        words,
        keys,
        figures: Some(figures(hourly_usage)),
        heading,
        is_wide: false,
        is_tall: false,
    })
}

/// A bracket over the quiet hours, in two pieces where they pass midnight.
fn mark(canvas: &mut Canvas, quiet: QuietHours, place: impl Fn(usize) -> i64) {
    let (from, to) = (usize::from(quiet.from), usize::from(quiet.to));
    let pieces = if from < to { vec![(from, to)] } else { vec![(from, 24), (0, to)] };
    for (from, to) in pieces.iter().filter(|(from, to)| from < to) {
        canvas.bar((place(*from) + 15, place(*to) - 15), (TOP - 7, TOP - 4), "fill-total");
    }
    let (anchor, at) = if from < 12 { (Anchor::Start, place(from)) } else { (Anchor::End, place(24)) };
    canvas.text((at, TOP - 13), anchor, "label", &format!("fewest calls: {from:02}:00 to {to:02}:00"));
}

fn words(quiet: Option<QuietHours>) -> String {
    let times = "Cost of the period by weekday and hour, UTC.";
    match quiet {
        Some(QuietHours { from, to, calls: (few, all) }) => format!(
            "{times} The six hours with the fewest calls, {} of {}, are {from:02}:00 to {to:02}:00, whatever they cost: a good time to send batches.",
            grouped(u128::from(few)),
            grouped(u128::from(all))
        ),
        None => times.to_owned(),
    }
}

fn figures(hourly_usage: &HourlyUsage) -> Table {
    let columns = std::iter::once(("Hour, UTC", Words)).chain(DAYS.map(|day| (day, Figure)));
    let mut table = document::Table::new(columns);
    table.rows = (0..24)
        .map(|hour| {
            let costs = hourly_usage.hours.iter().map(|day| Cell::cents(day[hour].cost));
            Row::new(std::iter::once(Cell::text(format!("{hour:02}:00"))).chain(costs))
        })
        .collect();
    Table::of(&table, &"Cost by weekday and hour".into())
}
