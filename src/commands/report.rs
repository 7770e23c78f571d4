//! `report`: the main job.

use super::pages::{self, Wanted};
use super::sql::check_self_test;
use crate::cli::ReportArgs;
use crate::diagnostic::{Exit, Failure};
use crate::report::plan::View;

/// Reads, judges, works out, and prints.
pub fn run(args: &ReportArgs) -> Result<Exit, Failure> {
    if let Some(path) = &args.check_self_test {
        return check_self_test(path);
    }
    pages::write(&Wanted {
        view: View::Report,
        pages: &args.pages,
        by: args.by.as_deref(),
        movers: args.movers,
        fingerprint: args.fingerprint,
    })
}
