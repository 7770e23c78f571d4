//! One model on a page.

use comfy_table::{CellAlignment, Table};

use super::{dim, grouped, heading, page, plural, right};
use crate::calendar::Day;
use crate::diagnostic::sanitized;
use crate::money::Rate;
use crate::prices::export::until;
use crate::prices::list::is_retired;
use crate::prices::show::{Card, Way};
use crate::prices::{cut, round_step};
use crate::pricing::entry::{TierRates, Tiers};
use crate::pricing::terms::{QueueCap, Window};
use crate::pricing::{BatchTerms, Entry};
use crate::report::table::Page;
use crate::report::theme::Theme;
use crate::usage::TokenClass;

/// Draws the models that a name means, one under the other.
pub fn table(cards: &[Card<'_>], theme: &Theme) -> String {
    let mut page = page(theme);
    for (index, card) in cards.iter().enumerate() {
        if index > 0 {
            page.line("");
        }
        draw(card, &mut page);
    }
    page.text
}

fn draw(card: &Card<'_>, page: &mut Page<'_>) {
    let model = card.model;
    let retires = model.retires.map_or_else(String::new, |day| {
        if day <= card.on { format!(" · retired {day}") } else { format!(" · retires {day}") }
    });
    let name = format!("{}/{}", sanitized(&card.provider.name), sanitized(&model.name));
    page.paragraph(Theme::bold, &format!("{name} · {}{retires}", model.kind.name()));
    if let Some(successor) = &card.successor {
        let text = format!("{}, for work on it in months ahead", sanitized(successor));
        page.labelled("Successor", Theme::bold, &text);
    }
    page.paragraph(Theme::dim, &format!("USD per 1M tokens; in force on {} comes first", card.on));
    let others = (0..model.entries.len()).filter(|index| Some(*index) != card.in_force);
    for index in card.in_force.into_iter().chain(others) {
        page.line("");
        entry(card, index, page);
    }
    page.line("");
    if let Some(terms) = &card.provider.batch {
        batch(card, terms, page);
    } else {
        page.labelled("Batch", Theme::bold, "this provider has no batch API");
    }
    for window in card.provider.windows.iter().filter(|window| window.models.holds_for(&model.name)) {
        page.labelled("Window", Theme::bold, &window_words(window));
    }
    names(card, page);
}

fn period(card: &Card<'_>, index: usize) -> String {
    let entry = &card.model.entries[index];
    let span = match (entry.from, until(card.model, index)) {
        (Some(from), Some(to)) => format!("{from} to {to}"),
        (Some(from), None) => format!("Since {from}"),
        (None, Some(to)) => format!("Until {to}, start not known"),
        (None, None) => "Start not known".to_owned(),
    };
    let span = if entry.from.is_some_and(|from: Day| from > card.on) { span.replace("Since", "From") } else { span };
    match card.in_force {
        Some(known) if known == index && is_retired(card.model, card.on) => format!("{span}: the last price"),
        Some(known) if known == index => format!("{span}: in force"),
        _ if entry.from.is_some_and(|from| from > card.on) => format!("{span}: announced"),
        _ => span,
    }
}

fn entry(card: &Card<'_>, index: usize, page: &mut Page<'_>) {
    let entry = &card.model.entries[index];
    page.line(&page.theme.bold(&period(card, index)));
    let (table, implies) = rates_table(entry);
    page.table(table);
    if implies {
        page.paragraph(Theme::dim, "( ) the vendor states no rate of its own: the tier's input price");
    }
    if !entry.steps.iter().any(|(_, tiers)| tiers.batch.is_some()) {
        page.labelled("No batch", Theme::bold, "no batch rate is published for these prices, so batch saves nothing");
    }
    if !entry.geo.is_empty() {
        let geo: Vec<String> =
            entry.geo.iter().map(|(name, factor)| format!("{} × {factor}", sanitized(name))).collect();
        page.labelled("Residency", Theme::bold, &geo.join(", "));
    }
    if let Some(rule) = &entry.batch_rule {
        page.labelled("By rule", Theme::bold, &format!("the batch rates are not listed: {}", sanitized(rule)));
    }
    if let Some((_, hours)) = &entry.peak_hours {
        page.labelled("Peak hours", Theme::bold, &card.table.peak_hours(*hours).to_string());
    }
    if let Some(factor) = entry.discount {
        page.labelled("Contract", Theme::bold, &format!("list prices × {factor}"));
    }
    if let Some(other) = &entry.served_as {
        page.labelled("Served as", Theme::bold, &format!("{}, at its prices", sanitized(other)));
    }
    if let Some(until) = entry.until {
        page.labelled("Promised", Theme::bold, &format!("until {until}; what holds after it is not known"));
    }
    if let Some(note) = &entry.note {
        page.labelled("Note", Theme::bold, &sanitized(note));
    }
    page.labelled("Source", Theme::bold, &format!("{} checked {}", sanitized(&entry.source), entry.checked));
    if !entry.acknowledge.is_empty() {
        page.labelled("Accepted", Theme::bold, &sanitized(&entry.acknowledge.join(", ")));
    }
}

fn head(class: TokenClass) -> &'static str {
    match class {
        TokenClass::Input => "input",
        TokenClass::CacheRead => "cached",
        TokenClass::CacheWrite5m => "write 5m",
        TokenClass::CacheWrite1h => "write 1h",
        TokenClass::Output => "output",
    }
}

/// Tiers one under the other, context steps too; whether some rate is implied.
fn rates_table(entry: &Entry) -> (Table, bool) {
    let stated = |class: TokenClass| {
        entry.steps.iter().flat_map(|(_, tiers)| tiers.blocks()).any(|block| block.stated(class).is_some())
    };
    let classes: Vec<TokenClass> = TokenClass::ALL.into_iter().filter(|&class| stated(class)).collect();
    let mut table = Table::new();
    let heads = classes.iter().map(|&class| dim(head(class)).set_alignment(CellAlignment::Right));
    table.add_row(std::iter::once(dim("")).chain(heads).collect::<Vec<_>>());
    let mut implies = false;
    for (start, tiers) in &entry.steps {
        if *start > 0 {
            table.add_row(vec![heading(&step_words(*start))]);
        }
        for block in tiers.blocks() {
            let mut cells = vec![dim(&format!("  {}", block.tier))];
            for &class in &classes {
                implies |= block.implied.has(class) && block.rates[class].is_some();
                cells.push(right(rate_words(&block, class)));
            }
            table.add_row(cells);
            if block.tier == "batch" {
                table.add_row(saved(tiers, &block, &classes));
            }
        }
    }
    (table, implies)
}

fn step_words(start: u64) -> String {
    match round_step(start) {
        (true, size) => format!("above {}", grouped(size)),
        (false, size) => format!("from {}", grouped(size)),
    }
}

fn rate_words(block: &TierRates, class: TokenClass) -> String {
    match block.rates[class] {
        Some(rate) if block.implied.has(class) => format!("({rate})"),
        Some(rate) => rate.to_string(),
        None => "–".to_owned(),
    }
}

/// What batch takes off each class.
fn saved(tiers: &Tiers, batch: &TierRates, classes: &[TokenClass]) -> Vec<comfy_table::Cell> {
    let standard = |class: TokenClass| -> Option<Rate> { tiers.standard.and_then(|rates| rates[class]) };
    let mut cells = vec![dim("    takes off")];
    cells.extend(classes.iter().map(|&class| {
        let cut = standard(class).zip(batch.rates[class]).and_then(|(standard, batch)| cut(standard, batch));
        right(cut.unwrap_or_default().replace('-', "−"))
    }));
    cells
}

/// A completion window, as `within 2 hours, standard rates × 0.7`.
fn window_words(window: &Window) -> String {
    let since = window.from.map(|from| format!(", since {}", from.0)).unwrap_or_default();
    let endpoints = window.endpoints.iter().map(|names| format!("; endpoints: {}", sanitized(&names.join(", "))));
    format!(
        "answers within {}, standard rates × {}{since}{}; {} checked {}",
        plural(window.window_hours.into(), "hour"),
        window.factor.0,
        endpoints.collect::<String>(),
        sanitized(&window.source),
        window.checked.0
    )
}

fn batch(card: &Card<'_>, terms: &BatchTerms, page: &mut Page<'_>) {
    let mut lines = vec![match terms.expires_hours {
        Some(hours) => {
            format!("results within {} hours; given up after {}", terms.window_hours, plural(hours.into(), "hour"))
        }
        None => format!("results within {} hours", terms.window_hours),
    }];
    let most = [
        terms.max_requests.map(|most| format!("{} requests", grouped(most))),
        terms.max_file_mb.map(|most| format!("{} MB", grouped(most))),
    ];
    let most: Vec<String> = most.into_iter().flatten().collect();
    if !most.is_empty() {
        lines.push(format!("a batch holds at most {}", most.join(" and ")));
    }
    if terms.min_requests > 0 {
        lines.push(format!("a batch holds at least {}", plural(terms.min_requests, "request")));
    }
    if let Some(most) = terms.max_pending_requests {
        lines.push(format!("at most {} wait at once", plural(most, "request")));
    }
    if let Some(endpoints) = &terms.endpoints {
        lines.push(format!("endpoints: {}", sanitized(&endpoints.join(", "))));
    }
    if let Some(fate) = &terms.on_expiry {
        lines.push(expiry_words(fate));
    }
    if let Some(cache) = &terms.cache {
        lines.push(format!("cached prompts: {}", sanitized(cache)));
    }
    if let Some(days) = terms.retention_days {
        lines.push(format!("results can be fetched for {}", plural(days.into(), "day")));
    }
    lines.extend(terms.notes.iter().map(|note| sanitized(note).into_owned()));
    lines.push(format!("{} checked {}", sanitized(&terms.source), terms.checked.0));
    for (index, line) in lines.iter().enumerate() {
        page.labelled(if index == 0 { "Batch" } else { "" }, Theme::bold, line);
    }
    for (index, cap) in card.caps.iter().enumerate() {
        page.labelled(if index == 0 { "Queue" } else { "" }, Theme::bold, &cap_words(cap));
    }
    for (key, disputed) in &terms.disputed.0 {
        let text = format!(
            "{}: {}; {}",
            sanitized(key),
            sanitized(&disputed.values.join(" against ")),
            sanitized(&disputed.note)
        );
        page.labelled("Disputed", Theme::bold, &text);
    }
}

/// What happens to a batch that is not done in time.
fn expiry_words(fate: &str) -> String {
    match fate {
        "finished-billed" => "late batches: what is finished is returned and billed, the rest is cancelled".to_owned(),
        "unbilled" => "late batches: the rest expires and is not billed".to_owned(),
        "no-results" => "late batches: nothing is returned".to_owned(),
        "runs-on" => "late batches run on until they are done or cancelled".to_owned(),
        other => format!("late batches: {}", sanitized(other)),
    }
}

fn cap_words(cap: &QueueCap) -> String {
    let tiers: Vec<String> =
        cap.tiers.0.iter().map(|(tier, most)| format!("tier {}: {}", sanitized(tier), grouped(most.0.0))).collect();
    let models = cap.models.texts().join(", ");
    let whose = if models.is_empty() { "of the whole account".into() } else { sanitized(&models) };
    format!("{} waiting at once, {whose}: {}", cap.unit.name(), tiers.join(", "))
}

fn names(card: &Card<'_>, page: &mut Page<'_>) {
    let model = card.model;
    let mut names = vec![sanitized(&model.name).into_owned()];
    names.extend(model.aliases.iter().map(|alias| sanitized(alias).into_owned()));
    if model.snapshots {
        names.push(format!("{}-YYYY-MM-DD, {0}-YYYYMMDD", sanitized(&model.name)));
    }
    names.extend(model.globs.iter().map(|glob| format!("anything like {}", sanitized(glob))));
    page.labelled("Names", Theme::bold, &names.join(", "));
    let way = match card.way {
        Way::Id if card.name == card.typed => return,
        Way::Id => "its id",
        Way::Alias => "an alias of it",
        Way::Snapshot => "a dated snapshot of it",
        Way::Glob => "matched by a glob",
        Way::LetterCase => "a name of it in another letter case",
    };
    let name = if card.name == card.typed { String::new() } else { format!("read as `{}`, ", sanitized(&card.name)) };
    let geo = card.geo.map_or_else(String::new, |geo| format!(", with the residency {}", sanitized(geo)));
    page.labelled("", Theme::bold, &format!("`{}`, as asked for, is {name}{way}{geo}", sanitized(&card.typed)));
}
