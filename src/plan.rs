//! The plan: what to move, and what the next months cost.
//!
//! Role: months of spend, growth and turnaround → figures ahead. Everything here is pure: it reads no file and knows no
//! clock. Each formula stands in `docs/methodology.md` with an example that a test works out again.

pub mod break_even;
pub mod fallback;
pub mod forecast;
pub mod months;
pub mod routing;
pub mod turnaround;
