//! `explain`: why a workload or a call has its verdict, and the arithmetic behind its cost.

use std::collections::BTreeMap;

use super::run::Run;
use crate::assess::basis::Basis;
use crate::assess::ladder::offers;
use crate::assess::{Assessment, Row as Sums};
use crate::cli::{ExplainArgs, PriceBasis};
use crate::diagnostic::{Diagnostic, Exit, Failure, sanitized, sanitized_short};
use crate::formats::{Accepted, Format};
use crate::input::Gathered;
use crate::input::second_pass::{Row, SecondPass, each_accepted};
use crate::maps::CopyOnWrite;
use crate::output;
use crate::policy::Policy;
use crate::report::words::{exact_dollars, plural};
use crate::rollup::facts::RowFacts;
use crate::rollup::{Cell, Charging, Context, Folder, Group, Key, Name};
use crate::scenario::small_month;
use crate::settings::Settings;
use crate::usage::{CacheWay, Field, TokenClass};
use crate::verdict::{Code, Confidence, Step, Veto, decide};

mod arithmetic;
mod seen;
mod words;

use seen::Seen;
use words::{amount, is_named, order};

/// Calls of a workload that are shown rule by rule, one for each deciding code.
const MOST_EXAMPLES: usize = 6;

/// Reads, finds what was asked about, and explains it.
pub fn run(args: &ExplainArgs) -> Result<Exit, Failure> {
    let settings = Settings::resolve(&args.read, None, None)?;
    if args.call.is_some() {
        let hint = "give the logs that they were made from, or explain a workload: `--workload NAME`";
        settings.refuse_rollups("`explain --call` looks for a single call", hint)?;
    }
    let rejects = super::rejects_target(&settings)?;
    let run = Run::new(&settings, settings.context()?, PriceBasis::List)?;
    let Run { context, gathered, assessment, .. } = &run;
    let rollup = gathered.rollup.with_cells(CopyOnWrite::default());
    let folder = Folder::over(context, rollup, gathered.known.directory.as_ref());
    let mut explainer = Explainer { settings: &settings, context, gathered, assessment, folder, text: String::new() };
    match (&args.call, &args.workload) {
        (Some(id), _) => explainer.call(id)?,
        (None, Some(name)) => explainer.workload(name)?,
        (None, None) => {}
    }
    let text = explainer.text;
    if let Some(target) = rejects {
        output::place(vec![super::write_rejects(target, gathered)?])?;
    }
    let exit = run.end()?;
    output::to_stdout(&text)?;
    Ok(exit)
}

struct Explainer<'e> {
    settings: &'e Settings,
    context: &'e Context<'e>,
    gathered: &'e Gathered,
    assessment: &'e Assessment,
    folder: Folder<'e>,
    text: String,
}

impl<'e> Explainer<'e> {
    fn say(&mut self, line: &str) {
        self.text.push_str(line);
        self.text.push('\n');
    }

    fn policy(&self) -> &'e Policy {
        &self.settings.policy
    }

    fn call(&mut self, id: &str) -> Result<(), Failure> {
        let (reading, context, gathered) = (self.settings.reading(), self.context, self.gathered);
        let pass = SecondPass { reading: &reading, sniffed: &self.settings.sniffed, context, gathered };
        let mut found = 0;
        each_accepted(pass, |Row { input, line, format, accepted }| {
            if accepted.record.text(Field::RequestId).is_some_and(|known| is_named(known, id)) {
                found += 1;
                self.one_call(input, line, format, accepted)?;
            }
            Ok::<_, Failure>(())
        })?;
        if found == 0 && gathered.inputs.iter().all(|input| !input.ledger.has_calls) {
            let message = "these inputs hold sums over time and no single calls, so no call can be explained";
            return Err(Failure::usage(
                Diagnostic::new("no-calls", message)
                    .hint("`--workload NAME` explains what is known; a log of single calls (raw response bodies, a gateway's log) tells more"),
            ));
        }
        if found == 0 {
            return Err(Failure::usage(
                Diagnostic::new("not-found", format!("no counted row has the id `{}`", sanitized_short(id, 80))).hint(
                    "ids are case-sensitive; rejected and duplicate rows are not counted (see `batchwise inspect`)",
                ),
            ));
        }
        Ok(())
    }

    fn one_call(&mut self, input: usize, line: u64, format: &Format, accepted: &Accepted<'_>) -> Result<(), Failure> {
        let record = &accepted.record;
        let provider = format.mapping.provider.as_deref();
        let id = self.folder.place(record, provider);
        let (key, last) = (*self.folder.key(id), self.assessment.last(id).copied());
        let place = format!("{}:{line}", sanitized(&self.settings.sources[input].name));
        let id = record.text(Field::RequestId).unwrap_or("(no id)");
        let what = if record.is_single_call() { "Call" } else { "Sum of calls" };
        self.say(&format!("{what} {} ({place}), {}", sanitized(id), record.when()));
        self.trace(accepted, provider);
        let code = last.map_or(key.code, |last| last.code);
        if let Some(last) = last {
            let band = last.verdict.confidence.map_or(String::new(), |band| format!(", {}", band.name()));
            self.say(&format!(
                "  verdict: {}{band}; {} [{}]",
                last.verdict.action.name(),
                sanitized(&code.sentence(self.policy())),
                sanitized(&code.text(self.policy()))
            ));
            if code != key.code && !matches!(code, Code::Veto(Veto::ManyEndUsers)) {
                self.say(&format!(
                    "  its group decided it: by itself the call was [{}]",
                    sanitized(&key.code.text(self.policy()))
                ));
            }
        } else {
            self.say(match self.folder.rollup.charge(key.charge).charging {
                Charging::StandsAlone(_) => "  a line of a bill about no call: in no verdict and no saving",
                _ => "  a line of a bill, compared with the usage of the same provider and not added to it",
            });
        }
        let mut cell = Cell { billed: record.billed.unwrap_or_default(), rows: 1, ..Cell::default() };
        if let Some(tokens) = record.tokens() {
            for class in TokenClass::ALL {
                cell.tokens[class] = u128::from(tokens[class]);
            }
        }
        self.arithmetic(&key, &cell, code)?;
        self.say("");
        Ok(())
    }

    /// Every step of the verdict in order, with what it saw, up to the one that decided.
    fn trace(&mut self, accepted: &Accepted<'_>, provider: Option<&str>) {
        let record = &accepted.record;
        let id = self.folder.place(record, provider);
        let key = *self.folder.key(id);
        let resolution = self.folder.rollup.quoted(self.folder.rollup.charge(key.charge)).key.resolution;
        let (call, group) = self.folder.verdict_input(record, provider);
        // Rules and words see the names that other rows have for its ids.
        let record = &self.folder.renamed(record, resolution);
        let Group { workload, provider, .. } = *self.folder.rollup.group(group);
        let text = |id| self.folder.rollup.texts.get(id);
        let workload = Name { name: text(workload.name), id: workload.id.map(text) };
        let facts = RowFacts { record, provider: text(provider), workload };
        let decided = decide(&call);
        let many = self.assessment.last(id).is_some_and(|last| last.code == Code::Veto(Veto::ManyEndUsers));
        let deciding = if many { Some(Step::ManyEndUsers) } else { decided.step() };
        let seen = Seen { call: &call, facts: &facts, policy: self.policy(), many };
        let steps = Step::ALL.into_iter().filter(|step| deciding.is_none_or(|deciding| *step <= deciding));
        let mut lines: Vec<_> = steps.flat_map(|step| seen.lines(step, decided)).collect();
        let last = lines.pop();
        let marked = lines.iter().map(|line| (" ", line)).chain(last.iter().map(|line| ("→", line)));
        for (mark, (name, saw)) in marked {
            self.say(&format!("  {mark} {name:<22} {saw}"));
        }
    }

    fn workload(&mut self, name: &str) -> Result<(), Failure> {
        let known = self.assessment.rows.iter().map(|row| &*row.workload);
        let name = known
            .clone()
            .find(|known| *known == name)
            .or_else(|| known.clone().find(|known| is_named(known, name)))
            .or_else(|| {
                let is_it = |row: &&crate::assess::Row| row.workload_id.as_ref().is_some_and(|id| is_named(id, name));
                self.assessment.rows.iter().find(is_it).map(|row| &*row.workload)
            })
            .unwrap_or(name);
        let rows: Vec<_> = self.assessment.rows.iter().filter(|row| &*row.workload == name).collect();
        if rows.is_empty() {
            let near = self
                .assessment
                .rows
                .iter()
                .min_by_key(|row| (strsim::damerau_levenshtein(&row.workload, name), row.workload.clone()))
                .map_or_else(
                    || "the files hold no workloads".to_owned(),
                    |row| format!("the nearest name is `{}`", sanitized_short(&row.workload, 60)),
                );
            return Err(Failure::usage(
                Diagnostic::new("not-found", format!("no workload is called `{}`", sanitized_short(name, 60)))
                    .hint(near),
            ));
        }
        self.say(&format!("Workload {}", sanitized(name)));
        for row in rows {
            let band = row.verdict.confidence.map_or(String::new(), |band| format!(", {}", band.name()));
            self.say("");
            let apart: Vec<_> = row.details.apart.iter().map(|value| sanitized(value)).collect();
            let apart = if apart.is_empty() { String::new() } else { format!("› {}, ", apart.join(" › ")) };
            let model = format!("{}/{}", sanitized(&row.provider), sanitized(&row.model));
            self.say(&format!("{apart}{model}: {}{band}", row.verdict.action.name()));
            for code in &row.codes {
                self.say(&format!(
                    "  because: {} [{}]",
                    sanitized(&row.reason(*code, self.policy())),
                    sanitized(&code.text(self.policy()))
                ));
                self.rule_facts(*code);
            }
            let requests = row.requests.map_or_else(
                || "requests not stated".to_owned(),
                |requests| format!("{} on {}", plural(requests, "request"), plural(row.days.len(), "day")),
            );
            self.say(&format!(
                "  {requests}; cost in the period {}, in batch {}",
                amount(row.cost),
                amount(row.batch_cost)
            ));
            if let Some(costs) = row.costs_by_way() {
                let ways = CacheWay::ALL.into_iter().zip(costs);
                let ways: Vec<String> =
                    ways.map(|(way, cost)| format!("{} {}", way.name(), exact_dollars(cost))).collect();
                self.say(&format!("  in batch, by how cached prompts are sent: {}", ways.join(", ")));
            }
            self.ladder(row)?;
            self.small_volume(row)?;
            self.row_arithmetic(name, row)?;
        }
        self.say("");
        self.examples(name)
    }

    /// What its calls would cost in the period on each way to buy them.
    fn ladder(&mut self, row: &Sums) -> Result<(), Failure> {
        let rollup = &self.gathered.rollup;
        let at = self.assessment.rows.iter().position(|other| std::ptr::eq(other, row));
        let cells = at.and_then(|at| self.assessment.cells_by_row(rollup).nth(at)).unwrap_or_default();
        let offers = offers(rollup, row, &cells, (&self.settings.table, self.policy()))?;
        if offers.len() > 1 && row.cost.is_some_and(|cost| !cost.is_zero()) {
            let ways: Vec<String> =
                offers.iter().map(|offer| format!("{} {}", offer.rung, exact_dollars(offer.cost))).collect();
            self.say(&format!("  on each way to buy it: {}", ways.join(", ")));
        }
        Ok(())
    }

    /// What its calls that stay for their small volume would be without it, and how to count them.
    fn small_volume(&mut self, row: &Sums) -> Result<(), Failure> {
        let month = self.gathered.month_basis();
        for small in &row.small {
            let (cost, saving) = small_month(row, small, &Basis::List, month)?;
            let codes: Vec<_> = small.codes.iter().map(|code| code.text(self.policy())).collect();
            let (verdict, band) = (small.verdict.action.name(), small.verdict.confidence.map_or("", Confidence::name));
            let (codes, cost, saving) =
                (sanitized(&codes.join(", ")).into_owned(), amount(Some(cost)), amount(Some(saving)));
            self.say(&format!(
                "  but for its volume: {verdict}, {band} [{codes}]; batch would save {saving} of {cost} a month"
            ));
        }
        if !row.small.is_empty() {
            let from = amount(Some(self.policy().small_saving));
            self.say(&format!(
                "    it counts from {from} a month on (`limits.small_saving`), or with a rule that says `then: batch`"
            ));
        }
        Ok(())
    }

    /// What a rule of the user's says besides its verdict.
    fn rule_facts(&mut self, code: Code) {
        let Code::Rule(rule) = code else { return };
        let rule = self.policy().rules.rule(rule);
        if let Some(owner) = &rule.owner {
            self.say(&format!("    owner {}", sanitized(owner)));
        }
        if let Some(wait) = rule.max_wait {
            self.say(&format!("    may wait {wait}"));
        }
    }

    /// The cells of a row, whose sums are the row's.
    fn row_arithmetic(&mut self, name: &str, row: &Sums) -> Result<(), Failure> {
        let rollup = &self.folder.rollup;
        let mut sums: BTreeMap<String, (Key, Cell, Code)> = BTreeMap::new();
        for (id, key, cell) in self.gathered.rollup.sums() {
            let group = rollup.group(key.group);
            let belongs = rollup.texts.get(group.workload.name) == name
                && rollup.texts.get(group.provider) == &*row.provider
                && rollup.texts.get(group.model) == &*row.model
                && self.assessment.last(id).is_some_and(|last| last.verdict == row.verdict);
            if let Some(last) = self.assessment.last(id).filter(|_| belongs) {
                let charge = rollup.charge(key.charge);
                // What is charged alike is one sum, however the rollup came to keep it.
                let (_, sum, _) = sums
                    .entry(order(rollup, charge, last.code, key.code.batch_cache(self.policy())))
                    .or_insert_with(|| (*key, Cell::default(), last.code));
                sum.absorb(cell)?;
            }
        }
        for (key, cell, code) in sums.into_values() {
            let count = if cell.rows > cell.rows_without_requests {
                plural(cell.requests, "request")
            } else {
                plural(cell.rows, "row")
            };
            self.say(&format!("  {count} [{}]", sanitized(&code.text(self.policy()))));
            self.arithmetic(&key, &cell, code)?;
        }
        Ok(())
    }

    /// One call of each deciding code, rule by rule.
    fn examples(&mut self, name: &str) -> Result<(), Failure> {
        let (reading, context, gathered) = (self.settings.reading(), self.context, self.gathered);
        let pass = SecondPass { reading: &reading, sniffed: &self.settings.sniffed, context, gathered };
        let mut seen: Vec<Code> = Vec::new();
        each_accepted(pass, |Row { input, line, format, accepted }| {
            let provider = format.mapping.provider.as_deref();
            let id = self.folder.place(&accepted.record, provider);
            let key = *self.folder.key(id);
            let group = *self.folder.rollup.group(key.group);
            if self.folder.rollup.texts.get(group.workload.name) == name
                && !seen.contains(&key.code)
                && seen.len() < MOST_EXAMPLES
            {
                seen.push(key.code);
                let place = format!("{}:{line}", sanitized(&self.settings.sources[input].name));
                let kind = if accepted.record.end.is_some() { "Bucket" } else { "Call" };
                self.say(&format!("{kind} at {place}, rule by rule:"));
                self.trace(accepted, provider);
                if let Some(last) = self
                    .assessment
                    .last(id)
                    .filter(|last| last.code != key.code && !matches!(last.code, Code::Veto(Veto::ManyEndUsers)))
                {
                    self.say(&format!(
                        "  → its group              {} [{}]",
                        sanitized(&last.code.sentence(self.policy())),
                        sanitized(&last.code.text(self.policy()))
                    ));
                }
            }
            Ok::<_, Failure>(())
        })
    }
}
