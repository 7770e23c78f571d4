//! Decisions needed: what has to be decided, what is at stake a month, who decides, and by when.

use rust_xlsxwriter::XlsxError;

use crate::money::Money;
use crate::report::Question;
use crate::report::document::is_nothing;
use crate::report::plan::Draft;
use crate::report::words::{month_words, more, plural, sum};
use crate::report::xlsx::cells::Page;

/// Decisions that are named.
const MOST: usize = 6;
/// The widths of the columns over which a decision stands, together.
const WIDTH: u16 = super::LABEL_WIDTH + 3 * super::WIDTH;
const STAKE: u16 = 4;
const OWNER: u16 = 5;
const BY: u16 = 7;

/// What somebody has to decide.
struct Decision {
    what: String,
    /// A month's saving; words where nothing is known of it.
    stake: Result<Money, String>,
    owner: String,
    by: String,
}

/// Open questions, which are answered before the plan begins, then what is to be settled before a step begins.
fn decisions(draft: &Draft<'_>) -> Vec<Decision> {
    let begins = draft.plan.months.first().map(|month| month_words(month.month)).unwrap_or_default();
    let matters = |asked: &&Question| asked.monthly_saving.is_none_or(|saving| !is_nothing(saving));
    let asked = draft.report.questions.iter().filter(matters).map(|asked| Decision {
        what: asked.question.clone(),
        stake: asked.monthly_saving.ok_or_else(|| match asked.tokens {
            Some(tokens) => plural(tokens, "token"),
            None => "unknown".to_owned(),
        }),
        owner: asked.owner.clone().unwrap_or_default(),
        by: begins.clone(),
    });
    let settled = draft.plan.steps.steps.iter().flat_map(|step| {
        step.blockers.iter().map(|blocker| Decision {
            what: format!("{}: {blocker}", step.workload),
            stake: Ok(step.saving),
            owner: step.owner.clone().unwrap_or_default(),
            by: month_words(step.start),
        })
    });
    asked.chain(settled).collect()
}

/// Writes them; gives the row behind the last.
pub fn write(page: &mut Page<'_>, row: u32, draft: &Draft<'_>) -> Result<u32, XlsxError> {
    let style = page.style;
    let all = decisions(draft);
    page.text(row, 0, "Decisions needed, in USD a month", &style.heading)?;
    if all.is_empty() {
        page.text(row + 1, 0, "No question is open.", &style.text)?;
        return Ok(row + 2);
    }
    let titles = [("Decision", false), ("", false), ("", false), ("", false), ("At stake", true)];
    let behind = [("Owner", false), ("", false), ("Before", false), ("", false)];
    page.head(row + 1, 0, &[&titles[..], &behind[..]].concat())?;
    let (named, others) = all.split_at(all.len().min(draft.report.row_limit(MOST)));
    let mut line = row + 2;
    for decision in named {
        page.across(line, (0, STAKE - 1), &decision.what, &style.wrapped)?;
        page.high_enough(line, &[(&decision.what, WIDTH)])?;
        match &decision.stake {
            Ok(saving) => page.money(line, STAKE, *saving, &style.money)?,
            Err(words) => page.text(line, STAKE, words, &style.right)?,
        }
        let owner = if decision.owner.is_empty() { "nobody is named" } else { &decision.owner };
        page.text(line, OWNER, owner, &style.indented)?;
        page.text(line, BY, &decision.by, &style.text)?;
        line += 1;
    }
    if !others.is_empty() {
        page.text(line, 0, &format!("{}, in the JSON and the page", more(others.len())), &style.note)?;
        page.money(
            line,
            STAKE,
            sum(others.iter().filter_map(|other| other.stake.as_ref().ok().copied())),
            &style.money,
        )?;
        line += 1;
    }
    Ok(line)
}
