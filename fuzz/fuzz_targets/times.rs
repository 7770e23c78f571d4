//! Times and days of any text: what is read is written so that it is read again as the same.
#![no_main]

use batchwise::calendar::{Day, Moment, Month};
use batchwise::formats::swar::clock;

libfuzzer_sys::fuzz_target!(|text: &str| {
    if let Ok(moment) = Moment::parse(text) {
        let written = moment.to_string();
        assert_eq!(Moment::parse(&written).ok(), Some(moment), "{text} became {written}");
        assert!(moment.hour() < 24 && moment.weekday() < 7, "{text}");
    }
    // A clock that is read at once is the one that is read digit by digit.
    if let Some(&clock_text) = text.as_bytes().first_chunk()
        && let Some((hour, second)) = clock(clock_text)
    {
        let moment = Moment::parse(&format!("1970-01-01T{}Z", &text[..8])).expect("a time");
        assert_eq!(moment.micros(), (i64::from(hour) * 3600 + i64::from(second)) * 1_000_000, "{text}");
    }
    if let Ok(day) = text.parse::<Day>() {
        assert_eq!(day.to_string().parse().ok(), Some(day), "{text}");
        let month = day.month();
        assert!(month.first() <= day && day <= month.last(), "{text}");
    }
    if let Ok(month) = text.parse::<Month>() {
        assert_eq!(month.period().days(), month.days(), "{text}");
    }
});
