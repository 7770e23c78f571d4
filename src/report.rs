//! The report as a value: everything a reader is told, before anybody draws it.
//!
//! Role: plain facts with exact amounts. [`build`] fills it, the renderers beside it draw it; they choose precision
//! and words, and know nothing of prices, rules or files. docs/specification.md, section 6.

pub use crate::assess::Projected;
pub use bill::{
    AgreedModel, AgreedPrices, Agreement, BillCause, BilledItem, Cause, Compared, ComparedModel, ControlTotal,
    ListModel, Reconciliation,
};
pub use by::{BillStep, ByLine, ByTable, ByWorkload, Mover, Movers};

use std::num::NonZeroUsize;
use std::sync::Arc;

use crate::assess::Unclassifiable;
pub use crate::assess::WaySavings;
pub use crate::assess::batch_ways::ByWay;
use crate::calendar::{MonthBasis, Period};
use crate::diagnostic::Diagnostic;
use crate::money::Money;
use crate::policy::Cases;
use crate::pricing::Layer;
use crate::usage::PerClass;

pub(crate) mod bill;
pub mod build;
pub(crate) mod by;
pub(crate) mod csv;
pub(crate) mod document;
pub(crate) mod estimate;
pub(crate) mod html;
pub mod json;
pub(crate) mod markdown;
pub(crate) mod plan;
pub(crate) mod status;
pub(crate) mod table;
pub(crate) mod theme;
pub(crate) mod words;
pub(crate) mod xlsx;

/// The code of a report in which calls most likely count twice.
pub const TWO_SOURCES: &str = "two-sources";

/// The main job's result.
#[derive(Clone, Debug)]
pub struct Report {
    /// The days the report covers, and how they become a month; nothing without dated rows.
    pub period: Option<(Period, MonthBasis)>,
    /// Every file read.
    pub inputs: Vec<InputLine>,
    /// The price table.
    pub prices: PricesLine,
    /// Calls and tokens.
    pub usage: UsageLine,
    /// Computed and billed cost.
    pub cost: CostLine,
    /// The six results, in the order of docs/specification.md.
    pub eligibility: Vec<EligibilityLine>,
    /// Today's monthly cost.
    pub today: Money,
    /// Batch only.
    pub batch_only: Scenario,
    /// Batch and routing.
    pub combined: Combined,
    /// Groups by verdict, by cost descending.
    pub workloads: Vec<WorkloadLine>,
    /// The prices that monthly figures stand on, where these are not the table's.
    pub agreed: Option<AgreedPrices>,
    /// Computed against billed, where usage stands beside a bill.
    pub reconciliation: Option<Reconciliation>,
    /// Charges on bills about no call, in no cost, verdict or saving; where usage stands beside the bill of a vendor, its
    /// own are in `reconciliation`.
    pub other_charges: Vec<BilledItem>,
    /// What bills state for other things than LLM usage that is none of these charges.
    pub billed_for_other: Money,
    /// What a better export would tell, by cost descending.
    pub improvements: Vec<Improvement>,
    /// What the policy expects of months.
    pub control_totals: Vec<ControlTotal>,
    /// Where prices are not what one expects.
    pub exceptions: Vec<PriceException>,
    /// Worth knowing.
    pub warnings: Vec<Note>,
    /// Why the report is not complete.
    pub incomplete: Vec<Note>,
    /// What nobody has decided.
    pub undecided: Undecided,
    /// Open questions, those with the most dollars first.
    pub questions: Vec<Question>,
    /// Where to begin.
    pub pilot: Option<Pilot>,
    /// Sums by the dimension of `--by`.
    pub by: Option<ByTable>,
    /// What grew and what shrank, where somebody asked.
    pub movers: Option<Movers>,
    /// How many rows a list of a page shows, where somebody said so.
    pub top: Option<NonZeroUsize>,
}

/// What an export leaves open, and how to get one that does not.
#[derive(Clone, Debug)]
pub struct Improvement {
    /// `batch`, `context`, `workload` or `model`.
    pub gap: &'static str,
    /// The provider.
    pub provider: String,
    /// The formats of the inputs it is about.
    pub formats: Vec<String>,
    /// What to do.
    pub advice: String,
    /// Cost a month about which it is open.
    pub monthly_cost: Money,
}

/// A model in use whose price is not what one expects.
#[derive(Clone, Debug)]
pub struct PriceException {
    /// Stable code.
    pub code: &'static str,
    /// The provider.
    pub provider: String,
    /// The model in the price table.
    pub model: String,
    /// What is unexpected.
    pub message: String,
    /// What the model costs in the period.
    pub cost: Money,
}

/// One file.
#[derive(Clone, Debug)]
pub struct InputLine {
    /// Its name.
    pub file: String,
    /// Its format.
    pub format: String,
    /// `call`, `bucket`, `mixed`, or `none` without usage.
    pub grain: &'static str,
    /// Whether it holds lines of a bill instead of usage.
    pub is_bill: bool,
    /// The shortest and the longest time that a row stands for, where rows are sums.
    pub bucket_seconds: Option<(i64, i64)>,
    /// Size as stored.
    pub bytes: u64,
    /// SHA-256 with `--fingerprint`.
    pub sha256: Option<String>,
    /// Rows by outcome, in the order of docs/specification.md.
    pub rows: Vec<(&'static str, u64)>,
    /// Rows in all.
    pub read: u64,
    /// Billed dollars by outcome, where any row states some.
    pub dollars: Vec<(&'static str, Money)>,
    /// The first rejected rows.
    pub rejects: Vec<RejectLine>,
    /// Why it was left out.
    pub left_out: Option<Diagnostic>,
}

/// A rejected row, for messages.
#[derive(Clone, Debug)]
pub struct RejectLine {
    /// Its line.
    pub line: u64,
    /// Stable code.
    pub code: &'static str,
    /// The column at fault.
    pub column: String,
    /// Its text.
    pub value: String,
    /// The reason.
    pub reason: String,
}

/// The price table used.
#[derive(Clone, Debug)]
pub struct PricesLine {
    /// `built-in` or a file's name, and those of the layers on it.
    pub source: String,
    /// What lies on it.
    pub layers: Vec<Layer>,
    /// The oldest day on which a used entry was checked.
    pub checked: Option<String>,
}

/// Calls and tokens.
#[derive(Clone, Debug, Default)]
pub struct UsageLine {
    /// Calls, where stated.
    pub requests: u64,
    /// Tokens by class.
    pub tokens: PerClass<u64>,
    /// Dollars on lines of a bill for models without a price: they are spend, what batch saves on them is unknown.
    pub unpriced_billed: Money,
    /// Calls without a price.
    pub unpriced_requests: u64,
    /// Their tokens.
    pub unpriced_tokens: u64,
    /// Their models, as logged.
    pub unpriced_models: Vec<String>,
    /// Calls that failed, where stated, and what they cost in the period.
    pub failed: (u64, Money),
    /// Free tokens at list price.
    pub free_tier_list_value: Money,
}

/// Computed and billed cost.
#[derive(Clone, Debug, Default)]
pub struct CostLine {
    /// By the price table.
    pub computed: Money,
    /// The part of `computed` taken from a bill that has no usage beside it.
    pub from_bill: Money,
    /// By the bill, if any row states an amount in a known currency.
    pub billed: Option<Money>,
    /// Billed − computed over what the bill stands beside.
    pub residual: Option<Money>,
}

/// One of the six results.
#[derive(Clone, Debug)]
pub struct EligibilityLine {
    /// Verdict.
    pub verdict: &'static str,
    /// Confidence.
    pub band: Option<&'static str>,
    /// Calls, where stated.
    pub requests: u64,
    /// Cost in the period.
    pub cost: Money,
    /// Cost a month.
    pub monthly_cost: Money,
}

/// A scenario.
#[derive(Clone, Debug, Default)]
pub struct Scenario {
    /// Cost a month.
    pub cost: Cases<Money>,
    /// Saving a month.
    pub saving: Cases<Money>,
    /// Saving as a share of today's cost.
    pub share: Cases<Option<String>>,
    /// How much of the spend the saving is worked out for. Where it is none the saving is not zero: it is unknown.
    pub projected: Projected,
}

/// Batch and routing together.
#[derive(Clone, Debug, Default)]
pub struct Combined {
    /// The whole.
    pub total: Scenario,
    /// The part of batch.
    pub batch: Cases<Money>,
    /// The part of routing.
    pub routing: Cases<Money>,
    /// `assumed` or `routes`.
    pub kind: &'static str,
    /// The assumed shares in words, or how many routes.
    pub words: String,
}

/// A group with one verdict and band.
#[derive(Clone, Debug)]
pub struct WorkloadLine {
    /// The workload.
    pub workload: String,
    /// Its id, where it is known.
    pub workload_id: Option<String>,
    /// What all its calls have in finer fields, by field.
    pub detail: Vec<(String, String)>,
    /// What tells it apart from other rows of its workload on a page.
    pub apart: Vec<String>,
    /// The provider.
    pub provider: Arc<str>,
    /// The model as logged.
    pub model: Arc<str>,
    /// Verdict.
    pub verdict: &'static str,
    /// Confidence.
    pub band: Option<&'static str>,
    /// Codes, sorted.
    pub reasons: Arc<[String]>,
    /// Those that carry at least a twentieth of its dollars in words, most telling first.
    pub words: Arc<[String]>,
    /// How many others there are.
    pub minor_reasons: usize,
    /// Calls, where stated.
    pub requests: Option<u64>,
    /// Cost in the period.
    pub cost: Option<Money>,
    /// Cost in batch in the period.
    pub batch_cost: Option<Money>,
    /// What it costs in batch by the way in which its cached prompts are sent, if it has any.
    pub cached_prompts: Option<Box<CachedPrompts>>,
    /// Cost a month.
    pub monthly_cost: Option<Money>,
    /// What batch saves a month on rows with a band, else 0.
    pub monthly_saving: Money,
    /// What batch would save a month on its calls that stay for their small volume alone; nothing where there are none.
    pub saving_forgone: Option<Money>,
    /// Whether nobody has decided about it.
    pub is_open: bool,
    /// What only another export can settle.
    pub blind: Option<Unclassifiable>,
    /// What batch would save a month if it could move, on rows that are open.
    pub open_saving: Money,
    /// What batch would lose a month, on rows that stay for whatever reason.
    pub monthly_loss: Option<Money>,
}

/// Cached prompts of a row in batch.
#[derive(Clone, Debug)]
pub struct CachedPrompts {
    /// Cost in the period by each way of sending them.
    pub costs: ByWay,
    /// What a month saves by each way, where that is worth a word.
    pub savings: Option<WaySavings>,
}

/// Something worth a line.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Note {
    /// Stable code.
    pub code: &'static str,
    /// A sentence.
    pub message: String,
    /// How many rows, models or files it is about.
    pub count: u64,
}

/// What nobody has decided.
#[derive(Clone, Debug, Default)]
pub struct Undecided {
    /// Open groups.
    pub groups: u64,
    /// Their cost a month.
    pub monthly_cost: Money,
    /// What batch would save a month if all of it could wait.
    pub all_saves: Money,
    /// What it would save at 15, 28 and 50 %.
    pub at: Vec<(u32, Money)>,
    /// Whether under 5 % of the spend is decided.
    pub is_headline: bool,
    /// The largest open group.
    pub largest: Option<String>,
    /// Cost a month of usage whose export cannot say what was batch.
    pub needs_batch: Money,
    /// Cost a month of bills without usage beside them.
    pub needs_usage: Money,
}

/// An open question. Names are masked and else as in the files.
#[derive(Clone, Debug)]
pub struct Question {
    /// Stable code of what is open.
    pub kind: &'static str,
    /// The workload it is about, if it is about one.
    pub workload: Option<String>,
    /// The models it is about, as logged.
    pub models: Vec<String>,
    /// Who is to be asked, where a rule says so.
    pub owner: Option<String>,
    /// The question.
    pub question: String,
    /// What settles it.
    pub answer: String,
    /// What it is about costs a month, where there is a price.
    pub monthly_cost: Option<Money>,
    /// What batch would save a month if all of it can wait: what hangs on the answer.
    pub monthly_saving: Option<Money>,
    /// Tokens, where there is no price.
    pub tokens: Option<u64>,
}

/// The first step.
#[derive(Clone, Debug)]
pub struct Pilot {
    /// The workload.
    pub workload: String,
    /// What tells it apart from others of its name.
    pub apart: Vec<String>,
    /// Provider and model.
    pub model: String,
    /// Test requests and what they cost in batch.
    pub test: Option<(u64, Money)>,
}

impl Report {
    /// `billed` if monthly figures stand on effective rates, else `list`.
    pub const fn basis(&self) -> &'static str {
        if self.agreed.is_some() { "billed" } else { "list" }
    }

    /// How the bill agrees with the figures where these stand on its prices.
    pub fn agreement(&self) -> Option<&Agreement> {
        self.agreed.as_ref().filter(|agreed| !agreed.models.is_empty())?.agreement.as_ref()
    }

    /// What usage costs that no billed amount stands beside, by the price table; nothing where there is no bill, and where it
    /// bills all usage.
    pub fn unbilled(&self) -> Option<Money> {
        self.reconciliation.as_ref()?;
        let CostLine { computed, billed, residual, .. } = &self.cost;
        // What stands beside the bill holds what is taken from it.
        let beside = words::difference((*billed)?, (*residual)?);
        let unbilled = words::difference(*computed, beside);
        (!unbilled.is_zero()).then_some(unbilled)
    }

    /// What usage costs by the price table, without what is taken from a bill.
    pub fn usage_cost(&self) -> Money {
        words::difference(self.cost.computed, self.cost.from_bill)
    }

    /// How many rows a list shows that usually has this many. What is beyond them is added up, or counted. Forms for
    /// machines cut no list.
    pub fn row_limit(&self, usual: usize) -> usize {
        self.top.map_or(usual, NonZeroUsize::get)
    }

    /// Spend that can wait: confirmed and likely, a month.
    pub fn can_wait(&self) -> Money {
        let amounts = self.eligibility.iter().filter(|line| line.verdict == "batch").map(|line| line.monthly_cost);
        words::sum(amounts)
    }
}
