//! The first screen: what is spent, what is batch-eligible, what that saves, how sure it is, and what has to be decided.

use super::canvas::{Canvas, Scale, WIDTH};
use super::components::{Cell, Key, Markup, markup};
use super::pictures::{shares, strip};
use crate::money::Money;
use crate::plan::ahead::Ahead;
use crate::policy::Cases;
use crate::report::document::{
    self, Block, CASES, Document, Kind, PLAIN, Precision, Text, UNKNOWN, bound, quote, saves_at_least, text,
};
use crate::report::estimate::Estimate;
use crate::report::plan::{Draft, View};
use crate::report::words::{difference, exact_dollars, month_words, percent, plural, share_of, sum, whole_dollars};
use crate::report::{Projected, Report, Scenario};

/// The section that the first screen has in place of its part.
pub const CERTAINTY: &str = "certainty";
/// Questions on the first screen.
const MOST_QUESTIONS: usize = 3;

/// A figure with its name.
#[derive(Debug)]
pub struct Tile {
    /// What it is.
    pub name: &'static str,
    /// The key of the exact amount, for whoever reads the page by machine.
    pub key: &'static str,
    /// The amount.
    pub figure: Cell,
    /// Behind it, such as its share.
    pub beside: String,
    /// From low to high.
    pub range: Option<Range>,
    /// What belongs to it.
    pub note: Markup,
}

/// The low, base and high case.
#[derive(Debug)]
pub struct Range {
    /// A bar of it.
    pub svg: Markup,
    /// The low case.
    pub low: Cell,
    /// The high case.
    pub high: Cell,
}

/// The first screen.
#[derive(Debug, Default)]
pub struct Answer {
    /// The heading of the page, sentence by sentence.
    pub heading: Vec<Markup>,
    /// Sentences below it.
    pub lead: Vec<Markup>,
    /// Why the figures are not complete.
    pub incomplete: Vec<Markup>,
    /// Whether the figures can be presented, and the class of the sentence.
    pub status: Option<(Markup, &'static str)>,
    /// What alarms.
    pub alarms: Vec<Markup>,
    /// The figures.
    pub tiles: Vec<Tile>,
    /// What their low and high cases are.
    pub cases: Option<&'static str>,
    /// One bar of all spend.
    pub strip: Option<Markup>,
    /// What its colours mean, and the amounts.
    pub shares: Vec<(Key, Cell)>,
    /// How sure it is: the check, its result, and what it stands on.
    pub checks: Vec<[Markup; 3]>,
    /// What has to be decided: what is at stake, and the question.
    pub decisions: Vec<[Markup; 2]>,
    /// What is left of these, and the budget.
    pub also: Vec<String>,
}

/// Puts it together.
pub fn answer(document: &Document, draft: &Draft<'_>, view: View) -> Answer {
    let report = draft.report;
    let headline = &document.headline;
    let all = |texts: &[Text]| texts.iter().map(markup).collect::<Vec<_>>();
    let saving = &report.batch_only.saving;
    let shares = shares(report);
    let most = document.row_limit(MOST_QUESTIONS).min(MOST_QUESTIONS);
    let (questions, _, rest) = table(document, "questions").map(|table| table.split(most)).unwrap_or_default();
    let rest = rest.map(|rest| format!("{}, {}.", rest.cells[1].drawn(&PLAIN), rest.cells[0].drawn(&PLAIN)));
    let cell = |cell: &document::Cell| Cell::of(cell).text;
    Answer {
        heading: all(&headline.answer),
        lead: all(&headline.details),
        incomplete: all(&headline.incomplete),
        status: headline
            .status
            .as_ref()
            .map(|status| (markup(&status.text), if status.is_alarm { "alarm" } else { "notice" })),
        alarms: all(&headline.alarms),
        tiles: match view {
            View::Report => report_tiles(draft),
            View::Plan => plan_tiles(draft),
        },
        cases: (saving.low != saving.high).then_some(CASES),
        strip: (!shares.is_empty()).then(|| Markup(strip(&shares))),
        shares: shares.into_iter().map(|(key, cost)| (key, Cell::whole(cost))).collect(),
        checks: table(document, CERTAINTY)
            .into_iter()
            .flat_map(|table| &table.rows)
            .filter_map(|row| <&[_; 3]>::try_from(row.cells.as_slice()).ok())
            .map(|cells| cells.each_ref().map(cell))
            .collect(),
        decisions: questions.iter().map(|row| [cell(&row.cells[0]), cell(&row.cells[1])]).collect(),
        also: rest.into_iter().chain(limits(draft)).collect(),
    }
}

/// The same of an estimate: figures alone, since nothing was read that could be checked or decided.
pub fn of_estimate(document: &Document, estimate: &Estimate) -> Answer {
    let (today, of) = (estimate.spend, |scenario: &Scenario| percent(scenario.share.base.as_ref()));
    let batch = &estimate.batch_only;
    let spend = Tile {
        name: "You spend",
        key: "today",
        figure: Cell::whole(today),
        beside: "a month".to_owned(),
        range: None,
        note: Markup::default(),
    };
    let mut tiles = vec![spend, saving("Batch alone saves", "batch_only.saving", batch.saving, today, of(batch))];
    tiles.extend(estimate.combined.as_ref().map(|combined| {
        let total = &combined.total;
        saving("Batch and routing save", "combined.saving", total.saving, today, of(total))
    }));
    Answer { heading: document.headline.answer.iter().map(markup).collect(), tiles, ..Answer::default() }
}

/// The table of a section.
fn table<'d>(document: &'d Document, id: &str) -> Option<&'d document::Table> {
    document.sections().find(|section| section.id == id)?.blocks.iter().find_map(Block::table)
}

/// A saving, with its range on a bar that ends at today's cost: hatched from the base case on, where it stands on what is
/// undecided.
fn saving(name: &'static str, key: &'static str, cases: Cases<Money>, today: Money, beside: String) -> Tile {
    ranged(name, key, cases, today, ["fill-range", "fill-open"], beside)
}

/// A saving with the classes of its bar up to the base case and beyond it.
fn ranged(
    name: &'static str,
    key: &'static str,
    cases: Cases<Money>,
    today: Money,
    classes: [&str; 2],
    beside: String,
) -> Tile {
    let (least, most) = (cases.low.min(Money::ZERO), cases.high.max(today));
    let scale = Scale::new((least, most), (0, WIDTH));
    let mut canvas = Canvas::default();
    canvas.bar((0, WIDTH), (4, 10), "fill-track");
    for (class, (from, to)) in classes.into_iter().zip([(cases.low, cases.base), (cases.base, cases.high)]) {
        canvas.bar((scale.at(from), scale.at(to)), (4, 10), class);
    }
    let base = scale.at(cases.base).clamp(50, WIDTH - 50);
    canvas.bar((base - 50, base + 50), (0, 14), "fill-total");
    let [low, middle, high, whole] = [cases.low, cases.base, cases.high, today].map(whole_dollars);
    let words = format!("From {low} in the low case over {middle} to {high} in the high case, of {whole} a month.");
    let id = key.replace('.', "-");
    Tile {
        name,
        key,
        figure: Cell::whole(cases.base),
        beside,
        range: Some(Range {
            svg: Markup(canvas.picture(&id, 14, name, &words)),
            low: Cell::whole(cases.low),
            high: Cell::whole(cases.high),
        }),
        note: Markup(String::new()),
    }
}

/// A saving, as far as it is known.
fn as_known(projected: Projected, tile: Tile) -> Tile {
    if projected.is_unknown() {
        let figure = Cell::of(&document::Cell::text(UNKNOWN));
        return Tile { figure, beside: String::new(), range: None, note: Markup(String::new()), ..tile };
    }
    let text = Markup(format!("{}{}", saves_at_least(projected), tile.figure.text.0));
    Tile { figure: Cell { text, ..tile.figure }, ..tile }
}

fn spend(report: &Report) -> Tile {
    let period = report.period.map(|(period, _)| plural(u64::from(period.days()), "day"));
    let calls = (report.usage.requests > 0).then(|| plural(report.usage.requests, "request"));
    let of: Vec<String> = period.into_iter().chain(calls).collect();
    let figure = Cell::whole(report.today);
    Tile {
        name: "You spend",
        key: "today",
        figure: Cell { text: Markup(format!("{}{}", bound(report), figure.text.0)), ..figure },
        beside: "a month".to_owned(),
        range: None,
        note: Markup(if of.is_empty() { String::new() } else { format!("from {}", of.join(", ")) }),
    }
}

/// What is left of a saving net of failures and late results, where that is another figure. The plan stands on list prices
/// alone.
fn net(draft: &Draft<'_>, gross: Money, net: Money) -> Option<Text> {
    let is_known = draft.report.agreed.is_none() && !draft.plan.months.is_empty();
    let shown = whole_dollars(net);
    (is_known && shown != whole_dollars(gross)).then(|| format!("gross; {shown} net, in the plan").into())
}

fn report_tiles(draft: &Draft<'_>) -> Vec<Tile> {
    let (report, now) = (draft.report, &draft.plan.now);
    let undecided = document::cost(report, Kind::Undecided);
    let undecided = if undecided.is_zero() {
        "everything else is decided".to_owned()
    } else {
        format!("another {} is undecided", whole_dollars(undecided))
    };
    let of = |share: Option<&String>| share.map(|share| percent(Some(share))).unwrap_or_default();
    let combined = &report.combined;
    let words = (!combined.words.is_empty()).then(|| text!(quote(&combined.words, document::LONGEST_SENTENCE)));
    // What is assumed of routing is in no figure of the plan, and in no sum here.
    let (routing, in_plan) = if let Some(added) = document::assumed_routing(report) {
        let share = share_of(added.base, report.today).unwrap_or_default();
        let hatched = ["fill-open"; 2];
        (Some(ranged("Assumed routing would add", "combined.added", added, report.today, hatched, share)), None)
    } else if combined.kind == "assumed" {
        (None, None)
    } else {
        let (name, key) = ("Batch and routing save", "combined.saving");
        let both = saving(name, key, combined.total.saving, report.today, of(combined.total.share.base.as_ref()));
        let in_plan = net(draft, combined.total.saving.base, sum([now.batch.base, now.routing.base]));
        (Some(as_known(combined.total.projected, both)), in_plan)
    };
    let note = Text::joined(in_plan.into_iter().chain(words), "; ");
    let routing = routing.map(|tile| Tile { note: markup(&note), ..tile });
    let mut batch = saving(
        "Batch alone saves",
        "batch_only.saving",
        report.batch_only.saving,
        report.today,
        of(report.batch_only.share.base.as_ref()),
    );
    batch.note = markup(&net(draft, report.batch_only.saving.base, now.batch_only.base).unwrap_or_default());
    let mut tiles = vec![
        spend(report),
        Tile {
            name: "Batch-eligible",
            key: "can_wait",
            figure: Cell::whole(report.can_wait()),
            beside: share_of(report.can_wait(), report.today).unwrap_or_default(),
            range: None,
            note: Markup(undecided),
        },
        as_known(report.batch_only.projected, batch),
    ];
    tiles.extend(routing);
    tiles
}

fn plan_tiles(draft: &Draft<'_>) -> Vec<Tile> {
    let now = &draft.plan.now;
    let both = now.batch.zip(now.routing).map(|(batch, routing)| sum([batch, routing]));
    let projected = draft.report.batch_only.projected;
    let of = |saving: Money| share_of(saving, now.today).unwrap_or_default();
    let batch = saving("Moving to batch saves", "now.batch_only", now.batch_only, now.today, of(now.batch_only.base));
    let mut tiles = vec![spend(draft.report), as_known(projected, batch)];
    if !draft.plan.routes.is_empty() {
        let tile = saving("With routing of the rest", "now.combined", both, now.today, of(both.base));
        tiles.push(as_known(projected, tile));
    }
    if let Some(last) = draft.plan.months.last().filter(|_| !projected.is_unknown()) {
        let cost = |ahead: &Ahead| whole_dollars(ahead.cost.base);
        tiles.push(Tile {
            name: "A month with the plan",
            key: "last.combined",
            figure: Cell::whole(last.combined.cost.base),
            beside: month_words(last.month),
            range: None,
            note: Markup(format!(
                "{} if nothing is done, {} with batch alone",
                whole_dollars(last.today.base),
                cost(&last.batch_only),
            )),
        });
    }
    tiles
}

/// Decisions that are no questions to owners: the least saving worth a step, and the budget.
fn limits(draft: &Draft<'_>) -> impl Iterator<Item = String> {
    let plan = draft.plan;
    let aside = plan.steps.not_worth_it();
    let least = (aside.workloads > 0).then(|| {
        format!(
            "Is {} a month the least that is worth moving a workload? {} a month is at stake.",
            exact_dollars(plan.least_saving),
            Precision::Cents.shown(aside.saving)
        )
    });
    let budget = plan.months.last().and_then(|last| Some((last.budget?, last))).map(|(budget, last)| {
        let against = |cost: Money| {
            let left = difference(budget, cost);
            let word = if left.is_negative() { "over" } else { "below" };
            format!("{} {word} it", whole_dollars(left.abs()))
        };
        format!(
            "The budget of {} is {}; the month is {} with batch alone and {} with the plan.",
            month_words(last.month),
            whole_dollars(budget),
            against(last.batch_only.cost.base),
            against(last.combined.cost.base)
        )
    });
    least.into_iter().chain(budget)
}
