//! `prices update`: what another table has new or different becomes a layer, which is a table that holds.

use crate::support::{Folder, Run, run};

const SMALL: &str = "fixtures/pricing/ok/small.yaml";
const LITELLM: &str = "fixtures/pricing/diff/litellm.json";
const GENAI: &str = "fixtures/pricing/diff/genai-prices.json";

/// Runs `prices update` on the small table with these words.
fn update(from: &str, words: &[&str]) -> Run {
    run([&["prices", "update", "--from", from, "--prices", SMALL], words].concat())
}

/// The path of a file with this text.
fn written(folder: &Folder, name: &str, text: &str) -> String {
    folder.write(name, text).to_str().expect("UTF-8").to_owned()
}

#[test]
fn what_is_new_and_different_becomes_a_layer() {
    for (name, from) in [("litellm", LITELLM), ("genai-prices", GENAI)] {
        insta::assert_snapshot!(name, update(from, &["--on", "2026-11-30"]).transcript());
    }
    insta::assert_snapshot!("alias", update(GENAI, &["--on", "2026-11-30", "--alias", "night=nightjar"]).stdout);
    // A table says on which day it was checked, and what was checked later here stays.
    insta::assert_snapshot!("newer-here", update("fixtures/pricing/diff/other.yaml", &[]).transcript());
}

#[test]
fn the_layer_holds_and_has_the_prices_of_the_other_table() {
    let folder = Folder::new();
    for (name, from) in [("litellm.yaml", LITELLM), ("genai.yaml", GENAI)] {
        let ours = folder.path(name);
        let ours = ours.to_str().expect("UTF-8");
        let words = ["--on", "2026-11-30", "--alias", "night=nightjar"];
        let told = update(from, &[&words[..], &["-o", ours]].concat());
        assert_eq!(told.code, 0, "{}", told.transcript());
        insta::assert_snapshot!(format!("{name}-told"), told.stdout);

        let diff = ["prices", "diff", from, "--prices", SMALL, "--prices", ours, "--format", "json"];
        let diff = run([&diff[..], &words].concat()).json();
        assert_eq!([&diff["figures"]["different"], &diff["retirements"]["different"]], [0, 0], "{diff:#}");
        assert_eq!(diff["on"], "2026-11-30");
    }
}

#[test]
fn a_layer_on_the_built_in_table_passes_the_check() {
    let folder = Folder::new();
    // Batch above standard, a rate of 0 and one in the place of another, on a day by which the built-in table is stale.
    let other = r#"{
        "gpt-5.4": {"litellm_provider": "openai", "input_cost_per_token": 3e-06, "output_cost_per_token": 1.5e-05,
            "input_cost_per_token_batches": 4e-06, "input_cost_per_token_flex": 5e-06},
        "gpt-5.4-mini": {"litellm_provider": "openai", "deprecation_date": "2027-12-31", "input_cost_per_token": 7.5e-07,
            "output_cost_per_token": 4.5e-06, "cache_creation_input_token_cost": 0.0},
        "new \"model\": 1": {"litellm_provider": "openai", "mode": "embedding", "input_cost_per_token": 1e-06,
            "cache_read_input_token_cost": 2e-06, "output_cost_per_token": 0.0}
    }"#;
    let other = written(&folder, "other.json", other);
    let ours = folder.path("ours.yaml");
    let ours = ours.to_str().expect("UTF-8");
    // Two of the models that the built-in table has of OpenAI are no whole map.
    let wanted = ["prices", "update", "--from", &other, "--on", "2027-11-30", "-o", ours];
    let refused = run(wanted);
    insta::assert_snapshot!("shrank", folder.anonymous(&refused.transcript()));
    assert_eq!((refused.code, folder.path("ours.yaml").exists()), (2, false));

    let whole = written(&folder, "whole.yaml", WHOLE);
    let told = run([&wanted[..], &["--prices", &whole]].concat());
    assert_eq!(told.code, 0, "{}", told.transcript());
    insta::assert_snapshot!("faults", std::fs::read_to_string(ours).expect("a layer"));
    let check = run(["prices", "check", ours]);
    assert_eq!(check.code, 0, "{}", check.transcript());
}

/// A table of the two models.
const WHOLE: &str = "schema: 1
currency: USD
providers:
  openai:
    models:
      gpt-5.4:
        prices:
          - from: 2026-03-05
            source: \"https://example.com/prices\"
            checked: 2026-11-12
            standard: {input: 2.5, output: 15}
            batch:    {input: 1.25, output: 7.5}
      gpt-5.4-mini:
        prices:
          - from: 2026-03-05
            source: \"https://example.com/prices\"
            checked: 2026-11-12
            standard: {input: 0.75, output: 4.5}
";

#[test]
fn a_log_names_what_is_wanted() {
    let folder = Folder::new();
    let log = "timestamp,provider,model,workload_tag,input_tokens,output_tokens\n\
        2026-11-30T10:00:00Z,aviary,bird-1,letters,1000,10\n\
        2026-11-30T10:00:00Z,acme,swift-2,letters,1000,10\n";
    let log = written(&folder, "log.csv", log);
    let ours = folder.path("ours.yaml");
    let ours = ours.to_str().expect("UTF-8");
    let words = ["--on", "2026-11-30", "--only-used", &log];
    insta::assert_snapshot!("only-used", folder.anonymous(&update(LITELLM, &words).transcript()));
    assert_eq!(update(LITELLM, &[&words[..], &["-o", ours]].concat()).code, 0);

    let report = |prices: &[&str]| {
        let run = run([&["report", &log, "--format", "json", "--prices", SMALL], prices].concat());
        (run.code, run.json()["usage"]["unpriced"]["tokens"].clone())
    };
    assert_eq!(report(&[]).0, 3);
    assert_eq!(report(&["--prices", ours]).0, 0);
}

#[test]
fn what_cannot_be_updated() {
    let folder = Folder::new();
    let there = written(&folder, "there.yaml", "kept\n");
    let contract = "extends: built-in\ndiscounts:\n  - {provider: acme, factor: 0.9}\n";
    let contract = written(&folder, "contract.yaml", contract);
    let cases: [&[&str]; 5] = [
        &[],
        &["--on", "November"],
        &["--on", "2026-11-30", "-o", &there],
        &["--on", "2026-11-30", "-o", SMALL, "--force"],
        &["--on", "2026-11-30", "--prices", &contract],
    ];
    let page = |words: &&[&str]| format!("===== {}\n{}", words.join(" "), update(LITELLM, words).transcript());
    let pages = cases.iter().map(page).collect::<Vec<_>>().join("\n");
    insta::assert_snapshot!("refused", folder.anonymous(&pages));
    assert_eq!(std::fs::read_to_string(&there).expect("the file"), "kept\n");
}
