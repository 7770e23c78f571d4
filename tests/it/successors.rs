//! Models that are retired, and what their successors cost in months ahead, with figures worked out by hand.

use std::path::PathBuf;

use serde_json::{Value, json};

use crate::forecast::{bars, flat, log, made, made_json, words};
use crate::plan::{list, units};
use crate::price_tables::{Model, acme, halved, price};
use crate::support::{Folder, finish, program};

/// Everything is in time and nothing fails; three months ahead without growth.
const POLICY: &str = "batch: {failure_share: 0%, turnaround: {p50: 1m, p100: 2m}}
planning: {growth_monthly: 0%, ramp: [100%], quarters: 1}";

/// A million tokens on each day of September 2026: 30 days, so a month of 31 is 31 of them.
fn september(folder: &Folder) -> PathBuf {
    log(folder, ("2026-09-01", "2026-09-30"), |_| 1)
}

fn table(folder: &Folder, models: &[Model<'_>]) -> PathBuf {
    folder.write("prices.yaml", acme(models))
}

/// Cost and batch saving of the months ahead.
fn months(plan: &Value) -> Vec<[&str; 2]> {
    list(plan, "months")
        .iter()
        .map(|month| {
            ["/today/base", "/batch_only/saving/base"]
                .map(|path| month.pointer(path).and_then(Value::as_str).expect("an amount"))
        })
        .collect()
}

/// $10 a million tokens and $5 in batch until 15 November; its successor costs $12 and $3, from 16 December on $15 and $6.
/// A dearer price of the retired model from December on changes no month.
///
/// October is 31 × 10. November is 15 × 10 + 15 × 12, December 15 × 12 + 16 × 15. Batch saves 5 a day, then 9 and 9.
#[test]
fn months_after_a_retirement_cost_what_the_successor_does() {
    let folder = Folder::new();
    let retired = Model {
        name: "known",
        keys: &["retires: 2026-11-16", "successor: next"],
        prices: &[halved(None, "10", "5"), halved(Some("2026-12-01"), "11", "5.5")],
    };
    let next =
        Model { name: "next", keys: &[], prices: &[halved(None, "12", "3"), halved(Some("2026-12-16"), "15", "6")] };
    let prices = table(&folder, &[retired, next]);
    let (log, words) = (september(&folder), words(&folder, &prices, POLICY));
    let plan = made_json(&log, &words);
    assert_eq!(months(&plan), [["310", "155"], ["330", "210"], ["420", "279"]]);
    let bars = bars(&plan);
    let bar = |id: &str| bars[id].as_str();
    // To December: a day more than September, at 11 a day if the model stayed, at the successor's prices in truth.
    assert_eq!((plan["waterfall"]["baseline"].as_str(), bar("calendar")), (Some("300"), "10"));
    assert_eq!((bar("prices-changed"), bar("volume"), bar("prices-ahead")), ("0", "0", "31"));
    assert_eq!((bar("retirement"), bar("batch-likely")), ("79", "-279"), "420 − 31 × 11");
    let sum: i128 = list(&plan["waterfall"], "bars").iter().map(|bar| units(&bar["amount"])).sum();
    assert_eq!(units(&plan["waterfall"]["baseline"]) + sum, units(&plan["waterfall"]["target"]));
    assert_eq!(plan["waterfall"]["target"], "141");
    // 30 days at 2 more, of which batch then saves 4 more; 30 days at 3 more, of which batch saves the same.
    assert_eq!(
        plan["risks"],
        json!([
            {"kind": "retirement", "role": "in-use", "day": "2026-11-16", "models": ["known"], "successor": "next",
             "monthly_change": "60", "monthly_change_range": null, "saving_change": "120", "monthly_cost": "300"},
            {"kind": "price-change", "role": "in-use", "day": "2026-12-16", "models": ["next"], "successor": null,
             "monthly_change": "90", "monthly_change_range": null, "saving_change": "0", "monthly_cost": "360"},
        ])
    );
    let page = flat(&made(&log, &words, "table"));
    for said in [
        "16 Nov 2026: known is to be retired; on the successor, next, a month costs $60.00 more; the plan's steps then save $120.00 more.",
        "16 Dec 2026: the price of next changes; a month costs $90.00 more from then on.",
        "the model is to be retired on 2026-11-16: move to its successor, next, first",
        "Successors of retired models +$79.00",
    ] {
        assert!(page.contains(said), "{said} in {page}");
    }
    let book = folder.path("plan.xlsx");
    let run = finish(program().arg("plan").arg(&log).args(&words).args(["--quiet", "-o"]).arg(&book));
    assert_eq!(run.code, 0, "{}", run.transcript());
}

/// The same at $12 and $3 without a later price, where the work takes 1.5 times the tokens: $18 a day, of which batch saves
/// 13.5. November is 15 × 10 + 15 × 18, December 31 × 18.
#[test]
fn a_successor_that_takes_more_tokens_costs_so_much_more() {
    let folder = Folder::new();
    let retired =
        Model { name: "known", keys: &["retires: 2026-11-16", "successor: next"], prices: &[halved(None, "10", "5")] };
    let next = Model { name: "next", keys: &[], prices: &[halved(None, "12", "3")] };
    let prices = table(&folder, &[retired, next]);
    let ratio = "token_ratio: {acme/known: {low: 1.0, base: 1.5, high: 2}}";
    let (log, words) = (september(&folder), words(&folder, &prices, &format!("{POLICY}\n{ratio}")));
    let plan = made_json(&log, &words);
    assert_eq!(months(&plan), [["310", "155"], ["420", "277.5"], ["558", "418.5"]]);
    // 558 − 31 × 10.
    assert_eq!(bars(&plan)["retirement"], "248");
    // 30 × (18 − 10), 30 × (12 − 10), 30 × (24 − 10), 30 × (13.5 − 5).
    assert_eq!(
        plan["risks"],
        json!([
            {"kind": "retirement", "role": "in-use", "day": "2026-11-16", "models": ["known"], "successor": "next",
             "monthly_change": "240", "monthly_change_range": {"low": "60", "high": "420"}, "saving_change": "255",
             "monthly_cost": "300"},
        ])
    );
    let page = flat(&made(&log, &words, "table"));
    for said in [
        "on the successor, next, a month costs $240.00 more ($60.00 more to $420.00 more by `token_ratio`)",
        "on acme/known, which ends on 16 Nov 2026, then next",
    ] {
        assert!(page.contains(said), "{said} in {page}");
    }
}

/// A model that ends on 1 December: October and November are the same whether its successor is known or not, and however many
/// tokens that one takes.
#[test]
fn months_before_an_end_do_not_move() {
    let folder = Folder::new();
    let log = september(&folder);
    let before = |keys: &[&str], ratio: &str| {
        let retired = Model { name: "known", keys, prices: &[halved(None, "10", "5")] };
        let next = Model { name: "next", keys: &[], prices: &[halved(None, "12", "3")] };
        let prices = table(&folder, &[retired, next]);
        let plan = made_json(&log, &words(&folder, &prices, &format!("{POLICY}\n{ratio}")));
        let months = list(&plan, "months");
        (months[..2].to_vec(), months[2].clone())
    };
    let (without, last) = before(&["retires: 2026-12-01"], "");
    for ratio in ["", "token_ratio: {acme/known: 3}"] {
        let (months, other) = before(&["retires: 2026-12-01", "successor: next"], ratio);
        assert_eq!(months, without, "{ratio}");
        assert_ne!(other, last, "{ratio}");
    }
}

#[test]
fn a_token_ratio_is_of_a_model_with_a_successor() {
    let folder = Folder::new();
    let models = [
        Model { name: "known", keys: &["retires: 2026-11-16", "successor: next"], prices: &[price(None, "10")] },
        Model { name: "next", keys: &[], prices: &[price(None, "0.000000000001")] },
    ];
    let prices = table(&folder, &models);
    let log = september(&folder);
    let refused = |ratio: &str| {
        let words = words(&folder, &prices, &format!("{POLICY}\ntoken_ratio: {ratio}"));
        let run = finish(program().arg("plan").arg(&log).args(&words));
        assert_eq!(run.code, 2, "{}", run.transcript());
        folder.anonymous(&run.stderr)
    };
    let ratios = [
        "{known: 1.2}",
        "{acme/next: 1.2}",
        "{acme/known: 0}",
        "{acme/known: {low: 2, base: 1, high: 3}}",
        "{acme/known: 1.5}",
    ];
    insta::assert_snapshot!("token-ratio-refused", ratios.map(refused).join("\n"));
}

/// Nothing changes a month where no successor is known; that it will is a risk of the month's $300.
#[test]
fn without_a_successor_the_dollars_at_stake_are_said() {
    let folder = Folder::new();
    let retired = Model { name: "known", keys: &["retires: 2026-11-16"], prices: &[halved(None, "10", "5")] };
    let prices = table(&folder, &[retired]);
    let (log, words) = (september(&folder), words(&folder, &prices, POLICY));
    let plan = made_json(&log, &words);
    assert_eq!(months(&plan), [["310", "155"], ["300", "150"], ["310", "155"]]);
    assert_eq!(bars(&plan)["retirement"], "0");
    let risk = &plan["risks"][0];
    assert_eq!(
        (&risk["monthly_change"], &risk["monthly_cost"], &risk["successor"]),
        (&Value::Null, &json!("300"), &Value::Null)
    );
    let page = flat(&made(&log, &words, "table"));
    for said in [
        "known is to be retired; work for $300.00 a month has to move, and the price table names no successor.",
        "the price table names no successor, so choose one first",
        "$150.00 a month of the saving is on known, to be retired from 16 Nov 2026 on without a successor in the price table",
    ] {
        assert!(page.contains(said), "{said} in {page}");
    }
}

/// A model that was retired while it was still called: volume is at its own price, all months ahead at the successor's.
/// That one has no batch price, so nothing is saved there; its own successor takes over in December.
#[test]
fn a_successor_may_be_due_already_and_be_retired_itself() {
    let folder = Folder::new();
    let models = [
        Model { name: "known", keys: &["retires: 2026-09-10", "successor: next"], prices: &[halved(None, "10", "5")] },
        Model { name: "next", keys: &["retires: 2026-12-01", "successor: last"], prices: &[price(None, "12")] },
        Model { name: "last", keys: &[], prices: &[halved(None, "20", "10")] },
    ];
    let prices = table(&folder, &models);
    let (log, words) = (september(&folder), words(&folder, &prices, POLICY));
    let plan = made_json(&log, &words);
    assert_eq!(plan["history"][0]["volume"], "300");
    assert_eq!(months(&plan), [["372", "0"], ["360", "0"], ["620", "310"]]);
    assert_eq!((bars(&plan)["retirement"].as_str(), bars(&plan)["prices-ahead"].as_str()), ("310", "0"), "31 × 10");
    let told: Vec<[&str; 4]> = list(&plan, "risks")
        .iter()
        .map(|risk| {
            ["day", "successor", "monthly_change", "saving_change"].map(|key| risk[key].as_str().expect("a text"))
        })
        .collect();
    // 30 × 2, and all of the $150 that batch saved; 30 × 8, and 30 × 10 saved.
    assert_eq!(told, [["2026-09-10", "next", "60", "-150"], ["2026-12-01", "last", "240", "300"]]);
    assert!(flat(&made(&log, &words, "table")).contains("10 Sep 2026: known was retired; on the successor, next,"));
}

/// A route of everything from $10 to $1, whose target is followed by one of $4 in November: 31 × 9, 30 × 6, 31 × 6.
#[test]
fn a_route_leads_on_to_the_successor_of_its_target() {
    let folder = Folder::new();
    let models = [
        Model { name: "known", keys: &[], prices: &[price(None, "10")] },
        Model { name: "small", keys: &["retires: 2026-11-01", "successor: small-2"], prices: &[price(None, "1")] },
        Model { name: "small-2", keys: &[], prices: &[price(None, "4")] },
    ];
    let route = "routing: {routes: [{from: acme/known, to: acme/small, share: 100%, evidence: tried}]}";
    let words = words(&folder, &table(&folder, &models), &format!("{POLICY}\n{route}"));
    let log = september(&folder);
    let plan = made_json(&log, &words);
    let saving = |month: usize| &plan["months"][month]["batch_plus_routing"]["saving"]["base"];
    assert_eq!([0, 1, 2].map(saving), ["279", "180", "186"]);
    assert_eq!(bars(&plan)["retirement"], "0", "nothing that runs today is retired");
    let risk = &plan["risks"][0];
    assert_eq!((&risk["role"], &risk["successor"]), (&json!("route-target"), &json!("small-2")));
    assert_eq!((&risk["monthly_change"], &risk["saving_change"]), (&json!("90"), &json!("-90")));
    assert!(flat(&made(&log, &words, "table")).contains(
        "1 Nov 2026: small, where routes lead, is to be retired; on the successor, small-2, a month with these routes costs $90.00 more."
    ));
}

/// What a successor has no price for keeps its own; the risk does not say that nothing changes.
#[test]
fn a_successor_without_a_price_for_the_work_is_said() {
    let folder = Folder::new();
    let retired =
        Model { name: "known", keys: &["retires: 2026-11-16", "successor: next"], prices: &[price(None, "10")] };
    let late = Model { name: "next", keys: &[], prices: &[price(Some("2027-06-01"), "12")] };
    let prices = table(&folder, &[retired, late]);
    let (log, words) = (september(&folder), words(&folder, &prices, POLICY));
    let plan = made_json(&log, &words);
    assert_eq!(months(&plan), [["310", "0"], ["300", "0"], ["310", "0"]]);
    assert_eq!((&plan["risks"][0]["monthly_change"], &plan["risks"][0]["successor"]), (&Value::Null, &json!("next")));
    assert!(flat(&made(&log, &words, "table")).contains(
        "work for $300.00 a month goes to the successor, next, at a price that is not known. The months after it are shown at the old price."
    ));
}
