//! What a reader has to know besides the figures: what makes one doubtful.

use std::collections::BTreeSet;

use super::{ReportInput, listed, period};
use crate::calendar::Day;
use crate::diagnostic::{sanitized, sanitized_short};
use crate::formats::Format;
use crate::input::{Input, RowOutcome};
use crate::money::Money;
use crate::pricing::{Kind, Unpriced};
use crate::report::document::saves_at_least;
use crate::report::words::{cents, difference, dollars, grouped, plural, sum, to_the_cent};
use crate::report::{Note, Reconciliation, Report};
use crate::rollup::DaySet;

pub(super) fn warnings(run: &ReportInput<'_>, report: &Report) -> Vec<Note> {
    let assessment = run.assessment;
    let mut notes: Vec<Note> = Vec::new();
    let mut note = |code: &'static str, count: u64, message: String| {
        if count > 0 {
            notes.push(Note { code, message, count });
        }
    };
    period::notes(run, &mut note);
    for Input { name, padding, .. } in &run.gathered.inputs {
        let (bytes, name) = (*padding, sanitized_short(name, 60));
        let message = format!("{name}: {} behind its gzip data were ignored, as gzip does", plural(bytes, "zero byte"));
        note("trailing-zeros", bytes, message);
    }
    note(
        "bucket-context-unknown",
        assessment.step_unsure,
        "sums of many calls on models with a long-context price: priced at base rates, since no prompt size is known"
            .to_owned(),
    );
    note(
        "requests-unknown",
        assessment.rows_without_requests,
        "the export does not say how many requests these rows are: they are left out of request counts, and small volumes cannot be seen".to_owned(),
    );
    let small_saving = dollars(run.context.policy.small_saving);
    note(
        "small-volume-kept",
        assessment.small_volume_kept,
        format!(
            "confirmed workloads with few requests a day, on which batch saves under {small_saving} a month each: they count, since a rule or a tag says that they can wait"
        ),
    );
    for (geo, rows) in &assessment.geo_unknown {
        note(
            "geo-unknown",
            *rows,
            format!("no price multiplier is known for data residency `{}`: taken as 1", sanitized(geo)),
        );
    }
    price_notes(run, &mut note);
    note(
        "route-unpriced",
        assessment.route_unpriced,
        "calls on a route whose target has no price for them are not routed".to_owned(),
    );
    unpriced_notes(run, &mut note);
    for input in &run.gathered.inputs {
        for (code, (rows, amount)) in &input.ledger.foreign {
            note(
                "currency",
                *rows,
                format!(
                    "{amount} {} billed, and the policy has no rate for it: the billed total is unknown (add `currency: {{{}: {{usd: …}}}}` to the policy)",
                    sanitized(code),
                    sanitized(code)
                ),
            );
        }
    }
    for rate in &run.context.policy.currencies {
        let rows =
            run.gathered.inputs.iter().filter_map(|input| input.ledger.converted.get(&rate.code.to_uppercase())).sum();
        let message = format!(
            "{} amounts were taken at {} USD, the rate of {} ({})",
            sanitized(&rate.code),
            rate.usd,
            rate.date,
            sanitized(&rate.source)
        );
        note("currency-converted", rows, message);
    }
    // A bill without usage beside it differs from its own lines by nothing but those about no call.
    let is_compared = report.reconciliation.is_some();
    if let Some(residual) = report.cost.residual.filter(|residual| is_compared && !residual.is_zero()) {
        let (equal, days) = report.reconciliation.as_ref().map_or((0, 0), Reconciliation::equal_days);
        let on_tokens = report.reconciliation.as_ref().map_or(residual, |found| found.residual);
        let unequal = plural(days - equal, "day");
        let on = match (days - equal, difference(residual, on_tokens)) {
            (0, _) => ", all of it in lines for something else than tokens".to_owned(),
            (_, rest) if rest.is_zero() => format!(", on {unequal}"),
            (_, rest) => format!(": {} for tokens (on {unequal}), {} for everything else", side(on_tokens), side(rest)),
        };
        note(
            "residual",
            (days - equal).max(1),
            format!("the bill is {} than what the price table makes of the usage{on}", side(residual)),
        );
    }
    let unbilled = report.unbilled();
    note(
        "usage-unbilled",
        u64::from(unbilled.is_some()),
        format!(
            "no billed amount stands beside ${} of ${} of usage: nothing says that it is paid at these prices",
            cents(unbilled.unwrap_or(Money::ZERO)),
            cents(report.usage_cost())
        ),
    );
    let own_prices = |input: &&Input| {
        run.reading.formats[input.sniffed.format].mapping.own_prices
            && !input.ledger.dollars(RowOutcome::Accepted).is_zero()
            && run.assessment.reconciliation.as_ref().is_some_and(|found| found.is_stated_by_rows)
    };
    note(
        "own-prices",
        run.gathered.inputs.iter().filter(own_prices).map(|input| input.ledger.rows(RowOutcome::Accepted)).sum(),
        "calls whose cost the gateway or tool that wrote the log worked out from its own price list: what is said of the bill compares two price lists here; the provider's cost export is the bill".to_owned(),
    );
    note(
        "parts-apart",
        run.gathered.rollup.oddities.parts_apart,
        "parts of the prompt or of the output do not add up to what these rows say they are together: columns may be exchanged, or the export has a class of tokens that is not known here, and its price with it".to_owned(),
    );
    note(
        "audio-as-text",
        run.gathered.rollup.oddities.audio,
        "rows with audio tokens: they count at the model's rates for text, and audio costs many times that with most models"
            .to_owned(),
    );
    note(
        "no-tokens",
        run.gathered.rollup.oddities.no_tokens,
        "sums of calls that state requests and no tokens: they cost nothing here and count as calls, so that a workload of failed calls looks larger than it is, or tokens are lost".to_owned(),
    );
    note(
        "paid-elsewhere",
        run.gathered.rollup.oddities.paid_elsewhere,
        "lines bill nothing for usage that costs something all the same: it is paid by a commitment or to another seller, and in no figure here".to_owned(),
    );
    note(
        "amount-rounded",
        run.gathered.rollup.oddities.rounded_amounts,
        "billed amounts with more than 18 decimals were rounded to 18".to_owned(),
    );
    note(
        "told-twice",
        run.gathered.shared,
        "calls, or sums of calls, stand in more than one input: each counts once, and the most complete record is used"
            .to_owned(),
    );
    note(
        "undated",
        run.gathered.rollup.undated,
        "calls that state no time: all of them count on the first of the days given with --from and --to, and nothing is known of their hours"
            .to_owned(),
    );
    note(
        "undated-prices",
        run.gathered.rollup.undated_prices,
        "calls that state no time, and whose price changes within the days given: priced as on the first day; report the days before and after the change apart"
            .to_owned(),
    );
    note(
        "quote",
        run.gathered.inputs.iter().map(|input| input.ledger.stray_quotes).sum(),
        "rows with a quote inside a value that does not begin with one: it is taken as part of the value, so that a quote that was lost or added makes a name wrong".to_owned(),
    );
    let unknown = report.workloads.iter().filter(|line| line.reasons.iter().any(|reason| reason == "batch-unknown"));
    let (count, cost, saving) = unknown.fold((0, Money::ZERO, Money::ZERO), |(count, cost, saving), line| {
        let cost = sum(line.monthly_cost.into_iter().chain([cost]));
        (count + 1, cost, sum([saving, line.open_saving]))
    });
    let saves = match assessment.projected {
        projected if projected.is_unknown() => "what batch would save on it is unknown".to_owned(),
        projected => format!(
            "if none of it did and all could wait, batch would save {}${}",
            saves_at_least(projected),
            cents(saving)
        ),
    };
    note(
        "batch-unknown",
        count,
        format!(
            "this export cannot say what runs in batch already: ${} a month is outside every saving; {saves} (an export grouped by batch settles it)",
            cents(cost)
        ),
    );
    note(
        "free-tier",
        assessment.free_tier.1,
        format!(
            "free daily tokens, worth ${} at list price, cost nothing and are in no saving",
            cents(assessment.free_tier.0)
        ),
    );
    let empty = empty_inputs(run);
    for input in &run.gathered.inputs {
        let format = &run.reading.formats[input.sniffed.format];
        if format.paths.unknown_tell_apart() {
            let names = input.ledger.ignored.names();
            let shown = listed(names.iter().map(|name| sanitized_short(name, 40)));
            let message = format!(
                "columns that are not known here: rows that differ in them alone are taken for sums of different calls, and each counts: {shown}"
            );
            note("unknown-columns", names.len() as u64, message);
        }
        let mut ignored: Vec<String> = ignored_columns(format, &input.sniffed.header.names);
        if !format.paths.unknown_tell_apart() {
            ignored.extend_from_slice(input.ledger.ignored.names());
        }
        if format.paths.unknown_are_noted() {
            note(
                "ignored-columns",
                ignored.len() as u64,
                format!(
                    "columns that mean nothing here: {}",
                    listed(ignored.iter().map(|name| sanitized_short(name, 40)))
                ),
            );
        }
    }
    note(
        "empty-input",
        empty.len() as u64,
        format!("no row in {}: an idle time, or an export that went wrong", listed(empty.into_iter())),
    );
    let litter = || run.reading.litter.iter().chain(&run.gathered.litter);
    let names: BTreeSet<String> = litter().map(|name| sanitized_short(name, 60)).collect();
    note(
        "system-files",
        litter().count() as u64,
        format!("files of the operating system in folders are skipped: {}", listed(names.into_iter())),
    );
    notes.extend(super::incomplete::unread_usage(run.inputs_read(), true));
    notes.extend(super::keys::missing_columns(run));
    notes.extend(super::keys::missing_optional(run));
    notes.sort();
    // What several files lack alike is said once.
    notes.dedup_by(|a, b| a == b && matches!(a.code, "missing-column" | "ignored-columns" | "unknown-columns"));
    notes
}

/// Columns of a file that its mapping does not use.
pub fn ignored_columns(format: &Format, names: &[String]) -> Vec<String> {
    names.iter().filter(|name| !name.is_empty() && !format.paths.uses(name)).cloned().collect()
}

/// So many days after the newest look at the vendors' pages prices may well have changed.
const PRICES_HOLD_DAYS: i32 = 45;

/// Usage that is younger than the whole price table. No clock is needed to say so.
fn staleness(run: &ReportInput<'_>, note: &mut impl FnMut(&'static str, u64, String)) {
    let Some(checked) = run.context.table.newest_check() else { return };
    let holds = Day::from_number(checked.number().saturating_add(PRICES_HOLD_DAYS));
    let mut late = DaySet::default();
    for used in run.assessment.used.values() {
        late.absorb(&used.days.filtered(|day| day > holds));
    }
    let days = plural(late.len(), "day");
    note(
        "prices-older-than-usage",
        late.len(),
        format!(
            "usage of {days} after {holds} is priced by a table whose newest entry was checked on {checked}: newer prices may hold; compare with `batchwise prices diff`, and lay yours on it with --prices"
        ),
    );
}

/// What is uncertain about prices that were found.
fn price_notes(run: &ReportInput<'_>, note: &mut impl FnMut(&'static str, u64, String)) {
    staleness(run, note);
    for (&id, used) in &run.assessment.used {
        let model = run.context.table.model(id);
        let name = format!("{}/{}", run.context.table.provider(model.provider).name, model.name);
        let entries = used.entries.iter().map(|&entry| (entry, &model.entries[entry]));
        for (at, entry) in entries {
            let next = model.entries.get(at + 1).and_then(|next| next.from);
            let holds = |day: Day| entry.from.is_none_or(|from| from <= day) && next.is_none_or(|next| day < next);
            if let Some(until) = entry.until {
                let days = used.days.filtered(|day| day > until && holds(day)).len();
                let message = format!(
                    "the vendor promised the price of `{name}` until {until}; {} after it are priced at it, for want of the one that followed",
                    plural(days, "day")
                );
                note("promotion-ended", days, message);
            }
            if let Some(other) = &entry.served_as {
                let days = used.days.filtered(holds).len();
                let message = format!(
                    "`{name}` is served and billed as `{}`{}: priced as that on {}",
                    sanitized(other),
                    entry.from.map(|from| format!(" since {from}")).unwrap_or_default(),
                    plural(days, "day")
                );
                note("served-as", days, message);
            }
        }
        let hours = used.entries.iter().rev().find_map(|&entry| model.entries[entry].peak_hours.as_ref());
        if let Some((_, hours)) = hours {
            let hours = run.context.table.peak_hours(*hours);
            let message = format!(
                "`{name}` costs less outside of peak hours ({hours}), and nobody knows on which side these rows lie: priced as in peak hours"
            );
            note("off-peak-unknown", used.hours_unsure, message);
        }
        note(
            "provider-assumed",
            used.first_party_assumed,
            format!(
                "calls of `{}` name no provider and several sell it at other rates: priced as {name}, its maker",
                model.name
            ),
        );
        note(
            "letter-case",
            used.letter_case,
            format!("names that differ from `{name}` in upper and lower case only are priced as it"),
        );
        note(
            "reseller-at-list",
            used.at_list,
            format!(
                "calls of {name} through a reseller, whose prices are not known here: priced at the maker's list rate, and not in batch"
            ),
        );
        if matches!(model.kind, Kind::Audio | Kind::Image | Kind::Realtime) {
            note(
                "text-rates-only",
                used.rows,
                format!("`{name}` is priced as text: its audio and image tokens cost more and are not told apart here"),
            );
        }
    }
}

fn unpriced_notes(run: &ReportInput<'_>, note: &mut impl FnMut(&'static str, u64, String)) {
    for ((reason, model), sums) in &run.assessment.unpriced {
        let name = sanitized_short(model, 80);
        let mut tokens = format!("{} tokens are unpriced", grouped(sums.tokens));
        if sums.lines.rows > 0 {
            let on_tokens = if sums.tokens > 0 { format!("{tokens}, and ") } else { String::new() };
            tokens = format!("{on_tokens}what batch would save on ${} of a bill is unknown", sums.lines.billed);
        }
        let message = match reason {
            Unpriced::UnknownModel => match run.context.table.nearest(model).filter(|nearest| nearest != model) {
                Some(nearest) => format!("`{name}` is not in the price table (nearest name: `{nearest}`): {tokens}"),
                None => format!("`{name}` is not in the price table: {tokens}"),
            },
            Unpriced::AmbiguousProvider => {
                let owners = run
                    .context
                    .table
                    .owners(model)
                    .into_iter()
                    .map(|(provider, _)| run.context.table.provider(provider).name.clone());
                format!(
                    "`{name}` is offered by {} and the log names none (`--provider` settles it): {tokens}",
                    listed(owners)
                )
            }
            Unpriced::UnknownProvider => {
                let rows =
                    run.assessment.rows.iter().filter(|row| {
                        *row.model == **model && run.context.table.provider_named(&row.provider).is_none()
                    });
                let providers: BTreeSet<String> =
                    rows.map(|row| format!("`{}`", sanitized_short(&row.provider, 40))).collect();
                format!("{}, provider of `{name}`, is not in the price table: {tokens}", listed(providers.into_iter()))
            }
            Unpriced::BeforeFirstPrice => format!("`{name}` was used before its first known price: {tokens}"),
            Unpriced::UnknownTier => format!("`{name}` ran on a service tier without a known price: {tokens}"),
            Unpriced::NoTierRates => {
                format!("`{name}` has no price for its service tier at this prompt size: {tokens}")
            }
            Unpriced::NoClassRate => format!("`{name}` has no price for some class of its tokens: {tokens}"),
            Unpriced::NoExchangeRate => format!("lines for `{name}` are billed in a currency without a rate"),
        };
        note(reason.code(), sums.rows + sums.lines.rows, message);
    }
}

/// The inputs without any row, where there are others: an idle month is news, and so is an export that went wrong.
fn empty_inputs(run: &ReportInput<'_>) -> Vec<String> {
    let is_empty = |input: &Input| {
        let lines =
            [RowOutcome::Header, RowOutcome::Preamble, RowOutcome::Blank].map(|outcome| input.ledger.rows(outcome));
        input.left_out.is_none() && input.copy_of.is_none() && input.ledger.read() == lines.iter().sum::<u64>()
    };
    let (empty, others): (Vec<_>, Vec<_>) = run.gathered.inputs.iter().partition(|input| is_empty(input));
    if others.is_empty() {
        // Then there is no usage at all, which makes the report incomplete.
        return Vec::new();
    }
    empty.into_iter().map(|input| sanitized_short(&input.name, 60)).collect()
}

/// A difference as what a bill is higher or lower.
fn side(difference: Money) -> String {
    let amount = match to_the_cent(difference.abs()) {
        nothing if nothing.is_zero() => "less than a cent".to_owned(),
        amount => dollars(amount),
    };
    format!("{amount} {}", if difference.is_negative() { "lower" } else { "higher" })
}
