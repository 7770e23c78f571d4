//! The page in a real browser: at a desk, on a phone, in the dark and on paper. `.ci/long` runs it, with a browser.

use std::fmt::Write as _;
use std::fs;
use std::path::PathBuf;
use std::process::Command;

use crate::support::{Folder, finish, fixture, left_out, program};

/// Widths in pixels: a desk, a tablet, a phone.
const WIDTHS: [u32; 3] = [1280, 768, 390];
/// The font where Linux knows none of those that the page asks for: its letters are wider than theirs.
const WIDE_FONT: &str = "font: 100%/1.55 \"DejaVu Sans\"";
/// What A4 and Letter leave between their margins, 96 pixels an inch.
const PAPERS: [u32; 2] = [687, 710];

/// Looks at each frame from outside, so that the page stays as it is: its own policy lets no script run in it.
const MEASURE: &str = include_str!("browser/measure.js");

fn browser() -> Option<PathBuf> {
    let names = ["chromium", "chromium-browser", "google-chrome", "chrome"];
    let path = std::env::var_os("PATH").unwrap_or_default();
    let found = names.iter().flat_map(|name| std::env::split_paths(&path).map(move |folder| folder.join(name)));
    let found = found.into_iter().find(|file| file.is_file());
    if found.is_none() {
        left_out("no Chromium on this machine, so no page was looked at");
    }
    found
}

/// A page with frames of these widths, each with the page in it.
fn frames(page: &str, widths: &[u32]) -> String {
    let page = page.replace('&', "&amp;").replace('"', "&quot;");
    let frame =
        |width: &u32| format!("<iframe style=\"width:{width}px;height:900px;border:0\" srcdoc=\"{page}\"></iframe>\n");
    let frames: String = widths.iter().map(frame).collect();
    format!(
        "<!doctype html><meta charset=\"utf-8\"><meta name=\"color-scheme\" content=\"light dark\">\
         <body>{frames}<pre id=\"found\"></pre><script>{MEASURE}</script></body>"
    )
}

/// The page as paper shows it, for a screen.
fn printed(page: &str) -> String {
    let printed = page.replace("@media screen", "@media speech").replace("@media print", "@media all");
    assert_ne!(printed, page);
    printed
}

/// What is wrong with a page at these widths: a line each.
fn complaints(browser: &PathBuf, folder: &Folder, page: &str, widths: &[u32], is_dark: bool) -> Vec<String> {
    let file = folder.write("frames.html", frames(page, widths));
    let profile = folder.path("profile");
    let output = Command::new(browser)
        .args(["--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"])
        .args(["--disable-component-update", "--disable-sync", "--disable-dev-shm-usage", "--window-size=1400,900"])
        .arg(format!("--blink-settings=preferredColorScheme={}", u32::from(!is_dark)))
        .arg(format!("--user-data-dir={}", profile.display()))
        .arg("--dump-dom")
        .arg(&file)
        .output()
        .expect("the browser starts");
    let seen = String::from_utf8_lossy(&output.stdout);
    let found = seen.split_once("<pre id=\"found\">").and_then(|(_, behind)| behind.split_once("</pre>"));
    let (found, _) = found.unwrap_or_else(|| panic!("{}", String::from_utf8_lossy(&output.stderr)));
    let (head, lines) = found.split_once('\n').unwrap_or((found, ""));
    assert_eq!(head, format!("looked at {} in {}", widths.len(), if is_dark { "dark" } else { "light" }), "{found}");
    lines.lines().map(str::to_owned).collect()
}

fn page_of(command: &str, files: &[PathBuf], words: &[&str]) -> String {
    finish(program().arg(command).args(files).args(["--format", "html"]).args(words)).stdout
}

/// Long names, large amounts, months, and rows that are rejected or have no price.
fn hard(folder: &Folder) -> PathBuf {
    let mut text = "timestamp,request_id,provider,model,input_tokens,output_tokens,workload_tag\n".to_owned();
    for index in 0..240_u32 {
        let tokens = 900_000_000 / (index % 12 + 1);
        let name =
            if index % 12 < 6 { "averylongnamewithoutanybreak".repeat(9) } else { format!("nightly {}", index % 12) };
        let (month, day, hour) = (6 + index % 6, 1 + index % 28, index % 24);
        let _ = writeln!(
            text,
            "2026-{month:02}-{day:02}T{hour:02}:00:00Z,id-{index},openai,gpt-5.4,{tokens},{},{name}{}",
            tokens / 4,
            index % 12
        );
    }
    text += "2026-10-05T10:00:00Z,x,openai,gpt-5.4,many,1,a\n";
    text += "2026-10-05T10:00:00Z,y,openai,gpt-nobody-knows-this-one-and-its-name-is-long,1000,1,a\n";
    folder.write("hard.csv", text)
}

#[test]
#[ignore = "needs Chromium: .ci/long"]
fn nothing_overflows_overlaps_fades_or_loads() {
    let Some(browser) = browser() else { return };
    let folder = Folder::new();
    let policy = folder.write(
        "policy.yaml",
        "schema: 1\nplanning: {growth_monthly: {low: 2%, high: 8%}, budget_monthly: 9000000}\n\
         limits: {min_requests: 0, min_monthly_saving: 1}\n",
    );
    let policy = ["--policy", policy.to_str().expect("a path of text")];
    let company = ["gateway.csv", "bills/anthropic-cost.csv", "bills/openai-cost.csv"];
    let company = company.map(|name| fixture("sample").join(name));
    let answers = fixture("sample/policy.yaml");
    let answers = ["--policy", answers.to_str().expect("a path of text")];
    let (verdicts, hard) = (vec![fixture("verdicts/october.csv")], vec![hard(&folder)]);
    let pages = [
        ("report of the company", page_of("report", &company, &answers)),
        ("plan of the company", page_of("plan", &company, &answers)),
        ("report of every verdict", page_of("report", &verdicts, &["--by", "team"])),
        ("plan of every verdict", page_of("plan", &verdicts, &policy)),
        ("report of long names", page_of("report", &hard, &[&policy[..], &["--by", "model"]].concat())),
        ("plan of long names", page_of("plan", &hard, &policy)),
    ];
    let mut found = Vec::new();
    for (name, page) in &pages {
        for is_dark in [false, true] {
            let theme = if is_dark { "dark" } else { "light" };
            let seen = complaints(&browser, &folder, page, &WIDTHS, is_dark);
            found.extend(seen.into_iter().map(|line| format!("{name}, {theme}: {line}")));
        }
        let wide = page.replace("font: 100%/1.55 \"Helvetica Neue\"", WIDE_FONT);
        assert_ne!(&wide, page);
        let seen = complaints(&browser, &folder, &wide, &WIDTHS, false);
        found.extend(seen.into_iter().map(|line| format!("{name}, wide letters: {line}")));
        let seen = complaints(&browser, &folder, &printed(page), &PAPERS, false);
        found.extend(seen.into_iter().map(|line| format!("{name}, on paper: {line}")));
    }
    assert!(found.is_empty(), "\n{}", found.join("\n"));
}

/// What is looked for is found where it is.
#[test]
#[ignore = "needs Chromium: .ci/long"]
fn a_page_that_is_wrong_is_noticed() {
    let Some(browser) = browser() else { return };
    let folder = Folder::new();
    let page = page_of("report", &[fixture("verdicts/october.csv")], &[]);
    for (style, word) in [
        ("main { min-width: 100rem; }", "overflows"),
        (".note { margin-top: -3rem; }", "overlaps"),
        (".note { color: #bbb; }", "contrast"),
        ("nav { display: none; }", "landmark"),
    ] {
        let wrong = page.replacen("</style>", &format!("{style}</style>"), 1);
        let found = complaints(&browser, &folder, &wrong, &[1280], false);
        assert!(found.iter().any(|line| line.contains(word)), "{style}: {found:?}");
    }
    let open = page.replace("style-src 'unsafe-inline'", "style-src 'unsafe-inline'; script-src 'unsafe-inline'");
    let found = complaints(&browser, &folder, &open, &[1280], false);
    assert!(found.iter().any(|line| line.contains("a script ran")), "{found:?}");
}

/// How many pages of paper a page takes.
fn pages_of_paper(browser: &PathBuf, folder: &Folder, page: &str) -> usize {
    let (page, paper) = (folder.write("page.html", page), folder.path("page.pdf"));
    let run = Command::new(browser)
        .args(["--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"])
        .args(["--disable-component-update", "--disable-sync", "--disable-dev-shm-usage", "--no-pdf-header-footer"])
        .arg(format!("--user-data-dir={}", folder.path("profile").display()))
        .arg(format!("--print-to-pdf={}", paper.display()))
        .arg(page)
        .output()
        .expect("the browser starts");
    assert!(run.status.success());
    let bytes = fs::read(paper).expect("a printed page");
    // The tree of all pages is `/Type /Pages`.
    bytes.windows(12).filter(|window| window.starts_with(b"/Type /Page") && !window.ends_with(b"s")).count()
}

/// No page but the last is half empty: all of it fits as many pages as it fills.
#[test]
#[ignore = "needs Chromium: .ci/long"]
fn a_page_goes_onto_paper() {
    let Some(browser) = browser() else { return };
    let folder = Folder::new();
    let company = ["gateway.csv", "bills/anthropic-cost.csv", "bills/openai-cost.csv"];
    let company = company.map(|name| fixture("sample").join(name));
    let answers = fixture("sample/policy.yaml");
    let answers = ["--policy", answers.to_str().expect("a path of text")];
    for (command, most) in [("report", 6), ("plan", 9)] {
        let pages = pages_of_paper(&browser, &folder, &page_of(command, &company, &answers));
        assert!((2..=most).contains(&pages), "{command}: {pages} pages");
    }
}
