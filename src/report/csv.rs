//! The report as comma-separated values, `batchwise.report.csv/1`: one fact a row.
//!
//! Role: says what the JSON says, with the same names and the same exact numbers. `section`, `row`, `metric` and `case`
//! are a fact's address in the JSON; the columns between them repeat what the fact is about, so that each row can be
//! read, filtered and pivoted alone. Texts are kept from running as formulas; numbers stay as they are.

use std::fmt::Display;

use super::estimate::{DiscountOrigin, Estimate};
use super::status::Status;
use super::{
    AgreedPrices, ByLine, Combined, InputLine, Movers, Note, Question, Reconciliation, Report, Scenario, WorkloadLine,
};
use crate::calendar::{MonthBasis, Period};
use crate::diagnostic::text::guarded;
use crate::diagnostic::{Failure, sanitized};
use crate::money::Money;
use crate::policy::Cases;
use crate::usage::TokenClass;

const COLUMNS: [&str; 12] =
    ["section", "row", "subject", "provider", "model", "verdict", "band", "metric", "case", "period", "unit", "value"];

/// What a number counts: the span it covers, and its unit.
type Measure = (&'static str, &'static str);

const COST: Measure = ("period", "USD");
const DAY_COST: Measure = ("day", "USD");
const MONTHLY: Measure = ("month", "USD");
const REQUESTS: Measure = ("period", "requests");
const TOKENS: Measure = ("period", "tokens");
const SHARE: Measure = ("month", "share");
const TEXT: Measure = ("", "text");
const DATE: Measure = ("", "date");

/// What a fact is about; texts as they come from files.
#[derive(Clone, Copy, Default)]
struct About<'r> {
    section: &'static str,
    /// Place in the section's list, from 1.
    row: Option<usize>,
    subject: &'r str,
    provider: &'r str,
    model: &'r str,
    verdict: &'static str,
    band: Option<&'static str>,
}

impl About<'_> {
    fn section(section: &'static str) -> Self {
        Self { section, ..Self::default() }
    }
}

/// The rows so far, or why there are none.
struct Facts(Result<csv::Writer<Vec<u8>>, csv::Error>);

impl Facts {
    fn new() -> Self {
        let mut facts = Self(Ok(csv::Writer::from_writer(Vec::new())));
        facts.write(&COLUMNS);
        facts
    }

    fn write(&mut self, cells: &[&str; 12]) {
        if let Ok(writer) = &mut self.0
            && let Err(error) = writer.write_record(cells)
        {
            self.0 = Err(error);
        }
    }

    fn cell(&mut self, about: &About<'_>, metric: &str, case: &str, (period, unit): Measure, value: &str) {
        let text = |text: &str| guarded(&sanitized(text));
        self.write(&[
            about.section,
            &about.row.map(|row| row.to_string()).unwrap_or_default(),
            &text(about.subject),
            &text(about.provider),
            &text(about.model),
            about.verdict,
            about.band.unwrap_or_default(),
            metric,
            case,
            period,
            unit,
            value,
        ]);
    }

    /// A number, or nothing where it is not known.
    fn number(&mut self, about: &About<'_>, metric: &str, measure: Measure, value: Option<impl Display>) {
        self.cell(about, metric, "", measure, &value.map(|value| value.to_string()).unwrap_or_default());
    }

    fn text(&mut self, about: &About<'_>, metric: &str, value: &str) {
        self.cell(about, metric, "", TEXT, &guarded(&sanitized(value)));
    }

    fn cases<T: Display>(&mut self, about: &About<'_>, metric: &str, measure: Measure, cases: &Cases<Option<T>>) {
        for (case, value) in [("low", &cases.low), ("base", &cases.base), ("high", &cases.high)] {
            let value = value.as_ref().map(ToString::to_string).unwrap_or_default();
            self.cell(about, metric, case, measure, &value);
        }
    }

    fn amounts(&mut self, about: &About<'_>, metric: &str, amounts: &Cases<Money>) {
        self.cases(about, metric, MONTHLY, &amounts.map(Some));
    }

    fn finish(self) -> Result<String, Failure> {
        finished(self.0.map_err(|error| unwritable(&error))?)
    }
}

/// Rows as CSV.
pub fn text(rows: &[Vec<String>]) -> Result<String, Failure> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    rows.iter().try_for_each(|row| writer.write_record(row)).map_err(|error| unwritable(&error))?;
    finished(writer)
}

fn finished(writer: csv::Writer<Vec<u8>>) -> Result<String, Failure> {
    let bytes = writer.into_inner().map_err(|error| unwritable(error.error()))?;
    String::from_utf8(bytes).map_err(|error| unwritable(&error))
}

fn unwritable(error: &dyn std::error::Error) -> Failure {
    Failure::internal(format!("the CSV cannot be made: {error}"))
}

/// Renders the report.
pub fn render(report: &Report) -> Result<String, Failure> {
    let mut facts = Facts::new();
    let whole = About::section("report");
    facts.text(&whole, "schema", "batchwise.report.csv/1");
    facts.text(&whole, "currency", "USD");
    facts.text(&whole, "basis", report.basis());
    period(report, &mut facts);
    for (row, line) in numbered(&report.inputs) {
        input(row, line, &mut facts);
    }
    let prices = About::section("prices");
    facts.text(&prices, "source", &report.prices.source);
    facts.number(&prices, "checked", DATE, report.prices.checked.as_ref());
    usage(report, &mut facts);
    let cost = About::section("cost");
    facts.number(&cost, "computed", COST, Some(report.cost.computed));
    facts.number(&cost, "billed", COST, report.cost.billed);
    facts.number(&cost, "residual", COST, report.cost.residual);
    facts.number(&cost, "from_bill", COST, Some(report.cost.from_bill));
    let failed = About::section("failed");
    facts.number(&failed, "requests", REQUESTS, Some(report.usage.failed.0));
    facts.number(&failed, "cost", COST, Some(report.usage.failed.1));
    for (row, line) in numbered(&report.eligibility) {
        let about = About { row, verdict: line.verdict, band: line.band, ..About::section("eligibility") };
        facts.number(&about, "requests", REQUESTS, Some(line.requests));
        facts.number(&about, "cost", COST, Some(line.cost));
    }
    scenarios(report.today, &report.batch_only, Some(&report.combined), &mut facts);
    for (row, line) in numbered(&report.workloads) {
        workload(row, line, &mut facts);
    }
    for (row, line) in numbered(&report.exceptions) {
        let (provider, model) = (line.provider.as_str(), line.model.as_str());
        let about = About { row, subject: line.code, provider, model, ..About::section("exceptions") };
        facts.text(&about, "message", &line.message);
        facts.number(&about, "cost", COST, Some(line.cost));
    }
    agreed(report.agreed.as_ref(), &mut facts);
    reconciliation(report.reconciliation.as_ref(), &mut facts);
    for (row, line) in numbered(&report.other_charges) {
        let about = About { row, subject: &line.item, provider: &line.provider, ..About::section("other_charges") };
        facts.text(&about, "kind", line.kind);
        facts.number(&about, "billed", COST, Some(line.billed));
        facts.text(&about, "about_ai", if line.about_ai { "true" } else { "false" });
    }
    for (row, line) in numbered(&report.improvements) {
        let about = About { row, subject: line.gap, provider: &line.provider, ..About::section("improvements") };
        facts.text(&about, "formats", &line.formats.join(", "));
        facts.text(&about, "advice", &line.advice);
        facts.number(&about, "monthly_cost", MONTHLY, Some(line.monthly_cost));
    }
    for (row, control) in numbered(&report.control_totals) {
        let provider = control.provider.as_deref().unwrap_or_default();
        let about = About { row, subject: &control.month, provider, ..About::section("control_totals") };
        facts.number(&about, "total", COST, Some(control.total));
        facts.number(&about, "tolerance", COST, Some(control.tolerance));
        facts.number(&about, "found", COST, control.found);
        facts.text(&about, "source", control.source);
        facts.number(&about, "difference", COST, Some(control.difference));
        facts.text(&about, "met", if control.met { "true" } else { "false" });
    }
    for (row, line) in numbered(&report.questions) {
        question(row, line, &mut facts);
    }
    notes("warnings", &report.warnings, &mut facts);
    notes("incomplete", &report.incomplete, &mut facts);
    let status = Status::of(report);
    let reasons: Vec<&str> = status.reasons.iter().map(|reason| reason.name()).collect();
    facts.text(&About::section("status"), "code", status.readiness.name());
    facts.text(&About::section("status"), "reasons", &reasons.join("; "));
    if let Some(by) = &report.by {
        let about = About::section("by");
        facts.text(&about, "dimension", &by.dimension);
        facts.number(&about, "allocated_share", ("period", "share"), by.allocated_share.as_ref());
        facts.text(&about, "without", &by.without.join(", "));
        sums(&about, "total.", &by.total(), &mut facts);
        for (row, line) in numbered(&by.rows) {
            let about = About { row, subject: line.value.as_deref().unwrap_or_default(), ..About::section("by") };
            if let Some(id) = &line.id {
                facts.text(&about, "id", id);
            }
            sums(&about, "", line, &mut facts);
        }
    }
    movers(report.movers.as_ref(), &mut facts);
    facts.finish()
}

fn movers(found: Option<&Movers>, facts: &mut Facts) {
    let Some(found) = found else { return };
    let about = About::section("movers");
    facts.text(&about, "dimension", &found.dimension);
    facts.text(&about, "why_not", found.why_not.unwrap_or_default());
    match &found.halves {
        None => facts.text(&about, "halves", ""),
        Some(halves) => {
            for (row, half) in numbered(halves) {
                let about = About { row, ..About::section("movers.halves") };
                facts.number(&about, "from", DATE, Some(half.from));
                facts.number(&about, "to", DATE, Some(half.to));
                facts.number(&about, "days", ("", "days"), Some(half.days()));
            }
        }
    }
    for (row, line) in numbered(&found.rows) {
        let subject = line.value.as_deref().unwrap_or_default();
        let about = About { row, subject, ..About::section("movers.rows") };
        if let Some(id) = &line.id {
            facts.text(&about, "id", id);
        }
        facts.number(&about, "first", MONTHLY, Some(line.first));
        facts.number(&about, "second", MONTHLY, Some(line.second));
        facts.number(&about, "change", MONTHLY, Some(line.change));
    }
}

/// The sums of a row of `--by`, or of all of them.
fn sums(about: &About<'_>, place: &str, line: &ByLine, facts: &mut Facts) {
    let metric = |name: &str| format!("{place}{name}");
    facts.number(about, &metric("requests"), REQUESTS, Some(line.requests));
    facts.number(about, &metric("cost"), COST, Some(line.cost));
    facts.number(about, &metric("can_wait"), COST, Some(line.can_wait));
    facts.number(about, &metric("batch_saving"), COST, Some(line.saving));
    facts.number(about, &metric("share"), ("period", "share"), line.share.as_ref());
}

/// Renders an estimate, `batchwise.estimate.csv/1`.
pub fn estimate(estimate: &Estimate) -> Result<String, Failure> {
    let mut facts = Facts::new();
    let whole = About::section("estimate");
    facts.text(&whole, "schema", "batchwise.estimate.csv/1");
    facts.text(&whole, "currency", "USD");
    facts.number(&whole, "monthly_spend", MONTHLY, Some(estimate.spend));
    facts.cases(&whole, "batch_share", SHARE, &estimate.batch_share.by_ref().map(Some));
    let discount = &estimate.discount;
    facts.number(&whole, "discount", ("", "share"), Some(&discount.share));
    facts.text(&whole, "discount.origin", discount.origin.code());
    if let DiscountOrigin::Model(found) = &discount.origin {
        let about = About { provider: &found.provider, model: &found.model, ..About::section("estimate") };
        facts.text(&about, "discount.prices", &found.prices);
        facts.text(&about, "discount.source", &found.source);
        facts.number(&about, "discount.from", DATE, found.from.as_ref());
        facts.number(&about, "discount.checked", DATE, Some(&found.checked));
        facts.number(&about, "discount.input_share", SHARE, Some(&found.input_share));
    }
    scenarios(estimate.spend, &estimate.batch_only, estimate.combined.as_ref(), &mut facts);
    facts.finish()
}

fn agreed(agreed: Option<&AgreedPrices>, facts: &mut Facts) {
    let Some(agreed) = agreed else { return facts.text(&About::section("report"), "agreed_prices", "") };
    let about = About::section("agreed_prices");
    facts.number(&about, "monthly_at_list", MONTHLY, Some(agreed.monthly_at_list));
    if let Some(found) = &agreed.agreement {
        facts.text(&about, "standing", found.standing);
        facts.number(&about, "coverage", ("period", "share"), found.coverage.as_ref());
        facts.number(&about, "residual", COST, Some(found.residual));
    }
    for (row, line) in numbered(&agreed.models) {
        let (provider, model) = (line.provider.as_str(), line.model.as_str());
        let about = About { row, provider, model, ..About::section("agreed_prices.models") };
        facts.number(&about, "ratio", ("period", "ratio"), Some(&line.ratio));
    }
    for (row, line) in numbered(&agreed.at_list) {
        let (provider, model) = (line.provider.as_str(), line.model.as_str());
        let about = About { row, provider, model, ..About::section("agreed_prices.at_list") };
        facts.number(&about, "monthly_cost", MONTHLY, Some(line.monthly_cost));
    }
}

fn reconciliation(found: Option<&Reconciliation>, facts: &mut Facts) {
    let Some(found) = found else { return facts.text(&About::section("report"), "reconciliation", "") };
    let about = About::section("reconciliation");
    facts.text(&about, "standing", found.standing);
    facts.number(&about, "coverage", ("period", "share"), found.coverage.as_ref());
    facts.number(&about, "computed", COST, Some(found.computed));
    facts.number(&about, "billed", COST, Some(found.billed));
    facts.number(&about, "residual", COST, Some(found.residual));
    for (row, line) in numbered(&found.models) {
        let (provider, model) = (line.provider.as_str(), line.model.as_str());
        let about = About { row, provider, model, ..About::section("reconciliation.models") };
        facts.number(&about, "computed", COST, Some(line.computed));
        facts.number(&about, "billed", COST, Some(line.billed));
        facts.number(&about, "residual", COST, Some(line.residual));
        facts.number(&about, "days", ("period", "days"), Some(line.days));
        facts.number(&about, "agreed_ratio", ("period", "ratio"), line.agreed_ratio.as_ref());
    }
    for (section, lines) in [("reconciliation.days", &found.days), ("reconciliation.lines", &found.lines)] {
        for (row, line) in numbered(lines) {
            let (subject, provider) = (&*line.day, &*line.provider);
            let model = line.model.as_deref().unwrap_or_default();
            let about = About { row, subject, provider, model, verdict: line.verdict, ..About::section(section) };
            facts.text(&about, "token_class", line.token_class.unwrap_or_default());
            facts.number(&about, "computed", DAY_COST, line.computed);
            facts.number(&about, "billed", DAY_COST, line.billed);
            facts.number(&about, "residual", DAY_COST, Some(line.residual));
        }
    }
    for (row, line) in numbered(&found.items) {
        let about =
            About { row, subject: &line.item, provider: &line.provider, ..About::section("reconciliation.items") };
        facts.text(&about, "kind", line.kind);
        facts.number(&about, "billed", COST, Some(line.billed));
        facts.number(&about, "list_value", COST, line.list_value);
    }
}

fn numbered<T>(lines: &[T]) -> impl Iterator<Item = (Option<usize>, &T)> {
    lines.iter().enumerate().map(|(index, line)| (Some(index + 1), line))
}

fn period(report: &Report, facts: &mut Facts) {
    let about = About::section("period");
    let (period, basis) = report.period.unzip();
    let basis = basis.map(|basis| match basis {
        MonthBasis::Calendar { .. } => "calendar",
        MonthBasis::RunRate { .. } => "run-rate",
    });
    facts.number(&about, "from", DATE, period.map(|period| period.from));
    facts.number(&about, "to", DATE, period.map(|period| period.to));
    facts.number(&about, "days", ("", "days"), period.map(Period::days));
    facts.text(&about, "month_basis", basis.unwrap_or_default());
}

fn input(row: Option<usize>, line: &InputLine, facts: &mut Facts) {
    let about = About { row, subject: &line.file, ..About::section("inputs") };
    facts.text(&about, "format", &line.format);
    facts.text(&about, "grain", line.grain);
    facts.number(&about, "bytes", ("", "bytes"), Some(line.bytes));
    for (outcome, count) in [("read", line.read)].iter().chain(&line.rows) {
        facts.number(&about, &format!("rows.{outcome}"), ("", "rows"), Some(count));
    }
    for (outcome, dollars) in &line.dollars {
        facts.number(&about, &format!("billed.{outcome}"), ("", "USD"), Some(dollars));
    }
    if let Some(hash) = &line.sha256 {
        facts.text(&about, "sha256", hash);
    }
    if let Some(reason) = &line.left_out {
        facts.text(&about, "left_out", &reason.message);
    }
}

fn usage(report: &Report, facts: &mut Facts) {
    let (about, usage) = (About::section("usage"), &report.usage);
    facts.number(&about, "requests", REQUESTS, Some(usage.requests));
    for class in TokenClass::ALL {
        facts.number(&about, &format!("tokens.{}", class.name()), TOKENS, Some(usage.tokens[class]));
    }
    facts.number(&about, "unpriced.requests", REQUESTS, Some(usage.unpriced_requests));
    facts.number(&about, "unpriced.tokens", TOKENS, Some(usage.unpriced_tokens));
    for (row, model) in numbered(&usage.unpriced_models) {
        facts.text(&About { row, ..about }, "unpriced.models", model);
    }
    facts.number(&about, "free_tier_list_value", COST, Some(usage.free_tier_list_value));
}

fn scenarios(today: Money, batch_only: &Scenario, combined: Option<&Combined>, facts: &mut Facts) {
    let about = |row: usize, subject| About { row: Some(row), subject, ..About::section("scenarios") };
    facts.amounts(&about(1, "today"), "monthly_cost", &Cases::all(today));
    let mut whole = |about: &About<'_>, scenario: &Scenario| {
        facts.amounts(about, "monthly_cost", &scenario.cost);
        if scenario.projected.is_unknown() {
            facts.number(about, "monthly_saving", MONTHLY, None::<Money>);
            facts.number(about, "saving_share", SHARE, None::<Money>);
            return;
        }
        facts.amounts(about, "monthly_saving", &scenario.saving);
        facts.cases(about, "saving_share", SHARE, &scenario.share);
    };
    whole(&about(2, "batch-only"), batch_only);
    if let Some(combined) = combined {
        let about = about(3, "batch-plus-routing");
        whole(&about, &combined.total);
        for (metric, part) in [("parts.batch", &combined.batch), ("parts.routing", &combined.routing)] {
            facts.amounts(&about, metric, part);
        }
        facts.text(&about, "routing", combined.kind);
    }
}

fn workload(row: Option<usize>, line: &WorkloadLine, facts: &mut Facts) {
    let about = About {
        row,
        subject: &line.workload,
        provider: &line.provider,
        model: &line.model,
        verdict: line.verdict,
        band: line.band,
        ..About::section("workloads")
    };
    if let Some(id) = &line.workload_id {
        facts.text(&about, "workload_id", id);
    }
    for (field, value) in &line.detail {
        facts.text(&about, &format!("detail.{}", sanitized(field)), value);
    }
    facts.text(&about, "reasons", &line.reasons.join("; "));
    facts.number(&about, "requests", REQUESTS, line.requests);
    facts.number(&about, "cost", COST, line.cost);
    facts.number(&about, "batch_cost", COST, line.batch_cost);
    facts.number(&about, "monthly_cost", MONTHLY, line.monthly_cost);
    // As in the JSON: without a cost nothing is known of a saving.
    facts.number(&about, "monthly_saving", MONTHLY, line.monthly_cost.map(|_| line.monthly_saving));
    if line.saving_forgone.is_some() {
        facts.number(&about, "saving_forgone", MONTHLY, line.saving_forgone);
    }
}

fn question(row: Option<usize>, line: &Question, facts: &mut Facts) {
    let subject = line.workload.as_deref().unwrap_or_default();
    let about = About { row, subject, ..About::section("questions") };
    facts.text(&about, "kind", line.kind);
    facts.text(&about, "models", &line.models.join("; "));
    facts.text(&about, "owner", line.owner.as_deref().unwrap_or_default());
    facts.text(&about, "question", &line.question);
    facts.text(&about, "answer", &line.answer);
    facts.number(&about, "monthly_cost", MONTHLY, line.monthly_cost);
    facts.number(&about, "monthly_saving", MONTHLY, line.monthly_saving);
    facts.number(&about, "tokens", TOKENS, line.tokens);
}

fn notes(section: &'static str, notes: &[Note], facts: &mut Facts) {
    for (row, note) in numbered(notes) {
        let about = About { row, subject: note.code, ..About::section(section) };
        facts.text(&about, "message", &note.message);
        facts.number(&about, "count", ("", "count"), Some(note.count));
    }
}
