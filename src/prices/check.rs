//! `prices check`: what a careful keeper of a price table wants to be told.
//!
//! Role: a table that was loaded → lints with a code, a sentence and a place. What is wrong beyond doubt is refused when
//! the table is loaded; a lint is something that is sometimes right, and then is acknowledged in the entry.

use std::collections::{BTreeMap, BTreeSet};

use globset::GlobBuilder;

use super::outline::{Line, outline, place};
use super::table_day;
use crate::calendar::Day;
use crate::diagnostic::{Diagnostic, Place};
use crate::pricing::entry::{TierRates, Tiers};
use crate::pricing::{Entry, ModelPrices, PeakHoursId, PriceTable, ProviderPrices};
use crate::usage::TokenClass;

/// After so many days without a look at the source, figures are stale.
const STALE_DAYS: i32 = 90;
/// Priority above this many times the standard rate looks like a slip: twice the dearest multiple is known of.
const PRIORITY_TWICE_MOST: u64 = 5;

/// What looks wrong at one place.
#[derive(Debug)]
pub struct Lint {
    /// Stable, kebab-case; what `acknowledge` names.
    pub code: &'static str,
    /// A sentence without a full stop.
    pub message: String,
    /// What to do.
    pub hint: &'static str,
    /// Whose.
    pub provider: String,
    /// Which model; nothing if it is about the terms of batches.
    pub model: Option<String>,
    /// Whether an entry accepts it.
    is_acknowledged: bool,
    /// Which entry; nothing if it is about the model.
    entry: Option<usize>,
    /// Keys within the entry or the model.
    keys: Vec<String>,
}

/// The outcome of a check.
#[derive(Debug)]
pub struct Checked {
    /// Lints that nobody acknowledged, in file order.
    pub open: Vec<Diagnostic>,
    /// Acknowledged lints.
    pub acknowledged: Vec<Diagnostic>,
    /// How many of each code are acknowledged.
    pub by_code: BTreeMap<&'static str, u64>,
    /// Providers, models and entries looked at.
    pub size: (u64, u64, u64),
    /// The newest check of the table.
    pub checked: Day,
}

/// Looks through a table. `file` and `text` are where it was read from. A layer is looked through for what it brings: what
/// looks wrong in the table below without it is no fault of its own.
pub fn check(table: &PriceTable, below: Option<&PriceTable>, file: &str, text: &str) -> Checked {
    let lines = outline(text);
    let entries = table.models().map(|(_, model)| model.entries.len() as u64);
    let mut checked = Checked {
        open: Vec::new(),
        acknowledged: Vec::new(),
        by_code: BTreeMap::new(),
        size: (table.providers().count() as u64, table.models().count() as u64, entries.sum()),
        checked: table_day(table),
    };
    for lint in lints(table, below) {
        let shown = diagnostic(&lint, file, text, &lines);
        if lint.is_acknowledged {
            *checked.by_code.entry(lint.code).or_default() += 1;
            checked.acknowledged.push(shown);
        } else {
            checked.open.push(shown);
        }
    }
    checked
}

/// What looks wrong in a table, and not in the one below it on the same day, in file order.
pub fn lints(table: &PriceTable, below: Option<&PriceTable>) -> Vec<Lint> {
    let newest = table_day(table);
    let named = |lint: &Lint| (lint.code, lint.provider.clone(), lint.model.clone(), lint.message.clone());
    let known: BTreeSet<_> = below.into_iter().flat_map(|below| all(below, newest)).map(|lint| named(&lint)).collect();
    all(table, newest).into_iter().filter(|lint| !known.contains(&named(lint))).collect()
}

/// Everything that looks wrong in a table that was last checked on a day.
fn all(table: &PriceTable, newest: Day) -> Vec<Lint> {
    let mut found = Vec::new();
    for (id, provider) in table.providers() {
        found.extend(about_terms(table, provider, newest));
        found.extend(about_hours(table, provider, newest));
        let own: Vec<&ModelPrices> =
            table.models().map(|(_, model)| model).filter(|model| model.provider == id).collect();
        for model in &own {
            let mut lints = Vec::new();
            about_model(provider, model, &own, newest, &mut lints);
            about_successor(table, &About { provider, model, entry: None }, newest, &mut lints);
            for (index, entry) in model.entries.iter().enumerate() {
                let about = About { provider, model, entry: Some(index) };
                about_entry(&about, entry, newest, &mut lints);
            }
            needless(provider, model, &mut lints);
            found.extend(lints.into_iter().map(|lint| Lint { is_acknowledged: acknowledges(model, &lint), ..lint }));
        }
    }
    found
}

/// Whether the entry, or for a lint about the model any entry, accepts the code.
fn acknowledges(model: &ModelPrices, lint: &Lint) -> bool {
    let accepts = |entry: &Entry| entry.acknowledge.iter().any(|code| code == lint.code);
    match lint.entry {
        Some(index) => accepts(&model.entries[index]),
        None => model.entries.iter().any(accepts),
    }
}

fn diagnostic(lint: &Lint, file: &str, text: &str, lines: &[Line<'_>]) -> Diagnostic {
    let keys: Vec<&str> = lint.keys.iter().map(String::as_str).collect();
    let mut at = Place::file(file);
    let found = lint.model.as_ref().and_then(|model| place(lines, &lint.provider, model, lint.entry, &keys));
    if let Some((line, column)) = found {
        at.line = Some(line);
        at.column = Some(column.to_string());
        at.excerpt = usize::try_from(line).ok().and_then(|line| text.lines().nth(line - 1)).map(ToOwned::to_owned);
    }
    let model = lint.model.as_ref().map(|model| format!("/{model}")).unwrap_or_default();
    let message = format!("{}{model}: {}", lint.provider, lint.message);
    Diagnostic::new(lint.code, message).at(at).hint(lint.hint)
}

/// What a lint is about.
struct About<'t> {
    provider: &'t ProviderPrices,
    model: &'t ModelPrices,
    entry: Option<usize>,
}

impl About<'_> {
    fn lint(&self, keys: &[&str]) -> Lint {
        Lint {
            code: "",
            message: String::new(),
            hint: "",
            provider: self.provider.name.clone(),
            model: Some(self.model.name.clone()),
            is_acknowledged: false,
            entry: self.entry,
            keys: keys.iter().map(|key| (*key).to_owned()).collect(),
        }
    }
}

/// A successor that is of no use. One that is not in the table, and a circle, are refused when it is loaded.
fn about_successor(table: &PriceTable, about: &About<'_>, newest: Day, lints: &mut Vec<Lint>) {
    let Some(successor) = about.model.successor.map(|successor| table.model(successor)) else { return };
    let Some(retires) = about.model.retires else {
        lints.push(Lint {
            code: "successor-too-early",
            message: format!("has the successor `{}` and no day on which it is retired", successor.name),
            hint: "write `retires`, or take the successor out",
            ..about.lint(&["successor"])
        });
        return;
    };
    if let Some(day) = successor.retires.filter(|day| *day <= retires.max(newest) && successor.successor.is_none()) {
        lints.push(Lint {
            code: "successor-retired",
            message: format!("its successor `{}` is itself retired on {day}", successor.name),
            hint: "name the model that is served by then, or give the successor one of its own",
            ..about.lint(&["successor"])
        });
    }
}

fn about_model(
    provider: &ProviderPrices,
    model: &ModelPrices,
    own: &[&ModelPrices],
    newest: Day,
    lints: &mut Vec<Lint>,
) {
    let about = About { provider, model, entry: None };
    if let Some(day) = model.retires.filter(|day| *day <= newest) {
        lints.push(Lint {
            code: "retired",
            message: format!("retired on {day}, and the table was last checked on {newest}"),
            hint: "acknowledge it to keep pricing old logs, or take the model out",
            ..about.lint(&["retires"])
        });
    }
    for glob in &model.globs {
        let Ok(matcher) = GlobBuilder::new(glob).build().map(|glob| glob.compile_matcher()) else { continue };
        let others = own.iter().filter(|other| other.name != model.name);
        let reached = others
            .flat_map(|other| std::iter::once(&other.name).chain(&other.aliases))
            .find(|name| matcher.is_match(name));
        if let Some(name) = reached {
            lints.push(Lint {
                code: "glob-meets-other-model",
                message: format!("the glob `{glob}` also matches `{name}`, a name of another model"),
                hint: "exact names win, but what is new under that name will be priced as this model: make the glob narrower",
                ..about.lint(&["match"])
            });
        }
    }
}

/// How many days before the newest entry something was checked, where that is too long ago.
fn age(checked: Day, newest: Day) -> Option<i32> {
    Some(newest.number() - checked.number()).filter(|age| *age > STALE_DAYS)
}

/// Terms of a batch API, completion windows and peak hours that nobody has looked at for long.
fn about_terms(table: &PriceTable, provider: &ProviderPrices, newest: Day) -> Vec<Lint> {
    let batch = provider.batch.iter().map(|terms| ("batch terms".to_owned(), terms.checked.0));
    let hours = provider.peak_hours.iter().filter(|(_, id)| is_in_force(table, *id));
    let hours = hours.map(|(name, id)| (format!("peak hours `{name}`"), table.peak_hours(*id).checked));
    let windows = provider.windows.iter();
    let windows = windows.map(|window| (format!("the window of {} hours", window.window_hours), window.checked.0));
    let stale = batch.chain(windows).chain(hours).filter_map(|(what, checked)| {
        let age = age(checked, newest)?;
        let message = format!("{what} were checked on {checked}, {age} days before the newest entry");
        Some(about_provider(
            provider,
            "stale-terms",
            message,
            "compare them with their source, then set `checked` to that day",
        ))
    });
    stale.collect()
}

/// Whether the newest price of some model has these hours.
fn is_in_force(table: &PriceTable, hours: PeakHoursId) -> bool {
    let newest = table.models().filter_map(|(_, model)| model.entries.last()?.peak_hours.as_ref());
    newest.into_iter().any(|(_, used)| *used == hours)
}

/// Peak hours whose holidays end before the table was looked at last: weekdays of later years are priced at peak.
fn about_hours(table: &PriceTable, provider: &ProviderPrices, newest: Day) -> Vec<Lint> {
    let hours = provider.peak_hours.iter().filter(|(_, id)| table.peak_hours(*id).lacks_holidays_of(newest));
    let lint = |(name, _): &(String, PeakHoursId)| {
        let message =
            format!("the peak hours `{name}` have no holiday of the year in which the table was last checked");
        let hint = "add them under `holidays`; until then all weekdays of that year are priced as if they may be peak";
        about_provider(provider, "holidays-unknown", message, hint)
    };
    hours.filter(|(_, id)| is_in_force(table, *id)).map(lint).collect()
}

/// What looks wrong about a vendor, whatever model.
fn about_provider(provider: &ProviderPrices, code: &'static str, message: String, hint: &'static str) -> Lint {
    Lint {
        code,
        message,
        hint,
        provider: provider.name.clone(),
        model: None,
        is_acknowledged: false,
        entry: None,
        keys: Vec::new(),
    }
}

fn about_entry(about: &About<'_>, entry: &Entry, newest: Day, lints: &mut Vec<Lint>) {
    // What is over, or of a model that is, does not change any more.
    let is_over = about.model.retires.is_some_and(|day| day <= newest)
        || about
            .entry
            .and_then(|entry| about.model.entries.get(entry + 1))
            .is_some_and(|next| next.from <= Some(newest));
    if let Some(age) = age(entry.checked, newest).filter(|_| !is_over) {
        lints.push(Lint {
            code: "stale",
            message: format!("checked on {}, {age} days before the newest entry", entry.checked),
            hint: "compare the figures with their source, then set `checked` to that day",
            ..about.lint(&["checked"])
        });
    }
    for (start, tiers) in &entry.steps {
        let step = step_keys(*start);
        about_tiers(about, tiers, &step, lints);
    }
}

/// The keys that lead to a context step, and the words for it.
struct Step {
    keys: Vec<String>,
    words: String,
}

fn step_keys(start: u64) -> Step {
    if start == 0 {
        return Step { keys: Vec::new(), words: String::new() };
    }
    let (is_above, size) = super::round_step(start);
    let key = if is_above { "above" } else { "at_least" };
    Step {
        keys: vec![key.to_owned(), size.to_string()],
        words: format!(" for prompts {} {size}", key.replace('_', " ")),
    }
}

fn about_tiers(about: &About<'_>, tiers: &Tiers, step: &Step, lints: &mut Vec<Lint>) {
    let standard = tiers.blocks().find(|block| block.tier == "standard");
    for block in tiers.blocks() {
        let keys: Vec<&str> = step.keys.iter().map(String::as_str).chain([block.tier]).collect();
        let (tier, words) = (block.tier, &step.words);
        if let (Some(read), Some(input)) = (block.stated(TokenClass::CacheRead), block.rates[TokenClass::Input])
            && read > input
        {
            lints.push(Lint {
                code: "cache-read-above-input",
                message: format!("{tier} reads from the cache cost {read}, more than fresh input at {input}{words}"),
                hint: "look for exchanged figures",
                ..about.lint(&keys)
            });
        }
        let Some(standard) = standard.filter(|_| tier != "standard") else { continue };
        if tier == "batch" && states_the_same(&block, &standard) {
            lints.push(Lint {
                code: "batch-equals-standard",
                message: format!("every batch rate equals the standard one{words}"),
                hint: "a vendor without a batch discount has no `batch` block; acknowledge it if batch is sold at this price",
                ..about.lint(&keys)
            });
        }
        if let Some((class, rate, usual)) = out_of_line(&block, &standard) {
            lints.push(Lint {
                code: "tier-out-of-line",
                message: format!("{tier} `{}: {rate}` beside standard `{usual}`{words} is unusual", class.name()),
                hint: "flex and off-peak rates are below standard ones, priority dearer and at most 2.5 times as dear: look for a slip",
                ..about.lint(&keys)
            });
        }
    }
}

/// Whether a block states rates, and each is the standard one.
fn states_the_same(block: &TierRates, standard: &TierRates) -> bool {
    let mut stated =
        TokenClass::ALL.into_iter().filter_map(|class| Some((block.stated(class)?, standard.rates[class])));
    let is_same = |(rate, standard)| Some(rate) == standard;
    let free = TokenClass::ALL.into_iter().all(|class| block.stated(class).is_none_or(|rate| rate.units() == 0));
    !free && stated.all(is_same)
}

/// A rate of flex above standard, or of priority below it or far above it.
fn out_of_line(
    block: &TierRates,
    standard: &TierRates,
) -> Option<(TokenClass, crate::money::Rate, crate::money::Rate)> {
    TokenClass::ALL.into_iter().find_map(|class| {
        let (rate, usual) = (block.stated(class)?, standard.rates[class]?);
        let is_odd = match block.tier {
            "flex" | "off_peak" => rate > usual,
            "priority" => {
                rate < usual || rate.units().saturating_mul(2) > usual.units().saturating_mul(PRIORITY_TWICE_MOST)
            }
            _ => false,
        };
        is_odd.then_some((class, rate, usual))
    })
}

/// Codes that are acknowledged and do not occur.
fn needless(provider: &ProviderPrices, model: &ModelPrices, lints: &mut Vec<Lint>) {
    let mut found = Vec::new();
    for (index, entry) in model.entries.iter().enumerate() {
        for code in &entry.acknowledge {
            let occurs =
                lints.iter().any(|lint| lint.code == code && lint.entry.is_none_or(|lint_entry| lint_entry == index));
            if !occurs && code != "needless-acknowledge" {
                found.push(Lint {
                    code: "needless-acknowledge",
                    message: format!("acknowledges `{code}`, which does not occur"),
                    hint: "take it out, so that it hides nothing later",
                    ..About { provider, model, entry: Some(index) }.lint(&["acknowledge"])
                });
            }
        }
    }
    lints.extend(found);
}
