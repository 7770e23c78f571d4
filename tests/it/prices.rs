//! `prices`: listed, shown, checked and compared, on small tables that do not change with the built-in one.

mod schema;

use batchwise::pricing::PriceTable;
use serde_json::Value;

use crate::support::{Folder, Run, finish, fixture, program, root, run};

const SMALL: &str = "fixtures/pricing/ok/small.yaml";
const FORMS: [&str; 4] = ["table", "markdown", "json", "csv"];

/// Runs `prices` with these words on the small table.
fn prices(words: &[&str]) -> Run {
    run(["prices"].iter().chain(words).chain(&["--prices", SMALL]))
}

/// The same on a page of so many columns.
fn prices_at(columns: &str, words: &[&str]) -> Run {
    finish(program().env("COLUMNS", columns).arg("prices").args(words).args(["--prices", SMALL]))
}

/// Runs under their command lines, for one snapshot.
fn catalogue(runs: &[&[&str]]) -> String {
    let page = |words: &&[&str]| format!("===== prices {}\n{}\n", words.join(" "), prices(words).transcript());
    runs.iter().map(page).collect()
}

#[test]
fn a_line_for_each_model() {
    for columns in ["80", "100", "140"] {
        insta::assert_snapshot!(format!("list-at-{columns}"), prices_at(columns, &["list"]).transcript());
    }
}

#[test]
fn lists_are_narrowed_down() {
    insta::assert_snapshot!(
        "list-filters",
        catalogue(&[
            &["list", "--provider", "acme_ai", "--with-batch"],
            &["list", "--without-batch", "--retired"],
            &["list", "--kind", "embedding"],
            &["list", "SWIFT-L"],
            &["list", "*/swift-?"],
            &["list", "--on", "2026-03-01", "acme/swift"],
            &["list", "nothing-like-it"],
        ])
    );
}

#[test]
fn others_can_use_the_table() {
    for form in FORMS {
        insta::assert_snapshot!(format!("list-{form}"), prices(&["list", "--format", form]).stdout);
    }
    let json = prices(&["list", "--format", "json"]).json();
    assert_eq!(json["schema"], "batchwise.prices/1");
    let providers = json["providers"].as_array().expect("providers");
    let models: usize = providers.iter().map(|provider| provider["models"].as_array().map_or(0, Vec::len)).sum();
    assert_eq!(models, 8, "retired models are part of the whole table");
}

/// What the built-in table has is all there, whatever its size.
#[test]
fn the_whole_built_in_table_comes_out() {
    let json = run(["prices", "list", "--format", "json"]).json();
    let ours: serde_yaml::Value =
        serde_yaml::from_str(&std::fs::read_to_string(root().join("pricing.yaml")).expect("the table")).expect("YAML");
    let mut rows = 0;
    for provider in json["providers"].as_array().expect("providers") {
        let name = provider["name"].as_str().expect("a name");
        let models = provider["models"].as_array().expect("models");
        assert_eq!(models.len(), ours["providers"][name]["models"].as_mapping().expect("models").len(), "{name}");
        for model in models {
            let theirs = &ours["providers"][name]["models"][model["name"].as_str().expect("a name")];
            let entries = model["entries"].as_array().expect("entries");
            // What is served under a name has its entries too.
            let own = entries.iter().filter(|entry| entry["served_as"].is_null()).count();
            assert_eq!(own, theirs["prices"].as_sequence().expect("entries").len());
            let tiers = |step: &Value| step["tiers"].as_object().map_or(0, serde_json::Map::len);
            rows +=
                entries.iter().flat_map(|entry| entry["steps"].as_array().expect("steps")).map(tiers).sum::<usize>();
        }
    }
    let csv = run(["prices", "list", "--format", "csv"]).stdout;
    assert_eq!(csv.lines().count(), rows + 1, "one row for each price, step and tier");
}

#[test]
fn lists_become_files() {
    let folder = Folder::new();
    for (ending, form) in [("txt", "table"), ("md", "markdown"), ("json", "json"), ("csv", "csv")] {
        let path = folder.path(&format!("prices.{ending}"));
        let run = prices(&["list", "-o", path.to_str().expect("UTF-8")]);
        assert_eq!((run.code, run.stdout.as_str()), (0, ""), "{}", run.transcript());
        let written = std::fs::read_to_string(&path).expect("a written file");
        assert_eq!(written, prices(&["list", "--format", form]).stdout);
        let again = prices(&["list", "-o", path.to_str().expect("UTF-8")]);
        assert_eq!(again.code, 5, "nothing is overwritten");
    }
    let run = prices(&["list", "-o", "prices.pdf"]);
    insta::assert_snapshot!("list-wrong-ending", run.transcript());
    let run = prices(&["list", "--format", "csv", "-o", "prices.json"]);
    insta::assert_snapshot!("list-two-forms", run.transcript());
}

#[test]
fn one_model_on_a_page() {
    let page = |words: &[&str]| prices_at("80", words).transcript();
    insta::assert_snapshot!("show-everything", page(&["show", "acme/swift-2"]));
    insta::assert_snapshot!("show-two-providers", page(&["show", "swift-2"]));
    insta::assert_snapshot!(
        "show-others",
        [
            page(&["show", "swift-2-2026-06-01", "--on", "2026-02-01"]),
            page(&["show", "acme-ai/swift-latest", "--on", "2025-01-01"]),
            page(&["show", "swift-2-preview-7", "--on", "2027-06-01"]),
            page(&["show", "swift-2-mini"]),
            page(&["show", "swift-1"]),
            page(&["show", "nightjar/owl"]),
            page(&["show", "acme/embed-1"]),
            page(&["show", "acme/sites/s1/models/swift-2-high"]),
            page(&["show", "models/Swift-2-Mini"]),
        ]
        .join("\n")
    );
}

#[test]
fn what_cannot_be_shown() {
    insta::assert_snapshot!(
        "prices-errors",
        catalogue(&[
            &["show", "swfit-2"],
            &["show", "acme/swift-22"],
            &["show", "something-else-entirely"],
            &["show", "swift-2", "--on", "yesterday"],
            &["list", "--provider", "nobody"],
            &["list", "--kind", "video"],
            &["list", "swift-["],
            &["diff", "fixtures/pricing/diff/absent.yaml"],
            &["diff", "fixtures/pricing/diff/other.yaml", "--alias", "elsewhere"],
            &["diff", "fixtures/pricing/diff/other.yaml", "--alias", "elsewhere=nobody"],
            &["diff", "fixtures/article/pricing.yaml", "-o", "diff.md"],
        ])
    );
}

/// Text that is no table of prices, by what it looks like.
#[test]
fn what_cannot_be_compared() {
    let folder = Folder::new();
    let texts = [
        ("table.yaml", "schema: 1\ncurrency: USD\nproviders:\n  acme:\n    modles: {}\n"),
        ("empty.json", "{}"),
        ("list.json", "[{\"id\": 1}]"),
        ("cut.json", "{\"gpt\": {\"litellm_provider\": \"acme\", \"input_cost_per_token\": 1e-"),
        ("ours.json", "{\"schema\": \"batchwise.prices/1\", \"providers\": [{\"name\": \"acme\"}]}"),
    ];
    let pages: String = texts
        .iter()
        .map(|(name, text)| {
            let path = folder.write(name, text);
            let run = prices(&["diff", path.to_str().expect("UTF-8")]);
            assert_eq!((run.code, run.stdout.as_str()), (2, ""), "{name}");
            folder.anonymous(&format!("===== {name}\n{}\n", run.transcript()))
        })
        .collect();
    insta::assert_snapshot!("diff-refused", pages);
}

#[test]
fn nothing_compared_is_nothing_to_be_content_with() {
    let folder = Folder::new();
    let path = folder.write("none.json", "[]");
    let run = prices(&["diff", path.to_str().expect("UTF-8")]);
    assert_eq!(run.code, 1, "{}", run.transcript());
    insta::assert_snapshot!("diff-nothing-compared", folder.anonymous(&run.transcript()));
}

fn check(words: &[&str]) -> Run {
    run(["prices", "check"].iter().chain(words))
}

#[test]
fn lints_have_a_code_a_sentence_and_a_place() {
    let run = check(&["fixtures/pricing/ok/every-lint.yaml", "--all"]);
    insta::assert_snapshot!("check-every-lint", run.transcript());
    let run = check(&["fixtures/pricing/ok/every-lint.yaml"]);
    assert!(run.code == 1 && !run.stdout.contains("acknowledged["), "{}", run.transcript());
    insta::assert_snapshot!("check-small", check(&[SMALL]).transcript());
}

/// Each lint is found at the line that it is about: taking that line away takes the lint away.
#[test]
fn a_lint_that_is_mended_is_gone() {
    let folder = Folder::new();
    let text = std::fs::read_to_string(fixture("pricing/ok/every-lint.yaml")).expect("the table");
    for (code, from, to) in [
        ("batch-equals-standard", "batch:    {input: 1, output: 2}", "batch:    {input: 1, output: 1.5}"),
        ("batch-equals-standard", "batch:    {input: 2, output: 4}", "batch:    {input: 1.5, output: 4}"),
        ("cache-read-above-input", "cache_read: 10", "cache_read: 1"),
        ("stale", "checked: 2026-08-13", "checked: 2026-08-14"),
        ("retired", "retires: 2026-11-12", "retires: 2026-11-13"),
        ("glob-meets-other-model", "\"ol*\"", "\"odd*\""),
        ("tier-out-of-line", "flex:     {input: 1.5", "flex:     {input: 1"),
        ("tier-out-of-line", "priority: {input: 2.6", "priority: {input: 2.5"),
        ("successor-too-early", "        successor: later\n", ""),
        ("successor-retired", "2027-02-28", "2027-03-02"),
        ("needless-acknowledge", "[stale, no-such-code]", "[no-such-code]"),
    ] {
        assert_eq!(text.matches(from).count(), 1, "{from}");
        let count = |text: &str| {
            let path = folder.write("table.yaml", text);
            let run = check(&[path.to_str().expect("UTF-8")]);
            run.stdout.matches(&format!("warning[{code}]")).count()
        };
        assert_eq!(count(&text.replace(from, to)), count(&text) - 1, "{from}");
    }
}

#[test]
fn a_refused_table_has_failed_the_check() {
    let run = check(&["fixtures/pricing/bad/batch-above-standard.yaml"]);
    assert_eq!((run.code, run.stdout.as_str()), (1, ""), "{}", run.transcript());
    assert!(run.stderr.contains("is above standard"), "{}", run.stderr);
    assert_eq!(check(&["fixtures/pricing/absent.yaml"]).code, 2, "no table is no failed check");
}

#[test]
fn the_layout_is_held() {
    let run = check(&["--style", "fixtures/pricing/ok/every-fault.yaml"]);
    insta::assert_snapshot!("check-every-fault", run.transcript());
    let folder = Folder::new();
    let text = std::fs::read_to_string(root().join(SMALL)).expect("the table");
    for (name, text) in [
        ("no-end.yaml", text.trim_end().to_owned()),
        ("crlf.yaml", text.replacen('\n', "\r\n", 4)),
        ("anchor.yaml", text.replacen("kind: chat", "kind: &kind chat", 1)),
    ] {
        let path = folder.write(name, text);
        let run = check(&["--style", path.to_str().expect("UTF-8")]);
        assert!(run.code == 1 && run.stdout.contains("[style]"), "{name}: {}", run.transcript());
    }
    for good in [SMALL, "fixtures/pricing/ok/every-lint.yaml"] {
        assert_eq!(check(&["--style", good]).code, 0, "{good}");
    }
}

#[test]
fn the_built_in_table_has_nothing_to_mend() {
    for words in [&[][..], &["--style"]] {
        let run = check(words);
        assert_eq!(run.code, 0, "{}", run.transcript());
    }
    // A batch price that saves nothing is accepted with a reason of its own; retired models with that of the file's head.
    let json = run(["prices", "list", "--format", "json"]).json();
    let providers = json["providers"].as_array().expect("providers").iter();
    let models = providers.flat_map(|provider| provider["models"].as_array().expect("models"));
    for entry in models.flat_map(|model| model["entries"].as_array().expect("entries")) {
        let accepted = entry["acknowledge"].to_string();
        assert!(!accepted.contains("batch-equals") || entry["note"].is_string(), "no reason: {entry}");
    }
}

fn diff(file: &str, words: &[&str]) -> Run {
    prices(&[&["diff", file], words].concat())
}

#[test]
fn tables_are_compared() {
    for (name, file) in [
        ("table", "fixtures/pricing/diff/other.yaml"),
        ("litellm", "fixtures/pricing/diff/litellm.json"),
        ("genai-prices", "fixtures/pricing/diff/genai-prices.json"),
    ] {
        insta::assert_snapshot!(format!("diff-{name}"), diff(file, &[]).transcript());
        insta::assert_snapshot!(format!("diff-{name}-csv"), diff(file, &["--format", "csv"]).transcript());
    }
    let other = "fixtures/pricing/diff/other.yaml";
    insta::assert_snapshot!("diff-json", diff(other, &["--format", "json", "--provider", "acme"]).transcript());
    insta::assert_snapshot!("diff-on", diff(other, &["--on", "2027-02-01"]).transcript());
    let genai = "fixtures/pricing/diff/genai-prices.json";
    insta::assert_snapshot!(
        "diff-alias",
        diff(genai, &["--alias", "night=nightjar", "--provider", "nightjar"]).transcript()
    );
}

#[test]
fn a_table_equals_itself() {
    let run = diff(SMALL, &["--format", "json", "--exit-code"]);
    let figures = &run.json()["figures"];
    assert_eq!(run.code, 0, "{}", run.transcript());
    assert_eq!([&figures["different"], &figures["only_here"], &figures["only_there"]], [0, 0, 0]);
    assert!(figures["equal"].as_u64().is_some_and(|equal| equal > 30));
}

/// A log of one call on each of these models of `acme`.
fn log(folder: &Folder, models: &[&str]) -> String {
    let header = "timestamp,provider,model,workload_tag,input_tokens,output_tokens";
    let rows = models.iter().map(|model| format!("2026-11-03T10:00:00Z,acme,{model},letters,1000,10\n"));
    written(folder, "log.csv", &format!("{header}\n{}", rows.collect::<String>()))
}

/// The path of a file with this text.
fn written(folder: &Folder, name: &str, text: &str) -> String {
    folder.write(name, text).to_str().expect("UTF-8").to_owned()
}

#[test]
fn only_models_that_a_log_uses_are_compared() {
    let folder = Folder::new();
    let log = log(&folder, &["swift-2-mini", "swift-4", "swift-9"]);
    let run = diff("fixtures/pricing/diff/litellm.json", &["--only-used", &log]);
    insta::assert_snapshot!("diff-only-used", folder.anonymous(&run.transcript()));
    let none = diff("fixtures/pricing/diff/other.yaml", &["--only-used", &log, "--provider", "nightjar"]);
    insta::assert_snapshot!("diff-only-used-nothing", folder.anonymous(&none.transcript()));
}

#[test]
fn the_day_is_the_newest_of_both_tables() {
    let folder = Folder::new();
    let text = std::fs::read_to_string(fixture("pricing/diff/other.yaml")).expect("the table");
    let newer = written(&folder, "newer.yaml", &text.replacen("checked: 2026-10-01", "checked: 2026-12-03", 1));
    let on = |file: &str| diff(file, &["--format", "json"]).json()["on"].clone();
    assert_eq!(on("fixtures/pricing/diff/other.yaml"), "2026-11-12");
    assert_eq!(on(&newer), "2026-12-03");
}

#[test]
fn a_difference_can_fail_a_script() {
    let other = "fixtures/pricing/diff/other.yaml";
    assert_eq!(diff(other, &[]).code, 0);
    assert_eq!(diff(other, &["--exit-code"]).code, 1);
    // The list of providers alone, as the older files of that kind are.
    let text = std::fs::read_to_string(fixture("pricing/diff/genai-prices.json")).expect("the table");
    let list = &text[text.find("\"providers\": ").expect("providers") + "\"providers\": ".len()..];
    let folder = Folder::new();
    let path = folder.write("data.json", list.trim_end().strip_suffix('}').expect("a map"));
    let rows = |file: &str| diff(file, &["--format", "json"]).json()["rows"].clone();
    assert_eq!(rows(path.to_str().expect("UTF-8")), rows("fixtures/pricing/diff/genai-prices.json"));
}

/// What the documents say of the article: three of its four rows are wrong, and the fourth model is retired.
#[test]
fn the_article_is_three_quarters_wrong() {
    let json = run(["prices", "diff", "fixtures/article/pricing.yaml", "--format", "json"]).json();
    let rows = json["rows"].as_array().expect("rows");
    let models = |status: &str| {
        let of_status = rows.iter().filter(|row| row["status"] == status && !row["there"].is_null());
        of_status.filter_map(|row| row["model"].as_str()).collect::<std::collections::BTreeSet<_>>()
    };
    assert_eq!(json["models"]["both"], 4);
    assert_eq!(models("different").into_iter().collect::<Vec<_>>(), ["claude-haiku-4-5", "gpt-5-nano", "gpt-5.4"]);
    assert!(models("equal").contains("claude-3-5-sonnet"));
    assert!(run(["prices", "show", "anthropic/claude-3-5-sonnet"]).stdout.contains("retired 2025-10-28"));
}

/// The version says how old the prices inside it are.
#[test]
fn the_version_names_the_newest_check_of_the_built_in_prices() {
    let checked = PriceTable::built_in().expect("the built-in table").newest_check().expect("a day");
    let run = run(["--version"]);
    assert_eq!(run.stdout, format!("batchwise {} (prices checked {checked})\n", env!("CARGO_PKG_VERSION")));
}
