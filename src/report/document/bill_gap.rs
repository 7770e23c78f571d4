//! What the bill comes to beside what prices explain, and the difference by cause.

use super::ColumnType::{Figure, Text as Words};
use super::headline::bound;
use super::{Cell, LONGEST_PATH, Precision, Row, Section, Table, Text, bill, is_nothing, named, text};
use crate::calendar::monthly;
use crate::money::Money;
use crate::report::words::{difference, share_of, sum, whole_dollars};
use crate::report::{Compared, Reconciliation, Report};

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

/// Why a line of the bill differs, as far as the report knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Cause {
    Unpriced,
    AgreedPrice,
    BilledWithoutUsage,
    UsageWithoutBill,
    UnknownPromptSize,
    BilledMore,
    BilledLess,
    Rounding,
}

impl Cause {
    const ALL: [Self; 8] = [
        Self::Unpriced,
        Self::AgreedPrice,
        Self::BilledWithoutUsage,
        Self::UsageWithoutBill,
        Self::UnknownPromptSize,
        Self::BilledMore,
        Self::BilledLess,
        Self::Rounding,
    ];

    fn of(report: &Report, found: &Reconciliation, line: &Compared) -> Self {
        let model = line.model.as_deref();
        let is_unpriced = model.is_some_and(|model| report.usage.unpriced_models.iter().any(|name| name == model));
        let is_agreed = found.models.iter().any(|other| {
            let is_same = *other.provider == *line.provider && Some(other.model.as_str()) == model;
            is_same && other.agreed_ratio.as_ref().is_some_and(|ratio| ratio != "1")
        });
        let is_size_unknown =
            report.improvements.iter().any(|other| other.gap == "context" && *other.provider == *line.provider);
        match line.verdict {
            "equal" | "rounding" => Self::Rounding,
            _ if is_unpriced => Self::Unpriced,
            "billed-without-usage" => Self::BilledWithoutUsage,
            "usage-without-bill" => Self::UsageWithoutBill,
            _ if is_agreed => Self::AgreedPrice,
            "under" if is_size_unknown => Self::UnknownPromptSize,
            "under" => Self::BilledMore,
            _ => Self::BilledLess,
        }
    }

    const fn words(self) -> &'static str {
        match self {
            Self::Unpriced => "≠ models without a price",
            Self::AgreedPrice => "≠ billed at one ratio of list price, as an agreed price would be",
            Self::BilledWithoutUsage => "≠ billed without usage",
            Self::UsageWithoutBill => "≠ usage without a bill",
            Self::UnknownPromptSize => "≠ billed more; prompt sizes are unknown, so long-context prices may be why",
            Self::BilledMore => "≠ billed more than computed",
            Self::BilledLess => "≠ billed less than computed",
            Self::Rounding => "≈ rounding",
        }
    }
}

/// The difference from list prices by cause, the largest first; nothing where none is shown.
pub fn section(report: &Report) -> Option<Section> {
    let found = report.reconciliation.as_ref()?;
    let lines: Vec<(Cause, &Compared)> =
        found.lines.iter().map(|line| (Cause::of(report, found, line), line)).collect();
    let causes = Cause::ALL.map(|cause| {
        let lines: Vec<&Compared> = lines.iter().filter(|(other, _)| *other == cause).map(|(_, line)| *line).collect();
        (cause, a_month(report, sum(lines.iter().map(|line| line.residual))), largest(lines))
    });
    let mut causes: Vec<_> = causes
        .into_iter()
        .filter_map(|(cause, amount, models)| Some((cause, amount.filter(|amount| !is_nothing(*amount))?, models)))
        .collect();
    causes.sort_by_key(|(_, amount, _)| std::cmp::Reverse(amount.units().unsigned_abs()));
    let mut table = Table::new([("Cause", Words), ("A month", Figure)]);
    table.rows = causes
        .into_iter()
        .map(|(cause, amount, models)| {
            let of = (cause != Cause::Rounding && !models.is_empty())
                .then(|| text!(": ", named(&models, MOST_MODELS, LONGEST_PATH)));
            Row::new([Cell::Text(text!(cause.words(), of)), Cell::Change(amount, Precision::Whole)])
        })
        .collect();
    let residual = a_month(report, found.residual)?;
    table.total = (table.rows.len() > 1)
        .then(|| Row::new([Cell::text("Billed − computed at list prices"), Cell::Change(residual, Precision::Whole)]));
    Section::new("bill-gap", "The bill beside list prices, by cause").table(table).if_any()
}

/// The models of lines, that with the largest difference first.
fn largest(lines: Vec<&Compared>) -> Vec<String> {
    let mut models: Vec<(String, Money)> = Vec::new();
    for line in lines {
        let Some(model) = &line.model else { continue };
        let name = format!("{}/{model}", line.provider);
        match models.iter_mut().find(|(known, _)| *known == name) {
            Some((_, amount)) => *amount = sum([*amount, line.residual]),
            None => models.push((name, line.residual)),
        }
    }
    models.sort_by_key(|(_, amount)| std::cmp::Reverse(amount.units().unsigned_abs()));
    models.into_iter().map(|(name, _)| name).collect()
}
