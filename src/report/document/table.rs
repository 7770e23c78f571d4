//! Tables of typed cells.
//!
//! Role: a cell knows its exact value and how precisely its place shows it; a form draws it. A list has its largest rows,
//! and one that adds up the others, so a form that shows fewer can add up the rest itself.

use std::borrow::Cow;

use super::{Escape, Text};
use crate::money::Money;
use crate::report::words::{
    dollars, dollars_only, exact_dollars, grouped, is_whole, more, percent, short_date, sum, whole_dollars,
};

/// How precisely an amount is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Precision {
    /// To the cent: ledger, bill, workloads, questions.
    Cents,
    /// Whole dollars from $1,000 on: scenarios and forecasts. A table has cents where none of its amounts comes to that.
    Whole,
    /// Whole dollars, whatever the amount.
    Dollars,
    /// Every digit, where sides may differ by less than a cent.
    Exact,
}

impl Precision {
    /// An amount as it is shown in such a place.
    pub fn shown(self, amount: Money) -> String {
        match self {
            Self::Cents => dollars(amount),
            Self::Whole => whole_dollars(amount),
            Self::Dollars => dollars_only(amount),
            Self::Exact => exact_dollars(amount),
        }
    }
}

/// What stands in a row of a column.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Cell {
    /// Nothing: not known, or no question here.
    #[default]
    Empty,
    /// Words.
    Text(Text),
    /// An amount.
    Money(Money, Precision),
    /// An amount with its sign, as a step or a change.
    Change(Money, Precision),
    /// An amount and a word that belongs to it.
    Worded(Money, Precision, Cow<'static, str>),
    /// How many.
    Count(u128),
    /// A part of one, as decimal text.
    Share(Option<String>),
    /// A day or a month as ISO text.
    Date(String),
}

impl Cell {
    /// An amount to the cent.
    pub const fn cents(amount: Money) -> Self {
        Self::Money(amount, Precision::Cents)
    }

    /// An amount of a scenario or a forecast.
    pub const fn whole(amount: Money) -> Self {
        Self::Money(amount, Precision::Whole)
    }

    /// An amount to the cent, where there is one.
    pub fn maybe(amount: Option<Money>) -> Self {
        amount.map_or(Self::Empty, Self::cents)
    }

    /// Words.
    pub fn text(text: impl Into<Text>) -> Self {
        Self::Text(text.into())
    }

    /// The exact amount, if it is one.
    pub const fn amount(&self) -> Option<Money> {
        match self {
            Self::Money(amount, _) | Self::Change(amount, _) | Self::Worded(amount, _, _) => Some(*amount),
            _ => None,
        }
    }

    /// The cell as a form writes it.
    pub fn drawn(&self, escape: &Escape) -> String {
        match self {
            Self::Empty => String::new(),
            Self::Text(text) => text.drawn(escape),
            Self::Money(amount, precision) => precision.shown(*amount),
            Self::Change(amount, precision) => {
                let sign = if *amount > Money::ZERO { "+" } else { "" };
                format!("{sign}{}", precision.shown(*amount))
            }
            Self::Worded(amount, precision, word) => format!("{} {word}", precision.shown(*amount)),
            Self::Count(count) => grouped(*count),
            Self::Share(share) => percent(share.as_ref()),
            Self::Date(text) => short_date(text),
        }
    }

    fn is_in_whole_dollars(&self) -> bool {
        match self {
            Self::Money(amount, precision) | Self::Change(amount, precision) | Self::Worded(amount, precision, _) => {
                *precision == Precision::Dollars || *precision == Precision::Whole && is_whole(*amount)
            }
            _ => false,
        }
    }

    /// Whole dollars, where small amounts would have cents.
    fn show_dollars(&mut self) {
        if let Self::Money(_, precision) | Self::Change(_, precision) | Self::Worded(_, precision, _) = self
            && *precision == Precision::Whole
        {
            *precision = Precision::Dollars;
        }
    }

    const fn adds(&self) -> bool {
        matches!(self, Self::Count(_) | Self::Money(..) | Self::Change(..) | Self::Worded(..))
    }

    /// The decimals of an amount as it is shown, with their point; nothing where it stands for itself.
    fn decimals(&self) -> Option<String> {
        let (Self::Money(amount, precision) | Self::Change(amount, precision)) = self else { return None };
        let shown = precision.shown(*amount);
        Some(shown.find('.').map_or_else(String::new, |point| shown[point..].to_owned()))
    }

    /// What an amount lacks so that its point stands under those of a column with so many decimals, such as `.00` for whole
    /// dollars.
    pub fn missing_decimals(&self, most: usize) -> String {
        let Some(own) = self.decimals() else { return String::new() };
        let missing = most.saturating_sub(own.len());
        let point = usize::from(own.is_empty() && missing > 0);
        ".".repeat(point) + &"0".repeat(missing - point)
    }

    /// Two cells of a column together; what is no amount and no count adds nothing.
    fn plus(&self, other: &Self) -> Self {
        match (self, other) {
            (Self::Count(one), Self::Count(other)) => Self::Count(one + other),
            (Self::Money(one, precision), Self::Money(other, _)) => Self::Money(sum([*one, *other]), *precision),
            (Self::Change(one, precision), Self::Change(other, _)) => Self::Change(sum([*one, *other]), *precision),
            (Self::Worded(one, precision, word), Self::Worded(other, ..)) => {
                Self::Worded(sum([*one, *other]), *precision, word.clone())
            }
            (Self::Empty | Self::Text(_) | Self::Share(_) | Self::Date(_), first) if first.adds() => first.clone(),
            (sum, _) if sum.adds() => sum.clone(),
            _ => Self::Empty,
        }
    }
}

/// What a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ColumnType {
    /// Words.
    Text,
    /// Words that stand below their row where there is little room.
    Reason,
    /// Figures whose sum is one of their kind.
    Figure,
    /// The same, where what is above zero is good and what is below is not.
    Saving,
    /// Figures whose sum means nothing.
    Rate,
}

/// A column.
#[derive(Clone, Debug)]
pub struct Column {
    /// Its title.
    pub title: Text,
    /// What it holds.
    pub holds: ColumnType,
}

impl Column {
    /// Whether figures stand in it.
    pub fn is_figure(&self) -> bool {
        !matches!(self.holds, ColumnType::Text | ColumnType::Reason)
    }
}

impl<T: Into<Text>> From<(T, ColumnType)> for Column {
    fn from((title, holds): (T, ColumnType)) -> Self {
        Self { title: title.into(), holds }
    }
}

/// Whether an amount is welcome.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Emphasis {
    /// It is what it is.
    Plain,
    /// It is saved, or can be.
    Good,
    /// It is undecided, or stands on an assumption: hatched.
    Open,
}

/// What a bar beside a row shows, in forms without pictures.
#[derive(Clone, Copy, Debug)]
pub enum Bar {
    /// An amount.
    Amount(Money, Emphasis),
    /// What is left of an amount, and all of it.
    Left(Money, Money),
    /// The way from an amount to the next.
    Step(Money, Money),
    /// The same, where it stands on an assumption: hatched.
    Assumed(Money, Money),
}

/// A row.
#[derive(Clone, Debug, Default)]
pub struct Row {
    /// Cells, as many as there are columns.
    pub cells: Vec<Cell>,
    /// A bar beside it.
    pub bar: Option<Bar>,
}

impl Row {
    /// A row of these cells.
    pub fn new(cells: impl IntoIterator<Item = Cell>) -> Self {
        Self { cells: cells.into_iter().collect(), bar: None }
    }

    /// With a bar beside it.
    #[must_use]
    pub fn bar(self, bar: Bar) -> Self {
        Self { bar: Some(bar), ..self }
    }
}

/// A table.
#[derive(Clone, Debug, Default)]
pub struct Table {
    /// Columns.
    pub columns: Vec<Column>,
    /// Rows, the largest of a long list.
    pub rows: Vec<Row>,
    /// How many rows of the list are not among these, and what they add up to.
    pub rest: Option<(usize, Row)>,
    /// What stands apart below the list, such as what belongs to no row of it.
    pub apart: Vec<Row>,
    /// What all of it adds up to, or leads to.
    pub total: Option<Row>,
    /// Columns that a narrow page leaves out, the first one first.
    pub optional_columns: &'static [usize],
    /// The amount of the longest bar that there can be.
    pub longest_bar: Money,
    /// Whether its columns are as wide as those of the tables before and behind it.
    pub is_aligned: bool,
}

impl Table {
    /// A table without rows.
    pub fn new<C: Into<Column>>(columns: impl IntoIterator<Item = C>) -> Self {
        Self { columns: columns.into_iter().map(Into::into).collect(), ..Self::default() }
    }

    /// With rows, of which the first so many are kept and the others added up.
    #[must_use]
    pub fn rows(mut self, rows: impl IntoIterator<Item = Row>, most: usize) -> Self {
        let mut rows = rows.into_iter();
        self.rows.extend(rows.by_ref().take(most));
        self.rest = rows.fold(None, |rest, row| Some(self.plus(rest, 1, &row)));
        self
    }

    /// With all amounts of scenarios and forecasts in whole dollars, where any of them is shown so.
    #[must_use]
    pub fn leveled(mut self) -> Self {
        if self.every_row().flat_map(|row| &row.cells).any(Cell::is_in_whole_dollars) {
            let rows = self.rows.iter_mut().chain(self.rest.iter_mut().map(|(_, row)| row));
            let rows = rows.chain(&mut self.apart).chain(&mut self.total);
            rows.flat_map(|row| &mut row.cells).for_each(Cell::show_dollars);
        }
        self
    }

    fn every_row(&self) -> impl Iterator<Item = &Row> {
        self.rows.iter().chain(self.rest.iter().map(|(_, row)| row)).chain(&self.apart).chain(&self.total)
    }

    /// Whether it has nothing to show.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty() && self.rest.is_none() && self.apart.is_empty() && self.total.is_none()
    }

    /// The rows that a form shows if it shows this many of a list, those beyond them, and what all that are not among the
    /// first add up to.
    pub fn split(&self, most: usize) -> (&[Row], &[Row], Option<Row>) {
        let (first, others) = self.rows.split_at(self.rows.len().min(most));
        let rest = others.iter().fold(None, |rest, row| Some(self.plus(rest, 1, row)));
        let rest = match &self.rest {
            Some((count, row)) => Some(self.plus(rest, *count, row)),
            None => rest,
        };
        (first, others, rest.map(|rest| self.more(rest)))
    }

    /// How many characters stand behind the whole dollars of a column's amounts at most, column by column.
    pub fn decimals(&self) -> Vec<usize> {
        let most = |column: usize| {
            let decimals = self.every_row().filter_map(|row| row.cells.get(column)?.decimals());
            decimals.map(|decimals| decimals.len()).max().unwrap_or_default()
        };
        (0..self.columns.len()).map(most).collect()
    }

    /// What is not among the rows of this table, as a row.
    pub fn beyond(&self) -> Option<Row> {
        self.rest.clone().map(|rest| self.more(rest))
    }

    fn plus(&self, sums: Option<(usize, Row)>, count: usize, row: &Row) -> (usize, Row) {
        let (before, sums) = sums.unwrap_or_else(|| (0, Row::new(self.columns.iter().map(|_| Cell::Empty))));
        let adds = |column: &Column| matches!(column.holds, ColumnType::Figure | ColumnType::Saving);
        let cells = self.columns.iter().zip(sums.cells.iter().zip(&row.cells));
        let cells = cells.map(|(column, (sum, cell))| if adds(column) { sum.plus(cell) } else { Cell::Empty });
        (before + count, Row::new(cells))
    }

    /// Sums with their name in the first column of words.
    fn more(&self, (count, mut row): (usize, Row)) -> Row {
        let subject = self.subject();
        if let Some(cell) = row.cells.get_mut(subject) {
            *cell = Cell::text(more(count));
        }
        row
    }

    /// The column that says what a row is about: places in an order come before it.
    pub fn subject(&self) -> usize {
        self.columns.iter().position(|column| !column.is_figure()).unwrap_or_default()
    }
}
