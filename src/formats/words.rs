//! Words of a column, each looked at once.
//!
//! Role: a text → what it says and adds to its row, remembered in a table of fixed size, so that memory does not grow
//! with the number of different texts.

use std::hash::BuildHasher as _;

use foldhash::quality::RandomState;

use super::Format;
use super::columns::Lexicon;
use super::damage::Damage;
use super::glyphs::Glyphs;
use super::mapping::Target;
use super::plan::Said;
use super::row::{RowReader, Status, is_failure};
use crate::money::DecimalStyle;
use crate::rollup::fold::{Part, Share};
use crate::usage::{Field, Outcome, PromptSize, Tier};

/// What the words of a column are.
#[derive(Clone, Debug)]
pub(super) enum Word {
    Target(Target, Damage),
    Tag(String),
}

/// What words of a row say by themselves.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Meaning {
    pub(super) tier: Tier,
    pub(super) stream: Option<bool>,
    pub(super) batch: Option<bool>,
    pub(super) failed: bool,
    pub(super) gateway_hit: bool,
    pub(super) status: Option<u64>,
    pub(super) window: Option<PromptSize>,
}

/// Says that a row must be looked at as a whole.
const ODD: u64 = 1 << 63;
const FAILED: u64 = 1 << 8;
const GATEWAY_HIT: u64 = 1 << 9;
const LARGEST_STATUS: u64 = 0xffff;

impl Meaning {
    /// As bits, so that what several words of a row say is taken together.
    fn flags(self) -> u64 {
        let boolean = |said: Option<bool>| said.map_or(0, |said| 1 + u64::from(said));
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

    /// Whether the row must be looked at as a whole.
    #[inline]
    pub(super) const fn is_odd(flags: u64) -> bool {
        flags & ODD != 0
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

    /// What all words of a row say, where they are not odd. A window is not among it.
    #[inline]
    pub(super) fn of_flags(flags: u64) -> Self {
        let boolean = |at: u32| match flags >> at & 3 {
            0 => None,
            said => Some(said == 2),
        };
        Self {
            tier: Tier::ALL[usize::from(flags.to_le_bytes()[0] & 0xf)],
            stream: boolean(4),
            batch: boolean(6),
            failed: flags & FAILED != 0,
            gateway_hit: flags & GATEWAY_HIT != 0,
            status: (flags >> 16 & (LARGEST_STATUS << 1 | 1)).checked_sub(1),
            window: None,
        }
    }
}

impl RowReader<'_, '_> {
    /// What the text of one target says by itself, as [`Self::read`] takes it; nothing where it is refused, or decides
    /// about its row otherwise.
    fn meaning(&self, target: Target) -> Option<Meaning> {
        let text = self.text(target)?;
        let mut meaning = Meaning::default();
        match target {
            Target::Tier => meaning.tier = Tier::named(text.trim()),
            Target::Stream => meaning.stream = Some(self.boolean(target, text).ok()?),
            Target::Batch => meaning.batch = Some(self.boolean(target, text).ok()?),
            Target::GatewayHit => meaning.gateway_hit = self.boolean(target, text).ok()?,
            Target::Window => meaning.window = self.window().ok()?,
            Target::Status => match self.status().ok()? {
                Status::Number(status) => (meaning.status, meaning.failed) = (status, is_failure(status)),
                Status::Failed => meaning.failed = true,
                Status::Unfinished | Status::Piece => return None,
            },
            _ => {}
        }
        Some(meaning)
    }
}

/// What a text says and adds to its row.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Found {
    pub(super) share: Share,
    pub(super) content: u64,
    pub(super) flags: u64,
    pub(super) end_user: u64,
}

impl Word {
    fn field(&self) -> Option<Field> {
        match self {
            Self::Target(target, _) => target.field(),
            Self::Tag(_) => None,
        }
    }

    fn part(&self, lexicon: &impl Lexicon) -> Part {
        match self {
            Self::Tag(name) => lexicon.part_of_tag(name),
            Self::Target(..) => self.field().map_or(Part::Nothing, |field| lexicon.part(field)),
        }
    }

    /// Whether it matters for anything but the content of its row.
    pub(super) fn decides(&self, lexicon: &impl Lexicon) -> bool {
        match self {
            Self::Target(Target::EndUser, _) => true,
            Self::Target(_, damage) => {
                *damage != Damage::None || self.field().is_none() || self.part(lexicon) != Part::Nothing
            }
            Self::Tag(_) => self.part(lexicon) != Part::Nothing,
        }
    }

    /// Whether what it adds belongs to the long signature alone.
    pub(super) fn is_long(&self, lexicon: &impl Lexicon) -> bool {
        self.part(lexicon) == Part::Word
    }

    /// Looks at a text for the first time.
    pub(super) fn learn(
        &self,
        text: &str,
        format: &Format,
        decimal: DecimalStyle,
        lexicon: &mut impl Lexicon,
    ) -> Found {
        let odd = Found { flags: ODD, ..Found::default() };
        let (target, damage) = match self {
            Self::Tag(_) if text.is_empty() => return Found::default(),
            Self::Tag(name) => {
                let share = lexicon.tag_share(name, text);
                let content = lexicon.tag_content(name, text);
                return Found { share: share.text ^ share.words, content, ..Found::default() };
            }
            // A row without a model may be one that nobody asked for.
            Self::Target(Target::Model, _) if text.is_empty() => return odd,
            Self::Target(..) if text.is_empty() => return Found::default(),
            Self::Target(target, damage) => (*target, *damage),
        };
        let is_foreign = target == Target::Currency && !text.eq_ignore_ascii_case("usd");
        if is_foreign || (damage != Damage::None && damage.is_in(text)) {
            return odd;
        }
        let mut said = Said::default();
        said.texts[target as usize] = Some(text);
        let Some(meaning) = (RowReader { format, said: &said, decimal, unread: &[], present: 0 }).meaning(target)
        else {
            return odd;
        };
        let mut found = Found { flags: meaning.flags(), ..Found::default() };
        if let Some(field) = self.field() {
            let share = lexicon.share(field, text);
            (found.share, found.content) = (share.text ^ share.words, lexicon.content(field, text));
        }
        match target {
            Target::Tier => found.content = lexicon.tier_content(text),
            Target::Status => found.content = lexicon.status_content(meaning.status),
            Target::Window => found.content = lexicon.window_content(meaning.window),
            Target::EndUser => found.end_user = lexicon.end_user(text),
            _ => {}
        }
        found
    }
}

/// Sets of places, two places each.
const SETS: usize = 256;

#[derive(Clone, Copy, Debug)]
struct Place {
    text: Glyphs,
    /// Longer than any text where there is none.
    length: usize,
    found: Found,
}

const FREE: Place =
    Place { text: Glyphs([0; 4]), length: usize::MAX, found: Found { share: 0, content: 0, flags: 0, end_user: 0 } };

/// The texts of a column that were met lately.
#[derive(Debug)]
pub(super) struct Words {
    places: Vec<[Place; 2]>,
    /// Keys for texts that are too long to be kept.
    keys: [RandomState; 2],
    /// What the texts add belongs to the long signature alone.
    pub(super) is_long: bool,
}

impl Words {
    pub(super) fn new(is_long: bool) -> Self {
        Self { places: vec![[FREE; 2]; SETS], keys: [RandomState::default(), RandomState::default()], is_long }
    }

    /// What is known of the text from `start` to `end`, which `learn` looks at if it was not met lately.
    #[inline]
    pub(super) fn find(&mut self, bytes: &[u8], start: usize, end: usize, learn: impl FnOnce(&str) -> Found) -> Found {
        let length = end - start;
        let text = Glyphs::of(bytes, start, end).unwrap_or_else(|| self.long(&bytes[start..end]));
        let set = &mut self.places[(text.hash() >> 56) as usize % SETS];
        if set[0].text == text && set[0].length == length {
            return set[0].found;
        }
        if set[1].text == text && set[1].length == length {
            return set[1].found;
        }
        // What is no text is out of the ordinary.
        let found = std::str::from_utf8(&bytes[start..end]).map_or(Found { flags: ODD, ..Found::default() }, learn);
        set[1] = set[0];
        set[0] = Place { text, length, found };
        found
    }

    /// Of a long text a keyed hash of 128 bits.
    #[cold]
    fn long(&self, text: &[u8]) -> Glyphs {
        let [first, second] = [&self.keys[0], &self.keys[1]].map(|keys| keys.hash_one(text));
        Glyphs([first, second, 0, 0])
    }
}
