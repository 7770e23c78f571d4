//! Lines of bills, one by one: what is understood, what may be LLM usage and is not understood, what has no price, and what
//! is about no call. Amounts are worked out by hand beside each.

use std::path::PathBuf;

use serde_json::{Value, json};

use super::support::{Folder, Run, finish, program, report_json};

const FOCUS: &str = "ProviderName,PublisherName,ServiceCategory,ServiceName,ChargeCategory,ChargeDescription,SkuId,\
     SkuPriceId,SkuMeter,CommitmentDiscountStatus,BilledCost,EffectiveCost,BillingCurrency,ChargePeriodStart,ChargePeriodEnd";
const AI: &str = "AI and Machine Learning";

/// A FOCUS file of 5 October 2026: seller, category, service, charge, description, meter, amount.
fn focus(folder: &Folder, rows: &[[&str; 7]]) -> PathBuf {
    let line = |[seller, category, service, charge, text, meter, amount]: &[&str; 7]| {
        format!(
            "{seller},,{category},{service},{charge},{text},,,{meter},,{amount},{amount},USD,\
             2026-10-05T00:00:00Z,2026-10-06T00:00:00Z\n"
        )
    };
    folder.write("focus.csv", format!("{FOCUS}\n{}", rows.iter().map(line).collect::<String>()))
}

/// Whole October, so that a month's amounts are the amounts billed.
fn october(file: PathBuf) -> Run {
    report_json(&[file], &["--from", "2026-10-01", "--to", "2026-10-31"])
}

/// Model, code and cost of each line, by cost descending.
fn lines(report: &Value) -> Vec<(String, String, String)> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let lines = report["workloads"].as_array().expect("workloads").iter();
    lines.map(|line| (text(&line["model"]), text(&line["reasons"][0]), text(&line["cost"]))).collect()
}

fn expected(lines: &[(&str, &str, &str)]) -> Vec<(String, String, String)> {
    lines.iter().map(|(model, code, cost)| ((*model).to_owned(), (*code).to_owned(), (*cost).to_owned())).collect()
}

/// A page without the ends of its lines.
fn unwrapped(run: &Run) -> String {
    run.stdout.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The message of a code under `incomplete`.
fn incomplete(report: &Value, code: &str) -> String {
    let notes = report["incomplete"].as_array().expect("notes");
    let note = notes.iter().find(|note| note["code"] == code).unwrap_or_else(|| panic!("{code}: {notes:?}"));
    note["message"].as_str().unwrap_or_default().to_owned()
}

/// `LiteLLM` writes its own names of providers, and models without a class: 5 + 2.5 + 1.25 = 8.75, all of it spend.
#[test]
fn sellers_as_a_gateway_writes_them() {
    let folder = Folder::new();
    let file = focus(
        &folder,
        &[
            ["openai", AI, "small", "Usage", "gpt-5-mini", "", "5.00"],
            ["bedrock", AI, "claude", "Usage", "anthropic.claude-haiku-4-5-20251001-v1:0", "", "2.50"],
            ["vertex_ai", "gemini-group", "vertex_ai", "Usage", "gemini-0.7-invented", "", "1.25"],
        ],
    );
    let run = october(file);
    let report = run.json();
    assert_eq!(run.code, 3, "one of the models has no price");
    assert_eq!((&report["cost"]["billed"], &report["cost"]["computed"]), (&json!("8.75"), &json!("8.75")));
    assert_eq!(report["inputs"][0]["rows"]["not_usage"], 0);
    assert_eq!(
        lines(&report),
        expected(&[
            ("gpt-5-mini", "batch-unknown", "5"),
            ("anthropic.claude-haiku-4-5-20251001-v1:0", "batch-unknown", "2.5"),
            ("gemini-0.7-invented", "unpriced", "1.25"),
        ])
    );
    assert!(incomplete(&report, "unpriced").starts_with("$1.25 of a bill is for models without a price"));
    // No class of tokens is stated anywhere, so that nothing at all is known of the saving.
    assert_eq!(report["scenarios"][1]["monthly_saving"], Value::Null);
}

/// Google bills Claude under services of its name, or with the model in the text: 1 + 900 + 99 = 1000. What can be worked
/// out: gemini-3.5-flash and claude-sonnet-4-5 cost half in batch.
#[test]
fn claude_sold_by_google() {
    let folder = Folder::new();
    let file = focus(
        &folder,
        &[
            ["Google Cloud", AI, "Vertex AI", "Usage", "Gemini 3.5 Flash Text Input - Predictions", "", "1"],
            ["Google Cloud", AI, "Claude Sonnet 4.5", "Usage", "Claude Sonnet 4.5 Input Tokens", "", "900"],
            ["Google Cloud", AI, "Claude Sonnet 4.5", "Usage", "Output Tokens", "", "90"],
            ["Google Cloud", AI, "Vertex AI", "Usage", "Claude Sonnet 4.5 Output Tokens", "", "9"],
        ],
    );
    let run = october(file);
    let report = run.json();
    assert_eq!((run.code, &report["cost"]["billed"]), (0, &json!("1000")));
    assert_eq!(
        lines(&report),
        expected(&[("claude-sonnet-4-5", "batch-unknown", "999"), ("gemini-3.5-flash", "batch-unknown", "1")])
    );
    assert_eq!(report["workloads"][0]["batch_cost"], "499.5");
}

/// Azure's meters without the columns that Azure adds itself, and Bedrock's without a service.
#[test]
fn meters_by_their_grammar_alone() {
    let folder = Folder::new();
    let meter = "gpt 4.1 nano Batch Outp glbl Tokens";
    let product = "Azure OpenAI - gpt 4.1 nano Inp glbl Tokens - US West 3";
    let file = focus(
        &folder,
        &[
            ["Microsoft", AI, "Cognitive Services", "Usage", meter, meter, "4"],
            ["Microsoft", AI, "Cognitive Services", "Usage", product, "", "2"],
            ["AWS", AI, "", "Usage", "Nova Pro input tokens", "USE1-NovaPro-input-tokens", "1"],
        ],
    );
    let run = october(file);
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert_eq!(
        lines(&run.json()),
        expected(&[
            ("gpt-4.1-nano", "already-batch", "4"),
            ("gpt-4.1-nano", "batch-unknown", "2"),
            ("amazon.nova-pro-v1:0", "batch-unknown", "1"),
        ])
    );
}

/// What speaks of AI and is not understood is spend, in no saving, and makes the report incomplete with its dollars: 7 +
/// 3 = 10. A login's tokens and a data base are other things: 5 + 6 = 11.
#[test]
fn what_may_be_llm_usage_is_never_something_else() {
    let folder = Folder::new();
    let file = focus(
        &folder,
        &[
            ["AWS", AI, "Amazon Bedrock", "Usage", "Palmyra words", "USE1-Palmyra-units", "7"],
            ["Snowpeak", "Other", "Answers", "Usage", "Output tokens of our model", "", "3"],
            ["AWS", AI, "Amazon Bedrock", "Usage", "Nova Pro input tokens", "USE1-NovaPro-input-tokens", "20"],
            ["AWS", "Identity", "Amazon Cognito", "Usage", "Token requests", "", "5"],
            ["AWS", "Databases", "Amazon RDS", "Usage", "db.m5 instance hours", "", "6"],
        ],
    );
    let run = october(file);
    let report = run.json();
    assert_eq!(run.code, 3);
    assert_eq!(report["cost"]["billed"], "30");
    assert_eq!(report["inputs"][0]["billed"]["not_usage"], "11");
    assert_eq!(
        lines(&report)[1..],
        expected(&[
            ("Amazon Bedrock · Palmyra words", "not-understood", "7"),
            ("Answers · Output tokens of our model", "not-understood", "3"),
        ])
    );
    let message = incomplete(&report, "not-understood");
    assert!(message.starts_with("$10 of a bill may be LLM usage and is not understood"), "{message}");
    assert!(message.contains("bedrock: `Amazon Bedrock · Palmyra words`"), "{message}");
    // $20 could be projected, so that what is known is at least what it saves.
    assert_eq!(report["scenarios"][1]["monthly_saving"]["base"], "0");
    let page = unwrapped(&finish(program().arg("report").arg(folder.path("focus.csv"))));
    assert!(page.contains("Savings are at least what is shown"), "{page}");
}

/// Beside usage such a line counts against the coverage: 8 of 10 dollars agree.
#[test]
fn what_is_not_understood_lowers_the_coverage() {
    let folder = Folder::new();
    let usage = folder.write(
        "usage.csv",
        "timestamp,model,provider,request_id,input_tokens,output_tokens\n\
         2026-10-05T09:00:00Z,amazon.nova-pro-v1:0,bedrock,r1,10000000,0\n",
    );
    // 10M × 0.80 per 1M = 8.
    let bill = focus(
        &folder,
        &[
            ["AWS", AI, "Amazon Bedrock", "Usage", "Nova Pro input tokens", "USE1-NovaPro-input-tokens", "8"],
            ["AWS", AI, "Amazon Bedrock", "Usage", "Palmyra words", "USE1-Palmyra-units", "2"],
        ],
    );
    let run = report_json(&[usage, bill], &[]);
    let report = run.json();
    assert_eq!((run.code, &report["reconciliation"]["coverage"]), (3, &json!("0.8")));
    assert!(incomplete(&report, "not-understood").starts_with("$2 of a bill"));
    assert_eq!(report["cost"]["computed"], "8", "the usage is the spend");
}

/// Purchases, commitments, taxes, credits and support are lines of their own: 20 is spent, and 50 + 24 + 1.9 + 300 is
/// billed for what is no call. A credit on LLM usage lowers what is billed for it, 20 − 3 = 17, and no verdict.
#[test]
fn charges_about_no_call() {
    let folder = Folder::new();
    let file = focus(
        &folder,
        &[
            ["Microsoft", AI, "Azure OpenAI", "Usage", "x", "gpt 4.1 nano Inp glbl Tokens", "20"],
            ["Microsoft", AI, "Azure OpenAI", "Purchase", "Provisioned capacity", "", "50"],
            ["Microsoft", AI, "Azure OpenAI", "Usage", "PTU", "Provisioned Managed Global Unit", "24"],
            ["Microsoft", "Other", "Tax", "Tax", "Sales tax", "", "1.9"],
            ["Microsoft", "Other", "Support", "Purchase", "A year of support", "", "300"],
            ["Microsoft", AI, "Azure OpenAI", "Credit", "Promotional credit", "", "-3"],
        ],
    );
    let run = october(file);
    let report = run.json();
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert_eq!((&report["cost"]["computed"], &report["cost"]["billed"]), (&json!("20"), &json!("17")));
    assert_eq!(lines(&report), expected(&[("gpt-4.1-nano", "batch-unknown", "20")]));
    let spent: Vec<&Value> = report["eligibility"].as_array().expect("six").iter().map(|line| &line["cost"]).collect();
    assert_eq!(spent, ["0", "0", "0", "20", "0", "0"]);
    let charges = report["other_charges"].as_array().expect("charges").iter();
    let charges: Vec<(&str, &str)> = charges
        .map(|line| (line["kind"].as_str().unwrap_or_default(), line["billed"].as_str().unwrap_or_default()))
        .collect();
    assert_eq!(charges.len(), 5, "{charges:?}");
    for charge in [("commitment", "50"), ("commitment", "24"), ("tax", "1.9"), ("support", "300"), ("credit", "-3")] {
        assert!(charges.contains(&charge), "{charge:?} is not in {charges:?}");
    }
    assert_eq!(report["inputs"][0]["billed"]["not_usage"], "375.9", "50 + 24 + 1.9 + 300");
    let page = unwrapped(&finish(program().arg("report").arg(folder.path("focus.csv"))));
    let own = "Lines of their own, in no verdict and no saving: $50.00 Azure OpenAI · Provisioned capacity (commitment), \
        $24.00 Azure OpenAI · PTU (commitment), −$3.00 Credit: Promotional credit, $1.90 taxes, $300.00 support.";
    assert!(page.contains(own), "{page}");
    // Nothing is left beside these lines.
    assert!(!page.contains("other things than LLM usage"), "{page}");
}

/// Sellers and categories that are not those of AI: 100 + 200 + 300 + 400 + 50 + 25 + 10 is spend, 1085 in all. A login's
/// tokens, a data model and a machine are other things: 5 + 6 + 7 = 18.
#[test]
fn llm_usage_in_any_category_of_any_seller() {
    let folder = Folder::new();
    let analytics = "Analytics";
    let file = focus(
        &folder,
        &[
            ["AWS", AI, "Amazon Bedrock", "Usage", "Nova Pro input tokens", "USE1-NovaPro-input-tokens", "60"],
            ["azure", "Other", "o1-preview", "Usage", "o1-preview", "", "100"],
            ["Snowpack", analytics, "Cortex AI Functions", "Usage", "AI_SERVICES million tokens complete", "", "200"],
            ["Datalake", analytics, "Foundation Model APIs", "Usage", "Pay-per-token model serving", "", "300"],
            ["zai", "Other", "glm-4.6", "Usage", "glm-4.6", "", "400"],
            ["brandnew", "Other", "group-a", "Usage", "unheard-of-7b", "", "50"],
            ["AWS", AI, "Amazon SageMaker", "Usage", "JumpStart inference model package", "", "25"],
            ["GitHub", "Developer Tools", "Copilot", "Usage", "Copilot Business seats", "", "10"],
            ["AWS", "Identity", "Amazon Cognito", "Usage", "Token requests", "", "5"],
            ["Datalake", analytics, "Warehouse", "Usage", "Refresh of a data model", "", "6"],
            ["AWS", "Compute", "Amazon EC2", "Usage", "t3.medium", "", "7"],
        ],
    );
    let run = october(file);
    let report = run.json();
    assert_eq!(run.code, 3);
    assert_eq!(
        (&report["cost"]["billed"], &report["inputs"][0]["billed"]["not_usage"]),
        (&json!("1145"), &json!("18"))
    );
    assert_eq!(
        lines(&report),
        expected(&[
            ("glm-4.6", "unpriced", "400"),
            ("Foundation Model APIs · Pay-per-token model serving", "not-understood", "300"),
            ("Cortex AI Functions · AI_SERVICES million tokens complete", "not-understood", "200"),
            ("o1-preview", "batch-unknown", "100"),
            ("amazon.nova-pro-v1:0", "batch-unknown", "60"),
            ("unheard-of-7b", "unpriced", "50"),
            ("Amazon SageMaker · JumpStart inference model package", "not-understood", "25"),
            ("Copilot Business seats", "not-understood", "10"),
        ])
    );
    assert!(incomplete(&report, "not-understood").starts_with("$535 of a bill"), "300 + 200 + 25 + 10");
    let page = unwrapped(&finish(program().arg("report").arg(folder.path("focus.csv"))));
    assert!(page.contains("$18.00 in the files is billed for other things than LLM usage"), "{page}");
}

/// A model that only the user's own price table has is known on a bill too, whatever its category: 9 of 9 + 4.
#[test]
fn models_of_an_own_price_table() {
    let folder = Folder::new();
    let prices = folder.write(
        "prices.yaml",
        "schema: 1\ncurrency: USD\nproviders:\n  ourcloud:\n    models:\n      tern-9:\n        kind: chat\n        prices:\n\
         \x20         - {source: \"https://example.com\", checked: 2026-10-01, standard: {input: 1, output: 2}}\n",
    );
    let file = focus(
        &folder,
        &[
            ["Ourcloud", "Compute", "Inference", "Usage", "tern-9 hours", "", "9"],
            ["Elsewhere", "Compute", "Machines", "Usage", "gull-9 hours", "", "4"],
        ],
    );
    let run = report_json(&[file], &["--prices", &prices.display().to_string()]);
    assert_eq!(run.code, 3, "{}", run.stderr);
    let report = run.json();
    assert_eq!(lines(&report), expected(&[("Inference · tern-9 hours", "not-understood", "9")]));
    assert_eq!(report["inputs"][0]["billed"]["not_usage"], "4");
}

/// Capacity of LLMs is bought and held in lines of its own, each with its dollars and its service, and stands in no other
/// sum: 7 of the files is for other things.
#[test]
fn capacity_of_llms_is_told_line_by_line() {
    let folder = Folder::new();
    let aws = "Amazon Web Services (AWS)";
    let file = focus(
        &folder,
        &[
            [aws, AI, "Amazon Bedrock", "Usage", "Nova Pro input tokens", "USE1-NovaPro-input-tokens", "20"],
            [aws, AI, "Amazon Bedrock", "Purchase", "Claude Sonnet 4.5 tokens", "", "500"],
            [aws, AI, "Amazon Bedrock", "Usage", "", "USE1-ProvisionedThroughput-Hours", "90"],
            [aws, AI, "Amazon Bedrock", "Usage", "Provisioned throughput", "", "80"],
            ["Google Cloud", AI, "Vertex AI", "Usage", "Committed use discount", "", "70"],
            [aws, "Compute", "Amazon EC2", "Purchase", "Savings plan", "", "40"],
            [aws, "Compute", "Amazon EC2", "Usage", "Machine hours", "", "7"],
        ],
    );
    let run = october(file.clone());
    let report = run.json();
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert_eq!(lines(&report), expected(&[("amazon.nova-pro-v1:0", "batch-unknown", "20")]));
    assert_eq!(report["workloads"][0]["provider"], "bedrock");
    // 500 + 90 + 80 + 70 + 40 + 7
    assert_eq!(report["inputs"][0]["billed"]["not_usage"], "787");
    let page = unwrapped(&finish(program().arg("report").arg(file)));
    for words in [
        "$7.00 in the files is billed for other things than LLM usage",
        "$500.00 Amazon Bedrock · Claude Sonnet 4.5 tokens (purchase), \
         $90.00 Amazon Bedrock · USE1-ProvisionedThroughput-Hours (commitment), \
         $80.00 Amazon Bedrock · Provisioned throughput (commitment), \
         $70.00 Vertex AI · Committed use discount (commitment), $40.00 commitments.",
    ] {
        assert!(page.contains(words), "{words}: {page}");
    }
}

/// What is not understood is named with its service, whoever sells it.
#[test]
fn lines_are_named_with_their_service() {
    let folder = Folder::new();
    let file = focus(
        &folder,
        &[
            ["AWS", AI, "Amazon Bedrock AgentCore", "Usage", "vCPU hours", "", "4"],
            ["OpenAI LLC", AI, "ChatGPT Enterprise", "Usage", "seats", "", "3"],
        ],
    );
    let run = october(file);
    assert_eq!(run.code, 3);
    let message = incomplete(&run.json(), "not-understood");
    let named = "(bedrock: `Amazon Bedrock AgentCore · vCPU hours`, openai: `ChatGPT Enterprise · seats`)";
    assert!(message.contains(named), "{message}");
}

/// A bill with nothing of AI on it is a bill: 12.5 + 5 = 17.5.
#[test]
fn a_bill_without_llm_usage_is_a_bill() {
    let folder = Folder::new();
    let file = focus(
        &folder,
        &[
            ["AWS", "Compute", "Amazon EC2", "Usage", "Machine hours", "", "12.5"],
            ["AWS", "Storage", "Amazon S3", "Usage", "Requests", "", "5"],
        ],
    );
    for form in ["table", "markdown", "html"] {
        let run = finish(program().args(["report", "--format", form]).arg(&file));
        assert_eq!(run.code, 3, "{form}: {}", run.stderr);
        let page = unwrapped(&run);
        assert!(!page.contains("state no bill"), "{form}: {page}");
        assert!(page.contains("what these files bill is for no LLM usage"), "{form}: {page}");
        assert!(page.contains("$17.50 in the files is billed for other things"), "{form}: {page}");
    }
}

/// A model without a price makes the saving unknown in every form, and never $0.00.
#[test]
fn a_model_without_a_price_makes_the_saving_unknown() {
    let folder = Folder::new();
    let bill = |model: &str, amount: &str| {
        format!(
            "usage_date_utc,model,workspace,api_key,usage_type,context_window,token_type,cost_usd,list_price_usd,cost_type\n\
             2026-10-01,{model},Support,web-prod,message,≤ 200k,output,{amount},{amount},token\n"
        )
    };
    let unknown = folder.write("unknown.csv", bill("Claude Novel 9", "100"));
    let known = folder.write("known.csv", bill("Claude Haiku 4.5", "100"));
    let run = report_json(std::slice::from_ref(&unknown), &[]);
    let report = run.json();
    assert_eq!(run.code, 3);
    assert_eq!(lines(&report), expected(&[("claude-novel-9", "unpriced", "100")]));
    assert_eq!((&report["workloads"][0]["verdict"], &report["cost"]["computed"]), (&json!("real-time"), &json!("100")));
    assert_eq!(report["usage"]["unpriced"]["models"], json!(["claude-novel-9"]));
    for scenario in &report["scenarios"].as_array().expect("three")[1..] {
        assert_eq!((&scenario["monthly_saving"], &scenario["saving_share"]), (&Value::Null, &Value::Null));
    }
    let form = |name: &str| {
        let run = finish(program().args(["report", "--format", name]).arg(&unknown));
        assert_eq!(run.code, 3, "{name}");
        unwrapped(&run)
    };
    for name in ["table", "markdown", "html"] {
        let page = form(name);
        assert!(page.contains("What batch would save is unknown"), "{name}: {page}");
        assert!(!page.contains("saves $0.00") && !page.contains("$0.00 at 15"), "{name}: {page}");
    }
    assert!(form("csv").contains("scenarios,2,batch-only,,,,,monthly_saving,,month,USD, "));
    let plan = finish(program().args(["plan", "--format", "json"]).arg(&unknown));
    let plan: Value = serde_json::from_str(&plan.stdout).expect("a plan");
    assert_eq!((&plan["now"]["batch_only"], &plan["now"]["batch_plus_routing"]), (&Value::Null, &Value::Null));
    assert_eq!(plan["months"][0]["batch_only"]["saving"], Value::Null);
    let page = unwrapped(&finish(program().arg("plan").arg(&unknown)));
    assert!(page.contains("What batch would save is unknown") && !page.contains("with batch, "), "{page}");
    // The same line with a known model: all of it may run in batch already or not, and half of it is known to hang on that.
    let run = report_json(std::slice::from_ref(&known), &[]);
    assert_eq!((run.code, &run.json()["workloads"][0]["batch_cost"]), (0, &json!("50")));
    assert_eq!(run.json()["scenarios"][1]["monthly_saving"]["base"], "0");
    // Accepted in the policy it is still unknown, and no reason for exit 3.
    let policy = folder.write("policy.yaml", "schema: 1\naccept: {unpriced: [claude-novel-9]}\n");
    let run = report_json(&[unknown], &["--policy", &policy.display().to_string()]);
    assert_eq!((run.code, &run.json()["scenarios"][1]["monthly_saving"]), (0, &Value::Null));
}

/// However a bill spells the hour, its writes are of the one-hour class: 1M × 6 per 1M = 6, to the last digit.
#[test]
fn cache_writes_for_an_hour() {
    let folder = Folder::new();
    let usage = folder.write(
        "usage.csv",
        "timestamp,model,provider,request_id,input_tokens,cache_write_tokens,cache_write_1h_tokens,output_tokens\n\
         2026-10-05T09:00:00Z,anthropic.claude-sonnet-4-6,bedrock,r1,1000000,0,1000000,0\n",
    );
    for meter in [
        "USE1-Claude4.6Sonnet-cache-write-input-token-count-1-hour",
        "USE1-Claude4.6Sonnet-cache-write-1h-input-token-count",
        "USE1-anthropic.claude-sonnet-4-6-mantle-cache-write-tokens-1h-standard",
    ] {
        let bill = focus(&folder, &[["AWS", AI, "Amazon Bedrock Service", "Usage", "", meter, "6.00"]]);
        let run = report_json(&[usage.clone(), bill], &[]);
        let report = run.json();
        assert_eq!((run.code, &report["reconciliation"]["standing"]), (0, &json!("usable")), "{meter}");
        let line = &report["reconciliation"]["lines"][0];
        assert_eq!((&line["token_class"], &line["verdict"]), (&json!("cache_write_1h"), &json!("equal")), "{meter}");
    }
}

/// A bill that cuts amounts off behind cents lacks up to a cent a line: 1M × 3 + 100,333 × 15 = 4.504995, billed 4.50;
/// 2M × 3 + 66,600 × 15 = 6.999, billed 6.99, which no rounding makes. One that is rounded up shows that nothing is cut off.
#[test]
fn a_bill_that_cuts_off() {
    let folder = Folder::new();
    let map = folder.write(
        "map.yaml",
        "schema: 1\nname: cut\ntitle: A gateway's day\ncontainers: [csv]\ntime: Day\nspan: by-precision\ndecimal: point\n\
         fields: {model: Model, requests: Calls, input: In, output: Out, billed: Paid}\n",
    );
    let verdicts = |rows: &str| {
        let file = folder.write("days.csv", format!("Day,Model,Paid,Calls,In,Out\n{rows}"));
        let run = report_json(&[file], &["--map", &map.display().to_string(), "--provider", "anthropic"]);
        assert_eq!(run.code, 0, "{}", run.stderr);
        let lines = run.json()["reconciliation"]["lines"].as_array().expect("days").clone();
        lines.iter().map(|line| line["verdict"].as_str().unwrap_or_default().to_owned()).collect::<Vec<_>>()
    };
    let first = "2026-10-01,claude-sonnet-4-6,4.50,10,1000000,100333\n";
    let second = "2026-10-02,claude-sonnet-4-6,6.99,10,2000000,66600\n";
    assert_eq!(verdicts(&format!("{first}{second}")), ["rounding", "rounding"]);
    // 1M × 3 + 100,400 × 15 = 4.506, rounded up to 4.51: this bill rounds, so a cent too little is a difference.
    let up = "2026-10-03,claude-sonnet-4-6,4.51,10,1000000,100400\n";
    assert_eq!(verdicts(&format!("{first}{second}{up}")), ["rounding", "over", "rounding"]);
    // A whole cent is more than cutting off takes: 2M × 3 + 66,000 × 15 = 6.99, billed 6.97.
    let less = "2026-10-02,claude-sonnet-4-6,6.97,10,2000000,66000\n";
    assert_eq!(verdicts(&format!("{first}{less}")), ["rounding", "over"]);
}
