//! Where the forms of a result go: into files, all or none, and to standard output.

use std::io::{IsTerminal as _, Write as _};
use std::path::{Path, PathBuf};

use crate::cli::{ReadArgs, ReportFormat};
use crate::diagnostic::{Diagnostic, Exit, Failure};
use crate::input::Gathered;
use crate::output::{self, Target};
use crate::report::Report;
use crate::report::theme::Theme;
use crate::settings::Settings;

/// The forms that are wanted, by the extensions of files and by `--format`.
#[derive(Debug)]
pub struct Forms {
    files: Vec<(PathBuf, ReportFormat)>,
    stdout: Option<ReportFormat>,
}

/// The same with every file prepared.
pub struct Outputs {
    files: Vec<(Target, ReportFormat)>,
    rejects: Option<Target>,
    stdout: Option<ReportFormat>,
}

impl Forms {
    /// What was typed. Refuses extensions that name no form, one file for two outputs, and a workbook for a terminal.
    pub fn of(paths: &[PathBuf], format: Option<ReportFormat>, read: &ReadArgs) -> Result<Self, Failure> {
        output::check_distinct(paths.iter().chain(&read.rejects))?;
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

    /// Whether any form is a workbook.
    pub fn have_workbook(&self) -> bool {
        self.files.iter().map(|(_, form)| *form).chain(self.stdout).any(|form| form == ReportFormat::Xlsx)
    }

    /// Prepares every file, before anything is read.
    pub fn prepare(self, settings: &Settings) -> Result<Outputs, Failure> {
        let prepare = |(path, form): (PathBuf, _)| Ok((settings.output(&path)?, form));
        Ok(Outputs {
            files: self.files.into_iter().map(prepare).collect::<Result<Vec<_>, Failure>>()?,
            rejects: super::rejects_target(settings)?,
            stdout: self.stdout,
        })
    }
}

impl Outputs {
    /// Writes every form, then the notes, and says how the run ends.
    pub fn write(
        self,
        settings: &Settings,
        gathered: &Gathered,
        report: &Report,
        render: impl Fn(ReportFormat, &Theme) -> Result<Vec<u8>, Failure>,
    ) -> Result<Exit, Failure> {
        let mut written = Vec::new();
        for (mut target, form) in self.files {
            // A failed write comes out again when the file is sealed.
            let _ = target.write_all(&render(form, &Theme::plain())?);
            written.push(target.seal()?);
        }
        if let Some(target) = self.rejects {
            written.push(super::write_rejects(target, gathered)?);
        }
        output::place(written)?;
        super::print_notes(report, settings.quiet);
        if let Some(form) = self.stdout {
            output::bytes_to_stdout(&render(form, &Theme::of_stdout())?)?;
        }
        Ok(super::exit_of(report))
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
