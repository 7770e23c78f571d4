//! `init`: a starter policy, or what is new for one that there is.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::io::Write as _;
use std::path::Path;

mod starter;

use super::run::Run;
use crate::cli::{InitArgs, PriceBasis, ReadArgs};
use crate::diagnostic::{Exit, Failure, sanitized, sanitized_short};
use crate::input::RowOutcome;
use crate::money::Money;
use crate::output;
use crate::policy::edit::{RuleLines, with_rules};
use crate::policy::{Policy, write};
use crate::report::words::{day_words, dollars, plural};
use crate::settings::{Settings, display, read_text};
use starter::{Starter, StarterInput, starter};

/// Ids named in the note.
const MOST_IDS: usize = 10;

/// Reads, judges without rules that match every call, and writes what no rule decides yet.
pub fn run(args: &InitArgs) -> Result<Exit, Failure> {
    // A policy that stands where this one is to go is the one to go on from.
    let goes_on = args.read.policy.is_none() && !args.read.force;
    let own = args.output.as_deref().filter(|path| goes_on && path.is_file());
    // One that holds nothing, or comments alone, is begun.
    let begun = own.map(|path| read_text(path, "policy")).transpose()?.filter(|text| is_blank(text));
    let own = own.filter(|_| begun.is_none());
    let base = args.read.policy.as_deref().or(own);
    let is_base =
        |path: &Path| base.is_some_and(|base| std::path::absolute(base).ok() == std::path::absolute(path).ok());
    let read = ReadArgs { policy: base.map(Path::to_owned), ..args.read.clone() };
    output::check_distinct(args.output.iter().chain(&args.read.rejects))?;
    let mut settings = Settings::resolve(&read, None, None)?;
    settings.policy.rules.leave_out_catch_alls();
    let text = base.map(|path| read_text(path, "policy")).transpose()?;
    let target = args
        .output
        .as_deref()
        .map(|path| {
            // A policy that is gone on from, or begun, is read and written again.
            let force = settings.force || is_base(path) || begun.is_some();
            output::prepare(path, force, settings.reads().filter(|read| !is_base(read)))
        })
        .transpose()?;
    let rejects = super::rejects_target(&settings)?;

    let run = Run::new(&settings, settings.context()?, PriceBasis::List)?;
    let Run { gathered, assessment, scenarios, .. } = &run;
    let starter = starter(&StarterInput {
        rows: &assessment.rows,
        months: &scenarios.rows,
        basis: gathered.month_basis(),
        policy: &settings.policy,
    })?;

    let (source, text, is_new) = match (base, text) {
        (Some(path), Some(text)) if starter.rules.is_empty() => (display(path), text, false),
        (Some(path), Some(text)) => {
            let rules: Vec<RuleLines> = starter.rules.iter().map(|(_, lines)| lines.clone()).collect();
            let source = display(path);
            let text = with_rules(&source, &text, &rules)?;
            (source, text, true)
        }
        _ => {
            let files: Vec<&str> = gathered.inputs.iter().map(|input| input.name.as_str()).collect();
            let days = gathered.period().map(|period| format!("{} – {}", day_words(period.from), day_words(period.to)));
            let mut blind = Vec::new();
            let rejected: u64 = gathered.inputs.iter().map(|input| input.ledger.rows(RowOutcome::Rejected)).sum();
            if rejected > 0 {
                blind.push(plural(rejected, "rejected row"));
            }
            let models: BTreeSet<&str> = assessment.unpriced.keys().map(|(_, model)| model.as_str()).collect();
            blind.extend(
                models.into_iter().map(|model| format!("`{}`, which has no price", sanitized_short(model, 60))),
            );
            let mut text = begun.unwrap_or_default();
            if !text.is_empty() && !text.ends_with('\n') {
                text.push('\n');
            }
            text.push_str(&whole(&files, days, &blind, scenarios.sums.today, &starter));
            ("starter policy".to_owned(), text, true)
        }
    };
    // What is written is read back first: nobody is to find out later that it is refused.
    Policy::parse(&source, &text)?;
    let mut written = Vec::new();
    // A file that would stay as it is stays untouched.
    let is_unchanged = args.output.as_deref().is_some_and(is_base) && !is_new;
    match target {
        Some(target) if !is_unchanged => {
            written.push(target.write_sealed(|target| Ok(target.write_all(text.as_bytes())?))?);
        }
        _ => {}
    }
    if let Some(target) = rejects {
        written.push(super::write_rejects(target, gathered)?);
    }
    output::place(written)?;
    if args.output.is_none() {
        output::to_stdout(&text)?;
    }
    if !settings.quiet {
        // Standard error that is closed is nobody's concern.
        let _ = writeln!(std::io::stderr(), "{}", note(&starter, base.is_some()));
    }
    run.end()
}

fn is_blank(policy: &str) -> bool {
    policy.lines().map(str::trim).all(|line| line.is_empty() || line.starts_with('#'))
}

/// A whole policy.
fn whole(files: &[&str], days: Option<String>, blind: &[String], today: Money, starter: &Starter) -> String {
    let from = match files {
        [file] => sanitized_short(file, 60),
        files => plural(files.len() as u64, "file"),
    };
    let days = days.map_or_else(String::new, |days| format!(", {days}"));
    let mut text = format!(
        "\
# A policy to begin with, made from {from}{days}: {} a month.
#
# The first rule that matches a call decides it. For each workload, largest first, say whether it can wait:
#   then: batch      its answers may come a day later; this counts as confirmed
#   then: real-time  somebody or something waits for them
#   then: ask        not known yet; the reports ask its `owner` and show the dollars at stake
# What stands there now is a proposal. Read it, and say in `because` why it is so: reports warn of rules without.
schema: 1
",
        dollars(today)
    );
    if starter.rules.is_empty() {
        text.push_str("rules: []\n");
    } else {
        text.push_str("rules:\n");
    }
    for (index, (_, lines)) in starter.rules.iter().enumerate() {
        if index > 0 {
            text.push('\n');
        }
        for line in lines {
            // Writing to a String cannot fail.
            let _ = writeln!(text, "  {line}");
        }
    }
    if !blind.is_empty() {
        let shown = blind.iter().take(MOST_IDS).cloned().collect::<Vec<_>>().join("; ");
        let more = blind.len().saturating_sub(MOST_IDS);
        let more = if more > 0 { format!("; and {more} more") } else { String::new() };
        let _ = writeln!(text, "\n# In no figure here: {shown}{more}.");
    }
    if !starter.rest.is_empty() {
        text.push('\n');
    }
    for line in &starter.rest {
        let _ = writeln!(text, "{line}");
    }
    text
}

/// What was done, on standard error.
fn note(starter: &Starter, had_policy: bool) -> String {
    let ids: Vec<String> = starter.rules.iter().take(MOST_IDS).map(|(id, _)| format!("`{}`", sanitized(id))).collect();
    let more = starter.rules.len().saturating_sub(MOST_IDS);
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    let rules = plural(starter.rules.len() as u64, "rule");
    match (starter.rules.is_empty(), had_policy) {
        (true, _) if !starter.differing.is_empty() => {
            format!("no new rule: none can be written for {} ({})", starter.differing.join(", "), write::CALLS_DIFFER)
        }
        (true, true) => "nothing new: every workload that matters has a rule".to_owned(),
        (true, false) => "no rules: no workload waits for a verdict that a rule could give".to_owned(),
        (false, true) => format!("added {rules}: {}{more}", ids.join(", ")),
        (false, false) => format!("{rules} to read and fill in: {}{more}", ids.join(", ")),
    }
}
