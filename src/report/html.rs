//! A document as one page for a browser.
//!
//! Role: lays a [`Document`] out, with pictures and tiles drawn here. The page is one file that loads nothing and runs
//! nothing, and says so to the browser. The templates in `templates/` escape whatever they are given, but for what
//! `components` has escaped already.

use askama::Template;

use super::document::{self, Document, Part};
use super::estimate::Estimate;
use super::plan::document::gross_saving;
use super::plan::months::quarters;
use super::plan::{Draft, View};
use answer::{Answer, answer};
use components::{Markup, Picture, Section, markup};

use crate::diagnostic::Failure;

mod answer;
mod canvas;
mod components;
mod pictures;

/// The whole page.
#[derive(Template)]
#[template(path = "page.html")]
struct Page {
    title: &'static str,
    about: Vec<Markup>,
    answer: Answer,
    parts: Vec<PagePart>,
}

/// A part of the page that can be gone to.
struct PagePart {
    id: &'static str,
    /// What it is called where one goes to it.
    title: &'static str,
    heading: Markup,
    lead: Vec<Markup>,
    pictures: Vec<Picture>,
    sections: Vec<Section>,
    /// Whether sections stand beside one another where there is room.
    is_cards: bool,
}

impl PagePart {
    /// A part of the document. Of a single section the heading is the part's. What the first screen has is left out.
    fn of(part: &Part) -> Option<Self> {
        let sections: Vec<_> = part.sections.iter().filter(|section| section.id != answer::CERTAINTY).collect();
        let (heading, has_own) = match sections.as_slice() {
            [] => return None,
            [only] => (markup(&only.heading), false),
            _ => (markup(&part.title.into()), true),
        };
        let sections = sections.into_iter().map(|section| {
            let section = Section::of(section);
            Section { heading: section.heading.filter(|_| has_own), ..section }
        });
        let sections = sections.collect();
        let (lead, pictures) = (Vec::new(), Vec::new());
        Some(Self { id: part.id, title: part.title, heading, lead, pictures, sections, is_cards: part.id == "steps" })
    }
}

/// Renders the page.
pub fn render(document: &Document, draft: &Draft<'_>, view: View) -> Result<String, Failure> {
    let quarters = (view == View::Report && !draft.plan.quarters.is_empty()).then(|| quarters(draft.plan));
    let quarters = Part::new("quarters", "Quarters", [quarters]);
    let pictures = pictures(draft, view);
    let parts = pictures.into_iter().chain(quarters.iter().chain(&document.parts).filter_map(PagePart::of));
    let page = Page {
        title: match view {
            View::Report => "What LLM calls cost, and what is batch-eligible",
            View::Plan => "What to move to batch",
        },
        answer: answer(document, draft, view),
        parts: parts.collect(),
        about: document.about.iter().map(markup).collect(),
    };
    page.drawn()
}

/// Renders the page of an estimate.
pub fn estimate(document: &Document, estimate: &Estimate) -> Result<String, Failure> {
    let page = Page {
        title: "What batch would save: an estimate",
        answer: answer::of_estimate(document, estimate),
        parts: document.parts.iter().filter_map(PagePart::of).collect(),
        about: document.about.iter().map(markup).collect(),
    };
    page.drawn()
}

impl Page {
    fn drawn(&self) -> Result<String, Failure> {
        self.render().map_err(|error| Failure::internal(format!("the page cannot be made: {error}")))
    }
}

/// The months ahead at list prices, which is to be said where the figures above stand on others.
fn pictures(draft: &Draft<'_>, view: View) -> Option<PagePart> {
    // Why the plan saves less than the figures above.
    let gross = gross_saving(draft.plan).filter(|_| view == View::Report);
    let gross = gross.map(|text| document::text!(text, " The months ahead count that."));
    let agreed = draft.report.agreed.as_ref().map(|_| "Months ahead stand on list prices, whatever the bill charges.");
    let lead = gross.into_iter().chain(agreed.map(document::Text::from)).map(|text| markup(&text)).collect();
    let pictures = pictures::pictures(draft);
    let (title, heading) = ("In pictures", markup(&"In pictures".into()));
    let (id, sections) = ("pictures", Vec::new());
    (!pictures.is_empty()).then_some(PagePart { id, title, heading, lead, pictures, sections, is_cards: false })
}
