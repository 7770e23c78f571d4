//! Laws that hold for any log.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::PathBuf;

use batchwise::assess::assess;
use batchwise::calendar::MonthBasis;
use batchwise::diagnostic::Exit;
use batchwise::money::{DecimalStyle, Money};
use batchwise::rollup::{Context, Folder as RollupFolder, Rollup, Unsummable};
use flate2::Compression;
use flate2::write::GzEncoder;
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::support::{Folder, draws, run};
use in_process::{How, Machine};

mod balance;
mod equal_rows;
pub mod in_process;
mod memo;
mod rollup;
mod tables;

/// A call, in few enough variants that groups hold several.
#[derive(Clone, Debug)]
struct Call {
    id: u32,
    day: u8,
    model: &'static str,
    workload: &'static str,
    project: &'static str,
    stream: bool,
    tier: &'static str,
    status: u16,
    input: u32,
    cached: u32,
    output: u32,
    cost_cents: u32,
}

const COLUMNS: [&str; 12] = [
    "request_id",
    "timestamp",
    "model",
    "workload_tag",
    "project",
    "stream",
    "service_tier",
    "status",
    "input_tokens",
    "cached_input_tokens",
    "output_tokens",
    "cost_usd",
];

impl Call {
    fn values(&self, factor: u64) -> [String; 12] {
        [
            format!("id-{}", self.id),
            format!("2026-10-{:02}T10:00:00Z", self.day),
            self.model.into(),
            self.workload.into(),
            self.project.into(),
            self.stream.to_string(),
            self.tier.into(),
            self.status.to_string(),
            (u64::from(self.input) * factor).to_string(),
            (u64::from(self.cached.min(self.input)) * factor).to_string(),
            (u64::from(self.output) * factor).to_string(),
            format!("{}.{:02}", self.cost_cents / 100, self.cost_cents % 100),
        ]
    }
}

fn csv_of(calls: &[Call], factor: u64) -> Vec<u8> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(COLUMNS).expect("memory");
    for call in calls {
        writer.write_record(call.values(factor)).expect("memory");
    }
    writer.into_inner().expect("memory")
}

fn json_lines_of(calls: &[Call]) -> Vec<u8> {
    let line = |call: &Call| {
        let object: serde_json::Map<String, Value> =
            COLUMNS.iter().zip(call.values(1)).map(|(name, value)| ((*name).into(), value.into())).collect();
        Value::Object(object).to_string() + "\n"
    };
    calls.iter().map(line).collect::<String>().into_bytes()
}

fn calls() -> impl Strategy<Value = Vec<Call>> {
    let call = (
        (
            0_u32..60,
            1_u8..29,
            prop::sample::select(vec![
                "gpt-5.4",
                "claude-haiku-4-5",
                "gpt-5-mini",
                "deepseek-v4-pro",
                "no-such-model",
                "text-embedding-3-small",
            ]),
        ),
        prop::sample::select(vec!["nightly-eval", "svc-7", "a \"quoted\", name", "live\nchat", ""]),
        prop::sample::select(vec!["", "crm", "search"]),
        (
            any::<bool>(),
            prop::sample::select(vec!["", "batch", "flex", "priority"]),
            prop::sample::select(vec![200_u16, 200, 200, 500]),
        ),
        (0_u32..200_000, 0_u32..200_000, 0_u32..5_000, 0_u32..500),
    );
    let call = call.prop_map(
        |((id, day, model), workload, project, (stream, tier, status), (input, cached, output, cost_cents))| Call {
            id,
            day,
            model,
            workload,
            project,
            stream,
            tier,
            status,
            input,
            cached,
            output,
            cost_cents,
        },
    );
    prop::collection::vec(call, 1..40)
}

/// The report without what is said of the files themselves.
fn figures(machine: &Machine, files: &[PathBuf]) -> Value {
    let mut report = machine.report(files, How::default()).expect("readable").json();
    report["inputs"] = Value::Null;
    for kind in ["warnings", "incomplete"] {
        // They speak of single files: which are empty, and how many calls several of them tell.
        let of_files = ["told-twice", "ids-repeat", "duplicates-differ", "empty-input"];
        if let Some(notes) = report[kind].as_array_mut() {
            notes.retain(|note| !of_files.iter().any(|code| note["code"] == *code));
        }
    }
    report
}

fn machine() -> Machine {
    Machine::with(Some("schema: 1\nlimits: {min_requests: 0, min_monthly_saving: 0}\n"), None)
}

fn money(value: &Value) -> Money {
    Money::parse(value.as_str().unwrap_or("0"), DecimalStyle::Point).expect("an amount").0
}

fn sum<'v>(values: impl IntoIterator<Item = &'v Value>) -> Money {
    Money::sum(values.into_iter().map(money)).expect("small")
}

/// Sums by names instead of numbers, which mean nothing outside a rollup.
fn dump(rollup: &Rollup) -> BTreeMap<String, String> {
    let entry = |(_, key, cell): (batchwise::rollup::KeyId, &batchwise::rollup::Key, &batchwise::rollup::Cell)| {
        let group = rollup.group(key.group);
        let quoted = rollup.quoted(rollup.charge(key.charge));
        let texts = [group.workload.name, group.provider, group.model].map(|id| rollup.texts.get(id));
        let charge = rollup.charge(key.charge);
        let name = format!(
            "{texts:?} {:?} {} {} {:?} {:?} {}",
            quoted.key.tier, quoted.key.step, quoted.key.price_period, charge.charging, key.code, key.billed
        );
        (name, format!("{} {} {:?} {} {}", cell.rows, cell.requests, cell.tokens, cell.billed, cell.days.len()))
    };
    rollup.sums().map(entry).collect()
}

/// The rollup of two parts.
fn merged(first: Rollup, second: &Rollup, context: &Context<'_>) -> Result<Rollup, Unsummable> {
    let mut folder = RollupFolder::over(context, first, None);
    folder.absorb(second)?;
    folder.finish()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: draws(12, 48), failure_persistence: None, rng_seed: proptest::test_runner::RngSeed::Fixed(2026), ..ProptestConfig::default() })]

    #[test]
    fn order_split_container_and_compression_change_nothing(calls in calls(), cut in 0_usize..40) {
        let (machine, folder) = (machine(), Folder::new());
        let whole = figures(&machine, &[folder.write("whole.csv", csv_of(&calls, 1))]);
        let mut reversed = calls.clone();
        reversed.reverse();
        prop_assert_eq!(&whole, &figures(&machine, &[folder.write("reversed.csv", csv_of(&reversed, 1))]));
        let (first, second) = calls.split_at(cut.min(calls.len()));
        let parts = [folder.write("b.csv", csv_of(second, 1)), folder.write("a.csv", csv_of(first, 1))];
        prop_assert_eq!(&whole, &figures(&machine, &parts));
        prop_assert_eq!(&whole, &figures(&machine, &[folder.write("twin.jsonl", json_lines_of(&calls))]));
        let bytes = csv_of(&calls, 1);
        let (head, tail) = bytes.split_at(bytes.len() / 2);
        let member = |part: &[u8]| {
            let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
            encoder.write_all(part).expect("memory");
            encoder.finish().expect("memory")
        };
        prop_assert_eq!(&whole, &figures(&machine, &[folder.write("members.gz", [member(head), member(tail)].concat())]));
        prop_assert_eq!(&whole, &figures(&machine, &[folder.write("whole.zst", zstd::encode_all(&bytes[..], 1).expect("memory"))]));
    }

    #[test]
    fn rollups_merge_in_any_order(a in calls(), b in calls(), c in calls()) {
        let (machine, folder) = (machine(), Folder::new());
        let context = machine.context(None);
        let part = |name: &str, calls: &[Call]| {
            let how = How { dedupe: false, ..How::default() };
            machine.judge(&[folder.write(name, csv_of(calls, 1))], how, &context).expect("readable").gathered.rollup
        };
        let parts = || (part("a.csv", &a), part("b.csv", &b), part("c.csv", &c));
        let merge = |whole: Rollup, more: &Rollup| merged(whole, more, &context).expect("small");
        let ((a1, b1, c1), (a2, b2, c2)) = (parts(), parts());
        let left = merge(merge(a1, &b1), &c1);
        let right = merge(c2, &merge(b2, &a2));
        prop_assert_eq!(dump(&left), dump(&right));
        let all: Vec<Call> = [a.clone(), b.clone(), c.clone()].concat();
        prop_assert_eq!(dump(&left), dump(&part("all.csv", &all)));
    }

    /// What rules matched and would have decided is the same for the whole and for its parts, in any order.
    #[test]
    fn rules_stand_alike_to_parts_in_any_order(a in calls(), b in calls()) {
        const RULES: &str = "schema: 1
limits: {min_requests: 0}
rules:
  - {id: streams, when: {stream: true}, then: real-time}
  - {id: crm, when: {project: crm}, then: batch, because: ''}
  - {id: evals, when: {workload: [nightly-eval, nigthly-eval]}, then: ask}
  - {id: large, when: {input_tokens: {above: 1000}}, then: batch}
  - {id: first-days, when: {workload: svc-7, weekday: [mon, tue]}, then: real-time}
";
        let (machine, folder) = (Machine::with(Some(RULES), None), Folder::new());
        let context = machine.context(None);
        let part = |name: &str, calls: &[Call]| {
            let how = How { dedupe: false, ..How::default() };
            machine.judge(&[folder.write(name, csv_of(calls, 1))], how, &context).expect("readable").gathered.rollup
        };
        let rules = |rollup: &Rollup| format!("{:?}", assess(rollup, &context, MonthBasis::Calendar { months: 1 }).expect("small").rules);
        let whole = rules(&part("whole.csv", &[a.clone(), b.clone()].concat()));
        for (first, second) in [(&a, &b), (&b, &a)] {
            let together = merged(part("first.csv", first), &part("second.csv", second), &context).expect("small");
            prop_assert_eq!(rules(&together), whole.as_str());
        }
    }

    #[test]
    fn rows_and_dollars_are_conserved(calls in calls()) {
        let (machine, folder) = (machine(), Folder::new());
        let report = machine.report(&[folder.write("log.csv", csv_of(&calls, 1))], How::default()).expect("readable").json();
        let rows = report["inputs"][0]["rows"].as_object().expect("rows");
        let fates: u64 = rows.iter().filter(|(name, _)| *name != "read").filter_map(|(_, count)| count.as_u64()).sum();
        prop_assert_eq!(rows["read"].as_u64(), Some(fates));
        prop_assert_eq!(rows["read"].as_u64(), Some(calls.len() as u64 + 1));
        let stated: u64 = calls.iter().map(|call| u64::from(call.cost_cents)).sum();
        let told = sum(report["inputs"][0]["billed"].as_object().expect("dollars").values());
        prop_assert_eq!(told.units(), i128::from(stated) * 10_i128.pow(16));
        let twice = machine.report(&[folder.write("log.csv", csv_of(&calls, 1)), folder.write("copy.csv", csv_of(&calls, 1))], How::default()).expect("readable").json();
        for part in ["usage", "cost", "eligibility", "scenarios", "workloads"] {
            prop_assert_eq!(&twice[part], &report[part], "{}", part);
        }
        prop_assert_eq!(&twice["inputs"][1]["rows"]["duplicate"], &json!(calls.len()));
    }

    #[test]
    fn amounts_add_up_and_cases_ascend(calls in calls()) {
        let (machine, folder) = (machine(), Folder::new());
        let report = figures(&machine, &[folder.write("log.csv", csv_of(&calls, 1))]);
        let list = |name: &str| report[name].as_array().cloned().unwrap_or_default();
        let column = |name: &str, cell: &str| list(name).iter().map(|row| row[cell].clone()).collect::<Vec<_>>();
        prop_assert_eq!(sum(&column("workloads", "cost")), money(&report["cost"]["computed"]));
        prop_assert_eq!(sum(&column("eligibility", "cost")), money(&report["cost"]["computed"]));
        let today = money(&report["scenarios"][0]["monthly_cost"]["base"]);
        prop_assert_eq!(sum(&column("workloads", "monthly_cost")), today);
        prop_assert_eq!(sum(&column("workloads", "monthly_saving")), money(&report["scenarios"][1]["monthly_saving"]["high"]));
        for scenario in &list("scenarios")[1..] {
            let saving = ["low", "base", "high"].map(|case| money(&scenario["monthly_saving"][case]));
            prop_assert!(saving[0] <= saving[1] && saving[1] <= saving[2], "{}", scenario);
            prop_assert!(saving[2] <= today && !saving[0].is_negative(), "{}", scenario);
            for (case, saving) in ["low", "base", "high"].into_iter().zip(saving) {
                prop_assert_eq!(money(&scenario["monthly_cost"][case]).add(saving), Ok(today));
            }
        }
        for row in list("workloads") {
            prop_assert!(money(&row["monthly_saving"]) <= money(&row["monthly_cost"]), "{}", row);
        }
    }

    #[test]
    fn tokens_times_k_cost_k_times(calls in calls(), factor in 2_u64..9) {
        // Away from context steps, which are where this is not so: the models here have none below these prompts.
        let calls: Vec<Call> = calls.into_iter().map(|call| Call { input: call.input % 20_000, ..call }).collect();
        let (machine, folder) = (machine(), Folder::new());
        let cost = |name: &str, factor: u64| money(&figures(&machine, &[folder.write(name, csv_of(&calls, factor))])["cost"]["computed"]);
        prop_assert_eq!(cost("many.csv", factor).units(), cost("one.csv", 1).units() * i128::from(factor));
        let fewer = &calls[..calls.len() - 1];
        let less = money(&figures(&machine, &[folder.write("fewer.csv", csv_of(fewer, 1))])["cost"]["computed"]);
        // A further telling of a known call may replace it by a dearer one, never by a cheaper.
        let known = fewer.iter().any(|call| call.id == calls[calls.len() - 1].id);
        prop_assert!(known || less <= cost("one.csv", 1));
    }

    #[test]
    fn advice_taken_leaves_nothing_to_take(calls in calls()) {
        let (machine, folder) = (machine(), Folder::new());
        let mut calls = calls;
        // One telling each, so that a row of the report is its calls.
        calls.sort_by_key(|call| call.id);
        calls.dedup_by_key(|call| call.id);
        let before = figures(&machine, &[folder.write("before.csv", csv_of(&calls, 1))]);
        let empty = Vec::new();
        let moved: Vec<(&str, &str)> = before["workloads"].as_array().unwrap_or(&empty).iter().filter(|row| !row["band"].is_null())
            .map(|row| (row["workload"].as_str().unwrap_or_default(), row["model"].as_str().unwrap_or_default())).collect();
        let name = |call: &Call| [call.workload, call.project, call.model].into_iter().find(|text| !text.is_empty()).unwrap_or_default();
        for call in &mut calls {
            let plain = call.status < 400 && !call.stream && call.tier.is_empty();
            if plain && moved.contains(&(name(call), call.model)) {
                call.tier = "batch";
            }
        }
        let after = figures(&machine, &[folder.write("after.csv", csv_of(&calls, 1))]);
        // Where no dollar has a price nothing is known of a saving.
        let is_unknown = after["scenarios"][1]["monthly_saving"].is_null();
        prop_assert!(!is_unknown || after["cost"]["computed"] == "0", "{}", after);
        for case in ["low", "base", "high"].into_iter().filter(|_| !is_unknown) {
            prop_assert_eq!(&after["scenarios"][1]["monthly_saving"][case], &json!("0"), "{}", after);
        }
    }
}

#[test]
fn threads_and_block_borders_change_nothing() {
    // Above 4 MiB several threads work; a quoted line break in most rows puts some on the borders of blocks.
    let folder = Folder::new();
    let mut text = Vec::from("request_id,timestamp,model,workload_tag,input_tokens,output_tokens\n");
    for row in 0_u64..60_000 {
        let name =
            if row % 3 == 0 { "\"two\nlines, \"\"quoted\"\" and long enough to matter\"" } else { "plain-nightly" };
        let (day, hour) = (row % 28 + 1, row % 24);
        let (id, input, output) = (row % 50_000, 1_000 + row % 997, row % 101);
        writeln!(text, "id-{id},2026-10-{day:02}T{hour:02}:00:00Z,gpt-5.4,{name},{input},{output}").expect("memory");
    }
    assert!(text.len() > 4 * 1024 * 1024);
    let log = folder.write("log.csv", &text).display().to_string();
    let report = |threads: &str| run(["report", &log, "--format", "json", "--threads", threads]);
    let one = report("1");
    let rows = &one.json()["inputs"][0]["rows"];
    // 10,000 ids come twice; both tellings hold different numbers, so one of each counts.
    assert_eq!(
        (rows["read"].as_u64(), rows["accepted"].as_u64(), rows["duplicate"].as_u64()),
        (Some(60_001), Some(50_000), Some(10_000))
    );
    for threads in ["2", "4"] {
        assert_eq!(report(threads), one, "{threads} threads");
    }
}

#[test]
fn an_input_of_nothing_but_duplicates_is_one_on_any_thread() {
    let folder = Folder::new();
    let rows: Vec<String> = (0_u64..30_000)
        .map(|row| {
            let (day, name) = (row % 28 + 1, "a-name-that-is-long-enough-to-matter-to-nobody");
            format!(
                "an-id-of-a-call-{row},2026-10-{day:02}T10:00:00Z,gpt-5.4,{name},{},{}\n",
                1_000 + row % 997,
                row % 101
            )
        })
        .collect();
    let header = "request_id,timestamp,model,workload_tag,input_tokens,output_tokens\n";
    let first = folder.write("first.csv", format!("{header}{}", rows.concat())).display().to_string();
    // The same rows in another order, so that it is no copy of the file: some thread reads its rows first.
    let turned: String = rows.iter().rev().map(String::as_str).collect();
    let second = folder.write("second.csv", format!("{header}{turned}")).display().to_string();
    let report = |threads: &str| run(["report", &first, &second, "--format", "json", "--threads", threads]);
    let one = report("1");
    assert_eq!(one.json()["inputs"][1]["grain"].as_str(), Some("none"));
    for threads in ["2", "3", "4", "8"] {
        assert_eq!(report(threads), one, "{threads} threads");
    }
}

#[test]
fn a_stray_quote_moves_no_border() {
    // Blocks are cut where the number of quotes is even. One inch mark makes that wrong for all that follows, where
    // each record has a line break within quotes; the reader has to notice, and cut again record by record.
    let folder = Folder::new();
    let mut text = Vec::from("timestamp,model,app,workload_tag,input_tokens,output_tokens\n");
    let rows = 50_000_u64;
    for row in 0..rows {
        let names = if row == 10 { "12\" pipes,plain" } else { "shop,\"two\nlines that are long enough to matter\"" };
        writeln!(text, "2026-10-{:02}T10:00:00Z,gpt-5.4,{names},1000,{}", row % 28 + 1, row % 7).expect("memory");
    }
    assert!(text.len() > 4 * 1024 * 1024);
    let log = folder.write("log.csv", &text).display().to_string();
    let outputs: u64 = (0..rows).map(|row| row % 7).sum();
    for threads in ["1", "2", "3"] {
        let json = run(["report", &log, "--format", "json", "--threads", threads]).json();
        assert_eq!(json["inputs"][0]["rows"]["accepted"], json!(rows), "{threads} threads");
        assert_eq!(json["inputs"][0]["rows"]["rejected"], json!(0), "{threads} threads");
        assert_eq!(json["usage"]["tokens"]["input"], json!(rows * 1000), "{threads} threads");
        assert_eq!(json["usage"]["tokens"]["output"], json!(outputs), "{threads} threads");
    }
}

#[test]
fn too_many_keys_end_the_run() {
    let (machine, folder) = (Machine::new(), Folder::new());
    let log = |names: std::ops::Range<u32>| {
        let rows = names.map(|name| format!("2026-10-01T10:00:00Z,gpt-5.4,job-{name},1000,{name},0.01\n"));
        let header = "timestamp,model,workload_tag,input_tokens,output_tokens,cost_usd\n".to_owned();
        folder.write("log.csv", std::iter::once(header).chain(rows).collect::<String>())
    };
    let context = |most_keys: usize| Context { most_keys, ..machine.context(None) };
    let part = |names, most| {
        let judged = machine.judge(&[log(names)], How::default(), &context(most));
        judged.map(|judged| judged.gathered.rollup)
    };
    assert_eq!(part(0..20, 20).expect("as many as may be").cells.len(), 20);
    let failure = part(0..21, 20).expect_err("one too many");
    assert_eq!(failure.exit, Exit::Input);
    insta::assert_snapshot!("too-many-keys", failure.to_string());

    // What several threads found may be too much only together; what both know counts once.
    let keys_of_both = |first, second| {
        let (first, second) = (part(first, 20).expect("few"), part(second, 20).expect("few"));
        merged(first, &second, &context(20)).map(|whole| whole.cells.len())
    };
    assert_eq!(keys_of_both(0..15, 5..20), Ok(20));
    assert_eq!(keys_of_both(0..15, 6..21), Err(Unsummable::TooManyKeys { most: 20 }));

    // Sums by day are bounded alike: one workload here, and a sum for each day.
    let days = (1..=22).map(|day| format!("2026-10-{day:02}T10:00:00Z,gpt-5.4,job,1000,1,0.01\n"));
    let header = "timestamp,model,workload_tag,input_tokens,output_tokens,cost_usd\n".to_owned();
    let log = folder.write("days.csv", std::iter::once(header).chain(days).collect::<String>());
    let failed = |most| machine.judge(std::slice::from_ref(&log), How::default(), &context(most)).err();
    assert_eq!(failed(22), None);
    assert_eq!(failed(21).map(|failure| failure.diagnostic.code), Some("too-many-keys"));
}
