//! The page for a browser: that it is whole, loads and runs nothing, and says what the JSON says.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::PathBuf;

use serde_json::Value;

use crate::support::{Folder, finish, fixture, program};

mod agreement;

/// A tag of a page, with the text behind it up to the next one.
#[derive(Clone, Debug)]
pub struct Tag {
    pub name: String,
    attributes: Vec<(String, String)>,
    pub text: String,
    closes_itself: bool,
}

impl Tag {
    pub fn get(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}

/// All tags of a page. A page that has a `<` which begins no tag, or a value without quotes, is refused.
pub fn tags(page: &str) -> Vec<Tag> {
    let page = page.strip_prefix("<!doctype html>").expect("a page");
    let mut tags = Vec::new();
    for piece in page.split('<').skip(1) {
        let (inside, text) = piece.split_once('>').unwrap_or_else(|| panic!("a tag without an end: {piece}"));
        let closes_itself = inside.ends_with('/');
        let inside = inside.trim_end_matches('/');
        let (name, mut rest) = inside.split_once(' ').unwrap_or((inside, ""));
        assert!(name.trim_start_matches('/').chars().all(|c| c.is_ascii_alphanumeric()), "no name: {name}");
        let mut attributes = Vec::new();
        while let Some((name, behind)) = rest.split_once("=\"") {
            let (value, behind) = behind.split_once('"').expect("a quoted value");
            attributes.push((name.trim().to_owned(), value.to_owned()));
            rest = behind;
        }
        assert_eq!(rest.trim(), "", "{inside}");
        tags.push(Tag { name: name.to_owned(), attributes, text: text.to_owned(), closes_itself });
    }
    tags
}

/// How often each element is on the page.
fn counts(page: &str) -> BTreeMap<String, usize> {
    let mut counts = BTreeMap::new();
    for tag in tags(page) {
        *counts.entry(tag.name).or_insert(0) += 1;
    }
    counts
}

fn page_of(command: &str, files: &[PathBuf], words: &[&str]) -> String {
    let run = finish(program().arg(command).args(files).args(["--format", "html"]).args(words));
    assert!(matches!(run.code, 0 | 3), "{}", run.transcript());
    run.stdout
}

fn json_of(command: &str, files: &[PathBuf], words: &[&str]) -> Value {
    finish(program().arg(command).args(files).args(["--format", "json"]).args(words)).json()
}

fn sample() -> Vec<PathBuf> {
    vec![fixture("verdicts/october.csv")]
}

/// Calls in six months of as many workloads, under names as given, at costs of their own.
fn calls(folder: &Folder, file: &str, workloads: usize, name: impl Fn(usize) -> String) -> Vec<PathBuf> {
    let mut text = "timestamp,request_id,provider,model,input_tokens,output_tokens,workload_tag,team\n".to_owned();
    for index in 0..workloads {
        let (provider, model) =
            [("openai", "gpt-5.4"), ("anthropic", "claude-sonnet-4-6"), ("gemini", "gemini-2.5-flash")][index % 3];
        let (name, tokens) = (name(index).replace('"', "\"\""), 90_000_000 - index * 31);
        let _ = writeln!(
            text,
            "2026-{:02}-{:02}T{:02}:00:00Z,id-{index},{provider},{model},{tokens},{},\"{name}\",\"{name}\"",
            6 + index % 6,
            1 + index % 28,
            index % 24,
            tokens / 10,
        );
    }
    vec![folder.write(file, text)]
}

/// Files of every kind that a page looks different for.
fn cases(folder: &Folder) -> Vec<(&'static str, Vec<PathBuf>)> {
    let header = "timestamp,request_id,provider,model,input_tokens,output_tokens\n";
    let call = "2026-10-05T10:00:00Z,a,openai,gpt-5.4,1000,100\n";
    let broken =
        "2026-10-05T10:00:00Z,b,openai,gpt-5.4,many,100\n2026-10-05T10:00:00Z,c,openai,gpt-nobody-knows,1000,10\n";
    let free = "2026-10-05T10:00:00Z,a,openai,gpt-5.4,0,0\n";
    let bill = ["completions_usage", "cost"]
        .map(|name| fixture(&format!("invoices/real-bill/{name}_2025-10-05_2025-10-11.csv")));
    vec![
        ("the sample", sample()),
        ("a bill beside usage", bill.to_vec()),
        (
            "rows without a price, and rejected ones",
            vec![folder.write("broken.csv", format!("{header}{call}{broken}"))],
        ),
        ("nothing spent", vec![folder.write("free.csv", format!("{header}{free}"))]),
        ("many months", calls(folder, "months.csv", 90, |index| format!("nightly-{index}"))),
    ]
}

/// Loaded, run, or gone to: nothing of this is on the page.
const FORBIDDEN: [&str; 14] = [
    "script",
    "link",
    "img",
    "image",
    "iframe",
    "object",
    "embed",
    "form",
    "input",
    "base",
    "audio",
    "video",
    "use",
    "foreignObject",
];

/// What a page must be, whatever is on it.
fn check(page: &str) {
    let all = tags(page);
    let some = |name: &'static str| all.iter().filter(move |tag| tag.name == name);
    assert!(page.starts_with("<!doctype html>\n<html lang=\"en\">"));
    for name in ["title", "style", "main", "header", "nav", "footer", "h1"] {
        // Pictures and their bars have titles of their own.
        assert!(name == "title" || some(name).count() == 1, "<{name}>");
    }
    let meta = |key: &str, value: &str| {
        some("meta").find(|tag| tag.get(key) == Some(value)).and_then(|tag| tag.get("content")).map(str::to_owned)
    };
    let policy = meta("http-equiv", "Content-Security-Policy").expect("a policy");
    assert_eq!(policy, "default-src 'none'; style-src 'unsafe-inline'");
    assert_eq!(meta("name", "viewport").as_deref(), Some("width=device-width, initial-scale=1"));

    for tag in &all {
        assert!(!FORBIDDEN.contains(&tag.name.as_str()), "{tag:?}");
        for (name, value) in &tag.attributes {
            let loads = ["src", "srcset", "style", "action", "xlink:href", "background"].contains(&name.as_str());
            assert!(!loads && !name.starts_with("on"), "{tag:?}");
            assert!(name != "href" || value.starts_with('#'), "{tag:?}");
        }
    }
    let style = &some("style").next().expect("styles").text;
    assert!(!style.contains("@import") && !style.contains("@font-face"));
    assert!(style.split("url(").skip(1).all(|url| url.starts_with('#')));

    let mut open: Vec<&str> = Vec::new();
    for tag in all.iter().filter(|tag| tag.name != "meta" && !tag.closes_itself) {
        match tag.name.strip_prefix('/') {
            Some(name) => assert_eq!(open.pop(), Some(name), "{tag:?}"),
            None => open.push(&tag.name),
        }
    }
    assert!(open.is_empty(), "{open:?}");

    let ids: Vec<&str> = all.iter().filter_map(|tag| tag.get("id")).collect();
    let known: BTreeSet<&str> = ids.iter().copied().collect();
    assert_eq!(known.len(), ids.len(), "an id is there twice");
    for tag in &all {
        let named = tag.get("aria-labelledby").into_iter().flat_map(str::split_whitespace);
        for id in named.chain(tag.get("href").map(|target| &target[1..])) {
            assert!(known.contains(id), "{tag:?}");
        }
    }
    for place in 0..all.len() {
        let (tag, behind) = (&all[place], &all[place + 1..]);
        match tag.name.as_str() {
            // A picture has a name and says in words what it shows; what only decorates says that it does.
            "svg" if tag.get("role") == Some("img") => {
                assert_eq!((behind[0].name.as_str(), behind[2].name.as_str()), ("title", "desc"), "{tag:?}");
                assert!(!behind[0].text.is_empty() && !behind[2].text.is_empty(), "{tag:?}");
            }
            "svg" => assert!(tag.get("aria-hidden") == Some("true") || tag.get("viewBox").is_some(), "{tag:?}"),
            "table" => assert!(behind[0].name == "caption" && !behind[0].text.is_empty(), "{tag:?}"),
            "th" => assert!(matches!(tag.get("scope"), Some("row" | "col")), "{tag:?}"),
            _ => {}
        }
    }
}

#[test]
fn a_page_is_whole_and_loads_and_runs_nothing() {
    let folder = Folder::new();
    for (case, files) in cases(&folder) {
        for (command, words) in [("report", &["--by", "team"][..]), ("report", &[]), ("plan", &[])] {
            let page = page_of(command, &files, words);
            check(&page);
            assert_eq!(page, page_of(command, &files, words), "{command}, {case}: the same bytes each time");
        }
    }
}

#[test]
fn each_page_says_what_is_the_matter() {
    let folder = Folder::new();
    let pages: BTreeMap<&str, String> =
        cases(&folder).into_iter().map(|(case, files)| (case, page_of("report", &files, &[]))).collect();
    let has = |case: &str, words: &str| pages[case].contains(words);
    for case in pages.keys() {
        let is_broken = case.starts_with("rows");
        assert_eq!(has(case, "<strong>INCOMPLETE.</strong>"), is_broken, "{case}");
        assert_eq!(has(case, "tokens have no price and are in no figure"), is_broken, "{case}");
        assert_eq!(has(case, "id=\"days-title\""), matches!(*case, "the sample" | "a bill beside usage"), "{case}");
        let is_free = *case == "nothing spent";
        assert_eq!(has(case, "id=\"forecast-title\""), !is_free, "{case}");
        assert_eq!(has(case, "id=\"strip-title\""), !is_free, "{case}");
    }
    assert!(has("the sample", "≠"), "a day differs");
    assert!(has("nothing spent", "You spend $0.00 a month."));
    assert!(has("many months", "80 more</text>"), "workloads beyond the first are added up");
}

/// Amounts under their keys, as the page has them for machines.
fn keyed(page: &str) -> BTreeMap<String, String> {
    let amounts =
        tags(page).into_iter().filter_map(|tag| Some((tag.get("data-key")?.to_owned(), tag.get("value")?.to_owned())));
    amounts.collect()
}

/// An amount in 10⁻¹⁸ dollars.
fn units(text: &str) -> i128 {
    let (sign, text) = text.strip_prefix('-').map_or((1, text), |text| (-1, text));
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    sign * format!("{whole}{fraction:0<18}").parse::<i128>().unwrap_or_else(|_| panic!("no amount: {text}"))
}

fn amount(value: &Value) -> i128 {
    value.as_str().map_or(0, units)
}

/// The amounts of each table's columns, added up, by its caption and the column's heading. Rows of totals are left out.
fn column_sums(page: &str) -> BTreeMap<(String, String), i128> {
    let (mut sums, mut caption, mut is_total) = (BTreeMap::new(), String::new(), false);
    for tag in tags(page) {
        match tag.name.as_str() {
            "caption" => caption.clone_from(&tag.text),
            "tr" => is_total = tag.get("class") == Some("total"),
            "td" if !is_total => {
                if let (Some(head), Some(usd)) = (tag.get("data-head"), tag.get("data-usd")) {
                    *sums.entry((caption.clone(), head.to_owned())).or_insert(0) += units(usd);
                }
            }
            _ => {}
        }
    }
    sums
}

#[test]
fn totals_on_the_page_are_those_of_the_json() {
    let folder = Folder::new();
    for (case, files) in cases(&folder) {
        let (page, json) =
            (page_of("report", &files, &["--by", "model"]), json_of("report", &files, &["--by", "model"]));
        let keyed = keyed(&page);
        let scenarios = &json["scenarios"];
        assert_eq!(units(&keyed["today"]), amount(&scenarios[0]["monthly_cost"]["base"]), "{case}");
        for end in ["low", "base", "high"] {
            let [batch, both] = [1, 2].map(|scenario| amount(&scenarios[scenario]["monthly_saving"][end]));
            assert_eq!(units(&keyed[&format!("batch_only.saving.{end}")]), batch, "{case}: {end}");
            // Routing is assumed: it is in no sum, and where it adds nothing it is not there.
            let added = keyed.get(&format!("combined.added.{end}")).map_or(0, |added| units(added));
            assert_eq!(added, both - batch, "{case}: {end}");
        }
        let rows = json["workloads"].as_array().expect("rows");
        let sums = column_sums(&page);
        let of = |captions: &[&str], column: &str| -> i128 {
            let is_of = |caption: &str| captions.iter().any(|start| caption.starts_with(start));
            sums.iter().filter(|((caption, head), _)| is_of(caption) && head == column).map(|(_, sum)| sum).sum()
        };
        let json_sum = |key: &str, verdict: &dyn Fn(&str) -> bool| -> i128 {
            rows.iter()
                .filter(|row| verdict(row["verdict"].as_str().unwrap_or_default()))
                .map(|row| amount(&row[key]))
                .sum()
        };
        let is_batch = |verdict: &str| verdict == "batch";
        assert_eq!(of(&["Batch-eligible"], "A month"), json_sum("monthly_cost", &is_batch));
        assert_eq!(of(&["Batch-eligible"], "Batch saves"), json_sum("monthly_saving", &is_batch));
        assert_eq!(units(&keyed["can_wait"]), json_sum("monthly_cost", &is_batch));
        let kinds = ["Batch-eligible", "Already batch", "Real-time", "Undecided"];
        assert_eq!(of(&kinds, "A month"), units(&keyed["today"]), "workloads add up to what is spent");
        assert_eq!(of(&["Spend by workload"], "A month"), units(&keyed["today"]));
        let by: i128 = json["by"]["rows"].as_array().expect("rows").iter().map(|row| amount(&row["cost"])).sum();
        assert_eq!(of(&["By model"], "Cost"), by);
    }
}

#[test]
fn a_plan_s_page_says_what_its_json_says() {
    let folder = Folder::new();
    let policy = folder.write(
        "policy.yaml",
        "schema: 1\nplanning: {growth_monthly: {low: 2%, high: 6%}, budget_monthly: 350}\nlimits: {min_monthly_saving: 1}\n",
    );
    let words = ["--policy", policy.to_str().expect("a path of text")];
    let (page, json) = (page_of("plan", &sample(), &words), json_of("plan", &sample(), &words));
    check(&page);
    let keyed = keyed(&page);
    let months = json["months"].as_array().expect("months");
    let last = months.last().expect("a month");
    assert_eq!(units(&keyed["last.combined"]), amount(&last["batch_plus_routing"]["cost"]["base"]), "{last}");
    for words in [
        "The budget of that month is $350.00",
        "<line class=\"line-budget\"",
        "class=\"band-nothing\"",
        "What to move, in this order",
        "Step by step",
    ] {
        assert!(page.contains(words), "{words}");
    }
    assert_eq!(last["month"], "2027-04");
    assert!(page.contains("In April 2027 you would pay"), "{last}");
}

/// Names that would change a page if they were taken for part of it.
const HOSTILE: [&str; 10] = [
    "</td><script>alert(1)</script>",
    "\"><img src=x onerror=1>",
    "' onmouseover='alert(1)",
    "</style><style>*{display:none}",
    "<!-- -->",
    "right\u{202e}left\u{2066}",
    "a\u{1b}[31mb\nc",
    "&lt;b&gt; &amp; &#x3c;",
    "`one` `two",
    "]]><svg onload=alert(1)>",
];

#[test]
fn names_change_no_element() {
    let folder = Folder::new();
    let hostile = |index: usize| {
        let name = format!("{} {index}", HOSTILE[index % HOSTILE.len()]);
        if index.is_multiple_of(7) { name + &"long".repeat(300) } else { name }
    };
    let plain = calls(&folder, "plain.csv", 70, |index| format!("name {index}"));
    let hostile = calls(&folder, "<script>alert(1)<\u{2044}script> \"&.csv", 70, hostile);
    for (command, words) in [("report", &["--by", "team"][..]), ("plan", &[])] {
        let (plain, hostile) = (page_of(command, &plain, words), page_of(command, &hostile, words));
        assert_eq!(counts(&hostile), counts(&plain), "{command}");
        check(&hostile);
        assert!(hostile.contains("&#60;script&#62;"), "{command}: names are shown");
        assert!(!hostile.contains(['\u{202e}', '\u{2066}', '\u{1b}']), "{command}");
    }
}

#[test]
fn a_page_of_many_workloads_is_no_longer_than_one_of_some() {
    let folder = Folder::new();
    let page = |workloads: usize| {
        let files = calls(&folder, &format!("{workloads}.csv"), workloads, |index| format!("workload-{index:06}"));
        page_of("report", &files, &["--by", "team"])
    };
    let (some, many) = (page(150), page(1_500));
    check(&many);
    assert!(many.len() < some.len() + some.len() / 10, "{} and {} bytes", some.len(), many.len());
    assert!(many.contains(">1,470 more<"), "the others are named and added up");
    let bar_of_others = "The slim bar of the others is on a scale of its own.";
    assert!(many.contains(bar_of_others) && !page(11).contains(bar_of_others), "it would be the longest");
}
