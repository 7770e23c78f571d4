//! The answer to the main question, before anything else is said.

use super::{
    Headline, Kind, LONGEST_PATH, LONGEST_SENTENCE, MOST_POINTS, Text, bill, bill_sentences, cut, name, named, quote,
    status, text, workloads,
};
use crate::calendar::MonthBasis;
use crate::money::{Exact, Money};
use crate::report::words::{date_words, day_words, dollars, grouped, percent, plural, sum, whole_dollars};
use crate::report::{Cause, Note, PricesLine, Projected, Report, TWO_SOURCES};

pub use bill::on_basis;

/// Models without a price that are named.
const MOST_NAMES: usize = 3;
/// In place of a saving of which nothing is known.
pub const UNKNOWN: &str = "unknown";

/// What is said first of a report.
pub fn headline(report: &Report) -> Headline {
    let planning = report.undecided.is_headline.then(|| planning(report));
    let unknown = unknown_saving(report).map(Text::from).filter(|text| planning.as_ref() != Some(text));
    let details = planning.into_iter().chain(unknown).chain(bill::basis(report)).chain(failed(report));
    Headline {
        status: Some(status(report)),
        answer: answer(report),
        incomplete: incomplete(report),
        alarms: unpriced(report).into_iter().collect(),
        details: details.collect(),
    }
}

/// What is billed or spent a month, what of it is batch-eligible, and what is undecided.
fn answer(report: &Report) -> Vec<Text> {
    let spend = bill_sentences(report).unwrap_or_else(|| {
        vec![format!("You spend {}{} a month{}.", bound(report), whole_dollars(report.today), on_basis(report)).into()]
    });
    let undecided = workloads::cost(report, Kind::Undecided);
    if report.undecided.is_headline {
        let undecided = format!("{} of it is undecided.", whole_dollars(undecided));
        return spend.into_iter().chain([undecided.into()]).collect();
    }
    let eligible = match workloads::cost(report, Kind::BatchEligible) {
        nothing if nothing.is_zero() => "None".to_owned(),
        cost => whole_dollars(cost),
    };
    let projected = report.batch_only.projected;
    let saves = if projected.is_unknown() || report.batch_only.saving.base.is_zero() {
        String::new()
    } else {
        let saving = whole_dollars(report.batch_only.saving.base);
        format!(", which saves {}{saving}", saves_at_least(projected))
    };
    let open = if undecided.is_zero() {
        String::new()
    } else {
        format!("; another {} is undecided", whole_dollars(undecided))
    };
    let eligible = format!("{eligible} of it is batch-eligible{saves}{open}.");
    spend.into_iter().chain([eligible.into()]).collect()
}

/// Why the figures are not complete, with the dollars that the files bill for it.
pub fn incomplete(report: &Report) -> Vec<Text> {
    let rejected = report.inputs.iter().flat_map(|input| &input.dollars).filter(|(outcome, _)| *outcome == "rejected");
    let rejected = sum(rejected.map(|(_, dollars)| *dollars));
    let unpriced = unpriced_billed(report);
    let said = |note: &Note| {
        let billed = match note.code {
            "rejected-rows" if !rejected.is_zero() => format!("; they state {} of billed cost", dollars(rejected)),
            "unpriced" if !unpriced.is_zero() => format!("; {} is billed for them", dollars(unpriced)),
            _ => String::new(),
        };
        text!(quote(&note.message, LONGEST_SENTENCE), billed, " (`", note.code, "`)")
    };
    cut(report.incomplete.iter().map(said).collect(), MOST_POINTS, "more reason")
}

/// What is billed in the period for usage without a price: by the bill beside it, else by the usage itself.
fn unpriced_billed(report: &Report) -> Money {
    let causes = report.reconciliation.iter().flat_map(|found| &found.causes);
    let of_bill = causes.into_iter().find(|line| line.cause == Cause::Unpriced);
    of_bill.map_or(report.usage.unpriced_billed, |line| line.residual)
}

/// What stands before the spend: `at least ` where something has no price, `at most ` where calls most likely count twice.
pub fn bound(report: &Report) -> &'static str {
    let counts_twice = report.incomplete.iter().any(|note| note.code == TWO_SOURCES);
    match (report.usage.unpriced_tokens > 0, counts_twice) {
        (false, false) => "",
        (true, false) => "at least ",
        (false, true) => "at most ",
        // More is missing than can be told, and more is counted.
        (true, true) => "about ",
    }
}

/// `at least ` before a saving that is worked out for a part of the spend.
pub fn saves_at_least(projected: Projected) -> &'static str {
    if projected.is_a_part() { "at least " } else { "" }
}

/// That the saving is not known, or not of all that is spent; nothing where it is.
pub fn unknown_saving(report: &Report) -> Option<&'static str> {
    let projected = report.batch_only.projected;
    if projected.is_unknown() {
        Some(
            "What batch would save is unknown: nothing here names both a model that has a price and the class of its tokens.",
        )
    } else {
        projected.is_a_part().then_some(
            "Savings are at least what is shown: for a part of the spend no price or no class of tokens is known.",
        )
    }
}

/// What batch would save if part of the undecided spend could wait, as far as that is known.
fn planning(report: &Report) -> Text {
    let projected = report.batch_only.projected;
    if projected.is_unknown() {
        return unknown_saving(report).unwrap_or_default().into();
    }
    let at = |(percent, saving): &(u32, Money)| format!("{} if {percent} % can", whole_dollars(*saving));
    let shares: Vec<String> = report.undecided.at.iter().map(at).collect();
    format!("If part of it can wait, batch saves a month: {}{}.", saves_at_least(projected), shares.join(", ")).into()
}

/// What has no price and is in no figure, where that is not said among the reasons why the report is incomplete.
fn unpriced(report: &Report) -> Option<Text> {
    let usage = &report.usage;
    let tokens = grouped(u128::from(usage.unpriced_tokens));
    let models = || named(&usage.unpriced_models, MOST_NAMES, LONGEST_PATH);
    let is_said = report.incomplete.iter().any(|note| note.code == "unpriced");
    (usage.unpriced_tokens > 0 && !is_said)
        .then(|| text!(tokens, " tokens have no price (", models(), ") and are in no figure below."))
}

/// What failed: it stays where it is whatever its workload does, so no line of the page says it again.
pub fn failed(report: &Report) -> Option<Text> {
    let (calls, cost) = report.usage.failed;
    let part = || {
        let share = Exact::new(calls.into(), report.usage.requests.max(1).into());
        let shown = Money::round(&share, 6).map_or_else(|_| String::new(), |share| percent(Some(&share.to_string())));
        if shown == "0.0 %" { "less than 0.1 %".to_owned() } else { shown }
    };
    let cost = format!("{} in the period", dollars(cost));
    match calls {
        0 if report.usage.failed.1.is_zero() => None,
        0 => Some(format!("Failed calls cost {cost}; they are in no saving.").into()),
        1 => Some(format!("1 call failed, {cost}; it is in no saving.").into()),
        calls => Some(
            format!("{} calls failed ({} of all), {cost}; they are in no saving.", grouped(calls.into()), part())
                .into(),
        ),
    }
}

/// What was read: files, days, requests, and the prices' date.
pub fn about(report: &Report) -> Vec<Text> {
    let mut parts: Vec<Text> = vec![match report.inputs.as_slice() {
        [input] => name(&input.file, LONGEST_PATH).into(),
        inputs => plural(inputs.len() as u64, "file").into(),
    }];
    if let Some((period, basis)) = report.period {
        let kind = match basis {
            MonthBasis::Calendar { months: 1 } => "whole month".to_owned(),
            MonthBasis::Calendar { months } => format!("{months} whole months"),
            MonthBasis::RunRate { .. } => "a month is 365/12 days of this".to_owned(),
        };
        let days = plural(u64::from(period.days()), "day");
        parts.push(format!("{} – {} ({days}, {kind})", day_words(period.from), day_words(period.to)).into());
    }
    if report.usage.requests > 0 {
        parts.push(plural(report.usage.requests, "request").into());
    }
    parts.push(match &report.prices.checked {
        Some(checked) => text!("prices ", price_table(&report.prices, 30), " checked ", date_words(checked)),
        None => "no prices used".into(),
    });
    parts
}

/// The files that prices are from: the table, and what each layer on it holds.
pub fn price_table(prices: &PricesLine, longest: usize) -> Text {
    let whole = prices.source.split(" + ").next().unwrap_or_default();
    let mut text = Text::from(name(whole, longest));
    for layer in &prices.layers {
        let counts = [
            (layer.added, "model added", "models added"),
            (layer.changed, "changed", "changed"),
            (layer.aliases, "name", "names"),
            (layer.discounts, "discount", "discounts"),
        ];
        let counts = counts.into_iter().filter(|(count, ..)| *count > 0);
        let counts: Vec<String> =
            counts.map(|(count, one, many)| format!("{count} {}", if count == 1 { one } else { many })).collect();
        let holds = if counts.is_empty() { "nothing changed".to_owned() } else { counts.join(", ") };
        text = text!(text, " + ", name(&layer.source, longest), " (", holds, ")");
    }
    text
}
