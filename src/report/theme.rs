//! How wide the page is and whether it may have colour.

use std::io::IsTerminal as _;

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
}

impl Theme {
    /// No colour, usual width: for files.
    pub const fn plain() -> Self {
        Self { width: USUAL_WIDTH, color: false }
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
        Self { width: typed.or(seen).unwrap_or(USUAL_WIDTH).clamp(NARROWEST, WIDEST), color }
    }

    /// Text in a style, if there may be any.
    pub fn paint(&self, style: anstyle::Style, text: &str) -> String {
        if self.color { format!("{style}{text}{style:#}") } else { text.to_owned() }
    }

    /// Text without a style.
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
