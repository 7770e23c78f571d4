//! What a file is that is certainly no export this program reads.
//!
//! Role: the first bytes, the keys or the columns of an input → a sentence that calls it what it is, with what to do. A
//! reader who took a login page for a bill should not have to find that out from "unknown columns".

use crate::diagnostic::{Diagnostic, Failure, Place};

type Object = serde_json::Map<String, serde_json::Value>;

fn refused(name: &str, code: &'static str, message: &str, hint: &str) -> Failure {
    Failure::input(Diagnostic::new(code, message).at(Place::file(name)).hint(hint))
}

/// How a kind of file begins, its code, what it is, and what to do.
const BEGINNINGS: [(&[u8], &str, &str, &str); 12] = [
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "spreadsheet", "is a spreadsheet of Excel (.xls)", SAVE_AS_CSV),
    (b"PAR1", "parquet", "is a Parquet file, which this version does not read", "export it as CSV or JSON lines"),
    (b"%PDF-", "document", "is a PDF document, such as an invoice", "export usage or costs as CSV or JSON"),
    (b"{\\rtf", "document", "is a text document (RTF)", "export usage or costs as CSV or JSON"),
    (b"BZh", "archive", "is compressed with bzip2", DECOMPRESS),
    (b"\xfd7zXZ\0", "archive", "is compressed with xz", DECOMPRESS),
    (b"7z\xbc\xaf\x27\x1c", "archive", "is a 7-Zip archive", DECOMPRESS),
    (b"Rar!", "archive", "is a RAR archive", DECOMPRESS),
    (b"SQLite format 3\0", "database", "is an SQLite database", "export the table as CSV"),
    (b"ARROW1", "binary", "is an Arrow file, which this version does not read", "export it as CSV or JSON lines"),
    (b"Obj\x01", "binary", "is an Avro file, which this version does not read", "export it as CSV or JSON lines"),
    (b"\xff\xfe\0\0", "encoding", "is UTF-32 text", "save it as UTF-8"),
];
const SAVE_AS_CSV: &str = "save the sheet as CSV";
const DECOMPRESS: &str = "decompress it; gzip and zstd are read as they are";

/// Refuses what is certainly no export, by its first bytes.
pub fn check(name: &str, head: &[u8]) -> Result<(), Failure> {
    let refuse = |code, message: &str, hint: &str| Err(refused(name, code, message, hint));
    if head.is_empty() {
        return refuse("empty", "is empty", "export it again; even a month without usage has a header");
    }
    if let Some((_, code, message, hint)) = BEGINNINGS.iter().find(|(start, ..)| head.starts_with(start)) {
        return refuse(code, message, hint);
    }
    if head.starts_with(b"PK\x03\x04") {
        return Err(packed(name, head));
    }
    let zeros = memchr::memchr_iter(0, head).count();
    if zeros * 10 >= head.len() * 4 && zeros * 10 <= head.len() * 6 && head.is_ascii() {
        return refuse(
            "encoding",
            "looks like UTF-16 text without a byte-order mark",
            "save it as UTF-8 (in a spreadsheet: CSV UTF-8), or declare --encoding utf-16",
        );
    }
    if zeros * 100 > head.len() {
        return refuse("binary", "is a binary file", "name a CSV or JSON lines export");
    }
    check_markup(name, head)
}

/// A zip archive, which spreadsheets are too.
fn packed(name: &str, head: &[u8]) -> Failure {
    let holds = |text: &[u8]| memchr::memmem::find(head, text).is_some();
    if holds(b"opendocument.spreadsheet") {
        refused(name, "spreadsheet", "is a spreadsheet of LibreOffice (.ods)", SAVE_AS_CSV)
    } else if holds(b"xl/") || holds(b"[Content_Types].xml") {
        refused(name, "spreadsheet", "is a spreadsheet of Excel (.xlsx)", SAVE_AS_CSV)
    } else if holds(b".iwa") {
        refused(name, "spreadsheet", "is a spreadsheet of Numbers", "export the sheet as CSV")
    } else {
        refused(name, "archive", "is a zip archive", DECOMPRESS)
    }
}

fn check_markup(name: &str, head: &[u8]) -> Result<(), Failure> {
    let start = String::from_utf8_lossy(&head[..head.len().min(4096)]).to_lowercase();
    let start = start.trim_start_matches('\u{feff}').trim_start();
    let refuse = |code, message: &str, hint: &str| Err(refused(name, code, message, hint));
    if !start.starts_with('<') {
        return Ok(());
    }
    if start.contains("excel.sheet") || start.contains("schemas-microsoft-com:office:spreadsheet") {
        return refuse("spreadsheet", "is a spreadsheet of Excel (XML)", SAVE_AS_CSV);
    }
    if ["<!doctype html", "<html", "<head", "<body", "<script"].iter().any(|tag| start.contains(tag)) {
        return refuse(
            "web-page",
            "is a web page, not an export",
            "the download was probably a login page; sign in and export again",
        );
    }
    if start.starts_with("<?xml") || start.starts_with("<error") {
        return refuse(
            "web-page",
            "is an XML document, not an export",
            "look inside: it may be an error message; then download again",
        );
    }
    Ok(())
}

/// What a kind of file is called.
pub struct Called {
    /// The code of the message.
    pub code: &'static str,
    /// What it is.
    pub what: &'static str,
    /// What to do.
    pub hint: &'static str,
}

/// The answer of an API that says what went wrong.
pub const API_ERROR: Called = Called {
    code: "api-error",
    what: "is an error message of an API, not an export",
    hint: "look at the message in the file, mend the request and download again",
};

/// Keys of an answer that says what went wrong, and those that may stand beside them.
const ERRORS: [&str; 4] = ["error", "errors", "__type", "error_description"];
const WITH_ERRORS: [&str; 16] = [
    "code",
    "detail",
    "details",
    "error_code",
    "message",
    "Message",
    "object",
    "path",
    "request_id",
    "requestId",
    "status",
    "statusCode",
    "success",
    "timestamp",
    "title",
    "type",
];

/// Refuses the answer of an API that says what went wrong; a log whose lines have an empty `error` is none.
pub fn check_answer(name: &str, objects: &[Object]) -> Result<(), Failure> {
    let is_one = |key: &str| ERRORS.contains(&key);
    let is_answer = |object: &Object| {
        let says = |(key, value): (&String, &serde_json::Value)| is_one(key) && !value.is_null();
        let only = |names: &[&str]| object.keys().all(|key| names.contains(&key.as_str()));
        let is_bare = !object.is_empty() && only(&["message", "Message", "detail", "status", "code", "statusCode"]);
        is_bare
            || (object.iter().any(says) && object.keys().all(|key| is_one(key) || WITH_ERRORS.contains(&key.as_str())))
    };
    if !objects.iter().all(is_answer) {
        return Ok(());
    }
    Err(refused(name, API_ERROR.code, API_ERROR.what, API_ERROR.hint))
}

/// Columns or keys in lower case, all of which prove an export that is known and not read; what it is; what to do.
const OTHERS: [(&[&str], &str, &str); 9] = [
    (
        &["unitofmeasure", "pricingblocksize"],
        "a list of Azure's pricing units, not usage",
        "name an export of usage or costs; FOCUS files of Azure are read",
    ),
    (&["metername", "unitofmeasure"], "a file of Azure's cost details", FOCUS),
    (&["lineitem/usagetype", "lineitem/unblendedcost"], "a Cost and Usage Report of AWS", FOCUS),
    (&["line_item_usage_type", "line_item_unblended_cost"], "a Cost and Usage Report of AWS", FOCUS),
    (&["service description", "sku description"], "a cost table of Google Cloud", FOCUS),
    (&["service description", "service id"], "a cost table of Google Cloud by service", FOCUS),
    (&["sku.description", "usage.amount"], "Google Cloud's billing export from BigQuery", FOCUS),
    (&["sku", "service", "usage_start_time", "credits"], "Google Cloud's billing export from BigQuery", FOCUS),
    (&["rows", "schema"], "a result of BigQuery as JSON, with rows apart from their names", "export it as CSV"),
];
const FOCUS: &str = "it is not read; export the same costs as FOCUS (CSV)";

/// An export that is known by its columns and not read.
pub fn other_export(name: &str, columns: &[String]) -> Option<Failure> {
    let has = |wanted: &&str| columns.iter().any(|column| column.eq_ignore_ascii_case(wanted));
    let (_, what, hint) = OTHERS.iter().find(|(proof, ..)| proof.iter().all(has))?;
    Some(refused(name, "other-export", &format!("is {what}"), hint))
}
