//! The sheet of assumptions that move the result; worked out by batchwise, not by formulas.

use rust_xlsxwriter::{Worksheet, XlsxError};

use super::cells::Page;
use super::style::Style;
use crate::report::plan::Draft;
use crate::report::plan::sensitivity::{at_stake, driver_words, drivers};
use crate::report::words::whole_dollars;

const HEAD: u32 = 3;
const WIDTH: u16 = 30;

/// The sheet; nothing where no assumption makes a difference.
pub fn sheet(style: &Style, draft: &Draft<'_>) -> Result<Option<Worksheet>, XlsxError> {
    if drivers(draft.plan).next().is_none() {
        return Ok(None);
    }
    let mut sheet = Worksheet::new();
    let note = format!(
        "Saving a month by batch and routing, base case {}, with one assumption at each end, in USD. As batchwise worked it out; to try others change Assumptions.",
        whole_dollars(draft.plan.sensitivity.0)
    );
    let mut page = Page::new(&mut sheet, style, "Sensitivity", &[&note])?;
    page.widths(&[WIDTH, WIDTH, 14, WIDTH, 14, 14])?;
    let titles =
        [("", false), ("Low end", false), ("saves", true), ("High end", false), ("saves", true), ("At stake", true)];
    page.head(HEAD, 0, &titles)?;
    let mut last = HEAD;
    for driver in drivers(draft.plan) {
        last += 1;
        page.text(last, 0, driver_words(driver.id), &style.text)?;
        page.text(last, 1, &driver.low, &style.wrapped)?;
        page.money(last, 2, driver.at_low, &style.money)?;
        page.text(last, 3, &driver.high, &style.sentence)?;
        page.high_enough(last, &[(&driver.low, WIDTH), (&driver.high, WIDTH)])?;
        page.money(last, 4, driver.at_high, &style.money)?;
        page.money(last, 5, at_stake(driver), &style.money)?;
    }
    page.finish(HEAD, 5, 1, (last, 5))?;
    Ok(Some(sheet))
}
