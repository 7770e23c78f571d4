//! Whether a row counts, or another one with its identity does.
//!
//! Role: in the first pass the hash of each identity is noted, and every row counts; `look_again` finds the surplus.
//! Where everything is read again it is known from there which row of equal ones counts, and which rows differ; all others
//! are alone. docs/specification.md, section 7.

use super::checks::{identity_of, wanted};
use super::conflicts::Conflicts;
use super::id_hashes::RepeatedHashes;
use super::identity::{HashInput, IdentifiedBy, InputPage, Seen};
use super::pass::{Pass, Reading, Worker};
use super::repeats::Occurrence;
use crate::diagnostic::Failure;
use crate::formats::{Accepted, Format};
use crate::money::Money;
use crate::rollup::{Directory, Unsummable};
use crate::usage::Quantity;

/// What earlier passes found, by which rows are judged in the next.
#[derive(Debug, Default)]
pub struct PriorPass {
    /// Hashes of identities that several rows have; nothing before the first pass.
    pub repeated: Option<RepeatedHashes>,
    /// Names of ids, where some rows lack them.
    pub directory: Option<Directory>,
    /// Rows of one identity that differ.
    pub conflicts: Conflicts,
}

impl Worker<'_> {
    /// Whether a row counts: not where an equal one does, nor where it differs from others, as long as these are not all known.
    pub(super) fn duplicate(
        &mut self,
        (input, page): InputPage,
        format: &Format,
        accepted: &Accepted<'_>,
        by: IdentifiedBy<'_>,
        dollars: Money,
    ) -> Result<Seen, Unsummable> {
        let Pass { context, known, registry, hashing, .. } = self.pass;
        let record = &accepted.record;
        let identity = |room: &mut HashInput| identity_of(hashing, context, format, accepted, by, room);
        if let Quantity::BillLine(_) = record.quantity {
            let identity = identity(&mut self.hash_input);
            if known.repeated.is_none() {
                registry.bill(identity, (input, page), dollars)?;
            }
            let counts = known.conflicts.bill_counts(identity, (input, page));
            return Ok(if counts { Seen::New } else { Seen::Conflict });
        }
        let hash = hashing.of(by, || identity(&mut self.hash_input));
        let Some(repeated) = &known.repeated else {
            self.hashes.push(hash);
            return Ok(Seen::New);
        };
        if !repeated.contains(hash) {
            return Ok(Seen::New);
        }
        let identity = identity(&mut self.hash_input);
        let occurrence = || Occurrence::of(record, by, input, wanted(record, format), context, hashing);
        if known.conflicts.enter(identity, accepted, dollars, format.mapping.first_time_counts, occurrence)? {
            // Settled when all are known; until then none counts.
            return Ok(Seen::Conflict);
        }
        Ok(if registry.counts(identity, input) { Seen::New } else { Seen::Duplicate { surplus: input } })
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
