//! What each step of a verdict saw of a call.

use std::borrow::Cow;

use crate::diagnostic::{sanitized, sanitized_short};
use crate::policy::rules::Value;
use crate::policy::{Facts as _, Policy};
use crate::rollup::facts::{RowFacts, endpoint_name};
use crate::usage::{Field, Outcome};
use crate::verdict::{BillLine, Code, Step, VerdictInput, Word};

/// A call as the steps see it.
pub(super) struct Seen<'s, 'r, 'a> {
    pub call: &'s VerdictInput,
    pub facts: &'s RowFacts<'r, 'a>,
    pub policy: &'s Policy,
    /// Whether its group has many end users.
    pub many: bool,
}

impl Seen<'_, '_, '_> {
    /// The lines of a step, each a name and what was seen: of rules one each, else one, or none where the question is of lines of
    /// a bill and this is a call.
    pub fn lines(&self, step: Step, decided: Code) -> Vec<(Cow<'static, str>, String)> {
        let (call, record, policy) = (self.call, self.facts.record, self.policy);
        let either = |holds: bool, if_so: &str, else_: &str| if holds { if_so.to_owned() } else { else_.to_owned() };
        let saw = match step {
            Step::GatewayCacheHit => either(call.outcome == Outcome::GatewayHit, "answered by the gateway", "no"),
            Step::FailedCall => {
                let status = record.status.map_or_else(|| "no status".to_owned(), |status| format!("status {status}"));
                if call.outcome == Outcome::Failed { format!("failed, {status}") } else { status }
            }
            Step::AlreadyBatch | Step::FreeTier => format!("tier {}", call.tier.name()),
            Step::NotUnderstood => match call.bill_line {
                Some(BillLine::NotUnderstood) => "the bill's words name nothing that is known here".to_owned(),
                Some(BillLine::Lump) => "LLM usage of no stated class".to_owned(),
                Some(BillLine::NotTokens) => "something else than tokens, or free".to_owned(),
                Some(BillLine::Unpriced | BillLine::Projectable) => "a model and a class of tokens".to_owned(),
                None => return Vec::new(),
            },
            Step::Unpriced => match (call.bill_line, call.priced) {
                (Some(BillLine::Unpriced), _) => "a line of a bill, and no price to compare it with".to_owned(),
                (_, Ok(())) => "has a price".to_owned(),
                (_, Err(reason)) => format!("no price: {}", reason.code()),
            },
            Step::BatchUnknown => either(call.batch_unknown, "the format cannot say", "the format says"),
            Step::NoBatchRate => either(call.has_batch_rate, "has batch rates", "a batch rate is missing"),
            Step::UnsupportedEndpoint => record.text(Field::Endpoint).map_or_else(
                || "no endpoint".to_owned(),
                |endpoint| format!("{} ({})", sanitized(endpoint), sanitized(endpoint_name(endpoint))),
            ),
            Step::Rule => return self.rules(decided).collect(),
            Step::TagBatch => self.tag("batch"),
            Step::TagMaxWait => self.tag("max_wait"),
            Step::Vetoes => call.veto.map_or_else(
                || "none of the single call's".to_owned(),
                |veto| Code::Veto(veto).text(policy).into_owned(),
            ),
            Step::ManyEndUsers => either(self.many, "five or more in the group", "fewer than five in the group"),
            Step::Words => match call.word {
                Some(Word::RealTime(word)) => format!("real-time word `{}`", policy.real_time_words.text(word)),
                Some(Word::Batch(word)) => format!("batch word `{}`", policy.batch_words.text(word)),
                None => "no listed word in any name".to_owned(),
            },
            Step::Undecided => "nothing decided before".to_owned(),
        };
        vec![(step.name().into(), saw)]
    }

    /// What each rule of the user's saw, up to the one that decided.
    fn rules(&self, decided: Code) -> impl Iterator<Item = (Cow<'static, str>, String)> {
        let tried = match decided {
            Code::Rule(rule) => usize::from(rule) + 1,
            _ => usize::MAX,
        };
        self.policy.rules.iter().take(tried).enumerate().map(|(index, rule)| {
            let saw = match self.policy.rules.failing_condition(index, self.facts) {
                None => "every condition holds".to_owned(),
                Some(fact) => match self.facts.fact(fact) {
                    None => format!("{fact} is not known"),
                    Some(Value::Text(text, _)) => format!("{fact} is `{}`", sanitized_short(text, 60)),
                    Some(Value::Number(number)) => format!("{fact} is {number}"),
                },
            };
            (format!("rule:{}", sanitized(&rule.id)).into(), saw)
        })
    }

    fn tag(&self, name: &str) -> String {
        let value = self.facts.record.tag(name);
        value.map_or_else(|| "no such tag".to_owned(), |value| format!("`{}`", sanitized_short(value, 60)))
    }
}
