//! The page of a single workload: how, when, at what risk.

use super::content::{Section, Show, model, name, percent, workload};
use crate::diagnostic::text::mask_secrets;
use crate::money::Money;
use crate::plan::QuietHours;
use crate::plan::steps::Step;
use crate::plan::steps::sending::SWEET_SPOT;
use crate::plan::words::span;
use crate::report::words::{dollars, grouped, plural, shown_parts};

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
fn standing(step: &Step, show: Show) -> String {
    let status = step.status.map(|status| format!("; {status}"));
    let approved = step.approved.as_ref().map(|(by, on)| format!("; approved by {} on {on}", name(by, show)));
    status.into_iter().chain(approved).collect()
}

/// What is done first.
fn first_step(step: &Step) -> &'static str {
    match step.band {
        "likely" => "have its owner confirm it, then write the pilot's requests to a file and send it as one batch",
        _ => "write the pilot's requests to a file and send it as one batch",
    }
}

/// The page of a workload, with its cost and saving as they are shown in the lists.
pub(super) fn page(step: &Step, [cost, saving]: [Money; 2], quiet: Option<QuietHours>, show: Show) -> Section {
    let owner = step
        .owner
        .as_ref()
        .map_or_else(|| "nobody is named: give it a rule with an `owner`".to_owned(), |owner| name(owner, show));
    let mut points = vec![
        format!(
            "Saves {} a month in the first month of the ramp and {} once all of it runs, of {} today.",
            dollars(step.saving_now),
            dollars(saving),
            dollars(cost)
        ),
        format!("Why it can wait ({}): {}.", step.band, (show.text)(&mask_secrets(&step.reasons.join("; ")))),
        format!("Owner: {owner}. Begins in {}{}.", step.start, standing(step, show)),
        format!("Effort {}: {}.", step.effort.name(), step.effort_reason),
    ];
    points.push(sending(step).map_or_else(
        || "Batches: the logs do not count requests, so how many there are in one is open.".to_owned(),
        |said| format!("Batches: {said}."),
    ));
    points.push(format!("Timing: {}.", timing(step, quiet)));
    if let Some(pilot) = &step.pilot {
        points.push(format!(
            "Pilot: {}, about {}. Check that every `custom_id` is back once, that answers are as good as today's, how many failed, and when they were back.",
            plural(pilot.requests, "request"),
            dollars(pilot.cost)
        ));
    } else {
        points.push("Pilot: 100 to 500 requests; what they cost is open too.".to_owned());
    }
    points.extend(step.blockers.iter().map(|blocker| format!("Settle first: {}.", (show.text)(blocker))));
    let (_, lost) = shown_parts(&[], step.lost_cache);
    if !lost.is_zero() {
        points.push(format!(
            "Cache: prompts that hit it today do not in batch; that takes {} a month, which is counted.",
            dollars(lost)
        ));
    }
    if step.flex {
        points
            .push("Or the flex tier: the same price without files; answers are slower and may be refused.".to_owned());
    }
    points.push(format!("First step: {}. Roll back: send them as today; nothing else changes.", first_step(step)));
    Section {
        heading: format!(
            "{} on {}",
            workload(&step.workload, &step.apart, show),
            model(&step.provider, &step.model, show)
        ),
        points,
        ..Section::default()
    }
}
