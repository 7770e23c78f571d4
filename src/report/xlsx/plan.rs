//! The sheet of the plan: what moves, in its order, with owner, start and standing; what each step saves follows the
//! assumptions.

use rust_xlsxwriter::{Worksheet, XlsxError};

use super::cells::{Drawn, Page, letters};
use super::scenarios::Scenarios;
use super::style::Style;
use super::workloads::{Column, MOVES, Rows};
use crate::money::Money;
use crate::plan::steps::Step;
use crate::plan::workbook_model::lines::MOST_ROWS;
use crate::report::document::{PLAIN, Text, model, with_details};
use crate::report::plan::Draft;
use crate::report::words::{difference, more, sum};

const SHEET: &str = "Plan";
const HEAD: u32 = 4;
const SAVING: u16 = 6;
const CUMULATIVE: u16 = 7;
const LAST: u16 = 9;
const TITLES: [(&str, bool); 10] = [
    ("No.", true),
    ("Workload", false),
    ("Model", false),
    ("Owner", false),
    ("Effort", false),
    ("Start", false),
    ("Saving in full, a month", true),
    ("Cumulative", true),
    ("Status", false),
    ("Approved", false),
];
/// The case in which steps are counted.
const BASE: usize = 1;

/// Writes the sheet.
pub fn write(
    sheet: &mut Worksheet,
    style: &Style,
    draft: &Draft<'_>,
    rows: &Rows,
    scenarios: &Scenarios,
) -> Result<(), XlsxError> {
    let mut page = Page::new(
        sheet,
        style,
        SHEET,
        &[
            "What moves to batch, by saving for the effort, in USD a month, net of failures and late results. “Saving in full” is what a step saves once all of it runs, and follows the sheet Assumptions.",
            "Owner, start, status and approved are what the policy's rules say; an empty cell is to be filled.",
        ],
    )?;
    page.widths(&[6, 30, 30, 16, 10, 10, 14, 14, 12, 26])?;
    page.head(HEAD, 0, &TITLES)?;
    page.sheet.set_row_height(HEAD, 30)?;
    let steps = &draft.plan.steps.steps;
    let (shown, others) = steps.split_at(steps.len().min(MOST_ROWS));
    let mut line = HEAD;
    for (number, step) in (1..).zip(shown) {
        line += 1;
        page.count(line, 0, number)?;
        facts(&mut page, line, step)?;
        let saving = rows.cell(step.row, Column::Net).zip(rows.cell(step.row, MOVES[BASE]));
        saved(&mut page, line, saving.map(|(net, moves)| format!("={net}*{moves}")), step.saving, step.cumulative)?;
    }
    let whole = sum(steps.iter().map(|step| step.saving));
    if !others.is_empty() {
        line += 1;
        page.text(line, 1, &more(others.len()), &style.faint)?;
        saved(&mut page, line, None, sum(others.iter().map(|step| step.saving)), whole)?;
    }
    totals(&mut page, line, whole, scenarios, draft.plan.now.batch_only.base)?;
    page.finish(HEAD, LAST, 2, (line + 3, LAST))
}

/// What is no figure.
fn facts(page: &mut Page<'_>, line: u32, step: &Step) -> Drawn {
    let style = page.style;
    page.text(line, 1, &with_details(&step.workload, &step.apart).drawn(&PLAIN), &style.name_indented)?;
    page.text(line, 2, &Text::from(model(&step.provider, &step.model)).drawn(&PLAIN), &style.name)?;
    page.text(line, 3, step.owner.as_deref().unwrap_or_default(), &style.name)?;
    page.text(line, 4, step.effort.name(), &style.text)?;
    page.text(line, 5, &step.start.to_string(), &style.text)?;
    page.text(line, 8, step.status.unwrap_or_default(), &style.indented)?;
    let approved = step.approved.as_ref().map(|(by, on)| format!("{by}, {on}")).unwrap_or_default();
    page.text(line, 9, &approved, &style.name)
}

/// What a step saves, by a formula where its row stands alone among the workloads, and what it and those before it do.
fn saved(page: &mut Page<'_>, line: u32, formula: Option<String>, saving: Money, so_far: Money) -> Drawn {
    let money = &page.style.money;
    match formula {
        Some(formula) => page.formula(line, SAVING, formula, saving.to_string(), money)?,
        None => page.money(line, SAVING, saving, money)?,
    }
    let (saving, above) = (letters(SAVING), letters(CUMULATIVE));
    let formula = if line == HEAD + 1 {
        format!("={saving}{}", line + 1)
    } else {
        format!("={above}{line}+{saving}{}", line + 1)
    };
    page.formula(line, CUMULATIVE, formula, so_far.to_string(), money)
}

/// All steps, and what other assumptions let move beside them, up to what the scenario says.
fn totals(page: &mut Page<'_>, last: u32, whole: Money, scenarios: &Scenarios, scenario: Money) -> Drawn {
    let style = page.style;
    let (top, column) = (last + 1, letters(SAVING));
    for blank in 0..=LAST {
        page.sheet.write_blank(top, blank, &style.total_label)?;
    }
    page.text(top, 1, "All steps", &style.total_label)?;
    let steps = if last == HEAD { "=0".to_owned() } else { format!("=SUM({column}{}:{column}{})", HEAD + 2, last + 1) };
    page.formula(top, SAVING, steps, whole.to_string(), &style.total)?;
    page.text(top + 1, 1, "Moves only by changed assumptions", &style.indented)?;
    let beside = format!("=ROUND({column}{}-{column}{},6)", top + 3, top + 1);
    page.formula(top + 1, SAVING, beside, difference(scenario, whole).to_string(), &style.money)?;
    page.text(top + 2, 1, "Batch only, base case, net", &style.indented)?;
    let all = format!("={}", scenarios.net.batch_saving(1));
    page.formula(top + 2, SAVING, all, scenario.to_string(), &style.money)
}
