//! Every way to buy the calls of a row, with what each costs in the period.
//!
//! Role: cells × the rates of each tier, window and hour → costs. It does *not* choose: how long calls may wait is in no
//! price, see `plan::ladder`.

use std::fmt;

use super::cells::CellOfRow;
use super::price::cost_of;
use super::{Row, price};
use crate::money::{Money, Overflow};
use crate::policy::{Policy, Wait};
use crate::pricing::{PriceTable, Quote, Rates};
use crate::rollup::{Charging, Rollup};
use crate::usage::Tier;
use crate::verdict::Action;

/// A way to buy a call, from the fastest to the one that may take longest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Rung {
    /// Dearer and faster, in real time.
    Priority,
    /// Real time.
    Standard,
    /// Standard calls outside of the vendor's peak hours.
    OffPeak,
    /// Answers within so many hours, call by call.
    Window(u32),
    /// Cheaper and slower, without a promise.
    Flex,
    /// The batch API.
    Batch,
}

/// As in every output.
impl fmt::Display for Rung {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Priority => f.write_str("priority"),
            Self::Standard => f.write_str("standard"),
            Self::OffPeak => f.write_str("off-peak"),
            Self::Window(hours) => write!(f, "window-{hours}h"),
            Self::Flex => f.write_str("flex"),
            Self::Batch => f.write_str("batch"),
        }
    }
}

/// What calls cost on a rung, and how long an answer may take there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Offer<M> {
    /// The way.
    pub rung: Rung,
    /// What all calls would cost on it.
    pub cost: M,
    /// The longest wait in hours that it keeps, 0 in real time; nothing where the vendor promises none.
    pub wait_hours: Option<u32>,
}

impl<M> Offer<M> {
    /// The longest wait that it keeps.
    pub fn wait(&self) -> Option<Wait> {
        self.wait_hours.map(Wait::hours)
    }
}

/// The rungs on which every call of a row has a price, with what they cost in the period, the fastest first. Nothing where
/// calls run in batch already, stand on a bill, or go through a reseller whose prices are not known.
pub fn offers(
    rollup: &Rollup,
    row: &Row,
    cells: &[CellOfRow<'_>],
    (table, policy): (&PriceTable, &Policy),
) -> Result<Vec<Offer<Money>>, Overflow> {
    let provider = table.provider_named(&row.provider).map(|provider| table.provider(provider));
    let (Some(provider), Some(model)) = (provider, row.priced_as) else { return Ok(Vec::new()) };
    let is_open = |cell: &CellOfRow<'_>| !rollup.resolution(rollup.charge(cell.key.charge)).at_list;
    if row.verdict.action == Action::AlreadyBatch || !row.from_bill.0.is_zero() || !cells.iter().all(is_open) {
        return Ok(Vec::new());
    }
    let on = |rung: Rung, wait_hours: Option<u32>, rates: &dyn Fn(&CellOfRow<'_>) -> Option<Rates>| {
        let mut sum = Money::ZERO;
        for cell in cells {
            match rollup.charge(cell.key.charge).charging {
                Charging::Rates => {}
                // What costs nothing does so on every rung, and what has no price is in no cost.
                _ => continue,
            }
            let Some(cost) = rates(cell).map(|rates| cost_of(&cell.cell.tokens, &rates)).transpose()?.flatten() else {
                return Ok(None);
            };
            sum = sum.add(cost)?;
        }
        Ok(Some(Offer { rung, cost: sum, wait_hours }))
    };
    let quote = |cell: &CellOfRow<'_>, tier: Tier| -> Option<Quote> {
        let quoted = rollup.quoted(rollup.charge(cell.key.charge));
        let (key, resolution) = (quoted.key, &rollup.resolutions[quoted.key.resolution as usize]);
        let geo = key.geo.map(|geo| rollup.texts.get(geo));
        table.quote(resolution.model.ok()?, resolution.day_in(key.price_period), tier, key.step, geo)
    };
    let own = |tier: Tier| move |cell: &CellOfRow<'_>| quote(cell, tier)?.own.ok();
    let standard = |cell: &CellOfRow<'_>| {
        let is_off_peak = rollup.quoted(rollup.charge(cell.key.charge)).key.off_peak;
        let quote = quote(cell, Tier::Default)?;
        if is_off_peak { quote.off_peak().own.ok() } else { quote.own.ok() }
    };
    let mut found = vec![on(Rung::Priority, Some(0), &own(Tier::Priority))?, on(Rung::Standard, Some(0), &standard)?];
    let peak_hours = table.model(model).entries.iter().rev().find_map(|entry| entry.peak_hours.as_ref());
    if let Some((_, hours)) = peak_hours {
        let wait = table.peak_hours(*hours).longest_hours();
        found.push(on(Rung::OffPeak, Some(wait), &|cell| quote(cell, Tier::Default)?.off_peak)?);
    }
    for window in provider.windows.iter().filter(|window| window.models.holds_for(&table.model(model).name)) {
        let rates = |cell: &CellOfRow<'_>| {
            let quoted = rollup.quoted(rollup.charge(cell.key.charge));
            let day = rollup.resolutions[quoted.key.resolution as usize].day_in(quoted.key.price_period);
            let is_sold = window.from.is_none_or(|from| from.0 <= day);
            let standard = quote(cell, Tier::Default)?.own.ok().filter(|_| is_sold)?;
            Some(standard.times(window.factor.0))
        };
        found.push(on(Rung::Window(window.window_hours), Some(window.window_hours), &rates)?);
    }
    found.push(on(Rung::Flex, None, &own(Tier::Flex))?);
    let mut in_batch = row.batch_cost.map(|_| Money::ZERO);
    for cell in cells {
        let cost = price(rollup, cell.key, cell.cell, cell.code, policy)?.batch_cost;
        in_batch = in_batch.map(|sum| sum.with(cost)).transpose()?;
    }
    let window = provider.batch.as_ref().map(|terms| terms.window_hours);
    found.push(in_batch.map(|cost| Offer { rung: Rung::Batch, cost, wait_hours: window }));
    let mut found: Vec<Offer<Money>> = found.into_iter().flatten().collect();
    found.sort_by_key(|offer| offer.rung);
    Ok(found)
}
