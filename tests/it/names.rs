//! Ids and names: what one export calls by its id and another by its name is one thing, whatever the order of files; and
//! rows of one workload are told apart by what their calls share.

use std::fmt::Write as _;
use std::path::PathBuf;

use serde_json::{Value, json};

use crate::support::{Folder, finish, fixture, program, report_json};

const OPENAI: &str = "start_time,end_time,start_time_iso,end_time_iso,project_id,project_name,num_model_requests,user_id,api_key_id,api_key_name,model,batch,service_tier,input_tokens,output_tokens,input_cached_tokens,input_uncached_tokens";

/// Who made the calls of a bucket: ids and names of a project and a key.
struct Who {
    project: (&'static str, &'static str),
    key: (&'static str, &'static str),
}

/// A day of gpt-5-mini on the day of October: 1,000,000 × 0.25 + 100,000 × 2 a million = 0.45 dollars.
fn bucket(day: i64, who: &Who) -> String {
    let start = 1_790_812_800 + 86_400 * (day - 1);
    let Who { project: (project, project_name), key: (key, key_name) } = who;
    format!(
        "{start},{},2026-10-{day:02}T00:00:00Z,,{project},{project_name},1000,,{key},{key_name},gpt-5-mini,False,default,1000000,100000,0,1000000\n",
        start + 86_400
    )
}

fn export(folder: &Folder, name: &str, buckets: &[String]) -> PathBuf {
    folder.write(name, format!("{OPENAI}\n{}", buckets.concat()))
}

fn rows(report: &Value) -> Vec<Value> {
    let keys = ["workload", "workload_id", "detail", "verdict", "band", "reasons", "cost"];
    let row = |row: &Value| keys.iter().map(|key| row.get(*key).cloned().unwrap_or(json!("-"))).collect();
    report["workloads"].as_array().expect("rows").iter().map(row).collect()
}

/// All orders of some files.
fn orders(files: &[PathBuf]) -> Vec<Vec<PathBuf>> {
    if files.len() < 2 {
        return vec![files.to_vec()];
    }
    let mut all = Vec::new();
    for first in 0..files.len() {
        let mut others = files.to_vec();
        let file = others.remove(first);
        all.extend(orders(&others).into_iter().map(|rest| [vec![file.clone()], rest].concat()));
    }
    all
}

#[test]
fn an_id_and_its_name_are_one_thing_in_any_order() {
    let folder = Folder::new();
    let named = Who { project: ("proj_a1", "nightly-crm"), key: ("key_b2", "site-chat-key") };
    let nameless = Who { project: ("proj_a1", ""), key: ("key_b2", "") };
    let log = "timestamp,provider,model,input_tokens,output_tokens,project,api_key_name\n\
               2026-10-05T10:00:00Z,openai,gpt-5-mini,1000000,100000,proj_a1,\n\
               2026-10-05T11:00:00Z,openai,gpt-5-mini,1000000,100000,nightly-crm,\n\
               2026-10-05T12:00:00Z,anthropic,claude-haiku-4-5,1000000,0,nightly-crm,\n";
    let files = [
        export(&folder, "named.csv", &[bucket(1, &named)]),
        export(&folder, "nameless.csv", &[bucket(2, &nameless)]),
        folder.write("calls.csv", log),
    ];
    let policy = folder.write("policy.yaml", "schema: 1\nlimits: {min_requests: 0}\n").display().to_string();
    // Two buckets and two calls of 0.45; the other vendor's project of that name is another one, 1,000,000 × 1.
    let expected = vec![
        json!(["nightly-crm", "proj_a1", "-", "batch", "likely", ["word:nightly"], "1.8"]),
        json!(["nightly-crm", "-", "-", "batch", "likely", ["word:nightly"], "1"]),
    ];
    for files in orders(&files) {
        let run = report_json(&files, &["--policy", &policy, "--by", "project"]);
        let report = run.json();
        assert_eq!(rows(&report), expected, "{files:?}");
        let by: Vec<_> = report["by"]["rows"].as_array().expect("rows").iter().collect();
        let by: Vec<_> =
            by.iter().map(|row| (row["value"].as_str(), row["id"].as_str(), row["cost"].as_str())).collect();
        let name = Some("nightly-crm");
        assert_eq!(by, [(name, Some("proj_a1"), Some("1.8")), (name, None, Some("1"))], "{files:?}");
    }
}

#[test]
fn threads_change_nothing() {
    let folder = Folder::new();
    let project = |number: usize| -> (&'static str, &'static str) {
        [("proj_0", "nightly-a"), ("proj_1", "b"), ("proj_2", "evals-c")][number % 3]
    };
    let key = ("key_x", "x");
    // The names stand at the end of more than 4 MB, from where on several threads read.
    let mut buckets: Vec<String> = Vec::new();
    for number in 0..36_000 {
        let name = if number < 35_990 { "" } else { project(number).1 };
        let line =
            bucket(1 + i64::try_from(number % 28).expect("small"), &Who { project: (project(number).0, name), key });
        // Buckets are told apart by their user.
        buckets.push(line.replacen(",1000,,", &format!(",1000,user-{number},"), 1));
    }
    let file = export(&folder, "usage.csv", &buckets);
    assert!(file.metadata().expect("a file").len() > 4 << 20);
    let one = report_json(std::slice::from_ref(&file), &["--threads", "1"]);
    let two = report_json(std::slice::from_ref(&file), &["--threads", "4"]);
    assert_eq!(one, two);
    // 12,000 buckets of 0.45 each.
    let expected = [
        json!(["evals-c", "proj_2", {"api_key": "x"}, "batch", "likely", ["word:evals"], "5400"]),
        json!(["nightly-a", "proj_0", {"api_key": "x"}, "batch", "likely", ["word:nightly"], "5400"]),
        json!(["b", "proj_1", {"api_key": "x"}, "real-time", "undecided", ["undecided"], "5400"]),
    ];
    let found = rows(&one.json());
    assert!(expected.iter().all(|row| found.contains(row)) && found.len() == 3, "{found:#?}");
}

#[test]
fn the_latest_of_several_names_counts_and_one_name_of_two_ids_is_two_rows() {
    let folder = Folder::new();
    let who = |project, key| Who { project, key };
    let buckets = [
        bucket(1, &who(("proj_1", "growth-old"), ("key_1", "k"))),
        bucket(9, &who(("proj_1", "growth"), ("key_1", "k"))),
        bucket(5, &who(("proj_1", "growth-mid"), ("key_1", "k"))),
        bucket(3, &who(("proj_2", "growth"), ("key_2", "k"))),
    ];
    for order in [[0, 1, 2, 3], [1, 3, 2, 0], [2, 0, 3, 1]] {
        let file = export(&folder, "usage.csv", &order.map(|at| buckets[at].clone()));
        let report = report_json(std::slice::from_ref(&file), &[]).json();
        let expected = [
            json!(["growth", "proj_1", {"api_key": "k"}, "real-time", "undecided", ["undecided"], "1.35"]),
            json!(["growth", "proj_2", {"api_key": "k"}, "real-time", "undecided", ["undecided"], "0.45"]),
        ];
        assert_eq!(rows(&report), expected);
    }
    // A page tells them apart by their ids, and so does a rule.
    let file = export(&folder, "usage.csv", &buckets);
    let page = finish(program().arg("report").arg(&file).args(["--by", "project"])).stdout;
    assert!(page.contains("growth › proj_1 ") && page.contains("growth › proj_2 "), "{page}");
    let policy = "schema: 1\nrules:\n  - {id: second, when: {workload: proj_2}, then: batch, because: it may}\n";
    let policy = folder.write("policy.yaml", policy).display().to_string();
    let report = report_json(std::slice::from_ref(&file), &["--policy", &policy]).json();
    let second = rows(&report)[1].clone();
    assert_eq!([&second[3], &second[4], &second[5]], [&json!("batch"), &json!("confirmed"), &json!(["rule:second"])]);
    let explained = finish(program().arg("explain").arg(&file).args(["--workload", "proj_2"]));
    assert_eq!((explained.code, explained.stdout.starts_with("Workload growth\n")), (0, true), "{explained:?}");
}

#[test]
fn a_bill_names_the_keys_of_a_vendors_api() {
    let folder = Folder::new();
    let page = json!({"has_more": false, "next_page": null, "data": [{
        "starting_at": "2026-10-01T00:00:00Z", "ending_at": "2026-10-02T00:00:00Z", "results": [{
            "api_key_id": "apikey_k1", "workspace_id": null, "model": "claude-haiku-4-5", "service_tier": "standard",
            "context_window": "0-200k", "inference_geo": "global", "uncached_input_tokens": 2_000_000,
            "cache_read_input_tokens": 0, "output_tokens": 100_000,
            "cache_creation": {"ephemeral_1h_input_tokens": 0, "ephemeral_5m_input_tokens": 0}}]}]});
    let bill = "usage_date_utc,model,workspace,api_key,usage_type,context_window,token_type,cost_usd,list_price_usd,cost_type,inference_geo,speed,api_key_id,api_key_status\n\
                2026-10-01,Claude Haiku 4.5,Default,overnight-digest,message,≤ 200k,input_no_cache,2.00,2.00,token,global,,apikey_k1,active\n\
                2026-10-01,Claude Haiku 4.5,Default,overnight-digest,message,≤ 200k,output,0.50,0.50,token,global,,apikey_k1,active\n";
    let files = [folder.write("usage.json", page.to_string()), folder.write("cost.csv", bill)];
    // 2,000,000 × 1 + 100,000 × 5 a million; no other export names the key.
    for files in orders(&files) {
        let found = rows(&report_json(&files, &[]).json());
        let expected = json!(["overnight-digest", "apikey_k1", "-", "batch", "likely", ["word:overnight"], "2.5"]);
        assert_eq!(found, [expected], "{files:?}");
    }
    let alone = rows(&report_json(&files[..1], &[]).json());
    assert_eq!(alone, [json!(["apikey_k1", "apikey_k1", "-", "real-time", "undecided", ["undecided"], "2.5"])]);
}

const CONSOLE: &str = "usage_date_utc,model_version,api_key,workspace,usage_type,context_window,usage_input_tokens_no_cache,usage_input_tokens_cache_write_5m,usage_input_tokens_cache_write_1h,usage_input_tokens_cache_read,usage_output_tokens,web_search_count,inference_geo,speed";

/// October of one workspace: on each day a key reads 10,000,000 tokens, 10 dollars, and another one 2,000,000.
fn console(folder: &Folder, keys: [&str; 2]) -> PathBuf {
    let mut text = format!("{CONSOLE}\n");
    for day in 1..=31 {
        for (key, tokens) in keys.iter().zip([10_000_000, 2_000_000]) {
            let line = format!(
                "2026-10-{day:02},claude-haiku-4-5,{key},dossiers,standard,≤ 200k,{tokens},0,0,0,0,0,global,\n"
            );
            text.push_str(&line);
        }
    }
    folder.write("console.csv", text)
}

#[test]
fn rows_of_a_workload_are_told_apart_by_their_keys() {
    let folder = Folder::new();
    let file = console(&folder, ["overnight-dossier-key", "desk-search-key"]);
    let report = report_json(std::slice::from_ref(&file), &[]).json();
    // 31 × 10 and 31 × 2.
    let expected = [
        json!(["dossiers", "-", {"api_key": "overnight-dossier-key"}, "batch", "likely", ["word:overnight"], "310"]),
        json!(["dossiers", "-", {"api_key": "desk-search-key"}, "real-time", "undecided", ["undecided"], "62"]),
    ];
    assert_eq!(rows(&report), expected);
    for form in ["table", "markdown", "html"] {
        let page = finish(program().env("COLUMNS", "200").arg("report").arg(&file).args(["--format", form])).stdout;
        let page = page.replace('\\', "").replace(['“', '”'], "`");
        let page = page.replace("`dossiers` › `overnight-dossier-key`", "dossiers › overnight-dossier-key");
        let page = page.replace("`dossiers` › `desk-search-key`", "dossiers › desk-search-key");
        for text in [
            "dossiers › overnight-dossier-key",
            "dossiers › desk-search-key",
            "key `overnight-dossier-key` says `overnight`",
        ] {
            assert!(page.contains(text), "{form} lacks {text}: {page}");
        }
    }
    // The question is about the calls that are open, and its answer is a rule for them alone.
    let asked = &report["questions"][0];
    let answer = r#"{id: desk-search-key, when: {workload: "dossiers", api_key: "desk-search-key"}, then: batch} # or real-time"#;
    assert_eq!((asked["kind"].as_str(), asked["answer"].as_str()), (Some("undecided"), Some(answer)));
    let policy = folder.write("answered.yaml", format!("schema: 1\nrules:\n  - {answer}\n")).display().to_string();
    let answered = report_json(std::slice::from_ref(&file), &["--policy", &policy]).json();
    let bands: Vec<_> = rows(&answered).iter().map(|row| row[4].clone()).collect();
    assert_eq!(bands, [json!("likely"), json!("confirmed")]);
}

#[test]
fn rules_to_begin_with_tell_keys_apart() {
    let folder = Folder::new();
    let file = console(&folder, ["overnight-dossier-key", "desk-search-key"]);
    let run = finish(program().arg("init").arg(&file));
    insta::assert_snapshot!("keys", folder.anonymous(&run.transcript()));
    let policy = folder.write("policy.yaml", &run.stdout).display().to_string();
    let report = report_json(std::slice::from_ref(&file), &["--policy", &policy]).json();
    let expected = [
        json!(["dossiers", "-", {"api_key": "overnight-dossier-key"}, "batch", "confirmed", ["rule:overnight-dossier-key"], "310"]),
        json!(["dossiers", "-", {"api_key": "desk-search-key"}, "real-time", "undecided", ["rule:desk-search-key"], "62"]),
    ];
    assert_eq!(rows(&report), expected);
}

#[test]
fn keys_that_nobody_may_see_are_in_no_rule_and_safe_on_pages() {
    let folder = Folder::new();
    let secret = "sk-ant-api03-nightly-0123456789abcdef";
    let file = console(&folder, [secret, "desk\u{202e}<b>`*|-key"]);
    let run = finish(program().arg("init").arg(&file));
    assert!(run.stdout.contains("rules: []") && run.stdout.contains("# No rule for `dossiers`, $372.00"), "{run:?}");
    for form in ["table", "markdown", "html", "json", "csv"] {
        let page = finish(program().arg("report").arg(&file).args(["--format", form])).stdout;
        assert!(!page.contains("nightly-0123456789") && !page.contains('\u{202e}'), "{form}: {page}");
        assert!(form == "json" || form == "csv" || form == "table" || !page.contains("<b>`"), "{form}: {page}");
    }
}

#[test]
fn what_failed_is_a_figure_of_its_own() {
    let folder = Folder::new();
    let mut text = "timestamp,provider,model,input_tokens,output_tokens,project,status,stream\n".to_owned();
    // Of 40 streamed calls of 1,000,000 × 0.25 each, 8 failed.
    for number in 0..40 {
        let status = if number % 5 == 0 { 500 } else { 200 };
        let _ = writeln!(text, "2026-10-05T10:00:{number:02}Z,openai,gpt-5-mini,1000000,0,desk,{status},true");
    }
    let file = folder.write("calls.csv", text);
    let report = report_json(std::slice::from_ref(&file), &[]).json();
    assert_eq!(report["failed"], json!({"requests": 8, "cost": "2"}));
    let expected = json!(["desk", "-", "-", "real-time", null, ["failed-call", "streaming"], "10"]);
    assert_eq!(rows(&report), [expected]);
    for form in ["table", "markdown", "html"] {
        let page = finish(program().env("COLUMNS", "200").arg("report").arg(&file).args(["--format", form])).stdout;
        assert!(page.contains("8 calls failed (20.0 % of all)"), "{form}: {page}");
        assert!(page.contains("$2.00 in the period") || page.contains("\\$2.00 in the period"), "{form}: {page}");
        assert!(!page.contains("failed calls"), "{form}: {page}");
    }
}

#[test]
fn mappings_say_what_is_an_id_and_what_its_name() {
    let folder = Folder::new();
    let map = |fields: &str| {
        let text = format!(
            "schema: 1\nname: own\ntitle: own log\ncontainers: [csv]\nprovider: openai\ntime: when\nfields: {{model: model, input: in, output: out, {fields}}}\n"
        );
        folder.write("map.yaml", text).display().to_string()
    };
    let log = "when,model,in,out,team,team_label\n\
               2026-10-05T10:00:00Z,gpt-5-mini,1000000,0,7,Nightly\n\
               2026-10-05T11:00:00Z,gpt-5-mini,1000000,0,7,\n";
    let file = folder.write("log.csv", log);
    let policy = "schema: 1\nworkload: [team]\nlimits: {min_requests: 0}\n";
    let policy = folder.write("policy.yaml", policy).display().to_string();
    let read = |fields: &str| report_json(std::slice::from_ref(&file), &["--map", &map(fields), "--policy", &policy]);
    let found = rows(&read("team: {name: team_label, id: team}").json());
    assert_eq!(found, [json!(["Nightly", "7", "-", "real-time", "undecided", ["undecided"], "0.5"])]);
    for (fields, message) in [
        ("team: {name: team_label}", "`name` stands beside the `id` that it is the name of"),
        ("team: {id: team, from: team}", "beside `id` only `name` may stand"),
        ("app: {id: team, name: team_label}", "`app` has no `id`; api_key, project, user, team may have one"),
    ] {
        let run = read(fields);
        assert!(run.code == 2 && run.stderr.contains(message), "{}", run.transcript());
    }
}

/// A word for no name is none, so that it takes no name away and names nothing itself.
#[test]
fn a_word_for_no_name_is_none() {
    let folder = Folder::new();
    let of = |project| Who { project, key: ("", "") };
    let buckets = [
        bucket(1, &of(("proj_a1", "nightly-digest"))),
        bucket(2, &of(("proj_a1", "None"))),
        bucket(3, &of(("proj_b2", "null"))),
    ];
    let report = report_json(&[export(&folder, "usage.csv", &buckets)], &[]).json();
    let names: Vec<_> = rows(&report).iter().map(|row| (row[0].clone(), row[6].clone())).collect();
    assert_eq!(names, [(json!("nightly-digest"), json!("0.9")), (json!("proj_b2"), json!("0.45"))]);
}

/// A word for none instead of every id takes all names away, which is told as if the key were not there.
#[test]
fn a_word_for_no_id_is_told() {
    let folder = Folder::new();
    let page = std::fs::read_to_string(fixture("formats/anthropic-cost-api/good.json")).expect("a fixture");
    let notes = |page: String| {
        let report = report_json(&[folder.write("cost.json", page)], &[]).json();
        let notes = report["warnings"].as_array().expect("notes").clone();
        let named = notes.into_iter().filter(|note| note["code"] == "missing-column");
        named.map(|note| note["message"].as_str().expect("words").to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(notes(page.clone()), Vec::<String>::new());
    for word in ["undefined", "null", "-", "n/a", "[]"] {
        let notes = notes(page.replace("\"wrkspc_invented01\"", &format!("\"{word}\"")));
        assert!(matches!(&notes[..], [note] if note.contains("`workspace_id` in")), "{word}: {notes:?}");
    }
}
