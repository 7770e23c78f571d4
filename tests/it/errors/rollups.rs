//! Rollup files that are not whole, tell too little or are given twice.

use super::{Catalogue, one_call};
use crate::support::run;

#[test]
fn rollup_files() {
    let mut catalogue = Catalogue::new();
    let calls = one_call(&catalogue.folder).display().to_string();
    let path = |name: &str| catalogue.folder.path(name).display().to_string();
    let [part, days, mutant, policy] = ["part.csv", "days.csv", "mutant.csv", "policy.yaml"].map(path);
    let made = run(["rollup", &calls, "-o", &part]);
    assert_eq!((made.code, made.stdout.as_str()), (0, ""), "{}", made.transcript());
    let whole = std::fs::read_to_string(&part).expect("a rollup file");
    let lines: Vec<&str> = whole.lines().collect();
    let mapped = whole.replace("batchwise-csv", "our-gateway");
    let damaged = [
        ("a rollup file that was cut", lines[..3].join("\n")),
        ("a rollup file that was cut before its control rows", lines[..1].join("\n")),
        ("a line lost", [&lines[..2], &lines[3..]].concat().join("\n")),
        ("a line twice", [&lines[..], &lines[2..3]].concat().join("\n")),
        ("another model", whole.replace("gpt-5.4", "gpt-5.4-mini")),
        ("other sums than it says", whole.replacen(",1,1,,1000,", ",1,1,,1001,", 1)),
        ("two rollup files, one behind the other", format!("{whole}{whole}")),
        ("a day that is none", whole.replace("accepted,1,2026-10-05", "accepted,1,2026-10-35")),
        ("another version", whole.replace("batchwise.rollup/1", "batchwise.rollup/2")),
        ("a format of somebody's own", mapped),
    ];
    for (title, content) in damaged {
        assert_ne!(content, whole, "{title}");
        catalogue.folder.write("mutant.csv", content + "\n");
        let run = catalogue.run(title, ["report", &mutant]);
        assert!(matches!(run.code, 2 | 4) && run.stdout.is_empty(), "{title}: {}", run.transcript());
    }
    for (title, rule) in [
        ("a field that is not kept", "team: search"),
        ("a tag that is not kept", "tag.feature: x"),
        ("a number that is not cut", "latency_ms: {above: 1000}"),
        ("a status that is not cut", "status: \"5*\""),
        ("digits of a number", "status: \"*5\""),
        ("hours that are not kept", "hour: \"1*\""),
    ] {
        let text = format!("schema: 1\nrules: [{{id: a, when: {{{rule}}}, then: ask}}]\n");
        catalogue.folder.write("policy.yaml", text);
        let run = catalogue.run(title, ["report", &part, "--policy", &policy]);
        assert_eq!((run.code, run.stdout.as_str()), (2, ""), "{title}");
    }
    let made = run(["rollup", &calls, "--from", "2026-10-01", "--to", "2026-10-31", "-o", &days]);
    assert_eq!(made.code, 0, "{}", made.transcript());
    for (title, words) in [
        ("days that it was not made of", &["report", &*days, "--to", "2026-11-30"][..]),
        ("a part and its log", &["report", &part, &calls]),
        ("single calls", &["classify", &part]),
        ("a single call", &["explain", &part, "--call", "1"]),
        ("an ending that names no form", &["rollup", &calls, "-o", "part.parquet"]),
        ("inputs left out", &["rollup", &calls, "-o", "other.csv", "--keep-partial"]),
    ] {
        let run = catalogue.run(title, words);
        assert!(matches!(run.code, 2 | 4) && run.stdout.is_empty(), "{title}: {}", run.transcript());
    }
    catalogue.keep("rollups");
}
