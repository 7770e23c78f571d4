//! The README and the pages of `docs` are run: every command in them, against the output printed below it.
//!
//! Fenced blocks marked `console` hold commands (`$ batchwise …` or `$ cargo run --release -- …`), each followed by what
//! it prints; a line `…` stands for what is cut. `$ echo $?` prints the exit code of the command before, `$ cat NAME` a file
//! of the page or of the repository. Blocks marked `file=NAME` are files from there on, and so is what a command writes with `-o NAME`. Blocks
//! marked `words=LIST` are a list of the built-in policy. `UPDATE_README=1 cargo test --test it readme` writes the outputs
//! anew.

mod links;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use crate::errors::codes;
use crate::support::{Folder, finish, fixture, program, report_json, root, run};

/// The line that stands for what is cut of an output. What stands before the first is the output's beginning, and what
/// stands behind one goes on with its own first line, wherever the output has that.
const CUT: &str = "…";
/// Options behind which a file is written.
const WRITES: [&str; 2] = ["-o", "--rejects"];
/// The main job, on the company of the sample: the first command of the README.
const FIRST: &str = "cargo run --release -- report fixtures/sample/gateway.csv fixtures/sample/bills --recursive --policy fixtures/sample/policy.yaml";
/// Widest line of a word list.
const WIDTH: usize = 100;

fn readme() -> String {
    fs::read_to_string(root().join("README.md")).expect("a README")
}

/// The README and all pages of `docs`, each by its path.
fn documents() -> Vec<(String, String)> {
    let pages = links::documents(Path::new("docs")).into_iter().map(|page| page.display().to_string());
    let read = |path: String| (path.clone(), fs::read_to_string(root().join(path)).expect("a page"));
    std::iter::once("README.md".to_owned()).chain(pages).map(read).collect()
}

/// All documents, one behind the other.
fn all_text() -> String {
    documents().into_iter().map(|(_, text)| text).collect()
}

/// A fenced block: what stands behind its opening fence, and its lines.
struct Block<'t> {
    mark: &'t str,
    lines: Vec<&'t str>,
}

/// Calls `each` with every line outside blocks and every block, in order.
fn read<'t>(text: &'t str, mut each: impl FnMut(Result<Block<'t>, &'t str>)) {
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        match line.strip_prefix("```") {
            Some(mark) => each(Ok(Block { mark, lines: lines.by_ref().take_while(|line| *line != "```").collect() })),
            None => each(Err(line)),
        }
    }
}

fn blocks(text: &str) -> Vec<Block<'_>> {
    let mut blocks = Vec::new();
    read(text, |part| blocks.extend(part.ok()));
    blocks
}

/// The value of `name=value` in a block's mark.
fn marked<'t>(block: &Block<'t>, name: &str) -> Option<&'t str> {
    block.mark.split_whitespace().find_map(|word| word.strip_prefix(name)?.strip_prefix('='))
}

/// Words of a command line; quotes hold words together, and nothing else of a shell is known.
fn words(line: &str) -> Vec<String> {
    let (mut words, mut word, mut quote, mut open) = (Vec::new(), String::new(), None, false);
    for character in line.chars() {
        match (character, quote) {
            (_, Some(end)) if character == end => quote = None,
            ('"' | '\'', None) => (quote, open) = (Some(character), true),
            (' ', None) => {
                if open {
                    words.push(std::mem::take(&mut word));
                }
                open = false;
            }
            _ => {
                assert!(quote.is_some() || !"|<>&;$`*".contains(character), "`{line}` needs a shell");
                word.push(character);
                open = true;
            }
        }
    }
    words.extend(open.then_some(word));
    words
}

/// Runs the commands of the README.
struct Terminal {
    folder: Folder,
    files: BTreeMap<String, PathBuf>,
    last_code: i32,
}

impl Terminal {
    fn new() -> Self {
        Self { folder: Folder::new(), files: BTreeMap::new(), last_code: 0 }
    }

    /// A block that is a file, if it is one.
    fn keep(&mut self, block: &Block<'_>) {
        if let Some(name) = marked(block, "file") {
            self.files.insert(name.to_owned(), self.folder.write(name, block.lines.join("\n") + "\n"));
        }
    }

    /// What a command prints, or nothing if it is not run here.
    fn output(&mut self, command: &str) -> Option<String> {
        if command == "cargo test" {
            return None;
        }
        if command == "echo $?" {
            return Some(format!("{}\n", self.last_code));
        }
        if let Some(name) = command.strip_prefix("cat ") {
            // One of the page, or of the repository.
            let path = self.files.get(name).cloned().unwrap_or_else(|| root().join(name));
            return Some(fs::read_to_string(path).expect("a text"));
        }
        let line = command.strip_prefix("batchwise ").or_else(|| command.strip_prefix("cargo run --release -- "));
        let line = line.unwrap_or_else(|| panic!("a document names a command that is not tested: {command}"));
        let mut program = program();
        let mut before = String::new();
        for word in words(line) {
            if WRITES.contains(&before.as_str()) {
                self.files.insert(word.clone(), self.folder.path(&word));
            }
            match self.files.get(&word) {
                Some(path) => program.arg(path),
                None => program.arg(&word),
            };
            before = word;
        }
        let run = finish(&mut program);
        self.last_code = run.code;
        Some(self.folder.anonymous(&(run.stdout + &run.stderr)).replace("FOLDER/", ""))
    }

    /// A console block with what its commands print now.
    fn replay(&mut self, block: &Block<'_>) -> Vec<String> {
        let mut replayed = Vec::new();
        let mut lines = block.lines.iter().peekable();
        while let Some(line) = lines.next() {
            let command = line.strip_prefix("$ ").unwrap_or_else(|| panic!("output without a command: {line}"));
            replayed.push((*line).to_owned());
            let mut printed = Vec::new();
            while let Some(line) = lines.next_if(|line| !line.starts_with("$ ")) {
                printed.push(*line);
            }
            let output = self.output(command);
            let shown = match &output {
                Some(output) => cut(command, &printed, &output.lines().collect::<Vec<_>>()),
                None => printed.into_iter().map(ToOwned::to_owned).collect(),
            };
            replayed.extend(shown);
        }
        replayed
    }
}

/// An output, cut where it was cut when it was printed.
fn cut(command: &str, printed: &[&str], output: &[&str]) -> Vec<String> {
    let mut parts = printed.split(|line| *line == CUT);
    let first = parts.next().unwrap_or_default();
    let rest: Vec<&[&str]> = parts.collect();
    if rest.is_empty() {
        return output.iter().map(|line| (*line).to_owned()).collect();
    }
    assert!(output.len() > first.len(), "`{command}` prints {} lines: nothing is left to cut", output.len());
    let mut shown = output[..first.len()].to_vec();
    let mut at = first.len();
    for (index, part) in rest.iter().enumerate() {
        shown.push(CUT);
        // With nothing behind it the cut goes to the end.
        let Some(goes_on) = part.first() else { continue };
        // A line whose figures are others now is still known by what stands before them.
        let name = |line: &str| line.trim().split("  ").next().unwrap_or_default().to_owned();
        let position = |is_it: &dyn Fn(&str) -> bool| output[at..].iter().position(|line| is_it(line));
        let found = position(&|line| line == *goes_on).or_else(|| position(&|line| name(line) == name(goes_on)));
        let found =
            at + found.unwrap_or_else(|| panic!("`{command}` prints no more such line to go on with: {goes_on}"));
        assert!(found > at, "`{command}`: nothing is cut before {goes_on}");
        at = if index + 1 == rest.len() { output.len() } else { (found + part.len()).min(output.len()) };
        shown.extend(&output[found..at]);
    }
    shown.into_iter().map(ToOwned::to_owned).collect()
}

/// A list of the built-in policy, as words.
fn listed(list: &str) -> Vec<String> {
    let policy = fs::read_to_string(root().join("policy.yaml")).expect("the built-in policy");
    let policy: serde_yaml::Value = serde_yaml::from_str(&policy).expect("YAML");
    let entries = policy["words"][list].as_sequence().unwrap_or_else(|| panic!("no list `{list}`"));
    entries.iter().map(|entry| entry.as_str().expect("a text").to_owned()).collect()
}

/// Words over lines, with commas between them.
fn wrapped(words: &[String]) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for (index, word) in words.iter().enumerate() {
        let comma = if index + 1 == words.len() { "" } else { "," };
        match lines.last_mut() {
            Some(line) if line.len() + word.len() + comma.len() < WIDTH => line.extend([" ", word, comma]),
            _ => lines.push(format!("{word}{comma}")),
        }
    }
    lines
}

/// A document as it would be if everything in it were done now.
fn done_again(text: &str) -> String {
    let mut terminal = Terminal::new();
    let mut again: Vec<String> = Vec::new();
    read(text, |part| match part {
        Err(line) => again.push(line.to_owned()),
        Ok(block) => {
            terminal.keep(&block);
            again.push(format!("```{}", block.mark));
            if block.mark == "console" {
                again.extend(terminal.replay(&block));
            } else if let Some(list) = marked(&block, "words") {
                again.extend(wrapped(&listed(list)));
            } else {
                again.extend(block.lines.iter().map(|line| (*line).to_owned()));
            }
            again.push("```".to_owned());
        }
    });
    again.join("\n") + "\n"
}

#[test]
fn every_command_prints_what_it_says() {
    let mut commands = 0;
    for (path, text) in documents() {
        holds(&path, &text);
        commands += text.lines().filter(|line| line.starts_with("$ ")).count();
    }
    assert!(commands >= 20, "only {commands} commands");
}

/// Runs a document's commands.
fn holds(document: &str, text: &str) {
    let again = done_again(text);
    if std::env::var_os("UPDATE_README").is_some() {
        fs::write(root().join(document), again).expect("a writable document");
        return;
    }
    let differing = (1..).zip(text.lines().zip(again.lines())).find(|(_, (was, is))| was != is);
    if let Some((number, (was, is))) = differing {
        panic!("{document}:{number}: it says\n{was}\nand the program\n{is}\n(UPDATE_README=1 writes it anew)");
    }
    assert_eq!(text.len(), again.len(), "{document} ends otherwise (UPDATE_README=1 writes it anew)");
}

#[test]
fn a_fresh_machine_needs_two_commands() {
    let text = readme();
    let blocks = blocks(&text);
    let commands = blocks.iter().flat_map(|block| block.lines.iter().filter_map(|line| line.strip_prefix("$ ")));
    let first: Vec<&str> = commands.take(2).collect();
    assert_eq!(first, [FIRST, "cargo test"]);
    let ci = fs::read_to_string(root().join(".ci/run")).expect("a script");
    assert!(ci.lines().any(|line| line == "cargo test"), ".ci/run runs other tests");
}

#[test]
fn every_list_of_words_is_there() {
    let text = all_text();
    let shown: Vec<&str> = blocks(&text).iter().filter_map(|block| marked(block, "words")).collect();
    assert_eq!(shown, ["real-time", "batch", "interactive-apps"]);
}

#[test]
fn every_format_command_and_reason_is_explained() {
    let text = all_text();
    let explained = |name: &str| text.contains(&format!("`{name}`"));
    let formats = run(["formats"]).stdout;
    let names = formats.lines().filter_map(|line| line.split_once(" — ")).flat_map(|(names, _)| names.split(", "));
    let help = run(["--help"]).stdout;
    let commands = help.lines().skip_while(|line| *line != "Commands:").skip(1).take_while(|line| !line.is_empty());
    let commands = commands
        .filter(|line| line.starts_with("  ") && !line.starts_with("   "))
        .filter_map(|line| line.split_whitespace().next());
    let report = report_json(&[fixture("verdicts/october.csv")], &[]).json();
    let lines = report["workloads"].as_array().expect("workloads");
    let reasons = lines
        .iter()
        .flat_map(|line| line["reasons"].as_array().expect("reasons"))
        .filter_map(serde_json::Value::as_str);
    let reasons = reasons.filter(|reason| !reason.starts_with("word:"));
    let missing: Vec<&str> = names.chain(reasons).filter(|name| !explained(name)).collect();
    assert!(missing.is_empty(), "the documents do not explain {missing:?}");
    let first = readme();
    let missing: Vec<&str> = commands.filter(|name| *name != "help" && !first.contains(&format!("`{name}`"))).collect();
    assert!(missing.is_empty(), "the README does not name the commands {missing:?}");
}

/// What the program can say has a row in a table of `docs/troubleshooting.md`, and no row is of what it cannot say.
#[test]
fn every_code_has_its_remedy() {
    let text = fs::read_to_string(root().join("docs/troubleshooting.md")).expect("the page");
    let cells = text.lines().filter_map(|line| line.strip_prefix("| `")?.split(" | ").next());
    let rows: BTreeSet<&str> = cells.flat_map(|cell| cell.split(", ")).map(|name| name.trim_matches('`')).collect();
    let codes = codes();
    let missing: Vec<&String> = codes.iter().filter(|code| !rows.contains(code.as_str())).collect();
    assert!(missing.is_empty(), "docs/troubleshooting.md does not say what to do about {missing:?}");
    let exceptions = fs::read_to_string(root().join("src/report/build/exceptions.rs")).expect("the source");
    let is_said = |row: &str| codes.contains(row) || exceptions.contains(&format!("\"{row}\""));
    let unsaid: Vec<&&str> = rows.iter().filter(|row| !is_said(row) && !row.contains(['[', ' '])).collect();
    assert!(unsaid.is_empty(), "docs/troubleshooting.md explains what the program never says: {unsaid:?}");
}

#[test]
fn an_output_is_cut_where_it_was() {
    let output = ["a", "b", "c", "d", "c", "e"];
    let is_cut = |printed: &[&str], shown: &[&str]| assert_eq!(cut("x", printed, &output), shown, "{printed:?}");
    is_cut(&["old"], &output);
    is_cut(&["old", CUT], &["a", CUT]);
    is_cut(&[CUT, "c", "old", CUT, "e"], &[CUT, "c", "d", CUT, "e"]);
    is_cut(&["old", CUT, "d"], &["a", CUT, "d", "c", "e"]);
    is_cut(&[CUT, "d  old figure", CUT, "e"], &[CUT, "d", CUT, "e"]);
}

#[test]
fn the_price_table_is_as_large_as_said() {
    let table = fs::read_to_string(root().join("pricing.yaml")).expect("the price table");
    let table: serde_yaml::Value = serde_yaml::from_str(&table).expect("YAML");
    let providers = table["providers"].as_mapping().expect("providers");
    let models: usize =
        providers.values().map(|provider| provider["models"].as_mapping().map_or(0, serde_yaml::Mapping::len)).sum();
    let vendors = providers.values().filter(|provider| provider["models"].is_mapping()).count();
    let said = format!("list prices of {models} models by {vendors} vendors");
    assert!(readme().contains(&said), "the README does not say `{said}`");
}

#[test]
fn every_key_of_a_mapping_is_described() {
    let reference = fs::read_to_string(root().join("docs/mapping.md")).expect("the reference");
    for map in
        fs::read_dir(root().join("src/formats/maps")).expect("mappings").map(|entry| entry.expect("an entry").path())
    {
        let text = fs::read_to_string(&map).expect("UTF-8");
        let map: serde_yaml::Mapping = serde_yaml::from_str(&text).expect("YAML");
        let fields = map["fields"].as_mapping().expect("fields");
        for key in map.keys().chain(fields.keys()).filter_map(serde_yaml::Value::as_str) {
            assert!(reference.contains(&format!("`{key}`")), "docs/mapping.md does not describe `{key}`");
        }
    }
}

#[test]
fn every_policy_shown_is_one() {
    let text = fs::read_to_string(root().join("docs/policy.md")).expect("the reference");
    let folder = Folder::new();
    let mut shown = 0;
    for block in blocks(&text).iter().filter(|block| block.mark.starts_with("yaml")) {
        let schema = if block.lines[0].starts_with("schema:") { "" } else { "schema: 1\n" };
        let policy = folder.write("policy.yaml", format!("{schema}{}\n", block.lines.join("\n"))).display().to_string();
        let run = report_json(&[fixture("verdicts/october.csv")], &["--policy", &policy]);
        assert!(run.code == 0 || run.stderr.contains("[control-total]"), "{}\n{}", block.lines.join("\n"), run.stderr);
        shown += 1;
    }
    assert!(shown >= 4, "only {shown} policies");
    let schema = fs::read_to_string(root().join("src/policy/schema.rs")).expect("the schema");
    let keys = schema.lines().filter_map(|line| line.strip_prefix("    pub ")?.split(':').next());
    let missing: Vec<&str> = keys.filter(|key| !text.contains(key) && !text.contains(&key.replace('_', "-"))).collect();
    assert!(missing.is_empty(), "docs/policy.md does not describe {missing:?}");
}

#[test]
fn only_what_needs_no_shell_is_understood() {
    assert_eq!(
        words(r#"explain a.csv --workload "svc 7" 'x y' """#),
        ["explain", "a.csv", "--workload", "svc 7", "x y", ""]
    );
    assert_eq!(wrapped(&["a".into(), "b c".into()]), ["a, b c"]);
}
