//! Lines of a rollup file: each is added to the sums, and to what its input comes to.

use super::{MAKE_AGAIN, PartRead};
use crate::calendar::Moment;
use crate::diagnostic::{Diagnostic, Place, sanitized_short};
use crate::formats::reject_code;
use crate::formats::rollup::{
    Checksum, ExcludedLine, Exclusion, LineCells, NameLine, RollupLine, UsageLine, WrongCell,
};
use crate::input::checks::{lacks_needed_output, needs_output, provider_name};
use crate::input::ledger::RowOutcome;
use crate::input::overlap::note_grain;
use crate::input::pass::Worker;
use crate::maps::next_number;
use crate::pricing::Wanted;
use crate::rollup::{Direction, InputPart, LineSums, Unsummable};
use crate::usage::{Field, Quantity};

impl Worker<'_> {
    /// Takes a line of a rollup file.
    pub(in crate::input) fn rollup_line(
        &mut self,
        input: usize,
        line: u64,
        cells: LineCells<'_>,
    ) -> Result<(), Unsummable> {
        match cells.read() {
            Ok(RollupLine::Usage(usage)) => self.usage_line(input, &usage),
            Ok(RollupLine::Excluded(excluded)) => self.excluded_line(input, line, &excluded),
            Ok(RollupLine::Name(name)) => {
                self.name_line(input, &name);
                Ok(())
            }
            Ok(RollupLine::Control(control)) => {
                if let Err(reason) = self.control_line(input, control) {
                    self.wrong_line(input, line, &format!("`about` cannot be read: {reason}"));
                }
                Ok(())
            }
            Err(wrong) => {
                let WrongCell { column, value, wanted } = *wrong;
                self.wrong_line(
                    input,
                    line,
                    &format!("`{column}` is `{}` and should be {wanted}", sanitized_short(&value, 60)),
                );
                Ok(())
            }
        }
    }

    /// Notes a line that cannot be read.
    pub(in crate::input) fn wrong_line(&mut self, input: usize, line: u64, message: &str) {
        let place = Place::file(&self.pass.reading.sources[input].name);
        self.parts[input].note_wrong(line, Diagnostic::new("rollup-line", message).at(place).hint(MAKE_AGAIN));
    }

    fn part(
        &mut self,
        (input, part): (usize, u32),
        sums: &LineSums,
        checksum: Checksum,
    ) -> Result<&mut PartRead, Unsummable> {
        let read = self.parts[input].found.entry(part).or_default();
        read.lines += 1;
        read.checksum = read.checksum.and(checksum);
        read.sums.cell.absorb(&sums.cell)?;
        read.sums.notes.oddities.merge(sums.notes.oddities, Direction::Add)?;
        read.ledger.met(sums.cell.rows);
        read.ledger.state(sums.cell.billed)?;
        Ok(read)
    }

    fn usage_line(&mut self, input: usize, line: &UsageLine<'_>) -> Result<(), Unsummable> {
        let UsageLine { input: part, record, format_provider, sums, checksum } = line;
        let (rows, dollars) = (sums.cell.rows, sums.cell.billed);
        let (context, reading) = (self.pass.context, self.pass.reading);
        let wanted = Wanted {
            row_provider: record.text(Field::Provider),
            format_provider: *format_provider,
            model: record.text(Field::Model).unwrap_or_default(),
        };
        let days = (record.start.day(), record.last_moment().day());
        let code = if !self.pass.limits.hold(days) {
            Some("period")
        } else if lacks_needed_output(record, wanted, context) {
            Some("output-missing")
        } else {
            None
        };
        let is_held = reading.holds(record);
        let provider = provider_name(context, wanted);
        let read = self.part((input, *part), sums, *checksum)?;
        // Days that are not believed widen nothing.
        let days = Some(days).filter(|_| code != Some("period"));
        // That of a row without output is known before it is rejected.
        read.ledger.date(days, true, true);
        if let Some((first, last)) = days.filter(|_| is_held || code.is_some()) {
            read.ledger.cover(first, last);
        }
        if let Some(code) = code {
            *read.ledger.reject_counts.entry(code).or_default() += rows;
            return read.ledger.count(RowOutcome::Rejected, rows, dollars);
        }
        if is_held {
            note_grain(&mut read.ledger, record);
            read.ledger.note_provider(provider, matches!(record.quantity, Quantity::BillLine(_)));
        }
        read.ledger.count(if is_held { RowOutcome::Accepted } else { RowOutcome::Outside }, rows, dollars)?;
        self.folder.note_names(record, || provider);
        if is_held {
            self.folder.from = InputPart { input: next_number(input), part: *part };
            self.folder.add_line(record, *format_provider, sums)?;
        }
        Ok(())
    }

    fn excluded_line(&mut self, input: usize, number: u64, line: &ExcludedLine<'_>) -> Result<(), Unsummable> {
        let ExcludedLine { input: part, reason, days, sums, checksum } = line;
        let (rows, dollars) = (sums.cell.rows, sums.cell.billed);
        let rejected = match reason {
            Exclusion::Rejected(code) => reject_code(code),
            Exclusion::DuplicateWithoutOutput { format_provider, provider, model } => {
                let wanted = Wanted { row_provider: *provider, format_provider: *format_provider, model };
                needs_output(wanted, self.pass.context).then_some("output-missing")
            }
            Exclusion::Duplicate | Exclusion::Outside | Exclusion::NotUsage => None,
        };
        let read = self.part((input, *part), sums, *checksum)?;
        // Days that are not believed widen nothing.
        let days = days.filter(|_| rejected != Some("period"));
        let is_kept = !matches!(reason, Exclusion::Rejected(_));
        read.ledger.date(days, is_kept && *reason != Exclusion::NotUsage, is_kept);
        if let Some((first, last)) = days.filter(|_| *reason != Exclusion::Outside) {
            read.ledger.cover(first, last);
        }
        let outcome = match (reason, rejected) {
            (_, Some(code)) => {
                *read.ledger.reject_counts.entry(code).or_default() += rows;
                RowOutcome::Rejected
            }
            (Exclusion::Rejected(code), None) => {
                let message =
                    format!("`fate` names `{}`, which is no code of a rejected row", sanitized_short(code, 60));
                self.wrong_line(input, number, &message);
                return Ok(());
            }
            (Exclusion::Outside, None) => RowOutcome::Outside,
            (Exclusion::NotUsage, None) => RowOutcome::NotUsage,
            (Exclusion::Duplicate | Exclusion::DuplicateWithoutOutput { .. }, None) => RowOutcome::Duplicate,
        };
        read.ledger.count(outcome, rows, dollars)
    }

    fn name_line(&mut self, input: usize, line: &NameLine<'_>) {
        self.parts[input].names += 1;
        let NameLine { field, provider, id, name, latest } = *line;
        let latest = latest.unwrap_or(Moment::from_micros(0));
        self.folder.note_name(field, (id, name), (provider.unwrap_or_default(), latest));
    }
}
