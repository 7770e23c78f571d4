use super::*;

fn money(text: &str) -> Money {
    Money::parse(text, DecimalStyle::Point).map(|(money, _)| money).expect("a readable amount")
}

#[test]
fn every_form_that_exports_use() {
    for (text, expected) in [
        ("3608.0", "3608"),
        ("0E-6176", "0"),
        ("0.000004500000000000000000000000000000000", "0.0000045"),
        ("1.2E-05", "0.000012"),
        ("1e3", "1000"),
        ("-5.00", "-5"),
        ("(5.00)", "-5"),
        ("$1,234.56", "1234.56"),
        ("-$5", "-5"),
        ("($1,234.56)", "-1234.56"),
        ("+5", "5"),
        (" 5 ", "5"),
        ("'5", "5"),
        (".5", "0.5"),
        ("5.", "5"),
        ("0.0000000000000000005", "0"),
        ("0.0000000000000000015", "0.000000000000000002"),
    ] {
        assert_eq!(money(text).to_string(), expected, "{text}");
    }
}

#[test]
fn european_forms_only_when_declared() {
    let comma = |text| Money::parse(text, DecimalStyle::Comma).map(|(money, _)| money.to_string());
    assert_eq!(comma("1.234,56").as_deref(), Ok("1234.56"));
    assert_eq!(comma("1 234,56").as_deref(), Ok("1234.56"));
    assert_eq!(comma("1'234,5").as_deref(), Ok("1234.5"));
    assert!(Money::parse("1.234,56", DecimalStyle::Point).is_err());
    assert!(Money::parse("9,99", DecimalStyle::Point).is_err());
    assert_eq!(Money::parse("1,234", DecimalStyle::Undeclared), Err(DecimalError::Ambiguous));
}

#[test]
fn what_is_no_number_is_refused() {
    for text in ["", "-", ".", "1e", "NaN", "inf", "#REF!", "1e400", "0x10", "1_000", "1..2", "--5", "(-5)", "12,34"] {
        assert!(Money::parse(text, DecimalStyle::Point).is_err(), "{text}");
    }
    for text in ["1_000", "0x10", "010", "-1", "1e-13", "1,000", "+1", ".inf"] {
        assert!(text.parse::<Rate>().is_err(), "{text}");
    }
}

#[test]
fn rates_cost_exactly() {
    let rate: Rate = "0.13".parse().expect("a price");
    assert_eq!(rate.cost(1_000_000).map(|money| money.to_string()), Ok("0.13".into()));
    assert_eq!(rate.to_string(), "0.13");
    assert_eq!(rate.cost(u128::MAX), Err(Overflow));
}

#[test]
fn shares_need_a_sign_and_a_range() {
    assert_eq!("30%".parse::<Percent>(), Ok(Percent::whole(30)));
    assert_eq!("0.3".parse::<Percent>(), Err(PercentError::NoSign));
    assert_eq!("101%".parse::<Percent>(), Err(PercentError::OutOfRange));
    assert_eq!("-1%".parse::<Percent>(), Err(PercentError::OutOfRange));
}

#[test]
fn halves_go_to_the_even_neighbour() {
    for (text, expected) in [("0.5", 0), ("1.5", 2), ("2.5", 2), ("-0.5", 0), ("-1.5", -2), ("0.51", 1)] {
        assert_eq!(round_half_even(&money(text).exact(), 0), BigInt::from(expected), "{text}");
    }
}

#[test]
fn numbers_that_a_spreadsheet_shortened_are_not_whole() {
    let read = |text| decimal::parse_in_full(text, 0, DecimalStyle::Point);
    for text in ["1E+06", "1.23E+06", "1.23457E+11", "-2E+01", " 1e+05 ", "9.18E-01", "1e-03"] {
        assert_eq!(read(text), Err(decimal::DecimalError::Shortened), "{text}");
    }
    // All digits are there, or nothing was there to lose.
    for (text, number) in [
        ("1.234567E+06", 1_234_567),
        ("1.0E7", 10_000_000),
        ("1e6", 1_000_000),
        ("0E+05", 0),
        ("5E+00", 5),
        ("0.00E-01", 0),
    ] {
        assert_eq!(read(text), Ok((number, false)), "{text}");
    }
}

#[test]
fn numbers_of_any_size_are_written_in_full() {
    let large = Exact::from_integer(BigInt::from(10).pow(40));
    assert_eq!(rounded_text(&large, 6), format!("1{}", "0".repeat(40)));
    assert_eq!(rounded_text(&(-&large - Exact::new(1.into(), 4.into())), 6), format!("-1{}.25", "0".repeat(40)));
    assert_eq!(rounded_text(&Exact::new(1.into(), 3.into()), 6), "0.333333");
    assert_eq!(rounded_text(&Exact::new((-5).into(), 2.into()), 6), "-2.5");
}

#[test]
fn numbers_of_any_size_are_rounded_alike() {
    let parts = (-40..=40).chain([i128::MIN, i128::MIN + 1, i128::MAX - 1, i128::MAX]);
    for part in parts {
        for whole in (1..=20).chain([i128::MAX - 1, i128::MAX]) {
            let value = Exact::new(part.into(), whole.into());
            assert_eq!(round_half_even(&value, 0), divide_half_even(part, whole).into(), "{part} ÷ {whole}");
        }
    }
    // One fits as it is, the other only once it is divided.
    for dollars in ["0.1", "-123456789012345678"] {
        let thirds = Exact::new_raw(money(dollars).units().into(), BigInt::from(UNITS) * 3);
        let units = round_half_even(&thirds, MONTHLY_DECIMALS) * 1_000_000;
        assert_eq!(Money::round(&thirds, MONTHLY_DECIMALS).map(|money| money.units().into()), Ok(units));
    }
}
