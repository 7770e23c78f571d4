//! Times and days of any text: what is read is written so that it is read again as the same.
#![no_main]

use batchwise::calendar::{Day, Moment, Month};

libfuzzer_sys::fuzz_target!(|text: &str| {
    if let Ok(moment) = Moment::parse(text) {
        let written = moment.to_string();
        assert_eq!(Moment::parse(&written).ok(), Some(moment), "{text} became {written}");
        assert!(moment.hour() < 24 && moment.weekday() < 7, "{text}");
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
