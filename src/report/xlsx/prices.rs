//! The sheet of prices: where they are from, where they are not what one expects, and what is known ahead.

use rust_xlsxwriter::{Worksheet, XlsxError};

use super::cells::Page;
use super::style::Style;
use crate::report::plan::Draft;

/// Characters in a line of what an exception means.
const MEANING_WIDTH: u16 = 70;
const LAST: u16 = 4;

/// The sheet.
pub fn sheet(style: &Style, draft: &Draft<'_>) -> Result<Worksheet, XlsxError> {
    let report = draft.report;
    let mut sheet = Worksheet::new();
    let mut page = Page::new(
        &mut sheet,
        style,
        "Prices",
        &["What the figures are priced with. `batchwise prices show MODEL` has each rate with its source."],
    )?;
    page.widths(&[26, 34, 22, 16, MEANING_WIDTH])?;
    page.text(3, 0, "Price table", &style.text)?;
    page.text(3, 1, &report.prices.source, &style.name)?;
    page.text(4, 0, "Oldest check of a price in use", &style.text)?;
    page.text(4, 1, report.prices.checked.as_deref().unwrap_or("no price used"), &style.text)?;
    page.text(5, 0, "Monthly figures stand on", &style.text)?;
    let is_agreed = report.agreed.as_ref().is_some_and(|agreed| !agreed.models.is_empty());
    let basis = if is_agreed { "what the bill charges of list prices" } else { "list prices" };
    page.text(5, 1, basis, &style.text)?;
    let mut row = 7;
    if let Some(agreed) = &report.agreed {
        page.text(row, 0, "Agreed prices", &style.heading)?;
        page.head(row + 1, 0, &[("Provider", false), ("Model", false), ("Billed ÷ list", true)])?;
        row += 2;
        for model in &agreed.models {
            page.text(row, 0, &model.provider, &style.name)?;
            page.text(row, 1, &model.model, &style.name)?;
            page.text(row, 2, &model.ratio, &style.right)?;
            row += 1;
        }
        for model in &agreed.at_list {
            page.text(row, 0, &model.provider, &style.name)?;
            page.text(row, 1, &model.model, &style.name)?;
            page.text(row, 2, "at list price", &style.right)?;
            page.money(row, 3, model.monthly_cost, &style.money)?;
            row += 1;
        }
        row += 1;
    }
    if !report.exceptions.is_empty() {
        page.text(row, 0, "Prices that are not what one expects", &style.heading)?;
        page.head(
            row + 1,
            0,
            &[
                ("Provider", false),
                ("Model", false),
                ("Code", false),
                ("Cost in the period", true),
                ("What it means", false),
            ],
        )?;
        row += 2;
        for exception in &report.exceptions {
            page.text(row, 0, &exception.provider, &style.name)?;
            page.text(row, 1, &exception.model, &style.name)?;
            page.text(row, 2, exception.code, &style.text)?;
            page.money(row, 3, exception.cost, &style.money)?;
            page.text(row, 4, &exception.message, &style.sentence)?;
            page.high_enough(row, &[(&exception.message, MEANING_WIDTH)])?;
            row += 1;
        }
        row += 1;
    }
    if !draft.plan.risks.is_empty() {
        page.text(row, 0, "Known ahead", &style.heading)?;
        page.head(
            row + 1,
            0,
            &[
                ("Day", false),
                ("Models", false),
                ("What happens", false),
                ("Cost a month", true),
                ("What it changes a month", false),
            ],
        )?;
        row += 2;
        for risk in &draft.plan.risks {
            page.text(row, 0, &risk.day.to_string(), &style.text)?;
            page.text(row, 1, &risk.models.join(", "), &style.name)?;
            page.text(row, 2, &what_happens(risk), &style.text)?;
            page.money(row, 3, risk.monthly_cost, &style.money)?;
            if let Some(change) = risk.monthly_change {
                page.text(row, 4, &crate::report::words::dollars(change), &style.indented)?;
            }
            row += 1;
        }
    }
    page.sheet.set_print_area(0, 0, row, LAST)?;
    Ok(sheet)
}

/// What happens to the models of a risk.
fn what_happens(risk: &crate::plan::Risk) -> String {
    match (risk.kind, &risk.successor) {
        ("retirement", Some(successor)) => format!("is retired; its successor is {successor}"),
        ("retirement", None) => "is to be retired".to_owned(),
        _ => "price changes".to_owned(),
    }
}
