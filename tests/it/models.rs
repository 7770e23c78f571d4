//! Which model a row means: names in the wild, the order of providers, and what is said of it.

use std::collections::BTreeMap;

use batchwise::pricing::{PriceTable, Wanted};
use serde_json::Value;

use crate::support::{Folder, Run, finish, fixture, program, report_json, run};

/// A maker, and two that resell: at the same rates for `swift`, at others for `heron`.
const PRICES: &str = "
schema: 1
currency: USD
providers:
  acme:
    aliases: [acme-ai]
    suffixes: [\"-high\", \"[1m]\"]
    models:
      swift: {snapshots: true, prices: [{source: acme, checked: 2026-10-01, standard: {input: 2, output: 10}, batch: {input: 1, output: 5}}]}
      heron: {prices: [{source: acme, checked: 2026-10-01, standard: {input: 1, output: 4}}]}
      crane: {prices: [{source: acme, checked: 2026-10-01, standard: {input: 2, output: 8}}]}
      Owl: {prices: [{source: acme, checked: 2026-10-01, standard: {input: 5, output: 5}}]}
      owl: {prices: [{source: acme, checked: 2026-10-01, standard: {input: 6, output: 6}}]}
  east:
    resells: true
    paths:
      - {path: \"sites/*/regions/global/models/\"}
      - {path: \"sites/*/regions/*/models/\", geo: local}
    models:
      swift: {prices: [{source: east, checked: 2026-10-01, standard: {input: 2, output: 10}, batch: {input: 1, output: 5}, geo: {local: 1.1, us: 1.2}}]}
      heron:
        prices:
          - {source: east, checked: 2026-10-01, standard: {input: 1, output: 4}}
          - {from: 2026-10-15, source: east, checked: 2026-10-01, standard: {input: 1, output: 3}}
      crane: {prices: [{source: east, checked: 2026-10-01, standard: {input: 2, output: 9}}]}
      tern: {prices: [{source: east, checked: 2026-10-01, standard: {input: 3, output: 6}}]}
      kite: {prices: [{source: east, checked: 2026-10-01, standard: {input: 7, output: 0}}]}
  west:
    resells: true
    models:
      tern: {prices: [{source: west, checked: 2026-10-01, standard: {input: 4, output: 8}}]}
";

/// Rows of a million prompt tokens and a hundred thousand of output: provider, model, and what follows.
struct Log {
    folder: Folder,
    rows: Vec<String>,
}

impl Log {
    fn of(rows: &[(&str, &str)]) -> Self {
        let folder = Folder::new();
        folder.write("prices.yaml", PRICES);
        let row = |(number, (provider, model)): (usize, &(&str, &str))| {
            format!("r{number},2026-10-10T10:00:00Z,{provider},{model},1000000,100000,,")
        };
        Self { folder, rows: rows.iter().enumerate().map(row).collect() }
    }

    fn run(&self, command: &str, words: &[&str]) -> Run {
        let header = "request_id,timestamp,provider,model,input_tokens,output_tokens,geo,note";
        let file = self.folder.write("calls.csv", format!("{header}\n{}\n", self.rows.join("\n")));
        finish(program().arg(command).arg(file).args(words))
    }

    /// The resolved provider and the cost of each row, by the table above.
    fn priced(&self, words: &[&str]) -> Vec<(String, String)> {
        let prices = self.folder.path("prices.yaml").display().to_string();
        let run = self.run("classify", &[&["--prices", &prices], words].concat());
        lines(&run.stdout)
            .into_iter()
            .map(|mut line| (line.remove("provider").expect("a column"), line.remove("cost").expect("a column")))
            .collect()
    }

    fn warnings(&self, words: &[&str]) -> BTreeMap<String, u64> {
        let prices = self.folder.path("prices.yaml").display().to_string();
        let json = self.run("report", &[&["--format", "json", "--prices", &prices], words].concat()).json();
        let notes = json["warnings"].as_array().expect("a list").iter();
        let all = notes
            .map(|note| (note["code"].as_str().expect("a code").to_owned(), note["count"].as_u64().expect("a count")));
        all.filter(|(code, _)| code != "short-period" && code != "ignored-columns").collect()
    }
}

fn lines(csv: &str) -> Vec<BTreeMap<String, String>> {
    let mut reader = csv::Reader::from_reader(csv.as_bytes());
    let header = reader.headers().expect("a header").clone();
    let line =
        |record: csv::StringRecord| header.iter().map(str::to_owned).zip(record.iter().map(str::to_owned)).collect();
    reader.records().map(|record| line(record.expect("a line"))).collect()
}

fn expect(found: &[(String, String)], expected: &[(&str, &str)]) {
    let found: Vec<(&str, &str)> = found.iter().map(|(provider, cost)| (provider.as_str(), cost.as_str())).collect();
    assert_eq!(found, expected);
}

#[test]
fn names_in_the_wild_mean_what_the_list_says() {
    let table = PriceTable::built_in().expect("the built-in table");
    let mut wrong = Vec::new();
    for line in lines(&std::fs::read_to_string(fixture("pricing/names.csv")).expect("the list")) {
        let (provider, model) = (line["provider"].as_str(), line["model"].as_str());
        let row_provider = (!provider.is_empty()).then_some(provider);
        let resolved = table.resolve(Wanted { row_provider, format_provider: None, model }, None);
        let means = match resolved.model {
            Ok(id) => {
                let known = table.model(id);
                format!("{}/{}", table.provider(known.provider).name, known.name)
            }
            Err(reason) => reason.code().to_owned(),
        };
        if means != line["means"] {
            wrong.push(format!("{provider}|{model} means {means}, not {}", line["means"]));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_name_that_resolves_is_shown_the_same_way() {
    let mut shown = 0;
    for line in lines(&std::fs::read_to_string(fixture("pricing/names.csv")).expect("the list")) {
        // `show` takes no provider of its own: these are asked for as a log without one writes them.
        if !line["provider"].is_empty() {
            continue;
        }
        let run = run(["prices", "show", &line["model"]]);
        if line["means"].contains('/') {
            assert_eq!(run.code, 0, "{}", run.transcript());
            assert!(run.stdout.contains(&format!("  {} · ", line["means"])), "{}", run.transcript());
            shown += 1;
        } else {
            assert_eq!((run.code, run.stderr.contains("error[unknown-model]")), (2, true), "{}", run.transcript());
        }
    }
    assert!(shown >= 7, "two with [1m], three efforts, two letter cases: {shown}");
}

#[test]
fn a_provider_named_in_the_row_may_stand_before_the_model() {
    // 1M × 2 + 0.1M × 10 = 3.00 for swift.
    let log = Log::of(&[
        ("acme", "acme/swift"),
        ("Acme", "ACME-AI/swift-2026-03-05"),
        ("acme", "east/swift"),
        ("acme", "acme/acme/swift"),
        ("east", "acme/swift"),
        ("", "acme/swift"),
    ]);
    expect(&log.priced(&[]), &[("acme", "3"), ("acme", "3"), ("acme", ""), ("acme", ""), ("east", ""), ("acme", "3")]);
}

#[test]
fn suffixes_are_left_out_where_their_provider_declares_them() {
    let log = Log::of(&[
        ("acme", "swift-high"),
        ("acme", "swift-high[1m]"),
        ("", "acme/swift-2026-03-05[1m]"),
        ("acme", "swift-low"),
        ("east", "swift-high"),
        ("", "swift-high"),
    ]);
    expect(&log.priced(&[]), &[("acme", "3"), ("acme", "3"), ("acme", "3"), ("acme", ""), ("east", ""), ("acme", "3")]);
}

#[test]
fn the_region_in_a_path_is_the_residency() {
    let mut log = Log::of(&[
        ("east", "sites/s1/regions/north-4/models/swift"),
        ("east", "sites/s1/regions/global/models/swift"),
        ("east", "sites/s1/regions/north-4/models/heron"),
        ("", "east/sites/s1/regions/north-4/models/swift"),
        ("", "sites/s1/regions/north-4/models/swift"),
        ("acme", "sites/s1/regions/north-4/models/swift"),
        ("east", "sites/s1/s2/regions/north-4/models/swift"),
    ]);
    // What the row itself states counts: × 1.2.
    log.rows.push("r9,2026-10-10T10:00:00Z,east,sites/s1/regions/north-4/models/swift,1000000,100000,us,".to_owned());
    // swift 3.00 × 1.1 = 3.30, × 1.2 = 3.60; heron 1M × 1 + 0.1M × 4 = 1.40, and no surcharge is known for it.
    let expected = [
        ("east", "3.3"),
        ("east", "3"),
        ("east", "1.4"),
        ("east", "3.3"),
        ("east", "3.3"),
        ("acme", ""),
        ("east", ""),
        ("east", "3.6"),
    ];
    expect(&log.priced(&[]), &expected);
    assert_eq!(log.warnings(&[])["geo-unknown"], 1);
}

#[test]
fn the_built_in_table_knows_the_vendors_paths() {
    let log = Log::of(&[
        ("vertex_ai", "projects/p-1/locations/us-east5/publishers/anthropic/models/claude-sonnet-4-6"),
        ("vertex_ai", "projects/p-1/locations/global/publishers/anthropic/models/claude-sonnet-4-6"),
        ("vertex_ai", "projects/p-1/locations/eu/publishers/anthropic/models/claude-sonnet-4-6"),
        ("bedrock", "arn:aws:bedrock:eu-west-1:210987654321:inference-profile/us.anthropic.claude-sonnet-4-6"),
        ("bedrock", "bedrock/converse/arn:aws:bedrock:us-west-2::foundation-model/amazon.nova-pro-v1:0"),
        ("bedrock", "bedrock/eu-west-3/amazon.nova-pro-v1:0"),
        ("bedrock", "us-gov-west-1/amazon.nova-pro-v1:0"),
        ("bedrock", "arn:aws-us-gov:bedrock:us-gov-west-1::foundation-model/amazon.nova-pro-v1:0"),
        ("gemini", "models/gemini-2.5-flash"),
    ]);
    let run = log.run("classify", &[]);
    let costs: Vec<String> = lines(&run.stdout).into_iter().map(|line| line["cost"].clone()).collect();
    // claude-sonnet-4-6: 1M × 3 + 0.1M × 15 = 4.50, × 1.1 = 4.95 at a region, and 3.3/16.5 in the profile `us.`.
    // nova-pro: 1M × 0.8 + 0.1M × 3.2 = 1.12, in Europe too, with a warning. gemini-2.5-flash: 0.30 + 0.1M × 2.5 = 0.55.
    assert_eq!(costs, ["4.95", "4.5", "4.95", "4.95", "1.12", "1.12", "", "", "0.55"]);
    let json = log.run("report", &["--format", "json"]).json();
    let geo = json["warnings"].as_array().expect("a list").iter().find(|note| note["code"] == "geo-unknown");
    assert_eq!(geo.map(|note| &note["count"]), Some(&Value::from(1)), "{}", json["warnings"]);
}

#[test]
fn letter_case_is_folded_where_one_model_is_meant() {
    let log = Log::of(&[
        ("acme", "SWIFT"),
        ("", "Acme/Swift-2026-03-05"),
        ("acme", "OWL"),
        ("acme", "Owl"),
        ("acme", "owl"),
        ("acme", "Swift-high"),
    ]);
    // Owl 5.00 + 0.50, owl 6.00 + 0.60; which one OWL is nobody can say.
    expect(
        &log.priced(&[]),
        &[("acme", "3"), ("acme", "3"), ("acme", ""), ("acme", "5.5"), ("acme", "6.6"), ("acme", "3")],
    );
    let expected = BTreeMap::from([("letter-case".to_owned(), 3), ("unknown-model".to_owned(), 1)]);
    assert_eq!(log.warnings(&[]), expected);
}

#[test]
fn providers_are_looked_for_in_order() {
    let log = Log::of(&[
        ("", "swift"),
        ("", "crane"),
        ("", "tern"),
        ("", "kite"),
        ("acme", "kite"),
        ("", "west/tern"),
        ("", "gull"),
    ]);
    let assumed = |words: &[&str]| log.warnings(words).get("provider-assumed").copied();
    // swift 3.00; crane 2.00 + 0.80 at its maker; kite 7.00, which only east has; tern is sold by two and made by neither.
    let common = [("acme", "3"), ("acme", "2.8"), ("", ""), ("east", "7"), ("acme", ""), ("west", "4.8"), ("", "")];
    expect(&log.priced(&[]), &common);
    assert_eq!(log.warnings(&[])["ambiguous-provider"], 1);
    assert_eq!(assumed(&[]), Some(1), "crane alone: east sells swift at the same rates");
    // tern at east: 3.00 + 0.60. The maker of crane stands, and east does not make `gull` known.
    let mut east = common;
    east[2] = ("east", "3.6");
    expect(&log.priced(&["--provider", "east"]), &east);
    assert_eq!(
        (assumed(&["--provider", "east"]), log.warnings(&["--provider", "east"]).get("ambiguous-provider")),
        (Some(1), None)
    );
    // acme has no tern, so it breaks no tie; and who names the maker assumes nothing.
    expect(&log.priced(&["--provider", "acme"]), &common);
    assert_eq!(
        (assumed(&["--provider", "acme"]), log.warnings(&["--provider", "acme"])["ambiguous-provider"]),
        (None, 1)
    );
}

#[test]
fn a_provider_is_assumed_only_on_days_with_other_rates() {
    // The rates of heron at east are its maker's until 2026-10-15.
    let mut log = Log::of(&[("", "heron")]);
    assert_eq!(log.warnings(&[]), BTreeMap::new());
    log.rows.push("r1,2026-10-15T00:00:00Z,,heron,1000000,100000,,".to_owned());
    log.rows.push("r2,2026-10-14T23:59:59Z,,heron,1000000,100000,,".to_owned());
    assert_eq!(log.warnings(&[]).get("provider-assumed"), Some(&1));
}

#[test]
fn a_provider_on_the_command_line_leaves_a_mixed_log_whole() {
    let log = Log::of(&[("", "gpt-5.4"), ("", "claude-sonnet-4-6"), ("", "mistral-large-3"), ("", "mystery-9")]);
    // 1M × 5 + 0.1M × 22.5 above 272,000 tokens = 7.25; 3 + 1.5 = 4.50; 0.5 + 0.15 = 0.65; nobody has the last.
    let run = log.run("classify", &["--provider", "openai"]);
    let found: Vec<(String, String)> =
        lines(&run.stdout).into_iter().map(|line| (line["provider"].clone(), line["cost"].clone())).collect();
    expect(&found, &[("openai", "7.25"), ("anthropic", "4.5"), ("mistral", "0.65"), ("", "")]);
}

#[test]
fn what_is_ambiguous_names_the_candidates() {
    let log = Log::of(&[("", "tern")]);
    let prices = log.folder.path("prices.yaml");
    let run = report_json(
        &[log
            .folder
            .write("calls.csv", "timestamp,model,input_tokens,output_tokens\n2026-10-10T10:00:00Z,tern,10,1\n")],
        &["--prices", &prices.display().to_string()],
    );
    assert_eq!(run.code, 3);
    let json = run.json();
    let note = json["warnings"].as_array().expect("a list").iter().find(|note| note["code"] == "ambiguous-provider");
    let message = note.expect("the warning")["message"].as_str().expect("a message");
    assert!(message.contains("by east, west and") && message.contains("--provider"), "{message}");
}
