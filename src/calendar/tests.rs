use super::*;

fn read(text: &str) -> Option<String> {
    Moment::parse(text).ok().map(|moment| moment.to_string())
}

#[test]
fn the_last_month_of_all_is_whole() {
    let last: Day = "9999-12-31".parse().expect("a day");
    assert_eq!(last.month().last(), last);
    assert_eq!(last.month().days(), 31);
}

/// What is read can be read again; found by fuzzing, `fuzz/found/times/end-of-9999`.
#[test]
fn no_clock_leads_out_of_the_years_of_four_digits() {
    let found = include_str!("../../fuzz/found/times/end-of-9999");
    for text in [found, "9999-12-31T23:59:60Z", "9999-12-31T23:30:00-01:00", "0000-01-01T00:30:00+01:00"] {
        assert_eq!(read(text), None, "{text}");
    }
    for (text, expected) in [
        ("9999-12-31T23:59:59.999999Z", "9999-12-31T23:59:59.999999Z"),
        ("9999-12-31T24:00:00+01:00", "9999-12-31T23:00:00Z"),
        ("0000-01-01T00:00:00Z", "0000-01-01T00:00:00Z"),
        ("0000-01-01T00:00:00-01:00", "0000-01-01T01:00:00Z"),
    ] {
        assert_eq!(read(text).as_deref(), Some(expected), "{text}");
    }
}

#[test]
fn the_time_forms_that_exports_use() {
    for (text, expected) in [
        ("2026-09-01", "2026-09-01T00:00:00Z"),
        ("2026-07-03 01:00", "2026-07-03T01:00:00Z"),
        ("2025-01-24 09:20:46.847371", "2025-01-24T09:20:46.847371Z"),
        ("2026-03-31T23:30:00-05:00", "2026-04-01T04:30:00Z"),
        ("2026-03-31T23:30-05:00", "2026-04-01T04:30:00Z"),
        ("2026-04-09T00:00:00+00:00", "2026-04-09T00:00:00Z"),
        ("2026-04-09T24:00:00Z", "2026-04-10T00:00:00Z"),
        ("2026-12-31T23:59:60Z", "2027-01-01T00:00:00Z"),
        ("1969-12-31T23:59:59.5Z", "1969-12-31T23:59:59.5Z"),
    ] {
        assert_eq!(read(text).as_deref(), Some(expected), "{text}");
    }
    for text in ["", "3/4/26", "45962", "2026-02-30", "2026-09-01T25:00Z", "2026-09-01T", "2026-09-01T12:00+99:00"] {
        assert_eq!(read(text), None, "{text}");
    }
}

#[test]
fn every_day_of_four_digit_years_is_that_of_another_calendar() {
    let mut date = jiff::civil::Date::MIN.with().year(1).month(1).day(1).build().expect("a date");
    let mut day: Day = "0001-01-01".parse().expect("a day");
    while date < jiff::civil::Date::MAX {
        assert_eq!((Date::of(day).year, day.month().first() <= day), (i64::from(date.year()), true));
        assert_eq!((day.to_string(), day.to_string().parse()), (date.to_string(), Ok(day)));
        (day, date) = (day.next(), date.tomorrow().expect("not the last"));
    }
    assert_eq!(day.to_string(), "9999-12-31");
    // Plans look further: 10000 is a leap year, since 400 divides it.
    let month = day.month().plus(2);
    assert_eq!((day.next().to_string(), month.to_string()), ("10000-01-01".to_owned(), "10000-02".to_owned()));
    assert_eq!((month.last().to_string(), month.days()), ("10000-02-29".to_owned(), 29));
}

#[test]
fn whole_months_are_found() {
    let period = |from: &str, to: &str| Period { from: from.parse().expect("day"), to: to.parse().expect("day") };
    assert_eq!(period("2026-09-01", "2026-09-30").month_basis(), MonthBasis::Calendar { months: 1 });
    assert_eq!(period("2026-11-01", "2027-01-31").month_basis(), MonthBasis::Calendar { months: 3 });
    assert_eq!(period("2026-02-01", "2026-02-27").month_basis(), MonthBasis::RunRate { days: 27 });
    assert_eq!("2026-09-01".parse::<Day>().map(|day| day.start().weekday()), Ok(1));
}

#[test]
fn months_know_their_days_and_quarters() {
    let month = |text: &str| text.parse::<Month>().expect("a month");
    for (text, last, next, quarter) in [
        ("2026-01", "2026-01-31", "2026-02", "2026-Q1"),
        ("2028-02", "2028-02-29", "2028-03", "2028-Q1"),
        ("2026-11", "2026-11-30", "2026-12", "2026-Q4"),
        ("2026-12", "2026-12-31", "2027-01", "2026-Q4"),
    ] {
        assert_eq!(month(text).to_string(), text);
        assert_eq!(month(text).last().to_string(), last);
        assert_eq!(month(text).next(), month(next));
        assert_eq!(month(text).quarter().to_string(), quarter);
    }
    assert_eq!(month("2026-11").plus(14), month("2028-01"));
    assert_eq!(month("2026-02").days(), 28);
    for text in ["2026", "2026-13", "2026-1", "26-01", "2026-01-01", ""] {
        assert_eq!(text.parse::<Month>(), Err(NotAMonth), "{text}");
    }
}
