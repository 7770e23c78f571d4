//! The lists of a page: how long they are, what they say of the rest, and the bars beside them.

use crate::support::{finish, fixture, program};

fn page(words: &[&str]) -> String {
    finish(program().args(words).arg(fixture("sample/october.csv"))).stdout
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
        finish(command.env(name, value).arg("report").arg(fixture("sample/october.csv"))).stdout
    };
    let usual = page("LANG", "");
    assert!(usual.contains("46.6 %  █████████▍") && usual.contains("██████████░░░"), "{usual}");
    for (name, value) in [("LANG", "de_DE.UTF-8"), ("LC_ALL", "C.utf8"), ("TERM", "xterm")] {
        assert_eq!(page(name, value), usual, "{name}={value}");
    }
    for (name, value) in [("TERM", "dumb"), ("LC_ALL", "C"), ("LC_CTYPE", "POSIX"), ("LANG", "de_DE.ISO-8859-1")] {
        let plain = page(name, value);
        assert!(plain.contains("46.6 %  #########") && plain.contains("##########..."), "{name}={value}: {plain}");
        assert!(!plain.contains(['█', '▍', '░']), "{name}={value}");
    }
}
