//! What is known ahead: prices that change and models that are retired, with what successors cost.
//!
//! Role: levels of prices and the table's days → one line for each day and kind, with the dollars a month that hang on it.
//! What changes no dollar is no risk.

use std::collections::{BTreeMap, BTreeSet};

use super::PlanInput;
use super::forecast::Forecast;
use super::price_periods::{AtStake, PricePeriod, Role, at_start, models};
use crate::calendar::{Day, Period};
use crate::money::{Exact, Factor, MONTHLY_DECIMALS, Money, Overflow};
use crate::policy::Cases;
use crate::pricing::{ModelId, PriceTable};

/// Something known ahead that changes the figures; all amounts are dollars a month at the volume that the forecast starts
/// from.
#[derive(Clone, Debug)]
pub struct Risk {
    /// `price-change` or `retirement`.
    pub kind: &'static str,
    /// Whether the models run today, or routes lead to them.
    pub role: Role,
    /// When.
    pub day: Day,
    /// Whether that was before the last day read.
    pub is_over: bool,
    /// The models.
    pub models: Vec<String>,
    /// Of a retirement, the model that does the work from then on, where the price table names one.
    pub successor: Option<String>,
    /// What a month costs more from then on: if nothing is done, or where routes lead to the models with these routes;
    /// nothing where no price is known.
    pub monthly_change: Option<Money>,
    /// The same with the fewest and the most tokens on the successor, where the policy gives a range of them.
    pub change_range: Option<[Money; 2]>,
    /// What the plan saves more from then on, once all of it runs; nothing where no price is known.
    pub saving_change: Option<Money>,
    /// What the models cost, or what routes to them save.
    pub monthly_cost: Money,
}

/// All of them, by day.
pub(super) fn risks(
    run: &PlanInput<'_>,
    forecast: &Forecast,
    price_periods: &[PricePeriod],
    period: Period,
    last_day: Day,
) -> Result<Vec<Risk>, Overflow> {
    let search = Search { run, forecast, price_periods, period };
    let mut risks = Vec::new();
    for role in [Role::InUse, Role::RouteTarget] {
        for pair in price_periods.windows(2) {
            if let [before, after] = pair {
                risks.extend(search.price_change(role, before, after)?);
                risks.extend(search.successions(role, before, after)?);
            }
        }
        risks.extend(search.without_successor(role, last_day)?);
    }
    risks.sort_by(|a, b| (a.day, a.kind, a.role, &a.models).cmp(&(b.day, b.kind, b.role, &b.models)));
    Ok(risks)
}

/// Models by the one that does their work.
type ByServing = BTreeMap<ModelId, BTreeSet<ModelId>>;

/// Where risks are looked for.
struct Search<'s> {
    run: &'s PlanInput<'s>,
    forecast: &'s Forecast,
    price_periods: &'s [PricePeriod],
    period: Period,
}

impl Search<'_> {
    fn month(&self, amount: Money) -> Result<Money, Overflow> {
        at_start(amount, self.price_periods, self.forecast)
    }

    fn table(&self) -> &PriceTable {
        self.run.context.table
    }

    fn name(&self, model: ModelId) -> String {
        self.table().model(model).name.clone()
    }

    /// Models of a role by the one that does their work at a level.
    fn by_serving(&self, role: Role, level: &PricePeriod) -> ByServing {
        let mut found = ByServing::new();
        for (model, _) in models(self.run).filter(|(_, own)| *own == role) {
            found.entry(level.serving(self.table(), model)).or_default().insert(model);
        }
        found
    }

    /// What a month of some models costs more at a later level, and what the plan saves more.
    fn change(
        &self,
        role: Role,
        of: &BTreeSet<ModelId>,
        (before, after): (&PricePeriod, &PricePeriod),
    ) -> Result<(Money, Money), Overflow> {
        let [before, after] = [before, after].map(|level| at_stake(level, role, of));
        let (before, after) = (before?, after?);
        let saving = self.month(after.saving.sub(before.saving)?)?;
        let cost = match role {
            Role::InUse => self.month(after.cost.sub(before.cost)?)?,
            Role::RouteTarget => Money::ZERO.sub(saving)?,
        };
        Ok((cost, saving))
    }

    /// Prices that change on the first day of a level, all together.
    fn price_change(&self, role: Role, before: &PricePeriod, after: &PricePeriod) -> Result<Option<Risk>, Overflow> {
        let table = self.table();
        let changes = |model: ModelId| table.model(model).entries.iter().any(|entry| entry.from == Some(after.from));
        let stays = |served: ModelId, model: &ModelId| before.serving(table, *model) == served;
        let (mut names, mut changed) = (Vec::new(), BTreeSet::new());
        for (served, own) in self.by_serving(role, after).into_iter().filter(|(served, _)| changes(*served)) {
            let own: BTreeSet<ModelId> = own.into_iter().filter(|model| stays(served, model)).collect();
            if !own.is_empty() {
                names.push(self.name(served));
                changed.extend(own);
            }
        }
        let (cost, saving) = self.change(role, &changed, (before, after))?;
        if cost.is_zero() && saving.is_zero() {
            return Ok(None);
        }
        Ok(Some(Risk {
            kind: "price-change",
            role,
            day: after.from,
            is_over: false,
            models: names,
            successor: None,
            monthly_change: Some(cost),
            change_range: None,
            saving_change: Some(saving),
            monthly_cost: self.month(at_stake(before, role, &changed)?.of(role))?,
        }))
    }

    /// Models whose work goes to another from the first day of a level on.
    fn successions(&self, role: Role, before: &PricePeriod, after: &PricePeriod) -> Result<Vec<Risk>, Overflow> {
        let mut risks = Vec::new();
        for (served, own) in self.by_serving(role, before) {
            let successor = after.serving(self.table(), served);
            let Some(day) = self.table().model(served).retires.filter(|_| successor != served) else { continue };
            let monthly_cost = self.month(at_stake(before, role, &own)?.of(role))?;
            if monthly_cost.is_zero() {
                continue;
            }
            let is_known = own.is_disjoint(&after.unpriced_successors) && !self.is_billed(&own);
            let (cost, saving) = self.change(role, &own, (before, after))?;
            let on_successor = self.month(at_stake(after, role, &own)?.cost)?;
            let ends = self.at_ratio_ends(served, successor, on_successor)?.filter(|_| role == Role::InUse && is_known);
            let change_range =
                ends.map(|ends| ends.map(|end| end.sub(monthly_cost))).map(|[low, high]| Ok([low?, high?]));
            risks.push(Risk {
                kind: "retirement",
                role,
                day,
                is_over: day <= self.period.to,
                models: vec![self.name(served)],
                successor: Some(self.name(successor)),
                monthly_change: is_known.then_some(cost),
                change_range: change_range.transpose()?,
                saving_change: is_known.then_some(saving),
                monthly_cost,
            });
        }
        Ok(risks)
    }

    /// What work on a successor costs with the fewest and the most tokens there; nothing without a range of them. Its cost is
    /// in proportion to them.
    fn at_ratio_ends(&self, served: ModelId, successor: ModelId, cost: Money) -> Result<Option<[Money; 2]>, Overflow> {
        let hops = self.table().succession(served).take_while(|model| *model != successor);
        let ratios: Vec<Cases<Factor>> =
            hops.filter_map(|model| self.run.context.token_ratios.get(&model)).copied().collect();
        if ratios.iter().all(|ratio| ratio.low == ratio.high) {
            return Ok(None);
        }
        let at = |end: fn(&Cases<Factor>) -> Factor| {
            let times = |cost: Exact, ratio: &Cases<Factor>| cost * end(ratio).exact() / ratio.base.exact();
            Money::round(&ratios.iter().fold(cost.exact(), times), MONTHLY_DECIMALS)
        };
        Ok(Some([at(|ratio| ratio.low)?, at(|ratio| ratio.high)?]))
    }

    /// Models that are to be retired, where nobody says what does their work.
    fn without_successor(&self, role: Role, last_day: Day) -> Result<Vec<Risk>, Overflow> {
        let mut risks = Vec::new();
        let Some(last) = self.price_periods.last() else { return Ok(risks) };
        for (served, own) in self.by_serving(role, last) {
            let known = self.table().model(served);
            let is_ahead = |day: &Day| *day > self.period.to && *day <= last_day;
            let Some(day) = known.retires.filter(|day| is_ahead(day) && known.successor.is_none()) else { continue };
            let Some(level) = self.price_periods.iter().rev().find(|level| level.from <= day) else { continue };
            let monthly_cost = self.month(at_stake(level, role, &own)?.of(role))?;
            if !monthly_cost.is_zero() {
                risks.push(Risk {
                    kind: "retirement",
                    role,
                    day,
                    is_over: false,
                    models: vec![known.name.clone()],
                    successor: None,
                    monthly_change: None,
                    change_range: None,
                    saving_change: None,
                    monthly_cost,
                });
            }
        }
        Ok(risks)
    }

    /// Whether something of some models stands on a bill, which no price changes.
    fn is_billed(&self, models: &BTreeSet<ModelId>) -> bool {
        let mut rows = self.run.assessment.rows.iter();
        rows.any(|row| !row.from_bill.0.is_zero() && row.priced_as.is_some_and(|model| models.contains(&model)))
    }
}

/// What rows on some models cost and save, or what routes to them save, in all base months.
fn at_stake(level: &PricePeriod, role: Role, models: &BTreeSet<ModelId>) -> Result<AtStake, Overflow> {
    let known = models.iter().filter_map(|model| level.sums.by_model.get(&(role, *model)));
    known.copied().try_fold(AtStake::default(), AtStake::with)
}
