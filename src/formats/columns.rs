//! Many rows at once, column by column: what nearly all rows of a log of calls are.
//!
//! Role: fields of some hundred rows → what each row says, as far as that can be told column by column, with each text
//! read once and remembered. A row about which anything is out of the ordinary is only marked: it is left to
//! [`PlainRows`](super::PlainRows) or [`Cells`](super::Cells), which know all cases and say what is wrong. What a text
//! means is asked of them too (`RowReader::meaning`), so that there is one answer.

use super::damage::Damage;
use super::expected::KeyBits;
use super::glyphs::{clock, few_decimals, few_digits};
use super::mapping::{Kind, Target, TimeForm, Unit};
use super::plan::Use;
use super::tokens::MOST_TOKENS_A_CALL;
use super::words::{Found, Meaning, Word, Words};
use super::{Format, Header, Plan};
use crate::calendar::{Day, Moment};
use crate::money::{DecimalStyle, MONEY_DECIMALS, Money, decimal};
use crate::rollup::fold::{Call, Facts, Part, Share, TextShare};
use crate::usage::{Field, PerClass, PromptSize, Quantity, Tier, TokenClass, TokenCounts, UsageRecord};

/// Rows that are read at once.
pub const MOST_ROWS: usize = 512;

/// Where the fields of some rows stand.
pub trait Grid {
    /// Number of rows.
    fn rows(&self) -> usize;
    /// Where the fields of a column begin and end, row by row.
    fn fields(&self, column: usize) -> impl Iterator<Item = (usize, usize)>;
    /// Where one field begins and ends.
    fn bounds(&self, row: usize, column: usize) -> (usize, usize);
}

/// What a run makes of a text.
pub trait Lexicon {
    /// What of a text is part of a key.
    fn part(&self, field: Field) -> Part;
    /// What of a tag's value is part of a key.
    fn part_of_tag(&self, name: &str) -> Part;
    /// What a text adds to the signature of its row.
    fn share(&mut self, field: Field, text: &str) -> TextShare;
    /// What the value of a tag adds to it.
    fn tag_share(&mut self, name: &str, value: &str) -> TextShare;
    /// What a text adds to the content of its row.
    fn content(&self, field: Field, text: &str) -> u64;
    /// What a tag adds to it.
    fn tag_content(&self, name: &str, value: &str) -> u64;
    /// What the word for the service tier adds to it.
    fn tier_content(&self, text: &str) -> u64;
    /// What the HTTP status adds to it.
    fn status_content(&self, status: Option<u64>) -> u64;
    /// What a stated context window adds to it.
    fn window_content(&self, window: Option<PromptSize>) -> u64;
    /// What an end user is known by.
    fn end_user(&self, text: &str) -> u64;
}

/// Numbers of a row that are read.
const NUMBERS: [Target; 8] = [
    Target::Input,
    Target::CacheRead,
    Target::CacheWrite5m,
    Target::CacheWrite1h,
    Target::Output,
    Target::LatencyMs,
    Target::TtftMs,
    Target::Total,
];
const LATENCY: usize = 5;
const FIRST_TOKEN: usize = 6;
const TOTAL: usize = 7;
/// Stands for a number that is not there; a row whose numbers are that large is out of the ordinary.
const ABSENT: u64 = u64::MAX;

/// What one column is for.
enum Column {
    Time,
    /// Nothing usual stands there.
    Empty,
    /// Nothing, or zero tokens that nothing reads.
    Unread,
    Number(usize),
    Billed,
    Id(Damage),
    Word(Word, Box<Words>),
}

/// The columns of one file, or of JSON objects with the same keys.
pub struct Columns<'t> {
    format: &'t Format,
    used: Vec<(usize, Column)>,
    decimal: DecimalStyle,
    /// Which expected columns there are.
    pub present: KeyBits,
    parts: Vec<TokenClass>,
    declares_batch: bool,
    batch: Batch,
    date: Date,
}

/// The day of the last row.
#[derive(Clone, Copy, Default)]
struct Date {
    text: [u8; 10],
    day: Option<Day>,
}

/// When a call began: microseconds since the epoch, the day, and the hour of it.
#[derive(Clone, Copy, Default)]
struct Start {
    micros: i64,
    day: Day,
    hour: u8,
}

/// What is known of the rows at hand, column by column.
struct Batch {
    /// Rows out of the ordinary.
    odd: Vec<bool>,
    starts: Vec<Start>,
    numbers: [Vec<u64>; NUMBERS.len()],
    billed: Vec<Option<Money>>,
    shares: Vec<Share>,
    words: Vec<Share>,
    contents: Vec<u64>,
    flags: Vec<u64>,
    end_users: Vec<Option<u64>>,
}

impl<'t> Columns<'t> {
    /// Columns that can be read so; nothing where rows are not single calls, or a mapping has more to say.
    /// `with_contents` says that contents are asked for.
    pub fn new(
        format: &'t Format,
        header: &Header,
        doubtful: bool,
        with_contents: bool,
        lexicon: &impl Lexicon,
    ) -> Option<Self> {
        let (mapping, plan) = (&format.mapping, header.plan.as_ref()?);
        let decimal = format.decimal(doubtful);
        let unit = |target: Target| format.targets[target as usize].as_ref().map_or(Unit::One, |(_, spec)| spec.unit);
        let is_plain = mapping.kind == Kind::Usage
            && !mapping.unfinished_is_not_usage
            && mapping.span.is_none()
            && mapping.time.form == TimeForm::Text
            // What is read here, digits and a point, reads one way wherever a point comes before the decimals.
            && decimal != DecimalStyle::Comma
            && NUMBERS.into_iter().chain([Target::Billed]).all(|target| unit(target) == Unit::One);
        let Plan(uses) = plan;
        let is_there =
            |target: Target| uses.iter().any(|found| matches!(found, Use::Target(known, _) if *known == target));
        let names_all = [Target::Model, Target::Input, Target::Output].into_iter().all(is_there);
        if !is_plain || !names_all || !uses.iter().any(|found| matches!(found, Use::Time)) {
            return None;
        }
        let is_asked_for = |word: &Word| with_contents || word.decides(lexicon);
        let column = |found: &Use| match found {
            Use::Nothing => None,
            Use::Time => Some(Column::Time),
            Use::End => Some(Column::Empty),
            Use::Unread(_) => Some(Column::Unread),
            Use::Tag(name) => Some(Word::Tag(name.clone())).filter(is_asked_for).map(Self::word(lexicon)),
            Use::Target(target, damage) => match target {
                Target::Id => Some(Column::Id(*damage)),
                Target::Billed => Some(Column::Billed),
                target if target.is_word() && *target <= Target::Window => {
                    Some(Word::Target(*target, *damage)).filter(is_asked_for).map(Self::word(lexicon))
                }
                Target::Currency => Some(Word::Target(*target, *damage)).map(Self::word(lexicon)),
                target => {
                    let number = NUMBERS.iter().position(|number| number == target);
                    Some(number.map_or(Column::Empty, Column::Number))
                }
            },
        };
        let used = uses.iter().enumerate().filter_map(|(index, found)| Some((index, column(found)?))).collect();
        Some(Self {
            format,
            used,
            decimal,
            present: header.present,
            parts: format.conventions.first()?.input_holds.iter().map(|part| part.class()).collect(),
            declares_batch: format.targets[Target::Batch as usize].is_some(),
            batch: Batch::new(),
            date: Date::default(),
        })
    }

    fn word(lexicon: &impl Lexicon) -> impl Fn(Word) -> Column {
        move |word| {
            let is_long = word.is_long(lexicon);
            Column::Word(word, Box::new(Words::new(is_long)))
        }
    }

    /// Reads rows, at most [`MOST_ROWS`].
    pub fn read(&mut self, bytes: &[u8], grid: &impl Grid, lexicon: &mut impl Lexicon) {
        let (batch, rows) = (&mut self.batch, grid.rows());
        batch.clear(rows);
        for (index, column) in &mut self.used {
            let fields = grid.fields(*index);
            match column {
                Column::Time => batch.times(bytes, fields, &mut self.date),
                Column::Empty => {
                    batch.odd.iter_mut().zip(fields).for_each(|(odd, (start, end))| *odd |= start != end);
                }
                Column::Unread => {
                    batch.odd.iter_mut().zip(fields).for_each(|(odd, (start, end))| {
                        *odd |= start != end && bytes[start..end] != *b"0";
                    });
                }
                Column::Number(number) => batch.numbers(*number, bytes, fields),
                Column::Billed => batch.billed(bytes, fields),
                Column::Id(damage) => batch.ids(bytes, fields, *damage),
                Column::Word(word, words) => {
                    let is_user = matches!(word, Word::Target(Target::EndUser, _));
                    let shares = if words.is_long { &mut batch.words } else { &mut batch.shares };
                    let sums = shares.iter_mut().zip(&mut batch.contents).zip(&mut batch.flags);
                    for ((((sum, contents), all_flags), user), (start, end)) in
                        sums.zip(&mut batch.end_users).zip(fields)
                    {
                        let Found { share, content, flags, end_user } =
                            words.find(bytes, start, end, |text| word.learn(text, self.format, self.decimal, lexicon));
                        *sum ^= share;
                        *contents = contents.wrapping_add(content);
                        *all_flags |= flags;
                        if is_user {
                            *user = (start != end).then_some(end_user);
                        }
                    }
                }
            }
        }
    }

    /// Takes the parts of the input out of it; nothing where anything about the row is out of the ordinary. Once for
    /// each row that was read, before anything is asked of it.
    #[inline]
    pub fn settle(&mut self, row: usize) -> Option<()> {
        let batch = &mut self.batch;
        if batch.odd[row] || Meaning::is_odd(batch.flags[row]) {
            return None;
        }
        let tokens = batch.tokens(row);
        // What is not there is too large to be true as well.
        let input_and_output = [0, TokenClass::Output as usize].map(|class| batch.numbers[class][row]);
        if tokens.0.into_iter().chain(input_and_output).any(|count| count > MOST_TOKENS_A_CALL) {
            return None;
        }
        let parts = self.parts.iter().map(|class| tokens[*class]).sum();
        batch.numbers[TokenClass::Input as usize][row] = tokens[TokenClass::Input].checked_sub(parts)?;
        // Where the usual convention does not meet a stated total, another may.
        let total = batch.numbers[TOTAL][row];
        (total == ABSENT || u128::from(total) == batch.tokens(row).total()).then_some(())
    }

    /// The day of a row that was settled, and the tokens of its prompt.
    #[inline]
    pub fn day_and_prompt(&self, row: usize) -> (Day, u128) {
        (self.batch.starts[row].day, self.batch.tokens(row).prompt())
    }

    /// What of a row that was settled is no text and decides, at a position among the days on which some price changes and
    /// a context step.
    #[inline]
    pub fn facts(&self, row: usize, epoch: u16, step: u16) -> Facts {
        let batch = &self.batch;
        let meaning = Meaning::of_flags(batch.flags[row]);
        let tier = meaning.tier();
        Facts {
            tier,
            outcome: meaning.outcome(),
            stream: meaning.stream,
            batch_unknown: self.is_batch_unknown(meaning, tier),
            is_single_call: true,
            is_billed: batch.billed[row].is_some(),
            has_first_token: !matches!(batch.numbers[FIRST_TOKEN][row], 0 | ABSENT),
            kind: 0,
            present: batch.tokens(row).present(),
            epoch,
            step,
        }
    }

    /// What the texts of a row that was settled add to its signature, and those words are looked for in.
    #[inline]
    pub fn share(&self, row: usize) -> TextShare {
        TextShare { text: self.batch.shares[row], words: self.batch.words[row] }
    }

    /// What a row that was settled adds to the sums.
    #[inline]
    pub fn call(&self, row: usize) -> Call {
        let batch = &self.batch;
        let Start { day, hour, .. } = batch.starts[row];
        Call { tokens: batch.tokens(row), billed: batch.billed[row], day, hour, end_user: batch.end_users[row] }
    }

    /// What the texts, status and window of a row add to its content.
    #[inline]
    pub fn content(&self, row: usize) -> u64 {
        self.batch.contents[row]
    }

    /// Puts what a row that was settled says besides its texts into a record.
    #[inline]
    pub fn fill(&self, row: usize, record: &mut UsageRecord<'_>) {
        let batch = &self.batch;
        let meaning = Meaning::of_flags(batch.flags[row]);
        let number = |number: usize| Some(batch.numbers[number][row]).filter(|number| *number != ABSENT);
        record.start = Moment::from_micros(batch.starts[row].micros);
        record.stream = meaning.stream;
        record.status = meaning.status;
        record.outcome = meaning.outcome();
        record.tier = meaning.tier();
        record.batch_unknown = self.is_batch_unknown(meaning, record.tier);
        record.quantity = Quantity::Tokens(batch.tokens(row));
        record.latency_ms = number(LATENCY);
        record.ttft_ms = number(FIRST_TOKEN);
        record.billed = batch.billed[row];
    }

    #[inline]
    fn is_batch_unknown(&self, meaning: Meaning, tier: Tier) -> bool {
        let is_unsaid = meaning.batch.is_none() && (self.declares_batch || !self.format.mapping.batch_told);
        is_unsaid && tier != Tier::Batch
    }

    /// Which column holds the id.
    pub fn id_column(&self) -> Option<usize> {
        self.used.iter().find(|(_, column)| matches!(column, Column::Id(_))).map(|(index, _)| *index)
    }
}

impl Batch {
    fn new() -> Self {
        Self {
            odd: Vec::new(),
            starts: Vec::new(),
            numbers: std::array::from_fn(|_| Vec::new()),
            billed: Vec::new(),
            shares: Vec::new(),
            words: Vec::new(),
            contents: Vec::new(),
            flags: Vec::new(),
            end_users: Vec::new(),
        }
    }

    /// Makes room for rows. What each column writes for every row, or no column writes, stays as it is.
    fn clear(&mut self, rows: usize) {
        fn reset<T: Copy>(values: &mut Vec<T>, rows: usize, value: T) {
            values.clear();
            values.resize(rows, value);
        }
        reset(&mut self.odd, rows, false);
        reset(&mut self.shares, rows, 0);
        reset(&mut self.words, rows, 0);
        reset(&mut self.contents, rows, 0);
        reset(&mut self.flags, rows, 0);
        if self.starts.len() < rows {
            self.starts.resize(rows, Start::default());
            self.numbers.iter_mut().for_each(|numbers| numbers.resize(rows, ABSENT));
            self.billed.resize(rows, None);
            self.end_users.resize(rows, None);
        }
    }

    /// The tokens of a row.
    #[inline]
    fn tokens(&self, row: usize) -> TokenCounts {
        PerClass(std::array::from_fn(|class| {
            Some(self.numbers[class][row]).filter(|count| *count != ABSENT).unwrap_or(0)
        }))
    }

    fn numbers(&mut self, number: usize, bytes: &[u8], fields: impl Iterator<Item = (usize, usize)>) {
        for ((value, odd), (start, end)) in self.numbers[number].iter_mut().zip(&mut self.odd).zip(fields) {
            *value = ABSENT;
            if start == end {
                continue;
            }
            match few_digits(bytes, start, end).or_else(|| decimal::digits(&bytes[start..end])) {
                Some(number) => *value = number,
                None => *odd = true,
            }
        }
    }

    fn billed(&mut self, bytes: &[u8], fields: impl Iterator<Item = (usize, usize)>) {
        const POWERS: [i128; MONEY_DECIMALS as usize + 1] = {
            let mut powers = [1; MONEY_DECIMALS as usize + 1];
            let mut power = 1;
            while power < powers.len() {
                powers[power] = powers[power - 1] * 10;
                power += 1;
            }
            powers
        };
        for ((billed, odd), (start, end)) in self.billed.iter_mut().zip(&mut self.odd).zip(fields) {
            *billed = None;
            if start == end {
                continue;
            }
            match few_decimals(bytes, start, end) {
                Some((number, fraction)) => {
                    let power = POWERS[(MONEY_DECIMALS - fraction) as usize];
                    *billed = Some(Money::from_units(i128::from(number) * power));
                }
                None => *odd = true,
            }
        }
    }

    fn times(&mut self, bytes: &[u8], fields: impl Iterator<Item = (usize, usize)>, date: &mut Date) {
        for ((value, odd), (start, end)) in self.starts.iter_mut().zip(&mut self.odd).zip(fields) {
            match usual_time(&bytes[start..end], date) {
                Some(time) => *value = time,
                None => *odd = true,
            }
        }
    }

    fn ids(&mut self, bytes: &[u8], fields: impl Iterator<Item = (usize, usize)>, damage: Damage) {
        for (odd, (start, end)) in self.odd.iter_mut().zip(fields) {
            let text = &bytes[start..end];
            if Damage::may_be_in(text) {
                *odd |= !std::str::from_utf8(text).is_ok_and(|text| !damage.is_in(text));
            }
        }
    }
}

/// A time written as nearly all logs write it.
#[inline]
fn usual_time(text: &[u8], date: &mut Date) -> Option<Start> {
    let (day_text, rest) = text.split_first_chunk::<10>()?;
    let (b'T' | b' ', rest) = rest.split_first()? else { return None };
    let (clock_text, rest) = rest.split_first_chunk::<8>()?;
    let (hour, second) = clock(*clock_text)?;
    let micros = match rest {
        [b'Z'] => 0,
        [b'.', fraction @ .., b'Z'] => match fraction.as_chunks::<3>() {
            ([millis], []) => digits_of(*millis)? * 1000,
            ([millis, micros], []) => digits_of(*millis)? * 1000 + digits_of(*micros)?,
            _ => return None,
        },
        _ => return None,
    };
    if date.text != *day_text || date.day.is_none() {
        let day: Day = std::str::from_utf8(day_text).ok()?.parse().ok()?;
        // Both ends of the day are believable.
        for day in [day, day.next()] {
            Moment::from_seconds(day.start().micros() / 1_000_000).ok()?;
        }
        *date = Date { text: *day_text, day: Some(day) };
    }
    let day = date.day?;
    let micros =
        day.start().micros() + i64::from(hour) * 3_600_000_000 + i64::from(second) * 1_000_000 + i64::from(micros);
    Some(Start { micros, day, hour })
}

fn digits_of(text: [u8; 3]) -> Option<u32> {
    text.into_iter().try_fold(0, |number, byte| {
        let digit = byte.wrapping_sub(b'0');
        (digit < 10).then_some(number * 10 + u32::from(digit))
    })
}
