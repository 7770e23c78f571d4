//! The plan for readers and machines.
//!
//! Role: says what a [`Plan`] and the [`Report`] it stands on say. [`document`] has the sections that pages share; it works
//! nothing out.

use crate::plan::Plan;
use crate::report::Report;

pub mod csv;
pub mod document;
pub mod json;
mod ladder;
mod lists;
pub mod months;
pub mod room;
mod routing;
pub mod sensitivity;
mod steps;
pub mod waterfall;

/// A plan and what it stands on.
#[derive(Clone, Copy, Debug)]
pub struct Draft<'d> {
    /// The plan.
    pub plan: &'d Plan,
    /// The report of the same usage.
    pub report: &'d Report,
}

/// Which question a page with pictures answers first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum View {
    /// What is spent, and what could wait.
    Report,
    /// What to move, and what the next quarters cost.
    Plan,
}
