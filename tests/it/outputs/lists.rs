//! The lists of a page: how long they are, what they say of the rest, and the bars beside them.

use crate::support::{Folder, finish, fixture, program};

fn page(words: &[&str]) -> String {
    finish(program().args(words).arg(fixture("verdicts/october.csv"))).stdout
}

/// `4 more`, the row for what is beyond the end of a list.
fn is_rest(line: &str) -> bool {
    let words = line.trim_start_matches(['|', ' ', '…']);
    words.trim_start_matches(|character: char| character.is_ascii_digit()).starts_with(" more")
}

#[test]
fn lists_are_as_long_as_asked_for() {
    for command in ["report", "plan"] {
        for form in ["table", "markdown"] {
            let rests = |top: &str| {
                let page = page(&[command, "--format", form, "--top", top]);
                page.lines().filter(|line| is_rest(line)).count()
            };
            assert!(rests("1") >= 2, "{command} {form}: {}", rests("1"));
            assert_eq!(rests("100000"), 0, "{command} {form}: nothing is left to be added up");
        }
        for form in ["json", "csv"] {
            assert_eq!(page(&[command, "--format", form, "--top", "1"]), page(&[command, "--format", form]), "{form}");
        }
    }
}

#[test]
fn a_list_of_nothing_is_refused() {
    for command in ["report", "plan"] {
        let run = finish(program().args([command, "nowhere.csv", "--top", "0"]));
        assert_eq!((run.code, run.stdout.as_str()), (2, ""));
        assert!(run.stderr.contains("--top needs at least 1"), "{}", run.stderr);
    }
}

#[test]
fn bars_are_drawn_with_what_the_terminal_has() {
    let page = |name: &str, value: &str| {
        let mut command = program();
        finish(command.env(name, value).arg("report").arg(fixture("verdicts/october.csv"))).stdout
    };
    let usual = page("LANG", "");
    assert!(usual.contains("22.9 %  ███████████████") && usual.contains("██████████░░░"), "{usual}");
    for (name, value) in [("LANG", "de_DE.UTF-8"), ("LC_ALL", "C.utf8"), ("TERM", "xterm")] {
        assert_eq!(page(name, value), usual, "{name}={value}");
    }
    for (name, value) in [("TERM", "dumb"), ("LC_ALL", "C"), ("LC_CTYPE", "POSIX"), ("LANG", "de_DE.ISO-8859-1")] {
        let plain = page(name, value);
        assert!(
            plain.contains("22.9 %  ###############") && plain.contains("##########..."),
            "{name}={value}: {plain}"
        );
        assert!(!plain.contains(['█', '░']), "{name}={value}");
    }
}

/// Of a cent, which is shown as one amount of 0 and one of 1, the bars have 40 % and 60 %.
#[test]
fn bars_are_as_long_as_exact_amounts() {
    let folder = Folder::new();
    let call = |day: u32, tokens: u32, team: &str, stream: bool| {
        format!("2026-10-{day:02}T10:00:00Z,{day}-{team},openai,gpt-5.4,{tokens},0,{team},{team},{stream}\n")
    };
    let header = "timestamp,request_id,provider,model,input_tokens,output_tokens,workload_tag,team,stream\n";
    let calls: Vec<String> =
        [1, 31].iter().flat_map(|day| [call(*day, 800, "odd", false), call(*day, 1_200, "chat", true)]).collect();
    let log = folder.write("cent.csv", format!("{header}{}", calls.concat()));
    let policy = folder.write("policy.yaml", "schema: 1\nlimits: {min_requests: 0}\n");
    let run = finish(program().args(["report", "--by", "team", "--policy"]).arg(policy).arg(log));
    let (_, sums) = run.stdout.split_once("By team").expect("sums");
    let (sums, _) = sums.split_once("\n\n").expect("an end");
    // Twenty columns a bar.
    let teams: Vec<usize> = ["chat", "odd"]
        .iter()
        .map(|team| {
            let line = sums.lines().find(|line| line.trim_start().starts_with(team)).unwrap_or_default();
            line.matches('█').count()
        })
        .collect();
    assert_eq!(teams, [12, 8], "{}", run.stdout);
}

/// A bar takes what is left of a narrow terminal, and no row breaks for it.
#[test]
fn bars_of_sums_fit_beside_them() {
    for columns in [60, 70, 80, 81, 90, 200] {
        let mut command = program();
        command.env("COLUMNS", columns.to_string()).args(["report", "--by", "team"]);
        let page = finish(command.arg(fixture("verdicts/october.csv"))).stdout;
        let (_, sums) = page.split_once("By team").expect("sums");
        let (sums, _) = sums.split_once("\n\n").expect("an end");
        let rows: Vec<&str> = sums.lines().skip_while(|line| !line.contains("Cost")).collect();
        // A head, nine teams, what is unallocated, and all.
        assert_eq!(rows.len(), 12, "{columns}: {sums}");
        assert!(rows.iter().all(|row| row.chars().count() <= columns), "{columns}: {sums}");
    }
}
