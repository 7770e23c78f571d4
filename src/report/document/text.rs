//! Text of spans: our words, and what comes from files, which each form escapes its own way.

use std::borrow::Cow;

use crate::diagnostic::{sanitized, sanitized_short};
use crate::report::words::and_n_more;

/// A piece of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Span {
    /// Our own words and figures. A literal in them stands in backticks.
    Words(Cow<'static, str>),
    /// A name from a file, and the most characters that are shown of it.
    Name(String, usize),
    /// A sentence that may quote files in backticks, and the most characters of it.
    Quote(String, usize),
}

/// Spans in their order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Text(pub Vec<Span>);

/// How a form writes what it is given: the one place where it escapes.
#[derive(Clone, Copy, Debug)]
pub struct Escape {
    /// Our words, whose backticks come in pairs.
    pub words: fn(&str) -> String,
    /// A name, already sanitized and cut.
    pub name: fn(&str) -> String,
    /// A sentence, already sanitized and cut.
    pub quote: fn(&str) -> String,
    /// Whether long names and sentences are cut.
    pub is_cut: bool,
}

/// Texts as they are, for a terminal and for what escapes a whole text itself.
pub const PLAIN: Escape = Escape { words: str::to_owned, name: str::to_owned, quote: str::to_owned, is_cut: true };

impl Text {
    /// The text as a form writes it.
    pub fn drawn(&self, escape: &Escape) -> String {
        let sanitized = |text: &str, most: usize| {
            if escape.is_cut { sanitized_short(text, most) } else { sanitized(text).into_owned() }
        };
        let mut drawn = String::new();
        for span in &self.0 {
            drawn.push_str(&match span {
                Span::Words(words) => (escape.words)(words),
                Span::Name(text, most) => (escape.name)(&sanitized(text, *most)),
                Span::Quote(text, most) => (escape.quote)(&sanitized(text, *most)),
            });
        }
        drawn
    }

    /// The text with another one behind it.
    #[must_use]
    pub fn and(mut self, other: impl Into<Self>) -> Self {
        self.0.extend(other.into().0);
        self
    }

    /// Texts with words between them.
    pub fn joined(texts: impl IntoIterator<Item = Self>, between: &'static str) -> Self {
        let mut joined = Self::default();
        for (index, text) in texts.into_iter().enumerate() {
            if index > 0 {
                joined.0.push(Span::Words(between.into()));
            }
            joined.0.extend(text.0);
        }
        joined
    }
}

impl From<&'static str> for Text {
    fn from(words: &'static str) -> Self {
        Self(vec![Span::Words(words.into())])
    }
}

/// Words made here. What comes from a file is a [`name`] or a [`quote`].
impl From<String> for Text {
    fn from(words: String) -> Self {
        Self(vec![Span::Words(words.into())])
    }
}

impl From<Span> for Text {
    fn from(span: Span) -> Self {
        Self(vec![span])
    }
}

impl From<Option<Self>> for Text {
    fn from(text: Option<Self>) -> Self {
        text.unwrap_or_default()
    }
}

/// A name from a file, cut to so many characters.
pub fn name(text: impl Into<String>, most: usize) -> Span {
    Span::Name(text.into(), most)
}

/// A sentence that may quote a file, cut to so many characters.
pub fn quote(text: impl Into<String>, most: usize) -> Span {
    Span::Quote(text.into(), most)
}

/// The first names of some, each cut to so many characters, and how many there are more.
pub fn named<S: Into<String>>(names: impl IntoIterator<Item = S>, most: usize, longest: usize) -> Text {
    let names: Vec<S> = names.into_iter().collect();
    let more = and_n_more(names.len(), most);
    Text::joined(names.into_iter().take(most).map(|text| name(text, longest).into()), ", ").and(more)
}

/// A text of words, names and quotes.
macro_rules! text {
    ($($part:expr),* $(,)?) => {{
        let mut text = $crate::report::document::Text::default();
        $(text = text.and($part);)*
        text
    }};
}
pub(crate) use text;
