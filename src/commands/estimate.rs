//! `estimate`: the arithmetic without logs.

use num_traits::One as _;

use crate::assess::batch_rates;
use crate::cli::{EstimateArgs, EstimateFormat};
use crate::diagnostic::{Diagnostic, Exit, Failure};
use crate::money::{DecimalStyle, Exact, MONTHLY_DECIMALS, Money, Percent, Rate, share};
use crate::output;
use crate::policy::Cases;
use crate::pricing::{PriceTable, ProviderId, Wanted};
use crate::report::{self, Combined, Scenario, estimate, markdown, table, theme::Theme};
use crate::settings::{load_prices, provider_named, range};
use crate::usage::{Tier, TokenClass};

/// Tokens of input for one of output where nothing else is known.
const INPUT_PER_OUTPUT: u32 = 3;
/// The discount where neither a discount nor a model is given.
const USUAL_DISCOUNT: Percent = Percent::whole(50);

/// Works out and prints an estimate.
pub fn run(args: &EstimateArgs) -> Result<Exit, Failure> {
    let wrong = |option: &str, reason: &str| {
        Failure::usage(
            Diagnostic::new("usage", format!("{option}: {reason}"))
                .hint("amounts are USD such as 15000, shares such as 40%"),
        )
    };
    let parse_share = |option: &str, text: &str| {
        text.parse::<Percent>().map_err(|error| wrong(option, &format!("`{text}`: {error}")))
    };
    let (spend, _) = Money::parse(&args.monthly_spend, DecimalStyle::Point)
        .map_err(|error| wrong("--monthly-spend", &format!("`{}`: {error}", args.monthly_spend)))?;
    if spend.is_negative() {
        return Err(wrong("--monthly-spend", "a spend cannot be negative"));
    }
    let batch_share = parse_share("--batch-share", &args.batch_share)?;
    let routing = args.routing_saves.as_deref().map(range).transpose()?;
    let discount = match (&args.batch_discount, &args.model) {
        (Some(text), _) => parse_share("--batch-discount", text)?.exact(),
        (None, Some(model)) => {
            let table = load_prices(args.prices.as_deref())?;
            let provider = args.provider.as_deref().map(|name| provider_named(&table, name)).transpose()?;
            let input_share = args.input_share.as_deref().map(|text| parse_share("--input-share", text)).transpose()?;
            model_discount(&table, provider, model, input_share)?
        }
        (None, None) => USUAL_DISCOUNT.exact(),
    };

    let moved = spend.exact() * batch_share.exact();
    let batch = Money::round(&(&moved * discount), MONTHLY_DECIMALS)?;
    let rest = spend.exact() - moved;
    let saving = Cases::all(batch);
    let batch_only = scenario(spend, saving)?;
    let combined = routing
        .map(|(low, high)| {
            let two = Exact::one() + Exact::one();
            let shares = Cases { low: low.exact(), base: (low.exact() + high.exact()) / two, high: high.exact() };
            let routed = shares.try_map(|share| Money::round(&(&rest * share), MONTHLY_DECIMALS))?;
            let total = saving.zip(routed).try_map(|(batch, routed)| batch.add(routed))?;
            Ok::<_, Failure>(Combined {
                total: scenario(spend, total)?,
                batch: saving,
                routing: routed,
                kind: "assumed",
                words: format!("routing assumed to save {low} to {high} of the rest"),
            })
        })
        .transpose()?;
    let document = || estimate::document(spend, &batch_only, combined.as_ref());
    let text = match args.format.unwrap_or(EstimateFormat::Table) {
        EstimateFormat::Json => estimate::json(spend, &batch_only, combined.as_ref())?,
        EstimateFormat::Csv => report::csv::estimate(spend, &batch_only, combined.as_ref())?,
        EstimateFormat::Markdown => markdown::render(&document())?,
        EstimateFormat::Table => table::render(&document(), &Theme::of_stdout()),
    };
    output::to_stdout(&text)?;
    Ok(Exit::Complete)
}

fn scenario(spend: Money, saving: Cases<Money>) -> Result<Scenario, Failure> {
    let cost = saving.try_map(|saving| spend.sub(saving))?;
    Ok(Scenario { cost, saving, share: saving.map(|saving| share(saving, spend)), ..Scenario::default() })
}

/// What batch takes off a model's price: per class of tokens, weighed by the share of spend that is input.
fn model_discount(
    table: &PriceTable,
    provider: Option<ProviderId>,
    name: &str,
    input_share: Option<Percent>,
) -> Result<Exact, Failure> {
    let refuse = |message: String, hint: &str| Failure::usage(Diagnostic::new("usage", message).hint(hint));
    // Here the provider is named together with the model, so it is no tie-breaker.
    let named = provider.map(|provider| table.provider(provider).name.as_str());
    let wanted = Wanted { row_provider: named, format_provider: None, model: name };
    let resolved = table.resolve(wanted, None);
    let model = resolved.model.map_err(|reason| {
        let hint = match table.nearest(name) {
            Some(nearest) => format!("the nearest name is `{nearest}`; `--provider` helps where several have it"),
            None => "name a model of the price table".to_owned(),
        };
        refuse(format!("`{name}` has no price [{}]", reason.code()), &hint)
    })?;
    let newest = table.model(model).entries.last().and_then(|entry| entry.from);
    let day = newest.unwrap_or_else(|| crate::calendar::Day::from_number(0));
    let quote = table.quote(model, day, Tier::Default, 0, None);
    let (own, batch) = quote.and_then(|quote| Some((quote.own.ok()?, quote.batch?))).ok_or_else(|| {
        refuse(
            format!("`{name}` has no batch price"),
            "without a batch price batch saves nothing; give --batch-discount to assume one",
        )
    })?;
    let batch = batch_rates(&batch, Percent::ZERO);
    let price = |class: TokenClass| own[class].map(Rate::exact);
    let cut = |class: TokenClass| {
        let (now, then) = (own[class]?, batch[class]?);
        (now.units() > 0).then(|| Exact::one() - then.exact() / now.exact())
    };
    let missing = || refuse(format!("`{name}` has no price for its input or output"), "give --batch-discount instead");
    if own[TokenClass::Output].is_none_or(|rate| rate.units() == 0) {
        return cut(TokenClass::Input).ok_or_else(missing);
    }
    let input = if let Some(share) = input_share {
        share.exact()
    } else {
        let input = price(TokenClass::Input).ok_or_else(missing)? * Exact::from_integer(INPUT_PER_OUTPUT.into());
        let output = price(TokenClass::Output).ok_or_else(missing)?;
        &input / (&input + &output)
    };
    let (input_cut, output_cut) =
        (cut(TokenClass::Input).ok_or_else(missing)?, cut(TokenClass::Output).ok_or_else(missing)?);
    Ok(&input * input_cut + (Exact::one() - &input) * output_cut)
}
