//! Statements that make rollup files: what stands in them and what does not, and what is refused. What engines make of them
//! is held by `tests/engines/run`.

use std::collections::BTreeSet;

use batchwise::formats::REJECT_CODES;

use crate::support::{Folder, Run, run};

const DIALECTS: [&str; 8] =
    ["duckdb", "postgres", "clickhouse", "spark", "datafusion", "bigquery", "snowflake", "trino"];

/// Prices that nobody has, and names that stand nowhere else.
const PRICES: &str = r#"
schema: 1
currency: USD
providers:
  openai:
    aliases: [open-ai]
    batch: {window_hours: 24, source: "https://example.com", checked: 2026-10-14}
    models:
      gpt-zebra:
        kind: chat
        match: ["gpt-zeb*"]
        prices: [{source: "https://example.com", checked: 2026-10-14, standard: {input: 987.25, output: 876.5}, batch: {input: 493.5, output: 438.25}, above: {77000: {standard: {input: 999.25, output: 998.5}, batch: {input: 499.5, output: 499.25}}}}]
"#;
const POLICY: &str = r#"
schema: 1
rules:
  - {id: giraffe-rule, when: {project: "okapi-*", hour: {from: 22, to: 5}}, then: batch, owner: ibis, because: nobody waits}
  - {id: heron-rule, when: {tag.kind: "*lemur*", input_tokens: {above: 4321}, status: [429]}, then: real-time}
  - {id: stork-rule, when: {latency_ms: {below: 1234}}, then: ask}
"#;

fn sql(words: &[&str]) -> Run {
    run(std::iter::once("sql").chain(words.iter().copied()))
}

fn statement(dialect: &str, words: &[&str]) -> String {
    let made = sql(&[&["--dialect", dialect][..], words].concat());
    assert_eq!((made.code, made.stderr.as_str()), (0, ""), "{}", made.transcript());
    made.stdout
}

fn with_rules(folder: &Folder, dialect: &str, words: &[&str]) -> String {
    let [prices, policy] =
        [("prices.yaml", PRICES), ("policy.yaml", POLICY)].map(|(name, text)| folder.write(name, text));
    let options = ["--prices", prices.to_str().expect("UTF-8"), "--policy", policy.to_str().expect("UTF-8")];
    statement(dialect, &[&["--table", "lake.calls", "--tags", "kind,feature"], &options[..], words].concat())
}

#[test]
fn one_statement_and_how_engines_spell_it() {
    let folder = Folder::new();
    let first = with_rules(&folder, "duckdb", &[]);
    insta::assert_snapshot!("statement-duckdb", first);
    let known: BTreeSet<&str> = first.lines().collect();
    for dialect in &DIALECTS[1..] {
        let other = with_rules(&folder, dialect, &[]);
        assert_eq!(other.matches("bw_").count(), first.matches("bw_").count(), "{dialect} has other steps");
        let differs: Vec<&str> = other.lines().filter(|line| !known.contains(line)).collect();
        insta::assert_snapshot!(format!("statement-{dialect}"), differs.join("\n"));
    }
}

#[test]
fn no_verdict_rule_glob_or_price_stands_in_a_statement() {
    let folder = Folder::new();
    for dialect in DIALECTS {
        let whole = with_rules(&folder, dialect, &["--by", "team", "--hours"]);
        // What the file says of itself names the words that tags were searched for; nothing is decided by it.
        let (select, about) = whole.rsplit_once("UNION ALL SELECT").expect("a control row");
        assert!(about.contains("batchwise.rollup/1"), "{about}");
        let select: String =
            select.lines().filter(|line| !line.starts_with("--")).collect::<Vec<_>>().join("\n").to_lowercase();
        let rules = ["giraffe", "heron", "stork", "okapi", "lemur", "ibis", "nobody waits"];
        let prices = ["987", "876", "493", "438", "999.25", "998", "499", "zebra", "gpt-zeb"];
        let verdicts =
            ["real-time", "already", "likely", "confirmed", "candidate", "undecided", "unpriced", "'ask'", "'batch'"];
        for word in rules.iter().chain(&prices).chain(&verdicts) {
            assert!(!select.contains(word), "{dialect}: `{word}` stands in the statement");
        }
        // Numbers that rules and prices cut at are there, and nothing is said of them.
        for cut in ["77001", "4322", "1234", "429"] {
            assert!(select.contains(cut), "{dialect}: {cut} is no cut");
        }
    }
}

#[test]
fn no_more_of_a_listed_word_stands_there_than_how_it_begins() {
    let made = statement("duckdb", &["--table", "t", "--tags", "kind"]);
    let (select, _) = made.rsplit_once("UNION ALL SELECT").expect("a control row");
    let policy = std::fs::read_to_string(crate::support::root().join("policy.yaml")).expect("the built-in policy");
    let listed = policy.lines().filter_map(|line| line.trim().strip_prefix("- "));
    let phrases: Vec<&str> = listed.filter(|word| word.contains(' ') && !word.contains([':', '#', '"'])).collect();
    assert!(phrases.contains(&"lead scoring"), "{phrases:?}");
    for phrase in phrases {
        assert!(!select.contains(phrase), "`{phrase}` stands in the statement");
    }
    assert!(!select.contains("categori*"), "a glob stands in the statement");
}

/// Codes of rejected rows that no row of a typed table has, and why.
const NEVER: [(&str, &str); 14] = [
    ("ambiguous-number", "numbers are typed"),
    ("bad-json", "there is no text"),
    ("encoding", "there is no text"),
    ("nul", "there is no text"),
    ("output-missing", "which models need output the reader of the file knows"),
    ("page-missing", "there are no pages"),
    ("provider-unclear", "said where rows of one id are compared"),
    ("quote", "there is no text"),
    ("two-tables", "there is no text"),
    ("unfinished", "the own format has no such rows"),
    ("usage-conflict", "the own format states each count once"),
    ("usage-total-mismatch", "a statement reads no totals"),
    ("width", "there is no text"),
    ("window", "the own format has none"),
];

/// A new check of the reader of logs changes the codes or the list: it needs one in `src/sql/faults.rs` too, with rows in
/// `tests/engines/rows.py`, or stands here as what no typed table can have.
#[test]
fn faults_are_those_of_the_reader() {
    let made = statement("duckdb", &["--table", "calls"]);
    for code in REJECT_CODES {
        let (is_checked, is_excused) =
            (made.contains(&format!("THEN '{code}'")), NEVER.iter().any(|(known, _)| *known == code));
        assert!(is_checked != is_excused, "{code}: {is_checked} {is_excused}");
    }
    let mut sites = String::new();
    for file in ["row.rs", "row/numbers.rs", "tokens.rs", "moment.rs"] {
        let text = std::fs::read_to_string(crate::support::root().join("src/formats").join(file)).expect("a file");
        let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
        for call in text.split("self.reject(").skip(1).chain(text.split("Box::new(Reject {").skip(1)) {
            let words: Vec<&str> = call.splitn(3, ',').take(2).map(str::trim).collect();
            sites.extend([file, ": ", &words.join(", "), "\n"]);
        }
    }
    insta::assert_snapshot!("checks-of-the-reader", sites);
}

#[test]
fn the_same_words_make_the_same_statement() {
    let words = ["--table", "calls", "--tags", "a,b", "--hours"];
    assert_eq!(statement("postgres", &words), statement("postgres", &words));
    let other = ["--hours", "--tags", "b,a,b", "--table", "calls"];
    assert_eq!(statement("postgres", &words), statement("postgres", &other));
}

#[test]
fn names_are_quoted_whatever_they_are() {
    for (dialect, table, quoted) in [
        ("postgres", "calls\"; DROP TABLE calls; --", "FROM \"calls\"\"; DROP TABLE calls; --\"\n"),
        ("duckdb", "read_csv('/etc/passwd')", "FROM \"read_csv('/etc/passwd')\"\n"),
        ("clickhouse", "a`b\\", "FROM `a``b\\\\`\n"),
        ("spark", "lake.my calls", "FROM `lake`.`my calls`\n"),
        ("bigquery", "p-1.d.t", "FROM `p-1`.`d`.`t`\n"),
    ] {
        let made = statement(dialect, &["--table", table]);
        assert!(made.contains(quoted), "{dialect}: {made}");
    }
    let made = statement("postgres", &["--table", "t", "--tags", "x\"y", "--source", "it's\\"]);
    assert!(made.contains("\"tag.x\"\"y\""), "{made}");
    assert!(made.contains("it''s\\\\"), "{made}");
    let made = statement("clickhouse", &["--table", "t", "--source", "it's\\"]);
    assert!(made.contains("it\\'s\\\\\\\\"), "{made}");
}

#[test]
fn what_is_refused() {
    let mut text = String::new();
    for words in [
        &["--dialect", "oracle", "--table", "t"][..],
        &["--dialect", "duckdb"],
        &["--dialect", "duckdb", "--table", "a..b"],
        &["--dialect", "duckdb", "--table", "a\nb"],
        &["--dialect", "duckdb", "--table", "t", "--columns", "timestamp,cost"],
        &["--dialect", "duckdb", "--table", "t", "--from", "2026-10-02", "--to", "2026-10-01"],
        &["--dialect", "duckdb", "--table", "t", "--by", "colour"],
        &["--dialect", "duckdb", "--table", "t", "--input-format", "focus-csv"],
        &["--view", "helicone-clickhouse"],
    ] {
        let made = sql(words);
        assert_eq!((made.code, made.stdout.as_str()), (2, ""), "{words:?}: {}", made.transcript());
        text.extend([words.join(" ").as_str(), "\n", &made.stderr, "\n"]);
    }
    insta::assert_snapshot!("sql-refused", text);
}

#[test]
fn engines_that_the_project_does_not_run_say_so() {
    for dialect in DIALECTS {
        let is_run = DIALECTS[..5].contains(&dialect);
        let made = statement(dialect, &["--table", "t"]);
        assert_eq!(made.contains("not run by the project: run --self-test first"), !is_run, "{dialect}");
        assert!(statement(dialect, &["--self-test"]).contains("bw_self_test"), "{dialect}");
        let count = statement(dialect, &["--table", "t", "--count"]);
        assert!(!count.contains("UNION ALL") && count.contains("bw_ranked\n"), "{dialect}: {count}");
    }
}

#[test]
fn a_result_of_the_self_test_is_equal_or_the_line_is_named() {
    let expected =
        std::fs::read_to_string(crate::support::root().join("src/sql/self_test/expected.csv")).expect("a file");
    let folder = Folder::new();
    let check = |text: String| {
        let path = folder.write("result.csv", text);
        run(["report", "--check-self-test", path.to_str().expect("UTF-8")])
    };
    let whole = check(expected.clone());
    assert_eq!(
        (whole.code, whole.stdout.as_str()),
        (0, "equal: all 127 lines are as they should be\n"),
        "{}",
        whole.transcript()
    );
    let (header, rest) = expected.split_once('\n').expect("a header");
    let [first, others] = rest.split_once('\n').map(|(first, others)| [first, others]).expect("lines");
    // The order of lines is free.
    assert_eq!(check(format!("{header}\n{others}{first}\n")).code, 0);
    for (what, text) in [
        ("cut", format!("{header}\n{others}")),
        ("twice", format!("{expected}{first}\n")),
        ("another sum", expected.replacen(",7070,", ",7071,", 1).replacen("1000,", "1001,", 1)),
        ("no CSV", "\"".to_owned() + &expected),
        ("empty", String::new()),
    ] {
        let made = check(text);
        assert_eq!((made.code, made.stdout.as_str()), (1, ""), "{what}: {}", made.transcript());
        assert!(made.stderr.contains("error[self-test]"), "{what}: {}", made.transcript());
        if what == "cut" {
            insta::assert_snapshot!("self-test-cut", folder.anonymous(&made.stderr));
        }
    }
}

/// All but what is about the file itself. What `rollup` makes of the rows says the rest, too.
#[test]
fn the_report_of_the_self_test_is_that_of_its_rows() {
    let folder = Folder::new();
    let of = |file: &str| {
        let source = crate::support::root().join("src/sql/self_test");
        let [prices, policy] = ["prices.yaml", "policy.yaml"].map(|name| source.join(name).display().to_string());
        let judged = |words: &[&str]| {
            let judging = ["--prices", &prices, "--policy", &policy];
            run(words.iter().copied().chain(judging).map(str::to_owned))
        };
        let name = folder.path("calls.csv").display().to_string();
        folder.write("calls.csv", std::fs::read_to_string(source.join(file)).expect("a file"));
        let part = folder.path("part.csv").display().to_string();
        let report = judged(&["report", &name, "--format", "json"]);
        assert_eq!(judged(&["rollup", &name, "-o", &part, "--force"]).code, report.code);
        let of_part = judged(&["report", &part, "--format", "json"]);
        assert_eq!((of_part.code, &of_part.stdout), (report.code, &report.stdout), "{file}");
        report
    };
    let (rows, result) = (of("rows.csv"), of("expected.csv"));
    assert_eq!(result.code, rows.code);
    let (rows, result) = (rows.json(), result.json());
    for (part, of_rows) in rows.as_object().expect("an object").iter().filter(|(part, _)| *part != "inputs") {
        match part.as_str() {
            "warnings" | "incomplete" => {
                let notes = of_rows.as_array().expect("notes").iter();
                // What rows say that do not count only a reader of rows sees.
                let told: Vec<_> = notes.filter(|note| note["code"] != "duplicates-differ").collect();
                assert_eq!(result[part].as_array().expect("notes").iter().collect::<Vec<_>>(), told, "{part}");
            }
            _ => assert_eq!(result[part], *of_rows, "{part}"),
        }
    }
    let incomplete = result["incomplete"].to_string();
    assert!(incomplete.contains("1 row of 203 without what all others have (`cache_write_1h_tokens`)"), "{incomplete}");
}

#[test]
fn views_are_made_of_the_mappings_of_their_formats() {
    for (view, form, words) in [
        (
            "litellm-postgres",
            "litellm-csv",
            ["\"LiteLLM_SpendLogs\"", "aretrieve_batch", "prompt_tokens_details,cached_tokens"],
        ),
        ("langfuse-clickhouse", "langfuse-jsonl", ["`observations`", "GENERATION", "input_cached_tokens"]),
    ] {
        let made = sql(&["--view", view, "--table", "ours.calls"]);
        assert_eq!(made.code, 0, "{}", made.transcript());
        assert!(made.stdout.contains(&format!("--table ours.calls --input-format {form}\n")), "{}", made.stdout);
        for word in words {
            assert!(made.stdout.contains(word), "{view} lacks {word}");
        }
        insta::assert_snapshot!(format!("view-{view}"), made.stdout);
    }
}

/// A tag that is named is there, whether or not it is named as a column too.
#[test]
fn named_tags_are_read_beside_named_columns() {
    let columns = "timestamp,model,input_tokens,output_tokens";
    let words = ["sql", "--dialect", "duckdb", "--table", "calls", "--columns", columns, "--tags", "batch"];
    let run = run(words);
    assert_eq!(run.code, 0, "{}", run.transcript());
    assert!(run.stdout.contains("\"tag.batch\""), "{}", run.stdout);
}
