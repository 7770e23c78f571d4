//! Why rows are not counted.

/// The codes of rejected rows.
pub const REJECT_CODES: [&str; 23] = [
    "ambiguous-number",
    "bad-json",
    "boolean",
    "damaged",
    "encoding",
    "implausible",
    "missing",
    "negative",
    "nul",
    "number",
    "output-missing",
    "page-missing",
    "period",
    "provider-unclear",
    "quote",
    "time",
    "tokens",
    "two-tables",
    "unfinished",
    "usage-conflict",
    "usage-total-mismatch",
    "width",
    "window",
];

/// The code that a text names.
pub fn reject_code(text: &str) -> Option<&'static str> {
    REJECT_CODES.into_iter().find(|code| *code == text)
}

/// Why a row is not counted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reject {
    /// Stable code.
    pub code: &'static str,
    /// The column at fault.
    pub column: String,
    /// Its text.
    pub value: String,
    /// The reason in words.
    pub reason: String,
}

impl Reject {
    /// What stands for the rows of a page that is not there.
    pub fn page_missing() -> Self {
        Self {
            code: "page-missing",
            column: super::nested::HAS_MORE.to_owned(),
            value: String::new(),
            reason: "another page follows and is not in the file, so usage is missing; export all pages".to_owned(),
        }
    }
}
