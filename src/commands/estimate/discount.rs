//! What batch takes off a price: as given, the usual, or a model's own.

use num_traits::{One as _, Zero as _};

use super::{SHARE_DECIMALS, parse_share};
use crate::assess::batch_rates;
use crate::calendar::Day;
use crate::cli::EstimateArgs;
use crate::diagnostic::{Diagnostic, Failure};
use crate::money::{Exact, Percent, Rate, rounded_text};
use crate::pricing::{PriceTable, ProviderId, Wanted};
use crate::report::estimate::{DiscountOrigin, ModelDiscount, Weighed};
use crate::settings::{load_prices, provider_named};
use crate::usage::{BatchCache, Tier, TokenClass};

/// Tokens of input for one of output where nothing else is known.
const INPUT_PER_OUTPUT: u32 = 3;
/// The discount where neither a discount nor a model is given.
const USUAL_DISCOUNT: Percent = Percent::whole(50);

/// The discount, and where it comes from.
pub(super) fn discount(args: &EstimateArgs) -> Result<(Exact, DiscountOrigin), Failure> {
    match (&args.batch_discount, &args.model) {
        (Some(text), _) => Ok((parse_share("--batch-discount", text)?.exact(), DiscountOrigin::Given)),
        (None, Some(model)) => {
            let table = load_prices(&args.prices)?;
            let provider = args.provider.as_deref().map(|name| provider_named(&table, name)).transpose()?;
            let input_share = args.input_share.as_deref().map(|text| parse_share("--input-share", text)).transpose()?;
            model_discount(&table, provider, model, input_share)
        }
        (None, None) => Ok((USUAL_DISCOUNT.exact(), DiscountOrigin::Default)),
    }
}

/// What batch takes off a model's price: per class of tokens, weighed by the share of spend that is input.
fn model_discount(
    table: &PriceTable,
    provider: Option<ProviderId>,
    name: &str,
    input_share: Option<Percent>,
) -> Result<(Exact, DiscountOrigin), Failure> {
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
    let found = table.model(model);
    let entry = found.entries.last();
    let day = entry.and_then(|entry| entry.from).unwrap_or_else(|| Day::from_number(0));
    let quote = table.quote(model, day, Tier::Default, 0, None);
    let rates = quote.and_then(|quote| Some((quote.own.ok()?, quote.batch?)));
    let ((own, batch), entry) = rates.zip(entry).ok_or_else(|| {
        refuse(
            format!("`{name}` has no batch price"),
            "without a batch price batch saves nothing; give --batch-discount to assume one",
        )
    })?;
    let batch = batch_rates(&batch, BatchCache::default());
    let missing = || refuse(format!("`{name}` has no price for its input or output"), "give --batch-discount instead");
    let price = |class: TokenClass| own[class].map(Rate::exact).ok_or_else(missing);
    let cut = |class: TokenClass| {
        let rates = own[class].zip(batch[class]).filter(|(now, _)| now.units() > 0);
        rates.map(|(now, then)| Exact::one() - then.exact() / now.exact()).ok_or_else(missing)
    };
    let has_output = own[TokenClass::Output].is_some_and(|rate| rate.units() > 0);
    let (input, weighed) = match input_share {
        _ if !has_output => (Exact::one(), Weighed::AllInput),
        Some(share) => (share.exact(), Weighed::Given),
        None => {
            let input = price(TokenClass::Input)? * Exact::from_integer(INPUT_PER_OUTPUT.into());
            (&input / (&input + price(TokenClass::Output)?), Weighed::Usual)
        }
    };
    let of_output = if has_output { (Exact::one() - &input) * cut(TokenClass::Output)? } else { Exact::zero() };
    let share = &input * cut(TokenClass::Input)? + of_output;
    let origin = ModelDiscount {
        provider: table.provider(found.provider).name.clone(),
        model: found.name.clone(),
        prices: table.source.clone(),
        source: entry.source.clone(),
        from: entry.from.map(|day| day.to_string()),
        checked: entry.checked.to_string(),
        input_share: rounded_text(&input, SHARE_DECIMALS),
        weighed,
    };
    Ok((share, DiscountOrigin::Model(Box::new(origin))))
}
