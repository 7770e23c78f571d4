//! Why a report is not complete, and what would make it so.

use std::collections::{BTreeMap, BTreeSet};

use super::{Material, listed};
use crate::diagnostic::{Failure, shown, shown_short};
use crate::input::{Fate, Ledger};
use crate::money::{Money, Overflow};
use crate::pricing::Unpriced;
use crate::report::words::{grouped, plural};
use crate::report::{InputLine, Note, Report};

pub(super) fn incomplete(material: &Material<'_>, report: &Report) -> Result<Vec<Note>, Failure> {
    let mut notes = Vec::new();
    let mut rejects: BTreeMap<&'static str, u64> = BTreeMap::new();
    for input in &material.gathered.inputs {
        for (code, count) in &input.ledger.reject_counts {
            *rejects.entry(code).or_default() += count;
        }
    }
    let rejected: u64 = rejects.values().sum();
    if rejected > material.policy.accept_rejects {
        let mut kinds: Vec<_> = rejects.iter().map(|(code, count)| (std::cmp::Reverse(*count), *code)).collect();
        kinds.sort_unstable();
        let named =
            kinds.iter().take(3).map(|(count, code)| format!("{} {code}", count.0)).collect::<Vec<_>>().join(", ");
        let more = if kinds.len() > 3 { format!(", and {} more kinds", kinds.len() - 3) } else { String::new() };
        let message = format!(
            "{} rejected ({named}{more}): mend them, or name a file with --rejects to see them all",
            plural(rejected, "row")
        );
        notes.push(Note { code: "rejected-rows", message, count: rejected });
    }
    let unpriced =
        material.assessment.unpriced.iter().filter(|((_, model), _)| !material.policy.accept_unpriced.is_match(model));
    let (foreign, unpriced): (Vec<_>, Vec<_>) =
        unpriced.partition(|((reason, _), _)| *reason == Unpriced::NoExchangeRate);
    if !foreign.is_empty() {
        let rows = foreign.iter().map(|(_, sums)| sums.rows).sum();
        let message = format!(
            "{} of a bill in a currency without a rate: the spend is at least what is shown; give the rate in the policy",
            plural(rows, "line")
        );
        notes.push(Note { code: "unpriced", message, count: rows });
    }
    let (billed, unpriced): (Vec<_>, Vec<_>) = unpriced.into_iter().partition(|(_, sums)| sums.lines.rows > 0);
    if !billed.is_empty() {
        let rows = billed.iter().map(|(_, sums)| sums.lines.rows).sum();
        let dollars = Money::sum(billed.iter().map(|(_, sums)| sums.lines.billed))?;
        let models: BTreeSet<String> = billed.iter().map(|((_, model), _)| shown_short(model, 60)).collect();
        let models = listed(models.into_iter());
        let message = format!(
            "${dollars} of a bill is for models without a price ({models}): it is spend, and what batch would save on it is unknown; give prices with --prices, or accept them in the policy"
        );
        notes.push(Note { code: "unpriced", message, count: rows });
    }
    if !unpriced.is_empty() {
        let tokens: u128 = unpriced.iter().map(|(_, sums)| sums.tokens).sum();
        let rows = unpriced.iter().map(|(_, sums)| sums.rows).sum();
        let models: BTreeSet<String> = unpriced.iter().map(|((_, model), _)| shown_short(model, 60)).collect();
        let models = listed(models.into_iter());
        let message = format!(
            "{} tokens have no price ({models}): the spend is at least what is shown; give prices with --prices, or accept them in the policy",
            grouped(tokens)
        );
        notes.push(Note { code: "unpriced", message, count: rows });
    }
    if let Some(note) = not_understood(material)? {
        notes.push(note);
    }
    for message in report.control_totals.iter().filter_map(|control| control.unmet.clone()) {
        notes.push(Note { code: "control-total", message, count: 1 });
    }
    let left_out: Vec<&InputLine> = report.inputs.iter().filter(|input| input.left_out.is_some()).collect();
    if !left_out.is_empty() {
        let names = listed(left_out.iter().map(|input| shown_short(&input.file, 60)));
        notes.push(Note {
            code: "left-out",
            message: format!("could not be read to the end and is not counted: {names}"),
            count: left_out.len() as u64,
        });
    }
    for (input, line) in material.gathered.inputs.iter().zip(&report.inputs) {
        if let Some(message) = total_mismatch(&input.ledger)? {
            notes.push(Note {
                code: "total-mismatch",
                message: format!("{}: {message}", shown_short(&line.file, 60)),
                count: 1,
            });
        }
    }
    let mangled = material.gathered.inputs.iter().map(|input| input.ledger.mangled_ids).sum();
    if mangled > 0 {
        let message = format!(
            "{} whose id a spreadsheet rounded (1.23E+15): duplicates among them cannot be found; export the ids as text",
            plural(mangled, "row")
        );
        notes.push(Note { code: "mangled-ids", message, count: mangled });
    }
    if report.agreed.as_ref().is_some_and(|agreed| agreed.models.is_empty()) {
        let message = "--basis billed: no model's bill stands in one ratio to its list price on three days or more, so every figure is at list price; see the comparison with the bill";
        notes.push(Note { code: "no-agreed-price", message: message.to_owned(), count: 1 });
    }
    let torn = material.gathered.torn;
    if torn > 0 {
        let message = format!(
            "{} streamed, of which there are pieces and none with the usage: what they used is in no figure; ask for it with `stream_options: {{include_usage: true}}`, or give a log that has them",
            plural(torn, "call")
        );
        notes.push(Note { code: "usage-missing", message, count: torn });
    }
    notes.extend(two_sources(material));
    let accepted: u64 = material.gathered.inputs.iter().map(|input| input.ledger.rows(Fate::Accepted)).sum();
    if accepted == 0 {
        let outside: u64 = material.gathered.inputs.iter().map(|input| input.ledger.rows(Fate::Outside)).sum();
        let why = if outside > 0 {
            format!(": {} outside the days asked for", plural(outside, "row"))
        } else {
            String::new()
        };
        notes.push(Note { code: "no-usage", message: format!("0 rows of usage were counted{why}"), count: 1 });
    }
    Ok(notes)
}

/// Lines of bills that may be LLM usage and are not understood.
fn not_understood(material: &Material<'_>) -> Result<Option<Note>, Overflow> {
    let lines = &material.assessment.not_understood;
    if lines.is_empty() {
        return Ok(None);
    }
    let mut by_amount: Vec<_> = lines.iter().collect();
    by_amount.sort_by_key(|(_, sums)| std::cmp::Reverse(sums.billed));
    let words =
        by_amount.iter().map(|((provider, words), _)| format!("{}: `{}`", shown(provider), shown_short(words, 60)));
    let dollars = Money::sum(lines.values().map(|sums| sums.billed))?;
    let message = format!(
        "${} of a bill may be LLM usage and is not understood ({}): it is spend, in no saving; add the usage export of the same days",
        dollars,
        listed(words)
    );
    Ok(Some(Note { code: "not-understood", message, count: lines.values().map(|sums| sums.rows).sum() }))
}

/// A log of single calls, and an export of sums or a log with other ids, that cover one provider's same days: they most
/// likely hold the same calls.
fn two_sources(material: &Material<'_>) -> Option<Note> {
    let inputs = || material.reading.sources.iter().zip(&material.gathered.inputs);
    let overlap =
        |a: &Ledger, b: &Ledger| a.usage_days.zip(b.usage_days).is_some_and(|((a, b), (c, d))| a <= d && c <= b);
    let mut pairs =
        inputs().filter(|(_, log)| log.ledger.has_calls).flat_map(|log| inputs().map(move |other| (log, other)));
    let (log, other, provider, is_export) = pairs.find_map(|((log_source, log), (other_source, other))| {
        let [own, mapping] = [log, other].map(|input| &material.reading.formats[input.sniffed.format].mapping);
        let has_other_ids = own.own_ids && other.ledger.has_calls && own.name != mapping.name;
        let shared = log.ledger.providers.intersection(&other.ledger.providers).next()?;
        let is_export = mapping.provider.is_some();
        ((is_export || has_other_ids) && overlap(&log.ledger, &other.ledger)).then_some((
            log_source,
            other_source,
            shared,
            is_export,
        ))
    })?;
    let (log, other, provider) = (shown_short(&log.name, 60), shown_short(&other.name, 60), shown(provider));
    let how = if is_export {
        format!("{log} logs calls of {provider} on days that {other} sums up")
    } else {
        format!("{log} and {other} log calls of {provider} on the same days under ids of their own")
    };
    let message =
        format!("{how}: the same calls most likely count twice; report one of the two, and the other beside it");
    Some(Note { code: "two-sources", message, count: 1 })
}

/// What a file's own row of totals says if its rows do not add up to it. Several such rows are subtotals, whose parts
/// are not known.
fn total_mismatch(ledger: &Ledger) -> Result<Option<String>, Overflow> {
    if ledger.rows(Fate::Totals) != 1 {
        return Ok(None);
    }
    let parts = [Fate::Accepted, Fate::Duplicate, Fate::Rejected, Fate::Outside, Fate::NotUsage]
        .map(|fate| ledger.dollars(fate));
    let (sum, total) = (Money::sum(parts)?, ledger.dollars(Fate::Totals));
    Ok((sum != total).then(|| format!("its row of totals says ${total}, but its rows add up to ${sum}")))
}
