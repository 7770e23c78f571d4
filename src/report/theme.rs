//! How wide the page is and whether it may have colour.

use std::io::IsTerminal as _;

use crate::money::{Exact, Money, round_half_even};

/// Width where nothing better is known, in columns.
const USUAL_WIDTH: usize = 100;
const NARROWEST: usize = 60;
const WIDEST: usize = 200;

/// The page a terminal report is drawn on.
#[derive(Clone, Copy, Debug)]
pub struct Theme {
    /// Columns.
    pub width: usize,
    /// Whether escape codes for colour are wanted.
    pub color: bool,
    /// Whether bars are drawn in blocks; else in signs that every terminal has.
    pub blocks: bool,
}

/// Blocks of no, one, two, … seven eighths of a column.
const EIGHTHS: [char; 8] = [' ', '▏', '▎', '▍', '▌', '▋', '▊', '▉'];

/// How many of so many steps a part of a whole takes: none below zero, all at most.
fn length(part: Money, whole: Money, steps: usize) -> usize {
    if part <= Money::ZERO || whole <= Money::ZERO {
        return 0;
    }
    let exact = part.exact() / whole.exact() * Exact::from_integer(steps.into());
    usize::try_from(round_half_even(&exact, 0)).unwrap_or(steps).min(steps)
}

/// A terminal has blocks unless it is a plain one, or its locale says that it knows no Unicode.
fn has_blocks() -> bool {
    let set = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
    let locale = ["LC_ALL", "LC_CTYPE", "LANG"].into_iter().find_map(set);
    let is_unicode = locale.is_none_or(|locale| locale.to_ascii_lowercase().replace('-', "").contains("utf8"));
    is_unicode && set("TERM").is_none_or(|terminal| terminal != "dumb")
}

impl Theme {
    /// No colour, usual width: for files.
    pub const fn plain() -> Self {
        Self { width: USUAL_WIDTH, color: false, blocks: true }
    }

    /// As standard output is: its width, or `COLUMNS`; colour unless `NO_COLOR`, a pipe or a plain terminal say no.
    pub fn of_stdout() -> Self {
        let stdout = std::io::stdout();
        let typed = std::env::var("COLUMNS").ok().and_then(|text| text.parse::<usize>().ok());
        let seen = if stdout.is_terminal() {
            terminal_size::terminal_size().map(|(width, _)| usize::from(width.0))
        } else {
            None
        };
        let color = anstream::AutoStream::choice(&stdout) != anstream::ColorChoice::Never;
        Self { width: typed.or(seen).unwrap_or(USUAL_WIDTH).clamp(NARROWEST, WIDEST), color, blocks: has_blocks() }
    }

    /// What a bar is filled with: hatched where it stands on an assumption.
    const fn fill(&self, is_assumed: bool) -> &'static str {
        match (self.blocks, is_assumed) {
            (true, false) => "█",
            (true, true) => "▒",
            (false, false) => "#",
            (false, true) => ":",
        }
    }

    /// A part of a whole as a bar of so many columns, a solid one to an eighth of a column. What is more than nothing shows.
    pub fn bar(&self, part: Money, whole: Money, columns: usize, is_assumed: bool) -> String {
        let steps = if self.blocks && !is_assumed { EIGHTHS.len() } else { 1 };
        let least = usize::from(part > Money::ZERO);
        let length = length(part, whole, columns * steps).max(least);
        let mut bar = self.fill(is_assumed).repeat(length / steps);
        if length % steps > 0 {
            bar.push(EIGHTHS[length % steps]);
        }
        let room = columns - (length / steps + usize::from(length % steps > 0));
        bar + &" ".repeat(room)
    }

    /// What is left of an amount as a solid bar, and the rest of it shaded, where the longest bar is a whole.
    pub fn left_bar(&self, left: Money, all: Money, whole: Money, columns: usize) -> String {
        let solid = length(left, whole, columns);
        let shaded = length(all, whole, columns).saturating_sub(solid);
        let shade = if self.blocks { "░" } else { "." };
        self.fill(false).repeat(solid) + &shade.repeat(shaded)
    }

    /// The way from an amount to another, where the longest bar is a whole. However short, it shows.
    pub fn step_bar(&self, (from, to): (Money, Money), whole: Money, columns: usize, is_assumed: bool) -> String {
        let start = length(from.min(to), whole, columns).min(columns.saturating_sub(1));
        let end = length(from.max(to), whole, columns).max(start + 1);
        " ".repeat(start) + &self.fill(is_assumed).repeat(end - start)
    }

    /// Text in a style, if there may be any.
    pub fn paint(&self, style: anstyle::Style, text: &str) -> String {
        if self.color { format!("{style}{text}{style:#}") } else { text.to_owned() }
    }

    /// Text without a style.
    #[expect(clippy::unused_self, reason = "stands among looks, which are given a theme")]
    pub fn as_is(&self, text: &str) -> String {
        text.to_owned()
    }

    /// Emphasised text.
    pub fn bold(&self, text: &str) -> String {
        self.paint(anstyle::Style::new().bold(), text)
    }

    /// Text that may be passed over.
    pub fn dim(&self, text: &str) -> String {
        self.paint(anstyle::Style::new().dimmed(), text)
    }

    /// Text that needs attention.
    pub fn alarm(&self, text: &str) -> String {
        self.paint(anstyle::AnsiColor::Red.on_default().bold(), text)
    }
}
