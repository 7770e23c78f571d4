//! Cached prompts in batch: what each way of sending them comes to, in every form, by the policy and by a rule.

use serde_json::{Value, json};

use crate::support::{Folder, finish, program};

/// 200 calls of one day, each 48,000 tokens of plain input, 52,000 read from the cache and 10 of output; $5, $0.5 and $25 a
/// million, half of it in batch, where a write is $3.125.
///
/// Today a call costs 0.24 + 0.026 + 0.00025 = 0.26625, all of them $53.25. In batch without a cache 0.25 + 0.000125, $50.025;
/// as sent 0.12 + 52,000 × 3.125 + 0.000125 = 0.282625, $56.525; primed 0.12 + 52,000 × 0.25 + 0.000125 = 0.133125, $26.625.
/// A month is 365/12 days of one: 53.25 × 365 ÷ 12 = 1,619.6875.
struct Case {
    folder: Folder,
}

impl Case {
    fn new() -> Self {
        let folder = Folder::new();
        let head = "request_id,timestamp,provider,model,workload_tag,input_tokens,cached_input_tokens,output_tokens\n";
        let call = |number: usize| format!("r{number},2026-10-05T02:00:00Z,acme,swift,nightly-evals,100000,52000,10\n");
        folder.write("log.csv", head.to_owned() + &(0..200).map(call).collect::<String>());
        let entry = "standard: {input: 5, cache_read: 0.5, cache_write_5m: 6.25, output: 25}, batch: {input: 2.5, cache_read: 0.25, cache_write_5m: 3.125, output: 12.5}";
        folder.write(
            "prices.yaml",
            format!("schema: 1\ncurrency: USD\nproviders: {{acme: {{models: {{swift: {{prices: [{{source: acme, checked: 2026-10-01, {entry}}}]}}}}}}}}\n"),
        );
        Self { folder }
    }

    /// What a command prints under this policy.
    fn made(&self, command: &[&str], policy: &str) -> String {
        let policy = self.folder.write("policy.yaml", format!("schema: 1\nlimits: {{min_requests: 0}}\n{policy}"));
        let tables = [self.folder.path("log.csv"), self.folder.path("prices.yaml"), policy];
        let mut run = program();
        run.arg(command[0]).arg(&tables[0]).args(&command[1..]);
        let done = finish(run.arg("--prices").arg(&tables[1]).arg("--policy").arg(&tables[2]));
        assert!(matches!(done.code, 0 | 3), "{}", done.transcript());
        done.stdout
    }

    fn report(&self, policy: &str) -> Value {
        serde_json::from_str(&self.made(&["report", "--format", "json"], policy)).expect("JSON")
    }
}

/// Verdict, batch cost and saving of the only row.
fn row(report: &Value) -> [&Value; 3] {
    ["verdict", "batch_cost", "monthly_saving"].map(|key| &report["workloads"][0][key])
}

#[test]
fn each_way_has_its_cost_and_the_policy_says_which_counts() {
    let case = Case::new();
    let usual = case.report("");
    assert_eq!(
        usual["workloads"][0]["batch_ways"],
        json!({"no-cache": "50.025", "as-sent": "56.525", "primed": "26.625"})
    );
    // (53.25 − 50.025) × 365 ÷ 12.
    assert_eq!(row(&usual), [&json!("batch"), &json!("50.025"), &json!("98.09375")]);
    assert_eq!(row(&case.report("batch: {cache: no-cache}\n")), row(&usual));
    // (53.25 − 26.625) × 365 ÷ 12.
    let primed = case.report("batch: {cache: primed}\n");
    assert_eq!(row(&primed), [&json!("batch"), &json!("26.625"), &json!("809.84375")]);
    // It would cost more than today, so it stays.
    let sent = case.report("batch: {cache: as-sent}\n");
    assert_eq!(row(&sent), [&json!("real-time"), &json!("56.525"), &json!("0")]);
    assert_eq!(sent["workloads"][0]["reasons"], json!(["cache-loss"]));
    // 0.4 × 26.625 + 0.6 × 56.525.
    let mixed = case.report("batch: {cache: as-sent, cache_hit_share: 40%}\n");
    assert_eq!(row(&mixed)[1], "44.565");
    // The ways themselves know no hits.
    assert_eq!(mixed["workloads"][0]["batch_ways"], usual["workloads"][0]["batch_ways"]);
}

#[test]
fn a_rule_of_its_own_goes_before_the_policy() {
    let case = Case::new();
    let rule = |cache: &str| {
        format!(
            "batch: {{cache: as-sent}}\nrules: [{{id: evals, when: {{workload: nightly-evals}}, then: batch, because: nobody waits{cache}}}]\n"
        )
    };
    assert_eq!(row(&case.report(&rule(", cache: primed")))[1], "26.625");
    assert_eq!(row(&case.report(&rule("")))[1], "56.525");
}

#[test]
fn no_cached_prompts_no_ways() {
    let case = Case::new();
    let log = std::fs::read_to_string(case.folder.path("log.csv")).expect("the log");
    case.folder.write("log.csv", log.replace(",52000,", ",0,"));
    let report = case.report("");
    assert_eq!(report["workloads"][0].get("batch_ways"), None);
    assert!(!case.made(&["report"], "").contains("Cached prompts in batch"));
}

#[test]
fn every_page_says_what_to_change() {
    let case = Case::new();
    let flat = |page: String| page.split_whitespace().collect::<Vec<_>>().join(" ");
    let advice = "send without cache markers: as they are they would cost $99.61 a month more than today; prime the cache with one request: saves $809.84 a month instead of $98.09.";
    for command in [&["report"][..], &["report", "--format", "markdown"], &["plan"]] {
        let page = flat(case.made(command, "")).replace('\\', "");
        assert!(page.contains(advice), "{page}");
    }
    let loses = flat(case.made(&["report"], "batch: {cache: as-sent}\n"));
    // 99.61 ÷ (99.61 + 809.84).
    assert!(loses.contains("batch pays from 11.0 % of primed calls on"), "{loses}");
    let explained = flat(case.made(&["explain", "--workload", "nightly-evals"], ""));
    assert!(
        explained
            .contains("in batch, by how cached prompts are sent: no-cache $50.025, as-sent $56.525, primed $26.625"),
        "{explained}"
    );
}
