//! Verdicts: can this call wait, and why.
//!
//! Role: what is known about a call → one deciding [`Code`], and from it the verdict and band. Reasons are data; their
//! words live here in one place ([`Code::sentence`]). Volume and money decide three later codes
//! (`small-volume`, `cache-loss`, `no-saving`), which [`crate::assess`] gives to whole rows. docs/specification.md, section 4.
//!
//! Evidence from the shape of traffic would decide between words and `undecided`, as [`Confidence::Candidate`]: see
//! [`decide`].

use std::borrow::Cow;

use crate::policy::{Policy, Then};
use crate::pricing::Unpriced;
use crate::usage::{BatchCache, CacheWay};
use crate::usage::{Outcome, Tier};

/// Where a call belongs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Action {
    /// It already runs at a batch (or flex) price.
    AlreadyBatch,
    /// It can wait.
    Batch,
    /// It stays where it is.
    RealTime,
}

/// How sure a verdict is, or what it might become.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Confidence {
    /// A rule or the log's own word says so.
    Confirmed,
    /// A name says so.
    Likely,
    /// Evidence nominates it; its owner should be asked.
    Candidate,
    /// Nobody knows.
    Undecided,
}

impl Action {
    /// The name in reports.
    pub const fn name(self) -> &'static str {
        match self {
            Self::AlreadyBatch => "already-batch",
            Self::Batch => "batch",
            Self::RealTime => "real-time",
        }
    }
}

impl Confidence {
    /// The name in reports.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Confirmed => "confirmed",
            Self::Likely => "likely",
            Self::Candidate => "candidate",
            Self::Undecided => "undecided",
        }
    }
}

/// The outcome of judging.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Verdict {
    /// Where the call belongs.
    pub action: Action,
    /// How sure that is, or what it might become; nothing where it is settled.
    pub confidence: Option<Confidence>,
}

impl Verdict {
    /// Real-time for good.
    pub const REAL_TIME: Self = Self::new(Action::RealTime, None);
    /// Batch, since a rule or the log says so.
    pub const CONFIRMED: Self = Self::new(Action::Batch, Some(Confidence::Confirmed));
    /// Real-time until somebody says whether it can wait.
    pub const UNDECIDED: Self = Self::new(Action::RealTime, Some(Confidence::Undecided));

    const fn new(action: Action, confidence: Option<Confidence>) -> Self {
        Self { action, confidence }
    }
}

/// The six results, in the order of docs/specification.md.
pub const RESULTS: [Verdict; 6] = [
    Verdict::new(Action::AlreadyBatch, None),
    Verdict::CONFIRMED,
    Verdict::new(Action::Batch, Some(Confidence::Likely)),
    Verdict::REAL_TIME,
    Verdict::new(Action::RealTime, Some(Confidence::Candidate)),
    Verdict::UNDECIDED,
];

/// A soft veto: a sign that somebody waits for the answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Veto {
    /// The answer was streamed.
    Streaming,
    /// A time to the first token was logged.
    FirstToken,
    /// A realtime or audio endpoint.
    RealtimeEndpoint,
    /// Paid for speed.
    PriorityTier,
    /// A coding agent or chat application.
    InteractiveApp,
    /// Many different end users in the group.
    ManyEndUsers,
}

/// Why a call has its verdict.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Code {
    /// The gateway answered from its cache.
    GatewayCacheHit,
    /// The call failed.
    FailedCall,
    /// Batch or flex already.
    AlreadyBatch,
    /// Incentivized tokens.
    FreeTier,
    /// No price.
    Unpriced,
    /// A line of a bill that is not understood, and may be LLM usage.
    NotUnderstood,
    /// The format cannot say whether it was batch.
    BatchUnknown,
    /// The model has no batch price.
    NoBatchRate,
    /// The endpoint cannot be batched.
    UnsupportedEndpoint,
    /// A rule of the user's, by position.
    Rule(u16),
    /// The call's own `tag.batch`.
    TagBatch(bool),
    /// The call's own `tag.max_wait`; true if it is long enough.
    TagMaxWait(bool),
    /// Somebody waits.
    Veto(Veto),
    /// A word that says somebody waits, by position.
    RealTimeWord(u16),
    /// A word that says it can wait, by position.
    BatchWord(u16),
    /// Nothing decides.
    Undecided,
    /// Too few requests a day for batch.
    SmallVolume,
    /// Batch would cost more than today.
    CacheLoss,
    /// Batch would cost the same as today.
    NoSaving,
}

/// Everything that [`decide`] looks at, each already reduced to what matters.
#[derive(Clone, Copy, Debug)]
pub struct VerdictInput {
    /// How the call ended.
    pub outcome: Outcome,
    /// Its tier.
    pub tier: Tier,
    /// Whether it has a price.
    pub priced: Result<(), Unpriced>,
    /// A line of a bill, by how much it says.
    pub bill_line: Option<BillLine>,
    /// The format cannot tell batch from live.
    pub batch_unknown: bool,
    /// There are batch rates for all its tokens.
    pub has_batch_rate: bool,
    /// Log and table both state endpoints, and this one is not among the batchable.
    pub endpoint_refused: bool,
    /// The first rule of the user's that matches.
    pub rule: Option<u16>,
    /// What `tag.batch` says.
    pub tag_batch: Option<bool>,
    /// Whether `tag.max_wait` is at least the provider's window.
    pub tag_max_wait: Option<bool>,
    /// The first veto, but for many end users, which only the group knows.
    pub veto: Option<Veto>,
    /// The word that decides by name.
    pub word: Option<Word>,
}

/// How much a line of a bill says of what batch would save on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BillLine {
    /// A model and a token class that have a price.
    Projectable,
    /// LLM usage without a class of its tokens, or without a model: what of it is batch, it cannot say either.
    Lump,
    /// Something else than tokens, or what costs nothing in the table: batch takes nothing off it.
    NotTokens,
    /// A model and a token class, and no price for them.
    Unpriced,
    /// Words that say nothing that is known here.
    NotUnderstood,
}

/// A listed word found in a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Word {
    /// From the real-time list.
    RealTime(u16),
    /// From the batch list.
    Batch(u16),
}

/// The questions about a call, in the order of docs/specification.md. The first that has an answer decides, and
/// `explain` shows all up to that one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Step {
    /// Did the gateway answer?
    GatewayCacheHit,
    /// Did it fail?
    FailedCall,
    /// Does it run in batch or flex?
    AlreadyBatch,
    /// Was it free?
    FreeTier,
    /// Does a line of a bill say what it is?
    NotUnderstood,
    /// Has it a price?
    Unpriced,
    /// Can the format say whether it was batch?
    BatchUnknown,
    /// Has it a batch price?
    NoBatchRate,
    /// Can its endpoint be batched?
    UnsupportedEndpoint,
    /// Does a rule of the user's match?
    Rule,
    /// Does it have `tag.batch`?
    TagBatch,
    /// Does it have `tag.max_wait`?
    TagMaxWait,
    /// Is there a sign that somebody waits?
    Vetoes,
    /// Has its group many end users? [`crate::assess`] answers, which alone knows.
    ManyEndUsers,
    /// Does a name hold a listed word?
    Words,
    // Evidence, once there is any, is asked for here and answers with `Confidence::Candidate`.
    /// Nothing decided before.
    Undecided,
}

impl Step {
    /// All of them, in order.
    pub const ALL: [Self; 16] = [
        Self::GatewayCacheHit,
        Self::FailedCall,
        Self::AlreadyBatch,
        Self::FreeTier,
        Self::NotUnderstood,
        Self::Unpriced,
        Self::BatchUnknown,
        Self::NoBatchRate,
        Self::UnsupportedEndpoint,
        Self::Rule,
        Self::TagBatch,
        Self::TagMaxWait,
        Self::Vetoes,
        Self::ManyEndUsers,
        Self::Words,
        Self::Undecided,
    ];

    /// The name in `explain`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::GatewayCacheHit => "gateway-cache-hit",
            Self::FailedCall => "failed-call",
            Self::AlreadyBatch => "already-batch",
            Self::FreeTier => "free-tier",
            Self::NotUnderstood => "not-understood",
            Self::Unpriced => "unpriced",
            Self::BatchUnknown => "batch-unknown",
            Self::NoBatchRate => "no-batch-rate",
            Self::UnsupportedEndpoint => "unsupported-endpoint",
            Self::Rule => "rule",
            Self::TagBatch => "tag:batch",
            Self::TagMaxWait => "tag:max_wait",
            Self::Vetoes => "vetoes",
            Self::ManyEndUsers => "many-end-users",
            Self::Words => "words",
            Self::Undecided => "undecided",
        }
    }

    /// What it decides about a call, if anything.
    fn decides(self, call: &VerdictInput) -> Option<Code> {
        let when = |holds: bool, code: Code| holds.then_some(code);
        match self {
            Self::GatewayCacheHit => when(call.outcome == Outcome::GatewayHit, Code::GatewayCacheHit),
            Self::FailedCall => when(matches!(call.outcome, Outcome::Failed | Outcome::Refused), Code::FailedCall),
            Self::AlreadyBatch => when(matches!(call.tier, Tier::Batch | Tier::Flex), Code::AlreadyBatch),
            Self::FreeTier => when(call.tier == Tier::Incentivized, Code::FreeTier),
            Self::NotUnderstood => when(call.bill_line == Some(BillLine::NotUnderstood), Code::NotUnderstood),
            Self::Unpriced => {
                when(call.bill_line.map_or(call.priced.is_err(), |line| line == BillLine::Unpriced), Code::Unpriced)
            }
            Self::BatchUnknown => when(
                match call.bill_line {
                    Some(BillLine::Lump) => true,
                    Some(BillLine::NotTokens) => false,
                    _ => call.batch_unknown,
                },
                Code::BatchUnknown,
            ),
            Self::NoBatchRate => {
                when(call.bill_line == Some(BillLine::NotTokens) || !call.has_batch_rate, Code::NoBatchRate)
            }
            Self::UnsupportedEndpoint => when(call.endpoint_refused, Code::UnsupportedEndpoint),
            Self::Rule => call.rule.map(Code::Rule),
            Self::TagBatch => call.tag_batch.map(Code::TagBatch),
            Self::TagMaxWait => call.tag_max_wait.map(Code::TagMaxWait),
            Self::Vetoes => call.veto.map(Code::Veto),
            Self::ManyEndUsers => None,
            Self::Words => call.word.map(|word| match word {
                Word::RealTime(word) => Code::RealTimeWord(word),
                Word::Batch(word) => Code::BatchWord(word),
            }),
            Self::Undecided => Some(Code::Undecided),
        }
    }
}

/// The first reason that applies.
pub fn decide(call: &VerdictInput) -> Code {
    Step::ALL.iter().find_map(|step| step.decides(call)).unwrap_or(Code::Undecided)
}

impl Code {
    /// How the calls it decides are sent in batch, if they have cached prompts.
    pub fn batch_cache(self, policy: &Policy) -> BatchCache {
        BatchCache { way: self.own_cache_way(policy).unwrap_or(policy.batch_cache.way), ..policy.batch_cache }
    }

    /// The same where its rule says so.
    pub fn own_cache_way(self, policy: &Policy) -> Option<CacheWay> {
        match self {
            Self::Rule(rule) => policy.rules.rule(rule).cache,
            _ => None,
        }
    }

    /// The step that gives this code; nothing where a whole row has it for its volume or its loss.
    pub const fn step(self) -> Option<Step> {
        Some(match self {
            Self::GatewayCacheHit => Step::GatewayCacheHit,
            Self::FailedCall => Step::FailedCall,
            Self::AlreadyBatch => Step::AlreadyBatch,
            Self::FreeTier => Step::FreeTier,
            Self::NotUnderstood => Step::NotUnderstood,
            Self::Unpriced => Step::Unpriced,
            Self::BatchUnknown => Step::BatchUnknown,
            Self::NoBatchRate => Step::NoBatchRate,
            Self::UnsupportedEndpoint => Step::UnsupportedEndpoint,
            Self::Rule(_) => Step::Rule,
            Self::TagBatch(_) => Step::TagBatch,
            Self::TagMaxWait(_) => Step::TagMaxWait,
            Self::Veto(Veto::ManyEndUsers) => Step::ManyEndUsers,
            Self::Veto(_) => Step::Vetoes,
            Self::RealTimeWord(_) | Self::BatchWord(_) => Step::Words,
            Self::Undecided => Step::Undecided,
            Self::SmallVolume | Self::CacheLoss | Self::NoSaving => return None,
        })
    }

    /// Whether a step was asked before this code was given, or gave it.
    pub fn reached(self, step: Step) -> bool {
        self.step().is_some_and(|own| own >= step)
    }

    /// Whether a rule would decide a call with this code, and none does yet.
    pub fn is_open_to_rules(self) -> bool {
        self.reached(Step::Rule) && !matches!(self, Self::Rule(_))
    }

    /// What the code means.
    pub fn verdict(self, policy: &Policy) -> Verdict {
        let batch = Verdict::CONFIRMED;
        let undecided = Verdict::UNDECIDED;
        match self {
            Self::AlreadyBatch => Verdict::new(Action::AlreadyBatch, None),
            Self::Rule(rule) => match policy.rules.rule(rule).then {
                Then::Batch => batch,
                Then::RealTime => Verdict::REAL_TIME,
                Then::Ask => undecided,
            },
            Self::TagBatch(true) | Self::TagMaxWait(true) => batch,
            Self::BatchWord(_) => Verdict::new(Action::Batch, Some(Confidence::Likely)),
            Self::Undecided => undecided,
            _ => Verdict::REAL_TIME,
        }
    }

    /// The stable code in reports.
    pub fn text(self, policy: &Policy) -> Cow<'static, str> {
        let fixed = match self {
            Self::GatewayCacheHit => "gateway-cache-hit",
            Self::FailedCall => "failed-call",
            Self::AlreadyBatch => "already-batch",
            Self::FreeTier => "free-tier",
            Self::Unpriced => "unpriced",
            Self::NotUnderstood => "not-understood",
            Self::BatchUnknown => "batch-unknown",
            Self::NoBatchRate => "no-batch-rate",
            Self::UnsupportedEndpoint => "unsupported-endpoint",
            Self::Rule(rule) => return Cow::Owned(format!("rule:{}", policy.rules.rule(rule).id)),
            Self::TagBatch(_) => "tag:batch",
            Self::TagMaxWait(_) => "tag:max_wait",
            Self::Veto(Veto::Streaming) => "streaming",
            Self::Veto(Veto::FirstToken) => "first-token-logged",
            Self::Veto(Veto::RealtimeEndpoint) => "realtime-endpoint",
            Self::Veto(Veto::PriorityTier) => "priority-tier",
            Self::Veto(Veto::InteractiveApp) => "interactive-app",
            Self::Veto(Veto::ManyEndUsers) => "many-end-users",
            Self::RealTimeWord(word) => return Cow::Owned(format!("word:{}", policy.real_time_words.text(word))),
            Self::BatchWord(word) => return Cow::Owned(format!("word:{}", policy.batch_words.text(word))),
            Self::Undecided => "undecided",
            Self::SmallVolume => "small-volume",
            Self::CacheLoss => "cache-loss",
            Self::NoSaving => "no-saving",
        };
        Cow::Borrowed(fixed)
    }

    /// The reason in words, short enough for a table.
    pub fn sentence(self, policy: &Policy) -> Cow<'static, str> {
        let fixed = match self {
            Self::GatewayCacheHit => "answers from the gateway's cache",
            Self::FailedCall => "failed calls",
            Self::AlreadyBatch => "runs in batch or flex already",
            Self::FreeTier => "free daily tokens",
            Self::Unpriced => "no price known",
            Self::NotUnderstood => "the bill's words are not understood",
            Self::BatchUnknown => "may run in batch already; this export cannot say",
            Self::NoBatchRate => "no batch price for this model",
            Self::UnsupportedEndpoint => "endpoint not offered in batch",
            Self::Rule(rule) => {
                let rule = policy.rules.rule(rule);
                return Cow::Owned(match &rule.because {
                    Some(because) => format!("rule {}: {because}", rule.id),
                    None => format!("rule {}", rule.id),
                });
            }
            Self::TagBatch(true) => "tagged as batch",
            Self::TagBatch(false) => "tagged as not batch",
            Self::TagMaxWait(true) => "tagged: may wait long enough",
            Self::TagMaxWait(false) => "tagged: must come sooner than batch",
            Self::Veto(Veto::Streaming) => "streamed: somebody reads along",
            Self::Veto(Veto::FirstToken) => "time to first token is measured: somebody waits",
            Self::Veto(Veto::RealtimeEndpoint) => "realtime or audio endpoint",
            Self::Veto(Veto::PriorityTier) => "paid for speed (priority tier)",
            Self::Veto(Veto::InteractiveApp) => "interactive application",
            Self::Veto(Veto::ManyEndUsers) => "made for many end users",
            Self::RealTimeWord(word) => {
                return Cow::Owned(format!("name says `{}`: somebody waits", policy.real_time_words.text(word)));
            }
            Self::BatchWord(word) => return Cow::Owned(format!("name says `{}`", policy.batch_words.text(word))),
            Self::Undecided => "nothing says whether it can wait",
            Self::SmallVolume => "too few requests a day to be worth the set-up",
            Self::CacheLoss => "cached prompts: batch would cost more",
            Self::NoSaving => "batch costs the same",
        };
        Cow::Borrowed(fixed)
    }
}
