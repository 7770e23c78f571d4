//! What is not settled: assumptions that the saving hangs on, and questions that somebody has to decide.

use rust_xlsxwriter::XlsxError;

use crate::diagnostic::shown_short;
use crate::report::content;
use crate::report::plan::Draft;
use crate::report::plan::content::driver_words;
use crate::report::words::{difference, dollars};
use crate::report::xlsx::cells::Page;

/// Open questions that are named.
const MOST_QUESTIONS: usize = 6;

/// What the saving hangs on; worked out by batchwise, not by formulas.
pub fn drivers(page: &mut Page<'_>, row: u32, draft: &Draft<'_>) -> Result<u32, XlsxError> {
    let style = page.style;
    let (base, drivers) = &draft.plan.sensitivity;
    let moving: Vec<_> =
        drivers.iter().filter(|driver| driver.spread().is_ok_and(|spread| !spread.is_zero())).collect();
    if moving.is_empty() {
        return Ok(row);
    }
    page.text(row, 0, "What the saving hangs on", &style.heading)?;
    let note = format!(
        "Saving a month by batch and routing, base case {}, with one assumption at each end. As batchwise worked it out; to try others change Assumptions.",
        dollars(*base)
    );
    page.text(row + 1, 0, &note, &style.note)?;
    page.head(
        row + 2,
        0,
        &[("", false), ("Low end", false), ("saves", true), ("High end", false), ("saves", true), ("Apart", true)],
    )?;
    let mut line = row + 3;
    for driver in moving {
        page.text(line, 0, driver_words(driver.id), &style.text)?;
        page.text(line, 1, &driver.low, &style.wrapped)?;
        page.money(line, 2, driver.at_low, &style.money)?;
        page.text(line, 3, &driver.high, &style.sentence)?;
        page.high_enough(line, &[(&driver.low, super::WIDTH), (&driver.high, super::WIDTH)])?;
        page.money(line, 4, driver.at_high, &style.money)?;
        page.money(
            line,
            5,
            difference(driver.at_low.max(driver.at_high), driver.at_low.min(driver.at_high)),
            &style.money,
        )?;
        line += 1;
    }
    Ok(line)
}

/// What has to be decided, what hangs on it, and what all the others come to.
pub fn questions(page: &mut Page<'_>, row: u32, draft: &Draft<'_>) -> Result<u32, XlsxError> {
    let style = page.style;
    let (asked, rest) = content::questions(draft.report, draft.report.most(MOST_QUESTIONS), shown_short);
    if asked.is_empty() && rest.is_none() {
        return Ok(row);
    }
    page.text(row, 0, "What has to be decided", &style.heading)?;
    page.head(row + 1, 0, &[("", false), ("USD a month", true), ("Ask", false)])?;
    let mut line = row + 2;
    for question in asked {
        page.text(line, 0, &question.asked.question, &style.wrapped)?;
        page.high_enough(line, &[(&question.asked.question, super::LABEL_WIDTH)])?;
        match question.asked.monthly_saving {
            Some(saving) => page.money(line, 1, saving, &style.money)?,
            None => page.text(line, 1, &question.hangs, &style.right)?,
        }
        page.text(line, 2, question.owner.as_deref().unwrap_or("nobody is named"), &style.indented)?;
        line += 1;
    }
    if let Some(rest) = rest {
        page.text(line, 0, &format!("{rest}, in the JSON and the page"), &style.note)?;
        line += 1;
    }
    Ok(line)
}
