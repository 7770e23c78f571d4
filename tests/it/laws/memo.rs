//! Keys that are remembered change nothing, and are remembered: under any policy every form of a log gives the same
//! bytes whether each row is judged by itself or by the key of a row like it.

use std::fmt::Write as _;
use std::path::Path;

use batchwise::assess::assess;
use batchwise::assess::basis::Basis;
use batchwise::cli::{Cli, Command, LineFormat};
use batchwise::commands::classify::lines::{Lines, Stop};
use batchwise::diagnostic::Failure;
use batchwise::input::gather;
use batchwise::report::build::{Material, build};
use batchwise::report::json;
use batchwise::rollup::fold::REMEMBERED_ROWS;
use batchwise::rollup::{Context, Ways};
use batchwise::scenario::scenarios;
use batchwise::settings::Settings;
use clap::Parser as _;
use proptest::prelude::*;
use proptest::sample::{Index, select, subsequence};

use crate::support::{Folder, draws};

/// Columns of a log, with what may stand in each, the usual first: of a call that nothing decides about but its names.
const COLUMNS: [(&str, &[&str]); 27] = [
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
];

/// Conditions on every fact that a rule can test; of those on one fact the first that is drawn counts.
const CONDITIONS: [&str; 36] = [
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
];

const NAMING: [&str; 9] =
    ["tag.workload", "tag.env", "project", "api_key", "app", "user", "team", "endpoint", "provider"];
const BY: [&str; 11] =
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
    fn policy()(
        naming in prop::option::weighted(0.8, subsequence(NAMING.to_vec(), 1..5).prop_shuffle()),
        rules in prop::collection::vec(rule(), 0..6),
        requests in select(vec![0, 2, 100]),
        saving in select(vec!["0", "0.5", "100"]),
        hits in select(vec!["0%", "35%", "100%"]),
    ) -> String {
        let mut text = format!(
            "schema: 1\nlimits: {{min_requests: {requests}, small_saving: {saving}}}\nbatch: {{cache_hit_share: {hits}}}\n"
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
fn log() -> impl Strategy<Value = String> {
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

fn settings(log: &Path, policy: &Path, by: &str) -> Settings {
    let [log, policy] = [log, policy].map(|path| path.to_str().expect("a name"));
    let words = ["batchwise", "report", log, "--policy", policy, "--quiet", "--threads", "1"];
    let Command::Report(args) = Cli::try_parse_from(words).expect("good words").command else { panic!("report") };
    Settings::resolve(&args.read, Some(by), None).expect("good settings")
}

/// The report as JSON, the lines of `classify`, and how rows found their key.
fn outputs(settings: &Settings, remembered_rows: usize) -> Result<(String, String, Ways), Failure> {
    let context = Context { remembered_rows, times: true, ..settings.context()? };
    let reading = settings.reading();
    let gathered = gather(&reading, &settings.sniffed, &context)?;
    let month = gathered.month_basis();
    let assessment = assess(&gathered.rollup, &context, month)?;
    let scenarios = scenarios(&assessment, &settings.policy.routing, month, Basis::List)?;
    let report = build(&Material {
        reading: &reading,
        gathered: &gathered,
        assessment: &assessment,
        scenarios: &scenarios,
        period: gathered.period().map(|period| (period, period.month_basis())),
        table: &settings.table,
        policy: &settings.policy,
        context: &context,
        fingerprint: false,
        top: None,
    })?;
    let lines =
        Lines { settings, context: &context, gathered: &gathered, assessment: &assessment, form: LineFormat::Csv };
    let mut text = Vec::new();
    match lines.write(&mut text) {
        Ok(()) => {}
        Err(Stop::Reading(failure)) => return Err(failure),
        Err(Stop::Writing(error)) => panic!("memory: {error}"),
    }
    Ok((json::render(&report)?, String::from_utf8(text).expect("text"), gathered.rollup.ways))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: draws(32, 192), failure_persistence: None, rng_seed: proptest::test_runner::RngSeed::Fixed(18), ..ProptestConfig::default() })]

    #[test]
    fn what_is_remembered_changes_nothing(policy in policy(), by in select(BY.to_vec()), log in log()) {
        let folder = Folder::new();
        let policy = folder.write("policy.yaml", policy);
        let settings = settings(&folder.write("log.csv", log), &policy, by);
        let (report, lines, _) = outputs(&settings, 0).expect("readable");
        // With room for few, what was forgotten is judged again.
        for room in [3, REMEMBERED_ROWS] {
            let (other, other_lines, _) = outputs(&settings, room).expect("readable");
            prop_assert_eq!(&other, &report, "room for {}", room);
            prop_assert_eq!(&other_lines, &lines, "room for {}", room);
        }
    }
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
        outputs(&settings(&folder.write(name, text), &policy, "model"), room).expect("readable").2
    };
    // Four workloads, of which one is streamed in part, on either side of the rule's bound, on one day: ten kinds of rows.
    // The first few hundred rows stand before the first of their kind was judged.
    let Ways { in_columns, remembered, judged } = ways("calls.csv", &calls, REMEMBERED_ROWS);
    assert_eq!(in_columns + remembered + judged, rows as u64, "each row is counted once");
    assert!(in_columns > rows as u64 * 8 / 10, "only {in_columns} rows were read in columns");
    assert_eq!(judged, 10);
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
    let settings = settings(&folder.write("calls.jsonl", calls), &policy, "workload");
    let (report, lines, anew) = outputs(&settings, 0).expect("readable");
    let (other, other_lines, Ways { in_columns, .. }) = outputs(&settings, REMEMBERED_ROWS).expect("readable");
    assert_eq!((other, other_lines), (report, lines));
    assert_eq!(anew.in_columns, 0);
    assert!(in_columns > rows as u64 * 8 / 10, "only {in_columns} rows were read in columns");
}
