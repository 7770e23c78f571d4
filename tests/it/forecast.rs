//! Where a forecast starts, and which months say something of growth, with figures worked out by hand.

use std::fmt::Write as _;
use std::path::PathBuf;

use serde_json::{Value, json};

use crate::plan::{list, plan, units};
use crate::price_tables::{Model, acme, halved, price};
use crate::support::{Folder, finish, program};
use crate::xlsx::book::Book;

/// A dollar for a million tokens, half of it in batch; from some day on.
fn prices(folder: &Folder, from: Option<&str>) -> PathBuf {
    folder.write("prices.yaml", acme(&[Model { name: "known", keys: &[], prices: &[halved(from, "1.00", "0.50")] }]))
}

/// Each day from the first to the last: what it costs in dollars at a dollar for a million tokens, if anything.
pub fn log(folder: &Folder, (first, last): (&str, &str), dollars: impl Fn(jiff::civil::Date) -> u32) -> PathBuf {
    let mut text = "timestamp,bucket_end,requests,provider,model,workload_tag,input_tokens,output_tokens\n".to_owned();
    let (mut day, last): (jiff::civil::Date, jiff::civil::Date) =
        (first.parse().expect("a day"), last.parse().expect("a day"));
    while day <= last {
        let next = day.tomorrow().expect("a day");
        if dollars(day) > 0 {
            let _ = writeln!(
                text,
                "{day}T00:00:00Z,{next}T00:00:00Z,1000,acme,known,nightly-evals,{}000000,0",
                dollars(day)
            );
        }
        day = next;
    }
    folder.write("log.csv", text)
}

/// The words of a run with these prices and this policy.
pub fn words(folder: &Folder, prices: &std::path::Path, policy: &str) -> [String; 4] {
    let policy = folder.write("policy.yaml", format!("schema: 1\n{policy}\n"));
    let path = |path: &std::path::Path| path.to_str().expect("UTF-8").to_owned();
    ["--prices".to_owned(), path(prices), "--policy".to_owned(), path(&policy)]
}

pub fn made(log: &std::path::Path, words: &[String; 4], form: &str) -> String {
    let run = plan(log.to_owned(), &words.each_ref().map(String::as_str), form);
    assert!([0, 3].contains(&run.code), "{}", run.transcript());
    run.stdout
}

pub fn made_json(log: &std::path::Path, words: &[String; 4]) -> Value {
    serde_json::from_str(&made(log, words, "json")).expect("JSON")
}

pub fn flat(page: &str) -> String {
    page.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn is_working_day(day: jiff::civil::Date) -> bool {
    day.weekday().to_monday_zero_offset() < 5
}

/// Amounts of the waterfall by their name.
pub fn bars(plan: &Value) -> std::collections::BTreeMap<String, String> {
    let text = |value: &Value| value.as_str().expect("a text").to_owned();
    list(&plan["waterfall"], "bars").iter().map(|bar| (text(&bar["id"]), text(&bar["amount"]))).collect()
}

/// Two weeks of work from Monday 7 to Friday 18 September 2026, $100 a day: $1,000 in 12 days. October has 22 working days,
/// November 21, December 23; the mean day makes a month of 1,000 ÷ 12 × 365 ÷ 12 = $2,534.722… . With 10 % of the plan
/// running in October and all of it from November on, the quarter costs less than a budget of $4,500.
#[test]
fn a_forecast_starts_from_the_weekdays_that_the_history_shows() {
    let folder = Folder::new();
    let log = log(&folder, ("2026-09-07", "2026-09-18"), |day| if is_working_day(day) { 100 } else { 0 });
    let paper = "batch: {failure_share: 0%, turnaround: {p50: 1m, p100: 2m}}\n";
    let planning = "planning: {growth_monthly: 0%, ramp: [10%, 100%], budget_monthly: 1500, quarters: 1}";
    let words = words(&folder, &prices(&folder, None), &format!("{paper}{planning}"));
    let plan = made_json(&log, &words);
    assert_eq!(plan["now"]["monthly_cost"], "2534.722222222222");
    assert_eq!(plan["history"][0]["whole_month"], "2200");
    assert_eq!(plan["growth"]["starts_at"], "2200");
    assert_eq!(plan["growth"]["starts_from"], json!({"kind": "partial-month", "months": ["2026-09"]}));
    // Five of seven days, each 7/5 … of 12 days ten were worked: 1.2 of a mean day.
    assert_eq!(plan["growth"]["weekday_weights"], json!(["1.2", "1.2", "1.2", "1.2", "1.2", "0", "0"]));
    let months = list(&plan, "months");
    // Half of what runs is saved: 5 % in October, 50 % later.
    for (month, (today, cost)) in months.iter().zip([("2200", "2090"), ("2100", "1050"), ("2300", "1150")]) {
        assert_eq!((&month["today"]["base"], &month["batch_only"]["cost"]["base"]), (&json!(today), &json!(cost)));
    }
    let quarter = &plan["quarters"][0];
    assert_eq!((&quarter["today"]["base"], &quarter["batch_only"]["cost"]["base"]), (&json!("6600"), &json!("4290")));
    // The twelve days that are left of September lie in another quarter.
    assert_eq!((&quarter["actual_to_date"], &quarter["outlook"]["base"]), (&json!("0"), &json!("4290")));
    assert_eq!(quarter["budget"], json!({"budget": "4500", "headroom": "210", "variance": "favourable"}));
    assert_eq!(plan["waterfall"]["baseline"], "2534.722222222222");
    let bars = bars(&plan);
    assert_eq!((bars["calendar"].as_str(), bars["volume"].as_str()), ("-234.722222222222", "0"));
    assert_eq!((bars["base-months"].as_str(), bars["batch-likely"].as_str()), ("0", "-1150"));
    let sum: i128 = list(&plan["waterfall"], "bars").iter().map(|bar| units(&bar["amount"])).sum();
    assert_eq!(units(&plan["waterfall"]["baseline"]) + sum, units(&plan["waterfall"]["target"]));
    assert_eq!(plan["waterfall"]["target"], "1150");

    let (page, markdown) = (flat(&made(&log, &words, "table")), made(&log, &words, "markdown"));
    assert!(page.contains("The forecast starts from $2,200 a month (the weekdays that were read of September 2026)"));
    assert!(page.contains("`--from 2026-09-01 --to 2026-09-30`"), "what closes the month: {page}");
    for page in [&page, &flat(&markdown).replace("| ", ""), &made(&log, &words, "html")] {
        for said in ["$2,200", "$6,600", "$210 favourable", "−$235", "Days and weekdays of the month"] {
            assert!(page.contains(said), "{said} in {page}");
        }
    }
    let book = folder.path("plan.xlsx");
    let run = finish(program().arg("plan").arg(&log).args(&words).args(["--quiet", "-o"]).arg(&book));
    assert_eq!(run.code, 0, "{}", run.transcript());
    let book = Book::read(std::fs::read(book).expect("written"));
    let start = book.row_of("Quarters", "Volume of an average day where the forecast starts", 0);
    // 1,000 in 12 days.
    assert!(book.text("Quarters", start, 2).starts_with("83.3333"), "{}", book.text("Quarters", start, 2));
}

/// A month that was read whole is where growth goes on from: what is known of the partial one is shown.
#[test]
fn a_whole_month_goes_before_a_partial_one() {
    let folder = Folder::new();
    let log = log(&folder, ("2026-09-01", "2026-10-16"), |day| if is_working_day(day) { 100 } else { 0 });
    let words = words(&folder, &prices(&folder, None), "planning: {growth_monthly: 10%, quarters: 1}");
    let plan = made_json(&log, &words);
    // Both months have 22 working days; October to the 16th has 12 of them.
    let whole = |row: usize| (&plan["history"][row]["spend"], &plan["history"][row]["whole_month"]);
    assert_eq!((whole(0), whole(1)), ((&json!("2200"), &json!("2200")), (&json!("1200"), &json!("2200"))));
    assert_eq!(plan["growth"]["starts_from"], json!({"kind": "complete-months", "months": ["2026-09"]}));
    // November is two steps from September and has 21 working days: 2,100 × 1.1².
    assert_eq!((&plan["months"][0]["months_ahead"], &plan["months"][0]["today"]["base"]), (&json!(2), &json!("2541")));
    // Of October $1,200 is spent, and ten of its 22 working days are to come, one step ahead: 1,000 × 1.1.
    let quarter = &plan["quarters"][0];
    assert_eq!(quarter["actual_to_date"], "1200");
    let to_come = units(&quarter["forecast_to_go"]["base"]) - units(&quarter["batch_plus_routing"]["cost"]["base"]);
    assert_eq!(to_come, 1_100 * 10_i128.pow(18));
}

/// A price that begins on 5 March: nothing is known of January and February, and of March a Monday of five is missing.
/// April to June are three whole months, one too few; with July there are four.
#[test]
fn growth_is_not_fitted_to_months_that_are_partly_unpriced() {
    let folder = Folder::new();
    let a_day = |day: jiff::civil::Date| {
        let is_monday = day.weekday().to_monday_zero_offset() == 0;
        if is_monday { u32::try_from(day.month()).expect("positive") * 10 } else { 0 }
    };
    let fitted = "planning: {growth_monthly: fitted, quarters: 1}";
    let prices = prices(&folder, Some("2026-03-05"));
    let words = words(&folder, &prices, fitted);
    let short = log(&folder, ("2026-01-01", "2026-06-30"), a_day);
    let range = |words: &[String; 4]| {
        let words: Vec<&str> = words.iter().map(String::as_str).chain(["--from", "2026-01-01", "--to"]).collect();
        words.into_iter().map(ToOwned::to_owned).collect::<Vec<String>>()
    };
    let run = |log: &std::path::Path, to: &str, form: &str| {
        let words = [range(&words), vec![to.to_owned()]].concat();
        let run = plan(log.to_owned(), &words.iter().map(String::as_str).collect::<Vec<_>>(), form);
        assert!([0, 3].contains(&run.code), "{}", run.transcript());
        run.stdout
    };
    let plan: Value = serde_json::from_str(&run(&short, "2026-06-30", "json")).expect("JSON");
    let march = &plan["history"][2];
    assert_eq!((&march["spend"], &march["complete"], &march["priced"]), (&json!("120"), &json!(true), &json!(false)));
    assert_eq!(march["unpriced_tokens"], 30_000_000);
    let growth = &plan["growth"];
    assert_eq!(growth["method"], "not-enough-data");
    assert_eq!(growth["months_needed"], 4);
    assert_eq!(growth["backtest"], Value::Null);
    assert_eq!(growth["band"], json!({"source": "assumed", "error": "0.15", "errors": null}));
    assert_eq!(growth["months"], json!(["2026-04", "2026-05", "2026-06"]));
    let left = |month: &str| json!({"month": month, "reason": "unpriced"});
    assert_eq!(growth["left_out"], json!([left("2026-01"), left("2026-02"), left("2026-03")]));
    let page = flat(&run(&short, "2026-06-30", "table"));
    for said in [
        "Not enough data for growth: 3 months complete, 4 needed",
        "Left out of that: January 2026, February 2026 and March 2026 (1 % or more of its tokens have no price).",
        "at least $120.00",
    ] {
        assert!(page.contains(said), "{said} in {page}");
    }

    // A month more is enough. Steps of 40 to 50, 60 and 70 dollars a Monday are 25 %, 20 % and 16.6667 %.
    let long = log(&folder, ("2026-01-01", "2026-07-31"), a_day);
    let plan: Value = serde_json::from_str(&run(&long, "2026-07-31", "json")).expect("JSON");
    assert_eq!(plan["growth"]["method"], "fitted");
    assert_eq!(plan["growth"]["monthly"]["base"], "0.2");
    // From June: the middle of 25 % and 20 % is 22.5 %; of 40 · 1.225², 50 · 1.225 and 60 the middle is 60.025; 80 % of the
    // growth is left: 60.025 × 1.18 = 70.8295, and it was 70. As the month before: 60.
    let backtest = &plan["growth"]["backtest"]["by_months_ahead"];
    assert_eq!(
        *backtest,
        json!([{"months_ahead": 1, "trials": 1, "error": "0.01185", "naive_error": "0.142857", "tolerance": "run"}])
    );
    assert_eq!(plan["growth"]["starts_from"]["months"], json!(["2026-05", "2026-06", "2026-07"]));
}

/// A model without a price forbids fitting growth only where it is 1 % of a month's tokens or more; either way it is said.
#[test]
fn little_without_a_price_forbids_nothing() {
    let folder = Folder::new();
    let fitted = "planning: {growth_monthly: fitted, quarters: 1}\naccept: {unpriced: [nobody-sells-this]}";
    for (tokens, left_out) in
        [("29000000", json!([])), ("40000000", json!([{"month": "2026-05", "reason": "unpriced"}]))]
    {
        let log = log(&folder, ("2026-01-01", "2026-05-31"), |_| 100);
        let mut text = std::fs::read_to_string(&log).expect("a log");
        // Of 3,100 and as many more million tokens: under and over one in a hundred.
        let _ = writeln!(text, "2026-05-20T00:00:00Z,2026-05-21T00:00:00Z,9,acme,nobody-sells-this,other,{tokens},0");
        let log = folder.write("gap.csv", text);
        let words = words(&folder, &prices(&folder, None), fitted);
        let plan = made_json(&log, &words);
        assert_eq!(plan["incomplete"], json!([]));
        assert_eq!(
            (&plan["growth"]["left_out"], &plan["history"][4]["priced"]),
            (&left_out, &json!(false)),
            "{tokens}"
        );
        assert_eq!(plan["growth"]["starts_from"]["months"], json!(["2026-03", "2026-04", "2026-05"]));
        assert!(flat(&made(&log, &words, "table")).contains("at least $3,100"));
    }
}

/// $10 a million tokens, and a model to route to at $1, from November on at $9.
///
/// 30 days of a million tokens: $300 a month, at the target $30 and from November on $270. So a route of everything saves
/// 31 × 9 in October, 30 × 1 in November and 31 × 1 in December; the price of its target is a risk of 30 × 8.
#[test]
fn a_route_s_target_has_the_price_of_each_day() {
    let folder = Folder::new();
    let log = log(&folder, ("2026-09-01", "2026-09-30"), |_| 1);
    let models = [
        Model { name: "known", keys: &[], prices: &[price(None, "10")] },
        Model { name: "small", keys: &[], prices: &[price(None, "1"), price(Some("2026-11-01"), "9")] },
    ];
    let prices = folder.write("prices.yaml", acme(&models));
    let route = "routing: {routes: [{from: acme/known, to: acme/small, share: 100%, evidence: tried}]}";
    let words =
        words(&folder, &prices, &format!("planning: {{growth_monthly: 0%, ramp: [100%], quarters: 1}}\n{route}"));
    let plan = made_json(&log, &words);
    let saving = |month: usize| &plan["months"][month]["batch_plus_routing"]["saving"]["base"];
    assert_eq!([0, 1, 2].map(saving), ["279", "30", "31"]);
    assert_eq!(plan["now"]["routing_assumed"], Value::Null);
    let risks = list(&plan, "risks");
    assert_eq!(risks.len(), 1, "{risks:?}");
    assert_eq!((&risks[0]["role"], &risks[0]["day"]), (&json!("route-target"), &json!("2026-11-01")));
    assert_eq!((&risks[0]["monthly_change"], &risks[0]["saving_change"]), (&json!("240"), &json!("-240")));
    let page = flat(&made(&log, &words, "table"));
    assert!(
        page.contains(
            "1 Nov 2026: the price of small changes, where routes lead; a month with these routes costs $240.00 more"
        ),
        "{page}"
    );
}

/// The last day read is 5 June; on the 10th the price doubles, on the 18th the model goes, and the plan begins in July.
#[test]
fn what_happens_before_the_plan_is_a_risk_too() {
    let folder = Folder::new();
    let log = log(&folder, ("2026-05-01", "2026-06-05"), |_| 1);
    let known = Model {
        name: "known",
        keys: &["retires: 2026-06-18"],
        prices: &[price(None, "1"), price(Some("2026-06-10"), "2")],
    };
    let prices = folder.write("prices.yaml", acme(&[known]));
    let words = words(&folder, &prices, "planning: {growth_monthly: 0%, quarters: 1}");
    let plan = made_json(&log, &words);
    // 31 days at $2, of which the first 31 are the list's; the retirement is told at the price of its day.
    assert_eq!(plan["months"][0]["today"]["base"], "62");
    let told: Vec<[&str; 3]> = list(&plan, "risks")
        .iter()
        .map(|risk| ["kind", "day", "monthly_cost"].map(|key| risk[key].as_str().expect("a text")))
        .collect();
    assert_eq!(told, [["price-change", "2026-06-10", "31"], ["retirement", "2026-06-18", "62"]]);
    assert_eq!(plan["risks"][0]["monthly_change"], "31");
    assert_eq!(bars(&plan)["prices-ahead"], "30", "September's 30 days at $2");
}

/// Without routes the assumption stands in one place, and no month has any of it; a plan without steps saves nothing.
#[test]
fn a_plan_is_its_steps() {
    let folder = Folder::new();
    let text = std::fs::read_to_string(log(&folder, ("2026-09-01", "2026-09-30"), |_| 10)).expect("a log");
    let log = folder.write("chat.csv", text.replace("nightly-evals", "support-chat"));
    let plan = made_json(&log, &words(&folder, &prices(&folder, None), "planning: {quarters: 1}"));
    assert_eq!(list(&plan, "steps").len(), 0);
    // 0, 30 and 60 % of $300.
    assert_eq!(plan["now"]["routing_assumed"], json!({"low": "0", "base": "90", "high": "180"}));
    assert_eq!(plan["now"]["batch_plus_routing"], plan["now"]["batch_only"]);
    for month in list(&plan, "months").iter().chain(list(&plan, "quarters")) {
        assert_eq!(month["batch_plus_routing"], month["batch_only"]);
        assert_eq!(month["batch_only"]["saving"], json!({"low": "0", "base": "0", "high": "0"}));
    }
}

/// Steps begin in their order, an effort of eight a month, or in the month that their rule names; each by its own ramp.
#[test]
fn steps_begin_by_order_and_by_rule() {
    let folder = Folder::new();
    let mut text = "timestamp,bucket_end,requests,provider,model,workload_tag,input_tokens,output_tokens\n".to_owned();
    // Ten workloads of $1,000, $900 … a month, whose names say that they can wait: an effort of 2 each.
    for index in 0..10_u32 {
        let tokens = (1_000 - 100 * index) * 1_000_000;
        let _ = writeln!(text, "2026-09-15T00:00:00Z,2026-09-16T00:00:00Z,1000,acme,known,evals-{index},{tokens},0");
    }
    let log = folder.write("log.csv", text);
    let rule = "rules: [{id: late, when: {workload: evals-9}, then: batch, start: 2027-01, status: accepted, approved: {by: ada, on: 2026-10-01}}]";
    let policy = format!("{rule}\nplanning: {{ramp: [50%, 100%], quarters: 1}}\nlimits: {{min_monthly_saving: 0}}");
    let words = words(&folder, &prices(&folder, None), &policy);
    let words: Vec<&str> =
        words.iter().map(String::as_str).chain(["--from", "2026-09-01", "--to", "2026-09-30"]).collect();
    let plan = crate::plan::json(log, &words);
    let steps = list(&plan, "steps");
    let starts: Vec<(&str, &str)> = steps
        .iter()
        .map(|step| (step["workload"].as_str().expect("a name"), step["start"].as_str().expect("a month")))
        .collect();
    // In the order of saving for the effort: a rule makes the last one half the effort, and so as good as $200.
    let expected = ["2026-10", "2026-10", "2026-10", "2026-10", "2026-11", "2026-11", "2026-11", "2026-11", "2026-12"];
    let in_order: Vec<&str> = starts.iter().filter(|(name, _)| *name != "evals-9").map(|(_, start)| *start).collect();
    assert_eq!(in_order, expected, "{starts:?}");
    let late = steps.iter().find(|step| step["workload"] == "evals-9").expect("a step");
    assert_eq!((&late["start"], &late["status"]), (&json!("2027-01"), &json!("accepted")));
    assert_eq!(late["approved"], json!({"by": "ada", "on": "2026-10-01"}));
    assert_eq!(late["share_by_month"], json!(["0", "0", "0"]));
    assert_eq!(steps[0]["share_by_month"], json!(["0.5", "1", "1"]));
    assert_eq!(steps[4]["share_by_month"], json!(["0", "0.5", "1"]));
    // Each month saves what its steps do, as its volume stands to the period's month; in millionths of a dollar.
    let millionths = |value: &Value| units(value) / 10_i128.pow(12);
    for (month, ahead) in list(&plan, "months").iter().enumerate() {
        let share = |step: &Value| units(&step["share_by_month"][month]) / 10_i128.pow(17);
        let running: i128 = steps.iter().map(|step| millionths(&step["monthly_saving"]) * share(step) / 10).sum();
        let foretold = running * millionths(&ahead["today"]["base"]) / millionths(&plan["now"]["monthly_cost"]);
        let off = foretold - millionths(&ahead["batch_only"]["saving"]["base"]);
        assert!(off.abs() < 100, "{ahead}: {off}");
    }
}

/// Budgets by month and quarter of a fiscal year that begins in April, against what is spent and to come.
#[test]
fn budgets_follow_the_fiscal_year() {
    let folder = Folder::new();
    let log = log(&folder, ("2026-10-01", "2026-10-31"), |_| 10);
    let budget = "{2027-Q3: 900, 2026-12: 500, 2027-Q4: 1200}";
    let policy = format!("planning: {{quarters: 1, fiscal_year_start: 4, budget_monthly: {budget}}}");
    let plan = made_json(&log, &words(&folder, &prices(&folder, None), &policy));
    let told: Vec<(&str, &Value)> = list(&plan, "months")
        .iter()
        .map(|month| (month["quarter"].as_str().expect("a quarter"), &month["budget"]["budget"]))
        .collect();
    // October to December 2026 are the third quarter of the fiscal year 2027.
    assert_eq!(told, [("2027-Q3", &json!("300")), ("2027-Q3", &json!("500")), ("2027-Q4", &json!("400"))]);
    let quarter = &plan["quarters"][0];
    assert_eq!((&quarter["quarter"], &quarter["actual_to_date"]), (&json!("2027-Q3"), &json!("310")));
    // 300 for October, 300 and 500.
    assert_eq!(quarter["budget"]["budget"], "1100");
    let outlook = units(&quarter["outlook"]["base"]);
    assert_eq!(outlook, units(&json!("310")) + units(&quarter["batch_plus_routing"]["cost"]["base"]));
    assert_eq!(units(&quarter["budget"]["headroom"]), units(&json!("1100")) - outlook);
    // A budget of one month is no budget of its quarter.
    let policy = "planning: {quarters: 1, fiscal_year_start: 4, budget_monthly: {2026-12: 500}}";
    let plan = made_json(&log, &words(&folder, &prices(&folder, None), policy));
    assert_eq!((&plan["months"][1]["budget"]["budget"], &plan["quarters"][0]["budget"]), (&json!("500"), &Value::Null));
}

/// $10 a day of work that a rule of Ada's decides about and $20 of other work, 31 days of October.
#[test]
fn owners_have_budgets_of_their_own() {
    let folder = Folder::new();
    let log = log(&folder, ("2026-10-01", "2026-10-31"), |_| 10);
    let text = std::fs::read_to_string(&log).expect("a log");
    let rows: Vec<&str> = text.lines().skip(1).collect();
    let others = rows.join("\n").replace("nightly-evals,10", "backlog,20");
    let log = folder.write("log.csv", format!("{text}{others}\n"));
    let rule = "rules: [{id: hers, when: {workload: nightly-evals}, then: real-time, owner: ada}]";
    let policy = format!(
        "{rule}\nplanning: {{quarters: 1, budget_monthly: {{owner: {{ada: {{2026-11: 250, 2026-Q4: 930}}, bob: 5}}}}}}"
    );
    let words = words(&folder, &prices(&folder, None), &policy);
    let plan = made_json(&log, &words);
    assert_eq!(plan["budgets"]["by"], "owner");
    let parts = list(&plan["budgets"], "parts");
    assert_eq!(
        parts.iter().map(|part| &part["name"]).collect::<Vec<_>>(),
        [&json!("ada"), &json!("bob"), &Value::Null]
    );
    let month = |part: usize, month: usize| &parts[part]["months"][month];
    assert_eq!(
        *month(0, 0),
        json!({"month": "2026-10", "actual": true, "amount": "310", "budget": {"budget": "310", "headroom": "0", "variance": "favourable"}})
    );
    // A month beats its quarter; 30 days of November.
    assert_eq!(
        *month(0, 1),
        json!({"month": "2026-11", "actual": false, "amount": "300", "budget": {"budget": "250", "headroom": "-50", "variance": "unfavourable"}})
    );
    assert_eq!(
        (&month(1, 1)["amount"], &month(2, 0)["amount"], &month(2, 1)["amount"]),
        (&json!("0"), &json!("620"), &json!("600"))
    );
    // Budgets of parts say nothing of the whole.
    assert_eq!(plan["months"][0]["budget"], Value::Null);
    for (index, ahead) in list(&plan, "months").iter().enumerate() {
        let sum: i128 = (0..3).map(|part| units(&month(part, index + 1)["amount"])).sum();
        assert_eq!(sum, units(&ahead["today"]["base"]));
    }
    let page = flat(&made(&log, &words, "table"));
    // 310 + 300 + 310 of the fourth quarter, beside 310 + 250 + 310.
    assert!(page.contains("Q4 2026 ada $310 $610 $920 $870 −$50 unfavourable"), "{page}");

    let report =
        finish(program().arg("report").arg(&log).args(&words).args(["--by", "owner", "--quiet", "--format", "json"]));
    let report = report.json();
    let rows = report["by"]["rows"].as_array().expect("rows");
    let by: Vec<(&Value, &Value)> = rows.iter().map(|row| (&row["value"], &row["cost"])).collect();
    assert_eq!(by, [(&Value::Null, &json!("620")), (&json!("ada"), &json!("310"))]);
}
