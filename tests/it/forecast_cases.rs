//! Plans that once were wrong, with the right figures: a line each of the page that defined the months ahead anew.

use serde_json::{Value, json};

use crate::forecast::bars;
use crate::plan::list;
use crate::support::{Folder, finish, fixture, program};

fn case(name: &str) -> String {
    fixture("plan/cases").join(name).to_str().expect("UTF-8").to_owned()
}

/// `plan` on a log of the cases, with files among the words by their names.
fn planned(log: &str, words: &[&str]) -> Value {
    let words = words.iter().map(|word| if word.contains(".yaml") { case(word) } else { (*word).to_owned() });
    finish(program().arg("plan").arg(case(log)).args(words).args(["--quiet", "--format", "json"])).json()
}

fn today(plan: &Value) -> Vec<&str> {
    list(plan, "months").iter().map(|month| month["today"]["base"].as_str().expect("an amount")).collect()
}

/// The price was halved on 1 September, and each month spent $120 before and $60 after: no volume is lost, and a month of
/// 31 days like December is $60 again.
#[test]
fn a_halved_price_is_no_lost_volume() {
    let plan = planned("step.csv", &["--prices", "step-prices.yaml", "--policy", "step-policy.yaml"]);
    let bars = bars(&plan);
    assert_eq!((bars["volume"].as_str(), bars["prices-ahead"].as_str()), ("0", "0"));
    assert!(bars["prices-changed"].starts_with("-36.0"), "{bars:?}");
    assert_eq!(today(&plan)[2], "60");
    assert!(today(&plan).iter().all(|month| month.starts_with("58.") || month.starts_with("60")), "{:?}", today(&plan));
}

/// A route from $10 to $1, whose target costs $9 from November on: a month of 30 days of $11 saves 33 and not 297.
#[test]
fn a_route_s_target_has_its_new_price() {
    let plan = planned("rt.csv", &["--prices", "rt-prices.yaml", "--policy", "rt-policy.yaml"]);
    let saving = |month: usize| &plan["months"][month]["batch_plus_routing"]["saving"]["base"];
    assert_eq!([0, 1, 2].map(saving), ["306.9", "33", "34.1"]);
    assert_eq!(
        (&plan["risks"][0]["role"], &plan["risks"][0]["saving_change"]),
        (&json!("route-target"), &json!("-264"))
    );
}

/// The last day read is 5 June, the price doubles on the 10th, and the plan begins in July.
#[test]
fn a_price_between_the_last_day_and_the_plan_is_a_risk() {
    let plan = planned("gap.csv", &["--prices", "gapp.yaml"]);
    assert_eq!(today(&plan)[0], "62");
    let kinds: Vec<_> = list(&plan, "risks").iter().map(|risk| (&risk["kind"], &risk["day"])).collect();
    assert_eq!(kinds, [(&json!("price-change"), &json!("2026-06-10")), (&json!("retirement"), &json!("2026-06-18"))]);
}

/// One failed call beside two hundred others takes no break-even away.
#[test]
fn a_failed_call_takes_no_break_even_away() {
    let log = std::fs::read_to_string(case("be0.csv")).expect("a log");
    let first = log.lines().nth(1).expect("a row");
    let failed = first.replacen("req_7f0938a1c946e7e7", "failed1", 1).replacen(",200,", ",500,", 1);
    assert_ne!(failed, first);
    let folder = Folder::new();
    let both = folder.write("be1.csv", format!("{log}{failed}\n"));
    for log in [case("be0.csv").into(), both] {
        let plan = finish(program().arg("plan").arg(log).args(["--quiet", "--format", "json"])).json();
        let found = list(&plan, "break_evens");
        assert_eq!((found.len(), &found[0]["pays_up_to"]), (1, &json!("0.56429")));
    }
}

/// $200 on working days, of which March 2026 has 22: 4,400 and no mean month of 4,000. The back-test tests just that.
#[test]
fn working_days_make_the_month() {
    let words = ["--prices", "step-prices.yaml", "--from", "2025-11-01", "--to", "2026-02-28"];
    let plan = planned("wd.csv", &words);
    // Working days of March to August 2026.
    assert_eq!(today(&plan), ["4400", "4400", "4200", "4400", "4600", "4200"]);
    assert_eq!(plan["growth"]["backtest"]["error"], "0");
}

/// $315 on each Sunday: without growth and price changes a month is its Sundays, exactly, and nothing has grown.
#[test]
fn months_have_four_or_five_sundays() {
    let plan = planned("sundays.csv", &[]);
    assert_eq!(today(&plan), ["1575", "1260", "1575", "1260", "1260", "1260"]);
    let words = ["--movers", "--quiet", "--format", "json"];
    let report = finish(program().arg("report").arg(case("sundays.csv")).args(words)).json();
    let rows: Vec<_> = list(&report["movers"], "rows").iter().map(|row| (&row["value"], &row["change"])).collect();
    assert_eq!(rows, [(&json!("sunday-digest"), &json!("0"))]);
}
