//! `prices diff`: this table's figures and dates beside another's.
//!
//! Role: what two tables state for one day → rows that are equal, different, only here or only there.

use std::collections::BTreeMap;
use std::fmt;

use num_traits::{One as _, Zero as _};

use super::figures::{Figure, Figures, Other, has_batch};
use super::other::figures;
use super::pairing::{Wanted, pair};
use crate::calendar::Day;
use crate::money::{Exact, Rate, decimal, round_half_even};
use crate::pricing::PriceTable;

/// Decimals of a ratio.
const RATIO_DECIMALS: u32 = 4;

/// How a value here compares with the one there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Status {
    /// Both have it, and differ.
    Different,
    /// This table alone has it.
    OnlyHere,
    /// The other alone has it.
    OnlyThere,
    /// Both have it, and agree.
    Equal,
}

impl Status {
    /// The code in JSON and CSV.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Different => "different",
            Self::OnlyHere => "only-here",
            Self::OnlyThere => "only-there",
            Self::Equal => "equal",
        }
    }
}

/// What a table states of a model.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fact {
    /// A rate.
    Price(Figure),
    /// Whether there are rates in batch.
    Batch,
    /// When it is retired.
    Retires,
}

impl Fact {
    /// The name in JSON and CSV.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Price(_) => "price",
            Self::Batch => "batch",
            Self::Retires => "retires",
        }
    }

    /// Which rate, if it is one.
    pub const fn figure(self) -> Option<Figure> {
        match self {
            Self::Price(figure) => Some(figure),
            Self::Batch | Self::Retires => None,
        }
    }
}

/// What is stated as a fact.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Value {
    /// USD per 1M tokens.
    Rate(Rate),
    /// A UTC day.
    Day(Day),
    /// It is sold.
    Sold,
}

impl fmt::Display for Value {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Rate(rate) => rate.fmt(formatter),
            Self::Day(day) => day.fmt(formatter),
            Self::Sold => formatter.write_str("sold"),
        }
    }
}

/// What a table states of one model.
type Facts = BTreeMap<Fact, Value>;

/// One fact about a model in both tables.
#[derive(Debug)]
pub struct Row {
    /// How they compare.
    pub status: Status,
    /// This table's name of the provider.
    pub provider: String,
    /// This table's name of the model, the other's if it is only there.
    pub model: String,
    /// Whether both tables have the model.
    pub model_in_both: bool,
    /// What is compared.
    pub fact: Fact,
    /// What is stated here.
    pub here: Option<Value>,
    /// What is stated there.
    pub there: Option<Value>,
}

impl Row {
    /// The rate there divided by the one here, if both are more than nothing.
    fn exact_ratio(&self) -> Option<Exact> {
        let (Value::Rate(here), Value::Rate(there)) = (self.here?, self.there?) else { return None };
        let (here, there) = (here.exact(), there.exact());
        (!here.is_zero() && !there.is_zero()).then(|| there / here)
    }

    /// The rate there divided by the one here, to four decimals.
    pub fn ratio(&self) -> Option<String> {
        let units = round_half_even(&self.exact_ratio()?, RATIO_DECIMALS);
        i128::try_from(units).ok().map(|units| decimal::plain(units, RATIO_DECIMALS))
    }

    /// How far apart the two are, as a factor of at least one; nothing where one is free and the other is not.
    fn distance(&self) -> Option<Exact> {
        self.exact_ratio().map(|ratio| if ratio < Exact::one() { ratio.recip() } else { ratio })
    }
}

/// Two tables beside one another.
#[derive(Debug)]
pub struct Diff {
    /// This table.
    pub here: String,
    /// The other table.
    pub there: String,
    /// What kind the other is.
    pub kind: &'static str,
    /// The day whose rates are compared.
    pub on: Day,
    /// Whether only models are compared that a log uses.
    pub only_used: bool,
    /// Every fact about the models compared: different ones first, the farthest apart in front.
    pub rows: Vec<Row>,
    /// Models that both have.
    pub both: u64,
    /// Models that only this table has, as `provider/model`.
    pub only_here: Vec<String>,
    /// Models that only the other has, of providers that this table knows.
    pub only_there: Vec<String>,
    /// Providers there that this table does not know, with how many models they have.
    pub unknown_providers: Vec<(String, u64)>,
    /// Models there that mean one which stands in the comparison already.
    pub further_names: u64,
    /// Models here without a price on that day.
    pub not_in_force: u64,
    /// What else of the other table is not compared.
    pub left_out: Vec<(&'static str, u64)>,
}

impl Diff {
    /// The rows about one kind of fact, by its name.
    pub fn about(&self, name: &'static str) -> impl Iterator<Item = &Row> {
        self.rows.iter().filter(move |row| row.fact.name() == name)
    }

    /// Whether a value that both state differs.
    pub fn differs(&self) -> bool {
        self.rows.iter().any(|row| row.status == Status::Different)
    }
}

/// Compares a table with another on a day.
pub fn diff(table: &PriceTable, other: Other, there: &str, on: Day, wanted: &Wanted) -> Diff {
    let paired = pair(table, other.models, wanted);
    let mut unknown: BTreeMap<String, u64> = BTreeMap::new();
    for model in paired.unknown_provider {
        *unknown.entry(model.provider).or_default() += 1;
    }
    let mut diff = Diff {
        here: table.source.clone(),
        there: there.to_owned(),
        kind: other.kind,
        on,
        only_used: wanted.used.is_some(),
        rows: Vec::new(),
        both: 0,
        only_here: Vec::new(),
        only_there: Vec::new(),
        unknown_providers: unknown.into_iter().collect(),
        further_names: paired.further_names,
        not_in_force: 0,
        left_out: other.left_out.into_iter().filter(|(_, count)| *count > 0).collect(),
    };
    for (provider, model) in paired.only_there {
        let (provider, name) = (&table.provider(provider).name, model.names.first().cloned().unwrap_or_default());
        diff.only_there.push(format!("{provider}/{name}"));
        diff.rows.extend(compared(provider, &name, &Facts::new(), &facts(&model.figures, model.retires), false));
    }
    for (id, model) in table.models().filter(|(id, _)| wanted.has(table, *id)) {
        let provider = &table.provider(model.provider).name;
        let Some((_, entry)) = table.entry_on(id, on) else {
            diff.not_in_force += 1;
            continue;
        };
        let here = facts(&figures(entry), model.retires);
        if let Some(theirs) = paired.both.get(&id) {
            diff.both += 1;
            diff.rows.extend(compared(provider, &model.name, &here, &facts(&theirs.figures, theirs.retires), true));
        } else {
            diff.only_here.push(format!("{provider}/{}", model.name));
            diff.rows.extend(compared(provider, &model.name, &here, &Facts::new(), false));
        }
    }
    diff.unknown_providers.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    sort(&mut diff.rows);
    diff
}

/// What a table states of a model.
fn facts(figures: &Figures, retires: Option<Day>) -> Facts {
    let prices = figures.iter().map(|(figure, rate)| (Fact::Price(*figure), Value::Rate(*rate)));
    let batch = has_batch(figures).then_some((Fact::Batch, Value::Sold));
    prices.chain(batch).chain(retires.map(|day| (Fact::Retires, Value::Day(day)))).collect()
}

/// What two tables state of one model, side by side.
fn compared(provider: &str, model: &str, here: &Facts, there: &Facts, model_in_both: bool) -> Vec<Row> {
    let further = there.keys().filter(|fact| !here.contains_key(fact));
    let row = |fact: &Fact| {
        let (ours, theirs) = (here.get(fact).copied(), there.get(fact).copied());
        let status = match (ours, theirs) {
            (Some(ours), Some(theirs)) if ours == theirs => Status::Equal,
            (Some(_), Some(_)) => Status::Different,
            (Some(_), None) => Status::OnlyHere,
            (None, _) => Status::OnlyThere,
        };
        Row {
            status,
            provider: provider.to_owned(),
            model: model.to_owned(),
            model_in_both,
            fact: *fact,
            here: ours,
            there: theirs,
        }
    };
    here.keys().chain(further).map(row).collect()
}

/// Different values first, the farthest apart in front (dates, and free against priced, before all); then by name.
fn sort(rows: &mut [Row]) {
    rows.sort_by(|a, b| {
        let by_distance = match (a.status, b.status) {
            (Status::Different, Status::Different) => match (a.distance(), b.distance()) {
                (None, None) => std::cmp::Ordering::Equal,
                (None, _) => std::cmp::Ordering::Less,
                (_, None) => std::cmp::Ordering::Greater,
                (Some(a), Some(b)) => b.cmp(&a),
            },
            _ => std::cmp::Ordering::Equal,
        };
        let name = |row: &Row| (row.provider.clone(), row.model.clone(), row.fact);
        a.status.cmp(&b.status).then(by_distance).then_with(|| name(a).cmp(&name(b)))
    });
}
