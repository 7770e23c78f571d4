//! Rules put into a policy that somebody wrote, whose text stays as it is.
//!
//! Role: the text of a policy and new rules → the text with them. It looks at lines, since a parser that keeps every
//! space and comment does not exist for YAML; so what comes out is read again, and has to say what it said before.

use super::schema::RawPolicy;
use crate::diagnostic::{Diagnostic, Failure, Place};
use crate::yaml;

/// Columns that rules are indented by where the policy has none yet.
const INDENT: usize = 2;

/// A rule as lines, comments first, without indentation.
pub type RuleLines = Vec<String>;

/// What a policy says, in a form that can be compared.
struct Content {
    rules: Vec<String>,
    /// The first rule that matches every call: none behind it is ever tried.
    catch_all: usize,
    others: String,
}

impl Content {
    fn of(source: &str, text: &str) -> Result<Self, Failure> {
        let mut raw: RawPolicy = yaml::read("policy", source, text)?;
        let rules = std::mem::take(&mut raw.rules);
        Ok(Self {
            catch_all: rules.iter().position(|rule| rule.when.0.is_empty()).unwrap_or(rules.len()),
            rules: rules.iter().map(|rule| format!("{rule:?}")).collect(),
            others: format!("{raw:?}"),
        })
    }
}

/// Puts rules behind those of a policy, before the first that matches every call. Every other byte stays as it is.
///
/// # Errors
/// Where the rules are not written one below the other, so that lines cannot tell where one ends.
pub fn with_rules(source: &str, text: &str, rules: &[RuleLines]) -> Result<String, Failure> {
    let before = Content::of(source, text)?;
    let refuse = || {
        let message = "its rules are not written one below the other, so none can be put between them as it stands";
        Failure::usage(
            Diagnostic::new("policy-layout", message)
                .at(Place::file(source))
                .hint("begin each rule on a line of its own, `- id: NAME`, below a line `rules:`"),
        )
    };
    let edited = edited(text, rules, &before).ok_or_else(refuse)?;
    let after = Content::of(source, &edited).map_err(|_| refuse())?;
    let (first, behind) = before.rules.split_at(before.catch_all);
    let is_kept = after.others == before.others
        && after.rules.len() == before.rules.len() + rules.len()
        && after.rules.starts_with(first)
        && after.rules.ends_with(behind);
    if is_kept { Ok(edited) } else { Err(refuse()) }
}

fn edited(text: &str, rules: &[RuleLines], before: &Content) -> Option<String> {
    let line_end = if text.contains("\r\n") { "\r\n" } else { "\n" };
    let lines: Vec<&str> = text.split_inclusive('\n').collect();
    let block = |indent: usize| -> String {
        let margin = " ".repeat(indent);
        rules.iter().flatten().flat_map(|line| [margin.as_str(), line.as_str(), line_end]).collect()
    };
    let Some(head) = lines.iter().position(|line| line.starts_with("rules:")) else {
        let gap = if text.is_empty() || text.ends_with('\n') { "" } else { line_end };
        return Some(format!("{text}{gap}rules:{line_end}{}", block(INDENT)));
    };
    let value = lines[head]["rules:".len()..].trim();
    if let Some(comment) = value.strip_prefix("[]") {
        let comment = if comment.is_empty() { String::new() } else { format!(" {}", comment.trim_start()) };
        let (above, below) = (lines[..head].concat(), lines[head + 1..].concat());
        return Some(format!("{above}rules:{comment}{line_end}{}{below}", block(INDENT)));
    }
    if !(value.is_empty() || value.starts_with('#')) {
        return None;
    }
    let starts = starts(&lines, head);
    if starts.is_empty() && before.rules.is_empty() {
        let (above, below) = (lines[..=head].concat(), lines[head + 1..].concat());
        let gap = if above.ends_with('\n') { "" } else { line_end };
        return Some(format!("{above}{gap}{}{below}", block(INDENT)));
    }
    if starts.len() != before.rules.len() {
        return None;
    }
    let indent = indent_of(lines[*starts.first()?]);
    let at = match starts.get(before.catch_all) {
        // Comments right above a rule are about it.
        Some(&start) => start - lines[..start].iter().rev().take_while(|line| is_comment(line)).count(),
        None => end_of_last(&lines, *starts.last()?, indent),
    };
    let (above, below) = (lines[..at].concat(), lines[at..].concat());
    let gap = if above.ends_with('\n') { "" } else { line_end };
    Some(format!("{above}{gap}{}{below}", block(indent)))
}

/// The lines on which rules begin.
fn starts(lines: &[&str], head: usize) -> Vec<usize> {
    let mut starts: Vec<usize> = Vec::new();
    for (index, line) in lines.iter().enumerate().skip(head + 1) {
        if line.trim().is_empty() || is_comment(line) {
            continue;
        }
        let is_item = line.trim_start().starts_with("- ") || line.trim() == "-";
        let indent = starts.first().map_or_else(|| indent_of(line), |&first| indent_of(lines[first]));
        match indent_of(line) {
            own if own == indent && is_item => starts.push(index),
            own if own <= indent => break,
            _ => {}
        }
    }
    starts
}

/// The line behind the last rule: what is indented deeper than it belongs to it.
fn end_of_last(lines: &[&str], start: usize, indent: usize) -> usize {
    let of_rule = |line: &&str| line.trim().is_empty() || indent_of(line) > indent;
    let length = lines[start + 1..].iter().take_while(|line| of_rule(line)).count();
    let blank = lines[start + 1..][..length].iter().rev().take_while(|line| line.trim().is_empty()).count();
    start + 1 + length - blank
}

fn indent_of(line: &str) -> usize {
    line.len() - line.trim_start_matches(' ').len()
}

fn is_comment(line: &str) -> bool {
    line.trim_start().starts_with('#')
}

#[cfg(test)]
mod tests {
    use super::*;

    const RULE: [&str; 4] = ["# new", "- id: new", "  when: {workload: new}", "  then: ask"];

    fn added(text: &str) -> String {
        let rule = RULE.iter().map(|line| (*line).to_owned()).collect();
        with_rules("policy.yaml", text, &[rule]).unwrap_or_else(|failure| failure.diagnostic.code.to_owned())
    }

    #[test]
    fn rules_go_behind_the_last_and_before_what_matches_all() {
        let new = |indent: &str| RULE.map(|line| format!("{indent}{line}\n")).concat();
        let old = "  - {id: a, when: {team: x}, then: batch} # why\n";
        let long = "  - id: b\n    when: {team: y}\n    then: batch\n    because: |\n      # text\n\n      more\n";
        let rest = "  # all else\n  - id: rest\n    when: {}\n    then: real-time\n";
        let limits = "# limits\nlimits: {min_requests: 5}\n";
        for (text, indent, at) in [
            (format!("schema: 1\nrules:\n{old}{long}\n{limits}"), "  ", old.len() + long.len()),
            (format!("schema: 1\nrules:\n{long}{old}{rest}{limits}"), "  ", old.len() + long.len()),
            (format!("schema: 1\nrules:\n{rest}{old}"), "  ", 0),
            (format!("schema: 1\nrules:\n{}{limits}", old.replace("  -", "-")), "", old.len() - 2),
            ("schema: 1\n".to_owned(), "", 0),
        ] {
            let head = text.find("rules:\n").map_or(text.len(), |head| head + "rules:\n".len());
            let expected = if text.contains("rules:") {
                format!("{}{}{}", &text[..head + at], new(indent), &text[head + at..])
            } else {
                format!("{text}rules:\n{}", new("  "))
            };
            assert_eq!(added(&text), expected);
        }
        assert_eq!(
            added("schema: 1\nrules: [] # none\nlimits: {}"),
            format!("schema: 1\nrules: # none\n{}limits: {{}}", new("  "))
        );
        let none_yet = "schema: 1\nrules: # to come\n  # the first\nlimits: {}";
        let (above, below) = none_yet.split_at(none_yet.find("  # the first").expect("a comment"));
        assert_eq!(added(none_yet), format!("{above}{}{below}", new("  ")));
        assert_eq!(added("schema: 1"), format!("schema: 1\nrules:\n{}", new("  ")));
        let windows = added(&format!("schema: 1\nrules:\n{old}").replace('\n', "\r\n"));
        assert_eq!(windows, format!("schema: 1\nrules:\n{old}{}", new("  ")).replace('\n', "\r\n"));
    }

    #[test]
    fn a_layout_that_lines_cannot_tell_is_left_alone() {
        for text in [
            "schema: 1\nrules: [{id: a, when: {team: x}, then: batch}]\n",
            "{schema: 1, rules: [{id: a, when: {team: x}, then: batch}]}\n",
            "schema: 1\nrules:\n  [{id: a, when: {team: x}, then: batch}]\n",
            "schema: 1\n...\n",
        ] {
            assert_eq!(added(text), "policy-layout", "{text}");
        }
    }
}
