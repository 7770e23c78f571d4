//! Numbers of any text in every style: what is read is written so that it is read again as the same.
#![no_main]

use batchwise::formats::swar::{decimals_like, few_decimals, few_digits};
use batchwise::money::{DecimalStyle, Factor, Money, Percent, Rate};

libfuzzer_sys::fuzz_target!(|text: &str| {
    for style in [DecimalStyle::Point, DecimalStyle::Comma, DecimalStyle::Undeclared] {
        if let Ok((amount, _)) = Money::parse(text, style) {
            let written = amount.to_string();
            assert_eq!(Money::parse(&written, DecimalStyle::Point), Ok((amount, false)), "{text} became {written}");
        }
    }
    // What is read a word at a time is what is read digit by digit.
    let all = format!("{:016}{text}", 0);
    let (bytes, start, end) = (all.as_bytes(), 16, all.len());
    let units = |number: u64, fraction: u32| i128::from(number) * 10_i128.pow(18 - fraction);
    let whole = few_digits(bytes, start, end).filter(|_| start < end).map(|number| units(number, 0));
    let alike = (1..9).find_map(|fraction| Some(units(decimals_like(bytes, start, end, fraction)?, fraction)));
    let any = few_decimals(bytes, start, end).map(|(number, fraction)| units(number, fraction));
    for units in [whole, alike, any].into_iter().flatten() {
        assert_eq!(Money::parse(text, DecimalStyle::Point), Ok((Money::from_units(units), false)), "{text}");
    }
    if let Ok(factor) = text.parse::<Factor>() {
        assert_eq!(factor.to_string().parse(), Ok(factor), "{text}");
    }
    let _ = text.parse::<Percent>();
    // What the table takes, other tables' readers take as the same.
    if let Ok(rate) = text.parse::<Rate>() {
        assert_eq!(Rate::per_million(text), Ok(rate), "{text}");
    }
});
