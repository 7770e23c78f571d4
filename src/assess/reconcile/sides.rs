//! The two sides of what is compared, and what the comparison says.

use crate::money::{Money, Overflow};

/// The coarsest and the finest last place, in units of money, to which a bill is taken to be rounded: cents, and
/// billionths of a dollar, since what is finer may come from a float.
pub(super) const ROUNDED_TO: (u64, u64) = (10_u64.pow(16), 10_u64.pow(9));

/// Both sides of one place.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sides {
    /// By the price table; nothing without usage.
    pub computed: Option<Money>,
    /// What the usage whose prompt sizes are unknown would cost more, all of it in long prompts; USD.
    pub long_context: Money,
    /// By the bill; nothing where it has no line.
    pub billed: Option<Money>,
    /// Lines of the bill, or rows of a log that state an amount.
    pub lines: u64,
    /// The bill cuts amounts off behind its last place, so that a line may lack nearly a whole unit of it.
    pub is_cut_off: bool,
}

/// What a comparison says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Match {
    /// To the last digit.
    Equal,
    /// Within half of the last place that the bill writes, for each of its lines: half a cent of a bill in cents. Below a
    /// whole one where the bill cuts amounts off.
    Rounding,
    /// Less is computed than billed: usage or a price is missing.
    Under,
    /// More is computed than billed: a discount, a credit, or usage of somebody else.
    Over,
    /// The bill has it and the usage does not.
    BilledWithoutUsage,
    /// The usage has it and the bill does not.
    UsageWithoutBill,
}

impl Match {
    /// Its name in every output.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Equal => "equal",
            Self::Rounding => "rounding",
            Self::Under => "under",
            Self::Over => "over",
            Self::BilledWithoutUsage => "billed-without-usage",
            Self::UsageWithoutBill => "usage-without-bill",
        }
    }
}

impl Sides {
    /// One side: what usage costs, and what it costs in long prompts where nobody knows whether it was in such.
    pub(super) fn computed(cost: Money, in_long_prompts: Option<Money>) -> Result<Self, Overflow> {
        let long_context = in_long_prompts.map_or(Ok(Money::ZERO), |long| long.sub(cost))?;
        Ok(Self { computed: Some(cost), long_context, ..Self::default() })
    }

    pub(super) fn bill(&mut self, amount: Money, lines: u64) -> Result<(), Overflow> {
        Money::add_to(&mut self.billed, amount)?;
        self.lines += lines;
        Ok(())
    }

    pub(in crate::assess) fn absorb(&mut self, other: &Self) -> Result<(), Overflow> {
        self.is_cut_off |= other.is_cut_off;
        if let Some(computed) = other.computed {
            Money::add_to(&mut self.computed, computed)?;
            self.long_context = self.long_context.add(other.long_context)?;
        }
        if let Some(billed) = other.billed {
            self.bill(billed, other.lines)?;
        }
        Ok(())
    }

    /// Billed − computed, what is absent taken as nothing.
    pub fn residual(&self) -> Result<Money, Overflow> {
        self.billed.unwrap_or_default().sub(self.computed.unwrap_or_default())
    }

    /// Whether the bill says less, by what cutting off all of its lines explains and rounding them does not.
    pub(super) fn lacks_a_part_of_a_place(&self) -> Result<bool, Overflow> {
        let (Some(_), Some(billed)) = (self.computed, self.billed) else { return Ok(false) };
        let lacking = -self.residual()?.units();
        let half = || rounding(billed, self.lines).units();
        Ok(lacking > 0 && (half() + 1..half() * 2).contains(&lacking))
    }

    /// Whether the bill says more, by what rounding its lines explains.
    pub(super) fn is_rounded_up(&self) -> Result<bool, Overflow> {
        let (Some(_), Some(billed)) = (self.computed, self.billed) else { return Ok(false) };
        let beyond = self.residual()?.units();
        Ok(beyond > 0 && beyond <= rounding(billed, self.lines).units())
    }

    /// What the comparison says.
    pub fn verdict(&self) -> Result<Match, Overflow> {
        let residual = self.residual()?;
        Ok(match (self.computed, self.billed) {
            _ if residual.is_zero() => Match::Equal,
            (Some(_), Some(billed)) if residual.abs() <= rounding(billed, self.lines) => Match::Rounding,
            (Some(_), Some(_)) if self.is_cut_off && self.lacks_a_part_of_a_place()? => Match::Rounding,
            (None, _) => Match::BilledWithoutUsage,
            (_, None) => Match::UsageWithoutBill,
            _ if residual.is_negative() => Match::Over,
            _ => Match::Under,
        })
    }
}

/// What rounding each of these lines explains. A bill that is written finer than cents is not off by half of one.
pub(super) fn rounding(billed: Money, lines: u64) -> Money {
    let (mut place, finest) = ROUNDED_TO;
    // Once with 128 bits, which takes long: what lies below a cent fits into 64.
    #[expect(clippy::cast_possible_truncation, reason = "less than a cent")]
    let below = (billed.units().unsigned_abs() % u128::from(place)) as u64;
    while place > finest && !below.is_multiple_of(place) {
        place /= 10;
    }
    Money::from_units(i128::from(place / 2) * i128::from(lines))
}
