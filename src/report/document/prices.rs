//! What is special about prices.

use super::ColumnType::{Figure, Rate, Text as Words};
use super::{
    Cell, LONGEST_NAME, LONGEST_PATH, LONGEST_SENTENCE, MOST_POINTS, Row, Section, Table, Text, bill, cut, name, quote,
    text,
};
use crate::report::words::plural;
use crate::report::{AgreedModel, ListModel, Report};

/// Models named of which the same is said.
const MOST_NAMES: usize = 3;

/// What is special about prices: models of which the same is to be said are named together.
pub fn exceptions(report: &Report) -> Option<Section> {
    let mut sentences: Vec<(&str, Vec<Text>)> = Vec::new();
    for line in &report.exceptions {
        let model = Text::from(name(format!("{}/{}", line.provider, line.model), 2 * LONGEST_NAME));
        match sentences.iter_mut().find(|(message, _)| *message == line.message) {
            Some((_, models)) => models.push(model),
            None => sentences.push((&line.message, vec![model])),
        }
    }
    let said = sentences.into_iter().map(|(message, models)| {
        let more = match models.len().saturating_sub(MOST_NAMES) {
            0 => String::new(),
            more => format!(" and {}", plural(more as u64, "other model")),
        };
        let message = in_number(message, models.len());
        let models = Text::joined(models.into_iter().take(MOST_NAMES), ", ").and(more);
        text!(models, ": ", quote(message, LONGEST_SENTENCE), ".")
    });
    let points = cut(said.collect(), report.row_limit(MOST_POINTS), "more price note");
    Section::new("price-notes", "Price notes").list(points).if_any()
}

/// A message about one model as it is said of several.
fn in_number(message: &str, models: usize) -> String {
    let plural = match message.split_once(' ') {
        Some(("is", rest)) if models > 1 => Some(format!("are {rest}")),
        Some(("was", rest)) if models > 1 => Some(format!("were {rest}")),
        _ => None,
    };
    plural.unwrap_or_else(|| message.to_owned())
}

/// What is charged of each model's list price, where monthly figures stand on that.
pub fn agreed_prices(report: &Report) -> Option<Section> {
    let agreed = report.agreed.as_ref()?;
    let names = |provider: &str, model: &str| [provider, model].map(|text| Cell::text(name(text, LONGEST_PATH)));
    let known = |line: &AgreedModel| {
        let ratio = [Cell::text(bill::ratio(line)), Cell::Empty];
        Row::new(names(&line.provider, &line.model).into_iter().chain(ratio))
    };
    let at_list = |line: &ListModel| {
        let cost = [Cell::text("at list price"), Cell::cents(line.monthly_cost)];
        Row::new(names(&line.provider, &line.model).into_iter().chain(cost))
    };
    let mut table =
        Table::new([("Provider", Words), ("Model", Words), ("Billed ÷ list", Rate), ("Cost a month", Figure)]);
    table.rows = agreed.models.iter().map(known).chain(agreed.at_list.iter().map(at_list)).collect();
    Section::new("agreed-prices", "Effective rates").table(table).if_any()
}
