//! Inputs that cannot be used: named, with what they are instead and what to do. Nothing of them is counted.

use std::path::PathBuf;

use super::{Catalogue, one_call};
use crate::support::{Folder, Run, finish, fixture, gzip, program, report_json, run_with_input};

const HEADER: &str = "timestamp,model,input_tokens,output_tokens\n";
const ROW: &str = "2026-10-05T10:00:00Z,gpt-5.4,1000,100\n";

#[test]
fn paths() {
    let mut catalogue = Catalogue::new();
    catalogue.run("missing", ["report", "nowhere.csv"]);
    let folder = catalogue.folder.path("");
    catalogue.run("a folder", ["report".as_ref(), folder.as_os_str()]);
    catalogue.run("a folder without files", ["report".as_ref(), folder.as_os_str(), "--recursive".as_ref()]);
    catalogue.run("neither file nor folder", ["report", "/dev/null"]);
    let unreadable = catalogue.folder.write("secret.csv", HEADER);
    std::fs::set_permissions(&unreadable, std::os::unix::fs::PermissionsExt::from_mode(0o000)).expect("own file");
    if std::fs::File::open(&unreadable).is_err() {
        let run = catalogue.run("", ["report".as_ref(), unreadable.as_os_str()]);
        assert!(run.stderr.contains("ask for read permission"), "{}", run.transcript());
    }
    catalogue.keep("paths");
}

#[test]
fn what_is_no_export() {
    let mut catalogue = Catalogue::new();
    catalogue.refused("empty", "empty.csv", "");
    let zip = |names: &str| [b"PK\x03\x04\x14\0\x06\0\x08\0\0\0!\0".as_slice(), names.as_bytes()].concat();
    catalogue.refused("spreadsheet of Excel", "october.csv", zip("[Content_Types].xml"));
    catalogue.refused(
        "spreadsheet of LibreOffice",
        "october.csv",
        zip("mimetypeapplication/vnd.oasis.opendocument.spreadsheet"),
    );
    catalogue.refused("spreadsheet of Numbers", "october.csv", zip("Index/Document.iwa"));
    catalogue.refused("old spreadsheet", "october.csv", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1\0\0\0\0");
    catalogue.refused(
        "spreadsheet in XML",
        "october.xls",
        "<?xml version=\"1.0\"?>\n<?mso-application progid=\"Excel.Sheet\"?>\n<Workbook/>\n",
    );
    catalogue.refused("zip archive", "october.csv", zip("october/usage.csv"));
    catalogue.refused("another archive", "october.csv", b"BZh91AY&SY");
    catalogue.refused("document", "invoice.csv", b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n");
    catalogue.refused("database", "usage.csv", b"SQLite format 3\0\x10\0\x01\x01");
    catalogue.refused("parquet", "october.parquet", b"PAR1\x15\x04\x15\x10");
    catalogue.refused("UTF-16 cut off", "october.txt", b"\xff\xfet\0i\0m\0e\0,");
    catalogue.refused("UTF-16 without its mark", "october.csv", b"t\x00i\x00m\x00e\x00,\x00");
    catalogue.refused("UTF-32", "october.csv", b"\xff\xfe\0\0t\0\0\0");
    catalogue.refused("binary", "logo.png", b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR");
    catalogue.refused("web page", "export.csv", "\n<!DOCTYPE html><html><body>Sign in</body></html>\n");
    catalogue.refused(
        "web page without its first line",
        "export.csv",
        "<!-- saved from url=(0030)https://vendor.example/login -->\n<html><head><title>Log in</title></head></html>\n",
    );
    catalogue.refused(
        "answer of an API in XML",
        "export.csv",
        "<?xml version=\"1.0\"?><Error><Code>AccessDenied</Code></Error>\n",
    );
    catalogue.refused("error of an API", "export.json", "{\"error\": {\"message\": \"Incorrect API key provided\"}}\n");
    catalogue.refused(
        "error of another API",
        "export.json",
        "{\n  \"type\": \"error\",\n  \"error\": {\"type\": \"authentication_error\", \"message\": \"invalid x-api-key\"},\n  \"request_id\": \"req_1\"\n}\n",
    );
    catalogue.refused("error of a gateway", "export.json", "{\"message\": \"Forbidden\"}\n");
    catalogue.refused(
        "error of a cloud",
        "export.json",
        "{\"__type\": \"AccessDeniedException\", \"message\": \"not authorized\"}\n",
    );
    catalogue.refused(
        "pages that name no model",
        "usage.json",
        "{\"data\": [{\"start_time\": 1790812800, \"end_time\": 1790899200, \"results\": [{\"input_tokens\": 1000, \"output_tokens\": 10, \"num_model_requests\": 5, \"model\": null, \"batch\": null}]}]}\n",
    );
    catalogue.refused(
        "usage and costs in one file",
        "october.json",
        ["openai-usage-api/empty.json", "openai-usage-api/good.json", "openai-costs-api/good.json"]
            .map(|file| std::fs::read_to_string(fixture("formats").join(file)).expect("a fixture"))
            .concat(),
    );
    catalogue.refused(
        "pages of something else",
        "files.json",
        "{\"data\": [{\"id\": \"file-1\", \"bytes\": 5}], \"has_more\": false}\n",
    );
    catalogue.refused(
        "an error in place of the second page",
        "usage.json",
        format!(
            "{}{{\n  \"error\": {{\"message\": \"Rate limit reached\"}}\n}}\n",
            std::fs::read_to_string(fixture("formats/openai-usage-api/cut-off.json")).expect("a fixture")
        ),
    );
    for (title, header) in [
        ("prices of Azure's units", "UnitOfMeasure,AccountTypes,PricingBlockSize,DistinctUnits"),
        ("Azure's cost details", "date,meterName,meterCategory,quantity,unitOfMeasure,costInBillingCurrency"),
        ("AWS's cost and usage", "lineItem/UsageStartDate,lineItem/UsageType,lineItem/UnblendedCost"),
        ("Google's cost table", "Date,Service description,SKU description,Unrounded subtotal ($)"),
    ] {
        catalogue.refused(title, "costs.csv", format!("{header}\n"));
    }
    catalogue.refused("rows apart from their names", "costs.json", "{\"schema\": {\"fields\": []}, \"rows\": []}\n");
    catalogue.refused("other columns", "costs.csv", "date;cost centre;amount\n2026-10-01;4711;12.50\n");
    catalogue.refused("columns of another name", "calls.csv", "timestamp,model_name,input_token,output_tokens\n");
    catalogue.refused("other keys", "events.jsonl", "{\"event\": \"login\", \"user\": \"ada\"}\n");
    catalogue.refused(
        "keys of another name",
        "calls.jsonl",
        "{\"time_stamp\": 1, \"model\": \"gpt-5.4\", \"inputTokens\": 5}\n",
    );
    catalogue.refused("prose", "letter.txt", "Dear all,\nplease find the export attached.\n");
    let calls = one_call(&catalogue.folder);
    let run = catalogue.run(
        "another format than was typed",
        ["report".as_ref(), calls.as_os_str(), "--input-format".as_ref(), "openai-usage-csv".as_ref()],
    );
    assert_eq!(run.code, 4);
    catalogue.keep("no-export");
}

#[test]
fn headers_and_layout() {
    let mut catalogue = Catalogue::new();
    catalogue.refused("a column twice", "calls.csv", format!("model,{HEADER}gpt-5.4,{ROW}"));
    catalogue.refused(
        "a column twice in other letters",
        "calls.csv",
        "timestamp,model,input_tokens,output_tokens,Input Tokens\n",
    );
    catalogue.refused(
        "a stray quote in the header",
        "calls.csv",
        "timestamp,model,input_tokens,output_tokens,no\"te\n",
    );
    catalogue.refused(
        "a header that is not UTF-8",
        "calls.csv",
        b"timestamp,model,input_tokens,output_tokens,stra\xdfe\n",
    );
    catalogue.refused("rows before the header", "calls.csv", format!("{ROW}{HEADER}{ROW}"));
    catalogue.refused("a header too far down", "calls.csv", format!("{}{HEADER}{ROW}", "a title\n".repeat(60)));
    catalogue.refused(
        "an open quote",
        "calls.csv",
        format!("{HEADER}{ROW}2026-10-05T10:00:00Z,\"gpt-5.4,1000,100\n{ROW}"),
    );
    catalogue.refused("a record without end", "calls.csv", format!("{HEADER}{ROW}{}", "x".repeat(3 * 1024 * 1024)));
    catalogue.refused(
        "a JSON object without end",
        "calls.json",
        "{\"timestamp\": \"2026-10-05T10:00:00Z\", \"model\":",
    );
    catalogue.refused(
        "a JSON list cut off",
        "calls.json",
        "[\n{\"timestamp\": \"2026-10-05T10:00:00Z\", \"model\": \"gpt-5.4\", \"input_tokens\": 5,\n \"output_tokens\": 1},\n{\"timestamp\": \"2026-10",
    );
    catalogue.refused(
        "text between JSON objects",
        "calls.json",
        "[\n{\"timestamp\": \"2026-10-05T10:00:00Z\", \"model\": \"gpt-5.4\", \"input_tokens\": 5, \"output_tokens\": 1},\nnull]\n",
    );
    let exchanged = "timestamp,model,output_tokens,input_tokens\n2026-10-05T10:00:00Z,gpt-5.4,100,1000\n";
    catalogue.refused("a second header in another order", "calls.csv", format!("{HEADER}{ROW}{exchanged}{ROW}"));
    let reversed = "output_tokens,input_tokens,model,timestamp\n100,1000,gpt-5.4,2026-10-05T10:00:00Z\n";
    catalogue.refused("a second header that begins otherwise", "calls.csv", format!("{HEADER}{ROW}{reversed}"));
    let wider = "timestamp,provider,model,input_tokens,output_tokens\n2026-10-05T10:00:00Z,openai,gpt-5.4,1000,100\n";
    catalogue.refused("a second header with a column more", "calls.csv", format!("{HEADER}{ROW}\u{feff}{wider}"));
    catalogue.keep("layout");
}

/// Far into a file, where rows are read many at a time, a second header is seen as well, by any number of threads.
#[test]
fn a_second_header_far_down() {
    let folder = Folder::new();
    let exchanged = "timestamp,model,output_tokens,input_tokens\n2026-10-05T10:00:00Z,gpt-5.4,100,1000\n";
    let path = folder.write("calls.csv", format!("{HEADER}{}{exchanged}{}", ROW.repeat(150_000), ROW.repeat(9)));
    for threads in ["1", "3"] {
        for command in ["report", "classify"] {
            let run = finish(program().arg(command).arg(&path).args(["--no-dedupe", "--threads", threads]));
            assert_eq!((run.code, run.stdout.as_str()), (4, ""), "{command}: {}", run.stderr);
            assert!(run.stderr.contains("[two-tables]") && run.stderr.contains("calls.csv:150002"), "{}", run.stderr);
        }
    }
    // What only looks like one is a row.
    let named = folder.write(
        "named.csv",
        "timestamp,model,input_tokens,output_tokens,team,app\n2026-10-05T10:00:00Z,gpt-5.4,1000,100,team,app\n",
    );
    assert_eq!(report_json(&[named], &[]).json()["usage"]["requests"], 1);
}

/// A bucket of a vendor's API with so many rows of a thousand bytes, 10 tokens in and 5 out each.
fn bucket(rows: usize) -> String {
    let row = format!(
        r#"{{"object":"organization.usage.completions.result","input_tokens":10,"output_tokens":5,"num_model_requests":1,"model":"gpt-5.4","project_id":"{}"}}"#,
        "p".repeat(900)
    );
    let rows = vec![row; rows].join(",\n");
    format!(r#"{{"object":"bucket","start_time":1790812800,"end_time":1790899200,"results":[{rows}]}}"#)
}

/// An object may be 16 MiB long. The page of a larger one says how to split it, and split so it is read.
#[test]
fn pages_that_are_too_long() {
    let mut catalogue = Catalogue::new();
    let page = |data: &str| format!(r#"{{"object":"page","data":[{data}],"has_more":false,"next_page":null}}"#);
    let whole = bucket(18_000);
    assert!(whole.len() > 16 << 20);
    catalogue.refused("the first page", "pages.json", page(&whole));
    catalogue.refused("a later page", "pages.json", format!("{}\n{}", page(&bucket(1)), page(&whole)));
    catalogue.refused("an object of a list", "pages.json", format!("[{}]", page(&whole)));
    // `jq -c '.data[]'`
    let later = bucket(9_000).replace('\n', "").replace("1790899200", "1790985600").replace("1790812800", "1790899200");
    let split = catalogue.folder.write("split.json", format!("{}\n{later}\n", bucket(9_000).replace('\n', "")));
    let json = report_json(&[split], &["--no-dedupe"]).json();
    assert_eq!(json["usage"]["tokens"]["input"], 18_000 * 10, "every row counts");
    catalogue.keep("too-long-pages");
}

/// A page that goes on says so in more than one way.
#[test]
fn pages_that_go_on() {
    let folder = Folder::new();
    for (said, missing) in [
        (r#""has_more":"true""#, true),
        (r#""next_page":"page_2""#, true),
        (r#""has_more":true,"next_page":"page_2""#, true),
        (r#""has_more":"false","next_page":null"#, false),
        (r#""next_page":null"#, false),
    ] {
        let page = folder.write("page.json", format!(r#"{{"object":"page","data":[{}],{said}}}"#, bucket(1)));
        let run = report_json(&[page], &[]);
        assert_eq!(run.stderr.contains("[page-missing]"), missing, "{said}: {}", run.stderr);
        assert_eq!(run.code, if missing { 3 } else { 0 }, "{said}");
    }
}

/// Time grows with the number of keys and not with its square, which would take an hour.
#[test]
fn objects_with_many_keys() {
    let folder = Folder::new();
    let keys: Vec<String> = (0..200_000).map(|key| format!(r#""key{key}":{key},"#)).collect();
    let keys = keys.concat();
    let row = r#""timestamp":"2026-10-05T10:00:00Z","model":"gpt-5.4","input_tokens":1000,"output_tokens":100"#;
    let page = format!(r#"{{{keys}"object":"page","data":[{}],"has_more":false}}"#, bucket(2));
    let files = [folder.write("calls.jsonl", format!("{{{keys}{row}}}\n")), folder.write("page.json", page)];
    for file in files {
        let begun = std::time::Instant::now();
        let run = report_json(std::slice::from_ref(&file), &["--no-dedupe"]);
        assert_eq!(run.code, 0, "{}", run.stderr.get(..300).unwrap_or(&run.stderr));
        assert!(begun.elapsed() < std::time::Duration::from_secs(90), "{}: {:?}", file.display(), begun.elapsed());
    }
}

#[test]
fn archives() {
    let mut catalogue = Catalogue::new();
    let content = format!("{HEADER}{}", ROW.repeat(2000));
    let whole = gzip(content.as_bytes());
    catalogue.refused("gzip cut off", "calls.csv.gz", &whole[..whole.len() - 20]);
    let mut flipped = whole.clone();
    let checksum = flipped.len() - 6;
    flipped[checksum] ^= 0xff;
    catalogue.refused("gzip with a wrong checksum", "calls.csv.gz", &flipped);
    let mut followed = whole;
    followed.extend_from_slice(b"trailing garbage");
    catalogue.refused("gzip with something behind it", "calls.csv.gz", &followed);
    let zstd = zstd::encode_all(content.as_bytes(), 1).expect("memory");
    catalogue.refused("zstd cut off", "calls.csv.zst", &zstd[..zstd.len() - 10]);
    let mut flipped = zstd;
    flipped[9] ^= 0xff;
    catalogue.refused("zstd damaged", "calls.csv.zst", &flipped);
    // 30 MB of one long row pack into a few KB, which no log of real calls would.
    let row = format!("{},{}\n", ROW.trim_end(), "x".repeat(10_000));
    let mut bomb = gzip(format!("{},note\n", HEADER.trim_end()).as_bytes());
    let member = gzip(row.repeat(100).as_bytes());
    bomb.extend(member.repeat(30));
    assert!(bomb.len() < 150_000, "{} bytes", bomb.len());
    catalogue.refused("a bomb", "calls.csv.gz", &bomb);
    catalogue.keep("archives");
}

/// The report of a file with this content.
fn cost_of(folder: &Folder, name: &str, content: impl AsRef<[u8]>) -> (serde_json::Value, serde_json::Value) {
    let json = report_json(&[folder.write(name, content)], &[]).json();
    (json["inputs"][0]["rows"].clone(), json["cost"].clone())
}

#[test]
fn packed_files_are_read_whole() {
    let folder = Folder::new();
    let rows = ROW.repeat(500);
    let plain = cost_of(&folder, "calls.csv", format!("{HEADER}{rows}{rows}"));
    assert_eq!(plain.0["accepted"], 1000);
    let two_members = [gzip(format!("{HEADER}{rows}").as_bytes()), gzip(rows.as_bytes())].concat();
    assert_eq!(cost_of(&folder, "members.csv.gz", two_members), plain, "all members of a gzip file count");
    let torn = [gzip(format!("{HEADER}{rows}{}", &rows[..30]).as_bytes()), gzip(&rows.as_bytes()[30..])].concat();
    assert_eq!(cost_of(&folder, "torn.csv.gz", torn), plain, "a row may lie across two members");
    let zstd = zstd::encode_all(format!("{HEADER}{rows}{rows}").as_bytes(), 3).expect("memory");
    assert_eq!(cost_of(&folder, "calls.csv.zst", zstd), plain);
    assert_eq!(
        cost_of(&folder, "named-wrongly.csv", gzip(format!("{HEADER}{rows}{rows}").as_bytes())),
        plain,
        "names mean nothing"
    );
}

#[test]
fn standard_input_is_checked_like_a_file() {
    let mut catalogue = Catalogue::new();
    for (title, content) in
        [("nothing on standard input", ""), ("an open quote on standard input", "timestamp,model,input_tokens\n\"x")]
    {
        let run = run_with_input(&["report", "-"], content.as_bytes());
        assert_eq!(run.code, 4);
        catalogue.enter(title, &run);
    }
    catalogue.keep("standard-input");
}

const USAGE_HEADER: &str = "start_time,end_time,start_time_iso,end_time_iso,project_id,model,input_tokens,num_model_requests,batch,output_tokens\n";

fn usage(project: &str) -> String {
    format!(
        "{USAGE_HEADER}1790812800,1790899200,2026-10-01T00:00:00Z,2026-10-02T00:00:00Z,{project},gpt-5.4,1000,5,False,100\n"
    )
}

#[test]
fn exports_that_overlap() {
    let mut catalogue = Catalogue::new();
    let files =
        [catalogue.folder.write("by-project.csv", usage("proj_a")), catalogue.folder.write("in-one.csv", usage(""))];
    let run = catalogue.run("grouped differently", ["report".as_ref(), files[0].as_os_str(), files[1].as_os_str()]);
    assert_eq!((run.code, run.stdout.as_str()), (4, ""));
    let cloud = "ProviderName,ServiceName,SkuId,BilledCost,EffectiveCost,BillingCurrency,ChargeCategory,ChargePeriodStart,ChargePeriodEnd\n\
        OpenAI,OpenAI API,\"openai/gpt-5.4, input\",1.5,1.5,USD,Usage,2026-10-01T00:00:00Z,2026-10-02T00:00:00Z\n";
    let vendor = "start_time,end_time,start_time_iso,end_time_iso,amount_value,amount_currency,line_item\n\
        1790812800,1790899200,2026-10-01T00:00:00,2026-10-02T00:00:00,1.5,usd,\"gpt-5.4, input\"\n";
    let files = [catalogue.folder.write("cloud.csv", cloud), catalogue.folder.write("vendor.csv", vendor)];
    let run = catalogue.run("billed in two places", ["report".as_ref(), files[0].as_os_str(), files[1].as_os_str()]);
    assert_eq!((run.code, run.stdout.as_str()), (4, ""));
    catalogue.keep("overlap");
}

#[test]
fn a_broken_file_beside_a_good_one() {
    let mut catalogue = Catalogue::new();
    let good = one_call(&catalogue.folder);
    let broken = catalogue.folder.write("broken.csv", format!("{HEADER}{ROW}2026-10-05T10:00:00Z,\"gpt-5.4,1,1\n"));
    let files: [PathBuf; 2] = [good, broken];
    let run = catalogue.run("nothing is reported", ["report".as_ref(), files[0].as_os_str(), files[1].as_os_str()]);
    assert_eq!((run.code, run.stdout.as_str()), (4, ""));
    let kept = catalogue.reported("--keep-partial", &files, &["--keep-partial"], |_| true);
    assert_eq!(kept.code, 3);
    let json = finish(program().arg("report").args(&files).args(["--keep-partial", "--format", "json"])).json();
    assert_eq!(json["inputs"][1]["rows"]["accepted"], 0, "nothing of the broken file counts");
    assert_eq!(json["usage"]["requests"], 1);
    // What is not there cannot be read to its end either.
    let good = files[0].clone();
    let missing = catalogue.folder.path("nowhere.csv");
    let kept = catalogue
        .reported("a missing file", &[missing.clone(), good], &["--keep-partial"], |line| line.contains("nowhere"));
    assert_eq!(kept.code, 3);
    let none = catalogue.run("nothing else", ["report".as_ref(), missing.as_os_str(), "--keep-partial".as_ref()]);
    assert_eq!((none.code, none.stdout.as_str()), (4, ""));
    catalogue.keep("keep-partial");
}

/// What systems put into folders is left out and said; the same file by its own name is an input like any other.
#[test]
fn files_of_systems_in_folders() {
    let mut catalogue = Catalogue::new();
    one_call(&catalogue.folder);
    let litter = catalogue.folder.write(".DS_Store", b"\0\0\0\x01Bud1\0");
    for name in ["._calls.csv", "Thumbs.db", "desktop.ini"] {
        catalogue.folder.write(name, b"\0\x05\x16\x07");
    }
    let folder = catalogue.folder.path("");
    let shown = |line: &str| line.contains("system-files");
    let run = catalogue.reported("a folder", std::slice::from_ref(&folder), &["--recursive"], shown);
    assert_eq!(run.code, 0);
    let json = report_json(&[folder], &["--recursive"]).json();
    assert_eq!((json["inputs"].as_array().map(Vec::len), &json["usage"]["requests"]), (Some(1), &1.into()));
    let run = catalogue.run("by its name", ["report".as_ref(), litter.as_os_str()]);
    assert_eq!(run.code, 4);
    catalogue.keep("system-files");
}

/// An idle month is news, and so is an export that went wrong.
#[test]
fn an_input_without_rows_beside_others() {
    let mut catalogue = Catalogue::new();
    let good = one_call(&catalogue.folder);
    let idle = catalogue.folder.write("november.csv", HEADER);
    let shown = |line: &str| line.contains("empty-input");
    let run = catalogue.reported("one of two", &[good, idle.clone()], &[], shown);
    assert_eq!(run.code, 0);
    assert!(run.stdout.contains("november.csv"), "{}", run.stdout);
    let alone = finish(program().arg("report").arg(idle));
    assert_eq!(alone.code, 3);
    assert!(!alone.stdout.contains("empty-input"), "{}", alone.stdout);
    catalogue.keep("empty-input");
}

/// Commands that show something else than a report are as complete as a report of the same files, and say why not.
#[test]
fn every_command_says_what_is_missing() {
    let mut catalogue = Catalogue::new();
    let calls = catalogue.folder.write("calls.csv", format!("{HEADER}{ROW}2026-10-05T10:00:00Z,gpt-5.4,many,100\n"));
    for words in [&["init"][..], &["explain", "--workload", "gpt-5.4"]] {
        let run = finish(program().args(words).arg(&calls));
        assert_eq!(run.code, 3, "{words:?}");
        catalogue.enter(&words.join(" "), &Run { stdout: String::new(), ..run });
        let quiet = finish(program().args(words).arg(&calls).arg("--quiet"));
        assert_eq!((quiet.code, quiet.stderr.as_str()), (3, ""), "{words:?}");
    }
    catalogue.keep("incomplete-commands");
}
