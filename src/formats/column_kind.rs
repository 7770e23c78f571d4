//! What a text says by itself.
//!
//! Role: a text and the column it stands in → what it says and adds to its row. What it means is asked of [`RowReader`],
//! so that there is one answer for rows read together and one by one.

use super::Format;
use super::column_plan::RowValues;
use super::corruption::IllegalChars;
use super::expected::RowKeys;
use super::mapping::TargetField;
use super::row::{RowReader, Status, is_failure};
use super::value_cache::CachedValue;
use crate::money::DecimalStyle;
use crate::rollup::fold::{Folder, Part};
use crate::usage::{Field, Outcome, Tier};

/// What the texts of a column are.
#[derive(Clone, Debug)]
pub(super) enum ColumnKind {
    TargetField(TargetField, IllegalChars),
    Tag(String),
}

/// What texts of a row say by themselves.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Parsed {
    pub(super) tier: Tier,
    pub(super) stream: Option<bool>,
    pub(super) batch: Option<bool>,
    pub(super) failed: bool,
    pub(super) gateway_hit: bool,
    pub(super) status: Option<u64>,
}

/// Says that a row must be looked at as a whole.
const ODD: u64 = 1 << 63;
const FAILED: u64 = 1 << 8;
const GATEWAY_HIT: u64 = 1 << 9;
/// Says that the price of the row's model may go by the hour.
pub(super) const BY_THE_HOUR: u64 = 1 << 10;
const LARGEST_STATUS: u64 = 0xffff;

impl CachedValue {
    /// That of a text that no row has which is like others.
    pub(super) const ODD: Self = Self { share: 0, flags: ODD };
}

impl Parsed {
    /// As bits, so that what several texts of a row say is taken together.
    fn flags(self) -> u64 {
        let boolean = |values: Option<bool>| values.map_or(0, |values| 1 + u64::from(values));
        let status = match self.status {
            None => 0,
            Some(status) if status <= LARGEST_STATUS => status + 1,
            Some(_) => return ODD,
        };
        self.tier as u64
            | boolean(self.stream) << 4
            | boolean(self.batch) << 6
            | if self.failed { FAILED } else { 0 }
            | if self.gateway_hit { GATEWAY_HIT } else { 0 }
            | status << 16
    }

    /// The tier, of which a word for batch has the say.
    #[inline]
    pub(super) fn tier(self) -> Tier {
        if self.batch == Some(true) { Tier::Batch } else { self.tier }
    }

    /// How the call ended.
    #[inline]
    pub(super) const fn outcome(self) -> Outcome {
        match (self.gateway_hit, self.failed) {
            (true, _) => Outcome::GatewayHit,
            (false, true) => Outcome::Failed,
            (false, false) => Outcome::Succeeded,
        }
    }

    /// What all texts of a row say, where they are not odd.
    #[inline]
    pub(super) fn of_flags(flags: u64) -> Self {
        let boolean = |at: u32| match flags >> at & 3 {
            0 => None,
            values => Some(values == 2),
        };
        Self {
            tier: Tier::ALL[usize::from(flags.to_le_bytes()[0] & 0xf)],
            stream: boolean(4),
            batch: boolean(6),
            failed: flags & FAILED != 0,
            gateway_hit: flags & GATEWAY_HIT != 0,
            status: (flags >> 16 & (LARGEST_STATUS << 1 | 1)).checked_sub(1),
        }
    }
}

impl RowReader<'_, '_> {
    /// What the text of one target says by itself, as [`Self::read`] takes it; nothing where it is refused, or decides
    /// about its row otherwise.
    fn parsed(&self, target: TargetField) -> Option<Parsed> {
        let text = self.text(target)?;
        let mut parsed = Parsed::default();
        match target {
            TargetField::Tier => parsed.tier = Tier::named(text.trim()),
            TargetField::Stream => parsed.stream = Some(self.boolean(target, text).ok()?),
            TargetField::Batch => parsed.batch = Some(self.boolean(target, text).ok()?),
            TargetField::GatewayHit => parsed.gateway_hit = self.boolean(target, text).ok()?,
            TargetField::Window => drop(self.window().ok()?),
            TargetField::Status => match self.status().ok()? {
                Status::Number(status) => (parsed.status, parsed.failed) = (status, is_failure(status)),
                Status::Failed => parsed.failed = true,
                Status::Unfinished | Status::StreamChunk => return None,
            },
            _ => {}
        }
        Some(parsed)
    }
}

impl ColumnKind {
    fn field(&self) -> Option<Field> {
        match self {
            Self::TargetField(target, _) => target.field(),
            Self::Tag(_) => None,
        }
    }

    fn part(&self, folder: &Folder<'_>) -> Part {
        match self {
            Self::Tag(name) => folder.part_of_tag(name),
            Self::TargetField(..) => self.field().map_or(Part::Nothing, |field| folder.part_of(field)),
        }
    }

    /// Whether it matters for the key of its row, or whether the row is read at once.
    pub(super) fn decides(&self, folder: &Folder<'_>) -> bool {
        match self {
            Self::TargetField(_, damage) => {
                *damage != IllegalChars::None || self.field().is_none() || self.part(folder) != Part::Nothing
            }
            Self::Tag(_) => self.part(folder) != Part::Nothing,
        }
    }

    /// Whether what it adds belongs to the long signature alone.
    pub(super) fn is_long(&self, folder: &Folder<'_>) -> bool {
        self.part(folder) == Part::Word
    }

    /// What a text of such a column says and adds.
    pub(super) fn value(
        &self,
        text: &str,
        format: &Format,
        decimal: DecimalStyle,
        folder: &mut Folder<'_>,
    ) -> CachedValue {
        let odd = CachedValue::ODD;
        let (target, damage) = match self {
            Self::Tag(_) if text.is_empty() => return CachedValue::default(),
            Self::Tag(name) => {
                let share = folder.tag_share(name, text);
                return CachedValue { share: share.text ^ share.words, ..CachedValue::default() };
            }
            // A row without a model may be one that nobody asked for.
            Self::TargetField(TargetField::Model, _) if text.is_empty() => return odd,
            Self::TargetField(..) if text.is_empty() => return CachedValue::default(),
            Self::TargetField(target, damage) => (*target, *damage),
        };
        let is_foreign = target == TargetField::Currency && !text.eq_ignore_ascii_case("usd");
        if is_foreign || (damage != IllegalChars::None && damage.is_in(text)) {
            return odd;
        }
        let mut values = RowValues::default();
        values.texts[target as usize] = Some(text);
        let Some(parsed) =
            (RowReader { format, values: &values, decimal, unread: &[], keys: RowKeys::default() }).parsed(target)
        else {
            return odd;
        };
        let mut found = CachedValue { flags: parsed.flags(), ..CachedValue::default() };
        if let Some(field) = self.field() {
            let share = folder.share_alone(field, text);
            found.share = share.text ^ share.words;
            if field == Field::Model && folder.goes_by_the_hour(text) {
                found.flags |= BY_THE_HOUR;
            }
        }
        found
    }
}
