//! What the bill comes to beside what prices explain, and the difference by cause.

use super::ColumnType::{Figure, Text as Words};
use super::headline::bound;
use super::{Cell, LONGEST_PATH, Precision, Row, Section, Table, Text, bill, is_nothing, named, text};
use crate::calendar::monthly;
use crate::money::Money;
use crate::report::words::{difference, share_of, sum, whole_dollars};
use crate::report::{BillCause, Cause, Report};

/// Models that a cause names.
const MOST_MODELS: usize = 3;
/// From this share of the bill on, in percent, a plan says what the usage does not explain.
const MUCH_OF_THE_BILL: u128 = 5;

/// A month of the bill for tokens, and what of it prices explain; both in USD.
struct Sides {
    billed: Money,
    explained: Money,
}

impl Sides {
    fn of(report: &Report) -> Option<Self> {
        let found = report.reconciliation.as_ref()?;
        let explained = difference(found.billed, bill::residual(report, found));
        Some(Self { billed: a_month(report, found.billed)?, explained: a_month(report, explained)? })
    }
}

/// An amount of the period as one of a month.
fn a_month(report: &Report, amount: Money) -> Option<Money> {
    monthly(&amount.exact(), report.period?.1).ok()
}

/// What the bills come to, and what of it prices explain; nothing where no bill stands beside usage.
pub fn sentences(report: &Report) -> Option<Vec<Text>> {
    let sides = Sides::of(report)?;
    let (prices, alone) = (bill::prices(report), a_month(report, report.cost.from_bill)?);
    let [all, spend] = [sides.billed, sides.explained].map(|side| whole_dollars(sum([side, alone])));
    let [billed, explained, alone_words] = [sides.billed, sides.explained, alone].map(whole_dollars);
    let share = share_of(sides.explained, sides.billed).map_or_else(String::new, |share| format!(" ({share})"));
    let is_more = sides.explained > sides.billed;
    let said = match (alone.is_zero(), billed == explained) {
        (true, true) => format!("Your bills come to {all} a month; {prices} explain all of it."),
        (true, false) => {
            let verb = if is_more { "make it" } else { "explain" };
            format!("Your bills come to {all} a month; {prices} {verb} {explained}{share}.")
        }
        (false, is_all) => {
            let rest = match (is_all, is_more) {
                (true, _) => format!("explain all of the other {billed}"),
                (false, true) => format!("make the other {billed} {explained}{share}"),
                (false, false) => format!("explain {explained} of the other {billed}{share}"),
            };
            format!(
                "Your bills come to {all} a month. {alone_words} of it has no usage beside it and is taken as the spend; {prices} {rest}."
            )
        }
    };
    let (bound, today) = (bound(report), whole_dollars(report.today));
    let spend = (today != spend || !bound.is_empty())
        .then(|| format!("The figures below stand on a spend of {bound}{today} a month{}.", bill::on_basis(report)));
    Some(std::iter::once(said).chain(spend).map(Text::from).collect())
}

/// The same for a plan, where the bill says much more or less for tokens than prices explain.
pub fn alarm(report: &Report) -> Option<Text> {
    let found = report.reconciliation.as_ref()?;
    let much = found.billed.units().unsigned_abs() / 100 * MUCH_OF_THE_BILL;
    let is_much = bill::residual(report, found).units().unsigned_abs() > much;
    sentences(report).filter(|_| is_much).map(|said| Text::joined(said, " "))
}

/// A cause in words, by how it is marked: `≈` where only rounding differs.
const fn words(cause: Cause) -> &'static str {
    match cause {
        Cause::Unpriced => "≠ models without a price",
        Cause::AgreedPrice => "≠ billed at one ratio of list price, as an agreed price would be",
        Cause::BilledWithoutUsage => "≠ billed without usage",
        Cause::UsageWithoutBill => "≠ usage without a bill",
        Cause::LongContext => "≠ billed more where prompt sizes are unknown",
        Cause::BilledMore => "≠ billed more than computed",
        Cause::BilledLess => "≠ billed less than computed",
        Cause::Rounding => "≈ rounding",
    }
}

/// How much of the usage would have to be in long prompts to explain a cause.
fn long_context(line: &BillCause) -> Option<Text> {
    let share = share_of(line.residual, line.long_context?)?;
    Some(format!("; long prompts explain it if {share} of the usage on these lines is in such").into())
}

/// The difference from list prices by cause, the largest first; nothing where none is shown.
pub fn section(report: &Report) -> Option<Section> {
    let found = report.reconciliation.as_ref()?;
    let row = |line: &BillCause| {
        let amount = a_month(report, line.residual).filter(|amount| !is_nothing(*amount))?;
        let of = (line.cause != Cause::Rounding && !line.models.is_empty())
            .then(|| text!(": ", named(&line.models, MOST_MODELS, LONGEST_PATH)));
        let cells =
            [Cell::Text(text!(words(line.cause), of, long_context(line))), Cell::Change(amount, Precision::Whole)];
        Some(Row::new(cells))
    };
    let mut table = Table::new([("Cause", Words), ("A month", Figure)]);
    table.rows = found.causes.iter().filter_map(row).collect();
    let residual = a_month(report, found.residual)?;
    table.total = (table.rows.len() > 1)
        .then(|| Row::new([Cell::text("Billed − computed at list prices"), Cell::Change(residual, Precision::Whole)]));
    Section::new("bill-gap", "The bill beside list prices, by cause").table(table).if_any()
}
