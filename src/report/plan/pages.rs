//! The page of a single workload: how, when, at what risk.

use super::content::{Section, Show, model, name, percent};
use crate::diagnostic::text::mask_secrets;
use crate::plan::QuietHours;
use crate::plan::steps::{SWEET_SPOT, Step};
use crate::report::words::{dollars, grouped, plural};

/// A length of time in words.
pub fn span(ms: u64) -> String {
    let minutes = ms.div_ceil(60_000);
    match minutes {
        0..120 => plural(minutes, "minute"),
        _ if minutes.is_multiple_of(60) => plural(minutes / 60, "hour"),
        _ => format!("{} h {} min", minutes / 60, minutes % 60),
    }
}

/// How requests go out.
fn sending(step: &Step) -> Option<String> {
    let sending = step.sending.as_ref()?;
    let batches = match sending.batches_a_day {
        1 => "one batch".to_owned(),
        more => format!("{} batches", grouped(more.into())),
    };
    let size = if sending.batches_a_day > 1 {
        format!(", bounded by {}", sending.bound)
    } else if sending.batch_requests < SWEET_SPOT.0 {
        let [fewest, most] = [SWEET_SPOT.0, SWEET_SPOT.1].map(|requests| grouped(requests.into()));
        format!(", fewer than the {fewest} to {most} that pay best: collect several days if they can wait")
    } else {
        String::new()
    };
    Some(format!(
        "{} a day as {batches} of {}{size} (about {} bytes a request, estimated at 4 bytes a token)",
        plural(sending.requests_a_day, "request"),
        plural(sending.batch_requests, "request"),
        grouped(sending.request_bytes.into())
    ))
}

/// When to send, and when results are back.
fn timing(step: &Step, quiet: Option<QuietHours>) -> String {
    let back = format!(
        "half the results are back within {}, 95 of 100 within {}",
        span(step.results.median_ms),
        span(step.results.p95_ms)
    );
    let met = percent(&step.in_time);
    match step.max_wait_ms {
        Some(wait) => format!(
            "send at least {} before results are needed; they may take {}, and {met} are back by then: {back}",
            span(step.results.p95_ms.min(wait)),
            span(wait)
        ),
        None => format!("{}; {met} are back within {}: {back}", send(quiet), span(step.window_ms)),
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

/// The page of a workload.
pub(super) fn page(step: &Step, quiet: Option<QuietHours>, show: Show) -> Section {
    let mut points = vec![
        format!(
            "Saves {} a month in the first month of the ramp and {} once all of it runs, of {} today.",
            dollars(step.saving_now),
            dollars(step.saving),
            dollars(step.cost)
        ),
        format!("Why it can wait ({}): {}.", step.band, (show.text)(&mask_secrets(&step.reasons.join("; ")))),
        format!("Effort {}: {}.", step.effort.name(), step.effort_reason),
    ];
    points.extend(sending(step).map(|said| format!("Batches: {said}.")));
    points.push(format!("Timing: {}.", timing(step, quiet)));
    if let Some(pilot) = &step.pilot {
        points.push(format!(
            "Pilot: {}, about {}. Check that every `custom_id` is back once, that answers are as good as today's, how many failed, and when they were back.",
            plural(pilot.requests, "request"),
            dollars(pilot.cost)
        ));
    }
    points.extend(step.blockers.iter().map(|blocker| format!("Settle first: {}.", (show.text)(blocker))));
    if step.flex {
        points
            .push("Or the flex tier: the same price without files; answers are slower and may be refused.".to_owned());
    }
    points.push("First step: write the pilot's requests to a file and send it as one batch. Roll back: send them as today; nothing else changes.".to_owned());
    Section {
        heading: format!("{} on {}", name(&step.workload, show), model(&step.provider, &step.model, show)),
        points,
        ..Section::default()
    }
}
