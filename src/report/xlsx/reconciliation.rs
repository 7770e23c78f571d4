//! The sheet of the bill: what was computed beside what was billed, from the whole down to token class and day.

use rust_xlsxwriter::{Worksheet, XlsxError};

use super::cells::{Drawn, Page};
use super::style::Style;
use crate::money::Money;
use crate::report::plan::Draft;
use crate::report::words::{grouped, sum};
use crate::report::{Compared, ControlTotal, Reconciliation};

const LAST: u16 = 11;
/// Lines of a list; the others are summed.
const MOST_LINES: usize = 20_000;

/// The sheet.
pub fn sheet(style: &Style, draft: &Draft<'_>) -> Result<Worksheet, XlsxError> {
    let report = draft.report;
    let mut sheet = Worksheet::new();
    let mut page = Page::new(
        &mut sheet,
        style,
        "Reconciliation",
        &[
            "What the price table makes of the usage beside what the bill says, in USD, in the period.",
            "An amount with more digits than a spreadsheet holds stands beside it as text.",
        ],
    )?;
    page.widths(&[24, 30, 16, 12, 15, 22, 15, 22, 15, 22, 22, 12])?;
    let mut row = 4;
    if let Some(found) = &report.reconciliation {
        row = compared(&mut page, row, found)?;
    } else {
        page.text(row, 0, "No bill stands beside the usage, so nothing was compared.", &style.text)?;
        row += 2;
    }
    row = controls(&mut page, row, &report.control_totals)?;
    page.sheet.set_print_area(0, 0, row, LAST)?;
    Ok(sheet)
}

fn compared(page: &mut Page<'_>, row: u32, found: &Reconciliation) -> Result<u32, XlsxError> {
    let style = page.style;
    let whole = [
        ("Computed", found.computed),
        ("Billed for tokens", found.billed),
        ("Residual: billed − computed", found.residual),
    ];
    page.text(row, 0, "The whole", &style.heading)?;
    let mut line = row + 1;
    for (label, amount) in whole {
        page.text(line, 0, label, &style.text)?;
        page.exactly(line, 4, amount)?;
        line += 1;
    }
    page.text(line, 0, "Standing", &style.text)?;
    page.text(line, 4, found.standing, &style.right)?;
    let coverage = found.coverage.clone().unwrap_or_default();
    page.text(line + 1, 0, "Share of the billed dollars that agree", &style.text)?;
    if !coverage.is_empty() {
        page.sheet.write_number_with_format(line + 1, 4, super::number::nearest(&coverage), &style.fine_share)?;
    }
    line = providers(page, line + 3, &found.days)?;
    line = models(page, line + 1, found)?;
    line = list(page, line + 1, "By day", &found.days)?;
    line = list(page, line + 1, "As finely as the bill is written", &found.lines)?;
    if !found.items.is_empty() {
        line += 1;
        page.text(line, 0, "Billed for what is no token", &style.heading)?;
        page.head(line + 1, 0, &[("Provider", false), ("Item", false), ("Kind", false)])?;
        page.head(line + 1, 4, &[("Billed", true), ("exact", true), ("At list price", true)])?;
        line += 2;
        for item in &found.items {
            page.text(line, 0, &item.provider, &style.name)?;
            page.text(line, 1, &item.item, &style.name)?;
            page.text(line, 2, item.kind, &style.text)?;
            page.exactly(line, 4, item.billed)?;
            page.money(line, 6, item.list_value, &style.fine)?;
            line += 1;
        }
    }
    Ok(line + 1)
}

fn amounts_head(page: &mut Page<'_>, row: u32) -> Drawn {
    page.head(
        row,
        4,
        &[
            ("Computed", true),
            ("exact", true),
            ("Billed", true),
            ("exact", true),
            ("Residual", true),
            ("exact", true),
            ("Verdict", false),
        ],
    )
}

fn amounts(page: &mut Page<'_>, row: u32, computed: Option<Money>, billed: Option<Money>, residual: Money) -> Drawn {
    page.exactly(row, 4, computed)?;
    page.exactly(row, 6, billed)?;
    page.exactly(row, 8, residual)
}

/// Sums of days.
fn providers(page: &mut Page<'_>, row: u32, days: &[Compared]) -> Result<u32, XlsxError> {
    let style = page.style;
    page.text(row, 0, "By provider", &style.heading)?;
    page.head(row + 1, 0, &[("Provider", false), ("", false), ("", false), ("Days", true)])?;
    amounts_head(page, row + 1)?;
    let mut names: Vec<&str> = days.iter().map(|day| day.provider.as_str()).collect();
    names.sort_unstable();
    names.dedup();
    let mut line = row + 2;
    for name in names {
        let own = || days.iter().filter(|day| day.provider == name);
        page.text(line, 0, name, &style.name)?;
        page.count(line, 3, own().count() as u64)?;
        let (computed, billed) = (own().filter_map(|day| day.computed), own().filter_map(|day| day.billed));
        amounts(page, line, Some(sum(computed)), Some(sum(billed)), sum(own().map(|day| day.residual)))?;
        line += 1;
    }
    Ok(line)
}

fn models(page: &mut Page<'_>, row: u32, found: &Reconciliation) -> Result<u32, XlsxError> {
    let style = page.style;
    page.text(row, 0, "By model, on the days that both sides have", &style.heading)?;
    page.head(row + 1, 0, &[("Provider", false), ("Model", false), ("", false), ("Days", true)])?;
    amounts_head(page, row + 1)?;
    page.head(row + 1, 10, &[("Billed ÷ computed", true)])?;
    let mut line = row + 2;
    for model in &found.models {
        page.text(line, 0, &model.provider, &style.name)?;
        page.text(line, 1, &model.model, &style.name)?;
        page.count(line, 3, model.days)?;
        amounts(page, line, Some(model.computed), Some(model.billed), model.residual)?;
        page.text(line, 10, model.agreed_ratio.as_deref().unwrap_or_default(), &style.right)?;
        line += 1;
    }
    Ok(line)
}

fn list(page: &mut Page<'_>, row: u32, title: &str, all: &[Compared]) -> Result<u32, XlsxError> {
    let style = page.style;
    if all.is_empty() {
        return Ok(row);
    }
    page.text(row, 0, title, &style.heading)?;
    page.head(row + 1, 0, &[("Provider", false), ("Model", false), ("Token class", false), ("Day", false)])?;
    amounts_head(page, row + 1)?;
    let (shown, others) = all.split_at(all.len().min(MOST_LINES));
    let mut line = row + 2;
    for found in shown {
        page.text(line, 0, &found.provider, &style.name)?;
        page.text(line, 1, found.model.as_deref().unwrap_or_default(), &style.name)?;
        page.text(line, 2, found.token_class.unwrap_or_default(), &style.text)?;
        page.text(line, 3, &found.day, &style.text)?;
        amounts(page, line, found.computed, found.billed, found.residual)?;
        page.text(line, 10, found.verdict, &style.indented)?;
        line += 1;
    }
    if !others.is_empty() {
        page.text(line, 0, &format!("{} more lines", grouped(others.len() as u128)), &style.text)?;
        let computed = sum(others.iter().filter_map(|line| line.computed));
        let billed = sum(others.iter().filter_map(|line| line.billed));
        amounts(page, line, Some(computed), Some(billed), sum(others.iter().map(|line| line.residual)))?;
        line += 1;
    }
    Ok(line)
}

fn controls(page: &mut Page<'_>, row: u32, totals: &[ControlTotal]) -> Result<u32, XlsxError> {
    let style = page.style;
    if totals.is_empty() {
        return Ok(row);
    }
    page.text(row, 0, "Control totals of the policy", &style.heading)?;
    page.head(row + 1, 0, &[("Provider", false), ("Why it is not met", false), ("Of what", false), ("Month", false)])?;
    page.head(
        row + 1,
        4,
        &[
            ("Found", true),
            ("exact", true),
            ("Expected", true),
            ("exact", true),
            ("Difference", true),
            ("exact", true),
            ("", false),
        ],
    )?;
    let mut line = row + 2;
    for total in totals {
        page.text(line, 0, total.provider.as_deref().unwrap_or("all"), &style.name)?;
        page.text(line, 1, total.unmet.as_deref().unwrap_or_default(), &style.name)?;
        page.text(line, 2, total.source, &style.text)?;
        page.text(line, 3, &total.month, &style.text)?;
        amounts(page, line, total.found, Some(total.total), total.difference)?;
        page.text(line, 10, if total.met { "met" } else { "not met" }, &style.indented)?;
        line += 1;
    }
    Ok(line)
}
