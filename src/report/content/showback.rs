//! Who spent what: the sums of `--by` as readers see them.

use super::{LONGEST_NAME, ShowName, bill, value_of};
use crate::calendar::MonthBasis;
use crate::money::{DecimalStyle, Money, round_parts};
use crate::report::words::{day_words, percent, plural, shown_parts, sum};
use crate::report::{ByLine, ByTable, Report};

/// Decimals of a share that is shown as a percentage with one.
const SHARE_DECIMALS: u32 = 3;

/// Sums as shown: rows, the rest and what is unallocated add up to the total, and their shares to 100 %.
#[derive(Clone, Debug)]
pub struct Showback {
    /// The dimension.
    pub dimension: String,
    /// Of which days these amounts are, and that they are no month's.
    pub period: String,
    /// What has to be known of them.
    pub said: Vec<String>,
    /// The largest.
    pub lines: Vec<ShownSum>,
    /// The other values, in one row.
    pub rest: Option<ShownSum>,
    /// What has no value.
    pub unallocated: ShownSum,
    /// All of it.
    pub total: ShownSum,
}

/// A row of it.
#[derive(Clone, Debug, Default)]
pub struct ShownSum {
    /// The value, or words for what stands in its place.
    pub name: String,
    /// Calls, where stated.
    pub requests: u64,
    /// Cost in the period, to the cent.
    pub cost: Money,
    /// The same, exactly.
    pub exact: Money,
    /// Its part of all cost, in words.
    pub share: String,
    /// Cost that can wait, to the cent.
    pub can_wait: Money,
    /// What batch saves on it in the period, to the cent.
    pub saving: Money,
}

/// The sums of `--by`, cut to their `most` largest values; nothing where nothing was used.
pub fn showback(report: &Report, most: usize, name: ShowName) -> Option<Showback> {
    let by = report.by.as_ref().filter(|by| !by.rows.is_empty())?;
    let (named, nameless): (Vec<&ByLine>, Vec<&ByLine>) = by.rows.iter().partition(|row| row.value.is_some());
    let (first, others) = named.split_at(named.len().min(most));
    let groups: Vec<&[&ByLine]> =
        first.chunks(1).chain((!others.is_empty()).then_some(others)).chain([&nameless[..]]).collect();
    let total = by.total();
    // Over all rows, so that none reads otherwise where more of them are shown.
    let column = |of: fn(&ByLine) -> Money, total: Money| {
        let parts: Vec<Money> = groups.iter().flat_map(|rows| rows.iter().map(|row| of(row))).collect();
        let (shown, total) = shown_parts(&parts, total);
        let mut shown = shown.into_iter();
        (groups.iter().map(|rows| sum(shown.by_ref().take(rows.len()))).collect::<Vec<_>>(), total)
    };
    let (costs, cost) = column(|row| row.cost, total.cost);
    let (can_wait, all_can_wait) = column(|row| row.can_wait, total.can_wait);
    let (savings, saving) = column(|row| row.saving, total.saving);
    let shares = shares(&groups, !total.cost.is_zero());
    let mut lines: Vec<ShownSum> = (0..groups.len())
        .map(|index| ShownSum {
            name: match groups[index] {
                [row] if index < first.len() => {
                    let is_one_of_several = named.iter().filter(|other| other.value == row.value).count() > 1;
                    value_of(row.value.as_deref(), row.id.as_deref(), is_one_of_several, name)
                }
                rows if index + 1 < groups.len() => format!("{} more", rows.len()),
                _ => "Unallocated".to_owned(),
            },
            requests: groups[index].iter().map(|row| row.requests).sum(),
            cost: costs[index],
            exact: sum(groups[index].iter().map(|row| row.cost)),
            share: shares[index].clone(),
            can_wait: can_wait[index],
            saving: savings[index],
        })
        .collect();
    let unallocated = lines.pop().unwrap_or_default();
    let rest = if others.is_empty() { None } else { lines.pop() };
    let share = percent((!total.cost.is_zero()).then(|| "1".to_owned()).as_ref());
    let total = ShownSum {
        name: "All".to_owned(),
        requests: total.requests,
        cost,
        exact: total.cost,
        share,
        can_wait: all_can_wait,
        saving,
    };
    Some(Showback {
        dimension: name(&by.dimension, LONGEST_NAME),
        period: period(report),
        said: said(by, name),
        lines,
        rest,
        unallocated,
        total,
    })
}

/// Shares in words that add up to 100 %; without any cost there are none.
fn shares(groups: &[&[&ByLine]], is_known: bool) -> Vec<String> {
    // The texts are ours, and shares far from the ends of what amounts can be.
    let share = |text: &str| Money::parse(text, DecimalStyle::Point).map(|(share, _)| share).ok();
    let of =
        |rows: &&[&ByLine]| rows.iter().filter_map(|row| row.share.as_deref()).map(share).collect::<Option<Vec<_>>>();
    let parts = groups.iter().map(|rows| of(rows).map(sum)).collect::<Option<Vec<Money>>>();
    let shares = parts.filter(|_| is_known).and_then(|parts| round_parts(&parts, share("1")?, SHARE_DECIMALS).ok());
    let shown = |at: usize| percent(shares.as_ref().map(|shares| shares[at].to_string()).as_ref());
    (0..groups.len()).map(shown).collect()
}

/// The days, and which prices: unlike the figures above, no month's.
fn period(report: &Report) -> String {
    let days = report.period.map_or_else(
        || "of no days".to_owned(),
        |(period, basis)| {
            let days = plural(u64::from(period.days()), "day");
            let kind = match basis {
                MonthBasis::Calendar { months: 1 } => "a whole month",
                _ => "not a month's",
            };
            format!("of {} – {} ({days}, {kind})", day_words(period.from), day_words(period.to))
        },
    );
    let prices = if bill::on_basis(report).is_empty() { "" } else { ", at list prices" };
    format!("{days}{prices}")
}

/// How much of the cost is allocated, and why some of it cannot be.
fn said(by: &ByTable, name: ShowName) -> Vec<String> {
    let dimension = name(&by.dimension, LONGEST_NAME);
    let mut said = Vec::new();
    if let Some(share) = &by.allocated_share {
        let is_nothing = by.rows.iter().all(|row| row.value.is_none());
        said.push(if is_nothing {
            format!("No row says its {dimension}, so none of the cost is allocated.")
        } else {
            format!("{} of the cost is allocated.", percent(Some(share)))
        });
    }
    if !by.without.is_empty() {
        let formats: Vec<String> = by.without.iter().map(|format| name(format, LONGEST_NAME)).collect();
        let (has, its) = if formats.len() == 1 { ("has", "its") } else { ("have", "their") };
        said.push(format!("{} {has} no {dimension}: {its} cost stays unallocated.", formats.join(", ")));
    }
    said
}
