//! batchwise
pub mod calendar;
pub mod diagnostic;
pub mod money;
pub mod policy;
pub mod pricing;
pub mod usage;
pub mod yaml;
