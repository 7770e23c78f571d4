//! From sums to verdicts and amounts: one row a workload, provider, model, verdict and band.
//!
//! Role: prices every cell of the rollup exactly, applies what only the whole of a group can tell (many end users,
//! small volume, a loss in batch), and adds up rows. Pure and small; what a month makes of it is in
//! [`crate::scenario`]. Contract, sections 4 and 5.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};

pub mod basis;
pub mod bill;
mod cells;
pub mod hits;
pub mod items;
pub mod movers;
pub mod price;
pub mod reconcile;
pub mod row;
pub mod rules;

pub use bill::DaySums;
use bill::Pairing;
pub use price::{Priced, Rated, batch_rates, cost_of, price};
use reconcile::{Reconciliation, reconcile};
pub(crate) use row::is_routable;
pub use row::{Blind, Routed, Row};
pub use rules::RuleHealth;
use rules::rule_health;

use crate::calendar::Day;
use crate::maps::FastMap;
use crate::money::{Money, Overflow};
use crate::pricing::{ModelId, Unpriced};
use crate::rollup::fold::NAMELESS;
use crate::rollup::{Cell, Charging, Context, GroupId, Key, Rollup, TextId};
use crate::usage::{Gap, PerClass, TokenClass};
use crate::verdict::{Code, Judgement, Verdict, Veto};

/// Everything the judged rollup says about the period.
#[derive(Clone, Debug)]
pub struct Assessment {
    /// Rows by cost descending, then names.
    pub rows: Vec<Row>,
    /// What became of each key, for lines of `classify`; bill lines that are only compared have none.
    pub finals: FastMap<Key, Final>,
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
    /// Cost that an export leaves something open about, at the table's prices but for bills.
    pub open: BTreeMap<Open, Money>,
    /// Bucket rows whose calls may lie above a context step.
    pub step_unsure: u64,
    /// Calls that a route covers but whose target has no rate for them.
    pub route_unpriced: u64,
    /// Computed and billed by provider and day.
    pub days: BTreeMap<(String, Day), DaySums>,
    /// Computed against billed, where somebody states what was billed.
    pub reconciliation: Option<Reconciliation>,
    /// Models used, and how.
    pub used: BTreeMap<ModelId, Used>,
    /// Sums by the dimension of `--by`.
    pub by: BTreeMap<Option<String>, BySums>,
    /// What is odd about the policy's rules.
    pub rules: RuleHealth,
}

/// A key with what was made of it so far.
struct Judged<'r> {
    key: &'r Key,
    cell: &'r Cell,
    code: Code,
    priced: Priced,
}

/// What is open, and of which usage or bill.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Open {
    /// What is open.
    pub gap: Gap,
    /// The provider.
    pub provider: String,
    /// Whether it is the bill that leaves it open.
    pub is_bill: bool,
    /// The model in the price table.
    pub model: Option<ModelId>,
}

/// What became of a key.
#[derive(Clone, Copy, Debug)]
pub struct Final {
    /// Verdict and band.
    pub judgement: Judgement,
    /// The deciding code.
    pub code: Code,
}

/// A model in use.
#[derive(Clone, Debug, Default)]
pub struct Used {
    /// The dated entries that were in force, by position.
    pub entries: BTreeSet<usize>,
    /// Rows.
    pub rows: u64,
    /// Rows that name no provider, of which one was taken.
    pub maker_assumed: u64,
    /// Cost where it is known.
    pub cost: Money,
    /// The part of the cost that a batch price exists for, or that runs in batch already.
    pub with_batch_price: Money,
    /// Prompt tokens read from a cache by calls that do not run in batch yet.
    pub cache_reads: u128,
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

/// Judges and adds up a rollup.
pub fn assess(rollup: &Rollup, context: &Context<'_>) -> Result<Assessment, Overflow> {
    let pairing = Pairing::of(rollup);
    let mut assessment = Assessment::empty();
    let mut rows: FastMap<(GroupId, Judgement), Gathered> = FastMap::default();
    for (key, cell) in &rollup.cells {
        let charge = rollup.charge(key.charge);
        if pairing.is_compared(rollup, key) {
            // Beside usage a bill is only to agree, for which it needs the names of models.
            let nameless = rollup.texts.get(rollup.group(key.group).model) == NAMELESS;
            assessment.leave(rollup, key, Gap::Model, cell.billed, nameless)?;
            continue;
        }
        let many = key.code.yields_to_many_end_users()
            && rollup.end_users.get(&key.group).is_some_and(crate::rollup::EndUsers::are_many);
        let code = if many { Code::Veto(Veto::ManyEndUsers) } else { key.code };
        let priced = price(rollup, charge, cell, code, context.policy.cache_hit_share)?;
        let judged = Judged { key, cell, code, priced };
        assessment.count(rollup, context, &judged)?;
        let judgement = code.judgement(context.policy);
        let (row, keys) = rows
            .entry((key.group, judgement))
            .or_insert_with(|| Box::new((Row::new(rollup, context, key, judgement), Vec::new())))
            .as_mut();
        row.add(rollup, context, &judged)?;
        keys.push((*key, code));
    }
    assessment.finals.reserve(rollup.cells.len());
    let mut gathered = change_rows(rows, context)?;
    // In their boxes, since a row is large and sorting moves what it sorts.
    gathered.sort_by(|a, b| by_cost(&a.0, &b.0));
    // Grown step by step, a list of so many large rows would take half as much again.
    assessment.rows.reserve_exact(gathered.len());
    for gathered in gathered {
        let (row, keys) = *gathered;
        assessment.finals.extend(keys.into_iter().map(|(key, code)| (key, Final { judgement: row.judgement, code })));
        assessment.rows.push(row);
    }
    assessment.days = bill::days(rollup, &pairing)?;
    assessment.add_bill()?;
    assessment.reconciliation = reconcile(rollup, context.table, &pairing)?;
    assessment.add_by(rollup, context)?;
    assessment.rules = rule_health(rollup, context, assessment.finals.iter())?;
    Ok(assessment)
}

/// The largest first, equal ones by name.
fn by_cost(a: &Row, b: &Row) -> Ordering {
    b.cost.cmp(&a.cost).then_with(|| cells::names(a).cmp(&cells::names(b)))
}

/// A row and what is in it; in a box, since a row is large and maps move what they hold.
type Gathered = Box<(Row, Vec<(Key, Code)>)>;

/// Applies what only a whole row can tell, and joins changed rows with their group's real-time row.
fn change_rows(
    rows: FastMap<(GroupId, Judgement), Gathered>,
    context: &Context<'_>,
) -> Result<Vec<Gathered>, Overflow> {
    let mut changed: FastMap<(GroupId, Judgement), Gathered> = FastMap::default();
    for ((group, judgement), mut gathered) in rows {
        let (row, keys) = gathered.as_mut();
        if let Some(code) = row.change(context) {
            row.judgement = (Verdict::RealTime, None);
            row.codes = BTreeSet::from([code]);
            for (_, own) in &mut *keys {
                *own = code;
            }
        }
        debug_assert!(judgement.1.is_some() || row.judgement == judgement);
        match changed.entry((group, row.judgement)) {
            std::collections::hash_map::Entry::Vacant(entry) => {
                entry.insert(gathered);
            }
            std::collections::hash_map::Entry::Occupied(mut entry) => {
                let (row, mut keys) = *gathered;
                entry.get_mut().0.join(row)?;
                entry.get_mut().1.append(&mut keys);
            }
        }
    }
    Ok(changed.into_values().collect())
}

impl Assessment {
    fn empty() -> Self {
        Self {
            rows: Vec::new(),
            finals: FastMap::default(),
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
            open: BTreeMap::new(),
            step_unsure: 0,
            route_unpriced: 0,
            days: BTreeMap::new(),
            reconciliation: None,
            used: BTreeMap::new(),
            by: BTreeMap::new(),
            rules: RuleHealth::default(),
        }
    }

    fn count(&mut self, rollup: &Rollup, context: &Context<'_>, judged: &Judged<'_>) -> Result<(), Overflow> {
        let Judged { key, cell, code, ref priced } = *judged;
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
            let list = quoted
                .quote
                .ok()
                .and_then(|quote| quote.standard)
                .map(|rates| cost_of(&cell.tokens, &rates))
                .transpose()?;
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
        self.leave_open(rollup, key, code, cost)?;
        let routable = is_routable(rollup, context.table, charge, code);
        if routable && rollup.resolution(charge).route.is_some() && !charge.routed {
            self.route_unpriced += cell.rows;
        }
        if let (Ok(model), Ok(quote)) = (rollup.resolution(charge).model, quoted.quote) {
            let used = self.used.entry(model).or_default();
            used.entries.insert(quote.entry);
            used.rows += cell.rows;
            if rollup.resolution(charge).maker_assumed {
                used.maker_assumed += cell.rows;
            }
            used.cost = used.cost.add(cost)?;
            if charge.batchable || code == Code::AlreadyBatch {
                used.with_batch_price = used.with_batch_price.add(cost)?;
            }
            if code != Code::AlreadyBatch {
                used.cache_reads = used.cache_reads.checked_add(cell.tokens[TokenClass::CacheRead]).ok_or(Overflow)?;
            }
        }
        Ok(())
    }

    /// Adds cost to what its export leaves open.
    fn leave_open(&mut self, rollup: &Rollup, key: &Key, code: Code, cost: Money) -> Result<(), Overflow> {
        let (charge, group) = (rollup.charge(key.charge), rollup.group(key.group));
        let nameless = |text: TextId| rollup.texts.get(text) == NAMELESS;
        let is_bill = charge.charging.is_bill_line();
        let no_model = is_bill && nameless(group.model);
        let no_workload = !no_model && (nameless(group.workload) || group.workload == group.model);
        self.leave(rollup, key, Gap::Batch, cost, code == Code::BatchUnknown)?;
        self.leave(rollup, key, Gap::Context, cost, charge.step_unsure)?;
        self.leave(rollup, key, Gap::Workload, cost, no_workload)?;
        self.leave(rollup, key, Gap::Model, cost, no_model)
    }

    fn leave(&mut self, rollup: &Rollup, key: &Key, gap: Gap, cost: Money, is_open: bool) -> Result<(), Overflow> {
        if !is_open || cost.is_zero() {
            return Ok(());
        }
        let charge = rollup.charge(key.charge);
        let resolution = rollup.resolution(charge);
        let provider = rollup.texts.get(resolution.shown_provider).to_owned();
        let (is_bill, model) = (charge.charging.is_bill_line(), resolution.model.ok());
        let sum = self.open.entry(Open { gap, provider, is_bill, model }).or_default();
        *sum = sum.add(cost)?;
        Ok(())
    }

    /// The two sides of the bill over all days.
    fn add_bill(&mut self) -> Result<(), Overflow> {
        for sums in self.days.values() {
            if sums.has_bill {
                self.billed = Some(self.billed.unwrap_or_default().add(sums.billed)?);
            }
            self.computed_beside_bill = self.computed_beside_bill.add(sums.computed)?;
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
