//! One row: cells → what it says, or why it says nothing that can be counted.
#![expect(clippy::unnecessary_box_returns, reason = "refusals are seldom, and results without them should stay small")]

mod numbers;

use super::column_plan::RowValues;
use super::expected::RowKeys;
use super::mapping::{Kind, SpanRule, Spec, TargetField, TimeSpec};
use super::moment::moment;
use super::paths::Slot;
use super::unread::{UnreadUsage, positive};
use super::window::window;
use super::words;
use super::{Accepted, Format, Oddity, Read, Reject, RowRead, StreamChunk};
use crate::calendar::Moment;
use crate::money::{DecimalStyle, Money};
use crate::usage::{Field, Outcome, PromptSize, Quantity, Tier, UsageRecord};

/// Reads one row; what it reads outlives it.
pub(super) struct RowReader<'r, 's> {
    pub(super) format: &'r Format,
    pub(super) values: &'s RowValues<'r>,
    pub(super) decimal: DecimalStyle,
    /// Usage keys that nothing reads.
    pub(super) unread: &'r [UnreadUsage],
    /// Which expected columns or keys it has.
    pub(super) keys: RowKeys,
}

/// Why a row is refused; seldom, so that it should take no room where nothing is wrong.
pub(super) type Refused = Box<Reject>;
/// When a row begins and, for a bucket, ends.
#[derive(Clone, Copy)]
struct Span {
    start: Moment,
    end: Option<Moment>,
    /// The end of the days that a call without a time belongs to.
    within: Option<Moment>,
}

/// A status beyond is a duration or a count that got into its column.
pub const MOST_STATUS: u64 = 999;

/// ISO 4217 for "no currency".
const NO_CURRENCY: &str = "XXX";

/// What a status says.
pub(super) enum Status {
    /// A number, or nothing of importance.
    Number(Option<u64>),
    /// It failed.
    Failed,
    /// It is not over.
    Unfinished,
    /// The row is a piece of an answer that was streamed; another one may state its usage.
    StreamChunk,
}

/// An amount, and whether digits were lost.
type Billed = Option<(Money, bool)>;

impl<'r> RowReader<'r, '_> {
    /// What the row says; `set_apart` is what other columns make of it.
    #[inline]
    pub(super) fn read(&self, set_apart: Option<Result<Read<'r>, Refused>>) -> RowRead<'r> {
        let span = self.span();
        let days = span.as_ref().ok().map(|&Span { start, end, within }| {
            (start.day(), end.or(within).map_or(start, |end| end.plus_seconds(-1).max(start)).day())
        });
        let billed = self.money(TargetField::Billed);
        let amount = billed.as_ref().ok().and_then(|billed| billed.map(|(amount, _)| amount));
        // Where a format states currencies, an amount without one is not taken for dollars.
        let states = |amount: &Money| self.spec(TargetField::Currency).is_some() && !amount.is_zero();
        let currency = self.text(TargetField::Currency).or_else(|| amount.filter(states).map(|_| NO_CURRENCY));
        let foreign = currency.filter(|code| !code.eq_ignore_ascii_case("usd")).zip(amount);
        let dollars = amount.filter(|_| foreign.is_none());
        let outcome = match set_apart {
            Some(outcome) => self.dated(outcome, &span),
            None => self.outcome(span, billed, foreign.is_some()),
        };
        // What was bought for a year on one day says nothing about the days of the usage.
        let is_other = matches!(outcome, Ok(Read::NotUsage | Read::OtherCharge(_)));
        let days = if is_other { days.map(|(first, _)| (first, first)) } else { days };
        RowRead {
            days,
            dollars,
            foreign,
            unread: self.unread,
            has_stray_quote: false,
            keys: self.keys,
            ignored: &[],
            outcome,
        }
    }

    /// A row that is no usage still says which days the export covers, so its date must be readable. What it bought may
    /// end when it likes.
    fn dated(&self, outcome: Result<Read<'r>, Refused>, span: &Result<Span, Refused>) -> Result<Read<'r>, Refused> {
        let covers = |wrong: &Reject| match outcome {
            Ok(Read::Blank) => true,
            Ok(Read::NotUsage | Read::OtherCharge(_)) => wrong.column == self.format.mapping.time.column(),
            _ => false,
        };
        match span {
            Err(wrong) if wrong.code == "time" && covers(wrong) => Err(wrong.clone()),
            // A period without usage is one of the days of the export, if it says which.
            Err(wrong)
                if wrong.code == "missing"
                    && matches!(outcome, Ok(Read::Blank))
                    && self.values.time.or(self.values.end).is_some() =>
            {
                Err(wrong.clone())
            }
            _ => outcome,
        }
    }

    #[inline]
    fn outcome(
        &self,
        span: Result<Span, Refused>,
        billed: Result<Billed, Refused>,
        is_foreign: bool,
    ) -> Result<Read<'r>, Refused> {
        if let Some(unfinished) = self.unfinished() {
            return Ok(unfinished);
        }
        let span = span?;
        // What a batch used so far is told again, with another end, once it is over.
        let may_be_open = self.format.mapping.unfinished_is_not_usage && self.format.mapping.end.is_some();
        if may_be_open && span.end.is_none() && matches!(self.status(), Ok(Status::Unfinished)) {
            let reason = "not over yet, so that only a part of its usage is here";
            return Err(self.reject("unfinished", TargetField::Status, reason));
        }
        // A gateway also logs what is no call: files, batches being set up, keys that were refused.
        let is_zero = |target: TargetField| self.text(target).is_some() && self.is_nothing(target);
        let is_no_call =
            self.text(TargetField::Model).is_none() && is_zero(TargetField::Input) && is_zero(TargetField::Output);
        if is_no_call && !self.states_tokens() {
            return Ok(Read::NotUsage);
        }
        self.accept(span, billed, is_foreign)
    }

    /// Whether any count of tokens is above zero, read or not.
    pub(super) fn states_tokens(&self) -> bool {
        let mut targets = self.format.mapping.fields.0.iter().map(|(target, _)| *target);
        let is_positive = |target: TargetField| self.text(target).is_some_and(|text| positive(text).is_some());
        !self.unread.is_empty() || targets.any(|target| target.is_tokens() && is_positive(target))
    }

    /// Whether a count is zero or not there.
    fn is_nothing(&self, target: TargetField) -> bool {
        self.text(target).is_none_or(|text| text.trim_matches('0').is_empty())
    }

    /// What a row without tokens is that says that it failed or is not over.
    fn unfinished(&self) -> Option<Read<'r>> {
        if !self.format.mapping.unfinished_is_not_usage || self.states_tokens() {
            return None;
        }
        match self.status().ok()? {
            Status::Failed | Status::Unfinished => Some(Read::NotUsage),
            Status::Number(status) => status.filter(|status| *status >= 400).map(|_| Read::NotUsage),
            Status::StreamChunk => {
                let text = |target: TargetField| self.text(target);
                let (id, provider) = (text(TargetField::Id)?, text(TargetField::Provider));
                Some(Read::StreamChunk(StreamChunk {
                    id,
                    provider,
                    model: text(TargetField::Model).unwrap_or_default(),
                }))
            }
        }
    }

    #[inline]
    fn accept(&self, span: Span, billed: Result<Billed, Refused>, is_foreign: bool) -> Result<Read<'r>, Refused> {
        let Span { start, end, within } = span;
        self.check_damage()?;
        let mapping = &self.format.mapping;
        let text = |target: TargetField| self.text(target);
        let (billed, amount_rounded) = billed?.map_or((None, false), |(amount, rounded)| (Some(amount), rounded));
        let requests = self.count(TargetField::Requests)?;
        let (quantity, lacks_output, oddity) = match mapping.kind {
            Kind::Usage => {
                let (tokens, missing, apart) =
                    self.tokens(if end.is_none() { requests.or(Some(1)) } else { requests })?;
                let is_empty = self.check_requests(requests, &tokens, end.is_some(), billed)?;
                let oddity = apart.then_some(Oddity::PartsApart).or(self.audio()?);
                (Quantity::Tokens(tokens), missing, oddity.or(is_empty.then_some(Oddity::NoTokens)))
            }
            Kind::Bill => {
                (self.bill_line(billed)?, false, self.is_paid_elsewhere(billed).then_some(Oddity::PaidElsewhere))
            }
        };
        if mapping.kind == Kind::Usage && text(TargetField::Model).is_none() {
            return Err(self.reject("missing", TargetField::Model, "the row has usage but names no model"));
        }
        let batch = match text(TargetField::Batch) {
            Some(text) => Some(self.boolean(TargetField::Batch, text)?),
            None => None,
        };
        let declares_batch = self.spec(TargetField::Batch).is_some();
        let batch_unknown = batch.is_none() && (declares_batch || !mapping.batch_told);
        let (status, said_failed) = match self.status()? {
            Status::Number(status) => (status, false),
            Status::Failed => (None, true),
            Status::Unfinished | Status::StreamChunk => (None, false),
        };
        let gateway_hit =
            text(TargetField::GatewayHit).map(|text| self.boolean(TargetField::GatewayHit, text)).transpose()?
                == Some(true);
        let refused =
            text(TargetField::Refused).map(|text| self.boolean(TargetField::Refused, text)).transpose()? == Some(true);
        let outcome = if gateway_hit {
            Outcome::GatewayHit
        } else if said_failed || is_failure(status) {
            Outcome::Failed
        } else if refused && self.is_nothing(TargetField::Output) {
            Outcome::Refused
        } else {
            Outcome::Succeeded
        };
        let tier = match batch {
            Some(true) => Tier::Batch,
            _ => Tier::named(text(TargetField::Tier).unwrap_or_default().trim()),
        };
        let stream = text(TargetField::Stream).map(|text| self.boolean(TargetField::Stream, text)).transpose()?;
        let mut texts = [None; Field::ALL.len()];
        for (field, target) in TEXTS {
            texts[field as usize] = text(target);
        }
        let window = self.window()?;
        let (latency_ms, ttft_ms) =
            (self.milliseconds(TargetField::LatencyMs)?, self.milliseconds(TargetField::TtftMs)?);
        Ok(Read::Usage(Accepted {
            record: UsageRecord {
                start,
                end,
                within,
                lacks_output,
                answer_only: mapping.answers_only,
                requests: match (requests, mapping.kind) {
                    (None, Kind::Usage) if end.is_none() => Some(1),
                    (requests, _) => requests,
                },
                texts,
                ids: self.values.ids,
                tags: self.values.tags.iter().copied().collect(),
                stream,
                status,
                outcome,
                tier,
                tier_text: text(TargetField::Tier),
                batch_unknown: batch_unknown && tier != Tier::Batch,
                quantity,
                window,
                latency_ms,
                ttft_ms,
                billed: billed.filter(|_| !is_foreign),
            },
            oddity,
            amount_rounded,
            grouping: self.values.grouping,
        }))
    }

    fn spec(&self, target: TargetField) -> Option<&'r (Vec<Slot>, Spec)> {
        self.format.targets[target as usize].as_ref()
    }

    /// Words that decide money and ids that decide what is counted twice must be whole: with a stray quote or line break
    /// in it `us` would be an unknown residency, and one telling of a call another call. So it is with a character that nobody sees.
    fn check_damage(&self) -> Result<(), Refused> {
        if self.values.damaged == 0 {
            return Ok(());
        }
        let is_damaged = |target: TargetField| self.values.damaged & 1 << target as usize != 0;
        match self.format.mapping.fields.0.iter().find(|(target, _)| is_damaged(*target)) {
            Some((target, _)) => Err(damaged(self.format.column_of(*target), self.text(*target).unwrap_or_default())),
            None => Ok(()),
        }
    }

    pub(super) fn text(&self, target: TargetField) -> Option<&'r str> {
        self.values.texts[target as usize]
    }

    pub(super) fn reject(&self, code: &'static str, target: TargetField, reason: impl Into<String>) -> Refused {
        let value = self.text(target).unwrap_or_default().to_owned();
        Box::new(Reject { code, column: self.format.column_of(target).to_owned(), value, reason: reason.into() })
    }

    fn span(&self) -> Result<Span, Refused> {
        let mapping = &self.format.mapping;
        let start_text = self.values.time;
        let start = moment(start_text, mapping.time.column(), mapping.time.form)?;
        let Some(start) = start else {
            if let Some((from, to)) = self.format.days {
                return Ok(Span { start: from, end: None, within: Some(to) });
            }
            return Err(Box::new(Reject {
                code: "missing",
                column: mapping.time.column().to_owned(),
                value: String::new(),
                reason: if mapping.undated_rows {
                    "the row has no date; --from and --to can say the days of such rows"
                } else {
                    "the row has no date"
                }
                .to_owned(),
            }));
        };
        self.check_again(&mapping.time, 0, start)?;
        let end = match (&mapping.end, mapping.span) {
            (Some(end), _) => match moment(self.values.end, end.column(), end.form)? {
                // Rows of an export that has periods without usage are periods, and none is a call.
                None if !mapping.blank_if_empty.is_empty() => {
                    return Err(Box::new(Reject {
                        code: "missing",
                        column: end.column().to_owned(),
                        value: String::new(),
                        reason: "the row does not say when its period ends".to_owned(),
                    }));
                }
                end => end,
            },
            (_, Some(SpanRule::ByPrecision)) => {
                let is_day = start_text.is_some_and(|text| text.trim().len() <= 10);
                Some(start.plus_seconds(if is_day { 86_400 } else { 3_600 }))
            }
            (_, Some(SpanRule::RestOfDay)) => Some(start.day().next().start()),
            _ => None,
        };
        if end.is_some_and(|end| end <= start) {
            return Err(Box::new(Reject {
                code: "time",
                column: mapping.end.as_ref().map(|end| end.column().to_owned()).unwrap_or_default(),
                value: self.values.end.unwrap_or_default().to_owned(),
                reason: "the span ends before it begins".to_owned(),
            }));
        }
        mapping.end.as_ref().zip(end).map_or(Ok(()), |(spec, end)| self.check_again(spec, 1, end))?;
        Ok(Span { start, end, within: None })
    }

    /// A time that stands in the row twice must be one time: nobody knows which of two it was. A text that is no time
    /// contradicts nothing.
    fn check_again(&self, spec: &TimeSpec, which: usize, moment: Moment) -> Result<(), Refused> {
        let column = spec.same_as.first().map_or("", String::as_str);
        let again = self.values.again[which].and_then(|text| Moment::parse(text).ok());
        if again.is_none_or(|again| again == moment) {
            return Ok(());
        }
        Err(Box::new(Reject {
            code: "time",
            column: column.to_owned(),
            value: self.values.again[which].unwrap_or_default().to_owned(),
            reason: format!("contradicts `{}`, which says {moment}", spec.column()),
        }))
    }

    pub(super) fn boolean(&self, target: TargetField, text: &str) -> Result<bool, Refused> {
        let is = |words: [&str; 3]| words.iter().any(|word| text.trim().eq_ignore_ascii_case(word));
        if is(words::TRUE) {
            Ok(true)
        } else if is(words::FALSE) {
            Ok(false)
        } else {
            Err(self.reject("boolean", target, "neither true nor false"))
        }
    }

    /// The status as a number, or what a word says of it.
    pub(super) fn status(&self) -> Result<Status, Refused> {
        let Some(text) = self.text(TargetField::Status).map(str::trim) else { return Ok(Status::Number(None)) };
        let is = |words: &[&str]| words.iter().any(|word| text.eq_ignore_ascii_case(word));
        if is(&words::SUCCEEDED) {
            return Ok(Status::Number(None));
        }
        if is(&words::FAILED) {
            return Ok(Status::Failed);
        }
        if is(&words::UNDECIDED[..1]) {
            return Ok(Status::Unfinished);
        }
        if is(&words::UNDECIDED[1..]) {
            return Ok(Status::StreamChunk);
        }
        // `200 OK` is 200.
        if let Some((number, _)) = text.split_once(' ')
            && let Ok(status) = number.parse()
        {
            return Ok(Status::Number(Some(status)));
        }
        let status = self.count(TargetField::Status)?;
        if status.is_some_and(|status| status > MOST_STATUS) {
            return Err(self.reject("number", TargetField::Status, "no status of HTTP, which has three digits"));
        }
        Ok(Status::Number(status))
    }

    /// A stated context window, see [`window`].
    pub(super) fn window(&self) -> Result<Option<PromptSize>, Refused> {
        let refuse = || self.reject("window", TargetField::Window, "not a context window such as `≤ 200k`");
        self.text(TargetField::Window).map_or(Ok(None), |text| window(text).ok_or_else(refuse))
    }
}

pub(super) fn is_failure(status: Option<u64>) -> bool {
    status.is_some_and(|status| status >= 400)
}

pub(super) fn damaged(column: &str, value: &str) -> Refused {
    Box::new(Reject {
        code: "damaged",
        column: column.to_owned(),
        value: value.to_owned(),
        reason: "a quote, a separator, a line break or a character that cannot be seen stands inside the value"
            .to_owned(),
    })
}

pub(super) const TEXTS: [(Field, TargetField); 12] = [
    (Field::RequestId, TargetField::Id),
    (Field::Provider, TargetField::Provider),
    (Field::Model, TargetField::Model),
    (Field::Endpoint, TargetField::Endpoint),
    (Field::ApiKey, TargetField::ApiKey),
    (Field::Project, TargetField::Project),
    (Field::User, TargetField::User),
    (Field::EndUser, TargetField::EndUser),
    (Field::Team, TargetField::Team),
    (Field::App, TargetField::App),
    (Field::Session, TargetField::SessionId),
    (Field::Geo, TargetField::Geo),
];
