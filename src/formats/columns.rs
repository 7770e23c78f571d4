//! Many rows at once, column by column: what nearly all rows of a log of calls are.
//!
//! Role: fields of some hundred rows → what each row says, as far as that can be told column by column, with each text
//! looked at once and remembered. A row about which anything is out of the ordinary is only marked: it is left to
//! [`Cells`](super::Cells), which know all cases and say what is wrong. What a text means is asked of them too
//! (`RowReader::parsed`), so that there is one answer.

use std::borrow::Cow;

use smallvec::SmallVec;

use super::column_batch::{ABSENT, Batch, FIRST_TOKEN, LATENCY, NUMBERS, Start};
use super::column_kind::{BY_THE_HOUR, ColumnKind, Parsed};
use super::column_plan::ColumnRole;
use super::corruption::IllegalChars;
use super::expected::{KeyBits, RowKeys};
use super::grid::{Grid, MOST_ROWS};
use super::mapping::{Kind, TargetField, TimeForm, Unit};
use super::value_cache::{CachedValue, ValueCache};
use super::{ColumnPlan, Format, Header};
use crate::calendar::{Day, Moment};
use crate::money::{DecimalStyle, Money};
use crate::rollup::fold::{Call, Facts, Folder, HashPart, PackedFacts};
use crate::usage::{ClassSet, Field, Ids, Outcome, PerClass, Quantity, Tier, TokenClass, UsageRecord};

/// What one column is for, but for its texts.
enum Column {
    Time,
    /// Nothing usual stands there.
    Empty,
    /// Nothing, or zero tokens that nothing reads.
    Unread,
    Number(usize),
    Billed,
    Id(IllegalChars),
}

/// Columns of texts that add to the same signature.
#[derive(Default)]
struct Texts {
    /// In order.
    kinds: Vec<(usize, ColumnKind)>,
    /// How they are looked up; nothing before the first rows.
    caches: Vec<ValueCache>,
    /// Whether neighbours were tried.
    are_grouped: bool,
}

/// The columns of one file, or of JSON objects with the same keys.
pub struct Columns<'t> {
    format: &'t Format,
    used: Vec<(usize, Column)>,
    /// Texts of the signature, and those in which words are looked for.
    texts: [Texts; 2],
    /// The column of end users.
    end_user: Option<(usize, Option<ValueCache>)>,
    /// Texts in which words are looked for are read only where words decide: nobody asks for their names.
    words_wait: bool,
    are_words_read: bool,
    decimal: DecimalStyle,
    /// Which expected columns there are, and all of these but counts that no row fills which is read here.
    pub keys: RowKeys,
    /// Counts that rows need not state.
    optional_counts: SmallVec<[(usize, KeyBits); 4]>,
    /// By class, all ones where it is a part of the input.
    parts: [u64; TokenClass::ALL.len()],
    /// Facts by what texts say, which were met lately.
    facts: [(u64, PackedFacts); REMEMBERED_FACTS],
    declares_batch: bool,
    batch: Batch,
}

/// What texts say is remembered for so many combinations.
const REMEMBERED_FACTS: usize = 16;
/// Says that there is an end user.
const IS_END_USER: u128 = 1 << 64;

impl<'t> Columns<'t> {
    /// Columns that can be read so; nothing where rows are not single calls, or a mapping has more to say.
    ///
    /// `is_alone` says that there is no other input, which could have names for what stands here.
    pub fn new(
        format: &'t Format,
        header: &Header,
        doubtful: bool,
        is_alone: bool,
        folder: &Folder<'_>,
    ) -> Option<Self> {
        let (mapping, plan) = (&format.mapping, header.plan.as_ref()?);
        let decimal = format.decimal(doubtful);
        let unit =
            |target: TargetField| format.targets[target as usize].as_ref().map_or(Unit::One, |(_, spec)| spec.unit);
        let is_plain = mapping.kind == Kind::Usage
            && !mapping.unfinished_is_not_usage
            && mapping.span.is_none()
            && mapping.time.form == TimeForm::Text
            // What is read here, digits and a point, reads one way wherever a point comes before the decimals.
            && decimal != DecimalStyle::Comma
            && NUMBERS.into_iter().chain([TargetField::Billed]).all(|target| unit(target) == Unit::One);
        let ColumnPlan(uses) = plan;
        let is_there = |target: TargetField| {
            uses.iter().any(|found| matches!(found, ColumnRole::TargetField(known, _) if *known == target))
        };
        let names_all = [TargetField::Model, TargetField::Input, TargetField::Output].into_iter().all(is_there);
        if !is_plain || !names_all || !uses.iter().any(|found| matches!(found, ColumnRole::Time)) {
            return None;
        }
        let mut parts = [0; TokenClass::ALL.len()];
        let held = &format.conventions.first()?.input_holds;
        for part in held {
            parts[part.class() as usize] = u64::MAX;
        }
        let mut columns = Self {
            format,
            used: Vec::new(),
            texts: Default::default(),
            end_user: None,
            words_wait: is_alone && format.ids.is_empty(),
            are_words_read: false,
            decimal,
            keys: RowKeys { present: header.present, filled: header.present },
            optional_counts: SmallVec::new(),
            parts,
            // Flags that no row has.
            facts: [(u64::MAX, PackedFacts::default()); REMEMBERED_FACTS],
            declares_batch: format.targets[TargetField::Batch as usize].is_some(),
            batch: Batch::default(),
        };
        for (index, found) in uses.iter().enumerate() {
            let column = match found {
                ColumnRole::Nothing => continue,
                ColumnRole::Time => Column::Time,
                ColumnRole::End => Column::Empty,
                ColumnRole::Unread => Column::Unread,
                ColumnRole::Tag(name) => {
                    columns.put_text(index, ColumnKind::Tag(name.clone()), folder);
                    continue;
                }
                ColumnRole::TargetField(TargetField::Id, damage) => Column::Id(*damage),
                ColumnRole::TargetField(TargetField::Billed, _) => Column::Billed,
                ColumnRole::TargetField(target, damage)
                    if *target == TargetField::Currency || (target.is_word() && *target <= TargetField::Window) =>
                {
                    columns.put_text(index, ColumnKind::TargetField(*target, *damage), folder);
                    continue;
                }
                ColumnRole::TargetField(target, _) => {
                    let key = if target.is_zero_if_empty() { header.columns[index].expects } else { 0 };
                    if let Some(number) = NUMBERS.iter().position(|number| number == target) {
                        columns.optional_counts.extend((key != 0).then_some((number, key)));
                        Column::Number(number)
                    } else {
                        columns.keys.filled &= !key;
                        Column::Empty
                    }
                }
            };
            columns.used.push((index, column));
        }
        Some(columns)
    }

    fn put_text(&mut self, index: usize, kind: ColumnKind, folder: &Folder<'_>) {
        if matches!(kind, ColumnKind::TargetField(TargetField::EndUser, _)) {
            self.end_user = Some((index, None));
        }
        if kind.decides(folder) {
            self.texts[usize::from(kind.is_long(folder))].kinds.push((index, kind));
        }
    }

    /// Reads rows, at most [`MOST_ROWS`].
    pub fn read(&mut self, bytes: &[u8], grid: impl Grid, folder: &mut Folder<'_>) {
        let batch = &mut self.batch;
        batch.clear(grid.rows());
        for (index, column) in &self.used {
            match column {
                Column::Time => batch.times(bytes, grid, *index),
                Column::Empty => batch.check(grid, *index, |start, end| start != end),
                Column::Unread => batch.check(grid, *index, |start, end| start != end && bytes[start..end] != *b"0"),
                Column::Number(number) => batch.numbers(*number, bytes, grid, *index),
                Column::Billed => batch.billed(bytes, grid, *index),
                Column::Id(damage) => batch.ids(bytes, grid, *index, *damage),
            }
        }
        self.are_words_read = false;
        self.read_texts(0, bytes, grid, folder);
        if !self.words_wait {
            self.read_words(bytes, grid, folder);
        }
        let batch = &mut self.batch;
        batch.settle(grid.rows(), self.parts, CachedValue::ODD.flags);
        if let Some((column, cache)) = &mut self.end_user {
            let cache = cache.get_or_insert_with(|| ValueCache::of_one(*column, grid));
            cache.read(bytes, grid, (&mut batch.end_users, &mut batch.flags), |row| {
                let text = text_at(bytes, grid, row, *column).filter(|text| !text.is_empty());
                let share = text.map_or(0, |text| IS_END_USER | u128::from(folder.end_user(&text)));
                CachedValue { share, flags: 0 }
            });
        }
    }

    /// Looks at nothing but ids, and marks rows that are no single calls or whose id is odd.
    pub fn read_ids(&mut self, bytes: &[u8], grid: impl Grid) {
        let batch = &mut self.batch;
        batch.clear(grid.rows());
        for (index, column) in &self.used {
            match column {
                Column::Empty => batch.check(grid, *index, |start, end| start != end),
                Column::Id(damage) => batch.ids(bytes, grid, *index, *damage),
                Column::Time | Column::Unread | Column::Number(_) | Column::Billed => {}
            }
        }
    }

    fn read_texts(&mut self, which: usize, bytes: &[u8], grid: impl Grid, folder: &mut Folder<'_>) {
        let Self { texts, batch, format, decimal, .. } = self;
        let (shares, flags) = (&mut batch.shares[which], &mut batch.flags);
        texts[which].read(bytes, grid, (shares, flags), |kind, text| kind.value(text, format, *decimal, folder));
    }

    fn read_words(&mut self, bytes: &[u8], grid: impl Grid, folder: &mut Folder<'_>) {
        self.are_words_read = true;
        self.read_texts(1, bytes, grid, folder);
    }

    /// What the texts of a row in which words are looked for add to its signature.
    pub fn words_share(&mut self, bytes: &[u8], grid: impl Grid, row: usize, folder: &mut Folder<'_>) -> HashPart {
        if !self.are_words_read {
            self.read_words(bytes, grid, folder);
        }
        self.batch.shares[1][row]
    }

    /// Whether a row must be read as a whole; else the following may be asked.
    #[inline]
    pub fn is_odd(&self, row: usize) -> bool {
        self.batch.odd[row]
    }

    /// The day of a row.
    #[inline]
    pub fn day(&self, row: usize) -> Day {
        self.batch.starts[row].day
    }

    /// When a row began.
    #[inline]
    pub fn start(&self, row: usize) -> Moment {
        Moment::from_micros(self.batch.starts[row].micros)
    }

    /// The tokens of its prompt.
    #[inline]
    pub fn prompt(&self, row: usize) -> u64 {
        let PerClass([input, read, write_5m, write_1h, _]) = self.batch.tokens[row];
        // Each is at most 10⁹.
        input.wrapping_add(read).wrapping_add(write_5m).wrapping_add(write_1h)
    }

    /// What of a row is no text and decides, at a position among the days on which some price changes and a context tier.
    #[inline]
    pub fn facts(&mut self, row: usize, price_period: u16, step: u16) -> PackedFacts {
        let batch = &self.batch;
        let has_first_token = !matches!(batch.numbers[FIRST_TOKEN][row], 0 | ABSENT);
        let (present, is_billed) = (batch.tokens[row].present(), batch.billed[row] != ABSENT);
        self.facts_of(batch.flags[row]).with(present, is_billed, has_first_token, (price_period, step))
    }

    /// The facts that texts say, remembered for the rows that follow.
    #[inline]
    fn facts_of(&mut self, flags: u64) -> PackedFacts {
        #[expect(clippy::cast_possible_truncation, reason = "the lowest bits")]
        let place = (flags ^ flags >> 5 ^ flags >> 16) as usize % self.facts.len();
        let (known, facts) = self.facts[place];
        if known == flags {
            return facts;
        }
        let parsed = Parsed::of_flags(flags);
        let tier = parsed.tier();
        let facts = Facts {
            tier,
            outcome: parsed.outcome(),
            stream: parsed.stream,
            batch_unknown: self.is_batch_unknown(parsed, tier),
            is_single_call: true,
            is_billed: false,
            has_first_token: false,
            kind: 0,
            present: ClassSet::default(),
            price_period: 0,
            step: 0,
        };
        self.facts[place] = (flags, facts.packed());
        facts.packed()
    }

    /// What the texts of a row add to its signature, but for those in which words are looked for.
    #[inline]
    pub fn share(&self, row: usize) -> HashPart {
        self.batch.shares[0][row]
    }

    /// Whether the price of a row's model may go by the hour.
    #[inline]
    pub fn goes_by_the_hour(&self, row: usize) -> bool {
        self.batch.flags[row] & BY_THE_HOUR != 0
    }

    /// What a row that was settled adds to the sums.
    #[inline]
    pub fn call(&self, row: usize) -> Call {
        let batch = &self.batch;
        let Start { day, hour, .. } = batch.starts[row];
        let end_user = batch.end_users[row];
        #[expect(clippy::cast_possible_truncation, reason = "a hash with a bit above it")]
        let end_user = (end_user != 0).then_some(end_user as u64);
        let billed = Some(batch.billed[row]).filter(|units| *units != ABSENT);
        Call { tokens: batch.tokens[row], billed, day, hour, end_user }
    }

    /// Gives what a row says, as far as judging looks at it, to a function; nothing where a text is none.
    pub fn with_record<R>(
        &self,
        bytes: &[u8],
        grid: impl Grid,
        row: usize,
        each: impl FnOnce(&UsageRecord<'_>) -> R,
    ) -> Option<R> {
        let kinds = self.texts.iter().flat_map(|texts| &texts.kinds);
        let mut texts: SmallVec<[(&ColumnKind, Cow<'_, str>); 12]> = SmallVec::new();
        for (column, kind) in kinds {
            texts.push((kind, text_at(bytes, grid, row, *column)?));
        }
        let mut record = self.blank();
        for (kind, text) in texts.iter().filter(|(_, text)| !text.is_empty()) {
            match kind {
                ColumnKind::Tag(name) => record.tags.push((name, text)),
                ColumnKind::TargetField(target, _) => {
                    if let Some(field) = target.field() {
                        record.texts[field as usize] = Some(text);
                    }
                }
            }
        }
        self.fill(row, &mut record);
        Some(each(&record))
    }

    /// A record of a single call that says nothing, to be filled with the numbers of one row after the other.
    pub fn blank<'r>(&self) -> UsageRecord<'r> {
        UsageRecord {
            start: Moment::from_micros(0),
            end: None,
            within: None,
            lacks_output: false,
            answer_only: self.format.mapping.answers_only,
            requests: Some(1),
            texts: [None; Field::ALL.len()],
            ids: Ids::default(),
            tags: SmallVec::new(),
            stream: None,
            status: None,
            outcome: Outcome::Succeeded,
            tier: Tier::Default,
            tier_text: None,
            batch_unknown: false,
            quantity: Quantity::BillLine(None),
            window: None,
            latency_ms: None,
            ttft_ms: None,
            billed: None,
        }
    }

    /// Puts what a row that was settled says besides its texts into a record.
    #[inline]
    pub fn fill(&self, row: usize, record: &mut UsageRecord<'_>) {
        let batch = &self.batch;
        let parsed = Parsed::of_flags(batch.flags[row]);
        let number = |number: usize| Some(batch.numbers[number][row]).filter(|number| *number != ABSENT);
        record.start = Moment::from_micros(batch.starts[row].micros);
        record.stream = parsed.stream;
        record.status = parsed.status;
        record.outcome = parsed.outcome();
        record.tier = parsed.tier();
        record.batch_unknown = self.is_batch_unknown(parsed, record.tier);
        record.quantity = Quantity::Tokens(batch.tokens[row]);
        record.latency_ms = number(LATENCY);
        record.ttft_ms = number(FIRST_TOKEN);
        let billed = Some(batch.billed[row]).filter(|units| *units != ABSENT);
        record.billed = billed.map(|units| Money::from_units(units.into()));
    }

    #[inline]
    fn is_batch_unknown(&self, parsed: Parsed, tier: Tier) -> bool {
        let is_unsaid = parsed.batch.is_none() && (self.declares_batch || !self.format.mapping.batch_told);
        is_unsaid && tier != Tier::Batch
    }

    /// The counts that rows need not state and that are zero then, each with its expected key.
    pub fn optional_counts(&self) -> impl Iterator<Item = (usize, KeyBits)> {
        self.optional_counts.iter().copied()
    }

    /// Whether a row leaves a count empty.
    #[inline]
    pub fn is_empty(&self, number: usize, row: usize) -> bool {
        self.batch.numbers[number][row] == ABSENT
    }

    /// Which column holds the id.
    pub fn id_column(&self) -> Option<usize> {
        self.used.iter().find(|(_, column)| matches!(column, Column::Id(_))).map(|(index, _)| *index)
    }
}

/// The text of a field.
fn text_at<G: Grid>(bytes: &[u8], grid: G, row: usize, column: usize) -> Option<Cow<'_, str>> {
    let (start, end) = grid.span(row, column);
    G::text(bytes.get(start..end)?)
}

impl Texts {
    fn read(
        &mut self,
        bytes: &[u8],
        grid: impl Grid,
        (shares, flags): (&mut [u128], &mut [u64]),
        mut value: impl FnMut(&ColumnKind, &str) -> CachedValue,
    ) {
        self.group(bytes, grid);
        for cache in &mut self.caches {
            let (from, to) = cache.columns;
            let kinds = self.kinds.iter().filter(|(column, _)| (from..=to).contains(column));
            cache.read(bytes, grid, (&mut *shares, &mut *flags), |row| {
                let values = kinds.clone().map(|(column, kind)| {
                    // What is no text is out of the ordinary.
                    text_at(bytes, grid, row, *column).map_or(CachedValue::ODD, |text| value(kind, &text))
                });
                values.fold(CachedValue::default(), CachedValue::and)
            });
        }
        if self.caches.iter_mut().any(ValueCache::is_of_no_use) {
            self.caches = self.kinds.iter().map(|(column, _)| ValueCache::of_one(*column, grid)).collect();
        }
    }

    /// Finds out which neighbours are looked up together, from as many rows as show it.
    fn group<G: Grid>(&mut self, bytes: &[u8], grid: G) {
        let is_enough = G::ARE_NEIGHBOURS_ONE_TEXT && grid.rows() == MOST_ROWS;
        if self.are_grouped || (!self.caches.is_empty() && !is_enough) {
            return;
        }
        self.are_grouped = is_enough;
        let columns: Vec<usize> = self.kinds.iter().map(|(column, _)| *column).collect();
        let mut rest = &columns[..];
        self.caches.clear();
        while let Some(&first) = rest.first() {
            let neighbours = if is_enough { ValueCache::of_neighbours(rest, bytes, grid) } else { None };
            let cache = neighbours.unwrap_or_else(|| ValueCache::of_one(first, grid));
            let last = cache.columns.1;
            rest = &rest[rest.iter().take_while(|column| **column <= last).count()..];
            self.caches.push(cache);
        }
    }
}
