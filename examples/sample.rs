//! Writes the sample: three months of Fieldnote, an invented company of 200 people that sells software to field services.
//!
//! `cargo run --example sample` writes the exports in `fixtures/sample/` anew, with the same bytes on every machine: integers
//! only, one random sequence a workload (so that a new one moves no other), no clock. All calls go through a gateway, whose
//! log has a row for a call, or for an hour of the services that call often. The vendors' usage exports sum up the same calls
//! by day. Their cost exports bill them at the rates below, and differ from them in what [`PAST_THE_GATEWAY`], [`CREDIT`] and
//! [`web_searches`] say. Amounts are pico-USD (10⁻¹² USD), so nothing is rounded but where the vendor rounds.

use std::collections::BTreeMap;
use std::path::Path;
use std::{fs, io};

/// Pico-USD a token, which is USD per 1M tokens × 10⁶: input, cache read, cache write, output.
type Rates = [u64; 4];

/// What all calls of a workload have in common. Counts of tokens are means of a call; empty text is what the log leaves open.
struct Workload {
    name: &'static str,
    team: &'static str,
    /// Whether the gateway logs each call, and not only the sums of an hour.
    is_logged_by_call: bool,
    model: &'static Model,
    stream: &'static str,
    max_wait: &'static str,
    is_batch: bool,
    /// Calls a weekday and a weekend day of August.
    calls: (u64, u64),
    /// Growth from a month to the next, in percent.
    growth: u64,
    /// Calls in each UTC hour of a day, in proportion.
    rhythm: [u64; 24],
    prompt: u64,
    /// Share of the prompt that is read from the cache, and written to it, in percent.
    cached: u64,
    written: u64,
    output: u64,
    /// How many people stand behind the calls; 0 where the log names none.
    end_users: u64,
}

/// A model, in the words of its vendor's pages.
struct Model {
    provider: &'static str,
    /// In the gateway's log.
    name: &'static str,
    /// In the vendor's usage export.
    snapshot: &'static str,
    /// In the vendor's cost export.
    display: &'static str,
    endpoint: &'static str,
    rates: Rates,
}

/// The company's models and workloads, laid out as tables.
#[rustfmt::skip]
mod company {
    use super::{Model, Rates, Workload};

    const fn openai(name: &'static str, snapshot: &'static str, endpoint: &'static str, rates: Rates) -> Model {
        Model { provider: "openai", name, snapshot, display: snapshot, endpoint, rates }
    }
    const fn anthropic(name: &'static str, snapshot: &'static str, display: &'static str, rates: Rates) -> Model {
        Model { provider: "anthropic", name, snapshot, display, endpoint: "/v1/messages", rates }
    }
    pub(super) const GPT_5_2: Model = openai("gpt-5.2", "gpt-5.2-2025-12-11", "/v1/responses", [1_750_000, 175_000, 0, 14_000_000]);
    const GPT_5_4_MINI: Model = openai("gpt-5.4-mini", "gpt-5.4-mini-2026-03-17", "/v1/responses", [750_000, 75_000, 0, 4_500_000]);
    const GPT_5_MINI: Model = openai("gpt-5-mini", "gpt-5-mini-2025-08-07", "/v1/responses", [250_000, 25_000, 0, 2_000_000]);
    const EMBEDDING: Model = openai("text-embedding-3-small", "text-embedding-3-small", "/v1/embeddings", [20_000, 0, 0, 0]);
    const OPUS_5: Model = anthropic("claude-opus-5", "claude-opus-5", "Claude Opus 5", [5_000_000, 500_000, 6_250_000, 25_000_000]);
    const SONNET_4_6: Model = anthropic("claude-sonnet-4-6", "claude-sonnet-4-6", "Claude Sonnet 4.6", [3_000_000, 300_000, 3_750_000, 15_000_000]);
    const HAIKU_4_5: Model = anthropic("claude-haiku-4-5", "claude-haiku-4-5-20251001", "Claude Haiku 4.5", [1_000_000, 100_000, 1_250_000, 5_000_000]);

    /// People at work, most of them in Europe.
    const OFFICE: [u64; 24] = [1, 1, 1, 1, 2, 3, 6, 9, 12, 13, 12, 9, 8, 11, 12, 11, 9, 6, 5, 4, 3, 3, 2, 1];
    const EVEN: [u64; 24] = [1; 24];
    /// A job that is started at night and runs for some hours.
    const NIGHT: [u64; 24] = [0, 3, 4, 4, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
    const EVENING: [u64; 24] = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2, 3, 3, 2];

    /// A workload with nothing special, which the others are written as differences from.
    const PLAIN: Workload = Workload { name: "", team: "", is_logged_by_call: false, model: &GPT_5_2, stream: "false", max_wait: "", is_batch: false, calls: (0, 0),
        growth: 3, rhythm: OFFICE, prompt: 0, cached: 0, written: 0, output: 0, end_users: 0 };

    pub(super) const WORKLOADS: [Workload; 14] = [
        Workload { name: "support-chat", team: "support", model: &SONNET_4_6, stream: "true", calls: (4_900, 2_100), prompt: 9_000, cached: 55, written: 4, output: 420, growth: 4, ..PLAIN },
        Workload { name: "ticket-triage", team: "support", model: &GPT_5_4_MINI, calls: (5_600, 2_400), prompt: 4_200, cached: 30, output: 160, ..PLAIN },
        Workload { name: "nightly-ticket-summaries", team: "support", model: &HAIKU_4_5, calls: (2_250, 1_000), rhythm: NIGHT, prompt: 12_000, output: 700, ..PLAIN },
        Workload { name: "nightly-evals", team: "data", calls: (1_750, 1_750), rhythm: NIGHT, prompt: 9_000, output: 1_400, ..PLAIN },
        Workload { name: "document-extraction", team: "data", model: &SONNET_4_6, calls: (1_300, 260), prompt: 14_000, output: 900, growth: 5, ..PLAIN },
        Workload { name: "kb-embeddings", team: "data", model: &EMBEDDING, max_wait: "24h", calls: (3_200, 3_200), rhythm: EVENING, prompt: 20_000, ..PLAIN },
        // Already in batch, on a model that is to be retired.
        Workload { name: "survey-classification", team: "data", model: &GPT_5_MINI, is_batch: true, calls: (17_000, 17_000), rhythm: NIGHT, prompt: 3_500, output: 520, ..PLAIN },
        Workload { name: "crm-enrichment", team: "growth", model: &HAIKU_4_5, calls: (5_600, 2_400), rhythm: EVENING, prompt: 7_000, output: 650, growth: 5, ..PLAIN },
        Workload { name: "lead-scoring", team: "growth", model: &GPT_5_MINI, calls: (11_000, 4_000), rhythm: EVENING, prompt: 3_000, output: 280, ..PLAIN },
        Workload { name: "call-notes", team: "growth", calls: (620, 20), prompt: 26_000, output: 1_300, growth: 6, ..PLAIN },
        Workload { name: "proposal-drafts", team: "growth", is_logged_by_call: true, model: &OPUS_5, calls: (30, 2), prompt: 80_000, output: 5_200, end_users: 26, ..PLAIN },
        // Nothing tells what it is for, or whether anybody waits.
        Workload { name: "atlas-sync", team: "engineering", model: &GPT_5_4_MINI, calls: (1_350, 1_350), rhythm: EVEN, prompt: 16_000, output: 1_200, ..PLAIN },
        Workload { name: "pull-request-review", team: "engineering", is_logged_by_call: true, model: &SONNET_4_6, calls: (60, 4), prompt: 95_000, cached: 45, written: 6, output: 2_900, ..PLAIN },
        Workload { name: "claude-code", team: "engineering", model: &OPUS_5, calls: (1_150, 100), prompt: 70_000, cached: 88, written: 5, output: 780, ..PLAIN },
    ];
}

/// Days of August, September and October 2026; the first is a Saturday.
const MONTHS: [u64; 3] = [31, 30, 31];
const DAYS: u64 = MONTHS[0] + MONTHS[1] + MONTHS[2];
const FIRST_MONTH: u64 = 8;
/// Seconds from 1970 to 2026-08-01T00:00Z.
const START: u64 = 1_785_542_400;
const SECOND: u64 = 1_000;
const HOUR: u64 = 3_600 * SECOND;
const DAY: u64 = 24 * HOUR;
/// Pico-USD.
const CENT: u64 = 10_000_000_000;

/// Calls that fail, of those that are logged by call.
const FAILED_PER_MILLE: u64 = 10;
/// The log shipper sent so many rows of calls again.
const RESENT: usize = 9;
/// What `OpenAI` gave back for an outage: the day, counted from 0, and USD.
const CREDIT: (u64, &str) = (26, "-120.00");
/// On two days of September somebody used the data team's key past the gateway: day, team, model, token class and tokens
/// that are on the bill and in no log.
const PAST_THE_GATEWAY: [(u64, &str, &Model, usize, u64); 4] = [
    (46, "data", &company::GPT_5_2, 0, 9_412_000),
    (46, "data", &company::GPT_5_2, 3, 1_688_000),
    (47, "data", &company::GPT_5_2, 0, 4_105_000),
    (47, "data", &company::GPT_5_2, 3, 903_000),
];

/// Web searches of a workload on a day: the support chat makes some on weekdays.
fn web_searches(day: u64, workload: &Workload) -> u64 {
    if workload.name == "support-chat" && !is_weekend(day) { 18 + day * 7 % 25 } else { 0 }
}

/// Whether a day, counted from 0, is a Saturday or a Sunday.
const fn is_weekend(day: u64) -> bool {
    matches!(day % 7, 0 | 1)
}

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
    fn range(&mut self, low: u64, high: u64) -> u64 {
        low + self.next() % (high - low + 1)
    }

    /// So many percent more or less.
    fn about(&mut self, value: u64, percent: u64) -> u64 {
        value * self.range(100 - percent, 100 + percent) / 100
    }
}

/// Calls of a workload: one, or those of an hour.
struct Usage {
    workload: &'static Workload,
    /// Milliseconds since [`START`].
    at: u64,
    requests: u64,
    /// Of HTTP.
    status: u64,
    /// All of the prompt, and what of it was read from and written to the cache.
    prompt: u64,
    cached: u64,
    written: u64,
    output: u64,
    /// The columns that only single calls fill.
    id: String,
    end_user: String,
    latency: String,
}

impl Usage {
    /// Tokens by class: input, cache read, cache write, output.
    fn tokens(&self) -> [u64; 4] {
        [self.prompt - self.cached - self.written, self.cached, self.written, self.output]
    }

    /// What the vendor charges for each class, in pico-USD.
    fn charges(&self) -> [u64; 4] {
        let part = if self.workload.is_batch { 2 } else { 1 };
        let tokens = self.tokens();
        std::array::from_fn(|class| tokens[class] * (self.workload.model.rates[class] / part))
    }
}

fn main() -> io::Result<()> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/sample");
    files().iter().try_for_each(|(name, text)| fs::write(folder.join(name), text))
}

/// All exports, each by its path. A test holds the shipped files to it.
pub fn files() -> [(&'static str, String); 5] {
    let mut usage = Vec::new();
    for (number, workload) in (0..).zip(&company::WORKLOADS) {
        let mut random = Random(20_260_801 + number * 1_000_003);
        for day in 0..DAYS {
            of_a_day(workload, day, &mut random, &mut usage);
        }
    }
    usage.sort_by_key(|usage| usage.at);
    [
        ("gateway.csv", gateway(&usage)),
        ("usage/openai-usage.csv", openai_usage(&usage)),
        ("bills/openai-cost.csv", openai_cost(&usage)),
        ("usage/anthropic-usage.csv", anthropic_usage(&usage)),
        ("bills/anthropic-cost.csv", anthropic_cost(&usage)),
    ]
}

/// What a workload uses on a day, counted from 0.
fn of_a_day(workload: &'static Workload, day: u64, random: &mut Random, usage: &mut Vec<Usage>) {
    let calls = if is_weekend(day) { workload.calls.1 } else { workload.calls.0 };
    let grown = calls * (100 + workload.growth * month(day).0) / 100;
    let calls = random.about(grown, 8);
    if workload.is_logged_by_call {
        for _ in 0..calls {
            let hour = drawn(&workload.rhythm, random);
            usage.push(one(workload, day * DAY + hour * HOUR + random.range(0, HOUR - 1), random));
        }
    } else {
        let weights: u64 = workload.rhythm.iter().sum();
        for (hour, weight) in (0..).zip(workload.rhythm) {
            let requests = calls * weight / weights;
            if requests > 0 {
                usage.push(several(workload, day * DAY + hour * HOUR, requests, random));
            }
        }
    }
}

/// The month of a day, and the day of that month, both counted from 0.
fn month(day: u64) -> (u64, u64) {
    let mut left = day;
    for (number, days) in (0..).zip(MONTHS) {
        if left < days {
            return (number, left);
        }
        left -= days;
    }
    unreachable!("the day is one of the sample's")
}

/// An hour of the day, drawn by its weight.
fn drawn(rhythm: &[u64; 24], random: &mut Random) -> u64 {
    let mut left = random.range(0, rhythm.iter().sum::<u64>() - 1);
    for (hour, weight) in (0..).zip(rhythm) {
        if left < *weight {
            return hour;
        }
        left -= weight;
    }
    unreachable!("the draw is below the sum of the weights")
}

/// The calls of an hour.
fn several(workload: &'static Workload, at: u64, requests: u64, random: &mut Random) -> Usage {
    let prompt = random.about(requests * workload.prompt, 8);
    Usage {
        workload,
        at,
        requests,
        status: 200,
        prompt,
        cached: random.about(prompt * workload.cached / 100, 6),
        written: prompt * workload.written * random.range(50, 100) / 10_000,
        output: random.about(requests * workload.output, 8),
        id: String::new(),
        end_user: String::new(),
        latency: String::new(),
    }
}

/// One call, which may be much smaller or larger than the mean.
fn one(workload: &'static Workload, at: u64, random: &mut Random) -> Usage {
    let id = format!("req_{:016x}", random.next());
    let mut call = several(workload, at, 1, random);
    let of_mean = random.range(45, 155);
    for tokens in [&mut call.prompt, &mut call.cached, &mut call.written, &mut call.output] {
        *tokens = *tokens * of_mean / 100;
    }
    let end_user = match workload.end_users {
        0 => String::new(),
        people => format!("rep-{:02}", random.range(1, people)),
    };
    if random.range(0, 999) < FAILED_PER_MILLE {
        // Broken off: the vendor bills what it did until then.
        (call.status, call.output) = (500, call.output / 3);
    }
    let latency = 700 + call.prompt / 60 + call.output * random.range(8, 15);
    Usage { id, end_user, latency: latency.to_string(), ..call }
}

/// The log of the gateway, in the tool's own columns.
fn gateway(usage: &[Usage]) -> String {
    let mut text =
        "request_id,timestamp,bucket_end,requests,provider,model,endpoint,team,workload_tag,tag.max_wait,end_user,\
        stream,service_tier,input_tokens,cached_input_tokens,cache_write_tokens,output_tokens,latency_ms,status\n"
            .to_owned();
    let mut calls: Vec<String> = Vec::new();
    for usage in usage {
        let Workload { name, team, model, stream, max_wait, is_batch, .. } = usage.workload;
        let Usage { id, end_user, latency, .. } = usage;
        let end = if id.is_empty() { timestamp(usage.at + HOUR) } else { String::new() };
        let tier = if *is_batch { "batch" } else { "default" };
        let row = [
            format!("{id},{},{end},{}", timestamp(usage.at), usage.requests),
            format!("{},{},{},{team},{name}", model.provider, model.name, model.endpoint),
            format!("{max_wait},{end_user},{stream},{tier}"),
            format!("{},{},{},{}", usage.prompt, usage.cached, usage.written, usage.output),
            format!("{latency},{}\n", usage.status),
        ]
        .join(",");
        text.push_str(&row);
        calls.extend((!id.is_empty()).then_some(row));
    }
    text.extend(calls.into_iter().rev().take(RESENT));
    text
}

/// All calls of a workload on a day; tokens and charges by class, the charges in pico-USD.
struct DaySums {
    workload: &'static Workload,
    requests: u64,
    tokens: [u64; 4],
    charges: [u64; 4],
}

/// What a vendor sees of the calls: sums by day and workload, each of which has a key of its own.
fn by_day(usage: &[Usage], provider: &str) -> BTreeMap<(u64, &'static str), DaySums> {
    let mut days: BTreeMap<(u64, &'static str), DaySums> = BTreeMap::new();
    for usage in usage.iter().filter(|usage| usage.workload.model.provider == provider) {
        let day = days.entry((usage.at / DAY, usage.workload.name)).or_insert(DaySums {
            workload: usage.workload,
            requests: 0,
            tokens: [0; 4],
            charges: [0; 4],
        });
        day.requests += usage.requests;
        for (class, (tokens, charge)) in usage.tokens().into_iter().zip(usage.charges()).enumerate() {
            day.tokens[class] += tokens;
            day.charges[class] += charge;
        }
    }
    days
}

/// `OpenAI`'s usage export, by project, key, model and batch. Embeddings, which it exports by themselves, are in it too.
fn openai_usage(usage: &[Usage]) -> String {
    let mut text = "start_time,end_time,start_time_iso,end_time_iso,project_id,project_name,num_model_requests,user_id,api_key_id,\
        api_key_name,model,batch,service_tier,input_tokens,output_tokens,input_cached_tokens,input_uncached_tokens,\
        input_audio_tokens,output_audio_tokens\n"
        .to_owned();
    for ((day, name), sums) in by_day(usage, "openai") {
        let Workload { team, model, is_batch, .. } = sums.workload;
        let batch = if *is_batch { "True" } else { "False" };
        let [plain, cached, _, output] = sums.tokens;
        let row = [
            format!("{},proj_{team},{team},{}.0,,key_{name},{name}", epochs(day), sums.requests),
            format!(
                "{},{batch},default,{}.0,{output}.0,{cached}.0,{plain}.0,0.0,0.0\n",
                model.snapshot,
                plain + cached
            ),
        ];
        text.push_str(&row.join(","));
    }
    text
}

/// Anthropic's usage export, by workspace, key and model.
fn anthropic_usage(usage: &[Usage]) -> String {
    let mut text = "usage_date_utc,model_version,api_key,workspace,usage_type,context_window,usage_input_tokens_no_cache,\
        usage_input_tokens_cache_write_5m,usage_input_tokens_cache_write_1h,usage_input_tokens_cache_read,usage_output_tokens,\
        web_search_count,inference_geo,speed\n"
        .to_owned();
    for ((day, name), sums) in by_day(usage, "anthropic") {
        let Workload { team, model, .. } = sums.workload;
        let [input, cache_read, cache_write, output] = sums.tokens;
        let searches = web_searches(day, sums.workload);
        let row = [
            format!("{},{},{name},{team},standard,≤ 200k", date(day), model.snapshot),
            format!("{input},{cache_write},0,{cache_read},{output},{searches},global,\n"),
        ];
        text.push_str(&row.join(","));
    }
    text
}

/// `OpenAI`'s cost export, which does not round and names projects but no keys.
fn openai_cost(usage: &[Usage]) -> String {
    let mut lines: BTreeMap<(u64, &str, &str, usize), [u64; 2]> = BTreeMap::new();
    for ((day, _), sums) in by_day(usage, "openai") {
        let Workload { team, model, .. } = sums.workload;
        for class in (0..4).filter(|class| sums.tokens[*class] > 0) {
            let line = lines.entry((day, team, model.display, class)).or_default();
            *line = [line[0] + sums.tokens[class], line[1] + sums.charges[class]];
        }
    }
    for (day, team, model, class, tokens) in PAST_THE_GATEWAY {
        let line = lines.get_mut(&(day, team, model.display, class)).expect("the company uses the model that day");
        *line = [line[0] + tokens, line[1] + tokens * model.rates[class]];
    }
    let mut text = "start_time,end_time,start_time_iso,end_time_iso,amount_value,amount_currency,quantity,quantity_unit,line_item,\
        user_id,api_key_id,project_id,organization_id,project_name,organization_name,user_email,api_source\n"
        .to_owned();
    let mut write = |day: u64, amount: &str, what: &str, team: &str| {
        let project = format!("proj_{team},org_fieldnote,{team},Fieldnote");
        let row = format!("{},{amount},usd,{what},,,{project},,\n", epochs(day));
        text.push_str(&row);
    };
    for ((day, team, model, class), [tokens, charge]) in lines {
        let class = ["input", "cached input", "cache writes", "output"][class];
        write(day, &dollars(charge), &format!("{tokens}.0,tokens,\"{model}, {class}\""), team);
    }
    write(CREDIT.0, CREDIT.1, ",,credit grant", "support");
    text
}

/// Anthropic's cost export, which rounds each line to a cent.
fn anthropic_cost(usage: &[Usage]) -> String {
    let mut text = "usage_date_utc,model,workspace,api_key,usage_type,context_window,token_type,cost_usd,list_price_usd,cost_type,\
        inference_geo,speed\n"
        .to_owned();
    for ((day, name), sums) in by_day(usage, "anthropic") {
        let Workload { team, model, .. } = sums.workload;
        let mut write = |model: &str, kinds: &str, cents: u64, cost_type: &str| {
            let amount = format!("{}.{:02}", cents / 100, cents % 100);
            let row = format!("{},{model},{team},{name},{kinds},{amount},{amount},{cost_type},global,\n", date(day));
            text.push_str(&row);
        };
        let classes = ["input_no_cache", "input_cache_read", "input_cache_write_5m", "output"];
        for (class, charge) in classes.into_iter().zip(sums.charges).filter(|(_, charge)| *charge > 0) {
            write(model.display, &format!("message,≤ 200k,{class}"), (charge + CENT / 2) / CENT, "token");
        }
        // One cent each.
        let searches = web_searches(day, sums.workload);
        if searches > 0 {
            write("", ",,", searches, "web_search");
        }
    }
    text
}

/// A day, counted from 0, as `OpenAI` writes one.
fn epochs(day: u64) -> String {
    let (start, end) = (START + day * DAY / SECOND, START + (day + 1) * DAY / SECOND);
    format!("{start},{end},{}T00:00:00,{}T00:00:00", date(day), date(day + 1))
}

/// A day, counted from 0; the one after the last is the first of November.
fn date(day: u64) -> String {
    let (month, day) = if day == DAYS { (3, 0) } else { month(day) };
    format!("2026-{:02}-{:02}", FIRST_MONTH + month, day + 1)
}

fn timestamp(at: u64) -> String {
    let (hour, minute) = (at % DAY / HOUR, at % HOUR / 60_000);
    let second = at % 60_000 / SECOND;
    format!("{}T{hour:02}:{minute:02}:{second:02}Z", date(at / DAY))
}

/// Pico-USD as a decimal with no more digits than it needs.
fn dollars(pico: u64) -> String {
    const PICO: u64 = 1_000_000_000_000;
    let text = format!("{}.{:012}", pico / PICO, pico % PICO);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}
