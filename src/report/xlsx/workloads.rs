//! The sheet of workloads: each row's constants as values, and what the assumptions make of them by formulas.

use rust_xlsxwriter::{Format, Worksheet, XlsxError};

use super::cells::{Drawn, Page, column_of};
use super::number;
use super::style::Style;
use crate::money::Money;
use crate::plan::routing::RouteLine;
use crate::plan::workings::Working;
use crate::plan::workings::lines::{Line, Lines, is_left_aside, saved_if_all_is_routed};
use crate::report::plan::Draft;
use crate::report::words::{grouped, sum};

const HEAD: u32 = 6;
const TOTAL: u32 = HEAD - 1;
const FIRST: u32 = HEAD + 1;
/// The last column that is printed; what follows is how it is worked out.
const LAST_SHOWN: u16 = 12;
const LAST: u16 = 36;

const TITLES: [(&str, bool); 37] = [
    ("Workload", false),
    ("Provider", false),
    ("Model", false),
    ("Verdict", false),
    ("Band", false),
    ("Why", false),
    ("Owner", false),
    ("Requests in the period", true),
    ("Cost a month", true),
    ("In batch", true),
    ("Batch saves, gross", true),
    ("Batch saves, net", true),
    ("Saved in the base case", true),
    ("Workload no.", true),
    ("In batch, no hits kept", true),
    ("In batch, all hits kept", true),
    ("Cost that routing covers", true),
    ("Route no.", true),
    ("The same at its target", true),
    ("Back in time", true),
    ("Late is paid twice (1: yes)", true),
    ("Saved if all is routed", true),
    ("Routing saves, low", true),
    ("Routing saves, base", true),
    ("Routing saves, high", true),
    ("Moves, low", true),
    ("Moves, base", true),
    ("Moves, high", true),
    ("In batch on paper, low", true),
    ("In batch on paper, base", true),
    ("In batch on paper, high", true),
    ("In batch, low", true),
    ("In batch, base", true),
    ("In batch, high", true),
    ("Saved before the limit", true),
    ("Its workload saves", true),
    ("Begins in month (0: the plan's first)", true),
];

/// Where a sheet of workloads has its rows.
#[derive(Debug)]
pub struct Rows {
    /// The sheet.
    pub sheet: String,
    last: u32,
}

impl Rows {
    /// The cells of a column, as formulas of other sheets name them.
    pub fn column(&self, letters: &str) -> String {
        column_of(&self.sheet, letters, FIRST, self.last)
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
    page.head(HEAD, 0, &TITLES)?;
    let last = FIRST + u32::try_from(lines.len()).unwrap_or(u32::MAX).saturating_sub(1).min(1_000_000);
    for (row, line) in (FIRST..).zip(lines) {
        constants(&mut page, row, line)?;
        formulas(&mut page, (row, last), line, &draft.plan.routes, at.from.is_none())?;
    }
    totals(&mut page, last, lines, !draft.plan.routes.is_empty())?;
    page.sheet.autofilter(HEAD, 0, last, LAST)?;
    page.finish(HEAD, LAST, 1, (last, LAST_SHOWN))?;
    Ok((sheet, Rows { sheet: name, last }))
}

/// How the rows of each column look.
fn looks(style: &Style) -> [&Format; TITLES.len()] {
    let Style { name, text, count, money, fine, fine_share, share, .. } = style;
    [
        name, name, name, text, text, name, name, count, money, money, money, money, money, count, fine, fine, fine,
        count, fine, fine_share, count, fine, fine, fine, fine, share, share, share, share, share, share, share, share,
        share, fine, fine, count,
    ]
}

/// Sums of the rows that a filter shows.
fn totals(page: &mut Page<'_>, last: u32, lines: &[Line], has_routes: bool) -> Drawn {
    let style = page.style;
    for column in 0..=LAST_SHOWN {
        page.sheet.write_blank(TOTAL, column, &style.total_label)?;
    }
    page.text(TOTAL, 0, "Sum of the rows shown", &style.total_label)?;
    let mut total = |column: u16, letter: &str, amount: &dyn Fn(&Working) -> Money| {
        let formula = format!("=SUBTOTAL(109,{letter}{}:{letter}{})", FIRST + 1, last + 1);
        let result = sum(lines.iter().map(|line| amount(&line.row))).to_string();
        page.formula(TOTAL, column, formula, result, &style.total)
    };
    total(8, "I", &|row| row.cost.unwrap_or_default())?;
    total(10, "K", &on_paper)?;
    total(11, "L", &running)?;
    total(12, "M", &|row| base_case(row, has_routes))?;
    Ok(())
}

/// What batch saves on paper, where it saves anything.
fn on_paper(row: &Working) -> Money {
    row.on_paper.max(Money::ZERO)
}

/// What is left of it once it runs, on what moves or would move.
fn running(row: &Working) -> Money {
    if is_left_aside(row) { Money::ZERO } else { row.running.max(Money::ZERO) }
}

/// What is saved in the base case; routing that is assumed is on paper only.
fn base_case(row: &Working, has_routes: bool) -> Money {
    match row.batched.base {
        true => running(row),
        false if has_routes => row.routing.base,
        false => Money::ZERO,
    }
}

fn constants(page: &mut Page<'_>, at: u32, line: &Line) -> Drawn {
    let (row, style) = (&line.row, page.style);
    if let Some((named, number)) = &line.named {
        page.text(at, 0, &named.workload, None)?;
        page.text(at, 1, &named.provider, None)?;
        page.text(at, 2, &named.model, None)?;
        page.text(at, 5, &named.reasons.join("; "), None)?;
        page.text(at, 6, named.owner.as_deref().unwrap_or_default(), None)?;
        page.count(at, 13, Some(*number))?;
    } else {
        page.text(at, 0, &format!("{} more rows", grouped(line.count as u128)), &style.text)?;
        page.text(at, 5, "summed", &style.faint)?;
    }
    page.text(at, 3, row.judgement.0.name(), None)?;
    page.text(at, 4, row.band().unwrap_or_default(), None)?;
    page.count(at, 7, row.requests)?;
    page.money(at, 8, row.cost, None)?;
    page.money(at, 14, row.in_batch.map(|costs| costs.0), None)?;
    page.money(at, 15, row.in_batch.map(|costs| costs.1), None)?;
    page.money(at, 16, row.routable, None)?;
    page.count(at, 17, row.route.map(|route| route as u64 + 1))?;
    page.money(at, 18, row.target, None)?;
    page.ratio(at, 19, &row.in_time, None)?;
    page.count(at, 20, Some(u64::from(row.late_is_paid_twice)))?;
    page.sheet.write_number(at, 36, f64::from(row.begins))?;
    Ok(())
}

/// The formulas of a row, the same in each. Amounts closer than a ten-millionth of a dollar count as equal, since a
/// spreadsheet's last digits are no reason to route what batch saves as much on.
fn formulas(page: &mut Page<'_>, (at, last): (u32, u32), line: &Line, routes: &[RouteLine], decides: bool) -> Drawn {
    let row = &line.row;
    let (r, from, to) = (at + 1, FIRST + 1, last + 1);
    let batch_cost = row.batch_cost.map(|cost| cost.to_string()).unwrap_or_default();
    if row.in_batch.is_some() {
        page.formula(at, 9, format!("=Hit_share*P{r}+(1-Hit_share)*O{r}"), batch_cost, None)?;
    }
    let dollars = |amount: Money| amount.to_string();
    page.formula(at, 10, format!("=IF(OR(E{r}=\"\",J{r}=\"\"),0,MAX(0,I{r}-J{r}))"), dollars(on_paper(row)), None)?;
    let is_worth_it = if decides {
        format!("=IF(AND(AI{r}>0,AJ{r}+0.0000001>=Minimum_saving),AI{r},0)")
    } else {
        format!("=IF({SHEET}!L{r}>0,AI{r},0)")
    };
    page.formula(at, 11, is_worth_it, dollars(running(row)), None)?;
    let is_assumed = routes.is_empty();
    let routed = if is_assumed { String::new() } else { format!("+(1-AG{r})*X{r}") };
    page.formula(at, 12, format!("=AG{r}*L{r}{routed}"), dollars(base_case(row, !is_assumed)), None)?;
    let if_all = number::text(&saved_if_all_is_routed(row, routes));
    let of_all = if is_assumed { format!("Q{r}") } else { format!("Q{r}*(1-INDEX(Route_escalation,R{r}))-S{r}") };
    page.formula(at, 21, format!("=IF(R{r}=\"\",0,{of_all})"), if_all, None)?;
    let router = if is_assumed { String::new() } else { format!("-INDEX(Route_overhead,R{r})*Q{r}") };
    let share = |name: &str| format!("INDEX(Route_share_{name},R{r})");
    let of_case = |up: &str, down: &str| {
        let share = if up == down { share(up) } else { format!("IF(V{r}>=0,{},{})", share(up), share(down)) };
        format!("=IF(R{r}=\"\",0,{share}*V{r}{router})")
    };
    page.formula(at, 22, of_case("low", "high"), dollars(row.routing.low), None)?;
    page.formula(at, 23, of_case("base", "base"), dollars(row.routing.base), None)?;
    page.formula(at, 24, of_case("high", "low"), dollars(row.routing.high), None)?;
    let moves = crate::policy::Cases {
        low: row.band() == Some("confirmed"),
        base: matches!(row.band(), Some("confirmed" | "likely")),
        high: row.band().is_some(),
    };
    let one = |is: bool| u8::from(is).to_string();
    let cases = [
        ("low", moves.low, row.batched_on_paper.low, row.batched.low),
        ("base", moves.base, row.batched_on_paper.base, row.batched.base),
        ("high", moves.high, row.batched_on_paper.high, row.batched.high),
    ];
    let letters = [("W", "Z"), ("X", "AA"), ("Y", "AB")];
    for ((case, (name, moves, on_paper_too, runs)), (routed, moved)) in (0_u16..).zip(cases).zip(letters) {
        let by_band = format!(
            "=IF(E{r}=\"\",0,IF(E{r}=\"confirmed\",Confirmed_{name},IF(E{r}=\"likely\",Likely_{name},Undecided_{name})))"
        );
        page.formula(at, 25 + case, by_band, one(moves), None)?;
        let chosen = |saving: &str| {
            format!("=IF(OR({saving}{r}<=0,AND(E{r}<>\"confirmed\",{saving}{r}+0.0000001<{routed}{r})),0,{moved}{r})")
        };
        page.formula(at, 28 + case, chosen("K"), one(on_paper_too && row.on_paper > Money::ZERO), None)?;
        let running = if is_assumed { format!("=IF(L{r}<=0,0,{moved}{r})") } else { chosen("L") };
        page.formula(at, 31 + case, running, one(runs), None)?;
    }
    page.formula(
        at,
        34,
        if decides {
            format!("=IF(K{r}>0,T{r}*(1-Failure_share)*(I{r}-J{r})-(1-T{r})*U{r}*J{r},0)")
        } else {
            format!("=IF(K{r}>0,MAX(0,T{r}*(1-Failure_share)*(I{r}-J{r})-(1-T{r})*U{r}*J{r}),0)")
        },
        dollars(row.running),
        None,
    )?;
    if !decides {
        return Ok(());
    }
    if line.named.is_some() {
        let of_workload = format!("AI${from}:AI${to},N${from}:N${to},N{r},AI${from}:AI${to},\">0\"");
        let formula =
            format!("=IF(D{r}=\"batch\",SUMIFS({of_workload},D${from}:D${to},\"batch\"),SUMIFS({of_workload}))");
        page.formula(at, 35, formula, dollars(line.workload_saves), None)
    } else {
        page.money(at, 35, line.workload_saves, None)
    }
}
