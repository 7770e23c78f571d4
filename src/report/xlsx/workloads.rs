//! The sheet of workloads: each row's constants as values, and what the assumptions make of them by formulas.

mod columns;

use std::collections::HashMap;

use rust_xlsxwriter::{Worksheet, XlsxError};

use super::cells::{Drawn, Page, cell_of, column_of, in_order};
use super::number;
use super::style::Style;
use crate::money::Money;
use crate::plan::routing::RouteLine;
use crate::plan::workbook_model::WorkbookRow;
use crate::plan::workbook_model::lines::{Line, Lines, is_not_migrated, saved_if_all_is_routed};
use crate::policy::Cases;
use crate::report::plan::Draft;
use crate::report::words::{grouped, sum};
pub use columns::{BY_WAY, Column, IN_BATCH_GROSS, IN_BATCH_NET, MOVES, ROUTING};
use columns::{looks, titles};

const HEAD: u32 = 6;
const TOTAL: u32 = HEAD - 1;
const FIRST: u32 = HEAD + 1;
/// The last column that is printed; what follows is how it is worked out.
const LAST_SHOWN: u16 = Column::BaseCase.number();
const LAST: u16 = Column::Begins.number();

/// Where a sheet of workloads has its rows.
#[derive(Debug)]
pub struct Rows {
    /// The sheet.
    pub sheet: String,
    last: u32,
    /// Rows of the sheet by their place among all rows; those that are summed have none.
    places: HashMap<usize, u32>,
}

impl Rows {
    /// The cells of a column, as formulas of other sheets name them.
    pub fn column(&self, column: Column) -> String {
        column_of(&self.sheet, &column.letters(), FIRST, self.last)
    }

    /// The cell of one of all rows, if it stands alone on the sheet.
    pub fn cell(&self, row: usize, column: Column) -> Option<String> {
        self.places.get(&row).map(|at| cell_of(&self.sheet, *at, column.number()))
    }
}

/// The sheet of a month of the period, on which it is decided what moves.
const SHEET: &str = "Workloads";

/// Writes the sheets: a month of the period, then the base months at each price list.
pub fn sheets(style: &Style, draft: &Draft<'_>) -> Result<Vec<(Worksheet, Rows)>, XlsxError> {
    draft.plan.at_prices.iter().map(|at| write(style, at, draft)).collect()
}

fn write(style: &Style, at: &Lines, draft: &Draft<'_>) -> Result<(Worksheet, Rows), XlsxError> {
    let lines = &at.lines;
    let name = at.from.map_or_else(|| SHEET.to_owned(), |day| format!("{SHEET} {day}"));
    let prices = match at.from {
        None => "A month at the prices of the period, in USD. Amounts right of the sums are constants of each row and how the rest is worked out from them and the assumptions.".to_owned(),
        Some(day) => format!("All base months of the forecast together, at the prices known on {day}, in USD: what the months ahead are scaled from. What moves is decided on the sheet {SHEET}."),
    };
    let all: usize = lines.iter().map(|line| line.count).sum();
    let summed: usize = lines.iter().map(|line| line.count).filter(|count| *count > 1).sum();
    let cut = if lines.iter().any(|line| line.named.is_none()) {
        format!(
            "Of {} rows the largest {} stand alone; the others are summed by what becomes of them, so that totals agree. A sum is decided as one row. All rows are in the JSON and CSV.",
            grouped(all as u128),
            grouped((all - summed) as u128),
        )
    } else {
        String::new()
    };
    let mut sheet = Worksheet::new();
    let mut page = Page::new(
        &mut sheet,
        style,
        &name,
        &[
            &prices,
            "“Batch saves” counts whatever could move; “saved in the base case” is what does, by batch or else by routing.",
            &cut,
        ],
    )?;
    page.widths(&[30, 11, 24, 12, 11, 26, 14, 11, 13, 13, 13, 13, 13])?;
    page.sheet.set_column_range_width(LAST_SHOWN + 1, LAST, 11)?;
    page.looks(&looks(style))?;
    page.sheet.group_columns(LAST_SHOWN + 1, LAST)?;
    page.sheet.set_row_height(HEAD, 42)?;
    page.head(HEAD, 0, &titles())?;
    let last = FIRST + u32::try_from(lines.len()).unwrap_or(u32::MAX).saturating_sub(1).min(1_000_000);
    for (row, line) in (FIRST..).zip(lines) {
        constants(&mut page, row, line)?;
        formulas(&mut page, (row, last), line, &draft.plan.routes, at.from.is_none())?;
    }
    totals(&mut page, last, lines, !draft.plan.routes.is_empty())?;
    page.sheet.autofilter(HEAD, 0, last, LAST)?;
    page.finish(HEAD, LAST, 1, (last, LAST_SHOWN))?;
    let places = (FIRST..).zip(lines).filter_map(|(at, line)| Some((line.named.as_ref()?.0.row, at))).collect();
    Ok((sheet, Rows { sheet: name, last, places }))
}

/// Sums of the rows that a filter shows.
fn totals(page: &mut Page<'_>, last: u32, lines: &[Line], has_routes: bool) -> Drawn {
    let style = page.style;
    for column in 0..=LAST_SHOWN {
        page.sheet.write_blank(TOTAL, column, &style.total_label)?;
    }
    page.text(TOTAL, 0, "Sum of the rows shown", &style.total_label)?;
    let mut total = |column: Column, amount: &dyn Fn(&WorkbookRow) -> Money| {
        let letters = column.letters();
        let formula = format!("=SUBTOTAL(109,{letters}{}:{letters}{})", FIRST + 1, last + 1);
        let result = sum(lines.iter().map(|line| amount(&line.row))).to_string();
        page.formula(TOTAL, column.number(), formula, result, &style.total)
    };
    total(Column::Cost, &|row| row.cost.unwrap_or_default())?;
    total(Column::Gross, &gross_saving)?;
    total(Column::Net, &net_saving)?;
    total(Column::BaseCase, &|row| base_case(row, has_routes))?;
    Ok(())
}

/// What batch saves on paper, where it saves anything.
fn gross_saving(row: &WorkbookRow) -> Money {
    row.gross_saving.max(Money::ZERO)
}

/// What is left of it once it runs, on what moves or would move.
fn net_saving(row: &WorkbookRow) -> Money {
    if is_not_migrated(row) { Money::ZERO } else { row.net_saving.max(Money::ZERO) }
}

/// What is saved in the base case; routing that is assumed is on paper only.
fn base_case(row: &WorkbookRow, has_routes: bool) -> Money {
    match row.batched.base {
        true => net_saving(row),
        false if has_routes => row.routing.base,
        false => Money::ZERO,
    }
}

fn constants(page: &mut Page<'_>, at: u32, line: &Line) -> Drawn {
    let (row, style) = (&line.row, page.style);
    if let Some((named, number)) = &line.named {
        page.text(at, Column::Workload.number(), &named.workload, None)?;
        page.text(at, Column::Provider.number(), &named.provider, None)?;
        page.text(at, Column::Model.number(), &named.model, None)?;
        page.text(at, Column::Reasons.number(), &named.reasons.join("; "), None)?;
        page.text(at, Column::Owner.number(), named.owner.as_deref().unwrap_or_default(), None)?;
        page.count(at, Column::Number.number(), Some(*number))?;
    } else {
        let more = format!("{} more rows", grouped(line.count as u128));
        page.text(at, Column::Workload.number(), &more, &style.text)?;
        page.text(at, Column::Reasons.number(), "summed", &style.faint)?;
    }
    page.text(at, Column::Verdict.number(), row.verdict.action.name(), None)?;
    page.text(at, Column::Band.number(), row.band().unwrap_or_default(), None)?;
    page.count(at, Column::Requests.number(), row.requests)?;
    page.money(at, Column::Cost.number(), row.cost, None)?;
    for (way, column) in BY_WAY.into_iter().enumerate() {
        page.money(at, column.number(), row.in_batch.map(|costs| costs.by_way[way]), None)?;
    }
    page.money(at, Column::AllHits.number(), row.in_batch.map(|costs| costs.all_hits), None)?;
    page.money(at, Column::Routable.number(), row.routable, None)?;
    page.count(at, Column::Route.number(), row.route.map(|route| route as u64 + 1))?;
    page.money(at, Column::AtTarget.number(), row.target, None)?;
    page.ratio(at, Column::InTime.number(), &row.in_time, None)?;
    page.count(at, Column::LatePaidTwice.number(), Some(u64::from(row.late_is_paid_twice)))?;
    page.sheet.write_number(at, Column::Begins.number(), f64::from(line.begins))?;
    Ok(())
}

/// The cells of a row that its formulas name.
struct Cells(u32);

impl Cells {
    fn of(&self, column: Column) -> String {
        format!("{}{}", column.letters(), self.0)
    }
}

/// The formulas of a row, the same in each. Amounts closer than a ten-millionth of a dollar count as equal, since a
/// spreadsheet's last digits are no reason to route what batch saves as much on.
fn formulas(page: &mut Page<'_>, (at, last): (u32, u32), line: &Line, routes: &[RouteLine], decides: bool) -> Drawn {
    let row = &line.row;
    let cells = Cells(at + 1);
    let [cost, in_batch, gross, net, before_limit] =
        [Column::Cost, Column::InBatch, Column::Gross, Column::Net, Column::BeforeLimit].map(|column| cells.of(column));
    if row.in_batch.is_some() {
        let (all_hits, by_way) = (cells.of(Column::AllHits), BY_WAY.map(|column| cells.of(column)).join(","));
        let batch_cost = row.batch_cost.map(|cost| cost.to_string()).unwrap_or_default();
        let formula = format!("=Hit_share*{all_hits}+(1-Hit_share)*CHOOSE(Cache_way,{by_way})");
        page.formula(at, Column::InBatch.number(), formula, batch_cost, None)?;
    }
    let band = cells.of(Column::Band);
    let formula = format!("=IF(OR({band}=\"\",{in_batch}=\"\"),0,MAX(0,{cost}-{in_batch}))");
    page.formula(at, Column::Gross.number(), formula, gross_saving(row).to_string(), None)?;
    let workload_saves = cells.of(Column::WorkloadSaves);
    let is_worth_it = if decides {
        format!("=IF(AND({before_limit}>0,{workload_saves}+0.0000001>=Minimum_saving),{before_limit},0)")
    } else {
        format!("=IF({SHEET}!{net}>0,{before_limit},0)")
    };
    page.formula(at, Column::Net.number(), is_worth_it, net_saving(row).to_string(), None)?;
    routing(page, at, row, routes)?;
    cases(page, at, row, routes.is_empty())?;
    let (in_time, twice) = (cells.of(Column::InTime), cells.of(Column::LatePaidTwice));
    let saved = format!("{in_time}*(1-Failure_share)*({cost}-{in_batch})-(1-{in_time})*{twice}*{in_batch}");
    let saved = if decides { saved } else { format!("MAX(0,{saved})") };
    let formula = format!("=IF({gross}>0,{saved},0)");
    page.formula(at, Column::BeforeLimit.number(), formula, row.net_saving.to_string(), None)?;
    if !decides {
        return Ok(());
    }
    if line.named.is_none() {
        return page.money(at, Column::WorkloadSaves.number(), line.workload_saves, None);
    }
    let of_all = |column: Column| {
        let letters = column.letters();
        format!("{letters}${}:{letters}${}", FIRST + 1, last + 1)
    };
    let (savings, numbers, verdicts) = (of_all(Column::BeforeLimit), of_all(Column::Number), of_all(Column::Verdict));
    let of_workload = format!("{savings},{numbers},{},{savings},\">0\"", cells.of(Column::Number));
    let verdict = cells.of(Column::Verdict);
    let formula = format!("=IF({verdict}=\"batch\",SUMIFS({of_workload},{verdicts},\"batch\"),SUMIFS({of_workload}))");
    page.formula(at, Column::WorkloadSaves.number(), formula, line.workload_saves.to_string(), None)
}

/// What routing saves on a row, and what is saved in the base case.
fn routing(page: &mut Page<'_>, at: u32, row: &WorkbookRow, routes: &[RouteLine]) -> Drawn {
    let cells = Cells(at + 1);
    let is_assumed = routes.is_empty();
    let [net, in_batch, saved] = [Column::Net, Column::NetBase, Column::RoutingBase].map(|column| cells.of(column));
    let routed = if is_assumed { String::new() } else { format!("+(1-{in_batch})*{saved}") };
    let formula = format!("={in_batch}*{net}{routed}");
    page.formula(at, Column::BaseCase.number(), formula, base_case(row, !is_assumed).to_string(), None)?;
    let [routable, route, target, if_all] =
        [Column::Routable, Column::Route, Column::AtTarget, Column::IfAllRouted].map(|column| cells.of(column));
    let of_all =
        if is_assumed { routable.clone() } else { format!("{routable}*(1-INDEX(Route_escalation,{route}))-{target}") };
    let formula = format!("=IF({route}=\"\",0,{of_all})");
    let result = number::text(&saved_if_all_is_routed(row, routes));
    page.formula(at, Column::IfAllRouted.number(), formula, result, None)?;
    let router = if is_assumed { String::new() } else { format!("-INDEX(Route_overhead,{route})*{routable}") };
    let share = |name: &str| format!("INDEX(Route_share_{name},{route})");
    // What routing loses, it loses most of where most is routed.
    let shares = [("low", "high"), ("base", "base"), ("high", "low")];
    for ((column, amount), (up, down)) in ROUTING.into_iter().zip(in_order(row.routing)).zip(shares) {
        let share = if up == down { share(up) } else { format!("IF({if_all}>=0,{},{})", share(up), share(down)) };
        let formula = format!("=IF({route}=\"\",0,{share}*{if_all}{router})");
        page.formula(at, column.number(), formula, amount.to_string(), None)?;
    }
    Ok(())
}

/// In which cases a row may move and is in batch, gross and net.
fn cases(page: &mut Page<'_>, at: u32, row: &WorkbookRow, is_assumed: bool) -> Drawn {
    let cells = Cells(at + 1);
    let band = cells.of(Column::Band);
    let moves = Cases {
        low: row.band() == Some("confirmed"),
        base: matches!(row.band(), Some("confirmed" | "likely")),
        high: row.band().is_some(),
    };
    let one = |is: bool| u8::from(is).to_string();
    let [may_move, gross, net] = [moves, row.batched_gross, row.batched].map(in_order);
    for (case, name) in ["low", "base", "high"].into_iter().enumerate() {
        let (routed, moved) = (cells.of(ROUTING[case]), cells.of(MOVES[case]));
        let by_band = format!(
            "=IF({band}=\"\",0,IF({band}=\"confirmed\",Confirmed_{name},IF({band}=\"likely\",Likely_{name},Undecided_{name})))"
        );
        page.formula(at, MOVES[case].number(), by_band, one(may_move[case]), None)?;
        let chosen = |saving: Column| {
            let saving = cells.of(saving);
            format!("=IF(OR({saving}<=0,AND({band}<>\"confirmed\",{saving}+0.0000001<{routed})),0,{moved})")
        };
        let in_gross = gross[case] && row.gross_saving > Money::ZERO;
        page.formula(at, IN_BATCH_GROSS[case].number(), chosen(Column::Gross), one(in_gross), None)?;
        let in_net =
            if is_assumed { format!("=IF({}<=0,0,{moved})", cells.of(Column::Net)) } else { chosen(Column::Net) };
        page.formula(at, IN_BATCH_NET[case].number(), in_net, one(net[case]), None)?;
    }
    Ok(())
}
