//! Laws that hold for the plan of any log under any policy.

use std::fmt::Write as _;

use proptest::prelude::*;
use serde_json::Value;

use crate::plan::{cases, list, units};
use crate::support::{Folder, Run, draws, finish, program};

/// Usage of a day: model, workload, thousands of tokens in, of which cached, and out.
#[derive(Clone, Debug)]
struct Usage {
    day: u16,
    model: &'static str,
    workload: &'static str,
    tier: &'static str,
    requests: u32,
    input: u32,
    cached: u32,
    output: u32,
}

fn usage() -> impl Strategy<Value = Usage> {
    let models = prop::sample::select(vec!["gpt-5.4", "gpt-5.4-mini", "gpt-5-mini", "nobody-sells-this"]);
    let workloads = prop::sample::select(vec!["nightly-evals", "svc-7", "support-chat", "feed", "backlog"]);
    let tier = prop::sample::select(vec!["default", "default", "default", "batch", "priority"]);
    let counts = (1..20_000_u32, 0..900_u32, 0..=900_u32, 0..900_u32);
    (0..150_u16, models, workloads, tier, counts).prop_map(|(day, model, workload, tier, counts)| {
        let (requests, input, cached, output) = counts;
        Usage { day, model, workload, tier, requests, input, cached: cached.min(input), output }
    })
}

fn log(rows: &[Usage]) -> String {
    let mut text = String::from(
        "timestamp,bucket_end,requests,provider,model,workload_tag,service_tier,input_tokens,cached_input_tokens,output_tokens\n",
    );
    let first = "2026-05-20T00:00:00Z".parse::<jiff::Timestamp>().expect("a time");
    for row in rows {
        let day = |more: i64| first + jiff::SignedDuration::from_hours(24 * (i64::from(row.day) + more));
        let tokens = |thousands: u32| u64::from(thousands) * u64::from(row.requests);
        let _ = writeln!(
            text,
            "{},{},{},openai,{},{},{},{},{},{}",
            day(0),
            day(1),
            row.requests,
            row.model,
            row.workload,
            row.tier,
            tokens(row.input),
            tokens(row.cached),
            tokens(row.output)
        );
    }
    text
}

/// A policy as text; what is drawn is always one that is accepted.
fn policy() -> impl Strategy<Value = String> {
    let ascending = |least: i32, most: i32| {
        prop::collection::vec(least..=most, 3).prop_map(|mut three| {
            three.sort_unstable();
            format!("{{low: {}%, base: {}%, high: {}%}}", three[0], three[1], three[2])
        })
    };
    let growth = prop_oneof![Just("fitted".to_owned()), ascending(-100, 100)];
    let turnaround = prop_oneof![
        Just("published".to_owned()),
        Just("conservative".to_owned()),
        (1..60_u32, 1..40_u32).prop_map(|(half, hours)| format!("{{p50: {half}m, p99: {}h}}", hours + 1)),
    ];
    let ramp = prop::collection::vec(0..=100_u32, 1..5).prop_map(|mut shares| {
        shares.sort_unstable();
        shares.iter().map(|share| format!("{share}%")).collect::<Vec<_>>().join(", ")
    });
    let routing = prop_oneof![
        ascending(0, 100).prop_map(|share| format!("{{assumption: {share}}}")),
        (ascending(0, 100), 0..100_u32, 0..50_u32, 1..9_u32).prop_map(|(share, escalation, overhead, ratio)| format!(
            "{{routes: [{{from: \"openai/gpt-5.4\", to: openai/gpt-5.4-mini, share: {share}, escalation: {escalation}%, overhead: {overhead}%, output_ratio: {ratio}.5}}]}}"
        )),
    ];
    let limits = (0..3_u32, 0..300_u32, 0..=100_u32, 0..=100_u32, 1..2_000_u32);
    let rest = (0..4_u32, prop::option::of(0..90_000_u32), 0..5_u32);
    (growth, turnaround, ramp, routing, limits, rest).prop_map(
        |(growth, turnaround, ramp, routing, (requests, saving, hits, failures, wait), (weekend, budget, quarters))| {
            let budget = budget.map_or_else(|| "null".to_owned(), |budget| budget.to_string());
            format!(
                "schema: 1
rules:
  - {{id: feed, when: {{workload: feed}}, then: batch, max_wait: {wait}m}}
  - {{id: backlog, when: {{workload: backlog}}, then: batch, owner: claims}}
limits: {{min_requests: {requests}, min_monthly_saving: {saving}}}
batch: {{cache_hit_share: {hits}%, failure_share: {failures}%, turnaround: {turnaround}, weekend_factor: 1.{weekend}}}
planning: {{growth_monthly: {growth}, ramp: [{ramp}], budget_monthly: {budget}, quarters: {}}}
routing: {routing}
",
                quarters + 1
            )
        },
    )
}

/// Low, base and high ascend.
fn ascends(value: &Value, path: &str) {
    let found = value.pointer(path).unwrap_or_else(|| panic!("{path} in {value}"));
    // Where nothing has a price no case is known.
    if ["low", "base", "high"].iter().all(|case| found[case].is_null()) {
        return;
    }
    let [low, base, high] = cases(found);
    assert!(low <= base && base <= high, "{path}: {low} {base} {high}");
}

/// Cases ascend wherever there are some. Parts of a saving are apart: what batch takes over in a higher case is no longer
/// routed.
fn all_ascend(value: &Value) {
    match value {
        Value::Object(fields) if fields.keys().eq(["low", "base", "high"]) => ascends(value, ""),
        Value::Object(fields) => {
            fields.iter().filter(|(key, _)| *key != "parts").for_each(|(_, value)| all_ascend(value));
        }
        Value::Array(rows) => rows.iter().for_each(all_ascend),
        _ => {}
    }
}

fn sum<'v>(values: impl IntoIterator<Item = &'v Value>) -> i128 {
    values.into_iter().map(units).sum()
}

fn holds(plan: &Value) {
    let now = &plan["now"];
    all_ascend(plan);
    for path in ["/batch_only", "/batch_plus_routing"] {
        ascends(now, path);
    }
    ascends(&plan["growth"], "/monthly");
    if now["batch_only"]["base"].is_null() {
        return;
    }
    for route in list(plan, "routes") {
        for path in ["/monthly_cost", "/monthly_cost_at_target", "/monthly_saving", "/assumption_would_say"] {
            ascends(route, path);
        }
    }
    let routed = cases(&now["parts"]["routing"])[1];
    let routes = list(plan, "routes").iter().map(|route| &route["monthly_saving"]["base"]);
    assert!(list(plan, "routes").is_empty() || sum(routes) == routed, "{now}");
    assert!(units(&plan["growth"]["starts_at"]) >= 0);
    let is_assumed = list(plan, "routes").is_empty();
    assert_eq!(now["routing_assumed"].is_null(), !is_assumed, "{now}");
    assert!(!is_assumed || now["batch_plus_routing"] == now["batch_only"], "{now}");
    let cost = units(&now["monthly_cost"]);
    let fates = ["moves", "not_worth_it", "cannot", "undecided", "in_batch"];
    assert_eq!(sum(fates.map(|fate| &now["monthly_cost_by_fate"][fate])), cost, "every dollar has one fate");
    for (section, fate) in [("steps", "moves"), ("not_worth_it", "not_worth_it"), ("cannot", "cannot")] {
        let rows = list(plan, section).iter().map(|row| &row["monthly_cost"]);
        assert_eq!(sum(rows), units(&now["monthly_cost_by_fate"][fate]), "{section}");
    }
    assert_eq!(sum(list(plan, "steps").iter().map(|step| &step["monthly_saving"])), cases(&now["batch_only"])[1]);
    for month in list(plan, "months").iter().chain(list(plan, "quarters")) {
        for path in [
            "/today",
            "/batch_only/cost",
            "/batch_only/saving",
            "/batch_plus_routing/cost",
            "/batch_plus_routing/saving",
        ] {
            ascends(month, path);
        }
        assert!(cases(&month["today"])[0] >= 0, "{month}");
        for scenario in ["batch_only", "batch_plus_routing"] {
            let left = cases(&month["today"])[1] - cases(&month[scenario]["saving"])[1];
            assert_eq!(cases(&month[scenario]["cost"])[1], left, "{month}");
        }
        assert!(cases(&month["batch_only"]["cost"])[0] >= 0, "batch costs at least nothing: {month}");
    }
    for quarter in list(plan, "quarters") {
        let own = list(plan, "months").iter().filter(|month| month["quarter"] == quarter["quarter"]);
        let saved = own.map(|month| &month["batch_plus_routing"]["saving"]["base"]);
        assert_eq!(sum(saved), units(&quarter["batch_plus_routing"]["saving"]["base"]));
        for case in ["low", "base", "high"] {
            let parts = [&quarter["actual_to_date"], &quarter["forecast_to_go"][case]];
            assert_eq!(sum(parts), units(&quarter["outlook"][case]), "{quarter}");
        }
    }
    if let Some(bars) = plan["waterfall"]["bars"].as_array() {
        let steps = sum(bars.iter().map(|bar| &bar["amount"]));
        assert_eq!(units(&plan["waterfall"]["baseline"]) + steps, units(&plan["waterfall"]["target"]));
    }
    for risk in list(plan, "risks") {
        let dollars = ["monthly_change", "saving_change", "monthly_cost"].map(|key| &risk[key]);
        assert!(dollars.iter().any(|dollars| dollars.is_string() && **dollars != "0"), "a risk of nothing: {risk}");
    }
    for step in list(plan, "steps") {
        let shares: Vec<i128> = list(step, "share_by_month").iter().map(units).collect();
        assert!(shares.len() == list(plan, "months").len() && shares.is_sorted(), "{step}");
        let saving = units(&step["monthly_saving"]);
        assert!(saving > 0 && saving <= units(&step["monthly_cost"]), "{step}");
        assert!((0..=10_i128.pow(18)).contains(&units(&step["in_time"])), "{step}");
        let (results, window) = (&step["results"], step["window_ms"].as_u64());
        assert!(results["median_ms"].as_u64() <= results["p95_ms"].as_u64() && results["p95_ms"].as_u64() <= window);
        let sending = &step["sending"];
        let [a_day, batch, batches] =
            ["requests_a_day", "batch_requests", "batches_a_day"].map(|key| sending[key].as_u64().expect("a count"));
        assert!(batch > 0 && batch * batches >= a_day && batch <= 10_000, "{sending}");
    }
    let spreads: Vec<i128> = list(&plan["sensitivity"], "drivers")
        .iter()
        .map(|driver| (units(&driver["saving_at_low"]) - units(&driver["saving_at_high"])).abs())
        .collect();
    assert!(spreads.is_sorted_by(|a, b| a >= b), "{spreads:?}");
}

/// A table of two models whose prices are multiplied on one day, in hundredths.
fn prices(days: &[(Option<&str>, u32)]) -> String {
    let mut text = "schema: 1\ncurrency: USD\nproviders:\n  openai:\n    batch: {source: \"https://p.example\", checked: 2026-05-01}\n    models:\n".to_owned();
    for (model, input, output) in [("gpt-5.4", 250, 1500), ("gpt-5.4-mini", 75, 450)] {
        let _ = writeln!(text, "      {model}:\n        prices:");
        for (from, percent) in days {
            let from = from.map_or_else(String::new, |from| format!("from: {from}, "));
            let price = |cents: u32, part: u32| format!("{}e-6", cents * percent / part * 100);
            let plain = |cents, part| {
                let millionths = price(cents, part);
                let units: u32 = millionths.trim_end_matches("e-6").parse().expect("a number");
                format!("{}.{:06}", units / 1_000_000, units % 1_000_000)
            };
            let _ = writeln!(
                text,
                "          - {{{from}source: \"https://p.example\", checked: 2026-05-01, standard: {{input: {}, cache_read: {}, output: {}}}, batch: {{input: {}, cache_read: {}, output: {}}}}}",
                plain(input, 1),
                plain(input, 10),
                plain(output, 1),
                plain(input, 2),
                plain(input, 20),
                plain(output, 2)
            );
        }
    }
    text
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 6, failure_persistence: None, ..ProptestConfig::default() })]

    /// All prices times k on one day of the period: months before it cost what they did, months to come k times that, as
    /// if the new prices had always been.
    #[test]
    fn a_price_change_is_no_growth(rows in prop::collection::vec(usage(), 2..30), percent in 2..40_u32) {
        let rows: Vec<Usage> = rows
            .into_iter()
            .map(|row| Usage { model: if row.model == "gpt-5.4" { "gpt-5.4" } else { "gpt-5.4-mini" }, tier: "default", ..row })
            .collect();
        let folder = Folder::new();
        let log = folder.write("log.csv", log(&rows));
        let policy = folder.write(
            "policy.yaml",
            "schema: 1\nrules: [{id: all, when: {}, then: batch, start: 2026-11}]\nlimits: {min_requests: 0, min_monthly_saving: 0}\nplanning: {growth_monthly: fitted}\n",
        );
        let run = |days: &[(Option<&str>, u32)]| {
            let table = folder.write("prices.yaml", prices(days));
            let words = ["--format", "json", "--quiet", "--from", "2026-05-01", "--to", "2026-10-20"];
            finish(program().arg("plan").arg(&log).arg("--policy").arg(&policy).arg("--prices").arg(table).args(words)).json()
        };
        let k = percent * 10;
        let (before, changed, after) = (run(&[(None, 100)]), run(&[(None, 100), (Some("2026-08-01"), k)]), run(&[(None, k)]));
        prop_assert_eq!(&changed["growth"], &after["growth"]);
        for (changed, after) in list(&changed, "months").iter().zip(list(&after, "months")) {
            for key in ["today", "batch_only", "batch_plus_routing"] {
                prop_assert_eq!(&changed[key], &after[key], "{}", key);
            }
        }
        for (months, of) in [(0..3, &before), (3..6, &after)] {
            for month in months {
                prop_assert_eq!(&changed["history"][month]["spend"], &of["history"][month]["spend"]);
            }
        }
        prop_assert_eq!(&changed["history"][0]["volume"], &after["history"][0]["volume"]);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: draws(6, 48), failure_persistence: None, ..ProptestConfig::default() })]

    /// Low ≤ base ≤ high, everything adds up, no batch is without requests, and the same again is the same.
    #[test]
    fn plans_hold(rows in prop::collection::vec(usage(), 1..40), policy in policy()) {
        let folder = Folder::new();
        let (log, policy) = (folder.write("log.csv", log(&rows)), folder.write("policy.yaml", policy));
        let run = |threads: &str| -> Run {
            let words = ["--format", "json", "--quiet", "--threads", threads];
            finish(program().arg("plan").arg(&log).arg("--policy").arg(&policy).args(words))
        };
        let (one, two) = (run("1"), run("2"));
        prop_assert!(one.code == 0 || one.code == 3, "{}", one.transcript());
        prop_assert_eq!(&one.stdout, &two.stdout);
        prop_assert!(!one.stdout.contains("NaN") && !one.stdout.contains("inf\""));
        holds(&one.json());
    }
}
