//! Whether a report can be presented, and what stands against it.
//!
//! Role: one verdict from what the report says elsewhere, so that every form of the report and of the plan begins with the
//! same one. It adds no fact of its own.

use super::Report;

/// Whether the figures can be presented.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Readiness {
    /// Nothing stands against it.
    Ready,
    /// With its caveats beside it.
    ReadyWithCaveats,
    /// Not before something is settled.
    NotReady,
}

impl Readiness {
    /// Its name in JSON and CSV.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Ready => "ready",
            Self::ReadyWithCaveats => "ready-with-caveats",
            Self::NotReady => "not-ready",
        }
    }
}

/// What stands against presenting the figures.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// The report is incomplete; the code of its note.
    Incomplete(&'static str),
    /// The bill contradicts the figures.
    BillDiffers,
    /// The bill agrees but for a residual.
    BillResidual,
    /// No bill says that these prices are paid.
    NoBill,
    /// No bill says it of a part of the usage.
    Unbilled,
    /// Usage without a price is in no figure, which the policy accepts.
    Unpriced,
    /// So much is undecided that it is the headline.
    Undecided,
}

impl Reason {
    /// Its name in JSON and CSV.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Incomplete(code) => code,
            Self::BillDiffers => "bill-differs",
            Self::BillResidual => "bill-residual",
            Self::NoBill => "no-bill-beside",
            Self::Unbilled => "usage-unbilled",
            Self::Unpriced => "unpriced-accepted",
            Self::Undecided => "undecided",
        }
    }

    const fn forbids(self) -> bool {
        matches!(self, Self::Incomplete(_) | Self::BillDiffers)
    }
}

/// From this part of the usage on, in percent, it is said first that no bill stands beside it.
const MUCH_UNBILLED: u128 = 1;

/// Whether a report can be presented, and why not.
#[derive(Clone, Debug)]
pub struct Status {
    /// The verdict.
    pub readiness: Readiness,
    /// Its reasons, each once, those that forbid it first.
    pub reasons: Vec<Reason>,
}

impl Status {
    /// The status of a report.
    pub fn of(report: &Report) -> Self {
        let bill = match (&report.reconciliation, report.cost.from_bill.is_zero()) {
            (Some(found), _) => match report.agreement().map_or(found.standing, |agreed| agreed.standing) {
                "usable" => None,
                "usable with residual" => Some(Reason::BillResidual),
                _ => Some(Reason::BillDiffers),
            },
            (None, true) => Some(Reason::NoBill),
            // The spend is the bill's.
            (None, false) => None,
        };
        let usage = &report.usage;
        let is_said = report.incomplete.iter().any(|note| note.code == "unpriced");
        let unpriced = (usage.unpriced_tokens > 0 || !usage.unpriced_billed.is_zero()) && !is_said;
        let mut reasons: Vec<Reason> = Vec::new();
        let part = report.cost.computed.units().unsigned_abs() / 100 * MUCH_UNBILLED;
        let unbilled = report.unbilled().filter(|unbilled| unbilled.units().unsigned_abs() > part);
        let bill = bill.into_iter().chain(unbilled.map(|_| Reason::Unbilled));
        let found = report.incomplete.iter().map(|note| Reason::Incomplete(note.code)).chain(bill);
        let found = found.chain(unpriced.then_some(Reason::Unpriced));
        for reason in found.chain(report.undecided.is_headline.then_some(Reason::Undecided)) {
            if !reasons.contains(&reason) {
                reasons.push(reason);
            }
        }
        let readiness = match reasons.as_slice() {
            [] => Readiness::Ready,
            reasons if reasons.iter().any(|reason| reason.forbids()) => Readiness::NotReady,
            _ => Readiness::ReadyWithCaveats,
        };
        Self { readiness, reasons }
    }
}
