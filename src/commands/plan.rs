//! `plan`: what to move, and what the next quarters cost.

use super::pages::{self, Wanted};
use crate::cli::PlanArgs;
use crate::diagnostic::{Exit, Failure};
use crate::report::plan::View;

/// Reads, judges, plans, and prints.
pub fn run(args: &PlanArgs) -> Result<Exit, Failure> {
    pages::write(&Wanted { view: View::Plan, pages: &args.pages, by: None, movers: false, fingerprint: false })
}
