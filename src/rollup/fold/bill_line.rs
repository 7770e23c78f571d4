//! Lines of a bill: what they are for, and how much they say.

use super::{Folder, NAMELESS};
use crate::rollup::{Charge, ResolutionId};
use crate::usage::{ChargeKind, TokenClass, is_model_id};
use crate::verdict::BillLine;

impl Folder<'_> {
    /// What a line of a bill is for, if its words say that it is for something else than tokens.
    pub(super) fn kind_of_line(&self, resolution: ResolutionId, class: Option<TokenClass>) -> Option<ChargeKind> {
        let resolution = &self.rollup.resolutions[resolution as usize];
        if class.is_some() || resolution.model.is_ok() {
            return None;
        }
        ChargeKind::of(self.rollup.texts.get(resolution.logged.model))
    }

    /// How much a line of a bill says of what batch would save on it.
    pub(super) fn bill_line(&self, charge: &Charge, class: Option<TokenClass>) -> BillLine {
        let quoted = self.rollup.quoted(charge);
        let resolution = self.rollup.resolution(charge);
        let Some(class) = class else {
            let words = self.rollup.texts.get(resolution.logged.model);
            return if resolution.model.is_ok() || words == NAMELESS {
                BillLine::Lump
            } else if is_model_id(words) {
                BillLine::Unpriced
            } else if self.kind_of_line(quoted.key.resolution, None).is_some() {
                BillLine::NotTokens
            } else {
                BillLine::NotUnderstood
            };
        };
        let own = quoted.quote.ok().and_then(|quote| quote.own.ok());
        match own.and_then(|own| own[class]) {
            None => BillLine::Unpriced,
            Some(rate) if rate.units() == 0 => BillLine::NotTokens,
            Some(_) => BillLine::Projectable,
        }
    }
}
