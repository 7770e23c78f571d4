//! Many rows at once, column by column: what nearly all rows of a log of calls are.
//!
//! Role: fields of some hundred rows → what each row says, as far as that can be told column by column, with each text
//! looked at once and remembered. A row about which anything is out of the ordinary is only marked: it is left to
//! [`Cells`](super::Cells), which know all cases and say what is wrong. What a text means is asked of them too
//! (`RowReader::parsed`), so that there is one answer.

use std::borrow::Cow;

use super::column_batch::{ABSENT, Batch, FIRST_TOKEN, LATENCY, NUMBERS, Start, TOTAL};
use super::column_kind::{ColumnKind, Parsed};
use super::damage::Damage;
use super::expected::KeyBits;
use super::mapping::{Kind, Target, TimeForm, Unit};
use super::plan::Use;
use super::tokens::MOST_TOKENS_A_CALL;
use super::value_cache::{CachedValue, ValueCache};
use super::{Format, Header, Plan};
use crate::calendar::{Day, Moment};
use crate::money::DecimalStyle;
use crate::rollup::fold::{Call, Facts, Folder, TextShare};
use crate::usage::{PerClass, Quantity, Tier, TokenClass, UsageRecord};

/// Rows that are read at once.
pub const MOST_ROWS: usize = 512;

/// Where the fields of some rows stand.
pub trait Grid: Copy {
    /// Whether neighbouring fields, with what stands between them, are as good as one text.
    const ARE_NEIGHBOURS_ONE_TEXT: bool;

    /// Number of rows.
    fn rows(self) -> usize;

    /// From where one column begins to where another one, or the same, ends, row by row.
    fn spans(self, from: usize, to: usize) -> impl Iterator<Item = (usize, usize)>;

    /// Where one field begins and ends.
    fn span(self, row: usize, column: usize) -> (usize, usize);

    /// A field without quotes around it.
    fn bare(bytes: &[u8], start: usize, end: usize) -> (usize, usize);

    /// What the bytes of a field stand for; nothing where they are no text.
    fn text(raw: &[u8]) -> Option<Cow<'_, str>>;
}

/// What one column is for, but for its texts.
enum Column {
    Time,
    /// Nothing usual stands there.
    Empty,
    /// Nothing, or zero tokens that nothing reads.
    Unread,
    Number(usize),
    Billed,
    Id(Damage),
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
    decimal: DecimalStyle,
    /// Which expected columns there are.
    pub present: KeyBits,
    parts: Vec<TokenClass>,
    declares_batch: bool,
    batch: Batch,
}

/// Says that there is an end user.
const IS_END_USER: u128 = 1 << 64;

impl<'t> Columns<'t> {
    /// Columns that can be read so; nothing where rows are not single calls, or a mapping has more to say.
    pub fn new(format: &'t Format, header: &Header, doubtful: bool, folder: &Folder<'_>) -> Option<Self> {
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
        let mut columns = Self {
            format,
            used: Vec::new(),
            texts: Default::default(),
            end_user: None,
            decimal,
            present: header.present,
            parts: format.conventions.first()?.input_holds.iter().map(|part| part.class()).collect(),
            declares_batch: format.targets[Target::Batch as usize].is_some(),
            batch: Batch::default(),
        };
        for (index, found) in uses.iter().enumerate() {
            let column = match found {
                Use::Nothing => continue,
                Use::Time => Column::Time,
                Use::End => Column::Empty,
                Use::Unread => Column::Unread,
                Use::Tag(name) => {
                    columns.put_text(index, ColumnKind::Tag(name.clone()), folder);
                    continue;
                }
                Use::Target(Target::Id, damage) => Column::Id(*damage),
                Use::Target(Target::Billed, _) => Column::Billed,
                Use::Target(target, damage)
                    if *target == Target::Currency || (target.is_word() && *target <= Target::Window) =>
                {
                    columns.put_text(index, ColumnKind::Target(*target, *damage), folder);
                    continue;
                }
                Use::Target(target, _) => {
                    let number = NUMBERS.iter().position(|number| number == target);
                    number.map_or(Column::Empty, Column::Number)
                }
            };
            columns.used.push((index, column));
        }
        Some(columns)
    }

    fn put_text(&mut self, index: usize, kind: ColumnKind, folder: &Folder<'_>) {
        if matches!(kind, ColumnKind::Target(Target::EndUser, _)) {
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
        for (texts, shares) in self.texts.iter_mut().zip(&mut batch.shares) {
            texts.read(bytes, grid, (shares, &mut batch.flags), |kind, text| {
                kind.value(text, self.format, self.decimal, folder)
            });
        }
        if let Some((column, cache)) = &mut self.end_user {
            let cache = cache.get_or_insert_with(|| ValueCache::of_one(*column, grid));
            cache.read(bytes, grid, (&mut batch.end_users, &mut batch.flags), |row| {
                let text = text_at(bytes, grid, row, *column).filter(|text| !text.is_empty());
                let share = text.map_or(0, |text| IS_END_USER | u128::from(folder.end_user(&text)));
                CachedValue { share, flags: 0 }
            });
        }
    }

    /// Takes the parts of the input out of it; nothing where anything about the row is out of the ordinary. Once for
    /// each row that was read, before anything is asked of it.
    #[inline]
    pub fn settle(&mut self, row: usize) -> Option<()> {
        let batch = &mut self.batch;
        if batch.odd[row] || Parsed::is_odd(batch.flags[row]) {
            return None;
        }
        let stated: [u64; TokenClass::ALL.len()] = std::array::from_fn(|class| batch.numbers[class][row]);
        let mut tokens = PerClass(stated.map(|count| if count == ABSENT { 0 } else { count }));
        // What is not there is too large to be true as well.
        let input_and_output = stated[TokenClass::Input as usize].max(stated[TokenClass::Output as usize]);
        if tokens.0.into_iter().fold(input_and_output, u64::max) > MOST_TOKENS_A_CALL {
            return None;
        }
        let parts = self.parts.iter().map(|class| tokens[*class]).sum();
        tokens[TokenClass::Input] = tokens[TokenClass::Input].checked_sub(parts)?;
        batch.tokens[row] = tokens;
        // Where the usual convention does not meet a stated total, another may.
        let total = batch.numbers[TOTAL][row];
        (total == ABSENT || u128::from(total) == tokens.total()).then_some(())
    }

    /// The day of a row that was settled, and the tokens of its prompt.
    #[inline]
    pub fn day_and_prompt(&self, row: usize) -> (Day, u128) {
        (self.batch.starts[row].day, self.batch.tokens[row].prompt())
    }

    /// What of a row that was settled is no text and decides, at a position among the days on which some price changes and
    /// a context step.
    #[inline]
    pub fn facts(&self, row: usize, epoch: u16, step: u16) -> Facts {
        let batch = &self.batch;
        let parsed = Parsed::of_flags(batch.flags[row]);
        let tier = parsed.tier();
        Facts {
            tier,
            outcome: parsed.outcome(),
            stream: parsed.stream,
            batch_unknown: self.is_batch_unknown(parsed, tier),
            is_single_call: true,
            is_billed: batch.billed[row].is_some(),
            has_first_token: !matches!(batch.numbers[FIRST_TOKEN][row], 0 | ABSENT),
            kind: 0,
            present: batch.tokens[row].present(),
            epoch,
            step,
        }
    }

    /// What the texts of a row that was settled add to its signature, and those words are looked for in.
    #[inline]
    pub fn share(&self, row: usize) -> TextShare {
        let [text, words] = self.batch.shares.each_ref().map(|shares| shares[row]);
        TextShare { text, words }
    }

    /// What a row that was settled adds to the sums.
    #[inline]
    pub fn call(&self, row: usize) -> Call {
        let batch = &self.batch;
        let Start { day, hour, .. } = batch.starts[row];
        let end_user = batch.end_users[row];
        #[expect(clippy::cast_possible_truncation, reason = "a hash with a bit above it")]
        let end_user = (end_user != 0).then_some(end_user as u64);
        Call { tokens: batch.tokens[row], billed: batch.billed[row], day, hour, end_user }
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
        record.billed = batch.billed[row];
    }

    #[inline]
    fn is_batch_unknown(&self, parsed: Parsed, tier: Tier) -> bool {
        let is_unsaid = parsed.batch.is_none() && (self.declares_batch || !self.format.mapping.batch_told);
        is_unsaid && tier != Tier::Batch
    }

    /// Which column holds the id.
    pub fn id_column(&self) -> Option<usize> {
        self.used.iter().find(|(_, column)| matches!(column, Column::Id(_))).map(|(index, _)| *index)
    }
}

/// The text of a field.
fn text_at<'b, G: Grid>(bytes: &'b [u8], grid: G, row: usize, column: usize) -> Option<Cow<'b, str>> {
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
