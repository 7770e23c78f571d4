//! Small price tables for plans: one provider, `acme`, whose models cost the same for input and output.

use std::fmt::Write as _;

/// A model of such a table.
#[derive(Clone, Copy, Default)]
pub struct Model<'m> {
    /// Its id.
    pub name: &'m str,
    /// Other keys of it, such as `retires: 2026-12-01`.
    pub keys: &'m [&'m str],
    /// Its prices from the first on.
    pub prices: &'m [Price<'m>],
}

/// What a million tokens cost in dollars.
#[derive(Clone, Copy)]
pub struct Price<'m> {
    /// From which day on; nothing where no start is known.
    pub from: Option<&'m str>,
    /// Sent as they are.
    pub standard: &'m str,
    /// In batch, if that can be had.
    pub batch: Option<&'m str>,
}

/// A price that can not be had in batch.
pub const fn price<'m>(from: Option<&'m str>, standard: &'m str) -> Price<'m> {
    Price { from, standard, batch: None }
}

/// A price with one in batch.
pub const fn halved<'m>(from: Option<&'m str>, standard: &'m str, batch: &'m str) -> Price<'m> {
    Price { from, standard, batch: Some(batch) }
}

/// The table as YAML.
pub fn acme(models: &[Model<'_>]) -> String {
    let mut text = "schema: 1
currency: USD
providers:
  acme:
    batch: {window_hours: 24, max_requests: 1000, max_file_mb: 100, source: \"https://prices.example/batch\", checked: 2026-01-01}
    models:
"
    .to_owned();
    for model in models {
        let _ = writeln!(text, "      {}:", model.name);
        for key in model.keys {
            let _ = writeln!(text, "        {key}");
        }
        let _ = writeln!(text, "        prices:");
        for price in model.prices {
            let from = price.from.map_or_else(String::new, |from| format!("from: {from}, "));
            let block = |tier: &str, rate: &str| format!(", {tier}: {{input: {rate}, output: {rate}}}");
            let batch = price.batch.map_or_else(String::new, |batch| block("batch", batch));
            let _ = writeln!(
                text,
                "          - {{{from}source: \"https://prices.example\", checked: 2026-01-01{}{batch}}}",
                block("standard", price.standard)
            );
        }
    }
    text
}
