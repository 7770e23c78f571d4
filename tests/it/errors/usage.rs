//! What was typed wrong.

use super::{Catalogue, one_call};
use crate::support::run;

#[test]
fn options() {
    let mut catalogue = Catalogue::new();
    let calls = one_call(&catalogue.folder);
    let calls = calls.to_str().expect("a path of text");
    for words in [
        &["report"][..],
        &["raport", calls],
        &["report", calls, "--formt", "json"],
        &["report", calls, "--format", "parchment"],
        &["report", calls, "--from", "yesterday"],
        &["report", calls, "--to", "2026-02-30"],
        &["report", calls, "--from", "2026-10-02", "--to", "2026-10-01"],
        &["report", calls, "--by", "colour"],
        &["report", calls, "--by", "tag."],
        &["report", calls, "--routing-saves", "40%"],
        &["report", calls, "--routing-saves", "70%..40%"],
        &["report", calls, "--routing-saves", "0.4..0.7"],
        &["report", calls, "--routing-saves", "40%..170%"],
        &["report", calls, "--threads", "0"],
        &["report", "-", calls, "-"],
        &["report", calls, "--provider", "opnai"],
        &["report", calls, "--input-format", "opnai-csv"],
        &["report", calls, "-o", "report.docx"],
        &["report", calls, "-o", "report"],
        &["classify", calls, "-o", "lines.json"],
        &["explain", calls],
        &["explain", calls, "--workload", "gpt-5.4", "--call", "1"],
        &["explain", calls, "--workload", "gpt-5-4"],
        &["explain", calls, "--call", "req-1"],
        &["completions", "tcsh"],
    ] {
        let title = catalogue.folder.anonymous(&words.join(" "));
        let run = catalogue.run(&title, words);
        assert_eq!((run.code, run.stdout.as_str()), (2, ""), "{title}");
    }
    catalogue.keep("usage");
}

#[test]
fn nothing_typed_is_help() {
    let run = run([""; 0]);
    assert_eq!((run.code, run.stdout.as_str()), (2, ""));
    assert!(run.stderr.contains("Usage: batchwise <COMMAND>"), "{}", run.stderr);
}
