//! What a report says beside the bill: the comparison, agreed prices, control totals. Values, like all of the report.

use std::sync::Arc;

use crate::money::Money;

/// Computed against billed.
#[derive(Clone, Debug)]
pub struct Reconciliation {
    /// `usable`, `usable with residual` or `do not present`.
    pub standing: &'static str,
    /// Billed dollars that agree, as a share of all that were compared.
    pub coverage: Option<String>,
    /// By the price table.
    pub computed: Money,
    /// By the bill, items without tokens left out.
    pub billed: Money,
    /// Billed − computed.
    pub residual: Money,
    /// Models on the days that both sides have.
    pub models: Vec<ComparedModel>,
    /// By day and provider.
    pub days: Vec<Compared>,
    /// As finely as the bill is written.
    pub lines: Vec<Compared>,
    /// Billed for what is no token of a model.
    pub items: Vec<BilledItem>,
    /// The residual by cause, the largest first.
    pub causes: Vec<BillCause>,
}

impl Reconciliation {
    /// Days on which all amounts agree to the last digit, and all days that were compared.
    pub fn equal_days(&self) -> (u64, u64) {
        (self.days_where(|line| line.residual.is_zero()), self.days_where(|_| true))
    }

    /// Days on which all amounts agree, to the last digit or but for rounding.
    pub fn days_within_rounding(&self) -> u64 {
        self.days_where(|line| line.residual.is_zero() || line.verdict == "rounding")
    }

    fn days_where(&self, holds: impl Fn(&Compared) -> bool) -> u64 {
        let by_day = self.days.chunk_by(|a, b| a.day == b.day);
        by_day.filter(|day| day.iter().all(&holds)).count() as u64
    }
}

/// Why lines of the bill differ from list prices.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Cause {
    /// Their model has no price.
    Unpriced,
    /// Their model is billed at one ratio of list price.
    AgreedPrice,
    /// The usage has nothing there.
    BilledWithoutUsage,
    /// The bill has nothing there.
    UsageWithoutBill,
    /// Prompts may have been long, which costs more: their sizes are unknown.
    LongContext,
    /// More is billed, for no reason known.
    BilledMore,
    /// Less is billed, for no reason known.
    BilledLess,
    /// No difference but what rounding makes.
    Rounding,
}

impl Cause {
    /// Its name in JSON and CSV.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Unpriced => "unpriced",
            Self::AgreedPrice => "agreed-price",
            Self::BilledWithoutUsage => "billed-without-usage",
            Self::UsageWithoutBill => "usage-without-bill",
            Self::LongContext => "long-context",
            Self::BilledMore => "billed-more",
            Self::BilledLess => "billed-less",
            Self::Rounding => "rounding",
        }
    }
}

/// What one cause makes of the residual.
#[derive(Clone, Debug)]
pub struct BillCause {
    /// The cause.
    pub cause: Cause,
    /// Billed − computed on its lines.
    pub residual: Money,
    /// Its models with their provider, that with the largest difference first.
    pub models: Vec<String>,
    /// Of [`Cause::LongContext`]: what the usage on its lines would cost more if all of it were in long prompts; at least the
    /// residual.
    pub long_context: Option<Money>,
}

/// A model, computed against billed.
#[derive(Clone, Debug)]
pub struct ComparedModel {
    /// The provider.
    pub provider: String,
    /// The model in the price table, else as logged.
    pub model: String,
    /// By the price table.
    pub computed: Money,
    /// By the bill.
    pub billed: Money,
    /// Billed − computed.
    pub residual: Money,
    /// Days that both sides have.
    pub days: u64,
    /// Billed ÷ computed, where all days agree on it.
    pub agreed_ratio: Option<String>,
}

/// Both sides of one day, or of a model and token class on it.
#[derive(Clone, Debug)]
pub struct Compared {
    /// The provider.
    pub provider: Arc<str>,
    /// The model, where the bill names one.
    pub model: Option<Arc<str>>,
    /// The token class, where the bill names one.
    pub token_class: Option<&'static str>,
    /// The UTC day.
    pub day: Arc<str>,
    /// By the price table; nothing without usage.
    pub computed: Option<Money>,
    /// By the bill; nothing where it has no line.
    pub billed: Option<Money>,
    /// Billed − computed.
    pub residual: Money,
    /// `equal`, `rounding`, `under`, `over`, `billed-without-usage` or `usage-without-bill`.
    pub verdict: &'static str,
}

/// A line of the bill for something else than tokens that are paid for.
#[derive(Clone, Debug)]
pub struct BilledItem {
    /// The provider.
    pub provider: String,
    /// A name of [`crate::usage::ChargeKind`].
    pub kind: &'static str,
    /// The bill's words; the model of free tokens and of credits on tokens.
    pub item: String,
    /// The amount in the period.
    pub billed: Money,
    /// What free tokens are worth at list price.
    pub list_value: Option<Money>,
    /// Whether it is for LLMs, or may be.
    pub about_ai: bool,
}

/// Prices that the bill shows to be agreed, on which monthly figures stand.
#[derive(Clone, Debug)]
pub struct AgreedPrices {
    /// What a month would cost at list prices.
    pub monthly_at_list: Money,
    /// Models with a ratio, by name.
    pub models: Vec<AgreedModel>,
    /// Models without one, by cost descending.
    pub at_list: Vec<ListModel>,
    /// What the comparison with the bill says at these prices; nothing where the whole bill is unknown.
    pub agreement: Option<Agreement>,
}

/// How the bill agrees with the prices that figures stand on.
#[derive(Clone, Debug)]
pub struct Agreement {
    /// As of [`Reconciliation`].
    pub standing: &'static str,
    /// As of [`Reconciliation`].
    pub coverage: Option<String>,
    /// Billed − computed at these prices.
    pub residual: Money,
}

/// What is charged of a model's list price.
#[derive(Clone, Debug)]
pub struct AgreedModel {
    /// The provider.
    pub provider: String,
    /// The model in the price table.
    pub model: String,
    /// Billed ÷ list over all token classes, to six decimals.
    pub ratio: String,
    /// What the bill tells it by: `class`, `model` or `provider`.
    pub by: &'static str,
    /// The same by token class, where the bill has them.
    pub classes: Vec<(&'static str, String)>,
}

/// A model that stays at list price.
#[derive(Clone, Debug)]
pub struct ListModel {
    /// The provider.
    pub provider: String,
    /// The model in the price table, else as logged.
    pub model: String,
    /// Its cost a month.
    pub monthly_cost: Money,
}

/// What a month must add up to, by the policy.
#[derive(Clone, Debug)]
pub struct ControlTotal {
    /// Such as 2026-10.
    pub month: String,
    /// The provider, if it is of one.
    pub provider: Option<String>,
    /// What is expected.
    pub total: Money,
    /// How far off the files may be, either way.
    pub tolerance: Money,
    /// What the files make; nothing if they have nothing of the month.
    pub found: Option<Money>,
    /// `billed`, `computed`, `billed and computed` or `nothing`.
    pub source: &'static str,
    /// Found − expected.
    pub difference: Money,
    /// Whether it is met.
    pub met: bool,
    /// Why it is not.
    pub unmet: Option<String>,
}
