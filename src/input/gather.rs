//! All passes over the inputs: what one finds, the next is made with.
//!
//! Role: the first pass counts every row and finds hashes of identities that several rows have. Those rows are looked at again,
//! and where they are equal their surplus is taken away: most logs are read once. Everything is read again only for what the
//! whole run alone can tell: rows of one identity that differ, names of ids that other rows have, lines of a bill in
//! several inputs, or days that nobody believes. docs/specification.md, section 7.

use super::conflicts::Conflicts;
use super::dates::{DateLimits, DaysRead};
use super::duplicates::{PriorPass, copies};
use super::gathered::{Gathered, Input};
use super::identity::{Hashing, Registry};
use super::ledger::{Ledger, RowOutcome};
use super::overlap::check_overlaps;
use super::pass::{Pass, Passed, Reading, Stop};
use super::sniff::Sniffed;
use super::source::Source;
use crate::diagnostic::Failure;
use crate::rollup::{Context, Directory};

/// Reads all inputs into one rollup.
pub fn gather(reading: &Reading<'_>, sniffed: &[Sniffed], context: &Context<'_>) -> Result<Gathered, Failure> {
    let copies = copies(reading)?;
    let mut left_out: Vec<Option<Failure>> = vec![None; reading.sources.len()];
    let mut zeros = vec![false; reading.sources.len()];
    // One set of keys for all passes: a later one looks for hashes and identities that an earlier one found.
    let hashing = Hashing::new();
    let (mut known, mut registry) = (PriorPass::default(), Registry::default());
    let mut limits = DateLimits::of(context.table, reading.period);
    // Lines have their days already.
    let has_days = |context: &Context<'_>| context.daily || context.lines.is_some();
    let with_days = Context { daily: context.lines.is_none(), ..context.clone() };
    let mut context = context;
    loop {
        let pass = Pass {
            reading,
            sniffed,
            context,
            copies: &copies,
            left_out: &left_out,
            known: &known,
            zeros: &zeros,
            registry: &registry,
            hashing: &hashing,
            limits,
        };
        let days_of = |ledgers: &[Ledger]| {
            let counted = ledgers.iter().zip(&left_out).filter(|(_, out)| out.is_none()).map(|(ledger, _)| ledger);
            DaysRead::of(context.table, reading.period, counted)
        };
        let read = pass.run().and_then(|mut passed| {
            let days = days_of(&passed.ledgers);
            // Nor is it known before how often `0` is an id.
            let found: Vec<bool> = passed.ledgers.iter().map(|ledger| ledger.ids.zero_is_placeholder()).collect();
            let is_believed = days.are_believed && (has_days(context) || !days.have_long_gap) && found == zeros;
            if is_believed && !passed.repeated.is_empty() {
                let Passed { rollup, ledgers, repeated, .. } = &mut passed;
                pass.look_again(repeated, rollup, ledgers)?;
            }
            Ok((passed, days, found, is_believed))
        });
        let (Passed { rollup, mut ledgers, parts, repeated }, days, found, is_believed) = match read {
            Ok(read) => read,
            Err(Stop::Failed(input, failure)) if reading.keep_partial => {
                left_out[input] = Some(failure);
                (known, registry) = Default::default();
                continue;
            }
            Err(Stop::Failed(_, failure) | Stop::Whole(failure)) => return Err(failure),
        };
        if !is_believed {
            zeros = found;
            // What lies on either side of a gap is told by the sums of days.
            (limits, context) = (days.limits, if days.have_long_gap { &with_days } else { context });
            (known, registry) = Default::default();
            continue;
        }
        // What only the whole run can tell, rows are judged by in a further pass.
        if known.repeated.is_none() {
            let (directory, conflict_set) = (Directory::of(&rollup.stated), registry.conflict_set());
            // Where no key is remembered nothing is taken away either, so that tests can hold one way against the other.
            let is_alike = registry.are_alike() && (context.remembered_rows > 0 || repeated.is_empty());
            let is_settled = is_alike && directory.is_none() && conflict_set.is_empty();
            known = PriorPass { repeated: Some(repeated), directory, conflicts: Conflicts::new(conflict_set) };
            if !is_settled {
                continue;
            }
        }
        // An input all of whose rows an earlier one holds says nothing.
        for ledger in ledgers.iter_mut().filter(|ledger| ledger.rows(RowOutcome::Accepted) == 0) {
            (ledger.has_calls, ledger.bucket_seconds) = (false, None);
            (ledger.providers, ledger.billers) = Default::default();
        }
        let (shared, orphan_chunks) = (registry.shared(&known.conflicts), registry.orphan_chunks());
        let (inputs, bounds) = (Vec::new(), days.bounds);
        let (firsts, litter) = (Vec::new(), Vec::new());
        let mut gathered =
            Gathered { rollup, inputs, shared, orphan_chunks, known, hashing, firsts, litter, bounds, limits };
        let found = sniffed.iter().zip(ledgers).zip(copies).zip(left_out);
        for (source, (((sniffed, ledger), copy_of), left_out)) in found.enumerate() {
            let Source { name, file, bytes, .. } = &reading.sources[source];
            let (name, file, bytes, sniffed) = (name.clone(), file.clone(), *bytes, sniffed.clone());
            let (sha256, part_of, sums, is_unchecked) = (None, None, None, false);
            gathered.inputs.push(Input {
                name,
                file,
                bytes,
                padding: reading.sources[source].padding(),
                source,
                sha256,
                sniffed,
                ledger,
                part_of,
                sums,
                is_unchecked,
                copy_of,
                left_out,
            });
        }
        gathered.settle(reading, context)?;
        gathered.take_parts(parts, reading)?;
        check_overlaps(reading, &gathered)?;
        return Ok(gathered);
    }
}
