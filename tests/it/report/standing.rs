//! Every form says the same of the bill.

use std::path::{Path, PathBuf};

use serde_json::Value;

use super::forms::text;
use crate::support::{Folder, finish, fixture, program};
use crate::xlsx::book::Book;

/// The codes of a reconciliation and their words on pages, longer ones first.
const STANDINGS: [(&str, &str); 3] = [
    ("usable with residual", "reconciled with a residual"),
    ("do not present", "not ready to present"),
    ("usable", "reconciled:"),
];

/// Everything that a form says in words.
fn words_of(file: &Path) -> String {
    if file.extension().is_some_and(|ending| ending == "xlsx") {
        let book = Book::read(std::fs::read(file).expect("a file"));
        let cells: Vec<String> = book.values().map(|(_, _, value)| value.to_string().to_lowercase()).collect();
        return cells.join("\n");
    }
    text(file).to_lowercase()
}

#[test]
fn forms_say_the_same_of_the_bill() {
    let folder = Folder::new();
    let mut met = Vec::new();
    for name in ["18a-quantity-units", "20-currency-with-rate", "29a-agreed-price", "29f-no-ratio-of-rounding"] {
        let file = |file: &str| fixture("invoices").join(name).join(file);
        let made = |command: &str, endings: &[&str]| -> Vec<PathBuf> {
            let places: Vec<PathBuf> =
                endings.iter().map(|ending| folder.path(&format!("{name}-{command}.{ending}"))).collect();
            let mut typed = program();
            typed.arg(command).args([file("usage.csv"), file("cost.csv")]).arg("--quiet");
            for (option, file) in [("--prices", file("prices.yaml")), ("--policy", file("policy.yaml"))] {
                if file.exists() {
                    typed.arg(option).arg(file);
                }
            }
            for place in &places {
                typed.arg("-o").arg(place);
            }
            let run = finish(&mut typed);
            assert!([0, 3].contains(&run.code), "{}", run.transcript());
            places
        };
        let mut all = made("report", &["json", "csv", "md", "txt", "html", "xlsx"]);
        all.extend(made("plan", &["md", "txt", "html", "xlsx"]));
        let json: Value = serde_json::from_str(&text(&all[0])).expect("JSON");
        let standing = json["reconciliation"]["standing"].as_str().expect("a word");
        for place in &all {
            let words = words_of(place);
            let is_json = place.extension().is_some_and(|ending| ending == "json" || ending == "csv");
            let said = STANDINGS.iter().find(|(code, said)| words.contains(if is_json { code } else { said }));
            assert_eq!(said.map(|(code, _)| *code), Some(standing), "{}", place.display());
        }
        met.push(standing.to_owned());
    }
    assert!(["usable", "do not present"].iter().all(|word| met.iter().any(|found| found == word)), "{met:?}");
}
