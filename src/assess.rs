//! From sums to verdicts and amounts: one row a workload, provider, model, verdict and band.
//!
//! Role: prices every cell of the rollup exactly, applies what only the whole of a group can tell (many end users,
//! small volume, a loss in batch), and adds up rows. Pure and small; what a month makes of it is in
//! [`crate::scenario`]. Contract, sections 4 and 5.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use num_traits::Zero;

use crate::calendar::Day;
use crate::money::{Exact, MONEY_DECIMALS, Money, Overflow, Percent};
use crate::pricing::{Kind, ModelId, PriceTable, Rates, Unpriced};
use crate::rollup::{Cell, Charge, Charging, Context, DaySet, GroupId, Key, Rollup, TextId};
use crate::usage::{PerClass, TokenClass};
use crate::verdict::{Band, Code, Judgement, Verdict, Veto};

/// Sums over the calls of one group that share verdict and band.
#[derive(Clone, Debug)]
pub struct Row {
    /// The workload's name.
    pub workload: String,
    /// The provider, resolved where it resolves.
    pub provider: String,
    /// The model as logged.
    pub model: String,
    /// Verdict and band.
    pub judgement: Judgement,
    /// Distinct deciding codes.
    pub codes: BTreeSet<Code>,
    /// Calls, where any row states them.
    pub requests: Option<u64>,
    /// Rows that do not say how many calls they are.
    pub rows_without_requests: u64,
    /// Tokens by class.
    pub tokens: PerClass<u128>,
    /// What it cost in the period; nothing if no call has a price.
    pub cost: Option<Money>,
    /// What it would cost in batch; nothing if a priced call has no batch rate.
    pub batch_cost: Option<Money>,
    /// Cost of the calls that could be routed.
    pub routable: Money,
    /// Cost of the calls that a route of the policy covers, today and at its target.
    pub routed: Option<Routed>,
    /// UTC days with at least one request.
    pub days: DaySet,
    /// The provider's own least number of requests in a batch.
    min_requests: u64,
}

/// Cost of calls on a route.
#[derive(Clone, Debug)]
pub struct Routed {
    /// The route, by position in the policy.
    pub route: usize,
    /// Today.
    pub cost: Money,
    /// At the target's rates, before shares.
    pub target_cost: Exact,
}

/// Everything the judged rollup says about the period.
#[derive(Debug)]
pub struct Assessment {
    /// Rows by cost descending, then names.
    pub rows: Vec<Row>,
    /// What became of each key, for lines of `classify`; bill lines that are only compared have none.
    pub finals: HashMap<Key, Final>,
    /// Calls, where stated.
    pub requests: u64,
    /// Tokens by class.
    pub tokens: PerClass<u128>,
    /// Rows that do not say how many calls they are.
    pub rows_without_requests: u64,
    /// What has no price.
    pub unpriced: BTreeMap<(Unpriced, String), UnpricedSums>,
    /// Cost by the price table, bill lines without usage included.
    pub computed: Money,
    /// The part of `computed` that comes from lines of a bill.
    pub from_bill: Money,
    /// All stated billed amounts, if any row states one.
    pub billed: Option<Money>,
    /// Computed cost of the rows that billed amounts stand beside.
    pub computed_beside_bill: Money,
    /// List value of free tokens and how many rows have them.
    pub free_tier: (Money, u64),
    /// Rows whose geography has no multiplier.
    pub geo_unknown: BTreeMap<String, u64>,
    /// Bucket rows whose calls may lie above a context step.
    pub step_unsure: u64,
    /// Calls that a route covers but whose target has no rate for them.
    pub route_unpriced: u64,
    /// Computed and billed by day.
    pub days: BTreeMap<Day, DaySums>,
    /// Models used, each with the day its entry was checked.
    pub used: BTreeMap<ModelId, Day>,
    /// Sums by the dimension of `--by`.
    pub by: BTreeMap<Option<String>, BySums>,
}

/// What became of a key.
#[derive(Clone, Copy, Debug)]
pub struct Final {
    /// Verdict and band.
    pub judgement: Judgement,
    /// The deciding code.
    pub code: Code,
}

/// Usage without a price.
#[derive(Clone, Copy, Debug, Default)]
pub struct UnpricedSums {
    /// Rows.
    pub rows: u64,
    /// Calls, where stated.
    pub requests: u64,
    /// Tokens.
    pub tokens: u128,
}

/// One day's money.
#[derive(Clone, Copy, Debug, Default)]
pub struct DaySums {
    /// By the price table, for usage that a bill stands beside.
    pub computed: Money,
    /// By the bill.
    pub billed: Money,
    /// Some row states a billed amount.
    pub has_bill: bool,
    /// Some row states usage.
    pub has_usage: bool,
}

/// Sums of one value of `--by`.
#[derive(Clone, Copy, Debug, Default)]
pub struct BySums {
    /// Calls, where stated.
    pub requests: u64,
    /// Cost.
    pub cost: Money,
    /// Cost that can wait, confirmed or likely.
    pub can_wait: Money,
    /// What batch saves on that.
    pub saving: Money,
}

/// The cost of a cell and of the same calls in batch.
#[derive(Clone, Copy, Debug)]
pub struct Priced {
    /// Nothing where there is no price.
    pub cost: Option<Money>,
    /// Nothing where there is no batch price.
    pub batch_cost: Option<Money>,
}

/// Σ tokens × rate; the rollup made sure that every class with tokens has one.
pub fn cost_of(tokens: &PerClass<u128>, rates: &Rates) -> Result<Money, Overflow> {
    Money::sum(
        TokenClass::ALL
            .into_iter()
            .filter(|&class| tokens[class] > 0)
            .map(|class| rates[class].unwrap_or_default().cost(tokens[class]))
            .collect::<Result<Vec<_>, _>>()?,
    )
}

/// The rates today's classes pay in batch when `hits` of the cache reads stay cache reads: everything else in the
/// prompt is plain input there (contract, section 5).
pub fn batch_rates(batch: &Rates, hits: Percent) -> Rates {
    let input = batch[TokenClass::Input];
    let read = match batch[TokenClass::CacheRead].zip(input) {
        Some((read, input)) => read.blend(hits, input),
        None if hits == Percent::ALL => batch[TokenClass::CacheRead],
        None => None,
    };
    PerClass([input, read, input, input, batch[TokenClass::Output]])
}

/// Prices one cell.
pub fn price(rollup: &Rollup, charge: &Charge, cell: &Cell, code: Code, hits: Percent) -> Result<Priced, Overflow> {
    let quote = rollup.quoted(charge).quote.ok();
    let own = quote.and_then(|quote| quote.own.ok());
    let batch = quote.and_then(|quote| quote.batch).filter(|_| charge.batchable).map(|batch| batch_rates(&batch, hits));
    let cost = match charge.charging {
        Charging::Rates => own.map(|own| cost_of(&cell.tokens, &own)).transpose()?,
        Charging::Nothing => Some(Money::ZERO),
        Charging::Unpriced(_) => None,
        Charging::Billed(_) => Some(cell.billed),
    };
    let batch_cost = match charge.charging {
        _ if code == Code::AlreadyBatch => cost,
        Charging::Rates => batch.map(|batch| cost_of(&cell.tokens, &batch)).transpose()?,
        Charging::Nothing => Some(Money::ZERO),
        Charging::Unpriced(_) => None,
        Charging::Billed(class) => match (class, own, batch) {
            (Some(class), Some(own), Some(batch)) => scaled(cell.billed, own, batch, class)?,
            _ => None,
        },
    };
    Ok(Priced { cost, batch_cost })
}

/// A billed amount times the ratio of the batch rate to the standard one.
fn scaled(billed: Money, own: Rates, batch: Rates, class: TokenClass) -> Result<Option<Money>, Overflow> {
    match (own[class], batch[class]) {
        (Some(own), Some(batch)) if own.units() > 0 => {
            Money::round(&(billed.exact() * batch.exact() / own.exact()), MONEY_DECIMALS).map(Some)
        }
        _ => Ok(None),
    }
}

/// Judges and adds up a rollup.
pub fn assess(rollup: &Rollup, context: &Context<'_>) -> Result<Assessment, Overflow> {
    let pairing = Pairing::of(rollup);
    let mut assessment = Assessment::empty();
    let mut rows: HashMap<(GroupId, Judgement), Gathered> = HashMap::new();
    for (key, cell) in &rollup.cells {
        let charge = rollup.charge(key.charge);
        let group = rollup.group(key.group);
        if key.billed {
            assessment.billed = Some(assessment.billed.unwrap_or_default().add(cell.billed)?);
        }
        if charge.charging.is_bill_line() && pairing.is_compared(group.provider) {
            continue;
        }
        let many = key.code.yields_to_many_end_users()
            && rollup.end_users.get(&key.group).is_some_and(crate::rollup::EndUsers::are_many);
        let code = if many { Code::Veto(Veto::ManyEndUsers) } else { key.code };
        let priced = price(rollup, charge, cell, code, context.policy.cache_hit_share)?;
        assessment.count(rollup, context, key, cell, code, &priced)?;
        if key.billed || pairing.is_compared(group.provider) {
            let beside = priced.cost.unwrap_or_default();
            assessment.computed_beside_bill = assessment.computed_beside_bill.add(beside)?;
        }
        let judgement = code.judgement(context.policy);
        let (row, keys) = rows
            .entry((key.group, judgement))
            .or_insert_with(|| (Row::new(rollup, context, key, judgement), Vec::new()));
        row.add(rollup, context, key, cell, code, &priced)?;
        keys.push((*key, code));
    }
    let rows = change_rows(rows, context)?;
    for (row, keys) in rows {
        assessment.finals.extend(keys.into_iter().map(|(key, code)| (key, Final { judgement: row.judgement, code })));
        assessment.rows.push(row);
    }
    assessment.rows.sort_by(|a, b| {
        let names = |row: &Row| (row.workload.clone(), row.provider.clone(), row.model.clone(), row.judgement);
        b.cost.cmp(&a.cost).then_with(|| names(a).cmp(&names(b)))
    });
    assessment.add_days(rollup, &pairing)?;
    assessment.add_by(rollup, context)?;
    Ok(assessment)
}

/// Which providers have usage, and which have lines of a bill.
struct Pairing {
    usage: HashSet<TextId>,
    lines: HashSet<TextId>,
}

impl Pairing {
    fn of(rollup: &Rollup) -> Self {
        let providers = |lines: bool| {
            let wanted = move |key: &&Key| rollup.charge(key.charge).charging.is_bill_line() == lines;
            rollup.cells.keys().filter(wanted).map(|key| rollup.group(key.group).provider).collect()
        };
        Self { usage: providers(false), lines: providers(true) }
    }

    /// Whether a provider has both: its bill is then compared with its usage, never added to it.
    fn is_compared(&self, provider: TextId) -> bool {
        self.usage.contains(&provider) && self.lines.contains(&provider)
    }
}

type Gathered = (Row, Vec<(Key, Code)>);

/// Applies what only a whole row can tell, and joins changed rows with their group's real-time row.
fn change_rows(rows: HashMap<(GroupId, Judgement), Gathered>, context: &Context<'_>) -> Result<Vec<Gathered>, Overflow> {
    let mut changed: HashMap<(GroupId, Judgement), Gathered> = HashMap::new();
    for ((group, judgement), (mut row, mut keys)) in rows {
        if let Some(code) = row.change(context) {
            row.judgement = (Verdict::RealTime, None);
            row.codes = BTreeSet::from([code]);
            for (_, own) in &mut keys {
                *own = code;
            }
        }
        debug_assert!(judgement.1.is_some() || row.judgement == judgement);
        match changed.entry((group, row.judgement)) {
            std::collections::hash_map::Entry::Vacant(entry) => {
                entry.insert((row, keys));
            }
            std::collections::hash_map::Entry::Occupied(mut entry) => {
                entry.get_mut().0.join(row)?;
                entry.get_mut().1.append(&mut keys);
            }
        }
    }
    Ok(changed.into_values().collect())
}

impl Row {
    fn new(rollup: &Rollup, context: &Context<'_>, key: &Key, judgement: Judgement) -> Self {
        let group = rollup.group(key.group);
        let provider = rollup.resolution(rollup.charge(key.charge)).provider;
        let terms = provider.and_then(|provider| context.table.provider(provider).batch.as_ref());
        Self {
            workload: rollup.texts.get(group.workload).to_owned(),
            provider: rollup.texts.get(group.provider).to_owned(),
            model: rollup.texts.get(group.model).to_owned(),
            judgement,
            codes: BTreeSet::new(),
            requests: None,
            rows_without_requests: 0,
            tokens: PerClass::default(),
            cost: None,
            batch_cost: None,
            routable: Money::ZERO,
            routed: None,
            days: DaySet::default(),
            min_requests: terms.map_or(0, |terms| terms.min_requests),
        }
    }

    fn add(&mut self, rollup: &Rollup, context: &Context<'_>, key: &Key, cell: &Cell, code: Code, priced: &Priced) -> Result<(), Overflow> {
        let charge = rollup.charge(key.charge);
        let routable = is_routable(rollup, context.table, charge, code);
        let cost = priced.cost.unwrap_or_default();
        let routed = match (rollup.resolution(charge).route, rollup.quoted(charge).target) {
            (Some(route), Some(target)) if routable && charge.routed => {
                Some(Routed { route, cost, target_cost: target_cost(context, route, &cell.tokens, &target) })
            }
            _ => None,
        };
        let known_requests = (cell.rows > cell.rows_without_requests).then_some(cell.requests);
        self.join(Self {
            codes: BTreeSet::from([code]),
            requests: known_requests,
            rows_without_requests: cell.rows_without_requests,
            tokens: cell.tokens,
            cost: priced.cost,
            batch_cost: priced.batch_cost,
            routable: if routable { cost } else { Money::ZERO },
            routed,
            days: cell.days.clone(),
            ..self.clone_names()
        })
    }

    fn clone_names(&self) -> Self {
        Self { codes: BTreeSet::new(), days: DaySet::default(), ..self.clone() }
    }

    /// Adds another row's sums to this one's.
    fn join(&mut self, other: Self) -> Result<(), Overflow> {
        self.codes.extend(other.codes);
        self.requests = match (self.requests, other.requests) {
            (Some(a), Some(b)) => Some(a.checked_add(b).ok_or(Overflow)?),
            (a, b) => a.or(b),
        };
        self.rows_without_requests += other.rows_without_requests;
        for class in TokenClass::ALL {
            self.tokens[class] = self.tokens[class].checked_add(other.tokens[class]).ok_or(Overflow)?;
        }
        // Unpriced parts add nothing; a priced part without a batch rate leaves the whole without one.
        self.batch_cost = match (self.cost, other.cost) {
            (None, _) => other.batch_cost,
            (_, None) => self.batch_cost,
            (Some(_), Some(_)) => match (self.batch_cost, other.batch_cost) {
                (Some(a), Some(b)) => Some(a.add(b)?),
                _ => None,
            },
        };
        self.cost = match (self.cost, other.cost) {
            (Some(a), Some(b)) => Some(a.add(b)?),
            (a, b) => a.or(b),
        };
        self.routable = self.routable.add(other.routable)?;
        self.routed = match (self.routed.take(), other.routed) {
            (Some(a), Some(b)) => Some(Routed { route: a.route, cost: a.cost.add(b.cost)?, target_cost: a.target_cost + b.target_cost }),
            (a, b) => a.or(b),
        };
        self.days.absorb(&other.days);
        Ok(())
    }

    /// Whether a row with a band has to stay real-time after all.
    fn change(&self, context: &Context<'_>) -> Option<Code> {
        self.judgement.1?;
        let least = self.min_requests.max(context.policy.min_requests);
        if let Some(requests) = self.requests.filter(|_| self.rows_without_requests == 0)
            && u128::from(requests) < u128::from(least) * u128::from(self.days.len())
        {
            return Some(Code::SmallVolume);
        }
        match (self.cost, self.batch_cost) {
            (Some(cost), Some(batch)) if batch > cost => Some(Code::CacheLoss),
            (Some(cost), Some(batch)) if batch == cost => Some(Code::NoSaving),
            _ => None,
        }
    }

    /// What batch saves on the row in the period; 0 on rows without a band.
    pub fn saving(&self) -> Result<Money, Overflow> {
        match (self.judgement.1, self.cost, self.batch_cost) {
            (Some(_), Some(cost), Some(batch)) => cost.sub(batch),
            _ => Ok(Money::ZERO),
        }
    }

    /// Whether the row's verdict or a case lets it run in batch.
    pub const fn band(&self) -> Option<Band> {
        self.judgement.1
    }
}

/// Chat and completion calls that were priced, succeeded, and do not run in batch.
fn is_routable(rollup: &Rollup, table: &PriceTable, charge: &Charge, code: Code) -> bool {
    let excluded = matches!(
        code,
        Code::GatewayCacheHit | Code::FailedCall | Code::AlreadyBatch | Code::FreeTier | Code::BatchUnknown | Code::NotProjectable
    );
    let is_text = rollup
        .resolution(charge)
        .model
        .is_ok_and(|model| matches!(table.model(model).kind, Kind::Chat | Kind::Completion));
    !excluded && is_text && charge.charging == Charging::Rates
}

/// The same calls at the target's rates: cached tokens as plain input, output × the route's ratio.
fn target_cost(context: &Context<'_>, route: usize, tokens: &PerClass<u128>, target: &Rates) -> Exact {
    let crate::policy::Routing::Routes(routes) = &context.policy.routing else { return Exact::zero() };
    let prompt: u128 = tokens.0[..4].iter().sum();
    let cost = |class: TokenClass, count: u128| target[class].unwrap_or_default().exact() * Exact::from_integer(count.into());
    cost(TokenClass::Input, prompt) + cost(TokenClass::Output, tokens[TokenClass::Output]) * routes[route].output_ratio.exact()
}

impl Assessment {
    fn empty() -> Self {
        Self {
            rows: Vec::new(),
            finals: HashMap::new(),
            requests: 0,
            tokens: PerClass::default(),
            rows_without_requests: 0,
            unpriced: BTreeMap::new(),
            computed: Money::ZERO,
            from_bill: Money::ZERO,
            billed: None,
            computed_beside_bill: Money::ZERO,
            free_tier: (Money::ZERO, 0),
            geo_unknown: BTreeMap::new(),
            step_unsure: 0,
            route_unpriced: 0,
            days: BTreeMap::new(),
            used: BTreeMap::new(),
            by: BTreeMap::new(),
        }
    }

    fn count(&mut self, rollup: &Rollup, context: &Context<'_>, key: &Key, cell: &Cell, code: Code, priced: &Priced) -> Result<(), Overflow> {
        let charge = rollup.charge(key.charge);
        let quoted = rollup.quoted(charge);
        self.requests = self.requests.checked_add(cell.requests).ok_or(Overflow)?;
        self.rows_without_requests += cell.rows_without_requests;
        for class in TokenClass::ALL {
            self.tokens[class] = self.tokens[class].checked_add(cell.tokens[class]).ok_or(Overflow)?;
        }
        if let Charging::Unpriced(reason) = charge.charging {
            let model = rollup.texts.get(rollup.group(key.group).model).to_owned();
            let sums = self.unpriced.entry((reason, model)).or_default();
            sums.rows += cell.rows;
            sums.requests += cell.requests;
            sums.tokens += cell.tokens.0.iter().sum::<u128>();
        }
        let cost = priced.cost.unwrap_or_default();
        self.computed = self.computed.add(cost)?;
        if matches!(charge.charging, Charging::Billed(_)) {
            self.from_bill = self.from_bill.add(cost)?;
        }
        if code == Code::FreeTier {
            let list = quoted.quote.ok().and_then(|quote| quote.standard).map(|rates| cost_of(&cell.tokens, &rates)).transpose()?;
            self.free_tier = (self.free_tier.0.add(list.unwrap_or_default())?, self.free_tier.1 + cell.rows);
        }
        if let (Ok(quote), Some(geo)) = (quoted.quote, quoted.key.geo)
            && quote.geo_unknown
        {
            *self.geo_unknown.entry(rollup.texts.get(geo).to_owned()).or_default() += cell.rows;
        }
        if charge.step_unsure {
            self.step_unsure += cell.rows;
        }
        let routable = is_routable(rollup, context.table, charge, code);
        if routable && rollup.resolution(charge).route.is_some() && !charge.routed {
            self.route_unpriced += cell.rows;
        }
        if let (Ok(model), Ok(quote)) = (rollup.resolution(charge).model, quoted.quote) {
            let checked = context.table.model(model).entries[quote.entry].checked;
            let oldest = self.used.entry(model).or_insert(checked);
            *oldest = (*oldest).min(checked);
        }
        Ok(())
    }

    /// Computed and billed by day, for providers and rows that a bill stands beside.
    fn add_days(&mut self, rollup: &Rollup, pairing: &Pairing) -> Result<(), Overflow> {
        for (key, (tokens, billed)) in &rollup.daily {
            let charge = rollup.charge(key.charge);
            let compared = pairing.is_compared(rollup.resolution(charge).shown_provider);
            if !key.billed && !compared {
                continue;
            }
            let sums = self.days.entry(key.day).or_default();
            sums.has_bill |= key.billed;
            sums.billed = sums.billed.add(*billed)?;
            if charge.charging.is_bill_line() {
                // Without usage beside it the line itself is the cost.
                if !compared {
                    sums.computed = sums.computed.add(*billed)?;
                    sums.has_usage = true;
                }
                continue;
            }
            sums.has_usage = true;
            if let (Charging::Rates, Ok(quote)) = (charge.charging, rollup.quoted(charge).quote)
                && let Ok(own) = quote.own
            {
                sums.computed = sums.computed.add(cost_of(tokens, &own)?)?;
            }
        }
        Ok(())
    }

    fn add_by(&mut self, rollup: &Rollup, context: &Context<'_>) -> Result<(), Overflow> {
        if context.by.is_none() {
            return Ok(());
        }
        for (key, cell) in &rollup.cells {
            let Some(known) = self.finals.get(key) else { continue };
            let priced = price(rollup, rollup.charge(key.charge), cell, known.code, context.policy.cache_hit_share)?;
            let cost = priced.cost.unwrap_or_default();
            let sums = self.by.entry(key.by.map(|by| rollup.texts.get(by).to_owned())).or_default();
            sums.requests += cell.requests;
            sums.cost = sums.cost.add(cost)?;
            if known.judgement.0 == Verdict::Batch {
                sums.can_wait = sums.can_wait.add(cost)?;
                sums.saving = sums.saving.add(cost.sub(priced.batch_cost.unwrap_or(cost))?)?;
            }
        }
        Ok(())
    }
}
