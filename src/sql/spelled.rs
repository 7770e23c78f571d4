//! Expressions that the parts of the statement share.

use super::dialect::{Dialect, spell};

/// Expressions in a dialect.
#[derive(Clone, Copy, Debug)]
pub(super) struct Spelled {
    pub(super) dialect: &'static Dialect,
}

impl Spelled {
    /// The text of something that is not empty.
    pub(super) fn text(self, what: &str) -> String {
        spell(self.dialect.bytewise, &format!("NULLIF({}, '')", Dialect::cast(what, self.dialect.text)))
    }

    /// A number as text.
    pub(super) fn number(self, what: &str) -> String {
        Dialect::cast(what, self.dialect.text)
    }

    pub(super) fn literal(self, text: &str) -> String {
        self.dialect.literal(text)
    }

    /// Whether something is one of these texts.
    pub(super) fn one_of(self, what: &str, texts: &[&str]) -> String {
        let texts: Vec<String> = texts.iter().map(|text| self.literal(text)).collect();
        format!("{what} IN ({})", texts.join(", "))
    }

    /// The character that parts the pieces of a text.
    pub(super) fn separator(self) -> String {
        spell(self.dialect.character, "31")
    }

    /// Texts in one, parted.
    pub(super) fn joined(self, parts: &[String]) -> String {
        parts.join(&format!(" || {} || ", self.separator()))
    }
}

/// A text with its capitals of ASCII made small, whatever else is in it.
pub(super) fn folded(what: &str) -> String {
    let [capitals, small]: [String; 2] = [('A'..='Z').collect(), ('a'..='z').collect()];
    format!("translate({what}, '{capitals}', '{small}')")
}

/// The largest of some numbers that is not above a value, as text.
pub(super) fn cut(value: &str, cuts: &[u64]) -> String {
    let mut cuts: Vec<u64> = cuts.iter().copied().filter(|cut| *cut > 0).collect();
    // What no number of the engine reaches is above all of them.
    cuts.retain(|cut| i64::try_from(*cut).is_ok());
    let Some(last) = cuts.last() else { return "'0'".to_owned() };
    let begins = std::iter::once(0).chain(cuts.iter().copied());
    let whens: Vec<String> =
        begins.zip(&cuts).map(|(begin, cut)| format!("WHEN {value} < {cut} THEN '{begin}'")).collect();
    format!("CASE {} ELSE '{last}' END", whens.join(" "))
}
