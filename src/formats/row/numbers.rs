//! Counts and amounts of a row.

use super::{Billed, Refused, RowReader};
use crate::formats::Oddity;
use crate::formats::mapping::{TargetField, Unit};
use crate::money::{DecimalError, DecimalStyle, Money, decimal};
use crate::usage::{Quantity, TokenClass, TokenCounts};

/// Bills round each line to it at most, in units of [`Money`].
const CENT: i128 = 10_i128.pow(16);

impl RowReader<'_, '_> {
    pub(super) fn money(&self, target: TargetField) -> Result<Billed, Refused> {
        let Some(text) = self.text(target) else { return Ok(None) };
        let unit = self.spec(target).map(|(_, spec)| spec.unit).unwrap_or_default();
        let scale = if unit == Unit::Cents { 16 } else { 18 };
        decimal::parse_in_full(text, scale, self.decimal)
            .map(|(units, rounded)| Some((Money::from_units(units), rounded)))
            .map_err(|error| self.number_error(target, error))
    }

    pub(super) fn number_error(&self, target: TargetField, error: DecimalError) -> Refused {
        let code = match error {
            DecimalError::Ambiguous | DecimalError::Shortened => "ambiguous-number",
            DecimalError::Negative => "negative",
            _ => "number",
        };
        // Only a mapping of the user's own can leave open how numbers are written.
        let advice = if error == DecimalError::Ambiguous {
            "; declare `decimal: point` or `decimal: comma` in the mapping"
        } else {
            ""
        };
        self.reject(code, target, format!("{error}{advice}"))
    }

    /// A whole number from zero up.
    pub(in crate::formats) fn count(&self, target: TargetField) -> Result<Option<u64>, Refused> {
        let Some(text) = self.text(target) else { return Ok(None) };
        let unit = self.spec(target).map(|(_, spec)| spec.unit).unwrap_or_default();
        if unit == Unit::One
            && let Some(number) = decimal::digits(text.as_bytes())
        {
            return Ok(Some(number));
        }
        let scale = match unit {
            Unit::One | Unit::Cents => 0,
            Unit::Thousand => 3,
            Unit::Million => 6,
        };
        // `12.000` is twelve in one country and twelve thousand in another; of a count both are whole.
        if self.decimal == DecimalStyle::Undeclared && decimal::may_be_grouped_by_a_point(text) {
            return Err(self.number_error(target, DecimalError::Ambiguous));
        }
        let (value, fraction) =
            decimal::parse_in_full(text, scale, self.decimal).map_err(|error| self.number_error(target, error))?;
        if fraction {
            return Err(self.reject("number", target, "a count must be a whole number"));
        }
        if value < 0 {
            return Err(self.reject("negative", target, "a count cannot be below zero"));
        }
        u64::try_from(value).map(Some).map_err(|_| self.reject("number", target, "a count too large to be true"))
    }

    /// A duration; fractions of a millisecond tell nothing.
    pub(super) fn milliseconds(&self, target: TargetField) -> Result<Option<u64>, Refused> {
        let Some(text) = self.text(target) else { return Ok(None) };
        let scale = if self.spec(target).is_some_and(|(_, spec)| spec.unit == Unit::Thousand) { 3 } else { 0 };
        if scale == 0
            && let Some(number) = decimal::digits(text.as_bytes())
        {
            return Ok(Some(number));
        }
        let (value, _) =
            decimal::parse_scaled(text, scale, self.decimal).map_err(|error| self.number_error(target, error))?;
        u64::try_from(value).map(Some).map_err(|_| self.reject("negative", target, "a duration cannot be below zero"))
    }

    /// Requests that the tokens beside them allow: each has one at least. Whether a bucket says requests and no token, as
    /// an hour of failed calls does.
    pub(super) fn check_requests(
        &self,
        requests: Option<u64>,
        tokens: &TokenCounts,
        is_bucket: bool,
        billed: Option<Money>,
    ) -> Result<bool, Refused> {
        let Some(requests) = requests else { return Ok(false) };
        let tokens = tokens.total();
        let is_charged = tokens > 0 || billed.is_some_and(|amount| !amount.is_zero());
        if requests == 0 && is_charged {
            let reason = "no requests, and yet tokens or an amount";
            return Err(self.reject("number", TargetField::Requests, reason));
        }
        let is_empty = is_bucket && tokens == 0;
        if !is_empty && u128::from(requests) > tokens.max(1) {
            let reason = "more requests than tokens, of which each has some";
            return Err(self.reject("number", TargetField::Requests, reason));
        }
        Ok(is_empty && requests > 0)
    }

    /// Whether some of the tokens are sound.
    pub(super) fn audio(&self) -> Result<Option<Oddity>, Refused> {
        let is_some =
            |target: TargetField| -> Result<bool, Refused> { Ok(self.count(target)?.is_some_and(|tokens| tokens > 0)) };
        Ok((is_some(TargetField::AudioInput)? || is_some(TargetField::AudioOutput)?).then_some(Oddity::Audio))
    }

    /// Whether a line of a bill bills nothing for what costs something all the same.
    pub(super) fn is_paid_elsewhere(&self, billed: Option<Money>) -> bool {
        let is_something = |amount: (Money, bool)| amount.0.units() != 0;
        billed.is_some_and(|amount| amount.units() == 0)
            && self.money(TargetField::Effective).is_ok_and(|effective| effective.is_some_and(is_something))
    }

    /// Discounts make a line cheaper than its list price, and taxes dearer, but not twice. Lines without a list price, such
    /// as those of marketplaces, are not checked.
    fn check_amount(&self, billed: Money) -> Result<(), Refused> {
        let amount = |target: TargetField| self.money(target).ok().flatten().map_or(0, |(amount, _)| amount.units());
        let (billed, list) = (billed.units(), amount(TargetField::List));
        let most = list.abs().max(amount(TargetField::Effective).abs()).saturating_mul(2).saturating_add(CENT);
        let is_reversed = billed.signum() == -list.signum() && amount(TargetField::Effective).signum() == list.signum();
        if list == 0 || billed == 0 || billed.abs() <= most && !is_reversed {
            return Ok(());
        }
        let reason = if is_reversed {
            "a charge and a credit in one line: it has another sign than its cost at list prices"
        } else {
            "more than twice what the line costs at list prices"
        };
        Err(self.reject("implausible", TargetField::Billed, reason))
    }

    pub(super) fn bill_line(&self, billed: Option<Money>) -> Result<Quantity, Refused> {
        let Some(billed) = billed else {
            return Err(self.reject("missing", TargetField::Billed, "the line states no amount"));
        };
        self.check_amount(billed)?;
        if let Some(text) = self.text(TargetField::Quantity) {
            let (quantity, _) = decimal::parse_scaled(text, 6, self.decimal)
                .map_err(|error| self.number_error(TargetField::Quantity, error))?;
            if quantity < 0 && billed.units() > 0 {
                return Err(self.reject(
                    "negative",
                    TargetField::Quantity,
                    "a negative quantity with a positive amount",
                ));
            }
        }
        let class = self.text(TargetField::TokenClass).and_then(TokenClass::named);
        if class.is_some() && self.text(TargetField::Model).is_none() {
            return Err(self.reject("missing", TargetField::Model, "the line has a token class but names no model"));
        }
        Ok(Quantity::BillLine(class))
    }
}
