//! The statement by which an engine makes a rollup file of the calls that it holds.
//!
//! Role: what judging needs to know ([`Needs`]) → one SELECT. The statement adds rows up by raw facts and judges nothing: no
//! verdict, word list, glob or price stands in it. Numbers are cut, texts kept and rows refused where the code that reads
//! logs says so, which is asked here and nowhere told again. It opens no connection: who has the engine runs it.

mod columns;
pub mod dialect;
mod faults;
mod keys;
mod lines;
mod rows;
pub mod self_test;
mod spelled;
mod occurrences;
pub mod views;

pub use columns::{COLUMNS, STATUS};
pub use dialect::{DIALECTS, Dialect};
pub use rows::tags;

use crate::calendar::Period;
use crate::formats::rollup::Kept;
use crate::input::dates::PeriodBounds;
use crate::rollup::key_fields::Needs;
use spelled::Spelled;

/// What a statement is made of.
#[derive(Debug)]
pub struct Wanted<'w> {
    /// The engine.
    pub dialect: &'static Dialect,
    /// The parts of the table's name.
    pub table: &'w [&'w str],
    /// The columns that the table has, where it has not all.
    pub columns: Option<&'w [String]>,
    /// The tags that it has columns for.
    pub tags: &'w [String],
    /// Columns that it has with counts which rows need not state.
    pub optional_counts: &'w [String],
    /// What judging needs to know.
    pub needs: &'w Needs,
    /// What the file says that it keeps.
    pub kept: &'w Kept,
    /// It has a column that says which answers came from a gateway's own cache, as views of vendors' tables have.
    pub gateway_hits: bool,
    /// No two rows are the same call.
    pub unique_ids: bool,
    /// Days that were asked for.
    pub period: PeriodBounds,
    /// Days that are believed.
    pub believed: Period,
    /// Providers, each with its names in lower case.
    pub providers: &'w [(String, Vec<String>)],
}

/// What the statement finds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Finds {
    /// The rollup file.
    Rollup,
    /// How many lines it would have, and of how many rows.
    Count,
}

/// What the control rows say.
#[derive(Clone, Copy, Debug)]
pub struct About<'w> {
    /// Of the file.
    pub of_file: &'w str,
    /// Of its input, with 0 lines, which stand first.
    pub of_input: &'w str,
}

/// The statement.
pub fn statement(wanted: &Wanted<'_>, finds: Finds, about: About<'_>) -> String {
    let table: Vec<String> = wanted.table.iter().map(|part| wanted.dialect.name(part)).collect();
    select(wanted, finds, about, &[], &table.join("."))
}

/// The statement over rows of its own.
pub fn self_test(wanted: &Wanted<'_>, about: About<'_>) -> String {
    let rows = self_test::rows(wanted.dialect);
    select(wanted, Finds::Rollup, about, &[(self_test::TABLE, rows)], self_test::TABLE)
}

/// The same of what stands before it in the same statement.
fn select(wanted: &Wanted<'_>, finds: Finds, about: About<'_>, before: &[(&str, String)], table: &str) -> String {
    let spelled = Spelled { dialect: wanted.dialect };
    let (keys, sums) = (keys::keys(wanted, spelled), keys::sums(wanted, spelled));
    let once = |step: String| step + wanted.dialect.fence;
    let mut steps: Vec<(&str, String)> = before.to_vec();
    steps.push(("bw_rows", once(rows::rows(wanted, spelled, table))));
    steps.push(("bw_read", once(rows::read(spelled))));
    steps.push(("bw_checked", once(faults::checked(wanted, spelled))));
    steps.extend(occurrences::steps(wanted, spelled));
    steps.push(("bw_judged", once(occurrences::judged(wanted, spelled))));
    steps.push(("bw_counted", once(keys::counted())));
    steps.push(("bw_keyed", keys::keyed(&keys, &sums, spelled)));
    steps.extend(lines::steps(&keys, &sums, spelled));
    let last = match finds {
        Finds::Rollup => lines::lines(&wanted.kept.columns, (&keys, &sums), spelled, about),
        Finds::Count => lines::count(spelled),
    };
    let steps: Vec<String> = steps.iter().map(|(name, body)| format!("{name} AS (\n{body}\n)")).collect();
    format!("WITH {}\n{last};\n", steps.join(", "))
}
