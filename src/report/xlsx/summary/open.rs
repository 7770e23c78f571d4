//! What is not settled: assumptions that move the result, and questions that somebody has to decide.

use rust_xlsxwriter::XlsxError;

use crate::report::document::{self, Block, PLAIN};
use crate::report::plan::Draft;
use crate::report::plan::sensitivity::{at_stake, driver_words, drivers as moving};
use crate::report::words::whole_dollars;
use crate::report::xlsx::cells::Page;

/// Open questions that are named.
const MOST_QUESTIONS: usize = 6;

/// What moves the result; worked out by batchwise, not by formulas.
pub fn drivers(page: &mut Page<'_>, row: u32, draft: &Draft<'_>) -> Result<u32, XlsxError> {
    let style = page.style;
    if moving(draft.plan).next().is_none() {
        return Ok(row);
    }
    page.text(row, 0, "What moves the result", &style.heading)?;
    let note = format!(
        "Saving a month by batch and routing, base case {}, with one assumption at each end. As batchwise worked it out; to try others change Assumptions.",
        whole_dollars(draft.plan.sensitivity.0)
    );
    page.text(row + 1, 0, &note, &style.note)?;
    page.head(
        row + 2,
        0,
        &[("", false), ("Low end", false), ("saves", true), ("High end", false), ("saves", true), ("At stake", true)],
    )?;
    let mut line = row + 3;
    for driver in moving(draft.plan) {
        page.text(line, 0, driver_words(driver.id), &style.text)?;
        page.text(line, 1, &driver.low, &style.wrapped)?;
        page.money(line, 2, driver.at_low, &style.money)?;
        page.text(line, 3, &driver.high, &style.sentence)?;
        page.high_enough(line, &[(&driver.low, super::WIDTH), (&driver.high, super::WIDTH)])?;
        page.money(line, 4, driver.at_high, &style.money)?;
        page.money(line, 5, at_stake(driver), &style.money)?;
        line += 1;
    }
    Ok(line)
}

/// Decisions needed, and what is at stake in each.
pub fn questions(page: &mut Page<'_>, row: u32, draft: &Draft<'_>) -> Result<u32, XlsxError> {
    let style = page.style;
    let Some(section) = document::questions(draft.report) else { return Ok(row) };
    let most = draft.report.row_limit(MOST_QUESTIONS);
    page.text(row, 0, "Decisions needed", &style.heading)?;
    page.head(row + 1, 0, &[("", false), ("At stake, USD a month", true), ("Models", false)])?;
    let mut line = row + 2;
    let Some(table) = section.blocks.iter().find_map(Block::table) else { return Ok(row) };
    let (first, _, rest) = table.split(most);
    for found in first {
        let [stake, question, models] = [0, 1, 2].map(|column| &found.cells[column]);
        let asked = question.drawn(&PLAIN);
        page.text(line, 0, &asked, &style.wrapped)?;
        page.high_enough(line, &[(&asked, super::LABEL_WIDTH)])?;
        match stake.amount() {
            Some(saving) => page.money(line, 1, saving, &style.money)?,
            None => page.text(line, 1, &stake.drawn(&PLAIN), &style.right)?,
        }
        page.text(line, 2, &models.drawn(&PLAIN), &style.indented)?;
        line += 1;
    }
    if let Some(rest) = rest {
        page.text(line, 0, &format!("{}, in the JSON and the page", rest.cells[1].drawn(&PLAIN)), &style.note)?;
        page.money(line, 1, rest.cells[0].amount(), &style.money)?;
        line += 1;
    }
    Ok(line)
}
