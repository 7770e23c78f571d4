//! Does the computed cost agree with the bill? Usage and bill, paired as finely as the bill itself is written.
//!
//! Both sides are added up by provider, model, token class and UTC day where the lines of the bill state model and
//! class; by model and day where they state no class; and by day where they state neither. Nothing is scaled: what
//! differs is shown as a residual, and the whole gets a word by a stated rule.

mod sides;

use std::collections::BTreeSet;
use std::sync::Arc;

use num_traits::{One as _, Signed as _};
pub use sides::{Match, Sides};
use sides::{ROUNDED_TO, rounding};

use super::bill::Pairing;
use super::cost_of;
use super::items::{self, Item, Items};
use crate::calendar::Day;
use crate::maps::{DenseMap, FastMap};
use crate::money::{Exact, Money, Overflow, Rate};
use crate::pricing::{ModelId, PriceTable, Rates};
use crate::rollup::fold::NAMELESS;
use crate::rollup::{Charging, DailyKey, Resolution, Rollup, TextId};
use crate::usage::{ChargeKind, Tier, TokenClass};

/// Half a cent, in units of money: what a line that is rounded to cents may lack.
const HALF_A_CENT: i128 = 5 * 10_i128.pow(15);
/// From this share of the billed dollars on the rest is no more than a remainder.
const NEARLY_ALL: (i64, i64) = (99, 100);
/// Up to this share of the bill a residual may stay unexplained before the figures should not be shown.
const TOLERABLE: (i64, i64) = (5, 100);
/// Up to this share of the bill the price table may say more than the bill does.
const MOST_BEYOND: (i64, i64) = (1, 100);
/// Rounding is small beside a bill of so many times its amount.
const SMALL: i128 = 100;
/// Days of a smaller bill agree on a ratio if no more than one in so many of the dollars of each is apart from it.
const CLOSE: i128 = 1000;
/// Days that must agree on one ratio before it is called a negotiated price.
const DAYS_FOR_A_RATIO: usize = 3;

/// How finely both sides are compared, from fine to coarse.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Grain {
    Class,
    Model,
    Day,
}

/// What is compared with what.
#[derive(Clone, Debug)]
pub struct Place {
    /// The provider.
    pub provider: Arc<str>,
    /// The model in the price table, else as logged; nothing where the bill names none.
    pub model: Option<Arc<str>>,
    /// The token class, where the bill states it.
    pub class: Option<TokenClass>,
    /// The UTC day.
    pub day: Day,
}

/// One model over all days on which both sides have it.
#[derive(Clone, Debug)]
pub struct ModelRatio {
    /// The provider.
    pub provider: String,
    /// The model.
    pub model: String,
    /// The model in the price table.
    pub id: Option<ModelId>,
    /// By the price table.
    pub computed: Money,
    /// By the bill.
    pub billed: Money,
    /// Days on which both sides have it.
    pub days: usize,
    /// Billed ÷ computed where every day agrees on it to half a cent a line, so that it looks like an agreed price.
    pub agreed: Option<Exact>,
}

/// How far the figures may be relied on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// 99 % of the billed dollars agree or are rounding, and the price table says no more than 1 % of the bill beyond it.
    Usable,
    /// What differs, either way, is 5 % of the bill or less.
    UsableWithResidual,
    /// More differs.
    DoNotPresent,
}

impl Standing {
    /// In words.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Usable => "usable",
            Self::UsableWithResidual => "usable with residual",
            Self::DoNotPresent => "do not present",
        }
    }
}

/// Computed against billed.
#[derive(Clone, Debug, Default)]
pub struct Reconciliation {
    /// Each place with both sides, by day, provider, model and class.
    pub places: Vec<(Place, Sides)>,
    /// What stands on the bill besides tokens that were paid for.
    pub items: Items,
    /// Models with the ratio of the two sides.
    pub ratios: Vec<ModelRatio>,
    /// Whether rows of usage state themselves what was billed, and count as the bill.
    pub is_stated_by_rows: bool,
}

/// Compares both sides of a rollup that has a bill; nothing otherwise.
///
/// What is compared is what [`Pairing`] pairs: usage on days that the bill reaches, lines of a bill on days that the usage
/// reaches, and rows of a log that state what they cost. Usage and lines of other days say nothing about each other.
pub fn reconcile(rollup: &Rollup, table: &PriceTable, pairing: &Pairing) -> Result<Option<Reconciliation>, Overflow> {
    let bills = bills(rollup, pairing);
    if bills.is_empty() {
        return Ok(None);
    }
    let mut found = Reconciliation::default();
    // By resolution, since names are long.
    let named: Vec<(Names<'_>, Option<&Bill>)> = rollup
        .resolutions
        .iter()
        .map(|resolution| (names(rollup, table, resolution), bills.get(&resolution.shown_provider)))
        .collect();
    // In the order of their names, each written once: there are few of them and many places.
    let both = named.iter().flat_map(|((provider, model), _)| [(*provider, None), (*provider, *model)]);
    let ordered: Vec<Names<'_>> = both.collect::<BTreeSet<_>>().into_iter().collect();
    let rank = |names: &Names<'_>| ordered.binary_search(names).unwrap_or_default();
    let ranks: Vec<[usize; 2]> = named.iter().map(|(names, _)| [rank(names), rank(&(names.0, None))]).collect();
    let mut places: DenseMap<(Day, usize, Option<TokenClass>), Sides> = DenseMap::default();
    places.reserve(rollup.daily.len());
    for (key, sums) in &rollup.daily {
        let charge = rollup.charge(key.charge);
        let resolution = rollup.quoted(charge).key.resolution;
        let ((provider, model), bill) = named[resolution as usize];
        let Some(bill) = bill.filter(|_| pairing.compares(rollup, key)) else { continue };
        let grain = bill.grain(key.day);
        if let Some((kind, words)) = item_kind(rollup, key).zip(model) {
            let item = Item { provider: provider.to_owned(), kind, words: words.to_owned(), about_ai: true };
            items::bill(&mut found.items, item, sums.billed)?;
            continue;
        }
        if rollup.quoted(charge).key.tier == Tier::Incentivized && charge.charging == Charging::Free {
            let standard = rollup.quoted(charge).quote.ok().and_then(|quote| quote.standard);
            let value = standard.map(|rates| cost_of(&sums.tokens, &rates)).transpose()?.flatten();
            items::free(&mut found.items, provider.to_owned(), model.unwrap_or_default().to_owned(), value)?;
        }
        let rank = ranks[resolution as usize][usize::from(grain == Grain::Day)];
        let is_by_class = grain == Grain::Class;
        let place = |class: Option<TokenClass>| (key.day, rank, class.filter(|_| is_by_class));
        if charge.charging.is_bill_line() {
            let class = if let Charging::Billed(class) = charge.charging { class } else { None };
            places.entry(place(class)).or_default().bill(sums.billed, sums.rows)?;
            continue;
        }
        if pairing.is_its_own_bill(rollup, key) {
            found.is_stated_by_rows = true;
            places.entry(place(None)).or_default().bill(sums.billed, sums.rows)?;
        }
        let own = rollup.quoted(charge).quote.ok().and_then(|quote| quote.own.ok());
        let own = own.filter(|_| charge.charging == Charging::Rates);
        let long = own.filter(|_| charge.step_unsure).and_then(|_| long_context(rollup, table, key));
        let mut computed = Sides::default();
        for class in TokenClass::ALL.into_iter().filter(|&class| sums.tokens[class] > 0) {
            // Without a price there is a side with nothing on it, since the calls are there: told as unpriced.
            let cost = own.and_then(|own| own[class]).unwrap_or(Rate::FREE).cost(sums.tokens[class])?;
            let long = long.and_then(|long| long[class]).map(|rate| rate.cost(sums.tokens[class])).transpose()?;
            let cost = Sides::computed(cost, long)?;
            if is_by_class {
                places.entry(place(Some(class))).or_default().absorb(&cost)?;
            } else {
                computed.absorb(&cost)?;
            }
        }
        // Looked up once where classes are not told apart.
        if computed.computed.is_some() {
            places.entry(place(None)).or_default().absorb(&computed)?;
        }
    }
    let written: Vec<(Arc<str>, Option<Arc<str>>)> =
        ordered.into_iter().map(|(provider, model)| (provider.into(), model.map(Into::into))).collect();
    let place = |((day, rank, class), sides): ((Day, usize, Option<TokenClass>), Sides)| {
        let (provider, model) = written[rank].clone();
        (Place { provider, model, class, day }, sides)
    };
    places.sort_unstable_keys();
    found.places = places.into_iter().map(place).collect();
    mark_cut_off(&mut found.places)?;
    found.ratios = ratios(&found.places, table)?;
    Ok(Some(found))
}

/// The rates of the context tier above the one at which usage is priced; nothing where there is none.
fn long_context(rollup: &Rollup, table: &PriceTable, key: &DailyKey) -> Option<Rates> {
    let quoted = rollup.quoted(rollup.charge(key.charge));
    let model = rollup.resolutions[quoted.key.resolution as usize].model.ok()?;
    let priced_at = quoted.quote.ok()?.step;
    let (_, entry) = table.entry_on(model, key.day)?;
    let (above, _) = entry.steps.iter().find(|(smallest, _)| *smallest > priced_at)?;
    let geo = quoted.key.geo.map(|geo| rollup.texts.get(geo));
    table.quote(model, key.day, quoted.key.tier, table.step_of((*above).into()), geo)?.own.ok()
}

/// Marks the places of providers whose bill cuts amounts off: some lack more than rounding explains and less than a whole
/// unit of the last place, and none was rounded up.
fn mark_cut_off(places: &mut [(Place, Sides)]) -> Result<(), Overflow> {
    let mut signs: FastMap<Arc<str>, (bool, bool)> = FastMap::default();
    for (place, sides) in &*places {
        let (lacks, rounded_up) = signs.entry(Arc::clone(&place.provider)).or_default();
        *lacks |= sides.lacks_a_part_of_a_place()?;
        *rounded_up |= sides.is_rounded_up()?;
    }
    for (place, sides) in places {
        sides.is_cut_off = signs.get(&place.provider) == Some(&(true, false));
    }
    Ok(())
}

/// How finely one provider's bill is written.
struct Bill {
    by_day: FastMap<Day, Grain>,
    coarsest: Grain,
}

impl Bill {
    fn grain(&self, day: Day) -> Grain {
        self.by_day.get(&day).copied().unwrap_or(self.coarsest)
    }
}

/// The bill of each provider that has one, as far as it is compared.
fn bills(rollup: &Rollup, pairing: &Pairing) -> FastMap<TextId, Bill> {
    let mut bills: FastMap<TextId, Bill> = FastMap::default();
    for key in rollup.daily.keys().filter(|key| pairing.compares(rollup, key)) {
        let charge = rollup.charge(key.charge);
        let is_line = charge.charging.is_bill_line();
        if !(is_line || pairing.is_its_own_bill(rollup, key)) || item_kind(rollup, key).is_some() {
            continue;
        }
        let resolution = rollup.resolution(charge);
        let bill = bills
            .entry(resolution.shown_provider)
            .or_insert_with(|| Bill { by_day: FastMap::default(), coarsest: Grain::Class });
        let grain = match charge.charging {
            Charging::Billed(Some(_)) => Grain::Class,
            _ if is_line && rollup.texts.get(resolution.logged.model) == NAMELESS => Grain::Day,
            // A line that nobody understands makes nothing of the others coarser.
            Charging::Billed(None) if resolution.model.is_err() => continue,
            _ => Grain::Model,
        };
        let own = bill.by_day.entry(key.day).or_insert(grain);
        *own = (*own).max(grain);
        bill.coarsest = bill.coarsest.max(grain);
    }
    bills
}

/// What a line of a bill is for if it is for something else than tokens of a model, or gives money back. A line that is
/// not understood is none: it stands among the tokens, where it lacks its usage.
fn item_kind(rollup: &Rollup, key: &DailyKey) -> Option<ChargeKind> {
    let charge = rollup.charge(key.charge);
    let resolution = rollup.resolution(charge);
    let words = rollup.texts.get(resolution.logged.model);
    match charge.charging {
        Charging::StandsAlone(kind) => Some(kind),
        Charging::Billed(_) if words == NAMELESS => None,
        Charging::Billed(_) if key.credit => Some(ChargeKind::Credit),
        Charging::Billed(None) if resolution.model.is_err() => ChargeKind::of(words),
        _ => None,
    }
}

/// A provider and a model.
type Names<'n> = (&'n str, Option<&'n str>);

/// Provider, and the model as the table calls it, so that a display name and an id meet.
fn names<'n>(rollup: &'n Rollup, table: &'n PriceTable, resolution: &Resolution) -> Names<'n> {
    let logged = rollup.texts.get(resolution.logged.model);
    let model = resolution.model.map_or(logged, |model| table.model(model).name.as_str());
    (rollup.texts.get(resolution.shown_provider), (model != NAMELESS).then_some(model))
}

/// Models whose billed days all stand in one ratio to the computed ones; places come by day.
fn ratios(places: &[(Place, Sides)], table: &PriceTable) -> Result<Vec<ModelRatio>, Overflow> {
    let mut days: FastMap<(&str, &str), Vec<(Day, Sides)>> = FastMap::default();
    for (place, sides) in places {
        let Some(model) = &place.model else { continue };
        let days = days.entry((&place.provider, model)).or_default();
        match days.last_mut() {
            Some((day, same)) if *day == place.day => same.absorb(sides)?,
            _ => days.push((place.day, *sides)),
        }
    }
    let mut days: Vec<_> = days.into_iter().collect();
    days.sort_unstable_by_key(|(names, _)| *names);
    let mut found = Vec::new();
    for ((provider, model), days) in days {
        // What is cut off lacks up to a whole place a line, as rounding takes half of one from two lines.
        let lines = |sides: &Sides| if sides.is_cut_off { sides.lines * 2 } else { sides.lines };
        let both: Vec<(Money, Money, u64)> =
            days.iter().filter_map(|(_, sides)| Some((sides.computed?, sides.billed?, lines(sides)))).collect();
        let computed = Money::sum(both.iter().map(|(computed, ..)| *computed))?;
        let billed = Money::sum(both.iter().map(|(_, billed, _)| *billed))?;
        if both.is_empty() {
            continue;
        }
        let lines = both.iter().map(|(.., lines)| lines).sum();
        let agreed = (computed.units() > 0 && billed.units() > 0 && both.len() >= DAYS_FOR_A_RATIO)
            .then(|| ratio_of(lines, computed, billed))
            .filter(|ratio| is_agreed(ratio, &both, lines, billed));
        found.push(ModelRatio {
            provider: provider.to_owned(),
            model: model.to_owned(),
            id: table.provider_named(provider).and_then(|id| Some(table.read_name(id, model)?.model)),
            computed,
            billed,
            days: both.len(),
            agreed,
        });
    }
    Ok(found)
}

/// Billed ÷ computed; 1 where rounding the lines of the bill explains all that is between the two.
pub(super) fn ratio_of(lines: u64, computed: Money, billed: Money) -> Exact {
    let is_rounding = billed.sub(computed).is_ok_and(|difference| difference.abs() <= rounding(billed, lines));
    if is_rounding { Exact::one() } else { billed.exact() / computed.exact() }
}

/// Whether all days agree on a ratio. Of amounts so small that rounding to cents moves them by a hundredth any ratio could
/// be made, so that these have to be finer than cents and agree more closely.
fn is_agreed(ratio: &Exact, days: &[(Money, Money, u64)], lines: u64, all_billed: Money) -> bool {
    let half_a_cent = |lines: u64| HALF_A_CENT * i128::from(lines);
    let is_large = half_a_cent(lines) * SMALL <= all_billed.units();
    let is_fine = || days.iter().any(|(_, billed, _)| billed.units() % i128::from(ROUNDED_TO.0) != 0);
    // All sides times the denominator of the ratio: to divide and reduce takes many times as long.
    let whole = ratio.denom();
    (is_large || is_fine())
        && days.iter().all(|(computed, billed, lines)| {
            // Where both agree to the last digit, as most do, nothing is multiplied.
            if ratio.is_one() && computed == billed {
                return true;
            }
            let difference = (whole * billed.units() - ratio.numer() * computed.units()).abs();
            difference <= whole * half_a_cent(*lines) && (is_large || difference * CLOSE <= whole * billed.units())
        })
}

fn fraction((numerator, denominator): (i64, i64)) -> Exact {
    Exact::new(numerator.into(), denominator.into())
}

impl Reconciliation {
    /// Both sides by day and provider.
    pub fn days(&self) -> Result<Vec<(Place, Sides)>, Overflow> {
        let mut days: Vec<(Place, Sides)> = Vec::new();
        for (place, sides) in &self.places {
            match days.last_mut() {
                Some((last, sum)) if last.day == place.day && last.provider == place.provider => sum.absorb(sides)?,
                _ => days.push((Place { model: None, class: None, ..place.clone() }, *sides)),
            }
        }
        Ok(days)
    }

    /// The models of the price table that both sides name, by provider and name.
    pub fn named_models(&self) -> impl Iterator<Item = ((&str, &str), ModelId)> {
        self.ratios.iter().filter_map(|model| Some(((model.provider.as_str(), model.model.as_str()), model.id?)))
    }

    /// Billed dollars of places that agree, in dollars, and all billed dollars of places: the two sides of coverage.
    pub fn coverage(&self) -> Result<(Money, Money), Overflow> {
        let (mut agree, mut all) = (Money::ZERO, Money::ZERO);
        for (_, sides) in &self.places {
            let Some(billed) = sides.billed else { continue };
            all = all.add(billed)?;
            if matches!(sides.verdict()?, Match::Equal | Match::Rounding) {
                agree = agree.add(billed)?;
            }
        }
        Ok((agree, all))
    }

    /// The word for the whole, by the rules at [`Standing`].
    pub fn standing(&self) -> Result<Standing, Overflow> {
        let (agree, all) = self.coverage()?;
        let (mut unequal, mut beyond) = (Money::ZERO, Money::ZERO);
        for (_, sides) in &self.places {
            let residual = sides.residual()?;
            let size = if residual.is_negative() { Money::ZERO.sub(residual)? } else { residual };
            match sides.verdict()? {
                Match::Equal | Match::Rounding => {}
                Match::UsageWithoutBill | Match::Over => {
                    beyond = beyond.add(size)?;
                    unequal = unequal.add(size)?;
                }
                Match::Under | Match::BilledWithoutUsage => unequal = unequal.add(size)?,
            }
        }
        let of_bill = |share: (i64, i64)| all.exact() * fraction(share);
        Ok(if agree.exact() >= of_bill(NEARLY_ALL) && beyond.exact() <= of_bill(MOST_BEYOND) {
            Standing::Usable
        } else if unequal.exact() <= of_bill(TOLERABLE) {
            Standing::UsableWithResidual
        } else {
            Standing::DoNotPresent
        })
    }
}
