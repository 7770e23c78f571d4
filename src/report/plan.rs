//! The plan for readers and machines.
//!
//! Role: lays out a [`Plan`] beside the [`Report`] it stands on. [`content`] has the sections that pages share; it works
//! nothing out.

use crate::plan::Plan;
use crate::report::Report;

pub mod content;
pub mod csv;
pub mod json;
pub mod markdown;
mod lists;
mod months;
mod pages;
pub mod room;
mod routing;
mod sensitivity;
pub mod table;
mod waterfall;

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
