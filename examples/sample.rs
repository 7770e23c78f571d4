//! Prints the sample log: October 2026 of a small, invented company, one line a call, in the tool's own CSV.
//!
//! `cargo run --example sample > fixtures/sample/october.csv` gives the same bytes on every machine: integers only, one
//! random sequence a job (so that a new job moves no other), no clock. The jobs hold every verdict that per-call logs
//! can lead to. Amounts are integers in pico-USD (10⁻¹² USD), so `cost_usd` is the exact bill at the rates below,
//! except for one workload on one day, which the "vendor" billed 0.37 USD too high.

use std::io::{self, BufWriter, Write};

/// Pico-USD a token, which is USD per 1M tokens × 10⁶.
#[derive(Clone, Copy)]
struct Rates {
    input: u64,
    cache_read: u64,
    cache_write: u64,
    output: u64,
}

/// When a job's calls start.
#[derive(Clone, Copy)]
enum Schedule {
    /// People at work: calls a weekday and a weekend day, spread over the day as office hours are.
    People(u64, u64),
    /// A run on each of these days of October, from this UTC hour on: so many calls, one after the other.
    Runs(&'static [u64], u64, u64),
}

/// What all calls of a job have in common. Ranges are inclusive; empty text is a fact the log does not state.
#[derive(Clone, Copy)]
struct Job {
    tag: &'static str,
    project: &'static str,
    key: &'static str,
    team: &'static str,
    app: &'static str,
    provider: &'static str,
    model: &'static str,
    endpoint: &'static str,
    rates: Rates,
    tier: &'static str,
    stream: &'static str,
    max_wait: &'static str,
    batch: &'static str,
    when: Schedule,
    prompt: (u64, u64),
    /// Share of the prompt that is read from the cache, in percent.
    cached: (u64, u64),
    /// Tokens of the prompt that are written to the cache for 5 minutes.
    written: (u64, u64),
    output: (u64, u64),
    /// How many customers, or own people, stand behind the calls; 0 where the log names none.
    end_users: u64,
    users: u64,
    first_token_logged: bool,
    failed_per_mille: u64,
}

/// The company's jobs and the rates it pays, laid out as tables.
#[rustfmt::skip]
mod company {
    use super::{Job, Rates, Schedule::{People, Runs}};

    const fn rates(input: u64, cache_read: u64, cache_write: u64, output: u64) -> Rates {
        Rates { input, cache_read, cache_write, output }
    }
    const GPT_5_4: Rates = rates(2_500_000, 250_000, 0, 15_000_000);
    const GPT_5_4_PRIORITY: Rates = rates(5_000_000, 500_000, 0, 30_000_000);
    const GPT_5_4_MINI: Rates = rates(750_000, 75_000, 0, 4_500_000);
    const GPT_5_MINI_BATCH: Rates = rates(125_000, 12_500, 0, 1_000_000);
    const EMBED_SMALL: Rates = rates(20_000, 0, 0, 0);
    const SONNET_4_6: Rates = rates(3_000_000, 300_000, 3_750_000, 15_000_000);
    const HAIKU_4_5: Rates = rates(1_000_000, 100_000, 1_250_000, 5_000_000);
    const OPUS_5: Rates = rates(5_000_000, 500_000, 6_250_000, 25_000_000);
    const OPUS_5_BATCH: Rates = rates(2_500_000, 250_000, 3_125_000, 12_500_000);
    const GEMINI_FLASH: Rates = rates(300_000, 30_000, 0, 2_500_000);
    const MISTRAL_SMALL: Rates = rates(150_000, 15_000, 0, 600_000);
    const DEEPSEEK_V4_PRO: Rates = rates(1_320_000, 44_000, 0, 3_960_000);

    /// A chat job with nothing special, which the others are written as differences from.
    const PLAIN: Job = Job {
        tag: "", project: "", key: "", team: "", app: "", provider: "openai", model: "gpt-5.4", endpoint: "/v1/chat/completions", rates: GPT_5_4, tier: "", stream: "false",
        max_wait: "", batch: "", when: People(0, 0), prompt: (0, 0), cached: (0, 0), written: (0, 0), output: (0, 0), end_users: 0, users: 0, first_token_logged: false, failed_per_mille: 0,
    };
    const SONNET: Job = Job { provider: "anthropic", endpoint: "/v1/messages", model: "claude-sonnet-4-6", rates: SONNET_4_6, ..PLAIN };
    const HAIKU: Job = Job { model: "claude-haiku-4-5", rates: HAIKU_4_5, ..SONNET };
    const OPUS: Job = Job { model: "claude-opus-5", rates: OPUS_5, ..SONNET };
    // Gemini's endpoint holds the model's name, so this company's logger leaves it out.
    const GEMINI: Job = Job { provider: "gemini", model: "gemini-2.5-flash", endpoint: "", rates: GEMINI_FLASH, ..PLAIN };

    /// The company. What runs in batches runs on few days with more than 100 calls each, since fewer than 100 calls a day
    /// are `small-volume` and not worth a batch.
    pub(super) const JOBS: [Job; 22] = [
        // Real-time by a soft veto: streaming, interactive-app, first-token-logged, many-end-users, priority-tier.
        Job { tag: "support-chat", project: "support", key: "web-prod", team: "care", stream: "true", when: People(20, 7), prompt: (4_000, 16_000),
              cached: (10, 45), written: (0, 900), output: (200, 1_300), end_users: 420, first_token_logged: true, failed_per_mille: 12, ..SONNET },
        Job { project: "engineering", key: "dev-seats", team: "platform", app: "Claude Code", stream: "", when: People(25, 3),
              prompt: (40_000, 140_000), cached: (80, 92), written: (800, 4_000), output: (300, 2_600), users: 9, failed_per_mille: 9, ..OPUS },
        Job { tag: "site-search", project: "storefront", key: "site", team: "shop", when: People(7, 7), prompt: (1_200, 6_000), cached: (0, 40),
              output: (60, 420), first_token_logged: true, ..GEMINI },
        Job { tag: "quote-builder", project: "sales-tools", key: "quotes", team: "sales", when: People(9, 3), prompt: (3_000, 11_000), cached: (0, 50),
              output: (300, 1_400), end_users: 60, failed_per_mille: 10, ..HAIKU },
        Job { tag: "fraud-screen", project: "payments", key: "risk", team: "risk", endpoint: "/v1/responses", rates: GPT_5_4_PRIORITY, tier: "priority",
              when: People(4, 4), prompt: (2_000, 7_000), output: (80, 500), ..PLAIN },
        // Real-time by its name and by its own deadline.
        Job { tag: "onboarding-assistant", project: "accounts", key: "accounts", team: "care", endpoint: "/v1/responses", model: "gpt-5.4-mini",
              rates: GPT_5_4_MINI, when: People(5, 0), prompt: (2_000, 9_000), output: (200, 1_200), ..PLAIN },
        Job { tag: "alerts-triage", project: "operations", key: "ops", team: "platform", provider: "mistral", model: "mistral-small-2603",
              rates: MISTRAL_SMALL, max_wait: "2m", when: People(2, 2), prompt: (900, 4_000), output: (40, 200), ..PLAIN },
        // Batch, confirmed by what the caller says: a flag, or a deadline of a day and more.
        Job { tag: "tender-texts", project: "tenders", key: "office", team: "sales", batch: "true", when: Runs(&[7, 21], 19, 112),
              prompt: (24_000, 56_000), output: (5_000, 12_000), failed_per_mille: 8, ..PLAIN },
        Job { tag: "claims-backlog", project: "contracts, EU", key: "legal", team: "legal", max_wait: "24h", when: Runs(&[6, 15, 27], 20, 112),
              prompt: (28_000, 60_000), cached: (0, 8), written: (0, 900), output: (1_800, 5_000), failed_per_mille: 8, ..SONNET },
        Job { tag: "kb-passages", project: "knowledge-base", key: "kb", team: "care", model: "text-embedding-3-small", endpoint: "/v1/embeddings",
              rates: EMBED_SMALL, max_wait: "2d", when: Runs(&[4, 18], 5, 104), prompt: (20_000, 90_000), ..PLAIN },
        // Batch, likely by name.
        Job { tag: "nightly-evals", project: "quality", key: "ml-jobs", team: "ml", when: Runs(&[3, 10, 17, 24], 1, 114), prompt: (14_000, 34_000),
              cached: (0, 10), output: (1_500, 4_500), failed_per_mille: 10, ..PLAIN },
        Job { project: "crm-enrichment", key: "crm", team: "sales", when: Runs(&[5, 12, 19, 26], 3, 106), prompt: (6_000, 14_000), output: (500, 1_500),
              failed_per_mille: 6, ..HAIKU },
        Job { tag: "product-descriptions", project: "catalogue", key: "shop-jobs", team: "shop", when: Runs(&[9, 23], 2, 130), prompt: (9_000, 18_000),
              output: (2_800, 6_000), ..PLAIN },
        // Already in batch.
        Job { tag: "weekly-digest", project: "newsroom", key: "ml-jobs", team: "ml", model: "gpt-5-mini", rates: GPT_5_MINI_BATCH, tier: "batch",
              stream: "", when: Runs(&[2, 9, 16, 23, 30], 4, 24), prompt: (12_000, 40_000), output: (800, 2_400), ..PLAIN },
        Job { tag: "policy-archive", project: "contracts, EU", key: "legal", team: "legal", rates: OPUS_5_BATCH, tier: "batch", stream: "",
              when: Runs(&[13], 21, 110), prompt: (50_000, 120_000), output: (900, 3_000), ..OPUS },
        // Batch by name, yet it would lose money: nine tenths of the prompt are read from the cache, the answers are short.
        Job { tag: "contract-review", project: "contracts, EU", key: "legal", team: "legal", when: Runs(&[8, 22], 18, 116), prompt: (90_000, 130_000),
              cached: (89, 92), written: (0, 300), output: (180, 480), ..OPUS },
        // Batch by name, too few calls to be worth it.
        Job { tag: "monthly-board-pack", project: "finance", key: "office", team: "finance", when: Runs(&[30], 6, 14), prompt: (40_000, 90_000),
              output: (2_500, 5_000), ..OPUS },
        Job { tag: "lead-scoring", project: "sales-tools", key: "crm", team: "sales", when: People(4, 0), prompt: (1_500, 5_000), output: (60, 240),
              ..HAIKU },
        // No batch rate: this vendor sells none. It runs in peak hours (weekdays 01–04 UTC), which the rate is for.
        Job { tag: "invoice-fields", project: "finance", key: "ap", team: "finance", provider: "deepseek", model: "deepseek-v4-pro", endpoint: "",
              rates: DEEPSEEK_V4_PRO, when: Runs(&[9, 13, 14, 20, 28, 29], 1, 18), prompt: (5_000, 16_000), cached: (0, 30), output: (500, 1_800),
              ..PLAIN },
        // Undecided: nothing in the log tells whether somebody waits.
        Job { project: "svc-7", key: "svc-7", team: "data", when: Runs(&[1, 13, 29], 13, 110), prompt: (20_000, 40_000), cached: (0, 10),
              output: (900, 2_800), failed_per_mille: 6, ..PLAIN },
        Job { project: "svc-12", key: "svc-12", team: "data", when: Runs(&[16, 28], 8, 104), prompt: (14_000, 26_000), output: (700, 2_000), ..SONNET },
        Job { tag: "atlas-worker", project: "atlas", key: "atlas", team: "data", when: Runs(&[6, 20], 11, 104), prompt: (8_000, 20_000),
              output: (400, 1_100), ..GEMINI },
    ];
}

/// Calls in each UTC hour of a day of people, in proportion.
const RHYTHM: [u64; 24] = [0, 0, 0, 0, 1, 2, 5, 9, 12, 13, 12, 9, 8, 11, 12, 11, 9, 6, 5, 4, 3, 2, 1, 0];
const DAYS: u64 = 31;
const SECOND: u64 = 1_000;
const HOUR: u64 = 3_600 * SECOND;
const DAY: u64 = 24 * HOUR;
/// The bill is too high for this project on this day of October, by so much (pico-USD).
const OVERBILLED: (&str, u64, u64) = ("engineering", 14, 370_000_000_000);
/// The log shipper sent so many lines again, from this moment of the month on.
const RESENT: (usize, u64) = (12, 19 * DAY + 9 * HOUR);
const HEADER: &str = "request_id,timestamp,provider,model,endpoint,api_key_name,project,team,user,end_user,app,\
    workload_tag,tag.max_wait,tag.batch,stream,service_tier,input_tokens,cached_input_tokens,cache_write_tokens,\
    output_tokens,latency_ms,ttft_ms,status,cost_usd";

/// `SplitMix64`, the smallest generator that is good enough to look like traffic.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// Both ends included. The remainder's bias is below 10⁻¹² and of no matter here.
    fn range(&mut self, (low, high): (u64, u64)) -> u64 {
        low + self.next() % (high - low + 1)
    }
}

/// One line of the log.
struct Call {
    project: &'static str,
    /// Milliseconds since 2026-10-01T00:00Z.
    at: u64,
    /// The line up to its last column, the bill.
    text: String,
    billed: u64,
}

fn main() -> io::Result<()> {
    write(BufWriter::new(io::stdout().lock()))
}

/// Writes the whole log. A test holds the shipped file to it.
pub fn write(mut out: impl Write) -> io::Result<()> {
    let mut calls = Vec::new();
    for (number, job) in (0..).zip(&company::JOBS) {
        let mut random = Random(20_261_001 + number * 1_000_003);
        for at in starts(job.when, &mut random) {
            calls.push(call(job, at, &mut random));
        }
    }
    overbill(&mut calls);
    calls.sort_by(|a, b| (a.at, &a.text).cmp(&(b.at, &b.text)));

    let first = calls.partition_point(|call| call.at < RESENT.1);
    let (before, rest) = calls.split_at(first + RESENT.0);
    let resent = &before[first..];
    writeln!(out, "{HEADER}")?;
    for call in before.iter().chain(resent).chain(rest) {
        writeln!(out, "{},{}", call.text, dollars(call.billed))?;
    }
    out.flush()
}

/// The moments at which a job's calls start.
fn starts(when: Schedule, random: &mut Random) -> Vec<u64> {
    let mut starts = Vec::new();
    match when {
        Schedule::People(weekday, weekend) => {
            for day in 0..DAYS {
                // 1 October 2026 is a Thursday, so days 2 and 3 (from 0) are the first weekend.
                let weekends = matches!(day % 7, 2 | 3);
                let usual = if weekends { weekend } else { weekday };
                // Up to a quarter more or fewer than usual.
                for _ in 0..random.range((usual - usual / 4, usual + usual / 4)) {
                    starts.push(day * DAY + office_hour(random) * HOUR + random.range((0, HOUR - 1)));
                }
            }
        }
        Schedule::Runs(days, hour, calls) => {
            for day in days {
                let mut at = (day - 1) * DAY + hour * HOUR + random.range((0, 9 * SECOND));
                for _ in 0..calls {
                    starts.push(at);
                    at += random.range((9 * SECOND, 45 * SECOND));
                }
            }
        }
    }
    starts
}

/// An hour of the day, drawn by the rhythm.
fn office_hour(random: &mut Random) -> u64 {
    let mut drawn = random.range((0, RHYTHM.iter().sum::<u64>() - 1));
    for (hour, weight) in (0..).zip(RHYTHM) {
        if drawn < weight {
            return hour;
        }
        drawn -= weight;
    }
    unreachable!("the draw is below the sum of the weights")
}

/// One call: its tokens, how it went, and what it cost.
fn call(job: &Job, at: u64, random: &mut Random) -> Call {
    let id = random.next();
    let mut prompt = random.range(job.prompt);
    let mut cached = prompt * random.range(job.cached) / 100;
    // What is written is a part of the prompt that was not read.
    let mut written = random.range(job.written).min(prompt - cached);
    // Embeddings have no output, and the log leaves it empty.
    let mut output = (job.output.1 > 0).then(|| random.range(job.output));
    let mut status = 200;
    if random.range((0, 999)) < job.failed_per_mille {
        if random.range((0, 2)) == 0 {
            // Broken off: the vendor bills what it did until then.
            status = 500;
            output = output.map(|tokens| tokens / 3);
        } else {
            // Turned away: nothing was read, and nothing is billed.
            status = 429;
            (prompt, cached, written, output) = (0, 0, 0, None);
        }
    }
    let generated = output.unwrap_or(0);
    let billed = (prompt - cached - written) * job.rates.input
        + cached * job.rates.cache_read
        + written * job.rates.cache_write
        + generated * job.rates.output;

    let ttft = (job.first_token_logged && status == 200).then(|| random.range((180, 1_300)));
    // What is fetched from a batch has no latency worth the name.
    let generating = 60 + prompt / 90 + generated * random.range((8, 15));
    let latency = (job.tier != "batch").then(|| ttft.unwrap_or(200) + generating);
    let mut one_of = |prefix: &str, people: u64| match people {
        0 => String::new(),
        _ => format!("{prefix}-{:03}", random.range((1, people))),
    };
    let (end_user, user) = (one_of("guest", job.end_users), one_of("dev", job.users));
    let optional = |number: Option<u64>| number.map_or_else(String::new, |n| n.to_string());
    let part = |tokens: u64| optional((tokens > 0).then_some(tokens));
    let quote = if job.project.contains(',') { "\"" } else { "" };
    let text = [
        format!("req_{id:016x},{}", timestamp(at)),
        [job.provider, job.model, job.endpoint, job.key].join(","),
        format!("{quote}{}{quote},{},{user},{end_user},{}", job.project, job.team, job.app),
        [job.tag, job.max_wait, job.batch, job.stream, job.tier].join(","),
        format!("{prompt},{},{},{}", part(cached), part(written), optional(output)),
        format!("{},{},{status}", optional(latency), optional(ttft)),
    ]
    .join(",");
    let project = job.project;
    Call { project, at, text, billed }
}

/// Spreads the error of the bill over the day's calls that cost something, to the last pico-dollar.
fn overbill(calls: &mut [Call]) {
    let (project, day, mut left) = OVERBILLED;
    let that_day = |call: &Call| call.project == project && call.at / DAY + 1 == day && call.billed > 0;
    let mut hit: Vec<&mut Call> = calls.iter_mut().filter(|call| that_day(call)).collect();
    let mut sharers = hit.len() as u64;
    for call in &mut hit {
        let part = left / sharers;
        call.billed += part;
        left -= part;
        sharers -= 1;
    }
}

fn timestamp(at: u64) -> String {
    let (day, hour, minute) = (at / DAY + 1, at % DAY / HOUR, at % HOUR / 60_000);
    let (second, milli) = (at % 60_000 / SECOND, at % SECOND);
    format!("2026-10-{day:02}T{hour:02}:{minute:02}:{second:02}.{milli:03}Z")
}

/// Pico-USD as a decimal with no more digits than it needs.
fn dollars(pico: u64) -> String {
    const PICO: u64 = 1_000_000_000_000;
    let text = format!("{}.{:012}", pico / PICO, pico % PICO);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}
