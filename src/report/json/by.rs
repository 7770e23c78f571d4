//! The sums of `--by` as JSON.

use serde::Serialize;
use serde_json::{Value, json};

use super::Each;
use crate::money::Money;
use crate::report::{ByLine, ByTable, ByWorkload, Report, WorkloadLine};

/// The sums of a row of `--by`, or of all of them.
#[derive(Serialize)]
struct Sums<'r> {
    requests: u64,
    cost: Money,
    can_wait: Money,
    batch_saving: Money,
    share: Option<&'r str>,
}

fn sums(line: &ByLine) -> Sums<'_> {
    Sums {
        requests: line.requests,
        cost: line.cost,
        can_wait: line.can_wait,
        batch_saving: line.saving,
        share: line.share.as_deref(),
    }
}

/// Whose a figure is.
#[derive(Serialize)]
struct Own<'r> {
    value: Option<&'r str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<&'r str>,
}

fn own(line: &ByLine) -> Own<'_> {
    Own { value: line.value.as_deref(), id: line.id.as_deref() }
}

/// The sums, with each value's workloads and months as lists of their own, so that the CSV has a row for each.
pub(super) fn by<'r>(report: &'r Report, found: &'r ByTable) -> impl Serialize + 'r {
    #[derive(Serialize)]
    struct Part<'r> {
        #[serde(flatten)]
        of: Own<'r>,
        workload: &'r str,
        provider: &'r str,
        model: &'r str,
        verdict: &'r str,
        band: Option<&'r str>,
        cost: Money,
        batch_saving: Money,
    }
    #[derive(Serialize)]
    struct InMonth<'r> {
        #[serde(flatten)]
        of: Own<'r>,
        month: String,
        cost: Money,
    }
    #[derive(Serialize)]
    struct Step {
        code: &'static str,
        amount: Money,
    }
    #[derive(Serialize)]
    struct Row<'r> {
        #[serde(flatten)]
        of: Own<'r>,
        #[serde(flatten)]
        sums: Sums<'r>,
    }
    #[derive(Serialize)]
    struct Section<'r, R> {
        dimension: &'r str,
        allocated_share: Option<&'r str>,
        without: String,
        total: Value,
        rows: R,
        workloads: Vec<Part<'r>>,
        months: Vec<InMonth<'r>>,
        to_the_bill: Vec<Step>,
    }
    fn row(line: &ByLine) -> Row<'_> {
        Row { of: own(line), sums: sums(line) }
    }
    let lines = || found.rows.iter();
    let part = |line: &'r ByLine, part: &ByWorkload| {
        let workload: &WorkloadLine = &report.workloads[part.index];
        Part {
            of: own(line),
            workload: &workload.workload,
            provider: &workload.provider,
            model: &workload.model,
            verdict: workload.verdict,
            band: workload.band,
            cost: part.cost,
            batch_saving: part.saving,
        }
    };
    Section {
        dimension: &found.dimension,
        allocated_share: found.allocated_share.as_deref(),
        without: found.without.join(", "),
        total: json!(sums(&found.total())),
        rows: Each(&found.rows, row),
        workloads: lines().flat_map(|line| line.workloads.iter().map(move |own| part(line, own))).collect(),
        months: lines()
            .flat_map(|line| {
                let months = line.months.iter().flatten();
                months.map(move |(month, cost)| InMonth { of: own(line), month: month.to_string(), cost: *cost })
            })
            .collect(),
        to_the_bill: found.to_the_bill.iter().map(|step| Step { code: step.code, amount: step.amount }).collect(),
    }
}
