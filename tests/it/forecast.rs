//! Where a forecast starts, and which months say something of growth, with figures worked out by hand.

use std::fmt::Write as _;
use std::path::PathBuf;

use serde_json::{Value, json};

use crate::plan::{cases, list, plan, units};
use crate::support::{Folder, finish, program};
use crate::xlsx::book::Book;

/// A dollar for a million tokens, half of it in batch; from some day on.
fn prices(folder: &Folder, from: &str) -> PathBuf {
    let text = format!(
        "schema: 1
currency: USD
providers:
  acme:
    batch: {{window_hours: 24, max_requests: 1000, max_file_mb: 100, source: \"https://prices.example/batch\", checked: 2026-01-01}}
    models:
      known:
        prices:
          - {from}source: \"https://prices.example/known\"
            checked: 2026-01-01
            standard: {{input: 1.00, output: 1.00}}
            batch: {{input: 0.50, output: 0.50}}
"
    );
    folder.write("prices.yaml", text)
}

/// Each day from the first to the last: what it costs in dollars at a dollar for a million tokens, if anything.
fn log(folder: &Folder, (first, last): (&str, &str), dollars: impl Fn(jiff::civil::Date) -> u32) -> PathBuf {
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
fn words(folder: &Folder, prices: &std::path::Path, policy: &str) -> [String; 4] {
    let policy = folder.write("policy.yaml", format!("schema: 1\n{policy}\n"));
    let path = |path: &std::path::Path| path.to_str().expect("UTF-8").to_owned();
    ["--prices".to_owned(), path(prices), "--policy".to_owned(), path(&policy)]
}

fn made(log: &std::path::Path, words: &[String; 4], form: &str) -> String {
    let run = plan(log.to_owned(), &words.each_ref().map(String::as_str), form);
    assert!([0, 3].contains(&run.code), "{}", run.transcript());
    run.stdout
}

fn made_json(log: &std::path::Path, words: &[String; 4]) -> Value {
    serde_json::from_str(&made(log, words, "json")).expect("JSON")
}

fn flat(page: &str) -> String {
    page.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn is_working_day(day: jiff::civil::Date) -> bool {
    day.weekday().to_monday_zero_offset() < 5
}

/// Two weeks of work from Monday 7 to Friday 18 September 2026, $100 a day: $1,000 in 12 days. September has 22 working
/// days, so it comes to $2,200; the mean day makes a month of 1,000 ÷ 12 × 365 ÷ 12 = $2,534.722… . With 10 % of the plan
/// running in October and all of it from November on, three months of $2,200 cost less than a budget of $4,500, and three
/// months of the mean day would cost more.
#[test]
fn a_forecast_starts_from_the_weekdays_that_the_history_shows() {
    let folder = Folder::new();
    let log = log(&folder, ("2026-09-07", "2026-09-18"), |day| if is_working_day(day) { 100 } else { 0 });
    let paper = "batch: {failure_share: 0%, turnaround: {p50: 1m, p100: 2m}}\n";
    let planning = "planning: {growth_monthly: 0%, ramp: [10%, 100%], budget_monthly: 1500, quarters: 1}";
    let words = words(&folder, &prices(&folder, ""), &format!("{paper}{planning}"));
    let plan = made_json(&log, &words);
    assert_eq!(plan["now"]["monthly_cost"], "2534.722222222222");
    assert_eq!(plan["history"][0]["whole_month"], "2200");
    assert_eq!(plan["growth"]["starts_at"], "2200");
    assert_eq!(plan["growth"]["starts_from"], "partial-month");
    assert_eq!(plan["growth"]["starts_from_month"], "2026-09");
    let months = list(&plan, "months");
    let cents = |dollars: i128| dollars * 10_i128.pow(18);
    for (month, cost) in months.iter().zip([2_090, 1_100, 1_100]) {
        assert_eq!(cases(&month["today"]), [cents(2_200); 3], "{month}");
        // Half of what runs: 5 % of $2,200 in October, 50 % later.
        assert_eq!(cases(&month["batch_only"]["cost"]), [cents(cost); 3], "{month}");
    }
    let quarter = &plan["quarters"][0];
    assert_eq!((&quarter["today"]["base"], &quarter["batch_only"]["cost"]["base"]), (&json!("6600"), &json!("4290")));
    assert_eq!(quarter["budget"], json!({"budget": "4500", "headroom": "210", "variance": "favourable"}));
    let bars: Vec<(&str, &str)> = list(&plan["waterfall"], "bars")
        .iter()
        .map(|bar| (bar["id"].as_str().expect("an id"), bar["amount"].as_str().expect("an amount")))
        .collect();
    assert_eq!(plan["waterfall"]["baseline"], "2534.722222222222");
    assert_eq!(bars[..2], [("calendar", "-334.722222222222"), ("volume", "0")]);
    assert_eq!(bars[4], ("batch-likely", "-1100"));
    let sum: i128 = list(&plan["waterfall"], "bars").iter().map(|bar| units(&bar["amount"])).sum();
    assert_eq!(units(&plan["waterfall"]["baseline"]) + sum, units(&plan["waterfall"]["target"]));
    assert_eq!(plan["waterfall"]["target"], "1100");

    let (page, markdown) = (flat(&made(&log, &words, "table")), made(&log, &words, "markdown"));
    assert!(page.contains("The months ahead start from $2,200.00, 2026-09 by its weekdays"));
    for page in [&page, &flat(&markdown).replace("| ", ""), &made(&log, &words, "html")] {
        for said in ["$2,200.00", "$6,600.00", "$210.00 favourable", "−$334.72", "by weekday, not by the mean day"] {
            assert!(page.contains(said), "{said} in {page}");
        }
    }
    let book = folder.path("plan.xlsx");
    let run = finish(program().arg("plan").arg(&log).args(&words).args(["--quiet", "-o"]).arg(&book));
    assert_eq!(run.code, 0, "{}", run.transcript());
    let book = Book::read(std::fs::read(book).expect("written"));
    let start = book.row_of("Assumptions", "Where growth starts", 0);
    // 2,200 ÷ 2,534.722…
    assert!(book.text("Assumptions", start, 2).starts_with("0.867945"), "{}", book.text("Assumptions", start, 2));
}

/// A month that was read whole is where growth goes on from, as it was: what is known of the partial one is shown.
#[test]
fn a_whole_month_goes_before_a_partial_one() {
    let folder = Folder::new();
    let log = log(&folder, ("2026-09-01", "2026-10-16"), |day| if is_working_day(day) { 100 } else { 0 });
    let words = words(&folder, &prices(&folder, ""), "planning: {growth_monthly: 10%, quarters: 1}");
    let plan = made_json(&log, &words);
    // Both months have 22 working days; October to the 16th has 12 of them.
    let whole = |row: usize| (&plan["history"][row]["spend"], &plan["history"][row]["whole_month"]);
    assert_eq!((whole(0), whole(1)), ((&json!("2200"), &json!("2200")), (&json!("1200"), &json!("2200"))));
    assert_eq!(plan["growth"]["starts_from"], "whole-month");
    assert_eq!(plan["growth"]["starts_from_month"], "2026-09");
    // November is two steps from September: 2,200 × 1.1².
    let today = units(&plan["months"][0]["today"]["base"]);
    assert!((today - 2_662 * 10_i128.pow(18)).abs() <= 10_i128.pow(6), "{today}");
    assert_eq!(plan["waterfall"]["bars"][0]["amount"], "0");
}

/// A price that begins on 5 March: nothing is known of January and February, and what March says is 27 days of 31. April to
/// June are three whole months, one too few; with July there are four.
#[test]
fn growth_is_not_fitted_to_months_that_are_partly_unpriced() {
    let folder = Folder::new();
    let a_day = |day: jiff::civil::Date| u32::try_from(day.month()).expect("positive") * 10;
    let fitted = "planning: {growth_monthly: fitted, quarters: 1}";
    let prices = prices(&folder, "from: 2026-03-05\n            ");
    let words = words(&folder, &prices, fitted);
    let short = log(&folder, ("2026-01-01", "2026-06-30"), a_day);
    let plan = made_json(&short, &words);
    let march = &plan["history"][2];
    // 27 days of $30; 4 days of 30 million tokens.
    assert_eq!((&march["spend"], &march["complete"], &march["priced"]), (&json!("810"), &json!(true), &json!(false)));
    assert_eq!(march["unpriced_tokens"], 120_000_000);
    let growth = &plan["growth"];
    assert_eq!(growth["method"], "not-enough-data");
    assert_eq!(growth["months_needed"], 4);
    assert_eq!(growth["backtest"], Value::Null);
    assert_eq!(growth["months"], json!(["2026-04", "2026-05", "2026-06"]));
    let left = |month: &str| json!({"month": month, "reason": "unpriced"});
    assert_eq!(growth["left_out"], json!([left("2026-01"), left("2026-02"), left("2026-03")]));
    let page = flat(&made(&short, &words, "table"));
    for said in [
        "Not enough data for growth: 3 months complete, 4 needed",
        "Left out of that: 2026-01, 2026-02 and 2026-03 (something in it has no price).",
        "at least $810.00",
    ] {
        assert!(page.contains(said), "{said} in {page}");
    }

    // A month more is enough. Steps of 40 to 50, 60 and 70 dollars a day are 25 %, 20 % and 16.6667 %.
    let long = log(&folder, ("2026-01-01", "2026-07-31"), a_day);
    let plan = made_json(&long, &words);
    assert_eq!(plan["growth"]["method"], "fitted");
    assert_eq!(plan["growth"]["monthly"]["base"], "0.2");
    // One month held out. 40, 50, 60: the middle of 25 % and 20 % is 22.5 %; 60 × 1.225 = 73.5, and it was 70: 5 % off.
    let backtest = &plan["growth"]["backtest"];
    assert_eq!((&backtest["months"], &backtest["error"]), (&json!(1), &json!("0.05")));
    assert_eq!(plan["growth"]["starts_from_month"], "2026-07");
}

/// A gap in the price at the end: the run of whole, priced months ends before it, and growth goes on from there.
#[test]
fn a_latest_month_without_a_price_is_not_started_from() {
    let folder = Folder::new();
    let log = log(&folder, ("2026-01-01", "2026-05-31"), |_| 100);
    let mut text = std::fs::read_to_string(&log).expect("a log");
    for day in ["2026-05-20", "2026-05-21"] {
        let (before, rest) = text.split_once(&format!("\n{day}")).expect("the day");
        text = format!("{before}\n{day}{}", rest.replacen(",known,", ",nobody-sells-this,", 1));
    }
    let log = folder.write("gap.csv", text);
    let words = words(
        &folder,
        &prices(&folder, ""),
        "planning: {growth_monthly: fitted, quarters: 1}\naccept: {unpriced: [nobody-sells-this]}",
    );
    let plan = made_json(&log, &words);
    // January to April at $100 a day; May has 29 of its 31 days, so that the mean of the five months is $2,980.
    assert_eq!(plan["incomplete"], json!([]));
    assert_eq!(plan["now"]["monthly_cost"], "2980");
    assert_eq!(plan["growth"]["method"], "fitted");
    assert_eq!(plan["growth"]["monthly"], json!({"low": "0", "base": "0", "high": "0"}));
    assert_eq!(plan["growth"]["left_out"], json!([{"month": "2026-05", "reason": "unpriced"}]));
    assert_eq!(
        (&plan["growth"]["starts_at"], &plan["growth"]["starts_from_month"]),
        (&json!("3000"), &json!("2026-04"))
    );
    let page = flat(&made(&log, &words, "table"));
    assert!(
        page.contains("from $3,000.00, the spend of 2026-04, the latest whole month in which everything has a price"),
        "{page}"
    );
}
