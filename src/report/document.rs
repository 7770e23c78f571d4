//! What pages for readers say, before any of them is drawn: the one document of a report or a plan.
//!
//! Role: sections of typed text and tables. The terminal, Markdown, the page for a browser and the fact sheets of the
//! workbook draw the same document, so a figure, a sentence and a name read alike in each. A new section is one function
//! here. Nothing here escapes a name or chooses a width: each form does, once.

use std::num::NonZeroUsize;

mod bill;
mod cached_prompts;
mod bill_gap;
mod certainty;
mod headline;
mod improvements;
mod ledger;
mod movers;
mod next_steps;
mod prices;
mod questions;
mod scenarios;
mod showback;
mod status;
mod table;
mod text;
mod value_pages;
mod workloads;

pub use bill::{
    basis, control_totals, days, lines, models, providers, reconciliation, summary as bill_summary, verdict,
};
pub use bill_gap::{alarm as bill_alarm, section as bill_gap, sentences as bill_sentences};
pub use cached_prompts::{HOW_TO_PRIME, advice};
pub use certainty::certainty;
pub use headline::{
    UNKNOWN, about, bound, headline, incomplete, on_basis, price_table, saves_at_least, unknown_saving,
};
pub use ledger::{grain, ledger, rejected_rows};
pub use movers::movers;
pub use prices::{agreed_prices, exceptions};
pub use questions::questions;
pub use scenarios::{CASES, assumed_routing, estimate};
pub use showback::showback;
pub use status::status;
pub use table::{Bar, Cell, Column, ColumnType, Emphasis, Precision, Row, Table};
pub(crate) use text::text;
pub use text::{Escape, PLAIN, Span, Text, name, named, quote};
pub use value_pages::{to_the_bill, value_pages};
pub use workloads::{COUNT_SMALL, Kind, cost, model, small_volume, with_details, workloads};

use super::{Note, Report};
use crate::money::Money;
use crate::report::words::{plural, to_the_cent};

/// Said where nothing is left out.
pub const ALL_ACCOUNTED: &str = "Every row is accounted for and everything is priced.";
/// Rows that a list of a document has at most, where nobody said how many. The others are added up in one.
pub const MOST_ROWS: usize = 30;
/// Sentences of a list.
pub const MOST_POINTS: usize = 20;
/// Characters of the name of a workload.
pub const LONGEST_NAME: usize = 34;
/// Characters of the name of a file, or of a model with its provider.
pub const LONGEST_PATH: usize = 40;
/// Characters of a sentence that quotes a file.
pub const LONGEST_SENTENCE: usize = 400;

/// A report or a plan for readers.
#[derive(Debug)]
pub struct Document {
    /// What it is, such as `batchwise plan`.
    pub name: &'static str,
    /// What was read: files, days, requests, and the date of the prices.
    pub about: Vec<Text>,
    /// The answer.
    pub headline: Headline,
    /// The rest, in the order of reading.
    pub parts: Vec<Part>,
    /// How many rows a list shows, where somebody said so.
    pub top: Option<NonZeroUsize>,
}

/// What is said first.
#[derive(Debug, Default)]
pub struct Headline {
    /// Whether the figures can be presented; nothing where nothing was read.
    pub status: Option<StatusLine>,
    /// The answer, sentence by sentence.
    pub answer: Vec<Text>,
    /// Why the figures are not complete.
    pub incomplete: Vec<Text>,
    /// What has to be known before a figure is used.
    pub alarms: Vec<Text>,
    /// What belongs to the answer.
    pub details: Vec<Text>,
}

/// Whether the figures can be presented, in a sentence.
#[derive(Debug)]
pub struct StatusLine {
    /// The sentence.
    pub text: Text,
    /// Whether they cannot.
    pub is_alarm: bool,
}

/// Sections that are read together.
#[derive(Debug)]
pub struct Part {
    /// A name that can be linked to.
    pub id: &'static str,
    /// The title, where parts have titles.
    pub title: &'static str,
    /// Its sections.
    pub sections: Vec<Section>,
}

/// A heading and what stands below it.
#[derive(Debug)]
pub struct Section {
    /// A name for whoever looks for it.
    pub id: &'static str,
    /// The heading.
    pub heading: Text,
    /// What stands beside the heading, such as what a month costs; mostly nothing.
    pub beside: Text,
    /// What stands below.
    pub blocks: Vec<Block>,
}

/// A piece of a section.
#[derive(Debug)]
pub enum Block {
    /// A sentence or some.
    Paragraph(Text),
    /// What may be passed over.
    Note(Text),
    /// Points.
    List(Vec<Text>),
    /// Typed cells.
    Table(Box<Table>),
    /// Something to type.
    Command(String),
}

impl Block {
    /// The table, if it is one.
    pub const fn table(&self) -> Option<&Table> {
        match self {
            Self::Table(table) => Some(table),
            Self::Paragraph(_) | Self::Note(_) | Self::List(_) | Self::Command(_) => None,
        }
    }
}

impl Document {
    /// Every section, in order.
    pub fn sections(&self) -> impl Iterator<Item = &Section> {
        self.parts.iter().flat_map(|part| &part.sections)
    }

    /// How many rows a list shows that usually has this many.
    pub fn row_limit(&self, usual: usize) -> usize {
        self.top.map_or(usual, NonZeroUsize::get)
    }
}

impl Part {
    /// A part of these sections, without those that say nothing.
    pub fn new(
        id: &'static str,
        title: &'static str,
        sections: impl IntoIterator<Item = Option<Section>>,
    ) -> Option<Self> {
        let sections: Vec<Section> = sections.into_iter().flatten().collect();
        (!sections.is_empty()).then_some(Self { id, title, sections })
    }
}

impl Section {
    /// A heading with nothing below it yet.
    pub fn new(id: &'static str, heading: impl Into<Text>) -> Self {
        Self { id, heading: heading.into(), beside: Text::default(), blocks: Vec::new() }
    }

    /// The heading and what stands beside it, in one line.
    pub fn title(&self, escape: &Escape, between: &str) -> String {
        let texts = [&self.heading, &self.beside].map(|text| text.drawn(escape));
        if texts[1].is_empty() { texts[0].clone() } else { texts.join(between) }
    }

    /// With a sentence below.
    #[must_use]
    pub fn paragraph(self, text: impl Into<Text>) -> Self {
        self.with(Block::Paragraph(text.into()))
    }

    /// With sentences below.
    #[must_use]
    pub fn paragraphs(mut self, texts: impl IntoIterator<Item = Text>) -> Self {
        self.blocks.extend(texts.into_iter().map(Block::Paragraph));
        self
    }

    /// With what may be passed over.
    #[must_use]
    pub fn notes(mut self, texts: impl IntoIterator<Item = Text>) -> Self {
        self.blocks.extend(texts.into_iter().map(Block::Note));
        self
    }

    /// With points, if there are any.
    #[must_use]
    pub fn list(self, points: impl IntoIterator<Item = Text>) -> Self {
        let points: Vec<Text> = points.into_iter().collect();
        if points.is_empty() { self } else { self.with(Block::List(points)) }
    }

    /// With a table, if it has rows.
    #[must_use]
    pub fn table(self, table: Table) -> Self {
        if table.is_empty() { self } else { self.with(Block::Table(Box::new(table.leveled()))) }
    }

    /// With something to type, if there is something.
    #[must_use]
    pub fn command(self, command: Option<String>) -> Self {
        match command {
            Some(command) => self.with(Block::Command(command)),
            None => self,
        }
    }

    /// The section, if anything stands below its heading.
    pub fn if_any(self) -> Option<Self> {
        (!self.blocks.is_empty()).then_some(self)
    }

    fn with(mut self, block: Block) -> Self {
        self.blocks.push(block);
        self
    }
}

/// The first of a list of sentences, and how many are left.
pub fn cut(mut points: Vec<Text>, most: usize, what: &str) -> Vec<Text> {
    let rest = points.len().saturating_sub(most);
    points.truncate(most);
    points.extend((rest > 0).then(|| text!("… ", plural(rest as u64, what), " in the JSON report")));
    points
}

/// What is worth knowing, or why something is missing, with its code.
pub fn notes(notes: &[Note]) -> Vec<Text> {
    let said = notes.iter().map(|note| text!(quote(&note.message, LONGEST_SENTENCE), " (`", note.code, "`)"));
    cut(said.collect(), MOST_POINTS, "more warning")
}

/// The document of a report.
pub fn of_report(report: &Report) -> Document {
    let (found, most) = (report.reconciliation.as_ref(), report.row_limit(MOST_ROWS));
    let workloads = workloads(report)
        .into_iter()
        .map(Some)
        .chain([cached_prompts::cached_prompts(report, most), movers(report, most)]);
    let showback =
        [showback(report, most), to_the_bill(report)].into_iter().chain(value_pages(report).into_iter().map(Some));
    let checks = [
        certainty(report),
        Some(ledger(report, most)),
        found.and_then(|found| reconciliation(report, found)),
        control_totals(report),
        exceptions(report),
        improvements::improvements(report),
        Section::new("warnings", "Warnings").list(notes(&report.warnings)).if_any(),
    ];
    let parts = [
        Part::new("bill", "The bill", [bill_gap(report)]),
        Part::new("scenarios", "Scenarios", [Some(scenarios::scenarios(report))]),
        Part::new("workloads", "Workloads", workloads),
        Part::new("showback", "Showback", showback),
        Part::new("decisions", "Decisions needed", [questions(report), next_steps::next_steps(report)]),
        Part::new("checks", "How this was checked", checks),
    ];
    Document {
        name: "batchwise",
        about: about(report),
        headline: headline(report),
        parts: parts.into_iter().flatten().collect(),
        top: report.top,
    }
}

/// Whether an amount is shown as nothing.
pub fn is_nothing(amount: Money) -> bool {
    to_the_cent(amount).is_zero()
}
