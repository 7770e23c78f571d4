//! `estimate`: the arithmetic without logs.

use num_traits::One as _;

use super::outputs::Forms;
use crate::cli::{EstimateArgs, ReportFormat};
use crate::diagnostic::{Diagnostic, Exit, Failure};
use crate::money::{DecimalStyle, Exact, MONTHLY_DECIMALS, Money, Percent, rounded_text, share};
use crate::output;
use crate::policy::Cases;
use crate::report::estimate::{self, Estimate};
use crate::report::{self, Combined, Scenario, html, json, markdown, table, xlsx};
use crate::settings::range;

mod discount;

/// Decimals of a share in JSON and CSV.
const SHARE_DECIMALS: u32 = 12;

/// Works out an estimate and writes it.
pub fn run(args: &EstimateArgs) -> Result<Exit, Failure> {
    let forms = Forms::of(&args.output, args.format, None)?;
    let outputs =
        forms.prepare(|path| output::prepare(path, args.force, args.prices.iter().map(std::path::PathBuf::as_path)))?;
    let estimate = estimated(args)?;
    let document = estimate::document(&estimate);
    outputs.write(
        None,
        || {},
        |form, theme, out| {
            let text = match form {
                ReportFormat::Json => return estimate::json(&estimate, out),
                ReportFormat::Csv => {
                    let json = json::text_of(|json| estimate::json(&estimate, json))?;
                    return report::csv::render(&json, "estimate", out);
                }
                ReportFormat::Markdown => markdown::render(&document)?,
                ReportFormat::Table => table::render(&document, theme),
                ReportFormat::Html => html::estimate(&document, &estimate)?,
                ReportFormat::Xlsx => return Ok(out.write_all(&xlsx::estimate(&document)?)?),
            };
            Ok(out.write_all(text.as_bytes())?)
        },
    )?;
    Ok(Exit::Complete)
}

fn wrong(option: &str, reason: &str) -> Failure {
    Failure::usage(
        Diagnostic::new("usage", format!("{option}: {reason}"))
            .hint("amounts are USD such as 15000, shares such as 40%"),
    )
}

fn parse_share(option: &str, text: &str) -> Result<Percent, Failure> {
    text.parse().map_err(|error| wrong(option, &format!("`{text}`: {error}")))
}

/// The figures given, parsed and worked out.
fn estimated(args: &EstimateArgs) -> Result<Estimate, Failure> {
    let (spend, _) = Money::parse(&args.monthly_spend, DecimalStyle::Point)
        .map_err(|error| wrong("--monthly-spend", &format!("`{}`: {error}", args.monthly_spend)))?;
    if spend.is_negative() {
        return Err(wrong("--monthly-spend", "a spend cannot be negative"));
    }
    let batch_share = if args.batch_share.contains("..") {
        shares(range("--batch-share", &args.batch_share)?)
    } else {
        Cases::all(parse_share("--batch-share", &args.batch_share)?.exact())
    };
    let routing = args.routing_saves.as_deref().map(|text| range("--routing-saves", text)).transpose()?.map(shares);
    let (discount, origin) = discount::discount(args)?;
    let month = Month { spend, discount };
    let batch = batch_share.by_ref().try_map(|share| month.batch(share))?;
    let combined = routing.as_ref().map(|routing| month.combined(&batch_share, routing)).transpose()?;
    let text = |share: &Exact| rounded_text(share, SHARE_DECIMALS);
    Ok(Estimate {
        spend,
        batch_share: batch_share.by_ref().map(text),
        discount: estimate::Discount { share: text(&month.discount), origin },
        routing_share: routing.as_ref().map(|routing| routing.by_ref().map(text)),
        batch_only: month.scenario(batch)?,
        combined,
    })
}

/// The cases of a range; the base is its middle.
fn shares((low, high): (Percent, Percent)) -> Cases<Exact> {
    let two = Exact::one() + Exact::one();
    Cases { low: low.exact(), base: (low.exact() + high.exact()) / two, high: high.exact() }
}

/// A month's spend, and what batch takes off what moves.
struct Month {
    spend: Money,
    discount: Exact,
}

impl Month {
    fn batch(&self, share: &Exact) -> Result<Money, Failure> {
        Ok(Money::round(&(self.spend.exact() * share * &self.discount), MONTHLY_DECIMALS)?)
    }

    /// What batch saves of a share and routing of the rest.
    fn parts(&self, share: &Exact, routing: &Exact) -> Result<(Money, Money), Failure> {
        let rest = self.spend.exact() * (Exact::one() - share);
        Ok((self.batch(share)?, Money::round(&(rest * routing), MONTHLY_DECIMALS)?))
    }

    /// Batch and routing together. Low is the least and high the most that any share of the range saves: where routing
    /// saves more than batch, that is not the same end of the range.
    fn combined(&self, batch_share: &Cases<Exact>, routing: &Cases<Exact>) -> Result<Combined, Failure> {
        let total = |(batch, routing): &(Money, Money)| batch.add(*routing);
        let ends = |routing: &Exact| {
            let (fewest, most) = (self.parts(&batch_share.low, routing)?, self.parts(&batch_share.high, routing)?);
            Ok::<_, Failure>(if total(&fewest)? <= total(&most)? { (fewest, most) } else { (most, fewest) })
        };
        let parts = Cases {
            low: ends(&routing.low)?.0,
            base: self.parts(&batch_share.base, &routing.base)?,
            high: ends(&routing.high)?.1,
        };
        Ok(Combined {
            total: self.scenario(parts.by_ref().try_map(total)?)?,
            batch: parts.map(|(batch, _)| batch),
            routing: parts.map(|(_, routing)| routing),
            kind: "assumed",
            words: String::new(),
        })
    }

    fn scenario(&self, saving: Cases<Money>) -> Result<Scenario, Failure> {
        let cost = saving.try_map(|saving| self.spend.sub(saving))?;
        Ok(Scenario { cost, saving, share: saving.map(|saving| share(saving, self.spend)), ..Scenario::default() })
    }
}
