//! Pages of APIs as they are saved: empty ones, and those of two exports in one file.

use std::fs;

use super::{figures, path};
use crate::support::{Folder, report_json};

fn pages(folder: &str, file: &str) -> String {
    fs::read_to_string(path(folder, file)).expect("a fixture")
}

/// A page without a day, as an API answers when there is nothing or nothing more.
const EMPTY: [(&str, &str); 2] = [
    ("openai", r#"{"object":"page","data":[],"has_more":false,"next_page":null}"#),
    ("anthropic", r#"{"data":[],"has_more":false,"next_page":null}"#),
];

#[test]
fn a_page_without_a_day_changes_nothing() {
    let folder = Folder::new();
    for (vendor, empty) in EMPTY {
        let alone = report_json(&[folder.write("empty.json", empty)], &[]);
        assert_eq!(alone.code, 3, "{vendor}: {}", alone.stderr);
        assert_eq!(alone.json()["inputs"][0]["rows"]["blank"], 1, "{vendor}");
        assert!(alone.stderr.contains("INCOMPLETE[no-usage]"), "{vendor}: {}", alone.stderr);
        let exports = ["openai-usage-api", "openai-costs-api", "anthropic-usage-api"];
        for (export, file) in
            exports.map(|export| (export, "good.json")).into_iter().chain([("anthropic-cost-api", "ungrouped.json")])
        {
            let good = pages(export, file);
            let whole = figures(&report_json(&[path(export, file)], &[]).json());
            let before = folder.write("pages.json", format!("{empty}\n{good}"));
            let behind = folder.write("more.json", format!("{good}\n{empty}"));
            let beside = [path(export, file), folder.path("empty.json")];
            for files in [vec![before], vec![behind], beside.to_vec()] {
                let run = report_json(&files, &[]);
                assert_eq!(run.code, 0, "{vendor} {export}: {}", run.stderr);
                assert_eq!(figures(&run.json()), whole, "{vendor} {export}");
            }
        }
    }
}

/// Costs among usage have no tokens, and usage among costs has no amount: neither may pass for nothing.
#[test]
fn usage_and_costs_in_one_file_are_refused() {
    let folder = Folder::new();
    for (usage, costs) in [("openai-usage-api", "openai-costs-api"), ("anthropic-usage-api", "anthropic-cost-api")] {
        for file in ["good.json", "ungrouped.json"] {
            let (usage, costs) = (pages(usage, "good.json"), pages(costs, file));
            for text in [format!("{usage}\n{costs}"), format!("{costs}\n{usage}")] {
                let run = report_json(&[folder.write("both.json", text)], &[]);
                assert_eq!(run.code, 4, "{file}: {}", run.stderr);
                assert!(run.stderr.contains("error[two-exports]: holds both"), "{}", run.stderr);
            }
            // Beyond what is looked at first, rows of the other export are rejected.
            let far = folder.write("far.json", format!("{}{usage}", costs.repeat(220)));
            let run = report_json(&[far], &[]);
            assert_eq!(run.code, 3, "{file}: {}", run.stderr);
            assert_eq!(run.json()["inputs"][0]["rows"]["rejected"], 23, "{}", run.stderr);
        }
    }
}

/// A page of Anthropic's usage: its days of October, and what its one group is called.
fn grouped(days: [u32; 2], geo: &str, speed: &str) -> String {
    let day = |day: u32| {
        let next = day + 1;
        format!(
            r#"{{"starting_at":"2026-10-{day:02}T00:00:00Z","ending_at":"2026-10-{next:02}T00:00:00Z","results":[{{"api_key_id":"k","workspace_id":"w","model":"claude-haiku-4-5","service_tier":"standard","context_window":"0-200k","inference_geo":{geo},"speed":{speed},"uncached_input_tokens":1000000,"cache_read_input_tokens":0,"cache_creation":{{"ephemeral_5m_input_tokens":0,"ephemeral_1h_input_tokens":0}},"output_tokens":0}}]}}"#
        )
    };
    format!(r#"{{"data":[{},{}],"has_more":false,"next_page":null}}"#, day(days[0]), day(days[1]))
}

/// What a group is called decides whether two exports know each other's rows, also where a name means the usual thing.
#[test]
fn the_usual_group_is_one_too() {
    let folder = Folder::new();
    let both = |one: &str, two: &str| {
        report_json(&[folder.write("one.json", one), folder.write("two.json", two)], &["--quiet"])
    };
    let plain = grouped([1, 2], "null", "null");
    for otherwise in [grouped([1, 2], r#""global""#, "null"), grouped([1, 2], "null", r#""standard""#)] {
        for run in [both(&plain, &otherwise), both(&otherwise, &plain)] {
            assert!(run.code == 4 && run.stderr.contains("error[overlap]"), "{}", run.stderr);
        }
    }
    // Months that overlap by a day, and only one of them has calls that stayed in a country.
    let (first, second) = (grouped([1, 2], r#""us""#, "null"), grouped([2, 3], r#""global""#, "null"));
    let run = both(&first, &format!("{first}\n{second}"));
    assert_eq!(run.code, 0, "{}", run.stderr);
    let report = run.json();
    // 1 a million, and a tenth more in the country: four days, each once.
    assert_eq!(report["cost"]["computed"], "4.2");
    assert_eq!(report["inputs"][1]["rows"]["duplicate"], 2);
}

/// Exports of a cloud's bill in two versions tell one charge in columns of their own.
#[test]
fn two_versions_of_a_clouds_bill_are_refused() {
    for (one, other) in [("v1-0.csv", "v1-1.csv"), ("v1-1.csv", "good.csv"), ("good.csv", "v1-0.csv")] {
        let run = report_json(&[path("focus-csv", one), path("focus-csv", other)], &[]);
        assert!(run.code == 4 && run.stderr.contains("so dollars would count twice"), "{one}: {}", run.stderr);
    }
}
