//! A workbook as a reader sees it. Rows and columns count from 0.

use std::collections::BTreeMap;
use std::io::Cursor;

use calamine::{Data, Range, Reader as _, Xlsx};
use serde_json::Value;

/// A workbook, read.
pub struct Book {
    pub bytes: Vec<u8>,
    pub sheets: Vec<String>,
    pub names: Vec<(String, String)>,
    values: BTreeMap<String, Range<Data>>,
    formulas: BTreeMap<String, Range<String>>,
}

impl Book {
    pub fn read(bytes: Vec<u8>) -> Self {
        let mut book = Xlsx::new(Cursor::new(bytes.clone())).expect("a workbook");
        let sheets = book.sheet_names();
        let mut names = book.defined_names().to_vec();
        names.sort();
        let mut values = BTreeMap::new();
        let mut formulas = BTreeMap::new();
        for sheet in &sheets {
            values.insert(sheet.clone(), book.worksheet_range(sheet).expect("values"));
            formulas.insert(sheet.clone(), book.worksheet_formula(sheet).expect("formulas"));
        }
        Self { bytes, sheets, names, values, formulas }
    }

    pub fn value(&self, sheet: &str, row: u32, column: u32) -> &Data {
        self.values[sheet].get_value((row, column)).unwrap_or(&Data::Empty)
    }

    pub fn number(&self, sheet: &str, row: u32, column: u32) -> f64 {
        match self.value(sheet, row, column) {
            Data::Float(number) => *number,
            Data::Int(number) => number.to_string().parse().expect("a number"),
            other => panic!("{sheet}, row {row}, column {column}: {other:?} is no number"),
        }
    }

    /// A number in hundredths of cents; 0 where there is none.
    pub fn scaled(&self, sheet: &str, row: u32, column: u32) -> i64 {
        match self.value(sheet, row, column) {
            Data::Float(number) => format!("{number:.4}").replace('.', "").parse().expect("digits"),
            _ => 0,
        }
    }

    pub fn text(&self, sheet: &str, row: u32, column: u32) -> String {
        match self.value(sheet, row, column) {
            Data::Empty => String::new(),
            other => other.to_string(),
        }
    }

    pub fn formula(&self, sheet: &str, row: u32, column: u32) -> Option<&String> {
        self.formulas[sheet].get_value((row, column)).filter(|formula| !formula.is_empty())
    }

    /// The first row with a text in its first column, from some row on.
    pub fn row_of(&self, sheet: &str, label: &str, from: u32) -> u32 {
        (from..self.height(sheet))
            .find(|row| self.text(sheet, *row, 0) == label)
            .unwrap_or_else(|| panic!("no `{label}` on {sheet}"))
    }

    /// The column with a text in some row.
    pub fn column_of(&self, sheet: &str, row: u32, label: &str) -> u32 {
        (0..100).find(|column| self.text(sheet, row, *column) == label).unwrap_or_else(|| panic!("no `{label}`"))
    }

    pub fn height(&self, sheet: &str) -> u32 {
        self.values[sheet].end().map_or(0, |(row, _)| row + 1)
    }

    /// All formulas, as sheet, row and column, formula.
    pub fn formulas(&self) -> impl Iterator<Item = (&str, Place, &str)> {
        self.formulas.iter().flat_map(|(sheet, range)| {
            let (top, left) = range.start().unwrap_or_default();
            range.used_cells().filter(|(_, _, formula)| !formula.is_empty()).map(move |(row, column, formula)| {
                (sheet.as_str(), Place::new(top, row, left, column), formula.as_str())
            })
        })
    }

    /// All cells with something in them.
    pub fn values(&self) -> impl Iterator<Item = (&str, Place, &Data)> {
        self.values.iter().flat_map(|(sheet, range)| {
            let (top, left) = range.start().unwrap_or_default();
            range
                .used_cells()
                .map(move |(row, column, value)| (sheet.as_str(), Place::new(top, row, left, column), value))
        })
    }

    /// Names of the files in it.
    pub fn parts(&self) -> Vec<String> {
        let zip = zip::ZipArchive::new(Cursor::new(&self.bytes)).expect("a zip file");
        zip.file_names().map(|name| name.expect("UTF-8").into_owned()).collect()
    }

    /// One of these files.
    pub fn part(&self, name: &str) -> String {
        let mut zip = zip::ZipArchive::new(Cursor::new(&self.bytes)).expect("a zip file");
        std::io::read_to_string(zip.by_name(name).expect("a part")).expect("UTF-8")
    }
}

/// A row and a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    pub row: u32,
    pub column: u32,
}

impl Place {
    fn new(top: u32, row: usize, left: u32, column: usize) -> Self {
        let small = |number: usize| u32::try_from(number).expect("small");
        Self { row: top + small(row), column: left + small(column) }
    }
}

impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "row {} column {}", self.row + 1, self.column + 1)
    }
}

/// An amount of the JSON.
pub fn number(value: &Value) -> f64 {
    value.as_str().unwrap_or_else(|| panic!("an amount, not {value}")).parse().expect("a number")
}

/// Closer than a thousandth of a cent, and than a billionth of the amount.
#[expect(clippy::float_arithmetic, reason = "cells of a spreadsheet are floats")]
pub fn is_near(a: f64, b: f64) -> bool {
    (a - b).abs() <= 1e-5_f64.min(1e-6 + 1e-9 * b.abs())
}
