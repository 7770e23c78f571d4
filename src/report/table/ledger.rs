//! The end of the page: what became of every row, what the bill says, and what is special about prices.

use std::fmt::Write as _;

use super::page::{LABEL, Page};
use crate::diagnostic::{shown, shown_short};
use crate::report::content::{self, LONGEST_PATH};
use crate::report::theme::Theme;
use crate::report::words::{dollars, grouped, plural};
use crate::report::{InputLine, Reconciliation, Report};

/// Sentences about special prices.
const MOST_EXCEPTIONS: usize = 8;
/// Files.
const MOST_FILES: usize = 12;

/// Each file by what became of its rows, the bill, and control totals.
pub fn ledger(report: &Report, page: &mut Page<'_>) {
    let most = report.most(MOST_FILES);
    // A file that is left out is always named.
    let (shown_files, others): (Vec<_>, Vec<_>) =
        report.inputs.iter().enumerate().partition(|(index, input)| *index < most || input.left_out.is_some());
    let others: Vec<&InputLine> = others.into_iter().map(|(_, input)| input).collect();
    for (index, (_, input)) in shown_files.into_iter().enumerate() {
        let mut text = format!("{}: {}.", shown_short(&input.file, LONGEST_PATH), fates(&[input]));
        let _ = write!(text, " Read as {}: {}.", input.format, content::grain(input));
        if let Some(hash) = &input.sha256 {
            let _ = write!(text, " SHA-256 {hash}.");
        }
        if let Some(reason) = &input.left_out {
            let _ = write!(text, " LEFT OUT: {}.", shown(&reason.message));
        }
        page.labelled(if index == 0 { "Ledger" } else { "" }, Theme::bold, &text);
    }
    if !others.is_empty() {
        page.labelled("", Theme::bold, &format!("{}: {}.", plural(others.len() as u64, "more file"), fates(&others)));
    }
    page.labelled("", Theme::bold, &bill_words(report));
    if report.incomplete.is_empty() {
        page.labelled("", Theme::bold, content::ALL_ACCOUNTED);
    }
    for (index, sentence) in
        report.reconciliation.iter().flat_map(|found| content::reconciliation(report, found, shown_short)).enumerate()
    {
        page.labelled(if index == 0 { "Bill" } else { "" }, Theme::bold, &sentence);
    }
    if let Some(found) = &report.reconciliation {
        items(report, found, page);
    }
    for (index, sentence) in content::control_totals(report, shown_short).iter().enumerate() {
        page.labelled(if index == 0 { "Control" } else { "" }, Theme::bold, sentence);
    }
}

/// Rows read, and what became of them.
fn fates(inputs: &[&InputLine]) -> String {
    let mut sums: Vec<(&str, u64)> = Vec::new();
    for (fate, count) in inputs.iter().flat_map(|input| content::shown_fates(input)) {
        match sums.iter_mut().find(|(known, _)| known == fate) {
            Some((_, sum)) => *sum += count,
            None => sums.push((fate, *count)),
        }
    }
    let parts: Vec<String> = sums
        .into_iter()
        .map(|(fate, count)| format!("{} {}", grouped(u128::from(count)), content::fate_words(fate)))
        .collect();
    format!("{} read = {}", plural(inputs.iter().map(|input| input.read).sum(), "row"), parts.join(" + "))
}

/// Lines of the bill besides tokens, amounts under one another.
fn items(report: &Report, found: &Reconciliation, page: &mut Page<'_>) {
    let Some(heading) = content::items_heading(found) else { return };
    page.labelled("", Theme::bold, &heading);
    let lines: Vec<(String, String)> = content::items(report, found, shown_short)
        .into_iter()
        .map(|(amount, words)| (dollars(amount), words))
        .collect();
    let width = lines.iter().map(|(amount, _)| amount.chars().count()).max().unwrap_or_default();
    for (amount, words) in lines {
        page.line(&format!("{}{amount:>width$}  {words}", " ".repeat(LABEL)));
    }
}

fn bill_words(report: &Report) -> String {
    let sentences =
        [Some(content::bill(report)), content::only_billed(report), content::billed_for_other(report, shown_short)];
    sentences.into_iter().flatten().collect::<Vec<_>>().join(" ")
}

/// What is special about prices: models of which the same is to be said are named together.
pub fn exceptions(report: &Report, page: &mut Page<'_>) {
    let sentences = content::exceptions(&report.exceptions, shown_short);
    let most = report.most(MOST_EXCEPTIONS);
    for (index, (message, models)) in sentences.iter().take(most).enumerate() {
        page.labelled(if index == 0 { "Prices" } else { "" }, Theme::bold, &format!("{models}: {message}."));
    }
    let rest = sentences.len().saturating_sub(most);
    if rest > 0 {
        page.labelled("", Theme::bold, &format!("… {} in the JSON report.", plural(rest as u64, "more exception")));
    }
    if !sentences.is_empty() {
        page.line("");
    }
}
