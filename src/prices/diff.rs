//! `prices diff`: this table's figures beside another's.
//!
//! Role: two sets of figures on one day → rows that are equal, different, only here or only there. The other set comes
//! from [`litellm`], [`genai`] or another price table; names there are resolved as a log's would be, never by likeness.

use std::collections::BTreeMap;

use num_traits::{One as _, Zero as _};

use super::figures::{Figure, Figures, Other, OtherModel, Tier};
use super::{genai, litellm, round_step};
use crate::calendar::Day;
use crate::diagnostic::{Diagnostic, Failure, Place};
use crate::money::{Exact, Rate, decimal, round_half_even};
use crate::pricing::entry::Entry;
use crate::pricing::{Found, ModelId, PriceTable, ProviderId, Reading};
use crate::usage::TokenClass;

/// Decimals of a ratio.
const RATIO_DECIMALS: u32 = 4;

/// How a figure here compares with the one there.
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

/// One figure in both tables.
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
    /// Which figure.
    pub figure: Figure,
    /// The rate here.
    pub here: Option<Rate>,
    /// The rate there.
    pub there: Option<Rate>,
}

impl Row {
    /// The rate there divided by the one here, if both are more than nothing.
    fn exact_ratio(&self) -> Option<Exact> {
        let (here, there) = (self.here?.exact(), self.there?.exact());
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
    /// Every figure of the models compared: different ones first, the farthest apart in front.
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
    /// How many figures are so.
    pub fn count(&self, status: Status) -> u64 {
        self.rows.iter().filter(|row| row.status == status).count() as u64
    }
}

/// What is compared, and how names there are read.
#[derive(Debug)]
pub struct Asked {
    /// The day whose rates are compared.
    pub on: Day,
    /// Only this provider.
    pub provider: Option<ProviderId>,
    /// Names of providers there and what they are here.
    pub aliases: Vec<(String, ProviderId)>,
}

/// Reads another table, of whatever kind it is.
pub fn read_other(file: &str, text: &str, on: Day) -> Result<Other, Failure> {
    let refuse = |message: String| {
        Failure::usage(Diagnostic::new("not-a-price-table", message).at(Place::file(file)).hint(
            "compare with a price table like `pricing.yaml`, LiteLLM's `model_prices_and_context_window.json`, or genai-prices' `data.json`",
        ))
    };
    let start = text.trim_start_matches('\u{feff}').trim_start();
    if !start.starts_with(['{', '[']) {
        return PriceTable::parse(file, text).map(|table| of_table(&table, on));
    }
    if genai::is_one(start) {
        return genai::read(start, on).map_err(|error| refuse(format!("is like genai-prices' data, but: {error}")));
    }
    litellm::read(start).map_err(|error| refuse(format!("is JSON, but no table of prices that is known: {error}")))
}

/// The figures of an entry, as stated.
fn figures(entry: &Entry) -> Figures {
    let mut figures = Figures::new();
    for (start, tiers) in &entry.steps {
        for block in tiers.blocks() {
            let Some(tier) = Tier::ALL.into_iter().find(|tier| tier.name() == block.tier) else { continue };
            for class in TokenClass::ALL {
                if let Some(rate) = block.stated(class) {
                    figures.insert(Figure { above: round_step(*start).1, tier, class }, rate);
                }
            }
        }
    }
    figures
}

/// Another table of this kind.
fn of_table(table: &PriceTable, on: Day) -> Other {
    let mut not_in_force = 0;
    let models = table
        .models()
        .filter_map(|(id, model)| {
            let Some((_, entry)) = table.entry_on(id, on) else {
                not_in_force += 1;
                return None;
            };
            let names = std::iter::once(&model.name).chain(&model.aliases).cloned().collect();
            Some(OtherModel { provider: table.provider(model.provider).name.clone(), names, figures: figures(entry) })
        })
        .collect();
    Other { kind: "price table", models, left_out: vec![("models there without a price on that day", not_in_force)] }
}

/// How well an entry there fits a model here: its key is the model's id, or that behind the provider's own name; its name
/// behind another provider's is; an alias; anything else that resolves. Less is better.
fn fit(table: &PriceTable, id: ModelId, names: &[String], name: &str) -> usize {
    let model = table.model(id);
    let provider = &table.provider(model.provider).name;
    let is_key =
        |key: &str| key == model.name || key.strip_prefix(provider.as_str()) == Some(&format!("/{}", model.name));
    if names.last().is_some_and(|key| is_key(key)) {
        return 0;
    }
    if model.name == name {
        return 1;
    }
    model.aliases.iter().position(|alias| alias == name).map_or(usize::MAX, |index| index + 2)
}

/// Compares a table with another.
pub fn diff(table: &PriceTable, other: Other, there: &str, asked: &Asked) -> Diff {
    let mut diff = Diff {
        here: table.source.clone(),
        there: there.to_owned(),
        kind: other.kind,
        on: asked.on,
        rows: Vec::new(),
        both: 0,
        only_here: Vec::new(),
        only_there: Vec::new(),
        unknown_providers: Vec::new(),
        further_names: 0,
        not_in_force: 0,
        left_out: other.left_out.into_iter().filter(|(_, count)| *count > 0).collect(),
    };
    let is_asked = |provider: ProviderId| asked.provider.is_none_or(|wanted| wanted == provider);
    let mut unknown: BTreeMap<String, u64> = BTreeMap::new();
    let mut matched: BTreeMap<ModelId, (usize, Figures)> = BTreeMap::new();
    for model in other.models {
        let alias = asked.aliases.iter().find(|(theirs, _)| *theirs == model.provider).map(|(_, ours)| *ours);
        let Some(provider) = alias.or_else(|| table.provider_named(&model.provider)) else {
            *unknown.entry(model.provider).or_default() += 1;
            continue;
        };
        if !is_asked(provider) {
            continue;
        }
        // A name that states a residency has the prices of that residency there.
        let is_same = |found: &Found<'_, '_>| found.geo.is_none() && found.reading != Reading::LetterCase;
        let mut read = model.names.iter().map(|name| (table.read_name(provider, name).filter(is_same), name));
        let found = read.find_map(|(found, name)| Some((found?.model, name)));
        if let Some((id, name)) = found {
            let fit = fit(table, id, &model.names, name);
            match matched.get(&id) {
                Some((known, _)) => {
                    diff.further_names += 1;
                    if fit < *known {
                        matched.insert(id, (fit, model.figures));
                    }
                }
                None => {
                    matched.insert(id, (fit, model.figures));
                }
            }
        } else {
            let (provider, name) = (&table.provider(provider).name, model.names.first().cloned().unwrap_or_default());
            let whole = format!("{provider}/{name}");
            if diff.only_there.contains(&whole) {
                diff.further_names += 1;
                continue;
            }
            diff.only_there.push(whole);
            diff.rows.extend(compared(provider, &name, &Figures::new(), &model.figures, false));
        }
    }
    for (id, model) in table.models().filter(|(_, model)| is_asked(model.provider)) {
        let provider = &table.provider(model.provider).name;
        let Some((_, entry)) = table.entry_on(id, asked.on) else {
            diff.not_in_force += 1;
            continue;
        };
        if let Some((_, theirs)) = matched.get(&id) {
            diff.both += 1;
            diff.rows.extend(compared(provider, &model.name, &figures(entry), theirs, true));
        } else {
            diff.only_here.push(format!("{provider}/{}", model.name));
            diff.rows.extend(compared(provider, &model.name, &figures(entry), &Figures::new(), false));
        }
    }
    diff.unknown_providers = if asked.provider.is_none() { unknown.into_iter().collect() } else { Vec::new() };
    diff.unknown_providers.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    sort(&mut diff.rows);
    diff
}

/// The figures of one model beside one another.
fn compared<'r>(
    provider: &'r str,
    model: &'r str,
    here: &'r Figures,
    there: &'r Figures,
    model_in_both: bool,
) -> impl Iterator<Item = Row> + 'r {
    let further = there.keys().filter(|figure| !here.contains_key(figure));
    here.keys().chain(further).map(move |figure| {
        let (ours, theirs) = (here.get(figure).copied(), there.get(figure).copied());
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
            figure: *figure,
            here: ours,
            there: theirs,
        }
    })
}

/// Different figures first, the farthest apart in front (free against priced before all); then by name.
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
        let name = |row: &Row| (row.provider.clone(), row.model.clone(), row.figure);
        a.status.cmp(&b.status).then(by_distance).then_with(|| name(a).cmp(&name(b)))
    });
}
