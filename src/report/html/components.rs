//! What a page is put together from: sections, tables, pictures.
//!
//! Role: values that the templates lay out. Texts of a document are escaped once, here ([`ESCAPE`]); a picture is escaped
//! by its canvas.

use std::borrow::Cow;
use std::fmt::{self, Display};

use askama::filters::{Html, HtmlSafe, escape};
use askama::{FastWritable, Template, Values};

use crate::money::Money;
use crate::report::document::{self, Escape, Text};

/// Text that has been escaped, and is part of a page as it is.
#[derive(Clone, Debug, Default)]
pub struct Markup(pub String);

impl Display for Markup {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FastWritable for Markup {
    fn write_into(&self, dest: &mut dyn fmt::Write, _: &dyn Values) -> askama::Result<()> {
        Ok(dest.write_str(&self.0)?)
    }
}

impl HtmlSafe for Markup {}

/// What comes from files is text and nothing else; a literal of ours stands as code.
pub const ESCAPE: Escape = Escape { words, name: escaped, quote: |text| escaped(&quotes(text)), is_cut: true };

fn words(text: &str) -> String {
    let pieces = text.split('`').enumerate();
    let shown = |(index, piece): (usize, &str)| {
        if index % 2 == 1 { format!("<code>{}</code>", escaped(piece)) } else { escaped(piece) }
    };
    pieces.map(shown).collect()
}

fn escaped(text: &str) -> String {
    escape(text, Html).map_or_else(|never| match never {}, |safe| safe.to_string())
}

/// Names in backticks as names in quotes. Without as many ends as beginnings they stay as they are.
fn quotes(text: &str) -> String {
    if !text.contains('`') || !text.matches('`').count().is_multiple_of(2) {
        return text.to_owned();
    }
    let pieces = text.split('`').enumerate();
    pieces.map(|(index, piece)| if index % 2 == 1 { format!("“{piece}”") } else { piece.to_owned() }).collect()
}

/// A text of a document on the page.
pub fn markup(text: &Text) -> Markup {
    Markup(text.drawn(&ESCAPE))
}

/// A cell of a table.
#[derive(Debug)]
pub struct Cell {
    /// What is read.
    pub text: Markup,
    /// The exact amount, where it is one.
    pub usd: Option<String>,
    /// The decimals that others of its column have and it has not: room for them keeps points under one another.
    pub pad: String,
}

impl Cell {
    /// A cell of a document.
    pub fn of(cell: &document::Cell) -> Self {
        Self {
            text: Markup(cell.drawn(&ESCAPE)),
            usd: cell.amount().map(|amount| amount.to_string()),
            pad: String::new(),
        }
    }

    /// An amount of a headline or a scenario.
    pub fn whole(amount: Money) -> Self {
        Self::of(&document::Cell::whole(amount))
    }
}

/// A row of a table.
#[derive(Debug)]
pub struct Row {
    /// Cells, as many as the table has columns.
    pub cells: Vec<Cell>,
    /// What stands out: nothing, `rest` or `total`.
    pub class: &'static str,
}

/// A table.
#[derive(Debug, Template)]
#[template(path = "table.html")]
pub struct Table {
    /// What it is, for those who hear it.
    pub caption: Markup,
    /// Titles, and whether figures stand below.
    pub columns: Vec<(Markup, bool)>,
    /// Which column says what a row is about.
    pub subject: usize,
    /// Whether its columns are as wide as those of the tables beside it.
    pub is_aligned: bool,
    /// Rows.
    pub rows: Vec<Row>,
}

impl Table {
    /// A table of a document.
    pub fn of(table: &document::Table, caption: &Text) -> Self {
        let decimals = table.decimals();
        let row = |row: &document::Row, class| {
            let cells = row.cells.iter().zip(&decimals);
            let cells = cells.map(|(cell, most)| Cell { pad: cell.missing_decimals(*most), ..Cell::of(cell) });
            Row { cells: cells.collect(), class }
        };
        let beyond = table.beyond();
        let rows = table.rows.iter().map(|found| row(found, ""));
        let rows = rows.chain(beyond.iter().chain(&table.apart).map(|found| row(found, "rest")));
        Self {
            caption: markup(caption),
            columns: table.columns.iter().map(|column| (markup(&column.title), column.is_figure())).collect(),
            subject: table.subject(),
            is_aligned: table.is_aligned,
            rows: rows.chain(table.total.iter().map(|found| row(found, "total"))).collect(),
        }
    }

    /// On a phone, rows of many columns are laid out as blocks.
    pub fn class(&self) -> &'static str {
        if self.columns.len() > 3 { "many" } else { "few" }
    }
}

/// A piece of a section.
#[derive(Debug)]
pub enum Block {
    /// A sentence or some.
    Paragraph(Markup),
    /// Points.
    List(Vec<Markup>),
    /// Cells.
    Table(Table),
    /// Something to type.
    Command(String),
}

/// A heading and what stands below it.
#[derive(Debug, Template)]
#[template(path = "section.html")]
pub struct Section {
    /// The heading; nothing where a part has it.
    pub heading: Option<Markup>,
    /// What stands beside it.
    pub beside: Markup,
    /// What stands below.
    pub blocks: Vec<Block>,
}

impl Section {
    /// A section of a document.
    pub fn of(section: &document::Section) -> Self {
        let block = |block: &document::Block| match block {
            document::Block::Paragraph(text) | document::Block::Note(text) => Block::Paragraph(markup(text)),
            document::Block::List(points) => Block::List(points.iter().map(markup).collect()),
            document::Block::Table(table) => Block::Table(Table::of(table, &section.heading)),
            document::Block::Command(command) => Block::Command(command.clone()),
        };
        Self {
            heading: Some(markup(&section.heading)),
            beside: markup(&section.beside),
            blocks: section.blocks.iter().map(block).collect(),
        }
    }
}

/// What a colour or a stroke means.
#[derive(Clone, Debug)]
pub struct Key {
    /// How it is drawn.
    pub class: &'static str,
    /// What it means.
    pub words: Cow<'static, str>,
}

/// A picture, what it shows in words, and its figures.
#[derive(Debug, Template)]
#[template(path = "picture.html")]
pub struct Picture {
    /// The heading.
    pub heading: String,
    /// What it shows, in a sentence or two.
    pub words: String,
    /// What colours mean.
    pub keys: Vec<Key>,
    /// The picture itself.
    pub svg: Markup,
    /// Its figures, where no table of the page has them.
    pub figures: Option<Table>,
    /// Whether it takes the whole width.
    pub is_wide: bool,
    /// Whether it is as high as two others.
    pub is_tall: bool,
}

impl Picture {
    /// How many places of the two columns it takes.
    pub fn places(&self) -> usize {
        match (self.is_wide, self.is_tall) {
            (false, false) => 1,
            _ => 2,
        }
    }
}
