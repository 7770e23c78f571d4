//! The sheet of budgets of owners or teams, month by month: facts, since savings are told by step.

use rust_xlsxwriter::{Worksheet, XlsxError};

use super::amounts::Amounts;
use super::cells::Page;
use super::style::Style;
use crate::money::Money;
use crate::plan::budgets::BudgetMonth;
use crate::report::plan::Draft;

const HEAD: u32 = 4;
/// Columns before those of amounts.
const WORDS: u16 = 4;

/// What owners or teams spend beside their budgets, where the policy has such.
pub fn sheet(style: &Style, draft: &Draft<'_>) -> Result<Option<Worksheet>, XlsxError> {
    let plan = draft.plan;
    let Some(table) = &plan.budgets else { return Ok(None) };
    let mut sheet = Worksheet::new();
    let notes = [
        "Spent on the days that were read, and to come if nothing is done, in USD: savings are told by step.",
        "Headroom is the budget less the amount.",
    ];
    let mut page = Page::new(&mut sheet, style, "Budgets", &notes)?;
    page.widths(&[30, 11, 11, 10])?;
    page.head(HEAD, 0, &[(table.whose, false), ("Quarter", false), ("Month", false), ("", false)])?;
    let amounts = |month: &BudgetMonth| -> [Option<Money>; 3] {
        let headroom = month.budget.and_then(|budget| budget.sub(month.amount).ok());
        [Some(month.amount), month.budget, headroom]
    };
    let columns = Amounts::new(WORDS, table.parts.iter().flat_map(|part| &part.months).map(amounts));
    columns.head(&mut page, HEAD, ["Amount", "Budget", "Headroom"])?;
    let mut row = HEAD;
    for part in &table.parts {
        for month in &part.months {
            row += 1;
            page.text(row, 0, part.name.as_deref().unwrap_or("All others"), &style.name)?;
            page.text(row, 1, &plan.quarter_of(month.month), &style.text)?;
            page.text(row, 2, &month.month.to_string(), &style.text)?;
            page.text(row, 3, if month.is_actual { "spent" } else { "to come" }, &style.text)?;
            columns.write(&mut page, row, amounts(month), &style.money)?;
        }
    }
    page.finish(HEAD, columns.last(), 1, (row, columns.last()))?;
    Ok(Some(sheet))
}
