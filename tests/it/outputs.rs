//! Where results go: files that are whole or not there, standard output, and pages of every width.

mod hostile;
mod interrupted;
mod lists;

use std::ffi::OsStr;
use std::fs;
use std::io::Read as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::support::{Folder, Run, finish, fixture, program, root, run};

fn sample() -> PathBuf {
    fixture("verdicts/october.csv")
}

/// The first rows of the sample as `calls.csv`, for runs that need only some.
fn some_calls(folder: &Folder) -> PathBuf {
    let text = fs::read_to_string(sample()).expect("the sample");
    folder.write("calls.csv", text.split_inclusive('\n').take(300).collect::<String>())
}

fn text(path: &Path) -> String {
    path.to_str().expect("a path of text").to_owned()
}

/// Names of the files in a folder.
fn names(folder: &Folder) -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(folder.path(""))
        .expect("a folder")
        .map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    names
}

#[test]
fn several_files_in_one_pass() {
    let folder = Folder::new();
    let inputs = Folder::new();
    let calls = some_calls(&inputs);
    let report = |words: &[&str]| finish(program().arg("report").arg(&calls).args(words));
    let (json, txt) = (folder.path("october.json"), folder.path("october.txt"));
    let run = report(&["-o", &text(&json), "-o", &text(&txt)]);
    assert_eq!(
        run,
        Run { stdout: String::new(), stderr: String::new(), code: 0 },
        "files are asked for, so nothing is printed"
    );
    assert_eq!(fs::read_to_string(&json).expect("written"), report(&["--format", "json"]).stdout);
    assert_eq!(fs::read_to_string(&txt).expect("written"), report(&["--format", "table"]).stdout);
    assert_eq!(names(&folder), ["october.json", "october.txt"], "nothing else is left");

    let both = report(&["-o", &text(&json), "--force", "--format", "json"]);
    assert_eq!(both.stdout, fs::read_to_string(&json).expect("written"), "--format prints as well");

    let own = folder.write("own", "");
    let mode = |path: &Path| fs::metadata(path).expect("a file").permissions().mode();
    assert_eq!(mode(&json), mode(&own), "as readable as any file of the user");
}

#[test]
fn the_page_in_a_file_does_not_depend_on_the_terminal() {
    let folder = Folder::new();
    let calls = some_calls(&folder);
    let written = |name: &str, columns: &str| {
        let path = folder.path(name);
        let run = finish(
            program()
                .env("COLUMNS", columns)
                .env("CLICOLOR_FORCE", "1")
                .env_remove("NO_COLOR")
                .arg("report")
                .arg(&calls)
                .arg("-o")
                .arg(&path),
        );
        assert_eq!(run.code, 0);
        fs::read_to_string(path).expect("written")
    };
    let narrow = written("a.txt", "70");
    assert_eq!(narrow, written("b.txt", "170"));
    assert!(!narrow.contains('\u{1b}'));
}

/// Finished batches as a vendor lists them.
const FINISHED: &str = r#"{"data":[{"id":"batch_1","object":"batch","status":"completed","created_at":1790812800,"completed_at":1790816400}]}"#;

/// Runs that must not write, each with its exit code; what is there stays as it was.
#[test]
fn places_that_are_not_written_to() {
    let mut page: Vec<String> = Vec::new();
    let folder = Folder::new();
    let calls = some_calls(&folder);
    let content = fs::read(&calls).expect("the input");
    folder.write("old.json", "{}");
    folder.write("old.csv", "a,b\n");
    fs::create_dir(folder.path("folder.json")).expect("own folder");
    fs::hard_link(&calls, folder.path("twin.json")).expect("one file system");
    std::os::unix::fs::symlink(&calls, folder.path("link.json")).expect("links");
    std::os::unix::fs::symlink(folder.path("old.json"), folder.path("other.json")).expect("links");
    fs::create_dir(folder.path("real")).expect("own folder");
    std::os::unix::fs::symlink(folder.path("real"), folder.path("linked")).expect("links");
    folder.write("policy.json", "schema: 1\nplanning: {}\nbatch: {turnaround: {file: waits.csv}}\n");
    folder.write("waits.csv", FINISHED);
    fs::copy(fixture("maps/our-export.yaml"), folder.path("map.csv")).expect("own folder");
    fs::copy(root().join("pricing.yaml"), folder.path("prices.json")).expect("own folder");
    fs::hard_link(folder.path("prices.json"), folder.path("twin-prices.csv")).expect("one file system");
    let before = names(&folder);
    for (command, words, code) in [
        ("report", &["-o", "old.json"][..], 5),
        ("report", &["-o", "new.json", "-o", "old.json"], 5),
        ("report", &["--rejects", "old.csv"], 5),
        ("classify", &["-o", "old.csv"], 5),
        ("report", &["-o", "nowhere/new.json", "--force"], 5),
        ("report", &["-o", "folder.json", "--force"], 5),
        ("report", &["-o", "other.json", "--force"], 5),
        ("report", &["-o", "twin.json", "--force"], 2),
        ("report", &["-o", "link.json", "--force"], 2),
        ("classify", &["-o", "calls.csv", "--force"], 2),
        ("report", &["--rejects", "calls.csv", "--force"], 2),
        ("report", &["-o", "new.json", "-o", "new.json"], 2),
        ("classify", &["-o", "new.csv", "--rejects", "./new.csv"], 2),
        ("report", &["-o", "real/new.json", "-o", "linked/new.json"], 2),
        ("report", &["-o", "new.json", "-o", "real/../new.json"], 2),
        ("report", &["-o", "new.csv", "--rejects", "linked/../new.csv"], 2),
        // Tables that are read are inputs too.
        ("report", &["--policy", "policy.json", "-o", "policy.json", "--force"], 2),
        ("plan", &["--policy", "policy.json", "--rejects", "waits.csv", "--force"], 2),
        ("report", &["--prices", "prices.json", "-o", "real/../prices.json", "--force"], 2),
        ("report", &["--prices", "prices.json", "-o", "twin-prices.csv", "--force"], 2),
        ("classify", &["--map", "map.csv", "-o", "map.csv", "--force"], 2),
        ("inspect", &["--map", "map.csv", "--rejects", "map.csv", "--force"], 2),
        ("explain", &["--workload", "svc-7", "--policy", "policy.json", "--rejects", "policy.json", "--force"], 2),
        ("init", &["--policy", "policy.json", "-o", "new.yaml", "--rejects", "policy.json", "--force"], 2),
        ("plan", &["--batches", "waits.csv", "-o", "waits.csv", "--force"], 2),
        ("report", &["--batches", "waits.csv", "--rejects", "waits.csv", "--force"], 2),
    ] {
        let run = finish(program().current_dir(folder.path("")).arg(command).arg("calls.csv").args(words));
        assert_eq!((run.code, run.stdout.as_str()), (code, ""), "{words:?}");
        page.push(format!("\n===== {command} calls.csv {}\n{}", words.join(" "), folder.anonymous(&run.transcript())));
        assert_eq!(names(&folder), before, "{words:?} leaves nothing behind");
    }
    assert_eq!(fs::read(&calls).expect("the input"), content);
    assert_eq!(fs::read_to_string(folder.path("waits.csv")).expect("the batches"), FINISHED);
    for (words, output) in [
        (&["prices", "list", "--prices", "prices.json"][..], "prices.json"),
        (&["prices", "diff", "twin-prices.csv"], "prices.json"),
    ] {
        let run = finish(program().current_dir(folder.path("")).args(words).args(["-o", output, "--force"]));
        assert_eq!(run.code, 2, "{words:?}: {}", run.transcript());
        assert!(run.stderr.contains("[output-is-input]"), "{}", run.transcript());
    }
    assert_eq!(fs::read_to_string(folder.path("old.json")).expect("the old output"), "{}");
    insta::assert_snapshot!("refused-places", page.concat());

    let run = finish(program().current_dir(folder.path("")).args(["report", "calls.csv", "-o", "old.json", "--force"]));
    assert_eq!(run.code, 0);
    assert!(fs::read_to_string(folder.path("old.json")).expect("overwritten").starts_with("{\n"));
}

/// The program under a limit of the shell.
fn limited(limit: &str, folder: &Folder, words: &[&str]) -> Run {
    let mut command = Command::new("bash");
    command.args(["-c", &format!("{limit}; exec \"$0\" \"$@\""), env!("CARGO_BIN_EXE_batchwise")]).args(words);
    finish(command.env_clear().env("NO_COLOR", "1").current_dir(folder.path("")).stdin(Stdio::null()))
}

#[test]
fn a_full_disk_leaves_nothing_half_written() {
    let folder = Folder::new();
    some_calls(&folder);
    folder.write("old.json", "{}");
    let mut page: Vec<String> = Vec::new();
    for words in [
        &["report", "calls.csv", "-o", "new.json"][..],
        &["report", "calls.csv", "-o", "old.json", "--force"],
        &["report", "calls.csv", "-o", "new.txt", "-o", "new.json"],
        &["classify", "calls.csv", "-o", "new.csv"],
        &["classify", "calls.csv", "-o", "new.jsonl"],
    ] {
        // Files of one block, with the signal of that limit and without it.
        let run = limited("ulimit -f 1", &folder, words);
        assert_eq!(limited("trap '' XFSZ; ulimit -f 1", &folder, words), run);
        assert_eq!((run.code, run.stdout.as_str()), (5, ""), "{words:?}: {}", run.stderr);
        assert_eq!(names(&folder), ["calls.csv", "old.json"], "{words:?}");
        page.push(format!("\n===== {}\n{}", words.join(" "), run.transcript()));
    }
    assert_eq!(fs::read_to_string(folder.path("old.json")).expect("the old output"), "{}");
    insta::assert_snapshot!("full-disk", page.concat());
}

/// Where the system refuses threads there are fewer, and the same bytes.
#[test]
fn fewer_threads_than_were_asked_for() {
    let folder = Folder::new();
    let text = fs::read_to_string(sample()).expect("the sample");
    let (header, rows) = text.split_once('\n').expect("a header");
    // More than is read on one thread.
    folder.write("calls.csv", format!("{header}\n{}", rows.repeat(12)));
    // Limits of processes do not hold for root, who has to become a user without any.
    let uid = Command::new("id").arg("-u").output().expect("id").stdout;
    let user = if uid == b"0\n" { "exec setpriv --reuid 54321 --clear-groups bash -c" } else { "exec bash -c" };
    fs::set_permissions(folder.path(""), fs::Permissions::from_mode(0o755)).expect("own folder");
    let under = |limit: &str, words: &[&str]| {
        let inner = format!("'{limit}; exec \"$0\" \"$@\"' \"$0\" \"$@\"; exit");
        limited(&format!("{user} {inner}"), &folder, words)
    };
    if under(":", &["--version"]).code > 5 {
        // Folders on the way to the program are not for everybody.
        return;
    }
    for words in [
        &["report", "calls.csv", "--format", "json", "--threads", "8", "--no-dedupe"][..],
        &["classify", "calls.csv", "--threads", "8", "--no-dedupe"],
    ] {
        let usual = limited(":", &folder, words);
        assert_eq!(usual.code, 0, "{}", usual.stderr);
        for threads in [1, 3, 6] {
            let run = under(&format!("ulimit -u {threads}"), words);
            assert_eq!((run.code, run.stderr.as_str()), (0, ""), "{words:?} with {threads}");
            assert!(run.stdout == usual.stdout, "{words:?} with {threads}");
        }
    }
    // The library that makes workbooks cannot do without threads.
    fs::set_permissions(folder.path(""), fs::Permissions::from_mode(0o777)).expect("own folder");
    let run = under("ulimit -u 1", &["report", "calls.csv", "--no-dedupe", "-o", "report.json", "-o", "report.xlsx"]);
    assert_eq!((run.code, run.stdout.as_str()), (4, ""), "{}", run.stderr);
    assert_eq!(names(&folder), ["calls.csv"]);
    insta::assert_snapshot!("no-threads", run.transcript());
}

#[test]
fn a_full_device_behind_standard_output() {
    let folder = Folder::new();
    let calls = some_calls(&folder);
    for words in [
        &["report"][..],
        &["report", "--format", "json"],
        &["classify"],
        &["inspect"],
        &["explain", "--workload", "svc-7"],
    ] {
        let full = fs::OpenOptions::new().write(true).open("/dev/full").expect("a device that is always full");
        let output =
            program().args(words).arg(&calls).stdout(full).stderr(Stdio::piped()).output().expect("the program starts");
        let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(5), "{words:?}: {stderr}");
        assert!(
            stderr.contains("error[unwritable]: cannot write to standard output: No space left"),
            "{words:?}: {stderr}"
        );
    }
}

#[test]
fn a_reader_that_has_gone_away_is_no_error() {
    let folder = Folder::new();
    let calls = some_calls(&folder);
    // More than a pipe holds, so that lines come to be written after the reader has gone.
    for (words, input) in [
        (&["report"][..], &calls),
        (&["report", "--format", "json"], &calls),
        (&["inspect"], &calls),
        (&["classify"], &sample()),
    ] {
        let mut child = program()
            .args(words)
            .arg(input)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program starts");
        drop(child.stdout.take());
        let mut stderr = String::new();
        child.stderr.take().expect("a pipe").read_to_string(&mut stderr).expect("UTF-8");
        let code = child.wait().expect("an end").code();
        assert_eq!((code, stderr.as_str()), (Some(0), ""), "{words:?}");
    }
}

#[test]
fn pages_of_every_width() {
    let sample = text(&sample());
    for (name, words) in [
        ("sample", &["report", sample.as_str()][..]),
        ("plan", &["plan", "fixtures/plan/agents.csv", "--policy", "fixtures/plan/agents-policy.yaml"]),
    ] {
        for columns in ["60", "80", "120", "200"] {
            let run = finish(program().env("COLUMNS", columns).args(words));
            assert_eq!(run.code, 0);
            let width: usize = columns.parse().expect("a number");
            for line in run.stdout.lines().filter(|line| unicode_width::UnicodeWidthStr::width(*line) > width) {
                // Only a name that cannot be broken may stand out.
                assert!(line.split_whitespace().any(|word| word.len() > width / 2), "wider than {columns}: {line}");
            }
            insta::assert_snapshot!(format!("{name}-at-{columns}"), run.stdout);
        }
    }
}

#[test]
fn colour_only_where_it_is_wanted() {
    let folder = Folder::new();
    let calls = text(&some_calls(&folder));
    for words in [
        &["report", calls.as_str()][..],
        &["plan", "fixtures/plan/agents.csv", "--policy", "fixtures/plan/agents-policy.yaml"],
    ] {
        let page = |change: &dyn Fn(&mut Command)| {
            let mut command = program();
            command.env_remove("NO_COLOR");
            change(&mut command);
            let page = finish(command.args(words)).stdout;
            // A bold cell without text is spaces.
            page.lines().map(|line| line.trim_end().to_owned() + "\n").collect::<String>()
        };
        let piped = page(&|_| {});
        assert!(!piped.contains('\u{1b}'), "a pipe has no colour");
        assert_eq!(page(&|command| _ = command.env("NO_COLOR", "1")), piped);
        let forced = page(&|command| _ = command.env("CLICOLOR_FORCE", "1"));
        assert!(forced.contains('\u{1b}'));
        assert_eq!(without_colour(&forced), piped, "colour changes no character and no column");
    }
}

/// A page without its escape codes.
fn without_colour(page: &str) -> String {
    let mut plain = String::new();
    let mut rest = page;
    while let Some(at) = rest.find('\u{1b}') {
        plain.push_str(&rest[..at]);
        rest = &rest[at + rest[at..].find('m').expect("the end of a colour") + 1..];
    }
    plain.push_str(rest);
    plain.lines().map(|line| line.trim_end().to_owned() + "\n").collect()
}

#[test]
fn bars_of_a_plan_have_the_colour_of_what_they_say() {
    let words = ["plan", "fixtures/plan/agents.csv", "--policy", "fixtures/plan/agents-policy.yaml"];
    let run = finish(program().env_remove("NO_COLOR").env("CLICOLOR_FORCE", "1").args(words));
    let color_of = |label: &str| {
        let line = run.stdout.lines().find(|line| line.contains(label) && line.contains(['█', '▒'])).expect("a bar");
        let before = &line[..line.find(['█', '▒']).expect("a bar")];
        let code = before.rfind("\u{1b}[").map(|at| &before[at..]).expect("an escape code");
        code[..=code.find('m').expect("its end")].to_owned()
    };
    let (green, red, magenta) = ("\u{1b}[38;5;2m", "\u{1b}[38;5;1m", "\u{1b}[38;5;5m");
    assert_eq!(color_of("Volume"), red);
    assert_eq!(color_of("Batch, confirmed"), green);
    assert_eq!(color_of("Moves to batch"), green);
    assert_eq!(color_of("Undecided"), magenta);
    // What stands on an assumption is hatched.
    let hatched = run.stdout.lines().filter(|line| line.contains('▒'));
    assert!(hatched.clone().count() > 0);
    for line in hatched {
        assert!(!line.contains('█') && (line.contains("Undecided") || line.contains("Assumed")), "{line}");
    }
}

#[test]
fn same_bytes_everywhere() {
    let commands: [&[&str]; 6] = [
        &["report", "calls.csv"],
        &["report", "calls.csv", "--format", "json", "--fingerprint", "--by", "team"],
        &["classify", "calls.csv"],
        &["classify", "calls.csv", "--format", "jsonl"],
        &["explain", "calls.csv", "--workload", "svc-7"],
        &["inspect", "calls.csv"],
    ];
    for words in commands {
        let runs: Vec<Run> = [("Asia/Kathmandu", "tr_TR.UTF-8", "2"), ("America/St_Johns", "de_DE.UTF-8", "7")]
            .into_iter()
            .map(|(zone, language, threads)| {
                let folder = Folder::new();
                some_calls(&folder);
                finish(
                    program()
                        .current_dir(folder.path(""))
                        .env("TZ", zone)
                        .env("LANG", language)
                        .env("LC_ALL", language)
                        .args(words)
                        .args(["--threads", threads]),
                )
            })
            .collect();
        assert_eq!(runs[0].code, 0, "{}", runs[0].stderr);
        assert!(runs.iter().all(|run| *run == runs[0]), "{words:?} differs");
    }
}

#[test]
fn same_bytes_from_any_number_of_threads() {
    // Padded beyond the size from which several threads are used: the sample's first rows, some of them told again with
    // other numbers, and some broken.
    let text = fs::read_to_string(sample()).expect("the sample");
    let padding = "x".repeat(4000);
    let mut rows = text.lines().take(1100);
    let mut lines = vec![format!("{},padding", rows.next().expect("a header"))];
    for (index, row) in rows.enumerate() {
        lines.push(format!("{row},{padding}"));
        if index % 97 == 0 {
            lines.push(format!("{},{padding}", row.replace(",200,", ",201,")));
            lines.push(format!("broken {index},{padding}"));
        }
    }
    let folder = Folder::new();
    let calls = folder.write("calls.csv", lines.join("\n"));
    assert!(fs::metadata(&calls).expect("a file").len() > 4 * 1024 * 1024);
    for words in [&["report", "--format", "json", "--by", "user"][..], &["explain", "--workload", "engineering"]] {
        let [one, three] =
            ["1", "3"].map(|threads| finish(program().args(words).arg(&calls).args(["--threads", threads])));
        assert!(one.code == 3 || words[0] == "explain", "{}", one.stderr);
        assert_eq!(one, three, "{words:?}");
    }
}

#[test]
fn completions() {
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let run = run(["completions", shell]);
        assert_eq!((run.code, run.stderr.as_str()), (0, ""), "{shell}");
        for word in ["report", "classify", "routing-saves"] {
            assert!(run.stdout.contains(word), "{shell} does not complete {word}");
        }
    }
}

/// Every command has a page, with every option that its help knows.
#[test]
fn manual_pages() {
    /// The page of the command behind these words, and those of the commands below it; how many these are.
    fn pages(words: &[&str]) -> usize {
        let page = run(["man"].iter().chain(words));
        assert_eq!((page.code, page.stderr.as_str()), (0, ""), "{words:?}");
        let name = [&["batchwise"], words].concat().join("\\-");
        assert!(page.stdout.contains(&format!(".SH NAME\n{name} \\- ")), "{}", page.stdout);
        assert!(page.stdout.contains(concat!("batchwise ", env!("CARGO_PKG_VERSION"))), "{}", page.stdout);
        let help = run(words.iter().chain(&["--help"])).stdout;
        let options =
            help.split_whitespace().map(|word| word.trim_matches([',', '[', ']', '.', '`', '(', ')', ';', ':']));
        for option in options.filter(|word| word.starts_with("--")) {
            assert!(page.stdout.contains(&option.replace('-', "\\-")), "{name}: {option}");
        }
        let below =
            page.stdout.lines().filter_map(|line| line.strip_prefix(&format!("{name}\\-"))?.strip_suffix("(1)"));
        1 + below.map(|command| pages(&[words, &[command]].concat())).sum::<usize>()
    }
    assert_eq!(pages(&[]), 21, "pages: one for each command");
    let page = run(["man", "prices", "lst"]);
    let said = "error[usage]: `batchwise prices` has no command `lst`\n hint: commands are list, show, check, diff, update, impact, schema\n";
    assert_eq!((page.code, page.stdout.as_str(), page.stderr.as_str()), (2, "", said));
}

#[test]
fn formats() {
    let run = run(["formats"]);
    // An address has no space to break at.
    let long = |line: &&str| line.chars().count() > 80 && !line.contains("https://") && !line.contains("/v1/");
    assert_eq!(run.stdout.lines().find(long), None);
    insta::assert_snapshot!("formats", run.transcript());
}

/// What a cloud bills for models, for what is near them, and for everything else.
#[test]
fn a_bill_of_a_cloud() {
    let run = finish(program().args(["report", "--quiet"]).arg(fixture("formats/focus-csv/good.csv")));
    insta::assert_snapshot!("focus", run.transcript());
}

#[test]
fn inspect() {
    let mut page: Vec<String> = Vec::new();
    for file in [
        "verdicts/october.csv",
        "formats/openai-usage-csv/good.csv",
        "formats/openai-cost-csv/good.csv",
        "formats/openai-activity-csv/bad.csv",
        "formats/focus-csv/bad.csv",
        "formats/focus-csv/v1-0.csv",
        "formats/litellm-jsonl/bad.jsonl",
        "formats/openai-usage-csv/empty.csv",
        "formats/openai-usage-api/good.json",
    ] {
        let run = finish(program().arg("inspect").arg(fixture(file)));
        page.push(format!("\n===== {file}\n{}", run.transcript()));
    }
    let folder = Folder::new();
    let titled = "\u{feff}Usage of October;;\n\ntimestamp;model;input_tokens;output_tokens;mood\n2026-10-05T10:00:00Z;gpt-5.4;1000;100;good\n";
    let run = finish(program().arg("inspect").arg(folder.write("titled.csv", titled)));
    page.push(format!("\n===== a title, semicolons and a mark\n{}", run.transcript()));
    insta::assert_snapshot!("inspect", page.concat());
}

#[test]
fn files_of_the_same_name_are_told_apart() {
    let folder = Folder::new();
    let rows = "timestamp,model,input_tokens,output_tokens\n2026-10-05T10:00:00Z,gpt-5.4,1000,100\n";
    for name in ["a", "b"] {
        fs::create_dir(folder.path(name)).expect("own folder");
        folder.write(&format!("{name}/calls.csv"), rows.replace("1000", if name == "a" { "1000" } else { "2000" }));
    }
    let json =
        finish(program().current_dir(folder.path("")).args(["report", "--recursive", ".", "--format", "json"])).json();
    let files: Vec<&str> =
        json["inputs"].as_array().expect("inputs").iter().filter_map(|input| input["file"].as_str()).collect();
    assert_eq!(files, ["calls.csv", "calls.csv#2"]);
    assert!(!json.to_string().contains(&text(root())), "no path");
}

#[test]
fn the_command_to_type_finds_a_long_name() {
    let folder = Folder::new();
    let name = "a-workload-with-a-name-that-no-column-of-the-page-can-hold";
    let rows = format!("2026-10-01T01:00:00Z,gpt-5.4,900000,1000,{name}\n").repeat(120);
    let log = folder.write("log.csv", format!("timestamp,model,input_tokens,output_tokens,workload_tag\n{rows}"));
    for format in ["table", "markdown"] {
        let page = run([OsStr::new("report"), log.as_os_str(), OsStr::new("--format"), OsStr::new(format)]).stdout;
        let words: Vec<&str> = page.split_whitespace().collect();
        let at = words.iter().position(|word| *word == "--workload").expect("a command");
        assert_eq!(words[at + 1].trim_end_matches('`'), name, "{format}");
    }
}
