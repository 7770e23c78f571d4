//! Numbers of any text in every style: what is read is written so that it is read again as the same.
#![no_main]

use batchwise::money::{DecimalStyle, Factor, Money, Percent, Rate};

libfuzzer_sys::fuzz_target!(|text: &str| {
    for style in [DecimalStyle::Point, DecimalStyle::Comma, DecimalStyle::Undeclared] {
        if let Ok((amount, _)) = Money::parse(text, style) {
            let written = amount.to_string();
            assert_eq!(Money::parse(&written, DecimalStyle::Point), Ok((amount, false)), "{text} became {written}");
        }
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
