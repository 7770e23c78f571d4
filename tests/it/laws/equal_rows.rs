//! Equal rows count once, whether their surplus is taken away or all rows are read again one by one.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::PathBuf;

use batchwise::input::blocks::{Block, BlockPlace};
use batchwise::input::rows::{Lines, Record, RowByRow, Rows};
use batchwise::input::scheduler::BlockScheduler;
use batchwise::input::{Reading, gather};
use batchwise::rollup::fold::REMEMBERED_ROWS;
use batchwise::rollup::{Context, Folder as RollupFolder, Rollup};
use batchwise::settings::Settings;
use proptest::prelude::*;
use proptest::sample::select;

use super::memo::{BY, log, outputs_on, policy, settings_with};
use crate::support::{Folder, draws, gzip};

/// Rows of one file, long enough that several threads read it.
const ROWS: usize = 9_000;
const HEADER: &str =
    "request_id,timestamp,model,workload_tag,project,end_user,stream,input_tokens,output_tokens,cost_usd";

/// What is drawn of a log.
#[derive(Clone, Copy, Debug)]
struct Drawn {
    /// Of a thousand rows so many are told again in their file.
    again: usize,
    /// So many rows of the first file stand in the second, too.
    overlap: usize,
    /// Of a thousand rows so many are told again with other tokens.
    differing: usize,
    /// The second file is compressed.
    is_packed: bool,
    /// The second file is given first.
    is_turned: bool,
}

prop_compose! {
    fn drawn()(
        again in select(vec![0, 1, 30, 1000]),
        overlap in select(vec![0, 1, 500, ROWS]),
        differing in select(vec![0, 0, 0, 1]),
        is_packed in any::<bool>(),
        is_turned in any::<bool>(),
    ) -> Drawn {
        Drawn { again, overlap, differing, is_packed, is_turned }
    }
}

fn row(number: usize, tokens: usize) -> String {
    let workload = ["nightly-eval", "support-chat", "web, \"new\"", "svc-7"][number % 4];
    let workload = if workload.contains('"') { "\"web, \"\"new\"\"\"" } else { workload };
    let id = match number % 500 {
        3 => format!("\"id \"\"{number}\"\"\""),
        4 => String::from("unknown"),
        _ => format!("an-id-of-a-call-{number}"),
    };
    format!(
        "{id},2026-10-{:02}T{:02}:00:00Z,gpt-5.4,{workload},{}{},u-{},{},{tokens},10,0.0{}",
        number / 700 % 28 + 1,
        number % 24,
        "a-name-that-is-long-enough-to-fill-a-block-".repeat(9),
        number % 3,
        number % 11,
        number % 13 == 5,
        number % 7,
    )
}

/// Two files of calls, and how many rows they have.
fn write(folder: &Folder, drawn: Drawn) -> ([PathBuf; 2], u64) {
    let Drawn { again, overlap, differing, is_packed, is_turned } = drawn;
    let tokens = |number: usize| 1_000 + number % 900;
    let mut files = [0..ROWS, ROWS - overlap..2 * ROWS].map(|numbers| {
        let mut rows: Vec<String> = numbers.clone().map(|number| row(number, tokens(number))).collect();
        rows.extend(
            numbers.clone().filter(|number| number * 7 % 1000 < again).map(|number| row(number, tokens(number))),
        );
        rows.extend(numbers.filter(|number| number * 3 % 1000 < differing).map(|number| row(number, 5_000)));
        rows
    });
    // Copies of a file are no concern here.
    files[1].reverse();
    let count = files.iter().map(|rows| rows.len() as u64).sum();
    let [first, second] = files.map(|rows| format!("{HEADER}\n{}\n", rows.join("\n")));
    let second =
        if is_packed { folder.write("b.csv.gz", gzip(second.as_bytes())) } else { folder.write("b.csv", second) };
    let mut files = [folder.write("a.csv", first), second];
    if is_turned {
        files.reverse();
    }
    (files, count)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: draws(6, 60), failure_persistence: None, rng_seed: proptest::test_runner::RngSeed::Fixed(21), ..ProptestConfig::default() })]

    #[test]
    fn what_is_taken_away_is_what_a_full_pass_leaves_out(
        drawn in drawn(),
        threads in 1_usize..5,
        has_period in any::<bool>(),
    ) {
        let folder = Folder::new();
        let policy = folder.write("policy.yaml", "schema: 1\n");
        let ([first, second], rows) = write(&folder, drawn);
        let period = ["--from", "2026-10-05", "--to", "2026-10-20"];
        let settings = settings_with(if has_period { &period } else { &[] }, &[&first, &second], &policy, None, "project");
        let (report, lines, full) = outputs_on(1, &settings, 0).expect("readable");
        let (other, other_lines, ways) = outputs_on(threads, &settings, REMEMBERED_ROWS).expect("readable");
        prop_assert_eq!(other, report);
        prop_assert_eq!(other_lines, lines);
        prop_assert_eq!(full.in_columns, 0);
        if drawn.differing == 0 {
            // All but the few with doubled quotes were read in columns, surplus ones too: nothing was read again in full.
            prop_assert!(ways.in_columns > rows * 99 / 100, "{:?} of {} rows", ways, rows);
        }
    }

    /// Of any log half of the rows, added once more and taken away again.
    #[test]
    fn what_was_added_can_be_taken_away(log in log(), policy in policy(), by in select(BY.to_vec())) {
        let folder = Folder::new();
        let policy = folder.write("policy.yaml", policy);
        let (header, rows) = log.split_once('\n').expect("a header");
        let half: String = rows.lines().step_by(2).fold(format!("{header}\n"), |half, row| half + row + "\n");
        let [all, half] = [folder.write("all.csv", &log), folder.write("half.csv", half)]
            .map(|log| settings_with(&["--no-dedupe"], &[&log], &policy, None, by));
        let context = Context { times: true, daily: true, ..all.context().expect("a context") };
        let rollup = |settings: &Settings| gather(&settings.reading(), &settings.sniffed, &context).expect("readable").rollup;
        let (all, half) = (rollup(&all), rollup(&half));
        let change = |rollup: Rollup, change: &dyn Fn(&mut RollupFolder<'_>)| {
            let mut folder = RollupFolder::over(&context, rollup, None);
            change(&mut folder);
            folder.finish().expect("few keys")
        };
        let more = change(all.clone(), &|folder| folder.absorb(&half).expect("sums in range"));
        prop_assert_ne!(sums(&more), sums(&all));
        let less = change(more, &|folder| folder.take_away(&half).expect("sums in range"));
        prop_assert_eq!(sums(&less), sums(&all));
    }
}

/// All sums of a rollup, as text and in order.
fn sums(rollup: &Rollup) -> BTreeSet<String> {
    let mut all: BTreeSet<String> = rollup.sums().map(|(_, key, cell)| format!("{key:?} {cell:?}")).collect();
    all.extend(rollup.daily.iter().map(|(day, sums)| format!("{day:?} {sums:?}")));
    let times = rollup.times.as_ref().expect("sums by time");
    all.extend(times.hours.iter().map(|(hour, sums)| format!("{hour:?} {sums:?}")));
    all.extend(times.days.iter().flatten().map(|(day, sums)| format!("{day:?} {sums:?}")));
    all.insert(format!("{} {} {} {:?}", times.spread, rollup.undated, rollup.undated_prices, rollup.oddities));
    all.extend(rollup.end_users.iter().map(|(group, users)| {
        let users: BTreeSet<u64> = users.hashes().iter().copied().collect();
        format!("{group:?} {users:?}")
    }));
    all
}

/// The records of each block that a scheduler brings, with their lines.
fn blocks(scheduler: &BlockScheduler<'_>, settings: &Settings) -> Vec<(BlockPlace, String)> {
    let (mut block, mut rows, mut blocks) = (Block::default(), Rows::default(), Vec::new());
    while scheduler.next(&mut block) {
        let mut text = String::new();
        let mut each = |lines: Lines, record: Record<'_>| {
            let Record::Row(row) = record else { panic!("a row") };
            writeln!(text, "{lines:?} {:?}", row.outcome)
        };
        let sniffed = &settings.sniffed[block.input];
        let format = &settings.formats[sniffed.format];
        rows.read(&block, sniffed, format, &mut RowByRow::new(&mut each)).expect("text");
        blocks.push((block.place(), text));
    }
    assert!(scheduler.failure().is_none());
    blocks.sort_by_key(|(place, _)| place.order());
    blocks
}

#[test]
fn blocks_without_repeated_hashes_are_not_read_again() {
    let folder = Folder::new();
    let policy = folder.write("policy.yaml", "schema: 1\n");
    let rows: Vec<String> = (0..4_000).map(|number| row(number, 1_000)).collect();
    // Line breaks of both kinds and within records; no end of the last line.
    let csv = format!("{HEADER}\r\n{}", rows.join("\n").replace("svc-7", "\"svc\n7\""));
    let line = |number: usize| {
        format!(
            r#"{{"request_id":"id-{number}","timestamp":"2026-10-05T09:00:00Z","model":"gpt-5.4","input_tokens":1000,"output_tokens":10,"prompt":"{}"}}"#,
            "long ".repeat(80)
        )
    };
    let lines: Vec<String> = (0..4_000).map(line).collect();
    let files = [
        folder.write("a.csv", &csv),
        folder.write("b.csv.gz", gzip(csv.as_bytes())),
        folder.write("c.jsonl", lines.join("\n")),
        folder.write("d.json", format!("[{}]", lines.join(",\n"))),
    ];
    let files: Vec<_> = files.iter().map(PathBuf::as_path).collect();
    let settings = settings_with(&[], &files, &policy, None, "project");
    let reading: Reading<'_> = settings.reading();
    let all = blocks(&BlockScheduler::new(&reading, &settings.sniffed, &[const { None }; 4]), &settings);
    for (step, at) in [(1, 0), (2, 1), (3, 0), (5, 4), (1_000, 7)] {
        let wanted: Vec<_> = all.iter().skip(at).step_by(step).cloned().collect();
        let places: Vec<BlockPlace> = wanted.iter().map(|(place, _)| *place).collect();
        let again = blocks(&BlockScheduler::again(&reading, &settings.sniffed, &places), &settings);
        assert_eq!(again, wanted);
    }
    let inputs: BTreeSet<usize> = all.iter().map(|(place, _)| place.input).collect();
    assert_eq!((inputs.len(), all.len() > 30), (4, true));
}
