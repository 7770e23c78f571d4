//! Routing: what each route of the policy saves, and what stands beside it.
//!
//! Role: calls that stay in real time → one line a route, priced from the table, with where it breaks even, what the
//! assumption would have said and what has been published. Models that nobody has routed are in [`candidates()`]. It does
//! *not* say that a weaker model is good enough: that is the evidence of whoever wrote the route.

use num_traits::{One, Zero};

use super::break_even::PaysUpTo;
use crate::assess::basis::Side;
use crate::assess::{Assessment, Row};
use crate::calendar::MonthBasis;
use crate::money::{Exact, MONTHLY_DECIMALS, Money, Overflow, Percent, round_share};
use crate::policy::{Cases, Policy, Route, Routing};
use crate::scenario::{Scenarios, monthly};

pub mod candidates;
pub mod published;

pub use candidates::{Candidate, Candidates, candidates};
pub use published::{Published, published};

/// The note on a route for which nobody has said why it is believed. It counts as the policy says, and is not to be
/// presented before somebody has.
pub const WITHOUT_EVIDENCE: &str = "route-without-evidence";

/// What routes are worked out from.
#[derive(Clone, Copy, Debug)]
pub struct RoutingInput<'g> {
    /// What was judged.
    pub assessment: &'g Assessment,
    /// A month of it.
    pub scenarios: &'g Scenarios,
    /// Routes and the assumption.
    pub policy: &'g Policy,
    /// How the period becomes a month.
    pub basis: MonthBasis,
    /// In which cases each row is batched, in the order of the rows: what is batched in the base case is not routed.
    pub batched: &'g [Cases<bool>],
}

/// A route of the policy and what it saves. All amounts are dollars a month.
#[derive(Clone, Debug)]
pub struct RouteLine {
    /// What is routed, as the policy writes it.
    pub from: String,
    /// The target, `provider/model` as the policy writes it.
    pub to: String,
    /// Share of the cost that is routed.
    pub share: Cases<Exact>,
    /// Output tokens of the target for one of the source.
    pub output_ratio: Exact,
    /// Share of routed calls that run again on the source.
    pub escalation: Percent,
    /// What the router itself costs, as a share of the cost.
    pub overhead: Percent,
    /// What the calls cost that the route covers and that stay in real time in the base case: at share 1.
    pub cost: Money,
    /// What the same calls cost at the target, cached tokens as plain input.
    pub target_cost: Money,
    /// What of the target's cost would go away if today's cache reads were cache reads there too;
    /// nothing where the target has no rate for them.
    pub cache_lost: Option<Money>,
    /// Cost ÷ target cost, to 6 decimals; nothing where the target costs nothing.
    pub price_ratio: Option<Exact>,
    /// What it saves of that at the low, base and high end, below zero where it costs. The base of the scenarios' routing
    /// part is the sum of these; in its other cases less is routed, or more, since more is batched, or less.
    pub saving: Cases<Money>,
    /// The smallest share at which the base case does not cost, to 6 decimals; nothing where no share would do.
    pub break_even_share: Option<Exact>,
    /// Up to which escalation the base case pays; nothing where nothing is routed.
    pub break_even_escalation: Option<PaysUpTo>,
    /// What the policy's assumption says of the same cost.
    pub assumed: Cases<Money>,
    /// What has been published for this price ratio.
    pub published: Option<&'static Published>,
    /// Why it is believed; nothing if the policy does not say.
    pub evidence: Option<String>,
}

impl RouteLine {
    /// The code of what keeps it from being presented, if anything does.
    pub const fn note(&self) -> Option<&'static str> {
        if self.evidence.is_some() { None } else { Some(WITHOUT_EVIDENCE) }
    }
}

/// Calls that could run on a cheaper model; amounts in dollars of one and the same time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reroute {
    /// What they cost today.
    pub cost: Exact,
    /// What they cost at the target.
    pub target_cost: Exact,
    /// Share of routed calls that run again on the source.
    pub escalation: Exact,
    /// What the router costs, as a share of `cost`.
    pub overhead: Exact,
}

impl Reroute {
    /// What a share of 1 saves before the router is paid.
    fn at_all(&self) -> Exact {
        &self.cost - &self.target_cost - &self.escalation * &self.cost
    }

    /// What routing a share of the cost saves; below zero where it costs.
    pub fn saving(&self, share: &Exact) -> Exact {
        share * self.at_all() - &self.overhead * &self.cost
    }

    /// Cost ÷ target cost; nothing where the target costs nothing.
    pub fn price_ratio(&self) -> Option<Exact> {
        (!self.target_cost.is_zero()).then(|| &self.cost / &self.target_cost)
    }

    /// The smallest share that does not cost; nothing where no share from 0 to 1 would do.
    pub fn least_share(&self) -> Option<Exact> {
        let all = self.at_all();
        (all > Exact::zero()).then(|| &self.overhead * &self.cost / all).filter(|share| *share <= Exact::one())
    }

    /// Up to which escalation routing a share pays; nothing where nothing is routed.
    pub fn most_escalation(&self, share: &Exact) -> Option<PaysUpTo> {
        let whole = share * &self.cost;
        let without = Self { escalation: Exact::zero(), ..self.clone() };
        (whole > Exact::zero()).then(|| PaysUpTo::of(&without.saving(share), &whole))
    }
}

/// What batch and routing save together, as a share of the spend: `batch_share` of it at `discount`, and of the rest
/// what routing saves of it.
pub fn together(batch_share: &Exact, discount: &Exact, routing: &Exact) -> Exact {
    discount * batch_share + (Exact::one() - batch_share) * routing
}

/// One line for each route of the policy, in its order; none where it has no routes.
pub fn routes(input: &RoutingInput<'_>) -> Result<Vec<RouteLine>, Overflow> {
    let Routing::Routes(routes) = &input.policy.routing else { return Ok(Vec::new()) };
    routes.iter().enumerate().map(|(place, route)| line(input, place, route)).collect()
}

/// What a row adds to its route in a month.
struct Part {
    cost: Money,
    target_cost: Money,
    cache_lost: Option<Money>,
    saving: Cases<Money>,
}

fn part(input: &RoutingInput<'_>, place: usize, row: &Row, saving: Cases<Money>) -> Result<Option<Part>, Overflow> {
    let Some(routed) = row.routed.as_ref().filter(|routed| routed.route == place) else { return Ok(None) };
    let prices = &input.scenarios.basis;
    let month = |amount: &Exact| monthly(amount, input.basis);
    let at_target = |amount: &Exact| month(&prices.at_target(place, amount));
    Ok(Some(Part {
        cost: month(&prices.amount(row, Side::Today, routed.cost, Money::ZERO))?,
        target_cost: at_target(&routed.target_cost)?,
        cache_lost: routed.cache_lost.as_ref().map(at_target).transpose()?,
        saving,
    }))
}

fn line(input: &RoutingInput<'_>, place: usize, route: &Route) -> Result<RouteLine, Overflow> {
    let (mut cost, mut target_cost, mut saving) = <(Money, Money, Cases<Money>)>::default();
    let mut cache_lost = Some(Money::ZERO);
    // The same work in all cases: what each of them batches besides would turn the ends of the saving around.
    let rows = input.assessment.rows.iter().zip(&input.scenarios.rows).zip(input.batched);
    for ((row, month), _) in rows.filter(|(_, batched)| !batched.base) {
        let Some(part) = part(input, place, row, month.routing)? else { continue };
        cost = cost.add(part.cost)?;
        target_cost = target_cost.add(part.target_cost)?;
        saving = saving.zip(part.saving).try_map(|(sum, amount)| sum.add(amount))?;
        cache_lost = cache_lost.zip(part.cache_lost).map(|(sum, lost)| sum.add(lost)).transpose()?;
    }
    let reroute = Reroute {
        cost: cost.exact(),
        target_cost: target_cost.exact(),
        escalation: route.escalation.exact(),
        overhead: route.overhead.exact(),
    };
    let price_ratio = reroute.price_ratio();
    let assumed = input.policy.assumption.by_ref();
    Ok(RouteLine {
        from: route.from.clone(),
        to: format!("{}/{}", route.to_provider, route.to_model),
        share: route.share.clone(),
        output_ratio: route.output_ratio.exact(),
        escalation: route.escalation,
        overhead: route.overhead,
        cost,
        target_cost,
        cache_lost,
        published: price_ratio.as_ref().and_then(published),
        price_ratio: price_ratio.as_ref().map(round_share),
        saving,
        break_even_share: reroute.least_share().as_ref().map(round_share),
        break_even_escalation: reroute.most_escalation(&route.share.base),
        assumed: assumed.try_map(|share| Money::round(&(share * cost.exact()), MONTHLY_DECIMALS))?,
        evidence: route.evidence.clone().filter(|text| !text.trim().is_empty()),
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// A route costs below its break-even share and above its break-even escalation, and neither saves nor costs at
        /// them.
        #[test]
        fn routes_break_even_where_they_say(
            cost in 1..1_000_000_u32,
            target in 0..1_000_000_u32,
            share in 1..=100_u8,
            escalation in 0..=100_u8,
            overhead in 0..=100_u8,
        ) {
            let part = |percent: u8| Percent::whole(percent).exact();
            let reroute = Reroute {
                cost: Exact::from_integer(cost.into()),
                target_cost: Exact::from_integer(target.into()),
                escalation: part(escalation),
                overhead: part(overhead),
            };
            let share = part(share);
            let pays = reroute.saving(&share) >= Exact::zero();
            match reroute.least_share() {
                Some(least) => {
                    prop_assert_eq!(pays, share >= least);
                    prop_assert_eq!(reroute.saving(&least), Exact::zero());
                }
                // What breaks even at nothing but a share of 0 is none.
                None => prop_assert!(reroute.saving(&share) <= Exact::zero()),
            }
            match reroute.most_escalation(&share) {
                Some(PaysUpTo::Share(most)) => prop_assert_eq!(pays, reroute.escalation <= most),
                Some(PaysUpTo::Always) => prop_assert!(pays),
                Some(PaysUpTo::Never) => prop_assert!(reroute.saving(&share) <= Exact::zero()),
                None => prop_assert!(false, "something is routed"),
            }
        }
    }

    #[test]
    fn what_costs_nothing_has_no_break_even() {
        let nothing = Reroute {
            cost: Exact::zero(),
            target_cost: Exact::zero(),
            escalation: Exact::zero(),
            overhead: Percent::whole(5).exact(),
        };
        assert_eq!((nothing.price_ratio(), nothing.least_share()), (None, None));
        assert_eq!(nothing.most_escalation(&Exact::one()), None);
    }
}
