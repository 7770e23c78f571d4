//! Scenarios: what a month costs today, in batch, and in batch with routing.
//!
//! Role: assessed rows → monthly amounts in three cases. Every monthly amount is worked out exactly per row and
//! rounded once; everything else is sums of those. docs/specification.md, section 5.

mod saved_once;

use num_traits::{Signed, Zero};

pub use saved_once::{Contest, MonthSums, goes_to_batch};

use crate::assess::basis::{Basis, Side};
use crate::assess::{Assessment, Row, SmallVolume};
use crate::calendar::MonthBasis;
pub use crate::calendar::monthly;
use crate::money::{Exact, Money, Overflow, product};
use crate::policy::{Cases, Routing};
use crate::verdict::{Confidence, Verdict};

/// What a month costs, and what could be saved.
#[derive(Clone, Debug)]
pub struct Scenarios {
    /// Today's cost, and what is saved of it.
    pub sums: MonthSums,
    /// Whether routing was assumed or priced from routes.
    pub routing: RoutingKind,
    /// Monthly amounts of each row, in the order of the rows.
    pub rows: Vec<RowMonth>,
    /// The prices that all of it stands on.
    pub basis: Basis,
}

/// Where the routing figure comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RoutingKind {
    /// A share of the cost, assumed.
    Assumed,
    /// Routes priced from the table.
    Routes,
}

impl RoutingKind {
    /// The name in reports.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Assumed => "assumed",
            Self::Routes => "routes",
        }
    }
}

/// Monthly amounts of a row.
#[derive(Clone, Copy, Debug, Default)]
pub struct RowMonth {
    /// Cost; nothing where it has no price.
    pub cost: Option<Money>,
    /// What batch saves on a row with a band, else 0.
    pub saving: Money,
    /// What it would cost less in batch, whatever its verdict; nothing where either price is not known.
    pub difference: Option<Money>,
    /// What routing saves where the row is not batched.
    pub routing: Cases<Money>,
    /// In which cases it is batched where routing is the other choice.
    pub batched: Cases<bool>,
    /// What batch would save on the calls that stay for their small volume alone; nothing where there are none.
    pub forgone: Option<Money>,
}

impl Scenarios {
    /// Those of no rows.
    pub fn nothing(routing: &Routing, basis: Basis) -> Self {
        Self {
            sums: MonthSums::default(),
            routing: match routing {
                Routing::Assumed(_) => RoutingKind::Assumed,
                Routing::Routes(_) => RoutingKind::Routes,
            },
            rows: Vec::new(),
            basis,
        }
    }

    /// Adds a row's month to all sums, and hands it over: it is kept among the rows by whoever needs it later.
    pub fn add(&mut self, row: &Row, routing: &Routing, month: MonthBasis) -> Result<RowMonth, Overflow> {
        let amounts = row_month(row, routing, month, self)?;
        self.sums.today = self.sums.today.with(amounts.cost)?;
        Ok(amounts)
    }
}

/// Works out all scenarios.
pub fn scenarios(
    assessment: &Assessment,
    routing: &Routing,
    month: MonthBasis,
    basis: Basis,
) -> Result<Scenarios, Overflow> {
    let mut total = Scenarios::nothing(routing, basis);
    total.rows.reserve_exact(assessment.rows.len());
    for row in &assessment.rows {
        let amounts = total.add(row, routing, month)?;
        total.rows.push(amounts);
    }
    Ok(total)
}

fn row_month(row: &Row, routing: &Routing, month: MonthBasis, total: &mut Scenarios) -> Result<RowMonth, Overflow> {
    let period_cost = row.cost.map(|cost| total.basis.amount(row, Side::Today, cost, row.from_bill.0));
    let period_batch = row.batch_cost.map(|batch| total.basis.amount(row, Side::Batch, batch, row.from_bill.1));
    let batch_period = match (&period_cost, &period_batch) {
        (Some(cost), Some(batch)) if row.band().is_some() => cost - batch,
        _ => Exact::zero(),
    };
    let cost = period_cost.map(|cost| monthly(&cost, month)).transpose()?;
    let difference = match (cost, period_batch) {
        (Some(cost), Some(batch)) => Some(cost.sub(monthly(&batch, month)?)?),
        _ => None,
    };
    let saving = difference.filter(|_| row.band().is_some()).unwrap_or_default();
    let route_period = route_savings(row, routing, &total.basis);
    let contest = Contest {
        can_batch: batched_in(row),
        is_confirmed: row.verdict == Verdict::CONFIRMED,
        batch: saving,
        routing: route_period.by_ref().try_map(|amount| monthly(amount, month))?,
    };
    let batched = contest.batched(route_period.map(|route| batch_period >= route));
    total.sums.add(&contest, batched)?;
    let forgone = forgone(row, &total.basis, month)?;
    Ok(RowMonth { cost, saving, difference, routing: contest.routing, batched, forgone })
}

/// What calls that stay for their small volume cost a month, and what batch would save on them.
pub fn small_month(
    row: &Row,
    small: &SmallVolume,
    basis: &Basis,
    month: MonthBasis,
) -> Result<(Money, Money), Overflow> {
    let cost = monthly(&basis.amount(row, Side::Today, small.cost, small.from_bill.0), month)?;
    let batch = monthly(&basis.amount(row, Side::Batch, small.batch_cost, small.from_bill.1), month)?;
    Ok((cost, cost.sub(batch)?))
}

fn forgone(row: &Row, basis: &Basis, month: MonthBasis) -> Result<Option<Money>, Overflow> {
    row.small.iter().try_fold(None, |sum: Option<Money>, small| {
        let (_, saving) = small_month(row, small, basis, month)?;
        saving.with(sum).map(Some)
    })
}

/// In which cases a row is batched: low = confirmed, base = likely too, high = whatever has a band.
pub fn batched_in(row: &Row) -> Cases<bool> {
    let band = row.band();
    Cases {
        low: band == Some(Confidence::Confirmed),
        base: matches!(band, Some(Confidence::Confirmed | Confidence::Likely)),
        high: band.is_some(),
    }
}

/// What routing saves on a row's routable calls in the period, ascending.
fn route_savings(row: &Row, routing: &Routing, basis: &Basis) -> Cases<Exact> {
    let savings = match (routing, &row.routed) {
        (Routing::Assumed(_), _) if row.routable.is_zero() => return Cases::all(Exact::zero()),
        (Routing::Assumed(share), _) => {
            let routable = basis.amount(row, Side::Today, row.routable, Money::ZERO);
            let Cases { low, base, high } = share.by_ref().map(|share| product(share, &routable));
            // Shares ascend, so that nothing has to be compared; what is below zero descends with them.
            return if routable.is_negative() {
                Cases { low: high, base, high: low }
            } else {
                Cases { low, base, high }
            };
        }
        (Routing::Routes(routes), Some(routed)) => {
            let route = &routes[routed.route];
            let cost = basis.amount(row, Side::Today, routed.cost, Money::ZERO);
            let target = &basis.at_target(routed.route, &routed.target_cost);
            route.share.by_ref().map(|share| {
                share * (&cost - target) - share * route.escalation.exact() * &cost - route.overhead.exact() * &cost
            })
        }
        (Routing::Routes(_), None) => Cases::all(Exact::zero()),
    };
    let mut ordered = [savings.low, savings.base, savings.high];
    ordered.sort();
    let [low, base, high] = ordered;
    Cases { low, base, high }
}
