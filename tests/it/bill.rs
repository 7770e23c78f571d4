//! What a report says beside the bill: lines for something else than tokens, agreed prices, control totals.

use std::fs;
use std::path::PathBuf;

use batchwise::money::{DecimalStyle, Money};
use serde_json::{Value, json};

use super::errors::Catalogue;
use super::support::{Folder, finish, fixture, program, report_json};

const OPENAI_COST: &str =
    "start_time,end_time,start_time_iso,end_time_iso,amount_value,amount_currency,line_item,project_id";
const OPENAI_USAGE: &str = "start_time,end_time,start_time_iso,num_model_requests,model,service_tier,batch,project_id,\
     input_tokens,output_tokens,input_cached_tokens";
/// 1 October 2026 and the seconds of a day.
const OCTOBER: u64 = 1_790_812_800;
const DAY: u64 = 86_400;

/// A cost export with these lines: day of October from 0, amount, line item.
fn openai_cost(lines: &[(u64, &str, &str)]) -> String {
    lines.iter().fold(format!("{OPENAI_COST}\n"), |text, (day, amount, item)| {
        let start = OCTOBER + day * DAY;
        text + &format!("{start},{},x,x,{amount},usd,\"{item}\",p1\n", start + DAY)
    })
}

/// A usage export with these rows: day of October from 0, and requests, model, tier, batch, project, input, output, cached.
fn openai_usage(rows: &[(u64, &str)]) -> String {
    rows.iter().fold(format!("{OPENAI_USAGE}\n"), |text, (day, row)| {
        let start = OCTOBER + day * DAY;
        text + &format!("{start},{},x,{row}\n", start + DAY)
    })
}

/// Items as kind, words and amount.
fn items(report: &Value) -> Vec<(String, String, String)> {
    let text = |item: &Value, key: &str| item[key].as_str().unwrap_or_default().to_owned();
    let items = report["reconciliation"]["items"].as_array().expect("items");
    items.iter().map(|item| (text(item, "kind"), text(item, "item"), text(item, "billed"))).collect()
}

fn item(kind: &str, words: &str, billed: &str) -> (String, String, String) {
    (kind.to_owned(), words.to_owned(), billed.to_owned())
}

#[test]
fn lines_of_openais_bill_that_are_no_tokens_stand_alone() {
    // gpt-5.4 at 2.50: two million tokens cost 5, billed 5 with 0.75 given back; half a million free tokens cost nothing.
    let folder = Folder::new();
    let usage = openai_usage(&[
        (0, "2,gpt-5.4,default,False,p1,2000000,0,0"),
        (0, "10,gpt-5.4,incentivized-tier,False,p1,500000,0,0"),
    ]);
    let cost = openai_cost(&[
        (0, "5", "gpt-5.4, input"),
        (0, "-0.75", "gpt-5.4, input"),
        (0, "0.4", "web search tool calls"),
        (0, "0.03", "assistants api | file search"),
        (0, "0.06", "code interpreter sessions"),
        (0, "0.89", "VAT, 19 %"),
        (0, "0.001", "rounding"),
        (0, "-1.25", "credit grant"),
    ]);
    let files = [folder.write("usage.csv", usage), folder.write("cost.csv", cost)];
    let report = report_json(&files, &["--quiet"]).json();
    let found = &report["reconciliation"];
    assert_eq!((&found["residual"], &found["standing"]), (&"0".into(), &"usable".into()), "{found}");
    assert_eq!(
        items(&report),
        [
            item("free-tokens", "gpt-5.4", "0"),
            item("credit", "credit grant", "-1.25"),
            item("credit", "gpt-5.4", "-0.75"),
            item("tool", "assistants api · file search", "0.03"),
            item("tool", "code interpreter sessions", "0.06"),
            item("tool", "web search tool calls", "0.4"),
            item("tax", "VAT · 19 %", "0.89"),
            item("rounding", "rounding", "0.001"),
        ]
    );
    assert_eq!(found["items"][0]["list_value"], "1.25");
    // All of the bill: tokens, and what stands beside them.
    assert_eq!((&report["cost"]["billed"], &found["billed"]), (&"4.381".into(), &"5".into()));
}

#[test]
fn lines_of_anthropics_bill_that_are_no_tokens_stand_alone() {
    // claude-haiku-4-5 at 1 a million: three million plain input tokens on one day are 3 dollars, and the bill says so.
    let folder = Folder::new();
    let page = |rows: &str| {
        format!(
            r#"{{"data":[{{"starting_at":"2026-10-01T00:00:00Z","ending_at":"2026-10-02T00:00:00Z","results":[{rows}]}}],"has_more":false,"next_page":null}}"#
        )
    };
    let usage = folder.write(
        "usage.json",
        page(
            r#"{"model":"claude-haiku-4-5","service_tier":"standard","context_window":"0-200k","uncached_input_tokens":3000000,"cache_read_input_tokens":0,"cache_creation":{"ephemeral_5m_input_tokens":0,"ephemeral_1h_input_tokens":0},"output_tokens":0,"server_tool_use":{"web_search_requests":10}}"#,
        ),
    );
    let line = |amount: &str, kind: &str, words: &str, model: &str, class: &str| {
        format!(
            r#"{{"amount":"{amount}","currency":"USD","cost_type":{kind},"description":"{words}","model":{model},"token_type":{class},"service_tier":null,"context_window":null,"workspace_id":null,"inference_geo":null}}"#
        )
    };
    let lines = [
        line(
            "300",
            r#""tokens""#,
            "Claude Haiku 4.5 Usage - Input Tokens",
            r#""claude-haiku-4-5""#,
            r#""uncached_input_tokens""#,
        ),
        line("10", r#""web_search""#, "Web Search Usage", "null", "null"),
        line("2.5", r#""code_execution""#, "Code Execution Usage", "null", "null"),
        line("-100", r#""tokens""#, "Credit", "null", "null"),
        line("57", "null", "Sales tax", "null", "null"),
    ];
    let cost = folder.write("cost.json", page(&lines.join(",")));
    let report = report_json(&[usage, cost], &["--quiet"]).json();
    let found = &report["reconciliation"];
    assert_eq!((&found["residual"], &found["standing"]), (&"0".into(), &"usable".into()), "{found}");
    let expected = [
        item("credit", "Credit", "-1"),
        item("tool", "Code Execution Usage", "0.025"),
        item("tool", "Web Search Usage", "0.1"),
        item("tax", "Sales tax", "0.57"),
    ];
    assert_eq!(items(&report), expected);

    // All tokens agree, so nobody is alarmed by the credit.
    let page = finish(program().arg("report").arg(folder.path("usage.json")).arg(folder.path("cost.json")));
    assert!(
        page.stdout.contains("Reconciled: 100.0 %") && !page.stdout.contains("Your bills total"),
        "{}",
        page.stdout
    );

    // The Console's table names the same things in its own columns.
    let header = "usage_date_utc,model,workspace,api_key,usage_type,context_window,token_type,cost_usd,list_price_usd,cost_type,inference_geo,speed";
    let rows = "2026-10-01,Claude Haiku 4.5,Default,k,message,≤ 200k,input_no_cache,3.00,3.00,token,global,\n\
        2026-10-01,,Default,k,message,,,0.10,0.10,web_search,,\n\
        2026-10-01,Claude Haiku 4.5,Default,k,message,,,0.03,0.03,code_execution,,\n\
        2026-10-01,,,,,,,-1.00,,credit,,\n";
    let table = folder.write("cost.csv", format!("{header}\n{rows}"));
    let usage = folder.path("usage.json");
    let report = report_json(&[usage, table], &["--quiet"]).json();
    let found = &report["reconciliation"];
    assert_eq!((&found["residual"], &found["standing"]), (&"0".into(), &"usable".into()), "{found}");
    let expected =
        [item("credit", "credit", "-1"), item("tool", "code_execution", "0.03"), item("tool", "web_search", "0.1")];
    assert_eq!(items(&report), expected);
}

#[test]
fn each_page_shows_every_line_of_the_bill() {
    let files = ["openai-usage-api", "openai-costs-api"].map(|name| fixture(&format!("formats/{name}/good.json")));
    for (form, lines) in [
        (
            "table",
            ["credit grant (credit) −$1.25", "web search tool calls (tool) $0.40", "besides tokens, −$0.78 in all"],
        ),
        (
            "markdown",
            [
                "| `credit grant` (credit) | −$1.25 |",
                "| `web search tool calls` (tool) | $0.40 |",
                "besides tokens, −$0.78 in all",
            ],
        ),
        (
            "csv",
            [
                "reconciliation.items,2,credit grant,openai,,,,billed,,period,USD,-1.25",
                ",kind,,,text,credit",
                ",list_value,,period,USD,0.0",
            ],
        ),
    ] {
        let run = finish(program().arg("report").args(&files).args(["--quiet", "--format", form]));
        for line in lines {
            let page = run.stdout.split_whitespace().collect::<Vec<_>>().join(" ");
            assert!(page.contains(line), "{form} lacks `{line}`:\n{}", run.stdout);
        }
    }
}

/// Files, prices and policy of an invoice.
fn invoice(name: &str) -> (Vec<PathBuf>, Vec<String>) {
    let folder = fixture("invoices").join(name);
    let word = |file: &str| folder.join(file).display().to_string();
    let words = vec!["--prices".into(), word("prices.yaml"), "--policy".into(), word("policy.yaml")];
    (["usage.csv", "cost.csv"].map(|file| folder.join(file)).to_vec(), words)
}

#[test]
fn billed_prices_are_said_on_every_page() {
    let mut catalogue = Catalogue::new();
    let (files, words) = invoice("29a-agreed-price");
    for form in ["table", "markdown"] {
        let run =
            finish(program().arg("report").args(&files).args(&words).args(["--basis", "billed", "--format", form]));
        assert!(run.stdout.contains("a month; billed prices explain all of it."), "{form}: {}", run.stdout);
        catalogue.enter(&format!("--basis billed as {form}"), &run);
        let at_list = finish(program().arg("report").args(&files).args(&words).args(["--format", form]));
        let hint = "All figures here are at list price; `--basis billed` puts them on what is paid.";
        let said =
            [at_list, run].map(|page| page.stdout.split_whitespace().collect::<Vec<_>>().join(" ").contains(hint));
        assert_eq!(said, [true, false], "{form}");
    }
    let csv = finish(program().arg("report").args(&files).args(&words).args(["--basis", "billed", "--format", "csv"]));
    assert!(csv.stdout.contains("report,,,,,,,basis,,,text,billed"), "{}", csv.stdout);
    let used = "10,gpt-5.4,default,False,p1,1000000,1000,0";
    let shown =
        |line: &str| line.contains("INCOMPLETE") || line.contains("Your bills") || line.contains("every figure");
    let (files, words) = invoice("29e-no-agreed-price");
    let words: Vec<&str> = words.iter().map(String::as_str).chain(["--basis", "billed"]).collect();
    let apart = [
        catalogue.folder.write("usage.csv", openai_usage(&[(0, used), (2, used)])),
        catalogue.folder.write("cost.csv", openai_cost(&[(1, "20", "gpt-5.4-2026-03-05, input")])),
    ];
    let run = catalogue.reported("no model on one day of both", &apart, &["--basis", "billed"], shown);
    assert_eq!(run.code, 3);
    let run = catalogue.reported("no bill", &files[..1], &words, shown);
    assert_eq!(run.code, 2);
    // A bill alone has nothing to be compared with.
    let run = catalogue.reported("a bill without usage", &files[1..], &words, shown);
    assert_eq!(run.code, 2);
    catalogue.keep("agreed-prices");
}

/// Three days of $30 + $8 at list, of which the bill charges $75 and $23: $98, on the mean day 98 ÷ 3 × 365 ÷ 12 = $993.61 a
/// month, and $1,012.67 in the 31 days of October, from which the plan goes on to the 30 of November.
#[test]
fn a_plan_stands_on_billed_prices_too() {
    let (files, words) = invoice("29a-agreed-price");
    let run = |form: &str, basis: &str| {
        let words = words.iter().map(String::as_str).chain(["--basis", basis, "--quiet", "--format", form]);
        finish(program().arg("plan").args(&files).args(words))
    };
    let plan = run("json", "billed").json();
    assert_eq!(plan["basis"], "billed");
    assert_eq!(plan["now"]["monthly_cost"], "993.611111111111");
    // A third of $23 is rounded on each day, to the last digit that there is.
    assert_eq!(plan["history"][0]["spend"], "98.000000000000000001");
    assert_eq!(plan["growth"]["starts_at"], "1012.666666666667");
    assert_eq!(plan["months"][0]["today"]["base"], "980");
    assert_eq!(plan["waterfall"]["baseline"], "993.611111111111");
    let report = finish(
        program().arg("report").args(&files).args(&words).args(["--basis", "billed", "--quiet", "--format", "json"]),
    );
    assert_eq!(plan["agreed_prices"], report.json()["agreed_prices"]);
    for form in ["table", "markdown", "html"] {
        let page = run(form, "billed").stdout.split_whitespace().collect::<Vec<_>>().join(" ");
        for said in ["$993.61 a month at billed prices", "what the bill charges of list prices", "$1,013"] {
            assert!(page.contains(said), "{form} lacks {said}: {page}");
        }
    }
    assert!(run("csv", "billed").stdout.contains("basis,,basis,billed\n"));
    assert!(run("csv", "billed").stdout.contains("schema,,schema,batchwise.plan.csv/1\n"));
    let list = run("json", "list").json();
    assert_eq!((&list["basis"], &list["agreed_prices"]), (&"list".into(), &Value::Null));
    assert_eq!(list["growth"]["starts_at"], "1178");
    let none = finish(program().arg("plan").args(&files[..1]).args(&words).args(["--basis", "billed"]));
    assert_eq!(none.code, 2, "{}", none.transcript());
    assert!(none.stderr.contains("no-bill"), "{}", none.stderr);
}

#[test]
fn billed_prices_keep_the_laws() {
    let money = |value: &Value| Money::parse(value.as_str().unwrap_or("0"), DecimalStyle::Point).expect("an amount").0;
    let sum = |values: Vec<Money>| Money::sum(values).expect("small");
    for name in ["29a-agreed-price", "29c-agreed-price-routes", "29d-agreed-price-and-bill-alone"] {
        let (files, words) = invoice(name);
        let words: Vec<&str> = words.iter().map(String::as_str).chain(["--basis", "billed", "--quiet"]).collect();
        let report = report_json(&files, &words).json();
        let column = |cell: &str| {
            let rows = report["workloads"].as_array().expect("rows").iter();
            sum(rows.map(|row| money(&row[cell])).collect())
        };
        let [today, batch, both] =
            ["0", "1", "2"].map(|index| report.pointer(&format!("/scenarios/{index}")).expect("a scenario").clone());
        let today = money(&today["monthly_cost"]["base"]);
        assert_eq!(column("monthly_cost"), today, "{name}");
        assert_eq!(column("monthly_saving"), money(&batch["monthly_saving"]["high"]), "{name}");
        for scenario in [&batch, &both] {
            let saving = ["low", "base", "high"].map(|case| money(&scenario["monthly_saving"][case]));
            assert!(saving[0] <= saving[1] && saving[1] <= saving[2] && saving[2] < today, "{name}: {scenario}");
            for (case, saving) in ["low", "base", "high"].into_iter().zip(saving) {
                assert_eq!(money(&scenario["monthly_cost"][case]).add(saving), Ok(today), "{name}");
            }
        }
        for case in ["low", "base", "high"] {
            let parts = ["batch", "routing"].map(|part| money(&both["parts"][part][case])).to_vec();
            assert_eq!(sum(parts), money(&both["monthly_saving"][case]), "{name}");
        }
    }
}

#[test]
fn control_totals_are_said_on_every_page() {
    let mut catalogue = Catalogue::new();
    let (files, words) = invoice("30-control-totals");
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    for (form, is_about) in [("table", "Control"), ("markdown", "### Control totals"), ("csv", "control_totals")] {
        let words = [&words[..], &["--format", form]].concat();
        let shown = |line: &str| {
            ["Control", "tolerance", "control_totals", "MET", "met"].iter().any(|word| line.contains(word))
        };
        let run = catalogue.reported(&format!("control totals as {form}"), &files, &words, shown);
        assert!(run.code == 3 && run.stdout.contains(is_about), "{}", run.stdout);
    }
    catalogue.keep("control-totals-on-pages");
}

#[test]
fn hostile_words_of_a_bill_stand_as_code() {
    let folder = Folder::new();
    let usage = folder.write("usage.csv", openai_usage(&[(0, "2,gpt-5.4,default,False,p1,2000000,0,0")]));
    let bold = "**tool** @octocat <b>x</b> sk-proj-T4kR8wQ2zX6vB1nM9cL5jH3gF7dS0aPo";
    let cost = folder.write("cost.csv", openai_cost(&[(0, "5", "gpt-5.4, input"), (0, "1", bold)]));
    let policy =
        folder.write("policy.yaml", "schema: 1\nexpect: [{month: 2026-10, provider: \"@octocat **x**\", total: 1}]\n");
    for form in ["table", "markdown", "csv", "json"] {
        let mut command = program();
        let run = finish(command.arg("report").args([&usage, &cost]).args(["--format", form, "--policy"]).arg(&policy));
        assert_eq!(run.code, 3, "{}", run.stderr);
        assert!(!run.stdout.contains("sk-proj-T4kR8w"), "{form} masks what looks like a key: {}", run.stdout);
        if form == "markdown" {
            // Code spans and escapes are taken out; nothing of the names may be left.
            let outside: String = run.stdout.split('`').step_by(2).collect();
            let outside = outside.replace("\\*", "").replace("@<!-- -->", "");
            assert!(!outside.contains("@octocat") && !outside.contains("<b>"), "{outside}");
        }
    }
}

/// What a report makes of usage and bill together: the word, the share that agrees, and the verdict of each line.
fn compared(usage: &str, cost: &str) -> (String, Value, Vec<String>) {
    let folder = Folder::new();
    let files = [folder.write("usage.csv", usage), folder.write("cost.csv", cost)];
    let report = report_json(&files, &["--quiet"]).json();
    let found = &report["reconciliation"];
    let verdict = |line: &Value| line["verdict"].as_str().expect("a verdict").to_owned();
    let verdicts = found["lines"].as_array().expect("lines").iter().map(verdict).collect();
    (found["standing"].as_str().expect("a word").to_owned(), found["coverage"].clone(), verdicts)
}

#[test]
fn what_a_bill_charges_nothing_for_is_no_agreement() {
    // gpt-5.4 at 2.50: two million tokens a day are 5. On the second day the bill has a line, and it says nothing.
    let usage =
        openai_usage(&[(0, "2,gpt-5.4,default,False,p1,2000000,0,0"), (1, "2,gpt-5.4,default,False,p1,2000000,0,0")]);
    let (standing, coverage, verdicts) =
        compared(&usage, &openai_cost(&[(0, "5", "gpt-5.4, input"), (1, "0", "gpt-5.4, input")]));
    // All that is billed agrees, and as much again is computed that nobody billed.
    assert_eq!((standing.as_str(), coverage), ("do not present", "1".into()));
    assert_eq!(verdicts, ["equal", "over"]);
    let nothing = openai_cost(&[(0, "0", "gpt-5.4, input"), (1, "0E-6176", "gpt-5.4, input")]);
    assert_eq!(compared(&usage, &nothing), ("do not present".into(), Value::Null, vec!["over".into(); 2]));
    // 5 of 105: more than 1 % beyond the bill, and less than 5 % of it.
    let usage =
        usage + &openai_usage(&[(2, "2,gpt-5.4,default,False,p1,40000000,0,0")]).split_off(OPENAI_USAGE.len() + 1);
    let bill = openai_cost(&[(0, "5", "gpt-5.4, input"), (1, "0", "gpt-5.4, input"), (2, "100", "gpt-5.4, input")]);
    let (standing, ..) = compared(&usage, &bill);
    assert_eq!(standing, "usable with residual");
}

#[test]
fn rounding_is_half_of_the_last_place_that_the_bill_writes() {
    // 1,000 tokens at 2.50 a million are 0.0025.
    let usage = openai_usage(&[(0, "2,gpt-5.4,default,False,p1,1000,0,0")]);
    for (amount, verdict) in [
        ("0.0025", "equal"),
        ("0.0025000000000000000000000000000000000000", "equal"),
        // Cents: half a cent may be missing, and three quarters of one may not be too much.
        ("0.00", "rounding"),
        ("0.01", "under"),
        // Tenths of cents.
        ("0.003", "rounding"),
        ("0.002", "rounding"),
        ("0.004", "under"),
        // Finer: a bill that writes four places is not off by a half of a cent.
        ("0.0071", "under"),
        ("0.0021", "over"),
        // What a float leaves of 0.0025.
        ("0.0024999999999999", "rounding"),
        ("0.00250001", "under"),
    ] {
        let (.., verdicts) = compared(&usage, &openai_cost(&[(0, amount, "gpt-5.4, input")]));
        assert_eq!(verdicts, [verdict], "{amount}");
    }
    // Two lines of one place may each have been rounded.
    let lines = openai_cost(&[(0, "0.001", "gpt-5.4, input"), (0, "0.0025", "evals | gpt-5.4, input")]);
    let usage = openai_usage(&[(0, "2,gpt-5.4,default,False,p1,1360,0,0")]);
    assert_eq!(compared(&usage, &lines).2, ["rounding"]);
}

/// Each line of the bill has one cause, so that the causes add up to the difference.
#[test]
fn the_difference_by_cause() {
    let folder = Folder::new();
    let usage = openai_usage(&[
        (0, "10,gpt-5.4,default,false,p1,1000000,100000,0"),
        (0, "10,acme-9,default,false,p1,1000000,100000,0"),
        (30, "10,gpt-5-mini,default,false,p1,8000000,1000000,0"),
    ]);
    let cost = openai_cost(&[
        (0, "2.5", "gpt-5.4, input"),
        (0, "1.5", "gpt-5.4, output"),
        (0, "7", "acme-9, input"),
        (30, "9", "gpt-5-nano, input"),
    ]);
    let files = [folder.write("usage.csv", usage), folder.write("cost.csv", cost)];
    let page = finish(program().arg("report").args(&files).args(["--format", "markdown"])).stdout;
    let section = page.split("\n### ").find(|section| section.starts_with("The bill beside list prices, by cause"));
    assert!(page.contains("; $7.00 is billed for them (`unpriced`)"), "{page}");
    insta::assert_snapshot!("difference-by-cause", section.expect("causes"));
}

/// A bucket states no prompt size. What it is billed beyond base rates, long prompts may explain, as far as the model has a
/// price for them: 1,000,000 input tokens of gpt-5.4 cost $2.50 more in such, those of gpt-5.4-mini nothing.
#[test]
fn how_many_long_prompts_would_explain_the_difference() {
    let folder = Folder::new();
    let usage = openai_usage(&[
        (0, "10,gpt-5.4,default,false,p1,1000000,100000,0"),
        (30, "10,gpt-5.4-mini,default,false,p1,1000000,100000,0"),
    ]);
    let causes = |input: &str| {
        let cost = openai_cost(&[
            (0, input, "gpt-5.4, input"),
            (0, "1.5", "gpt-5.4, output"),
            (30, "0.80", "gpt-5.4-mini, input"),
            (30, "0.45", "gpt-5.4-mini, output"),
        ]);
        let files = [folder.write("usage.csv", &usage), folder.write("cost.csv", &cost)];
        let run = |form: &str| finish(program().arg("report").args(&files).args(["--format", form])).stdout;
        let report: Value = serde_json::from_str(&run("json")).expect("JSON");
        (report["reconciliation"]["causes"].clone(), run("markdown"))
    };
    let (told, page) = causes("3.25");
    let more = json!({"cause": "billed-more", "residual": "0.05", "models": ["openai/gpt-5.4-mini"], "long_context": null, "long_context_share": null});
    let long = |residual: &str, share: &str| json!({"cause": "long-context", "residual": residual, "models": ["openai/gpt-5.4"], "long_context": "2.5", "long_context_share": share});
    assert_eq!(told, json!([long("0.75", "0.3"), more]));
    assert!(page.contains("explain it if 30.0 % of the usage on these lines is in such | +$0.75 |"), "{page}");
    let (told, page) = causes("7.5");
    // What $2.50 does not explain is billed more for no reason known, and no share is above all of the usage.
    let more = json!({"cause": "billed-more", "residual": "2.55", "models": ["openai/gpt-5.4", "openai/gpt-5.4-mini"], "long_context": null, "long_context_share": null});
    assert_eq!(told, json!([more, long("2.5", "1")]));
    assert!(page.contains("explain it if 100.0 % of the usage on these lines is in such | +$2.50 |"), "{page}");
}

/// What rounding explains is no difference, in the list of causes and on the days of the picture.
#[test]
fn rounding_is_marked_as_such() {
    let (files, words) = invoice("29g-list-price-in-cents");
    let page = |form: &str| finish(program().arg("report").args(&files).args(&words).args(["--format", form])).stdout;
    let markdown = page("markdown");
    assert!(markdown.contains("| ≈ rounding | −$0.12 |"), "{markdown}");
    assert!(!markdown.contains('≠'), "{markdown}");
    let html = page("html");
    let marks = |mark: &str| html.matches(&format!(">{mark}</text>")).count();
    assert!(marks("≈") > 0 && marks("≠") == 0, "{} and {} marks", marks("≈"), marks("≠"));
}

/// What is taken from a bill stands beside that bill: it is no usage that nobody bills.
#[test]
fn a_second_vendors_bill_may_stand_alone() {
    let sample = fixture("sample");
    let log = fs::read_to_string(sample.join("gateway.csv")).expect("the sample");
    let only_openai: Vec<&str> = log.lines().filter(|line| !line.contains("anthropic")).collect();
    let folder = Folder::new();
    let log = folder.write("openai.csv", only_openai.join("\n"));
    let run = |form: &str| {
        finish(program().arg("report").arg(&log).arg(sample.join("bills")).args(["--recursive", "--format", form]))
    };
    let json = run("json").json();
    let codes = json["warnings"].as_array().expect("warnings").iter().map(|note| note["code"].as_str());
    assert!(!codes.flatten().any(|code| code == "usage-unbilled"), "{}", json["warnings"]);
    let page = run("table").stdout.split_whitespace().collect::<Vec<_>>().join(" ");
    let said = "Your bills come to $14,925 a month. $9,964 of it has no usage beside it and is taken as the spend; list prices explain $4,941 of the other $4,961 (99.6 %).";
    assert!(page.contains(said), "{page}");
}

/// The example of docs/bill.md by hand, in two projects: 10 million input tokens at $2.50 are billed $20 of $25, 2 million
/// output tokens at $15.00 in full. `a` has 2 + 1 million, $5 × 0.8 + $15 = $19, and `b` 8 + 1, $20 × 0.8 + $15 = $31; in
/// batch both cost half. One ratio for the model would be 50 ÷ 55, and $18.18 for `a`.
#[test]
fn effective_rates_are_by_token_class_where_the_bill_is() {
    let folder = Folder::new();
    let row = |project: &str, input: u32| (0, format!("10,gpt-5.4,default,False,{project},{input},1000000,0"));
    let rows = [row("a", 2_000_000), row("b", 8_000_000)];
    let rows: Vec<(u64, &str)> = rows.iter().map(|(day, row)| (*day, row.as_str())).collect();
    let usage = folder.write("usage.csv", openai_usage(&rows));
    let run = |bill: &[(u64, &str, &str)]| {
        let bill = folder.write("cost.csv", openai_cost(bill));
        report_json(&[usage.clone(), bill], &["--basis", "billed"]).json()
    };
    let money = |value: &Value| Money::parse(value.as_str().unwrap_or("0"), DecimalStyle::Point).expect("an amount").0;
    // One day is 365 ÷ 12 of them a month.
    let a_month = |dollars: i128| {
        let month = (dollars * 365 * 10_i128.pow(18) + 6) / 12;
        Money::from_units((month + 500_000) / 1_000_000 * 1_000_000)
    };
    let by_class = run(&[(0, "20", "gpt-5.4-2026-03-05, input"), (0, "30", "gpt-5.4-2026-03-05, output")]);
    let rates = &by_class["agreed_prices"]["models"][0];
    assert_eq!((&rates["by"], &rates["ratio"]), (&"class".into(), &"0.909091".into()), "{rates}");
    assert_eq!((&rates["classes"]["input"], &rates["classes"]["output"]), (&"0.8".into(), &"1".into()), "{rates}");
    let costs = |json: &Value, project: &str| {
        let find = |list: &str| {
            let rows = json[list].as_array().expect("a list");
            rows.iter().find(|row| row["workload"] == project).unwrap_or_else(|| panic!("{project}: {json}")).clone()
        };
        (money(&find("workloads")["monthly_cost"]), money(&find("questions")["monthly_saving"]))
    };
    let half = |dollars: i128| Money::from_units(a_month(dollars).units() / 2);
    for (project, dollars) in [("a", 19), ("b", 31)] {
        let (cost, saving) = costs(&by_class, project);
        assert_eq!(cost, a_month(dollars), "{project}");
        assert!(saving.sub(half(dollars)).expect("small").abs().units() <= 1_000_000, "{project}: {saving}");
    }
    // The same bill by model: 50 ÷ 55 of $20 and of $35.
    let by_model = run(&[(0, "50", "gpt-5.4-2026-03-05")]);
    assert_eq!(by_model["agreed_prices"]["models"][0]["by"], "model");
    let ninths = |dollars: i128| a_month(dollars * 10).units() / 11;
    for (project, dollars) in [("a", 20), ("b", 35)] {
        assert!((costs(&by_model, project).0.units() - ninths(dollars)).abs() <= 1_000_000, "{project}");
    }
    // And by day alone: a bill that names no model.
    let by_provider = run(&[(0, "50", "")]);
    assert_eq!(by_provider["agreed_prices"]["models"][0]["by"], "provider", "{}", by_provider["agreed_prices"]);
}
