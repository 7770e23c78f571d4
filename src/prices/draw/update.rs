//! A layer as it is written, and what is said of it on a terminal.

use std::collections::BTreeSet;
use std::fmt::{Display, Write as _};

use super::{grouped, page, plural};
use crate::calendar::Day;
use crate::diagnostic::{sanitized, sanitized_short};
use crate::prices::figures::{Figures, Tier};
use crate::prices::update::{Change, NewPrices, Update};
use crate::report::theme::Theme;

/// Differences that are not taken, named on the page; the file has all.
const MOST_KEPT: usize = 10;
/// The keys of a model stand so far in.
const MODEL_KEYS: usize = 8;
/// The keys of an entry stand so far in, behind the dash of its first.
const ENTRY_KEYS: usize = 12;

/// The layer in YAML. It says nothing that was not read: it has no day of its own making.
pub fn yaml(update: &Update) -> String {
    let mut text = String::new();
    let mut line = |indent: usize, words: &dyn Display| {
        // Writing to a String cannot fail.
        let _ = writeln!(text, "{:indent$}{words}", "");
    };
    line(0, &format!("# {}", sanitized(&about(update))));
    line(0, &"# Made by `batchwise prices update`. Use it with `--prices`, on the table that it was made for.");
    line(0, &"extends: built-in");
    let mut last = None;
    for ((provider, model), change) in &update.models {
        if last.is_none() {
            line(0, &"providers:");
        }
        if last != Some(provider) {
            line(2, &format!("{}:", key(provider)));
            line(4, &"models:");
            last = Some(provider);
        }
        line(6, &format!("{}:", key(model)));
        for (indent, words) in of_model(change, update.on) {
            line(indent, &words);
        }
    }
    if !update.kept.is_empty() {
        line(0, &"# Not taken:");
    }
    for (model, why) in &update.kept {
        line(0, &format!("# {}: {}", sanitized(model), sanitized(why)));
    }
    text
}

/// What it is and how much.
fn about(update: &Update) -> String {
    let [added, changed, retired] = update.counts();
    format!(
        "{} ({}) beside {}, for {}: {} added, {} with other prices, {} with another retirement date",
        update.there,
        update.kind,
        update.here,
        update.on,
        plural(added, "model"),
        grouped(changed),
        grouped(retired)
    )
}

type Lines = Vec<(usize, String)>;

fn of_model(change: &Change, on: Day) -> Lines {
    let mut lines = Lines::new();
    lines.extend(change.kind.map(|kind| (MODEL_KEYS, format!("kind: {}", kind.name()))));
    if let Some((day, own)) = change.retires {
        let own = own.map(|own| format!("  # instead of {own}")).unwrap_or_default();
        lines.push((MODEL_KEYS, format!("retires: {day}{own}")));
    }
    if let Some(prices) = &change.prices {
        lines.push((MODEL_KEYS, "prices:".to_owned()));
        lines.extend(prices.remarks.iter().map(|remark| (MODEL_KEYS + 2, format!("# {}", sanitized(remark)))));
        let mut entry = of_entry(prices, on);
        if let Some((indent, first)) = entry.first_mut() {
            (*indent, *first) = (MODEL_KEYS + 2, format!("- {first}"));
        }
        lines.extend(entry);
    }
    lines
}

fn of_entry(prices: &NewPrices, on: Day) -> Lines {
    let sizes: BTreeSet<u64> = prices.figures.keys().map(|figure| figure.above).filter(|size| *size > 0).collect();
    let mut lines = Lines::new();
    lines.extend(prices.from.map(|day| (ENTRY_KEYS, format!("from: {day}"))));
    lines.push((ENTRY_KEYS, format!("source: {}", quoted(&prices.source))));
    lines.push((ENTRY_KEYS, format!("checked: {on}")));
    for (tier, words) in tiers(&prices.figures, 0) {
        lines.push((ENTRY_KEYS, words));
        if let Some(rule) = prices.batch_rule.as_ref().filter(|_| tier == Tier::Batch) {
            lines.push((ENTRY_KEYS, format!("batch_rule: {}", quoted(rule))));
        }
    }
    if !prices.geo.is_empty() {
        let factors: Vec<String> = prices.geo.iter().map(|(name, factor)| format!("{}: {factor}", key(name))).collect();
        lines.push((ENTRY_KEYS, format!("geo: {{{}}}", factors.join(", "))));
    }
    for (name, is_inclusive) in [("above", false), ("at_least", true)] {
        let mut own = sizes.iter().filter(|size| prices.inclusive.contains(size) == is_inclusive).peekable();
        if own.peek().is_some() {
            lines.push((ENTRY_KEYS, format!("{name}:")));
        }
        for size in own {
            lines.push((ENTRY_KEYS + 2, format!("{size}:")));
            lines.extend(tiers(&prices.figures, *size).into_iter().map(|(_, words)| (ENTRY_KEYS + 4, words)));
        }
    }
    if !prices.acknowledge.is_empty() {
        let codes: Vec<&str> = prices.acknowledge.iter().copied().collect();
        lines.push((ENTRY_KEYS, format!("acknowledge: [{}]", codes.join(", "))));
    }
    lines
}

/// The tiers of a context step, their rates below one another.
fn tiers(figures: &Figures, above: u64) -> Vec<(Tier, String)> {
    let of = |tier: Tier| {
        let rates = figures.iter().filter(move |(figure, _)| figure.above == above && figure.tier == tier);
        rates.map(|(figure, rate)| format!("{}: {rate}", figure.class.name())).collect::<Vec<_>>()
    };
    let sold: Vec<(Tier, Vec<String>)> =
        Tier::ALL.into_iter().map(|tier| (tier, of(tier))).filter(|(_, rates)| !rates.is_empty()).collect();
    let width = sold.iter().map(|(tier, _)| tier.name().len() + 1).max().unwrap_or_default();
    sold.into_iter()
        .map(|(tier, rates)| (tier, format!("{:width$} {{{}}}", format!("{}:", tier.name()), rates.join(", "))))
        .collect()
}

/// A key, in quotes where it could be taken for something else.
fn key(name: &str) -> String {
    let is_plain = name.starts_with(|first: char| first.is_ascii_alphabetic())
        && name.chars().all(|character| character.is_ascii_alphanumeric() || "-_./:".contains(character))
        && !name.ends_with(':')
        && !["null", "true", "false", "yes", "no", "on", "off"].contains(&name.to_ascii_lowercase().as_str());
    if is_plain { name.to_owned() } else { quoted(name) }
}

/// A text in double quotes, which YAML reads as JSON does.
fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

/// What became of the other table, for a terminal.
pub fn summary(update: &Update, theme: &Theme) -> String {
    let mut page = page(theme);
    page.paragraph(Theme::as_is, &sanitized(&format!("{}.", about(update))));
    for (index, (words, count)) in update.left_out.iter().enumerate() {
        let label = if index == 0 { "Left out" } else { "" };
        page.labelled(label, Theme::bold, &format!("{words}: {}", grouped(*count)));
    }
    for (index, (model, why)) in update.kept.iter().take(MOST_KEPT).enumerate() {
        let words = format!("{}: {}", sanitized_short(model, 60), sanitized(why));
        page.labelled(if index == 0 { "Not taken" } else { "" }, Theme::bold, &words);
    }
    if update.kept.len() > MOST_KEPT {
        let more = grouped((update.kept.len() - MOST_KEPT) as u64);
        page.labelled("", Theme::bold, &format!("and {more} more, which the layer names"));
    }
    page.text
}
