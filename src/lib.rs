//! Finds which calls of LLM APIs could run in a batch API, and what that would save a month, from usage logs and
//! billing exports. This page is the map; `ARCHITECTURE.md` says why it looks like this.
//!
//! ```text
//! bytes ─► rows ─► UsageRecord ─► Rollup ─► Assessment ─► Scenarios ─► Report ─► bytes
//!  input    formats    usage       rollup     assess       scenario    report    output
//! ```
//!
//! A run is one function that calls these stages in order: see `commands/pages.rs`.
//!
//! 1. [`settings`] turns what was typed ([`cli`]) into what stages see, and loads the price table ([`pricing`]) and
//!    the policy ([`policy`]).
//! 2. [`input`] recognises each file by what is in it, cuts it into blocks and rows on several threads, and counts
//!    every row in a ledger; [`formats`] turns a row into a [`usage::UsageRecord`].
//! 3. [`rollup`] reduces the record to what matters, asks [`verdict`] for the code that decides, and adds it up. Before
//!    it everything streams; after it everything is small.
//! 4. [`assess`] prices the sums, applies what only a whole group can tell, and makes rows of workload, provider, model,
//!    verdict and band.
//! 5. [`scenario`] works out a month: today, batch, batch and routing, each in three cases.
//! 6. [`report`] holds all that as a value; the renderers beside it draw it, and [`output`] writes it whole or not at
//!    all.
//!
//! Below all of it stand [`money`] (exact amounts and the one rounding), [`calendar`] (UTC days and months),
//! [`diagnostic`] (every message), [`yaml`] (strict reading of tables) and [`maps`].
//!
//! Modules depend one way, in the order below; a test (`tests/it/tidy.rs`) holds it. The program reads files and prints.
//! It knows no clock and opens no connection.

// Ground.
pub(crate) mod maps;
pub mod money;
pub mod calendar;
pub mod diagnostic;
pub(crate) mod yaml;

// Core: pure.
pub mod usage;
pub mod pricing;
pub mod policy;
pub(crate) mod verdict;
pub mod rollup;
pub mod assess;
pub mod scenario;
pub mod plan;

// Edges.
pub(crate) mod progress;
pub mod interrupt;
pub mod formats;
pub mod input;
pub(crate) mod sql;
pub(crate) mod output;
pub mod report;
pub mod prices;

// Top.
pub mod cli;
pub mod settings;
pub mod commands;
