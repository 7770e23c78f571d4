//! From sums to verdicts and amounts: one row a workload, provider, model, verdict and band.
//!
//! Role: prices every cell of the rollup exactly, applies what only the whole of a group can tell (many end users,
//! small volume, a loss in batch), and adds up rows. Pure and small; what a month makes of it is in
//! [`crate::scenario`]. docs/specification.md, sections 4 and 5.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};

pub mod basis;
pub mod by;
pub mod bill;
pub mod cells;
pub mod details;
pub mod batch_ways;
pub mod items;
pub mod ladder;
pub mod movers;
pub mod price;
mod projected;
pub mod reconcile;
pub mod row;
pub mod rules;

pub use batch_ways::WaySavings;
pub use bill::DaySums;
use bill::Pairing;
pub use by::{BySums, ByValue};
pub use details::Details;
use items::{Item, Items};
pub use price::{Priced, Rated, batch_rates, cost_of, price, price_sent};
pub use projected::Projected;
use reconcile::{Reconciliation, reconcile};
pub(crate) use row::is_routable;
pub use row::{Routed, Row, SmallVolume, Unclassifiable};
pub use rules::RuleHealth;
use rules::rule_health;

use smallvec::SmallVec;

use crate::calendar::{Day, MonthBasis};
use crate::maps::{CopyOnWrite, FastMap};
use crate::money::{Money, Overflow};
use crate::pricing::{ModelId, Unpriced};
use crate::rollup::fold::NAMELESS;
use crate::rollup::{Cell, Charging, Context, DaySet, GroupId, Key, KeyId, Rollup, TextId};
use crate::usage::{DataGap, PerClass, TokenClass};
use crate::verdict::{Code, Confidence, Step, Verdict, Veto};

/// Everything the judged rollup says about the period.
#[derive(Clone, Debug)]
pub struct Assessment {
    /// Rows by cost descending, then names.
    pub rows: CopyOnWrite<Vec<Row>>,
    /// What became of each key, for lines of `classify`; bill lines that are only compared have none.
    finals: CopyOnWrite<Vec<Option<Final>>>,
    /// Calls, where stated.
    pub requests: u64,
    /// Tokens by class.
    pub tokens: PerClass<u128>,
    /// Rows that do not say how many calls they are.
    pub rows_without_requests: u64,
    /// What has no price.
    pub unpriced: BTreeMap<(Unpriced, String), UnpricedSums>,
    /// Lines of bills that are not understood, by provider and words; beside usage too.
    pub not_understood: BTreeMap<(String, String), LineSums>,
    /// Lines of bills about no call, where no usage stands beside the bill. They are in no cost and no verdict.
    pub stands_alone: Items,
    /// How much of the spend the saving is worked out for.
    pub projected: Projected,
    /// Cost by the price table, bill lines without usage included.
    pub computed: Money,
    /// The part of `computed` that comes from lines of a bill.
    pub from_bill: Money,
    /// All stated billed amounts, if any row states one.
    pub billed: Option<Money>,
    /// Computed cost of the rows that billed amounts stand beside.
    pub computed_beside_bill: Money,
    /// Calls that failed, where stated, and what they cost.
    pub failed: (u64, Money),
    /// List value of free tokens and how many rows have them.
    pub free_tier: (Money, u64),
    /// Rows whose geography has no multiplier.
    pub geo_unknown: BTreeMap<String, u64>,
    /// Cost that an export leaves something open about, at the table's prices but for bills.
    pub open: BTreeMap<OpenItem, Money>,
    /// Bucket rows whose calls may lie above a context tier.
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
    pub by: BTreeMap<Option<ByValue>, BySums>,
    /// Confirmed rows that would stay for their small volume if nobody had confirmed them.
    pub small_volume_kept: u64,
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
pub struct OpenItem {
    /// What is open.
    pub gap: DataGap,
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
    pub verdict: Verdict,
    /// The deciding code.
    pub code: Code,
    /// Its row, by position in [`Assessment::rows`].
    pub row: usize,
}

/// A model in use.
#[derive(Clone, Debug, Default)]
pub struct Used {
    /// The dated entries that were in force, by position.
    pub entries: BTreeSet<usize>,
    /// UTC days with calls.
    pub days: DaySet,
    /// Rows.
    pub rows: u64,
    /// Rows that name no provider and would cost something else at another than the one taken.
    pub first_party_assumed: u64,
    /// Rows that write the model's name in another letter case.
    pub letter_case: u64,
    /// Rows of a reseller that are priced at the maker's list rate.
    pub at_list: u64,
    /// Rows that may lie in peak hours and outside of them.
    pub hours_unsure: u64,
    /// Cost where it is known.
    pub cost: Money,
    /// The part of the cost that a batch price exists for, or that runs in batch already.
    pub with_batch_price: Money,
    /// Prompt tokens read from a cache by calls that do not run in batch yet.
    pub cache_reads: u128,
}

/// Lines of a bill.
#[derive(Clone, Copy, Debug, Default)]
pub struct LineSums {
    /// Lines.
    pub rows: u64,
    /// By the bill.
    pub billed: Money,
}

/// Usage without a price, or lines of a bill for a model without one.
#[derive(Clone, Copy, Debug, Default)]
pub struct UnpricedSums {
    /// Rows.
    pub rows: u64,
    /// Calls, where stated.
    pub requests: u64,
    /// Tokens.
    pub tokens: u128,
    /// Lines of a bill: their dollars are known, what batch takes off them is not.
    pub lines: LineSums,
}

/// Judges and adds up a rollup; `month` is what makes a month of its period.
pub fn assess(rollup: &Rollup, context: &Context<'_>, month: MonthBasis) -> Result<Assessment, Overflow> {
    let pairing = Pairing::of(rollup);
    let mut assessment = Assessment::empty();
    let mut rows: FastMap<(GroupId, Verdict), Gathered> = FastMap::default();
    for (id, key, cell) in rollup.sums() {
        let charge = rollup.charge(key.charge);
        if key.code == Code::NotUnderstood {
            assessment.leave_unread(rollup, key, cell)?;
        }
        if pairing.is_compared(rollup, key) {
            // Beside usage a bill is only to agree, for which it needs the names of models.
            let nameless = rollup.texts.get(rollup.group(key.group).model) == NAMELESS;
            assessment.leave(rollup, key, DataGap::Model, cell.billed, nameless)?;
            continue;
        }
        if let Charging::StandsAlone(kind) = charge.charging {
            let resolution = rollup.resolution(charge);
            let [provider, words] =
                [resolution.shown_provider, resolution.logged.model].map(|text| rollup.texts.get(text).to_owned());
            let item = Item { provider, kind, words, about_ai: true };
            items::bill(&mut assessment.stands_alone, item, cell.billed)?;
            continue;
        }
        let many = key.code.reached(Step::ManyEndUsers)
            && rollup.end_users.get(&key.group).is_some_and(crate::rollup::EndUsers::are_many);
        let code = if many { Code::Veto(Veto::ManyEndUsers) } else { key.code };
        let priced = price(rollup, key, cell, code, context.policy)?;
        let judged = Judged { key, cell, code, priced };
        assessment.count(rollup, context, &judged)?;
        let verdict = code.verdict(context.policy);
        let (row, keys) = rows
            .entry((key.group, verdict))
            .or_insert_with(|| Box::new((Row::new(rollup, context, key, verdict), Keys::new())))
            .as_mut();
        row.add(rollup, context, &judged)?;
        keys.push((id, code));
    }
    let mut gathered = change_rows(rows, context, month)?;
    // In their boxes, since a row is large and sorting moves what it sorts.
    gathered.sort_by(|a, b| by_cost(&a.0, &b.0));
    // Grown step by step, a list of so many large rows would take half as much again.
    let mut rows = Vec::with_capacity(gathered.len());
    let mut finals = vec![None; rollup.keys.len()];
    let fields = context.policy.workload.iter().cloned().collect();
    for gathered in gathered {
        let (mut row, keys) = *gathered;
        row.details = Details::of(&keys, rollup, &fields).into();
        let is_confirmed = row.band() == Some(Confidence::Confirmed);
        assessment.small_volume_kept += u64::from(is_confirmed && row.is_small(context, month)?);
        let last = |code| Final { verdict: row.verdict, code, row: rows.len() };
        keys.into_iter().for_each(|(id, code)| finals[id as usize] = Some(last(code)));
        rows.push(row);
    }
    details::tell_apart(&mut rows, context.policy);
    (assessment.rows, assessment.finals) = (rows.into(), finals.into());
    assessment.days = bill::days(rollup, &pairing)?;
    assessment.add_bill()?;
    assessment.reconciliation = reconcile(rollup, context.table, &pairing)?;
    assessment.add_by(rollup, context)?;
    assessment.rules = rule_health(
        rollup,
        context,
        (0..).zip(assessment.finals.iter()).filter_map(|(id, last)| Some((id, last.as_ref()?))),
    )?;
    Ok(assessment)
}

/// The largest first, equal ones by name.
fn by_cost(a: &Row, b: &Row) -> Ordering {
    b.cost.cmp(&a.cost).then_with(|| cells::names(a).cmp(&cells::names(b)))
}

/// What is in a row, with the code that decided; mostly it is one key.
type Keys = SmallVec<[(KeyId, Code); 2]>;

/// A row and what is in it; in a box, since a row is large and maps move what they hold.
type Gathered = Box<(Row, Keys)>;

/// Applies what only a whole row can tell, and joins changed rows with their group's real-time row.
fn change_rows(
    rows: FastMap<(GroupId, Verdict), Gathered>,
    context: &Context<'_>,
    month: MonthBasis,
) -> Result<Vec<Gathered>, Overflow> {
    let mut changed: FastMap<(GroupId, Verdict), Gathered> = FastMap::default();
    for ((group, verdict), mut gathered) in rows {
        let (row, keys) = gathered.as_mut();
        if let Some(code) = row.change(context, month)? {
            row.stay(code);
            for (_, own) in &mut *keys {
                *own = code;
            }
        }
        debug_assert!(verdict.confidence.is_some() || row.verdict == verdict);
        match changed.entry((group, row.verdict)) {
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
            rows: CopyOnWrite::default(),
            finals: CopyOnWrite::default(),
            requests: 0,
            tokens: PerClass::default(),
            rows_without_requests: 0,
            unpriced: BTreeMap::new(),
            not_understood: BTreeMap::new(),
            stands_alone: Items::new(),
            projected: Projected::default(),
            computed: Money::ZERO,
            from_bill: Money::ZERO,
            billed: None,
            computed_beside_bill: Money::ZERO,
            failed: (0, Money::ZERO),
            free_tier: (Money::ZERO, 0),
            geo_unknown: BTreeMap::new(),
            open: BTreeMap::new(),
            step_unsure: 0,
            route_unpriced: 0,
            days: BTreeMap::new(),
            reconciliation: None,
            used: BTreeMap::new(),
            by: BTreeMap::new(),
            small_volume_kept: 0,
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
        let model = || rollup.texts.get(rollup.group(key.group).model).to_owned();
        // What has no price is in no cost, and told as unpriced.
        let cost = Money::ZERO.with(priced.cost)?;
        if let Charging::Unpriced(reason) = charge.charging {
            let sums = self.unpriced.entry((reason, model())).or_default();
            sums.rows += cell.rows;
            sums.requests += cell.requests;
            sums.tokens += cell.tokens.0.iter().sum::<u128>();
        } else if code == Code::Unpriced && !cost.is_zero() {
            let reason = match quoted.quote.and_then(|quote| quote.own) {
                Err(reason) => reason,
                Ok(_) => Unpriced::NoClassRate,
            };
            let lines = &mut self.unpriced.entry((reason, model())).or_default().lines;
            (lines.rows, lines.billed) = (lines.rows + cell.rows, lines.billed.add(cost)?);
        }
        let is_lump = matches!(charge.charging, Charging::Billed(None));
        match code {
            Code::Unpriced | Code::NotUnderstood => {
                let is_something = || charge.charging.is_bill_line() || cell.tokens.0.iter().any(|count| *count > 0);
                self.projected.not_all |= priced.cost.map_or_else(is_something, |cost| !cost.is_zero());
            }
            Code::BatchUnknown if is_lump => self.projected.not_all |= !cost.is_zero(),
            _ => self.projected.some |= !cost.is_zero(),
        }
        self.computed = self.computed.add(cost)?;
        if matches!(charge.charging, Charging::Billed(_)) {
            self.from_bill = self.from_bill.add(cost)?;
        }
        if code == Code::FailedCall {
            self.failed = (self.failed.0 + cell.requests, self.failed.1.add(cost)?);
        }
        if code == Code::FreeTier {
            let list = quoted
                .quote
                .ok()
                .and_then(|quote| quote.standard)
                .map(|rates| cost_of(&cell.tokens, &rates))
                .transpose()?;
            self.free_tier = (self.free_tier.0.with(list.flatten())?, self.free_tier.1 + cell.rows);
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
            used.days.absorb(&cell.days);
            used.rows += cell.rows;
            if quoted.others_differ {
                used.first_party_assumed += cell.rows;
            }
            if rollup.resolution(charge).letter_case {
                used.letter_case += cell.rows;
            }
            if rollup.resolution(charge).at_list {
                used.at_list += cell.rows;
            }
            if charge.hours_unsure {
                used.hours_unsure += cell.rows;
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

    /// What became of a key; nothing of lines of a bill that are only compared.
    pub fn last(&self, key: KeyId) -> Option<&Final> {
        self.finals.get(key as usize)?.as_ref()
    }

    /// Adds cost to what its export leaves open.
    fn leave_open(&mut self, rollup: &Rollup, key: &Key, code: Code, cost: Money) -> Result<(), Overflow> {
        let (charge, group) = (rollup.charge(key.charge), rollup.group(key.group));
        let nameless = |text: TextId| rollup.texts.get(text) == NAMELESS;
        let is_bill = charge.charging.is_bill_line();
        let no_model = is_bill && nameless(group.model);
        let no_workload = !no_model && (nameless(group.workload.name) || group.workload.name == group.model);
        self.leave(rollup, key, DataGap::Batch, cost, code == Code::BatchUnknown && !no_model)?;
        self.leave(rollup, key, DataGap::Context, cost, charge.step_unsure)?;
        self.leave(rollup, key, DataGap::Workload, cost, no_workload)?;
        self.leave(rollup, key, DataGap::Model, cost, no_model)
    }

    /// Adds a line of a bill that is not understood.
    fn leave_unread(&mut self, rollup: &Rollup, key: &Key, cell: &Cell) -> Result<(), Overflow> {
        if cell.billed.is_zero() {
            return Ok(());
        }
        let group = rollup.group(key.group);
        let [provider, words] = [group.provider, group.model].map(|text| rollup.texts.get(text).to_owned());
        let sums = self.not_understood.entry((provider, words)).or_default();
        (sums.rows, sums.billed) = (sums.rows + cell.rows, sums.billed.add(cell.billed)?);
        Ok(())
    }

    fn leave(&mut self, rollup: &Rollup, key: &Key, gap: DataGap, cost: Money, is_open: bool) -> Result<(), Overflow> {
        if !is_open || cost.is_zero() {
            return Ok(());
        }
        let charge = rollup.charge(key.charge);
        let resolution = rollup.resolution(charge);
        let provider = rollup.texts.get(resolution.shown_provider).to_owned();
        let (is_bill, model) = (charge.charging.is_bill_line(), resolution.model.ok());
        let sum = self.open.entry(OpenItem { gap, provider, is_bill, model }).or_default();
        *sum = sum.add(cost)?;
        Ok(())
    }

    /// The two sides of the bill over all days.
    fn add_bill(&mut self) -> Result<(), Overflow> {
        for sums in self.days.values() {
            if sums.has_bill {
                Money::add_to(&mut self.billed, sums.billed)?;
            }
            self.computed_beside_bill = self.computed_beside_bill.add(sums.computed)?;
        }
        Ok(())
    }
}
