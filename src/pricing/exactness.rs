//! Prices that could not be kept exactly.
//!
//! Role: rates × factors that no entry knows of → refused before anything is read. What an entry knows of is checked there.

use super::{Entry, PriceTable};
use crate::diagnostic::{Diagnostic, Failure};
use crate::money::{Factor, Percent};
use crate::usage::{CacheWay, TokenClass};

impl PriceTable {
    /// Refuses windows in which some price could not be kept exactly.
    pub(super) fn check_windows(&self) -> Result<(), String> {
        for model in &self.models {
            let windows = &self.provider(model.provider).windows;
            for window in windows.iter().filter(|window| window.models.holds_for(&model.name)) {
                for rates in model.entries.iter().flat_map(Entry::standard_rates) {
                    if let Some(rate) = rates.0.into_iter().flatten().find(|rate| rate.times(window.factor.0).is_none())
                    {
                        return Err(format!(
                            "`{}`: {rate} × {} (window of {} hours) cannot be kept exactly\nhint: use fewer decimals in `factor`",
                            model.name, window.factor.0, window.window_hours
                        ));
                    }
                }
            }
        }
        Ok(())
    }

    /// Refuses a share of cache hits for which some batch price could not be kept exactly.
    pub fn check_hit_share(&self, ways: &[CacheWay], share: Percent) -> Result<(), Failure> {
        for model in &self.models {
            for entry in &model.entries {
                let factors = || std::iter::once(Factor::ONE).chain(entry.geo.iter().map(|(_, factor)| *factor));
                for batch in entry.steps.iter().filter_map(|(_, tiers)| tiers.batch) {
                    let is_exact = |class: TokenClass| {
                        ways.iter().all(|way| match (batch[class], batch[way.billed_as(class)]) {
                            (Some(primed), Some(own)) => factors().all(|factor| {
                                let rates = primed.times(factor).zip(own.times(factor));
                                rates.is_some_and(|(primed, own)| primed.blend(share, own).is_some())
                            }),
                            _ => true,
                        })
                    };
                    if !TokenClass::ALL.into_iter().all(is_exact) {
                        return Err(Failure::usage(
                            Diagnostic::new(
                                "policy",
                                format!(
                                    "`cache_hit_share: {share}` gives `{}` a batch price that cannot be kept exactly",
                                    model.name
                                ),
                            )
                            .hint("use fewer decimals"),
                        ));
                    }
                }
            }
        }
        Ok(())
    }
}
