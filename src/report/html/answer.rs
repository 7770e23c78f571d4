//! The first screen: what is spent, what can wait, what that saves, how sure it is, and what has to be decided.

use super::canvas::{Canvas, Scale, WIDTH};
use super::parts::{Cell, Key, SHOW, amount, quotes};
use super::pictures::{shares, strip};
use crate::money::{Money, share};
use crate::plan::ahead::Ahead;
use crate::policy::Cases;
use crate::report::Projected;
use crate::report::Report;
use crate::report::content::{self, Kind};
use crate::report::plan::content as plan_content;
use crate::report::plan::{Draft, View};
use crate::report::words::{cost_and_saving, difference, dollars, grouped, percent, plural, sum};

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
    pub note: String,
}

/// The low, base and high case.
#[derive(Debug)]
pub struct Range {
    /// A bar of it.
    pub svg: String,
    /// The low case.
    pub low: Cell,
    /// The high case.
    pub high: Cell,
}

/// Something that says how far the figures can be relied on.
#[derive(Debug)]
pub struct Ground {
    /// What it is.
    pub name: &'static str,
    /// The word or the share.
    pub value: String,
    /// What is meant.
    pub note: String,
}

/// A decision, and what hangs on it.
#[derive(Debug)]
pub struct Decision {
    /// What hangs on it.
    pub hangs: String,
    /// The question.
    pub question: String,
}

/// The first screen.
#[derive(Debug)]
pub struct Answer {
    /// The heading of the page, sentence by sentence.
    pub heading: Vec<String>,
    /// Sentences below it.
    pub lead: Vec<String>,
    /// Why the figures are not complete.
    pub incomplete: Vec<String>,
    /// Why nobody should be shown the figures.
    pub stop: Option<String>,
    /// What alarms.
    pub alarms: Vec<String>,
    /// The figures.
    pub tiles: Vec<Tile>,
    /// What their low and high cases are.
    pub cases: Option<&'static str>,
    /// One bar of all spend.
    pub strip: Option<String>,
    /// What its colours mean, and the amounts.
    pub shares: Vec<(Key, Cell)>,
    /// How sure it is.
    pub grounds: Vec<Ground>,
    /// What has to be decided.
    pub decisions: Vec<Decision>,
    /// What is left of these, and the budget.
    pub also: Vec<String>,
}

/// Puts it together.
pub fn answer(draft: &Draft<'_>, view: View) -> Answer {
    let report = draft.report;
    let (heading, mut lead, tiles) = match view {
        View::Report => (content::answer(report), Vec::new(), report_tiles(draft)),
        View::Plan => {
            let mut said = plan_content::headline(draft, SHOW);
            let rest = said.split_off(said.len().min(1));
            let heading =
                said.iter().flat_map(|said| said.split_inclusive(". ")).map(|said| said.trim_end().to_owned());
            (heading.collect(), rest, plan_tiles(draft))
        }
    };
    lead.extend(content::basis(report, SHOW.name));
    if view == View::Report {
        lead.extend(report.undecided.is_headline.then(|| content::planning(report)));
    }
    if !lead.iter().any(|said| content::unknown_saving(report) == Some(said.as_str())) && !report.undecided.is_headline
    {
        lead.extend(content::unknown_saving(report).map(ToOwned::to_owned));
    }
    let all = shares(report);
    let (decisions, also) = decisions(draft);
    let (stop, alarm) = bill_alarms(report);
    Answer {
        heading: heading.iter().map(|sentence| quotes(sentence)).collect(),
        lead: lead.iter().map(|sentence| quotes(sentence)).collect(),
        incomplete: report.incomplete.iter().map(|note| quotes(&(SHOW.text)(&note.message))).collect(),
        alarms: alarm.into_iter().chain(content::unpriced(report, SHOW.name)).collect(),
        stop,
        tiles,
        cases: content::cases(report),
        strip: (!all.is_empty()).then(|| strip(&all)),
        shares: all.into_iter().map(|(key, shown, exact)| (key, amount(shown, exact))).collect(),
        grounds: grounds(report),
        decisions,
        also,
    }
}

/// Why nobody should be shown the figures, or else what alarms of the bill.
fn bill_alarms(report: &Report) -> (Option<String>, Option<String>) {
    let alarm = content::bill_alarm(report);
    match report.reconciliation.as_ref().filter(|found| found.standing == "do not present") {
        Some(found) => (alarm.or_else(|| content::reconciliation(report, found, SHOW.name).into_iter().next()), None),
        None => (None, alarm),
    }
}

fn share_of(part: Money, whole: Money) -> String {
    share(part, whole).map(|share| percent(Some(&share))).unwrap_or_default()
}

/// A saving, with its range on a bar that ends at today's cost.
fn saving(name: &'static str, key: &'static str, cases: Cases<Money>, today: Money, beside: String) -> Tile {
    let (least, most) = (cases.low.min(Money::ZERO), cases.high.max(today));
    let scale = Scale::new((least, most), (0, WIDTH));
    let mut canvas = Canvas::default();
    canvas.bar((0, WIDTH), (4, 10), "fill-track");
    canvas.bar((scale.at(cases.low), scale.at(cases.high)), (4, 10), "fill-range");
    let base = scale.at(cases.base).clamp(50, WIDTH - 50);
    canvas.bar((base - 50, base + 50), (0, 14), "fill-total");
    let words = format!(
        "From {} in the low case over {} to {} in the high case, of {} a month.",
        dollars(cases.low),
        dollars(cases.base),
        dollars(cases.high),
        dollars(today)
    );
    let id = key.replace('.', "-");
    Tile {
        name,
        key,
        figure: amount(cases.base, cases.base),
        beside,
        range: Some(Range {
            svg: canvas.picture(&id, 14, name, &words),
            low: amount(cases.low, cases.low),
            high: amount(cases.high, cases.high),
        }),
        note: String::new(),
    }
}

/// A saving, as far as it is known.
fn as_known(projected: Projected, tile: Tile) -> Tile {
    if projected.is_unknown() {
        let figure = Cell { text: content::UNKNOWN.to_owned(), ..Cell::default() };
        return Tile { figure, beside: String::new(), range: None, note: String::new(), ..tile };
    }
    let text = format!("{}{}", content::saves_at_least(projected), tile.figure.text);
    Tile { figure: Cell { text, ..tile.figure }, ..tile }
}

fn spend(report: &Report) -> Tile {
    let period = report.period.map(|(period, _)| plural(u64::from(period.days()), "day"));
    let calls = (report.usage.requests > 0).then(|| plural(report.usage.requests, "request"));
    let of: Vec<String> = period.into_iter().chain(calls).collect();
    let bound = content::bound(report);
    Tile {
        name: "You spend",
        key: "today",
        figure: Cell { text: format!("{bound}{}", dollars(report.today)), ..amount(report.today, report.today) },
        beside: "a month".to_owned(),
        range: None,
        note: if of.is_empty() { String::new() } else { format!("from {}", of.join(", ")) },
    }
}

/// What is left of a saving once it runs, where that is another figure. The plan stands on list prices alone.
fn once_it_runs(draft: &Draft<'_>, saving: Money, running: Money) -> Option<String> {
    let is_known = draft.report.agreed.is_none() && !draft.plan.months.is_empty();
    let shown = dollars(running);
    (is_known && shown != dollars(saving)).then(|| format!("on paper; {shown} in the plan, once it runs"))
}

fn report_tiles(draft: &Draft<'_>) -> Vec<Tile> {
    let (report, now) = (draft.report, &draft.plan.now);
    let waits = content::shown_cost(report, Kind::CanWait);
    let open = content::shown_cost(report, Kind::Open);
    let note = if open.is_zero() {
        "everything else is decided".to_owned()
    } else {
        format!("for {} nobody has said", dollars(open))
    };
    let of = |share: Option<&String>| share.map(|share| percent(Some(share))).unwrap_or_default();
    let combined = &report.combined;
    let mut both = saving(
        "Batch and routing save",
        "combined.saving",
        combined.total.saving,
        report.today,
        of(combined.total.share.base.as_ref()),
    );
    let words = Some(quotes(&(SHOW.text)(&combined.words))).filter(|words| !words.is_empty());
    let in_plan = sum([now.batch.base, now.routing.base]);
    // What is assumed of routing is in no figure of the plan.
    let in_plan = if draft.plan.routing_assumed.is_some() {
        None
    } else {
        once_it_runs(draft, combined.total.saving.base, in_plan)
    };
    both.note = in_plan.into_iter().chain(words).collect::<Vec<_>>().join("; ");
    let mut batch = saving(
        "Batch alone saves",
        "batch_only.saving",
        report.batch_only.saving,
        report.today,
        of(report.batch_only.share.base.as_ref()),
    );
    batch.note = once_it_runs(draft, report.batch_only.saving.base, now.batch_only.base).unwrap_or_default();
    vec![
        spend(report),
        Tile {
            name: "Can wait",
            key: "can_wait",
            figure: amount(waits, report.can_wait()),
            beside: share_of(report.can_wait(), report.today),
            range: None,
            note,
        },
        as_known(report.batch_only.projected, batch),
        as_known(combined.total.projected, both),
    ]
}

fn plan_tiles(draft: &Draft<'_>) -> Vec<Tile> {
    let now = &draft.plan.now;
    let both = now.batch.zip(now.routing).map(|(batch, routing)| sum([batch, routing]));
    let batch = now.batch_only;
    let projected = draft.report.batch_only.projected;
    let savings =
        [saving("Moving to batch saves", "now.batch_only", batch, now.today, share_of(batch.base, now.today))];
    let mut tiles = vec![spend(draft.report)];
    tiles.extend(savings.map(|tile| as_known(projected, tile)));
    if !draft.plan.routes.is_empty() {
        let tile = saving("With routing of the rest", "now.combined", both, now.today, share_of(both.base, now.today));
        tiles.push(as_known(projected, tile));
    }
    if let Some(last) = draft.plan.months.last().filter(|_| !projected.is_unknown()) {
        // To the cent as they stand beside what is saved of them.
        let left = |ahead: &Ahead| cost_and_saving(ahead.saving.base, last.today.base)[0];
        tiles.push(Tile {
            name: "A month with the plan",
            key: "last.combined",
            figure: amount(left(&last.combined), last.combined.cost.base),
            beside: last.month.to_string(),
            range: None,
            note: format!(
                "{} if nothing is done, {} with batch alone",
                dollars(last.today.base),
                dollars(left(&last.batch_only)),
            ),
        });
    }
    tiles
}

fn grounds(report: &Report) -> Vec<Ground> {
    let bill = match &report.reconciliation {
        Some(found) => {
            Ground { name: "Against the bill", value: content::standing(report, found), note: content::bill(report) }
        }
        None => Ground {
            name: "Against the bill",
            value: if report.cost.billed.is_some() { "the bill itself" } else { "no bill" }.to_owned(),
            note: content::bill(report),
        },
    };
    let billed = report.usage.unpriced_billed;
    let tokens = report.usage.tokens.total();
    let unpriced = u128::from(report.usage.unpriced_tokens);
    let priced = Ground {
        name: "Priced",
        value: match (unpriced, billed.is_zero()) {
            (0, true) => "everything".to_owned(),
            (0, false) => share_of(difference(report.cost.computed, billed), report.cost.computed),
            _ => part_of(tokens.saturating_sub(unpriced), tokens),
        },
        note: if !billed.is_zero() {
            format!("{} on the bill is for models without a price", dollars(billed))
        } else if unpriced == 0 {
            "every model has a price".to_owned()
        } else {
            format!("{} tokens have no price and are in no figure", grouped(unpriced))
        },
    };
    let open = &report.undecided;
    let undecided = Ground {
        name: "Undecided",
        value: if open.groups == 0 { "nothing".to_owned() } else { share_of(open.monthly_cost, report.today) },
        note: if open.groups == 0 {
            "something is known of every workload".to_owned()
        } else {
            format!("{} a month in {}", dollars(content::shown_cost(report, Kind::Open)), plural(open.groups, "group"))
        },
    };
    let read: u128 = report.inputs.iter().map(|input| u128::from(input.read)).sum();
    let rejected: u128 = report
        .inputs
        .iter()
        .flat_map(|input| &input.rows)
        .filter(|(fate, _)| *fate == "rejected")
        .map(|(_, count)| u128::from(*count))
        .sum();
    let rows = Ground {
        name: "Rows",
        value: if rejected == 0 { "all read".to_owned() } else { format!("{} rejected", grouped(rejected)) },
        note: format!("{} in the ledger, each with what became of it", grouped(read)),
    };
    vec![bill, priced, undecided, rows]
}

/// A share of tokens, never rounded up to all of them.
fn part_of(part: u128, whole: u128) -> String {
    let tenths = part.saturating_mul(1_000).checked_div(whole).unwrap_or(0);
    format!("{}.{} %", tenths / 10, tenths % 10)
}

fn decisions(draft: &Draft<'_>) -> (Vec<Decision>, Vec<String>) {
    let (asked, rest) =
        content::questions(draft.report, draft.report.most(MOST_QUESTIONS).min(MOST_QUESTIONS), SHOW.name);
    let decisions = asked
        .into_iter()
        .map(|line| Decision { hangs: line.hangs, question: quotes(&(SHOW.text)(&line.asked.question)) })
        .collect();
    let mut also: Vec<String> = rest.map(|rest| format!("{rest}.")).into_iter().collect();
    let plan = draft.plan;
    let aside = plan.steps.not_worth_it();
    if aside.workloads > 0 {
        also.push(format!(
            "Is ${} a month the least that is worth moving a workload? {} a month hangs on it.",
            plan.least_saving,
            dollars(aside.saving)
        ));
    }
    also.extend(plan.months.last().and_then(|last| Some((last.budget?, last))).map(|(budget, last)| {
        let against = |cost: Money| {
            let left = difference(budget, cost);
            if left.is_negative() {
                format!("{} over it", dollars(left.abs()))
            } else {
                format!("{} below it", dollars(left))
            }
        };
        format!(
            "The budget of {} is {}; the month is {} with batch alone and {} with the plan.",
            last.month,
            dollars(budget),
            against(last.batch_only.cost.base),
            against(last.combined.cost.base)
        )
    }));
    (decisions, also)
}
