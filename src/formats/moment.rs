//! Times in the forms that exports write them in.

use super::mapping::TimeForm;
use super::row::Refused;
use super::{Format, Reject};
use crate::calendar::Moment;
use crate::money::{DecimalStyle, decimal};

/// A moment in one of the forms of time; empty means absent.
pub(super) fn moment(text: Option<&str>, column: &str, form: TimeForm) -> Result<Option<Moment>, Refused> {
    let Some(text) = text.map(str::trim).filter(|text| !text.is_empty()) else { return Ok(None) };
    let number = |scale: u32| {
        decimal::parse_scaled(text, scale, DecimalStyle::Point).ok().and_then(|(value, _)| i64::try_from(value).ok())
    };
    let moment = match form {
        TimeForm::Text => Moment::parse(text).ok(),
        TimeForm::EpochSeconds => number(6).map(Moment::from_micros),
        TimeForm::EpochMillis => number(3).map(Moment::from_micros),
        TimeForm::TextOrEpochSeconds => Moment::parse(text).ok().or_else(|| number(6).map(Moment::from_micros)),
    };
    let believable = moment.filter(|moment| Moment::from_seconds(moment.micros().div_euclid(1_000_000)).is_ok());
    believable.map(Some).ok_or_else(|| {
        Box::new(Reject {
            code: "time",
            column: column.to_owned(),
            value: text.to_owned(),
            reason: match form {
                TimeForm::Text | TimeForm::TextOrEpochSeconds => "not a time such as 2026-09-01T12:30:00Z",
                TimeForm::EpochSeconds => "not a time in seconds since 1970",
                TimeForm::EpochMillis => "not a time in milliseconds since 1970",
            }
            .to_owned(),
        })
    })
}

impl Format {
    /// Whether some bytes of a file are a time as the format writes its own.
    pub fn reads_time(&self, bytes: &[u8]) -> bool {
        // A day has ten bytes, and so have the seconds since 1970; a shorter number in prose is none.
        bytes.len() >= 10
            && bytes[0].is_ascii_digit()
            && std::str::from_utf8(bytes).is_ok_and(|text| moment(Some(text), "", self.mapping.time.form).is_ok())
    }
}
