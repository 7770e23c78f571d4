//! Pages about prices, for a terminal and for Markdown.
//!
//! Role: draws the values of the modules beside it in the width and colours of a [`Theme`]. It knows no file.

use comfy_table::{Attribute, Cell, CellAlignment};

use crate::money::Rate;
use crate::report::table::Page;
use crate::report::theme::Theme;
use crate::report::words;

pub mod check;
pub mod diff;
pub mod impact;
pub mod list;
pub mod show;
pub mod update;

/// `1234567` as `1,234,567`.
fn grouped(count: u64) -> String {
    words::grouped(u128::from(count))
}

/// `1 day`, `2 days`.
fn plural(count: u64, word: &str) -> String {
    words::plural(count, word)
}

fn page(theme: &Theme) -> Page<'_> {
    Page { theme, text: String::new() }
}

fn right(text: impl Into<String>) -> Cell {
    Cell::new_owned(text.into()).set_alignment(CellAlignment::Right)
}

fn left(text: impl Into<String>) -> Cell {
    Cell::new_owned(text.into())
}

fn dim(text: &str) -> Cell {
    left(text).add_attribute(Attribute::Dim)
}

fn heading(text: &str) -> Cell {
    left(text).add_attribute(Attribute::Bold)
}

fn rate(rate: Option<Rate>) -> String {
    rate.map(|rate| rate.to_string()).unwrap_or_default()
}
