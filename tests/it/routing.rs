//! Routes, cheaper models and break-evens over logs, through the same stages as `report`.

use std::path::Path;

use batchwise::assess::basis::Basis;
use batchwise::assess::{Assessment, assess};
use batchwise::calendar::{Day, MonthBasis};
use batchwise::cli::{Cli, Command};
use batchwise::input::{Gathered, gather};
use batchwise::money::{DecimalStyle, Exact, Money};
use batchwise::plan::break_even::{CacheSums, PaysUpTo, cached_shares};
use batchwise::plan::routing::{self, Candidates, RouteLine, RoutingInput};
use batchwise::policy::Cases;
use batchwise::rollup::Context;
use batchwise::scenario::{Scenarios, scenarios};
use batchwise::settings::Settings;
use clap::Parser as _;

use crate::support::{Folder, fixture};

const PRICES: &str = r#"
schema: 1
currency: USD
providers:
  acme:
    batch: {source: "https://example.com", checked: 2026-11-01}
    models:
      strong:
        kind: chat
        prices:
          - {source: "https://example.com", checked: 2026-11-01, standard: {input: 10, cache_read: 1, output: 50}, batch: {input: 5, output: 25}}
      middle:
        kind: chat
        prices:
          - {source: "https://example.com", checked: 2026-11-01, standard: {input: 2, cache_read: 0.2, output: 8}}
      weak:
        kind: chat
        retires: 2027-03-01
        prices:
          - {source: "https://example.com", checked: 2026-11-01, standard: {input: 1, cache_read: 0.1, output: 5}}
      plain:
        kind: chat
        prices:
          - {source: "https://example.com", checked: 2026-11-01, standard: {input: 2, output: 8}}
      gone:
        kind: chat
        retires: 2026-10-31
        prices:
          - {source: "https://example.com", checked: 2026-11-01, standard: {input: 0.1, output: 0.5}}
      silent:
        kind: chat
        prices:
          - {source: "https://example.com", checked: 2026-11-01, standard: {input: 0.1}}
      vectors:
        kind: embedding
        prices:
          - {source: "https://example.com", checked: 2026-11-01, standard: {input: 0.1, output: 0.1}}
  other:
    models:
      cheap:
        kind: chat
        prices:
          - {source: "https://example.com", checked: 2026-11-01, standard: {input: 0.1, output: 0.5}}
"#;

/// A million tokens of prompt, of which 400,000 are cached, and 100,000 of answer, three times over.
const USAGE: &str = "\
request_id,timestamp,provider,model,workload_tag,input_tokens,cached_input_tokens,output_tokens
a,2026-10-06T02:00:00Z,acme,strong,alpha,1000000,400000,100000
b,2026-10-06T02:00:00Z,acme,strong,beta,1000000,400000,100000
c,2026-10-06T02:00:00Z,acme,middle,alpha,1000000,400000,100000
";

const RULES: &str = "\
schema: 1
rules:
  - {id: waits, when: {workload: beta}, then: batch, because: it may wait}
limits: {min_requests: 0}
";

const ROUTES: &str = "\
routing:
  routes:
    - {from: acme/strong, to: acme/weak, share: {low: 25%, base: 50%, high: 75%}, output_ratio: 1.2, escalation: 10%, overhead: 2%, evidence: a test of 500 calls}
    - {from: acme/middle, to: acme/plain, share: {low: 25%, base: 50%, high: 75%}}
";

/// Everything up to the scenarios.
struct Done<'d> {
    settings: &'d Settings,
    context: &'d Context<'d>,
    gathered: Gathered,
    assessment: Assessment,
    scenarios: Scenarios,
    batched: Vec<Cases<bool>>,
}

const MONTH: MonthBasis = MonthBasis::Calendar { months: 1 };

impl Done<'_> {
    fn input(&self) -> RoutingInput<'_> {
        RoutingInput {
            assessment: &self.assessment,
            scenarios: &self.scenarios,
            policy: &self.settings.policy,
            basis: MONTH,
            batched: &self.batched,
        }
    }

    fn routes(&self) -> Vec<RouteLine> {
        routing::routes(&self.input()).expect("small amounts")
    }

    fn candidates(&self) -> Vec<Candidates> {
        let day: Day = "2026-10-31".parse().expect("a day");
        routing::candidates(&self.input(), &self.gathered.rollup, self.context.table, day).expect("small amounts")
    }

    fn cached_shares(&self) -> Vec<Option<CacheSums>> {
        cached_shares(&self.gathered.rollup, &self.assessment, &self.settings.policy)
    }
}

fn with<T>(usage: &Path, prices: &Path, policy: &Path, look: impl FnOnce(&Done<'_>) -> T) -> T {
    let [usage, prices, policy] = [usage, prices, policy].map(|path| path.to_str().expect("a name"));
    let words = ["batchwise", "report", usage, "--prices", prices, "--policy", policy, "--quiet"];
    let Command::Report(args) = Cli::try_parse_from(words).expect("good words").command else { panic!("report") };
    let settings = Settings::resolve(&args.pages.read, None, None).expect("good settings");
    let context = settings.context().expect("good routes");
    let gathered = gather(&settings.reading(), &settings.sniffed, &context).expect("good rows");
    let assessment = assess(&gathered.rollup, &context, MONTH).expect("small amounts");
    let scenarios = scenarios(&assessment, &settings.policy.routing, MONTH, Basis::default()).expect("small amounts");
    let batched = scenarios.rows.iter().map(|row| row.batched).collect();
    look(&Done { settings: &settings, context: &context, gathered, assessment, scenarios, batched })
}

fn with_policy<T>(policy: &str, look: impl FnOnce(&Done<'_>) -> T) -> T {
    let folder = Folder::new();
    let (usage, prices) = (folder.write("usage.csv", USAGE), folder.write("prices.yaml", PRICES));
    with(&usage, &prices, &folder.write("policy.yaml", policy), look)
}

fn money(text: &str) -> Money {
    Money::parse(text, DecimalStyle::Point).expect("a number").0
}

fn cases(low: &str, base: &str, high: &str) -> Cases<Money> {
    Cases { low: money(low), base: money(base), high: money(high) }
}

fn exact(text: &str) -> Exact {
    money(text).exact()
}

/// `strong` costs 6 + 0.4 + 5 = 11.4; at `weak` with a fifth more output 1 + 0.6 = 1.6, of which 0.4 × 0.9 = 0.36 is lost
/// cache. A share *p* saves p·(11.4 − 1.6 − 1.14) − 0.228. The same call in `beta` is batched in each case.
#[test]
fn a_route_is_priced_from_the_table() {
    with_policy(&format!("{RULES}{ROUTES}"), |done| {
        let line = &done.routes()[0];
        assert_eq!((line.from.as_str(), line.to.as_str()), ("acme/strong", "acme/weak"));
        assert_eq!(line.cost, money("11.4"));
        assert_eq!(line.target_cost, money("1.6"));
        assert_eq!(line.cache_lost, Some(money("0.36")));
        assert_eq!(line.price_ratio, Some(exact("7.125")));
        assert_eq!(line.saving, cases("1.937", "4.102", "6.267"));
        // 0.228 ÷ 8.66
        assert_eq!(line.break_even_share, Some(exact("0.026328")));
        // (0.5 × 9.8 − 0.228) ÷ (0.5 × 11.4)
        assert_eq!(line.break_even_escalation, Some(PaysUpTo::Share(exact("4.672") / exact("5.7"))));
        assert_eq!(line.assumed, cases("0", "3.42", "6.84"));
        assert_eq!(line.published.map(|known| known.price_ratio), Some(5));
        assert_eq!((line.evidence.as_deref(), line.note()), (Some("a test of 500 calls"), None));
    });
}

/// `middle` costs 1.2 + 0.08 + 0.8 = 2.08 and at `plain`, which has no rate for cached tokens, 2 + 0.8 = 2.8.
#[test]
fn a_route_may_lose_and_may_be_without_evidence() {
    with_policy(&format!("{RULES}{ROUTES}"), |done| {
        let line = &done.routes()[1];
        assert_eq!(line.cost, money("2.08"));
        assert_eq!(line.target_cost, money("2.8"));
        assert_eq!(line.cache_lost, None);
        assert_eq!(line.price_ratio, Some(exact("0.742857")));
        assert_eq!(line.saving, cases("-0.54", "-0.36", "-0.18"));
        assert_eq!((&line.break_even_share, &line.break_even_escalation), (&None, &Some(PaysUpTo::Never)));
        assert_eq!(line.published, None);
        assert_eq!(line.note(), Some("route-without-evidence"));
        assert_eq!(done.candidates(), [], "who has routes has looked");
    });
}

#[test]
fn routes_add_up_to_the_scenarios() {
    with_policy(&format!("{RULES}{ROUTES}"), |done| {
        let sum = |case: fn(&Cases<Money>) -> Money| Money::sum(done.routes().iter().map(|line| case(&line.saving)));
        let part = done.scenarios.sums.routing;
        assert_eq!(sum(|saving| saving.low), Ok(part.low));
        assert_eq!(sum(|saving| saving.base), Ok(part.base));
        assert_eq!(sum(|saving| saving.high), Ok(part.high));
    });
}

#[test]
fn without_routes_cheaper_models_are_listed() {
    with_policy(RULES, |done| {
        assert!(done.routes().is_empty());
        let found: Vec<String> = done
            .candidates()
            .iter()
            .flat_map(|used| {
                let from = format!("{}/{} {}", used.provider, used.model, used.cost);
                used.cheaper.iter().map(move |to| {
                    let retires = to.retires.map(|day| format!(" until {day}")).unwrap_or_default();
                    format!("{from} -> {} {} {} a per cent{retires}", to.model, to.cost, to.saving_per_percent)
                })
            })
            .collect();
        assert_eq!(
            found,
            [
                "acme/strong 11.4 -> weak 1.5 0.099 a per cent until 2027-03-01",
                "acme/strong 11.4 -> middle 2.8 0.086 a per cent",
                "acme/strong 11.4 -> plain 2.8 0.086 a per cent",
                "acme/middle 2.08 -> weak 1.5 0.0058 a per cent until 2027-03-01",
            ]
        );
    });
}

/// The break-even says of each row what its amounts say.
#[test]
fn batch_pays_up_to_the_cached_share_that_is_said() {
    let mut seen = 0;
    for (case, share) in [
        ("12b-break-even-163", Some("0.572597")),
        ("12c-break-even-20", Some("0.694444")),
        ("12d-always-saves-5", None),
        ("12f-hits-kept-in-batch", None),
    ] {
        let file = |name: &str| fixture(&format!("invoices/{case}/{name}"));
        with(&file("usage.csv"), &file("prices.yaml"), &file("policy.yaml"), |done| {
            for (row, sums) in done.assessment.rows.iter().zip(done.cached_shares()) {
                let sums = sums.expect("an answer");
                let (cost, batch) = row.cost.zip(row.batch_cost).expect("both prices");
                let (pays, today) = (sums.pays_up_to(), sums.cached_today().expect("a prompt"));
                assert_eq!(pays.share().map(batchwise::money::round_share), share.map(exact), "{case}");
                assert_eq!(batch < cost, pays.share().is_none_or(|share| today < *share), "{case}: {}", row.workload);
                seen += 1;
            }
        });
    }
    assert!(seen >= 6, "only {seen} rows");
}
