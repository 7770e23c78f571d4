//! The log that the speed is measured on, and the prices and rules it is read with. The same arguments give the same
//! bytes. No dependencies, so that `rustc -O benches/generate.rs` is enough; see `benches/run`.
//!
//! Role: thirty models of eight providers, forty workloads, and everything else a gateway notes about a call, drawn with a fixed
//! seed. Nothing here is a figure about the real world; the prices are made up.

use std::fmt::Write as _;
use std::io::{self, BufWriter, Write};

/// A model: provider, name, prices of a million tokens (input, cached input, output) in 10⁻² dollars, and how often it
/// is called, in parts.
type Model = (&'static str, &'static str, [u64; 3], u64);

#[rustfmt::skip]
const MODELS: [Model; 30] = [
    ("openai", "gpt-large-5", [250, 25, 1500], 14),      ("openai", "gpt-large-5-2026-03-05", [250, 25, 1500], 5),
    ("openai", "gpt-small-5", [40, 4, 160], 22),         ("openai", "gpt-tiny-5", [10, 2, 40], 16),
    ("openai", "gpt-large-4", [250, 124, 1000], 7),      ("openai", "gpt-small-4", [16, 8, 60], 9),
    ("openai", "reason-3", [200, 50, 800], 4),           ("openai", "reason-3-small", [110, 28, 440], 5),
    ("openai", "embed-3-large", [14, 14, 14], 6),        ("openai", "embed-3-small", [2, 2, 2], 8),
    ("anthropic", "opus-4-6", [1500, 150, 7500], 3),     ("anthropic", "sonnet-4-5", [300, 30, 1500], 18),
    ("anthropic", "sonnet-4-5-20250929", [300, 30, 1500], 4), ("anthropic", "haiku-4-5", [100, 10, 500], 15),
    ("anthropic", "haiku-3-5", [80, 8, 400], 3),         ("gemini", "pro-3", [200, 20, 1200], 6),
    ("gemini", "flash-3", [50, 6, 300], 13),             ("gemini", "flash-3-lite", [10, 2, 40], 9),
    ("gemini", "embedding-2", [16, 16, 16], 2),          ("mistral", "large-3", [200, 20, 600], 3),
    ("mistral", "medium-3", [40, 4, 200], 4),            ("mistral", "small-4", [10, 2, 30], 3),
    ("deepseek", "chat-4", [28, 4, 112], 4),             ("deepseek", "reasoner-4", [56, 14, 220], 2),
    ("xai", "grok-5", [300, 76, 1500], 2),               ("xai", "grok-5-fast", [20, 6, 50], 3),
    ("groq", "llama-4-70b", [60, 30, 80], 3),            ("groq", "llama-4-8b", [6, 4, 8], 4),
    ("cohere", "command-b", [250, 124, 1000], 1),        ("cohere", "rank-4", [20, 20, 20], 2),
];

/// Tiers, the price of each in quarters of the standard one, and calls in a thousand.
const TIERS: [(&str, u64, u64); 4] = [("default", 4, 925), ("flex", 2, 25), ("batch", 2, 35), ("priority", 8, 15)];

/// Workloads: name, calls in parts, and whether a person waits.
#[rustfmt::skip]
const WORKLOADS: [(&str, u64, bool); 40] = [
    ("chat-web", 60, true), ("chat-mobile", 45, true), ("helpdesk, tier 1", 30, true), ("editor-completions", 50, true),
    ("voice-line", 8, true), ("sales-assistant", 9, true), ("site-search, live", 28, true), ("cart-helper", 7, true),
    ("team-bot", 12, true), ("sandbox", 5, true), ("agent, with tools", 22, true), ("first-steps", 4, true),
    ("ticket-triage", 24, false), ("ticket-summaries", 18, false), ("call-transcripts, weekly", 10, false),
    ("product-texts", 20, false), ("product-texts, translated", 16, false), ("catalogue-tags", 26, false),
    ("review-sentiment", 21, false), ("contract-extraction", 9, false), ("invoice-extraction", 15, false),
    ("résumé-scoring", 6, false), ("lead-enrichment", 17, false), ("news-digest", 5, false), ("moderation-backfill", 13, false),
    ("embeddings-nightly", 34, false), ("embeddings, reindex", 19, false), ("doc-chunks", 14, false), ("evals", 11, false),
    ("evals, regression", 7, false), ("synthetic-data", 8, false), ("distillation", 4, false), ("log-anomalies", 9, false),
    ("sql-comments", 3, false), ("meeting-notes", 12, false), ("release-notes", 2, false), ("policy-checks", 5, false),
    ("survey-coding", 3, false), ("image-captions", 6, false), ("monthly \"close\" report", 1, false),
];

const ENDPOINTS: [(&str, u64); 3] = [("/v1/chat/completions", 62), ("/v1/responses", 23), ("/v1/messages", 15)];
const KEYS: [&str; 9] =
    ["web-prod", "mobile-prod", "etl", "search", "support", "research", "staging", "partner-a", "ci"];
const PROJECTS: [&str; 8] = ["storefront", "support", "search", "data", "growth", "research", "internal", "platform"];
const STATUSES: [(&str, u64); 6] = [("200", 970), ("429", 12), ("500", 6), ("400", 5), ("503", 4), ("408", 3)];

/// The first call: 2026-07-01 in milliseconds since 1970; calls then lie evenly over 92 days.
const START_MS: u64 = 1_782_864_000_000;
const SPAN_MS: u64 = 92 * 86_400_000;
/// Cost of a million tokens in units of 10⁻² dollars → cost of a token in units of 10⁻⁸.
const DECIMALS: u32 = 8;

/// Marsaglia's xorshift, which needs no dependency and is the same everywhere.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn below(&mut self, end: u64) -> u64 {
        (self.next() >> 11) % end
    }

    fn chance(&mut self, percent: u64) -> bool {
        self.below(100) < percent
    }

    /// A position, drawn by weight.
    fn weighted(&mut self, weights: &[u64]) -> usize {
        let mut left = self.below(weights.iter().sum());
        weights.iter().position(|&weight| left.checked_sub(weight).map(|rest| left = rest).is_none()).unwrap_or(0)
    }

    /// A count that is mostly small and sometimes large: a power of two below the limit, and something within it.
    fn count(&mut self, least_bits: u64, most_bits: u64) -> u64 {
        let bits = least_bits + self.below(most_bits - least_bits);
        (1 << bits) + self.below(1 << bits)
    }
}

/// The weights of things, taken apart from them once.
struct Weights {
    models: Vec<u64>,
    workloads: Vec<u64>,
    endpoints: Vec<u64>,
    tiers: Vec<u64>,
    statuses: Vec<u64>,
}

/// Year, month and day of a number of days since 1970, for the years in which every fourth is a leap year.
fn date(days: u64) -> (u64, u64, u64) {
    let (mut year, mut left) = (1970, days);
    let leap = |year: u64| u64::from(year.is_multiple_of(4));
    while left >= 365 + leap(year) {
        left -= 365 + leap(year);
        year += 1;
    }
    let lengths = [31, 28 + leap(year), 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    let mut month = 1;
    for length in lengths {
        if left < length {
            break;
        }
        left -= length;
        month += 1;
    }
    (year, month, left + 1)
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    Csv,
    JsonLines,
}

const COLUMNS: [&str; 17] = [
    "request_id",
    "timestamp",
    "provider",
    "model",
    "endpoint",
    "api_key_name",
    "project",
    "workload_tag",
    "stream",
    "service_tier",
    "input_tokens",
    "cached_input_tokens",
    "output_tokens",
    "latency_ms",
    "ttft_ms",
    "status",
    "cost_usd",
];
/// Columns that are texts in JSON; the others stand there as they are.
const TEXTS: [&str; 9] = [
    "request_id",
    "timestamp",
    "provider",
    "model",
    "endpoint",
    "api_key_name",
    "project",
    "workload_tag",
    "service_tier",
];

/// One call after the other, each in the same room.
struct Calls {
    random: Random,
    weights: Weights,
    rows: u64,
    row: u64,
    day: (u64, String),
    /// What the columns hold; those that are always one of a few are their text.
    cells: [String; 17],
}

impl Calls {
    fn new(rows: u64) -> Self {
        let weights = Weights {
            models: MODELS.iter().map(|model| model.3).collect(),
            workloads: WORKLOADS.iter().map(|workload| workload.1).collect(),
            endpoints: ENDPOINTS.iter().map(|endpoint| endpoint.1).collect(),
            tiers: TIERS.iter().map(|tier| tier.2).collect(),
            statuses: STATUSES.iter().map(|status| status.1).collect(),
        };
        let random = Random(0x9e37_79b9_7f4a_7c15);
        Self { random, weights, rows, row: 0, day: (u64::MAX, String::new()), cells: Default::default() }
    }

    fn set(&mut self, column: usize, text: &str) {
        self.cells[column].clear();
        self.cells[column].push_str(text);
    }

    fn number(&mut self, column: usize, number: u64) {
        self.cells[column].clear();
        let _ = write!(self.cells[column], "{number}");
    }

    /// The next call; false after the last.
    fn next(&mut self) -> bool {
        if self.row == self.rows {
            return false;
        }
        let (high, low) = (self.random.next(), self.random.next());
        self.cells[0].clear();
        let _ = write!(
            self.cells[0],
            "{:08x}-{:04x}-4{:03x}-{:04x}-{:012x}",
            high >> 32,
            high >> 16 & 0xffff,
            high & 0xfff,
            0x8000 | low >> 50,
            low & 0xffff_ffff_ffff
        );

        let spread = u64::try_from(u128::from(SPAN_MS) * u128::from(self.row) / u128::from(self.rows)).unwrap_or(0);
        let jitter = self.random.below(SPAN_MS / self.rows.max(1) + 1);
        let moment = START_MS + (spread + jitter).min(SPAN_MS - 1);
        let (day, ms) = (moment / 86_400_000, moment % 86_400_000);
        if self.day.0 != day {
            let (year, month, of_month) = date(day);
            self.day = (day, format!("{year}-{month:02}-{of_month:02}"));
        }
        self.cells[1].clear();
        let (hour, minute, second) = (ms / 3_600_000, ms / 60_000 % 60, ms / 1000 % 60);
        let _ = write!(self.cells[1], "{}T{hour:02}:{minute:02}:{second:02}.{:03}Z", self.day.1, ms % 1000);

        let (provider, model, prices, _) = MODELS[self.random.weighted(&self.weights.models)];
        let (workload, _, person_waits) = WORKLOADS[self.random.weighted(&self.weights.workloads)];
        let (tier, quarters, _) = TIERS[self.random.weighted(&self.weights.tiers)];
        let is_embedding = model.starts_with("embed");
        let endpoint =
            if is_embedding { "/v1/embeddings" } else { ENDPOINTS[self.random.weighted(&self.weights.endpoints)].0 };
        let streamed = !is_embedding && self.random.chance(if person_waits { 85 } else { 6 });
        let status = STATUSES[self.random.weighted(&self.weights.statuses)].0;
        let input = self.random.count(5, 16);
        let cached = if !is_embedding && self.random.chance(35) { self.random.below(input / 64 + 1) * 64 } else { 0 };
        let output = if is_embedding || status != "200" { 0 } else { self.random.count(2, 12) };
        let key = KEYS[usize::try_from(self.random.below(KEYS.len() as u64)).unwrap_or(0)];
        let project = PROJECTS[usize::try_from(self.random.below(PROJECTS.len() as u64)).unwrap_or(0)];
        for (column, text) in [(2, provider), (3, model), (4, endpoint), (5, key), (6, project), (7, workload)] {
            self.set(column, text);
        }
        self.set(8, if streamed { "true" } else { "false" });
        self.set(9, tier);
        self.number(10, input);
        self.number(11, cached);
        self.number(12, output);
        let first = 120 + self.random.below(900);
        self.number(13, first + output * 7);
        self.cells[14].clear();
        if streamed {
            self.number(14, first);
        }
        self.set(15, status);
        let [full, read, out] = prices;
        // All prices are even, so that a quarter of the standard one times two stays whole.
        let units = ((input - cached) * full + cached * read + output * out) * quarters / 4;
        self.cells[16].clear();
        let unit = 10_u64.pow(DECIMALS);
        let _ = write!(self.cells[16], "{}.{:08}", units / unit, units % unit);
        self.row += 1;
        true
    }

    fn write(&self, form: Form, out: &mut impl Write) -> io::Result<()> {
        match form {
            Form::Csv => {
                for (column, text) in self.cells.iter().enumerate() {
                    if column > 0 {
                        out.write_all(b",")?;
                    }
                    if text.contains([',', '"']) {
                        write!(out, "\"{}\"", text.replace('"', "\"\""))?;
                    } else {
                        out.write_all(text.as_bytes())?;
                    }
                }
            }
            Form::JsonLines => {
                for (column, (name, text)) in COLUMNS.iter().zip(&self.cells).enumerate() {
                    out.write_all(if column > 0 { b"," } else { b"{" })?;
                    match text.as_str() {
                        "" => write!(out, "\"{name}\":null")?,
                        text if TEXTS.contains(name) => {
                            write!(out, "\"{name}\":\"{}\"", text.replace('"', "\\\""))?;
                        }
                        text => write!(out, "\"{name}\":{text}")?,
                    }
                }
                out.write_all(b"}")?;
            }
        }
        out.write_all(b"\n")
    }
}

fn log(form: Form, rows: u64, out: &mut impl Write) -> io::Result<()> {
    if form == Form::Csv {
        writeln!(out, "{}", COLUMNS.join(","))?;
    }
    let mut calls = Calls::new(rows);
    while calls.next() {
        calls.write(form, out)?;
    }
    Ok(())
}

/// Hundredths of a dollar, times quarters.
fn dollars(hundredths: u64, quarters: u64) -> String {
    let units = hundredths * quarters * 25;
    format!("{}.{:04}", units / 10_000, units % 10_000)
}

/// The price table of the tool.
fn price_table(out: &mut impl Write) -> io::Result<()> {
    writeln!(out, "schema: 1\ncurrency: USD\nproviders:")?;
    let mut last = "";
    for (provider, model, [input, read, output], _) in MODELS {
        if provider != last {
            writeln!(out, "  {provider}:\n    batch:")?;
            writeln!(out, "      endpoints: [chat, responses, messages, embeddings]")?;
            writeln!(out, "      source: \"https://example.org\"\n      checked: 2026-06-30\n    models:")?;
            last = provider;
        }
        let kind = if model.starts_with("embed") { "embedding" } else { "chat" };
        writeln!(out, "      {model}:\n        kind: {kind}\n        prices:")?;
        writeln!(out, "          - source: \"https://example.org\"\n            checked: 2026-06-30")?;
        for (name, quarters) in [("standard", 4), ("batch", 2), ("flex", 2), ("priority", 8)] {
            let [input, read, output] = [input, read, output].map(|price| dollars(price, quarters));
            writeln!(out, "            {name}: {{input: {input}, cache_read: {read}, output: {output}}}")?;
        }
    }
    Ok(())
}

/// The same prices for a join: dollars in units of 10⁻¹² a token, for each tier, and in batch.
fn price_list(out: &mut impl Write) -> io::Result<()> {
    writeln!(out, "provider,model,service_tier,input,cached,output,batch_input,batch_cached,batch_output")?;
    for (provider, model, prices, _) in MODELS {
        for (tier, quarters, _) in TIERS {
            let [input, cached, output] = prices.map(|price| price * 10_000 * quarters / 4);
            let [batch_input, batch_cached, batch_output] = prices.map(|price| price * 10_000 / 2);
            writeln!(
                out,
                "{provider},{model},{tier},{input},{cached},{output},{batch_input},{batch_cached},{batch_output}"
            )?;
        }
    }
    Ok(())
}

/// The policy of the tool: where a person waits nothing can, and all else that is not streamed can.
fn policy(out: &mut impl Write) -> io::Result<()> {
    let waiting: Vec<String> = waiting().map(|name| format!("\"{}\"", name.replace('"', "\\\""))).collect();
    writeln!(out, "schema: 1\nworkload: [tag.workload]\nrules:\n  - id: a-person-waits")?;
    writeln!(out, "    when: {{workload: [{}]}}\n    then: real-time", waiting.join(", "))?;
    writeln!(out, "  - id: nobody-waits\n    when: {{stream: false}}\n    then: batch")?;
    writeln!(out, "limits: {{min_requests: 0, min_monthly_saving: 0}}")
}

fn waiting() -> impl Iterator<Item = &'static str> {
    WORKLOADS.iter().filter(|workload| workload.2).map(|workload| workload.0)
}

fn main() -> io::Result<()> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let mut out = BufWriter::with_capacity(1 << 20, io::stdout().lock());
    match words[..] {
        ["csv" | "jsonl", rows] => {
            let form = if words[0] == "csv" { Form::Csv } else { Form::JsonLines };
            log(form, rows.parse().map_err(io::Error::other)?, &mut out)?;
        }
        ["price-table"] => price_table(&mut out)?,
        ["price-list"] => price_list(&mut out)?,
        ["policy"] => policy(&mut out)?,
        ["waiting"] => waiting().try_for_each(|name| writeln!(out, "{name}"))?,
        _ => {
            return Err(io::Error::other(
                "usage: generate csv ROWS | jsonl ROWS | price-table | price-list | policy | waiting",
            ));
        }
    }
    out.flush()
}
