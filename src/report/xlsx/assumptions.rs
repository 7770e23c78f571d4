//! The sheet of what may be changed: each input has a name that formulas use.

use rust_xlsxwriter::{DataValidation, DataValidationRule, Worksheet, XlsxError};

use super::cells::{Drawn, Page, cell_of, letters};
use super::number;
use super::style::Style;
use crate::money::{Exact, Percent};
use crate::plan::forecast::{DAMPING, Method, Rate, live};
use crate::plan::routing::RouteLine;
use crate::report::plan::Draft;
use crate::report::plan::months::excluded_months;

pub const SHEET: &str = "Assumptions";
const HEAD: u32 = 4;
const UNIT: u16 = 4;
const SOURCE: u16 = 5;
const NAME: u16 = 6;
const DELIVERED: u16 = 7;
const LABEL_WIDTH: u16 = 46;
const SOURCE_WIDTH: u16 = 64;
const CASES: [&str; 3] = ["low", "base", "high"];
/// The column of what has no cases.
const BASE: usize = 1;

/// Where assumptions stand.
#[derive(Debug)]
pub struct AssumptionCells {
    names: Vec<(String, String)>,
    /// The share of a step that runs in its first month, its second and so on.
    pub ramp: Vec<String>,
    /// The budget of each month of the plan.
    pub budgets: Vec<String>,
    /// All cells that may be changed, and beside them what they were.
    pub changed: (String, String),
}

impl AssumptionCells {
    /// Names with the cells they stand for.
    pub fn names(&self) -> impl Iterator<Item = (&str, &str)> {
        self.names.iter().map(|(name, range)| (name.as_str(), range.as_str()))
    }
}

/// What an input is.
#[derive(Clone, Copy)]
enum Kind {
    Share,
    Growth,
    Money,
    Factor,
    /// One of three, by its number.
    Choice,
}

/// A row of inputs; nothing stands for a case that it does not have, or that nobody has said anything about.
struct Input<'i> {
    label: String,
    name: Option<&'i str>,
    kind: Kind,
    cells: [Option<f64>; 3],
    /// Which cells may be filled.
    open: [bool; 3],
    unit: &'static str,
    source: String,
}

impl<'i> Input<'i> {
    fn cases(label: &str, name: Option<&'i str>, cells: [f64; 3], unit: &'static str, source: &str) -> Self {
        Self {
            label: label.to_owned(),
            name,
            kind: Kind::Share,
            cells: cells.map(Some),
            open: [true; 3],
            unit,
            source: source.to_owned(),
        }
    }

    fn one(
        label: &str,
        name: Option<&'i str>,
        kind: Kind,
        cell: Option<f64>,
        unit: &'static str,
        source: &str,
    ) -> Self {
        Self {
            label: label.to_owned(),
            name,
            kind,
            cells: [None, cell, None],
            open: [false, true, false],
            unit,
            source: source.to_owned(),
        }
    }
}

/// The sheet as far as it is written.
struct Rows<'w> {
    page: Page<'w>,
    row: u32,
    names: Vec<(String, String)>,
}

impl Rows<'_> {
    fn heading(&mut self, text: &str) -> Drawn {
        self.row += 1;
        self.page.text(self.row, 0, text, &self.page.style.heading)?;
        self.row += 1;
        Ok(())
    }

    fn input(&mut self, input: &Input<'_>) -> Drawn {
        let (row, style) = (self.row, self.page.style);
        let look = match input.kind {
            Kind::Share | Kind::Growth => &style.input_share,
            Kind::Money => &style.input_money,
            Kind::Factor => &style.input_factor,
            Kind::Choice => &style.input_choice,
        };
        self.page.text(row, 0, &input.label, &style.wrapped)?;
        for (case, column) in (0..3).zip(1_u16..) {
            if !input.open[case] {
                continue;
            }
            match input.cells[case] {
                Some(value) => {
                    self.page.sheet.write_number_with_format(row, column, value, look)?;
                    self.page.sheet.write_number_with_format(
                        row,
                        column - 1 + DELIVERED,
                        value,
                        match input.kind {
                            Kind::Share | Kind::Growth => &style.fine_share,
                            Kind::Money => &style.money,
                            Kind::Factor => &style.factor,
                            Kind::Choice => &style.count,
                        },
                    )?;
                }
                None => {
                    self.page.sheet.write_blank(row, column, look)?;
                }
            }
            self.page.sheet.add_data_validation(row, column, row, column, &allowed(input.kind))?;
            if let Some(name) = input.name {
                let name = if input.open[0] { format!("{name}_{}", CASES[case]) } else { name.to_owned() };
                self.names.push((name, cell_of(SHEET, row, column)));
            }
        }
        self.page.text(row, UNIT, input.unit, &style.faint)?;
        self.page.text(row, SOURCE, &input.source, &style.prose)?;
        self.page.high_enough(row, &[(&input.source, SOURCE_WIDTH), (&input.label, LABEL_WIDTH)])?;
        if let Some(name) = input.name {
            let shown = if input.open[0] { format!("{name}_low, _base, _high") } else { name.to_owned() };
            self.page.text(row, NAME, &shown, &style.faint)?;
        }
        self.row += 1;
        Ok(())
    }

    /// A name for the same column of the last rows.
    fn range(&mut self, name: &str, first: u32, case: usize) {
        let column = letters(u16::try_from(case + 1).unwrap_or(1));
        self.names.push((name.to_owned(), format!("{SHEET}!${column}${}:${column}${}", first + 1, self.row)));
    }
}

/// What a cell may hold, and what a spreadsheet says where it holds something else.
fn allowed(kind: Kind) -> DataValidation {
    let any = DataValidation::new().ignore_blank(true);
    let at_least_zero = DataValidationRule::GreaterThanOrEqualTo(0.0);
    let (validation, words) = match kind {
        Kind::Share => {
            (any.allow_decimal_number(DataValidationRule::Between(0.0, 1.0)), "A share between 0% and 100%.")
        }
        Kind::Growth => {
            (any.allow_decimal_number(DataValidationRule::Between(-1.0, 1.0)), "Growth a month between -100% and 100%.")
        }
        Kind::Money => (any.allow_decimal_number(at_least_zero), "Dollars, not below 0."),
        Kind::Factor => (any.allow_decimal_number(at_least_zero), "A factor, not below 0."),
        Kind::Choice => (any.allow_whole_number(DataValidationRule::Between(1, 3)), "1, 2 or 3."),
    };
    validation.clone().set_error_message(words).unwrap_or(validation)
}

fn share(value: &Exact) -> f64 {
    number::nearest(&number::text(value))
}

/// Writes the sheet.
pub fn write(sheet: &mut Worksheet, style: &Style, draft: &Draft<'_>) -> Result<AssumptionCells, XlsxError> {
    let mut page = Page::new(
        sheet,
        style,
        SHEET,
        &[
            "Change a yellow cell, and Scenarios, Quarters, Base months, Workloads and Summary follow. Each has a name that formulas use.",
            "Low, base and high name the case of the saving. Which work can wait at all is decided by rules, not here: change the policy and run batchwise again.",
        ],
    )?;
    page.widths(&[LABEL_WIDTH, 12, 12, 12, 28, SOURCE_WIDTH, 30, 12, 12, 12])?;
    page.head(
        HEAD,
        0,
        &[
            ("Assumption", false),
            ("Low", true),
            ("Base", true),
            ("High", true),
            ("Unit", false),
            ("What it means, and where it comes from", false),
            ("Name in formulas", false),
            ("Low", true),
            ("Base", true),
            ("High", true),
        ],
    )?;
    page.text(HEAD - 1, DELIVERED, "As batchwise made it", &style.note)?;
    let mut rows = Rows { page, row: HEAD, names: Vec::new() };
    bands(&mut rows)?;
    in_batch(&mut rows, draft)?;
    routing(&mut rows, draft)?;
    let ByMonth { ramp, budgets } = ahead(&mut rows, draft)?;
    let last = rows.row.saturating_sub(1).max(HEAD);
    let Rows { mut page, names, .. } = rows;
    page.finish(HEAD, NAME, 1, (last, NAME))?;
    let area = |from: u16| format!("{SHEET}!${}${}:${}${}", letters(from), HEAD + 2, letters(from + 2), last + 1);
    Ok(AssumptionCells { names, ramp, budgets, changed: (area(1), area(DELIVERED)) })
}

fn bands(rows: &mut Rows<'_>) -> Drawn {
    let unit = "share of its cost";
    rows.heading("How much of what could wait moves to batch")?;
    let bands = [
        (
            "Confirmed: somebody has said that it can wait",
            "Confirmed",
            [1.0, 1.0, 1.0],
            "Rules of the policy and the logs' own tags. It always moves.",
        ),
        (
            "Likely: its name says so",
            "Likely",
            [0.0, 1.0, 1.0],
            "Built-in words, such as eval or backfill. It counts from the base case on.",
        ),
        (
            "Undecided, and candidates: nobody knows yet",
            "Undecided",
            [0.0, 0.0, 1.0],
            "It counts in the high case, as if all of it could wait.",
        ),
    ];
    for (label, name, cells, source) in bands {
        rows.input(&Input::cases(label, Some(name), cells, unit, source))?;
    }
    Ok(())
}

fn in_batch(rows: &mut Rows<'_>, draft: &Draft<'_>) -> Drawn {
    let plan = draft.plan;
    rows.heading("What becomes of it in batch")?;
    rows.input(&Input::one(
        "How cached prompts are sent",
        Some("Cache_way"),
        Kind::Choice,
        Some(f64::from(plan.given.cache_way as u8 + 1)),
        "1, 2 or 3",
        "Policy, batch.cache. 1: without cache markers (no-cache). 2: as they are today, into a cold cache (as-sent). 3: after one request that writes the cache (primed). Where a rule says it, this changes nothing.",
    ))?;
    let hits = Some(share(&plan.given.hit_share.exact()));
    rows.input(&Input::one(
        "Cache hits kept in batch",
        Some("Hit_share"),
        Kind::Share,
        hits,
        "share of today's hits",
        "Policy, batch.cache_hit_share; 0% is the careful end. What stays in real time for its cache hits does not come back when this rises: run batchwise again.",
    ))?;
    let failing = Some(share(&plan.failure_share.exact()));
    let note = format!(
        "Policy, batch.failure_share. What fails runs again at today's price. When results are back is in each row of Workloads, by the times `{}`.",
        plan.turnaround.name
    );
    rows.input(&Input::one("Failures", Some("Failure_share"), Kind::Share, failing, "share of batch work", &note))?;
    rows.input(&Input::one(
        "Smallest saving worth moving a workload",
        Some("Minimum_saving"),
        Kind::Money,
        Some(number::of_money(plan.given.min_saving)),
        "USD a month",
        "Policy, limits.min_monthly_saving; over all models of a workload.",
    ))
}

/// A share that a route has.
type OfRoute = fn(&RouteLine) -> Percent;

fn routing(rows: &mut Rows<'_>, draft: &Draft<'_>) -> Drawn {
    let plan = draft.plan;
    rows.heading("Routing of what stays in real time")?;
    let first = rows.row;
    if let Some(shares) = &plan.given.routing {
        let cells = [share(&shares.low), share(&shares.base), share(&shares.high)];
        rows.input(&Input::cases(
            "Saved by cheaper models (assumed, on paper only)",
            None,
            cells,
            "share of the cost",
            "Policy, routing.assumption, or --routing-saves. An assumption: name routes in the policy to have them priced.",
        ))?;
    }
    for route in &plan.routes {
        let cells = [share(&route.share.low), share(&route.share.base), share(&route.share.high)];
        let evidence =
            route.evidence.as_deref().unwrap_or("no evidence given: not to be presented before somebody has looked");
        let (label, source) = (format!("{} → {}", route.from, route.to), format!("Policy, routing.routes: {evidence}"));
        rows.input(&Input::cases(&label, None, cells, "share of the cost", &source))?;
    }
    for (case, name) in CASES.into_iter().enumerate() {
        rows.range(&format!("Route_share_{name}"), first, case);
    }
    if plan.routes.is_empty() {
        return Ok(());
    }
    let escalation = "Escalation: these calls cost what they do today as well.";
    let overhead = "What the router itself costs of all that it sees.";
    let inputs: [(_, _, _, _, OfRoute); 2] = [
        ("Route_escalation", "run again", "share of routed calls", escalation, |route| route.escalation),
        ("Route_overhead", "the router", "share of the cost", overhead, |route| route.overhead),
    ];
    for (name, what, unit, source, of) in inputs {
        let first = rows.row;
        for route in &plan.routes {
            let label = format!("{} → {}: {what}", route.from, route.to);
            rows.input(&Input::one(&label, None, Kind::Share, Some(share(&of(route).exact())), unit, source))?;
        }
        rows.range(name, first, BASE);
    }
    Ok(())
}

/// Cells that other sheets refer to by month.
struct ByMonth {
    ramp: Vec<String>,
    budgets: Vec<String>,
}

fn ahead(rows: &mut Rows<'_>, draft: &Draft<'_>) -> Result<ByMonth, XlsxError> {
    let plan = draft.plan;
    rows.heading("The months ahead")?;
    let growth = &plan.growth;
    let source = match growth.method {
        Method::Given => "Policy, planning.growth_monthly.".to_owned(),
        Method::Fitted => "Fitted to the complete months of the logs: the middle step from month to month.".to_owned(),
        Method::Naive => {
            "What was fitted to the complete months foretold them no better than the month before did: no growth."
                .to_owned()
        }
        Method::NotEnoughData { complete_months, needed } => {
            format!("Not enough data: {complete_months} complete months of {needed}. No growth is assumed.")
        }
    };
    let source = [Some(source), excluded_months(growth)].into_iter().flatten().collect::<Vec<_>>().join(" ");
    let monthly = Some(share(&growth.monthly.base));
    let unit = "a month over the month before";
    rows.input(&Input::one("Growth", Some("Growth"), Kind::Growth, monthly, unit, &source))?;
    let damping = matches!(growth.rate, Rate::Damped(_)).then(|| share(&DAMPING.exact()));
    rows.input(&Input::one(
        "What is left of growth each month after",
        Some("Growth_damping"),
        Kind::Share,
        Some(damping.unwrap_or_default()),
        "of growth; 0: it compounds",
        "Fitted growth fades; growth that is given does not.",
    ))?;
    let width = if growth.band.errors.is_some() {
        "How far off the forecast was on months it had not seen."
    } else {
        "Assumed: fewer than four months could be tried."
    };
    rows.input(&Input::one(
        "Error of the forecast one month ahead",
        Some("Band_error"),
        Kind::Factor,
        Some(share(&growth.band.error)),
        "mean |ln(actual ÷ forecast)|",
        &format!("{width} Low and high lie at e^∓(1.6 × error × √months): about 8 in 10."),
    ))?;
    let mut budgets = Vec::new();
    if plan.given.has_flat_budget {
        let flat = plan.months.first().and_then(|month| month.budget);
        budgets = vec!["Budget_monthly".to_owned(); plan.months.len()];
        rows.input(&Input::one(
            "Budget",
            Some("Budget_monthly"),
            Kind::Money,
            flat.map(number::of_money),
            "USD a month",
            "Policy, planning.budget_monthly; leave it empty for none.",
        ))?;
    } else {
        for month in &plan.months {
            budgets.push(cell_of(SHEET, rows.row, 2));
            rows.input(&Input::one(
                &format!("Budget of {}", month.month),
                None,
                Kind::Money,
                month.budget.map(number::of_money),
                "USD",
                if budgets.len() == 1 { "Policy, planning.budget_monthly; leave it empty for none." } else { "" },
            ))?;
        }
    }
    let mut ramp = Vec::new();
    for index in 0..ramp_length(draft) {
        ramp.push(cell_of(SHEET, rows.row, 2));
        let source = if index == 0 {
            "Policy, planning.ramp; the last share holds for all months after it. When a step begins is in each row of Workloads."
        } else {
            ""
        };
        rows.input(&Input::one(
            &format!("What runs of a step in its month {}", index + 1),
            None,
            Kind::Share,
            Some(share(&live(&plan.given.ramp, index).exact())),
            "share of the step",
            source,
        ))?;
    }
    Ok(ByMonth { ramp, budgets })
}

/// Months from the first in which a step began to the last of the plan.
fn ramp_length(draft: &Draft<'_>) -> usize {
    let lines = draft.plan.at_prices.first().into_iter().flat_map(|at| &at.lines);
    let before = lines.filter(|line| line.row.can.high).map(|line| -line.begins).max().unwrap_or(0).max(0);
    draft.plan.months.len() + usize::try_from(before).unwrap_or(0)
}
