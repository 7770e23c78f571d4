//! A page of a terminal: paragraphs, labels, and tables that fit its width.

use comfy_table::{Attribute, CellAlignment, Color, ContentArrangement, Table, presets};
use unicode_width::UnicodeWidthChar as _;
use unicode_width::UnicodeWidthStr;

use crate::report::theme::Theme;

/// Columns of the labels before notes.
pub const LABEL: usize = 12;
/// Columns between those of a table.
const GAP: usize = 2;
/// A column of text is made no narrower than this.
const NARROWEST: usize = 12;
/// How far a line below a row stands in.
const INDENT: &str = "  ";

/// The page so far. Writing to a String cannot fail, so results of `write!` are dropped in this file.
pub struct Page<'t> {
    /// Width and colours.
    pub theme: &'t Theme,
    /// What was drawn.
    pub text: String,
}

impl Page<'_> {
    /// A line as it is.
    pub fn line(&mut self, text: &str) {
        if !text.is_empty() {
            self.text.push_str("  ");
            self.text.push_str(text);
        }
        self.text.push('\n');
    }

    /// Text over as many lines as it needs, in a style.
    pub fn paragraph(&mut self, style: fn(&Theme, &str) -> String, text: &str) {
        for line in wrap(text, self.theme.width.saturating_sub(2)) {
            self.line(&style(self.theme, &line));
        }
    }

    /// A label, and text beside it over as many lines as it needs.
    pub fn labelled(&mut self, label: &str, style: fn(&Theme, &str) -> String, text: &str) {
        let room = self.theme.width.saturating_sub(2 + LABEL).max(20);
        for (index, line) in wrap(text, room).into_iter().enumerate() {
            let start = if index == 0 {
                style(self.theme, label) + &" ".repeat(LABEL - label.len())
            } else {
                " ".repeat(LABEL)
            };
            self.line(&format!("{start}{line}"));
        }
    }

    /// A point of a list.
    pub fn point(&mut self, text: &str) {
        for (index, line) in wrap(text, self.theme.width.saturating_sub(4)).into_iter().enumerate() {
            self.line(&format!("{}{line}", if index == 0 { "· " } else { "  " }));
        }
    }

    /// Columns that are left for one more beside columns of these widths, with the gap before it.
    pub fn room_beside(&self, widths: &[usize]) -> usize {
        self.room().saturating_sub(widths.iter().sum::<usize>() + GAP * widths.len())
    }

    /// Whether columns of these widths stand out of the page.
    pub fn is_too_narrow_for(&self, widths: &[usize]) -> bool {
        widths.iter().sum::<usize>() + GAP * widths.len().saturating_sub(1) > self.room()
    }

    /// How wide each column of some rows is, where columns give way if the page is too narrow.
    pub fn widths<'r>(&self, rows: impl Iterator<Item = &'r Row>) -> Vec<usize> {
        widths(&rows.collect::<Vec<_>>(), self.room())
    }

    fn room(&self) -> usize {
        self.theme.width.saturating_sub(2)
    }

    /// Rows whose columns stand under one another, each as wide as it is said. The library pads and colours them and arranges
    /// nothing, for three reasons: a line below a row goes over all columns, and it knows no such cell; figures never break, and
    /// names do behind a slash or a hyphen, where it breaks at any character; and several tables share the widths of one.
    pub fn rows(&mut self, rows: &[Row], widths: &[usize]) {
        let mut table = Table::new();
        let mut heights = Vec::new();
        for row in rows {
            let cells: Vec<Cell> = (0..widths.len())
                .map(|column| {
                    let cell = row.cells.get(column).cloned().unwrap_or_default();
                    let lines = wrap_cell(&cell.text, widths[column]);
                    // A column may be wider than what stands in it here.
                    let lines: Vec<String> = lines.iter().map(|line| fill(line, widths[column], cell.right)).collect();
                    Cell { text: lines.join("\n"), ..cell }
                })
                .collect();
            heights.push(cells.iter().map(|cell| cell.text.lines().count()).max().unwrap_or_default().max(1));
            table.add_row(cells.iter().map(Cell::drawn));
        }
        let lines = self.drawn(table, ContentArrangement::Disabled);
        let mut lines = lines.iter();
        for (row, height) in rows.iter().zip(heights) {
            for line in lines.by_ref().take(height) {
                self.line(line.trim_end());
            }
            let room = self.room().saturating_sub(INDENT.len());
            for line in row.below.iter().flat_map(|text| wrap(text, room)) {
                let line = format!("{INDENT}{}", self.theme.dim(&line));
                self.line(&line);
            }
        }
    }

    /// A table without rules, laid out by its own constraints.
    pub fn table(&mut self, table: Table) {
        for line in self.drawn(table, ContentArrangement::Dynamic) {
            self.line(line.trim_end());
        }
    }

    fn drawn(&self, mut table: Table, arrangement: ContentArrangement) -> Vec<String> {
        table.load_style(presets::NOTHING);
        table.set_content_arrangement(arrangement);
        table.set_width(u16::try_from(self.theme.width.saturating_sub(2)).unwrap_or(u16::MAX));
        if self.theme.color {
            table.enforce_styling();
            table.style_text_only();
        } else {
            table.force_no_tty();
        }
        // The page has a margin of its own.
        if let Some(first) = table.column_mut(0) {
            first.set_padding((0, 1));
        }
        table.lines().collect()
    }
}

/// A row of a table.
#[derive(Clone, Debug, Default)]
pub struct Row {
    /// What stands in its columns; those that are missing are empty.
    pub cells: Vec<Cell>,
    /// A line of its own below it, over all columns.
    pub below: Option<String>,
}

/// What stands in a column. Colour carries nothing that the text does not say.
#[derive(Clone, Debug, Default)]
pub struct Cell {
    text: String,
    right: bool,
    look: Option<Attribute>,
    color: Option<Color>,
}

impl Cell {
    /// What stands in it.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Text.
    pub fn left(text: impl Into<String>) -> Self {
        Self { text: text.into(), ..Self::default() }
    }

    /// A figure.
    pub fn right(text: impl Into<String>) -> Self {
        Self { right: true, ..Self::left(text) }
    }

    /// Emphasised.
    #[must_use]
    pub fn bold(self) -> Self {
        Self { look: Some(Attribute::Bold), ..self }
    }

    /// May be passed over.
    #[must_use]
    pub fn dim(self) -> Self {
        Self { look: Some(Attribute::Dim), ..self }
    }

    /// In a colour of the terminal's own sixteen, which its user has made readable.
    #[must_use]
    pub fn colored(self, color: Option<Color>) -> Self {
        Self { color, ..self }
    }

    /// The longest piece that no line break may part: the last word stays with the room behind it.
    fn longest_word(&self) -> usize {
        let words = self.text.trim_end();
        let room = self.text.len() - words.len();
        let last = words.rsplit(' ').next().map_or(0, UnicodeWidthStr::width) + room;
        words.split(' ').map(UnicodeWidthStr::width).max().unwrap_or_default().max(last)
    }

    fn drawn(&self) -> comfy_table::Cell {
        let align = if self.right { CellAlignment::Right } else { CellAlignment::Left };
        let mut cell = comfy_table::Cell::new(&self.text).set_alignment(align);
        if let Some(look) = self.look {
            cell = cell.add_attribute(look);
        }
        if let Some(color) = self.color {
            cell = cell.fg(color);
        }
        cell
    }
}

/// How wide each column is: as its longest text, unless all together are wider than the page. Then the widest columns
/// give way until they fit: those of text, which may break anywhere, and those of figures, which break between words.
fn widths(rows: &[&Row], room: usize) -> Vec<usize> {
    let columns = rows.iter().map(|row| row.cells.len()).max().unwrap_or_default();
    let cells = |column: usize| rows.iter().filter_map(move |row| row.cells.get(column));
    let most = |column: usize, width: fn(&Cell) -> usize| cells(column).map(width).max().unwrap_or_default();
    let mut widths: Vec<usize> = (0..columns).map(|column| most(column, |cell| cell.text.width())).collect();
    let least: Vec<usize> = (0..columns)
        .map(|column| if cells(column).any(|cell| cell.right) { most(column, Cell::longest_word) } else { NARROWEST })
        .collect();
    let gaps = GAP * columns.saturating_sub(1);
    while widths.iter().sum::<usize>() + gaps > room {
        let widest = (0..columns).filter(|&column| widths[column] > least[column]);
        let Some(widest) = widest.max_by_key(|&column| widths[column]) else { break };
        widths[widest] -= 1;
    }
    widths
}

/// A line as wide as its column.
fn fill(line: &str, width: usize, right: bool) -> String {
    let room = " ".repeat(width.saturating_sub(line.width()));
    if right { room + line } else { line.to_owned() + &room }
}

/// Text over lines of a column: between words, and within a word that is too long behind a slash or a hyphen.
fn wrap_cell(text: &str, room: usize) -> Vec<String> {
    if text.width() <= room {
        return vec![text.to_owned()];
    }
    let broken: Vec<String> = text.split(' ').flat_map(|word| pieces(word, room)).collect();
    wrap(&broken.join(" "), room)
}

/// A word in pieces that fit.
fn pieces(word: &str, room: usize) -> Vec<String> {
    let mut pieces = Vec::new();
    let mut rest = word;
    while rest.width() > room {
        let mut taken = 0;
        let end = rest
            .char_indices()
            .find(|(_, character)| {
                taken += character.width().unwrap_or_default();
                taken > room
            })
            .map_or(rest.len(), |(at, character)| if at == 0 { character.len_utf8() } else { at });
        let fits = &rest[..end];
        let behind = |marks: &[char]| fits.rfind(marks).map(|at| at + 1);
        // A model stands best under its provider.
        let slash = behind(&['/']).filter(|&at| rest[at..].width() <= room);
        let at = slash.or_else(|| behind(&['/', '-', '_', '.'])).unwrap_or(end);
        pieces.push(rest[..at].to_owned());
        rest = &rest[at..];
    }
    pieces.push(rest.to_owned());
    pieces
}

/// Words over lines of at most `room` columns.
pub fn wrap(text: &str, room: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    let mut rest = text;
    while !rest.is_empty() {
        // A figure and its unit stay together.
        let end = rest.match_indices(' ').find(|(at, _)| !rest[at + 1..].starts_with('%')).map(|(at, _)| at);
        let word = &rest[..end.unwrap_or(rest.len())];
        rest = end.map_or("", |end| &rest[end + 1..]);
        let width = word.width();
        let line = lines.last_mut().map_or(0, |line| line.width());
        if line > 0 && line + 1 + width > room {
            lines.push(word.to_owned());
        } else if let Some(last) = lines.last_mut() {
            if line > 0 {
                last.push(' ');
            }
            last.push_str(word);
        }
    }
    lines
}
