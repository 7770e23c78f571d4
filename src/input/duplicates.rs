//! Whether a row counts, or another one with its identity does.
//!
//! Role: in the first pass the hash of each identity is noted, and every row counts. In a further one, rows with a hash that
//! several have are compared; all others are known to be alone. Contract, section 7.

use super::checks::{identity_of, wanted};
use super::conflicts::Conflicts;
use super::id_hashes::RepeatedHashes;
use super::identity::{HashInput, IdentifiedBy, InputPage, Seen};
use super::ledger::RowOutcome;
use super::pass::{Pass, Reading, Worker};
use super::repeats::Occurrence;
use crate::diagnostic::Failure;
use crate::formats::{Accepted, Format};
use crate::money::Money;
use crate::rollup::{Directory, Unsummable};
use crate::usage::Quantity;

/// What earlier passes found, by which rows are judged in the next.
#[derive(Debug, Default)]
pub struct Known {
    /// Hashes of identities that several rows have; nothing before the first pass.
    pub repeated: Option<RepeatedHashes>,
    /// Names of ids, where some rows lack them.
    pub directory: Option<Directory>,
    /// Rows of one identity that differ.
    pub conflicts: Conflicts,
}

impl Worker<'_> {
    /// What becomes of a row that does not count, since another one with its identity does.
    pub(super) fn duplicate(
        &mut self,
        (input, page): InputPage,
        format: &Format,
        accepted: &Accepted<'_>,
        by: IdentifiedBy<'_>,
        dollars: Money,
    ) -> Result<Option<RowOutcome>, Unsummable> {
        let Pass { reading, context, known, registry, hashing, .. } = self.pass;
        let record = &accepted.record;
        let identity = |room: &mut HashInput| identity_of(hashing, context, format, accepted, by, room);
        if let Quantity::BillLine(_) = record.quantity {
            let identity = identity(&mut self.hash_input);
            registry.bill(identity, (input, page), dollars)?;
            return Ok((!known.conflicts.bill_counts(identity, (input, page))).then_some(RowOutcome::Duplicate));
        }
        let hash = hashing.of(by, || identity(&mut self.hash_input));
        let Some(repeated) = &known.repeated else {
            self.hashes.push(hash);
            return Ok(None);
        };
        if !repeated.contains(hash) {
            return Ok(None);
        }
        let identity = identity(&mut self.hash_input);
        let occurrence = || Occurrence::of(record, input, wanted(record, format), context, hashing);
        if known.conflicts.enter(identity, record, dollars, occurrence)? {
            // Settled when all are known; until then none counts.
            return Ok(Some(RowOutcome::Duplicate));
        }
        Ok(match registry.see(identity, hashing.digest(record, &mut self.hash_input), input) {
            Seen::New => None,
            Seen::Duplicate | Seen::Conflict => Some(RowOutcome::Duplicate),
            Seen::DuplicateOfLater { later } => {
                // Equal rows are equally in or out of the period; only the ledgers trade places.
                let fate = if reading.holds(record) { RowOutcome::Accepted } else { RowOutcome::Outside };
                self.handed_over.push((later, fate, dollars));
                Some(fate)
            }
        })
    }
}

/// For each input the earliest one with the same bytes.
pub(super) fn copies(reading: &Reading<'_>) -> Result<Vec<Option<usize>>, Failure> {
    let sources = reading.sources;
    (0..sources.len())
        .map(|index| {
            if !reading.dedupe {
                return Ok(None);
            }
            for earlier in 0..index {
                // One that cannot be unpacked is no copy of anything; reading it says what is wrong.
                if sources[index].is_same_as(&sources[earlier]).unwrap_or(false) {
                    return Ok(Some(earlier));
                }
            }
            Ok(None)
        })
        .collect()
}
