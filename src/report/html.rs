//! The report and the plan as one page for a browser.
//!
//! Role: lays out what [`super::content`] and [`super::plan::content`] say, with pictures drawn here. The page is one
//! file that loads nothing and runs nothing, and says so to the browser. The templates in `templates/` escape whatever
//! they are given; what is not to be escaped are parts that have been already.

use askama::Template;

use super::plan::content as plan_content;
use super::plan::{Draft, View};
use answer::{Answer, answer};
use parts::{Block, Picture, SHOW, quotes};

use crate::diagnostic::Failure;

mod answer;
mod canvas;
mod evidence;
mod parts;
mod pictures;
mod workloads;

/// The whole page.
#[derive(Template)]
#[template(path = "page.html")]
struct Page {
    title: &'static str,
    about: Vec<String>,
    answer: Answer,
    sections: Vec<Section>,
    footer: String,
}

/// A part of the page that can be gone to.
struct Section {
    id: &'static str,
    /// What it is called where one goes to it.
    short: &'static str,
    heading: String,
    before: Vec<String>,
    pictures: Vec<Picture>,
    blocks: Vec<Block>,
    /// Whether blocks stand beside one another where there is room.
    is_cards: bool,
}

impl Section {
    fn of(id: &'static str, heading: &'static str, blocks: Vec<Block>) -> Self {
        let (short, heading) = (heading, heading.to_owned());
        Self { id, short, heading, before: Vec::new(), pictures: Vec::new(), blocks, is_cards: false }
    }

    /// A part of one block, whose heading is the part's.
    fn single(id: &'static str, short: &'static str, mut block: Block) -> Self {
        let heading = std::mem::take(&mut block.heading);
        Self { heading, ..Self::of(id, short, vec![block]) }
    }

    fn has_content(&self) -> bool {
        !self.pictures.is_empty() || !self.blocks.is_empty()
    }
}

/// Renders the page.
pub fn render(draft: &Draft<'_>, view: View) -> Result<String, Failure> {
    let report = draft.report;
    let mut sections = vec![pictures(draft, view)];
    match view {
        View::Report => sections.extend(of_report(draft)),
        View::Plan => sections.extend(of_plan(draft)),
    }
    sections.push(ground(draft));
    sections.retain(Section::has_content);
    let about = super::content::about(report, SHOW.name);
    let page = Page {
        title: match view {
            View::Report => "What LLM calls cost, and what can wait",
            View::Plan => "What to move to batch",
        },
        answer: answer(draft, view),
        sections,
        footer: format!("batchwise · {} · amounts in USD", about.join(" · ")),
        about,
    };
    page.render().map_err(|error| Failure::internal(format!("the page cannot be made: {error}")))
}

fn blocks(sections: impl IntoIterator<Item = plan_content::Section>) -> Vec<Block> {
    sections.into_iter().map(|section| Block::of(&section)).collect()
}

/// The months ahead at list prices, which is to be said where the figures above stand on others.
fn pictures(draft: &Draft<'_>, view: View) -> Section {
    let mut before = Vec::new();
    if view == View::Report {
        // Why the plan saves less than the figures above.
        let paper = plan_content::left_on_paper(draft.plan);
        before.extend(paper.map(|sentence| quotes(&format!("{sentence} The months ahead count that."))));
    }
    if draft.report.agreed.is_some() {
        before.push("Months ahead stand on list prices, whatever the bill charges.".to_owned());
    }
    Section { before, pictures: pictures::pictures(draft), ..Section::of("pictures", "In pictures", Vec::new()) }
}

fn of_report(draft: &Draft<'_>) -> Vec<Section> {
    let (report, plan) = (draft.report, draft.plan);
    let quarters = (!plan.quarters.is_empty()).then(|| Block::of(&plan_content::quarters(plan)));
    let decide = evidence::questions(report).into_iter().chain(evidence::next(report)).collect();
    let workloads = Section {
        before: evidence::share(report).into_iter().chain(super::content::failed(report)).collect(),
        ..Section::of("workloads", "Workloads", workloads::workloads(report))
    };
    let mut sections: Vec<Section> =
        quarters.map(|block| Section::single("quarters", "Quarters", block)).into_iter().collect();
    sections.push(workloads);
    sections.extend(workloads::showback(report).map(|block| Section::single("by", "Showback", block)));
    sections.extend(workloads::movers(report).map(|block| Section::single("movers", "Movers", block)));
    sections.push(Section::of("questions", "To be decided", decide));
    sections
}

fn of_plan(draft: &Draft<'_>) -> Vec<Section> {
    let plan = draft.plan;
    let budgets = plan_content::budgets(plan, SHOW);
    let months = [plan_content::quarters(plan), plan_content::months(plan)].into_iter().chain(budgets);
    let months = if plan.months.is_empty() { Vec::new() } else { blocks(months) };
    let aside = [plan_content::not_worth_it(draft, SHOW), plan_content::cannot(draft, SHOW)];
    let hangs_on = plan_content::sensitivity(plan, SHOW);
    let hangs_on = hangs_on.map(|section| Section::single("risks", "Sensitivity", Block::of(&section)));
    let known = [plan_content::risks(plan, SHOW).map(|section| Block::of(&section)), evidence::questions(draft.report)];
    let cards = blocks(plan_content::cards(draft, SHOW));
    let routing =
        plan_content::routing(draft, SHOW).map(|section| Section::single("routing", "Routing", Block::of(&section)));
    let mut sections = vec![
        Section::single("moves", "Moves", Block::of(&plan_content::moves(draft, SHOW))),
        Section { is_cards: true, ..Section::of("steps", "Step by step", cards) },
        Section::of("months", "Quarters and months", months),
        Section::of("aside", "What stays", blocks(aside.into_iter().flatten())),
    ];
    sections.extend(routing);
    sections.extend(hangs_on);
    sections.extend([
        Section::of("known", "To be decided", known.into_iter().flatten().collect()),
        Section::single("method", "Method", Block::of(&plan_content::method(draft))),
    ]);
    sections
}

/// Why to believe it.
fn ground(draft: &Draft<'_>) -> Section {
    let report = draft.report;
    let found = report.reconciliation.as_ref();
    let blocks = [
        Some(evidence::ledger(report)),
        found.map(|found| evidence::reconciliation(report, found)),
        found.and_then(|found| evidence::items(report, found)),
        evidence::control_totals(report),
        evidence::exceptions(report),
        evidence::improvements(report),
        evidence::warnings(report),
    ];
    Section::of("ground", "Why to believe it", blocks.into_iter().flatten().collect())
}
