//! The README is run: every command in it, against the output printed below it.
//!
//! Fenced blocks marked `console` hold commands (`$ batchwise …` or `$ cargo run --release -- …`), each followed by what
//! it prints; a line `…` stands for what is cut. `$ echo $?` prints the exit code of the command before. Blocks marked
//! `file=NAME` are files that commands may name, blocks marked `words=LIST` a list of the built-in policy.
//! `UPDATE_README=1 cargo test --test it readme` writes the outputs anew. `docs/policy.md` and `docs/price-formats.md` are
//! run likewise.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

use crate::support::{Folder, finish, fixture, program, report_json, root, run};

/// The line that stands for what is cut of an output: the lines before it are its first, those behind it its last.
const CUT: &str = "…";
/// Widest line of a word list.
const WIDTH: usize = 100;

fn readme() -> String {
    fs::read_to_string(root().join("README.md")).expect("a README")
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
    fn new(blocks: &[Block<'_>]) -> Self {
        let folder = Folder::new();
        let named = blocks.iter().filter_map(|block| Some((marked(block, "file")?, block.lines.join("\n") + "\n")));
        let files = named.map(|(name, text)| (name.to_owned(), folder.write(name, text))).collect();
        Self { folder, files, last_code: 0 }
    }

    /// What a command prints, or nothing if it is not run here.
    fn output(&mut self, command: &str) -> Option<String> {
        if command == "cargo test" {
            return None;
        }
        if command == "echo $?" {
            return Some(format!("{}\n", self.last_code));
        }
        let line = command.strip_prefix("batchwise ").or_else(|| command.strip_prefix("cargo run --release -- "));
        let line = line.unwrap_or_else(|| panic!("the README names a command that is not tested: {command}"));
        let mut program = program();
        for word in words(line) {
            match self.files.get(&word) {
                Some(path) => program.arg(path),
                None => program.arg(word),
            };
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
            let output: Vec<&str> = output.as_ref().map_or(printed.clone(), |output| output.lines().collect());
            let shown = match printed.iter().position(|line| *line == CUT) {
                Some(head) => {
                    // Behind the cut the output goes on with the line that stands there, as long as there is such a line.
                    let tail = printed.len() - head - 1;
                    let behind = printed.get(head + 1).filter(|line| !line.is_empty());
                    let known = behind.and_then(|line| output.iter().rposition(|known| known == line));
                    let goes_on = known.unwrap_or_else(|| output.len().saturating_sub(tail));
                    assert!(goes_on > head, "`{command}` prints {} lines: nothing is left to cut", output.len());
                    [&output[..head], &[CUT], &output[goes_on..]].concat()
                }
                None => output,
            };
            replayed.extend(shown.into_iter().map(ToOwned::to_owned));
        }
        replayed
    }
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

/// The README as it would be if everything in it were done now.
fn done_again(text: &str) -> String {
    let mut terminal = Terminal::new(&blocks(text));
    let mut again: Vec<String> = Vec::new();
    read(text, |part| match part {
        Err(line) => again.push(line.to_owned()),
        Ok(block) => {
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
    for document in ["README.md", "docs/policy.md", "docs/price-formats.md"] {
        holds(document);
    }
}

/// Runs a document's commands.
fn holds(document: &str) {
    let path = root().join(document);
    let text = fs::read_to_string(&path).expect("a document");
    let again = done_again(&text);
    if std::env::var_os("UPDATE_README").is_some() {
        fs::write(&path, again).expect("a writable document");
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
    assert_eq!(first, ["cargo run --release -- report fixtures/sample/october.csv", "cargo test"]);
    let ci = fs::read_to_string(root().join(".ci/run")).expect("a script");
    assert!(ci.lines().any(|line| line == "cargo test"), ".ci/run runs other tests");
}

#[test]
fn every_list_of_words_is_there() {
    let text = readme();
    let shown: Vec<&str> = blocks(&text).iter().filter_map(|block| marked(block, "words")).collect();
    assert_eq!(shown, ["real-time", "batch", "interactive-apps"]);
}

#[test]
fn every_format_command_and_reason_is_explained() {
    let text = readme();
    let explained = |name: &str| text.contains(&format!("`{name}`"));
    let formats = run(["formats"]).stdout;
    let names = formats.lines().filter_map(|line| line.split_once(" — ")).flat_map(|(names, _)| names.split(", "));
    let help = run(["--help"]).stdout;
    let commands = help.lines().skip_while(|line| *line != "Commands:").skip(1).take_while(|line| !line.is_empty());
    let commands = commands
        .filter(|line| line.starts_with("  ") && !line.starts_with("   "))
        .filter_map(|line| line.split_whitespace().next());
    let report = report_json(&[fixture("sample/october.csv")], &[]).json();
    let lines = report["workloads"].as_array().expect("workloads");
    let reasons = lines
        .iter()
        .flat_map(|line| line["reasons"].as_array().expect("reasons"))
        .filter_map(serde_json::Value::as_str);
    let reasons = reasons.filter(|reason| !reason.starts_with("word:"));
    let missing: Vec<&str> =
        names.chain(commands.filter(|name| *name != "help")).chain(reasons).filter(|name| !explained(name)).collect();
    assert!(missing.is_empty(), "the README does not explain {missing:?}");
}

#[test]
fn the_price_table_is_as_large_as_said() {
    let table = fs::read_to_string(root().join("pricing.yaml")).expect("the price table");
    let table: serde_yaml::Value = serde_yaml::from_str(&table).expect("YAML");
    let providers = table["providers"].as_mapping().expect("providers");
    let models: usize =
        providers.values().map(|provider| provider["models"].as_mapping().map_or(0, serde_yaml::Mapping::len)).sum();
    let said = format!("list prices of {models} models by {} vendors", providers.len());
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
        let run = report_json(&[fixture("sample/october.csv")], &["--policy", &policy]);
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
