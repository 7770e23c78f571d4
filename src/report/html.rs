//! The report and the plan as one page for a browser.

use super::plan::{Draft, View};

/// Renders the page.
pub fn render(_draft: &Draft<'_>, _view: View) -> String {
    String::new()
}
