//! The starter policy: read back, true to what was known, and never in the way of what somebody wrote.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::exports::exports;
use crate::support::{Folder, Run, finish, fixture, program, report_json};

fn init(file: &Path, words: &[&str]) -> Run {
    finish(program().arg("init").arg(file).args(words))
}

/// A workload: its name, model, whether it streams, and its requests on each of seven days.
type Workload<'w> = (&'w str, &'w str, &'w str, u32);

/// Sums by day, so that no workload is too small.
fn log(folder: &Folder, file: &str, workloads: &[Workload<'_>]) -> PathBuf {
    let mut writer = csv::Writer::from_writer(Vec::new());
    let columns = [
        "timestamp",
        "bucket_end",
        "requests",
        "provider",
        "model",
        "workload_tag",
        "stream",
        "input_tokens",
        "output_tokens",
    ];
    writer.write_record(columns).expect("memory");
    for (name, model, stream, requests) in workloads {
        for day in 1..8 {
            let (from, to) = (format!("2026-10-0{day}T00:00:00Z"), format!("2026-10-0{}T00:00:00Z", day + 1));
            let input = (requests * 1000).to_string();
            let cells = [&from, &to, &requests.to_string(), "openai", model, name, stream, &input, "1000"];
            writer.write_record(cells).expect("memory");
        }
    }
    folder.write(file, writer.into_inner().expect("memory"))
}

/// The three cases of batch alone.
fn savings(report: &Value) -> [String; 3] {
    ["low", "base", "high"].map(|case| report["scenarios"][1]["monthly_saving"][case].to_string())
}

fn rule_warnings(report: &Value) -> Vec<&str> {
    let notes = report["warnings"].as_array().expect("a list").iter();
    notes.filter_map(|note| note["code"].as_str()).filter(|code| code.starts_with("rule-")).collect()
}

#[test]
fn the_sample_gets_its_rules_by_spend() {
    let run = init(&fixture("verdicts/october.csv"), &[]);
    assert_eq!(run.code, 0, "{}", run.transcript());
    insta::assert_snapshot!("sample", run.transcript());
}

/// Applied as it is, a starter policy moves nothing between base cases: it proposes what was known, and asks for the rest.
#[test]
fn proposals_change_no_figure() {
    let folder = Folder::new();
    let good = exports().into_iter().filter(|export| export.stem() == "good").map(|export| export.path());
    let files: Vec<PathBuf> = std::iter::once(fixture("verdicts/october.csv")).chain(good).collect();
    let mut with_rules = 0;
    for file in files {
        let policy = folder.path("policy.yaml");
        let _ = fs::remove_file(&policy);
        let policy = policy.display().to_string();
        let first = init(&file, &["-o", &policy]);
        if first.code == 4 {
            continue;
        }
        // As complete as a report of the same file is.
        let before = report_json(std::slice::from_ref(&file), &[]);
        assert_eq!((first.code, first.stdout.as_str()), (before.code, ""), "{file:?}: {}", first.transcript());
        let text = fs::read_to_string(&policy).expect("written");
        with_rules += usize::from(text.contains("- id:"));
        let again = init(&file, &["-o", &policy]);
        assert_eq!(again.code, before.code, "{file:?}: {}", again.transcript());
        assert_eq!(fs::read_to_string(&policy).expect("there"), text, "{file:?}: {}", again.stderr);
        let has_no_more = again.stderr.starts_with("nothing new") || again.stderr.starts_with("no new rule");
        assert!(has_no_more, "{file:?}: {}", again.stderr);
        let after = report_json(std::slice::from_ref(&file), &["--policy", &policy]);
        assert_eq!(before.code, after.code, "{file:?}: {}", after.stderr);
        let (before, after) = (before.json(), after.json());
        assert_eq!(savings(&before)[1..], savings(&after)[1..], "{file:?}\n{text}");
        assert_eq!(after["scenarios"][0], before["scenarios"][0], "{file:?}");
        assert!(
            rule_warnings(&after).iter().all(|code| *code == "rule-unsigned"),
            "{file:?}: {:?}",
            rule_warnings(&after)
        );
    }
    assert!(with_rules >= 5, "only {with_rules} files gave rules");
}

const HOSTILE: [&str; 22] = [
    "a*b",
    "axb",
    "[x]",
    "x",
    "{a,b}",
    "a",
    "who?",
    "back\\slash",
    "\"quoted\" 'names'",
    "# comment: {y: z}",
    "line\nbreak\r\n  - id: evil\n    when: {}\n    then: batch",
    "- id: evil",
    "&anchor *alias !tag %directive",
    "\u{1b}[31mred\u{7}",
    "right\u{202e}left\u{2028}",
    "no",
    "42",
    "~",
    "日本語",
    " blank ",
    "Support",
    "...",
];

#[test]
fn names_are_matched_as_they_are_and_break_nothing() {
    let folder = Folder::new();
    let secret = "sk-proj-T4kR8wQ2zX6vB1nM9cL5jH3gF7dS0aPo";
    let names = HOSTILE.iter().copied().chain(["support", secret]);
    let workloads = names.map(|name| (name, "gpt-5.4", "false", 5000));
    // The last twentieth of the spend is not written out.
    let workloads: Vec<Workload<'_>> = workloads.chain([("tail", "gpt-5.4", "false", 4900)]).collect();
    let calls = log(&folder, "calls.csv", &workloads);
    let policy = folder.path("policy.yaml").display().to_string();
    let run = init(&calls, &["-o", &policy]);
    assert_eq!(run.code, 0, "{}", run.transcript());
    let text = fs::read_to_string(&policy).expect("written");
    let moves = |character: char| {
        (character.is_control() && character != '\n') || ('\u{2028}'..='\u{202e}').contains(&character)
    };
    assert!(!text.contains(moves) && !text.contains(secret), "{text}");
    insta::assert_snapshot!("hostile", text);
    let report = report_json(&[calls], &["--policy", &policy]).json();
    let mut ids = BTreeSet::new();
    for row in report["workloads"].as_array().expect("rows") {
        let (name, reasons) = (row["workload"].as_str().expect("a name"), row["reasons"].as_array().expect("reasons"));
        if name.contains("masked") || name == "tail" {
            assert_eq!(reasons, &[Value::from("undecided")], "{name}");
            continue;
        }
        assert!(reasons.len() == 1 && reasons[0].as_str().is_some_and(|reason| reason.starts_with("rule:")), "{row}");
        ids.insert(reasons[0].to_string());
    }
    // `Support` and `support` are one to a rule.
    assert_eq!(ids.len(), HOSTILE.len(), "{ids:?}");
    assert_eq!(rule_warnings(&report), ["rule-unsigned"]);
}

const OWN: &str = "# ours, do not touch
schema: 1
rules:
    - id: chat   # people
      when: {workload: support-chat}
      then: real-time
      because: |
        a person waits

        # not a comment

    # all the rest
    - {id: rest, when: {}, then: real-time}
limits: {min_requests: 10}   # few
";

#[test]
fn a_policy_of_ones_own_is_kept_and_added_to() {
    let folder = Folder::new();
    let workloads =
        [("support-chat", "gpt-5.4", "", 5000), ("nightly-evals", "gpt-5.4", "", 3000), ("svc-7", "gpt-5.4", "", 2000)];
    let calls = log(&folder, "calls.csv", &workloads);
    let own = folder.write("own.yaml", OWN);
    let path = own.display().to_string();
    let run = init(&calls, &["-o", &path]);
    assert_eq!(
        (run.code, run.stderr.as_str()),
        (0, "added 2 rules: `nightly-evals`, `svc-7`\n"),
        "{}",
        run.transcript()
    );
    let text = fs::read_to_string(&own).expect("there");
    insta::assert_snapshot!("added", text);
    let (above, below) = OWN.split_at(OWN.find("    # all the rest").expect("a rule"));
    assert!(text.starts_with(above) && text.ends_with(below), "{text}");
    let run = init(&calls, &["-o", &path]);
    assert!(run.stderr.starts_with("nothing new"), "{}", run.stderr);
    assert_eq!(fs::read_to_string(&own).expect("there"), text);

    // From one file into another, or onto the screen, the first stays as it is.
    folder.write("own.yaml", OWN);
    let printed = init(&calls, &["--policy", &path]);
    assert_eq!((printed.code, printed.stdout.as_str()), (0, text.as_str()));
    let other = folder.write("other.yaml", "schema: 1\n").display().to_string();
    let refused = init(&calls, &["--policy", &path, "-o", &other]);
    assert_eq!(refused.code, 5, "{}", refused.transcript());
    assert_eq!(fs::read_to_string(&other).expect("there"), "schema: 1\n");
    let forced = init(&calls, &["--policy", &path, "-o", &other, "--force", "--quiet"]);
    assert_eq!((forced.code, forced.stderr.as_str()), (0, ""));
    assert_eq!(fs::read_to_string(&other).expect("there"), text);
    assert_eq!(fs::read_to_string(&own).expect("there"), OWN);

    let anew = init(&calls, &["-o", &path, "--force"]);
    assert_eq!(anew.code, 0, "{}", anew.transcript());
    assert!(fs::read_to_string(&own).expect("there").starts_with("# A policy to begin with"), "{}", anew.stderr);
}

/// Whatever an editor makes of a file: byte-order mark, line ends, indentation, comments, and no rule yet.
#[test]
fn bytes_of_ones_own_stay_in_their_order() {
    let folder = Folder::new();
    let calls = log(&folder, "calls.csv", &[("support-chat", "gpt-5.4", "", 5000), ("svc-7", "gpt-5.4", "", 2000)]);
    let rule = "id: seven, when: {workload: svc-7}, then: batch, because: read next week";
    for text in [
        format!("\u{feff}schema: 1\nrules:\n  - {{{rule}}}\n"),
        format!("# ours\r\nschema: 1\r\nrules:\r\n- {{{rule}}} # one\r\nlimits: {{min_requests: 5}}\r\n"),
        format!("schema: 1\nrules:\n        -   {{{rule}}}\n\n\n# the end"),
        format!("---\nschema: 1\nrules: # ours\n  # first\n  - &a {{{rule}}}\n...\n"),
        "schema: 1\nrules:\nlimits: {min_requests: 5}\n".to_owned(),
        "limits: {min_requests: 5}\nschema: 1".to_owned(),
    ] {
        let own = folder.write("own.yaml", &text);
        let path = own.display().to_string();
        let run = init(&calls, &["-o", &path]);
        assert_eq!(run.code, 0, "{text}: {}", run.transcript());
        let after = fs::read_to_string(&own).expect("there");
        assert!(after.len() > text.len() && after.contains("support-chat"), "{after}");
        let kept = text.bytes().zip(after.bytes()).take_while(|(before, after)| before == after).count();
        assert!(after.ends_with(&text[kept..]), "{text:?} became {after:?}");
        assert_eq!(after.matches('\n').count() - after.matches("\r\n").count() > 0, !text.contains('\r'), "{after:?}");
        assert!(init(&calls, &["-o", &path]).stderr.starts_with("nothing new"), "{text}");
        assert_eq!(fs::read_to_string(&own).expect("there"), after);
        let report = report_json(std::slice::from_ref(&calls), &["--policy", &path]);
        assert_eq!(report.code, 0, "{}", report.transcript());
    }
}

#[test]
fn what_cannot_be_added_to_is_refused_and_left() {
    let folder = Folder::new();
    let calls = log(&folder, "calls.csv", &[("svc-7", "gpt-5.4", "", 2000)]);
    for (name, text) in [
        ("brackets", "schema: 1\nrules: [{id: a, when: {team: x}, then: batch}]\n"),
        ("mistake", "schema: 1\nrules:\n  - {id: a, wen: {team: x}, then: batch}\n"),
    ] {
        let policy = folder.write("policy.yaml", text);
        let run = init(&calls, &["-o", &policy.display().to_string()]);
        assert_eq!(run.code, 2, "{}", run.transcript());
        insta::assert_snapshot!(format!("refused-{name}"), folder.anonymous(&run.transcript()));
        assert_eq!(fs::read_to_string(&policy).expect("there"), text);
    }
    let run = init(&calls, &["-o", &calls.display().to_string()]);
    assert_eq!(run.code, 2, "an input is no policy: {}", run.transcript());
}

#[test]
fn models_and_streams_of_a_workload_have_rules_of_their_own() {
    let folder = Folder::new();
    let calls = log(
        &folder,
        "calls.csv",
        &[
            ("nightly-evals", "gpt-5.4", "true", 500),
            ("nightly-evals", "gpt-5.4-mini", "", 5000),
            ("search", "gpt-5.4", "true", 3000),
            ("search", "gpt-5.4", "false", 3000),
            ("bulk-tagging", "gpt-5.4", "true", 800),
            ("bulk-tagging", "gpt-5.4", "", 4000),
        ],
    );
    let policy = folder.path("policy.yaml").display().to_string();
    let run = init(&calls, &["-o", &policy]);
    assert_eq!(run.code, 0, "{}", run.transcript());
    insta::assert_snapshot!("models-and-streams", fs::read_to_string(&policy).expect("written"));
    let (before, after) =
        (report_json(std::slice::from_ref(&calls), &[]).json(), report_json(&[calls], &["--policy", &policy]).json());
    assert_eq!(savings(&before)[1..], savings(&after)[1..]);
}

/// Few workloads make most of the spend: what is left is named with its sum.
#[test]
fn the_long_tail_is_summed() {
    let folder = Folder::new();
    let names: Vec<(String, u32)> = (0..60).map(|index| (format!("svc-{index}"), 6000 - index * 90)).collect();
    let workloads: Vec<Workload<'_>> =
        names.iter().map(|(name, requests)| (name.as_str(), "gpt-5.4", "", *requests)).collect();
    let calls = log(&folder, "calls.csv", &workloads);
    let run = init(&calls, &[]);
    assert_eq!(run.stdout.matches("- id:").count(), 30, "{}", run.stdout);
    let tail: Vec<&str> = run.stdout.lines().skip_while(|line| !line.starts_with("# Left out: ")).collect();
    assert!(tail[0].contains("30 workloads"), "{tail:?}");
    assert!(tail[0].contains("again"), "{tail:?}");
    insta::assert_snapshot!("long-tail", tail.join("\n"));
    let policy = folder.path("policy.yaml").display().to_string();
    let added = |_| init(&calls, &["-o", &policy]).stderr.split(':').next().unwrap_or_default().to_owned();
    let runs: Vec<String> = (0..3).map(added).collect();
    assert_eq!(runs, ["30 rules to read and fill in", "added 21 rules", "nothing new"]);
}

#[test]
fn a_file_with_nothing_but_comments_is_begun() {
    let folder = Folder::new();
    let calls = log(&folder, "calls.csv", &[("svc-7", "gpt-5.4", "", 2000)]);
    for text in ["", "# ours", "\n# ours\n\n"] {
        let policy = folder.write("policy.yaml", text);
        let run = init(&calls, &["-o", &policy.display().to_string()]);
        assert_eq!(run.code, 0, "{text:?}: {}", run.transcript());
        let after = fs::read_to_string(&policy).expect("there");
        assert!(after.starts_with(text) && after.contains("- id: svc-7"), "{after}");
    }
}
