//! Why a report is not complete, and what would make it so.

use std::collections::{BTreeMap, BTreeSet};

use super::{InputsRead, ReportInput, identity, listed, period, two_sources};
use crate::diagnostic::{Failure, sanitized, sanitized_short};
use crate::formats::unread::{UnreadKeys, UnreadSum};
use crate::input::{Ledger, RowOutcome};
use crate::money::{Money, Overflow};
use crate::pricing::Unpriced;
use crate::report::words::{grouped, plural};
use crate::report::{InputLine, Note, Report};

/// Why what was read is not complete, whatever is made of it.
pub fn of_inputs(run: InputsRead<'_>) -> Result<Vec<Note>, Failure> {
    let mut notes = Vec::new();
    let mut rejects: BTreeMap<&'static str, u64> = BTreeMap::new();
    for input in &run.gathered.inputs {
        for (code, count) in &input.ledger.reject_counts {
            *rejects.entry(code).or_default() += count;
        }
    }
    let rejected: u64 = rejects.values().sum();
    if rejected > run.context.policy.accept_rejects {
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
    notes.extend(unread_usage(run, false));
    notes.extend(super::keys::missing_keys(run));
    for input in &run.gathered.inputs {
        if let Some(message) = total_mismatch(&input.ledger)? {
            notes.push(Note {
                code: "total-mismatch",
                message: format!("{}: {message}", sanitized_short(&input.name, 60)),
                count: 1,
            });
        }
    }
    let mangled = run.gathered.inputs.iter().map(|input| input.ledger.ids.mangled()).sum();
    if mangled > 0 {
        let message = format!(
            "{} whose id a spreadsheet rounded (1.23E+15): duplicates among them cannot be found; export the ids as text",
            plural(mangled, "row")
        );
        notes.push(Note { code: "mangled-ids", message, count: mangled });
    }
    notes.extend(identity::repeats(run));
    let orphan_chunks = run.gathered.orphan_chunks;
    if orphan_chunks > 0 {
        let message = format!(
            "{} streamed, of which there are pieces and none with the usage: what they used is in no figure; ask for it with `stream_options: {{include_usage: true}}`, or give a log that has them",
            plural(orphan_chunks, "call")
        );
        notes.push(Note { code: "usage-missing", message, count: orphan_chunks });
    }
    let accepted: u64 = run.gathered.inputs.iter().map(|input| input.ledger.rows(RowOutcome::Accepted)).sum();
    if accepted == 0 {
        let outside: u64 = run.gathered.inputs.iter().map(|input| input.ledger.rows(RowOutcome::Outside)).sum();
        let why = if outside > 0 {
            format!(": {} outside the days asked for", plural(outside, "row"))
        } else {
            String::new()
        };
        notes.push(Note { code: "no-usage", message: format!("0 rows of usage were counted{why}"), count: 1 });
    }
    Ok(notes)
}

/// Why the report is not complete.
pub(super) fn incomplete(run: &ReportInput<'_>, report: &Report) -> Result<Vec<Note>, Failure> {
    let mut notes = of_inputs(run.inputs_read())?;
    let unpriced =
        run.assessment.unpriced.iter().filter(|((_, model), _)| !run.context.policy.accept_unpriced.is_match(model));
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
        let models: BTreeSet<String> = billed.iter().map(|((_, model), _)| sanitized_short(model, 60)).collect();
        let models = listed(models.into_iter());
        let message = format!(
            "${dollars} of a bill is for models without a price ({models}): it is spend, and what batch would save on it is unknown; give prices with --prices, or accept them in the policy"
        );
        notes.push(Note { code: "unpriced", message, count: rows });
    }
    if !unpriced.is_empty() {
        let tokens: u128 = unpriced.iter().map(|(_, sums)| sums.tokens).sum();
        let rows = unpriced.iter().map(|(_, sums)| sums.rows).sum();
        let models: BTreeSet<String> = unpriced.iter().map(|((_, model), _)| sanitized_short(model, 60)).collect();
        let models = listed(models.into_iter());
        let message = format!(
            "{} tokens have no price ({models}): the spend is at least what is shown; give prices with --prices, or accept them in the policy",
            grouped(tokens)
        );
        notes.push(Note { code: "unpriced", message, count: rows });
    }
    if let Some(note) = not_understood(run)? {
        notes.push(note);
    }
    for message in report.control_totals.iter().filter_map(|control| control.unmet.clone()) {
        notes.push(Note { code: "control-total", message, count: 1 });
    }
    let left_out: Vec<&InputLine> = report.inputs.iter().filter(|input| input.left_out.is_some()).collect();
    if !left_out.is_empty() {
        let names = listed(left_out.iter().map(|input| sanitized_short(&input.file, 60)));
        notes.push(Note {
            code: "left-out",
            message: format!("could not be read to the end and is not counted: {names}"),
            count: left_out.len() as u64,
        });
    }
    if report.agreed.as_ref().is_some_and(|agreed| agreed.models.is_empty()) {
        let message = "--basis billed: usage and bill have no model, and no provider, on the same day, so every figure is at list price; see the comparison with the bill";
        notes.push(Note { code: "no-agreed-price", message: message.to_owned(), count: 1 });
    }
    notes.extend(period::long_gaps(run)?);
    let doubled = two_sources::pairs(run)?.into_iter().filter(|pair| !pair.is_settled());
    notes.extend(doubled.map(|pair| pair.note()));
    Ok(notes)
}

/// Lines of bills that may be LLM usage and are not understood.
fn not_understood(run: &ReportInput<'_>) -> Result<Option<Note>, Overflow> {
    let lines = &run.assessment.not_understood;
    if lines.is_empty() {
        return Ok(None);
    }
    let mut by_amount: Vec<_> = lines.iter().collect();
    by_amount.sort_by_key(|(_, sums)| std::cmp::Reverse(sums.billed));
    let words = by_amount
        .iter()
        .map(|((provider, words), _)| format!("{}: `{}`", sanitized(provider), sanitized_short(words, 60)));
    let dollars = Money::sum(lines.values().map(|sums| sums.billed))?;
    let message = format!(
        "${} of a bill may be LLM usage and is not understood ({}): it is spend, in no saving; add the usage export of the same days",
        dollars,
        listed(words)
    );
    Ok(Some(Note { code: "not-understood", message, count: lines.values().map(|sums| sums.rows).sum() }))
}

/// Counts of tokens that no mapping reads or declares, and that the policy accepts or does not, a note for each key.
pub(super) fn unread_usage(run: InputsRead<'_>, accepted: bool) -> Vec<Note> {
    let mut all = UnreadKeys::default();
    for input in &run.gathered.inputs {
        all.absorb(input.ledger.unread.clone());
    }
    let wanted = all.iter().filter(|(key, _)| run.context.policy.accept_unread.is_match(key) == accepted);
    let note = |(key, sum): (&str, UnreadSum)| {
        let (key, rows) = (sanitized(key), plural(sum.rows, "row"));
        let amount = sum.text().map_or_else(|| "more than can be added up".to_owned(), |text| grouped_text(&text));
        let rest = if accepted {
            "accepted by the policy"
        } else {
            "so the cost may be more or less than shown; read it with a mapping, or accept it with `accept: {unread: […]}` in the policy"
        };
        let message = format!("`{key}` ({amount} in {rows}) counts usage that no mapping reads: {rest}");
        Note { code: "unread-usage", message, count: sum.rows }
    };
    wanted.map(note).collect()
}

/// A number with its thousands apart.
fn grouped_text(text: &str) -> String {
    let (whole, fraction) = text.split_once('.').map_or((text, None), |(whole, fraction)| (whole, Some(fraction)));
    let whole = whole.parse().map_or_else(|_| whole.to_owned(), grouped);
    fraction.map_or(whole.clone(), |fraction| format!("{whole}.{fraction}"))
}

/// What a file's own row of totals says if its rows do not add up to it. Several such rows are subtotals, whose parts
/// are not known.
fn total_mismatch(ledger: &Ledger) -> Result<Option<String>, Overflow> {
    if ledger.rows(RowOutcome::Totals) != 1 {
        return Ok(None);
    }
    let parts =
        [RowOutcome::Accepted, RowOutcome::Duplicate, RowOutcome::Rejected, RowOutcome::Outside, RowOutcome::NotUsage]
            .map(|outcome| ledger.dollars(outcome));
    let (sum, total) = (Money::sum(parts)?, ledger.dollars(RowOutcome::Totals));
    Ok((sum != total).then(|| format!("its row of totals says ${total}, but its rows add up to ${sum}")))
}
