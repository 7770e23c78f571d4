//! A page for each value of `--by`, such as a team, and how all of them add up to the bill.

use super::ColumnType::{Figure, Rate, Saving, Text as Words};
use super::showback::{repeated, value_of};
use super::workloads::{Kind, model, with_details};
use super::{
    Cell, LONGEST_NAME, LONGEST_SENTENCE, Precision, Row, Section, Table, Text, bill, is_nothing, name, quote, text,
};
use crate::money::{Money, share};
use crate::report::words::{capitalised, difference, dollars, month_words, percent, plural, sum};
use crate::report::{BillStep, ByLine, ByTable, ByWorkload, Question, Report, WorkloadLine};

/// Values that have a page, where nobody said how many.
const MOST_PAGES: usize = 12;
/// Workloads on a page.
const MOST_WORKLOADS: usize = 10;

/// How what usage costs becomes what is billed, to the cent; nothing where nothing is billed.
pub fn to_the_bill(report: &Report) -> Option<Section> {
    let by = report.by.as_ref().filter(|by| !by.rows.is_empty())?;
    let (billed, steps) = by.to_the_bill.split_last()?;
    let mut table = Table::new([("From usage to the bill", Words), ("Amount", Rate)]);
    let row = |step: &BillStep| {
        let amount = match step.code {
            "allocated" | "unallocated" => Cell::cents(step.amount),
            _ => Cell::Change(step.amount, Precision::Cents),
        };
        Row::new([Cell::Text(words(by, step)), amount])
    };
    table.rows = steps.iter().map(row).collect();
    table.total = Some(Row::new([Cell::text("The bill"), Cell::cents(billed.amount)]));
    Some(Section::new("to-the-bill", "How it adds up to the bill").table(table))
}

fn words(by: &ByTable, step: &BillStep) -> Text {
    match step.code {
        "allocated" => text!("Allocated by ", name(&by.dimension, LONGEST_NAME), ", at list prices"),
        "unallocated" => "Unallocated usage, at list prices".into(),
        "usage-without-bill" => "Usage without a bill".into(),
        "residual" if step.amount > Money::ZERO => "Billed for tokens, and not explained by the usage".into(),
        "residual" => "Billed less than list prices make of the usage".into(),
        kind => capitalised(bill::charge_words(kind)).into(),
    }
}

/// The pages of the largest values, what is unallocated among them; none where values are models or workloads.
pub fn value_pages(report: &Report) -> Vec<Section> {
    let Some(by) = report.by.as_ref().filter(|by| by.has_pages) else { return Vec::new() };
    let repeated = repeated(by.rows.iter().map(|line| line.value.as_deref()));
    let lines = by.rows.iter().filter(|line| !is_nothing(line.cost));
    let (named, unallocated): (Vec<&ByLine>, Vec<&ByLine>) = lines.partition(|line| line.value.is_some());
    let (first, others) = named.split_at(named.len().min(report.row_limit(MOST_PAGES)));
    let page = |line: &&ByLine| {
        let value = value_of(line.value.as_deref(), line.id.as_deref(), &repeated);
        let heading = match by.dimension.strip_prefix("tag.") {
            _ if line.value.is_none() => value,
            Some(tag) => text!("Tag ", name(tag, LONGEST_NAME), " ", value),
            None => text!(capitalised(&by.dimension), " ", value),
        };
        let section = Section::new("value", heading).paragraphs(trend(by, line).into_iter().chain([saving(line)]));
        let asked = decisions(report, line);
        let label = (!asked.is_empty()).then(|| "Decisions needed:".into());
        let beside = format!("{} · {}", dollars(line.cost), percent(line.share.as_ref())).into();
        Section { beside, ..section.table(workloads(report, line)).paragraphs(label).list(asked) }
    };
    let more = (!others.is_empty()).then(|| {
        let (count, cost) =
            (plural(others.len() as u64, "more value"), dollars(sum(others.iter().map(|line| line.cost))));
        Section::new("more-values", "Values without a page")
            .paragraph(format!("{count}, {cost} in all: `--top` says how many have one, and JSON and CSV have all."))
    });
    first.iter().map(page).chain(more).chain(unallocated.iter().map(page)).collect()
}

/// The last whole month beside the one before it; nothing where these are not known.
fn trend(by: &ByTable, line: &ByLine) -> Option<Text> {
    let [before, last] = by.last_months?;
    let (earlier, later) = (line.in_month(before)?, line.in_month(last)?);
    let change = difference(later, earlier);
    let said = match share(change, earlier) {
        _ if is_nothing(change) => format!("as much as in {}", month_words(before)),
        None => format!("after nothing in {}", month_words(before)),
        Some(part) => {
            let (part, than) = match part.strip_prefix('-') {
                Some(part) => (part.to_owned(), "less"),
                None => (part, "more"),
            };
            format!("{} {than} than in {} ({})", percent(Some(&part)), month_words(before), dollars(earlier))
        }
    };
    Some(format!("{}: {}, {said}.", month_words(last), dollars(later)).into())
}

fn saving(line: &ByLine) -> Text {
    if is_nothing(line.can_wait) {
        return "Nothing of it is batch-eligible.".into();
    }
    format!("{} of it is batch-eligible, on which batch saves {}.", dollars(line.can_wait), dollars(line.saving)).into()
}

fn workloads(report: &Report, line: &ByLine) -> Table {
    let columns =
        [("Largest workloads", Words), ("Model", Words), ("Cost", Figure), ("Batch saves", Saving), ("What", Words)];
    let table = Table { is_aligned: true, ..Table::new(columns) };
    let saves = |saving: Money| Cell::maybe(Some(saving).filter(|saving| !saving.is_zero()));
    let row = |part: &ByWorkload| {
        let workload: &WorkloadLine = &report.workloads[part.index];
        Row::new([
            Cell::Text(with_details(&workload.workload, &workload.apart)),
            Cell::text(model(&workload.provider, &workload.model)),
            Cell::cents(part.cost),
            saves(part.saving),
            Cell::text(Kind::of(workload).title()),
        ])
    };
    let parts = line.workloads.iter().filter(|part| !is_nothing(part.cost));
    let table = table.rows(parts.map(row), report.row_limit(MOST_WORKLOADS));
    let total = [Cell::text("All"), Cell::Empty, Cell::cents(line.cost), saves(line.saving), Cell::Empty];
    Table { total: Some(Row::new(total)), ..table }
}

/// Open questions about its workloads, with what all of each has at stake.
fn decisions(report: &Report, line: &ByLine) -> Vec<Text> {
    let is_own = |asked: &&Question| {
        asked
            .workload
            .as_ref()
            .is_some_and(|name| line.workloads.iter().any(|part| report.workloads[part.index].workload == *name))
    };
    let said = |asked: &Question| {
        let at_stake = asked.monthly_saving.map(|saving| format!("{} a month at stake: ", dollars(saving)));
        let owner = asked.owner.as_ref().map(|owner| text!("ask ", name(owner, LONGEST_NAME), ": "));
        text!(at_stake.map(Text::from), owner, quote(&asked.question, LONGEST_SENTENCE))
    };
    report.questions.iter().filter(is_own).take(report.row_limit(MOST_WORKLOADS)).map(said).collect()
}
