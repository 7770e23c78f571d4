//! What a page is put together from: cells, tables, blocks of text, pictures.
//!
//! Role: values that the templates lay out. Everything in them is plain text, which the templates escape, but for
//! [`Picture::svg`], in which the canvas has escaped it.

use std::borrow::Cow;

use askama::Template;

use crate::diagnostic::{shown, shown_short};
use crate::money::Money;
use crate::report::plan::content::{Grid, Holds, Section, Show};
use crate::report::words::{capitalised, dollars};

/// How this page shows what comes from files: escaping is left to the templates.
pub const SHOW: Show = Show { name: shown_short, text: |text| shown(text).into_owned() };

/// A cell of a table.
#[derive(Clone, Debug, Default)]
pub struct Cell {
    /// What is read.
    pub text: String,
    /// The exact amount, where it is one.
    pub usd: Option<String>,
}

/// A name, or a figure that is no amount.
pub fn text(text: impl Into<String>) -> Cell {
    Cell { text: text.into(), usd: None }
}

/// A sentence, which may quote names.
pub fn said(text: &str) -> Cell {
    Cell { text: quotes(text), usd: None }
}

/// An amount as it is shown, and exactly.
pub fn amount(shown: Money, exact: Money) -> Cell {
    Cell { text: dollars(shown), usd: Some(exact.to_string()) }
}

/// The same, where there may be none.
pub fn maybe(shown: Option<Money>, exact: Option<Money>) -> Cell {
    shown.zip(exact).map(|(shown, exact)| amount(shown, exact)).unwrap_or_default()
}

/// What stands out in a row.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Weight {
    /// A row like others.
    #[default]
    Plain,
    /// What is left of a list, added up.
    Rest,
    /// The sum of all.
    Total,
}

/// A row of a table.
#[derive(Clone, Debug, Default)]
pub struct Row {
    /// Cells, as many as the table has columns.
    pub cells: Vec<Cell>,
    /// What stands out.
    pub weight: Weight,
}

impl Row {
    /// A row like others.
    pub fn plain(cells: Vec<Cell>) -> Self {
        Self { cells, weight: Weight::Plain }
    }

    pub fn class(&self) -> &'static str {
        match self.weight {
            Weight::Plain => "",
            Weight::Rest => "rest",
            Weight::Total => "total",
        }
    }
}

/// A column of a table.
#[derive(Clone, Debug)]
pub struct Column {
    /// Its heading.
    pub name: String,
    /// Whether it holds figures.
    pub is_figure: bool,
}

impl Column {
    /// Headings begin with a capital letter on this page.
    fn new(name: &str, is_figure: bool) -> Self {
        Self { name: capitalised(name), is_figure }
    }
}

/// A table.
#[derive(Clone, Debug, Template)]
#[template(path = "table.html")]
pub struct Table {
    /// What it is, for those who hear it.
    pub caption: String,
    /// Columns.
    pub head: Vec<Column>,
    /// Which column says what a row is about.
    pub subject: usize,
    /// Whether its columns are as wide as those of the tables beside it.
    pub is_aligned: bool,
    /// Rows.
    pub rows: Vec<Row>,
}

impl Table {
    /// A table without rows; names of columns of figures begin with `>`.
    pub fn new(caption: impl Into<String>, head: &[&str]) -> Self {
        let column = |name: &&str| Column::new(name.trim_start_matches('>'), name.starts_with('>'));
        Self {
            caption: quotes(&caption.into()),
            head: head.iter().map(column).collect(),
            subject: 0,
            is_aligned: false,
            rows: Vec::new(),
        }
    }

    /// On a phone, rows of many columns are laid out as blocks.
    pub fn class(&self) -> &'static str {
        if self.head.len() > 3 { "many" } else { "few" }
    }
}

/// A heading and what stands below it.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "block.html")]
pub struct Block {
    /// The heading.
    pub heading: String,
    /// An amount beside it.
    pub figure: Option<Cell>,
    /// Sentences before the table.
    pub before: Vec<String>,
    /// The table.
    pub table: Option<Table>,
    /// Points after it.
    pub points: Vec<String>,
    /// Something to type.
    pub command: Option<String>,
}

impl Block {
    /// A block of points; nothing without any.
    pub fn of_points(heading: &str, points: &[String]) -> Option<Self> {
        let points: Vec<String> = points.iter().map(|point| quotes(point)).collect();
        (!points.is_empty()).then(|| Self { heading: heading.to_owned(), points, ..Self::default() })
    }

    /// A section of the plan, which is all words.
    pub fn of(section: &Section) -> Self {
        let heading = quotes(&section.heading);
        Self {
            table: section.table.as_ref().map(|grid| table_of(grid, &heading)),
            before: section.before.iter().map(|sentence| quotes(sentence)).collect(),
            points: section.points.iter().map(|point| quotes(point)).collect(),
            heading,
            ..Self::default()
        }
    }
}

/// A table of text as a table of the page.
pub fn table_of(grid: &Grid, caption: &str) -> Table {
    let head: Vec<Column> = grid.head.iter().map(|(name, holds)| Column::new(name, *holds != Holds::Text)).collect();
    // A column of places in an order comes before what the row is about.
    let subject = usize::from(head.first().is_some_and(|column| column.is_figure));
    let cells = |row: &Vec<String>| row.iter().map(|cell| said(cell)).collect();
    let mut rows: Vec<Row> = grid.rows.iter().map(|row| Row::plain(cells(row))).collect();
    rows.extend(grid.rest.iter().map(|row| Row { cells: cells(row), weight: Weight::Rest }));
    rows.extend(grid.total.iter().map(|row| Row { cells: cells(row), weight: Weight::Total }));
    Table { caption: caption.to_owned(), head, subject, is_aligned: false, rows }
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
#[derive(Clone, Debug, Template)]
#[template(path = "picture.html")]
pub struct Picture {
    /// The heading.
    pub heading: String,
    /// What it shows, in a sentence or two.
    pub words: String,
    /// What colours mean.
    pub keys: Vec<Key>,
    /// The picture itself.
    pub svg: String,
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

/// Names in backticks as names in quotes. Without as many ends as beginnings they stay as they are.
pub fn quotes(text: &str) -> String {
    if !text.contains('`') || !text.matches('`').count().is_multiple_of(2) {
        return text.to_owned();
    }
    let pieces = text.split('`').enumerate();
    pieces.map(|(index, piece)| if index % 2 == 1 { format!("“{piece}”") } else { piece.to_owned() }).collect()
}
