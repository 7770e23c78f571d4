//! Where things stand in a picture, in whole numbers.
//!
//! Role: exact amounts → places. Across, places are hundredths of a percent of the picture's width, so that a picture
//! fits a screen of any width while its text stays as large as the page's; down, they are pixels.

use std::fmt::{self, Display, Write as _};

use askama::filters::{Html, escape};
use num_traits::ToPrimitive as _;

use crate::money::{Exact, MONEY_DECIMALS, Money, round_half_even};
use crate::report::words::{dollars, exact_dollars};

/// The whole width.
pub const WIDTH: i64 = 10_000;

/// A place or a length across.
#[derive(Clone, Copy)]
struct Across(i64);

impl Display for Across {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.0 < 0 { "-" } else { "" };
        let hundredths = self.0.unsigned_abs();
        write!(f, "{sign}{}.{:02}%", hundredths / 100, hundredths % 100)
    }
}

/// Which place an amount has, between two ends.
#[derive(Clone, Copy, Debug)]
pub struct Scale {
    amounts: (Money, Money),
    places: (i64, i64),
}

impl Scale {
    /// From the lowest amount at the first place to the highest at the second.
    pub fn new(amounts: (Money, Money), places: (i64, i64)) -> Self {
        Self { amounts, places }
    }

    /// The place of an amount. Without an amount to tell it from, everything has the first place.
    pub fn at(&self, amount: Money) -> i64 {
        let ((low, high), (from, to)) = (self.amounts, self.places);
        if high <= low {
            return from;
        }
        let low = low.exact();
        let share = (amount.exact() - &low) / (high.exact() - low);
        let place = round_half_even(&(share * Exact::from_integer((to - from).into())), 0);
        from + place.to_i64().unwrap_or(0)
    }
}

/// Round amounts from zero on, as many as fit a scale; the last is not below `highest`.
pub fn ticks(highest: Money) -> Vec<Money> {
    /// Steps on a scale.
    const MOST: i128 = 4;
    let mut power: i128 = 1;
    while let Some(next) = power.checked_mul(10) {
        for step in [power, power.saturating_mul(2), power.saturating_mul(5)] {
            if step.saturating_mul(MOST) >= highest.units() {
                let enough = |count: &i128| (*count - 1).saturating_mul(step) < highest.units();
                return (0..=MOST)
                    .take_while(enough)
                    .map(|count| Money::from_units(step.saturating_mul(count)))
                    .collect();
            }
        }
        power = next;
    }
    Vec::new()
}

/// An amount as short as it can be told on a scale: `$500`, `$20k`, `$1.5M`.
pub fn compact(amount: Money) -> String {
    let whole = amount.units().unsigned_abs() / 10_u128.pow(MONEY_DECIMALS);
    let (divisor, letter) = match whole {
        0..1_000 => (1, ""),
        1_000..1_000_000 => (1_000, "k"),
        1_000_000..1_000_000_000 => (1_000_000, "M"),
        _ => (1_000_000_000, "B"),
    };
    let (text, amount) = (exact_dollars(Money::from_units(amount.units() / divisor)), dollars(amount));
    // Fifty cents are not `$0.5`.
    if letter.is_empty() && amount.starts_with(&text) && text.contains('.') { amount } else { text + letter }
}

/// On which side of its place a text stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Anchor {
    /// Behind it.
    Start,
    /// Around it.
    Middle,
    /// Before it.
    End,
}

/// What is drawn so far. Writing to a String cannot fail, so results of `write!` are dropped in this file.
#[derive(Debug, Default)]
pub struct Canvas {
    body: String,
}

impl Canvas {
    /// A bar from one place to another, whichever is first.
    pub fn bar(&mut self, across: (i64, i64), down: (i64, i64), class: &str) {
        self.titled_bar(across, down, class, "");
    }

    /// A bar that says what it is when pointed at.
    pub fn titled_bar(&mut self, across: (i64, i64), down: (i64, i64), class: &str, title: &str) {
        let (left, right) = (across.0.min(across.1), across.0.max(across.1));
        let (top, bottom) = (down.0.min(down.1), down.0.max(down.1));
        let _ = write!(
            self.body,
            "<rect class=\"{class}\" x=\"{}\" y=\"{top}\" width=\"{}\" height=\"{}\"",
            Across(left),
            Across(right - left),
            bottom - top
        );
        if title.is_empty() {
            self.body.push_str("/>");
        } else {
            let _ = write!(self.body, "><title>{}</title></rect>", escaped(title));
        }
    }

    /// A straight line.
    pub fn line(&mut self, from: (i64, i64), to: (i64, i64), class: &str) {
        let _ = write!(
            self.body,
            "<line class=\"{class}\" x1=\"{}\" y1=\"{}\" x2=\"{}\" y2=\"{}\"/>",
            Across(from.0),
            from.1,
            Across(to.0),
            to.1
        );
    }

    /// A point.
    pub fn dot(&mut self, place: (i64, i64), radius: u32, class: &str) {
        let (across, down) = place;
        let across = Across(across);
        let _ = write!(self.body, "<circle class=\"{class}\" cx=\"{across}\" cy=\"{down}\" r=\"{radius}\"/>");
    }

    /// A line of text, which stands on its place.
    pub fn text(&mut self, place: (i64, i64), anchor: Anchor, class: &str, text: &str) {
        let anchor = match anchor {
            Anchor::Start => "start",
            Anchor::Middle => "middle",
            Anchor::End => "end",
        };
        let (across, down) = (Across(place.0), place.1);
        let text = escaped(text);
        let _ = write!(
            self.body,
            "<text class=\"{class}\" x=\"{across}\" y=\"{down}\" text-anchor=\"{anchor}\">{text}</text>"
        );
    }

    /// An area or a line through many places. It is drawn on a sheet of its own, stretched to the picture's width,
    /// since lists of places know no percent.
    pub fn shape(&mut self, kind: Shape, places: &[(i64, i64)], height: i64, class: &str) {
        let name = match kind {
            Shape::Area => "polygon",
            Shape::Line => "polyline",
        };
        let places: Vec<String> = places.iter().map(|(across, down)| format!("{across},{down}")).collect();
        let _ = write!(
            self.body,
            "<svg width=\"100%\" height=\"{height}\" viewBox=\"0 0 {WIDTH} {height}\" preserveAspectRatio=\"none\">\
             <{name} class=\"{class}\" points=\"{}\"/></svg>",
            places.join(" ")
        );
    }

    /// The picture with its name and, in words, what it shows. The id is ours and the same name is used once on a page.
    pub fn picture(self, id: &str, height: i64, title: &str, description: &str) -> String {
        format!(
            "<svg class=\"plot\" role=\"img\" aria-labelledby=\"{id}-title {id}-text\" width=\"100%\" height=\"{height}\">\
             <title id=\"{id}-title\">{}</title><desc id=\"{id}-text\">{}</desc>{}</svg>",
            escaped(title),
            escaped(description),
            self.body
        )
    }
}

/// How places are joined.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// Filled, from the last back to the first.
    Area,
    /// A line.
    Line,
}

fn escaped(text: &str) -> impl Display {
    // Escaping writes into a String.
    escape(text, Html).map_or_else(|never| match never {}, |safe| safe.to_string())
}

#[cfg(test)]
mod tests {
    use super::{Scale, WIDTH, compact, ticks};
    use crate::money::{DecimalStyle, Money};

    fn money(text: &str) -> Money {
        Money::parse(text, DecimalStyle::Point).expect("an amount").0
    }

    #[test]
    fn places_are_whole_and_in_order() {
        let scale = Scale::new((money("-1"), money("3")), (0, WIDTH));
        assert_eq!(["-1", "0", "1.00004", "3"].map(|text| scale.at(money(text))), [0, 2_500, 5_000, 10_000]);
        let upwards = Scale::new((money("0"), money("8")), (100, 20));
        assert_eq!(upwards.at(money("2")), 80);
        assert_eq!(Scale::new((money("5"), money("5")), (7, 9)).at(money("5")), 7, "nothing to tell it from");
        let huge = Money::from_units(i128::MAX);
        assert_eq!(Scale::new((Money::from_units(i128::MIN), huge), (0, WIDTH)).at(huge), WIDTH);
    }

    #[test]
    fn a_scale_has_few_round_steps() {
        for (highest, expected) in [
            ("403.41", "$0 $200 $400 $600"),
            ("400", "$0 $100 $200 $300 $400"),
            ("0.9", "$0 $0.50 $1"),
            ("0.07", "$0 $0.02 $0.04 $0.06 $0.08"),
            ("41000", "$0 $20k $40k $60k"),
            ("3600000", "$0 $1M $2M $3M $4M"),
            ("0", "$0"),
        ] {
            let shown: Vec<String> = ticks(money(highest)).into_iter().map(compact).collect();
            assert_eq!(shown.join(" "), expected, "{highest}");
        }
        assert!(ticks(Money::from_units(i128::MAX)).len() < 6);
    }
}
