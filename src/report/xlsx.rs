//! The report and the plan as a workbook with live formulas.

use super::plan::Draft;
use crate::diagnostic::Failure;

/// Renders the workbook.
pub fn render(_draft: &Draft<'_>) -> Result<Vec<u8>, Failure> {
    Ok(Vec::new())
}
