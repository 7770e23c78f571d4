//! What a format is, in words made from its mapping: for `batchwise formats` and `docs/formats.md`.
//!
//! Role: says what the mapping declares and what follows from it. It reads no rows.

use super::Format;
use std::fmt::Write as _;

use super::mapping::{CachePart, Container, Convention, Counted, Declared, Kind, SpanRule, TargetField};

/// A heading and what stands behind it.
pub type Fact = (&'static str, String);

/// Everything worth knowing about a format, in the order of a page. Code stands in backticks.
pub fn facts(format: &Format) -> Vec<Fact> {
    let mapping = &format.mapping;
    let better = mapping.better.each().map(|(gap, advice)| format!("for {}: {advice}", gap.question()));
    let facts = [
        ("holds", holds(format).to_owned()),
        ("files", files(format)),
        ("recognised by", coded(&format.recognised_by())),
        ("rows are", rows(format)),
        ("tokens", tokens(format)),
        ("duplicates", identity(format)),
        ("added up", declared(format, true)),
        ("not counted", declared(format, false)),
        ("tells", mapping.tells.join(", ")),
        ("cannot tell", mapping.cannot_tell.join(", ")),
        ("how to get it", mapping.how_to_get.clone()),
        ("a better one", better.collect::<Vec<_>>().join("; ")),
        ("source", mapping.source.clone()),
    ];
    facts.into_iter().filter(|(_, text)| !text.is_empty()).collect()
}

fn coded<S: AsRef<str>>(names: &[S]) -> String {
    names.iter().map(|name| format!("`{}`", name.as_ref())).collect::<Vec<_>>().join(", ")
}

const fn holds(format: &Format) -> &'static str {
    match format.mapping.kind {
        Kind::Usage => "usage",
        Kind::Bill => "lines of a bill",
    }
}

fn files(format: &Format) -> String {
    let container = |container: &Container| match container {
        Container::Csv => "a table (CSV)",
        Container::Jsonl if format.rows.is_empty() => "JSON objects, one a line or in a list",
        Container::Jsonl => "pages of an API (JSON), saved alone, one after the other, or as a bare list",
    };
    format.mapping.containers.iter().map(container).collect::<Vec<_>>().join(", or ")
}

/// The grain.
fn rows(format: &Format) -> String {
    let mapping = &format.mapping;
    if format.is_rollup() {
        return "sums of a day, over calls that agree in everything that decides".to_owned();
    }
    let what = match mapping.kind {
        Kind::Usage => "sums of calls",
        Kind::Bill => "amounts",
    };
    match (&mapping.end, mapping.span) {
        (_, Some(SpanRule::ByPrecision)) => {
            format!("{what} of a day or an hour, as precise as `{}` is", mapping.time.column())
        }
        (_, Some(SpanRule::RestOfDay)) => format!("{what} from `{}` to the end of its UTC day", mapping.time.column()),
        (Some(end), None)
            if mapping.kind == Kind::Usage && !end.column().starts_with('@') && mapping.provider.is_none() =>
        {
            format!("single calls; {what} where `{}` is filled", end.column())
        }
        (Some(end), None) if !end.column().starts_with('@') => {
            format!("{what} from `{}` to `{}`", mapping.time.column(), end.column())
        }
        (Some(_), None) => format!("single calls; {what} where a batch is one row"),
        (None, None) if mapping.kind == Kind::Bill => "amounts of a moment".to_owned(),
        (None, None) => "single calls".to_owned(),
    }
}

/// The conventions, which no row can tell unless it states a total.
fn tokens(format: &Format) -> String {
    if format.mapping.kind == Kind::Bill {
        return "none; an amount names its token class where the export does".to_owned();
    }
    let [first, others @ ..] = format.conventions.as_slice() else { return String::new() };
    let mut text = convention(format, first);
    if !others.is_empty() {
        let total = format.column_of(TargetField::Total);
        let others: Vec<_> = others.iter().map(|other| inside(format, other)).collect();
        let _ = write!(text, ". Where that does not meet `{total}`: {}", others.join(", or "));
    }
    text
}

/// What a convention counts inside what, in few words.
fn inside(format: &Format, convention: &Convention) -> String {
    let mut parts: Vec<&str> = Vec::new();
    for part in &convention.input_holds {
        let name = if *part == CachePart::CacheRead { "cache reads" } else { "cache writes" };
        if !parts.contains(&name) {
            parts.push(name);
        }
    }
    let mut text: Vec<String> = Vec::new();
    text.extend((!parts.is_empty()).then(|| format!("{} in the input", parts.join(" and "))));
    if !format.column_of(TargetField::Reasoning).is_empty() {
        let place = if convention.output_holds_reasoning() { "in" } else { "beside" };
        text.push(format!("reasoning {place} the output"));
    }
    text.join(", ")
}

fn convention(format: &Format, convention: &Convention) -> String {
    let has = |target: TargetField| format.column_of(target).is_empty();
    let class = |part: CachePart| match part {
        CachePart::CacheRead => (TargetField::CacheRead, "cache reads"),
        CachePart::CacheWrite5m => (TargetField::CacheWrite5m, "cache writes"),
        CachePart::CacheWrite1h => (TargetField::CacheWrite1h, "cache writes for an hour"),
    };
    let parts = [CachePart::CacheRead, CachePart::CacheWrite5m, CachePart::CacheWrite1h];
    let (inside, outside): (Vec<_>, Vec<_>) =
        parts.into_iter().filter(|part| !has(class(*part).0)).partition(|part| convention.input_holds.contains(part));
    let named = |parts: Vec<CachePart>| parts.into_iter().map(|part| class(part).1).collect::<Vec<_>>().join(", ");
    let mut text = Vec::new();
    if !inside.is_empty() {
        text.push(format!("input includes {}", named(inside)));
    }
    if !outside.is_empty() {
        text.push(format!("input is without {}, which have columns of their own", named(outside)));
    }
    text.push(if convention.output_holds_reasoning() || has(TargetField::Reasoning) {
        "output includes reasoning".to_owned()
    } else {
        "reasoning is added to output".to_owned()
    });
    text.join("; ")
}

/// Usage keys that no field reads, by what is made of them: those that are added to a field, or all others.
fn declared(format: &Format, are_added: bool) -> String {
    let mut reasons: Vec<(String, Vec<String>)> = Vec::new();
    let is_added = |why: &Declared| matches!(why, Declared::Counts(Counted::AddsTo(_), _));
    for (path, why) in format.mapping.declared.0.iter().filter(|(_, why)| is_added(why) == are_added) {
        let why = why.words();
        // Of the places where an object may stand, one is enough to name it.
        let steps = path.rsplit(" > ").take(if are_added { 2 } else { 1 }).collect::<Vec<_>>();
        let key = steps.into_iter().rev().collect::<Vec<_>>().join(" > ");
        match reasons.iter_mut().find(|(known, _)| *known == why) {
            Some((_, keys)) if keys.contains(&key) => {}
            Some((_, keys)) => keys.push(key),
            None => reasons.push((why, vec![key])),
        }
    }
    reasons.iter().map(|(why, keys)| format!("{} ({why})", coded(keys))).collect::<Vec<_>>().join("; ")
}

/// What tells a row that was seen before.
fn identity(format: &Format) -> String {
    let mapping = &format.mapping;
    if format.is_rollup() {
        return "duplicates are looked for where the file is made, and not between files".to_owned();
    }
    let id = format.column_of(TargetField::Id);
    if !id.is_empty() {
        return format!("rows with one `{id}` count once, over all files");
    }
    let groups = mapping.also_group_by.iter().filter(|name| !name.starts_with('@'));
    let groups = coded(&groups.collect::<Vec<_>>());
    match mapping.kind {
        Kind::Usage => format!("rows of one span, model and tier count once if these are alike: {groups}"),
        Kind::Bill => format!(
            "lines of one file all count; of two files that share a span the one that bills more counts, if these are alike: {groups}"
        ),
    }
}
