//! Prices of one's own on top of a table, promotions that end, names that another model is served under, and a table that
//! is older than the usage. The arithmetic stands beside the figures.

use std::fmt::Write as _;
use std::path::PathBuf;

use serde_json::{Value, json};

use crate::price_tables::{Model, acme, halved, price};
use crate::support::{Folder, Run, finish, program, report_json};

/// A million tokens of input a day on `swift`, and one call of `opaque`, in June 2026.
const LOG: &str = "timestamp,provider,model,input_tokens,output_tokens,workload_tag
2026-06-01T00:00:00Z,acme,swift,1000000,0,nightly-evals
2026-06-15T00:00:00Z,acme,swift,1000000,0,nightly-evals
2026-06-30T00:00:00Z,acme,swift,1000000,0,nightly-evals
";

fn base(folder: &Folder) -> PathBuf {
    let swift =
        Model { name: "swift", keys: &[], prices: &[halved(None, "10", "5"), halved(Some("2026-06-10"), "8", "4")] };
    let owl = Model { name: "owl", keys: &[], prices: &[price(None, "2")] };
    folder.write("base.yaml", acme(&[swift, owl]))
}

/// The report of the log on the base table and these layers.
fn report(folder: &Folder, log: &str, layers: &[&str]) -> Run {
    let log = folder.write("log.csv", log);
    let mut words = vec!["--prices".to_owned(), base(folder).display().to_string()];
    for (at, layer) in layers.iter().enumerate() {
        let name = if at == 0 { "ours.yaml".to_owned() } else { format!("ours-{at}.yaml") };
        words.extend(["--prices".to_owned(), folder.write(&name, layer).display().to_string()]);
    }
    report_json(&[log], &words.iter().map(String::as_str).collect::<Vec<_>>())
}

/// Cost and batch cost of the first row.
fn costs(report: &Value) -> [&str; 2] {
    ["cost", "batch_cost"].map(|key| report["workloads"][0][key].as_str().unwrap_or("none"))
}

/// The codes of the warnings with what they count.
fn warnings(report: &Value) -> Vec<(&str, u64)> {
    let rows = report["warnings"].as_array().expect("warnings");
    rows.iter()
        .map(|row| (row["code"].as_str().unwrap_or_default(), row["count"].as_u64().unwrap_or_default()))
        .collect()
}

#[test]
fn a_layer_that_changes_nothing_changes_no_figure() {
    let folder = Folder::new();
    let [mut without, mut with] =
        [&[][..], &["extends: built-in\n"][..]].map(|layers| report(&folder, LOG, layers).json());
    assert_eq!(
        (&without["prices"], &with["prices"]),
        (
            &json!({"source": "base.yaml", "checked": "2026-01-01"}),
            &json!({"source": "base.yaml + ours.yaml", "checked": "2026-01-01",
                    "layers": [{"file": "ours.yaml", "added": 0, "changed": 0, "aliases": 0, "discounts": 0}]})
        )
    );
    for report in [&mut without, &mut with] {
        report.as_object_mut().expect("an object").remove("prices");
    }
    assert_eq!(without, with);
}

/// Until 9 June a million tokens cost $10, from then on $8: 10 + 8 + 8 = 26, in batch half.
///
/// With 10 % off from 15 June: 10 + 7.2 + 7.2 = 24.4. With 5 % off always before it: 9.5 + 7.2 + 7.2 = 23.9, since the last
/// that holds counts and they are not multiplied.
#[test]
fn a_contract_takes_off_every_rate_from_its_day() {
    let folder = Folder::new();
    let discounts = |lines: &[&str]| format!("extends: built-in\ndiscounts: [{}]\n", lines.join(", "));
    let late = "{provider: acme, model: \"sw*\", factor: 0.9, from: 2026-06-15}";
    let always = "{provider: acme, factor: 0.95}";
    let cases = [
        (vec![], ["26", "13"]),
        (vec![discounts(&[late])], ["24.4", "12.2"]),
        (vec![discounts(&[always, late])], ["23.9", "11.95"]),
        (vec![discounts(&[always]), discounts(&[late])], ["23.9", "11.95"]),
        // Listed last, it counts on all days: 9.5 + 7.6 + 7.6.
        (vec![discounts(&[late, always])], ["24.7", "12.35"]),
    ];
    for (layers, expected) in cases {
        let done = report(&folder, LOG, &layers.iter().map(String::as_str).collect::<Vec<_>>()).json();
        assert_eq!(costs(&done), expected, "{layers:?}");
    }
}

/// A price of the same day takes the place of the one there is, another day's is added: 10 + 6 + 7.
#[test]
fn prices_are_added_and_replaced_by_their_day() {
    let folder = Folder::new();
    let entry = |from: &str, rate: &str| {
        format!("{{from: {from}, source: contract, checked: 2026-06-01, standard: {{input: {rate}, output: {rate}}}}}")
    };
    let layer = format!(
        "extends: built-in\nproviders: {{acme: {{models: {{swift: {{prices: [{}, {}]}}, heron: {{prices: [{}]}}}}}}}}\n",
        entry("2026-06-10", "6"),
        entry("2026-06-20", "7"),
        entry("2026-01-01", "1"),
    );
    let done = report(&folder, LOG, &[&layer]).json();
    assert_eq!(costs(&done), ["23", "none"], "the new prices have no batch rate");
    assert_eq!(
        done["prices"]["layers"][0],
        json!({"file": "ours.yaml", "added": 1, "changed": 1, "aliases": 0, "discounts": 0})
    );
}

/// A vendor may stand twice in a file, under two of its names; the second is first to give the model a price.
#[test]
fn what_two_names_of_a_vendor_say_is_put_together() {
    let folder = Folder::new();
    let named = "extends: built-in\nproviders: {acme: {aliases: [acme-eu], models: {}}}\n";
    let priced = "extends: built-in
providers:
  acme: {models: {heron: {retires: 2027-01-01}}}
  acme-eu: {models: {heron: {prices: [{source: contract, checked: 2026-01-01, standard: {input: 3, output: 3}}]}}}
";
    let done = report(&folder, &LOG.replace("swift", "heron"), &[named, priced]).json();
    assert_eq!(costs(&done), ["9", "none"]);
}

#[test]
fn opaque_names_mean_what_the_layer_says() {
    let folder = Folder::new();
    let log = LOG.replace("swift", "arn:aws:thing/1");
    let refused = report(&folder, &log, &[]);
    assert_eq!(refused.code, 3, "unpriced without the name");
    let done = report(&folder, &log, &["extends: built-in\naliases: {\"arn:aws:thing/1\": acme/swift}\n"]);
    assert_eq!((done.code, costs(&done.json())), (0, ["26", "13"]));
}

/// From 15 June on swift is served and billed as owl, $2 a million and no batch: 10 + 2 + 2.
#[test]
fn a_name_costs_what_is_served_under_it() {
    let folder = Folder::new();
    let layer = "extends: built-in
providers: {acme: {models: {swift: {served_as: {model: owl, from: 2026-06-15, source: \"https://acme.example/changes\"}}}}}
";
    let done = report(&folder, LOG, &[layer]).json();
    assert_eq!(costs(&done), ["14", "none"]);
    assert_eq!(warnings(&done).iter().find(|(code, _)| *code == "served-as"), Some(&("served-as", 2)));
    insta::assert_snapshot!("served-as", format!("{:#}", done["warnings"]));
    // A later price of the model that is served holds as well: 10 + 2 + 3.
    let raised = "extends: built-in
providers: {acme: {models: {owl: {prices: [{from: 2026-06-20, source: contract, checked: 2026-01-01, standard: {input: 3, output: 3}}]}}}}
";
    assert_eq!(costs(&report(&folder, LOG, &[layer, raised]).json()), ["15", "none"]);
}

#[test]
fn a_promotion_that_ended_is_told() {
    let folder = Folder::new();
    let promised = |until: &str| {
        format!(
            "extends: built-in
providers: {{acme: {{models: {{swift: {{prices: [{{from: 2026-06-10, until: {until}, source: contract, checked: 2026-06-01, standard: {{input: 8, output: 8}}, batch: {{input: 4, output: 4}}}}]}}}}}}}}
"
        )
    };
    let after = |until: &str| {
        let done = report(&folder, LOG, &[&promised(until)]).json();
        assert_eq!(costs(&done), ["26", "13"]);
        warnings(&done).iter().find(|(code, _)| *code == "promotion-ended").map(|(_, days)| *days)
    };
    assert_eq!([after("2026-06-30"), after("2026-06-29"), after("2026-06-14")], [None, Some(1), Some(2)]);
    let done = report(&folder, LOG, &[&promised("2026-06-14")]).json();
    insta::assert_snapshot!("promotion-ended", format!("{:#}", done["warnings"]));
}

/// The table was checked on 1 January 2026, so that its prices are taken to hold until 15 February.
#[test]
fn usage_that_is_younger_than_the_prices_is_told() {
    let folder = Folder::new();
    let days = |log: &str, layers: &[&str]| {
        let done = report(&folder, log, layers).json();
        warnings(&done).iter().find(|(code, _)| *code == "prices-older-than-usage").map(|(_, days)| *days)
    };
    assert_eq!(days(LOG, &[]), Some(3));
    assert_eq!(days(&LOG.replace("2026-06-01", "2026-02-15"), &[]), Some(2));
    assert_eq!(days(&LOG.replace("2026-06", "2026-02").replace("-30T", "-16T"), &[]), Some(1));
    // What lies on it counts as a look.
    let looked = "extends: built-in
providers: {acme: {models: {heron: {prices: [{source: contract, checked: 2026-05-20, standard: {input: 1, output: 1}}]}}}}
";
    assert_eq!(days(LOG, &[looked]), None);
}

#[test]
fn a_layer_that_cannot_hold_is_refused() {
    let folder = Folder::new();
    let entry =
        |keys: &str| format!("{{{keys}source: contract, checked: 2026-06-01, standard: {{input: 1, output: 1}}}}");
    let model = |name: &str, keys: &str| {
        format!("extends: built-in\nproviders: {{acme: {{models: {{{name}: {{{keys}}}}}}}}}\n")
    };
    let dated = entry("");
    let layers = [
        ("a whole table beside another", acme(&[])),
        ("nothing to lie on", "providers: {}\n".to_owned()),
        ("another table", "extends: ours.yaml\n".to_owned()),
        ("no prices", model("heron", "retires: 2027-01-01")),
        ("a name of another", model("heron", &format!("aliases: [owl], prices: [{dated}]"))),
        ("no such vendor", "extends: built-in\ndiscounts: [{provider: acne, factor: 0.9}]\n".to_owned()),
        ("no such model", "extends: built-in\ndiscounts: [{provider: acme, model: \"swfit*\", factor: 0.9}]\n".to_owned()),
        ("too fine", "extends: built-in\nproviders: {acme: {models: {owl: {prices: [{source: contract, checked: 2026-06-01, standard: {input: 0.000000000001, output: 1}}]}}}}\ndiscounts: [{provider: acme, factor: 0.5}]\n".to_owned()),
        ("a name for nothing", "extends: built-in\naliases: {ours: acme/hawk}\n".to_owned()),
        ("a name that is taken", "extends: built-in\naliases: {owl: acme/swift}\n".to_owned()),
        ("served as nothing", model("owl", "served_as: {model: hawk, from: 2026-06-01, source: contract}")),
        ("served as one that is served as another", "extends: built-in\nproviders: {acme: {models: {owl: {served_as: {model: swift, from: 2026-06-01, source: contract}}, swift: {served_as: {model: owl, from: 2026-06-01, source: contract}}}}}\n".to_owned()),
        ("an end before the start", model("owl", &format!("prices: [{}]", entry("from: 2026-06-01, until: 2026-05-31, ")))),
    ];
    let mut page = String::new();
    for (what, layer) in layers {
        let done = report(&folder, LOG, &[&layer]);
        assert_eq!(done.code, 2, "{what}: {}", done.stderr);
        let _ = writeln!(page, "===== {what}\n{}", folder.anonymous(&done.stderr));
    }
    insta::assert_snapshot!("refused-layers", page);
}

#[test]
fn readers_see_what_lies_on_what() {
    let folder = Folder::new();
    let layer = "extends: built-in\ndiscounts: [{provider: acme, factor: 0.9, from: 2026-06-15}]\naliases: {ours: acme/swift}\n";
    let (base, layer, log) = (base(&folder), folder.write("ours.yaml", layer), folder.write("log.csv", LOG));
    let tables =
        [std::ffi::OsStr::new("--prices"), base.as_os_str(), std::ffi::OsStr::new("--prices"), layer.as_os_str()];
    let page =
        finish(program().arg("report").arg(&log).args(tables)).stdout.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(page.contains("prices base.yaml + ours.yaml (1 name, 1 discount) checked 1 Jan 2026"), "{page}");
    let explained =
        finish(program().arg("explain").arg(&log).args(["--workload", "nightly-evals"]).args(tables)).stdout;
    assert!(
        explained.split_whitespace().collect::<Vec<_>>().join(" ").contains("list price × 0.9 by contract"),
        "{explained}"
    );
    insta::assert_snapshot!(
        "show-with-a-layer",
        finish(program().args(["prices", "show", "ours"]).args(tables)).stdout
    );
}
