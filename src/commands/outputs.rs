//! Where the forms of a result go: into files, all or none, and to standard output.

use std::io::{IsTerminal as _, Write};
use std::path::{Path, PathBuf};

use crate::cli::ReportFormat;
use crate::diagnostic::{Diagnostic, Failure, WriteError};
use crate::output::{self, Sealed, Target};
use crate::report::theme::Theme;

/// The forms that are wanted, by the extensions of files and by `--format`.
#[derive(Debug)]
pub struct Forms {
    files: Vec<(PathBuf, ReportFormat)>,
    stdout: Option<ReportFormat>,
}

/// The same with every file prepared.
pub struct Outputs {
    files: Vec<(Target, ReportFormat)>,
    stdout: Option<ReportFormat>,
}

impl Forms {
    /// What was typed. Refuses extensions that name no form, one file for two outputs (of which `rejects` may be one), and
    /// a workbook for a terminal.
    pub fn of(paths: &[PathBuf], format: Option<ReportFormat>, rejects: Option<&PathBuf>) -> Result<Self, Failure> {
        output::check_distinct(paths.iter().chain(rejects))?;
        let files = paths.iter().map(|path| Ok((path.clone(), form_of(path)?))).collect::<Result<Vec<_>, Failure>>()?;
        let stdout = if paths.is_empty() { Some(format.unwrap_or(ReportFormat::Table)) } else { format };
        if stdout == Some(ReportFormat::Xlsx) && std::io::stdout().is_terminal() {
            return Err(Failure::usage(
                Diagnostic::new("usage", "a workbook cannot be shown on a terminal")
                    .hint("write it to a file: -o report.xlsx"),
            ));
        }
        Ok(Self { files, stdout })
    }

    /// Whether any form shows months to come.
    pub fn show_plan(&self) -> bool {
        self.files.iter().map(|(_, form)| *form).chain(self.stdout).any(ReportFormat::shows_plan)
    }

    /// Whether this form is one of them.
    pub fn have(&self, wanted: ReportFormat) -> bool {
        self.files.iter().map(|(_, form)| *form).chain(self.stdout).any(|form| form == wanted)
    }

    /// Prepares every file, before anything is read.
    pub fn prepare(self, prepare: impl Fn(&Path) -> Result<Target, Failure>) -> Result<Outputs, Failure> {
        let prepare = |(path, form): (PathBuf, _)| Ok((prepare(&path)?, form));
        let files = self.files.into_iter().map(prepare).collect::<Result<_, Failure>>()?;
        Ok(Outputs { files, stdout: self.stdout })
    }
}

impl Outputs {
    /// Writes every form: files and what is written `beside` them first, then whatever `notes` prints, then standard
    /// output.
    pub fn write(
        self,
        beside: Option<Sealed>,
        notes: impl FnOnce(),
        render: impl Fn(ReportFormat, &Theme, &mut dyn Write) -> Result<(), WriteError>,
    ) -> Result<(), Failure> {
        let mut written = Vec::new();
        for (target, form) in self.files {
            written.push(target.write_sealed(|target| render(form, &Theme::plain(), target))?);
        }
        written.extend(beside);
        output::place(written)?;
        notes();
        if let Some(form) = self.stdout {
            output::stdout(|stdout| render(form, &Theme::of_stdout(), stdout))?;
        }
        Ok(())
    }
}

/// The form that a file's extension names.
fn form_of(path: &Path) -> Result<ReportFormat, Failure> {
    match path.extension().and_then(|ending| ending.to_str()) {
        Some("json") => Ok(ReportFormat::Json),
        Some("csv") => Ok(ReportFormat::Csv),
        Some("md") => Ok(ReportFormat::Markdown),
        Some("txt") => Ok(ReportFormat::Table),
        Some("html") => Ok(ReportFormat::Html),
        Some("xlsx") => Ok(ReportFormat::Xlsx),
        _ => Err(Failure::usage(
            Diagnostic::new("usage", format!("the extension of `{}` names no output format", path.display()))
                .hint("use .txt, .json, .md, .csv, .html or .xlsx"),
        )),
    }
}
