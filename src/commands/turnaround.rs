//! How long results of batches take: from a file of finished ones, else as the policy says.

use std::path::Path;

use crate::diagnostic::{Diagnostic, Failure, Place};
use crate::formats::batches;
use crate::plan::turnaround::Turnaround;
use crate::policy::TurnaroundSetting;
use crate::settings::{Settings, display};

/// How long results take: a file of finished batches, else what the policy says.
pub(super) fn turnaround(
    batches: Option<&Path>,
    policy_file: Option<&Path>,
    settings: &mut Settings,
) -> Result<Turnaround, Failure> {
    let policy = &settings.policy;
    let named = match (&policy.turnaround, &policy.source, policy_file) {
        // A path in a policy is relative to it.
        (TurnaroundSetting::File(file), _, Some(policy)) => Some(policy.parent().unwrap_or(Path::new("")).join(file)),
        _ => None,
    };
    let weekend_factor = policy.weekend_factor;
    let found = match batches.or(named.as_deref()) {
        Some(path) => {
            settings.also_reads(path);
            finished(path)?
        }
        None => Turnaround::of(&policy.turnaround).unwrap_or_else(Turnaround::published),
    };
    Ok(found.with_weekends(weekend_factor))
}

fn finished(path: &Path) -> Result<Turnaround, Failure> {
    let refuse =
        |message: String| {
            Failure::usage(Diagnostic::new("batches", message).at(Place::file(display(path))).hint(
                "give finished batches as the vendors' APIs list them: GET /v1/batches or GET /v1/messages/batches",
            ))
        };
    let bytes = std::fs::read(path).map_err(|error| refuse(format!("cannot read: {error}")))?;
    let found = batches::read(&bytes).map_err(|error| refuse(error.to_string()))?;
    if found.times_ms.is_empty() && found.expired == 0 {
        return Err(refuse("holds no finished batch".to_owned()));
    }
    Ok(Turnaround::from_batches(found.times_ms, found.expired))
}
