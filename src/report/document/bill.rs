//! What the bill says beside the price table: the sentence on all of it, and what stands behind it.

use super::ColumnType::{Figure, Rate, Text as Words};
use super::{Cell, LONGEST_PATH, MOST_ROWS, Precision, Row, Section, Table, Text, name, text};
use crate::money::{DecimalStyle, Money};
use crate::report::words::{difference, dollars, percent, plural, share_of, sum, whole_dollars};
use crate::report::{AgreedModel, BilledItem, Compared, ComparedModel, ControlTotal, Reconciliation, Report};

/// Models that are named with their ratio or their cost.
const MOST_MODELS: usize = 8;
/// Lines of the bill besides tokens that are shown one by one.
const MOST_ITEMS: usize = 12;
/// The words of such a line, behind its service, are cut from here on.
const LONGEST_ITEM: usize = 60;
const SIDES: [(&str, super::ColumnType); 3] = [("Computed", Figure), ("Billed", Figure), ("Residual", Figure)];

/// Billed − computed at the prices that figures stand on.
pub fn residual(report: &Report, found: &Reconciliation) -> Money {
    report.agreement().map_or(found.residual, |agreed| agreed.residual)
}

/// The prices that figures stand on, in words.
pub fn prices(report: &Report) -> &'static str {
    if report.agreement().is_some() { "billed prices" } else { "list prices" }
}

/// Whether a page can be presented, in words.
pub fn standing_words(standing: &str) -> &'static str {
    match standing {
        "usable" => "Reconciled",
        "usable with residual" => "Reconciled with a residual",
        _ => "Not ready to present",
    }
}

/// In a few words, how far the figures agree with the bill: by the table's prices, or by the bill's where figures stand on
/// these.
pub fn standing(report: &Report, found: &Reconciliation) -> String {
    match report.agreement() {
        Some(agreed) => {
            format!("{}, {} at billed prices", standing_words(agreed.standing), percent(agreed.coverage.as_ref()))
        }
        None => format!("{}, {}", standing_words(found.standing), percent(found.coverage.as_ref())),
    }
}

/// Behind a monthly amount: that it stands on the bill's prices.
pub fn on_basis(report: &Report) -> &'static str {
    let is_known = report.agreed.as_ref().is_some_and(|agreed| !agreed.models.is_empty());
    if is_known { " at billed prices" } else { "" }
}

/// Which prices monthly figures stand on and what that takes for granted; nothing at list prices.
pub fn basis(report: &Report) -> Vec<Text> {
    let Some(agreed) = &report.agreed else { return Vec::new() };
    let listed = |models: Vec<Text>| {
        let more = match models.len().saturating_sub(MOST_MODELS) {
            0 => String::new(),
            more => format!(" and {}", plural(more as u64, "more model")),
        };
        Text::joined(models.into_iter().take(MOST_MODELS), ", ").and(more)
    };
    let full = |provider: &str, model: &str| name(format!("{provider}/{model}"), LONGEST_PATH);
    let models = agreed.models.iter().map(|line| text!(full(&line.provider, &line.model), " × ", ratio(line)));
    let at_list = agreed
        .at_list
        .iter()
        .map(|line| text!(full(&line.provider, &line.model), " (", dollars(line.monthly_cost), " a month)"));
    let (models, at_list): (Vec<Text>, Vec<Text>) = (models.collect(), at_list.collect());
    let mut sentences = Vec::new();
    let is_known = !models.is_empty();
    if is_known {
        let month = format!(". At list prices a month is {}.", whole_dollars(agreed.monthly_at_list));
        sentences.push(text!(
            "Monthly figures stand on effective rates, what the bill charges of list prices: ",
            listed(models),
            month
        ));
    }
    if !at_list.is_empty() {
        sentences.push(text!(
            "At list price, since the bill does not show what they are charged: ",
            listed(at_list),
            "."
        ));
    }
    if is_known {
        sentences.push(
            "Assumed: batch and routing are charged the same part of their list prices, though no bill says whether that holds in batch. Amounts of the period stay at list price, but for the months that a plan goes on from.".into(),
        );
    }
    sentences
}

/// What is billed of a model's list price, by what the bill tells it, and of token classes that differ from it.
pub fn ratio(line: &AgreedModel) -> String {
    let apart: Vec<String> = line
        .classes
        .iter()
        .filter(|(_, ratio)| *ratio != line.ratio)
        .map(|(class, ratio)| format!("{} × {ratio}", class.replace('_', " ")))
        .collect();
    let by = if line.by == "class" { "token class" } else { line.by };
    let apart = if apart.is_empty() { String::new() } else { format!(": {}", apart.join(", ")) };
    format!("{} (by {by}{apart})", line.ratio)
}

/// An amount with every digit.
const fn exact(amount: Money) -> Cell {
    Cell::Money(amount, Precision::Exact)
}

/// Each control total of the policy, and whether it is met.
pub fn control_totals(report: &Report) -> Option<Section> {
    let mut table =
        Table::new([("Month", Words), ("Provider", Words), ("Result", Words), ("Of what", Words)].into_iter().chain([
            ("Expected", Rate),
            ("Found", Rate),
            ("Difference", Rate),
            ("Tolerance", Rate),
        ]));
    table.optional_columns = &[3, 7];
    let row = |control: &ControlTotal| {
        let provider = control.provider.as_deref();
        let whose =
            provider.map_or_else(|| "all providers".into(), |provider| Text::from(name(provider, LONGEST_PATH)));
        Row::new([
            Cell::Date(control.month.clone()),
            Cell::Text(whose),
            Cell::text(if control.met { "met" } else { "NOT MET" }),
            Cell::text(control.source),
            exact(control.total),
            control.found.map_or_else(|| Cell::text("nothing"), exact),
            exact(control.difference),
            exact(control.tolerance),
        ])
    };
    table.rows = report.control_totals.iter().map(row).collect();
    Section::new("control-totals", "Control totals").table(table).if_any()
}

/// What the bill says beside the price table, in general.
pub fn summary(report: &Report) -> String {
    let cost = &report.cost;
    let computed = format!("Computed {} from the price table", dollars(cost.computed));
    let Some(billed) = cost.billed.filter(|_| cost.residual.is_some()) else {
        if !report.billed_for_other.is_zero() || !report.other_charges.is_empty() {
            return format!(
                "{computed}; what these files bill is for no LLM usage, so that there is nothing to compare."
            );
        }
        return format!("{computed}; these files state no bill to compare it with.");
    };
    let Some(found) = &report.reconciliation else {
        let besides = difference(billed, cost.from_bill);
        if !besides.is_zero() {
            return format!(
                "Billed {}: {} for usage, which is taken as the spend, and {} in lines of their own; there is no usage beside it to compare.",
                dollars(billed),
                dollars(cost.from_bill),
                dollars(besides)
            );
        }
        return format!(
            "Billed {}, which is taken as the spend: there is no usage beside it to compare.",
            dollars(billed)
        );
    };
    let (equal, days) = found.equal_days();
    let rounded = found.days_within_rounding() - equal;
    // What the bill has besides tokens is explained by its own lines, and compared with nothing.
    let besides = difference(billed, found.billed);
    let billed = if besides.is_zero() {
        dollars(billed)
    } else {
        format!("{} for tokens and {} besides", dollars(found.billed), dollars(besides))
    };
    let days = match (equal, rounded) {
        (0, 0) => format!("no day of {days} is equal"),
        (0, rounded) => format!("equal but for rounding on {rounded} of {}", plural(days, "day")),
        (equal, 0) => format!("equal on {equal} of {}", plural(days, "day")),
        (equal, rounded) => {
            format!("equal on {equal} of {}, and but for rounding on {rounded} more", plural(days, "day"))
        }
    };
    format!("Billed {billed}, computed {} beside it: {days}.", dollars(found.computed))
}

/// What of the spend stands in the bill alone, where a part of it does.
pub fn only_billed(report: &Report) -> Option<Text> {
    let from_bill = report.reconciliation.as_ref().map(|_| report.cost.from_bill)?;
    (!from_bill.is_zero()).then(|| {
        format!("{} of the spend is taken from the bill, since there is no usage beside it.", dollars(from_bill)).into()
    })
}

/// What the files bill for something else than LLM usage, where they say so, and the charges about no call: each that may
/// be for LLMs with its words, the rest by kind.
pub fn billed_for_other(report: &Report) -> Vec<Text> {
    let rest = (!report.billed_for_other.is_zero()).then(|| {
        let other = dollars(report.billed_for_other);
        format!("{other} in the files is billed for other things than LLM usage, and not counted.").into()
    });
    let (mut about_ai, others): (Vec<_>, Vec<_>) = report.other_charges.iter().partition(|line| line.about_ai);
    about_ai.sort_by_key(|line| std::cmp::Reverse(line.billed.units().unsigned_abs()));
    let (first, more) = about_ai.split_at(about_ai.len().min(report.row_limit(MOST_ITEMS)));
    let mut charges: Vec<Text> = first
        .iter()
        .map(|line| {
            let is_said = line.kind == "other" || line.item.to_lowercase().starts_with(line.kind);
            let kind = if is_said { String::new() } else { format!(" ({})", line.kind) };
            text!(dollars(line.billed), " ", name(&line.item, LONGEST_ITEM), kind)
        })
        .collect();
    if !more.is_empty() {
        charges.push(format!("{} {} more", dollars(sum(more.iter().map(|line| line.billed))), more.len()).into());
    }
    let mut kinds: Vec<(&str, Money)> = Vec::new();
    for line in others {
        match kinds.iter_mut().find(|(kind, _)| *kind == line.kind) {
            Some((_, amount)) => *amount = sum([*amount, line.billed]),
            None => kinds.push((line.kind, line.billed)),
        }
    }
    charges.extend(kinds.iter().map(|(kind, amount)| format!("{} {}", dollars(*amount), charge_words(kind)).into()));
    let besides = (!charges.is_empty())
        .then(|| text!("Lines of their own, in no verdict and no saving: ", Text::joined(charges, ", "), "."));
    rest.into_iter().chain(besides).collect()
}

/// A kind of charge in words.
pub fn charge_words(kind: &str) -> &str {
    match kind {
        "credit" => "credits",
        "tax" => "taxes",
        "purchase" => "purchases",
        "commitment" => "commitments",
        "tool" => "tools",
        "other" => "storage, training and the like",
        other => other,
    }
}

/// How two sides stand to one another, in words.
pub fn verdict_words(verdict: &str) -> &'static str {
    match verdict {
        "equal" => "equal",
        "rounding" => "equal but for rounding",
        "under" => "billed more",
        "over" => "billed less",
        "billed-without-usage" => "billed without usage",
        _ => "usage without bill",
    }
}

/// How far the bill agrees, and where it does not: the largest differences first, with all digits, since they may differ
/// by less than a cent.
pub fn reconciliation(report: &Report, found: &Reconciliation) -> Option<Section> {
    let agreed_prices = found.models.iter().filter_map(|model| {
        let ratio = model.agreed_ratio.as_ref().filter(|ratio| *ratio != "1")?;
        Some(text!(
            name(format!("{}/{}", model.provider, model.model), LONGEST_PATH),
            format!(
                " is billed at {ratio} of its price in the table on all {}, as an agreed price would be.",
                plural(model.days, "day")
            )
        ))
    });
    let mut said: Vec<Text> = std::iter::once(verdict(report, found)).chain(agreed_prices).collect();
    if report.agreed.is_none() && said.len() > 1 {
        said.push("All figures here are at list price; `--basis billed` puts them on what is paid.".into());
    }
    let mut unequal: Vec<&Compared> =
        found.lines.iter().filter(|line| !matches!(line.verdict, "equal" | "rounding")).collect();
    unequal.sort_by_key(|line| std::cmp::Reverse(line.residual.units().unsigned_abs()));
    for (verdict, why) in [
        ("under", "Billed more than computed: usage or a price is missing."),
        ("over", "Billed less than computed: a discount, a credit, or usage of another account."),
    ] {
        said.extend(unequal.iter().any(|line| line.verdict == verdict).then(|| why.into()));
    }
    let most = report.row_limit(MOST_ROWS);
    let section = Section::new("reconciliation", "Reconciliation with the bill").paragraphs(said).table(compared(
        unequal,
        most,
        Precision::Exact,
    ));
    match items(report, found) {
        Some((heading, table)) => section.paragraph(heading).table(table).if_any(),
        None => section.if_any(),
    }
}

/// Both sides of days, models or token classes.
fn compared<'r>(lines: impl IntoIterator<Item = &'r Compared>, most: usize, precision: Precision) -> Table {
    let lines: Vec<&Compared> = lines.into_iter().collect();
    let is_fine = lines.iter().any(|line| line.model.is_some() || line.token_class.is_some());
    let amount =
        |amount: Option<Money>| amount.map_or_else(|| Cell::text("nothing"), |amount| Cell::Money(amount, precision));
    let row = |line: &&Compared| {
        let of = line.model.as_deref().map(|model| Cell::text(name(model, LONGEST_PATH)));
        let fine = is_fine.then(|| [of.unwrap_or_default(), Cell::text(line.token_class.unwrap_or_default())]);
        Row::new(
            [Cell::Date(line.day.to_string()), Cell::text(name(&*line.provider, LONGEST_PATH))]
                .into_iter()
                .chain(fine.into_iter().flatten())
                .chain([amount(line.computed), amount(line.billed), Cell::Money(line.residual, precision)])
                .chain([Cell::text(verdict_words(line.verdict))]),
        )
    };
    let fine = is_fine.then_some([("Model", Words), ("Token class", Words)]);
    let columns = [("Day", Words), ("Provider", Words)].into_iter().chain(fine.into_iter().flatten()).chain(SIDES);
    let mut table = Table::new(columns.chain([("Verdict", Words)]));
    table.optional_columns = if is_fine { &[6, 1] } else { &[4] };
    table.rows(lines.iter().map(row), most)
}

/// Each day of each provider.
pub fn days(found: &Reconciliation, most: usize) -> Table {
    compared(&found.days, most, Precision::Exact)
}

/// As finely as the bill is written.
pub fn lines(found: &Reconciliation, most: usize) -> Table {
    compared(&found.lines, most, Precision::Exact)
}

/// Sums of the days of each provider, and of all of them.
pub fn providers(found: &Reconciliation) -> Table {
    let mut names: Vec<&str> = found.days.iter().map(|day| &*day.provider).collect();
    names.sort_unstable();
    names.dedup();
    let mut table =
        Table::new([("Provider", Words), ("Days", Figure)].into_iter().chain(SIDES).chain([("Standing", Words)]));
    table.rows = names
        .into_iter()
        .map(|provider| {
            let own = || found.days.iter().filter(|day| &*day.provider == provider);
            let amounts = [
                sum(own().filter_map(|day| day.computed)),
                sum(own().filter_map(|day| day.billed)),
                sum(own().map(|day| day.residual)),
            ];
            let cells = [Cell::text(name(provider, LONGEST_PATH)), Cell::Count(own().count() as u128)];
            Row::new(cells.into_iter().chain(amounts.map(exact)).chain([Cell::Empty]))
        })
        .collect();
    let all = [found.computed, found.billed, found.residual].map(exact);
    let standing = Cell::text(standing_words(found.standing));
    table.total = Some(Row::new([Cell::text("All"), Cell::Empty].into_iter().chain(all).chain([standing])));
    table
}

/// Each model, on the days that both sides have.
pub fn models(found: &Reconciliation) -> Table {
    let columns = [("Provider", Words), ("Model", Words), ("Days", Rate)].into_iter().chain(SIDES);
    let row = |model: &ComparedModel| {
        let amounts = [model.computed, model.billed, model.residual].map(exact);
        let ratio = model.agreed_ratio.clone().map_or(Cell::Empty, Cell::text);
        Row::new(
            [Cell::text(name(&model.provider, LONGEST_PATH)), Cell::text(name(&model.model, LONGEST_PATH))]
                .into_iter()
                .chain([Cell::Count(model.days.into())])
                .chain(amounts)
                .chain([ratio]),
        )
    };
    let mut table = Table::new(columns.chain([("Billed ÷ computed", Rate)]));
    table.rows = found.models.iter().map(row).collect();
    table
}

/// The word on the whole bill.
pub fn verdict(report: &Report, found: &Reconciliation) -> Text {
    let standing = report.agreement().map_or(found.standing, |agreed| agreed.standing);
    text!(format!("{}: {}.", standing_words(standing), agreement_words(report, found)))
}

/// How far the bill agrees with the prices that figures stand on, and with list prices where these are others.
pub fn agreement_words(report: &Report, found: &Reconciliation) -> String {
    let agreed = report.agreement();
    let (standing, coverage) =
        agreed.map_or((found.standing, &found.coverage), |agreed| (agreed.standing, &agreed.coverage));
    let (billed, covered, prices) = (dollars(found.billed), percent(coverage.as_ref()), prices(report));
    let residual = residual(report, found);
    let gap = share_of(residual, found.billed).map_or_else(String::new, |share| format!(" ({share})"));
    let gap = format!("net gap {}{gap}", dollars(residual));
    let at_list =
        agreed.map_or_else(String::new, |_| format!("; at list prices {} matches", percent(found.coverage.as_ref())));
    match standing {
        "usable" => {
            format!("{covered} of the {billed} billed beside usage matches {prices} (threshold 99 %){at_list}")
        }
        "usable with residual" => {
            format!("{covered} of the {billed} billed beside usage matches {prices} (threshold 99 %); {gap}{at_list}")
        }
        _ => {
            let differs = coverage.as_ref().and_then(|share| Some(Money::parse(share, DecimalStyle::Point).ok()?.0));
            let differs = differs.map(|share| difference(Money::from_units(10_i128.pow(18)), share).to_string());
            let differs = percent(differs.as_ref());
            format!(
                "{differs} of the {billed} billed beside usage sits on lines that differ from {prices}; {gap}{at_list}"
            )
        }
    }
}

/// What stands on the bill besides tokens that are paid for, and what leads to it.
pub fn items(report: &Report, found: &Reconciliation) -> Option<(Text, Table)> {
    let words = |line: &BilledItem| -> Text {
        let item = name(&line.item, LONGEST_ITEM);
        match (line.kind, line.list_value) {
            ("free-tokens", Some(value)) => text!(item, format!(": free daily tokens, worth {}", dollars(value))),
            ("free-tokens", None) => text!(item, ": free daily tokens"),
            ("other", _) => item.into(),
            (kind, _) => text!(item, " (", kind, ")"),
        }
    };
    let row = |line: &BilledItem| Row::new([Cell::Text(words(line)), Cell::cents(line.billed)]);
    let table = Table::new([("For", Words), ("Billed", Figure)]);
    let table = table.rows(found.items.iter().map(row), report.row_limit(MOST_ITEMS));
    let total = sum(found.items.iter().map(|line| line.billed));
    let heading = format!("On the bill besides tokens, {} in all and in no difference above:", dollars(total));
    (!table.is_empty()).then(|| (heading.into(), table))
}
