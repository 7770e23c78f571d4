//! The sheet of scenarios: sums over the workloads, gross and net, beside what batchwise itself made of them.

use rust_xlsxwriter::{Chart, ChartFont, ChartType, Worksheet, XlsxError};

use super::cells::{Drawn, NOTHING, Page, cell_of, in_order};
use super::number;
use super::style::{SERIES, Style, grid_lines};
use super::workloads::{Column, IN_BATCH_GROSS, IN_BATCH_NET, MOVES, ROUTING, Rows};
use crate::money::Money;
use crate::policy::Cases;
use crate::report::plan::Draft;
use crate::report::words::{difference, sum};

pub const SHEET: &str = "Scenarios";
const HEAD: u32 = 5;
const AS_MADE: u16 = 5;
const CHECK: u16 = 8;
/// Rows of a block below its heading.
const BATCH_COST: u32 = 2;
const BATCH_SAVING: u32 = 3;
const BATCH_SHARE: u32 = 4;
const BOTH_COST: u32 = 5;
const BOTH_SAVING: u32 = 6;
const BOTH_SHARE: u32 = 7;
const PART_BATCH: u32 = 8;
const PART_ROUTING: u32 = 9;
const BLOCK: u32 = 11;

/// Where a block of scenarios stands.
#[derive(Clone, Copy, Debug)]
pub struct Block(u32);

impl Block {
    fn cell(self, line: u32, case: u16) -> String {
        cell_of(SHEET, self.0 + line, case + 1)
    }

    /// Today's cost.
    pub fn today(self) -> String {
        self.cell(1, 1)
    }

    /// What batch saves.
    pub fn batch_saving(self, case: u16) -> String {
        self.cell(BATCH_SAVING, case)
    }

    /// What both save.
    pub fn both_saving(self, case: u16) -> String {
        self.cell(BOTH_SAVING, case)
    }
}

/// Where scenarios stand.
#[derive(Debug)]
pub struct Scenarios {
    /// As in the report.
    pub gross: Block,
    /// As in the plan.
    pub net: Block,
    /// Cells that say whether formulas make what batchwise made.
    pub checks: String,
}

/// What a block adds up.
#[derive(Clone, Copy)]
struct Amounts {
    today: Money,
    batch_only: Cases<Money>,
    batch: Cases<Money>,
    routing: Cases<Money>,
}

/// Said where nothing is known of what batch would save.
pub const NOT_KNOWN: &str = "What batch would save is unknown; 0 stands for it in formulas.";

/// Two amounts of each case together.
pub fn together(a: Cases<Money>, b: Cases<Money>) -> Cases<Money> {
    a.zip(b).map(|(a, b)| sum([a, b]))
}

/// Writes the sheet.
pub fn write(sheet: &mut Worksheet, style: &Style, draft: &Draft<'_>, rows: &Rows) -> Result<Scenarios, XlsxError> {
    let mut page = Page::new(
        sheet,
        style,
        SHEET,
        &[
            "A month in USD, summed over the sheet Workloads. Low, base and high name the case of the saving.",
            "Gross: what the report says, everything comes back and nothing fails. Net: of failures, late results, and work not worth a step, as in the plan.",
            "Each dollar is saved once: by batch where that saves at least what routing would, else by routing.",
        ],
    )?;
    page.widths(&[44, 14, 14, 14, 3, 14, 14, 14, 12])?;
    page.text(HEAD - 1, AS_MADE, "As batchwise worked it out", &style.note)?;
    page.head(HEAD, 0, &[("", false), ("Low", true), ("Base", true), ("High", true)])?;
    page.head(HEAD, AS_MADE, &[("Low", true), ("Base", true), ("High", true), ("To the cent", true)])?;
    let report = draft.report;
    if report.batch_only.projected.is_unknown() {
        page.text(HEAD - 1, 0, NOT_KNOWN, &style.note)?;
    }
    let gross = Block(HEAD + 1);
    block(
        &mut page,
        gross,
        "Gross",
        (Column::Gross, IN_BATCH_GROSS),
        (rows, true),
        Amounts {
            today: report.today,
            batch_only: report.batch_only.saving,
            batch: report.combined.batch,
            routing: report.combined.routing,
        },
    )?;
    let net = Block(HEAD + 1 + BLOCK);
    let row = HEAD + 1 + 2 * BLOCK;
    let now = &draft.plan.now;
    let has_routes = !draft.plan.routes.is_empty();
    block(
        &mut page,
        net,
        "Net",
        (Column::Net, IN_BATCH_NET),
        (rows, has_routes),
        Amounts { today: now.today, batch_only: now.batch_only, batch: now.batch, routing: now.routing },
    )?;
    page.sheet.insert_chart(row, 0, &chart(net))?;
    page.finish(HEAD, CHECK, 1, (row + 20, CHECK))?;
    let checks = format!("{SHEET}!$I${}:$I${row}", HEAD + 2);
    Ok(Scenarios { gross, net, checks })
}

/// One block of formulas, with the saving of a row in one column and the cases in which it is batched in three.
fn block(
    page: &mut Page<'_>,
    at: Block,
    title: &str,
    (saving, batched): (Column, [Column; 3]),
    (rows, is_routed): (&Rows, bool),
    amounts: Amounts,
) -> Drawn {
    let style = page.style;
    let top = at.0;
    page.text(top, 0, title, &style.heading)?;
    let labels = [
        "Today",
        "Batch only: cost",
        "Batch only: saving",
        "Batch only: saving, share",
        "Batch and routing: cost",
        "Batch and routing: saving",
        "Batch and routing: saving, share",
        "of it by batch",
        "of it by routing",
    ];
    for (line, label) in (1..).zip(labels) {
        let look = if line >= PART_BATCH { &style.indented } else { &style.text };
        page.text(top + line, 0, label, look)?;
    }
    let both = together(amounts.batch, amounts.routing);
    let batch_only = in_order(amounts.batch_only);
    let (batch, routing, both) = (in_order(amounts.batch), in_order(amounts.routing), in_order(both));
    for case in 0..3_u16 {
        let index = usize::from(case);
        let column = case + 1;
        let own = |line: u32| format!("{}{}", super::cells::letters(column), top + line + 1);
        let cells = |column: Column| rows.column(column);
        let (today, saved) = (amounts.today, [batch_only[index], both[index]]);
        let mut line = |line: u32, formula: String, result: String, is_share: bool| {
            page.formula(top + line, column, formula, result, if is_share { &style.share } else { &style.money })
        };
        line(1, format!("=SUM({})", cells(Column::Cost)), today.to_string(), false)?;
        line(BATCH_COST, format!("={}-{}", own(1), own(BATCH_SAVING)), difference(today, saved[0]).to_string(), false)?;
        line(
            BATCH_SAVING,
            format!("=SUMPRODUCT({},{})", cells(MOVES[index]), cells(saving)),
            saved[0].to_string(),
            false,
        )?;
        let share = |of: u32| format!("=IF({}=0,\"{NOTHING}\",{}/{})", own(1), own(of), own(1));
        line(BATCH_SHARE, share(BATCH_SAVING), share_of(saved[0], today), true)?;
        line(BOTH_COST, format!("={}-{}", own(1), own(BOTH_SAVING)), difference(today, saved[1]).to_string(), false)?;
        line(BOTH_SAVING, format!("={}+{}", own(PART_BATCH), own(PART_ROUTING)), saved[1].to_string(), false)?;
        line(BOTH_SHARE, share(BOTH_SAVING), share_of(saved[1], today), true)?;
        line(
            PART_BATCH,
            format!("=SUMPRODUCT({},{})", cells(batched[index]), cells(saving)),
            batch[index].to_string(),
            false,
        )?;
        line(
            PART_ROUTING,
            if is_routed {
                format!("=SUMPRODUCT((1-{})*{})", cells(batched[index]), cells(ROUTING[index]))
            } else {
                "=0".to_owned()
            },
            routing[index].to_string(),
            false,
        )?;
        let made = [
            (1, today),
            (BATCH_COST, difference(today, saved[0])),
            (BATCH_SAVING, saved[0]),
            (BOTH_COST, difference(today, saved[1])),
            (BOTH_SAVING, saved[1]),
            (PART_BATCH, batch[index]),
            (PART_ROUTING, routing[index]),
        ];
        for (line, amount) in made {
            page.money(top + line, AS_MADE + case, amount, &style.money)?;
            if case == 0 {
                let r = top + line + 1;
                let formula =
                    format!("=IF(MAX(ABS(B{r}-F{r}),ABS(C{r}-G{r}),ABS(D{r}-H{r}))<0.005,\"same\",\"changed\")");
                page.formula(top + line, CHECK, formula, "same".to_owned(), &style.right)?;
            }
        }
    }
    Ok(())
}

/// A part of an amount, as the result of a formula.
pub fn share_of(part: Money, whole: Money) -> String {
    if whole.is_zero() { NOTHING.to_owned() } else { number::text(&(part.exact() / whole.exact())) }
}

/// Costs of the three scenarios in each case.
fn chart(block: Block) -> Chart {
    let mut chart = Chart::new(ChartType::Column);
    chart.title().set_name("A month net, USD").set_font(ChartFont::new().set_size(12));
    let lines = [(1, "Today"), (BATCH_COST, "Batch only"), (BOTH_COST, "Batch and routing")];
    for ((line, name), color) in lines.into_iter().zip(SERIES) {
        chart
            .add_series()
            .set_name(name)
            .set_categories((SHEET, HEAD, 1, HEAD, 3))
            .set_values((SHEET, block.0 + line, 1, block.0 + line, 3))
            .set_format(rust_xlsxwriter::ChartSolidFill::new().set_color(color));
    }
    chart.y_axis().set_num_format("#,##0").set_min(0).set_major_gridlines_line(&grid_lines());
    chart.legend().set_position(rust_xlsxwriter::ChartLegendPosition::Bottom);
    chart.set_width(760).set_height(300);
    chart
}
