//! A line of a rollup file → a row that stands for all of its rows, and their sums.
//!
//! Role: cells → [`RollupLine`], or what is wrong with one of them. Which value stands for an interval is settled here: the
//! smallest that the line's other facts allow, so that rules and prices treat it like every row of the line.
#![expect(clippy::unnecessary_box_returns, reason = "refusals are seldom, and results without them should stay small")]

use std::borrow::Cow;

use smallvec::SmallVec;

use super::{COLUMNS, Checksum, HashedColumns, column};
use crate::calendar::{Day, Moment};
use crate::money::{DecimalStyle, Money};
use crate::rollup::{LineSums, Oddities};
use crate::usage::{Field, Ids, Outcome, PerClass, PromptSize, Quantity, Tier, TokenClass, TokenCounts, UsageRecord};

/// Where the columns of a file stand.
#[derive(Clone, Debug)]
pub struct Layout {
    columns: [Option<usize>; COLUMNS.len()],
    tags: Vec<(usize, String)>,
    keys: HashedColumns,
    sums: HashedColumns,
}

/// The cells of a line.
#[derive(Clone, Copy)]
pub struct LineCells<'r> {
    layout: &'r Layout,
    cells: &'r [Cow<'r, str>],
}

/// What is wrong with a line: the column and why.
#[derive(Debug)]
pub struct WrongCell {
    /// The column.
    pub column: &'static str,
    /// Its text.
    pub value: String,
    /// What it should be.
    pub wanted: &'static str,
}

/// What a line is.
#[derive(Debug)]
#[expect(clippy::large_enum_variant, reason = "nearly all lines are usage, and a box for each would cost more")]
pub enum RollupLine<'r> {
    /// Usage: a row that stands for all of its rows.
    Usage(UsageLine<'r>),
    /// Rows that do not count.
    Excluded(ExcludedLine<'r>),
    /// An id and a name of it, or a text alone.
    Name(NameLine<'r>),
    /// What an input comes to; without a number what the file is.
    Control(ControlLine<'r>),
}

/// Rows that count, if their model has the output that they have.
#[derive(Debug)]
pub struct UsageLine<'r> {
    /// The input's number.
    pub input: u32,
    /// A row that is like all of them.
    pub record: UsageRecord<'r>,
    /// The provider of the input's format.
    pub format_provider: Option<&'r str>,
    /// Their sums.
    pub sums: LineSums,
    /// The checksum of the line.
    pub checksum: Checksum,
}

/// Rows that do not count.
#[derive(Debug)]
pub struct ExcludedLine<'r> {
    /// The input's number.
    pub input: u32,
    /// Why.
    pub reason: Exclusion<'r>,
    /// Their days, where these could be read.
    pub days: Option<(Day, Day)>,
    /// How many, and what they bill.
    pub sums: LineSums,
    /// The checksum of the line.
    pub checksum: Checksum,
}

/// Why rows do not count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exclusion<'r> {
    /// Another row has their identity.
    Duplicate,
    /// The same, of rows without output.
    DuplicateWithoutOutput {
        /// The provider of the input's format.
        format_provider: Option<&'r str>,
        /// Their provider.
        provider: Option<&'r str>,
        /// Their model.
        model: &'r str,
    },
    /// They are of other days.
    Outside,
    /// They are no usage.
    NotUsage,
    /// They cannot be counted, by a code.
    Rejected(&'r str),
}

/// An id and a name of it.
#[derive(Debug)]
pub struct NameLine<'r> {
    /// What has it.
    pub field: Field,
    /// The provider that knows the id.
    pub provider: Option<&'r str>,
    /// The id; nothing of a text of which nobody says whether it is one.
    pub id: Option<&'r str>,
    /// The name.
    pub name: Option<&'r str>,
    /// When it was last told.
    pub latest: Option<Moment>,
}

/// What an input comes to.
#[derive(Debug)]
pub struct ControlLine<'r> {
    /// The input's number; nothing of the file.
    pub input: Option<u32>,
    /// The sums of all its lines.
    pub sums: LineSums,
    /// The checksum of these sums.
    pub checksum: Checksum,
    /// What it is, as JSON.
    pub about: &'r str,
}

impl Layout {
    /// Of a header.
    pub fn of(names: &[String]) -> Self {
        let tags = names.iter().enumerate().filter_map(|(at, name)| Some((at, name.strip_prefix("tag.")?.to_owned())));
        Self {
            columns: COLUMNS.map(|column| names.iter().position(|name| name == column)),
            tags: tags.collect(),
            keys: HashedColumns::keys(names),
            sums: HashedColumns::sums(names),
        }
    }

    /// The cells of a line.
    pub const fn line<'r>(&'r self, cells: &'r [Cow<'r, str>]) -> LineCells<'r> {
        LineCells { layout: self, cells }
    }
}

/// The columns of texts, by [`Field`]; of those that no line has, none.
pub(super) const TEXTS: [Option<usize>; Field::ALL.len()] = [
    None,
    Some(column!("provider")),
    Some(column!("model")),
    Some(column!("endpoint")),
    Some(column!("api_key_name")),
    Some(column!("project")),
    Some(column!("user")),
    Some(column!("end_user")),
    Some(column!("team")),
    Some(column!("app")),
    None,
    Some(column!("geo")),
];
/// The columns of ids, by [`Field::WITH_IDS`].
pub(super) const IDS: [usize; Field::WITH_IDS.len()] =
    [column!("api_key_id"), column!("project_id"), column!("user_id"), column!("team_id")];
/// The columns of tokens, by [`TokenClass`].
pub(super) const TOKENS: [usize; TokenClass::ALL.len()] = [
    column!("input_tokens"),
    column!("cache_read_tokens"),
    column!("cache_write_5m_tokens"),
    column!("cache_write_1h_tokens"),
    column!("output_tokens"),
];

type Wrong = Box<WrongCell>;

/// Rows that a line may stand for.
const MOST_ROWS: u64 = 100_000_000_000;

impl<'r> LineCells<'r> {
    fn get(self, column: usize) -> &'r str {
        self.layout.columns[column].and_then(|at| self.cells.get(at)).map_or("", Cow::as_ref)
    }

    fn text(self, column: usize) -> Option<&'r str> {
        Some(self.get(column)).filter(|text| !text.is_empty())
    }

    fn wrong(self, column: usize, wanted: &'static str) -> Wrong {
        Box::new(WrongCell { column: COLUMNS[column], value: self.get(column).to_owned(), wanted })
    }

    fn number<T: std::str::FromStr>(self, column: usize) -> Result<Option<T>, Wrong> {
        // A sign is no digit, though the library takes one.
        let parse = |text: &str| text.parse().ok().filter(|_| !text.starts_with('+'));
        self.text(column).map(|text| parse(text).ok_or_else(|| self.wrong(column, "a number"))).transpose()
    }

    fn count<T: std::str::FromStr + Default>(self, column: usize) -> Result<T, Wrong> {
        Ok(self.number(column)?.unwrap_or_default())
    }

    /// A count of rows: sums of those of all lines that a file may have fit into 64 bits.
    fn rows(self, column: usize) -> Result<u64, Wrong> {
        match self.count(column)? {
            0..=MOST_ROWS => self.count(column),
            _ => Err(self.wrong(column, "a number of rows up to 100,000,000,000")),
        }
    }

    fn flag(self, column: usize) -> Result<bool, Wrong> {
        match self.get(column) {
            "" => Ok(false),
            "1" => Ok(true),
            _ => Err(self.wrong(column, "`1` or nothing")),
        }
    }

    fn day(self, column: usize) -> Result<Option<Day>, Wrong> {
        let parse = |text: &str| text.parse().map_err(|_| self.wrong(column, "a day such as 2026-10-04"));
        self.text(column).map(parse).transpose()
    }

    fn hour(self, column: usize) -> Result<Option<u8>, Wrong> {
        match self.number(column)? {
            Some(24..) => Err(self.wrong(column, "an hour from 0 to 23")),
            hour => Ok(hour),
        }
    }

    fn checksum_of(self, columns: &HashedColumns) -> Checksum {
        columns.checksum(|at| self.cells.get(at).map_or("", Cow::as_ref))
    }

    /// The checksum of a line with its sums.
    fn checksum(self, sums: &LineSums) -> Checksum {
        self.checksum_of(&self.layout.keys).and(Checksum::of_end_users(sums.notes.end_users.hashes()))
    }

    /// What the line says.
    pub fn read(self) -> Result<RollupLine<'r>, Wrong> {
        match self.get(column!("fate")) {
            "accepted" => self.usage(false).map(RollupLine::Usage),
            "no-output" => self.usage(true).map(RollupLine::Usage),
            "control" => Ok(RollupLine::Control(ControlLine {
                input: self.number(column!("input"))?,
                sums: self.sums()?,
                checksum: self.checksum_of(&self.layout.sums),
                about: self.get(column!("about")),
            })),
            "name" => self.name().map(RollupLine::Name),
            fate => {
                let reason = match fate {
                    "duplicate" => Exclusion::Duplicate,
                    "duplicate-no-output" => Exclusion::DuplicateWithoutOutput {
                        format_provider: self.text(column!("format_provider")),
                        provider: self.text(column!("provider")),
                        model: self.get(column!("model")),
                    },
                    "outside" => Exclusion::Outside,
                    "not-usage" => Exclusion::NotUsage,
                    fate => Exclusion::Rejected(
                        fate.strip_prefix("rejected:").ok_or_else(|| self.wrong(column!("fate"), "a fate"))?,
                    ),
                };
                let first = self.day(column!("day"))?;
                let last = self.day(column!("last_day"))?.or(first);
                let sums = self.sums()?;
                let checksum = self.checksum(&sums);
                Ok(RollupLine::Excluded(ExcludedLine {
                    input: self.input()?,
                    reason,
                    days: first.zip(last),
                    sums,
                    checksum,
                }))
            }
        }
    }

    fn input(self) -> Result<u32, Wrong> {
        self.number(column!("input"))?
            .filter(|input| *input > 0)
            .ok_or_else(|| self.wrong(column!("input"), "the number of an input, from 1"))
    }

    fn name(self) -> Result<NameLine<'r>, Wrong> {
        let found = Field::WITH_IDS.into_iter().zip(IDS).find_map(|(field, id)| {
            let (name, id) = (self.text(TEXTS[field as usize]?), self.text(id));
            (name.is_some() || id.is_some()).then_some((field, name, id))
        });
        let (field, name, id) = found.ok_or_else(|| self.wrong(column!("project"), "a name or an id in one column"))?;
        let latest = self.text(column!("latest")).map(Moment::parse).transpose();
        let latest = latest.map_err(|_| self.wrong(column!("latest"), "a time such as 2026-10-04T09:00:00Z"))?;
        Ok(NameLine { field, provider: self.text(column!("provider")), id, name, latest })
    }

    fn sums(self) -> Result<LineSums, Wrong> {
        let mut sums = LineSums::default();
        sums.cell.rows = self.rows(column!("rows"))?;
        sums.cell.requests = self.count(column!("requests"))?;
        sums.cell.rows_without_requests = self.rows(column!("rows_without_requests"))?;
        for (class, column) in TokenClass::ALL.into_iter().zip(TOKENS) {
            sums.cell.tokens[class] = self.count(column)?;
        }
        if let Some(text) = self.text(column!("billed")) {
            let amount = Money::parse(text, DecimalStyle::Point).ok().filter(|(_, is_rounded)| !is_rounded);
            let wanted = "an amount in USD with at most 18 decimals";
            sums.cell.billed = amount.ok_or_else(|| self.wrong(column!("billed"), wanted))?.0;
        }
        sums.notes.oddities = Oddities {
            rounded_amounts: self.rows(column!("amounts_rounded"))?,
            parts_apart: self.rows(column!("parts_apart"))?,
            audio: self.rows(column!("audio"))?,
            no_tokens: self.rows(column!("no_tokens"))?,
            paid_elsewhere: self.rows(column!("paid_elsewhere"))?,
        };
        for hash in self.get(column!("end_users")).split(' ').filter(|hash| !hash.is_empty()) {
            let parsed = u64::from_str_radix(hash, 16).ok().filter(|_| hash.len() == 16);
            sums.notes
                .end_users
                .insert(parsed.ok_or_else(|| self.wrong(column!("end_users"), "hashes of 16 hexadecimal digits"))?);
        }
        Ok(sums)
    }

    fn usage(self, lacks_output: bool) -> Result<UsageLine<'r>, Wrong> {
        let mut sums = self.sums()?;
        let day = self.day(column!("day"))?.ok_or_else(|| self.wrong(column!("day"), "a day such as 2026-10-04"))?;
        let last_day = self.day(column!("last_day"))?.unwrap_or(day);
        if last_day < day {
            return Err(self.wrong(column!("last_day"), "a day that is not before `day`"));
        }
        sums.hour = self.hour(column!("hour"))?;
        let hour = sums.hour.or(self.hour(column!("at_hour"))?);
        let start = day.start().plus_seconds(i64::from(hour.unwrap_or(0)) * 3_600);
        let end = if hour.is_some() { start.plus_seconds(3_600) } else { last_day.next().start() };
        let (end, within) = match self.get(column!("grain")) {
            "call" => (None, None),
            "bucket" => (Some(end), None),
            "undated" => (None, Some(last_day.next().start())),
            _ => return Err(self.wrong(column!("grain"), "`call`, `bucket` or `undated`")),
        };
        let is_billed = self.flag(column!("is_billed"))?;
        let ttft_ms: Option<u64> = self.number(column!("at_ttft_ms"))?;
        let has_ttft = self.flag(column!("has_ttft"))?;
        let record = UsageRecord {
            start,
            end,
            within,
            lacks_output,
            answer_only: false,
            requests: self.flag(column!("one_request"))?.then_some(1),
            texts: TEXTS.map(|column| self.text(column?)),
            ids: self.ids(),
            tags: self.tags(),
            stream: match self.get(column!("stream")) {
                "" => None,
                "true" => Some(true),
                "false" => Some(false),
                _ => return Err(self.wrong(column!("stream"), "`true`, `false` or nothing")),
            },
            status: self.number(column!("at_status"))?,
            outcome: match self.get(column!("outcome")) {
                "" => Outcome::Succeeded,
                "failed" => Outcome::Failed,
                "refused" => Outcome::Refused,
                "gateway-hit" => Outcome::GatewayHit,
                _ => return Err(self.wrong(column!("outcome"), "`failed`, `refused`, `gateway-hit` or nothing")),
            },
            tier: Tier::named(self.get(column!("service_tier"))),
            tier_text: None,
            batch_unknown: self.flag(column!("batch_unknown"))?,
            quantity: self.quantity()?,
            window: self.window()?,
            latency_ms: self.number(column!("at_latency_ms"))?,
            ttft_ms: if has_ttft { Some(ttft_ms.unwrap_or(0).max(1)) } else { ttft_ms },
            billed: is_billed.then_some(sums.cell.billed),
        };
        let (input, format_provider) = (self.input()?, self.text(column!("format_provider")));
        let checksum = self.checksum(&sums);
        Ok(UsageLine { input, record, format_provider, sums, checksum })
    }

    fn ids(self) -> Ids<'r> {
        IDS.map(|column| self.text(column))
    }

    fn tags(self) -> SmallVec<[(&'r str, &'r str); 3]> {
        let tags = self.layout.tags.iter();
        tags.filter_map(|(at, name)| {
            let value = self.cells.get(*at).map(Cow::as_ref).filter(|value| !value.is_empty())?;
            Some((name.as_str(), value))
        })
        .collect()
    }

    fn quantity(self) -> Result<Quantity, Wrong> {
        match self.get(column!("kind")) {
            "tokens" => self.tokens().map(Quantity::Tokens),
            "bill" => Ok(Quantity::BillLine(None)),
            kind => {
                let class = kind.strip_prefix("bill:").and_then(TokenClass::named);
                let class = class.ok_or_else(|| self.wrong(column!("kind"), "`tokens`, `bill` or `bill:CLASS`"))?;
                Ok(Quantity::BillLine(Some(class)))
            }
        }
    }

    /// Counts that stand for those of all rows: the smallest prompt and output of their intervals, with some tokens of each
    /// class that has any. No row has less, so they lie in the same intervals.
    fn tokens(self) -> Result<TokenCounts, Wrong> {
        let classes: u8 = self.count(column!("classes"))?;
        if classes > 31 {
            return Err(self.wrong(column!("classes"), "a sum of 1, 2, 4, 8 and 16"));
        }
        let has = |class: TokenClass| classes >> class as u8 & 1 == 1;
        let mut tokens = PerClass::default();
        let mut of_prompt = TokenClass::ALL.into_iter().filter(|class| *class != TokenClass::Output && has(*class));
        if let Some(first) = of_prompt.next() {
            let others = of_prompt.inspect(|class| tokens[*class] = 1).count() as u64;
            let prompt: u64 = self.count(column!("at_prompt"))?;
            tokens[first] = prompt.saturating_sub(others).max(1);
        }
        if has(TokenClass::Output) {
            tokens[TokenClass::Output] = self.count::<u64>(column!("at_output"))?.max(1);
        }
        Ok(tokens)
    }

    fn window(self) -> Result<Option<PromptSize>, Wrong> {
        let parse = |text: &str| {
            let (above, up_to) = text.split_once("..")?;
            Some(PromptSize { above: above.parse().ok()?, up_to: up_to.parse().ok()? })
        };
        let column = column!("window");
        self.text(column)
            .map(|text| parse(text).ok_or_else(|| self.wrong(column, "a range such as 0..200000")))
            .transpose()
    }
}
