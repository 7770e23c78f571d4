//! The page of a single workload: how, when, at what risk.

use crate::plan::QuietHours;
use crate::plan::steps::sending::SWEET_SPOT;
use crate::plan::steps::{Retirement, Step};
use crate::plan::words::{percent, span};
use crate::report::WaySavings;
use crate::report::document::{
    HOW_TO_PRIME, LONGEST_NAME, LONGEST_SENTENCE, Section, Text, advice, is_nothing, model, name, quote, text,
    with_details,
};
use crate::report::words::{day_words, dollars, grouped, month_words, plural};

/// How requests go out.
fn sending(step: &Step) -> Option<String> {
    let sending = step.sending.as_ref()?;
    let requests = plural(sending.requests_a_day, "request");
    let each = plural(sending.batch_requests, "request");
    let day = match sending.days {
        1 => "on the one day with requests".to_owned(),
        days => format!("on each of the {} days with requests", grouped(days.into())),
    };
    let bytes =
        format!("about {} bytes a request, estimated at 4 bytes a token", grouped(sending.request_bytes.into()));
    let is_one = sending.batches_a_day == 1;
    let batches = if !sending.may_collect {
        format!("{requests} {day}; what comes at one time is one batch, of at most {each}")
    } else if is_one {
        format!("{day} one batch of {each}")
    } else {
        format!("{day} {} batches of {each}, bounded by {}", grouped(sending.batches_a_day.into()), sending.bound)
    };
    let [fewest, most] = [SWEET_SPOT.0, SWEET_SPOT.1].map(|requests| grouped(requests.into()));
    let small = if is_one && sending.may_collect && sending.batch_requests < SWEET_SPOT.0 {
        format!("; {fewest} to {most} work best, so collect several days where answers may take longer")
    } else {
        String::new()
    };
    Some(format!("{batches} ({bytes}){small}"))
}

/// When to send, and when results are back.
fn timing(step: &Step, quiet: Option<QuietHours>) -> String {
    let results = step.results;
    let [half, most, mean] = [results.median_ms, results.p95_ms, results.expected_ms].map(span);
    let back = format!("half of them within {half}, 95 of 100 within {most}, on average after {mean}");
    let met = percent(&step.in_time);
    match step.max_wait_ms {
        Some(wait) => format!(
            "send at once. Results may take {}, and {met} are back by then ({back}); the others are cancelled and run in real time{}",
            span(wait),
            step.least_in_time.as_ref().map_or_else(String::new, |least| format!(
                ". It pays while more than {} are back in time",
                percent(least)
            ))
        ),
        None => format!("{}. Of the results {met} are back within {}: {back}", send(quiet), span(step.window_ms)),
    }
}

/// When to send what may take its time.
fn send(quiet: Option<QuietHours>) -> String {
    match quiet {
        Some(QuietHours { from, to, .. }) => {
            format!("send as it comes, or in this account's quiet hours ({from:02}:00 to {to:02}:00 UTC)")
        }
        None => "send as it comes, or overnight".to_owned(),
    }
}

/// How far it has come, and who approved it, where rules say so.
fn standing(step: &Step) -> Text {
    let status = step.status.map(|status| Text::from(format!("; {status}")));
    let approved =
        step.approved.as_ref().map(|(by, on)| text!("; approved by ", name(&**by, LONGEST_NAME), format!(" on {on}")));
    Text::joined(status.into_iter().chain(approved), "")
}

/// What is done first.
fn first_step(step: &Step) -> &'static str {
    match step.band {
        "likely" => "have its owner confirm it, then write the pilot's requests to a file and send it as one batch",
        _ => "write the pilot's requests to a file and send it as one batch",
    }
}

/// The end of its model, and what does the work then.
fn end(retirement: &Retirement) -> Text {
    let successor = retirement.successor.as_ref().map(|model| text!(", then ", name(&**model, LONGEST_NAME)));
    let then = successor.unwrap_or_else(|| " without a known successor".into());
    Text::from(format!(", which ends on {}", day_words(retirement.day))).and(then)
}

/// The page of a workload.
pub(super) fn step_page(step: &Step, cached: Option<&WaySavings>, quiet: Option<QuietHours>) -> Section {
    let owner = step.owner.as_ref().map_or_else(
        || "nobody is named: give it a rule with an `owner`".into(),
        |owner| Text::from(name(&**owner, LONGEST_NAME)),
    );
    let saves = format!(
        "Saves {} a month in the first month of the rollout and {} at full rollout, of {} today.",
        dollars(step.saving_now),
        dollars(step.saving),
        dollars(step.cost)
    );
    let mut points: Vec<Text> = vec![
        saves.into(),
        text!("Why it can wait (", step.band, "): ", quote(step.reasons.join("; "), LONGEST_SENTENCE), "."),
        text!("Owner: ", owner, format!(". Begins in {}", month_words(step.start)), standing(step), "."),
        text!(format!("Effort {}: ", step.effort.name()), quote(step.effort_reason, LONGEST_SENTENCE), "."),
    ];
    let sending = sending(step);
    points.push(match &sending {
        Some(said) => format!("Batches: {said}.").into(),
        None => "Batch size unknown: this export has no request counts.".into(),
    });
    points.push(format!("Timing: {}.", timing(step, quiet)).into());
    points.push(match &step.pilot {
        Some(pilot) => format!(
            "Pilot: {}, about {}. Check that every `custom_id` is back once, that answers are as good as today's, how many failed, and when they came back.",
            plural(pilot.requests, "request"),
            dollars(pilot.cost)
        )
        .into(),
        None if sending.is_none() => "Pilot: 100–500 requests (cost unknown for the same reason).".into(),
        None => "Pilot: 100–500 requests (cost unknown).".into(),
    });
    points
        .extend(step.blockers.iter().map(|blocker| text!("Settle first: ", quote(&**blocker, LONGEST_SENTENCE), ".")));
    if let Some(advice) = cached.and_then(advice) {
        points.push(format!("Cached prompts: {advice} {HOW_TO_PRIME}").into());
    } else if !is_nothing(step.lost_cache) {
        points.push(
            format!(
                "Cache: assumes today's hits are lost in batch ({} a month, already deducted).",
                dollars(step.lost_cache)
            )
            .into(),
        );
    }
    if step.flex {
        points.push(
            "Or the flex tier: the same price without files; slower, and requests may be refused at busy times.".into(),
        );
    }
    points
        .push(format!("First step: {}. Roll back: send them as today; nothing else changes.", first_step(step)).into());
    let heading = text!(with_details(&step.workload, &step.apart), " on ", model(&step.provider, &step.model));
    let heading = heading.and(step.retirement.as_ref().map(end).unwrap_or_default());
    Section::new("step", heading).list(points)
}
