//! Keys that are remembered change nothing, and are remembered: under any policy every form of a log gives the same
//! bytes whether each row is judged by itself or by the key of a row like it.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use batchwise::assess::assess;
use batchwise::assess::basis::Basis;
use batchwise::cli::{Cli, Command, LineFormat};
use batchwise::commands::classify::lines::Lines;
use batchwise::diagnostic::Failure;
use batchwise::input::{Reading, gather};
use batchwise::policy::Fact;
use batchwise::report::build::{Asked, ReportInput, build};
use batchwise::report::json;
use batchwise::rollup::fold::REMEMBERED_ROWS;
use batchwise::rollup::{Context, Ways};
use batchwise::scenario::scenarios;
use batchwise::settings::Settings;
use batchwise::usage::Field;
use clap::Parser as _;
use proptest::prelude::*;
use proptest::sample::{Index, select, subsequence};

use super::in_process::written;
use crate::support::{Folder, draws, fixture, root};

/// Columns of a log, with what may stand in each, the usual first: of a call that nothing decides about but its names.
const COLUMNS: [(&str, &[&str]); 31] = [
    ("timestamp", &["2026-10-04T23", "2026-10-05T02", "2026-10-05T09", "2026-10-06T09", "2026-07-05T09"]),
    ("bucket_end", &["", "", "half an hour later"]),
    ("requests", &["", "1", "3"]),
    ("provider", &["", "openai", "anthropic"]),
    ("model", &["gpt-5.4", "gpt-5.6-luna", "claude-haiku-4-5"]),
    ("endpoint", &["", "/v1/chat/completions", "/v1/responses", "/v1/realtime"]),
    ("api_key_name", &["", "ci-key", "nightly-key", "live-key"]),
    ("project", &["", "crm", "nightly-crm", "support-chat"]),
    ("user", &["", "ada", "bob"]),
    ("end_user", &["", "u-1", "u-2", "u-3", "u-4", "u-5"]),
    ("team", &["", "ml", "ops"]),
    ("app", &["", "shop", "cursor"]),
    ("workload_tag", &["", "svc-7", "nightly-eval", "live-chat"]),
    ("tag.env", &["", "prod", "weekly"]),
    ("tag.batch", &["", "true", "false", "maybe"]),
    ("tag.max_wait", &["", "24h", "1h", "soon"]),
    ("stream", &["", "true", "false"]),
    ("service_tier", &["", "batch", "priority", "flex"]),
    ("geo", &["", "us", "eu"]),
    ("status", &["", "200", "500"]),
    ("input_tokens", &["1000", "100", "300000"]),
    ("cached_input_tokens", &["", "0", "80"]),
    ("cache_write_tokens", &["", "20"]),
    ("output_tokens", &["40", "0", "400"]),
    ("latency_ms", &["", "900", "1001"]),
    ("ttft_ms", &["", "0", "250"]),
    ("cost_usd", &["", "0.01"]),
    // Ids of what the names above are of, where the mapping says so.
    ("api_key_id", &["", "key-1", "key-2"]),
    ("project_id", &["", "proj-nightly", "proj-2"]),
    ("user_id", &["", "user-1", "user-2"]),
    ("team_id", &["", "team-1", "team-2"]),
];

/// Conditions on every fact that a rule can test; of those on one fact the first that is drawn counts.
const CONDITIONS: [&str; 46] = [
    "provider: openai",
    "provider: [anthropic, bedrock]",
    "model: \"gpt-*\"",
    "model: claude-haiku-4-5",
    "endpoint: chat",
    "endpoint: [/v1/responses, realtime]",
    "workload: \"*eval*\"",
    "workload: [svc-7, crm, ci-key]",
    "project: crm",
    "project: \"s*\"",
    "api_key: ci-key",
    "user: ada",
    "end_user: \"u-*\"",
    "team: [ml, ops]",
    "app: shop",
    "app: cursor",
    "tag.env: prod",
    "tag.batch: \"true\"",
    "tier: priority",
    "tier: [batch, default]",
    "stream: true",
    "stream: false",
    "status: {above: 399}",
    "status: 200",
    "hour: {from: 22, to: 5}",
    "hour: {from: 9, to: 9}",
    "weekday: [mon, tue]",
    "weekday: sunday",
    "input_tokens: {above: 272000}",
    "input_tokens: {above: 900, below: 5000}",
    "output_tokens: {below: 50}",
    "output_tokens: {above: 0}",
    "latency_ms: {above: 1000}",
    "latency_ms: {below: 1001}",
    "ttft_ms: {above: 0}",
    "ttft_ms: {below: 300}",
    // Ids, and numbers whose digits are looked at.
    "project: proj-2",
    "api_key: \"key-*\"",
    "user: user-1",
    "team: [team-2, ops]",
    "status: \"5*\"",
    "hour: [2, \"1*\"]",
    "hour: [9, 23]",
    "input_tokens: [100, 1000]",
    "latency_ms: \"9*\"",
    "output_tokens: [0, 400]",
];

/// Rows of other kinds: sums over time, lines of bills, answers alone.
pub(super) const OTHERS: [&str; 8] = [
    "openai-usage-csv/good.csv",
    "anthropic-usage-api/good.json",
    "openai-cost-csv/good.csv",
    "anthropic-cost-csv/good.csv",
    "focus-csv/good.csv",
    "litellm-jsonl/good.jsonl",
    "openai-batch-output/good.jsonl",
    "langfuse-jsonl/good.jsonl",
];

const NAMING: [&str; 9] =
    ["tag.workload", "tag.env", "project", "api_key", "app", "user", "team", "endpoint", "provider"];
pub(super) const BY: [&str; 11] =
    ["workload", "model", "provider", "project", "api-key", "user", "team", "app", "endpoint", "tag.env", "tag.batch"];

prop_compose! {
    fn rule()(
        conditions in subsequence(CONDITIONS.to_vec(), 1..4),
        then in select(vec!["batch", "real-time", "ask"]),
    ) -> String {
        let mut facts: Vec<&str> = Vec::new();
        let mut when: Vec<&str> = Vec::new();
        for condition in conditions {
            let fact = condition.split(':').next().expect("a fact");
            if !facts.contains(&fact) {
                facts.push(fact);
                when.push(condition);
            }
        }
        format!("when: {{{}}}, then: {then}", when.join(", "))
    }
}

prop_compose! {
    pub(super) fn policy()(
        naming in prop::option::weighted(0.8, subsequence(NAMING.to_vec(), 1..5).prop_shuffle()),
        rules in prop::collection::vec(rule(), 0..6),
        requests in select(vec![0, 2, 100]),
        saving in select(vec!["0", "0.5", "100"]),
        hits in select(vec!["0%", "35%", "100%"]),
        way in select(vec!["no-cache", "as-sent", "primed"]),
    ) -> String {
        let mut text = format!(
            "schema: 1\nlimits: {{min_requests: {requests}, small_saving: {saving}}}\nbatch: {{cache: {way}, cache_hit_share: {hits}}}\n"
        );
        if let Some(naming) = naming {
            let _ = writeln!(text, "workload: [{}, model]", naming.join(", "));
        }
        if !rules.is_empty() {
            text.push_str("rules:\n");
        }
        for (number, rule) in rules.iter().enumerate() {
            let _ = writeln!(text, "  - {{id: r{number}, {rule}}}");
        }
        text
    }
}

/// A log whose rows differ in a few columns alone, so that many agree in all that decides but one thing.
pub(super) fn log() -> impl Strategy<Value = String> {
    let usual = prop::collection::vec(prop::option::weighted(0.1, any::<Index>()), COLUMNS.len());
    let varied = subsequence((0..COLUMNS.len()).collect::<Vec<_>>(), 2..5);
    let ids = select(vec!["", "own", "shared"]);
    let rows = prop::collection::vec((ids, prop::collection::vec(any::<Index>(), 5)), 8..40);
    (usual, varied, rows).prop_map(|(usual, varied, rows)| {
        let names: Vec<&str> = COLUMNS.iter().map(|(name, _)| *name).collect();
        let mut text = format!("request_id,{}\n", names.join(","));
        for (number, (id, own)) in rows.into_iter().enumerate() {
            let mut values = usual.clone();
            for (&column, value) in varied.iter().zip(own) {
                values[column] = Some(value);
            }
            let told = |((_, choices), value): (&(&str, &[&str]), Option<Index>)| {
                value.map_or(choices[0], |value| *value.get(choices)).to_owned()
            };
            let mut values: Vec<String> = COLUMNS.iter().zip(values).map(told).collect();
            if !values[1].is_empty() {
                values[1] = format!("{}:30:00Z", values[0]);
            }
            values[0].push_str(":00:00Z");
            let id = match id {
                "own" => format!("id-{number}"),
                "shared" => format!("id-{}", number % 7),
                _ => String::new(),
            };
            let _ = writeln!(text, "{id},{}", values.join(","));
        }
        text
    })
}

/// The tool's own format, with ids.
pub(super) fn map_with_ids(folder: &Folder) -> PathBuf {
    let own = std::fs::read_to_string(root().join("src/formats/maps/batchwise.yaml")).expect("a mapping");
    let mut map = own.replace("name: batchwise", "name: with-ids");
    for (field, name, id) in [
        ("api_key", "api_key_name", "api_key_id"),
        ("project", "project", "project_id"),
        ("user", "user", "user_id"),
        ("team", "team", "team_id"),
    ] {
        let plain = format!("  {field}: {name}\n");
        assert!(map.contains(&plain), "{field}");
        map = map.replace(&plain, &format!("  {field}: {{name: {name}, id: {id}}}\n"));
    }
    folder.write("map.yaml", map.replace("optional: [", "optional: [api_key_id, project_id, user_id, team_id, "))
}

/// The same log with its rows in another order, under the same name.
fn shuffled(folder: &Folder, log: &str) -> PathBuf {
    let (header, rows) = log.split_once('\n').expect("a header");
    let mut rows: Vec<&str> = rows.lines().collect();
    rows.sort_by_key(|row| row.chars().rev().collect::<String>());
    folder.write("log.csv", format!("{header}\n{}\n", rows.join("\n")))
}

fn settings(logs: &[&Path], policy: &Path, map: Option<&Path>, by: &str) -> Settings {
    settings_with(&[], logs, policy, map, by)
}

pub(super) fn settings_with(options: &[&str], logs: &[&Path], policy: &Path, map: Option<&Path>, by: &str) -> Settings {
    let text = |path: &&Path| path.to_str().expect("a name").to_owned();
    let mut words: Vec<String> = ["batchwise", "report"].map(ToOwned::to_owned).to_vec();
    words.extend(options.iter().map(ToString::to_string));
    words.extend(logs.iter().map(text));
    words.extend(map.iter().flat_map(|map| ["--map".to_owned(), text(map)]));
    words.extend(["--policy".to_owned(), text(&policy), "--quiet".to_owned(), "--threads".to_owned(), "1".to_owned()]);
    let Command::Report(args) = Cli::try_parse_from(words).expect("good words").command else { panic!("report") };
    Settings::resolve(&args.pages.read, Some(by), None).expect("good settings")
}

fn outputs(settings: &Settings, remembered_rows: usize) -> Result<(String, String, Ways), Failure> {
    outputs_on(1, settings, remembered_rows)
}

/// The report as JSON, the lines of `classify`, and how rows found their key, on so many threads.
pub(super) fn outputs_on(
    threads: usize,
    settings: &Settings,
    remembered_rows: usize,
) -> Result<(String, String, Ways), Failure> {
    let context = Context { remembered_rows, times: true, ..settings.context()? };
    let reading = Reading { threads, ..settings.reading() };
    let gathered = gather(&reading, &settings.sniffed, &context)?;
    let month = gathered.month_basis();
    let assessment = assess(&gathered.rollup, &context, month)?;
    let scenarios = scenarios(&assessment, &settings.policy.routing, month, Basis::List)?;
    let report = build(&ReportInput {
        reading: &reading,
        gathered: &gathered,
        assessment: &assessment,
        scenarios: &scenarios,
        context: &context,
        asked: Asked { movers: true, ..Asked::default() },
    })?;
    let lines =
        Lines { settings, context: &context, gathered: &gathered, assessment: &assessment, form: LineFormat::Csv };
    let report = written(|out| json::render(&report, out))?;
    Ok((report, written(|out| lines.write(out))?, gathered.rollup.ways))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: draws(32, 192), failure_persistence: None, rng_seed: proptest::test_runner::RngSeed::Fixed(18), ..ProptestConfig::default() })]

    #[test]
    fn what_is_remembered_changes_nothing(
        policy in policy(),
        by in select(BY.to_vec()),
        log in log(),
        other in prop::option::of(select(OTHERS.to_vec())),
        with_ids in any::<bool>(),
    ) {
        let folder = Folder::new();
        let policy = folder.write("policy.yaml", policy);
        let map = with_ids.then(|| map_with_ids(&folder));
        let other = other.map(|name| fixture("formats").join(name));
        let all = |log: &Path| {
            let logs: Vec<&Path> = [Some(log), other.as_deref()].into_iter().flatten().collect();
            settings(&logs, &policy, map.as_deref(), by)
        };
        let settings = all(&folder.write("log.csv", &log));
        let (report, lines, _) = outputs(&settings, 0).expect("readable");
        // With room for few, what was forgotten is judged again.
        for room in [3, REMEMBERED_ROWS] {
            let (other, other_lines, _) = outputs(&settings, room).expect("readable");
            prop_assert_eq!(&other, &report, "room for {}", room);
            prop_assert_eq!(&other_lines, &lines, "room for {}", room);
        }
        // In another order another row of each kind is the one that is judged.
        let settings = all(&shuffled(&folder, &log));
        let [anew, remembered] = [0, REMEMBERED_ROWS].map(|room| outputs(&settings, room).expect("readable"));
        prop_assert_eq!(&remembered.0, &anew.0, "shuffled");
        prop_assert_eq!(&remembered.1, &anew.1, "shuffled");
        prop_assert_eq!(figures(&remembered.0), figures(&report), "shuffled against not");
    }
}

/// What a report says that does not depend on which line of a file a row stands in.
fn figures(report: &str) -> Vec<serde_json::Value> {
    let report: serde_json::Value = serde_json::from_str(report).expect("JSON");
    ["usage", "cost", "failed", "eligibility", "scenarios", "workloads", "by", "other_charges", "questions"]
        .map(|key| report[key].clone())
        .to_vec()
}

/// What the law above draws holds every fact that a rule can test, those to come too.
#[test]
fn every_fact_is_drawn() {
    let drawn: Vec<Fact> = CONDITIONS
        .iter()
        .map(|condition| condition.split(':').next().expect("a fact").parse().expect("a fact"))
        .collect();
    let names = Field::ALL.into_iter().filter_map(|field| field.name().parse().ok());
    let facts: Vec<Fact> = Fact::ALL.into_iter().chain(names.map(Fact::Name)).collect();
    let left: Vec<String> = facts.iter().filter(|fact| !drawn.contains(fact)).map(ToString::to_string).collect();
    assert!(left.is_empty(), "conditions are missing for {left:?}");
    assert!(facts.len() > Fact::ALL.len() + 5, "names are facts too");
}

/// A fast way that is never taken is found out by nobody but this: all figures would be the same.
#[test]
fn fast_ways_are_taken() {
    let folder = Folder::new();
    let policy = folder
        .write("policy.yaml", "schema: 1\nrules: [{id: long, when: {input_tokens: {above: 1500}}, then: batch}]\n");
    let rows = 4_000;
    let mut calls = String::from("request_id,timestamp,model,workload_tag,project,stream,input_tokens,output_tokens\n");
    let mut buckets = String::from("timestamp,bucket_end,provider,model,project,requests,input_tokens,output_tokens\n");
    for row in 0..rows {
        let hour = row % 23;
        let workload = ["nightly-eval", "svc-7", "support-chat", ""][row % 4];
        let stream = row % 8 == 2;
        let _ = writeln!(
            calls,
            "id-{row},2026-10-05T{hour:02}:00:00Z,gpt-5.4,{workload},crm,{stream},{},10",
            1_000 + row % 900
        );
        let project = ["crm", "search", "nightly-jobs"][row % 3];
        // Twenty seconds each, one behind the other.
        let time =
            |second: usize| format!("2026-10-05T{:02}:{:02}:{:02}Z", second / 3600, second / 60 % 60, second % 60);
        let (start, end) = (time(row * 20), time(row * 20 + 20));
        let _ = writeln!(buckets, "{start},{end},openai,gpt-5.4,{project},{},{},10", row + 2, 1_000 + row);
    }
    let ways = |name: &str, text: &str, room: usize| {
        outputs(&settings(&[&folder.write(name, text)], &policy, None, "model"), room).expect("readable").2
    };
    // Four workloads, of which one is streamed in part, on either side of the rule's bound, on one day: ten kinds of rows.
    // The first of each kind is judged from its columns too.
    let Ways { in_columns, remembered, judged } = ways("calls.csv", &calls, REMEMBERED_ROWS);
    assert_eq!((in_columns, remembered, judged), (rows as u64, 0, 10));
    // Buckets are read one by one; three projects are three kinds.
    assert_eq!(
        ways("buckets.csv", &buckets, REMEMBERED_ROWS),
        Ways { in_columns: 0, remembered: rows as u64 - 3, judged: 3 }
    );
    let anew = Ways { judged: rows as u64, ..Ways::default() };
    assert_eq!([ways("calls.csv", &calls, 0), ways("buckets.csv", &buckets, 0)], [anew, anew]);
}

/// Lines of JSON as programs write them: mostly alike, with texts that nothing reads, and some that are not.
#[test]
fn json_lines_are_read_in_columns() {
    let folder = Folder::new();
    let policy = folder.write("policy.yaml", "schema: 1\n");
    let rows = 4_000;
    let mut calls = String::new();
    for row in 0..rows {
        let workload = ["nightly-eval", "svc-7", "résumés", r#"monthly \"close\""#, r"svc\u002d7"]
            [if row % 50 == 7 { 3 + row / 50 % 2 } else { row % 3 }];
        let prompt = [r"\u00fcber\n\ud83d\ude00", "plain", "😀 and more than thirty characters", ""][row % 4];
        let ttft = [String::from("null"), (row % 700).to_string()][row % 2].clone();
        let tokens = ["1000", "1e3", "-0"][usize::from(row % 100 == 1) + 2 * usize::from(row % 100 == 2)];
        let first = format!(r#""request_id": "id-{row}", "timestamp": "2026-10-05T{:02}:00:00Z""#, row % 23);
        let _ = match row % 40 {
            // Another order of keys, a key more, and what is in no column.
            1 => writeln!(calls, r#"{{"model": "gpt-5.4", {first}, "input_tokens": 1000, "output_tokens": 10}}"#),
            2 => writeln!(
                calls,
                r#"{{{first}, "model": "gpt-5.4", "input_tokens": 1000, "output_tokens": 10, "more": {{}}}}"#
            ),
            3 => writeln!(calls, r#"{{{first}, "model": "gpt-5.4""#),
            _ => writeln!(
                calls,
                r#"{{{first}, "model": "gpt-5.4", "workload_tag": "{workload}", "prompt": "{prompt}", "stream": {}, "input_tokens": {tokens}, "output_tokens": 10, "ttft_ms": {ttft}}}"#,
                row % 8 == 2
            ),
        };
    }
    let log = folder.write("calls.jsonl", calls);
    let settings = settings(&[&log], &policy, None, "workload");
    let (report, lines, anew) = outputs(&settings, 0).expect("readable");
    let (other, other_lines, Ways { in_columns, .. }) = outputs(&settings, REMEMBERED_ROWS).expect("readable");
    assert_eq!((other, other_lines), (report, lines));
    assert_eq!(anew.in_columns, 0);
    assert!(in_columns > rows as u64 * 8 / 10, "only {in_columns} rows were read in columns");
}

/// Rows outside the period, rows told again, and rows that contradict each other say nothing, whichever way they are read.
#[test]
fn what_does_not_count_says_nothing() {
    let folder = Folder::new();
    let policy = folder.write("policy.yaml", "schema: 1\n");
    let mut rows = Vec::new();
    for row in 0..3_000 {
        let workload = ["nightly-eval", "support-chat", "web", "svc-7"][row % 4];
        let project = ["mobile", "growth", "batch-jobs"][row / 7 % 3];
        let (day, status) = (1 + row / 1_000, if row % 11 == 3 { 500 } else { 200 });
        let stream = if row % 13 == 5 { "true" } else { "" };
        let line = |id: usize, tokens: usize| {
            format!(
                "id-{id},2026-10-{day:02}T{:02}:00:00Z,gpt-5.4,{project},{workload},{stream},{tokens},10,{status}",
                row % 24
            )
        };
        rows.push(line(row, 1_000));
        // The same once more, by another workload's name as well, and with other tokens.
        match row % 50 {
            7 => rows.push(line(row, 1_000)),
            8 => rows.push(line(row - 1, 5_000)),
            9 => rows.push(line(row, 1_001).replace(workload, "translations")),
            _ => {}
        }
    }
    let header = "request_id,timestamp,model,project,workload_tag,stream,input_tokens,output_tokens,status";
    let log = folder.write("calls.csv", format!("{header}\n{}\n", rows.join("\n")));
    for options in [&[][..], &["--no-dedupe"], &["--from", "2026-10-02", "--to", "2026-10-02"]] {
        let settings = settings_with(options, &[&log], &policy, None, "project");
        let (report, lines, anew) = outputs(&settings, 0).expect("readable");
        let (other, other_lines, Ways { in_columns, .. }) = outputs(&settings, REMEMBERED_ROWS).expect("readable");
        assert_eq!((other, other_lines), (report, lines), "{options:?}");
        assert_eq!(anew.in_columns, 0);
        assert!(in_columns > 2_500, "only {in_columns} rows were read in columns");
    }
}
