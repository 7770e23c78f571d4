//! Mutation honesty: a structural byte of a good export is lost, doubled, added, exchanged or replaced, a part of a line is
//! lost or stands twice, or two bytes of different lines are wrong, and the numbers are either exactly those of the good
//! file, or the run says so (exit 3 or 4). A number that is wrong in silence is harm, and there is none.
//!
//! Names and other texts may change in silence: no reader can see that `nig"htly` was `nightly`. What names decide (the
//! verdict) is therefore not compared; what was used, what it cost, when, and how many rows counted is.
//! `BATCHWISE_MUTANTS=all cargo test mutation` tries every position of every file instead of a sample, and
//! `BATCHWISE_FORMAT` names one format to try.

use std::fs;
use std::io::Write as _;
use std::sync::Mutex;

use batchwise::diagnostic::{Exit, Failure};
use serde_json::{Value, json};

use crate::exports::{Export, exports};
use crate::laws::in_process::{Done, How, Machine};
use crate::support::{Folder, draws};

/// Bytes that give a table its structure.
const STRUCTURAL: [u8; 4] = [b'"', b',', b'\n', b'\r'];
/// The same for JSON.
const STRUCTURAL_JSON: [u8; 9] = [b'"', b',', b'\n', b'\r', b'{', b'}', b'[', b']', b':'];
/// Mutants of one file beyond its header, first and last row: few, and many in `.ci/long`.
fn sample() -> usize {
    draws(20, 120)
}

/// Mutants of a file at its header, first and last row: few, and all of them in `.ci/long`.
fn borders() -> usize {
    draws(60, usize::MAX)
}

/// Mutants of one file of more than one byte.
fn rearranged() -> usize {
    draws(8, 48)
}

/// What is wrong with a mutant.
#[derive(Clone, Copy, Debug)]
enum Mutation {
    /// One byte less.
    Delete(usize),
    /// One byte more.
    Insert(usize, u8),
    /// A byte is another.
    Replace(usize, u8),
    /// A byte and the next have changed places.
    Swap(usize),
    /// What stands between two places is lost.
    Cut(usize, usize),
    /// It stands twice.
    Glue(usize, usize),
    /// Two bytes are lost.
    Two(usize, usize),
}

impl Mutation {
    fn apply(self, good: &[u8]) -> Vec<u8> {
        let mut bytes = good.to_vec();
        match self {
            Self::Delete(at) => {
                bytes.remove(at);
            }
            Self::Insert(at, byte) => bytes.insert(at, byte),
            Self::Replace(at, byte) => bytes[at] = byte,
            Self::Swap(at) => bytes.swap(at, at + 1),
            Self::Cut(from, to) => drop(bytes.drain(from..to)),
            Self::Glue(from, to) => drop(bytes.splice(to..to, good[from..to].iter().copied())),
            Self::Two(first, second) => {
                bytes.remove(second);
                bytes.remove(first);
            }
        }
        bytes
    }

    fn at(self) -> usize {
        match self {
            Self::Delete(at)
            | Self::Insert(at, _)
            | Self::Replace(at, _)
            | Self::Swap(at)
            | Self::Cut(at, _)
            | Self::Glue(at, _)
            | Self::Two(at, _) => at,
        }
    }

    /// For messages: the line, with the place marked.
    fn describe(self, good: &[u8]) -> String {
        let at = self.at();
        let line = good[..at].split(|&byte| byte == b'\n').count();
        let around = |from: usize, to: usize| String::from_utf8_lossy(&good[from..to.min(good.len())]).into_owned();
        let what = match self {
            Self::Delete(_) => "without this byte".to_owned(),
            Self::Insert(_, byte) => format!("with {:?} here", char::from(byte)),
            Self::Replace(_, byte) => format!("with {:?} instead of this byte", char::from(byte)),
            Self::Swap(_) => "with this byte and the next exchanged".to_owned(),
            Self::Cut(from, to) => format!("without {:?}", around(from, to)),
            Self::Glue(from, to) => format!("with {:?} twice", around(from, to)),
            Self::Two(_, second) => {
                format!("without this byte, and without that before {:?}", around(second + 1, second + 30))
            }
        };
        format!("line {line} {what}: {:?}⟨⟩{:?}", around(at.saturating_sub(30), at), around(at, at + 30))
    }
}

/// All mutants of one byte: at a structural byte every one, elsewhere insertions only.
fn mutations(good: &[u8]) -> Vec<Mutation> {
    mutations_by(good, &STRUCTURAL)
}

fn mutations_by(good: &[u8], structural: &[u8]) -> Vec<Mutation> {
    let mut all = Vec::new();
    for (at, byte) in good.iter().enumerate() {
        if structural.contains(byte) {
            all.push(Mutation::Delete(at));
        }
        all.extend(structural.iter().map(|inserted| Mutation::Insert(at, *inserted)));
    }
    all.extend(structural.iter().map(|inserted| Mutation::Insert(good.len(), *inserted)));
    all
}

/// Mutants of more than one byte, and with a byte of another kind. A delimiter that changes places with a digit, or a
/// whole line that is lost, makes another good file, which no reader can see.
fn rearrangements(good: &[u8], structural: &[u8]) -> Vec<Mutation> {
    let places: Vec<usize> = (0..good.len()).filter(|&at| structural.contains(&good[at])).collect();
    let is_line_end = |at: &usize| matches!(good[*at], b'\n' | b'\r');
    let mut all = Vec::new();
    for (position, &at) in places.iter().enumerate() {
        all.extend(structural.iter().filter(|byte| **byte != good[at]).map(|byte| Mutation::Replace(at, *byte)));
        if good.get(at + 1).is_some_and(|next| *next != good[at] && structural.contains(next)) {
            all.push(Mutation::Swap(at));
        }
        // A part of a line from one structural byte to another, with at least one delimiter in it.
        let ends = places[position + 1..].iter().take_while(|end| !is_line_end(end)).take(3);
        for &end in ends.filter(|_| good[at] == b',') {
            all.extend([Mutation::Cut(at, end), Mutation::Glue(at, end)]);
        }
        // Two bytes of different lines, whose faults cannot make up for one another.
        let behind = places[position..].iter().skip_while(|end| !is_line_end(end)).nth(position % 7 + 2);
        all.extend(behind.map(|&second| Mutation::Two(at, second)));
    }
    all
}

/// Mutants beside delimiters, line ends and the outer quotes of header, first and last row where those are asked for, and
/// an even sample of everything else.
fn sampled(good: &[u8], whole_borders: bool) -> Vec<Mutation> {
    let line_ends: Vec<usize> = (0..good.len()).filter(|&at| good[at] == b'\n').collect();
    let first_row = line_ends.get(1).copied().unwrap_or(good.len());
    let last_row = line_ends.iter().rev().nth(1).copied().unwrap_or(0);
    let inside = inside_quotes(good);
    let is_deep = |at: usize| (at.saturating_sub(1)..=at).all(|at| inside.get(at) == Some(&true));
    let beside =
        |at: usize| (at.saturating_sub(1)..=at).any(|at| good.get(at).is_none_or(|byte| STRUCTURAL.contains(byte)));
    let is_border = |at: usize| whole_borders && (at <= first_row || at > last_row) && beside(at) && !is_deep(at);
    let (border, rest): (Vec<_>, Vec<_>) = mutations(good).into_iter().partition(|mutation| is_border(mutation.at()));
    let (near, far): (Vec<_>, Vec<_>) = rest.into_iter().partition(|mutation| beside(mutation.at()));
    let others = thinned(rearrangements(good, &STRUCTURAL), rearranged());
    [thinned(border, borders()), thinned(near, sample() * 4 / 5), thinned(far, sample() / 5), others].concat()
}

/// Which bytes are content of a quoted field.
fn inside_quotes(good: &[u8]) -> Vec<bool> {
    let mut inside = vec![false; good.len()];
    let (mut at, mut open) = (0, false);
    while at < good.len() {
        let is_escaped = open && good[at..].starts_with(b"\"\"");
        if is_escaped {
            inside[at..at + 2].fill(true);
            at += 1;
        } else if good[at] == b'"' {
            open = !open;
        } else {
            inside[at] = open;
        }
        at += 1;
    }
    inside
}

/// About `most` of the mutants, evenly spread; a step prime to the number of kinds meets them all in turn.
fn thinned(mutations: Vec<Mutation>, most: usize) -> Vec<Mutation> {
    let step = (mutations.len() / most).max(1) | 1;
    mutations.into_iter().step_by(step).collect()
}

/// The numbers that a mutation must not change in silence.
fn numbers(done: &Done) -> Value {
    let report = done.json();
    let accepted: Vec<&Value> =
        report["inputs"].as_array().into_iter().flatten().map(|input| &input["rows"]["accepted"]).collect();
    json!([report["usage"], report["cost"], report["period"], accepted])
}

/// What mutants of a file came to.
#[derive(Debug, Default)]
struct Tally {
    exact: usize,
    loud: usize,
    harm: Vec<String>,
}

impl Tally {
    fn judge(&mut self, good: &Done, mutant: Result<Done, Failure>, describe: impl FnOnce() -> String) {
        let mutant = match mutant {
            Err(failure) if failure.exit == Exit::Input => {
                self.loud += 1;
                return;
            }
            Err(failure) => return self.blame(format!("{}: {failure}", describe())),
            Ok(done) => done,
        };
        let (expected, found) = (numbers(good), numbers(&mutant));
        if found == expected {
            self.exact += 1;
        } else if mutant.exit == Exit::Incomplete && mutant.report.incomplete != good.report.incomplete {
            self.loud += 1;
        } else {
            self.blame(format!("{}\n   good {expected}\n  found {found}", describe()));
        }
    }

    /// Says it at once, since a night's run ends late.
    fn blame(&mut self, harm: String) {
        let _ = writeln!(std::io::stderr(), "{harm}");
        self.harm.push(harm);
    }
}

/// Whether every position of every file is tried, as `BATCHWISE_MUTANTS=all` asks for.
fn is_whole() -> bool {
    std::env::var("BATCHWISE_MUTANTS").is_ok_and(|wanted| wanted == "all")
}

/// All mutants of a table, or a sample of them.
fn of_table(good: &[u8], whole_borders: bool) -> Vec<Mutation> {
    if is_whole() {
        return [mutations(good), rearrangements(good, &STRUCTURAL)].concat();
    }
    sampled(good, whole_borders)
}

/// Runs the mutants of a file.
fn tally(machine: &Machine, good: &[u8], mutants: Vec<Mutation>) -> Tally {
    let folder = Folder::new();
    let files = [folder.write("good.csv", good)];
    let reference = machine.report(&files, How::default()).expect("a good file");
    let mut tally = Tally::default();
    for mutation in mutants {
        let files = [folder.write("good.csv", mutation.apply(good))];
        tally.judge(&reference, machine.report(&files, How::default()), || mutation.describe(good));
    }
    tally
}

/// The files that mutants are made of: all that hold rows and are read without an objection. In `overlap` a row is told
/// twice, and with one byte more in a name the second telling is another; `later` is more of what `good` holds.
/// `BATCHWISE_FORMAT` picks those of one format.
fn good_files() -> Vec<Export> {
    let wanted = std::env::var("BATCHWISE_FORMAT").ok();
    let is_good = |export: &Export| !["bad", "empty", "cut", "overlap", "later"].contains(&export.stem());
    let is_wanted = |export: &Export| is_good(export) && wanted.as_ref().is_none_or(|wanted| *wanted == export.folder);
    exports().into_iter().filter(is_wanted).collect()
}

/// The same table with a quote around every value. Rows told twice stand once: a comma may stand in an id, and with one
/// more in a quoted id a telling of a call is another call, as a name with one more is another name.
fn quoted(good: &[u8]) -> Vec<u8> {
    let mut reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(good);
    let mut writer =
        csv::WriterBuilder::new().quote_style(csv::QuoteStyle::Always).flexible(true).from_writer(Vec::new());
    let mut seen = std::collections::HashSet::new();
    for record in reader.byte_records() {
        let record = record.expect("a good file");
        if seen.insert(record.iter().map(<[u8]>::to_vec).collect::<Vec<_>>()) {
            writer.write_byte_record(&record).expect("memory");
        }
    }
    writer.into_inner().expect("memory")
}

/// All mutants of one byte of JSON. A bracket or a colon more in a text makes another text, as a letter more would: of an
/// id another id, and of a model another model.
fn of_json(good: &[u8]) -> Vec<Mutation> {
    let (mut in_value, mut opened) = (vec![false; good.len() + 1], None);
    let mut at = 0;
    while at < good.len() {
        match (opened, good[at]) {
            (Some(_), b'\\') => at += 1,
            (Some(from), b'"') => {
                let is_key = good[at + 1..].trim_ascii_start().starts_with(b":");
                in_value[from + 1..=at].fill(!is_key);
                opened = None;
            }
            (None, b'"') => opened = Some(at),
            _ => {}
        }
        at += 1;
    }
    let mut all = mutations_by(good, &STRUCTURAL_JSON);
    all.retain(|mutation| !matches!(mutation, Mutation::Insert(at, byte) if in_value[*at] && b"{}[]:".contains(byte)));
    all
}

/// The mutants of JSON in which no key goes missing whole, since a key that is not there is not seen where all rows may
/// lack it.
fn whole_keys(good: &[u8]) -> Vec<Mutation> {
    let mut all = rearrangements(good, &STRUCTURAL_JSON);
    all.retain(|mutation| !matches!(mutation, Mutation::Cut(..)));
    all
}

/// All mutants of a file of JSON, or a sample of those of its first rows and of the rest.
fn of_objects(good: &[u8]) -> Vec<Mutation> {
    let all = of_json(good);
    if is_whole() {
        return [all, whole_keys(good)].concat();
    }
    let (start, rest): (Vec<_>, Vec<_>) = all.into_iter().partition(|mutation| mutation.at() < 1000);
    [thinned(start, sample()), thinned(rest, sample()), thinned(whole_keys(good), rearranged())].concat()
}

/// The mutants of a file, and of a table those with every value quoted too.
fn harm(export: &Export) -> Vec<String> {
    let good = fs::read(export.path()).expect("a fixture");
    let machine = Machine::with(None, export.map().as_deref());
    let machine = if export.is_undated() { machine.on_days("2026-10-05", "2026-10-07") } else { machine };
    let mut variants = Vec::new();
    if export.is_table() {
        variants.push((export.name(), of_table(&good, true), good.clone()));
        if export.file == "good.csv" {
            let quoted = quoted(&good);
            variants.push((format!("{}, quoted", export.name()), of_table(&quoted, false), quoted));
        }
    } else {
        variants.push((export.name(), of_objects(&good), good));
    }
    let mut found = Vec::new();
    for (name, mutants, good) in variants {
        let tally = tally(&machine, &good, mutants);
        let counts = format!("{name}: {} exact, {} loud, {} harm", tally.exact, tally.loud, tally.harm.len());
        let _ = writeln!(std::io::stderr(), "{counts}");
        assert!(tally.loud > 0, "{counts}");
        found.extend(tally.harm.into_iter().map(|harm| format!("{name}: {harm}")));
    }
    found
}

#[test]
fn no_mutant_is_wrong_in_silence() {
    let (files, found) = (Mutex::new(good_files()), Mutex::new(Vec::new()));
    std::thread::scope(|scope| {
        for _ in 0..std::thread::available_parallelism().map_or(1, usize::from) {
            scope.spawn(|| {
                while let Some(export) = { files.lock().expect("no panic").pop() } {
                    let harm = harm(&export);
                    found.lock().expect("no panic").extend(harm);
                }
            });
        }
    });
    let found = found.into_inner().expect("no panic");
    assert!(found.is_empty(), "{} mutants are wrong in silence\n{}", found.len(), found.join("\n"));
}

/// Names that begin with a comma, a quote or a line break: here a lost quote finds another one that fits.
const ODD_NAMES: &str = "timestamp,team,app,project,model,input_tokens,output_tokens
2026-10-05T00:00:00Z,x,y,z,gpt-5.4,1000,10
2026-10-05T01:00:00Z,x,\", nightly\",z,gpt-5.4,1001,11
2026-10-05T02:00:00Z,x,y,\", nightly\",gpt-5.4,1002,12
2026-10-05T03:00:00Z,\"q \"\"x\"\"\",\"\",\"
,\",gpt-5.4,1003,13
";

#[test]
fn odd_names() {
    let tally = tally(&Machine::new(), ODD_NAMES.as_bytes(), mutations(ODD_NAMES.as_bytes()));
    assert!(tally.harm.is_empty(), "{}", tally.harm.join("\n"));
    assert!(tally.exact > 0 && tally.loud > 500, "{} exact, {} loud", tally.exact, tally.loud);
}

/// What spreadsheets and editors do to a file without meaning to changes nothing.
#[test]
fn harmless_variants_are_exact() {
    let machine = Machine::new();
    let folder = Folder::new();
    for export in good_files().iter().filter(|export| export.is_table() && export.map().is_none()) {
        let (name, good) = (export.name(), fs::read(export.path()).expect("a fixture"));
        let text = String::from_utf8(good.clone()).expect("UTF-8");
        let unended = text.trim_end_matches('\n').to_owned();
        let reference = machine.report(&[folder.write("good.csv", &good)], How::default()).expect("a good file");
        let variants = [
            ("CRLF", text.replace('\n', "\r\n")),
            ("CR", text.replace('\n', "\r")),
            ("a byte-order mark", format!("\u{feff}{text}")),
            ("blank lines", format!("\n{}\n\n", text.replace('\n', "\n\n"))),
            ("no line end at the end", unended),
            ("a title", format!("Usage of the month\n{text}")),
            (
                "two exports put one behind the other",
                format!("{text}\u{feff}{}", text.lines().next().unwrap_or_default()),
            ),
        ];
        for (what, variant) in variants {
            let done = machine.report(&[folder.write("good.csv", &variant)], How::default());
            let done = done.unwrap_or_else(|failure| panic!("{name} with {what}: {failure}"));
            assert_eq!(numbers(&done), numbers(&reference), "{name} with {what}");
            assert_eq!(done.exit, reference.exit, "{name} with {what}");
        }
    }
}
