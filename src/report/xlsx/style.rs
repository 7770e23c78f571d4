//! How cells look.

use rust_xlsxwriter::{ChartLine, Format, FormatAlign, FormatBorder, FormatPattern};

/// Cents with thousands apart; what is below zero has its sign and a colour.
const CENTS: &str = "#,##0.00;[Red]-#,##0.00";
const COUNT: &str = "#,##0";
const SHARE: &str = "0.0%";
const ACCENT: u32 = 0x0F_4C_5C;
const PALE: u32 = 0xE8_F0_F2;
const GREY: u32 = 0x5F_6B_73;
const LINE: u32 = 0xC9_D3_D8;
const INPUT: u32 = 0x1F_3F_BF;
const INPUT_PAPER: u32 = 0xFF_F7_DB;
const ALARM: u32 = 0xB0_1E_1E;
/// Formats of charts, in the order of their series.
pub const SERIES: [u32; 4] = [0x8A_97_9E, 0x2A_9D_8F, ACCENT, 0xC8_55_3D];

/// Lines across a chart, which are there to be looked past.
pub fn grid_lines() -> ChartLine {
    ChartLine::new().set_color(LINE).set_width(0.5).clone()
}

/// All looks of cells.
#[derive(Debug)]
pub struct Style {
    /// The name of a sheet.
    pub title: Format,
    /// What the sheet is, below its name.
    pub note: Format,
    /// The same over several lines.
    pub prose: Format,
    /// What must not be overlooked.
    pub alarm: Format,
    /// The name of a table.
    pub heading: Format,
    /// The head of a column of text.
    pub head: Format,
    /// The head of a column of text right of numbers.
    pub head_indented: Format,
    /// The head of a column of numbers.
    pub head_number: Format,
    /// Plain text.
    pub text: Format,
    /// Text below what it is a part of, or right of a number.
    pub indented: Format,
    /// Text in several lines.
    pub wrapped: Format,
    /// The same right of a number.
    pub sentence: Format,
    /// Text to the right.
    pub right: Format,
    /// Text from files: stays text even if somebody edits it.
    pub name: Format,
    /// The same right of a number.
    pub name_indented: Format,
    /// Less important text.
    pub faint: Format,
    /// Exact decimals as text.
    pub exact: Format,
    /// Dollars.
    pub money: Format,
    /// Dollars with small parts.
    pub fine: Format,
    /// Dollars of a quarter.
    pub quarter: Format,
    /// Dollars in a row of totals.
    pub total: Format,
    /// The label of such a row.
    pub total_label: Format,
    /// Dollars that stand on an assumption, hatched.
    pub assumed: Format,
    /// The label of such a row.
    pub assumed_label: Format,
    /// Counts.
    pub count: Format,
    /// Shares.
    pub share: Format,
    /// Shares of which small parts matter.
    pub fine_share: Format,
    /// Factors.
    pub factor: Format,
    /// A figure to be seen first.
    pub key: Format,
    /// Its label.
    pub key_label: Format,
    /// A share that may be changed.
    pub input_share: Format,
    /// Dollars that may be changed.
    pub input_money: Format,
    /// A factor that may be changed.
    pub input_factor: Format,
    /// A number of a choice that may be changed.
    pub input_choice: Format,
}

impl Style {
    /// All of them.
    pub fn new() -> Self {
        let base = Format::new().set_font_name("Calibri").set_font_size(10).set_align(FormatAlign::Top);
        let faint = base.clone().set_font_color(GREY);
        let head = base
            .clone()
            .set_bold()
            .set_font_color(0xFF_FF_FF)
            .set_background_color(ACCENT)
            .set_text_wrap()
            .set_align(FormatAlign::VerticalCenter);
        let total = base.clone().set_bold().set_background_color(PALE).set_border_top(FormatBorder::Thin);
        let key = base.clone().set_border_bottom(FormatBorder::Hair).set_border_bottom_color(LINE);
        let input = base
            .clone()
            .set_font_color(INPUT)
            .set_background_color(INPUT_PAPER)
            .set_border(FormatBorder::Thin)
            .set_border_color(LINE)
            .set_unlocked();
        let assumed = base
            .clone()
            .set_italic()
            .set_pattern(FormatPattern::LightUp)
            .set_foreground_color(LINE)
            .set_background_color(0xFF_FF_FF);
        let number = |format: &Format, code: &str| format.clone().set_num_format(code).set_align(FormatAlign::Right);
        Self {
            title: base.clone().set_bold().set_font_size(16).set_font_color(ACCENT),
            note: faint.clone(),
            prose: faint.clone().set_text_wrap(),
            alarm: base.clone().set_bold().set_font_color(ALARM),
            heading: base.clone().set_bold().set_font_size(12).set_font_color(ACCENT),
            head_number: head.clone().set_align(FormatAlign::Right),
            head_indented: head.clone().set_indent(1),
            head,
            sentence: base.clone().set_text_wrap().set_indent(1).set_align(FormatAlign::Left),
            wrapped: base.clone().set_text_wrap(),
            right: base.clone().set_align(FormatAlign::Right),
            name_indented: base.clone().set_quote_prefix().set_indent(1).set_align(FormatAlign::Left),
            name: base.clone().set_quote_prefix(),
            exact: faint.clone().set_align(FormatAlign::Right),
            indented: base.clone().set_indent(1).set_align(FormatAlign::Left),
            faint: faint.set_indent(1).set_align(FormatAlign::Left),
            quarter: number(&base.clone().set_background_color(PALE), CENTS),
            money: number(&base, CENTS),
            fine: number(&base, "#,##0.000000;[Red]-#,##0.000000"),
            total: number(&total, CENTS),
            total_label: total,
            assumed: number(&assumed, CENTS),
            assumed_label: assumed,
            count: number(&base, COUNT),
            share: number(&base, SHARE),
            fine_share: number(&base, "0.0000%"),
            factor: number(&base, "0.000000"),
            key: number(&key.clone().set_bold().set_font_size(13), CENTS),
            key_label: key.set_font_size(11),
            input_share: number(&input, "0.00##%"),
            input_money: number(&input, CENTS),
            input_factor: number(&input, "0.000000"),
            input_choice: number(&input, "0"),
            text: base,
        }
    }
}
