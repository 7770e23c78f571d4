//! What went wrong or deserves a word: a stable code, a sentence, a place, and what to do about it.
//!
//! Role: the one shape of every message. Stages build [`Diagnostic`]s; `main` prints the fatal one, the report carries
//! the others. Text that comes from files is escaped and masked here, see [`sanitized`].

use std::fmt;
use std::io;

mod secrets;
pub mod text;

pub use text::{sanitized, sanitized_short};

/// Where in an input a message points.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Place {
    /// The file's name as given.
    pub file: String,
    /// Line, from 1.
    pub line: Option<u64>,
    /// Column, from 1, or the name of a field.
    pub column: Option<String>,
    /// The text of that line, for messages about files people write by hand.
    pub excerpt: Option<String>,
}

impl Place {
    /// A whole file.
    pub fn file(file: impl Into<String>) -> Self {
        Self { file: file.into(), ..Self::default() }
    }

    /// A line of a file.
    pub fn line(file: impl Into<String>, line: u64) -> Self {
        Self { file: file.into(), line: Some(line), ..Self::default() }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&sanitized(&self.file))?;
        if let Some(line) = self.line {
            write!(f, ":{line}")?;
            if let Some(column) = &self.column {
                write!(f, ":{}", sanitized(column))?;
            }
        }
        if let (Some(excerpt), Some(line)) = (&self.excerpt, self.line) {
            let gutter = line.to_string();
            write!(f, "\n  {gutter} | {}", sanitized_short(excerpt, 160))?;
            if let Some(column) = self.column.as_ref().and_then(|column| column.parse::<usize>().ok()) {
                write!(
                    f,
                    "\n  {:width$} | {:indent$}^",
                    "",
                    "",
                    width = gutter.len(),
                    indent = column.saturating_sub(1)
                )?;
            }
        }
        Ok(())
    }
}

/// A message with a code that scripts can rely on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// Stable, kebab-case.
    pub code: &'static str,
    /// One sentence without a full stop.
    pub message: String,
    /// Where.
    pub place: Option<Place>,
    /// What to do about it.
    pub hint: Option<String>,
}

impl Diagnostic {
    /// A message without a place or hint.
    pub fn new(code: &'static str, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), place: None, hint: None }
    }

    /// The same message, pointing somewhere.
    #[must_use]
    pub fn at(mut self, place: Place) -> Self {
        self.place = Some(place);
        self
    }

    /// The same message with advice.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }
}

/// Code, message, place and hint, without the severity.
impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Messages quote texts of files, which may hold anything.
        write!(f, "[{}]: {}", self.code, sanitized(&self.message))?;
        if let Some(place) = &self.place {
            write!(f, "\n --> {place}")?;
        }
        if let Some(hint) = &self.hint {
            write!(f, "\n hint: {}", sanitized(hint))?;
        }
        Ok(())
    }
}

/// The exit codes of the docs/specification.md, section 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// Every row and dollar accounted for.
    Complete = 0,
    /// A check found something.
    Check = 1,
    /// Wrong usage, price table or policy: nothing read, nothing written.
    Usage = 2,
    /// Report written, marked INCOMPLETE.
    Incomplete = 3,
    /// An input could not be read to its end, or is not what it must be.
    Input = 4,
    /// An output could not be written.
    Output = 5,
}

/// Why a run stopped, and the exit code it stops with.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("error{diagnostic}")]
pub struct Failure {
    /// What happened; boxed, since most results carry the room for it and none of its content.
    pub diagnostic: Box<Diagnostic>,
    /// What the shell sees.
    pub exit: Exit,
}

impl Failure {
    /// Wrong usage, price table or policy.
    pub fn usage(diagnostic: Diagnostic) -> Self {
        Self { diagnostic: Box::new(diagnostic), exit: Exit::Usage }
    }

    /// An input that cannot be used.
    pub fn input(diagnostic: Diagnostic) -> Self {
        Self { diagnostic: Box::new(diagnostic), exit: Exit::Input }
    }

    /// The program has found itself wrong. Nothing that it worked out is printed.
    pub fn internal(message: impl Into<String>) -> Self {
        Self::input(Diagnostic::new("internal", message).hint(
            "this is a fault of batchwise, not of the files: please report it, with what was typed and the output of `batchwise inspect`",
        ))
    }

    /// An output that cannot be written.
    pub fn output(diagnostic: Diagnostic) -> Self {
        Self { diagnostic: Box::new(diagnostic), exit: Exit::Output }
    }
}

/// Why writing stopped.
#[derive(Debug)]
pub enum WriteError {
    /// What was to be written could not be made.
    Content(Failure),
    /// The output did not take it.
    Output(io::Error),
}

impl From<Failure> for WriteError {
    fn from(failure: Failure) -> Self {
        Self::Content(failure)
    }
}

impl From<io::Error> for WriteError {
    fn from(error: io::Error) -> Self {
        Self::Output(error)
    }
}

impl From<crate::money::Overflow> for Failure {
    fn from(overflow: crate::money::Overflow) -> Self {
        Self::input(Diagnostic::new("overflow", overflow.to_string()).hint(
            "look for a token count or an amount that a broken export wrote; `batchwise inspect` shows the first rows",
        ))
    }
}
