//! Whether figures can be presented: the same verdict, first in every form.

use std::fs;
use std::path::PathBuf;

use serde_json::{Value, json};

use super::support::{Folder, finish, fixture, program, workbook_cells};

/// Files, more words, and the status that they have.
fn cases(folder: &Folder) -> Vec<(Vec<PathBuf>, Vec<String>, Value, &'static str)> {
    let bill = fixture("invoices/real-bill");
    let named = |prefix: &str| {
        let files = fs::read_dir(&bill).expect("the bill").map(|entry| entry.expect("a file").path());
        let mut files: Vec<PathBuf> = files
            .filter(|path| path.file_name().is_some_and(|name| name.to_string_lossy().starts_with(prefix)))
            .collect();
        files.sort();
        files
    };
    let files = [named("completions_usage"), named("cost")].concat();
    let prices = vec!["--prices".to_owned(), bill.join("prices.yaml").display().to_string()];
    let calls = folder.write(
        "calls.csv",
        "timestamp,provider,model,input_tokens,output_tokens\n2026-10-01T10:00:00Z,openai,gpt-5.4,1000,10\n2026-10-31T10:00:00Z,openai,gpt-5.4,many,10\n",
    );
    vec![
        (vec![fixture("verdicts/october.csv")], Vec::new(), json!({"code": "ready", "reasons": []}), "Ready to present: "),
        (files, prices, json!({"code": "not-ready", "reasons": ["bill-differs"]}), "Not ready to present: "),
        (
            vec![calls],
            Vec::new(),
            json!({"code": "not-ready", "reasons": ["rejected-rows", "no-bill-beside"]}),
            "Not ready to present: the figures are incomplete; no bill",
        ),
        (
            vec![folder.write(
                "whole.csv",
                "timestamp,provider,model,input_tokens,output_tokens,workload\n2026-10-01T10:00:00Z,openai,gpt-5.4,1000,10,chat\n",
            )],
            Vec::new(),
            json!({"code": "ready-with-caveats", "reasons": ["no-bill-beside"]}),
            "Ready with caveats: no bill stands beside the usage",
        ),
    ]
}

#[test]
fn every_form_begins_with_it() {
    let folder = Folder::new();
    for (files, more, status, begins) in cases(&folder) {
        for command in ["report", "plan"] {
            let forms = ["json", "txt", "md", "html", "xlsx"].map(|form| folder.path(&format!("status.{form}")));
            let outputs = forms.iter().flat_map(|path| ["-o".to_owned(), path.display().to_string()]);
            let run = finish(program().arg(command).args(&files).args(&more).args(outputs).arg("--force"));
            assert!(matches!(run.code, 0 | 3), "{}", run.transcript());
            let [json, text, markdown, html, workbook] = &forms;
            let read = |path: &PathBuf| fs::read_to_string(path).expect("a form");
            let found: Value = serde_json::from_str(&read(json)).expect("JSON");
            assert_eq!(found["status"], status, "{command} {files:?}");

            let (text, markdown, html) = (read(text), read(markdown), read(html));
            let second =
                text.split("\n\n").nth(1).expect("a paragraph").split_whitespace().collect::<Vec<_>>().join(" ");
            assert!(second.starts_with(begins), "{command} {files:?}: {second}");
            assert!(markdown.starts_with(&format!("**{begins}")), "{command} {files:?}: {markdown}");
            let at = html.find(begins).unwrap_or_else(|| panic!("{command} {files:?}: {html}"));
            assert!(at < html.find("<h1").expect("a heading"), "{command} {files:?}");
            let cells = workbook_cells(workbook);
            let third = cells.lines().filter(|cell| !cell.is_empty()).nth(2);
            assert!(third.is_some_and(|cell| cell.starts_with(begins)), "{command} {files:?}: {third:?}");
        }
    }
}
